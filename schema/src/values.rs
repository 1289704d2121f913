//! Reading the values of a column: iterators over the bytes of one that was validated.

/// Values of `N` bytes.
fn fixed<const N: usize>(
    data: &[u8],
) -> impl ExactSizeIterator<Item = [u8; N]> + DoubleEndedIterator + '_ {
    data.as_chunks::<N>().0.iter().copied()
}

/// UInt16 values.
pub fn u16s(data: &[u8]) -> impl ExactSizeIterator<Item = u16> + DoubleEndedIterator + '_ {
    fixed(data).map(u16::from_le_bytes)
}

/// UInt32 and DateTime values, and IPv4 addresses as numbers.
pub fn u32s(data: &[u8]) -> impl ExactSizeIterator<Item = u32> + DoubleEndedIterator + '_ {
    fixed(data).map(u32::from_le_bytes)
}

/// UInt64 values, and the ends of arrays.
pub fn u64s(data: &[u8]) -> impl ExactSizeIterator<Item = u64> + DoubleEndedIterator + '_ {
    fixed(data).map(u64::from_le_bytes)
}

/// Int32 values.
pub fn i32s(data: &[u8]) -> impl ExactSizeIterator<Item = i32> + DoubleEndedIterator + '_ {
    fixed(data).map(i32::from_le_bytes)
}

/// Int64 and DateTime64 values.
pub fn i64s(data: &[u8]) -> impl ExactSizeIterator<Item = i64> + DoubleEndedIterator + '_ {
    fixed(data).map(i64::from_le_bytes)
}

/// Float64 values.
pub fn f64s(data: &[u8]) -> impl ExactSizeIterator<Item = f64> + DoubleEndedIterator + '_ {
    fixed(data).map(f64::from_le_bytes)
}

/// IPv6 addresses in network order.
pub fn ipv6s(data: &[u8]) -> impl ExactSizeIterator<Item = [u8; 16]> + DoubleEndedIterator + '_ {
    fixed(data)
}

/// Strings, as the bytes they are.
pub fn strings(data: &[u8]) -> Strings<'_> {
    Strings { rest: data }
}

/// See [`strings`].
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    rest: &'a [u8],
}

impl<'a> Strings<'a> {
    /// The bytes that were not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (len, used) = varint(self.rest)?;
        let (text, rest) = self.rest[used..].split_at_checked(usize::try_from(len).ok()?)?;
        self.rest = rest;
        Some(text)
    }
}

/// Bytes that the first `count` strings take; `None` when there are not so many.
pub(crate) fn strings_len(data: &[u8], count: usize) -> Option<usize> {
    let mut all = strings(data);
    for _ in 0..count {
        all.next()?;
    }
    Some(data.len() - all.rest().len())
}

/// A LEB128 number of up to five bytes and how many bytes it took: no column is as long as 4 GiB.
#[inline]
fn varint(data: &[u8]) -> Option<(u64, usize)> {
    let first = *data.first()?;
    if first < 0x80 {
        return Some((u64::from(first), 1));
    }
    let mut value = u64::from(first & 0x7f);
    for (i, byte) in data.iter().enumerate().take(5).skip(1) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if *byte < 0x80 {
            return Some((value, i + 1));
        }
    }
    None
}
