//! Frames of HTTP/2 (RFC 9113, 4 and 6): headers that make sense, and header blocks that span
//! several frames.

use crate::message::Direction;

/// What a client sends first (RFC 9113 3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a frame's header.
pub(super) const HEADER: usize = 9;
/// Bytes on the wire of one header block, frame headers included, beyond which it is skipped:
/// more than servers accept (nginx, Envoy and Go: 8 to 64 KiB uncompressed), less than a flow may
/// hold.
pub(super) const MAX_BLOCK: usize = 48 * 1024;
/// Payload of a frame by whose header alone a place is believed: four times what peers have to
/// accept.
const LONG: u32 = 64 * 1024;
/// Payload of a frame of a type that nobody knows, and of control frames, at most.
const MAX_OTHER: u32 = 16 * 1024;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 0x1;
pub(super) const ACK: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) len: u32,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

/// Outcome of reading a frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Frame(Frame),
    /// More bytes are needed; what is there fits.
    Short,
    Invalid,
}

impl Frame {
    /// Reads the header in front of `bytes` and judges it by what each type may look like.
    pub(super) fn read(bytes: &[u8]) -> Read {
        let Some(h) = bytes.first_chunk::<HEADER>() else {
            // A type that does not go with the length shows before the header is complete.
            let early = match bytes {
                [a, b, c, kind, ..] => {
                    let len = u32::from_be_bytes([0, *a, *b, *c]);
                    fits(Self { len, kind: *kind, flags: 0, stream: 1 })
                        || fits(Self { len, kind: *kind, flags: 0, stream: 0 })
                        || len == 0 && *kind == SETTINGS
                }
                _ => true,
            };
            return if early { Read::Short } else { Read::Invalid };
        };
        let frame = Self {
            len: u32::from_be_bytes([0, h[0], h[1], h[2]]),
            kind: h[3],
            flags: h[4],
            stream: u32::from_be_bytes([h[5], h[6], h[7], h[8]]),
        };
        if fits(frame) { Read::Frame(frame) } else { Read::Invalid }
    }

    pub(super) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Can a peer that follows the standard send this? Reserved bits are zero in practice.
fn fits(f: Frame) -> bool {
    if f.stream > i32::MAX as u32 {
        return false;
    }
    match f.kind {
        DATA => f.stream != 0 && (!f.has(PADDED) || f.len > 0),
        HEADERS => {
            let least = u32::from(f.has(PADDED)) + if f.has(PRIORITY) { 5 } else { 0 };
            f.stream != 0 && f.len >= least
        }
        // PRIORITY
        2 => f.stream != 0 && f.len == 5,
        RST_STREAM => f.stream != 0 && f.len == 4,
        SETTINGS if f.has(ACK) => f.stream == 0 && f.len == 0,
        SETTINGS => f.stream == 0 && f.len.is_multiple_of(6) && f.len <= MAX_OTHER,
        PUSH_PROMISE => f.stream != 0 && f.len >= 4,
        // PING
        6 => f.stream == 0 && f.len == 8,
        // GOAWAY
        7 => f.stream == 0 && (8..=MAX_OTHER).contains(&f.len),
        // WINDOW_UPDATE
        8 => f.len == 4,
        CONTINUATION => f.stream != 0,
        _ => f.len <= MAX_OTHER,
    }
}

/// A header block in front of some bytes.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// Its first frame.
    pub(super) frame: Frame,
    /// The stream it is about: that of the frame, or the one that is promised.
    pub(super) stream: u32,
    /// The block, when it stands in one piece.
    pub(super) fragment: &'a [u8],
    /// Bytes of all its frames.
    pub(super) used: usize,
    /// It had to be joined: it is in the buffer given.
    pub(super) joined: bool,
}

/// Outcome of looking for a header block.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Block(Block<'a>),
    Short,
    Invalid,
    /// Longer than [`MAX_BLOCK`]: the payload of the frames seen, headers included, is to be
    /// skipped, then frames up to the one that ends the block.
    TooLong,
}

