// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! `flow_log.l7_flow_log`: One row per request, paired with its response.

use crate::block::{Arrays, BlockColumn, ColumnBlock, Fixed, Ids, Ipv4s, Ipv6s, Nullable, Packer, Strings, WordArrays, Words, put};
use crate::def::{Aggregation, ColumnDef, Format, IndexDef, Kind, Source, TableDef, Type};

/// Definition of `flow_log.l7_flow_log`.
pub static TABLE: TableDef = TableDef {
    id: 2,
    database: "flow_log",
    name: "l7_flow_log",
    version: 1,
    doc: "One row per request, paired with its response.",
    order_by: &["time", "l7_protocol", "l3_epc_id_1", "ip4_1", "ip6_1", "server_port"],
    partition_hours: 12,
    ttl_hours: 72,
    indexes: &[
        IndexDef { name: "idx_trace_id", on: "trace_id", kind: "bloom_filter(0.01)", granularity: 4 },
        IndexDef { name: "idx_trace_id_2", on: "_trace_id_2", kind: "bloom_filter(0.01)", granularity: 4 },
        IndexDef { name: "idx_trace_id_index", on: "trace_id_index", kind: "bloom_filter(0.01)", granularity: 4 },
        IndexDef { name: "idx_x_request_id_0", on: "x_request_id_0", kind: "bloom_filter(0.01)", granularity: 4 },
        IndexDef { name: "idx_x_request_id_1", on: "x_request_id_1", kind: "bloom_filter(0.01)", granularity: 4 },
    ],
    columns: &COLUMNS,
    by_id: &BY_ID,
};

