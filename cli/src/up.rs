//! `fathom up`: the server with its store in this process, and an agent for this host beside it.
//!
//! Start: server, then agent once queries work. Stop: agent first, so that what it holds still
//! reaches the server, then the server.

mod agent;
mod notices;
mod settings;

use crate::agent_program;
use anyhow::{Context, Result, bail};
use clap::Parser;
use fathom_ebpf::{Capabilities, State};
use fathom_server::Addresses;
use fathom_server::config::Config;
use fathom_shard::StopToken;
use sd_notify::NotifyState;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Runs server, embedded store and an agent for this host
///
/// Ctrl-C ends all of it, agent first; what was captured is stored before.
#[derive(Parser, Debug)]
#[command(after_help = "Examples:
  fathom up
  fathom up --data /tmp/fathom --interface 'eth.*|lo'
  fathom up --no-capture --pcap web.pcap
  fathom up --agent-set flows.max=1000000
  fathom up --clickhouse http://db:8123")]
pub(crate) struct Args {
    /// Where data is kept [default: /var/lib/fathom for root, else ~/.local/share/fathom]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Interfaces to capture on: a regular expression for the whole name [default: all that are up]
    #[arg(long, value_name = "REGEX")]
    interface: Option<String>,
    /// Only serve
    #[arg(long)]
    no_capture: bool,
    /// Read this capture file into the store, then keep serving; may be repeated. Captures are older
    /// than today, so this store then keeps rows for ever, until `retention.*` is set
    #[arg(long, value_name = "FILE")]
    pcap: Vec<PathBuf>,
    /// Store in this ClickHouse server instead of the embedded one
    #[arg(long, value_name = "URL")]
    clickhouse: Option<String>,
    /// Address of the HTTP API [default: 127.0.0.1:20416]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Open the embedded store to ClickHouse clients at this address, read-only; prints the password
    #[arg(long, value_name = "ADDR")]
    store_listen: Option<String>,
    /// Server settings file [default: /etc/fathom/server.yaml, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any server setting, by its name in `fathom-server config show`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Agent settings file [default: /etc/fathom/agent.yaml, if there]
    #[arg(long, value_name = "FILE")]
    agent_config: Option<PathBuf>,
    /// Any agent setting, by its name in `fathom-agent config show`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    agent_set: Vec<String>,
}

/// A server and its store start within this, unless something is in their way.
const SLOW_START: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Args) -> Result<()> {
    args.pcap.iter().try_for_each(|file| readable(file))?;
    let settings = settings::server(args)?;
    let agents = settings::Agents::new(args)?;
    let config = Config::from_settings(&settings)?;
    if settings.text_opt("store.clickhouse").is_none()
        && settings.text_opt("store.library").is_none()
    {
        fathom_engine::library::locate().context("the embedded store cannot start")?;
    }
    let filter = tracing_subscriber::EnvFilter::try_new(settings.text("log"))
        .context("the setting `log`")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
    let capture = capture(args)?;
    let password = settings.text_opt("store.listen_password").map(str::to_owned);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("fathom-http")
        .enable_all()
        .build()
        .context("making the runtime")?;
    let ended = runtime.block_on(serve(args, config, agents, capture, password));
    // What still blocks on a name server must not hold the process.
    runtime.shutdown_background();
    ended
}

/// Finds out what is wrong with a capture file before anything is started.
fn readable(file: &Path) -> Result<()> {
    let name = || format!("--pcap {}", file.display());
    // A pipe would lose what is looked at.
    if std::fs::metadata(file).with_context(name)?.is_file() {
        fathom_ring::file::open(file).with_context(name)?;
    }
    Ok(())
}

/// Whether this host will be captured from, and in words why not.
fn capture(args: &Args) -> Result<Result<(), String>> {
    if args.no_capture {
        return Ok(Err("off (--no-capture)".into()));
    }
    let program = agent_program::program()?;
    // File capabilities give the agent what this process lacks.
    if let State::No { why, remedy } = Capabilities::probe().capture()
        && !agent_program::may_capture(&program)
    {
        return Ok(Err(format!(
            "off: capturing on interfaces needs CAP_NET_RAW ({why}); {remedy}.\n           \
             Serving, queries, replay and --pcap need no privilege and work"
        )));
    }
    Ok(Ok(()))
}

