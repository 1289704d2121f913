//! A store that remembers tokens and rows as ClickHouse does, and fails as it does: before the
//! insert, after it, or for good.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fathom_schema::{TableDef, values, wire};
use fathom_server::spool::sink::{BatchSink, Blame, SinkError, VerifiedFrame};

use super::random::Random;

/// Rows with this bit in their id are bad data to the store.
pub const POISON: u64 = 1 << 63;

#[derive(Debug, Default)]
pub struct Rows {
    /// Rows by their unique id: how often they are stored.
    pub ids: BTreeMap<u64, u32>,
    /// What each token stored.
    tokens: HashMap<String, Vec<u64>>,
    /// Inserts of a token that was there already.
    pub repeated: u64,
    /// How often each token was refused for good.
    pub refused: BTreeMap<String, u32>,
    /// The most bytes of unpacked columns that came in one insert.
    pub most_raw: u64,
}

impl Rows {
    pub fn insert(&mut self, token: &str, ids: Vec<u64>) {
        if let Some(before) = self.tokens.get(token) {
            assert_eq!(*before, ids, "token {token} stands for other rows than before");
            self.repeated += 1;
            return;
        }
        for id in &ids {
            *self.ids.entry(*id).or_default() += 1;
        }
        self.tokens.insert(token.to_owned(), ids);
    }
}

/// Shared by all shards and all servers of a test.
#[derive(Clone, Debug)]
pub struct Store {
    pub rows: Arc<Mutex<Rows>>,
    /// Nothing is taken.
    pub away: Arc<AtomicBool>,
    /// What is bad data otherwise is too much for its memory.
    pub small: Arc<AtomicBool>,
    /// It has no memory for two inserts at once.
    pub one_at_a_time: Arc<AtomicBool>,
    under_way: Arc<AtomicU64>,
    /// Bad data is taken: somebody mended the tables.
    pub mended: Arc<AtomicBool>,
    /// So many inserts of single frames of a batch that fell apart are answered, none after them.
    pub singles: Arc<AtomicU64>,
    /// An insert hangs because of that.
    pub hangs: Arc<AtomicBool>,
    /// Of 16 inserts, so many fail before or after the rows are stored.
    faults: u64,
    random: Arc<Random>,
}

impl Store {
    pub fn new(seed: u64, faults: u64) -> Self {
        Self {
            rows: Arc::default(),
            away: Arc::default(),
            small: Arc::default(),
            one_at_a_time: Arc::default(),
            under_way: Arc::default(),
            mended: Arc::default(),
            singles: Arc::new(AtomicU64::new(u64::MAX)),
            hangs: Arc::default(),
            faults,
            random: Arc::new(Random::new(seed)),
        }
    }

    pub fn ids(&self) -> BTreeMap<u64, u32> {
        self.rows.lock().unwrap().ids.clone()
    }

    pub fn count(&self) -> u64 {
        self.rows.lock().unwrap().ids.len() as u64
    }
}

/// The ids of the rows in frames, read through the columns as the server's next stage does.
pub fn ids_of(table: &'static TableDef, frames: &[VerifiedFrame<'_>]) -> Vec<u64> {
    let mut ids = Vec::new();
    let mut scratch = Vec::new();
    for f in frames {
        assert_eq!(f.header.table, table.id);
        let columns = wire::body(&f.header, f.body, &mut scratch).unwrap();
        let data = columns.get(table.column("flow_id").unwrap()).unwrap();
        ids.extend(values::u64s(data));
    }
    ids
}

fn fault(blame: Blame, message: &str) -> Result<u64, SinkError> {
    Err(SinkError { blame, message: message.to_owned() })
}

impl BatchSink for Store {
    async fn insert(
        &self,
        table: &'static TableDef,
        frames: &[VerifiedFrame<'_>],
        token: &str,
    ) -> Result<u64, SinkError> {
        let ids = ids_of(table, frames);
        let raw = frames.iter().map(|f| u64::from(f.header.raw_len)).sum();
        {
            let mut rows = self.rows.lock().unwrap();
            rows.most_raw = rows.most_raw.max(raw);
        }
        let others = self.under_way.fetch_add(1, Ordering::Relaxed);
        let pause = if self.one_at_a_time.load(Ordering::Relaxed) { 20_000 } else { 0 };
        fathom_shard::sleep(Duration::from_micros(pause + self.random.below(2000))).await;
        let most = self.under_way.fetch_sub(1, Ordering::Relaxed).max(others + 1);
        if most > 1 && self.one_at_a_time.load(Ordering::Relaxed) {
            return fault(Blame::Size, "no memory for this beside the others");
        }
        if self.away.load(Ordering::Relaxed) {
            return fault(Blame::Store, "the store is away");
        }
        if token.contains("-f") && self.singles.fetch_sub(1, Ordering::Relaxed) == 0 {
            self.hangs.store(true, Ordering::Relaxed);
            return std::future::pending().await;
        }
        if ids.iter().any(|id| id & POISON != 0) && !self.mended.load(Ordering::Relaxed) {
            *self.rows.lock().unwrap().refused.entry(token.to_owned()).or_default() += 1;
            return fault(
                if self.small.load(Ordering::Relaxed) { Blame::Size } else { Blame::Data },
                "bad data",
            );
        }
        let n = ids.len() as u64;
        let dice = self.random.below(16);
        if dice < self.faults && dice.is_multiple_of(2) {
            return fault(Blame::Store, "failed before the insert");
        }
        self.rows.lock().unwrap().insert(token, ids);
        if dice < self.faults {
            return fault(Blame::Store, "the answer was lost after the insert");
        }
        Ok(n)
    }
}
