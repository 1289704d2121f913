//! Telling Memcached from anything else, and finding a place again after a loss.

use super::text::{self, Line};
use super::{FRAME, binary};
use crate::message::{Direction, L7Protocol, Probe};

const UP: Probe = Probe::Certain(L7Protocol::Memcached, Direction::ToServer);
const DOWN: Probe = Probe::Certain(L7Protocol::Memcached, Direction::ToClient);

/// Verbs, and how many words there are at least and at most behind them.
const VERBS: &[(&[u8], usize, usize)] = &[
    (b"get", 1, usize::MAX),
    (b"gets", 1, usize::MAX),
    (b"set", 4, 5),
    (b"add", 4, 5),
    (b"replace", 4, 5),
    (b"append", 4, 5),
    (b"prepend", 4, 5),
    (b"cas", 5, 6),
    (b"incr", 2, 3),
    (b"decr", 2, 3),
    (b"touch", 2, 3),
    (b"delete", 1, 3),
    (b"gat", 2, usize::MAX),
    (b"gats", 2, usize::MAX),
    (b"mg", 1, 32),
    (b"ms", 2, 32),
    (b"md", 1, 32),
    (b"ma", 1, 32),
    (b"stats", 0, 3),
    (b"flush_all", 0, 2),
];

/// Is this Memcached over TCP, and which way does it go?
#[inline]
pub(crate) fn probe_stream(bytes: &[u8], hint: Option<Direction>) -> Probe {
    match bytes.first() {
        Some(0x80) => match binary::head(bytes, Direction::ToServer) {
            Ok(head) if head.is_plausible_request() => UP,
            Err(binary::Wrong::Short) if known_opcode(bytes) => Probe::Unsure,
            _ => Probe::NotForUs,
        },
        Some(0x81) => match binary::head(bytes, Direction::ToClient) {
            Ok(head) if head.is_plausible_answer() => DOWN,
            Err(binary::Wrong::Short) if known_opcode(bytes) => Probe::Unsure,
            _ => Probe::NotForUs,
        },
        Some(b'a'..=b'z') if hint != Some(Direction::ToClient) => request(bytes),
        Some(b'V' | b'S') => answer(bytes),
        _ => Probe::NotForUs,
    }
}

fn known_opcode(bytes: &[u8]) -> bool {
    bytes.get(1).is_none_or(|b| *b <= 0x24) && bytes.get(5).is_none_or(|b| *b == 0)
}

/// Is this Memcached over UDP, and which way does it go?
pub(crate) fn probe_datagram(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let Some((frame, rest)) = bytes.split_first_chunk::<FRAME>() else { return Probe::NotForUs };
    // Number, count of datagrams, two reserved zeros; a request is one datagram.
    let [_, _, 0, 0, hi, lo, 0, 0] = *frame else { return Probe::NotForUs };
    match (u16::from_be_bytes([hi, lo]), request(rest)) {
        (1, UP) => UP,
        (1.., _) if complete_answer(rest) => DOWN,
        _ => Probe::NotForUs,
    }
}

/// A line that only an answer begins with.
fn complete_answer(bytes: &[u8]) -> bool {
    let Line::Whole(line, _) = text::line(bytes, false) else { return false };
    line.starts_with(b"VALUE ") || matches!(line, b"END" | b"STORED" | b"NOT_FOUND" | b"DELETED")
}

fn request(bytes: &[u8]) -> Probe {
    let verb = bytes.iter().take(12).take_while(|b| b.is_ascii_lowercase() || **b == b'_').count();
    let word = &bytes[..verb];
    if verb == bytes.len() {
        let begins = VERBS.iter().any(|v| v.0.starts_with(word));
        return if begins { Probe::Unsure } else { Probe::NotForUs };
    }
    let Some(&(_, least, most)) = VERBS.iter().find(|v| v.0 == word) else {
        return Probe::NotForUs;
    };
    let line = match text::line(bytes, false) {
        Line::Whole(line, _) => line,
        Line::Long(line, _) => line,
        Line::Short if text_so_far(bytes) => return Probe::Unsure,
        Line::Short | Line::Bad => return Probe::NotForUs,
    };
    if !line.iter().all(|b| *b >= b' ' && *b != 0x7f) {
        return Probe::NotForUs;
    }
    let words = line.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let count = words.clone().count() - 1;
    let numeric = |skip: usize, n: usize| {
        words.clone().skip(skip).take(n).all(|w| w.iter().all(|b| b.is_ascii_digit() || *b == b'-'))
    };
    let fits = (least..=most).contains(&count)
        && match word {
            b"set" | b"add" | b"replace" | b"append" | b"prepend" | b"cas" => numeric(2, 3),
            b"incr" | b"decr" | b"touch" => numeric(2, 1),
            b"gat" | b"gats" => numeric(1, 1),
            b"ms" => numeric(2, 1),
            // Keys, and nothing that looks like a path or a question.
            b"get" | b"gets" | b"delete" => words.clone().skip(1).all(|w| w.len() <= 250),
            _ => true,
        };
    if fits { UP } else { Probe::NotForUs }
}

