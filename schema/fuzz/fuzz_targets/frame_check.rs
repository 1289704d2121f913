//! What has to hold for any bytes a peer may send: no panic, and whatever validation accepts can
//! be printed and inserted.
//!
//! The input is a frame whose checksum is made right first: a fuzzer would never guess it, and
//! the code behind it is what is to be tested.

use fathom_schema::column::ColumnBuf;
use fathom_schema::json;
use fathom_schema::wire::{self, HEADER_LEN};

/// Runs one input; true when the frame held readable columns.
pub(crate) fn check(data: &[u8]) -> bool {
    let Some((head, body)) = data.split_first_chunk::<HEADER_LEN>() else { return false };
    let Ok(header) = wire::parse_header(head) else { return false };
    // As parsed, with the checksum as it is: right or wrong, it may not panic.
    let _ = wire::verify(&header, body);
    // Lengths that fit the input, so that more inputs get through.
    let Ok(body_len) = u32::try_from(body.len()) else { return false };
    let raw_len = match header.compression {
        wire::Compression::None => body_len,
        wire::Compression::Lz4 => header.raw_len.min(1 << 20),
    };
    let header = wire::Header { body_len, raw_len, ..header };
    let mut scratch = Vec::new();
    let Ok(columns) = wire::body(&header, body, &mut scratch) else { return false };
    assert!(columns.rows() > 0, "a block without rows was accepted");

    let mut text = Vec::new();
    json::write_rows(columns.table(), &columns, &mut text);
    let lines = text.iter().filter(|b| **b == b'\n').count();
    assert_eq!(lines, columns.rows(), "one line per row");

    let mut block = Vec::new();
    for column in &columns {
        let Some(def) = column.def else { continue };
        let mut buf = ColumnBuf::new(def);
        buf.append_wire(column.data, columns.rows());
        buf.append_default(1);
        buf.append_wire(column.data, columns.rows());
        assert_eq!(buf.rows(), columns.rows() * 2 + 1);
        buf.write_native(&mut block);
    }
    true
}
