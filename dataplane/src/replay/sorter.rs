//! Rows in order of time although they come out of order: kept as compressed text with a small
//! index, written once nothing earlier can come.

use crate::limits;
use crate::record::Blocks;
use fathom_schema::wire::{self, Compression, FrameId};
use fathom_schema::{ColumnBlock, TableDef, json, values};
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;

/// How much later than the time it carries a row can come: the longest flow and request
/// timeouts, plus a minute's report.
const LATENESS_US: i64 = 300_000_000 + limits::SESSION_TIMEOUT_NS as i64 / 1000 + 60_000_000;
/// Texts that are kept uncompressed while rows are written: rows near in time come from few.
const OPEN_CHUNKS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    end_us: i64,
    flow_id: u64,
    /// Order of arrival: the order within a flow.
    order: u64,
    chunk: u32,
    from: u32,
    to: u32,
}

struct Chunk {
    packed: Vec<u8>,
    len: usize,
    rows_left: u32,
}

pub(super) struct Sorter {
    tables: Vec<&'static TableDef>,
    rows: BTreeMap<&'static str, u64>,
    chunks: Vec<Chunk>,
    places: Vec<Place>,
    order: u64,
    newest_us: i64,
    open: VecDeque<(u32, Vec<u8>)>,
    frame: Vec<u8>,
    scratch: Vec<u8>,
    text: Vec<u8>,
}

impl Sorter {
    pub(super) fn new(tables: &[&'static TableDef]) -> Self {
        Self {
            tables: tables.to_vec(),
            rows: tables.iter().map(|t| (t.name, 0)).collect(),
            chunks: Vec::new(),
            places: Vec::new(),
            order: 0,
            newest_us: i64::MIN,
            open: VecDeque::new(),
            frame: Vec::new(),
            scratch: Vec::new(),
            text: Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> BTreeMap<&'static str, u64> {
        self.rows.clone()
    }

    /// Takes the rows of the tables that are wanted and empties all blocks.
    pub(super) fn add(&mut self, blocks: &mut Blocks) {
        blocks.each_mut(|b| {
            if b.rows() > 0 && self.tables.iter().any(|t| t.id == b.table().id) {
                self.add_block(b);
            }
            b.clear();
        });
    }

    fn add_block(&mut self, block: &dyn ColumnBlock) {
        let table = block.table();
        self.frame.clear();
        let id = FrameId { agent_id: 0, boot_id: 0, stream: 0, seq: 1 };
        // Blocks are cut far below the limits of frames and are whole: no step can fail.
        if wire::seal(block, id, Compression::None, &mut self.frame).is_err() {
            return;
        }
        let (head, body) = self.frame.split_at(wire::HEADER_LEN);
        let Some(Ok(header)) = head.first_chunk().map(wire::parse_header) else { return };
        let Ok(columns) = wire::body(&header, body, &mut self.scratch) else { return };
        self.text.clear();
        json::write_rows(table, &columns, &mut self.text);
        let column = |name: &str| table.column(name).and_then(|c| columns.get(c));
        let mut ends: Vec<i64> = match (column("end_time"), column("time")) {
            (Some(data), _) => values::i64s(data).collect(),
            (None, Some(data)) => values::u32s(data).map(|s| i64::from(s) * 1_000_000).collect(),
            (None, None) => Vec::new(),
        };
        ends.resize(block.rows(), 0);
        let mut flows: Vec<u64> =
            column("flow_id").map_or_else(Vec::new, |d| values::u64s(d).collect());
        flows.resize(block.rows(), 0);
        let chunk = self.chunks.len() as u32;
        let mut from = 0;
        for (i, end) in memchr::memchr_iter(b'\n', &self.text).enumerate() {
            self.order += 1;
            self.places.push(Place {
                end_us: ends[i],
                flow_id: flows[i],
                order: self.order,
                chunk,
                from,
                to: end as u32 + 1,
            });
            self.newest_us = self.newest_us.max(ends[i]);
            from = end as u32 + 1;
        }
        *self.rows.entry(table.name).or_default() += block.rows() as u64;
        self.chunks.push(Chunk {
            packed: lz4_flex::block::compress(&self.text),
            len: self.text.len(),
            rows_left: block.rows() as u32,
        });
    }

    /// Writes the rows that nothing can precede any more at capture time `now_ns`.
    pub(super) fn write_until(&mut self, now_ns: u64, out: &mut dyn Write) -> std::io::Result<()> {
        let last = now_ns == u64::MAX;
        let bound = if last { i64::MAX } else { (now_ns / 1000) as i64 - LATENESS_US };
        let oldest = self.places.first().map_or(i64::MAX, |p| p.end_us);
        // Sorting pays only for a good run of rows: wait for another minute's worth.
        if !last && oldest > bound - 60_000_000 {
            return Ok(());
        }
        self.places.sort_unstable();
        let n = if last {
            self.places.len()
        } else {
            self.places.partition_point(|p| p.end_us < bound)
        };
        let places = std::mem::take(&mut self.places);
        for p in &places[..n] {
            let text = self.open_chunk(p.chunk);
            out.write_all(&text[p.from as usize..p.to as usize])?;
            let chunk = &mut self.chunks[p.chunk as usize];
            chunk.rows_left -= 1;
            if chunk.rows_left == 0 {
                chunk.packed = Vec::new();
            }
        }
        self.places = places;
        self.places.drain(..n);
        if self.places.is_empty() {
            self.chunks.clear();
            self.open.clear();
        }
        Ok(())
    }

    fn open_chunk(&mut self, chunk: u32) -> &[u8] {
        if let Some(i) = self.open.iter().position(|c| c.0 == chunk) {
            return &self.open[i].1;
        }
        let c = &self.chunks[chunk as usize];
        let text = lz4_flex::block::decompress(&c.packed, c.len).unwrap_or_default();
        if self.open.len() >= OPEN_CHUNKS {
            self.open.pop_front();
        }
        self.open.push_back((chunk, text));
        &self.open[self.open.len() - 1].1
    }
}
