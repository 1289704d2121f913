//! From spool files to the store: oldest first, several tables at a time, in batches whose
//! deduplication token follows from the file alone. A file that is drained twice because of a
//! crash forms the same batches under the same tokens, so the store keeps one of each.
//!
//! The store being away only makes files wait. Data the store calls bad again and again, or has no
//! memory for although it answers, is taken
//! apart frame by frame ([`apart`](super::apart) says how that stays exact); what is still refused
//! goes to quarantine and is counted as lost, so that it does not stand in the way of everything
//! behind it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use fathom_schema::TableDef;
use fathom_shard::{file, sleep};
use futures_lite::future::zip;

use super::apart::Apart;
use super::batch::{Batch, Frame, Frames, rows_of};
use super::format;
use super::sink::{BatchSink, Blame, SinkError};
use super::{Queued, Spool, quarantine};
use crate::limits;
use crate::receive::counters::LossReason;

impl Spool {
    /// Drains until [`Spool::close`] and everything is in the store. May be dropped at any time.
    pub async fn drain(&self, sink: &impl BatchSink) {
        loop {
            let next = self
                .queue
                .borrow_mut()
                .front_mut()
                .map(|q| (q.path.clone(), q.bytes, q.rows, q.image.take()));
            let Some((path, bytes, rows, image)) = next else {
                if self.closed.get() {
                    return;
                }
                self.queued.raised().await;
                continue;
            };
            let resident = image.is_some();
            let image = match image {
                Some(image) => Ok(image),
                None => self.read(&path, bytes).await,
            };
            match image {
                Ok(image) => {
                    let mut apart = Apart::of(path);
                    self.drain_image(&image, rows, &mut apart, sink).await;
                    self.remove(apart.path()).await;
                }
                Err(why) => self.give_up_unread(&path, rows, &why).await,
            }
            let Some(done) = self.queue.borrow_mut().pop_front() else { return };
            self.forget(&done, resident);
        }
    }

    fn forget(&self, done: &Queued, resident: bool) {
        self.shared.counters.spool_bytes.sub(done.bytes);
        if resident {
            self.resident.set(self.resident.get().saturating_sub(done.bytes));
        }
    }

