//! What all handlers share: the store, the bounds, the counters, and how ready each part is.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::HttpConfig;
use crate::receive::counters::Counters;
use crate::receive::streams::Streams;
use crate::store::Store;

/// How long a query waits for its turn.
const TURN: Duration = Duration::from_secs(2);

/// Takes a number: metric name, labels, value.
pub type Each<'a> = dyn FnMut(&str, &[(&str, &str)], f64) + 'a;

/// Shared by all requests.
pub struct App {
    /// Address, token, bounds.
    pub http: HttpConfig,
    /// The store.
    pub store: Store,
    /// Number of this server.
    pub id: u32,
    /// Bound of the spool, bytes.
    pub spool_bytes_max: u64,
    /// When it started.
    pub started: Instant,
    /// What was asked of it.
    pub queries: Queries,
    /// The parts and whether they work.
    pub parts: Parts,
    receive: OnceLock<(Arc<Counters>, Arc<Streams>)>,
    turns: Arc<Semaphore>,
    pub(super) agents: super::status::AgentNumbers,
}

impl App {
    /// With nothing ready yet.
    #[must_use]
    pub fn new(http: HttpConfig, store: Store, id: u32, spool_bytes_max: u64) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(http.at_once)),
            http,
            store,
            id,
            spool_bytes_max,
            started: Instant::now(),
            queries: Queries::default(),
            parts: Parts::default(),
            receive: OnceLock::new(),
            agents: super::status::AgentNumbers::default(),
        }
    }

    /// The receiving side runs; these are its numbers.
    pub fn receiving(&self, counters: Arc<Counters>, streams: Arc<Streams>) {
        if self.receive.set((counters, streams)).is_err() {
            tracing::error!("the receiving side was started twice");
        }
    }

    /// Numbers of the receiving side, once it runs.
    #[must_use]
    pub fn counters(&self) -> Option<&Counters> {
        self.receive.get().map(|(counters, _)| counters.as_ref())
    }

    /// Agents connected now.
    #[must_use]
    pub fn connected_agents(&self) -> usize {
        self.receive.get().map_or(0, |(_, streams)| streams.connected_agents())
    }

    /// Waits for a query's turn; `None` when there are too many.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok)
    }

    /// Queries running now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.http.at_once - self.turns.available_permits().min(self.http.at_once)
    }

    /// Every number of this server as (metric name, labels, value), in a fixed order.
    pub fn each(&self, f: &mut Each<'_>) {
        f("fathom_server_uptime_seconds", &[], self.started.elapsed().as_secs_f64());
        if let Some(counters) = self.counters() {
            counters.each(&mut |name, labels, value| f(name, labels, value as f64));
        }
        f("fathom_server_agents_connected", &[], self.connected_agents() as f64);
        for (endpoint, one) in [("query", &self.queries.query), ("sql", &self.queries.sql)] {
            let ok = one.asked.load(Relaxed).saturating_sub(one.failed.load(Relaxed));
            for (outcome, count) in [("ok", ok), ("failed", one.failed.load(Relaxed))] {
                let labels = [("endpoint", endpoint), ("outcome", outcome)];
                f("fathom_server_queries_total", &labels, count as f64);
            }
            let seconds = one.micros.load(Relaxed) as f64 / 1e6;
            f("fathom_server_query_seconds_total", &[("endpoint", endpoint)], seconds);
        }
        f("fathom_server_queries_running", &[], self.running() as f64);
        let (cpu, rss) = process();
        f("fathom_server_cpu_seconds_total", &[], cpu);
        f("fathom_server_resident_memory_bytes", &[], rss);
        for (part, state) in self.parts.all() {
            let up = f64::from(u8::from(state.is_ok()));
            f("fathom_server_part_ready", &[("part", part)], up);
        }
    }
}

/// What was asked.
#[derive(Debug, Default)]
pub struct Queries {
    /// At `/v1/query`.
    pub query: Asked,
    /// At `/v1/sql`.
    pub sql: Asked,
}

/// Numbers of one kind of query.
#[derive(Debug, Default)]
pub struct Asked {
    /// How many.
    pub asked: AtomicU64,
    /// How many of them were refused or failed.
    pub failed: AtomicU64,
    /// Time until their answers began, microseconds.
    pub micros: AtomicU64,
}

impl Asked {
    /// Counts one.
    pub(super) fn count(&self, began: Instant, ok: bool) {
        self.asked.fetch_add(1, Relaxed);
        self.micros.fetch_add(began.elapsed().as_micros() as u64, Relaxed);
        if !ok {
            self.failed.fetch_add(1, Relaxed);
        }
    }
}

/// The parts a server needs to be of use, each working or with the reason why not.
#[derive(Debug)]
pub struct Parts(Mutex<[(&'static str, Result<(), String>); 2]>);

impl Default for Parts {
    fn default() -> Self {
        let starting = || Err("starting".to_owned());
        Self(Mutex::new([("store", starting()), ("receive", starting())]))
    }
}

impl Parts {
    /// Says how a part is.
    pub fn set(&self, part: &str, state: Result<(), String>) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = parts.iter_mut().find(|(name, _)| *name == part) {
            slot.1 = state;
        }
    }

    /// All parts.
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, Result<(), String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).to_vec()
    }

    /// Whether all work.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.all().iter().all(|(_, state)| state.is_ok())
    }
}

/// CPU seconds and resident bytes of this process; zeros where the system does not say.
fn process() -> (f64, f64) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let stat = read("/proc/self/stat");
    // The name in parentheses may hold spaces; user and system time are 12th and 13th after it.
    let fields: Vec<&str> =
        stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect()).unwrap_or_default();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    let statm = read("/proc/self/statm");
    let pages = statm.split(' ').nth(1).and_then(|p| p.parse::<f64>().ok()).unwrap_or(0.0);
    // Linux counts CPU time in hundredths for user space and uses pages of 4 KiB on x86-64;
    // elsewhere the second number is off by the page size.
    ((ticks(11) + ticks(12)) / 100.0, pages * 4096.0)
}
