//! What a search looks for, as RFC 4515 writes it; values are `?` unless they may be shown.

use super::ber::Elements;

/// Filters inside one another that are shown.
const MAX_DEPTH: u8 = 6;
/// Bytes of a filter that are shown.
const MAX_TEXT: usize = 512;

/// Appends the filter with this tag and content.
pub(super) fn show((tag, content): (u8, &[u8]), hide: bool, out: &mut Vec<u8>) {
    filter(tag, content, hide, MAX_DEPTH, out);
}

fn filter(tag: u8, content: &[u8], hide: bool, depth: u8, out: &mut Vec<u8>) {
    if depth == 0 || out.len() >= MAX_TEXT {
        return;
    }
    out.push(b'(');
    match tag {
        0xa0..=0xa2 => {
            out.push(b"&|!"[usize::from(tag - 0xa0)]);
            for (tag, content) in Elements(content) {
                filter(tag, content, hide, depth - 1, out);
            }
        }
        0x87 => {
            push(content, out);
            out.extend_from_slice(b"=*");
        }
        0xa3 | 0xa5 | 0xa6 | 0xa8 => {
            let mut parts = Elements(content);
            push(parts.next().map_or(b"", |(_, name)| name), out);
            out.extend_from_slice(match tag {
                0xa3 => b"=",
                0xa5 => b">=",
                0xa6 => b"<=",
                _ => b"~=",
            });
            value(parts.next().map_or(b"", |(_, value)| value), hide, out);
        }
        0xa4 => {
            let mut parts = Elements(content);
            push(parts.next().map_or(b"", |(_, name)| name), out);
            out.push(b'=');
            let pieces = parts.next().map_or(&b""[..], |(_, pieces)| pieces);
            let last = Elements(pieces).count();
            for (n, (tag, piece)) in Elements(pieces).enumerate() {
                // The first piece stands at the beginning when its tag says so.
                if n > 0 || tag != 0x80 {
                    out.push(b'*');
                }
                value(piece, hide, out);
                if tag != 0x82 && n + 1 == last {
                    out.push(b'*');
                }
                if out.len() >= MAX_TEXT {
                    break;
                }
            }
        }
        _ => out.push(b'?'),
    }
    out.push(b')');
}

fn push(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&text[..text.len().min(MAX_TEXT)]);
}

fn value(text: &[u8], hide: bool, out: &mut Vec<u8>) {
    if hide { out.push(b'?') } else { push(text, out) }
}
