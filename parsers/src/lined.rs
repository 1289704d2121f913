//! Protocols of lines with a greeting, verbs and replies: SMTP, FTP, POP3, IMAP. Where a line ends,
//! what a text up to a lone dot or of a stated length is, how a place is found again: all of that is
//! the same for each, and is here. What is left to the protocol is what a line says and what follows.

use crate::framed::Said;
use crate::message::{Direction, L7Protocol, Message, Parser, Scratch, Step};

/// Bytes of a line that are read; what is behind them is skipped up to the line's end.
const MAX_LINE: usize = 2048;
/// Requests of one connection that are remembered until they are answered.
const MAX_TURNS: u8 = 32;

/// Where one direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start of a line.
    Line,
    /// Behind the part of a long line that was read.
    Tail,
    /// In a text that a line with a lone dot ends.
    Text(End),
    /// In a text of which this many bytes are left.
    Counted(u64),
    /// Nobody knows.
    Adrift,
}

/// How much of the end of a text was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Inside,
    LineBegins,
    Alone,
    Return,
}

/// What a line changes for those behind it.
#[derive(Debug)]
pub(crate) struct Places {
    sides: [Place; 2],
    /// Bytes of the last text that a dot ended.
    pub(crate) text_len: u64,
    then: Then,
}

/// What the connection is behind the line that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Lines,
    Encrypted,
    Done,
}

impl Places {
    /// A text follows in `dir` that a line with a lone dot ends.
    pub(crate) fn text(&mut self, dir: Direction) {
        self.text_len = 0;
        self.sides[dir as usize] = Place::Text(End::LineBegins);
    }

    /// A text of `len` bytes follows in `dir`.
    pub(crate) fn counted(&mut self, dir: Direction, len: u64) {
        self.sides[dir as usize] = if len > 0 { Place::Counted(len) } else { Place::Line };
    }

    /// What was to follow in `dir` was refused.
    pub(crate) fn line(&mut self, dir: Direction) {
        self.sides[dir as usize] = Place::Line;
    }

    /// The connection is encrypted from here on.
    pub(crate) fn encrypted(&mut self) {
        self.then = Then::Encrypted;
    }

    /// Nothing behind this can be read.
    pub(crate) fn done(&mut self) {
        self.then = Then::Done;
    }
}

/// A protocol of lines.
pub(crate) trait Lines {
    /// Reads a line, which has lost its end and, when it is long, what is behind its front.
    fn line<'a>(
        &mut self,
        dir: Direction,
        line: &'a [u8],
        places: &mut Places,
        scratch: &'a mut Scratch,
    ) -> Said<'a>;

    /// After a loss: can a line of `dir` begin like this?
    fn plausible(&self, dir: Direction, line: &[u8]) -> bool;

    /// The place in `dir` was lost, and with it lines that nobody saw.
    fn lost(&mut self, dir: Direction);
}

/// The parser of a protocol of lines.
#[derive(Debug)]
pub struct Lined<P> {
    places: Places,
    protocol: P,
}

impl<P> Lined<P> {
    pub(crate) fn of(protocol: P) -> Self {
        let sides = [Place::Line; 2];
        Self { places: Places { sides, text_len: 0, then: Then::Lines }, protocol }
    }
}

/// Goes through a text; how many bytes, and where in its end the last one is. `None`: it is over.
fn text(bytes: &[u8], mut dot: End) -> (usize, Option<End>) {
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        dot = match (dot, b) {
            (End::Alone | End::Return, b'\n') => return (at, None),
            (_, b'\n') => End::LineBegins,
            (End::LineBegins, b'.') => End::Alone,
            (End::Alone, b'\r') => End::Return,
            _ => {
                // On to the end of the line.
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
                End::Inside
            }
        };
    }
    (at, Some(dot))
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[allow(private_bounds, reason = "protocols are of this crate")]
impl<P: Lines> Lined<P> {
    fn lose(&mut self, dir: Direction) {
        self.places.sides[dir as usize] = Place::Adrift;
        self.protocol.lost(dir);
    }

    fn read<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let window = &bytes[..bytes.len().min(MAX_LINE)];
        let (line, used) = match memchr::memchr(b'\n', window) {
            Some(end) => (without_return(&window[..end]), end + 1),
            None if window.len() < MAX_LINE => return Step::More,
            None => {
                self.places.sides[dir as usize] = Place::Tail;
                (window, MAX_LINE)
            }
        };
        match self.protocol.line(dir, line, &mut self.places, scratch) {
            Said::Message(message) => Step::Message { used, message },
            Said::Nothing => Step::Skip { used },
            Said::Bad => {
                self.lose(dir);
                Step::Lost
            }
        }
    }
}

