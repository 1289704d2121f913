//! The data path over a capture in memory, on one thread: first what it finds, then how long it
//! takes, in turns with the floor.

use crate::clock::{median, timed};
use crate::drive::{Sealer, config, measured, source_alone};
use crate::floor::Floor;
use crate::found::{Check, Found};
use crate::generate::{Capture, Truth};
use crate::{alloc, machine};
use anyhow::Result;
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::file::{self, FileSource};
use serde::Serialize;
use std::collections::BTreeMap;

/// Room in the flow table beyond the flows of the capture: those that ended stay a while.
const FLOWS_MIN: usize = 256 * 1024;

/// What a replay found and cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Frames of the capture.
    pub packets: u64,
    /// Flows the data path saw.
    pub flows: u64,
    /// Whole exchanges it found.
    pub transactions: u64,
    /// Exchanges in the capture, of every protocol.
    pub transactions_in_capture: u64,
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Comparisons with the truth.
    pub checks: usize,
    /// Those that failed.
    pub failed: Vec<Check>,
    /// Thread CPU time per packet, median.
    pub ns_per_packet: f64,
    /// The floor's.
    pub floor_ns_per_packet: f64,
    /// Reading the capture record by record, part of the data path's.
    pub source_ns_per_packet: f64,
    /// First by second.
    pub ratio: f64,
    /// Every turn: data path, floor, source.
    pub turns: Vec<[f64; 3]>,
    /// Allocations and reallocations per packet, from an empty pipeline to the last row.
    pub allocations_per_packet: f64,
    /// The same over the second half of the packets.
    pub steady_allocations_per_packet: f64,
    /// Rows per packet.
    pub rows_per_packet: f64,
    /// Bytes of columns per row.
    pub raw_bytes_per_row: f64,
    /// Bytes on the wire per row.
    pub sealed_bytes_per_row: f64,
    /// Blocks sealed.
    pub blocks: u64,
    /// Largest resident size of this process, the capture included.
    pub max_rss_bytes: u64,
}

/// Replays a capture `repeat` times. With checks that failed nothing is timed.
///
/// # Errors
/// A capture that cannot be read.
pub fn run(capture: &Capture, required: &[String], repeat: usize) -> Result<Outcome> {
    let truth = &capture.truth;
    let mut out = Outcome { packets: truth.packets, ..Outcome::default() };
    out.transactions_in_capture = exchanges(truth);
    check(capture, required, &mut out)?;
    if !out.failed.is_empty() {
        return Ok(out);
    }
    let per_packet = |ns: u64| ns as f64 / truth.packets.max(1) as f64;
    let mut floor = Floor::new(truth.flows.total as usize);
    for _ in 0..repeat {
        // The copy is made before the clock runs: each turn finds its pages mapped.
        let mut source = open(capture)?;
        let (source_ns, frames) = timed(|| source_alone(&mut source));
        anyhow::ensure!(frames? == truth.packets, "the source did not give every frame");
        floor.clear();
        let pcap = capture.pcap.clone();
        let (floor_ns, flows) = timed(|| floor.measured(&pcap));
        anyhow::ensure!(
            flows? as u64 == truth.flows.total,
            "the floor told another number of flows apart than there are"
        );
        drop(pcap);
        let mut source = open(capture)?;
        let mut pipeline = pipeline(truth);
        let mut sealer = Sealer::new();
        let (ns, done) = timed(|| measured(&mut source, &mut pipeline, &mut sealer));
        done?;
        out.turns.push([ns, floor_ns, source_ns].map(per_packet));
    }
    let column = |i: usize| median(&out.turns.iter().map(|t| t[i]).collect::<Vec<_>>());
    (out.ns_per_packet, out.floor_ns_per_packet, out.source_ns_per_packet) =
        (column(0), column(1), column(2));
    // Of each turn: what slows the machine down slows both.
    out.ratio = median(&out.turns.iter().map(|t| t[0] / t[1]).collect::<Vec<_>>());
    out.max_rss_bytes = machine::status_bytes("VmHWM:");
    Ok(out)
}

