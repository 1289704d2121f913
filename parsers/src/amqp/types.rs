//! The types of AMQP 1.0, as far as they have to be told apart: each value's first byte says how
//! long it is.

use crate::bytes::Reader;

/// Values inside values that are read.
const MAX_DEPTH: u8 = 4;

/// One value: its kind and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) code: u8,
    pub(super) bytes: &'a [u8],
}

/// Reads the next value and the number that describes it, 0 where none does.
pub(super) fn described<'a>(r: &mut Reader<'a>) -> Option<(u64, Value<'a>)> {
    let mut descriptor = 0;
    for _ in 0..MAX_DEPTH {
        let code = r.u8()?;
        if code != 0 {
            let bytes = body(r, code)?;
            return Some((descriptor, Value { code, bytes }));
        }
        let code = r.u8()?;
        let bytes = body(r, code)?;
        descriptor = Value { code, bytes }.number().unwrap_or(u64::MAX);
    }
    None
}

fn body<'a>(r: &mut Reader<'a>, code: u8) -> Option<&'a [u8]> {
    let len = match code >> 4 {
        4 => 0,
        5 => 1,
        6 => 2,
        7 => 4,
        8 => 8,
        9 => 16,
        0xa | 0xc | 0xe => usize::from(r.u8()?),
        0xb | 0xd | 0xf => r.u32()? as usize,
        _ => return None,
    };
    r.take(len)
}

impl<'a> Value<'a> {
    /// An unsigned number.
    pub(super) fn number(self) -> Option<u64> {
        match self.code {
            0x43 | 0x44 => Some(0),
            0x50 | 0x52 | 0x53 | 0x60 | 0x70 | 0x80 => {
                Some(self.bytes.iter().fold(0, |all, b| all << 8 | u64::from(*b)))
            }
            _ => None,
        }
    }

    pub(super) fn truth(self) -> Option<bool> {
        match (self.code, self.bytes) {
            (0x41, _) | (0x56, [1]) => Some(true),
            (0x42, _) | (0x56, [0]) => Some(false),
            _ => None,
        }
    }

    /// A text, symbol or binary.
    pub(super) fn text(self) -> &'a [u8] {
        match self.code {
            0xa0 | 0xa1 | 0xa3 | 0xb0 | 0xb1 | 0xb3 => self.bytes,
            _ => b"",
        }
    }

    /// The fields of a list, or names and values of a map in turn.
    pub(super) fn fields(self) -> Fields<'a> {
        let count = match self.code {
            0xc0 | 0xc1 => 1,
            0xd0 | 0xd1 => 4,
            _ => return Fields(Reader(b"")),
        };
        Fields(Reader(self.bytes.get(count..).unwrap_or(b"")))
    }
}

/// Fields that are left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(Reader<'a>);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        described(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let mut r = Reader(b"\0\x53\x10\xc0\x08\x03\xa1\x02ab\x40\x52\x07\x45");
        let (descriptor, list) = described(&mut r).unwrap();
        assert_eq!(descriptor, 0x10);
        let fields: Vec<_> = list.fields().map(|f| f.1).collect();
        assert_eq!(fields[0].text(), b"ab");
        assert_eq!((fields[1].number(), fields[2].number()), (None, Some(7)));
        assert_eq!(described(&mut r).unwrap().1.fields().count(), 0);
        assert!(described(&mut Reader(b"\xa1\x05ab")).is_none());
        assert!(described(&mut Reader(&[0; 40])).is_none());
    }
}
