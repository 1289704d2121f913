//! Cassandra's native protocol, versions 3 to 5 (cassandra.apache.org, native_protocol_v5.spec):
//! frames with the number of a stream, by which answers find their requests in any order. Since
//! version 5 frames stand in segments with checksums (`segment.rs`) once a connection has begun;
//! `body.rs` reads what frames say.

mod body;
mod segment;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::packed::{self, Packing};
use crate::reader::Reader;
use crate::registry::Options;
use crate::sql::statements::Statements;
use crate::sql::{self, MAX_STATEMENT};
use crate::trace::TraceOptions;
use body::op;
use segment::Segments;

const HEADER: usize = 9;
/// Bytes of a frame that are read.
const WINDOW: usize = MAX_STATEMENT + 512;
/// Servers refuse frames of more than 256 MiB.
const MAX_BODY: u32 = 1 << 28;
/// In front of the number of a stream, where statements are known by their numbers.
const BY_STREAM: u32 = 1 << 31;

const COMPRESSED: u8 = 1;
const ANSWER: u8 = 0x80;

/// The parser of one connection.
pub type Cassandra = Framed<Streams>;

/// What of it is Cassandra's.
#[derive(Debug)]
pub struct Streams {
    segments: Segments,
    /// What the client asked bodies to be packed with.
    packing: Option<Packing>,
    hide: bool,
    statements: Statements,
    trace: TraceOptions,
}

