//! AMQP 1.0: links, transfers, and how they were settled.
//!
//! Frames say how long they are; each holds one performative, a list of values (`types.rs`), and a
//! transfer the front of a message behind it. What one side begins the other answers with the same
//! word; transfers that are not settled when they are sent are answered by number, several at once.

use super::types::{Value, described};
use super::{MAX_VHOST, WINDOW};
use crate::bytes::Reader;
use crate::keys;
use crate::message::{
    Direction, L7Protocol, Message, MessageKind, Pairing, ResponseStatus, Scratch, Step,
};
use crate::trace::{Found, TraceOptions};

/// Length of a frame's header.
const HEADER: usize = 8;
/// No peer agrees to larger frames.
const MAX_FRAME: usize = 1 << 27;
/// Links whose addresses are known, and bytes of each.
const MAX_LINKS: usize = 64;
const MAX_ADDRESS: usize = 256;
/// What was begun and not answered.
const MAX_OPEN: usize = 64;
/// Transfers that are settled at once.
const MAX_SETTLED: u32 = 512;
/// Properties of one message that are looked at.
const MAX_PROPERTIES: usize = 64;

const OPEN: u64 = 0x10;
const ATTACH: u64 = 0x12;
const TRANSFER: u64 = 0x14;
const DISPOSITION: u64 = 0x15;
const DETACH: u64 = 0x16;
const SASL_INIT: u64 = 0x41;
const SASL_OUTCOME: u64 = 0x44;

/// Performatives that are rows.
fn name(performative: u64) -> &'static [u8] {
    match performative {
        OPEN => b"Open",
        0x11 => b"Begin",
        ATTACH => b"Attach",
        TRANSFER => b"Transfer",
        DETACH => b"Detach",
        0x17 => b"End",
        0x18 => b"Close",
        SASL_INIT => b"SaslInit",
        _ => b"",
    }
}

/// A link's end.
#[derive(Debug)]
struct Link {
    dir: Direction,
    channel: u16,
    handle: u64,
    address: Box<[u8]>,
}

/// What one side began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Begun {
    performative: u64,
    channel: u16,
    by: Direction,
    /// With an error: nobody waits for the answer.
    failed: bool,
}

/// What is known of a connection.
#[derive(Debug, Default)]
pub(super) struct One {
    host: Box<[u8]>,
    links: Vec<Link>,
    begun: Vec<Begun>,
    /// Of each side, the link of a message that goes on in the next frame.
    more: [Option<u64>; 2],
    /// Of each side, the first of its transfers not settled so far.
    unsettled: [u32; 2],
}

/// A frame that was read: its used bytes, those left of it, and what it says, if anything.
pub(super) struct Read<'a> {
    pub(super) step: Step<'a>,
    /// Bytes of the frame that nobody reads, once the step's are used.
    pub(super) left: usize,
}

/// Does a frame with a performative begin here? `None`: too little of it is there to tell.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    let Some(h) = bytes.first_chunk::<11>() else {
        let fits = |i: usize, range: std::ops::RangeInclusive<u8>| {
            bytes.get(i).is_none_or(|b| range.contains(b))
        };
        let so_far = fits(0, 0..=0) && fits(4, 2..=2) && fits(5, 0..=1) && fits(8, 0..=0);
        return if so_far { None } else { Some(false) };
    };
    let size = u32::from_be_bytes([h[0], h[1], h[2], h[3]]) as usize;
    let known = matches!((h[5], h[10]), (0, 0x10..=0x18) | (1, 0x40..=0x44));
    let list = bytes.get(11).is_none_or(|b| matches!(b, 0x45 | 0xc0 | 0xd0));
    Some((12..1 << 24).contains(&size) && h[4] == 2 && h[8] == 0 && h[9] == 0x53 && known && list)
}

fn pairing(what: u64, channel: u16, number: u64, asker: Direction) -> Pairing {
    Pairing::ById(
        1 << 62
            | (asker as u64) << 61
            | (what & 0xff) << 53
            | u64::from(channel & 0x7fff) << 38
            | number & 0x3f_ffff_ffff,
    )
}

