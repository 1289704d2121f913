//! bRPC: calls, errors, ids that are numbers, and that no way to split a conversation changes what
//! is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Brpc;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::proto::{bytes, number};
use support::{down, driver, lines, messages, told, up};

fn frame(magic: &[u8], meta: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut p = magic.to_vec();
    p.extend(((meta.len() + payload.len()) as u32).to_be_bytes());
    p.extend((meta.len() as u32).to_be_bytes());
    p.extend(meta);
    p.extend(payload);
    p
}

fn call(id: u64, more: &[u8], fields: &[u8]) -> Vec<u8> {
    let request = [bytes(1, b"example.EchoService"), bytes(2, b"Echo"), more.to_vec()].concat();
    frame(b"PRPC", &[bytes(1, &request), number(4, id), fields.to_vec()].concat(), b"\x0a\x02hi")
}

fn reply(id: u64, code: u64, text: &[u8]) -> Vec<u8> {
    let response = if code == 0 { vec![] } else { [number(1, code), bytes(2, text)].concat() };
    frame(b"PRPC", &[bytes(2, &response), number(4, id)].concat(), b"\x0a\x02hi")
}

#[test]
fn calls() {
    let ids = [number(3, 77), number(4, 0xabcdef), number(5, 0x12)].concat();
    let sw8 = bytes(9, &[bytes(1, b"sw8"), bytes(2, b"1-YS5iLmM=-ZC5l-7-x")].concat());
    let m = messages(
        Brpc,
        &[
            up(call(5 << 32 | 1, &ids, b"")),
            up(call(6 << 32 | 1, b"", &sw8)),
            down(reply(6 << 32 | 1, 1002, b"Fail to find method")),
            down(frame(b"STRM", b"\x08\x01", b"data")),
            down(reply(5 << 32 | 1, 0, b"")),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=Echo resource=example.EchoService endpoint=example.EchoService/Echo id=5 length=60",
            "Request type=Echo resource=example.EchoService endpoint=example.EchoService/Echo id=6 length=79",
            "Response id=6 status=ServerError code=1002 exception=Fail to find method length=48",
            "Response id=5 status=Ok code=0 length=24",
        ]
    );
    assert_eq!(
        [&m[0].x_request_id, &m[0].trace_id, &m[0].span_id, &m[1].trace_id],
        ["77", "abcdef", "12", "a.b.c"]
    );
    assert_eq!(m[0].pairing, m[3].pairing);
}

#[test]
fn what_is_brpc() {
    let yes = |dir| Probe::Certain(Brpc, dir);
    assert_eq!(told(&call(1, b"", b""), ToServer), yes(ToServer));
    assert_eq!(told(&reply(1, 0, b""), ToServer), yes(ToClient));
    assert_eq!(told(&call(1, b"", b"")[..20], ToServer), Probe::Unsure);
    assert_eq!(told(b"PR", ToServer), Probe::Unsure);
    assert_eq!(told(b"PRPC\0\0\0\x09\0\0\0\x10aaaaaaaaaaaaaaaa", ToServer), Probe::NotForUs);
    assert_eq!(told(b"PRPC\0\0\0\x10\0\0\0\x10aaaaaaaaaaaaaaaa", ToServer), Probe::NotForUs);
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Brpc, &Options::default());
    d.feed(ToClient, &reply(1, 0, b"")[..15]);
    d.gap(ToClient, 5000);
    d.feed(ToClient, &[&b"PR, tail"[..], &reply(2, 0, b""), &reply(3, 0, b"")].concat());
    assert_eq!(d.messages.len(), 2);
}
