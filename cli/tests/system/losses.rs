//! Nothing lost, nothing twice: over two million rows go from an agent to the server while the
//! store is killed twice and the server once. What the agent sealed equals what ClickHouse holds
//! plus what was counted as lost.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::processes::{
    Running, children, engine_or_skip, free_port, http, program, signal_pid, sql, wait_for,
};
use crate::traffic;

const FLOWS: u32 = 60_000;
const REQUESTS: u32 = 10;

struct Server {
    running: Running,
    http: SocketAddr,
}

fn server(data: &Path, http_port: u16, agents_port: u16) -> Server {
    let mut running = Running::start(
        Command::new(program("fathom-server"))
            .arg("--set")
            .arg(format!("data={}", data.display()))
            .arg("--set")
            .arg(format!("http.listen=127.0.0.1:{http_port}"))
            .arg("--set")
            .arg(format!("agents.listen=127.0.0.1:{agents_port}")),
    );
    running.line("ready");
    Server { running, http: SocketAddr::from(([127, 0, 0, 1], http_port)) }
}

/// Rows of all tables that the agent fills, in ClickHouse.
fn stored(addr: SocketAddr) -> Option<u64> {
    let mut n = 0;
    for table in TABLES {
        n += sql(addr, &format!("SELECT count() FROM {table}"))?.parse::<u64>().ok()?;
    }
    Some(n)
}

const TABLES: [&str; 6] = [
    "flow_log.l4_flow_log",
    "flow_log.l7_flow_log",
    "flow_metrics.`network.1s`",
    "flow_metrics.`network_map.1s`",
    "flow_metrics.`application.1s`",
    "flow_metrics.`application_map.1s`",
];

fn kill_store(server: &Server) {
    let store = children(server.running.pid(), "store");
    assert_eq!(store.len(), 1, "one store process");
    signal_pid(store[0], "-KILL");
}

#[test]
fn received_is_stored_plus_lost_across_kills() {
    if !engine_or_skip("received_is_stored_plus_lost_across_kills") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let pcap = dir.path().join("traffic.pcap");
    traffic::write_http(&pcap, FLOWS, REQUESTS);
    let (http_port, agents_port) = (free_port(), free_port());
    let data = dir.path().join("data");
    let s = server(&data, http_port, agents_port);

    let mut agent = Running::start(
        Command::new(program("fathom-agent"))
            .args(["--server", &format!("127.0.0.1:{agents_port}"), "--stats", "--pcap"])
            .arg(&pcap)
            .args(["--set", "metrics.listen=127.0.0.1:0"])
            .args(["--set", "transport.stop_timeout=60s"]),
    );

    let some = |n: u64| move |rows: &u64| *rows > n;
    let seen = wait_for("the first rows", || stored(s.http), some(10_000));
    kill_store(&s);
    let seen = wait_for("rows after the store's first death", || stored(s.http), some(seen));
    assert!(!agent.has_ended() || seen > 0);
    s.running.signal("-KILL");
    drop(s);
    let s = server(&data, http_port, agents_port);
    let seen = wait_for("rows after the server's death", || stored(s.http), some(seen));
    kill_store(&s);
    wait_for("the store after its second death", || stored(s.http), some(seen - 1));

    let (ended_well, said) = agent.end();
    let stats = said.lines().rev().find(|l| l.starts_with('{')).expect("statistics");
    let stats: serde_json::Value = serde_json::from_str(stats).unwrap();
    let of = |object: &str, table: &str| stats[object][table].as_u64().unwrap_or(0);
    let short = |table: &str| table.split_once('.').unwrap().1.trim_matches('`').to_owned();

    assert_eq!(ended_well, of_all(&stats["rows_lost"]) == 0, "{said}");
    let sealed: u64 = TABLES.iter().map(|t| of("rows", &short(t))).sum();
    let lost: u64 = TABLES.iter().map(|t| of("rows_lost", &short(t))).sum();
    assert!(sealed >= 2_000_000, "{sealed} rows are too few for this test");
    assert_eq!(of("rows", "l7_flow_log"), u64::from(FLOWS * REQUESTS));

    // Everything acknowledged arrives; the spool is drained when the count is whole.
    wait_for("all rows", || stored(s.http), |n| *n + lost >= sealed);
    for table in TABLES {
        let rows = sql(s.http, &format!("SELECT count() FROM {table}")).unwrap();
        let rows: u64 = rows.parse().unwrap();
        let (sealed, lost) = (of("rows", &short(table)), of("rows_lost", &short(table)));
        let counted = server_lost(s.http, &short(table));
        assert_eq!(sealed, rows + lost + counted, "{table}: sealed = stored + lost");
    }
    for table in ["flow_log.l4_flow_log", "flow_log.l7_flow_log"] {
        let twice = format!("SELECT count() - uniqExact(_id, flow_id) FROM {table}");
        assert_eq!(sql(s.http, &twice).unwrap(), "0", "rows stored twice in {table}");
    }
    eprintln!("{sealed} rows sealed, {lost} lost and counted, the rest stored once");
}

/// The sum of an object's numbers.
fn of_all(object: &serde_json::Value) -> u64 {
    object.as_object().into_iter().flatten().filter_map(|(_, n)| n.as_u64()).sum()
}

/// Rows the server itself counted as lost.
fn server_lost(addr: SocketAddr, table: &str) -> u64 {
    let (_, text) = http(addr, "/metrics", None).expect("metrics");
    text.lines()
        .filter(|l| {
            l.starts_with("fathom_server_rows_lost_total") && l.contains(&format!("\"{table}\""))
        })
        .filter_map(|l| l.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum::<f64>() as u64
}