fn exchanges(t: &Truth) -> u64 {
    t.http_requests + t.dns_queries + t.tls_hellos + t.redis_commands
}

fn open(capture: &Capture) -> Result<FileSource> {
    Ok(file::from_bytes(capture.pcap.clone())?)
}

fn pipeline(truth: &Truth) -> Pipeline {
    Pipeline::new(config(FLOWS_MIN.max(2 * truth.flows.total as usize)))
}

/// The run that is read back; also counts what does not depend on the clock.
fn check(capture: &Capture, required: &[String], out: &mut Outcome) -> Result<()> {
    let mut source = open(capture)?;
    let mut pipeline = pipeline(&capture.truth);
    let mut found = Found::default();
    let mut look = |frame: &[u8]| found.frame(frame);
    let mut sealer = Sealer::with(&mut look);
    measured(&mut source, &mut pipeline, &mut sealer)?;
    let sealed = sealer.sealed;
    out.flows = pipeline.stats().flows_new;
    let mut checks = found.compare(&capture.truth, required);
    let errors = pipeline.decode_stats().errors.iter().sum();
    checks.push(Check { what: "decode errors".into(), truth: 0, found: errors });
    checks.push(Check {
        what: "packets".into(),
        truth: out.packets,
        found: pipeline.stats().packets,
    });
    checks.push(Check {
        what: "rows beyond a block's limit".into(),
        truth: 0,
        found: sealed.refused,
    });
    out.checks = checks.len();
    out.failed = checks.into_iter().filter(|c| !c.passes()).collect();
    out.transactions = found.transactions();
    out.rows = found.rows;
    let rows = sealed.rows.max(1) as f64;
    out.rows_per_packet = sealed.rows as f64 / out.packets.max(1) as f64;
    out.raw_bytes_per_row = sealed.raw_bytes as f64 / rows;
    out.sealed_bytes_per_row = sealed.bytes as f64 / rows;
    out.blocks = sealed.blocks;
    // Once more without the reader, whose allocations are its own.
    let mut source = open(capture)?;
    let mut pipeline = self::pipeline(&capture.truth);
    let mut sealer = Sealer::new();
    let before = alloc::count();
    measured(&mut source, &mut pipeline, &mut sealer)?;
    out.allocations_per_packet = (alloc::count() - before) as f64 / out.packets.max(1) as f64;
    out.steady_allocations_per_packet = sealer.steady_allocations();
    Ok(())
}

impl Outcome {
    /// For people.
    pub fn print(&self) {
        println!("packets            {:>12}", self.packets);
        println!("flows              {:>12}", self.flows);
        println!(
            "transactions       {:>12} of {}",
            self.transactions, self.transactions_in_capture
        );
        for (table, n) in &self.rows {
            println!("  rows {table:<20} {n:>10}");
        }
        println!("checks             {:>12}, {} failed", self.checks, self.failed.len());
        for c in &self.failed {
            println!("  FAILED {}: {} in the capture, {} in the rows", c.what, c.truth, c.found);
        }
        println!("rows/packet        {:>12.3}", self.rows_per_packet);
        println!(
            "bytes/row          {:>12.1} raw, {:.1} sealed",
            self.raw_bytes_per_row, self.sealed_bytes_per_row
        );
        println!(
            "allocations/packet {:>12.4}, {:.6} in the second half",
            self.allocations_per_packet, self.steady_allocations_per_packet
        );
        if self.turns.is_empty() {
            return;
        }
        println!("ns/packet          {:>12.1}", self.ns_per_packet);
        println!("  floor            {:>12.1}", self.floor_ns_per_packet);
        println!("  source alone     {:>12.1}", self.source_ns_per_packet);
        println!("ratio to the floor {:>12.2}", self.ratio);
        println!("max RSS            {:>12.0} MiB", self.max_rss_bytes as f64 / 1048576.0);
    }
}
