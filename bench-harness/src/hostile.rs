//! What traffic made to hurt costs, packet by packet, against traffic of the same kind that means
//! well, in turns; and how much a flow of it makes the data path hold.

use crate::clock::timed;
use crate::drive::{BATCH, Sealer, config, measured};
use crate::generate::{Capture, Profile, Spec, capture};
use crate::interval::Interval;
use anyhow::Result;
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::{Source, file};
use serde::Serialize;

/// A kind of attack.
struct Case {
    name: &'static str,
    attack: Profile,
    /// The same without malice.
    likeness: Profile,
    /// Packets of a flow of the attack.
    packets_per_flow: u64,
}

const CASES: &[Case] = &[
    Case {
        name: "hash flood",
        attack: Profile::HashFlood,
        likeness: Profile::Small,
        packets_per_flow: 10,
    },
    Case { name: "SYN flood", attack: Profile::Syn, likeness: Profile::Small, packets_per_flow: 1 },
    Case {
        name: "DNS pointer loops",
        attack: Profile::DnsLoops,
        likeness: Profile::Dns,
        packets_per_flow: 2,
    },
    Case {
        name: "endless heads",
        attack: Profile::EndlessHeads,
        likeness: Profile::Http,
        packets_per_flow: 400,
    },
    Case {
        name: "overlapping segments",
        attack: Profile::Overlaps,
        likeness: Profile::Http,
        packets_per_flow: 400,
    },
    Case {
        name: "HPACK bomb",
        attack: Profile::HpackBomb,
        likeness: Profile::Grpc,
        packets_per_flow: 400,
    },
];
/// Packets of a flow that means well.
const PACKETS_PER_FLOW: u64 = 20;

/// What an attack cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// What it is compared with.
    pub likeness: String,
    /// Thread CPU time per packet of the attack.
    pub ns: Interval,
    /// The same of the likeness.
    pub likeness_ns: Interval,
    /// First by second.
    pub ratio: Interval,
    /// Most bytes held for reordering and carrying over at a time, by flow of the attack.
    pub held_per_flow: f64,
}

fn one(c: &Capture) -> Result<f64> {
    let mut source = file::from_bytes(c.pcap.clone())?;
    let mut pipeline = Pipeline::new(config(flows_max(c)));
    let mut sealer = Sealer::new();
    let (ns, done) = timed(|| measured(&mut source, &mut pipeline, &mut sealer));
    done?;
    Ok(ns as f64 / c.truth.packets.max(1) as f64)
}

fn flows_max(c: &Capture) -> usize {
    (2 * c.truth.flows.total as usize).max(64 * 1024)
}

/// The most that streams hold after any batch.
fn held(c: &Capture) -> Result<f64> {
    let mut source = file::from_bytes(c.pcap.clone())?;
    let mut pipeline = Pipeline::new(config(flows_max(c)));
    let mut sealer = Sealer::new();
    let mut most = 0.0_f64;
    while !source.finished() {
        let batch = source.acquire(BATCH)?;
        pipeline.batch(&batch, None, |_| false);
        source.release();
        most = most.max(pipeline.stream_bytes() as f64 / pipeline.flows().max(1) as f64);
        if pipeline.blocks_mut().any_full() {
            sealer.seal(pipeline.blocks_mut())?;
        }
    }
    Ok(most)
}

/// Measures every kind, `repeat` turns of about `packets` frames.
///
/// # Errors
/// A data path that fails.
pub fn run(packets: u64, repeat: usize) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for case in CASES {
        let make = |profile, each: u64| {
            let flows = (packets / each).max(1);
            capture(&Spec { profile, packets, flows, span_s: 10, ..Spec::default() })
        };
        let attack = make(case.attack, case.packets_per_flow);
        let likeness = make(case.likeness, PACKETS_PER_FLOW);
        let (mut ours, mut others) = (Vec::new(), Vec::new());
        for _ in 0..repeat.max(1) {
            others.push(one(&likeness)?);
            ours.push(one(&attack)?);
        }
        let o = Outcome {
            name: case.name.to_owned(),
            likeness: format!("{:?}", case.likeness).to_lowercase(),
            ns: Interval::of(&ours),
            likeness_ns: Interval::of(&others),
            ratio: Interval::of_ratios(&ours, &others),
            held_per_flow: held(&attack)?,
        };
        println!(
            "{:<22} {:>8.0} ns per packet, {:.2} ({:.2}..{:.2}) times that of {}, {:.0} bytes held by flow",
            o.name,
            o.ns.value,
            o.ratio.value,
            o.ratio.low,
            o.ratio.high,
            o.likeness,
            o.held_per_flow
        );
        outcomes.push(o);
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_attack_is_survived_within_its_memory() {
        for o in super::run(4000, 1).expect("runs") {
            assert!(o.ns.value > 0.0 && o.held_per_flow <= 65_536.0, "{o:?}");
        }
    }
}
