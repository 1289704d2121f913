//! CREATE statements for every table, for one ClickHouse or for a cluster.
//!
//! One ClickHouse (embedded or a server) has plain MergeTree tables. A cluster has replicated
//! `<table>_local` tables on every node, under Distributed ones with the tables' own names.

use crate::TABLES;
use crate::def::{ColumnDef, TableDef, Type};
use std::fmt::Write;

/// Blocks each table remembers to recognise a repeated insert. Unreplicated tables remember none
/// by default. More than the batches a server ever has in flight: every spool file is at most a
/// handful of inserts per table, and files are inserted one after the other.
pub const DEDUPLICATION_WINDOW: u32 = 10_000;

/// What the statements are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect<'a> {
    /// One ClickHouse.
    Single,
    /// A cluster, by the name it has in ClickHouse's configuration. `{shard}` and `{replica}`
    /// have to be defined as macros on its nodes.
    Cluster(&'a str),
}

/// All statements, in order: databases, then tables. Each may be run again.
pub fn create_statements(dialect: Dialect<'_>) -> Vec<String> {
    let mut databases: Vec<&str> = TABLES.iter().map(|t| t.database).collect();
    databases.dedup();
    let on = on_cluster(dialect);
    let mut all: Vec<String> =
        databases.iter().map(|d| format!("CREATE DATABASE IF NOT EXISTS {d}{on}")).collect();
    for table in TABLES {
        all.extend(create_table(table, dialect));
    }
    all
}

/// The statements for one table.
pub fn create_table(table: &TableDef, dialect: Dialect<'_>) -> Vec<String> {
    match dialect {
        Dialect::Single => vec![merge_tree(table, &table.sql_name(), "MergeTree", dialect)],
        Dialect::Cluster(cluster) => {
            let local = format!("{}_local", table.name);
            let quoted = format!("{}.`{local}`", table.database);
            let path = format!(
                "ReplicatedMergeTree('/clickhouse/tables/{{shard}}/{}/{local}', '{{replica}}')",
                table.database
            );
            let distributed = format!(
                "CREATE TABLE IF NOT EXISTS {name} ON CLUSTER {cluster} AS {quoted}\n\
                 ENGINE = Distributed('{cluster}', '{db}', '{local}', rand())",
                name = table.sql_name(),
                db = table.database,
            );
            vec![merge_tree(table, &quoted, &path, dialect), distributed]
        }
    }
}

/// Changes how long a table keeps its rows; 0 hours is for ever.
pub fn modify_ttl(table: &TableDef, hours: u32, dialect: Dialect<'_>) -> String {
    let (name, on) = match dialect {
        Dialect::Single => (table.sql_name(), String::new()),
        Dialect::Cluster(_) => {
            (format!("{}.`{}_local`", table.database, table.name), on_cluster(dialect))
        }
    };
    match hours {
        0 => format!("ALTER TABLE {name}{on} REMOVE TTL"),
        hours => format!("ALTER TABLE {name}{on} MODIFY TTL {}", ttl(hours)),
    }
}

fn on_cluster(dialect: Dialect<'_>) -> String {
    match dialect {
        Dialect::Single => String::new(),
        Dialect::Cluster(cluster) => format!(" ON CLUSTER {cluster}"),
    }
}

fn ttl(hours: u32) -> String {
    format!("time + INTERVAL {hours} HOUR DELETE")
}

fn merge_tree(table: &TableDef, name: &str, engine: &str, dialect: Dialect<'_>) -> String {
    let mut sql = format!("CREATE TABLE IF NOT EXISTS {name}{} (\n", on_cluster(dialect));
    let columns = table.columns.iter().map(|c| column(table, c));
    let indexes = table.indexes.iter().map(|i| {
        format!("INDEX {} {} TYPE {} GRANULARITY {}", i.name, i.on, i.kind, i.granularity)
    });
    let lines: Vec<String> = columns.chain(indexes).collect();
    let _ = writeln!(sql, "    {}\n)", lines.join(",\n    "));
    let _ = writeln!(sql, "ENGINE = {engine}");
    let _ = writeln!(
        sql,
        "PARTITION BY toStartOfInterval(time, INTERVAL {} HOUR, 'UTC')",
        table.partition_hours
    );
    let _ = writeln!(sql, "ORDER BY ({})", table.order_by.join(", "));
    let _ = writeln!(sql, "TTL {}", ttl(table.ttl_hours));
    // A replicated table remembers inserts in its own window, under another setting.
    let window = match dialect {
        Dialect::Single => "non_replicated_deduplication_window",
        Dialect::Cluster(_) => "replicated_deduplication_window",
    };
    let _ = write!(sql, "SETTINGS ttl_only_drop_parts = 1, {window} = {DEDUPLICATION_WINDOW}");
    sql
}

fn column(table: &TableDef, c: &ColumnDef) -> String {
    let comment = quote(c.doc);
    if let Some(expression) = name_expression(table, c) {
        return format!("`{}` {} ALIAS {expression} COMMENT {comment}", c.name, c.ty.sql());
    }
    // Times are UTC whatever the server's own zone is.
    let ty = match c.ty {
        Type::DateTime => "DateTime('UTC')",
        Type::DateTime64Micros => "DateTime64(6, 'UTC')",
        ty => ty.sql(),
    };
    format!("`{}` {ty} COMMENT {comment} CODEC({})", c.name, c.codec)
}

/// The expression of a column that is the name of another one.
fn name_expression(table: &TableDef, c: &ColumnDef) -> Option<String> {
    let of = table.column(c.name_of?)?;
    let values = of.enum_?.values;
    let numbers: Vec<String> = values.iter().map(|v| v.0.to_string()).collect();
    let names: Vec<String> = values.iter().map(|v| quote(v.1)).collect();
    Some(format!(
        "transform({}, [{}], [{}], toString({}))",
        of.name,
        numbers.join(", "),
        names.join(", "),
        of.name
    ))
}

/// A string literal.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
