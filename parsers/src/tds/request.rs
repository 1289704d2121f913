//! What clients of TDS send: options before the login, the login, batches of SQL, calls of
//! procedures, transactions. Texts are UTF-16 and become UTF-8 in scratch.

use crate::message::{Message, Scratch, TraceContext};
use crate::sql::{self, Dialect, MAX_STATEMENT};
use crate::trace::TraceOptions;
use std::io::Write as _;

/// Parameters of a call that are looked at.
const MAX_PARAMETERS: usize = 8;

/// Procedures that are called by number, from 1 on.
const PROCEDURES: [&[u8]; 15] = [
    b"sp_cursor",
    b"sp_cursoropen",
    b"sp_cursorprepare",
    b"sp_cursorexecute",
    b"sp_cursorprepexec",
    b"sp_cursorunprepare",
    b"sp_cursorfetch",
    b"sp_cursoroption",
    b"sp_cursorclose",
    b"sp_executesql",
    b"sp_prepare",
    b"sp_execute",
    b"sp_prepexec",
    b"sp_prepexecrpc",
    b"sp_unprepare",
];

/// Numbers taken off the front, the lowest byte first.
#[derive(Clone, Copy)]
pub(super) struct Little<'a>(pub(super) &'a [u8]);

impl<'a> Little<'a> {
    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// Appends UTF-16 as UTF-8, as much of it as a statement may have.
pub(super) fn push_text(utf16: &[u8], out: &mut Vec<u8>) {
    let end = out.len() + MAX_STATEMENT;
    let (units, _) = utf16.as_chunks::<2>();
    for c in char::decode_utf16(units.iter().map(|u| u16::from_le_bytes(*u))) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        if out.len() + c.len_utf8() > end {
            return;
        }
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Is it a list of options: a version first, offsets that fit?
pub(super) fn is_options(body: &[u8]) -> bool {
    begins_options(body) == Some(true)
}

/// The same of the front of one; `None`: too few bytes to tell.
pub(super) fn begins_options(body: &[u8]) -> Option<bool> {
    let [token, hi, lo, len_hi, len_lo, next, ..] = body else {
        let fits = body.iter().take(2).all(|b| *b == 0);
        return if fits { None } else { Some(false) };
    };
    let offset = u16::from_be_bytes([*hi, *lo]);
    let fits = *token == 0
        && [*len_hi, *len_lo] == [0, 6]
        && (6..128).contains(&offset)
        && offset % 5 == 1
        && (*next < 8 || *next == 0xff);
    Some(fits)
}

/// Do the options allow that the login is encrypted?
pub(super) fn may_encrypt(body: &[u8]) -> bool {
    const ENCRYPTION: u8 = 1;
    const NOT_SUPPORTED: u8 = 2;
    let options = body.as_chunks::<5>().0.iter().take_while(|o| o[0] != 0xff);
    let found = options.into_iter().find(|o| o[0] == ENCRYPTION);
    let at = found.map(|o| usize::from(u16::from_be_bytes([o[1], o[2]])));
    at.and_then(|at| body.get(at)).is_some_and(|how| *how != NOT_SUPPORTED)
}

/// The front of a login whose packet has `len` bytes behind its header.
pub(super) fn begins_login(body: &[u8], len: usize) -> Option<bool> {
    let mut r = Little(body);
    let total = r.u32()?;
    let version = r.u32()?;
    let fits = total as usize >= len && (94..128 * 1024).contains(&total);
    Some(fits && (0x70..=0x74).contains(&(version >> 24)))
}

/// The headers in front of requests since 7.2: a transaction's.
pub(super) fn begins_headers(body: &[u8]) -> Option<bool> {
    let mut r = Little(body);
    let total = r.u32()?;
    let len = r.u32()?;
    let kind = r.u16()?;
    Some((10..512).contains(&total) && len < total && (1..=3).contains(&kind) && len >= 6)
}

/// What is behind the headers of a request, and the activity that they name.
fn behind_headers(body: &[u8]) -> (&[u8], Option<&[u8]>) {
    const ACTIVITY: u16 = 3;
    if begins_headers(body) != Some(true) {
        return (body, None);
    }
    let mut r = Little(body);
    let total = r.u32().unwrap_or(0) as usize;
    let Some(mut headers) = total.checked_sub(4).and_then(|n| r.take(n)).map(Little) else {
        return (b"", None);
    };
    let mut activity = None;
    while let (Some(len), Some(kind)) = (headers.u32(), headers.u16()) {
        let Some(data) = (len as usize).checked_sub(6).and_then(|n| headers.take(n)) else { break };
        if kind == ACTIVITY {
            activity = data.get(..16);
        }
    }
    (r.0, activity)
}

/// The number of an activity as .NET writes it.
fn push_activity(guid: &[u8], out: &mut Vec<u8>) {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    for (n, at) in ORDER.into_iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        let _ = write!(out, "{:02x}", guid[at]);
    }
}

/// Are counts of rows eight bytes long for this login?
pub(super) fn is_wide(login: &[u8]) -> bool {
    let mut r = Little(login);
    r.u32().and_then(|_| r.u32()).is_none_or(|version| version >> 24 >= 0x72)
}

/// A login: who, to which database, from which program. The password is not looked at.
pub(super) fn login<'a>(
    body: &'a [u8],
    base: Message<'a>,
    scratch: &'a mut Scratch,
) -> Message<'a> {
    let out = &mut scratch.bytes;
    out.clear();
    let mut ends = [0; 4];
    for (at, end) in [40, 68, 48, 36].into_iter().zip(&mut ends) {
        let mut r = Little(body.get(at..).unwrap_or(b""));
        if let (Some(offset), Some(len)) = (r.u16(), r.u16()) {
            let text = body.get(usize::from(offset)..).unwrap_or(b"");
            push_text(&text[..text.len().min(2 * usize::from(len))], out);
        }
        *end = out.len();
    }
    let version = Little(body.get(4..).unwrap_or(b"")).u32().unwrap_or(0) >> 24;
    Message {
        version: match version {
            0x70 => b"7.0",
            0x71 => b"7.1",
            0x72 => b"7.2",
            0x73 => b"7.3",
            0x74 => b"7.4",
            _ => b"",
        },
        request_type: b"LOGIN7",
        endpoint: b"LOGIN7",
        request_resource: &out[..ends[0]],
        request_domain: &out[ends[0]..ends[1]],
        attributes: [
            ("application", &out[ends[1]..ends[2]]),
            ("client_host", &out[ends[2]..ends[3]]),
            ("", b""),
            ("", b""),
        ],
        ..base
    }
}

