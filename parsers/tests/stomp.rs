//! STOMP: connections, receipts, bodies of both kinds, and that no way to split a conversation
//! changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Stomp;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

#[test]
fn a_connection() {
    let m = messages(
        Stomp,
        &[
            up("CONNECT\naccept-version:1.1,1.2\nhost:shop\nlogin:user\npasscode:secret\n\n\0"),
            down("CONNECTED\nversion:1.2\n\n\0\n"),
            up("SUBSCRIBE\r\nid:1\r\ndestination:/queue/orders\r\nreceipt:r1\r\n\r\n\0\n\n"),
            down("RECEIPT\nreceipt-id:r1\n\n\0"),
            up(
                "SEND\ndestination:/queue/orders\ncorrelation-id:c-1\nsw8:1-YS5iLmM=-ZC5l-7-x\ncontent-length:7\n\na\0SEND\n\0",
            ),
            up(
                "SEND\ndestination:/queue/orders\nreceipt:r2\n\nno length\0SEND\ndestination:/queue/x\nreceipt:r3\n\n\0",
            ),
            down("RECEIPT\nreceipt-id:r3\n\n\0ERROR\nreceipt-id:r2\nmessage:not allowed\n\ntext\0"),
            down("MESSAGE\nsubscription:1\nmessage-id:m-1\ndestination:/queue/orders\n\nbody\0\n"),
            up("DISCONNECT\n\n\0"),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=CONNECT domain=shop",
            "Response type=CONNECTED status=Ok",
            "Request type=SUBSCRIBE resource=/queue/orders endpoint=/queue/orders",
            "Response type=RECEIPT status=Ok",
            "Single type=SEND resource=/queue/orders endpoint=/queue/orders length=7",
            "Request type=SEND resource=/queue/orders endpoint=/queue/orders",
            "Request type=SEND resource=/queue/x endpoint=/queue/x",
            "Response type=RECEIPT status=Ok",
            "Response type=ERROR status=ServerError exception=not allowed",
            "Single type=MESSAGE resource=/queue/orders endpoint=/queue/orders status=Ok",
            "Single type=DISCONNECT",
        ]
    );
    assert_eq!([&m[4].trace_id, &m[4].span_id, &m[4].x_request_id], ["a.b.c", "d.e-7", "c-1"]);
    assert_eq!((&m[5].pairing, &m[6].pairing), (&m[8].pairing, &m[7].pairing));
    assert_ne!(m[5].pairing, m[6].pairing);
    assert!(!format!("{m:?}").contains("secret"));
}

#[test]
fn a_connection_that_is_refused() {
    let m = messages(
        Stomp,
        &[
            up("STOMP\naccept-version:9\n\n\0"),
            down("ERROR\nversion:1.2\nmessage:bad version\n\n\0"),
        ],
    );
    assert_eq!(m[0].pairing, m[1].pairing);
    let m = messages(Stomp, &[down("ERROR\nmessage:going down\n\n\0")]);
    assert_eq!(lines(&m), ["Single type=ERROR status=ServerError exception=going down"]);
}

#[test]
fn what_is_stomp() {
    let yes = |dir| Probe::Certain(Stomp, dir);
    for (text, dir, want) in [
        ("CONNECT\naccept-version:1.2\n", ToServer, yes(ToServer)),
        ("CONNECTED\r\nversion:1.2\r\n", ToServer, yes(ToClient)),
        ("DISCONNECT\n\n\0", ToServer, yes(ToServer)),
        ("SEND\ndest", ToServer, Probe::Unsure),
        ("SEN", ToServer, Probe::Unsure),
    ] {
        assert_eq!(told(text.as_bytes(), dir), want, "{text}");
    }
    for text in [
        "CONNECT shop:80 HTTP/1.1\r\n\r\n",
        "CONNECT {\"verbose\":false}\r\n",
        "PING\r\n",
        "SEND\nno header\n",
        "ERROR\r\n",
    ] {
        assert!(!matches!(told(text.as_bytes(), ToServer), Probe::Certain(Stomp, _)), "{text}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Stomp, &Options::default());
    d.feed(ToServer, b"SEND\ndestination:/a\ncontent-length:5000\n\nxxx");
    d.gap(ToServer, 4000);
    d.feed(ToServer, &[&[7; 997][..], b"\0SEND\ndestination:/b\n\nbody"].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    // A body that a zero byte ends may have ended in the gap.
    d.gap(ToServer, 500);
    d.feed(ToServer, b"rest of it\0SEND\ndestination:/c\n\n\0");
    assert_eq!(d.messages.last().unwrap().request_resource, "/c");
    d.feed(ToClient, b"MESSAGE\n\n\0");
}
