//! MongoDB: commands in `OP_MSG`, the operations of before, and compressed ones.
//!
//! Both sides send messages of stated length; an answer says which request it is for. Of a
//! message only the front is read (`message.rs`, documents in `bson.rs`), after unpacking the
//! front where it is packed (`packed.rs` of the crate), and the rest skipped by count. Rows hold a command as
//! text with its values hidden; its name and collection are what requests are grouped by.
//! `detect.rs` tells MongoDB from anything else.

mod bson;
mod detect;
mod message;

pub(crate) use detect::probe;

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch, Step,
};
use crate::packed::{Packing, unpack};
use crate::registry::Options;
use crate::trace::TraceOptions;
use bson::le32;

/// Bytes of a message that are read, and that are unpacked.
const WINDOW: usize = 4 * 1024;
/// `maxMessageSizeBytes` is 48 000 000 with every server so far.
const MAX_MESSAGE: usize = 50_000_000;
/// Bytes behind the header of a compressed message: operation, length, how it is packed.
const PACKED_HEADER: usize = 9;
/// Length, number, number of the request, operation.
const HEADER: usize = 16;

/// What stands before every message.
#[derive(Clone, Copy, Debug)]
struct Header {
    /// Bytes of the message, the header included.
    len: usize,
    id: u32,
    /// The request that this answers.
    answers: u32,
    operation: u32,
}

/// Reads the header of a message; nothing where it is not all there.
#[inline]
fn header(bytes: &[u8]) -> Option<Header> {
    let h = bytes.first_chunk::<HEADER>()?;
    let at = |i: usize| u32::from_le_bytes([h[i], h[i + 1], h[i + 2], h[i + 3]]);
    let (len, operation) = (at(0) as usize, at(12));
    let least = match operation {
        message::MSG => 26,
        message::REPLY => 36,
        message::COMPRESSED => 25,
        _ => 21,
    };
    let known = message::name(operation).is_some();
    let len = if known && (least..=MAX_MESSAGE).contains(&len) { len } else { HEADER };
    Some(Header { len, id: at(4), answers: at(8), operation })
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Mongo {
    to_server: Counted,
    to_client: Counted,
    /// The number that further answers to one request refer to.
    goes_on: Option<u32>,
    hide: bool,
    trace: TraceOptions,
}

impl Mongo {
    /// A parser at the start of a request and an answer.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            goes_on: None,
            hide: options.literals.hidden(),
            trace: options.trace.clone(),
        }
    }

    fn side(&mut self, dir: Direction) -> &mut Counted {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let Some(h) = header(bytes) else { return Step::More };
        if h.len == HEADER {
            self.side(dir).lose();
            return Step::Lost;
        }
        let window = bytes.len().min(h.len).min(WINDOW);
        if window < h.len.min(WINDOW) && !cut {
            return Step::More;
        }
        self.side(dir).leave((h.len - window) as u64);
        let Scratch { bytes: out, decoded, more, .. } = scratch;
        let body = &bytes[HEADER..window];
        let (operation, body, whole) = match (h.operation, body.split_at_checked(PACKED_HEADER)) {
            (message::COMPRESSED, Some((head, rest))) => {
                let inner = le32(head).unwrap_or(0);
                let len = le32(&head[4..]).unwrap_or(0) as usize;
                match head[8] {
                    1 => unpack(Packing::Snappy, rest, WINDOW, decoded),
                    2 => unpack(Packing::Zlib, rest, WINDOW, decoded),
                    how => {
                        decoded.clear();
                        decoded.extend_from_slice(if how == 0 { rest } else { b"" });
                    }
                }
                let decoded: &'a [u8] = decoded;
                (inner, decoded, decoded.len() == len)
            }
            (operation, _) => (operation, body, window == h.len),
        };
        let length = Some(h.len as u64);
        let message = match dir {
            Direction::ToServer => {
                Message { length, ..self.request(h, operation, body, out, more) }
            }
            Direction::ToClient => {
                Message { length, ..self.answer(h, operation, body, !whole, out) }
            }
        };
        Step::Message { used: window, message }
    }

    fn request<'a>(
        &mut self,
        h: Header,
        operation: u32,
        body: &'a [u8],
        out: &'a mut Vec<u8>,
        more: &'a mut Vec<u8>,
    ) -> Message<'a> {
        let request = message::request(operation, body, self.hide, &self.trace, out);
        let (resource, endpoint) = out.split_at(request.resource.min(out.len()));
        let kind = if request.silent { MessageKind::Single } else { MessageKind::Request };
        Message {
            kind,
            pairing: Pairing::ById(u64::from(h.id)),
            request_type: message::name(operation).unwrap_or("").as_bytes(),
            request_domain: request.database,
            request_resource: resource,
            endpoint,
            request_id: Some(u64::from(h.id)),
            trace: request.trace.context(b"", &self.trace, more),
            ..Message::default()
        }
    }

    fn answer<'a>(
        &mut self,
        h: Header,
        operation: u32,
        body: &'a [u8],
        cut: bool,
        out: &'a mut Vec<u8>,
    ) -> Message<'a> {
        let outcome = message::answer(operation, body, cut);
        let again = self.goes_on == Some(h.answers) && h.answers != 0;
        let flags = if operation == message::MSG { le32(body).unwrap_or(0) } else { 0 };
        self.goes_on = (flags & message::MORE_TO_COME != 0).then_some(h.id);
        let failed =
            matches!(outcome.status, ResponseStatus::ClientError | ResponseStatus::ServerError);
        // Further answers of an exhaust cursor refer to the one before.
        let kind = if again && !failed { MessageKind::Interim } else { MessageKind::Response };
        let exception = if self.hide && memchr::memchr2(b'"', b'{', outcome.text).is_some() {
            hide_values(outcome.text, out);
            &out[..]
        } else {
            outcome.text
        };
        Message {
            kind,
            pairing: Pairing::ById(u64::from(h.answers)),
            request_id: Some(u64::from(h.answers)),
            status: outcome.status,
            response_code: outcome.code,
            exception,
            affected_rows: outcome.changed,
            ..Message::default()
        }
    }
}

/// What an error quotes, and the values of a key in braces, may be data.
fn hide_values(text: &[u8], out: &mut Vec<u8>) {
    let (mut quoted, mut braces, mut value) = (false, false, false);
    for &b in text {
        match b {
            b'"' => {
                if !quoted && !value {
                    out.push(b'?');
                }
                quoted = !quoted;
                continue;
            }
            _ if quoted => continue,
            b'{' => braces = true,
            b':' if braces && !value => {
                out.extend_from_slice(b": ?");
                value = true;
            }
            b',' => value = false,
            b'}' => {
                if value {
                    out.push(b' ');
                }
                value = false;
            }
            _ => {}
        }
        if !value {
            out.push(b);
        }
    }
}

impl Parser for Mongo {
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
        self.message(dir, bytes, scratch, false)
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
            true => self.message(dir, bytes, scratch, true),
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
        let at = detect::find(dir, bytes)?;
        self.side(dir).found();
        Some(at)
    }
}
