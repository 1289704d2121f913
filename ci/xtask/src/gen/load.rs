//! Reads the TOML files, writes out pairs and triples, and refuses what cannot be meant: an id
//! used twice, an unknown type, a sort key that is no column.

use super::model::{Column, Enum, Index, Schema, Source, TYPES, Table, Type};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    codec: BTreeMap<String, String>,
    #[serde(default, rename = "block")]
    blocks: Vec<RawBlock>,
    #[serde(default, rename = "table")]
    tables: Vec<RawTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnumFile {
    #[serde(rename = "enum")]
    enums: Vec<RawEnum>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnum {
    name: String,
    doc: String,
    #[serde(default)]
    prints: Option<String>,
    values: Vec<(u16, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    name: String,
    columns: Vec<RawColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    id: u16,
    database: String,
    name: String,
    version: u16,
    doc: String,
    sided: bool,
    #[serde(rename = "use")]
    uses: Vec<String>,
    order_by: Vec<String>,
    partition_hours: u32,
    ttl_hours: u32,
    #[serde(default)]
    indexes: Vec<RawIndex>,
    columns: Vec<RawColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndex {
    name: String,
    on: String,
    #[serde(rename = "type")]
    kind: String,
    granularity: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    id: Option<u16>,
    ids: Option<Vec<u16>>,
    #[serde(default)]
    sided: bool,
    #[serde(default)]
    directed: bool,
    #[serde(default)]
    delay: bool,
    name: String,
    #[serde(rename = "type")]
    ty: String,
    codec: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    unit: String,
    #[serde(rename = "enum")]
    enum_: Option<String>,
    format: Option<String>,
    source: String,
    doc: String,
    since: Option<u16>,
    name_of: Option<String>,
}

/// Reads `schema/enums.toml` and `schema/tables/*.toml` below `dir`.
pub(super) fn load(dir: &Path) -> Result<Schema> {
    let mut paths = std::fs::read_dir(dir.join("tables"))
        .context("listing schema/tables")?
        .map(|e| Ok(e?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let mut all = File::default();
    for path in &paths {
        let file: File = read(path)?;
        all.codec.extend(file.codec);
        all.blocks.extend(file.blocks);
        all.tables.extend(file.tables);
    }
    resolve(read(&dir.join("enums.toml"))?, &all)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{}", path.display()))
}

/// Writes everything out and checks it.
fn resolve(enums: EnumFile, all: &File) -> Result<Schema> {
    let enums = enums.enums.into_iter().map(enumeration).collect::<Result<Vec<_>>>()?;
    let mut tables = Vec::new();
    for raw in &all.tables {
        let table = table(raw, &all.blocks, &all.codec, &enums);
        tables.push(table.with_context(|| format!("table {}.{}", raw.database, raw.name))?);
    }
    tables.sort_by_key(|t| t.id);
    for pair in tables.windows(2) {
        ensure!(pair[0].id != pair[1].id, "two tables have the id {}", pair[0].id);
    }
    Ok(Schema { tables, enums })
}

fn enumeration(raw: RawEnum) -> Result<Enum> {
    for pair in raw.values.windows(2) {
        ensure!(pair[0].0 < pair[1].0, "enum {}: values must ascend at {}", raw.name, pair[1].0);
    }
    let prints_number = match raw.prints.as_deref() {
        None | Some("name") => false,
        Some("number") => true,
        Some(other) => bail!("enum {}: prints is name or number, not {other}", raw.name),
    };
    Ok(Enum { name: raw.name, doc: raw.doc, prints_number, values: raw.values })
}

fn table(
    raw: &RawTable,
    blocks: &[RawBlock],
    codecs: &BTreeMap<String, String>,
    enums: &[Enum],
) -> Result<Table> {
    let mut columns = Vec::new();
    for name in &raw.uses {
        let block = blocks.iter().find(|b| b.name == *name);
        for column in &block.with_context(|| format!("no block named {name}"))?.columns {
            expand(column, raw.sided, codecs, &mut columns)?;
        }
    }
    for column in &raw.columns {
        expand(column, raw.sided, codecs, &mut columns)?;
    }
    columns.sort_by_key(|c| c.id);

    let (mut names, mut fields) = (HashSet::new(), HashSet::new());
    for pair in columns.windows(2) {
        ensure!(
            pair[0].id != pair[1].id,
            "{} and {} have the same id {}",
            pair[0].name,
            pair[1].name,
            pair[0].id
        );
    }
    for c in &columns {
        ensure!(c.id > 0 && c.id < 1024, "{}: ids are 1 to 1023", c.name);
        ensure!(names.insert(c.name.as_str()), "two columns are named {}", c.name);
        ensure!(fields.insert(c.field()), "two columns have the Rust name {}", c.field());
        if let Some(e) = &c.enum_ {
            ensure!(enums.iter().any(|d| d.name == *e), "{}: no enum named {e}", c.name);
        }
        if let Some(of) = &c.name_of {
            let other = columns.iter().find(|o| o.name == *of && o.enum_.is_some());
            ensure!(other.is_some(), "{}: {of} is no enumerated column", c.name);
        }
    }
    let known = |n: &String| names.contains(n.as_str());
    for key in raw.order_by.iter().chain(raw.indexes.iter().map(|i| &i.on)) {
        ensure!(known(key), "{key} is no column");
    }
    let indexes = raw.indexes.iter().map(|i| Index {
        name: i.name.clone(),
        on: i.on.clone(),
        kind: i.kind.clone(),
        granularity: i.granularity,
    });
    Ok(Table {
        id: raw.id,
        database: raw.database.clone(),
        name: raw.name.clone(),
        version: raw.version,
        doc: raw.doc.clone(),
        order_by: raw.order_by.clone(),
        partition_hours: raw.partition_hours,
        ttl_hours: raw.ttl_hours,
        indexes: indexes.collect(),
        columns,
    })
}

/// Writes out one entry: one, two or three columns.
fn expand(
    raw: &RawColumn,
    table_sided: bool,
    codecs: &BTreeMap<String, String>,
    out: &mut Vec<Column>,
) -> Result<()> {
    one_of_each(raw).with_context(|| format!("column {}", raw.name))?;
    let ids: &[u16] = match (&raw.ids, &raw.id) {
        (Some(ids), None) => ids,
        (None, Some(id)) => std::slice::from_ref(id),
        _ => bail!("column {}: give id, or ids for a pair or triple", raw.name),
    };
    let variants: &[(&str, &str)] = if raw.delay {
        &[("_sum", ", sum."), ("_count", ", how many were measured."), ("_max", ", maximum.")]
    } else if raw.directed {
        &[("_tx", " Client to server."), ("_rx", " Server to client.")]
    } else if raw.sided && table_sided {
        &[("_0", " Client side."), ("_1", " Server side.")]
    } else {
        &[("", "")]
    };
    let declared = match (raw.delay, raw.directed || raw.sided) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) => 1,
    };
    ensure!(ids.len() == declared, "column {}: needs {declared} ids", raw.name);
    for (i, (suffix, words)) in variants.iter().enumerate() {
        let column = column(raw, ids[i], suffix, words, codecs);
        out.push(column.with_context(|| format!("column {}{suffix}", raw.name))?);
    }
    Ok(())
}

fn one_of_each(raw: &RawColumn) -> Result<()> {
    let marks = [raw.sided, raw.directed, raw.delay].iter().filter(|m| **m).count();
    ensure!(marks <= 1, "sided, directed and delay exclude each other");
    ensure!(raw.delay != raw.kind.is_some(), "a kind for every column but delays, whose it is");
    ensure!(!raw.doc.is_empty(), "a description is missing");
    Ok(())
}

fn column(
    raw: &RawColumn,
    id: u16,
    suffix: &str,
    words: &str,
    codecs: &BTreeMap<String, String>,
) -> Result<Column> {
    let ty: &'static Type =
        TYPES.iter().find(|t| t.sql == raw.ty).with_context(|| format!("type {}", raw.ty))?;
    let codec = match &raw.codec {
        Some(codec) => codec,
        None => codecs.get(ty.sql).with_context(|| format!("no default codec for {}", ty.sql))?,
    };
    let counts = raw.delay && suffix == "_count";
    Ok(Column {
        id,
        name: format!("{}{suffix}", raw.name),
        ty,
        codec: codec.clone(),
        unit: if counts { String::new() } else { raw.unit.clone() },
        doc: format!("{}{words}", raw.doc),
        kind: kind(raw.kind.as_deref(), suffix)?,
        enum_: raw.enum_.clone(),
        format: match raw.format.as_deref() {
            None => "Plain",
            Some("mac") => "Mac",
            Some(other) => bail!("format {other}"),
        },
        source: match raw.source.as_str() {
            "agent" => Source::Agent,
            "server" => Source::Server,
            "none" => Source::None,
            other => bail!("source is agent, server or none, not {other}"),
        },
        since: raw.since.unwrap_or(1),
        name_of: raw.name_of.clone(),
    })
}

fn kind(kind: Option<&str>, suffix: &str) -> Result<&'static str> {
    Ok(match (kind, suffix) {
        (Some("id"), _) => "Id",
        (Some("tag"), _) => "Tag",
        (Some("text"), _) => "Text",
        (Some("time"), _) => "Time",
        (Some("counter"), _) => "Metric(Aggregation::Counter)",
        (Some("gauge"), _) => "Metric(Aggregation::Gauge)",
        (Some("delay"), _) => "Metric(Aggregation::Delay)",
        (Some("sketch"), _) => "Metric(Aggregation::Sketch)",
        (None, "_sum") => "Metric(Aggregation::DelaySum)",
        (None, "_count") => "Metric(Aggregation::DelayCount)",
        (None, "_max") => "Metric(Aggregation::DelayMax)",
        (other, _) => bail!("kind {other:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENUMS: &str = "[[enum]]\nname = 'e'\ndoc = 'd'\nvalues = [[1, 'one'], [2, 'two']]";

    fn schema(enums: &str, sided: bool, order_by: &str, columns: &str) -> Result<Schema> {
        let text = format!(
            "[codec]\nUInt8 = 'ZSTD(1)'\nUInt64 = 'T64'\n[[table]]\nid = 1\ndatabase = 'd'\nname = 't'\n\
             version = 1\ndoc = 'x'\nsided = {sided}\nuse = []\norder_by = ['{order_by}']\n\
             partition_hours = 1\nttl_hours = 1\ncolumns = [{columns}]"
        );
        resolve(toml::from_str(enums)?, &toml::from_str(&text)?)
    }

    /// A column entry from what differs.
    fn entry(head: &str) -> String {
        let kind = if head.contains("delay") { "" } else { "kind = 'tag', " };
        format!("{{ {head}, {kind}source = 'agent', doc = 'Doc.' }}")
    }

    fn names(sided: bool, order_by: &str, columns: &str) -> Vec<(u16, String)> {
        let schema = schema(ENUMS, sided, order_by, columns).unwrap();
        schema.tables[0].columns.iter().map(|c| (c.id, c.name.clone())).collect()
    }

    #[test]
    fn abbreviations_are_written_out() {
        let side = entry("ids = [1, 2], sided = true, name = 'ip', type = 'UInt8'");
        assert_eq!(names(true, "ip_1", &side), [(1, "ip_0".into()), (2, "ip_1".into())]);
        assert_eq!(names(false, "ip", &side), [(1, "ip".into())]);
        let both = entry("ids = [7, 4], directed = true, name = 'b', type = 'UInt64'");
        assert_eq!(names(false, "b_tx", &both), [(4, "b_rx".into()), (7, "b_tx".into())]);
        let delay = entry("ids = [1, 2, 3], delay = true, name = 'rtt', type = 'UInt64'");
        let three = names(false, "rtt_sum", &delay);
        assert_eq!(
            three.iter().map(|c| c.1.as_str()).collect::<Vec<_>>(),
            ["rtt_sum", "rtt_count", "rtt_max"]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let a = entry("id = 1, name = 'a', type = 'UInt8'");
        let cases = [
            (format!("{a}, {}", entry("id = 1, name = 'b', type = 'UInt8'")), "same id 1"),
            (format!("{a}, {}", entry("id = 2, name = 'a', type = 'UInt8'")), "named a"),
            (format!("{a}, {}", entry("id = 2, name = '_a', type = 'UInt8'")), "Rust name a"),
            (entry("id = 1, name = 'a', type = 'UInt9'"), "type UInt9"),
            (entry("id = 1, name = 'a', type = 'String'"), "no default codec"),
            (entry("id = 0, name = 'a', type = 'UInt8'"), "ids are 1 to 1023"),
            (entry("ids = [1, 2], name = 'a', type = 'UInt8'"), "needs 1 ids"),
            (entry("id = 1, sided = true, name = 'a', type = 'UInt8'"), "needs 2 ids"),
            (entry("id = 1, name = 'a', type = 'UInt8', enum = 'f'"), "no enum named f"),
            (entry("id = 1, name = 'b', type = 'UInt8'"), "a is no column"),
            (entry("id = 1, nom = 'a', type = 'UInt8'"), "nom"),
        ];
        for (columns, says) in cases {
            let refused = schema(ENUMS, false, "a", &columns).err().map(|e| format!("{e:#}"));
            assert!(refused.as_ref().is_some_and(|e| e.contains(says)), "{says}: {refused:?}");
        }
        let twice = "[[enum]]\nname = 'e'\ndoc = 'd'\nvalues = [[2, 'two'], [2, 'zwei']]";
        assert!(schema(twice, false, "a", &a).is_err());
        assert!(schema(ENUMS, false, "a", &a).is_ok());
    }
}
