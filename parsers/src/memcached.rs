//! Memcached: the text protocol with its meta commands, the binary protocol, and text over UDP.
//!
//! Text (`text.rs`): a line, behind which a value of stated length may follow; answers are lines
//! and values too, in the order of the requests. Binary (`binary.rs`): headers of 24 bytes with
//! the command's number, which answers repeat. Which of the two a connection speaks, its first
//! byte tells. Requests that want no answer are rows of their own; an answer that the server
//! sends to one all the same is skipped. Values are never read. `detect.rs` tells Memcached from
//! anything else.

mod binary;
mod detect;
mod text;

pub(crate) use detect::{probe_datagram, probe_stream};

use crate::counted::Counted;
use crate::message::{Carrier, Direction, Message, MessageKind, Pairing, Parser, Scratch, Step};
use crate::registry::Options;
use std::collections::VecDeque;

/// Bytes of a line that are read; keys have at most 250, but one line may hold many.
const MAX_LINE: usize = 4 * 1024;
/// Requests without an answer that are told apart.
const MAX_WAITING: usize = 4096;
/// Length of the header in front of a datagram (protocol.txt, "UDP protocol").
const FRAME: usize = 8;

/// What one side says next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The first byte of a request or answer, or of a further line of one.
    #[default]
    Start,
    /// The rest of a line that was too long to be read.
    Line,
}

/// The parser of one flow.
#[derive(Debug)]
pub struct Memcached {
    is_datagram: bool,
    to_server: Counted,
    to_client: Counted,
    places: [Place; 2],
    /// Requests whose answers have to be told apart, oldest first.
    waiting: VecDeque<Waiting>,
    /// Inside an answer of several parts, and its bytes so far.
    answering: Option<u64>,
    /// The server sends lines that nobody asked for one by one.
    watched: bool,
    /// A request came after the place among the answers was lost.
    asked: bool,
}

/// A request that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// An ordinary one of the text protocol.
    Text,
    /// A meta command that is only answered when there is something to say.
    Quiet,
    /// `mn`: all before it are answered.
    Barrier,
    /// Of the binary protocol, by the command's number.
    Binary(u8),
}

impl Memcached {
    /// A parser at the start of a request and an answer.
    pub fn new(_options: &Options, carrier: Carrier) -> Self {
        Self {
            is_datagram: carrier.is_datagram(),
            to_server: Counted::default(),
            to_client: Counted::default(),
            places: [Place::Start; 2],
            waiting: VecDeque::new(),
            answering: None,
            watched: false,
            asked: false,
        }
    }

    fn side(&mut self, dir: Direction) -> &mut Counted {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lose(&mut self, dir: Direction) {
        self.side(dir).lose();
        self.places[dir as usize] = Place::Start;
        if dir == Direction::ToClient {
            self.asked = false;
            self.answering = None;
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.lose(dir);
        Step::Lost
    }

    fn ask(&mut self, what: Waiting) {
        if self.to_client.is_adrift() && !self.asked {
            // The answers before this one are lost, or it would not be asked.
            self.waiting.clear();
        }
        self.asked = true;
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(what);
        }
    }

    fn line_request<'a>(
        &mut self,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let (line, used) = match text::line(bytes, cut) {
            text::Line::Whole(line, used) => (line, used),
            text::Line::Long(line, used) => {
                self.places[Direction::ToServer as usize] = Place::Line;
                (line, used)
            }
            text::Line::Short => return Step::More,
            text::Line::Bad => return self.lost(Direction::ToServer),
        };
        let Some(request) = text::request(line) else { return Step::Skip { used } };
        self.to_server.leave(request.value);
        self.watched |= request.watches;
        let kind = if request.silent {
            MessageKind::Single
        } else {
            self.ask(request.waiting);
            MessageKind::Request
        };
        let kind = if request.waiting == Waiting::Quiet { MessageKind::Single } else { kind };
        let length = Some(used as u64 + request.value);
        let message = Message { kind, length, ..request.message(&mut scratch.bytes) };
        Step::Message { used, message }
    }

