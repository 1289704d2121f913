//! Numbers of which most are absent.

/// A number as the bits it has.
pub(crate) trait Bits: Copy + Default + PartialEq {
    /// Bytes when unpacked.
    const WIDTH: usize;
    /// Its bits, low ones first, none beyond its width.
    fn bits(self) -> u64;
}

macro_rules! bits {
    ($($t:ty => $to:expr),*) => {$(
        impl Bits for $t {
            const WIDTH: usize = size_of::<$t>();
            #[inline(always)]
            fn bits(self) -> u64 {
                let to: fn($t) -> u64 = $to;
                to(self)
            }
        }
    )*};
}
bits!(u8 => u64::from, u16 => u64::from, u32 => u64::from, u64 => |v| v,
      i32 => |v| u64::from(v as u32), i64 => |v| v as u64, f64 => f64::to_bits);

/// The numbers of those rows that have one. As long as every row has one, they alone are kept;
/// from the first that has none on, each is kept with its row.
#[derive(Debug, Default)]
pub(crate) struct Sparse<T> {
    values: Vec<T>,
    rows: Vec<u16>,
    any: u64,
}

impl<T: Bits> Sparse<T> {
    /// The number of `row`, which comes after all rows that have one.
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: T) {
        if self.values.len() != row {
            self.rows.push(row as u16);
        }
        self.push(value);
    }

    /// The number of the next row. To be used alone, where every row has a number.
    #[inline(always)]
    pub(crate) fn push(&mut self, value: T) {
        self.any |= value.bits();
        self.values.push(value);
    }

    /// All numbers.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// The rows of the last numbers; those before them are of the first rows.
    pub(crate) fn rows(&self) -> &[u16] {
        &self.rows
    }

    /// Bits that some number has.
    pub(crate) fn any(&self) -> u64 {
        self.any
    }

    /// No row has a number.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Drops the numbers, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.rows.clear();
        self.any = 0;
    }
}
