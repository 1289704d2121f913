//! AMQP 0-9-1: methods and their answers, messages both ways, refusals, confirmations, and that no
//! way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Amqp;
use fathom_parsers::registry::Options;
use fathom_parsers::testing::OwnedMessage;
use support::{Said, down, driver, line, messages, up};

/// Without lengths.
fn brief(messages: &[OwnedMessage]) -> Vec<String> {
    let cut = |l: String| l.split(" length=").next().unwrap().to_owned();
    messages.iter().map(|m| cut(line(m))).collect()
}

fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut f = vec![kind];
    f.extend(channel.to_be_bytes());
    f.extend((payload.len() as u32).to_be_bytes());
    f.extend(payload);
    f.push(0xce);
    f
}

fn method(channel: u16, class: u16, number: u16, arguments: &[u8]) -> Vec<u8> {
    let id = [class.to_be_bytes(), number.to_be_bytes()].concat();
    frame(1, channel, &[&id, arguments].concat())
}

fn short(s: &str) -> Vec<u8> {
    [&[s.len() as u8], s.as_bytes()].concat()
}

fn header(channel: u16, len: u64, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut table = Vec::new();
    for (name, value) in headers {
        table.extend(short(name));
        table.push(b'S');
        table.extend((value.len() as u32).to_be_bytes());
        table.extend(value.bytes());
    }
    let mut h = vec![0, 60, 0, 0];
    h.extend(len.to_be_bytes());
    h.extend([0x30, 0x80]);
    h.extend((table.len() as u32).to_be_bytes());
    h.extend(table);
    h.push(2);
    h.extend(short("m-1"));
    frame(2, channel, &h)
}

fn publish(channel: u16, exchange: &str, key: &str, body: &[u8]) -> Vec<u8> {
    let a = [&[0, 0][..], &short(exchange), &short(key), &[0]].concat();
    let headers = [
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("X-Request-ID", "r-1"),
    ];
    [
        method(channel, 60, 40, &a),
        header(channel, body.len() as u64, &headers),
        frame(3, channel, body),
    ]
    .concat()
}

fn named(queue: &str, bits: u8) -> Vec<u8> {
    [&[0, 0][..], &short(queue), &[bits, 0, 0, 0, 0]].concat()
}

#[test]
fn a_session() {
    let close = |code: u16, text: &str, fault: [u8; 4]| {
        [&code.to_be_bytes()[..], &short(text), &fault].concat()
    };
    let deliver =
        [&short("tag")[..], &[0; 7], &[1, 0], &short("logs"), &short("app.1.info")].concat();
    let talk = [
        up(b"AMQP\0\0\x09\x01"),
        down(method(0, 10, 10, &[0, 9, 0, 0, 0, 0])),
        up(method(0, 10, 11, &[0, 0, 0, 0])),
        down(method(0, 10, 30, &[0, 0, 0, 2, 0, 0, 0, 60])),
        up([
            method(0, 10, 31, &[0; 8]),
            method(0, 10, 40, &[&short("/shop")[..], &[0, 0]].concat()),
        ]
        .concat()),
        down(method(0, 10, 41, &[0])),
        up(method(1, 20, 10, &[0])),
        down(method(1, 20, 11, &[0; 4])),
        up(method(1, 50, 10, &named("orders.7", 0))),
        down(method(1, 50, 11, &[&short("orders.7")[..], &[0; 8]].concat())),
        up(method(1, 50, 10, &named("silent", 0x10))),
        up(publish(1, "logs", "app.1.info", b"hello")),
        up(publish(1, "", "orders.7", b"")),
        down([method(1, 60, 60, &deliver), header(1, 3, &[]), frame(3, 1, b"abc")].concat()),
        up(method(1, 60, 80, &[0, 0, 0, 0, 0, 0, 0, 1, 0])),
        up(frame(8, 0, b"")),
        up(method(1, 60, 70, &named("orders.7", 0)[..12])),
        down(method(1, 60, 72, &[0])),
        up(method(1, 50, 10, &named("missing", 1))),
        down(method(1, 20, 40, &close(404, "NOT_FOUND - no queue 'missing'", [0, 50, 0, 10]))),
        up(method(1, 20, 41, &[])),
        up(method(0, 10, 50, &close(200, "bye", [0; 4]))),
        down(method(0, 10, 51, &[])),
    ];
    let m = messages(Amqp, &talk);
    assert_eq!(
        brief(&m),
        [
            "Request type=Connection.Start",
            "Response status=Ok",
            "Request type=Connection.Tune",
            "Response status=Ok",
            "Request type=Connection.Open domain=/shop",
            "Response status=Ok",
            "Request type=Channel.Open domain=/shop",
            "Response status=Ok",
            "Request type=Queue.Declare domain=/shop resource=orders.7 endpoint=orders.?",
            "Response status=Ok result=orders.7",
            "Single type=Queue.Declare domain=/shop resource=silent endpoint=silent",
            "Single type=Basic.Publish domain=/shop resource=logs.app.1.info endpoint=logs.app.?.info",
            "Single type=Basic.Publish domain=/shop resource=orders.7 endpoint=orders.?",
            "Single type=Basic.Deliver domain=/shop resource=logs.app.1.info endpoint=logs.app.?.info",
            "Single type=Basic.Ack domain=/shop",
            "Request type=Basic.Get domain=/shop resource=orders.7 endpoint=orders.?",
            "Response status=Ok",
            "Request type=Queue.Declare domain=/shop resource=missing endpoint=missing",
            "Response status=ClientError code=404 exception=NOT_FOUND - no queue 'missing'",
            "Single type=Channel.Close domain=/shop status=ClientError code=404 exception=NOT_FOUND - no queue 'missing'",
            "Request type=Connection.Close domain=/shop",
            "Response status=Ok",
        ]
    );
    assert_eq!(m[11].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m[11].x_request_id, "r-1");
    // A connection joined late says the same, but for the virtual host.
    assert_eq!(messages(Amqp, &talk[6..14]).len(), 8);
    assert_eq!(messages(Amqp, &talk[14..]).len(), 8);
    assert_eq!(m[11].attributes[1], ("message_id".to_owned(), "m-1".to_owned()));
    for (asked, answered) in [(0, 1), (2, 3), (4, 5), (8, 9), (15, 16), (17, 18), (20, 21)] {
        assert_eq!(m[asked].pairing, m[answered].pairing);
    }
}

