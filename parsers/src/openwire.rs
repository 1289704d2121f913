//! OpenWire, what ActiveMQ and its clients speak (activemq.apache.org/openwire-version-2-specification):
//! commands behind their length, in a tight or a loose encoding, each with a number that the answer
//! repeats. `walk.rs` walks over the fields of both encodings, `command.rs` knows the fields.
//!
//! What was sent once may be referred to by an index afterwards, so a connection remembers a
//! bounded number of destinations. Connections that leave lengths out (SizePrefixDisabled) are not
//! understood.

mod command;
mod walk;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::reader::Reader;
use crate::registry::Options;
use crate::trace::{Carried, TraceOptions};
use walk::{Found, Walk};

/// Length and type.
const HEADER: usize = 5;
/// Bytes of a command that are read.
const WINDOW: usize = 8 * 1024;
/// Brokers take 100 MiB unless told otherwise; more than this is a broken length.
const MAX_LEN: u32 = 1 << 29;
/// Destinations of one direction that are remembered.
const MAX_KNOWN: usize = 64;
/// Bytes of a destination, or a broker's address, that are kept.
const MAX_NAME: usize = 512;
/// Sets apart what the broker numbers.
const SERVERS: u64 = 1 << 32;
const MAGIC: &[u8] = b"ActiveMQ";

/// The parser of one connection.
pub type OpenWire = Framed<Commands>;

/// What of it is OpenWire.
#[derive(Debug)]
pub struct Commands {
    trace: TraceOptions,
    known: [Vec<Known>; 2],
    /// Whether each side wants to refer to what was sent before.
    caches: [Option<bool>; 2],
    broker: Vec<u8>,
}

/// A destination that was sent under an index.
#[derive(Debug)]
struct Known {
    index: u16,
    name: Box<[u8]>,
}

impl OpenWire {
    /// A parser at the start of a command in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Commands {
            trace: options.trace.clone(),
            known: [Vec::new(), Vec::new()],
            caches: [None; 2],
            broker: Vec::new(),
        })
    }
}

/// Length of what follows it, and the type.
fn header(bytes: &[u8]) -> Result<(u32, u8), Front> {
    let mut r = Reader(bytes);
    let Some(len) = r.u32() else {
        let fits = bytes.first().is_none_or(|b| u32::from(*b) < MAX_LEN >> 24);
        return Err(if fits { Front::Short } else { Front::Bad });
    };
    if !(2..MAX_LEN).contains(&len) {
        return Err(Front::Bad);
    }
    let kind = r.u8().ok_or(Front::Short)?;
    if command::name(kind).is_some() { Ok((len, kind)) } else { Err(Front::Bad) }
}

/// Is this OpenWire, and which way does it go? Both sides begin alike.
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let (len, kind) = match header(bytes) {
        Ok(found) => found,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let body = &bytes[HEADER..];
    if kind == command::WIRE_FORMAT {
        let magic = &body[..body.len().min(MAGIC.len())];
        return match MAGIC.starts_with(magic) {
            true if magic.len() == MAGIC.len() => {
                let dir = hint.unwrap_or(Direction::ToServer);
                Probe::Certain(L7Protocol::OpenWire, dir)
            }
            true => Probe::Unsure,
            false => Probe::NotForUs,
        };
    }
    // In the middle of a connection: what names a connection stands near the front of most.
    let dir = match kind {
        2 | 18 | 19 | 21 => Direction::ToClient,
        3..=8 | 12 | 22..=29 => Direction::ToServer,
        _ => return Probe::NotForUs,
    };
    let whole = bytes.len() as u64 <= u64::from(len) + 4 || bytes.get(len as usize + 4) == Some(&0);
    let front = &body[..body.len().min(80)];
    let named = memchr::memmem::find(front, b"ID:").is_some_and(|at| {
        at > 8 && front[at - 2] == 0 && front[at - 3] <= b'{' && matches!(front[at - 1], 8..=127)
    });
    if whole && named { Probe::Certain(L7Protocol::OpenWire, dir) } else { Probe::NotForUs }
}

impl Frames for Commands {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        match header(bytes) {
            Ok((len, _)) => Front::Frame { len: u64::from(len) + 4, reads: WINDOW },
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok((_, kind)) = header(frame.bytes) else { return Said::Bad };
        let body = &frame.bytes[HEADER..];
        if kind == command::KEEP_ALIVE {
            return Said::Nothing;
        }
        scratch.bytes.clear();
        scratch.more.clear();
        if kind == command::WIRE_FORMAT {
            return Said::Message(self.wire_format(dir, body, frame.len));
        }
        let Some(mut walk) = Walk::new(body) else { return Said::Nothing };
        let Some((id, answered)) = walk.base() else { return Said::Nothing };
        if command::is_answer(kind) {
            return answer(dir, kind, walk, frame.len, &mut scratch.bytes).into();
        }
        let servers = if dir == Direction::ToClient { SERVERS } else { 0 };
        let base = Message {
            kind: if answered { MessageKind::Request } else { MessageKind::Single },
            pairing: Pairing::ById(u64::from(id) | servers),
            request_type: command::name(kind).unwrap_or(b""),
            request_id: Some(u64::from(id)),
            length: Some(frame.len),
            ..Message::default()
        };
        Said::Message(self.command(dir, kind, walk, scratch, base))
    }

