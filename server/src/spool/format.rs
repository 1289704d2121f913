//! A spool file: frames as they came from the wire between a header that says how they will be
//! inserted and a trailer that proves the file is whole.
//!
//! ```text
//! header   64 bytes   magic, version, split limits, instance, shard, file id, checksum
//! frames              verbatim: 64-byte wire header and body, one behind the other
//! marks    24 bytes   per stream: the highest sequence number this file makes durable
//! trailer  64 bytes   counts and lengths, checksum of the frames, checksum of the rest, magic
//! ```
//!
//! All integers are little-endian. A file without a valid header and trailer was cut while it was
//! written, and then nothing in it was acknowledged; or its ends were damaged afterwards, by the
//! disk or by a power loss without `spool.sync`. The watermarks tell the two apart.

use xxhash_rust::xxh3::xxh3_64;

use crate::receive::StreamId;

/// Length of the header and of the trailer.
pub const END_LEN: usize = 64;
/// Length of one mark.
pub const MARK_LEN: usize = 24;
/// Version this code writes and the newest it reads. Version 1 splits batches by rows only.
pub const VERSION: u16 = 2;

const HEADER_MAGIC: [u8; 8] = *b"FATHSPL1";
const TRAILER_MAGIC: [u8; 8] = *b"FATHEND1";

/// Why a file is not usable.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormatError {
    /// Cut while it was written, damaged at its ends, or not a spool file.
    #[error("the file is incomplete: it was being written when the server stopped, or is damaged")]
    Torn,
    /// Written by a newer version.
    #[error("the file has format version {0}, this server reads up to {VERSION}; upgrade it")]
    Version(u16),
    /// Complete, but its bytes changed since.
    #[error("the file's checksum is wrong: the disk or the file system damaged it")]
    Corrupt,
}

/// What a file says about itself in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// Random number of this data directory, so that two servers never share a token.
    pub instance: u64,
    /// Shard that wrote it.
    pub shard: u16,
    /// Number of the file, unique and growing within the data directory and shard.
    pub file: u64,
    /// Rows per insert used for this file. Part of the file, so that a later version with
    /// another limit forms the same batches under the same tokens.
    pub split_rows: u32,
    /// Bytes of unpacked columns per insert, in the same way.
    pub split_raw: u64,
}

impl FileHeader {
    /// As bytes.
    pub fn encode(&self) -> [u8; END_LEN] {
        let mut b = [0u8; END_LEN];
        b[..8].copy_from_slice(&HEADER_MAGIC);
        b[8..10].copy_from_slice(&VERSION.to_le_bytes());
        b[10..12].copy_from_slice(&self.shard.to_le_bytes());
        b[12..16].copy_from_slice(&self.split_rows.to_le_bytes());
        b[16..24].copy_from_slice(&self.instance.to_le_bytes());
        b[24..32].copy_from_slice(&self.file.to_le_bytes());
        b[32..40].copy_from_slice(&self.split_raw.to_le_bytes());
        let sum = xxh3_64(&b[..56]);
        b[56..].copy_from_slice(&sum.to_le_bytes());
        b
    }

    /// From bytes.
    ///
    /// # Errors
    /// Too short, not a spool file, damaged, or newer than this code.
    pub fn decode(b: &[u8]) -> Result<Self, FormatError> {
        if b.len() < END_LEN || b[..8] != HEADER_MAGIC || u64_at(b, 56) != xxh3_64(&b[..56]) {
            return Err(FormatError::Torn);
        }
        let version = u16_at(b, 8);
        if version > VERSION {
            return Err(FormatError::Version(version));
        }
        Ok(Self {
            shard: u16_at(b, 10),
            split_rows: u32_at(b, 12),
            instance: u64_at(b, 16),
            file: u64_at(b, 24),
            split_raw: if version < 2 { u64::MAX } else { u64_at(b, 32) },
        })
    }

    /// Deduplication token of the `n`th insert of `table` from this file.
    pub fn token(&self, table: u16, n: u32) -> String {
        format!("{:016x}-{}-{}-{table}-{n}", self.instance, self.shard, self.file)
    }
}

/// The highest sequence number of one stream that a file makes durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which stream.
    pub stream: StreamId,
    /// Everything up to here is durable.
    pub seq: u64,
}

