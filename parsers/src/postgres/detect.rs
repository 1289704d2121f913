//! Telling PostgreSQL from anything else, and finding a place again after a loss.

use super::command::{self, Body, Startup};
use super::{HEADER, answer, header};
use crate::message::{Direction, L7Protocol, Probe};
use crate::sql;

/// Messages that are walked over to be sure.
const MAX_WALK: usize = 64;
/// No message at the front of a flow is longer, except copied data and rows.
const MAX_FIRST: usize = 1 << 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Like,
    Short,
    Unlike,
}

/// Is this PostgreSQL, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let up = Probe::Certain(L7Protocol::PostgreSql, Direction::ToServer);
    let down = Probe::Certain(L7Protocol::PostgreSql, Direction::ToClient);
    let mut short = false;
    let mut sides = [(from_client as fn(&[u8]) -> Looks, up), (from_server, down)];
    if hint == Some(Direction::ToClient) {
        sides.reverse();
    }
    for (looks, answer) in sides {
        match looks(bytes) {
            Looks::Like => return answer,
            Looks::Short => short = true,
            Looks::Unlike => {}
        }
    }
    if short { Probe::Unsure } else { Probe::NotForUs }
}

fn from_client(bytes: &[u8]) -> Looks {
    if bytes.first() == Some(&0) {
        return startup(bytes);
    }
    let Some(h) = header(bytes) else {
        let first = bytes.first().is_some_and(|k| matches!(k, b'Q' | b'P' | b'B'));
        let zero = bytes.get(1).is_none_or(|b| *b == 0);
        return if first && zero { Looks::Short } else { Looks::Unlike };
    };
    if h.len > MAX_FIRST {
        return Looks::Unlike;
    }
    let body = &bytes[HEADER..];
    let mut rest = Body(&body[..body.len().min(h.len)]);
    match h.kind {
        // A statement and its zero byte, nothing behind it.
        b'Q' => {
            let looks = begins(rest.0, h.len);
            match (looks, body.get(h.len.wrapping_sub(1))) {
                (Looks::Like, Some(0) | None) => Looks::Like,
                (Looks::Like, Some(_)) => Looks::Unlike,
                (looks, _) => looks,
            }
        }
        // A name and a statement.
        b'P' => {
            let name = rest.text();
            if name.len() > 63 || !name.iter().all(|b| matches!(b, b'!'..=b'~')) {
                return Looks::Unlike;
            }
            let left = h.len - (name.len() + 1).min(h.len);
            begins(rest.0, left)
        }
        b'B' | b'E' | b'D' => walk(bytes, command::is_known, |kind, _| matches!(kind, b'S' | b'H')),
        _ => Looks::Unlike,
    }
}

/// `text`, of which `len` bytes are to come, begins with a statement.
fn begins(text: &[u8], len: usize) -> Looks {
    match sql::begins_statement(text) {
        Some(true) => Looks::Like,
        None if text.len() < len => Looks::Short,
        _ => Looks::Unlike,
    }
}

fn startup(bytes: &[u8]) -> Looks {
    let len = match command::startup_len(bytes) {
        Some(len) if command::is_startup_len(len) => len,
        Some(_) => return Looks::Unlike,
        None if bytes.get(1).is_none_or(|b| *b == 0) => return Looks::Short,
        None => return Looks::Unlike,
    };
    let Some(code) = bytes.get(4..8) else { return Looks::Short };
    match (code, bytes.get(..len)) {
        ([0, 3, 0, _] | [4, 0xd2, 0x16, 0x2e..=0x30], None) => Looks::Short,
        ([0, 3, 0, _] | [4, 0xd2, 0x16, 0x2e..=0x30], Some(packet)) => {
            let whole = bytes.len() == len;
            match command::startup(packet) {
                Some(Startup::Session { .. }) if packet.ends_with(&[0, 0]) => Looks::Like,
                Some(Startup::Tls | Startup::Gss | Startup::Cancel(_)) if whole => Looks::Like,
                _ => Looks::Unlike,
            }
        }
        _ => Looks::Unlike,
    }
}

