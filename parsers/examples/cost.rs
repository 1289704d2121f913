//! What one header decode and one message of the protocols cost: CPU time of this thread per
//! call, the best of several rounds, warm caches.
//!
//! `cargo run --release -p fathom-parsers --example cost [-- PART OF A NAME]`
#![allow(clippy::unwrap_used, reason = "an example stops where it cannot go on")]
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use fathom_parsers::headers::{self, Decap, Link};
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Parser, Scratch, Step};
use fathom_parsers::packet::Packet;
use fathom_parsers::registry::{self, AnyParser, Look, Options};
use std::hint::black_box;

const ROUNDS: usize = 9;
const CALLS: usize = 200_000;

fn cpu_ns() -> u64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

fn measure(what: &str, mut call: impl FnMut()) {
    if std::env::args().nth(1).is_some_and(|part| !what.contains(&part)) {
        return;
    }
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = cpu_ns();
        (0..CALLS).for_each(|_| call());
        best = best.min((cpu_ns() - start) as f64 / CALLS as f64);
    }
    println!("{what:44} {best:8.1} ns");
}

fn ipv4(protocol: u8, body: &[u8]) -> Vec<u8> {
    let total = (20 + body.len()) as u16;
    let mut p = vec![0x45, 0, (total >> 8) as u8, total as u8, 0x12, 0x34, 0x40, 0, 64, protocol];
    p.extend([0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    p.extend(body);
    p
}

fn ethernet(ether_type: u16, body: &[u8]) -> Vec<u8> {
    let mut p = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    p.extend(ether_type.to_be_bytes());
    p.extend(body);
    p
}

fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut p = vec![0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x18, 1, 0, 0, 0, 0, 0];
    p.extend([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
    p.extend(payload);
    p
}

fn udp(dst: u16, payload: &[u8]) -> Vec<u8> {
    let mut p = vec![0x9c, 0x40];
    p.extend(dst.to_be_bytes());
    p.extend((8 + payload.len() as u16).to_be_bytes());
    p.extend([0, 0]);
    p.extend(payload);
    p
}

fn decode(what: &str, frame: &[u8]) {
    let mut packet = Packet::default();
    measure(what, || {
        let frame = black_box(frame);
        let wire_len = frame.len() as u32;
        headers::decode(Link::Ethernet, frame, wire_len, 0, Decap::ALL, &mut packet).unwrap();
        black_box(&packet);
    });
}

fn parse(what: &str, protocol: L7Protocol, carrier: Carrier, dir: Direction, bytes: &[u8]) {
    let mut parser = AnyParser::new(protocol, carrier, &Options::default()).unwrap();
    parse_with(&mut parser, what, dir, bytes);
}

fn parse_with(parser: &mut AnyParser, what: &str, dir: Direction, bytes: &[u8]) {
    let mut scratch = Scratch::default();
    measure(what, || match parser.step(dir, black_box(bytes), &mut scratch) {
        Step::Message { message, .. } => {
            black_box(&message);
        }
        other => panic!("{what}: {other:?}"),
    });
}

/// A ClientHello as OpenSSL 3 sends it: 31 ciphers, 11 extensions.
fn client_hello() -> Vec<u8> {
    let vec16 = |body: &[u8]| [&(body.len() as u16).to_be_bytes()[..], body].concat();
    let extension = |kind: u16, body: &[u8]| [&kind.to_be_bytes()[..], &vec16(body)].concat();
    let ciphers: Vec<u8> = (0..31u16).flat_map(|n| (0xc000 + 7 * n).to_be_bytes()).collect();
    let signatures: Vec<u8> = (0..24u16).flat_map(|n| (0x0401 + 5 * n).to_be_bytes()).collect();
    let name = [&[0][..], &vec16(b"shop.example.com")].concat();
    let extensions = [
        extension(0, &vec16(&name)),
        extension(11, b"\x03\0\x01\x02"),
        extension(10, &vec16(&[0, 0x1d, 0, 0x17, 0, 0x1e, 0, 0x19, 0, 0x18, 1, 0, 1, 1, 1, 2])),
        extension(35, b""),
        extension(16, &vec16(b"\x02h2\x08http/1.1")),
        extension(22, b""),
        extension(23, b""),
        extension(13, &vec16(&signatures)),
        extension(43, b"\x04\x03\x04\x03\x03"),
        extension(45, b"\x01\x01"),
        extension(51, &vec16(&[&[0, 0x1d, 0, 32][..], &[7; 32]].concat())),
    ]
    .concat();
    let random = [&[3, 3][..], &[5; 32], &[32], &[6; 32]].concat();
    let body = [&random[..], &vec16(&ciphers), &[1, 0], &vec16(&extensions)].concat();
    let [_, len @ ..] = (body.len() as u32).to_be_bytes();
    let message = [&[1][..], &len, &body].concat();
    [&[22, 3, 1][..], &vec16(&message)].concat()
}

/// What a fuzz seed's side says first, and what the other side answers.
fn turns(mut seed: &[u8]) -> [Vec<u8>; 2] {
    let mut turns = [Vec::new(), Vec::new()];
    while let [control, len, rest @ ..] = seed {
        let len = usize::from(*len) * if control & 2 == 0 { 1 } else { 16 };
        let dir = usize::from(control & 1);
        if dir == 0 && !turns[1].is_empty() {
            break;
        }
        turns[dir].extend(&rest[..len.min(rest.len())]);
        seed = &rest[len.min(rest.len())..];
    }
    turns
}

/// Calls and answers out of captures.
fn rpc() {
    for (protocol, seed) in [
        (L7Protocol::Dubbo, &include_bytes!("../fuzz/corpus/dubbo/dubbo-traced")[..]),
        (L7Protocol::FastCgi, include_bytes!("../fuzz/corpus/fastcgi/fastcgi-requests")),
        (L7Protocol::SofaRpc, include_bytes!("../fuzz/corpus/sofarpc/bolt-calls")),
        (L7Protocol::Brpc, include_bytes!("../fuzz/corpus/brpc/brpc-calls")),
        (L7Protocol::RocketMq, include_bytes!("../fuzz/corpus/rocketmq/rocketmq-consumer")),
        (L7Protocol::Tars, include_bytes!("../fuzz/corpus/tars/tars-calls")),
        (L7Protocol::Thrift, include_bytes!("../fuzz/corpus/thrift/thrift-framed")),
    ] {
        let [asked, answered] = turns(seed);
        let (up, down) = (Direction::ToServer, Direction::ToClient);
        let name = protocol.name();
        parse(
            &format!("{name} request, {} bytes", asked.len()),
            protocol,
            Carrier::Tcp,
            up,
            &asked,
        );
        if protocol != L7Protocol::FastCgi {
            let what = format!("{name} response");
            parse(&what, protocol, Carrier::Tcp, down, &answered);
        }
    }
}

fn main() {
    let payload = [0u8; 200];
    let inner = ethernet(0x0800, &ipv4(6, &tcp(&payload)));
    decode("decode Ethernet IPv4 TCP", &inner);
    decode("decode Ethernet IPv4 UDP", &ethernet(0x0800, &ipv4(17, &udp(53, &payload))));
    let mut vxlan = vec![8, 0, 0, 0, 0, 0, 42, 0];
    vxlan.extend(&inner);
    decode("decode VXLAN, IPv4 in IPv4, TCP", &ethernet(0x0800, &ipv4(17, &udp(4789, &vxlan))));

    let small = b"GET / HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n";
    let curl = b"GET /api/v1/items/42?full=1 HTTP/1.1\r\nHost: shop.example.com\r\n\
        User-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n";
    let traced = b"GET /api/v1/items/42?full=1 HTTP/1.1\r\nHost: shop.example.com\r\n\
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0\r\n\
        Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, deflate\r\n\
        traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\
        X-Request-ID: 7b1c9c3e-2f5e-4a0e-9d7e-1f2a3b4c5d6e\r\nConnection: keep-alive\r\n\r\n";
    let answer = b"HTTP/1.1 204 No Content\r\nServer: nginx/1.26.1\r\n\
        Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nConnection: keep-alive\r\n\r\n";
    let (up, down) = (Direction::ToServer, Direction::ToClient);
    parse("HTTP/1 request, 1 header", L7Protocol::Http, Carrier::Tcp, up, small);
    parse("HTTP/1 request, 3 headers", L7Protocol::Http, Carrier::Tcp, up, curl);
    parse("HTTP/1 request, 7 headers, traceparent", L7Protocol::Http, Carrier::Tcp, up, traced);
    parse("HTTP/1 response, 3 headers", L7Protocol::Http, Carrier::Tcp, down, answer);

    let mut query = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend(b"\x03www\x07example\x03com\0\0\x01\0\x01");
    let mut response = query.clone();
    response[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 2]);
    for last in [1, 2] {
        response.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\0\0");
        response.push(last);
    }
    parse("DNS query over UDP", L7Protocol::Dns, Carrier::Udp, up, &query);
    parse("DNS response over UDP, 2 answers", L7Protocol::Dns, Carrier::Udp, down, &response);

    // As grpc-go writes it, the table filled by an earlier request of the kind.
    let frame = |kind: u8, flags: u8, payload: &[u8]| {
        let len = (payload.len() as u32).to_be_bytes();
        [&len[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    };
    let (text, huffman) =
        (b"/shop.Cart/GetItem", b"\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff");
    let first = [&[0x83, 0x86, 0x44, text.len() as u8], &text[..], huffman].concat();
    let again = frame(1, 5, b"\x83\x86\xbf\xbe");
    let mut http2 = AnyParser::new(L7Protocol::Http2, Carrier::Tcp, &Options::default()).unwrap();
    let first = frame(1, 5, &first);
    let mut scratch = Scratch::default();
    assert!(matches!(http2.step(up, &first, &mut scratch), Step::Message { .. }));
    parse_with(&mut http2, "HTTP/2 request, Huffman, literals", up, &first);
    parse_with(&mut http2, "HTTP/2 request, all from the table", up, &again);
    parse_with(&mut http2, "HTTP/2 response", down, &frame(1, 5, b"\x88"));

    let get = b"*2\r\n$3\r\nGET\r\n$21\r\nuser_conf_config_1001\r\n";
    let set = b"*3\r\n$3\r\nSET\r\n$9\r\nuser:1001\r\n$11\r\nsome values\r\n";
    parse("Redis GET", L7Protocol::Redis, Carrier::Tcp, up, &get[..]);
    parse("Redis SET", L7Protocol::Redis, Carrier::Tcp, up, &set[..]);
    parse("Redis status answer", L7Protocol::Redis, Carrier::Tcp, down, b"+OK\r\n");
    parse("Redis string answer", L7Protocol::Redis, Carrier::Tcp, down, b"$5\r\nhello\r\n");
    let mut socket = AnyParser::new(L7Protocol::WebSocket, Carrier::Tcp, &Options::default());
    let socket = socket.as_mut().unwrap();
    measure("WebSocket frame", || {
        black_box(socket.step(down, black_box(b"\x81\x05hello"), &mut scratch));
    });

    let hello = client_hello();
    let server = b"\x16\x03\x03\0\x5a\x02\0\0\x56\x03\x03";
    let server = [
        &server[..],
        &[5; 32],
        &[32],
        &[6; 32],
        b"\x13\x02\0\0\x0e\0\x2b\0\x02\x03\x04\0\x33\0\x04\0\x1d\0\0",
    ]
    .concat();
    parse("TLS ClientHello, seen before", L7Protocol::Tls, Carrier::Tcp, up, &hello);
    measure("TLS ServerHello, seen before, new flow", || {
        let options = Options::default();
        let mut tls = AnyParser::new(L7Protocol::Tls, Carrier::Tcp, &options).unwrap();
        assert!(matches!(tls.step(down, black_box(&server), &mut scratch), Step::Message { .. }));
    });
    let mut ever_new = hello.clone();
    let mut tls = AnyParser::new(L7Protocol::Tls, Carrier::Tcp, &Options::default()).unwrap();
    measure("TLS ClientHello, never seen before", || {
        let n = u16::from_be_bytes([ever_new[80], ever_new[81]]).wrapping_add(1);
        ever_new[80..82].copy_from_slice(&n.to_be_bytes());
        black_box(tls.step(up, black_box(&ever_new), &mut scratch));
    });
    rpc();

    queues();
    for (what, bytes, carrier) in [
        ("probe HTTP/1 request", &curl[..], Carrier::Tcp),
        ("probe DNS query", &query, Carrier::Udp),
        ("probe TLS ClientHello", &hello, Carrier::Tcp),
    ] {
        measure(what, || {
            black_box(registry::probe(black_box(bytes), Look::over(carrier)));
        });
    }
}

/// One message of each queue's protocol, and one of MongoDB.
fn queues() {
    let (up, down) = (Direction::ToServer, Direction::ToClient);
    let sized = |body: &[u8]| [&(body.len() as u32).to_be_bytes()[..], body].concat();
    let produce =
        b"\0\0\0\x07\0\0\0\x01\0\x03app\xff\xff\xff\xff\0\0\x75\x30\0\0\0\x01\0\x06orders\
        \0\0\0\x01\0\0\0\x03\0\0\0\x04\0\0\0\0";
    let fetch = b"\0\x01\0\x04\0\0\0\x01\0\x03app\xff\xff\xff\xff\0\0\x01\xf4\0\0\0\x01\0\x10\0\0\0\0\0\0\x01\
        \0\x06orders\0\0\0\x01\0\0\0\x03\0\0\0\0\0\0\0\x2a\0\x10\0\0";
    parse("Kafka Produce", L7Protocol::Kafka, Carrier::Tcp, up, &sized(produce));
    parse("Kafka Fetch", L7Protocol::Kafka, Carrier::Tcp, up, &sized(fetch));

    let mut find = b"\x02find\0\x06\0\0\0users\0\x03filter\0\x0e\0\0\0\x10age\0\x1e\0\0\0\0\x02$db\0\x05\0\0\0shop\0\0"
        .to_vec();
    find.splice(0..0, (find.len() as u32 + 4).to_le_bytes());
    let mut msg = (21 + find.len() as u32).to_le_bytes().to_vec();
    msg.extend(b"\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0");
    msg.extend(find);
    parse("MongoDB find", L7Protocol::MongoDb, Carrier::Tcp, up, &msg);

    let publish = b"\x32\x13\0\x0bhome/7/temp\0\x0221.5";
    parse("MQTT PUBLISH", L7Protocol::Mqtt, Carrier::Tcp, up, publish);
    parse("MQTT PUBACK", L7Protocol::Mqtt, Carrier::Tcp, down, b"\x40\x02\0\x02");
    let publish = b"\x01\0\x01\0\0\0\x0f\0\x3c\0\x28\0\0\0\x06orders\0\xce\
        \x02\0\x01\0\0\0\x0f\0\x3c\0\0\0\0\0\0\0\0\0\0\x10\0\x02\xce";
    parse("AMQP Basic.Publish", L7Protocol::Amqp, Carrier::Tcp, up, publish);
    parse("NATS SUB", L7Protocol::Nats, Carrier::Tcp, up, b"SUB orders.new.* workers 7\r\n");
}
