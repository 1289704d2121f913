//! Telling Redis from anything else, and finding a place again after a loss.

use super::command::{Words, is_verb};
use super::resp::{Header, header, line_len};
use super::table;
use crate::message::{Direction, L7Protocol, Probe};

/// How far a command is looked for after a loss.
const MAX_SEARCH: usize = 64 * 1024;
/// Words of a command that detection believes.
const MAX_WORDS: u64 = 1024 * 1024;
/// An inline command is believed up to this length.
const MAX_LINE: usize = 1024;

/// Answers that only this protocol has.
const ANSWERS: [&[u8]; 20] = [
    b"+PONG\r\n",
    b"+QUEUED\r\n",
    b"+FULLRESYNC ",
    b"-ERR unknown command",
    b"-ERR wrong number of arguments for",
    b"-ERR syntax error\r\n",
    b"-WRONGTYPE ",
    b"-WRONGPASS ",
    b"-NOAUTH ",
    b"-NOPERM ",
    b"-NOPROTO ",
    b"-NOSCRIPT ",
    b"-MOVED ",
    b"-LOADING ",
    b"-READONLY ",
    b"-MISCONF ",
    b"-EXECABORT ",
    b"-CLUSTERDOWN ",
    b"-MASTERDOWN ",
    b"-DENIED ",
];

/// Inline commands by which a connection is believed: verbs that no other text protocol has, or
/// in capitals where Memcached writes small ones.
const INLINE: [&[u8]; 34] = [
    b"SET",
    b"GET",
    b"DEL",
    b"EXISTS",
    b"KEYS",
    b"INCR",
    b"DECR",
    b"INCRBY",
    b"MSET",
    b"MGET",
    b"HSET",
    b"HGET",
    b"HGETALL",
    b"HDEL",
    b"LPUSH",
    b"RPUSH",
    b"LPOP",
    b"RPOP",
    b"LRANGE",
    b"SADD",
    b"SMEMBERS",
    b"SISMEMBER",
    b"ZADD",
    b"ZRANGE",
    b"ZSCORE",
    b"EXPIRE",
    b"TTL",
    b"DBSIZE",
    b"CONFIG",
    b"CLIENT",
    b"PUBLISH",
    b"PSUBSCRIBE",
    b"FLUSHALL",
    b"HELLO",
];

/// Is this Redis, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    match bytes.first() {
        Some(b'*') => array(bytes, hint),
        Some(b'+' | b'-') => answer(bytes),
        Some(b'A'..=b'Z') => inline(bytes, hint),
        _ => Probe::NotForUs,
    }
}

fn array(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let (words, used) = match header(bytes) {
        Header::Is(Some(n), used) if (1..=MAX_WORDS).contains(&n) => (n, used),
        Header::Short => return Probe::Unsure,
        Header::Is(..) | Header::Bad => return Probe::NotForUs,
    };
    let rest = &bytes[used..];
    match rest.first() {
        Some(b'$') => {}
        Some(_) => return Probe::NotForUs,
        None => return Probe::Unsure,
    }
    let (len, used) = match header(rest) {
        Header::Is(Some(n), used) if (1..=64).contains(&n) => (n as usize, used),
        Header::Short => return Probe::Unsure,
        Header::Is(..) | Header::Bad => return Probe::NotForUs,
    };
    let verb = &rest[used..rest.len().min(used + len)];
    if !verb.is_empty() && !is_verb(verb) {
        return Probe::NotForUs;
    }
    match rest.get(used + len..) {
        Some([b'\r', b'\n', ..]) => {}
        None | Some([] | [b'\r']) => return Probe::Unsure,
        Some(_) => return Probe::NotForUs,
    }
    // An answer's first element looks the same: a word that only clients say, or their side.
    let shouted = table::is_known(verb) && verb.iter().all(|b| !b.is_ascii_lowercase());
    match hint {
        Some(Direction::ToClient) if !(shouted && words < 64) => Probe::NotForUs,
        _ => Probe::Certain(L7Protocol::Redis, Direction::ToServer),
    }
}

fn answer(bytes: &[u8]) -> Probe {
    if ANSWERS.iter().any(|a| bytes.starts_with(a)) {
        return Probe::Certain(L7Protocol::Redis, Direction::ToClient);
    }
    if ANSWERS.iter().any(|a| a.starts_with(bytes)) { Probe::Unsure } else { Probe::NotForUs }
}

