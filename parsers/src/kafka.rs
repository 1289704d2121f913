//! Kafka: requests and answers of every kind, in both encodings.
//!
//! Both sides send messages of stated length (`detect.rs` tells them from anything else); an
//! answer repeats its request's number, and what it holds only the request's kind and version
//! tell. Of a message only the front is read, along a description of its fields (`api.rs`,
//! `body.rs`): topic, partition, offset, group, the error (`error.rs`), and the headers of the
//! first record, which may carry trace context (`records.rs`). The rest is skipped by count.

mod api;
mod body;
mod detect;
mod error;
mod records;

pub(crate) use detect::probe;

use crate::bytes::{Reader, push_decimal};
use crate::counted::Counted;
use crate::message::{Carrier, Direction, Message, MessageKind, Pairing, Parser, Scratch, Step};
use crate::registry::Options;
use crate::trace::TraceOptions;
use api::Api;
use body::{Body, Found, Walk};
use std::collections::VecDeque;

/// Bytes of a message that are read: enough for the headers of a record behind a value of some
/// kilobytes.
const WINDOW: usize = 8 * 1024;
/// Brokers take no longer request unless they are told to (`socket.request.max.bytes` is 100 MiB).
const MAX_MESSAGE: usize = 1 << 27;
/// Requests whose answers can be read: more than any client lets wait.
const MAX_WAITING: usize = 512;
/// Bytes before a request's client id: length, kind, version, number.
const REQUEST_HEAD: usize = 12;
/// Bytes before an answer's body: length, number.
const ANSWER_HEAD: usize = 8;
/// Versions as text.
const VERSIONS: [&[u8]; api::MAX_VERSION as usize + 1] = [
    b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9", b"10", b"11", b"12", b"13", b"14",
    b"15", b"16", b"17", b"18", b"19", b"20", b"21", b"22", b"23", b"24",
];

const FETCH: u8 = 1;
const SASL_HANDSHAKE: u8 = 17;
const API_VERSIONS: u8 = 18;

/// A request without an answer so far.
#[derive(Clone, Copy, Debug)]
struct Asked {
    id: u32,
    key: u8,
    version: u8,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Kafka {
    to_server: Counted,
    to_client: Counted,
    waiting: VecDeque<Asked>,
    /// Tokens without a header may follow (SaslHandshake 0).
    bare_tokens: bool,
    trace: TraceOptions,
}

/// What stands before a request's body.
#[derive(Clone, Copy, Debug)]
struct Head<'a> {
    /// Bytes behind the length.
    len: usize,
    key: u8,
    version: u8,
    id: u32,
    api: &'static Api,
    client: &'a [u8],
    body: Body<'a>,
}

/// Why there is no head.
enum Wrong {
    Short,
    Bad,
}

/// The length of a message, if it can be one.
#[inline]
fn length(bytes: &[u8], least: usize) -> Result<usize, Wrong> {
    let len = Reader(bytes).u32().ok_or(Wrong::Short)? as usize;
    if (least - 4..=MAX_MESSAGE).contains(&len) { Ok(len) } else { Err(Wrong::Bad) }
}

/// Reads the head of a request that begins with `bytes`.
#[inline]
fn head(bytes: &[u8]) -> Result<Head<'_>, Wrong> {
    let len = length(bytes, REQUEST_HEAD)?;
    let mut r = Reader(&bytes[4..bytes.len().min(len.saturating_add(4))]);
    let key = r.u16().ok_or(Wrong::Short)?;
    let api = api::of(key).ok_or(Wrong::Bad)?;
    let version = r.u16().ok_or(Wrong::Short)?;
    let id = r.u32().ok_or(Wrong::Short)?;
    if version > api::MAX_VERSION || id > i32::MAX as u32 {
        return Err(Wrong::Bad);
    }
    let short = || if bytes.len() >= len + 4 { Wrong::Bad } else { Wrong::Short };
    let client = match r.u16().ok_or_else(short)? {
        u16::MAX => &b""[..],
        n if usize::from(n) + REQUEST_HEAD - 2 > len => return Err(Wrong::Bad),
        n => r.take(usize::from(n)).ok_or_else(short)?,
    };
    let version = version as u8;
    let compact = version >= api.flexible;
    let mut body = Body { reader: r, version, compact, first_only: true };
    if compact {
        body.tags().ok_or_else(short)?;
    }
    Ok(Head { len, key: key as u8, version, id, api, client, body })
}

