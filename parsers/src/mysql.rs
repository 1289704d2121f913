//! MySQL and MariaDB: a streaming parser of the client/server protocol, version 10.
//!
//! A command is one packet with number 0 (`command.rs`); its answer is one packet, or columns,
//! rows and an end (`answer.rs`), of which only heads are read and the rest is skipped by count.
//! Answers come in the order of the commands, whatever their number. What an EXECUTE runs is
//! remembered from its PREPARE (`sql/statements.rs`). In the compressed protocol the front of a
//! command and of an answer is unpacked (`compressed.rs`) and nothing else. Behind a request for
//! TLS nothing can be read. `detect.rs` tells MySQL from anything else.

mod answer;
mod command;
mod compressed;
mod detect;
mod params;
mod wire;

pub(crate) use detect::probe;

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Parser, ResponseStatus, Scratch, Step,
};
use crate::registry::Options;
use crate::sql::statements::Statements;
use crate::sql::{self, Dialect, MAX_STATEMENT};
use crate::trace::{Found, TraceOptions};
use answer::{Answering, Said, Verdict};
use detect::Looks;
use std::collections::VecDeque;
use wire::{HEADER, Header, Reader};

/// Bytes of a command that are read: a statement and what may stand before it.
const MAX_COMMAND: usize = MAX_STATEMENT + 64;
/// Bytes of the client's part of the handshake that are read.
const MAX_LOGIN: usize = 1024;
/// Commands that may wait for their answers; further ones are paired, but not told apart.
const MAX_WAITING: usize = 4096;
/// Bytes of the head of a compressed answer that are unpacked.
const MAX_HEAD: usize = 1024;

/// How packets travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Framing {
    /// Mid-connection: the next command shows it.
    #[default]
    Unknown,
    Plain,
    Zlib,
    /// Packed in a way that nothing here unpacks (zstd).
    Opaque,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct MySql {
    to_server: Counted,
    to_client: Counted,
    framing: Framing,
    /// What is spoken once the handshake is over.
    agreed: Framing,
    tls: bool,
    /// The answers have become a stream of events that nobody asked for one by one.
    events: bool,
    /// The server does not begin with a greeting.
    headless: bool,
    /// A packed answer has begun.
    answered: bool,
    /// A command came after the place among the answers was lost.
    asked: bool,
    hide: bool,
    /// Commands without an answer, oldest first.
    waiting: VecDeque<u8>,
    answering: Answering,
    statements: Statements,
    trace: TraceOptions,
}

