//! What statements are taken for, and how they are cut and completed.

use super::*;

fn insert(head: &str, format: &str, data: &str) -> impl Fn(&str) {
    let (head, format, data) = (head.to_owned(), format.to_owned(), data.to_owned());
    move |text: &str| match split(text.as_bytes(), true) {
        Split::Insert { head: h, format: f, data: d } => {
            assert_eq!((&text[..h], f.as_str(), &text[d..]), (&*head, &*format, &*data), "{text}");
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn inserts_are_split_from_their_data() {
    insert("INSERT INTO a.b ", "Native", "\0x\n")("INSERT INTO a.b FORMAT Native\n\0x\n");
    insert("insert into t (a, `b)`) ", "Values", " (1),('x')")(
        "insert into t (a, `b)`) values (1),('x')",
    );
    insert("INSERT INTO t ", "Values", "(1)")("INSERT INTO t FORMAT Values(1)");
    insert("INSERT INTO format ", "CSV", "1,2")("INSERT INTO format FORMAT CSV 1,2");
    insert("INSERT INTO TABLE FUNCTION null('a format b') ", "CSV", "1")(
        "INSERT INTO TABLE FUNCTION null('a format b') FORMAT CSV\n1",
    );
    insert("/* values */ -- x\nINSERT INTO t SETTINGS a='values', b=1 ", "JSONEachRow", "{}")(
        "/* values */ -- x\nINSERT INTO t SETTINGS a='values', b=1 FORMAT JSONEachRow \r\n{}",
    );
    insert("INSERT INTO d.`my values` ", "TSV", "\nx")("INSERT INTO d.`my values` FORMAT TSV\n\nx");
}

#[test]
fn statements_without_data_stay_whole() {
    for text in [
        "SELECT 1 FORMAT CSV",
        "INSERT INTO t SELECT 1 FORMAT CSV",
        "INSERT INTO t (a) SELECT 1",
        "INSERT INTO t (SELECT 'format CSV')",
        "INSERT INTO t WITH 1 AS x SELECT x",
        "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        "INSERT INTO t",
        "INSERT INTO t (a); SELECT 1",
        "",
        "CREATE TABLE t (a Int) ENGINE = Memory",
    ] {
        assert_eq!(split(text.as_bytes(), true), Split::Statement, "{text}");
    }
}

#[test]
fn every_prefix_gives_the_same_answer_or_asks_for_more() {
    for text in [
        "INSERT INTO t (a, b) SETTINGS x = 'a\\'b' FORMAT JSONEachRow\n{\"a\":1}",
        "/* a /* b */ c */ INSERT INTO t VALUES (1)",
        "INSERT INTO t SELECT * FROM values('a Int', 1) ",
        "SELECT 1, 'insert' ",
        "insert into $x$ $x$ format CSV 1",
    ] {
        let whole = split(text.as_bytes(), true);
        for end in 0..text.len() {
            let part = split(&text.as_bytes()[..end], false);
            assert!(part == Split::More || part == whole, "{text} at {end}: {part:?}, {whole:?}");
        }
        assert_eq!(split(text.as_bytes(), false), whole, "{text}");
    }
}

#[test]
fn formats_of_queries() {
    let format = |sql: &str| output_format(sql.as_bytes());
    assert_eq!(format("select 1 format JSON"), Some("JSON".into()));
    assert_eq!(format("select 1 FORMAT CSV settings max_threads=1"), Some("CSV".into()));
    assert_eq!(format("select 1 settings max_threads=1 format CSV ;"), Some("CSV".into()));
    assert_eq!(format("select format from t"), None);
    assert_eq!(format("select 'x format CSV'"), None);
    assert_eq!(format("select 1 -- format CSV"), None);
}

#[test]
fn lexing_never_panics() {
    let bytes = b"'\\`\"$a$/*-#;\n(x\x80\0";
    let mut seed = 1u64;
    for _ in 0..20_000 {
        let mut text = Vec::new();
        for _ in 0..(seed >> 60) + 3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push(bytes[(seed >> 33) as usize % bytes.len()]);
        }
        let end = Lexer::new(&text).map(|t| t.end).last().unwrap_or(0);
        assert!(end <= text.len());
        split(&text, true);
        output_format(&text);
    }
}

#[test]
fn selects_and_files() {
    assert!(is_select(b"((select 1))") && is_select(b"-- x\nwith 1 as a select a"));
    assert!(!is_select(b"show tables") && !is_select(b""));
    assert!(
        names_file(b"select 1 into /* */ outfile 'x'")
            && names_file(b"insert into t from infile 'x'")
    );
    assert!(!names_file(b"select 'into outfile'"));
}
