//! Cassandra's protocol: statements, prepared ones, batches, answers in another order, segments, and
//! that no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Cassandra;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

fn frame(version: u8, flags: u8, stream: u16, opcode: u8, body: &[u8]) -> Vec<u8> {
    let (s, l) = (stream.to_be_bytes(), (body.len() as u32).to_be_bytes());
    [&[version, flags][..], &s, &[opcode], &l, body].concat()
}

fn text(s: &str) -> Vec<u8> {
    [&(s.len() as u16).to_be_bytes()[..], s.as_bytes()].concat()
}

fn long(s: &str) -> Vec<u8> {
    [&(s.len() as u32).to_be_bytes()[..], s.as_bytes()].concat()
}

fn query(s: &str) -> Vec<u8> {
    [&long(s)[..], &[0, 6, 0]].concat()
}

fn startup(version: u8) -> Vec<u8> {
    frame(version, 0, 0, 1, &[&[0, 1][..], &text("CQL_VERSION"), &text("3.0.0")].concat())
}

fn error(code: u32, words: &str) -> Vec<u8> {
    [&code.to_be_bytes()[..], &text(words)].concat()
}

/// A segment as the specification has it.
fn segment(whole: bool, payload: &[u8]) -> Vec<u8> {
    let number = payload.len() as u32 | u32::from(whole) << 17;
    let header = &number.to_le_bytes()[..3];
    let crc = header.iter().fold(0x0087_5060u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b) << 16, |crc, _| {
            let crc = crc << 1;
            if crc & 0x0100_0000 != 0 { crc ^ 0x0197_4f0b } else { crc }
        })
    });
    [header, &crc.to_le_bytes()[..3], payload, &[1, 2, 3, 4]].concat()
}

const ID: &[u8] = b"\0\x10sixteen bytes id";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn a_session() {
    let batch = [&[0, 0, 2, 0][..], &long("INSERT INTO t (a) VALUES (7)"), &[0, 0, 0, 6]].concat();
    let payload = [&[0, 1][..], &text("traceparent"), &long(TRACE)].concat();
    let m = messages(
        Cassandra,
        &[
            up(frame(4, 0, 0, 5, b"")),
            down(frame(0x84, 0, 0, 6, &[&[0, 1][..], &text("CQL_VERSION"), &[0, 0]].concat())),
            up(startup(4)),
            down(frame(0x84, 0, 0, 2, b"")),
            up([
                frame(4, 0, 1, 7, &query("SELECT a FROM ks.t WHERE b = 'secret'")),
                frame(4, 0, 2, 9, &long("SELECT c FROM t WHERE d = ?")),
            ]
            .concat()),
            down(
                [
                    frame(0x84, 2, 2, 8, &[&[9; 16][..], &[0, 0, 0, 4], ID, &[0; 8]].concat()),
                    frame(0x84, 0, 1, 8, &[0, 0, 0, 2]),
                ]
                .concat(),
            ),
            up(frame(4, 4, 3, 10, &[&payload[..], ID, &[0, 6, 0]].concat())),
            down(frame(
                0x84,
                8,
                3,
                0,
                &[&[0, 1][..], &text("careful"), &error(0x1200, "timed out")].concat(),
            )),
            up(frame(4, 0, 4, 13, &batch)),
            down(frame(0x84, 0, 4, 0, &error(0x2000, "line 1"))),
            down(frame(0x84, 0, 0xffff, 12, &text("STATUS_CHANGE"))),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=OPTIONS endpoint=OPTIONS id=0 length=9",
            "Response id=0 status=Ok length=26",
            "Request type=STARTUP endpoint=STARTUP id=0 length=31",
            "Response id=0 status=Ok length=9",
            "Request type=QUERY resource=SELECT a FROM ks.t WHERE b = ? endpoint=SELECT a FROM ks.t WHERE b = ? id=1 length=53",
            "Request type=PREPARE resource=SELECT c FROM t WHERE d = ? endpoint=SELECT c FROM t WHERE d = ? id=2 length=40",
            "Response id=2 status=Ok length=55",
            "Response id=1 status=Ok length=13",
            "Request type=EXECUTE resource=SELECT c FROM t WHERE d = ? endpoint=SELECT c FROM t WHERE d = ? id=3 length=104",
            "Response id=3 status=ServerError code=4608 exception=timed out length=35",
            "Request type=BATCH resource=INSERT INTO t (a) VALUES (?) endpoint=INSERT INTO t (a) VALUES (?) id=4 length=49",
            "Response id=4 status=ClientError code=8192 exception=line 1 length=21",
            "Single type=EVENT resource=STATUS_CHANGE endpoint=EVENT id=65535 status=Ok length=24",
        ]
    );
    assert_eq!(m[8].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m[4].attributes[2].1, "LOCAL_QUORUM");
    assert_eq!(m[10].facts, [("batch_statements".to_owned(), "2".to_owned())]);
    assert!(!format!("{m:?}").contains("secret"));
}

