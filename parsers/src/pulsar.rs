//! Pulsar's binary protocol (pulsar.apache.org/docs/developing-binary-protocol): two lengths, a
//! command in Protocol Buffers, and for messages their metadata, in which properties travel.
//!
//! Commands carry the number of their request; messages that of their producer and their place
//! (`command.rs` knows which field is what). Topics are only named when a producer or consumer is
//! made, so a connection remembers a bounded number of them.

mod command;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::protobuf::{self, Fields, Value};
use crate::reader::Reader;
use crate::registry::Options;
use crate::trace::{Carried, TraceOptions};
use command::{Command, Role, Space};
use std::io::Write as _;

const HEADER: usize = 8;
/// Bytes of a command that are read.
const WINDOW: usize = 8 * 1024;
/// Bytes of a message's metadata that are read.
const METADATA: usize = 4 * 1024;
/// Brokers take 5 MiB unless told otherwise; more than this is a broken length.
const MAX_LEN: u32 = 1 << 28;
/// Producers and consumers of one connection whose topics are known.
const MAX_TOPICS: usize = 64;
/// Bytes of a topic's name that are kept.
const MAX_TOPIC: usize = 512;

/// The parser of one connection.
pub type Pulsar = Framed<Commands>;

/// What of it is Pulsar.
#[derive(Debug)]
pub struct Commands {
    trace: TraceOptions,
    topics: Vec<Topic>,
}

#[derive(Debug)]
struct Topic {
    is_producer: bool,
    id: u64,
    name: Box<[u8]>,
}

impl Pulsar {
    /// A parser at the start of a command in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Commands { trace: options.trace.clone(), topics: Vec::new() })
    }
}

/// Both lengths.
fn header(bytes: &[u8]) -> Result<(u32, u32), Front> {
    let mut r = Reader(bytes);
    let Some(total) = r.u32() else {
        let fits = bytes.first().is_none_or(|b| u32::from(*b) < MAX_LEN >> 24);
        return Err(if fits { Front::Short } else { Front::Bad });
    };
    if !(6..=MAX_LEN).contains(&total) {
        return Err(Front::Bad);
    }
    let command = r.u32().ok_or(Front::Short)?;
    let fits = command >= 2 && command.checked_add(4).is_some_and(|n| n <= total);
    if fits { Ok((total, command)) } else { Err(Front::Bad) }
}

/// The command in front, when exactly one known command fills its length.
fn whole(bytes: &[u8]) -> Result<&'static Command, Front> {
    let (_, len) = header(bytes)?;
    let body = &bytes[HEADER..];
    // Type, then the field of that number with what is left.
    let Some((tag, rest)) = body.split_first() else { return Err(Front::Short) };
    if *tag != 8 {
        return Err(Front::Bad);
    }
    let Some((kind, rest)) = protobuf::varint(rest) else { return Err(Front::Short) };
    let command = u8::try_from(kind).ok().and_then(command::of).ok_or(Front::Bad)?;
    let Some((field, rest)) = protobuf::varint(rest) else { return Err(Front::Short) };
    let Some((n, rest)) = protobuf::varint(rest) else { return Err(Front::Short) };
    let own = (body.len() - rest.len()) as u64;
    let fits = field == kind << 3 | 2 && own + n == u64::from(len);
    if fits { Ok(command) } else { Err(Front::Bad) }
}

/// Is this Pulsar, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    match whole(bytes) {
        Ok(command) => {
            let dir = command.dir.or(hint).unwrap_or(Direction::ToServer);
            Probe::Certain(L7Protocol::Pulsar, dir)
        }
        Err(Front::Short) => Probe::Unsure,
        Err(_) => Probe::NotForUs,
    }
}

impl Frames for Commands {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        match header(bytes) {
            Ok((total, command)) => Front::Frame {
                len: u64::from(total) + 4,
                reads: HEADER + (command as usize).min(WINDOW) + METADATA,
            },
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok((_, len)) = header(frame.bytes) else { return Said::Bad };
        let body = &frame.bytes[HEADER..];
        let (command, payload) = body.split_at(body.len().min(len as usize));
        if (command.len() as u64) < u64::from(len).min(WINDOW as u64) {
            return Said::Nothing;
        }
        let Some(kind) = Fields(command).number(1) else { return Said::Bad };
        // Brokers of a later version may say more.
        let Some(known) = u8::try_from(kind).ok().and_then(command::of) else {
            return Said::Nothing;
        };
        let inner = Fields(command).bytes(kind as u32).unwrap_or(b"");
        scratch.bytes.clear();
        scratch.more.clear();
        self.read(dir, known, inner, payload, frame.len, scratch).into()
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        match whole(bytes) {
            Ok(_) => Some(0),
            // Lengths and the type fit.
            Err(Front::Short) if bytes.len() > HEADER + 1 => Some(0),
            Err(_) => None,
        }
    }
}

/// A text for a number.
fn digits(n: u64, out: &mut Vec<u8>) {
    let _ = write!(out, "{n}");
}

