//! Bump in the wire: two hosts, `e0` and `e1`, talk through the ports `p0` and `p1` that are
//! joined. Every frame arrives on the other side as it was sent, is shown to the agent once, or
//! is counted; and with a pin the wire holds when the process is killed.

#[path = "support/netns.rs"]
mod netns;
#[path = "support/packets.rs"]
mod packets;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fathom_ebpf::device::{Device, XdpMode};
use fathom_ring::af_packet::AfPacket;
use fathom_ring::xdp::Mode;
use fathom_ring::xdp::inline::{self, Bridge, Config, Tap};
use fathom_ring::{Source, interfaces, limits};
use netns::{Seen, Sender, ip, take, until};
use packets::Packet;

const PATIENCE: Duration = Duration::from_secs(20);

fn now_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
}

/// Runs `test` between `e0`-`p0` and `p1`-`e1`, each pair two ends of one wire.
fn with_hosts(queues: u32, mtu: u32, test: impl FnOnce() + Send + 'static) {
    netns::with_wire(move || {
        let q = format!("numrxqueues {queues} numtxqueues {queues}");
        for n in [0, 1] {
            assert!(ip(&format!("link add e{n} {q} type veth peer name p{n} {q}")));
            for end in ["e", "p"] {
                assert!(ip(&format!("link set {end}{n} mtu {mtu} addrgenmode none arp off up")));
            }
        }
        // Frames that an XDP program sends out of a port are taken by the other end only so.
        for end in ["e0", "e1"] {
            let done = Command::new("ethtool").args(["-K", end, "gro", "on"]).status();
            assert!(done.is_ok_and(|s| s.success()), "ethtool -K {end} gro on");
        }
        test();
    });
}

fn config(mode: Mode) -> Config {
    Config {
        ports: ["p0".into(), "p1".into()],
        mode,
        ring_frames: limits::XDP_FRAMES_MIN,
        tap_frames: 512,
        ..Config::default()
    }
}

fn sized(n: usize) -> Packet {
    Packet { payload: vec![n as u8; n], ports: [n as u16, 4000], ..Packet::default() }
}

/// A host: what it sends, and what comes in.
struct Host {
    sender: Sender,
    capture: AfPacket,
}

impl Host {
    fn new(name: &str) -> Self {
        Self { sender: Sender::new(name), capture: netns::open(&netns::config(name)) }
    }
}

/// The two hosts, once the wire between them is up in both directions. Returns how many frames
/// were sent in doing so.
fn hosts() -> ([Host; 2], u64) {
    let mut hosts = [Host::new("e0"), Host::new("e1")];
    let mut sent = 0;
    for n in [0, 1] {
        let mut seen = Vec::new();
        let start = Instant::now();
        while seen.is_empty() {
            assert!(start.elapsed() < PATIENCE, "the wire does not come up");
            hosts[n].sender.marker();
            sent += 1;
            netns::receive(&mut hosts[1 - n].capture, 64, &mut seen);
        }
        let last = Packet { ports: [2, netns::MARKER], ..Packet::default() };
        hosts[n].sender.send(&last.ethernet());
        sent += 1;
        let is_last = |s: &Seen| s.ports() == [2, netns::MARKER];
        until(&mut hosts[1 - n].capture, 64, &mut seen, |seen| seen.iter().any(is_last));
    }
    // What each sent, it also saw going out.
    for host in &mut hosts {
        let mut own = Vec::new();
        take(&mut host.capture, 64, &mut own);
    }
    (hosts, sent)
}

/// Frames that came in, not those that went out: their first port tells.
fn arrived(host: &mut Host, count: usize, wanted: impl Fn(&Seen) -> bool) -> Vec<Vec<u8>> {
    let mut seen = Vec::new();
    let matches = |seen: &[Seen]| seen.iter().filter(|s| wanted(s)).count();
    until(&mut host.capture, 64, &mut seen, |seen| matches(seen) >= count);
    seen.into_iter().filter(|s| wanted(s)).map(|s| s.data).collect()
}

