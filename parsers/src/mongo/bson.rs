//! BSON documents: their elements one by one, as far as they are there, and as text, with the
//! values hidden.

/// Documents inside documents that are read.
const MAX_DEPTH: u8 = 12;
/// Bytes of text that one document becomes.
const MAX_TEXT: usize = 4 * 1024;

/// One element of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) kind: u8,
    pub(super) name: &'a [u8],
    /// The value's bytes, as far as they are there.
    pub(super) value: &'a [u8],
}

pub(super) const DOUBLE: u8 = 1;
pub(super) const TEXT: u8 = 2;
pub(super) const DOCUMENT: u8 = 3;
pub(super) const ARRAY: u8 = 4;
pub(super) const BOOL: u8 = 8;
pub(super) const INT: u8 = 16;
pub(super) const LONG: u8 = 18;

#[inline]
pub(super) fn le32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|b| u32::from_le_bytes(*b))
}

/// What is left of a document. Ends where the document or its bytes do, or where what follows is
/// no element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a>(&'a [u8]);

/// The elements of the document that begins with `bytes`.
#[inline]
pub(super) fn elements(bytes: &[u8]) -> Elements<'_> {
    let len = le32(bytes).unwrap_or(0) as usize;
    Elements(bytes.get(4..len.min(bytes.len())).unwrap_or(b""))
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let (&kind, rest) = self.0.split_first()?;
        if kind == 0 {
            return None;
        }
        let end = memchr::memchr(0, rest)?;
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let len = value_len(kind, rest)?;
        let value = &rest[..len.min(rest.len())];
        self.0 = &rest[value.len()..];
        Some(Element { kind, name, value })
    }
}

/// The length of a value that begins with `bytes`; what is not there counts too.
fn value_len(kind: u8, bytes: &[u8]) -> Option<usize> {
    let sized = |more: usize| Some(le32(bytes)? as usize).map(|n| n.saturating_add(more));
    Some(match kind {
        DOUBLE | 9 | 17 | LONG => 8,
        TEXT | 13 | 14 => sized(4)?,
        DOCUMENT | ARRAY | 15 => sized(0)?.max(4),
        5 => sized(5)?,
        6 | 10 | 0x7f | 0xff => 0,
        7 => 12,
        BOOL => 1,
        11 => {
            let first = memchr::memchr(0, bytes)?;
            first + 1 + memchr::memchr(0, &bytes[first + 1..])? + 1
        }
        12 => sized(16)?,
        INT => 4,
        19 => 16,
        _ => return None,
    })
}

impl<'a> Element<'a> {
    /// A text's bytes.
    pub(super) fn text(&self) -> &'a [u8] {
        if !matches!(self.kind, TEXT | 13 | 14) {
            return b"";
        }
        let text = self.value.get(4..).unwrap_or(b"");
        let whole = le32(self.value).is_some_and(|n| n as usize == text.len());
        if whole { text.strip_suffix(b"\0").unwrap_or(text) } else { text }
    }

    /// A number, whatever its type.
    pub(super) fn number(&self) -> Option<i64> {
        match self.kind {
            INT => le32(self.value).map(|n| i64::from(n as i32)),
            LONG => self.value.first_chunk().map(|b| i64::from_le_bytes(*b)),
            DOUBLE => self.value.first_chunk().map(|b| f64::from_le_bytes(*b) as i64),
            BOOL => self.value.first().map(|b| i64::from(*b)),
            _ => None,
        }
    }

    pub(super) const fn is_nested(&self) -> bool {
        matches!(self.kind, DOCUMENT | ARRAY)
    }
}

/// What of a document is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Show {
    /// Values are `?`.
    pub(super) hide: bool,
    /// It is a command: its name's value and the database are no data.
    pub(super) command: bool,
}

/// Elements of a command that say nothing of it.
fn is_noise(name: &[u8]) -> bool {
    matches!(name, b"lsid" | b"$clusterTime")
}

/// Texts that name what a command works on.
fn names(name: &[u8]) -> bool {
    matches!(name, b"$db" | b"collection" | b"mechanism")
}

/// Appends a document as text.
pub(super) fn write(document: &[u8], show: Show, out: &mut Vec<u8>) {
    let limit = out.len() + MAX_TEXT;
    out.push(b'{');
    let mut first = true;
    for (i, element) in elements(document).enumerate() {
        if show.command && is_noise(element.name) {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b", ");
        }
        let shown = show.command && (i == 0 || names(element.name)) && !element.is_nested();
        let hide = show.hide && !shown;
        named(element, hide, limit, MAX_DEPTH, out);
        if out.len() >= limit {
            break;
        }
    }
    out.push(b'}');
}

fn named(element: Element<'_>, hide: bool, limit: usize, depth: u8, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(element.name);
    out.extend_from_slice(b"\": ");
    // Of documents to be stored, one tells enough.
    let few = element.name == b"documents";
    value(element, hide, few, limit, depth, out);
}

fn value(e: Element<'_>, hide: bool, few: bool, limit: usize, depth: u8, out: &mut Vec<u8>) {
    if out.len() >= limit {
        return;
    }
    if !e.is_nested() {
        return if hide { out.push(b'?') } else { scalar(e, out) };
    }
    let (open, close) = if e.kind == ARRAY { (b'[', b']') } else { (b'{', b'}') };
    out.push(open);
    if depth > 0 {
        let (mut first, mut hidden) = (true, false);
        for inner in elements(e.value) {
            // A list of hidden values is as good as one of them.
            if e.kind == ARRAY && hidden && hide && !inner.is_nested() {
                continue;
            }
            hidden = !inner.is_nested();
            if !std::mem::take(&mut first) {
                out.extend_from_slice(b", ");
                if few {
                    out.extend_from_slice(b"...");
                    break;
                }
            }
            match e.kind {
                ARRAY => value(inner, hide, false, limit, depth - 1, out),
                _ => named(inner, hide, limit, depth - 1, out),
            }
            if out.len() >= limit {
                break;
            }
        }
    }
    out.push(close);
}

fn scalar(e: Element<'_>, out: &mut Vec<u8>) {
    use std::io::Write as _;
    match e.kind {
        TEXT | 13 | 14 => {
            out.push(b'"');
            out.extend_from_slice(e.text());
            out.push(b'"');
        }
        BOOL => out.extend_from_slice(if e.value == [0] { b"false" } else { b"true" }),
        6 | 10 => out.extend_from_slice(b"null"),
        7 => e.value.iter().for_each(|b| {
            let _ = write!(out, "{b:02x}");
        }),
        DOUBLE => {
            let n = e.value.first_chunk().map_or(0.0, |b| f64::from_le_bytes(*b));
            let _ = write!(out, "{n}");
        }
        INT | LONG => crate::bytes::push_decimal(out, e.number().unwrap_or(0)),
        9 => {
            let ms = e.value.first_chunk().map_or(0, |b| i64::from_le_bytes(*b));
            crate::bytes::push_decimal(out, ms);
        }
        _ => out.push(b'?'),
    }
}
