//! Fingerprints of hellos: JA4 (FoxIO, "JA4: TLS Client Fingerprinting") and JA3 of clients, JA3S of
//! servers (Salesforce, "TLS Fingerprinting with JA3 and JA3S").
//!
//! Hashing costs several times what reading a hello does, and the same few programs say hello over
//! and over. So each shard remembers the hashes of the latest hellos by all that goes into them.
//! JA4S and its kin are not here: their licence does not let everybody use them.

use super::hello::{self, Carried, ClientHello, Kinds, MAX_EXTENSIONS, ServerHello, is_grease};
use super::read::u16s;
use foldhash::fast::FixedState;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::hash::BuildHasher;

/// Hellos remembered: more than there are kinds of programs on a host.
const REMEMBERED: usize = 64;
/// What goes into a fingerprint that is remembered; hellos with more are hashed each time.
const MAX_KEY: usize = 1024;
/// Ciphers that are looked at.
const MAX_CIPHERS: usize = 512;

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;

/// Length of a JA4: ten characters and two hashes of twelve.
const JA4: usize = 36;
/// Length of an MD5 in hexadecimal.
const JA3: usize = 32;

/// Fingerprints of one hello.
#[derive(Clone, Copy, Debug)]
struct Prints {
    ja4: [u8; JA4],
    ja3: [u8; JA3],
}

#[derive(Clone, Debug)]
struct Entry {
    key: Vec<u8>,
    prints: Prints,
}

/// The fingerprints of the latest hellos of one shard.
#[derive(Debug, Default)]
pub struct Fingerprints {
    /// Of the client's hello that was read last.
    pub(crate) kinds: Kinds,
    entries: Vec<Entry>,
    key: Vec<u8>,
    text: Vec<u8>,
}

impl Fingerprints {
    /// JA4 and JA3 of the client's hello that was read last.
    pub(crate) fn client(&mut self, hello: &ClientHello<'_>, carried: Carried) -> (&[u8], &[u8]) {
        let kinds = self.kinds.bytes();
        let first = hello::protocols(hello.alpn).next().unwrap_or_default();
        let [a, b] = hello.legacy.to_be_bytes();
        let [c, d] = hello.version.to_be_bytes();
        let lens = [hello.ciphers, hello.groups, hello.signatures].map(|l| l.len() as u16);
        let [e, f, g] = lens.map(u16::to_be_bytes);
        let formats = hello.point_formats;
        let fixed = [
            a,
            b,
            c,
            d,
            e[0],
            e[1],
            f[0],
            f[1],
            g[0],
            g[1],
            (kinds.len() / 2) as u8,
            formats.len() as u8,
        ];
        let key = &mut self.key;
        key.clear();
        key.push(letter(carried));
        key.extend_from_slice(&fixed);
        for list in [hello.ciphers, kinds, hello.groups, hello.signatures, formats] {
            key.extend_from_slice(list);
        }
        key.extend_from_slice(first);
        let prints = self
            .find(|text| Prints { ja4: ja4(hello, carried, text), ja3: ja3_client(hello, text) });
        (&prints.ja4, &prints.ja3)
    }

    /// JA3S of a server's hello.
    pub(crate) fn server(&mut self, hello: &ServerHello<'_>) -> &[u8] {
        let key = &mut self.key;
        key.clear();
        key.push(b's');
        key.extend_from_slice(&hello.legacy.to_be_bytes());
        key.extend_from_slice(&hello.cipher.to_be_bytes());
        for (kind, _) in hello::extensions(hello.extensions) {
            key.extend_from_slice(&kind.to_be_bytes());
        }
        &self.find(|text| Prints { ja4: [0; JA4], ja3: ja3_server(hello, text) }).ja3
    }

