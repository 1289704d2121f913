//! SOME/IP (AUTOSAR PRS_SOMEIPProtocol) over TCP and UDP: calls of methods by numbers, events, and the
//! service discovery. Several messages may stand in one datagram. Payloads are not looked at: what
//! is in them is agreed elsewhere.

use crate::bytes::Reader;
use crate::framed::{Frame, Framed, Frames, Front, Said};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;
use std::io::Write as _;

const HEADER: usize = 16;
/// What of a message its length counts not.
const BEFORE: u32 = 8;
/// Payloads are shorter; more is a broken length.
const MAX_LEN: u32 = 1 << 26;
/// The service of those that look for services.
const DISCOVERY: (u16, u16) = (0xffff, 0x8100);
/// The bit of a part of a message that one datagram does not hold.
const PART: u8 = 0x20;

/// The parser of one flow.
pub type SomeIp = Framed<Calls>;

/// What of it is SOME/IP.
#[derive(Debug)]
pub struct Calls {
    is_datagram: bool,
}

impl SomeIp {
    /// A parser at the start of a message in both directions.
    pub fn new(_options: &Options, carrier: Carrier) -> Self {
        Self::of(Calls { is_datagram: carrier.is_datagram() })
    }
}

#[derive(Clone, Copy)]
struct Header {
    service: u16,
    method: u16,
    len: u32,
    client: u16,
    session: u16,
    version: u8,
    kind: u8,
    result: u8,
}

fn header(bytes: &[u8]) -> Result<Header, Front> {
    let mut r = Reader(bytes);
    let mut read = || {
        let (service, method, len) = (r.u16()?, r.u16()?, r.u32()?);
        let (client, session) = (r.u16()?, r.u16()?);
        let (protocol, version, kind, result) = (r.u8()?, r.u8()?, r.u8()?, r.u8()?);
        Some((protocol, Header { service, method, len, client, session, version, kind, result }))
    };
    // As much of the length and the version as is there has to fit.
    let long = match bytes.get(4..8) {
        Some(len) => !(BEFORE..=MAX_LEN).contains(&Reader(len).u32().unwrap_or(0)),
        None => bytes.get(4).is_some_and(|high| *high > (MAX_LEN >> 24) as u8),
    };
    if long || bytes.get(12).is_some_and(|protocol| *protocol != 1) {
        return Err(Front::Bad);
    }
    let Some((_, h)) = read() else { return Err(Front::Short) };
    let kind = matches!(h.kind & !PART, 0..=2 | 0x80 | 0x81);
    // Errors have a reason, requests none.
    let result = match h.kind & !PART {
        0..=2 => h.result == 0,
        0x80 => h.result < 0x60,
        _ => (1..0x60).contains(&h.result),
    };
    let fits = (BEFORE..=MAX_LEN).contains(&h.len) && kind && result;
    if fits { Ok(h) } else { Err(Front::Bad) }
}

fn status(result: u8) -> ResponseStatus {
    match result {
        0 => ResponseStatus::Ok,
        // Unknown services and methods, other versions, what cannot be read.
        2 | 3 | 7..=0xa => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    }
}

fn reason(result: u8) -> &'static [u8] {
    match result {
        1 => b"E_NOT_OK",
        2 => b"E_UNKNOWN_SERVICE",
        3 => b"E_UNKNOWN_METHOD",
        4 => b"E_NOT_READY",
        5 => b"E_NOT_REACHABLE",
        6 => b"E_TIMEOUT",
        7 => b"E_WRONG_PROTOCOL_VERSION",
        8 => b"E_WRONG_INTERFACE_VERSION",
        9 => b"E_MALFORMED_MESSAGE",
        0xa => b"E_WRONG_MESSAGE_TYPE",
        0xb => b"E_E2E_REPEATED",
        0xc => b"E_E2E_WRONG_SEQUENCE",
        0xd => b"E_E2E",
        0xe => b"E_E2E_NOT_AVAILABLE",
        0xf => b"E_E2E_NO_NEW_DATA",
        _ => b"",
    }
}

