//! One cycle of a shard's spool: collect frames, write one file, log the watermarks, acknowledge.
//!
//! A frame is copied once, into the image of the file it will be in. While an image is being
//! written the next one fills.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fathom_schema::wire::{HEADER_LEN, Header};
use fathom_shard::{file, sleep};

use super::format::{self, END_LEN, FileHeader, Mark};
use super::watermarks::{self, Record};
use super::{Queued, Spool, unix_s};
use crate::limits;
use crate::receive::StreamId;
use crate::receive::signal::Signal;
use crate::receive::streams::Remembered;

/// Wait after a failed write: the disk is full or broken, and agents wait meanwhile.
const DISK_RETRY: Duration = Duration::from_secs(1);

/// Frames of the present cycle.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// The file so far: room for the header, then frames.
    image: Vec<u8>,
    frames: u32,
    rows: u64,
    raw: u64,
    /// Highest sequence number per stream, and whom to tell.
    marks: BTreeMap<StreamId, (u64, Rc<Signal>)>,
    since: Option<Instant>,
}

impl Pending {
    pub(crate) fn bytes(&self) -> u64 {
        self.image.len() as u64
    }

    /// Bytes of its frames' columns when unpacked.
    pub(crate) fn raw(&self) -> u64 {
        self.raw
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    fn is_full(&self) -> bool {
        self.raw >= limits::CYCLE_RAW_BYTES
            || self.bytes() >= limits::CYCLE_FRAME_BYTES
            || self.rows >= limits::CYCLE_ROWS
    }

    /// How long until the cycle ends; `None` while there is nothing to write.
    fn due_in(&self) -> Option<Duration> {
        let since = self.since?;
        if self.is_full() {
            return Some(Duration::ZERO);
        }
        Some(limits::CYCLE_MAX.saturating_sub(since.elapsed()))
    }
}

impl Spool {
    /// Takes an accepted frame. `tell` is raised once it is durable.
    pub(crate) fn take(
        &self,
        head: &[u8; HEADER_LEN],
        header: &Header,
        body: &[u8],
        tell: &Rc<Signal>,
    ) {
        let mut p = self.pending.borrow_mut();
        if p.image.is_empty() {
            p.image.resize(END_LEN, 0);
        }
        p.image.extend_from_slice(head);
        p.image.extend_from_slice(body);
        p.frames += 1;
        p.rows += u64::from(header.rows);
        p.raw += u64::from(header.raw_len);
        drop(p);
        self.shared.counters.spool_rows.add(u64::from(header.rows));
        self.shared.counters.rows_received.of(header.table).add(u64::from(header.rows));
        let id = header.id;
        let stream = StreamId { agent: id.agent_id, boot: id.boot_id, stream: id.stream };
        self.note(stream, id.seq, tell);
    }

    /// The stream is accepted up to `seq`, with or without rows.
    pub(crate) fn note(&self, stream: StreamId, seq: u64, tell: &Rc<Signal>) {
        let mut p = self.pending.borrow_mut();
        p.marks.insert(stream, (seq, Rc::clone(tell)));
        let first = p.since.is_none();
        if first {
            p.since = Some(Instant::now());
        }
        if first || p.is_full() {
            self.due.raise();
        }
    }

    /// Runs cycles until [`Spool::close`], then a last one.
    pub async fn cycles(&self) {
        let mut log = None;
        loop {
            let due = self.pending.borrow().due_in();
            match due {
                None if self.closing.get() => break,
                None => self.due.raised().await,
                Some(left) if left.is_zero() || self.closing.get() => {
                    self.commit(&mut log).await;
                }
                Some(left) => {
                    futures_lite::future::or(self.due.raised(), sleep(left)).await;
                }
            }
        }
        self.closed.set(true);
        self.queued.raise();
    }

