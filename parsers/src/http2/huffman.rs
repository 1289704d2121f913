//! The Huffman code of HPACK (RFC 7541, appendix B). The code is canonical: the lengths of its
//! symbols are all there is to know, the tables below follow from them when this is compiled.

/// Bits that the first table looks at: all printable characters but a few have codes this short.
const FAST: u32 = 9;
/// The longest code.
const LONGEST: usize = 30;
/// The symbol that ends a text; it may not occur in one (RFC 7541 5.2).
const EOS: u16 = 256;

/// Code lengths of the bytes 0 to 255 and of EOS.
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

struct Tables {
    /// By the next [`FAST`] bits: symbol and code length; length 0 for longer codes.
    fast: [(u8, u8); 1 << FAST],
    /// Symbols in the order of their codes.
    symbols: [u16; 257],
    /// By length: the first code, how many there are, and where their symbols begin.
    lengths: [(u32, u32, u32); LONGEST + 1],
}

static TABLES: Tables = {
    let mut tables =
        Tables { fast: [(0, 0); 1 << FAST], symbols: [0; 257], lengths: [(0, 0, 0); LONGEST + 1] };
    let (mut code, mut at, mut len) = (0u32, 0usize, 1usize);
    while len <= LONGEST {
        code <<= 1;
        tables.lengths[len] = (code, 0, at as u32);
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == len {
                tables.symbols[at] = symbol as u16;
                tables.lengths[len].1 += 1;
                if len as u32 <= FAST {
                    let shift = FAST - len as u32;
                    let mut i = 0;
                    while i < 1 << shift {
                        tables.fast[(code << shift) as usize + i] = (symbol as u8, len as u8);
                        i += 1;
                    }
                }
                code += 1;
                at += 1;
            }
            symbol += 1;
        }
        len += 1;
    }
    tables
};

/// Decodes `text` to the end of `out`, keeping at most `max` bytes of it. `Err` for what no
/// encoder writes: then some of it may have been appended.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>, max: usize) -> Result<(), ()> {
    let end = out.len() + max;
    let (mut bits, mut have) = (0u64, 0u32);
    let mut rest = text;
    loop {
        while have <= 56 {
            let Some((next, after)) = rest.split_first() else { break };
            bits |= u64::from(*next) << (56 - have);
            have += 8;
            rest = after;
        }
        let (symbol, len) = match TABLES.fast[(bits >> (64 - FAST)) as usize] {
            (_, 0) => long(bits),
            (symbol, len) => (u16::from(symbol), u32::from(len)),
        };
        if len > have {
            // What is left is padding: the beginning of EOS, less than a byte (RFC 7541 5.2).
            let padding = have < 8 && bits == !(u64::MAX.checked_shr(have).unwrap_or(0));
            return if padding { Ok(()) } else { Err(()) };
        }
        if symbol == EOS {
            return Err(());
        }
        if out.len() < end {
            out.push(symbol as u8);
        }
        bits <<= len;
        have -= len;
    }
}

/// A code longer than the first table; every bit pattern is the beginning of some code.
fn long(bits: u64) -> (u16, u32) {
    for len in FAST as usize + 1..=LONGEST {
        let (first, count, at) = TABLES.lengths[len];
        let code = (bits >> (64 - len)) as u32;
        if code.wrapping_sub(first) < count {
            return (TABLES.symbols[(at + code - first) as usize], len as u32);
        }
    }
    (EOS, LONGEST as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, ()> {
        let mut out = Vec::new();
        decode(bytes, &mut out, 1000).map(|()| String::from_utf8(out).unwrap())
    }

    /// Appendix C of RFC 7541.
    #[test]
    fn examples_of_the_standard() {
        for (bytes, plain) in [
            (&b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"[..], "www.example.com"),
            (b"\xa8\xeb\x10\x64\x9c\xbf", "no-cache"),
            (b"\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f", "custom-key"),
            (b"\x64\x02", "302"),
            (
                b"\xd0\x7a\xbe\x94\x10\x54\xd4\x44\xa8\x20\x05\x95\x04\x0b\x81\x66\xe0\x84\xa6\x2d\x1b\xff",
                "Mon, 21 Oct 2013 20:13:22 GMT",
            ),
            (b"", ""),
        ] {
            assert_eq!(text(bytes).as_deref(), Ok(plain));
        }
    }

    #[test]
    fn what_no_encoder_writes() {
        assert!(text(b"\xff\xff\xff\xff").is_err(), "EOS");
        assert!(text(b"\xff").is_err(), "a whole byte of padding");
        assert!(text(b"\0\0").is_err(), "padding of zeros");
        let mut out = Vec::new();
        assert_eq!(decode(b"\xa8\xeb\x10\x64\x9c\xbf", &mut out, 2), Ok(()));
        assert_eq!(out, b"no");
    }

    /// Every symbol's code, alone and padded, decodes to it.
    #[test]
    fn every_symbol() {
        let mut code = 0u32;
        for len in 1..=LONGEST {
            code <<= 1;
            for symbol in (0..256).filter(|s| usize::from(LENGTHS[*s]) == len) {
                let bits = (u64::from(code) << (64 - len)) | (u64::MAX >> len);
                let bytes = bits.to_be_bytes();
                let mut out = Vec::new();
                decode(&bytes[..len.div_ceil(8)], &mut out, 9).unwrap();
                assert_eq!(out, [symbol as u8], "symbol {symbol}");
                code += 1;
            }
        }
    }
}
