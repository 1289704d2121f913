//! After tag: many verified frames of one table become one Native block, column by column.
//!
//! A column no frame has is not in the block at all: ClickHouse fills in its default. One that
//! some frames have gets its default for the rows of the others.

use std::sync::Arc;

use fathom_schema::column::ColumnBuf;
use fathom_schema::wire::{self, Columns, WireError};
use fathom_schema::{ColumnDef, Source, TableDef, native};

use crate::limits;
use crate::spool::sink::VerifiedFrame;
use crate::tag::{Networks, Side, Tagger};

/// Builds blocks of one table; keeps its memory from one to the next.
#[derive(Debug)]
pub struct Builder {
    table: &'static TableDef,
    columns: Vec<Lazy>,
    sides: Vec<Side>,
    tagger: Tagger,
    rows: usize,
    scratch: Vec<u8>,
    /// The most bytes its columns ever held.
    most: usize,
}

/// A column that costs nothing until a frame has it.
#[derive(Debug)]
struct Lazy {
    def: &'static ColumnDef,
    values: Option<ColumnBuf>,
    /// Whether this block has it.
    used: bool,
}

impl Lazy {
    /// The buffer, filled up with defaults to `rows`.
    fn filled(&mut self, rows: usize) -> &mut ColumnBuf {
        let values = self.values.get_or_insert_with(|| ColumnBuf::new(self.def));
        self.used = true;
        let missing = rows - values.rows();
        if missing > 0 {
            values.append_default(missing);
        }
        values
    }
}

/// A block ready to insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Names of its columns, in order.
    pub columns: Vec<&'static str>,
    /// How many rows.
    pub rows: u64,
    /// Native bytes.
    pub body: Vec<u8>,
}

impl Builder {
    /// For blocks of `table`, tagged by `networks`.
    #[must_use]
    pub fn new(table: &'static TableDef, networks: Arc<Networks>) -> Self {
        let columns = table
            .columns
            .iter()
            .filter(|c| c.source == Source::Agent)
            .map(|def| Lazy { def, values: None, used: false })
            .collect();
        Self {
            table,
            columns,
            sides: Side::all(table),
            tagger: Tagger::new(networks),
            rows: 0,
            scratch: Vec::new(),
            most: 0,
        }
    }

    /// Appends the rows of a frame.
    ///
    /// # Errors
    /// What is wrong with the frame; nothing of it was appended.
    pub fn append(&mut self, frame: &VerifiedFrame<'_>) -> Result<(), WireError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let outcome = wire::body(&frame.header, frame.body, &mut scratch)
            .map(|columns| self.append_columns(&columns));
        if scratch.capacity() <= limits::SCRATCH_KEEP_BYTES {
            self.scratch = scratch;
        }
        outcome
    }

    /// Appends validated columns.
    pub fn append_columns(&mut self, columns: &Columns<'_>) {
        debug_assert_eq!(columns.table(), self.table);
        let mut mine = self.columns.iter_mut();
        for sent in columns.iter().filter(|c| c.def.is_some()) {
            // Both are ascending by id.
            if let Some(column) = mine.by_ref().find(|c| c.def.id == sent.id) {
                column.filled(self.rows).append_wire(sent.data, columns.rows());
            }
        }
        for side in &mut self.sides {
            side.append(columns, &mut self.tagger);
        }
        self.rows += columns.rows();
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// About how much memory it holds, also when it is empty.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.most + self.scratch.capacity()
    }

    /// The block, leaving the builder empty.
    pub fn finish(&mut self) -> Block {
        let rows = self.rows;
        let used = self.columns.iter_mut().filter(|c| c.used).map(|c| &*c.filled(rows));
        let tags = self.sides.iter().flat_map(Side::columns);
        let columns: Vec<&ColumnBuf> = used.chain(tags).collect();
        let bytes: usize = columns.iter().map(|c| c.bytes() + 64).sum();
        self.most = self.most.max(bytes);
        let mut body = Vec::with_capacity(bytes + bytes / 8);
        native::block_header(&mut body, columns.len(), rows);
        for column in &columns {
            column.write_native(&mut body);
        }
        let names = columns.iter().map(|c| c.def().name).collect();
        self.clear();
        Block { columns: names, rows: rows as u64, body }
    }

    /// Drops the rows, keeps the memory.
    pub fn clear(&mut self) {
        for column in self.columns.iter_mut().filter(|c| c.used) {
            column.used = false;
            if let Some(values) = &mut column.values {
                values.clear();
            }
        }
        for side in &mut self.sides {
            side.clear();
        }
        self.rows = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_says_what_it_keeps() {
        let table = &fathom_schema::l7_flow_log::TABLE;
        let mut builder = Builder::new(table, Arc::new(Networks::new(&[])));
        let block = |text: &str| {
            let mut b = fathom_schema::l7_flow_log::Block::new();
            let row =
                fathom_schema::l7_flow_log::Row { request_resource: text, ..Default::default() };
            b.push(&row);
            let mut out = Vec::new();
            wire::seal(&b, wire::FrameId::default(), wire::Compression::Lz4, &mut out).unwrap();
            out
        };
        let mut add = |bytes: &[u8]| {
            let (head, body) = bytes.split_first_chunk().unwrap();
            let header = wire::parse_header(head).unwrap();
            builder.append(&VerifiedFrame { header, body }).unwrap();
            assert_eq!(builder.finish().rows, 1);
            builder.memory()
        };
        assert!(add(&block("/")) < 1 << 20);
        let long = block(&"x".repeat(8 << 20));
        assert!(add(&long) >= 8 << 20);
        assert!(add(&block("/")) >= 8 << 20, "its columns have not given that back");
    }
}
