//! PostgreSQL's frontend/backend protocol, version 3: a streaming parser for both directions.
//!
//! A simple query is one message, answered by anything up to ReadyForQuery. In the extended
//! protocol a *unit* is what a client means by one statement: Parse, Bind, Describe and Execute as
//! far as they follow one another, answered by what ends with CommandComplete. Units wait in
//! order, with a mark for each Sync (`answer.rs`), because an error makes the server skip to it.
//! `command.rs` reads the client's messages, `error.rs` maps SQLSTATEs, `detect.rs` tells
//! PostgreSQL from anything else. Behind an accepted request for TLS nothing can be read.

mod answer;
mod command;
mod detect;
mod error;

pub(crate) use detect::probe;

use crate::counted::Counted;
use crate::message::{Carrier, Direction, L7Protocol, Message, MessageKind, Parser, Scratch, Step};
use crate::registry::Options;
use crate::sql::statements::Statements;
use crate::sql::{self, Dialect, MAX_STATEMENT};
use crate::trace::TraceOptions;
use answer::{Answers, Said, Then, Unit};
use command::{Body, Startup};

/// Type and length in front of every message but the first.
const HEADER: usize = 5;
/// Bytes of a client's message that are read.
const MAX_COMMAND: usize = MAX_STATEMENT + 128;
/// Bytes of an error that are read.
const MAX_ERROR: usize = 2 * 1024;
/// Bytes of other messages of the server that are read.
const MAX_SMALL: usize = 256;

/// What the server is to answer in a single byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    Nothing,
    Tls,
    Gss,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Postgres {
    to_server: Counted,
    to_client: Counted,
    encryption: Asked,
    /// The server agreed: this is what follows.
    encrypted: Asked,
    /// A unit that a Bind or Execute may still join, and whether it is bound.
    open: Option<bool>,
    /// A command came after the place among the answers was lost.
    asked: bool,
    hide: bool,
    answers: Answers,
    statements: Statements,
    trace: TraceOptions,
}

/// A message of one side: its type and the length of its body.
#[derive(Clone, Copy, Debug)]
struct Header {
    kind: u8,
    len: usize,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let h = bytes.first_chunk::<HEADER>()?;
    let len = u32::from_be_bytes([h[1], h[2], h[3], h[4]]) as usize;
    Some(Header { kind: h[0], len: len.wrapping_sub(4) })
}

/// Longer messages are refused by the server too.
const MAX_LEN: usize = 1 << 30;

impl Postgres {
    /// A parser at the start of a message in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            encryption: Asked::Nothing,
            encrypted: Asked::Nothing,
            open: None,
            asked: false,
            hide: options.literals.hidden(),
            answers: Answers::default(),
            statements: Statements::default(),
            trace: options.trace.clone(),
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
        match dir {
            Direction::ToServer => self.open = None,
            Direction::ToClient => self.asked = false,
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.lose(dir);
        Step::Lost
    }

    fn ask(&mut self, unit: Unit) {
        if self.to_client.is_adrift() && !self.asked {
            // The answers before this one are lost, or it would not be asked.
            self.answers.forget();
        }
        self.asked = true;
        self.answers.ask(unit);
    }