/// Finds the header block that `frame`, HEADERS or PUSH_PROMISE, begins at the front of `bytes`.
/// Blocks of several frames are joined in `joined`.
pub(super) fn block<'a>(frame: Frame, bytes: &'a [u8], joined: &mut Vec<u8>) -> Found<'a> {
    let end = HEADER + frame.len as usize;
    if end > MAX_BLOCK {
        return Found::TooLong;
    }
    let Some(payload) = bytes.get(HEADER..end) else { return Found::Short };
    let Some((stream, fragment)) = fragment(frame, payload) else { return Found::Invalid };
    if frame.has(END_HEADERS) {
        return Found::Block(Block { frame, stream, fragment, used: end, joined: false });
    }
    joined.clear();
    joined.extend_from_slice(fragment);
    let mut at = end;
    loop {
        let next = match Frame::read(&bytes[at..]) {
            Read::Frame(next) => next,
            Read::Short => return Found::Short,
            Read::Invalid => return Found::Invalid,
        };
        // RFC 9113 6.10: nothing may come between the frames of a block.
        if next.kind != CONTINUATION || next.stream != frame.stream {
            return Found::Invalid;
        }
        let end = at + HEADER + next.len as usize;
        if end > MAX_BLOCK {
            return Found::TooLong;
        }
        let Some(payload) = bytes.get(at + HEADER..end) else { return Found::Short };
        joined.extend_from_slice(payload);
        at = end;
        if next.has(END_HEADERS) {
            return Found::Block(Block { frame, stream, fragment: b"", used: at, joined: true });
        }
    }
}

/// The header block's part in a HEADERS or PUSH_PROMISE frame, and the stream it is about.
pub(super) fn fragment(frame: Frame, payload: &[u8]) -> Option<(u32, &[u8])> {
    let mut rest = payload;
    if frame.has(PADDED) {
        let (padding, after) = rest.split_first()?;
        rest = after.get(..after.len().checked_sub(usize::from(*padding))?)?;
    }
    if frame.kind == PUSH_PROMISE {
        let (promised, after) = rest.split_first_chunk::<4>()?;
        return Some((u32::from_be_bytes(*promised) & i32::MAX as u32, after));
    }
    if frame.has(PRIORITY) {
        rest = rest.get(5..)?;
    }
    Some((frame.stream, rest))
}

/// The offset in `bytes` at which frames begin: a header that makes sense, and behind its frame
/// another one, or the end of the bytes.
pub(super) fn find(dir: Direction, bytes: &[u8]) -> Option<usize> {
    if dir == Direction::ToServer
        && let Some(at) = memchr::memmem::find(bytes, PREFACE)
    {
        return Some(at);
    }
    (0..bytes.len()).find(|&at| begins(&bytes[at..]))
}

fn begins(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    for i in 0..3 {
        let Read::Frame(frame) = Frame::read(rest) else { return i > 0 && rest.len() < HEADER };
        // Nobody defines a type above this; what looks like one is something else. Flags without
        // a meaning are zero in practice.
        let flags = match frame.kind {
            DATA => END_STREAM | PADDED,
            HEADERS => END_STREAM | END_HEADERS | PADDED | PRIORITY,
            SETTINGS | 6 => ACK,
            PUSH_PROMISE | CONTINUATION => END_HEADERS | PADDED,
            _ => 0,
        };
        let plausible = frame.kind <= 0x10 && frame.flags & !flags == 0;
        if !plausible || frame.kind == CONTINUATION && i == 0 {
            return false;
        }
        match rest.get(HEADER + frame.len as usize..) {
            Some(after) => rest = after,
            // Only the first bytes of a long frame: it must be one that is long.
            None => return matches!(frame.kind, DATA | HEADERS) && frame.len <= LONG,
        }
        if rest.is_empty() {
            return true;
        }
    }
    true
}
