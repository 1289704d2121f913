//! Statements and what is to be said of them.

use super::*;

fn fingerprint(dialect: Dialect, text: &str) -> String {
    let mut out = b"before".to_vec();
    let s = read(text.as_bytes(), dialect, &mut out);
    String::from_utf8(s.fingerprint(&out).to_vec()).unwrap()
}

fn shape(dialect: Dialect, text: &str) -> (String, String) {
    let mut out = Vec::new();
    let s = read(text.as_bytes(), dialect, &mut out);
    (
        String::from_utf8(s.operation().to_vec()).unwrap(),
        String::from_utf8(s.table(&out).to_vec()).unwrap(),
    )
}

#[test]
fn literals_go_and_the_rest_stays() {
    use Dialect::{ClickHouse, Cql, MySql, Oracle, Postgres, TSql};
    for (dialect, text, want) in [
        (MySql, "select * from t where a = 1", "select * from t where a = ?"),
        (MySql, "SELECT 'it''s', \"a\\\"b\" , 0x1F, 1.5e-3", "SELECT ?"),
        (MySql, "insert into t (a,b) values (1000,'x')", "insert into t (a,b) values (?)"),
        (
            MySql,
            "insert t values (1,'a',null),(2,'b',null), (3,'c',null)",
            "insert t values (?,null)",
        ),
        (MySql, "insert t values (1, now()), (2, now())", "insert t values (?, now())"),
        (MySql, "select a from t where b in (1, 2,3 , 4)", "select a from t where b in (?)"),
        (MySql, "select a-1, a - -1, b*-2.5 from t", "select a-?, a - ?, b*? from t"),
        (MySql, "select t1.c2 from `my``db`.t1", "select t1.c2 from `my``db`.t1"),
        (MySql, "  select\n\t1 ;  ", "select ? ;"),
        (MySql, "select 1 -- secret\nfrom t", "select ? from t"),
        (MySql, "select 1 # secret\nfrom t", "select ? from t"),
        (MySql, "select 5--1", "select ?-?"),
        (MySql, "select/*a comment*/1", "select ?"),
        (MySql, "/*!40101 SET NAMES utf8 */", "SET NAMES utf8"),
        (MySql, "/*!40101 SET @a=1 */;", "SET @a=? ;"),
        (MySql, "select @@version_comment limit 1", "select @@version_comment limit ?"),
        (MySql, "select 'unfinished", "select ?"),
        (MySql, "select 'back\\", "select ?"),
        (MySql, "select x'1f', N'text', b'01'", "select ?"),
        (MySql, "limit 10, 20", "limit ?"),
        (
            MySql,
            "select * from t where a = ? and b in (?, ?, ?)",
            "select * from t where a = ? and b in (?)",
        ),
        (Postgres, "select \"Name\" from t where a = $1", "select \"Name\" from t where a = $1"),
        (Postgres, "select $1, $2, $3", "select $1"),
        (Postgres, "select $$it's$$, $a$x $$ y$a$::text", "select ?::text"),
        (Postgres, "select e'a\\'b', 'a\\', 3", "select ?"),
        (Postgres, "a /* one /* two */ still */ b", "a b"),
        (Postgres, "select '2020-01-01'::date - 3", "select ?::date - ?"),
        (Postgres, "select a->>'key', b #> '{1}'", "select a->>?, b #> ?"),
        (Postgres, "select array[1,2,3]", "select array[?]"),
        (Postgres, "delete  from test;", "delete from test;"),
        (
            TSql,
            "select [a'b].[c] from [d] where e = @p and f = N'x'",
            "select [a'b].[c] from [d] where e = @p and f = ?",
        ),
        (TSql, "select #tmp.a from #tmp where b = -1", "select #tmp.a from #tmp where b = ?"),
        (
            Oracle,
            "select q'[it's]' from dual where a = :1 and b = :name",
            "select ? from dual where a = :1 and b = :name",
        ),
        (Oracle, "select nq'(x)' || 'y' from dual", "select ? || ? from dual"),
        (
            Cql,
            "select * from k.t where id = 550e8400-e29b-41d4-a716-446655440000",
            "select * from k.t where id = ?",
        ),
        (
            Cql,
            "select * from t where id=f47ac10b-58cc-4372-a567-0e02b2c3d479 // x",
            "select * from t where id=?",
        ),
        (ClickHouse, "select 'a\\'b', 5 from `t`", "select ? from `t`"),
        (MySql, "", ""),
        (MySql, ";;", ";;"),
        (
            MySql,
            "((((((((((((((((((((1))))))))))))))))))))",
            "((((((((((((((((((((?))))))))))))))))))))",
        ),
    ] {
        assert_eq!(fingerprint(dialect, text), want, "{text}");
    }
}

