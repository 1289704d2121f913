//! The receiving side, started on a data directory and ended politely or not.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fathom_server::receive::counters::Counters;
use fathom_server::shard::{self, OnStop, Running, Settings};
use fathom_server::spool::Config;
use fathom_server::spool::sink::BatchSink;
use fathom_shard::{Engine, Placement, StopToken};

pub struct Server {
    pub addr: SocketAddr,
    pub counters: Arc<Counters>,
    running: Running,
    stop: StopToken,
}

pub struct Setup {
    pub engine: Engine,
    pub shards: usize,
    pub on_stop: OnStop,
    pub spool: Config,
}

impl Setup {
    pub fn new(engine: Engine, dir: &Path) -> Self {
        let spool = Config { refused_for: Duration::ZERO, ..Config::under(dir) };
        Self { engine, shards: 2, on_stop: OnStop::Abandon, spool }
    }

    pub fn politely(mut self) -> Self {
        self.on_stop = OnStop::Finish(Duration::from_secs(20));
        self
    }

    pub fn start<S>(self, sink: S) -> Server
    where
        S: BatchSink + Clone + Send + 'static,
    {
        self.try_start(sink).unwrap()
    }

    pub fn try_start<S>(self, sink: S) -> Result<Server, shard::Error>
    where
        S: BatchSink + Clone + Send + 'static,
    {
        let stop = StopToken::new().unwrap();
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            placement: Placement::count(self.shards).unwrap().unpinned(),
            engine: self.engine,
            spool: self.spool,
            on_stop: self.on_stop,
        };
        let running = shard::start(settings, stop.clone(), move |_| {
            let sink = sink.clone();
            async move { sink }
        })?;
        Ok(Server { addr: running.addr, counters: Arc::clone(&running.counters), running, stop })
    }
}

impl Server {
    /// Ends it as it was set up to end. What came is somewhere then, to the row.
    pub fn stop(self) -> Arc<Counters> {
        self.stop.stop();
        self.running.shards.join().unwrap();
        let c = self.counters;
        let came = c.rows_received.total() + c.spool_recovered_rows.get();
        let is = c.rows_stored.total() + c.lost_total() + c.spool_rows.get();
        assert_eq!(came, is, "{c:?}");
        c
    }
}
