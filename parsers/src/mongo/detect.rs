//! Telling MongoDB from anything else, and finding a place again after a loss.

use super::bson::le32;
use super::message::{self, COMPRESSED, MSG, QUERY, REPLY};
use super::{HEADER, Header, MAX_MESSAGE, header};
use crate::message::{Direction, L7Protocol, Probe};

/// What bytes look like.
enum Looks {
    Like,
    Short,
    Unlike,
}

/// Is this MongoDB, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    // No message is longer than three bytes can say and a little.
    if bytes.get(3).is_some_and(|b| *b > (MAX_MESSAGE >> 24) as u8) {
        return Probe::NotForUs;
    }
    let Some(h) = header(bytes) else {
        // Who sends less than a header has little to say. The operation's number ends it.
        let possible = le32(bytes).is_none_or(|n| (HEADER as u32 + 1..1 << 20).contains(&n))
            && (bytes.get(12).is_none_or(|b| matches!(b, 1 | 0xd1..=0xdd)))
            && (bytes.get(13).is_none_or(|b| matches!(b, 0 | 7)));
        return if possible { Probe::Unsure } else { Probe::NotForUs };
    };
    match looks(&h, &bytes[HEADER..]) {
        Looks::Like => Probe::Certain(L7Protocol::MongoDb, direction(&h, hint)),
        Looks::Short => Probe::Unsure,
        Looks::Unlike => Probe::NotForUs,
    }
}

/// Only answers refer to another message; the first request's number may be 0.
fn direction(h: &Header, hint: Option<Direction>) -> Direction {
    match (h.operation, h.answers) {
        (REPLY, _) | (_, 1..) => Direction::ToClient,
        (MSG | COMPRESSED, 0) => hint.unwrap_or(Direction::ToServer),
        _ => Direction::ToServer,
    }
}

fn looks(h: &Header, body: &[u8]) -> Looks {
    if h.len == HEADER {
        return Looks::Unlike;
    }
    let body = &body[..body.len().min(h.len - HEADER)];
    match h.operation {
        MSG => match (le32(body), body.get(4)) {
            (Some(flags), _) if flags & 0xfffc != 0 => Looks::Unlike,
            (Some(_), Some(0)) => document(&body[5..], h.len - HEADER - 5),
            (Some(_), Some(1)) => match le32(&body[5..]) {
                Some(n) if (n as usize) < h.len => Looks::Like,
                Some(_) => Looks::Unlike,
                None => Looks::Short,
            },
            (_, Some(_)) => Looks::Unlike,
            (_, None) => Looks::Short,
        },
        REPLY => match (le32(body), body.get(12..20)) {
            (Some(flags), _) if flags > 0xf => Looks::Unlike,
            (_, Some([_, _, _, _, _, _, 0, 0])) => match h.len - HEADER - 20 {
                0 => Looks::Like,
                left => document(&body[20..], left),
            },
            (_, Some(_)) => Looks::Unlike,
            (_, None) => Looks::Short,
        },
        COMPRESSED => match (le32(body), body.get(8)) {
            (Some(inner), _) if message::name(inner).is_none() || inner == COMPRESSED => {
                Looks::Unlike
            }
            (Some(_), Some(0..=3)) => Looks::Like,
            (_, Some(_)) => Looks::Unlike,
            (_, None) => Looks::Short,
        },
        // Flags or a zero, and the full name of a collection.
        _ => {
            let flags = usize::from(h.operation != 2010) * 4;
            let Some(text) = body.get(flags..) else { return Looks::Short };
            if h.operation == QUERY && le32(body).is_some_and(|f| f > 0xff) {
                return Looks::Unlike;
            }
            if h.operation == 2007 {
                return Looks::Like;
            }
            let name = &text[..text.len().min(256)];
            match memchr::memchr(0, name) {
                Some(end) if is_name(&name[..end]) && name[..end].contains(&b'.') => Looks::Like,
                None if is_name(name) && name.len() < 256 => Looks::Short,
                _ => Looks::Unlike,
            }
        }
    }
}

fn is_name(name: &[u8]) -> bool {
    name.iter().all(|b| *b > b' ')
}

/// A document with a first element, of which `left` bytes can come.
fn document(bytes: &[u8], left: usize) -> Looks {
    match (le32(bytes), bytes.get(4)) {
        (Some(n), _) if !(5..=left).contains(&(n as usize)) => Looks::Unlike,
        (_, Some(0..=19 | 0x7f | 0xff)) => Looks::Like,
        (_, Some(_)) => Looks::Unlike,
        (_, None) => Looks::Short,
    }
}

/// The offset of the first message that goes this way.
pub(super) fn find(dir: Direction, bytes: &[u8]) -> Option<usize> {
    (0..bytes.len().saturating_sub(HEADER)).find(|at| {
        let rest = &bytes[*at..];
        matches!(rest[12..14], [0xd1..=0xdd, 7] | [1, 0])
            && matches!(probe(rest, Some(dir)), Probe::Certain(_, d) if d == dir)
    })
}
