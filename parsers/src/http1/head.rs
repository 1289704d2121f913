//! Message heads: start line and header lines, read in one pass over the bytes.
//!
//! Lenient where servers are (bare LF, folded lines, odd tokens), strict where framing hangs on
//! it. Only the header lines somebody asks for are looked at beyond their first letter.

use crate::message::Direction;
use crate::text::{is_token, number, trim, trim_end};
use crate::trace::{Found, Slot, TraceOptions};
use memchr::memchr;

/// The longest method accepted; the longest registered one (UPDATEREDIRECTREF) has 17.
pub(super) const MAX_METHOD: usize = 24;

/// `HTTP/1.` and its blank, as they end a request line.
const VERSION: &[u8; 8] = b" HTTP/1.";

/// The start line, split.
#[derive(Clone, Copy, Debug)]
pub(super) enum StartLine<'a> {
    Request { method: &'a [u8], target: &'a [u8], version: &'a [u8] },
    Response { status: u16, reason: &'a [u8], version: &'a [u8] },
}

/// Outcome of reading a start line.
pub(super) enum Line<'a> {
    /// The line, and where the next one begins.
    Complete(StartLine<'a>, usize),
    Incomplete,
    Invalid,
}

/// How the end of a body is found (RFC 9112 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Counted(u64),
    Chunked,
    UntilClose,
    /// Neither length nor coding is stated: the rule depends on the message.
    Unstated,
    /// The headers contradict themselves.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Absent,
    Is(u64),
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Absent,
    Chunked,
    Other,
}

/// Everything read from one head.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) line: StartLine<'a>,
    pub(super) host: &'a [u8],
    pub(super) x_request_id: &'a [u8],
    pub(super) forwarded_for: &'a [u8],
    pub(super) trace: Found<'a>,
    user_agent: &'a [u8],
    referer: &'a [u8],
    pub(super) content_type: &'a [u8],
    pub(super) upgrade: &'a [u8],
    pub(super) grpc_status: &'a [u8],
    pub(super) grpc_message: &'a [u8],
    length: Length,
    coding: Coding,
}

impl<'a> Head<'a> {
    #[inline]
    pub(super) fn new(line: StartLine<'a>) -> Self {
        Self {
            line,
            host: b"",
            x_request_id: b"",
            forwarded_for: b"",
            trace: Found::default(),
            user_agent: b"",
            referer: b"",
            content_type: b"",
            upgrade: b"",
            grpc_status: b"",
            grpc_message: b"",
            length: Length::Absent,
            coding: Coding::Absent,
        }
    }

    pub(super) fn framing(&self) -> Framing {
        match (self.coding, self.length) {
            // RFC 9112 6.3: the coding overrides the length.
            (Coding::Chunked, _) => Framing::Chunked,
            (Coding::Other, _) => Framing::UntilClose,
            (Coding::Absent, Length::Is(n)) => Framing::Counted(n),
            (Coding::Absent, Length::Bad) => Framing::Unknown,
            (Coding::Absent, Length::Absent) => Framing::Unstated,
        }
    }

    pub(super) fn attributes(&self) -> [(&'static str, &'a [u8]); 4] {
        let mut all: [(&'static str, &'a [u8]); 4] = [("", b""); 4];
        let mut n = 0;
        for (name, value) in [
            ("User-Agent", self.user_agent),
            ("Referer", self.referer),
            ("Content-Type", self.content_type),
        ] {
            if !value.is_empty() {
                all[n] = (name, value);
                n += 1;
            }
        }
        all
    }

