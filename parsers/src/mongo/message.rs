//! What the operations say: which command on what, and how it went.

use super::bson::{self, Element, Show, elements, le32};
use crate::message::ResponseStatus;
use crate::sql::comment;
use crate::trace::{Found, TraceOptions};

pub(super) const REPLY: u32 = 1;
const UPDATE: u32 = 2001;
const INSERT: u32 = 2002;
pub(super) const QUERY: u32 = 2004;
pub(super) const GET_MORE: u32 = 2005;
const DELETE: u32 = 2006;
const KILL_CURSORS: u32 = 2007;
const COMMAND: u32 = 2010;
const COMMAND_REPLY: u32 = 2011;
pub(super) const COMPRESSED: u32 = 2012;
pub(super) const MSG: u32 = 2013;

/// More messages come, or none is wanted.
pub(super) const MORE_TO_COME: u32 = 2;

/// The name of an operation.
pub(super) fn name(operation: u32) -> Option<&'static str> {
    Some(match operation {
        REPLY => "OP_REPLY",
        UPDATE => "OP_UPDATE",
        INSERT => "OP_INSERT",
        QUERY => "OP_QUERY",
        GET_MORE => "OP_GET_MORE",
        DELETE => "OP_DELETE",
        KILL_CURSORS => "OP_KILL_CURSORS",
        COMMAND => "OP_COMMAND",
        COMMAND_REPLY => "OP_COMMANDREPLY",
        COMPRESSED => "OP_COMPRESSED",
        MSG => "OP_MSG",
        _ => return None,
    })
}

/// Operations that the server does not answer.
pub(super) fn is_silent(operation: u32) -> bool {
    matches!(operation, UPDATE | INSERT | DELETE | KILL_CURSORS)
}

/// A request's front.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub(super) database: &'a [u8],
    pub(super) silent: bool,
    /// Where the resource ends in scratch and the endpoint begins.
    pub(super) resource: usize,
    pub(super) trace: Found<'a>,
}

/// A list's name, and its documents.
type List<'a> = (&'a [u8], &'a [u8]);

/// The first document of an `OP_MSG`, its flags, and a list of documents beside it.
pub(super) fn sections(body: &[u8]) -> (u32, &[u8], Option<List<'_>>) {
    let flags = le32(body).unwrap_or(0);
    let mut rest = body.get(4..).unwrap_or(b"");
    let (mut document, mut list) = (&b""[..], None);
    while let Some((&kind, section)) = rest.split_first() {
        let len = le32(section).unwrap_or(0) as usize;
        let there = &section[..len.min(section.len())];
        match kind {
            0 if document.is_empty() => document = there,
            1 if list.is_none() && there.len() > 4 => {
                let end = memchr::memchr(0, &there[4..]);
                list = end.map(|end| (&there[4..4 + end], &there[4 + end + 1..]));
            }
            _ => {}
        }
        if len < 4 {
            break;
        }
        rest = &section[there.len()..];
    }
    (flags, document, list)
}

/// Reads a request.
pub(super) fn request<'a>(
    operation: u32,
    body: &'a [u8],
    hide: bool,
    options: &TraceOptions,
    out: &mut Vec<u8>,
) -> Request<'a> {
    let mut request = Request { silent: is_silent(operation), ..Request::default() };
    let show = Show { hide, command: true };
    if operation == MSG {
        let (flags, document, list) = sections(body);
        request.silent = flags & MORE_TO_COME != 0;
        command(document, show, options, out, &mut request);
        if let Some((name, documents)) = list {
            let at = request.resource;
            let end = out.len();
            listed(name, documents, hide, out);
            // The list stands inside the command, whose closing brace is behind it.
            let added = out.len() - end;
            out[at.saturating_sub(1)..].rotate_right(added);
            request.resource += added;
        }
        return request;
    }
    let skip = usize::from(operation != COMMAND) * 4;
    let text = body.get(skip..).unwrap_or(b"");
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    let (name, rest) = (&text[..end], text.get(end + 1..).unwrap_or(b""));
    let dot = memchr::memchr(b'.', name).unwrap_or(name.len());
    request.database = &name[..dot];
    let collection = name.get(dot + 1..).unwrap_or(b"");
    let document = match operation {
        QUERY => rest.get(8..).unwrap_or(b""),
        INSERT => rest,
        UPDATE | DELETE => rest.get(4..).unwrap_or(b""),
        _ => b"",
    };
    if operation == QUERY && collection == b"$cmd" {
        // A driver may wrap the command to say where it is to be carried out.
        let wrapped =
            elements(document).next().filter(|e| e.name == b"$query" || e.name == b"query");
        let document = wrapped.map_or(document, |e| e.value);
        let database = request.database;
        command(document, show, options, out, &mut request);
        request.database = database;
        return request;
    }
    if document.len() >= 4 {
        bson::write(document, Show { hide, command: false }, out);
    } else {
        out.extend_from_slice(name);
    }
    request.resource = out.len();
    let verb: &[u8] = match operation {
        QUERY => b"query ",
        INSERT => b"insert ",
        UPDATE => b"update ",
        DELETE => b"delete ",
        GET_MORE => b"getMore ",
        _ => b"",
    };
    if !verb.is_empty() {
        out.extend_from_slice(verb);
        out.extend_from_slice(collection);
    }
    request
}

