//! NATS: subscriptions and messages with and without headers, errors, and confirmations where the
//! client asked for them.
//!
//! Both sides send lines (`line.rs`), behind which headers and a payload of stated length may
//! follow; payloads are never read. Messages are rows of their own, but for clients that chose to
//! have each line confirmed: then the confirmation, in order, is the answer. Headers carry trace
//! context, and the status of messages that the server makes itself. `detect.rs` tells NATS from
//! anything else.

mod detect;
mod line;

pub(crate) use detect::probe;

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch,
    Step,
};
use crate::registry::Options;
use crate::text::trim;
use crate::trace::{Found, TraceOptions};
use line::{Line, Verb, Wrong};

/// Bytes of headers that are read.
const MAX_HEADERS: usize = 4 * 1024;
/// Headers of one message that are looked at.
const MAX_LINES: usize = 64;
/// Bytes kept of the server's name.
const MAX_SERVER: usize = 64;

/// The parser of one connection.
#[derive(Debug)]
pub struct Nats {
    to_server: Counted,
    to_client: Counted,
    server: Box<[u8]>,
    /// The client wants each of its lines confirmed.
    verbose: bool,
    /// Lines to be confirmed, and those that were.
    asked: u32,
    confirmed: u32,
    /// Pings of each side, and answers to them.
    pings: [u32; 2],
    pongs: [u32; 2],
    trace: TraceOptions,
}

/// What headers say.
#[derive(Debug, Default)]
struct Headers<'a> {
    trace: Found<'a>,
    x_request_id: &'a [u8],
    message: &'a [u8],
    /// Of a message that the server made itself.
    code: Option<i32>,
    said: &'a [u8],
}

impl Nats {
    /// A parser at the start of a line of each side.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            server: Box::default(),
            verbose: false,
            asked: 0,
            confirmed: 0,
            pings: [0; 2],
            pongs: [0; 2],
            trace: options.trace.clone(),
        }
    }

    fn side(&mut self, dir: Direction) -> &mut Counted {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lose(&mut self, dir: Direction) {
        self.side(dir).lose();
        if dir == Direction::ToClient {
            // Confirmations may be among what was lost: the next one is for the next line.
            self.confirmed = self.asked;
            self.pongs = self.pings;
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.lose(dir);
        Step::Lost
    }

    fn line<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        // Servers send an empty line now and then.
        if matches!(bytes[0], b'\r' | b'\n') {
            return Step::Skip { used: 1 };
        }
        let line = match line::read(bytes) {
            Ok(line) => line,
            Err(Wrong::Short) => return Step::More,
            // TLS begins after `INFO`.
            Err(Wrong::Bad) if bytes[0] == 0x16 => return Step::Switched(L7Protocol::Unknown),
            Err(Wrong::Bad) => return self.lost(dir),
        };
        let wanted = line.headers.min(MAX_HEADERS);
        let behind = &bytes[line.used..];
        if behind.len() < wanted && !cut {
            return Step::More;
        }
        let headers = &behind[..behind.len().min(wanted)];
        let used = line.used + headers.len();
        let whole = line.used + line.headers + line.payload;
        let Scratch { bytes: out, more, .. } = scratch;
        let message = match line.verb {
            Verb::Ok => self.answer(ResponseStatus::Ok, b""),
            Verb::Err if self.verbose && self.confirmed < self.asked => {
                self.answer(status(line.text), line.text)
            }
            Verb::Ping | Verb::Pong => self.beat(dir, &line),
            _ => Some(self.told(dir, &line, self::headers(headers, &self.trace), out, more)),
        };
        self.side(dir).leave((whole - used) as u64);
        match message {
            Some(message) => {
                let length = Some(whole as u64);
                Step::Message { used, message: Message { length, ..message } }
            }
            None => Step::Skip { used },
        }
    }

    /// `PING`, which the other side answers with `PONG`; one without it says nothing.
    fn beat<'a>(&mut self, dir: Direction, line: &Line<'_>) -> Option<Message<'a>> {
        let is_ping = line.verb == Verb::Ping;
        let asker = if is_ping { dir } else { dir.reverse() } as usize;
        if is_ping {
            self.pings[asker] = self.pings[asker].wrapping_add(1);
        } else if self.pongs[asker] == self.pings[asker] {
            return None;
        } else {
            self.pongs[asker] = self.pongs[asker].wrapping_add(1);
        }
        let count = if is_ping { self.pings[asker] } else { self.pongs[asker] };
        let pairing = Pairing::ById(1 << 40 | (asker as u64) << 32 | u64::from(count));
        if is_ping {
            return Some(Message { request_type: line.verb.name(), pairing, ..Message::default() });
        }
        let kind = MessageKind::Response;
        Some(Message { kind, pairing, status: ResponseStatus::Ok, ..Message::default() })
    }

    /// The confirmation of the oldest line without one.
    fn answer<'a>(&mut self, status: ResponseStatus, text: &'a [u8]) -> Option<Message<'a>> {
        if self.confirmed == self.asked {
            return None;
        }
        self.confirmed = self.confirmed.wrapping_add(1);
        Some(Message {
            kind: MessageKind::Response,
            pairing: Pairing::ById(u64::from(self.confirmed)),
            status,
            exception: text,
            ..Message::default()
        })
    }

    fn told<'a>(
        &mut self,
        dir: Direction,
        line: &Line<'a>,
        headers: Headers<'a>,
        out: &'a mut Vec<u8>,
        more: &'a mut Vec<u8>,
    ) -> Message<'a> {
        match line.verb {
            Verb::Connect => self.verbose = line::json(line.text, b"verbose") == b"true",
            Verb::Info => {
                let name = line::json(line.text, b"server_name");
                self.server = name[..name.len().min(MAX_SERVER)].into();
            }
            _ => {}
        }
        let mut message = Message {
            kind: MessageKind::Single,
            pairing: Pairing::ById(1 << 41),
            request_type: line.verb.name(),
            request_resource: line.subject,
            ..Message::default()
        };
        if self.verbose && dir == Direction::ToServer {
            self.asked = self.asked.wrapping_add(1);
            message.kind = MessageKind::Request;
            message.pairing = Pairing::ById(u64::from(self.asked));
        }
        match line.verb {
            Verb::Err => {
                message.status = status(line.text);
                message.exception = line.text;
            }
            Verb::Info => message.version = line::json(line.text, b"version"),
            Verb::Connect => {
                message.attributes[0] = ("client_name", line::json(line.text, b"name"));
                message.attributes[1] = ("client_lang", line::json(line.text, b"lang"));
            }
            Verb::Unsub => message.attributes[0] = ("subscription", line.text),
            _ => {
                message.attributes[0] = ("queue", line.text);
                message.attributes[1] = ("reply_to", line.reply);
                message.attributes[2] = ("message_id", headers.message);
            }
        }
        if let Some(code) = headers.code {
            message.response_code = Some(code);
            message.status = match code {
                ..400 => ResponseStatus::Ok,
                400..500 => ResponseStatus::ClientError,
                _ => ResponseStatus::ServerError,
            };
            message.exception = if code < 400 { b"" } else { headers.said };
        }
        out.extend_from_slice(&self.server);
        let first = memchr::memchr(b'.', line.subject).unwrap_or(line.subject.len());
        Message {
            request_domain: out,
            endpoint: &line.subject[..first],
            trace: headers.trace.context(headers.x_request_id, &self.trace, more),
            ..message
        }
    }
}

