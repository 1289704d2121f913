//! Which tables go first when an agent's backlog is full.
//!
//! Request rows are the bulk and the least missed one by one; the agent's own counters are tiny
//! and tell the operator that the rest is missing, so they go last.

use fathom_schema::TableDef;

/// Number of classes.
pub const CLASSES: usize = 5;

/// Importance of a table by its wire id: 0 is dropped first.
///
/// Tables this build does not name are in the middle: they are metrics or newer.
pub fn class_of(table: u16) -> usize {
    match fathom_schema::table(table) {
        Some(t) => class_of_table(t),
        None => 3,
    }
}

fn class_of_table(t: &TableDef) -> usize {
    match (t.database, t.name) {
        ("flow_log", "l7_flow_log") => 0,
        ("flow_log", _) => 1,
        ("fathom_system", _) => 4,
        (_, name) if name.contains("_map") => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_table_has_its_place() {
        let classes: Vec<_> = fathom_schema::TABLES
            .iter()
            .map(|t| (t.name, super::class_of(t.id)))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        for (name, class) in classes {
            let expected = match name {
                "l7_flow_log" => 0,
                "l4_flow_log" => 1,
                "network_map.1s" | "application_map.1s" => 2,
                "network.1s" | "application.1s" => 3,
                "agent" | "server" => 4,
                other => panic!("table {other} has no expectation here: give it one"),
            };
            assert_eq!(class, expected, "{name}");
        }
    }
}
