//! `fathom up`: the server with its store in this process, and an agent for this host beside it.
//!
//! Start: server, then agent once queries work. Stop: agent first, so that what it holds still
//! reaches the server, then the server.

mod agent;
mod notices;

use anyhow::{Context, Result, bail};
use clap::Parser;
use fathom_ebpf::{Capabilities, State};
use fathom_server::Addresses;
use fathom_server::config::{Config, PROGRAM};
use fathom_settings::{Origin, Settings, Sources};
use fathom_shard::StopToken;
use sd_notify::NotifyState;
use std::io::{self, IsTerminal, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// How long rows of `--pcap` are kept; as long as ClickHouse can count for today's captures.
const CAPTURE_RETENTION: &str = "438000h";

/// Where the server's settings are unless named.
const CONFIG: &str = "/etc/fathom/server.yaml";

/// Runs server, embedded store and an agent for this host
///
/// Ctrl-C ends all of it, agent first; what was captured is stored before.
#[derive(Parser, Debug)]
#[command(after_help = "Examples:
  fathom up
  fathom up --data /tmp/fathom --interface 'eth.*|lo'
  fathom up --no-capture --pcap web.pcap
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
    /// Read this capture file into the store, then keep serving; may be repeated. Rows are then
    /// kept for 50 years unless `retention.*` is set, since captures are older than today
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
}

pub(crate) fn run(args: &Args) -> Result<()> {
    for file in &args.pcap {
        std::fs::File::open(file).with_context(|| format!("--pcap {}", file.display()))?;
    }
    let mut pairs = pairs(args)?;
    let mut settings = load(args, &pairs)?;
    if *settings.get("data").1 == Origin::Default {
        pairs.push(("data".into(), default_data()?.display().to_string()));
        settings = load(args, &pairs)?;
    }
    if !args.pcap.is_empty() {
        pairs.extend(keep_captures(&settings));
        settings = load(args, &pairs)?;
    }
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
    let ended = runtime.block_on(serve(args, config, capture, password));
    // What still blocks on a name server must not hold the process.
    runtime.shutdown_background();
    ended
}

/// Settings that the options stand for.
fn pairs(args: &Args) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in &args.set {
        let (key, value) =
            pair.split_once('=').with_context(|| format!("--set {pair}: write it as KEY=VALUE"))?;
        pairs.push((key.to_owned(), value.to_owned()));
    }
    let data = args.data.as_ref().map(|d| d.display().to_string());
    for (key, value) in [
        ("data", data.as_ref()),
        ("store.clickhouse", args.clickhouse.as_ref()),
        ("http.listen", args.listen.as_ref()),
        ("store.listen", args.store_listen.as_ref()),
    ] {
        pairs.extend(value.map(|v| (key.to_owned(), v.clone())));
    }
    if args.store_listen.is_some() && !pairs.iter().any(|(k, _)| k == "store.listen_password") {
        pairs.push(("store.listen_password".into(), password()?));
    }
    Ok(pairs)
}

fn load(args: &Args, pairs: &[(String, String)]) -> Result<Settings> {
    let default = Path::new(CONFIG);
    let file = args.config.as_deref().or_else(|| default.is_file().then_some(default));
    let env: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    Ok(Settings::load(&PROGRAM, Sources { file, env: &env, pairs })?)
}

/// Retentions for rows that are as old as the captures they come from: whoever reads a capture
/// from last year wants to see its rows. Those that were set stay as they are.
fn keep_captures(settings: &Settings) -> Vec<(String, String)> {
    let retentions = PROGRAM.keys.iter().map(|k| k.path).filter(|p| p.starts_with("retention."));
    retentions
        .filter(|p| *settings.get(p).1 == Origin::Default)
        .map(|p| (p.to_owned(), CAPTURE_RETENTION.to_owned()))
        .collect()
}

