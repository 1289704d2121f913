// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! `flow_metrics.application.1s`: Requests of one address in one second.

use crate::block::{BlockColumn, ColumnBlock, Fixed, Ipv4s, Ipv6s, Maps, Packer, Words, put};
use crate::def::{Aggregation, ColumnDef, Format, Kind, Source, TableDef, Type};

/// Definition of `flow_metrics.application.1s`.
pub static TABLE: TableDef = TableDef {
    id: 5,
    database: "flow_metrics",
    name: "application.1s",
    version: 1,
    doc: "Requests of one address in one second.",
    order_by: &["time", "l3_epc_id", "ip4", "ip6", "server_port", "l7_protocol"],
    partition_hours: 4,
    ttl_hours: 24,
    indexes: &[
    ],
    columns: &COLUMNS,
    by_id: &BY_ID,
};

static COLUMNS: [ColumnDef; 54] = [
    ColumnDef { id: 1, name: "time", ty: Type::DateTime, codec: "DoubleDelta, ZSTD(1)", unit: "s", kind: Kind::Time, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Second in which the row's interval ended." },
    ColumnDef { id: 2, name: "agent_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Agent that made the row." },
    ColumnDef { id: 3, name: "ip4", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv4 address; 0.0.0.0 when the row is about IPv6." },
    ColumnDef { id: 5, name: "ip6", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv6 address; :: when the row is about IPv4." },
    ColumnDef { id: 7, name: "is_ipv4", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "1 when the addresses are IPv4, 0 when they are IPv6." },
    ColumnDef { id: 8, name: "protocol", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::PROTOCOL), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IP protocol number." },
    ColumnDef { id: 9, name: "server_port", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Transport port of the server; 0 when the protocol has none." },
    ColumnDef { id: 10, name: "l7_protocol", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::L7_PROTOCOL), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application protocol." },
    ColumnDef { id: 11, name: "observation_point", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ..." },
    ColumnDef { id: 12, name: "capture_nic", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none." },
    ColumnDef { id: 13, name: "capture_nic_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::CAPTURE_NIC_TYPE), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "How capture_nic is to be read." },
    ColumnDef { id: 14, name: "capture_network_type_id", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Kind of network the capture point belongs to; 3 is the network of the host itself." },
    ColumnDef { id: 15, name: "signal_source", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::SIGNAL_SOURCE), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "What the row was made from." },
    ColumnDef { id: 16, name: "tunnel_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::TUNNEL_TYPE), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Outermost tunnel the traffic came through." },
    ColumnDef { id: 17, name: "pod_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Kubernetes pod." },
    ColumnDef { id: 19, name: "gprocess_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Process, by its fleet-wide id." },
    ColumnDef { id: 21, name: "l3_epc_id", ty: Type::Int32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "VPC of the address; 0 unknown, -2 the internet." },
    ColumnDef { id: 23, name: "auto_instance_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Most specific resource that owns the address; its kind is auto_instance_type." },
    ColumnDef { id: 25, name: "auto_instance_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::AUTO_INSTANCE_TYPE), format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Kind of resource auto_instance_id names." },
    ColumnDef { id: 27, name: "auto_service_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Service the address answers for; its kind is auto_service_type." },
    ColumnDef { id: 29, name: "auto_service_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::AUTO_SERVICE_TYPE), format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Kind of resource auto_service_id names." },
    ColumnDef { id: 31, name: "tag_source", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Bits that say which look-ups found the tags of this side." },
    ColumnDef { id: 33, name: "region_id", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Region." },
    ColumnDef { id: 35, name: "az_id", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Availability zone." },
    ColumnDef { id: 37, name: "host_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Hypervisor host." },
    ColumnDef { id: 39, name: "l3_device_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kind of device that owns the address." },
    ColumnDef { id: 41, name: "l3_device_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Device that owns the address." },
    ColumnDef { id: 43, name: "subnet_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Subnet." },
    ColumnDef { id: 45, name: "pod_cluster_id", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes cluster." },
    ColumnDef { id: 47, name: "pod_ns_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes namespace." },
    ColumnDef { id: 49, name: "pod_node_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes node." },
    ColumnDef { id: 51, name: "pod_group_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes workload." },
    ColumnDef { id: 53, name: "service_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes service." },
    ColumnDef { id: 55, name: "province", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Province of an internet address." },
    ColumnDef { id: 57, name: "team_id", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Team the data belongs to." },
    ColumnDef { id: 58, name: "nat_source", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "What the address translation was learned from." },
    ColumnDef { id: 59, name: "is_key_service", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "1 when the service is marked as a key service." },
    ColumnDef { id: 300, name: "app_service", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Service name an application gave itself." },
    ColumnDef { id: 301, name: "app_instance", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Instance name an application gave itself." },
    ColumnDef { id: 302, name: "endpoint", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "What requests are grouped by: path pattern, rpc method, statement fingerprint." },
    ColumnDef { id: 303, name: "biz_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Business kind of the request." },
    ColumnDef { id: 304, name: "request", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "request", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Requests." },
    ColumnDef { id: 305, name: "response", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses." },
    ColumnDef { id: 306, name: "rrt_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, sum." },
    ColumnDef { id: 307, name: "rrt_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, how many were measured." },
    ColumnDef { id: 308, name: "rrt_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, maximum." },
    ColumnDef { id: 309, name: "rrt_sketch", ty: Type::MapUInt16UInt64, codec: "ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::Sketch), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response as counts per logarithmic bucket (relative error 2 %), mergeable by adding." },
    ColumnDef { id: 310, name: "client_error", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that blame the client." },
    ColumnDef { id: 311, name: "server_error", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that blame the server." },
    ColumnDef { id: 312, name: "timeout", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "request", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Requests without a response in time." },
    ColumnDef { id: 313, name: "error", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that report an error, of either side." },
    ColumnDef { id: 314, name: "direction_score", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "How sure the direction is: 255 certain, 0 a guess." },
    ColumnDef { id: 315, name: "_tid", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Combination of tags the row was grouped by." },
    ColumnDef { id: 500, name: "role", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::ROLE), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Whether the address is the client or the server of what is counted." },
];

/// Position plus one of the column with an id; 0 for none.
static BY_ID: [u16; 501] = [
    0, 1, 2, 3, 0, 4, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 16,
    0, 17, 0, 18, 0, 19, 0, 20, 0, 21, 0, 22, 0, 23, 0, 24, 0, 25, 0, 26,
    0, 27, 0, 28, 0, 29, 0, 30, 0, 31, 0, 32, 0, 33, 0, 34, 0, 35, 36, 37,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    54,
];

/// Positions of the columns in [`TABLE`]`.columns`.
pub mod col {
    #![allow(missing_docs, reason = "the columns' names and descriptions say it")]
    pub const TIME: usize = 0;
    pub const AGENT_ID: usize = 1;
    pub const IP4: usize = 2;
    pub const IP6: usize = 3;
    pub const IS_IPV4: usize = 4;
    pub const PROTOCOL: usize = 5;
    pub const SERVER_PORT: usize = 6;
    pub const L7_PROTOCOL: usize = 7;
    pub const OBSERVATION_POINT: usize = 8;
    pub const CAPTURE_NIC: usize = 9;
    pub const CAPTURE_NIC_TYPE: usize = 10;
    pub const CAPTURE_NETWORK_TYPE_ID: usize = 11;
    pub const SIGNAL_SOURCE: usize = 12;
    pub const TUNNEL_TYPE: usize = 13;
    pub const POD_ID: usize = 14;
    pub const GPROCESS_ID: usize = 15;
    pub const L3_EPC_ID: usize = 16;
    pub const AUTO_INSTANCE_ID: usize = 17;
    pub const AUTO_INSTANCE_TYPE: usize = 18;
    pub const AUTO_SERVICE_ID: usize = 19;
    pub const AUTO_SERVICE_TYPE: usize = 20;
    pub const TAG_SOURCE: usize = 21;
    pub const REGION_ID: usize = 22;
    pub const AZ_ID: usize = 23;
    pub const HOST_ID: usize = 24;
    pub const L3_DEVICE_TYPE: usize = 25;
    pub const L3_DEVICE_ID: usize = 26;
    pub const SUBNET_ID: usize = 27;
    pub const POD_CLUSTER_ID: usize = 28;
    pub const POD_NS_ID: usize = 29;
    pub const POD_NODE_ID: usize = 30;
    pub const POD_GROUP_ID: usize = 31;
    pub const SERVICE_ID: usize = 32;
    pub const PROVINCE: usize = 33;
    pub const TEAM_ID: usize = 34;
    pub const NAT_SOURCE: usize = 35;
    pub const IS_KEY_SERVICE: usize = 36;
    pub const APP_SERVICE: usize = 37;
    pub const APP_INSTANCE: usize = 38;
    pub const ENDPOINT: usize = 39;
    pub const BIZ_TYPE: usize = 40;
    pub const REQUEST: usize = 41;
    pub const RESPONSE: usize = 42;
    pub const RRT_SUM: usize = 43;
    pub const RRT_COUNT: usize = 44;
    pub const RRT_MAX: usize = 45;
    pub const RRT_SKETCH: usize = 46;
    pub const CLIENT_ERROR: usize = 47;
    pub const SERVER_ERROR: usize = 48;
    pub const TIMEOUT: usize = 49;
    pub const ERROR: usize = 50;
    pub const DIRECTION_SCORE: usize = 51;
    pub const TID: usize = 52;
    pub const ROLE: usize = 53;
}

/// One row of `flow_metrics.application.1s`: the columns an agent fills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'a> {
    /// `time`: Second in which the row's interval ended. Unit: s.
    pub time: u32,
    /// `agent_id`: Agent that made the row.
    pub agent_id: u32,
    /// `ip4`: IPv4 address; 0.0.0.0 when the row is about IPv6.
    pub ip4: [u8; 4],
    /// `ip6`: IPv6 address; :: when the row is about IPv4.
    pub ip6: [u8; 16],
    /// `is_ipv4`: 1 when the addresses are IPv4, 0 when they are IPv6.
    pub is_ipv4: u8,
    /// `protocol`: IP protocol number.
    pub protocol: u8,
    /// `server_port`: Transport port of the server; 0 when the protocol has none.
    pub server_port: u16,
    /// `l7_protocol`: Application protocol.
    pub l7_protocol: u8,
    /// `observation_point`: Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...
    pub observation_point: &'a str,
    /// `capture_nic`: Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.
    pub capture_nic: u32,
    /// `capture_nic_type`: How capture_nic is to be read.
    pub capture_nic_type: u8,
    /// `capture_network_type_id`: Kind of network the capture point belongs to; 3 is the network of the host itself.
    pub capture_network_type_id: u8,
    /// `signal_source`: What the row was made from.
    pub signal_source: u8,
    /// `tunnel_type`: Outermost tunnel the traffic came through.
    pub tunnel_type: u8,
    /// `pod_id`: Kubernetes pod.
    pub pod_id: u32,
    /// `gprocess_id`: Process, by its fleet-wide id.
    pub gprocess_id: u32,
    /// `app_service`: Service name an application gave itself.
    pub app_service: &'a str,
    /// `app_instance`: Instance name an application gave itself.
    pub app_instance: &'a str,
    /// `endpoint`: What requests are grouped by: path pattern, rpc method, statement fingerprint.
    pub endpoint: &'a str,
    /// `request`: Requests. Unit: request.
    pub request: u64,
    /// `response`: Responses. Unit: response.
    pub response: u64,
    /// `rrt_sum`: Request to response, sum. Unit: us.
    pub rrt_sum: u64,
    /// `rrt_count`: Request to response, how many were measured.
    pub rrt_count: u64,
    /// `rrt_max`: Request to response, maximum. Unit: us.
    pub rrt_max: u64,
    /// `rrt_sketch`: Request to response as counts per logarithmic bucket (relative error 2 %), mergeable by adding. Unit: us.
    pub rrt_sketch: &'a [(u16, u64)],
    /// `client_error`: Responses that blame the client. Unit: response.
    pub client_error: u64,
    /// `server_error`: Responses that blame the server. Unit: response.
    pub server_error: u64,
    /// `timeout`: Requests without a response in time. Unit: request.
    pub timeout: u64,
    /// `error`: Responses that report an error, of either side. Unit: response.
    pub error: u64,
    /// `direction_score`: How sure the direction is: 255 certain, 0 a guess.
    pub direction_score: u8,
    /// `role`: Whether the address is the client or the server of what is counted.
    pub role: u8,
}

/// Rows of `flow_metrics.application.1s` as columns, ready for the wire.
#[derive(Debug, Default)]
pub struct Block {
    rows: usize,
    time: Fixed<u32>,
    agent_id: Fixed<u32>,
    ip4: Ipv4s,
    ip6: Ipv6s,
    is_ipv4: Fixed<u8>,
    protocol: Fixed<u8>,
    server_port: Fixed<u16>,
    l7_protocol: Fixed<u8>,
    observation_point: Words,
    capture_nic: Fixed<u32>,
    capture_nic_type: Fixed<u8>,
    capture_network_type_id: Fixed<u8>,
    signal_source: Fixed<u8>,
    tunnel_type: Fixed<u8>,
    pod_id: Fixed<u32>,
    gprocess_id: Fixed<u32>,
    app_service: Words,
    app_instance: Words,
    endpoint: Words,
    request: Fixed<u64>,
    response: Fixed<u64>,
    rrt_sum: Fixed<u64>,
    rrt_count: Fixed<u64>,
    rrt_max: Fixed<u64>,
    rrt_sketch: Maps,
    client_error: Fixed<u64>,
    server_error: Fixed<u64>,
    timeout: Fixed<u64>,
    error: Fixed<u64>,
    direction_score: Fixed<u8>,
    role: Fixed<u8>,
}

impl Block {
    /// A block without rows; memory comes with the first.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one row that is there as a whole.
    pub fn push(&mut self, row: &Row<'_>) {
        self.time.set(self.rows, row.time);
        self.agent_id.set(self.rows, row.agent_id);
        self.ip4.set(self.rows, row.ip4);
        self.ip6.set(self.rows, row.ip6);
        self.is_ipv4.set(self.rows, row.is_ipv4);
        self.protocol.set(self.rows, row.protocol);
        self.server_port.set(self.rows, row.server_port);
        self.l7_protocol.set(self.rows, row.l7_protocol);
        self.observation_point.set(self.rows, row.observation_point);
        self.capture_nic.set(self.rows, row.capture_nic);
        self.capture_nic_type.set(self.rows, row.capture_nic_type);
        self.capture_network_type_id.set(self.rows, row.capture_network_type_id);
        self.signal_source.set(self.rows, row.signal_source);
        self.tunnel_type.set(self.rows, row.tunnel_type);
        self.pod_id.set(self.rows, row.pod_id);
        self.gprocess_id.set(self.rows, row.gprocess_id);
        self.app_service.set(self.rows, row.app_service);
        self.app_instance.set(self.rows, row.app_instance);
        self.endpoint.set(self.rows, row.endpoint);
        self.request.set(self.rows, row.request);
        self.response.set(self.rows, row.response);
        self.rrt_sum.set(self.rows, row.rrt_sum);
        self.rrt_count.set(self.rows, row.rrt_count);
        self.rrt_max.set(self.rows, row.rrt_max);
        self.rrt_sketch.set(self.rows, row.rrt_sketch);
        self.client_error.set(self.rows, row.client_error);
        self.server_error.set(self.rows, row.server_error);
        self.timeout.set(self.rows, row.timeout);
        self.error.set(self.rows, row.error);
        self.direction_score.set(self.rows, row.direction_score);
        self.role.set(self.rows, row.role);
        self.end_row();
    }

    /// Sets `time` of the row that comes next.
    #[inline(always)]
    pub fn time(&mut self, value: u32) {
        self.time.set(self.rows, value);
    }

    /// Sets `agent_id` of the row that comes next.
    #[inline(always)]
    pub fn agent_id(&mut self, value: u32) {
        self.agent_id.set(self.rows, value);
    }

    /// Sets `ip4` of the row that comes next.
    #[inline(always)]
    pub fn ip4(&mut self, value: [u8; 4]) {
        self.ip4.set(self.rows, value);
    }

    /// Sets `ip6` of the row that comes next.
    #[inline(always)]
    pub fn ip6(&mut self, value: [u8; 16]) {
        self.ip6.set(self.rows, value);
    }

    /// Sets `is_ipv4` of the row that comes next.
    #[inline(always)]
    pub fn is_ipv4(&mut self, value: u8) {
        self.is_ipv4.set(self.rows, value);
    }

    /// Sets `protocol` of the row that comes next.
    #[inline(always)]
    pub fn protocol(&mut self, value: u8) {
        self.protocol.set(self.rows, value);
    }

    /// Sets `server_port` of the row that comes next.
    #[inline(always)]
    pub fn server_port(&mut self, value: u16) {
        self.server_port.set(self.rows, value);
    }

    /// Sets `l7_protocol` of the row that comes next.
    #[inline(always)]
    pub fn l7_protocol(&mut self, value: u8) {
        self.l7_protocol.set(self.rows, value);
    }

    /// Sets `observation_point` of the row that comes next.
    #[inline(always)]
    pub fn observation_point(&mut self, value: &str) {
        self.observation_point.set(self.rows, value);
    }

    /// Sets `capture_nic` of the row that comes next.
    #[inline(always)]
    pub fn capture_nic(&mut self, value: u32) {
        self.capture_nic.set(self.rows, value);
    }

    /// Sets `capture_nic_type` of the row that comes next.
    #[inline(always)]
    pub fn capture_nic_type(&mut self, value: u8) {
        self.capture_nic_type.set(self.rows, value);
    }

    /// Sets `capture_network_type_id` of the row that comes next.
    #[inline(always)]
    pub fn capture_network_type_id(&mut self, value: u8) {
        self.capture_network_type_id.set(self.rows, value);
    }

    /// Sets `signal_source` of the row that comes next.
    #[inline(always)]
    pub fn signal_source(&mut self, value: u8) {
        self.signal_source.set(self.rows, value);
    }

    /// Sets `tunnel_type` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_type(&mut self, value: u8) {
        self.tunnel_type.set(self.rows, value);
    }

    /// Sets `pod_id` of the row that comes next.
    #[inline(always)]
    pub fn pod_id(&mut self, value: u32) {
        self.pod_id.set(self.rows, value);
    }

    /// Sets `gprocess_id` of the row that comes next.
    #[inline(always)]
    pub fn gprocess_id(&mut self, value: u32) {
        self.gprocess_id.set(self.rows, value);
    }

    /// Sets `app_service` of the row that comes next.
    #[inline(always)]
    pub fn app_service(&mut self, value: &str) {
        self.app_service.set(self.rows, value);
    }

    /// Sets `app_instance` of the row that comes next.
    #[inline(always)]
    pub fn app_instance(&mut self, value: &str) {
        self.app_instance.set(self.rows, value);
    }

    /// Sets `endpoint` of the row that comes next.
    #[inline(always)]
    pub fn endpoint(&mut self, value: &str) {
        self.endpoint.set(self.rows, value);
    }

    /// Sets `request` of the row that comes next.
    #[inline(always)]
    pub fn request(&mut self, value: u64) {
        self.request.set(self.rows, value);
    }

    /// Sets `response` of the row that comes next.
    #[inline(always)]
    pub fn response(&mut self, value: u64) {
        self.response.set(self.rows, value);
    }

    /// Sets `rrt_sum` of the row that comes next.
    #[inline(always)]
    pub fn rrt_sum(&mut self, value: u64) {
        self.rrt_sum.set(self.rows, value);
    }

    /// Sets `rrt_count` of the row that comes next.
    #[inline(always)]
    pub fn rrt_count(&mut self, value: u64) {
        self.rrt_count.set(self.rows, value);
    }

    /// Sets `rrt_max` of the row that comes next.
    #[inline(always)]
    pub fn rrt_max(&mut self, value: u64) {
        self.rrt_max.set(self.rows, value);
    }

    /// Sets `rrt_sketch` of the row that comes next.
    #[inline(always)]
    pub fn rrt_sketch(&mut self, value: &[(u16, u64)]) {
        self.rrt_sketch.set(self.rows, value);
    }

    /// Sets `client_error` of the row that comes next.
    #[inline(always)]
    pub fn client_error(&mut self, value: u64) {
        self.client_error.set(self.rows, value);
    }

    /// Sets `server_error` of the row that comes next.
    #[inline(always)]
    pub fn server_error(&mut self, value: u64) {
        self.server_error.set(self.rows, value);
    }

    /// Sets `timeout` of the row that comes next.
    #[inline(always)]
    pub fn timeout(&mut self, value: u64) {
        self.timeout.set(self.rows, value);
    }

    /// Sets `error` of the row that comes next.
    #[inline(always)]
    pub fn error(&mut self, value: u64) {
        self.error.set(self.rows, value);
    }

    /// Sets `direction_score` of the row that comes next.
    #[inline(always)]
    pub fn direction_score(&mut self, value: u8) {
        self.direction_score.set(self.rows, value);
    }

    /// Sets `role` of the row that comes next.
    #[inline(always)]
    pub fn role(&mut self, value: u8) {
        self.role.set(self.rows, value);
    }
}

impl ColumnBlock for Block {
    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn rows(&self) -> usize {
        self.rows
    }

    #[inline]
    fn end_row(&mut self) {
        self.rows += 1;
    }

    fn raw_bytes(&self) -> usize {
        self.time.raw_len(self.rows)
            + self.agent_id.raw_len(self.rows)
            + self.ip4.raw_len(self.rows)
            + self.ip6.raw_len(self.rows)
            + self.is_ipv4.raw_len(self.rows)
            + self.protocol.raw_len(self.rows)
            + self.server_port.raw_len(self.rows)
            + self.l7_protocol.raw_len(self.rows)
            + self.observation_point.raw_len(self.rows)
            + self.capture_nic.raw_len(self.rows)
            + self.capture_nic_type.raw_len(self.rows)
            + self.capture_network_type_id.raw_len(self.rows)
            + self.signal_source.raw_len(self.rows)
            + self.tunnel_type.raw_len(self.rows)
            + self.pod_id.raw_len(self.rows)
            + self.gprocess_id.raw_len(self.rows)
            + self.app_service.raw_len(self.rows)
            + self.app_instance.raw_len(self.rows)
            + self.endpoint.raw_len(self.rows)
            + self.request.raw_len(self.rows)
            + self.response.raw_len(self.rows)
            + self.rrt_sum.raw_len(self.rows)
            + self.rrt_count.raw_len(self.rows)
            + self.rrt_max.raw_len(self.rows)
            + self.rrt_sketch.raw_len(self.rows)
            + self.client_error.raw_len(self.rows)
            + self.server_error.raw_len(self.rows)
            + self.timeout.raw_len(self.rows)
            + self.error.raw_len(self.rows)
            + self.direction_score.raw_len(self.rows)
            + self.role.raw_len(self.rows)
    }

    fn pack(&self, out: &mut Packer) {
        put(out, 1, Type::DateTime, &self.time, self.rows);
        put(out, 2, Type::UInt32, &self.agent_id, self.rows);
        put(out, 3, Type::Ipv4, &self.ip4, self.rows);
        put(out, 5, Type::Ipv6, &self.ip6, self.rows);
        put(out, 7, Type::UInt8, &self.is_ipv4, self.rows);
        put(out, 8, Type::UInt8, &self.protocol, self.rows);
        put(out, 9, Type::UInt16, &self.server_port, self.rows);
        put(out, 10, Type::UInt8, &self.l7_protocol, self.rows);
        put(out, 11, Type::LowCardinalityString, &self.observation_point, self.rows);
        put(out, 12, Type::UInt32, &self.capture_nic, self.rows);
        put(out, 13, Type::UInt8, &self.capture_nic_type, self.rows);
        put(out, 14, Type::UInt8, &self.capture_network_type_id, self.rows);
        put(out, 15, Type::UInt8, &self.signal_source, self.rows);
        put(out, 16, Type::UInt8, &self.tunnel_type, self.rows);
        put(out, 17, Type::UInt32, &self.pod_id, self.rows);
        put(out, 19, Type::UInt32, &self.gprocess_id, self.rows);
        put(out, 300, Type::LowCardinalityString, &self.app_service, self.rows);
        put(out, 301, Type::LowCardinalityString, &self.app_instance, self.rows);
        put(out, 302, Type::LowCardinalityString, &self.endpoint, self.rows);
        put(out, 304, Type::UInt64, &self.request, self.rows);
        put(out, 305, Type::UInt64, &self.response, self.rows);
        put(out, 306, Type::UInt64, &self.rrt_sum, self.rows);
        put(out, 307, Type::UInt64, &self.rrt_count, self.rows);
        put(out, 308, Type::UInt64, &self.rrt_max, self.rows);
        put(out, 309, Type::MapUInt16UInt64, &self.rrt_sketch, self.rows);
        put(out, 310, Type::UInt64, &self.client_error, self.rows);
        put(out, 311, Type::UInt64, &self.server_error, self.rows);
        put(out, 312, Type::UInt64, &self.timeout, self.rows);
        put(out, 313, Type::UInt64, &self.error, self.rows);
        put(out, 314, Type::UInt8, &self.direction_score, self.rows);
        put(out, 500, Type::UInt8, &self.role, self.rows);
    }

    fn clear(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.time.clear(rows);
        self.agent_id.clear(rows);
        self.ip4.clear(rows);
        self.ip6.clear(rows);
        self.is_ipv4.clear(rows);
        self.protocol.clear(rows);
        self.server_port.clear(rows);
        self.l7_protocol.clear(rows);
        self.observation_point.clear(rows);
        self.capture_nic.clear(rows);
        self.capture_nic_type.clear(rows);
        self.capture_network_type_id.clear(rows);
        self.signal_source.clear(rows);
        self.tunnel_type.clear(rows);
        self.pod_id.clear(rows);
        self.gprocess_id.clear(rows);
        self.app_service.clear(rows);
        self.app_instance.clear(rows);
        self.endpoint.clear(rows);
        self.request.clear(rows);
        self.response.clear(rows);
        self.rrt_sum.clear(rows);
        self.rrt_count.clear(rows);
        self.rrt_max.clear(rows);
        self.rrt_sketch.clear(rows);
        self.client_error.clear(rows);
        self.server_error.clear(rows);
        self.timeout.clear(rows);
        self.error.clear(rows);
        self.direction_score.clear(rows);
        self.role.clear(rows);
    }
}
