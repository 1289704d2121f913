//! Numbers on the wire are for ever: what was once given out keeps its meaning.
//!
//! `golden/wire_ids.txt` lists every column id ever used, also of columns that are gone.
//! `FATHOM_BLESS=1` appends new ones and never takes a line away.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use fathom_schema::{TABLES, Type};
use std::collections::BTreeSet;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/wire_ids.txt");

#[test]
fn ids_keep_their_meaning() {
    let mut current = Vec::new();
    for table in TABLES {
        for c in table.columns {
            let line = format!("{} {} {} {}", table.id, c.id, c.ty.wire_code(), c.name);
            current.push(line);
        }
    }
    let mut golden = std::fs::read_to_string(PATH).unwrap_or_default();
    if std::env::var_os("FATHOM_BLESS").is_some() {
        let known: BTreeSet<&str> = golden.lines().collect();
        let new: String = current
            .iter()
            .filter(|l| !known.contains(l.as_str()))
            .map(|l| format!("{l}\n"))
            .collect();
        golden += &new;
        std::fs::write(PATH, &golden).unwrap();
    }
    let known: BTreeSet<&str> = golden.lines().collect();
    for line in &current {
        assert!(known.contains(line.as_str()), "{line} is new: run `cargo xtask gen`");
    }
    // No table and id twice, with another type or name.
    let mut seen = BTreeSet::new();
    for line in golden.lines() {
        let id: Vec<&str> = line.split(' ').take(2).collect();
        assert!(seen.insert(id), "{line}: this id had another meaning before");
    }
}

#[test]
fn tables_are_found_by_id_and_name() {
    for table in TABLES {
        assert_eq!(fathom_schema::table(table.id), Some(*table));
        let named = fathom_schema::table_by_name(table.database, table.name);
        assert_eq!(named, Some(*table));
        for (i, column) in table.columns.iter().enumerate() {
            assert!(std::ptr::eq(table.column_by_id(column.id).unwrap(), column));
            assert_eq!(table.position(column.name), Some(i));
        }
        assert!(table.column_by_id(0).is_none());
        assert!(table.column_by_id(u16::MAX).is_none());
    }
    assert_eq!(fathom_schema::table(0), None);
}

#[test]
fn enumerations_translate_both_ways() {
    let protocols = &fathom_schema::enums::L7_PROTOCOL;
    assert_eq!(protocols.name_of(41), Some("gRPC"));
    assert_eq!(protocols.value_of("grpc"), Some(41));
    assert_eq!(protocols.name_of(2), None);
    assert_eq!(protocols.name_of(u64::MAX), None);
    for column in TABLES.iter().flat_map(|t| t.columns) {
        let Some(names) = column.enum_ else { continue };
        for (value, name) in names.values {
            assert_eq!(names.name_of(u64::from(*value)), Some(*name));
            let fits = column.ty != Type::UInt8 || *value <= 255;
            assert!(fits, "{name} of {} does not fit its column", names.name);
        }
    }
}