impl Commands {
    fn read<'a>(
        &mut self,
        dir: Direction,
        known: &'static Command,
        inner: &'a [u8],
        payload: &'a [u8],
        len: u64,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let fields = Fields(inner);
        let number = |field: u8| match field {
            0 => None,
            n => fields.clone().number(u32::from(n)),
        };
        let text = |field: u8| match field {
            0 => &b""[..],
            n => fields.clone().bytes(u32::from(n)).unwrap_or(b""),
        };
        let request = number(known.request);
        let member = number(known.member);
        let space = match (known.space, request) {
            // A connection that is refused is refused without a number.
            (Space::Request, Some(u64::MAX)) if known.role == Role::Answer => Space::Connect,
            (space, _) => space,
        };
        let (id, shown) = match space {
            Space::Connect => (Some(0), None),
            Space::Ping => (Some(asks(known, dir) as u64), None),
            Space::Request => (request, request),
            Space::Sequence => {
                let (member, sequence) = (member.unwrap_or(0), request.unwrap_or(0));
                let wide = (member & 0x3fff_ffff) << 30 | sequence & 0x3fff_ffff;
                (Some(wide), Some(member << 16 | sequence & 0xffff))
            }
            Space::None => (None, None),
        };
        let pairing = Pairing::ById(((space as u64) << 60) | (id.unwrap_or(0) & ((1 << 60) - 1)));
        let mut kind = known.kind();
        // What a broker closes by itself, it does not ask for.
        let unasked = known.dir.is_none() && known.space == Space::Request;
        if kind == MessageKind::Request && (id.is_none() || unasked && dir == Direction::ToClient) {
            kind = MessageKind::Single;
        }
        let Scratch { bytes, more, decoded, .. } = scratch;
        decoded.clear();
        let mut message = Message {
            kind,
            pairing,
            request_type: known.name,
            request_id: shown,
            length: Some(len),
            ..Message::default()
        };
        if known.role == Role::Answer {
            id?;
            outcome(known, &number, &text, &mut message);
            return Some(message);
        }
        // What the broker tells of a producer or consumer by itself is no answer.
        let named = text(known.topic);
        if let (Some(id), false) = (member, named.is_empty()) {
            self.remember(known.is_producer(), id, named);
        }
        if !named.is_empty() {
            bytes.extend_from_slice(named);
        } else if let Some(id) = member
            && let Some(topic) = self.topic(known.is_producer(), id)
        {
            bytes.extend_from_slice(topic);
        }
        let topic: &'a [u8] = bytes;
        message.endpoint = topic;
        message.request_resource = tail(topic);
        message.request_domain = text(known.domain);
        if let Some(version) = number(known.version) {
            digits(version, decoded);
            message.version = decoded;
        }
        message.attributes[0] = ("subscription", text(known.subscription));
        if known.has_payload() {
            let mut carried = Carried::default();
            let metadata = metadata(payload);
            for field in Fields(metadata) {
                if let (4, Value::Bytes(property)) = field {
                    let (name, value) = protobuf::pair(property);
                    carried.offer(name, value, &self.trace);
                }
            }
            message.trace = carried.context(&self.trace, more);
        }
        Some(message)
    }

    fn topic(&self, is_producer: bool, id: u64) -> Option<&[u8]> {
        let found = self.topics.iter().find(|t| t.is_producer == is_producer && t.id == id);
        found.map(|t| &*t.name)
    }

    fn remember(&mut self, is_producer: bool, id: u64, name: &[u8]) {
        self.topics.retain(|t| t.is_producer != is_producer || t.id != id);
        if self.topics.len() >= MAX_TOPICS {
            self.topics.remove(0);
        }
        let name = name[..name.len().min(MAX_TOPIC)].into();
        self.topics.push(Topic { is_producer, id, name });
    }
}

/// Who asks, where a command goes this way.
fn asks(known: &Command, dir: Direction) -> Direction {
    if known.role == Role::Answer { dir.reverse() } else { dir }
}

/// What stands behind the last slash of a topic's full name.
fn tail(topic: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', topic).map_or(topic, |n| &topic[n + 1..])
}

/// The metadata in front of a message's payload: behind what brokers add, and a checksum.
fn metadata(payload: &[u8]) -> &[u8] {
    const CHECKED: [u8; 2] = [0x0e, 0x01];
    const BROKERS: [u8; 2] = [0x0e, 0x02];
    let mut r = Reader(payload);
    if r.0.starts_with(&BROKERS) {
        r.take(2);
        if r.text32().is_none() {
            return b"";
        }
    }
    if r.0.starts_with(&CHECKED) {
        r.take(6);
    }
    let Some(len) = r.u32() else { return b"" };
    &r.0[..r.0.len().min(len as usize)]
}

/// How a request went.
fn outcome<'a>(
    known: &Command,
    number: &impl Fn(u8) -> Option<u64>,
    text: &impl Fn(u8) -> &'a [u8],
    message: &mut Message<'a>,
) {
    message.request_type = b"";
    message.request_id = None;
    let code = number(known.error);
    message.status = match code {
        None if known.is_error() => ResponseStatus::ServerError,
        None => ResponseStatus::Ok,
        // org.apache.pulsar.common.api.proto.ServerError: not allowed, no such topic, and the like.
        Some(3 | 4 | 5 | 11..=13 | 15 | 18 | 19 | 21..=23 | 26) => ResponseStatus::ClientError,
        Some(_) => ResponseStatus::ServerError,
    };
    message.response_code = code.and_then(|c| i32::try_from(c).ok());
    message.exception = text(known.text);
}