#[test]
fn confirmations() {
    let ack = |tag: u8, bits: u8| method(2, 60, 80, &[0, 0, 0, 0, 0, 0, 0, tag, bits]);
    let returned =
        [&312u16.to_be_bytes()[..], &short("NO_ROUTE"), &short("logs"), &short("x")].concat();
    let talk = [
        up(method(2, 85, 10, &[0])),
        down(method(2, 85, 11, &[])),
        up([publish(2, "logs", "a", b"1"), publish(2, "logs", "b", b"2")].concat()),
        up([publish(2, "logs", "c", b"3"), publish(2, "logs", "x", b"4")].concat()),
        down(ack(2, 1)),
        down(
            [ack(3, 0), method(2, 60, 50, &returned), header(2, 1, &[]), frame(3, 2, b"4")]
                .concat(),
        ),
        down(method(2, 60, 120, &[0, 0, 0, 0, 0, 0, 0, 4, 0])),
    ];
    let m = messages(Amqp, &talk);
    assert_eq!(
        brief(&m),
        [
            "Request type=Confirm.Select",
            "Response status=Ok",
            "Request type=Basic.Publish resource=logs.a endpoint=logs.a",
            "Request type=Basic.Publish resource=logs.b endpoint=logs.b",
            "Request type=Basic.Publish resource=logs.c endpoint=logs.c",
            "Request type=Basic.Publish resource=logs.x endpoint=logs.x",
            "Response status=Ok",
            "Response status=Ok",
            "Response status=Ok",
            "Single type=Basic.Return resource=logs.x endpoint=logs.x status=ClientError code=312 exception=NO_ROUTE",
            "Response status=ServerError exception=Basic.Nack",
        ]
    );
    for (asked, answered) in [(2, 6), (3, 7), (4, 8), (5, 10)] {
        assert_eq!(m[asked].pairing, m[answered].pairing);
    }
}

#[test]
fn places_are_found_again() {
    let large = publish(1, "logs", "a", &[b'x'; 20_000]);
    let mut d = driver(Amqp, &Options::default());
    d.feed(ToServer, &large[..5000]);
    d.gap(ToServer, 10_000);
    d.feed(ToServer, &large[15_000..]);
    assert_eq!((d.lost, d.messages.len()), (0, 1));
    assert!(d.messages[0].length.unwrap() > 20_000);
    d.gap(ToServer, 100);
    d.feed(ToServer, &[b"tail of a body\xce", &publish(1, "logs", "b", b"y")[..]].concat());
    assert_eq!((d.lost, d.messages.len()), (1, 2));
    let next = method(1, 50, 10, &named("orders", 0));
    d.feed(ToServer, &next[..20]);
    d.cut(ToServer);
    assert_eq!(d.messages[2].request_resource, "orders");
    d.gap(ToClient, 10);
    d.feed(ToClient, &method(1, 50, 11, &[&short("orders")[..], &[0; 8]].concat()));
    assert_eq!(d.messages[3].result, "orders");
    // A joined message has no answer to come.
    let talk: [Said; 3] =
        [up(method(3, 20, 10, &[0])), down(method(3, 20, 11, &[0; 4])), up(method(3, 90, 20, &[]))];
    assert_eq!(messages(Amqp, &talk).len(), 3);
}

/// A frame of AMQP 1.0 with one performative and what follows it.
fn one(kind: u8, channel: u8, performative: u8, fields: &[&[u8]], behind: &[u8]) -> Vec<u8> {
    let list = fields.concat();
    let mut f = vec![2, kind, 0, channel, 0, 0x53, performative];
    f.extend([0xc0, list.len() as u8 + 1, fields.len() as u8]);
    f.extend(list);
    f.extend(behind);
    [&(f.len() as u32 + 4).to_be_bytes()[..], &f].concat()
}

