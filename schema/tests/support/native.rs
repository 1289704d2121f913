//! A reader of ClickHouse's Native format, revision 0, by its own reading of the format: a
//! second opinion on what the crate writes.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Bytes(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Cell>),
    Map(Vec<(u16, u64)>),
}

impl Cell {
    pub(crate) fn is_default(&self) -> bool {
        match self {
            Cell::Null => true,
            Cell::Bytes(b) => b.iter().all(|b| *b == 0),
            Cell::Text(t) => t.is_empty(),
            Cell::List(l) => l.is_empty(),
            Cell::Map(m) => m.is_empty(),
        }
    }
}

/// A column of a block.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) cells: Vec<Cell>,
}

struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    fn varint(&mut self) -> Option<usize> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Some(value);
            }
            shift += 7;
        }
    }
    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
    fn text(&mut self) -> Option<Vec<u8>> {
        let n = self.varint()?;
        Some(self.take(n)?.to_vec())
    }
    fn bytes(&mut self, n: usize, width: usize) -> Option<Vec<Cell>> {
        (0..n).map(|_| Some(Cell::Bytes(self.take(width)?.to_vec()))).collect()
    }

    /// What stands before a column's values: versions of dictionaries inside.
    fn prefix(&mut self, ty: &str) -> Option<()> {
        if ty.contains("LowCardinality") && self.u64()? != 1 {
            return None;
        }
        Some(())
    }

    fn cells(&mut self, ty: &str, n: usize) -> Option<Vec<Cell>> {
        let inner = |name: &str| ty.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(inner) = inner("Nullable") {
            let nulls = self.take(n)?;
            let values = self.cells(inner, n)?;
            let pairs = nulls.iter().zip(values);
            return Some(pairs.map(|(null, v)| if *null == 1 { Cell::Null } else { v }).collect());
        }
        if let Some(inner) = inner("Array") {
            let ends: Vec<u64> = (0..n).map(|_| self.u64()).collect::<Option<_>>()?;
            let items = self.cells(inner, ends.last().map_or(0, |e| *e as usize))?;
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let spans = starts.zip(&ends);
            return Some(
                spans.map(|(a, b)| Cell::List(items[a as usize..*b as usize].to_vec())).collect(),
            );
        }
        if inner("Map") == Some("UInt16, UInt64") {
            let ends: Vec<u64> = (0..n).map(|_| self.u64()).collect::<Option<_>>()?;
            let count = ends.last().map_or(0, |e| *e as usize);
            let keys = self.take(count * 2)?.chunks(2).map(|k| u16::from_le_bytes([k[0], k[1]]));
            let values = self.take(count * 8)?.chunks(8);
            let values = values.map(|v| u64::from_le_bytes(v.try_into().unwrap()));
            let items: Vec<(u16, u64)> = keys.zip(values).collect();
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let spans = starts.zip(&ends);
            return Some(
                spans.map(|(a, b)| Cell::Map(items[a as usize..*b as usize].to_vec())).collect(),
            );
        }
        if inner("LowCardinality") == Some("String") {
            if n == 0 {
                return Some(Vec::new());
            }
            let flags = self.u64()?;
            if flags & !0xff != 0x600 {
                return None;
            }
            let count = self.u64()? as usize;
            let keys: Vec<Vec<u8>> = (0..count).map(|_| self.text()).collect::<Option<_>>()?;
            if self.u64()? as usize != n {
                return None;
            }
            let width = 1 << (flags & 0xff);
            return self
                .take(n * width)?
                .chunks(width)
                .map(|i| {
                    let mut index = [0; 8];
                    index[..width].copy_from_slice(i);
                    Some(Cell::Text(keys.get(u64::from_le_bytes(index) as usize)?.clone()))
                })
                .collect();
        }
        match ty {
            "UInt8" => self.bytes(n, 1),
            "UInt16" => self.bytes(n, 2),
            "UInt32" | "Int32" | "DateTime" | "IPv4" => self.bytes(n, 4),
            "UInt64" | "Int64" | "Float64" | "DateTime64(6)" => self.bytes(n, 8),
            "IPv6" => self.bytes(n, 16),
            "String" => (0..n).map(|_| Some(Cell::Text(self.text()?))).collect(),
            _ => None,
        }
    }
}

/// Reads one block that fills `bytes`.
pub(crate) fn read_block(bytes: &[u8]) -> Option<Vec<Column>> {
    let mut input = In(bytes);
    let (columns, rows) = (input.varint()?, input.varint()?);
    let mut block = Vec::new();
    for _ in 0..columns {
        let name = String::from_utf8(input.text()?).ok()?;
        let ty = String::from_utf8(input.text()?).ok()?;
        let cells = if rows == 0 {
            Vec::new()
        } else {
            input.prefix(&ty)?;
            input.cells(&ty, rows)?
        };
        block.push(Column { name, ty, cells });
    }
    input.0.is_empty().then_some(block)
}
