//! Between receive and tag: accepted frames become durable here, and only then are acknowledged.
//!
//! Each shard collects frames for a [`cycle`] (half a second, 16 MiB or 200 k rows), writes them
//! into one file ([`mod@format`]), appends how far each stream is durable to a log ([`watermarks`]),
//! and tells the connections. A second task [`drain`]s files into the store, oldest first, and
//! removes them. What a former run left is found by [`recover`] and drained before anything new.
//!
//! ```text
//! <data>/spool/lock                 one server per data directory
//! <data>/spool/instance             random number, part of every deduplication token
//! <data>/spool/watermarks           all streams, folded at start
//! <data>/spool/<shard>/<n>.spool    frames not in the store yet
//! <data>/spool/<shard>/<n>.apart-<table>.<batch>.spool   the same, these batches frame by frame
//! <data>/spool/<shard>/watermarks.log
//! <data>/spool/quarantine/          what the store refused for good
//! ```

pub(crate) mod apart;
mod batch;
pub mod cycle;
pub mod drain;
pub mod format;
pub mod quarantine;
pub mod recover;
pub mod sink;
pub mod watermarks;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::limits;
use crate::receive::counters::{Counters, LossReason};
use crate::receive::signal::Signal;
use crate::receive::streams::Streams;

use cycle::Pending;

/// What an operator may choose.
#[derive(Clone, Debug)]
pub struct Config {
    /// `<data>/spool`.
    pub dir: PathBuf,
    /// Bound of all files together; above it agents are not read.
    pub bytes_max: u64,
    /// Bound of quarantined files together.
    pub quarantine_bytes_max: u64,
    /// How long the store must refuse a batch for good before it is believed.
    pub refused_for: Duration,
    /// Survive power loss, not only the death of processes: `fdatasync` before each
    /// acknowledgement.
    pub sync: bool,
}

impl Config {
    /// The defaults under `data`.
    pub fn under(data: &Path) -> Self {
        Self {
            dir: data.join("spool"),
            bytes_max: limits::SPOOL_BYTES,
            quarantine_bytes_max: limits::QUARANTINE_BYTES,
            refused_for: limits::PERMANENT_AFTER,
            sync: false,
        }
    }
}

/// What all shards share.
#[derive(Debug)]
pub struct Shared {
    /// The choices.
    pub config: Config,
    /// The counters.
    pub counters: Arc<Counters>,
    /// The streams.
    pub streams: Arc<Streams>,
    instance: u64,
    /// Number of the newest file.
    newest: AtomicU64,
    /// Held as long as this server uses the directory.
    _lock: std::fs::File,
}

impl Shared {
    /// A number no file had before, also not in former runs: the time, or one more than the last.
    fn next_file(&self) -> u64 {
        let now = unix_time().as_micros() as u64;
        let next = |last: u64| Some(now.max(last + 1));
        match self.newest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }

    fn newest_file(&self) -> u64 {
        self.newest.load(Ordering::Relaxed)
    }
}

pub(crate) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Seconds since the epoch, as watermarks keep them.
pub(crate) fn unix_s() -> u32 {
    unix_time().as_secs() as u32
}

/// A file that waits for its turn to be inserted.
#[derive(Debug)]
pub(crate) struct Queued {
    path: PathBuf,
    bytes: u64,
    rows: u64,
    /// The whole file, while memory allows.
    image: Option<Vec<u8>>,
}

/// The spool of one shard.
#[derive(Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    shard: u16,
    dir: PathBuf,
    pending: RefCell<Pending>,
    /// Raised when the first frame of a cycle comes, and when a cycle is full.
    due: Signal,
    queue: RefCell<VecDeque<Queued>>,
    /// Raised when the queue has something, and at the end.
    queued: Signal,
    resident: Cell<u64>,
    /// No frame will come any more: write what is there and end.
    closing: Cell<bool>,
    /// The last cycle is on disk.
    closed: Cell<bool>,
    /// When the store last took some frames of a table and refused others.
    bad_data: RefCell<BTreeMap<u16, Instant>>,
}

impl Spool {
    /// The spool of `shard`, with what a former run left for it, oldest first.
    ///
    /// # Errors
    /// Its folder cannot be made.
    pub async fn open(
        shared: Arc<Shared>,
        shard: u16,
        found: Vec<recover::Found>,
    ) -> io::Result<Rc<Self>> {
        let dir = shared.config.dir.join(shard.to_string());
        fathom_shard::file::create_dir_all(&dir).await?;
        let queue = found
            .into_iter()
            .map(|f| Queued { path: f.path, bytes: f.bytes, rows: f.rows, image: None })
            .collect();
        Ok(Rc::new(Self {
            shared,
            shard,
            dir,
            pending: RefCell::default(),
            due: Signal::default(),
            queue: RefCell::new(queue),
            queued: Signal::default(),
            resident: Cell::new(0),
            closing: Cell::new(false),
            closed: Cell::new(false),
            bad_data: RefCell::default(),
        }))
    }

    /// A frame may be read, or taken: there is room on disk, and the present cycle is not far
    /// behind.
    pub fn has_room(&self) -> bool {
        let (pending, raw) = {
            let p = self.pending.borrow();
            (p.bytes(), p.raw())
        };
        self.shared.counters.spool_bytes.get() + pending < self.shared.config.bytes_max
            && pending < limits::PENDING_FRAME_BYTES
            && raw < limits::PENDING_RAW_BYTES
            && !self.closing.get()
    }

    /// Rows of the spool are in the store.
    fn stored(&self, table: u16, rows: u64) {
        self.shared.counters.spool_rows.sub(rows);
        self.shared.counters.rows_stored.of(table).add(rows);
    }

    /// Rows of the spool will never be in the store.
    fn lost(&self, table: u16, why: LossReason, rows: u64) {
        self.shared.counters.spool_rows.sub(rows);
        self.shared.counters.lose(table, why, rows);
    }

    /// What all shards share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// No frame will come any more: the cycle and drain tasks finish and end.
    pub fn close(&self) {
        self.closing.set(true);
        self.due.raise();
        self.queued.raise();
    }

    /// Everything accepted is in the store.
    pub fn is_empty(&self) -> bool {
        self.queue.borrow().is_empty() && self.pending.borrow().is_empty()
    }
}