static COLUMNS: [ColumnDef; 127] = [
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
    ColumnDef { id: 100, name: "_id", ty: Type::UInt64, codec: "DoubleDelta, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Id of the row, unique with agent_id: the second of time, the agent's core and a counter, so a row is found by id without a scan." },
    ColumnDef { id: 101, name: "start_time", ty: Type::DateTime64Micros, codec: "Delta, ZSTD(1)", unit: "us", kind: Kind::Time, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "First packet or call of the row." },
    ColumnDef { id: 102, name: "end_time", ty: Type::DateTime64Micros, codec: "Delta, ZSTD(1)", unit: "us", kind: Kind::Time, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Last packet or call of the row." },
    ColumnDef { id: 103, name: "flow_id", ty: Type::UInt64, codec: "Delta, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flow the row belongs to, the same in all its rows." },
    ColumnDef { id: 104, name: "client_port", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Transport port of the client; 0 when the protocol has none." },
    ColumnDef { id: 105, name: "direction_score", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "How sure the direction is: 255 certain, 0 a guess." },
    ColumnDef { id: 106, name: "epc_id_0", ty: Type::Int32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "VPC of the device rather than of the address. Client side." },
    ColumnDef { id: 107, name: "epc_id_1", ty: Type::Int32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "VPC of the device rather than of the address. Server side." },
    ColumnDef { id: 200, name: "version", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Protocol version." },
    ColumnDef { id: 201, name: "type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::TYPE), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Whether the row holds a request, a response or both." },
    ColumnDef { id: 202, name: "is_tls", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "1 when the exchange was encrypted." },
    ColumnDef { id: 203, name: "is_async", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "1 when the client did not wait for the response." },
    ColumnDef { id: 204, name: "is_reversed", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "1 when client and server were found to be the other way round." },
    ColumnDef { id: 205, name: "request_type", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Method, command, query type." },
    ColumnDef { id: 206, name: "request_domain", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Host, authority, queried domain." },
    ColumnDef { id: 207, name: "request_resource", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Path with query, statement, key." },
    ColumnDef { id: 208, name: "endpoint", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "What requests are grouped by: path pattern, rpc method, statement fingerprint." },
    ColumnDef { id: 209, name: "request_id", ty: Type::NullableUInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Id the protocol gives the exchange." },
    ColumnDef { id: 210, name: "request_length", ty: Type::NullableInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Length of the request's body." },
    ColumnDef { id: 211, name: "response_status", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::RESPONSE_STATUS), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Outcome." },
    ColumnDef { id: 212, name: "response_code", ty: Type::NullableInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Status code in the protocol's own numbering." },
    ColumnDef { id: 213, name: "response_exception", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Error text." },
    ColumnDef { id: 214, name: "response_result", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Result, for instance resolved addresses." },
    ColumnDef { id: 215, name: "response_length", ty: Type::NullableInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Length of the response's body." },
    ColumnDef { id: 216, name: "response_duration", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::Delay), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "First packet of the request to first packet of the response; 0 without a response." },
    ColumnDef { id: 217, name: "sql_affected_rows", ty: Type::NullableUInt64, codec: "T64, ZSTD(1)", unit: "row", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Rows a statement changed." },
    ColumnDef { id: 218, name: "trace_id", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Trace id of the header with the highest priority." },
    ColumnDef { id: 219, name: "_trace_id_2", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Trace id of another header, when it differs." },
    ColumnDef { id: 220, name: "trace_id_index", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "xxh3-64 of trace_id; 0 without one." },
    ColumnDef { id: 221, name: "span_id", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Span id." },
    ColumnDef { id: 222, name: "parent_span_id", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Span id of the parent." },
    ColumnDef { id: 223, name: "span_kind", ty: Type::NullableUInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::SPAN_KIND), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Role of the span." },
    ColumnDef { id: 224, name: "x_request_id_0", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "X-Request-ID: side 0 from the request, side 1 from the response. Client side." },
    ColumnDef { id: 225, name: "x_request_id_1", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "X-Request-ID: side 0 from the request, side 1 from the response. Server side." },
    ColumnDef { id: 226, name: "http_proxy_client", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client behind a proxy, from X-Forwarded-For and the like." },
    ColumnDef { id: 227, name: "app_service", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Service name an application gave itself." },
    ColumnDef { id: 228, name: "app_instance", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Instance name an application gave itself." },
    ColumnDef { id: 229, name: "process_id_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Process id on its host. Client side." },
    ColumnDef { id: 230, name: "process_id_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Process id on its host. Server side." },
    ColumnDef { id: 231, name: "process_kname_0", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Name of the thread in the kernel. Client side." },
    ColumnDef { id: 232, name: "process_kname_1", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Name of the thread in the kernel. Server side." },
    ColumnDef { id: 233, name: "syscall_trace_id_request", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Ties the request to the call that caused it." },
    ColumnDef { id: 234, name: "syscall_trace_id_response", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Ties the response to the call it causes." },
    ColumnDef { id: 235, name: "syscall_thread_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Thread: side 0 of the request, side 1 of the response. Client side." },
    ColumnDef { id: 236, name: "syscall_thread_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Thread: side 0 of the request, side 1 of the response. Server side." },
    ColumnDef { id: 237, name: "syscall_coroutine_0", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Coroutine: side 0 of the request, side 1 of the response. Client side." },
    ColumnDef { id: 238, name: "syscall_coroutine_1", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Coroutine: side 0 of the request, side 1 of the response. Server side." },
    ColumnDef { id: 239, name: "syscall_cap_seq_0", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Order of the data on its socket: side 0 of the request, side 1 of the response. Client side." },
    ColumnDef { id: 240, name: "syscall_cap_seq_1", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Order of the data on its socket: side 0 of the request, side 1 of the response. Server side." },
    ColumnDef { id: 241, name: "req_tcp_seq", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP sequence number of the request's first byte." },
    ColumnDef { id: 242, name: "resp_tcp_seq", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP sequence number of the response's first byte." },
    ColumnDef { id: 243, name: "captured_request_byte", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of the request that were captured." },
    ColumnDef { id: 244, name: "captured_response_byte", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of the response that were captured." },
    ColumnDef { id: 245, name: "attribute_names", ty: Type::ArrayLowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Names of further attributes." },
    ColumnDef { id: 246, name: "attribute_values", ty: Type::ArrayString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Values of further attributes, in the order of attribute_names." },
    ColumnDef { id: 247, name: "metrics_names", ty: Type::ArrayLowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Names of further numbers." },
    ColumnDef { id: 248, name: "metrics_values", ty: Type::ArrayFloat64, codec: "ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Further numbers, in the order of metrics_names." },
    ColumnDef { id: 249, name: "events", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Events of the span, as JSON." },
    ColumnDef { id: 250, name: "biz_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Business kind of the request." },
    ColumnDef { id: 251, name: "biz_code", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Business code of the request." },
    ColumnDef { id: 252, name: "biz_scenario", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Business scenario of the request." },
    ColumnDef { id: 253, name: "biz_response_code", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Business code of the response." },
    ColumnDef { id: 254, name: "biz_protocol", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Name a protocol rule gave the exchange." },
    ColumnDef { id: 255, name: "raw_request_header", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "First bytes of a failing request's header." },
    ColumnDef { id: 256, name: "raw_request_payload", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "First bytes of a failing request's payload." },
    ColumnDef { id: 257, name: "raw_response_header", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "First bytes of a failing response's header." },
    ColumnDef { id: 258, name: "raw_response_payload", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "First bytes of a failing response's payload." },
    ColumnDef { id: 259, name: "l7_protocol_str", ty: Type::LowCardinalityString, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: Some("l7_protocol"), doc: "Name of l7_protocol; computed when read." },
];

/// Position plus one of the column with an id; 0 for none.
static BY_ID: [u16; 260] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    60, 61, 62, 63, 64, 65, 66, 67, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87,
    88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107,
    108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127,
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
    pub const ID: usize = 59;
    pub const START_TIME: usize = 60;
    pub const END_TIME: usize = 61;
    pub const FLOW_ID: usize = 62;
    pub const CLIENT_PORT: usize = 63;
    pub const DIRECTION_SCORE: usize = 64;
    pub const EPC_ID_0: usize = 65;
    pub const EPC_ID_1: usize = 66;
    pub const VERSION: usize = 67;
    pub const TYPE_: usize = 68;
    pub const IS_TLS: usize = 69;
    pub const IS_ASYNC: usize = 70;
    pub const IS_REVERSED: usize = 71;
    pub const REQUEST_TYPE: usize = 72;
    pub const REQUEST_DOMAIN: usize = 73;
    pub const REQUEST_RESOURCE: usize = 74;
    pub const ENDPOINT: usize = 75;
    pub const REQUEST_ID: usize = 76;
    pub const REQUEST_LENGTH: usize = 77;
    pub const RESPONSE_STATUS: usize = 78;
    pub const RESPONSE_CODE: usize = 79;
    pub const RESPONSE_EXCEPTION: usize = 80;
    pub const RESPONSE_RESULT: usize = 81;
    pub const RESPONSE_LENGTH: usize = 82;
    pub const RESPONSE_DURATION: usize = 83;
    pub const SQL_AFFECTED_ROWS: usize = 84;
    pub const TRACE_ID: usize = 85;
    pub const TRACE_ID_2: usize = 86;
    pub const TRACE_ID_INDEX: usize = 87;
    pub const SPAN_ID: usize = 88;
    pub const PARENT_SPAN_ID: usize = 89;
    pub const SPAN_KIND: usize = 90;
    pub const X_REQUEST_ID_0: usize = 91;
    pub const X_REQUEST_ID_1: usize = 92;
    pub const HTTP_PROXY_CLIENT: usize = 93;
    pub const APP_SERVICE: usize = 94;
    pub const APP_INSTANCE: usize = 95;
    pub const PROCESS_ID_0: usize = 96;
    pub const PROCESS_ID_1: usize = 97;
    pub const PROCESS_KNAME_0: usize = 98;
    pub const PROCESS_KNAME_1: usize = 99;
    pub const SYSCALL_TRACE_ID_REQUEST: usize = 100;
    pub const SYSCALL_TRACE_ID_RESPONSE: usize = 101;
    pub const SYSCALL_THREAD_0: usize = 102;
    pub const SYSCALL_THREAD_1: usize = 103;
    pub const SYSCALL_COROUTINE_0: usize = 104;
    pub const SYSCALL_COROUTINE_1: usize = 105;
    pub const SYSCALL_CAP_SEQ_0: usize = 106;
    pub const SYSCALL_CAP_SEQ_1: usize = 107;
    pub const REQ_TCP_SEQ: usize = 108;
    pub const RESP_TCP_SEQ: usize = 109;
    pub const CAPTURED_REQUEST_BYTE: usize = 110;
    pub const CAPTURED_RESPONSE_BYTE: usize = 111;
    pub const ATTRIBUTE_NAMES: usize = 112;
    pub const ATTRIBUTE_VALUES: usize = 113;
    pub const METRICS_NAMES: usize = 114;
    pub const METRICS_VALUES: usize = 115;
    pub const EVENTS: usize = 116;
    pub const BIZ_TYPE: usize = 117;
    pub const BIZ_CODE: usize = 118;
    pub const BIZ_SCENARIO: usize = 119;
    pub const BIZ_RESPONSE_CODE: usize = 120;
    pub const BIZ_PROTOCOL: usize = 121;
    pub const RAW_REQUEST_HEADER: usize = 122;
    pub const RAW_REQUEST_PAYLOAD: usize = 123;
    pub const RAW_RESPONSE_HEADER: usize = 124;
    pub const RAW_RESPONSE_PAYLOAD: usize = 125;
    pub const L7_PROTOCOL_STR: usize = 126;
}

/// One row of `flow_log.l7_flow_log`: the columns an agent fills.
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
    /// `_id`: Id of the row, unique with agent_id: the second of time, the agent's core and a counter, so a row is found by id without a scan.
    pub id: u64,
    /// `start_time`: First packet or call of the row. Unit: us.
    pub start_time: i64,
    /// `end_time`: Last packet or call of the row. Unit: us.
    pub end_time: i64,
    /// `flow_id`: Flow the row belongs to, the same in all its rows.
    pub flow_id: u64,
    /// `client_port`: Transport port of the client; 0 when the protocol has none.
    pub client_port: u16,
    /// `direction_score`: How sure the direction is: 255 certain, 0 a guess.
    pub direction_score: u8,
    /// `version`: Protocol version.
    pub version: &'a str,
    /// `type`: Whether the row holds a request, a response or both.
    pub type_: u8,
    /// `is_tls`: 1 when the exchange was encrypted.
    pub is_tls: u8,
    /// `is_async`: 1 when the client did not wait for the response.
    pub is_async: u8,
    /// `is_reversed`: 1 when client and server were found to be the other way round.
    pub is_reversed: u8,
    /// `request_type`: Method, command, query type.
    pub request_type: &'a str,
    /// `request_domain`: Host, authority, queried domain.
    pub request_domain: &'a str,
    /// `request_resource`: Path with query, statement, key.
    pub request_resource: &'a str,
    /// `endpoint`: What requests are grouped by: path pattern, rpc method, statement fingerprint.
    pub endpoint: &'a str,
    /// `request_id`: Id the protocol gives the exchange.
    pub request_id: Option<u64>,
    /// `request_length`: Length of the request's body. Unit: byte.
    pub request_length: Option<i64>,
    /// `response_status`: Outcome.
    pub response_status: u8,
    /// `response_code`: Status code in the protocol's own numbering.
    pub response_code: Option<i32>,
    /// `response_exception`: Error text.
    pub response_exception: &'a str,
    /// `response_result`: Result, for instance resolved addresses.
    pub response_result: &'a str,
    /// `response_length`: Length of the response's body. Unit: byte.
    pub response_length: Option<i64>,
    /// `response_duration`: First packet of the request to first packet of the response; 0 without a response. Unit: us.
    pub response_duration: u64,
    /// `sql_affected_rows`: Rows a statement changed. Unit: row.
    pub sql_affected_rows: Option<u64>,
    /// `trace_id`: Trace id of the header with the highest priority.
    pub trace_id: &'a str,
    /// `_trace_id_2`: Trace id of another header, when it differs.
    pub trace_id_2: &'a str,
    /// `trace_id_index`: xxh3-64 of trace_id; 0 without one.
    pub trace_id_index: u64,
    /// `span_id`: Span id.
    pub span_id: &'a str,
    /// `parent_span_id`: Span id of the parent.
    pub parent_span_id: &'a str,
    /// `span_kind`: Role of the span.
    pub span_kind: Option<u8>,
    /// `x_request_id_0`: X-Request-ID: side 0 from the request, side 1 from the response. Client side.
    pub x_request_id_0: &'a str,
    /// `x_request_id_1`: X-Request-ID: side 0 from the request, side 1 from the response. Server side.
    pub x_request_id_1: &'a str,
    /// `http_proxy_client`: Client behind a proxy, from X-Forwarded-For and the like.
    pub http_proxy_client: &'a str,
    /// `app_service`: Service name an application gave itself.
    pub app_service: &'a str,
    /// `app_instance`: Instance name an application gave itself.
    pub app_instance: &'a str,
    /// `process_id_0`: Process id on its host. Client side.
    pub process_id_0: u32,
    /// `process_id_1`: Process id on its host. Server side.
    pub process_id_1: u32,
    /// `process_kname_0`: Name of the thread in the kernel. Client side.
    pub process_kname_0: &'a str,
    /// `process_kname_1`: Name of the thread in the kernel. Server side.
    pub process_kname_1: &'a str,
    /// `syscall_trace_id_request`: Ties the request to the call that caused it.
    pub syscall_trace_id_request: u64,
    /// `syscall_trace_id_response`: Ties the response to the call it causes.
    pub syscall_trace_id_response: u64,
    /// `syscall_thread_0`: Thread: side 0 of the request, side 1 of the response. Client side.
    pub syscall_thread_0: u32,
    /// `syscall_thread_1`: Thread: side 0 of the request, side 1 of the response. Server side.
    pub syscall_thread_1: u32,
    /// `syscall_coroutine_0`: Coroutine: side 0 of the request, side 1 of the response. Client side.
    pub syscall_coroutine_0: u64,
    /// `syscall_coroutine_1`: Coroutine: side 0 of the request, side 1 of the response. Server side.
    pub syscall_coroutine_1: u64,
    /// `syscall_cap_seq_0`: Order of the data on its socket: side 0 of the request, side 1 of the response. Client side.
    pub syscall_cap_seq_0: u32,
    /// `syscall_cap_seq_1`: Order of the data on its socket: side 0 of the request, side 1 of the response. Server side.
    pub syscall_cap_seq_1: u32,
    /// `req_tcp_seq`: TCP sequence number of the request's first byte.
    pub req_tcp_seq: u32,
    /// `resp_tcp_seq`: TCP sequence number of the response's first byte.
    pub resp_tcp_seq: u32,
    /// `captured_request_byte`: Bytes of the request that were captured. Unit: byte.
    pub captured_request_byte: u32,
    /// `captured_response_byte`: Bytes of the response that were captured. Unit: byte.
    pub captured_response_byte: u32,
    /// `attribute_names`: Names of further attributes.
    pub attribute_names: &'a [&'a str],
    /// `attribute_values`: Values of further attributes, in the order of attribute_names.
    pub attribute_values: &'a [&'a str],
    /// `metrics_names`: Names of further numbers.
    pub metrics_names: &'a [&'a str],
    /// `metrics_values`: Further numbers, in the order of metrics_names.
    pub metrics_values: &'a [f64],
    /// `events`: Events of the span, as JSON.
    pub events: &'a str,
    /// `biz_type`: Business kind of the request.
    pub biz_type: u8,
    /// `biz_code`: Business code of the request.
    pub biz_code: &'a str,
    /// `biz_scenario`: Business scenario of the request.
    pub biz_scenario: &'a str,
    /// `biz_response_code`: Business code of the response.
    pub biz_response_code: &'a str,
}

/// Rows of `flow_log.l7_flow_log` as columns, ready for the wire.
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
    id: Fixed<u64>,
    start_time: Fixed<i64>,
    end_time: Fixed<i64>,
    flow_id: Fixed<u64>,
    client_port: Fixed<u16>,
    direction_score: Fixed<u8>,
    version: Words,
    type_: Fixed<u8>,
    is_tls: Fixed<u8>,
    is_async: Fixed<u8>,
    is_reversed: Fixed<u8>,
    request_type: Words,
    request_domain: Words,
    request_resource: Strings,
    endpoint: Words,
    request_id: Nullable<u64>,
    request_length: Nullable<i64>,
    response_status: Fixed<u8>,
    response_code: Nullable<i32>,
    response_exception: Strings,
    response_result: Strings,
    response_length: Nullable<i64>,
    response_duration: Fixed<u64>,
    sql_affected_rows: Nullable<u64>,
    trace_id: Ids,
    trace_id_2: Ids,
    trace_id_index: Fixed<u64>,
    span_id: Ids,
    parent_span_id: Ids,
    span_kind: Nullable<u8>,
    x_request_id_0: Ids,
    x_request_id_1: Ids,
    http_proxy_client: Strings,
    app_service: Words,
    app_instance: Words,
    process_id_0: Fixed<u32>,
    process_id_1: Fixed<u32>,
    process_kname_0: Words,
    process_kname_1: Words,
    syscall_trace_id_request: Fixed<u64>,
    syscall_trace_id_response: Fixed<u64>,
    syscall_thread_0: Fixed<u32>,
    syscall_thread_1: Fixed<u32>,
    syscall_coroutine_0: Fixed<u64>,
    syscall_coroutine_1: Fixed<u64>,
    syscall_cap_seq_0: Fixed<u32>,
    syscall_cap_seq_1: Fixed<u32>,
    req_tcp_seq: Fixed<u32>,
    resp_tcp_seq: Fixed<u32>,
    captured_request_byte: Fixed<u32>,
    captured_response_byte: Fixed<u32>,
    attribute_names: WordArrays,
    attribute_values: WordArrays,
    metrics_names: WordArrays,
    metrics_values: Arrays<f64>,
    events: Strings,
    biz_type: Fixed<u8>,
    biz_code: Words,
    biz_scenario: Words,
    biz_response_code: Words,
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
        self.id.set(self.rows, row.id);
        self.start_time.set(self.rows, row.start_time);
        self.end_time.set(self.rows, row.end_time);
        self.flow_id.set(self.rows, row.flow_id);
        self.client_port.set(self.rows, row.client_port);
        self.direction_score.set(self.rows, row.direction_score);
        self.version.set(self.rows, row.version);
        self.type_.set(self.rows, row.type_);
        self.is_tls.set(self.rows, row.is_tls);
        self.is_async.set(self.rows, row.is_async);
        self.is_reversed.set(self.rows, row.is_reversed);
        self.request_type.set(self.rows, row.request_type);
        self.request_domain.set(self.rows, row.request_domain);
        self.request_resource.set(self.rows, row.request_resource);
        self.endpoint.set(self.rows, row.endpoint);
        self.request_id.set(self.rows, row.request_id);
        self.request_length.set(self.rows, row.request_length);
        self.response_status.set(self.rows, row.response_status);
        self.response_code.set(self.rows, row.response_code);
        self.response_exception.set(self.rows, row.response_exception);
        self.response_result.set(self.rows, row.response_result);
        self.response_length.set(self.rows, row.response_length);
        self.response_duration.set(self.rows, row.response_duration);
        self.sql_affected_rows.set(self.rows, row.sql_affected_rows);
        self.trace_id.set(self.rows, row.trace_id);
        self.trace_id_2.set(self.rows, row.trace_id_2);
        self.trace_id_index.set(self.rows, row.trace_id_index);
        self.span_id.set(self.rows, row.span_id);
        self.parent_span_id.set(self.rows, row.parent_span_id);
        self.span_kind.set(self.rows, row.span_kind);
        self.x_request_id_0.set(self.rows, row.x_request_id_0);
        self.x_request_id_1.set(self.rows, row.x_request_id_1);
        self.http_proxy_client.set(self.rows, row.http_proxy_client);
        self.app_service.set(self.rows, row.app_service);
        self.app_instance.set(self.rows, row.app_instance);
        self.process_id_0.set(self.rows, row.process_id_0);
        self.process_id_1.set(self.rows, row.process_id_1);
        self.process_kname_0.set(self.rows, row.process_kname_0);
        self.process_kname_1.set(self.rows, row.process_kname_1);
        self.syscall_trace_id_request.set(self.rows, row.syscall_trace_id_request);
        self.syscall_trace_id_response.set(self.rows, row.syscall_trace_id_response);
        self.syscall_thread_0.set(self.rows, row.syscall_thread_0);
        self.syscall_thread_1.set(self.rows, row.syscall_thread_1);
        self.syscall_coroutine_0.set(self.rows, row.syscall_coroutine_0);
        self.syscall_coroutine_1.set(self.rows, row.syscall_coroutine_1);
        self.syscall_cap_seq_0.set(self.rows, row.syscall_cap_seq_0);
        self.syscall_cap_seq_1.set(self.rows, row.syscall_cap_seq_1);
        self.req_tcp_seq.set(self.rows, row.req_tcp_seq);
        self.resp_tcp_seq.set(self.rows, row.resp_tcp_seq);
        self.captured_request_byte.set(self.rows, row.captured_request_byte);
        self.captured_response_byte.set(self.rows, row.captured_response_byte);
        self.attribute_names.set(self.rows, row.attribute_names);
        self.attribute_values.set(self.rows, row.attribute_values);
        self.metrics_names.set(self.rows, row.metrics_names);
        self.metrics_values.set(self.rows, row.metrics_values);
        self.events.set(self.rows, row.events);
        self.biz_type.set(self.rows, row.biz_type);
        self.biz_code.set(self.rows, row.biz_code);
        self.biz_scenario.set(self.rows, row.biz_scenario);
        self.biz_response_code.set(self.rows, row.biz_response_code);
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

    /// Sets `_id` of the row that comes next.
    #[inline(always)]
    pub fn id(&mut self, value: u64) {
        self.id.set(self.rows, value);
    }

    /// Sets `start_time` of the row that comes next.
    #[inline(always)]
    pub fn start_time(&mut self, value: i64) {
        self.start_time.set(self.rows, value);
    }

    /// Sets `end_time` of the row that comes next.
    #[inline(always)]
    pub fn end_time(&mut self, value: i64) {
        self.end_time.set(self.rows, value);
    }

    /// Sets `flow_id` of the row that comes next.
    #[inline(always)]
    pub fn flow_id(&mut self, value: u64) {
        self.flow_id.set(self.rows, value);
    }

    /// Sets `client_port` of the row that comes next.
    #[inline(always)]
    pub fn client_port(&mut self, value: u16) {
        self.client_port.set(self.rows, value);
    }

    /// Sets `direction_score` of the row that comes next.
    #[inline(always)]
    pub fn direction_score(&mut self, value: u8) {
        self.direction_score.set(self.rows, value);
    }

    /// Sets `version` of the row that comes next.
    #[inline(always)]
    pub fn version(&mut self, value: &str) {
        self.version.set(self.rows, value);
    }

    /// Sets `type` of the row that comes next.
    #[inline(always)]
    pub fn type_(&mut self, value: u8) {
        self.type_.set(self.rows, value);
    }

    /// Sets `is_tls` of the row that comes next.
    #[inline(always)]
    pub fn is_tls(&mut self, value: u8) {
        self.is_tls.set(self.rows, value);
    }

    /// Sets `is_async` of the row that comes next.
    #[inline(always)]
    pub fn is_async(&mut self, value: u8) {
        self.is_async.set(self.rows, value);
    }

    /// Sets `is_reversed` of the row that comes next.
    #[inline(always)]
    pub fn is_reversed(&mut self, value: u8) {
        self.is_reversed.set(self.rows, value);
    }

    /// Sets `request_type` of the row that comes next.
    #[inline(always)]
    pub fn request_type(&mut self, value: &str) {
        self.request_type.set(self.rows, value);
    }

    /// Sets `request_domain` of the row that comes next.
    #[inline(always)]
    pub fn request_domain(&mut self, value: &str) {
        self.request_domain.set(self.rows, value);
    }

    /// Sets `request_resource` of the row that comes next.
    #[inline(always)]
    pub fn request_resource(&mut self, value: &str) {
        self.request_resource.set(self.rows, value);
    }

    /// Sets `endpoint` of the row that comes next.
    #[inline(always)]
    pub fn endpoint(&mut self, value: &str) {
        self.endpoint.set(self.rows, value);
    }

    /// Sets `request_id` of the row that comes next.
    #[inline(always)]
    pub fn request_id(&mut self, value: Option<u64>) {
        self.request_id.set(self.rows, value);
    }

    /// Sets `request_length` of the row that comes next.
    #[inline(always)]
    pub fn request_length(&mut self, value: Option<i64>) {
        self.request_length.set(self.rows, value);
    }

    /// Sets `response_status` of the row that comes next.
    #[inline(always)]
    pub fn response_status(&mut self, value: u8) {
        self.response_status.set(self.rows, value);
    }

    /// Sets `response_code` of the row that comes next.
    #[inline(always)]
    pub fn response_code(&mut self, value: Option<i32>) {
        self.response_code.set(self.rows, value);
    }

    /// Sets `response_exception` of the row that comes next.
    #[inline(always)]
    pub fn response_exception(&mut self, value: &str) {
        self.response_exception.set(self.rows, value);
    }

    /// Sets `response_result` of the row that comes next.
    #[inline(always)]
    pub fn response_result(&mut self, value: &str) {
        self.response_result.set(self.rows, value);
    }

    /// Sets `response_length` of the row that comes next.
    #[inline(always)]
    pub fn response_length(&mut self, value: Option<i64>) {
        self.response_length.set(self.rows, value);
    }

    /// Sets `response_duration` of the row that comes next.
    #[inline(always)]
    pub fn response_duration(&mut self, value: u64) {
        self.response_duration.set(self.rows, value);
    }

    /// Sets `sql_affected_rows` of the row that comes next.
    #[inline(always)]
    pub fn sql_affected_rows(&mut self, value: Option<u64>) {
        self.sql_affected_rows.set(self.rows, value);
    }

    /// Sets `trace_id` of the row that comes next.
    #[inline(always)]
    pub fn trace_id(&mut self, value: &str) {
        self.trace_id.set(self.rows, value);
    }

    /// Sets `_trace_id_2` of the row that comes next.
    #[inline(always)]
    pub fn trace_id_2(&mut self, value: &str) {
        self.trace_id_2.set(self.rows, value);
    }

    /// Sets `trace_id_index` of the row that comes next.
    #[inline(always)]
    pub fn trace_id_index(&mut self, value: u64) {
        self.trace_id_index.set(self.rows, value);
    }

    /// Sets `span_id` of the row that comes next.
    #[inline(always)]
    pub fn span_id(&mut self, value: &str) {
        self.span_id.set(self.rows, value);
    }

    /// Sets `parent_span_id` of the row that comes next.
    #[inline(always)]
    pub fn parent_span_id(&mut self, value: &str) {
        self.parent_span_id.set(self.rows, value);
    }

    /// Sets `span_kind` of the row that comes next.
    #[inline(always)]
    pub fn span_kind(&mut self, value: Option<u8>) {
        self.span_kind.set(self.rows, value);
    }

    /// Sets `x_request_id_0` of the row that comes next.
    #[inline(always)]
    pub fn x_request_id_0(&mut self, value: &str) {
        self.x_request_id_0.set(self.rows, value);
    }

    /// Sets `x_request_id_1` of the row that comes next.
    #[inline(always)]
    pub fn x_request_id_1(&mut self, value: &str) {
        self.x_request_id_1.set(self.rows, value);
    }

    /// Sets `http_proxy_client` of the row that comes next.
    #[inline(always)]
    pub fn http_proxy_client(&mut self, value: &str) {
        self.http_proxy_client.set(self.rows, value);
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

    /// Sets `process_id_0` of the row that comes next.
    #[inline(always)]
    pub fn process_id_0(&mut self, value: u32) {
        self.process_id_0.set(self.rows, value);
    }

    /// Sets `process_id_1` of the row that comes next.
    #[inline(always)]
    pub fn process_id_1(&mut self, value: u32) {
        self.process_id_1.set(self.rows, value);
    }

    /// Sets `process_kname_0` of the row that comes next.
    #[inline(always)]
    pub fn process_kname_0(&mut self, value: &str) {
        self.process_kname_0.set(self.rows, value);
    }

    /// Sets `process_kname_1` of the row that comes next.
    #[inline(always)]
    pub fn process_kname_1(&mut self, value: &str) {
        self.process_kname_1.set(self.rows, value);
    }

    /// Sets `syscall_trace_id_request` of the row that comes next.
    #[inline(always)]
    pub fn syscall_trace_id_request(&mut self, value: u64) {
        self.syscall_trace_id_request.set(self.rows, value);
    }

    /// Sets `syscall_trace_id_response` of the row that comes next.
    #[inline(always)]
    pub fn syscall_trace_id_response(&mut self, value: u64) {
        self.syscall_trace_id_response.set(self.rows, value);
    }

    /// Sets `syscall_thread_0` of the row that comes next.
    #[inline(always)]
    pub fn syscall_thread_0(&mut self, value: u32) {
        self.syscall_thread_0.set(self.rows, value);
    }

    /// Sets `syscall_thread_1` of the row that comes next.
    #[inline(always)]
    pub fn syscall_thread_1(&mut self, value: u32) {
        self.syscall_thread_1.set(self.rows, value);
    }

    /// Sets `syscall_coroutine_0` of the row that comes next.
    #[inline(always)]
    pub fn syscall_coroutine_0(&mut self, value: u64) {
        self.syscall_coroutine_0.set(self.rows, value);
    }

    /// Sets `syscall_coroutine_1` of the row that comes next.
    #[inline(always)]
    pub fn syscall_coroutine_1(&mut self, value: u64) {
        self.syscall_coroutine_1.set(self.rows, value);
    }

    /// Sets `syscall_cap_seq_0` of the row that comes next.
    #[inline(always)]
    pub fn syscall_cap_seq_0(&mut self, value: u32) {
        self.syscall_cap_seq_0.set(self.rows, value);
    }

    /// Sets `syscall_cap_seq_1` of the row that comes next.
    #[inline(always)]
    pub fn syscall_cap_seq_1(&mut self, value: u32) {
        self.syscall_cap_seq_1.set(self.rows, value);
    }

    /// Sets `req_tcp_seq` of the row that comes next.
    #[inline(always)]
    pub fn req_tcp_seq(&mut self, value: u32) {
        self.req_tcp_seq.set(self.rows, value);
    }

    /// Sets `resp_tcp_seq` of the row that comes next.
    #[inline(always)]
    pub fn resp_tcp_seq(&mut self, value: u32) {
        self.resp_tcp_seq.set(self.rows, value);
    }

    /// Sets `captured_request_byte` of the row that comes next.
    #[inline(always)]
    pub fn captured_request_byte(&mut self, value: u32) {
        self.captured_request_byte.set(self.rows, value);
    }

    /// Sets `captured_response_byte` of the row that comes next.
    #[inline(always)]
    pub fn captured_response_byte(&mut self, value: u32) {
        self.captured_response_byte.set(self.rows, value);
    }

    /// Sets `attribute_names` of the row that comes next.
    #[inline(always)]
    pub fn attribute_names(&mut self, value: &[&str]) {
        self.attribute_names.set(self.rows, value);
    }

    /// Sets `attribute_values` of the row that comes next.
    #[inline(always)]
    pub fn attribute_values(&mut self, value: &[&str]) {
        self.attribute_values.set(self.rows, value);
    }

    /// Sets `metrics_names` of the row that comes next.
    #[inline(always)]
    pub fn metrics_names(&mut self, value: &[&str]) {
        self.metrics_names.set(self.rows, value);
    }

    /// Sets `metrics_values` of the row that comes next.
    #[inline(always)]
    pub fn metrics_values(&mut self, value: &[f64]) {
        self.metrics_values.set(self.rows, value);
    }

    /// Sets `events` of the row that comes next.
    #[inline(always)]
    pub fn events(&mut self, value: &str) {
        self.events.set(self.rows, value);
    }

    /// Sets `biz_type` of the row that comes next.
    #[inline(always)]
    pub fn biz_type(&mut self, value: u8) {
        self.biz_type.set(self.rows, value);
    }

    /// Sets `biz_code` of the row that comes next.
    #[inline(always)]
    pub fn biz_code(&mut self, value: &str) {
        self.biz_code.set(self.rows, value);
    }

    /// Sets `biz_scenario` of the row that comes next.
    #[inline(always)]
    pub fn biz_scenario(&mut self, value: &str) {
        self.biz_scenario.set(self.rows, value);
    }

    /// Sets `biz_response_code` of the row that comes next.
    #[inline(always)]
    pub fn biz_response_code(&mut self, value: &str) {
        self.biz_response_code.set(self.rows, value);
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
            + self.id.raw_len(self.rows)
            + self.start_time.raw_len(self.rows)
            + self.end_time.raw_len(self.rows)
            + self.flow_id.raw_len(self.rows)
            + self.client_port.raw_len(self.rows)
            + self.direction_score.raw_len(self.rows)
            + self.version.raw_len(self.rows)
            + self.type_.raw_len(self.rows)
            + self.is_tls.raw_len(self.rows)
            + self.is_async.raw_len(self.rows)
            + self.is_reversed.raw_len(self.rows)
            + self.request_type.raw_len(self.rows)
            + self.request_domain.raw_len(self.rows)
            + self.request_resource.raw_len(self.rows)
            + self.endpoint.raw_len(self.rows)
            + self.request_id.raw_len(self.rows)
            + self.request_length.raw_len(self.rows)
            + self.response_status.raw_len(self.rows)
            + self.response_code.raw_len(self.rows)
            + self.response_exception.raw_len(self.rows)
            + self.response_result.raw_len(self.rows)
            + self.response_length.raw_len(self.rows)
            + self.response_duration.raw_len(self.rows)
            + self.sql_affected_rows.raw_len(self.rows)
            + self.trace_id.raw_len(self.rows)
            + self.trace_id_2.raw_len(self.rows)
            + self.trace_id_index.raw_len(self.rows)
            + self.span_id.raw_len(self.rows)
            + self.parent_span_id.raw_len(self.rows)
            + self.span_kind.raw_len(self.rows)
            + self.x_request_id_0.raw_len(self.rows)
            + self.x_request_id_1.raw_len(self.rows)
            + self.http_proxy_client.raw_len(self.rows)
            + self.app_service.raw_len(self.rows)
            + self.app_instance.raw_len(self.rows)
            + self.process_id_0.raw_len(self.rows)
            + self.process_id_1.raw_len(self.rows)
            + self.process_kname_0.raw_len(self.rows)
            + self.process_kname_1.raw_len(self.rows)
            + self.syscall_trace_id_request.raw_len(self.rows)
            + self.syscall_trace_id_response.raw_len(self.rows)
            + self.syscall_thread_0.raw_len(self.rows)
            + self.syscall_thread_1.raw_len(self.rows)
            + self.syscall_coroutine_0.raw_len(self.rows)
            + self.syscall_coroutine_1.raw_len(self.rows)
            + self.syscall_cap_seq_0.raw_len(self.rows)
            + self.syscall_cap_seq_1.raw_len(self.rows)
            + self.req_tcp_seq.raw_len(self.rows)
            + self.resp_tcp_seq.raw_len(self.rows)
            + self.captured_request_byte.raw_len(self.rows)
            + self.captured_response_byte.raw_len(self.rows)
            + self.attribute_names.raw_len(self.rows)
            + self.attribute_values.raw_len(self.rows)
            + self.metrics_names.raw_len(self.rows)
            + self.metrics_values.raw_len(self.rows)
            + self.events.raw_len(self.rows)
            + self.biz_type.raw_len(self.rows)
            + self.biz_code.raw_len(self.rows)
            + self.biz_scenario.raw_len(self.rows)
            + self.biz_response_code.raw_len(self.rows)
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
        put(out, 100, Type::UInt64, &self.id, self.rows);
        put(out, 101, Type::DateTime64Micros, &self.start_time, self.rows);
        put(out, 102, Type::DateTime64Micros, &self.end_time, self.rows);
        put(out, 103, Type::UInt64, &self.flow_id, self.rows);
        put(out, 104, Type::UInt16, &self.client_port, self.rows);
        put(out, 105, Type::UInt8, &self.direction_score, self.rows);
        put(out, 200, Type::LowCardinalityString, &self.version, self.rows);
        put(out, 201, Type::UInt8, &self.type_, self.rows);
        put(out, 202, Type::UInt8, &self.is_tls, self.rows);
        put(out, 203, Type::UInt8, &self.is_async, self.rows);
        put(out, 204, Type::UInt8, &self.is_reversed, self.rows);
        put(out, 205, Type::LowCardinalityString, &self.request_type, self.rows);
        put(out, 206, Type::LowCardinalityString, &self.request_domain, self.rows);
        put(out, 207, Type::String, &self.request_resource, self.rows);
        put(out, 208, Type::LowCardinalityString, &self.endpoint, self.rows);
        put(out, 209, Type::NullableUInt64, &self.request_id, self.rows);
        put(out, 210, Type::NullableInt64, &self.request_length, self.rows);
        put(out, 211, Type::UInt8, &self.response_status, self.rows);
        put(out, 212, Type::NullableInt32, &self.response_code, self.rows);
        put(out, 213, Type::String, &self.response_exception, self.rows);
        put(out, 214, Type::String, &self.response_result, self.rows);
        put(out, 215, Type::NullableInt64, &self.response_length, self.rows);
        put(out, 216, Type::UInt64, &self.response_duration, self.rows);
        put(out, 217, Type::NullableUInt64, &self.sql_affected_rows, self.rows);
        put(out, 218, Type::String, &self.trace_id, self.rows);
        put(out, 219, Type::String, &self.trace_id_2, self.rows);
        put(out, 220, Type::UInt64, &self.trace_id_index, self.rows);
        put(out, 221, Type::String, &self.span_id, self.rows);
        put(out, 222, Type::String, &self.parent_span_id, self.rows);
        put(out, 223, Type::NullableUInt8, &self.span_kind, self.rows);
        put(out, 224, Type::String, &self.x_request_id_0, self.rows);
        put(out, 225, Type::String, &self.x_request_id_1, self.rows);
        put(out, 226, Type::String, &self.http_proxy_client, self.rows);
        put(out, 227, Type::LowCardinalityString, &self.app_service, self.rows);
        put(out, 228, Type::LowCardinalityString, &self.app_instance, self.rows);
        put(out, 229, Type::UInt32, &self.process_id_0, self.rows);
        put(out, 230, Type::UInt32, &self.process_id_1, self.rows);
        put(out, 231, Type::LowCardinalityString, &self.process_kname_0, self.rows);
        put(out, 232, Type::LowCardinalityString, &self.process_kname_1, self.rows);
        put(out, 233, Type::UInt64, &self.syscall_trace_id_request, self.rows);
        put(out, 234, Type::UInt64, &self.syscall_trace_id_response, self.rows);
        put(out, 235, Type::UInt32, &self.syscall_thread_0, self.rows);
        put(out, 236, Type::UInt32, &self.syscall_thread_1, self.rows);
        put(out, 237, Type::UInt64, &self.syscall_coroutine_0, self.rows);
        put(out, 238, Type::UInt64, &self.syscall_coroutine_1, self.rows);
        put(out, 239, Type::UInt32, &self.syscall_cap_seq_0, self.rows);
        put(out, 240, Type::UInt32, &self.syscall_cap_seq_1, self.rows);
        put(out, 241, Type::UInt32, &self.req_tcp_seq, self.rows);
        put(out, 242, Type::UInt32, &self.resp_tcp_seq, self.rows);
        put(out, 243, Type::UInt32, &self.captured_request_byte, self.rows);
        put(out, 244, Type::UInt32, &self.captured_response_byte, self.rows);
        put(out, 245, Type::ArrayLowCardinalityString, &self.attribute_names, self.rows);
        put(out, 246, Type::ArrayString, &self.attribute_values, self.rows);
        put(out, 247, Type::ArrayLowCardinalityString, &self.metrics_names, self.rows);
        put(out, 248, Type::ArrayFloat64, &self.metrics_values, self.rows);
        put(out, 249, Type::String, &self.events, self.rows);
        put(out, 250, Type::UInt8, &self.biz_type, self.rows);
        put(out, 251, Type::LowCardinalityString, &self.biz_code, self.rows);
        put(out, 252, Type::LowCardinalityString, &self.biz_scenario, self.rows);
        put(out, 253, Type::LowCardinalityString, &self.biz_response_code, self.rows);
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
        self.id.clear(rows);
        self.start_time.clear(rows);
        self.end_time.clear(rows);
        self.flow_id.clear(rows);
        self.client_port.clear(rows);
        self.direction_score.clear(rows);
        self.version.clear(rows);
        self.type_.clear(rows);
        self.is_tls.clear(rows);
        self.is_async.clear(rows);
        self.is_reversed.clear(rows);
        self.request_type.clear(rows);
        self.request_domain.clear(rows);
        self.request_resource.clear(rows);
        self.endpoint.clear(rows);
        self.request_id.clear(rows);
        self.request_length.clear(rows);
        self.response_status.clear(rows);
        self.response_code.clear(rows);
        self.response_exception.clear(rows);
        self.response_result.clear(rows);
        self.response_length.clear(rows);
        self.response_duration.clear(rows);
        self.sql_affected_rows.clear(rows);
        self.trace_id.clear(rows);
        self.trace_id_2.clear(rows);
        self.trace_id_index.clear(rows);
        self.span_id.clear(rows);
        self.parent_span_id.clear(rows);
        self.span_kind.clear(rows);
        self.x_request_id_0.clear(rows);
        self.x_request_id_1.clear(rows);
        self.http_proxy_client.clear(rows);
        self.app_service.clear(rows);
        self.app_instance.clear(rows);
        self.process_id_0.clear(rows);
        self.process_id_1.clear(rows);
        self.process_kname_0.clear(rows);
        self.process_kname_1.clear(rows);
        self.syscall_trace_id_request.clear(rows);
        self.syscall_trace_id_response.clear(rows);
        self.syscall_thread_0.clear(rows);
        self.syscall_thread_1.clear(rows);
        self.syscall_coroutine_0.clear(rows);
        self.syscall_coroutine_1.clear(rows);
        self.syscall_cap_seq_0.clear(rows);
        self.syscall_cap_seq_1.clear(rows);
        self.req_tcp_seq.clear(rows);
        self.resp_tcp_seq.clear(rows);
        self.captured_request_byte.clear(rows);
        self.captured_response_byte.clear(rows);
        self.attribute_names.clear(rows);
        self.attribute_values.clear(rows);
        self.metrics_names.clear(rows);
        self.metrics_values.clear(rows);
        self.events.clear(rows);
        self.biz_type.clear(rows);
        self.biz_code.clear(rows);
        self.biz_scenario.clear(rows);
        self.biz_response_code.clear(rows);
    }
}
