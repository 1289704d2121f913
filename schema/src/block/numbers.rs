//! Numbers of which most are 0: one for each row, and which bits any of them has.

use std::ops::{BitOr, BitXor};

/// A number as it is kept: without a sign, as wide as its column.
pub(crate) trait Raw:
    Copy + Default + PartialEq + BitOr<Output = Self> + BitXor<Output = Self> + Into<u64>
{
    /// Bytes when unpacked.
    const WIDTH: usize = size_of::<Self>();
}

impl Raw for u8 {}
impl Raw for u16 {}
impl Raw for u32 {}
impl Raw for u64 {}

/// A number as rows have it.
pub(crate) trait Bits: Copy {
    /// What it is kept as.
    type Raw: Raw;
    /// Its bits.
    fn raw(self) -> Self::Raw;
}

macro_rules! bits {
    ($($t:ty as $raw:ty => $to:expr),*) => {$(
        impl Bits for $t {
            type Raw = $raw;
            #[inline(always)]
            fn raw(self) -> $raw {
                let to: fn($t) -> $raw = $to;
                to(self)
            }
        }
    )*};
}
bits!(u8 as u8 => |v| v, u16 as u16 => |v| v, u32 as u32 => |v| v, u64 as u64 => |v| v,
      i32 as u32 => |v| v as u32, i64 as u64 => |v| v as u64, f64 as u64 => f64::to_bits);

/// Rows that a column has room for with its first number, and how much more each time it is full:
/// few columns are copied more than once, and memory that no row used is none.
const FIRST_ROOM: usize = 1024;
const GROWTH: usize = 4;
/// Numbers zeroed at a time: long stretches are given to an instruction that is slow to begin.
const ZEROED: usize = 64;

/// A number for each row; 0 where none was set.
#[derive(Debug, Default)]
pub(crate) struct Numbers<R> {
    /// By row; 0 behind the last row that has one.
    values: Vec<R>,
    any: R,
    /// How many are not 0.
    set: usize,
}

impl<R: Raw> Numbers<R> {
    /// The number of `row`.
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: R) {
        if value != R::default() {
            match self.values.get_mut(row) {
                Some(place) => *place = value,
                None => self.grow(row, value),
            }
            self.any = self.any | value;
            self.set += 1;
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, row: usize, value: R) {
        let room = (self.values.len() * GROWTH).max(row + 1).max(FIRST_ROOM);
        let mut values = vec![R::default(); room];
        values[..self.values.len()].copy_from_slice(&self.values);
        values[row] = value;
        self.values = values;
    }

    /// Every number is 0.
    #[inline]
    pub(crate) fn is_zero(&self) -> bool {
        self.set == 0
    }

    /// How many are not 0.
    pub(crate) fn set_count(&self) -> usize {
        self.set
    }

    /// Those of the first `rows` rows; behind the last, they are 0.
    pub(crate) fn values(&self, rows: usize) -> &[R] {
        &self.values[..rows.min(self.values.len())]
    }

    /// Bits that some number has.
    pub(crate) fn any(&self) -> R {
        self.any
    }

    /// Drops the numbers of the `rows` rows there are, keeps the memory.
    pub(crate) fn clear(&mut self, rows: usize) {
        if self.set > 0 {
            let used = rows.min(self.values.len());
            for some in self.values[..used].chunks_mut(ZEROED) {
                some.fill(R::default());
            }
            self.any = R::default();
            self.set = 0;
        }
    }
}
