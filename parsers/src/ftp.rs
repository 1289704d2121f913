//! FTP's control connection (RFC 959, 2228, 2428, 3659): commands and replies in order. What is
//! transferred goes over connections of its own, which are not followed; behind an accepted AUTH
//! nothing can be read.

use crate::framed::Said;
use crate::lined::{self, Lined, Lines, Places, Turns};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use crate::smtp::{holds, status};

/// Commands of the RFCs, and those that clients use all the same.
const COMMANDS: [&[u8]; 53] = [
    b"USER", b"PASS", b"ACCT", b"CWD", b"CDUP", b"SMNT", b"QUIT", b"REIN", b"PORT", b"PASV",
    b"TYPE", b"STRU", b"MODE", b"RETR", b"STOR", b"STOU", b"APPE", b"ALLO", b"REST", b"RNFR",
    b"RNTO", b"ABOR", b"DELE", b"RMD", b"MKD", b"PWD", b"LIST", b"NLST", b"SITE", b"SYST", b"STAT",
    b"HELP", b"NOOP", b"FEAT", b"OPTS", b"AUTH", b"ADAT", b"PBSZ", b"PROT", b"CCC", b"MIC",
    b"CONF", b"ENC", b"EPRT", b"EPSV", b"SIZE", b"MDTM", b"MFMT", b"MLSD", b"MLST", b"XPWD",
    b"CLNT", b"LANG",
];

/// What has to be known of a command when it is answered.
const PLAIN: u8 = 0;
const TLS: u8 = 1;

/// The parser of one connection.
pub type Ftp = Lined<Session>;

/// What of it is FTP.
#[derive(Debug)]
pub struct Session {
    turns: Turns,
    /// The server said something already, or the client did.
    greeted: bool,
    /// The code of a reply of several lines that is not over.
    inside: i32,
    /// It is an agreement to AUTH.
    agreed: bool,
}

impl Ftp {
    /// A parser at the start of a line in both directions.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        let turns = Turns::default();
        Self::of(Session { turns, greeted: false, inside: 0, agreed: false })
    }
}

/// Without Telnet's signs for an interruption, which go in front of ABOR.
fn without_signs(mut line: &[u8]) -> &[u8] {
    while let [0xff, 0xf0..=0xff, rest @ ..] | [0xf2, rest @ ..] = line {
        line = rest;
    }
    line
}

impl Session {
    fn command<'a>(&mut self, line: &'a [u8]) -> Said<'a> {
        self.greeted = true;
        let line = without_signs(line);
        let (verb, argument) = lined::word(line);
        let known = lined::known(verb, &COMMANDS);
        let is_word = (2..=8).contains(&verb.len()) && verb.iter().all(u8::is_ascii_alphabetic);
        let verb = match known {
            Some(verb) => verb,
            None if line.is_empty() => return Said::Nothing,
            None if is_word && lined::is_text(line) => verb,
            None => return Said::Bad,
        };
        self.turns.push(if verb == b"AUTH" { TLS } else { PLAIN });
        let secret = matches!(verb, b"PASS" | b"ACCT" | b"ADAT") || known.is_none();
        Said::Message(Message {
            request_type: verb,
            request_resource: if secret { b"" } else { argument },
            endpoint: verb,
            ..Message::default()
        })
    }

    fn reply<'a>(&mut self, line: &'a [u8], places: &mut Places) -> Said<'a> {
        let read = lined::reply(line);
        if self.inside != 0 {
            // Lines in the middle are free, but for the last one's code.
            if matches!(read, Some((code, false, _)) if code == self.inside) {
                self.inside = 0;
                if std::mem::take(&mut self.agreed) {
                    places.encrypted();
                }
            }
            return Said::Nothing;
        }
        let Some((code, more, text)) = read else { return Said::Bad };
        if more {
            self.inside = code;
        }
        let status = status(code);
        let ok = status == ResponseStatus::Ok;
        let mut message = Message {
            kind: MessageKind::Response,
            status,
            response_code: Some(code),
            exception: if ok { b"" } else { text },
            result: if ok { text } else { b"" },
            ..Message::default()
        };
        if !self.greeted && code != 120 {
            self.greeted = true;
            message.kind = MessageKind::Single;
            message.request_type = b"CONNECT";
            message.endpoint = b"CONNECT";
        } else if code < 200 {
            message.kind = MessageKind::Interim;
        } else if self.turns.pop() == Some(TLS) && code == 234 {
            self.agreed = more;
            if !more {
                places.encrypted();
            }
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
            Direction::ToClient => self.reply(line, places),
        }
    }

    fn plausible(&self, dir: Direction, line: &[u8]) -> bool {
        lined::is_text(line)
            && match dir {
                Direction::ToServer => lined::known(lined::word(line).0, &COMMANDS).is_some(),
                Direction::ToClient => lined::reply(line).is_some(),
            }
    }

    fn lost(&mut self, dir: Direction) {
        self.turns.clear();
        self.greeted = true;
        if dir == Direction::ToClient {
            self.inside = 0;
            self.agreed = false;
        }
    }
}

/// Is this FTP, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let up = Probe::Certain(L7Protocol::Ftp, Direction::ToServer);
    let down = Probe::Certain(L7Protocol::Ftp, Direction::ToClient);
    let line = match lined::first_line(bytes) {
        Ok(line) => line,
        Err(true) if lined::begins_reply(bytes) || begins_command(bytes) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    if let Some((code, _, text)) = lined::reply(line) {
        let fits = match code {
            // Mail servers greet with the same number.
            220 | 421 => {
                (holds(text, b"FTP") || holds(text, b"FileZilla")) && !holds(text, b"SMTP")
            }
            227 => holds(text, b"Entering Passive Mode"),
            229 => holds(text, b"Entering Extended Passive Mode"),
            331 => true,
            _ => false,
        };
        return if fits { down } else { Probe::NotForUs };
    }
    if is_telling(line) { up } else { Probe::NotForUs }
}

/// Words that only FTP begins a turn with. USER, PASS, STAT and others are POP3's too.
const TELLING: [&[u8]; 9] =
    [b"TYPE", b"PASV", b"EPSV", b"EPRT", b"PORT", b"AUTH", b"FEAT", b"SYST", b"MLSD"];

fn is_telling(line: &[u8]) -> bool {
    let (verb, argument) = lined::word(line);
    match lined::known(verb, &TELLING) {
        Some(b"TYPE") => matches!(argument, [b'A' | b'E' | b'I' | b'L'] | [_, b' ', ..]),
        Some(b"AUTH") => lined::known(argument, &[b"TLS", b"SSL", b"TLS-C", b"TLS-P"]).is_some(),
        Some(b"EPRT") => matches!(argument, [b'|', b'1' | b'2', b'|', ..]),
        Some(b"PORT") => {
            argument.iter().all(|b| b.is_ascii_digit() || *b == b',')
                && argument.iter().filter(|b| **b == b',').count() == 5
        }
        Some(b"EPSV") => argument.len() <= 3,
        Some(b"PASV" | b"FEAT" | b"SYST") => argument.is_empty(),
        Some(b"MLSD") => true,
        _ => false,
    }
}

fn begins_command(bytes: &[u8]) -> bool {
    TELLING.iter().any(|verb| {
        let n = verb.len().min(bytes.len());
        bytes[..n].eq_ignore_ascii_case(&verb[..n])
            && bytes.get(n).is_none_or(|b| matches!(b, b' ' | b'\r'))
    })
}
