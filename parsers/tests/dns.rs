//! DNS messages over UDP and TCP: what they say, how they are told from anything else, and that
//! no way to cut a stream changes them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::message::Direction::{ToClient as S, ToServer as C};
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Probe};
use fathom_parsers::registry::{AnyParser, Enabled, Look, Options, probe};
use fathom_parsers::testing::{Driver, OwnedMessage};
use proptest::prelude::*;

const QUERY: u16 = 0x0100;
const ANSWER: u16 = 0x8180;

/// `www.example.com` in wire format, at offset 12 of a message that asks for it.
const NAME: &[u8] = b"\x03www\x07example\x03com\0";

fn header(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    [id, flags].iter().chain(&counts).flat_map(|n| n.to_be_bytes()).collect()
}

fn question(name: &[u8], kind: u16) -> Vec<u8> {
    [name, &kind.to_be_bytes(), &[0, 1]].concat()
}

/// A record of class IN under a pointer to offset 12.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let len = (data.len() as u16).to_be_bytes();
    [&[0xc0, 12][..], &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &len[..], data].concat()
}

fn query(id: u16, kind: u16) -> Vec<u8> {
    [header(id, QUERY, [1, 0, 0, 0]), question(NAME, kind)].concat()
}

fn answer(id: u16, kind: u16, records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut m = header(id, ANSWER, [1, records.len() as u16, 0, 0]);
    m.extend(question(NAME, kind));
    records.iter().for_each(|(kind, data)| m.extend(record(*kind, data)));
    m
}

fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
    let frame = |m: &Vec<u8>| [&(m.len() as u16).to_be_bytes(), &m[..]].concat();
    messages.iter().flat_map(frame).collect()
}

fn carrier(is_datagram: bool) -> Carrier {
    if is_datagram { Carrier::Udp } else { Carrier::Tcp }
}

fn driver(is_datagram: bool) -> Driver {
    let parser = AnyParser::new(L7Protocol::Dns, carrier(is_datagram), &Options::default());
    let parser = parser.unwrap();
    Driver::new(parser, is_datagram)
}

fn datagram(bytes: &[u8]) -> Option<OwnedMessage> {
    let mut d = driver(true);
    d.feed(C, bytes);
    d.messages.pop()
}

fn told(bytes: &[u8], is_datagram: bool) -> Probe {
    let enabled = Enabled::NONE.with(L7Protocol::Dns);
    probe(bytes, Look { enabled, ..Look::over(carrier(is_datagram)) })
}

const UP: Probe = Probe::Certain(L7Protocol::Dns, C);
const DOWN: Probe = Probe::Certain(L7Protocol::Dns, S);

#[test]
fn a_query_and_its_answer() {
    let q = query(0x1234, 1);
    assert_eq!(told(&q, true), UP);
    let m = datagram(&q).unwrap();
    assert_eq!((m.kind.as_str(), m.request_type.as_str()), ("Request", "A"));
    for text in [&m.request_domain, &m.request_resource, &m.endpoint] {
        assert_eq!(text, "www.example.com");
    }
    assert_eq!((m.request_id, m.pairing.as_str()), (Some(0x1234), "ById(4660)"));
    assert_eq!((m.status.as_str(), m.response_code, m.length), ("Unknown", None, Some(33)));

    let a = answer(
        0x1234,
        1,
        &[(5, b"\x03cdn\xc0\x10"), (1, &[192, 0, 2, 1]), (1, &[10, 0, 200, 255])],
    );
    assert_eq!(told(&a, true), DOWN);
    let m = datagram(&a).unwrap();
    assert_eq!((m.kind.as_str(), m.request_type.as_str()), ("Response", "A"));
    assert_eq!(m.request_domain, "www.example.com");
    assert_eq!(m.result, "cdn.example.com,192.0.2.1,10.0.200.255");
    assert_eq!((m.status.as_str(), m.response_code, m.exception.as_str()), ("Ok", Some(0), ""));
}

