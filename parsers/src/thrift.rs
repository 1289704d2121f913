//! Apache Thrift (github.com/apache/thrift, doc/specs): the binary and the compact protocol, in
//! frames behind their length, or one message right after the other, whose end is then found by
//! walking over its fields (`walk.rs`).

mod walk;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::reader::{self, Reader, is_name};
use crate::registry::Options;
use walk::Walk;

/// Bytes of a framed message that are read.
const READS: usize = 1024;
/// Bytes in which the end of a message without a frame is looked for.
const WINDOW: usize = 16 * 1024;
/// Frames have at most 16 MiB unless told otherwise; more than this is a broken length.
const MAX_LEN: u32 = 1 << 28;
/// Names of methods are shorter.
const MAX_NAME: usize = 256;

const CALL: u8 = 1;
const REPLY: u8 = 2;
const EXCEPTION: u8 = 3;
const ONE_WAY: u8 = 4;

/// The parser of one connection.
pub type Thrift = Framed<Messages>;

/// What of it is Thrift.
#[derive(Debug)]
pub struct Messages;

impl Thrift {
    /// A parser at the start of a message in both directions.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::of(Messages)
    }
}

/// A message's header.
#[derive(Clone, Copy, Debug)]
struct Header<'a> {
    compact: bool,
    kind: u8,
    name: &'a [u8],
    id: u32,
    /// Where its fields begin.
    own: usize,
}

/// Reads a header behind a frame's length, if there is one.
fn header(bytes: &[u8]) -> Result<Header<'_>, Front> {
    let mut r = Reader(bytes);
    let first = r.u8().ok_or(Front::Short)?;
    let (compact, kind, name, id) = match first {
        0x80 => {
            // A version and the type, in four bytes.
            let rest = &bytes[1..bytes.len().min(4)];
            let fits = rest.iter().enumerate().all(|(i, b)| match i {
                0 => *b == 1,
                1 => *b == 0,
                _ => (CALL..=ONE_WAY).contains(b),
            });
            if !fits {
                return Err(Front::Bad);
            }
            let [_, _, kind] = r.array::<3>().ok_or(Front::Short)?;
            let len = r.u32().ok_or(Front::Short)? as usize;
            let name = name(&mut r, len)?;
            (false, kind, name, r.u32().ok_or(Front::Short)?)
        }
        0x82 => {
            let second = r.u8().ok_or(Front::Short)?;
            let kind = second >> 5;
            if second & 0x1f != 1 || !(CALL..=ONE_WAY).contains(&kind) {
                return Err(Front::Bad);
            }
            let id = walk::varint(&mut r).ok_or(Front::Short)?;
            let len = walk::varint(&mut r).ok_or(Front::Short)? as usize;
            (true, kind, name(&mut r, len)?, id as u32)
        }
        _ => return Err(Front::Bad),
    };
    Ok(Header { compact, kind, name, id, own: bytes.len() - r.0.len() })
}

fn name<'a>(r: &mut Reader<'a>, len: usize) -> Result<&'a [u8], Front> {
    let front = &r.0[..r.0.len().min(len)];
    if len == 0 || len > MAX_NAME || !front.is_empty() && !is_name(front) {
        return Err(Front::Bad);
    }
    r.take(len).ok_or(Front::Short)
}

/// Where a message begins and how long it is with its frame; without one, when that is found.
fn begin(bytes: &[u8]) -> Result<(usize, Option<u64>), Front> {
    match bytes.first() {
        None => Err(Front::Short),
        Some(0x80 | 0x82) => Ok((0, None)),
        Some(_) => match Reader(bytes).u32() {
            Some(len @ 8..=MAX_LEN) => Ok((4, Some(u64::from(len) + 4))),
            Some(_) => Err(Front::Bad),
            None if u32::from(bytes[0]) <= MAX_LEN >> 24 => Err(Front::Short),
            None => Err(Front::Bad),
        },
    }
}

