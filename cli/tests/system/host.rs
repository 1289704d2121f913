//! A host as a person runs it: `fathom up` in one network namespace, nginx in another, a request
//! made with curl across the wire between them, and the answer of `fathom query`.

use std::process::Command;
use std::time::Instant;

use crate::processes::{
    PATIENCE, Running, engine_or_skip, output, program, root_or_skip, wait_for,
};
use crate::wire::{Wire, has, inside};

const NGINX: &str = "daemon off; master_process off; pid DIR/pid; error_log DIR/error.log;
events { worker_connections 64; }
http { access_log off;
  client_body_temp_path DIR/t1; proxy_temp_path DIR/t2; fastcgi_temp_path DIR/t3;
  uwsgi_temp_path DIR/t4; scgi_temp_path DIR/t5;
  server { listen 8080; listen [::]:8080;
    location /hello { return 200 'hello, world'; }
    location / { return 404; } } }";

#[test]
fn a_request_across_the_wire_is_answered_in_sql() {
    let test = "a_request_across_the_wire_is_answered_in_sql";
    if !engine_or_skip(test) || !root_or_skip(test) {
        return;
    }
    if let Some(missing) = ["nginx", "curl", "tcpdump"].iter().find(|p| !has(p)) {
        eprintln!("SKIPPED {test}: no {missing}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let wire = Wire::new();

    let config = NGINX.replace("DIR", &dir.path().display().to_string());
    std::fs::write(at("nginx.conf"), config).unwrap();
    let _nginx = Running::start(
        inside(&wire.server, "nginx").arg("-c").arg(at("nginx.conf")).arg("-p").arg(dir.path()),
    );

    let mut up = Running::start(
        inside(&wire.client, program("fathom"))
            .args(["up", "--interface", "wire0", "--data"])
            .arg(at("data")),
    );
    let ready = up.line("ready");
    eprintln!("{ready}");

    // What crossed the wire, by an independent witness.
    let witness = Running::start(
        inside(&wire.client, "tcpdump")
            .args(["-U", "-n", "-i", "wire0", "-w"])
            .arg(at("witness.pcap"))
            .args(["tcp", "port", "8080"]),
    );
    wait_for(
        "the witness",
        || std::fs::metadata(at("witness.pcap")).ok().map(|m| m.len()),
        |n| *n >= 24,
    );

    let query = |sql: &str| -> Option<Vec<serde_json::Value>> {
        let (well, text) = output(
            inside(&wire.client, program("fathom")).args(["query", sql, "--format", "ndjson"]),
        );
        well.then(|| text.lines().map(|l| serde_json::from_str(l).unwrap()).collect::<Vec<_>>())
    };
    for (host, ip) in [("10.77.0.2", "10.77.0.2"), ("[fd77::2]", "fd77::2")] {
        let url = format!("http://{host}:8080/hello/there?who=me");
        wait_for(
            "nginx",
            || {
                let url = "http://127.0.0.1:8080/hello";
                let quiet = ["-gsf", "-m", "10", "-o", "/dev/null", url];
                Some(output(inside(&wire.server, "curl").args(quiet)).0)
            },
            |answered| *answered,
        );
        let asked = Instant::now();
        let ask = ["-gs", "-m", "60", "-H", "X-Request-ID: test-7", &url];
        assert_eq!(output(inside(&wire.client, "curl").args(ask)).1, "hello, world\n");

        let sql = format!(
            "SELECT ip_0, ip_1, server_port, request_type, request_resource, request_domain, \
             response_code, Enum(response_status) AS status, response_duration, x_request_id_0, \
             response_length FROM l7_flow_log WHERE ip_1 = '{ip}' AND server_port = 8080"
        );
        let rows = wait_for("the request's row", || query(&sql), |r| !r.is_empty());
        let took = asked.elapsed();
        eprintln!("the row of {url} could be queried after {took:?}");
        assert!(took < PATIENCE);
        let r = &rows[0];
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(r["ip_1"], ip, "{r}");
        assert_eq!(r["request_type"], "GET");
        assert_eq!(r["request_resource"], "/hello/there?who=me");
        assert_eq!(r["request_domain"], format!("{host}:8080"));
        assert_eq!(r["response_code"], 200);
        assert_eq!(r["status"], "ok");
        assert_eq!(r["x_request_id_0"], "test-7");
        assert_eq!(r["response_length"], 12);
        let duration = r["response_duration"].as_u64().unwrap();
        assert!(duration > 0 && u128::from(duration) < took.as_micros(), "{duration} us");
    }

    // The flow rows: what the witness saw, to the byte.
    let flows = "SELECT ip_1, close_type, packet_tx, packet_rx, byte_tx, byte_rx, l4_byte_tx, \
                 l4_byte_rx, syn_count FROM l4_flow_log WHERE server_port = 8080 ORDER BY ip_1";
    // A flow whose end was seen in another minute than its packets has a row for each.
    let ended = |r: &serde_json::Value| r["close_type"] != 5;
    let all = wait_for(
        "both flows' ends",
        || query(flows),
        |r| r.iter().filter(|r| ended(r)).count() == 2,
    );
    let sum = |ip: &serde_json::Value, column: &str| -> u64 {
        all.iter().filter(|r| r["ip_1"] == *ip).map(|r| r[column].as_u64().unwrap()).sum()
    };
    let mut rows: Vec<_> = all.iter().filter(|r| ended(r)).cloned().collect();
    witness.signal("-INT");
    witness.end();
    let mut replay = Command::new(program("fathom"));
    replay.arg("replay").arg(at("witness.pcap")).args(["--tables", "l4_flow_log"]);
    let (_, text) = output(&mut replay);
    let mut seen: Vec<serde_json::Value> =
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(seen.len(), 2, "{text}");
    let by_ip = |r: &serde_json::Value| r["ip_1"].as_str().unwrap().to_owned();
    rows.sort_by_key(by_ip);
    seen.sort_by_key(by_ip);
    for (row, seen) in rows.iter().zip(&seen) {
        assert_eq!(row["ip_1"], seen["ip_1"]);
        for column in [
            "packet_tx",
            "packet_rx",
            "byte_tx",
            "byte_rx",
            "l4_byte_tx",
            "l4_byte_rx",
            "syn_count",
        ] {
            assert_eq!(sum(&row["ip_1"], column), seen[column], "{column} of {all:?}");
        }
        assert_eq!((&row["close_type"], &seen["close_type"]), (&1.into(), &1.into()));
    }

    up.signal("-INT");
    let (well, said) = up.end();
    assert!(well, "{said}");
}
