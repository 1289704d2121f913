//! The body of a block as it travels: columns of packed numbers, then all their text at once.
//!
//! ```text
//! body:     length of the columns u32, length of the text unpacked u32, columns, text (one LZ4
//!           block, or as it is when that is no shorter)
//! column:   id u16, type code u8, length varint, length of its text varint, then by its shape
//!   fixed, nullable   numbers (of IPv6 addresses: the first halves, then the second)
//!   strings           0, numbers: lengths; text
//!                     2, numbers: lengths, the texts as they are
//!                     3, numbers: lengths, the texts as hexadecimal digits, two to a byte
//!                     1, count of words varint, numbers: their lengths, numbers: which word
//!                     from 1 on; the words' text
//!   arrays            numbers: items by row, then the items as a column of their own
//!   maps              numbers: entries by row, numbers: keys, numbers: values
//! numbers:  which rows have one (bits 0-1 of a byte), how they are written (bits 2-3), then
//!   rows: 0 none   1 all   2 a bitmap   3 a list: count varint, packed
//!   0 one number for all: varint
//!   1 packed: width in bits u8, as many as fit into each u64
//!   2 above a base: varint, then packed differences
//!   3 steps: the first number varint, then packed steps to the next, zigzag
//! ```
//!
//! Rows without a number hold the default. Ids and times go as steps, addresses above a base,
//! counters as they are; what is the same in every row costs nothing. [`mod@super::unpack`] restores
//! the plain columns.

use crate::block::{Bits, Held, Sparse, put_varint};
use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

/// Rows with a number, bits 0-1 of the byte before numbers.
pub(super) mod rows {
    pub(in crate::wire) const NONE: u8 = 0;
    pub(in crate::wire) const ALL: u8 = 1;
    pub(in crate::wire) const BITMAP: u8 = 2;
    pub(in crate::wire) const LIST: u8 = 3;
}

/// Form of numbers, bits 2-3 of the byte before them.
pub(super) mod form {
    pub(in crate::wire) const SAME: u8 = 0;
    pub(in crate::wire) const PACKED: u8 = 1;
    pub(in crate::wire) const BASED: u8 = 2;
    pub(in crate::wire) const STEPS: u8 = 3;
}

/// Form of a column of text.
pub(super) const STRINGS: u8 = 0;
pub(super) const WORDS: u8 = 1;
pub(super) const IDS: u8 = 2;
pub(super) const HEX: u8 = 3;

/// Numbers up to this width are written as they are: looking for a base costs more than it saves.
const PLAIN_BITS: u32 = 16;

/// Columns on their way into a frame, and the memory for that.
#[derive(Default)]
pub struct Packer {
    columns: Vec<u8>,
    /// The column that is being packed.
    column: Vec<u8>,
    text: Vec<u8>,
    /// Where the text of the column begins.
    text_from: usize,
    bitmap: Vec<u8>,
    table: CompressTable,
    compressed: Vec<u8>,
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").field("columns", &self.columns.len()).finish_non_exhaustive()
    }
}

impl Packer {
    /// Begins a block.
    pub(super) fn clear(&mut self) {
        self.columns.clear();
        self.column.clear();
        self.text.clear();
        self.text_from = 0;
    }

    /// Ends a column.
    pub(crate) fn end_column(&mut self, id: u16, code: u8) {
        let out = &mut self.columns;
        out.extend_from_slice(&id.to_le_bytes());
        out.push(code);
        put_varint(out, self.column.len() as u64);
        put_varint(out, (self.text.len() - self.text_from) as u64);
        out.extend_from_slice(&self.column);
        self.column.clear();
        self.text_from = self.text.len();
    }

    /// Text as it is follows.
    pub(crate) fn strings(&mut self) {
        self.column.push(STRINGS);
    }

    /// So many words follow.
    pub(crate) fn words(&mut self, count: usize) {
        self.column.push(WORDS);
        put_varint(&mut self.column, count as u64);
    }

