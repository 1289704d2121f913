//! What a former run left: found, checked and put in order before the first agent is read.
//!
//! A file without a valid trailer was being written when the server was killed; nothing in it was
//! acknowledged, agents send it again, it is removed. (After a power loss without `sync`, or on a
//! damaged disk, that can be untrue; rows the watermarks call durable are then counted as lost, and
//! the file is kept in quarantine.)

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use fathom_schema::wire::{self, HEADER_LEN, Header};

use super::format::{self, FormatError};
use super::watermarks::{self, Record};
use super::{Config, Shared, quarantine, unix_s};
use crate::receive::StreamId;
use crate::receive::counters::{Counters, LossReason};
use crate::receive::streams::{Remembered, Streams};

/// Why the spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another server runs on the same data.
    #[error("{0} is in use by another server; stop it, or choose another data directory")]
    InUse(PathBuf),
    /// The file system refused.
    #[error("{path}: {source}; check the owner and the space of the data directory")]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file of a newer version.
    #[error("{path}: {source}")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Which version.
        source: FormatError,
    },
}

/// A usable file.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
}

/// Opens the spool directory and takes stock. Blocks: call it before shards start.
///
/// The files come oldest first, the oldest of each folder before the second oldest of any: the
/// oldest is the one whose insert may have been under way, and the store remembers only so many
/// tokens.
///
/// # Errors
/// As [`Error`] says; nothing is changed then.
pub fn open(
    config: Config,
    counters: Arc<Counters>,
    streams: Arc<Streams>,
) -> Result<(Arc<Shared>, Vec<Found>), Error> {
    let dir = config.dir.clone();
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    fs::create_dir_all(&dir).map_err(at(&dir))?;
    let lock = lock(&dir)?;
    let instance = instance(&dir).map_err(at(&dir))?;

    let base = dir.join("watermarks");
    let mut records = watermarks::read(&base).map_err(at(&base))?;
    let mut logs = Vec::new();
    let mut files: Vec<(usize, PathBuf)> = Vec::new();
    for shard_dir in shard_dirs(&dir).map_err(at(&dir))? {
        let log = shard_dir.join("watermarks.log");
        records.extend(watermarks::read(&log).map_err(at(&log))?);
        logs.push(log);
        files.extend(spool_files(&shard_dir).map_err(at(&shard_dir))?.into_iter().enumerate());
    }
    files.sort();
    let mut newest = records.iter().map(|r| r.file).max().unwrap_or(0);
    let mut durable: HashMap<StreamId, Remembered> = HashMap::new();
    for r in records.iter().map(|r| r.remembered) {
        remember(&mut durable, r);
    }

    let mut found = Vec::new();
    let mut torn = Vec::new();
    for (_, path) in files {
        let bytes = fs::metadata(&path).map_err(at(&path))?.len();
        match summary(&path, bytes).map_err(at(&path))? {
            Ok(s) => {
                newest = newest.max(s.header.file);
                for mark in s.marks {
                    remember(&mut durable, Remembered { mark, seen_s: unix_s() });
                }
                found.push(Found { path, bytes, rows: s.trailer.rows });
            }
            Err(source @ FormatError::Version(_)) => return Err(Error::Newer { path, source }),
            // Whole but damaged: the drain counts its rows and puts it aside.
            Err(FormatError::Corrupt) => found.push(Found { path, bytes, rows: 0 }),
            Err(FormatError::Torn) => torn.push(path),
        }
    }
    for path in torn {
        put_aside(&path, &durable, &config, &counters).map_err(at(&path))?;
    }
    for f in &found {
        counters.spool_recovered.add(1);
        counters.spool_recovered_rows.add(f.rows);
        counters.spool_bytes.add(f.bytes);
        counters.spool_rows.add(f.rows);
    }

    streams.restore(durable.into_values());
    let all = streams.remembered(unix_s());
    watermarks::replace(&base, all.into_iter().map(|r| Record { remembered: r, file: newest }))
        .map_err(at(&base))?;
    for log in logs {
        match fs::remove_file(&log) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(at(&log)(e)),
            _ => {}
        }
    }
    let shared =
        Shared { config, counters, streams, instance, newest: AtomicU64::new(newest), _lock: lock };
    Ok((Arc::new(shared), found))
}

