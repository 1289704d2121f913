//! SIP, RTSP and LDAP, RADIUS, DHCP and NTP: requests and what answers them, what is and is not which,
//! losses, and that no way to split a stream changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{self, ToClient, ToServer};
use fathom_parsers::message::L7Protocol::{Dhcp, Ldap, Ntp, Radius, Rtsp, Sip};
use fathom_parsers::message::{Carrier, L7Protocol, Probe};
use fathom_parsers::registry::{Look, Options, probe};
use fathom_parsers::testing::{Driver, OwnedMessage};
use support::{Said, down, driver, keep_for_fuzzing, lines, messages, messages_with, told, up};

/// The messages of datagrams, each of which detection has to know.
fn datagrams(protocol: L7Protocol, talk: &[Said]) -> Vec<OwnedMessage> {
    keep_for_fuzzing(protocol, talk);
    talk.iter().for_each(|said| keep_for_fuzzing(protocol, std::slice::from_ref(said)));
    let mut d = Driver::of(protocol, Carrier::Udp);
    for (dir, bytes) in talk {
        assert_eq!(datagram(bytes), Probe::Certain(protocol, *dir));
        d.feed(*dir, bytes);
    }
    assert_eq!(d.lost, 0);
    // One that is cut is read as far as it goes, or refused.
    for (dir, bytes) in talk {
        (0..bytes.len()).for_each(|n| d.feed(*dir, &bytes[..n]));
    }
    d.messages.truncate(talk.len());
    d.messages
}

fn datagram(bytes: &[u8]) -> Probe {
    probe(bytes, Look::over(Carrier::Udp))
}

fn sip(start: &str, call: &str, sequence: &str, rest: &str) -> String {
    format!(
        "{start}\r\nVia: SIP/2.0/UDP a;branch=z9\r\nFrom: \"Ann\" <sip:ann@shop.test>;tag=1\r\nt: sip:bob@shop.test;tag=2\r\nCall-ID: {call}\r\nCSeq: {sequence}\r\n{rest}\r\n"
    )
}

/// Two calls at once: one is taken, one is not.
fn calls() -> Vec<Said> {
    let invite = "INVITE sip:bob@shop.test:5060;x=y SIP/2.0";
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
    vec![
        up(sip(invite, "c1", "7 INVITE", &format!("{trace}Content-Length: 4\r\n")) + "v=0\n"),
        up(sip("INVITE sips:eve@[::1]:5061 SIP/2.0", "c2", "7 INVITE", "l: 0\r\n")),
        down(sip("SIP/2.0 180 Ringing", "c1", "7 INVITE", "Content-Length: 0\r\n")),
        down(sip("SIP/2.0 486 Busy Here", "c2", "7 INVITE", "Content-Length: 0\r\n")),
        down(sip("SIP/2.0 200 OK", "c1", "7 INVITE", "Content-Length: 0\r\n")),
        up(sip("ACK sip:bob@shop.test SIP/2.0", "c1", "7 ACK", "Content-Length: 0\r\n")),
        up(sip("BYE tel:+123 SIP/2.0", "c1", "8 BYE", "Content-Length: 0\r\n")),
        down(sip("SIP/2.0 503 Full", "c1", "8 BYE", "Content-Length: 0\r\n")),
    ]
}