/// Waits until nothing is under way any more: the numbers add up.
fn settled(bridge: &Bridge) -> [inline::Counts; 2] {
    let start = Instant::now();
    loop {
        let counts = bridge.counts();
        let adds_up = counts.iter().all(|c| {
            c.program.seen == c.program.redirected + c.program.forwarded + c.program.unclaimed
                && c.program.redirected == c.received + c.dropped
                && c.received == c.sent + c.no_room + c.device_dropped
                && c.received == c.tapped + c.unread
        });
        if adds_up {
            return counts;
        }
        assert!(start.elapsed() < PATIENCE, "{counts:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn open(config: &Config) -> (Bridge, Vec<Tap>) {
    let (bridge, taps) = inline::open(config).expect("the ports were just made");
    eprintln!("{}; {:?}; {:?}", bridge.kind(), bridge.choices(), bridge.notes());
    (bridge, taps)
}

#[test]
fn frames_pass_both_ways_unchanged_and_are_shown_once() {
    for (mode, mtu) in
        [(Mode::Driver, 1500), (Mode::Generic, 1500), (Mode::Driver, 9000), (Mode::Generic, 9000)]
    {
        with_hosts(1, mtu, move || {
            let (bridge, mut taps) = open(&config(mode));
            let tap = &mut taps[0];
            let ([mut e0, mut e1], _) = hosts();
            // A frame is shown a moment after it was sent on.
            settled(&bridge);
            let mut seen = Vec::new();
            take(tap, 64, &mut seen);
            let before = now_ns();
            let frame = |n: usize, from: u16| {
                let bytes = (n * 37) % (mtu as usize - 60);
                let hosts = [from + 1, n as u16];
                let tag = n.is_multiple_of(5).then_some(9);
                Packet { ipv6: n.is_multiple_of(3), hosts, tag, ..sized(bytes) }.ethernet()
            };
            const EACH: usize = 400;
            let mut shown = [Vec::new(), Vec::new()];
            let mut look = |tap: &mut Tap| {
                let batch = tap.acquire(33).expect("the ports are there");
                for i in 0..batch.len() {
                    let f = batch.frame(i);
                    assert!(f.time_ns >= before && f.time_ns <= now_ns());
                    assert_eq!(f.wire_len as usize, f.data.len());
                    shown[f.interface as usize].push(f.data.to_vec());
                }
                let any = !batch.is_empty();
                tap.release();
                any
            };
            for n in 0..EACH {
                e0.sender.send(&frame(n, 0));
                e1.sender.send(&frame(n, 1));
                if n % 16 == 15 {
                    // The tap has room for these, however late they come.
                    let start = Instant::now();
                    let came = |b: &Bridge| b.counts().iter().all(|c| c.received > n as u64);
                    while !came(&bridge) || look(tap) {
                        assert!(start.elapsed() < PATIENCE, "{:?}", bridge.counts());
                    }
                }
            }
            let from = |host: u8| {
                move |s: &Seen| {
                    let l2 = if s.data[12] == 0x81 { 18 } else { 14 };
                    let source = if s.data[l2] >> 4 == 4 { l2 + 15 } else { l2 + 23 };
                    s.data.get(source) == Some(&(host + 1)) && s.ports()[1] != netns::MARKER
                }
            };
            // The stack of the receiving host takes tags out.
            let untagged = |mut f: Vec<u8>| {
                if f[12] == 0x81 {
                    f.drain(12..16);
                }
                f
            };
            let at_e1 = arrived(&mut e1, EACH, from(0));
            let at_e0 = arrived(&mut e0, EACH, from(1));
            let sent = |from| (0..EACH).map(|n| frame(n, from)).collect::<Vec<_>>();
            let stripped = |from| sent(from).into_iter().map(untagged).collect::<Vec<_>>();
            assert_eq!(at_e1, stripped(0));
            assert_eq!(at_e0, stripped(1));
            let start = Instant::now();
            while look(tap) || settled(&bridge).iter().map(|c| c.tapped).sum::<u64>() < 800 {
                assert!(start.elapsed() < PATIENCE);
            }
            while look(tap) {}
            for (n, shown) in shown.iter().enumerate() {
                assert_eq!(*shown, sent(n as u16), "port {n}");
            }
            let counts = settled(&bridge);
            for c in counts {
                assert_eq!((c.dropped, c.no_room, c.device_dropped, c.unread), (0, 0, 0, 0));
                assert!(c.received >= EACH as u64);
            }
            assert_eq!(tap.interfaces()[1].name, "p1");
        });
    }
}

#[test]
fn a_slow_agent_delays_nothing_and_what_it_misses_is_counted() {
    with_hosts(1, 1500, || {
        let (bridge, mut taps) = open(&config(Mode::Driver));
        let ([e0, mut e1], warm) = hosts();
        // Nobody reads the tap.
        const SENT: u64 = 3000;
        let mut got = Vec::new();
        for n in 0..SENT {
            e0.sender.send(&Packet { ports: [7, 8], ..sized(n as usize % 900) }.ethernet());
            if n % 100 == 0 {
                take(&mut e1.capture, 64, &mut got);
            }
        }
        let wanted = |s: &Seen| s.ports()[1] == 8;
        until(&mut e1.capture, 64, &mut got, |got| {
            got.iter().filter(|s| wanted(s)).count() as u64 >= SENT
        });
        let counts = settled(&bridge);
        assert_eq!(counts[0].received + counts[1].received, SENT + warm);
        assert_eq!(counts[0].tapped + counts[1].tapped, 512);
        assert_eq!(counts[0].sent, counts[0].received);
        // Later it reads again.
        let mut seen = Vec::new();
        take(&mut taps[0], 64, &mut seen);
        assert_eq!(seen.len(), 512);
        let before = settled(&bridge)[0].tapped;
        let start = Instant::now();
        while settled(&bridge)[0].tapped == before {
            assert!(start.elapsed() < PATIENCE);
            e0.sender.marker();
        }
        seen.clear();
        until(&mut taps[0], 64, &mut seen, |seen| seen.iter().any(Seen::is_marker));
    });
}

#[test]
fn what_the_other_port_cannot_take_is_counted() {
    with_hosts(1, 1500, || {
        let (bridge, mut taps) = open(&config(Mode::Driver));
        let ([e0, e1], _) = hosts();
        drop(e1);
        let before = settled(&bridge)[0];
        assert!(ip("link set p1 down"));
        const SENT: u64 = 5000;
        let mut seen = Vec::new();
        for n in 0..SENT {
            e0.sender.send(&sized(n as usize % 500).ethernet());
            if n % 64 == 0 {
                take(&mut taps[0], 64, &mut seen);
            }
        }
        // Some wait in the ring for the port to come up.
        let start = Instant::now();
        let lost = loop {
            let now = bridge.counts()[0];
            let lost = now.no_room + now.dropped - before.no_room - before.dropped;
            if now.received + now.dropped - before.received - before.dropped == SENT {
                break lost;
            }
            assert!(start.elapsed() < PATIENCE, "{now:?}");
        };
        assert!(lost > 0 && lost < SENT, "{lost}");
        let now = settled(&bridge)[0];
        assert_eq!(now.sent - before.sent + lost + now.device_dropped, SENT);
    });
}

#[test]
fn several_queues_are_joined_one_by_one() {
    with_hosts(2, 1500, || {
        let (bridge, mut taps) = open(&config(Mode::Driver));
        assert_eq!(taps.len(), 2);
        let ([e0, mut e1], _) = hosts();
        const FLOWS: u16 = 400;
        let mut got = Vec::new();
        for flow in 0..FLOWS {
            e0.sender.send(&Packet { ports: [3000 + flow, 8], ..sized(50) }.ethernet());
            take(&mut e1.capture, 64, &mut got);
        }
        let wanted = |s: &Seen| s.ports()[1] == 8;
        until(&mut e1.capture, 64, &mut got, |got| {
            got.iter().filter(|s| wanted(s)).count() >= usize::from(FLOWS)
        });
        let counts = settled(&bridge);
        assert_eq!(counts[0].sent, counts[0].received);
        let mut shown = Vec::new();
        for tap in &mut taps {
            let mut seen = Vec::new();
            take(tap, 64, &mut seen);
            assert!(seen.iter().filter(|s| wanted(s)).count() > 50, "one queue had all");
            shown.extend(seen);
        }
        assert_eq!(shown.iter().filter(|s| wanted(s)).count(), usize::from(FLOWS));
    });
}

/// Programs on a port, as the kernel tells.
fn programs(port: &str) -> Vec<XdpMode> {
    let index = interfaces::find(port).expect("it exists").index;
    let device = Device::ask(index).expect("it exists");
    device.programs.iter().map(|p| p.mode).collect()
}

/// The kernel lets go of a pin a moment after its file is gone, and a test beside this one may just
/// be starting a program, which holds a copy of every descriptor until it has begun.
fn until_apart() {
    let start = Instant::now();
    while programs("p0").len() + programs("p1").len() > 0 {
        assert!(start.elapsed() < PATIENCE, "the programs stay");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn without_a_pin_the_ports_are_apart_when_it_ends() {
    with_hosts(1, 1500, || {
        let (bridge, mut taps) = open(&config(Mode::Driver));
        assert!(bridge.notes().iter().any(|n| n.contains("without a pin")));
        let (_hosts, _) = hosts();
        drop(bridge);
        until_apart();
        // What was lent can still be read; then there is no more.
        let start = Instant::now();
        while !taps[0].finished() {
            assert!(start.elapsed() < PATIENCE);
            let batch = taps[0].acquire(64).expect("it ended in order");
            assert!(batch.len() <= 64);
        }
    });
}

#[test]
fn a_port_that_is_removed_ends_it_with_an_error() {
    with_hosts(1, 1500, || {
        let (bridge, mut taps) = open(&config(Mode::Driver));
        let (_hosts, _) = hosts();
        let mut seen = Vec::new();
        take(&mut taps[0], 64, &mut seen);
        assert!(ip("link delete e1"));
        let error = netns::until_error(&mut taps[0]).to_string();
        assert!(error.contains("p0 or p1"), "{error}");
        assert!(taps[0].finished() && bridge.ended());
    });
}

#[test]
fn ports_that_make_no_wire_are_refused() {
    with_hosts(1, 1500, || {
        assert!(ip("link add x0 numrxqueues 2 numtxqueues 2 type veth peer name x1"));
        for ports in [["p0", "x0"], ["p0", "p0"]] {
            let ports = ports.map(String::from);
            let error = inline::open(&Config { ports, ..config(Mode::Driver) }).err();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains("cannot be joined"), "{text}");
        }
        let pin = Some(PathBuf::from("/tmp/fathom-not-a-bpf-file-system"));
        let error = inline::open(&Config { pin, ..config(Mode::Driver) }).err();
        let text = error.map(|e| e.to_string()).unwrap_or_default();
        assert!(text.contains("BPF file system"), "{text}");
        let _ = std::fs::remove_dir("/tmp/fathom-not-a-bpf-file-system");
        assert_eq!(programs("p0"), []);
    });
}

/// A BPF file system that only this thread and its children see, gone with them.
fn bpf_file_system() -> Option<tempfile::TempDir> {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    let path = std::ffi::CString::new(dir.path().to_str().expect("it is text")).expect("no zero");
    // SAFETY: the strings live across the calls; only this thread changes its namespace.
    let mounted = unsafe {
        libc::unshare(libc::CLONE_NEWNS) == 0
            && libc::mount(
                c"none".as_ptr(),
                c"/".as_ptr(),
                std::ptr::null(),
                libc::MS_REC | libc::MS_PRIVATE,
                std::ptr::null(),
            ) == 0
            && libc::mount(c"bpf".as_ptr(), path.as_ptr(), c"bpf".as_ptr(), 0, std::ptr::null())
                == 0
    };
    if !mounted {
        eprintln!("SKIPPED: no BPF file system: {}", std::io::Error::last_os_error());
        return None;
    }
    Some(dir)
}

/// Set for the process that a test starts to end it.
const CHILD: &str = "FATHOM_TEST_INLINE_CHILD";

/// Not a test of its own: what the process that is to be ended does. It joins the ports in the
/// network namespace of its parent, says so and reads.
#[test]
fn child() {
    let Ok(pin) = std::env::var(CHILD) else { return };
    let mode = if pin.ends_with("generic") { Mode::Generic } else { Mode::Driver };
    let (bridge, mut taps) = open(&Config { pin: Some(pin.into()), ..config(mode) });
    eprintln!("joined {}", taps.len());
    while !bridge.ended() {
        let batch = taps[0].acquire(64).expect("the ports are there");
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

fn start_child(pin: &Path) -> Ended {
    let this = std::env::current_exe().expect("the test's own program");
    let mut child = Ended(
        Command::new(this)
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, pin)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it can be started again"),
    );
    let lines = BufReader::new(child.0.stderr.take().expect("it was asked for")).lines();
    let ready = lines.map_while(Result::ok).any(|line| line.contains("joined 1"));
    assert!(ready, "the child did not join the ports");
    child
}

/// Frames pass both ways right now.
fn assert_wire(hosts: &mut [Host; 2], n: u16) {
    for from in [0, 1] {
        let port = 100 + 2 * n + from as u16;
        for size in 0..200 {
            let packet = Packet { ports: [size as u16, port], ..sized(size) };
            hosts[from].sender.send(&packet.ethernet());
        }
        let start = Instant::now();
        let mut seen = Vec::new();
        let came = |seen: &[Seen]| seen.iter().filter(|s| s.ports()[1] == port).count();
        while came(&seen) < 200 {
            netns::receive(&mut hosts[1 - from].capture, 64, &mut seen);
            if start.elapsed() > PATIENCE {
                let _ = Command::new("ip").args(["-s", "link"]).status();
                panic!("round {n}, from {from}: {} of 200 came", came(&seen));
            }
        }
    }
}

#[test]
fn pinned_the_wire_holds_through_kill_and_restart() {
    for kind in ["driver", "generic"] {
        with_hosts(1, 1500, move || {
            let Some(dir) = bpf_file_system() else { return };
            let pin = dir.path().join(kind);
            let mut child = start_child(&pin);
            let (mut hosts, _) = hosts();
            assert_wire(&mut hosts, 0);
            for round in 0..3 {
                child.0.kill().expect("it runs");
                child.0.wait().expect("it was started here");
                // Nobody is there, and frames pass.
                assert_eq!(programs("p0").len(), 1);
                assert_wire(&mut hosts, 10 * round + 1);
                child = start_child(&pin);
                assert_wire(&mut hosts, 10 * round + 2);
            }
            drop(child);
            // A new version takes the programs over, in the mode in which they run.
            let mode = if kind == "driver" { Mode::Driver } else { Mode::Generic };
            let config = Config { pin: Some(pin.clone()), ..config(mode) };
            let (bridge, taps) = open(&config);
            assert!(bridge.choices().iter().any(|c| c.starts_with("took over")));
            assert_eq!(bridge.pins(), [pin.join("p0"), pin.join("p1")]);
            assert!(bridge.kind().contains(kind), "{}", bridge.kind());
            assert_wire(&mut hosts, 90);
            assert!(settled(&bridge).iter().all(|c| c.tapped >= 200));
            drop((bridge, taps));
            assert_wire(&mut hosts, 91);
            let (bridge, _taps) = open(&config);
            bridge.dismantle().expect("it was pinned here");
            until_apart();
            assert!(!pin.join("p0").exists());
        });
    }
}

#[test]
fn pinned_an_orderly_restart_under_traffic_loses_no_frame() {
    with_hosts(1, 1500, || {
        let Some(dir) = bpf_file_system() else { return };
        let config = Config { pin: Some(dir.path().join("x")), ..config(Mode::Driver) };
        let mut running = Some(open(&config));
        let ([e0, mut e1], _) = hosts();
        const STEPS: usize = 40;
        const EACH: usize = 100;
        let mut seen = Vec::new();
        for step in 0..STEPS {
            for n in 0..EACH {
                let id = (step * EACH + n) as u16;
                e0.sender.send(&Packet { ports: [id, 77], ..sized(n) }.ethernet());
                // In the middle of the traffic, with frames under way.
                if n == 50 && step % 4 == 1 {
                    running = None;
                } else if n == 50 && step % 4 == 3 {
                    running = Some(open(&config));
                }
            }
            let start = Instant::now();
            let came = |seen: &[Seen]| seen.iter().filter(|s| s.ports()[1] == 77).count();
            while came(&seen) < (step + 1) * EACH {
                netns::receive(&mut e1.capture, 64, &mut seen);
                assert!(start.elapsed() < PATIENCE, "step {step}: {} came", came(&seen));
            }
        }
        let mut ids: Vec<_> =
            seen.iter().filter(|s| s.ports()[1] == 77).map(|s| s.ports()[0]).collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..(STEPS * EACH) as u16).collect::<Vec<_>>());
        let (bridge, _taps) = running.expect("the last step opened it");
        bridge.dismantle().expect("it was pinned here");
        until_apart();
    });
}
