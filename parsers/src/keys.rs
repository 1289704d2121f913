//! What keys of stores group by: `user:1001:cart` and `user:1002:cart` are both `user:?:cart`.

/// A part longer than this is no word.
const MAX_WORD: usize = 24;
/// Bytes of a key that count.
const MAX_KEY: usize = 256;

/// What a byte of a key is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Text that may name something: letters of any script, and wildcards.
    Letter,
    Separator,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut t = [Class::Other; 256];
    let mut b = 0;
    while b < 256 {
        t[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. | b'*' | b'?' | b'$' => Class::Letter,
            b':' | b'.' | b'/' | b'_' | b'-' | b'|' | b'#' | b'@' | b'{' | b'}' | b',' | b'=' => {
                Class::Separator
            }
            _ => Class::Other,
        };
        b += 1;
    }
    t
};

/// Appends `key` with each part that holds a digit, is very long, or is no text, as `?`. Parts
/// stand between `:`, `.`, `/`, `_`, `-` and the like; equal neighbours among the hidden ones are
/// written once.
#[inline]
pub(crate) fn pattern(key: &[u8], out: &mut Vec<u8>) {
    let key = &key[..key.len().min(MAX_KEY)];
    let (mut kept, mut from, mut plain, mut hidden) = (0, 0, true, false);
    for (i, &b) in key.iter().enumerate() {
        match CLASSES[usize::from(b)] {
            Class::Letter => {}
            Class::Other => plain = false,
            Class::Separator => {
                if hide(&key[from..i], plain, hidden, from > 0 && key[from - 1] == b'-') {
                    replace(&key[kept..from], hidden, out);
                    (kept, hidden) = (i, true);
                } else {
                    hidden = false;
                }
                (from, plain) = (i + 1, true);
            }
        }
    }
    if hide(&key[from..], plain, hidden, from > 0 && key[from - 1] == b'-') {
        replace(&key[kept..from], hidden, out);
    } else {
        out.extend_from_slice(&key[kept..]);
    }
}

/// Is this part no word? Behind a hidden one and a dash, letters may be digits of a UUID.
#[inline]
fn hide(part: &[u8], plain: bool, behind: bool, dash: bool) -> bool {
    !plain
        || part.len() > MAX_WORD
        || behind && dash && !part.is_empty() && part.iter().all(u8::is_ascii_hexdigit)
}

/// Writes what stands before a hidden part, and `?`; nothing where that would repeat one.
#[inline]
fn replace(before: &[u8], behind: bool, out: &mut Vec<u8>) {
    // Behind a hidden part only its separator is left to write.
    if !(behind && before.len() == 1) {
        out.extend_from_slice(before);
        out.push(b'?');
    }
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