/// A batch of statements, of which the first counts.
pub(super) fn batch<'a>(
    body: &'a [u8],
    base: Message<'a>,
    scratch: &'a mut Scratch,
    hide: bool,
    trace: &TraceOptions,
) -> Message<'a> {
    let (text, activity) = behind_headers(body);
    scratch.decoded.clear();
    push_text(text, &mut scratch.decoded);
    let message = Message { request_type: b"SQLBatch", ..base };
    statement(message, activity, scratch, hide, trace)
}

/// Describes the statement in `scratch.decoded`.
fn statement<'a>(
    mut message: Message<'a>,
    activity: Option<&[u8]>,
    scratch: &'a mut Scratch,
    hide: bool,
    trace: &TraceOptions,
) -> Message<'a> {
    let Scratch { bytes, decoded, more, .. } = scratch;
    bytes.clear();
    more.clear();
    let text = decoded.len();
    if let Some(guid) = activity {
        push_activity(guid, decoded);
    }
    let (text, activity) = decoded.split_at(text);
    let read = sql::read(text, Dialect::TSql, bytes);
    message.trace = read.trace(text, None, trace, more);
    message.trace = TraceContext { x_request_id: activity, ..message.trace };
    read.describe(&mut message, text, bytes, hide);
    message
}

/// A call of a procedure; of those that run statements, the statement.
pub(super) fn rpc<'a>(
    body: &'a [u8],
    base: Message<'a>,
    scratch: &'a mut Scratch,
    hide: bool,
    trace: &TraceOptions,
) -> Message<'a> {
    let (body, activity) = behind_headers(body);
    let mut r = Little(body);
    let names = &mut scratch.bytes;
    names.clear();
    let known = match r.u16() {
        Some(0xffff) => {
            let number = usize::from(r.u16().unwrap_or(0));
            number.checked_sub(1).and_then(|n| PROCEDURES.get(n)).copied()
        }
        Some(len) => {
            push_text(r.take(2 * usize::from(len)).unwrap_or(r.0), names);
            PROCEDURES.iter().copied().find(|p| p.eq_ignore_ascii_case(names))
        }
        None => None,
    };
    let message = Message { request_type: b"RPC", ..base };
    let Some(name) = known else {
        let name: &'a [u8] = &scratch.bytes;
        let attributes = [("db_operation", &b"EXEC"[..]), ("db_table", name), ("", b""), ("", b"")];
        return Message { request_resource: name, endpoint: name, attributes, ..message };
    };
    let message = Message { request_type: name, ..message };
    let _flags = r.u16();
    // Which of the texts is the statement: others say what the parameters are.
    let which = match name {
        b"sp_executesql" | b"sp_cursoropen" => 0,
        b"sp_prepare" | b"sp_prepexec" | b"sp_cursorprepare" | b"sp_cursorprepexec" => 1,
        _ => usize::MAX,
    };
    let parameters = parameters(&mut r, which, &mut scratch.decoded);
    if parameters.is_text {
        return statement(message, activity, scratch, hide, trace);
    }
    Message { endpoint: name, request_id: parameters.handle, ..message }
}