    /// What is remembered under `self.key`, or else what `make` makes.
    fn find(&mut self, make: impl FnOnce(&mut Vec<u8>) -> Prints) -> &Prints {
        let Self { entries, key, text, .. } = self;
        if entries.is_empty() {
            let none = Prints { ja4: [0; JA4], ja3: [0; JA3] };
            entries.resize(REMEMBERED, Entry { key: Vec::new(), prints: none });
        }
        let at = FixedState::default().hash_one(key.as_slice()) as usize % REMEMBERED;
        let entry = &mut entries[at];
        if entry.key != *key {
            entry.prints = make(text);
            entry.key.clear();
            if key.len() <= MAX_KEY {
                entry.key.extend_from_slice(key);
            }
        }
        &entry.prints
    }
}

const fn letter(carried: Carried) -> u8 {
    match carried {
        Carried::Tls => b't',
        Carried::Quic => b'q',
        Carried::Dtls => b'd',
    }
}

const fn version(version: u16) -> [u8; 2] {
    *match version {
        0x0304 => b"13",
        0x0303 => b"12",
        0x0302 => b"11",
        0x0301 => b"10",
        0x0300 => b"s3",
        0x0002 => b"s2",
        0xfeff => b"d1",
        0xfefd => b"d2",
        0xfefc => b"d3",
        _ => b"00",
    }
}

fn digit(n: u8) -> u8 {
    b"0123456789abcdef"[usize::from(n & 15)]
}

fn two_digits(n: usize) -> [u8; 2] {
    let n = n.min(99) as u8;
    [b'0' + n / 10, b'0' + n % 10]
}

/// The first and last character of the first protocol, or of its bytes in hexadecimal.
fn alpn(list: &[u8]) -> [u8; 2] {
    let name = hello::protocols(list).next().unwrap_or_default();
    match name {
        [] => *b"00",
        [first, .., last] | [first @ last] => {
            if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
                [*first, *last]
            } else {
                [digit(first >> 4), digit(*last)]
            }
        }
    }
}

/// Values in hexadecimal with commas between them.
fn hexadecimal(values: impl Iterator<Item = u16>, out: &mut Vec<u8>) {
    for (i, value) in values.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        let [hi, lo] = value.to_be_bytes();
        out.extend_from_slice(&[digit(hi >> 4), digit(hi), digit(lo >> 4), digit(lo)]);
    }
}

/// The front of a SHA-256 in hexadecimal; zeros for nothing.
fn short_hash(text: &[u8], out: &mut [u8]) {
    if text.is_empty() {
        return out.fill(b'0');
    }
    let hash = Sha256::digest(text);
    for (digits, byte) in out.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
        *digits = [digit(byte >> 4), digit(byte)];
    }
}

fn ja4(hello: &ClientHello<'_>, carried: Carried, text: &mut Vec<u8>) -> [u8; JA4] {
    let mut ciphers = [0; MAX_CIPHERS];
    let ciphers = sorted(u16s(hello.ciphers), &mut ciphers);
    let mut kinds = [0; MAX_EXTENSIONS];
    let kinds = sorted(hello::extensions(hello.extensions).map(|(kind, _)| kind), &mut kinds);

    let mut out = [b'_'; JA4];
    out[0] = letter(carried);
    out[1..3].copy_from_slice(&version(hello.version));
    out[3] = if hello.named { b'd' } else { b'i' };
    out[4..6].copy_from_slice(&two_digits(ciphers.len()));
    out[6..8].copy_from_slice(&two_digits(kinds.len()));
    out[8..10].copy_from_slice(&alpn(hello.alpn));

    text.clear();
    hexadecimal(ciphers.iter().copied(), text);
    short_hash(text, &mut out[11..23]);

    text.clear();
    hexadecimal(kinds.iter().copied().filter(|k| !matches!(*k, SERVER_NAME | ALPN)), text);
    let mut signatures = u16s(hello.signatures).filter(|s| !is_grease(*s)).peekable();
    if signatures.peek().is_some() {
        text.push(b'_');
        hexadecimal(signatures, text);
    }
    short_hash(text, &mut out[24..]);
    out
}

/// Values that mean something, in order.
fn sorted(values: impl Iterator<Item = u16>, space: &mut [u16]) -> &[u16] {
    let mut n = 0;
    for (slot, value) in space.iter_mut().zip(values.filter(|v| !is_grease(*v))) {
        *slot = value;
        n += 1;
    }
    space[..n].sort_unstable();
    &space[..n]
}

