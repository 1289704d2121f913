//! HTTP/2 without TLS: gRPC calls of one message, several streams open at a time.

use super::Maker;
use super::tcp::{CLIENT, CLOSE_FRAMES, SERVER, Tcp};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const SERVICES: [&str; 4] = ["Cart", "Orders", "Users", "Payment"];
const METHODS: [&str; 4] = ["Get", "List", "Put", "Remove"];

/// A frame.
pub(super) fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let [_, len @ ..] = (payload.len() as u32).to_be_bytes();
    out.extend_from_slice(&len);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// What a client begins with.
pub(super) fn preface(out: &mut Vec<u8>) {
    out.extend_from_slice(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(out, SETTINGS, 0, 0, &[]);
}

/// A literal field without indexing; the name by its place in the static table, or new.
fn field(block: &mut Vec<u8>, name: Result<u8, &[u8]>, value: &[u8]) {
    match name {
        // Names beyond the 14th take a second byte.
        Ok(index) if index >= 15 => block.extend_from_slice(&[0x0f, index - 15]),
        Ok(index) => block.push(index),
        Err(name) => {
            block.extend_from_slice(&[0, name.len() as u8]);
            block.extend_from_slice(name);
        }
    }
    block.push(value.len() as u8);
    block.extend_from_slice(value);
}

pub(super) fn flow(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 50051);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let host = m.rng.below(m.hosts.len() as u64) as usize;
    let [mut out, mut block] = std::mem::take(&mut m.text);
    out.clear();
    preface(&mut out);
    tcp.send(&mut m.wire, CLIENT, &out, 100_000);
    out.clear();
    frame(&mut out, SETTINGS, 0, 0, &[]);
    frame(&mut out, SETTINGS, 1, 0, &[]);
    tcp.send(&mut m.wire, SERVER, &out, tcp.rtt_ns);
    let mut stream = 1_u32;
    while tcp.sent + CLOSE_FRAMES < packets {
        let calls = m.rng.within(1, 4) as u32;
        for call in 0..calls {
            let path = format!("/shop.{}/{}", m.rng.pick(&SERVICES), m.rng.pick(&METHODS));
            block.clear();
            // :method POST, :scheme http, then :path, :authority, content-type, te.
            block.extend_from_slice(&[0x83, 0x86]);
            field(&mut block, Ok(4), path.as_bytes());
            field(&mut block, Ok(1), m.hosts[host].as_bytes());
            field(&mut block, Ok(31), b"application/grpc");
            field(&mut block, Err(b"te"), b"trailers");
            out.clear();
            frame(&mut out, HEADERS, END_HEADERS, stream + 2 * call, &block);
            let len = m.rng.within(10, 200) as usize;
            message(&mut block, &m.body[..len]);
            frame(&mut out, DATA, END_STREAM, stream + 2 * call, &block);
            let think = m.rng.within(100_000, 5_000_000);
            tcp.send(&mut m.wire, CLIENT, &out, think);
        }
        tcp.ack_late(&mut m.wire, SERVER);
        for call in 0..calls {
            let failed = m.rng.percent(3);
            out.clear();
            block.clear();
            block.push(0x88);
            field(&mut block, Ok(31), b"application/grpc");
            frame(&mut out, HEADERS, END_HEADERS, stream + 2 * call, &block);
            let len = m.rng.within(10, 800) as usize;
            message(&mut block, &m.body[..len]);
            frame(&mut out, DATA, 0, stream + 2 * call, &block);
            block.clear();
            field(&mut block, Err(b"grpc-status"), if failed { b"5" } else { b"0" });
            frame(&mut out, HEADERS, END_HEADERS | END_STREAM, stream + 2 * call, &block);
            let work = m.rng.exponential(5_000_000);
            tcp.send(&mut m.wire, SERVER, &out, work);
            tcp.ack(&mut m.wire, CLIENT);
            m.truth.grpc_calls += 1;
        }
        stream += 2 * calls;
    }
    tcp.close(&mut m.wire);
    m.truth.flows.http2 += 1;
    m.text = [out, block];
}

/// A gRPC message, uncompressed.
fn message(out: &mut Vec<u8>, body: &[u8]) {
    out.clear();
    out.push(0);
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    out.extend_from_slice(body);
}
