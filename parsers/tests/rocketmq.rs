//! RocketMQ: headers in both forms, sending and pulling, the trace of what is pulled, and that no
//! way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::RocketMq;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

fn frame(form: u8, header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut p = ((4 + header.len() + body.len()) as u32).to_be_bytes().to_vec();
    p.extend((u32::from(form) << 24 | header.len() as u32).to_be_bytes());
    p.extend(header);
    p.extend(body);
    p
}

fn json(code: i32, flag: u8, opaque: u32, fields: &str, rest: &str) -> String {
    format!(
        r#"{{"code":{code},{fields}"flag":{flag},"language":"JAVA","opaque":{opaque},{rest}"serializeTypeCurrentRPC":"JSON","version":399}}"#
    )
}

fn binary(code: u16, flag: u8, opaque: u32, remark: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut p = code.to_be_bytes().to_vec();
    p.extend([0, 1, 0x8f]);
    p.extend(opaque.to_be_bytes());
    p.extend([0, 0, 0, flag]);
    p.extend((remark.len() as u32).to_be_bytes());
    p.extend(remark.bytes());
    let mut extra = Vec::new();
    for (name, value) in fields {
        extra.extend((name.len() as u16).to_be_bytes());
        extra.extend(name.bytes());
        extra.extend((value.len() as u32).to_be_bytes());
        extra.extend(value.bytes());
    }
    p.extend((extra.len() as u32).to_be_bytes());
    p.extend(extra);
    p
}

fn stored(properties: &str) -> Vec<u8> {
    let mut p = vec![0, 0, 1, 0, 0xda, 0xa3, 0x20, 0xa7];
    p.extend([0; 4 + 4 + 4 + 8 + 8 + 4 + 8 + 8 + 8 + 8 + 4 + 8]);
    p.extend([0, 0, 0, 2, b'h', b'i', 5]);
    p.extend(b"topic");
    p.extend((properties.len() as u16).to_be_bytes());
    p.extend(properties.bytes());
    p
}

const SEND: &str = r#""extFields":{"a":"group-1","b":"orders","c":"TBW102","e":"3","i":"UNIQ_KEY\u0001U-1\u0002sw8\u00011-YS5iLmM=-ZC5l-7-x\u0002KEYS\u0001k\u0002"},"#;

#[test]
fn sending_and_pulling() {
    let pull = r#""extFields":{"consumerGroup":"group-2","topic":"orders","queueId":"1"},"#;
    let traceparent = "traceparent\x0100-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\x02";
    let m = messages(
        RocketMq,
        &[
            up(frame(0, json(310, 0, 7, SEND, "").as_bytes(), b"body")),
            down(frame(0, json(0, 1, 7, "", "").as_bytes(), b"")),
            up(frame(0, json(11, 0, 8, pull, "").as_bytes(), b"")),
            down(frame(1, &binary(0, 1, 8, "FOUND", &[]), &stored(traceparent))),
            up(frame(
                1,
                &binary(15, 2, 9, "", &[("consumerGroup", "g"), ("topic", "t"), ("queueId", "0")]),
                b"",
            )),
            up(frame(0, json(105, 0, 10, r#""extFields":{"topic":"none"},"#, "").as_bytes(), b"")),
            down(frame(
                0,
                json(17, 1, 10, "", r#""remark":"No topic route info","#).as_bytes(),
                b"",
            )),
            // The broker asks under a number that the client uses too.
            down(frame(0, json(39, 0, 10, "", "").as_bytes(), b"")),
            up(frame(0, json(1, 1, 10, "", "").as_bytes(), b"")),
            up(frame(0, json(9999, 0, 11, "", "").as_bytes(), b"")),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=SEND_MESSAGE_V2 domain=group-1 resource=orders endpoint=orders-3 id=7 length=252",
            "Response id=7 status=Ok code=0 length=103",
            "Request type=PULL_MESSAGE domain=group-2 resource=orders endpoint=orders-1 id=8 length=175",
            "Response id=8 status=Ok code=0 result=FOUND length=200",
            "Single type=UPDATE_CONSUMER_OFFSET domain=g resource=t endpoint=t-0 id=9 length=75",
            "Request type=GET_ROUTEINFO_BY_TOPIC resource=none endpoint=none id=10 length=135",
            "Response id=10 status=ClientError code=17 exception=No topic route info length=136",
            "Request type=CHECK_TRANSACTION_STATE id=10 length=105",
            "Response id=10 status=ServerError code=1 length=104",
            "Request type=9999 id=11 length=107",
        ]
    );
    assert_eq!([&m[0].trace_id, &m[0].span_id, &m[0].x_request_id], ["a.b.c", "d.e-7", "U-1"]);
    assert_eq!(
        [&m[3].trace_id, &m[3].span_id],
        ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"]
    );
    assert_ne!(m[6].pairing, m[8].pairing);
}

#[test]
fn what_is_rocketmq() {
    let yes = |dir| Probe::Certain(RocketMq, dir);
    let send = frame(0, json(310, 0, 7, SEND, "").as_bytes(), b"body");
    assert_eq!(told(&send, ToServer), yes(ToServer));
    assert_eq!(told(&send[..100], ToServer), Probe::Unsure);
    assert_eq!(told(&frame(1, &binary(0, 1, 8, "", &[]), b""), ToServer), yes(ToClient));
    for other in [
        frame(0, br#"{"not":"this","but":"json"}"#, b""),
        frame(0, b"[]", b""),
        frame(1, &binary(0, 9, 8, "", &[]), b""),
        frame(2, br#"{"code":1}"#, b""),
    ] {
        assert_eq!(told(&other, ToServer), Probe::NotForUs, "{}", other.escape_ascii());
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(RocketMq, &Options::default());
    let send = |id| frame(0, json(310, 0, id, SEND, "").as_bytes(), &[7; 9000]);
    d.feed(ToServer, &send(1)[..2000]);
    d.gap(ToServer, 5000);
    d.feed(ToServer, &[&send(1)[7000..], &send(2)].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    d.feed(ToServer, &send(3)[..20]);
    d.gap(ToServer, 5000);
    d.feed(ToServer, b"tail of it");
    d.feed(ToServer, &send(4));
    assert_eq!(d.messages.last().unwrap().request_id, Some(4));
    d.feed(ToClient, b"");
}