/// A number in decimal.
fn decimal(n: u16, out: &mut Vec<u8>) {
    let mut digits = [0; 5];
    let (mut at, mut n) = (digits.len(), n);
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// A comma, then numbers with dashes between them.
fn dashed(values: impl Iterator<Item = u16>, out: &mut Vec<u8>) {
    out.push(b',');
    for (i, value) in values.filter(|v| !is_grease(*v)).enumerate() {
        if i > 0 {
            out.push(b'-');
        }
        decimal(value, out);
    }
}

fn md5_text(text: &[u8]) -> [u8; JA3] {
    let mut out = [0; JA3];
    for (digits, byte) in out.as_chunks_mut::<2>().0.iter_mut().zip(Md5::digest(text)) {
        *digits = [digit(byte >> 4), digit(byte)];
    }
    out
}

fn ja3_client(hello: &ClientHello<'_>, text: &mut Vec<u8>) -> [u8; JA3] {
    text.clear();
    decimal(hello.legacy, text);
    dashed(u16s(hello.ciphers), text);
    dashed(hello::extensions(hello.extensions).map(|(kind, _)| kind), text);
    dashed(u16s(hello.groups), text);
    dashed(hello.point_formats.iter().map(|f| u16::from(*f)), text);
    md5_text(text)
}

fn ja3_server(hello: &ServerHello<'_>, text: &mut Vec<u8>) -> [u8; JA3] {
    text.clear();
    decimal(hello.legacy, text);
    dashed(std::iter::once(hello.cipher), text);
    dashed(hello::extensions(hello.extensions).map(|(kind, _)| kind), text);
    md5_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[u16]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_be_bytes()).collect()
    }

    /// The example of JA4's definition, and the same with values that mean nothing.
    #[test]
    fn the_example_of_the_definition() {
        let ciphers = [
            0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
            0x009c, 0x009d, 0x002f, 0x0035,
        ];
        let kinds = [
            0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
            0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
        ];
        let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        for grease in [&[][..], &[0x4a4a]] {
            let ciphers = list(&[grease, &ciphers].concat());
            let extensions: Vec<u8> = [grease, &kinds]
                .concat()
                .iter()
                .flat_map(|kind| [kind.to_be_bytes(), [0, 0]].concat())
                .collect();
            let signatures = list(&[&signatures, grease].concat());
            let hello = ClientHello {
                legacy: 0x0303,
                version: 0x0304,
                session_id: b"",
                ciphers: &ciphers,
                extensions: &extensions,
                named: true,
                server_name: b"",
                alpn: b"\x02h2\x08http/1.1",
                groups: b"",
                point_formats: b"",
                signatures: &signatures,
                early_data: false,
                whole: true,
            };
            let mut prints = Fingerprints::default();
            for _ in 0..2 {
                let (ja4, _) = prints.client(&hello, Carried::Tls);
                assert_eq!(ja4.escape_ascii().to_string(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
            }
            let none = ClientHello { signatures: b"", ..hello };
            let (ja4, _) = prints.client(&none, Carried::Quic);
            assert_eq!(ja4.escape_ascii().to_string(), "q13d1516h2_8daaf6152771_6d807ffa2a79");
            let bare = ClientHello { ciphers: b"", extensions: b"", alpn: b"", ..none };
            let (ja4, _) = prints.client(&ClientHello { named: false, ..bare }, Carried::Dtls);
            assert_eq!(ja4.escape_ascii().to_string(), "d13i000000_000000000000_000000000000");
        }
    }

    #[test]
    fn protocols_that_are_no_text() {
        for (list, want) in [
            (&b"\x01\xab"[..], b"ab"),
            (b"\x02\xab\xcd", b"ad"),
            (b"\x02\x30\xab", b"3b"),
            (b"\x04\x30\x31\xab\xcd", b"3d"),
            (b"\x04\x30\xab\xcd\x31", b"01"),
            (b"\x01a", b"aa"),
            (b"\x00", b"00"),
        ] {
            assert_eq!(&alpn(list), want, "{}", list.escape_ascii());
        }
    }
}
