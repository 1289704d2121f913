//! QUIC versions 1 and 2 over UDP: one exchange for each connection, asked by the ClientHello and
//! answered by the ServerHello, a refusal, or the list of versions that a server has.
//!
//! Both hellos travel in Initial packets, whose keys follow from the id that the client chose
//! (`keys.rs`): they are opened, which also proves that they are what they look like. A hello may
//! lie in frames in any order over several packets (`frames.rs`); what came is kept until it is
//! whole. After a Retry the client comes again with another id and so with other keys; a server
//! may answer in another version than it was asked in (RFC 9368). Behind the ServerHello nothing
//! can be read, and parsing ends.

mod frames;
mod header;
mod keys;

use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, Probe, ResponseStatus,
    Scratch, Step,
};
use crate::registry::Options;
use crate::tls::describe::{self, Course};
use crate::tls::hello::{CLIENT_HELLO, Carried, ClientHello, SERVER_HELLO, ServerHello};
use crate::tls::pieces::Pieces;
use header::{Header, Kind, MAX_ID, V1, V2};
use keys::Keys;

/// A datagram with an Initial packet of a client has at least this (RFC 9000 14.1).
const MIN_DATAGRAM: usize = 1200;
/// A client's first id for the server has at least this (RFC 9000 7.2).
const MIN_FIRST_ID: usize = 8;
/// Packets are not longer where nobody has set up larger frames.
const USUAL_PACKET: usize = 2048;
/// Packets in one datagram that are looked at.
const MAX_PACKETS: usize = 8;
/// Datagrams after which a handshake is not followed any more.
const MAX_DATAGRAMS: u8 = 128;
/// Header of a handshake message.
const MESSAGE: usize = 4;

/// Is this QUIC? A client's first packet opens with its own keys; what a server sends has to be
/// believed by its form.
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let Some(header) = Header::read(bytes) else { return Probe::NotForUs };
    let Kind::Initial { number, .. } = header.kind else { return Probe::NotForUs };
    if bytes.len() >= MIN_DATAGRAM && header.to.len() >= MIN_FIRST_ID {
        let keys = Keys::new(header.version, header.to, Direction::ToServer);
        let (mut space, mut large) = ([0; USUAL_PACKET], Vec::new());
        let packet = match space.get_mut(..header.len) {
            Some(space) => space,
            None => {
                large.resize(header.len, 0);
                &mut large[..]
            }
        };
        packet.copy_from_slice(&bytes[..header.len]);
        if keys.open(packet, number).is_some() {
            return Probe::Certain(L7Protocol::Quic, Direction::ToServer);
        }
    }
    match hint {
        Some(Direction::ToClient) => Probe::Certain(L7Protocol::Quic, Direction::ToClient),
        _ => Probe::NotForUs,
    }
}

/// How far the handshake is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// The client's hello is not whole yet.
    #[default]
    Start,
    /// It is; the server's is not.
    Asked,
    /// Nothing more to find.
    Over,
}

/// The parser of one connection.
#[derive(Debug, Default)]
pub struct Quic {
    stage: Stage,
    /// What the keys are made from.
    id: Id,
    client: Option<(u32, Keys)>,
    server: Option<(u32, Keys)>,
    asking: Pieces,
    answering: Pieces,
    connections: u32,
    datagrams: u8,
    /// The client was sent back to prove its address.
    retry: bool,
    /// The server asked for another hello, for this group.
    retried: Option<u16>,
}

#[derive(Debug, Default)]
struct Id {
    len: u8,
    bytes: [u8; MAX_ID],
}

impl Id {
    fn of(id: &[u8]) -> Self {
        let mut bytes = [0; MAX_ID];
        let len = id.len().min(MAX_ID);
        bytes[..len].copy_from_slice(&id[..len]);
        Self { len: len as u8, bytes }
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.len.into()]
    }
}

/// What a datagram turned out to say.
enum Says {
    Nothing,
    /// The client's hello is whole, in this version.
    Asks(u32),
    /// The server's is.
    Answers(u32),
    /// The connection ends; the frame stands behind this many bytes of the opened packet.
    Ends,
    /// The server has other versions.
    Versions,
}

