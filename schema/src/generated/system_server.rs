// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! `fathom_system.server`: Numbers of the servers, one row per value.

use crate::block::{BlockColumn, ColumnBlock, Fixed, Packer, WordArrays, Words, put};
use crate::def::{Aggregation, ColumnDef, Format, Kind, Source, TableDef, Type};

/// Definition of `fathom_system.server`.
pub static TABLE: TableDef = TableDef {
    id: 8,
    database: "fathom_system",
    name: "server",
    version: 1,
    doc: "Numbers of the servers, one row per value.",
    order_by: &["name", "server_id", "time"],
    partition_hours: 24,
    ttl_hours: 168,
    indexes: &[
    ],
    columns: &COLUMNS,
    by_id: &BY_ID,
};

static COLUMNS: [ColumnDef; 7] = [
    ColumnDef { id: 1, name: "time", ty: Type::DateTime, codec: "DoubleDelta, ZSTD(1)", unit: "s", kind: Kind::Time, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "When the value was read." },
    ColumnDef { id: 2, name: "server_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server." },
    ColumnDef { id: 400, name: "host", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Host name." },
    ColumnDef { id: 401, name: "name", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Metric name, as in the Prometheus exposition." },
    ColumnDef { id: 402, name: "label_names", ty: Type::ArrayLowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Names of the metric's labels." },
    ColumnDef { id: 403, name: "label_values", ty: Type::ArrayString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Values of the metric's labels, in the order of label_names." },
    ColumnDef { id: 404, name: "value", ty: Type::Float64, codec: "Gorilla, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Value at `time`." },
];

/// Position plus one of the column with an id; 0 for none.
static BY_ID: [u16; 405] = [
    0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    3, 4, 5, 6, 7,
];

/// Positions of the columns in [`TABLE`]`.columns`.
pub mod col {
    #![allow(missing_docs, reason = "the columns' names and descriptions say it")]
    pub const TIME: usize = 0;
    pub const SERVER_ID: usize = 1;
    pub const HOST: usize = 2;
    pub const NAME: usize = 3;
    pub const LABEL_NAMES: usize = 4;
    pub const LABEL_VALUES: usize = 5;
    pub const VALUE: usize = 6;
}

/// One row of `fathom_system.server`: the columns an agent fills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'a> {
    /// `time`: When the value was read. Unit: s.
    pub time: u32,
    /// `server_id`: Server.
    pub server_id: u32,
    /// `host`: Host name.
    pub host: &'a str,
    /// `name`: Metric name, as in the Prometheus exposition.
    pub name: &'a str,
    /// `label_names`: Names of the metric's labels.
    pub label_names: &'a [&'a str],
    /// `label_values`: Values of the metric's labels, in the order of label_names.
    pub label_values: &'a [&'a str],
    /// `value`: Value at `time`.
    pub value: f64,
}

/// Rows of `fathom_system.server` as columns, ready for the wire.
#[derive(Debug, Default)]
pub struct Block {
    rows: usize,
    time: Fixed<u32>,
    server_id: Fixed<u32>,
    host: Words,
    name: Words,
    label_names: WordArrays,
    label_values: WordArrays,
    value: Fixed<f64>,
}

impl Block {
    /// A block without rows; memory comes with the first.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one row that is there as a whole.
    pub fn push(&mut self, row: &Row<'_>) {
        self.time.set(self.rows, row.time);
        self.server_id.set(self.rows, row.server_id);
        self.host.set(self.rows, row.host);
        self.name.set(self.rows, row.name);
        self.label_names.set(self.rows, row.label_names);
        self.label_values.set(self.rows, row.label_values);
        self.value.set(self.rows, row.value);
        self.end_row();
    }

    /// Sets `time` of the row that comes next.
    #[inline(always)]
    pub fn time(&mut self, value: u32) {
        self.time.set(self.rows, value);
    }

    /// Sets `server_id` of the row that comes next.
    #[inline(always)]
    pub fn server_id(&mut self, value: u32) {
        self.server_id.set(self.rows, value);
    }

    /// Sets `host` of the row that comes next.
    #[inline(always)]
    pub fn host(&mut self, value: &str) {
        self.host.set(self.rows, value);
    }

    /// Sets `name` of the row that comes next.
    #[inline(always)]
    pub fn name(&mut self, value: &str) {
        self.name.set(self.rows, value);
    }

    /// Sets `label_names` of the row that comes next.
    #[inline(always)]
    pub fn label_names(&mut self, value: &[&str]) {
        self.label_names.set(self.rows, value);
    }

    /// Sets `label_values` of the row that comes next.
    #[inline(always)]
    pub fn label_values(&mut self, value: &[&str]) {
        self.label_values.set(self.rows, value);
    }

    /// Sets `value` of the row that comes next.
    #[inline(always)]
    pub fn value(&mut self, value: f64) {
        self.value.set(self.rows, value);
    }
}

impl ColumnBlock for Block {
    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn rows(&self) -> usize {
        self.rows
    }

    #[inline]
    fn end_row(&mut self) {
        self.rows += 1;
    }

    fn raw_bytes(&self) -> usize {
        self.time.raw_len(self.rows)
            + self.server_id.raw_len(self.rows)
            + self.host.raw_len(self.rows)
            + self.name.raw_len(self.rows)
            + self.label_names.raw_len(self.rows)
            + self.label_values.raw_len(self.rows)
            + self.value.raw_len(self.rows)
    }

    fn pack(&self, out: &mut Packer) {
        put(out, 1, Type::DateTime, &self.time, self.rows);
        put(out, 2, Type::UInt32, &self.server_id, self.rows);
        put(out, 400, Type::LowCardinalityString, &self.host, self.rows);
        put(out, 401, Type::LowCardinalityString, &self.name, self.rows);
        put(out, 402, Type::ArrayLowCardinalityString, &self.label_names, self.rows);
        put(out, 403, Type::ArrayString, &self.label_values, self.rows);
        put(out, 404, Type::Float64, &self.value, self.rows);
    }

    fn clear(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.time.clear(rows);
        self.server_id.clear(rows);
        self.host.clear(rows);
        self.name.clear(rows);
        self.label_names.clear(rows);
        self.label_values.clear(rows);
        self.value.clear(rows);
    }
}
