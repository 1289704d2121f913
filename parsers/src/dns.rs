//! DNS (RFC 1035 and successors) over UDP and over TCP, mDNS (RFC 6762) and LLMNR (RFC 4795),
//! which share its format.
//!
//! A datagram is one message; in a stream each message follows its length in two bytes. A
//! message is read from its first [`MAX_READ`] bytes: header, question, the text of the answers
//! (`rdata.rs`), the extended response code. `name.rs` undoes name compression, `detect.rs`
//! tells DNS from anything else, `codes.rs` has the names of types and codes.

mod codes;
mod detect;
mod name;
mod rdata;

pub(crate) use detect::{probe_datagram, probe_stream};

use crate::message::{
    Carrier, Direction, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch, Step,
};
use crate::registry;

/// A message longer than this is read from its first part only, and the rest skipped by count:
/// zone transfers fill messages of 64 KiB, which no flow may hold.
pub const MAX_READ: usize = 4 * 1024;

/// Header length (RFC 1035 4.1.1).
const HEADER: usize = 12;
/// Records looked at behind the answers, in search of EDNS.
const MAX_RECORDS: usize = 128;
/// Questions in one message. Only mDNS asks more than one at once (RFC 6762 5.3).
const MAX_QUESTIONS: u16 = 32;

/// The fixed header.
#[derive(Clone, Copy, Debug)]
struct Header {
    id: u16,
    flags: u16,
    questions: u16,
    answers: u16,
    authorities: u16,
    additionals: u16,
}

impl Header {
    #[inline]
    fn read(bytes: &[u8]) -> Option<Self> {
        let h = bytes.first_chunk::<HEADER>()?;
        let at = |i: usize| u16::from_be_bytes([h[i], h[i + 1]]);
        Some(Self {
            id: at(0),
            flags: at(2),
            questions: at(4),
            answers: at(6),
            authorities: at(8),
            additionals: at(10),
        })
    }

    fn is_response(self) -> bool {
        self.flags & 0x8000 != 0
    }

    fn opcode(self) -> u16 {
        self.flags >> 11 & 0x0f
    }

    fn rcode(self) -> u16 {
        self.flags & 0x0f
    }

    /// mDNS messages have no id (RFC 6762 18.1).
    fn max_questions(self) -> u16 {
        if self.id == 0 { MAX_QUESTIONS } else { 1 }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At a message.
    #[default]
    Message,
    /// In the unread rest of one, this many bytes of it left.
    Rest(u32),
    /// Unknown, until a resync.
    Adrift,
}

/// The parser of one flow.
#[derive(Debug)]
pub struct Dns {
    is_datagram: bool,
    to_server: Place,
    to_client: Place,
    /// A zone transfer is being answered under this id: further responses continue it.
    transfer: Option<u16>,
}

impl Dns {
    /// A parser at the start of a message in both directions.
    pub fn new(_options: &registry::Options, carrier: Carrier) -> Self {
        let is_datagram = carrier == Carrier::Udp;
        Self { is_datagram, to_server: Place::Message, to_client: Place::Message, transfer: None }
    }

