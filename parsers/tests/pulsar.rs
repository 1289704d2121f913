//! Pulsar: connections, topics, messages and their properties, and that no way to split a
//! conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Pulsar;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::proto::{bytes, number};
use support::{down, driver, lines, messages, told, up};

fn frame(kind: u32, inner: &[Vec<u8>], payload: &[u8]) -> Vec<u8> {
    let command = [number(1, u64::from(kind)), bytes(kind, &inner.concat())].concat();
    let mut p = ((command.len() + payload.len() + 4) as u32).to_be_bytes().to_vec();
    p.extend((command.len() as u32).to_be_bytes());
    p.extend(command);
    p.extend(payload);
    p
}

fn payload(properties: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut metadata = [bytes(1, b"standalone-0-1"), number(2, 0), number(3, 1)].concat();
    for (name, value) in properties {
        let pair = [bytes(1, name.as_bytes()), bytes(2, value.as_bytes())].concat();
        metadata.extend(bytes(4, &pair));
    }
    let mut p = vec![0x0e, 1, 1, 2, 3, 4];
    p.extend((metadata.len() as u32).to_be_bytes());
    p.extend(metadata);
    p.extend(body);
    p
}

const TOPIC: &[u8] = b"persistent://public/default/orders";

#[test]
fn a_producer_and_a_consumer() {
    let traced = payload(&[("sw8", "1-YS5iLmM=-ZC5l-7-x")], &[7; 700]);
    let m = messages(
        Pulsar,
        &[
            up(frame(
                2,
                &[bytes(1, b"client"), number(4, 20), bytes(6, b"pulsar://broker:6650")],
                b"",
            )),
            down(frame(3, &[bytes(1, b"server"), number(2, 20)], b"")),
            up(frame(23, &[bytes(1, TOPIC), number(2, 7)], b"")),
            down(frame(24, &[number(3, 1), number(4, 7)], b"")),
            up(frame(5, &[bytes(1, TOPIC), number(2, 3), number(3, 8)], b"")),
            down(frame(17, &[number(1, 8), bytes(2, b"p")], b"")),
            up(frame(6, &[number(1, 3), number(2, 0)], &traced)),
            up(frame(6, &[number(1, 3), number(2, 1)], &payload(&[], b"x"))),
            down(frame(
                8,
                &[number(1, 3), number(2, 1), number(3, 2), bytes(4, b"disk full")],
                b"",
            )),
            down(frame(7, &[number(1, 3), number(2, 0)], b"")),
            up(frame(4, &[bytes(1, TOPIC), bytes(2, b"sub"), number(4, 3), number(5, 9)], b"")),
            down(frame(14, &[number(1, 9), number(2, 11), bytes(3, b"no such topic")], b"")),
            down(frame(9, &[number(1, 3)], &traced)),
            up(frame(10, &[number(1, 3)], b"")),
            down(frame(18, &[], b"")),
            up(frame(18, &[], b"")),
            up(frame(19, &[], b"")),
            down(frame(19, &[], b"")),
            down(frame(15, &[number(1, 3), number(2, u64::MAX)], b"")),
        ],
    );
    let topic = "resource=orders endpoint=persistent://public/default/orders";
    let want = [
        "Request type=CONNECT domain=pulsar://broker:6650 length=44".to_owned(),
        "Response status=Ok length=22".to_owned(),
        format!("Request type=LOOKUP {topic} id=7 length=51"),
        "Response status=Ok length=17".to_owned(),
        format!("Request type=PRODUCER {topic} id=8 length=52"),
        "Response status=Ok length=18".to_owned(),
        format!("Request type=SEND {topic} id=196608 length=774"),
        format!("Request type=SEND {topic} id=196609 length=47"),
        "Response status=ServerError code=2 exception=disk full length=29".to_owned(),
        "Response status=Ok length=16".to_owned(),
        format!("Request type=SUBSCRIBE {topic} id=9 length=57"),
        "Response status=ClientError code=11 exception=no such topic length=31".to_owned(),
        format!("Single type=MESSAGE {topic} length=772"),
        format!("Single type=ACK {topic} length=14"),
        "Request type=PING length=13".to_owned(),
        "Request type=PING length=13".to_owned(),
        "Response status=Ok length=13".to_owned(),
        "Response status=Ok length=13".to_owned(),
        format!("Single type=CLOSE_PRODUCER {topic} id=18446744073709551615 length=25"),
    ];
    assert_eq!(lines(&m), want);
    for sent in [&m[6], &m[12]] {
        assert_eq!((sent.trace_id.as_str(), sent.span_id.as_str()), ("a.b.c", "d.e-7"));
    }
    // Each ping belongs to the pong of the other side.
    assert_eq!((&m[14].pairing, &m[15].pairing), (&m[16].pairing, &m[17].pairing));
    assert_ne!(m[14].pairing, m[15].pairing);
    assert_eq!((&m[6].pairing, &m[7].pairing), (&m[9].pairing, &m[8].pairing));
    assert_eq!(m[0].version, "20");
}

#[test]
fn what_is_pulsar() {
    let yes = |dir| Probe::Certain(Pulsar, dir);
    let connect = frame(2, &[bytes(1, b"client")], b"");
    assert_eq!(told(&connect, ToServer), yes(ToServer));
    assert_eq!(told(&frame(3, &[bytes(1, b"server")], b""), ToServer), yes(ToClient));
    assert_eq!(told(&connect[..9], ToServer), Probe::Unsure);
    for (at, byte) in [(0, 0x20), (7, 3), (8, 9), (9, 3), (9, 90), (10, 0x13), (11, 1)] {
        let mut other = connect.clone();
        other[at] = byte;
        assert_ne!(told(&other, ToServer), yes(ToServer), "{byte} at {at}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Pulsar, &Options::default());
    let large = frame(6, &[number(1, 3), number(2, 0)], &payload(&[], &[7; 30000]));
    d.feed(ToServer, &large[..8000]);
    d.gap(ToServer, 10000);
    d.feed(ToServer, &[&large[18000..], &frame(18, &[], b"")].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    d.feed(ToServer, &large[..20]);
    d.gap(ToServer, 5000);
    d.feed(ToServer, b"tail of it");
    d.feed(ToServer, &frame(18, &[], b""));
    assert_eq!(d.messages.last().unwrap().request_type, "PING");
}
