//! Last stage of the server, and the first of every query: the one way to ClickHouse, over its
//! HTTP interface with the official client, whether it is the embedded engine in its child
//! process or a server somewhere. Nothing above this file knows which.
//!
//! ```text
//! insert_native: Native block + token ------> user that writes
//! query:         SQL, format, limits  ------> user that only reads -> stream of bytes
//! execute/rows:  migrations           ------> user that writes
//! ```
//!
//! The embedded engine may restart at another port at any time: the address is taken anew for
//! every request.

mod client;
mod error;
mod insert;
pub mod migrate;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clickhouse::query::BytesCursor;
use fathom_engine::Supervisor;
use tokio::time::Instant;

pub use error::{StoreError, Trouble};

use client::Clients;

/// A statement of the migrations may take this long: `MODIFY TTL` waits for a mutation to be
/// written down, and a cold store loads its tables first.
const DDL_TIMEOUT: Duration = Duration::from_secs(180);

/// What a query may use. The store refuses the query beyond it, typed as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryLimits {
    /// Longest run time.
    pub time: Duration,
    /// Most rows of the result.
    pub rows: u64,
    /// Most memory, bytes.
    pub memory: u64,
}

/// Which ClickHouse.
#[derive(Debug, Clone)]
pub enum Target {
    /// The embedded engine.
    Embedded(fathom_engine::Config),
    /// A server.
    External(External),
}

/// A ClickHouse server.
#[derive(Clone)]
pub struct External {
    /// `http://host:8123`.
    pub url: String,
    /// User that may create tables and insert.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// User for queries; the writing one with `readonly = 1` when not given.
    pub reader: Option<(String, String)>,
}

impl std::fmt::Debug for External {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords stay out of logs.
        f.debug_struct("External").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The embedded engine cannot be started.
    #[error(transparent)]
    Engine(#[from] fathom_engine::StartError),
    /// The address is none.
    #[error("\"{0}\" is not an address of a ClickHouse server; write http://host:8123")]
    Url(String),
}

/// The way to ClickHouse. Clones are the same.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    clients: Clients,
    supervisor: tokio::sync::Mutex<Option<Supervisor>>,
    state: Option<tokio::sync::watch::Receiver<fathom_engine::State>>,
    /// An insert did not find its table or column.
    missing: AtomicBool,
}

impl Store {
    /// Opens the store. The embedded engine is being started when this returns; [`Store::ready`]
    /// waits for it. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// What no waiting can mend: no engine file, too little memory, no address.
    pub fn open(target: Target) -> Result<Self, OpenError> {
        let (clients, supervisor, state) = match target {
            Target::Embedded(config) => {
                let supervisor = Supervisor::start(config)?;
                let state = supervisor.state();
                (Clients::embedded(supervisor.endpoint()), Some(supervisor), Some(state))
            }
            Target::External(external) => (Clients::external(external)?, None, None),
        };
        let supervisor = tokio::sync::Mutex::new(supervisor);
        Ok(Self {
            shared: Arc::new(Shared {
                clients,
                supervisor,
                state,
                missing: AtomicBool::new(false),
            }),
        })
    }

