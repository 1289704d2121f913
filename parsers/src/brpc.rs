//! bRPC's own protocol, `baidu_std` (github.com/apache/brpc, docs/en/baidu_std.md): `PRPC`, two
//! lengths, a message `RpcMeta` in Protocol Buffers that names the call and carries its number, then
//! the payload, which is not looked at. Frames of bRPC's streams (`STRM`) are passed over.

use crate::framed::{Frame, Framed, Frames, Front, Said, find_magic};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::protobuf::{self, Fields, Value};
use crate::reader;
use crate::registry::Options;
use crate::trace::{Carried, TraceOptions};
use std::io::Write as _;

const HEADER: usize = 12;
/// Bytes of the meta part that are read.
const WINDOW: usize = 16 * 1024;
/// bRPC refuses bodies of more than 2 GiB whatever it is told.
const MAX_BODY: u32 = 1 << 31;

/// The parser of one connection.
pub type Brpc = Framed<Calls>;

/// What of it is bRPC.
#[derive(Debug)]
pub struct Calls {
    trace: TraceOptions,
}

impl Brpc {
    /// A parser at the start of a message in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Calls { trace: options.trace.clone() })
    }
}

#[derive(Clone, Copy)]
struct Header {
    is_stream: bool,
    body: u32,
    meta: u32,
}

fn header(bytes: &[u8]) -> Result<Header, Front> {
    let magic = &bytes[..bytes.len().min(4)];
    let is_stream = match magic {
        _ if b"PRPC".starts_with(magic) => false,
        _ if b"STRM".starts_with(magic) => true,
        _ => return Err(Front::Bad),
    };
    let Some([_, _, _, _, b0, b1, b2, b3, m0, m1, m2, m3]) = bytes.first_chunk::<HEADER>() else {
        return Err(Front::Short);
    };
    let body = u32::from_be_bytes([*b0, *b1, *b2, *b3]);
    let meta = u32::from_be_bytes([*m0, *m1, *m2, *m3]);
    let fits = body < MAX_BODY && meta <= body;
    if fits { Ok(Header { is_stream, body, meta }) } else { Err(Front::Bad) }
}

/// Is this bRPC, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let h = match header(bytes) {
        Ok(h) if !h.is_stream => h,
        Err(Front::Short) => return Probe::Unsure,
        _ => return Probe::NotForUs,
    };
    let meta = &bytes[HEADER..];
    let Some(meta) = meta.get(..h.meta as usize) else {
        return if bytes.len() < WINDOW { Probe::Unsure } else { Probe::NotForUs };
    };
    if h.meta == 0 || !Fields(meta).is_whole() {
        return Probe::NotForUs;
    }
    let dir = if Fields(meta).bytes(1).is_some() {
        Direction::ToServer
    } else if Fields(meta).bytes(2).is_some() {
        Direction::ToClient
    } else {
        hint.unwrap_or(Direction::ToClient)
    };
    Probe::Certain(L7Protocol::Brpc, dir)
}

impl Frames for Calls {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        match header(bytes) {
            Ok(h) => Front::Frame {
                len: HEADER as u64 + u64::from(h.body),
                reads: (HEADER + h.meta as usize).min(WINDOW),
            },
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
        if h.is_stream {
            return Said::Nothing;
        }
        let meta = &frame.bytes[HEADER..];
        let [mut request, mut response] = [None; 2];
        let mut id = None;
        let mut carried = Carried::default();
        for field in Fields(meta) {
            match field {
                (1, Value::Bytes(b)) => request = Some(b),
                (2, Value::Bytes(b)) => response = Some(b),
                (4, Value::Number(n)) => id = Some(n),
                (9, Value::Bytes(b)) => {
                    let (name, value) = protobuf::pair(b);
                    carried.offer(name, value, &self.trace);
                }
                _ => {}
            }
        }
        // Cut before its number: it could be anybody's.
        let Some(id) = id else { return Said::Nothing };
        let base = Message {
            pairing: Pairing::ById(id),
            // The low half counts the attempts.
            request_id: Some(id >> 32),
            length: Some(frame.len),
            ..Message::default()
        };
        if let Some(request) = request {
            return Said::Message(self.call(request, carried, scratch, base));
        }
        if response.is_none() && dir == Direction::ToServer {
            return Said::Nothing;
        }
        Said::Message(answer(response.unwrap_or(b""), base))
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        find_magic(bytes, b"PRPC", |rest| !matches!(header(rest), Err(Front::Bad)))
    }
}

impl Calls {
    fn call<'a>(
        &self,
        request: &'a [u8],
        mut carried: Carried<'a>,
        scratch: &'a mut Scratch,
        base: Message<'a>,
    ) -> Message<'a> {
        let Scratch { bytes, decoded, more, .. } = scratch;
        bytes.clear();
        more.clear();
        decoded.clear();
        let [mut service, mut method]: [&[u8]; 2] = [b""; 2];
        let [mut log, mut trace, mut span] = [0; 3];
        for field in Fields(request) {
            match field {
                (1, Value::Bytes(b)) => service = b,
                (2, Value::Bytes(b)) => method = b,
                (3, Value::Number(n)) => log = n,
                (4, Value::Number(n)) => trace = n,
                (5, Value::Number(n)) => span = n,
                (7, Value::Bytes(b)) => carried.request_id(b),
                _ => {}
            }
        }
        // Ids are numbers here: shown as bRPC's own pages show them.
        let numbers = decoded;
        if log != 0 {
            let _ = write!(numbers, "{}", log as i64);
        }
        let log_end = numbers.len();
        if trace != 0 {
            let _ = write!(numbers, "{trace:x}");
        }
        let trace_end = numbers.len();
        if span != 0 {
            let _ = write!(numbers, "{span:x}");
        }
        let numbers: &'a [u8] = numbers;
        carried.request_id(&numbers[..log_end]);
        let mut context = carried.context(&self.trace, more);
        if context.trace_id.is_empty() {
            context.trace_id = &numbers[log_end..trace_end];
            context.span_id = &numbers[trace_end..];
        }
        Message {
            kind: MessageKind::Request,
            request_type: method,
            request_resource: service,
            endpoint: reader::call(service, method, bytes),
            trace: context,
            attributes: [("rpc_service", service), ("", b""), ("", b""), ("", b"")],
            ..base
        }
    }
}

fn answer<'a>(response: &'a [u8], base: Message<'a>) -> Message<'a> {
    let code = Fields(response).number(1).unwrap_or(0) as i32;
    let text = Fields(response).bytes(2).unwrap_or(b"");
    let status = if code == 0 { ResponseStatus::Ok } else { ResponseStatus::ServerError };
    Message {
        kind: MessageKind::Response,
        status,
        response_code: Some(code),
        exception: if code == 0 { b"" } else { text },
        ..base
    }
}