/// Is this Thrift, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let found = begin(bytes).and_then(|(at, len)| header(&bytes[at..]).map(|h| (at, len, h)));
    let (at, len, h) = match found {
        Ok(found) => found,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    if len.is_some_and(|len| len < (at + h.own) as u64 + 1) {
        return Probe::NotForUs;
    }
    // What follows is a structure: it begins with a field or ends at once.
    let field = match bytes.get(at + h.own) {
        None => return Probe::Unsure,
        Some(b) if h.compact => *b == 0 || matches!(b & 15, 1..=13),
        Some(b) => matches!(b, 0 | 2..=4 | 6 | 8 | 10..=16),
    };
    if !field {
        return Probe::NotForUs;
    }
    let answers = matches!(h.kind, REPLY | EXCEPTION);
    let dir = if answers { Direction::ToClient } else { Direction::ToServer };
    Probe::Certain(L7Protocol::Thrift, dir)
}

impl Frames for Messages {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        let (at, len) = match begin(bytes) {
            Ok(found) => found,
            Err(front) => return front,
        };
        let h = match header(&bytes[at..]) {
            Ok(h) => h,
            Err(front) => return front,
        };
        if let Some(len) = len {
            return Front::Frame { len, reads: READS.max(at + h.own) };
        }
        let window = &bytes[..bytes.len().min(WINDOW)];
        match Walk::new(&window[h.own..], h.compact).structure() {
            Some(rest) => {
                let len = window.len() - rest.len();
                Front::Frame { len: len as u64, reads: len }
            }
            None if window.len() < WINDOW => Front::Short,
            // What it says is told; what follows has to be found.
            None => Front::Frame { len: WINDOW as u64, reads: WINDOW },
        }
    }

    fn message<'a>(
        &mut self,
        _dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok((at, framed)) = begin(frame.bytes) else { return Said::Bad };
        let h = match header(&frame.bytes[at..]) {
            Ok(h) => h,
            Err(Front::Short) => return Said::Nothing,
            Err(_) => return Said::Bad,
        };
        let fields = &frame.bytes[at + h.own..];
        let unknown = framed.is_none() && frame.len == WINDOW as u64;
        let base = Message {
            version: if h.compact { b"compact" } else { b"binary" },
            pairing: Pairing::ById(u64::from(h.id)),
            request_id: Some(u64::from(h.id)),
            length: (!unknown).then_some(frame.len),
            ..Message::default()
        };
        Said::Message(match h.kind {
            REPLY | EXCEPTION => answer(h, fields, base),
            _ => call(h, &mut scratch.bytes, base),
        })
    }

    fn find(&self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        match probe(bytes, None) {
            Probe::Certain(_, found) => found == dir,
            // Version and type fit, behind a length if there is one.
            Probe::Unsure => bytes.len() > 8,
            Probe::NotForUs => false,
        }
        .then_some(0)
    }
}

fn call<'a>(h: Header<'a>, out: &'a mut Vec<u8>, base: Message<'a>) -> Message<'a> {
    out.clear();
    // Several services behind one port: TMultiplexedProtocol.
    let (service, method) = match memchr::memchr(b':', h.name) {
        Some(at) => (&h.name[..at], &h.name[at + 1..]),
        None => (&b""[..], h.name),
    };
    let one_way = h.kind == ONE_WAY;
    Message {
        kind: if one_way { MessageKind::Single } else { MessageKind::Request },
        request_type: method,
        request_resource: service,
        endpoint: if service.is_empty() { method } else { reader::call(service, method, out) },
        attributes: [("rpc_service", service), ("", b""), ("", b""), ("", b"")],
        is_async: one_way,
        ..base
    }
}

fn answer<'a>(h: Header<'a>, fields: &'a [u8], base: Message<'a>) -> Message<'a> {
    let base = Message { kind: MessageKind::Response, ..base };
    let mut walk = Walk::new(fields, h.compact);
    if h.kind == EXCEPTION {
        let (text, code) = walk.exception();
        // TApplicationException: unknown method, wrong type of message or name, not decoded.
        let status = match code {
            Some(1..=3 | 7 | 9) => ResponseStatus::ClientError,
            _ => ResponseStatus::ServerError,
        };
        return Message { status, response_code: code, exception: text, ..base };
    }
    // The result is field 0; what the method declares to throw has the numbers from 1 on.
    match walk.declared() {
        Some(text) => Message { status: ResponseStatus::ServerError, exception: text, ..base },
        None => Message { status: ResponseStatus::Ok, ..base },
    }
}
