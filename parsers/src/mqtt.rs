//! MQTT 3.1, 3.1.1 and 5: connections, subscriptions, messages both ways.
//!
//! Packets say how long they are (`packet.rs`); the front is read and the rest skipped by count.
//! Which packet answers which, their kinds and numbers tell; both sides number their messages by
//! themselves. Messages without acknowledgement are rows of their own. The level that `CONNECT`
//! names says whether packets have properties; where it was not seen, those of a message are not
//! looked for. `detect.rs` tells MQTT from anything else.

mod detect;
mod packet;

pub(crate) use detect::probe;

use crate::bytes::Reader;
use crate::counted::Counted;
use crate::keys;
use crate::message::{
    Carrier, Direction, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch, Step,
};
use crate::registry::Options;
use crate::trace::TraceOptions;
use packet::{
    AUTH, CONNACK, CONNECT, DISCONNECT, Filters, Header, NAMES, PINGREQ, PINGRESP, PUBACK, PUBCOMP,
    PUBLISH, PUBREC, PUBREL, Properties, SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE, Wrong,
};

/// Bytes of a packet that are read.
const WINDOW: usize = 4 * 1024;
/// Bytes kept of the client's name.
const MAX_CLIENT: usize = 64;
/// Topics that have a number instead of a name, and bytes of each.
const MAX_ALIASES: usize = 16;
const MAX_ALIASED: usize = 256;
/// The level of MQTT 5.
const FIVE: u8 = 5;

