//! TARS (github.com/TarsCloud/TarsProtocol): packets behind their length, each one structure of
//! numbered fields (`field.rs`). Requests name servant and function, answers a result; both carry
//! the number of the request.

mod field;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::reader::{self, Reader, is_name};
use crate::registry::Options;
use crate::trace::{Carried, TraceOptions};
use field::{Fields, Value};
use std::io::Write as _;

const LENGTH: usize = 4;
/// Bytes of a request that are read: its context stands behind the arguments.
const WINDOW: usize = 16 * 1024;
/// Bytes of an answer that are read.
const ANSWER_WINDOW: usize = 2 * 1024;
/// Servers take 100 MiB unless told otherwise; more than this is a broken length.
const MAX_LEN: u32 = 1 << 27;

/// The parser of one connection.
pub type Tars = Framed<Packets>;

/// What of it is TARS.
#[derive(Debug)]
pub struct Packets {
    trace: TraceOptions,
}

impl Tars {
    /// A parser at the start of a packet in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Packets { trace: options.trace.clone() })
    }
}

fn length(bytes: &[u8]) -> Result<u32, Front> {
    let Some(len) = Reader(bytes).u32() else {
        let fits = bytes.first().is_none_or(|b| u32::from(*b) <= MAX_LEN >> 24);
        return Err(if fits { Front::Short } else { Front::Bad });
    };
    // The first field is the version: a byte under tag 1.
    let rest = &bytes[LENGTH..];
    let version = rest.first().is_none_or(|h| *h == 0x10)
        && rest.get(1).is_none_or(|v| matches!(v, 1..=3))
        && rest.get(2).is_none_or(|h| matches!(h, 0x20 | 0x2c));
    if (16..=MAX_LEN).contains(&len) && version { Ok(len) } else { Err(Front::Bad) }
}

/// What a packet says in front of its buffer.
#[derive(Clone, Copy, Debug, Default)]
struct Head<'a> {
    version: i64,
    kind: i64,
    /// Number of the request and what else is a number: their order depends on which packet it is.
    third: i64,
    fourth: i64,
    /// Of a request.
    names: Option<(&'a [u8], &'a [u8])>,
    /// Of an answer.
    result: Option<i64>,
}

/// Reads the fields up to the sixth. `None`: they are not those of a packet; an error: not yet.
fn head<'a>(fields: &mut Fields<'a>) -> Option<Head<'a>> {
    let mut head = Head::default();
    for tag in 1..=4u8 {
        let (found, Value::Number(n)) = fields.next()? else { return None };
        if found != tag {
            return None;
        }
        match tag {
            1 => head.version = n,
            2 => head.kind = n,
            3 => head.third = n,
            _ => head.fourth = n,
        }
    }
    match fields.next()? {
        (5, Value::Text(servant)) => {
            let (6, Value::Text(function)) = fields.next()? else { return None };
            head.names = Some((servant, function));
        }
        (5, Value::Number(result)) => head.result = Some(result),
        _ => return None,
    }
    Some(head)
}

/// Is this TARS, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let len = match length(bytes) {
        Ok(len) => len as usize,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let body = bytes.get(LENGTH..bytes.len().min(len)).unwrap_or(b"");
    let mut fields = Fields::new(body);
    let Some(head) = head(&mut fields) else {
        let short = bytes.len() < len.min(512) && fields.is_short();
        return if short { Probe::Unsure } else { Probe::NotForUs };
    };
    let fits = match (head.names, head.result) {
        (Some((servant, function)), _) => is_name(servant) && is_name(function),
        // An answer's buffer follows its result.
        (None, Some(_)) => matches!(fields.next_tag(), Some((6, field::SIMPLE_LIST))),
        _ => false,
    };
    if !fits || !matches!(head.kind, 0 | 1) {
        return Probe::NotForUs;
    }
    let dir = match (head.names.is_some(), head.version) {
        (true, 1) => Direction::ToServer,
        // TUP answers in the form of requests.
        (true, _) => hint.unwrap_or(Direction::ToServer),
        (false, _) => Direction::ToClient,
    };
    Probe::Certain(L7Protocol::Tars, dir)
}

impl Frames for Packets {
    fn front(&self, dir: Direction, bytes: &[u8]) -> Front {
        let reads = if dir == Direction::ToServer { WINDOW } else { ANSWER_WINDOW };
        match length(bytes) {
            Ok(len) => Front::Frame { len: u64::from(len), reads },
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let mut fields = Fields::new(&frame.bytes[LENGTH..]);
        let Some(head) = head(&mut fields) else {
            return if fields.is_short() { Said::Nothing } else { Said::Bad };
        };
        let id = if head.names.is_some() { head.fourth } else { head.third };
        let base = Message {
            pairing: Pairing::ById(id as u32 as u64),
            request_id: Some(u64::from(id as u32)),
            length: Some(frame.len),
            ..Message::default()
        };
        Said::Message(match head.names {
            Some((servant, function)) if dir == Direction::ToServer => {
                self.call(&head, servant, function, fields, scratch, base)
            }
            _ => answer(head.result.unwrap_or(0), fields, base),
        })
    }

    fn find(&self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        match probe(bytes, Some(dir)) {
            Probe::Certain(_, found) => found == dir,
            // Length, version and the kind of packet fit.
            Probe::Unsure => bytes.len() > LENGTH + 3,
            Probe::NotForUs => false,
        }
        .then_some(0)
    }
}

impl Packets {
    fn call<'a>(
        &self,
        head: &Head<'a>,
        servant: &'a [u8],
        function: &'a [u8],
        fields: Fields<'a>,
        scratch: &'a mut Scratch,
        base: Message<'a>,
    ) -> Message<'a> {
        let Scratch { bytes, decoded, more, .. } = scratch;
        bytes.clear();
        decoded.clear();
        more.clear();
        let mut carried = Carried::default();
        for (tag, value) in fields {
            // The context and the status, both maps of texts.
            if let (9 | 10, Value::Map(mut pairs)) = (tag, value) {
                while let (Some((_, Value::Text(name))), Some((_, value))) =
                    (pairs.next(), pairs.next())
                {
                    if let Value::Text(value) = value {
                        carried.offer(name, value, &self.trace);
                    }
                }
            }
        }
        let _ = write!(decoded, "{}", head.version);
        let one_way = head.kind == 1;
        Message {
            kind: if one_way { MessageKind::Single } else { MessageKind::Request },
            version: decoded,
            request_type: function,
            request_resource: servant,
            endpoint: reader::call(servant, function, bytes),
            trace: carried.context(&self.trace, more),
            attributes: [("rpc_service", servant), ("", b""), ("", b""), ("", b"")],
            is_async: one_way,
            ..base
        }
    }
}

fn answer<'a>(result: i64, mut fields: Fields<'a>, base: Message<'a>) -> Message<'a> {
    let text = fields.find_map(|field| match field {
        (8, Value::Text(text)) => Some(text),
        _ => None,
    });
    // No such function, no such servant, and what could not be decoded.
    let status = match result {
        0 => ResponseStatus::Ok,
        -12..=-10 => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    };
    Message {
        kind: MessageKind::Response,
        status,
        response_code: i32::try_from(result).ok(),
        exception: if result == 0 { b"" } else { text.unwrap_or(b"") },
        ..base
    }
}
