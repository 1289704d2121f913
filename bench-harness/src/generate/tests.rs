//! The generator against the data path: what it says is in a capture is what comes out.

use super::{Capture, Profile, Spec, capture};
use crate::drive::{Sealer, config, measured};
use crate::found::Found;
use fathom_dataplane::pipeline::Pipeline;

fn small(profile: Profile, seed: u64) -> Capture {
    capture(&Spec { profile, packets: 9000, flows: 400, seed, span_s: 8, ..Spec::default() })
}

const ALL: [Profile; 18] = [
    Profile::Mix,
    Profile::Small,
    Profile::Http,
    Profile::Dns,
    Profile::Redis,
    Profile::Syn,
    Profile::Long,
    Profile::Pipelined,
    Profile::Grpc,
    Profile::Queries,
    Profile::Tunnels,
    Profile::Reordered,
    Profile::Lossy,
    Profile::HashFlood,
    Profile::DnsLoops,
    Profile::EndlessHeads,
    Profile::Overlaps,
    Profile::HpackBomb,
];

#[test]
fn same_seed_same_bytes() {
    for profile in ALL {
        let (a, b, c) = (small(profile, 1), small(profile, 1), small(profile, 2));
        assert!(a.pcap == b.pcap && a.truth == b.truth, "{profile:?}");
        assert!(a.pcap != c.pcap, "{profile:?}");
    }
}

#[test]
fn sizes_are_near_what_was_asked() {
    for profile in ALL {
        let t = small(profile, 5).truth;
        if profile == Profile::HpackBomb {
            // Its messages are long: the last goes beyond what was asked.
            continue;
        }
        assert!((8_000..15_000).contains(&t.packets), "{profile:?} {t:?}");
        let flows = match profile {
            Profile::Dns | Profile::DnsLoops => 4500,
            Profile::Syn => 9000,
            _ => 400,
        };
        assert_eq!(t.flows.total, flows, "{profile:?}");
    }
    assert!(small(Profile::Small, 5).truth.mean_frame < 64.0);
    let mix = small(Profile::Mix, 5).truth;
    assert!((250.0..350.0).contains(&mix.mean_frame), "{mix:?}");
}

#[test]
fn in_order_of_time() {
    let c = small(Profile::Mix, 4);
    let (mut at, mut last, mut n) = (24, 0, 0);
    while at < c.pcap.len() {
        let word = |i: usize| {
            u64::from(u32::from_le_bytes(c.pcap[at + i..at + i + 4].try_into().expect("four")))
        };
        let now = word(0) * 1_000_000_000 + word(4);
        assert!(now >= last && word(8) == word(12));
        (last, n) = (now, n + 1);
        at += 16 + word(8) as usize;
    }
    assert_eq!((at, n), (c.pcap.len(), c.truth.packets));
}

/// A checksum that is right sums up to all ones.
#[test]
fn checksums_are_right() {
    // The outer datagrams of a tunnel have none (RFC 7348).
    for profile in ALL.into_iter().filter(|p| *p != Profile::Tunnels) {
        let c = small(profile, 6);
        let mut at = 24;
        while at < c.pcap.len() {
            let len =
                u32::from_le_bytes(c.pcap[at + 8..at + 12].try_into().expect("four")) as usize;
            let frame = &c.pcap[at + 16..at + 16 + len];
            let ip = &frame[14..14 + usize::from(u16::from_be_bytes([frame[16], frame[17]]))];
            assert_eq!(ones(&ip[..20], 0), 0xffff);
            let pseudo = ones(&ip[12..20], u64::from(ip[9]) + ip.len() as u64 - 20);
            assert_eq!(ones(&ip[20..], pseudo), 0xffff, "{profile:?}");
            at += 16 + len;
        }
    }
}

fn ones(bytes: &[u8], start: u64) -> u64 {
    let mut sum = start;
    for w in bytes.chunks(2) {
        sum += u64::from(w[0]) << 8 | u64::from(w.get(1).copied().unwrap_or(0));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}

#[test]
fn rows_are_the_truth() {
    for (profile, required) in [
        (Profile::Mix, &["http", "dns"][..]),
        (Profile::Small, &[]),
        (Profile::Http, &["http"]),
        (Profile::Dns, &["dns"]),
        (Profile::Redis, &[]),
        (Profile::Syn, &[]),
        (Profile::Long, &[]),
        (Profile::Pipelined, &["http"]),
        (Profile::Grpc, &["grpc"]),
        (Profile::Queries, &["dns", "redis", "mysql", "postgres"]),
        (Profile::Tunnels, &["http", "dns"]),
        (Profile::Reordered, &["http", "dns"]),
        (Profile::Lossy, &[]),
    ] {
        let c = small(profile, 7);
        let mut found = Found::default();
        let mut look = |frame: &[u8]| found.frame(frame);
        let mut source = fathom_ring::file::from_bytes(c.pcap).expect("a capture");
        let mut pipeline = Pipeline::new(config(100_000));
        let mut sealer = Sealer::with(&mut look);
        measured(&mut source, &mut pipeline, &mut sealer).expect("runs");
        let (sealed, decode) = (sealer.sealed, pipeline.decode_stats().errors.iter().sum::<u64>());
        assert_eq!(decode, 0);
        assert_eq!(sealed.rows, found.rows.values().sum::<u64>());
        let required: Vec<String> = required.iter().map(|r| (*r).to_owned()).collect();
        let checks = found.compare(&c.truth, &required);
        let wrong: Vec<_> = checks.iter().filter(|c| !c.passes()).collect();
        assert!(wrong.is_empty(), "{profile:?}: {wrong:?}");
        assert!(checks.len() > 3 && c.truth.packets > 0);
    }
}
