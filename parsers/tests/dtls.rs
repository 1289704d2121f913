//! DTLS: handshakes of OpenSSL, with cookies, in fragments, repeated and refused.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Dtls;
use fathom_parsers::message::{Carrier, Direction, Probe};
use fathom_parsers::registry::{Look, probe};
use fathom_parsers::testing::{Driver, OwnedMessage};
use support::pcap::conversation;
use support::{Said, lines};

fn read(talk: &[Said]) -> Vec<OwnedMessage> {
    let mut d = Driver::of(Dtls, Carrier::Udp);
    talk.iter().for_each(|(dir, datagram)| d.feed(*dir, datagram));
    assert_eq!(d.lost, 0);
    d.messages
}

fn facts<'a>(messages: &'a [OwnedMessage], name: &str) -> Vec<&'a str> {
    let all = messages.iter().flat_map(|m| m.facts.iter().chain(&m.attributes));
    all.filter(|f| f.0 == name).map(|f| f.1.as_str()).collect()
}

fn told(datagram: &[u8], dir_hint: Option<Direction>) -> Probe {
    probe(datagram, Look { dir_hint, ..Look::over(Carrier::Udp) })
}

#[test]
fn version_1_2() {
    let m = read(&conversation("dtls12", 0));
    assert_eq!(
        lines(&m),
        [
            "Request type=ClientHello domain=shop.fathom.test resource=shop.fathom.test \
             endpoint=shop.fathom.test length=231",
            "Response status=Ok result=ServerHello length=84 open=yes",
            "Note",
            "End status=Ok",
        ]
    );
    assert_eq!(facts(&m, "Version"), ["1.2"]);
    assert_eq!(facts(&m, "alpn"), ["coap,h2"]);
    assert_eq!(facts(&m, "alpn_selected"), ["coap"]);
    assert_eq!(facts(&m, "cipher_suite"), ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]);
    assert_eq!(facts(&m, "server_cert_subject"), ["O=Fathom,CN=shop.fathom.test"]);
    assert!(facts(&m, "ja4")[0].starts_with("dd2d"), "{m:#?}");
}

#[test]
fn other_handshakes() {
    let m = read(&conversation("dtls10", 0));
    assert_eq!(facts(&m, "Version"), ["1.0"]);
    let m = read(&conversation("dtls-cookie", 0));
    assert_eq!(facts(&m, "address_validated"), ["true"]);
    assert_eq!(m.iter().filter(|m| m.kind == "Request").count(), 1);
    // Certificates in fragments of two hundred bytes.
    let m = read(&conversation("dtls-client-certificate", 0));
    assert_eq!(facts(&m, "client_cert_subject"), ["O=Fathom,OU=Billing,CN=billing"]);
    assert_eq!(facts(&m, "server_cert_san").len(), 1);
    assert_eq!(m.last().unwrap().status, "Ok");
}

#[test]
fn refusals() {
    for (which, status, exception) in
        [(0, "ClientError", "handshake_failure"), (1, "ClientError", "handshake_failure")]
    {
        let m = read(&conversation("dtls-refused", which));
        let last = m.last().unwrap();
        assert_eq!((last.status.as_str(), last.exception.as_str()), (status, exception));
    }
}

/// Datagrams that are lost, come twice or in another order.
#[test]
fn no_order_of_datagrams_finds_a_handshake_twice() {
    let real = conversation("dtls-client-certificate", 0);
    let check = |talk: &[Said]| {
        let mut d = Driver::of(Dtls, Carrier::Udp);
        talk.iter().for_each(|(dir, datagram)| d.feed(*dir, datagram));
        for kind in ["Request", "Response", "End"] {
            assert!(d.messages.iter().filter(|m| m.kind == kind).count() <= 1, "{kind}");
        }
        d.messages.len()
    };
    let all = check(&real);
    for i in 0..real.len() {
        let mut talk = real.clone();
        talk.remove(i);
        check(&talk);
        let mut talk = real.clone();
        talk.insert(i, real[i].clone());
        assert_eq!(check(&talk), all, "datagram {i} twice");
        if i > 0 && real[i].0 == real[i - 1].0 {
            let mut talk = real.clone();
            talk.swap(i, i - 1);
            check(&talk);
        }
    }
}

#[test]
fn detection() {
    let real = conversation("dtls12", 0);
    assert_eq!(told(&real[0].1, None), Probe::Certain(Dtls, ToServer));
    assert_eq!(told(&real[1].1, None), Probe::Certain(Dtls, ToClient));
    for n in 0..60 {
        assert_eq!(told(&real[0].1[..n], None), Probe::NotForUs, "{n}");
    }
    let data = real.iter().rfind(|said| said.1[0] == 23).unwrap();
    assert_eq!(told(&data.1, Some(ToClient)), Probe::Certain(Dtls, ToClient));
    assert_eq!(told(&[&data.1[..], b"x"].concat(), None), Probe::NotForUs);
}
