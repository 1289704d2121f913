//! The agent's control thread: starts the shards, follows signals and reloads, keeps the server's
//! address resolved, and ends everything in order. Runs on the small tokio runtime; nothing of
//! the packet path passes here.

mod capture;
pub mod filter;
mod numbers;
mod open;
mod rings;
mod roles;
mod service;

use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fathom_parsers::packet::TunnelType;
use fathom_parsers::{http1, registry};
use fathom_ring::bpf::Steering;
use fathom_ring::{af_packet, interfaces, limits as ring_limits};
use fathom_schema::{TableDef, wire};
use fathom_shard::channel::{self, Receiver};
use fathom_shard::{Placement, ShardId, StopToken, spawn_local};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, Invalid, Live, Mode};
use crate::pipeline::PipelineConfig;
use crate::replay::Summary;
use crate::self_metrics::{Metrics, http};
use crate::shard_loop::feed::Feed;
use crate::shard_loop::handoff::{self, Handoff};
use crate::shard_loop::output::{Output, TextOutput};
use crate::shard_loop::sources::Sources;
use crate::shard_loop::{self, ShardSetup};
use crate::transport::{self, Peers, Transport};

/// Cores taken when the settings leave it to us.
const SHARDS_DEFAULT: usize = 4;

/// The server's name is resolved again this often.
const RESOLVE: Duration = Duration::from_secs(60);

/// Blocks of text waiting for standard output, per shard.
const PRINT_QUEUE: usize = 64;

/// Where rows go.
#[derive(Clone, Debug)]
pub enum Destination {
    /// To the server.
    Server,
    /// These tables as NDJSON to standard output.
    Stdout(Vec<&'static TableDef>),
}

/// What is not in the settings.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where rows go.
    pub destination: Destination,
    /// End by itself after this.
    pub duration: Option<Duration>,
    /// Read this file instead of capturing; end with it.
    pub pcap: Option<PathBuf>,
    /// End in order when standard input is closed: whoever holds its other end is gone.
    pub end_with_stdin: bool,
}

/// Why the agent does not run, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting.
    #[error(transparent)]
    Config(#[from] Invalid),
    /// Capture.
    #[error(transparent)]
    Ring(#[from] fathom_ring::Error),
    /// The filter expression.
    #[error("capture.filter: {0}")]
    Filter(String),
    /// The shards.
    #[error(transparent)]
    Shard(#[from] fathom_shard::Error),
    /// Interfaces are there, and none could be opened.
    #[error("nothing can be captured: {0}")]
    Refused(String),
    /// More memory than allowed.
    #[error(
        "the worst case is {need} MiB, limits.memory allows {limit} MiB; lower {largest} or raise \
         the limit"
    )]
    Memory {
        /// Mebibytes.
        need: u64,
        /// Mebibytes.
        limit: u64,
        /// The largest part.
        largest: &'static str,
    },
    /// A port that is taken, a signal handler refused.
    #[error("{what}: {source}")]
    Os {
        /// What was tried.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    fn os(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Os { what, source }
    }
}

