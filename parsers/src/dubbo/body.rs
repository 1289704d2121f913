//! The names in a request's body and what a response's body says, by serialisation.
//!
//! A request's body is the protocol's version, the service, its version, the method, the types of
//! the arguments, the arguments, and a map of attachments. All serialisations write these one
//! after the other; how a text looks is what differs. In Hessian the arguments are walked over;
//! elsewhere, and where that fails, attachments are looked for by name.

use super::Header;
use crate::hessian::Hessian;
use crate::reader::{self, Reader};
use crate::trace::{Carried, OWN_SPAN, OWN_TRACE, TraceOptions};

/// Attachments that are looked at.
const MAX_ATTACHMENTS: usize = 64;
/// Arguments that are walked over.
const MAX_ARGUMENTS: usize = 64;
/// Texts that stand in front of the arguments.
const TEXTS: usize = 5;

/// What a request calls.
#[derive(Debug, Default)]
pub(super) struct Call<'a> {
    pub(super) version: &'a [u8],
    pub(super) service: &'a [u8],
    pub(super) service_version: &'a [u8],
    pub(super) method: &'a [u8],
    pub(super) carried: Carried<'a>,
}

impl<'a> Call<'a> {
    fn named(texts: [&'a [u8]; TEXTS]) -> Self {
        let [version, service, service_version, method, _] = texts;
        let name = |text| if reader::is_name(text) { text } else { &b""[..] };
        Self {
            version: name(version),
            service: name(service),
            service_version: name(service_version),
            method: name(method),
            carried: Carried::default(),
        }
    }
}

/// How a serialisation writes texts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Hessian,
    Json,
    Kryo,
    Java,
    /// Fastjson 2's binary form.
    Jsonb,
}

fn coding(serialization: u8) -> Option<Coding> {
    match serialization {
        2 | 10 => Some(Coding::Hessian),
        3 | 4 | 7 => Some(Coding::Java),
        6 | 16 | 21 => Some(Coding::Json),
        8 | 25 => Some(Coding::Kryo),
        23 => Some(Coding::Jsonb),
        _ => None,
    }
}

/// The name of a serialisation (org.apache.dubbo.common.serialize.Constants).
pub(super) fn name(serialization: u8) -> &'static [u8] {
    match serialization {
        2 => b"HESSIAN2",
        3 => b"JAVA",
        4 => b"COMPACTED_JAVA",
        6 => b"FASTJSON",
        7 => b"NATIVE_JAVA",
        8 => b"KRYO",
        9 => b"FST",
        10 => b"NATIVE_HESSIAN",
        11 => b"AVRO",
        12 => b"PROTOSTUFF",
        16 => b"GSON",
        21 => b"PROTOBUF_JSON",
        22 => b"PROTOBUF",
        23 => b"FASTJSON2",
        25 => b"KRYO2",
        31 => b"MSGPACK",
        _ => b"",
    }
}

/// Reads a request's body; what has to be decoded goes to `decoded`.
#[inline]
pub(super) fn call<'a>(
    serialization: u8,
    body: &'a [u8],
    options: &TraceOptions,
    decoded: &'a mut Vec<u8>,
) -> Call<'a> {
    match coding(serialization) {
        Some(Coding::Hessian) => hessian(body, options),
        Some(Coding::Json) => json(body, options),
        Some(Coding::Java) => by_name(body, options, Coding::Java, java),
        Some(Coding::Jsonb) => by_name(body, options, Coding::Jsonb, jsonb),
        Some(Coding::Kryo) => kryo(body, options, decoded),
        None => Call::default(),
    }
}

fn hessian<'a>(body: &'a [u8], options: &TraceOptions) -> Call<'a> {
    let mut h = Hessian::new(body);
    let mut texts: [&[u8]; TEXTS] = [b""; TEXTS];
    for text in &mut texts {
        match h.text() {
            Some(found) => *text = found,
            // Versions may be absent.
            None if h.skip().is_some() => {}
            None => break,
        }
    }
    let mut call = Call::named(texts);
    let arguments = arguments(texts[TEXTS - 1]);
    let walked = (0..arguments).try_for_each(|_| h.skip());
    if walked.is_none() || !h.enter_map() {
        look_for(h.rest(), options, Coding::Hessian, &mut call.carried);
        return call;
    }
    for _ in 0..MAX_ATTACHMENTS {
        if h.at_end() {
            break;
        }
        let Some(name) = h.text() else {
            if h.skip().and_then(|()| h.skip()).is_none() {
                break;
            }
            continue;
        };
        match h.text() {
            Some(value) => call.carried.offer(name, value, options),
            None if h.skip().is_some() => {}
            None => {
                look_for(h.rest(), options, Coding::Hessian, &mut call.carried);
                break;
            }
        }
    }
    call
}

