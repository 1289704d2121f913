//! MQTT of all versions: connections, subscriptions, messages both ways, and that no way to split
//! a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Mqtt;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, up};

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(Mqtt, talk))
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut p = vec![first];
    let mut left = body.len();
    while left >= 0x80 {
        p.push(left as u8 | 0x80);
        left >>= 7;
    }
    p.push(left as u8);
    p.extend(body);
    p
}

fn text(s: &str) -> Vec<u8> {
    [&(s.len() as u16).to_be_bytes()[..], s.as_bytes()].concat()
}

fn connect(level: u8, client: &str) -> Said {
    let mut b = text("MQTT");
    b.extend([level, 2, 0, 60]);
    if level == 5 {
        b.extend([5, 17, 0, 0, 0, 10]);
    }
    b.extend(text(client));
    up(packet(0x10, &b))
}

#[test]
fn version_3() {
    let talk = [
        connect(4, "sensor-1"),
        down(packet(0x20, &[0, 0])),
        up(packet(0x82, &[&[0, 1][..], &text("home/+/temp"), &[1], &text("a"), &[0]].concat())),
        down(packet(0x90, &[0, 1, 1, 0x80])),
        up(packet(0x30, &[&text("home/7/temp")[..], b"21.5"].concat())),
        up(packet(0x32, &[&text("home/temp")[..], &[0, 2], b"21.5"].concat())),
        down(packet(0x40, &[0, 2])),
        up(packet(0x34, &[&text("home/temp")[..], &[0, 3], &[b'x'; 5000]].concat())),
        down(packet(0x50, &[0, 3])),
        up(packet(0x62, &[0, 3])),
        down(packet(0x70, &[0, 3])),
        down(packet(0x32, &[&text("home/temp")[..], &[0, 2], b"22"].concat())),
        up(packet(0x40, &[0, 2])),
        up(packet(0xa2, &[&[0, 4][..], &text("a")].concat())),
        down(packet(0xb0, &[0, 4])),
        up(packet(0xc0, b"")),
        down(packet(0xd0, b"")),
        up(packet(0xe0, b"")),
    ];
    let mut d = driver(Mqtt, &Options::default());
    talk.iter().for_each(|(dir, bytes)| d.feed(*dir, bytes));
    let pairs: Vec<_> = d.messages.iter().map(|m| m.pairing.clone()).collect();
    for (asked, answered) in [(0, 1), (2, 3), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)]
    {
        assert_eq!(pairs[asked], pairs[answered]);
    }
    assert_ne!(pairs[5], pairs[11], "each side has its own numbers");
    assert_eq!(d.messages[0].version, "3.1.1");
    let small: Vec<_> = talk.iter().filter(|t| t.1.len() < 1000).cloned().collect();
    assert_eq!(
        said(&small),
        [
            "Request type=CONNECT domain=sensor-1 length=22",
            "Response status=Ok code=0 length=4",
            "Request type=SUBSCRIBE domain=sensor-1 resource=home/+/temp,a endpoint=home/?/temp id=1 length=22",
            "Response id=1 status=ClientError code=128 exception=Failure length=6",
            "Single type=PUBLISH domain=sensor-1 resource=home/7/temp endpoint=home/?/temp length=19",
            "Request type=PUBLISH domain=sensor-1 resource=home/temp endpoint=home/temp id=2 length=19",
            "Response id=2 status=Ok code=0 length=4",
            "Response id=3 status=Ok code=0 length=4",
            "Request type=PUBREL domain=sensor-1 id=3 length=4",
            "Response id=3 status=Ok code=0 length=4",
            "Request type=PUBLISH domain=sensor-1 resource=home/temp endpoint=home/temp id=2 length=17",
            "Response id=2 status=Ok code=0 length=4",
            "Request type=UNSUBSCRIBE domain=sensor-1 resource=a endpoint=a id=4 length=7",
            "Response id=4 status=Ok code=0 length=4",
            "Request type=PINGREQ length=2",
            "Response status=Ok length=2",
            "Single type=DISCONNECT domain=sensor-1 status=Ok length=2",
        ]
    );
    assert_eq!(
        said(&[connect(3, "x"), down(packet(0x20, &[0, 5]))])[1],
        "Response status=ClientError code=5 exception=Not authorized length=4"
    );
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn version_5() {
    let user = |name: &str, value: &str| [&[38][..], &text(name), &text(value)].concat();
    let sized = |p: &[u8]| [&[p.len() as u8][..], p].concat();
    let mut traced = [35, 0, 9].to_vec();
    traced.extend(user("traceparent", PARENT));
    traced.extend(user("X-Request-ID", "r-1"));
    let talk = [
        connect(5, ""),
        down(packet(0x20, &[&[0, 0][..], &sized(&[&[18][..], &text("auto-1")].concat())].concat())),
        up(packet(0x32, &[&text("a/b")[..], &[0, 1], &sized(&traced), b"payload"].concat())),
        down(packet(
            0x40,
            &[&[0, 1, 0x97][..], &sized(&[&[31][..], &text("too much")].concat())].concat(),
        )),
        up(packet(0x30, &[&text("")[..], &sized(&[35, 0, 9]), b"again"].concat())),
        up(packet(0x82, &[&[0, 2][..], &sized(&[11, 1]), &text("a/#"), &[1]].concat())),
        down(packet(0x90, &[&[0, 2][..], &sized(&[]), &[0x87]].concat())),
        down(packet(0xe0, &[0x8b])),
    ];
    let m = messages(Mqtt, &talk);
    assert_eq!(
        lines(&m),
        [
            "Request type=CONNECT length=20",
            "Response status=Ok code=0 result=auto-1 length=14",
            "Request type=PUBLISH domain=auto-1 resource=a/b endpoint=a/b id=1 length=111",
            "Response id=1 status=ClientError code=151 exception=too much length=17",
            "Single type=PUBLISH domain=auto-1 resource=a/b endpoint=a/b length=13",
            "Request type=SUBSCRIBE domain=auto-1 resource=a/# endpoint=a/# id=2 length=13",
            "Response id=2 status=ClientError code=135 exception=Not authorized length=6",
            "Single type=DISCONNECT domain=auto-1 status=ServerError code=139 exception=Server shutting down length=3",
        ]
    );
    assert_eq!(m[2].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((m[2].x_request_id.as_str(), m[2].version.as_str()), ("r-1", "5.0"));
}

#[test]
fn joined_late_and_found_again() {
    let publish = |n: usize| packet(0x30, &[&text("a/b")[..], &vec![b'x'; n]].concat());
    let mut d = driver(Mqtt, &Options::default());
    d.feed(ToServer, &publish(10_000)[..5000]);
    d.gap(ToServer, 4000);
    d.feed(ToServer, &publish(10_000)[9000..]);
    assert_eq!((d.lost, d.messages.len()), (0, 1));
    d.gap(ToServer, 100);
    d.feed(ToServer, b"in the middle of something");
    d.feed(ToServer, &publish(10));
    d.gap(ToClient, 100);
    d.feed(ToClient, &packet(0x40, &[0, 2]));
    assert_eq!((d.lost, d.messages.len()), (2, 3));
    d.feed(ToServer, &publish(100)[..50]);
    d.cut(ToServer);
    assert_eq!(d.messages[3].request_resource, "a/b");
    // Subscriptions without and with properties, the version unknown.
    for body in [&b"\0\x01\0\x03a/+\0"[..], b"\0\x01\0\0\x03a/+\x01"] {
        let m = messages(Mqtt, &[up(packet(0x82, body))]);
        assert_eq!(m[0].request_resource, "a/+");
    }
}
