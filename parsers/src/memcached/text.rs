//! The text protocol (protocol.txt): lines, and values of stated length behind some of them.

use super::{MAX_LINE, Waiting};
use crate::keys;
use crate::message::{Message, MessageKind, ResponseStatus};

pub(super) enum Line<'a> {
    /// Without its end, and its length with it.
    Whole(&'a [u8], usize),
    /// Its end has not come within what is read.
    Long(&'a [u8], usize),
    Short,
    /// No text.
    Bad,
}

/// The line at the front of `bytes`. When it is `cut`, nothing more of it will come.
#[inline]
pub(super) fn line(bytes: &[u8], cut: bool) -> Line<'_> {
    let window = &bytes[..bytes.len().min(MAX_LINE)];
    let found = memchr::memchr(b'\n', window);
    let line = &window[..found.unwrap_or(window.len())];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // Other bytes end here, before more of them are waited for.
    if line.iter().take(8).any(|b| *b < b' ') {
        return Line::Bad;
    }
    match found {
        Some(n) => Line::Whole(line, n + 1),
        None if cut || window.len() == MAX_LINE => Line::Long(line, window.len()),
        None => Line::Short,
    }
}

/// A request.
#[derive(Debug)]
pub(super) struct Request<'a> {
    line: &'a [u8],
    verb: &'a [u8],
    key: &'a [u8],
    /// Bytes of the value behind the line, with its line end.
    pub(super) value: u64,
    /// It asks for no answer.
    pub(super) silent: bool,
    pub(super) waiting: Waiting,
    pub(super) watches: bool,
}

impl<'a> Request<'a> {
    #[inline]
    pub(super) fn message(&self, out: &'a mut Vec<u8>) -> Message<'a> {
        out.extend_from_slice(self.verb);
        if !self.key.is_empty() {
            out.push(b' ');
            keys::pattern(self.key, out);
        }
        Message {
            request_type: self.verb,
            request_resource: self.line,
            endpoint: out,
            ..Message::default()
        }
    }
}

/// The longest value that servers take (`-I`, at most 1 GiB); more is a broken length.
const MAX_VALUE: u64 = 1 << 30;

fn number(word: Option<&[u8]>) -> u64 {
    word.and_then(crate::text::number).filter(|n| *n <= MAX_VALUE).map_or(0, |n| n + 2)
}

/// Reads a request's line; `None` when it is empty.
#[inline]
pub(super) fn request(line: &[u8]) -> Option<Request<'_>> {
    let mut words = line.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let verb = words.next()?;
    let mut request = Request {
        line,
        verb,
        key: words.next().unwrap_or(b""),
        value: 0,
        silent: false,
        waiting: Waiting::Text,
        watches: false,
    };
    match verb {
        b"set" | b"add" | b"replace" | b"append" | b"prepend" | b"cas" => {
            request.value = number(words.nth(2));
            request.silent = line.ends_with(b" noreply");
        }
        b"delete" | b"incr" | b"decr" | b"touch" | b"flush_all" | b"verbosity" => {
            request.silent = line.ends_with(b" noreply");
        }
        b"gat" | b"gats" => request.key = words.next().unwrap_or(b""),
        b"quit" => request.silent = true,
        b"watch" => request.watches = true,
        b"mn" => request.waiting = Waiting::Barrier,
        b"ms" => {
            request.value = number(words.next());
            request.waiting = quiet(words);
        }
        b"mg" | b"md" | b"ma" => request.waiting = quiet(words),
        b"flush" | b"shutdown" | b"slabs" | b"lru" => request.key = b"",
        _ => {}
    }
    Some(request)
}

/// A flag of a meta command may ask for silence.
fn quiet<'a>(mut flags: impl Iterator<Item = &'a [u8]>) -> Waiting {
    if flags.any(|f| f == b"q") { Waiting::Quiet } else { Waiting::Text }
}

/// A line of an answer.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    line: &'a [u8],
    status: ResponseStatus,
    /// Bytes of the value behind the line, with its line end.
    pub(super) value: u64,
    /// More lines of the same answer follow.
    pub(super) continues: bool,
    /// `MN`: everything before it is answered.
    pub(super) is_barrier: bool,
}

impl<'a> Answer<'a> {
    pub(super) fn failed(&self) -> bool {
        self.status != ResponseStatus::Ok
    }

    #[inline]
    pub(super) fn message(&self) -> Message<'a> {
        let failed = self.failed();
        Message {
            kind: MessageKind::Response,
            status: self.status,
            exception: if failed { self.line } else { b"" },
            result: if failed { b"" } else { self.line },
            ..Message::default()
        }
    }
}

/// Reads a line of an answer; `None` when it can be none.
#[inline]
pub(super) fn answer(line: &[u8]) -> Option<Answer<'_>> {
    let mut words = line.split(|b| *b == b' ');
    let first = words.next()?;
    let mut answer =
        Answer { line, status: ResponseStatus::Ok, value: 0, continues: false, is_barrier: false };
    match first {
        b"VALUE" => {
            answer.value = number(words.nth(2));
            answer.continues = true;
        }
        b"STAT" | b"ITEM" => answer.continues = true,
        b"VA" => answer.value = number(words.next()),
        b"MN" => answer.is_barrier = true,
        b"ERROR" | b"CLIENT_ERROR" => answer.status = ResponseStatus::ClientError,
        b"SERVER_ERROR" => answer.status = ResponseStatus::ServerError,
        b"STORED" | b"NOT_STORED" | b"EXISTS" | b"NOT_FOUND" | b"DELETED" | b"TOUCHED" | b"OK"
        | b"END" | b"RESET" | b"VERSION" | b"HD" | b"EN" | b"NS" | b"EX" | b"NF" | b"ME"
        | b"BUSY" | b"BADCLASS" | b"NOSPARE" | b"NOTFULL" | b"UNSAFE" | b"SAME" => {}
        // The new value of a counter, or an event of `watch`.
        [b'0'..=b'9', ..] => {}
        _ if line.starts_with(b"ts=") => {}
        _ => return None,
    }
    Some(answer)
}