impl Quic {
    /// A parser at the start of a connection.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::default()
    }

    fn pairing(&self) -> Pairing {
        Pairing::ById(self.connections.into())
    }

    /// The client uses this id, and keys made from it, from now on.
    fn use_id(&mut self, id: &[u8]) {
        self.id = Id::of(id);
        self.client = None;
        self.server = None;
    }

    /// Opens an Initial packet into `space`.
    fn open<'s>(
        &mut self,
        dir: Direction,
        packet: &[u8],
        header: &Header<'_>,
        space: &'s mut Vec<u8>,
    ) -> Option<&'s [u8]> {
        let Kind::Initial { number, has_token } = header.kind else { return None };
        let fill = |space: &mut Vec<u8>| {
            space.clear();
            space.extend_from_slice(packet);
        };
        if self.id.len > 0 {
            let version = header.version;
            let slot = match dir {
                Direction::ToServer => &mut self.client,
                Direction::ToClient => &mut self.server,
            };
            if slot.as_ref().is_none_or(|(of, _)| *of != version) {
                *slot = Some((version, Keys::new(version, self.id.get(), dir)));
            }
            fill(space);
            let opened = slot.as_ref().and_then(|(_, keys)| keys.open(space, number));
            if let Some(len) = opened.map(<[u8]>::len) {
                return payload(space, len);
            }
        }
        if dir == Direction::ToClient {
            return None;
        }
        // The first packet of a connection, or of another one, or a Retry was missed.
        let keys = Keys::new(header.version, header.to, dir);
        fill(space);
        let len = keys.open(space, number)?.len();
        if !(has_token && self.stage == Stage::Asked) {
            self.stage = Stage::Start;
            self.asking.clear();
            self.answering.clear();
            self.retried = None;
            self.retry = false;
        }
        self.retry |= has_token && self.id.len > 0;
        self.use_id(header.to);
        self.client = Some((header.version, keys));
        payload(space, len)
    }

    /// Reads one packet of a datagram.
    fn packet<'s>(
        &mut self,
        dir: Direction,
        packet: &[u8],
        header: &Header<'_>,
        space: &'s mut Vec<u8>,
    ) -> Option<(Says, Option<frames::Close<'s>>)> {
        match header.kind {
            Kind::Other => Some((Says::Nothing, None)),
            Kind::Retry => {
                if dir == Direction::ToClient && self.id.len > 0 && !self.retry {
                    self.use_id(header.from);
                    self.retry = true;
                }
                Some((Says::Nothing, None))
            }
            Kind::Versions(_) => {
                let answers = dir == Direction::ToClient && self.stage == Stage::Asked;
                Some((if answers { Says::Versions } else { Says::Nothing }, None))
            }
            Kind::Initial { .. } => {
                let payload = match self.open(dir, packet, header, space) {
                    Some(payload) => payload,
                    // Nothing was seen of the client yet.
                    None if self.id.len == 0 => return Some((Says::Nothing, None)),
                    None => return None,
                };
                let crypto = match dir {
                    Direction::ToServer => &mut self.asking,
                    Direction::ToClient => &mut self.answering,
                };
                if let Some(close) = frames::read(payload, crypto) {
                    return Some((Says::Ends, Some(close)));
                }
                Some((self.hellos(dir, header.version), None))
            }
        }
    }

    /// Looks whether a hello is whole that is waited for.
    fn hellos(&mut self, dir: Direction, version: u32) -> Says {
        match (dir, self.stage) {
            (Direction::ToServer, Stage::Start) if whole(&self.asking).is_some() => {
                Says::Asks(version)
            }
            (Direction::ToClient, Stage::Asked) => {
                let Some(message) = whole(&self.answering) else { return Says::Nothing };
                let hello = hello_body(message, SERVER_HELLO)
                    .and_then(|body| ServerHello::read(body, Carried::Quic));
                match hello {
                    Some(hello) if hello.is_retry => {
                        self.retried = hello.group.or(Some(0));
                        let len = message.len();
                        self.answering.advance(len);
                        self.hellos(dir, version)
                    }
                    Some(_) => Says::Answers(version),
                    None => Says::Nothing,
                }
            }
            _ => Says::Nothing,
        }
    }

    fn asks<'a>(&mut self, version: u32, used: usize, scratch: &'a mut Scratch) -> Step<'a> {
        let Scratch { decoded, bytes: out, fingerprints, .. } = scratch;
        decoded.clear();
        let message = whole(&self.asking).unwrap_or_default();
        decoded.extend_from_slice(message);
        self.asking.advance(decoded.len());
        let decoded: &'a [u8] = decoded;
        let kinds = &mut fingerprints.kinds;
        let hello = hello_body(decoded, CLIENT_HELLO)
            .and_then(|body| ClientHello::read(body, Carried::Quic, kinds));
        let Some(hello) = hello else { return Step::Lost };
        self.stage = Stage::Asked;
        self.connections += 1;
        let message = describe::request(&hello, Carried::Quic, out, fingerprints);
        let (pairing, length) = (self.pairing(), Some(decoded.len() as u64));
        let version = version_name(version);
        Step::Message { used, message: Message { pairing, length, version, ..message } }
    }

    fn answers<'a>(&mut self, version: u32, used: usize, scratch: &'a mut Scratch) -> Step<'a> {
        let Scratch { bytes: text, facts, fingerprints, .. } = scratch;
        let message = whole(&self.answering).unwrap_or_default();
        let length = Some(message.len() as u64);
        let hello = hello_body(message, SERVER_HELLO)
            .and_then(|body| ServerHello::read(body, Carried::Quic));
        let Some(hello) = hello else { return Step::Lost };
        self.stage = Stage::Over;
        let course = Course {
            resumed: false,
            retried: self.retried,
            proved: self.retry,
            version: Some(version_name(version)),
        };
        let message = describe::response(&hello, course, facts, text, fingerprints);
        self.asking.clear();
        self.answering.clear();
        Step::Message { used, message: Message { pairing: self.pairing(), length, ..message } }
    }

    /// The server does not have the version that it was asked in. The client comes again with one
    /// of those listed, if it has any of them.
    fn versions<'a>(&mut self, list: &[u8], used: usize, text: &'a mut Vec<u8>) -> Step<'a> {
        const MAX_LISTED: usize = 16;
        text.clear();
        for version in list.as_chunks::<4>().0.iter().take(MAX_LISTED) {
            if !text.is_empty() {
                text.push(b',');
            }
            match u32::from_be_bytes(*version) {
                known @ (V1 | V2) => text.extend_from_slice(version_name(known)),
                _ => {
                    text.extend_from_slice(b"0x");
                    for byte in version {
                        let digit = |n: u8| b"0123456789abcdef"[usize::from(n & 15)];
                        text.extend_from_slice(&[digit(byte >> 4), digit(*byte)]);
                    }
                }
            }
        }
        let pairing = self.pairing();
        self.stage = Stage::Start;
        self.id = Id::default();
        self.asking.clear();
        let message = Message {
            kind: MessageKind::Response,
            pairing,
            status: ResponseStatus::ClientError,
            exception: b"version not supported",
            result: text,
            ..Message::default()
        };
        Step::Message { used, message }
    }
}

