//! POP3 (RFC 1939, 2449, 2595, 5034): commands and answers in order. Which answers go on over many
//! lines depends on the command; those lines, and mails among them, are skipped.

use crate::framed::Said;
use crate::lined::{self, Lined, Lines, Places, Turns};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use crate::text;

const COMMANDS: [&[u8]; 17] = [
    b"USER", b"PASS", b"APOP", b"AUTH", b"STLS", b"CAPA", b"STAT", b"LIST", b"RETR", b"DELE",
    b"NOOP", b"RSET", b"TOP", b"UIDL", b"QUIT", b"LANG", b"UTF8",
];

/// What has to be known of a command when it is answered.
const PLAIN: u8 = 0;
/// The answer goes on up to a dot.
const LINES: u8 = 1;
const AUTH: u8 = 2;
const TLS: u8 = 3;

/// The parser of one connection.
pub type Pop3 = Lined<Session>;

/// What of it is POP3.
#[derive(Debug)]
pub struct Session {
    turns: Turns,
    /// The server said something already, or the client did.
    greeted: bool,
    /// What was asked is not known, so that lines may follow an answer.
    unknown: bool,
}

impl Pop3 {
    /// A parser at the start of a line in both directions.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::of(Session { turns: Turns::default(), greeted: false, unknown: false })
    }
}

impl Session {
    fn command<'a>(&mut self, line: &'a [u8]) -> Said<'a> {
        self.greeted = true;
        if self.turns.last() == Some(AUTH) {
            // Names and passwords in Base64.
            return Said::Nothing;
        }
        let (verb, argument) = lined::word(line);
        let known = lined::known(verb, &COMMANDS);
        let is_word = (3..=8).contains(&verb.len()) && verb.iter().all(u8::is_ascii_alphabetic);
        let verb = match known {
            Some(verb) => verb,
            None if is_word && lined::is_text(line) => verb,
            None => return Said::Bad,
        };
        let (turn, resource) = match verb {
            b"LIST" | b"UIDL" if argument.is_empty() => (LINES, argument),
            b"RETR" | b"TOP" | b"CAPA" => (LINES, argument),
            b"LANG" if argument.is_empty() => (LINES, argument),
            b"AUTH" if argument.is_empty() => (LINES, argument),
            b"AUTH" => (AUTH, lined::word(argument).0),
            b"STLS" => (TLS, argument),
            // Behind the name stands a digest of the password.
            b"APOP" => (PLAIN, lined::word(argument).0),
            b"PASS" => (PLAIN, &b""[..]),
            _ if known.is_none() => (PLAIN, &b""[..]),
            _ => (PLAIN, argument),
        };
        self.turns.push(turn);
        Said::Message(Message {
            request_type: verb,
            request_resource: resource,
            endpoint: verb,
            ..Message::default()
        })
    }

    fn answer<'a>(&mut self, line: &'a [u8], places: &mut Places) -> Said<'a> {
        let (word, text) = lined::word(line);
        let ok = match word {
            b"+OK" => true,
            b"-ERR" => false,
            b"+" => {
                return Said::Message(Message { kind: MessageKind::Interim, ..Message::default() });
            }
            _ if self.unknown && lined::is_text(line) => return Said::Nothing,
            _ => return Said::Bad,
        };
        // RFC 2449, 3206: in brackets, whose fault it is.
        let theirs = text.starts_with(b"[SYS/") || text.starts_with(b"[IN-USE]");
        let mut message = Message {
            kind: MessageKind::Response,
            status: match ok {
                true => ResponseStatus::Ok,
                false if theirs => ResponseStatus::ServerError,
                false => ResponseStatus::ClientError,
            },
            exception: if ok { b"" } else { text },
            result: if ok { text } else { b"" },
            ..Message::default()
        };
        if !std::mem::replace(&mut self.greeted, true) {
            message.kind = MessageKind::Single;
            message.request_type = b"CONNECT";
            message.endpoint = b"CONNECT";
            return Said::Message(message);
        }
        let turn = self.turns.pop();
        self.unknown = turn.is_none();
        match turn {
            Some(LINES) if ok => places.text(Direction::ToClient),
            Some(TLS) if ok => places.encrypted(),
            _ => {}
        }
        Said::Message(message)
    }
}

impl Lines for Session {
    fn line<'a>(
        &mut self,
        dir: Direction,
        line: &'a [u8],
        places: &mut Places,
        _scratch: &'a mut Scratch,
    ) -> Said<'a> {
        match dir {
            Direction::ToServer => self.command(line),
            Direction::ToClient => self.answer(line, places),
        }
    }

    fn plausible(&self, dir: Direction, line: &[u8]) -> bool {
        let word = lined::word(line).0;
        lined::is_text(line)
            && match dir {
                Direction::ToServer => lined::known(word, &COMMANDS).is_some(),
                Direction::ToClient => matches!(word, b"+OK" | b"-ERR"),
            }
    }

    fn lost(&mut self, _dir: Direction) {
        self.turns.clear();
        self.greeted = true;
        self.unknown = true;
    }
}

/// Is this POP3, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let up = Probe::Certain(L7Protocol::Pop3, Direction::ToServer);
    let down = Probe::Certain(L7Protocol::Pop3, Direction::ToClient);
    let line = match lined::first_line(bytes) {
        Ok(line) => line,
        Err(true) if begins(bytes) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let (verb, argument) = lined::word(line);
    let numbers = || argument.split(|b| *b == b' ').all(|n| text::number(n).is_some());
    let fits = match lined::known(verb, &TELLING) {
        // "+OK" alone is Redis' and that of NATS.
        Some(b"+OK") if argument.is_empty() || hint == Some(Direction::ToServer) => false,
        Some(b"+OK") => return down,
        Some(b"CAPA" | b"STLS") => argument.is_empty(),
        Some(b"UIDL") => argument.is_empty() || numbers(),
        Some(b"RETR" | b"DELE" | b"TOP") => numbers(),
        Some(b"APOP") => argument.contains(&b' '),
        _ => false,
    };
    if fits { up } else { Probe::NotForUs }
}

/// Words that only POP3 begins a turn with, some of them with a number.
const TELLING: [&[u8]; 8] = [b"+OK", b"CAPA", b"STLS", b"UIDL", b"RETR", b"DELE", b"TOP", b"APOP"];

fn begins(bytes: &[u8]) -> bool {
    TELLING.iter().any(|verb| {
        let n = verb.len().min(bytes.len());
        bytes[..n].eq_ignore_ascii_case(&verb[..n])
            && bytes.get(n).is_none_or(|b| matches!(b, b' ' | b'\r'))
    })
}
