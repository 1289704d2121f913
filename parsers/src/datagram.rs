//! Protocols whose messages are one datagram each: nothing to join, nothing to find again.

use crate::message::{Direction, Message, Parser, Scratch, Step};

/// What such a protocol says.
pub(crate) trait Datagrams {
    /// Reads a datagram, which a capture may have cut; `None`: it is none of this protocol.
    fn message<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>>;
}

/// The parser of such a protocol.
#[derive(Debug)]
pub struct Whole<P>(pub(crate) P);

#[allow(private_bounds, reason = "protocols are of this crate")]
impl<P: Datagrams> Parser for Whole<P> {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        match self.0.message(dir, bytes, scratch) {
            Some(message) => Step::Message { used: bytes.len(), message },
            None => Step::Lost,
        }
    }

    fn gap(&mut self, _dir: Direction, _len: u64) -> bool {
        true
    }

    fn resync(&mut self, _dir: Direction, _bytes: &[u8]) -> Option<usize> {
        Some(0)
    }
}
