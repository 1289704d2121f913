//! AF_XDP sources over a wire in a network namespace, in both modes: every frame that was sent
//! arrives whole, in order and with its time, or is counted; nothing stays behind.
//!
//! Needs the right to make a network namespace and to load XDP programs; says that it is skipped
//! elsewhere.

#[path = "support/netns.rs"]
mod netns;
#[path = "support/packets.rs"]
mod packets;

use std::time::{SystemTime, UNIX_EPOCH};

use fathom_ebpf::blast::Blaster;
use fathom_ring::xdp::{self, Config, Mode, Xdp};
use fathom_ring::{Error, LinkType, Source, bpf};
use netns::{Sender, take, until_marker_after, with_wire};
use packets::Packet;

fn now_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
}

fn sized(payload: usize) -> Packet {
    Packet { payload: vec![payload as u8; payload], ..Packet::default() }
}

fn config(mode: Mode) -> Config {
    Config { interface: "v1".into(), mode, ring_frames: 4096, ..Config::default() }
}

/// The only queue of the interface.
fn open(config: &Config) -> Xdp {
    let mut sources = xdp::open(config).expect("the interface was just made");
    assert_eq!(sources.len(), 1);
    sources.remove(0)
}

/// Runs `test` in driver and in generic mode, each over a new wire.
fn with_both(test: fn(Mode)) {
    for mode in [Mode::Driver, Mode::Generic] {
        with_wire(move || test(mode));
    }
}

#[test]
fn frames_arrive_whole_in_order_and_with_their_time() {
    with_both(|mode| {
        let mut source = open(&config(mode));
        eprintln!("{}; {:?}; {:?}", source.describe(), source.choices(), source.notes());
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let before = now_ns();
        let (mut seen, mut expected) = (Vec::new(), Vec::new());
        for n in 0..600 {
            take(&mut source, 7, &mut seen);
            let packet = Packet { ipv6: n % 3 == 0, ..sized(n * 2) };
            let packet = if n % 7 == 0 { Packet { protocol: 6, ..packet } } else { packet };
            let tag = (n % 5 == 0).then_some(0x6000 | n as u16);
            let frame = Packet { tag, ..packet }.ethernet();
            sender.send(&frame);
            expected.push(frame);
        }
        sender.marker();
        let seen = until_marker_after(&mut source, 64, seen);
        let after = now_ns();
        assert_eq!(seen.len(), expected.len());
        let mut last = before;
        for (frame, data) in seen.iter().zip(&expected) {
            assert_eq!(&frame.data, data);
            assert_eq!(frame.wire_len as usize, data.len());
            assert_eq!(frame.link, LinkType::Ethernet);
            assert!(last <= frame.time_ns && frame.time_ns <= after);
            last = frame.time_ns;
        }
        let counts = source.counts();
        assert_eq!(counts.program.seen, counts.program.redirected);
        assert_eq!(counts.program.redirected, counts.received);
        let counters = source.counters();
        assert_eq!((counters.dropped_kernel, counters.truncated), (0, 0));
        let [v1] = source.interfaces() else { panic!("one interface") };
        assert_eq!((v1.name.as_str(), v1.mac), ("v1", [2, 0, 0, 0, 0, 2]));
    });
}

/// A frame with these UDP ports, plain and in other clothes.
fn dressed(ports: [u16; 2]) -> Vec<Vec<u8>> {
    let plain = Packet { ports, ..sized(20) };
    vec![
        plain.ethernet(),
        Packet { protocol: 6, ..plain.clone() }.ethernet(),
        Packet { ipv6: true, ..plain.clone() }.ethernet(),
        Packet { tag: Some(7), ..plain.clone() }.ethernet(),
        Packet { options: 3, ..plain.clone() }.ethernet(),
        Packet { options: 10, tag: Some(7), ..plain }.ethernet(),
    ]
}

