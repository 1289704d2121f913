//! The agent as a child of systemd or of `fathom up`: what it says to its parent, and that it
//! ends with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

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
    assert!(agent.wait().unwrap().success());
}
