//! TLS 1.0 to 1.3 over TCP: one exchange for each handshake, asked by the ClientHello and answered
//! by the ServerHello or an alert.
//!
//! Records (`record.rs`) carry handshake messages at will: several in one, one in several. Of
//! these the hellos are read (`hello.rs`) and, where the version shows them, the first certificate
//! of each side (`certificate.rs`); the rest is stepped over. The exchange ends where both sides
//! have changed to encryption, in TLS 1.3 with what the client sends after the ServerHello; from
//! there on nothing can be read and parsing ends. A HelloRetryRequest and the second ClientHello
//! belong to the same exchange. Renegotiation happens under encryption and is not seen.
//!
//! TLS 1.3 encrypts its alerts. Where the first encrypted record of a side is too short for what
//! has to stand in it (Finished, or EncryptedExtensions), it is an alert: then it is known that the
//! handshake failed and who ended it, but not why.

pub(crate) mod certificate;
mod ciphers;
pub(crate) mod describe;
mod detect;
mod fingerprint;
pub(crate) mod hello;
pub(crate) mod names;
pub(crate) mod pieces;
pub(crate) mod read;
mod record;

pub(crate) use detect::probe;
pub use fingerprint::Fingerprints;

use crate::message::{
    Carrier, Direction, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch, Step,
    TLS_RTT,
};
use crate::registry::Options;
use describe::Course;
use foldhash::fast::FixedState;
use hello::{CLIENT_HELLO, Carried, ClientHello, SERVER_HELLO, ServerHello};
use record::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEADER, Head};
use std::hash::BuildHasher;

const CERTIFICATE: u8 = 11;
/// Handshake messages have smaller numbers.
const MESSAGE_TYPES: u8 = 26;
/// Bytes of a hello that are read.
const MAX_HELLO: usize = 16 * 1024;
/// Bytes of a certificate that are read: names and dates stand at its front.
const MAX_CERTIFICATE: usize = 8 * 1024;
/// Header of a handshake message.
const MESSAGE: usize = 4;
/// Lengths in front of the first certificate.
const LISTS: usize = 6;
/// An encrypted alert of TLS 1.3: level, description, type, tag.
const ENCRYPTED_ALERT: u16 = 2 + 1 + 16;
/// Encrypted records of a server after which its client's are not waited for any more.
const MAX_UNANSWERED: u8 = 16;

/// One direction.
#[derive(Debug, Default)]
struct Side {
    /// What is left of the current record.
    record: u16,
    /// What that record holds.
    kind: u8,
    /// What is left of the current handshake message.
    message: u32,
    /// Handshake messages are encrypted.
    ciphered: bool,
    /// The place is not known.
    adrift: bool,
    /// The place among records is known, that among messages is not.
    blind: bool,
}

/// How far the handshake is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// No hello yet.
    #[default]
    Start,
    /// The client's hello was seen.
    Asked,
    /// The server's hello was seen.
    Answered,
    /// Nothing more to find.
    Over,
}

/// The parser of one connection.
#[derive(Debug, Default)]
pub struct Tls {
    to_server: Side,
    to_client: Side,
    stage: Stage,
    /// Exchanges so far.
    handshakes: u32,
    /// A hash of the session's id that the client named.
    session: u64,
    /// The group that a HelloRetryRequest asked for.
    retried: Option<u16>,
    is_1_3: bool,
    early_data: bool,
    /// Encrypted records of the server.
    unanswered: u8,
}

