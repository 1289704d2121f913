//! Live capture over virtual Ethernet in namespaces of its own: the whole agent path against a bare
//! receive loop on the same kind of socket, under the same sender, in the same run. What is looked
//! for is the highest rate at which nothing is lost.
//!
//! The sender works inside the kernel (`ebpf-xdp/bpf/blast.bpf.c`), paced; the bare loops are those of
//! `dataplane/ring/examples/receive.rs`. Sender and receiver have a core each.

mod receive;
mod trial;

pub use receive::{Receive, blast, receive};

use crate::folder::Folder;
use crate::generate::{Profile, Spec, capture};
use crate::interval::Interval;
use anyhow::Context;
use serde::Serialize;
use trial::{Network, Trial, Who};

/// Steps of the search for the highest rate without loss: to about three parts in a hundred.
const STEPS: u32 = 5;
/// Share of frames that may be missing at a rate that counts as without loss: what the machine's
/// other work takes away for a moment.
const NOTHING: f64 = 0.0001;

/// A kind of socket.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Way {
    /// Its name.
    pub name: String,
    /// Packets per second that the bare loop takes without loss, median.
    pub bare_rate: f64,
    /// The same of the agent's path.
    pub ours_rate: f64,
    /// Second by first.
    pub ratio: Interval,
    /// CPU time per packet of the receiving thread at those rates.
    pub bare_ns: Interval,
    /// The same of ours.
    pub ours_ns: Interval,
    /// System calls of ours per thousand packets, where strace is there.
    pub syscalls_per_1000: Option<f64>,
    /// Every run.
    pub trials: Vec<Trial>,
}

/// All kinds of sockets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
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

/// Measures every kind of socket, `repeat` times, with runs of so many seconds.
///
/// # Errors
/// See [`Failed`].
pub fn run(seconds: f64, repeat: usize) -> Result<Outcome, Failed> {
    if cfg!(not(feature = "live")) {
        return Err(Failed::Cannot("built without the feature `live`".into()));
    }
    let bare = trial::bare_program().map_err(Failed::Cannot)?;
    let folder = Folder::new()?;
    let file = folder.path().join("mix.pcap");
    let spec =
        Spec { profile: Profile::Mix, packets: 60_000, flows: 3000, span_s: 1, ..Spec::default() };
    crate::write(&file, &capture(&spec).pcap)?;
    let mut network = Network::new(&file).map_err(|e| Failed::Cannot(format!("{e:#}")))?;
    let mut out = Outcome::default();
    for (name, word, mode) in [
        ("AF_XDP, driver", "xdp", "driver"),
        ("AF_XDP, generic", "xdp", "generic"),
        ("AF_PACKET", "packet", "generic"),
    ] {
        let mut run = |who, rate| network.run(who, &bare, word, mode, seconds, rate);
        // A way that this kernel does not have is told, and no failure.
        if let Err(why) = run(Who::Ours, Some(10_000.0)) {
            out.notes.push(format!("{name} was skipped: {why:#}"));
            println!("{name}: skipped, {why:#}");
            continue;
        }
        let mut way = Way { name: name.to_owned(), ..Way::default() };
        let mut rates: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        let mut cpu: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        for _ in 0..repeat.max(1) {
            for (i, who) in [Who::Bare, Who::Ours].into_iter().enumerate() {
                let best = highest(&mut way.trials, |rate| run(who, rate))?;
                rates[i].push(best.rate);
                cpu[i].push(best.cpu_ns);
            }
        }
        let flood = run(Who::Ours, None)?;
        if flood.lost_uncounted() != 0 {
            out.wrong.push(format!(
                "{name}: {} sent, {} received, {} dropped and counted",
                flood.sent, flood.received, flood.counted
            ));
        }
        way.trials.push(flood);
        way.bare_rate = Interval::of(&rates[0]).value;
        way.ours_rate = Interval::of(&rates[1]).value;
        way.ratio = Interval::of_ratios(&rates[1], &rates[0]);
        way.bare_ns = Interval::of(&cpu[0]);
        way.ours_ns = Interval::of(&cpu[1]);
        way.syscalls_per_1000 = network
            .syscalls(word, mode, &file.with_extension("strace"), seconds, way.ours_rate * 0.9)
            .unwrap_or_default();
        println!(
            "{name:<16} bare {:>9.0}/s {:>5.0} ns, agent {:>9.0}/s {:>5.0} ns, ratio {:.2} ({:.2}..{:.2}), {:?} calls per 1000",
            way.bare_rate,
            way.bare_ns.value,
            way.ours_rate,
            way.ours_ns.value,
            way.ratio.value,
            way.ratio.low,
            way.ratio.high,
            way.syscalls_per_1000
        );
        out.ways.push(way);
    }
    if out.ways.is_empty() {
        return Err(Failed::Cannot(out.notes.join("; ")));
    }
    Ok(out)
}

/// The highest rate without loss: as fast as the sender can, then by halves between what went well
/// and what did not.
fn highest(
    trials: &mut Vec<Trial>,
    mut run: impl FnMut(Option<f64>) -> anyhow::Result<Trial>,
) -> anyhow::Result<Trial> {
    let first = run(None).context("as fast as the sender can")?;
    trials.push(first.clone());
    if first.loss() <= NOTHING {
        return Ok(first);
    }
    anyhow::ensure!(first.received > 0, "none of {} frames arrived", first.sent);
    // What got through while much was lost is near what can be done.
    let (mut low, mut high) = (0.0, (first.received_rate() * 1.3).min(first.rate));
    let mut best: Option<Trial> = None;
    let mut rate = first.received_rate() * 0.9;
    for _ in 0..STEPS {
        let mut trial = run(Some(rate))?;
        trials.push(trial.clone());
        if trial.loss() > NOTHING {
            // Once more: another program may have had the core.
            trial = run(Some(rate))?;
            trials.push(trial.clone());
        }
        if trial.loss() <= NOTHING {
            low = rate;
            if best.as_ref().is_none_or(|b| b.rate < trial.rate) {
                best = Some(trial);
            }
        } else {
            high = rate;
        }
        rate = f64::midpoint(low, high);
    }
    // Nothing went without loss: the slowest that was tried says at least that much.
    Ok(best.unwrap_or(Trial { rate: low, ..first }))
}

#[cfg(test)]
mod tests {
    use super::{highest, trial::Trial};

    #[test]
    fn finds_the_edge() {
        let edge = 700_000.0;
        let run = |rate: Option<f64>| {
            let rate = rate.unwrap_or(2_000_000.0);
            let received = rate.min(edge);
            Ok(Trial {
                rate,
                seconds: 1.0,
                sent: rate as u64,
                received: received as u64,
                ..Trial::default()
            })
        };
        let best = highest(&mut Vec::new(), run).expect("runs");
        assert!((0.93 * edge..=edge).contains(&best.rate), "{best:?}");
        let all = highest(&mut Vec::new(), |r| run(Some(r.unwrap_or(1000.0)))).expect("runs");
        assert_eq!(all.rate, 1000.0);
    }
}
