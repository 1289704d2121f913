//! The compressed protocol: packets packed into frames of their own, each packed by itself. Of a
//! frame only the front is unpacked, as much as a command or the head of an answer needs.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Length of a frame's header.
pub(super) const HEADER: usize = 7;
/// Bytes of a frame that are kept to be unpacked.
pub(super) const MAX_PACKED: usize = 8 * 1024;

/// A frame's header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Bytes that follow.
    pub(super) len: usize,
    pub(super) seq: u8,
    /// Bytes when unpacked; 0: they are not packed.
    pub(super) unpacked: usize,
}

pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let h = bytes.first_chunk::<HEADER>()?;
    let le = |i: usize| u32::from_le_bytes([h[i], h[i + 1], h[i + 2], 0]) as usize;
    Some(Header { len: le(0), seq: h[3], unpacked: le(4) })
}

/// Unpacks (RFC 1950) the front of `packed`, up to `most` bytes, to `out`. What is missing at
/// the end of `packed` does not matter; what is wrong ends it.
pub(super) fn unpack(packed: &[u8], most: usize, out: &mut Vec<u8>) {
    out.clear();
    out.resize(most, 0);
    let mut state = DecompressorOxide::default();
    let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, _, written) = decompress(&mut state, packed, out, 0, flags);
    out.truncate(if status == TINFLStatus::BadParam { 0 } else { written });
}
