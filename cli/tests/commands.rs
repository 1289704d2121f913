//! The commands as a person or a script meets them: exit codes, messages, and what is printed.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

fn fathom(args: &[&str]) -> Output {
    command(args).output().expect("fathom runs")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
    command.args(args).env_remove("FATHOM_SERVER_URL").env_remove("FATHOM_TOKEN");
    command.stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dataplane/tests/captures").join(name)
}

fn path(p: &Path) -> &str {
    p.to_str().expect("a path in UTF-8")
}

#[test]
fn every_command_has_help_with_an_example() {
    for name in ["up", "replay", "query", "doctor", "top"] {
        let out = fathom(&[name, "--help"]);
        assert!(out.status.success(), "{name}");
        let help = text(&out.stdout);
        assert!(help.contains(&format!("Examples:\n  fathom {name}")), "{help}");
    }
    let version = text(&fathom(&["--version"]).stdout);
    assert!(version.starts_with(concat!("fathom ", env!("CARGO_PKG_VERSION"), " (")), "{version}");
}

#[test]
fn exit_codes_and_messages_tell_cause_and_remedy() {
    let dns = capture("dns-udp.pcap");
    let dns = path(&dns);
    // (arguments, exit code, what standard error says)
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["replay"], 2, &["FILE"]),
        (&["nonsense"], 2, &["nonsense"]),
        (&["replay", "/nonexistent.pcap"], 1, &["/nonexistent.pcap", "No such file"]),
        (&["replay", dns, "--tables", "l9"], 2, &["no table \"l9\"", "l7_flow_log"]),
        (&["replay", dns, "--decap", "wireguard"], 2, &["--decap", "wireguard", "VXLAN"]),
        (
            &["query", "show tables", "--server", "http://127.0.0.1:1"],
            1,
            &["no server answers", "fathom up"],
        ),
        (&["query", "show tables", "--server", "https://x"], 2, &["http://HOST:PORT"]),
        (&["query", "  "], 2, &["the query is empty"]),
        (&["up", "--set", "http.lisen=1"], 2, &["did you mean `http.listen`?"]),
        (&["up", "--set", "http.listen"], 2, &["KEY=VALUE"]),
        (&["up", "--listen", "0.0.0.0:20416", "--clickhouse", "http://127.0.0.1:1"], 2, &["token"]),
        (&["up", "--pcap", "/nonexistent.pcap"], 1, &["--pcap /nonexistent.pcap"]),
    ];
    for (args, code, says) in cases {
        let out = fathom(args);
        let err = text(&out.stderr);
        assert_eq!(out.status.code(), Some(*code), "{args:?}: {err}");
        assert!(out.stdout.is_empty(), "{args:?}");
        for word in *says {
            assert!(err.contains(word), "{args:?}: {err:?} lacks {word:?}");
        }
    }
}

#[test]
fn replay_prints_rows_for_programs_and_for_people() {
    let file = capture("http-keepalive.pcap");
    let out = fathom(&["replay", path(&file), "--tables", "l7_flow_log", "--stats"]);
    assert!(out.status.success());
    let rows: Vec<Value> =
        text(&out.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rows.len(), 9);
    assert!(rows.iter().all(|r| r["table"] == "l7_flow_log" && r["l7_protocol"] == "HTTP"));
    let stats: Value = serde_json::from_str(text(&out.stderr).trim()).unwrap();
    assert_eq!(stats["rows"]["l7_flow_log"], 9);
    assert_eq!(stats["dropped"]["decode"], 0);

    let out = fathom(&["replay", path(&file), "--format", "table"]);
    let table = text(&out.stdout);
    assert_eq!(table.lines().count(), 9 + 1 + 2, "rows and heads: {table}");
    assert!(
        table.contains("404 client_error") && table.contains("GET 10.77.0.2 /missing/page"),
        "{table}"
    );
}

#[test]
fn replay_reads_standard_input_and_several_files() {
    let file = capture("dns-udp.pcap");
    let alone = fathom(&["replay", path(&file)]).stdout;
    let mut child = command(&["replay", "-"])
        .stdin(std::fs::File::open(&file).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut piped = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut piped).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(text(&piped), text(&alone));

    let other = capture("http-ipv6.pcap");
    let both = fathom(&["replay", path(&file), path(&other), "--tables", "l7_flow_log"]);
    assert!(both.status.success());
    let protocols: Vec<String> = text(&both.stdout)
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["l7_protocol"].to_string())
        .collect();
    assert!(protocols.contains(&"\"DNS\"".into()) && protocols.contains(&"\"HTTP\"".into()));
}