impl Tls {
    /// A parser at the start of a connection, or behind a STARTTLS.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::default()
    }

    fn side(&mut self, dir: Direction) -> &mut Side {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lose(&mut self, dir: Direction) {
        let side = self.side(dir);
        *side = Side { adrift: true, ciphered: side.ciphered, ..Side::default() };
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.lose(dir);
        Step::Lost
    }

    fn pairing(&self) -> Pairing {
        Pairing::ById(self.handshakes.into())
    }

    /// The handshake ended as `message` says.
    fn over<'a>(&mut self, used: usize, message: Message<'a>) -> Step<'a> {
        self.stage = Stage::Over;
        Step::Message { used, message: Message { pairing: self.pairing(), ..message } }
    }

    /// The handshake was completed.
    fn complete<'a>(&mut self, used: usize, scratch: &'a mut Scratch) -> Step<'a> {
        scratch.facts.clear();
        scratch.facts.elapsed = Some(TLS_RTT);
        let facts = Some(&scratch.facts);
        let status = ResponseStatus::Ok;
        self.over(used, Message { kind: MessageKind::End, status, facts, ..Message::default() })
    }

    /// A record begins.
    fn record<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let (kind, len) = match record::head(bytes) {
            Head::Is(kind, len) => (kind, len),
            Head::Short => return Step::More,
            Head::Bad => return self.lost(dir),
        };
        let encrypted = self.side(dir).ciphered || self.is_1_3 && self.stage == Stage::Answered;
        match kind {
            HANDSHAKE if !encrypted && !self.side(dir).blind && self.side(dir).message == 0 => {
                return self.message(dir, bytes, scratch, false);
            }
            CHANGE_CIPHER_SPEC => return self.change(dir, bytes, scratch),
            ALERT => return self.alert(dir, bytes, len, encrypted),
            _ => {}
        }
        let side = self.side(dir);
        (side.kind, side.record) = (kind, len);
        let used = HEADER;
        if kind != APPLICATION_DATA {
            return Step::Skip { used };
        }
        match (self.stage, dir) {
            (Stage::Answered, Direction::ToServer) if self.is_1_3 => {
                match len == ENCRYPTED_ALERT && !self.early_data {
                    true => self.over(used, describe::refusal(None, dir)),
                    false => self.complete(used, scratch),
                }
            }
            (Stage::Answered, Direction::ToClient) if self.is_1_3 => {
                self.unanswered += 1;
                if self.unanswered == 1 && len == ENCRYPTED_ALERT {
                    return self.over(used, describe::refusal(None, dir));
                }
                if self.unanswered > MAX_UNANSWERED {
                    return self.complete(used, scratch);
                }
                Step::Skip { used }
            }
            // Part of the handshake was missed.
            (Stage::Answered, _) => self.complete(used, scratch),
            (Stage::Asked, Direction::ToServer) if self.early_data => Step::Skip { used },
            _ => {
                self.stage = Stage::Over;
                Step::Done
            }
        }
    }

    fn change<'a>(&mut self, dir: Direction, bytes: &[u8], scratch: &'a mut Scratch) -> Step<'a> {
        let used = HEADER + 1;
        let before = self.stage != Stage::Answered;
        match bytes.get(HEADER) {
            Some(1) if self.side(dir).message == 0 => {}
            None => return Step::More,
            Some(_) => return self.lost(dir),
        }
        // TLS 1.3 sends it for the sake of boxes in the middle: the client with early data, both
        // sides when the server asks for another hello.
        let early = self.early_data && dir == Direction::ToServer;
        if self.is_1_3 || before && (early || self.retried.is_some()) {
            return Step::Skip { used };
        }
        self.side(dir).ciphered = true;
        let both = self.to_server.ciphered && self.to_client.ciphered;
        match self.stage {
            Stage::Answered if both => self.complete(used, scratch),
            _ => Step::Skip { used },
        }
    }

    fn alert<'a>(&mut self, dir: Direction, bytes: &[u8], len: u16, encrypted: bool) -> Step<'a> {
        let plain = len == 2 && !self.side(dir).ciphered;
        if !plain {
            let side = self.side(dir);
            (side.kind, side.record) = (ALERT, len);
            return match self.stage {
                Stage::Answered if encrypted => self.over(HEADER, describe::refusal(None, dir)),
                _ => Step::Skip { used: HEADER },
            };
        }
        let used = HEADER + 2;
        let (level, number) = match bytes.get(HEADER..used) {
            Some(&[level @ 1..=2, number]) => (level, number),
            Some(_) => return self.lost(dir),
            None => return Step::More,
        };
        if level == 1 && number != names::CLOSE_NOTIFY {
            return Step::Skip { used };
        }
        let refusal = describe::refusal(Some(number), dir);
        match (self.stage, dir) {
            (Stage::Start, Direction::ToServer) => Step::Skip { used },
            (Stage::Start | Stage::Asked, Direction::ToClient) => {
                self.over(used, Message { kind: MessageKind::Response, ..refusal })
            }
            _ => self.over(used, refusal),
        }
    }

    /// A handshake message begins, with a record's header in front of it or in the middle of a
    /// record. `cut`: there will be no more of it.
    fn message<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let left = self.side(dir).record;
        let Scratch { decoded, bytes: out, facts, fingerprints, .. } = scratch;
        let mut need = MESSAGE;
        let gathered = loop {
            let gathered = record::gather(bytes, left, need, decoded);
            if gathered.broken && !cut {
                return self.lost(dir);
            }
            if gathered.have < need {
                if !cut {
                    return Step::More;
                }
                break gathered;
            }
            let more = match wants(gathered.content(bytes, decoded), self.is_1_3) {
                Some(more) => more,
                None => return self.lost(dir),
            };
            if more <= need {
                break gathered;
            }
            need = more;
        };
        let content = gathered.content(bytes, decoded);
        let Some((header, body)) = content.split_first_chunk::<MESSAGE>() else {
            return self.lost(dir);
        };
        let [kind, len @ ..] = *header;
        let len = u32::from_be_bytes([0, len[0], len[1], len[2]]);
        let side = self.side(dir);
        side.kind = HANDSHAKE;
        side.record = gathered.left;
        side.message = len.saturating_sub(body.len() as u32);
        let used = gathered.used;
        let length = Some((MESSAGE as u64) + u64::from(len));
        match (kind, dir) {
            (CLIENT_HELLO, Direction::ToServer) => {
                let Some(hello) = ClientHello::read(body, Carried::Tls, &mut fingerprints.kinds)
                else {
                    return self.lost(dir);
                };
                let again = self.stage == Stage::Asked && self.retried.is_some();
                self.early_data = hello.early_data && !again;
                if again {
                    return Step::Skip { used };
                }
                self.begin(&hello);
                let message = describe::request(&hello, Carried::Tls, out, fingerprints);
                let pairing = self.pairing();
                Step::Message { used, message: Message { pairing, length, ..message } }
            }
            (SERVER_HELLO, Direction::ToClient) => {
                let Some(hello) = ServerHello::read(body, Carried::Tls) else {
                    return self.lost(dir);
                };
                if hello.is_retry {
                    self.retried = Some(hello.group.unwrap_or(0));
                    return Step::Skip { used };
                }
                let course = self.answer(&hello);
                let message = describe::response(&hello, course, facts, out, fingerprints);
                let pairing = self.pairing();
                let message = Message { pairing, length, end_follows: true, ..message };
                Step::Message { used, message }
            }
            (CERTIFICATE, _) if body.len() > LISTS && self.stage == Stage::Answered => {
                let names = match dir {
                    Direction::ToServer => &certificate::CLIENT,
                    Direction::ToClient => &certificate::SERVER,
                };
                facts.clear();
                certificate::describe(&body[LISTS..], names, facts, out);
                let pairing = self.pairing();
                let kind = MessageKind::Note;
                let message = Message { kind, pairing, facts: Some(facts), ..Message::default() };
                Step::Message { used, message }
            }
            _ => Step::Skip { used },
        }
    }

    fn begin(&mut self, hello: &ClientHello<'_>) {
        self.stage = Stage::Asked;
        self.handshakes += 1;
        self.session = session(hello.session_id);
        self.retried = None;
        self.unanswered = 0;
        self.is_1_3 = false;
    }

    fn answer(&mut self, hello: &ServerHello<'_>) -> Course {
        // TLS 1.3 repeats the id in any case.
        let same = !hello.session_id.is_empty() && session(hello.session_id) == self.session;
        let asked = self.stage == Stage::Asked;
        self.stage = Stage::Answered;
        self.is_1_3 = hello.is_1_3();
        self.to_client.ciphered = false;
        if self.is_1_3 {
            self.to_server.ciphered = false;
        }
        let resumed = asked && same && !self.is_1_3;
        Course { resumed, retried: self.retried, ..Course::default() }
    }
}