impl One {
    /// Reads the frame that begins with `bytes`.
    pub(super) fn frame<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        options: &TraceOptions,
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Read<'a> {
        let done = |step| Read { step, left: 0 };
        if bytes[0] == 0x16 {
            return done(Step::Switched(L7Protocol::Unknown));
        }
        let Some(h) = bytes.first_chunk::<HEADER>() else { return done(Step::More) };
        let size = u32::from_be_bytes([h[0], h[1], h[2], h[3]]) as usize;
        let offset = usize::from(h[4]) * 4;
        if !(HEADER..=MAX_FRAME).contains(&size) || offset < HEADER || offset > size || h[5] > 1 {
            return done(Step::Lost);
        }
        let window = bytes.len().min(size).min(WINDOW);
        if window < size.min(WINDOW) && !cut {
            return done(Step::More);
        }
        let channel = u16::from_be_bytes([h[6], h[7]]);
        let mut r = Reader(bytes.get(offset..window).unwrap_or(b""));
        let left = size - window;
        let skip = Read { step: Step::Skip { used: window }, left };
        let Some((performative, list)) = described(&mut r) else { return skip };
        let message = match performative {
            TRANSFER => self.transfer(dir, channel, list, r, options, scratch),
            DISPOSITION => match self.settle(dir, channel, list) {
                // More transfers are settled than this one.
                Some((message, false)) => return done(Step::Message { used: 0, message }),
                other => other.map(|o| o.0),
            },
            SASL_OUTCOME => Some(outcome(channel, list)),
            _ if name(performative).is_empty() => None,
            _ => self.word(dir, performative, channel, list, scratch),
        };
        match message {
            Some(message) => {
                let length = Some(size as u64);
                let message = Message { length, version: b"1.0", ..message };
                Read { step: Step::Message { used: window, message }, left }
            }
            None => skip,
        }
    }

    /// Words that the other side answers with the same.
    fn word<'a>(
        &mut self,
        dir: Direction,
        performative: u64,
        channel: u16,
        list: Value<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let mut address = &b""[..];
        match performative {
            OPEN if dir == Direction::ToServer => {
                let host = list.fields().nth(1).map_or(&b""[..], |f| f.1.text());
                self.host = host[..host.len().min(MAX_VHOST)].into();
            }
            ATTACH => address = self.attach(dir, channel, list),
            _ => {}
        }
        let (condition, text) = error(list);
        let failed = !condition.is_empty();
        let begun = Begun { performative, channel, by: dir.reverse(), failed: false };
        let same = |b: &Begun| Begun { failed: false, ..*b } == begun;
        let (status, exception) = match failed {
            true => (whose(condition), if text.is_empty() { condition } else { text }),
            false => (ResponseStatus::Ok, &b""[..]),
        };
        if performative == SASL_INIT || self.begun.iter().all(|b| !same(b)) {
            if self.begun.len() < MAX_OPEN && performative != SASL_INIT {
                self.begun.push(Begun { by: dir, failed, ..begun });
            }
            let status = if failed { status } else { ResponseStatus::Unknown };
            return Some(Message {
                kind: if failed { MessageKind::Single } else { MessageKind::Request },
                pairing: pairing(performative, channel, 0, dir),
                status,
                exception,
                ..self.request(performative, address, scratch)
            });
        }
        let at = self.begun.iter().position(same)?;
        if self.begun.remove(at).failed {
            return None;
        }
        Some(Message {
            kind: MessageKind::Response,
            pairing: pairing(performative, channel, 0, dir.reverse()),
            status,
            exception,
            ..Message::default()
        })
    }

    fn request<'a>(
        &self,
        performative: u64,
        address: &[u8],
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let out = &mut scratch.bytes;
        out.extend_from_slice(&self.host);
        let domain = out.len();
        out.extend_from_slice(address);
        let resource = out.len();
        keys::pattern(address, out);
        let out: &'a [u8] = out;
        Message {
            request_type: name(performative),
            request_domain: &out[..domain],
            request_resource: &out[domain..resource],
            endpoint: &out[resource..],
            ..Message::default()
        }
    }

    /// Notes where a link leads.
    fn attach<'a>(&mut self, dir: Direction, channel: u16, list: Value<'a>) -> &'a [u8] {
        let (mut handle, mut receives) = (0, false);
        let mut ends = [&b""[..]; 2];
        for (i, (_, value)) in list.fields().take(7).enumerate() {
            match i {
                1 => handle = value.number().unwrap_or(0),
                2 => receives = value.truth().unwrap_or(false),
                5 | 6 => ends[i - 5] = value.fields().next().map_or(b"", |f| f.1.text()),
                _ => {}
            }
        }
        let address = ends[usize::from(!receives)];
        self.links.retain(|l| (l.dir, l.channel, l.handle) != (dir, channel, handle));
        if self.links.len() < MAX_LINKS && !address.is_empty() {
            let address = address[..address.len().min(MAX_ADDRESS)].into();
            self.links.push(Link { dir, channel, handle, address });
        }
        address
    }

    fn transfer<'a>(
        &mut self,
        dir: Direction,
        channel: u16,
        list: Value<'a>,
        payload: Reader<'a>,
        options: &TraceOptions,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let (mut handle, mut delivery, mut settled, mut more) = (0, None, false, false);
        for (i, (_, value)) in list.fields().take(6).enumerate() {
            match i {
                0 => handle = value.number().unwrap_or(0),
                1 => delivery = value.number(),
                4 => settled = value.truth().unwrap_or(false),
                5 => more = value.truth().unwrap_or(false),
                _ => {}
            }
        }
        let goes_on = self.more[dir as usize] == Some(handle);
        self.more[dir as usize] = more.then_some(handle);
        if goes_on {
            return None;
        }
        let number = delivery.unwrap_or(0);
        let kind = if settled { MessageKind::Single } else { MessageKind::Request };
        let same = |l: &&Link| (l.dir, l.channel, l.handle) == (dir, channel, handle);
        let told = sections(payload, options);
        let Scratch { bytes: out, more, .. } = scratch;
        if let Some(link) = self.links.iter().find(same) {
            out.extend_from_slice(&link.address);
        } else {
            out.extend_from_slice(told.to);
        }
        let resource = out.len();
        out.extend_from_slice(&self.host);
        let domain = out.len();
        let mut address = [0; MAX_ADDRESS];
        let len = resource.min(MAX_ADDRESS);
        address[..len].copy_from_slice(&out[..len]);
        keys::pattern(&address[..len], out);
        let out: &'a [u8] = out;
        Some(Message {
            kind,
            pairing: pairing(TRANSFER, channel, number, dir),
            request_type: name(TRANSFER),
            request_resource: &out[..resource],
            request_domain: &out[resource..domain],
            endpoint: &out[domain..],
            request_id: delivery,
            trace: told.trace.context(told.x_request_id, options, more),
            attributes: [
                ("message_id", told.message),
                ("correlation_id", told.correlation),
                ("", b""),
                ("", b""),
            ],
            ..Message::default()
        })
    }

    /// A disposition: the answer to the next of the transfers that it is about, and whether that
    /// is the last. `None`: to none.
    fn settle<'a>(
        &mut self,
        dir: Direction,
        channel: u16,
        list: Value<'a>,
    ) -> Option<(Message<'a>, bool)> {
        let (mut receives, mut first, mut last, mut settled) = (false, 0, None, false);
        let mut state = None;
        for (i, (descriptor, value)) in list.fields().take(5).enumerate() {
            match i {
                0 => receives = value.truth().unwrap_or(false),
                1 => first = value.number()? as u32,
                2 => last = value.number().map(|n| n as u32),
                3 => settled = value.truth().unwrap_or(false),
                _ => state = Some((descriptor, value)),
            }
        }
        let last = last.unwrap_or(first);
        let asker = dir.reverse();
        let next = &mut self.unsettled[asker as usize];
        let number = first.max(last.saturating_sub(MAX_SETTLED)).max(*next);
        if !receives || number > last || !settled && state.is_none() {
            return None;
        }
        *next = number + 1;
        let (status, result, exception) = match state {
            Some((0x25, value)) => {
                let (condition, text) = error(value);
                (whose(condition), &b"rejected"[..], if text.is_empty() { condition } else { text })
            }
            Some((0x26, _)) => (ResponseStatus::Ok, &b"released"[..], &b""[..]),
            Some((0x27, _)) => (ResponseStatus::Ok, &b"modified"[..], &b""[..]),
            _ => (ResponseStatus::Ok, &b"accepted"[..], &b""[..]),
        };
        let message = Message {
            kind: MessageKind::Response,
            pairing: pairing(TRANSFER, channel, u64::from(number), asker),
            request_id: Some(u64::from(number)),
            version: b"1.0",
            status,
            result,
            exception,
            ..Message::default()
        };
        Some((message, number == last))
    }
}

