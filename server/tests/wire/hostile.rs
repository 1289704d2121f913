//! Peers that do not keep to the protocol, spoken to with plain sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fathom_schema::wire::{self, Compression, FrameId, FrameKind, HEADER_LEN, Header};
use fathom_schema::{l4_flow_log, l7_flow_log};
use fathom_server::limits;
use fathom_server::receive::budget;
use fathom_server::receive::counters::{LossReason, Refusal};

use super::random::Random;
use super::server::{Server, Setup};
use super::store::Store;
use super::{engines, wait_until};

const ME: FrameId = FrameId { agent_id: 5, boot_id: 6, stream: 0, seq: 1 };

/// Held by tests that use or measure much memory.
static MEMORY: Mutex<()> = Mutex::new(());

struct Peer(TcpStream);

impl Peer {
    fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self(stream)
    }

    fn hello(addr: SocketAddr) -> (Self, u64) {
        let mut peer = Self::connect(addr);
        peer.send(&control(FrameKind::Hello, ME, b"host=x"));
        let (header, _) = peer.receive();
        assert_eq!(header.kind, FrameKind::HelloAck);
        (peer, header.id.seq)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn receive(&mut self) -> (Header, Vec<u8>) {
        let mut head = [0; HEADER_LEN];
        self.0.read_exact(&mut head).unwrap();
        let header = wire::parse_header(&head).unwrap();
        let mut body = vec![0; header.body_len as usize];
        self.0.read_exact(&mut body).unwrap();
        wire::verify(&header, &body).unwrap();
        (header, body)
    }

    /// The server says why and hangs up.
    fn expect_refused(&mut self) -> String {
        self.expect_refused_frame().1
    }

    /// The same, and which frame it means.
    fn expect_refused_frame(&mut self) -> (u64, String) {
        loop {
            let (header, body) = self.receive();
            if header.kind == FrameKind::Refused {
                // To the end, over interruptions by signals too.
                let rest = self.0.read_to_end(&mut Vec::new()).unwrap();
                assert_eq!(rest, 0, "it hangs up");
                return (header.id.seq, String::from_utf8(body).unwrap());
            }
        }
    }

    fn expect_ack(&mut self, seq: u64) {
        loop {
            let (header, _) = self.receive();
            assert_eq!(header.kind, FrameKind::Ack);
            if header.id.seq == seq {
                return;
            }
            assert!(header.id.seq < seq, "{} was acknowledged", header.id.seq);
        }
    }
}

fn control(kind: FrameKind, id: FrameId, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    wire::control(kind, id, body, &mut out).unwrap();
    out
}

fn block(seq: u64, ids: std::ops::Range<u64>) -> Vec<u8> {
    let mut b = l4_flow_log::Block::new();
    for flow_id in ids {
        b.push(&l4_flow_log::Row { flow_id, ..Default::default() });
    }
    let mut out = Vec::new();
    wire::seal(&b, FrameId { seq, ..ME }, Compression::Lz4, &mut out).unwrap();
    out
}

fn with_server(test: impl Fn(&Server, &Store)) {
    for engine in engines() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(0, 0);
        let server = Setup::new(engine, dir.path()).politely().start(store.clone());
        test(&server, &store);
        server.stop();
    }
}

fn refused(server: &Server, why: Refusal) -> u64 {
    server.counters.refused[why as usize].get()
}

#[test]
fn garbage_is_refused_with_a_reason() {
    with_server(|server, store| {
        let mut http = Peer::connect(server.addr);
        http.send(b"GET / HTTP/1.1\r\nHost: example.com\r\nUser-Agent: somebody\r\n\r\n012345");
        assert!(http.expect_refused().contains("not a Fathom frame"));
        assert_eq!(refused(server, Refusal::Header), 1);

        let random = Random::new(77);
        for i in 0..200 {
            let mut peer = Peer::connect(server.addr);
            let noise: Vec<u8> = (0..64 + i * 7).map(|_| random.next() as u8).collect();
            peer.send(&noise);
            peer.expect_refused();
        }
        assert_eq!(refused(server, Refusal::Header), 201);
        assert_eq!(store.count(), 0);
        wait_until("all are gone", || server.counters.connections_open.get() == 0);
    });
}

