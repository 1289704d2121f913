//! Lexical odds and ends of text protocols: blanks, tokens, lists, numbers.

use memchr::memchr;

/// The first element of a comma-separated list.
pub(crate) fn first_of_list(list: &[u8]) -> &[u8] {
    trim(memchr(b',', list).map_or(list, |n| &list[..n]))
}

/// Decimal digits and nothing else.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    let mut n = (!digits.is_empty()).then_some(0u64)?;
    for &b in digits {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        n = n.checked_mul(10)?.checked_add(digit)?;
    }
    Some(n)
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without the blanks and line ends behind it.
#[inline]
pub(crate) fn trim_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., last] = text
        && is_blank(*last)
    {
        text = rest;
    }
    text
}

/// Without the blanks and line ends around it.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut text = trim_end(text);
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    text
}

/// RFC 9110 5.6.2.
pub(crate) fn is_token(b: u8) -> bool {
    const TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut b = 0;
        while b < 256 {
            let c = b as u8;
            table[b] = c.is_ascii_alphanumeric()
                || matches!(
                    c,
                    b'!' | b'#'
                        | b'$'
                        | b'%'
                        | b'&'
                        | b'\''
                        | b'*'
                        | b'+'
                        | b'-'
                        | b'.'
                        | b'^'
                        | b'_'
                        | b'`'
                        | b'|'
                        | b'~'
                );
            b += 1;
        }
        table
    };
    TABLE[usize::from(b)]
}

/// The value of a digit of Base64 (RFC 4648, both alphabets).
pub(crate) fn base64_digit(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}