#[test]
fn record_types() {
    let six = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    for (kind, data, name, text) in [
        (1, &[1, 2, 3, 4][..], "A", "1.2.3.4"),
        (2, b"\x02ns\xc0\x10", "NS", "ns.example.com"),
        (
            6,
            b"\x02ns\xc0\x10\x01r\xc0\x10\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01",
            "SOA",
            "ns.example.com",
        ),
        (12, b"\x01p\xc0\x10", "PTR", "p.example.com"),
        (15, b"\0\x0a\x02mx\xc0\x10", "MX", "10 mx.example.com"),
        (15, b"\0\0\0", "MX", "0 ."),
        (16, b"\x05hello\x06 world", "TXT", "hello world"),
        (28, &six, "AAAA", "2001:db8::7"),
        (33, b"\0\x01\0\x02\x13\xc4\x03sip\xc0\x10", "SRV", "1 2 5060 sip.example.com"),
        (65, b"\0\x01\0\0\x01\0\x03\x02h2", "HTTPS", "1 ."),
        (43, b"\0\0\x08\x02abcd", "DS", ""),
        (257, b"\0\x05issueca.example", "CAA", ""),
        (65400, b"??", "TYPE65400", ""),
        (1, b"\0\0\0", "A", ""),
    ] {
        let m = datagram(&answer(7, kind, &[(kind, data)])).unwrap();
        assert_eq!((m.request_type.as_str(), m.result.as_str()), (name, text));
    }
    for (kind, name) in [
        (35, "NAPTR"),
        (46, "RRSIG"),
        (48, "DNSKEY"),
        (47, "NSEC"),
        (50, "NSEC3"),
        (52, "TLSA"),
        (64, "SVCB"),
        (251, "IXFR"),
        (252, "AXFR"),
        (255, "ANY"),
    ] {
        assert_eq!(datagram(&query(7, kind)).unwrap().request_type, name);
    }
}

#[test]
fn response_codes() {
    for (rcode, status, text) in [
        (1, "ClientError", "FORMERR"),
        (2, "ServerError", "SERVFAIL"),
        (3, "ClientError", "NXDOMAIN"),
        (5, "ServerError", "REFUSED"),
    ] {
        let mut m = header(9, ANSWER | rcode, [1, 0, 0, 0]);
        m.extend(question(NAME, 28));
        assert_eq!(told(&m, true), DOWN);
        let m = datagram(&m).unwrap();
        assert_eq!((m.response_code, m.status.as_str()), (Some(i32::from(rcode)), status));
        assert_eq!(m.exception, text);
    }
    // EDNS has the upper bits: BADVERS.
    let mut m = header(9, ANSWER, [1, 0, 0, 1]);
    m.extend(question(NAME, 1));
    m.extend([0, 0, 41, 0x04, 0xd0, 1, 0, 0, 0, 0, 0]);
    let m = datagram(&m).unwrap();
    assert_eq!((m.response_code, m.exception.as_str()), (Some(16), "BADVERS"));
    // An error without even the question.
    let m = datagram(&header(9, 0x8001, [0; 4])).unwrap();
    assert_eq!(
        (m.response_code, m.request_type.as_str(), m.request_domain.as_str()),
        (Some(1), "", "")
    );
}

#[test]
fn other_opcodes_and_multicast() {
    let notify = [header(5, 0x2400, [1, 0, 0, 0]), question(NAME, 6)].concat();
    assert_eq!(
        (told(&notify, true), datagram(&notify).unwrap().request_type.as_str()),
        (UP, "NOTIFY")
    );
    let mut update = [header(5, 0x2800, [1, 0, 1, 0]), question(NAME, 6)].concat();
    update.extend(record(1, &[1, 2, 3, 4]));
    assert_eq!(
        (told(&update, true), datagram(&update).unwrap().request_type.as_str()),
        (UP, "UPDATE")
    );
    // mDNS: several questions, unicast answers wanted.
    let mut m = header(0, 0, [2, 0, 0, 0]);
    m.extend(b"\x05_http\x04_tcp\x05local\0\0\x0c\x80\x01\xc0\x12\0\x0c\0\x01");
    assert_eq!(told(&m, true), UP);
    assert_eq!(datagram(&m).unwrap().request_domain, "_http._tcp.local");
    // Its answers repeat no question.
    let mut m = header(0, 0x8400, [0, 1, 0, 0]);
    m.extend(b"\x01h\x05local\0\0\x01\x80\x01\0\0\0\x78\0\x04\x0a\0\0\x01");
    assert_eq!((told(&m, true), datagram(&m).unwrap().result.as_str()), (DOWN, "10.0.0.1"));
    // Elsewhere several questions are not DNS as anyone speaks it.
    let mut m = header(7, QUERY, [2, 0, 0, 0]);
    m.extend([question(NAME, 1), question(NAME, 28)].concat());
    assert_eq!((told(&m, true), datagram(&m)), (Probe::NotForUs, None));
}