#[test]
fn a_frame_that_claims_much_costs_little() {
    let _alone = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    with_server(|server, _| {
        // 4 GiB: beyond the limit, refused by the header alone.
        let mut frame = block(1, 1..2);
        frame[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
        let (mut peer, _) = Peer::hello(server.addr);
        peer.send(&frame[..HEADER_LEN]);
        assert!(peer.expect_refused().contains("limit"));

        // The most that is allowed, announced by many and sent by none.
        let before = resident();
        let mut frame = block(1, 1..2);
        frame[20..24].copy_from_slice(&wire::MAX_RAW_LEN.to_le_bytes());
        frame[24..28].copy_from_slice(&wire::MAX_BODY_LEN.to_le_bytes());
        let liars: Vec<_> = (0..64)
            .map(|boot_id| {
                let mut peer = Peer::connect(server.addr);
                let id = FrameId { boot_id, ..ME };
                peer.send(&control(FrameKind::Hello, id, b""));
                assert_eq!(peer.receive().0.kind, FrameKind::HelloAck);
                peer.send(&frame[..HEADER_LEN]);
                peer.send(&[0; 100]);
                peer
            })
            .collect();
        wait_until("all are connected", || server.counters.connections_open.get() >= 64);
        // 64 x 16 MiB would be a GiB.
        let grown = resident().saturating_sub(before);
        assert!(grown < 100 << 20, "{} MiB for liars", grown >> 20);
        drop(liars);
    });
}

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn breaches_of_the_protocol_are_refused_by_kind() {
    with_server(|server, store| {
        // A block without Hello.
        let mut peer = Peer::connect(server.addr);
        peer.send(&block(1, 1..3));
        assert!(peer.expect_refused().contains("Hello"));

        // Only servers acknowledge.
        let (mut peer, _) = Peer::hello(server.addr);
        peer.send(&control(FrameKind::Ack, ME, b""));
        assert!(peer.expect_refused().contains("Ack"));

        // Somebody else's frame.
        let (mut peer, _) = Peer::hello(server.addr);
        let mut other = Vec::new();
        let mut b = l4_flow_log::Block::new();
        b.push(&l4_flow_log::Row::default());
        let id = FrameId { agent_id: 99, ..ME };
        wire::seal(&b, id, Compression::None, &mut other).unwrap();
        peer.send(&other);
        assert!(peer.expect_refused().contains("another agent"));
        assert_eq!(refused(server, Refusal::Protocol), 3);

        // A gap nobody announced.
        let (mut peer, _) = Peer::hello(server.addr);
        peer.send(&block(2, 1..3));
        assert!(peer.expect_refused().contains("1 had to come"));
        assert_eq!(refused(server, Refusal::Gap), 1);

        // Damage in every byte of a frame's body and header.
        let whole = block(1, 1..2);
        for i in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[i] ^= 0x10;
            let (mut peer, durable) = Peer::hello(server.addr);
            assert_eq!(durable, 0);
            peer.send(&damaged);
            // A longer body may have been announced: it never comes.
            peer.0.shutdown(std::net::Shutdown::Write).unwrap();
            let mut rest = Vec::new();
            peer.0.read_to_end(&mut rest).unwrap();
        }
        assert!(refused(server, Refusal::Checksum) > 0);
        assert_eq!(server.counters.frames.get(), 0);
        assert_eq!(store.count(), 0);
    });
}

#[test]
fn of_two_connections_of_a_stream_the_newer_wins() {
    with_server(|server, store| {
        let (mut old, _) = Peer::hello(server.addr);
        old.send(&block(1, 1..11));
        wait_until("it is taken", || server.counters.frames.get() == 1);
        // The newer one learns what the older one brought, even though that is still on its way.
        let (mut new, durable) = Peer::hello(server.addr);
        assert_eq!(durable, 1);
        // The older one is cut off, and what it still sends is not taken.
        old.send(&block(2, 100..111));
        let mut rest = Vec::new();
        let _ = old.0.read_to_end(&mut rest);
        wait_until("the old one is closed", || server.counters.superseded.get() == 1);
        new.send(&block(1, 1..11));
        new.send(&block(2, 11..21));
        new.expect_ack(2);
        wait_until("rows are stored", || store.count() == 20);
        assert_eq!(server.counters.duplicates.get(), 1);
        assert!(store.ids().keys().all(|id| *id < 21));
    });
}