    /// Looks at one header line, its folded continuations included.
    #[inline]
    fn header(&mut self, line: &'a [u8], options: &TraceOptions) {
        let Some(first) = line.first() else { return };
        match first | 0x20 {
            b'h' => {
                if let Some(v) = value(line, b"host:") {
                    self.host = v;
                }
            }
            b'u' => {
                if let Some(v) = value(line, b"user-agent:") {
                    self.user_agent = v;
                } else if let Some(v) = value(line, b"uber-trace-id:") {
                    self.trace.set(Slot::UberTraceId as usize, v);
                } else if let Some(v) = value(line, b"upgrade:") {
                    self.upgrade = v;
                }
            }
            b'c' => {
                if let Some(v) = value(line, b"content-length:") {
                    self.length = content_length(self.length, v);
                } else if let Some(v) = value(line, b"content-type:") {
                    self.content_type = v;
                }
            }
            b't' => {
                if let Some(v) = value(line, b"transfer-encoding:") {
                    self.coding = transfer_coding(v);
                } else if let Some(v) = value(line, b"traceparent:") {
                    self.trace.set(Slot::Traceparent as usize, v);
                }
            }
            b'g' => {
                if let Some(v) = value(line, b"grpc-status:") {
                    self.grpc_status = v;
                } else if let Some(v) = value(line, b"grpc-message:") {
                    self.grpc_message = v;
                }
            }
            b'r' => {
                if let Some(v) = value(line, b"referer:") {
                    self.referer = v;
                }
            }
            b'x' => self.x_header(line),
            b's' => {
                if let Some(v) = value(line, b"sw8:") {
                    self.trace.set(Slot::Sw8 as usize, v);
                } else if let Some(v) = value(line, b"sw6:") {
                    self.trace.set(Slot::Sw6 as usize, v);
                } else if let Some(v) = value(line, b"sw3:") {
                    self.trace.set(Slot::Sw3 as usize, v);
                }
            }
            b'b' => {
                if let Some(v) = value(line, b"b3:") {
                    self.trace.set(Slot::B3 as usize, v);
                }
            }
            _ => {}
        }
        for (i, name) in options.custom().iter().enumerate() {
            if line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)) {
                self.trace.set(Slot::Custom as usize + i, trim(&line[name.len()..]));
            }
        }
    }

    fn x_header(&mut self, line: &'a [u8]) {
        if let Some(v) = value(line, b"x-request-id:") {
            self.x_request_id = v;
        } else if let Some(v) = value(line, b"x-forwarded-for:") {
            // Several lines are one list (RFC 9110 5.3): the client is in the first.
            if self.forwarded_for.is_empty() {
                self.forwarded_for = v;
            }
        } else if let Some(v) = value(line, b"x-b3-traceid:") {
            self.trace.set(Slot::XB3Trace as usize, v);
        } else if let Some(v) = value(line, b"x-b3-spanid:") {
            self.trace.set(Slot::XB3Span as usize, v);
        }
    }
}

/// Outcome of walking the header lines.
pub(super) enum Walk {
    /// All read; the length of the whole head.
    End(usize),
    /// The bytes end before the head does.
    Incomplete,
}

/// Reads the header lines from `at` on.
#[inline]
pub(super) fn walk<'a>(
    bytes: &'a [u8],
    mut at: usize,
    head: &mut Head<'a>,
    options: &TraceOptions,
) -> Walk {
    loop {
        match line_end(bytes, at) {
            Next::Line(end) => {
                head.header(&bytes[at..end], options);
                at = end;
            }
            Next::Empty(end) => return Walk::End(end),
            Next::Incomplete => return Walk::Incomplete,
        }
    }
}

/// Is the empty line that ends a head somewhere behind `from`? Only a search for two line ends in
/// a row, so that a head that comes in many small pieces is searched once.
pub(super) fn has_end(bytes: &[u8], from: usize) -> bool {
    memchr::memchr_iter(b'\n', &bytes[from..])
        .any(|at| matches!(bytes[from + at + 1..], [b'\n', ..] | [b'\r', b'\n', ..]))
}

enum Next {
    /// A line ends here, its line end included.
    Line(usize),
    /// The empty line that ends a head ends here.
    Empty(usize),
    Incomplete,
}

/// Finds the end of the header line that begins at `at`. A line that a blank follows goes on
/// (RFC 9112 5.2).
#[inline]
fn line_end(bytes: &[u8], at: usize) -> Next {
    let Some(rest) = bytes.get(at..) else { return Next::Incomplete };
    match rest {
        [b'\n', ..] => return Next::Empty(at + 1),
        [b'\r', b'\n', ..] => return Next::Empty(at + 2),
        _ => {}
    }
    let mut from = 0;
    loop {
        let Some(found) = memchr(b'\n', &rest[from..]) else { return Next::Incomplete };
        from += found + 1;
        match rest.get(from) {
            Some(b' ' | b'\t') => {}
            Some(_) => return Next::Line(at + from),
            None => return Next::Incomplete,
        }
    }
}

/// Reads the first line. Bytes that cannot become one are refused before the line is complete.
#[inline]
pub(super) fn start_line(dir: Direction, bytes: &[u8]) -> Line<'_> {
    let window = &bytes[..bytes.len().min(super::MAX_START_LINE)];
    match dir {
        Direction::ToServer => {
            let method_len = match method_len(window) {
                Ok(n) => n,
                Err(Short) if window.len() <= MAX_METHOD => return Line::Incomplete,
                Err(Short | Bad) => return Line::Invalid,
            };
            let Some(end) = memchr(b'\n', &window[method_len..]) else { return Line::Incomplete };
            let next = method_len + end + 1;
            match request_line(&window[..next], method_len) {
                Some(line) => Line::Complete(line, next),
                None => Line::Invalid,
            }
        }
        Direction::ToClient => {
            let known = window.len().min(7);
            if window[..known] != b"HTTP/1."[..known] {
                return Line::Invalid;
            }
            let Some(end) = memchr(b'\n', window) else { return Line::Incomplete };
            match status_line(&window[..=end]) {
                Some(line) => Line::Complete(line, end + 1),
                None => Line::Invalid,
            }
        }
    }
}

