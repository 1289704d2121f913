//! What the read-only user cannot do.

use crate::harness::store_or_skip;

async fn prepared(store: &crate::harness::Store, database: &str) {
    store.database(database).await;
    store
        .sql(format!("CREATE TABLE {database}.t (a UInt64) ENGINE = MergeTree ORDER BY a"))
        .await
        .good();
    store.sql(format!("INSERT INTO {database}.t SELECT number FROM numbers(100)")).await.good();
}

#[tokio::test]
async fn queries_of_tables_work() {
    let store = store_or_skip!();
    prepared(store, "readable").await;
    let db = [("database", "readable")];
    for (sql, result) in [
        ("SELECT count() FROM t", "100\n"),
        ("SELECT sum(a) FROM readable.t WHERE a IN (SELECT number FROM numbers(3))", "3\n"),
        ("/* a */ WITH 2 AS x SELECT x, 'it''s -- file(' -- b", "2\tit\\'s -- file(\n"),
        ("SHOW TABLES", "t\n"),
        ("EXISTS TABLE t", "1\n"),
        ("SELECT name FROM system.columns WHERE database = 'readable'", "a\n"),
        ("DESCRIBE TABLE t FORMAT CSV", "\"a\",\"UInt64\",\"\",\"\",\"\",\"\",\"\"\n"),
        ("SELECT arraySum(x -> x * 2, [1, 2])", "6\n"),
    ] {
        assert_eq!(store.read(&db, sql).await.good(), result, "{sql}");
    }
    let value = [("param_t", "t"), ("param_n", "5"), db[0]];
    assert_eq!(
        store.read(&value, "SELECT count() FROM {t:Identifier} WHERE a < {n:UInt64}").await.good(),
        "5\n"
    );
    let look = [("output_format_json_quote_64bit_integers", "1"), ("readonly", "0"), db[0]];
    let json = store.read(&look, "SELECT max(a) AS m FROM t FORMAT JSONEachRow").await.good();
    assert_eq!(json, "{\"m\":\"99\"}\n");
    assert_eq!(store.read(&look, "SELECT getSetting('readonly')").await.good(), "1\n");
}

#[tokio::test]
async fn nothing_can_be_changed() {
    let store = store_or_skip!();
    prepared(store, "unchanged").await;
    let db = [("database", "unchanged")];
    for sql in [
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t SELECT 1",
        "CREATE TABLE u (a Int8) ENGINE = Memory",
        "CREATE TEMPORARY TABLE u (a Int8)",
        "CREATE FUNCTION f AS x -> x",
        "DROP TABLE t",
        "TRUNCATE TABLE t",
        "ALTER TABLE t DELETE WHERE 1",
        "OPTIMIZE TABLE t FINAL",
        "SYSTEM RELOAD DICTIONARIES",
        "SYSTEM STOP MERGES",
        "KILL QUERY WHERE 1",
        "SET readonly = 0",
        "SET max_memory_usage = 0",
        "USE default",
        "DROP DATABASE unchanged",
        "BACKUP DATABASE unchanged TO File('x')",
        "SELECT 1 INTO OUTFILE 'x'",
    ] {
        let answer = store.read(&db, sql).await;
        assert_eq!(answer.status, 403, "{sql}: {}", answer.text());
        assert!(matches!(answer.code(), 164 | 497), "{sql}: {}", answer.text());
    }
    for sql in
        ["SELECT 1; DROP TABLE t", "SELECT 1; SELECT 2", "SELECT 1 PARALLEL WITH SELECT 2", ";"]
    {
        let answer = store.read(&db, sql).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, 62), "{sql}: {}", answer.text());
    }
    for sql in ["SELECT 1 SETTINGS readonly = 0", "SELECT 1 SETTINGS max_execution_time = 0"] {
        assert_eq!(store.read(&db, sql).await.code(), 164, "{sql}");
    }
    assert_eq!(store.read(&db, "SELECT count() FROM t").await.good(), "100\n");
}

#[tokio::test]
async fn nothing_outside_of_the_database_can_be_reached() {
    let store = store_or_skip!();
    for sql in [
        "SELECT file('/etc/passwd')",
        "SELECT FILE ('/etc/passwd')",
        "SELECT `file`('/etc/passwd')",
        "SELECT `f\\x69le`('/etc/passwd')",
        "SELECT /* */ file /* */ ('/etc/passwd')",
        "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
        "SELECT arrayMap(file, ['/etc/passwd'])",
        "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
        "SELECT $a$x$a$, file('/etc/passwd')",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "DESCRIBE TABLE file('/etc/passwd', 'LineAsString')",
        "EXPLAIN SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "WITH x AS (SELECT * FROM file('/etc/passwd', 'LineAsString')) SELECT * FROM x",
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
        "DESCRIBE TABLE url('http://127.0.0.1:1/', 'CSV')",
        "SELECT * FROM remote('127.0.0.1:1', 'system', 'one')",
        "SELECT * FROM s3('http://127.0.0.1:1/bucket/x', 'CSV', 'a String')",
        "DESCRIBE TABLE s3('http://127.0.0.1:1/bucket/x', 'CSV')",
        "SELECT * FROM executable('x.sh', 'CSV', 'a String')",
        "SELECT * FROM sqlite('/etc/passwd', 'x')",
        "SELECT * FROM cluster('x', system.one)",
        "SELECT catboostEvaluate('/etc/passwd', 1)",
    ] {
        let answer = store.read(&[], sql).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, 497), "{sql}: {}", answer.text());
        assert!(!answer.text().contains("root:"), "{sql}");
    }
    for (sql, value) in [
        ("SELECT arrayMap({f:Identifier}, ['/etc/passwd'])", "file"),
        ("SELECT arrayMap({f:Identifier}, ['/etc/passwd'])", "`file`"),
    ] {
        let answer = store.read(&[("param_f", value)], sql).await;
        assert_eq!(answer.code(), 497, "{sql} {value}: {}", answer.text());
    }
    // Settings that would bring SQL, files or another language.
    for setting in [
        ("additional_result_filter", "file('/etc/passwd') != ''"),
        ("additional_table_filters", "{'system.one': '1'}"),
        ("implicit_select", "1"),
        ("dialect", "kusto"),
        ("output_format_schema", "/tmp/x"),
        ("allow_ddl", "1"),
    ] {
        let answer = store.read(&[setting], "SELECT 1").await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, 164), "{setting:?}");
    }
}

#[tokio::test]
async fn limits_hold_and_cannot_be_lifted() {
    let store = store_or_skip!();
    let lifted = [
        ("max_execution_time", "0"),
        ("max_memory_usage", "0"),
        ("max_result_rows", "0"),
        ("max_threads", "0"),
    ];
    let ask = "SELECT toUInt64(getSetting('max_execution_time')), getSetting('max_memory_usage'), \
               getSetting('max_result_rows'), getSetting('max_threads')";
    assert_eq!(store.read(&lifted, ask).await.good(), "60\t536870912\t10000000\t8\n");
    let rows = store.read(&[("max_result_rows", "10")], "SELECT number FROM numbers(1000)").await;
    assert_eq!(rows.code(), 396, "{}", rows.text());
    let memory =
        store.read(&lifted, "SELECT length(groupArray(number)) FROM numbers(1000000000)").await;
    assert_eq!(memory.code(), 241, "{}", memory.text());
    let time = [("max_execution_time", "1")];
    let slow =
        store.read(&time, "SELECT sum(cityHash64(number)) FROM numbers(1000000000000)").await;
    assert_eq!((slow.status.as_u16(), slow.code()), (408, 159), "{}", slow.text());
}
