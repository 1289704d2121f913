//! The packets of MQTT: their headers, properties, and reason codes.

use crate::bytes::Reader;
use crate::message::ResponseStatus;
use crate::trace::{Found, TraceOptions};

pub(super) const CONNECT: u8 = 1;
pub(super) const CONNACK: u8 = 2;
pub(super) const PUBLISH: u8 = 3;
pub(super) const PUBACK: u8 = 4;
pub(super) const PUBREC: u8 = 5;
pub(super) const PUBREL: u8 = 6;
pub(super) const PUBCOMP: u8 = 7;
pub(super) const SUBSCRIBE: u8 = 8;
pub(super) const SUBACK: u8 = 9;
pub(super) const UNSUBSCRIBE: u8 = 10;
pub(super) const UNSUBACK: u8 = 11;
pub(super) const PINGREQ: u8 = 12;
pub(super) const PINGRESP: u8 = 13;
pub(super) const DISCONNECT: u8 = 14;
pub(super) const AUTH: u8 = 15;

/// By kind.
pub(super) const NAMES: [&[u8]; 16] = [
    b"",
    b"CONNECT",
    b"CONNACK",
    b"PUBLISH",
    b"PUBACK",
    b"PUBREC",
    b"PUBREL",
    b"PUBCOMP",
    b"SUBSCRIBE",
    b"SUBACK",
    b"UNSUBSCRIBE",
    b"UNSUBACK",
    b"PINGREQ",
    b"PINGRESP",
    b"DISCONNECT",
    b"AUTH",
];

/// A packet's fixed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) flags: u8,
    /// Bytes of the header, and of the whole packet.
    pub(super) len: usize,
    pub(super) whole: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Short,
    Bad,
}

impl Header {
    pub(super) const fn qos(self) -> u8 {
        self.flags >> 1 & 3
    }
}

/// Reads the fixed header of the packet that begins with `bytes`.
#[inline]
pub(super) fn header(bytes: &[u8]) -> Result<Header, Wrong> {
    let &[first, ref rest @ ..] = bytes else { return Err(Wrong::Short) };
    let (kind, flags) = (first >> 4, first & 15);
    let wanted = if matches!(kind, PUBREL | SUBSCRIBE | UNSUBSCRIBE) { 2 } else { 0 };
    if kind == 0 || kind != PUBLISH && flags != wanted || kind == PUBLISH && flags >> 1 & 3 == 3 {
        return Err(Wrong::Bad);
    }
    let mut left = 0;
    for (i, b) in rest.iter().take(4).enumerate() {
        left |= usize::from(b & 0x7f) << (7 * i);
        if b & 0x80 == 0 {
            let len = i + 2;
            let least = match kind {
                CONNECT => 10,
                PUBLISH | CONNACK | PUBACK | PUBREC | PUBREL | PUBCOMP | UNSUBACK => 2,
                SUBSCRIBE | UNSUBSCRIBE => 5,
                SUBACK => 3,
                _ => 0,
            };
            let most = match kind {
                PINGREQ | PINGRESP => 0,
                _ => usize::MAX,
            };
            return match (least..=most).contains(&left) {
                true => Ok(Header { kind, flags, len, whole: len + left }),
                false => Err(Wrong::Bad),
            };
        }
    }
    Err(if rest.len() < 4 { Wrong::Short } else { Wrong::Bad })
}

/// What the properties of a packet (MQTT 5) say.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    pub(super) reason: &'a [u8],
    pub(super) client: &'a [u8],
    pub(super) answer_to: &'a [u8],
    pub(super) alias: u16,
    pub(super) trace: Found<'a>,
    pub(super) x_request_id: &'a [u8],
}

/// Reads properties as far as they are there; `None` where they cannot be any.
pub(super) fn properties<'a>(r: &mut Reader<'a>, options: &TraceOptions) -> Option<Properties<'a>> {
    let mut found = Properties::default();
    let len = r.varint()? as usize;
    let mut p = Reader(&r.0[..len.min(r.0.len())]);
    let cut = len > r.0.len();
    r.0 = &r.0[p.0.len()..];
    while !p.0.is_empty() {
        if property(&mut p, options, &mut found).is_none() {
            return cut.then_some(found);
        }
    }
    Some(found)
}