/// A command: its text, and its name with what it works on.
fn command<'a>(
    document: &'a [u8],
    show: Show,
    options: &TraceOptions,
    out: &mut Vec<u8>,
    request: &mut Request<'a>,
) {
    let mut collection = &b""[..];
    let mut name = &b""[..];
    for (i, e) in elements(document).enumerate() {
        match e.name {
            b"$db" => request.database = e.text(),
            b"collection" if name == b"getMore" => collection = e.text(),
            b"comment" => told(&e, options, &mut request.trace),
            _ if i == 0 => (name, collection) = (e.name, e.text()),
            _ => {}
        }
    }
    if document.is_empty() {
        return;
    }
    bson::write(document, show, out);
    request.resource = out.len();
    out.extend_from_slice(name);
    if !collection.is_empty() {
        out.push(b' ');
        out.extend_from_slice(collection);
    }
}

/// A comment may hold trace context, as text or as names and values.
fn told<'a>(e: &Element<'a>, options: &TraceOptions, found: &mut Found<'a>) {
    if e.kind == bson::DOCUMENT {
        for inner in elements(e.value).take(16) {
            found.offer(inner.name, inner.text(), options);
        }
    } else {
        comment::read(e.text(), options, found);
    }
}

/// `, "name": [first document, ...]`
fn listed(name: &[u8], documents: &[u8], hide: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(b", \"");
    out.extend_from_slice(name);
    out.extend_from_slice(b"\": [");
    let len = le32(documents).unwrap_or(0) as usize;
    if len >= 4 {
        bson::write(documents, Show { hide, command: false }, out);
        if documents.len() > len {
            out.extend_from_slice(b", ...");
        }
    }
    out.push(b']');
}

/// How a request went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome<'a> {
    pub(super) status: ResponseStatus,
    pub(super) code: Option<i32>,
    pub(super) text: &'a [u8],
    pub(super) changed: Option<u64>,
}

/// Reads an answer. `cut` tells that there is more of it than `body`.
pub(super) fn answer(operation: u32, body: &[u8], cut: bool) -> Outcome<'_> {
    match operation {
        MSG => outcome(sections(body).1, cut),
        REPLY => {
            let flags = le32(body).unwrap_or(0);
            let outcome = outcome(body.get(20..).unwrap_or(b""), true);
            if flags & 1 != 0 {
                // CursorNotFound
                return failed(Some(43), b"cursor not found");
            }
            if flags & 2 != 0 && outcome.status == ResponseStatus::Ok {
                return failed(outcome.code, outcome.text);
            }
            outcome
        }
        COMMAND_REPLY => outcome(body, cut),
        _ => Outcome::default(),
    }
}

fn failed(code: Option<i32>, text: &[u8]) -> Outcome<'_> {
    let status = code.map_or(ResponseStatus::ServerError, status);
    Outcome { status, code, text, changed: None }
}

/// Errors come in small documents: what is not all there, and none so far, has gone well.
fn outcome(document: &[u8], cut: bool) -> Outcome<'_> {
    let (mut code, mut text, mut ok) = (None, &b""[..], None);
    let (mut inner, mut n, mut modified) = (None, None, None);
    for e in elements(document) {
        match e.name {
            b"ok" => ok = e.number(),
            b"code" => code = e.number(),
            b"errmsg" | b"$err" => text = e.text(),
            b"n" => n = e.number(),
            b"nModified" => modified = e.number(),
            b"writeErrors" if inner.is_none() => {
                inner = elements(e.value).next().map(|first| first.value);
            }
            b"writeConcernError" if inner.is_none() => inner = Some(e.value),
            _ => {}
        }
    }
    let changed = modified.or(n).and_then(|n| u64::try_from(n).ok());
    if let Some(error) = inner {
        // Carried out, but not for all of it.
        for e in elements(error) {
            match e.name {
                b"code" => code = e.number(),
                b"errmsg" => text = e.text(),
                _ => {}
            }
        }
    } else if ok != Some(0) && (text.is_empty() || code.is_none()) {
        let said = ok.is_some() || cut && !document.is_empty();
        let status = if said { ResponseStatus::Ok } else { ResponseStatus::Unknown };
        return Outcome { status, changed, code: None, text: b"" };
    }
    let code = code.and_then(|c| i32::try_from(c).ok());
    Outcome { changed, ..failed(code, text) }
}

/// Whose fault an error is, by its code.
fn status(code: i32) -> ResponseStatus {
    match code {
        1
        | 6..=8
        | 24
        | 46
        | 50
        | 63
        | 64
        | 70
        | 74
        | 82
        | 84
        | 89..=91
        | 95
        | 96
        | 100
        | 112
        | 117
        | 133
        | 134
        | 146
        | 150
        | 189
        | 190
        | 202
        | 211
        | 216
        | 223
        | 234
        | 236
        | 237
        | 246
        | 251
        | 262
        | 282
        | 290
        | 314
        | 317
        | 358
        | 384
        | 402
        | 9001
        | 10003
        | 10058
        | 10107
        | 11600
        | 11602
        | 13388
        | 13435
        | 13436
        | 14031 => ResponseStatus::ServerError,
        _ => ResponseStatus::ClientError,
    }
}