    /// Reads a file that had `bytes` bytes when it was written or found, which its trailer vouched
    /// for: whatever a version of this server wrote is read, and one that grew since is not. A
    /// disk that does not give it gets [`limits::UNREADABLE_AFTER`] to recover.
    async fn read(&self, path: &Path, bytes: u64) -> io::Result<Vec<u8>> {
        let since = Instant::now();
        loop {
            let why = match file::read_all(path, bytes as usize).await {
                Ok(image) => return Ok(image),
                Err(why) => why,
            };
            self.shared.counters.spool_errors.add(1);
            let hopeless =
                matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::FileTooLarge);
            if hopeless || since.elapsed() >= limits::UNREADABLE_AFTER {
                return Err(why);
            }
            tracing::error!(path = %path.display(), error = %why, "reading a spool file failed");
            sleep(limits::RETRY_MAX).await;
        }
    }

    async fn remove(&self, path: &Path) {
        while let Err(e) = file::remove(path).await {
            if e.kind() == io::ErrorKind::NotFound {
                return;
            }
            // Draining it again would be harmless, but it must not stay for ever.
            tracing::error!(path = %path.display(), error = %e, "removing a spool file failed");
            self.shared.counters.spool_errors.add(1);
            sleep(limits::RETRY_MAX).await;
        }
    }

    /// Stores all of a file that was said to hold `rows` rows, or gives up what cannot be.
    async fn drain_image(&self, image: &[u8], rows: u64, apart: &mut Apart, sink: &impl BatchSink) {
        let summary = match format::open(image) {
            Ok(s) => s,
            Err(e) => return self.give_up_file(image, rows, &e.to_string()).await,
        };
        let mut tables: BTreeMap<u16, Vec<Frame<'_>>> = BTreeMap::new();
        let mut frames = Frames::of(format::frames_of(image, &summary));
        for f in &mut frames {
            tables.entry(f.verified.header.table).or_default().push(f);
        }
        if !frames.rest.is_empty() {
            // Written by a version whose frames this one does not read.
            return self.give_up_file(image, rows, "a frame in it cannot be read").await;
        }
        let mut batches = Vec::new();
        for (id, frames) in &tables {
            let Some(table) = fathom_schema::table(*id) else {
                let rows = rows_of(frames);
                tracing::warn!(table = id, rows, "an agent sent a table this server does not know");
                self.lost(*id, LossReason::UnknownTable, rows);
                continue;
            };
            batches.extend(Batch::all(table, frames, &summary.header));
        }
        // The largest first: they take the longest.
        batches.sort_by_key(|b| std::cmp::Reverse(rows_of(b.frames)));
        for (batch, why) in self.store_whole(&batches, apart, sink).await {
            self.store_apart(batch, why, apart, sink).await;
        }
    }

    /// Stores each batch under its token, three at a time: one insert keeps the store busy on one
    /// core only, and the next block is built meanwhile. Returns those that have to go
    /// frame by frame, with the reason where it is new.
    async fn store_whole<'b, 'a>(
        &self,
        batches: &'b [Batch<'a>],
        apart: &Apart,
        sink: &impl BatchSink,
    ) -> Vec<(&'b Batch<'a>, Option<SinkError>)> {
        let left = RefCell::new(Vec::new());
        let next = RefCell::new(batches.iter());
        let lane = || async {
            loop {
                let Some(batch) = next.borrow_mut().next() else { break };
                let Batch { table, n, token, frames } = batch;
                if apart.covers(table.id, *n) {
                    left.borrow_mut().push((batch, None));
                    continue;
                }
                let patience = Patience::same(self.patience(table.id));
                if let Err(why) = self.insert(table, frames, token, patience, sink).await {
                    left.borrow_mut().push((batch, Some(why)));
                }
            }
        };
        zip(lane(), zip(lane(), lane())).await;
        left.into_inner()
    }

    /// Stores a batch that the store refuses frame by frame, without those that are at fault.
    async fn store_apart(
        &self,
        batch: &Batch<'_>,
        why: Option<SinkError>,
        apart: &mut Apart,
        sink: &impl BatchSink,
    ) {
        let Batch { table, n, token, frames } = batch;
        if let Some(why) = why {
            if let [one] = frames {
                // Others were inserted beside it, which may have been too much together.
                let again = why.blame == Blame::Size;
                let alone = Patience::same(Duration::ZERO);
                if again && self.insert(table, frames, token, alone, sink).await.is_ok() {
                    return;
                }
                return self.give_up(table, one, token, &why).await;
            }
            tracing::warn!(table = table.name, frames = frames.len(), error = %why,
                "the store refuses a batch for good; trying its frames one by one");
            while let Err(e) = apart.add(table.id, *n).await {
                self.disk_trouble("noting that a batch fell apart", &e).await;
            }
            if let Some(front) = self.queue.borrow_mut().front_mut() {
                apart.path().clone_into(&mut front.path);
            }
        }
        let mut refused = 0;
        let mut left = limits::TOO_LARGE_AFTER;
        for (i, f) in frames.iter().enumerate() {
            let token = format!("{token}-f{i}");
            let one = std::slice::from_ref(f);
            // A store that took another of these frames is not without memory itself.
            let size = if i > refused { Duration::ZERO } else { self.patience(table.id).min(left) };
            let patience = Patience { data: Duration::ZERO, size };
            let start = Instant::now();
            if let Err(why) = self.insert(table, one, &token, patience, sink).await {
                if why.blame == Blame::Size {
                    left = left.saturating_sub(start.elapsed());
                }
                self.give_up(table, f, &token, &why).await;
                refused += 1;
            }
        }
        if (1..frames.len()).contains(&refused) {
            self.bad_data.borrow_mut().insert(table.id, Instant::now());
        }
    }

    /// How long the store has to call a batch bad before it is believed. Right after it took some
    /// frames of this table and refused others it is the data that is bad, not the store: one
    /// agent that sends bad frames all the time must not hold up everybody else's.
    fn patience(&self, table: u16) -> Duration {
        let seen = self.bad_data.borrow().get(&table).copied();
        match seen {
            Some(when) if when.elapsed() < limits::BAD_DATA_REMEMBERED => Duration::ZERO,
            _ => self.shared.config.refused_for,
        }
    }

    /// Tries until it is stored, or the store has blamed the data often and long enough.
    async fn insert(
        &self,
        table: &'static TableDef,
        frames: &[Frame<'_>],
        token: &str,
        patience: Patience,
        sink: &impl BatchSink,
    ) -> Result<(), SinkError> {
        let c = &self.shared.counters;
        let verified: Vec<_> = frames.iter().map(|f| f.verified).collect();
        let rows: u64 = verified.iter().map(|f| u64::from(f.header.rows)).sum();
        let mut wait = limits::RETRY_MIN;
        // How often in a row the data was blamed for the same, and since when.
        let mut refused: Option<(Blame, u32, Instant)> = None;
        loop {
            let start = Instant::now();
            let answer = sink.insert(table, &verified, token).await;
            c.insert_us.add(start.elapsed().as_micros() as u64);
            let why = match answer {
                Ok(stored) => {
                    if stored != rows {
                        tracing::error!(
                            table = table.name,
                            rows,
                            stored,
                            "a batch changed its size"
                        );
                    }
                    c.inserts.add(1);
                    self.stored(table.id, rows);
                    return Ok(());
                }
                Err(why) => why,
            };
            c.insert_retries.add(1);
            refused = match refused {
                _ if why.blame == Blame::Store => None,
                Some((blame, times, since)) if blame == why.blame => {
                    Some((blame, times + 1, since))
                }
                _ => Some((why.blame, 1, start)),
            };
            if let Some((blame, times, since)) = refused
                && times >= limits::PERMANENT_FAILURES
                && since.elapsed() >= patience.with(blame)
            {
                return Err(why);
            }
            tracing::warn!(table = table.name, rows, error = %why, "an insert failed; trying again");
            sleep(wait).await;
            wait = (wait * 2).min(limits::RETRY_MAX);
        }
    }

    async fn give_up(&self, table: &TableDef, f: &Frame<'_>, token: &str, why: &SinkError) {
        let rows = u64::from(f.verified.header.rows);
        tracing::error!(
            table = table.name, rows, agent = f.verified.header.id.agent_id, error = %why,
            "the store refuses a frame for good; it is kept in quarantine and its rows are lost"
        );
        self.lost(table.id, LossReason::Quarantined, rows);
        let config = &self.shared.config;
        if let Err(e) = quarantine::keep(config, &format!("{token}.frame"), f.bytes.to_vec()).await
        {
            tracing::error!(error = %e, "and it cannot be kept in quarantine");
        }
    }

    /// Counts the rows of a file that cannot be read, and keeps it if it is still there.
    async fn give_up_unread(&self, path: &Path, rows: u64, why: &io::Error) {
        if why.kind() == io::ErrorKind::NotFound {
            tracing::error!(
                path = %path.display(), rows,
                "a spool file is gone: somebody removed it before the store had its rows, which are lost"
            );
            return self.lost(u16::MAX, LossReason::SpoolMissing, rows);
        }
        tracing::error!(
            path = %path.display(), rows, error = %why,
            "a spool file cannot be read; it is moved to quarantine and its rows are lost"
        );
        self.lost(u16::MAX, LossReason::SpoolDamaged, rows);
        if let Err(e) = quarantine::move_in(&self.shared.config, path).await {
            tracing::error!(error = %e, "and it cannot be moved: the next start finds it again");
        }
    }

    /// Puts a whole file aside and counts its rows: by table as far as its frames can be read,
    /// the rest as of an unknown table.
    async fn give_up_file(&self, image: &[u8], rows: u64, why: &str) {
        let frames = Frames::of(image.get(format::END_LEN..).unwrap_or_default());
        let mut by_table: BTreeMap<u16, u64> = BTreeMap::new();
        for h in frames.map(|f| f.verified.header) {
            *by_table.entry(h.table).or_default() += u64::from(h.rows);
        }
        let seen: u64 = by_table.values().sum();
        // Rows nobody knew of when the file was found.
        let more = seen.saturating_sub(rows);
        self.shared.counters.spool_recovered_rows.add(more);
        self.shared.counters.spool_rows.add(more);
        for (table, rows) in by_table {
            self.lost(table, LossReason::SpoolDamaged, rows);
        }
        self.lost(u16::MAX, LossReason::SpoolDamaged, rows.saturating_sub(seen));
        tracing::error!(rows, error = %why, "a spool file is unusable; it is kept in quarantine");
        let name = format!("damaged-{:020}.spool", self.shared.next_file());
        if let Err(e) = quarantine::keep(&self.shared.config, &name, image.to_vec()).await {
            tracing::error!(error = %e, "and it cannot be kept in quarantine");
        }
    }
}

/// How long the store has to blame the data before it is believed.
#[derive(Clone, Copy, Debug)]
struct Patience {
    data: Duration,
    size: Duration,
}

impl Patience {
    const fn same(both: Duration) -> Self {
        Self { data: both, size: both }
    }

    const fn with(self, blame: Blame) -> Duration {
        if matches!(blame, Blame::Size) { self.size } else { self.data }
    }
}
