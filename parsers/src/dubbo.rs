//! Dubbo 2's own protocol: a header of 16 bytes with the call's number and the body's length; the
//! body in one of a dozen serialisations, of which `body.rs` reads the names and attachments.
//!
//! A request without the two-way bit has no answer. Both sides send events to keep a connection
//! alive, and number them by themselves. Triple, Dubbo 3's protocol, is HTTP/2 (`http2.rs`).

mod body;

use crate::framed::{Frame, Framed, Frames, Front, Said, find_magic};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::reader;
use crate::registry::Options;
use crate::trace::TraceOptions;

const MAGIC: &[u8] = &[0xda, 0xbb];
const HEADER: usize = 16;
/// Bytes of a message that are read: attachments stand behind the arguments.
const WINDOW: usize = 16 * 1024;
/// Bytes of an answer that are read: what kind of answer it is, an exception's class and text.
const ANSWER_WINDOW: usize = 2 * 1024;
/// Servers take 8 MiB unless told otherwise; more than this is a broken length.
const MAX_LEN: u64 = 1 << 28;
/// Sets apart what the server numbers.
const SERVERS: u64 = 1 << 63;

const REQUEST: u8 = 0x80;
const TWO_WAY: u8 = 0x40;
const EVENT: u8 = 0x20;

/// The parser of one connection.
pub type Dubbo = Framed<Calls>;

/// What of it is Dubbo.
#[derive(Debug)]
pub struct Calls {
    trace: TraceOptions,
}

impl Dubbo {
    /// A parser at the start of a message in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Calls { trace: options.trace.clone() })
    }
}

#[derive(Clone, Copy)]
struct Header {
    flags: u8,
    status: u8,
    id: u64,
    len: u64,
}

impl Header {
    fn is_request(self) -> bool {
        self.flags & REQUEST != 0
    }

    fn serialization(self) -> u8 {
        self.flags & 0x1f
    }
}

/// Reads a header; as much of one as is there has to fit.
fn header(bytes: &[u8]) -> Result<Header, Front> {
    let Some(h) = bytes.first_chunk::<HEADER>() else {
        let magic = &bytes[..bytes.len().min(MAGIC.len())];
        let fits = MAGIC.starts_with(magic) && bytes.get(2).is_none_or(|f| is_plausible(*f, 0));
        return Err(if fits { Front::Short } else { Front::Bad });
    };
    let [m0, m1, flags, status, i0, i1, i2, i3, i4, i5, i6, i7, l0, l1, l2, l3] = *h;
    let id = u64::from_be_bytes([i0, i1, i2, i3, i4, i5, i6, i7]);
    let len = u64::from(u32::from_be_bytes([l0, l1, l2, l3]));
    let fits = [m0, m1] == MAGIC && is_plausible(flags, status) && len <= MAX_LEN;
    if fits { Ok(Header { flags, status, id, len }) } else { Err(Front::Bad) }
}

/// Serialisations are numbered from 2 on; only answers have a status.
fn is_plausible(flags: u8, status: u8) -> bool {
    let known = matches!(status, 0 | 20 | 30 | 31 | 35 | 40 | 50 | 60 | 70 | 80 | 90 | 100);
    flags & 0x1f >= 2 && known
}

/// Is this Dubbo, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let header = match header(bytes) {
        Ok(header) => header,
        Err(Front::Short) => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let dir = match (header.flags & EVENT != 0, header.is_request()) {
        (true, _) if hint.is_some() => hint.unwrap_or(Direction::ToServer),
        (_, true) => Direction::ToServer,
        (_, false) => Direction::ToClient,
    };
    let fits = header.is_request() != (header.status != 0);
    if fits { Probe::Certain(L7Protocol::Dubbo, dir) } else { Probe::NotForUs }
}

impl Frames for Calls {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        match header(bytes) {
            Ok(h) => {
                let window = if h.is_request() { WINDOW } else { ANSWER_WINDOW };
                Front::Frame { len: HEADER as u64 + h.len, reads: window }
            }
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
        let body = &frame.bytes[HEADER..];
        let asks = if h.is_request() { dir } else { dir.reverse() };
        let servers = if asks == Direction::ToClient { SERVERS } else { 0 };
        let base = Message {
            pairing: Pairing::ById(h.id ^ servers),
            request_id: Some(h.id),
            length: Some(h.len),
            ..Message::default()
        };
        Said::Message(match (h.is_request(), h.flags & EVENT != 0) {
            (true, false) => self.call(h, body, scratch, base),
            (true, true) => event(h, body, base),
            (false, is_event) => answer(h, is_event, body, &mut scratch.bytes, base),
        })
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        find_magic(bytes, MAGIC, |rest| rest.len() > 3 && !matches!(header(rest), Err(Front::Bad)))
    }
}

impl Calls {
    fn call<'a>(
        &self,
        h: Header,
        body: &'a [u8],
        scratch: &'a mut Scratch,
        base: Message<'a>,
    ) -> Message<'a> {
        let Scratch { bytes, decoded, more, .. } = scratch;
        bytes.clear();
        more.clear();
        decoded.clear();
        let call = body::call(h.serialization(), body, &self.trace, decoded);
        let one_way = h.flags & TWO_WAY == 0;
        Message {
            kind: if one_way { MessageKind::Single } else { MessageKind::Request },
            version: call.version,
            request_type: call.method,
            request_resource: call.service,
            endpoint: reader::call(call.service, call.method, bytes),
            trace: call.carried.context(&self.trace, more),
            client_ip: call.carried.client_ip,
            attributes: [
                ("rpc_service", call.service),
                ("service_version", call.service_version),
                ("serialization_id", body::name(h.serialization())),
                ("", b""),
            ],
            is_async: one_way,
            ..base
        }
    }
}

/// A request that is no call: to keep the connection, or to stop using it.
fn event<'a>(h: Header, body: &'a [u8], base: Message<'a>) -> Message<'a> {
    let one_way = h.flags & TWO_WAY == 0;
    Message {
        kind: if one_way { MessageKind::Single } else { MessageKind::Request },
        request_type: if body::is_read_only(body) { b"readonly" } else { b"heartbeat" },
        ..base
    }
}

fn answer<'a>(
    h: Header,
    is_event: bool,
    body: &'a [u8],
    out: &'a mut Vec<u8>,
    base: Message<'a>,
) -> Message<'a> {
    out.clear();
    let exception = if is_event { b"" } else { body::exception(h, body, out) };
    let status = match h.status {
        // The call was made, and the method threw.
        20 if !exception.is_empty() => ResponseStatus::ServerError,
        20 => ResponseStatus::Ok,
        30 | 40 | 90 => ResponseStatus::ClientError,
        0 => ResponseStatus::Unknown,
        _ => ResponseStatus::ServerError,
    };
    Message {
        kind: MessageKind::Response,
        status,
        response_code: Some(i32::from(h.status)),
        exception,
        ..base
    }
}
