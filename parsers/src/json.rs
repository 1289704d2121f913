//! Just enough JSON (RFC 8259) to read the members of an object without building anything.

/// A member's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    /// What stands between the quotes, escapes and all.
    Text(&'a [u8]),
    /// A number, `true`, `false` or `null`.
    Literal(&'a [u8]),
    /// An object or array, its brackets included.
    Nested(&'a [u8]),
}

impl<'a> Json<'a> {
    /// The text, or a literal as it stands.
    pub(crate) fn plain(self) -> &'a [u8] {
        match self {
            Self::Text(text) | Self::Literal(text) => text,
            Self::Nested(_) => b"",
        }
    }
}

/// The members of an object, in the order in which they stand; ends where it is broken or cut.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a>(&'a [u8]);

fn blank(bytes: &[u8]) -> &[u8] {
    let n = bytes.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
    &bytes[n..]
}

/// A text behind its first quote, and what follows its last.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some((&bytes[..at], &bytes[at + 1..]));
        }
        at = (at + 2).min(bytes.len());
    }
}

/// An object or array, and what follows it.
fn nested(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut depth, mut at) = (0usize, 0);
    loop {
        match bytes.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b'"' => {
                let (_, rest) = text(&bytes[at + 1..])?;
                at = bytes.len() - rest.len() - 1;
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(bytes.split_at(at));
        }
    }
}

impl<'a> Members<'a> {
    /// Of the object at the front of `bytes`.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self(blank(bytes).strip_prefix(b"{").unwrap_or(b""))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], Json<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = blank(self.0);
        let rest = blank(rest.strip_prefix(b",").unwrap_or(rest));
        let (name, rest) = match rest.strip_prefix(b"\"") {
            Some(quoted) => text(quoted)?,
            // Some writers leave the quotes of numbers out.
            None => {
                let n = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
                if n == 0 {
                    return None;
                }
                rest.split_at(n)
            }
        };
        let rest = blank(blank(rest).strip_prefix(b":")?);
        let (value, rest) = match rest.first()? {
            b'"' => {
                let (value, rest) = text(&rest[1..])?;
                (Json::Text(value), rest)
            }
            b'{' | b'[' => {
                let (value, rest) = nested(rest)?;
                (Json::Nested(value), rest)
            }
            _ => {
                let end = |b: &u8| matches!(b, b',' | b'}' | b']' | b' ' | b'\r' | b'\n' | b'\t');
                let n = rest.iter().position(end)?;
                let (value, rest) = rest.split_at(n);
                (Json::Literal(value), rest)
            }
        };
        self.0 = rest;
        Some((name, value))
    }
}

/// Appends a text without its escapes.
pub(crate) fn unescape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let (what, behind) = match &rest[at + 1..] {
            [b'u', a, b, c, d, behind @ ..] => {
                let hex = |b: u8| char::from(b).to_digit(16).unwrap_or(0);
                let n = [*a, *b, *c, *d].iter().fold(0, |n, b| n << 4 | hex(*b));
                let c = char::from_u32(n).unwrap_or(char::REPLACEMENT_CHARACTER);
                (c, behind)
            }
            [b'n', behind @ ..] => ('\n', behind),
            [b't', behind @ ..] => ('\t', behind),
            [b'r', behind @ ..] => ('\r', behind),
            [b'b', behind @ ..] => ('\u{8}', behind),
            [b'f', behind @ ..] => ('\u{c}', behind),
            [c, behind @ ..] => (char::from(*c), behind),
            [] => return,
        };
        out.extend_from_slice(what.encode_utf8(&mut [0; 4]).as_bytes());
        rest = behind;
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members() {
        let object = br#" {"a":"x\"y", "b" : 12 ,"c":{"d":["}"]},e:null}, "f":1"#;
        let all: Vec<_> = Members::of(object).collect();
        assert_eq!(
            all,
            [
                (&b"a"[..], Json::Text(br#"x\"y"#)),
                (b"b", Json::Literal(b"12")),
                (b"c", Json::Nested(br#"{"d":["}"]}"#)),
                (b"e", Json::Literal(b"null")),
            ]
        );
        assert_eq!(Members::of(br#"{"a":"x","b":"cut"#).count(), 1);
        assert_eq!(Members::of(b"[1]").count(), 0);
        assert_eq!(Members::of(br#"{"a":]]]}"#).count(), 1);
        let mut out = Vec::new();
        unescape(br"a\u0001b\n\/\\\", &mut out);
        assert_eq!(out, b"a\x01b\n/\\");
    }
}