#[test]
fn detection_is_strict() {
    let good = answer(0x1234, 1, &[(1, &[192, 0, 2, 1])]);
    assert_eq!(told(&good, true), DOWN);
    let change = |at: usize, byte: u8| {
        let mut m = good.clone();
        m[at] = byte;
        told(&m, true)
    };
    for (what, at, byte) in [
        ("opcode", 2, 0xb1),
        ("reserved bit", 3, 0xc0),
        ("two questions", 5, 2),
        ("more answers than fit", 7, 9),
        ("reserved label kind", 12, 0x43),
        ("control byte in a label", 13, 1),
        ("unknown type", 30, 200),
        ("unknown class", 32, 9),
        ("pointer ahead", 34, 0x30),
        ("address of five bytes", 44, 5),
    ] {
        assert_eq!(change(at, byte), Probe::NotForUs, "{what}");
    }
    assert_eq!(told(&[&good[..], b"x"].concat(), true), Probe::NotForUs, "bytes left over");
    assert_eq!(told(&good[..40], true), DOWN, "cut in the answers");
    assert_eq!(told(&good[..20], true), Probe::NotForUs, "cut in the question");
    for noise in
        [&b""[..], b"hello", &[0; 40], &[0xff; 40], b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"]
    {
        assert_eq!(told(noise, true), Probe::NotForUs);
    }
    // NTP, a STUN request and an SSDP search look like nothing of it.
    let ntp = [&[0x23, 0, 6, 0xec][..], &[0; 44]].concat();
    let stun = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    assert_eq!((told(&ntp, true), told(&stun, true)), (Probe::NotForUs, Probe::NotForUs));
}

#[test]
fn detection_in_streams() {
    let bytes = framed(&[query(1, 1), query(2, 28)]);
    let question = 2 + 12 + NAME.len() + 4;
    for n in 0..bytes.len() {
        let expected = if n < question { Probe::Unsure } else { UP };
        assert_eq!(told(&bytes[..n], false), expected, "{n} bytes");
    }
    assert_eq!(told(&framed(&[answer(1, 1, &[(1, &[1, 2, 3, 4])])]), false), DOWN);
    // A TLS hello, a MySQL greeting, an SSH banner.
    assert_eq!(told(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", false), Probe::NotForUs);
    assert_eq!(told(b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0", false), Probe::NotForUs);
    assert_eq!(told(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", false), Probe::NotForUs);
}

/// Several messages, an answer longer than what is read of it, and a zone transfer.
fn conversation() -> Vec<(Direction, Vec<u8>)> {
    let long = [&[255; 1][..], &[b't'; 255]].concat().repeat(30);
    let transfer = [header(8, 0x8400, [0, 1, 0, 0]), record_at_root()].concat();
    vec![
        (C, framed(&[query(1, 1), query(2, 28), query(3, 16)])),
        (S, framed(&[answer(2, 28, &[]), answer(1, 1, &[(1, &[1, 2, 3, 4])])])),
        (S, framed(&[answer(3, 16, &[(16, &long)]), answer(9, 1, &[])])),
        (C, framed(&[query(8, 252)])),
        (S, framed(&[answer(8, 252, &[]), transfer.clone(), transfer])),
        (C, framed(&[query(8, 1)])),
        (S, framed(&[answer(8, 1, &[])])),
    ]
}

fn record_at_root() -> Vec<u8> {
    vec![0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 9, 9, 9, 9]
}

fn run(turns: &[(Direction, &[u8])]) -> Vec<OwnedMessage> {
    let mut d = driver(false);
    turns.iter().for_each(|&(dir, bytes)| d.feed(dir, bytes));
    assert_eq!(d.lost, 0);
    d.messages
}

#[test]
fn streams_say_the_same_however_they_are_cut() {
    let turns = conversation();
    let whole: Vec<_> = turns.iter().map(|(d, b)| (*d, &b[..])).collect();
    let expected = run(&whole);
    let says: Vec<_> =
        expected.iter().map(|m| format!("{} {}", m.kind, m.request_id.unwrap())).collect();
    assert_eq!(
        says,
        [
            "Request 1",
            "Request 2",
            "Request 3",
            "Response 2",
            "Response 1",
            "Response 3",
            "Response 9",
            "Request 8",
            "Response 8",
            "Interim 8",
            "Interim 8",
            "Request 8",
            "Response 8"
        ]
    );
    let long = &expected[5];
    assert!(long.result.is_empty() && long.length.unwrap() > 7000, "longer than what is read");
    for (i, &(dir, bytes)) in whole.iter().enumerate() {
        // Every offset near the ends of messages, one in 97 inside the long one.
        for at in (0..=bytes.len()).filter(|at| bytes.len() < 1000 || at % 97 < 3 || *at > 7600) {
            let mut cut = whole.clone();
            cut.splice(i..=i, [(dir, &bytes[..at]), (dir, &bytes[at..])]);
            assert_eq!(run(&cut), expected, "turn {i} cut at {at}");
        }
    }
    let bytewise: Vec<_> =
        whole.iter().flat_map(|&(d, b)| b.chunks(1).map(move |b| (d, b))).collect();
    assert_eq!(run(&bytewise), expected);
}

#[test]
fn gaps_in_streams() {
    let mut d = driver(false);
    let first = framed(&[query(1, 1)]);
    d.feed(C, &first[..first.len() - 3]);
    d.gap(C, 100);
    assert_eq!((d.messages.len(), d.lost), (0, 2), "not even the type is known");
    d.feed(C, &[&[1, 2, 3][..], &framed(&[query(2, 28)])].concat());
    assert_eq!((d.messages[0].request_id, d.lost), (Some(2), 2));

    let long = [&[255; 1][..], &[b't'; 255]].concat().repeat(30);
    let bytes = framed(&[answer(3, 16, &[(16, &long)]), answer(4, 1, &[])]);
    let mut d = driver(false);
    d.feed(S, &bytes[..5000]);
    d.gap(S, 1000);
    d.feed(S, &bytes[6000..]);
    let ids: Vec<_> = d.messages.iter().map(|m| m.request_id.unwrap()).collect();
    assert_eq!((ids, d.lost), (vec![3, 4], 0), "a gap inside what is skipped");

    let mut d = driver(false);
    let bytes = framed(&[answer(5, 1, &[(1, &[1, 2, 3, 4]), (1, &[5, 6, 7, 8])])]);
    d.feed(S, &bytes[..bytes.len() - 3]);
    d.cut(S);
    assert_eq!(d.messages[0].result, "1.2.3.4", "what a cut packet still says");
}

#[test]
fn hostile_messages_are_refused_or_bounded() {
    let mut loops = header(1, QUERY, [1, 0, 0, 0]);
    loops.extend([0xc0, 12, 0, 1, 0, 1]);
    assert_eq!((told(&loops, true), datagram(&loops)), (Probe::NotForUs, None));
    // 60000 answers claimed, one there.
    let mut m = answer(1, 1, &[(1, &[1, 2, 3, 4])]);
    m[6..8].copy_from_slice(&60000u16.to_be_bytes());
    assert_eq!(datagram(&m).unwrap().result, "1.2.3.4");
    // A result has a bound.
    let address: (u16, &[u8]) = (1, &[100, 100, 100, 100]);
    let m = datagram(&answer(1, 1, &[address; 200])).unwrap();
    assert!((1000..1100).contains(&m.result.len()), "{}", m.result.len());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..10),
    ) {
        let (mut udp, mut tcp) = (driver(true), driver(false));
        for bytes in &datagrams {
            udp.feed(S, bytes);
            tcp.feed(S, bytes);
            prop_assert_eq!(told(bytes, true), Probe::NotForUs);
        }
    }

    #[test]
    fn damaged_messages_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut m = answer(1, 1, &[(5, b"\x03cdn\xc0\x10"), (15, b"\0\x0a\xc0\x0c"), (1, &[1, 2, 3, 4])]);
        for (at, byte) in damage {
            let at = at.index(m.len());
            m[at] = byte;
        }
        let parsed = datagram(&m);
        // Whatever detection accepts the parser must accept.
        prop_assert!(told(&m, true) == Probe::NotForUs || parsed.is_some());
        driver(false).feed(S, &framed(&[m]));
    }

    #[test]
    fn any_cuts(sizes in prop::collection::vec(1usize..200, 1..40)) {
        let turns = conversation();
        let whole: Vec<_> = turns.iter().map(|(d, b)| (*d, &b[..])).collect();
        let mut sizes = sizes.iter().copied().cycle();
        let mut cut = Vec::new();
        for &(dir, mut bytes) in &whole {
            while !bytes.is_empty() {
                let (part, rest) = bytes.split_at(sizes.next().unwrap().min(bytes.len()));
                cut.push((dir, part));
                bytes = rest;
            }
        }
        prop_assert_eq!(run(&cut), run(&whole));
    }
}