fn session(id: &[u8]) -> u64 {
    FixedState::default().hash_one(id)
}

/// How much of a message is read, which begins with `content`. `None` when it is none.
#[inline]
fn wants(content: &[u8], is_1_3: bool) -> Option<usize> {
    let [kind, len @ ..] = *content.first_chunk::<MESSAGE>()?;
    let len = u32::from_be_bytes([0, len[0], len[1], len[2]]);
    if kind >= MESSAGE_TYPES || len > 2 * detect::MAX_BODY {
        return None;
    }
    let len = len as usize;
    Some(match kind {
        CLIENT_HELLO | SERVER_HELLO => MESSAGE + len.min(MAX_HELLO),
        CERTIFICATE if !is_1_3 => match content.get(MESSAGE..MESSAGE + LISTS) {
            Some(&[.., a, b, c]) => {
                let first = u32::from_be_bytes([0, a, b, c]) as usize;
                MESSAGE + len.min(LISTS + first.min(MAX_CERTIFICATE))
            }
            _ => MESSAGE + len.min(LISTS),
        },
        _ => MESSAGE,
    })
}

impl Parser for Tls {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if self.stage == Stage::Over {
            return Step::Done;
        }
        let side = self.side(dir);
        if side.adrift {
            return Step::Lost;
        }
        if side.record == 0 {
            return self.record(dir, bytes, scratch);
        }
        let mut used = bytes.len().min(side.record.into());
        if side.kind == HANDSHAKE && !side.blind && !side.ciphered {
            if side.message == 0 {
                return self.message(dir, bytes, scratch, false);
            }
            used = used.min(side.message as usize);
            side.message -= used as u32;
        }
        side.record -= used as u16;
        Step::Skip { used }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let side = self.side(dir);
        let at_message = side.message == 0 && !side.adrift && !side.blind && !side.ciphered;
        let readable =
            at_message && (side.record == 0 || side.kind == HANDSHAKE) && self.stage != Stage::Over;
        let step = if readable { self.message(dir, bytes, scratch, true) } else { Step::Lost };
        self.lose(dir);
        match step {
            Step::Message { message, .. } => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        let over = self.stage == Stage::Over;
        let side = self.side(dir);
        let mut inside = u64::from(side.record);
        let counts = side.kind == HANDSHAKE && !side.blind && !side.ciphered;
        if counts {
            inside = inside.min(side.message.into());
        }
        if over || !side.adrift && len <= inside {
            let len = len.min(inside);
            side.record -= len as u16;
            if counts {
                side.message -= len as u32;
            }
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let (at, is_hello) = detect::find(bytes)?;
        let side = self.side(dir);
        let ciphered = side.ciphered && !is_hello;
        *side = Side { blind: !is_hello, ciphered, ..Side::default() };
        Some(at)
    }
}
