//! SMTP (RFC 5321) and LMTP: commands and replies in order, as many ahead as PIPELINING allows. The
//! mail itself is skipped and its length noted; behind an accepted STARTTLS nothing can be read.

use crate::framed::Said;
use crate::lined::{self, Lined, Lines, Places, Turns};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use crate::text;

/// Commands of RFC 5321 and of the extensions that mail servers have.
const COMMANDS: [&[u8]; 19] = [
    b"EHLO",
    b"HELO",
    b"LHLO",
    b"MAIL",
    b"RCPT",
    b"DATA",
    b"BDAT",
    b"RSET",
    b"NOOP",
    b"QUIT",
    b"VRFY",
    b"EXPN",
    b"HELP",
    b"AUTH",
    b"STARTTLS",
    b"ETRN",
    b"TURN",
    b"XCLIENT",
    b"XFORWARD",
];
/// A message is shorter; more is a broken length.
const MAX_CHUNK: u64 = 1 << 32;

/// What has to be known of a command when it is answered.
const PLAIN: u8 = 0;
const DATA: u8 = 1;
const AUTH: u8 = 2;
const TLS: u8 = 3;

/// The parser of one connection.
pub type Smtp = Lined<Session>;

/// What of it is SMTP.
#[derive(Debug)]
pub struct Session {
    turns: Turns,
    /// The server said something already, or the client did.
    greeted: bool,
    /// Inside a reply of several lines.
    inside: bool,
    /// The first of them was to STARTTLS and agreed.
    agreed: bool,
    /// The mail was sent, its length is known and its answer is still to come.
    sent: bool,
}

impl Smtp {
    /// A parser at the start of a line in both directions.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::of(Session {
            turns: Turns::default(),
            greeted: false,
            inside: false,
            agreed: false,
            sent: false,
        })
    }
}

/// The address in `FROM:<address> PARAMETERS`.
fn address(argument: &[u8]) -> &[u8] {
    let Some(open) = memchr::memchr(b'<', argument) else {
        let rest = memchr::memchr(b':', argument).map_or(argument, |at| &argument[at + 1..]);
        return lined::word(rest.trim_ascii()).0;
    };
    let rest = &argument[open + 1..];
    &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())]
}

/// Whose mistake a negative reply says it was: those that may be tried again are the server's.
pub(crate) fn status(code: i32) -> ResponseStatus {
    match code {
        400..500 => ResponseStatus::ServerError,
        500.. => ResponseStatus::ClientError,
        _ => ResponseStatus::Ok,
    }
}