impl Mark {
    /// As bytes.
    pub fn encode(&self) -> [u8; MARK_LEN] {
        let mut b = [0u8; MARK_LEN];
        b[..4].copy_from_slice(&self.stream.agent.to_le_bytes());
        b[4..6].copy_from_slice(&self.stream.stream.to_le_bytes());
        b[8..16].copy_from_slice(&self.stream.boot.to_le_bytes());
        b[16..].copy_from_slice(&self.seq.to_le_bytes());
        b
    }

    /// From bytes; `b` holds at least [`MARK_LEN`].
    pub fn decode(b: &[u8]) -> Self {
        Self {
            stream: StreamId { agent: u32_at(b, 0), stream: u16_at(b, 4), boot: u64_at(b, 8) },
            seq: u64_at(b, 16),
        }
    }
}

/// What a file says about itself at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// Bytes of all frames.
    pub frames_len: u64,
    /// Number of frames.
    pub frames: u32,
    /// Number of marks.
    pub marks: u32,
    /// Rows in all frames.
    pub rows: u64,
    /// Checksum of the frames' bytes.
    pub frames_sum: u64,
}

impl Trailer {
    /// As bytes; `ends` is the checksum over header and marks.
    fn encode(&self, header: &[u8], marks: &[u8]) -> [u8; END_LEN] {
        let mut b = [0u8; END_LEN];
        b[..8].copy_from_slice(&self.frames_len.to_le_bytes());
        b[8..12].copy_from_slice(&self.frames.to_le_bytes());
        b[12..16].copy_from_slice(&self.marks.to_le_bytes());
        b[16..24].copy_from_slice(&self.rows.to_le_bytes());
        b[24..32].copy_from_slice(&self.frames_sum.to_le_bytes());
        b[32..40].copy_from_slice(&xxh3_64(header).to_le_bytes());
        b[40..48].copy_from_slice(&xxh3_64(marks).to_le_bytes());
        let sum = xxh3_64(&b[..48]);
        b[48..56].copy_from_slice(&sum.to_le_bytes());
        b[56..].copy_from_slice(&TRAILER_MAGIC);
        b
    }
}

/// Header, trailer and marks of a file whose length fits them; the frames are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The header.
    pub header: FileHeader,
    /// The trailer.
    pub trailer: Trailer,
    /// The marks.
    pub marks: Vec<Mark>,
}

/// Ends a file image that begins with an encoded header followed by its frames.
pub fn finish(image: &mut Vec<u8>, frames: u32, rows: u64, marks: &[Mark]) -> Trailer {
    let frames_len = (image.len() - END_LEN) as u64;
    let frames_sum = xxh3_64(&image[END_LEN..]);
    let at = image.len();
    for m in marks {
        image.extend_from_slice(&m.encode());
    }
    let trailer = Trailer { frames_len, frames, marks: marks.len() as u32, rows, frames_sum };
    let end = trailer.encode(&image[..END_LEN], &image[at..]);
    image.extend_from_slice(&end);
    trailer
}

/// Reads header, trailer and marks through `read_at(offset, length)`; `len` is the file's size.
/// Allocates no more than the file is long.
///
/// # Errors
/// As [`FormatError`] says; an I/O error of `read_at` is passed on.
pub fn summary<E>(
    len: u64,
    mut read_at: impl FnMut(u64, usize) -> Result<Vec<u8>, E>,
) -> Result<Result<Summary, FormatError>, E> {
    const ENDS: u64 = 2 * END_LEN as u64;
    if len < ENDS {
        return Ok(Err(FormatError::Torn));
    }
    let head = read_at(0, END_LEN)?;
    let header = match FileHeader::decode(&head) {
        Ok(h) => h,
        Err(e) => return Ok(Err(e)),
    };
    let t = read_at(len - END_LEN as u64, END_LEN)?;
    if t.len() < END_LEN || t[56..64] != TRAILER_MAGIC || u64_at(&t, 48) != xxh3_64(&t[..48]) {
        return Ok(Err(FormatError::Torn));
    }
    let trailer = Trailer {
        frames_len: u64_at(&t, 0),
        frames: u32_at(&t, 8),
        marks: u32_at(&t, 12),
        rows: u64_at(&t, 16),
        frames_sum: u64_at(&t, 24),
    };
    let marks_len = u64::from(trailer.marks) * MARK_LEN as u64;
    if trailer.frames_len.checked_add(marks_len).and_then(|n| n.checked_add(ENDS)) != Some(len)
        || u64_at(&t, 32) != xxh3_64(&head)
    {
        return Ok(Err(FormatError::Torn));
    }
    let marks = read_at(END_LEN as u64 + trailer.frames_len, marks_len as usize)?;
    if marks.len() as u64 != marks_len || u64_at(&t, 40) != xxh3_64(&marks) {
        return Ok(Err(FormatError::Corrupt));
    }
    let marks = marks.chunks_exact(MARK_LEN).map(Mark::decode).collect();
    Ok(Ok(Summary { header, trailer, marks }))
}

