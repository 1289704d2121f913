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

use fathom_ring::xdp::{self, Config, Mode, Xdp};
use fathom_ring::{Error, LinkType, Source};
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

#[test]
fn interfaces_that_are_absent_say_so() {
    with_wire(|| match xdp::open(&Config { interface: "nosuch".into(), ..Config::default() }) {
        Err(Error::NoInterface(name)) => assert_eq!(name, "nosuch"),
        _ => panic!("it opened"),
    });
}
