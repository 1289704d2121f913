//! Dubbo: names and attachments in each serialisation, answers and what they say, events of both
//! sides, and that no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Dubbo;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, told, up};

fn frame(flags: u8, status: u8, id: u64, body: &[u8]) -> Vec<u8> {
    let mut p = vec![0xda, 0xbb, flags, status];
    p.extend(id.to_be_bytes());
    p.extend((body.len() as u32).to_be_bytes());
    p.extend(body);
    p
}

/// A text of Hessian.
fn text(t: &str) -> Vec<u8> {
    let n = t.chars().count();
    let mut p = if n < 32 { vec![n as u8] } else { vec![b'S', (n >> 8) as u8, n as u8] };
    p.extend(t.bytes());
    p
}

fn hessian(method: &str, types: &str, arguments: &[u8], attachments: &[(&str, &str)]) -> Vec<u8> {
    let mut p = Vec::new();
    for t in ["2.0.2", "com.example.shop.Items", "1.0.0", method, types] {
        p.extend(text(t));
    }
    p.extend(arguments);
    p.push(b'H');
    for (name, value) in attachments {
        p.extend(text(name));
        p.extend(text(value));
    }
    p.push(b'Z');
    p
}

const SW8: &str = "1-YS5iLmM=-ZC5l-7-x-y-z-p";

#[test]
fn calls_in_hessian() {
    let object = b"C\x08Criteria\x92\x02id\x04name\x60\x91\x05apple";
    let thrown = [
        &b"\x90C\x1fjava.lang.IllegalStateException\x92\x05cause\x0ddetailMessage\x60N"[..],
        b"\x06broken",
    ]
    .concat();
    let m = messages(
        Dubbo,
        &[
            up(frame(
                0xc2,
                0,
                7,
                &hessian(
                    "find",
                    "Lcom/example/Criteria;I[Ljava/lang/String;",
                    &[&object[..], b"\x95", b"\x71\x07[string\x01x"].concat(),
                    &[("path", "com.example.shop.Items"), ("sw8", SW8), ("x-request-id", "r-1")],
                ),
            )),
            down(frame(0x02, 20, 7, b"\x91\x05apple")),
            up(frame(0xc2, 0, 8, &hessian("save", "", b"", &[]))),
            up(frame(0x82, 0, 9, &hessian("forget", "J", b"\xe0", &[]))),
            down(frame(0x02, 40, 8, &text("No such method save"))),
            up(frame(0xc2, 0, 10, &hessian("broken", "", b"", &[]))),
            down(frame(0x02, 20, 10, &thrown)),
            up(frame(0xc2, 0, 11, &hessian("slow", "", b"", &[]))),
            down(frame(0x02, 31, 11, &text("Waiting server-side response timeout"))),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=find resource=com.example.shop.Items endpoint=com.example.shop.Items/find id=7 length=201",
            "Response id=7 status=Ok code=20 length=7",
            "Request type=save resource=com.example.shop.Items endpoint=com.example.shop.Items/save id=8 length=43",
            "Single type=forget resource=com.example.shop.Items endpoint=com.example.shop.Items/forget id=9 length=47",
            "Response id=8 status=ClientError code=40 exception=No such method save length=20",
            "Request type=broken resource=com.example.shop.Items endpoint=com.example.shop.Items/broken id=10 length=45",
            "Response id=10 status=ServerError code=20 exception=java.lang.IllegalStateException: broken length=64",
            "Request type=slow resource=com.example.shop.Items endpoint=com.example.shop.Items/slow id=11 length=43",
            "Response id=11 status=ServerError code=31 exception=Waiting server-side response timeout length=39",
        ]
    );
    assert_eq!((m[0].trace_id.as_str(), m[0].span_id.as_str()), ("a.b.c", "d.e-7"));
    assert_eq!((m[0].x_request_id.as_str(), m[0].version.as_str()), ("r-1", "2.0.2"));
    assert!(m[3].is_async);
}

/// What cannot be walked over is searched for the names.
#[test]
fn attachments_behind_arguments_of_unknown_form() {
    let body = hessian("find", "Lx;", b"\x6f\x40\x40", &[("sw8", SW8)]);
    let m = messages(Dubbo, &[up(frame(0xc2, 0, 1, &body))]);
    assert_eq!((m[0].trace_id.as_str(), m[0].span_id.as_str()), ("a.b.c", "d.e-7"));
}