fn inline(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let verb = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let verb = &bytes[..verb];
    let whole = bytes.len() > verb.len();
    let known = |v: &&[u8]| if whole { **v == *verb } else { v.starts_with(verb) };
    if hint == Some(Direction::ToClient) || !INLINE.iter().any(known) {
        return Probe::NotForUs;
    }
    let Some(used) = line_len(bytes, MAX_LINE) else {
        let text = bytes.len() < MAX_LINE && bytes.iter().all(|b| matches!(b, b' '..=b'~' | b'\r'));
        return if text { Probe::Unsure } else { Probe::NotForUs };
    };
    let words = Words { rest: &bytes[..used] }.count() - 1;
    let fits = match verb {
        b"DBSIZE" | b"FLUSHALL" => words == 0,
        b"GET" | b"INCR" | b"DECR" | b"HGETALL" | b"KEYS" | b"TTL" | b"SMEMBERS" => words == 1,
        b"HELLO" => bytes.starts_with(b"HELLO 2") || bytes.starts_with(b"HELLO 3"),
        b"DEL" | b"EXISTS" | b"MGET" | b"PSUBSCRIBE" | b"LPOP" | b"RPOP" => words >= 1,
        _ => words >= 2,
    };
    // HTTP/0.9 and the like name a path; SIP publishes too, and says that it is SIP.
    let path = bytes[verb.len()..].trim_ascii_start().starts_with(b"/");
    let other = bytes[..used].trim_ascii_end().ends_with(b" SIP/2.0");
    if fits && !path && !other {
        Probe::Certain(L7Protocol::Redis, Direction::ToServer)
    } else {
        Probe::NotForUs
    }
}

/// The offset of the first array that can be a command.
pub(super) fn find_command(bytes: &[u8]) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(MAX_SEARCH)];
    memchr::memchr_iter(b'*', bytes).find(|&at| {
        let line = at == 0 || bytes[at - 1] == b'\n';
        line && matches!(array(&bytes[at..], None), Probe::Certain(..))
    })
}

/// Can `bytes`, which begin a segment, begin with an answer?
pub(super) fn begins_reply(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(b'$' | b'=' | b'!' | b'*' | b'~' | b'%' | b'>') => {
            matches!(header(bytes), Header::Is(..))
        }
        Some(b'+' | b'-') => {
            let line = line_len(bytes, super::WINDOW).map_or(bytes, |n| &bytes[..n]);
            let text = line.trim_ascii_end();
            text.len() > 1
                && text[1].is_ascii_alphanumeric()
                && text.iter().all(|b| matches!(b, b' '..=b'~'))
        }
        Some(b':') => match header(bytes) {
            Header::Is(..) => true,
            Header::Short | Header::Bad => false,
        },
        Some(b'_') => bytes.starts_with(b"_\r\n"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_redis() {
        let redis = |dir| Probe::Certain(L7Protocol::Redis, dir);
        for (bytes, hint, want) in [
            (&b"*1\r\n$4\r\nPING\r\n"[..], None, redis(ToServer)),
            (b"*2\r\n$3\r\nget\r\n$1\r\na\r\n", Some(ToServer), redis(ToServer)),
            (b"*2\r\n$3\r\nget\r\n$1\r\na\r\n", Some(ToClient), Probe::NotForUs),
            (b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n", Some(ToClient), redis(ToServer)),
            (b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n", Some(ToClient), Probe::NotForUs),
            (b"*1\r\n$8\r\nFT._LIST\r\n", None, redis(ToServer)),
            (b"*", None, Probe::Unsure),
            (b"*1\r\n$4\r\nPI", None, Probe::Unsure),
            (b"*1\r\n$4\r\nPING?", None, Probe::NotForUs),
            (b"*1\r\n$4\r\n\0\0\0\0\r\n", None, Probe::NotForUs),
            (b"*0\r\n", None, Probe::NotForUs),
            (b"*x", None, Probe::NotForUs),
            (b"+PONG\r\n", None, redis(ToClient)),
            (b"-NOAUTH Authentication required.\r\n", None, redis(ToClient)),
            (b"+OK\r\n", None, Probe::NotForUs),
            (b"+", None, Probe::Unsure),
            (b"-ERR bad\r\n", None, Probe::NotForUs),
            (b"SET a b\r\n", Some(ToServer), redis(ToServer)),
            (b"GET a\r\n", Some(ToServer), redis(ToServer)),
            (b"GET /\r\n", Some(ToServer), Probe::NotForUs),
            (b"GET / HTTP/1.1\r\n", Some(ToServer), Probe::NotForUs),
            (b"get a\r\n", Some(ToServer), Probe::NotForUs),
            (b"PING\r\n", Some(ToServer), Probe::NotForUs),
            (b"HELLO 3\r\n", Some(ToServer), redis(ToServer)),
            (b"HELO host\r\n", Some(ToServer), Probe::NotForUs),
            (b"CLIENT REPLY OFF\r\n", Some(ToServer), redis(ToServer)),
            (b"SE", Some(ToServer), Probe::Unsure),
        ] {
            assert_eq!(probe(bytes, hint), want, "{:?} {hint:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn places_after_a_loss() {
        assert_eq!(find_command(b"alue\r\n*1\r\n$4\r\nPING\r\n"), Some(6));
        assert_eq!(find_command(b"*1\r\n$-4"), None);
        assert!(
            begins_reply(b"$5\r\nhello\r\n") && begins_reply(b"+OK\r\n") && begins_reply(b":1\r\n")
        );
        assert!(!begins_reply(b"hello\r\n") && !begins_reply(b"$x") && !begins_reply(b":1x"));
    }
}
