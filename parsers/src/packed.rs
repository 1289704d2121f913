//! The front of what was packed, as much as is worth reading: DEFLATE, Snappy and LZ4 as messages
//! of stores and queues hold them. What is missing at the end does not matter, what is wrong ends
//! the reading; neither more memory nor more work than asked for is spent.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// How something is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// RFC 1950.
    Zlib,
    /// RFC 1952.
    Gzip,
    /// Snappy's raw format.
    Snappy,
    /// The same in blocks with their lengths before them, where they begin so.
    SnappyBlocks,
    /// LZ4's frame format.
    Lz4,
    /// A block of LZ4 by itself.
    Lz4Block,
}

/// Unpacks the front of `packed`, up to `most` bytes, to `out`.
pub(crate) fn unpack(how: Packing, packed: &[u8], most: usize, out: &mut Vec<u8>) {
    out.clear();
    match how {
        Packing::Zlib => inflate(packed, inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER, most, out),
        Packing::Gzip => {
            if let Some(raw) = gzip_body(packed) {
                inflate(raw, 0, most, out);
            }
        }
        Packing::Snappy => snappy(packed, most, out),
        Packing::SnappyBlocks => {
            const MAGIC: &[u8] = b"\x82SNAPPY\0";
            // Behind the magic: two versions, the first block's length.
            match packed.strip_prefix(MAGIC) {
                Some(rest) => snappy(rest.get(12..).unwrap_or(b""), most, out),
                None => snappy(packed, most, out),
            }
        }
        Packing::Lz4 => {
            let _ = lz4(packed, most, out);
        }
        Packing::Lz4Block => {
            let _ = lz4_block(packed, most, out);
        }
    }
}

/// What follows a gzip header.
fn gzip_body(bytes: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = bytes else { return None };
    let mut rest = rest;
    if flags & 4 != 0 {
        let (len, behind) = rest.split_first_chunk::<2>()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    // Name and comment.
    for bit in [8, 16] {
        if flags & bit != 0 {
            rest = &rest[memchr::memchr(0, rest)? + 1..];
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

fn inflate(packed: &[u8], header: u32, most: usize, out: &mut Vec<u8>) {
    out.resize(most, 0);
    let mut state = DecompressorOxide::default();
    let flags = header
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

/// The first block of a frame.
fn lz4(packed: &[u8], most: usize, out: &mut Vec<u8>) -> Option<()> {
    let rest = packed.strip_prefix(b"\x04\x22\x4d\x18")?;
    let flags = *rest.first()?;
    let size = if flags & 8 != 0 { 8 } else { 0 };
    let dictionary = if flags & 1 != 0 { 4 } else { 0 };
    let rest = rest.get(2 + size + dictionary + 1..)?;
    let (len, block) = rest.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len);
    let block = &block[..block.len().min((len & 0x7fff_ffff) as usize)];
    if len >> 31 == 1 {
        out.extend_from_slice(&block[..block.len().min(most)]);
        return Some(());
    }
    lz4_block(block, most, out)
}

fn lz4_block(mut rest: &[u8], most: usize, out: &mut Vec<u8>) -> Option<()> {
    while out.len() < most {
        let (&token, behind) = rest.split_first()?;
        rest = behind;
        let literals = long(usize::from(token >> 4), &mut rest)?;
        let there = &rest[..rest.len().min(literals)];
        out.extend_from_slice(&there[..there.len().min(most - out.len())]);
        rest = rest.get(literals..)?;
        let (offset, behind) = rest.split_first_chunk::<2>()?;
        rest = behind;
        let offset = usize::from(u16::from_le_bytes(*offset));
        let len = long(usize::from(token & 15), &mut rest)? + 4;
        if !(1..=out.len()).contains(&offset) {
            return None;
        }
        for _ in 0..len.min(most - out.len()) {
            out.push(out[out.len() - offset]);
        }
    }
    Some(())
}

/// A length that goes on in further bytes where it is 15.
fn long(mut len: usize, rest: &mut &[u8]) -> Option<usize> {
    if len < 15 {
        return Some(len);
    }
    loop {
        let (&more, behind) = rest.split_first()?;
        *rest = behind;
        len += usize::from(more);
        if more < 255 {
            return Some(len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"abcdabcdabc!";

    /// The whole, its first six bytes, and nothing wrong for any part of what was packed.
    fn check(how: Packing, packed: &[u8]) {
        let mut out = Vec::new();
        unpack(how, packed, 100, &mut out);
        assert_eq!(out, PLAIN, "{how:?}");
        unpack(how, packed, 6, &mut out);
        assert_eq!(out, &PLAIN[..6], "{how:?}");
        for n in 0..packed.len() {
            unpack(how, &packed[..n], 100, &mut out);
            assert!(PLAIN.starts_with(&out), "{how:?}");
        }
    }

    #[test]
    fn fronts() {
        // "abcd", then seven bytes from four back, then "!".
        let snappy = b"\x0c\x0cabcd\x0d\x04\x00!";
        check(Packing::Snappy, snappy);
        check(Packing::SnappyBlocks, snappy);
        let blocks = [b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\0\0\0\x0a", &snappy[..]].concat();
        check(Packing::SnappyBlocks, &blocks);
        check(Packing::Zlib, &miniz_oxide::deflate::compress_to_vec_zlib(PLAIN, 6));
        let raw = miniz_oxide::deflate::compress_to_vec(PLAIN, 6);
        check(Packing::Gzip, &[b"\x1f\x8b\x08\x08\0\0\0\0\0\x03name\0", &raw[..]].concat());
        let lz4 = b"\x04\x22\x4d\x18\x60\x40\x82\x09\0\0\0\x43abcd\x04\0\x10!";
        check(Packing::Lz4, lz4);
        check(Packing::Lz4, &[b"\x04\x22\x4d\x18\x60\x40\x82\x0c\0\0\x80", PLAIN].concat());
    }

    #[test]
    fn nonsense_gives_nothing() {
        let mut out = Vec::new();
        for how in [Packing::Zlib, Packing::Gzip, Packing::Snappy, Packing::Lz4] {
            unpack(how, b"\x0c\x01\xff\xff\xff", 100, &mut out);
            assert!(out.is_empty(), "{how:?}");
        }
    }
}
