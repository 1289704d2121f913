//! The command line.

use crate::goals::Aims;
use crate::machine::Machine;
use crate::report::{Report, Status};
use crate::{
    compare, flows, generate, instructions, live, page, peers, replay, scenario, truth_path, write,
};
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
        /// Set the budgets a few hundredths above what is measured now.
        #[arg(long)]
        write: bool,
    },
    /// Memory of idle flows.
    Flows {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// With an HTTP request in each.
        #[arg(long)]
        http: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The server's CPU time by row against the store's.
    #[cfg(feature = "server")]
    Server {
        /// Frames of the traffic that the rows come from.
        #[arg(long, default_value_t = 300_000)]
        packets: u64,
        /// Its flows.
        #[arg(long, default_value_t = 15_000)]
        flows: u64,
        /// Turns.
        #[arg(long, default_value_t = 5)]
        repeat: usize,
    },
    /// Run scenarios, write the results down and put them into the page. 1 when a result is
    /// wrong or a budget is exceeded; a goal that is not met is told, and no failure.
    Run {
        /// Names of scenarios, or `all`.
        #[arg(required = true)]
        names: Vec<String>,
        /// Where scenarios are.
        #[arg(long, default_value = "perf/scenarios")]
        scenarios: PathBuf,
        /// Where results go.
        #[arg(long, default_value = "perf/results")]
        results: PathBuf,
        /// The page; it is written when all scenarios were run.
        #[arg(long, default_value = "docs/benchmarks.md")]
        page: PathBuf,
        /// The design's goals.
        #[arg(long, default_value = "perf/goals.toml")]
        goals: PathBuf,
    },
    /// Write the page from results that are there.
    Page {
        /// The results.
        results: PathBuf,
        /// The page.
        #[arg(long, default_value = "docs/benchmarks.md")]
        page: PathBuf,
        /// The design's goals.
        #[arg(long, default_value = "perf/goals.toml")]
        goals: PathBuf,
    },
    /// Compare two results: which numbers differ by more than their intervals. 1 when any does.
    Compare {
        /// A file of perf/results.
        a: PathBuf,
        /// Another.
        b: PathBuf,
    },
    /// Run the data path, the floor and every other program that is installed over a capture, same
    /// core, in turns; check their counts first.
    Peers {
        /// The capture.
        file: PathBuf,
        /// Turns; the median counts.
        #[arg(long, default_value_t = 5)]
        repeat: usize,
        /// Only these programs.
        #[arg(long, value_delimiter = ',')]
        only: Option<Vec<String>>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// One page about a capture of your own: what is in it, what it costs, others beside.
    File {
        /// The capture.
        file: PathBuf,
        /// Turns; the median counts.
        #[arg(long, default_value_t = 3)]
        repeat: usize,
    },
    /// The whole agent path on a live interface, for some seconds. Prints `ready`, then JSON.
    Receive(live::Receive),
    /// Send a capture's frames out of an interface, again and again, from inside the kernel.
    Blast {
        /// Interface of this network namespace.
        interface: String,
        /// The capture.
        file: PathBuf,
        /// Seconds; without, orders come on the standard input, "SECONDS RATE" a line.
        seconds: Option<f64>,
        /// Frames per second; 0: as fast as can be.
        #[arg(long, default_value_t = 0.0)]
        rate: f64,
    },
    /// The least server there can be, for agents in this network namespace.
    #[command(hide = true)]
    Sink { port: u16, metrics: u16 },
    /// One run of the data path over a capture: what `instructions` counts.
    #[command(hide = true)]
    Drive {
        file: PathBuf,
        #[arg(long, default_value_t = 262_144)]
        flows_max: usize,
    },
    /// The floor over a capture file, like `drive`.
    #[command(hide = true)]
    Floor {
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
        generate::Spec { profile, packets, flows, seed, span_s: span, ..Default::default() }
    }
}

/// Runs what the arguments say. 0: done and within the budgets; 1: a check failed; 2: could not run.
pub fn main() -> ExitCode {
    #[cfg(feature = "server")]
    {
        // The store's arguments are its own: `server` starts this program as its store.
        let mut raw = std::env::args_os().skip(1);
        if raw.next().is_some_and(|first| first == "store") {
            fathom_engine::child::run(raw);
        }
    }
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
        Command::Instructions { names, budgets, profile, write: write_budgets } => {
            if !instructions::available() {
                println!(
                    "SKIPPED: instruction budgets: valgrind is not installed (package valgrind)"
                );
                return Ok(ExitCode::SUCCESS);
            }
            let outcomes = instructions::run(&budgets, &names, profile)?;
            if write_budgets {
                let text = std::fs::read_to_string(&budgets)?;
                let measured: Vec<_> =
                    outcomes.iter().map(|o| (o.name.as_str(), &o.measured)).collect();
                write(&budgets, crate::budgets::rewrite(&text, &measured).as_bytes())?;
                println!("{} holds what was measured now", budgets.display());
                return Ok(ExitCode::SUCCESS);
            }
            return Ok(pass(outcomes.iter().all(|o| o.exceeded.is_empty())));
        }
        Command::Flows { count, http, json } => {
            let outcome = flows::run(count, http)?;
            if json {
                println!("{}", serde_json::to_string(&outcome)?);
            } else {
                outcome.print(if http { "idle with a request" } else { "idle" });
            }
            return Ok(pass(outcome.held == count && outcome.rows_refused == 0));
        }
        #[cfg(feature = "server")]
        Command::Server { packets, flows, repeat } => {
            let outcome = crate::server::cost::run(packets, flows, repeat)?;
            outcome.print();
            return Ok(pass(outcome.stored.is_none_or(|(stored, inserted)| stored == inserted)));
        }
        Command::Run { names, scenarios, results, page, goals } => {
            return run_scenarios(&names, &scenarios, &results, &page, &goals);
        }
        Command::Page { results, page, goals } => {
            page::write(&Report::read(&results)?, &Aims::read(&goals)?, &page)?;
        }
        Command::Compare { a, b } => {
            let (table, different) = compare::table(&Report::read(&a)?, &Report::read(&b)?);
            print!("{table}");
            println!("{different} numbers differ");
            return Ok(pass(different == 0));
        }
        Command::Peers { file, repeat, only, json } => {
            let outcome = peers::run(&file, repeat, only.as_deref())?;
            if json {
                println!("{}", serde_json::to_string_pretty(&outcome)?);
            } else {
                print!("{}", outcome.page(&file));
            }
        }
        Command::File { file, repeat } => {
            print!("{}", peers::run(&file, repeat, None)?.page(&file));
        }
        Command::Receive(how) => live::receive(&how)?,
        Command::Sink { port, metrics } => live::sink(port, metrics)?,
        Command::Blast { interface, file, seconds, rate } => {
            live::blast(&interface, &file, seconds.map(|s| (s, rate)))?;
        }
        Command::Drive { file, flows_max } => instructions::drive(&file, flows_max)?,
        Command::Floor { file, flows_max } => {
            let pcap =
                std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let mut floor = crate::floor::Floor::new(flows_max);
            let (ns, flows) = crate::clock::timed(|| floor.measured(&pcap));
            println!("{{\"flows\":{},\"cpu_ns\":{ns}}}", flows?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_scenarios(
    names: &[String],
    scenarios: &Path,
    results: &Path,
    page: &Path,
    goals: &Path,
) -> Result<ExitCode> {
    let all = names.iter().any(|n| n == "all");
    let names = if all { scenario::names(scenarios)? } else { names.to_vec() };
    let read = |n: &String| Ok((n.clone(), scenario::read(scenarios, n)?));
    // All are read before the first is run.
    let list: Vec<_> = names.iter().map(read).collect::<Result<_>>()?;
    Aims::read(goals)?;
    let mut report = Report { machine: Machine::here(), scenarios: Vec::new() };
    for (name, scenario) in &list {
        println!("== {name}: {}", scenario.title);
        let entry = scenario::run(name, scenario).with_context(|| format!("scenario {name}"))?;
        for failed in &entry.failed {
            println!("FAILED {failed}");
        }
        if let Status::Skipped(why) = &entry.status {
            println!("skipped: {why}");
        }
        println!("{:.0} s", entry.seconds);
        report.scenarios.push(entry);
    }
    let failed = report.scenarios.iter().any(|s| !s.failed.is_empty());
    let saved = report.save(results)?;
    println!("results are in {}", saved.display());
    if all {
        page::write(&report, &Aims::read(goals)?, page)?;
        println!("and in {}", page.display());
    }
    Ok(pass(!failed))
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
