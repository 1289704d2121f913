//! The catalogue's source: the table definitions of the schema crate, and nothing else.

use fathom_schema::{Aggregation, ColumnDef, Format, Kind as SchemaKind, TABLES};

use super::catalog::{Class, Column, EnumValue, Kind, Table, class_of};

pub(super) fn tables() -> Vec<Table> {
    TABLES
        .iter()
        .map(|t| Table::new(t.database, t.name, t.doc, t.columns.iter().map(column).collect()))
        .collect()
}

fn column(def: &'static ColumnDef) -> Column {
    let ty = def.ty.sql();
    let class = match def.format {
        Format::Mac => Class::Mac,
        Format::Plain => class_of(ty),
    };
    let kind = match def.kind {
        SchemaKind::Id | SchemaKind::Tag | SchemaKind::Text | SchemaKind::Time => Kind::Tag,
        SchemaKind::Metric(
            Aggregation::Counter | Aggregation::DelaySum | Aggregation::DelayCount,
        ) => Kind::Counter,
        SchemaKind::Metric(Aggregation::Gauge | Aggregation::DelayMax) => Kind::Gauge,
        SchemaKind::Metric(Aggregation::Delay) => Kind::Delay,
        SchemaKind::Metric(Aggregation::Sketch) => Kind::Sketch,
    };
    let enumeration = def.enum_.map(|e| {
        let values = e.values.iter().map(|&(id, name)| EnumValue { id: i64::from(id), name });
        (e.name, values.collect())
    });
    Column {
        name: def.name,
        ty,
        class,
        kind,
        unit: def.unit,
        doc: def.doc,
        enumeration,
        name_of: def.name_of,
        pair: None,
    }
}