    /// Ids one after the other; `lens` packs their lengths.
    pub(crate) fn ids(&mut self, text: &[u8], lens: impl FnOnce(&mut Self)) {
        let hex = text.iter().fold(true, |hex, c| hex & matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        self.column.push(if hex { HEX } else { IDS });
        lens(self);
        if hex {
            let digit = |c: u8| (c & 15) + 9 * (c >> 6);
            let (pairs, rest) = text.as_chunks::<2>();
            self.column.extend(pairs.iter().map(|[a, b]| digit(*a) << 4 | digit(*b)));
            self.column.extend(rest.iter().map(|c| digit(*c) << 4));
        } else {
            self.column.extend_from_slice(text);
        }
    }

    /// Text of the column.
    pub(crate) fn text(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
    }

    /// Lengths.
    pub(crate) fn lens(&mut self, lens: impl Iterator<Item = u32> + Clone) {
        let (mut any, mut count) = (0, 0);
        for len in lens.clone() {
            any |= u64::from(len);
            count += 1;
        }
        self.numbers(rows::ALL, &[], lens.map(u64::from), count, any);
    }

    /// The numbers of `rows` rows.
    pub(crate) fn sparse<T: Bits>(&mut self, numbers: &Sparse<T>, rows: usize) {
        let (values, listed) = match numbers.held() {
            Held::Each(values, listed) => (values, listed),
            Held::Alike(value, n) => {
                let (which, map) = match n == rows {
                    true => (rows::ALL, Vec::new()),
                    false => (rows::BITMAP, self.bitmap(n, &[], rows)),
                };
                self.column.push(which | form::SAME << 2);
                self.column.extend_from_slice(&map);
                put_varint(&mut self.column, value.bits());
                return self.keep(map);
            }
        };
        let (n, any) = (values.len(), numbers.any());
        let all = values.iter().map(|v| v.bits());
        if n == rows {
            return self.numbers(rows::ALL, &[], all, n, any);
        }
        let Some(last) = listed.last() else {
            if n == 0 {
                return self.column.push(rows::NONE);
            }
            // The first rows have one, the rest has none.
            let map = self.bitmap(n, &[], rows);
            self.numbers(rows::BITMAP, &map, all, n, any);
            return self.keep(map);
        };
        let first = n - listed.len();
        let width = width(u64::from(*last));
        if first == 0 && packed_len(n, width) < rows / 8 {
            let mut list = std::mem::take(&mut self.bitmap);
            list.clear();
            put_varint(&mut list, n as u64);
            pack(&mut list, listed.iter().map(|r| u64::from(*r)), n, width);
            self.numbers(rows::LIST, &list, all, n, any);
            self.keep(list);
        } else {
            let map = self.bitmap(first, listed, rows);
            self.numbers(rows::BITMAP, &map, all, n, any);
            self.keep(map);
        }
    }

    /// Takes the memory of a bitmap back.
    fn keep(&mut self, bitmap: Vec<u8>) {
        if bitmap.capacity() > 0 {
            self.bitmap = bitmap;
        }
    }

    /// A bit for each of the `first` rows and of those listed.
    fn bitmap(&mut self, first: usize, listed: &[u16], rows: usize) -> Vec<u8> {
        let mut map = std::mem::take(&mut self.bitmap);
        map.clear();
        map.resize(first / 8, 0xff);
        map.resize(rows.div_ceil(8), 0);
        if !first.is_multiple_of(8) {
            map[first / 8] = (1 << (first % 8)) - 1;
        }
        for row in listed {
            map[usize::from(row / 8)] |= 1 << (row % 8);
        }
        map
    }

    fn numbers(
        &mut self,
        which: u8,
        rows: &[u8],
        values: impl Iterator<Item = u64> + Clone,
        count: usize,
        any: u64,
    ) {
        let out = &mut self.column;
        let mut rest = values.clone();
        let first = rest.next().unwrap_or(0);
        if rest.all(|v| v == first) {
            out.push(which | form::SAME << 2);
            out.extend_from_slice(rows);
            put_varint(out, first);
            return;
        }
        let plain = width(any);
        if plain <= PLAIN_BITS {
            out.push(which | form::PACKED << 2);
            out.extend_from_slice(rows);
            return pack(out, values, count, plain);
        }
        let (mut min, mut max, mut steps, mut last) = (first, first, 0, first);
        for v in values.clone() {
            min = min.min(v);
            max = max.max(v);
            steps |= zigzag(v.wrapping_sub(last));
            last = v;
        }
        let (above, steps) = (width(max - min), width(steps));
        let len = |width| packed_len(count, width);
        if len(steps) < len(above) {
            out.push(which | form::STEPS << 2);
            out.extend_from_slice(rows);
            put_varint(out, first);
            let mut last = first;
            let steps_of = values.skip(1).map(move |v| {
                let step = v.wrapping_sub(last);
                last = v;
                zigzag(step)
            });
            pack(out, steps_of, count - 1, steps);
        } else if len(above) < len(plain) {
            out.push(which | form::BASED << 2);
            out.extend_from_slice(rows);
            put_varint(out, min);
            pack(out, values.map(|v| v - min), count, above);
        } else {
            out.push(which | form::PACKED << 2);
            out.extend_from_slice(rows);
            pack(out, values, count, plain);
        }
    }

    /// Appends the body to `out`.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.columns.len() as u32).to_le_bytes());
        out.extend_from_slice(&(self.text.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.columns);
        let room = get_maximum_output_size(self.text.len());
        if self.compressed.len() < room {
            self.compressed.resize(room, 0);
        }
        match compress_into_with_table(&self.text, &mut self.compressed, &mut self.table) {
            Ok(n) if n < self.text.len() => out.extend_from_slice(&self.compressed[..n]),
            _ => out.extend_from_slice(&self.text),
        }
    }
}

/// Bits that a number needs, at least one.
#[inline]
fn width(any: u64) -> u32 {
    (any | 1).ilog2() + 1
}

/// A step of either sign as a small number.
#[inline]
fn zigzag(step: u64) -> u64 {
    (step << 1) ^ ((step as i64 >> 63) as u64)
}

/// The step that [`zigzag`] was given.
#[inline]
pub(super) fn unzigzag(z: u64) -> u64 {
    (z >> 1) ^ (z & 1).wrapping_neg()
}

/// Bytes that [`pack`] makes of `count` numbers, its width byte not counted: whole words, the
/// last one cut behind its last number.
#[inline]
pub(super) fn packed_len(count: usize, width: u32) -> usize {
    let by_word = (64 / width) as usize;
    count / by_word * 8 + (count % by_word * width as usize).div_ceil(8)
}

/// Appends numbers of at most `width` bits, as many as fit into each word.
fn pack(out: &mut Vec<u8>, values: impl Iterator<Item = u64>, count: usize, width: u32) {
    let by_word = 64 / width;
    out.push(width as u8);
    let at = out.len();
    out.reserve(packed_len(count, width) + 8);
    let (mut word, mut shift, mut left) = (0, 0, by_word);
    for v in values {
        word |= v << shift;
        shift += width;
        left -= 1;
        if left == 0 {
            out.extend_from_slice(&word.to_le_bytes());
            (word, shift, left) = (0, 0, by_word);
        }
    }
    out.extend_from_slice(&word.to_le_bytes());
    out.truncate(at + packed_len(count, width));
}