    /// The address in use now: for people and logs.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.shared.clients.address()
    }

    /// The extra address ClickHouse clients may use, if one was asked for.
    #[must_use]
    pub fn listen(&self) -> Option<std::net::SocketAddr> {
        self.shared.clients.listen()
    }

    /// Whether the store is the embedded engine.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.shared.state.is_some()
    }

    /// Process id of the embedded engine while it answers.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        match *self.shared.state.as_ref()?.borrow() {
            fathom_engine::State::Ready { pid } => Some(pid),
            _ => None,
        }
    }

    /// One question that any working store answers.
    ///
    /// # Errors
    /// The store does not answer, or not this.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match self.rows("SELECT 1", Duration::from_secs(5)).await?.as_slice() {
            [row] if row == &["1"] => Ok(()),
            other => Err(StoreError::Answer(format!("{other:?} to SELECT 1"))),
        }
    }

    /// Why the embedded engine does not answer, when it has ended.
    #[must_use]
    pub fn ended(&self) -> Option<StoreError> {
        let state = self.shared.state.as_ref()?.borrow();
        let fathom_engine::State::Failed { reason, stderr, again_in } = &*state else {
            return None;
        };
        let last = stderr.last().map(|l| format!(": {l}")).unwrap_or_default();
        let why = format!("{reason}{last}");
        Some(if again_in.is_some() { StoreError::Down(why) } else { StoreError::Ended(why) })
    }

    /// Whether an insert did not find its table or a column since this was asked last: somebody
    /// removed what the migrations made.
    #[must_use]
    pub fn misses_tables(&self) -> bool {
        self.shared.missing.swap(false, Ordering::Relaxed)
    }

    /// Waits until the store answers.
    ///
    /// # Errors
    /// The embedded engine ended for good, or `patience` is over.
    pub async fn ready(&self, patience: Duration) -> Result<(), StoreError> {
        let until = Instant::now() + patience;
        loop {
            let why = match self.ping().await {
                Ok(()) => return Ok(()),
                Err(why) => self.ended().unwrap_or(why),
            };
            if Instant::now() >= until || !why.is_retryable() {
                return Err(why);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs one statement that has no result, as the user that writes.
    ///
    /// # Errors
    /// The store's, typed.
    pub async fn execute(&self, sql: &str) -> Result<(), StoreError> {
        let client = self.shared.clients.writer()?;
        within(DDL_TIMEOUT, async { Ok(client.query_raw(sql).execute().await?) }).await
    }

    /// Runs one small query as the user that writes; values as text.
    ///
    /// # Errors
    /// The store's, typed.
    pub async fn rows(
        &self,
        sql: &str,
        patience: Duration,
    ) -> Result<Vec<Vec<String>>, StoreError> {
        let client = self.shared.clients.writer()?;
        let text = within(patience, async {
            let bytes = client.query_raw(sql).fetch_bytes("TSV")?.collect().await?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        })
        .await?;
        Ok(text.lines().map(|line| line.split('\t').map(unescape).collect()).collect())
    }

    /// Runs one statement as the user that only reads, streaming its result in `format`.
    ///
    /// # Errors
    /// The store's, typed; also later, from [`Answer::next`].
    pub fn query(
        &self,
        sql: &str,
        database: Option<&str>,
        format: &str,
        limits: QueryLimits,
    ) -> Result<Answer, StoreError> {
        let mut client = self
            .shared
            .clients
            .reader()?
            .with_setting("readonly", "1")
            .with_setting("max_execution_time", limits.time.as_secs().max(1).to_string())
            .with_setting("max_result_rows", limits.rows.to_string())
            .with_setting("max_memory_usage", limits.memory.to_string())
            .with_setting("cancel_http_readonly_queries_on_client_close", "1")
            // Whole numbers as numbers: the reader of the answer decides what to quote.
            .with_setting("output_format_json_quote_64bit_integers", "0");
        if let Some(database) = database {
            client = client.with_database(database);
        }
        let cursor = client.query_raw(sql).fetch_bytes(format)?;
        // The store keeps its own time; this is for one that does not answer at all.
        Ok(Answer { cursor, until: Instant::now() + limits.time + Duration::from_secs(5) })
    }

    /// Stops the embedded engine in order. A server is left alone.
    pub async fn stop(&self) {
        if let Some(supervisor) = self.shared.supervisor.lock().await.take() {
            supervisor.stop().await;
        }
    }
}

/// A result as it arrives.
pub struct Answer {
    cursor: BytesCursor,
    until: Instant,
}

impl Answer {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// The store's, typed. What came before is not the whole result.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        match tokio::time::timeout_at(self.until, self.cursor.next()).await {
            Ok(next) => Ok(next?),
            Err(_) => Err(StoreError::Timeout),
        }
    }

    /// The whole result, if it has at most `most` bytes.
    ///
    /// # Errors
    /// The store's, typed; [`StoreError::TooLarge`].
    pub async fn collect(mut self, most: usize) -> Result<Vec<u8>, StoreError> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            if all.len() + piece.len() > most {
                return Err(StoreError::TooLarge(most));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(patience, work).await.unwrap_or(Err(StoreError::Timeout))
}

/// A value of a TSV line.
fn unescape(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('0') => out.push('\0'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

/// The program whose `store` subcommand runs the embedded engine: this one, or the
/// `fathom-server` beside it.
///
/// # Errors
/// When the system does not say what runs, or there is no such program.
pub fn store_program() -> std::io::Result<PathBuf> {
    let this = std::env::current_exe()?;
    if this.file_stem().is_some_and(|name| name == "fathom-server") {
        return Ok(this);
    }
    // Tests and examples are built one folder below the programs.
    let folders = this.ancestors().skip(1).take(2);
    for folder in folders {
        let sibling = folder.join("fathom-server");
        if sibling.is_file() {
            return Ok(sibling);
        }
    }
    Err(std::io::Error::new(
        std::io::ErrorKind::NotFound,
        format!(
            "fathom-server is not beside {}; install or build it (cargo build -p fathom-server)",
            this.display()
        ),
    ))
}
