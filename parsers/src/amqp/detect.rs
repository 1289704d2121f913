//! Telling AMQP from anything else, and finding a place again after a loss.

use super::frame::{self, END, Frame, HEAD, METHOD, Wrong, frame};
use super::{PREFACE, PREFACES_1, one};
use crate::message::{Direction, L7Protocol, Probe};

/// Is this AMQP, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let certain = |dir| Probe::Certain(L7Protocol::Amqp, dir);
    if bytes[0] == b'A' {
        let mut prefaces = PREFACES_1.iter().chain([&PREFACE]);
        return match prefaces.find(|p| bytes.starts_with(*p) || p.starts_with(bytes)) {
            Some(_) if bytes.len() < PREFACE.len() => Probe::Unsure,
            // Both sides of AMQP 1.0 begin with it.
            Some(preface) if *preface != PREFACE => certain(hint.unwrap_or(Direction::ToServer)),
            Some(_) => certain(Direction::ToServer),
            None => Probe::NotForUs,
        };
    }
    match one::begins(bytes) {
        Some(true) => return certain(hint.unwrap_or(Direction::ToServer)),
        // A length and a zero say little.
        None if bytes.len() > 5 => return Probe::Unsure,
        _ => {}
    }
    match frame(bytes) {
        Ok(f) if f.payload.len() + HEAD < f.whole && bytes.get(f.whole - 1) == Some(&END) => {
            whole(&f, hint)
        }
        Ok(f) if f.kind == METHOD && f.whole <= 4096 && may_be_method(&f) => Probe::Unsure,
        Err(Wrong::Short) if bytes[0] == METHOD && bytes.len() < HEAD => Probe::Unsure,
        _ => Probe::NotForUs,
    }
}

/// A frame that is all there, its end where it should be.
fn whole(f: &Frame<'_>, hint: Option<Direction>) -> Probe {
    let dir = match f.kind {
        METHOD => match f.method() {
            Some((method, _)) => method.dir().or(hint),
            None => return Probe::NotForUs,
        },
        frame::HEADER if f.payload.starts_with(&[0, 60, 0, 0]) => hint,
        // A heartbeat; bodies of messages prove nothing.
        frame::BODY | frame::HEADER => return Probe::NotForUs,
        _ if f.channel == 0 => hint,
        _ => return Probe::NotForUs,
    };
    Probe::Certain(L7Protocol::Amqp, dir.unwrap_or(Direction::ToServer))
}

fn may_be_method(f: &Frame<'_>) -> bool {
    f.payload.len() < 4 && f.payload.first().is_none_or(|b| *b == 0) || f.method().is_some()
}

/// The offset of the first frame: where `bytes` begin, or behind another's end.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    if begins(bytes) || one::begins(bytes) == Some(true) {
        return Some(0);
    }
    memchr::memchr_iter(END, bytes).map(|at| at + 1).find(|at| begins(&bytes[*at..]))
}

fn begins(bytes: &[u8]) -> bool {
    match frame(bytes) {
        Ok(f) if f.kind == METHOD => f.method().is_some(),
        Ok(f) => bytes.get(f.whole - 1) == Some(&END) || f.whole > bytes.len() && f.whole < 1 << 18,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_amqp() {
        let amqp = |dir| Probe::Certain(L7Protocol::Amqp, dir);
        for (bytes, hint, want) in [
            (&b"AMQP\0\0\x09\x01"[..], None, amqp(ToServer)),
            (b"AMQP\x03\x01\0\0", Some(ToClient), amqp(ToClient)),
            (b"AMQP\0", None, Probe::Unsure),
            (b"AMQP\x07\0\0\0", None, Probe::NotForUs),
            (b"AM", None, Probe::Unsure),
            (b"\x01\0\x01\0\0\0\x05\0\x14\0\x0a\0\xce", None, amqp(ToServer)),
            (b"\x01\0\x01\0\0\0\x08\0\x14\0\x0b\0\0\0\0\xce", None, amqp(ToClient)),
            (b"\x01\0\x01\0\0\0\x08\0\x14\0\x0b\0\0", None, Probe::Unsure),
            (b"\x01\0\x01\0\0\0\x05\0\x14\0\x0a\0\0", None, Probe::NotForUs),
            (b"\x08\0\0\0\0\0\0\xce", Some(ToClient), amqp(ToClient)),
            (b"\x01\0\0\0\x01", None, Probe::Unsure),
            (b"\x01\0\0\0\x01\0\0\0\0", None, Probe::NotForUs),
            (b"\0\0\0\x13\x02\0\0\0\0\x53\x18\xc0\x06\x01", Some(ToClient), amqp(ToClient)),
            (b"\0\0\0\x13\x02\0\0\0", None, Probe::Unsure),
            (b"\0\0\0\x13\0\x03\0\0user\0root\0\0", None, Probe::NotForUs),
        ] {
            assert_eq!(probe(bytes, hint), want, "{}", bytes.escape_ascii());
        }
    }
}
