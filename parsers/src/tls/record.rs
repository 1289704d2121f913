//! The record layer (RFC 8446 5.1): headers, and handshake messages put together that lie in
//! several records.

pub(super) const HEADER: usize = 5;
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

/// What a record holds at most (RFC 5246 6.2.3).
pub(super) const MAX_RECORD: u16 = 16_384 + 2048;
/// Bytes in which the part of a message that is read has to lie: it takes records of a few bytes
/// each to need as many.
const MAX_SPREAD: usize = 32 * 1024;

/// The front of some bytes as a record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// Its kind and the length behind it.
    Is(u8, u16),
    /// It may become one.
    Short,
    /// Nothing that TLS sends.
    Bad,
}

#[inline]
pub(super) fn head(bytes: &[u8]) -> Head {
    let Some(head) = bytes.first_chunk::<HEADER>() else {
        let fits = matches!(bytes, [] | [20..=23] | [20..=23, 3] | [20..=23, 3, 0..=4, ..]);
        return if fits { Head::Short } else { Head::Bad };
    };
    let [kind, major, minor, hi, lo] = *head;
    let len = u16::from_be_bytes([hi, lo]);
    let fits = match kind {
        CHANGE_CIPHER_SPEC => len == 1,
        ALERT => len >= 2,
        HANDSHAKE => len >= 1,
        APPLICATION_DATA => true,
        _ => false,
    };
    if fits && major == 3 && minor <= 4 && len <= MAX_RECORD {
        Head::Is(kind, len)
    } else {
        Head::Bad
    }
}

/// The front of a handshake message, taken out of its records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered {
    /// Where it lies in one piece; otherwise it was joined.
    at: Option<usize>,
    /// How much of it there is.
    pub(super) have: usize,
    /// Where in the bytes it ends.
    pub(super) used: usize,
    /// What is left of the record in which it ends.
    pub(super) left: u16,
    /// Something that is no handshake message comes in between.
    pub(super) broken: bool,
}

impl Gathered {
    /// The bytes.
    pub(super) fn content<'a>(&self, bytes: &'a [u8], joined: &'a [u8]) -> &'a [u8] {
        match self.at {
            Some(at) => &bytes[at..at + self.have],
            None => &joined[..self.have],
        }
    }
}

/// Takes `need` bytes of handshake messages out of the records in `bytes`, which begin with `left`
/// bytes of a record, or with a header when there are none.
#[inline]
pub(super) fn gather(bytes: &[u8], left: u16, need: usize, joined: &mut Vec<u8>) -> Gathered {
    let (at, left) = match left {
        0 => match head(bytes) {
            Head::Is(HANDSHAKE, len) => (HEADER, len),
            Head::Is(..) | Head::Bad => return NOTHING_BROKEN,
            Head::Short => return Gathered { broken: false, ..NOTHING_BROKEN },
        },
        left => (0, left),
    };
    let have = need.min(bytes.len() - at);
    if have <= usize::from(left) {
        let left = left - have as u16;
        return Gathered { at: Some(at), have, used: at + have, left, broken: false };
    }
    join(bytes, (at, left), need, joined)
}

const NOTHING_BROKEN: Gathered = Gathered { at: Some(0), have: 0, used: 0, left: 0, broken: true };

/// The same where the message goes on in another record.
#[cold]
fn join(bytes: &[u8], start: (usize, u16), need: usize, joined: &mut Vec<u8>) -> Gathered {
    let bytes = &bytes[..bytes.len().min(MAX_SPREAD)];
    let ((mut used, mut left), mut broken) = (start, false);
    joined.clear();
    loop {
        let rest = bytes.get(used..).unwrap_or_default();
        let n = rest.len().min(left.into()).min(need - joined.len());
        joined.extend_from_slice(&rest[..n]);
        used += n;
        left -= n as u16;
        if joined.len() == need || left > 0 {
            break;
        }
        match head(&rest[n..]) {
            Head::Is(HANDSHAKE, len) => (used, left) = (used + HEADER, len),
            Head::Short => break,
            Head::Is(..) | Head::Bad => {
                broken = true;
                break;
            }
        }
    }
    broken |= joined.len() < need && bytes.len() == MAX_SPREAD;
    Gathered { at: None, have: joined.len(), used, left, broken }
}
