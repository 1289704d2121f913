//! Packed columns back into plain ones, see [`super::pack`]. What comes from the wire may be
//! anything: every length is checked before it is used, and nothing is written beyond what the
//! header promised.

use super::columns::taken;
use super::pack::{HEX, IDS, STRINGS, WORDS, form, packed_len, rows, stride, unzigzag};
use super::{MAX_ROWS, WireError};
use crate::block::COLUMN_HEADER_LEN;
use crate::def::{Shape, TableDef, Type};

/// LZ4 cannot expand a byte to more than this; a body that claims more is a lie.
const MAX_EXPANSION: usize = 255;

/// A body in its parts.
pub(super) struct Parts<'a> {
    columns: &'a [u8],
    text: &'a [u8],
    /// Length of the text unpacked.
    pub(super) text_len: usize,
}

/// Takes a body apart; `None` when its lengths cannot be.
pub(super) fn parts(body: &[u8]) -> Option<Parts<'_>> {
    let (columns_len, rest) = body.split_first_chunk::<4>()?;
    let (text_len, rest) = rest.split_first_chunk::<4>()?;
    let (columns, text) = rest.split_at_checked(u32::from_le_bytes(*columns_len) as usize)?;
    let text_len = u32::from_le_bytes(*text_len) as usize;
    let possible = text_len >= text.len() && text_len <= text.len() * MAX_EXPANSION;
    possible.then_some(Parts { columns, text, text_len })
}

/// Writes the plain columns of `count` rows to the front of `plain` and returns their length;
/// `text` is room for as much as [`Parts::text_len`] says.
pub(super) fn columns(
    table: &'static TableDef,
    count: usize,
    parts: &Parts<'_>,
    text: &mut [u8],
    plain: &mut [u8],
) -> Result<usize, WireError> {
    if parts.text.len() == parts.text_len {
        text.copy_from_slice(parts.text);
    } else {
        match lz4_flex::block::decompress_into(parts.text, text) {
            Ok(n) if n == text.len() => {}
            _ => return Err(WireError::Decompress),
        }
    }
    let mut text: &[u8] = text;
    let mut input = Input(parts.columns);
    let mut out = Output { plain, at: 0 };
    while !input.0.is_empty() {
        let (id, code, mut column) = input.column(&mut text).ok_or(WireError::Truncated)?;
        let Some(def) = taken(table, id) else { continue };
        if code != def.ty.wire_code() {
            return Err(WireError::ColumnType { column: id, code });
        }
        out.column(id, code, def.ty, count, &mut column).ok_or(WireError::ColumnData(id))?;
    }
    if text.is_empty() { Ok(out.at) } else { Err(WireError::Truncated) }
}

