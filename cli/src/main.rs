//! `fathom`: the tool a person types. It stands at both ends of the data path: `replay` feeds a
//! capture file into it, `query` asks what came out.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command line tool speaks on stdout")]

mod agent_program;
mod client;
mod doctor;
mod query;
mod replay;
mod table;
mod top;
mod up;

use clap::{Parser, Subcommand};
use fathom_settings::EXIT_USAGE;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Version and commit, as `--version` prints them.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("FATHOM_COMMIT"), ")");

/// Sees what crosses this host's network, and lets you ask about it in SQL.
#[derive(Parser, Debug)]
#[command(name = "fathom", version = VERSION, after_help = "Start with `fathom up`, or `fathom replay FILE.pcap`.")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Up(up::Args),
    Replay(replay::Args),
    Query(query::Args),
    Doctor(doctor::Args),
    Top(top::Args),
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Up(args) => up::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Top(args) => top::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("fathom: {}", fathom_settings::sentence(&*e));
            if usage(&e) { ExitCode::from(EXIT_USAGE) } else { ExitCode::FAILURE }
        }
    }
}

/// Arguments or settings are to blame.
fn usage(e: &anyhow::Error) -> bool {
    let wrong = |c: &(dyn std::error::Error + 'static)| {
        c.is::<fathom_server::config::ConfigError>() || c.is::<fathom_dataplane::config::Invalid>()
    };
    fathom_settings::is_usage(&**e) || e.chain().any(wrong)
}

/// Whoever read our output has seen enough (`fathom replay x.pcap | head`): no failure.
fn broken_pipe(e: &anyhow::Error) -> bool {
    e.chain()
        .filter_map(|c| c.downcast_ref::<std::io::Error>())
        .any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