pub(super) enum NoMethod {
    /// The bytes end inside the token.
    Short,
    Bad,
}
use NoMethod::{Bad, Short};

/// Length of the token at the front when a blank follows it.
#[inline]
pub(super) fn method_len(bytes: &[u8]) -> Result<usize, NoMethod> {
    for (i, &b) in bytes.iter().enumerate().take(MAX_METHOD + 1) {
        if b == b' ' {
            return if i > 0 { Ok(i) } else { Err(Bad) };
        }
        if !is_token(b) {
            return Err(Bad);
        }
    }
    if bytes.len() > MAX_METHOD { Err(Bad) } else { Err(Short) }
}

/// A complete line, its end included.
pub(super) fn request_line(line: &[u8], method_len: usize) -> Option<StartLine<'_>> {
    let line = trim_end(line);
    let (front, minor) = line.split_at_checked(line.len().checked_sub(1)?)?;
    let target = front.strip_suffix(VERSION)?.get(method_len + 1..)?;
    let target = trim(target);
    if target.is_empty() || !minor[0].is_ascii_digit() {
        return None;
    }
    let version = &line[line.len() - 3..];
    Some(StartLine::Request { method: &line[..method_len], target, version })
}

/// A complete line, or as much of one as a cut packet left.
pub(super) fn status_line(line: &[u8]) -> Option<StartLine<'_>> {
    let line = trim_end(line);
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let [minor, b' ', a @ b'1'..=b'9', b, c, reason @ ..] = rest else { return None };
    if !(minor.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit()) {
        return None;
    }
    if !matches!(reason, [] | [b' ' | b'\t', ..]) {
        return None;
    }
    let digit = |b: &u8| u16::from(b - b'0');
    let status = digit(a) * 100 + digit(b) * 10 + digit(c);
    Some(StartLine::Response { status, reason: trim(reason), version: &line[5..8] })
}

/// A head that ends where the bytes do: complete lines are read as usual, of the start line
/// what is there.
pub(super) fn cut_short<'a>(
    dir: Direction,
    bytes: &'a [u8],
    options: &TraceOptions,
) -> Option<Head<'a>> {
    match start_line(dir, bytes) {
        Line::Complete(line, at) => {
            let mut head = Head::new(line);
            // Where it stopped does not matter: nothing follows.
            let _ = walk(bytes, at, &mut head, options);
            Some(head)
        }
        Line::Incomplete => {
            let line = match dir {
                Direction::ToServer => {
                    let n = method_len(bytes).ok()?;
                    let target = trim(&bytes[n..]);
                    (!target.is_empty()).then(|| StartLine::Request {
                        method: &bytes[..n],
                        target,
                        version: b"",
                    })?
                }
                Direction::ToClient => status_line(bytes)?,
            };
            Some(Head::new(line))
        }
        Line::Invalid => None,
    }
}

/// The value of a header line whose name, in lower case and with its colon, is `name`.
///
/// Names consist of letters, digits and `-`, all of which have bit 5 set in lower case.
#[inline]
fn value<'a, const N: usize>(line: &'a [u8], name: &[u8; N]) -> Option<&'a [u8]> {
    let front = line.first_chunk::<N>()?;
    let mut differ = 0;
    for i in 0..N {
        differ |= (front[i] | 0x20) ^ name[i];
    }
    (differ == 0).then(|| trim(&line[N..]))
}

/// Several equal lengths are one; anything else but digits is no length (RFC 9110 8.6).
fn content_length(before: Length, value: &[u8]) -> Length {
    let mut all = before;
    for part in value.split(|&b| b == b',') {
        let one = number(trim(part)).map_or(Length::Bad, Length::Is);
        if all != Length::Absent && all != one {
            return Length::Bad;
        }
        all = one;
    }
    all
}

/// The last coding decides (RFC 9112 6.3); several lines are one list.
fn transfer_coding(value: &[u8]) -> Coding {
    let last = trim(value.rsplit(|&b| b == b',').next().unwrap_or(value));
    let name = trim(memchr(b';', last).map_or(last, |n| &last[..n]));
    if name.eq_ignore_ascii_case(b"chunked") {
        Coding::Chunked
    } else if name.is_empty() || name.eq_ignore_ascii_case(b"identity") {
        Coding::Absent
    } else {
        Coding::Other
    }
}
