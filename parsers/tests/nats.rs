//! NATS: messages with and without headers, confirmations, errors, and that no way to split a
//! conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Nats;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, up};

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(Nats, talk))
}

const INFO: &[u8] =
    b"INFO {\"server_id\":\"NX\",\"server_name\":\"hub-1\",\"version\":\"2.9.10\"} \r\n";
const TRACED: &str = "NATS/1.0\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nX-Request-ID: r-1\r\nNats-Msg-Id: 7\r\n\r\n";

#[test]
fn messages_and_subscriptions() {
    let traced = format!(
        "HPUB orders.new _INBOX.a.1 {} {}\r\n{TRACED}hello\r\n",
        TRACED.len(),
        TRACED.len() + 5
    );
    let none = "NATS/1.0 503\r\n\r\n";
    let talk = [
        down(INFO),
        up(b"CONNECT {\"verbose\":false,\"name\":\"app\",\"lang\":\"go\",\"pass\":\"secret\"}\r\nPING\r\n"),
        down(b"PONG\r\n"),
        up(b"SUB orders.> workers 1\r\nsub  _INBOX.a.*\t2\r\n"),
        up(b"PUB orders.new 5\r\nhello\r\nPUB orders.new _INBOX.a.1 0\r\n\r\n"),
        up(traced),
        down(b"MSG orders.new 1 _INBOX.a.1 7\r\nMSG a 1\r\n"),
        down(format!("HMSG _INBOX.a.1 2 {0} {0}\r\n{none}\r\n", none.len())),
        down(b"PING\r\n"),
        up(b"PONG\r\nUNSUB 1 5\r\n"),
        down(b"-ERR 'Permissions Violation for Publish to \"admin\"'\r\n"),
        down(b"-ERR 'Stale Connection'\r\n"),
    ];
    let m = messages(Nats, &talk);
    assert_eq!(
        lines(&m),
        [
            "Single type=INFO domain=hub-1 length=67",
            "Single type=CONNECT domain=hub-1 length=68",
            "Request type=PING length=6",
            "Response status=Ok length=6",
            "Single type=SUB domain=hub-1 resource=orders.> endpoint=orders length=24",
            "Single type=SUB domain=hub-1 resource=_INBOX.a.* endpoint=_INBOX length=19",
            "Single type=PUB domain=hub-1 resource=orders.new endpoint=orders length=25",
            "Single type=PUB domain=hub-1 resource=orders.new endpoint=orders length=31",
            "Single type=HPUB domain=hub-1 resource=orders.new endpoint=orders length=160",
            "Single type=MSG domain=hub-1 resource=orders.new endpoint=orders length=40",
            "Single type=HMSG domain=hub-1 resource=_INBOX.a.1 endpoint=_INBOX status=ServerError code=503 length=43",
            "Request type=PING length=6",
            "Response status=Ok length=6",
            "Single type=UNSUB domain=hub-1 length=11",
            "Single type=-ERR domain=hub-1 status=ClientError exception=Permissions Violation for Publish to \"admin\" length=53",
            "Single type=-ERR domain=hub-1 status=ServerError exception=Stale Connection length=25",
        ]
    );
    assert_eq!(m[8].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m[8].x_request_id, "r-1");
    assert_eq!(m[0].version, "2.9.10");
    assert_eq!((&m[2].pairing, &m[11].pairing), (&m[3].pairing, &m[12].pairing));
    assert_ne!(m[2].pairing, m[11].pairing);
    assert!(!format!("{m:?}").contains("secret"));
}

#[test]
fn confirmed_lines() {
    let talk = [
        down(INFO),
        up(b"CONNECT {\"verbose\":true}\r\n"),
        down(b"+OK\r\n"),
        up(b"SUB a 1\r\nPUB a 2\r\nhi\r\nPUB > 0\r\n\r\n"),
        down(b"+OK\r\n+OK\r\nMSG a 1 2\r\nhi\r\n-ERR 'Invalid Publish Subject'\r\n"),
    ];
    let m = messages(Nats, &talk);
    let kinds: Vec<_> = m.iter().map(|m| m.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "Single", "Request", "Response", "Request", "Request", "Request", "Response",
            "Response", "Single", "Response"
        ]
    );
    for (asked, answered) in [(1, 2), (3, 6), (4, 7), (5, 9)] {
        assert_eq!(m[asked].pairing, m[answered].pairing);
    }
    assert_eq!(
        (m[9].status.as_str(), m[9].exception.as_str()),
        ("ClientError", "Invalid Publish Subject")
    );
}

#[test]
fn encrypted_from_here_on() {
    let mut d = driver(Nats, &Options::default());
    d.feed(ToClient, INFO);
    d.feed(ToServer, b"\x16\x03\x01\0\x05hello");
    assert!(d.switched);
    assert_eq!(d.messages.len(), 1);
}

#[test]
fn places_are_found_again() {
    let large = [&b"PUB big 20000\r\n"[..], &[b'x'; 20_000], b"\r\n"].concat();
    let mut d = driver(Nats, &Options::default());
    d.feed(ToServer, &large[..5000]);
    d.gap(ToServer, 10_000);
    d.feed(ToServer, &large[15_000..]);
    assert_eq!((d.lost, d.messages.len()), (0, 1));
    d.gap(ToServer, 100);
    d.feed(ToServer, b"tail of a payload\r\nPUB next 2\r\nhi\r\n");
    assert_eq!((d.lost, d.messages.len()), (1, 2));
    d.feed(ToServer, b"HPUB cut 100 200\r\nNATS/1.0\r\nb3: a");
    d.cut(ToServer);
    assert_eq!(d.messages[2].request_resource, "cut");
    assert_eq!(said(&[up(b"PING\r\n"), down(b"PONG\r\n")]).len(), 2);
    for talk in [&b"SUB a 1\r\n"[..], b"UNSUB 1\r\n"] {
        assert_eq!(said(&[up(talk)]).len(), 1);
    }
}
