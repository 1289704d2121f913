//! What is in a capture file, counted without the data path; and what the data path's rows say is
//! in it.

use super::programs::Counts;
use crate::drive::{Sealer, config, measured};
use crate::found::Found;
use anyhow::{Context, Result};
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::{Source, file};
use serde::Serialize;
use std::path::Path;

/// Frames of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frames {
    /// All.
    pub frames: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Those that carry IP, in Ethernet with or without a VLAN's tag.
    pub ip_frames: u64,
    /// Bytes of the IP packets: without padding and link header.
    pub ip_bytes: u64,
}

impl Frames {
    /// Counts a file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        let mut source = file::open(path)?;
        let mut all = Self::default();
        while !source.finished() {
            let batch = source.acquire(64)?;
            for i in 0..batch.len() {
                let frame = batch.frame(i);
                all.frames += 1;
                all.bytes += u64::from(frame.wire_len);
                if let Some(len) = ip_len(frame.data) {
                    all.ip_frames += 1;
                    all.ip_bytes += len;
                }
            }
            source.release();
        }
        Ok(all)
    }
}

fn ip_len(frame: &[u8]) -> Option<u64> {
    let mut at = 12;
    let word = |at: usize| Some(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]));
    while matches!(word(at)?, 0x8100 | 0x88a8) {
        at += 4;
    }
    match word(at)? {
        0x0800 => word(at + 4).map(u64::from),
        0x86dd => word(at + 6).map(|n| u64::from(n) + 40),
        _ => None,
    }
}

/// What the data path's rows say.
///
/// # Errors
/// A file that cannot be read, or rows that cannot.
pub fn ours(path: &Path, flows_max: usize) -> Result<Counts> {
    let mut source = file::open(path)?;
    let mut pipeline = Pipeline::new(config(flows_max));
    let mut found = Found::default();
    let mut look = |frame: &[u8]| found.frame(frame);
    let mut sealer = Sealer::with(&mut look);
    measured(&mut source, &mut pipeline, &mut sealer).context("the data path over the file")?;
    let (packets, flows, bytes) = found.totals();
    let transactions = found.by_protocol();
    Ok(Counts { packets: Some(packets), flows: Some(flows), bytes: Some(bytes), transactions })
}

#[cfg(test)]
mod tests {
    use super::{Frames, ours};
    use crate::folder::Folder;
    use crate::generate::{Profile, Spec, capture};

    #[test]
    fn a_file_and_its_rows() {
        let spec = Spec { profile: Profile::Mix, packets: 4000, flows: 200, ..Spec::default() };
        let c = capture(&spec);
        let file = Folder::new().expect("a folder").keep("x.pcap");
        std::fs::write(&file.path, &c.pcap).expect("writes");
        let frames = Frames::of(&file.path).expect("reads");
        assert_eq!((frames.frames, frames.bytes), (c.truth.packets, c.truth.bytes));
        assert!(frames.ip_frames == frames.frames && frames.ip_bytes < frames.bytes);
        let rows = ours(&file.path, 10_000).expect("runs");
        assert_eq!((rows.packets, rows.flows), (Some(c.truth.packets), Some(200)));
        assert_eq!(rows.transactions["HTTP"], c.truth.http_requests);
    }
}
