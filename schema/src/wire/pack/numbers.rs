//! How the numbers of a column are written: in which form, and which rows are told to have one.

use super::{form, rows};
use crate::block::{Numbers, Raw, put_varint};

/// Numbers up to this width are written as they are: looking for a base costs more than it saves.
const PLAIN_BITS: u32 = 16;

/// Numbers by which it is judged whether the steps between them are small.
const STEPS_TRIED: usize = 64;

/// Memory for numbers on their way.
#[derive(Default)]
pub(super) struct Scratch {
    /// Those that are not 0.
    values: Vec<u64>,
    steps: Vec<u64>,
    /// Which rows they are of.
    map: Vec<u8>,
    list: Vec<u64>,
    /// Lower and upper halves of wide numbers.
    halves: [Vec<u32>; 2],
}

/// How numbers are written.
#[derive(Clone, Copy)]
struct Form {
    form: u8,
    width: u32,
    /// What is added to each, or the first of them.
    base: u64,
}

impl Scratch {
    /// Appends the numbers of `count` rows. Zeros are left out where that is shorter.
    pub(super) fn dense<R: Raw>(&mut self, out: &mut Vec<u8>, numbers: &Numbers<R>, count: usize) {
        let (values, set, any) = (numbers.values(count), numbers.set_count(), numbers.any());
        if set == 0 {
            out.push(rows::NONE);
            return;
        }
        let plain = width(any.into());
        if set == count {
            if alike(values, any) {
                return same(out, rows::ALL, &[], any.into());
            }
            return self.write(out, rows::ALL, &[], values, count, plain);
        }
        let alike = plain == 1 || values.iter().all(|v| *v == any || *v == R::default());
        let (all, map) = (packed_len(count, plain), count.div_ceil(8));
        let some = if alike { 0 } else { packed_len(set, plain) };
        let listed = packed_len(set, width(count as u64));
        if all <= map.min(listed) + some {
            return self.write(out, rows::ALL, &[], values, count, plain);
        }
        self.gather(values, count, set);
        let (which, told) = self.told(count, set);
        let kept = std::mem::take(&mut self.values);
        match alike {
            true => same(out, which, &told, any.into()),
            false => self.write(out, which, &told, &kept[..set], set, plain),
        }
        (self.values, self.map) = (kept, told);
    }

    /// Appends the `set` numbers of those of `count` rows that have a bit in `map`.
    pub(super) fn some<R: Raw>(
        &mut self,
        out: &mut Vec<u8>,
        numbers: &Numbers<R>,
        set: usize,
        map: &[u8],
        count: usize,
    ) {
        let (values, any) = (numbers.values(set), numbers.any());
        let alike =
            any == R::default() || numbers.set_count() == set && values.iter().all(|v| *v == any);
        let mut told = std::mem::take(&mut self.map);
        told.clear();
        let which = if set == count {
            rows::ALL
        } else {
            told.extend_from_slice(map);
            told.resize(count.div_ceil(8), 0);
            rows::BITMAP
        };
        match alike {
            true => same(out, which, &told, any.into()),
            false => self.write(out, which, &told, values, set, width(any.into())),
        }
        self.map = told;
    }

    /// Appends numbers of which there is one for each row.
    pub(super) fn each(&mut self, out: &mut Vec<u8>, values: &[u32]) {
        let any = values.iter().fold(0, |any, v| any | v);
        match alike(values, any) {
            true => same(out, rows::ALL, &[], any.into()),
            false => {
                self.write(out, rows::ALL, &[], values, values.len(), width(any.into()));
            }
        }
    }

    /// The `set` numbers that are not 0, and a bit for each row that has one.
    fn gather<R: Raw>(&mut self, values: &[R], count: usize, set: usize) {
        self.map.clear();
        self.map.resize(count.div_ceil(8), 0);
        if self.values.len() < set {
            self.values.resize(set, 0);
        }
        let kept = &mut self.values[..set];
        let mut n = 0;
        // What is 0 is kept as well, until the next one is.
        let mut keep = |v: R, bit: usize| {
            if let Some(place) = kept.get_mut(n) {
                *place = v.into();
            }
            let is_set = v != R::default();
            n += usize::from(is_set);
            u8::from(is_set) << bit
        };
        let (eights, rest) = values.as_chunks::<8>();
        for (byte, eight) in self.map.iter_mut().zip(eights) {
            if *eight != [R::default(); 8] {
                for (bit, v) in eight.iter().enumerate() {
                    *byte |= keep(*v, bit);
                }
            }
        }
        for (bit, v) in rest.iter().enumerate() {
            self.map[eights.len()] |= keep(*v, bit);
        }
        debug_assert_eq!(n, set, "each row was set once");
    }

