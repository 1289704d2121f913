//! Telling HTTP/1 from anything else: at the front of a flow, and after a loss.

use super::head::{self, NoMethod, StartLine};
use crate::message::{Direction, L7Protocol, Probe};
use crate::text::is_token;
use memchr::memchr;

/// Bytes of a request line after which a method that only HTTP has, and a target that only HTTP
/// can have, are proof enough.
const LONG_TARGET: usize = 256;

/// Methods by which a request line is believed before it is complete: RFC 9110, WebDAV and its
/// kin, UPnP. The flag says that no other text protocol has a verb like it.
const METHODS: &[(&[u8], bool)] = &[
    (b"GET", true),
    (b"POST", true),
    (b"PUT", true),
    (b"HEAD", true),
    (b"DELETE", true),
    (b"PATCH", true),
    (b"OPTIONS", false),
    (b"CONNECT", false),
    (b"TRACE", false),
    (b"PROPFIND", true),
    (b"PROPPATCH", true),
    (b"MKCOL", true),
    (b"COPY", false),
    (b"MOVE", false),
    (b"LOCK", false),
    (b"UNLOCK", false),
    (b"REPORT", true),
    (b"SEARCH", false),
    (b"PURGE", true),
    (b"MERGE", false),
    (b"MKCALENDAR", true),
    (b"MKACTIVITY", true),
    (b"CHECKOUT", true),
    (b"ACL", false),
    (b"LINK", false),
    (b"UNLINK", false),
    (b"SUBSCRIBE", false),
    (b"UNSUBSCRIBE", false),
    (b"NOTIFY", false),
];

/// Is this HTTP/1, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], dir_hint: Option<Direction>) -> Probe {
    let bytes = skip_blank_lines(bytes);
    let Some(first) = bytes.first() else { return Probe::Unsure };
    // Nothing that begins with another byte can be a start line: most flows end here.
    if !is_token(*first) {
        return Probe::NotForUs;
    }
    match response(bytes) {
        Probe::NotForUs => request(bytes, dir_hint),
        answer => answer,
    }
}

/// RFC 9112 2.2 allows an empty line in front; more than two are no custom anyone has.
fn skip_blank_lines(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take(4).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    &bytes[blank..]
}

fn response(bytes: &[u8]) -> Probe {
    const NEEDED: usize = b"HTTP/1.1 200\r".len();
    let pattern = b"HTTP/1.d ddd";
    for (&p, &b) in pattern.iter().zip(bytes) {
        let fits = if p == b'd' { b.is_ascii_digit() } else { p == b };
        if !fits {
            return Probe::NotForUs;
        }
    }
    match bytes.get(NEEDED - 1) {
        None => Probe::Unsure,
        Some(b' ' | b'\r' | b'\n') => Probe::Certain(L7Protocol::Http, Direction::ToClient),
        Some(_) => Probe::NotForUs,
    }
}

fn request(bytes: &[u8], dir_hint: Option<Direction>) -> Probe {
    let method_len = match head::method_len(bytes) {
        Ok(n) => n,
        Err(NoMethod::Short) if METHODS.iter().any(|(m, _)| m.starts_with(bytes)) => {
            return Probe::Unsure;
        }
        Err(_) => return Probe::NotForUs,
    };
    let (method, rest) = bytes.split_at(method_len);
    let known = METHODS.iter().find(|(m, _)| *m == method);
    // A verb nobody registered, from the side that answers: some other protocol's greeting.
    if known.is_none() && dir_hint == Some(Direction::ToClient) {
        return Probe::NotForUs;
    }
    let window = &rest[..rest.len().min(super::MAX_START_LINE)];
    if let Some(end) = memchr(b'\n', window) {
        return match head::request_line(&bytes[..method_len + end + 1], method_len) {
            Some(_) => Probe::Certain(L7Protocol::Http, Direction::ToServer),
            None => Probe::NotForUs,
        };
    }
    let Some(&(method, exclusive)) = known else { return Probe::NotForUs };
    if !plausible_target(method, &rest[1..]) {
        return Probe::NotForUs;
    }
    if exclusive && rest.len() >= LONG_TARGET {
        return Probe::Certain(L7Protocol::Http, Direction::ToServer);
    }
    Probe::Unsure
}

/// Can these first bytes of an unfinished line be a request target?
fn plausible_target(method: &[u8], target: &[u8]) -> bool {
    let front = &target[..target.len().min(LONG_TARGET)];
    // A line end may be half there.
    let printable = front.iter().all(|&b| b >= b' ' && b != 0x7f || b == b'\r');
    let form = match front {
        [] | [b'/', ..] => true,
        [b'*'] | [b'*', b' ', ..] => true,
        [first, ..] if method == b"CONNECT" => first.is_ascii_alphanumeric() || *first == b'[',
        _ => {
            let n = front.len().min(7);
            front[..n].eq_ignore_ascii_case(&b"http://"[..n])
                || front[..n].eq_ignore_ascii_case(&b"https:/"[..n])
        }
    };
    printable && form
}

/// The offset of the first line that can begin a message of `dir`.
pub(super) fn find_start(dir: Direction, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let fits = match dir {
            Direction::ToServer => begins_request(rest),
            Direction::ToClient => matches!(response(rest), Probe::Certain(..)) || is_prefix(rest),
        };
        if fits && !rest.is_empty() {
            return Some(at);
        }
        at += memchr(b'\n', rest)? + 1;
    }
}

/// A status line that the segment's end cut.
fn is_prefix(rest: &[u8]) -> bool {
    rest.len() >= 7 && matches!(response(rest), Probe::Unsure)
}

fn begins_request(bytes: &[u8]) -> bool {
    let Ok(method_len) = head::method_len(bytes) else { return false };
    let (method, rest) = bytes.split_at(method_len);
    let Some(&(method, _)) = METHODS.iter().find(|(m, _)| *m == method) else { return false };
    let window = &rest[..rest.len().min(super::MAX_START_LINE)];
    match memchr(b'\n', window) {
        Some(end) => matches!(
            head::request_line(&bytes[..method_len + end + 1], method_len),
            Some(StartLine::Request { .. })
        ),
        None => rest.len() > 1 && plausible_target(method, &rest[1..]),
    }
}