impl<P: Lines> Parser for Lined<P> {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        match self.places.then {
            Then::Encrypted => return Step::Switched(L7Protocol::Tls),
            Then::Done => return Step::Done,
            Then::Lines => {}
        }
        let place = self.places.sides[dir as usize];
        let (used, next) = match place {
            Place::Line => return self.read(dir, bytes, scratch),
            Place::Adrift => return Step::Lost,
            Place::Tail => match memchr::memchr(b'\n', bytes) {
                Some(end) => (end + 1, Place::Line),
                None => (bytes.len(), Place::Tail),
            },
            Place::Counted(left) => {
                let used = left.min(bytes.len() as u64);
                let left = left - used;
                (used as usize, if left > 0 { Place::Counted(left) } else { Place::Line })
            }
            Place::Text(dot) => {
                let (used, dot) = text(bytes, dot);
                self.places.text_len += used as u64;
                (used, dot.map_or(Place::Line, Place::Text))
            }
        };
        self.places.sides[dir as usize] = next;
        Step::Skip { used }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let at_start =
            self.places.sides[dir as usize] == Place::Line && self.places.then == Then::Lines;
        let line = without_return(&bytes[..bytes.len().min(MAX_LINE)]);
        let said = if at_start && self.protocol.plausible(dir, line) {
            self.protocol.line(dir, line, &mut self.places, scratch)
        } else {
            Said::Nothing
        };
        self.lose(dir);
        match said {
            Said::Message(message) => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if let Place::Counted(left) = self.places.sides[dir as usize]
            && len < left
        {
            self.places.sides[dir as usize] = Place::Counted(left - len);
            return true;
        }
        self.lose(dir);
        false
    }

    fn is_duplex(&self) -> bool {
        true
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let end = memchr::memchr(b'\n', rest);
            let line = &rest[..end.unwrap_or(rest.len()).min(MAX_LINE)];
            if !line.is_empty() && self.protocol.plausible(dir, without_return(line)) {
                self.places.sides[dir as usize] = Place::Line;
                return Some(at);
            }
            at += end? + 1;
        }
    }
}

/// Requests that are not answered yet, by what has to be known of them when they are: one of four.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turns {
    bits: u64,
    len: u8,
}

impl Turns {
    /// A request was made; of too many the oldest is forgotten.
    pub(crate) fn push(&mut self, what: u8) {
        if self.len == MAX_TURNS {
            self.pop();
        }
        self.bits |= u64::from(what & 3) << (2 * self.len);
        self.len += 1;
    }

    /// The first of them was answered.
    pub(crate) fn pop(&mut self) -> Option<u8> {
        let what = self.first()?;
        self.bits >>= 2;
        self.len -= 1;
        Some(what)
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Option<u8> {
        (self.len > 0).then_some((self.bits & 3) as u8)
    }

    /// The last of them.
    pub(crate) fn last(&self) -> Option<u8> {
        (self.len > 0).then(|| (self.bits >> (2 * (self.len - 1)) & 3) as u8)
    }

    /// Nobody knows what was asked.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The word in front of a line, and what is behind the blanks that follow it.
pub(crate) fn word(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|b| *b == b' ') {
        Some(at) => (&line[..at], line[at..].trim_ascii()),
        None => (line, b""),
    }
}

/// The one of `words` that `word` is, in any case.
pub(crate) fn known(word: &[u8], words: &[&'static [u8]]) -> Option<&'static [u8]> {
    words.iter().copied().find(|w| w.eq_ignore_ascii_case(word))
}

/// A code of three digits in front of a reply, whether more lines of the reply follow, its text.
pub(crate) fn reply(line: &[u8]) -> Option<(i32, bool, &[u8])> {
    let [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = line else { return None };
    let code = [a, b, c].iter().fold(0, |n, d| n * 10 + i32::from(**d - b'0'));
    match rest {
        [] => Some((code, false, b"")),
        [sign @ (b' ' | b'-'), text @ ..] => Some((code, *sign == b'-', text.trim_ascii())),
        _ => None,
    }
}

/// Can these be the front of a reply?
pub(crate) fn begins_reply(bytes: &[u8]) -> bool {
    let sign = bytes.get(3).is_none_or(|b| matches!(b, b' ' | b'-' | b'\r' | b'\n'));
    sign && bytes.iter().take(3).all(u8::is_ascii_digit)
}

/// Is it text, as far as it goes?
pub(crate) fn is_text(line: &[u8]) -> bool {
    line.iter().all(|b| *b >= b' ' && *b != 0x7f || *b == b'\t')
}

/// The first whole line; `Err(true)`: there may be more of it, `Err(false)`: it is none.
pub(crate) fn first_line(bytes: &[u8]) -> Result<&[u8], bool> {
    let window = &bytes[..bytes.len().min(512)];
    let end = memchr::memchr(b'\n', window);
    let line = without_return(&window[..end.unwrap_or(window.len())]);
    match end {
        _ if !is_text(line) => Err(false),
        Some(_) => Ok(line),
        None => Err(window.len() < 512),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_with_a_dot_wherever_they_are_cut() {
        let whole = b"a\r\n.b\r\n..\r\n.\r\nnext";
        let over = whole.len() - 4;
        for cut in 0..over {
            let (used, dot) = text(&whole[..cut], End::LineBegins);
            assert_eq!(used, cut);
            assert_eq!(text(&whole[cut..], dot.unwrap()), (over - cut, None), "cut at {cut}");
        }
        assert_eq!(text(b".\r\n", End::LineBegins), (3, None));
    }

    #[test]
    fn turns_and_replies() {
        let mut turns = Turns::default();
        assert_eq!((turns.pop(), turns.last()), (None, None));
        (0..40).for_each(|n| turns.push(n));
        assert_eq!((turns.last(), turns.pop(), turns.pop()), (Some(3), Some(0), Some(1)));
        assert_eq!(turns.len, 30);
        assert_eq!(reply(b"250-a b "), Some((250, true, &b"a b"[..])));
        assert_eq!(
            (reply(b"354"), reply(b"3x4"), reply(b"250_")),
            (Some((354, false, &b""[..])), None, None)
        );
        assert_eq!(word(b"MAIL  FROM:<>"), (&b"MAIL"[..], &b"FROM:<>"[..]));
    }
}
