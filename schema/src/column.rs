//! A column of the server's insert block: concatenated from the columns of many frames, or
//! filled value by value when tagging, then written in ClickHouse's Native format.
//!
//! Wire columns have the Native layout already, so appending one is a copy; only array ends are
//! shifted, and strings stored as LowCardinality go through a dictionary here.

mod dictionary;

use crate::block::put_varint;
use crate::def::{ColumnDef, Shape};
use crate::native;
use crate::values;
use dictionary::Dictionary;
use zerocopy::IntoBytes;

/// A growing column of any type.
#[derive(Debug)]
pub struct ColumnBuf {
    def: &'static ColumnDef,
    rows: usize,
    data: Data,
}

#[derive(Debug)]
enum Data {
    Fixed {
        width: usize,
        bytes: Vec<u8>,
    },
    Strings(Vec<u8>),
    Dictionary(Dictionary),
    Nullable {
        width: usize,
        nulls: Vec<u8>,
        bytes: Vec<u8>,
    },
    /// Lists of numbers or of strings.
    Arrays {
        ends: Vec<u64>,
        bytes: Vec<u8>,
    },
    DictionaryArrays {
        ends: Vec<u64>,
        items: Dictionary,
    },
    Maps {
        key: usize,
        ends: Vec<u64>,
        keys: Vec<u8>,
        values: Vec<u8>,
    },
}

impl ColumnBuf {
    /// An empty column.
    pub fn new(def: &'static ColumnDef) -> Self {
        let through_dictionary = def.ty.is_low_cardinality();
        let data = match def.ty.shape() {
            Shape::Fixed(width) => Data::Fixed { width, bytes: Vec::new() },
            Shape::Strings if through_dictionary => Data::Dictionary(Dictionary::default()),
            Shape::Strings => Data::Strings(Vec::new()),
            Shape::Nullable(width) => {
                Data::Nullable { width, nulls: Vec::new(), bytes: Vec::new() }
            }
            Shape::StringArrays if through_dictionary => {
                Data::DictionaryArrays { ends: Vec::new(), items: Dictionary::default() }
            }
            Shape::Arrays(_) | Shape::StringArrays => {
                Data::Arrays { ends: Vec::new(), bytes: Vec::new() }
            }
            Shape::Maps(key, _) => {
                Data::Maps { key, ends: Vec::new(), keys: Vec::new(), values: Vec::new() }
            }
        };
        Self { def, rows: 0, data }
    }

