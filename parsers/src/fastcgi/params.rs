//! A request's parameters: names and values as of CGI (RFC 3875), in one record or several.

use super::{BEGIN, HEADER, Head, PARAMS, Record, WINDOW, record};
use crate::message::{Message, MessageKind, Pairing};
use crate::text;
use crate::trace::{Carried, TraceOptions};

/// The parameters of one request.
pub(super) struct Unit {
    /// Bytes consumed.
    pub(super) used: usize,
    /// Bytes of the last record that are left.
    pub(super) left: usize,
    /// All parameters are there.
    pub(super) complete: bool,
    /// Where they stand, when they stand in one record; else they are joined.
    pub(super) text: Option<(usize, usize)>,
}

/// Goes over the records from the first one of a request to the end of its parameters, joining
/// them in `out` where there are several. `None`: more bytes are needed.
pub(super) fn gather(first: Record, bytes: &[u8], out: &mut Vec<u8>, cut: bool) -> Option<Unit> {
    let mut at = if first.kind == BEGIN { first.total() } else { 0 };
    let mut text: Option<(usize, usize)> = None;
    let unit = |used, left, complete, text| Unit { used, left, complete, text };
    let mut joined = false;
    loop {
        if at >= WINDOW {
            // Padding may lie beyond what is here.
            let used = at.min(bytes.len());
            return Some(unit(used, at - used, false, if joined { None } else { text }));
        }
        let whole = match record(bytes.get(at..).unwrap_or(b"")) {
            Head::Is(r) if r.kind == PARAMS && r.id == first.id => r,
            Head::Is(_) | Head::Bad => {
                return Some(unit(at, 0, true, if joined { None } else { text.or(Some((0, 0))) }));
            }
            Head::Short if cut => {
                let text = if joined { None } else { text.or(Some((0, 0))) };
                return Some(unit(bytes.len(), 0, false, text));
            }
            Head::Short => return None,
        };
        let from = at + HEADER;
        if whole.len == 0 {
            let used = at + whole.total();
            if bytes.len() < used && !cut {
                return None;
            }
            let used = used.min(bytes.len());
            return Some(unit(used, 0, true, if joined { None } else { text.or(Some((0, 0))) }));
        }
        let to = (from + whole.len).min(WINDOW.max(from));
        if bytes.len() < to && !cut {
            return None;
        }
        let to = to.min(bytes.len());
        match text {
            None => text = Some((from, to)),
            Some((a, b)) => {
                if !joined {
                    out.extend_from_slice(&bytes[a..b]);
                    joined = true;
                }
                out.extend_from_slice(&bytes[from..to]);
            }
        }
        if to < from + whole.len {
            let left = if cut { 0 } else { at + whole.total() - to };
            return Some(unit(to, left, false, if joined { None } else { text }));
        }
        at += whole.total();
    }
}

/// A length in one byte or in four.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [n @ 0..=0x7f, rest @ ..] => Some((usize::from(*n), rest)),
        [a, b, c, d, rest @ ..] => {
            Some((u32::from_be_bytes([a & 0x7f, *b, *c, *d]) as usize, rest))
        }
        _ => None,
    }
}

/// Takes a name and a value off the front.
fn pair<'a>(bytes: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (name, rest) = length(bytes)?;
    let (value, rest) = length(rest)?;
    let (name, rest) = rest.split_at_checked(name)?;
    let (value, rest) = rest.split_at_checked(value)?;
    *bytes = rest;
    Some((name, value))
}

/// The longest name of a header that is looked at.
const MAX_NAME: usize = 64;

/// What the parameters say.
#[inline]
pub(super) fn message<'a>(
    mut text: &'a [u8],
    id: u16,
    trace: &TraceOptions,
    out: &'a mut Vec<u8>,
    more: &'a mut Vec<u8>,
) -> Message<'a> {
    let mut carried = Carried::default();
    let [mut method, mut host, mut server, mut uri, mut document, mut script]: [&[u8]; 6] =
        [b""; 6];
    let [mut version, mut agent, mut referer, mut file]: [&[u8]; 4] = [b""; 4];
    let mut length = None;
    while let Some((name, value)) = pair(&mut text) {
        match name {
            b"REQUEST_METHOD" => method = value,
            b"HTTP_HOST" => host = value,
            b"SERVER_NAME" => server = value,
            b"REQUEST_URI" => uri = value,
            b"DOCUMENT_URI" => document = value,
            b"SCRIPT_NAME" => script = value,
            b"SCRIPT_FILENAME" => file = value,
            b"SERVER_PROTOCOL" => version = value.strip_prefix(b"HTTP/").unwrap_or(value),
            b"CONTENT_LENGTH" => length = text::number(value),
            b"HTTP_USER_AGENT" => agent = value,
            b"HTTP_REFERER" => referer = value,
            [b'H', b'T', b'T', b'P', b'_', rest @ ..] if rest.len() <= MAX_NAME => {
                // As the header was called before the web server made a variable of it.
                let mut header = [0; MAX_NAME];
                for (to, from) in header.iter_mut().zip(rest) {
                    *to = if *from == b'_' { b'-' } else { from.to_ascii_lowercase() };
                }
                carried.offer(&header[..rest.len()], value, trace);
            }
            _ => {}
        }
    }
    out.clear();
    let path = if document.is_empty() { script } else { document };
    Message {
        kind: MessageKind::Request,
        pairing: Pairing::ById(u64::from(id)),
        request_id: Some(u64::from(id)),
        version,
        request_type: method,
        request_domain: if host.is_empty() { server } else { host },
        request_resource: if uri.is_empty() { path } else { uri },
        endpoint: path,
        length: Some(length.unwrap_or(0)),
        client_ip: carried.client_ip,
        trace: carried.context(trace, more),
        attributes: [("User-Agent", agent), ("Referer", referer), ("script", file), ("", b"")],
        ..Message::default()
    }
}