/// What comes through a pipe that stays open is printed as it comes.
#[test]
fn replay_follows_a_pipe_that_does_not_end() {
    let file = std::fs::read(capture("dns-udp.pcap")).unwrap();
    let mut child = command(&["replay", "-", "--follow", "--tables", "l7_flow_log"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&file).unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let row: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(row["l7_protocol"], "DNS");
    drop(pipe);
    out.read_to_string(&mut line).unwrap();
    assert!(child.wait().unwrap().success());
    let sorted = |text: &str| -> Vec<String> {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let whole = fathom(&["replay", path(&capture("dns-udp.pcap")), "--tables", "l7_flow_log"]);
    assert_eq!(sorted(&line), sorted(&text(&whole.stdout)));
}

/// Ctrl-C is the end of the input: what was read by then is printed.
#[test]
fn replay_ends_in_order_when_interrupted() {
    let file = std::fs::read(capture("dns-udp.pcap")).unwrap();
    let mut child = command(&["replay", "-", "--tables", "l7_flow_log"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&file).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    // Whatever writes into the pipe got the signal too, and ends.
    drop(pipe);
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{:?}", out.status);
    assert!(text(&out.stdout).contains("\"l7_protocol\":\"DNS\""));
}

/// A file cut in its last record is read up to there; corruption before the end is a failure after
/// everything before it has been printed.
#[test]
fn damaged_files_are_read_as_far_as_they_go() {
    let whole = std::fs::read(capture("dns-udp.pcap")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.pcap");
    let run = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let out = fathom(&["replay", path(&file), "--tables", "l7_flow_log"]);
        (out.status.code(), text(&out.stdout).lines().count(), text(&out.stderr))
    };
    let (code, all, _) = run(&whole);
    assert_eq!((code, all), (Some(0), 10));
    let (code, rows, err) = run(&whole[..whole.len() - 5]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(rows >= 9, "{rows} rows");
    let (code, rows, err) = run(&whole[..10]);
    assert_eq!((code, rows), (Some(1), 0), "{err}");

    // The length of the fifth record becomes impossible.
    let mut at = 24;
    for _ in 0..4 {
        at += 16 + u32::from_le_bytes(whole[at + 8..at + 12].try_into().unwrap()) as usize;
    }
    let mut bad = whole.clone();
    bad[at + 8..at + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let (code, rows, err) = run(&bad);
    assert_eq!(code, Some(1), "{err}");
    assert_eq!(rows, 2, "what came before is printed: {err}");
}

#[test]
fn output_that_is_closed_early_is_no_failure() {
    let file = capture("http-pipelined.pcap");
    let files = vec![path(&file); 400];
    let mut args = vec!["replay"];
    args.extend(files);
    let mut child = command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(child.wait().unwrap().success(), "{err}");
    assert_eq!(err, "");
}

/// Answers one request with `answer` and gives back what was asked.
fn serve(status: &'static str, answer: String) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let task = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut reader = BufReader::new(stream);
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).expect("a request") > 2 {
            head.push_str(&line.to_ascii_lowercase());
            line.clear();
        }
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |n| n.parse().expect("a number"))];
        reader.read_exact(&mut body).expect("a body");
        let mut stream = reader.into_inner();
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{answer}", answer.len())
            .expect("the client reads");
        head + &String::from_utf8(body).expect("UTF-8")
    });
    (url, task)
}

#[test]
fn query_prints_the_answer_in_every_format() {
    // Not in the order of the alphabet: it is the query's that counts.
    let answer = json!({"OPT_STATUS": "SUCCESS", "DESCRIPTION": "", "result": {
        "columns": ["name", "n"], "values": [["a,b", 3], ["c", "18446744073709551615"]], "schemas": [{}, {}]}});
    let cases = [
        ("table", "name  n\n----  --------------------\na,b   3\nc     18446744073709551615\n"),
        ("csv", "name,n\r\n\"a,b\",3\r\nc,18446744073709551615\r\n"),
        ("ndjson", "{\"name\":\"a,b\",\"n\":3}\n{\"name\":\"c\",\"n\":\"18446744073709551615\"}\n"),
    ];
    for (format, want) in cases {
        let (url, asked) = serve("200 OK", answer.to_string());
        let out = fathom(&[
            "query",
            "SELECT 1",
            "--server",
            &url,
            "--format",
            format,
            "--token",
            "secret-token",
        ]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        assert_eq!(text(&out.stdout), want);
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("post /v1/query http/1.1"), "{asked}");
        assert!(asked.contains("authorization: bearer secret-token"), "{asked}");
        assert!(asked.ends_with("{\"db\":\"\",\"sql\":\"SELECT 1\"}"), "{asked}");
    }
}

#[test]
fn query_passes_refusals_on() {
    let refusal = json!({"OPT_STATUS": "INVALID_SQL", "DESCRIPTION": "no such table"}).to_string();
    for raw in [&["query", "SELECT 1"][..], &["query", "--raw", "SELECT 1"]] {
        let (url, asked) = serve("400 Bad Request", refusal.clone());
        let out = fathom(&[raw, &["--server", &url]].concat());
        assert_eq!(out.status.code(), Some(1));
        assert_eq!(text(&out.stderr), "fathom: INVALID_SQL: no such table\n");
        asked.join().unwrap();
    }
    let (url, asked) = serve("502 Bad Gateway", "<html>not ours".into());
    let out = fathom(&["query", "SELECT 1", "--server", &url]);
    assert!(text(&out.stderr).contains("502 Bad Gateway: <html>not ours"));
    asked.join().unwrap();
}

#[test]
fn raw_queries_stream_what_the_store_says() {
    let (url, asked) = serve("200 OK", "a\tb\n".into());
    let out = fathom(&["query", "--raw", "SELECT 1", "--format", "ndjson", "--server", &url]);
    assert_eq!(text(&out.stdout), "a\tb\n");
    let asked = asked.join().unwrap();
    assert!(asked.starts_with("post /v1/sql?format=jsoneachrow&db=flow_log "), "{asked}");
    assert!(asked.ends_with("SELECT 1"), "{asked}");

    let (url, asked) = serve("200 OK", "n\tname\nUInt64\tString\n".into());
    let out = fathom(&["query", "--raw", "SELECT 1", "--server", &url]);
    assert_eq!(text(&out.stdout), "n  name\n-  ----\n", "no rows are an answer too");
    let asked = asked.join().unwrap();
    assert!(asked.contains("format=tabseparatedwithnamesandtypes&db=flow_log "), "{asked}");
}

#[test]
fn doctor_without_a_server_still_says_what_this_machine_can_do() {
    let out = fathom(&["doctor", "--server", "http://127.0.0.1:1"]);
    assert_eq!(out.status.code(), Some(1));
    let said = text(&out.stdout);
    for word in ["! no server answers", "AF_PACKET", "io_uring", "BPF XDP", "store"] {
        assert!(said.contains(word), "{said}");
    }
}