    /// Which rows have a number, as it is told: by the bitmap, or a list where that is shorter.
    fn told(&mut self, count: usize, set: usize) -> (u8, Vec<u8>) {
        let mut map = std::mem::take(&mut self.map);
        let last = count - 1;
        if packed_len(set, width(last as u64)) >= map.len() {
            return (rows::BITMAP, map);
        }
        self.list.clear();
        for (at, byte) in map.iter().enumerate() {
            let mut left = *byte;
            while left != 0 {
                self.list.push((at * 8) as u64 + u64::from(left.trailing_zeros()));
                left &= left - 1;
            }
        }
        map.clear();
        put_varint(&mut map, set as u64);
        pack(&mut map, &self.list, set, width(last as u64), |row: u64| row);
        (rows::LIST, map)
    }

    /// Appends `count` numbers of at most `plain` bits in the shortest form; those behind `values`
    /// are 0.
    fn write<R: Raw>(
        &mut self,
        out: &mut Vec<u8>,
        which: u8,
        told: &[u8],
        values: &[R],
        count: usize,
        plain: u32,
    ) {
        let mut best = self.best(values, count, plain);
        if best.width > u32::BITS && values.len() == count {
            if let Some(halves) = self.halves(values, packed_len(count, best.width)) {
                out.push(which | form::HALVES << 2);
                out.extend_from_slice(told);
                for half in &halves {
                    self.each(out, half);
                }
                self.halves = halves;
                return;
            }
            // The steps that are kept were those of the halves.
            best = self.best(values, count, plain);
        }
        out.push(which | best.form << 2);
        out.extend_from_slice(told);
        let Form { form, width, base } = best;
        match form {
            form::STEPS => {
                put_varint(out, base);
                pack(out, &self.steps, count - 1, width, |step| step);
            }
            form::BASED => {
                put_varint(out, base);
                pack(out, values, count, width, |v| v.into() - base);
            }
            _ => pack(out, values, count, width, Into::into),
        }
    }

    /// The shortest form of `count` numbers, those behind `values` being 0. Of steps it keeps them.
    fn best<R: Raw>(&mut self, values: &[R], count: usize, plain: u32) -> Form {
        let best = Form { form: form::PACKED, width: plain, base: 0 };
        if plain <= PLAIN_BITS || values.len() != count {
            return best;
        }
        let first = values[0].into();
        let (mut min, mut max) = (first, first);
        for v in values {
            min = min.min((*v).into());
            max = max.max((*v).into());
        }
        let above = width(max - min);
        // What has no small steps at its beginning has none.
        let some = count.min(STEPS_TRIED);
        let mut steps = self.steps(&values[..some], first);
        if some < count && packed_len(count, steps) < packed_len(count, above) {
            steps = self.steps(values, first);
        }
        if packed_len(count, steps) < packed_len(count, above) {
            Form { form: form::STEPS, width: steps, base: first }
        } else if packed_len(count, above) < packed_len(count, plain) {
            Form { form: form::BASED, width: above, base: min }
        } else {
            best
        }
    }

    /// Lower and upper halves, where they are shorter by themselves than `whole` bytes: ids are a
    /// second above a counter, and both hardly change.
    fn halves<R: Raw>(&mut self, values: &[R], whole: usize) -> Option<[Vec<u32>; 2]> {
        let mut halves = std::mem::take(&mut self.halves);
        let mut len = 0;
        for (half, shift) in halves.iter_mut().zip([0, u32::BITS]) {
            half.clear();
            half.extend(values.iter().map(|v| ((*v).into() >> shift) as u32));
            let any = half.iter().fold(0, |any, v| any | v);
            len += packed_len(half.len(), self.best(half, half.len(), width(any.into())).width);
        }
        if len < whole {
            return Some(halves);
        }
        self.halves = halves;
        None
    }

    /// Keeps the steps from number to number and returns their width.
    fn steps<R: Raw>(&mut self, values: &[R], first: u64) -> u32 {
        let (mut any, mut last) = (0, first);
        self.steps.clear();
        self.steps.extend(values[1..].iter().map(|v| {
            let v = (*v).into();
            let step = zigzag(v.wrapping_sub(last));
            any |= step;
            last = v;
            step
        }));
        width(any)
    }
}

