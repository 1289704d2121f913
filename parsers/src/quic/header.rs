//! Packets with long headers (RFC 8999, RFC 9000 17.2, RFC 9369 3.2), of which several may lie in one
//! datagram.

use crate::tls::read::Reader;

/// QUIC version 1.
pub(super) const V1: u32 = 1;
/// QUIC version 2.
pub(super) const V2: u32 = 0x6b33_43cf;
/// Connection ids of versions 1 and 2 are no longer.
pub(super) const MAX_ID: usize = 20;
/// Sample of the ciphertext that header protection is made from, and its distance.
const SAMPLE_END: usize = 4 + 16;

/// What a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// The first keys, which anybody can make.
    Initial {
        /// A token was given: the client was asked to prove its address, now or earlier.
        has_token: bool,
        /// Where the packet's number stands.
        number: usize,
    },
    /// Encrypted with other keys.
    Other,
    /// The client is to come again with another id.
    Retry,
    /// The versions a server has, four bytes each.
    Versions(&'a [u8]),
}

/// One packet's header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    pub(super) version: u32,
    pub(super) to: &'a [u8],
    pub(super) from: &'a [u8],
    pub(super) kind: Kind<'a>,
    /// Length of the whole packet.
    pub(super) len: usize,
}

impl<'a> Header<'a> {
    /// Reads the packet at the front of `bytes`. `None` when it has no long header, or is none.
    #[inline]
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut r = Reader(bytes);
        let first = r.u8().filter(|first| first & 0x80 != 0)?;
        let version = r.u32()?;
        if !matches!(version, 0 | V1 | V2) {
            return None;
        }
        let to = r.vec8()?;
        let from = r.vec8()?;
        let header = |kind, len| Some(Self { version, to, from, kind, len });
        if version == 0 {
            let fits = !r.is_empty() && r.0.len() % 4 == 0;
            return header(Kind::Versions(r.0), bytes.len()).filter(|_| fits);
        }
        if first & 0x40 == 0 || to.len() > MAX_ID || from.len() > MAX_ID {
            return None;
        }
        let initial = if version == V2 { 1 } else { 0 };
        let retry = if version == V2 { 0 } else { 3 };
        let kind = first >> 4 & 3;
        if kind == retry {
            // A token of at least one byte, and a tag.
            return header(Kind::Retry, bytes.len()).filter(|_| r.0.len() > 16);
        }
        let has_token = match kind == initial {
            true => {
                let len = r.varint()?;
                r.take(usize::try_from(len).ok()?)?;
                len > 0
            }
            false => false,
        };
        let len = usize::try_from(r.varint()?).ok()?;
        let number = bytes.len() - r.0.len();
        r.take(len)?;
        let kind = match kind == initial {
            true if len >= SAMPLE_END => Kind::Initial { has_token, number },
            true => return None,
            false => Kind::Other,
        };
        header(kind, number + len)
    }
}
