//! What becomes of the others when one process of `fathom up` dies, or never starts.

use std::io::Write;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::processes::{
    Running, children, engine_or_skip, free_port, http, lives, program, root_or_skip, signal_pid,
    wait_for,
};
use crate::wire::{Wire, inside};

fn up(wire: &Wire, data: &Path) -> Command {
    let mut up = inside(&wire.client, program("fathom"));
    up.args(["up", "--interface", "wire0", "--data"]).arg(data);
    up
}

/// The only child of `pid` that was started with `word`.
fn child(pid: u32, word: &str) -> Option<u32> {
    match children(pid, word)[..] {
        [child] => Some(child),
        _ => None,
    }
}

#[test]
fn a_dead_agent_is_started_again_and_none_outlives_up() {
    let test = "a_dead_agent_is_started_again_and_none_outlives_up";
    if !engine_or_skip(test) || !root_or_skip(test) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let wire = Wire::new();
    let mut up = Running::start(&mut up(&wire, &dir.path().join("data")));
    let capture = up.line("capture");
    assert!(capture.contains("wire0"), "{capture}");
    up.line("ready");

    let agent = child(up.pid(), "--end-with-stdin").expect("one agent");
    signal_pid(agent, "-KILL");
    let again =
        wait_for("another agent", || child(up.pid(), "--end-with-stdin"), |pid| *pid != agent);
    wait_for("its word", || Some(up.said()), |said| said.contains("captures again"));

    let store = child(up.pid(), "store").expect("one store");
    up.signal("-KILL");
    wait_for(
        "the end of agent and store",
        || Some([again, store].map(lives)),
        |left| *left == [false, false],
    );
}

#[test]
fn an_agent_that_cannot_start_is_no_ready() {
    let test = "an_agent_that_cannot_start_is_no_ready";
    if !engine_or_skip(test) || !root_or_skip(test) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let wire = Wire::new();
    let other =
        Running::start(inside(&wire.client, program("fathom-agent")).args(["--capture", "none"]));
    wait_for("the first agent", || Some(other.said()), |said| said.contains("ready"));
    let (well, said) = Running::start(&mut up(&wire, &dir.path().join("data"))).end();
    assert!(!well, "{said}");
    assert!(said.contains("127.0.0.1:39090 (metrics.listen)"), "{said}");
    assert!(said.contains("capture did not start"), "{said}");
}

#[test]
fn a_reader_that_does_not_read_cannot_keep_up_from_ending() {
    if !engine_or_skip("a_reader_that_does_not_read_cannot_keep_up_from_ending") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (http_port, agents_port) = (free_port(), free_port());
    // Full to the last byte, and nobody reads the other end.
    let (mut full, _unread) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    for size in [4096, 1] {
        while full.write(&vec![b'x'; size]).is_ok() {}
    }
    full.set_nonblocking(false).unwrap();
    let mut up = Command::new(program("fathom"))
        .args(["up", "--no-capture", "--listen", &format!("127.0.0.1:{http_port}")])
        .args(["--set", &format!("agents.listen=127.0.0.1:{agents_port}"), "--data"])
        .arg(dir.path().join("data"))
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(full))
        .spawn()
        .unwrap();
    let addr = SocketAddr::from(([127, 0, 0, 1], http_port));
    wait_for("the server", || Some(http(addr, "/readyz", None)?.0), |status| *status == 200);
    signal_pid(up.id(), "-INT");
    let status = wait_for("the end", || Some(up.try_wait().unwrap()), Option::is_some);
    assert!(status.unwrap().success(), "{status:?}");
}
