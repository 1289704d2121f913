//! ZMTP, what ZeroMQ's sockets speak (rfc.zeromq.org, 23/ZMTP 3.0, 37/ZMTP 3.1 and 15/ZMTP 2.0):
//! a greeting, then frames, of which some are commands and the others parts of messages.
//!
//! The sockets say of which type they are. Between REQ and REP a message and the next one the other
//! way are a request and its answer; everything else has no answer. What a message holds is not
//! looked at, but for the first part of one that is published: that is its topic.

mod frame;

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Parser, Probe, ResponseStatus, Scratch,
    Step,
};
use crate::registry::Options;
use frame::{Frame, Read, Socket};

/// The signature, and everything up to the end of version 3's greeting.
const SIGNATURE: usize = 10;
const GREETING: usize = 64;
/// The greeting of version 2: the signature, a revision, the socket's type.
const OLD_GREETING: usize = 12;
/// Bytes of a frame that are read.
const WINDOW: usize = 512;
/// Bytes of a topic that are kept.
const MAX_TOPIC: usize = 256;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Greeting,
    /// Version 2 says its name in a first frame.
    Identity,
    Frames,
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    counted: Counted,
    place: Place,
    socket: Socket,
    /// Bytes of a message's parts so far, when more follow.
    parts: Option<u64>,
    /// What a message that is published says first.
    topic: Vec<u8>,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Zmtp {
    sides: [Side; 2],
    /// Major and minor version of the later greeting.
    version: [u8; 2],
}

impl Zmtp {
    /// A parser in front of both greetings.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self { sides: [Side::default(), Side::default()], version: [0; 2] }
    }

    fn lose(&mut self, dir: Direction) {
        let side = &mut self.sides[dir as usize];
        side.counted.lose();
        side.parts = None;
        side.topic.clear();
        side.place = Place::Frames;
    }

    fn greeting<'a>(&mut self, dir: Direction, bytes: &[u8]) -> Step<'a> {
        match is_signature(bytes) {
            Some(false) => {
                self.lose(dir);
                return Step::Lost;
            }
            None => return Step::More,
            Some(true) => {}
        }
        let Some(&major) = bytes.get(SIGNATURE) else { return Step::More };
        let side = &mut self.sides[dir as usize];
        let used = if major >= 3 { GREETING } else { OLD_GREETING };
        if bytes.len() < used {
            return Step::More;
        }
        if major >= 3 {
            side.place = Place::Frames;
            self.version = [major, bytes[SIGNATURE + 1]];
        } else {
            side.place = Place::Identity;
            side.socket = Socket::of_number(bytes[SIGNATURE + 1]);
            self.version = [2, 0];
        }
        Step::Skip { used }
    }

    fn frame<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let frame = match frame::read(bytes) {
            Read::Frame(frame) => frame,
            Read::Short => return Step::More,
            Read::Bad => {
                self.lose(dir);
                return Step::Lost;
            }
        };
        let reads = frame.header + frame.len.min(WINDOW as u64) as usize;
        if bytes.len() < reads && !cut {
            return Step::More;
        }
        let body = &bytes[frame.header..bytes.len().min(reads)];
        let total = frame.header as u64 + frame.len;
        let used = total.min(bytes.len() as u64) as usize;
        let side = &mut self.sides[dir as usize];
        side.counted.leave(total - used as u64);
        if std::mem::replace(&mut side.place, Place::Frames) == Place::Identity {
            return Step::Skip { used };
        }
        let message = if frame.is_command {
            self.command(dir, frame, body, scratch)
        } else {
            self.part(dir, frame, body, scratch)
        };
        match message {
            Some(message) => Step::Message { used, message },
            None => Step::Skip { used },
        }
    }

    fn version_text(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(match self.version {
            [3, 0] => b"3.0",
            [3, 1] => b"3.1",
            [2, _] => b"2.0",
            _ => b"",
        });
    }

    fn command<'a>(
        &mut self,
        dir: Direction,
        frame: Frame,
        body: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let (name, rest) = frame::command(body)?;
        let mut message = Message {
            kind: MessageKind::Single,
            request_type: name,
            length: Some(frame.len),
            ..Message::default()
        };
        match name {
            // Where PLAIN asks for a password, INITIATE is the client's READY.
            b"READY" | b"INITIATE" => {
                let (socket, identity) = frame::ready(rest);
                self.sides[dir as usize].socket = Socket::of(socket);
                message.attributes[0] = ("socket_type", socket);
                message.attributes[1] = ("identity", identity);
            }
            b"SUBSCRIBE" | b"CANCEL" => message.request_resource = rest,
            b"ERROR" => {
                message.exception = rest.get(1..).unwrap_or(b"");
                message.status = match dir {
                    Direction::ToServer => ResponseStatus::ClientError,
                    Direction::ToClient => ResponseStatus::ServerError,
                };
            }
            _ => {}
        }
        self.version_text(&mut scratch.more);
        message.version = &scratch.more;
        Some(message)
    }

    fn part<'a>(
        &mut self,
        dir: Direction,
        frame: Frame,
        body: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let peer = self.sides[dir.reverse() as usize].socket;
        let side = &mut self.sides[dir as usize];
        let first = side.parts.is_none();
        let length = side.parts.unwrap_or(0).saturating_add(frame.len);
        let publishes = matches!(side.socket, Socket::Pub | Socket::XPub);
        if first && publishes && frame.more {
            side.topic.clear();
            side.topic.extend_from_slice(&body[..body.len().min(MAX_TOPIC)]);
        }
        if frame.more {
            side.parts = Some(length);
            return None;
        }
        side.parts = None;
        let Scratch { bytes, more, .. } = scratch;
        bytes.append(&mut side.topic);
        let kind = match (side.socket, peer) {
            (Socket::Req, _) | (Socket::Dealer, Socket::Rep) => MessageKind::Request,
            (Socket::Rep, _) | (Socket::Router, Socket::Req) => MessageKind::Response,
            _ => MessageKind::Single,
        };
        let subscribes = matches!(side.socket, Socket::Sub | Socket::XSub) && first;
        let (name, topic): (&[u8], &[u8]) = match body {
            // Before version 3.1 these are messages.
            [1, topic @ ..] if subscribes => (b"SUBSCRIBE", topic),
            [0, topic @ ..] if subscribes => (b"CANCEL", topic),
            _ => (b"MESSAGE", bytes),
        };
        let socket = side.socket.name();
        self.version_text(more);
        let mut message = Message {
            kind,
            version: more,
            request_type: name,
            request_resource: topic,
            endpoint: topic,
            length: Some(length),
            ..Message::default()
        };
        if kind == MessageKind::Response {
            message.status = ResponseStatus::Ok;
        }
        message.attributes[0] = ("socket_type", socket);
        Some(message)
    }
}

