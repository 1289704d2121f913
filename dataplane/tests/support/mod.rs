//! Frames built by hand and rows read back, for the tests of the pipeline.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::{Frame, LinkType};
use fathom_schema::wire::{self, Compression, FrameId};
use fathom_schema::{ColumnBlock, json};
use serde_json::Value;
use std::net::IpAddr;

/// One end of a conversation.
pub type End = (IpAddr, u16);

pub const SYN: u8 = 2;
pub const ACK: u8 = 16;
pub const PSH: u8 = 8;
pub const FIN: u8 = 1;
pub const RST: u8 = 4;

/// A packet to be.
#[derive(Clone, Debug)]
pub struct Tcp {
    pub at_ns: u64,
    pub from: End,
    pub to: End,
    pub flags: u8,
    pub seq: u32,
    pub ack: u32,
    pub payload: Vec<u8>,
}

impl Tcp {
    pub fn frame(&self) -> Vec<u8> {
        let mut l4 = Vec::new();
        l4.extend(self.from.1.to_be_bytes());
        l4.extend(self.to.1.to_be_bytes());
        l4.extend(self.seq.to_be_bytes());
        l4.extend(self.ack.to_be_bytes());
        l4.extend([5 << 4, self.flags, 0x20, 0, 0, 0, 0, 0]);
        l4.extend(&self.payload);
        ip(self.from.0, self.to.0, 6, &l4)
    }
}

pub fn udp(from: End, to: End, payload: &[u8]) -> Vec<u8> {
    let mut l4 = Vec::new();
    l4.extend(from.1.to_be_bytes());
    l4.extend(to.1.to_be_bytes());
    l4.extend((8 + payload.len() as u16).to_be_bytes());
    l4.extend([0, 0]);
    l4.extend(payload);
    ip(from.0, to.0, 17, &l4)
}

fn ip(from: IpAddr, to: IpAddr, protocol: u8, l4: &[u8]) -> Vec<u8> {
    let mut f = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    match (from, to) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            f.extend([8, 0, 0x45, 0]);
            f.extend((20 + l4.len() as u16).to_be_bytes());
            f.extend([0, 1, 0x40, 0, 64, protocol, 0, 0]);
            f.extend(a.octets());
            f.extend(b.octets());
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            f.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
            f.extend((l4.len() as u16).to_be_bytes());
            f.extend([protocol, 64]);
            f.extend(a.octets());
            f.extend(b.octets());
        }
        _ => panic!("one family"),
    }
    f.extend(l4);
    f
}

pub fn give(p: &mut Pipeline, at_ns: u64, data: &[u8]) {
    p.frame(&Frame {
        data,
        wire_len: data.len() as u32,
        time_ns: at_ns,
        interface: 0,
        link: LinkType::Ethernet,
        vlan_tci: 0,
        segment: 0,
    });
}

/// Takes all rows out of the pipeline's blocks.
pub fn rows(p: &mut Pipeline) -> Vec<Value> {
    let mut text = Vec::new();
    p.blocks_mut().each_mut(|b| {
        add_rows(b, &mut text);
        b.clear();
    });
    text.split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect()
}

fn add_rows(b: &dyn ColumnBlock, text: &mut Vec<u8>) {
    if b.rows() == 0 {
        return;
    }
    let id = FrameId { agent_id: 1, boot_id: 1, stream: 0, seq: 1 };
    let mut frame = Vec::new();
    wire::seal(b, id, Compression::Lz4, &mut frame).unwrap();
    let (head, body) = frame.split_at(wire::HEADER_LEN);
    let header = wire::parse_header(head.try_into().unwrap()).unwrap();
    let mut scratch = Vec::new();
    let columns = wire::body(&header, body, &mut scratch).unwrap();
    json::write_rows(b.table(), &columns, text);
}

pub fn table<'a>(rows: &'a [Value], name: &str) -> Vec<&'a Value> {
    rows.iter().filter(|r| r["table"] == name).collect()
}

pub fn sum(rows: &[&Value], column: &str) -> u64 {
    rows.iter().map(|r| r[column].as_u64().unwrap_or_else(|| panic!("{column} in {r}"))).sum()
}

/// A TCP conversation as packets: handshake, turns of the given bytes cut at `cut` bytes,
/// close. Even turns are the client's.
pub fn conversation(client: End, server: End, turns: &[Vec<u8>], cut: usize) -> Vec<Tcp> {
    let mut seq = [1000_u32, 777_000_u32];
    let mut out = Vec::new();
    let mut at_ns = 1_700_000_000_000_000_000;
    let mut send = |who: usize, flags: u8, payload: &[u8], seq: &mut [u32; 2]| {
        at_ns += 100_000;
        let ends = [client, server];
        out.push(Tcp {
            at_ns,
            from: ends[who],
            to: ends[1 - who],
            flags,
            seq: seq[who],
            ack: if flags & ACK != 0 { seq[1 - who] } else { 0 },
            payload: payload.to_vec(),
        });
        seq[who] = seq[who]
            .wrapping_add(payload.len() as u32)
            .wrapping_add(u32::from(flags & (SYN | FIN) != 0));
    };
    send(0, SYN, b"", &mut seq);
    send(1, SYN | ACK, b"", &mut seq);
    send(0, ACK, b"", &mut seq);
    for (i, turn) in turns.iter().enumerate() {
        for part in turn.chunks(cut.max(1)) {
            send(i % 2, PSH | ACK, part, &mut seq);
        }
        send(1 - i % 2, ACK, b"", &mut seq);
    }
    send(0, FIN | ACK, b"", &mut seq);
    send(1, FIN | ACK, b"", &mut seq);
    send(0, ACK, b"", &mut seq);
    out
}

pub fn v4(last: u8, port: u16) -> End {
    (IpAddr::from([10, 0, 0, last]), port)
}

pub fn v6(last: u16, port: u16) -> End {
    (IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, last]), port)
}
