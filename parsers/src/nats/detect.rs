//! Telling NATS from anything else, and finding a place again after a loss.

use super::line::{self, Line, Verb, Wrong};
use crate::message::{Direction, L7Protocol, Probe};

/// Lines that are looked at.
const MAX_LINES: usize = 16;

/// Is this NATS, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let mut rest = bytes;
    for _ in 0..MAX_LINES {
        if rest.is_empty() {
            // PING, PONG and +OK alone are others' words too.
            return Probe::NotForUs;
        }
        match line::read(rest) {
            Ok(line) => match line.verb {
                Verb::Ping | Verb::Pong | Verb::Ok => rest = &rest[line.used..],
                _ if proves(&line, rest) => return certain(line.verb),
                _ => return Probe::NotForUs,
            },
            // A long line is known by how it begins.
            Err(Wrong::Short) if begins(rest, b"INFO {", b"\"server_id\"") => {
                return certain(Verb::Info);
            }
            Err(Wrong::Short) => return Probe::Unsure,
            Err(Wrong::Bad) => return Probe::NotForUs,
        }
    }
    Probe::NotForUs
}

fn certain(verb: Verb) -> Probe {
    let dir = match verb.is_clients() {
        Some(true) => Direction::ToServer,
        _ => Direction::ToClient,
    };
    Probe::Certain(L7Protocol::Nats, dir)
}

fn begins(bytes: &[u8], with: &[u8], holding: &[u8]) -> bool {
    bytes.starts_with(with)
        && memchr::memmem::find(&bytes[..bytes.len().min(64)], holding).is_some()
}

/// Could no other protocol begin with this line?
fn proves(line: &Line<'_>, bytes: &[u8]) -> bool {
    match line.verb {
        Verb::Info => memchr::memmem::find(line.text, b"\"server_id\"").is_some(),
        Verb::Connect => [&b"\"verbose\""[..], b"\"lang\"", b"\"pedantic\"", b"\"protocol\""]
            .iter()
            .any(|word| memchr::memmem::find(line.text, word).is_some()),
        Verb::Err => bytes.starts_with(b"-ERR '"),
        Verb::Sub | Verb::Unsub => !line.text.is_empty() || !line.subject.is_empty(),
        _ => {
            // The payload ends with a line end.
            let whole = line.used + line.headers + line.payload;
            let end = bytes.get(whole - 2..whole).is_none_or(|end| end == b"\r\n");
            let headers = bytes.get(line.used..line.used + line.headers.min(8));
            end && (line.headers == 0 || headers.is_none_or(|h| h == b"NATS/1.0"))
        }
    }
}

/// The offset of the first line of this direction.
pub(super) fn find(dir: Direction, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        if let Ok(line) = line::read(rest) {
            let fits = line.verb.is_clients().is_none_or(|c| c == (dir == Direction::ToServer));
            if fits && proves(&line, rest) {
                return Some(at);
            }
        }
        at += memchr::memchr(b'\n', rest)? + 1;
        if at == bytes.len() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_nats() {
        let nats = |dir| Probe::Certain(L7Protocol::Nats, dir);
        for (bytes, want) in [
            (&b"INFO {\"server_id\":\"X\",\"version\":\"2.9\"}\r\n"[..], nats(ToClient)),
            (b"INFO {\"server_id\":\"X\",\"vers", nats(ToClient)),
            (b"INFO\r\n", Probe::NotForUs),
            (b"CONNECT {\"verbose\":false}\r\nPING\r\n", nats(ToServer)),
            (b"CONNECT a:443 HTTP/1.1\r\n", Probe::NotForUs),
            (b"PING\r\n", Probe::NotForUs),
            (b"PING\r\nPUB a.b 2\r\nhi\r\n", nats(ToServer)),
            (b"PUB a.b 2\r\nhello\r\n", Probe::NotForUs),
            (b"PUB a.b 2", Probe::Unsure),
            (b"+OK\r\nMSG a.b 1 2\r\nhi\r\n", nats(ToClient)),
            (b"+OK\r\n", Probe::NotForUs),
            (b"SUB a.* 1\r\n", nats(ToServer)),
            (b"SUBSCRIBE a\r\n", Probe::NotForUs),
            (b"-ERR 'Stale Connection'\r\n", nats(ToClient)),
            (b"-ERR unknown command\r\n", Probe::NotForUs),
            (b"HMSG a 1 22 33\r\nNATS/1.0\r\nBar: Baz\r\n\r\nHello NATS!\r\n", nats(ToClient)),
        ] {
            assert_eq!(probe(bytes, None), want, "{}", bytes.escape_ascii());
        }
    }
}
