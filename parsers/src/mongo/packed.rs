//! Compressed messages: the front of what was packed, as much as a command needs.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Bytes behind the header of a compressed message: operation, length, how it is packed.
pub(super) const HEADER: usize = 9;

/// Unpacks the front of `packed`, up to `most` bytes, to `out`. What is missing at its end does
/// not matter. `false` where it cannot be unpacked here.
pub(super) fn unpack(how: u8, packed: &[u8], most: usize, out: &mut Vec<u8>) -> bool {
    out.clear();
    match how {
        0 => out.extend_from_slice(&packed[..packed.len().min(most)]),
        1 => snappy(packed, most, out),
        2 => zlib(packed, most, out),
        _ => return false,
    }
    true
}

fn zlib(packed: &[u8], most: usize, out: &mut Vec<u8>) {
    out.resize(most, 0);
    let mut state = DecompressorOxide::default();
    let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, _, written) = decompress(&mut state, packed, out, 0, flags);
    out.truncate(if status == TINFLStatus::BadParam { 0 } else { written });
}

/// Snappy's raw format: a length, then literals and copies of what was unpacked before.
fn snappy(packed: &[u8], most: usize, out: &mut Vec<u8>) {
    let Some(end) = packed.iter().take(5).position(|b| b & 0x80 == 0) else { return };
    let mut rest = &packed[end + 1..];
    while out.len() < most {
        let Some((&tag, behind)) = rest.split_first() else { return };
        let le = |n: usize| {
            behind
                .get(..n)
                .map(|b| b.iter().rev().fold(0usize, |all, b| all << 8 | usize::from(*b)))
        };
        let (len, offset, header) = match tag & 3 {
            0 => {
                let n = usize::from(tag >> 2);
                let wide = n.saturating_sub(59);
                let Some(len) = (if wide == 0 { Some(n) } else { le(wide) }) else { return };
                let from = behind.len().min(wide);
                let there = &behind[from..behind.len().min(from + len + 1)];
                out.extend_from_slice(&there[..there.len().min(most - out.len())]);
                rest = &behind[from + there.len()..];
                continue;
            }
            1 => {
                let high = usize::from(tag >> 5) << 8;
                (usize::from(tag >> 2 & 7) + 4, le(1).map(|low| high | low), 1)
            }
            2 => (usize::from(tag >> 2) + 1, le(2), 2),
            _ => (usize::from(tag >> 2) + 1, le(4), 4),
        };
        let Some(offset) = offset.filter(|o| (1..=out.len()).contains(o)) else { return };
        for _ in 0..len.min(most - out.len()) {
            out.push(out[out.len() - offset]);
        }
        rest = &behind[header..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snappy_fronts() {
        // "abcd", then seven bytes from four back, then "!".
        let packed = b"\x0c\x0cabcd\x0d\x04\x00!";
        let mut out = Vec::new();
        assert!(unpack(1, packed, 100, &mut out));
        assert_eq!(out, b"abcdabcdabc!");
        unpack(1, packed, 6, &mut out);
        assert_eq!(out, b"abcdab");
        for n in 0..packed.len() {
            unpack(1, &packed[..n], 100, &mut out);
            assert!(b"abcdabcdabc!".starts_with(&out));
        }
        unpack(1, b"\x0c\x01\xff\xff\xff", 100, &mut out);
        assert_eq!(out, b"");
        assert!(!unpack(3, packed, 100, &mut out));
    }
}
