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
//! numbers:  which rows have one (bits 0-1 of a byte), how they are written (bits 2-4), then
//!   rows: 0 none   1 all   2 a bitmap   3 a list: count varint, packed
//!   0 one number for all: varint
//!   1 packed: width in bits u8, as many as fit into each u64; of widths of 22 to 24 and 33 to 56
//!     bits each in whole bytes
//!   2 above a base: varint, then packed differences
//!   3 steps: the first number varint, then packed steps to the next, zigzag
//!   4 halves: the lower 32 bits of all, then the upper, both as numbers that all rows have
//! ```
//!
//! Rows without a number hold the default. Ids and times go as steps, addresses above a base,
//! counters as they are; what is the same in every row costs nothing ([`numbers`]).
//! [`mod@super::unpack`] restores the plain columns.

mod numbers;

use crate::block::{ColumnBlock, Numbers, Raw, put_varint};
use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};
use numbers::Scratch;
pub(super) use numbers::{packed_len, stride, unzigzag};

/// Rows with a number, bits 0-1 of the byte before numbers.
pub(super) mod rows {
    pub(in crate::wire) const NONE: u8 = 0;
    pub(in crate::wire) const ALL: u8 = 1;
    pub(in crate::wire) const BITMAP: u8 = 2;
    pub(in crate::wire) const LIST: u8 = 3;
}

/// Form of numbers, bits 2-4 of the byte before them.
pub(super) mod form {
    pub(in crate::wire) const SAME: u8 = 0;
    pub(in crate::wire) const PACKED: u8 = 1;
    pub(in crate::wire) const BASED: u8 = 2;
    pub(in crate::wire) const STEPS: u8 = 3;
    pub(in crate::wire) const HALVES: u8 = 4;
}

/// Form of a column of text.
pub(super) const STRINGS: u8 = 0;
pub(super) const WORDS: u8 = 1;
pub(super) const IDS: u8 = 2;
pub(super) const HEX: u8 = 3;

/// Bytes of text below which LZ4 is not tried: it begins by forgetting all it knew.
const TEXT_MIN: usize = 256;

/// Columns on their way into a frame, and the memory for that.
#[derive(Default)]
pub struct Packer {
    /// The frame while its columns are appended.
    frame: Vec<u8>,
    /// The column that is being packed.
    column: Vec<u8>,
    text: Vec<u8>,
    /// Where the text of the column begins.
    text_from: usize,
    scratch: Scratch,
    lens: Vec<u32>,
    table: CompressTable,
    compressed: Vec<u8>,
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").field("frame", &self.frame.len()).finish_non_exhaustive()
    }
}

impl Packer {
    /// Appends the body of a frame with the rows of a block.
    pub(super) fn body(&mut self, block: &dyn ColumnBlock, out: &mut Vec<u8>) {
        self.column.clear();
        self.text.clear();
        self.text_from = 0;
        self.frame = std::mem::take(out);
        let at = self.frame.len();
        self.frame.extend_from_slice(&[0; 8]);
        block.pack(self);
        *out = std::mem::take(&mut self.frame);
        let (columns_len, text_len) = (out.len() - at - 8, self.text.len());
        out[at..at + 4].copy_from_slice(&(columns_len as u32).to_le_bytes());
        out[at + 4..at + 8].copy_from_slice(&(text_len as u32).to_le_bytes());
        self.append_text(out);
    }

    /// Ends a column.
    pub(crate) fn end_column(&mut self, id: u16, code: u8) {
        let out = &mut self.frame;
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
    pub(crate) fn lens(&mut self, lens: impl Iterator<Item = u32>) {
        self.lens.clear();
        self.lens.extend(lens);
        self.scratch.each(&mut self.column, &self.lens);
    }

    /// The numbers of `rows` rows.
    pub(crate) fn numbers<R: Raw>(&mut self, numbers: &Numbers<R>, rows: usize) {
        self.scratch.dense(&mut self.column, numbers, rows);
    }

    /// The first `set` numbers, of those of `rows` rows that have a bit in `map`.
    pub(crate) fn some_numbers<R: Raw>(
        &mut self,
        numbers: &Numbers<R>,
        set: usize,
        map: &[u8],
        rows: usize,
    ) {
        self.scratch.some(&mut self.column, numbers, set, map, rows);
    }

    /// Appends the text of all columns, compressed where that is shorter.
    fn append_text(&mut self, out: &mut Vec<u8>) {
        if self.text.len() < TEXT_MIN {
            out.extend_from_slice(&self.text);
            return;
        }
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
