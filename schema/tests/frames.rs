//! Frames that are damaged, that lie, or that come from another version.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/rows.rs"]
mod support;

use fathom_schema::wire::{
    self, Compression, FrameId, FrameKind, HEADER_LEN, Header, MAX_BODY_LEN, MAX_RAW_LEN, MAX_ROWS,
    WireError,
};
use fathom_schema::{ColumnBlock, l4_flow_log, l7_flow_log, system_agent};
use proptest::prelude::*;
use support::{ID, Raw, open, rows_of, through_wire};

fn sample(compression: Compression) -> Vec<u8> {
    let mut block = l7_flow_log::Block::new();
    for i in 0..20u32 {
        block.push(&l7_flow_log::Row {
            time: 1_700_000_000 + i,
            flow_id: 99,
            request_resource: "/a/path/that/repeats",
            attribute_names: &["user_agent"],
            request_id: Some(u64::from(i)),
            ..Default::default()
        });
    }
    let mut frame = Vec::new();
    wire::seal(&block, ID, compression, &mut frame).unwrap();
    frame
}

fn header(frame: &[u8]) -> [u8; HEADER_LEN] {
    *frame.first_chunk().unwrap()
}

#[test]
fn every_flipped_bit_is_noticed() {
    for compression in [Compression::None, Compression::Lz4] {
        let frame = sample(compression);
        assert!(open(&frame).is_ok());
        for at in 0..frame.len() {
            for bit in 0..8 {
                let mut damaged = frame.clone();
                damaged[at] ^= 1 << bit;
                assert!(open(&damaged).is_err(), "byte {at} bit {bit} went unnoticed");
            }
        }
    }
    let mut hello = Vec::new();
    wire::control(FrameKind::Hello, ID, &wire::hello_body("h", "0.1.0"), &mut hello).unwrap();
    for at in 0..hello.len() {
        let mut damaged = hello.clone();
        damaged[at] ^= 0x40;
        assert!(open(&damaged).is_err(), "byte {at} of a Hello went unnoticed");
    }
}

#[test]
fn a_cut_body_is_noticed() {
    let frame = sample(Compression::Lz4);
    let parsed = wire::parse_header(&header(&frame)).unwrap();
    for len in 0..frame.len() - HEADER_LEN {
        let body = &frame[HEADER_LEN..HEADER_LEN + len];
        assert_eq!(wire::verify(&parsed, body), Err(WireError::Lengths));
        assert_eq!(wire::body(&parsed, body, &mut Vec::new()).err(), Some(WireError::Lengths));
    }
}

/// A header is refused by itself: nothing is read or allocated for what it claims.
#[test]
fn claims_beyond_the_limits_are_refused() {
    let honest = wire::parse_header(&header(&sample(Compression::Lz4))).unwrap();
    let lies: [(Header, &str); 7] = [
        (Header { body_len: u32::MAX, raw_len: u32::MAX, ..honest }, "too_large"),
        (Header { raw_len: u32::MAX, ..honest }, "too_large"),
        (Header { body_len: MAX_BODY_LEN + 1, ..honest }, "too_large"),
        (Header { raw_len: MAX_RAW_LEN + 1, ..honest }, "too_large"),
        (Header { rows: MAX_ROWS + 1, ..honest }, "too_large"),
        (Header { rows: 0, ..honest }, "empty"),
        (Header { compression: Compression::None, ..honest }, "lengths"),
    ];
    for (lie, name) in lies {
        let refused = wire::parse_header(&lie.to_bytes()).unwrap_err();
        assert_eq!(refused.name(), name, "{refused}");
    }
    let long = Header {
        kind: FrameKind::Hello,
        compression: Compression::None,
        table: 0,
        schema_version: 0,
        rows: 0,
        raw_len: 1 << 20,
        body_len: 1 << 20,
        ..honest
    };
    assert_eq!(wire::parse_header(&long.to_bytes()).unwrap_err().name(), "too_large");
}

#[test]
fn foreign_bytes_are_refused() {
    let frame = sample(Compression::None);
    let with = |at: usize, value: u8| {
        let mut bytes = header(&frame);
        bytes[at] = value;
        wire::parse_header(&bytes).unwrap_err()
    };
    assert_eq!(with(0, b'G'), WireError::Magic);
    assert_eq!(with(4, 2), WireError::HeaderVersion(2));
    assert_eq!(with(5, 9), WireError::Kind(9));
    assert_eq!(with(6, 7), WireError::Compression(7));
}

