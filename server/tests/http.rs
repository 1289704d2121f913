//! The whole server over its own interfaces: frames in over TCP, answers out over HTTP, the real
//! engine between.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/server.rs"]
mod server;

use fathom_schema::{application_1s, l7_flow_log};
use serde_json::json;
use server::{Server, ask, send};

fn missing() -> bool {
    match fathom_engine::library::locate() {
        Ok(_) => false,
        Err(missing) => {
            eprintln!("SKIPPED: this test needs the embedded engine. {missing}");
            true
        }
    }
}

fn requests() -> l7_flow_log::Block {
    let mut block = l7_flow_log::Block::new();
    for i in 0..10u32 {
        block.push(&l7_flow_log::Row {
            time: 1_800_000_000 + i * 10,
            start_time: 1_800_000_000_000_000 + i64::from(i),
            is_ipv4: u8::from(i != 9),
            ip4_0: if i == 9 { [0; 4] } else { [10, 0, 0, i as u8] },
            ip4_1: if i == 9 { [0; 4] } else { [8, 8, 8, 8] },
            ip6_0: if i == 9 { std::net::Ipv6Addr::LOCALHOST.octets() } else { [0; 16] },
            flow_id: if i == 0 { u64::MAX } else { u64::from(i) },
            l7_protocol: if i < 6 { 20 } else { 120 },
            server_port: if i < 6 { 80 } else { 53 },
            request_type: ["GET", "POST", "A"][if i < 4 {
                0
            } else if i < 6 {
                1
            } else {
                2
            }],
            request_resource: if i == 3 { "it's 100% \\ \"ü\"\n" } else { "/" },
            response_code: (i % 2 == 0).then_some(200 + i as i32),
            response_duration: u64::from(i) * 100,
            ..Default::default()
        });
    }
    block
}

