//! Two network namespaces with a wire between them, so that tests have a host of their own.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Two namespaces joined by a wire; gone with the test.
pub(crate) struct Wire {
    pub(crate) client: String,
    pub(crate) server: String,
}

impl Wire {
    pub(crate) fn new() -> Self {
        // Tests of one process run at the same time.
        static WIRES: AtomicU32 = AtomicU32::new(0);
        let id = format!("{}-{}", std::process::id(), WIRES.fetch_add(1, Ordering::Relaxed));
        let w = Self { client: format!("fathom-c{id}"), server: format!("fathom-s{id}") };
        run("ip", &["netns", "add", &w.client]);
        run("ip", &["netns", "add", &w.server]);
        run(
            "ip",
            &[
                "link", "add", "wire0", "netns", &w.client, "type", "veth", "peer", "name",
                "wire1", "netns", &w.server,
            ],
        );
        for (ns, dev, v4, v6) in [
            (&w.client, "wire0", "10.77.0.1/24", "fd77::1/64"),
            (&w.server, "wire1", "10.77.0.2/24", "fd77::2/64"),
        ] {
            run("ip", &["-n", ns, "link", "set", "lo", "up"]);
            run("ip", &["-n", ns, "addr", "add", v4, "dev", dev]);
            run("ip", &["-n", ns, "-6", "addr", "add", v6, "dev", dev, "nodad"]);
            run("ip", &["-n", ns, "link", "set", dev, "up"]);
        }
        w
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        for ns in [&self.client, &self.server] {
            let _ = Command::new("ip").args(["netns", "del", ns]).status();
        }
    }
}

fn run(program: &str, args: &[&str]) {
    let out = Command::new(program).args(args).output().unwrap();
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// `program` inside a namespace, the machine's mounts kept.
pub(crate) fn inside(ns: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut c = Command::new("nsenter");
    c.arg(format!("--net=/run/netns/{ns}")).arg(program);
    c
}

pub(crate) fn has(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    found.is_ok_and(|o| o.status.success())
}
