//! The whole server, from start to end, in the order that loses nothing.
//!
//! Start: HTTP first (so that health can be asked), then receiving (agents' rows are spooled
//! whatever the store does), then the store with its migrations; then the spool drains, and the
//! server is ready.
//! Stop: receiving ends and drains into the store, then HTTP, then the store.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fathom_shard::{ShardId, Shards, StopToken};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::http::app::App;
use crate::http::{self, Http};
use crate::insert::StoreSink;
use crate::self_metrics;
use crate::shard::{self, OnStop};
use crate::store::migrate::{Report, Ttl, migrate};
use crate::store::{OpenError, Store, StoreError};
use crate::tag::Networks;

/// The store gets this long to take what is spooled when the server stops; the rest waits for
/// the next start.
const DRAIN_GRACE: Duration = Duration::from_secs(10);

/// How often the store is asked whether it still answers.
const PULSE: Duration = Duration::from_secs(1);

/// Between attempts to reach a store that does not answer yet.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the running server can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP API and page.
    pub http: SocketAddr,
    /// Agents.
    pub agents: SocketAddr,
    /// ClickHouse, as the server itself uses it.
    pub store: String,
    /// ClickHouse, for its own clients.
    pub store_listen: Option<SocketAddr>,
}

/// Why the server ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration cannot be run.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// An address is taken or not ours.
    #[error(
        "listening for HTTP on {addr}: {source}; if a Fathom runs here already, `fathom doctor` asks it, \
         else change http.listen"
    )]
    Http {
        /// The address.
        addr: SocketAddr,
        /// The system's answer.
        source: io::Error,
    },
    /// The data directory cannot be used.
    #[error("the data directory {path}: {source}; change `data`, or its owner")]
    Data {
        /// The directory.
        path: std::path::PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// No store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store does not come up.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// No receiving.
    #[error("receiving from agents: {0}")]
    Receive(String),
    /// The system refused something else.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs the server until `stop` is raised. `ready` is called once, when queries work.
///
/// Needs a multi-threaded tokio runtime with I/O and time.
///
/// # Errors
/// What keeps the server from starting, or ended it.
pub async fn run(
    config: Config,
    stop: StopToken,
    ready: impl FnOnce(&Addresses) + Send,
) -> Result<(), RunError> {
    config.http.check()?;
    make_private(&config.data)
        .map_err(|source| RunError::Data { path: config.data.clone(), source })?;
    let addr = config.http.listen;
    let listener =
        TcpListener::bind(addr).await.map_err(|source| RunError::Http { addr, source })?;
    let store = Store::open(config.target.clone())?;
    let app =
        Arc::new(App::new(config.http.clone(), store.clone(), config.id, config.spool.bytes_max));
    let http = http::start(listener, Arc::clone(&app))?;
    // Receiving has its own signal: it also has to end when the store never comes up.
    let receive_stop = StopToken::new()?;
    let outcome = serve(&config, &stop, &receive_stop, &app, &http, ready).await;
    http.stop().await;
    store.stop().await;
    outcome
}

async fn serve(
    config: &Config,
    stop: &StopToken,
    receive_stop: &StopToken,
    app: &Arc<App>,
    http: &Http,
    ready: impl FnOnce(&Addresses) + Send,
) -> Result<(), RunError> {
    let (prepared, wait) = watch::channel(false);
    let (shards, agents) = receive(config, app, receive_stop.clone(), wait).await?;
    let mut receiving = tokio::task::spawn_blocking(move || shards.join());
    let work = async {
        prepare(&app.store, config, app).await?;
        prepared.send_replace(true);
        ready(&Addresses {
            http: http.addr,
            agents,
            store: app.store.address().unwrap_or_default(),
            store_listen: app.store.listen(),
        });
        let reporter = tokio::spawn(self_metrics::report(Arc::clone(app), config.self_metrics));
        let _reporter = AbortOnDrop(reporter);
        watch(config, app).await
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        stopped = stop.stopped_tokio() => stopped.map_err(RunError::Io),
        ended = &mut receiving => {
            let why = match ended {
                Ok(Ok(())) => "the shards ended by themselves".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            return Err(RunError::Receive(why));
        }
    };
    app.parts.set("receive", Err("stopping".to_owned()));
    receive_stop.stop();
    if let Err(error) = receiving.await {
        tracing::error!(%error, "a shard ended badly");
    }
    outcome
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the shards.
async fn receive(
    config: &Config,
    app: &Arc<App>,
    stop: StopToken,
    prepared: watch::Receiver<bool>,
) -> Result<(Shards, SocketAddr), RunError> {
    let settings = shard::Settings {
        listen: config.agents,
        placement: config.placement.clone(),
        engine: config.engine,
        spool: config.spool.clone(),
        on_stop: OnStop::Finish(DRAIN_GRACE),
    };
    let networks = Arc::new(Networks::new(&config.vpcs));
    let (store, runtime) = (app.store.clone(), tokio::runtime::Handle::current());
    let sink = move |_: ShardId| {
        let networks = Arc::clone(&networks);
        let sink = StoreSink::new(store.clone(), runtime.clone(), networks, prepared.clone());
        async move { sink }
    };
    // It waits for its threads.
    let running = tokio::task::spawn_blocking(move || shard::start(settings, stop, sink))
        .await
        .map_err(|e| RunError::Receive(e.to_string()))?
        .map_err(|e| RunError::Receive(e.to_string()))?;
    app.receiving(running.counters, running.streams);
    app.parts.set("receive", Ok(()));
    Ok((running.shards, running.addr))
}

/// Waits for the store and brings it up to this program's schema, however long that takes:
/// meanwhile rows are spooled. Ends only if no waiting can help.
async fn prepare(store: &Store, config: &Config, app: &App) -> Result<(), StoreError> {
    let mut said = String::new();
    loop {
        let attempt = match store.ready(PATIENCE).await {
            Ok(()) => migrate(store, &config.retention).await,
            Err(error) => Err(error),
        };
        match attempt {
            Ok(report) => {
                tell(&report);
                app.parts.set("store", Ok(()));
                return Ok(());
            }
            Err(error) if error.is_retryable() => {
                let why = error.to_string();
                if why != said {
                    tracing::warn!(error = %why, "the store is not ready yet; rows are spooled meanwhile");
                    said.clone_from(&why);
                }
                app.parts.set("store", Err(why));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A time to keep rows, in words.
fn keep(hours: Option<u32>) -> String {
    match hours {
        None => "as a clause of your own says".to_owned(),
        Some(0) => "for ever".to_owned(),
        Some(hours) => format!("{hours} h"),
    }
}

fn tell(report: &Report) {
    if !report.created.is_empty() {
        tracing::info!(tables = report.created.len(), "tables created");
    }
    for column in &report.columns {
        tracing::info!(%column, "column added");
    }
    for Ttl { table, hours, expired } in &report.ttl {
        tracing::info!(%table, keep = keep(*hours), "time to keep rows changed");
        if *expired > 0 {
            tracing::warn!(%table, rows = expired, "rows are older than that and will be deleted");
        }
    }
    for Ttl { table, hours, .. } in &report.kept {
        tracing::info!(
            %table, keep = keep(*hours),
            "rows are kept as was set once; name the table under `retention` to change it (0 is for ever)"
        );
    }
    for table in &report.newer {
        tracing::warn!(%table, "the store's schema is newer than this server; update the server");
    }
}

/// Keeps asking the store whether it answers, for readiness, until the embedded one has ended for
/// good: whoever started the server starts it anew then. One that was away may have come back
/// without its tables (a container without a volume), and of one that was not somebody may have
/// dropped a table, which an insert notices: it is prepared again.
async fn watch(config: &Config, app: &App) -> Result<(), RunError> {
    let mut away = false;
    loop {
        tokio::time::sleep(PULSE).await;
        match app.store.ping().await {
            Ok(()) if away || app.store.misses_tables() => {
                prepare(&app.store, config, app).await?;
                away = false;
            }
            Ok(()) => app.parts.set("store", Ok(())),
            Err(error) => {
                away = true;
                // The engine's supervisor knows better why nobody answers.
                let why = app.store.ended().unwrap_or(error);
                app.parts.set("store", Err(why.to_string()));
                if matches!(why, StoreError::Ended(_)) {
                    return Err(why.into());
                }
            }
        }
    }
}

/// Makes the data directory, for this user alone: it holds what crossed the wire.
fn make_private(path: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::DirBuilder::new().mode(0o700).create(path)
}
