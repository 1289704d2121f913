//! The pieces of a JSON text (RFC 8259).

use std::fmt::{Display, Write};

/// Formats straight into the bytes.
struct Bytes<'a>(&'a mut Vec<u8>);

impl Write for Bytes<'_> {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        self.0.extend_from_slice(s.as_bytes());
        Ok(())
    }
}

/// A comma, the name, a colon. Names of columns need no escaping.
pub(super) fn key(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// An integer.
pub(super) fn number(out: &mut Vec<u8>, value: impl Display) {
    let _ = write!(Bytes(out), "{value}"); // never fails
}

/// A number, or null for what JSON has no number for.
pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        number(out, value);
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Something that prints without quotes or backslashes, quoted.
pub(super) fn quoted(out: &mut Vec<u8>, value: impl Display) {
    out.push(b'"');
    number(out, value);
    out.push(b'"');
}

/// The low 48 bits as a MAC address.
pub(super) fn mac(out: &mut Vec<u8>, value: u64) {
    let [.., a, b, c, d, e, f] = value.to_be_bytes();
    quoted(out, format_args!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"));
}

/// A string. Bytes that are not UTF-8 become the replacement character.
pub(super) fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        escaped(out, chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}

fn escaped(out: &mut Vec<u8>, text: &[u8]) {
    let mut plain = 0;
    for (i, byte) in text.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[plain..i]);
        plain = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => number(out, format_args!("\\u{other:04x}")),
        }
    }
    out.extend_from_slice(&text[plain..]);
}
