//! `fathom-agent` as a person or systemd runs it: its settings, its rows, its signals. What needs
//! the privilege to capture is skipped loudly without it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fathom_dataplane::pipeline::PipelineConfig;
use fathom_dataplane::replay;

fn agent() -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_fathom-agent"));
    c.env_clear().args(["--set", "metrics.listen="]);
    c
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(c: &mut Command) -> Output {
    c.output().unwrap()
}

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

#[test]
fn settings_are_shown_with_their_origin_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("agent.yaml");
    std::fs::write(&file, "flows:\n  max: 5000\ncapture:\n  interface: eth.*\n").unwrap();
    let shown = run(agent()
        .args(["config", "show", "--config"])
        .arg(&file)
        .env("FATHOM_AGENT__CAPTURE__SNAPLEN", "2KiB")
        .args(["--set", "log.level=warn"]));
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let out = text(&shown.stdout);
    for (key, value, origin) in [
        ("flows.max", "5000", "agent.yaml:2"),
        ("capture.interface", "eth.*", "agent.yaml:4"),
        ("capture.snaplen", "2 KiB", "$FATHOM_AGENT__CAPTURE__SNAPLEN"),
        ("log.level", "warn", "command line"),
        ("server.address", "127.0.0.1:20033", "default"),
    ] {
        let line = out.lines().find(|l| l.split_whitespace().next() == Some(key));
        let line = line.unwrap_or_else(|| panic!("{key} is not in\n{out}"));
        assert!(line.contains(value) && line.contains(origin), "{line}");
    }

    assert!(run(agent().args(["config", "check"]).arg(&file)).status.success());
    for (yaml, says) in [
        ("flow:\n  max: 5000\n", "flows.max"),
        ("capture:\n  interface: '('\n", "capture.interface"),
        ("capture:\n  mode: fast\n", "af_packet"),
        ("flows:\n  max: 3\n", "1024"),
    ] {
        std::fs::write(&file, yaml).unwrap();
        let checked = run(agent().args(["config", "check"]).arg(&file));
        assert_eq!(checked.status.code(), Some(2));
        assert!(text(&checked.stderr).contains(says), "{yaml}: {}", text(&checked.stderr));
    }
}

