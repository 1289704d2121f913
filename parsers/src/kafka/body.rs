//! Walking along a body as `api.rs` describes it, and what was found on the way.

use super::api::{Field, Op};
use crate::bytes::Reader;

/// What a body said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) topic: &'a [u8],
    pub(super) topic_id: &'a [u8],
    pub(super) partition: Option<i32>,
    pub(super) offset: Option<i64>,
    pub(super) group: &'a [u8],
    pub(super) transaction: &'a [u8],
    pub(super) about: &'a [u8],
    pub(super) acks: Option<i16>,
    /// The first records, as far as they are there.
    pub(super) records: &'a [u8],
    /// The first error; 0 when things went well.
    pub(super) error: Option<i16>,
    pub(super) message: &'a [u8],
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// At the end, or where enough was read.
    Done,
    /// The bytes were used up before.
    Short,
    /// This cannot be such a body.
    Bad,
    /// The rest is not worth reading.
    Stopped,
}

/// A body, read in one version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) version: u8,
    /// In the compact encoding.
    pub(super) compact: bool,
    /// Of arrays only the first element counts (requests).
    pub(super) first_only: bool,
}

impl<'a> Body<'a> {
    /// Walks to the end, or as far as it goes.
    pub(super) fn walk(&mut self, fields: &'static [Field], found: &mut Found<'a>) -> Walk {
        for field in fields {
            if self.version < field.from || self.version > field.to {
                continue;
            }
            match self.field(field.op, found) {
                Some(Walk::Done) => {}
                Some(other) => return other,
                None => return Walk::Short,
            }
        }
        Walk::Done
    }

    fn field(&mut self, op: Op, found: &mut Found<'a>) -> Option<Walk> {
        match op {
            Op::Skip(n) => drop(self.reader.take(usize::from(n))?),
            Op::Text => drop(self.text()?),
            Op::Topic => keep(&mut found.topic, self.text()?),
            Op::TopicId => keep(&mut found.topic_id, self.reader.take(16)?),
            Op::Group => keep(&mut found.group, self.text()?),
            Op::Transaction => keep(&mut found.transaction, self.text()?),
            Op::About => keep(&mut found.about, self.text()?),
            Op::Partition => {
                let n = self.reader.u32()? as i32;
                found.partition = found.partition.or(Some(n));
                if n < -1 {
                    return Some(Walk::Bad);
                }
            }
            Op::Offset => {
                let n = self.reader.u64()? as i64;
                found.offset = found.offset.or(Some(n));
            }
            Op::Acks => {
                let acks = self.reader.u16()? as i16;
                found.acks = Some(acks);
                if !(-1..=1).contains(&acks) {
                    return Some(Walk::Bad);
                }
            }
            Op::Error => {
                let error = self.reader.u16()? as i16;
                if found.error.is_none_or(|e| e == 0) {
                    found.error = Some(error);
                }
            }
            Op::Message => {
                let text = self.text()?;
                if found.error.is_some_and(|e| e != 0) {
                    keep(&mut found.message, text);
                }
            }
            Op::Records => {
                let Some(len) = self.length(4)? else { return Some(Walk::Done) };
                let there = &self.reader.0[..len.min(self.reader.0.len())];
                keep(&mut found.records, there);
                self.reader.take(len)?;
            }
            Op::Each(fields) => return self.each(fields, found),
            Op::Stop => return Some(Walk::Stopped),
        }
        Some(Walk::Done)
    }

    fn each(&mut self, fields: &'static [Field], found: &mut Found<'a>) -> Option<Walk> {
        let count = self.length(4)?.unwrap_or(0);
        // Each element has bytes, in messages that are not longer than this.
        if count > super::MAX_MESSAGE {
            return Some(Walk::Bad);
        }
        for _ in 0..count {
            match self.walk(fields, found) {
                Walk::Done => {}
                other => return Some(other),
            }
            // Elements of one field are plain values.
            if self.compact && fields.len() > 1 {
                self.tags()?;
            }
            if self.first_only {
                return Some(Walk::Stopped);
            }
        }
        Some(Walk::Done)
    }

    /// A length, in so many bytes where it is not compact; `None` inside for nothing at all.
    fn length(&mut self, bytes: usize) -> Option<Option<usize>> {
        if self.compact {
            return self.reader.varint().map(|n| n.checked_sub(1).map(|n| n as usize));
        }
        let n = match bytes {
            2 => i32::from(self.reader.u16()? as i16),
            _ => self.reader.u32()? as i32,
        };
        Some(usize::try_from(n).ok())
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        match self.length(2)? {
            Some(len) => self.reader.take(len),
            None => Some(b""),
        }
    }

    /// Tagged fields, which say nothing here.
    pub(super) fn tags(&mut self) -> Option<()> {
        for _ in 0..self.reader.varint()? {
            self.reader.varint()?;
            let len = self.reader.varint()?;
            self.reader.take(len as usize)?;
        }
        Some(())
    }
}

fn keep<'a>(place: &mut &'a [u8], text: &'a [u8]) {
    if place.is_empty() {
        *place = text;
    }
}