#[test]
fn verb_and_table() {
    use Dialect::{MySql, Postgres, TSql};
    for (dialect, text, operation, table) in [
        (MySql, "select a from db.`t` where x", "SELECT", "db.`t`"),
        (MySql, "INSERT IGNORE INTO t(a) VALUES (1)", "INSERT", "t"),
        (MySql, "insert t values (1)", "INSERT", ""),
        (MySql, "update low_priority t set a = 1", "UPDATE", "t"),
        (MySql, "delete from t where id=1", "DELETE", "t"),
        (MySql, "create table if not exists t2 (a int)", "CREATE", "t2"),
        (MySql, "create index i on t3 (a)", "CREATE", "t3"),
        (MySql, "drop table t4", "DROP", "t4"),
        (MySql, "drop database d", "DROP", "d"),
        (MySql, "truncate t5", "TRUNCATE", "t5"),
        (MySql, "replace into t6 values (1)", "REPLACE", "t6"),
        (MySql, "call proc(1)", "CALL", "proc"),
        (MySql, "use `test`", "USE", "`test`"),
        (MySql, "show tables", "SHOW", ""),
        (MySql, "set autocommit=0", "SET", ""),
        (MySql, "begin", "BEGIN", ""),
        (MySql, "(select 1 from a) union (select 2 from b)", "SELECT", "a"),
        (MySql, "select * from (select * from deep) x", "SELECT", "deep"),
        (MySql, "/* hint */ select 1 from t", "SELECT", "t"),
        (Postgres, "with x as (select 1 from a) insert into b select * from x", "INSERT", "b"),
        (Postgres, "select extract(year from ts) from events", "SELECT", "events"),
        (Postgres, "update only \"T\" set a = 1", "UPDATE", "\"T\""),
        (Postgres, "copy t from stdin", "COPY", "t"),
        (Postgres, "merge into w using v on true", "MERGE", "w"),
        (TSql, "exec dbo.sp_help 'x'", "EXEC", "dbo.sp_help"),
        (TSql, "select top 5 * from [dbo].[t x] where 1=1", "SELECT", "[dbo].[t x]"),
        (MySql, "select 1; delete from other", "SELECT", ""),
        (MySql, "gibberish", "", ""),
    ] {
        let got = shape(dialect, text);
        assert_eq!((got.0.as_str(), got.1.as_str()), (operation, table), "{text}");
    }
}

#[test]
fn trace_context_in_comments() {
    let options = TraceOptions::default();
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let tp = format!("00-{id}-00f067aa0ba902b7-01");
    for text in [
        format!("select 1 /*action='x',traceparent='{tp}'*/"),
        format!("/* traceparent: {tp} */ select 1"),
        format!("/* app */ select 1 -- traceparent={tp}"),
        format!("/*a=1*/ select /*+ hint */ 1 /* traceparent = \"{tp}\" */"),
        format!("select 1 /* unfinished traceparent={tp}"),
    ] {
        let mut out = Vec::new();
        let s = read(text.as_bytes(), Dialect::Postgres, &mut out);
        let mut decoded = Vec::new();
        let trace = s.trace(text.as_bytes(), None, &options, &mut decoded);
        assert_eq!(trace.trace_id, id.as_bytes(), "{text}");
        assert_eq!(trace.span_id, b"00f067aa0ba902b7", "{text}");
    }
}

#[test]
fn what_begins_a_statement() {
    for (text, want) in [
        ("select 1", Some(true)),
        ("  (SELECT", None),
        ("(( select*", Some(true)),
        ("/* c */ x", Some(true)),
        ("sel", None),
        ("", None),
        ("COMMIT;", Some(true)),
        ("GET / HTTP", Some(false)),
        ("selectx ", Some(false)),
        ("\0\0", Some(false)),
    ] {
        assert_eq!(begins_statement(text.as_bytes()), want, "{text}");
    }
    assert_eq!(begins_statement(b"commit"), None);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
    /// No literal survives, whatever stands around it; nothing panics, nothing grows.
    #[test]
    fn secrets_do_not_survive(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "select ", "a", ",", "(", ")", " ", "=", "-", "?", "$1", ";", "in", "values", "from",
                "'S3CRET'", "'S3CRET''S3CRET'", "731773", "-731773.5", "\n", "`n`", ".", "/", "*", "x.y",
            ]),
            0..40,
        ),
        which in 0..6usize,
    ) {
        use Dialect::{ClickHouse, Cql, MySql, Oracle, Postgres, TSql};
        let dialect = [MySql, Postgres, TSql, Oracle, Cql, ClickHouse][which];
        // Spaces keep the parts from forming other tokens together.
        let text = parts.join(" ");
        let got = fingerprint(dialect, &text);
        proptest::prop_assert!(!got.contains("S3CRET") && !got.contains("731773"), "{text} -> {got}");
        proptest::prop_assert!(got.len() <= text.len() + 1);
    }

    #[test]
    fn any_bytes(text in proptest::collection::vec(0u8..=255, 0..200), which in 0..6usize) {
        use Dialect::{ClickHouse, Cql, MySql, Oracle, Postgres, TSql};
        let dialect = [MySql, Postgres, TSql, Oracle, Cql, ClickHouse][which];
        let mut out = Vec::new();
        let s = read(&text, dialect, &mut out);
        let _ = (s.fingerprint(&out), s.table(&out));
        s.trace(&text, None, &TraceOptions::default(), &mut Vec::new());
    }
}