#[test]
fn wrong_usage_says_what_is_right() {
    for (args, code, says) in [
        (&["--nonsense"][..], 2, "--help"),
        (&["--stdout", "--tables", "l8_flow_log"], 2, "l7_flow_log"),
        (&["--duration", "soon"], 2, "10s"),
        (&["--set", "capture.ring_bytes"], 2, "KEY=VALUE"),
        (&["--set", "shards.cpus=4096", "--set", "capture.mode=none"], 1, "CPU"),
        (&["--set", "limits.memory=1MiB", "--set", "capture.mode=none"], 2, "limits.memory"),
        (&["--capture", "af_xdp"], 2, "capture.interface"),
    ] {
        let out = run(agent().args(args));
        assert_eq!(out.status.code(), Some(code), "{args:?}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains(says), "{args:?}: {}", text(&out.stderr));
    }
}

/// The agent reads a file through the very same stages as replay: the same rows, in any order.
#[test]
fn a_file_gives_the_rows_that_replay_gives() {
    let mut files: Vec<_> = std::fs::read_dir(captures())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "pcap" || e == "pcapng"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut rows = 0;
    for file in files {
        let tables = ["l7_flow_log", "l4_flow_log", "application_map.1s"];
        let options = replay::Options {
            files: vec![file.clone()],
            tables: fathom_schema::TABLES
                .iter()
                .copied()
                .filter(|t| tables.contains(&t.name))
                .collect(),
            pipeline: PipelineConfig { agent_id: 9, ..PipelineConfig::default() },
            ..replay::Options::default()
        };
        let mut expected = Vec::new();
        let mut last = None;
        let (summary, _) = replay::run(&options, &mut expected, &mut |p| last = Some(p));
        let last = last.expect("the end of each file is told");
        assert_eq!((last.file, last.frames), (0, summary.source.received), "{}", file.display());
        let out = run(agent()
            .args(["--stdout", "--stats", "--tables", &tables.join(",")])
            .args(["--set", "agent.id=9", "--set", "capture.decap=all"])
            .args(["--set", "log.level=error", "--pcap"])
            .arg(&file));
        let lines = |b: &[u8]| text(b).lines().map(str::to_owned).collect::<BTreeSet<_>>();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(lines(&out.stdout), lines(&expected), "{name}");
        rows += lines(&expected).len();
        let said = text(&out.stderr);
        let stats: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        assert_eq!(stats["received"], summary.source.received, "{name}");
        assert_eq!(stats["flows"], summary.flows, "{name}");
        for key in ["bytes", "dropped", "rows", "capture", "cpu_seconds", "max_rss_bytes"] {
            assert!(!stats[key].is_null(), "{key} is not in {stats}");
        }
    }
    assert!(rows > 0);
}

/// A server nobody runs: the agent ends all the same and says what it gave up.
#[test]
fn an_agent_without_a_server_ends() {
    let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = captures().join("dns-tcp-reuse.pcap");
    let out = run(agent()
        .args(["--server", &addr.to_string(), "--set", "transport.stop_timeout=50ms", "--stats"])
        .arg("--pcap")
        .arg(file));
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    let said = text(&out.stderr);
    let mut last = said.lines().rev();
    assert!(last.next().unwrap().contains("rows did not reach the server"), "{said}");
    assert!(last.next().unwrap().contains("\"l7_flow_log\""), "{said}");
}

struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Real packets on the loopback interface, on both engines: an HTTP exchange becomes a row, the
/// metrics say so, a reload goes unnoticed, SIGTERM flushes the flow.
#[test]
fn live_traffic_becomes_rows_until_sigterm() {
    for engine in ["epoll", "glommio"] {
        live(engine);
    }
}

fn live(engine: &str) {
    // Free at this moment; only somebody who guesses it takes it meanwhile.
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_fathom-agent"))
        .env_clear()
        .args(["--interface", "lo", "--stdout", "--tables", "l7_flow_log,l4_flow_log", "--stats"])
        .args(["--set", &format!("metrics.listen={metrics}")])
        .args(["--set", &format!("shards.engine={engine}"), "--set", "shards.count=2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let mut running = Running(child);
    let mut said = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut heard = Vec::new();
    let capturing = said.by_ref().find_map(|line| {
        heard.push(line.clone());
        if line.contains("CAP_NET_RAW") || line.contains("cannot run here") {
            return Some(false);
        }
        line.contains("ready").then_some(true)
    });
    match capturing {
        Some(true) => {}
        Some(false) => return eprintln!("SKIPPED {engine}: {}", heard.join(" / ")),
        None => panic!("the agent ended: {heard:#?}"),
    }
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap();
    let serving = thread::spawn(move || {
        for stream in server.incoming().take(2) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        }
    });
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(addr).unwrap();
        // In one piece: the server reads once, and closing on unread bytes would reset.
        let request = format!("GET {path} HTTP/1.1\r\nHost: loop.example\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
    };
    let (lines, rows) = std::sync::mpsc::channel();
    let reading = thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = lines.send(line);
        }
    });
    let row_of = |path: &str| {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = rows.recv_timeout(left).unwrap_or_else(|e| panic!("no row: {e}"));
            if line.contains(&format!("\"{path}\"")) {
                return serde_json::from_str::<serde_json::Value>(&line).unwrap();
            }
        }
    };
    ask("/before");
    let row = row_of("/before");
    assert_eq!(row["request_domain"], "loop.example");
    assert_eq!(row["response_code"], 204);
    assert_eq!(row["server_port"], addr.port());

    running.signal("-HUP");
    ask("/after");
    row_of("/after");

    let mut stream = TcpStream::connect(metrics).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("fathom_agent_packets_received_total{interface=\"lo\""), "{answer}");

    running.signal("-TERM");
    assert!(running.0.wait().unwrap().success());
    reading.join().unwrap();
    serving.join().unwrap();
    let port = format!("\"server_port\":{}", addr.port());
    let flows = rows.try_iter().filter(|l| l.contains(&port) && l.contains("l4_flow_log"));
    assert!(flows.count() > 0, "the flows were not flushed");
    let last = said.last().unwrap_or_default();
    let stats: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert!(stats["received"].as_u64().unwrap() > 0, "{stats}");
}
