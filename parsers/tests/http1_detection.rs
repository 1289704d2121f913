//! First bytes of flows: what is HTTP/1, what may become it, what is something else.

use fathom_parsers::message::Direction::{ToClient as S, ToServer as C};
use fathom_parsers::message::{Carrier, L7Protocol, Probe};
use fathom_parsers::registry::{Enabled, Look, probe};

#[test]
fn detection() {
    // Some of these lines belong to other protocols: this is about what HTTP says of them.
    let enabled = Enabled::NONE.with(L7Protocol::Http);
    let look = Look { enabled, ..Look::over(Carrier::Tcp) };
    let ask = |bytes: &[u8]| probe(bytes, look);
    let (up, down) = (Probe::Certain(L7Protocol::Http, C), Probe::Certain(L7Protocol::Http, S));
    for (text, answer) in [
        ("GET / HTTP/1.1\r\n", up),
        ("\r\nGET / HTTP/1.0\n", up),
        ("frobnicate /x HTTP/1.1\r\nHost: h\r\n", up),
        ("OPTIONS * HTTP/1.1\r\n", up),
        ("CONNECT h:443 HTTP/1.1\r\n", up),
        ("HTTP/1.1 200 OK\r\n", down),
        ("HTTP/1.0 404\r\n", down),
        ("G", Probe::Unsure),
        ("GET", Probe::Unsure),
        ("POST /x", Probe::Unsure),
        ("GET /x HTTP/1.1\r", Probe::Unsure),
        ("GET htt", Probe::Unsure),
        ("HTTP/1.", Probe::Unsure),
        ("HTTP/1.1 20", Probe::Unsure),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Probe::NotForUs),
        ("OPTIONS rtsp://h/s RTSP/1.0\r\n", Probe::NotForUs),
        ("OPTIONS rtsp", Probe::NotForUs),
        ("OPTIONS sip:a@b SIP/2.0\r\n", Probe::NotForUs),
        ("RTSP/1.0 200 OK\r\n", Probe::NotForUs),
        ("GET key\r\n", Probe::NotForUs),
        ("get key\r\n", Probe::NotForUs),
        ("CONNECT {\"verbose\":false}\r\n", Probe::NotForUs),
        ("MAIL FROM:<a@b>\r\n", Probe::NotForUs),
        ("SSH-2.0-OpenSSH_9.2\r\n", Probe::NotForUs),
        ("*1\r\n$4\r\nPING\r\n", Probe::NotForUs),
        ("HTTP/2 200\r\n", Probe::NotForUs),
        ("HTTP/1.1 2000 OK\r\n", Probe::NotForUs),
    ] {
        assert_eq!(ask(text.as_bytes()), answer, "{text:?}");
    }
    let long = format!("GET /{}", "a".repeat(400));
    assert_eq!(ask(long.as_bytes()), up, "no other protocol looks like this");
    let line = b"frobnicate /x HTTP/1.1\r\n";
    let from_server = Look { dir_hint: Some(S), ..look };
    assert_eq!(probe(line, from_server), Probe::NotForUs);
    assert_eq!(probe(line, Look::over(Carrier::Udp)), Probe::NotForUs, "no datagrams");
    let without = Enabled::ALL.without(L7Protocol::Http);
    let look = Look { enabled: without, ..Look::over(Carrier::Tcp) };
    assert_eq!(probe(b"GET / HTTP/1.1\r\n", look), Probe::NotForUs);
}
