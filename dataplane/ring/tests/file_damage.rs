//! Damaged capture files: any cut gives a prefix of the frames, any corruption ends in frames or
//! an error, never in a panic, and streaming in pieces of any size gives what a whole file gives.

#[path = "support/builder.rs"]
mod builder;

use std::io::{self, Read};

use builder::{Order, Pcap, drain, small_pcap, small_pcapng};
use fathom_ring::fault::{Faulty, Rates};
use fathom_ring::{Source, file, limits};
use proptest::prelude::*;

/// Gives its bytes in pieces of the given sizes, over and over.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()].clamp(1, out.len());
        self.turn += 1;
        let rest = &self.bytes[self.at..];
        let n = size.min(rest.len());
        out[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

fn samples() -> [Vec<u8>; 4] {
    [
        small_pcap(Order::Little),
        small_pcap(Order::Big),
        small_pcapng(Order::Little),
        small_pcapng(Order::Big),
    ]
}

#[test]
fn every_cut_gives_a_prefix_of_the_frames() {
    for whole in samples() {
        let (expected, _) = drain(&mut file::from_bytes(whole.clone()).unwrap(), 64);
        assert_eq!(expected.len(), 6);
        let mut longest = 0;
        for end in 0..whole.len() {
            let Ok(mut source) = file::from_bytes(whole[..end].to_vec()) else {
                assert_eq!(longest, 0, "unreadable at {end} but readable before");
                continue;
            };
            let (seen, error) = drain(&mut source, 64);
            assert!(error.is_none(), "cut at {end}: {error:?}");
            assert!(expected.starts_with(&seen), "cut at {end}");
            assert!(seen.len() >= longest, "cut at {end}");
            longest = seen.len();
            let told = source.warning().is_some();
            assert_eq!(told, source.counters().dropped_corrupt == 1, "cut at {end}");
        }
        assert_eq!(longest, 5);
    }
}

#[test]
fn a_stream_grows_its_buffer_for_the_longest_frame() {
    let long = vec![5; limits::FRAME_MAX];
    let bytes = Pcap::new(Order::Little, 0xa1b2_c3d4, 1)
        .record(1, 0, 3, &[1; 3])
        .record(2, 0, long.len() as u32, &long)
        .record(3, 0, 3, &[2; 3])
        .bytes;
    let pieces = Pieces { bytes: bytes.clone(), at: 0, sizes: vec![1000, 3], turn: 0 };
    let mut source = file::from_reader("pieces", Box::new(pieces)).unwrap();
    let (seen, error) = drain(&mut source, 64);
    assert!(error.is_none());
    assert_eq!(seen, drain(&mut file::from_bytes(bytes).unwrap(), 1).0);
    assert_eq!(seen[1].data.len(), limits::FRAME_MAX);
}

#[test]
fn faults_follow_the_seed_and_add_up() {
    let mut file = Pcap::new(Order::Little, 0xa1b2_c3d4, 1);
    for n in 0..2000 {
        file = file.record(n, 0, 100, &[n as u8; 100]);
    }
    let rates = Rates { drop: 100, duplicate: 50, swap: 50, truncate: 30 };
    let run = |seed| {
        let mut source = Faulty::new(file::from_bytes(file.bytes.clone()).unwrap(), rates, seed);
        let (seen, error) = drain(&mut source, 64);
        assert!(error.is_none());
        let done = source.done();
        assert_eq!(seen.len() as u64, 2000 - done.dropped + done.duplicated);
        assert!(done.dropped > 100 && done.duplicated > 40 && done.swapped > 40);
        assert!(done.truncated > 20);
        assert!(
            seen.iter().all(|s| s.data.iter().all(|b| *b == (s.time_ns / 1_000_000_000) as u8))
        );
        seen
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

proptest! {
    #[test]
    fn pieces_of_any_size_read_the_same(
        sample in 0..4usize,
        sizes in prop::collection::vec(1..400usize, 1..6),
        max in 1..9usize,
    ) {
        let bytes = samples()[sample].clone();
        let expected = drain(&mut file::from_bytes(bytes.clone()).unwrap(), 64).0;
        let pieces = Pieces { bytes, at: 0, sizes, turn: 0 };
        let mut source = file::from_reader("pieces", Box::new(pieces)).unwrap();
        let (seen, error) = drain(&mut source, max);
        prop_assert!(error.is_none());
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn corruption_never_panics_and_never_reads_beyond_the_limits(
        sample in 0..4usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        streamed in any::<bool>(),
    ) {
        let mut bytes = samples()[sample].clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let whole = bytes.len();
        bytes.truncate(whole.min(64 + cut.index(whole * 2)));
        let opened = if streamed {
            file::from_reader("pieces", Box::new(io::Cursor::new(bytes)))
        } else {
            file::from_bytes(bytes)
        };
        if let Ok(mut source) = opened {
            let (seen, error) = drain(&mut source, 4);
            prop_assert!(seen.iter().map(|s| s.data.len()).sum::<usize>() <= whole);
            prop_assert!(seen.iter().all(|s| s.wire_len as usize >= s.data.len()));
            prop_assert!(source.finished());
            let counters = source.counters();
            prop_assert_eq!(counters.received, seen.len() as u64);
            prop_assert!(error.is_none() || counters.dropped_corrupt == 1);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        start in prop::sample::select(vec![
            vec![], vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], vec![0x0a, 0x0d, 0x0d, 0x0a],
            vec![0x1f, 0x8b, 8], vec![0x28, 0xb5, 0x2f, 0xfd],
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        if let Ok(mut source) = file::from_bytes([start, rest].concat()) {
            let _ = drain(&mut source, 4);
        }
    }
}
