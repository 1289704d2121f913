//! The framing of RESP: header lines, and the walk over what is not read.

/// A header line is a type, at most this many digits, and CRLF.
const MAX_DIGITS: usize = 20;
/// A simple string or number inside an answer that is longer than this is no such thing.
const MAX_LINE: usize = 16 * 1024;

/// A header line (`$5`, `*3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// The number, `None` for -1, and the length of the line with its end.
    Is(Option<u64>, usize),
    Short,
    Bad,
}

/// Reads the header line at the front of `bytes`, whose first byte is its type.
#[inline]
pub(super) fn header(bytes: &[u8]) -> Header {
    let mut n = 0u64;
    let mut at = 1;
    if let Some(b'-') = bytes.get(1) {
        return match &bytes[2..bytes.len().min(5)] {
            b"1\r\n" => Header::Is(None, 5),
            front if b"1\r\n".starts_with(front) => Header::Short,
            _ => Header::Bad,
        };
    }
    while let Some(&b) = bytes.get(at) {
        if b.is_ascii_digit() && at <= MAX_DIGITS {
            n = n.saturating_mul(10).saturating_add(u64::from(b - b'0'));
            at += 1;
        } else if b == b'\r' && at > 1 {
            return match bytes.get(at + 1) {
                Some(b'\n') => Header::Is(Some(n), at + 2),
                Some(_) => Header::Bad,
                None => Header::Short,
            };
        } else {
            return Header::Bad;
        }
    }
    Header::Short
}

/// The length of the line at the front, with its end.
pub(super) fn line_len(bytes: &[u8], window: usize) -> Option<usize> {
    memchr::memchr(b'\n', &bytes[..bytes.len().min(window)]).map(|n| n + 1)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// The first byte of a command or answer.
    #[default]
    Start,
    /// Behind the front of one.
    Rest,
    /// Nothing of this direction is read any more.
    Ignored,
    /// Unknown, until a resync.
    Adrift,
}

/// How far a walk came.
pub(super) enum Walk {
    /// The message goes on behind this many bytes; the next ones may be half of a header.
    Inside(usize),
    /// It ends behind this many.
    End(usize),
    Bad,
}

/// One direction's state.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// Elements left, nested ones included.
    elements: u64,
    /// Bytes left of the element, with its line end.
    left: u64,
    /// Bytes of the message so far.
    pub(super) counted: u64,
    pub(super) place: Place,
    /// An `End` is due behind the message.
    pub(super) reports_end: bool,
    /// The place was lost inside an array.
    pub(super) in_array: bool,
}

impl Half {
    /// `used` bytes of a message were read; `left` bytes of an element and `elements` others
    /// follow.
    pub(super) fn begin(&mut self, elements: u64, left: u64, used: usize, reports_end: bool) {
        self.elements = elements;
        self.left = left;
        self.counted = used as u64;
        self.reports_end = reports_end;
        self.place = Place::Rest;
    }

    pub(super) fn lose(&mut self) {
        let in_array = self.place == Place::Rest && self.elements > 0
            || self.place == Place::Adrift && self.in_array;
        *self = Self { place: Place::Adrift, in_array, ..Self::default() };
    }

    pub(super) fn walk(&mut self, bytes: &[u8]) -> Walk {
        let mut at = 0;
        loop {
            let n = self.left.min((bytes.len() - at) as u64);
            at += n as usize;
            self.left -= n;
            if self.left > 0 {
                break;
            }
            if self.elements == 0 {
                self.counted += at as u64;
                return Walk::End(at);
            }
            let Some(&kind) = bytes.get(at) else { break };
            let rest = &bytes[at..];
            match kind {
                b'$' | b'=' | b'!' => match header(rest) {
                    Header::Is(len, used) => {
                        at += used;
                        self.left = len.map_or(0, |n| n.saturating_add(2));
                        self.elements -= 1;
                    }
                    Header::Short => break,
                    Header::Bad => return Walk::Bad,
                },
                b'*' | b'~' | b'>' | b'%' | b'|' => match header(rest) {
                    Header::Is(n, used) => {
                        at += used;
                        let pairs = matches!(kind, b'%' | b'|');
                        let n = n.unwrap_or(0).saturating_mul(1 + u64::from(pairs));
                        // Attributes come in front of an element and are none themselves.
                        let itself = u64::from(kind != b'|');
                        self.elements = (self.elements - itself).saturating_add(n);
                    }
                    Header::Short => break,
                    Header::Bad => return Walk::Bad,
                },
                b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(' => match line_len(rest, MAX_LINE) {
                    Some(used) => {
                        at += used;
                        self.elements -= 1;
                    }
                    None if rest.len() < MAX_LINE => break,
                    None => return Walk::Bad,
                },
                _ => return Walk::Bad,
            }
        }
        self.counted += at as u64;
        Walk::Inside(at)
    }

    /// `len` bytes were lost. Answers whether the place is still known.
    pub(super) fn gap(&mut self, len: u64) -> bool {
        match self.place {
            Place::Ignored => true,
            Place::Rest if len <= self.left && len != u64::MAX => {
                self.left -= len;
                self.counted += len;
                true
            }
            _ => false,
        }
    }
}