#[test]
fn calls_by_telephone() {
    let m = messages(Sip, &calls());
    let short: Vec<_> =
        lines(&m).iter().map(|l| l.split(" length").next().unwrap().to_owned()).collect();
    assert_eq!(
        short,
        [
            "Request type=INVITE domain=shop.test resource=sip:bob@shop.test:5060;x=y endpoint=INVITE id=7",
            "Request type=INVITE domain=[::1] resource=sips:eve@[::1]:5061 endpoint=INVITE id=7",
            "Interim id=7 status=Ok code=180 result=Ringing",
            "Response id=7 status=ClientError code=486 exception=Busy Here",
            "Response id=7 status=Ok code=200 result=OK",
            "Single type=ACK domain=shop.test resource=sip:bob@shop.test endpoint=ACK id=7",
            "Request type=BYE domain=+123 resource=tel:+123 endpoint=BYE id=8",
            "Response id=8 status=ServerError code=503 exception=Full",
        ]
    );
    assert_eq!((&m[0].pairing, &m[1].pairing), (&m[4].pairing, &m[3].pairing));
    assert_ne!(m[0].pairing, m[1].pairing);
    assert_eq!([&m[0].trace_id, &m[0].x_request_id], ["4bf92f3577b34da6a3ce929d0e0e4736", "c1"]);
    assert_eq!(m[0].attributes[0].1, "sip:ann@shop.test");
    let told: Vec<_> = datagrams(Sip, &calls()).iter().map(|m| m.pairing.clone()).collect();
    assert_eq!(told, m.iter().map(|m| m.pairing.clone()).collect::<Vec<_>>());
    assert_eq!(driver(Sip, &Options::default()).lost, 0);
}

#[test]
fn films_and_media_among_them() {
    let talk = [
        up("DESCRIBE rtsp://tv.test:554/a b RTSP/1.0\r\n".replace("a b", "a")
            + "CSeq: 2\r\nUser-Agent: vlc\r\n\r\n"),
        down("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n"),
        up("PLAY rtsp://tv.test/a RTSP/1.0\r\nCSeq: 3\r\nSession: 99\r\n\r\n"),
        down(b"$\0\0\x06DESCRIRTSP/1.0 454 Session Not Found\r\nCSeq: 3\r\n\r\n$\x01\0\x02ab"),
        down("OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n"),
        up("RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n\r\n"),
    ];
    let m = messages(Rtsp, &talk);
    keep_for_fuzzing(Rtsp, &talk[2..]);
    assert_eq!(
        lines(&m),
        [
            "Request type=DESCRIBE domain=tv.test resource=rtsp://tv.test:554/a endpoint=DESCRIBE id=2 length=68",
            "Response id=2 status=Ok code=200 result=OK length=52",
            "Request type=PLAY domain=tv.test resource=rtsp://tv.test/a endpoint=PLAY id=3 length=56",
            "Response id=3 status=ClientError code=454 exception=Session Not Found length=43",
            "Request type=OPTIONS domain=* resource=* endpoint=OPTIONS id=3 length=31",
            "Response id=3 status=Ok code=200 result=OK length=28",
        ]
    );
    assert_eq!((&m[2].pairing, &m[4].pairing), (&m[3].pairing, &m[5].pairing));
    assert_ne!(m[2].pairing, m[4].pairing);
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, content.len() as u8][..], content].concat()
}

fn ldap(id: u8, tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &[element(2, &[id]), element(tag, &parts.concat())].concat())
}

fn result(id: u8, tag: u8, code: u8, words: &str) -> Vec<u8> {
    ldap(id, tag, &[element(0x0a, &[code]), element(4, b""), element(4, words.as_bytes())])
}

fn text(s: &str) -> Vec<u8> {
    element(4, s.as_bytes())
}

