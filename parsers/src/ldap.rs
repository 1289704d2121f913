//! LDAP version 3 (RFC 4511): messages in BER with numbers, by which results find their requests.
//! Entries that a search finds are passed over. `ber.rs` takes BER apart, `filter.rs` shows what is
//! looked for. Behind an accepted StartTLS only records of TLS are counted.

mod ber;
mod filter;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use ber::Elements;

/// Bytes of a message that are read.
const WINDOW: usize = 8 * 1024;
/// Servers refuse messages that are longer.
const MAX_LEN: u64 = 1 << 28;
/// The name of the request for TLS.
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// The parser of one connection.
pub type Ldap = Framed<Operations>;

/// What of it is LDAP.
#[derive(Debug)]
pub struct Operations {
    /// The number of the request for TLS.
    wants_tls: Option<u64>,
    /// The server agreed.
    encrypted: bool,
    hide: bool,
}

impl Ldap {
    /// A parser at the start of a message in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        let hide = options.literals.hidden();
        Self::of(Operations { wants_tls: None, encrypted: false, hide })
    }
}

/// What an operation is, by its tag.
fn operation(tag: u8) -> Option<(&'static [u8], MessageKind, Direction)> {
    use Direction::{ToClient, ToServer};
    use MessageKind::{Interim, Request, Response, Single};
    Some(match tag {
        0x60 => (b"bind", Request, ToServer),
        0x61 => (b"", Response, ToClient),
        0x42 => (b"unbind", Single, ToServer),
        0x63 => (b"search", Request, ToServer),
        0x64 | 0x73 | 0x79 => (b"", Interim, ToClient),
        0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78 => (b"", Response, ToClient),
        0x66 => (b"modify", Request, ToServer),
        0x68 => (b"add", Request, ToServer),
        0x4a => (b"delete", Request, ToServer),
        0x6c => (b"modifyDN", Request, ToServer),
        0x6e => (b"compare", Request, ToServer),
        0x50 => (b"abandon", Single, ToServer),
        0x77 => (b"extended", Request, ToServer),
        _ => return None,
    })
}

/// A message's front: where its operation stands.
#[derive(Clone, Copy)]
struct Header {
    len: u64,
    id: u64,
    tag: u8,
    /// Where the operation's content begins, and where it ends.
    content: (usize, usize),
}

fn header(bytes: &[u8]) -> Result<Header, Front> {
    if bytes.first().is_some_and(|b| *b != 0x30) {
        return Err(Front::Bad);
    }
    let (front, len) = ber::header(bytes)?;
    if !(5..=MAX_LEN).contains(&len) {
        return Err(Front::Bad);
    }
    let rest = &bytes[front..];
    if rest.first().is_some_and(|b| *b != 2) || rest.get(1).is_some_and(|n| !(1..=5).contains(n)) {
        return Err(Front::Bad);
    }
    let Some(digits) = rest.get(1).map(|n| usize::from(*n)) else { return Err(Front::Short) };
    let Some(number) = rest.get(2..2 + digits) else { return Err(Front::Short) };
    let id = number.iter().fold(0, |n: u64, b| n << 8 | u64::from(*b));
    let at = front + 2 + digits;
    let Some(tag) = bytes.get(at) else { return Err(Front::Short) };
    if operation(*tag).is_none() || id > 0x7fff_ffff {
        return Err(Front::Bad);
    }
    let (inner, content) = ber::header(&bytes[at..])?;
    let end = (at + inner) as u64 + content;
    if end > front as u64 + len {
        return Err(Front::Bad);
    }
    let content = (at + inner, end as usize);
    Ok(Header { len: front as u64 + len, id, tag: *tag, content })
}

/// Whose fault a result is.
fn status(code: i32) -> ResponseStatus {
    match code {
        // Comparisons that were made, referrals, a login that goes on.
        0 | 5 | 6 | 10 | 14 => ResponseStatus::Ok,
        1 | 3 | 11 | 51..=54 | 71 | 80 => ResponseStatus::ServerError,
        _ => ResponseStatus::ClientError,
    }
}

