//! ClickHouse's Native format, revision 0: what the server inserts.
//!
//! ```text
//! block = columns varint, rows varint, then per column: name, type, values
//! ```

use crate::block::put_varint;

/// Appends the beginning of a block. `columns` columns of `rows` values each have to follow.
pub fn block_header(out: &mut Vec<u8>, columns: usize, rows: usize) {
    put_varint(out, columns as u64);
    put_varint(out, rows as u64);
}

/// Appends the name and type that stand before a column's values.
pub fn column_header(out: &mut Vec<u8>, name: &str, ty: &str) {
    string(out, name);
    string(out, ty);
}

/// Appends a string as ClickHouse writes it.
pub fn string(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}
