//! Message bodies: where one direction of a connection is, and how far (RFC 9112 6 and 7).
//! Nothing of a body is kept.

use super::head::Framing;
use crate::message::{Message, MessageKind, Step};

/// A chunk-size or trailer line without its end after this many bytes is garbage.
const MAX_CHUNK_LINE: usize = 8 * 1024;

/// What the next byte of a direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// The first byte of a start line.
    #[default]
    Head,
    /// Inside a body of known length: `left` more.
    Counted,
    /// The first byte of a chunk-size line.
    ChunkSize,
    /// Inside a chunk: `left` more.
    ChunkData,
    /// The line end behind a chunk.
    ChunkEnd,
    /// The first byte of a trailer line.
    Trailer,
    /// Inside a body that the end of the connection ends.
    UntilClose,
    /// Unknown, until a resync.
    Adrift,
}

/// One direction's state.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// Bytes left of the body or chunk.
    left: u64,
    /// Body bytes seen, when no header says how many there are.
    counted: u64,
    /// Where to go on looking for the end of the head at the front; 0 when not begun.
    pub(super) scanned: u32,
    pub(super) place: Place,
}

impl Half {
    /// Behind a head. Returns the length as far as known, and whether an `End` follows.
    pub(super) fn begin_body(&mut self, framing: Framing) -> (Option<u64>, bool) {
        self.counted = 0;
        match framing {
            Framing::Counted(n) => {
                self.left = n;
                self.place = if n == 0 { Place::Head } else { Place::Counted };
                (Some(n), false)
            }
            Framing::Chunked => {
                self.place = Place::ChunkSize;
                (None, true)
            }
            Framing::UntilClose | Framing::Unstated => {
                self.place = Place::UntilClose;
                (None, true)
            }
            Framing::Unknown => {
                self.place = Place::Adrift;
                (None, false)
            }
        }
    }

    pub(super) fn lose(&mut self) {
        *self = Self { place: Place::Adrift, ..Self::default() };
    }

    /// Takes body bytes off the front of `bytes`, which is not empty.
    pub(super) fn body<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        match self.place {
            Place::Counted => {
                let used = self.take(bytes.len());
                if self.left == 0 {
                    self.place = Place::Head;
                }
                Step::Skip { used }
            }
            Place::ChunkData => {
                let used = self.take(bytes.len());
                self.counted = self.counted.saturating_add(used as u64);
                if self.left == 0 {
                    self.place = Place::ChunkEnd;
                }
                Step::Skip { used }
            }
            Place::UntilClose => {
                self.counted = self.counted.saturating_add(bytes.len() as u64);
                Step::Skip { used: bytes.len() }
            }
            Place::ChunkSize => self.chunk_size(bytes),
            Place::ChunkEnd => match bytes {
                [b'\n', ..] => self.chunk_ended(1),
                [b'\r', b'\n', ..] => self.chunk_ended(2),
                [b'\r'] => Step::More,
                _ => Step::Lost,
            },
            Place::Trailer => match line_len(bytes) {
                Some(used) if matches!(&bytes[..used], b"\n" | b"\r\n") => {
                    let message = self.end();
                    Step::Message { used, message }
                }
                Some(used) => Step::Skip { used },
                None if bytes.len() < MAX_CHUNK_LINE => Step::More,
                None => Step::Lost,
            },
            Place::Head | Place::Adrift => Step::Lost,
        }
    }

    /// What of `bytes` is content: not framing, not another message.
    pub(super) fn content<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let left = match self.place {
            Place::Counted | Place::ChunkData => usize::try_from(self.left).unwrap_or(usize::MAX),
            Place::UntilClose => usize::MAX,
            _ => 0,
        };
        &bytes[..bytes.len().min(left)]
    }

    fn take(&mut self, available: usize) -> usize {
        let used = usize::try_from(self.left).unwrap_or(usize::MAX).min(available);
        self.left -= used as u64;
        used
    }

    fn chunk_ended<'a>(&mut self, used: usize) -> Step<'a> {
        self.place = Place::ChunkSize;
        Step::Skip { used }
    }

    fn chunk_size<'a>(&mut self, bytes: &[u8]) -> Step<'a> {
        let (size, digits) = hex(bytes);
        // Seventeen digits cannot be a size, and other bytes no line of one.
        if digits > 16 || (digits == 0) {
            return Step::Lost;
        }
        match bytes.get(digits) {
            None => return Step::More,
            Some(b'\r' | b'\n' | b';' | b' ' | b'\t') => {}
            Some(_) => return Step::Lost,
        }
        let Some(used) = line_len(bytes) else {
            return if bytes.len() < MAX_CHUNK_LINE { Step::More } else { Step::Lost };
        };
        self.left = size;
        self.place = if size == 0 { Place::Trailer } else { Place::ChunkData };
        Step::Skip { used }
    }

    fn end(&mut self) -> Message<'static> {
        let length = Some(self.counted);
        *self = Self::default();
        Message { kind: MessageKind::End, length, ..Message::default() }
    }

    /// `len` bytes were lost. Answers whether the place is still known.
    pub(super) fn gap(&mut self, len: u64) -> bool {
        match self.place {
            // Nobody knows how many, nor whether it still is the same connection.
            _ if len == u64::MAX => false,
            Place::Counted | Place::ChunkData if len <= self.left => {
                self.left -= len;
                if self.place == Place::ChunkData {
                    self.counted = self.counted.saturating_add(len);
                }
                if self.left == 0 {
                    self.place = match self.place {
                        Place::ChunkData => Place::ChunkEnd,
                        _ => Place::Head,
                    };
                }
                true
            }
            Place::UntilClose => {
                self.counted = self.counted.saturating_add(len);
                true
            }
            _ => false,
        }
    }

    /// The direction ended: closes a body whose length no header gave.
    pub(super) fn finish(&mut self) -> Option<Message<'static>> {
        match self.place {
            Place::UntilClose
            | Place::ChunkSize
            | Place::ChunkData
            | Place::ChunkEnd
            | Place::Trailer => Some(self.end()),
            Place::Head | Place::Counted | Place::Adrift => None,
        }
    }
}

/// Length of the first line with its end.
fn line_len(bytes: &[u8]) -> Option<usize> {
    let window = &bytes[..bytes.len().min(MAX_CHUNK_LINE)];
    memchr::memchr(b'\n', window).map(|at| at + 1)
}

/// Leading hexadecimal digits: their value and how many there are, 17 standing for more.
fn hex(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0u64;
    for (i, &b) in bytes.iter().enumerate().take(17) {
        let digit = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'f' => b - b'a' + 10,
            b'A'..=b'F' => b - b'A' + 10,
            _ => return (value, i),
        };
        value = value << 4 | u64::from(digit);
    }
    (value, bytes.len().min(17))
}
