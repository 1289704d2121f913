//! What a program answers: the head of its output (RFC 3875, section 6) and what it complains of.

use super::{END, HEADER, Head, Record, STDERR, STDOUT, WINDOW, record};
use crate::message::{Message, MessageKind, ResponseStatus};
use crate::text;

/// Bytes of a complaint that are kept.
const MAX_COMPLAINT: usize = 1024;

/// The front of an answer.
pub(super) struct Unit {
    pub(super) used: usize,
    /// Bytes of the last record that are left.
    pub(super) left: usize,
    /// The answer ended within it.
    pub(super) ended: bool,
    /// The program was not run.
    refused: bool,
    /// Bytes of the body so far.
    pub(super) body: usize,
    /// Where the head stands, when it stands in one record; else it is joined.
    head: Option<(usize, usize)>,
    complaint: (usize, usize),
}

#[allow(clippy::large_enum_variant, reason = "it lives on the stack, one at a time")]
pub(super) enum Gathered {
    Short,
    /// Output in the middle of an answer that nobody has seen begin.
    Nothing,
    Unit(Unit),
}

/// The length of a head with its empty line.
fn head_len(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(n) = memchr::memchr(b'\n', &text[from..]) {
        let line = &text[from..from + n];
        from += n + 1;
        if line.is_empty() || line == b"\r" {
            return Some(from);
        }
    }
    None
}

/// Can `text` begin with a header's name and a colon?
fn is_head(text: &[u8]) -> Option<bool> {
    let name = text.iter().take(40).take_while(|b| text::is_token(**b)).count();
    match text.get(name) {
        Some(b':') => Some(name > 0),
        Some(_) => Some(false),
        None => None,
    }
}

/// Goes over the records of an answer to the end of its head, joining output in `out` where the
/// head stands in several.
pub(super) fn gather(first: Record, bytes: &[u8], out: &mut Vec<u8>, cut: bool) -> Gathered {
    let mut unit = Unit {
        used: 0,
        left: 0,
        ended: false,
        refused: false,
        body: 0,
        head: None,
        complaint: (0, 0),
    };
    let mut at = 0;
    loop {
        let r = match record(bytes.get(at..).unwrap_or(b"")) {
            Head::Is(r) if r.id == first.id && matches!(r.kind, STDOUT | STDERR | END) => r,
            Head::Short if !cut && at < WINDOW => return Gathered::Short,
            // What comes is of something else: the answer is what was there so far.
            _ if at == 0 => return Gathered::Nothing,
            _ => {
                unit.used = at;
                return Gathered::Unit(unit);
            }
        };
        let from = at + HEADER;
        let to = (from + r.len).min(WINDOW.max(from));
        let have = to.min(bytes.len());
        let is_whole = bytes.len() >= to || cut;
        if r.kind == STDOUT {
            let seen = unit.head.map_or(0, |(a, b)| b - a).max(out.len());
            if seen == 0 && r.len > 0 {
                match is_head(&bytes[from..have]) {
                    Some(false) => return Gathered::Nothing,
                    None if !is_whole => return Gathered::Short,
                    _ => {}
                }
            }
            if let Some((a, b)) = unit.head
                && r.len > 0
                && out.is_empty()
            {
                out.extend_from_slice(&bytes[a..b]);
            }
            let before = out.len();
            let text = if before > 0 {
                out.extend_from_slice(&bytes[from..have]);
                &out[..]
            } else {
                &bytes[from..have]
            };
            if let Some(len) = head_len(text) {
                let in_this = len - before.min(len);
                out.truncate(len);
                unit.head = if before > 0 { None } else { Some((from, from + len)) };
                unit.body = r.len - in_this.min(r.len);
                unit.used = from + in_this;
                unit.left = if cut { 0 } else { at + r.total() - unit.used };
                return Gathered::Unit(unit);
            }
            if !is_whole {
                return Gathered::Short;
            }
            unit.body += r.len;
            if before == 0 && r.len > 0 {
                unit.head = Some((from, have));
            } else if before > 0 {
                unit.head = None;
            }
        } else if !is_whole {
            return Gathered::Short;
        } else if r.kind == STDERR && unit.complaint == (0, 0) {
            unit.complaint = (from, have.min(from + MAX_COMPLAINT));
        } else if r.kind == END {
            unit.ended = true;
            unit.refused = refused(&bytes[from..have]);
            unit.used = (at + r.total()).min(bytes.len());
            unit.left = at + r.total() - unit.used;
            return Gathered::Unit(unit);
        }
        if to < from + r.len {
            unit.used = have;
            unit.left = if cut { 0 } else { at + r.total() - have };
            return Gathered::Unit(unit);
        }
        at += r.total();
        if at >= WINDOW {
            unit.used = at.min(bytes.len());
            unit.left = at - unit.used;
            return Gathered::Unit(unit);
        }
    }
}

/// Does the body of the last record say that the request was not taken?
pub(super) fn refused(body: &[u8]) -> bool {
    body.get(4).is_some_and(|status| *status != 0)
}

/// What the front of an answer says.
pub(super) fn message<'a>(unit: &Unit, bytes: &'a [u8], joined: &'a [u8]) -> Message<'a> {
    let head = unit.head.map_or(joined, |(from, to)| &bytes[from..to]);
    let (mut code, mut request_id) = (None, &b""[..]);
    for line in head.split(|b| *b == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let value = text::trim(&line[colon + 1..]);
        if line[..colon].eq_ignore_ascii_case(b"status") {
            let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
            code = text::number(&value[..digits]).and_then(|n| i32::try_from(n).ok());
        } else if line[..colon].eq_ignore_ascii_case(b"x-request-id") {
            request_id = value;
        }
    }
    let code = code.unwrap_or(200);
    let status = match code {
        _ if unit.refused => ResponseStatus::ServerError,
        400..=499 => ResponseStatus::ClientError,
        500..=599 => ResponseStatus::ServerError,
        _ => ResponseStatus::Ok,
    };
    let (from, to) = unit.complaint;
    let failed = status != ResponseStatus::Ok;
    let mut message = Message {
        kind: MessageKind::Response,
        status,
        response_code: (!unit.refused).then_some(code),
        exception: if failed { text::trim(&bytes[from..to]) } else { b"" },
        ..Message::default()
    };
    message.trace.x_request_id = request_id;
    message
}

/// Is this the front of an answer's first output? `None`: too few bytes to tell.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    let r = match record(bytes) {
        Head::Short => return None,
        Head::Is(r) if r.kind == STDOUT && r.id != 0 && r.len > 4 => r,
        _ => return Some(false),
    };
    let text = &bytes[HEADER..bytes.len().min(HEADER + r.len)];
    match is_head(text) {
        Some(true) => Some(bytes.get(7) == Some(&0)),
        Some(false) => Some(false),
        None if text.len() < r.len.min(40) => None,
        None => Some(false),
    }
}

/// Can `bytes`, which begin a segment, begin with a record of an answer?
pub(super) fn is_plausible(bytes: &[u8]) -> bool {
    match record(bytes) {
        Head::Is(r) if r.kind == END => {
            r.len == 8 && r.id != 0 && bytes.len() <= r.total() + WINDOW
        }
        Head::Is(r) => matches!(r.kind, STDOUT | STDERR) && r.id != 0 && bytes.get(7) == Some(&0),
        _ => false,
    }
}