/// A column's packed bytes and its text.
struct Column<'a> {
    input: Input<'a>,
    text: &'a [u8],
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|b| b[0])
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }

    fn column(&mut self, text: &mut &'a [u8]) -> Option<(u16, u8, Column<'a>)> {
        let id = u16::from_le_bytes(*self.bytes(2)?.first_chunk()?);
        let code = self.byte()?;
        let (len, text_len) = (self.len()?, self.len()?);
        let input = Input(self.bytes(len)?);
        let (own, rest) = text.split_at_checked(text_len)?;
        *text = rest;
        Some((id, code, Column { input, text: own }))
    }

    /// Hands each number of `count` rows to `take`, with its row.
    fn numbers(&mut self, count: usize, mut take: impl FnMut(usize, u64)) -> Option<()> {
        let head = self.byte()?;
        let form = head >> 2;
        match head & 3 {
            rows::NONE => (form == 0).then_some(()),
            rows::ALL => self.values(form, count, &mut take),
            rows::BITMAP => {
                let map = self.bytes(count.div_ceil(8))?;
                let beyond = map
                    .last()
                    .is_some_and(|last| !count.is_multiple_of(8) && last >> (count % 8) != 0);
                if beyond {
                    return None;
                }
                let n = map.iter().map(|b| b.count_ones() as usize).sum();
                let mut set = map
                    .iter()
                    .enumerate()
                    .flat_map(|(at, byte)| Ones(*byte).map(move |bit| at * 8 + bit));
                self.values(form, n, &mut |_, v| {
                    if let Some(row) = set.next() {
                        take(row, v);
                    }
                })
            }
            _ => {
                let n = self.len().filter(|n| *n <= count)?;
                let mut list = Vec::with_capacity(n);
                self.packed(n, |_, row| list.push(row))?;
                let ascends = list.windows(2).all(|w| w[0] < w[1]);
                if !ascends || list.last().is_some_and(|last| *last >= count as u64) {
                    return None;
                }
                self.values(form, n, &mut |i, v| take(list[i] as usize, v))
            }
        }
    }

    fn values(&mut self, form: u8, n: usize, take: &mut impl FnMut(usize, u64)) -> Option<()> {
        match form {
            form::SAME => {
                let value = self.varint()?;
                for i in 0..n {
                    take(i, value);
                }
                Some(())
            }
            form::PACKED => self.packed(n, take),
            form::BASED => {
                let base = self.varint()?;
                self.packed(n, |i, v| take(i, v.wrapping_add(base)))
            }
            form::STEPS => {
                let mut last = self.varint()?;
                if n > 0 {
                    take(0, last);
                }
                self.packed(n.checked_sub(1)?, |i, z| {
                    last = last.wrapping_add(unzigzag(z));
                    take(i + 1, last);
                })
            }
            form::HALVES => self.halves(n, take),
            _ => None,
        }
    }

    /// Numbers in halves, of rows only: what stands for many items in few bytes needs no memory.
    fn halves(&mut self, n: usize, take: &mut impl FnMut(usize, u64)) -> Option<()> {
        if n > MAX_ROWS as usize {
            return None;
        }
        let mut whole = vec![0_u64; n];
        for shift in [0, u32::BITS] {
            let head = self.byte()?;
            let form = head >> 2;
            if head & 3 != rows::ALL || form == form::HALVES {
                return None;
            }
            let mut fit = true;
            let mut keep = |i: usize, v: u64| {
                fit &= v <= u64::from(u32::MAX);
                whole[i] |= v << shift;
            };
            // By reference: halves of halves of closures would have no end.
            let mut keep: &mut dyn FnMut(usize, u64) = &mut keep;
            self.values(form, n, &mut keep)?;
            if !fit {
                return None;
            }
        }
        whole.into_iter().enumerate().for_each(|(i, v)| take(i, v));
        Some(())
    }

    fn packed(&mut self, n: usize, mut take: impl FnMut(usize, u64)) -> Option<()> {
        let width = u32::from(self.byte()?);
        if !(1..=64).contains(&width) {
            return None;
        }
        let bytes = self.bytes(packed_len(n, width))?;
        if let Some(stride) = stride(width) {
            for (i, number) in bytes.chunks_exact(stride).enumerate() {
                let mut word = [0; 8];
                word[..stride].copy_from_slice(number);
                take(i, u64::from_le_bytes(word));
            }
            return Some(());
        }
        let by_word = (64 / width) as usize;
        let mask = u64::MAX >> (64 - width);
        let mut i = 0;
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let word = u64::from_le_bytes(word);
            for at in 0..by_word.min(n - i) {
                take(i + at, word >> (at as u32 * width) & mask);
            }
            i += by_word.min(n - i);
        }
        Some(())
    }
}

/// The bits of a byte that are set.
struct Ones(u8);

impl Iterator for Ones {
    type Item = usize;
    fn next(&mut self) -> Option<usize> {
        let at = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (at < 8).then_some(at)
    }
}

/// Plain columns, as far as there is room.
struct Output<'a> {
    plain: &'a mut [u8],
    at: usize,
}

