//! Domain names: out of their compressed form (RFC 1035 4.1.4), or over them.

/// The longest name in wire format (RFC 1035 3.1).
const MAX_NAME: usize = 255;
/// Pointers followed in one name. Encoders use one or two; chains are made to tire parsers.
const MAX_POINTERS: usize = 32;

/// Appends one separator byte (`.`, for the caller to overwrite or skip) and the name at `at`
/// as text without its final dot, the root as a single dot. Returns where the name ends.
#[inline]
pub(super) fn read(message: &[u8], at: usize, out: &mut Vec<u8>) -> Option<usize> {
    let start = out.len();
    let mut next = None;
    let mut from = at;
    for _ in 0..=MAX_POINTERS {
        let (end, pointer) = run(message, from)?;
        let base = out.len();
        if base - start + (end - from) >= MAX_NAME {
            return None;
        }
        // The labels stand in a row: copy them at once, then turn their lengths into dots.
        out.extend_from_slice(&message[from..end]);
        let mut dot = base;
        while let Some(len) = out.get_mut(dot) {
            dot += usize::from(*len) + 1;
            *len = b'.';
        }
        match pointer {
            None => {
                if out.len() == start {
                    out.extend_from_slice(b"..");
                }
                return Some(next.unwrap_or(end + 1));
            }
            Some(target) => {
                next.get_or_insert(end + 2);
                // Only backwards: so it ends.
                if target >= from {
                    return None;
                }
                from = target;
            }
        }
    }
    None
}

/// The labels from `at` on: where they end, and where a pointer then leads.
#[inline]
fn run(message: &[u8], at: usize) -> Option<(usize, Option<usize>)> {
    let mut end = at;
    loop {
        match *message.get(end)? {
            0 => return Some((end, None)),
            len @ 1..64 => end += usize::from(len) + 1,
            high @ 0xc0.. => {
                let low = *message.get(end + 1)?;
                return Some((end, Some(usize::from(high & 0x3f) << 8 | usize::from(low))));
            }
            _ => return None,
        }
    }
}

/// Where the name at `at` ends.
#[inline]
pub(super) fn skip(message: &[u8], at: usize) -> Option<usize> {
    let (end, pointer) = run(message, at)?;
    if end - at >= MAX_NAME {
        return None;
    }
    Some(end + if pointer.is_some() { 2 } else { 1 })
}

/// Like [`skip`], for detection: label bytes must be ones that occur in names. `Err(true)` says
/// that the bytes end inside a name that is fine so far.
pub(super) fn check(message: &[u8], at: usize) -> Result<usize, bool> {
    let mut end = at;
    loop {
        match message.get(end) {
            None => return Err(true),
            Some(0) => return Ok(end + 1),
            Some(&len @ 1..64) => {
                let label = &message[end + 1..];
                let have = label.len().min(usize::from(len));
                // Any byte is allowed by the standard, none of these is ever used.
                if label[..have].iter().any(|&b| b < b' ' || b == 0x7f) {
                    return Err(false);
                }
                end += usize::from(len) + 1;
                if end - at >= MAX_NAME {
                    return Err(false);
                }
            }
            Some(&high @ 0xc0..) => {
                let Some(&low) = message.get(end + 1) else { return Err(true) };
                let target = usize::from(high & 0x3f) << 8 | usize::from(low);
                // A name can only repeat one that stands before it.
                let fits = (super::HEADER..at).contains(&target);
                return if fits { Ok(end + 2) } else { Err(false) };
            }
            Some(_) => return Err(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &[u8], at: usize) -> Option<(String, usize)> {
        let mut out = b"x".to_vec();
        let next = read(message, at, &mut out)?;
        assert_eq!(&out[..2], b"x.");
        Some((String::from_utf8(out[2..].to_vec()).unwrap(), next))
    }

    #[test]
    fn plain_compressed_and_root() {
        let m = b"\x03www\x07example\x03com\0\x04mail\xc0\x04\xc0\x11\0";
        assert_eq!(text(m, 0), Some(("www.example.com".into(), 17)));
        assert_eq!(text(m, 17), Some(("mail.example.com".into(), 24)));
        assert_eq!(text(m, 24), Some(("mail.example.com".into(), 26)));
        assert_eq!(text(m, 26), Some((".".into(), 27)));
        assert_eq!((skip(m, 0), skip(m, 17), skip(m, 26)), (Some(17), Some(24), Some(27)));
    }

    #[test]
    fn hostile_names_end() {
        assert_eq!(text(b"\xc0\x00", 0), None, "points at itself");
        assert_eq!(text(b"\x01a\xc0\x00", 0), None, "loop over a label");
        assert_eq!(text(b"\x01a\xc0\x04\x01b\xc0\x00", 4), None, "two that point at each other");
        assert_eq!(text(b"\x05ab", 0), None, "cut");
        assert_eq!(text(b"\x40a\0", 0), None, "reserved label kind");
        let mut chain = b"\x01a\0".to_vec();
        for i in 0..40u8 {
            let target = if i == 0 { 0 } else { 3 + (i - 1) * 2 };
            chain.extend([0xc0, target]);
        }
        assert!(text(&chain, 3 + 20 * 2).is_some());
        assert_eq!(text(&chain, 3 + 39 * 2), None, "too many pointers");
        let long: Vec<u8> = [&[1u8, b'a'][..]; 140].concat();
        assert_eq!(text(&long, 0), None, "too long");
    }
}
