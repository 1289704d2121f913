//! Walking over structures in both of Thrift's protocols.

use crate::reader::Reader;

/// Structures and containers inside each other that are walked over.
const MAX_DEPTH: u8 = 32;

/// What a value is, as far as that says how to walk over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The structure is over.
    Stop,
    /// In the compact protocol its value is in the field's header.
    Bool,
    Byte,
    Double,
    I16,
    I32,
    I64,
    Text,
    Struct,
    Map,
    List,
    Uuid,
}

/// A walk over one structure.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    rest: Reader<'a>,
    compact: bool,
}

/// A number of variable length.
#[inline]
pub(super) fn varint(r: &mut Reader<'_>) -> Option<u64> {
    let (n, rest) = crate::protobuf::varint(r.0)?;
    r.0 = rest;
    Some(n)
}

fn zigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8], compact: bool) -> Self {
        Self { rest: Reader(bytes), compact }
    }

    /// Walks over the structure; what is behind it. `None`: it is not whole, or none.
    pub(super) fn structure(mut self) -> Option<&'a [u8]> {
        self.skip(Kind::Struct, 0)?;
        Some(self.rest.0)
    }

    fn kind(&self, code: u8) -> Option<Kind> {
        Some(match (self.compact, code) {
            (_, 0) => Kind::Stop,
            (false, 2) | (true, 1 | 2) => Kind::Bool,
            (_, 3) => Kind::Byte,
            (false, 4) | (true, 7) => Kind::Double,
            (false, 6) | (true, 4) => Kind::I16,
            (false, 8) | (true, 5) => Kind::I32,
            (false, 10) | (true, 6) => Kind::I64,
            (false, 11) | (true, 8) => Kind::Text,
            (false, 12) | (true, 12) => Kind::Struct,
            (false, 13) | (true, 11) => Kind::Map,
            (false, 14 | 15) | (true, 9 | 10) => Kind::List,
            (false, 16) | (true, 13) => Kind::Uuid,
            _ => return None,
        })
    }

    /// The next field's kind and number; numbers of the compact protocol count from the last one.
    fn field(&mut self, last: &mut i16) -> Option<Kind> {
        let head = self.rest.u8()?;
        let code = if self.compact { head & 15 } else { head };
        let kind = self.kind(code)?;
        if kind == Kind::Stop {
            return Some(kind);
        }
        *last = match (self.compact, head >> 4) {
            (false, _) => self.rest.u16()? as i16,
            (true, 0) => zigzag(varint(&mut self.rest)?) as i16,
            (true, step) => last.wrapping_add(i16::from(step)),
        };
        Some(kind)
    }

    fn len(&mut self) -> Option<u64> {
        if self.compact { varint(&mut self.rest) } else { self.rest.u32().map(u64::from) }
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let len = self.len()?;
        self.rest.take(usize::try_from(len).ok()?)
    }

    fn skip(&mut self, kind: Kind, depth: u8) -> Option<()> {
        let fixed = match kind {
            Kind::Stop | Kind::Bool => 0,
            Kind::Byte => 1,
            Kind::Double => 8,
            Kind::Uuid => 16,
            Kind::I16 | Kind::I32 | Kind::I64 if self.compact => {
                return varint(&mut self.rest).map(drop);
            }
            Kind::I16 => 2,
            Kind::I32 => 4,
            Kind::I64 => 8,
            Kind::Text => return self.text().map(drop),
            _ if depth >= MAX_DEPTH => return None,
            Kind::Struct => {
                let mut last = 0;
                loop {
                    match self.field(&mut last)? {
                        Kind::Stop => return Some(()),
                        // Only the compact protocol keeps it in the header.
                        Kind::Bool if !self.compact => drop(self.rest.u8()?),
                        kind => self.skip(kind, depth + 1)?,
                    }
                }
            }
            Kind::List => {
                let (kind, len) = self.list()?;
                return self.elements(&[kind], len, depth);
            }
            Kind::Map => {
                let (kinds, len) = self.map()?;
                return self.elements(&kinds, len, depth);
            }
        };
        self.rest.take(fixed).map(drop)
    }

    fn list(&mut self) -> Option<(Kind, u64)> {
        let head = self.rest.u8()?;
        if !self.compact {
            return Some((self.kind(head)?, u64::from(self.rest.u32()?)));
        }
        let len = match head >> 4 {
            15 => varint(&mut self.rest)?,
            n => u64::from(n),
        };
        Some((self.kind(head & 15)?, len))
    }

    fn map(&mut self) -> Option<([Kind; 2], u64)> {
        if !self.compact {
            let (key, value) = (self.rest.u8()?, self.rest.u8()?);
            return Some(([self.kind(key)?, self.kind(value)?], u64::from(self.rest.u32()?)));
        }
        let len = varint(&mut self.rest)?;
        if len == 0 {
            return Some(([Kind::Byte; 2], 0));
        }
        let kinds = self.rest.u8()?;
        Some(([self.kind(kinds >> 4)?, self.kind(kinds & 15)?], len))
    }

    /// Each element takes a byte at least, so that work is bounded by the bytes.
    fn elements(&mut self, kinds: &[Kind], len: u64, depth: u8) -> Option<()> {
        for _ in 0..len {
            for kind in kinds {
                match kind {
                    Kind::Stop => return None,
                    Kind::Bool => drop(self.rest.u8()?),
                    kind => self.skip(*kind, depth + 1)?,
                }
            }
        }
        Some(())
    }

    /// Text and type of an exception of the protocol: fields 1 and 2.
    pub(super) fn exception(&mut self) -> (&'a [u8], Option<i32>) {
        let (mut text, mut code, mut number) = (&b""[..], None, 0);
        while let Some(kind) = self.field(&mut number) {
            match (number, kind) {
                (_, Kind::Stop) => break,
                (1, Kind::Text) => match self.text() {
                    Some(found) => text = found,
                    None => break,
                },
                (2, Kind::I32) => {
                    code = match self.compact {
                        true => varint(&mut self.rest).map(|n| zigzag(n) as i32),
                        false => self.rest.u32().map(|n| n as i32),
                    };
                }
                (_, kind) if self.skip(kind, 0).is_none() => break,
                _ => {}
            }
        }
        (text, code)
    }

    /// The first text of an exception that the method declares, if the answer is one.
    pub(super) fn declared(&mut self) -> Option<&'a [u8]> {
        let mut number = 0;
        let kind = self.field(&mut number)?;
        if number < 1 || kind != Kind::Struct {
            return None;
        }
        let mut number = 0;
        while let Some(kind) = self.field(&mut number) {
            match kind {
                Kind::Stop => break,
                Kind::Text => return self.text(),
                Kind::Bool if !self.compact => drop(self.rest.u8()),
                kind if self.skip(kind, 0).is_none() => break,
                _ => {}
            }
        }
        Some(b"exception")
    }
}
