//! AF_PACKET rings over a wire in a network namespace: every frame that was sent arrives with its
//! lengths, time and tag, what is excluded does not, and every loss is counted.
//!
//! Needs the right to make a network namespace; says that it is skipped elsewhere.

#[path = "support/netns.rs"]
mod netns;
#[path = "support/packets.rs"]
mod packets;

use std::collections::HashMap;
use std::io::Write;
use std::net::UdpSocket;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fathom_ring::af_packet::{self, Config, FanoutMode};
use fathom_ring::{Error, LinkType, Source, bpf, interfaces, limits};
use netns::{
    Seen, Sender, config, ip, open, receive, take, until, until_error, until_marker,
    until_marker_after, with_wire,
};
use packets::Packet;

fn now_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
}

fn sized(payload: usize) -> Packet {
    Packet { payload: vec![payload as u8; payload], ..Packet::default() }
}

#[test]
fn frames_arrive_whole_and_excluded_ports_do_not() {
    with_wire(|| {
        let exclude = |name| Config { exclude_ports: vec![20_033, 53], ..config(name) };
        let (mut out, mut into) = (open(&exclude("v0")), open(&exclude("v1")));
        let sender = Sender::new("v0");
        sender.warm_up(&mut into);
        until(&mut out, 64, &mut Vec::new(), |s| s.iter().any(|s| s.ports()[0] == 2));

        let before = now_ns();
        let (mut seen_into, mut seen_out) = (Vec::new(), Vec::new());
        let mut expected = Vec::new();
        for n in 0..300 {
            take(&mut into, 7, &mut seen_into);
            take(&mut out, 64, &mut seen_out);
            let base = Packet { ipv6: n % 3 == 0, ..sized(n * 4) };
            let base = if n % 7 == 0 { Packet { protocol: 6, ..base } } else { base };
            sender.send(&base.ethernet());
            expected.push((base.ethernet(), None));
            let tci = 0x6000 | n as u16;
            let tagged = Packet { tag: Some(tci), ..base.clone() };
            sender.send(&tagged.ethernet());
            expected.push((base.ethernet(), Some(tci)));
            for ports in [[53, 4000], [4000, 20_033]] {
                sender.send(&Packet { ports, ..base.clone() }.ethernet());
                sender.send(&Packet { ports, ..tagged.clone() }.ethernet());
            }
        }
        sender.marker();
        let seen_into = until_marker_after(&mut into, 7, seen_into);
        let seen_out = until_marker_after(&mut out, 64, seen_out);
        let after = now_ns();

        assert_eq!(seen_into.len(), expected.len());
        assert_eq!(seen_out.len(), expected.len());
        let mut last = before;
        for ((into, out), (data, tag)) in seen_into.iter().zip(&seen_out).zip(&expected) {
            // Where it comes in, the kernel has taken the tag out of the frame.
            assert_eq!(&into.data, data);
            assert_eq!(into.vlan_tci, tag.unwrap_or(0));
            assert_eq!(into.wire_len as usize, data.len() + if tag.is_some() { 4 } else { 0 });
            assert_eq!(into.link, LinkType::Ethernet);
            assert!(last <= into.time_ns && into.time_ns <= after);
            last = into.time_ns;
            // Where it goes out, it is as it was sent.
            assert_eq!(out.data.len(), into.wire_len as usize);
            assert_eq!(out.wire_len, into.wire_len);
            assert_eq!(out.data[..12], data[..12]);
            assert!(out.data.ends_with(&data[14..]));
        }
        for source in [&mut out, &mut into] {
            let counters = source.counters();
            assert_eq!((counters.dropped_kernel, counters.dropped_corrupt), (0, 0));
            assert!(counters.received > 600 && counters.truncated == 0);
        }
        let [v1] = into.interfaces() else { panic!("one interface") };
        assert_eq!((v1.name.as_str(), v1.mac), ("v1", [2, 0, 0, 0, 0, 2]));
        assert!(into.describe().contains("on v1 (index"), "{}", into.describe());
    });
}