/// Reads `NATS/1.0`, a status, and headers, as far as they are there.
fn headers<'a>(bytes: &'a [u8], options: &TraceOptions) -> Headers<'a> {
    let mut headers = Headers::default();
    let mut lines = bytes.split(|b| *b == b'\n');
    let first = lines.next().unwrap_or(b"");
    let status = trim(first.strip_prefix(b"NATS/1.0").unwrap_or(b""));
    if !status.is_empty() {
        let (code, said) = status.split_at(status.len().min(3));
        headers.code = crate::text::number(code).and_then(|n| i32::try_from(n).ok());
        headers.said = trim(said);
    }
    for line in lines.take(MAX_LINES) {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = (&line[..colon], trim(&line[colon + 1..]));
        headers.trace.offer(name, value, options);
        if name.eq_ignore_ascii_case(b"x-request-id") {
            headers.x_request_id = value;
        } else if name.eq_ignore_ascii_case(b"nats-msg-id") {
            headers.message = value;
        }
    }
    headers
}

/// Whose fault an error is.
fn status(text: &[u8]) -> ResponseStatus {
    let servers = [
        &b"Server Shutdown"[..],
        b"Maximum Connections Exceeded",
        b"Authorization Timeout",
        b"Stale Connection",
        b"Slow Consumer",
    ];
    let same = |s: &&[u8]| text.len() >= s.len() && text[..s.len()].eq_ignore_ascii_case(s);
    match servers.iter().any(same) {
        true => ResponseStatus::ServerError,
        false => ResponseStatus::ClientError,
    }
}

impl Parser for Nats {
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
        self.line(dir, bytes, scratch, false)
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
            true => self.line(dir, bytes, scratch, true),
            false => Step::Lost,
        };
        self.lose(dir);
        match step {
            Step::Message { message, .. } => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.side(dir).gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = detect::find(dir, bytes)?;
        self.side(dir).found();
        Some(at)
    }
}
