// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! `flow_log.l4_flow_log`: One row per flow and reporting interval.

use crate::block::{BlockColumn, ColumnBlock, Fixed, Ipv4s, Ipv6s, Packer, Strings, Words, put};
use crate::def::{Aggregation, ColumnDef, Format, Kind, Source, TableDef, Type};

/// Definition of `flow_log.l4_flow_log`.
pub static TABLE: TableDef = TableDef {
    id: 1,
    database: "flow_log",
    name: "l4_flow_log",
    version: 1,
    doc: "One row per flow and reporting interval.",
    order_by: &["time", "l3_epc_id_1", "ip4_1", "ip6_1", "server_port"],
    partition_hours: 12,
    ttl_hours: 72,
    indexes: &[
    ],
    columns: &COLUMNS,
    by_id: &BY_ID,
};

static COLUMNS: [ColumnDef; 161] = [
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
    ColumnDef { id: 200, name: "duration", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::Delay), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Time from the flow's first packet to its last." },
    ColumnDef { id: 201, name: "is_new_flow", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "1 in the first row of a flow." },
    ColumnDef { id: 202, name: "close_type", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::CLOSE_TYPE), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "How the flow ended; 5 is a report of a live flow." },
    ColumnDef { id: 203, name: "status", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: Some(&super::enums::STATUS), format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Outcome that follows from close_type." },
    ColumnDef { id: 204, name: "mac_0", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Mac, source: Source::Agent, since: 1, name_of: None, doc: "MAC address, in the low 48 bits. Client side." },
    ColumnDef { id: 205, name: "mac_1", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Mac, source: Source::Agent, since: 1, name_of: None, doc: "MAC address, in the low 48 bits. Server side." },
    ColumnDef { id: 206, name: "eth_type", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "EtherType." },
    ColumnDef { id: 207, name: "vlan", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "VLAN id; 0 untagged." },
    ColumnDef { id: 208, name: "tcp_flags_bit_0", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP flags sent by this side, or-ed. Client side." },
    ColumnDef { id: 209, name: "tcp_flags_bit_1", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP flags sent by this side, or-ed. Server side." },
    ColumnDef { id: 210, name: "syn_seq", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Sequence number of SYN." },
    ColumnDef { id: 211, name: "syn_ack_seq", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Sequence number of SYN+ACK." },
    ColumnDef { id: 212, name: "last_keepalive_seq", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Sequence number of the last keep-alive." },
    ColumnDef { id: 213, name: "last_keepalive_ack", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Acknowledgement number of the last keep-alive." },
    ColumnDef { id: 214, name: "init_ipid", ty: Type::UInt32, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "IPv4 identification of the first packet." },
    ColumnDef { id: 215, name: "tunnel_tier", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "How many tunnels were taken off." },
    ColumnDef { id: 216, name: "tunnel_tx_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel id (VNI, key, TEID, session, label), client to server." },
    ColumnDef { id: 217, name: "tunnel_rx_id", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel id (VNI, key, TEID, session, label), server to client." },
    ColumnDef { id: 218, name: "tunnel_tx_ip4_0", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, client to server. Client side." },
    ColumnDef { id: 219, name: "tunnel_tx_ip4_1", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, client to server. Server side." },
    ColumnDef { id: 220, name: "tunnel_rx_ip4_0", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, server to client. Client side." },
    ColumnDef { id: 221, name: "tunnel_rx_ip4_1", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, server to client. Server side." },
    ColumnDef { id: 222, name: "tunnel_tx_ip6_0", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, client to server. Client side." },
    ColumnDef { id: 223, name: "tunnel_tx_ip6_1", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, client to server. Server side." },
    ColumnDef { id: 224, name: "tunnel_rx_ip6_0", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, server to client. Client side." },
    ColumnDef { id: 225, name: "tunnel_rx_ip6_1", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel end, server to client. Server side." },
    ColumnDef { id: 226, name: "tunnel_is_ipv4", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "1 when the tunnel's own addresses are IPv4." },
    ColumnDef { id: 227, name: "tunnel_tx_mac_0", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Mac, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel MAC address, client to server. Client side." },
    ColumnDef { id: 228, name: "tunnel_tx_mac_1", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Mac, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel MAC address, client to server. Server side." },
    ColumnDef { id: 229, name: "tunnel_rx_mac_0", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Mac, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel MAC address, server to client. Client side." },
    ColumnDef { id: 230, name: "tunnel_rx_mac_1", ty: Type::UInt64, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Mac, source: Source::Agent, since: 1, name_of: None, doc: "Tunnel MAC address, server to client. Server side." },
    ColumnDef { id: 231, name: "request_domain", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Domain the flow is about: Host, SNI, queried name." },
    ColumnDef { id: 232, name: "packet_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets in the interval. Client to server." },
    ColumnDef { id: 233, name: "packet_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets in the interval. Server to client." },
    ColumnDef { id: 234, name: "byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes on the wire from the link header on, in the interval. Client to server." },
    ColumnDef { id: 235, name: "byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes on the wire from the link header on, in the interval. Server to client." },
    ColumnDef { id: 236, name: "l3_byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of network-layer payload in the interval. Client to server." },
    ColumnDef { id: 237, name: "l3_byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of network-layer payload in the interval. Server to client." },
    ColumnDef { id: 238, name: "l4_byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of transport-layer payload in the interval. Client to server." },
    ColumnDef { id: 239, name: "l4_byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of transport-layer payload in the interval. Server to client." },
    ColumnDef { id: 240, name: "total_packet_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets since the flow began. Client to server." },
    ColumnDef { id: 241, name: "total_packet_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets since the flow began. Server to client." },
    ColumnDef { id: 242, name: "total_byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes since the flow began. Client to server." },
    ColumnDef { id: 243, name: "total_byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes since the flow began. Server to client." },
    ColumnDef { id: 244, name: "l7_request", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "request", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application requests." },
    ColumnDef { id: 245, name: "l7_response", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application responses." },
    ColumnDef { id: 246, name: "l7_parse_failed", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "message", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Messages that could not be parsed." },
    ColumnDef { id: 247, name: "l7_client_error", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that blame the client." },
    ColumnDef { id: 248, name: "l7_server_error", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that blame the server." },
    ColumnDef { id: 249, name: "l7_timeout", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "request", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Requests without a response in time." },
    ColumnDef { id: 250, name: "l7_error", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that report an error, of either side." },
    ColumnDef { id: 251, name: "rtt", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::Delay), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP handshake round trip; 0 not measured." },
    ColumnDef { id: 252, name: "rtt_client_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client part of the TCP handshake: SYN+ACK to ACK, sum." },
    ColumnDef { id: 253, name: "rtt_client_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client part of the TCP handshake: SYN+ACK to ACK, how many were measured." },
    ColumnDef { id: 254, name: "rtt_client_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client part of the TCP handshake: SYN+ACK to ACK, maximum." },
    ColumnDef { id: 255, name: "rtt_server_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server part of the TCP handshake: SYN to SYN+ACK, sum." },
    ColumnDef { id: 256, name: "rtt_server_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server part of the TCP handshake: SYN to SYN+ACK, how many were measured." },
    ColumnDef { id: 257, name: "rtt_server_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server part of the TCP handshake: SYN to SYN+ACK, maximum." },
    ColumnDef { id: 258, name: "tls_rtt", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::Delay), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TLS handshake; 0 not measured." },
    ColumnDef { id: 259, name: "srt_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "System response: data to the pure ACK that covers it, sum." },
    ColumnDef { id: 260, name: "srt_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "System response: data to the pure ACK that covers it, how many were measured." },
    ColumnDef { id: 261, name: "srt_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "System response: data to the pure ACK that covers it, maximum." },
    ColumnDef { id: 262, name: "art_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application response: request data to first response data, sum." },
    ColumnDef { id: 263, name: "art_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application response: request data to first response data, how many were measured." },
    ColumnDef { id: 264, name: "art_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application response: request data to first response data, maximum." },
    ColumnDef { id: 265, name: "rrt_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, as the application protocol pairs them, sum." },
    ColumnDef { id: 266, name: "rrt_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, as the application protocol pairs them, how many were measured." },
    ColumnDef { id: 267, name: "rrt_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, as the application protocol pairs them, maximum." },
    ColumnDef { id: 268, name: "cit_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client idle: last response data, or handshake, to next request data, sum." },
    ColumnDef { id: 269, name: "cit_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client idle: last response data, or handshake, to next request data, how many were measured." },
    ColumnDef { id: 270, name: "cit_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client idle: last response data, or handshake, to next request data, maximum." },
    ColumnDef { id: 271, name: "retrans_tx", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Retransmitted segments. Client to server." },
    ColumnDef { id: 272, name: "retrans_rx", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Retransmitted segments. Server to client." },
    ColumnDef { id: 273, name: "retrans_syn", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Repeated SYN packets." },
    ColumnDef { id: 274, name: "retrans_synack", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Repeated SYN+ACK packets." },
    ColumnDef { id: 275, name: "zero_win_tx", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that announced a window of zero. Client to server." },
    ColumnDef { id: 276, name: "zero_win_rx", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that announced a window of zero. Server to client." },
    ColumnDef { id: 277, name: "ooo_tx", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that arrived out of order. Client to server." },
    ColumnDef { id: 278, name: "ooo_rx", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that arrived out of order. Server to client." },
    ColumnDef { id: 279, name: "syn_count", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "SYN packets." },
    ColumnDef { id: 280, name: "synack_count", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "SYN+ACK packets." },
    ColumnDef { id: 281, name: "fin_count", ty: Type::UInt32, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "FIN packets." },
    ColumnDef { id: 282, name: "l2_end_0", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "1 when this side is at the capture point by its MAC address. Client side." },
    ColumnDef { id: 283, name: "l2_end_1", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "1 when this side is at the capture point by its MAC address. Server side." },
    ColumnDef { id: 284, name: "l3_end_0", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "1 when this side is at the capture point by its IP address. Client side." },
    ColumnDef { id: 285, name: "l3_end_1", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "1 when this side is at the capture point by its IP address. Server side." },
    ColumnDef { id: 286, name: "nat_real_ip4_0", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Address before translation, IPv4. Client side." },
    ColumnDef { id: 287, name: "nat_real_ip4_1", ty: Type::Ipv4, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Address before translation, IPv4. Server side." },
    ColumnDef { id: 288, name: "nat_real_ip6_0", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Address before translation, IPv6. Client side." },
    ColumnDef { id: 289, name: "nat_real_ip6_1", ty: Type::Ipv6, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Address before translation, IPv6. Server side." },
    ColumnDef { id: 290, name: "nat_real_port_0", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Port before translation. Client side." },
    ColumnDef { id: 291, name: "nat_real_port_1", ty: Type::UInt16, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Port before translation. Server side." },
    ColumnDef { id: 292, name: "aggregated_flow_ids", ty: Type::String, codec: "ZSTD(1)", unit: "", kind: Kind::Text, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Ids of the flows a health-check row stands for." },
    ColumnDef { id: 293, name: "acl_gids", ty: Type::ArrayUInt16, codec: "ZSTD(1)", unit: "", kind: Kind::Tag, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Policy groups the flow matched." },
];

/// Position plus one of the column with an id; 0 for none.
static BY_ID: [u16; 294] = [
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
    128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147,
    148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161,
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
    pub const DURATION: usize = 67;
    pub const IS_NEW_FLOW: usize = 68;
    pub const CLOSE_TYPE: usize = 69;
    pub const STATUS: usize = 70;
    pub const MAC_0: usize = 71;
    pub const MAC_1: usize = 72;
    pub const ETH_TYPE: usize = 73;
    pub const VLAN: usize = 74;
    pub const TCP_FLAGS_BIT_0: usize = 75;
    pub const TCP_FLAGS_BIT_1: usize = 76;
    pub const SYN_SEQ: usize = 77;
    pub const SYN_ACK_SEQ: usize = 78;
    pub const LAST_KEEPALIVE_SEQ: usize = 79;
    pub const LAST_KEEPALIVE_ACK: usize = 80;
    pub const INIT_IPID: usize = 81;
    pub const TUNNEL_TIER: usize = 82;
    pub const TUNNEL_TX_ID: usize = 83;
    pub const TUNNEL_RX_ID: usize = 84;
    pub const TUNNEL_TX_IP4_0: usize = 85;
    pub const TUNNEL_TX_IP4_1: usize = 86;
    pub const TUNNEL_RX_IP4_0: usize = 87;
    pub const TUNNEL_RX_IP4_1: usize = 88;
    pub const TUNNEL_TX_IP6_0: usize = 89;
    pub const TUNNEL_TX_IP6_1: usize = 90;
    pub const TUNNEL_RX_IP6_0: usize = 91;
    pub const TUNNEL_RX_IP6_1: usize = 92;
    pub const TUNNEL_IS_IPV4: usize = 93;
    pub const TUNNEL_TX_MAC_0: usize = 94;
    pub const TUNNEL_TX_MAC_1: usize = 95;
    pub const TUNNEL_RX_MAC_0: usize = 96;
    pub const TUNNEL_RX_MAC_1: usize = 97;
    pub const REQUEST_DOMAIN: usize = 98;
    pub const PACKET_TX: usize = 99;
    pub const PACKET_RX: usize = 100;
    pub const BYTE_TX: usize = 101;
    pub const BYTE_RX: usize = 102;
    pub const L3_BYTE_TX: usize = 103;
    pub const L3_BYTE_RX: usize = 104;
    pub const L4_BYTE_TX: usize = 105;
    pub const L4_BYTE_RX: usize = 106;
    pub const TOTAL_PACKET_TX: usize = 107;
    pub const TOTAL_PACKET_RX: usize = 108;
    pub const TOTAL_BYTE_TX: usize = 109;
    pub const TOTAL_BYTE_RX: usize = 110;
    pub const L7_REQUEST: usize = 111;
    pub const L7_RESPONSE: usize = 112;
    pub const L7_PARSE_FAILED: usize = 113;
    pub const L7_CLIENT_ERROR: usize = 114;
    pub const L7_SERVER_ERROR: usize = 115;
    pub const L7_TIMEOUT: usize = 116;
    pub const L7_ERROR: usize = 117;
    pub const RTT: usize = 118;
    pub const RTT_CLIENT_SUM: usize = 119;
    pub const RTT_CLIENT_COUNT: usize = 120;
    pub const RTT_CLIENT_MAX: usize = 121;
    pub const RTT_SERVER_SUM: usize = 122;
    pub const RTT_SERVER_COUNT: usize = 123;
    pub const RTT_SERVER_MAX: usize = 124;
    pub const TLS_RTT: usize = 125;
    pub const SRT_SUM: usize = 126;
    pub const SRT_COUNT: usize = 127;
    pub const SRT_MAX: usize = 128;
    pub const ART_SUM: usize = 129;
    pub const ART_COUNT: usize = 130;
    pub const ART_MAX: usize = 131;
    pub const RRT_SUM: usize = 132;
    pub const RRT_COUNT: usize = 133;
    pub const RRT_MAX: usize = 134;
    pub const CIT_SUM: usize = 135;
    pub const CIT_COUNT: usize = 136;
    pub const CIT_MAX: usize = 137;
    pub const RETRANS_TX: usize = 138;
    pub const RETRANS_RX: usize = 139;
    pub const RETRANS_SYN: usize = 140;
    pub const RETRANS_SYNACK: usize = 141;
    pub const ZERO_WIN_TX: usize = 142;
    pub const ZERO_WIN_RX: usize = 143;
    pub const OOO_TX: usize = 144;
    pub const OOO_RX: usize = 145;
    pub const SYN_COUNT: usize = 146;
    pub const SYNACK_COUNT: usize = 147;
    pub const FIN_COUNT: usize = 148;
    pub const L2_END_0: usize = 149;
    pub const L2_END_1: usize = 150;
    pub const L3_END_0: usize = 151;
    pub const L3_END_1: usize = 152;
    pub const NAT_REAL_IP4_0: usize = 153;
    pub const NAT_REAL_IP4_1: usize = 154;
    pub const NAT_REAL_IP6_0: usize = 155;
    pub const NAT_REAL_IP6_1: usize = 156;
    pub const NAT_REAL_PORT_0: usize = 157;
    pub const NAT_REAL_PORT_1: usize = 158;
    pub const AGGREGATED_FLOW_IDS: usize = 159;
    pub const ACL_GIDS: usize = 160;
}

/// One row of `flow_log.l4_flow_log`: the columns an agent fills.
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
    /// `duration`: Time from the flow's first packet to its last. Unit: us.
    pub duration: u64,
    /// `is_new_flow`: 1 in the first row of a flow.
    pub is_new_flow: u8,
    /// `close_type`: How the flow ended; 5 is a report of a live flow.
    pub close_type: u8,
    /// `status`: Outcome that follows from close_type.
    pub status: u8,
    /// `mac_0`: MAC address, in the low 48 bits. Client side.
    pub mac_0: u64,
    /// `mac_1`: MAC address, in the low 48 bits. Server side.
    pub mac_1: u64,
    /// `eth_type`: EtherType.
    pub eth_type: u16,
    /// `vlan`: VLAN id; 0 untagged.
    pub vlan: u16,
    /// `tcp_flags_bit_0`: TCP flags sent by this side, or-ed. Client side.
    pub tcp_flags_bit_0: u16,
    /// `tcp_flags_bit_1`: TCP flags sent by this side, or-ed. Server side.
    pub tcp_flags_bit_1: u16,
    /// `syn_seq`: Sequence number of SYN.
    pub syn_seq: u32,
    /// `syn_ack_seq`: Sequence number of SYN+ACK.
    pub syn_ack_seq: u32,
    /// `last_keepalive_seq`: Sequence number of the last keep-alive.
    pub last_keepalive_seq: u32,
    /// `last_keepalive_ack`: Acknowledgement number of the last keep-alive.
    pub last_keepalive_ack: u32,
    /// `init_ipid`: IPv4 identification of the first packet.
    pub init_ipid: u32,
    /// `tunnel_tier`: How many tunnels were taken off.
    pub tunnel_tier: u8,
    /// `tunnel_tx_id`: Tunnel id (VNI, key, TEID, session, label), client to server.
    pub tunnel_tx_id: u32,
    /// `tunnel_rx_id`: Tunnel id (VNI, key, TEID, session, label), server to client.
    pub tunnel_rx_id: u32,
    /// `tunnel_tx_ip4_0`: Tunnel end, client to server. Client side.
    pub tunnel_tx_ip4_0: [u8; 4],
    /// `tunnel_tx_ip4_1`: Tunnel end, client to server. Server side.
    pub tunnel_tx_ip4_1: [u8; 4],
    /// `tunnel_rx_ip4_0`: Tunnel end, server to client. Client side.
    pub tunnel_rx_ip4_0: [u8; 4],
    /// `tunnel_rx_ip4_1`: Tunnel end, server to client. Server side.
    pub tunnel_rx_ip4_1: [u8; 4],
    /// `tunnel_tx_ip6_0`: Tunnel end, client to server. Client side.
    pub tunnel_tx_ip6_0: [u8; 16],
    /// `tunnel_tx_ip6_1`: Tunnel end, client to server. Server side.
    pub tunnel_tx_ip6_1: [u8; 16],
    /// `tunnel_rx_ip6_0`: Tunnel end, server to client. Client side.
    pub tunnel_rx_ip6_0: [u8; 16],
    /// `tunnel_rx_ip6_1`: Tunnel end, server to client. Server side.
    pub tunnel_rx_ip6_1: [u8; 16],
    /// `tunnel_is_ipv4`: 1 when the tunnel's own addresses are IPv4.
    pub tunnel_is_ipv4: u8,
    /// `tunnel_tx_mac_0`: Tunnel MAC address, client to server. Client side.
    pub tunnel_tx_mac_0: u64,
    /// `tunnel_tx_mac_1`: Tunnel MAC address, client to server. Server side.
    pub tunnel_tx_mac_1: u64,
    /// `tunnel_rx_mac_0`: Tunnel MAC address, server to client. Client side.
    pub tunnel_rx_mac_0: u64,
    /// `tunnel_rx_mac_1`: Tunnel MAC address, server to client. Server side.
    pub tunnel_rx_mac_1: u64,
    /// `request_domain`: Domain the flow is about: Host, SNI, queried name.
    pub request_domain: &'a str,
    /// `packet_tx`: Packets in the interval. Client to server. Unit: packet.
    pub packet_tx: u64,
    /// `packet_rx`: Packets in the interval. Server to client. Unit: packet.
    pub packet_rx: u64,
    /// `byte_tx`: Bytes on the wire from the link header on, in the interval. Client to server. Unit: byte.
    pub byte_tx: u64,
    /// `byte_rx`: Bytes on the wire from the link header on, in the interval. Server to client. Unit: byte.
    pub byte_rx: u64,
    /// `l3_byte_tx`: Bytes of network-layer payload in the interval. Client to server. Unit: byte.
    pub l3_byte_tx: u64,
    /// `l3_byte_rx`: Bytes of network-layer payload in the interval. Server to client. Unit: byte.
    pub l3_byte_rx: u64,
    /// `l4_byte_tx`: Bytes of transport-layer payload in the interval. Client to server. Unit: byte.
    pub l4_byte_tx: u64,
    /// `l4_byte_rx`: Bytes of transport-layer payload in the interval. Server to client. Unit: byte.
    pub l4_byte_rx: u64,
    /// `total_packet_tx`: Packets since the flow began. Client to server. Unit: packet.
    pub total_packet_tx: u64,
    /// `total_packet_rx`: Packets since the flow began. Server to client. Unit: packet.
    pub total_packet_rx: u64,
    /// `total_byte_tx`: Bytes since the flow began. Client to server. Unit: byte.
    pub total_byte_tx: u64,
    /// `total_byte_rx`: Bytes since the flow began. Server to client. Unit: byte.
    pub total_byte_rx: u64,
    /// `l7_request`: Application requests. Unit: request.
    pub l7_request: u32,
    /// `l7_response`: Application responses. Unit: response.
    pub l7_response: u32,
    /// `l7_parse_failed`: Messages that could not be parsed. Unit: message.
    pub l7_parse_failed: u32,
    /// `l7_client_error`: Responses that blame the client. Unit: response.
    pub l7_client_error: u32,
    /// `l7_server_error`: Responses that blame the server. Unit: response.
    pub l7_server_error: u32,
    /// `l7_timeout`: Requests without a response in time. Unit: request.
    pub l7_timeout: u32,
    /// `l7_error`: Responses that report an error, of either side. Unit: response.
    pub l7_error: u32,
    /// `rtt`: TCP handshake round trip; 0 not measured. Unit: us.
    pub rtt: u64,
    /// `rtt_client_sum`: Client part of the TCP handshake: SYN+ACK to ACK, sum. Unit: us.
    pub rtt_client_sum: u64,
    /// `rtt_client_count`: Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.
    pub rtt_client_count: u64,
    /// `rtt_client_max`: Client part of the TCP handshake: SYN+ACK to ACK, maximum. Unit: us.
    pub rtt_client_max: u64,
    /// `rtt_server_sum`: Server part of the TCP handshake: SYN to SYN+ACK, sum. Unit: us.
    pub rtt_server_sum: u64,
    /// `rtt_server_count`: Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.
    pub rtt_server_count: u64,
    /// `rtt_server_max`: Server part of the TCP handshake: SYN to SYN+ACK, maximum. Unit: us.
    pub rtt_server_max: u64,
    /// `tls_rtt`: TLS handshake; 0 not measured. Unit: us.
    pub tls_rtt: u64,
    /// `srt_sum`: System response: data to the pure ACK that covers it, sum. Unit: us.
    pub srt_sum: u64,
    /// `srt_count`: System response: data to the pure ACK that covers it, how many were measured.
    pub srt_count: u64,
    /// `srt_max`: System response: data to the pure ACK that covers it, maximum. Unit: us.
    pub srt_max: u64,
    /// `art_sum`: Application response: request data to first response data, sum. Unit: us.
    pub art_sum: u64,
    /// `art_count`: Application response: request data to first response data, how many were measured.
    pub art_count: u64,
    /// `art_max`: Application response: request data to first response data, maximum. Unit: us.
    pub art_max: u64,
    /// `rrt_sum`: Request to response, as the application protocol pairs them, sum. Unit: us.
    pub rrt_sum: u64,
    /// `rrt_count`: Request to response, as the application protocol pairs them, how many were measured.
    pub rrt_count: u64,
    /// `rrt_max`: Request to response, as the application protocol pairs them, maximum. Unit: us.
    pub rrt_max: u64,
    /// `cit_sum`: Client idle: last response data, or handshake, to next request data, sum. Unit: us.
    pub cit_sum: u64,
    /// `cit_count`: Client idle: last response data, or handshake, to next request data, how many were measured.
    pub cit_count: u64,
    /// `cit_max`: Client idle: last response data, or handshake, to next request data, maximum. Unit: us.
    pub cit_max: u64,
    /// `retrans_tx`: Retransmitted segments. Client to server. Unit: packet.
    pub retrans_tx: u32,
    /// `retrans_rx`: Retransmitted segments. Server to client. Unit: packet.
    pub retrans_rx: u32,
    /// `retrans_syn`: Repeated SYN packets. Unit: packet.
    pub retrans_syn: u32,
    /// `retrans_synack`: Repeated SYN+ACK packets. Unit: packet.
    pub retrans_synack: u32,
    /// `zero_win_tx`: Segments that announced a window of zero. Client to server. Unit: packet.
    pub zero_win_tx: u32,
    /// `zero_win_rx`: Segments that announced a window of zero. Server to client. Unit: packet.
    pub zero_win_rx: u32,
    /// `ooo_tx`: Segments that arrived out of order. Client to server. Unit: packet.
    pub ooo_tx: u32,
    /// `ooo_rx`: Segments that arrived out of order. Server to client. Unit: packet.
    pub ooo_rx: u32,
    /// `syn_count`: SYN packets. Unit: packet.
    pub syn_count: u32,
    /// `synack_count`: SYN+ACK packets. Unit: packet.
    pub synack_count: u32,
    /// `fin_count`: FIN packets. Unit: packet.
    pub fin_count: u32,
}

/// Rows of `flow_log.l4_flow_log` as columns, ready for the wire.
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
    duration: Fixed<u64>,
    is_new_flow: Fixed<u8>,
    close_type: Fixed<u8>,
    status: Fixed<u8>,
    mac_0: Fixed<u64>,
    mac_1: Fixed<u64>,
    eth_type: Fixed<u16>,
    vlan: Fixed<u16>,
    tcp_flags_bit_0: Fixed<u16>,
    tcp_flags_bit_1: Fixed<u16>,
    syn_seq: Fixed<u32>,
    syn_ack_seq: Fixed<u32>,
    last_keepalive_seq: Fixed<u32>,
    last_keepalive_ack: Fixed<u32>,
    init_ipid: Fixed<u32>,
    tunnel_tier: Fixed<u8>,
    tunnel_tx_id: Fixed<u32>,
    tunnel_rx_id: Fixed<u32>,
    tunnel_tx_ip4_0: Ipv4s,
    tunnel_tx_ip4_1: Ipv4s,
    tunnel_rx_ip4_0: Ipv4s,
    tunnel_rx_ip4_1: Ipv4s,
    tunnel_tx_ip6_0: Ipv6s,
    tunnel_tx_ip6_1: Ipv6s,
    tunnel_rx_ip6_0: Ipv6s,
    tunnel_rx_ip6_1: Ipv6s,
    tunnel_is_ipv4: Fixed<u8>,
    tunnel_tx_mac_0: Fixed<u64>,
    tunnel_tx_mac_1: Fixed<u64>,
    tunnel_rx_mac_0: Fixed<u64>,
    tunnel_rx_mac_1: Fixed<u64>,
    request_domain: Strings,
    packet_tx: Fixed<u64>,
    packet_rx: Fixed<u64>,
    byte_tx: Fixed<u64>,
    byte_rx: Fixed<u64>,
    l3_byte_tx: Fixed<u64>,
    l3_byte_rx: Fixed<u64>,
    l4_byte_tx: Fixed<u64>,
    l4_byte_rx: Fixed<u64>,
    total_packet_tx: Fixed<u64>,
    total_packet_rx: Fixed<u64>,
    total_byte_tx: Fixed<u64>,
    total_byte_rx: Fixed<u64>,
    l7_request: Fixed<u32>,
    l7_response: Fixed<u32>,
    l7_parse_failed: Fixed<u32>,
    l7_client_error: Fixed<u32>,
    l7_server_error: Fixed<u32>,
    l7_timeout: Fixed<u32>,
    l7_error: Fixed<u32>,
    rtt: Fixed<u64>,
    rtt_client_sum: Fixed<u64>,
    rtt_client_count: Fixed<u64>,
    rtt_client_max: Fixed<u64>,
    rtt_server_sum: Fixed<u64>,
    rtt_server_count: Fixed<u64>,
    rtt_server_max: Fixed<u64>,
    tls_rtt: Fixed<u64>,
    srt_sum: Fixed<u64>,
    srt_count: Fixed<u64>,
    srt_max: Fixed<u64>,
    art_sum: Fixed<u64>,
    art_count: Fixed<u64>,
    art_max: Fixed<u64>,
    rrt_sum: Fixed<u64>,
    rrt_count: Fixed<u64>,
    rrt_max: Fixed<u64>,
    cit_sum: Fixed<u64>,
    cit_count: Fixed<u64>,
    cit_max: Fixed<u64>,
    retrans_tx: Fixed<u32>,
    retrans_rx: Fixed<u32>,
    retrans_syn: Fixed<u32>,
    retrans_synack: Fixed<u32>,
    zero_win_tx: Fixed<u32>,
    zero_win_rx: Fixed<u32>,
    ooo_tx: Fixed<u32>,
    ooo_rx: Fixed<u32>,
    syn_count: Fixed<u32>,
    synack_count: Fixed<u32>,
    fin_count: Fixed<u32>,
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
        self.duration.set(self.rows, row.duration);
        self.is_new_flow.set(self.rows, row.is_new_flow);
        self.close_type.set(self.rows, row.close_type);
        self.status.set(self.rows, row.status);
        self.mac_0.set(self.rows, row.mac_0);
        self.mac_1.set(self.rows, row.mac_1);
        self.eth_type.set(self.rows, row.eth_type);
        self.vlan.set(self.rows, row.vlan);
        self.tcp_flags_bit_0.set(self.rows, row.tcp_flags_bit_0);
        self.tcp_flags_bit_1.set(self.rows, row.tcp_flags_bit_1);
        self.syn_seq.set(self.rows, row.syn_seq);
        self.syn_ack_seq.set(self.rows, row.syn_ack_seq);
        self.last_keepalive_seq.set(self.rows, row.last_keepalive_seq);
        self.last_keepalive_ack.set(self.rows, row.last_keepalive_ack);
        self.init_ipid.set(self.rows, row.init_ipid);
        self.tunnel_tier.set(self.rows, row.tunnel_tier);
        self.tunnel_tx_id.set(self.rows, row.tunnel_tx_id);
        self.tunnel_rx_id.set(self.rows, row.tunnel_rx_id);
        self.tunnel_tx_ip4_0.set(self.rows, row.tunnel_tx_ip4_0);
        self.tunnel_tx_ip4_1.set(self.rows, row.tunnel_tx_ip4_1);
        self.tunnel_rx_ip4_0.set(self.rows, row.tunnel_rx_ip4_0);
        self.tunnel_rx_ip4_1.set(self.rows, row.tunnel_rx_ip4_1);
        self.tunnel_tx_ip6_0.set(self.rows, row.tunnel_tx_ip6_0);
        self.tunnel_tx_ip6_1.set(self.rows, row.tunnel_tx_ip6_1);
        self.tunnel_rx_ip6_0.set(self.rows, row.tunnel_rx_ip6_0);
        self.tunnel_rx_ip6_1.set(self.rows, row.tunnel_rx_ip6_1);
        self.tunnel_is_ipv4.set(self.rows, row.tunnel_is_ipv4);
        self.tunnel_tx_mac_0.set(self.rows, row.tunnel_tx_mac_0);
        self.tunnel_tx_mac_1.set(self.rows, row.tunnel_tx_mac_1);
        self.tunnel_rx_mac_0.set(self.rows, row.tunnel_rx_mac_0);
        self.tunnel_rx_mac_1.set(self.rows, row.tunnel_rx_mac_1);
        self.request_domain.set(self.rows, row.request_domain);
        self.packet_tx.set(self.rows, row.packet_tx);
        self.packet_rx.set(self.rows, row.packet_rx);
        self.byte_tx.set(self.rows, row.byte_tx);
        self.byte_rx.set(self.rows, row.byte_rx);
        self.l3_byte_tx.set(self.rows, row.l3_byte_tx);
        self.l3_byte_rx.set(self.rows, row.l3_byte_rx);
        self.l4_byte_tx.set(self.rows, row.l4_byte_tx);
        self.l4_byte_rx.set(self.rows, row.l4_byte_rx);
        self.total_packet_tx.set(self.rows, row.total_packet_tx);
        self.total_packet_rx.set(self.rows, row.total_packet_rx);
        self.total_byte_tx.set(self.rows, row.total_byte_tx);
        self.total_byte_rx.set(self.rows, row.total_byte_rx);
        self.l7_request.set(self.rows, row.l7_request);
        self.l7_response.set(self.rows, row.l7_response);
        self.l7_parse_failed.set(self.rows, row.l7_parse_failed);
        self.l7_client_error.set(self.rows, row.l7_client_error);
        self.l7_server_error.set(self.rows, row.l7_server_error);
        self.l7_timeout.set(self.rows, row.l7_timeout);
        self.l7_error.set(self.rows, row.l7_error);
        self.rtt.set(self.rows, row.rtt);
        self.rtt_client_sum.set(self.rows, row.rtt_client_sum);
        self.rtt_client_count.set(self.rows, row.rtt_client_count);
        self.rtt_client_max.set(self.rows, row.rtt_client_max);
        self.rtt_server_sum.set(self.rows, row.rtt_server_sum);
        self.rtt_server_count.set(self.rows, row.rtt_server_count);
        self.rtt_server_max.set(self.rows, row.rtt_server_max);
        self.tls_rtt.set(self.rows, row.tls_rtt);
        self.srt_sum.set(self.rows, row.srt_sum);
        self.srt_count.set(self.rows, row.srt_count);
        self.srt_max.set(self.rows, row.srt_max);
        self.art_sum.set(self.rows, row.art_sum);
        self.art_count.set(self.rows, row.art_count);
        self.art_max.set(self.rows, row.art_max);
        self.rrt_sum.set(self.rows, row.rrt_sum);
        self.rrt_count.set(self.rows, row.rrt_count);
        self.rrt_max.set(self.rows, row.rrt_max);
        self.cit_sum.set(self.rows, row.cit_sum);
        self.cit_count.set(self.rows, row.cit_count);
        self.cit_max.set(self.rows, row.cit_max);
        self.retrans_tx.set(self.rows, row.retrans_tx);
        self.retrans_rx.set(self.rows, row.retrans_rx);
        self.retrans_syn.set(self.rows, row.retrans_syn);
        self.retrans_synack.set(self.rows, row.retrans_synack);
        self.zero_win_tx.set(self.rows, row.zero_win_tx);
        self.zero_win_rx.set(self.rows, row.zero_win_rx);
        self.ooo_tx.set(self.rows, row.ooo_tx);
        self.ooo_rx.set(self.rows, row.ooo_rx);
        self.syn_count.set(self.rows, row.syn_count);
        self.synack_count.set(self.rows, row.synack_count);
        self.fin_count.set(self.rows, row.fin_count);
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

    /// Sets `duration` of the row that comes next.
    #[inline(always)]
    pub fn duration(&mut self, value: u64) {
        self.duration.set(self.rows, value);
    }

    /// Sets `is_new_flow` of the row that comes next.
    #[inline(always)]
    pub fn is_new_flow(&mut self, value: u8) {
        self.is_new_flow.set(self.rows, value);
    }

    /// Sets `close_type` of the row that comes next.
    #[inline(always)]
    pub fn close_type(&mut self, value: u8) {
        self.close_type.set(self.rows, value);
    }

    /// Sets `status` of the row that comes next.
    #[inline(always)]
    pub fn status(&mut self, value: u8) {
        self.status.set(self.rows, value);
    }

    /// Sets `mac_0` of the row that comes next.
    #[inline(always)]
    pub fn mac_0(&mut self, value: u64) {
        self.mac_0.set(self.rows, value);
    }

    /// Sets `mac_1` of the row that comes next.
    #[inline(always)]
    pub fn mac_1(&mut self, value: u64) {
        self.mac_1.set(self.rows, value);
    }

    /// Sets `eth_type` of the row that comes next.
    #[inline(always)]
    pub fn eth_type(&mut self, value: u16) {
        self.eth_type.set(self.rows, value);
    }

    /// Sets `vlan` of the row that comes next.
    #[inline(always)]
    pub fn vlan(&mut self, value: u16) {
        self.vlan.set(self.rows, value);
    }

    /// Sets `tcp_flags_bit_0` of the row that comes next.
    #[inline(always)]
    pub fn tcp_flags_bit_0(&mut self, value: u16) {
        self.tcp_flags_bit_0.set(self.rows, value);
    }

    /// Sets `tcp_flags_bit_1` of the row that comes next.
    #[inline(always)]
    pub fn tcp_flags_bit_1(&mut self, value: u16) {
        self.tcp_flags_bit_1.set(self.rows, value);
    }

    /// Sets `syn_seq` of the row that comes next.
    #[inline(always)]
    pub fn syn_seq(&mut self, value: u32) {
        self.syn_seq.set(self.rows, value);
    }

    /// Sets `syn_ack_seq` of the row that comes next.
    #[inline(always)]
    pub fn syn_ack_seq(&mut self, value: u32) {
        self.syn_ack_seq.set(self.rows, value);
    }

    /// Sets `last_keepalive_seq` of the row that comes next.
    #[inline(always)]
    pub fn last_keepalive_seq(&mut self, value: u32) {
        self.last_keepalive_seq.set(self.rows, value);
    }

    /// Sets `last_keepalive_ack` of the row that comes next.
    #[inline(always)]
    pub fn last_keepalive_ack(&mut self, value: u32) {
        self.last_keepalive_ack.set(self.rows, value);
    }

    /// Sets `init_ipid` of the row that comes next.
    #[inline(always)]
    pub fn init_ipid(&mut self, value: u32) {
        self.init_ipid.set(self.rows, value);
    }

    /// Sets `tunnel_tier` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tier(&mut self, value: u8) {
        self.tunnel_tier.set(self.rows, value);
    }

    /// Sets `tunnel_tx_id` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_id(&mut self, value: u32) {
        self.tunnel_tx_id.set(self.rows, value);
    }

    /// Sets `tunnel_rx_id` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_id(&mut self, value: u32) {
        self.tunnel_rx_id.set(self.rows, value);
    }

    /// Sets `tunnel_tx_ip4_0` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_ip4_0(&mut self, value: [u8; 4]) {
        self.tunnel_tx_ip4_0.set(self.rows, value);
    }

    /// Sets `tunnel_tx_ip4_1` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_ip4_1(&mut self, value: [u8; 4]) {
        self.tunnel_tx_ip4_1.set(self.rows, value);
    }

    /// Sets `tunnel_rx_ip4_0` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_ip4_0(&mut self, value: [u8; 4]) {
        self.tunnel_rx_ip4_0.set(self.rows, value);
    }

    /// Sets `tunnel_rx_ip4_1` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_ip4_1(&mut self, value: [u8; 4]) {
        self.tunnel_rx_ip4_1.set(self.rows, value);
    }

    /// Sets `tunnel_tx_ip6_0` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_ip6_0(&mut self, value: [u8; 16]) {
        self.tunnel_tx_ip6_0.set(self.rows, value);
    }

    /// Sets `tunnel_tx_ip6_1` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_ip6_1(&mut self, value: [u8; 16]) {
        self.tunnel_tx_ip6_1.set(self.rows, value);
    }

    /// Sets `tunnel_rx_ip6_0` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_ip6_0(&mut self, value: [u8; 16]) {
        self.tunnel_rx_ip6_0.set(self.rows, value);
    }

    /// Sets `tunnel_rx_ip6_1` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_ip6_1(&mut self, value: [u8; 16]) {
        self.tunnel_rx_ip6_1.set(self.rows, value);
    }

    /// Sets `tunnel_is_ipv4` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_is_ipv4(&mut self, value: u8) {
        self.tunnel_is_ipv4.set(self.rows, value);
    }

    /// Sets `tunnel_tx_mac_0` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_mac_0(&mut self, value: u64) {
        self.tunnel_tx_mac_0.set(self.rows, value);
    }

    /// Sets `tunnel_tx_mac_1` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_tx_mac_1(&mut self, value: u64) {
        self.tunnel_tx_mac_1.set(self.rows, value);
    }

    /// Sets `tunnel_rx_mac_0` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_mac_0(&mut self, value: u64) {
        self.tunnel_rx_mac_0.set(self.rows, value);
    }

    /// Sets `tunnel_rx_mac_1` of the row that comes next.
    #[inline(always)]
    pub fn tunnel_rx_mac_1(&mut self, value: u64) {
        self.tunnel_rx_mac_1.set(self.rows, value);
    }

    /// Sets `request_domain` of the row that comes next.
    #[inline(always)]
    pub fn request_domain(&mut self, value: &str) {
        self.request_domain.set(self.rows, value);
    }

    /// Sets `packet_tx` of the row that comes next.
    #[inline(always)]
    pub fn packet_tx(&mut self, value: u64) {
        self.packet_tx.set(self.rows, value);
    }

    /// Sets `packet_rx` of the row that comes next.
    #[inline(always)]
    pub fn packet_rx(&mut self, value: u64) {
        self.packet_rx.set(self.rows, value);
    }

    /// Sets `byte_tx` of the row that comes next.
    #[inline(always)]
    pub fn byte_tx(&mut self, value: u64) {
        self.byte_tx.set(self.rows, value);
    }

    /// Sets `byte_rx` of the row that comes next.
    #[inline(always)]
    pub fn byte_rx(&mut self, value: u64) {
        self.byte_rx.set(self.rows, value);
    }

    /// Sets `l3_byte_tx` of the row that comes next.
    #[inline(always)]
    pub fn l3_byte_tx(&mut self, value: u64) {
        self.l3_byte_tx.set(self.rows, value);
    }

    /// Sets `l3_byte_rx` of the row that comes next.
    #[inline(always)]
    pub fn l3_byte_rx(&mut self, value: u64) {
        self.l3_byte_rx.set(self.rows, value);
    }

    /// Sets `l4_byte_tx` of the row that comes next.
    #[inline(always)]
    pub fn l4_byte_tx(&mut self, value: u64) {
        self.l4_byte_tx.set(self.rows, value);
    }

    /// Sets `l4_byte_rx` of the row that comes next.
    #[inline(always)]
    pub fn l4_byte_rx(&mut self, value: u64) {
        self.l4_byte_rx.set(self.rows, value);
    }

    /// Sets `total_packet_tx` of the row that comes next.
    #[inline(always)]
    pub fn total_packet_tx(&mut self, value: u64) {
        self.total_packet_tx.set(self.rows, value);
    }

    /// Sets `total_packet_rx` of the row that comes next.
    #[inline(always)]
    pub fn total_packet_rx(&mut self, value: u64) {
        self.total_packet_rx.set(self.rows, value);
    }

    /// Sets `total_byte_tx` of the row that comes next.
    #[inline(always)]
    pub fn total_byte_tx(&mut self, value: u64) {
        self.total_byte_tx.set(self.rows, value);
    }

    /// Sets `total_byte_rx` of the row that comes next.
    #[inline(always)]
    pub fn total_byte_rx(&mut self, value: u64) {
        self.total_byte_rx.set(self.rows, value);
    }

    /// Sets `l7_request` of the row that comes next.
    #[inline(always)]
    pub fn l7_request(&mut self, value: u32) {
        self.l7_request.set(self.rows, value);
    }

    /// Sets `l7_response` of the row that comes next.
    #[inline(always)]
    pub fn l7_response(&mut self, value: u32) {
        self.l7_response.set(self.rows, value);
    }

    /// Sets `l7_parse_failed` of the row that comes next.
    #[inline(always)]
    pub fn l7_parse_failed(&mut self, value: u32) {
        self.l7_parse_failed.set(self.rows, value);
    }

    /// Sets `l7_client_error` of the row that comes next.
    #[inline(always)]
    pub fn l7_client_error(&mut self, value: u32) {
        self.l7_client_error.set(self.rows, value);
    }

    /// Sets `l7_server_error` of the row that comes next.
    #[inline(always)]
    pub fn l7_server_error(&mut self, value: u32) {
        self.l7_server_error.set(self.rows, value);
    }

    /// Sets `l7_timeout` of the row that comes next.
    #[inline(always)]
    pub fn l7_timeout(&mut self, value: u32) {
        self.l7_timeout.set(self.rows, value);
    }

    /// Sets `l7_error` of the row that comes next.
    #[inline(always)]
    pub fn l7_error(&mut self, value: u32) {
        self.l7_error.set(self.rows, value);
    }

    /// Sets `rtt` of the row that comes next.
    #[inline(always)]
    pub fn rtt(&mut self, value: u64) {
        self.rtt.set(self.rows, value);
    }

    /// Sets `rtt_client_sum` of the row that comes next.
    #[inline(always)]
    pub fn rtt_client_sum(&mut self, value: u64) {
        self.rtt_client_sum.set(self.rows, value);
    }

    /// Sets `rtt_client_count` of the row that comes next.
    #[inline(always)]
    pub fn rtt_client_count(&mut self, value: u64) {
        self.rtt_client_count.set(self.rows, value);
    }

    /// Sets `rtt_client_max` of the row that comes next.
    #[inline(always)]
    pub fn rtt_client_max(&mut self, value: u64) {
        self.rtt_client_max.set(self.rows, value);
    }

    /// Sets `rtt_server_sum` of the row that comes next.
    #[inline(always)]
    pub fn rtt_server_sum(&mut self, value: u64) {
        self.rtt_server_sum.set(self.rows, value);
    }

    /// Sets `rtt_server_count` of the row that comes next.
    #[inline(always)]
    pub fn rtt_server_count(&mut self, value: u64) {
        self.rtt_server_count.set(self.rows, value);
    }

    /// Sets `rtt_server_max` of the row that comes next.
    #[inline(always)]
    pub fn rtt_server_max(&mut self, value: u64) {
        self.rtt_server_max.set(self.rows, value);
    }

    /// Sets `tls_rtt` of the row that comes next.
    #[inline(always)]
    pub fn tls_rtt(&mut self, value: u64) {
        self.tls_rtt.set(self.rows, value);
    }

    /// Sets `srt_sum` of the row that comes next.
    #[inline(always)]
    pub fn srt_sum(&mut self, value: u64) {
        self.srt_sum.set(self.rows, value);
    }

    /// Sets `srt_count` of the row that comes next.
    #[inline(always)]
    pub fn srt_count(&mut self, value: u64) {
        self.srt_count.set(self.rows, value);
    }

    /// Sets `srt_max` of the row that comes next.
    #[inline(always)]
    pub fn srt_max(&mut self, value: u64) {
        self.srt_max.set(self.rows, value);
    }

    /// Sets `art_sum` of the row that comes next.
    #[inline(always)]
    pub fn art_sum(&mut self, value: u64) {
        self.art_sum.set(self.rows, value);
    }

    /// Sets `art_count` of the row that comes next.
    #[inline(always)]
    pub fn art_count(&mut self, value: u64) {
        self.art_count.set(self.rows, value);
    }

    /// Sets `art_max` of the row that comes next.
    #[inline(always)]
    pub fn art_max(&mut self, value: u64) {
        self.art_max.set(self.rows, value);
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

    /// Sets `cit_sum` of the row that comes next.
    #[inline(always)]
    pub fn cit_sum(&mut self, value: u64) {
        self.cit_sum.set(self.rows, value);
    }

    /// Sets `cit_count` of the row that comes next.
    #[inline(always)]
    pub fn cit_count(&mut self, value: u64) {
        self.cit_count.set(self.rows, value);
    }

    /// Sets `cit_max` of the row that comes next.
    #[inline(always)]
    pub fn cit_max(&mut self, value: u64) {
        self.cit_max.set(self.rows, value);
    }

    /// Sets `retrans_tx` of the row that comes next.
    #[inline(always)]
    pub fn retrans_tx(&mut self, value: u32) {
        self.retrans_tx.set(self.rows, value);
    }

    /// Sets `retrans_rx` of the row that comes next.
    #[inline(always)]
    pub fn retrans_rx(&mut self, value: u32) {
        self.retrans_rx.set(self.rows, value);
    }

    /// Sets `retrans_syn` of the row that comes next.
    #[inline(always)]
    pub fn retrans_syn(&mut self, value: u32) {
        self.retrans_syn.set(self.rows, value);
    }

    /// Sets `retrans_synack` of the row that comes next.
    #[inline(always)]
    pub fn retrans_synack(&mut self, value: u32) {
        self.retrans_synack.set(self.rows, value);
    }

    /// Sets `zero_win_tx` of the row that comes next.
    #[inline(always)]
    pub fn zero_win_tx(&mut self, value: u32) {
        self.zero_win_tx.set(self.rows, value);
    }

    /// Sets `zero_win_rx` of the row that comes next.
    #[inline(always)]
    pub fn zero_win_rx(&mut self, value: u32) {
        self.zero_win_rx.set(self.rows, value);
    }

    /// Sets `ooo_tx` of the row that comes next.
    #[inline(always)]
    pub fn ooo_tx(&mut self, value: u32) {
        self.ooo_tx.set(self.rows, value);
    }

    /// Sets `ooo_rx` of the row that comes next.
    #[inline(always)]
    pub fn ooo_rx(&mut self, value: u32) {
        self.ooo_rx.set(self.rows, value);
    }

    /// Sets `syn_count` of the row that comes next.
    #[inline(always)]
    pub fn syn_count(&mut self, value: u32) {
        self.syn_count.set(self.rows, value);
    }

    /// Sets `synack_count` of the row that comes next.
    #[inline(always)]
    pub fn synack_count(&mut self, value: u32) {
        self.synack_count.set(self.rows, value);
    }

    /// Sets `fin_count` of the row that comes next.
    #[inline(always)]
    pub fn fin_count(&mut self, value: u32) {
        self.fin_count.set(self.rows, value);
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
            + self.duration.raw_len(self.rows)
            + self.is_new_flow.raw_len(self.rows)
            + self.close_type.raw_len(self.rows)
            + self.status.raw_len(self.rows)
            + self.mac_0.raw_len(self.rows)
            + self.mac_1.raw_len(self.rows)
            + self.eth_type.raw_len(self.rows)
            + self.vlan.raw_len(self.rows)
            + self.tcp_flags_bit_0.raw_len(self.rows)
            + self.tcp_flags_bit_1.raw_len(self.rows)
            + self.syn_seq.raw_len(self.rows)
            + self.syn_ack_seq.raw_len(self.rows)
            + self.last_keepalive_seq.raw_len(self.rows)
            + self.last_keepalive_ack.raw_len(self.rows)
            + self.init_ipid.raw_len(self.rows)
            + self.tunnel_tier.raw_len(self.rows)
            + self.tunnel_tx_id.raw_len(self.rows)
            + self.tunnel_rx_id.raw_len(self.rows)
            + self.tunnel_tx_ip4_0.raw_len(self.rows)
            + self.tunnel_tx_ip4_1.raw_len(self.rows)
            + self.tunnel_rx_ip4_0.raw_len(self.rows)
            + self.tunnel_rx_ip4_1.raw_len(self.rows)
            + self.tunnel_tx_ip6_0.raw_len(self.rows)
            + self.tunnel_tx_ip6_1.raw_len(self.rows)
            + self.tunnel_rx_ip6_0.raw_len(self.rows)
            + self.tunnel_rx_ip6_1.raw_len(self.rows)
            + self.tunnel_is_ipv4.raw_len(self.rows)
            + self.tunnel_tx_mac_0.raw_len(self.rows)
            + self.tunnel_tx_mac_1.raw_len(self.rows)
            + self.tunnel_rx_mac_0.raw_len(self.rows)
            + self.tunnel_rx_mac_1.raw_len(self.rows)
            + self.request_domain.raw_len(self.rows)
            + self.packet_tx.raw_len(self.rows)
            + self.packet_rx.raw_len(self.rows)
            + self.byte_tx.raw_len(self.rows)
            + self.byte_rx.raw_len(self.rows)
            + self.l3_byte_tx.raw_len(self.rows)
            + self.l3_byte_rx.raw_len(self.rows)
            + self.l4_byte_tx.raw_len(self.rows)
            + self.l4_byte_rx.raw_len(self.rows)
            + self.total_packet_tx.raw_len(self.rows)
            + self.total_packet_rx.raw_len(self.rows)
            + self.total_byte_tx.raw_len(self.rows)
            + self.total_byte_rx.raw_len(self.rows)
            + self.l7_request.raw_len(self.rows)
            + self.l7_response.raw_len(self.rows)
            + self.l7_parse_failed.raw_len(self.rows)
            + self.l7_client_error.raw_len(self.rows)
            + self.l7_server_error.raw_len(self.rows)
            + self.l7_timeout.raw_len(self.rows)
            + self.l7_error.raw_len(self.rows)
            + self.rtt.raw_len(self.rows)
            + self.rtt_client_sum.raw_len(self.rows)
            + self.rtt_client_count.raw_len(self.rows)
            + self.rtt_client_max.raw_len(self.rows)
            + self.rtt_server_sum.raw_len(self.rows)
            + self.rtt_server_count.raw_len(self.rows)
            + self.rtt_server_max.raw_len(self.rows)
            + self.tls_rtt.raw_len(self.rows)
            + self.srt_sum.raw_len(self.rows)
            + self.srt_count.raw_len(self.rows)
            + self.srt_max.raw_len(self.rows)
            + self.art_sum.raw_len(self.rows)
            + self.art_count.raw_len(self.rows)
            + self.art_max.raw_len(self.rows)
            + self.rrt_sum.raw_len(self.rows)
            + self.rrt_count.raw_len(self.rows)
            + self.rrt_max.raw_len(self.rows)
            + self.cit_sum.raw_len(self.rows)
            + self.cit_count.raw_len(self.rows)
            + self.cit_max.raw_len(self.rows)
            + self.retrans_tx.raw_len(self.rows)
            + self.retrans_rx.raw_len(self.rows)
            + self.retrans_syn.raw_len(self.rows)
            + self.retrans_synack.raw_len(self.rows)
            + self.zero_win_tx.raw_len(self.rows)
            + self.zero_win_rx.raw_len(self.rows)
            + self.ooo_tx.raw_len(self.rows)
            + self.ooo_rx.raw_len(self.rows)
            + self.syn_count.raw_len(self.rows)
            + self.synack_count.raw_len(self.rows)
            + self.fin_count.raw_len(self.rows)
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
        put(out, 200, Type::UInt64, &self.duration, self.rows);
        put(out, 201, Type::UInt8, &self.is_new_flow, self.rows);
        put(out, 202, Type::UInt8, &self.close_type, self.rows);
        put(out, 203, Type::UInt8, &self.status, self.rows);
        put(out, 204, Type::UInt64, &self.mac_0, self.rows);
        put(out, 205, Type::UInt64, &self.mac_1, self.rows);
        put(out, 206, Type::UInt16, &self.eth_type, self.rows);
        put(out, 207, Type::UInt16, &self.vlan, self.rows);
        put(out, 208, Type::UInt16, &self.tcp_flags_bit_0, self.rows);
        put(out, 209, Type::UInt16, &self.tcp_flags_bit_1, self.rows);
        put(out, 210, Type::UInt32, &self.syn_seq, self.rows);
        put(out, 211, Type::UInt32, &self.syn_ack_seq, self.rows);
        put(out, 212, Type::UInt32, &self.last_keepalive_seq, self.rows);
        put(out, 213, Type::UInt32, &self.last_keepalive_ack, self.rows);
        put(out, 214, Type::UInt32, &self.init_ipid, self.rows);
        put(out, 215, Type::UInt8, &self.tunnel_tier, self.rows);
        put(out, 216, Type::UInt32, &self.tunnel_tx_id, self.rows);
        put(out, 217, Type::UInt32, &self.tunnel_rx_id, self.rows);
        put(out, 218, Type::Ipv4, &self.tunnel_tx_ip4_0, self.rows);
        put(out, 219, Type::Ipv4, &self.tunnel_tx_ip4_1, self.rows);
        put(out, 220, Type::Ipv4, &self.tunnel_rx_ip4_0, self.rows);
        put(out, 221, Type::Ipv4, &self.tunnel_rx_ip4_1, self.rows);
        put(out, 222, Type::Ipv6, &self.tunnel_tx_ip6_0, self.rows);
        put(out, 223, Type::Ipv6, &self.tunnel_tx_ip6_1, self.rows);
        put(out, 224, Type::Ipv6, &self.tunnel_rx_ip6_0, self.rows);
        put(out, 225, Type::Ipv6, &self.tunnel_rx_ip6_1, self.rows);
        put(out, 226, Type::UInt8, &self.tunnel_is_ipv4, self.rows);
        put(out, 227, Type::UInt64, &self.tunnel_tx_mac_0, self.rows);
        put(out, 228, Type::UInt64, &self.tunnel_tx_mac_1, self.rows);
        put(out, 229, Type::UInt64, &self.tunnel_rx_mac_0, self.rows);
        put(out, 230, Type::UInt64, &self.tunnel_rx_mac_1, self.rows);
        put(out, 231, Type::String, &self.request_domain, self.rows);
        put(out, 232, Type::UInt64, &self.packet_tx, self.rows);
        put(out, 233, Type::UInt64, &self.packet_rx, self.rows);
        put(out, 234, Type::UInt64, &self.byte_tx, self.rows);
        put(out, 235, Type::UInt64, &self.byte_rx, self.rows);
        put(out, 236, Type::UInt64, &self.l3_byte_tx, self.rows);
        put(out, 237, Type::UInt64, &self.l3_byte_rx, self.rows);
        put(out, 238, Type::UInt64, &self.l4_byte_tx, self.rows);
        put(out, 239, Type::UInt64, &self.l4_byte_rx, self.rows);
        put(out, 240, Type::UInt64, &self.total_packet_tx, self.rows);
        put(out, 241, Type::UInt64, &self.total_packet_rx, self.rows);
        put(out, 242, Type::UInt64, &self.total_byte_tx, self.rows);
        put(out, 243, Type::UInt64, &self.total_byte_rx, self.rows);
        put(out, 244, Type::UInt32, &self.l7_request, self.rows);
        put(out, 245, Type::UInt32, &self.l7_response, self.rows);
        put(out, 246, Type::UInt32, &self.l7_parse_failed, self.rows);
        put(out, 247, Type::UInt32, &self.l7_client_error, self.rows);
        put(out, 248, Type::UInt32, &self.l7_server_error, self.rows);
        put(out, 249, Type::UInt32, &self.l7_timeout, self.rows);
        put(out, 250, Type::UInt32, &self.l7_error, self.rows);
        put(out, 251, Type::UInt64, &self.rtt, self.rows);
        put(out, 252, Type::UInt64, &self.rtt_client_sum, self.rows);
        put(out, 253, Type::UInt64, &self.rtt_client_count, self.rows);
        put(out, 254, Type::UInt64, &self.rtt_client_max, self.rows);
        put(out, 255, Type::UInt64, &self.rtt_server_sum, self.rows);
        put(out, 256, Type::UInt64, &self.rtt_server_count, self.rows);
        put(out, 257, Type::UInt64, &self.rtt_server_max, self.rows);
        put(out, 258, Type::UInt64, &self.tls_rtt, self.rows);
        put(out, 259, Type::UInt64, &self.srt_sum, self.rows);
        put(out, 260, Type::UInt64, &self.srt_count, self.rows);
        put(out, 261, Type::UInt64, &self.srt_max, self.rows);
        put(out, 262, Type::UInt64, &self.art_sum, self.rows);
        put(out, 263, Type::UInt64, &self.art_count, self.rows);
        put(out, 264, Type::UInt64, &self.art_max, self.rows);
        put(out, 265, Type::UInt64, &self.rrt_sum, self.rows);
        put(out, 266, Type::UInt64, &self.rrt_count, self.rows);
        put(out, 267, Type::UInt64, &self.rrt_max, self.rows);
        put(out, 268, Type::UInt64, &self.cit_sum, self.rows);
        put(out, 269, Type::UInt64, &self.cit_count, self.rows);
        put(out, 270, Type::UInt64, &self.cit_max, self.rows);
        put(out, 271, Type::UInt32, &self.retrans_tx, self.rows);
        put(out, 272, Type::UInt32, &self.retrans_rx, self.rows);
        put(out, 273, Type::UInt32, &self.retrans_syn, self.rows);
        put(out, 274, Type::UInt32, &self.retrans_synack, self.rows);
        put(out, 275, Type::UInt32, &self.zero_win_tx, self.rows);
        put(out, 276, Type::UInt32, &self.zero_win_rx, self.rows);
        put(out, 277, Type::UInt32, &self.ooo_tx, self.rows);
        put(out, 278, Type::UInt32, &self.ooo_rx, self.rows);
        put(out, 279, Type::UInt32, &self.syn_count, self.rows);
        put(out, 280, Type::UInt32, &self.synack_count, self.rows);
        put(out, 281, Type::UInt32, &self.fin_count, self.rows);
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
        self.duration.clear(rows);
        self.is_new_flow.clear(rows);
        self.close_type.clear(rows);
        self.status.clear(rows);
        self.mac_0.clear(rows);
        self.mac_1.clear(rows);
        self.eth_type.clear(rows);
        self.vlan.clear(rows);
        self.tcp_flags_bit_0.clear(rows);
        self.tcp_flags_bit_1.clear(rows);
        self.syn_seq.clear(rows);
        self.syn_ack_seq.clear(rows);
        self.last_keepalive_seq.clear(rows);
        self.last_keepalive_ack.clear(rows);
        self.init_ipid.clear(rows);
        self.tunnel_tier.clear(rows);
        self.tunnel_tx_id.clear(rows);
        self.tunnel_rx_id.clear(rows);
        self.tunnel_tx_ip4_0.clear(rows);
        self.tunnel_tx_ip4_1.clear(rows);
        self.tunnel_rx_ip4_0.clear(rows);
        self.tunnel_rx_ip4_1.clear(rows);
        self.tunnel_tx_ip6_0.clear(rows);
        self.tunnel_tx_ip6_1.clear(rows);
        self.tunnel_rx_ip6_0.clear(rows);
        self.tunnel_rx_ip6_1.clear(rows);
        self.tunnel_is_ipv4.clear(rows);
        self.tunnel_tx_mac_0.clear(rows);
        self.tunnel_tx_mac_1.clear(rows);
        self.tunnel_rx_mac_0.clear(rows);
        self.tunnel_rx_mac_1.clear(rows);
        self.request_domain.clear(rows);
        self.packet_tx.clear(rows);
        self.packet_rx.clear(rows);
        self.byte_tx.clear(rows);
        self.byte_rx.clear(rows);
        self.l3_byte_tx.clear(rows);
        self.l3_byte_rx.clear(rows);
        self.l4_byte_tx.clear(rows);
        self.l4_byte_rx.clear(rows);
        self.total_packet_tx.clear(rows);
        self.total_packet_rx.clear(rows);
        self.total_byte_tx.clear(rows);
        self.total_byte_rx.clear(rows);
        self.l7_request.clear(rows);
        self.l7_response.clear(rows);
        self.l7_parse_failed.clear(rows);
        self.l7_client_error.clear(rows);
        self.l7_server_error.clear(rows);
        self.l7_timeout.clear(rows);
        self.l7_error.clear(rows);
        self.rtt.clear(rows);
        self.rtt_client_sum.clear(rows);
        self.rtt_client_count.clear(rows);
        self.rtt_client_max.clear(rows);
        self.rtt_server_sum.clear(rows);
        self.rtt_server_count.clear(rows);
        self.rtt_server_max.clear(rows);
        self.tls_rtt.clear(rows);
        self.srt_sum.clear(rows);
        self.srt_count.clear(rows);
        self.srt_max.clear(rows);
        self.art_sum.clear(rows);
        self.art_count.clear(rows);
        self.art_max.clear(rows);
        self.rrt_sum.clear(rows);
        self.rrt_count.clear(rows);
        self.rrt_max.clear(rows);
        self.cit_sum.clear(rows);
        self.cit_count.clear(rows);
        self.cit_max.clear(rows);
        self.retrans_tx.clear(rows);
        self.retrans_rx.clear(rows);
        self.retrans_syn.clear(rows);
        self.retrans_synack.clear(rows);
        self.zero_win_tx.clear(rows);
        self.zero_win_rx.clear(rows);
        self.ooo_tx.clear(rows);
        self.ooo_rx.clear(rows);
        self.syn_count.clear(rows);
        self.synack_count.clear(rows);
        self.fin_count.clear(rows);
    }
}
