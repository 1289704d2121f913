//! The real engine for tests: a store in a folder of its own, with the tables made.

use std::path::Path;
use std::time::Duration;

use fathom_schema::ColumnBlock;
use fathom_schema::wire::{self, Compression, FrameId, HEADER_LEN, Header};
use fathom_server::spool::sink::VerifiedFrame;
use fathom_server::store::migrate::{Retention, migrate};
use fathom_server::store::{QueryLimits, Store, Target};

/// Says so and skips when the engine's file is not on this machine.
pub(crate) fn missing() -> bool {
    match fathom_engine::library::locate() {
        Ok(_) => false,
        Err(missing) => {
            eprintln!("SKIPPED: this test needs the embedded engine. {missing}");
            true
        }
    }
}

/// An empty store in `folder`, answering.
pub(crate) async fn open(folder: &Path) -> Store {
    let program = env!("CARGO_BIN_EXE_fathom-server");
    let config = fathom_engine::Config::new(program, folder.join("store"));
    let store = Store::open(Target::Embedded(config)).unwrap();
    store.ready(Duration::from_secs(120)).await.unwrap();
    store
}

/// A store with the tables made.
#[allow(dead_code, reason = "not every test file uses it")]
pub(crate) async fn migrated(folder: &Path) -> Store {
    let store = open(folder).await;
    migrate(&store, &Retention::new()).await.unwrap();
    store
}

/// A frame as it comes from an agent.
#[allow(dead_code, reason = "not every test file uses it")]
pub(crate) struct Frame {
    header: Header,
    body: Vec<u8>,
}

#[allow(dead_code, reason = "not every test file uses it")]
impl Frame {
    /// Seals a block.
    pub(crate) fn of(block: &dyn ColumnBlock, seq: u64) -> Self {
        let id = FrameId { agent_id: 7, boot_id: 1, stream: 0, seq };
        let mut bytes = Vec::new();
        wire::seal(block, id, Compression::Lz4, &mut bytes).unwrap();
        let (head, body) = bytes.split_first_chunk::<HEADER_LEN>().unwrap();
        let header = wire::parse_header(head).unwrap();
        wire::verify(&header, body).unwrap();
        Self { header, body: body.to_vec() }
    }

    /// As the spool hands it on.
    pub(crate) fn verified(&self) -> VerifiedFrame<'_> {
        VerifiedFrame { header: self.header, body: &self.body }
    }
}

/// Limits no test reaches.
#[allow(dead_code, reason = "not every test file uses it")]
pub(crate) const LIMITS: QueryLimits =
    QueryLimits { time: Duration::from_secs(30), rows: 1_000_000, memory: 1 << 30 };

/// Runs a query as the reader; the values of each row as JSON.
#[allow(dead_code, reason = "not every test file uses it")]
pub(crate) async fn ask(store: &Store, sql: &str) -> Vec<serde_json::Value> {
    let answer = store.query(sql, None, "JSONCompactEachRow", LIMITS).unwrap();
    let bytes = answer.collect(1 << 24).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    std::str::from_utf8(&bytes)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
