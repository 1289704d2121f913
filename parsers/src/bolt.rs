//! SOFARPC over Bolt (github.com/sofastack/sofa-bolt, versions 1 and 2 of the protocol): a header
//! with a number, then the class of the request, a map of headers, and the content (`content.rs`),
//! which are read as far as they name the call. Heartbeats are no rows.

mod content;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, Fact, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus,
    Scratch,
};
use crate::reader::{self, Reader, is_name};
use crate::registry::Options;
use crate::trace::{Carried, TraceOptions};

/// Bytes of class, headers and content that are read.
const WINDOW: usize = 16 * 1024;
/// Bytes of content that are read: names stand at its front.
const CONTENT: usize = 1024;
/// Content longer than this is a broken length.
const MAX_CONTENT: u32 = 1 << 28;
/// Names of Java classes are shorter.
const MAX_CLASS: usize = 256;
/// Sets apart what the server numbers.
const SERVERS: u64 = 1 << 32;

const ANSWER: u8 = 0;
const ONE_WAY: u8 = 2;

const HEARTBEAT: u16 = 0;
const CALL: u16 = 1;
const REPLY: u16 = 2;

/// The parser of one connection.
pub type Bolt = Framed<Commands>;

/// What of it is Bolt.
#[derive(Debug)]
pub struct Commands {
    trace: TraceOptions,
}

impl Bolt {
    /// A parser at the start of a command in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Commands { trace: options.trace.clone() })
    }
}

#[derive(Clone, Copy, Debug)]
struct Header {
    kind: u8,
    command: u16,
    id: u32,
    status: u16,
    /// Bytes of the header itself.
    own: usize,
    class: usize,
    headers: usize,
    content: usize,
    /// A checksum follows.
    checksum: usize,
}

impl Header {
    fn len(&self) -> u64 {
        (self.own + self.class + self.headers + self.content + self.checksum) as u64
    }

    fn is_answer(&self) -> bool {
        self.kind == ANSWER
    }

    /// Bytes that are read.
    fn reads(&self) -> usize {
        self.own + self.class + self.headers + self.content.min(CONTENT)
    }
}

fn header(bytes: &[u8]) -> Result<Header, Front> {
    let mut r = Reader(bytes);
    let fields = read(&mut r);
    let Some(mut h) = fields else {
        return Err(if fits_so_far(bytes) { Front::Short } else { Front::Bad });
    };
    h.own = bytes.len() - r.0.len();
    let fits = fits_so_far(bytes) && h.content as u32 <= MAX_CONTENT && h.class <= MAX_CLASS;
    let answers = h.is_answer() != (h.command == CALL) || h.command == HEARTBEAT;
    if fits && answers { Ok(h) } else { Err(Front::Bad) }
}

fn read(r: &mut Reader<'_>) -> Option<Header> {
    let second = r.u8()? == 2;
    let mut checked = false;
    if second {
        checked = r.u8()? >= 2;
    }
    let kind = r.u8()?;
    let command = r.u16()?;
    r.u8()?;
    let id = r.u32()?;
    r.u8()?;
    let switches = if second { r.u8()? } else { 0 };
    // A status, or how long the client waits.
    let status = if kind == ANSWER { r.u16()? } else { r.u32().map(|_| 0)? };
    let class = usize::from(r.u16()?);
    let headers = usize::from(r.u16()?);
    let content = r.u32()? as usize;
    let checksum = if checked && switches & 1 != 0 { 4 } else { 0 };
    Some(Header { kind, command, id, status, own: 0, class, headers, content, checksum })
}

fn fits_so_far(bytes: &[u8]) -> bool {
    let Some(proto) = bytes.first() else { return true };
    let rest = match proto {
        1 => &bytes[1..],
        2 if bytes.get(1).is_none_or(|v| matches!(v, 1 | 2)) => bytes.get(2..).unwrap_or(b""),
        _ => return false,
    };
    rest.first().is_none_or(|k| *k <= ONE_WAY)
        && rest.get(1).is_none_or(|c| *c == 0)
        && rest.get(2).is_none_or(|c| u16::from(*c) <= REPLY)
}

/// Is this Bolt, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let h = match header(bytes) {
        Ok(h) => h,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    // A class is what little else has there; heartbeats say nothing.
    if h.command == HEARTBEAT || h.class == 0 {
        return Probe::NotForUs;
    }
    let class = &bytes[h.own..bytes.len().min(h.own + h.class)];
    if !class.is_empty() && !is_name(class) || h.is_answer() && h.status > 64 {
        return Probe::NotForUs;
    }
    if class.len() < h.class {
        return Probe::Unsure;
    }
    if !class.contains(&b'.') {
        return Probe::NotForUs;
    }
    let dir = if h.is_answer() { Direction::ToClient } else { Direction::ToServer };
    Probe::Certain(L7Protocol::SofaRpc, dir)
}

