//! Columns under construction: what the agent's `record` stage appends rows to.
//!
//! A row is mostly defaults, and only what is not is named: `record` sets a row's values column
//! by column, by a generated method for each, and ends the row. Setting a value is a store into
//! its column's memory, which is zero already ([`numbers`]); a column that nothing was set in is
//! neither packed nor cleared; text that repeats is kept once ([`text`]). The generated `Block` of a
//! table is one of the column types of [`columns`] per agent-filled column, and
//! [`crate::wire::pack`] says what becomes of it in a frame.

mod columns;
mod numbers;
mod text;

use crate::def::{TableDef, Type};
pub use crate::wire::pack::Packer;
pub(crate) use columns::{Arrays, Fixed, Ipv4s, Ipv6s, Maps, Nullable, WordArrays};
pub(crate) use numbers::{Bits, Numbers, Raw};
pub(crate) use text::{Ids, Strings, Words};

/// Bytes before each column when unpacked: id, type code, length.
pub const COLUMN_HEADER_LEN: usize = 2 + 1 + 4;

/// Rows of one table as columns.
pub trait ColumnBlock {
    /// Which table.
    fn table(&self) -> &'static TableDef;
    /// How many rows.
    fn rows(&self) -> usize;
    /// Ends the row whose values have been set: those of its other columns are the default.
    fn end_row(&mut self);
    /// How many bytes the columns take when unpacked, which is at least what they take here. A
    /// sum over the columns: ask per batch, not per row.
    fn raw_bytes(&self) -> usize;
    /// Packs the columns that hold anything but their default, ascending by id.
    fn pack(&self, out: &mut Packer);
    /// Drops the rows and keeps the memory.
    fn clear(&mut self);
}

/// A column that rows are appended to.
pub(crate) trait BlockColumn {
    /// Every value so far is the default.
    fn is_default(&self) -> bool;
    /// Bytes of the values of `rows` rows when unpacked.
    fn data_len(&self, rows: usize) -> usize;
    /// Packs the values of `rows` rows.
    fn pack(&self, rows: usize, out: &mut Packer);
    /// Drops the values of `rows` rows, keeps the memory.
    fn clear(&mut self, rows: usize);
    /// Bytes when unpacked with the header, 0 when left out.
    fn raw_len(&self, rows: usize) -> usize {
        if self.is_default() { 0 } else { COLUMN_HEADER_LEN + self.data_len(rows) }
    }
}

/// Packs one column, unless every value is the default.
pub(crate) fn put<C: BlockColumn>(out: &mut Packer, id: u16, ty: Type, column: &C, rows: usize) {
    if !column.is_default() {
        column.pack(rows, out);
        out.end_column(id, ty.wire_code());
    }
}

/// Appends a length or count as ClickHouse writes it.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
