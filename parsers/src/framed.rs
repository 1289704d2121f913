//! Protocols whose messages say at their front how long they are. Where such a message begins,
//! how much of it is read, what is skipped, what a gap does: all of that is the same for each, and
//! is here. What is left to the protocol is a header, and what a message says.

use crate::counted::Counted;
use crate::message::{Direction, Message, Parser, Scratch, Step};

/// What the front of some bytes is.
pub(crate) enum Front {
    /// A header that is not whole yet.
    Short,
    /// Not this protocol.
    Bad,
    /// A message of `len` bytes, its header included, of which the first `reads` are looked at.
    Frame { len: u64, reads: usize },
}

/// A message as far as it is read.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Its front.
    pub(crate) bytes: &'a [u8],
    /// How long it is in all.
    pub(crate) len: u64,
}

/// What a message says.
#[allow(clippy::large_enum_variant, reason = "a box would allocate per message")]
pub(crate) enum Said<'a> {
    /// Something to report.
    Message(Message<'a>),
    /// Nothing.
    Nothing,
    /// What this protocol does not say: the place is lost.
    Bad,
}

impl<'a> From<Option<Message<'a>>> for Said<'a> {
    fn from(message: Option<Message<'a>>) -> Self {
        message.map_or(Self::Nothing, Self::Message)
    }
}

/// A protocol of messages with a length in front.
pub(crate) trait Frames {
    /// Looks at a header. Work is bounded by the header's length.
    fn front(&self, dir: Direction, bytes: &[u8]) -> Front;

    /// Reads a message, which may be cut short behind its header.
    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a>;

    /// After a loss: where in `bytes`, which begin a segment, a message begins.
    fn find(&self, dir: Direction, bytes: &[u8]) -> Option<usize>;

    /// The place in `dir` was lost, and with it messages that nobody saw.
    fn lost(&mut self, dir: Direction) {
        let _ = dir;
    }
}

/// The parser of a protocol of such messages.
#[derive(Debug)]
pub struct Framed<P> {
    sides: [Counted; 2],
    protocol: P,
}

impl<P> Framed<P> {
    pub(crate) fn of(protocol: P) -> Self {
        Self { sides: [Counted::default(), Counted::default()], protocol }
    }
}

#[allow(private_bounds, reason = "protocols are of this crate")]
impl<P: Frames> Framed<P> {
    fn lose(&mut self, dir: Direction) {
        self.sides[dir as usize].lose();
        self.protocol.lost(dir);
    }
}

impl<P: Frames> Parser for Framed<P> {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let side = &mut self.sides[dir as usize];
        if side.is_inside() {
            return Step::Skip { used: side.skip(bytes) };
        }
        if side.is_adrift() {
            return Step::Lost;
        }
        let (len, reads) = match self.protocol.front(dir, bytes) {
            Front::Short => return Step::More,
            Front::Bad => {
                self.lose(dir);
                return Step::Lost;
            }
            Front::Frame { len, reads } => (len, (reads as u64).min(len) as usize),
        };
        if bytes.len() < reads {
            return Step::More;
        }
        let used = if len <= bytes.len() as u64 { len as usize } else { reads };
        side.leave(len - used as u64);
        match self.protocol.message(dir, Frame { bytes: &bytes[..reads], len }, scratch) {
            Said::Message(message) => Step::Message { used, message },
            Said::Nothing => Step::Skip { used },
            Said::Bad => {
                self.lose(dir);
                Step::Lost
            }
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let side = &self.sides[dir as usize];
        let at_start = !side.is_inside() && !side.is_adrift();
        let said = match self.protocol.front(dir, bytes) {
            Front::Frame { len, reads } if at_start => {
                let bytes = &bytes[..bytes.len().min(reads)];
                self.protocol.message(dir, Frame { bytes, len }, scratch)
            }
            _ => Said::Nothing,
        };
        self.lose(dir);
        match said {
            Said::Message(message) => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.sides[dir as usize].gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn is_duplex(&self) -> bool {
        true
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = self.protocol.find(dir, bytes)?;
        self.sides[dir as usize].found();
        Some(at)
    }
}

/// The first place where `magic` stands and `plausible` agrees.
pub(crate) fn find_magic(
    bytes: &[u8],
    magic: &[u8],
    plausible: impl Fn(&[u8]) -> bool,
) -> Option<usize> {
    memchr::memmem::find_iter(bytes, magic).find(|at| plausible(&bytes[*at..]))
}