#[derive(Default)]
struct Parameters {
    is_text: bool,
    handle: Option<u64>,
}

/// Goes through parameters up to the text that is wanted; the first number is a handle.
fn parameters(r: &mut Little<'_>, which: usize, out: &mut Vec<u8>) -> Parameters {
    let mut found = Parameters::default();
    let mut texts = 0;
    out.clear();
    for at in 0..MAX_PARAMETERS {
        match parameter(r) {
            Some(Value::Text(text, wide)) => {
                if texts == which {
                    match wide {
                        true => push_text(text, out),
                        false => out.extend_from_slice(&text[..text.len().min(MAX_STATEMENT)]),
                    }
                    found.is_text = true;
                    return found;
                }
                texts += 1;
            }
            Some(Value::Number(n)) if at == 0 => found.handle = Some(n),
            Some(_) => {}
            None => return found,
        }
    }
    found
}

enum Value<'a> {
    /// UTF-16, or one byte for each character.
    Text(&'a [u8], bool),
    Number(u64),
    Null,
}

fn parameter<'a>(r: &mut Little<'a>) -> Option<Value<'a>> {
    let name = usize::from(r.u8()?);
    r.take(2 * name)?;
    let _status = r.u8()?;
    match r.u8()? {
        0x26 => {
            let _max = r.u8()?;
            let len = usize::from(r.u8()?);
            let digits = r.take(len)?;
            let number = digits.iter().rev().fold(0, |n: u64, b| n << 8 | u64::from(*b));
            Some(if len == 0 { Value::Null } else { Value::Number(number) })
        }
        kind @ (0xe7 | 0xa7) => {
            let max = r.u16()?;
            r.take(5)?;
            let wide = kind == 0xe7;
            let text = match max {
                // In parts: the first is nearly always all of it.
                0xffff if r.u64()? == u64::MAX => return Some(Value::Null),
                0xffff => {
                    let len = r.u32()? as usize;
                    let text = rest_at_most(r, len);
                    if len > 0 {
                        r.u32().unwrap_or(0);
                    }
                    text
                }
                _ => match r.u16()? {
                    0xffff => return Some(Value::Null),
                    len => rest_at_most(r, usize::from(len)),
                },
            };
            Some(Value::Text(text, wide))
        }
        kind @ (0x63 | 0x23) => {
            r.u32()?;
            r.take(5)?;
            let len = r.u32()? as usize;
            Some(Value::Text(rest_at_most(r, len), kind == 0x63))
        }
        _ => None,
    }
}

/// A text, or as much of it as this packet has.
fn rest_at_most<'a>(r: &mut Little<'a>, len: usize) -> &'a [u8] {
    r.take(len.min(r.0.len())).unwrap_or(b"")
}

/// What a request to the manager of transactions wants.
pub(super) fn transaction(body: &[u8]) -> &'static [u8] {
    match Little(behind_headers(body).0).u16() {
        Some(0) => b"GET DTC ADDRESS",
        Some(1) => b"PROPAGATE TRANSACTION",
        Some(5) => b"BEGIN TRANSACTION",
        Some(6) => b"PROMOTE TRANSACTION",
        Some(7) => b"COMMIT TRANSACTION",
        Some(8) => b"ROLLBACK TRANSACTION",
        Some(9) => b"SAVE TRANSACTION",
        _ => b"TRANSACTION",
    }
}