    fn startup<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        let Some(len) = command::startup_len(bytes) else { return Step::More };
        if !command::is_startup_len(len) {
            return self.lost(Direction::ToServer);
        }
        let Some(packet) = bytes.get(..len) else { return Step::More };
        let mut message = Message { length: Some(len as u64), ..Message::default() };
        match command::startup(packet) {
            Some(Startup::Tls) => self.encryption = Asked::Tls,
            Some(Startup::Gss) => self.encryption = Asked::Gss,
            Some(Startup::Cancel(process)) => {
                message.kind = MessageKind::Single;
                message.request_type = b"CancelRequest";
                message.endpoint = b"CancelRequest";
                message.request_id = Some(u64::from(process));
                return Step::Message { used: len, message };
            }
            Some(Startup::Session { user, database }) => {
                self.ask(Unit::Startup);
                message.request_type = b"Startup";
                message.endpoint = b"Startup";
                message.request_resource = user;
                message.request_domain = if database.is_empty() { user } else { database };
                return Step::Message { used: len, message };
            }
            None => return self.lost(Direction::ToServer),
        }
        Step::Skip { used: len }
    }

    fn client_says<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if bytes[0] == 0 {
            return self.startup(bytes);
        }
        let Some(h) = header(bytes) else { return Step::More };
        if h.len > MAX_LEN || !command::is_known(h.kind) {
            return self.lost(Direction::ToServer);
        }
        let reads = command::is_read(h.kind);
        let need = if reads { h.len.min(MAX_COMMAND) } else { h.len.min(bytes.len() - HEADER) };
        let Some(body) = bytes[HEADER..].get(..need) else { return Step::More };
        self.to_server.leave((h.len - need) as u64);
        let used = HEADER + need;
        match self.command(h.kind, body, scratch) {
            Some(m) => {
                let length = Some((HEADER + h.len) as u64);
                Step::Message { used, message: Message { length, ..m } }
            }
            None => Step::Skip { used },
        }
    }

    /// The message that a message of the client makes, if any.
    fn command<'a>(
        &mut self,
        kind: u8,
        body: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        match kind {
            b'Q' => {
                self.open = None;
                self.ask(Unit::Simple);
                Some(self.statement(b"Query", Body(body).text(), None, scratch))
            }
            b'F' => {
                self.open = None;
                self.ask(Unit::Simple);
                Some(named(b"FunctionCall"))
            }
            b'P' => {
                let mut body = Body(body);
                let name = body.text();
                self.open = Some(false);
                self.ask(Unit::Prepare);
                Some(self.statement(b"Parse", body.text(), Some(name), scratch))
            }
            b'B' => {
                if let Some(bound @ false) = self.open.as_mut() {
                    *bound = true;
                    return None;
                }
                let mut body = Body(body);
                let _portal = body.text();
                self.open = Some(true);
                self.ask(Unit::Execute);
                Some(self.known(b"Execute", body.text(), scratch))
            }
            b'E' => {
                if let Some(true) = self.open.take() {
                    self.answers.executed();
                    return None;
                }
                // Of a portal that is bound already: the next rows.
                self.ask(Unit::Execute);
                Some(named(b"Execute"))
            }
            b'D' if self.open.is_none() => {
                let mut body = Body(body);
                let statement = body.byte() == Some(b'S');
                self.open = Some(true);
                self.ask(Unit::Prepare);
                let name = body.text();
                Some(if statement {
                    self.known(b"Describe", name, scratch)
                } else {
                    named(b"Describe")
                })
            }
            b'C' => {
                let mut body = Body(body);
                if body.byte() == Some(b'S') {
                    self.statements.close(command::key(body.text()));
                }
                None
            }
            b'H' => {
                self.open = None;
                None
            }
            b'S' => {
                self.open = None;
                self.ask(Unit::Sync);
                None
            }
            b'X' => Some(Message { kind: MessageKind::Single, ..named(b"Terminate") }),
            _ => None,
        }
    }

    fn statement<'a>(
        &mut self,
        kind: &'static [u8],
        text: &'a [u8],
        name: Option<&[u8]>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        let Scratch { bytes, more, .. } = scratch;
        let read = sql::read(text, Dialect::Postgres, bytes);
        if let Some(name) = name {
            let key = command::key(name);
            self.statements.close(key);
            self.statements.prepare(read.fingerprint(bytes), read.operation(), read.table(bytes));
            self.statements.prepared(key, 0);
        }
        let mut message = Message { request_type: kind, ..Message::default() };
        message.trace = read.trace(text, None, &self.trace, more);
        read.describe(&mut message, text, bytes, self.hide);
        message
    }

    /// The message of a statement that was prepared under this name.
    fn known<'a>(&self, kind: &'static [u8], name: &[u8], scratch: &'a mut Scratch) -> Message<'a> {
        let out = &mut scratch.bytes;
        let Some(known) = self.statements.get(Some(command::key(name))) else { return named(kind) };
        out.extend_from_slice(known.text);
        let text = out.len();
        out.extend_from_slice(known.table);
        let (text, table) = out.split_at(text);
        Message {
            request_type: kind,
            request_resource: text,
            endpoint: text,
            attributes: [
                ("db_operation", known.operation),
                ("db_table", table),
                ("", b""),
                ("", b""),
            ],
            ..Message::default()
        }
    }

    fn server_says<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if self.encryption != Asked::Nothing && matches!(bytes[0], b'S' | b'G' | b'N') {
            let asked = std::mem::take(&mut self.encryption);
            if bytes[0] != b'N' {
                self.encrypted = asked;
            }
            return Step::Skip { used: 1 };
        }
        let mut at = 0;
        let (said, kind, body) = loop {
            // A message begins with its own bytes.
            let starts = at > 0 && self.answers.at_start();
            let header = if starts { None } else { header(&bytes[at..]) };
            let Some(h) = header else { return more_or_skip(at) };
            if h.len > MAX_LEN || !answer::is_known(h.kind) {
                return if at > 0 {
                    Step::Skip { used: at }
                } else {
                    self.lost(Direction::ToClient)
                };
            }
            let payload = &bytes[at + HEADER..];
            let Some(body) = payload.get(..reads(h)) else { return more_or_skip(at) };
            let said = self.answers.message(h.kind, h.len, body);
            if said.1 == Then::GoOn {
                let here = h.len.min(payload.len());
                self.to_client.leave((h.len - here) as u64);
                at += HEADER + here;
            }
            if said.0 != Said::Nothing {
                break (said, h.kind, body);
            }
            self.answers.settle(h.kind, said.1);
            if self.to_client.is_inside() {
                return Step::Skip { used: at };
            }
        };
        let message = self.answers.describe(said, kind, body, self.hide, &mut scratch.bytes);
        self.answers.settle(kind, said.1);
        Step::Message { used: at, message }
    }
}

