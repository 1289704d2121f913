//! TLS 1.2: hellos with the server's name, a finished handshake, then records of random bytes.

use super::Maker;
use super::tcp::{CLIENT, CLOSE_FRAMES, SERVER, Tcp};
use crate::rng::Rng;

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const ANSWER_LENGTHS: [usize; 3] = [300, 1200, 4000];
const CIPHERS: [u8; 14] =
    [0, 12, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8];
/// Groups, point formats, signature algorithms, protocols h2 and http/1.1.
const EXTENSIONS: &[u8] = b"\0\x0a\0\x08\0\x06\0\x1d\0\x17\0\x18\0\x0b\0\x02\x01\0\
    \0\x0d\0\x0a\0\x08\x04\x03\x08\x04\x04\x01\x05\x01\0\x10\0\x0e\0\x0c\x02h2\x08http/1.1";

pub(super) fn flow(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 443);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let host = m.rng.below(m.hosts.len() as u64) as usize;
    let [mut out, mut spare] = std::mem::take(&mut m.text);
    client_hello(&mut m.rng, &m.hosts[host], &mut out, &mut spare);
    tcp.send(&mut m.wire, CLIENT, &out, 200_000);
    server_hello(&mut m.rng, &mut out, &mut spare);
    change_and_finish(&mut m.rng, &mut out);
    tcp.send(&mut m.wire, SERVER, &out, tcp.rtt_ns);
    tcp.ack(&mut m.wire, CLIENT);
    out.clear();
    change_and_finish(&mut m.rng, &mut out);
    tcp.send(&mut m.wire, CLIENT, &out, 200_000);
    while tcp.sent + CLOSE_FRAMES < packets {
        out.clear();
        let len = m.rng.within(100, 500) as usize;
        random_record(&mut m.rng, &mut out, APPLICATION_DATA, len);
        let think = m.rng.within(1_000_000, 50_000_000);
        tcp.send(&mut m.wire, CLIENT, &out, think);
        out.clear();
        let len = m.rng.pick(&ANSWER_LENGTHS);
        random_record(&mut m.rng, &mut out, APPLICATION_DATA, len);
        tcp.send(&mut m.wire, SERVER, &out, tcp.rtt_ns);
        tcp.ack(&mut m.wire, CLIENT);
    }
    tcp.close(&mut m.wire);
    m.truth.flows.tls += 1;
    m.truth.tls_hellos += 1;
    m.text = [out, spare];
}

fn record(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.extend_from_slice(&[kind, 3, 3]);
    out.extend_from_slice(&(body.len() as u16).to_be_bytes());
    out.extend_from_slice(body);
}

fn random_record(rng: &mut Rng, out: &mut Vec<u8>, kind: u8, len: usize) {
    record(out, kind, &[]);
    let at = out.len();
    out[at - 2..].copy_from_slice(&(len as u16).to_be_bytes());
    out.resize(at + len, 0);
    rng.fill(&mut out[at..]);
}

fn change_and_finish(rng: &mut Rng, out: &mut Vec<u8>) {
    record(out, CHANGE_CIPHER_SPEC, &[1]);
    random_record(rng, out, HANDSHAKE, 40);
}

/// Version, random and session id, which both hellos begin with.
fn hello_start(rng: &mut Rng, body: &mut Vec<u8>) {
    let mut random = [0; 64];
    rng.fill(&mut random);
    body.extend_from_slice(&[3, 3]);
    body.extend_from_slice(&random[..32]);
    body.push(32);
    body.extend_from_slice(&random[32..]);
}

/// A handshake message in a record of its own.
fn message(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.extend_from_slice(&[HANDSHAKE, 3, 3]);
    out.extend_from_slice(&(body.len() as u16 + 4).to_be_bytes());
    let [_, len @ ..] = (body.len() as u32).to_be_bytes();
    out.push(kind);
    out.extend_from_slice(&len);
    out.extend_from_slice(body);
}

pub(super) fn client_hello(rng: &mut Rng, host: &str, out: &mut Vec<u8>, body: &mut Vec<u8>) {
    out.clear();
    body.clear();
    hello_start(rng, body);
    body.extend_from_slice(&CIPHERS);
    body.extend_from_slice(&[1, 0]);
    let name = host.len() as u16;
    let all = 9 + host.len() + EXTENSIONS.len();
    for word in [all as u16, 0, name + 5, name + 3] {
        body.extend_from_slice(&word.to_be_bytes());
    }
    body.push(0);
    body.extend_from_slice(&name.to_be_bytes());
    body.extend_from_slice(host.as_bytes());
    body.extend_from_slice(EXTENSIONS);
    message(out, 1, body);
}

fn server_hello(rng: &mut Rng, out: &mut Vec<u8>, body: &mut Vec<u8>) {
    out.clear();
    body.clear();
    hello_start(rng, body);
    // ECDHE-RSA-AES128-GCM-SHA256, no compression, secure renegotiation.
    body.extend_from_slice(&[0xc0, 0x2f, 0, 0, 5, 0xff, 1, 0, 1, 0]);
    message(out, 2, body);
}
