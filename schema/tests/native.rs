//! Insert blocks, read back by a reader that knows only ClickHouse's Native format.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/native.rs"]
mod native_reader;
#[path = "support/rows.rs"]
mod support;

use fathom_schema::column::ColumnBuf;
use fathom_schema::wire::Compression;
use fathom_schema::{
    ColumnBlock, Source, TABLES, TableDef, application_map_1s, l4_flow_log, l7_flow_log, native,
};
use native_reader::{Cell, read_block};
use proptest::prelude::*;
use support::through_wire;

/// What the server does: columns of several frames, with the tags in between, as one block.
fn insert_block(table: &'static TableDef, frames: &[&dyn ColumnBlock]) -> Vec<u8> {
    let wanted = table.columns.iter().filter(|c| c.source == Source::Agent);
    let mut columns: Vec<ColumnBuf> = wanted.map(ColumnBuf::new).collect();
    let mut rows = 0;
    for frame in frames {
        rows += frame.rows();
        through_wire(*frame, Compression::Lz4, |sent| {
            for column in &mut columns {
                match sent.get(column.def()) {
                    Some(data) => column.append_wire(data, sent.rows()),
                    None => column.append_default(sent.rows()),
                }
            }
        })
        .unwrap();
    }
    let mut out = Vec::new();
    native::block_header(&mut out, columns.len(), rows);
    for column in &columns {
        assert_eq!(column.rows(), rows);
        column.write_native(&mut out);
    }
    out
}

#[test]
fn frames_become_one_block() {
    let mut first = l7_flow_log::Block::new();
    first.push(&l7_flow_log::Row {
        time: 10,
        ip4_0: [1, 2, 3, 4],
        ip6_1: [9; 16],
        endpoint: "/a",
        request_id: Some(5),
        attribute_names: &["x", "y"],
        attribute_values: &["1", "2"],
        metrics_values: &[0.5],
        ..Default::default()
    });
    let mut second = l7_flow_log::Block::new();
    second.push(&l7_flow_log::Row { time: 11, ..Default::default() });
    let mut third = l7_flow_log::Block::new();
    for endpoint in ["/b", "/a", "", "/b"] {
        third.push(&l7_flow_log::Row {
            endpoint,
            response_code: Some(-1),
            attribute_names: &["y"],
            metrics_values: &[1.0, 2.0],
            ..Default::default()
        });
    }
    let bytes = insert_block(&l7_flow_log::TABLE, &[&first, &second, &third]);
    let block = read_block(&bytes).unwrap();
    let column = |name: &str| &block.iter().find(|c| c.name == name).unwrap().cells;
    let text = |s: &str| Cell::Text(s.as_bytes().to_vec());

    assert_eq!(
        column("time")[..2],
        [Cell::Bytes(vec![10, 0, 0, 0]), Cell::Bytes(vec![11, 0, 0, 0])]
    );
    assert_eq!(column("ip4_0")[0], Cell::Bytes(vec![4, 3, 2, 1]), "a number, low byte first");
    assert_eq!(column("ip6_1")[0], Cell::Bytes(vec![9; 16]));
    let endpoints: Vec<Cell> = ["/a", "", "/b", "/a", "", "/b"].map(text).into();
    assert_eq!(*column("endpoint"), endpoints);
    assert_eq!(column("request_id")[0], Cell::Bytes(5u64.to_le_bytes().into()));
    assert_eq!(column("request_id")[1], Cell::Null);
    assert_eq!(column("response_code")[0], Cell::Null);
    assert_eq!(column("response_code")[2], Cell::Bytes(vec![0xff; 4]));
    let list = |names: &[&str]| Cell::List(names.iter().map(|n| text(n)).collect());
    assert_eq!(column("attribute_names")[..3], [list(&["x", "y"]), list(&[]), list(&["y"])]);
    assert_eq!(column("attribute_values")[..3], [list(&["1", "2"]), list(&[]), list(&[])]);
    let Cell::List(numbers) = &column("metrics_values")[5] else { panic!("a list") };
    assert_eq!(numbers[1], Cell::Bytes(2f64.to_le_bytes().into()));
}