fn property<'a>(
    p: &mut Reader<'a>,
    options: &TraceOptions,
    found: &mut Properties<'a>,
) -> Option<()> {
    match p.u8()? {
        1 | 23 | 25 | 36 | 37 | 40..=42 => drop(p.u8()?),
        19 | 33 | 34 => drop(p.u16()?),
        2 | 17 | 24 | 39 => drop(p.u32()?),
        11 => drop(p.varint()?),
        3 | 9 | 21 | 22 | 26 | 28 => drop(p.text16()?),
        8 => found.answer_to = p.text16()?,
        18 => found.client = p.text16()?,
        31 => found.reason = p.text16()?,
        35 => found.alias = p.u16()?,
        38 => {
            let (name, value) = (p.text16()?, p.text16()?);
            found.trace.offer(name, value, options);
            if name.eq_ignore_ascii_case(b"x-request-id") {
                found.x_request_id = value;
            }
        }
        _ => return None,
    }
    Some(())
}

/// What a return code of a `CONNACK` before MQTT 5 means.
pub(super) fn refusal(code: u8) -> (&'static [u8], ResponseStatus) {
    use ResponseStatus::{ClientError, Ok, ServerError};
    match code {
        0 => (b"", Ok),
        1 => (b"Unacceptable protocol version", ClientError),
        2 => (b"Identifier rejected", ClientError),
        3 => (b"Server unavailable", ServerError),
        4 => (b"Bad user name or password", ClientError),
        5 => (b"Not authorized", ClientError),
        _ => (b"", ClientError),
    }
}

/// What a reason code of MQTT 5 means.
pub(super) fn reason(code: u8) -> (&'static [u8], ResponseStatus) {
    use ResponseStatus::{ClientError, Ok, ServerError};
    let text: &[u8] = match code {
        0x80 => b"Unspecified error",
        0x81 => b"Malformed packet",
        0x82 => b"Protocol error",
        0x83 => b"Implementation specific error",
        0x84 => b"Unsupported protocol version",
        0x85 => b"Client identifier not valid",
        0x86 => b"Bad user name or password",
        0x87 => b"Not authorized",
        0x88 => b"Server unavailable",
        0x89 => b"Server busy",
        0x8a => b"Banned",
        0x8b => b"Server shutting down",
        0x8c => b"Bad authentication method",
        0x8d => b"Keep alive timeout",
        0x8e => b"Session taken over",
        0x8f => b"Topic filter invalid",
        0x90 => b"Topic name invalid",
        0x91 => b"Packet identifier in use",
        0x92 => b"Packet identifier not found",
        0x93 => b"Receive maximum exceeded",
        0x94 => b"Topic alias invalid",
        0x95 => b"Packet too large",
        0x96 => b"Message rate too high",
        0x97 => b"Quota exceeded",
        0x98 => b"Administrative action",
        0x99 => b"Payload format invalid",
        0x9a => b"Retain not supported",
        0x9b => b"QoS not supported",
        0x9c => b"Use another server",
        0x9d => b"Server moved",
        0x9e => b"Shared subscriptions not supported",
        0x9f => b"Connection rate exceeded",
        0xa0 => b"Maximum connect time",
        0xa1 => b"Subscription identifiers not supported",
        0xa2 => b"Wildcard subscriptions not supported",
        _ => b"",
    };
    let status = match code {
        0..=0x7f => Ok,
        0x80 | 0x83 | 0x88 | 0x89 | 0x8b | 0x9c | 0x9d | 0x9f => ServerError,
        _ => ClientError,
    };
    (text, status)
}

/// Is this the name of a topic, or a filter for some?
pub(super) fn is_topic(topic: &[u8], filter: bool) -> bool {
    let plain = |b: &u8| *b >= b' ' && *b != 0x7f && (filter || !matches!(b, b'+' | b'#'));
    topic.iter().all(plain) && std::str::from_utf8(topic).is_ok()
}

/// The filters of a `SUBSCRIBE` or `UNSUBSCRIBE`, each with its options if it is the first.
pub(super) struct Filters<'a> {
    pub(super) rest: Reader<'a>,
    pub(super) options: bool,
}

impl<'a> Iterator for Filters<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let filter = self.rest.text16()?;
        if self.options {
            self.rest.u8()?;
        }
        Some(filter)
    }
}
