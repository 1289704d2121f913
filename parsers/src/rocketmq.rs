//! RocketMQ's remoting protocol (org.apache.rocketmq.remoting.protocol.RemotingCommand): two
//! lengths, a header in JSON or in a binary form, which name the command, its number and its
//! fields (`header.rs`), and a body. What a pull brings is looked into for the properties of the
//! first message, since those carry the trace.

mod code;
mod header;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::reader::Reader;
use crate::registry::Options;
use crate::trace::{Carried, TraceOptions};
use header::Header;
use std::io::Write as _;

/// Both lengths.
const LENGTHS: usize = 8;
/// Bytes of a header that are read.
const WINDOW: usize = 16 * 1024;
/// Bytes of an answer's body that are read: the first message of a pull.
const BODY: usize = 8 * 1024;
/// Servers take 16 MiB unless told otherwise; more than this is a broken length.
const MAX_LEN: u32 = 1 << 28;
/// Properties of a message that are looked at.
const MAX_PROPERTIES: usize = 64;
/// Sets apart what brokers number.
const SERVERS: u64 = 1 << 32;

/// The parser of one connection.
pub type RocketMq = Framed<Commands>;

/// What of it is RocketMQ.
#[derive(Debug)]
pub struct Commands {
    trace: TraceOptions,
}

impl RocketMq {
    /// A parser at the start of a command in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Commands { trace: options.trace.clone() })
    }
}

#[derive(Clone, Copy)]
struct Lengths {
    total: u32,
    header: usize,
    is_json: bool,
}

fn lengths(bytes: &[u8]) -> Result<Lengths, Front> {
    let Some([t0, t1, t2, t3, form, h0, h1, h2]) = bytes.first_chunk::<LENGTHS>() else {
        let fits = bytes.first().is_none_or(|b| u32::from(*b) <= MAX_LEN >> 24)
            && bytes.get(4).is_none_or(|form| *form < 2);
        return Err(if fits { Front::Short } else { Front::Bad });
    };
    let total = u32::from_be_bytes([*t0, *t1, *t2, *t3]);
    let header = u32::from_be_bytes([0, *h0, *h1, *h2]);
    let fits =
        *form < 2 && total <= MAX_LEN && header >= 2 && u64::from(header) + 4 <= total.into();
    let lengths = Lengths { total, header: header as usize, is_json: *form == 0 };
    if fits { Ok(lengths) } else { Err(Front::Bad) }
}

/// Is this RocketMQ, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let l = match lengths(bytes) {
        Ok(l) => l,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let text = &bytes[LENGTHS..];
    let begins =
        if l.is_json { header::begins_json(text) } else { header::begins_binary(text, l.header) };
    if !begins || l.header > WINDOW {
        return Probe::NotForUs;
    }
    let Some(text) = text.get(..l.header) else { return Probe::Unsure };
    match header::read(text, l.is_json) {
        Some(h) if h.is_answer() => Probe::Certain(L7Protocol::RocketMq, Direction::ToClient),
        Some(h) if code::is_of_broker(h.code) => {
            Probe::Certain(L7Protocol::RocketMq, Direction::ToClient)
        }
        Some(_) => Probe::Certain(L7Protocol::RocketMq, Direction::ToServer),
        None => Probe::NotForUs,
    }
}

