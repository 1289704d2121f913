//! Packets of many flows that are already there: what a packet costs when its flow is somewhere in
//! a large table, and whether a flood of new flows costs more than it must or harms the others.
//!
//! Flows are opened first, unmeasured; then frames of 60 bytes come from any of them, or each from
//! a new one. The floor does the same work over the same frames, in turns.

use crate::clock::timed;
use crate::drive::{Sealer, advance, config};
use crate::floor::Floor;
use crate::generate::{BEGIN_S, Ends, Truth, Wire};
use crate::interval::Interval;
use crate::machine;
use crate::rng::Rng;
use anyhow::{Result, ensure};
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::file;
use serde::Serialize;

const SECOND_NS: u64 = 1_000_000_000;
const GAP_NS: u64 = SECOND_NS / PACKETS_PER_SECOND;
/// Packets of known flows, and those that open them, come at this rate in the capture's time.
const PACKETS_PER_SECOND: u64 = 2_000_000;
/// A turn of new flows takes so long in the capture's time: those of the turn before, which nobody
/// answered for five seconds, are given up meanwhile, as in a flood that lasts.
const FLOOD_NS: u64 = 6 * SECOND_NS;
/// TCP flags.
const SYN: u8 = 2;
const ACK: u8 = 16;
/// Frames in memory at a time while flows are opened.
const CHUNK: u64 = 100_000;
/// Most flows that have addresses and ports of their own here.
const FLOWS_MAX: u64 = 48 << 20;
/// What a flow of ours and the floor's slot take at most, and the measured frames: what has to be
/// free before a point is tried.
const BYTES_PER_FLOW: u64 = 1200 + 256;
/// Room for flows beside the resident ones, as in an agent's default configuration.
const ROOM: u64 = 64 * 1024;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Acknowledgements on connections that are there, any of them.
    Known,
    /// Each frame the first of a new connection, never answered.
    New,
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Flows that are there.
    pub flows: u64,
    /// Frames that are measured, each turn.
    pub packets: u64,
    /// What they are.
    pub traffic: Traffic,
    /// Turns.
    pub repeat: usize,
    /// Same seed, same frames.
    pub seed: u64,
}

/// What a packet cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Flows that are there.
    pub flows: u64,
    /// Thread CPU time per packet.
    pub ours: Interval,
    /// The floor's.
    pub floor: Interval,
    /// First by second.
    pub ratio: Interval,
    /// Allocations per million packets over all turns but the first.
    pub allocations: f64,
    /// Resident flows that were forgotten.
    pub harmed: u64,
    /// Resident size at the end, the captures included.
    pub rss_bytes: u64,
    /// Why it was not measured.
    pub skipped: Option<String>,
}

/// Ends of resident flow `i`.
fn ends(i: u64) -> Ends {
    let ip = [10, (i >> 14 & 63) as u8, (i >> 6 & 255) as u8, 1 + (i & 63) as u8];
    Ends { ip: [ip, [172, 16, 0, 1]], port: [1024 + (i >> 20) as u16, 4000] }
}

/// Ends of new flow `i`: other clients than those of resident flows.
fn new_ends(i: u64) -> Ends {
    let ip = [100, 64 + (i >> 22 & 63) as u8, (i >> 14 & 255) as u8, (i >> 6 & 255) as u8];
    Ends { ip: [ip, [172, 16, 0, 1]], port: [1024 + (i & 63) as u16, 9000] }
}

/// A capture of `n` frames `gap_ns` apart from `now_ns` on; `frame` adds the `i`th.
fn capture(
    now_ns: u64,
    n: u64,
    gap_ns: u64,
    mut frame: impl FnMut(&mut Wire, u64, u64),
) -> Vec<u8> {
    let mut wire = Wire::with_capacity(n);
    for i in 0..n {
        frame(&mut wire, now_ns + i * gap_ns, i);
    }
    wire.into_pcap(&mut Truth::default())
}

/// A segment without payload; `seq` of the sender's and of the other side.
fn segment(wire: &mut Wire, now_ns: u64, from: usize, ends: &Ends, flags: u8, seq: [u32; 2]) {
    let mut h = [0; 20];
    h[0..2].copy_from_slice(&ends.port[from].to_be_bytes());
    h[2..4].copy_from_slice(&ends.port[1 - from].to_be_bytes());
    h[4..8].copy_from_slice(&seq[0].to_be_bytes());
    h[8..12].copy_from_slice(&seq[1].to_be_bytes());
    h[12..16].copy_from_slice(&[5 << 4, flags, 0xff, 0xff]);
    wire.ipv4(now_ns, from, ends, 6, [&h, &[]], 16);
}

/// Frame `step` of an opening, then acknowledgements from either side.
fn known(wire: &mut Wire, now_ns: u64, flow: u64, step: u64) {
    let ends = ends(flow);
    match step {
        0 => segment(wire, now_ns, 0, &ends, SYN, [1000, 0]),
        1 => segment(wire, now_ns, 1, &ends, SYN | ACK, [2000, 1001]),
        n if n % 2 == 0 => segment(wire, now_ns, 0, &ends, ACK, [1001, 2001]),
        _ => segment(wire, now_ns, 1, &ends, ACK, [2001, 1001]),
    }
}

struct State {
    pipeline: Pipeline,
    floor: Floor,
    sealer: Sealer<'static>,
    now_ns: u64,
}

