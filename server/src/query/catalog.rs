//! What can be asked for: the tables of the schema as the dialect sees them. A name that is not
//! found here never reaches the store.

use std::collections::HashMap;
use std::sync::LazyLock;

use sqlparser::tokenizer::Span;

use super::error::{self, InvalidSql, suggestion};

/// How a column's values compare, and what its literals look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Whole numbers.
    Int,
    /// Floating point numbers.
    Float,
    /// Text.
    Text,
    /// A second, asked and answered as seconds since the epoch.
    Second,
    /// A microsecond, asked and answered as microseconds since the epoch.
    Microsecond,
    /// An IPv4 address.
    Ip4,
    /// An IPv6 address.
    Ip6,
    /// A MAC address, kept as a number and shown as text.
    Mac,
    /// A list or map: selected whole, not compared.
    Nested,
}

/// What a column is to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something to filter and group by.
    Tag,
    /// A number that adds up.
    Counter,
    /// A number that does not.
    Gauge,
    /// Time something took; zero means not measured and is skipped by `Avg` and `Min`.
    Delay,
    /// Buckets of a distribution.
    Sketch,
}

impl Kind {
    /// The word `show metrics` prints.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Delay => "delay",
            Self::Sketch => "sketch",
        }
    }
}

/// One value of an enumeration.
#[derive(Debug, Clone, Copy)]
pub struct EnumValue {
    /// Number stored in the row.
    pub id: i64,
    /// Name shown for it.
    pub name: &'static str,
}

/// A stored column.
#[derive(Debug)]
pub struct Column {
    /// Name in ClickHouse and in the dialect.
    pub name: &'static str,
    /// ClickHouse type.
    pub ty: &'static str,
    /// How values compare.
    pub class: Class,
    /// What it is to a query.
    pub kind: Kind,
    /// Unit of its values; empty without one.
    pub unit: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Name of its enumeration and the values.
    pub enumeration: Option<(&'static str, Vec<EnumValue>)>,
    /// The enumerated column this one is the name of.
    pub name_of: Option<&'static str>,
    /// Part of a client/server pair: the name without its suffix.
    pub pair: Option<&'static str>,
}

/// A metric kept as sum, count and maximum of one delay.
#[derive(Debug)]
pub struct Delay {
    /// Name of the metric, for instance `rrt`.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Whether the table keeps the maximum too.
    pub has_max: bool,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Database.
    pub database: &'static str,
    /// Name, precision included.
    pub name: &'static str,
    /// What a row is.
    pub doc: &'static str,
    /// Columns in their order.
    pub columns: Vec<Column>,
    /// Delay metrics kept as sum, count and maximum.
    pub delays: Vec<Delay>,
    /// Suffixes of the address pair: `["_0", "_1"]`, `[""]` or none.
    pub sides: &'static [&'static str],
    by_name: HashMap<&'static str, usize>,
}

impl Table {
    pub(crate) fn new(
        database: &'static str,
        name: &'static str,
        doc: &'static str,
        mut columns: Vec<Column>,
    ) -> Self {
        let by_name: HashMap<_, _> = columns.iter().enumerate().map(|(i, c)| (c.name, i)).collect();
        let sides: &[&str] = match (by_name.contains_key("ip4_0"), by_name.contains_key("ip4")) {
            (true, _) => &["_0", "_1"],
            (false, true) => &[""],
            (false, false) => &[],
        };
        let delays = columns.iter().filter_map(|c| delay(&columns, &by_name, c)).collect();
        for column in &mut columns {
            column.pair = column
                .name
                .strip_suffix("_0")
                .filter(|stem| by_name.contains_key(format!("{stem}_1").as_str()))
                .or_else(|| {
                    column
                        .name
                        .strip_suffix("_1")
                        .filter(|stem| by_name.contains_key(format!("{stem}_0").as_str()))
                });
        }
        Self { database, name, doc, columns, delays, sides, by_name }
    }

    /// A stored column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.by_name.get(name).map(|&i| &self.columns[i])
    }

    /// A delay metric by name; a stored column of that name goes first.
    #[must_use]
    pub fn delay(&self, name: &str) -> Option<&Delay> {
        self.delays.iter().find(|d| d.name == name)
    }

    /// The side suffix `ip`, `ip_0` or `ip_1` stands for in this table.
    pub(crate) fn ip_side(&self, name: &str) -> Option<&'static str> {
        let suffix = name.strip_prefix("ip")?;
        self.sides.iter().copied().find(|side| *side == suffix)
    }

    /// Every name a query may use with this table.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let ips = ["ip", "ip_0", "ip_1"].into_iter().filter(|n| self.ip_side(n).is_some());
        self.columns
            .iter()
            .map(|c| c.name)
            .chain(self.delays.iter().map(|d| d.name))
            .chain(ips)
            .chain(std::iter::once("row"))
    }

    /// Table name without precision.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }

    /// Precision of a metrics table.
    #[must_use]
    pub fn precision(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(_, precision)| precision)
    }
}

