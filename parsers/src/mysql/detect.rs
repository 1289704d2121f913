//! Telling MySQL from anything else, and finding a place again after a loss.

use super::command::{self, LOGIN_FIXED};
use super::compressed;
use super::wire::{self, HEADER};
use crate::message::{Direction, L7Protocol, Probe};
use crate::sql;

/// What bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Like,
    Short,
    Unlike,
}

/// Is this MySQL, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let up = Probe::Certain(L7Protocol::MySql, Direction::ToServer);
    let down = Probe::Certain(L7Protocol::MySql, Direction::ToClient);
    let mut short = false;
    for (looks, answer) in [
        (greeting(bytes), down),
        (statement(bytes), up),
        (login(bytes), up),
        (compressed_statement(bytes), up),
    ] {
        match looks {
            Looks::Like => return answer,
            Looks::Short => short = true,
            Looks::Unlike => {}
        }
    }
    if short { Probe::Unsure } else { Probe::NotForUs }
}

/// The server's first words: version 10, a version text, a number, half a challenge, a zero.
fn greeting(bytes: &[u8]) -> Looks {
    const MAX_VERSION: usize = 96;
    let Some(h) = wire::header(bytes) else { return prefix(bytes, &[3], 0) };
    let payload = &bytes[HEADER..];
    if h.seq != 0 || !(40..1024).contains(&h.len) && !refusal_len(h.len) {
        return Looks::Unlike;
    }
    match payload.first() {
        None => return Looks::Short,
        Some(0xff) => return refusal(payload, h.len),
        Some(10) => {}
        Some(_) => return Looks::Unlike,
    }
    let version = &payload[1..payload.len().min(MAX_VERSION)];
    let end = memchr::memchr(0, version).unwrap_or(version.len());
    let text = version[..end].iter().all(|b| matches!(b, b'!'..=b'~'));
    let number = version.first().is_none_or(u8::is_ascii_digit);
    if !text || !number || end == 0 && !version.is_empty() {
        return Looks::Unlike;
    }
    match payload.get(1 + end + 1 + 4 + 8) {
        Some(0) => Looks::Like,
        Some(_) => Looks::Unlike,
        None => Looks::Short,
    }
}

fn refusal_len(len: usize) -> bool {
    (10..512).contains(&len)
}

/// Too many connections, host not allowed, and the like, instead of a greeting.
fn refusal(payload: &[u8], len: usize) -> Looks {
    let Some(&[_, lo, hi, rest @ ..]) = payload.first_chunk::<9>() else { return Looks::Short };
    let code = u16::from_le_bytes([lo, hi]);
    let text = rest.iter().all(|b| matches!(b, b' '..=b'~'));
    let whole = payload.len() <= len;
    if text && whole && (1000..5000).contains(&code) { Looks::Like } else { Looks::Unlike }
}

/// The client's part of the handshake.
fn login(bytes: &[u8]) -> Looks {
    let Some(h) = wire::header(bytes) else { return prefix(bytes, &[3], 1) };
    if !matches!(h.seq, 1 | 2) || !(LOGIN_FIXED..4096).contains(&h.len) {
        return Looks::Unlike;
    }
    let payload = &bytes[HEADER..];
    if payload.len() < LOGIN_FIXED {
        // 23 zeros behind the first nine bytes.
        let zero = payload.iter().skip(9).take(19).all(|b| *b == 0);
        return if zero { Looks::Short } else { Looks::Unlike };
    }
    let sane = h.len == LOGIN_FIXED || payload.len() <= h.len;
    match command::login(payload, h.len) {
        Some(_) if sane => Looks::Like,
        _ => Looks::Unlike,
    }
}

/// A header of which less than four bytes are here: may the last one become `seq`?
fn prefix(bytes: &[u8], at: &[usize], seq: u8) -> Looks {
    let fits = at.iter().all(|i| bytes.get(*i).is_none_or(|b| *b == seq));
    if fits { Looks::Short } else { Looks::Unlike }
}