impl MySql {
    /// A parser at the start of a command and an answer.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Counted::default(),
            to_client: Counted::default(),
            framing: Framing::default(),
            agreed: Framing::Plain,
            tls: false,
            events: false,
            headless: false,
            answered: false,
            asked: false,
            hide: options.literals.hidden(),
            waiting: VecDeque::new(),
            answering: Answering::default(),
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
        if dir == Direction::ToClient {
            self.asked = false;
            self.answering.close();
            self.statements.forget_unanswered();
        }
    }

    /// Mid-connection: the first command tells how packets travel, and where answers begin.
    fn first<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if dir == Direction::ToClient {
            return match bytes {
                // The rest of an answer whose beginning was not seen.
                _ if self.headless => Step::Skip { used: bytes.len() },
                [_, _, 0, 0, 0x0a | 0xff, ..] => {
                    self.framing = Framing::Plain;
                    self.server_says(bytes)
                }
                [_, _, _, _, _, ..] => {
                    self.headless = true;
                    Step::Skip { used: bytes.len() }
                }
                _ => Step::More,
            };
        }
        if bytes.len() < HEADER + 1 {
            return Step::More;
        }
        self.framing = match (detect::statement(bytes), detect::compressed_statement(bytes)) {
            (Looks::Like, _) => Framing::Plain,
            (_, Looks::Like) => Framing::Zlib,
            (Looks::Unlike, Looks::Unlike) => Framing::Plain,
            _ => return Step::More,
        };
        self.to_client.found();
        self.answering.close();
        self.step(dir, bytes, scratch)
    }

    fn client_says<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let Some(h) = wire::header(bytes) else { return Step::More };
        let payload = &bytes[HEADER..];
        if h.seq != 0 || h.len == 0 {
            return self.handshake(h, payload);
        }
        let need = h.len.min(MAX_COMMAND);
        let Some(front) = payload.get(..need) else {
            // What is no command is refused at once.
            return match payload.first() {
                Some(c) if command::name(*c).is_none() => self.refuse(),
                _ => Step::More,
            };
        };
        if command::name(front[0]).is_none() {
            return self.refuse();
        }
        self.to_server.leave((h.len - need) as u64);
        let used = HEADER + need;
        let length = Some((HEADER + h.len) as u64);
        let Scratch { bytes: out, more, .. } = scratch;
        let message = Message { length, ..self.command(front, out, more) };
        Step::Message { used, message }
    }

    fn refuse<'a>(&mut self) -> Step<'a> {
        self.lose(Direction::ToServer);
        Step::Lost
    }

    /// A packet inside an exchange: the client's part of the handshake, or a file's content.
    fn handshake<'a>(&mut self, h: Header, payload: &'a [u8]) -> Step<'a> {
        let need = h.len.min(MAX_LOGIN);
        let front = &payload[..payload.len().min(need)];
        let begins = h.seq <= 2 && h.len >= command::LOGIN_FIXED && self.waiting.is_empty();
        if begins && front.len() < need {
            return Step::More;
        }
        let used = HEADER + front.len();
        self.to_server.leave((h.len - front.len()) as u64);
        let login = if begins { command::login(front, h.len) } else { None };
        let Some(login) = login else { return Step::Skip { used } };
        self.tls = login.wants_tls;
        if self.tls {
            return Step::Skip { used };
        }
        self.framing = Framing::Plain;
        self.agreed = match login.capabilities {
            c if c & command::COMPRESS != 0 => Framing::Zlib,
            c if c & command::ZSTD != 0 => Framing::Opaque,
            _ => Framing::Plain,
        };
        self.ask(command::CONNECT);
        let message = Message {
            request_type: b"COM_CONNECT",
            request_domain: login.database,
            request_resource: login.user,
            endpoint: b"COM_CONNECT",
            length: Some((HEADER + h.len) as u64),
            ..Message::default()
        };
        Step::Message { used, message }
    }

    fn ask(&mut self, command: u8) {
        if self.to_client.is_adrift() && !self.asked {
            // The answers before this one are lost, or it would not be asked.
            self.waiting.clear();
        }
        self.asked = true;
        self.answered = false;
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(command);
        }
    }

    /// The message of a command, of which `front` is what is read.
    fn command<'a>(
        &mut self,
        front: &'a [u8],
        out: &'a mut Vec<u8>,
        more: &'a mut Vec<u8>,
    ) -> Message<'a> {
        let (command, body) = (front[0], &front[1..]);
        let name = command::name(command).unwrap_or(b"");
        let unanswered = command::is_unanswered(command);
        if !unanswered {
            self.ask(command);
        }
        let mut message = Message {
            kind: if unanswered { MessageKind::Single } else { MessageKind::Request },
            request_type: name,
            endpoint: name,
            ..Message::default()
        };
        match command {
            command::QUERY | command::PREPARE => {
                self.statement(command, body, &mut message, out, more);
            }
            command::EXECUTE
            | command::BULK_EXECUTE
            | command::FETCH
            | command::RESET
            | command::CLOSE
            | command::SEND_LONG_DATA => {
                self.prepared(command, body, &mut message, out);
            }
            command::INIT_DB => message.request_resource = body,
            command::FIELD_LIST | command::CHANGE_USER => {
                message.request_resource = Reader(body).until_zero();
            }
            _ => {}
        }
        message
    }

    fn statement<'a>(
        &mut self,
        command: u8,
        body: &'a [u8],
        message: &mut Message<'a>,
        out: &'a mut Vec<u8>,
        more: &'a mut Vec<u8>,
    ) {
        let mut found = None;
        let text = command::statement(command, body, &mut |name, value| {
            found.get_or_insert_with(Found::default).offer(name, value, &self.trace);
        });
        let read = sql::read(text, Dialect::MySql, out);
        if command == command::PREPARE {
            self.statements.prepare(read.fingerprint(out), read.operation(), read.table(out));
        }
        message.trace = read.trace(text, found, &self.trace, more);
        read.describe(message, text, out, self.hide);
    }

    fn prepared<'a>(
        &mut self,
        command: u8,
        body: &'a [u8],
        message: &mut Message<'a>,
        out: &'a mut Vec<u8>,
    ) {
        let mut r = Reader(body);
        let Some(id) = r.u32() else { return };
        message.request_id = Some(u64::from(id));
        let known = self.statements.get((id != command::LAST).then_some(id));
        let mut parts = [0; 3];
        let mut operation: &[u8] = b"";
        if let Some(known) = known {
            operation = known.operation;
            out.extend_from_slice(known.text);
            parts[0] = out.len();
            out.extend_from_slice(known.table);
            parts[1] = out.len();
        }
        if command == command::EXECUTE && !self.hide {
            let named = r.u8().is_some_and(|flags| flags & 8 != 0);
            let count = known.map_or(0, |k| k.parameters);
            r.take(4);
            if named || count > 0 {
                // What could be read of them is shown.
                let _ = params::write(r.0, count, named, out);
            }
            parts[2] = out.len();
        }
        if command == command::CLOSE {
            self.statements.close(id);
        }
        let text: &'a [u8] = out;
        let (statement, table) = (&text[..parts[0]], &text[parts[0]..parts[1]]);
        let shown = text.get(parts[1]..parts[2]).unwrap_or(b"");
        message.request_resource = if shown.is_empty() { statement } else { shown };
        if !statement.is_empty() {
            message.endpoint = statement;
            message.attributes[0] = ("db_operation", operation);
            message.attributes[1] = ("db_table", table);
        }
    }

    fn server_says<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        let mut at = 0;
        loop {
            // A message begins with its own bytes.
            if at > 0 && self.answering.at_start() {
                break;
            }
            let Some(h) = wire::header(&bytes[at..]) else { break };
            let payload = &bytes[at + HEADER..];
            let Some(front) = self.answering.needs(payload, h.len).and_then(|n| payload.get(..n))
            else {
                break;
            };
            let said = self.packet(h, front);
            let here = h.len.min(payload.len());
            self.to_client.leave((h.len - here) as u64);
            at += HEADER + here;
            if let Some(message) = said {
                return Step::Message { used: at, message };
            }
            if self.to_client.is_inside() {
                break;
            }
        }
        if at == 0 { Step::More } else { Step::Skip { used: at } }
    }

    /// Takes one packet of an answer; the message, if it makes one.
    fn packet<'a>(&mut self, h: Header, payload: &'a [u8]) -> Option<Message<'a>> {
        if self.waiting.is_empty() && self.answering.at_start() {
            return self.unasked(h, payload);
        }
        let command = self.waiting.front().copied().unwrap_or(0);
        let dumps = matches!(command, command::BINLOG_DUMP | command::BINLOG_DUMP_GTID);
        if dumps && payload.first() != Some(&0xff) {
            self.events = true;
            self.over(command, &Verdict::default());
            return Some(self.answer(&Verdict::default(), MessageKind::Response));
        }
        let said = self.answering.packet(command, h, payload);
        let length = self.answering.length;
        let message = match said {
            Said::Nothing => return None,
            Said::Begins(verdict) => {
                self.note(command, &verdict);
                Message { end_follows: true, ..self.answer(&verdict, MessageKind::Response) }
            }
            Said::Whole(verdict) => {
                self.note(command, &verdict);
                self.over(command, &verdict);
                let length = Some(length);
                Message { length, ..self.answer(&verdict, MessageKind::Response) }
            }
            Said::Ends(verdict) => {
                self.over(command, &verdict);
                let length = Some(length);
                Message { length, ..self.answer(&verdict, MessageKind::End) }
            }
        };
        Some(message)
    }

    /// What the server says of itself: its greeting, or why there will be none.
    fn unasked<'a>(&mut self, h: Header, payload: &'a [u8]) -> Option<Message<'a>> {
        if h.seq == 0 && payload.first() == Some(&0xff) {
            let said = self.answering.packet(command::CONNECT, h, payload);
            if let Said::Whole(verdict) = said {
                self.answering.length = 0;
                return Some(self.answer(&verdict, MessageKind::Response));
            }
        }
        None
    }

    /// What the head of an answer tells of prepared statements.
    fn note(&mut self, command: u8, verdict: &Verdict<'_>) {
        if command != command::PREPARE {
            return;
        }
        match verdict.statement {
            Some((id, parameters)) => self.statements.prepared(id, parameters),
            None => self.statements.refused(),
        }
    }

    fn over(&mut self, command: u8, verdict: &Verdict<'_>) {
        self.waiting.pop_front();
        self.answering.close();
        if command == command::CONNECT && verdict.code.is_none() {
            self.framing = self.agreed;
        }
    }

    fn answer<'a>(&self, verdict: &Verdict<'a>, kind: MessageKind) -> Message<'a> {
        let status = match verdict.code {
            None => ResponseStatus::Ok,
            Some(2000..3000) => ResponseStatus::ClientError,
            Some(_) => ResponseStatus::ServerError,
        };
        let shown = match verdict.code {
            Some(code) if self.hide => without_value(code, verdict.error),
            _ => verdict.error,
        };
        Message {
            kind,
            status,
            response_code: verdict.code.map(i32::from),
            exception: shown,
            affected_rows: verdict.rows,
            request_id: verdict.statement.map(|(id, _)| u64::from(id)),
            ..Message::default()
        }
    }

    fn packed<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let Some(h) = compressed::header(bytes) else { return Step::More };
        let head = match dir {
            Direction::ToServer => h.seq == 0,
            Direction::ToClient => !self.answered && !self.waiting.is_empty() || h.seq == 1,
        };
        let body = &bytes[compressed::HEADER..];
        let need = if head { h.len.min(compressed::MAX_PACKED) } else { h.len.min(body.len()) };
        let Some(front) = body.get(..need) else { return Step::More };
        let used = compressed::HEADER + need;
        self.side(dir).leave((h.len - need) as u64);
        if !head || need == 0 {
            return Step::Skip { used };
        }
        let most = if dir == Direction::ToServer { MAX_COMMAND + HEADER } else { MAX_HEAD };
        let mut decoded = std::mem::take(&mut scratch.decoded);
        if h.unpacked == 0 {
            decoded.clear();
            decoded.extend_from_slice(&front[..front.len().min(most)]);
        } else {
            compressed::unpack(front, most.min(h.unpacked), &mut decoded);
        }
        scratch.decoded = decoded;
        let length = Some((compressed::HEADER + h.len) as u64);
        let message = match dir {
            Direction::ToServer => self.packed_command(scratch),
            Direction::ToClient => self.packed_answer(&scratch.decoded),
        };
        match message {
            Some(m) => Step::Message { used, message: Message { length, ..m } },
            None => Step::Skip { used },
        }
    }

    fn packed_command<'a>(&mut self, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        let h = wire::header(&scratch.decoded)?;
        let Scratch { decoded, bytes, more, .. } = scratch;
        let front = &decoded[HEADER..decoded.len().min(HEADER + h.len)];
        let known = |c: &u8| command::name(*c).is_some();
        if h.seq != 0 || !front.first().is_some_and(known) {
            return None;
        }
        Some(self.command(front, bytes, more))
    }

    fn packed_answer<'a>(&mut self, decoded: &'a [u8]) -> Option<Message<'a>> {
        let h = wire::header(decoded)?;
        let command = self.waiting.pop_front()?;
        self.answered = true;
        let payload = &decoded[HEADER..decoded.len().min(HEADER + h.len)];
        let said = self.answering.packet(command, h, payload);
        self.answering.close();
        let (Said::Begins(verdict) | Said::Whole(verdict) | Said::Ends(verdict)) = said else {
            return Some(self.answer(&Verdict::default(), MessageKind::Response));
        };
        self.note(command, &verdict);
        Some(self.answer(&verdict, MessageKind::Response))
    }
}