fn from_server(bytes: &[u8]) -> Looks {
    let first = bytes
        .first()
        .is_some_and(|k| matches!(k, b'R' | b'T' | b'C' | b'E' | b'1' | b'2' | b'n' | b't' | b'D'));
    if !first {
        return Looks::Unlike;
    }
    let plausible = |kind, body: &[u8]| match kind {
        b'Z' => matches!(body, [b'I' | b'T' | b'E']),
        // The last word of an authentication, before anything else can be said.
        b'R' => {
            matches!(body, [0, 0, 0, 3] | [0, 0, 0, 5, _, _, _, _])
                || body.starts_with(b"\0\0\0\x0aSCRAM-SHA-256")
        }
        _ => false,
    };
    walk(bytes, answer::is_known, plausible)
}

/// Whole messages of known kinds, until one that `last` takes for proof.
fn walk(bytes: &[u8], known: fn(u8) -> bool, last: impl Fn(u8, &[u8]) -> bool) -> Looks {
    let mut at = 0;
    for _ in 0..MAX_WALK {
        let rest = &bytes[at.min(bytes.len())..];
        match rest.first() {
            None => return Looks::Short,
            Some(kind) if !known(*kind) => return Looks::Unlike,
            Some(_) => {}
        }
        let Some(h) = header(rest) else { return Looks::Short };
        if h.len > MAX_FIRST {
            return Looks::Unlike;
        }
        let body = rest[HEADER..].get(..h.len);
        if body.is_some_and(|body| last(h.kind, body)) {
            return Looks::Like;
        }
        at += HEADER + h.len;
    }
    Looks::Unlike
}

/// Can `bytes`, which begin a segment, begin with a client's message?
pub(super) fn begins_command(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(b'Q' | b'P') => from_client(bytes) == Looks::Like,
        Some(kind) if command::is_known(*kind) => {
            walk(bytes, command::is_known, |kind, _| matches!(kind, b'S' | b'H' | b'X'))
                == Looks::Like
        }
        _ => false,
    }
}

/// Can `bytes`, which begin a segment, begin with an answer?
pub(super) fn begins_answer(bytes: &[u8]) -> bool {
    let known = bytes.first().is_some_and(|k| answer::is_known(*k));
    known && header(bytes).is_some_and(|h| h.len < MAX_FIRST)
}

/// The offset of a ReadyForQuery.
pub(super) fn find_ready(bytes: &[u8]) -> Option<usize> {
    const READY: &[u8] = b"Z\0\0\0\x05";
    memchr::memmem::find_iter(bytes, READY)
        .find(|at| matches!(bytes.get(at + READY.len()), Some(b'I' | b'T' | b'E')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_postgres() {
        let pg = |dir| Probe::Certain(L7Protocol::PostgreSql, dir);
        for (bytes, want) in [
            (&b"\0\0\0\x08\x04\xd2\x16\x2f"[..], pg(ToServer)),
            (b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02", pg(ToServer)),
            (b"\0\0\0\x13\0\x03\0\0user\0root\0\0", pg(ToServer)),
            (b"\0\0\0\x13\0\x03\0\0user\0ro", Probe::Unsure),
            (b"\0\0\0\x13\0\x04\0\0user\0root\0\0", Probe::NotForUs),
            (b"Q\0\0\0\x17delete  from test;\0", pg(ToServer)),
            (b"Q\0\0\0\x17dele", Probe::Unsure),
            (b"Q\0\0\0\x17nonsense from test\0", Probe::NotForUs),
            (b"P\0\0\0\x1621\0delete from t\0\0\0", pg(ToServer)),
            (b"B\0\0\0\x0c\0\0\0\0\0\0\0\0E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04", pg(ToServer)),
            (b"C\0\0\0\x0dDELETE 1\0Z\0\0\0\x05I", pg(ToClient)),
            (b"R\0\0\0\x0c\0\0\0\x05salt", pg(ToClient)),
            (b"C\0\0\0\x0dDELETE 1\0", Probe::Unsure),
            (b"POST / HTTP/1.1\r\n", Probe::NotForUs),
            (b"\x09\0\0\0\x03select 1", Probe::NotForUs),
        ] {
            assert_eq!(probe(bytes, None), want, "{}", bytes.escape_ascii());
        }
    }
}
