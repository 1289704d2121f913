//! AMQP 0-9-1 and 1.0: connections, channels and links, declarations, messages both ways.
//!
//! In 0-9-1 both sides send frames on numbered channels (`frame.rs`); a method (`method.rs`) is answered by
//! another on the same channel. The frame behind a method that carries a message says how long
//! the message is and holds its properties (`content.rs`); both are one row, the message's body is
//! skipped by count. A server that closes a channel because of a method answers that method; what
//! it was told to publish with confirmation it answers by number. 1.0 shares nothing but the name and
//! the first four bytes (`one.rs`). `detect.rs` tells AMQP from anything else.

mod content;
mod detect;
mod frame;
mod method;
mod one;
mod types;

pub(crate) use detect::probe;

use crate::counted::Counted;
use crate::keys;
use crate::message::{
    Carrier, Direction, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch, Step,
};
use crate::registry::Options;
use crate::trace::TraceOptions;
use content::Content;
use frame::{Frame, Wrong};
use method::{Arguments, Id, Method, Role};
use one::One;

/// What a client begins with; a server that does not speak its version answers with the like.
const PREFACE: [u8; 8] = *b"AMQP\0\0\x09\x01";
/// The same of AMQP 1.0: plain, with TLS, with SASL.
const PREFACES_1: [[u8; 8]; 3] = [*b"AMQP\0\x01\0\0", *b"AMQP\x02\x01\0\0", *b"AMQP\x03\x01\0\0"];
/// Bytes of a frame that are read.
const WINDOW: usize = 4 * 1024;
/// Bytes kept of a virtual host's name.
const MAX_VHOST: usize = 64;
/// Channels whose confirmations are followed.
const MAX_CONFIRMING: usize = 32;
/// Messages that one confirmation may answer.
const MAX_CONFIRMED: u64 = 512;

/// A channel on which the server confirms what is published.
#[derive(Clone, Copy, Debug)]
struct Confirming {
    channel: u16,
    /// Messages published, and those of them confirmed in order.
    published: u64,
    confirmed: u64,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Amqp {
    to_server: Counted,
    to_client: Counted,
    vhost: Box<[u8]>,
    confirming: Vec<Confirming>,
    /// The method that a `Close` at hand is about has been answered.
    blamed: bool,
    /// Set where the connection speaks AMQP 1.0.
    one: Option<Box<One>>,
    trace: TraceOptions,
}

/// What answers what: who asked, on which channel, which method.
fn pairing(asker: Direction, channel: u16, id: Id) -> Pairing {
    Pairing::ById((asker as u64) << 48 | u64::from(channel) << 32 | u64::from(id))
}

/// The same for what is published with confirmation, by its number.
fn confirmation(channel: u16, number: u64) -> Pairing {
    Pairing::ById(1 << 63 | u64::from(channel) << 40 | number & 0xff_ffff_ffff)
}

impl Amqp {
    /// A parser at the start of a frame of each side.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            vhost: Box::default(),
            confirming: Vec::new(),
            blamed: false,
            one: None,
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

    fn frame<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        if bytes[0] == b'A' {
            return self.preface(dir, bytes);
        }
        if self.one.is_none() && one::begins(bytes) == Some(true) {
            self.one = Some(Box::default());
        }
        if let Some(one) = self.one.as_mut() {
            let read = one.frame(dir, bytes, &self.trace, scratch, cut);
            match read.step {
                Step::Lost => self.side(dir).lose(),
                _ => self.side(dir).leave(read.left as u64),
            }
            return read.step;
        }
        let f = match frame::frame(bytes) {
            Ok(f) => f,
            // The first frame of AMQP 1.0, its front.
            Err(_) if one::begins(bytes).is_none() => return Step::More,
            Err(Wrong::Short) => return Step::More,
            Err(Wrong::Bad) => return self.lost(dir),
        };
        let window = bytes.len().min(f.whole);
        if f.kind != frame::METHOD {
            self.side(dir).leave((f.whole - window) as u64);
            return Step::Skip { used: window };
        }
        let window = window.min(WINDOW);
        if window < f.whole.min(WINDOW) && !cut {
            return Step::More;
        }
        let Some((method, arguments)) = f.method() else { return self.lost(dir) };
        let arguments = method::arguments(method.id, arguments);
        let carries = matches!(
            method.id,
            method::PUBLISH | method::RETURN | method::DELIVER | method::GET_OK
        );
        let (mut used, mut left, mut told) = (window, f.whole - window, Content::default());
        if carries && left == 0 {
            match self.content(&f, &bytes[f.whole..]) {
                Some((content, read, unread)) => {
                    (told, used, left) = (content, f.whole + read, unread);
                }
                None if cut => {}
                None => return Step::More,
            }
        }
        let asks = method.role == Role::Asks;
        let message = match method.id {
            method::PUBLISH => self.published(&f, method, &arguments, told, scratch),
            method::ACK | method::NACK if dir == Direction::ToClient => {
                match self.confirmed(&f, method.id, &arguments) {
                    // More messages are confirmed than this one.
                    Some((message, false)) => return Step::Message { used: 0, message },
                    Some((message, true)) => message,
                    None => return self.skip(dir, used, left),
                }
            }
            method::CONNECTION_CLOSE | method::CHANNEL_CLOSE if dir == Direction::ToClient => {
                if let Some(message) = self.blames(dir, &f, &arguments) {
                    return Step::Message { used: 0, message };
                }
                self.closed(dir, &f, method, &arguments, scratch)
            }
            // The answer to a server that closes is no outcome.
            method::CONNECTION_CLOSE_OK | method::CHANNEL_CLOSE_OK
                if dir == Direction::ToServer =>
            {
                return self.skip(dir, used, left);
            }
            _ if asks => self.asked(dir, &f, method, &arguments, scratch),
            _ => self.said(dir, &f, method, &arguments, told, scratch),
        };
        self.side(dir).leave(left as u64);
        let length = match message.length {
            Some(body) => used as u64 + body,
            None => f.whole as u64,
        };
        Step::Message { used, message: Message { length: Some(length), ..message } }
    }

