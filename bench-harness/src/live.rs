//! Live capture over virtual Ethernet in namespaces of its own: the whole agent path against a bare
//! receive loop on the same kind of socket, under the same sender, in the same run. What is looked
//! for is the highest rate at which nothing is lost, and beside it what the way there costs: our
//! source with the bare loop's work, and the agent's path without a source, in memory.
//!
//! The sender works inside the kernel (`ebpf-xdp/bpf/blast.bpf.c`), paced; the bare loops are those of
//! `dataplane/ring/examples/receive.rs`. Sender and receiver have a core each: over virtual Ethernet
//! the receiving side's kernel works on the sender's.

mod network;
pub mod overload;
mod receive;
mod search;
mod send;
mod sink;
mod trial;

pub use receive::{Receive, receive};
pub use send::blast;
pub use sink::sink;

use crate::clock::timed;
use crate::drive::{Sealer, config, measured};
use crate::folder::Folder;
use crate::generate::{Profile, Spec, capture};
use crate::interval::Interval;
use fathom_dataplane::pipeline::Pipeline;
use network::Network;
use search::{highest, holds};
use serde::Serialize;
use std::path::Path;
use trial::{Kind, Trial, Who};

/// Over the bare loop's rate, what a long run of the agent's path is tried with: at what it is to
/// reach, then below what it reached in short runs.
const AIM: f64 = 0.92;
const BELOW: [f64; 4] = [0.9, 0.7, 0.5, 0.35];

/// A kind of socket.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Way {
    /// Its name.
    pub name: String,
    /// Packets per second taken without loss: by the bare loop, by our source with the same work,
    /// by the agent's path.
    pub bare: Interval,
    /// The second.
    pub ring: Interval,
    /// The third.
    pub ours: Interval,
    /// Second by first, third by first.
    pub ring_by_bare: Interval,
    /// Third by first.
    pub ours_by_bare: Interval,
    /// CPU time per packet of the receiving thread at those rates, in the same order.
    pub cpu_ns: [Interval; 3],
    /// CPU time per packet of the sender under the bare loop.
    pub sender_ns: Interval,
    /// Packets per second of the longest runs without loss: bare loop and agent.
    pub long: [f64; 2],
    /// The longest that the agent's path did not look at its ring in that run, milliseconds.
    pub longest_ms: f64,
    /// System calls of ours per thousand packets, where strace is there.
    pub syscalls_per_1000: Option<f64>,
    /// Every run.
    pub trials: Vec<Trial>,
}

/// All kinds of sockets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Packets per second that the sender reaches when nobody receives.
    pub sender_rate: f64,
    /// CPU time per packet of the agent's path over such traffic in memory.
    pub memory_ns: Interval,
    /// By kind.
    pub ways: Vec<Way>,
    /// Frames that nobody counted.
    pub wrong: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failed {
    /// This machine or this build cannot.
    Cannot(String),
    /// Something that should not be.
    Wrong(anyhow::Error),
}

impl From<anyhow::Error> for Failed {
    fn from(e: anyhow::Error) -> Self {
        Self::Wrong(e)
    }
}

/// The traffic: as many packets by flow as in the mix.
fn traffic(packets: u64, span_s: u64) -> Spec {
    Spec { profile: Profile::Mix, packets, flows: packets / 20, span_s, ..Spec::default() }
}

/// Measures every kind of socket, `repeat` times, with runs of so many seconds, and at last with one
/// of `long` seconds.
///
/// # Errors
/// See [`Failed`].
pub fn run(seconds: f64, long: f64, repeat: usize) -> Result<Outcome, Failed> {
    if cfg!(not(feature = "live")) {
        return Err(Failed::Cannot("built without the feature `live`".into()));
    }
    let bare = network::bare_program().map_err(Failed::Cannot)?;
    let folder = Folder::new()?;
    let file = folder.path().join("mix.pcap");
    crate::write(&file, &capture(&traffic(60_000, 1)).pcap)?;
    let mut network = Network::new(&file).map_err(|e| Failed::Cannot(format!("{e:#}")))?;
    let driver = Kind { way: "xdp", mode: "driver" };
    let mut out = Outcome {
        sender_rate: network.run(Who::Nothing, driver, &bare, seconds, None)?.rate,
        memory_ns: in_memory(repeat)?,
        ..Outcome::default()
    };
    println!(
        "sender alone {:.0}/s; agent in memory {:.0} ns",
        out.sender_rate, out.memory_ns.value
    );
    for (name, kind) in [
        ("AF_XDP, driver", driver),
        ("AF_XDP, generic", Kind { mode: "generic", ..driver }),
        ("AF_PACKET", Kind { way: "packet", mode: "generic" }),
    ] {
        // A way that this kernel does not have is told, and no failure.
        if let Err(why) = network.run(Who::Ours, kind, &bare, 0.1, Some(10_000.0)) {
            out.notes.push(format!("{name} was skipped: {why:#}"));
            println!("{name}: skipped, {why:#}");
            continue;
        }
        let mut way = Way { name: name.to_owned(), ..Way::default() };
        way.measure(&mut network, kind, &bare, seconds, repeat)?;
        way.measure_long(&mut network, kind, &bare, long)?;
        way.syscalls_per_1000 = network
            .syscalls(kind, &file.with_extension("strace"), seconds, way.ours.value * 0.9)
            .unwrap_or_default();
        out.wrong.extend(way.trials.iter().filter_map(|t| t.wrong(name)));
        way.print(&out.memory_ns);
        out.ways.push(way);
    }
    if out.ways.is_empty() {
        return Err(Failed::Cannot(out.notes.join("; ")));
    }
    Ok(out)
}

