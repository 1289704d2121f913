// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! `flow_metrics.application_map.1s`: Requests between two addresses in one second.

use crate::block::{BlockColumn, ColumnBlock, Fixed, Ipv4s, Ipv6s, Maps, Packer, Words, put};
use crate::def::{Aggregation, ColumnDef, Format, Kind, Source, TableDef, Type};

/// Definition of `flow_metrics.application_map.1s`.
pub static TABLE: TableDef = TableDef {
    id: 6,
    database: "flow_metrics",
    name: "application_map.1s",
    version: 1,
    doc: "Requests between two addresses in one second.",
    order_by: &["time", "l3_epc_id_1", "ip4_1", "ip6_1", "server_port", "l3_epc_id_0", "ip4_0", "ip6_0", "l7_protocol"],
    partition_hours: 4,
    ttl_hours: 24,
    indexes: &[
    ],
    columns: &COLUMNS,
    by_id: &BY_ID,
};

static COLUMNS: [ColumnDef; 76] = [
    ColumnDef { id: 1, name: "time", ty: Type::DateTime, codec: "DoubleDelta, ZSTD(1)", unit: "s", kind: Kind::Time, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Second in which the row's interval ended." },
    ColumnDef { id: 2, name: "agent_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Agent that made the row." },
    ColumnDef { id: 3, name: "ip4_0", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv4 address; 0.0.0.0 when the row is about IPv6. Client side." },
    ColumnDef { id: 4, name: "ip4_1", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv4 address; 0.0.0.0 when the row is about IPv6. Server side." },
    ColumnDef { id: 5, name: "ip6_0", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv6 address; :: when the row is about IPv4. Client side." },
    ColumnDef { id: 6, name: "ip6_1", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv6 address; :: when the row is about IPv4. Server side." },
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
    ColumnDef { id: 17, name: "pod_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Kubernetes pod. Client side." },
    ColumnDef { id: 18, name: "pod_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Kubernetes pod. Server side." },
    ColumnDef { id: 19, name: "gprocess_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Process, by its fleet-wide id. Client side." },
    ColumnDef { id: 20, name: "gprocess_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Process, by its fleet-wide id. Server side." },
    ColumnDef { id: 21, name: "l3_epc_id_0", ty: Type::Int32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "VPC of the address; 0 unknown, -2 the internet. Client side." },
    ColumnDef { id: 22, name: "l3_epc_id_1", ty: Type::Int32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "VPC of the address; 0 unknown, -2 the internet. Server side." },
    ColumnDef { id: 23, name: "auto_instance_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Most specific resource that owns the address; its kind is auto_instance_type. Client side." },
    ColumnDef { id: 24, name: "auto_instance_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Most specific resource that owns the address; its kind is auto_instance_type. Server side." },
    ColumnDef { id: 25, name: "auto_instance_type_0", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::AUTO_INSTANCE_TYPE), format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Kind of resource auto_instance_id names. Client side." },
    ColumnDef { id: 26, name: "auto_instance_type_1", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::AUTO_INSTANCE_TYPE), format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Kind of resource auto_instance_id names. Server side." },
    ColumnDef { id: 27, name: "auto_service_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Service the address answers for; its kind is auto_service_type. Client side." },
    ColumnDef { id: 28, name: "auto_service_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Service the address answers for; its kind is auto_service_type. Server side." },
    ColumnDef { id: 29, name: "auto_service_type_0", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::AUTO_SERVICE_TYPE), format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Kind of resource auto_service_id names. Client side." },
    ColumnDef { id: 30, name: "auto_service_type_1", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::AUTO_SERVICE_TYPE), format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Kind of resource auto_service_id names. Server side." },
    ColumnDef { id: 31, name: "tag_source_0", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Bits that say which look-ups found the tags of this side. Client side." },
    ColumnDef { id: 32, name: "tag_source_1", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Server, since: 1, name_of: None, doc: "Bits that say which look-ups found the tags of this side. Server side." },
    ColumnDef { id: 33, name: "region_id_0", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Region. Client side." },
    ColumnDef { id: 34, name: "region_id_1", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Region. Server side." },
    ColumnDef { id: 35, name: "az_id_0", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Availability zone. Client side." },
    ColumnDef { id: 36, name: "az_id_1", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Availability zone. Server side." },
    ColumnDef { id: 37, name: "host_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Hypervisor host. Client side." },
    ColumnDef { id: 38, name: "host_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Hypervisor host. Server side." },
    ColumnDef { id: 39, name: "l3_device_type_0", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kind of device that owns the address. Client side." },
    ColumnDef { id: 40, name: "l3_device_type_1", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kind of device that owns the address. Server side." },
    ColumnDef { id: 41, name: "l3_device_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Device that owns the address. Client side." },
    ColumnDef { id: 42, name: "l3_device_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Device that owns the address. Server side." },
    ColumnDef { id: 43, name: "subnet_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Subnet. Client side." },
    ColumnDef { id: 44, name: "subnet_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Subnet. Server side." },
    ColumnDef { id: 45, name: "pod_cluster_id_0", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes cluster. Client side." },
    ColumnDef { id: 46, name: "pod_cluster_id_1", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes cluster. Server side." },
    ColumnDef { id: 47, name: "pod_ns_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes namespace. Client side." },
    ColumnDef { id: 48, name: "pod_ns_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes namespace. Server side." },
    ColumnDef { id: 49, name: "pod_node_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes node. Client side." },
    ColumnDef { id: 50, name: "pod_node_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes node. Server side." },
    ColumnDef { id: 51, name: "pod_group_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes workload. Client side." },
    ColumnDef { id: 52, name: "pod_group_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes workload. Server side." },
    ColumnDef { id: 53, name: "service_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes service. Client side." },
    ColumnDef { id: 54, name: "service_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Kubernetes service. Server side." },
    ColumnDef { id: 55, name: "province_0", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Province of an internet address. Client side." },
    ColumnDef { id: 56, name: "province_1", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Province of an internet address. Server side." },
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
    ColumnDef { id: 500, name: "role", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::ROLE), format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Side the row was seen from." },
];

/// Position plus one of the column with an id; 0 for none.
static BY_ID: [u16; 501] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
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
    60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    76,
];

/// Positions of the columns in [`TABLE`]`.columns`.
pub mod col {
    #![allow(missing_docs, reason = "the columns' names and descriptions say it")]
    pub const TIME: usize = 0;
    pub const AGENT_ID: usize = 1;
    pub const IP4_0: usize = 2;
    pub const IP4_1: usize = 3;
    pub const IP6_0: usize = 4;
    pub const IP6_1: usize = 5;
    pub const IS_IPV4: usize = 6;
    pub const PROTOCOL: usize = 7;
    pub const SERVER_PORT: usize = 8;
    pub const L7_PROTOCOL: usize = 9;
    pub const OBSERVATION_POINT: usize = 10;
    pub const CAPTURE_NIC: usize = 11;
    pub const CAPTURE_NIC_TYPE: usize = 12;
    pub const CAPTURE_NETWORK_TYPE_ID: usize = 13;
    pub const SIGNAL_SOURCE: usize = 14;
    pub const TUNNEL_TYPE: usize = 15;
    pub const POD_ID_0: usize = 16;
    pub const POD_ID_1: usize = 17;
    pub const GPROCESS_ID_0: usize = 18;
    pub const GPROCESS_ID_1: usize = 19;
    pub const L3_EPC_ID_0: usize = 20;
    pub const L3_EPC_ID_1: usize = 21;
    pub const AUTO_INSTANCE_ID_0: usize = 22;
    pub const AUTO_INSTANCE_ID_1: usize = 23;
    pub const AUTO_INSTANCE_TYPE_0: usize = 24;
    pub const AUTO_INSTANCE_TYPE_1: usize = 25;
    pub const AUTO_SERVICE_ID_0: usize = 26;
    pub const AUTO_SERVICE_ID_1: usize = 27;
    pub const AUTO_SERVICE_TYPE_0: usize = 28;
    pub const AUTO_SERVICE_TYPE_1: usize = 29;
    pub const TAG_SOURCE_0: usize = 30;
    pub const TAG_SOURCE_1: usize = 31;
    pub const REGION_ID_0: usize = 32;
    pub const REGION_ID_1: usize = 33;
    pub const AZ_ID_0: usize = 34;
    pub const AZ_ID_1: usize = 35;
    pub const HOST_ID_0: usize = 36;
    pub const HOST_ID_1: usize = 37;
    pub const L3_DEVICE_TYPE_0: usize = 38;
    pub const L3_DEVICE_TYPE_1: usize = 39;
    pub const L3_DEVICE_ID_0: usize = 40;
    pub const L3_DEVICE_ID_1: usize = 41;
    pub const SUBNET_ID_0: usize = 42;
    pub const SUBNET_ID_1: usize = 43;
    pub const POD_CLUSTER_ID_0: usize = 44;
    pub const POD_CLUSTER_ID_1: usize = 45;
    pub const POD_NS_ID_0: usize = 46;
    pub const POD_NS_ID_1: usize = 47;
    pub const POD_NODE_ID_0: usize = 48;
    pub const POD_NODE_ID_1: usize = 49;
    pub const POD_GROUP_ID_0: usize = 50;
    pub const POD_GROUP_ID_1: usize = 51;
    pub const SERVICE_ID_0: usize = 52;
    pub const SERVICE_ID_1: usize = 53;
    pub const PROVINCE_0: usize = 54;
    pub const PROVINCE_1: usize = 55;
    pub const TEAM_ID: usize = 56;
    pub const NAT_SOURCE: usize = 57;
    pub const IS_KEY_SERVICE: usize = 58;
    pub const APP_SERVICE: usize = 59;
    pub const APP_INSTANCE: usize = 60;
    pub const ENDPOINT: usize = 61;
    pub const BIZ_TYPE: usize = 62;
    pub const REQUEST: usize = 63;
    pub const RESPONSE: usize = 64;
    pub const RRT_SUM: usize = 65;
    pub const RRT_COUNT: usize = 66;
    pub const RRT_MAX: usize = 67;
    pub const RRT_SKETCH: usize = 68;
    pub const CLIENT_ERROR: usize = 69;
    pub const SERVER_ERROR: usize = 70;
    pub const TIMEOUT: usize = 71;
    pub const ERROR: usize = 72;
    pub const DIRECTION_SCORE: usize = 73;
    pub const TID: usize = 74;
    pub const ROLE: usize = 75;
}

/// One row of `flow_metrics.application_map.1s`: the columns an agent fills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'a> {
    /// `time`: Second in which the row's interval ended. Unit: s.
    pub time: u32,
    /// `agent_id`: Agent that made the row.
    pub agent_id: u32,
    /// `ip4_0`: IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.
    pub ip4_0: [u8; 4],
    /// `ip4_1`: IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.
    pub ip4_1: [u8; 4],
    /// `ip6_0`: IPv6 address; :: when the row is about IPv4. Client side.
    pub ip6_0: [u8; 16],
    /// `ip6_1`: IPv6 address; :: when the row is about IPv4. Server side.
    pub ip6_1: [u8; 16],
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
    /// `pod_id_0`: Kubernetes pod. Client side.
    pub pod_id_0: u32,
    /// `pod_id_1`: Kubernetes pod. Server side.
    pub pod_id_1: u32,
    /// `gprocess_id_0`: Process, by its fleet-wide id. Client side.
    pub gprocess_id_0: u32,
    /// `gprocess_id_1`: Process, by its fleet-wide id. Server side.
    pub gprocess_id_1: u32,
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
}

/// Rows of `flow_metrics.application_map.1s` as columns, ready for the wire.
#[derive(Debug, Default)]
pub struct Block {
    rows: usize,
    time: Fixed<u32>,
    agent_id: Fixed<u32>,
    ip4_0: Ipv4s,
    ip4_1: Ipv4s,
    ip6_0: Ipv6s,
    ip6_1: Ipv6s,
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
    pod_id_0: Fixed<u32>,
    pod_id_1: Fixed<u32>,
    gprocess_id_0: Fixed<u32>,
    gprocess_id_1: Fixed<u32>,
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
        self.ip4_0.set(self.rows, row.ip4_0);
        self.ip4_1.set(self.rows, row.ip4_1);
        self.ip6_0.set(self.rows, row.ip6_0);
        self.ip6_1.set(self.rows, row.ip6_1);
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
        self.pod_id_0.set(self.rows, row.pod_id_0);
        self.pod_id_1.set(self.rows, row.pod_id_1);
        self.gprocess_id_0.set(self.rows, row.gprocess_id_0);
        self.gprocess_id_1.set(self.rows, row.gprocess_id_1);
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

    /// Sets `ip4_0` of the row that comes next.
    #[inline(always)]
    pub fn ip4_0(&mut self, value: [u8; 4]) {
        self.ip4_0.set(self.rows, value);
    }

    /// Sets `ip4_1` of the row that comes next.
    #[inline(always)]
    pub fn ip4_1(&mut self, value: [u8; 4]) {
        self.ip4_1.set(self.rows, value);
    }

    /// Sets `ip6_0` of the row that comes next.
    #[inline(always)]
    pub fn ip6_0(&mut self, value: [u8; 16]) {
        self.ip6_0.set(self.rows, value);
    }

    /// Sets `ip6_1` of the row that comes next.
    #[inline(always)]
    pub fn ip6_1(&mut self, value: [u8; 16]) {
        self.ip6_1.set(self.rows, value);
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

    /// Sets `pod_id_0` of the row that comes next.
    #[inline(always)]
    pub fn pod_id_0(&mut self, value: u32) {
        self.pod_id_0.set(self.rows, value);
    }

    /// Sets `pod_id_1` of the row that comes next.
    #[inline(always)]
    pub fn pod_id_1(&mut self, value: u32) {
        self.pod_id_1.set(self.rows, value);
    }

    /// Sets `gprocess_id_0` of the row that comes next.
    #[inline(always)]
    pub fn gprocess_id_0(&mut self, value: u32) {
        self.gprocess_id_0.set(self.rows, value);
    }

    /// Sets `gprocess_id_1` of the row that comes next.
    #[inline(always)]
    pub fn gprocess_id_1(&mut self, value: u32) {
        self.gprocess_id_1.set(self.rows, value);
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
            + self.ip4_0.raw_len(self.rows)
            + self.ip4_1.raw_len(self.rows)
            + self.ip6_0.raw_len(self.rows)
            + self.ip6_1.raw_len(self.rows)
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
            + self.pod_id_0.raw_len(self.rows)
            + self.pod_id_1.raw_len(self.rows)
            + self.gprocess_id_0.raw_len(self.rows)
            + self.gprocess_id_1.raw_len(self.rows)
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
    }

    fn pack(&self, out: &mut Packer) {
        put(out, 1, Type::DateTime, &self.time, self.rows);
        put(out, 2, Type::UInt32, &self.agent_id, self.rows);
        put(out, 3, Type::Ipv4, &self.ip4_0, self.rows);
        put(out, 4, Type::Ipv4, &self.ip4_1, self.rows);
        put(out, 5, Type::Ipv6, &self.ip6_0, self.rows);
        put(out, 6, Type::Ipv6, &self.ip6_1, self.rows);
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
        put(out, 17, Type::UInt32, &self.pod_id_0, self.rows);
        put(out, 18, Type::UInt32, &self.pod_id_1, self.rows);
        put(out, 19, Type::UInt32, &self.gprocess_id_0, self.rows);
        put(out, 20, Type::UInt32, &self.gprocess_id_1, self.rows);
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
    }

    fn clear(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.time.clear(rows);
        self.agent_id.clear(rows);
        self.ip4_0.clear(rows);
        self.ip4_1.clear(rows);
        self.ip6_0.clear(rows);
        self.ip6_1.clear(rows);
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
        self.pod_id_0.clear(rows);
        self.pod_id_1.clear(rows);
        self.gprocess_id_0.clear(rows);
        self.gprocess_id_1.clear(rows);
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
    }
}