#[test]
fn excluded_ports_go_on_to_the_host_and_the_others_do_not() {
    with_both(|mode| {
        let mut source = open(&Config { exclude_ports: vec![53, 20_033], ..config(mode) });
        // What the host sees of it.
        let mut host = netns::open(&netns::config("v1"));
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let before = source.counts().program;
        let (mut kept, mut passed) = (Vec::new(), Vec::new());
        for ports in [[53, 4000], [4000, 20_033], [52, 54], [53 << 8, 20_034]] {
            for frame in dressed(ports) {
                sender.send(&frame);
                let to = if ports.contains(&53) || ports.contains(&20_033) {
                    &mut passed
                } else {
                    &mut kept
                };
                to.push(frame);
            }
        }
        // Those of another protocol, those behind the first fragment, and those that are cut have
        // no ports.
        for frame in [
            Packet { ports: [53, 53], protocol: 47, ..sized(4) }.ethernet(),
            Packet { ports: [53, 53], fragment_offset: 1, ..sized(4) }.ethernet(),
            Packet { ports: [53, 53], ..sized(0) }.ethernet()[..37].to_vec(),
            vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0],
        ] {
            sender.send(&frame);
            kept.push(frame);
        }
        sender.marker();
        let seen = netns::until_marker(&mut source, 64);
        let seen: Vec<_> = seen.into_iter().map(|s| s.data).collect();
        assert_eq!(seen, kept);
        let mut at_host = Vec::new();
        netns::until(&mut host, 64, &mut at_host, |seen| seen.len() >= passed.len());
        // The stack takes tags out.
        for (seen, sent) in at_host.iter().zip(&passed) {
            assert_eq!(seen.wire_len as usize, sent.len());
            assert!(sent.ends_with(&seen.data[14..]));
        }
        assert_eq!(at_host.len(), passed.len());
        let after = source.counts().program;
        assert_eq!(after.own - before.own, passed.len() as u64);
        assert_eq!(after.redirected - before.redirected, kept.len() as u64 + 1);
        assert_eq!((after.foreign, after.unclaimed, after.forwarded), (0, 0, 0));
        assert_eq!(after.seen, after.own + after.redirected);
    });
}

#[test]
fn only_wanted_ports_and_what_the_filter_takes_are_captured() {
    with_both(|mode| {
        let filter = bpf::Program::new(vec![
            bpf::Insn { code: 0x80, jt: 0, jf: 0, k: 0 },
            bpf::Insn { code: 0x25, jt: 0, jf: 1, k: 100 },
            bpf::Insn { code: 0x06, jt: 0, jf: 0, k: 0 },
            bpf::Insn { code: 0x06, jt: 0, jf: 0, k: 50 },
        ])
        .expect("a valid program");
        let mut source = open(&Config {
            only_ports: vec![80, netns::MARKER],
            exclude_ports: vec![8080],
            filter: Some(filter),
            ..config(mode)
        });
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let before = source.counts();
        let mut wanted = 0;
        for n in 0..500 {
            let ports = [[80, 1000], [1000, 80], [80, 8080], [81, 1000]][n % 4];
            sender.send(&Packet { ports, ..sized(20) }.ethernet());
            sender.send(&Packet { ports, ..sized(200) }.ethernet());
            wanted += u64::from(n % 4 < 2);
        }
        sender.marker();
        let seen = netns::until_marker(&mut source, 64);
        assert_eq!(seen.len() as u64, wanted);
        assert!(seen.iter().all(|s| s.data.len() == 50 && s.wire_len == 62));
        let after = source.counts();
        assert_eq!(after.filtered - before.filtered, wanted);
        assert_eq!(after.program.own - before.program.own, 250);
        assert_eq!(after.program.foreign - before.program.foreign, 250);
        assert_eq!(after.program.redirected, after.received + after.filtered);
    });
}

#[test]
fn a_full_ring_drops_and_counts_and_goes_on() {
    with_both(|mode| {
        let mut source = open(&Config { ring_frames: 2048, ..config(mode) });
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        for round in 0..3 {
            let before = source.counts();
            const SENT: u64 = 5000;
            for n in 0..SENT {
                sender.send(&sized(n as usize % 1000).ethernet());
            }
            // In generic mode the stack handles them a moment after they were sent.
            let start = std::time::Instant::now();
            while source.counts().program.seen - before.program.seen < SENT {
                assert!(start.elapsed().as_secs() < 20, "{:?}", source.counts());
            }
            assert_eq!(source.backlog(), 100);
            let mut seen = Vec::new();
            take(&mut source, 64, &mut seen);
            let after = source.counts();
            let dropped = after.dropped + after.ring_full - before.dropped - before.ring_full;
            assert_eq!(after.program.redirected - before.program.redirected, SENT);
            assert_eq!(seen.len() as u64 + dropped, SENT, "round {round}: {after:?}");
            assert_eq!(seen.len(), 2048);
            assert_eq!(source.counters().dropped_kernel, after.dropped + after.ring_full);
            assert!(source.counters().full > 0);
        }
        sender.marker();
        assert_eq!(netns::until_marker(&mut source, 64), []);
        assert_eq!(source.backlog(), 0);
    });
}