/// A command whose text or numbers can be nothing else.
pub(super) fn statement(bytes: &[u8]) -> Looks {
    let Some(h) = wire::header(bytes) else { return prefix(bytes, &[3], 0) };
    let payload = &bytes[HEADER..];
    if h.seq != 0 || h.len == 0 {
        return Looks::Unlike;
    }
    let Some(&first) = payload.first() else { return Looks::Short };
    let body = &payload[1..payload.len().min(h.len)];
    match first {
        command::QUERY | command::PREPARE if h.len > 3 => {
            let text = match body {
                [0, 1, text @ ..] => text,
                [0] => return Looks::Short,
                text => text,
            };
            match sql::begins_statement(text) {
                Some(true) => Looks::Like,
                None if text.len() < h.len - 1 => Looks::Short,
                // The whole statement is one word.
                None if payload.len() >= h.len => Looks::Like,
                _ => Looks::Unlike,
            }
        }
        // A statement, flags, and one iteration.
        command::EXECUTE if h.len >= 10 => match body.get(4..9) {
            Some([flags, 1, 0, 0, 0]) if *flags <= 0x0f => Looks::Like,
            Some(_) => Looks::Unlike,
            None => Looks::Short,
        },
        _ => Looks::Unlike,
    }
}

/// The same in the compressed protocol.
pub(super) fn compressed_statement(bytes: &[u8]) -> Looks {
    // The smallest command has a header of its own and one byte.
    if bytes.first().is_some_and(|b| *b <= 4) && matches!(bytes.get(1..3), Some([0, 0])) {
        return Looks::Unlike;
    }
    let Some(h) = compressed::header(bytes) else { return prefix(bytes, &[3], 0) };
    if h.seq != 0 || h.len == 0 {
        return Looks::Unlike;
    }
    let body = &bytes[compressed::HEADER..];
    let body = &body[..body.len().min(h.len)];
    if h.unpacked == 0 {
        // What is inside has to fit.
        return match wire::header(body) {
            Some(inner) if inner.len + HEADER > h.len => Looks::Unlike,
            // What stands behind the first command says nothing of it.
            Some(inner) => statement(&body[..body.len().min(inner.len + HEADER)]),
            None => statement(body),
        };
    }
    if !matches!(body.first(), None | Some(0x78)) {
        return Looks::Unlike;
    }
    if body.len() < h.len.min(compressed::MAX_PACKED) {
        return Looks::Short;
    }
    let mut front = Vec::new();
    compressed::unpack(body, 64, &mut front);
    match statement(&front) {
        Looks::Like => Looks::Like,
        _ => Looks::Unlike,
    }
}

/// Can `bytes`, which begin a segment, begin with a command?
pub(super) fn begins_command(bytes: &[u8]) -> bool {
    let Some(h) = wire::header(bytes) else { return false };
    let known = |c: &u8| command::name(*c).is_some() && (*c != 0 && *c != command::CONNECT);
    h.seq == 0 && h.len > 0 && bytes.get(HEADER).is_some_and(known) && h.len < 1 << 22
}

/// Can `bytes`, which begin a segment, begin with an answer?
pub(super) fn begins_answer(bytes: &[u8]) -> bool {
    wire::header(bytes).is_some_and(|h| h.seq == 1 && h.len > 0 && h.len < 1 << 22)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_mysql() {
        let mysql = |dir| Probe::Certain(L7Protocol::MySql, dir);
        let mut greeting = b"\x4a\0\0\0\x0a8.0.26\0\x07\x8c\0\0\x01Z\x17wYcD_\0\xff\xf7".to_vec();
        greeting.extend([0; 60]);
        let mut login = b"\xc4\0\0\x01\x85\xa2\xbf\x09\0\0\0\x01\x21".to_vec();
        login.extend([0; 23]);
        login.extend(b"root\0\0");
        for (bytes, want) in [
            (&greeting[..], mysql(ToClient)),
            (&greeting[..9], Probe::Unsure),
            (&login, mysql(ToServer)),
            (&login[..20], Probe::Unsure),
            (b"\x09\0\0\0\x03select 1", mysql(ToServer)),
            (b"\x0b\0\0\0\x03\0\x01select 1", mysql(ToServer)),
            (b"\x07\0\0\0\x03COMMIT", mysql(ToServer)),
            (b"\x07\0\0\0\x03NONSEN", Probe::NotForUs),
            (b"\x09\0\0\0\x16select ?", mysql(ToServer)),
            (b"\x0a\0\0\0\x17\x01\0\0\0\0\x01\0\0\0", mysql(ToServer)),
            (b"\x0f\0\0\0\0\0\0\x0b\0\0\0\x03use `test`", mysql(ToServer)),
            (b"\x17\0\0\0\xff\x10\x04Too many connections", mysql(ToClient)),
            (b"\x01\0\0\0\x01", Probe::NotForUs),
            (b"\x01\0\0\0\x0e", Probe::NotForUs),
            (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", Probe::NotForUs),
            (b"GET / HTTP/1.1\r\n", Probe::NotForUs),
            (b"\x09\0", Probe::Unsure),
        ] {
            assert_eq!(probe(bytes, None), want, "{}", bytes.escape_ascii());
        }
    }
}