    /// Writes what is pending, however often it takes: it was accepted.
    async fn commit(&self, log: &mut Option<file::File>) {
        let p = self.pending.take();
        let marks: Vec<Mark> =
            p.marks.iter().map(|(stream, (seq, _))| Mark { stream: *stream, seq: *seq }).collect();
        let queued = if p.frames > 0 {
            Some(self.write_file(p.image, p.frames, p.rows, &marks).await)
        } else {
            None
        };
        while let Err(e) = self.append_log(log, &marks).await {
            self.disk_trouble("appending to the watermark log", &e).await;
            *log = None;
        }
        self.shared.streams.commit(&marks, unix_s());
        for (_, tell) in p.marks.into_values() {
            tell.raise();
        }
        if let Some(q) = queued {
            self.queue.borrow_mut().push_back(q);
            self.queued.raise();
        }
    }

    async fn write_file(
        &self,
        mut image: Vec<u8>,
        frames: u32,
        rows: u64,
        marks: &[Mark],
    ) -> Queued {
        let header = FileHeader {
            instance: self.shared.instance,
            shard: self.shard,
            file: self.shared.next_file(),
            split_rows: limits::CYCLE_ROWS as u32,
            split_raw: limits::CYCLE_RAW_BYTES,
        };
        image[..END_LEN].copy_from_slice(&header.encode());
        format::finish(&mut image, frames, rows, marks);
        let path = self.dir.join(format!("{:020}.spool", header.file));
        while let Err(e) = write(&path, &image, self.shared.config.sync).await {
            self.disk_trouble("writing a spool file", &e).await;
        }
        let bytes = image.len() as u64;
        debug_assert!(bytes <= limits::SPOOL_FILE_BYTES);
        let c = &self.shared.counters;
        c.spool_files.add(1);
        c.spool_bytes.add(bytes);
        let keep = self.resident.get() + bytes <= limits::RESIDENT_IMAGES_BYTES;
        if keep {
            self.resident.set(self.resident.get() + bytes);
        }
        Queued { path, bytes, rows, image: keep.then_some(image) }
    }

    async fn append_log(&self, log: &mut Option<file::File>, marks: &[Mark]) -> io::Result<()> {
        let path = self.dir.join("watermarks.log");
        if log.as_ref().is_some_and(|l| l.end() >= limits::WATERMARK_LOG_BYTES) {
            // Every stream of every shard is written: more than this log held, never less.
            let newest = self.shared.newest_file();
            let records = self.shared.streams.remembered(unix_s());
            let to = path.clone();
            *log = None;
            file::blocking(move || {
                let records = records.into_iter();
                watermarks::replace(&to, records.map(|r| Record { remembered: r, file: newest }))
            })
            .await??;
        }
        if log.is_none() {
            *log = Some(file::File::append(&path).await?);
        }
        let Some(l) = log else { return Ok(()) };
        let (file, seen_s) = (self.shared.newest_file(), unix_s());
        let mut bytes = Vec::with_capacity(marks.len() * watermarks::RECORD_LEN);
        for mark in marks {
            let remembered = Remembered { mark: *mark, seen_s };
            bytes.extend_from_slice(&Record { remembered, file }.encode());
        }
        l.write_all(&bytes).await?;
        if self.shared.config.sync {
            l.fdatasync().await?;
        }
        Ok(())
    }

    pub(crate) async fn disk_trouble(&self, what: &str, e: &io::Error) {
        self.shared.counters.spool_errors.add(1);
        tracing::error!(
            dir = %self.dir.display(), error = %e,
            "{what} failed; it is tried again until the disk takes it"
        );
        sleep(DISK_RETRY).await;
        if e.kind() == io::ErrorKind::NotFound {
            // Somebody removed the folder. What comes next fails again if it cannot be made.
            let _ = file::create_dir_all(&self.dir).await;
        }
    }
}

async fn write(path: &PathBuf, image: &[u8], sync: bool) -> io::Result<()> {
    let mut f = file::File::create(path).await?;
    f.write_all(image).await?;
    if sync {
        f.fdatasync().await?;
    }
    f.close().await?;
    if sync && let Some(dir) = path.parent() {
        file::sync_dir(dir).await?;
    }
    Ok(())
}
