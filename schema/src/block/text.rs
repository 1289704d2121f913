//! Columns of text: each value for itself, each distinct one once, or ids that nothing shortens.

use super::{BlockColumn, Numbers, Packer};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Text mostly unlike any other: lengths, and all of it in a row.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    lens: Numbers<u32>,
    bytes: Vec<u8>,
    /// What the lengths take when unpacked, beyond one byte each.
    more: usize,
}

impl Strings {
    /// The text of `row`.
    #[inline]
    pub(crate) fn set(&mut self, row: usize, text: &str) {
        if !text.is_empty() {
            self.lens.set(row, text.len() as u32);
            self.more += long_len(text.len());
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }
}

/// Bytes of a length beyond the first, as ClickHouse writes it.
#[inline]
fn long_len(len: usize) -> usize {
    if len < 0x80 { 0 } else { len.ilog2() as usize / 7 }
}

impl BlockColumn for Strings {
    fn is_default(&self) -> bool {
        self.lens.is_zero()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows + self.more + self.bytes.len()
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.strings();
        out.numbers(&self.lens, rows);
        out.text(&self.bytes);
    }
    fn clear(&mut self, rows: usize) {
        self.lens.clear(rows);
        self.bytes.clear();
        self.more = 0;
    }
}

/// Ids: random, and mostly hexadecimal, so that half of each is air and the rest nothing shortens.
#[derive(Debug, Default)]
pub(crate) struct Ids(Strings);

impl Ids {
    /// The id of `row`.
    #[inline]
    pub(crate) fn set(&mut self, row: usize, text: &str) {
        self.0.set(row, text);
    }
}

impl BlockColumn for Ids {
    fn is_default(&self) -> bool {
        self.0.is_default()
    }
    fn data_len(&self, rows: usize) -> usize {
        self.0.data_len(rows)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.ids(&self.0.bytes, |out| out.numbers(&self.0.lens, rows));
    }
    fn clear(&mut self, rows: usize) {
        self.0.clear(rows);
    }
}

/// Text that repeats: each distinct value once, and its number in each row. Number 0 is the
/// empty text.
#[derive(Debug, Default)]
pub(crate) struct Words {
    numbers: Numbers<u32>,
    /// Where each word ends in `bytes`.
    ends: Vec<u32>,
    bytes: Vec<u8>,
    by_text: HashTable<u32>,
    hasher: RandomState,
    /// Number of the value before, and its text when short: values come in runs.
    last: u32,
    last_short: Short,
    /// What all values take when unpacked, beyond one byte each.
    plain: usize,
}

impl Words {
    /// The text of `row`.
    #[inline]
    pub(crate) fn set(&mut self, row: usize, text: &str) {
        if !text.is_empty() {
            let number = self.number(text.as_bytes());
            self.numbers.set(row, number);
        }
    }

    #[inline]
    fn number(&mut self, text: &[u8]) -> u32 {
        self.plain += text.len() + long_len(text.len());
        match Short::of(text) {
            Some(short) if short == self.last_short => {}
            Some(short) => {
                self.last = self.find(text);
                self.last_short = short;
            }
            None if self.last != 0 && word(&self.ends, &self.bytes, self.last) == text => {}
            None => {
                self.last = self.find(text);
                self.last_short = Short::default();
            }
        }
        self.last
    }

    fn find(&mut self, text: &[u8]) -> u32 {
        let Self { ends, bytes, by_text, hasher, .. } = self;
        let hash = hasher.hash_one(text);
        if let Some(number) = by_text.find(hash, |n| word(ends, bytes, *n) == text) {
            return *number;
        }
        bytes.extend_from_slice(text);
        ends.push(bytes.len() as u32);
        let number = ends.len() as u32;
        by_text.insert_unique(hash, number, |n| hasher.hash_one(word(ends, bytes, *n)));
        number
    }

    fn pack_words(&self, out: &mut Packer) {
        out.words(self.ends.len());
        let starts = std::iter::once(&0).chain(&self.ends);
        out.lens(self.ends.iter().zip(starts).map(|(end, start)| end - start));
        out.text(&self.bytes);
    }
}

/// A text of few bytes as numbers, which are compared faster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Short {
    /// 0 when it is none.
    len: usize,
    bytes: [u32; 2],
}

impl Short {
    #[inline]
    fn of(text: &[u8]) -> Option<Self> {
        let bytes = match *text {
            [a] => [a.into(), 0],
            [a, .., b] if text.len() < 4 => [a.into(), u32::from(b) | u32::from(text[1]) << 8],
            _ if text.len() <= 8 => {
                [*text.first_chunk::<4>()?, *text.last_chunk::<4>()?].map(u32::from_le_bytes)
            }
            _ => return None,
        };
        Some(Self { len: text.len(), bytes })
    }
}

/// The word of a number from 1 on.
#[inline]
fn word<'a>(ends: &[u32], bytes: &'a [u8], number: u32) -> &'a [u8] {
    let at = number as usize - 1;
    let from = if at == 0 { 0 } else { ends[at - 1] };
    &bytes[from as usize..ends[at] as usize]
}

impl BlockColumn for Words {
    fn is_default(&self) -> bool {
        self.numbers.is_zero()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows + self.plain
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        self.pack_words(out);
        out.numbers(&self.numbers, rows);
    }
    fn clear(&mut self, rows: usize) {
        if self.is_default() {
            return;
        }
        self.numbers.clear(rows);
        self.ends.clear();
        self.bytes.clear();
        self.by_text.clear();
        self.last = 0;
        self.last_short = Short::default();
        self.plain = 0;
    }
}