fn outcome<'a>(channel: u16, list: Value<'a>) -> Message<'a> {
    let code = list.fields().next().and_then(|f| f.1.number()).unwrap_or(0);
    let (status, exception) = match code {
        0 => (ResponseStatus::Ok, &b""[..]),
        1 => (ResponseStatus::ClientError, &b"authentication failed"[..]),
        _ => (ResponseStatus::ServerError, &b"system error"[..]),
    };
    Message {
        kind: MessageKind::Response,
        pairing: pairing(SASL_INIT, channel, 0, Direction::ToServer),
        status,
        response_code: Some(code as i32),
        exception,
        ..Message::default()
    }
}

/// Condition and description of the error in a list of fields.
fn error<'a>(list: Value<'a>) -> (&'a [u8], &'a [u8]) {
    let found = list.fields().find(|(descriptor, _)| *descriptor == 0x1d);
    let Some((_, error)) = found else { return (b"", b"") };
    let mut fields = error.fields().map(|f| f.1.text());
    (fields.next().unwrap_or(b"amqp:error"), fields.next().unwrap_or(b""))
}

fn whose(condition: &[u8]) -> ResponseStatus {
    match condition {
        b"amqp:internal-error"
        | b"amqp:resource-limit-exceeded"
        | b"amqp:not-implemented"
        | b"amqp:connection:forced"
        | b"amqp:connection:redirect"
        | b"amqp:link:redirect" => ResponseStatus::ServerError,
        _ => ResponseStatus::ClientError,
    }
}

