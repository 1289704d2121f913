//! The column types that generated blocks are made of, all of them numbers and text.

use super::{Bits, BlockColumn, Numbers, Packer, Raw, Words};

/// Bytes of an array's end when unpacked.
const END: usize = 8;

/// Numbers; 0 is the default.
#[derive(Debug, Default)]
pub(crate) struct Fixed<T: Bits>(Numbers<T::Raw>);

impl<T: Bits> Fixed<T> {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: T) {
        self.0.set(row, value.raw());
    }
}

impl<T: Bits> BlockColumn for Fixed<T> {
    fn is_default(&self) -> bool {
        self.0.is_zero()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * T::Raw::WIDTH
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.numbers(&self.0, rows);
    }
    fn clear(&mut self, rows: usize) {
        self.0.clear(rows);
    }
}

/// IPv4 addresses, given in network order, kept as ClickHouse does: as numbers.
#[derive(Debug, Default)]
pub(crate) struct Ipv4s(Fixed<u32>);

impl Ipv4s {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, address: [u8; 4]) {
        self.0.set(row, u32::from_be_bytes(address));
    }
}

impl BlockColumn for Ipv4s {
    fn is_default(&self) -> bool {
        self.0.is_default()
    }
    fn data_len(&self, rows: usize) -> usize {
        self.0.data_len(rows)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        self.0.pack(rows, out);
    }
    fn clear(&mut self, rows: usize) {
        self.0.clear(rows);
    }
}

/// IPv6 addresses in network order, as two numbers each: hosts share their first halves.
#[derive(Debug, Default)]
pub(crate) struct Ipv6s {
    high: Numbers<u64>,
    low: Numbers<u64>,
}

impl Ipv6s {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, address: [u8; 16]) {
        let address = u128::from_be_bytes(address);
        self.high.set(row, (address >> 64) as u64);
        self.low.set(row, address as u64);
    }
}

impl BlockColumn for Ipv6s {
    fn is_default(&self) -> bool {
        self.high.is_zero() && self.low.is_zero()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * 16
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.numbers(&self.high, rows);
        out.numbers(&self.low, rows);
    }
    fn clear(&mut self, rows: usize) {
        self.high.clear(rows);
        self.low.clear(rows);
    }
}

/// Numbers that may be absent.
#[derive(Debug, Default)]
pub(crate) struct Nullable<T: Bits> {
    /// Those that are there, one after the other.
    values: Numbers<T::Raw>,
    len: usize,
    /// A bit for each row, up to the last that has one.
    rows: Vec<u8>,
}

impl<T: Bits> Nullable<T> {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: Option<T>) {
        if let Some(value) = value {
            if self.rows.len() <= row / 8 {
                self.rows.resize(row / 8 + 1, 0);
            }
            self.rows[row / 8] |= 1 << (row % 8);
            self.values.set(self.len, value.raw());
            self.len += 1;
        }
    }
}

impl<T: Bits> BlockColumn for Nullable<T> {
    fn is_default(&self) -> bool {
        self.len == 0
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * (1 + T::Raw::WIDTH)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.some_numbers(&self.values, self.len, &self.rows, rows);
    }
    fn clear(&mut self, _: usize) {
        self.values.clear(self.len);
        self.len = 0;
        self.rows.clear();
    }
}

/// Lists of numbers.
#[derive(Debug, Default)]
pub(crate) struct Arrays<T: Bits> {
    counts: Numbers<u32>,
    items: Numbers<T::Raw>,
    len: usize,
}

impl<T: Bits> Arrays<T> {
    #[inline]
    pub(crate) fn set(&mut self, row: usize, values: &[T]) {
        self.counts.set(row, values.len() as u32);
        for value in values {
            self.items.set(self.len, value.raw());
            self.len += 1;
        }
    }
}

impl<T: Bits> BlockColumn for Arrays<T> {
    fn is_default(&self) -> bool {
        self.len == 0
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * END + self.len * T::Raw::WIDTH
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.numbers(&self.counts, rows);
        out.numbers(&self.items, self.len);
    }
    fn clear(&mut self, rows: usize) {
        self.counts.clear(rows);
        self.items.clear(self.len);
        self.len = 0;
    }
}

/// Lists of text that repeats.
#[derive(Debug, Default)]
pub(crate) struct WordArrays {
    counts: Numbers<u32>,
    items: Words,
    len: usize,
}

impl WordArrays {
    #[inline]
    pub(crate) fn set(&mut self, row: usize, values: &[&str]) {
        self.counts.set(row, values.len() as u32);
        for value in values {
            self.items.set(self.len, value);
            self.len += 1;
        }
    }
}

impl BlockColumn for WordArrays {
    fn is_default(&self) -> bool {
        self.len == 0
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * END + self.items.data_len(self.len)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.numbers(&self.counts, rows);
        self.items.pack(self.len, out);
    }
    fn clear(&mut self, rows: usize) {
        self.counts.clear(rows);
        self.items.clear(self.len);
        self.len = 0;
    }
}

/// Maps from small numbers to counts.
#[derive(Debug, Default)]
pub(crate) struct Maps {
    counts: Numbers<u32>,
    keys: Numbers<u16>,
    values: Numbers<u64>,
    len: usize,
}

impl Maps {
    #[inline]
    pub(crate) fn set(&mut self, row: usize, entries: &[(u16, u64)]) {
        self.counts.set(row, entries.len() as u32);
        for (key, value) in entries {
            self.keys.set(self.len, *key);
            self.values.set(self.len, *value);
            self.len += 1;
        }
    }
}

impl BlockColumn for Maps {
    fn is_default(&self) -> bool {
        self.len == 0
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * END + self.len * (u16::WIDTH + u64::WIDTH)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.numbers(&self.counts, rows);
        out.numbers(&self.keys, self.len);
        out.numbers(&self.values, self.len);
    }
    fn clear(&mut self, rows: usize) {
        self.counts.clear(rows);
        self.keys.clear(self.len);
        self.values.clear(self.len);
        self.len = 0;
    }
}
