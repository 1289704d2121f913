//! Columns under construction: what the agent's `record` stage appends rows to.
//!
//! Each column is a plain vector in the layout the wire and ClickHouse use, so appending a row is
//! a push per column and encoding a block is a copy per column. Whether a column holds anything
//! but its default is known from an OR over what was pushed, without a branch per value; a column
//! that does not is left out when encoding. The generated `Block` of a table is one of these per
//! agent-filled column.

use crate::def::{TableDef, Type};
use zerocopy::{Immutable, IntoBytes};

/// Bytes before each column on the wire: id, type code, length.
pub const COLUMN_HEADER_LEN: usize = 2 + 1 + 4;

/// Rows of one table as columns.
pub trait ColumnBlock {
    /// Which table.
    fn table(&self) -> &'static TableDef;
    /// How many rows.
    fn rows(&self) -> usize;
    /// How many bytes [`ColumnBlock::encode`] would append. A sum over the columns: ask per batch,
    /// not per row.
    fn raw_bytes(&self) -> usize;
    /// Appends the uncompressed wire body: the columns that hold anything but their default,
    /// ascending by id.
    fn encode(&self, out: &mut Vec<u8>);
    /// Drops the rows and keeps the memory.
    fn clear(&mut self);
}

/// A column in the wire layout.
pub(crate) trait WireColumn {
    /// Every value so far is the default.
    fn is_default(&self) -> bool;
    /// Bytes of the column's values.
    fn data_len(&self) -> usize;
    /// Appends the values.
    fn write(&self, out: &mut Vec<u8>);
    /// Drops the values, keeps the memory.
    fn clear(&mut self);
    /// Bytes on the wire with the header, 0 when left out.
    fn wire_len(&self) -> usize {
        if self.is_default() { 0 } else { COLUMN_HEADER_LEN + self.data_len() }
    }
}

/// Appends one column with its header, unless every value is the default.
pub(crate) fn put<C: WireColumn>(out: &mut Vec<u8>, id: u16, ty: Type, column: &C) {
    if column.is_default() {
        return;
    }
    out.extend_from_slice(&id.to_le_bytes());
    out.push(ty.wire_code());
    // A longer column wraps here; sealing refuses a block beyond its much lower limit.
    out.extend_from_slice(&(column.data_len() as u32).to_le_bytes());
    column.write(out);
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

/// A value whose bits can be gathered to see whether any was set.
pub(crate) trait Bits: Copy + Default + IntoBytes + Immutable {
    /// Gathers the bits of `self` in `seen`.
    fn gather(self, seen: &mut u64);
}

macro_rules! bits {
    ($($t:ty => $to:expr),*) => {$(
        impl Bits for $t {
            #[inline(always)]
            fn gather(self, seen: &mut u64) {
                let to: fn($t) -> u64 = $to;
                *seen |= to(self);
            }
        }
    )*};
}
bits!(u8 => u64::from, u16 => u64::from, u32 => u64::from, u64 => |v| v,
      i32 => |v| u64::from(v as u32), i64 => |v| v as u64, f64 => f64::to_bits);

/// Numbers.
#[derive(Debug, Default)]
pub(crate) struct Fixed<T> {
    data: Vec<T>,
    seen: u64,
}

impl<T: Bits> Fixed<T> {
    #[inline(always)]
    pub(crate) fn push(&mut self, value: T) {
        value.gather(&mut self.seen);
        self.data.push(value);
    }
}

impl<T: Bits> WireColumn for Fixed<T> {
    fn is_default(&self) -> bool {
        self.seen == 0
    }
    fn data_len(&self) -> usize {
        size_of_val(self.data.as_slice())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.data.as_bytes());
    }
    fn clear(&mut self) {
        self.data.clear();
        self.seen = 0;
    }
}

/// IPv4 addresses, pushed in network order, stored as ClickHouse stores them: as numbers.
#[derive(Debug, Default)]
pub(crate) struct Ipv4s(Fixed<u32>);

impl Ipv4s {
    #[inline(always)]
    pub(crate) fn push(&mut self, address: [u8; 4]) {
        self.0.push(u32::from_be_bytes(address));
    }
}

impl WireColumn for Ipv4s {
    fn is_default(&self) -> bool {
        self.0.is_default()
    }
    fn data_len(&self) -> usize {
        self.0.data_len()
    }
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }
    fn clear(&mut self) {
        self.0.clear();
    }
}

/// IPv6 addresses in network order.
#[derive(Debug, Default)]
pub(crate) struct Ipv6s {
    data: Vec<[u8; 16]>,
    seen: u128,
}

