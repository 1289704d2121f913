//! `GET /v1/catalog/...`: what can be asked, with descriptions and units.
//!
//! ```text
//! /v1/catalog                                    databases with their tables
//! /v1/catalog/databases
//! /v1/catalog/databases/DB/tables
//! /v1/catalog/databases/DB/tables/T              columns
//! /v1/catalog/databases/DB/tables/T/{tags,metrics}
//! /v1/catalog/enums   /v1/catalog/enums/NAME
//! /v1/catalog/functions
//! ```

use hyper::StatusCode;
use serde_json::{Value, json};

use super::reply::{Reply, failure, json as reply_json};
use crate::query::catalog::{self, Column, Kind, Table};
use crate::query::{Plan, translate};

pub(super) fn answer(path: &str) -> Reply {
    let parts: Vec<&str> =
        path.trim_start_matches("/v1/catalog").split('/').filter(|p| !p.is_empty()).collect();
    let found = match parts[..] {
        [] => Some(
            json!({ "databases": catalog::databases().iter().map(|d| database(d)).collect::<Vec<_>>() }),
        ),
        ["databases"] => Some(json!({ "databases": catalog::databases() })),
        ["databases", db, "tables"] => known(db).map(database),
        ["databases", db, "tables", name] => table(db, name).map(columns),
        ["databases", db, "tables", name, what @ ("tags" | "metrics")] => {
            table(db, name).and_then(|t| show(t, what))
        }
        ["enums"] => Some(json!({ "enums": enums() })),
        ["enums", name] => enums().into_iter().find(|e| e["name"] == name),
        ["functions"] => Some(functions()),
        _ => None,
    };
    match found {
        Some(value) => reply_json(StatusCode::OK, value.to_string()),
        None => failure(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "the catalogue has databases/DB/tables/T/{tags,metrics}, enums/NAME and functions; there is nothing of this name",
        ),
    }
}

fn known(db: &str) -> Option<&'static str> {
    catalog::databases().into_iter().find(|d| *d == db)
}

fn table(db: &str, name: &str) -> Option<&'static Table> {
    let mut all = catalog::tables().iter().filter(|t| t.database == db);
    let exact = all.clone().find(|t| t.name == name);
    exact.or_else(|| all.find(|t| t.family() == name))
}

fn database(db: &'static str) -> Value {
    let tables: Vec<Value> = catalog::tables()
        .iter()
        .filter(|t| t.database == db)
        .map(|t| json!({ "name": t.name, "precision": t.precision(), "description": t.doc }))
        .collect();
    json!({ "name": db, "tables": tables })
}

fn columns(table: &'static Table) -> Value {
    let columns: Vec<Value> = table.columns.iter().map(column).collect();
    let delays: Vec<Value> = table
        .delays
        .iter()
        .map(|d| json!({ "name": d.name, "unit": d.unit, "description": d.doc }))
        .collect();
    json!({
        "database": table.database,
        "name": table.name,
        "description": table.doc,
        "columns": columns,
        "delays": delays,
    })
}

fn column(column: &Column) -> Value {
    let kind = if column.kind == Kind::Tag { "tag" } else { "metric" };
    json!({
        "name": column.name,
        "type": column.ty,
        "kind": kind,
        "metric_type": (column.kind != Kind::Tag).then(|| column.kind.name()),
        "unit": column.unit,
        "enum": column.enumeration.as_ref().map(|(name, _)| name),
        "description": column.doc,
    })
}

/// The rows of SHOW as objects.
fn show(table: &'static Table, what: &str) -> Option<Value> {
    let sql = format!("show {what} from `{}`", table.name);
    let Ok(Plan::Rows { columns, values }) = translate(table.database, &sql, None) else {
        return None;
    };
    let objects: Vec<Value> = values
        .into_iter()
        .map(|row| {
            columns
                .iter()
                .zip(row)
                .map(|(c, v)| ((*c).to_owned(), v))
                .collect::<serde_json::Map<_, _>>()
                .into()
        })
        .collect();
    Some(json!({ what: objects }))
}

fn enums() -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    for column in catalog::tables().iter().flat_map(|t| &t.columns) {
        if let Some((name, values)) = &column.enumeration
            && !seen.contains(name)
        {
            seen.push(name);
            let values: Vec<Value> =
                values.iter().map(|v| json!({ "value": v.id, "name": v.name })).collect();
            all.push(json!({ "name": name, "values": values }));
        }
    }
    all
}

fn functions() -> Value {
    let functions: Vec<Value> = [
        ("Sum(metric)", "Sum over rows."),
        ("Count(row)", "Number of rows; of a delay, how many were measured."),
        ("Max(metric)", "Largest value."),
        ("Min(metric)", "Smallest value; of a delay, smallest that was measured."),
        ("Avg(metric)", "Mean over rows; of a delay, mean of what was measured."),
        ("time(time, N)", "Start of the N-second interval, seconds since the epoch."),
        ("Enum(tag)", "Name of an enumerated tag's value."),
        ("toString(tag)", "Value as text; times in UTC."),
        ("toUnixTimestamp(time)", "Seconds since the epoch."),
        ("toUnixTimestamp64Micro(time)", "Microseconds since the epoch."),
        ("now()", "This second; now() - 300, now() - INTERVAL 5 MINUTE."),
    ]
    .iter()
    .map(|(name, doc)| json!({ "name": name, "description": doc }))
    .collect();
    json!({ "functions": functions })
}
