//! Plain columns, one after the other, ascending by id.
//!
//! ```text
//! id u16, type code u8, length u32, then so many bytes in ClickHouse's Native layout
//! ```
//!
//! A column that is not there holds its default in every row. One whose id this build does not
//! know comes from a newer agent and is skipped. Everything else is checked here, once, in time
//! linear in the bytes and without allocating, so that the stages behind cannot fail.

use super::WireError;
use crate::block::COLUMN_HEADER_LEN;
use crate::def::{ColumnDef, Shape, Source, TableDef};
use crate::values;

/// The validated columns of a block.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    table: &'static TableDef,
    rows: usize,
    raw: &'a [u8],
}

/// One column of a block.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Id on the wire.
    pub id: u16,
    /// Its definition; `None` for a column this build does not know, or does not take from agents.
    pub def: Option<&'static ColumnDef>,
    /// Its values for all rows; valid for the type when `def` is there.
    pub data: &'a [u8],
}

impl<'a> Columns<'a> {
    /// Validates the columns of `rows` rows of `table`.
    pub(super) fn new(
        table: &'static TableDef,
        rows: usize,
        raw: &'a [u8],
    ) -> Result<Self, WireError> {
        let (mut rest, mut last) = (raw, 0);
        while !rest.is_empty() {
            let (id, code, data, next) = split(rest).ok_or(WireError::Truncated)?;
            if id <= last {
                return Err(WireError::ColumnOrder(id));
            }
            last = id;
            rest = next;
            if let Some(def) = taken(table, id) {
                if code != def.ty.wire_code() {
                    return Err(WireError::ColumnType { column: id, code });
                }
                if !holds(def.ty.shape(), data, rows) {
                    return Err(WireError::ColumnData(id));
                }
            }
        }
        Ok(Self { table, rows, raw })
    }

    /// Table of the block.
    pub const fn table(&self) -> &'static TableDef {
        self.table
    }

    /// Rows in each column.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The columns that were sent, ascending by id.
    pub fn iter(&self) -> Iter<'a> {
        Iter { table: self.table, rest: self.raw }
    }

    /// The values of a column; `None` when it was left out and so holds its default everywhere.
    pub fn get(&self, column: &ColumnDef) -> Option<&'a [u8]> {
        let found = self.iter().take_while(|c| c.id <= column.id).find(|c| c.id == column.id)?;
        found.def.map(|_| found.data)
    }
}

impl<'a> IntoIterator for Columns<'a> {
    type Item = Column<'a>;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &Columns<'a> {
    type Item = Column<'a>;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// See [`Columns::iter`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    table: &'static TableDef,
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = Column<'a>;

    fn next(&mut self) -> Option<Column<'a>> {
        let (id, _, data, next) = split(self.rest)?;
        self.rest = next;
        Some(Column { id, def: taken(self.table, id), data })
    }
}

/// The definition of a column this build takes from agents. One that the server fills itself is
/// skipped like an unknown one: nobody may send tags.
pub(super) fn taken(table: &'static TableDef, id: u16) -> Option<&'static ColumnDef> {
    table.column_by_id(id).filter(|c| c.source == Source::Agent)
}

/// First column of `bytes`: id, type code, data, and what follows it.
fn split(bytes: &[u8]) -> Option<(u16, u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<COLUMN_HEADER_LEN>()?;
    let [id_0, id_1, code, len @ ..] = *head;
    let len = u32::from_le_bytes(len) as usize;
    let (data, next) = rest.split_at_checked(len)?;
    Some((u16::from_le_bytes([id_0, id_1]), code, data, next))
}

/// Whether `data` is exactly `rows` values of this shape.
fn holds(shape: Shape, data: &[u8], rows: usize) -> bool {
    match shape {
        Shape::Fixed(width) => data.len() == rows * width,
        Shape::Strings => values::strings_len(data, rows) == Some(data.len()),
        Shape::Nullable(width) => {
            data.len() == rows * (1 + width) && data[..rows].iter().all(|null| *null <= 1)
        }
        Shape::Arrays(width) => items(data, rows)
            .is_some_and(|(n, rest)| n.checked_mul(width).is_some_and(|len| len == rest.len())),
        Shape::StringArrays => items(data, rows)
            .is_some_and(|(n, rest)| values::strings_len(rest, n) == Some(rest.len())),
        Shape::Maps(key, value) => items(data, rows).is_some_and(|(n, rest)| {
            n.checked_mul(key + value).is_some_and(|len| len == rest.len())
        }),
    }
}

/// The number of items all rows hold together, and the bytes behind the offsets; `None` unless
/// the offsets ascend and cannot promise more items than there are bytes.
fn items(data: &[u8], rows: usize) -> Option<(usize, &[u8])> {
    let (ends, rest) = data.split_at_checked(rows.checked_mul(8)?)?;
    let mut last = 0;
    for end in values::u64s(ends) {
        if end < last {
            return None;
        }
        last = end;
    }
    let n = usize::try_from(last).ok()?;
    (n <= rest.len()).then_some((n, rest))
}
