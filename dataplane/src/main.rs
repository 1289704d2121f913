//! `fathom-agent`: captures on this host and sends rows to a server, or prints them.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use fathom_dataplane::config::{Config, Invalid, PROGRAM};
use fathom_dataplane::control::{self, Destination, Options};
use fathom_schema::TableDef;
use fathom_settings::{Applies, EXIT_USAGE, Settings, Sources, Usage};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::reload;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where the settings are when `--config` does not say.
const CONFIG_FILE: &str = "/etc/fathom/agent.yaml";

/// Observes the traffic of this host.
#[derive(Parser, Debug)]
#[command(
    name = "fathom-agent",
    version,
    after_help = "Example:\n  fathom-agent --interface eth0 --stdout --tables l7_flow_log --duration 10s --stats"
)]
struct Args {
    /// Settings file [default: /etc/fathom/agent.yaml, if there]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Interfaces to capture on: a regular expression for the whole name
    #[arg(long, value_name = "REGEX")]
    interface: Option<String>,
    /// How to capture: auto, af_packet, af_xdp, none
    #[arg(long, value_name = "MODE")]
    capture: Option<String>,
    /// Only packets that match this tcpdump expression
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<String>,
    /// Server to send rows to
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// Any setting, by its name in `config show`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    set: Vec<String>,
    /// Print rows as NDJSON instead of sending them
    #[arg(long)]
    stdout: bool,
    /// Tables to print, by name
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "l7_flow_log,l4_flow_log",
        requires = "stdout"
    )]
    tables: Vec<String>,
    /// End after this long, like 10s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,
    /// Read a capture file instead of interfaces, and end with it
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// End in order when standard input is closed: for programs that start an agent of their own
    #[arg(long)]
    end_with_stdin: bool,
    /// At the end, print what was counted as one JSON object on standard error
    #[arg(long)]
    stats: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Shows or checks settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand, Debug)]
enum ConfigCommand {
    /// Every setting: its value and where it came from
    Show,
    /// Says whether a settings file is right
    Check {
        /// The file
        file: PathBuf,
    },
    /// The JSON schema of the settings file
    Schema,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            let _ = writeln!(io::stderr(), "fathom-agent: {}", fathom_settings::sentence(&*e));
            if usage(&*e) { ExitCode::from(EXIT_USAGE) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether starting again with the same arguments and settings cannot help.
fn usage(e: &(dyn Error + 'static)) -> bool {
    use control::Error::{Config, Filter, Memory};
    let by_settings = matches!(e.downcast_ref(), Some(Config(_) | Filter(_) | Memory { .. }));
    by_settings || e.is::<Invalid>() || fathom_settings::is_usage(e)
}

fn run() -> Result<()> {
    let args = Args::parse();
    if let Some(Command::Config(command)) = &args.command {
        return config(&args, command);
    }
    let settings = args.settings()?;
    let config = Config::from_settings(&settings)?;
    let (level, handle) = reload::Layer::new(level(&config.log_level));
    let format = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    tracing_subscriber::registry().with(level).with(format).init();

    let destination = if args.stdout {
        Destination::Stdout(args.tables.iter().map(|t| table(t)).collect::<Result<_>>()?)
    } else {
        Destination::Server
    };
    let options = Options {
        destination,
        duration: args.duration,
        pcap: args.pcap.clone(),
        end_with_stdin: args.end_with_stdin,
    };
    if let Some(path) = args.pcap.as_ref().filter(|p| p.as_os_str() != "-") {
        // Found out here, where it can still be said by the exit status.
        fathom_ring::file::open(path).with_context(|| path.display().to_string())?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("making the control runtime")?;
    let reload = {
        let mut current = settings;
        let args = &args;
        move || {
            let new = args.settings().and_then(|s| Ok((Config::from_settings(&s)?, s)));
            match new {
                Ok((config, s)) => {
                    for (key, applies) in current.changes(&s) {
                        if applies == Applies::Restart {
                            tracing::warn!(key = key.path, "this change needs a restart");
                        }
                    }
                    // The handle only fails when logging is gone altogether.
                    let _ = handle.reload(self::level(&config.log_level));
                    current = s;
                    Some(config)
                }
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "the settings stay as they are");
                    None
                }
            }
        }
    };
    let summary = runtime.block_on(control::run(config, options, reload));
    // What still blocks on a name server must not hold the process.
    runtime.shutdown_background();
    let summary = summary?;
    if args.stats {
        writeln!(io::stderr(), "{}", summary.to_json()).context("printing the statistics")?;
    }
    if let Some(why) = summary.damage {
        bail!("{why}; what came before is in rows");
    }
    let lost: u64 = summary.rows_lost.values().sum();
    if args.pcap.is_some() && lost > 0 {
        bail!("{lost} rows did not reach the server; is there one at server.address?");
    }
    Ok(())
}

impl Args {
    fn settings(&self) -> Result<Settings> {
        let env: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let file = self.config.clone().or_else(|| {
            let default = PathBuf::from(CONFIG_FILE);
            default.exists().then_some(default)
        });
        let mut pairs = Vec::new();
        for (key, value) in [
            ("capture.interface", &self.interface),
            ("capture.mode", &self.capture),
            ("capture.filter", &self.filter),
            ("server.address", &self.server),
        ] {
            pairs.extend(value.iter().map(|v| (key.to_owned(), v.clone())));
        }
        for pair in &self.set {
            let Some((key, value)) = pair.split_once('=') else {
                bail!(Usage(format!("--set {pair}: write it as KEY=VALUE")));
            };
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(Settings::load(&PROGRAM, Sources { file: file.as_deref(), env: &env, pairs: &pairs })?)
    }
}

fn config(args: &Args, command: &ConfigCommand) -> Result<()> {
    let text = match command {
        ConfigCommand::Show => {
            let settings = args.settings()?;
            Config::from_settings(&settings)?;
            settings.show()
        }
        ConfigCommand::Check { file } => {
            let sources = Sources { file: Some(file), ..Sources::default() };
            Config::from_settings(&Settings::load(&PROGRAM, sources)?)?;
            format!("{}: all settings are right\n", file.display())
        }
        ConfigCommand::Schema => PROGRAM.json_schema(),
    };
    io::stdout().write_all(text.as_bytes()).context("printing")
}

fn level(name: &str) -> LevelFilter {
    name.parse().unwrap_or(LevelFilter::INFO)
}

/// A table by its name without the database.
fn table(name: &str) -> Result<&'static TableDef> {
    let found = fathom_schema::TABLES.iter().copied().find(|t| t.name == name);
    found.ok_or_else(|| {
        let all: Vec<_> = fathom_schema::TABLES.iter().map(|t| t.name).collect();
        Usage(format!("no table {name:?}; there are {}", all.join(", "))).into()
    })
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) =
        text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len()));
    let number: f64 = number.trim().parse().map_err(|_| "write it like 10s".to_owned())?;
    let scale = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("units are ms, s, m, h".to_owned()),
    };
    Duration::try_from_secs_f64(number * scale).map_err(|e| e.to_string())
}
