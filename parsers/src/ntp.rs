//! NTP (RFC 5905), versions 3 and 4: a client's question and the server's time, by the time that the
//! client put into its question. Extensions and checksums behind the header are not looked at.

use crate::bytes::Reader;
use crate::datagram::{Datagrams, Whole};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::radius::push_address;
use crate::registry::Options;

const HEADER: usize = 48;
/// With extensions and a checksum; more is something else.
const MAX_LEN: usize = 1024;
/// Seconds between a question's arrival and its answer that are believed.
const MAX_STAY: u64 = 10;

/// Modes.
const CLIENT: u8 = 3;
const SERVER: u8 = 4;
const BROADCAST: u8 = 5;

/// The parser of one flow.
pub type Ntp = Whole<Times>;

/// What of it is NTP.
#[derive(Debug)]
pub struct Times;

impl Ntp {
    /// A parser.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self(Times)
    }
}

/// A header as far as it is used.
#[derive(Clone, Copy)]
struct Header {
    leap: u8,
    version: u8,
    mode: u8,
    stratum: u8,
    precision: i8,
    delay: u32,
    dispersion: u32,
    reference: [u8; 4],
    origin: u64,
    received: u64,
    sent: u64,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let mut r = Reader(bytes);
    let (first, stratum, _poll, precision) = (r.u8()?, r.u8()?, r.u8()?, r.u8()? as i8);
    let (delay, dispersion) = (r.u32()?, r.u32()?);
    let reference = *r.take(4)?.first_chunk::<4>()?;
    let mut time = || Some(u64::from(r.u32()?) << 32 | u64::from(r.u32()?));
    let _updated = time()?;
    let (origin, received, sent) = (time()?, time()?, time()?);
    Some(Header {
        leap: first >> 6,
        version: first >> 3 & 7,
        mode: first & 7,
        stratum,
        precision,
        delay,
        dispersion,
        reference,
        origin,
        received,
        sent,
    })
}

impl Datagrams for Times {
    fn message<'a>(
        &mut self,
        _dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let h = header(bytes)?;
        let (name, kind): (&[u8], _) = match h.mode {
            1 => (b"symmetric active", MessageKind::Single),
            2 => (b"symmetric passive", MessageKind::Single),
            CLIENT => (b"client", MessageKind::Request),
            SERVER => (b"server", MessageKind::Response),
            BROADCAST => (b"broadcast", MessageKind::Single),
            _ => return None,
        };
        let number = if h.mode == SERVER { h.origin } else { h.sent };
        let base = Message {
            kind,
            pairing: Pairing::ById(number),
            version: match h.version {
                1 => b"1",
                2 => b"2",
                3 => b"3",
                _ => b"4",
            },
            length: Some(bytes.len() as u64),
            ..Message::default()
        };
        if h.mode != SERVER {
            return Some(Message { request_type: name, endpoint: name, ..base });
        }
        let Scratch { bytes: out, facts, .. } = scratch;
        out.clear();
        facts.clear();
        crate::bytes::push_decimal(out, i64::from(h.stratum));
        facts.attribute("stratum", out);
        out.clear();
        // Beside a clock stands its name, elsewhere the address of who was asked.
        let is_name = h.stratum < 2;
        match is_name {
            true => out.extend(h.reference.iter().filter(|b| b.is_ascii_graphic())),
            false => push_address(&h.reference, out),
        }
        facts.attribute("reference", out);
        // RFC 5905 7.4: stratum 0 refuses, and says why in place of a clock.
        let refused = h.stratum == 0;
        let unset = h.leap == 3 || h.stratum >= 16;
        Some(Message {
            status: match (refused, unset) {
                (true, _) => ResponseStatus::ClientError,
                (_, true) => ResponseStatus::ServerError,
                _ => ResponseStatus::Ok,
            },
            exception: match (refused, unset) {
                (true, _) => out,
                (_, true) => b"not synchronized",
                _ => b"",
            },
            facts: Some(facts),
            ..base
        })
    }
}

/// Is this NTP, and which way does it go? Its first byte is anybody's: the other fields have to be
/// those of a clock.
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let Some(h) = header(bytes) else { return Probe::NotForUs };
    let short = |time: u32| time >> 16 < 16;
    let is_clock = (HEADER..=MAX_LEN).contains(&bytes.len())
        && bytes.len().is_multiple_of(4)
        && (1..=4).contains(&h.version)
        && h.stratum <= 16
        && (-40..=32).contains(&h.precision)
        && short(h.delay)
        && short(h.dispersion)
        && h.sent != 0;
    let dir = match h.mode {
        // A client that was never answered knows no other times; one that was, the server's.
        CLIENT if is_clock && (h.origin == 0) == (h.received == 0) => Direction::ToServer,
        SERVER
            if is_clock
                && h.origin != 0
                && (h.sent >> 32).wrapping_sub(h.received >> 32) <= MAX_STAY =>
        {
            Direction::ToClient
        }
        _ => return Probe::NotForUs,
    };
    Probe::Certain(L7Protocol::Ntp, dir)
}
