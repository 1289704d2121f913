//! IMAP (RFC 3501, 9051): commands with tags, answered by a line with the same tag in any order.
//! What the server says untagged before it, mails above all, is skipped, literals by their lengths.
//! Behind an accepted STARTTLS or COMPRESS nothing can be read.

use crate::framed::Said;
use crate::lined::{self, Lined, Lines, Places};
use crate::literals::Literals;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use crate::text;

/// Commands by what their first argument is.
const COMMANDS: [(&[u8], Shows); 41] = [
    (b"CAPABILITY", Shows::Nothing),
    (b"NOOP", Shows::Nothing),
    (b"LOGOUT", Shows::Nothing),
    (b"STARTTLS", Shows::Nothing),
    (b"AUTHENTICATE", Shows::First),
    (b"LOGIN", Shows::First),
    (b"SELECT", Shows::First),
    (b"EXAMINE", Shows::First),
    (b"CREATE", Shows::First),
    (b"DELETE", Shows::First),
    (b"RENAME", Shows::First),
    (b"SUBSCRIBE", Shows::First),
    (b"UNSUBSCRIBE", Shows::First),
    (b"LIST", Shows::All),
    (b"LSUB", Shows::All),
    (b"XLIST", Shows::All),
    (b"STATUS", Shows::First),
    (b"APPEND", Shows::First),
    (b"CHECK", Shows::Nothing),
    (b"CLOSE", Shows::Nothing),
    (b"UNSELECT", Shows::Nothing),
    (b"EXPUNGE", Shows::All),
    (b"SEARCH", Shows::Values),
    (b"SORT", Shows::Values),
    (b"THREAD", Shows::Values),
    (b"FETCH", Shows::All),
    (b"STORE", Shows::All),
    (b"COPY", Shows::All),
    (b"MOVE", Shows::All),
    (b"UID", Shows::Nothing),
    (b"IDLE", Shows::Nothing),
    (b"NAMESPACE", Shows::Nothing),
    (b"ENABLE", Shows::All),
    (b"ID", Shows::Nothing),
    (b"COMPRESS", Shows::First),
    (b"GETQUOTA", Shows::First),
    (b"GETQUOTAROOT", Shows::First),
    (b"GETACL", Shows::First),
    (b"MYRIGHTS", Shows::First),
    (b"GETMETADATA", Shows::First),
    (b"NOTIFY", Shows::Nothing),
];
/// Commands that UID makes speak of lasting numbers, with it in front.
const UIDS: [&[u8]; 8] = [
    b"UID FETCH",
    b"UID STORE",
    b"UID SEARCH",
    b"UID COPY",
    b"UID MOVE",
    b"UID EXPUNGE",
    b"UID SORT",
    b"UID THREAD",
];
/// Longer literals are refused everywhere.
const MAX_LITERAL: u64 = 1 << 32;
/// Bytes of a tag.
const MAX_TAG: usize = 40;
/// Longest tag of a connection's first command: `A0001`, `ABCD0`.
const USUAL_TAG: usize = 5;

/// What of a command's arguments is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Nothing,
    First,
    All,
    /// What somebody looks for: data.
    Values,
}

/// What the server is to agree to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    Nothing,
    /// Lines without tags follow from the client until it is answered.
    Talk,
    Tls,
    Compression,
}

/// The parser of one connection.
pub type Imap = Lined<Session>;

/// What of it is IMAP.
#[derive(Debug)]
pub struct Session {
    asked: Asked,
    /// The tag that this is about.
    tag: u64,
    /// A literal interrupted the line: what is next goes on with it.
    goes_on: [bool; 2],
    greeted: bool,
    hide: bool,
}

impl Imap {
    /// A parser at the start of a line in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Session {
            asked: Asked::Nothing,
            tag: 0,
            goes_on: [false; 2],
            greeted: false,
            hide: options.literals == Literals::Hidden,
        })
    }
}