/// What stands before a message's body.
#[derive(Debug, Default)]
struct Sections<'a> {
    message: &'a [u8],
    to: &'a [u8],
    correlation: &'a [u8],
    trace: Found<'a>,
    x_request_id: &'a [u8],
}

fn sections<'a>(mut r: Reader<'a>, options: &TraceOptions) -> Sections<'a> {
    let mut told = Sections::default();
    while let Some((section, value)) = described(&mut r) {
        match section {
            0x70 | 0x71 => {}
            0x73 => {
                for (i, (_, value)) in value.fields().take(6).enumerate() {
                    match i {
                        0 => told.message = value.text(),
                        2 => told.to = value.text(),
                        5 => told.correlation = value.text(),
                        _ => {}
                    }
                }
            }
            // Annotations and properties: names and values in turn.
            0x72 | 0x74 => {
                let mut fields = value.fields();
                for _ in 0..MAX_PROPERTIES {
                    let (Some((_, name)), Some((_, value))) = (fields.next(), fields.next()) else {
                        break;
                    };
                    told.trace.offer(name.text(), value.text(), options);
                    if name.text().eq_ignore_ascii_case(b"x-request-id") {
                        told.x_request_id = value.text();
                    }
                }
            }
            _ => break,
        }
    }
    told
}
