//! Answers: status lines, errors, strings and arrays, of which the front is read.

use super::WINDOW;
use super::resp::{Header, header, line_len};
use crate::keys;
use crate::message::{Message, MessageKind, ResponseStatus};

/// Bytes of an error in RESP3's long form that are read.
const MAX_ERROR: usize = 1024;
/// Behind this an error repeats what the client sent.
const ARGUMENTS: &[u8] = b", with args beginning with";

/// What stands at the front of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// A simple string.
    Line,
    /// Anything else that answers.
    Text,
    /// Confirms a subscription.
    Confirmation,
    /// A message that nobody asked for.
    Push,
    /// A command: this connection replicates.
    Command,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) used: usize,
    pub(super) open: Option<(u64, u64)>,
    pub(super) front: Front,
    status: ResponseStatus,
    /// Wire bytes of the answer, where known.
    length: Option<u64>,
    /// What is shown of it, on the wire.
    shown: (usize, usize),
    /// Of a push: the length of its resource and of its type, in scratch.
    push: (usize, usize),
}

pub(super) enum Read {
    Reply(Reply),
    Short,
    Bad,
}

impl Reply {
    #[inline(always)]
    pub(super) fn answer<'a>(&self, bytes: &'a [u8]) -> Message<'a> {
        let shown = bytes.get(self.shown.0..self.shown.1).unwrap_or(b"");
        let ok = self.status == ResponseStatus::Ok;
        Message {
            kind: MessageKind::Response,
            status: self.status,
            exception: if ok { b"" } else { shown },
            result: if ok { shown } else { b"" },
            length: self.length,
            ..Message::default()
        }
    }

    pub(super) fn push<'a>(&self, text: &'a [u8]) -> Message<'a> {
        let (resource, endpoint) = text.split_at(self.push.0.min(text.len()));
        Message {
            kind: MessageKind::Single,
            status: ResponseStatus::Ok,
            request_type: &endpoint[..self.push.1.min(endpoint.len())],
            request_resource: resource,
            endpoint,
            ..Message::default()
        }
    }
}