#[test]
fn a_ring_is_walked_round_in_small_batches() {
    with_wire(|| {
        let small = Config { ring_bytes: limits::RING_MIN, ..config("v1") };
        let mut source = open(&small);
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        // Several times what the ring holds.
        for round in 0..60 {
            let max = 1 + usize::from(round % 9);
            let mut seen = Vec::new();
            for n in 0..40 {
                sender.send(&Packet { hosts: [round, n], ..sized(1000) }.ethernet());
                take(&mut source, max, &mut seen);
            }
            sender.marker();
            let seen = until_marker_after(&mut source, max, seen);
            let expected: Vec<Vec<u8>> =
                (0..40).map(|n| Packet { hosts: [round, n], ..sized(1000) }.ethernet()).collect();
            assert_eq!(seen.iter().map(|s| s.data.clone()).collect::<Vec<_>>(), expected);
        }
        assert_eq!(source.counters().dropped_kernel, 0);
    });
}

#[test]
fn a_full_ring_drops_and_counts_and_goes_on() {
    with_wire(|| {
        // A long timeout: each hands over one of the two blocks, even for one frame.
        let block_timeout = Duration::from_millis(100);
        let small = Config { ring_bytes: limits::RING_MIN, block_timeout, ..config("v1") };
        let mut source = open(&small);
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        let already = source.counters().received;
        const SENT: u64 = 2000;
        for _ in 0..SENT {
            sender.send(&sized(1000).ethernet());
        }
        // Everything is in the ring or lost: the wire has no queue.
        let mut seen = Vec::new();
        let kept = SENT - source.counters().dropped_kernel;
        assert!(kept > 0 && kept < SENT, "{kept}");
        until(&mut source, 64, &mut seen, |seen| seen.len() as u64 >= kept);
        let counters = source.counters();
        assert_eq!(counters.received - already + counters.dropped_kernel, SENT);
        assert!(counters.full > 0);
        sender.marker();
        assert_eq!(until_marker(&mut source, 64), []);
    });
}

#[test]
fn frames_are_cut_to_the_snap_length_or_by_the_callers_filter() {
    with_wire(|| {
        let filter = bpf::Program::new(vec![
            bpf::Insn { code: 0x80, jt: 0, jf: 0, k: 0 },
            bpf::Insn { code: 0x25, jt: 0, jf: 1, k: 100 },
            bpf::Insn { code: 0x06, jt: 0, jf: 0, k: 42 },
            bpf::Insn { code: 0x06, jt: 0, jf: 0, k: 0 },
        ])
        .expect("a valid program");
        let mut plain = open(&Config { snaplen: 60, ..config("v1") });
        let mut long = open(&Config { filter: Some(filter.clone()), ..config("v1") });
        let mut both = open(&Config { filter: Some(filter), snaplen: 40, ..config("v1") });
        let sender = Sender::new("v0");
        sender.warm_up(&mut plain);
        let before = plain.counters();
        sender.send(&sized(10).ethernet());
        sender.send(&sized(500).ethernet());
        sender.marker();
        let lengths =
            |seen: &[Seen]| -> Vec<_> { seen.iter().map(|s| (s.data.len(), s.wire_len)).collect() };
        assert_eq!(lengths(&until_marker(&mut plain, 64)), [(52, 52), (60, 542)]);
        let mut seen = Vec::new();
        until(&mut long, 64, &mut seen, |seen| !seen.is_empty());
        until(&mut both, 64, &mut seen, |seen| seen.len() >= 2);
        assert_eq!(lengths(&seen), [(42, 542), (40, 542)]);
        let after = plain.counters();
        assert_eq!(after.truncated - before.truncated, 1);
        assert_eq!(after.bytes - before.bytes, 52 + 542 + 42);
    });
}