impl Kafka {
    /// A parser at the start of a request and an answer.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            waiting: VecDeque::new(),
            bare_tokens: false,
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

    fn request<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch, cut: bool) -> Step<'a> {
        let Ok(len) = length(bytes, 4) else {
            return if bytes.len() < 4 { Step::More } else { self.lost(Direction::ToServer) };
        };
        let window = bytes.len().min(len + 4).min(WINDOW);
        let whole = window == (len + 4).min(WINDOW);
        let mut head = match head(&bytes[..window]) {
            Ok(head) => head,
            Err(Wrong::Short) if !whole => return Step::More,
            Err(_) if self.bare_tokens && len <= WINDOW => return self.token(bytes, len),
            Err(_) => return self.lost(Direction::ToServer),
        };
        if !whole && !cut {
            return Step::More;
        }
        let mut found = Found::default();
        head.body.walk(head.api.request, &mut found);
        self.to_server.leave((len + 4 - window) as u64);
        self.bare_tokens = head.key == SASL_HANDSHAKE && head.version == 0;
        let silent = found.acks == Some(0);
        if !silent {
            if self.waiting.len() >= MAX_WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(Asked { id: head.id, key: head.key, version: head.version });
        }
        let kind = if silent { MessageKind::Single } else { MessageKind::Request };
        let Scratch { bytes: out, decoded, more, .. } = scratch;
        let headers = records::headers(found.records, &self.trace, decoded);
        let message = Message {
            kind,
            length: Some(len as u64 + 4),
            trace: headers.trace.context(headers.x_request_id, &self.trace, more),
            ..request_message(&head, &found, out)
        };
        Step::Message { used: window, message }
    }

    /// What is exchanged between SaslHandshake and the next request: its length tells its end.
    fn token<'a>(&mut self, bytes: &[u8], len: usize) -> Step<'a> {
        let used = bytes.len().min(len + 4);
        self.to_server.leave((len + 4 - used) as u64);
        Step::Skip { used }
    }

    fn answer<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch, cut: bool) -> Step<'a> {
        let len = match length(bytes, 4) {
            Ok(len) => len,
            Err(Wrong::Short) => return Step::More,
            Err(Wrong::Bad) => return self.lost(Direction::ToClient),
        };
        let id = match bytes.get(4..ANSWER_HEAD) {
            Some(b) if len >= 4 => u32::from_be_bytes([b[0], b[1], b[2], b[3]]),
            None if len >= 4 => return Step::More,
            _ if self.bare_tokens => {
                self.to_client.leave(len as u64);
                return Step::Skip { used: 4 };
            }
            _ => return self.lost(Direction::ToClient),
        };
        let Some(at) = self.waiting.iter().position(|w| w.id == id) else {
            return self.unasked(len, id);
        };
        let asked = self.waiting[at];
        let window = bytes.len().min(len + 4).min(WINDOW);
        if window < (len + 4).min(WINDOW) && !cut {
            return Step::More;
        }
        // Answers come in order: those before it will not come any more.
        self.waiting.drain(..=at);
        self.to_client.leave((len + 4 - window) as u64);
        let mut found = Found::default();
        let api = api::of(u16::from(asked.key));
        let walk = api.map_or(Walk::Stopped, |api| {
            let compact = asked.version >= api.flexible;
            let reader = Reader(&bytes[ANSWER_HEAD..window]);
            let mut body = Body { reader, version: asked.version, compact, first_only: false };
            // Whoever asks for versions does not know yet which encoding is understood.
            if compact && asked.key != API_VERSIONS && body.tags().is_none() {
                return Walk::Short;
            }
            body.walk(api.response, &mut found)
        });
        let Scratch { bytes: out, decoded, more, .. } = scratch;
        if found.error.is_none() && walk == Walk::Done {
            // It is about nothing, and nothing went wrong with it.
            found.error = Some(0);
        }
        let headers = match asked.key {
            FETCH => records::headers(found.records, &self.trace, decoded),
            _ => records::Headers::default(),
        };
        let message = Message {
            length: Some(len as u64 + 4),
            trace: headers.trace.context(headers.x_request_id, &self.trace, more),
            ..answer_message(asked, &found, out)
        };
        Step::Message { used: window, message }
    }

    /// An answer whose request was not seen.
    fn unasked<'a>(&mut self, len: usize, id: u32) -> Step<'a> {
        self.to_client.leave((len + 4 - ANSWER_HEAD) as u64);
        if self.bare_tokens {
            return Step::Skip { used: ANSWER_HEAD };
        }
        if id > i32::MAX as u32 {
            return self.lost(Direction::ToClient);
        }
        let message = Message {
            kind: MessageKind::Response,
            pairing: Pairing::ById(u64::from(id)),
            request_id: Some(u64::from(id)),
            length: Some(len as u64 + 4),
            ..Message::default()
        };
        Step::Message { used: ANSWER_HEAD, message }
    }
}

