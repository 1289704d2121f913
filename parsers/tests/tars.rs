//! TARS: calls, results, context, and that no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Tars;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

fn packet(fields: &[u8]) -> Vec<u8> {
    [&(fields.len() as u32 + 4).to_be_bytes()[..], fields].concat()
}

fn text(tag: u8, text: &str) -> Vec<u8> {
    [&[tag << 4 | 6, text.len() as u8], text.as_bytes()].concat()
}

fn buffer(tag: u8, len: usize) -> Vec<u8> {
    let mut p = vec![tag << 4 | 13, 0, 1];
    p.extend((len as u16).to_be_bytes());
    p.resize(p.len() + len, 7);
    p
}

fn call(
    one_way: u8,
    id: u8,
    function: &str,
    arguments: usize,
    context: &[(&str, &str)],
) -> Vec<u8> {
    let mut p = vec![0x10, 1, 0x20, one_way, 0x3c, 0x40, id];
    p.extend(text(5, "Shop.Items.ItemObj"));
    p.extend(text(6, function));
    p.extend(buffer(7, arguments));
    p.extend([0x81, 0x0b, 0xb8]);
    p.extend([0x98, 0, context.len() as u8]);
    for (name, value) in context {
        p.extend(text(0, name));
        p.extend(text(1, value));
    }
    p.extend([0xa8, 0x0c]);
    packet(&p)
}

fn answer(id: u8, result: i8, description: &str) -> Vec<u8> {
    let mut p = vec![0x10, 1, 0x2c, 0x30, id, 0x4c];
    p.extend(if result == 0 { vec![0x5c] } else { vec![0x50, result as u8] });
    p.extend(buffer(6, 20));
    p.extend([0x78, 0x0c]);
    p.extend(text(8, description));
    packet(&p)
}

#[test]
fn calls() {
    let m = messages(
        Tars,
        &[
            up(call(0, 7, "find", 30, &[("sw8", "1-YS5iLmM=-ZC5l-7-x"), ("a", "b")])),
            down(answer(7, 0, "")),
            up(call(0, 8, "none", 3, &[])),
            down(answer(8, -11, "no such function")),
            up(call(0, 9, "slow", 300, &[])),
            down(answer(9, -6, "overloaded")),
            up(call(1, 10, "forget", 3, &[])),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=find resource=Shop.Items.ItemObj endpoint=Shop.Items.ItemObj/find id=7 length=112",
            "Response id=7 status=Ok code=0 length=40",
            "Request type=none resource=Shop.Items.ItemObj endpoint=Shop.Items.ItemObj/none id=8 length=53",
            "Response id=8 status=ClientError code=-11 exception=no such function length=57",
            "Request type=slow resource=Shop.Items.ItemObj endpoint=Shop.Items.ItemObj/slow id=9 length=350",
            "Response id=9 status=ServerError code=-6 exception=overloaded length=51",
            "Single type=forget resource=Shop.Items.ItemObj endpoint=Shop.Items.ItemObj/forget id=10 length=55",
        ]
    );
    assert_eq!((m[0].trace_id.as_str(), m[0].span_id.as_str()), ("a.b.c", "d.e-7"));
    assert!(m[6].is_async);
}

#[test]
fn what_is_tars() {
    let yes = |dir| Probe::Certain(Tars, dir);
    assert_eq!(told(&call(0, 7, "find", 3, &[]), ToServer), yes(ToServer));
    assert_eq!(told(&answer(7, 0, ""), ToServer), yes(ToClient));
    assert_eq!(told(&call(0, 7, "find", 3, &[])[..15], ToServer), Probe::Unsure);
    for (at, byte) in [(4, 0x11), (5, 9), (6, 0x21), (8, 0x40), (13, 0), (12, 0x60)] {
        let mut other = call(0, 7, "find", 3, &[]);
        other[at] = byte;
        assert!(!matches!(told(&other, ToServer), Probe::Certain(Tars, _)), "{byte} at {at}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Tars, &Options::default());
    let large = call(0, 1, "load", 60000, &[]);
    d.feed(ToServer, &large[..20000]);
    d.gap(ToServer, 10000);
    d.feed(ToServer, &[&large[30000..], &call(0, 2, "find", 3, &[])].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    d.feed(ToServer, &large[..20]);
    d.gap(ToServer, 100);
    d.feed(ToServer, b"tail");
    d.feed(ToServer, &call(0, 5, "find", 3, &[]));
    assert_eq!(d.messages.last().unwrap().request_id, Some(5));
}
