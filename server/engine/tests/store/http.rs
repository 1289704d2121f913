//! The HTTP interface: statements, formats, sessions, errors.

use hyper::{Method, Request};

use crate::harness::{path, send, store_or_skip};

#[tokio::test]
async fn errors_have_clickhouse_codes_and_statuses() {
    let store = store_or_skip!();
    for (sql, status, code, word) in [
        ("SELEC 1", 400, 62, "SYNTAX_ERROR"),
        ("", 400, 62, "empty"),
        ("-- nothing", 400, 62, "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", 400, 62, "Multi-statements"),
        ("SELECT * FROM no_such_table", 404, 60, "UNKNOWN_TABLE"),
        ("SELECT no_such_column", 404, 47, "UNKNOWN_IDENTIFIER"),
        ("SELECT 1 FORMAT Nope", 404, 73, "UNKNOWN_FORMAT"),
        ("SELECT {x:UInt8}", 400, 456, "UNKNOWN_QUERY_PARAMETER"),
        ("SELECT throwIf(1)", 500, 395, "throwIf"),
        (
            "SELECT sleepEachRow(1) FROM numbers(9) SETTINGS max_execution_time = 1, max_block_size = 1",
            408,
            159,
            "TIMEOUT",
        ),
    ] {
        let answer = store.sql(sql).await;
        let text = answer.text();
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{sql}: {text}");
        assert!(text.starts_with(&format!("Code: {code}. DB::Exception: ")), "{sql}: {text}");
        assert!(text.contains(word) && text.contains("(version 26."), "{sql}: {text}");
    }
    let answer = store.with(&[("no_such_setting", "1")], "SELECT 1").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (404, 115), "{}", answer.text());
    let answer = store.with(&[("database", "no_such_database")], "SELECT 1").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (404, 81), "{}", answer.text());
}

#[tokio::test]
async fn only_those_with_a_password_get_in() {
    let store = store_or_skip!();
    let address = store.endpoint.url.strip_prefix("http://").unwrap();
    let ask = async |request: hyper::http::request::Builder, path: &str| {
        send(address, request, path, "SELECT 1".into()).await
    };
    let post = || Request::builder().method(Method::POST);
    let nobody = ask(post(), "/").await;
    assert_eq!(nobody.status, 401);
    assert!(nobody.header("www-authenticate").starts_with("Basic"));
    let (user, password) = (&store.endpoint.user, &store.endpoint.password);
    let wrong =
        ask(post().header("X-ClickHouse-User", user).header("X-ClickHouse-Key", "x"), "/").await;
    assert_eq!((wrong.status.as_u16(), wrong.code()), (403, 516), "{}", wrong.text());
    // The reader's password does not open the writer's door.
    let mixed = path(&[("user", user), ("password", &store.endpoint.readonly_password)]);
    assert_eq!(ask(post(), &mixed).await.code(), 516);
    assert_eq!(ask(post(), &path(&[("user", user), ("password", password)])).await.good(), "1\n");

    // These need no password and tell nothing.
    let get = || Request::builder().method(Method::GET);
    assert_eq!(ask(get(), "/ping").await.good(), "Ok.\n");
    assert_eq!(ask(get(), "/").await.good(), "Ok.\n");
    assert_eq!(ask(get(), "/etc/passwd").await.status, 404);
    assert_eq!(ask(Request::builder().method(Method::DELETE), "/").await.status, 405);
}

#[tokio::test]
async fn the_extra_address_lets_in_the_reader_only() {
    let store = store_or_skip!();
    let address = store.endpoint.listen.unwrap().to_string();
    let reader = store.reader(Method::POST);
    assert_eq!(send(&address, reader, "/", "SELECT 1".into()).await.good(), "1\n");
    let writer = send(&address, store.writer(Method::POST), "/", "SELECT 1".into()).await;
    assert_eq!((writer.status.as_u16(), writer.code()), (403, 516), "{}", writer.text());
}