/// A place this user may write to.
fn default_data() -> Result<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Ok("/var/lib/fathom".into());
    }
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME")
        .or_else(|| Some(set("HOME")?.join(".local/share")))
        .map(|dir| dir.join("fathom"))
        .context("HOME is not set, so there is no default place for data; use --data DIR")
}

/// 32 hexadecimal digits of the kernel's randomness.
fn password() -> Result<String> {
    let mut bytes = [0u8; 16];
    let mut source = std::fs::File::open("/dev/urandom").context("/dev/urandom")?;
    source.read_exact(&mut bytes).context("/dev/urandom")?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Whether this host will be captured from, and in words why not.
fn capture(args: &Args) -> Result<Result<(), String>> {
    if args.no_capture {
        return Ok(Err("off (--no-capture)".into()));
    }
    let program = agent::program()?;
    // File capabilities give the agent what this process lacks.
    if let State::No { why, remedy } = Capabilities::probe().capture()
        && !agent::has_file_capabilities(&program)
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
    capture: Result<(), String>,
    password: Option<String>,
) -> Result<()> {
    let stop = StopToken::new().context("making the stop signal")?;
    let (tell, told) = oneshot::channel();
    let data = config.data.clone();
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
        let Ok(addresses) = told.await else { return std::future::pending().await };
        let on = start_agents(args, &addresses, &capture, &mut agents).await?;
        announce(args, &addresses, &data, &on, password.as_deref())?;
        std::future::pending::<Result<()>>().await
    };
    let (ended, outcome) = tokio::select! {
        ended = &mut server => (Some(ended), Ok(())),
        failed = work => (None, failed),
        _ = interrupt.recv() => (None, Ok(())),
        _ = terminate.recv() => (None, Ok(())),
    };
    if ended.is_none() {
        eprintln!("stopping: agent first, then server (again to stop at once)");
    }
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
        _ = interrupt.recv() => bail!("stopped at once; what was not stored yet is in the spool"),
    }
}

/// The agents that were asked for, in `agents` as they start; and what is captured, in words.
async fn start_agents(
    args: &Args,
    addresses: &Addresses,
    capture: &Result<(), String>,
    agents: &mut Vec<agent::Agent>,
) -> Result<String> {
    for file in &args.pcap {
        agents.push(agent::Agent::replay(file, addresses.agents)?);
    }
    if let Err(why) = capture {
        return Ok(why.clone());
    }
    let own = own_ports(addresses);
    let interface = args.interface.as_deref();
    let (agent, on) = agent::Agent::capture(interface, addresses.agents, &own).await?;
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
fn announce(
    args: &Args,
    addresses: &Addresses,
    data: &Path,
    capture: &str,
    password: Option<&str>,
) -> Result<()> {
    let mut out = io::stdout().lock();
    let store = if args.clickhouse.is_some() {
        addresses.store.clone()
    } else {
        format!("embedded ClickHouse in {}", data.display())
    };
    writeln!(out, "page       http://{}/", addresses.http)?;
    writeln!(out, "agents     {}", addresses.agents)?;
    writeln!(out, "store      {store}")?;
    if let Some(listen) = addresses.store_listen {
        let password = password.unwrap_or_default();
        writeln!(
            out,
            "clients    http://{listen}/ (ClickHouse HTTP, user reader, password {password})"
        )?;
    }
    writeln!(out, "capture    {capture}")?;
    for file in &args.pcap {
        writeln!(out, "reading    {}", file.display())?;
    }
    writeln!(out, "try        fathom query 'show tables'{}", server_option(addresses.http))?;
    writeln!(out, "ready http://{} agents {}", addresses.http, addresses.agents)?;
    out.flush()?;
    if let Err(error) = sd_notify::notify(&[NotifyState::Status(capture), NotifyState::Ready]) {
        eprintln!("NOTIFY_SOCKET does not take what is said to it: {error}");
    }
    Ok(())
}

/// `--server` for a query, where the default would not do.
fn server_option(http: SocketAddr) -> String {
    let url = format!("http://{http}");
    if url == crate::client::SERVER { String::new() } else { format!(" --server {url}") }
}