#[test]
fn the_ring_is_walked_round_in_batches_of_any_size() {
    with_both(|mode| {
        let mut source = open(&Config { ring_frames: 2048, huge_pages: false, ..config(mode) });
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        for round in 0..60u16 {
            let max = 1 + usize::from(round % 9) * 40;
            let mut seen = Vec::new();
            let frame = |n| Packet { hosts: [round, n], ..sized(usize::from(n)) }.ethernet();
            for n in 0..300 {
                sender.send(&frame(n));
                if n % 50 == 0 {
                    // Looking at the next frame's time must change nothing.
                    let head = source.head_ns();
                    assert!(head.is_none_or(|h| h <= now_ns()));
                    take(&mut source, max, &mut seen);
                }
            }
            sender.marker();
            let seen = until_marker_after(&mut source, max, seen);
            let data: Vec<_> = seen.iter().map(|s| s.data.clone()).collect();
            assert_eq!(data, (0..300).map(frame).collect::<Vec<_>>());
        }
        assert_eq!(source.counters().dropped_kernel, 0);
    });
}

#[test]
fn the_oldest_frame_is_known_before_it_is_taken() {
    with_both(|mode| {
        let mut source = open(&config(mode));
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        assert_eq!(source.head_ns(), None);
        for _ in 0..3 {
            sender.marker();
        }
        let mut times = Vec::new();
        let start = std::time::Instant::now();
        while times.len() < 3 {
            assert!(start.elapsed().as_secs() < 20, "{times:?}");
            let head = source.head_ns();
            let batch = source.acquire(1).expect("the interface is there");
            if batch.is_empty() {
                continue;
            }
            // The frame's own time comes from the same stamp.
            let time = batch.frame(0).time_ns;
            assert!(head.is_none_or(|h| h == time), "{head:?} {time}");
            times.push(time);
            source.release();
        }
        assert!(times.is_sorted());
    });
}

#[test]
fn without_kernel_time_frames_have_that_of_their_reading() {
    with_both(|mode| {
        let mut source = open(&Config { kernel_time: false, snaplen: 40, ..config(mode) });
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        sender.send(&sized(100).ethernet());
        sender.marker();
        let start = std::time::Instant::now();
        while source.backlog() == 0 && start.elapsed().as_secs() < 1 {
            std::thread::yield_now();
        }
        let before = now_ns();
        let seen = netns::until_marker(&mut source, 64);
        assert!(seen[0].time_ns >= before && seen[0].time_ns <= now_ns());
        assert_eq!((seen[0].data.len(), seen[0].wire_len), (40, 142));
        assert!(source.counters().truncated >= 1);
    });
}