/// What was opened: it stands in front of the tag.
fn payload(packet: &[u8], len: usize) -> Option<&[u8]> {
    let end = packet.len().checked_sub(16)?;
    packet.get(end.checked_sub(len)?..end)
}

/// The first handshake message, when all of it is there.
fn whole(pieces: &Pieces) -> Option<&[u8]> {
    let front = pieces.front();
    let [_, len @ ..] = *front.first_chunk::<MESSAGE>()?;
    let len = u32::from_be_bytes([0, len[0], len[1], len[2]]) as usize;
    front.get(..MESSAGE + len)
}

fn hello_body(message: &[u8], kind: u8) -> Option<&[u8]> {
    let (header, body) = message.split_first_chunk::<MESSAGE>()?;
    (header[0] == kind).then_some(body)
}

const fn version_name(version: u32) -> &'static [u8] {
    match version {
        V1 => b"1",
        V2 => b"2",
        _ => b"",
    }
}

impl Parser for Quic {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        self.datagrams = self.datagrams.saturating_add(1);
        if self.stage == Stage::Over || self.datagrams > MAX_DATAGRAMS {
            return Step::Done;
        }
        let used = bytes.len();
        let mut at = 0;
        for _ in 0..MAX_PACKETS {
            let packet = &bytes[at..];
            let Some(header) = Header::read(packet) else { break };
            at += header.len;
            let packet = &packet[..header.len];
            let Some((says, close)) = self.packet(dir, packet, &header, &mut scratch.decoded)
            else {
                // It is not of this connection.
                return if at == header.len { Step::Lost } else { Step::Skip { used } };
            };
            match (says, close) {
                (Says::Asks(version), _) => return self.asks(version, used, scratch),
                (Says::Answers(version), _) => return self.answers(version, used, scratch),
                (Says::Ends, Some(close)) if self.stage == Stage::Asked => {
                    let message = close.message(dir, &mut scratch.bytes);
                    self.stage = Stage::Over;
                    let pairing = self.pairing();
                    return Step::Message { used, message: Message { pairing, ..message } };
                }
                (Says::Versions, _) => {
                    if let Kind::Versions(list) = header.kind {
                        return self.versions(list, used, &mut scratch.bytes);
                    }
                }
                _ => {}
            }
        }
        Step::Skip { used }
    }

    fn gap(&mut self, _dir: Direction, _len: u64) -> bool {
        true
    }

    fn resync(&mut self, _dir: Direction, _bytes: &[u8]) -> Option<usize> {
        Some(0)
    }
}