#[test]
fn hash_fanout_keeps_both_directions_of_a_flow_together_and_loses_none() {
    with_wire(|| {
        let fanout = Config { fanout: Some((77, FanoutMode::Hash)), ..config("v1") };
        let mut sources = [open(&fanout), open(&fanout)];
        assert!(sources[0].describe().contains("fanout hash in group 77"));
        let (near, far) = (Sender::new("v1"), Sender::new("v0"));
        let mut check = open(&config("v1"));
        far.warm_up(&mut check);
        const FLOWS: u16 = 200;
        let mut seen = [Vec::new(), Vec::new()];
        for _ in 0..3 {
            for flow in 0..FLOWS {
                let there = Packet { ports: [1000 + flow, 80], ipv6: flow % 2 == 0, ..sized(9) };
                let back = Packet {
                    ports: [80, 1000 + flow],
                    hosts: [there.hosts[1], there.hosts[0]],
                    ..there.clone()
                };
                far.send(&there.ethernet());
                near.send(&back.ethernet());
                for (source, seen) in sources.iter_mut().zip(&mut seen) {
                    take(source, 64, seen);
                }
            }
        }
        // What comes after them is not theirs: port 80 tells.
        let mut owner = HashMap::new();
        let mut count = 0;
        let deadline = Instant::now() + Duration::from_secs(20);
        while count < 6 * usize::from(FLOWS) {
            assert!(Instant::now() < deadline, "only {count} frames came");
            for (n, source) in sources.iter_mut().enumerate() {
                receive(source, 64, &mut seen[n]);
                for frame in seen[n].drain(..) {
                    let l4 = if frame.data[12] == 0x86 { 54 } else { 34 };
                    let port = |at: usize| u16::from_be_bytes([frame.data[at], frame.data[at + 1]]);
                    let flow = port(l4).max(port(l4 + 2));
                    if port(l4).min(port(l4 + 2)) != 80 {
                        continue;
                    }
                    count += 1;
                    let first = *owner.entry(flow).or_insert(n);
                    assert_eq!(first, n, "flow {flow} reached both sockets");
                }
            }
        }
        assert_eq!(count, 6 * usize::from(FLOWS));
        assert_eq!(owner.len(), usize::from(FLOWS));
        let second: usize = owner.values().sum();
        assert!(second > 40 && second < 160, "{second} of {FLOWS} flows on one socket");
    });
}

/// What the kernel does with the program is what this process would: each frame, fragments and
/// tunnels included, comes to the socket that its number says.
#[test]
fn a_steering_program_divides_as_the_process_would() {
    with_wire(|| {
        const SOCKETS: u32 = 3;
        let steering = bpf::Steering::new(42, &[4789]).expect("one port");
        let program = steering.program().expect("a valid program");
        let config = Config {
            fanout: Some((0, FanoutMode::Program)),
            steering: Some(program),
            ..config("v1")
        };
        let mut sources = af_packet::open_group(&config, SOCKETS as usize).expect("as one");
        // A number that is free: a second group stands beside the first.
        let beside = af_packet::open_group(&config, 2).expect("as another");
        let group = |s: &af_packet::AfPacket| s.describe().rsplit(' ').next().map(str::to_owned);
        assert_eq!(group(&sources[0]), group(&sources[2]));
        assert_ne!(group(&sources[0]), group(&beside[0]));
        drop(beside);
        let (near, far) = (Sender::new("v1"), Sender::new("v0"));
        let mut seen = [Vec::new(), Vec::new(), Vec::new()];
        let (mut sent, mut warm) = (0, Instant::now());
        let (mut counted, mut per_socket) = (0, [0; SOCKETS as usize]);
        for n in 0..900u16 {
            let mut packet = Packet {
                ipv6: n % 3 == 0,
                protocol: if n % 2 == 0 { 6 } else { 17 },
                hosts: [n % 50, 100 + n % 7],
                ports: [1000 + n, if n % 11 == 0 { 4789 } else { 80 }],
                options: if n % 5 == 0 { 2 } else { 0 },
                ..sized(usize::from(n % 40))
            };
            if n % 13 == 0 {
                packet.fragment_offset = if n % 2 == 0 { 0x2000 } else { 10 };
            }
            let back = Packet {
                hosts: [packet.hosts[1], packet.hosts[0]],
                ports: [packet.ports[1], packet.ports[0]],
                ..packet.clone()
            };
            far.send(&packet.ethernet());
            near.send(&packet.ethernet());
            if n % 11 != 0 {
                // Of a tunnel only the destination port is known.
                near.send(&back.ethernet());
                sent += 1;
            }
            sent += 2;
            for (source, seen) in sources.iter_mut().zip(&mut seen) {
                take(source, 64, seen);
            }
        }
        while counted < sent {
            assert!(warm.elapsed() < Duration::from_secs(20), "{counted} of {sent} frames came");
            for (socket, source) in sources.iter_mut().enumerate() {
                receive(source, 64, &mut seen[socket]);
                for frame in seen[socket].drain(..) {
                    let ip = &frame.data[14..];
                    let (src, dst, mut sport, mut dport) = packets::ends(ip);
                    let bare = ip[0] >> 4 == 4 && ip[6..8] != [0, 0];
                    if bare || (dport == 4789 && packets::protocol(ip) == 17) {
                        (sport, dport) = (0, 0);
                    }
                    let expected = steering.hash(&src, &dst, sport, dport) % SOCKETS;
                    assert_eq!(socket as u32, expected, "{:?}", &ip[..28]);
                    let back = steering.hash(&dst, &src, dport, sport) % SOCKETS;
                    assert_eq!(back, expected, "the other direction");
                    counted += 1;
                    per_socket[socket] += 1;
                    warm = Instant::now();
                }
            }
        }
        assert_eq!(counted, sent);
        assert!(per_socket.iter().all(|n| *n > sent / 10), "{per_socket:?}");
    });
}

