//! A capture in memory through the data path, as a shard does it: batches of 64 frames, blocks
//! sealed each second of the capture's time or when one is full. Nothing is sent.

use crate::alloc;
use anyhow::Result;
use fathom_dataplane::pipeline::{Pipeline, PipelineConfig};
use fathom_dataplane::record::Blocks;
use fathom_ring::Source;
use fathom_ring::file::FileSource;
use fathom_schema::wire::{self, Compression, FrameId, WireError};

/// Frames taken at a time, as by a shard.
pub const BATCH: usize = 64;
const SECOND_NS: u64 = 1_000_000_000;
/// More blocks than any run has: the list of marks is not to allocate meanwhile.
const MARKS: usize = 64 * 1024;

/// What sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Blocks.
    pub blocks: u64,
    /// Their rows.
    pub rows: u64,
    /// Bytes of the columns.
    pub raw_bytes: u64,
    /// Bytes of the frames, compressed.
    pub bytes: u64,
    /// Rows of blocks beyond the wire's limits, which an agent loses and counts.
    pub refused: u64,
}

/// What sealing one table's blocks did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSealed {
    /// Its name.
    pub table: &'static str,
    /// Rows.
    pub rows: u64,
    /// Bytes of the frames.
    pub bytes: u64,
}

/// More tables than there are: the list of them is not to allocate while something is measured.
const TABLES_MAX: usize = 64;

/// Sees frames.
pub type Look<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

/// Seals blocks into one buffer, and lets somebody look at each frame.
pub struct Sealer<'a> {
    /// So far.
    pub sealed: Sealed,
    /// The same by table, as they come.
    pub tables: Vec<TableSealed>,
    /// Packets and this thread's allocations whenever rows were taken out.
    pub marks: Vec<(u64, u64)>,
    frame: Vec<u8>,
    look: Option<Look<'a>>,
}

impl Default for Sealer<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Sealer<'a> {
    /// Nobody looks.
    pub fn new() -> Self {
        Self {
            sealed: Sealed::default(),
            tables: Vec::with_capacity(TABLES_MAX),
            marks: Vec::with_capacity(MARKS),
            frame: Vec::new(),
            look: None,
        }
    }

    /// `look` sees every frame.
    pub fn with(look: Look<'a>) -> Self {
        Self { look: Some(look), ..Self::new() }
    }

    /// Allocations per packet in the second half of the run, when tables have grown to what the
    /// traffic needs; the end, where every flow is closed, not included.
    pub fn steady_allocations(&self) -> f64 {
        let Some(last) = self.marks.last() else { return 0.0 };
        let half = self.marks.iter().find(|m| m.0 >= last.0 / 2).unwrap_or(last);
        (last.1 - half.1) as f64 / (last.0 - half.0).max(1) as f64
    }

    /// Takes all rows out of the blocks.
    ///
    /// # Errors
    /// A block that cannot be sealed, or what the onlooker says.
    #[inline(never)]
    pub fn seal(&mut self, blocks: &mut Blocks) -> Result<()> {
        let mut result = Ok(());
        blocks.each_mut(|block| {
            if block.rows() == 0 {
                return;
            }
            self.sealed.blocks += 1;
            self.sealed.rows += block.rows() as u64;
            self.sealed.raw_bytes += block.raw_bytes() as u64;
            let id = FrameId { agent_id: 1, boot_id: 1, stream: 0, seq: self.sealed.blocks };
            self.frame.clear();
            match wire::seal(block, id, Compression::Lz4, &mut self.frame) {
                Ok(n) => {
                    self.sealed.bytes += n as u64;
                    let (table, rows) = (block.table().name, block.rows() as u64);
                    let tables = &mut self.tables;
                    let at = tables.iter().position(|t| t.table == table).unwrap_or_else(|| {
                        tables.push(TableSealed { table, rows: 0, bytes: 0 });
                        tables.len() - 1
                    });
                    tables[at].rows += rows;
                    tables[at].bytes += n as u64;
                    if let Some(look) = &mut self.look
                        && result.is_ok()
                    {
                        result = look(&self.frame);
                    }
                }
                Err(WireError::TooLarge { .. }) => self.sealed.refused += block.rows() as u64,
                Err(why) if result.is_ok() => result = Err(why.into()),
                Err(_) => {}
            }
            block.clear();
        });
        result
    }
}

/// A stage made slower, to see that budgets tell.
#[cfg(feature = "slow-decode")]
mod slow {
    use fathom_parsers::headers::{Decap, Link, decode};
    use fathom_parsers::packet::Packet;
    use fathom_ring::Batch;
    use std::sync::LazyLock;

    static SLOW: LazyLock<bool> =
        LazyLock::new(|| std::env::var_os("FATHOM_BENCH_SLOW").is_some_and(|s| s == "decode"));

    /// Decodes every frame once more.
    pub fn decode_again(batch: &Batch<'_>) {
        if !*SLOW {
            return;
        }
        for i in 0..batch.len() {
            let frame = batch.frame(i);
            let mut packet = Packet::default();
            let (data, len) = (frame.data, frame.wire_len);
            let _ =
                std::hint::black_box(decode(Link::Ethernet, data, len, 0, Decap::ALL, &mut packet));
        }
    }
}

/// What one run of the data path is told.
pub fn config(flows_max: usize) -> PipelineConfig {
    PipelineConfig { agent_id: 1, flows_max, ..PipelineConfig::default() }
}

/// Part of an endless traffic: like [`measured`], but flows go on. The last frame's time.
///
/// # Errors
/// A source or a block that fails.
#[inline]
pub fn advance(
    source: &mut FileSource,
    pipeline: &mut Pipeline,
    sealer: &mut Sealer<'_>,
) -> Result<u64> {
    let (mut last_ns, mut sealed_s) = (0, 0);
    while !source.finished() {
        let batch = source.acquire(BATCH)?;
        if !batch.is_empty() {
            last_ns = batch.frame(batch.len() - 1).time_ns;
        }
        pipeline.batch(&batch, None, |_| false);
        #[cfg(feature = "slow-decode")]
        slow::decode_again(&batch);
        source.release();
        let second = last_ns / SECOND_NS;
        if second != sealed_s || pipeline.blocks_mut().any_full() {
            sealed_s = second;
            sealer.seal(pipeline.blocks_mut())?;
            sealer.marks.push((pipeline.stats().packets, alloc::count()));
        }
    }
    Ok(last_ns)
}

/// The whole capture through the data path. This is what is measured: everything the agent does
/// for a packet but the capture itself and the connection to the server.
///
/// # Errors
/// A source or a block that fails.
#[inline(never)]
pub fn measured(
    source: &mut FileSource,
    pipeline: &mut Pipeline,
    sealer: &mut Sealer<'_>,
) -> Result<()> {
    let last_ns = advance(source, pipeline, sealer)?;
    pipeline.flush_all(last_ns);
    sealer.seal(pipeline.blocks_mut())
}

/// The source alone: what reading the capture costs both [`measured`] and the floor.
///
/// # Errors
/// A source that fails.
#[inline(never)]
pub fn source_alone(source: &mut FileSource) -> Result<u64> {
    let mut frames = 0;
    while !source.finished() {
        let batch = source.acquire(BATCH)?;
        frames += std::hint::black_box(&batch).len() as u64;
        source.release();
    }
    Ok(frames)
}
