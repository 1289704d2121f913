//! HTTP/2 conversations: what they say, that no way to cut them changes it, and how much is known
//! of a connection that was joined late or lost bytes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::message::Direction::{ToClient as S, ToServer as C};
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Probe};
use fathom_parsers::registry::{Look, probe};
use fathom_parsers::testing::{Driver, OwnedMessage, converse, every_split};
use proptest::prelude::*;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH: u8 = 5;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field that is not put into the table.
fn field(name: &str, value: &str) -> Vec<u8> {
    [&[0, name.len() as u8], name.as_bytes(), &[value.len() as u8], value.as_bytes()].concat()
}

/// A field that is put into the table.
fn kept(name: &str, value: &str) -> Vec<u8> {
    let mut field = field(name, value);
    field[0] = 0x40;
    field
}

/// The fields of a request: POST, http, path, authority.
fn request(path: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    block.extend(kept(":path", path));
    block.extend(kept(":authority", "shop.test"));
    block.extend(more.concat());
    block
}

fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])
}

fn start(frames: &[Vec<u8>]) -> Vec<u8> {
    [PREFACE, &settings(), &frames.concat()].concat()
}

fn summary(m: &OwnedMessage) -> String {
    let side = if m.dir == Some(C) { "C" } else { "S" };
    let pairing = m.pairing.strip_prefix("ById(").map_or("fifo", |p| p.trim_end_matches(')'));
    let text = match m.kind.as_str() {
        "Request" => {
            let (method, host, path) = (&m.request_type, &m.request_domain, &m.request_resource);
            format!("{method} {host} {path} {}", m.protocol)
        }
        "Response" | "Interim" => {
            let code = m.response_code.map_or("-".into(), |c| c.to_string());
            format!("{} {code} {}", m.status, m.exception)
        }
        _ => {
            let code = m.response_code.map_or("-".into(), |c| c.to_string());
            format!("end {} {code} {}", m.status, m.exception)
        }
    };
    format!("{side}{pairing} {} {:?}", text.trim_end(), m.length)
}

fn says(turns: &[(Direction, Vec<u8>)]) -> Vec<String> {
    let turns: Vec<_> = turns.iter().map(|(d, b)| (*d, &b[..])).collect();
    every_split(L7Protocol::Http2, &turns).iter().map(summary).collect()
}

#[test]
fn interleaved_streams_with_bodies_and_trailers() {
    let turns = [
        (
            C,
            start(&[
                frame(HEADERS, END_HEADERS, 1, &request("/a/b/c?q=1", &[])),
                // The second request finds authority and path of the first in the table.
                frame(HEADERS, END_HEADERS | END_STREAM, 3, &[0x82, 0x86, 0xbf, 0xbe]),
                frame(DATA, 0, 1, b"hel"),
                frame(DATA, END_STREAM, 1, b"lo"),
            ]),
        ),
        (
            S,
            [
                settings(),
                frame(SETTINGS, 1, 0, b""),
                frame(HEADERS, END_HEADERS, 3, &[0x88]),
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x8d]),
                frame(DATA, PADDED, 3, b"\x02abc\0\0"),
                frame(PING, 0, 0, b"12345678"),
                frame(HEADERS, END_HEADERS | END_STREAM, 3, &field("x-sum", "1")),
            ]
            .concat(),
        ),
    ];
    assert_eq!(
        says(&turns),
        [
            "C1 POST shop.test /a/b/c?q=1 None",
            "C3 GET shop.test /a/b/c?q=1 Some(0)",
            "C1 end Unknown - Some(5)",
            "S3 Ok 200 None",
            "S1 ClientError 404 Some(0)",
            "S3 end Unknown - Some(6)",
        ]
    );
}

