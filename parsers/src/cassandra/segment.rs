//! The segments of version 5: a length with a checksum, frames or a part of one, a checksum. Once
//! the server agreed to begin, both sides' frames stand in them.

use crate::framed::{Frame, Front};
use crate::message::Direction;

/// Length, flag and checksum of a segment that is not packed, and of one that is.
const PLAIN: usize = 6;
const PACKED: usize = 8;
/// The checksum behind it.
const TRAILER: u64 = 4;
/// The bit behind a length that says that the segment holds whole frames.
const LENGTH_BITS: u32 = 17;

/// What the connection's segments are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// There are none.
    #[default]
    None,
    Plain,
    /// Packed with LZ4: they are passed over.
    Packed,
}

#[derive(Clone, Copy, Debug, Default)]
struct Side {
    /// Bytes of frames that this segment has left.
    left: u32,
    /// Its checksum is next.
    trailer: bool,
    /// Bytes of a frame that stand in the segments behind this one.
    rest: u64,
}

/// Both directions.
#[derive(Debug, Default)]
pub(super) struct Segments {
    offered: Kind,
    kind: Kind,
    sides: [Side; 2],
}

/// The checksum of a segment's header.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x0087_5060, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b) << 16, |crc, _| {
            let crc = crc << 1;
            if crc & 0x0100_0000 != 0 { crc ^ 0x0197_4f0b } else { crc }
        })
    })
}

/// A segment's length, once its header is whole; `None`: it is none.
fn length(bytes: &[u8]) -> Option<u32> {
    let (front, checksum) = bytes.split_at_checked(bytes.len() - 3)?;
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    let fits = u64::from(crc24(front)) == number(checksum);
    fits.then_some((number(front) & ((1 << LENGTH_BITS) - 1)) as u32)
}

impl Segments {
    /// A client wants to begin, in version 5 or one before it.
    pub(super) fn offered(&mut self, segments: bool, packed: bool) {
        self.offered = match (segments, packed) {
            (false, _) => Kind::None,
            (true, false) => Kind::Plain,
            (true, true) => Kind::Packed,
        };
    }

    /// The server agreed.
    pub(super) fn begun(&mut self) {
        if self.kind == Kind::None {
            self.kind = self.offered;
        }
    }

    /// What stands here, when it is not the start of a frame.
    pub(super) fn front(&self, dir: Direction, bytes: &[u8]) -> Option<Front> {
        let side = self.sides[dir as usize];
        let header = match self.kind {
            Kind::None => return None,
            Kind::Plain if side.trailer => {
                return Some(Front::Frame { len: TRAILER, reads: TRAILER as usize });
            }
            Kind::Plain if side.rest > 0 && side.left > 0 => {
                return Some(Front::Frame { len: side.rest.min(u64::from(side.left)), reads: 1 });
            }
            Kind::Plain if side.left > 0 => return None,
            Kind::Plain => PLAIN,
            Kind::Packed => PACKED,
        };
        let Some(front) = bytes.get(..header) else { return Some(Front::Short) };
        Some(match length(front) {
            Some(_) if self.kind == Kind::Plain => Front::Frame { len: PLAIN as u64, reads: PLAIN },
            Some(len) => {
                Front::Frame { len: PACKED as u64 + u64::from(len) + TRAILER, reads: PACKED }
            }
            None => Front::Bad,
        })
    }

    /// How much of a frame fits into this segment; `None` when there are none.
    pub(super) fn room(&self, dir: Direction) -> Option<u32> {
        (self.kind == Kind::Plain).then(|| self.sides[dir as usize].left)
    }

    /// Takes what [`Segments::front`] found; `false` when it was a frame's start.
    pub(super) fn take(&mut self, dir: Direction, frame: Frame<'_>) -> bool {
        let side = &mut self.sides[dir as usize];
        match self.kind {
            Kind::None => false,
            Kind::Packed => true,
            Kind::Plain if side.trailer => {
                side.trailer = false;
                true
            }
            Kind::Plain if side.left == 0 => {
                side.left = frame.bytes.get(..PLAIN).and_then(length).unwrap_or(0);
                side.trailer = side.left == 0;
                true
            }
            Kind::Plain if side.rest > 0 => {
                side.rest -= frame.len;
                side.left -= frame.len as u32;
                side.trailer = side.left == 0;
                true
            }
            Kind::Plain => false,
        }
    }

    /// `len` bytes of a frame that has `whole` were taken from the segment.
    pub(super) fn took(&mut self, dir: Direction, len: u64, whole: u64) {
        let side = &mut self.sides[dir as usize];
        if self.kind == Kind::Plain {
            side.left = side.left.saturating_sub(len as u32);
            side.trailer = side.left == 0;
            side.rest = whole - len;
        }
    }

    /// The place is lost: segments begin anew.
    pub(super) fn lost(&mut self, dir: Direction) {
        self.sides[dir as usize] = Side::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums() {
        // From a client's first segment.
        let mut header = vec![0x1d, 0, 2];
        let crc = crc24(&header);
        header.extend_from_slice(&crc.to_le_bytes()[..3]);
        assert_eq!(length(&header), Some(0x1d));
        header[0] ^= 1;
        assert_eq!(length(&header), None);
    }
}
