//! WebSocket after an upgrade: what the end tells, and that no way to cut the frames changes it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::message::Direction::{self, ToClient as S, ToServer as C};
use fathom_parsers::message::{Carrier, L7Protocol};
use fathom_parsers::testing::{Driver, OwnedMessage, every_split};

const ASK: &[u8] = b"GET /chat/room/7?x=1 HTTP/1.1\r\nHost: ws.test\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const AGREE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\
    Connection: Upgrade\r\n\r\n";

/// A frame; those of the client are masked.
fn frame(dir: Direction, first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = if dir == C { 0x80 } else { 0 };
    let mut f = vec![first];
    match payload.len() {
        n @ ..126 => f.push(mask | n as u8),
        n @ ..65536 => {
            f.push(mask | 126);
            f.extend((n as u16).to_be_bytes());
        }
        n => {
            f.push(mask | 127);
            f.extend((n as u64).to_be_bytes());
        }
    }
    let key = [1, 2, 3, 4];
    if dir == C {
        f.extend(key);
    }
    f.extend(
        payload.iter().zip(key.iter().cycle()).map(|(b, k)| if dir == C { b ^ k } else { *b }),
    );
    f
}

fn told(turns: &[(Direction, Vec<u8>)]) -> OwnedMessage {
    let mut all = vec![(C, ASK), (S, AGREE)];
    all.extend(turns.iter().map(|(d, b)| (*d, &b[..])));
    let messages = every_split(L7Protocol::Http, &all);
    assert_eq!(messages.len(), 3, "{messages:#?}");
    messages[2].clone()
}

fn number(m: &OwnedMessage, name: &str) -> String {
    m.facts.iter().find(|(n, _)| n == name).unwrap().1.clone()
}

#[test]
fn frames_are_counted_and_the_close_is_told() {
    let turns = [
        (C, [frame(C, 0x81, b"hello"), frame(C, 0x02, &[7; 300]), frame(C, 0x80, b"end")].concat()),
        (S, [frame(S, 0xc1, b"squeezed"), frame(S, 0x89, b"?")].concat()),
        (C, [frame(C, 0x8a, b"?"), frame(C, 0x88, b"\x03\xe8bye")].concat()),
        (S, frame(S, 0x88, b"\x03\xe8")),
    ];
    let m = told(&turns);
    assert_eq!((m.kind.as_str(), m.request_type.as_str()), ("Single", "CLOSE"));
    assert_eq!((m.response_code, m.status.as_str(), m.result.as_str()), (Some(1000), "Ok", "bye"));
    assert_eq!(
        (m.request_domain.as_str(), m.request_resource.as_str()),
        ("ws.test", "/chat/room/7?x=1")
    );
    assert_eq!(m.endpoint, "/chat/room");
    assert_eq!(m.length, Some(5 + 300 + 3 + 1 + 5));
    for (name, count) in [
        ("client_frames", "5"),
        ("server_frames", "3"),
        ("client_messages", "2"),
        ("server_messages", "1"),
        ("client_pings", "0"),
        ("server_pings", "1"),
    ] {
        assert_eq!(number(&m, name), count, "{name}");
    }
}

#[test]
fn long_frames() {
    let mut d = Driver::of(L7Protocol::Http, Carrier::Tcp);
    d.feed(C, ASK);
    d.feed(S, AGREE);
    for part in frame(S, 0x82, &[1; 70_000]).chunks(1400) {
        d.feed(S, part);
    }
    d.finish(C);
    d.finish(S);
    let m = d.messages.last().unwrap();
    assert_eq!((number(m, "server_messages").as_str(), d.lost), ("1", 0));
}

#[test]
fn bad_ends() {
    let m = told(&[(S, frame(S, 0x88, b"\x03\xf0no")), (C, frame(C, 0x88, b"\x03\xf0"))]);
    assert_eq!(
        (m.response_code, m.status.as_str(), m.exception.as_str()),
        (Some(1008), "ClientError", "no")
    );
    let m = told(&[(S, frame(S, 0x88, b"\x03\xf3boom"))]);
    assert_eq!(
        (m.response_code, m.status.as_str(), m.exception.as_str()),
        (Some(1011), "ServerError", "boom")
    );
    let m = told(&[(C, frame(C, 0x81, b"x"))]);
    assert_eq!((m.response_code, m.status.as_str()), (Some(1006), "Unknown"));
    let m = told(&[(C, frame(C, 0x88, b""))]);
    assert_eq!((m.response_code, m.status.as_str()), (Some(1005), "Ok"));
}

#[test]
fn losses_are_overcome() {
    let mut d = Driver::of(L7Protocol::Http, Carrier::Tcp);
    d.feed(C, ASK);
    d.feed(S, AGREE);
    let long = frame(S, 0x82, &[1; 1000]);
    d.feed(S, &long[..10]);
    d.gap(S, long.len() as u64 - 10);
    assert_eq!(d.lost, 0, "inside a payload");
    d.gap(S, 100);
    d.feed(S, &[&[0x33; 50][..], &frame(S, 0x81, b"found"), &frame(S, 0x81, b"again")].concat());
    // A frame of a client that is not masked is none.
    d.feed(C, &[0x81, 0x01, b'x', 0, 0, 0, 0, 0]);
    d.finish(C);
    d.finish(S);
    let m = d.messages.last().unwrap();
    assert_eq!(
        (number(m, "server_messages").as_str(), number(m, "client_frames").as_str()),
        ("3", "0")
    );
}
