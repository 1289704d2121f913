//! SSH: who says what it is, in either order.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Ssh;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, told, up};

const REQUEST: &str = "Request type=banner resource=OpenSSH_9.2p1 Debian-2 length=31";

#[test]
fn both_orders() {
    let client = up(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    let server = down(b"SSH-2.0-dropbear_2022.83\r\n");
    let m = messages(Ssh, &[client.clone(), server.clone(), up(b"\0\0\x05\xdc\x07\x14")]);
    let answer = "Response status=Ok result=dropbear_2022.83";
    assert_eq!(lines(&m), [REQUEST.replace("31", "32"), format!("{answer} length=26")]);
    assert_eq!(m[0].version, "2.0");
    assert_eq!(m[0].facts[0].0, "client_software");
    assert_eq!(m[1].facts[0], ("server_software".to_owned(), "dropbear_2022.83".to_owned()));
    // The server's line and its negotiation before the client's line.
    let early = down(b"SSH-2.0-dropbear_2022.83\r\n\0\0\x04\xdc\x07\x14");
    let m = messages(Ssh, &[early.clone(), client.clone(), up(b"\0\0\x05\xdc\x07\x14")]);
    assert_eq!(lines(&m), [REQUEST.replace("31", "32"), answer.to_owned()]);
    // The connection ends right then.
    let m = messages(Ssh, &[early, client]);
    assert_eq!(lines(&m)[1], answer);
}

#[test]
fn a_greeting_and_old_versions() {
    let m = messages(
        Ssh,
        &[
            up(b"SSH-1.99-Cisco-1.25\n"),
            down(b"Authorised users only.\r\nAll is logged.\r\nSSH-1.99-x\n"),
        ],
    );
    assert_eq!(lines(&m)[0], "Request type=banner resource=Cisco-1.25 length=20");
    assert_eq!(m[1].result, "x");
}

#[test]
fn half_a_connection_and_loss() {
    let m = messages(Ssh, &[up(b"SSH-2.0-scan\r\n")]);
    assert_eq!(lines(&m), ["Request type=banner resource=scan length=14"]);
    assert!(messages(Ssh, &[down(b"SSH-2.0-server\r\n\0\0\0\x10")]).is_empty());
    let mut d = driver(Ssh, &Options::default());
    d.feed(ToServer, b"SSH-2.0-a");
    d.gap(ToServer, 5);
    d.feed(ToServer, b"SSH-2.0-b\r\n");
    assert!(d.messages.is_empty() && d.switched);
}

#[test]
fn detection() {
    for dir in [ToServer, ToClient] {
        assert_eq!(told(b"SSH-2.0-OpenSSH_9.2\r\n", dir), Probe::Certain(Ssh, dir));
    }
    for n in 1..20 {
        assert_eq!(told(&b"SSH-2.0-OpenSSH_9.2\r\n"[..n], ToServer), Probe::Unsure, "{n}");
    }
    for no in
        [&b"SSH-3.0-x\r\n"[..], b"SSH-2.0\r\n", b"SSH-2.0-\r\n", b"SSH-2.0-\x01\r\n", b"SET a\r\n"]
    {
        assert_ne!(told(no, ToServer), Probe::Certain(Ssh, ToServer), "{}", no.escape_ascii());
    }
    let long = [&b"SSH-2.0-"[..], &[b'x'; 300]].concat();
    assert_eq!(told(&long, ToServer), Probe::NotForUs);
}
