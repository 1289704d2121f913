//! SSH (RFC 4253 4.2): the two lines in which both sides say what program they are. Everything behind
//! them is a negotiation that ends in encryption, so parsing ends with the second line.
//!
//! Neither side waits for the other's line. The client's is the request and the server's the
//! answer in any order; where the server's came first it is kept until the client's is there.

use crate::message::{
    Carrier, Direction, Facts, L7Protocol, Message, MessageKind, Parser, Probe, ResponseStatus,
    Scratch, Step,
};
use crate::registry::Options;
use memchr::memchr;

const NAME: &[u8] = b"SSH-";
/// A line with its end (RFC 4253 4.2).
const MAX_LINE: usize = 255;
/// Lines that a server may say before.
const MAX_GREETING: u8 = 32;
/// Bytes of one side after which the other side's line is not waited for any more.
const MAX_WAIT: usize = 64 * 1024;
/// Versions of the protocol that ever were.
const VERSIONS: [&[u8]; 4] = [b"2.0-", b"1.99-", b"1.5-", b"1.3-"];

/// Is this SSH? Both sides say the same, so the direction is the flow's.
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let n = bytes.len().min(NAME.len());
    if bytes[..n] != NAME[..n] {
        return Probe::NotForUs;
    }
    let rest = &bytes[n..];
    let begins = |v: &&[u8]| v.starts_with(&rest[..rest.len().min(v.len())]);
    if !VERSIONS.iter().any(begins) {
        return Probe::NotForUs;
    }
    let line = &bytes[..bytes.len().min(MAX_LINE)];
    match memchr(b'\n', line) {
        Some(end) if split(&line[..end]).is_some() => {
            Probe::Certain(L7Protocol::Ssh, hint.unwrap_or(Direction::ToServer))
        }
        None if line.len() < MAX_LINE => Probe::Unsure,
        _ => Probe::NotForUs,
    }
}

/// The protocol's version and the program's, with what the program says besides.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_suffix(b"\r").unwrap_or(line).strip_prefix(NAME)?;
    let dash = memchr(b'-', rest)?;
    let (version, program) = (&rest[..dash], &rest[dash + 1..]);
    let text = rest.iter().all(|b| (b' '..0x7f).contains(b));
    (text && !version.is_empty() && !program.is_empty()).then_some((version, program))
}

/// The parser of one connection.
#[derive(Debug, Default)]
pub struct Ssh {
    /// The server's program, while the client's line is to come or was just reported.
    server: Option<Box<[u8]>>,
    /// Whose line was read.
    heard: [bool; 2],
    greeting: u8,
    waited: usize,
    over: bool,
}

impl Ssh {
    /// A parser at the start of a connection.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self::default()
    }

    /// The server's line that waits for the client's, which is there now.
    fn answer<'a>(&mut self, facts: &'a mut Facts, out: &'a mut Vec<u8>) -> Option<Message<'a>> {
        if !self.heard[Direction::ToServer as usize] {
            return None;
        }
        let program = self.server.take()?;
        self.over = true;
        out.clear();
        out.extend_from_slice(&program);
        Some(response(out, facts))
    }

    fn line<'a>(
        &mut self,
        dir: Direction,
        line: &'a [u8],
        facts: &'a mut Facts,
    ) -> Option<Option<Message<'a>>> {
        let (version, program) = split(line)?;
        self.heard[dir as usize] = true;
        let length = Some(line.len() as u64 + 1);
        if dir == Direction::ToServer {
            facts.clear();
            facts.attribute("client_software", program);
            return Some(Some(Message {
                version,
                request_type: b"banner",
                request_resource: program,
                length,
                facts: Some(facts),
                ..Message::default()
            }));
        }
        if !self.heard[Direction::ToServer as usize] {
            self.server = Some(program.into());
            return Some(None);
        }
        self.over = true;
        Some(Some(Message { length, ..response(program, facts) }))
    }
}

fn response<'a>(program: &'a [u8], facts: &'a mut Facts) -> Message<'a> {
    facts.clear();
    facts.attribute("server_software", program);
    Message {
        kind: MessageKind::Response,
        status: ResponseStatus::Ok,
        result: program,
        facts: Some(facts),
        ..Message::default()
    }
}

impl Parser for Ssh {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if self.over {
            return Step::Done;
        }
        let Scratch { bytes: out, facts, .. } = scratch;
        if self.server.is_some() && self.heard[Direction::ToServer as usize] {
            let message = self.answer(facts, out).unwrap_or_default();
            return Step::Message { used: 0, message };
        }
        if self.heard[dir as usize] {
            // The negotiation begins before the other side's line is there.
            self.waited += bytes.len();
            self.over = self.waited >= MAX_WAIT;
            return Step::Skip { used: bytes.len() };
        }
        let front = &bytes[..bytes.len().min(MAX_LINE)];
        let Some(end) = memchr(b'\n', front) else {
            if front.len() < MAX_LINE {
                return Step::More;
            }
            self.over = true;
            return Step::Lost;
        };
        let (line, used) = (&bytes[..end], end + 1);
        if !line.starts_with(NAME) && dir == Direction::ToClient && self.greeting < MAX_GREETING {
            self.greeting += 1;
            return Step::Skip { used };
        }
        match self.line(dir, line, facts) {
            Some(Some(message)) => Step::Message { used, message },
            Some(None) => Step::Skip { used },
            None => {
                self.over = true;
                Step::Lost
            }
        }
    }

    fn gap(&mut self, _dir: Direction, _len: u64) -> bool {
        // What follows the lines is of no interest, and lines come once.
        self.over = true;
        true
    }

    fn resync(&mut self, _dir: Direction, _bytes: &[u8]) -> Option<usize> {
        Some(0)
    }

    fn finish<'a>(&mut self, _dir: Direction, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        self.answer(&mut scratch.facts, &mut scratch.bytes)
    }
}