/// The summary of a whole file in memory, its frames' checksum verified.
///
/// # Errors
/// As [`FormatError`] says.
pub fn open(image: &[u8]) -> Result<Summary, FormatError> {
    let s = summary(image.len() as u64, |at, n| {
        let at = at as usize;
        Ok::<_, std::convert::Infallible>(image[at..at + n].to_vec())
    });
    let s = match s {
        Ok(s) => s?,
        Err(never) => match never {},
    };
    if xxh3_64(frames_of(image, &s)) != s.trailer.frames_sum {
        return Err(FormatError::Corrupt);
    }
    Ok(s)
}

/// The bytes of a file's frames.
pub fn frames_of<'a>(image: &'a [u8], s: &Summary) -> &'a [u8] {
    &image[END_LEN..END_LEN + s.trailer.frames_len as usize]
}

fn u16_at(b: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([b[at], b[at + 1]])
}

fn u32_at(b: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]])
}

fn u64_at(b: &[u8], at: usize) -> u64 {
    u64::from_le_bytes([
        b[at],
        b[at + 1],
        b[at + 2],
        b[at + 3],
        b[at + 4],
        b[at + 5],
        b[at + 6],
        b[at + 7],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> FileHeader {
        FileHeader { instance: 7, shard: 2, file: 99, split_rows: 200_000, split_raw: 64 << 20 }
    }

    fn image(frames: &[u8], marks: usize) -> Vec<u8> {
        let mut v = header().encode().to_vec();
        v.extend_from_slice(frames);
        let marks: Vec<_> = (0..marks)
            .map(|i| Mark {
                stream: StreamId { agent: i as u32, boot: 5, stream: 3 },
                seq: 10 + i as u64,
            })
            .collect();
        finish(&mut v, 3, 55, &marks);
        v
    }

    #[test]
    fn a_file_says_what_was_put_in() {
        let v = image(b"frames come here", 4);
        let s = open(&v).unwrap();
        assert_eq!(s.header.token(1, 0), "0000000000000007-2-99-1-0");
        assert_eq!((s.trailer.frames, s.trailer.rows, s.marks.len()), (3, 55, 4));
        assert_eq!(s.marks[3].seq, 13);
        assert_eq!(frames_of(&v, &s), b"frames come here");
    }

    #[test]
    fn a_file_of_the_first_version_forms_the_batches_it_always_did() {
        let mut old = header().encode();
        old[8..10].copy_from_slice(&1u16.to_le_bytes());
        old[32..40].fill(0);
        let sum = xxh3_64(&old[..56]);
        old[56..].copy_from_slice(&sum.to_le_bytes());
        let read = FileHeader::decode(&old).unwrap();
        assert_eq!(read, FileHeader { split_raw: u64::MAX, ..header() });
        assert_eq!(FileHeader::decode(&header().encode()), Ok(header()));
    }

    #[test]
    fn a_file_cut_anywhere_is_torn() {
        let v = image(b"frames come here", 2);
        for n in 0..v.len() {
            assert_eq!(open(&v[..n]), Err(FormatError::Torn), "cut at {n}");
        }
    }

    #[test]
    fn a_file_changed_anywhere_is_refused() {
        let v = image(b"frames come here", 2);
        for i in 0..v.len() {
            for bit in 0..8 {
                let mut w = v.clone();
                w[i] ^= 1 << bit;
                assert!(open(&w).is_err(), "bit {bit} of byte {i}");
            }
        }
    }
}