#[test]
fn from_frames_to_answers() {
    if missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[("tag.vpcs", "5:shop:10.0.0.0/30")]);
    let mut application = application_1s::Block::new();
    for i in 0..4u64 {
        application.push(&application_1s::Row {
            time: 1_800_000_000,
            is_ipv4: 1,
            request: 10,
            server_error: i,
            rrt_sum: i * 100,
            rrt_count: i,
            rrt_max: i * 60,
            endpoint: if i < 2 { "/a" } else { "/b" },
            ..Default::default()
        });
    }
    send(server.at.agents, &[&requests(), &application]);

    let db = "flow_log";
    server.becomes(db, "SELECT Count(row) FROM l7_flow_log", &json!([[10]]));
    for (sql, want) in [
        (
            "SELECT ip_0, ip_1, request_type, response_code, flow_id FROM l7_flow_log ORDER BY time LIMIT 2",
            json!([
                ["10.0.0.0", "8.8.8.8", "GET", 200, "18446744073709551615"],
                ["10.0.0.1", "8.8.8.8", "GET", null, 1]
            ]),
        ),
        (
            "SELECT time, start_time, request_resource FROM l7_flow_log WHERE request_resource = 'it\\'s 100% \\\\ \"ü\"\\n'",
            json!([[1_800_000_030, 1_800_000_000_000_003_u64, "it's 100% \\ \"ü\"\n"]]),
        ),
        (
            "SELECT Enum(l7_protocol) AS p, Count(row) AS n, Avg(response_duration) AS d, Max(response_duration), Min(response_duration) FROM l7_flow_log GROUP BY p ORDER BY n DESC",
            json!([["HTTP", 6, 300, 500, 100], ["DNS", 4, 750, 900, 600]]),
        ),
        ("SELECT request_type FROM l7_flow_log WHERE ip_0 = '::1'", json!([["A"]])),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE ip_0 = '10.0.0.0/30' AND l3_epc_id_0 = 5 AND l3_epc_id_1 = -2",
            json!([[4]]),
        ),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE ip_0 NOT IN ('10.0.0.1', '::1') AND ip_0 LIKE '10.%'",
            json!([[8]]),
        ),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE Enum(l7_protocol) IN ('HTTP') OR l7_protocol_str = 'DNS'",
            json!([[10]]),
        ),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE Enum(l7_protocol) LIKE 'H%' AND l7_protocol_str REGEXP '^HT+P$'",
            json!([[6]]),
        ),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE time >= 1800000010 AND time < 1800000050",
            json!([[4]]),
        ),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE time BETWEEN '2027-01-15 08:00:00' AND '2027-01-15 08:00:20'",
            json!([[3]]),
        ),
        ("SELECT Count(row) FROM l7_flow_log WHERE start_time > 1800000000000007", json!([[2]])),
        ("SELECT Count(row) FROM l7_flow_log WHERE time > now() - INTERVAL 1 HOUR", json!([[10]])),
        (
            "SELECT Count(row) FROM l7_flow_log WHERE NOT (server_port = 80 OR request_type REGEXP '^X') AND response_code IS NOT NULL",
            json!([[2]]),
        ),
        (
            "SELECT time(time, 30) AS t, Count(row) FROM l7_flow_log GROUP BY t ORDER BY t LIMIT 2",
            json!([[1_800_000_000, 3], [1_800_000_030, 3]]),
        ),
        (
            "SELECT server_port, Sum(response_duration) / Count(row) AS mean FROM l7_flow_log GROUP BY server_port HAVING mean > 300",
            json!([[53, 750]]),
        ),
        ("SELECT Sum(response_duration) / 0 FROM l7_flow_log", json!([[null]])),
        (
            "SELECT toString(time), toString(server_port) FROM l7_flow_log ORDER BY time LIMIT 1",
            json!([["2027-01-15 08:00:00", "80"]]),
        ),
        ("SELECT Avg(response_duration) FROM l7_flow_log WHERE server_port = 1", json!([[null]])),
        (
            "SELECT Enum(span_kind), span_kind, l7_protocol_str FROM l7_flow_log ORDER BY time LIMIT 1",
            json!([[null, null, "HTTP"]]),
        ),
        (
            "show tag request_type values from l7_flow_log",
            json!([["A", "A"], ["GET", "GET"], ["POST", "POST"]]),
        ),
        (
            "show tag l7_protocol values from l7_flow_log where server_port = 53 limit 5",
            json!([[120, "DNS"]]),
        ),
    ] {
        assert_eq!(server.values(db, sql), want, "{sql}");
    }
    let db = "flow_metrics";
    server.becomes(db, "SELECT Sum(request) FROM application", &json!([[40]]));
    assert_eq!(
        server.values(db, "SELECT endpoint, Sum(request) AS r, Sum(server_error) / Sum(request), Avg(rrt), Max(rrt), Min(rrt), Count(rrt) FROM application GROUP BY endpoint ORDER BY endpoint"),
        json!([["/a", 20, 0.05, 100, 60, 100, 1], ["/b", 20, 0.25, 100, 180, 100, 5]])
    );
    // Every tag and metric of every table can be selected.
    for table in fathom_schema::TABLES {
        let sql = format!("SELECT * FROM `{}` LIMIT 1", table.name);
        let answer = server.query(table.database, &sql);
        assert_eq!(answer.status, 200, "{sql}: {}", answer.body);
    }
    // Enumerations come from the catalogue alone.
    assert_eq!(
        server.values("flow_log", "show tag type values from l7_flow_log"),
        json!([[0, "request"], [1, "response"], [2, "session"]])
    );
    // The server's own numbers are rows like everything else.
    server.becomes(
        "fathom_system",
        "SELECT Max(value) FROM server WHERE name = 'fathom_server_rows_stored_total'",
        &json!([[10]]),
    );
    server.stop();
}

