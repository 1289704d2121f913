//! Telling Kafka from anything else, and finding a place again after a loss.

use super::body::{Found, Walk};
use super::{ANSWER_HEAD, Head, Wrong, head, length};
use crate::message::{Direction, L7Protocol, Probe};

/// Waiting requests whose answers are looked for.
pub(super) const MAX_IDS: usize = 8;

/// A client names itself in at most so many bytes.
const MAX_CLIENT: usize = 256;

/// Is this Kafka? Only a request shows it, and so who is the client.
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    match head(bytes) {
        Ok(head) if is_request(bytes, head) => {
            Probe::Certain(L7Protocol::Kafka, Direction::ToServer)
        }
        Err(Wrong::Short) if may_become(bytes) => Probe::Unsure,
        _ => Probe::NotForUs,
    }
}

/// Does the body fit the head?
fn is_request(bytes: &[u8], mut head: Head<'_>) -> bool {
    let named = head.client.len() <= MAX_CLIENT && head.client.iter().all(|b| *b >= b' ');
    if !named {
        return false;
    }
    let mut found = Found::default();
    let walk = head.body.walk(head.api.request, &mut found);
    let whole = bytes.len() >= head.len + 4;
    let text = |t: &[u8]| t.iter().all(|b| *b >= b' ');
    let texts = text(found.topic) && text(found.group) && text(found.about);
    // A message with next to nothing in it proves nothing, nor does the front of one without a name.
    let named = [head.client, found.topic, found.group, found.about].iter().any(|t| !t.is_empty());
    let says = named || whole && head.len > 16;
    texts && says && walk != Walk::Bad && !(whole && walk == Walk::Short)
}

/// A head that is not all there: is what is there in order?
fn may_become(bytes: &[u8]) -> bool {
    let long = |bytes: &[u8]| length(bytes, super::REQUEST_HEAD);
    let fits = |i: usize, most: u8| bytes.get(i).is_none_or(|b| *b <= most);
    // The client's name begins in what is there, and is text.
    let name = match bytes.get(12..14) {
        Some([0xff, 0xff]) | None => bytes.get(12).is_none_or(|b| matches!(b, 0 | 1 | 0xff)),
        Some([0 | 1, _]) => bytes[14..].first().is_none_or(|b| *b >= b' '),
        Some(_) => false,
    };
    // Zeros (Produce 0, of old) are more likely something else.
    let blank = matches!(bytes.get(4..8), Some([0, 0, 0, 0]));
    match long(bytes) {
        Ok(_) if blank => false,
        Ok(_) => fits(4, 0) && fits(6, 0) && fits(7, super::api::MAX_VERSION as u8) && name,
        Err(Wrong::Short) => bytes[0] <= 7,
        Err(Wrong::Bad) => false,
    }
}

/// The offset of the first request.
pub(super) fn find_request(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len()).find(|at| {
        let rest = &bytes[*at..];
        let [0..=7, _, _, _, 0, _, 0, ..] = rest else { return false };
        matches!(probe(rest, None), Probe::Certain(..))
    })
}

/// The offset of the first answer with one of these numbers.
pub(super) fn find_answer<I: Iterator<Item = u32>>(
    bytes: &[u8],
    ids: impl Fn() -> I,
) -> Option<usize> {
    (0..bytes.len().saturating_sub(ANSWER_HEAD - 1)).find(|at| {
        let rest = &bytes[*at..];
        let [0..=7, _, _, _, a, b, c, d, ..] = *rest else { return false };
        let id = u32::from_be_bytes([a, b, c, d]);
        length(rest, ANSWER_HEAD).is_ok() && ids().any(|i| i == id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kafka() {
        const UP: Probe = Probe::Certain(L7Protocol::Kafka, Direction::ToServer);
        let versions = b"\0\0\0\x16\0\x12\0\0\0\0\0\x01\0\x0cconsole-prod";
        let mut settings = b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80".to_vec();
        settings.extend([0, 4, 0, 0, 255, 255]);
        for (bytes, want) in [
            (&versions[..], UP),
            (&versions[..13], Probe::Unsure),
            (&versions[..20], Probe::Unsure),
            (&versions[..3], Probe::Unsure),
            (b"\0\0\0\x17\0\x12\0\x03\0\0\0\x02\xff\xff\0\x05java\x043.0\0", UP),
            (b"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\0\0", Probe::NotForUs),
            (b"\0\0\0\x16\0\x7f\0\0\0\0\0\x01\0\x0cconsole-prod", Probe::NotForUs),
            (b"\0\0\0\x16\0\x12\0\x40\0\0\0\x01\0\x0cconsole-prod", Probe::NotForUs),
            (&settings, Probe::NotForUs),
            (b"\0\0\0\x08\x04\xd2\x16\x2f", Probe::NotForUs),
            (b"\0\0\0\x13\0\x03\0\0user\0root\0\0", Probe::NotForUs),
            (b"GET / HTTP/1.1\r\n", Probe::NotForUs),
        ] {
            assert_eq!(probe(bytes, None), want, "{}", bytes.escape_ascii());
        }
        let mut behind = b"some bytes".to_vec();
        behind.extend(versions);
        assert_eq!(find_request(&behind), Some(10));
        let answers = b"tail\0\0\0\x06\0\0\0\x07\0\0";
        assert_eq!(find_answer(answers, || [7u32].into_iter()), Some(4));
        assert_eq!(find_answer(answers, || [8u32].into_iter()), None);
    }
}
