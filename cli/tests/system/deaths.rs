//! What becomes of the others when one process of `fathom up` dies, or never starts.

use std::path::Path;
use std::process::Command;

use crate::processes::{
    Running, children, engine_or_skip, lives, program, root_or_skip, signal_pid, wait_for,
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