/// Reads the answer at the front of `bytes`. When it is `cut`, nothing more of it will come.
/// `named`: an array may be a message of a channel, so its first elements are read.
#[inline]
pub(super) fn read(bytes: &[u8], cut: bool, named: bool, hide: bool, out: &mut Vec<u8>) -> Read {
    match bytes[0] {
        b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(' => line(bytes, cut, hide),
        b'$' | b'=' => match header(bytes) {
            Header::Is(None, used) => whole(used, Front::Text),
            Header::Is(Some(len), used) => bulk(bytes, len, used),
            Header::Short if cut => whole(bytes.len(), Front::Text),
            Header::Short => Read::Short,
            Header::Bad => Read::Bad,
        },
        b'!' => match header(bytes) {
            Header::Is(Some(len), used) => long_error(bytes, len, used, cut, hide),
            Header::Short if !cut => Read::Short,
            _ => Read::Bad,
        },
        b'*' | b'~' | b'%' | b'>' | b'|' => array(bytes, cut, named, hide, out),
        _ => Read::Bad,
    }
}

fn whole(used: usize, front: Front) -> Read {
    Read::Reply(Reply {
        used,
        open: None,
        front,
        status: ResponseStatus::Ok,
        length: Some(used as u64),
        shown: (0, 0),
        push: (0, 0),
    })
}

#[inline]
fn line(bytes: &[u8], cut: bool, hide: bool) -> Read {
    let used = match line_len(bytes, WINDOW) {
        Some(used) => used,
        None if cut => bytes.len().min(WINDOW),
        None if bytes.len() < WINDOW => return Read::Short,
        None => return Read::Bad,
    };
    let end = bytes[..used].trim_ascii_end().len().max(1);
    let failed = bytes[0] == b'-';
    // Doubles and big numbers are data; integers count things.
    let shown = match bytes[0] {
        b'+' | b':' | b'#' => end,
        b'-' => error_end(&bytes[..end], hide),
        _ if !hide => end,
        _ => 1,
    };
    Read::Reply(Reply {
        used,
        open: None,
        front: if bytes[0] == b'+' { Front::Line } else { Front::Text },
        status: if failed { ResponseStatus::ServerError } else { ResponseStatus::Ok },
        length: Some(used as u64),
        shown: (1, shown),
        push: (0, 0),
    })
}

/// Where the part of an error ends that the server wrote.
fn error_end(text: &[u8], hide: bool) -> usize {
    let found = if hide { memchr::memmem::find(text, ARGUMENTS) } else { None };
    found.unwrap_or(text.len())
}

#[inline]
fn bulk(bytes: &[u8], len: u64, used: usize) -> Read {
    let total = len.saturating_add(used as u64 + 2);
    let here = usize::try_from(total).unwrap_or(usize::MAX).min(bytes.len());
    let left = total - here as u64;
    Read::Reply(Reply {
        used: here,
        open: (left > 0).then_some((0, left)),
        front: Front::Text,
        status: ResponseStatus::Ok,
        length: Some(total),
        shown: (0, 0),
        push: (0, 0),
    })
}

fn long_error(bytes: &[u8], len: u64, used: usize, cut: bool, hide: bool) -> Read {
    let read = usize::try_from(len).unwrap_or(usize::MAX).min(MAX_ERROR);
    let end = used + read;
    if bytes.len() < end && !cut {
        return Read::Short;
    }
    let end = end.min(bytes.len());
    let Read::Reply(reply) = bulk(bytes, len, used) else { return Read::Bad };
    let shown = (used, used + error_end(&bytes[used..end], hide));
    Read::Reply(Reply { status: ResponseStatus::ServerError, shown, ..reply })
}

fn array(bytes: &[u8], cut: bool, named: bool, hide: bool, out: &mut Vec<u8>) -> Read {
    let (n, used) = match header(bytes) {
        Header::Is(n, used) => (n.unwrap_or(0), used),
        Header::Short if cut => return whole(bytes.len(), Front::Text),
        Header::Short => return Read::Short,
        Header::Bad => return Read::Bad,
    };
    let (kind, pairs) = (bytes[0], matches!(bytes[0], b'%' | b'|'));
    // Attributes stand in front of the answer that they belong to.
    let elements = n.saturating_mul(1 + u64::from(pairs)).saturating_add(u64::from(kind == b'|'));
    let mut front = Front::Text;
    let mut push = (0, 0);
    if n > 0 && (kind == b'>' || (named && kind == b'*')) {
        match name(bytes, used, cut) {
            Name::Is(kind, channel) => {
                front = front_of(kind, bytes[0] == b'>');
                if front == Front::Push {
                    push = describe(kind, channel, n, hide, out);
                }
            }
            Name::None if kind == b'>' => {
                front = Front::Push;
                push = describe(b"push", b"", n, hide, out);
            }
            Name::None => {}
            Name::Short => return Read::Short,
        }
    }
    let length = (elements == 0).then_some(used as u64);
    Read::Reply(Reply {
        used,
        open: (elements > 0).then_some((elements, 0)),
        front,
        status: ResponseStatus::Ok,
        length,
        shown: (0, 0),
        push,
    })
}

fn front_of(kind: &[u8], is_push: bool) -> Front {
    match kind {
        b"message" | b"pmessage" | b"smessage" => Front::Push,
        b"subscribe" | b"psubscribe" | b"ssubscribe" | b"unsubscribe" | b"punsubscribe"
        | b"sunsubscribe" => Front::Confirmation,
        b"REPLCONF" if !is_push => Front::Command,
        _ if is_push => Front::Push,
        _ => Front::Text,
    }
}

/// Writes what a push is: its resource, then its endpoint, which its type begins.
fn describe(kind: &[u8], channel: &[u8], n: u64, hide: bool, out: &mut Vec<u8>) -> (usize, usize) {
    out.extend_from_slice(kind);
    if !channel.is_empty() {
        out.push(b' ');
        out.extend_from_slice(channel);
    }
    if n > 2 && hide {
        out.extend_from_slice(b" ?");
    }
    let resource = out.len();
    out.extend_from_slice(kind);
    out[resource..].make_ascii_uppercase();
    if !channel.is_empty() {
        out.push(b' ');
        keys::pattern(channel, out);
    }
    (resource, kind.len())
}

enum Name<'a> {
    /// The first element, and the second (of a pattern's message the third) where it is text.
    Is(&'a [u8], &'a [u8]),
    /// The array does not begin with a short text.
    None,
    Short,
}

fn name(bytes: &[u8], at: usize, cut: bool) -> Name<'_> {
    const MAX_NAME: u64 = 32;
    const MAX_CHANNEL: u64 = 1024;
    let (kind, at) = match text(bytes, at, MAX_NAME) {
        Text::Is(kind, next) if !kind.is_empty() => (kind, next),
        Text::Short if !cut => return Name::Short,
        _ => return Name::None,
    };
    let channel = match text(bytes, at, MAX_CHANNEL) {
        Text::Is(pattern, next) if kind == b"pmessage" => match text(bytes, next, MAX_CHANNEL) {
            Text::Is(channel, _) => channel,
            Text::Short if !cut => return Name::Short,
            _ => pattern,
        },
        Text::Is(channel, _) => channel,
        Text::Short if !cut => return Name::Short,
        _ => b"",
    };
    Name::Is(kind, channel)
}

enum Text<'a> {
    Is(&'a [u8], usize),
    Other,
    Short,
}

fn text(bytes: &[u8], at: usize, max: u64) -> Text<'_> {
    match bytes.get(at) {
        None => return Text::Short,
        Some(b'$' | b'+') => {}
        Some(_) => return Text::Other,
    }
    let rest = &bytes[at..];
    if rest[0] == b'+' {
        return match line_len(rest, max as usize + 3) {
            Some(used) => Text::Is(rest[1..used].trim_ascii_end(), at + used),
            None if rest.len() < max as usize + 3 => Text::Short,
            None => Text::Other,
        };
    }
    match header(rest) {
        Header::Is(Some(len), used) if len <= max => {
            let end = used + len as usize;
            match rest.get(used..end) {
                Some(text) if rest.len() >= end + 2 => Text::Is(text, at + end + 2),
                _ => Text::Short,
            }
        }
        Header::Short => Text::Short,
        Header::Is(..) | Header::Bad => Text::Other,
    }
}
