//! How far each stream is durable, kept across restarts: an append log per shard that is folded
//! into one base file at start.
//!
//! A record is appended after its spool file is on disk and before the acknowledgement is sent.
//! Spool files carry the same marks, so a log that misses its last record loses nothing: the file
//! is still there. The log matters once a file has been inserted and removed.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::format::{MARK_LEN, Mark};
use crate::receive::streams::Remembered;

/// Length of one record.
pub const RECORD_LEN: usize = 48;

/// One record: a stream and the newest spool file's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The stream.
    pub remembered: Remembered,
    /// Number of the newest spool file at that time: numbers are never used twice.
    pub file: u64,
}

impl Record {
    /// As bytes.
    pub fn encode(&self) -> [u8; RECORD_LEN] {
        let mut b = [0u8; RECORD_LEN];
        b[..MARK_LEN].copy_from_slice(&self.remembered.mark.encode());
        b[24..28].copy_from_slice(&self.remembered.seen_s.to_le_bytes());
        b[32..40].copy_from_slice(&self.file.to_le_bytes());
        let sum = xxh3_64(&b[..40]);
        b[40..].copy_from_slice(&sum.to_le_bytes());
        b
    }

    /// From bytes; `None` when they are not a whole record.
    pub fn decode(b: &[u8; RECORD_LEN]) -> Option<Self> {
        let (body, sum) = b.split_at(40);
        if xxh3_64(body).to_le_bytes() != sum {
            return None;
        }
        let seen = body[24..28].try_into().map_or(0, u32::from_le_bytes);
        let file = body[32..40].try_into().map_or(0, u64::from_le_bytes);
        Some(Self { remembered: Remembered { mark: Mark::decode(body), seen_s: seen }, file })
    }
}

/// All whole records of a log; a missing log is an empty one. Bytes that are no record are passed
/// over wherever they are: at the end, where the server was killed in the middle of an append, or
/// in the middle, where the disk was full for a while or is damaged. A stream whose mark is
/// forgotten could be stored twice, so what is behind such bytes counts.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<Record>> {
    let mut bytes = Vec::new();
    match fs::File::open(path) {
        Ok(mut f) => f.read_to_end(&mut bytes)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut records = Vec::with_capacity(bytes.len() / RECORD_LEN);
    let mut rest = bytes.as_slice();
    while let Some(chunk) = rest.first_chunk() {
        let record = Record::decode(chunk);
        rest = &rest[if record.is_some() { RECORD_LEN } else { 1 }..];
        records.extend(record);
    }
    Ok(records)
}

/// Replaces the file at `path` by these records, all or nothing, and makes sure of it on disk:
/// this happens at start and seldom after.
///
/// # Errors
/// The file system refused.
pub fn replace(path: &Path, records: impl IntoIterator<Item = Record>) -> io::Result<()> {
    let new = with_suffix(path, ".new");
    let mut bytes = Vec::new();
    for r in records {
        bytes.extend_from_slice(&r.encode());
    }
    let mut f = fs::File::create(&new)?;
    f.write_all(&bytes)?;
    f.sync_all()?;
    fs::rename(&new, path)?;
    // The logs it replaces are removed next.
    match path.parent() {
        Some(dir) => fs::File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::StreamId;

    fn record(n: u64) -> Record {
        Record {
            remembered: Remembered {
                mark: Mark {
                    stream: StreamId { agent: n as u32, boot: n * 7, stream: 1 },
                    seq: n * 3,
                },
                seen_s: 1000 + n as u32,
            },
            file: 50 + n,
        }
    }

    #[test]
    fn a_log_cut_anywhere_keeps_its_whole_records() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let all: Vec<_> = (1..4).map(record).collect();
        replace(&path, all.clone()).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(read(&path).unwrap(), all);
        for n in 0..bytes.len() {
            fs::write(&path, &bytes[..n]).unwrap();
            assert_eq!(read(&path).unwrap(), all[..n / RECORD_LEN], "cut at {n}");
        }
    }

    #[test]
    fn a_damaged_record_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        replace(&path, (1..4).map(record)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[RECORD_LEN + 17] ^= 4;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path).unwrap(), [record(1), record(3)]);
    }

    #[test]
    fn records_behind_a_cut_one_are_found() {
        // The disk was full in the middle of an append, and then no longer.
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        for cut in 0..RECORD_LEN {
            let mut bytes = record(1).encode().to_vec();
            bytes.extend_from_slice(&record(2).encode()[..cut]);
            bytes.extend_from_slice(&record(2).encode());
            bytes.extend_from_slice(&record(3).encode());
            fs::write(&path, &bytes).unwrap();
            assert_eq!(read(&path).unwrap(), [record(1), record(2), record(3)], "{cut}");
        }
    }

    #[test]
    fn no_log_is_an_empty_one() {
        assert_eq!(read(Path::new("/nonexistent/watermarks")).unwrap(), []);
    }
}