/// How many arguments there are by their types (JVM specification 4.3.2).
fn arguments(types: &[u8]) -> usize {
    let (mut count, mut in_class) = (0, false);
    for b in types {
        match b {
            b';' if in_class => in_class = false,
            _ if in_class => {}
            b'[' => {}
            b'L' => {
                in_class = true;
                count += 1;
            }
            _ => count += 1,
        }
    }
    count.min(MAX_ARGUMENTS)
}

/// Lines of JSON: texts in quotes, and the attachments as the last one.
fn json<'a>(body: &'a [u8], options: &TraceOptions) -> Call<'a> {
    let mut lines = body.split(|b| *b == b'\n');
    let mut texts: [&[u8]; TEXTS] = [b""; TEXTS];
    for text in &mut texts {
        let line = crate::text::trim(lines.next().unwrap_or(b""));
        *text = line.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")).unwrap_or(b"");
    }
    let mut call = Call::named(texts);
    let last = lines.rfind(|l| l.starts_with(b"{")).unwrap_or(b"");
    look_for(last, options, Coding::Json, &mut call.carried);
    call
}

/// Texts by `read`, and attachments by their names.
fn by_name<'a>(
    body: &'a [u8],
    options: &TraceOptions,
    coding: Coding,
    read: fn(&mut Reader<'a>) -> Option<&'a [u8]>,
) -> Call<'a> {
    let mut r = Reader(body);
    if coding == Coding::Java && body.starts_with(&[0xac, 0xed]) {
        r.take(4);
    }
    let mut texts: [&[u8]; TEXTS] = [b""; TEXTS];
    for text in &mut texts {
        let Some(found) = read(&mut r) else { break };
        *text = found;
    }
    let mut call = Call::named(texts);
    look_for(r.0, options, coding, &mut call.carried);
    call
}

/// A text in a Java object stream (Java Object Serialization Specification 6.4): in a block of
/// data, with its length in two bytes, or again in front of that in four.
fn java<'a>(r: &mut Reader<'a>) -> Option<&'a [u8]> {
    match r.0.first()? {
        0x77 => drop(r.take(2)?),
        0x7a => drop(r.take(5)?),
        _ => {}
    }
    if let [0, 0, a, b, c, d, ..] = r.0
        && [a, b] == [c, d]
    {
        r.take(4)?;
    }
    r.text16()
}

/// A text of JSONB behind the length of its bytes.
fn jsonb<'a>(r: &mut Reader<'a>) -> Option<&'a [u8]> {
    let text = r.text32()?;
    jsonb_text(text).or(Some(text))
}