fn more_or_skip<'a>(used: usize) -> Step<'a> {
    if used == 0 { Step::More } else { Step::Skip { used } }
}

/// How much of a server's message is read.
fn reads(h: Header) -> usize {
    h.len.min(match h.kind {
        b'E' => MAX_ERROR,
        b'C' | b'Z' | b'A' => MAX_SMALL,
        b'R' => 4,
        _ => 0,
    })
}

fn named<'a>(kind: &'static [u8]) -> Message<'a> {
    Message { request_type: kind, endpoint: kind, ..Message::default() }
}

impl Parser for Postgres {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        scratch.more.clear();
        match self.encrypted {
            Asked::Nothing => {}
            Asked::Tls => return Step::Switched(L7Protocol::Tls),
            Asked::Gss => return Step::Done,
        }
        if self.side(dir).is_inside() {
            return Step::Skip { used: self.side(dir).skip(bytes) };
        }
        if self.side(dir).is_adrift() {
            return Step::Lost;
        }
        match dir {
            Direction::ToServer => self.client_says(bytes, scratch),
            Direction::ToClient => self.server_says(bytes, scratch),
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
        let readable = !self.side(dir).is_adrift() && self.encrypted == Asked::Nothing;
        let message = header(bytes).filter(|_| readable).and_then(|h| {
            let body = &bytes[HEADER..];
            match dir {
                Direction::ToServer if command::is_known(h.kind) && !body.is_empty() => {
                    self.command(h.kind, body, scratch)
                }
                Direction::ToClient if h.kind == b'E' => {
                    let said = self.answers.message(h.kind, h.len, body);
                    let out = &mut scratch.bytes;
                    (said.0 != Said::Nothing)
                        .then(|| self.answers.describe(said, h.kind, body, self.hide, out))
                }
                _ => None,
            }
        });
        self.lose(dir);
        message.map(|m| Message { end_follows: false, ..m })
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.side(dir).gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = match dir {
            Direction::ToServer => detect::begins_command(bytes).then_some(0)?,
            // The answer to what was asked since.
            Direction::ToClient if self.asked && detect::begins_answer(bytes) => 0,
            // Or the end of the one that was lost.
            Direction::ToClient => detect::find_ready(bytes)?,
        };
        self.side(dir).found();
        Some(at)
    }
}
