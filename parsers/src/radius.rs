//! RADIUS (RFC 2865, 2866, 5176): requests of a NAS and what the server decides, by their number.
//! Attributes are read for names; passwords and keys among them are never looked at.

use crate::datagram::{Datagrams, Whole};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::registry::Options;

const HEADER: usize = 20;
const MAX_LEN: usize = 4096;

/// Attributes.
const USER_NAME: u8 = 1;
const NAS_ADDRESS: u8 = 4;
const REPLY_MESSAGE: u8 = 18;
const CALLING_STATION: u8 = 31;
const NAS_IDENTIFIER: u8 = 32;
const ACCOUNTING_STATUS: u8 = 40;
const SESSION: u8 = 44;

/// The parser of one flow.
pub type Radius = Whole<Decisions>;

/// What of it is RADIUS.
#[derive(Debug)]
pub struct Decisions;

impl Radius {
    /// A parser.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self(Decisions)
    }
}

/// The name of a code and, for answers, how it went.
fn named(code: u8) -> Option<(&'static [u8], Option<ResponseStatus>)> {
    use ResponseStatus::{ClientError, Ok};
    Some(match code {
        1 => (b"Access-Request", None),
        2 => (b"Access-Accept", Some(Ok)),
        3 => (b"Access-Reject", Some(ClientError)),
        4 => (b"Accounting-Request", None),
        5 => (b"Accounting-Response", Some(Ok)),
        11 => (b"Access-Challenge", Some(Ok)),
        12 => (b"Status-Server", None),
        13 => (b"Status-Client", None),
        40 => (b"Disconnect-Request", None),
        41 => (b"Disconnect-ACK", Some(Ok)),
        42 => (b"Disconnect-NAK", Some(ClientError)),
        43 => (b"CoA-Request", None),
        44 => (b"CoA-ACK", Some(Ok)),
        45 => (b"CoA-NAK", Some(ClientError)),
        _ => return None,
    })
}

/// The attributes behind a header: type and value.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [kind, len, ..] = *self.0 else { return None };
        let (attribute, rest) = self.0.split_at_checked(usize::from(len))?;
        self.0 = rest;
        Some((kind, attribute.get(2..)?))
    }
}

fn length(bytes: &[u8]) -> Option<usize> {
    let len = usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    (HEADER..=MAX_LEN).contains(&len).then_some(len)
}

fn accounting(value: &[u8]) -> &'static [u8] {
    match value {
        [0, 0, 0, 1] => b"Start",
        [0, 0, 0, 2] => b"Stop",
        [0, 0, 0, 3] => b"Interim-Update",
        [0, 0, 0, 7] => b"Accounting-On",
        [0, 0, 0, 8] => b"Accounting-Off",
        _ => b"",
    }
}

impl Datagrams for Decisions {
    fn message<'a>(
        &mut self,
        _dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let [code, id, ..] = *bytes else { return None };
        let (name, status) = named(code)?;
        let len = length(bytes)?;
        let out = &mut scratch.bytes;
        out.clear();
        let [mut user, mut nas, mut station, mut session, mut reply]: [&[u8]; 5] = [b""; 5];
        let mut phase: &[u8] = b"";
        for (kind, value) in Attributes(bytes.get(HEADER..len.min(bytes.len())).unwrap_or(b"")) {
            match kind {
                USER_NAME => user = value,
                NAS_IDENTIFIER => nas = value,
                NAS_ADDRESS if out.is_empty() => push_address(value, out),
                CALLING_STATION => station = value,
                SESSION => session = value,
                REPLY_MESSAGE => reply = value,
                ACCOUNTING_STATUS => phase = accounting(value),
                _ => {}
            }
        }
        let base = Message {
            pairing: Pairing::ById(u64::from(id)),
            request_id: Some(u64::from(id)),
            length: Some(len as u64),
            ..Message::default()
        };
        let Some(status) = status else {
            return Some(Message {
                kind: MessageKind::Request,
                request_type: name,
                request_domain: if nas.is_empty() { out } else { nas },
                request_resource: user,
                endpoint: name,
                attributes: [
                    ("calling_station", station),
                    ("accounting_status", phase),
                    ("session", session),
                    ("", b""),
                ],
                ..base
            });
        };
        let ok = status == ResponseStatus::Ok;
        scratch.facts.clear();
        scratch.facts.attribute("decision", name);
        Some(Message {
            kind: MessageKind::Response,
            status,
            response_code: Some(i32::from(code)),
            exception: if ok { b"" } else { reply },
            result: if ok { reply } else { b"" },
            facts: Some(&scratch.facts),
            ..base
        })
    }
}

/// Appends an IPv4 address.
pub(crate) fn push_address(value: &[u8], out: &mut Vec<u8>) {
    if value.len() != 4 {
        return;
    }
    for (n, b) in value.iter().enumerate() {
        if n > 0 {
            out.push(b'.');
        }
        crate::bytes::push_decimal(out, i64::from(*b));
    }
}

/// Is this RADIUS, and which way does it go? The length has to be that of the datagram, and
/// attributes have to fill it.
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let named = bytes.first().and_then(|code| named(*code));
    let (Some((_, status)), Some(len)) = (named, length(bytes)) else { return Probe::NotForUs };
    if len != bytes.len() {
        return Probe::NotForUs;
    }
    let mut attributes = Attributes(&bytes[HEADER..]);
    let known = attributes.by_ref().all(|(kind, value)| kind != 0 && !value.is_empty());
    let is_whole = known && attributes.0.is_empty();
    // A request says for whom it is; zeros are no authenticator.
    let fits =
        is_whole && (status.is_some() || len > HEADER) && bytes[4..HEADER].iter().any(|b| *b != 0);
    let dir = if status.is_some() { Direction::ToClient } else { Direction::ToServer };
    if fits { Probe::Certain(L7Protocol::Radius, dir) } else { Probe::NotForUs }
}