impl State {
    fn ours(&mut self, pcap: Vec<u8>) -> Result<u64> {
        let mut source = file::from_bytes(pcap)?;
        let (ns, done) = timed(|| advance(&mut source, &mut self.pipeline, &mut self.sealer));
        self.now_ns = self.now_ns.max(done?);
        Ok(ns)
    }

    /// Opens the connections.
    fn open(&mut self, flows: u64) -> Result<()> {
        for first in (0..flows).step_by(CHUNK as usize) {
            let n = CHUNK.min(flows - first);
            let pcap = capture(self.now_ns, 3 * n, GAP_NS, |wire, now, i| {
                known(wire, now, first + i / 3, i % 3);
            });
            self.floor.measured(&pcap)?;
            self.ours(pcap)?;
        }
        Ok(())
    }
}

/// Measures one point.
///
/// # Errors
/// More flows than there are addresses here, or a data path that fails.
pub fn run(spec: &Spec) -> Result<Outcome> {
    ensure!(spec.flows <= FLOWS_MAX, "at most {FLOWS_MAX} flows");
    let mut out = Outcome { flows: spec.flows, ..Outcome::default() };
    let turns = spec.repeat as u64 + 1;
    let new_flows = if spec.traffic == Traffic::New { spec.packets * turns } else { 0 };
    let need = (spec.flows + new_flows) * BYTES_PER_FLOW + 300 * spec.packets;
    let free = machine::available_bytes();
    // Others need some, too.
    if need > free / 5 * 4 {
        let gib = |b: u64| b as f64 / (1 << 30) as f64;
        out.skipped = Some(format!("needs {:.1} GiB, {:.1} are free", gib(need), gib(free)));
        return Ok(out);
    }
    // Of new flows those of two turns are there at a time.
    let room = spec.flows + ROOM.max(new_flows * 2 / turns);
    let mut state = State {
        pipeline: Pipeline::new(config(room as usize)),
        floor: Floor::new((spec.flows + new_flows.max(ROOM)) as usize),
        sealer: Sealer::new(),
        now_ns: BEGIN_S * SECOND_NS,
    };
    state.open(spec.flows)?;
    let mut rng = Rng::new(spec.seed);
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    let (mut sent, mut allocations) = (0, 0);
    // The first turn meets tables that grow and memory never touched: it is not counted.
    for turn in 0..turns {
        let gap_ns = match spec.traffic {
            Traffic::Known => GAP_NS,
            Traffic::New => FLOOD_NS / spec.packets.max(1),
        };
        let pcap = capture(state.now_ns, spec.packets, gap_ns, |wire, now, i| match spec.traffic {
            Traffic::Known => known(wire, now, rng.below(spec.flows), 3 + (i & 1)),
            Traffic::New => segment(wire, now, 0, &new_ends(sent + i), SYN, [7, 0]),
        });
        let copy = pcap.clone();
        let (floor_ns, counted) = timed(|| state.floor.measured(&copy));
        counted?;
        drop(copy);
        let before = crate::alloc::count();
        let ours_ns = state.ours(pcap)?;
        sent += spec.packets;
        if turn > 0 {
            allocations += crate::alloc::count() - before;
            ours.push(ours_ns as f64 / spec.packets as f64);
            floor.push(floor_ns as f64 / spec.packets as f64);
        }
    }
    out.ours = Interval::of(&ours);
    out.floor = Interval::of(&floor);
    out.ratio = Interval::of_ratios(&ours, &floor);
    out.allocations = allocations as f64 / (spec.packets * spec.repeat.max(1) as u64) as f64 * 1e6;
    out.harmed = state.pipeline.stats().flows_evicted;
    out.rss_bytes = machine::status_bytes("VmRSS:");
    let new = state.pipeline.stats().flows_new;
    let want = spec.flows + if spec.traffic == Traffic::New { sent } else { 0 };
    ensure!(new == want, "{new} flows were told apart, not {want}");
    Ok(out)
}

impl Outcome {
    /// For people.
    pub fn print(&self, what: &str) {
        let flows = self.flows;
        if let Some(why) = &self.skipped {
            return println!("{what}, {flows} flows: skipped, {why}");
        }
        println!(
            "{what}, {flows} flows: {:.1} ns per packet ({:.1}..{:.1}), floor {:.1}, ratio {:.2} ({:.2}..{:.2}), \
             {:.0} allocations per million, {} resident flows forgotten",
            self.ours.value,
            self.ours.low,
            self.ours.high,
            self.floor.value,
            self.ratio.value,
            self.ratio.low,
            self.ratio.high,
            self.allocations,
            self.harmed
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Spec, Traffic, ends, new_ends, run};
    use std::collections::HashSet;

    #[test]
    fn flows_are_told_apart() {
        for f in [ends, new_ends] {
            let keys: HashSet<_> = (0..200_000)
                .chain(8_000_000..8_100_000)
                .map(|i| (f(i).ip[0], f(i).port[0]))
                .collect();
            assert_eq!(keys.len(), 300_000);
        }
    }

    #[test]
    fn a_point_of_each_kind() {
        for traffic in [Traffic::Known, Traffic::New] {
            let o = run(&Spec { flows: 5000, packets: 2000, traffic, repeat: 2, seed: 1 });
            let o = o.expect("runs");
            assert_eq!((o.skipped, o.harmed), (None, 0));
            assert!(o.ours.value > 0.0 && o.floor.value > 0.0);
        }
    }
}
