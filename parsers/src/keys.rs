//! What keys of stores group by: `user:1001:cart` and `user:1002:cart` are both `user:?:cart`.

/// A part longer than this is no word.
const MAX_WORD: usize = 24;
/// Bytes of a key that count.
const MAX_KEY: usize = 256;

/// Appends `key` with each part that holds a digit, is very long, or is no text, as `?`. Parts
/// stand between `:`, `.`, `/`, `_`, `-` and the like; equal neighbours among the hidden ones are
/// written once.
pub(crate) fn pattern(key: &[u8], out: &mut Vec<u8>) {
    let key = &key[..key.len().min(MAX_KEY)];
    let start = out.len();
    let mut from = 0;
    let mut plain = true;
    for (i, &b) in key.iter().enumerate() {
        if is_separator(b) {
            part(&key[from..i], plain, start, out);
            out.push(b);
            (from, plain) = (i + 1, true);
        } else {
            plain &= is_letter(b);
        }
    }
    part(&key[from..], plain, start, out);
}

fn part(part: &[u8], plain: bool, start: usize, out: &mut Vec<u8>) {
    // 550e8400-e29b-41d4-... is one thing, whichever of its digits are letters.
    let hex = || out[start..].ends_with(b"?-") && part.iter().all(u8::is_ascii_hexdigit);
    if plain && part.len() <= MAX_WORD && !hex() {
        return out.extend_from_slice(part);
    }
    if let [.., b'?', separator] = out[start..]
        && is_separator(separator)
    {
        out.pop();
    } else {
        out.push(b'?');
    }
}

#[inline]
fn is_separator(b: u8) -> bool {
    matches!(b, b':' | b'.' | b'/' | b'_' | b'-' | b'|' | b'#' | b'@' | b'{' | b'}' | b',' | b'=')
}

/// Text that may name something: letters of any script.
#[inline]
fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b'*' | b'?' | b'$')
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn numbers_and_tokens_are_hidden() {
        for (key, want) in [
            ("user:1001:cart", "user:?:cart"),
            ("user_conf_config_1", "user_conf_config_?"),
            ("session:9f8a7b6c-0d1e-4f2a-8b3c-4d5e6f708192", "session:?"),
            ("8f14e45f-ceea-4167-babe-fadedecade00", "?"),
            ("a.b.c", "a.b.c"),
            ("2024-01-02", "?"),
            ("plain", "plain"),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "?"),
            ("{tag}:1", "{tag}:?"),
            ("stamped/jobs/232452734958222460/job", "stamped/jobs/?/job"),
            ("two words", "?"),
            ("", ""),
            (":", ":"),
        ] {
            let mut out = b"GET ".to_vec();
            pattern(key.as_bytes(), &mut out);
            assert_eq!(std::str::from_utf8(&out[4..]).unwrap(), want, "{key}");
        }
    }
}
