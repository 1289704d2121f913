//! Protocol Buffers on the wire (protobuf.dev/programming-guides/encoding): fields one after the
//! other, without a schema.

/// A field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Of a variable or fixed length.
    Number(u64),
    /// A text or a message inside.
    Bytes(&'a [u8]),
}

/// A number of variable length at the front of `bytes`, and what follows it.
#[inline]
pub(crate) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut n = 0;
    for (i, b) in bytes.iter().take(10).enumerate() {
        n |= u64::from(b & 0x7f) << (7 * i);
        if b & 0x80 == 0 {
            return Some((n, &bytes[i + 1..]));
        }
    }
    None
}

/// The fields of a message, in the order in which they stand; ends where they are broken.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u32, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = varint(self.0)?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| *n > 0)?;
        let (value, rest) = match tag & 7 {
            0 => {
                let (n, rest) = varint(rest)?;
                (Value::Number(n), rest)
            }
            1 => {
                let (n, rest) = rest.split_first_chunk::<8>()?;
                (Value::Number(u64::from_le_bytes(*n)), rest)
            }
            2 => {
                let (len, rest) = varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
                (Value::Bytes(bytes), rest)
            }
            5 => {
                let (n, rest) = rest.split_first_chunk::<4>()?;
                (Value::Number(u64::from(u32::from_le_bytes(*n))), rest)
            }
            _ => return None,
        };
        self.0 = rest;
        Some((number, value))
    }
}

impl<'a> Fields<'a> {
    /// Every byte belongs to a field.
    pub(crate) fn is_whole(&self) -> bool {
        let mut fields = self.clone();
        while fields.next().is_some() {}
        fields.0.is_empty()
    }

    /// The first bytes of a field.
    pub(crate) fn bytes(mut self, field: u32) -> Option<&'a [u8]> {
        self.find_map(|(n, value)| match value {
            Value::Bytes(bytes) if n == field => Some(bytes),
            _ => None,
        })
    }

    /// The first number of a field.
    pub(crate) fn number(mut self, field: u32) -> Option<u64> {
        self.find_map(|(n, value)| match value {
            Value::Number(value) if n == field => Some(value),
            _ => None,
        })
    }
}

/// A pair of texts: an entry of a map.
#[inline]
pub(crate) fn pair(entry: &[u8]) -> (&[u8], &[u8]) {
    let (mut name, mut value): (&[u8], &[u8]) = (b"", b"");
    for field in Fields(entry) {
        match field {
            (1, Value::Bytes(text)) => name = text,
            (2, Value::Bytes(text)) => value = text,
            _ => {}
        }
    }
    (name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_type() {
        let message = b"\x08\x96\x01\x12\x02hi\x19\x01\0\0\0\0\0\0\0\x25\x02\0\0\0";
        let all: Vec<_> = Fields(message).collect();
        assert_eq!(
            all,
            [
                (1, Value::Number(150)),
                (2, Value::Bytes(b"hi")),
                (3, Value::Number(1)),
                (4, Value::Number(2)),
            ]
        );
        assert!(Fields(message).is_whole());
        assert!(!Fields(&message[..message.len() - 1]).is_whole());
        assert!(!Fields(b"\x0b").is_whole() && !Fields(b"\0\0").is_whole());
        assert_eq!(Fields(message).number(4), Some(2));
        assert_eq!(Fields(message).bytes(2), Some(&b"hi"[..]));
        assert_eq!(varint(&[0xff; 12]), None);
    }
}
