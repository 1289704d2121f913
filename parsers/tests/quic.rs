//! QUIC: connections of aioquic and qh3 in both versions, with Retry, version negotiation, long and
//! post-quantum hellos, and datagrams that are lost, repeated or changed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Quic;
use fathom_parsers::message::{Carrier, Direction, Probe};
use fathom_parsers::registry::{Look, probe};
use fathom_parsers::testing::{Driver, OwnedMessage};
use proptest::prelude::*;
use support::Said;
use support::pcap::conversation;

fn driven(talk: &[Said]) -> Driver {
    let mut d = Driver::of(Quic, Carrier::Udp);
    talk.iter().for_each(|(dir, datagram)| d.feed(*dir, datagram));
    d
}

fn read(talk: &[Said]) -> Vec<OwnedMessage> {
    let d = driven(talk);
    assert_eq!(d.lost, 0, "{:#?}", d.messages);
    d.messages
}

fn fact<'a>(messages: &'a [OwnedMessage], name: &str) -> &'a str {
    let all = messages.iter().flat_map(|m| m.facts.iter().chain(&m.attributes));
    all.filter(|f| f.0 == name).map(|f| f.1.as_str()).next().unwrap_or("")
}

fn told(datagram: &[u8], dir_hint: Option<Direction>) -> Probe {
    probe(datagram, Look { dir_hint, ..Look::over(Carrier::Udp) })
}

#[test]
fn connections() {
    for (capture, asked, answered, group) in [
        ("quic", "1", "1", "secp256r1"),
        ("quic-ipv6", "1", "1", "secp256r1"),
        ("quic-v2", "2", "2", "secp256r1"),
        ("quic-compatible", "1", "2", "secp256r1"),
        ("quic-retry", "1", "1", "secp256r1"),
        ("quic-long", "1", "1", "secp256r1"),
        ("quic-hybrid", "1", "1", "x25519"),
    ] {
        let m = read(&conversation(capture, 0));
        assert_eq!(m.len(), 2, "{capture}: {m:#?}");
        assert_eq!(m[0].request_domain, "shop.fathom.test", "{capture}");
        assert_eq!(m[0].version, asked, "{capture}");
        assert_eq!(fact(&m, "Version"), answered, "{capture}");
        assert_eq!(fact(&m, "alpn"), "h3,hq-interop", "{capture}");
        assert!(fact(&m, "ja4").starts_with("q13d"), "{capture}");
        assert!(fact(&m, "cipher_suite").starts_with("TLS_"), "{capture}");
        assert_eq!(fact(&m, "key_exchange_group"), group, "{capture}");
        let validated = if capture == "quic-retry" { "true" } else { "" };
        assert_eq!(fact(&m, "address_validated"), validated, "{capture}");
    }
}

#[test]
fn a_hello_of_two_datagrams() {
    let real = conversation("quic-long", 0);
    assert!(real[0].0 == ToServer && real[1].0 == ToServer);
    assert!(read(&real[..1]).is_empty());
    let m = read(&real[..2]);
    assert!(m[0].length.unwrap() > 1200);
    // In either order, and with a repetition.
    let mixed = [real[1].clone(), real[1].clone(), real[0].clone()];
    assert_eq!(read(&mixed), m);
}

#[test]
fn versions() {
    // A version that nobody has cannot be read; what comes after the server's list can.
    let real = conversation("quic-versions", 0);
    assert_eq!(told(&real[0].1, Some(ToServer)), Probe::NotForUs);
    assert_eq!(told(&real[1].1, Some(ToClient)), Probe::NotForUs);
    let m = read(&real[2..]);
    assert_eq!(m.len(), 2);
    // The same list as an answer to a hello that was read.
    let asked = conversation("quic", 0);
    let m = read(&[asked[0].clone(), real[1].clone(), asked[0].clone()]);
    assert_eq!(m.len(), 3);
    assert_eq!(m[1].exception, "version not supported");
    assert_eq!((m[1].status.as_str(), m[1].result.as_str()), ("ClientError", "1,2"));
}

#[test]
fn refused() {
    let m = read(&conversation("quic-refused", 0));
    assert_eq!(m.len(), 2, "{m:#?}");
    assert_eq!(m[1].exception, "no_application_protocol");
    assert_eq!((m[1].status.as_str(), m[1].response_code), ("ClientError", Some(0x178)));
    let m = read(&conversation("quic-unanswered", 0));
    assert_eq!(m.len(), 1, "however often it is sent: {m:#?}");
}

#[test]
fn datagrams_lost_or_repeated() {
    for capture in ["quic", "quic-retry", "quic-long", "quic-compatible", "quic-hybrid"] {
        let real = conversation(capture, 0);
        let all = read(&real);
        for i in 0..real.len() {
            let mut talk = real.clone();
            talk.insert(i, real[i].clone());
            assert_eq!(read(&talk), all, "{capture}: datagram {i} twice");
            talk.drain(i..=i + 1);
            assert!(driven(&talk).messages.len() <= 2, "{capture}: without datagram {i}");
        }
    }
}

#[test]
fn detection() {
    let real = conversation("quic", 0);
    let first = &real[0].1;
    assert_eq!(told(first, None), Probe::Certain(Quic, ToServer));
    assert_eq!(told(&real[1].1, Some(ToClient)), Probe::Certain(Quic, ToClient));
    assert_eq!(told(&real[1].1, Some(ToServer)), Probe::NotForUs);
    assert_eq!(told(&first[..1199], None), Probe::NotForUs);
    // A changed byte anywhere in the packet: it does not open any more.
    for at in 0..500 {
        let mut changed = first.clone();
        changed[at] ^= 0x21;
        assert_eq!(told(&changed, None), Probe::NotForUs, "{at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_is_found_in_noise(
        mut noise in prop::collection::vec(any::<u8>(), 1200..1400),
        version in prop::sample::select(vec![0u32, 1, 0x6b33_43cf]),
    ) {
        noise[0] |= 0xc0;
        noise[1..5].copy_from_slice(&version.to_be_bytes());
        noise[5] = 8;
        prop_assert_eq!(told(&noise, None), Probe::NotForUs);
        let mut d = Driver::of(Quic, Carrier::Udp);
        for dir in [ToServer, ToClient, ToServer] {
            d.feed(dir, &noise);
        }
        prop_assert!(d.messages.is_empty());
    }
}