/// Columns of one version more or less are read. Others pass the header, so that their frames can
/// be counted and answered.
#[test]
fn versions_may_differ_by_one() {
    let frame = sample(Compression::None);
    let honest = wire::parse_header(&header(&frame)).unwrap();
    let ours = honest.schema_version;
    for theirs in 0..ours + 4 {
        let other = Header { schema_version: theirs, ..honest };
        let read = wire::parse_header(&other.to_bytes()).unwrap();
        let near = theirs.abs_diff(ours) <= 1;
        assert_eq!(read.has_known_columns(), near, "version {theirs}");
        let body = wire::body(&read, &frame[HEADER_LEN..], &mut Vec::new()).map(drop);
        let table = honest.table;
        let refused = WireError::SchemaVersion { table, theirs, ours };
        assert_eq!(body, if near { Ok(()) } else { Err(refused) });
    }
}

/// A table of a newer agent passes the header, so that its frames can be counted and answered.
#[test]
fn an_unknown_table_is_told_apart() {
    let honest = wire::parse_header(&header(&sample(Compression::None))).unwrap();
    let newer = wire::parse_header(&Header { table: 999, ..honest }.to_bytes()).unwrap();
    let body = vec![0; newer.body_len as usize];
    let refused = wire::body(&newer, &body, &mut Vec::new()).unwrap_err();
    assert_eq!(refused, WireError::UnknownTable(999));
}

/// A newer agent's column is skipped; one it does not send any more holds its default.
#[test]
fn unknown_columns_are_skipped_and_missing_ones_defaulted() {
    let id = |name: &str| system_agent::TABLE.column(name).unwrap().id;
    let values: Vec<u8> = [1.5f64, 2.5].iter().flat_map(|v| v.to_le_bytes()).collect();
    let block = Raw::new(&system_agent::TABLE, 2)
        .column(id("name"), 12, b"\x01a\x01b")
        .column(id("value"), 7, &values)
        .column(1000, 200, b"a type nobody knows yet");
    let rows = rows_of(&block, Compression::None);
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[1]["name"], &rows[1]["value"]), (&"b".into(), &2.5.into()));
    assert_eq!((&rows[1]["time"], &rows[1]["host"]), (&0.into(), &"".into()));
    assert!(rows[1].get("1000").is_none());
}

/// Tags are the server's to set: an agent that sends them is not believed.
#[test]
fn columns_of_the_server_are_not_taken_from_agents() {
    let tag = l4_flow_log::TABLE.column("l3_epc_id_0").unwrap();
    let block = Raw::new(&l4_flow_log::TABLE, 1).column(tag.id, 5, &7i32.to_le_bytes());
    let taken = through_wire(&block, Compression::None, |columns| columns.get(tag).is_some());
    assert_eq!(taken, Ok(false));
}