/// All numbers are `value`.
fn alike<R: Raw>(values: &[R], value: R) -> bool {
    // Several at a time, and not all where the first tell.
    let none = R::default();
    values.chunks(64).all(|some| some.iter().fold(none, |any, v| any | (*v ^ value)) == none)
}

/// Appends one number for all rows that have one.
fn same(out: &mut Vec<u8>, which: u8, told: &[u8], value: u64) {
    out.push(which | form::SAME << 2);
    out.extend_from_slice(told);
    put_varint(out, value);
}

/// Bits that a number needs, at least one.
#[inline]
fn width(any: u64) -> u32 {
    (any | 1).ilog2() + 1
}

/// A step of either sign as a small number.
#[inline]
fn zigzag(step: u64) -> u64 {
    (step << 1) ^ ((step as i64 >> 63) as u64)
}

/// The step that [`zigzag`] was given.
#[inline]
pub(in crate::wire) fn unzigzag(z: u64) -> u64 {
    (z >> 1) ^ (z & 1).wrapping_neg()
}

/// Bytes for each number, of widths of which words would waste more.
#[inline]
pub(in crate::wire) const fn stride(width: u32) -> Option<usize> {
    match width {
        22..=24 | 33..=56 => Some(width.div_ceil(8) as usize),
        _ => None,
    }
}

/// Bytes that [`pack`] makes of `count` numbers, its width byte not counted: whole words, the
/// last one cut behind its last number, or whole bytes.
#[inline]
pub(in crate::wire) fn packed_len(count: usize, width: u32) -> usize {
    if let Some(stride) = stride(width) {
        return count * stride;
    }
    let by_word = (64 / width) as usize;
    count / by_word * 8 + (count % by_word * width as usize).div_ceil(8)
}

/// Appends `count` numbers of at most `width` bits, as many as fit into each word; those behind
/// `values` are 0.
fn pack<R: Raw>(
    out: &mut Vec<u8>,
    values: &[R],
    count: usize,
    width: u32,
    bits: impl Fn(R) -> u64 + Copy,
) {
    out.push(width as u8);
    let (at, len) = (out.len(), packed_len(count, width));
    out.resize(at + len + 8, 0);
    if let Some(stride) = stride(width) {
        for (i, v) in values.iter().enumerate() {
            // What is written behind a number is the next one's.
            out[at + i * stride..][..8].copy_from_slice(&bits(*v).to_le_bytes());
        }
        out.truncate(at + len);
        return;
    }
    let (words, _) = out[at..].as_chunks_mut::<8>();
    // Where many fit into a word, knowing the width beforehand is worth the code.
    match width {
        1 => fill::<64, R>(words, values, 1, bits),
        2 => fill::<32, R>(words, values, 2, bits),
        3 => fill::<21, R>(words, values, 3, bits),
        4 => fill::<16, R>(words, values, 4, bits),
        5 => fill::<12, R>(words, values, 5, bits),
        6 => fill::<10, R>(words, values, 6, bits),
        7 => fill::<9, R>(words, values, 7, bits),
        8 => fill::<8, R>(words, values, 8, bits),
        9 => fill::<7, R>(words, values, 9, bits),
        10 => fill::<6, R>(words, values, 10, bits),
        11..=12 => fill::<5, R>(words, values, width, bits),
        13..=16 => fill::<4, R>(words, values, width, bits),
        17..=21 => fill::<3, R>(words, values, width, bits),
        22..=32 => fill::<2, R>(words, values, width, bits),
        _ => fill::<1, R>(words, values, width, bits),
    }
    out.truncate(at + len);
}

/// Fills words with `BY_WORD` numbers each, the first in the low bits.
#[inline(always)]
fn fill<const BY_WORD: usize, R: Raw>(
    words: &mut [[u8; 8]],
    values: &[R],
    width: u32,
    bits: impl Fn(R) -> u64 + Copy,
) {
    let join = |part: &[R]| part.iter().rev().fold(0, |word, v| word << (width % 64) | bits(*v));
    let (parts, rest) = values.as_chunks::<BY_WORD>();
    for (word, part) in words.iter_mut().zip(parts) {
        *word = join(part).to_le_bytes();
    }
    if let Some(word) = words.get_mut(parts.len()) {
        *word = join(rest).to_le_bytes();
    }
}