#[test]
fn fields_of_a_request() {
    let more = [
        field("user-agent", "curl/8"),
        field("x-request-id", "rid-1"),
        field("x-forwarded-for", "192.0.2.7, 10.0.0.1"),
        field("cookie", "secret"),
        field("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        field("uber-trace-id", "aa:bb:cc:1"),
    ];
    let head = frame(HEADERS, END_HEADERS | END_STREAM, 5, &request("/api/v2/items/7?x=/y", &more));
    let m = converse(L7Protocol::Http2, &[(C, &start(&[head]))]).messages.swap_remove(0);
    assert_eq!((m.version.as_str(), m.endpoint.as_str()), ("2", "/api/v2"));
    assert_eq!((m.request_id, m.client_ip.as_str()), (Some(5), "192.0.2.7"));
    assert_eq!((m.x_request_id.as_str(), m.trace_id_2.as_str()), ("rid-1", "aa"));
    assert_eq!(m.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m.span_id, "00f067aa0ba902b7");
    assert_eq!(m.attributes, [("User-Agent".to_owned(), "curl/8".to_owned())]);
}

fn grpc(path: &str) -> Vec<u8> {
    let more = [kept("content-type", "application/grpc"), kept("te", "trailers")];
    frame(HEADERS, END_HEADERS, 1, &request(path, &more))
}

#[test]
fn grpc_ends_with_the_status_of_its_trailers() {
    let answer = [&[0x88][..], &kept("content-type", "application/grpc")].concat();
    let trailers = [field("grpc-status", "5"), field("grpc-message", "no%20such%0athing")].concat();
    let turns = [
        (C, start(&[grpc("/shop.Cart/Get"), frame(DATA, END_STREAM, 1, b"\0\0\0\0\x01x")])),
        (
            S,
            [
                settings(),
                frame(HEADERS, END_HEADERS, 1, &answer),
                frame(DATA, 0, 1, b"\0\0\0\0\0"),
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &trailers),
            ]
            .concat(),
        ),
    ];
    assert_eq!(
        says(&turns),
        [
            "C1 POST shop.test shop.Cart gRPC None",
            "C1 end Unknown - Some(6)",
            "S1 Ok 200 None",
            "S1 end ClientError 5 no such\nthing Some(5)",
        ]
    );
    let request = converse(L7Protocol::Http2, &[(C, &turns[0].1)]).messages.swap_remove(0);
    assert_eq!(request.endpoint, "/shop.Cart/Get");
    assert!(request.attributes.contains(&("rpc_service".into(), "shop.Cart".into())));

    let only = [&answer[..], &field("grpc-status", "14")].concat();
    let only = frame(HEADERS, END_HEADERS | END_STREAM, 1, &only);
    let turns = [turns[0].clone(), (S, [settings(), only].concat())];
    assert_eq!(says(&turns)[2], "S1 ServerError 14 UNAVAILABLE Some(0)");
}

#[test]
fn triple_is_known_by_its_headers() {
    let more = [field("content-type", "application/grpc+proto"), field("tri-service-version", "1")];
    let head = frame(HEADERS, END_HEADERS, 1, &request("/org.Greeter/hi", &more));
    assert_eq!(says(&[(C, start(&[head]))]), ["C1 POST shop.test org.Greeter Triple None"]);
}

#[test]
fn blocks_of_several_frames_padding_and_priority() {
    let block = request("/long", &[field("x", &"y".repeat(100))]);
    let (a, rest) = block.split_at(3);
    let (b, c) = rest.split_at(9);
    let padded = [&[4, 0, 0, 0, 0, 16][..], a, &[0; 4]].concat();
    let turns = [(
        C,
        start(&[
            frame(HEADERS, END_STREAM | PADDED | PRIORITY, 7, &padded),
            frame(CONTINUATION, 0, 7, b),
            frame(CONTINUATION, END_HEADERS, 7, c),
        ]),
    )];
    assert_eq!(says(&turns), ["C7 POST shop.test /long Some(0)"]);
}

#[test]
fn interim_answers_pushes_and_resets() {
    let promise = [&[0, 0, 0, 2, 0x82, 0x86][..], &field(":path", "/style.css")].concat();
    let turns = [
        (
            C,
            start(&[
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &request("/1", &[])),
                frame(HEADERS, END_HEADERS | END_STREAM, 3, &request("/3", &[])),
                frame(HEADERS, END_HEADERS | END_STREAM, 5, &request("/5", &[])),
            ]),
        ),
        (
            S,
            [
                settings(),
                frame(HEADERS, END_HEADERS, 1, &field(":status", "103")),
                frame(PUSH, END_HEADERS, 1, &promise),
                frame(HEADERS, END_HEADERS | END_STREAM, 2, &[0x89]),
                frame(HEADERS, END_HEADERS, 1, &[0x88]),
                frame(RST, 0, 1, &[0, 0, 0, 2]),
                frame(RST, 0, 3, &[0, 0, 0, 7]),
            ]
            .concat(),
        ),
        (C, frame(RST, 0, 5, &[0, 0, 0, 8])),
    ];
    assert_eq!(
        says(&turns)[3..],
        [
            "S1 Ok 103 None",
            "S2 GET  /style.css Some(0)",
            "S2 Ok 204 Some(0)",
            "S1 Ok 200 None",
            "S1 end ServerError - RST_STREAM INTERNAL_ERROR None",
            "S3 ServerError - RST_STREAM REFUSED_STREAM None",
            "C5 end ClientError - RST_STREAM CANCEL None",
        ]
    );
}

