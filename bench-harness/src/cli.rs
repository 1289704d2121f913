//! The command line.

use crate::{generate, truth_path, write};
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "fathom-bench", about = "Measures Fathom's data path")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a capture, and beside it what is in it.
    Gen {
        #[command(flatten)]
        traffic: Traffic,
        /// The file to write; the truth goes to FILE.truth.json.
        out: PathBuf,
    },
}

/// What traffic to make.
#[derive(Args, Clone, Debug)]
struct Traffic {
    /// Kind of traffic.
    #[arg(long, value_enum, default_value = "mix")]
    profile: generate::Profile,
    /// Frames, about.
    #[arg(long, default_value_t = 2_000_000)]
    packets: u64,
    /// Flows.
    #[arg(long, default_value_t = 100_000)]
    flows: u64,
    /// Same seed, same bytes.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Seconds over which flows begin.
    #[arg(long, default_value_t = 60)]
    span: u64,
}

impl Traffic {
    fn spec(&self) -> generate::Spec {
        let Self { profile, packets, flows, seed, span } = *self;
        generate::Spec { profile, packets, flows, seed, span_s: span }
    }
}

/// Runs what the arguments say. 0: done and within the budgets; 1: a check failed; 2: could not run.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("fathom-bench: {e:#}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Gen { traffic, out } => {
            let c = generate::capture(&traffic.spec());
            write(&out, &c.pcap)?;
            let truth = serde_json::to_string_pretty(&c.truth)?;
            write(&truth_path(&out), truth.as_bytes())?;
            println!("{truth}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
