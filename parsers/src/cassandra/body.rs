//! What the frames of Cassandra's protocol say: statements, prepared ones and batches, errors.

use super::BY_STREAM;

use crate::message::{Facts, Message, ResponseStatus};
use crate::packed::Packing;
use crate::reader::Reader;
use crate::sql::statements::Statements;
use crate::sql::{self, Dialect};
use crate::trace::{Found, TraceOptions};

/// Kinds of frames.
pub(super) mod op {
    pub(in super::super) const ERROR: u8 = 0;
    pub(in super::super) const STARTUP: u8 = 1;
    pub(in super::super) const READY: u8 = 2;
    pub(in super::super) const AUTHENTICATE: u8 = 3;
    pub(in super::super) const OPTIONS: u8 = 5;
    pub(in super::super) const SUPPORTED: u8 = 6;
    pub(in super::super) const QUERY: u8 = 7;
    pub(in super::super) const RESULT: u8 = 8;
    pub(in super::super) const PREPARE: u8 = 9;
    pub(in super::super) const EXECUTE: u8 = 10;
    pub(in super::super) const REGISTER: u8 = 11;
    pub(in super::super) const EVENT: u8 = 12;
    pub(in super::super) const BATCH: u8 = 13;
    pub(in super::super) const AUTH_SUCCESS: u8 = 16;

    /// Its name, when there is such a kind.
    pub(in super::super) const fn name(opcode: u8) -> Option<&'static [u8]> {
        Some(match opcode {
            ERROR => b"ERROR",
            STARTUP => b"STARTUP",
            READY => b"READY",
            AUTHENTICATE => b"AUTHENTICATE",
            OPTIONS => b"OPTIONS",
            SUPPORTED => b"SUPPORTED",
            QUERY => b"QUERY",
            RESULT => b"RESULT",
            PREPARE => b"PREPARE",
            EXECUTE => b"EXECUTE",
            REGISTER => b"REGISTER",
            EVENT => b"EVENT",
            BATCH => b"BATCH",
            14 => b"AUTH_CHALLENGE",
            15 => b"AUTH_RESPONSE",
            AUTH_SUCCESS => b"AUTH_SUCCESS",
            _ => return None,
        })
    }

    /// Do servers say it?
    pub(in super::super) const fn is_answer(opcode: u8) -> bool {
        matches!(opcode, 0 | 2 | 3 | 6 | 8 | 12 | 14 | 16)
    }
}

const TRACED: u8 = 2;
const PAYLOAD: u8 = 4;
const WARNED: u8 = 8;
/// Pairs of a payload or a start that are looked at.
const MAX_PAIRS: u16 = 32;

/// Is it the number of an error?
pub(super) fn is_error(code: i32) -> bool {
    matches!(code, 0 | 0xa | 0x100 | 0x1000..=0x1003 | 0x1100 | 0x1200 | 0x1300 | 0x1400 | 0x1500)
        || matches!(code, 0x1600 | 0x1700 | 0x2000 | 0x2100 | 0x2200 | 0x2300 | 0x2400 | 0x2500)
}

/// Whose fault an error is: the cluster's up to 0x1fff, but for what the client got wrong.
pub(super) fn status(code: i32) -> ResponseStatus {
    match code {
        0xa | 0x100 | 0x2000.. => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    }
}

/// FNV-1a of the number of a prepared statement.
fn key(id: &[u8]) -> u32 {
    let hash = id
        .iter()
        .fold(0x811c_9dc5, |hash: u32, b| (hash ^ u32::from(*b)).wrapping_mul(0x0100_0193));
    hash & !BY_STREAM
}

/// The statement that an answer says was prepared.
pub(super) fn prepared(body: &[u8]) -> Option<u32> {
    const PREPARED: u32 = 4;
    let mut r = Reader(body);
    (r.u32()? == PREPARED).then_some(())?;
    r.text16().map(key)
}

/// What is behind the number of a trace, warnings and a payload.
pub(super) fn behind_extras(flags: u8, body: &[u8]) -> Option<&[u8]> {
    let mut r = Reader(body);
    if flags & TRACED != 0 {
        r.take(16)?;
    }
    if flags & WARNED != 0 {
        for _ in 0..r.u16()? {
            r.text16()?;
        }
    }
    if flags & PAYLOAD != 0 {
        for _ in 0..r.u16()? {
            r.text16()?;
            r.text32()?;
        }
    }
    Some(r.0)
}

