//! Memory of idle flows: connections are opened at an even pace and then say nothing; minutes
//! end, and what is left is what a flow costs while it waits.

use crate::drive::{Sealer, config};
use crate::generate::{BEGIN_S, Ends, Wire};
use crate::machine::status_bytes;
use anyhow::Result;
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::{Source, file};
use serde::{Deserialize, Serialize};

const BEGIN_NS: u64 = BEGIN_S * SECOND_NS;
const SECOND_NS: u64 = 1_000_000_000;
/// All flows are opened within this time: less than an established connection may be silent
/// (300 s), and long enough that not all of them are in their first minute at once.
const SPREAD_NS: u64 = 150 * SECOND_NS;
/// Silence at the end: two minutes end in it.
const SILENCE_S: u64 = 121;
/// Flows whose frames are in memory at a time.
const CHUNK: u64 = 10_000;
/// Most flows that have addresses and ports of their own here.
const COUNT_MAX: u64 = 64 << 20;

/// What idle flows cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Flows asked for.
    pub count: u64,
    /// Flows held at the end.
    pub held: u64,
    /// Resident size with an empty pipeline.
    pub rss_before_bytes: u64,
    /// Resident size with the flows; no packet ring is in it.
    pub rss_bytes: u64,
    /// The difference by flow.
    pub bytes_per_flow: f64,
    /// Rows that did not fit a block's limit and would be lost.
    pub rows_refused: u64,
    /// Allocated by this thread while the flows came, times.
    pub allocations_per_flow: f64,
}

/// Opens `count` connections; with `http` each has one request behind it.
///
/// # Errors
/// More flows than there are addresses here, or a block that cannot be sealed.
pub fn run(count: u64, http: bool) -> Result<Outcome> {
    anyhow::ensure!(count <= COUNT_MAX, "at most {COUNT_MAX} flows");
    let mut pipeline = Pipeline::new(config(count as usize));
    let mut sealer = Sealer::new();
    // What making frames takes is there before the first size is read.
    drop(frames(COUNT_MAX, CHUNK, count, http));
    let before = status_bytes("VmRSS:");
    let allocations = crate::alloc::count();
    let mut last_ns = BEGIN_NS;
    for first in (0..count).step_by(CHUNK as usize) {
        let pcap = frames(first, CHUNK.min(count - first), count, http);
        let mut source = file::from_bytes(pcap)?;
        while !source.finished() {
            let batch = source.acquire(64)?;
            if !batch.is_empty() {
                last_ns = last_ns.max(batch.frame(batch.len() - 1).time_ns);
            }
            pipeline.batch(&batch, None, |_| false);
            source.release();
        }
        sealer.seal(pipeline.blocks_mut())?;
    }
    for s in 0..=SILENCE_S {
        pipeline.tick(last_ns + s * SECOND_NS);
        sealer.seal(pipeline.blocks_mut())?;
    }
    let rss = status_bytes("VmRSS:");
    let held = pipeline.flows() as u64;
    Ok(Outcome {
        count,
        held,
        rss_before_bytes: before,
        rss_bytes: rss,
        bytes_per_flow: rss.saturating_sub(before) as f64 / held.max(1) as f64,
        rows_refused: sealer.sealed.refused,
        allocations_per_flow: (crate::alloc::count() - allocations) as f64 / count.max(1) as f64,
    })
}

/// The frames of flows `first..first + n` of `count` as a capture.
fn frames(first: u64, n: u64, count: u64, http: bool) -> Vec<u8> {
    let mut wire = Wire::with_capacity(3 * n);
    for i in first..first + n {
        let now = BEGIN_NS + SPREAD_NS / count.max(1) * i;
        let ip = [10, (i >> 14 & 63) as u8, (i >> 6 & 255) as u8, 1 + (i & 63) as u8];
        let ends = Ends { ip: [ip, [172, 16, 0, 1]], port: [1024 + (i >> 20) as u16, 80] };
        open(&mut wire, now, &ends, http);
    }
    wire.into_pcap(&mut crate::generate::Truth::default())
}

fn open(wire: &mut Wire, now: u64, ends: &Ends, http: bool) {
    let mut seq = [1000_u32, 2000];
    let mut send = |from: usize, flags: u8, data: &[u8], step: u64| {
        let mut h = [0; 20];
        h[0..2].copy_from_slice(&ends.port[from].to_be_bytes());
        h[2..4].copy_from_slice(&ends.port[1 - from].to_be_bytes());
        h[4..8].copy_from_slice(&seq[from].to_be_bytes());
        h[8..12].copy_from_slice(&seq[1 - from].to_be_bytes());
        h[12..16].copy_from_slice(&[5 << 4, flags, 0xff, 0xff]);
        wire.ipv4(now + step * 1000, from, ends, 6, [&h, data], 16);
        seq[from] += data.len() as u32 + u32::from(flags & 2 != 0);
    };
    send(0, 0x02, &[], 0);
    send(1, 0x12, &[], 1);
    send(0, 0x10, &[], 2);
    if http {
        send(0, 0x18, b"GET /health HTTP/1.1\r\nHost: svc.example.com\r\n\r\n", 3);
        send(1, 0x18, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 4);
    }
}

impl Outcome {
    /// For people.
    pub fn print(&self, what: &str) {
        let mib = |b: u64| b as f64 / 1048576.0;
        println!(
            "{what}: {} of {} flows held, {:.1} MiB resident ({:.1} MiB before), {:.0} bytes per flow, \
             {:.3} allocations per flow",
            self.held,
            self.count,
            mib(self.rss_bytes),
            mib(self.rss_before_bytes),
            self.bytes_per_flow,
            self.allocations_per_flow
        );
        if self.rows_refused > 0 {
            println!("  FAILED {} rows are beyond a block's limit and lost", self.rows_refused);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_flow_is_held_within_reason() {
        for http in [false, true] {
            let o = super::run(30_000, http).expect("runs");
            assert_eq!((o.count, o.held), (30_000, 30_000));
            // Other tests of this process may have left memory behind that is used again.
            assert!(o.bytes_per_flow < 20_000.0, "{o:?}");
        }
    }
}
