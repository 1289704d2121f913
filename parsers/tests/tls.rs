//! TLS: handshakes of real programs, that no way to split them changes what is read, what is left
//! when bytes are lost, and what is no TLS.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::{MySql, PostgreSql, Tls};
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use fathom_parsers::testing::OwnedMessage;
use support::pcap;
use support::{Said, down, driver, lines, messages, told, up};

/// A recorded connection as long as there is anything to read in it.
fn conversation(capture: &str, which: usize) -> Vec<Said> {
    let mut talk = pcap::conversation(capture, which);
    let mut d = driver(Tls, &Options::default());
    let end = talk.iter().position(|(dir, bytes)| {
        d.feed(*dir, bytes);
        d.switched
    });
    talk.truncate(end.map_or(talk.len(), |n| n + 1));
    talk
}

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(Tls, talk))
}

fn fact<'a>(m: &'a OwnedMessage, name: &str) -> &'a str {
    let all = m.facts.iter().chain(&m.attributes);
    all.filter(|f| f.0 == name).map(|f| f.1.as_str()).next().unwrap_or("")
}

/// Everything of `name` that messages say.
fn facts(messages: &[OwnedMessage], name: &str) -> Vec<String> {
    let all = messages.iter().map(|m| fact(m, name).to_owned());
    all.filter(|text| !text.is_empty()).collect()
}

const REQUEST: &str = "Request type=ClientHello domain=shop.fathom.test \
    resource=shop.fathom.test endpoint=shop.fathom.test";

#[test]
fn version_1_3() {
    let m = messages(Tls, &conversation("tls13", 0));
    assert_eq!(
        lines(&m),
        [
            format!("{REQUEST} length=335"),
            "Response status=Ok result=ServerHello length=122 open=yes".to_owned(),
            "End status=Ok".to_owned(),
        ]
    );
    assert_eq!(fact(&m[0], "alpn"), "h2,http/1.1");
    assert_eq!(fact(&m[0], "ja3"), "5a1edc7f170af1014fc65c994878e63c");
    assert_eq!(fact(&m[0], "ja4"), "t13d3111h2_e8f1e7e78f70_1f22a2ca17c4");
    assert_eq!(fact(&m[1], "Version"), "1.3");
    assert_eq!(fact(&m[1], "cipher_suite"), "TLS_AES_256_GCM_SHA384");
    assert_eq!(fact(&m[1], "key_exchange_group"), "x25519");
    assert_eq!(fact(&m[1], "ja3s"), "15af977ce25de452b96affa2addb1036");
}

#[test]
fn version_1_2_shows_certificates() {
    let m = messages(Tls, &conversation("tls-client-certificate", 0));
    let kinds: Vec<_> = m.iter().map(|m| m.kind.as_str()).collect();
    assert_eq!(kinds, ["Request", "Response", "Note", "Note", "End"]);
    assert_eq!(fact(&m[1], "Version"), "1.2");
    assert_eq!(fact(&m[2], "server_cert_subject"), "O=Fathom,CN=shop.fathom.test");
    assert_eq!(fact(&m[2], "server_cert_issuer"), "C=EU,O=Fathom,CN=Fathom Test CA");
    let names = "shop.fathom.test,*.shop.fathom.test,10.78.0.2,fd78::2";
    assert_eq!(fact(&m[2], "server_cert_san"), names);
    assert!(fact(&m[2], "server_cert_not_after").ends_with(" UTC"));
    assert!(fact(&m[2], "server_cert_valid_days").starts_with("until "));
    assert_eq!(fact(&m[3], "client_cert_subject"), "O=Fathom,OU=Billing,CN=billing");
    // Messages that lie in several records, and records in several segments.
    let m = messages(Tls, &conversation("tls12-fragments", 0));
    assert_eq!(facts(&m, "server_cert_san"), [names]);
}

#[test]
fn old_versions() {
    let of = |which| facts(&messages(Tls, &conversation("tls10", which)), "Version");
    assert_eq!((of(0), of(1)), (vec!["1.0".to_owned()], vec!["1.1".to_owned()]));
}

#[test]
fn sessions_that_go_on() {
    for (capture, which, resumed) in [
        ("tls12-resumed", 0, false),
        ("tls12-resumed", 1, true),
        ("tls12-resumed", 2, false),
        ("tls12-resumed", 3, true),
        ("tls13-resumed", 0, false),
        ("tls13-resumed", 1, true),
    ] {
        let m = messages(Tls, &conversation(capture, which));
        assert_eq!(facts(&m, "resumed").len(), usize::from(resumed), "{capture} {which}");
        assert_eq!(m.last().unwrap().status, "Ok", "{capture} {which}");
    }
}

#[test]
fn a_second_hello_belongs_to_the_first() {
    let m = messages(Tls, &conversation("tls13-retry", 0));
    assert_eq!(m.len(), 3, "{m:#?}");
    assert_eq!(facts(&m, "hello_retry_request"), ["secp384r1"]);
    assert_eq!(facts(&m, "key_exchange_group"), ["secp384r1"]);
}

#[test]
fn refusals() {
    let ends: Vec<_> = (0..6)
        .map(|which| {
            let m = messages(Tls, &conversation("tls-refused", which));
            let last = m.last().unwrap();
            (last.kind.clone(), last.status.clone(), last.exception.clone(), last.response_code)
        })
        .collect();
    let want = [
        ("End", "ClientError", "handshake_failure", 40),
        ("Response", "ClientError", "handshake_failure", 40),
        ("Response", "ClientError", "protocol_version", 70),
        ("End", "ServerError", "unknown_ca", 48),
        ("End", "ServerError", "unknown_ca", 48),
        ("Response", "ClientError", "no_application_protocol", 120),
    ];
    for (got, want) in ends.iter().zip(want) {
        assert_eq!((got.0.as_str(), got.1.as_str(), got.2.as_str()), (want.0, want.1, want.2));
        assert_eq!(got.3, Some(want.3));
    }
}

