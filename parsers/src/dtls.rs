//! DTLS 1.0, 1.2 and the hellos of 1.3 over UDP: the exchange that `tls.rs` makes of a handshake, from
//! records that may be lost, repeated, and come in any order.
//!
//! Each record (RFC 6347 4.1) is read by itself. A handshake message says its number and which part
//! of it a record holds; of each side one message in parts is put together at a time. The server's
//! HelloVerifyRequest and the client's second hello belong to the same exchange, as do repeated
//! ones.

use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, Probe, ResponseStatus,
    Scratch, Step, TLS_RTT,
};
use crate::registry::Options;
use crate::tls::certificate;
use crate::tls::describe::{self, Course};
use crate::tls::hello::{CLIENT_HELLO, Carried, ClientHello, SERVER_HELLO, ServerHello};
use crate::tls::names;
use crate::tls::pieces::{MAX_BYTES, Pieces};
use crate::tls::read::Reader;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HELLO_VERIFY_REQUEST: u8 = 3;
const CERTIFICATE: u8 = 11;
/// Length of a record's header.
const RECORD: usize = 13;
/// Length of a handshake message's header.
const MESSAGE: usize = 12;
/// Lengths in front of the first certificate.
const LISTS: usize = 6;
/// Datagrams after which a handshake is not followed any more.
const MAX_DATAGRAMS: u8 = 128;

/// One record.
#[derive(Clone, Copy, Debug)]
struct Record<'a> {
    kind: u8,
    epoch: u16,
    body: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(r: &mut Reader<'a>) -> Option<Self> {
        let kind = r.u8().filter(|kind| (CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(kind))?;
        r.u16().filter(|version| matches!(version, 0xfeff | 0xfefd))?;
        let epoch = r.u16()?;
        r.take(6)?;
        Some(Self { kind, epoch, body: r.vec16()? })
    }
}

/// A part of a handshake message.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    kind: u8,
    len: usize,
    number: u16,
    offset: usize,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn read(r: &mut Reader<'a>) -> Option<Self> {
        let kind = r.u8()?;
        let len = r.u24()? as usize;
        let number = r.u16()?;
        let offset = r.u24()? as usize;
        let body_len = r.u24()? as usize;
        let body = r.take(body_len)?;
        (offset + body_len <= len).then_some(Self { kind, len, number, offset, body })
    }
}

/// Is this DTLS, and which way does it go?
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let mut r = Reader(bytes);
    let Some(record) = Record::read(&mut r) else { return Probe::NotForUs };
    let certain = |dir| Probe::Certain(L7Protocol::Dtls, dir);
    if record.kind == APPLICATION_DATA {
        // Joined late: the records of a datagram fill it.
        while !r.is_empty() {
            if Record::read(&mut r).is_none() {
                return Probe::NotForUs;
            }
        }
        let encrypted = record.epoch > 0 && record.body.len() > 16;
        return match encrypted {
            true => certain(hint.unwrap_or(Direction::ToServer)),
            false => Probe::NotForUs,
        };
    }
    if record.epoch != 0 {
        return Probe::NotForUs;
    }
    match Part::read(&mut Reader(record.body)) {
        Some(Part { offset: 0, body: [0xfe, 0xff | 0xfd, ..], kind, len, .. }) if len > 2 => {
            match kind {
                CLIENT_HELLO => certain(Direction::ToServer),
                SERVER_HELLO | HELLO_VERIFY_REQUEST => certain(Direction::ToClient),
                _ => Probe::NotForUs,
            }
        }
        _ => Probe::NotForUs,
    }
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    /// What is left of a record of which a part was read.
    inside: u16,
    /// The message that is put together, and its parts.
    number: u16,
    parts: Pieces,
    ciphered: bool,
    certified: bool,
}

/// How far the handshake is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Start,
    Asked,
    Answered,
    Over,
}

/// The parser of one connection.
#[derive(Debug, Default)]
pub struct Dtls {
    to_server: Side,
    to_client: Side,
    stage: Stage,
    session: u64,
    datagrams: u8,
    proved: bool,
    retried: Option<u16>,
    is_1_3: bool,
}