#[test]
fn other_serialisations() {
    let json = "\"2.0.2\"\n\"com.example.Items\"\n\"1.0\"\n\"find\"\n\"I\"\n5\n{\"path\":\"x\",\"sw8\":\"1-YS5iLmM=-ZC5l-7-x\"}\n";
    let kryo = |t: &str| {
        let mut p = t.as_bytes().to_vec();
        *p.last_mut().unwrap() |= 0x80;
        p
    };
    let mut in_kryo = Vec::new();
    for t in ["2.0.2", "com.example.Items"] {
        in_kryo.extend(kryo(t));
    }
    in_kryo.extend([0x81]);
    in_kryo.extend(kryo("find"));
    in_kryo.extend(kryo("I"));
    in_kryo.extend([2, 10, 0x1f, 1, 3]);
    in_kryo.extend(kryo("sw8"));
    in_kryo.extend([3, 0x80 | (SW8.len() as u8 + 1)]);
    in_kryo.extend(SW8.bytes());
    let utf = |t: &str| [&(t.len() as u16).to_be_bytes()[..], t.as_bytes()].concat();
    let mut in_java = vec![0xac, 0xed, 0, 5, 0x77, 60];
    for t in ["2.0.2", "com.example.Items", "1.0", "find", "I"] {
        in_java.extend((t.len() as u32).to_be_bytes());
        in_java.extend(utf(t));
    }
    in_java.extend(b"sr\0\x11java.util.HashMapt");
    in_java.extend(utf("sw8"));
    in_java.push(b't');
    in_java.extend(utf(SW8));
    let jsonb = |t: &str| [&[0x49 + t.len() as u8], t.as_bytes()].concat();
    let mut in_jsonb = Vec::new();
    for t in ["2.0.2", "com.example.Items", "1.0", "find", "I"] {
        in_jsonb.extend((t.len() as u32 + 1).to_be_bytes());
        in_jsonb.extend(jsonb(t));
    }
    in_jsonb.extend([0, 0, 0, 9, 0xa6]);
    in_jsonb.extend(jsonb("sw8"));
    in_jsonb.extend(jsonb(SW8));
    for (id, body) in [(6, json.as_bytes()), (8, &in_kryo), (3, &in_java), (23, &in_jsonb)] {
        let m = messages(Dubbo, &[up(frame(0xc0 | id, 0, 1, body))]);
        assert_eq!(m[0].endpoint, "com.example.Items/find", "serialisation {id}");
        assert_eq!(m[0].trace_id, "a.b.c", "serialisation {id}");
        assert_eq!(m[0].span_id, "d.e-7", "serialisation {id}");
    }
    // Of one that is not read the numbers are left.
    let m = messages(Dubbo, &[up(frame(0xc9, 0, 1, b"\x01\x02")), down(frame(9, 20, 1, b"\x01"))]);
    assert_eq!(lines(&m), ["Request id=1 length=2", "Response id=1 status=Ok code=20 length=1"]);
    let failed = [up(frame(0xc6, 0, 1, b"")), down(frame(6, 20, 1, b"0\n{\"message\":\"x\"}\n"))];
    assert_eq!(
        lines(&messages(Dubbo, &failed))[1],
        "Response id=1 status=ServerError code=20 exception={\"message\":\"x\"} length=18"
    );
}

#[test]
fn events_of_both_sides() {
    let m = messages(
        Dubbo,
        &[
            up(frame(0xe2, 0, 1, b"N")),
            down(frame(0xe2, 0, 1, b"N")),
            down(frame(0x22, 20, 1, b"N")),
            up(frame(0x22, 20, 1, b"N")),
            down(frame(0xa2, 0, 2, b"\x01R")),
        ],
    );
    let pairs: Vec<_> = m.iter().map(|m| (m.kind.as_str(), m.pairing.as_str())).collect();
    assert_eq!(
        pairs,
        [
            ("Request", "ById(1)"),
            ("Request", "ById(9223372036854775809)"),
            ("Response", "ById(1)"),
            ("Response", "ById(9223372036854775809)"),
            ("Single", "ById(9223372036854775810)"),
        ]
    );
    assert_eq!(m[4].request_type, "readonly");
}

#[test]
fn what_is_dubbo() {
    let call = frame(0xc2, 0, 7, &hessian("find", "", b"", &[]));
    let yes = |dir| Probe::Certain(Dubbo, dir);
    assert_eq!(told(&call, ToServer), yes(ToServer));
    // The bytes know better than a guess.
    assert_eq!(told(&call, ToClient), yes(ToServer));
    assert_eq!(told(&frame(2, 20, 7, b""), ToServer), yes(ToClient));
    assert_eq!(told(&frame(0xe2, 0, 7, b"N"), ToClient), yes(ToClient));
    assert_eq!(told(&call[..9], ToServer), Probe::Unsure);
    for wrong in [
        frame(0xc0, 0, 7, b""),
        frame(0xc2, 20, 7, b""),
        frame(0x02, 21, 7, b""),
        vec![0xda, 0xbc, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        assert_eq!(told(&wrong, ToServer), Probe::NotForUs, "{}", wrong.escape_ascii());
    }
}

#[test]
fn places_are_found_again() {
    let call = |id| frame(0xc2, 0, id, &hessian("find", "", b"", &[]));
    let large =
        frame(0xc2, 0, 1, &hessian("load", "[B", &[&b"B\x9c\x40"[..], &[7; 40000]].concat(), &[]));
    // Inside a body the count bridges the gap.
    let mut d = driver(Dubbo, &Options::default());
    d.feed(ToServer, &large[..20000]);
    d.gap(ToServer, 10000);
    d.feed(ToServer, &[&large[30000..], &call(2)].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    // A gap over an end: the next header is found, also behind other bytes.
    d.feed(ToServer, &call(3)[..30]);
    d.gap(ToServer, 100);
    d.feed(ToServer, &[&b"tail of something \xda\xbb"[..], &call(5)].concat());
    let ids: Vec<_> = d.messages.iter().map(|m| m.request_id.unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 5]);
}

/// A thousand calls in flight, answered in another order.
#[test]
fn many_at_once() {
    let mut talk: Vec<Said> = Vec::new();
    let asked: Vec<u8> =
        (0..1000).flat_map(|id| frame(0xc2, 0, id, &hessian("find", "", b"", &[]))).collect();
    let told: Vec<u8> = (0..1000).rev().flat_map(|id| frame(2, 20, id, b"\x92")).collect();
    talk.push(up(asked));
    talk.push(down(told));
    let mut d = driver(Dubbo, &Options::default());
    for (dir, bytes) in &talk {
        bytes.chunks(1460).for_each(|part| d.feed(*dir, part));
    }
    assert_eq!((d.lost, d.messages.len()), (0, 2000));
}
