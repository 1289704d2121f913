//! SOME/IP: calls, errors, events, several messages at once, and that no way to split a stream changes
//! what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::SomeIp;
use fathom_parsers::message::{Carrier, Probe};
use fathom_parsers::registry::{Look, Options, probe};
use fathom_parsers::testing::Driver;
use support::{down, driver, lines, messages, told, up};

/// A message of service 0x1234, client 7, interface 2.
fn message(method: u16, session: u16, kind: u8, result: u8, payload: &[u8]) -> Vec<u8> {
    let (m, s) = (method.to_be_bytes(), session.to_be_bytes());
    let len = (payload.len() as u32 + 8).to_be_bytes();
    [&[0x12, 0x34][..], &m, &len, &[0, 7], &s, &[1, 2, kind, result], payload].concat()
}

#[test]
fn calls_and_events() {
    let mut discovery = message(0x8100, 1, 2, 0, b"entries");
    discovery[..2].copy_from_slice(&[0xff, 0xff]);
    let m = messages(
        SomeIp,
        &[
            up([message(0x21, 1, 0, 0, b"a"), message(0x22, 2, 0, 0, b"")].concat()),
            down(message(0x22, 2, 0x81, 3, b"")),
            down(message(0x21, 1, 0x80, 0, &[5; 300])),
            up(message(0x23, 3, 1, 0, b"no answer")),
            down(message(0x8001, 0, 2, 0, b"event")),
            up(message(0x24, 4, 0, 0, b"")),
            down(message(0x24, 4, 0x80, 6, b"")),
            up(discovery),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=0x0021 resource=0x1234 endpoint=0x1234/0x0021 id=1 length=17",
            "Request type=0x0022 resource=0x1234 endpoint=0x1234/0x0022 id=2 length=16",
            "Response id=2 status=ClientError code=3 exception=E_UNKNOWN_METHOD length=16",
            "Response id=1 status=Ok code=0 length=316",
            "Single type=0x0023 resource=0x1234 endpoint=0x1234/0x0023 id=3 length=25",
            "Single type=0x8001 resource=0x1234 endpoint=0x1234/0x8001 id=0 length=21",
            "Request type=0x0024 resource=0x1234 endpoint=0x1234/0x0024 id=4 length=16",
            "Response id=4 status=ServerError code=6 exception=E_TIMEOUT length=16",
            "Single type=SD resource=0xffff endpoint=0xffff/0x8100 id=1 length=23",
        ]
    );
    assert_eq!((&m[0].pairing, &m[1].pairing), (&m[3].pairing, &m[2].pairing));
    assert_ne!(m[0].pairing, m[1].pairing);
    assert_eq!(m[0].version, "2");
}

#[test]
fn datagrams() {
    let mut d = Driver::of(SomeIp, Carrier::Udp);
    let two = [message(0x21, 1, 0, 0, b"a"), message(0x21, 2, 0, 0, b"b")].concat();
    d.feed(ToServer, &two);
    // One that the capture has cut, and one behind it.
    d.feed(ToClient, &message(0x21, 1, 0x80, 0, &[5; 300])[..40]);
    d.feed(ToClient, &message(0x21, 2, 0x80, 0, b""));
    assert_eq!((d.lost, d.messages.len()), (0, 4));
    let datagram = |bytes: &[u8]| probe(bytes, Look::over(Carrier::Udp));
    assert_eq!(datagram(&two), Probe::Certain(SomeIp, ToServer));
    assert_eq!(datagram(&message(0x21, 1, 0x80, 0, b"")), Probe::Certain(SomeIp, ToClient));
    assert_eq!(datagram(&message(0x8001, 1, 2, 0, b"")), Probe::Certain(SomeIp, ToClient));
    assert!(!matches!(datagram(&two[..two.len() - 1]), Probe::Certain(SomeIp, _)));
    assert!(!matches!(datagram(&message(0x8001, 1, 0, 0, b"")), Probe::Certain(SomeIp, _)));
}

#[test]
fn what_is_someip() {
    let call = message(0x21, 1, 0, 0, b"a");
    assert_eq!(told(&call, ToServer), Probe::Certain(SomeIp, ToServer));
    (5..16).for_each(|n| assert_eq!(told(&call[..n], ToServer), Probe::Unsure, "{n}"));
    for bytes in [
        message(0x21, 1, 0, 3, b""),
        message(0x21, 1, 0x81, 0, b""),
        message(0x21, 1, 7, 0, b""),
        message(0x8021, 1, 0, 0, b""),
        vec![0; 16],
        vec![1; 16],
    ] {
        assert!(!matches!(told(&bytes, ToServer), Probe::Certain(SomeIp, _)), "{bytes:?}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(SomeIp, &Options::default());
    let long = message(0x21, 1, 0, 0, &[3; 1000]);
    d.feed(ToServer, &long[..500]);
    d.gap(ToServer, 400);
    d.feed(ToServer, &[&long[900..], &message(0x22, 2, 0, 0, b"")[..]].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    d.gap(ToServer, 4000);
    d.feed(ToServer, &[9; 50]);
    d.feed(ToServer, &message(0x23, 3, 0, 0, b""));
    assert_eq!(d.messages.last().unwrap().request_type, "0x0023");
}