fn directory() -> Vec<Said> {
    let equals = |tag, name: &str, value: &str| element(tag, &[text(name), text(value)].concat());
    let pieces = element(0x30, &[element(0x80, b"b"), element(0x82, b"z")].concat());
    let part = element(0xa4, &[text("mail"), pieces].concat());
    let either = element(0xa1, &[equals(0xa3, "uid", "bob"), part].concat());
    let filter = element(
        0xa0,
        &[element(0x87, b"cn"), either, element(0xa2, &equals(0xa5, "age", "7"))].concat(),
    );
    let limits =
        [element(0x0a, &[0]), element(2, &[0]), element(2, &[0]), element(1, &[0])].concat();
    let search = [text("dc=shop"), element(0x0a, &[2]), limits, filter, element(0x30, b"")];
    vec![
        up(ldap(1, 0x60, &[element(2, &[3]), text("cn=bob"), element(0x80, b"secret")])),
        down(result(1, 0x61, 49, "wrong")),
        up([ldap(2, 0x63, &search), ldap(3, 0x4a, &[b"cn=x".to_vec()])].concat()),
        down(result(3, 0x6b, 51, "busy")),
        down(ldap(2, 0x64, &[text("cn=1"), element(0x30, b"")])),
        down(result(2, 0x65, 0, "")),
        up(ldap(4, 0x60, &[element(2, &[3]), text(""), element(0xa3, &text("GSSAPI"))])),
        down(result(4, 0x61, 14, "go on")),
        up(ldap(5, 0x77, &[element(0x80, b"1.3.6.1.4.1.1466.20037")])),
        down(result(5, 0x78, 0, "")),
        up(b"\x16\x03\x01\0\x05hello"),
        down(b"\x16\x03\x01\0\x03hi!"),
        up(ldap(6, 0x42, &[])),
    ]
}

#[test]
fn a_directory() {
    let m = messages(Ldap, &directory());
    let short: Vec<_> =
        lines(&m).iter().map(|l| l.split(" length").next().unwrap().to_owned()).collect();
    assert_eq!(
        short,
        [
            "Request type=bind resource=cn=bob endpoint=bind id=1",
            "Response id=1 status=ClientError code=49 exception=wrong",
            "Request type=search resource=dc=shop endpoint=search id=2",
            "Request type=delete resource=cn=x endpoint=delete id=3",
            "Response id=3 status=ServerError code=51 exception=busy",
            "Response id=2 status=Ok code=0",
            "Request type=bind endpoint=bind id=4",
            "Response id=4 status=Ok code=14",
            "Request type=extended resource=1.3.6.1.4.1.1466.20037 endpoint=extended id=5",
            "Response id=5 status=Ok code=0",
            "Single type=unbind endpoint=unbind id=6",
        ]
    );
    assert_eq!(m[2].attributes[1].1, "(&(cn=*)(|(uid=?)(mail=?*?))(!(age>=?)))");
    assert_eq!(m[6].attributes[0].1, "GSSAPI");
    assert!(!format!("{m:?}").contains("secret"));
    let shown = Options { literals: Literals::Shown, ..Options::default() };
    let m = messages_with(Ldap, &shown, &directory());
    assert_eq!(m[2].attributes[1].1, "(&(cn=*)(|(uid=bob)(mail=b*z))(!(age>=7)))");
}

fn radius(code: u8, id: u8, attributes: &[(u8, &[u8])]) -> Vec<u8> {
    let body: Vec<u8> =
        attributes.iter().flat_map(|(t, v)| [&[*t, v.len() as u8 + 2][..], v].concat()).collect();
    let len = (20 + body.len() as u16).to_be_bytes();
    [&[code, id][..], &len, &[7; 16], &body].concat()
}

#[test]
fn who_is_let_in() {
    let m = datagrams(
        Radius,
        &[
            up(radius(1, 9, &[(1, b"bob"), (2, &[1; 16]), (4, &[10, 0, 0, 1]), (31, b"+49")])),
            down(radius(3, 9, &[(18, b"go away")])),
            up(radius(4, 10, &[(1, b"bob"), (32, b"door"), (40, &[0, 0, 0, 2]), (44, b"s-1")])),
            down(radius(5, 10, &[])),
            up(radius(1, 11, &[(1, b"eve")])),
            down(radius(2, 11, &[(18, b"hello")])),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=Access-Request domain=10.0.0.1 resource=bob endpoint=Access-Request id=9 length=54",
            "Response id=9 status=ClientError code=3 exception=go away length=29",
            "Request type=Accounting-Request domain=door resource=bob endpoint=Accounting-Request id=10 length=42",
            "Response id=10 status=Ok code=5 length=20",
            "Request type=Access-Request resource=eve endpoint=Access-Request id=11 length=25",
            "Response id=11 status=Ok code=2 result=hello length=27",
        ]
    );
    assert_eq!(m[2].attributes[1].1, "Stop");
    assert_eq!(m[1].facts, [("decision".to_owned(), "Access-Reject".to_owned())]);
}