/// FNV-1a: tags are told apart by their texts.
fn number(tag: &[u8]) -> u64 {
    tag.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, b| {
        (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn is_tag(tag: &[u8]) -> bool {
    let fits = |b: &u8| b.is_ascii_graphic() && !b"(){%*\"\\+]".contains(b);
    (1..=MAX_TAG).contains(&tag.len()) && tag.iter().all(fits)
}

/// The length in `{123}` or `{123+}` at the end of a line.
fn literal(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}")?;
    let open = line.iter().rposition(|b| !b.is_ascii_digit() && *b != b'+')?;
    let digits = (line[open] == b'{').then(|| &line[open + 1..])?;
    let len = text::number(digits.strip_suffix(b"+").unwrap_or(digits))?;
    (len <= MAX_LITERAL).then_some(len)
}

/// The first argument, without the quotes around it.
fn first(arguments: &[u8]) -> &[u8] {
    if let Some(rest) = arguments.strip_prefix(b"\"") {
        return &rest[..memchr::memchr(b'"', rest).unwrap_or(rest.len())];
    }
    let word = lined::word(arguments).0;
    if word.starts_with(b"{") { b"" } else { word }
}

fn command(word: &[u8]) -> Option<(&'static [u8], Shows)> {
    COMMANDS.iter().copied().find(|(c, _)| c.eq_ignore_ascii_case(word))
}

impl Session {
    fn client<'a>(&mut self, line: &'a [u8], places: &mut Places) -> Said<'a> {
        self.greeted = true;
        let literal = literal(line);
        if let Some(len) = literal {
            places.counted(Direction::ToServer, len);
        }
        let goes_on = std::mem::replace(&mut self.goes_on[0], literal.is_some());
        if goes_on || self.asked == Asked::Talk || line.is_empty() {
            return Said::Nothing;
        }
        let (tag, rest) = lined::word(line);
        let (word, mut arguments) = lined::word(rest);
        let is_word = (2..=20).contains(&word.len()) && word.iter().all(u8::is_ascii_alphabetic);
        if !is_tag(tag) || !is_word {
            return Said::Bad;
        }
        let (mut verb, mut shows) = command(word).unwrap_or((word, Shows::Nothing));
        if verb == b"UID" {
            let (of, rest) = lined::word(arguments);
            arguments = rest;
            shows = command(of).map_or(Shows::Nothing, |(_, shows)| shows);
            let whole = UIDS.iter().find(|u| u[4..].eq_ignore_ascii_case(of));
            verb = whole.copied().unwrap_or(verb);
        }
        let asked = match verb {
            b"AUTHENTICATE" | b"IDLE" => Asked::Talk,
            b"STARTTLS" => Asked::Tls,
            b"COMPRESS" => Asked::Compression,
            _ => Asked::Nothing,
        };
        if asked != Asked::Nothing {
            self.asked = asked;
            self.tag = number(tag);
        }
        Said::Message(Message {
            pairing: Pairing::ById(number(tag)),
            request_type: verb,
            request_resource: match shows {
                Shows::Nothing => b"",
                Shows::First => first(arguments),
                Shows::All => arguments,
                Shows::Values if self.hide => b"",
                Shows::Values => arguments,
            },
            endpoint: verb,
            attributes: [("tag", tag), ("", b""), ("", b""), ("", b"")],
            length: literal,
            ..Message::default()
        })
    }

    fn server<'a>(&mut self, line: &'a [u8], places: &mut Places) -> Said<'a> {
        let literal = literal(line);
        if let Some(len) = literal {
            places.counted(Direction::ToClient, len);
        }
        let goes_on = std::mem::replace(&mut self.goes_on[1], literal.is_some());
        if goes_on || line.is_empty() {
            return Said::Nothing;
        }
        let (tag, rest) = lined::word(line);
        let (word, text) = lined::word(rest);
        let status = match lined::known(word, &[b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"]) {
            Some(b"OK" | b"PREAUTH") => ResponseStatus::Ok,
            // RFC 5530: in brackets, that it is the server's fault.
            Some(b"NO") if text.starts_with(b"[UNAVAILABLE]") => ResponseStatus::ServerError,
            Some(b"NO") if text.starts_with(b"[SERVERBUG]") => ResponseStatus::ServerError,
            Some(b"NO" | b"BAD") => ResponseStatus::ClientError,
            Some(_) => ResponseStatus::ServerError,
            None => ResponseStatus::Unknown,
        };
        let ok = status == ResponseStatus::Ok;
        let message = Message {
            kind: MessageKind::Response,
            pairing: Pairing::ById(number(tag)),
            status,
            exception: if ok { b"" } else { text },
            result: if ok { text } else { b"" },
            ..Message::default()
        };
        if matches!(tag, b"*" | b"+") {
            if !std::mem::replace(&mut self.greeted, true) && status != ResponseStatus::Unknown {
                return Said::Message(Message {
                    kind: MessageKind::Single,
                    request_type: b"CONNECT",
                    endpoint: b"CONNECT",
                    ..message
                });
            }
            return Said::Nothing;
        }
        if status == ResponseStatus::Unknown || !is_tag(tag) {
            return Said::Bad;
        }
        if self.goes_on[0] {
            // A literal that was announced is refused with the command: nothing of it comes.
            self.goes_on[0] = false;
            places.line(Direction::ToServer);
        }
        if self.asked != Asked::Nothing && self.tag == number(tag) {
            match std::mem::take(&mut self.asked) {
                Asked::Tls if ok => places.encrypted(),
                Asked::Compression if ok => places.done(),
                _ => {}
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
            Direction::ToServer => self.client(line, places),
            Direction::ToClient => self.server(line, places),
        }
    }

    fn plausible(&self, dir: Direction, line: &[u8]) -> bool {
        let (tag, rest) = lined::word(line);
        let word = lined::word(rest).0;
        lined::is_text(line)
            && match dir {
                Direction::ToServer => is_tag(tag) && command(word).is_some(),
                Direction::ToClient => {
                    (is_tag(tag) || tag == b"*") && matches!(word, b"OK" | b"NO" | b"BAD")
                }
            }
    }

    fn lost(&mut self, dir: Direction) {
        self.goes_on[dir as usize] = false;
        self.asked = Asked::Nothing;
        self.greeted = true;
    }
}

