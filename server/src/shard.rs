//! One core of the server: accepts agents, spools what they bring, drains it into the store.
//!
//! ```text
//! listener -> connections -> spool cycle -> file -> drain -> sink (tag, block, store)
//!                 ^ acknowledgement |
//! ```

use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use fathom_shard::net::TcpListener;
use fathom_shard::{Engine, Placement, ShardId, Shards, StopToken, sleep, spawn_local, timeout};

use crate::receive::Receiver;
use crate::receive::counters::Counters;
use crate::receive::streams::Streams;
use crate::spool::recover::{self, Found};
use crate::spool::sink::BatchSink;
use crate::spool::{Config, Shared, Spool};

/// What happens when the stop signal is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStop {
    /// What was accepted is written and acknowledged as always; then the store is given so long
    /// to take it. The rest stays in the spool for the next start.
    Finish(Duration),
    /// Everything is dropped where it stands, as if the process had been killed. For tests of
    /// recovery.
    Abandon,
}

/// How the receiving side runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where agents connect. Port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// Cores.
    pub placement: Placement,
    /// Engine.
    pub engine: Engine,
    /// Spool.
    pub spool: Config,
    /// End.
    pub on_stop: OnStop,
}

/// Why the receiving side does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] recover::Error),
    /// The shards cannot run.
    #[error(transparent)]
    Shard(#[from] fathom_shard::Error),
    /// A listener or the spool folder of a shard failed.
    #[error("{0}")]
    Start(String),
}

/// The running receiving side.
#[derive(Debug)]
pub struct Running {
    /// The threads; join them after raising the stop signal.
    pub shards: Shards,
    /// Where agents connect.
    pub addr: SocketAddr,
    /// What was counted.
    pub counters: Arc<Counters>,
    /// What is known of agents.
    pub streams: Arc<Streams>,
}

/// Recovers the spool, then starts the shards. `sink` is called once on each shard and makes what
/// its frames drain into. The placement's stop signal ends it.
///
/// # Errors
/// The spool cannot be used, the address is taken, or shards cannot run.
pub fn start<F, Fut, S>(settings: Settings, stop: StopToken, sink: F) -> Result<Running, Error>
where
    F: Fn(ShardId) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = S>,
    S: BatchSink + 'static,
{
    let counters = Arc::new(Counters::default());
    let streams = Arc::new(Streams::default());
    let (shared, found) =
        recover::open(settings.spool.clone(), Arc::clone(&counters), Arc::clone(&streams))?;
    let count = settings.placement.cpus().len();
    let started = Arc::new(Started::new(count, settings.listen));
    let queues = Arc::new(Mutex::new(recover::deal(found, count)));
    let placement = settings.placement.clone().stopped_by(stop.clone());
    let on_stop = settings.on_stop;
    let shards = {
        let (started, shared) = (Arc::clone(&started), Arc::clone(&shared));
        let stop = stop.clone();
        fathom_shard::start(&placement, settings.engine, move |id| {
            let found = queues
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_mut(id.index)
                .map(std::mem::take)
                .unwrap_or_default();
            let shard = Shard {
                id,
                shared: Arc::clone(&shared),
                started: Arc::clone(&started),
                stop: stop.clone(),
                on_stop,
            };
            let sink = sink.clone();
            async move { shard.run(found, sink).await }
        })?
    };
    match started.wait(&stop) {
        Ok(addr) => Ok(Running { shards, addr, counters, streams }),
        Err(why) => {
            stop.stop();
            // What the shards say at their end is not more than what is reported here.
            let _ = shards.join();
            Err(Error::Start(why))
        }
    }
}

struct Shard {
    id: ShardId,
    shared: Arc<Shared>,
    started: Arc<Started>,
    stop: StopToken,
    on_stop: OnStop,
}

impl Shard {
    async fn run<F, Fut, S>(self, found: Vec<Found>, sink: F)
    where
        F: Fn(ShardId) -> Fut,
        Fut: Future<Output = S>,
        S: BatchSink + 'static,
    {
        let listener = match self.started.listen(self.id).await {
            Ok(l) => l,
            Err(why) => return self.started.report(Err(why)),
        };
        let spool = match Spool::open(self.shared, self.id.index as u16, found).await {
            Ok(s) => s,
            Err(e) => return self.started.report(Err(format!("making the spool folder: {e}"))),
        };
        let sink = sink(self.id).await;
        let receiver = Receiver::new(Rc::clone(&spool));
        let accept = spawn_local(Rc::clone(&receiver).accept(listener));
        let cycles = spawn_local({
            let spool = Rc::clone(&spool);
            async move { spool.cycles().await }
        });
        let mut drain = spawn_local({
            let spool = Rc::clone(&spool);
            async move { spool.drain(&sink).await }
        });
        self.started.report(Ok(()));

        self.stop.stopped().await;
        accept.abort();
        receiver.hang_up();
        if let OnStop::Finish(grace) = self.on_stop {
            spool.close();
            // A disk that takes nothing must not keep the process; agents send again then.
            let finished = timeout(grace, async {
                let _ = cycles.await;
                let _ = (&mut drain).await;
            });
            if finished.await.is_err() {
                tracing::info!("rows stay in the spool until the next start");
            }
        }
    }
}

/// How far the shards' start has come; the caller of [`start`] waits for it.
#[derive(Debug)]
struct Started {
    listen: SocketAddr,
    /// The address with its port, once shard 0 listens.
    addr: OnceLock<Result<SocketAddr, String>>,
    ready: Mutex<(usize, Option<String>)>,
    changed: std::sync::Condvar,
    count: usize,
}

impl Started {
    fn new(count: usize, listen: SocketAddr) -> Self {
        Self {
            listen,
            addr: OnceLock::new(),
            ready: Mutex::default(),
            changed: std::sync::Condvar::new(),
            count,
        }
    }

    /// Shard 0 binds first: when the kernel chooses the port, the others take the same.
    async fn listen(&self, id: ShardId) -> Result<TcpListener, String> {
        let bind = |addr| {
            TcpListener::bind(addr, self.count > 1)
                .map_err(|e| format!("listening for agents on {addr}: {e}; change `agents.listen`"))
        };
        if id.index == 0 {
            let listener = bind(self.listen);
            let addr = match &listener {
                Ok(l) => l.local_addr().map_err(|e| e.to_string()),
                Err(e) => Err(e.clone()),
            };
            let _ = self.addr.set(addr);
            return listener;
        }
        loop {
            match self.addr.get() {
                Some(Ok(addr)) => return bind(*addr),
                Some(Err(e)) => return Err(e.clone()),
                None => sleep(Duration::from_millis(1)).await,
            }
        }
    }

    fn report(&self, outcome: Result<(), String>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) => ready.0 += 1,
            Err(why) => {
                tracing::error!(%why, "a shard does not start");
                ready.1.get_or_insert(why);
            }
        }
        self.changed.notify_all();
    }

    fn wait(&self, stop: &StopToken) -> Result<SocketAddr, String> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(why) = &ready.1 {
                return Err(why.clone());
            }
            if ready.0 == self.count {
                return match self.addr.get() {
                    Some(Ok(addr)) => Ok(*addr),
                    Some(Err(why)) => Err(why.clone()),
                    None => Err("no listener".to_owned()),
                };
            }
            if stop.is_stopped() {
                return Err("a shard ended while it started; see the log".to_owned());
            }
            let waited = self.changed.wait_timeout(ready, Duration::from_millis(100));
            ready = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