#[tokio::test]
async fn get_changes_nothing() {
    let store = store_or_skip!();
    let get = async |sql: &str| {
        store.request(store.writer(Method::GET), &path(&[("query", sql)]), "").await
    };
    assert_eq!(get("SELECT 1 FORMAT CSV").await.good(), "1\n");
    for sql in [
        "CREATE DATABASE by_get",
        "SYSTEM FLUSH LOGS",
        "SET max_threads = 1",
        "INSERT INTO by_get.t VALUES (1)",
        "DROP DATABASE fathom_system",
    ] {
        let answer = get(sql).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, 164), "{sql}: {}", answer.text());
    }
    assert_eq!(get("EXISTS DATABASE by_get").await.good(), "0\n");
}

#[tokio::test]
async fn headers_tell_about_the_result() {
    let store = store_or_skip!();
    let answer = store
        .with(&[("query_id", "my-query")], "SELECT number FROM numbers(3) FORMAT JSONEachRow")
        .await;
    assert_eq!(answer.good(), "{\"number\":0}\n{\"number\":1}\n{\"number\":2}\n");
    assert_eq!(answer.header("X-ClickHouse-Query-Id"), "my-query");
    assert_eq!(answer.header("X-ClickHouse-Format"), "JSONEachRow");
    assert_eq!(answer.header("X-ClickHouse-Timezone"), "UTC");
    assert!(answer.header("content-type").starts_with("application/x-ndjson"));
    let summary = answer.header("X-ClickHouse-Summary");
    assert!(summary.contains("\"result_rows\":\"3\""), "{summary}");
    // The default format, by parameter and by header; the statement's own wins.
    assert_eq!(store.with(&[("default_format", "CSV")], "SELECT 'a'").await.good(), "\"a\"\n");
    let request = store.writer(Method::POST).header("X-ClickHouse-Format", "JSONCompactEachRow");
    assert_eq!(store.request(request, "/", "SELECT 'a'").await.good(), "[\"a\"]\n");
    assert_eq!(
        store.with(&[("default_format", "CSV")], "SELECT 'a' FORMAT TSV").await.good(),
        "a\n"
    );
    assert_eq!(store.sql("SELECT 1 WHERE 0 FORMAT CSVWithNames").await.good(), "\"1\"\n");
    assert_eq!(
        store.sql("SHOW DATABASES LIKE 'system' FORMAT JSONEachRow").await.good(),
        "{\"name\":\"system\"}\n"
    );
}

#[tokio::test]
async fn repeated_headers_appear_once() {
    let store = store_or_skip!();
    const ROWS: usize = 500_000;
    let select =
        format!("SELECT number AS a, toString(number) AS \"x\"\"\ny\" FROM numbers({ROWS})");
    let fetch = async |format: &str| {
        let answer = store.sql(format!("{select} FORMAT {format}")).await;
        answer.good();
        answer.body
    };
    let lines = |body: &[u8]| body.iter().filter(|b| **b == b'\n').count();
    let digits: usize = (0..ROWS).map(|n| n.to_string().len()).sum();

    // The name holds a quote and a line break.
    let csv = fetch("CSVWithNames").await;
    assert!(csv.starts_with(b"\"a\",\"x\"\"\ny\"\n0,\"0\"\n"));
    assert_eq!(lines(&csv), ROWS + 2);
    assert_eq!(csv.len(), "\"a\",\"x\"\"\ny\"\n".len() + 2 * digits + 4 * ROWS);
    assert_eq!(lines(&fetch("TSVWithNamesAndTypes").await), ROWS + 2);
    assert_eq!(lines(&fetch("JSONCompactEachRowWithNames").await), ROWS + 1);
    let binary = fetch("RowBinaryWithNamesAndTypes").await;
    let header = 1 + (1 + 1) + (1 + 4) + (1 + 6) + (1 + 6);
    assert_eq!(binary.len(), header + ROWS * 9 + digits);
    // Formed as a whole.
    let json: serde_json::Value = serde_json::from_slice(&fetch("JSONCompact").await).unwrap();
    assert_eq!(json["rows"], ROWS);
    assert_eq!(json["data"].as_array().unwrap().len(), ROWS);
    // Without a frame.
    assert_eq!(lines(&fetch("JSONEachRow").await), ROWS);
    let whole = store
        .with(&[("output_format_json_array_of_rows", "1")], format!("{select} FORMAT JSONEachRow"))
        .await
        .good();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&whole).unwrap();
    assert_eq!(rows.len(), ROWS);
    let totals = "SELECT number % 2 AS k, count() AS c FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k FORMAT CSVWithNames";
    assert_eq!(store.sql(totals).await.good(), "\"k\",\"c\"\n0,5\n1,5\n\n0,10\n");
}

