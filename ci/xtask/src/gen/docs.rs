//! Writes `docs/tables.md`: every table, column and enumeration with unit and description.

use super::model::{Schema, Source, Table};
use std::fmt::Write;

/// The page.
pub(super) fn tables(schema: &Schema) -> String {
    let mut o = String::from(
        "<!-- Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those. -->\n\n\
         # Tables\n\n\
         Column ids are the numbers on the wire between agent and server. Source says who fills a \
         column: the agent, the server when it tags a row, or nobody yet (`-`: the column is there \
         with its default).\n\n",
    );
    for t in &schema.tables {
        let _ = writeln!(o, "- [`{0}.{1}`](#{2})", t.database, t.name, anchor(t));
    }
    for t in &schema.tables {
        table(&mut o, t);
    }
    let _ = writeln!(o, "\n## Enumerations");
    for e in &schema.enums {
        let _ = writeln!(o, "\n### {}\n\n{}", e.name, e.doc);
        if e.prints_number {
            let _ = writeln!(o, "Rows print the number.");
        }
        let _ = writeln!(o, "\n| value | name |\n| --- | --- |");
        for (value, name) in &e.values {
            let _ = writeln!(o, "| {value} | {name} |");
        }
    }
    o
}

/// GitHub's anchor of a table's heading.
fn anchor(t: &Table) -> String {
    format!("{}{}", t.database, t.name).replace('.', "")
}

fn table(o: &mut String, t: &Table) {
    let _ = writeln!(o, "\n## {}.{}\n\n{}\n", t.database, t.name, t.doc);
    let _ = writeln!(
        o,
        "Table id {}, version {}; partitions of {} h, kept {} h unless configured otherwise; sorted by `{}`.\n",
        t.id,
        t.version,
        t.partition_hours,
        t.ttl_hours,
        t.order_by.join("`, `")
    );
    for i in &t.indexes {
        let _ = writeln!(o, "- Skip index on `{}`: {}.", i.on, i.kind);
    }
    if !t.indexes.is_empty() {
        o.push('\n');
    }
    let _ = writeln!(o, "| id | column | type | codec | kind | unit | source | description |");
    let _ = writeln!(o, "| --- | --- | --- | --- | --- | --- | --- | --- |");
    for c in &t.columns {
        let source = match c.source {
            Source::Agent => "agent",
            Source::Server => "server",
            Source::None => "-",
        };
        let kind = c.kind.trim_start_matches("Metric(Aggregation::").trim_end_matches(')');
        let mut doc = c.doc.clone();
        if let Some(e) = &c.enum_ {
            let _ = write!(doc, " See [{e}](#{e}).");
        }
        let _ = writeln!(
            o,
            "| {} | `{}` | {} | {} | {} | {} | {source} | {doc} |",
            c.id,
            c.name,
            c.ty.sql,
            if c.name_of.is_some() { "" } else { &c.codec },
            words(kind),
            c.unit
        );
    }
}

/// `DelaySum` as `delay sum`.
fn words(kind: &str) -> String {
    let mut o = String::new();
    for (i, ch) in kind.chars().enumerate() {
        if i > 0 && ch.is_uppercase() {
            o.push(' ');
        }
        o.extend(ch.to_lowercase());
    }
    o
}
