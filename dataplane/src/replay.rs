//! Offline: a capture file through the very same pipeline, rows out as NDJSON.
//!
//! The output is in order of (end time, flow, order within the flow) and depends on nothing but
//! the file, unless it is followed. Rows leave the pipeline when flows and requests end, which is later than the times
//! they carry by up to the longest timeout; `sorter` holds them, compressed, until nothing
//! earlier can come.

mod sorter;

use crate::decode::DecodeStats;
use crate::pipeline::{Pipeline, PipelineConfig};
use crate::record::{Blocks, InterfaceFacts};
use fathom_parsers::headers::DecodeError;
use fathom_ring::{Counters, Source, file};
use fathom_schema::TableDef;
use sorter::Sorter;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Frames taken from a file at a time.
const BATCH: usize = 256;

/// What to replay.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files in order; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// Tables to print.
    pub tables: Vec<&'static TableDef>,
    /// What the pipeline is told.
    pub pipeline: PipelineConfig,
    /// Print rows as they come rather than in order of time: the input may never end.
    pub follow: bool,
    /// Once true, what was read so far is all.
    pub stop: Arc<AtomicBool>,
}

/// Why a replay stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error(transparent)]
    Source(#[from] fathom_ring::Error),
    /// The rows could not be written.
    #[error("cannot write rows: {0}")]
    Write(#[from] std::io::Error),
}

/// What a run over some source counted; printed by `--stats`.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What the source counted.
    pub source: Counters,
    /// Frames whose headers could not be read, by kind.
    pub decode_errors: BTreeMap<&'static str, u64>,
    /// Packets left out because a core fell behind.
    pub shed: u64,
    /// Packets lost between two cores.
    pub handoff_full: u64,
    /// Rows of requests left out because a core fell behind.
    pub requests_shed: u64,
    /// Flows not parsed, in part or at all, for the same reason.
    pub flows_unparsed: u64,
    /// Flows seen.
    pub flows: u64,
    /// Flows forgotten early because the table was full.
    pub flows_evicted: u64,
    /// Rows printed or put into frames, by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Of those, rows that never reached a server, by table.
    pub rows_lost: BTreeMap<&'static str, u64>,
    /// How frames were captured.
    pub capture: String,
    /// Things a person should know: a file that is cut in its last record.
    pub warnings: Vec<String>,
    /// Why a file could not be read to its end.
    pub damage: Option<String>,
}

impl Summary {
    /// Adds what the pipeline counted.
    pub fn take(&mut self, pipeline: &Pipeline) {
        let stats = pipeline.stats();
        self.flows = stats.flows_new;
        self.flows_evicted = stats.flows_evicted;
        self.decode_errors = decode_errors(pipeline.decode_stats());
    }

    /// Adds what a source counted.
    pub fn add_source(&mut self, c: &Counters) {
        self.source.add(c);
    }

    /// The object that `--stats` prints.
    pub fn to_json(&self) -> serde_json::Value {
        let usage = Usage::now();
        serde_json::json!({
            "received": self.source.received,
            "bytes": self.source.bytes,
            "dropped": {
                "kernel": self.source.dropped_kernel,
                "xdp": self.source.dropped_xdp,
                "decode": self.decode_errors.values().sum::<u64>(),
                "shed": self.shed,
                "handoff": self.handoff_full,
                "corrupt": self.source.dropped_corrupt,
                "link_type": self.source.dropped_link_type,
            },
            "decode_errors": self.decode_errors,
            "truncated": self.source.truncated,
            "requests_shed": self.requests_shed,
            "flows_unparsed": self.flows_unparsed,
            "flows": self.flows,
            "flows_evicted": self.flows_evicted,
            "rows": self.rows,
            "rows_lost": self.rows_lost,
            "capture": self.capture,
            "cpu_seconds": usage.cpu_seconds,
            "max_rss_bytes": usage.max_rss_bytes,
        })
    }
}

/// Decode errors that happened, by name.
pub fn decode_errors(stats: &DecodeStats) -> BTreeMap<&'static str, u64> {
    let all = DecodeError::ALL.iter().map(|e| (e.name(), stats.errors[e.index()]));
    all.filter(|(_, n)| *n > 0).collect()
}

/// What this process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// User and system time of all threads.
    pub cpu_seconds: f64,
    /// Largest resident size.
    pub max_rss_bytes: u64,
}