    fn line_answer<'a>(&mut self, bytes: &'a [u8], cut: bool) -> Step<'a> {
        let (line, used) = match text::line(bytes, cut) {
            text::Line::Whole(line, used) => (line, used),
            text::Line::Long(line, used) => {
                self.places[Direction::ToClient as usize] = Place::Line;
                (line, used)
            }
            text::Line::Short => return Step::More,
            text::Line::Bad => return self.lost(Direction::ToClient),
        };
        let Some(answer) = text::answer(line) else { return self.lost(Direction::ToClient) };
        self.to_client.leave(answer.value);
        let length = used as u64 + answer.value;
        if let Some(so_far) = self.answering.as_mut() {
            *so_far += length;
            // A failure ends an answer of several parts as well.
            if answer.continues {
                return Step::Skip { used };
            }
            let length = self.answering.take();
            let failed = answer.failed();
            let end = if failed { answer.message() } else { Message::default() };
            return Step::Message {
                used,
                message: Message { kind: MessageKind::End, length, ..end },
            };
        }
        if !self.answers(answer.is_barrier) {
            return Step::Skip { used };
        }
        let end_follows = answer.continues;
        self.answering = end_follows.then_some(length);
        let length = (!end_follows).then_some(length);
        Step::Message { used, message: Message { length, end_follows, ..answer.message() } }
    }

    /// Does an answer belong to a request that waits for one?
    fn answers(&mut self, is_barrier: bool) -> bool {
        while let Some(next) = self.waiting.front().copied() {
            match next {
                Waiting::Quiet if is_barrier => {
                    self.waiting.pop_front();
                }
                Waiting::Quiet => {
                    self.waiting.pop_front();
                    return false;
                }
                _ => {
                    self.waiting.pop_front();
                    return true;
                }
            }
        }
        !self.watched
    }

    fn binary<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let head = match binary::head(bytes, dir) {
            Ok(head) => head,
            Err(binary::Wrong::Short) => return Step::More,
            Err(binary::Wrong::Bad) => return self.lost(dir),
        };
        let need = head.reads();
        let body = &bytes[binary::HEADER..];
        if body.len() < need && !cut {
            return Step::More;
        }
        let body = &body[..body.len().min(need)];
        let used = binary::HEADER + body.len();
        self.side(dir).leave(head.body as u64 - body.len() as u64);
        let length = (binary::HEADER + head.body) as u64;
        if dir == Direction::ToServer {
            let silent = head.is_quiet();
            if !silent {
                self.ask(Waiting::Binary(head.opcode));
            }
            let kind = if silent { MessageKind::Single } else { MessageKind::Request };
            let length = Some(length);
            let message = Message { kind, length, ..head.request(body, &mut scratch.bytes) };
            return Step::Message { used, message };
        }
        if head.is_quiet() {
            return Step::Skip { used };
        }
        if let Some(so_far) = self.answering.as_mut() {
            *so_far += length;
            if head.continues() {
                return Step::Skip { used };
            }
            let length = self.answering.take();
            let message = Message { kind: MessageKind::End, length, ..Message::default() };
            return Step::Message { used, message };
        }
        // What is before the request that this answers will not be answered any more.
        let asked = self.waiting.iter().position(|w| *w == Waiting::Binary(head.opcode));
        if let Some(at) = asked {
            self.waiting.drain(..=at);
        }
        let end_follows = head.continues();
        self.answering = end_follows.then_some(length);
        let length = (!end_follows).then_some(length);
        Step::Message { used, message: Message { length, end_follows, ..head.answer(body) } }
    }

    fn datagram<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let Some(frame) = bytes.first_chunk::<FRAME>() else { return Step::Lost };
        let id = u64::from(u16::from_be_bytes([frame[0], frame[1]]));
        let number = u16::from_be_bytes([frame[2], frame[3]]);
        let rest = &bytes[FRAME..];
        let used = bytes.len();
        let (line, _) = match text::line(rest, true) {
            text::Line::Whole(line, used) | text::Line::Long(line, used) => (line, used),
            // A further piece of a long answer.
            _ if number > 0 => return Step::Skip { used },
            _ => return Step::Lost,
        };
        if number > 0 {
            return Step::Skip { used };
        }
        let (pairing, request_id) = (Pairing::ById(id), Some(id));
        let length = Some(rest.len() as u64);
        if dir == Direction::ToServer {
            let Some(request) = text::request(line) else { return Step::Lost };
            let kind = if request.silent { MessageKind::Single } else { MessageKind::Request };
            let message = request.message(&mut scratch.bytes);
            let message = Message { kind, pairing, request_id, length, ..message };
            return Step::Message { used, message };
        }
        let Some(answer) = text::answer(line) else { return Step::Lost };
        let message = Message { pairing, request_id, length, ..answer.message() };
        Step::Message { used, message }
    }
}

impl Parser for Memcached {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        if self.is_datagram {
            return self.datagram(dir, bytes, scratch);
        }
        if self.side(dir).is_inside() {
            return Step::Skip { used: self.side(dir).skip(bytes) };
        }
        if self.side(dir).is_adrift() {
            return Step::Lost;
        }
        if self.places[dir as usize] == Place::Line {
            let end = memchr::memchr(b'\n', bytes);
            if end.is_some() {
                self.places[dir as usize] = Place::Start;
            }
            return Step::Skip { used: end.map_or(bytes.len(), |n| n + 1) };
        }
        match (bytes[0], dir) {
            (0x80 | 0x81, _) => self.binary(dir, bytes, scratch, false),
            (_, Direction::ToServer) => self.line_request(bytes, scratch, false),
            (_, Direction::ToClient) => self.line_answer(bytes, false),
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        let at_start = !self.side(dir).is_inside() && !self.side(dir).is_adrift();
        let readable = at_start && !self.is_datagram && self.places[dir as usize] == Place::Start;
        let step = match (bytes.first()?, dir) {
            _ if !readable => Step::Lost,
            (0x80 | 0x81, _) => self.binary(dir, bytes, scratch, true),
            (_, Direction::ToServer) => self.line_request(bytes, scratch, true),
            (_, Direction::ToClient) => self.line_answer(bytes, true),
        };
        self.lose(dir);
        match step {
            Step::Message { message, .. } => {
                Some(Message { end_follows: false, length: None, ..message })
            }
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.is_datagram || self.side(dir).gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = match dir {
            Direction::ToServer => detect::find_request(bytes)?,
            // Lines inside a value look like any others: only a new request tells that the
            // answer before is over.
            Direction::ToClient if !self.asked => return None,
            Direction::ToClient => detect::begins_answer(bytes).then_some(0)?,
        };
        self.side(dir).found();
        Some(at)
    }
}