/// A text of ASCII: short ones with their length in the tag.
fn jsonb_text(bytes: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = bytes.split_first()?;
    match tag {
        0x49..=0x78 => rest.get(..usize::from(tag - 0x49)),
        0x79 | 0x7a => match rest {
            [n @ 0..=0x2f, text @ ..] => text.get(..usize::from(*n)),
            [n @ 0x38..=0x3f, low, text @ ..] => {
                text.get(..usize::from(n - 0x38) << 8 | usize::from(*low))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Kryo marks the last byte of a short ASCII text, so texts are copied.
fn kryo<'a>(body: &'a [u8], options: &TraceOptions, decoded: &'a mut Vec<u8>) -> Call<'a> {
    let mut r = Reader(body);
    let mut ends = [0; TEXTS];
    for end in &mut ends {
        if kryo_text(&mut r, decoded).is_none() {
            break;
        }
        *end = decoded.len();
    }
    let fixed = decoded.len();
    // Values that are found: the place of the name, and where the value stands in `decoded`.
    let mut found = [(0, 0, 0); 8];
    let mut count = 0;
    for (i, name) in names(options).enumerate() {
        let Some((last, front)) = name.split_last() else { continue };
        for at in memchr::memmem::find_iter(r.0, front) {
            let behind = &r.0[at + front.len()..];
            if behind.first() != Some(&(last | 0x80)) || count == found.len() {
                continue;
            }
            // The number of the class of texts comes first, where values may be of any class.
            let from = decoded.len();
            let text = (1..=2).rev().find_map(|skip| {
                let mut value = Reader(behind.get(skip..)?);
                decoded.truncate(from);
                kryo_text(&mut value, decoded).filter(|n| *n > 0)
            });
            if text.is_some() {
                found[count] = (i, from, decoded.len());
                count += 1;
                break;
            }
        }
    }
    let decoded: &'a [u8] = decoded;
    let mut texts: [&[u8]; TEXTS] = [b""; TEXTS];
    let mut from = 0;
    for (text, end) in texts.iter_mut().zip(ends) {
        *text = decoded.get(from..end.min(fixed)).unwrap_or(b"");
        from = end.max(from);
    }
    let mut call = Call::named(texts);
    for &(i, from, end) in &found[..count] {
        if let Some(name) = names(options).nth(i) {
            call.carried.offer(name, &decoded[from..end], options);
        }
    }
    call
}

/// Appends a text; its length.
fn kryo_text(r: &mut Reader<'_>, out: &mut Vec<u8>) -> Option<usize> {
    const MAX_PLAIN: usize = 64;
    let first = *r.0.first()?;
    if first & 0x80 == 0 {
        let end = r.0.iter().take(MAX_PLAIN).position(|b| b & 0x80 != 0)?;
        let text = r.take(end + 1)?;
        let from = out.len();
        out.extend_from_slice(text);
        out[from + end] &= 0x7f;
        return Some(end + 1);
    }
    r.take(1)?;
    // One more than the length, in pieces of 6, 7, 7, ... bits.
    let mut n = usize::from(first & 0x3f);
    if first & 0x40 != 0 {
        for shift in [6, 13, 20] {
            let b = r.u8()?;
            n |= usize::from(b & 0x7f) << shift;
            if b & 0x80 == 0 {
                break;
            }
        }
    }
    let text = r.take(n.saturating_sub(1))?;
    out.extend_from_slice(text);
    Some(text.len())
}

/// Names of attachments that are worth looking for.
fn names(options: &TraceOptions) -> impl Iterator<Item = &[u8]> {
    options.names().chain(OWN_TRACE).chain(OWN_SPAN)
}

/// Looks for attachments by their names wherever they stand.
fn look_for<'a>(
    bytes: &'a [u8],
    options: &TraceOptions,
    coding: Coding,
    carried: &mut Carried<'a>,
) {
    for name in names(options) {
        for at in memchr::memmem::find_iter(bytes, name) {
            let (before, behind) = (&bytes[..at], &bytes[at + name.len()..]);
            let len = name.len() as u8;
            let value = match coding {
                Coding::Hessian if before.last() == Some(&len) => Hessian::new(behind).text(),
                Coding::Java if before.ends_with(&[0, len]) => {
                    let mut r = Reader(behind);
                    if r.u8() == Some(b't') { r.text16() } else { None }
                }
                Coding::Jsonb if before.last() == Some(&(0x49 + len)) => jsonb_text(behind),
                Coding::Json if before.last() == Some(&b'"') => {
                    behind.strip_prefix(b"\":\"").and_then(|v| v.split(|b| *b == b'"').next())
                }
                _ => None,
            };
            if let Some(value) = value {
                carried.offer(name, value, options);
                break;
            }
        }
    }
}

/// The event that says: send no more requests.
pub(super) fn is_read_only(body: &[u8]) -> bool {
    matches!(body, b"\x01R" | b"\"R\"" | b"\"R\"\n")
}

/// What went wrong: an error's text, or the class and the text of what the method threw.
pub(super) fn exception<'a>(h: Header, body: &'a [u8], out: &'a mut Vec<u8>) -> &'a [u8] {
    let coding = coding(h.serialization());
    if h.status != 20 {
        return match coding {
            Some(Coding::Hessian) => Hessian::new(body).text().unwrap_or(b""),
            Some(Coding::Json) => crate::text::trim(body),
            _ => b"",
        };
    }
    match coding {
        Some(Coding::Hessian) => {
            let mut h = Hessian::new(body);
            // 0 and 3: an exception, without and with attachments.
            if !matches!(h.int(), Some(0 | 3)) {
                return b"";
            }
            let Some(class) = h.class() else { return b"exception" };
            out.extend_from_slice(class);
            if let Some(text) = h.field(b"detailMessage") {
                out.extend_from_slice(b": ");
                out.extend_from_slice(text);
            }
            out
        }
        Some(Coding::Json) if matches!(body, [b'0' | b'3', b'\n' | b'\r', ..]) => {
            let text = body.split(|b| *b == b'\n').nth(1).unwrap_or(b"");
            if text.is_empty() { b"exception" } else { text }
        }
        _ => b"",
    }
}