#[test]
fn refusals_have_a_shape_and_hostile_sql_gets_nowhere() {
    if missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(
        folder.path(),
        &[("query.rows", "100000"), ("query.time", "2s"), ("query.memory", "64 MiB")],
    );
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "top secret\n").unwrap();
    let secret = secret.display();
    send(server.at.agents, &[&requests()]);
    server.becomes("flow_log", "SELECT Count(row) FROM l7_flow_log", &json!([[10]]));

    // The dialect.
    for (db, sql, part) in [
        (
            "flow_log",
            "SELECT respones_code FROM l7_flow_log",
            "did you mean \\\"response_code\\\"?",
        ),
        ("flow_log", "SELEC 1", "begins with SELECT or SHOW"),
        (
            "flow_log",
            "SELECT request_type FROM l7_flow_log; DROP TABLE flow_log.l7_flow_log",
            "one statement",
        ),
        ("flow_log", "SELECT request_type FROM l7_flow_log WHERE time > 'yesterday'", "yesterday"),
        ("flow_log", "SELECT request_type FROM l7_flow_log WHERE request_type REGEXP '('", "("),
        ("nowhere", "SELECT 1 FROM x", "no database"),
    ] {
        let answer = server.query(db, sql);
        assert_eq!(answer.status, 400, "{sql}: {}", answer.body);
        assert_eq!(answer.json()["OPT_STATUS"], "INVALID_SQL", "{sql}: {}", answer.body);
        assert!(answer.body.contains(part), "{sql}: {}", answer.body);
        assert_eq!(answer.json()["result"], json!(null));
    }

    // Plain SQL: one read-only statement, nothing outside of the tables.
    let hostile = [
        "DROP TABLE flow_log.l7_flow_log".to_owned(),
        "TRUNCATE TABLE flow_log.l7_flow_log".to_owned(),
        "INSERT INTO fathom_system.server (name) VALUES ('x')".to_owned(),
        "CREATE TABLE fathom_system.x (a UInt8) ENGINE = Memory".to_owned(),
        "ALTER TABLE flow_log.l7_flow_log DROP COLUMN trace_id".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT 1; DROP TABLE flow_log.l7_flow_log".to_owned(),
        "SELECT 1 /* ; */ ; DROP TABLE flow_log.l7_flow_log -- ".to_owned(),
        format!("SELECT * FROM file('{secret}', 'LineAsString')"),
        format!("SELECT file('{secret}')"),
        format!("SELECT * FROM `{secret}`"),
        format!("SELECT 1 INTO OUTFILE '{}/out' FORMAT TSV", folder.path().display()),
        "SELECT * FROM url('http://127.0.0.1:1/x', 'TSV', 'a String')".to_owned(),
        "SELECT * FROM remote('127.0.0.1:9000', system.one)".to_owned(),
        "SELECT * FROM executable('id', 'TSV', 'a String')".to_owned(),
        "SELECT * FROM s3('http://127.0.0.1:1/x', 'TSV', 'a String')".to_owned(),
        "SELECT count() FROM numbers(1e9) SETTINGS readonly = 0".to_owned(),
        "SELECT 1 SETTINGS max_execution_time = 0, max_memory_usage = 0, readonly = 2".to_owned(),
        "SET readonly = 0".to_owned(),
        "SYSTEM SHUTDOWN".to_owned(),
        "SYSTEM RELOAD CONFIG".to_owned(),
        "KILL QUERY WHERE 1".to_owned(),
        "BACKUP DATABASE flow_log TO Disk('x', 'y')".to_owned(),
        "ATTACH TABLE flow_log.x FROM '/tmp' (a UInt8) ENGINE = MergeTree ORDER BY a".to_owned(),
        "CREATE FUNCTION f AS x -> x".to_owned(),
    ];
    for sql in &hostile {
        let answer = server.sql(sql, "?format=TSV");
        assert!(matches!(answer.status, 400 | 403), "{sql}: {answer:?}");
        let json = answer.json();
        assert!(
            json["OPT_STATUS"] == "INVALID_SQL" || json["OPT_STATUS"] == "FORBIDDEN",
            "{sql}: {json}"
        );
        assert!(!answer.body.contains("top secret"), "{sql}: {}", answer.body);
    }
    assert!(!folder.path().join("out").exists());
    assert_eq!(server.values("flow_log", "SELECT Count(row) FROM l7_flow_log"), json!([[10]]));

    // Limits.
    for (sql, status, name) in [
        ("SELECT number FROM numbers(200000)", 400, "TOO_MANY_ROWS"),
        ("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", 504, "TIMEOUT"),
        ("SELECT length(groupArray(number)) FROM numbers(1000000000)", 400, "MEMORY_LIMIT"),
        ("SELECT", 400, "INVALID_SQL"),
        ("SELECT nothing FROM flow_log.l7_flow_log", 400, "INVALID_SQL"),
        ("", 400, "INVALID_SQL"),
    ] {
        let answer = server.sql(sql, "");
        assert_eq!(answer.status, status, "{sql}: {answer:?}");
        let got = answer.json();
        // A limit hit after the first rows left cannot have a status of its own any more.
        assert_eq!(
            (answer.status, got["OPT_STATUS"].as_str().unwrap()),
            (status, name),
            "{sql}: {}",
            answer.body
        );
    }
    assert_eq!(server.sql("SELECT 1", "?format=T;S").status, 400);
    assert_eq!(server.sql("SELECT 1", "?database=a`b").status, 400);

    // The protocol around it.
    let json = ["Content-Type: application/json"];
    let ok = server.ask("POST", "/v1/query", &json, r#"{"db":"flow_log","sql":"show databases"}"#);
    assert_eq!(
        ok.json()["result"]["values"],
        json!([["flow_log"], ["flow_metrics"], ["fathom_system"]])
    );
    for (method, path, headers, body, status, name) in [
        ("POST", "/v1/query", &json[..], "{", 400, "INVALID_POST_DATA"),
        ("POST", "/v1/query", &json[..], "[]", 400, "INVALID_POST_DATA"),
        ("POST", "/v1/query", &json[..], r#"{"db":"flow_log"}"#, 400, "INVALID_POST_DATA"),
        ("POST", "/v1/query", &json[..], r#"{"sql":["a"]}"#, 400, "INVALID_POST_DATA"),
        ("POST", "/v1/query", &[][..], "", 400, "INVALID_POST_DATA"),
        ("GET", "/v1/query", &[][..], "", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/metrics", &[][..], "", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/nothing", &[][..], "", 404, "NOT_FOUND"),
        ("GET", "/healthz", &["Host: evil.example"][..], "", 421, "FORBIDDEN"),
    ] {
        let answer = server.ask(method, path, headers, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.body);
        assert_eq!(answer.json()["OPT_STATUS"], name, "{method} {path} {body}");
    }
    let large = "x".repeat((1 << 20) + 1);
    assert_eq!(server.ask("POST", "/v1/sql", &[], &large).status, 413);
    assert_eq!(server.ask("POST", "/v1/sql", &[], &"x".repeat(1 << 19)).status, 400);
    // A head that never ends is cut off, and does not stop others.
    let flood = format!("X: {}", "y".repeat(1 << 20));
    assert!(matches!(ask(server.at.http, "GET", "/healthz", &[&flood], "").status, 400 | 431));
    assert_eq!(server.get("/healthz").body, "ok\n");
    server.stop();
}

#[test]
fn streams_catalogue_health_and_page() {
    if missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);

    // Streams: complete, and with one header, whatever the size.
    let answer = server.sql("SELECT number FROM numbers(500000)", "?format=CSVWithNames");
    assert!(answer.head.contains("text/csv") && answer.whole, "{}", answer.head);
    assert_eq!(answer.body.lines().count(), 500_001);
    assert_eq!(answer.body.lines().next(), Some("\"number\""));
    let answer = server.sql("SELECT number AS n FROM numbers(3)", "?format=JSONEachRow");
    assert_eq!(answer.body, "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n");
    assert_eq!(server.get("/v1/sql?query=SELECT%201%2B1").body, "2\n");
    let form = ["Content-Type: application/x-www-form-urlencoded"];
    assert_eq!(server.ask("POST", "/v1/sql", &form, "SELECT 40+2").body, "42\n");
    assert_eq!(server.ask("POST", "/v1/sql", &form, "query=SELECT+40%2B3&format=TSV").body, "43\n");
    assert_eq!(server.sql("SELECT count() FROM l7_flow_log", "?database=flow_log").body, "0\n");
    // An error in the middle breaks the answer off; it does not look whole.
    let broken = server.sql("SELECT throwIf(number = 400000) FROM numbers(500000)", "");
    assert!(!broken.whole || broken.status != 200, "{}", broken.head);
    // And the next answer is its own.
    assert_eq!(server.sql("SELECT 42", "").body, "42\n");

    let catalog = server.get("/v1/catalog").json();
    assert_eq!(catalog["databases"][0]["name"], "flow_log");
    let columns = server.get("/v1/catalog/databases/flow_log/tables/l7_flow_log").json();
    assert!(
        columns["columns"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["name"] == "response_duration" && c["unit"] == "us")
    );
    let tags = server.get("/v1/catalog/databases/flow_metrics/tables/network/tags").json();
    assert!(tags["tags"].as_array().unwrap().iter().any(|t| t["name"] == "server_port"));
    let metrics =
        server.get("/v1/catalog/databases/flow_metrics/tables/application.1s/metrics").json();
    assert!(metrics["metrics"].as_array().unwrap().iter().any(|m| m["name"] == "rrt"));
    let status = server.get("/v1/catalog/enums/response_status").json();
    assert!(status["values"].as_array().unwrap().contains(&json!({"value": 0, "name": "ok"})));
    assert_eq!(server.get("/v1/catalog/nothing").status, 404);
    assert_eq!(server.get("/v1/catalog/functions").status, 200);

    assert_eq!(
        server.get("/readyz").json(),
        json!({"ready": true, "parts": [{"name": "store", "ready": true}, {"name": "receive", "ready": true}]})
    );
    let metrics = server.get("/metrics").body;
    for line in [
        "# TYPE fathom_server_queries_total counter",
        "fathom_server_part_ready{part=\"store\"} 1",
        "fathom_server_rows_stored_total{table=\"flow_log.l7_flow_log\"} 0",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} is not in\n{metrics}");
    }
    let status = server.get("/v1/status").json();
    assert_eq!(status["ready"], true);
    assert_eq!(status["stages"]["stored"]["rows"], 0);
    assert_eq!(status["stages"]["agents"]["hosts"], json!([]));
    let page = server.get("/");
    assert!(page.head.contains("text/html") && page.head.contains("content-security-policy"));
    assert!(page.body.contains("<title>Fathom</title>"));
    // Nothing from elsewhere.
    for elsewhere in ["src=\"http", "href=\"http", "@import", "url(http", "//cdn"] {
        assert!(!page.body.contains(elsewhere), "{elsewhere}");
    }
    server.stop();
}

