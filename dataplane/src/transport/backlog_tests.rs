//! The backlog against a model of the other side: whatever is pushed, written, cut and
//! acknowledged, every row is stored once, counted as lost, or still held.

use std::collections::BTreeMap;

use super::*;

const L4: u16 = 1;
const L7: u16 = 2;
const NETWORK: u16 = 3;
const MAP: u16 = 4;
const SYSTEM: u16 = 7;

fn frame(bytes: usize) -> Vec<u8> {
    vec![0xab; bytes]
}

fn push(b: &mut Backlog, l: &mut Losses, table: u16, rows: u32, bytes: usize) -> u64 {
    let seq = b.next_seq();
    b.push(table, rows, frame(bytes), l);
    seq
}

#[test]
fn the_least_important_goes_first_and_the_oldest_of_it() {
    let mut l = Losses::default();
    let room = 5 * (1000 + ENTRY_BYTES);
    let mut b = Backlog::new(room);
    for table in [SYSTEM, NETWORK, MAP, L4, L7] {
        push(&mut b, &mut l, table, 10, 1000);
    }
    assert_eq!(l.total(), 0);
    for victim in [L7, L4, MAP, NETWORK] {
        // Holes keep their place until they are closed, so one more frame than fits may go.
        push(&mut b, &mut l, SYSTEM, 10, 1000 - ENTRY_BYTES);
        assert_eq!(l.get(victim, Reason::Overflow), 10, "table {victim}");
    }
    assert_eq!(l.of_table(SYSTEM), 0);
    assert!(b.bytes() <= room);
}

#[test]
fn a_frame_less_important_than_all_held_is_itself_the_victim() {
    let mut l = Losses::default();
    let mut b = Backlog::new(2 * (1000 + ENTRY_BYTES));
    push(&mut b, &mut l, SYSTEM, 1, 1000);
    push(&mut b, &mut l, SYSTEM, 1, 1000);
    push(&mut b, &mut l, L7, 7, 1000);
    assert_eq!(l.get(L7, Reason::Overflow), 7);
    assert_eq!(b.rows(), 2);
}

#[test]
fn a_run_of_dropped_frames_is_one_hole() {
    let mut l = Losses::default();
    let mut b = Backlog::new(10 * (1000 + ENTRY_BYTES));
    for _ in 0..1000 {
        push(&mut b, &mut l, L7, 1, 1000);
    }
    let mut frames = 0;
    let mut holes = Vec::new();
    while let Some(out) = b.next_outgoing() {
        match out {
            Outgoing::Frame(_) => frames += 1,
            Outgoing::Hole(last) => holes.push(last),
        }
    }
    assert_eq!(holes.len(), 1, "{holes:?}");
    assert_eq!(holes[0] + frames, 1000);
    assert_eq!(l.total() + b.rows(), 1000);
}

#[test]
fn a_written_frame_that_was_dropped_is_lost_only_if_the_server_says_so() {
    for durable in [0, 1] {
        let mut l = Losses::default();
        let mut b = Backlog::new(1000 + ENTRY_BYTES);
        push(&mut b, &mut l, L7, 5, 1000);
        assert!(matches!(b.next_outgoing(), Some(Outgoing::Frame(_))));
        push(&mut b, &mut l, L7, 3, 100);
        assert_eq!(l.total(), 0, "nobody knows yet");
        let mut delivered = 0;
        b.reconnected(durable, &mut l, |_, rows| delivered += rows);
        assert_eq!(delivered, 5 * durable);
        assert_eq!(l.total(), 5 * (1 - durable));
        assert_eq!(b.rows(), 3);
    }
}

#[test]
fn what_is_abandoned_is_counted() {
    let mut l = Losses::default();
    let mut b = Backlog::new(1 << 20);
    push(&mut b, &mut l, L4, 5, 1000);
    b.next_outgoing();
    push(&mut b, &mut l, L7, 6, 1000);
    b.abandon(Reason::Shutdown, &mut l);
    assert_eq!((l.get(L4, Reason::Shutdown), l.get(L7, Reason::Shutdown)), (5, 6));
    assert!(b.is_empty() && b.bytes() == 0 && !b.has_unsent());
}

