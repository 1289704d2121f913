//! Traffic made to hurt: keys that share most of their bits, DNS names that point at themselves,
//! header fields without end, segments over segments, HPACK blocks that grow. What comes out of it
//! has no truth but packets, bytes and flows; what it may cost has.

use super::http2;
use super::tcp::{ACK, CLIENT, PSH, SERVER, Tcp};
use super::{Ends, Maker};

const RESOLVER: [u8; 4] = [172, 16, 0, 53];
/// Bytes of one segment of an endless head.
const PIECE: usize = 1400;

/// Datagrams of flows whose keys differ in a few neighbouring bits, and whose addresses and ports
/// give the same when they are combined bit by bit: what a weak hash confuses.
pub(super) fn alike(m: &mut Maker, start_ns: u64, packets: u64) {
    let n = m.truth.flows.raw as u32;
    m.truth.flows.raw += 1;
    let (low, high) = ((n & 0xff) as u8, (n >> 8) as u8);
    let port = 1024 + (n >> 16) as u16;
    let ends = Ends { ip: [[10, 0, high, low], [10, 1, high, low]], port: [port, port] };
    for i in 0..packets {
        m.wire.udp(start_ns + i * 1_000_000, (i & 1) as usize, &ends, &[0; 18]);
    }
}

/// A query whose name points at itself, and an answer made of pointers at pointers.
pub(super) fn dns_loop(m: &mut Maker, start_ns: u64, _packets: u64) {
    let ends = m.ends(Some(RESOLVER), 53);
    m.truth.flows.dns += 1;
    let id = (m.rng.bits() as u16).to_be_bytes();
    let mut query = vec![id[0], id[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend_from_slice(b"\x03www\xc0\x0c\0\x01\0\x01");
    m.wire.udp(start_ns, CLIENT, &ends, &query);
    let mut answer = vec![id[0], id[1], 0x81, 0x80, 0, 1, 0, 100, 0, 0, 0, 0];
    answer.extend_from_slice(b"\x03www\x07example\x03com\0\0\x01\0\x01");
    // Each record's name is a pointer at the record before: the last chain is as long as all.
    let mut at = 12_u16;
    while answer.len() < 1400 {
        let here = answer.len() as u16;
        answer.extend_from_slice(&(0xc000 | at).to_be_bytes());
        answer.extend_from_slice(b"\0\x05\0\x01\0\0\0\x3c\0\x02");
        answer.extend_from_slice(&(0xc000 | here).to_be_bytes());
        at = here;
    }
    m.wire.udp(start_ns + 1_000_000, SERVER, &ends, &answer);
}

/// A request whose head never ends.
pub(super) fn endless(m: &mut Maker, start_ns: u64, packets: u64) {
    m.truth.flows.http += 1;
    let ends = m.ends(None, 80);
    let mut tcp = Tcp::open(m, start_ns, ends);
    tcp.send(&mut m.wire, CLIENT, b"GET / HTTP/1.1\r\nHost: a\r\n", 1000);
    let mut piece = Vec::with_capacity(PIECE);
    while tcp.sent < packets {
        piece.clear();
        while piece.len() + 12 < PIECE {
            piece.extend_from_slice(b"X-A: aaaaa\r\n");
        }
        tcp.send(&mut m.wire, CLIENT, &piece, 100_000);
        tcp.ack(&mut m.wire, SERVER);
    }
}

/// A request in segments of which each lies over most of the one before, with other bytes, and
/// behind a hole that is never filled.
pub(super) fn overlaps(m: &mut Maker, start_ns: u64, packets: u64) {
    m.truth.flows.http += 1;
    let ends = m.ends(None, 80);
    let mut tcp = Tcp::open(m, start_ns, ends);
    tcp.send(
        &mut m.wire,
        CLIENT,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
        1000,
    );
    let base = tcp.seq[CLIENT];
    let mut data = [0_u8; 1000];
    while tcp.sent < packets {
        m.rng.fill(&mut data);
        let ahead = 1 + m.rng.below(30_000) as u32;
        let len = 1 + m.rng.below(999) as usize;
        tcp.seq[CLIENT] = base.wrapping_add(ahead);
        tcp.segment(&mut m.wire, CLIENT, ACK | PSH, &data[..len], 20_000);
    }
}

/// HTTP/2 requests whose header blocks put the longest fields into the table, then name them again
/// and again.
pub(super) fn hpack(m: &mut Maker, start_ns: u64, packets: u64) {
    m.truth.flows.http2 += 1;
    let ends = m.ends(None, 8080);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let mut bytes = Vec::new();
    http2::preface(&mut bytes);
    tcp.send(&mut m.wire, CLIENT, &bytes, 1000);
    let mut stream = 1;
    while tcp.sent < packets {
        let mut block = vec![0x82, 0x84, 0x86, 0x41, 1, b'a'];
        // A literal with indexing whose value has 3,900 bytes, then a thousand times its index.
        block.extend_from_slice(&[0x40, 1, b'x', 0x7f, 0xbd, 0x1d]);
        block.resize(block.len() + 3900, b'v');
        block.resize(block.len() + 1000, 0xbe);
        bytes.clear();
        http2::frame(&mut bytes, 1, 5, stream, &block);
        tcp.send(&mut m.wire, CLIENT, &bytes, 100_000);
        tcp.ack(&mut m.wire, SERVER);
        stream += 2;
    }
}
