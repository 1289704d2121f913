//! Fields of TARS: a tag and a type in one byte, or in two, and the value.

use crate::reader::Reader;

/// Structures inside structures that are walked over.
const MAX_DEPTH: u8 = 16;

const MAP: u8 = 8;
const LIST: u8 = 9;
const BEGIN: u8 = 10;
const END: u8 = 11;
const ZERO: u8 = 12;
pub(super) const SIMPLE_LIST: u8 = 13;

/// A field's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Number(i64),
    Text(&'a [u8]),
    /// Its names and values, one after the other.
    Map(Fields<'a>),
    Other,
}

/// The fields of a structure, in the order in which they stand; ends where they are broken or cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: Reader<'a>,
    short: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: Reader(bytes), short: false }
    }

    /// They ended because bytes are missing.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// Tag and type of the next one.
    pub(super) fn next_tag(&self) -> Option<(u8, u8)> {
        head(&mut self.rest.clone())
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u8, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let mut r = self.rest;
        let Some((tag, kind)) = head(&mut r) else {
            self.short = true;
            return None;
        };
        if kind == END || kind > SIMPLE_LIST {
            return None;
        }
        let Some(value) = value(&mut r, kind, 0) else {
            self.short = true;
            return None;
        };
        self.rest = r;
        Some((tag, value))
    }
}

fn head(r: &mut Reader<'_>) -> Option<(u8, u8)> {
    let b = r.u8()?;
    let tag = if b >> 4 == 15 { r.u8()? } else { b >> 4 };
    Some((tag, b & 15))
}

/// A number as a field of its own: a length.
fn count(r: &mut Reader<'_>) -> Option<u32> {
    let (_, kind) = head(r)?;
    match value(r, kind, MAX_DEPTH)? {
        Value::Number(n) => u32::try_from(n).ok(),
        _ => None,
    }
}

fn value<'a>(r: &mut Reader<'a>, kind: u8, depth: u8) -> Option<Value<'a>> {
    Some(match kind {
        0 => Value::Number(i64::from(r.u8()? as i8)),
        1 => Value::Number(i64::from(r.u16()? as i16)),
        2 => Value::Number(i64::from(r.u32()? as i32)),
        3 => Value::Number(r.array().map(i64::from_be_bytes)?),
        4 => r.take(4).map(|_| Value::Other)?,
        5 => r.take(8).map(|_| Value::Other)?,
        6 => {
            let len = r.u8()?;
            Value::Text(r.take(usize::from(len))?)
        }
        7 => Value::Text(r.text32()?),
        ZERO => Value::Number(0),
        SIMPLE_LIST => {
            r.u8()?;
            let len = count(r)?;
            r.take(len as usize)?;
            Value::Other
        }
        MAP | LIST | BEGIN if depth < MAX_DEPTH => nested(r, kind, depth)?,
        _ => return None,
    })
}

fn nested<'a>(r: &mut Reader<'a>, kind: u8, depth: u8) -> Option<Value<'a>> {
    let count = match kind {
        BEGIN => u64::MAX,
        MAP => u64::from(count(r)?) * 2,
        _ => u64::from(count(r)?),
    };
    let begin = r.0;
    let mut left = count;
    while left > 0 {
        let (_, inner) = head(r)?;
        if inner == END {
            // A structure ends; anything else cannot.
            return (kind == BEGIN).then_some(Value::Other);
        }
        value(r, inner, depth + 1)?;
        left -= 1;
    }
    let inside = &begin[..begin.len() - r.0.len()];
    Some(if kind == MAP { Value::Map(Fields::new(inside)) } else { Value::Other })
}