/// What a server would do: take frames in order, pass over holes, refuse gaps.
#[derive(Default)]
struct Server {
    accepted: u64,
    rows: BTreeMap<u16, u64>,
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        // SplitMix64: small, seeded, good enough to drive a test.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[test]
fn every_row_is_stored_once_or_counted_as_lost() {
    for seed in 0..200 {
        let mut r = Random(seed);
        let mut l = Losses::default();
        let mut b = Backlog::new(4_000 + r.below(60_000) as usize);
        let mut frames: BTreeMap<u64, (u16, u32)> = BTreeMap::new();
        let mut server = Server::default();
        let mut delivered: BTreeMap<u16, u64> = BTreeMap::new();
        let mut pushed = 0u64;
        // Written on this connection and still under way.
        let mut wire: VecDeque<(u64, bool)> = VecDeque::new();
        let mut last_written = 0;
        for _ in 0..2_000 {
            match r.below(100) {
                0..45 => {
                    let table = [L4, L7, NETWORK, MAP, SYSTEM][r.below(5) as usize];
                    let rows = 1 + r.below(100) as u32;
                    let seq = push(&mut b, &mut l, table, rows, 64 + r.below(2_000) as usize);
                    frames.insert(seq, (table, rows));
                    pushed += u64::from(rows);
                }
                45..75 => {
                    if let Some(out) = b.next_outgoing() {
                        let seq = b.highest_sent();
                        match out {
                            Outgoing::Frame(_) => wire.push_back((seq, true)),
                            Outgoing::Hole(last) => {
                                assert_eq!(last, seq);
                                wire.push_back((seq, false));
                            }
                        }
                        assert!(seq > last_written, "seed {seed}: order");
                        last_written = seq;
                    }
                }
                75..95 => {
                    // Something arrives.
                    if let Some((seq, has_rows)) = wire.pop_front() {
                        take(&mut server, &frames, seq, has_rows, seed);
                    }
                    if r.below(2) == 0 {
                        let upto = server.accepted;
                        b.acknowledge(upto, |t, n| *delivered.entry(t).or_default() += n);
                    }
                }
                _ => {
                    // The connection breaks: some of what was under way arrives, the rest not.
                    let arrives = r.below(wire.len() as u64 + 1);
                    for _ in 0..arrives {
                        let (seq, has_rows) = wire.pop_front().unwrap();
                        take(&mut server, &frames, seq, has_rows, seed);
                    }
                    wire.clear();
                    b.reconnected(server.accepted, &mut l, |t, n| {
                        *delivered.entry(t).or_default() += n;
                    });
                    last_written = 0;
                }
            }
            let known: u64 = delivered.values().sum();
            assert_eq!(pushed, known + l.total() + b.rows(), "seed {seed}");
        }
        // Let everything through.
        while let Some((seq, has_rows)) = wire.pop_front() {
            take(&mut server, &frames, seq, has_rows, seed);
        }
        while let Some(out) = b.next_outgoing() {
            let has_rows = matches!(out, Outgoing::Frame(_));
            take(&mut server, &frames, b.highest_sent(), has_rows, seed);
        }
        b.acknowledge(server.accepted, |t, n| *delivered.entry(t).or_default() += n);
        assert!(b.is_empty(), "seed {seed}");
        assert_eq!(b.bytes(), 0, "seed {seed}");
        assert_eq!(server.rows, delivered, "seed {seed}");
        assert_eq!(pushed, delivered.values().sum::<u64>() + l.total(), "seed {seed}");
    }
}

fn take(
    server: &mut Server,
    frames: &BTreeMap<u64, (u16, u32)>,
    seq: u64,
    has_rows: bool,
    seed: u64,
) {
    if seq <= server.accepted {
        return;
    }
    if has_rows {
        assert_eq!(seq, server.accepted + 1, "seed {seed}: a gap nobody announced");
        let (table, rows) = frames[&seq];
        *server.rows.entry(table).or_default() += u64::from(rows);
    }
    server.accepted = seq;
}