impl Parser for Zmtp {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        scratch.more.clear();
        let side = &mut self.sides[dir as usize];
        if side.counted.is_inside() {
            return Step::Skip { used: side.counted.skip(bytes) };
        }
        if side.counted.is_adrift() {
            return Step::Lost;
        }
        match side.place {
            Place::Greeting => self.greeting(dir, bytes),
            Place::Identity | Place::Frames => self.frame(dir, bytes, scratch, false),
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        scratch.more.clear();
        let side = &self.sides[dir as usize];
        let lost = side.counted.is_inside() || side.counted.is_adrift();
        let step = match side.place {
            Place::Frames if !lost => self.frame(dir, bytes, scratch, true),
            _ => Step::Lost,
        };
        self.lose(dir);
        match step {
            Step::Message { message, .. } => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.sides[dir as usize].counted.gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn is_duplex(&self) -> bool {
        true
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let side = &mut self.sides[dir as usize];
        if is_signature(bytes) == Some(true) {
            side.place = Place::Greeting;
        } else if !frame::is_plausible(bytes) {
            return None;
        }
        side.counted.found();
        Some(0)
    }
}

/// Do `bytes` begin with the signature? `None`: too few to tell.
fn is_signature(bytes: &[u8]) -> Option<bool> {
    let fits = bytes.iter().take(SIGNATURE + 1).enumerate().all(|(i, b)| match i {
        0 => *b == 0xff,
        // Zeros, and one more than the length of a name, for what is older than signatures.
        1..=7 => *b == 0,
        9 => *b == 0x7f,
        10 => matches!(b, 0..=4),
        _ => true,
    });
    if fits && bytes.len() < SIGNATURE { None } else { Some(fits) }
}

/// Is this ZMTP, and which way does it go? Both sides begin alike.
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    match is_signature(bytes) {
        Some(true) => Probe::Certain(L7Protocol::Zmtp, hint.unwrap_or(Direction::ToServer)),
        Some(false) => Probe::NotForUs,
        None => Probe::Unsure,
    }
}
