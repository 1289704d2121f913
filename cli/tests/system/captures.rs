//! `fathom up --pcap`: rows of a capture from 1970 are there after a plain restart, a damaged file is
//! told, and `fathom doctor` finds nothing wrong with a server that only reads files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::processes::{Running, engine_or_skip, free_port, output, program, sql, wait_for};

/// The committed capture, its frames dated from the first of January 1970 on.
fn old_capture(to: &Path) -> Vec<u8> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dataplane/tests/captures");
    let mut bytes = std::fs::read(from.join("http-keepalive.pcap")).unwrap();
    let word = |b: &[u8], at: usize| u32::from_le_bytes(b[at..at + 4].try_into().unwrap());
    let first = word(&bytes, 24);
    let mut at = 24;
    while at < bytes.len() {
        let second = word(&bytes, at) - first + 1000;
        bytes[at..at + 4].copy_from_slice(&second.to_le_bytes());
        at += 16 + word(&bytes, at + 8) as usize;
    }
    std::fs::write(to, &bytes).unwrap();
    bytes
}

struct Up {
    running: Running,
    http: SocketAddr,
}

fn up(data: &Path, files: &[&PathBuf]) -> Up {
    let (http_port, agents_port) = (free_port(), free_port());
    let mut command = Command::new(program("fathom"));
    command.args(["up", "--no-capture", "--listen", &format!("127.0.0.1:{http_port}")]);
    command.args(["--set", &format!("agents.listen=127.0.0.1:{agents_port}"), "--data"]).arg(data);
    for file in files {
        command.arg("--pcap").arg(file);
    }
    let mut running = Running::start(&mut command);
    running.line("ready");
    Up { running, http: SocketAddr::from(([127, 0, 0, 1], http_port)) }
}

#[test]
fn rows_of_old_captures_stay() {
    if !engine_or_skip("rows_of_old_captures_stay") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("good.pcap"), dir.path().join("bad.pcap"));
    let mut bytes = old_capture(&good);
    let second = 24 + 16 + u32::from_le_bytes(bytes[24 + 8..][..4].try_into().unwrap()) as usize;
    bytes[second + 8..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    std::fs::write(&bad, &bytes).unwrap();
    let data = dir.path().join("data");

    let count = "SELECT count(), toYear(min(time)) FROM flow_log.l7_flow_log";
    let first = up(&data, &[&good, &bad]);
    wait_for(
        "both files",
        || Some(first.running.said()),
        |said| {
            said.contains("good.pcap: read to its end; all its rows are handed over")
                && said.contains("bad.pcap: not all of it became rows, see above")
                && said.contains("what came before is in rows")
        },
    );
    wait_for("the rows", || sql(first.http, count), |n| n == "9\t1970");

    let url = format!("http://{}", first.http);
    let (well, said) = output(Command::new(program("fathom")).args(["doctor", "--server", &url]));
    assert!(well, "{said}");
    assert!(said.contains("came from capture files"), "{said}");
    let ask = ["query", "show tables", "--format", "csv", "--server", &url];
    let (_, tables) = output(Command::new(program("fathom")).args(ask));
    for database in ["flow_log", "flow_metrics", "fathom_system"] {
        assert!(tables.contains(database), "{tables}");
    }
    first.running.signal("-INT");
    let (well, said) = first.running.end();
    assert!(well, "{said}");

    let again = up(&data, &[]);
    let kept = wait_for("the rows after a plain restart", || sql(again.http, count), |_| true);
    assert_eq!(kept, "9\t1970");
    let engine = "SELECT engine_full FROM system.tables WHERE name = 'l7_flow_log'";
    let engine = sql(again.http, engine).unwrap();
    assert!(!engine.contains("TTL"), "{engine}");
}
