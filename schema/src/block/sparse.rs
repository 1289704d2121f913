//! Numbers of which most are absent, or all alike.

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

/// The numbers of those rows that have one. As long as every row has the same one, it is kept
/// once; as long as every row has one, they alone are kept; from the first row that has none on,
/// each is kept with its row.
#[derive(Debug, Default)]
pub(crate) struct Sparse<T> {
    /// So many first rows have the number that alone is in `values`; 0 when they are not alike.
    alike: usize,
    values: Vec<T>,
    rows: Vec<u16>,
    any: u64,
}

/// What a [`Sparse`] holds.
pub(crate) enum Held<'a, T> {
    /// The first so many rows have this number.
    Alike(T, usize),
    /// Numbers of the first rows, then those of the rows listed.
    Each(&'a [T], &'a [u16]),
}

impl<T: Bits> Sparse<T> {
    /// The number of `row`, which comes after all rows that have one.
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, value: T) {
        if self.alike == row && self.values.first().is_none_or(|v| *v == value) {
            if row == 0 {
                self.any = value.bits();
                self.values.push(value);
            }
            self.alike += 1;
            return;
        }
        if self.alike != 0 {
            self.spread();
        }
        if self.values.len() != row {
            self.rows.push(row as u16);
        }
        self.any |= value.bits();
        self.values.push(value);
    }

    /// The number of the next row. To be used alone, where every row has a number.
    #[inline(always)]
    pub(crate) fn push(&mut self, value: T) {
        self.set(self.len(), value);
    }

    #[cold]
    fn spread(&mut self) {
        let alike = std::mem::take(&mut self.alike);
        if let Some(value) = self.values.first().copied() {
            self.values.resize(alike, value);
        }
    }

    /// How many rows have a number.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.alike.max(self.values.len())
    }

    /// No row has a number.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The numbers and their rows.
    pub(crate) fn held(&self) -> Held<'_, T> {
        match self.values.first() {
            Some(value) if self.alike > 0 => Held::Alike(*value, self.alike),
            _ => Held::Each(&self.values, &self.rows),
        }
    }

    /// Bits that some number has.
    pub(crate) fn any(&self) -> u64 {
        self.any
    }

    /// Drops the numbers, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.alike = 0;
        self.values.clear();
        self.rows.clear();
        self.any = 0;
    }
}
