//! AF_XDP where it is not wanted or cannot be: one sentence that says why; and what stays behind
//! when the process ends, in whatever way: nothing.

#[path = "support/netns.rs"]
mod netns;
#[path = "support/packets.rs"]
mod packets;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fathom_ebpf::device::{Device, XdpMode};
use fathom_ring::xdp::{self, Config, Mode};
use fathom_ring::{Source, interfaces, limits};
use netns::{Sender, with_wire};

const PATIENCE: Duration = Duration::from_secs(20);

fn config(interface: &str, mode: Mode) -> Config {
    Config {
        interface: interface.into(),
        mode,
        ring_frames: limits::XDP_FRAMES_MIN,
        ..Config::default()
    }
}

fn refusal(config: &Config) -> String {
    match xdp::open(config) {
        Ok(_) => panic!("{} opened", config.interface),
        Err(e) => e.to_string(),
    }
}

/// One sentence: no line break, no debug output.
fn assert_sentence(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{text:?} lacks {part:?}");
    }
    assert!(!text.contains('\n') && !text.contains('{') && text.len() < 400, "{text}");
}

/// Programs on `v1`, as the kernel tells.
fn programs() -> Vec<XdpMode> {
    let index = interfaces::find("v1").expect("it exists").index;
    let device = Device::ask(index).expect("it exists");
    device.programs.iter().map(|p| p.mode).collect()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_cannot_be_captured_says_why() {
    with_wire(|| {
        assert_sentence(&refusal(&config("nosuch", Mode::Auto)), &["\"nosuch\"", "ip link"]);
        assert!(netns::ip("link set lo up"));
        let text = refusal(&config("lo", Mode::Driver));
        assert_sentence(&text, &["lo takes no XDP program in driver mode", "its driver has none"]);
        // What the driver cannot do, the stack can.
        let source = xdp::open(&config("lo", Mode::Auto)).expect("every interface has this");
        assert_eq!(source[0].kind(), "af_xdp generic copy");
        let why = &source[0].choices()[0];
        assert!(why.starts_with("generic mode: lo takes no XDP program in driver mode"), "{why}");
        if let Ok(_tunnel) = netns::tunnel("t0", None) {
            assert_sentence(&refusal(&config("t0", Mode::Auto)), &["t0 is of hardware type"]);
        }
    });
}

#[test]
fn another_program_on_the_interface_is_named_and_left_alone() {
    for first in [Mode::Driver, Mode::Generic] {
        with_wire(move || {
            let held = xdp::open(&config("v1", first)).expect("the interface was just made");
            let mode = if first == Mode::Driver { "driver" } else { "generic" };
            let there = format!("in {mode} mode");
            for second in [Mode::Auto, Mode::Driver, Mode::Generic] {
                let text = refusal(&config("v1", second));
                assert_sentence(&text, &["another XDP program (capture", &there, "xdp off"]);
            }
            assert_eq!(programs().len(), 1);
            // Queue 0 has our socket; other interfaces are free.
            assert_eq!(held[0].queue(), 0);
            assert_eq!(xdp::open(&config("v0", first)).expect("it is free").len(), 1);
            drop(held);
            // A test beside this one may just be starting a program, which holds a copy until it
            // has begun.
            until("the program goes with its source", || programs().is_empty());
            assert!(xdp::open(&config("v1", first)).is_ok());
        });
    }
}

/// Gives up a capability, for this thread alone.
fn without(capability: u32, then: impl FnOnce() + Send) {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    let body = || {
        let mut header = Header { version: 0x2008_0522, pid: 0 };
        let mut sets = [[0u32; 3]; 2];
        // SAFETY: both structures have the layout of linux/capability.h, version 3, and live
        // across the calls; the capabilities changed are this thread's.
        unsafe {
            assert_eq!(libc::syscall(libc::SYS_capget, &raw mut header, sets.as_mut_ptr()), 0);
            let set = &mut sets[capability as usize / 32];
            for kind in &mut set[..2] {
                *kind &= !(1 << (capability % 32));
            }
            assert_eq!(libc::syscall(libc::SYS_capset, &raw mut header, sets.as_ptr()), 0);
        }
        then();
    };
    std::thread::scope(|s| s.spawn(body).join().expect("what was asserted holds"));
}

#[test]
fn a_low_limit_on_locked_memory_makes_rings_smaller_or_says_so() {
    const CAP_IPC_LOCK: u32 = 14;
    with_wire(|| {
        let set = |bytes: u64| {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: one live structure, which the calls read or write.
            unsafe {
                assert_eq!(libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit), 0);
                let before = limit.rlim_cur;
                limit.rlim_cur = bytes.min(limit.rlim_max);
                assert_eq!(libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit), 0);
                before
            }
        };
        let before = set(8 << 20);
        without(CAP_IPC_LOCK, || {
            let large = Config { ring_frames: 65_536, ..config("v1", Mode::Driver) };
            let sources = xdp::open(&large).expect("a smaller one fits");
            let text = sources[0].describe();
            assert!(text.contains("ring 2048 frames in 8 MiB"), "{text}");
            let notes = sources[0].notes();
            assert!(notes.iter().any(|n| n.contains("instead of 65536")), "{notes:?}");
        });
        set(64 << 10);
        without(CAP_IPC_LOCK, || {
            let text = refusal(&config("v1", Mode::Driver));
            assert_sentence(&text, &["8192 KiB of locked memory", "RLIMIT_MEMLOCK", "ulimit -l"]);
        });
        set(before);
        // A test beside this one may just be starting a program, which holds a copy until it has
        // begun.
        until("no program stays", || programs().is_empty());
    });
}