/// A stream whose segments the card would cut: few large frames, each with what it stands for.
#[test]
fn merged_frames_say_what_they_stand_for() {
    with_wire(|| {
        assert!(ip("link set lo mtu 1500 up"));
        let mut source = open(&config("lo"));
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback is up");
        let to = server.local_addr().expect("it is bound");
        const BYTES: usize = 400_000;
        let reading = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().expect("somebody connects");
            let mut all = Vec::new();
            std::io::Read::read_to_end(&mut stream, &mut all).expect("the stream ends");
            all.len()
        });
        // Connects from this thread: the namespace is this thread's.
        let mut stream = std::net::TcpStream::connect(to).expect("it listens");
        stream.write_all(&vec![7; BYTES]).expect("it reads");
        drop(stream);
        assert_eq!(reading.join().expect("it read"), BYTES);
        let (mut payload, mut packets, mut merged) = (0, 0, 0);
        let start = Instant::now();
        while payload < BYTES {
            assert!(start.elapsed() < Duration::from_secs(20), "{payload} bytes came");
            std::thread::yield_now();
            let batch = source.acquire(64).expect("the interface is there");
            for i in 0..batch.len() {
                let frame = batch.frame(i);
                let ip_len = usize::from(u16::from_be_bytes([frame.data[16], frame.data[17]]));
                let header = 20 + usize::from(frame.data[46] >> 4) * 4;
                let sent_to = u16::from_be_bytes([frame.data[36], frame.data[37]]);
                if sent_to != to.port() || ip_len == header {
                    continue;
                }
                let bytes = ip_len - header;
                payload += bytes;
                let segment = usize::from(frame.segment);
                if segment > 0 {
                    merged += 1;
                    assert!(segment <= 1448 && segment > 1000 && bytes > segment, "{segment}");
                    packets += bytes.div_ceil(segment);
                } else {
                    assert!(bytes <= 1460, "{bytes}");
                    packets += 1;
                }
            }
            source.release();
        }
        assert_eq!(payload, BYTES);
        assert!(merged > 0 && packets >= BYTES / 1460, "{merged} merged, {packets} packets");
        assert_eq!(source.counters().merged, merged);
    });
}

#[test]
fn the_oldest_frame_and_the_backlog_are_known_before_frames_are_taken() {
    with_wire(|| {
        let mut source = open(&Config { ring_bytes: 1 << 20, ..config("v1") });
        let sender = Sender::new("v0");
        sender.warm_up(&mut source);
        assert_eq!((source.head_ns(), source.backlog()), (None, 0));
        let before = now_ns();
        for _ in 0..600 {
            sender.send(&sized(1400).ethernet());
        }
        let full = source.backlog();
        assert!(full >= 75, "{full}");
        let mut last = before;
        let mut left = 600;
        while left > 0 {
            let head = source.head_ns();
            let batch = source.acquire(7).expect("the interface is there");
            if batch.is_empty() {
                std::thread::yield_now();
                continue;
            }
            left -= batch.len();
            assert_eq!(head, Some(batch.frame(0).time_ns));
            assert!(last <= batch.frame(0).time_ns);
            last = batch.frame(batch.len() - 1).time_ns;
            source.release();
        }
        assert_eq!((source.head_ns(), source.backlog()), (None, 0));
    });
}

