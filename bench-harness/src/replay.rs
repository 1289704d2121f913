//! The data path over a capture in memory, on one thread: first what it finds, then how long it
//! takes, in turns with the floor.

use crate::clock::timed;
use crate::drive::{Sealer, TableSealed, config, measured, source_alone};
use crate::floor::Floor;
use crate::found::{Check, Found};
use crate::generate::{Capture, Truth};
use crate::interval::Interval;
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
    /// Thread CPU time per packet.
    pub ns_per_packet: Interval,
    /// The floor's.
    pub floor_ns_per_packet: Interval,
    /// Reading the capture record by record, part of the data path's.
    pub source_ns_per_packet: Interval,
    /// First by second, turn by turn.
    pub ratio: Interval,
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
    /// Bytes on the wire of a request's row.
    pub wire_bytes_per_request: f64,
    /// Bytes on the wire of the metrics of applications, by request.
    pub wire_bytes_of_metrics_per_request: f64,
    /// Bytes on the wire of flow rows and network metrics, by flow and second in which it had
    /// packets.
    pub wire_bytes_per_flow_second: f64,
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
    let column = |i: usize| out.turns.iter().map(|t| t[i]).collect::<Vec<_>>();
    let [ours, floor, source] = [0, 1, 2].map(column);
    out.ns_per_packet = Interval::of(&ours);
    out.floor_ns_per_packet = Interval::of(&floor);
    out.source_ns_per_packet = Interval::of(&source);
    // Of each turn: what slows the machine down slows both.
    out.ratio = Interval::of_ratios(&ours, &floor);
    out.max_rss_bytes = machine::status_bytes("VmHWM:");
    Ok(out)
}

fn exchanges(t: &Truth) -> u64 {
    t.http_requests
        + t.dns_queries
        + t.tls_hellos
        + t.redis_commands
        + t.grpc_calls
        + t.mysql_queries
        + t.postgres_queries
        + t.kafka_requests
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
    out.wire(&sealer.tables, Floor::flow_seconds(&capture.pcap)?);
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
    /// What rows cost on the wire: requests' by request, flows' and the network's metrics by flow
    /// and second.
    fn wire(&mut self, tables: &[TableSealed], flow_seconds: u64) {
        let sum = |of: &dyn Fn(&TableSealed) -> bool| {
            let all = tables.iter().filter(|t| of(t));
            all.fold((0.0, 0.0), |(b, r), t| (b + t.bytes as f64, r + t.rows as f64))
        };
        let (bytes, requests) = sum(&|t| t.table == "l7_flow_log");
        let (metrics, _) = sum(&|t| t.table.starts_with("application"));
        let (flows, _) = sum(&|t| t.table == "l4_flow_log" || t.table.starts_with("network"));
        if requests > 0.0 {
            self.wire_bytes_per_request = bytes / requests;
            self.wire_bytes_of_metrics_per_request = metrics / requests;
        }
        self.wire_bytes_per_flow_second = flows / flow_seconds.max(1) as f64;
    }

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
        println!(
            "wire bytes         {:>12.1} per request, {:.1} of its metrics, {:.1} per flow and second",
            self.wire_bytes_per_request,
            self.wire_bytes_of_metrics_per_request,
            self.wire_bytes_per_flow_second
        );
        if self.turns.is_empty() {
            return;
        }
        for (name, i) in [
            ("ns/packet", &self.ns_per_packet),
            ("  floor", &self.floor_ns_per_packet),
            ("  source alone", &self.source_ns_per_packet),
            ("ratio to the floor", &self.ratio),
        ] {
            println!("{name:<18} {:>12.2} ({:.2}..{:.2})", i.value, i.low, i.high);
        }
        println!("max RSS            {:>12.0} MiB", self.max_rss_bytes as f64 / 1048576.0);
    }
}