#[test]
fn without_the_privilege_the_error_says_what_is_needed() {
    with_wire(|| {
        std::thread::scope(|s| {
            let unprivileged = || {
                // SAFETY: no memory is involved. Past the C library, the call changes this thread
                // alone; it fails where there is no privilege to give up.
                unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) };
                assert_sentence(&refusal(&config("v1", Mode::Auto)), &["CAP_NET_ADMIN", "setcap"]);
            };
            s.spawn(unprivileged).join().expect("what was asserted holds");
        });
    });
}

/// Set for the process that a test starts to end it.
const CHILD: &str = "FATHOM_TEST_XDP_CHILD";

/// Not a test of its own: what the process that is to be ended does. It captures on `v1` in the
/// network namespace of its parent, says so and waits.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    let mode = if mode == "driver" { Mode::Driver } else { Mode::Generic };
    let mut sources = xdp::open(&config("v1", mode)).expect("the parent made the interface");
    eprintln!("captures {}", sources.len());
    loop {
        let batch = sources[0].acquire(64).expect("the interface is there");
        if batch.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A process that does not outlive its test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts this program again, in this thread's network namespace, and waits until it captures.
fn start_child(mode: &str) -> Ended {
    let this = std::env::current_exe().expect("the test's own program");
    let mut child = Ended(
        Command::new(this)
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, mode)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it can be started again"),
    );
    let lines = BufReader::new(child.0.stderr.take().expect("it was asked for")).lines();
    let ready = lines.map_while(Result::ok).any(|line| line.contains("captures 1"));
    assert!(ready, "the child did not capture");
    child
}

#[test]
fn a_killed_process_leaves_no_program_and_traffic_flows() {
    for (mode, kind) in [("driver", XdpMode::Driver), ("generic", XdpMode::Generic)] {
        with_wire(move || {
            let mut host = netns::open(&netns::config("v1"));
            let sender = Sender::new("v0");
            sender.warm_up(&mut host);
            for signal in [libc::SIGKILL, libc::SIGABRT, libc::SIGTERM] {
                let mut child = start_child(mode);
                assert_eq!(programs(), [kind]);
                let id = i32::try_from(child.0.id()).expect("process ids fit");
                // SAFETY: no memory is involved; the child was not waited for, so the id is its.
                assert_eq!(unsafe { libc::kill(id, signal) }, 0);
                let status = child.0.wait().expect("it was started here");
                assert_eq!(status.signal(), Some(signal));
                until("the program goes with its process", || programs().is_empty());
                sender.warm_up(&mut host);
            }
        });
    }
}
