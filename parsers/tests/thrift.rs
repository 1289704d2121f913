//! Thrift: both protocols with and without frames, exceptions, and that no way to split a
//! conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Thrift;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, told, up};

fn message(compact: bool, framed: bool, kind: u8, name: &str, id: u8, fields: &[u8]) -> Vec<u8> {
    let mut p = if compact {
        vec![0x82, 1 | kind << 5, id, name.len() as u8]
    } else {
        vec![0x80, 1, 0, kind, 0, 0, 0, name.len() as u8]
    };
    p.extend(name.bytes());
    if !compact {
        p.extend([0, 0, 0, id]);
    }
    p.extend(fields);
    if framed { [&(p.len() as u32).to_be_bytes()[..], &p].concat() } else { p }
}

/// A list of texts, a map, a flag, a structure, in each protocol.
fn arguments(compact: bool) -> &'static [u8] {
    match compact {
        false => b"\x0f\0\x01\x0b\0\0\0\x02\0\0\0\x01a\0\0\0\x02bc\x0d\0\x02\x08\x0a\0\0\0\x01\0\0\0\x05\0\0\0\0\0\0\0\x09\x02\0\x03\x01\x0c\0\x04\x08\0\x01\0\0\0\x07\0\x04\0\x05\0\0\0\0\0\0\0\0\0",
        true => b"\x19\x28\x01a\x02bc\x1b\x01\x56\x0a\x12\x11\x1c\x15\x0e\0\x17\0\0\0\0\0\0\0\0\0",
    }
}

fn talk(compact: bool, framed: bool) -> Vec<Said> {
    let text = |t: &[u8]| match compact {
        false => [&(t.len() as u32).to_be_bytes()[..], t].concat(),
        true => [&[t.len() as u8], t].concat(),
    };
    let (declared, failed): (Vec<u8>, Vec<u8>) = match compact {
        false => (
            [&b"\x0c\0\x01\x08\0\x01\0\0\0\x05\x0b\0\x02"[..], &text(b"no item"), b"\0\0"].concat(),
            [&b"\x0b\0\x01"[..], &text(b"what?"), b"\x08\0\x02\0\0\0\x01\0"].concat(),
        ),
        true => (
            [&b"\x1c\x15\x0a\x18"[..], &text(b"no item"), b"\0\0"].concat(),
            [&b"\x18"[..], &text(b"what?"), b"\x15\x02\0"].concat(),
        ),
    };
    let result: &[u8] = if compact { b"\x05\0\x0a\0" } else { b"\x08\0\0\0\0\0\x05\0" };
    let m = |kind, name, id, fields: &[u8]| message(compact, framed, kind, name, id, fields);
    vec![
        up(m(1, "find", 1, arguments(compact))),
        down(m(2, "find", 1, result)),
        up([m(1, "Items:save", 2, b"\0"), m(1, "none", 3, b"\0")].concat()),
        down(m(2, "save", 2, &declared)),
        down(m(3, "none", 3, &failed)),
        up(m(4, "forget", 4, b"\0")),
    ]
}

#[test]
fn every_form() {
    for (compact, framed) in [(false, false), (false, true), (true, false), (true, true)] {
        let m = messages(Thrift, &talk(compact, framed));
        let strip = |line: String| line[..line.find(" length").unwrap()].to_owned();
        let got: Vec<_> = lines(&m).into_iter().map(strip).collect();
        assert_eq!(
            got,
            [
                "Request type=find endpoint=find id=1",
                "Response id=1 status=Ok",
                "Request type=save resource=Items endpoint=Items/save id=2",
                "Request type=none endpoint=none id=3",
                "Response id=2 status=ServerError exception=no item",
                "Response id=3 status=ClientError code=1 exception=what?",
                "Single type=forget endpoint=forget id=4",
            ],
            "compact {compact} framed {framed}"
        );
        assert_eq!(m[0].version, if compact { "compact" } else { "binary" });
    }
}

/// Without a frame the end of a large message is not looked for; the next one is found.
#[test]
fn large_messages() {
    let large = [&b"\x0b\0\x01\0\0\x9c\x40"[..], &[7; 40000], b"\0"].concat();
    for framed in [true, false] {
        let mut d = driver(Thrift, &Options::default());
        for part in message(false, framed, 1, "load", 1, &large).chunks(1460) {
            d.feed(ToServer, part);
        }
        d.feed(ToServer, &message(false, framed, 1, "next", 2, b"\0"));
        let names: Vec<_> = d.messages.iter().map(|m| m.request_type.as_str()).collect();
        assert_eq!(names, ["load", "next"], "framed {framed}");
        assert_eq!(d.lost == 0, framed);
    }
}

#[test]
fn what_is_thrift() {
    let yes = |dir| Probe::Certain(Thrift, dir);
    for (compact, framed) in [(false, false), (false, true), (true, false), (true, true)] {
        let call = message(compact, framed, 1, "find", 1, b"\0");
        assert_eq!(told(&call, ToServer), yes(ToServer));
        assert_eq!(told(&message(compact, framed, 2, "find", 1, b"\0"), ToServer), yes(ToClient));
        assert_eq!(told(&call[..call.len() - 3], ToServer), Probe::Unsure);
        let other = message(compact, framed, 1, "a b", 1, b"\0");
        assert!(!matches!(told(&other, ToServer), Probe::Certain(..)));
        let other = message(compact, framed, 1, "find", 1, b"\xff");
        assert!(!matches!(told(&other, ToServer), Probe::Certain(..)));
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Thrift, &Options::default());
    let call = |id| message(false, true, 1, "find", id, arguments(false));
    d.feed(ToServer, &call(1)[..30]);
    d.gap(ToServer, 100);
    d.feed(ToServer, b"tail");
    d.feed(ToServer, &call(3));
    assert_eq!(d.messages.last().unwrap().request_id, Some(3));
    assert!(!told(&call(1), ToClient).eq(&Probe::Certain(Thrift, ToClient)));
}