    fn place(&mut self, dir: Direction) -> &mut Place {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// Reads one message, of which `bytes` hold at least the beginning. `len` is its length.
    #[inline]
    fn message<'a>(
        &mut self,
        bytes: &'a [u8],
        len: usize,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let header = Header::read(bytes)?;
        if header.questions > header.max_questions() {
            return None;
        }
        let out = &mut scratch.bytes;
        let mut at = HEADER;
        let (mut qtype, mut name_end) = (0, 0);
        if header.questions > 0 {
            at = name::read(bytes, at, out)?;
            name_end = out.len();
            qtype = be16(bytes, at)?;
            at += 4;
        }
        let type_text: &'static [u8] = match header.opcode() {
            codes::NOTIFY => b"NOTIFY",
            codes::UPDATE => b"UPDATE",
            _ if header.questions == 0 => b"",
            _ => codes::type_name(qtype),
        };
        // A type without a name is written out behind the queried name.
        let mut type_end = name_end;
        if type_text.is_empty() && header.questions > 0 {
            out.extend_from_slice(b"TYPE");
            rdata::number(u32::from(qtype), out);
            type_end = out.len();
        }
        let mut message = Message {
            pairing: Pairing::ById(u64::from(header.id)),
            request_id: Some(u64::from(header.id)),
            length: Some(len as u64),
            ..Message::default()
        };
        let response = header.is_response();
        if response {
            let rcode = rdata::answers(bytes, at, header, out);
            message.kind = MessageKind::Response;
            message.response_code = Some(i32::from(rcode));
            message.status = match rcode {
                0 => ResponseStatus::Ok,
                1 | 3 => ResponseStatus::ClientError,
                _ => ResponseStatus::ServerError,
            };
            if rcode != 0 {
                message.exception = codes::rcode_name(rcode);
            }
            if self.continues_transfer(header, qtype) {
                message.kind = MessageKind::Interim;
            }
        } else if self.transfer == Some(header.id) {
            self.transfer = None;
        }
        let text: &'a [u8] = &scratch.bytes;
        // In front of each text in scratch stands one separator byte.
        let name = text.get(1..name_end).unwrap_or(b"");
        message.request_type =
            if type_text.is_empty() { &text[name_end..type_end] } else { type_text };
        message.request_domain = name;
        message.request_resource = name;
        message.endpoint = name;
        message.result = text.get(type_end + 1..).unwrap_or(b"");
        Some(message)
    }

    /// A transfer is answered by several messages; only the first must repeat the question
    /// (RFC 5936 2.2).
    fn continues_transfer(&mut self, header: Header, qtype: u16) -> bool {
        let is_transfer = matches!(qtype, codes::AXFR | codes::IXFR);
        let same = self.transfer == Some(header.id) && (header.questions == 0 || is_transfer);
        if !self.is_datagram && !same {
            self.transfer = is_transfer.then_some(header.id);
        }
        same
    }
}

impl Parser for Dns {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        if self.is_datagram {
            let front = &bytes[..bytes.len().min(MAX_READ)];
            return match self.message(front, bytes.len(), scratch) {
                Some(message) => Step::Message { used: bytes.len(), message },
                None => Step::Lost,
            };
        }
        match *self.place(dir) {
            Place::Message => {}
            Place::Rest(_) if bytes.is_empty() => return Step::More,
            Place::Rest(left) => {
                let used = (left as usize).min(bytes.len());
                *self.place(dir) = match left - used as u32 {
                    0 => Place::Message,
                    left => Place::Rest(left),
                };
                return Step::Skip { used };
            }
            Place::Adrift => return Step::Lost,
        }
        let Some(len) = be16(bytes, 0).map(usize::from) else { return Step::More };
        let read = len.min(MAX_READ);
        let message = match bytes.get(2..2 + read) {
            None if len >= HEADER => return Step::More,
            None => None,
            Some(front) => self.message(front, len, scratch),
        };
        match message {
            Some(message) => {
                if len > read {
                    *self.place(dir) = Place::Rest((len - read) as u32);
                }
                Step::Message { used: 2 + read, message }
            }
            None => {
                *self.place(dir) = Place::Adrift;
                Step::Lost
            }
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        if self.is_datagram {
            return None;
        }
        let at_message = *self.place(dir) == Place::Message;
        *self.place(dir) = Place::Adrift;
        let len = usize::from(be16(bytes, 0).filter(|_| at_message)?);
        self.message(bytes.get(2..)?, len, scratch)
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        let is_datagram = self.is_datagram;
        let place = self.place(dir);
        *place = match *place {
            _ if is_datagram => Place::Message,
            Place::Rest(left) if len < u64::from(left) => Place::Rest(left - len as u32),
            Place::Rest(left) if len == u64::from(left) => Place::Message,
            _ => Place::Adrift,
        };
        *place != Place::Adrift
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = if self.is_datagram { 0 } else { detect::find_start(dir, bytes)? };
        *self.place(dir) = Place::Message;
        Some(at)
    }
}

/// Big-endian 16 bits at `at`.
#[inline]
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*pair))
}
