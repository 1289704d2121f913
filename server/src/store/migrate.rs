//! Start-up: makes the store's tables what the schema says, without ever taking anything away.
//!
//! Databases and tables are created, columns that came later are added, the time rows are kept is
//! set where the configuration names another, and the schema version of each table is written
//! down, so that a server older than its store can say so.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use fathom_schema::ddl::{self, Dialect};
use fathom_schema::{TABLES, TableDef};

use super::{Store, StoreError};

/// Where versions are written down.
const VERSIONS: &str = "fathom_system.schema_version";

/// Patience with a question about the store's own tables.
const ASK: Duration = Duration::from_secs(30);

/// What a run of the migrations did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Tables created.
    pub created: Vec<String>,
    /// Columns added, as `table.column`.
    pub columns: Vec<String>,
    /// Tables whose rows are kept for another time now.
    pub ttl: Vec<Ttl>,
    /// Tables that keep their rows for another time than a new one would, because it was set once
    /// and the configuration says nothing now.
    pub kept: Vec<Ttl>,
    /// Tables whose stored version is newer than this program's.
    pub newer: Vec<String>,
}

/// How long a table keeps its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ttl {
    /// The table.
    pub table: String,
    /// Hours; 0 is for ever; `None` is a clause that is not Fathom's.
    pub hours: Option<u32>,
    /// Rows that are older, and go therefore.
    pub expired: u64,
}

/// How long rows of a table are kept, hours, 0 for ever. A table that is not named gets its own
/// default when it is made, and stays as it is when it is there.
pub type Retention = BTreeMap<u16, u32>;

/// Brings the store up to this program's schema. Running it again does nothing.
///
/// # Errors
/// The store's, typed.
pub async fn migrate(store: &Store, retention: &Retention) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let databases: Vec<String> = {
        let mut names: Vec<_> = TABLES.iter().map(|t| format!("'{}'", t.database)).collect();
        names.dedup();
        names
    };
    let present = present(store, &databases.join(", ")).await?;
    for statement in ddl::create_statements(Dialect::Single) {
        store.execute(&statement).await?;
    }
    store
        .execute(&format!(
            "CREATE TABLE IF NOT EXISTS {VERSIONS} (`table` String, version UInt16, \
             at DateTime('UTC') DEFAULT now()) ENGINE = MergeTree ORDER BY (`table`, version) \
             COMMENT 'Schema versions this store has had.'"
        ))
        .await?;
    let versions = versions(store).await?;
    for table in TABLES {
        let name = table.sql_name();
        match present.get(&(table.database.to_owned(), table.name.to_owned())) {
            None => report.created.push(name.clone()),
            Some(have) => add_columns(store, table, have, &mut report).await?,
        }
        keep(store, table, retention, &mut report).await?;
        match versions.get(&name) {
            Some(version) if *version > table.version => report.newer.push(name),
            Some(version) if *version == table.version => {}
            _ => {
                let row = format!("('{}', {})", name.replace('\'', "\\'"), table.version);
                store
                    .execute(&format!("INSERT INTO {VERSIONS} (`table`, version) VALUES {row}"))
                    .await?;
            }
        }
    }
    Ok(report)
}

/// Columns of the tables that are there, by database and table.
async fn present(
    store: &Store,
    databases: &str,
) -> Result<BTreeMap<(String, String), HashSet<String>>, StoreError> {
    let sql =
        format!("SELECT database, table, name FROM system.columns WHERE database IN ({databases})");
    let mut present: BTreeMap<_, HashSet<String>> = BTreeMap::new();
    for row in store.rows(&sql, ASK).await? {
        if let [database, table, column] = &row[..] {
            present.entry((database.clone(), table.clone())).or_default().insert(column.clone());
        }
    }
    Ok(present)
}

