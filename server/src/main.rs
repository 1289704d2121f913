//! `fathom-server`: the server as systemd or Kubernetes runs it.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use fathom_server::config::{Config, ConfigError, PROGRAM};
use fathom_settings::{Settings, Sources, Usage};
use fathom_shard::StopToken;
use sd_notify::NotifyState;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where the configuration is unless named.
const CONFIG: &str = "/etc/fathom/server.yaml";

/// Receives what agents saw, stores it in ClickHouse, answers queries.
#[derive(Debug, Parser)]
#[command(
    name = "fathom-server",
    version,
    after_help = "Example:\n  fathom-server --set data=/tmp/fathom\n  curl -s http://127.0.0.1:20416/v1/query -d db=flow_log --data-urlencode 'sql=show tables'"
)]
struct Arguments {
    /// Configuration file; /etc/fathom/server.yaml is read when it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, over file and environment; may be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server (the default).
    Run,
    /// Shows or checks the configuration.
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Runs the embedded store; the server starts this itself.
    #[command(hide = true)]
    Store {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Prints every key with its value and where it came from.
    Show,
    /// Checks a configuration file.
    Check {
        /// The file.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    // The store's arguments are its own; no other parsing may touch them.
    let mut raw = std::env::args_os().skip(1);
    if raw.next().is_some_and(|first| first == "store") {
        fathom_engine::child::run(raw);
    }
    match start(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done about a standard error that does not take it.
            let text = fathom_settings::sentence(&*error);
            let _ = writeln!(std::io::stderr(), "fathom-server: {text}");
            if usage(&*error) {
                ExitCode::from(fathom_settings::EXIT_USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// Whether starting again with the same arguments and settings cannot help.
fn usage(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<ConfigError>() || fathom_settings::is_usage(error)
}

fn start(arguments: Arguments) -> anyhow::Result<()> {
    if let Some(Command::Config { what: ConfigCommand::Check { file } }) = &arguments.command {
        Settings::check(&PROGRAM, file)?;
        let settings =
            Settings::load(&PROGRAM, Sources { file: Some(file), ..Sources::default() })?;
        Config::from_settings(&settings)?;
        return say(&format!("{}: ok\n", file.display()));
    }
    let settings = load(&arguments)?;
    match arguments.command {
        Some(Command::Config { .. }) => say(&settings.show()),
        Some(Command::Store { .. }) => anyhow::bail!("`store` has to be the first argument"),
        Some(Command::Run) | None => run(&settings),
    }
}

fn load(arguments: &Arguments) -> anyhow::Result<Settings> {
    let default = PathBuf::from(CONFIG);
    let file = match &arguments.config {
        Some(file) => Some(file.as_path()),
        None if default.is_file() => Some(default.as_path()),
        None => None,
    };
    let pairs = arguments
        .set
        .iter()
        .map(|pair| {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| Usage(format!("--set {pair}: write --set KEY=VALUE")))?;
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let env: Vec<(String, String)> = std::env::vars().collect();
    Ok(Settings::load(&PROGRAM, Sources { file, env: &env, pairs: &pairs })?)
}

fn run(settings: &Settings) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(settings.text("log"))
        .context("the setting `log`")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let config = Config::from_settings(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("fathom-http")
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = StopToken::new()?;
        on_signal(stop.clone())?;
        fathom_server::run(config, stop, |addresses| {
            tracing::info!(?addresses, "ready");
            let line = format!("ready http://{} agents {}\n", addresses.http, addresses.agents);
            // A closed standard output is nobody's harm: the log has it too.
            let _ = say(&line);
            notify(&[NotifyState::Status(line.trim_end()), NotifyState::Ready]);
        })
        .await?;
        Ok(())
    })
}

/// SIGINT and SIGTERM end the server in order; a second one at once.
fn on_signal(stop: StopToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if !first {
                std::process::exit(1);
            }
            tracing::info!("stopping");
            notify(&[NotifyState::Stopping]);
            stop.stop();
        }
    });
    Ok(())
}

/// Tells the service manager, if there is one (`Type=notify`).
fn notify(words: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(words) {
        tracing::warn!(%error, "NOTIFY_SOCKET does not take what is said to it");
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