/// Is this IMAP, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let up = Probe::Certain(L7Protocol::Imap, Direction::ToServer);
    let down = Probe::Certain(L7Protocol::Imap, Direction::ToClient);
    if !may_begin(bytes) {
        return Probe::NotForUs;
    }
    let line = match lined::first_line(bytes) {
        Ok(line) => line,
        Err(true) => return Probe::Unsure,
        Err(false) => return Probe::NotForUs,
    };
    let (tag, rest) = lined::word(line);
    let (word, text) = lined::word(rest);
    if tag == b"*" {
        let greets = matches!(word, b"OK" | b"PREAUTH" | b"BYE") && !text.is_empty();
        return if greets { down } else { Probe::NotForUs };
    }
    if command(word).is_some() { up } else { Probe::NotForUs }
}

/// Can these be the front of a line that [`probe`] believes: the server's `* OK`, or a tag with a
/// digit (the clients' own; words without one are anybody's) and a command?
fn may_begin(bytes: &[u8]) -> bool {
    if let Some(rest) = bytes.strip_prefix(b"*") {
        return [&b" OK "[..], b" PREAUTH ", b" BYE "].iter().any(|greeting| {
            let n = greeting.len().min(rest.len());
            rest[..n] == greeting[..n]
        });
    }
    let Some(end) = bytes.iter().take(MAX_TAG).position(|b| *b == b' ') else {
        // Any word could be the front of a tag: one as long as clients begin with is waited for,
        // a longer one has to come with its space.
        let [letter, rest @ ..] = bytes else { return true };
        return bytes.len() <= USUAL_TAG
            && letter.is_ascii_alphabetic()
            && rest.iter().all(u8::is_ascii_alphanumeric);
    };
    let tag = &bytes[..end];
    let word = bytes[end + 1..].split(|b| b" \r\n".contains(b)).next().unwrap_or(b"");
    let is_whole = bytes.len() > end + 1 + word.len();
    tag.iter().all(u8::is_ascii_alphanumeric)
        && tag.iter().any(u8::is_ascii_digit)
        && tag.first().is_some_and(u8::is_ascii_alphabetic)
        && COMMANDS.iter().any(|(c, _)| match is_whole {
            true => c.eq_ignore_ascii_case(word),
            false => c.get(..word.len()).is_some_and(|c| c.eq_ignore_ascii_case(word)),
        })
}