#[tokio::test]
async fn a_failure_after_the_status_line_breaks_the_answer() {
    let store = store_or_skip!();
    let late = "SELECT toString(throwIf(number = 3000000)) || repeat('x', 10) FROM numbers(4000000) SETTINGS max_threads = 1";
    let answer = store.sql(late).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.complete, "a broken result must not look whole");
    let tag = answer.header("X-ClickHouse-Exception-Tag");
    let end = format!(" {tag}\r\n__exception__\r\n");
    let text = answer.text();
    assert!(text.ends_with(&end), "{}", &text[text.len() - 300..]);
    assert!(text.contains("\r\n__exception__\r\n") && text.contains("Code: 395. DB::Exception"));
    // Held back until the end, the same failure has its own status.
    let wait = [("wait_end_of_query", "1")];
    let answer = store.with(&wait, late).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (500, 395));
}

#[tokio::test]
async fn parameters_come_by_address_and_by_form() {
    let store = store_or_skip!();
    let values = [("param_s", "it's"), ("param_n", "41"), ("param_l", "['a','b']")];
    let sql = "SELECT {s:String}, {n:UInt32} + 1, {l:Array(String)}";
    assert_eq!(store.with(&values, sql).await.good(), "it\\'s\t42\t['a','b']\n");
    let form = "--B\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {s:String} AS v\r\n\
        --B\r\nContent-Disposition: form-data; name=\"param_s\"\r\n\r\nx y\r\n--B--\r\n";
    let request =
        store.writer(Method::POST).header("content-type", "multipart/form-data; boundary=B");
    assert_eq!(store.request(request, "/", form).await.good(), "x y\n");
}

#[tokio::test]
async fn nothing_of_a_statement_reaches_the_next() {
    let store = store_or_skip!();
    let ask = "SELECT getSetting('max_threads') = 3, currentDatabase()";
    assert_eq!(store.with(&[("max_threads", "3")], ask).await.good(), "1\tfathom_system\n");
    store.sql("SET max_threads = 3").await.good();
    store.sql("USE system").await.good();
    store.sql("CREATE TEMPORARY TABLE passing (a Int8)").await.good();
    for _ in 0..4 {
        assert_eq!(store.sql(ask).await.good(), "0\tfathom_system\n");
        assert_eq!(store.sql("SELECT * FROM passing").await.code(), 60);
    }
    let tricky = [("max_threads", "3', readonly = '1")];
    assert_eq!(store.with(&tricky, "SELECT 1").await.status, 400);
}

