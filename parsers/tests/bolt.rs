//! Bolt: both versions of the header, names from headers and from content, answers, and that no way
//! to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::SofaRpc;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

const REQUEST: &str = "com.alipay.sofa.rpc.core.request.SofaRequest";
const RESPONSE: &str = "com.alipay.sofa.rpc.core.response.SofaResponse";

/// Version 1, or 2 with a checksum; `four` is the timeout or the status.
fn command(v2: bool, kind: u8, code: u8, id: u32, four: &[u8], parts: [&[u8]; 3]) -> Vec<u8> {
    let mut p = if v2 { vec![2, 2] } else { vec![1] };
    p.extend([kind, 0, code, 1]);
    p.extend(id.to_be_bytes());
    p.push(1);
    if v2 {
        p.push(1);
    }
    p.extend(four);
    p.extend((parts[0].len() as u16).to_be_bytes());
    p.extend((parts[1].len() as u16).to_be_bytes());
    p.extend((parts[2].len() as u32).to_be_bytes());
    p.extend(parts.concat());
    if v2 {
        p.extend([1, 2, 3, 4]);
    }
    p
}

fn headers(all: &[(&str, &str)]) -> Vec<u8> {
    let texts = all.iter().flat_map(|(n, v)| [n, v]);
    texts.flat_map(|t| [&(t.len() as u32).to_be_bytes()[..], t.as_bytes()].concat()).collect()
}

fn call(v2: bool, kind: u8, id: u32, map: &[(&str, &str)], content: &[u8]) -> Vec<u8> {
    command(v2, kind, 1, id, &[0, 0, 11, 0xb8], [REQUEST.as_bytes(), &headers(map), content])
}

fn reply(v2: bool, id: u32, status: u8, content: &[u8]) -> Vec<u8> {
    command(v2, 0, 2, id, &[0, status], [RESPONSE.as_bytes(), b"", content])
}

const NAMED: &[(&str, &str)] = &[
    ("sofa_head_target_service", "com.example.Items:1.0"),
    ("sofa_head_method_name", "find"),
    ("sofa_head_target_app", "shop"),
    ("new_rpc_trace_context", "tcid=0a22&spid=0.1&pspid=0&sample=true&"),
];

#[test]
fn calls() {
    let request = [
        &b"O\x91Q\x94\x0dtargetAppName\x0amethodName\x17targetServiceUniqueName\x0crequestPropso\x90"[..],
        b"N\x04saveS\x00\x11com.example.Items",
        b"M\x0bsofaTraceId\x04t-77\x07version\x011z",
    ]
    .concat();
    let failed = b"O\x91R\x92\x07isError\x08errorMsgo\x90T\x07no item";
    let fine = b"O\x91R\x93\x07isError\x08errorMsg\x0bappResponseo\x90FN\x02ok";
    let heartbeat = |kind, four: &[u8]| command(false, kind, 0, 9, four, [b"", b"", b""]);
    let m = messages(
        SofaRpc,
        &[
            up(call(false, 1, 1, NAMED, b"N")),
            down(reply(false, 1, 0, fine)),
            up(call(true, 1, 2, NAMED, b"N")),
            down(reply(true, 2, 7, b"")),
            up(call(false, 2, 3, &[], &request)),
            up(call(false, 1, 4, NAMED, b"N")),
            down(reply(false, 4, 0, failed)),
            up(heartbeat(1, &[0, 0, 0, 9])),
            down(heartbeat(0, &[0, 0])),
            // The server calls back under a number that the client uses too.
            down(call(false, 1, 4, NAMED, b"N")),
            up(reply(false, 4, 8, b"")),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=find resource=com.example.Items:1.0 endpoint=com.example.Items:1.0/find id=1 length=231",
            "Response id=1 status=Ok code=0 length=86",
            "Request type=find resource=com.example.Items:1.0 endpoint=com.example.Items:1.0/find id=2 length=235",
            "Response id=2 status=ServerError code=7 exception=TIMEOUT length=50",
            "Single type=save resource=com.example.Items endpoint=com.example.Items/save id=3 length=167",
            "Request type=find resource=com.example.Items:1.0 endpoint=com.example.Items:1.0/find id=4 length=231",
            "Response id=4 status=ServerError code=0 exception=no item length=78",
            "Request type=find resource=com.example.Items:1.0 endpoint=com.example.Items:1.0/find id=4 length=231",
            "Response id=4 status=ClientError code=8 exception=CLIENT_SEND_ERROR length=46",
        ]
    );
    assert_eq!((m[0].trace_id.as_str(), m[0].span_id.as_str()), ("0a22", "0.1"));
    assert_eq!(m[0].facts, [("ParentSpanId".to_owned(), "0".to_owned())]);
    assert_eq!((m[4].trace_id.as_str(), m[4].is_async), ("t-77", true));
    assert_ne!(m[6].pairing, m[8].pairing);
}

#[test]
fn what_is_bolt() {
    let yes = |dir| Probe::Certain(SofaRpc, dir);
    assert_eq!(told(&call(false, 1, 1, NAMED, b""), ToServer), yes(ToServer));
    assert_eq!(told(&call(true, 1, 1, NAMED, b""), ToServer), yes(ToServer));
    assert_eq!(told(&reply(false, 1, 0, b""), ToServer), yes(ToClient));
    assert_eq!(told(&call(false, 1, 1, NAMED, b"")[..30], ToServer), Probe::Unsure);
    let other = command(false, 1, 1, 1, &[0; 4], [b"no class", b"", b""]);
    assert_eq!(told(&other, ToServer), Probe::NotForUs);
    assert_eq!(told(&command(false, 1, 0, 1, &[0; 4], [b"", b"", b""]), ToServer), Probe::NotForUs);
    assert_eq!(
        told(b"\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0", ToServer),
        Probe::Certain(fathom_parsers::message::L7Protocol::FastCgi, ToServer)
    );
}

#[test]
fn places_are_found_again() {
    let mut d = driver(SofaRpc, &Options::default());
    let large = call(false, 1, 1, NAMED, &[7; 20000]);
    d.feed(ToServer, &large[..3000]);
    d.gap(ToServer, 10000);
    d.feed(ToServer, &[&large[13000..], &call(false, 1, 2, NAMED, b"")].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    d.feed(ToServer, &large[..10]);
    d.gap(ToServer, 5000);
    d.feed(ToServer, b"tail");
    d.feed(ToServer, &call(false, 1, 5, NAMED, b""));
    assert_eq!(d.messages.last().unwrap().request_id, Some(5));
}
