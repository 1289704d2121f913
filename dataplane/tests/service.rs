//! The agent as a child of systemd or of `fathom up`: what it says to its parent, and that it
//! ends with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Generous: nothing is judged by time.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn it_says_when_it_is_ready_and_ends_with_its_parent() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("notify");
    let parent = UnixDatagram::bind(&socket).unwrap();
    parent.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = || {
        let mut bytes = [0; 4096];
        let n = parent.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..n].to_vec()).unwrap()
    };
    let mut agent = Command::new(env!("CARGO_BIN_EXE_fathom-agent"))
        .args(["--capture", "none", "--server", "127.0.0.1:9", "--end-with-stdin"])
        .args(["--set", "metrics.listen=", "--set", "transport.stop_timeout=0s"])
        .env("NOTIFY_SOCKET", &socket)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let said = hear();
    assert!(said.lines().any(|l| l == "READY=1"), "{said}");
    assert!(said.contains("STATUS=capturing nothing"), "{said}");
    assert!(agent.try_wait().unwrap().is_none());

    drop(agent.stdin.take());
    assert_eq!(hear(), "STOPPING=1\n");
    assert!(end(&mut agent).success());
}

/// Waits for the end, not without limit.
fn end(agent: &mut Child) -> std::process::ExitStatus {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = agent.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > until {
            agent.kill().unwrap();
            panic!("the agent does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_reader_that_does_not_read_cannot_keep_it() {
    // Full to the last byte, and nobody reads the other end.
    let (mut full, _unread) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    for size in [4096, 1] {
        while full.write(&vec![b'x'; size]).is_ok() {}
    }
    full.set_nonblocking(false).unwrap();

    let mut agent = Command::new(env!("CARGO_BIN_EXE_fathom-agent"))
        .args(["--stdout", "--set", "metrics.listen=", "--pcap"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/dns-udp.pcap"))
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(full))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // From `ready` on it follows signals; the file ends by itself, the printing never does.
    let err = BufReader::new(agent.stderr.take().unwrap());
    let mut lines = err.lines().map_while(Result::ok);
    assert!(lines.any(|l| l.contains("ready")));
    let (pid, stop) = (agent.id().to_string(), std::sync::mpsc::channel::<()>());
    let interrupt = std::thread::spawn(move || {
        // Two are what a person sends; one that comes before anything is blocked does not count.
        while let Err(std::sync::mpsc::RecvTimeoutError::Timeout) =
            stop.1.recv_timeout(Duration::from_millis(500))
        {
            let _ = Command::new("kill").args(["-INT", &pid]).status();
        }
    });
    let status = end(&mut agent);
    drop(stop.0);
    interrupt.join().unwrap();
    assert!(status.success(), "{status}: {:?}", lines.collect::<Vec<_>>());
}

#[test]
fn the_exit_status_tells_whether_to_try_again() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let metrics = format!("metrics.listen={}", taken.local_addr().unwrap());
    let cases: [(&[&str], i32, &str); 5] = [
        (&["--set", &metrics], 1, "Address already in use"),
        (&["--set", "capture.rescam=3s"], 2, "did you mean `capture.rescan`?"),
        (&["--set", "capture.rescan"], 2, "KEY=VALUE"),
        (&["--stdout", "--tables", "l9"], 2, "l7_flow_log"),
        (&["--set", "limits.memory=1 MiB"], 2, "limits.memory allows 1 MiB"),
    ];
    for (arguments, code, says) in cases {
        let out = Command::new(env!("CARGO_BIN_EXE_fathom-agent"))
            .args(["--capture", "none", "--duration", "60s", "--server", "127.0.0.1:9"])
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {said}");
        assert_eq!(said.matches(says).count(), 1, "{arguments:?}: {said}");
    }
}

#[test]
fn a_damaged_capture_file_is_told() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/dns-udp.pcap");
    let whole = std::fs::read(file).unwrap();
    let mut broken = whole.clone();
    // The length of the second record becomes impossible.
    let second = 24 + 16 + u32::from_le_bytes(whole[24 + 8..][..4].try_into().unwrap()) as usize;
    broken[second + 8..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.pcap");
    // (what is in the file, exit status, what is said)
    let cases: [(&[u8], i32, &str); 4] = [
        (&whole, 0, ""),
        (&whole[..whole.len() - 5], 0, "x.pcap: the file is cut"),
        (&broken, 1, "what came before is in rows"),
        (&whole[..10], 1, "x.pcap"),
    ];
    for (bytes, code, says) in cases {
        std::fs::write(&path, bytes).unwrap();
        let out = Command::new(env!("CARGO_BIN_EXE_fathom-agent"))
            .args(["--stdout", "--set", "metrics.listen=", "--set", "log.level=warn", "--pcap"])
            .arg(&path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{said}");
        assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{said}");
    }
}