fn string(s: &str) -> Vec<u8> {
    [&[0xa1, s.len() as u8], s.as_bytes()].concat()
}

/// A described list.
fn told(descriptor: u8, fields: &[&[u8]]) -> Vec<u8> {
    let list = fields.concat();
    let mut v = vec![0, 0x53, descriptor, 0xc0, list.len() as u8 + 1, fields.len() as u8];
    v.extend(list);
    v
}

const NULL: &[u8] = &[0x40];
const TRUE: &[u8] = &[0x41];
const FALSE: &[u8] = &[0x42];

fn number(n: u8) -> [u8; 2] {
    [0x52, n]
}

#[test]
fn version_1() {
    let source = told(0x28, &[&string("in")]);
    let target = told(0x29, &[&string("orders.7")]);
    let attach = |handle: u8, role: &[u8]| {
        one(
            0,
            0,
            0x12,
            &[&string("link"), &number(handle), role, NULL, NULL, &source, &target],
            b"",
        )
    };
    let mut properties = string("traceparent");
    properties.extend(string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    let mut message = vec![0, 0x53, 0x74, 0xc1, properties.len() as u8 + 1, 2];
    message.extend(properties);
    message.extend(b"\0\x53\x75\xa0\x05hello");
    let transfer = |delivery: u8, settled: &[u8], more: &[u8]| {
        let tag: &[u8] = &[0xa0, 1, b't'];
        one(0, 0, 0x14, &[&number(3), &number(delivery), tag, NULL, settled, more], &message)
    };
    let accepted = told(0x24, &[]);
    let rejected =
        told(0x25, &[&told(0x1d, &[b"\xa3\x0eamqp:not-found", &string("no such thing")])]);
    let refused = told(0x1d, &[b"\xa3\x13amqp:internal-error"]);
    let talk = [
        up(b"AMQP\x03\x01\0\0"),
        down(b"AMQP\x03\x01\0\0"),
        down(one(1, 0, 0x40, &[b"\xa3\x05PLAIN"], b"")),
        up(one(1, 0, 0x41, &[b"\xa3\x05PLAIN", b"\xa0\x04user"], b"")),
        down(one(1, 0, 0x44, &[&[0x50, 0]], b"")),
        up(b"AMQP\0\x01\0\0"),
        up([
            one(0, 0, 0x10, &[&string("me"), &string("shop")], b""),
            one(0, 0, 0x11, &[NULL], b""),
        ]
        .concat()),
        down(b"AMQP\0\x01\0\0"),
        down(
            [one(0, 0, 0x10, &[&string("hub")], b""), one(0, 0, 0x11, &[&[0x60, 0, 0]], b"")]
                .concat(),
        ),
        up(attach(3, FALSE)),
        down(attach(0, TRUE)),
        up([transfer(0, FALSE, FALSE), transfer(1, FALSE, TRUE), transfer(1, FALSE, FALSE)]
            .concat()),
        up(transfer(2, FALSE, FALSE)),
        up(transfer(3, TRUE, FALSE)),
        down(one(0, 0, 0x15, &[TRUE, &number(0), &number(1), TRUE, &accepted], b"")),
        down(one(0, 0, 0x15, &[TRUE, &number(2), NULL, TRUE, &rejected], b"")),
        down(b"\0\0\0\x08\x02\0\0\0"),
        down(one(0, 0, 0x16, &[&number(0), TRUE, &refused], b"")),
        up(one(0, 0, 0x16, &[&number(3), TRUE], b"")),
        up(one(0, 0, 0x18, &[], b"")),
        down(one(0, 0, 0x18, &[], b"")),
    ];
    let m = messages(Amqp, &talk);
    assert_eq!(
        brief(&m),
        [
            "Request type=SaslInit",
            "Response status=Ok code=0",
            "Request type=Open domain=shop",
            "Request type=Begin domain=shop",
            "Response status=Ok",
            "Response status=Ok",
            "Request type=Attach domain=shop resource=orders.7 endpoint=orders.?",
            "Response status=Ok",
            "Request type=Transfer domain=shop resource=orders.7 endpoint=orders.? id=0",
            "Request type=Transfer domain=shop resource=orders.7 endpoint=orders.? id=1",
            "Request type=Transfer domain=shop resource=orders.7 endpoint=orders.? id=2",
            "Single type=Transfer domain=shop resource=orders.7 endpoint=orders.? id=3",
            "Response id=0 status=Ok result=accepted",
            "Response id=1 status=Ok result=accepted",
            "Response id=2 status=ClientError exception=no such thing result=rejected",
            "Single type=Detach domain=shop status=ServerError exception=amqp:internal-error",
            "Request type=Close domain=shop",
            "Response status=Ok",
        ]
    );
    assert_eq!(m[8].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((m[2].version.as_str(), &m[9].pairing), ("1.0", &m[13].pairing));
    // Joined late, the address is not known.
    let m = messages(Amqp, &talk[11..15]);
    assert_eq!(brief(&m)[0], "Request type=Transfer id=0");
}