/// Errors whose text repeats values: what stands before the first quote.
fn without_value(code: u16, text: &[u8]) -> &[u8] {
    const DUPLICATE: u16 = 1062;
    const SYNTAX: u16 = 1064;
    const TRUNCATED: u16 = 1292;
    const WRONG_VALUE: u16 = 1366;
    const WRONG_VALUE_FOR_TYPE: u16 = 1411;
    const UNKNOWN_VALUE: u16 = 1525;
    const DUPLICATE_FOR_KEY: u16 = 1586;
    match code {
        DUPLICATE | SYNTAX | TRUNCATED | WRONG_VALUE | WRONG_VALUE_FOR_TYPE | UNKNOWN_VALUE
        | DUPLICATE_FOR_KEY => {
            let end = memchr::memchr(b'\'', text).unwrap_or(text.len());
            text[..end].trim_ascii_end()
        }
        _ => text,
    }
}

impl Parser for MySql {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        scratch.more.clear();
        if self.side(dir).is_inside() {
            return Step::Skip { used: self.side(dir).skip(bytes) };
        }
        if self.tls {
            return Step::Switched(L7Protocol::Tls);
        }
        if self.side(dir).is_adrift() {
            return Step::Lost;
        }
        if dir == Direction::ToClient && self.events {
            return Step::Skip { used: bytes.len() };
        }
        match self.framing {
            Framing::Zlib => self.packed(dir, bytes, scratch),
            Framing::Opaque => Step::Done,
            Framing::Plain if dir == Direction::ToClient => self.server_says(bytes),
            Framing::Plain => self.client_says(bytes, scratch),
            Framing::Unknown => self.first(dir, bytes, scratch),
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
        let readable = self.framing == Framing::Plain && !self.tls && !self.side(dir).is_adrift();
        let message = wire::header(bytes).filter(|_| readable).and_then(|h| {
            let payload = &bytes[HEADER..];
            let front = &payload[..payload.len().min(h.len)];
            match dir {
                Direction::ToServer if h.seq == 0 => {
                    let known = command::name(*front.first()?).is_some();
                    let Scratch { bytes: out, more, .. } = scratch;
                    known.then(|| self.command(front, out, more))
                }
                Direction::ToServer => None,
                Direction::ToClient if self.answering.at_start() && !front.is_empty() => {
                    self.packet(h, front).map(|m| Message { end_follows: false, ..m })
                }
                Direction::ToClient => None,
            }
        });
        self.lose(dir);
        message
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.side(dir).gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let fits = match (dir, self.framing) {
            (Direction::ToServer, Framing::Plain) => detect::begins_command(bytes),
            (Direction::ToServer, _) => {
                detect::statement(bytes) == Looks::Like
                    || detect::compressed_statement(bytes) == Looks::Like
            }
            // Packets inside a result look like any other: only a new command ends it.
            (Direction::ToClient, _) if !self.asked || self.waiting.is_empty() => false,
            (Direction::ToClient, Framing::Plain) => detect::begins_answer(bytes),
            (Direction::ToClient, _) => compressed::header(bytes).is_some_and(|h| h.seq == 1),
        };
        if fits {
            self.side(dir).found();
        }
        fits.then_some(0)
    }
}
