//! The schema with every abbreviation written out: what the writers of `gen` read.

/// Everything declared in `schema/`.
pub(crate) struct Schema {
    pub(crate) tables: Vec<Table>,
    pub(crate) enums: Vec<Enum>,
}

pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) prints_number: bool,
    /// Ascending by number.
    pub(crate) values: Vec<(u16, String)>,
}

pub(crate) struct Table {
    pub(crate) id: u16,
    pub(crate) database: String,
    pub(crate) name: String,
    pub(crate) version: u16,
    pub(crate) doc: String,
    pub(crate) order_by: Vec<String>,
    pub(crate) partition_hours: u32,
    pub(crate) ttl_hours: u32,
    pub(crate) indexes: Vec<Index>,
    /// Ascending by id.
    pub(crate) columns: Vec<Column>,
}

impl Table {
    /// Name of the Rust module: the table's, with dots turned; Fathom's own tables, whose names
    /// say too little alone, with their database's name before it.
    pub(crate) fn module(&self) -> String {
        let name = self.name.replace('.', "_");
        match self.database.strip_prefix("fathom_") {
            Some(db) => format!("{db}_{name}"),
            None => name,
        }
    }

    pub(crate) fn agent_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| c.source == Source::Agent)
    }
}

pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) on: String,
    pub(crate) kind: String,
    pub(crate) granularity: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Agent,
    Server,
    None,
}

pub(crate) struct Column {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) ty: &'static Type,
    pub(crate) codec: String,
    pub(crate) unit: String,
    pub(crate) doc: String,
    /// A variant of `fathom_schema::Kind`, as Rust spells it.
    pub(crate) kind: &'static str,
    pub(crate) enum_: Option<String>,
    /// A variant of `fathom_schema::Format`.
    pub(crate) format: &'static str,
    pub(crate) source: Source,
    pub(crate) since: u16,
    pub(crate) name_of: Option<String>,
}

impl Column {
    /// Type of the column in `Block`: ids are packed in their own way.
    pub(crate) fn block(&self) -> &'static str {
        match (self.ty.sql, self.kind) {
            ("String", "Id") => "Ids",
            _ => self.ty.block,
        }
    }

    /// Field name in Rust: leading underscores go, keywords get one at the end.
    pub(crate) fn field(&self) -> String {
        let name = self.name.trim_start_matches('_');
        match name {
            "type" => format!("{name}_"),
            _ => name.to_string(),
        }
    }
}

/// A column type and how Rust holds it.
pub(crate) struct Type {
    /// As ClickHouse writes it.
    pub(crate) sql: &'static str,
    /// Variant of `fathom_schema::Type`.
    pub(crate) variant: &'static str,
    /// Type of the field in `Row`.
    pub(crate) row: &'static str,
    /// Type of the column in `Block`.
    pub(crate) block: &'static str,
}

const fn ty(
    sql: &'static str,
    variant: &'static str,
    row: &'static str,
    block: &'static str,
) -> Type {
    Type { sql, variant, row, block }
}

/// All types a column may have.
pub(crate) const TYPES: &[Type] = &[
    ty("UInt8", "UInt8", "u8", "Fixed<u8>"),
    ty("UInt16", "UInt16", "u16", "Fixed<u16>"),
    ty("UInt32", "UInt32", "u32", "Fixed<u32>"),
    ty("UInt64", "UInt64", "u64", "Fixed<u64>"),
    ty("Int32", "Int32", "i32", "Fixed<i32>"),
    ty("Int64", "Int64", "i64", "Fixed<i64>"),
    ty("Float64", "Float64", "f64", "Fixed<f64>"),
    ty("DateTime", "DateTime", "u32", "Fixed<u32>"),
    ty("DateTime64(6)", "DateTime64Micros", "i64", "Fixed<i64>"),
    ty("IPv4", "Ipv4", "[u8; 4]", "Ipv4s"),
    ty("IPv6", "Ipv6", "[u8; 16]", "Ipv6s"),
    ty("String", "String", "&'a str", "Strings"),
    ty("LowCardinality(String)", "LowCardinalityString", "&'a str", "Words"),
    ty("Nullable(UInt8)", "NullableUInt8", "Option<u8>", "Nullable<u8>"),
    ty("Nullable(UInt64)", "NullableUInt64", "Option<u64>", "Nullable<u64>"),
    ty("Nullable(Int32)", "NullableInt32", "Option<i32>", "Nullable<i32>"),
    ty("Nullable(Int64)", "NullableInt64", "Option<i64>", "Nullable<i64>"),
    ty("Array(UInt16)", "ArrayUInt16", "&'a [u16]", "Arrays<u16>"),
    ty("Array(Float64)", "ArrayFloat64", "&'a [f64]", "Arrays<f64>"),
    ty("Array(String)", "ArrayString", "&'a [&'a str]", "WordArrays"),
    ty("Array(LowCardinality(String))", "ArrayLowCardinalityString", "&'a [&'a str]", "WordArrays"),
    ty("Map(UInt16, UInt64)", "MapUInt16UInt64", "&'a [(u16, u64)]", "Maps"),
];