impl Frames for Commands {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        match header(bytes) {
            Ok(h) => Front::Frame { len: h.len(), reads: h.reads().min(WINDOW) },
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok(h) = header(frame.bytes) else { return Said::Bad };
        if h.command == HEARTBEAT {
            return Said::Nothing;
        }
        let asks = if h.is_answer() { dir.reverse() } else { dir };
        let servers = if asks == Direction::ToClient { SERVERS } else { 0 };
        let base = Message {
            pairing: Pairing::ById(u64::from(h.id) | servers),
            request_id: Some(u64::from(h.id)),
            length: Some(frame.len - h.own as u64),
            ..Message::default()
        };
        let body = Reader(&frame.bytes[h.own..]);
        Said::Message(match h.is_answer() {
            true => answer(h, body, &mut scratch.bytes, base),
            false => self.call(h, body, scratch, base),
        })
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        let fits = match header(bytes) {
            Ok(h) if h.command == HEARTBEAT => h.class + h.headers + h.content == 0,
            // Of the class a few letters are enough here.
            Ok(h) => bytes.len() > h.own + 2 && probe(bytes, None) != Probe::NotForUs,
            Err(_) => false,
        };
        fits.then_some(0)
    }
}

impl Commands {
    fn call<'a>(
        &self,
        h: Header,
        mut body: Reader<'a>,
        scratch: &'a mut Scratch,
        base: Message<'a>,
    ) -> Message<'a> {
        let Scratch { bytes, more, facts, .. } = scratch;
        bytes.clear();
        more.clear();
        facts.clear();
        let [mut service, mut method, mut app]: [&[u8]; 3] = [b""; 3];
        let mut carried = Carried::default();
        body.take(h.class);
        let (headers, content) = body.0.split_at(h.headers.min(body.0.len()));
        let mut r = Reader(headers);
        while let Some((name, value)) = pair(&mut r) {
            match name {
                b"sofa_head_target_service" => service = value,
                b"service" if service.is_empty() => service = value,
                b"sofa_head_method_name" => method = value,
                b"sofa_head_target_app" => app = value,
                _ => carried.offer(name, value, &self.trace),
            }
        }
        if service.is_empty() || method.is_empty() || carried.is_empty() {
            content::call(content, &mut service, &mut method, &mut carried, &self.trace);
        }
        facts.push(Fact::ParentSpanId, carried.parent_span);
        let one_way = h.kind == ONE_WAY;
        Message {
            kind: if one_way { MessageKind::Single } else { MessageKind::Request },
            request_type: method,
            request_resource: service,
            endpoint: reader::call(service, method, bytes),
            trace: carried.context(&self.trace, more),
            client_ip: carried.client_ip,
            attributes: [("rpc_service", service), ("target_app", app), ("", b""), ("", b"")],
            is_async: one_way,
            facts: (!carried.parent_span.is_empty()).then_some(&*facts),
            ..base
        }
    }
}

/// A name and a value, each behind its length.
fn pair<'a>(r: &mut Reader<'a>) -> Option<(&'a [u8], &'a [u8])> {
    const NONE: u32 = u32::MAX;
    let name = r.text32()?;
    let before = *r;
    if r.u32()? == NONE {
        return Some((name, b""));
    }
    *r = before;
    Some((name, r.text32()?))
}

fn answer<'a>(
    h: Header,
    mut body: Reader<'a>,
    out: &'a mut Vec<u8>,
    base: Message<'a>,
) -> Message<'a> {
    out.clear();
    body.take(h.class + h.headers);
    let failure = if h.class > 0 && h.status == 0 { content::failure(body.0) } else { None };
    // com.alipay.remoting.ResponseStatus
    let text: &[u8] = match h.status {
        0 => failure.unwrap_or(b""),
        1 => b"ERROR",
        2 => b"SERVER_EXCEPTION",
        3 => b"UNKNOWN",
        4 => b"SERVER_THREADPOOL_BUSY",
        5 => b"ERROR_COMM",
        6 => b"NO_PROCESSOR",
        7 => b"TIMEOUT",
        8 => b"CLIENT_SEND_ERROR",
        9 => b"CODEC_EXCEPTION",
        16 => b"CONNECTION_CLOSED",
        17 => b"SERVER_SERIAL_EXCEPTION",
        18 => b"SERVER_DESERIAL_EXCEPTION",
        _ => b"",
    };
    let status = match h.status {
        0 if failure.is_some() => ResponseStatus::ServerError,
        0 => ResponseStatus::Ok,
        8 => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    };
    Message {
        kind: MessageKind::Response,
        status,
        response_code: Some(i32::from(h.status)),
        exception: text,
        ..base
    }
}
