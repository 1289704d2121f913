//! Hessian 2 (hessian.caucho.com/doc/hessian-serialization.html): walks over values, and reads
//! texts and small numbers. Dubbo's bodies are such values one after the other.

/// Classes of one message whose number of fields is known.
const MAX_CLASSES: usize = 64;
/// Values nested deeper than this are not walked over.
const MAX_DEPTH: usize = 48;
/// Children until `Z`.
const OPEN: u32 = u32::MAX;

/// A walk over values.
#[derive(Debug)]
pub(crate) struct Hessian<'a> {
    rest: &'a [u8],
    /// Fields of each class, in the order of the definitions.
    fields: [u16; MAX_CLASSES],
    classes: usize,
}

impl<'a> Hessian<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, fields: [0; MAX_CLASSES], classes: 0 }
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    #[inline]
    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(front)
    }

    fn wide(&mut self, high: u8, bytes: usize) -> Option<i64> {
        let high = i64::from(high);
        self.take(bytes).map(|low| low.iter().fold(high, |n, b| n << 8 | i64::from(*b)))
    }

    /// A text. `None` for what is none, of which nothing was taken, and for one that is not whole.
    #[inline]
    pub(crate) fn text(&mut self) -> Option<&'a [u8]> {
        let before = self.rest;
        let text = match self.byte()? {
            n @ 0..=0x1f => self.chars(usize::from(n)),
            n @ 0x30..=0x33 => {
                let low = self.byte();
                low.and_then(|low| self.chars(usize::from(n - 0x30) << 8 | usize::from(low)))
            }
            b'S' => self.wide(0, 2).and_then(|n| self.chars(n as usize)),
            b'R' => {
                let first = self.wide(0, 2).and_then(|n| self.chars(n as usize));
                // Only the first piece of what was cut in pieces is worth anything here.
                let more = first.and_then(|_| self.text());
                more.and(first)
            }
            _ => None,
        };
        if text.is_none() {
            self.rest = before;
        }
        text
    }

    /// `n` characters of UTF-8.
    #[inline]
    fn chars(&mut self, n: usize) -> Option<&'a [u8]> {
        let plain = self.rest.get(..n)?;
        if plain.is_ascii() {
            return self.take(n);
        }
        let mut at = 0;
        for _ in 0..n {
            at += match self.rest.get(at)? {
                0..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
        }
        self.take(at)
    }

    /// A whole number.
    pub(crate) fn int(&mut self) -> Option<i64> {
        let before = self.rest;
        let n = match self.byte()? {
            n @ 0x80..=0xbf => Some(i64::from(n) - 0x90),
            n @ 0xc0..=0xcf => self.wide(0, 1).map(|low| (i64::from(n) - 0xc8) * 256 + low),
            n @ 0xd0..=0xd7 => self.wide(0, 2).map(|low| (i64::from(n) - 0xd4) * 65536 + low),
            b'I' => self.wide(0, 4).map(|n| i64::from(n as u32 as i32)),
            _ => None,
        };
        if n.is_none() {
            self.rest = before;
        }
        n
    }

    /// Goes into a map; `false` when the next value is none.
    pub(crate) fn enter_map(&mut self) -> bool {
        match self.rest.first() {
            Some(b'H') => {
                self.rest = &self.rest[1..];
                true
            }
            Some(b'M') => {
                self.rest = &self.rest[1..];
                self.type_name().is_some()
            }
            _ => false,
        }
    }

    /// At the end of what was entered.
    pub(crate) fn at_end(&self) -> bool {
        matches!(self.rest.first(), None | Some(b'Z'))
    }

    /// The class of an object that is defined here.
    pub(crate) fn class(&mut self) -> Option<&'a [u8]> {
        let before = self.rest;
        let name = if self.byte()? == b'C' { self.text() } else { None };
        self.rest = before;
        name
    }

    /// The text of one field of an object that is defined here.
    pub(crate) fn field(&mut self, field: &[u8]) -> Option<&'a [u8]> {
        if self.byte()? != b'C' {
            return None;
        }
        self.text()?;
        let count = self.count()?;
        let mut place = None;
        for i in 0..count {
            if self.text()? == field {
                place = Some(i);
            }
        }
        self.define(count)?;
        match self.byte()? {
            b'O' => drop(self.int()?),
            0x60..=0x6f => {}
            _ => return None,
        }
        for _ in 0..place? {
            self.skip()?;
        }
        self.text()
    }

    fn define(&mut self, fields: u32) -> Option<()> {
        *self.fields.get_mut(self.classes)? = u16::try_from(fields).ok()?;
        self.classes += 1;
        Some(())
    }

    /// Of a list or map: a name, or the number of one that came before.
    fn type_name(&mut self) -> Option<()> {
        self.text().map(drop).or_else(|| self.int().map(drop))
    }

    fn count(&mut self) -> Option<u32> {
        self.int().and_then(|n| u32::try_from(n).ok()).filter(|n| *n < OPEN)
    }

    /// Walks over the next value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        let mut waiting = [0u32; MAX_DEPTH];
        let (mut depth, mut left) = (0, 1u32);
        loop {
            while left == 0 || left == OPEN && self.rest.first() == Some(&b'Z') {
                if left == OPEN {
                    self.rest = &self.rest[1..];
                }
                if depth == 0 {
                    return Some(());
                }
                depth -= 1;
                left = waiting[depth];
            }
            if left != OPEN {
                left -= 1;
            }
            let children = self.value()?;
            if children > 0 {
                *waiting.get_mut(depth)? = left;
                depth += 1;
                left = children;
            }
        }
    }

    /// Takes a value's own bytes; how many values stand inside it.
    fn value(&mut self) -> Option<u32> {
        let before = self.rest;
        let tag = self.byte()?;
        let fixed = match tag {
            b'N' | b'T' | b'F' | 0x5b | 0x5c | 0x80..=0xbf | 0xd8..=0xef => 0,
            0x5d | 0xc0..=0xcf | 0xf0..=0xff => 1,
            0x5e | 0xd0..=0xd7 | 0x38..=0x3f => 2,
            b'I' | b'Y' | 0x5f | 0x4b => 4,
            b'L' | b'D' | 0x4a => 8,
            0x20..=0x2f => usize::from(tag - 0x20),
            0x34..=0x37 => usize::from(tag - 0x34) << 8 | usize::from(self.byte()?),
            b'B' | b'A' => {
                let mut last = tag == b'B';
                loop {
                    let len = self.wide(0, 2)? as usize;
                    self.take(len)?;
                    if last {
                        return Some(0);
                    }
                    match self.byte()? {
                        b'B' => last = true,
                        b'A' => {}
                        n @ 0x20..=0x2f => {
                            self.take(usize::from(n - 0x20))?;
                            return Some(0);
                        }
                        _ => return None,
                    }
                }
            }
            0..=0x1f | 0x30..=0x33 | b'S' | b'R' => {
                self.rest = before;
                return self.text().map(|_| 0);
            }
            _ => return self.nested(tag),
        };
        self.take(fixed).map(|_| 0)
    }

    fn nested(&mut self, tag: u8) -> Option<u32> {
        match tag {
            b'H' | b'W' => Some(OPEN),
            b'M' | b'U' => self.type_name().map(|()| OPEN),
            b'V' => {
                self.type_name()?;
                self.count()
            }
            b'X' => self.count(),
            0x70..=0x77 => self.type_name().map(|()| u32::from(tag - 0x70)),
            0x78..=0x7f => Some(u32::from(tag - 0x78)),
            b'Q' => self.int().map(|_| 0),
            b'O' => {
                let class = self.int()?;
                self.object(usize::try_from(class).ok()?)
            }
            0x60..=0x6f => self.object(usize::from(tag - 0x60)),
            b'C' => {
                self.text()?;
                let fields = self.count()?;
                for _ in 0..fields {
                    self.text()?;
                }
                self.define(fields)?;
                // The object itself follows: it stands for the definition.
                Some(1)
            }
            _ => None,
        }
    }

    fn object(&self, class: usize) -> Option<u32> {
        self.fields[..self.classes].get(class).map(|n| u32::from(*n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_walked_over() {
        for value in [
            &b"N"[..],
            b"T",
            b"\x90",
            b"\xc7\x00",
            b"\xd4\x01\x02",
            b"I\0\0\0\x01",
            b"\xe0",
            b"\xf8\x01",
            b"\x3c\x01\x02",
            b"L\0\0\0\0\0\0\0\x01",
            b"\x5d\x01",
            b"D\0\0\0\0\0\0\0\0",
            b"\x4a\0\0\0\0\0\0\0\0",
            b"\x05hello",
            b"\x02\xc3\xa9x",
            b"\x30\x05hello",
            b"S\0\x05hello",
            b"R\0\x02he\x03llo",
            b"\x23abc",
            b"A\0\x01xB\0\x01y",
            b"H\x01a\x90\x01bH\x01cNZZ",
            b"M\x03map\x01a\x90Z",
            b"X\x92\x90\x91",
            b"V\x04[int\x92\x90\x91",
            b"W\x90\x91Z",
            b"U\x01x\x90Z",
            b"\x7a\x90\x91",
            b"\x72\x01x\x90\x91",
            b"C\x04Item\x92\x02id\x04name\x60\x91\x05apple",
            b"\x7aC\x04Item\x91\x02id\x60\x91O\x90\x92",
            b"Q\x91",
        ] {
            let mut h = Hessian::new(value);
            assert_eq!(h.skip(), Some(()), "{}", value.escape_ascii());
            assert!(h.rest().is_empty(), "{}", value.escape_ascii());
            for cut in 0..value.len() {
                assert_eq!(Hessian::new(&value[..cut]).skip(), None, "{}", value.escape_ascii());
            }
        }
        // Deeper than is walked over, and a class that was never defined.
        assert_eq!(Hessian::new(&[b'W'; 100]).skip(), None);
        assert_eq!(Hessian::new(b"\x61\x90").skip(), None);
        assert_eq!(Hessian::new(b"Z").skip(), None);
    }
}
