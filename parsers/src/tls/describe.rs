//! Hellos as messages: what TLS, DTLS and QUIC tell of a handshake, in the same columns.

use super::fingerprint::Fingerprints;
use super::hello::{self, Carried, ClientHello, ServerHello};
use super::names;
use crate::message::{Direction, Fact, Facts, Message, MessageKind, ResponseStatus};

/// Bytes of the list of protocols that are kept.
const MAX_ALPN: usize = 128;

/// What a client's hello asks for. `out` is space for what it borrows.
#[inline]
pub(crate) fn request<'a>(
    hello: &ClientHello<'a>,
    carried: Carried,
    out: &'a mut Vec<u8>,
    prints: &'a mut Fingerprints,
) -> Message<'a> {
    out.clear();
    for name in hello::protocols(hello.alpn) {
        if out.len() + name.len() > MAX_ALPN {
            break;
        }
        if !out.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(name);
    }
    // Of a part of a hello there is no fingerprint.
    let (ja4, ja3) = match hello.whole {
        true => prints.client(hello, carried),
        false => (&b""[..], &b""[..]),
    };
    Message {
        version: names::version(hello.version),
        request_type: b"ClientHello",
        request_domain: hello.server_name,
        request_resource: hello.server_name,
        endpoint: hello.server_name,
        attributes: [("alpn", out), ("ja4", ja4), ("ja3", ja3), ("", b"")],
        ..Message::default()
    }
}

/// What became of the handshake besides what the server's hello says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Course {
    /// A session that was there before goes on.
    pub(crate) resumed: bool,
    /// The server asked for another hello, for this group.
    pub(crate) retried: Option<u16>,
    /// The client had to prove its address first.
    pub(crate) proved: bool,
    /// The version, where it is not TLS's own.
    pub(crate) version: Option<&'static [u8]>,
}

/// What a server's hello answers. `text` is space that is free again afterwards.
pub(crate) fn response<'a>(
    hello: &ServerHello<'_>,
    course: Course,
    facts: &'a mut Facts,
    text: &mut Vec<u8>,
    prints: &mut Fingerprints,
) -> Message<'a> {
    facts.clear();
    facts.push(Fact::Version, course.version.unwrap_or(names::version(hello.version)));
    names::cipher(hello.cipher, text);
    facts.attribute("cipher_suite", text);
    facts.attribute("alpn_selected", hello.alpn);
    if let Some(group) = hello.group {
        names::group(group, text);
        facts.attribute("key_exchange_group", text);
    }
    if course.resumed || hello.pre_shared {
        facts.attribute("resumed", b"true");
    }
    if let Some(group) = course.retried {
        names::group(group, text);
        facts.attribute("hello_retry_request", text);
    }
    if course.proved {
        facts.attribute("address_validated", b"true");
    }
    facts.attribute("ja3s", prints.server(hello));
    Message {
        kind: MessageKind::Response,
        status: ResponseStatus::Ok,
        request_type: b"",
        result: b"ServerHello",
        facts: Some(facts),
        ..Message::default()
    }
}

/// An alert by which the sender, in direction `dir`, ends the handshake; `None` where only that
/// there was one can be seen.
pub(crate) fn refusal<'a>(alert: Option<u8>, dir: Direction) -> Message<'a> {
    Message {
        kind: MessageKind::End,
        status: names::blame(alert, dir),
        response_code: alert.map(i32::from),
        exception: alert.map_or(b"encrypted alert", names::alert),
        ..Message::default()
    }
}
