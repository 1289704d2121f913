//! Kafka: requests and answers in both encodings, and that no way to split a conversation changes
//! what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Kafka;
use fathom_parsers::registry::Options;
use fathom_parsers::testing::OwnedMessage;
use support::{Said, down, driver, lines, messages, up};

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(Kafka, talk))
}

fn sized(body: Vec<u8>) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[..], &body].concat()
}

fn ask(key: u16, version: u16, id: u32, body: &[u8]) -> Said {
    let mut m = [key.to_be_bytes(), version.to_be_bytes()].concat();
    m.extend(id.to_be_bytes());
    m.extend(b"\0\x03app");
    m.extend(body);
    up(sized(m))
}

fn tell(id: u32, body: &[u8]) -> Said {
    down(sized([&id.to_be_bytes()[..], body].concat()))
}

fn text(s: &str) -> Vec<u8> {
    [&(s.len() as u16).to_be_bytes()[..], s.as_bytes()].concat()
}

fn compact(s: &str) -> Vec<u8> {
    [&[s.len() as u8 + 1], s.as_bytes()].concat()
}

/// A number in zigzag encoding.
fn zigzag(n: usize, out: &mut Vec<u8>) {
    let mut n = n << 1;
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn batch(value: &[u8], headers: &[(&str, &str)]) -> Vec<u8> {
    let mut record = vec![0, 0, 0];
    zigzag(0, &mut record);
    zigzag(value.len(), &mut record);
    record.extend(value);
    zigzag(headers.len(), &mut record);
    for (name, value) in headers {
        zigzag(name.len(), &mut record);
        record.extend(name.bytes());
        zigzag(value.len(), &mut record);
        record.extend(value.bytes());
    }
    let mut batch = vec![0; 61];
    batch[16] = 2;
    zigzag(record.len(), &mut batch);
    batch.extend(record);
    batch
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn produce(id: u32, acks: i16, records: &[u8]) -> Said {
    let mut b = vec![0xff, 0xff];
    b.extend(acks.to_be_bytes());
    b.extend([0, 0, 0x75, 0x30, 0, 0, 0, 1]);
    b.extend(text("orders"));
    b.extend([0, 0, 0, 1, 0, 0, 0, 3]);
    b.extend((records.len() as u32).to_be_bytes());
    b.extend(records);
    ask(0, 7, id, &b)
}

fn produced(id: u32, error: i16, offset: i64) -> Said {
    let mut b = vec![0, 0, 0, 1];
    b.extend(text("orders"));
    b.extend([0, 0, 0, 1, 0, 0, 0, 3]);
    b.extend(error.to_be_bytes());
    b.extend(offset.to_be_bytes());
    b.extend([0xff; 8]);
    b.extend([0; 12]);
    tell(id, &b)
}

#[test]
fn produced_records() {
    let traced = batch(b"hello", &[("traceparent", PARENT), ("X-Request-ID", "r-1")]);
    let talk = [
        produce(1, -1, &traced),
        produced(1, 0, 42),
        produce(2, 0, &batch(b"nobody answers", &[])),
        produce(3, 1, &batch(&[b'x'; 20_000], &[("traceparent", PARENT)])),
        produced(3, 19, -1),
    ];
    let m = messages(Kafka, &talk[..3]);
    assert_eq!(m[0].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m[0].span_id, "00f067aa0ba902b7");
    assert_eq!(m[0].x_request_id, "r-1");
    assert_eq!((m[0].version.as_str(), m[0].pairing.as_str()), ("7", "ById(1)"));
    assert_eq!(m[0].attributes[1], ("client_id".to_owned(), "app".to_owned()));
    let mut d = driver(Kafka, &Options::default());
    talk.iter().for_each(|(dir, bytes)| bytes.chunks(1460).for_each(|b| d.feed(*dir, b)));
    assert_eq!(
        lines(&d.messages),
        [
            "Request type=Produce domain=orders resource=orders-3 endpoint=orders-3 id=1 length=208",
            "Response id=1 status=Ok code=0 result=orders-3:42 length=58",
            "Single type=Produce domain=orders resource=orders-3 endpoint=orders-3 id=2 length=131",
            "Request type=Produce domain=orders resource=orders-3 endpoint=orders-3 id=3 length=20189",
            "Response id=3 status=ServerError code=19 exception=NOT_ENOUGH_REPLICAS length=58",
        ]
    );
}

fn fetch(id: u32, topics: &[u8]) -> Said {
    let mut b = vec![0, 255, 255, 255, 255, 0, 0, 1, 0xf4, 0, 0, 0, 1, 3, 0, 0, 0, 0];
    b.extend([0, 0, 0, 0, 0, 0, 0, 0]);
    b.extend(topics);
    b.extend([1, 1, 0]);
    ask(1, 12, id, &b)
}

fn fetched(id: u32, topics: &[u8]) -> Said {
    let mut b = vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
    b.extend(topics);
    b.push(0);
    tell(id, &b)
}

fn partition_fetched(error: u8, records: &[u8]) -> Vec<u8> {
    let mut b = vec![0, 0, 0, 7, 0, error];
    b.extend([0; 24]);
    b.extend([2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0]);
    b.extend([255; 4]);
    b.extend([(records.len() as u8 + 1) | 0x80, ((records.len() + 1) >> 7) as u8]);
    b.extend(records);
    b.push(0);
    b
}

#[test]
fn fetched_records() {
    let mut wanted = vec![2];
    wanted.extend(compact("orders"));
    wanted.extend([2, 0, 0, 0, 7, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 41]);
    wanted.extend([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 16, 0, 0, 0, 0]);
    let mut sent = vec![2];
    sent.extend(compact("orders"));
    sent.push(3);
    let records = batch(&[b'v'; 100], &[("traceparent", PARENT)]);
    sent.extend(partition_fetched(0, &records));
    sent.extend(partition_fetched(1, &[b'-'; 200]));
    sent.push(0);
    let talk = [fetch(7, &wanted), fetched(7, &sent), fetch(8, &[1]), fetched(8, &[1])];
    assert_eq!(
        said(&talk),
        [
            "Request type=Fetch domain=orders resource=orders-7:41 endpoint=orders-7 id=7 length=89",
            "Response id=7 status=ClientError code=1 exception=OFFSET_OUT_OF_RANGE length=578",
            "Request type=Fetch id=8 length=47",
            "Response id=8 status=Ok code=0 length=21",
        ]
    );
    let m = messages(Kafka, &talk);
    assert_eq!(m[1].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn topics_by_id() {
    let mut b = vec![0, 0, 0, 1, 0xf4, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    b.extend(1..=16);
    b.extend([2, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
    let m = messages(Kafka, &[ask(1, 16, 5, &b)]);
    assert_eq!(m[0].request_domain, "AQIDBAUGBwgJCgsMDQ4PEA");
    assert_eq!(m[0].request_resource, "AQIDBAUGBwgJCgsMDQ4PEA-0:0");
}

#[test]
fn groups() {
    let join =
        [&[0][..], &compact("billing"), &[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 1, 0]].concat();
    let talk = [
        ask(10, 2, 1, &[text("billing"), vec![0]].concat()),
        tell(
            1,
            &[&[0, 0, 0, 0, 0, 15, 0xff, 0xff, 0, 0, 0, 1][..], &text("host"), &[0, 0, 35, 132]]
                .concat(),
        ),
        ask(11, 7, 2, &join),
        tell(2, &[0, 0, 0, 0, 0, 0, 79, 0, 0, 0, 0, 0, 0, 1, 0]),
        ask(12, 0, 3, &[text("billing"), vec![0, 0, 0, 1], text("member")].concat()),
        tell(3, &[0, 27]),
        ask(14, 0, 4, &[text("billing"), vec![0, 0, 0, 1], text("member"), vec![0; 4]].concat()),
        tell(4, &[0, 0, 0, 0, 0, 0]),
        ask(
            8,
            2,
            5,
            &[
                text("billing"),
                vec![0, 0, 0, 1],
                text("member"),
                vec![255; 8],
                vec![0, 0, 0, 1],
                text("orders"),
                vec![0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 77, 0, 0],
            ]
            .concat(),
        ),
        tell(5, &[vec![0, 0, 0, 1], text("orders"), vec![0, 0, 0, 1, 0, 0, 0, 2, 0, 22]].concat()),
        ask(13, 1, 6, &[text("billing"), text("member")].concat()),
        tell(6, &[0, 0, 0, 0, 0, 0]),
    ];
    assert_eq!(
        said(&talk),
        [
            "Request type=FindCoordinator resource=billing id=1 length=27",
            "Response id=1 status=ServerError code=15 exception=COORDINATOR_NOT_AVAILABLE length=30",
            "Request type=JoinGroup resource=billing endpoint=billing id=2 length=36",
            "Response id=2 status=ClientError code=79 exception=MEMBER_ID_REQUIRED length=23",
            "Request type=Heartbeat resource=billing endpoint=billing id=3 length=38",
            "Response id=3 status=ClientError code=27 exception=REBALANCE_IN_PROGRESS length=10",
            "Request type=SyncGroup resource=billing endpoint=billing id=4 length=42",
            "Response id=4 status=Ok code=0 length=14",
            "Request type=OffsetCommit domain=orders resource=orders-2:77 endpoint=orders-2 id=5 length=76",
            "Response id=5 status=ClientError code=22 exception=ILLEGAL_GENERATION length=30",
            "Request type=LeaveGroup resource=billing endpoint=billing id=6 length=34",
            "Response id=6 status=Ok code=0 length=14",
        ]
    );
    let m = messages(Kafka, &talk);
    let group = ("group_id".to_owned(), "billing".to_owned());
    assert!(m.iter().filter(|m| m.attributes.contains(&group)).count() >= 5);
}

#[test]
fn others() {
    let talk = [
        ask(18, 3, 1, b"\0\x05java\x064.0.0\0"),
        tell(1, b"\0\x23\0\0\0\x01\0\x12\0\0\0\x03"),
        ask(3, 1, 2, &[&[0, 0, 0, 1][..], &text("orders")].concat()),
        tell(
            2,
            &[
                vec![0, 0, 0, 1, 0, 0, 0, 1],
                text("host"),
                vec![0, 0, 35, 132, 255, 255, 0, 0, 0, 1, 0, 0, 0, 1, 0, 3],
                text("orders"),
                vec![0, 0, 0, 0, 0],
            ]
            .concat(),
        ),
        ask(
            19,
            2,
            3,
            &[&[0, 0, 0, 1][..], &text("orders"), &[0, 0, 0, 3, 0, 1, 0, 0, 0, 0]].concat(),
        ),
        tell(
            3,
            &[vec![0, 0, 0, 0, 0, 0, 0, 1], text("orders"), vec![0, 36], text("it exists")]
                .concat(),
        ),
        ask(88, 0, 4, &[&[0][..], &compact("streams")].concat()),
        tell(4, &[0, 0, 0, 0, 0, 0, 0]),
    ];
    assert_eq!(
        said(&talk),
        [
            "Request type=ApiVersions resource=java id=1 length=30",
            "Response id=1 status=ClientError code=35 exception=UNSUPPORTED_VERSION length=20",
            "Request type=Metadata domain=orders resource=orders endpoint=orders id=2 length=29",
            "Response id=2 status=ClientError code=3 exception=UNKNOWN_TOPIC_OR_PARTITION length=51",
            "Request type=CreateTopics domain=orders resource=orders endpoint=orders id=3 length=39",
            "Response id=3 status=ClientError code=36 exception=it exists length=37",
            "Request type=StreamsGroupHeartbeat resource=streams endpoint=streams id=4 length=26",
            "Response id=4 status=Ok code=0 length=15",
        ]
    );
}

#[test]
fn bare_tokens_of_the_old_handshake() {
    let talk = [
        ask(17, 0, 1, &text("PLAIN")),
        tell(1, &[0, 0, 0, 0, 0, 1, 0, 5]),
        up(sized(b"\0user\0secret".to_vec())),
        down(sized(Vec::new())),
        ask(3, 0, 2, &[0, 0, 0, 0]),
    ];
    assert_eq!(
        said(&talk),
        [
            "Request type=SaslHandshake resource=PLAIN id=1 length=24",
            "Response id=1 status=Ok code=0 length=16",
            "Request type=Metadata id=2 length=21",
        ]
    );
}

fn last(d: &fathom_parsers::testing::Driver) -> &OwnedMessage {
    d.messages.last().unwrap()
}

#[test]
fn places_are_found_again() {
    // Inside records the count bridges the gap.
    let mut d = driver(Kafka, &Options::default());
    let (_, large) = produce(1, 1, &batch(&[b'x'; 20_000], &[]));
    d.feed(ToServer, &large[..9000]);
    d.gap(ToServer, 10_000);
    d.feed(ToServer, &large[19_000..]);
    let (_, next) = produce(2, 1, &batch(b"y", &[]));
    d.feed(ToServer, &next);
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    // Behind lost bytes the next request and the answer to a known one are found.
    d.gap(ToServer, 100);
    d.feed(ToServer, &[b"xyz", &next[..]].concat());
    assert_eq!((d.lost, d.messages.len()), (1, 3));
    d.gap(ToClient, 5);
    d.feed(ToClient, &[b"rest of one", &produced(2, 0, 9).1[..]].concat());
    assert_eq!(last(&d).result, "orders-3:9");
    // What was cut says what it can.
    let mut d = driver(Kafka, &Options::default());
    d.feed(ToServer, &next[..60]);
    d.cut(ToServer);
    assert_eq!(last(&d).request_resource, "orders-3");
    // An answer whose request was not seen.
    d.feed(ToClient, &produced(9, 0, 9).1);
    assert_eq!((last(&d).request_id, last(&d).status.as_str()), (Some(9), "Unknown"));
}
