//! ClientHello and ServerHello (RFC 8446 4.1, RFC 5246 7.4.1): where in them the facts stand. QUIC
//! and DTLS carry the same messages.

use super::read::{Reader, u16s};

/// Handshake messages by type.
pub(crate) const CLIENT_HELLO: u8 = 1;
pub(crate) const SERVER_HELLO: u8 = 2;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const ALPN: u16 = 16;
const PRE_SHARED_KEY: u16 = 41;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// Extensions that are looked at: far more than are defined.
pub(crate) const MAX_EXTENSIONS: usize = 128;

/// The random value by which a HelloRetryRequest is told from a ServerHello (RFC 8446 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Which protocol a hello is carried by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// TLS over a stream.
    Tls,
    /// QUIC.
    Quic,
    /// DTLS.
    Dtls,
}

/// What a client offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientHello<'a> {
    /// `legacy_version`.
    pub(crate) legacy: u16,
    /// The highest version offered.
    pub(crate) version: u16,
    pub(crate) session_id: &'a [u8],
    pub(crate) ciphers: &'a [u8],
    /// All extensions, one behind the other.
    pub(crate) extensions: &'a [u8],
    /// The server's name was given, even an empty one.
    pub(crate) named: bool,
    pub(crate) server_name: &'a [u8],
    /// Names with a byte of length in front of each.
    pub(crate) alpn: &'a [u8],
    pub(crate) groups: &'a [u8],
    pub(crate) point_formats: &'a [u8],
    pub(crate) signatures: &'a [u8],
    /// Data is sent before the handshake is over.
    pub(crate) early_data: bool,
    /// All of it was there.
    pub(crate) whole: bool,
}

/// GREASE (RFC 8701): values that mean nothing.
#[inline]
pub(crate) const fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

/// The type and body of each extension; stops where the bytes do.
pub(crate) fn extensions(list: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut reader = Reader(list);
    std::iter::from_fn(move || {
        let kind = reader.u16()?;
        Some((kind, reader.vec16_cut()))
    })
    .take(MAX_EXTENSIONS)
}

/// A later version is a greater number, in DTLS as in TLS.
const fn rank(version: u16) -> u16 {
    if version >> 8 == 0xfe { 0x0400 - (version & 0xff) } else { version }
}

/// The types of the extensions of the hello that was read last.
#[derive(Debug)]
pub(crate) struct Kinds {
    len: usize,
    bytes: [u8; 2 * MAX_EXTENSIONS],
}

impl Default for Kinds {
    fn default() -> Self {
        Self { len: 0, bytes: [0; 2 * MAX_EXTENSIONS] }
    }
}

impl Kinds {
    #[inline]
    fn push(&mut self, kind: u16) {
        if let Some(to) = self.bytes.get_mut(self.len..self.len + 2) {
            to.copy_from_slice(&kind.to_be_bytes());
            self.len += 2;
        }
    }

    /// Two bytes for each.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<'a> ClientHello<'a> {
    /// Reads the body of a ClientHello, as far as it goes. `None` when it cannot be one.
    pub(crate) fn read(body: &'a [u8], carried: Carried, kinds: &mut Kinds) -> Option<Self> {
        kinds.len = 0;
        let mut r = Reader(body);
        let legacy = r.u16()?;
        let major = if carried == Carried::Dtls { 0xfe } else { 3 };
        if legacy >> 8 != major {
            return None;
        }
        let mut hello = Self {
            legacy,
            version: legacy,
            session_id: b"",
            ciphers: b"",
            extensions: b"",
            named: false,
            server_name: b"",
            alpn: b"",
            groups: b"",
            point_formats: b"",
            signatures: b"",
            early_data: false,
            whole: false,
        };
        hello.whole = hello.rest(&mut r, carried, kinds).is_some();
        Some(hello)
    }