impl Frames for Commands {
    fn front(&self, dir: Direction, bytes: &[u8]) -> Front {
        match lengths(bytes) {
            Ok(l) => {
                let body = if dir == Direction::ToClient { BODY } else { 0 };
                Front::Frame {
                    len: u64::from(l.total) + 4,
                    reads: LENGTHS + l.header.min(WINDOW) + body,
                }
            }
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok(l) = lengths(frame.bytes) else { return Said::Bad };
        let rest = &frame.bytes[LENGTHS..];
        let (text, body) = rest.split_at(rest.len().min(l.header));
        let Some(h) = header::read(text, l.is_json) else {
            return if text.len() < l.header { Said::Nothing } else { Said::Bad };
        };
        let asks = if h.is_answer() { dir.reverse() } else { dir };
        let servers = if asks == Direction::ToClient { SERVERS } else { 0 };
        let base = Message {
            pairing: Pairing::ById(u64::from(h.opaque) | servers),
            request_id: Some(u64::from(h.opaque)),
            length: Some(frame.len),
            ..Message::default()
        };
        scratch.bytes.clear();
        scratch.decoded.clear();
        scratch.more.clear();
        Said::Message(match h.is_answer() {
            true => self.answer(&h, body, &mut scratch.more, base),
            false => self.command(&h, l.is_json, scratch, base),
        })
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        let l = lengths(bytes).ok()?;
        let text = &bytes[LENGTHS..];
        let begins = match l.is_json {
            true => text.len() > 1 && header::begins_json(text),
            false => text.len() > 3 && header::begins_binary(text, l.header),
        };
        begins.then_some(0)
    }
}

impl Commands {
    fn command<'a>(
        &self,
        h: &Header<'a>,
        is_json: bool,
        scratch: &'a mut Scratch,
        base: Message<'a>,
    ) -> Message<'a> {
        let Scratch { bytes, decoded, more, .. } = scratch;
        let f = h.fields();
        let properties: &'a [u8] = if is_json {
            crate::json::unescape(f.properties, decoded);
            decoded
        } else {
            f.properties
        };
        let mut carried = Carried::default();
        self.properties(properties, &mut carried);
        if !f.topic.is_empty() {
            bytes.extend_from_slice(f.topic);
            if !f.queue.is_empty() {
                bytes.push(b'-');
                bytes.extend_from_slice(f.queue);
            }
        }
        let named = bytes.len();
        let name = code::name(h.code);
        if name.is_none() {
            let _ = write!(bytes, "{}", h.code);
        }
        let (endpoint, number) = bytes.split_at(named);
        let one_way = h.is_one_way();
        Message {
            kind: if one_way { MessageKind::Single } else { MessageKind::Request },
            version: h.version,
            request_type: name.unwrap_or(number),
            request_domain: f.group,
            request_resource: f.topic,
            endpoint,
            trace: carried.context(&self.trace, more),
            is_async: one_way,
            ..base
        }
    }

    fn answer<'a>(
        &self,
        h: &Header<'a>,
        body: &'a [u8],
        out: &'a mut Vec<u8>,
        base: Message<'a>,
    ) -> Message<'a> {
        let mut carried = Carried::default();
        if h.code == 0 {
            self.properties(stored_properties(body).unwrap_or(b""), &mut carried);
        }
        let status = code::status(h.code);
        let failed = status != ResponseStatus::Ok;
        Message {
            kind: MessageKind::Response,
            status,
            response_code: Some(h.code),
            exception: if failed { h.remark } else { b"" },
            result: if failed { b"" } else { h.remark },
            trace: carried.context(&self.trace, out),
            ..base
        }
    }

    /// Names and values: 1 stands between the two of a pair, 2 behind a pair.
    fn properties<'a>(&self, text: &'a [u8], carried: &mut Carried<'a>) {
        let mut keys: &[u8] = b"";
        for pair in text.split(|b| *b == 2).take(MAX_PROPERTIES) {
            let Some(at) = memchr::memchr(1, pair) else { continue };
            let (name, value) = (&pair[..at], &pair[at + 1..]);
            match name {
                b"UNIQ_KEY" => carried.request_id(value),
                b"KEYS" => keys = value,
                _ => carried.offer(name, value, &self.trace),
            }
        }
        carried.request_id(keys);
    }
}

/// The properties of the first of the messages that an answer brings, as they are stored
/// (org.apache.rocketmq.common.message.MessageDecoder).
fn stored_properties(body: &[u8]) -> Option<&[u8]> {
    const VERSION_1: u32 = 0xdaa3_20a7;
    const VERSION_2: u32 = 0xdaa3_20ab;
    let mut r = Reader(body);
    r.u32()?;
    let magic = r.u32()?;
    if !matches!(magic, VERSION_1 | VERSION_2) {
        return None;
    }
    // Checksum, queue, flag, two places.
    r.take(4 + 4 + 4 + 8 + 8)?;
    let flags = r.u32()?;
    let born = if flags & 0x10 != 0 { 20 } else { 8 };
    let stored = if flags & 0x20 != 0 { 20 } else { 8 };
    // Times and hosts, attempts, a transaction's place.
    r.take(8 + born + 8 + stored + 4 + 8)?;
    r.text32()?;
    let topic = if magic == VERSION_2 { usize::from(r.u16()?) } else { usize::from(r.u8()?) };
    r.take(topic)?;
    r.text16()
}