impl Session {
    fn command<'a>(&mut self, line: &'a [u8], places: &mut Places) -> Said<'a> {
        self.greeted = true;
        if self.turns.last() == Some(AUTH) {
            // Names and passwords in Base64.
            return Said::Nothing;
        }
        if self.turns.last() == Some(DATA) && !self.sent {
            // The server's consent was not seen: this line is the first of the mail.
            places.text(Direction::ToServer);
            return Said::Nothing;
        }
        let (verb, argument) = lined::word(line);
        let Some(verb) = lined::known(verb, &COMMANDS) else {
            return if lined::is_text(line) { self.other(verb, line) } else { Said::Bad };
        };
        let mut message = Message { request_type: verb, endpoint: verb, ..Message::default() };
        let mut turn = PLAIN;
        match verb {
            b"EHLO" | b"HELO" | b"LHLO" => message.request_domain = argument,
            b"MAIL" | b"RCPT" => message.request_resource = address(argument),
            b"VRFY" | b"EXPN" | b"ETRN" => message.request_resource = argument,
            b"DATA" => {
                turn = DATA;
                self.sent = false;
            }
            b"BDAT" => {
                let len = text::number(lined::word(argument).0).filter(|n| *n <= MAX_CHUNK);
                message.length = len;
                places.counted(Direction::ToServer, len.unwrap_or(0));
            }
            b"AUTH" => {
                turn = AUTH;
                message.request_resource = lined::word(argument).0;
            }
            b"STARTTLS" => turn = TLS,
            _ => {}
        }
        self.turns.push(turn);
        Said::Message(message)
    }

    /// A command that nobody knows; the server will say so.
    fn other<'a>(&mut self, verb: &'a [u8], line: &[u8]) -> Said<'a> {
        let is_word = (3..=12).contains(&verb.len()) && verb.iter().all(u8::is_ascii_alphabetic);
        if !is_word {
            return if line.is_empty() { Said::Nothing } else { Said::Bad };
        }
        self.turns.push(PLAIN);
        Said::Message(Message { request_type: verb, endpoint: verb, ..Message::default() })
    }

    fn reply<'a>(
        &mut self,
        line: &'a [u8],
        places: &mut Places,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Some((code, more, text)) = lined::reply(line) else { return Said::Bad };
        if std::mem::replace(&mut self.inside, more) {
            if !more && std::mem::take(&mut self.agreed) {
                places.encrypted();
            }
            return Said::Nothing;
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
        if (300..400).contains(&code) {
            if self.turns.first() == Some(DATA) {
                places.text(Direction::ToServer);
                self.sent = true;
            }
            message.kind = MessageKind::Interim;
            return Said::Message(message);
        }
        if !std::mem::replace(&mut self.greeted, true) {
            message.kind = MessageKind::Single;
            message.request_type = b"CONNECT";
            message.endpoint = b"CONNECT";
            message.request_domain = if ok { lined::word(text).0 } else { b"" };
            return Said::Message(message);
        }
        match self.turns.pop() {
            Some(DATA) if std::mem::take(&mut self.sent) && places.text_len > 0 => {
                scratch.facts.clear();
                scratch.facts.metric("mail_bytes", places.text_len as f64);
                message.facts = Some(&scratch.facts);
            }
            // Nothing of the mail will come.
            Some(DATA) => places.line(Direction::ToServer),
            Some(TLS) if ok && more => self.agreed = true,
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
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        match dir {
            Direction::ToServer => self.command(line, places),
            Direction::ToClient => self.reply(line, places, scratch),
        }
    }

    fn plausible(&self, dir: Direction, line: &[u8]) -> bool {
        match dir {
            Direction::ToServer => {
                let (verb, argument) = lined::word(line);
                // Words of a mail look like commands; these have their arguments or none.
                lined::is_text(line)
                    && match lined::known(verb, &COMMANDS) {
                        Some(b"DATA" | b"RSET" | b"QUIT" | b"STARTTLS") => argument.is_empty(),
                        _ => is_telling(line),
                    }
            }
            Direction::ToClient => lined::reply(line).is_some() && lined::is_text(line),
        }
    }

    fn lost(&mut self, dir: Direction) {
        self.turns.clear();
        self.greeted = true;
        self.sent = false;
        if dir == Direction::ToClient {
            self.inside = false;
            self.agreed = false;
        }
    }
}

fn begins(text: &[u8], with: &[u8]) -> bool {
    text.get(..with.len()).is_some_and(|front| front.eq_ignore_ascii_case(with))
}

/// Does `text` hold `word`, written in capitals, in any case?
pub(crate) fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Is this SMTP, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let up = Probe::Certain(L7Protocol::Smtp, Direction::ToServer);
    let down = Probe::Certain(L7Protocol::Smtp, Direction::ToClient);
    let line = match lined::first_line(bytes) {
        Ok(line) => line,
        Err(true) if may_begin(bytes) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    if let Some((code, _, text)) = lined::reply(line) {
        // FTP greets with the same number, and news servers with their own.
        let greets =
            matches!(code, 220 | 554 | 421) && (holds(text, b"SMTP") || holds(text, b"LMTP"));
        return if greets || enhanced(code, text) { down } else { Probe::NotForUs };
    }
    if is_telling(line) { up } else { Probe::NotForUs }
}

/// A command that only SMTP has, with its argument.
fn is_telling(line: &[u8]) -> bool {
    let (verb, argument) = lined::word(line);
    match lined::known(verb, &COMMANDS) {
        Some(b"EHLO" | b"HELO" | b"LHLO") => !argument.is_empty() && !argument.contains(&b' '),
        Some(b"MAIL") => begins(argument, b"FROM:"),
        Some(b"RCPT") => begins(argument, b"TO:"),
        _ => false,
    }
}

/// RFC 2034: behind the code a status of three numbers, the first of which is that of the code.
fn enhanced(code: i32, text: &[u8]) -> bool {
    let status = lined::word(text).0;
    let mut numbers = status.split(|b| *b == b'.').map(text::number);
    let (first, rest) = (numbers.next().flatten(), [numbers.next(), numbers.next()]);
    first == Some(code as u64 / 100)
        && rest.iter().all(|n| matches!(n, Some(Some(0..=999))))
        && numbers.next().is_none()
}

/// Can a line that begins like this be one that [`probe`] believes?
fn may_begin(bytes: &[u8]) -> bool {
    const FRONTS: [&[u8]; 5] = [b"EHLO ", b"HELO ", b"LHLO ", b"MAIL FROM:", b"RCPT TO:"];
    lined::begins_reply(bytes)
        || FRONTS.iter().any(|front| {
            let n = front.len().min(bytes.len());
            bytes[..n].eq_ignore_ascii_case(&front[..n])
        })
}