impl Frames for Operations {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        if self.encrypted && matches!(bytes, [0x14..=0x17, ..]) {
            let Some([_, _, _, hi, lo]) = bytes.first_chunk() else { return Front::Short };
            let len = 5 + u64::from(u16::from_be_bytes([*hi, *lo]));
            return Front::Frame { len, reads: 5 };
        }
        match header(bytes) {
            Ok(h) => Front::Frame { len: h.len, reads: h.len.min(WINDOW as u64) as usize },
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        if self.encrypted && frame.bytes[0] != 0x30 {
            return Said::Nothing;
        }
        let Ok(h) = header(frame.bytes) else { return Said::Bad };
        let Some((name, kind, to)) = operation(h.tag) else { return Said::Bad };
        if to != dir {
            return Said::Bad;
        }
        let end = h.content.1.min(frame.bytes.len());
        let content = frame.bytes.get(h.content.0..end).unwrap_or(b"");
        let base = Message {
            kind,
            pairing: Pairing::ById(h.id),
            request_id: Some(h.id),
            length: Some(frame.len),
            ..Message::default()
        };
        match kind {
            MessageKind::Interim => Said::Nothing,
            MessageKind::Response => Said::Message(self.result(h, content, base)),
            _ => {
                let base = Message { request_type: name, endpoint: name, ..base };
                Said::Message(self.request(h, content, base, scratch))
            }
        }
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        header(bytes).is_ok().then_some(0)
    }

    fn lost(&mut self, _dir: Direction) {
        self.wants_tls = None;
    }
}

impl Operations {
    fn request<'a>(
        &mut self,
        h: Header,
        content: &'a [u8],
        mut message: Message<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let mut parts = Elements(content);
        match h.tag {
            0x60 => {
                message.version = match parts.next() {
                    Some((2, [2])) => b"2",
                    _ => b"3",
                };
                message.request_resource = parts.next().map_or(b"", |(_, name)| name);
                message.attributes[0] = match parts.next() {
                    Some((0xa3, sasl)) => {
                        ("mechanism", Elements(sasl).next().map_or(b"", |(_, name)| name))
                    }
                    Some(_) => ("mechanism", b"simple"),
                    None => ("", b""),
                };
            }
            0x63 => {
                message.request_resource = parts.next().map_or(b"", |(_, base)| base);
                let scope: &[u8] = match parts.next() {
                    Some((_, [0])) => b"base",
                    Some((_, [1])) => b"one",
                    Some((_, [2])) => b"sub",
                    _ => b"",
                };
                message.attributes[0] = ("scope", scope);
                // How aliases are followed, limits, whether values are wanted.
                if let Some(what) = parts.nth(4) {
                    scratch.bytes.clear();
                    filter::show(what, self.hide, &mut scratch.bytes);
                    message.attributes[1] = ("filter", &scratch.bytes);
                }
            }
            0x4a => message.request_resource = content,
            0x77 => {
                let name = parts.next().map_or(&b""[..], |(_, name)| name);
                message.request_resource = name;
                if name == START_TLS {
                    self.wants_tls = Some(h.id);
                }
            }
            0x66 | 0x68 | 0x6c | 0x6e => {
                message.request_resource = parts.next().map_or(b"", |(_, name)| name);
            }
            _ => {}
        }
        message
    }

    fn result<'a>(&mut self, h: Header, content: &'a [u8], base: Message<'a>) -> Message<'a> {
        let mut parts = Elements(content);
        let code = match parts.next() {
            Some((0x0a, [code])) => Some(i32::from(*code)),
            Some((0x0a, [hi, lo])) => Some(i32::from(u16::from_be_bytes([*hi, *lo]))),
            _ => None,
        };
        let words = parts.nth(1).map_or(&b""[..], |(_, words)| words);
        if h.tag == 0x78 && self.wants_tls == Some(h.id) {
            self.wants_tls = None;
            self.encrypted = code == Some(0);
        }
        let status = code.map_or(ResponseStatus::ParseFailed, status);
        let ok = status == ResponseStatus::Ok;
        Message { status, response_code: code, exception: if ok { b"" } else { words }, ..base }
    }
}

/// Is this LDAP, and which way does it go? SNMP begins alike, but with a small version and a text
/// behind it, which is no operation.
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let h = match header(bytes) {
        Ok(h) => h,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let Some((_, _, dir)) = operation(h.tag) else { return Probe::NotForUs };
    let content = &bytes[h.content.0.min(bytes.len())..bytes.len().min(h.content.1)];
    // Each operation's first element, or that it has none.
    let fits = match (h.tag, content) {
        (0x42, _) => h.content.0 == h.content.1,
        (0x50, _) => (1..=4).contains(&(h.content.1 - h.content.0)),
        (0x60, [2, 1, version, ..]) => (2..=3).contains(version),
        (0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78, [0x0a, 1 | 2, ..]) => true,
        (0x63 | 0x64 | 0x66 | 0x68 | 0x6c | 0x6e | 0x73, [4 | 0x30, _, ..]) => true,
        (0x77, [0x80, _, digit, ..]) => digit.is_ascii_digit(),
        (0x4a, [first, ..]) => first.is_ascii_alphabetic(),
        (_, short) if short.len() < 3 && h.content.1 - h.content.0 >= 3 => return Probe::Unsure,
        _ => false,
    };
    if fits { Probe::Certain(L7Protocol::Ldap, dir) } else { Probe::NotForUs }
}