/// Runs the agent until a signal, the duration, or the end of the file. `reload` is called on
/// SIGHUP and answers the new settings, already logged if they are wrong.
///
/// # Errors
/// What keeps it from starting; a shard that panicked.
pub async fn run(
    config: Config,
    options: Options,
    mut reload: impl FnMut() -> Option<Config>,
) -> Result<Summary, Error> {
    let offline = options.pcap.is_some();
    let placement = placement(&config, offline)?;
    let shards = placement.cpus().len();
    let filters = match &config.filter {
        Some(expression) if !offline => {
            filter::compile(expression, config.snaplen).map_err(Error::Filter)?
        }
        _ => open::Filters::default(),
    };
    let captured = if offline { 0 } else { check_capture(&config)? };
    check_memory(&config, shards, captured)?;

    let stop = StopToken::new().map_err(Error::os("making the stop signal"))?;
    let placement = placement.named("fathom-agent").stopped_by(stop.clone());
    let metrics = Arc::new(Metrics::new(config.agent_id, &config.host, shards));
    let live = Arc::new(Live::new(config.clone()));
    let peers = Peers::default();
    resolve(&config.server, &peers).await;

    let (printers, lines) = printers(&options, shards)?;
    let mut lanes = Vec::new();
    let (capture, feeds) = if offline {
        (None, Vec::new())
    } else {
        let steering = steering(&config).map_err(fathom_ring::Error::from)?;
        lanes = handoff::mesh(shards, &steering).map_err(Error::os("joining the shards"))?;
        let openers = open::Openers { steering, filters };
        let (live, metrics, stop) = (Arc::clone(&live), Arc::clone(&metrics), stop.clone());
        let setup = capture::Setup { live, metrics, stop, shards, openers };
        let (thread, feeds) = capture::start(setup)?;
        (Some(thread), feeds)
    };
    let make = {
        let (metrics, live, peers) = (Arc::clone(&metrics), Arc::clone(&live), peers.clone());
        let (stop, options) = (stop.clone(), options.clone());
        let mut parts: Vec<Parts> =
            lines.into_iter().map(|lines| Parts { lines, ..Parts::default() }).collect();
        for (parts, (feed, lanes)) in parts.iter_mut().zip(feeds.into_iter().zip(lanes)) {
            parts.feed = Some(feed);
            parts.lanes = Some(lanes);
        }
        let parts = Arc::new(std::sync::Mutex::new(parts));
        let boot_id = random();
        move |id: ShardId| {
            let shard = ShardMaker {
                id,
                config: live.get(),
                peers: peers.clone(),
                metrics: Arc::clone(&metrics),
                stop: stop.clone(),
                options: options.clone(),
                boot_id,
            };
            let parts = parts
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .get_mut(id.index)
                .map(std::mem::take)
                .unwrap_or_default();
            async move { shard.run(parts).await }
        }
    };
    let started = fathom_shard::start(&placement, config.engine, make)?;
    tracing::info!(
        shards = started.describe(),
        agent = config.agent_id,
        server = config.server,
        "the agent runs"
    );
    let serve = serve_metrics(&config, &metrics)?;
    let joined = tokio::task::spawn_blocking(move || started.join());
    let service = service::run(&metrics, &config, offline);
    let ended = supervise(&options, &stop, &live, &peers, &mut reload, service, joined).await;
    service::stopped();
    // However it ended, the capture thread ends with it.
    stop.stop();
    if let Some(thread) = capture {
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }
    if let Some(serve) = serve {
        serve.abort();
    }
    if ended? == Ended::InOrder {
        let mut interrupt =
            signal(SignalKind::interrupt()).map_err(Error::os("following signals"))?;
        // A printer ends with its queue, unless nobody reads what it prints. A panic in it was
        // reported by itself.
        let printed =
            tokio::task::spawn_blocking(move || printers.into_iter().for_each(|p| drop(p.join())));
        tokio::select! {
            _ = printed => {}
            _ = interrupt.recv() => tracing::warn!("interrupted: not all rows are printed"),
        }
    }
    Ok(metrics.summary())
}

/// How the shards ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All that was seen is in rows, delivered or counted.
    InOrder,
    /// Somebody did not want to wait for that.
    AtOnce,
}

/// Waits for what ends the agent, then for its shards.
async fn supervise(
    options: &Options,
    stop: &StopToken,
    live: &Live,
    peers: &Peers,
    reload: &mut impl FnMut() -> Option<Config>,
    service: impl Future<Output = Error>,
    joined: tokio::task::JoinHandle<Result<(), fathom_shard::Error>>,
) -> Result<Ended, Error> {
    let handler = |kind| signal(kind).map_err(Error::os("following signals"));
    let mut interrupt = handler(SignalKind::interrupt())?;
    let mut terminate = handler(SignalKind::terminate())?;
    let mut hangup = handler(SignalKind::hangup())?;
    let mut again = tokio::time::interval(RESOLVE);
    again.tick().await;
    let over = deadline(options.duration);
    tokio::pin!(over);
    let parent_gone = service::stdin_closed(options.end_with_stdin);
    tokio::pin!(joined, service, parent_gone);
    let mut stopping = false;
    let mut failed = None;
    loop {
        tokio::select! {
            ended = &mut joined => {
                let ended = ended.map_err(|e| Error::Os {
                    what: "joining the shards".to_owned(),
                    source: io::Error::other(e),
                })?;
                ended?;
                return failed.map_or(Ok(Ended::InOrder), Err);
            }
            error = &mut service, if failed.is_none() => {
                failed = Some(error);
                stopping = true;
                stop.stop();
            }
            () = &mut parent_gone, if !stopping => {
                tracing::warn!("standard input was closed: whoever started this agent is gone");
                stopping = true;
                stop.stop();
            }
            _ = interrupt.recv() => {
                if stopping {
                    tracing::warn!("interrupted twice: rows that are not acknowledged are lost");
                    return Ok(Ended::AtOnce);
                }
                stopping = true;
                stop.stop();
            }
            _ = terminate.recv() => {
                stopping = true;
                stop.stop();
            }
            () = &mut over, if !stopping => {
                stopping = true;
                stop.stop();
            }
            _ = hangup.recv() => {
                if let Some(new) = reload() {
                    resolve(&new.server, peers).await;
                    live.set(new);
                    tracing::info!("the settings were read again");
                }
            }
            _ = again.tick() => resolve(&live.get().server, peers).await,
        }
    }
}