fn dhcp(op: u8, yours: [u8; 4], options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut d = vec![0; 240];
    d[..8].copy_from_slice(&[op, 1, 6, 0, 0, 0, 1, 2]);
    d[16..20].copy_from_slice(&yours);
    d[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
    d[236..].copy_from_slice(&[99, 130, 83, 99]);
    for (kind, value) in options {
        d.extend([&[*kind, value.len() as u8][..], value].concat());
    }
    d.push(0xff);
    d
}

#[test]
fn addresses_are_leased() {
    let server: (u8, &[u8]) = (54, &[10, 0, 0, 2]);
    let m = datagrams(
        Dhcp,
        &[
            up(dhcp(1, [0; 4], &[(53, &[1]), (12, b"till"), (60, b"udhcp")])),
            down(dhcp(2, [10, 0, 0, 9], &[(53, &[2]), server])),
            up(dhcp(1, [0; 4], &[(0x35, &[3]), (50, &[10, 0, 0, 9]), server])),
            down(dhcp(2, [0; 4], &[(53, &[6]), server, (56, b"taken")])),
            up(dhcp(1, [0; 4], &[(53, &[7])])),
            down(dhcp(2, [10, 0, 0, 9], &[server, (53, &[5])])),
        ],
    );
    let short: Vec<_> =
        lines(&m).iter().map(|l| l.split(" length").next().unwrap().to_owned()).collect();
    assert_eq!(
        short,
        [
            "Request type=DISCOVER domain=till endpoint=DISCOVER id=258",
            "Response id=258 status=Ok result=10.0.0.9",
            "Request type=REQUEST resource=10.0.0.9 endpoint=REQUEST id=258",
            "Response id=258 status=ClientError exception=taken",
            "Single type=RELEASE endpoint=RELEASE id=258",
            "Response id=258 status=Ok result=10.0.0.9",
        ]
    );
    let attributes: Vec<_> = m[1].attributes.iter().map(|(_, v)| v.as_str()).collect();
    assert_eq!(attributes, ["02:00:00:00:00:01", "10.0.0.2", ""]);
}

fn ntp(first: u8, stratum: u8, reference: &[u8; 4], times: [u64; 3]) -> Vec<u8> {
    let mut d = vec![first, stratum, 6, 0xe9, 0, 0, 1, 0, 0, 0, 2, 0];
    d.extend(reference);
    d.extend([0; 8]);
    times.iter().for_each(|t| d.extend(t.to_be_bytes()));
    d
}

#[test]
fn what_time_it_is() {
    const T: u64 = 0xe800_0000_0000_0000;
    let m = datagrams(
        Ntp,
        &[
            up(ntp(0x23, 0, &[0; 4], [0, 0, T])),
            down(ntp(0x24, 2, &[10, 0, 0, 1], [T, T + 5, T + 6])),
            up(ntp(0x1b, 3, &[10, 0, 0, 2], [T, T, T + 9])),
            down(ntp(0x1c, 0, b"RATE", [T + 9, T + 10, T + 10])),
            up(ntp(0xe3, 0, &[0; 4], [0, 0, T + 20])),
            down(ntp(0xe4, 1, b"GPS\0", [T + 20, T + 21, T + 21])),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Request type=client endpoint=client length=48",
            "Response status=Ok length=48",
            "Request type=client endpoint=client length=48",
            "Response status=ClientError exception=RATE length=48",
            "Request type=client endpoint=client length=48",
            "Response status=ServerError exception=not synchronized length=48",
        ]
    );
    assert_eq!((&m[0].pairing, &m[2].pairing), (&m[1].pairing, &m[3].pairing));
    assert_eq!([&m[0].version, &m[2].version], ["4", "3"]);
    let facts: Vec<_> = m[1].facts.iter().map(|(_, v)| v.as_str()).collect();
    assert_eq!(facts, ["2", "10.0.0.1"]);
}

#[test]
fn what_is_which() {
    let yes = |p, dir| Probe::Certain(p, dir);
    for (bytes, protocol, dir) in [
        (sip("MESSAGE sip:a@b SIP/2.0", "1", "1 MESSAGE", "").into_bytes(), Sip, ToServer),
        (sip("SIP/2.0 100 Trying", "1", "1 INVITE", "").into_bytes(), Sip, ToClient),
        (sip("PUBLISH sip:a@b SIP/2.0", "1", "1 PUBLISH", "").into_bytes(), Sip, ToServer),
        (b"OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n".to_vec(), Rtsp, ToServer),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".to_vec(), Rtsp, ToServer),
        (b"RTSP/1.0 200 OK\r\n".to_vec(), Rtsp, ToClient),
        (directory()[0].1.clone(), Ldap, ToServer),
        (directory()[1].1.clone(), Ldap, ToClient),
        (directory()[8].1.clone(), Ldap, ToServer),
    ] {
        assert_eq!(told(&bytes, dir), yes(protocol, dir), "{bytes:?}");
        for cut in 1..8 {
            assert_eq!(told(&bytes[..cut], dir), Probe::Unsure, "{bytes:?} cut at {cut}");
        }
    }
    let mine = |p: Probe| matches!(p, Probe::Certain(Sip | Rtsp | Ldap | Radius | Dhcp | Ntp, _));
    let snmp = b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\0\x02\x01\0\x30\x0e\x30\x0c\x06\x08+\x06\x01\x02\x01\x01\x01\0\x05\0";
    for bytes in [
        &b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"INFO {\"server_id\":\"x\"}\r\n",
        b"SUBSCRIBE\nid:1\ndestination:/a\n\n\0",
        snmp,
        b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01",
        &[0x23; 48],
        &[1; 244],
        &[0; 300],
    ] {
        for dir in [ToServer, ToClient] {
            assert!(!mine(told(bytes, dir)), "{bytes:?}");
        }
        assert!(!mine(datagram(bytes)), "{bytes:?}");
    }
}

#[test]
fn places_are_found_again() {
    let after = |protocol, before: &[u8], lost: u64, then: &[u8]| {
        let mut d = driver(protocol, &Options::default());
        d.feed(Direction::ToServer, before);
        d.gap(ToServer, lost);
        d.feed(ToServer, then);
        d.messages.last().map_or(String::new(), |m| m.request_type.clone())
    };
    let bye = sip("BYE sip:a@b SIP/2.0", "1", "2 BYE", "");
    assert_eq!(
        after(Sip, b"INVITE sip:a@b SIP/2.0\r\nVia: x", 50, format!("er\r\n\r\n{bye}").as_bytes()),
        "BYE"
    );
    let message = sip("MESSAGE sip:a@b SIP/2.0", "1", "1 MESSAGE", "Content-Length: 500\r\n");
    let rest = [&[b'x'; 400][..], bye.as_bytes()].concat();
    assert_eq!(after(Sip, message.as_bytes(), 100, &rest), "BYE");
    assert_eq!(after(Ldap, &directory()[0].1[..9], 100, &directory()[2].1), "delete");
    // What is cut is read as far as it goes.
    let mut d = driver(Sip, &Options::default());
    d.feed(ToServer, &message.as_bytes()[..message.len() - 30]);
    d.cut(ToServer);
    assert_eq!(d.messages[0].request_type, "MESSAGE");
}