#[test]
fn holes_are_passed_over_when_announced() {
    with_server(|server, store| {
        let (mut peer, _) = Peer::hello(server.addr);
        peer.send(&block(1, 1..11));
        peer.send(&control(FrameKind::Hello, FrameId { seq: 8, ..ME }, b""));
        peer.send(&block(8, 11..21));
        peer.expect_ack(8);
        wait_until("rows are stored", || store.count() == 20);
        assert_eq!(server.counters.holes.get(), 1);
        // Asking for what was passed over is asking for a duplicate.
        peer.send(&block(5, 50..60));
        wait_until("it is seen", || server.counters.duplicates.get() == 1);
        drop(peer);
        let (_, durable) = Peer::hello(server.addr);
        assert_eq!(durable, 8);
    });
}

/// A frame of one row with a text of so many bytes, all alike.
fn long(id: FrameId, flow_id: u64, text: usize, compression: Compression) -> Vec<u8> {
    let mut b = l7_flow_log::Block::new();
    let text = "x".repeat(text);
    b.push(&l7_flow_log::Row { flow_id, request_resource: &text, ..Default::default() });
    let mut out = Vec::new();
    wire::seal(&b, id, compression, &mut out).unwrap();
    out
}

/// A frame near the longest that is allowed.
fn huge(boot_id: u64) -> Vec<u8> {
    long(FrameId { boot_id, ..ME }, boot_id, 15 << 20, Compression::None)
}

