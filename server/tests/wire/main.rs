//! Both ends of the wire in one process, over loopback and on both engines: the agent's transport
//! against the server's receive, spool and drain. Whatever breaks in between (connections, bytes,
//! the server, the store), every row is stored exactly once or counted as lost.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![allow(clippy::print_stdout, reason = "a server process says where it listens")]

mod agent;
mod hostile;
mod killed;
mod proxy;
mod random;
mod server;
mod store;
mod trouble;

use std::time::{Duration, Instant};

use fathom_shard::Engine;

/// The engines this machine can run; epoll always, glommio where io_uring is allowed.
fn engines() -> Vec<Engine> {
    let works = fathom_shard::start(
        &fathom_shard::Placement::count(1).unwrap().unpinned(),
        Engine::Glommio,
        |_| async {},
    );
    match works.map(fathom_shard::Shards::join) {
        Ok(Ok(())) => vec![Engine::Epoll, Engine::Glommio],
        other => {
            eprintln!("SKIPPED on glommio, which does not run here: {other:?}");
            vec![Engine::Epoll]
        }
    }
}

/// Waits for something that must come about; the time is only there to end a failed test.
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(120), "never came about: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