#[test]
fn a_token_is_asked_for() {
    if missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let token = "0123456789abcdef0123";
    let server = Server::start(folder.path(), &[("http.token", token)]);
    for path in ["/v1/status", "/metrics", "/v1/catalog", "/v1/sql?query=SELECT%201"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.json()["OPT_STATUS"], "UNAUTHORIZED");
        let wrong = server.ask("GET", path, &["Authorization: Bearer 0123456789abcdef0124"], "");
        assert_eq!(wrong.status, 401, "{path}");
        let right = server.ask("GET", path, &[&format!("Authorization: Bearer {token}")], "");
        assert_eq!(right.status, 200, "{path}");
    }
    for path in ["/", "/healthz", "/readyz"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    server.stop();
}

#[test]
fn a_restart_neither_loses_nor_repeats_rows() {
    if missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    send(server.at.agents, &[&requests()]);
    server.becomes("flow_log", "SELECT Count(row) FROM l7_flow_log", &json!([[10]]));
    server.stop();
    // The same data directory again.
    let server = Server::start(folder.path(), &[]);
    assert_eq!(server.values("flow_log", "SELECT Count(row) FROM l7_flow_log"), json!([[10]]));
    // The same frames again are known.
    send(server.at.agents, &[&requests()]);
    let metrics = server.get("/metrics").body;
    assert!(metrics.lines().any(|l| l == "fathom_server_frames_duplicate_total 1"), "{metrics}");
    assert_eq!(server.values("flow_log", "SELECT Count(row) FROM l7_flow_log"), json!([[10]]));
    server.stop();
}
