// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! Every table and enumeration, as declared in `schema/`.

use crate::def::TableDef;

#[rustfmt::skip]
pub mod enums;
#[rustfmt::skip]
pub mod l4_flow_log;
#[rustfmt::skip]
pub mod l7_flow_log;
#[rustfmt::skip]
pub mod network_1s;
#[rustfmt::skip]
pub mod network_map_1s;
#[rustfmt::skip]
pub mod application_1s;
#[rustfmt::skip]
pub mod application_map_1s;
#[rustfmt::skip]
pub mod system_agent;
#[rustfmt::skip]
pub mod system_server;

/// All tables, ascending by id.
pub static TABLES: &[&TableDef] = &[
    &l4_flow_log::TABLE,
    &l7_flow_log::TABLE,
    &network_1s::TABLE,
    &network_map_1s::TABLE,
    &application_1s::TABLE,
    &application_map_1s::TABLE,
    &system_agent::TABLE,
    &system_server::TABLE,
];
