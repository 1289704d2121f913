//! Joins the stages after the spool: frames -> tag -> block -> store. The block is built on the
//! shard that holds the frames; the request to ClickHouse runs on the tokio runtime, and its
//! answer comes back through a bounded channel, so that no waker crosses threads.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fathom_schema::TableDef;
use fathom_shard::channel;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::block::{Block, Builder};
use crate::limits;
use crate::spool::sink::{BatchSink, Blame, SinkError, VerifiedFrame};
use crate::store::{Store, StoreError, Trouble};
use crate::tag::Networks;

/// A store that an insert brought down is up again within this: the embedded engine is started
/// at once.
const COMES_BACK: Duration = Duration::from_secs(10);

/// Where a shard's drained frames go.
pub struct StoreSink {
    store: Store,
    runtime: Handle,
    networks: Arc<Networks>,
    /// Becomes true when the tables are what this program expects.
    prepared: watch::Receiver<bool>,
    /// It was seen to be true.
    open: Cell<bool>,
    /// One per table, taken out while it is at work.
    builders: RefCell<BTreeMap<u16, Builder>>,
}

impl StoreSink {
    /// A sink for one shard; requests run on `runtime`, none before `prepared` is true: tables
    /// that still lack a column would make good rows look bad.
    #[must_use]
    pub fn new(
        store: Store,
        runtime: Handle,
        networks: Arc<Networks>,
        prepared: watch::Receiver<bool>,
    ) -> Self {
        let (open, builders) = (Cell::new(false), RefCell::default());
        Self { store, runtime, networks, prepared, open, builders }
    }

    /// Waits for the migrations, which take as long as the store lets them.
    async fn prepared(&self) -> Result<(), SinkError> {
        if self.open.get() {
            return Ok(());
        }
        let (answer, wait) = channel::reply().map_err(no_channel)?;
        let mut prepared = self.prepared.clone();
        self.runtime.spawn(async move {
            let open = prepared.wait_for(|p| *p).await.is_ok();
            // Nobody waits any more when the shard is stopping.
            let _ = answer.send(open);
        });
        let open = wait.wait().await == Some(true);
        self.open.set(open);
        if open {
            return Ok(());
        }
        Err(SinkError {
            blame: Blame::Store,
            message: "the server ends before its store was ready".to_owned(),
        })
    }

    async fn build(
        &self,
        table: &'static TableDef,
        frames: &[VerifiedFrame<'_>],
    ) -> Result<Block, SinkError> {
        let taken = self.builders.borrow_mut().remove(&table.id);
        let mut builder = taken.unwrap_or_else(|| Builder::new(table, Arc::clone(&self.networks)));
        builder.clear();
        for frame in frames {
            builder.append(frame).map_err(|e| SinkError {
                blame: Blame::Data,
                message: format!("a frame of agent {}: {e}", frame.header.id.agent_id),
            })?;
            // A frame may hold 64 Ki rows: let the shard's sockets have their turn.
            fathom_shard::yield_now().await;
        }
        let block = builder.finish();
        if builder.memory() <= limits::BUILDER_KEEP_BYTES {
            self.builders.borrow_mut().insert(table.id, builder);
        }
        Ok(block)
    }
}

impl BatchSink for StoreSink {
    async fn insert(
        &self,
        table: &'static TableDef,
        frames: &[VerifiedFrame<'_>],
        token: &str,
    ) -> Result<u64, SinkError> {
        self.prepared().await?;
        let block = self.build(table, frames).await?;
        let (rows, body) = (block.rows, Bytes::from(block.body));
        let (answer, wait) = channel::reply().map_err(no_channel)?;
        let (store, token) = (self.store.clone(), token.to_owned());
        self.runtime.spawn(async move {
            let outcome = match store.insert_native(table, &block.columns, body, &token).await {
                Ok(()) => Ok(()),
                Err(error) => Err(blamed(&store, error).await),
            };
            // Nobody waits any more when the shard is stopping; the spool still has the rows.
            let _ = answer.send(outcome);
        });
        match wait.wait().await {
            Some(Ok(())) => Ok(rows),
            Some(Err(why)) => Err(why),
            None => Err(SinkError {
                blame: Blame::Store,
                message: "the runtime that talks to the store is gone".to_owned(),
            }),
        }
    }
}

/// What the insert failed for. A store that hung up and then answers was not away: the insert was
/// too much for it, or brought it down.
async fn blamed(store: &Store, error: StoreError) -> SinkError {
    let blame = match &error {
        StoreError::Cut(_) if store.ready(COMES_BACK).await.is_ok() => Blame::Size,
        error if error.trouble() == Some(Trouble::Memory) => Blame::Size,
        error if error.is_retryable() => Blame::Store,
        _ => Blame::Data,
    };
    SinkError { blame, message: error.to_string() }
}

fn no_channel(why: std::io::Error) -> SinkError {
    SinkError {
        blame: Blame::Store,
        message: format!("no channel to the store: {why}; raise the limit of open files"),
    }
}

/// Why a batch was not inserted.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// A frame cannot be read.
    #[error("a frame cannot be read: {0}")]
    Frame(#[from] fathom_schema::wire::WireError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tags, concatenates and inserts frames of one table, on the tokio runtime: what [`StoreSink`]
/// does from a shard, for callers that are not on one.
///
/// # Errors
/// The frames' or the store's.
pub async fn insert_batch(
    store: &Store,
    networks: &Arc<Networks>,
    table: &'static TableDef,
    frames: &[VerifiedFrame<'_>],
    token: &str,
) -> Result<u64, InsertError> {
    let mut builder = Builder::new(table, Arc::clone(networks));
    for frame in frames {
        builder.append(frame)?;
    }
    let block = builder.finish();
    store.insert_native(table, &block.columns, Bytes::from(block.body), token).await?;
    Ok(block.rows)
}