impl Dtls {
    /// A parser at the start of a connection.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::default()
    }

    fn side(&mut self, dir: Direction) -> &mut Side {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn over<'a>(&mut self, used: usize, message: Message<'a>) -> Step<'a> {
        self.stage = Stage::Over;
        Step::Message { used, message: Message { pairing: Pairing::ById(0), ..message } }
    }

    fn complete<'a>(&mut self, used: usize, scratch: &'a mut Scratch) -> Step<'a> {
        scratch.facts.clear();
        scratch.facts.elapsed = Some(TLS_RTT);
        let (status, facts) = (ResponseStatus::Ok, Some(&scratch.facts));
        self.over(used, Message { kind: MessageKind::End, status, facts, ..Message::default() })
    }

    /// A record begins.
    fn record<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        if self.is_1_3 && self.stage == Stage::Answered && bytes[0] >> 5 == 1 {
            // The short header of DTLS 1.3 (RFC 9147 4): encrypted.
            return match dir {
                Direction::ToServer => self.complete(bytes.len(), scratch),
                Direction::ToClient => Step::Skip { used: bytes.len() },
            };
        }
        let mut r = Reader(bytes);
        let Some(record) = Record::read(&mut r) else { return Step::Lost };
        let used = bytes.len() - r.0.len();
        let answered = self.stage == Stage::Answered;
        match record.kind {
            HANDSHAKE if record.epoch == 0 => {
                self.side(dir).inside = record.body.len() as u16;
                Step::Skip { used: RECORD }
            }
            CHANGE_CIPHER_SPEC => {
                self.side(dir).ciphered = true;
                let both = self.to_server.ciphered && self.to_client.ciphered;
                if answered && both {
                    return self.complete(used, scratch);
                }
                Step::Skip { used }
            }
            ALERT if record.epoch == 0 => self.alert(dir, record.body, used),
            ALERT if answered => self.over(used, describe::refusal(None, dir)),
            APPLICATION_DATA if answered => self.complete(used, scratch),
            APPLICATION_DATA => {
                self.stage = Stage::Over;
                Step::Done
            }
            _ => Step::Skip { used },
        }
    }

    fn alert<'a>(&mut self, dir: Direction, body: &[u8], used: usize) -> Step<'a> {
        let &[level @ 1..=2, number] = body else { return Step::Lost };
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

    /// In a record of handshake messages.
    fn part<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let side = self.side(dir);
        let record = &bytes[..bytes.len().min(side.inside.into())];
        let mut r = Reader(record);
        let Some(part) = Part::read(&mut r) else {
            side.inside = 0;
            return Step::Lost;
        };
        let used = record.len() - r.0.len();
        side.inside -= used as u16;
        let wanted = matches!(part.kind, CLIENT_HELLO | SERVER_HELLO | CERTIFICATE);
        if !wanted || part.len > MAX_BYTES {
            self.proved |= part.kind == HELLO_VERIFY_REQUEST && dir == Direction::ToClient;
            return Step::Skip { used };
        }
        let Scratch { decoded, .. } = scratch;
        decoded.clear();
        if part.body.len() < part.len {
            if side.number != part.number {
                side.number = part.number;
                side.parts.clear();
            }
            side.parts.add(part.offset as u64, part.body);
            let Some(whole) = side.parts.front().get(..part.len) else {
                return Step::Skip { used };
            };
            decoded.extend_from_slice(whole);
            side.parts.clear();
        } else {
            decoded.extend_from_slice(part.body);
        }
        self.message(dir, part.kind, used, scratch)
    }

    /// A handshake message is whole; it stands in `scratch.decoded`.
    fn message<'a>(
        &mut self,
        dir: Direction,
        kind: u8,
        used: usize,
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let Scratch { decoded, bytes: out, facts, fingerprints, .. } = scratch;
        let body: &'a [u8] = decoded;
        let length = Some((MESSAGE + body.len()) as u64);
        match (kind, dir, self.stage) {
            (CLIENT_HELLO, Direction::ToServer, Stage::Start) => {
                let Some(hello) = ClientHello::read(body, Carried::Dtls, &mut fingerprints.kinds)
                else {
                    return Step::Lost;
                };
                self.stage = Stage::Asked;
                self.session = session(hello.session_id);
                let message = describe::request(&hello, Carried::Dtls, out, fingerprints);
                let pairing = Pairing::ById(0);
                Step::Message { used, message: Message { pairing, length, ..message } }
            }
            (SERVER_HELLO, Direction::ToClient, Stage::Start | Stage::Asked) => {
                let Some(hello) = ServerHello::read(body, Carried::Dtls) else {
                    return Step::Lost;
                };
                if hello.is_retry {
                    self.retried = hello.group.or(Some(0));
                    return Step::Skip { used };
                }
                let same = !hello.session_id.is_empty()
                    && self.stage == Stage::Asked
                    && session(hello.session_id) == self.session;
                self.stage = Stage::Answered;
                self.is_1_3 = hello.is_1_3();
                let course = Course {
                    resumed: same && !self.is_1_3,
                    retried: self.retried,
                    proved: self.proved,
                    version: None,
                };
                let message = describe::response(&hello, course, facts, out, fingerprints);
                let pairing = Pairing::ById(0);
                let message = Message { pairing, length, end_follows: true, ..message };
                Step::Message { used, message }
            }
            (CERTIFICATE, _, Stage::Answered) if !self.side(dir).certified => {
                self.side(dir).certified = true;
                let names = match dir {
                    Direction::ToServer => &certificate::CLIENT,
                    Direction::ToClient => &certificate::SERVER,
                };
                facts.clear();
                certificate::describe(body.get(LISTS..).unwrap_or_default(), names, facts, out);
                let (kind, pairing) = (MessageKind::Note, Pairing::ById(0));
                let message = Message { kind, pairing, facts: Some(facts), ..Message::default() };
                Step::Message { used, message }
            }
            _ => Step::Skip { used },
        }
    }
}

fn session(id: &[u8]) -> u64 {
    FixedState::default().hash_one(id)
}

impl Parser for Dtls {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if self.stage == Stage::Over {
            return Step::Done;
        }
        if self.side(dir).inside > 0 {
            return self.part(dir, bytes, scratch);
        }
        self.datagrams = self.datagrams.saturating_add(1);
        if self.datagrams > MAX_DATAGRAMS {
            self.stage = Stage::Over;
            return Step::Done;
        }
        self.record(dir, bytes, scratch)
    }

    fn gap(&mut self, _dir: Direction, _len: u64) -> bool {
        true
    }

    fn resync(&mut self, _dir: Direction, _bytes: &[u8]) -> Option<usize> {
        Some(0)
    }
}