fn delay(
    columns: &[Column],
    by_name: &HashMap<&'static str, usize>,
    column: &Column,
) -> Option<Delay> {
    let name = column.name.strip_suffix("_sum")?;
    let has = |suffix: &str| by_name.get(format!("{name}{suffix}").as_str()).copied();
    let count = has("_count")?;
    if has("").is_some() {
        return None;
    }
    debug_assert!(columns[count].class == Class::Int);
    let doc = column.doc.split([',', ';', ':']).next().unwrap_or(column.doc);
    Some(Delay { name, unit: column.unit, doc, has_max: has("_max").is_some() })
}

static CATALOG: LazyLock<Vec<Table>> = LazyLock::new(super::schema::tables);

/// Every table, in the schema's order.
#[must_use]
pub fn tables() -> &'static [Table] {
    &CATALOG
}

/// Names of the databases, without repeats.
#[must_use]
pub fn databases() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for table in tables() {
        if !names.contains(&table.database) {
            names.push(table.database);
        }
    }
    names
}

/// Names of the tables of a database, or of all, without precisions and repeats.
fn families(db: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> =
        tables().iter().filter(|t| db.is_empty() || t.database == db).map(Table::family).collect();
    names.dedup();
    names
}

/// The table a query names: `db` is the request's database, empty when it names none.
pub(crate) fn table(
    db: &str,
    name: &str,
    precision: Option<&str>,
    span: Span,
) -> Result<&'static Table, InvalidSql> {
    if !db.is_empty() && !databases().contains(&db) {
        return Err(InvalidSql::at(
            span,
            format!("there is no database \"{db}\"{}", suggestion(db, databases())),
        ));
    }
    let in_db = || tables().iter().filter(|t| db.is_empty() || t.database == db);
    if let Some(found) = in_db().find(|t| t.name == name) {
        return Ok(found);
    }
    let mut family = in_db().filter(|t| t.family() == name).peekable();
    if family.peek().is_some() {
        return match precision {
            None => Ok(family.next().expect("peeked")),
            Some(wanted) => family.find(|t| t.precision() == Some(wanted)).ok_or_else(|| {
                InvalidSql::at(span, format!("table \"{name}\" has no precision \"{wanted}\""))
            }),
        };
    }
    let hint = match error::hint(name, "the database", in_db().flat_map(|t| [t.family(), t.name])) {
        none if none.is_empty() => format!("; there are {}", families(db).join(", ")),
        hint => hint,
    };
    let hint = match tables().iter().find(|t| t.name == name || t.family() == name) {
        Some(other) => format!("; it is in database \"{}\"", other.database),
        None => hint,
    };
    let place = if db.is_empty() { String::new() } else { format!(" in database \"{db}\"") };
    Err(InvalidSql::at(span, format!("there is no table \"{name}\"{place}{hint}")))
}

/// What would help with a name that `table` has not: its two sides or ways, a name like it, or the
/// tables that have it.
pub(crate) fn hint(table: &Table, name: &str) -> String {
    let two = |a: &str, b: &str| {
        let pair = [format!("{name}{a}"), format!("{name}{b}")];
        pair.iter().all(|s| table.names().any(|n| n == s)).then_some(pair)
    };
    if let Some([client, server]) = two("_0", "_1") {
        return format!("; it has a client side \"{client}\" and a server side \"{server}\"");
    }
    if let Some([tx, rx]) = two("_tx", "_rx") {
        return format!("; it has \"{tx}\" (from the client) and \"{rx}\" (to the client)");
    }
    let mut hint = error::hint(name, "this table", table.names());
    let mut others: Vec<&str> = Vec::new();
    for other in tables().iter().filter(|t| t.names().any(|n| n == name)) {
        if !others.contains(&other.family()) {
            others.push(other.family());
        }
    }
    if !others.is_empty() && !hint.starts_with("; did") {
        hint += &format!("; \"{name}\" is in {}", others.join(", "));
    }
    hint
}

/// The class of a ClickHouse type.
pub(crate) fn class_of(ty: &str) -> Class {
    let inner = |wrapper: &str| {
        ty.strip_prefix(wrapper).and_then(|t| t.strip_prefix('(')).and_then(|t| t.strip_suffix(')'))
    };
    if let Some(inner) = inner("Nullable").or_else(|| inner("LowCardinality")) {
        return class_of(inner);
    }
    match ty {
        "String" => Class::Text,
        "DateTime" => Class::Second,
        "DateTime64(6)" => Class::Microsecond,
        "IPv4" => Class::Ip4,
        "IPv6" => Class::Ip6,
        "Float64" | "Float32" => Class::Float,
        other if other.starts_with("UInt") || other.starts_with("Int") => Class::Int,
        _ => Class::Nested,
    }
}
