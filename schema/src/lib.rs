//! Every table, column and enumeration of Fathom, declared once in `schema/tables/*.toml` and
//! `schema/enums.toml`, and everything that follows from the declaration.
//!
//! ```text
//! agent:   Row -> Block (columns) -> wire::seal -> frame
//! server:  frame -> wire::body -> Columns -> ColumnBuf -> native -> ClickHouse
//!                                        \-> json (NDJSON rows)
//! both:    TableDef, ColumnDef, EnumDef (the catalogue), ddl
//! ```

#![forbid(unsafe_code)]

#[cfg(not(target_endian = "little"))]
compile_error!("columns are copied to the wire as they stand in memory: little-endian only");

pub mod block;
pub mod column;
pub mod ddl;
pub mod def;
#[rustfmt::skip]
mod generated;
pub mod json;
pub mod native;
pub mod values;
pub mod wire;

pub use block::ColumnBlock;
pub use def::{
    Aggregation, ColumnDef, EnumDef, Format, IndexDef, Kind, Shape, Source, TableDef, Type,
};
pub use generated::*;

/// The table with this id on the wire.
pub fn table(id: u16) -> Option<&'static TableDef> {
    TABLES.iter().copied().find(|t| t.id == id)
}

/// The table with this database and name.
pub fn table_by_name(database: &str, name: &str) -> Option<&'static TableDef> {
    TABLES.iter().copied().find(|t| t.database == database && t.name == name)
}