/// Huffman texts, and a table that is resized: appendix C.4 and C.6 of RFC 7541.
#[test]
fn huffman_coded_requests() {
    let one = b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff";
    let two = b"\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf";
    let three = b"\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf";
    let head = |id, block: &[u8]| frame(HEADERS, END_HEADERS | END_STREAM, id, block);
    let turns = [(C, start(&[head(1, one), head(3, two), head(5, three)]))];
    assert_eq!(
        says(&turns),
        [
            "C1 GET www.example.com / Some(0)",
            "C3 GET www.example.com / Some(0)",
            "C5 GET www.example.com /index.html Some(0)",
        ]
    );
}

#[test]
fn a_connection_joined_late_is_known_from_its_next_insertions_on() {
    let head = |id, block: &[u8]| frame(HEADERS, END_HEADERS | END_STREAM, id, block);
    let known = kept(":authority", "new.test");
    let turns = [
        (
            C,
            [
                // Path and authority stand in the part of the table that was not seen.
                head(101, &[0x83, 0x86, 0xc5, 0xc4]),
                head(103, &[&[0x83, 0x86, 0xc5][..], &known].concat()),
                head(105, &[0x83, 0x86, 0xc6, 0xbe]),
                // Its name was not seen either, but it stands where only a path can.
                head(107, b"\x83\x86\x7f\x10\x02/p\xbf"),
            ]
            .concat(),
        ),
        (S, [frame(HEADERS, END_HEADERS, 101, &[0x88]), frame(DATA, 1, 101, b"x")].concat()),
    ];
    assert_eq!(
        says(&turns),
        [
            "C101 POST Some(0)",
            "C103 POST new.test Some(0)",
            "C105 POST new.test Some(0)",
            "C107 POST new.test /p Some(0)",
            "S101 Ok 200 None",
            "S101 end Unknown - Some(1)",
        ]
    );
    let look = Look::over(Carrier::Tcp);
    let up = Probe::Certain(L7Protocol::Http2, C);
    let down = Probe::Certain(L7Protocol::Http2, S);
    assert_eq!(probe(&turns[0].1, look), up);
    assert_eq!(probe(&turns[1].1, look), down);
    assert_eq!(probe(PREFACE, look), up);
    assert_eq!(probe(&settings(), look), down);
    assert_eq!(probe(&PREFACE[..10], look), Probe::Unsure);
    assert_eq!(probe(&turns[0].1[..12], look), Probe::Unsure);
    let control = [frame(SETTINGS, 1, 0, b""), frame(PING, 0, 0, b"12345678"), grpc("/s/m")];
    assert_eq!(probe(&control.concat(), look), up);
    for other in [&b"\0\0\x10\x04\0\0\0\0\0\0\0\0\0"[..], b"\0\0\x02\x01\0\0\0\0\x01ab", &[0; 40]] {
        assert_eq!(probe(other, look), Probe::NotForUs, "{other:x?}");
    }
}

#[test]
fn gaps_in_bodies_keep_the_place_and_others_are_overcome() {
    let mut d = Driver::of(L7Protocol::Http2, Carrier::Tcp);
    d.feed(C, &start(&[frame(HEADERS, END_HEADERS, 1, &request("/1", &[]))]));
    let body = frame(DATA, 0, 1, &[b'x'; 1000]);
    d.feed(C, &body[..100]);
    d.gap(C, (body.len() - 100) as u64);
    d.feed(C, &frame(HEADERS, END_HEADERS | END_STREAM, 3, &[0x83, 0x86, 0xbf, 0xbe]));
    assert_eq!(summary(&d.messages[1]), "C3 POST shop.test /1 Some(0)");
    assert_eq!(d.lost, 0);
    d.gap(C, 500);
    // In the middle of a body, then frames.
    let rest = [&[b'y'; 77][..], &frame(DATA, END_STREAM, 1, b"abc")].concat();
    d.feed(C, &rest);
    d.feed(C, &frame(HEADERS, END_HEADERS | END_STREAM, 5, &[0x83, 0x86, 0xbf, 0xbe]));
    let all: Vec<_> = d.messages.iter().map(summary).collect();
    assert_eq!(all[2..], ["C1 end Unknown - Some(1003)", "C5 POST Some(0)"]);
}