impl Frames for Calls {
    fn front(&self, _dir: Direction, bytes: &[u8]) -> Front {
        match header(bytes) {
            Ok(h) => {
                let len = u64::from(BEFORE) + u64::from(h.len);
                // A capture may have cut a datagram: the next one begins anew.
                let len = if self.is_datagram { len.min(bytes.len() as u64) } else { len };
                Front::Frame { len, reads: HEADER }
            }
            Err(front) => front,
        }
    }

    fn message<'a>(
        &mut self,
        _dir: Direction,
        frame: Frame<'a>,
        scratch: &'a mut Scratch,
    ) -> Said<'a> {
        let Ok(h) = header(frame.bytes) else { return Said::Bad };
        let out = &mut scratch.bytes;
        out.clear();
        let _ = write!(out, "0x{:04x}/0x{:04x}", h.service, h.method);
        let endpoint: &'a [u8] = out;
        let (service, method) = (&endpoint[..6], &endpoint[7..]);
        let kind = match h.kind & !PART {
            // Methods whose answers nobody waits for, events.
            1 | 2 => MessageKind::Single,
            0 => MessageKind::Request,
            _ => MessageKind::Response,
        };
        let call = u64::from(h.client) << 16 | u64::from(h.session);
        let id = u64::from(h.service) << 48 | u64::from(h.method) << 32 | call;
        let version: &[u8] = match h.version {
            0 => b"0",
            1 => b"1",
            2 => b"2",
            3 => b"3",
            _ => b"",
        };
        let base = Message {
            kind,
            pairing: Pairing::ById(id),
            request_id: Some(u64::from(h.session)),
            version,
            length: Some(u64::from(BEFORE + h.len)),
            ..Message::default()
        };
        if kind == MessageKind::Response {
            return Said::Message(Message {
                status: status(h.result),
                response_code: Some(i32::from(h.result)),
                exception: reason(h.result),
                ..base
            });
        }
        let is_discovery = (h.service, h.method) == DISCOVERY;
        Said::Message(Message {
            request_type: if is_discovery { b"SD" } else { method },
            request_resource: service,
            endpoint,
            is_async: kind == MessageKind::Single,
            ..base
        })
    }

    fn find(&self, _dir: Direction, bytes: &[u8]) -> Option<usize> {
        header(bytes).is_ok().then_some(0)
    }
}

fn direction(h: Header) -> Direction {
    match h.kind & !PART {
        // Events are sent by servers, but those who look for services speak to all.
        2 if (h.service, h.method) != DISCOVERY => Direction::ToClient,
        0..=2 => Direction::ToServer,
        _ => Direction::ToClient,
    }
}

/// Is this SOME/IP in a stream, and which way does it go?
#[inline]
pub(crate) fn probe_stream(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    match header(bytes) {
        Ok(h) if is_plausible(h) => Probe::Certain(L7Protocol::SomeIp, direction(h)),
        // There is no service 0.
        Err(Front::Short) if !bytes.starts_with(&[0, 0]) => Probe::Unsure,
        _ => Probe::NotForUs,
    }
}

/// The same of a datagram, which its messages have to fill.
#[inline]
pub(crate) fn probe_datagram(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let mut rest = bytes;
    while let Ok(h) = header(rest) {
        let len = (BEFORE + h.len) as usize;
        match rest.get(len..) {
            Some([]) if is_plausible(h) => {
                return Probe::Certain(L7Protocol::SomeIp, direction(h));
            }
            Some(behind) => rest = behind,
            None => break,
        }
    }
    Probe::NotForUs
}

/// Events are numbered from 0x8000 on, methods below; a call that is answered has a session.
fn is_plausible(h: Header) -> bool {
    let is_event = h.method >= 0x8000;
    h.service != 0 && is_event == (h.kind & !PART == 2) && h.version != 0xff
}
