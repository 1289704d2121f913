//! Two shards against one: two threads, each with its own half of the traffic's flows, against one
//! thread with a half alone. Each thread's own CPU time counts, so what is seen is what shards take
//! from each other (caches, memory, written cache lines), not how many cores are free.

use crate::clock::timed;
use crate::drive::{Sealer, config, measured};
use crate::generate::{Capture, Spec, capture};
use crate::interval::Interval;
use anyhow::{Result, anyhow};
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::file;
use serde::Serialize;
use std::sync::Barrier;

/// What a packet cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// One shard alone, thread CPU time per packet.
    pub one_ns: Interval,
    /// The slower of two at once.
    pub two_ns: Interval,
    /// How much more two get done than one.
    pub scaling: Interval,
}

fn work(c: &Capture, start: Option<&Barrier>) -> Result<f64> {
    let mut source = file::from_bytes(c.pcap.clone())?;
    let mut pipeline = Pipeline::new(config(2 * c.truth.flows.total as usize));
    let mut sealer = Sealer::new();
    if let Some(barrier) = start {
        barrier.wait();
    }
    let (ns, done) = timed(|| measured(&mut source, &mut pipeline, &mut sealer));
    done?;
    Ok(ns as f64 / c.truth.packets.max(1) as f64)
}

/// Measures, `repeat` turns of one alone and two at once.
///
/// # Errors
/// A data path that fails.
pub fn run(spec: &Spec, repeat: usize) -> Result<Outcome> {
    let half = |seed| {
        let (packets, flows) = (spec.packets / 2, spec.flows / 2);
        capture(&Spec { packets, flows, seed, ..*spec })
    };
    let halves = [half(spec.seed), half(spec.seed + 1)];
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for turn in 0..repeat {
        one.push(work(&halves[turn % 2], None)?);
        let barrier = Barrier::new(2);
        let both = std::thread::scope(|s| {
            let threads = [0, 1].map(|i| {
                s.spawn({
                    let (c, b) = (&halves[i], &barrier);
                    move || work(c, Some(b))
                })
            });
            threads.map(|t| t.join().unwrap_or_else(|_| Err(anyhow!("a shard panicked"))))
        });
        let [a, b] = both;
        two.push(a?.max(b?));
    }
    let scaling: Vec<f64> = one.iter().zip(&two).map(|(one, two)| 2.0 * one / two).collect();
    Ok(Outcome {
        one_ns: Interval::of(&one),
        two_ns: Interval::of(&two),
        scaling: Interval::of(&scaling),
    })
}

#[cfg(test)]
mod tests {
    use crate::generate::Spec;

    #[test]
    fn two_do_more_than_one() {
        let spec = Spec { packets: 20_000, flows: 1000, span_s: 5, ..Spec::default() };
        let o = super::run(&spec, 2).expect("runs");
        assert!(o.one_ns.value > 0.0 && o.scaling.value > 0.2, "{o:?}");
    }
}