impl Cassandra {
    /// A parser at the start of a frame in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Streams {
            segments: Segments::default(),
            packing: None,
            hide: options.literals.hidden(),
            statements: Statements::default(),
            trace: options.trace.clone(),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Header {
    version: u8,
    is_answer: bool,
    flags: u8,
    stream: u16,
    opcode: u8,
    body: u32,
}

fn header(bytes: &[u8]) -> Result<Header, Front> {
    let fits = bytes.first().is_none_or(|b| matches!(b & !ANSWER, 3..=5))
        && bytes.get(1).is_none_or(|flags| *flags < 0x20)
        && bytes.get(4).is_none_or(|opcode| op::name(*opcode).is_some());
    if !fits {
        return Err(Front::Bad);
    }
    let mut r = Reader(bytes);
    let (Some(version), Some(flags)) = (r.u8(), r.u8()) else { return Err(Front::Short) };
    let (Some(stream), Some(opcode)) = (r.u16(), r.u8()) else { return Err(Front::Short) };
    let Some(body) = r.u32() else { return Err(Front::Short) };
    let is_answer = version & ANSWER != 0;
    if body > MAX_BODY || op::is_answer(opcode) != is_answer {
        return Err(Front::Bad);
    }
    Ok(Header { version: version & !ANSWER, is_answer, flags, stream, opcode, body })
}

impl Frames for Streams {
    fn front(&self, dir: Direction, bytes: &[u8]) -> Front {
        if let Some(front) = self.segments.front(dir, bytes) {
            return front;
        }
        match header(bytes) {
            Ok(h) if h.is_answer == (dir == Direction::ToClient) => {
                let len = HEADER as u64 + u64::from(h.body);
                match self.segments.room(dir) {
                    // A header that goes on in the next segment: nobody writes that.
                    Some(room) if (room as usize) < HEADER => Front::Bad,
                    room => {
                        let len = room.map_or(len, |room| len.min(u64::from(room)));
                        Front::Frame { len, reads: (len as usize).min(WINDOW) }
                    }
                }
            }
            Ok(_) => Front::Bad,
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        if self.segments.take(dir, frame) {
            return Said::Nothing;
        }
        let Ok(h) = header(frame.bytes) else { return Said::Bad };
        let len = HEADER as u64 + u64::from(h.body);
        self.segments.took(dir, frame.len, len);
        let mut body = &frame.bytes[HEADER..];
        let Scratch { decoded, bytes, more, facts, .. } = scratch;
        if h.flags & COMPRESSED != 0 && h.opcode != op::STARTUP {
            // Four bytes say how long what LZ4 packed is; Snappy says it by itself.
            let guess = if body.first() == Some(&0) { Packing::Lz4Block } else { Packing::Snappy };
            let packing = self.packing.unwrap_or(guess);
            let from = if packing == Packing::Lz4Block { 4 } else { 0 };
            decoded.clear();
            packed::unpack(packing, body.get(from..).unwrap_or(b""), WINDOW, decoded);
            body = decoded;
        }
        let version: &[u8] = match h.version {
            3 => b"3",
            4 => b"4",
            _ => b"5",
        };
        let base = Message {
            pairing: Pairing::ById(u64::from(h.stream)),
            request_id: Some(u64::from(h.stream)),
            version,
            length: Some(len),
            ..Message::default()
        };
        bytes.clear();
        more.clear();
        facts.clear();
        if h.is_answer {
            return Said::Message(self.answer(h, body, base));
        }
        let name = op::name(h.opcode).unwrap_or(b"");
        let base = Message { request_type: name, endpoint: name, ..base };
        let read = body::Read { bytes, more, facts, trace: &self.trace, hide: self.hide };
        let Some(body) = read.payload(h.flags, body) else { return Said::Message(base) };
        if h.opcode == op::STARTUP {
            let (packing, attributes) = body::startup(body.1);
            self.packing = packing;
            self.segments.offered(h.version >= 5, packing.is_some());
            return Said::Message(Message { attributes, ..base });
        }
        let stream = BY_STREAM | u32::from(h.stream);
        Said::Message(read.request(h.opcode, stream, body, &mut self.statements, base))
    }

    fn find(&self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let fits = match self.segments.front(dir, bytes) {
            Some(front) => matches!(front, Front::Frame { .. }),
            None => looks(bytes) == Some(dir),
        };
        fits.then_some(0)
    }

    fn lost(&mut self, dir: Direction) {
        self.segments.lost(dir);
    }
}

impl Streams {
    fn answer<'a>(&mut self, h: Header, body: &'a [u8], base: Message<'a>) -> Message<'a> {
        let body = body::behind_extras(h.flags, body).unwrap_or(b"");
        let mut message =
            Message { kind: MessageKind::Response, status: ResponseStatus::Ok, ..base };
        match h.opcode {
            op::ERROR => {
                let mut r = Reader(body);
                let code = r.u32().map(|code| code as i32);
                message.status = body::status(code.unwrap_or(0));
                message.response_code = code;
                message.exception = r.text16().unwrap_or(b"");
            }
            op::EVENT => {
                message.kind = MessageKind::Single;
                message.request_type = b"EVENT";
                message.endpoint = b"EVENT";
                message.request_resource = Reader(body).text16().unwrap_or(b"");
            }
            op::READY | op::AUTHENTICATE => self.segments.begun(),
            op::RESULT => {
                if let Some(id) = body::prepared(body) {
                    self.statements.rename(BY_STREAM | u32::from(h.stream), id);
                }
            }
            _ => {}
        }
        message
    }
}

/// Which way do these bytes go, if they begin a frame? `None`: they do not, or are too few.
fn looks(bytes: &[u8]) -> Option<Direction> {
    let h = header(bytes).ok()?;
    let body = &bytes[HEADER..];
    let fits = match h.opcode {
        op::OPTIONS | op::READY | op::AUTH_SUCCESS => h.body == 0,
        op::QUERY | op::PREPARE if h.flags & !2 == 0 => {
            let len = Reader(body).u32()?;
            len <= h.body.checked_sub(4)? && sql::begins_statement(body.get(4..)?) == Some(true)
        }
        op::EXECUTE if h.flags & !2 == 0 => Reader(body).u16() == Some(16) && h.body > 20,
        op::STARTUP => {
            let mut r = Reader(body);
            (1..16).contains(&r.u16()?)
                && matches!(r.u16()?, 4..=24)
                && r.0.first()?.is_ascii_uppercase()
        }
        op::SUPPORTED => {
            let mut r = Reader(body);
            (1..32).contains(&r.u16()?)
                && matches!(r.u16()?, 4..=32)
                && r.0.first()?.is_ascii_uppercase()
        }
        op::ERROR if h.flags == 0 => {
            let mut r = Reader(body);
            body::is_error(r.u32()? as i32) && u32::from(r.u16()?) <= h.body.saturating_sub(6)
        }
        op::RESULT if h.flags == 0 => (1..=5).contains(&Reader(body).u32()?),
        _ => false,
    };
    let dir = if h.is_answer { Direction::ToClient } else { Direction::ToServer };
    fits.then_some(dir)
}

/// Is this Cassandra's protocol, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    /// What of a frame has to be seen to believe it.
    const ENOUGH: usize = HEADER + 24;
    match header(bytes) {
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
        Ok(_) => {}
    }
    match looks(bytes) {
        Some(dir) => Probe::Certain(L7Protocol::Cassandra, dir),
        None if bytes.len() < ENOUGH => Probe::Unsure,
        None => Probe::NotForUs,
    }
}
