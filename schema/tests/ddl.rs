//! The statements that create the tables, against a committed copy. `FATHOM_BLESS=1` rewrites it;
//! `cargo xtask gen` does that too.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use fathom_schema::ddl::{self, Dialect};
use fathom_schema::{TABLES, Type};

#[test]
fn statements_are_as_committed() {
    let mut text = String::from("-- Made by `cargo xtask gen`. For one ClickHouse.\n\n");
    for statement in ddl::create_statements(Dialect::Single) {
        text += &format!("{statement};\n\n");
    }
    text += "-- For a cluster named fathom.\n\n";
    for statement in ddl::create_statements(Dialect::Cluster("fathom")) {
        // The columns are those above.
        let head = statement.split("(\n").next().unwrap();
        let tail = statement.split("\n)\n").nth(1);
        match tail {
            Some(tail) => text += &format!("{head}(...)\n{tail};\n\n"),
            None => text += &format!("{statement};\n\n"),
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/generated/ddl.sql");
    if std::env::var_os("FATHOM_BLESS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/generated")).unwrap();
        std::fs::write(path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(golden == text, "schema/generated/ddl.sql is stale: run `cargo xtask gen`");
}

/// T64 takes integers and times up to 64 bits, Gorilla floats; ClickHouse refuses a table with
/// the wrong pairing, and this says so without one.
#[test]
fn codecs_fit_their_types() {
    for column in TABLES.iter().flat_map(|t| t.columns) {
        let integer = !matches!(
            column.ty,
            Type::Float64
                | Type::Ipv6
                | Type::String
                | Type::LowCardinalityString
                | Type::ArrayUInt16
                | Type::ArrayFloat64
                | Type::ArrayString
                | Type::ArrayLowCardinalityString
                | Type::MapUInt16UInt64
        );
        for codec in column.codec.split(", ") {
            let fits = match codec {
                "T64" | "Delta" | "DoubleDelta" => integer,
                "Gorilla" => column.ty == Type::Float64,
                "ZSTD(1)" | "LZ4" => true,
                other => panic!("codec {other} of {} has no rule here", column.name),
            };
            assert!(fits, "{codec} does not fit {} {}", column.name, column.ty.sql());
        }
    }
}
