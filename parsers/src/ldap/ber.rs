//! BER as LDAP uses it: tags of one byte, lengths that are stated.

use crate::framed::Front;

/// How long the tag and the length in front are, and the length itself.
pub(super) fn header(bytes: &[u8]) -> Result<(usize, u64), Front> {
    match bytes {
        [_, short @ 0..=0x7f, ..] => Ok((2, u64::from(*short))),
        [_, long @ 0x81..=0x84, rest @ ..] => {
            let digits = usize::from(long & 0x7f);
            let Some(number) = rest.get(..digits) else { return Err(Front::Short) };
            Ok((2 + digits, number.iter().fold(0, |n, b| n << 8 | u64::from(*b))))
        }
        [] | [_] => Err(Front::Short),
        _ => Err(Front::Bad),
    }
}

/// Elements behind one another: tag and content, which may be cut.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let tag = *self.0.first()?;
        let (front, len) = header(self.0).ok()?;
        let rest = &self.0[front..];
        let len = usize::try_from(len).ok()?.min(rest.len());
        let (content, rest) = rest.split_at(len);
        self.0 = rest;
        Some((tag, content))
    }
}