fn request_message<'a>(head: &Head<'a>, found: &Found<'a>, out: &'a mut Vec<u8>) -> Message<'a> {
    let (domain, endpoint) = place(found, out);
    let out: &'a [u8] = out;
    let (resource, endpoint) = match &out[endpoint.0..] {
        b"" if found.group.is_empty() => (found.about, &b""[..]),
        b"" => (found.group, found.group),
        all => (all, &out[endpoint.0..endpoint.1]),
    };
    Message {
        kind: MessageKind::Request,
        pairing: Pairing::ById(u64::from(head.id)),
        version: VERSIONS.get(usize::from(head.version)).copied().unwrap_or(b""),
        request_type: head.api.name.as_bytes(),
        request_domain: if found.topic.is_empty() { &out[..domain] } else { found.topic },
        request_resource: resource,
        endpoint,
        request_id: Some(u64::from(head.id)),
        attributes: [
            ("group_id", found.group),
            ("client_id", head.client),
            ("transactional_id", found.transaction),
            ("", b""),
        ],
        ..Message::default()
    }
}

fn answer_message<'a>(asked: Asked, found: &Found<'a>, out: &'a mut Vec<u8>) -> Message<'a> {
    let id = u64::from(asked.id);
    let code = found.error;
    let failed = code.is_some_and(|c| c != 0);
    let name = code.map_or("", error::name).as_bytes();
    let is_place = !failed && asked.key == 0 && found.offset.is_some();
    let result = if is_place { place(found, out).1.0 } else { out.len() };
    let out: &'a [u8] = out;
    Message {
        kind: MessageKind::Response,
        pairing: Pairing::ById(id),
        request_id: Some(id),
        status: code.map_or_else(Default::default, error::status),
        response_code: code.map(i32::from),
        exception: if failed && !found.message.is_empty() { found.message } else { name },
        result: &out[result..],
        ..Message::default()
    }
}

/// Writes `topic-partition:offset`, as far as they are known, behind the topic's id where that
/// stands for its name. Returns the id's end, and begin and end of topic and partition.
fn place(found: &Found<'_>, out: &mut Vec<u8>) -> (usize, (usize, usize)) {
    if found.topic.is_empty() {
        base64(found.topic_id, out);
    }
    let id = out.len();
    match found.topic {
        b"" => out.extend_from_within(..id),
        name => out.extend_from_slice(name),
    }
    if out.len() == id {
        return (id, (id, id));
    }
    if let Some(partition) = found.partition {
        out.push(b'-');
        push_decimal(out, i64::from(partition));
    }
    let end = out.len();
    if let Some(offset) = found.offset {
        out.push(b':');
        push_decimal(out, offset);
    }
    (id, (id, end))
}

/// How Kafka writes ids of topics; that of no topic is not written.
fn base64(id: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if id.iter().all(|b| *b == 0) {
        return;
    }
    for group in id.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..=group.len() {
            out.push(DIGITS[(bits >> (18 - 6 * i)) as usize & 63]);
        }
    }
}

impl Parser for Kafka {
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
        match dir {
            Direction::ToServer => self.request(bytes, scratch, false),
            Direction::ToClient => self.answer(bytes, scratch, false),
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        scratch.more.clear();
        let step = match dir {
            _ if self.side(dir).is_inside() || self.side(dir).is_adrift() => Step::Lost,
            Direction::ToServer => self.request(bytes, scratch, true),
            Direction::ToClient => self.answer(bytes, scratch, true),
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
        let at = match dir {
            Direction::ToServer => detect::find_request(bytes)?,
            Direction::ToClient => {
                let ids = || self.waiting.iter().take(detect::MAX_IDS).map(|w| w.id);
                detect::find_answer(bytes, ids)?
            }
        };
        self.side(dir).found();
        Some(at)
    }
}