/// More than the agent can take, for a while.
///
/// # Errors
/// See [`Failed`].
pub fn flood(load: overload::Load) -> Result<overload::Outcome, Failed> {
    if cfg!(not(feature = "live")) {
        return Err(Failed::Cannot("built without the feature `live`".into()));
    }
    let agent = overload::agent_program().map_err(Failed::Cannot)?;
    let folder = Folder::new()?;
    let file = folder.path().join("mix.pcap");
    crate::write(&file, &capture(&traffic(60_000, 1)).pcap)?;
    let mut network = Network::new(&file).map_err(|e| Failed::Cannot(format!("{e:#}")))?;
    Ok(overload::run(&mut network, &agent, load)?)
}

/// CPU time per packet of the agent's path without a source, over traffic of the same kind, with as
/// many packets and new flows in a second of its time as live.
fn in_memory(repeat: usize) -> anyhow::Result<Interval> {
    let c = capture(&traffic(1_000_000, 2));
    let mut ns = Vec::new();
    for _ in 0..repeat.max(1) {
        let mut source = fathom_ring::file::from_bytes(c.pcap.clone())?;
        let mut pipeline = Pipeline::new(config(256 * 1024));
        let mut sealer = Sealer::new();
        let (took, done) = timed(|| measured(&mut source, &mut pipeline, &mut sealer));
        done?;
        ns.push(took as f64 / c.truth.packets.max(1) as f64);
    }
    Ok(Interval::of(&ns))
}

impl Way {
    /// Short runs, in turns.
    fn measure(
        &mut self,
        network: &mut Network,
        kind: Kind,
        bare: &Path,
        seconds: f64,
        repeat: usize,
    ) -> anyhow::Result<()> {
        let mut rates: [Vec<f64>; 3] = Default::default();
        let mut cpu: [Vec<f64>; 3] = Default::default();
        let mut sender = Vec::new();
        for _ in 0..repeat.max(1) {
            for (i, who) in [Who::Bare, Who::Ring, Who::Ours].into_iter().enumerate() {
                let run = |rate| network.run(who, kind, bare, seconds, rate);
                let best = highest(&mut self.trials, run)?;
                rates[i].push(best.rate);
                cpu[i].push(best.cpu_ns);
                if who == Who::Bare {
                    sender.push(best.sender_ns);
                }
            }
        }
        [self.bare, self.ring, self.ours] = rates.each_ref().map(|r| Interval::of(r));
        self.ring_by_bare = Interval::of_ratios(&rates[1], &rates[0]);
        self.ours_by_bare = Interval::of_ratios(&rates[2], &rates[0]);
        self.cpu_ns = cpu.each_ref().map(|c| Interval::of(c));
        self.sender_ns = Interval::of(&sender);
        Ok(())
    }

    /// Long runs, at what the short ones let expect; at last more than can be taken.
    fn measure_long(
        &mut self,
        network: &mut Network,
        kind: Kind,
        bare: &Path,
        seconds: f64,
    ) -> anyhow::Result<()> {
        let mut run = |who, rate| network.run(who, kind, bare, seconds, rate);
        let first = self.bare.value;
        let rates = BELOW.map(|part| first * part);
        let held =
            holds(&mut self.trials, [first].into_iter().chain(rates), |r| run(Who::Bare, r))?;
        self.long[0] = held.map_or(0.0, |t| t.rate);
        let aim = self.long[0] * AIM;
        let rates = BELOW.map(|part| self.ours.value * part);
        let below = rates.into_iter().filter(|r| *r > 0.0 && *r < aim);
        let held = holds(&mut self.trials, [aim].into_iter().chain(below), |r| run(Who::Ours, r))?;
        if let Some(held) = held {
            (self.long[1], self.longest_ms) = (held.rate, held.longest_ms);
        }
        self.trials.push(run(Who::Ours, None)?);
        Ok(())
    }

    /// The agent in a long run by the bare loop in one.
    pub fn long_by_bare(&self) -> f64 {
        self.long[1] / self.long[0].max(1.0)
    }

    /// CPU time of the agent in memory by that of the agent live.
    pub fn memory_by_live(&self, memory: &Interval) -> f64 {
        memory.value / self.cpu_ns[2].value.max(1.0)
    }

    fn print(&self, memory: &Interval) {
        let [bare, ring, ours] = &self.cpu_ns;
        println!(
            "{}: bare {:.0}/s {:.0} ns (sender {:.0} ns), our source {:.0}/s {:.0} ns, agent {:.0}/s \
             {:.0} ns; source by bare {:.2}, agent by bare {:.2} ({:.2}..{:.2}), in long runs {:.2}; \
             in memory by live {:.2}; longest {:.0} ms; {:?} calls per 1000",
            self.name,
            self.bare.value,
            bare.value,
            self.sender_ns.value,
            self.ring.value,
            ring.value,
            self.ours.value,
            ours.value,
            self.ring_by_bare.value,
            self.ours_by_bare.value,
            self.ours_by_bare.low,
            self.ours_by_bare.high,
            self.long_by_bare(),
            self.memory_by_live(memory),
            self.longest_ms,
            self.syscalls_per_1000
        );
    }
}
