//! TDS 7 ([MS-TDS]), what SQL Server and its like speak: packets that make up messages, a request
//! and its answer in turn. `request.rs` reads what clients send, `tokens.rs` what servers answer.
//!
//! Of a request its first packet is read, of an answer the first and the last, where the outcome
//! stands. TLS inside the connection, which may cover the login alone, is passed over.

mod request;
mod tokens;

use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use crate::trace::TraceOptions;

const HEADER: usize = 8;
/// Packets have 32767 bytes at most.
const MAX_PACKET: usize = 0x8000;
/// The bit of the last packet of a message.
const LAST: u8 = 1;
/// Requests that wait: one, and others behind an attention.
const MAX_WAITING: u8 = 8;

/// Types of packets.
mod kind {
    pub(super) const BATCH: u8 = 1;
    pub(super) const RPC: u8 = 3;
    pub(super) const ANSWER: u8 = 4;
    pub(super) const ATTENTION: u8 = 6;
    pub(super) const BULK: u8 = 7;
    pub(super) const TOKEN: u8 = 8;
    pub(super) const TRANSACTION: u8 = 14;
    pub(super) const LOGIN: u8 = 16;
    pub(super) const SSPI: u8 = 17;
    pub(super) const PRELOGIN: u8 = 18;
}

/// The parser of one connection.
pub type Tds = Framed<Packets>;

/// What of it is TDS.
#[derive(Debug)]
pub struct Packets {
    /// The last packet of each side was not the last of its message.
    inside: [bool; 2],
    /// Requests without an answer.
    waiting: u8,
    /// The login is encrypted and was not seen yet.
    hidden_login: bool,
    /// Counts of rows have eight bytes (7.2 and later).
    wide: bool,
    hide: bool,
    trace: TraceOptions,
}

impl Tds {
    /// A parser at the start of a message in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self::of(Packets {
            inside: [false; 2],
            waiting: 0,
            hidden_login: false,
            wide: true,
            hide: options.literals.hidden(),
            trace: options.trace.clone(),
        })
    }
}

#[derive(Clone, Copy)]
struct Header {
    kind: u8,
    last: bool,
    len: usize,
}

/// A packet's header, or that of a record of TLS (kind 0).
fn header(bytes: &[u8]) -> Result<Header, Front> {
    match bytes {
        [0x14..=0x17, 3, _, hi, lo, ..] => {
            let len = 5 + usize::from(u16::from_be_bytes([*hi, *lo]));
            return Ok(Header { kind: 0, last: true, len });
        }
        [0x14..=0x17] | [0x14..=0x17, 3, ..] => return Err(Front::Short),
        [1 | 3 | 4 | 6 | 7 | 8 | 14 | 16 | 17 | 18, ..] => {}
        _ => return Err(Front::Bad),
    }
    let Some([kind, status, hi, lo, _, _, _, window]) = bytes.first_chunk::<HEADER>() else {
        return Err(Front::Short);
    };
    let len = usize::from(u16::from_be_bytes([*hi, *lo]));
    let fits = (HEADER..MAX_PACKET).contains(&len) && *window == 0 && status & 0xe0 == 0;
    if fits { Ok(Header { kind: *kind, last: status & LAST != 0, len }) } else { Err(Front::Bad) }
}

impl Frames for Packets {
    fn front(&self, dir: Direction, bytes: &[u8]) -> Front {
        let h = match header(bytes) {
            Ok(h) => h,
            Err(front) => return front,
        };
        let from_server = matches!(h.kind, 0 | kind::ANSWER | kind::PRELOGIN);
        if dir == Direction::ToClient && !from_server {
            return Front::Bad;
        }
        let inside = self.inside[dir as usize];
        let reads = match dir {
            _ if h.kind == 0 => 5,
            Direction::ToServer if inside => HEADER,
            Direction::ToClient if inside && !h.last => HEADER,
            _ => h.len,
        };
        Front::Frame { len: h.len as u64, reads }
    }

    fn message<'a>(
        &mut self,
        dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok(h) = header(frame.bytes) else { return Said::Bad };
        let inside = std::mem::replace(&mut self.inside[dir as usize], !h.last);
        let body = frame.bytes.get(HEADER..).unwrap_or(b"");
        let encrypted =
            h.kind == 0 || h.kind == kind::PRELOGIN && matches!(body, [0x14..=0x17, 3, ..]);
        if encrypted {
            // The first data behind the handshake is the login.
            if dir == Direction::ToServer && self.hidden_login && frame.bytes[0] == 0x17 {
                self.hidden_login = false;
                self.waiting = (self.waiting + 1).min(MAX_WAITING);
                return Said::Message(Message {
                    request_type: b"LOGIN7",
                    endpoint: b"LOGIN7",
                    length: Some(frame.len),
                    ..Message::default()
                });
            }
            self.inside[dir as usize] = false;
            return Said::Nothing;
        }
        match dir {
            Direction::ToServer if inside => Said::Nothing,
            Direction::ToServer => self.request(h, body, frame.len, scratch),
            Direction::ToClient => self.answer(h, inside, body, frame.len, scratch),
        }
    }

    fn find(&self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        // Segments often begin a packet; elsewhere its header says too little.
        let h = header(bytes).ok()?;
        let fits = match dir {
            Direction::ToServer => begins_request(bytes) == Some(true),
            Direction::ToClient => h.kind == kind::ANSWER && h.len >= HEADER + 9,
        };
        fits.then_some(0)
    }

    fn lost(&mut self, dir: Direction) {
        self.inside[dir as usize] = false;
        self.waiting = 0;
    }
}