#[test]
fn every_fanout_mode_is_accepted() {
    use FanoutMode::{Cpu, Hash, LoadBalance, Program, Queue, Random, Rollover};
    with_wire(|| {
        let modes = [Hash, LoadBalance, Cpu, Rollover, Random, Queue, Program];
        for (group, mode) in (100..).zip(modes) {
            let one = Config {
                fanout: Some((group, mode)),
                fanout_defragment: mode == Hash,
                ..config("v1")
            };
            let (_first, _second) = (open(&one), open(&one));
            // A group has one mode.
            let other = if mode == Hash { Cpu } else { Hash };
            let clash = Config { fanout: Some((group, other)), ..one.clone() };
            match af_packet::open(&clash) {
                Err(Error::Os { call, .. }) => assert!(call.contains("group number"), "{call}"),
                Err(error) => panic!("{mode:?}: {error}"),
                Ok(_) => panic!("{mode:?} joined a group of another mode"),
            }
        }
    });
}

#[test]
fn loopback_packets_are_seen_once() {
    with_wire(|| {
        assert!(ip("link set lo up"));
        let excluded = UdpSocket::bind("127.0.0.1:0").expect("loopback is up");
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("loopback is up");
        let port = |s: &UdpSocket| s.local_addr().expect("it is bound").port();
        let mut source = open(&Config { exclude_ports: vec![port(&excluded)], ..config("lo") });
        let sender = UdpSocket::bind("127.0.0.1:0").expect("loopback is up");
        for n in 0..50u8 {
            sender.send_to(&[n; 30], ("127.0.0.1", port(&receiver))).expect("it is sent");
            sender.send_to(&[n; 30], ("127.0.0.1", port(&excluded))).expect("it is sent");
        }
        // Somebody has to listen for the marker, or an ICMP message follows it.
        let _listener = UdpSocket::bind(("127.0.0.1", netns::MARKER)).expect("the port is free");
        sender.send_to(&[], ("127.0.0.1", netns::MARKER)).expect("it is sent");
        let seen = until_marker(&mut source, 64);
        let payloads: Vec<u8> = seen.iter().map(|s| s.data[42]).collect();
        assert_eq!(payloads, (0..50).collect::<Vec<_>>());
        assert!(seen.iter().all(|s| s.ports() == [port(&sender), port(&receiver)]));
    });
}

#[test]
fn tunnels_give_raw_ip_and_other_hardware_is_refused_by_number() {
    with_wire(|| {
        let mut tunnel = match netns::tunnel("t0", None) {
            Ok(tunnel) => tunnel,
            Err(e) => return eprintln!("SKIPPED: no tunnel interface can be made: {e}"),
        };
        assert!(ip("addr add 10.2.0.1/24 dev t0") && ip("link set t0 addrgenmode none up"));
        let mut source = open(&Config { exclude_ports: vec![53], ..config("t0") });
        assert_eq!(source.interfaces()[0].mac, [0; 6]);
        let socket = UdpSocket::bind("10.2.0.1:4000").expect("the address is set");
        for port in [9, 53, 10] {
            socket.send_to(b"outward", ("10.2.0.9", port)).expect("there is a route");
            let inward = Packet { ports: [port, 4000], ipv6: port == 10, ..sized(5) };
            tunnel.write_all(&inward.ip()).expect("the tunnel is up");
        }
        let mut seen = Vec::new();
        until(&mut source, 64, &mut seen, |seen| seen.len() >= 4);
        assert!(seen.iter().all(|s| s.link == LinkType::RawIp));
        let fields: Vec<_> = seen
            .iter()
            .map(|s| {
                let l4 = if s.data[0] == 0x45 { 20 } else { 40 };
                let port = |at: usize| u16::from_be_bytes([s.data[at], s.data[at + 1]]);
                (s.data[0], s.data.len(), port(l4), port(l4 + 2))
            })
            .collect();
        let expected =
            [(0x45, 35, 4000, 9), (0x45, 33, 9, 4000), (0x45, 35, 4000, 10), (0x60, 53, 10, 4000)];
        assert_eq!(fields, expected);

        let _can = netns::tunnel("t1", Some(libc::ARPHRD_CAN)).expect("as the first");
        let error = af_packet::open(&config("t1")).err().map(|e| e.to_string());
        assert!(
            error.as_ref().is_some_and(|e| e.contains("t1 is of hardware type 280")),
            "{error:?}"
        );
    });
}