impl Output<'_> {
    /// Room for `len` bytes, zeroed.
    fn room(&mut self, len: usize) -> Option<&mut [u8]> {
        let end = self.at.checked_add(len)?;
        let room = self.plain.get_mut(self.at..end)?;
        self.at = end;
        room.fill(0);
        Some(room)
    }

    fn column(
        &mut self,
        id: u16,
        code: u8,
        ty: Type,
        rows: usize,
        from: &mut Column<'_>,
    ) -> Option<()> {
        let start = self.at;
        self.room(COLUMN_HEADER_LEN)?;
        match ty.shape() {
            Shape::Fixed(16) => self.addresses(rows, &mut from.input)?,
            Shape::Fixed(width) => self.fixed(width, rows, &mut from.input)?,
            Shape::Strings => self.strings(rows, from)?,
            Shape::Nullable(width) => self.nullable(width, rows, &mut from.input)?,
            Shape::Arrays(width) => {
                let items = self.ends(rows, &mut from.input)?;
                self.fixed(width, items, &mut from.input)?;
            }
            Shape::StringArrays => {
                let items = self.ends(rows, &mut from.input)?;
                self.strings(items, from)?;
            }
            Shape::Maps(key, value) => {
                let items = self.ends(rows, &mut from.input)?;
                self.fixed(key, items, &mut from.input)?;
                self.fixed(value, items, &mut from.input)?;
            }
        }
        let len = self.at - start - COLUMN_HEADER_LEN;
        let header = &mut self.plain[start..start + COLUMN_HEADER_LEN];
        header[..2].copy_from_slice(&id.to_le_bytes());
        header[2] = code;
        header[3..].copy_from_slice(&u32::try_from(len).ok()?.to_le_bytes());
        (from.input.0.is_empty() && from.text.is_empty()).then_some(())
    }

    fn fixed(&mut self, width: usize, rows: usize, input: &mut Input<'_>) -> Option<()> {
        let room = self.room(rows.checked_mul(width)?)?;
        match width {
            1 => fill::<1>(room, rows, input),
            2 => fill::<2>(room, rows, input),
            4 => fill::<4>(room, rows, input),
            _ => fill::<8>(room, rows, input),
        }
    }

    fn addresses(&mut self, rows: usize, input: &mut Input<'_>) -> Option<()> {
        let room = self.room(rows.checked_mul(16)?)?;
        for half in [0, 8] {
            input.numbers(rows, |row, v| {
                room[row * 16 + half..][..8].copy_from_slice(&v.to_be_bytes());
            })?;
        }
        Some(())
    }

    fn nullable(&mut self, width: usize, rows: usize, input: &mut Input<'_>) -> Option<()> {
        let room = self.room(rows.checked_mul(1 + width)?)?;
        let (nulls, values) = room.split_at_mut(rows);
        nulls.fill(1);
        input.numbers(rows, |row, v| {
            nulls[row] = 0;
            values[row * width..][..width].copy_from_slice(&v.to_le_bytes()[..width]);
        })
    }

    /// The ends of arrays; how many items they have together.
    fn ends(&mut self, rows: usize, input: &mut Input<'_>) -> Option<usize> {
        let most = self.plain.len() as u64;
        let room = self.room(rows.checked_mul(8)?)?;
        fill::<8>(room, rows, input)?;
        let mut end = 0_u64;
        for count in room.as_chunks_mut::<8>().0 {
            end = end.checked_add(u64::from_le_bytes(*count)).filter(|end| *end <= most)?;
            *count = end.to_le_bytes();
        }
        usize::try_from(end).ok()
    }

    fn strings(&mut self, rows: usize, from: &mut Column<'_>) -> Option<()> {
        // Each takes a byte at least: so many fit, or none of this is true.
        if rows > self.plain.len() {
            return None;
        }
        match from.input.byte()? {
            form @ (STRINGS | IDS | HEX) => {
                let mut lens = vec![0; rows];
                from.input.numbers(rows, |row, len| lens[row] = len)?;
                let digits;
                let mut text = match form {
                    STRINGS => std::mem::take(&mut from.text),
                    IDS => from.input.bytes(from.input.0.len())?,
                    _ => {
                        let bytes = from.input.bytes(from.input.0.len())?;
                        digits = hexadecimal(bytes);
                        // The last half byte may be none.
                        let len = lens.iter().fold(0_u64, |sum, len| sum.saturating_add(*len));
                        let len = usize::try_from(len).ok()?;
                        if len.div_ceil(2) != bytes.len() {
                            return None;
                        }
                        &digits[..len]
                    }
                };
                for len in lens {
                    let (own, rest) = text.split_at_checked(usize::try_from(len).ok()?)?;
                    text = rest;
                    self.string(own)?;
                }
                text.is_empty().then_some(())
            }
            WORDS => {
                let count = from.input.len().filter(|n| *n <= rows)?;
                let mut lens = vec![0; count];
                from.input.numbers(count, |i, len| lens[i] = len)?;
                let mut words = Vec::with_capacity(count + 1);
                words.push(&[][..]);
                for len in lens {
                    let (word, rest) = from.text.split_at_checked(usize::try_from(len).ok()?)?;
                    from.text = rest;
                    words.push(word);
                }
                let mut which = vec![0; rows];
                from.input.numbers(rows, |row, number| which[row] = number)?;
                for number in which {
                    let word = *words.get(usize::try_from(number).ok()?)?;
                    self.string(word)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn string(&mut self, text: &[u8]) -> Option<()> {
        let mut len = text.len();
        while len >= 0x80 {
            self.room(1)?[0] = len as u8 | 0x80;
            len >>= 7;
        }
        self.room(1)?[0] = len as u8;
        self.room(text.len())?.copy_from_slice(text);
        Some(())
    }
}

/// The digits of bytes, high halves first.
fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digit = |half: u8| b"0123456789abcdef"[usize::from(half & 15)];
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

fn fill<const N: usize>(room: &mut [u8], rows: usize, input: &mut Input<'_>) -> Option<()> {
    let (values, _) = room.as_chunks_mut::<N>();
    input.numbers(rows, |row, v| {
        if let Some(value) = v.to_le_bytes().first_chunk::<N>() {
            values[row] = *value;
        }
    })
}
