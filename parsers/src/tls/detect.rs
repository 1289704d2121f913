//! Telling TLS from anything else: by a hello, or, when a connection was joined later, by records of
//! encrypted data that follow each other exactly.

use super::hello::{CLIENT_HELLO, SERVER_HELLO};
use super::record::{self, APPLICATION_DATA, HANDSHAKE, HEADER, Head};
use crate::message::{Direction, L7Protocol, Probe};

/// Of a hello: record header, message header, version, random, length of the session's id.
const FRONT: usize = HEADER + 4 + 2 + 32 + 1;
/// Body of a hello at most: post-quantum keys and large tickets stay below.
pub(super) const MAX_BODY: u32 = 1 << 17;
/// Records in a row that tell a connection that was joined late.
const ROW: usize = 3;
/// The shortest record of encrypted data: a tag, and something it protects.
const MIN_ENCRYPTED: u16 = 17;
/// How far into some bytes a hello is looked for after a loss.
const MAX_SEARCH: usize = 4096;

/// Is this TLS, and which way does it go?
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    match bytes.first() {
        Some(&HANDSHAKE) => hello(bytes),
        Some(&APPLICATION_DATA) => encrypted(bytes, hint.unwrap_or(Direction::ToServer)),
        _ => Probe::NotForUs,
    }
}

/// Do `bytes` begin with a hello? A hello in the form of SSL 2.0 is none: nothing that answers
/// one is in use any more.
pub(super) fn hello(bytes: &[u8]) -> Probe {
    let len = match record::head(bytes) {
        Head::Is(HANDSHAKE, len) => u32::from(len),
        Head::Short => return Probe::Unsure,
        _ => return Probe::NotForUs,
    };
    let message = &bytes[HEADER..];
    let dir = match message.first() {
        Some(&CLIENT_HELLO) => Direction::ToServer,
        Some(&SERVER_HELLO) => Direction::ToClient,
        Some(_) => return Probe::NotForUs,
        None => return Probe::Unsure,
    };
    let Some(body) = message.get(1..4) else { return Probe::Unsure };
    let body = u32::from_be_bytes([0, body[0], body[1], body[2]]);
    // Version, random, session, and ciphers with compression, or a cipher and compression.
    let least = if dir == Direction::ToServer { 41 } else { 38 };
    if !(least..=MAX_BODY).contains(&body) {
        return Probe::NotForUs;
    }
    // Records in which less than a hello's fixed front stands occur with nobody who means well.
    if len < (FRONT - HEADER) as u32 {
        return Probe::NotForUs;
    }
    match message.get(4..6) {
        Some([3, 0..=4]) => {}
        Some(_) => return Probe::NotForUs,
        None => return Probe::Unsure,
    }
    match bytes.get(FRONT - 1) {
        Some(0..=32) => Probe::Certain(L7Protocol::Tls, dir),
        Some(_) => Probe::NotForUs,
        None => Probe::Unsure,
    }
}

/// Records of encrypted data, the last of which may be cut.
fn encrypted(bytes: &[u8], dir: Direction) -> Probe {
    let mut at = 0;
    for _ in 0..ROW {
        match record::head(&bytes[at..]) {
            Head::Is(APPLICATION_DATA, len) if len >= MIN_ENCRYPTED && bytes[at + 2] == 3 => {
                at += HEADER + usize::from(len);
            }
            _ => return Probe::NotForUs,
        }
        if at >= bytes.len() {
            break;
        }
    }
    // One record says enough only when it ends where the bytes do.
    let row = bytes.len() > HEADER + usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
    if at == bytes.len() || row { Probe::Certain(L7Protocol::Tls, dir) } else { Probe::NotForUs }
}

/// Where a hello begins in `bytes`, or whether a record does at their front.
pub(super) fn find(bytes: &[u8]) -> Option<(usize, bool)> {
    let front = &bytes[..bytes.len().min(MAX_SEARCH)];
    let hellos = memchr::memchr_iter(HANDSHAKE, front);
    let mut hellos = hellos.filter(|at| matches!(hello(&bytes[*at..]), Probe::Certain(..)));
    if matches!(record::head(bytes), Head::Is(_, 1..)) {
        let is_hello = matches!(hello(bytes), Probe::Certain(..));
        return Some((0, is_hello));
    }
    hellos.next().map(|at| (at, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_tls() {
        const UP: Probe = Probe::Certain(L7Protocol::Tls, ToServer);
        const DOWN: Probe = Probe::Certain(L7Protocol::Tls, ToClient);
        let rest = [&[7; 32][..], &[0; 8]].concat();
        let with = |front: &[u8]| [front, &rest].concat();
        let client = with(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03");
        assert_eq!(probe(&client, None), UP);
        for n in 1..FRONT {
            assert_eq!(probe(&client[..n], None), Probe::Unsure, "{n}");
        }
        assert_eq!(probe(&with(b"\x16\x03\x03\0\x5a\x02\0\0\x56\x03\x03"), None), DOWN);
        let mut record = b"\x17\x03\x03\0\x20".to_vec();
        record.extend([9; 32]);
        assert_eq!(probe(&record, Some(ToClient)), DOWN);
        assert_eq!(probe(&record[..20], None), Probe::NotForUs);
        assert_eq!(probe(&[&record[..], &record[..9]].concat(), None), UP);
        for no in [
            &with(b"\x16\x03\x01\x02\0\x03\0\x01\xfc\x03\x03")[..],
            &with(b"\x16\x02\x01\x02\0\x01\0\x01\xfc\x03\x03"),
            &with(b"\x16\x03\x01\x02\0\x01\x09\x01\xfc\x03\x03"),
            &with(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x04\x03"),
            // SSL 2.0.
            b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10\x01\0\x80\x07\0\xc0\x03\0\x80\0\0\x05\x02\0\x80",
            &[&record[..], b"GET / HTTP/1.1\r\n"].concat(),
        ] {
            assert_eq!(probe(no, None), Probe::NotForUs, "{}", no.escape_ascii());
        }
        assert_eq!(find(&[b"\x16junk", &client[..]].concat()), Some((5, true)));
        assert_eq!(find(&record), Some((0, false)));
        assert_eq!(find(b"\x16nothing at all"), None);
    }
}