#[test]
fn a_head_cut_by_the_capture_says_what_it_can() {
    let head = frame(HEADERS, END_HEADERS, 1, &request("/cut", &[field("x-request-id", "rid")]));
    let mut d = Driver::of(L7Protocol::Http2, Carrier::Tcp);
    d.feed(C, &start(&[head[..head.len() - 5].to_vec()]));
    d.gap(C, 5);
    let all: Vec<_> = d.messages.iter().map(summary).collect();
    assert_eq!(all, ["C1 POST shop.test /cut None"]);
}

#[test]
fn state_stays_bounded_however_hostile_the_peer() {
    let mut d = Driver::of(L7Protocol::Http2, Carrier::Tcp);
    d.feed(C, &start(&[]));
    for i in 0..5000u32 {
        let more = [kept(&format!("x-{i}"), &"v".repeat(100))];
        d.feed(C, &frame(HEADERS, END_HEADERS, 2 * i + 1, &request("/flood", &more)));
    }
    assert_eq!(d.messages.len(), 5000);
    // A block without an end is given up, and what follows it is read.
    let mut d = Driver::of(L7Protocol::Http2, Carrier::Tcp);
    d.feed(C, &start(&[frame(HEADERS, 0, 1, &request("/endless", &[]))]));
    for _ in 0..10_000 {
        d.feed(C, &frame(CONTINUATION, 0, 1, &field("a", "b")));
    }
    d.feed(C, &frame(CONTINUATION, END_HEADERS, 1, b""));
    d.feed(C, &frame(HEADERS, END_HEADERS | END_STREAM, 3, &request("/next", &[])));
    assert_eq!(d.lost, 0);
    assert_eq!(summary(d.messages.last().unwrap()), "C3 POST shop.test /next Some(0)");
    // One byte that stands for a long value, again and again.
    let bomb = [request("/x", &[kept("user-agent", &"u".repeat(120))]), vec![0xbe; 16_000]];
    d.feed(C, &frame(HEADERS, END_HEADERS | END_STREAM, 5, &bomb.concat()));
    assert_eq!(d.messages.last().unwrap().attributes[0].1.len(), 120);
}

proptest! {
    #[test]
    fn any_splits_and_any_damage(
        sizes in prop::collection::vec(1usize..60, 1..40),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut up = start(&[
            grpc("/shop.Cart/Get"),
            frame(DATA, END_STREAM, 1, &[7; 90]),
            frame(HEADERS, END_HEADERS | END_STREAM, 3, &request("/b", &[])),
        ]);
        let mut down = [
            settings(),
            frame(HEADERS, END_HEADERS, 3, &[0x88]),
            frame(HEADERS, END_HEADERS, 1, &[0x88]),
            frame(DATA, 0, 1, &[7; 50]),
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &field("grpc-status", "0")),
            frame(DATA, END_STREAM, 3, &[7; 50]),
        ].concat();
        for (at, byte) in &damage {
            let (i, j) = (at.index(up.len()), at.index(down.len()));
            up[i] = *byte;
            down[j] = *byte;
        }
        let whole = converse(L7Protocol::Http2, &[(C, &up), (S, &down)]);
        let mut sizes = sizes.iter().copied().cycle();
        let mut turns = Vec::new();
        for (dir, mut bytes) in [(C, &up[..]), (S, &down)] {
            while !bytes.is_empty() {
                let (part, rest) = bytes.split_at(sizes.next().unwrap().min(bytes.len()));
                turns.push((dir, part));
                bytes = rest;
            }
        }
        let cut = converse(L7Protocol::Http2, &turns);
        if whole.lost == 0 {
            prop_assert_eq!(cut.messages, whole.messages);
        }
    }
}