#[tokio::test]
async fn sessions_keep_what_they_are_for() {
    let store = store_or_skip!();
    let me = [("session_id", "keeps")];
    store.with(&me, "CREATE TEMPORARY TABLE mine (a Int8)").await.good();
    store.with(&me, "INSERT INTO mine VALUES (7)").await.good();
    store.with(&me, "SET max_block_size = 77").await.good();
    assert_eq!(
        store.with(&me, "SELECT a, getSetting('max_block_size') FROM mine").await.good(),
        "7\t77\n"
    );
    // A setting of the address is the statement's, not the session's.
    let once = [me[0], ("max_block_size", "88")];
    let ask = "SELECT getSetting('max_block_size')";
    assert_eq!(store.with(&once, ask).await.good(), "88\n");
    assert_eq!(store.with(&me, ask).await.good(), "77\n");
    // An error leaves the session whole.
    assert_eq!(store.with(&me, "SELEC").await.code(), 62);
    assert_eq!(store.with(&me, "SELECT a FROM mine").await.good(), "7\n");

    let absent = [("session_id", "absent"), ("session_check", "1")];
    let answer = store.with(&absent, "SELECT 1").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (404, 372));
    let slow = [("session_id", "slow")];
    let (first, second) = tokio::join!(store.with(&slow, "SELECT sleep(1)"), async {
        let running = "SELECT count() FROM system.processes WHERE query = 'SELECT sleep(1)'";
        while store.sql(running).await.good() == "0\n" {}
        store.with(&slow, "SELECT 1").await
    });
    first.good();
    assert_eq!(second.code(), 373, "{}", second.text());
}

#[tokio::test]
async fn rows_of_a_failed_statement_do_not_come_with_the_next() {
    let store = store_or_skip!();
    // JSON is formed as a whole: the way in which the engine keeps left-overs.
    let fails = "SELECT throwIf(number = 100000) FROM numbers(1000000) SETTINGS max_block_size = 1000 FORMAT JSONCompact";
    let me = [("session_id", "stale")];
    for _ in 0..3 {
        assert_eq!(store.with(&me, fails).await.code(), 395);
        assert_eq!(store.with(&me, "SHOW DATABASES LIKE 'system'").await.good(), "system\n");
        assert_eq!(store.sql(fails).await.code(), 395);
        assert_eq!(store.sql("SELECT 42").await.good(), "42\n");
    }
}

#[tokio::test]
async fn the_memory_limit_hits_the_statement_and_not_the_store() {
    let store = store_or_skip!();
    for sql in [
        "SELECT length(groupArray(number)) FROM numbers(1000000000)",
        // Held whole: bounded by its own share.
        "SELECT repeat('x', 1000) AS s FROM numbers(5000000) FORMAT JSON",
    ] {
        let answer = store.sql(sql).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (500, 241), "{sql}: {}", answer.text());
        assert_eq!(store.sql("SELECT 1").await.good(), "1\n");
    }
}

#[tokio::test]
async fn files_of_the_host_are_no_tables() {
    let store = store_or_skip!();
    for sql in [
        "SELECT * FROM default.`/etc/passwd`",
        "SELECT * FROM `/etc/passwd`",
        "DESCRIBE TABLE default.`/etc/passwd`",
    ] {
        for answer in [
            store.sql(sql).await,
            store.with(&[("database", "default")], sql).await,
            store.read(&[("database", "default")], sql).await,
        ] {
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (404, 60),
                "{sql}: {}",
                answer.text()
            );
        }
    }
    assert_eq!(store.sql("EXISTS TABLE default.`/etc/passwd`").await.good(), "0\n");
    let target = std::env::temp_dir().join(format!("fathom-outfile-{}", std::process::id()));
    let sql = format!("SELECT 1 INTO OUTFILE '{}'", target.display());
    for answer in [store.sql(sql.clone()).await, store.read(&[], sql).await] {
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
    assert!(!target.exists());
    let infile = "INSERT INTO x FROM INFILE '/etc/passwd' FORMAT LineAsString";
    assert_eq!(store.sql(infile).await.code(), 497);
}

#[tokio::test]
async fn oversized_statements_are_refused() {
    let store = store_or_skip!();
    let long = format!("SELECT 1 -- {}", "x".repeat(2 << 20));
    let answer = store.sql(long).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, 307), "{}", answer.text());
    let long = format!("INSERT INTO t ({}", "x, ".repeat(1 << 20));
    assert_eq!(store.sql(long).await.code(), 307);
}
