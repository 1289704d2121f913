//! ClickHouse's compressed blocks, as `compress=1` and `decompress=1` carry them.
//!
//! A block is a 16-byte CityHash128 of what follows, a method byte (0x82 LZ4, 0x02
//! stored), the size of method, sizes and data together, the raw size (both u32,
//! little-endian), and the data. Blocks follow each other with nothing between.

use crate::limits;

const HASH: usize = 16;
const HEAD: usize = 9;
const LZ4: u8 = 0x82;
const STORED: u8 = 0x02;

/// A block that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// The two sizes cannot be.
    #[error("compressed block claims {packed} bytes for {raw} raw bytes")]
    Size {
        /// Size of method, sizes and data.
        packed: u32,
        /// Size after unpacking.
        raw: u32,
    },
    /// Neither LZ4 nor stored.
    #[error("compression method 0x{0:02x} is not supported; use LZ4")]
    Method(u8),
    /// The hash does not fit.
    #[error("checksum of a compressed block does not match")]
    Checksum,
    /// LZ4 failed.
    #[error("compressed block does not unpack: {0}")]
    Unpack(String),
    /// The stream ended inside a block.
    #[error("data ends inside a compressed block")]
    Truncated,
}

fn hash(bytes: &[u8]) -> [u8; HASH] {
    // ClickHouse stores the low half first.
    cityhash_rs::cityhash_102_128(bytes).rotate_left(64).to_le_bytes()
}

/// Appends `raw` as compressed blocks.
pub fn compress(raw: &[u8], out: &mut Vec<u8>) {
    for chunk in raw.chunks(limits::COMPRESS_CHUNK_BYTES) {
        let start = out.len();
        let worst = lz4_flex::block::get_maximum_output_size(chunk.len());
        out.resize(start + HASH + HEAD + worst, 0);
        let data = start + HASH + HEAD;
        let packed = lz4_flex::block::compress_into(chunk, &mut out[data..])
            .expect("the buffer has LZ4's own worst-case size");
        out.truncate(data + packed);
        let head = &mut out[start + HASH..data];
        head[0] = LZ4;
        head[1..5].copy_from_slice(&((HEAD + packed) as u32).to_le_bytes());
        head[5..9].copy_from_slice(&(chunk.len() as u32).to_le_bytes());
        let sum = hash(&out[start + HASH..]);
        out[start..start + HASH].copy_from_slice(&sum);
    }
}

/// Unpacks a stream of blocks that arrives in pieces.
#[derive(Default)]
pub struct Decoder {
    pending: Vec<u8>,
}

impl Decoder {
    /// Takes a piece and appends what became complete to `out`.
    ///
    /// # Errors
    /// See [`FramingError`]; the stream is unusable afterwards.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), FramingError> {
        self.pending.extend_from_slice(piece);
        let mut at = 0;
        while let Some(size) = block_size(&self.pending[at..])? {
            let Some(block) = self.pending.get(at..at + size) else { break };
            unpack(block, out)?;
            at += size;
        }
        self.pending.drain(..at);
        Ok(())
    }

    /// Checks that the stream ended between blocks.
    ///
    /// # Errors
    /// [`FramingError::Truncated`].
    pub fn finish(&self) -> Result<(), FramingError> {
        if self.pending.is_empty() { Ok(()) } else { Err(FramingError::Truncated) }
    }
}

fn sizes(block: &[u8]) -> Option<(u32, u32)> {
    let u32_at = |at: usize| Some(u32::from_le_bytes(block.get(at..at + 4)?.try_into().ok()?));
    Some((u32_at(HASH + 1)?, u32_at(HASH + 5)?))
}

/// The whole size of the block at the front, once its head is there. Checked
/// before anything is allocated for it.
fn block_size(bytes: &[u8]) -> Result<Option<usize>, FramingError> {
    let Some((packed, raw)) = sizes(bytes) else { return Ok(None) };
    let limit = limits::COMPRESSED_BLOCK_BYTES;
    if (packed as usize) < HEAD || packed as usize > limit || raw as usize > limit {
        return Err(FramingError::Size { packed, raw });
    }
    Ok(Some(HASH + packed as usize))
}

fn unpack(block: &[u8], out: &mut Vec<u8>) -> Result<(), FramingError> {
    let (sum, rest) = block.split_at(HASH);
    if sum != hash(rest) {
        return Err(FramingError::Checksum);
    }
    let (packed, raw) = sizes(block).ok_or(FramingError::Truncated)?;
    let data = &rest[HEAD..];
    match rest[0] {
        LZ4 => {
            let start = out.len();
            out.resize(start + raw as usize, 0);
            let got = lz4_flex::block::decompress_into(data, &mut out[start..])
                .map_err(|e| FramingError::Unpack(e.to_string()))?;
            if got == raw as usize { Ok(()) } else { Err(FramingError::Size { packed, raw }) }
        }
        STORED if data.len() == raw as usize => {
            out.extend_from_slice(data);
            Ok(())
        }
        STORED => Err(FramingError::Size { packed, raw }),
        method => Err(FramingError::Method(method)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        (0..3_000_000u32).flat_map(|i| (i / 7).to_le_bytes()).collect()
    }

    #[test]
    fn any_split_gives_the_same_bytes() {
        let raw = sample();
        let mut packed = Vec::new();
        compress(&raw, &mut packed);
        assert!(packed.len() < raw.len());
        for step in [1 + packed.len() / 3, 65_537, packed.len()] {
            let (mut decoder, mut out) = (Decoder::default(), Vec::new());
            for piece in packed.chunks(step) {
                decoder.push(piece, &mut out).unwrap();
            }
            decoder.finish().unwrap();
            assert!(out == raw, "split by {step}");
        }
    }

    #[test]
    fn damage_is_refused() {
        let mut packed = Vec::new();
        compress(b"hello hello hello hello", &mut packed);
        let decode = |bytes: &[u8]| {
            let (mut decoder, mut out) = (Decoder::default(), Vec::new());
            decoder.push(bytes, &mut out).and_then(|()| decoder.finish()).map(|()| out)
        };
        assert_eq!(decode(&packed).unwrap(), b"hello hello hello hello");
        let last = packed.len() - 1;
        assert_eq!(decode(&packed[..last]), Err(FramingError::Truncated));
        let mut flipped = packed.clone();
        flipped[last] ^= 1;
        assert_eq!(decode(&flipped), Err(FramingError::Checksum));
        let mut huge = packed.clone();
        huge[21..25].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(decode(&huge), Err(FramingError::Size { .. })));
        let mut stored = packed;
        stored[16] = 0x90;
        let sum = hash(&stored[16..]);
        stored[..16].copy_from_slice(&sum);
        assert_eq!(decode(&stored), Err(FramingError::Method(0x90)));
    }
}
