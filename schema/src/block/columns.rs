//! The column types that generated blocks are made of, all of them sparse numbers and text.

use super::{Bits, BlockColumn, Packer, Sparse, Words};

/// Bytes of an array's end when unpacked.
const END: usize = 8;

/// Numbers; 0 is the default.
#[derive(Debug, Default)]
pub(crate) struct Fixed<T>(Sparse<T>);

impl<T: Bits> Fixed<T> {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: T) {
        if value.bits() != 0 {
            self.0.set(row, value);
        }
    }
}

impl<T: Bits> BlockColumn for Fixed<T> {
    fn is_default(&self) -> bool {
        self.0.is_empty()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * T::WIDTH
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.sparse(&self.0, rows);
    }
    fn clear(&mut self) {
        self.0.clear();
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
    fn clear(&mut self) {
        self.0.clear();
    }
}

/// IPv6 addresses in network order, as two numbers each: hosts share their first halves.
#[derive(Debug, Default)]
pub(crate) struct Ipv6s {
    high: Fixed<u64>,
    low: Fixed<u64>,
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
        self.high.is_default() && self.low.is_default()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * 16
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.sparse(&self.high.0, rows);
        out.sparse(&self.low.0, rows);
    }
    fn clear(&mut self) {
        self.high.clear();
        self.low.clear();
    }
}

/// Numbers that may be absent.
#[derive(Debug, Default)]
pub(crate) struct Nullable<T>(Sparse<T>);

impl<T: Bits> Nullable<T> {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: Option<T>) {
        if let Some(value) = value {
            self.0.set(row, value);
        }
    }
}

impl<T: Bits> BlockColumn for Nullable<T> {
    fn is_default(&self) -> bool {
        self.0.is_empty()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * (1 + T::WIDTH)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.sparse(&self.0, rows);
    }
    fn clear(&mut self) {
        self.0.clear();
    }
}

/// Lists of numbers.
#[derive(Debug, Default)]
pub(crate) struct Arrays<T> {
    counts: Sparse<u32>,
    items: Sparse<T>,
}

impl<T: Bits> Arrays<T> {
    #[inline]
    pub(crate) fn set(&mut self, row: usize, values: &[T]) {
        if !values.is_empty() {
            self.counts.set(row, values.len() as u32);
            for value in values {
                self.items.push(*value);
            }
        }
    }
}

impl<T: Bits> BlockColumn for Arrays<T> {
    fn is_default(&self) -> bool {
        self.counts.is_empty()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * END + self.items.len() * T::WIDTH
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.sparse(&self.counts, rows);
        out.sparse(&self.items, self.items.len());
    }
    fn clear(&mut self) {
        self.counts.clear();
        self.items.clear();
    }
}

/// Lists of text that repeats.
#[derive(Debug, Default)]
pub(crate) struct WordArrays {
    counts: Sparse<u32>,
    len: usize,
    items: Words,
}

impl WordArrays {
    #[inline]
    pub(crate) fn set(&mut self, row: usize, values: &[&str]) {
        if !values.is_empty() {
            self.counts.set(row, values.len() as u32);
            self.len += values.len();
            for value in values {
                self.items.push(value);
            }
        }
    }
}

impl BlockColumn for WordArrays {
    fn is_default(&self) -> bool {
        self.counts.is_empty()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * END + self.items.data_len(self.len)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.sparse(&self.counts, rows);
        self.items.pack(self.len, out);
    }
    fn clear(&mut self) {
        self.counts.clear();
        self.len = 0;
        self.items.clear();
    }
}

/// Maps from small numbers to counts.
#[derive(Debug, Default)]
pub(crate) struct Maps {
    counts: Sparse<u32>,
    keys: Sparse<u16>,
    values: Sparse<u64>,
}

impl Maps {
    #[inline]
    pub(crate) fn set(&mut self, row: usize, entries: &[(u16, u64)]) {
        if !entries.is_empty() {
            self.counts.set(row, entries.len() as u32);
            for (key, value) in entries {
                self.keys.push(*key);
                self.values.push(*value);
            }
        }
    }
}

impl BlockColumn for Maps {
    fn is_default(&self) -> bool {
        self.counts.is_empty()
    }
    fn data_len(&self, rows: usize) -> usize {
        rows * END + self.keys.len() * (u16::WIDTH + u64::WIDTH)
    }
    fn pack(&self, rows: usize, out: &mut Packer) {
        out.sparse(&self.counts, rows);
        out.sparse(&self.keys, self.keys.len());
        out.sparse(&self.values, self.values.len());
    }
    fn clear(&mut self) {
        self.counts.clear();
        self.keys.clear();
        self.values.clear();
    }
}
