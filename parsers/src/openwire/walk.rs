//! The two encodings of OpenWire. In the loose one every flag is a byte in its place; in the tight
//! one the flags of a command stand together in front, and numbers take as few bytes as they need.

use crate::reader::Reader;

/// Objects inside objects.
const MAX_DEPTH: u8 = 4;

/// What stands where a destination may.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Found<'a> {
    #[default]
    Nothing,
    Plain(&'a [u8]),
    /// To be referred to by this index.
    New(u16, &'a [u8]),
    Known(u16),
}

/// A walk over the fields of one command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    data: Reader<'a>,
    flags: &'a [u8],
    flag: usize,
    tight: bool,
    cached: bool,
}

impl<'a> Walk<'a> {
    /// Of what stands behind a command's type. The number of flags comes first in the tight
    /// encoding, and is not 0; in the loose one that is the high byte of the command's number.
    pub(super) fn new(body: &'a [u8]) -> Option<Self> {
        let mut data = Reader(body);
        let tight = *body.first()? != 0;
        let mut flags: &[u8] = b"";
        if tight {
            let len = match data.u8()? {
                n @ 0..0x40 => usize::from(n),
                0xc0 => usize::from(data.u8()?),
                0x80 => usize::from(data.u16()?),
                _ => return None,
            };
            flags = data.take(len)?;
        }
        Some(Self { data, flags, flag: 0, tight, cached: false })
    }

    pub(super) fn with_cache(self, cached: bool) -> Self {
        Self { cached, ..self }
    }

    /// The command's number, and whether it wants an answer.
    pub(super) fn base(&mut self) -> Option<(u32, bool)> {
        if self.tight {
            let answered = self.flag()?;
            return Some((self.int()?, answered));
        }
        let id = self.int()?;
        Some((id, self.flag()?))
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        if !self.tight {
            return match self.data.u8()? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            };
        }
        let byte = self.flags.get(self.flag / 8)?;
        let set = byte >> (self.flag % 8) & 1 != 0;
        self.flag += 1;
        Some(set)
    }

    pub(super) fn int(&mut self) -> Option<u32> {
        self.data.u32()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.data.u8()
    }

    pub(super) fn long(&mut self) -> Option<()> {
        let bytes = if !self.tight {
            8
        } else {
            match (self.flag()?, self.flag()?) {
                (true, true) => 8,
                (true, false) => 4,
                (false, true) => 2,
                (false, false) => 0,
            }
        };
        self.data.take(bytes).map(drop)
    }

    pub(super) fn text(&mut self) -> Option<Option<&'a [u8]>> {
        if !self.flag()? {
            return Some(None);
        }
        if self.tight {
            // Whether it is ASCII.
            self.flag()?;
        }
        self.data.text16().map(Some)
    }

    /// Bytes behind their length in four.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        if !self.flag()? { Some(b"") } else { self.data.text32() }
    }

    /// What may have been sent before.
    pub(super) fn cached(&mut self) -> Option<Found<'a>> {
        self.cached_at(0)
    }

    fn cached_at(&mut self, depth: u8) -> Option<Found<'a>> {
        if !self.cached {
            return self.nested_at(depth);
        }
        let is_new = self.flag()?;
        let index = self.data.u16()?;
        if !is_new {
            return Some(Found::Known(index));
        }
        Some(match self.nested_at(depth)? {
            Found::Plain(name) => Found::New(index, name),
            other => other,
        })
    }

    /// An object in its place; the name of a destination.
    pub(super) fn nested(&mut self) -> Option<Found<'a>> {
        self.nested_at(0)
    }

    fn nested_at(&mut self, depth: u8) -> Option<Found<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        if !self.flag()? {
            return Some(Found::Nothing);
        }
        let kind = self.data.u8()?;
        match kind {
            // Queues and topics, temporary ones too.
            100..=103 => return self.text().map(|name| Found::Plain(name.unwrap_or(b""))),
            // Ids of connections and brokers.
            120 | 124 => drop(self.text()?),
            // Of sessions.
            121 => {
                self.text()?;
                self.long()?;
            }
            // Of consumers and producers.
            122 | 123 => {
                self.text()?;
                self.long()?;
                self.long()?;
            }
            // Of messages.
            110 => {
                self.text_view()?;
                self.cached_at(depth + 1)?;
                self.long()?;
                self.long()?;
            }
            // Of local transactions.
            111 => {
                self.long()?;
                self.cached_at(depth + 1)?;
            }
            // Of XA transactions.
            112 => {
                self.int()?;
                self.bytes()?;
                self.bytes()?;
            }
            _ => return None,
        }
        Some(Found::Nothing)
    }

    /// From version 10 on a message's id may be a text; before, there is no such field.
    fn text_view(&mut self) -> Option<()> {
        self.text().map(drop)
    }

    /// The message inside a dispatch; its type.
    pub(super) fn enter_message(&mut self) -> Option<u8> {
        if !self.flag()? {
            return None;
        }
        let kind = self.data.u8()?;
        if self.tight && self.flag()? {
            // As it came, with flags of its own.
            self.data.u32()?;
            let kind = self.data.u8()?;
            let inner = Self::new(self.data.0)?;
            *self = Self { cached: self.cached, tight: true, ..inner };
            self.base()?;
            return Some(kind);
        }
        self.base()?;
        Some(kind)
    }
}
