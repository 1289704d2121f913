//! Where a shard's rows go: to the server, or as text to standard output.

use std::sync::Arc;
use std::time::Duration;

use fathom_schema::wire::{self, Compression, FrameId};
use fathom_schema::{ColumnBlock, TableDef, json};
use fathom_shard::channel::Sender;
use fathom_shard::sleep;

use crate::record::Blocks;
use crate::transport::Transport;
use crate::transport::counters::Counters;

/// A file is read faster than any server takes rows: wait while more than this part of the
/// backlog is used.
const OFFLINE_FILL: f64 = 0.5;

/// Where rows go.
pub enum Output {
    /// To the server.
    Server(Transport),
    /// As NDJSON to the printer's thread.
    Text(TextOutput),
}

/// Rows as NDJSON.
pub struct TextOutput {
    tables: Vec<&'static TableDef>,
    lines: Sender<Vec<u8>>,
    counters: Arc<Counters>,
    frame: Vec<u8>,
    scratch: Vec<u8>,
}

impl TextOutput {
    /// Prints rows of `tables` into `lines`.
    pub fn new(
        tables: Vec<&'static TableDef>,
        lines: Sender<Vec<u8>>,
        counters: Arc<Counters>,
    ) -> Self {
        Self { tables, lines, counters, frame: Vec::new(), scratch: Vec::new() }
    }

    fn text(&mut self, block: &dyn ColumnBlock) -> Option<Vec<u8>> {
        if block.rows() == 0 || !self.tables.iter().any(|t| t.id == block.table().id) {
            return None;
        }
        self.frame.clear();
        let id = FrameId { agent_id: 0, boot_id: 0, stream: 0, seq: 1 };
        let why = match wire::seal(block, id, Compression::None, &mut self.frame) {
            Ok(_) => {
                let (head, body) = self.frame.split_first_chunk()?;
                let header = wire::parse_header(head);
                match header.and_then(|h| wire::body(&h, body, &mut self.scratch)) {
                    Ok(columns) => {
                        let rows = block.rows() as u64;
                        self.counters.rows_sealed.of(block.table().id).add(rows);
                        let mut out = Vec::new();
                        json::write_rows(block.table(), &columns, &mut out);
                        return Some(out);
                    }
                    Err(why) => why,
                }
            }
            Err(why) => why,
        };
        tracing::error!(table = block.table().name, rows = block.rows(), %why,
            "rows cannot be printed");
        None
    }
}

impl Output {
    /// Takes all rows out of the blocks.
    pub async fn seal(&mut self, blocks: &mut Blocks) {
        let mut texts = Vec::new();
        match self {
            Self::Server(transport) => blocks.each_mut(|b| transport.send(b)),
            Self::Text(text) => blocks.each_mut(|b| {
                texts.extend(text.text(b));
                b.clear();
            }),
        }
        self.print(texts).await;
    }

    /// Takes the rows of one block.
    pub async fn seal_one(&mut self, block: &mut dyn ColumnBlock) {
        let mut texts = Vec::new();
        match self {
            Self::Server(transport) => transport.send(block),
            Self::Text(text) => {
                texts.extend(text.text(block));
                block.clear();
            }
        }
        self.print(texts).await;
    }

    async fn print(&mut self, texts: Vec<Vec<u8>>) {
        if let Self::Text(text) = self {
            for t in texts {
                if text.lines.push(t).await.is_err() {
                    // The reader of standard output is gone; the printer has said so.
                    return;
                }
            }
        }
    }

    /// Waits until there is room for more from a file.
    pub async fn room(&self) {
        if let Self::Server(transport) = self {
            while transport.fill() > OFFLINE_FILL {
                sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Waits for the last rows to be taken, at most `max`.
    pub async fn finish(&mut self, max: Duration) {
        if let Self::Server(transport) = self {
            transport.finish(max).await;
        }
    }
}