#[test]
fn interfaces_that_are_absent_down_or_removed() {
    with_wire(|| {
        for name in ["nosuch", "", "a-name-that-is-much-too-long", "v\0"] {
            match af_packet::open(&config(name)) {
                Err(Error::NoInterface(said)) => assert_eq!(said, name),
                _ => panic!("{name:?} opened"),
            }
        }
        // Down while it is opened, and down for a while: capture begins and resumes by itself.
        assert!(ip("link set v1 down"));
        let mut source = open(&config("v1"));
        assert!(source.notes().iter().any(|n| n.contains("v1 is down")), "{:?}", source.notes());
        for _ in 0..2 {
            assert!(source.acquire(8).is_ok_and(|batch| batch.is_empty()));
            assert!(ip("link set v1 up"));
            Sender::new("v0").warm_up(&mut source);
            assert!(ip("link set v1 down"));
        }
        assert!(ip("link delete v0"));
        assert!(matches!(until_error(&mut source), Error::NoInterface(name) if name == "v1"));
        assert!(source.finished());
        assert!(source.counters().received > 0);
    });
}

#[test]
fn without_the_privilege_the_error_says_what_is_needed() {
    let unprivileged = || {
        // SAFETY: no memory is involved. Past the C library, the call changes this thread alone;
        // it fails where there is no privilege to give up.
        unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) };
        let error = af_packet::open(&config("lo")).err().map(|e| e.to_string());
        assert!(error.as_ref().is_some_and(|e| e.contains("CAP_NET_RAW")), "{error:?}");
        assert!(interfaces::list().is_ok_and(|list| !list.is_empty()));
    };
    std::thread::spawn(unprivileged).join().expect("what was asserted holds");
}

#[test]
fn promiscuous_mode_ends_with_the_source() {
    with_wire(|| {
        let promiscuity = || {
            let shown = std::process::Command::new("ip")
                .args(["-details", "link", "show", "v1"])
                .output()
                .expect("ip ran before");
            let text = String::from_utf8_lossy(&shown.stdout).into_owned();
            let after = text.split("promiscuity ").nth(1).map(str::to_string);
            after.and_then(|t| t.split(' ').next().map(str::to_string)).unwrap_or_default()
        };
        let source = open(&Config { promiscuous: true, ..config("v1") });
        assert_eq!(promiscuity(), "1");
        drop(source);
        // A test beside this one may just be starting a program, which holds a copy of the
        // socket until it has begun.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while promiscuity() != "0" && std::time::Instant::now() < until {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(promiscuity(), "0");
    });
}

#[test]
fn interfaces_are_listed_with_what_they_are() {
    with_wire(|| {
        let list = interfaces::list().expect("the kernel answers");
        let by_name = |name: &str| list.iter().find(|i| i.name == name).expect("it is listed");
        let (lo, v1) = (by_name("lo"), by_name("v1"));
        assert!(lo.loopback && !lo.up && lo.link() == Some(LinkType::Ethernet));
        assert!(!v1.loopback && v1.up && v1.index > 0);
        assert_eq!((v1.mac, v1.mtu), ([2, 0, 0, 0, 0, 2], 3000));
        assert!(list.is_sorted_by_key(|i| i.index));
        assert_eq!(interfaces::find("v1").expect("it exists").index, v1.index);
    });
}

/// Runs this test's body again as a process with little address space: the limit is the whole
/// process's.
#[test]
fn a_ring_that_does_not_fit_is_smaller_and_says_so() {
    const CHILD: &str = "FATHOM_RING_TEST_LITTLE_SPACE";
    if std::env::var_os(CHILD).is_none() {
        let output = std::process::Command::new(std::env::current_exe().expect("a test runs"))
            .args(["a_ring_that_does_not_fit_is_smaller_and_says_so", "--exact", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .expect("the test binary runs");
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    with_wire(|| {
        let statm = std::fs::read_to_string("/proc/self/statm").expect("procfs");
        let pages: u64 = statm.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
        let limit = pages * 4096 + (96 << 20);
        let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
        // SAFETY: the structure is read during the call.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
        let mut source = open(&Config { ring_bytes: 256 << 20, ..config("v1") });
        let notes = source.notes().join("\n");
        assert!(notes.contains("no memory for a ring of 256 MiB, it is 64 MiB"), "{notes}");
        assert!(source.describe().contains("ring 64 MiB in 64 blocks"), "{}", source.describe());
        Sender::new("v0").warm_up(&mut source);
    });
}
