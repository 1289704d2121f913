//! HPACK (RFC 7541) for an observer: header blocks to the few fields that rows need.
//!
//! Two things differ from an endpoint's decoder. Values of fields that nobody asks for are
//! neither decoded nor kept, also not in the table. And the table may be known in part only, when
//! the connection was joined late or bytes were lost: entries are found counted from the newest,
//! so what was seen since is right and what came before is unknown. For the same reason the
//! table need not evict as its peer does: an encoder never refers to what it has evicted.

use super::fields::{Fields, Name, Text};
use super::huffman;
use std::collections::VecDeque;

/// Entries remembered for one direction. The usual table of 4096 bytes holds 128 at most.
pub(super) const MAX_ENTRIES: usize = 512;
/// Bytes of values remembered for one direction; older values are forgotten first.
pub(super) const MAX_TEXT: usize = 8 * 1024;
/// Bytes kept of one value: what a row keeps.
pub(super) const MAX_VALUE: usize = 4096;

/// Why a block could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// It ends inside a field.
    Short,
    /// No encoder writes this.
    Invalid,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name: Name,
    /// Where its value begins, counted over the table's life, and its length.
    at: u64,
    len: u16,
}

/// The dynamic table of one direction, newest entry last.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: VecDeque<Entry>,
    text: Vec<u8>,
    /// Bytes of text forgotten so far.
    forgotten: u64,
}

impl Table {
    /// Nobody knows what was inserted meanwhile.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.forgotten += self.text.len() as u64;
        self.text.clear();
    }

    fn insert(&mut self, name: Name, value: &[u8]) {
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        let value = &value[..value.len().min(MAX_VALUE)];
        if self.text.len() + value.len() > 2 * MAX_TEXT {
            let drop = self.text.len() - MAX_TEXT;
            self.text.drain(..drop);
            self.forgotten += drop as u64;
        }
        let at = self.forgotten + self.text.len() as u64;
        self.text.extend_from_slice(value);
        self.entries.push_back(Entry { name, at, len: value.len() as u16 });
    }

    /// The entry that was inserted `back` entries before the newest.
    fn get(&self, back: usize) -> (Name, Option<&[u8]>) {
        let at = self.entries.len().checked_sub(back + 1);
        let Some(entry) = at.map(|i| self.entries[i]) else { return (Name::Unknown, None) };
        let value = entry
            .at
            .checked_sub(self.forgotten)
            .and_then(|at| self.text.get(at as usize..at as usize + usize::from(entry.len)));
        (entry.name, value)
    }
}

/// Where a field's name or value stands.
#[derive(Clone, Copy)]
struct Literal<'b> {
    bytes: &'b [u8],
    /// Offset of `bytes` in the block.
    at: usize,
    huffman: bool,
}

struct Reader<'b> {
    block: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    /// RFC 7541 5.1: an integer that begins in the low `prefix` bits of `first`.
    fn integer(&mut self, first: u8, prefix: u32) -> Result<usize, Bad> {
        let max = (1usize << prefix) - 1;
        let mut value = usize::from(first) & max;
        if value < max {
            return Ok(value);
        }
        for shift in (0..28).step_by(7) {
            let next = *self.block.get(self.at).ok_or(Bad::Short)?;
            self.at += 1;
            value += usize::from(next & 0x7f) << shift;
            if next & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Bad::Invalid)
    }

    fn literal(&mut self) -> Result<Literal<'b>, Bad> {
        let first = *self.block.get(self.at).ok_or(Bad::Short)?;
        self.at += 1;
        let len = self.integer(first, 7)?;
        let at = self.at;
        let bytes = self.block.get(at..).and_then(|b| b.get(..len)).ok_or(Bad::Short)?;
        self.at += len;
        Ok(Literal { bytes, at, huffman: first & 0x80 != 0 })
    }
}

/// Reads the fields of `block` into `fields`. Texts that have to be decoded, or stand in the
/// table, are appended to `out`; at most [`MAX_VALUE`] bytes for each name asked for.
pub(super) fn read(
    block: &[u8],
    table: &mut Table,
    fields: &mut Fields<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Bad> {
    let mut r = Reader { block, at: 0 };
    while let Some(&first) = r.block.get(r.at) {
        r.at += 1;
        if first & 0x80 != 0 {
            let index = r.integer(first, 7)?;
            indexed(index, table, fields, out)?;
        } else if first & 0xe0 == 0x20 {
            // A new size of the table. Only that of 0 says something about its entries.
            if r.integer(first, 5)? == 0 {
                table.forget();
            }
        } else {
            let insert = first & 0x40 != 0;
            let index = r.integer(first, if insert { 6 } else { 4 })?;
            let name = match index {
                0 => literal_name(r.literal()?, fields, out)?,
                1..=61 => super::fields::STATIC[index - 1].0,
                _ => table.get(index - 62).0,
            };
            let value = r.literal()?;
            let text = literal_value(name, value, fields, out)?;
            let name = fields.infer(name, text.resolve(block, out));
            if insert {
                table.insert(name, text.resolve(block, out));
            }
            fields.set(name, text);
        }
    }
    Ok(())
}

fn indexed(
    index: usize,
    table: &Table,
    fields: &mut Fields<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Bad> {
    match index {
        0 => return Err(Bad::Invalid),
        1..=61 => {
            let name = super::fields::STATIC[index - 1].0;
            fields.set(name, Text::Static(index as u8));
        }
        _ => {
            let (name, value) = table.get(index - 62);
            match value {
                // A value is copied once for each name: a block of references stays cheap.
                Some(value) if fields.wants(name) => {
                    let at = out.len();
                    out.extend_from_slice(value);
                    fields.set(name, Text::Out(at as u32, value.len() as u32));
                }
                Some(_) => fields.set(name, Text::None),
                None => fields.set(Name::Unknown, Text::None),
            }
        }
    }
    Ok(())
}

fn literal_name(literal: Literal<'_>, fields: &Fields<'_>, out: &mut Vec<u8>) -> Result<Name, Bad> {
    if !literal.huffman {
        return fields.name(literal.bytes).ok_or(Bad::Invalid);
    }
    let at = out.len();
    let decoded = huffman::decode(literal.bytes, out, super::fields::MAX_NAME + 1);
    let name = decoded.ok().and_then(|()| fields.name(&out[at..]));
    out.truncate(at);
    name.ok_or(Bad::Invalid)
}

fn literal_value(
    name: Name,
    literal: Literal<'_>,
    fields: &Fields<'_>,
    out: &mut Vec<u8>,
) -> Result<Text, Bad> {
    let keeps = matches!(name, Name::Slot(_)) || name == Name::Unknown && fields.wants(name);
    if !keeps {
        return Ok(Text::None);
    }
    if !literal.huffman {
        let len = literal.bytes.len().min(MAX_VALUE);
        return Ok(Text::Wire(literal.at as u32, len as u32));
    }
    let at = out.len();
    huffman::decode(literal.bytes, out, MAX_VALUE).map_err(|()| Bad::Invalid)?;
    Ok(Text::Out(at as u32, (out.len() - at) as u32))
}