#[test]
fn each_queue_has_its_source_and_loses_nothing() {
    for mode in [Mode::Driver, Mode::Generic] {
        netns::with_wire_of(3, 1500, move || {
            let mut sources = xdp::open(&config(mode)).expect("the interface was just made");
            assert_eq!(sources.len(), 3);
            eprintln!("{}", sources[2].describe());
            for source in &sources {
                assert!(source.describe().contains("of 3"), "{}", source.describe());
            }
            let sender = Sender::new("v0");
            let start = std::time::Instant::now();
            // Until the wire is up, then until it is quiet.
            while sources.iter().all(|s| s.counts().program.seen == 0) {
                assert!(start.elapsed().as_secs() < 20);
                sender.marker();
            }
            let mut seen: Vec<Vec<netns::Seen>> = vec![Vec::new(); 3];
            let drain = |sources: &mut Vec<Xdp>, seen: &mut Vec<Vec<netns::Seen>>| {
                for (source, seen) in sources.iter_mut().zip(seen) {
                    take(source, 32, seen);
                }
            };
            const FLOWS: u16 = 300;
            for _ in 0..4 {
                for flow in 0..FLOWS {
                    let packet = Packet { ports: [2000 + flow, 443], ..sized(flow.into()) };
                    sender.send(&packet.ethernet());
                    drain(&mut sources, &mut seen);
                }
            }
            let flow = |s: &netns::Seen| s.ports()[0].wrapping_sub(2000);
            let start = std::time::Instant::now();
            let of_flows = |seen: &[netns::Seen]| seen.iter().filter(|s| flow(s) < FLOWS).count();
            while seen.iter().map(|s| of_flows(s)).sum::<usize>() < 4 * usize::from(FLOWS) {
                assert!(start.elapsed().as_secs() < 20);
                drain(&mut sources, &mut seen);
            }
            // Of each flow, all in one place.
            for f in 0..FLOWS {
                let counts: Vec<_> =
                    seen.iter().map(|s| s.iter().filter(|s| flow(s) == f).count()).collect();
                assert!(counts.contains(&4), "flow {f}: {counts:?}");
            }
            assert!(seen.iter().filter(|s| of_flows(s) > 30).count() > 1, "one queue got all");
            for (source, seen) in sources.iter().zip(&seen) {
                let counts = source.counts();
                assert_eq!(counts.program.seen, counts.program.redirected);
                assert_eq!(counts.program.redirected, counts.received);
                assert_eq!(counts.received, seen.len() as u64);
            }
        });
    }
}

#[test]
fn jumbo_frames_arrive_whole() {
    for mode in [Mode::Driver, Mode::Generic] {
        netns::with_wire_of(1, 9000, move || {
            assert!(netns::ip("link set v0 mtu 9000"));
            let mut source = open(&config(mode));
            assert!(source.describe().contains("multi-buffer"), "{}", source.describe());
            let sender = Sender::new("v0");
            sender.warm_up(&mut source);
            let frame = |n: usize| {
                let bytes = (0..8972 - n * 31 % 8000).map(|b| (b * 7 + n) as u8).collect();
                Packet { payload: bytes, ports: [n as u16, 9], ..Packet::default() }.ethernet()
            };
            // More in a batch than there is room to put together at once.
            for n in 0..120 {
                sender.send(&frame(n));
            }
            sender.marker();
            let seen = netns::until_marker(&mut source, 256);
            assert_eq!(seen.len(), 120);
            for (n, seen) in seen.iter().enumerate() {
                assert_eq!(seen.data, frame(n), "frame {n}");
                assert_eq!(seen.wire_len as usize, seen.data.len());
            }
            let counters = source.counters();
            assert_eq!((counters.truncated, counters.dropped_kernel, counters.merged), (0, 0, 0));
        });
    }
}

#[test]
fn uncut_segments_arrive_in_generic_mode_and_say_what_they_stand_for() {
    netns::with_wire_of(1, 1500, || {
        let mut source = open(&config(Mode::Generic));
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let payload: Vec<u8> = (0..40_000u32).map(|n| (n % 251) as u8).collect();
        let packet = Packet { protocol: 6, payload, ..Packet::default() };
        Sender::new("v0").send_uncut(&packet.ethernet(), 1460);
        sender.marker();
        let mut found = None;
        let start = std::time::Instant::now();
        while found.is_none() {
            assert!(start.elapsed().as_secs() < 20, "{:?}", source.counts());
            let batch = source.acquire(64).expect("the interface is there");
            if !batch.is_empty() {
                let frame = batch.frame(0);
                found = Some((frame.data.len(), frame.segment, frame.data[54..].to_vec()));
            }
            source.release();
        }
        let (len, segment, payload) = found.expect("it was found");
        assert_eq!((len, segment), (40_054, 1460));
        assert_eq!(payload, packet.payload);
        assert_eq!(source.counters().merged, 1);
    });
}

#[test]
fn interfaces_that_are_down_or_removed() {
    with_both(|mode| {
        assert!(netns::ip("link set v1 down"));
        let mut source = open(&config(mode));
        assert!(source.notes().iter().any(|n| n.contains("v1 is down")), "{:?}", source.notes());
        for _ in 0..2 {
            assert!(source.acquire(8).is_ok_and(|batch| batch.is_empty()));
            assert!(netns::ip("link set v1 up"));
            Sender::new("v0").warm_up(&mut source);
            assert!(netns::ip("link set v1 down"));
        }
        assert!(netns::ip("link delete v0"));
        let error = netns::until_error(&mut source);
        assert!(matches!(error, Error::NoInterface(name) if name == "v1"));
        assert!(source.finished());
        assert!(source.counters().received > 0);
    });
}

