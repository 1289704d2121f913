//! FastCGI (fastcgi-archives.github.io/FastCGI_Specification.html): a web server hands requests to
//! programs. Everything travels in records of at most 64 KiB that carry the number of their request.
//!
//! A request is read once all its parameters are there, which may fill several records
//! (`params.rs`); an answer once the head of its output is (`output.rs`), and it ends with a record
//! that says so. Bodies are skipped by count.

mod output;
mod params;

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, Probe, ResponseStatus,
    Scratch, Step,
};
use crate::registry::Options;
use crate::trace::TraceOptions;

const HEADER: usize = 8;
/// Bytes of a request's parameters, or of the front of an answer, that are read.
const WINDOW: usize = 24 * 1024;
/// Answers in progress whose lengths are counted.
const MAX_OPEN: usize = 8;

const BEGIN: u8 = 1;
const END: u8 = 3;
const PARAMS: u8 = 4;
const STDOUT: u8 = 6;
const STDERR: u8 = 7;

/// A record's header.
#[derive(Clone, Copy, Debug)]
struct Record {
    kind: u8,
    id: u16,
    len: usize,
    padding: usize,
}

impl Record {
    /// Bytes of the whole record.
    fn total(self) -> usize {
        HEADER + self.len + self.padding
    }
}

enum Head {
    Short,
    Bad,
    Is(Record),
}

fn record(bytes: &[u8]) -> Head {
    let Some(h) = bytes.first_chunk::<HEADER>() else {
        let fits = bytes.first().is_none_or(|v| *v == 1)
            && bytes.get(1).is_none_or(|k| (BEGIN..=11).contains(k));
        return if fits { Head::Short } else { Head::Bad };
    };
    let [1, kind @ BEGIN..=11, i0, i1, l0, l1, padding, _] = *h else { return Head::Bad };
    Head::Is(Record {
        kind,
        id: u16::from_be_bytes([i0, i1]),
        len: usize::from(u16::from_be_bytes([l0, l1])),
        padding: usize::from(padding),
    })
}

/// An answer in progress.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    id: u16,
    /// Bytes of its body so far.
    length: u64,
}

/// The parser of one connection.
#[derive(Debug)]
pub struct FastCgi {
    sides: [Counted; 2],
    /// A request with more parameters than are read: the rest is skipped.
    overlong: Option<u16>,
    open: Vec<Open>,
    trace: TraceOptions,
}

impl FastCgi {
    /// A parser at the start of a record in both directions.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            sides: [Counted::default(), Counted::default()],
            overlong: None,
            open: Vec::new(),
            trace: options.trace.clone(),
        }
    }

    fn lose(&mut self, dir: Direction) {
        self.sides[dir as usize].lose();
        match dir {
            Direction::ToServer => self.overlong = None,
            Direction::ToClient => self.open.clear(),
        }
    }

    fn skip<'a>(&mut self, dir: Direction, record: Record, have: usize) -> Step<'a> {
        let used = record.total().min(have);
        self.sides[dir as usize].leave((record.total() - used) as u64);
        Step::Skip { used }
    }

    fn asks<'a>(
        &mut self,
        first: Record,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        if self.overlong == Some(first.id) && first.kind == PARAMS {
            if first.len == 0 {
                self.overlong = None;
            }
            return self.skip(Direction::ToServer, first, bytes.len());
        }
        let begins = first.kind == BEGIN || first.kind == PARAMS && first.len > 0;
        if !begins {
            return self.skip(Direction::ToServer, first, bytes.len());
        }
        let Scratch { bytes: out, decoded, more, .. } = scratch;
        let Some(unit) = params::gather(first, bytes, decoded, cut) else { return Step::More };
        self.sides[Direction::ToServer as usize].leave(unit.left as u64);
        self.overlong = (!unit.complete).then_some(first.id);
        self.open.retain(|o| o.id != first.id);
        let used = unit.used;
        let text: &'a [u8] = match unit.text {
            Some((from, to)) => &bytes[from..to],
            None => decoded,
        };
        if text.is_empty() {
            return Step::Skip { used };
        }
        let message = params::message(text, first.id, &self.trace, out, more);
        Step::Message { used, message }
    }

    fn answers<'a>(
        &mut self,
        first: Record,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        const DIR: Direction = Direction::ToClient;
        if !matches!(first.kind, STDOUT | STDERR | END) {
            return self.skip(DIR, first, bytes.len());
        }
        if let Some(at) = self.open.iter().position(|o| o.id == first.id) {
            if first.kind != END {
                self.open[at].length += if first.kind == STDOUT { first.len as u64 } else { 0 };
                return self.skip(DIR, first, bytes.len());
            }
            if bytes.len() < HEADER + first.len && !cut {
                return Step::More;
            }
            let open = self.open.swap_remove(at);
            let refused = output::refused(&bytes[HEADER..]);
            let used = first.total().min(bytes.len());
            self.sides[DIR as usize].leave((first.total() - used) as u64);
            let status =
                if refused { ResponseStatus::ServerError } else { ResponseStatus::Unknown };
            return Step::Message { used, message: Message { status, ..end(open) } };
        }
        let Scratch { decoded, .. } = scratch;
        let unit = match output::gather(first, bytes, decoded, cut) {
            output::Gathered::Short => return Step::More,
            output::Gathered::Nothing => return self.skip(DIR, first, bytes.len()),
            output::Gathered::Unit(unit) => unit,
        };
        self.sides[DIR as usize].leave(unit.left as u64);
        let end_follows = !unit.ended && self.open.len() < MAX_OPEN;
        if end_follows {
            self.open.push(Open { id: first.id, length: unit.body as u64 });
        }
        let length = unit.ended.then_some(unit.body as u64);
        let used = unit.used;
        let message = output::message(&unit, bytes, decoded);
        let pairing = Pairing::ById(u64::from(first.id));
        let request_id = Some(u64::from(first.id));
        Step::Message {
            used,
            message: Message { pairing, request_id, length, end_follows, ..message },
        }
    }

    fn read<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        scratch.bytes.clear();
        scratch.decoded.clear();
        scratch.more.clear();
        match record(bytes) {
            Head::Short => Step::More,
            Head::Bad => {
                self.lose(dir);
                Step::Lost
            }
            Head::Is(first) if dir == Direction::ToServer => self.asks(first, bytes, scratch, cut),
            Head::Is(first) => self.answers(first, bytes, scratch, cut),
        }
    }
}