/// A number that stands for a topic.
#[derive(Debug)]
struct Alias {
    dir: Direction,
    number: u16,
    topic: Box<[u8]>,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Mqtt {
    to_server: Counted,
    to_client: Counted,
    /// 0 while it is not known.
    level: u8,
    client: Box<[u8]>,
    aliases: Vec<Alias>,
    trace: TraceOptions,
}

/// What answers what: the kind of exchange, who began it, and the packet's number.
fn pairing(kind: u8, asker: Direction, number: u16) -> Pairing {
    Pairing::ById(u64::from(kind) << 24 | (asker as u64) << 16 | u64::from(number))
}

impl Mqtt {
    /// A parser at the start of a packet of each side.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            level: 0,
            client: Box::default(),
            aliases: Vec::new(),
            trace: options.trace.clone(),
        }
    }

    fn side(&mut self, dir: Direction) -> &mut Counted {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.side(dir).lose();
        Step::Lost
    }

    fn version(&self) -> &'static [u8] {
        match self.level {
            3 => b"3.1",
            4 => b"3.1.1",
            FIVE => b"5.0",
            _ => b"",
        }
    }

    fn packet<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let h = match packet::header(bytes) {
            Ok(h) => h,
            Err(Wrong::Short) => return Step::More,
            Err(Wrong::Bad) => return self.lost(dir),
        };
        let window = bytes.len().min(h.whole).min(WINDOW);
        if window < h.whole.min(WINDOW) && !cut {
            return Step::More;
        }
        let body = Reader(bytes.get(h.len..window).unwrap_or(b""));
        let message = match h.kind {
            CONNECT => self.connect(body),
            CONNACK => self.connected(body, scratch),
            PUBLISH => self.publish(dir, h, body, scratch),
            PUBREL => self.asks(dir, h, body, scratch),
            PUBACK | PUBREC | PUBCOMP => self.acknowledged(dir, h, body, scratch),
            SUBSCRIBE | UNSUBSCRIBE => self.subscribe(dir, h, body, scratch),
            SUBACK | UNSUBACK => self.subscribed(dir, h, body, scratch),
            PINGREQ => Some(self.single(h, MessageKind::Request, pairing(PINGREQ, dir, 0))),
            PINGRESP => {
                let pairing = pairing(PINGREQ, dir.reverse(), 0);
                let status = ResponseStatus::Ok;
                Some(Message { status, ..self.single(h, MessageKind::Response, pairing) })
            }
            _ => self.last(dir, h, body, scratch),
        };
        let Some(message) = message else {
            return if cut { Step::More } else { self.lost(dir) };
        };
        self.side(dir).leave((h.whole - window) as u64);
        Step::Message { used: window, message: Message { length: Some(h.whole as u64), ..message } }
    }

    fn single<'a>(&self, h: Header, kind: MessageKind, pairing: Pairing) -> Message<'a> {
        let request_type = match kind {
            MessageKind::Response => b"",
            _ => NAMES[usize::from(h.kind)],
        };
        Message { kind, pairing, request_type, version: self.version(), ..Message::default() }
    }

    fn connect<'a>(&mut self, mut r: Reader<'a>) -> Option<Message<'a>> {
        r.text16()?;
        self.level = r.u8()?;
        self.aliases.clear();
        r.take(3)?;
        if self.level == FIVE {
            packet::properties(&mut r, &self.trace)?;
        }
        let client = r.text16()?;
        self.client = client[..client.len().min(MAX_CLIENT)].into();
        Some(Message {
            request_type: NAMES[usize::from(CONNECT)],
            request_domain: client,
            pairing: pairing(CONNECT, Direction::ToServer, 0),
            version: self.version(),
            ..Message::default()
        })
    }

    fn connected<'a>(
        &mut self,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        r.u8()?;
        let code = r.u8()?;
        let mut properties = Properties::default();
        // With MQTT 5 there is more than the code, if only that there is nothing.
        let (text, status) = if self.level == FIVE || !r.0.is_empty() {
            properties = packet::properties(&mut r, &self.trace)?;
            packet::reason(code)
        } else {
            packet::refusal(code)
        };
        if !properties.client.is_empty() {
            let client = properties.client;
            self.client = client[..client.len().min(MAX_CLIENT)].into();
        }
        Some(Message {
            kind: MessageKind::Response,
            pairing: pairing(CONNECT, Direction::ToServer, 0),
            result: properties.client,
            ..self.outcome(code, text, status, properties, scratch)
        })
    }

    /// A reason code, and what is said to it.
    fn outcome<'a>(
        &self,
        code: u8,
        text: &'static [u8],
        status: ResponseStatus,
        properties: Properties<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let said = if properties.reason.is_empty() { text } else { properties.reason };
        let x = properties.x_request_id;
        Message {
            kind: MessageKind::Response,
            status,
            response_code: Some(i32::from(code)),
            exception: if status == ResponseStatus::Ok { b"" } else { said },
            trace: properties.trace.context(x, &self.trace, &mut scratch.more),
            version: self.version(),
            ..Message::default()
        }
    }

    fn publish<'a>(
        &mut self,
        dir: Direction,
        h: Header,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let topic = r.text16()?;
        let number = if h.qos() > 0 { r.u16()? } else { 0 };
        let mut properties = Properties::default();
        if self.level == FIVE {
            properties = packet::properties(&mut r, &self.trace)?;
        }
        let Scratch { bytes: out, more, .. } = scratch;
        if properties.alias == 0 {
            out.extend_from_slice(topic);
        } else {
            self.alias(dir, properties.alias, topic, out);
        }
        out.extend_from_slice(&self.client);
        let named = out.len() - self.client.len();
        let client = out.len();
        topic_pattern(out, named);
        let out: &'a [u8] = out;
        let kind = if h.qos() > 0 { MessageKind::Request } else { MessageKind::Single };
        let qos: &[u8] = [&b"0"[..], b"1", b"2", b""][usize::from(h.qos())];
        Some(Message {
            request_resource: &out[..named],
            request_domain: &out[named..client],
            endpoint: &out[client..],
            request_id: (number > 0).then_some(u64::from(number)),
            trace: properties.trace.context(properties.x_request_id, &self.trace, more),
            attributes: [
                ("qos", qos),
                ("response_topic", properties.answer_to),
                ("retain", if h.flags & 1 != 0 { b"1" } else { b"" }),
                ("", b""),
            ],
            ..self.single(h, kind, pairing(PUBLISH, dir, number))
        })
    }

    /// Appends the topic that a number stands for, or notes it.
    fn alias(&mut self, dir: Direction, number: u16, topic: &[u8], out: &mut Vec<u8>) {
        let full = self.aliases.len() >= MAX_ALIASES;
        let kept = &topic[..topic.len().min(MAX_ALIASED)];
        match self.aliases.iter_mut().find(|a| a.number == number && a.dir == dir) {
            Some(alias) if topic.is_empty() => out.extend_from_slice(&alias.topic),
            Some(alias) if *alias.topic == *kept => {}
            Some(alias) => alias.topic = kept.into(),
            None if topic.is_empty() || full => {}
            None => self.aliases.push(Alias { dir, number, topic: kept.into() }),
        }
        out.extend_from_slice(topic);
    }

    /// `PUBREL`, which goes on where `PUBREC` left off.
    fn asks<'a>(
        &mut self,
        dir: Direction,
        h: Header,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let number = r.u16()?;
        scratch.bytes.extend_from_slice(&self.client);
        Some(Message {
            request_domain: &scratch.bytes,
            request_id: Some(u64::from(number)),
            ..self.single(h, MessageKind::Request, pairing(PUBREL, dir, number))
        })
    }

    fn acknowledged<'a>(
        &mut self,
        dir: Direction,
        h: Header,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let number = r.u16()?;
        // Before MQTT 5, and where all went well, there is no code.
        let code = r.u8().unwrap_or(0);
        let mut properties = Properties::default();
        if !r.0.is_empty() {
            properties = packet::properties(&mut r, &self.trace)?;
        }
        let (text, status) = packet::reason(code);
        let asked = if h.kind == PUBCOMP { PUBREL } else { PUBLISH };
        Some(Message {
            pairing: pairing(asked, dir.reverse(), number),
            request_id: Some(u64::from(number)),
            ..self.outcome(code, text, status, properties, scratch)
        })
    }

    fn subscribe<'a>(
        &mut self,
        dir: Direction,
        h: Header,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let number = r.u16()?;
        let with = h.kind == SUBSCRIBE;
        let mut properties = Properties::default();
        let mut filters = Filters { rest: r, options: with };
        // Properties begin with their length, filters with the high byte of theirs.
        let five = self.level == FIVE || {
            let mut whole = Filters { rest: r, options: with };
            whole.by_ref().for_each(drop);
            self.level == 0 && !whole.rest.0.is_empty()
        };
        if five {
            properties = packet::properties(&mut r, &self.trace)?;
            filters = Filters { rest: r, options: with };
        }
        let Scratch { bytes: out, more, .. } = scratch;
        let mut first = 0;
        for filter in filters {
            if !out.is_empty() {
                out.push(b',');
            }
            out.extend_from_slice(filter);
            if first == 0 {
                first = out.len();
            }
        }
        let all = out.len();
        out.extend_from_slice(&self.client);
        let client = out.len();
        topic_pattern(out, first);
        let out: &'a [u8] = out;
        Some(Message {
            request_resource: &out[..all],
            request_domain: &out[all..client],
            endpoint: &out[client..],
            request_id: Some(u64::from(number)),
            trace: properties.trace.context(properties.x_request_id, &self.trace, more),
            ..self.single(h, MessageKind::Request, pairing(h.kind, dir, number))
        })
    }

    fn subscribed<'a>(
        &mut self,
        dir: Direction,
        h: Header,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let number = r.u16()?;
        let mut properties = Properties::default();
        if self.level == FIVE {
            properties = packet::properties(&mut r, &self.trace)?;
        }
        // The worst code of all filters is the outcome.
        let codes = r.0.iter().copied();
        let code = codes.clone().find(|c| *c >= 0x80).or_else(|| codes.clone().next());
        let code = code.unwrap_or(0);
        let (text, status) = match packet::reason(code) {
            (_, ResponseStatus::ServerError) if self.level != FIVE && code == 0x80 => {
                (&b"Failure"[..], ResponseStatus::ClientError)
            }
            other => other,
        };
        Some(Message {
            pairing: pairing(h.kind - 1, dir.reverse(), number),
            request_id: Some(u64::from(number)),
            ..self.outcome(code, text, status, properties, scratch)
        })
    }

    /// `DISCONNECT` and `AUTH`.
    fn last<'a>(
        &mut self,
        _dir: Direction,
        h: Header,
        mut r: Reader<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let code = r.u8();
        let mut properties = Properties::default();
        if !r.0.is_empty() {
            properties = packet::properties(&mut r, &self.trace)?;
        }
        let (text, status) = packet::reason(code.unwrap_or(0));
        let Scratch { bytes: out, .. } = &mut *scratch;
        out.extend_from_slice(&self.client);
        let said = if properties.reason.is_empty() { text } else { properties.reason };
        debug_assert!(matches!(h.kind, DISCONNECT | AUTH), "all others are told before");
        Some(Message {
            status,
            response_code: code.map(i32::from),
            exception: if status == ResponseStatus::Ok { b"" } else { said },
            request_domain: &scratch.bytes,
            ..self.single(h, MessageKind::Single, pairing(h.kind, Direction::ToServer, 0))
        })
    }
}

/// Appends what topics like the one in the first `len` bytes group by.
fn topic_pattern(out: &mut Vec<u8>, len: usize) {
    let mut topic = [0; 256];
    let n = len.min(topic.len());
    topic[..n].copy_from_slice(&out[..n]);
    keys::pattern(&topic[..n], out);
}

impl Parser for Mqtt {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if self.side(dir).is_inside() {
            return Step::Skip { used: self.side(dir).skip(bytes) };
        }
        if self.side(dir).is_adrift() {
            return Step::Lost;
        }
        scratch.bytes.clear();
        scratch.more.clear();
        self.packet(dir, bytes, scratch, false)
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        scratch.more.clear();
        let readable = !self.side(dir).is_inside() && !self.side(dir).is_adrift();
        let step = match readable {
            true => self.packet(dir, bytes, scratch, true),
            false => Step::Lost,
        };
        self.side(dir).lose();
        match step {
            Step::Message { message, .. } => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        self.side(dir).gap(len)
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        if !detect::begins(bytes) {
            return None;
        }
        self.side(dir).found();
        Some(0)
    }
}
