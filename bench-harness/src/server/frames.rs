//! Frames as agents send them: generated traffic through the data path, sealed each second.

use crate::drive::{Sealer, config, measured};
use crate::generate::{self, Profile, Spec};
use anyhow::{Context, Result};
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::file;
use fathom_schema::TableDef;
use fathom_schema::wire;
use fathom_server::spool::sink::VerifiedFrame;
use std::collections::BTreeMap;

/// What rows are made of.
pub(super) struct Rows {
    /// Packets of the mix.
    pub(super) packets: u64,
    /// Its flows.
    pub(super) flows: u64,
    /// Seconds it covers.
    pub(super) span_s: u64,
    /// Of the generator.
    pub(super) seed: u64,
    /// How long ago it began. The store forgets old rows, and that would be measured too.
    pub(super) ago_s: u64,
}

impl Default for Rows {
    fn default() -> Self {
        Self { packets: 600_000, flows: 30_000, span_s: 60, seed: 7, ago_s: 600 }
    }
}

/// By table, in the order they were sealed.
pub(super) type Frames = BTreeMap<u16, Vec<Vec<u8>>>;

/// Makes them.
pub(super) fn frames(rows: &Rows) -> Result<Frames> {
    let now_s = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    let spec = Spec {
        profile: Profile::Mix,
        packets: rows.packets,
        flows: rows.flows,
        seed: rows.seed,
        span_s: rows.span_s,
        begin_s: now_s.saturating_sub(rows.ago_s),
    };
    let c = generate::capture(&spec);
    let mut by_table = Frames::new();
    let mut look = |frame: &[u8]| {
        let header = wire::parse_header(frame.first_chunk().context("a frame without header")?)?;
        by_table.entry(header.table).or_default().push(frame.to_vec());
        Ok(())
    };
    let mut sealer = Sealer::with(&mut look);
    let mut source = file::from_bytes(c.pcap)?;
    let mut pipeline = Pipeline::new(config(rows.flows as usize * 2));
    measured(&mut source, &mut pipeline, &mut sealer)?;
    Ok(by_table)
}

/// The definition of a table that was sealed.
pub(super) fn table(id: u16) -> Result<&'static TableDef> {
    fathom_schema::table(id).with_context(|| format!("no table {id}"))
}

/// The receiver's part: header and checksum.
pub(super) fn verify(frames: &[Vec<u8>]) -> Result<Vec<VerifiedFrame<'_>>> {
    let mut verified = Vec::with_capacity(frames.len());
    for frame in frames {
        let (head, body) = frame.split_first_chunk().context("a frame without header")?;
        let header = wire::parse_header(head)?;
        wire::verify(&header, body)?;
        verified.push(VerifiedFrame { header, body });
    }
    Ok(verified)
}