#[test]
fn the_largest_frames_of_many_at_once_are_taken_within_bounds() {
    let _alone = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    for engine in engines() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(0, 0);
        let mut setup = Setup::new(engine, dir.path()).politely();
        setup.shards = 1;
        let server = setup.start(store.clone());
        let hello = |boot_id| {
            let mut peer = Peer::connect(server.addr);
            peer.send(&control(FrameKind::Hello, FrameId { boot_id, ..ME }, b""));
            assert_eq!(peer.receive().0.kind, FrameKind::HelloAck);
            peer
        };
        // All end at the same moment: more than one cycle may hold.
        let frames: Vec<_> = (1..=12).map(|boot| (hello(boot), huge(boot))).collect();
        let len = frames[0].1.len() - HEADER_LEN;
        let mut peers: Vec<_> = std::thread::scope(|s| {
            let send = |(mut peer, frame): (Peer, Vec<u8>)| {
                peer.send(&frame[..frame.len() - 1]);
                (peer, frame[frame.len() - 1])
            };
            let all: Vec<_> = frames.into_iter().map(|f| s.spawn(move || send(f))).collect();
            all.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let receiving = || server.counters.receive_bytes.get();
        wait_until("all are nearly there", || receiving() == 12 * len as u64);
        peers.iter_mut().for_each(|(peer, last)| peer.send(&[*last]));
        peers.iter_mut().for_each(|(peer, _)| peer.expect_ack(1));

        // More together than there is memory for: they wait, also in the middle of a frame.
        std::thread::scope(|s| {
            let all: Vec<_> = (13..=36)
                .map(|boot| {
                    s.spawn(move || {
                        let mut peer = hello(boot);
                        peer.send(&huge(boot));
                        peer.expect_ack(1);
                    })
                })
                .collect();
            let mut most = 0;
            wait_until("all are acknowledged", || {
                most = most.max(receiving());
                all.iter().all(std::thread::ScopedJoinHandle::is_finished)
            });
            assert!(most <= budget::MOST, "{most}");
        });
        wait_until("the spool is empty", || server.counters.spool_rows.get() == 0);
        let counters = server.stop();
        assert_eq!((counters.lost_total(), store.count()), (0, 36));
        assert_eq!(counters.receive_bytes.get(), 0);
    }
}

#[test]
fn little_that_unpacks_to_much_is_inserted_in_parts() {
    let _alone = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    with_server(|server, store| {
        store.away.store(true, Ordering::Relaxed);
        let (mut peer, _) = Peer::hello(server.addr);
        // 400 MB of columns in 2 MB of frames: they are together in very few files.
        let frames: Vec<_> = (1..=10)
            .flat_map(|seq| long(FrameId { seq, ..ME }, seq, 40 << 20, Compression::Lz4))
            .collect();
        peer.send(&frames);
        peer.expect_ack(10);
        store.away.store(false, Ordering::Relaxed);
        wait_until("rows are stored", || store.count() == 10);
        let most = store.rows.lock().unwrap().most_raw;
        assert!(most <= limits::CYCLE_RAW_BYTES, "{most}");
    });
}

#[test]
fn a_refused_frame_is_named_as_far_as_can_be_told() {
    with_server(|server, _| {
        // A kind, a compression and a version nobody knows, lengths that contradict, a reserved byte.
        for (at, value) in [(5, 9), (6, 7), (4, 99), (16, 0), (20, 0xff), (60, 1)] {
            let mut bad = block(1, 1..3);
            bad[16..20].copy_from_slice(if at == 16 { &[0; 4] } else { &[2, 0, 0, 0] });
            if at != 16 {
                bad[at] = value;
            }
            if at == 20 {
                bad[20..24].fill(0xff);
            }
            let (mut peer, _) = Peer::hello(server.addr);
            peer.send(&bad);
            assert_eq!(peer.expect_refused_frame().0, 1, "byte {at}");
        }
        // The number in a Hello is that of a frame which is not at fault.
        let mut hello = control(FrameKind::Hello, ME, b"");
        hello[60] = 1;
        let mut peer = Peer::connect(server.addr);
        peer.send(&hello);
        assert_eq!(peer.expect_refused_frame().0, 0);
        assert_eq!(refused(server, Refusal::Header), 7);
    });
}

#[test]
fn columns_of_an_unknown_version_are_acknowledged_and_counted() {
    with_server(|server, store| {
        let other = |seq| {
            let frame = block(seq, 1..4);
            let (head, body) = frame.split_first_chunk().unwrap();
            let header = wire::parse_header(head).unwrap();
            let header = Header { schema_version: header.schema_version + 2, ..header };
            [&header.with_id(header.id, body).to_bytes()[..], body].concat()
        };
        let (mut peer, _) = Peer::hello(server.addr);
        peer.send(&[other(1), block(2, 10..12), other(3)].concat());
        peer.expect_ack(3);
        wait_until("rows are stored", || store.count() == 2);
        let lost = &server.counters.rows_lost[LossReason::UnknownSchema as usize];
        assert_eq!(lost.of(l4_flow_log::TABLE.id).get(), 6);
    });
}

/// Of three inserts at once none finds memory; one after the other each does.
#[test]
fn what_is_too_much_together_is_stored_one_by_one() {
    let _alone = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    with_server(|server, store| {
        store.away.store(true, Ordering::Relaxed);
        let (mut peer, _) = Peer::hello(server.addr);
        let frames: Vec<_> = (1..=3)
            .flat_map(|seq| long(FrameId { seq, ..ME }, seq, 40 << 20, Compression::Lz4))
            .collect();
        peer.send(&frames);
        peer.expect_ack(3);
        store.one_at_a_time.store(true, Ordering::Relaxed);
        store.away.store(false, Ordering::Relaxed);
        wait_until("rows are stored", || store.count() == 3);
        assert_eq!(server.counters.lost_total(), 0);
    });
}

#[test]
fn peers_that_never_finish_cost_a_bounded_amount() {
    let _alone = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    for engine in engines() {
        let dir = tempfile::tempdir().unwrap();
        let mut setup = Setup::new(engine, dir.path()).politely();
        setup.shards = 1;
        let server = setup.start(Store::new(0, 0));
        let receiving = || server.counters.receive_bytes.get();
        let frame = huge(1);
        std::thread::scope(|s| {
            let peers: Vec<_> = (1..=24)
                .map(|boot_id| {
                    let mut peer = Peer::connect(server.addr);
                    peer.send(&control(FrameKind::Hello, FrameId { boot_id, ..ME }, b""));
                    let mut writer = peer.0.try_clone().unwrap();
                    let most = &frame[..frame.len() - 1];
                    // The server may have stopped reading; then it ends with the connection.
                    s.spawn(move || writer.write_all(most));
                    peer
                })
                .collect();
            wait_until("there is no memory left", || receiving() > limits::RECEIVE_BYTES);
            assert!(receiving() <= budget::MOST);
            peers.iter().for_each(|p| p.0.shutdown(std::net::Shutdown::Both).unwrap());
        });
        // All of it is given back, and others are served.
        wait_until("they are gone", || receiving() == 0);
        let (mut peer, _) = Peer::hello(server.addr);
        peer.send(&block(1, 1..3));
        peer.expect_ack(1);
        server.stop();
    }
}