async fn serve(
    args: &Args,
    config: Config,
    settings: settings::Agents,
    capture: Result<(), String>,
    password: Option<String>,
) -> Result<()> {
    let stop = StopToken::new().context("making the stop signal")?;
    let (tell, told) = oneshot::channel();
    let data = config.data.clone();
    let for_ever = !args.pcap.is_empty() && config.retention.values().any(|hours| *hours == 0);
    let mut interrupt = signal(SignalKind::interrupt()).context("following signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("following signals")?;
    let server = tokio::spawn(fathom_server::run(config, stop.clone(), move |addresses| {
        // Nobody listens any more only when we are stopping already.
        let _ = tell.send(addresses.clone());
    }));
    tokio::pin!(server);

    // From here on whatever happens, agents and server are ended in order.
    let mut agents = Vec::new();
    let work = async {
        // Nobody tells when the server ends before it is ready; how it ended is found below.
        let Ok(addresses) = ready(told, args.clickhouse.as_deref()).await else {
            return std::future::pending().await;
        };
        let on = start_agents(args, &settings, &addresses, &capture, &mut agents).await?;
        let text = announcement(args, &addresses, &data, &on, for_ever, password.as_deref());
        // Whoever reads it may be slow, or stopped: signals are followed meanwhile.
        tokio::task::spawn_blocking(move || say(&text)).await.context("printing")??;
        if let Err(error) = sd_notify::notify(&[NotifyState::Status(&on), NotifyState::Ready]) {
            eprintln!("NOTIFY_SOCKET does not take what is said to it: {error}");
        }
        std::future::pending::<Result<()>>().await
    };
    let (ended, outcome) = tokio::select! {
        ended = &mut server => (Some(ended), Ok(())),
        failed = work => (None, failed),
        _ = interrupt.recv() => (None, Ok(())),
        _ = terminate.recv() => (None, Ok(())),
    };
    if ended.is_none() {
        eprintln!("stopping: agent first, then server (Ctrl-C again stops at once)");
    }
    let tasks: Vec<_> = agents.iter().map(agent::Agent::abort_handle).collect();
    let orderly = async {
        agent::stop_all(agents).await;
        let ended = match ended {
            Some(ended) => ended.map(|done| (done, true)),
            None => {
                stop.stop();
                server.await.map(|done| (done, false))
            }
        };
        match ended.context("the server ended badly")? {
            (Err(error), _) => Err(error.into()),
            (Ok(()), true) => bail!("the server ended by itself"),
            (Ok(()), false) => outcome,
        }
    };
    tokio::select! {
        ended = orderly => ended,
        // Not at a second SIGTERM: `timeout` and service managers send several.
        _ = interrupt.recv() => {
            agent::kill_all(&tasks).await;
            bail!("stopped at once; what the server had is in its spool, what the agent held is lost")
        }
    }
}

/// Waits for the server; says so where that takes longer than a start does.
async fn ready(
    told: oneshot::Receiver<Addresses>,
    clickhouse: Option<&str>,
) -> Result<Addresses, oneshot::error::RecvError> {
    let mut told = std::pin::pin!(told);
    tokio::select! {
        addresses = &mut told => return addresses,
        () = tokio::time::sleep(SLOW_START) => {}
    }
    match clickhouse {
        Some(url) => eprintln!(
            "waiting for ClickHouse at {url}; nothing is captured until it answers (Ctrl-C ends this)"
        ),
        None => eprintln!("waiting for the store; nothing is captured until it answers"),
    }
    told.await
}

/// The agents that were asked for, in `agents` as they start; and what is captured, in words.
async fn start_agents(
    args: &Args,
    settings: &settings::Agents,
    addresses: &Addresses,
    capture: &Result<(), String>,
    agents: &mut Vec<agent::Agent>,
) -> Result<String> {
    for file in &args.pcap {
        let arguments = settings.replay(file, addresses.agents);
        agents.push(agent::Agent::replay(file, arguments, settings.patience())?);
    }
    if let Err(why) = capture {
        return Ok(why.clone());
    }
    let interface = args.interface.as_deref();
    let arguments = settings.capture(interface, addresses.agents, &own_ports(addresses));
    let (agent, on) = agent::Agent::capture(arguments, settings.patience()).await?;
    agents.push(agent);
    Ok(on)
}

/// Ports of the traffic that only exists because we watch: agent to server, which the agent leaves
/// out by itself, server to embedded store (seen, each insert would cause the next), and people's
/// own questions.
fn own_ports(addresses: &Addresses) -> Vec<u16> {
    let store = addresses.store.trim_end_matches('/').strip_prefix("http://127.0.0.1:");
    let api = Some(addresses.http.port());
    store.and_then(|port| port.parse().ok()).into_iter().chain(api).collect()
}

/// What a person needs to go on, ending with a line that scripts can wait for: by then rows are
/// made of what crosses the interfaces that it names.
fn announcement(
    args: &Args,
    addresses: &Addresses,
    data: &Path,
    capture: &str,
    for_ever: bool,
    password: Option<&str>,
) -> String {
    let store = if args.clickhouse.is_some() {
        addresses.store.clone()
    } else {
        format!("embedded ClickHouse in {}", data.display())
    };
    let mut lines = vec![
        format!("page       http://{}/", addresses.http),
        format!("agents     {}", addresses.agents),
        format!("store      {store}"),
    ];
    if let Some(listen) = addresses.store_listen {
        let password = password.unwrap_or_default();
        lines.push(format!(
            "clients    http://{listen}/ for what speaks ClickHouse's HTTP: user reader, password {password}"
        ));
    }
    lines.push(format!("capture    {capture}"));
    lines.extend(args.pcap.iter().map(|file| format!("reading    {}", file.display())));
    if for_ever {
        lines.push("kept       for ever, as captures are old; `retention.*` changes that".into());
    }
    let server = server_option(addresses.http);
    lines.push(format!("try        fathom query 'show tables'{server}"));
    lines.push(format!("ready http://{} agents {}\n", addresses.http, addresses.agents));
    lines.join("\n")
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// `--server` for a query, where the default would not do.
fn server_option(http: SocketAddr) -> String {
    let url = format!("http://{http}");
    if url == crate::client::SERVER { String::new() } else { format!(" --server {url}") }
}