#[test]
fn segments_of_version_5() {
    let large = frame(5, 0, 3, 7, &query(&format!("SELECT a FROM t -- {}", "x".repeat(300))));
    let (front, rest) = large.split_at(60);
    let m = messages(
        Cassandra,
        &[
            up(startup(5)),
            down(frame(0x85, 0, 0, 2, b"")),
            up(segment(
                true,
                &[frame(5, 0, 1, 7, &query("SELECT 1")), frame(5, 0, 2, 7, &query("SELECT 2"))]
                    .concat(),
            )),
            down(segment(true, &frame(0x85, 0, 2, 8, &[0, 0, 0, 1]))),
            down(segment(true, &frame(0x85, 0, 1, 8, &[0, 0, 0, 1]))),
            up([segment(false, front), segment(false, rest)].concat()),
            up(segment(true, &frame(5, 0, 4, 5, b""))),
        ],
    );
    assert_eq!(
        lines(&m)[2..],
        [
            "Request type=QUERY resource=SELECT ? endpoint=SELECT ? id=1 length=24",
            "Request type=QUERY resource=SELECT ? endpoint=SELECT ? id=2 length=24",
            "Response id=2 status=Ok length=13",
            "Response id=1 status=Ok length=13",
            "Request type=QUERY resource=SELECT a FROM t endpoint=SELECT a FROM t id=3 length=335",
            "Request type=OPTIONS endpoint=OPTIONS id=4 length=9",
        ]
    );
}

#[test]
fn bodies_that_are_packed() {
    // LZ4 of one literal run, behind the length of what it is.
    let body = query("SELECT a FROM t");
    let packed =
        [&(body.len() as u32).to_be_bytes()[..], &[0xf0, body.len() as u8 - 15], &body].concat();
    let pairs = [text("CQL_VERSION"), text("3.0.0"), text("COMPRESSION"), text("lz4")].concat();
    let m = messages(
        Cassandra,
        &[up(frame(4, 0, 0, 1, &[&[0, 2][..], &pairs].concat())), up(frame(4, 1, 1, 7, &packed))],
    );
    assert_eq!(m[1].request_resource, "SELECT a FROM t");
}

#[test]
fn what_is_cassandra() {
    let yes = |dir| Probe::Certain(Cassandra, dir);
    for (bytes, dir) in [
        (startup(4), ToServer),
        (frame(3, 0, 0, 5, b""), ToServer),
        (frame(4, 0, 7, 7, &query("SELECT a FROM t")), ToServer),
        (frame(0x84, 0, 7, 0, &error(0x2200, "no")), ToClient),
        (frame(0x84, 0, 7, 8, &[0, 0, 0, 1]), ToClient),
    ] {
        assert_eq!(told(&bytes, dir), yes(dir), "{bytes:?}");
        for cut in 2..9 {
            assert_eq!(told(&bytes[..cut], dir), Probe::Unsure, "{bytes:?} cut at {cut}");
        }
    }
    for bytes in [
        frame(4, 0, 7, 7, &query("nothing like a statement")),
        frame(4, 0, 7, 8, &[0, 0, 0, 1]),
        frame(0x84, 0, 7, 8, &[0, 0, 1, 1]),
        frame(2, 0, 0, 5, b""),
        vec![4; 40],
    ] {
        assert!(!matches!(told(&bytes, ToServer), Probe::Certain(Cassandra, _)), "{bytes:?}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Cassandra, &Options::default());
    d.feed(ToServer, &frame(4, 0, 1, 7, &query("SELECT a FROM t"))[..20]);
    d.gap(ToServer, 100);
    d.feed(ToServer, &frame(4, 0, 2, 7, &query("SELECT b FROM t")));
    assert_eq!(d.messages.last().unwrap().request_resource, "SELECT b FROM t");
    d.feed(ToClient, &frame(0x84, 0, 2, 8, &[2; 30_000])[..20_000]);
    d.gap(ToClient, 5000);
    d.feed(ToClient, &[&[2; 5009][..], &frame(0x84, 0, 3, 8, &[0, 0, 0, 1])].concat());
    assert_eq!(d.messages.last().unwrap().request_id, Some(3));
}