#[test]
fn columns_that_do_not_hold_their_rows_are_refused() {
    let column = |name: &str| l7_flow_log::TABLE.column(name).unwrap().id;
    let two = || Raw::new(&l7_flow_log::TABLE, 2);
    let ends = |a: u64, b: u64| [a.to_le_bytes(), b.to_le_bytes()].concat();
    let with = |mut bytes: Vec<u8>, more: &[u8]| {
        bytes.extend_from_slice(more);
        bytes
    };
    let (time, domain) = (column("time"), column("request_domain"));
    let (id, names) = (column("request_id"), column("attribute_names"));
    let numbers = column("metrics_values");
    let cases: Vec<(Raw, &str)> = vec![
        (two().column(time, 8, &[0; 7]), "column_data"),
        (two().column(time, 8, &[0; 9]), "column_data"),
        (two().column(time, 3, &[0; 8]), "column_type"),
        (two().column(domain, 12, b"\x01a\x02b"), "column_data"),
        (two().column(domain, 12, b"\x01a"), "column_data"),
        (two().column(domain, 12, b"\x01a\x01b\x00"), "column_data"),
        (two().column(domain, 12, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "column_data"),
        (two().column(id, 14, &[[0u8; 17].as_slice(), &[0]].concat()[..17]), "column_data"),
        (two().column(id, 14, &[vec![2, 0], vec![0; 16]].concat()), "column_data"),
        (two().column(names, 19, &with(ends(1, 0), b"\x01a")), "column_data"),
        (two().column(names, 19, &with(ends(1, 2), b"\x01a")), "column_data"),
        (two().column(names, 19, &with(ends(0, u64::MAX), b"\x01a")), "column_data"),
        (two().column(names, 19, &[0; 15]), "column_data"),
        (two().column(numbers, 18, &with(ends(0, 2), &[0; 15])), "column_data"),
        (two().column(numbers, 18, &with(ends(u64::MAX, u64::MAX), &[0; 8])), "column_data"),
        (two().column(domain, 12, b"\0\0").column(time, 8, &[0; 8]), "column_order"),
        (two().column(time, 8, &[0; 8]).column(time, 8, &[0; 8]), "column_order"),
        (Raw { body: vec![1, 0, 8, 8, 0, 0, 0], ..two() }, "truncated"),
        (Raw { body: vec![1, 0, 8], ..two() }, "truncated"),
    ];
    for (i, (block, name)) in cases.iter().enumerate() {
        let refused = through_wire(block, Compression::None, |_| ()).unwrap_err();
        assert_eq!(refused.name(), *name, "case {i}: {refused}");
    }
    let right = two()
        .column(time, 8, &[0; 8])
        .column(domain, 12, b"\x01a\x00")
        .column(id, 14, &[vec![1, 0], vec![0; 16]].concat())
        .column(names, 19, &with(ends(0, 1), b"\x01a"));
    assert!(through_wire(&right, Compression::None, |_| ()).is_ok());
}

#[test]
fn blocks_beyond_the_limits_are_not_sealed() {
    let mut out = vec![1, 2, 3];
    let empty = l4_flow_log::Block::new();
    assert_eq!(wire::seal(&empty, ID, Compression::Lz4, &mut out), Err(WireError::Empty));
    let mut many = l4_flow_log::Block::new();
    for _ in 0..=MAX_ROWS {
        many.push(&l4_flow_log::Row::default());
    }
    assert!(wire::seal(&many, ID, Compression::Lz4, &mut out).is_err());
    // Too long for a body, compressible enough to pass as LZ4.
    let text = "a".repeat(MAX_BODY_LEN as usize + 1);
    let mut long = l4_flow_log::Block::new();
    long.push(&l4_flow_log::Row { request_domain: &text, ..Default::default() });
    let refused = wire::seal(&long, ID, Compression::None, &mut out).unwrap_err();
    assert_eq!(refused.name(), "too_large");
    assert_eq!(out, [1, 2, 3], "what was in the buffer stays as it was");
    assert!(wire::seal(&long, ID, Compression::Lz4, &mut out).is_ok());
}

#[test]
fn control_frames_come_back() {
    let mut out = Vec::new();
    let id = FrameId { seq: 17, ..ID };
    wire::control(FrameKind::Refused, id, b"no such agent", &mut out).unwrap();
    let (header, body) = open(&out).unwrap();
    assert_eq!((header.kind, header.id, body), (FrameKind::Refused, id, &b"no such agent"[..]));
    assert_eq!(wire::body(&header, body, &mut Vec::new()).err(), Some(WireError::NotABlock));

    let hello = wire::hello_body("web-1\nversion=9", "0.1.0");
    assert_eq!(wire::hello_value(&hello, "host"), Some("web-1 version=9"));
    assert_eq!(wire::hello_value(&hello, "version"), Some("0.1.0"));
    assert_eq!(wire::hello_value(&hello, "os"), None);
}

/// The layout is a contract between builds: it changes with the header version only.
#[test]
fn the_header_is_laid_out_as_documented() {
    let mut out = Vec::new();
    wire::control(FrameKind::Ack, ID, b"", &mut out).unwrap();
    assert_eq!(&out[..8], b"FTHM\x01\x04\x00\x00");
    assert_eq!(out[12..14], ID.stream.to_le_bytes());
    assert_eq!(out[28..32], ID.agent_id.to_le_bytes());
    assert_eq!(out[32..40], ID.boot_id.to_le_bytes());
    assert_eq!(out[40..48], ID.seq.to_le_bytes());
    assert_eq!(out.len(), HEADER_LEN);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever validation accepts can be read to the end.
    #[test]
    fn accepted_columns_can_be_read(
        rows in 1..5usize,
        columns in proptest::collection::vec((0..60u16, proptest::collection::vec(any::<u8>(), 0..60)), 0..4),
    ) {
        let mut block = Raw::new(&l7_flow_log::TABLE, rows);
        let mut last = 0;
        for (step, data) in columns {
            last += step + 1;
            let code = l7_flow_log::TABLE.column_by_id(last).map_or(0, |c| c.ty.wire_code());
            block = block.column(last, code, &data);
        }
        if through_wire(&block, Compression::None, |_| ()).is_ok() {
            prop_assert_eq!(rows_of(&block, Compression::Lz4).len(), rows);
        }
    }

    /// Random bytes never pass for a frame, and never panic.
    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), HEADER_LEN..300)) {
        prop_assert!(open(&bytes).is_err());
    }
}

#[test]
fn sealing_reuses_a_cleared_block() {
    let mut block = l4_flow_log::Block::new();
    let mut frames = Vec::new();
    for seq in 1..=3 {
        block.push(&l4_flow_log::Row { flow_id: seq, ..Default::default() });
        wire::seal(&block, FrameId { seq, ..ID }, Compression::Lz4, &mut frames).unwrap();
        block.clear();
    }
    let mut rest = frames.as_slice();
    for seq in 1..=3 {
        let parsed = wire::parse_header(&header(rest)).unwrap();
        assert_eq!((parsed.id.seq, parsed.rows), (seq, 1));
        rest = &rest[parsed.frame_len()..];
    }
    assert!(rest.is_empty());
}
