//! Writes `schema/src/generated/`: definitions, `Row` and `Block` of every table, and the enums.

use super::model::{Enum, Schema, Source, Table};
use std::fmt::Write;

/// Opens every generated file.
const MARK: &str =
    "// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.\n\n";

/// Path and text of every file.
pub(super) fn files(schema: &Schema) -> Vec<(String, String)> {
    let mut files = vec![("schema/src/generated.rs".to_string(), index(schema))];
    files.push(("schema/src/generated/enums.rs".into(), enums(&schema.enums)));
    for t in &schema.tables {
        files.push((format!("schema/src/generated/{}.rs", t.module()), table(t)));
    }
    files
}

/// Panic-free formatting into a String.
macro_rules! w {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

fn index(schema: &Schema) -> String {
    let mut o = String::from(MARK);
    w!(o, "//! Every table and enumeration, as declared in `schema/`.\n");
    w!(o, "use crate::def::TableDef;\n");
    w!(o, "#[rustfmt::skip]\npub mod enums;");
    for t in &schema.tables {
        w!(o, "#[rustfmt::skip]\npub mod {};", t.module());
    }
    w!(o, "\n/// All tables, ascending by id.");
    w!(o, "pub static TABLES: &[&TableDef] = &[");
    for t in &schema.tables {
        w!(o, "    &{}::TABLE,", t.module());
    }
    w!(o, "];");
    o
}

fn enums(enums: &[Enum]) -> String {
    let mut o = String::from(MARK);
    w!(o, "//! Enumerations.\n\nuse crate::def::EnumDef;\n");
    for e in enums {
        w!(o, "/// {}", e.doc);
        w!(o, "pub static {}: EnumDef = EnumDef {{", e.name.to_uppercase());
        w!(o, "    name: {:?},\n    doc: {:?},", e.name, e.doc);
        w!(o, "    prints_number: {},\n    values: &[", e.prints_number);
        for (value, name) in &e.values {
            w!(o, "        ({value}, {name:?}),");
        }
        w!(o, "    ],\n}};\n");
    }
    o.truncate(o.trim_end().len());
    o.push('\n');
    o
}

fn table(t: &Table) -> String {
    let mut o = String::from(MARK);
    w!(o, "//! `{}.{}`: {}\n", t.database, t.name, t.doc);
    imports(&mut o, t);
    definition(&mut o, t);
    indexes(&mut o, t);
    row(&mut o, t);
    block(&mut o, t);
    o
}

/// Only what this table uses.
fn imports(o: &mut String, t: &Table) {
    let mut block = vec!["BlockColumn", "ColumnBlock", "Packer", "put"];
    block.extend(t.agent_columns().map(|c| c.block().split('<').next().unwrap_or_default()));
    block.sort_unstable();
    block.dedup();
    let mut def = vec!["ColumnDef", "Format", "Kind", "Source", "TableDef", "Type"];
    if t.columns.iter().any(|c| c.kind.contains("Aggregation")) {
        def.push("Aggregation");
    }
    if !t.indexes.is_empty() {
        def.push("IndexDef");
    }
    def.sort_unstable();
    w!(o, "use crate::block::{{{}}};", block.join(", "));
    w!(o, "use crate::def::{{{}}};\n", def.join(", "));
}

fn definition(o: &mut String, t: &Table) {
    w!(o, "/// Definition of `{}.{}`.", t.database, t.name);
    w!(o, "pub static TABLE: TableDef = TableDef {{");
    w!(o, "    id: {},\n    database: {:?},\n    name: {:?},", t.id, t.database, t.name);
    w!(o, "    version: {},\n    doc: {:?},", t.version, t.doc);
    w!(o, "    order_by: &{:?},", t.order_by);
    w!(o, "    partition_hours: {},\n    ttl_hours: {},", t.partition_hours, t.ttl_hours);
    w!(o, "    indexes: &[");
    for i in &t.indexes {
        w!(
            o,
            "        IndexDef {{ name: {:?}, on: {:?}, kind: {:?}, granularity: {} }},",
            i.name,
            i.on,
            i.kind,
            i.granularity
        );
    }
    w!(o, "    ],\n    columns: &COLUMNS,\n    by_id: &BY_ID,\n}};\n");

    w!(o, "static COLUMNS: [ColumnDef; {}] = [", t.columns.len());
    for c in &t.columns {
        let enum_ = match &c.enum_ {
            Some(e) => format!("Some(&super::enums::{})", e.to_uppercase()),
            None => "None".into(),
        };
        let source = match c.source {
            Source::Agent => "Agent",
            Source::Server => "Server",
            Source::None => "None",
        };
        w!(
            o,
            "    ColumnDef {{ id: {}, name: {:?}, ty: Type::{}, codec: {:?}, unit: {:?}, kind: Kind::{}, enum_: {enum_}, format: Format::{}, source: Source::{source}, since: {}, name_of: {:?}, doc: {:?} }},",
            c.id,
            c.name,
            c.ty.variant,
            c.codec,
            c.unit,
            c.kind,
            c.format,
            c.since,
            c.name_of,
            c.doc,
        );
    }
    w!(o, "];\n");

    let top = t.columns.last().map_or(0, |c| c.id);
    w!(o, "/// Position plus one of the column with an id; 0 for none.");
    w!(o, "static BY_ID: [u16; {}] = [", top + 1);
    let position = |id: u16| t.columns.iter().position(|c| c.id == id).map_or(0, |p| p + 1);
    let ids: Vec<u16> = (0..=top).collect();
    for line in ids.chunks(20) {
        let line: Vec<String> = line.iter().map(|id| position(*id).to_string()).collect();
        w!(o, "    {},", line.join(", "));
    }
    w!(o, "];\n");
}

fn indexes(o: &mut String, t: &Table) {
    w!(o, "/// Positions of the columns in [`TABLE`]`.columns`.");
    w!(o, "pub mod col {{");
    w!(o, "    #![allow(missing_docs, reason = \"the columns' names and descriptions say it\")]");
    for (i, c) in t.columns.iter().enumerate() {
        w!(o, "    pub const {}: usize = {i};", c.field().to_uppercase());
    }
    w!(o, "}}\n");
}

fn row(o: &mut String, t: &Table) {
    let borrows = t.agent_columns().any(|c| c.ty.row.contains('\''));
    let life = if borrows { "<'a>" } else { "" };
    w!(o, "/// One row of `{}.{}`: the columns an agent fills.", t.database, t.name);
    w!(o, "#[derive(Clone, Copy, Debug, Default)]");
    w!(o, "pub struct Row{life} {{");
    for c in t.agent_columns() {
        let unit = if c.unit.is_empty() { String::new() } else { format!(" Unit: {}.", c.unit) };
        w!(o, "    /// `{}`: {}{unit}", c.name, c.doc);
        w!(o, "    pub {}: {},", c.field(), c.ty.row);
    }
    w!(o, "}}\n");
}

fn block(o: &mut String, t: &Table) {
    w!(o, "/// Rows of `{}.{}` as columns, ready for the wire.", t.database, t.name);
    w!(o, "#[derive(Debug, Default)]");
    w!(o, "pub struct Block {{\n    rows: usize,");
    for c in t.agent_columns() {
        w!(o, "    {}: {},", c.field(), c.block());
    }
    w!(o, "}}\n");

    let life = if t.agent_columns().any(|c| c.ty.row.contains('\'')) { "<'_>" } else { "" };
    w!(o, "impl Block {{");
    w!(o, "    /// A block without rows; memory comes with the first.");
    w!(o, "    pub fn new() -> Self {{\n        Self::default()\n    }}\n");
    w!(o, "    /// Appends one row that is there as a whole.");
    w!(o, "    pub fn push(&mut self, row: &Row{life}) {{");
    for c in t.agent_columns() {
        w!(o, "        self.{0}.set(self.rows, row.{0});", c.field());
    }
    w!(o, "        self.end_row();\n    }}");
    for c in t.agent_columns() {
        w!(o, "\n    /// Sets `{}` of the row that comes next.", c.name);
        w!(o, "    #[inline(always)]");
        let ty = c.ty.row.replace("'a ", "");
        w!(o, "    pub fn {}(&mut self, value: {ty}) {{", c.field());
        w!(o, "        self.{}.set(self.rows, value);\n    }}", c.field());
    }
    w!(o, "}}\n");

    w!(o, "impl ColumnBlock for Block {{");
    w!(o, "    fn table(&self) -> &'static TableDef {{\n        &TABLE\n    }}\n");
    w!(o, "    fn rows(&self) -> usize {{\n        self.rows\n    }}\n");
    w!(o, "    #[inline]\n    fn end_row(&mut self) {{\n        self.rows += 1;\n    }}\n");
    w!(o, "    fn raw_bytes(&self) -> usize {{");
    let terms: Vec<String> =
        t.agent_columns().map(|c| format!("self.{}.raw_len(self.rows)", c.field())).collect();
    w!(o, "        {}\n    }}\n", terms.join("\n            + "));
    w!(o, "    fn pack(&self, out: &mut Packer) {{");
    for c in t.agent_columns() {
        w!(
            o,
            "        put(out, {}, Type::{}, &self.{}, self.rows);",
            c.id,
            c.ty.variant,
            c.field()
        );
    }
    w!(o, "    }}\n");
    w!(o, "    fn clear(&mut self) {{\n        let rows = std::mem::take(&mut self.rows);");
    for c in t.agent_columns() {
        w!(o, "        self.{}.clear(rows);", c.field());
    }
    w!(o, "    }}\n}}");
}