fn text_so_far(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| *b >= b' ' && *b != 0x7f || *b == b'\r')
}

fn answer(bytes: &[u8]) -> Probe {
    for word in [&b"VALUE "[..], b"STORED\r\n"] {
        if word.len() > bytes.len() && word.starts_with(bytes) {
            return Probe::Unsure;
        }
    }
    if bytes.starts_with(b"STORED\r\n") {
        return DOWN;
    }
    let Line::Whole(line, _) = text::line(bytes, false) else {
        let begins = bytes.starts_with(b"VALUE ") && text_so_far(bytes);
        return if begins { Probe::Unsure } else { Probe::NotForUs };
    };
    let words = line.split(|b| *b == b' ').count();
    let numbers = line.split(|b| *b == b' ').skip(2).all(|w| crate::text::number(w).is_some());
    let fits = line.starts_with(b"VALUE ") && matches!(words, 4 | 5) && numbers;
    if fits { DOWN } else { Probe::NotForUs }
}

/// The offset of the first line that can be a request.
pub(super) fn find_request(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        if probe_stream(rest, Some(Direction::ToServer)) == UP {
            return Some(at);
        }
        at += memchr::memchr(b'\n', rest)? + 1;
    }
}

/// Can `bytes`, which begin a segment, begin with an answer?
pub(super) fn begins_answer(bytes: &[u8]) -> bool {
    if bytes.first() == Some(&0x81) {
        return binary::head(bytes, Direction::ToClient).is_ok_and(|h| h.is_plausible_answer());
    }
    match text::line(bytes, false) {
        Line::Whole(line, _) => text::answer(line).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_memcached() {
        for (bytes, hint, want) in [
            (&b"get a\r\n"[..], None, UP),
            (b"get a b c\r\n", None, UP),
            (b"set a 84 0 1465\r\n", None, UP),
            (b"set a b c d\r\n", None, Probe::NotForUs),
            (b"cas a 0 0 1 77 noreply\r\n", None, UP),
            (b"get a", None, Probe::Unsure),
            (b"ge", None, Probe::Unsure),
            (b"get\r\n", None, Probe::NotForUs),
            (b"get / HTTP\0\r\n", None, Probe::NotForUs),
            (b"getx a\r\n", None, Probe::NotForUs),
            (b"GET a\r\n", None, Probe::NotForUs),
            (b"get a\r\n", Some(ToClient), Probe::NotForUs),
            (b"stats\r\n", None, UP),
            (b"mg key v t\r\n", None, UP),
            (b"VALUE a 0 5\r\nhello\r\nEND\r\n", None, DOWN),
            (b"VALUE of things\r\n", None, Probe::NotForUs),
            (b"STORED\r\n", None, DOWN),
            (b"SSH-2.0-x\r\n", None, Probe::NotForUs),
            (b"END\r\n", None, Probe::NotForUs),
            (b"\x80\0\0\x09\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\0user:1001", None, UP),
            (b"\x81\0\0\0\x04\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\x19\0\0\0\0alice", None, DOWN),
            (b"\x80\0\0\x09\0\0", None, Probe::Unsure),
            (b"\x80\x60\0\x09\0\0", None, Probe::NotForUs),
            (b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10\x01\0\x80\x07\0\xc0\x03\0\x80\0\0\x05\x02\0\x80", None, Probe::NotForUs),
        ] {
            assert_eq!(probe_stream(bytes, hint), want, "{}", bytes.escape_ascii());
        }
        assert_eq!(probe_datagram(b"\0\x01\0\0\0\x01\0\0get u\r\n", Some(ToServer)), UP);
        assert_eq!(probe_datagram(b"\0\x01\0\0\0\x01\0\0END\r\n", None), DOWN);
        assert_eq!(probe_datagram(b"\0\x01\0\0\0\x01\0\0hello", None), Probe::NotForUs);
    }
}