async fn deadline(after: Option<Duration>) {
    match after {
        Some(d) => tokio::time::sleep(d).await,
        None => std::future::pending().await,
    }
}

/// Which shard gets which packet, in the kernel and here. VXLAN, Geneve and GTP carry other flows
/// in UDP.
fn steering(config: &Config) -> Result<Steering, fathom_ring::bpf::BpfError> {
    let tunnels = [
        (TunnelType::Vxlan, &[4789, 8472][..]),
        (TunnelType::Geneve, &[6081]),
        (TunnelType::GtpU, &[2152]),
    ];
    let removed = tunnels.iter().filter(|(kind, _)| config.decap.contains(*kind));
    let ports: Vec<u16> = removed.flat_map(|(_, ports)| ports.iter().copied()).collect();
    Steering::new(random(), &ports)
}

fn placement(config: &Config, offline: bool) -> Result<Placement, Error> {
    Ok(match (&config.cpus, config.shards) {
        // A file is read in one order by one shard.
        _ if offline => Placement::count(1)?,
        (Some(list), _) => Placement::parse(list)?,
        (None, 0) => Placement::count(Placement::all()?.cpus().len().min(SHARDS_DEFAULT))?,
        (None, n) => Placement::count(n)?,
    })
}

/// How many interfaces will be captured now; an error when none can be for lack of privilege.
fn check_capture(config: &Config) -> Result<usize, Error> {
    let all = interfaces::list()?;
    let (chosen, _) = roles::choose(&all, &interfaces::Links::new()?.default_routes(), config);
    match chosen.first() {
        None if config.mode == Mode::None => {}
        None => {
            tracing::warn!("no interface that is up matches capture.interface; waiting for one");
        }
        Some(first) => {
            let trial = af_packet::open(&af_packet::Config {
                interface: first.info.name.clone(),
                ring_bytes: ring_limits::RING_MIN,
                ..af_packet::Config::default()
            });
            if let Err(e @ fathom_ring::Error::NotPermitted) = trial {
                return Err(e.into());
            }
        }
    }
    Ok(chosen.len())
}

fn check_memory(config: &Config, shards: usize, interfaces: usize) -> Result<(), Error> {
    let parts = config.worst_case(shards, interfaces);
    let total: u64 = parts.iter().map(|p| p.1).sum();
    let text: Vec<_> = parts.iter().map(|(name, n)| format!("{name} {} MiB", n >> 20)).collect();
    tracing::info!(mib = total >> 20, parts = text.join(", "), "memory in the worst case");
    if config.memory_limit > 0 && total > config.memory_limit {
        let largest = parts.iter().max_by_key(|p| p.1).map_or("", |p| p.0);
        return Err(Error::Memory { need: total >> 20, limit: config.memory_limit >> 20, largest });
    }
    Ok(())
}

type Lines = Vec<Option<channel::Sender<Vec<u8>>>>;

/// One queue and one thread per shard when rows go to standard output.
fn printers(
    options: &Options,
    shards: usize,
) -> Result<(Vec<std::thread::JoinHandle<()>>, Lines), Error> {
    let (mut threads, mut lines) = (Vec::new(), Vec::new());
    for _ in 0..shards {
        if let Destination::Server = options.destination {
            lines.push(None);
            continue;
        }
        let (sender, receiver) = channel::pair(PRINT_QUEUE).map_err(Error::os("making a queue"))?;
        let thread = std::thread::Builder::new()
            .name("fathom-print".to_owned())
            .spawn(move || print(receiver))
            .map_err(Error::os("making the printer's thread"))?;
        threads.push(thread);
        lines.push(Some(sender));
    }
    Ok((threads, lines))
}

fn print(mut lines: Receiver<Vec<u8>>) {
    loop {
        while let Some(text) = lines.try_pop() {
            let mut out = io::stdout().lock();
            if let Err(error) = out.write_all(&text).and_then(|()| out.flush()) {
                tracing::error!(%error, "standard output takes no more rows");
                return;
            }
        }
        if lines.is_finished() {
            return;
        }
        lines.wait_blocking(Duration::from_secs(1));
    }
}