    fn find(&self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let (len, kind) = header(bytes).ok()?;
        // One command, or several that follow each other.
        let mut at = len as usize + 4;
        while at < bytes.len() {
            match header(&bytes[at..]) {
                Ok((len, _)) => at += len as usize + 4,
                Err(Front::Short) => break,
                Err(_) => return None,
            }
        }
        let from_broker = matches!(kind, 2 | 18 | 19 | 21 | 30..=34);
        let fits = from_broker == (dir == Direction::ToClient) || matches!(kind, 1 | 10);
        (fits && Walk::new(&bytes[HEADER..]).is_some()).then_some(0)
    }
}

impl Commands {
    /// The sender refers to what it sent before; `None`: nobody has seen what was agreed.
    fn cached(&self) -> Option<bool> {
        Some(self.caches[0]? && self.caches[1]?)
    }

    fn wire_format<'a>(&mut self, dir: Direction, body: &'a [u8], len: u64) -> Message<'a> {
        let wants = |name: &[u8]| {
            let at = memchr::memmem::find(body, name)?;
            match body.get(at + name.len()..) {
                Some([1, value, ..]) => Some(*value != 0),
                _ => None,
            }
        };
        self.caches[dir as usize] = Some(wants(b"\0\x0cCacheEnabled").unwrap_or(false));
        Message {
            kind: MessageKind::Single,
            pairing: Pairing::ById(u64::MAX),
            request_type: command::name(command::WIRE_FORMAT).unwrap_or(b""),
            length: Some(len),
            ..Message::default()
        }
    }

    fn command<'a>(
        &mut self,
        dir: Direction,
        kind: u8,
        walk: Walk<'a>,
        scratch: &'a mut Scratch,
        base: Message<'a>,
    ) -> Message<'a> {
        let read = |cached| command::read(kind, walk.with_cache(cached));
        let found = match self.cached() {
            Some(cached) => read(cached),
            None => {
                let (with, without) = (read(true), read(false));
                if with.is_plausible(kind) || !without.is_plausible(kind) { with } else { without }
            }
        };
        if !found.broker.is_empty() {
            self.broker.clear();
            let len = found.broker.len().min(MAX_NAME);
            self.broker.extend_from_slice(&found.broker[..len]);
        }
        let Scratch { bytes, more, .. } = scratch;
        bytes.extend_from_slice(&self.broker);
        let broker = bytes.len();
        let name = match found.destination {
            Found::Plain(name) => name,
            Found::New(index, name) => {
                self.remember(dir, index, name);
                name
            }
            Found::Known(index) => {
                let known = self.known[dir as usize].iter().find(|k| k.index == index);
                bytes.extend_from_slice(known.map_or(b"", |k| &k.name));
                b""
            }
            Found::Nothing => b"",
        };
        let (broker, known) = bytes.split_at(broker);
        let name = if name.is_empty() { known } else { name };
        let mut carried = Carried::default();
        command::properties(found.properties, |n, value| carried.offer(n, value, &self.trace));
        carried.request_id(found.correlation);
        let failed = !found.exception.is_empty();
        Message {
            request_domain: broker,
            request_resource: name,
            endpoint: name,
            trace: carried.context(&self.trace, more),
            status: if failed { ResponseStatus::ServerError } else { ResponseStatus::Unknown },
            exception: found.exception,
            ..base
        }
    }

    fn remember(&mut self, dir: Direction, index: u16, name: &[u8]) {
        let known = &mut self.known[dir as usize];
        known.retain(|k| k.index != index);
        if known.len() >= MAX_KNOWN {
            known.remove(0);
        }
        known.push(Known { index, name: name[..name.len().min(MAX_NAME)].into() });
    }
}

/// An answer: the number of what it answers, and a failure's class and text.
fn answer<'a>(
    dir: Direction,
    kind: u8,
    mut walk: Walk<'a>,
    len: u64,
    out: &'a mut Vec<u8>,
) -> Option<Message<'a>> {
    let id = walk.int()?;
    let servers = if dir == Direction::ToServer { SERVERS } else { 0 };
    let failed = kind == command::EXCEPTION;
    if failed && walk.flag() == Some(true) {
        out.extend_from_slice(walk.text().flatten().unwrap_or(b""));
        if let Some(Some(text)) = walk.text() {
            out.extend_from_slice(b": ");
            out.extend_from_slice(text);
        }
    }
    Some(Message {
        kind: MessageKind::Response,
        pairing: Pairing::ById(u64::from(id) | servers),
        status: if failed { ResponseStatus::ServerError } else { ResponseStatus::Ok },
        exception: out,
        length: Some(len),
        ..Message::default()
    })
}