    fn skip<'a>(&mut self, dir: Direction, used: usize, left: usize) -> Step<'a> {
        self.side(dir).leave(left as u64);
        Step::Skip { used }
    }

    fn preface<'a>(&mut self, dir: Direction, bytes: &[u8]) -> Step<'a> {
        match bytes.first_chunk::<8>() {
            Some(first) if PREFACES_1.contains(first) => {
                self.one.get_or_insert_default();
                Step::Skip { used: PREFACE.len() }
            }
            Some(first) if first.starts_with(b"AMQP") => Step::Skip { used: PREFACE.len() },
            None if b"AMQP".starts_with(&bytes[..bytes.len().min(4)]) => Step::More,
            _ => self.lost(dir),
        }
    }

    /// The content header behind a method: what it says, bytes read of it, and bytes left of it.
    /// `None`: it is not there yet.
    fn content<'a>(&self, f: &Frame<'_>, behind: &'a [u8]) -> Option<(Content<'a>, usize, usize)> {
        let header = match frame::frame(behind) {
            Ok(h) if h.kind == frame::HEADER && h.channel == f.channel => h,
            Err(Wrong::Short) => return None,
            // Something else comes first.
            _ => return Some((Content::default(), 0, 0)),
        };
        let read = behind.len().min(header.whole).min(WINDOW);
        if read < header.whole.min(WINDOW) {
            return None;
        }
        let payload = &header.payload[..header.payload.len().min(WINDOW)];
        Some((content::read(payload, &self.trace), read, header.whole - read))
    }

    /// The texts of a request.
    fn request<'a>(
        &self,
        method: &Method,
        a: &Arguments<'a>,
        told: &Content<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let Scratch { bytes: out, more, .. } = scratch;
        let vhost = if a.vhost.is_empty() { &self.vhost[..] } else { a.vhost };
        out.extend_from_slice(vhost);
        let domain = out.len();
        // The default exchange has no name.
        let place = |out: &mut Vec<u8>, key: &dyn Fn(&mut Vec<u8>)| {
            out.extend_from_slice(a.exchange);
            if !a.exchange.is_empty() && !a.key.is_empty() {
                out.push(b'.');
            }
            key(out);
        };
        let is_place = !a.exchange.is_empty() || !a.key.is_empty();
        if is_place {
            place(out, &|out| out.extend_from_slice(a.key));
        } else {
            out.extend_from_slice(a.queue);
        }
        let resource = out.len();
        if is_place {
            place(out, &|out| keys::pattern(a.key, out));
        } else {
            keys::pattern(a.queue, out);
        }
        let out: &'a [u8] = out;
        Message {
            version: b"0-9-1",
            request_type: method.name.as_bytes(),
            request_domain: &out[..domain],
            request_resource: &out[domain..resource],
            endpoint: &out[resource..],
            attributes: [
                ("queue", if is_place { a.queue } else { b"" }),
                ("message_id", told.message),
                ("correlation_id", told.correlation),
                ("", b""),
            ],
            trace: told.trace.context(told.x_request_id, &self.trace, more),
            ..Message::default()
        }
    }

    fn asked<'a>(
        &mut self,
        dir: Direction,
        f: &Frame<'_>,
        method: &Method,
        a: &Arguments<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        match method.id {
            method::CONNECTION_OPEN => {
                self.vhost = a.vhost[..a.vhost.len().min(MAX_VHOST)].into();
            }
            method::CHANNEL_OPEN => self.confirming.retain(|c| c.channel != f.channel),
            method::CONFIRM_SELECT => self.confirms(f.channel),
            _ => {}
        }
        let kind = if a.no_wait { MessageKind::Single } else { MessageKind::Request };
        Message {
            kind,
            pairing: pairing(dir, f.channel, method.id),
            ..self.request(method, a, &Content::default(), scratch)
        }
    }

    /// From now on the server confirms what is published on a channel.
    fn confirms(&mut self, channel: u16) {
        let known = self.confirming.iter().any(|c| c.channel == channel);
        if !known && self.confirming.len() < MAX_CONFIRMING {
            self.confirming.push(Confirming { channel, published: 0, confirmed: 0 });
        }
    }

    fn published<'a>(
        &mut self,
        f: &Frame<'_>,
        method: &Method,
        a: &Arguments<'a>,
        told: Content<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let confirming = self.confirming.iter_mut().find(|c| c.channel == f.channel);
        let (kind, pairing) = match confirming {
            Some(c) => {
                c.published += 1;
                (MessageKind::Request, confirmation(f.channel, c.published))
            }
            None => (MessageKind::Single, pairing(Direction::ToServer, f.channel, method.id)),
        };
        Message {
            kind,
            pairing,
            length: Some(told.length),
            ..self.request(method, a, &told, scratch)
        }
    }

    /// A confirmation: the answer to the next of the messages that it is for, and whether that is
    /// the last one. `None`: there is none.
    fn confirmed<'a>(
        &mut self,
        f: &Frame<'_>,
        id: Id,
        a: &Arguments<'_>,
    ) -> Option<(Message<'a>, bool)> {
        let c = self.confirming.iter_mut().find(|c| c.channel == f.channel)?;
        let number = if a.multiple {
            let last = if a.tag == 0 { c.published } else { a.tag };
            if last <= c.confirmed {
                return None;
            }
            c.confirmed = c.confirmed.max(last.saturating_sub(MAX_CONFIRMED)) + 1;
            c.confirmed
        } else {
            if a.tag == c.confirmed + 1 {
                c.confirmed += 1;
            }
            a.tag
        };
        let last = !a.multiple || number >= if a.tag == 0 { c.published } else { a.tag };
        let refused = id == method::NACK;
        let message = Message {
            kind: MessageKind::Response,
            pairing: confirmation(f.channel, number),
            status: if refused { ResponseStatus::ServerError } else { ResponseStatus::Ok },
            exception: if refused { b"Basic.Nack" } else { b"" },
            ..Message::default()
        };
        Some((message, last))
    }

    /// The answer to the method because of which the peer closes a channel or the connection.
    fn blames<'a>(
        &mut self,
        dir: Direction,
        f: &Frame<'_>,
        a: &Arguments<'a>,
    ) -> Option<Message<'a>> {
        if std::mem::take(&mut self.blamed) {
            return None;
        }
        let asked = method::of(a.fault).is_some_and(|m| m.role == Role::Asks);
        if !asked {
            return None;
        }
        self.blamed = true;
        Some(Message {
            kind: MessageKind::Response,
            pairing: pairing(dir.reverse(), f.channel, a.fault),
            status: method::status(a.code),
            response_code: Some(i32::from(a.code)),
            exception: a.text,
            ..Message::default()
        })
    }

    /// A server's `Close`, which says why.
    fn closed<'a>(
        &mut self,
        dir: Direction,
        f: &Frame<'_>,
        method: &Method,
        a: &Arguments<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        Message {
            kind: MessageKind::Single,
            pairing: pairing(dir, f.channel, method.id),
            status: method::status(a.code),
            response_code: Some(i32::from(a.code)),
            exception: a.text,
            ..self.request(method, &Arguments::default(), &Content::default(), scratch)
        }
    }

    /// Whatever is no request.
    fn said<'a>(
        &mut self,
        dir: Direction,
        f: &Frame<'_>,
        method: &Method,
        a: &Arguments<'a>,
        told: Content<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let length = matches!(method.id, method::RETURN | method::DELIVER | method::GET_OK)
            .then_some(told.length);
        let Role::Answers(asked) = method.role else {
            let failed = a.code >= 300;
            return Message {
                kind: MessageKind::Single,
                pairing: pairing(dir, f.channel, method.id),
                length,
                status: if failed { method::status(a.code) } else { ResponseStatus::Unknown },
                response_code: failed.then_some(i32::from(a.code)),
                exception: a.text,
                ..self.request(method, a, &told, scratch)
            };
        };
        Message {
            kind: MessageKind::Response,
            pairing: pairing(dir.reverse(), f.channel, asked),
            length,
            status: ResponseStatus::Ok,
            result: if a.queue.is_empty() { a.key } else { a.queue },
            trace: told.trace.context(told.x_request_id, &self.trace, &mut scratch.more),
            ..Message::default()
        }
    }
}

impl Parser for Amqp {
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
        self.frame(dir, bytes, scratch, false)
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
            true => self.frame(dir, bytes, scratch, true),
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
        let at = detect::find(bytes)?;
        self.side(dir).found();
        Some(at)
    }
}
