//! STOMP 1.0 to 1.2 (stomp.github.io): frames of lines, a body of stated length or up to a zero
//! byte. Servers answer CONNECT by CONNECTED, and a frame that asks for a receipt by RECEIPT or
//! ERROR; all other frames have no answer and are rows by themselves.

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, Probe, ResponseStatus,
    Scratch, Step,
};
use crate::registry::Options;
use crate::text;
use crate::trace::{Carried, TraceOptions};

/// Bytes of a frame's head that are read; servers take 10 KiB unless told otherwise.
const WINDOW: usize = 16 * 1024;
/// Bodies are shorter; more is a broken length.
const MAX_BODY: u64 = 1 << 30;
/// The number of the exchange that opens a connection.
const OPENING: u64 = 0;

/// Commands, and whether servers say them.
const COMMANDS: [(&[u8], bool); 15] = [
    (b"CONNECT", false),
    (b"STOMP", false),
    (b"SEND", false),
    (b"SUBSCRIBE", false),
    (b"UNSUBSCRIBE", false),
    (b"BEGIN", false),
    (b"COMMIT", false),
    (b"ABORT", false),
    (b"ACK", false),
    (b"NACK", false),
    (b"DISCONNECT", false),
    (b"CONNECTED", true),
    (b"MESSAGE", true),
    (b"RECEIPT", true),
    (b"ERROR", true),
];

/// One direction.
#[derive(Debug, Default)]
struct Side {
    counted: Counted,
    /// Inside a body that a zero byte ends.
    until_zero: bool,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Stomp {
    sides: [Side; 2],
    /// CONNECT was not answered yet.
    opening: bool,
    trace: TraceOptions,
}

/// A frame's head.
#[derive(Clone, Copy, Debug)]
struct Head<'a> {
    command: &'static [u8],
    from_server: bool,
    /// Its lines behind the command.
    lines: &'a [u8],
    /// Bytes of it with the empty line.
    len: usize,
}

enum Read<'a> {
    Short,
    Bad,
    Head(Head<'a>),
}

/// The command in front, and its length with the end of its line.
fn command(bytes: &[u8]) -> Read<'_> {
    let word = bytes.iter().take(12).take_while(|b| b.is_ascii_uppercase()).count();
    let rest = &bytes[word..];
    if matches!(rest, [] | [b'\r']) {
        let fits = COMMANDS.iter().any(|(c, _)| c.starts_with(&bytes[..word]));
        return if fits { Read::Short } else { Read::Bad };
    }
    let end = match rest {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return Read::Bad,
    };
    match COMMANDS.iter().find(|(c, _)| *c == &bytes[..word]) {
        Some(&(command, from_server)) => {
            Read::Head(Head { command, from_server, lines: b"", len: word + end })
        }
        None => Read::Bad,
    }
}

/// Reads a whole head.
fn head(bytes: &[u8], cut: bool) -> Read<'_> {
    let head = match command(bytes) {
        Read::Head(head) => head,
        other => return other,
    };
    let window = &bytes[..bytes.len().min(WINDOW)];
    let mut at = head.len;
    loop {
        let Some(n) = memchr::memchr(b'\n', &window[at..]) else {
            return match cut {
                true => Read::Head(Head { lines: &window[head.len..], len: window.len(), ..head }),
                false if window.len() == WINDOW => Read::Bad,
                false => Read::Short,
            };
        };
        let line = &window[at..at + n];
        if line.is_empty() || line == b"\r" {
            return Read::Head(Head { lines: &window[head.len..at], len: at + n + 1, ..head });
        }
        if !line.contains(&b':') || line.contains(&0) {
            return Read::Bad;
        }
        at += n + 1;
    }
}

