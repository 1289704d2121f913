//! The command line.

use crate::{flows, generate, instructions, replay, truth_path, write};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
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
    /// Run the data path over a capture in memory and measure it; without a file over traffic
    /// made for it.
    Replay {
        /// A capture with its truth beside it, as `gen` writes them.
        file: Option<PathBuf>,
        #[command(flatten)]
        traffic: Traffic,
        /// Protocols that have to be found as the truth says.
        #[arg(long, value_delimiter = ',', default_value = "http,dns")]
        require: Vec<String>,
        /// Turns; the median counts.
        #[arg(long, default_value_t = 5)]
        repeat: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Count instructions per packet and stage under callgrind, and compare with the budgets.
    Instructions {
        /// Only these budgets.
        names: Vec<String>,
        /// The budgets.
        #[arg(long, default_value = "perf/budgets.toml")]
        budgets: PathBuf,
        /// Print where the instructions go.
        #[arg(long)]
        profile: bool,
    },
    /// Memory of idle flows.
    Flows {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// With an HTTP request in each.
        #[arg(long)]
        http: bool,
    },
    /// One run of the data path over a capture: what `instructions` counts.
    #[command(hide = true)]
    Drive {
        file: PathBuf,
        #[arg(long, default_value_t = 262_144)]
        flows_max: usize,
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
        Command::Replay { file, traffic, require, repeat, json } => {
            let capture = match file {
                Some(file) => read(&file)?,
                None => generate::capture(&traffic.spec()),
            };
            let outcome = replay::run(&capture, &require, repeat)?;
            if json {
                println!("{}", serde_json::to_string_pretty(&outcome)?);
            } else {
                outcome.print();
            }
            return Ok(pass(outcome.failed.is_empty()));
        }
        Command::Instructions { names, budgets, profile } => {
            if !instructions::available() {
                println!("skipped: valgrind is not installed (package valgrind)");
                return Ok(ExitCode::SUCCESS);
            }
            let outcomes = instructions::run(&budgets, &names, profile)?;
            return Ok(pass(outcomes.iter().all(|o| o.exceeded.is_empty())));
        }
        Command::Flows { count, http } => {
            let outcome = flows::run(count, http)?;
            outcome.print(if http { "idle with a request" } else { "idle" });
            return Ok(pass(outcome.held == count));
        }
        Command::Drive { file, flows_max } => instructions::drive(&file, flows_max)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn pass(yes: bool) -> ExitCode {
    if yes { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A capture and its truth.
fn read(path: &Path) -> Result<generate::Capture> {
    let truth_path = truth_path(path);
    let truth = std::fs::read(&truth_path).with_context(|| {
        format!("cannot read {}: `fathom-bench gen` writes it", truth_path.display())
    })?;
    let pcap = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(generate::Capture { pcap, truth: serde_json::from_slice(&truth)? })
}