/// Every frame that a sender far faster than the reader sends is received, or counted at the place
/// where it was lost; and while the reader keeps up, none is lost.
#[test]
fn overload_is_counted_exactly() {
    with_both(|mode| {
        // The driver of the other end takes frames of an XDP program only so.
        let done = std::process::Command::new("ethtool").args(["-K", "v1", "gro", "on"]).status();
        assert!(done.is_ok_and(|s| s.success()), "ethtool -K v1 gro on");
        let mut source = open(&Config { exclude_ports: vec![53], ..config(mode) });
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let out = fathom_ring::interfaces::find("v0").expect("it exists").index;
        // Many flows, TCP and UDP, both versions of IP, lengths from least to full.
        let frames: Vec<Vec<u8>> = (0..997usize)
            .map(|n| {
                let ports = [2000 + n as u16, if n % 10 == 9 { 53 } else { 443 }];
                let packet = Packet { ports, hosts: [n as u16, 9], ipv6: n % 3 == 1, ..sized(n) };
                if n % 2 == 0 { Packet { protocol: 6, ..packet } } else { packet }.ethernet()
            })
            .collect();
        let table: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        let mut blaster = match Blaster::load(out, 256, &table) {
            Ok(blaster) => blaster,
            Err(e) => return eprintln!("SKIPPED: no sender inside the kernel: {e}"),
        };
        let before = source.counts();
        let device_before = source.device_counters();
        // First without a reader, then with one.
        blaster.send(50_000).expect("the wire is up");
        let stop = std::sync::atomic::AtomicBool::new(false);
        let mut seen = 0;
        std::thread::scope(|s| {
            s.spawn(|| {
                for _ in 0..20 {
                    blaster.send(10_000).expect("the wire is up");
                }
                stop.store(true, std::sync::atomic::Ordering::SeqCst);
            });
            loop {
                let stopped = stop.load(std::sync::atomic::Ordering::SeqCst);
                let batch = source.acquire(64).expect("the interface is there");
                let n = batch.len();
                seen += n;
                source.release();
                if stopped && n == 0 {
                    break;
                }
            }
        });
        let sent = blaster.sent().frames;
        assert_eq!(sent, 250_000);
        let now = source.counts();
        let program = |c: &xdp::Counts| [c.program.seen, c.program.own, c.program.redirected];
        let [saw, own, redirected] = [0, 1, 2].map(|n| program(&now)[n] - program(&before)[n]);
        let dropped = now.dropped + now.ring_full - before.dropped - before.ring_full;
        let device = source.device_counters();
        // In driver mode the device counts what the socket dropped once more.
        let at_device = device.rx_dropped - device_before.rx_dropped;
        let at_device = if mode == Mode::Driver { at_device - dropped } else { at_device };
        eprintln!("{mode:?}: sent {sent} saw {saw} own {own} dropped {dropped} device {at_device}");
        assert_eq!(sent, saw + at_device);
        assert_eq!(saw, own + redirected);
        assert_eq!(redirected, seen as u64 + dropped);
        assert_eq!(now.received - before.received, seen as u64);
        assert!(dropped >= 40_000, "{dropped}");
        let counters = source.counters();
        assert_eq!(counters.dropped_kernel, now.dropped + now.ring_full);
    });
}

#[test]
fn frames_that_come_close_together_are_left_to_collect() {
    with_both(|mode| {
        let mut source = open(&config(mode));
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let mut seen = Vec::new();
        let start = std::time::Instant::now();
        // Until this thread runs long enough without a break to send some hundreds at full speed.
        loop {
            take(&mut source, 64, &mut seen);
            for _ in 0..500 {
                sender.marker();
            }
            take(&mut source, 64, &mut seen);
            match source.pause() {
                Some(pause) => break assert_eq!(pause, fathom_ring::limits::XDP_PAUSE),
                None => assert!(start.elapsed().as_secs() < 20, "never fast enough"),
            }
        }
        // And when nothing came since, the descriptor is waited for again.
        assert!(source.acquire(64).is_ok_and(|batch| batch.is_empty()));
        assert_eq!(source.pause(), None);
    });
}