impl Ipv6s {
    #[inline(always)]
    pub(crate) fn push(&mut self, address: [u8; 16]) {
        self.seen |= u128::from_ne_bytes(address);
        self.data.push(address);
    }
}

impl WireColumn for Ipv6s {
    fn is_default(&self) -> bool {
        self.seen == 0
    }
    fn data_len(&self) -> usize {
        self.data.len() * 16
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.data.as_flattened());
    }
    fn clear(&mut self) {
        self.data.clear();
        self.seen = 0;
    }
}

/// Strings, one after the other, each behind its length.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    bytes: Vec<u8>,
    seen: usize,
}

impl Strings {
    #[inline]
    pub(crate) fn push(&mut self, text: &str) {
        self.seen |= text.len();
        put_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

impl WireColumn for Strings {
    fn is_default(&self) -> bool {
        self.seen == 0
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
    }
    fn clear(&mut self) {
        self.bytes.clear();
        self.seen = 0;
    }
}

/// Numbers that may be absent.
#[derive(Debug, Default)]
pub(crate) struct Nullable<T> {
    nulls: Vec<u8>,
    data: Vec<T>,
    seen: bool,
}

impl<T: Bits> Nullable<T> {
    #[inline(always)]
    pub(crate) fn push(&mut self, value: Option<T>) {
        self.seen |= value.is_some();
        self.nulls.push(u8::from(value.is_none()));
        self.data.push(value.unwrap_or_default());
    }
}

impl<T: Bits> WireColumn for Nullable<T> {
    fn is_default(&self) -> bool {
        !self.seen
    }
    fn data_len(&self) -> usize {
        self.nulls.len() + size_of_val(self.data.as_slice())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.nulls);
        out.extend_from_slice(self.data.as_bytes());
    }
    fn clear(&mut self) {
        self.nulls.clear();
        self.data.clear();
        self.seen = false;
    }
}

/// Lists of numbers.
#[derive(Debug, Default)]
pub(crate) struct Arrays<T> {
    ends: Vec<u64>,
    data: Vec<T>,
}

impl<T: Bits> Arrays<T> {
    #[inline]
    pub(crate) fn push(&mut self, values: &[T]) {
        self.data.extend_from_slice(values);
        self.ends.push(self.data.len() as u64);
    }
}

impl<T: Bits> WireColumn for Arrays<T> {
    fn is_default(&self) -> bool {
        self.data.is_empty()
    }
    fn data_len(&self) -> usize {
        self.ends.len() * 8 + size_of_val(self.data.as_slice())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.ends.as_bytes());
        out.extend_from_slice(self.data.as_bytes());
    }
    fn clear(&mut self) {
        self.ends.clear();
        self.data.clear();
    }
}

/// Lists of strings.
#[derive(Debug, Default)]
pub(crate) struct StringArrays {
    ends: Vec<u64>,
    count: u64,
    strings: Strings,
}

impl StringArrays {
    #[inline]
    pub(crate) fn push(&mut self, values: &[&str]) {
        for value in values {
            self.strings.push(value);
        }
        self.count += values.len() as u64;
        self.ends.push(self.count);
    }
}

impl WireColumn for StringArrays {
    fn is_default(&self) -> bool {
        self.count == 0
    }
    fn data_len(&self) -> usize {
        self.ends.len() * 8 + self.strings.data_len()
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.ends.as_bytes());
        self.strings.write(out);
    }
    fn clear(&mut self) {
        self.ends.clear();
        self.count = 0;
        self.strings.clear();
    }
}

/// Maps from small numbers to counts.
#[derive(Debug, Default)]
pub(crate) struct Maps {
    ends: Vec<u64>,
    keys: Vec<u16>,
    values: Vec<u64>,
}

impl Maps {
    #[inline]
    pub(crate) fn push(&mut self, entries: &[(u16, u64)]) {
        self.keys.extend(entries.iter().map(|e| e.0));
        self.values.extend(entries.iter().map(|e| e.1));
        self.ends.push(self.keys.len() as u64);
    }
}

impl WireColumn for Maps {
    fn is_default(&self) -> bool {
        self.keys.is_empty()
    }
    fn data_len(&self) -> usize {
        self.ends.len() * 8 + self.keys.len() * 2 + self.values.len() * 8
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.ends.as_bytes());
        out.extend_from_slice(self.keys.as_bytes());
        out.extend_from_slice(self.values.as_bytes());
    }
    fn clear(&mut self) {
        self.ends.clear();
        self.keys.clear();
        self.values.clear();
    }
}