async fn versions(store: &Store) -> Result<BTreeMap<String, u16>, StoreError> {
    let sql = format!("SELECT `table`, max(version) FROM {VERSIONS} GROUP BY `table`");
    let pairs = store.rows(&sql, ASK).await?.into_iter().filter_map(|row| match &row[..] {
        [table, version] => Some((table.clone(), version.parse().ok()?)),
        _ => None,
    });
    Ok(pairs.collect())
}

async fn add_columns(
    store: &Store,
    table: &'static TableDef,
    have: &HashSet<String>,
    report: &mut Report,
) -> Result<(), StoreError> {
    for column in table.columns.iter().filter(|c| !have.contains(c.name)) {
        let Some(definition) = definition(table, column.name) else { continue };
        let name = table.sql_name();
        let sql = format!("ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {definition}");
        store.execute(&sql).await?;
        report.columns.push(format!("{name}.{}", column.name));
    }
    Ok(())
}

/// A column's line of the CREATE statement: the one place that says how it is stored.
fn definition(table: &'static TableDef, column: &str) -> Option<String> {
    let create = ddl::create_table(table, Dialect::Single).into_iter().next()?;
    let start = format!("    `{column}` ");
    let line = create.lines().find(|line| line.starts_with(&start))?;
    Some(line.trim().trim_end_matches(',').to_owned())
}

/// Sets how long rows are kept, where the table has another time and a time was asked for. Nothing
/// is shortened to a default: that would delete rows nobody spoke of.
async fn keep(
    store: &Store,
    table: &'static TableDef,
    retention: &Retention,
    report: &mut Report,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT engine_full FROM system.tables WHERE database = '{}' AND name = '{}'",
        table.database, table.name
    );
    let rows = store.rows(&sql, ASK).await?;
    let engine = rows.first().and_then(|r| r.first()).map_or("", String::as_str);
    let (name, present) = (table.sql_name(), ttl_hours(engine));
    match retention.get(&table.id).copied() {
        Some(hours) if present != Some(hours) => {
            let expired = if hours > 0 { older(store, &name, hours).await? } else { 0 };
            store.execute(&ddl::modify_ttl(table, hours, Dialect::Single)).await?;
            report.ttl.push(Ttl { table: name, hours: Some(hours), expired });
        }
        None if present != Some(table.ttl_hours) => {
            report.kept.push(Ttl { table: name, hours: present, expired: 0 });
        }
        _ => {}
    }
    Ok(())
}

/// How many rows are older than this.
async fn older(store: &Store, table: &str, hours: u32) -> Result<u64, StoreError> {
    let sql = format!("SELECT count() FROM {table} WHERE time < now() - INTERVAL {hours} HOUR");
    let rows = store.rows(&sql, ASK).await?;
    Ok(rows.first().and_then(|r| r.first()).and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// The hours of `TTL time + toIntervalHour(72)`, as ClickHouse writes the clause back; 0 without a
/// clause.
fn ttl_hours(engine: &str) -> Option<u32> {
    let Some((_, clause)) = engine.split_once(" TTL ") else { return Some(0) };
    clause.strip_prefix("time + toIntervalHour(")?.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_definition() {
        for table in TABLES {
            for column in table.columns {
                let line = definition(table, column.name).unwrap();
                assert!(
                    line.starts_with(&format!("`{}` {}", column.name, &column.ty.sql()[..4])),
                    "{line}"
                );
                assert!(line.ends_with(['\'', ')']), "{line}");
            }
        }
    }

    #[test]
    fn ttl_is_read_back() {
        let engine = "MergeTree PARTITION BY x ORDER BY y TTL time + toIntervalHour(72) SETTINGS z";
        assert_eq!(ttl_hours(engine), Some(72));
        assert_eq!(ttl_hours("MergeTree ORDER BY y SETTINGS z"), Some(0));
        assert_eq!(ttl_hours("MergeTree ORDER BY y TTL time + toIntervalDay(3) SETTINGS z"), None);
    }
}