#[test]
fn an_encrypted_alert_is_seen_by_its_length() {
    let real = conversation("tls13", 0);
    let talk = |record: &[u8], dir| {
        let mut talk = vec![real[0].clone()];
        let hello = 5 + usize::from(u16::from_be_bytes([real[1].1[3], real[1].1[4]]));
        talk.push(down(&real[1].1[..hello]));
        talk.push((dir, record.to_vec()));
        messages(Tls, &talk).pop().unwrap()
    };
    let alert = [&b"\x17\x03\x03\0\x13"[..], &[7; 19]].concat();
    let end = talk(&alert, ToServer);
    assert_eq!((end.status.as_str(), end.exception.as_str()), ("ServerError", "encrypted alert"));
    assert_eq!(talk(&alert, ToClient).status, "ClientError");
    let finished = [&b"\x17\x03\x03\0\x35"[..], &[7; 53]].concat();
    assert_eq!(talk(&finished, ToServer).status, "Ok");
}

#[test]
fn alerts_that_only_warn() {
    let real = conversation("tls12", 0);
    let mut talk = real[..1].to_vec();
    talk.push(down(b"\x15\x03\x03\0\x02\x01\x70"));
    talk.extend_from_slice(&real[1..]);
    assert_eq!(said(&talk), said(&real));
    // Closing is no warning.
    talk[1] = down(b"\x15\x03\x03\0\x02\x01\0");
    let m = messages(Tls, &talk);
    assert_eq!((m[1].status.as_str(), m[1].exception.as_str()), ("ServerError", "close_notify"));
}

#[test]
fn databases_change_to_tls() {
    for (protocol, capture, which) in
        [(PostgreSql, "tls-postgres", 0), (PostgreSql, "tls-postgres", 1), (MySql, "tls-mysql", 0)]
    {
        let mut talk = pcap::conversation(capture, which);
        talk.truncate(16);
        if protocol == MySql {
            // The server greets first.
            talk.iter_mut().for_each(|said| said.0 = said.0.reverse());
        }
        let m = messages(protocol, &talk);
        let hello = m.iter().position(|m| m.request_type == "ClientHello").unwrap();
        assert_eq!(m[hello + 1].result, "ServerHello", "{capture}");
        assert_eq!(m.last().unwrap().status, "Ok", "{capture} {which}");
    }
}

#[test]
fn what_is_cut_is_read_as_far_as_it_goes() {
    let real = conversation("tls13", 0);
    let mut d = driver(Tls, &Options::default());
    d.feed(ToServer, &real[0].1[..200]);
    d.gap(ToServer, 50);
    assert_eq!(d.messages[0].request_domain, "shop.fathom.test");
    assert_eq!(fact(&d.messages[0], "ja4"), "", "of a part there is no fingerprint");
    d.feed(ToClient, &real[1].1);
    assert_eq!(d.messages[1].result, "ServerHello");
}

#[test]
fn whatever_is_lost_no_handshake_is_found_twice() {
    for capture in ["tls12", "tls13", "tls12-fragments", "tls-client-certificate", "tls-split"] {
        let real = conversation(capture, 0);
        for lost in 0..real.len() {
            let mut d = driver(Tls, &Options::default());
            for (i, (dir, bytes)) in real.iter().enumerate() {
                if i == lost {
                    d.gap(*dir, bytes.len() as u64);
                } else {
                    d.feed(*dir, bytes);
                }
            }
            d.finish(ToServer);
            d.finish(ToClient);
            let count = |kind: &str| d.messages.iter().filter(|m| m.kind == kind).count();
            let found = (count("Request"), count("Response"), count("End"));
            assert!(found.0 <= 1 && found.1 <= 1 && found.2 <= 1, "{capture} {lost}: {found:?}");
            if lost > 0 && capture != "tls-split" {
                assert_eq!(found.0, 1, "{capture} {lost}");
            }
        }
    }
}

#[test]
fn nothing_follows_the_handshake() {
    let mut d = driver(Tls, &Options::default());
    for (dir, bytes) in conversation("tls12", 0) {
        d.feed(dir, &bytes);
    }
    assert!(d.switched, "parsing has ended");
}

#[test]
fn what_is_no_tls() {
    let mut d = driver(Tls, &Options::default());
    // A hello of SSL 2.0 that offers TLS.
    let old =
        b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10\x01\0\x80\x07\0\xc0\x03\0\x80\0\0\x05\x02\0\x80";
    assert_eq!(told(old, ToServer), Probe::NotForUs);
    d.feed(ToServer, old);
    assert!(d.messages.is_empty() && d.lost == 1);
    // Records of a single byte each: a hello may come so, but not without end.
    let mut d = driver(Tls, &Options::default());
    let mut records = b"\x16\x03\x01\0\x04\x01\0\x3f\xff".to_vec();
    (0..16_000).for_each(|_| records.extend(b"\x16\x03\x01\0\x01\x03"));
    records.chunks(1400).for_each(|part| d.feed(ToServer, part));
    assert!(d.messages.is_empty() && d.lost > 0);
    assert_eq!(said(&[up(b"\x15\x03\x03\0\x02\x02\x28")]), [""; 0]);
}
