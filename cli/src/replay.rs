//! `fathom replay`: a capture file through the agent's own pipeline, rows on standard output.

mod lines;

use anyhow::{Context, Result};
use clap::ValueEnum;
use fathom_dataplane::config::{Literals, decap};
use fathom_dataplane::pipeline::PipelineConfig;
use fathom_dataplane::replay::{self, Options, Progress};
use fathom_schema::{TABLES, TableDef};
use fathom_settings::Usage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// How shells say that a program was ended by SIGINT.
const INTERRUPTED: i32 = 130;

/// Rows are written in pieces of this size: one system call per few thousand rows.
const OUT_BYTES: usize = 1 << 20;

/// Reads capture files through the agent's pipeline and prints rows
///
/// pcap and pcapng, also compressed with gzip or zstd; `-` is standard input. Time is the
/// capture's time, and the same file always gives the same output.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  fathom replay web.pcap
  fathom replay web.pcap --tables l7_flow_log --format table
  tcpdump -i eth0 -U -w - | fathom replay - --follow --format table")]
pub(crate) struct Args {
    /// Capture files, in order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Tables to print, by name without the database
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "l7_flow_log,l4_flow_log"
    )]
    tables: Vec<String>,
    /// How rows are written
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Tunnels to look into, like VXLAN,GRE; `none` for none [default: all]
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    decap: Option<Vec<String>>,
    /// Write the values in SQL statements, Redis commands and the like as `?`, as agents do
    #[arg(long)]
    hide_literals: bool,
    /// Print rows as they come rather than in order of time: for input that does not end. What
    /// comes while a flow or request is open shows when it ends
    #[arg(long)]
    follow: bool,
    /// At the end, print what was counted as one JSON object on standard error
    #[arg(long)]
    stats: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One JSON object per row, every column
    Ndjson,
    /// One aligned line per row, the columns that people read
    Table,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut pipeline = PipelineConfig::default();
    // Who can read the file sees them there; what agents send elsewhere has them hidden.
    if !args.hide_literals {
        pipeline.parsers.literals = Literals::Shown;
    }
    if let Some(names) = &args.decap {
        let names: Vec<String> =
            names.iter().filter(|n| !n.eq_ignore_ascii_case("none")).cloned().collect();
        // The message speaks of the setting; here it is the option of the same name.
        pipeline.decap =
            decap(&names).map_err(|e| Usage(e.to_string().replace("capture.decap", "--decap")))?;
    }
    let tables = args.tables.iter().map(|name| table(name)).collect::<Result<_>>()?;
    let (files, follow) = (args.files.clone(), args.follow);
    let options = Options { files, tables, pipeline, follow, stop: stop_at_interrupt()? };

    let bar = progress_bar();
    let mut progress = |p: Progress| {
        bar.set_length(p.size.unwrap_or(0));
        bar.set_position(p.position);
        if options.files.len() > 1 {
            bar.set_message(format!("{} of {}", p.file + 1, options.files.len()));
        }
    };
    let out = BufWriter::with_capacity(OUT_BYTES, io::stdout().lock());
    let (summary, result) = match args.format {
        Format::Ndjson => {
            let mut out = out;
            replay::run(&options, &mut out, &mut progress)
        }
        Format::Table => {
            let mut out = lines::Lines::new(out);
            replay::run(&options, &mut out, &mut progress)
        }
    };
    bar.finish_and_clear();
    for warning in &summary.warnings {
        eprintln!("fathom: {warning}");
    }
    if args.stats {
        writeln!(io::stderr(), "{}", summary.to_json()).context("printing the statistics")?;
    }
    result.map_err(anyhow::Error::from)
}

/// Becomes true at Ctrl-C: what was read by then is printed. A second one ends the process.
///
/// A program that writes into our standard input gets the same signal, and its end is ours.
fn stop_at_interrupt() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raise = Arc::clone(&stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut interrupts = {
        let _inside = runtime.enter();
        signal(SignalKind::interrupt()).context("following signals")?
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            interrupts.recv().await;
            raise.store(true, Ordering::Relaxed);
            interrupts.recv().await;
            std::process::exit(INTERRUPTED);
        });
    });
    Ok(stop)
}

/// A table by its name, with or without the database.
fn table(name: &str) -> Result<&'static TableDef> {
    let full = |t: &TableDef| format!("{}.{}", t.database, t.name);
    let found = TABLES.iter().copied().find(|t| t.name == name || full(t) == name);
    if let Some(table) = found {
        return Ok(table);
    }
    let all: Vec<_> = TABLES.iter().map(|t| t.name).collect();
    Err(Usage(format!("no table {name:?}; there are {}", all.join(", "))).into())
}

/// A bar where a person looks on: standard error is a terminal, and rows do not scroll over it.
fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