impl Packets {
    fn request<'a>(
        &mut self,
        h: Header,
        body: &'a [u8],
        len: u64,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let base = Message { length: Some(len), ..Message::default() };
        if h.kind == kind::ATTENTION {
            return Said::Message(Message {
                kind: MessageKind::Single,
                request_type: b"ATTENTION",
                endpoint: b"ATTENTION",
                ..base
            });
        }
        let message = match h.kind {
            kind::PRELOGIN => {
                self.hidden_login = request::may_encrypt(body);
                named(b"PRELOGIN", base)
            }
            kind::LOGIN => {
                self.hidden_login = false;
                self.wide = request::is_wide(body);
                request::login(body, base, scratch)
            }
            kind::BATCH => request::batch(body, base, scratch, self.hide, &self.trace),
            kind::RPC => request::rpc(body, base, scratch, self.hide, &self.trace),
            kind::TRANSACTION => named(request::transaction(body), base),
            kind::BULK => named(b"BULK LOAD", base),
            kind::SSPI | kind::TOKEN => named(b"AUTHENTICATE", base),
            _ => return Said::Bad,
        };
        self.waiting = (self.waiting + 1).min(MAX_WAITING);
        Said::Message(message)
    }

    fn answer<'a>(
        &mut self,
        h: Header,
        inside: bool,
        body: &'a [u8],
        len: u64,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        if !inside && request::is_options(body) {
            self.waiting = self.waiting.saturating_sub(1);
            self.hidden_login &= request::may_encrypt(body);
            return Said::Message(Message {
                kind: MessageKind::Response,
                status: ResponseStatus::Ok,
                length: Some(len),
                ..Message::default()
            });
        }
        if inside && !h.last {
            return Said::Nothing;
        }
        let outcome = match inside {
            true => tokens::last(body, self.wide),
            false => tokens::whole(body, self.wide, h.last),
        };
        if outcome.attention && self.waiting == 0 {
            // All that an attention is answered by.
            return Said::Nothing;
        }
        if h.last {
            self.waiting = self.waiting.saturating_sub(1);
        }
        scratch.bytes.clear();
        let (status, exception): (_, &[u8]) = match outcome.error {
            Some(error) => (error.status(), error.text(&mut scratch.bytes)),
            None if outcome.attention => (ResponseStatus::ClientError, b"cancelled by the client"),
            None if outcome.failed => (ResponseStatus::ServerError, b""),
            None if h.last => (ResponseStatus::Ok, b""),
            None => (ResponseStatus::Unknown, b""),
        };
        Said::Message(Message {
            kind: if inside { MessageKind::End } else { MessageKind::Response },
            status,
            response_code: outcome.error.map(|e| e.number),
            exception,
            affected_rows: outcome.rows,
            length: h.last.then_some(len).filter(|_| !inside),
            end_follows: !h.last,
            ..Message::default()
        })
    }
}

fn named<'a>(name: &'static [u8], base: Message<'a>) -> Message<'a> {
    Message { request_type: name, endpoint: name, ..base }
}

/// Can these be the front of a client's message? `None`: too few to tell.
fn begins_request(bytes: &[u8]) -> Option<bool> {
    let h = match header(bytes) {
        Ok(h) => h,
        Err(Front::Short) => return None,
        Err(_) => return Some(false),
    };
    let body = &bytes[HEADER.min(bytes.len())..];
    match h.kind {
        kind::PRELOGIN => request::begins_options(body).map(|fits| fits && h.last && h.len < 1024),
        kind::LOGIN => request::begins_login(body, h.len - HEADER),
        kind::BATCH | kind::RPC | kind::TRANSACTION => request::begins_headers(body),
        _ => Some(false),
    }
}

/// Is this TDS, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let (looks, dir) = match bytes.first() {
        // The answer to the first request, which has the same form.
        Some(&kind::ANSWER) => {
            let looks = match header(bytes) {
                Ok(h) if h.last && h.len < 1024 => request::begins_options(&bytes[HEADER..]),
                Ok(_) => Some(false),
                Err(Front::Short) => None,
                Err(_) => Some(false),
            };
            (looks, Direction::ToClient)
        }
        Some(0x14..=0x17) => (Some(false), Direction::ToServer),
        _ => (begins_request(bytes), Direction::ToServer),
    };
    match looks {
        Some(true) => Probe::Certain(L7Protocol::Tds, dir),
        Some(false) => Probe::NotForUs,
        None => Probe::Unsure,
    }
}