fn end<'a>(open: Open) -> Message<'a> {
    Message {
        kind: MessageKind::End,
        pairing: Pairing::ById(u64::from(open.id)),
        length: Some(open.length),
        ..Message::default()
    }
}

impl Parser for FastCgi {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let side = &mut self.sides[dir as usize];
        if side.is_inside() {
            return Step::Skip { used: side.skip(bytes) };
        }
        if side.is_adrift() {
            return Step::Lost;
        }
        self.read(dir, bytes, scratch, false)
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let side = &self.sides[dir as usize];
        let step = match side.is_inside() || side.is_adrift() {
            true => Step::Lost,
            false => self.read(dir, bytes, scratch, true),
        };
        self.lose(dir);
        match step {
            Step::Message { message, .. } => {
                // Nobody counts the rest.
                Some(Message { end_follows: false, ..message })
            }
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.sides[dir as usize].gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = match dir {
            Direction::ToServer => {
                crate::framed::find_magic(bytes, &[1, BEGIN], |rest| begins(rest) == Some(true))?
            }
            Direction::ToClient => output::is_plausible(bytes).then_some(0)?,
        };
        self.sides[dir as usize].found();
        Some(at)
    }

    fn finish<'a>(&mut self, dir: Direction, _scratch: &'a mut Scratch) -> Option<Message<'a>> {
        if dir == Direction::ToServer {
            return None;
        }
        self.open.pop().map(end)
    }
}

/// Do `bytes` begin with the record that begins a request? `None`: too few to tell.
fn begins(bytes: &[u8]) -> Option<bool> {
    let h = &bytes[..bytes.len().min(2 * HEADER)];
    let fits = h.iter().enumerate().all(|(i, b)| match i {
        0 | 1 => *b == 1,
        4 | 6 => *b == 0,
        5 => *b == 8,
        8 => *b == 0,
        9 => matches!(b, 1..=3),
        10 => *b < 2,
        11..=15 => *b == 0,
        _ => true,
    });
    if fits && h.len() < 2 * HEADER { None } else { Some(fits) }
}

/// Is this FastCGI, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    match (bytes.get(1), begins(bytes)) {
        (None | Some(1), Some(true)) => Probe::Certain(L7Protocol::FastCgi, Direction::ToServer),
        (None | Some(1), None) => Probe::Unsure,
        (Some(&STDOUT), _) => match output::begins(bytes) {
            Some(true) => Probe::Certain(L7Protocol::FastCgi, Direction::ToClient),
            Some(false) => Probe::NotForUs,
            None => Probe::Unsure,
        },
        _ => Probe::NotForUs,
    }
}