    fn rest(&mut self, r: &mut Reader<'a>, carried: Carried, kinds: &mut Kinds) -> Option<()> {
        r.take(32)?;
        self.session_id = r.vec8()?;
        if carried == Carried::Dtls {
            r.vec8()?;
        }
        let declared = r.clone().u16()?;
        self.ciphers = r.vec16_cut();
        if self.ciphers.len() < declared.into() {
            return None;
        }
        r.vec8()?;
        if r.is_empty() {
            // Before TLS 1.2 a hello may have no extensions at all.
            return Some(());
        }
        let declared = r.clone().u16()?;
        self.extensions = r.vec16_cut();
        for (kind, body) in extensions(self.extensions) {
            kinds.push(kind);
            self.extension(kind, body);
        }
        (self.extensions.len() >= declared.into()).then_some(())
    }

    #[inline]
    fn extension(&mut self, kind: u16, body: &'a [u8]) {
        let mut body = Reader(body);
        match kind {
            SERVER_NAME => {
                self.named = true;
                let mut list = Reader(body.vec16_cut());
                if list.u8() == Some(0) {
                    self.server_name = list.vec16().unwrap_or_default();
                }
            }
            SUPPORTED_GROUPS => self.groups = body.vec16_cut(),
            POINT_FORMATS => self.point_formats = body.vec8().unwrap_or_default(),
            SIGNATURE_ALGORITHMS => self.signatures = body.vec16_cut(),
            ALPN => self.alpn = body.vec16_cut(),
            EARLY_DATA => self.early_data = true,
            SUPPORTED_VERSIONS => {
                let offered = u16s(body.vec8().unwrap_or_default()).filter(|v| !is_grease(*v));
                if let Some(best) = offered.max_by_key(|v| rank(*v)) {
                    self.version = best;
                }
            }
            _ => {}
        }
    }
}

/// The names in an ALPN list.
pub(crate) fn protocols(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut reader = Reader(list);
    std::iter::from_fn(move || reader.vec8())
}

/// What a server chose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerHello<'a> {
    /// `legacy_version`.
    pub(crate) legacy: u16,
    /// The version chosen.
    pub(crate) version: u16,
    pub(crate) session_id: &'a [u8],
    pub(crate) cipher: u16,
    pub(crate) extensions: &'a [u8],
    /// The protocol chosen, where it is said in the clear.
    pub(crate) alpn: &'a [u8],
    /// The group of the key exchange.
    pub(crate) group: Option<u16>,
    /// A key of an earlier session is used.
    pub(crate) pre_shared: bool,
    /// It asks for another ClientHello.
    pub(crate) is_retry: bool,
}

impl<'a> ServerHello<'a> {
    /// Reads the body of a ServerHello as far as its cipher, and extensions where there are any.
    pub(crate) fn read(body: &'a [u8], carried: Carried) -> Option<Self> {
        let mut r = Reader(body);
        let legacy = r.u16()?;
        let major = if carried == Carried::Dtls { 0xfe } else { 3 };
        if legacy >> 8 != major {
            return None;
        }
        let random = r.take(32)?;
        let session_id = r.vec8()?;
        let cipher = r.u16()?;
        let mut hello = Self {
            legacy,
            version: legacy,
            session_id,
            cipher,
            extensions: b"",
            alpn: b"",
            group: None,
            pre_shared: false,
            is_retry: random == RETRY,
        };
        r.u8();
        hello.extensions = r.vec16_cut();
        for (kind, body) in extensions(hello.extensions) {
            let mut body = Reader(body);
            match kind {
                ALPN => hello.alpn = protocols(body.vec16_cut()).next().unwrap_or_default(),
                PRE_SHARED_KEY => hello.pre_shared = true,
                SUPPORTED_VERSIONS => hello.version = body.u16().unwrap_or(legacy),
                KEY_SHARE => hello.group = body.u16(),
                _ => {}
            }
        }
        Some(hello)
    }

    /// TLS 1.3 or DTLS 1.3: what follows is encrypted.
    pub(crate) const fn is_1_3(&self) -> bool {
        matches!(self.version, 0x0304 | 0xfefc) || self.version >> 8 == 0x7f
    }
}