/// FNV-1a: receipts are told apart by their texts.
fn number(receipt: &[u8]) -> u64 {
    let hash = receipt.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, b| {
        (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    hash | 1
}

impl Stomp {
    /// A parser at the start of a frame in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            sides: [Side::default(), Side::default()],
            opening: false,
            trace: options.trace.clone(),
        }
    }

    fn lose(&mut self, dir: Direction) {
        let side = &mut self.sides[dir as usize];
        side.counted.lose();
        side.until_zero = false;
    }

    fn frame<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        // Ends of lines keep a connection alive.
        let blank = bytes.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        if blank > 0 {
            return Step::Skip { used: blank };
        }
        let head = match head(bytes, cut) {
            Read::Head(head) => head,
            Read::Short => return Step::More,
            Read::Bad => {
                self.lose(dir);
                return Step::Lost;
            }
        };
        let used = head.len;
        let mut told = Told::default();
        let mut carried = Carried::default();
        for line in head.lines.split(|b| *b == b'\n') {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = (&line[..colon], text::trim_end(&line[colon + 1..]));
            if !told.set(name, value) {
                carried.offer(name, value, &self.trace);
            }
        }
        let side = &mut self.sides[dir as usize];
        let length = text::number(told.length).filter(|n| *n <= MAX_BODY);
        match length {
            // A zero byte follows.
            Some(len) => side.counted.leave(len + 1),
            None => side.until_zero = true,
        }
        carried.request_id(told.correlation);
        carried.request_id(told.message);
        let mut message = self.message(&head, &told);
        message.length = length;
        message.client_ip = carried.client_ip;
        message.trace = carried.context(&self.trace, &mut scratch.bytes);
        Step::Message { used, message }
    }

    fn message<'a>(&mut self, head: &Head<'a>, told: &Told<'a>) -> Message<'a> {
        let opens = matches!(head.command, b"CONNECT" | b"STOMP");
        let mut message = Message {
            kind: MessageKind::Single,
            pairing: Pairing::ById(u64::MAX),
            version: told.version,
            request_type: head.command,
            request_domain: told.host,
            request_resource: told.destination,
            endpoint: told.destination,
            ..Message::default()
        };
        if !head.from_server {
            if matches!(head.command, b"SUBSCRIBE" | b"UNSUBSCRIBE") {
                message.attributes[0] = ("subscription", told.id);
            }
            if opens {
                self.opening = true;
                message.kind = MessageKind::Request;
                message.pairing = Pairing::ById(OPENING);
            } else if !told.receipt.is_empty() {
                message.kind = MessageKind::Request;
                message.pairing = Pairing::ById(number(told.receipt));
            }
            return message;
        }
        let failed = head.command == b"ERROR";
        message.status = if failed { ResponseStatus::ServerError } else { ResponseStatus::Ok };
        message.exception = if failed { told.text } else { b"" };
        if head.command == b"MESSAGE" {
            message.attributes[0] = ("subscription", told.subscription);
            return message;
        }
        if !told.receipt_id.is_empty() {
            message.kind = MessageKind::Response;
            message.pairing = Pairing::ById(number(told.receipt_id));
        } else if head.command == b"CONNECTED" || std::mem::take(&mut self.opening) {
            self.opening = false;
            message.kind = MessageKind::Response;
            message.pairing = Pairing::ById(OPENING);
        }
        message
    }
}

/// What of the headers is wanted.
#[derive(Debug, Default)]
struct Told<'a> {
    destination: &'a [u8],
    host: &'a [u8],
    version: &'a [u8],
    receipt: &'a [u8],
    receipt_id: &'a [u8],
    id: &'a [u8],
    subscription: &'a [u8],
    correlation: &'a [u8],
    message: &'a [u8],
    text: &'a [u8],
    length: &'a [u8],
}

impl<'a> Told<'a> {
    /// Notes a header; `false` when it is none of these. Of repeated ones the first counts.
    fn set(&mut self, name: &[u8], value: &'a [u8]) -> bool {
        let place = match name {
            b"destination" => &mut self.destination,
            b"host" => &mut self.host,
            b"version" | b"accept-version" => &mut self.version,
            b"receipt" => &mut self.receipt,
            b"receipt-id" => &mut self.receipt_id,
            b"id" => &mut self.id,
            b"subscription" => &mut self.subscription,
            b"correlation-id" => &mut self.correlation,
            b"message-id" => &mut self.message,
            b"message" => &mut self.text,
            b"content-length" => &mut self.length,
            _ => return false,
        };
        if place.is_empty() {
            *place = value;
        }
        true
    }
}

impl Parser for Stomp {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        let side = &mut self.sides[dir as usize];
        if side.counted.is_inside() {
            return Step::Skip { used: side.counted.skip(bytes) };
        }
        if side.counted.is_adrift() {
            return Step::Lost;
        }
        if side.until_zero {
            let end = memchr::memchr(0, bytes);
            side.until_zero = end.is_none();
            return Step::Skip { used: end.map_or(bytes.len(), |n| n + 1) };
        }
        self.frame(dir, bytes, scratch, false)
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        let side = &self.sides[dir as usize];
        let at_start = !side.counted.is_inside() && !side.counted.is_adrift() && !side.until_zero;
        let step = if at_start { self.frame(dir, bytes, scratch, true) } else { Step::Lost };
        self.lose(dir);
        match step {
            Step::Message { message, .. } => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        let side = &mut self.sides[dir as usize];
        if !side.until_zero && side.counted.gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn is_duplex(&self) -> bool {
        true
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            if let Probe::Certain(_, found) = probe(rest, Some(dir))
                && found == dir
            {
                self.sides[dir as usize].counted.found();
                return Some(at);
            }
            // Frames stand behind a zero byte, and perhaps ends of lines.
            at += memchr::memchr2(0, b'\n', rest)? + 1;
        }
    }
}

/// Is this STOMP, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let head = match command(bytes) {
        Read::Head(head) => head,
        Read::Short => return Probe::Unsure,
        Read::Bad => return Probe::NotForUs,
    };
    let dir = if head.from_server { Direction::ToClient } else { Direction::ToServer };
    // A header line, or the empty line behind the last one.
    let line = &bytes[head.len..bytes.len().min(head.len + 256)];
    let end = memchr::memchr2(b':', b'\n', line);
    match end {
        Some(at) if line[..at].iter().all(|b| *b > b' ' || *b == b'\r') => {
            let empty = matches!(&line[..=at], [b'\n'] | [b'\r', b'\n']);
            let fits = line[at] == b':' && at > 0 || empty;
            if fits { Probe::Certain(L7Protocol::Stomp, dir) } else { Probe::NotForUs }
        }
        None if line.len() < 256 && line.iter().all(|b| *b > b' ' || *b == b'\r') => Probe::Unsure,
        _ => Probe::NotForUs,
    }
}
