//! FastCGI: requests and answers in one record or many, what programs complain of, and that no way
//! to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::FastCgi;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

fn record(kind: u8, id: u16, content: &[u8], padding: u8) -> Vec<u8> {
    let mut p = vec![1, kind];
    p.extend(id.to_be_bytes());
    p.extend((content.len() as u16).to_be_bytes());
    p.extend([padding, 0]);
    p.extend(content);
    p.extend(vec![0; usize::from(padding)]);
    p
}

fn pairs(all: &[(&str, &str)]) -> Vec<u8> {
    let mut p = Vec::new();
    for (name, value) in all {
        for text in [name, value] {
            match text.len() {
                n @ 0..=127 => p.push(n as u8),
                n => p.extend((n as u32 | 1 << 31).to_be_bytes()),
            }
        }
        p.extend(name.bytes());
        p.extend(value.bytes());
    }
    p
}

fn begin(id: u16) -> Vec<u8> {
    record(1, id, &[0, 1, 1, 0, 0, 0, 0, 0], 0)
}

fn ask(id: u16, params: &[u8], body: &[u8]) -> Vec<u8> {
    let mut p = begin(id);
    p.extend(record(4, id, params, 3));
    p.extend(record(4, id, b"", 0));
    if !body.is_empty() {
        p.extend(record(5, id, body, 0));
    }
    p.extend(record(5, id, b"", 0));
    p
}

fn end(id: u16, status: u8) -> Vec<u8> {
    record(3, id, &[0, 0, 0, 0, status, 0, 0, 0], 0)
}

const PARAMS: &[(&str, &str)] = &[
    ("REQUEST_METHOD", "POST"),
    ("REQUEST_URI", "/items?id=1"),
    ("DOCUMENT_URI", "/index.php"),
    ("SERVER_PROTOCOL", "HTTP/1.1"),
    ("CONTENT_LENGTH", "5"),
    ("HTTP_HOST", "shop.example"),
    ("HTTP_X_REQUEST_ID", "r-1"),
    ("HTTP_X_FORWARDED_FOR", "192.0.2.7, 10.0.0.1"),
    ("HTTP_TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
];

#[test]
fn requests_and_answers() {
    let get = pairs(&[("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/a.php")]);
    let (one, two) = get.split_at(9);
    let mut in_pieces = begin(1);
    in_pieces.extend(record(4, 1, one, 0));
    in_pieces.extend(record(4, 1, two, 1));
    in_pieces.extend(record(4, 1, b"", 0));
    let talk = [
        up(ask(1, &pairs(PARAMS), b"a=b&c")),
        down(
            [
                record(6, 1, b"X-Request-ID: s-1\r\nContent-type: text/html\r\n\r\nhello", 3),
                end(1, 0),
            ]
            .concat(),
        ),
        up(in_pieces),
        // A head in two records, a complaint before it, a body in further ones.
        down(record(7, 1, b"PHP message: Primary script unknown\n", 4)),
        down(record(6, 1, b"Status: 404 Not F", 0)),
        down(record(6, 1, b"ound\r\nA: b\r\n\r\nFile not", 0)),
        down([record(6, 1, b" found.\n", 0), record(6, 1, b"", 0), end(1, 0)].concat()),
        up(ask(2, &get, b"")),
        down(end(2, 2)),
        up(ask(3, &get, b"")),
        down([record(6, 3, b"", 0), end(3, 0)].concat()),
    ];
    let m = messages(FastCgi, &talk);
    assert_eq!(
        lines(&m),
        [
            "Request type=POST domain=shop.example resource=/items?id=1 endpoint=/index.php id=1 length=5",
            "Response id=1 status=Ok code=200 open=yes",
            "End length=5",
            "Request type=GET resource=/a.php endpoint=/a.php id=1 length=0",
            "Response id=1 status=ClientError code=404 exception=PHP message: Primary script unknown open=yes",
            "End length=16",
            "Request type=GET resource=/a.php endpoint=/a.php id=2 length=0",
            "Response id=2 status=ServerError length=0",
            "Request type=GET resource=/a.php endpoint=/a.php id=3 length=0",
            "Response id=3 status=Ok code=200 length=0",
        ]
    );
    assert_eq!(m[0].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((m[0].x_request_id.as_str(), m[1].x_request_id.as_str()), ("r-1", "s-1"));
    assert_eq!((m[0].client_ip.as_str(), m[0].version.as_str()), ("192.0.2.7", "1.1"));
}

/// More parameters than are read: those in front count.
#[test]
fn a_request_of_very_many_parameters() {
    let long = "x".repeat(20000);
    let params =
        pairs(&[("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("A", &long), ("B", &long)]);
    let (one, two) = params.split_at(30000);
    let mut all = begin(1);
    all.extend(record(4, 1, one, 0));
    all.extend(record(4, 1, two, 7));
    all.extend(record(4, 1, &pairs(&[("REQUEST_URI", "/not/this")]), 0));
    all.extend(record(4, 1, b"", 0));
    all.extend(ask(2, &pairs(PARAMS), b""));
    for step in [usize::MAX, 1000, 1] {
        let mut d = driver(FastCgi, &Options::default());
        all.chunks(step.min(all.len())).for_each(|part| d.feed(ToServer, part));
        let resources: Vec<_> = d.messages.iter().map(|m| m.request_resource.as_str()).collect();
        assert_eq!((d.lost, resources), (0, vec!["/", "/items?id=1"]), "in steps of {step}");
    }
}

#[test]
fn what_is_fastcgi() {
    let yes = |dir| Probe::Certain(FastCgi, dir);
    assert_eq!(told(&ask(1, &pairs(PARAMS), b""), ToServer), yes(ToServer));
    assert_eq!(told(&begin(1)[..11], ToServer), Probe::Unsure);
    assert_eq!(told(&record(6, 1, b"Status: 200 OK\r\n\r\n", 0), ToClient), yes(ToClient));
    for other in [record(6, 1, b"\x89PNG\r\n", 0), record(1, 1, &[0, 9, 0, 0, 0, 0, 0, 0], 0)] {
        let told = told(&other, ToClient);
        assert!(!matches!(told, Probe::Certain(..)), "{told:?}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(FastCgi, &Options::default());
    let large = record(6, 1, &[&b"A: b\r\n\r\n"[..], &[7; 30000]].concat(), 0);
    d.feed(ToServer, &ask(1, &pairs(PARAMS), b"x"));
    d.feed(ToClient, &large[..2000]);
    d.gap(ToClient, 20000);
    d.feed(ToClient, &[&large[22000..], &end(1, 0)].concat());
    assert_eq!((d.lost, d.messages.last().unwrap().length), (0, Some(30000)));
    d.feed(ToServer, &ask(1, &pairs(PARAMS), b"x")[..40]);
    d.gap(ToServer, 5000);
    d.feed(ToServer, &[&b"tail"[..], &ask(1, &pairs(PARAMS), b"x")].concat());
    d.gap(ToClient, 5000);
    d.feed(ToClient, &record(6, 1, b"middle of something", 0));
    d.feed(ToClient, &[record(6, 1, b"A: b\r\n\r\n", 0), end(1, 0)].concat());
    let kinds: Vec<_> = d.messages.iter().map(|m| m.kind.as_str()).collect();
    // Of the request that was cut, what there was is told.
    assert_eq!(kinds, ["Request", "Response", "End", "Request", "Request", "Response", "End"]);
}
