//! WebSocket (RFC 6455) after the upgrade from HTTP/1: frames are counted, their content is not
//! looked at, and one message at the end tells how much was said and how the connection ended.
//! Nothing in the protocol marks a connection that was joined late, so only upgrades are followed.

use crate::message::{
    Carrier, Direction, Message, MessageKind, Parser, ResponseStatus, Scratch, Step,
};
use crate::registry;

/// Bytes kept of the host and of the path that were asked for.
const MAX_TEXT: usize = 1024;
/// The longest frame header.
const MAX_HEADER: usize = 14;
/// Payload of a control frame at most (RFC 6455 5.5).
const MAX_CONTROL: u64 = 125;
/// How far into some bytes frames are looked for after a loss.
const MAX_SEARCH: usize = 4096;
/// What a connection without a closing handshake ended with (RFC 6455 7.1.5).
const ABNORMAL: i32 = 1006;

const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What the request asked for that became a WebSocket.
#[derive(Debug, Default)]
pub(crate) struct Upgrade {
    host: Box<[u8]>,
    resource: Box<[u8]>,
    endpoint: usize,
}

impl Upgrade {
    /// `endpoint` is the front of `resource`.
    pub(crate) fn new(host: &[u8], resource: &[u8], endpoint: &[u8]) -> Self {
        let cut = |text: &[u8]| Box::from(&text[..text.len().min(MAX_TEXT)]);
        Self {
            host: cut(host),
            resource: cut(resource),
            endpoint: endpoint.len().min(resource.len()).min(MAX_TEXT),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Frame,
    /// In a payload, so many bytes of it left.
    Payload(u64),
    /// Unknown, until a resync.
    Adrift,
}

/// One direction.
#[derive(Debug, Default)]
struct Half {
    place: Place,
    frames: u64,
    /// Frames that end a text or binary message.
    messages: u64,
    pings: u64,
    bytes: u64,
    closed: bool,
    finished: bool,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct WebSocket {
    upgrade: Upgrade,
    to_server: Half,
    to_client: Half,
    /// The first closing frame: from whom, code, reason.
    close: Option<(Direction, u16, Box<[u8]>)>,
    told: bool,
}

/// A frame's header.
#[derive(Clone, Copy, Debug)]
struct Frame {
    fin: bool,
    opcode: u8,
    mask: Option<[u8; 4]>,
    header: usize,
    len: u64,
}

enum Read {
    Frame(Frame),
    Short,
    Invalid,
}

impl Frame {
    fn read(dir: Direction, bytes: &[u8]) -> Read {
        let [first, rest @ ..] = bytes else { return Read::Short };
        let (fin, reserved, opcode) = (first & 0x80 != 0, first & 0x30, first & 0x0f);
        // RSV1 is compression's; the others belong to nobody.
        if reserved != 0 || !matches!(opcode, 0..=2 | CLOSE..=PONG) {
            return Read::Invalid;
        }
        let [second, rest @ ..] = rest else { return Read::Short };
        let masked = second & 0x80 != 0;
        let short = second & 0x7f;
        let control = opcode >= CLOSE;
        // Only and all frames of a client are masked (RFC 6455 5.1).
        if masked != (dir == Direction::ToServer) || control && (!fin || short > MAX_CONTROL as u8)
        {
            return Read::Invalid;
        }
        let (len, rest) = match short {
            126 => match rest.split_first_chunk::<2>() {
                Some((len, rest)) => (u64::from(u16::from_be_bytes(*len)), rest),
                None => return Read::Short,
            },
            127 => match rest.split_first_chunk::<8>() {
                Some((len, rest)) => (u64::from_be_bytes(*len), rest),
                None => return Read::Short,
            },
            len => (u64::from(len), rest),
        };
        // The shortest form is to be used.
        let least = [0, 126, 1 << 16][usize::from(short >= 126) + usize::from(short == 127)];
        if len < least || len > i64::MAX as u64 {
            return Read::Invalid;
        }
        let (mask, rest) = match (masked, rest.split_first_chunk::<4>()) {
            (false, _) => (None, rest),
            (true, Some((mask, rest))) => (Some(*mask), rest),
            (true, None) => return Read::Short,
        };
        Read::Frame(Self { fin, opcode, mask, header: bytes.len() - rest.len(), len })
    }
}

impl WebSocket {
    /// A parser at the start of a frame in both directions.
    pub fn new(_options: &registry::Options, _carrier: Carrier) -> Self {
        Self {
            upgrade: Upgrade::default(),
            to_server: Half::default(),
            to_client: Half::default(),
            close: None,
            told: false,
        }
    }

    pub(crate) fn upgraded(&mut self, upgrade: Upgrade) {
        self.upgrade = upgrade;
    }

    fn half(&mut self, dir: Direction) -> &mut Half {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// How it went, once.
    fn tell<'a>(&mut self, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        if std::mem::replace(&mut self.told, true) {
            return None;
        }
        let Scratch { bytes, facts, .. } = scratch;
        bytes.clear();
        facts.clear();
        let (up, down) = (&self.to_server, &self.to_client);
        for (name, value) in [
            ("client_frames", up.frames),
            ("server_frames", down.frames),
            ("client_messages", up.messages),
            ("server_messages", down.messages),
            ("client_pings", up.pings),
            ("server_pings", down.pings),
        ] {
            facts.metric(name, value as f64);
        }
        let (code, status, reason): (_, _, &[u8]) = match &self.close {
            Some((by, code, reason)) => (i32::from(*code), outcome(*by, *code), reason),
            None => (ABNORMAL, ResponseStatus::Unknown, b"no closing handshake"),
        };
        let u = &self.upgrade;
        let ends = [&u.host, &u.resource, reason].map(|text| {
            bytes.extend_from_slice(text);
            bytes.len()
        });
        let text: &'a [u8] = bytes;
        let resource = &text[ends[0]..ends[1]];
        Some(Message {
            kind: MessageKind::Single,
            version: b"13",
            request_type: b"CLOSE",
            request_domain: &text[..ends[0]],
            request_resource: resource,
            endpoint: &resource[..u.endpoint],
            status,
            response_code: Some(code),
            exception: if status == ResponseStatus::Ok { b"" } else { &text[ends[1]..] },
            result: if status == ResponseStatus::Ok { &text[ends[1]..] } else { b"" },
            length: Some(up.bytes),
            response_length: Some(down.bytes),
            facts: Some(facts),
            ..Message::default()
        })
    }
}

/// What a code says (RFC 6455 7.4.1): who sends one of protocol, data, policy or size blames the
/// other side.
fn outcome(by: Direction, code: u16) -> ResponseStatus {
    match (code, by) {
        (1000 | 1001 | 1005 | 3000..=4999, _) => ResponseStatus::Ok,
        (1002 | 1003 | 1007..=1010, Direction::ToClient) => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    }
}

impl Parser for WebSocket {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let half = self.half(dir);
        match half.place {
            Place::Frame => {}
            Place::Payload(left) => {
                let used = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                half.place = match left - used as u64 {
                    0 => Place::Frame,
                    left => Place::Payload(left),
                };
                return Step::Skip { used };
            }
            Place::Adrift => return Step::Lost,
        }
        let frame = match Frame::read(dir, bytes) {
            Read::Frame(frame) => frame,
            Read::Short if bytes.len() < MAX_HEADER => return Step::More,
            Read::Short | Read::Invalid => {
                half.place = Place::Adrift;
                return Step::Lost;
            }
        };
        let payload = &bytes[frame.header..];
        if frame.opcode == CLOSE && (payload.len() as u64) < frame.len {
            return Step::More;
        }
        half.frames += 1;
        half.bytes += frame.len;
        half.messages += u64::from(frame.fin && frame.opcode < CLOSE);
        half.pings += u64::from(frame.opcode == PING);
        if frame.opcode != CLOSE {
            let used = payload.len().min(usize::try_from(frame.len).unwrap_or(usize::MAX));
            let left = frame.len - used as u64;
            half.place = if left > 0 { Place::Payload(left) } else { Place::Frame };
            return Step::Skip { used: frame.header + used };
        }
        half.closed = true;
        let used = frame.header + frame.len as usize;
        if self.close.is_none() {
            let mask = frame.mask.unwrap_or_default();
            let plain: Vec<u8> = payload[..frame.len as usize]
                .iter()
                .zip(mask.iter().cycle())
                .map(|(b, m)| b ^ m)
                .collect();
            let (code, reason) = match plain.split_first_chunk::<2>() {
                Some((code, reason)) => (u16::from_be_bytes(*code), reason),
                None => (1005, &b""[..]),
            };
            self.close = Some((dir, code, Box::from(reason)));
        }
        let over = self.to_server.closed && self.to_client.closed;
        match over.then(|| self.tell(scratch)).flatten() {
            Some(message) => Step::Message { used, message },
            None => Step::Skip { used },
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        let half = self.half(dir);
        half.place = match half.place {
            Place::Payload(left) if len < left => Place::Payload(left - len),
            Place::Payload(left) if len == left => Place::Frame,
            _ => Place::Adrift,
        };
        half.place != Place::Adrift
    }

    /// Two frames in a row, or one up to the end.
    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let begins = |at: &usize| {
            let Read::Frame(first) = Frame::read(dir, &bytes[*at..]) else { return false };
            let len = usize::try_from(first.len).unwrap_or(usize::MAX);
            match bytes[at + first.header..].get(len..) {
                Some([]) => true,
                Some(rest) => matches!(Frame::read(dir, rest), Read::Frame(_)),
                None => false,
            }
        };
        let at = (0..bytes.len().min(MAX_SEARCH)).find(begins)?;
        self.half(dir).place = Place::Frame;
        Some(at)
    }

    fn finish<'a>(&mut self, dir: Direction, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        self.half(dir).finished = true;
        let over = self.to_server.finished && self.to_client.finished;
        if over { self.tell(scratch) } else { None }
    }
}
