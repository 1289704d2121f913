//! Rows to test with, and a block of hand-made columns.

#![allow(dead_code, reason = "each test file uses some of it")]

use fathom_schema::block::Packer;
use fathom_schema::wire::{self, Columns, Compression, FrameId, HEADER_LEN, Header, WireError};
use fathom_schema::{ColumnBlock, TableDef, json};

/// The frame's identity in tests.
pub(crate) const ID: FrameId =
    FrameId { agent_id: 7, boot_id: 0x1122_3344_5566_7788, stream: 3, seq: 9 };

/// Columns written by hand, right or wrong.
pub(crate) struct Raw {
    pub(crate) table: &'static TableDef,
    pub(crate) rows: usize,
    pub(crate) body: Vec<u8>,
}

impl Raw {
    pub(crate) fn new(table: &'static TableDef, rows: usize) -> Self {
        Self { table, rows, body: Vec::new() }
    }

    /// Adds a column as it stands on the wire.
    pub(crate) fn column(mut self, id: u16, code: u8, data: &[u8]) -> Self {
        self.body.extend_from_slice(&id.to_le_bytes());
        self.body.push(code);
        self.body.extend_from_slice(&(data.len() as u32).to_le_bytes());
        self.body.extend_from_slice(data);
        self
    }
}

/// What can be made a frame: the columns of an agent, or hand-made plain ones.
pub(crate) trait Seal {
    fn of(&self) -> (&'static TableDef, usize);
    fn seal(&self, compression: Compression, out: &mut Vec<u8>) -> Result<usize, WireError>;
}

impl<B: ColumnBlock + ?Sized> Seal for &B {
    fn of(&self) -> (&'static TableDef, usize) {
        (self.table(), self.rows())
    }
    fn seal(&self, compression: Compression, out: &mut Vec<u8>) -> Result<usize, WireError> {
        // A trait object needs a sized type behind it.
        struct Block<'a, B: ?Sized>(&'a B);
        impl<B: ColumnBlock + ?Sized> ColumnBlock for Block<'_, B> {
            fn table(&self) -> &'static TableDef {
                self.0.table()
            }
            fn rows(&self) -> usize {
                self.0.rows()
            }
            fn raw_bytes(&self) -> usize {
                self.0.raw_bytes()
            }
            fn pack(&self, out: &mut Packer) {
                self.0.pack(out);
            }
            fn clear(&mut self) {}
            fn end_row(&mut self) {}
        }
        wire::seal(&Block(*self), ID, compression, out)
    }
}

impl Seal for &Raw {
    fn of(&self) -> (&'static TableDef, usize) {
        (self.table, self.rows)
    }
    fn seal(&self, _: Compression, out: &mut Vec<u8>) -> Result<usize, WireError> {
        wire::seal_plain(self.table, self.rows, &self.body, ID, out)
    }
}

/// Header and body of a sealed frame.
pub(crate) fn open(frame: &[u8]) -> Result<(Header, &[u8]), WireError> {
    let (head, body) = frame.split_first_chunk::<HEADER_LEN>().expect("a whole header");
    let header = wire::parse_header(head)?;
    wire::verify(&header, body)?;
    Ok((header, body))
}

/// Seals a block, opens the frame again and hands the columns over.
pub(crate) fn through_wire<T>(
    block: impl Seal,
    compression: Compression,
    f: impl FnOnce(&Columns<'_>) -> T,
) -> Result<T, WireError> {
    let mut frame = vec![0xee; 5]; // whatever was in the buffer before stays
    let len = block.seal(compression, &mut frame)?;
    assert_eq!(frame.len(), len + 5);
    assert_eq!(&frame[..5], &[0xee; 5]);
    let (header, body) = open(&frame[5..])?;
    assert_eq!(header.id, ID);
    assert_eq!(header.rows as usize, block.of().1);
    let mut scratch = Vec::new();
    Ok(f(&wire::body(&header, body, &mut scratch)?))
}

/// Rows of a block as JSON values.
pub(crate) fn rows_of(block: impl Seal, compression: Compression) -> Vec<serde_json::Value> {
    let table = block.of().0;
    let text = through_wire(block, compression, |columns| {
        let mut text = Vec::new();
        json::write_rows(table, columns, &mut text);
        text
    })
    .expect("a sealed block opens");
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    assert!(text.lines().all(|l| l.starts_with("{\"table\":\"")), "the table comes first");
    text.lines().map(|l| serde_json::from_str(l).expect("each line is JSON")).collect()
}