fn serve_metrics(
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<Option<tokio::task::JoinHandle<()>>, Error> {
    let Some(addr) = config.metrics else { return Ok(None) };
    // Bound here, so that a taken port is reported at the start.
    let listener = std::net::TcpListener::bind(addr)
        .and_then(|l| l.set_nonblocking(true).map(|()| l))
        .map_err(Error::os(format!("listening on {addr} (metrics.listen)")))?;
    let metrics = Arc::clone(metrics);
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = http::serve(listener, metrics).await {
            tracing::error!(%error, "the agent's metrics are not served");
        }
    })))
}

/// Looks the server's name up; what was known before stays when that fails.
async fn resolve(server: &str, peers: &Peers) {
    let name = server.to_owned();
    let found = tokio::task::spawn_blocking(move || {
        name.to_socket_addrs().map(Iterator::collect::<Vec<SocketAddr>>)
    });
    match found.await {
        Ok(Ok(all)) if !all.is_empty() => peers.set(all),
        Ok(Err(error)) => {
            tracing::warn!(server, %error, "the server's name does not resolve; check server.address");
        }
        _ => tracing::warn!(server, "the server's name has no address; check server.address"),
    }
}

/// A number that no other run has: the standard library seeds its hashers at random.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish().max(1)
}

/// What a shard is made of, on its own thread.
struct ShardMaker {
    id: ShardId,
    config: Arc<Config>,
    peers: Peers,
    metrics: Arc<Metrics>,
    stop: StopToken,
    options: Options,
    boot_id: u64,
}

/// What only one shard can have.
#[derive(Default)]
struct Parts {
    /// Queue to the printer, when rows go to standard output.
    lines: Option<channel::Sender<Vec<u8>>>,
    /// Line to the capture thread, when there is one.
    feed: Option<Feed>,
    /// Ways to the other shards, when packets are captured.
    lanes: Option<Handoff>,
}

impl ShardMaker {
    async fn run(self, parts: Parts) {
        let index = self.id.index;
        let Parts { lines, feed, lanes } = parts;
        let sources = match (&self.options.pcap, feed) {
            (None, Some(feed)) => Sources::capture(feed),
            (None, None) => return tracing::error!("a shard was started twice"),
            (Some(path), _) => match fathom_ring::file::open(path) {
                Ok(source) => Sources::file(&path.display().to_string(), Box::new(source)),
                Err(error) => {
                    tracing::error!(%error, "the capture file cannot be read");
                    return;
                }
            },
        };
        let output = match (&self.options.destination, lines) {
            (Destination::Stdout(tables), Some(lines)) => {
                Output::Text(TextOutput::new(tables.clone(), lines, self.metrics.transport(index)))
            }
            _ => Output::Server(self.transport()),
        };
        // Dropped, and its connection closed, when the shard ends.
        let _connection = match &output {
            Output::Server(t) => Some(spawn_local(t.clone().run())),
            Output::Text(_) => None,
        };
        shard_loop::run(ShardSetup {
            pipeline: self.pipeline(),
            sources,
            output,
            handoff: lanes,
            shed: self.config.shed,
            metrics: self.metrics,
            index,
            metrics_interval: self.config.metrics_interval,
            stop: self.stop,
            stop_timeout: self.config.stop_timeout,
        })
        .await;
    }

    fn pipeline(&self) -> PipelineConfig {
        PipelineConfig {
            agent_id: self.config.agent_id,
            shard: self.id.index as u16,
            flows_max: self.config.flows_max,
            decap: self.config.decap,
            enabled: self.config.enabled,
            ports: self.config.ports.clone(),
            parsers: registry::Options {
                trace: self.config.trace_headers.clone(),
                http: http1::Options { endpoint_segments: self.config.endpoint_segments },
                literals: self.config.literals,
            },
            ..PipelineConfig::default()
        }
    }

    fn transport(&self) -> Transport {
        let config = transport::Config {
            peers: self.peers.clone(),
            agent_id: self.config.agent_id,
            boot_id: self.boot_id,
            stream: self.id.index as u16,
            compression: self.config.compression,
            backlog_bytes: self.config.backlog_per_shard(self.id.count),
            hello: wire::hello_body(&self.config.host, env!("CARGO_PKG_VERSION")),
        };
        Transport::new(config, self.metrics.transport(self.id.index))
    }
}