impl Usage {
    /// Reads `/proc/self`; zero where it can not be read.
    pub fn now() -> Self {
        let field = |path: &str, name: &str| {
            let text = std::fs::read_to_string(path).ok()?;
            let line = text.lines().find(|l| l.starts_with(name))?.to_owned();
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        };
        let max_rss_bytes = field("/proc/self/status", "VmHWM:").unwrap_or(0) * 1024;
        let cpu_seconds = std::fs::read_to_string("/proc/self/stat")
            .ok()
            .and_then(|s| {
                // Fields 14 and 15, counted behind the command name, which may hold spaces.
                let rest = s.rsplit_once(')')?.1.to_owned();
                let mut f = rest.split_whitespace().skip(11);
                let (user, system) = (f.next()?.parse::<f64>(), f.next()?.parse::<f64>());
                Some((user.ok()? + system.ok()?) / 100.0)
            })
            .unwrap_or(0.0);
        Self { cpu_seconds, max_rss_bytes }
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Which file.
    pub file: usize,
    /// Bytes read of it.
    pub position: u64,
    /// Its size, where known.
    pub size: Option<u64>,
    /// Frames so far.
    pub frames: u64,
}

/// Replays the files of `options`, writing rows to `out`. Also after an error everything that
/// came before it has been written.
///
/// # Errors
/// The first file that cannot be read on, or `out` refusing rows.
pub fn run(
    options: &Options,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> (Summary, Result<(), Error>) {
    // In a pipe batches fall as they may.
    let config = PipelineConfig { rows_at_a_time: usize::MAX, ..options.pipeline.clone() };
    let mut pipeline = Pipeline::new(config);
    let mut sorter = Sorter::new(&options.tables);
    let mut summary = Summary { capture: "file".to_owned(), ..Summary::default() };
    let mut last_ns = 0;
    let mut result = Ok(());
    for (i, path) in options.files.iter().enumerate() {
        result = file::open(path).map_err(Error::from).and_then(|mut source| {
            let mut tell = |source: &file::FileSource, frames| {
                progress(Progress {
                    file: i,
                    position: source.position(),
                    size: source.size(),
                    frames,
                });
            };
            let one =
                drive(&mut source, &mut pipeline, options, &mut last_ns, |blocks, source, at| {
                    tell(source, at.frames);
                    sorter.add(blocks);
                    if options.follow {
                        return sorter.write_until(u64::MAX, out).and_then(|()| out.flush());
                    }
                    sorter.write_until(at.time_ns, out)
                });
            tell(&source, pipeline.stats().packets);
            summary.add_source(&source.counters());
            summary.warnings.extend(std::iter::from_fn(|| source.warning()));
            one
        });
        if result.is_err() || options.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    pipeline.flush_all(last_ns);
    sorter.add(pipeline.blocks_mut());
    let written = sorter.write_until(u64::MAX, out).and_then(|()| out.flush());
    summary.take(&pipeline);
    summary.rows = sorter.rows();
    (summary, result.and(written.map_err(Error::from)))
}

/// How far the pipeline has come.
struct At {
    time_ns: u64,
    frames: u64,
}

/// Runs a file through a pipeline; `rows` is called now and then to take what came out.
fn drive(
    source: &mut file::FileSource,
    pipeline: &mut Pipeline,
    options: &Options,
    last_ns: &mut u64,
    mut rows: impl FnMut(&mut Blocks, &file::FileSource, At) -> std::io::Result<()>,
) -> Result<(), Error> {
    let (mut batches, mut known) = (0_u32, 0);
    while !source.finished() && !options.stop.load(Ordering::Relaxed) {
        let batch = source.acquire(BATCH)?;
        if !batch.is_empty() {
            *last_ns = (*last_ns).max(batch.frame(batch.len() - 1).time_ns);
        }
        pipeline.batch(&batch, None, |_| false);
        source.release();
        batches += 1;
        if known != source.interfaces().len() {
            known = source.interfaces().len();
            pipeline.set_interfaces(facts(source.interfaces()));
        }
        if options.follow || batches.is_multiple_of(16) || pipeline.blocks_mut().any_full() {
            let at = At { time_ns: *last_ns, frames: pipeline.stats().packets };
            rows(pipeline.blocks_mut(), source, at)?;
        }
    }
    Ok(())
}

/// What rows say of the interfaces of a file: their order, since a kernel index of another
/// machine means nothing here.
fn facts(interfaces: &[fathom_ring::Interface]) -> Vec<InterfaceFacts> {
    interfaces
        .iter()
        .map(|i| InterfaceFacts { index: i.index, mac: i.mac, loopback: false })
        .collect()
}