/// Blocks of nothing but defaults, for every table: each column stands there and can be read.
#[test]
fn defaults_of_every_type_can_be_read() {
    for table in TABLES {
        let mut out = Vec::new();
        native::block_header(&mut out, table.columns.len(), 3);
        for def in table.columns {
            let mut column = ColumnBuf::new(def);
            column.append_default(2);
            column.append_default(1);
            column.write_native(&mut out);
        }
        let block = read_block(&out).unwrap();
        assert_eq!(block.len(), table.columns.len());
        for (column, def) in block.iter().zip(table.columns) {
            assert_eq!((column.name.as_str(), column.ty.as_str()), (def.name, def.ty.sql()));
            assert!(column.cells.iter().all(Cell::is_default), "{} of {}", def.name, table.name);
        }
    }
}

#[test]
fn tags_are_pushed_value_by_value() {
    let mut epc = ColumnBuf::new(l4_flow_log::TABLE.column("l3_epc_id_0").unwrap());
    let mut province = ColumnBuf::new(l4_flow_log::TABLE.column("province_0").unwrap());
    for (id, name) in [(-2, "Bavaria"), (7, ""), (7, "Bavaria")] {
        epc.push_i32(id);
        province.push_str(name);
    }
    let mut out = Vec::new();
    native::block_header(&mut out, 2, 3);
    epc.write_native(&mut out);
    province.write_native(&mut out);
    let block = read_block(&out).unwrap();
    assert_eq!(block[0].cells[0], Cell::Bytes((-2i32).to_le_bytes().into()));
    assert_eq!(block[1].cells[1], Cell::Text(Vec::new()));
    assert_eq!(block[1].cells[2], Cell::Text(b"Bavaria".to_vec()));
}

#[test]
#[should_panic(expected = "holds no values of 8 bytes")]
fn a_value_of_the_wrong_width_is_a_mistake() {
    ColumnBuf::new(l4_flow_log::TABLE.column("l3_epc_id_0").unwrap()).push_u64(1);
}

/// Indexes grow from one byte to two to four as the dictionary does.
#[test]
fn dictionaries_of_every_width() {
    let def = l7_flow_log::TABLE.column("endpoint").unwrap();
    let mut column = ColumnBuf::new(def);
    for distinct in [1, 255, 256, 65_535, 65_536, 70_000] {
        column.clear();
        for i in 0..distinct {
            column.push_str(&format!("/e{i}"));
            column.push_str("/e0");
        }
        let mut out = Vec::new();
        native::block_header(&mut out, 1, column.rows());
        column.write_native(&mut out);
        let block = read_block(&out).unwrap();
        for (i, pair) in block[0].cells.chunks(2).enumerate() {
            assert_eq!(pair[0], Cell::Text(format!("/e{i}").into_bytes()));
            assert_eq!(pair[1], Cell::Text(b"/e0".to_vec()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However rows are cut into frames, the block is the same, and a cleared column starts over.
    #[test]
    fn cuts_do_not_matter(
        rows in proptest::collection::vec(("[a-c]{0,2}", proptest::collection::vec((any::<u16>(), any::<u64>()), 0..3)), 1..30),
        cut in 0..30usize,
    ) {
        let block_of = |rows: &[(String, Vec<(u16, u64)>)]| {
            let mut block = application_map_1s::Block::new();
            for (endpoint, sketch) in rows {
                block.push(&application_map_1s::Row { endpoint, rrt_sketch: sketch, ..Default::default() });
            }
            block
        };
        let cut = cut.min(rows.len());
        let whole = insert_block(&application_map_1s::TABLE, &[&block_of(&rows)]);
        let parts: Vec<_> = [&rows[..cut], &rows[cut..]].into_iter().filter(|p| !p.is_empty()).map(block_of).collect();
        let parts: Vec<&dyn ColumnBlock> = parts.iter().map(|b| b as &dyn ColumnBlock).collect();
        prop_assert_eq!(&insert_block(&application_map_1s::TABLE, &parts), &whole);

        let block = read_block(&whole).unwrap();
        let endpoint = &block.iter().find(|c| c.name == "endpoint").unwrap().cells;
        for (cell, row) in endpoint.iter().zip(&rows) {
            prop_assert_eq!(cell, &Cell::Text(row.0.clone().into_bytes()));
        }
        let sketch = &block.iter().find(|c| c.name == "rrt_sketch").unwrap().cells;
        for (cell, row) in sketch.iter().zip(&rows) {
            let expected: Vec<(u16, u64)> = row.1.clone();
            prop_assert_eq!(cell, &Cell::Map(expected));
        }
    }
}
