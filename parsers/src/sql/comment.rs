//! Trace context in comments: `/*traceparent='00-..-..-01',key='v'*/` (sqlcommenter),
//! `/* traceparent: 00-..-..-01 */` and the like.

use crate::trace::{Found, TraceOptions};

/// Pairs of one comment that are looked at.
const MAX_PAIRS: usize = 16;

/// Offers every `name=value`, `name: value` and `"name": value` of a comment's text.
#[cold]
pub(crate) fn read<'a>(mut text: &'a [u8], options: &TraceOptions, found: &mut Found<'a>) {
    for _ in 0..MAX_PAIRS {
        let Some(at) = memchr::memchr2(b'=', b':', text) else { return };
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let before = before.trim_ascii_end();
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        let name = before.iter().rev().take_while(|b| is_name(**b)).count();
        let name = &before[before.len() - name..];
        let behind = behind.trim_ascii_start();
        let (value, rest) = match behind.split_first() {
            Some((quote @ (b'\'' | b'"'), inside)) => {
                let end = memchr::memchr(*quote, inside).unwrap_or(inside.len());
                (&inside[..end], inside.get(end + 1..).unwrap_or(b""))
            }
            _ => {
                let end = behind.iter().position(|b| is_end(*b)).unwrap_or(behind.len());
                behind.split_at(end)
            }
        };
        if !name.is_empty() && !value.is_empty() {
            found.offer(name, value, options);
        }
        text = rest;
    }
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

fn is_end(b: u8) -> bool {
    matches!(b, b',' | b';' | b'*') || b.is_ascii_whitespace()
}
