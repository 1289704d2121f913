//! Start-up: makes the store's tables what the schema says, without ever taking anything away.
//!
//! Databases and tables are created, columns that came later are added, the time rows are kept is
//! set where it differs, and the schema version of each table is written down, so that a server
//! older than its store can say so.

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
    /// Tables whose TTL was changed.
    pub ttl: Vec<String>,
    /// Tables whose stored version is newer than this program's.
    pub newer: Vec<String>,
}

/// How long rows of a table are kept, hours; the table's own default when it is not named.
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

/// Sets how long rows are kept, where the table has another time.
async fn keep(
    store: &Store,
    table: &'static TableDef,
    retention: &Retention,
    report: &mut Report,
) -> Result<(), StoreError> {
    let hours = retention.get(&table.id).copied().unwrap_or(table.ttl_hours);
    let sql = format!(
        "SELECT engine_full FROM system.tables WHERE database = '{}' AND name = '{}'",
        table.database, table.name
    );
    let rows = store.rows(&sql, ASK).await?;
    let engine = rows.first().and_then(|r| r.first()).map_or("", String::as_str);
    if ttl_hours(engine) != Some(hours) {
        store.execute(&ddl::modify_ttl(table, hours, Dialect::Single)).await?;
        report.ttl.push(table.sql_name());
    }
    Ok(())
}

/// The hours of `TTL time + toIntervalHour(72)`, as ClickHouse writes the clause back.
fn ttl_hours(engine: &str) -> Option<u32> {
    let (_, clause) = engine.split_once("TTL time + toIntervalHour(")?;
    clause.split_once(')')?.0.parse().ok()
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
        assert_eq!(ttl_hours("MergeTree ORDER BY y"), None);
    }
}
