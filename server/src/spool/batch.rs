//! Between a spool file and its inserts: the frames in it, and how they are put together into
//! batches. What is decided here must follow from the file alone, since the store knows a batch
//! by its token.

use fathom_schema::TableDef;
use fathom_schema::wire::{self, HEADER_LEN};

use super::format::FileHeader;
use super::sink::VerifiedFrame;

/// Frames of one table that are stored together.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) table: &'static TableDef,
    /// Number within the file and table.
    pub(crate) n: u32,
    pub(crate) token: String,
    pub(crate) frames: &'a [Frame<'a>],
}

impl<'a> Batch<'a> {
    /// The batches that a table's frames in a file form.
    pub(crate) fn all(
        table: &'static TableDef,
        frames: &'a [Frame<'a>],
        file: &FileHeader,
    ) -> Vec<Self> {
        let mut rest = frames;
        let mut batches = Vec::new();
        while !rest.is_empty() {
            let (frames, behind) = rest.split_at(batch_len(rest, file));
            let n = batches.len() as u32;
            batches.push(Self { table, n, token: file.token(table.id, n), frames });
            rest = behind;
        }
        batches
    }
}

pub(crate) fn rows_of(frames: &[Frame<'_>]) -> u64 {
    frames.iter().map(|f| u64::from(f.verified.header.rows)).sum()
}

/// A frame inside a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) verified: VerifiedFrame<'a>,
    /// Header and body as they stand.
    pub(crate) bytes: &'a [u8],
}

/// The frames in a run of bytes; ends at the first that is not whole.
pub(crate) struct Frames<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Frames<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let head: &[u8; HEADER_LEN] = self.rest.first_chunk()?;
        let header = wire::parse_header(head).ok()?;
        let len = HEADER_LEN + header.body_len as usize;
        let bytes = self.rest.get(..len)?;
        self.rest = &self.rest[len..];
        Some(Frame { verified: VerifiedFrame { header, body: &bytes[HEADER_LEN..] }, bytes })
    }
}

/// How many frames from the front make one batch: as many as stay within the file's limits of
/// rows and of unpacked bytes, at least one. Part of what makes tokens repeatable: it must depend
/// on the file alone.
fn batch_len(frames: &[Frame<'_>], file: &FileHeader) -> usize {
    let (mut rows, mut raw) = (0, 0);
    let fit = frames.iter().take_while(|f| {
        rows += u64::from(f.verified.header.rows);
        raw += u64::from(f.verified.header.raw_len);
        rows <= u64::from(file.split_rows) && raw <= file.split_raw
    });
    fit.count().max(1)
}