/// What bodies will be packed with, and who the client is.
pub(super) fn startup(body: &[u8]) -> (Option<Packing>, [(&'static str, &[u8]); 4]) {
    let mut r = Reader(body);
    let mut attributes = [("", &b""[..]); 4];
    let mut packing = None;
    for _ in 0..r.u16().unwrap_or(0).min(MAX_PAIRS) {
        let (Some(name), Some(value)) = (r.text16(), r.text16()) else { break };
        match name {
            b"COMPRESSION" if value == b"lz4" => packing = Some(Packing::Lz4Block),
            b"COMPRESSION" if value == b"snappy" => packing = Some(Packing::Snappy),
            b"CQL_VERSION" => attributes[0] = ("cql_version", value),
            b"DRIVER_NAME" => attributes[1] = ("driver", value),
            b"APPLICATION_NAME" => attributes[2] = ("application", value),
            _ => {}
        }
    }
    (packing, attributes)
}

fn consistency(number: u16) -> &'static [u8] {
    const NAMES: [&[u8]; 11] = [
        b"ANY",
        b"ONE",
        b"TWO",
        b"THREE",
        b"QUORUM",
        b"ALL",
        b"LOCAL_QUORUM",
        b"EACH_QUORUM",
        b"SERIAL",
        b"LOCAL_SERIAL",
        b"LOCAL_ONE",
    ];
    NAMES.get(usize::from(number)).copied().unwrap_or(b"")
}

/// Where what is read of a request goes.
pub(super) struct Read<'a, 'o> {
    pub(super) bytes: &'a mut Vec<u8>,
    pub(super) more: &'a mut Vec<u8>,
    pub(super) facts: &'a mut Facts,
    pub(super) trace: &'o TraceOptions,
    pub(super) hide: bool,
}

impl<'a> Read<'a, '_> {
    /// Passes over what clients may send along with a request, and finds trace context in it.
    pub(super) fn payload(
        &self,
        flags: u8,
        body: &'a [u8],
    ) -> Option<(Option<Found<'a>>, &'a [u8])> {
        let mut r = Reader(body);
        if flags & PAYLOAD == 0 {
            return Some((None, body));
        }
        let mut found = Found::default();
        for _ in 0..r.u16()? {
            let (name, value) = (r.text16()?, r.text32()?);
            found.offer(name, value, self.trace);
        }
        Some((Some(found), r.0))
    }

    /// A request other than the first.
    pub(super) fn request(
        self,
        opcode: u8,
        stream: u32,
        (found, body): (Option<Found<'a>>, &'a [u8]),
        statements: &mut Statements,
        base: Message<'a>,
    ) -> Message<'a> {
        let mut r = Reader(body);
        match opcode {
            op::QUERY | op::PREPARE => {
                let text = long_text(&mut r);
                let level =
                    if opcode == op::QUERY { r.u16().map_or(&b""[..], consistency) } else { b"" };
                let read = sql::read(text, Dialect::Cql, self.bytes);
                if opcode == op::PREPARE {
                    let out = &self.bytes[..];
                    statements.close(stream);
                    statements.prepare(read.fingerprint(out), read.operation(), read.table(out));
                    statements.prepared(stream, 0);
                }
                let mut message = base;
                message.trace = read.trace(text, found, self.trace, self.more);
                read.describe(&mut message, text, self.bytes, self.hide);
                message.attributes[2] = ("consistency", level);
                message
            }
            op::EXECUTE => {
                let mut message = known(r.text16().unwrap_or(b""), statements, self.bytes, base);
                if let Some(found) = found {
                    message.trace = found.context(b"", self.trace, self.more);
                }
                message
            }
            op::BATCH => {
                let _kind = r.u8();
                let count = r.u16().unwrap_or(0);
                self.facts.metric("batch_statements", f64::from(count));
                let base = Message { facts: Some(self.facts), ..base };
                match r.u8() {
                    Some(0) => {
                        let text = long_text(&mut r);
                        let read = sql::read(text, Dialect::Cql, self.bytes);
                        let mut message = base;
                        message.trace = read.trace(text, found, self.trace, self.more);
                        read.describe(&mut message, text, self.bytes, self.hide);
                        message
                    }
                    Some(1) => known(r.text16().unwrap_or(b""), statements, self.bytes, base),
                    _ => base,
                }
            }
            _ => base,
        }
    }
}

/// A statement that was prepared.
fn known<'a>(
    id: &[u8],
    statements: &Statements,
    out: &'a mut Vec<u8>,
    base: Message<'a>,
) -> Message<'a> {
    let Some(known) = statements.get(Some(key(id))) else { return base };
    out.extend_from_slice(known.text);
    let text = out.len();
    out.extend_from_slice(known.table);
    let (text, table) = out.split_at(text);
    Message {
        request_resource: text,
        endpoint: text,
        attributes: [("db_operation", known.operation), ("db_table", table), ("", b""), ("", b"")],
        ..base
    }
}

/// A text behind its length, or as much of it as is there.
fn long_text<'a>(r: &mut Reader<'a>) -> &'a [u8] {
    let len = r.u32().unwrap_or(0) as usize;
    r.take(len.min(r.0.len())).unwrap_or(b"")
}
