//! How names and values are written into ClickHouse SQL. Nothing a user typed reaches the store
//! except through these functions.

use std::fmt::Write as _;

/// A name of the catalogue in backquotes.
pub(crate) fn ident(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    out.push('`');
    for c in name.chars() {
        if matches!(c, '`' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('`');
    out
}

/// A string literal. Everything that could end it or change its meaning is escaped, control
/// characters included, so the text can stand anywhere in a statement.
pub(crate) fn string(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('\'');
    for c in value.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                let _ = write!(out, "\\x{:02X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A number as the user typed it, if it is one: digits, at most one point, an exponent.
pub(crate) fn number(text: &str) -> Option<Number> {
    if text.is_empty() || text.len() > 40 {
        return None;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Number::Int);
    }
    let shape =
        digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if shape && begins {
        text.parse::<f64>().ok().filter(|v| v.is_finite()).map(Number::Float)
    } else {
        None
    }
}

/// A numeric literal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// As ClickHouse reads it back to the same value.
    pub(crate) fn sql(self) -> String {
        match self {
            Self::Int(v) => v.to_string(),
            Self::Float(v) => format!("{v:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_literal_early() {
        assert_eq!(string("a'; DROP TABLE x --"), "'a\\'; DROP TABLE x --'");
        assert_eq!(string("\\'"), "'\\\\\\''");
        assert_eq!(string("\u{1}\n\0"), "'\\x01\\n\\0'");
        assert_eq!(ident("a`b\\"), "`a\\`b\\\\`");
    }

    #[test]
    fn numbers_are_numbers() {
        assert_eq!(number("-12"), Some(Number::Int(-12)));
        assert_eq!(number("1.5e3"), Some(Number::Float(1500.0)));
        for text in ["", "1;2", "inf", "nan", "0x10", "1_000", "--1", "e5", "1e999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