/// Deals files out to `shards` queues, keeping their order.
pub fn deal(found: Vec<Found>, shards: usize) -> Vec<Vec<Found>> {
    let mut queues = vec![Vec::new(); shards.max(1)];
    let n = queues.len();
    for (i, f) in found.into_iter().enumerate() {
        queues[i % n].push(f);
    }
    queues
}

fn remember(durable: &mut HashMap<StreamId, Remembered>, r: Remembered) {
    let known = durable.entry(r.mark.stream).or_insert(r);
    known.mark.seq = known.mark.seq.max(r.mark.seq);
    known.seen_s = known.seen_s.max(r.seen_s);
}

fn lock(dir: &Path) -> Result<fs::File, Error> {
    let path = dir.join("lock");
    let io = |source| Error::Io { path: path.clone(), source };
    let file =
        fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::InUse(dir.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

/// The random number of this directory, made when there is none.
fn instance(dir: &Path) -> io::Result<u64> {
    use std::hash::{BuildHasher, Hasher};
    let path = dir.join("instance");
    if let Ok(text) = fs::read_to_string(&path)
        && let Ok(n) = u64::from_str_radix(text.trim(), 16)
    {
        return Ok(n);
    }
    // The standard library seeds its hashers from the system's random numbers.
    let n = std::hash::RandomState::new().build_hasher().finish();
    let new = dir.join("instance.new");
    fs::write(&new, format!("{n:016x}\n"))?;
    fs::rename(new, path)?;
    Ok(n)
}

fn shard_dirs(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut dirs: Vec<(u16, PathBuf)> = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.parse().ok());
        if let Some(n) = number
            && path.is_dir()
        {
            dirs.push((n, path));
        }
    }
    dirs.sort();
    Ok(dirs.into_iter().map(|d| d.1).collect())
}

fn spool_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "spool") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn summary(path: &Path, bytes: u64) -> io::Result<Result<format::Summary, FormatError>> {
    let mut f = fs::File::open(path)?;
    format::summary(bytes, |at, len| {
        f.seek(SeekFrom::Start(at))?;
        let mut b = vec![0; len];
        f.read_exact(&mut b)?;
        Ok(b)
    })
}

/// Puts aside a file whose ends are not what this server writes. When it was cut while it was being
/// written, nothing in it was acknowledged, and it is removed. Frames in it that were acknowledged
/// are lost, as far as anybody can tell without the ends: they are counted, and the file is kept.
fn put_aside(
    path: &Path,
    durable: &HashMap<StreamId, Remembered>,
    config: &Config,
    counters: &Counters,
) -> io::Result<()> {
    let mut lost = 0;
    for h in headers(path)? {
        let id = StreamId { agent: h.id.agent_id, boot: h.id.boot_id, stream: h.id.stream };
        if durable.get(&id).is_some_and(|d| h.id.seq <= d.mark.seq) {
            lost += u64::from(h.rows);
            counters.spool_recovered_rows.add(u64::from(h.rows));
            counters.lose(h.table, LossReason::SpoolDamaged, u64::from(h.rows));
        }
    }
    counters.spool_torn.add(1);
    if lost == 0 {
        tracing::info!(path = %path.display(), "an unfinished spool file was removed");
        return fs::remove_file(path);
    }
    tracing::error!(path = %path.display(), rows = lost,
        "the disk damaged a spool file, or the machine lost power and `spool.sync` is off; it is \
         moved to quarantine and the acknowledged rows in it are lost");
    quarantine::move_in_now(config, path)
}

/// The headers of the whole frames in a spool file, up to the first that is none.
fn headers(path: &Path) -> io::Result<Vec<Header>> {
    let file = fs::File::open(path)?;
    let mut left = file.metadata()?.len().saturating_sub(format::END_LEN as u64);
    let mut file = io::BufReader::new(file);
    file.seek(SeekFrom::Start(format::END_LEN as u64))?;
    let mut found = Vec::new();
    let mut head = [0; HEADER_LEN];
    while left >= HEADER_LEN as u64 {
        file.read_exact(&mut head)?;
        let Ok(header) = wire::parse_header(&head) else { break };
        let Some(behind) = left.checked_sub(header.frame_len() as u64) else { break };
        file.seek_relative(i64::from(header.body_len))?;
        left = behind;
        found.push(header);
    }
    Ok(found)
}