    /// Definition of the column.
    pub const fn def(&self) -> &'static ColumnDef {
        self.def
    }

    /// How many values it holds.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Appends `rows` values as they came in a frame. `data` has to be that column's data from
    /// [`Columns`](crate::wire::Columns), which validated it for so many rows.
    pub fn append_wire(&mut self, data: &[u8], rows: usize) {
        self.rows += rows;
        match &mut self.data {
            Data::Fixed { bytes, .. } | Data::Strings(bytes) => bytes.extend_from_slice(data),
            Data::Dictionary(items) => items.extend(values::strings(data)),
            Data::Nullable { nulls, bytes, .. } => {
                let (n, v) = data.split_at(rows);
                nulls.extend_from_slice(n);
                bytes.extend_from_slice(v);
            }
            Data::Arrays { ends, bytes } => {
                let (e, items) = data.split_at(rows * 8);
                append_ends(ends, e);
                bytes.extend_from_slice(items);
            }
            Data::DictionaryArrays { ends, items } => {
                let (e, strings) = data.split_at(rows * 8);
                append_ends(ends, e);
                items.extend(values::strings(strings));
            }
            Data::Maps { key, ends, keys, values, .. } => {
                let (e, items) = data.split_at(rows * 8);
                let count = append_ends(ends, e);
                let (k, v) = items.split_at(count * *key);
                keys.extend_from_slice(k);
                values.extend_from_slice(v);
            }
        }
    }

    /// Appends `rows` times the default: 0, the empty string, null, the empty array.
    pub fn append_default(&mut self, rows: usize) {
        self.rows += rows;
        match &mut self.data {
            Data::Fixed { width, bytes } => bytes.resize(bytes.len() + rows * *width, 0),
            Data::Strings(bytes) => bytes.resize(bytes.len() + rows, 0),
            Data::Dictionary(items) => items.extend_empty(rows),
            Data::Nullable { width, nulls, bytes } => {
                nulls.resize(nulls.len() + rows, 1);
                bytes.resize(bytes.len() + rows * *width, 0);
            }
            Data::Arrays { ends, .. }
            | Data::DictionaryArrays { ends, .. }
            | Data::Maps { ends, .. } => {
                let last = ends.last().copied().unwrap_or(0);
                ends.resize(ends.len() + rows, last);
            }
        }
    }

    /// Appends a UInt8.
    ///
    /// # Panics
    /// Every `push_*` panics when the column is of another width or kind: the caller names the
    /// column, so that is a mistake in the program and not in its input.
    #[inline]
    pub fn push_u8(&mut self, value: u8) {
        self.push_fixed(&[value]);
    }

    /// Appends a UInt16.
    #[inline]
    pub fn push_u16(&mut self, value: u16) {
        self.push_fixed(&value.to_le_bytes());
    }

    /// Appends a UInt32 or DateTime.
    #[inline]
    pub fn push_u32(&mut self, value: u32) {
        self.push_fixed(&value.to_le_bytes());
    }

    /// Appends a UInt64.
    #[inline]
    pub fn push_u64(&mut self, value: u64) {
        self.push_fixed(&value.to_le_bytes());
    }

    /// Appends an Int32.
    #[inline]
    pub fn push_i32(&mut self, value: i32) {
        self.push_fixed(&value.to_le_bytes());
    }

    /// Appends an Int64 or DateTime64.
    #[inline]
    pub fn push_i64(&mut self, value: i64) {
        self.push_fixed(&value.to_le_bytes());
    }

    /// Appends a Float64.
    #[inline]
    pub fn push_f64(&mut self, value: f64) {
        self.push_fixed(&value.to_le_bytes());
    }

    /// Appends a String or LowCardinality(String).
    #[inline]
    pub fn push_str(&mut self, value: &str) {
        self.rows += 1;
        match &mut self.data {
            Data::Strings(bytes) => {
                put_varint(bytes, value.len() as u64);
                bytes.extend_from_slice(value.as_bytes());
            }
            Data::Dictionary(items) => items.push(value.as_bytes()),
            _ => panic!("column {} holds no strings", self.def.name),
        }
    }

    #[inline]
    fn push_fixed(&mut self, value: &[u8]) {
        self.rows += 1;
        match &mut self.data {
            Data::Fixed { width, bytes } if *width == value.len() => bytes.extend_from_slice(value),
            _ => panic!("column {} holds no values of {} bytes", self.def.name, value.len()),
        }
    }

    /// About how many bytes the column holds.
    pub fn bytes(&self) -> usize {
        match &self.data {
            Data::Fixed { bytes, .. } | Data::Strings(bytes) => bytes.len(),
            Data::Dictionary(items) => items.bytes(),
            Data::Nullable { nulls, bytes, .. } => nulls.len() + bytes.len(),
            Data::Arrays { ends, bytes } => ends.len() * 8 + bytes.len(),
            Data::DictionaryArrays { ends, items } => ends.len() * 8 + items.bytes(),
            Data::Maps { ends, keys, values, .. } => ends.len() * 8 + keys.len() + values.len(),
        }
    }

    /// Appends the column as part of a Native block: name, type, values.
    pub fn write_native(&self, out: &mut Vec<u8>) {
        native::column_header(out, self.def.name, self.def.ty.sql());
        if self.rows == 0 {
            return;
        }
        match &self.data {
            Data::Fixed { bytes, .. } | Data::Strings(bytes) => out.extend_from_slice(bytes),
            Data::Dictionary(items) => {
                Dictionary::write_version(out);
                items.write(out);
            }
            Data::Nullable { nulls, bytes, .. } => {
                out.extend_from_slice(nulls);
                out.extend_from_slice(bytes);
            }
            Data::Arrays { ends, bytes } => {
                out.extend_from_slice(ends.as_bytes());
                out.extend_from_slice(bytes);
            }
            Data::DictionaryArrays { ends, items } => {
                // The version of the inner dictionary stands before everything else.
                Dictionary::write_version(out);
                out.extend_from_slice(ends.as_bytes());
                items.write(out);
            }
            Data::Maps { ends, keys, values, .. } => {
                out.extend_from_slice(ends.as_bytes());
                out.extend_from_slice(keys);
                out.extend_from_slice(values);
            }
        }
    }

    /// Drops the values and keeps the memory.
    pub fn clear(&mut self) {
        self.rows = 0;
        match &mut self.data {
            Data::Fixed { bytes, .. } | Data::Strings(bytes) => bytes.clear(),
            Data::Dictionary(items) => items.clear(),
            Data::Nullable { nulls, bytes, .. } => {
                nulls.clear();
                bytes.clear();
            }
            Data::Arrays { ends, bytes } => {
                ends.clear();
                bytes.clear();
            }
            Data::DictionaryArrays { ends, items } => {
                ends.clear();
                items.clear();
            }
            Data::Maps { ends, keys, values, .. } => {
                ends.clear();
                keys.clear();
                values.clear();
            }
        }
    }
}

/// Appends array ends, shifted behind those that are there; returns how many items they add.
fn append_ends(ends: &mut Vec<u64>, data: &[u8]) -> usize {
    let base = ends.last().copied().unwrap_or(0);
    ends.extend(values::u64s(data).map(|end| base + end));
    (ends.last().copied().unwrap_or(0) - base) as usize
}
