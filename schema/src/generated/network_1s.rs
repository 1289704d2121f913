// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! `flow_metrics.network.1s`: Traffic of one address in one second.

use crate::block::{BlockColumn, ColumnBlock, Fixed, Ipv4s, Ipv6s, Packer, Words, put};
use crate::def::{Aggregation, ColumnDef, Format, Kind, Source, TableDef, Type};

/// Definition of `flow_metrics.network.1s`.
pub static TABLE: TableDef = TableDef {
    id: 3,
    database: "flow_metrics",
    name: "network.1s",
    version: 1,
    doc: "Traffic of one address in one second.",
    order_by: &["time", "l3_epc_id", "ip4", "ip6", "server_port"],
    partition_hours: 4,
    ttl_hours: 24,
    indexes: &[
    ],
    columns: &COLUMNS,
    by_id: &BY_ID,
};

static COLUMNS: [ColumnDef; 109] = [
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
    ColumnDef { id: 200, name: "packet_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets. Client to server." },
    ColumnDef { id: 201, name: "packet_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets. Server to client." },
    ColumnDef { id: 202, name: "packet", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Packets, both ways." },
    ColumnDef { id: 203, name: "byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes on the wire from the link header on. Client to server." },
    ColumnDef { id: 204, name: "byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes on the wire from the link header on. Server to client." },
    ColumnDef { id: 205, name: "byte", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes on the wire from the link header on, both ways." },
    ColumnDef { id: 206, name: "l3_byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of network-layer payload. Client to server." },
    ColumnDef { id: 207, name: "l3_byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of network-layer payload. Server to client." },
    ColumnDef { id: 208, name: "l4_byte_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of transport-layer payload. Client to server." },
    ColumnDef { id: 209, name: "l4_byte_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "byte", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Bytes of transport-layer payload. Server to client." },
    ColumnDef { id: 210, name: "new_flow", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows that began." },
    ColumnDef { id: 211, name: "closed_flow", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows that ended." },
    ColumnDef { id: 212, name: "flow_load", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows alive." },
    ColumnDef { id: 213, name: "l7_request", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "request", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application requests." },
    ColumnDef { id: 214, name: "l7_response", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application responses." },
    ColumnDef { id: 215, name: "syn_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "SYN packets." },
    ColumnDef { id: 216, name: "synack_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "SYN+ACK packets." },
    ColumnDef { id: 217, name: "retrans_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Retransmitted segments. Client to server." },
    ColumnDef { id: 218, name: "retrans_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Retransmitted segments. Server to client." },
    ColumnDef { id: 219, name: "retrans", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Retransmitted segments, both ways." },
    ColumnDef { id: 220, name: "zero_win_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that announced a window of zero. Client to server." },
    ColumnDef { id: 221, name: "zero_win_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that announced a window of zero. Server to client." },
    ColumnDef { id: 222, name: "zero_win", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that announced a window of zero, both ways." },
    ColumnDef { id: 223, name: "retrans_syn", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Repeated SYN packets." },
    ColumnDef { id: 224, name: "retrans_synack", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Repeated SYN+ACK packets." },
    ColumnDef { id: 225, name: "ooo_tx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that arrived out of order. Client to server." },
    ColumnDef { id: 226, name: "ooo_rx", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "packet", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Segments that arrived out of order. Server to client." },
    ColumnDef { id: 227, name: "client_rst_flow", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows the client reset while data flowed (close type 9)." },
    ColumnDef { id: 228, name: "server_rst_flow", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows the server reset while data flowed (close type 2)." },
    ColumnDef { id: 229, name: "server_syn_miss", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts without an answer to SYN (close type 7)." },
    ColumnDef { id: 230, name: "client_ack_miss", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts without the client's final ACK (close type 10)." },
    ColumnDef { id: 231, name: "client_half_close_flow", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows the client left half closed (close type 11)." },
    ColumnDef { id: 232, name: "server_half_close_flow", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Flows the server left half closed (close type 8)." },
    ColumnDef { id: 233, name: "client_source_port_reuse", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts from a port still in use (close type 13)." },
    ColumnDef { id: 234, name: "server_reset", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts the server reset at once (close type 15)." },
    ColumnDef { id: 235, name: "server_queue_lack", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connections lost to a full accept queue (close type 17)." },
    ColumnDef { id: 236, name: "client_establish_other_rst", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts the client reset for another reason (close type 18)." },
    ColumnDef { id: 237, name: "server_establish_other_rst", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts the server reset for another reason (close type 19)." },
    ColumnDef { id: 238, name: "tcp_timeout", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP flows that fell silent without an end (close type 3)." },
    ColumnDef { id: 239, name: "client_establish_fail", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts that failed by the client: close types 10, 13 and 18." },
    ColumnDef { id: 240, name: "server_establish_fail", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts that failed by the server: close types 7, 15 and 19." },
    ColumnDef { id: 241, name: "tcp_establish_fail", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connection attempts that failed, on either side." },
    ColumnDef { id: 242, name: "tcp_transfer_fail", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Established connections that ended badly: reset, queue overflow, timeout, half close." },
    ColumnDef { id: 243, name: "tcp_rst_fail", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "flow", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Connections ended by a reset, while connecting or later." },
    ColumnDef { id: 244, name: "rtt_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP handshake round trip, sum." },
    ColumnDef { id: 245, name: "rtt_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP handshake round trip, how many were measured." },
    ColumnDef { id: 246, name: "rtt_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "TCP handshake round trip, maximum." },
    ColumnDef { id: 247, name: "rtt_client_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client part of the TCP handshake: SYN+ACK to ACK, sum." },
    ColumnDef { id: 248, name: "rtt_client_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client part of the TCP handshake: SYN+ACK to ACK, how many were measured." },
    ColumnDef { id: 249, name: "rtt_client_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client part of the TCP handshake: SYN+ACK to ACK, maximum." },
    ColumnDef { id: 250, name: "rtt_server_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server part of the TCP handshake: SYN to SYN+ACK, sum." },
    ColumnDef { id: 251, name: "rtt_server_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server part of the TCP handshake: SYN to SYN+ACK, how many were measured." },
    ColumnDef { id: 252, name: "rtt_server_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Server part of the TCP handshake: SYN to SYN+ACK, maximum." },
    ColumnDef { id: 253, name: "srt_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "System response: data to the pure ACK that covers it, sum." },
    ColumnDef { id: 254, name: "srt_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "System response: data to the pure ACK that covers it, how many were measured." },
    ColumnDef { id: 255, name: "srt_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "System response: data to the pure ACK that covers it, maximum." },
    ColumnDef { id: 256, name: "art_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application response: request data to first response data, sum." },
    ColumnDef { id: 257, name: "art_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application response: request data to first response data, how many were measured." },
    ColumnDef { id: 258, name: "art_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Application response: request data to first response data, maximum." },
    ColumnDef { id: 259, name: "rrt_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, as the application protocol pairs them, sum." },
    ColumnDef { id: 260, name: "rrt_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, as the application protocol pairs them, how many were measured." },
    ColumnDef { id: 261, name: "rrt_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Request to response, as the application protocol pairs them, maximum." },
    ColumnDef { id: 262, name: "cit_sum", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelaySum), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client idle: last response data, or handshake, to next request data, sum." },
    ColumnDef { id: 263, name: "cit_count", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::DelayCount), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client idle: last response data, or handshake, to next request data, how many were measured." },
    ColumnDef { id: 264, name: "cit_max", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "us", kind: Kind::Metric(Aggregation::DelayMax), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Client idle: last response data, or handshake, to next request data, maximum." },
    ColumnDef { id: 265, name: "l7_client_error", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that blame the client." },
    ColumnDef { id: 266, name: "l7_server_error", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that blame the server." },
    ColumnDef { id: 267, name: "l7_timeout", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "request", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Requests without a response in time." },
    ColumnDef { id: 268, name: "l7_error", ty: Type::UInt64, codec: "T64, ZSTD(1)", unit: "response", kind: Kind::Metric(Aggregation::Counter), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "Responses that report an error, of either side." },
    ColumnDef { id: 269, name: "direction_score", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Metric(Aggregation::Gauge), enum_: None, format: Format::Plain, source: Source::Agent, since: 1, name_of: None, doc: "How sure the direction is: 255 certain, 0 a guess." },
    ColumnDef { id: 270, name: "_tid", ty: Type::UInt8, codec: "ZSTD(1)", unit: "", kind: Kind::Id, enum_: None, format: Format::Plain, source: Source::None, since: 1, name_of: None, doc: "Combination of tags the row was grouped by." },
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
    38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57,
    58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77,
    78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97,
    98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 0, 0, 0, 0, 0, 0, 0, 0, 0,
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
    109,
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
    pub const PACKET_TX: usize = 37;
    pub const PACKET_RX: usize = 38;
    pub const PACKET: usize = 39;
    pub const BYTE_TX: usize = 40;
    pub const BYTE_RX: usize = 41;
    pub const BYTE: usize = 42;
    pub const L3_BYTE_TX: usize = 43;
    pub const L3_BYTE_RX: usize = 44;
    pub const L4_BYTE_TX: usize = 45;
    pub const L4_BYTE_RX: usize = 46;
    pub const NEW_FLOW: usize = 47;
    pub const CLOSED_FLOW: usize = 48;
    pub const FLOW_LOAD: usize = 49;
    pub const L7_REQUEST: usize = 50;
    pub const L7_RESPONSE: usize = 51;
    pub const SYN_COUNT: usize = 52;
    pub const SYNACK_COUNT: usize = 53;
    pub const RETRANS_TX: usize = 54;
    pub const RETRANS_RX: usize = 55;
    pub const RETRANS: usize = 56;
    pub const ZERO_WIN_TX: usize = 57;
    pub const ZERO_WIN_RX: usize = 58;
    pub const ZERO_WIN: usize = 59;
    pub const RETRANS_SYN: usize = 60;
    pub const RETRANS_SYNACK: usize = 61;
    pub const OOO_TX: usize = 62;
    pub const OOO_RX: usize = 63;
    pub const CLIENT_RST_FLOW: usize = 64;
    pub const SERVER_RST_FLOW: usize = 65;
    pub const SERVER_SYN_MISS: usize = 66;
    pub const CLIENT_ACK_MISS: usize = 67;
    pub const CLIENT_HALF_CLOSE_FLOW: usize = 68;
    pub const SERVER_HALF_CLOSE_FLOW: usize = 69;
    pub const CLIENT_SOURCE_PORT_REUSE: usize = 70;
    pub const SERVER_RESET: usize = 71;
    pub const SERVER_QUEUE_LACK: usize = 72;
    pub const CLIENT_ESTABLISH_OTHER_RST: usize = 73;
    pub const SERVER_ESTABLISH_OTHER_RST: usize = 74;
    pub const TCP_TIMEOUT: usize = 75;
    pub const CLIENT_ESTABLISH_FAIL: usize = 76;
    pub const SERVER_ESTABLISH_FAIL: usize = 77;
    pub const TCP_ESTABLISH_FAIL: usize = 78;
    pub const TCP_TRANSFER_FAIL: usize = 79;
    pub const TCP_RST_FAIL: usize = 80;
    pub const RTT_SUM: usize = 81;
    pub const RTT_COUNT: usize = 82;
    pub const RTT_MAX: usize = 83;
    pub const RTT_CLIENT_SUM: usize = 84;
    pub const RTT_CLIENT_COUNT: usize = 85;
    pub const RTT_CLIENT_MAX: usize = 86;
    pub const RTT_SERVER_SUM: usize = 87;
    pub const RTT_SERVER_COUNT: usize = 88;
    pub const RTT_SERVER_MAX: usize = 89;
    pub const SRT_SUM: usize = 90;
    pub const SRT_COUNT: usize = 91;
    pub const SRT_MAX: usize = 92;
    pub const ART_SUM: usize = 93;
    pub const ART_COUNT: usize = 94;
    pub const ART_MAX: usize = 95;
    pub const RRT_SUM: usize = 96;
    pub const RRT_COUNT: usize = 97;
    pub const RRT_MAX: usize = 98;
    pub const CIT_SUM: usize = 99;
    pub const CIT_COUNT: usize = 100;
    pub const CIT_MAX: usize = 101;
    pub const L7_CLIENT_ERROR: usize = 102;
    pub const L7_SERVER_ERROR: usize = 103;
    pub const L7_TIMEOUT: usize = 104;
    pub const L7_ERROR: usize = 105;
    pub const DIRECTION_SCORE: usize = 106;
    pub const TID: usize = 107;
    pub const ROLE: usize = 108;
}

/// One row of `flow_metrics.network.1s`: the columns an agent fills.
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
    /// `packet_tx`: Packets. Client to server. Unit: packet.
    pub packet_tx: u64,
    /// `packet_rx`: Packets. Server to client. Unit: packet.
    pub packet_rx: u64,
    /// `packet`: Packets, both ways. Unit: packet.
    pub packet: u64,
    /// `byte_tx`: Bytes on the wire from the link header on. Client to server. Unit: byte.
    pub byte_tx: u64,
    /// `byte_rx`: Bytes on the wire from the link header on. Server to client. Unit: byte.
    pub byte_rx: u64,
    /// `byte`: Bytes on the wire from the link header on, both ways. Unit: byte.
    pub byte: u64,
    /// `l3_byte_tx`: Bytes of network-layer payload. Client to server. Unit: byte.
    pub l3_byte_tx: u64,
    /// `l3_byte_rx`: Bytes of network-layer payload. Server to client. Unit: byte.
    pub l3_byte_rx: u64,
    /// `l4_byte_tx`: Bytes of transport-layer payload. Client to server. Unit: byte.
    pub l4_byte_tx: u64,
    /// `l4_byte_rx`: Bytes of transport-layer payload. Server to client. Unit: byte.
    pub l4_byte_rx: u64,
    /// `new_flow`: Flows that began. Unit: flow.
    pub new_flow: u64,
    /// `closed_flow`: Flows that ended. Unit: flow.
    pub closed_flow: u64,
    /// `flow_load`: Flows alive. Unit: flow.
    pub flow_load: u64,
    /// `l7_request`: Application requests. Unit: request.
    pub l7_request: u64,
    /// `l7_response`: Application responses. Unit: response.
    pub l7_response: u64,
    /// `syn_count`: SYN packets. Unit: packet.
    pub syn_count: u64,
    /// `synack_count`: SYN+ACK packets. Unit: packet.
    pub synack_count: u64,
    /// `retrans_tx`: Retransmitted segments. Client to server. Unit: packet.
    pub retrans_tx: u64,
    /// `retrans_rx`: Retransmitted segments. Server to client. Unit: packet.
    pub retrans_rx: u64,
    /// `retrans`: Retransmitted segments, both ways. Unit: packet.
    pub retrans: u64,
    /// `zero_win_tx`: Segments that announced a window of zero. Client to server. Unit: packet.
    pub zero_win_tx: u64,
    /// `zero_win_rx`: Segments that announced a window of zero. Server to client. Unit: packet.
    pub zero_win_rx: u64,
    /// `zero_win`: Segments that announced a window of zero, both ways. Unit: packet.
    pub zero_win: u64,
    /// `retrans_syn`: Repeated SYN packets. Unit: packet.
    pub retrans_syn: u64,
    /// `retrans_synack`: Repeated SYN+ACK packets. Unit: packet.
    pub retrans_synack: u64,
    /// `ooo_tx`: Segments that arrived out of order. Client to server. Unit: packet.
    pub ooo_tx: u64,
    /// `ooo_rx`: Segments that arrived out of order. Server to client. Unit: packet.
    pub ooo_rx: u64,
    /// `client_rst_flow`: Flows the client reset while data flowed (close type 9). Unit: flow.
    pub client_rst_flow: u64,
    /// `server_rst_flow`: Flows the server reset while data flowed (close type 2). Unit: flow.
    pub server_rst_flow: u64,
    /// `server_syn_miss`: Connection attempts without an answer to SYN (close type 7). Unit: flow.
    pub server_syn_miss: u64,
    /// `client_ack_miss`: Connection attempts without the client's final ACK (close type 10). Unit: flow.
    pub client_ack_miss: u64,
    /// `client_half_close_flow`: Flows the client left half closed (close type 11). Unit: flow.
    pub client_half_close_flow: u64,
    /// `server_half_close_flow`: Flows the server left half closed (close type 8). Unit: flow.
    pub server_half_close_flow: u64,
    /// `client_source_port_reuse`: Connection attempts from a port still in use (close type 13). Unit: flow.
    pub client_source_port_reuse: u64,
    /// `server_reset`: Connection attempts the server reset at once (close type 15). Unit: flow.
    pub server_reset: u64,
    /// `server_queue_lack`: Connections lost to a full accept queue (close type 17). Unit: flow.
    pub server_queue_lack: u64,
    /// `client_establish_other_rst`: Connection attempts the client reset for another reason (close type 18). Unit: flow.
    pub client_establish_other_rst: u64,
    /// `server_establish_other_rst`: Connection attempts the server reset for another reason (close type 19). Unit: flow.
    pub server_establish_other_rst: u64,
    /// `tcp_timeout`: TCP flows that fell silent without an end (close type 3). Unit: flow.
    pub tcp_timeout: u64,
    /// `client_establish_fail`: Connection attempts that failed by the client: close types 10, 13 and 18. Unit: flow.
    pub client_establish_fail: u64,
    /// `server_establish_fail`: Connection attempts that failed by the server: close types 7, 15 and 19. Unit: flow.
    pub server_establish_fail: u64,
    /// `tcp_establish_fail`: Connection attempts that failed, on either side. Unit: flow.
    pub tcp_establish_fail: u64,
    /// `tcp_transfer_fail`: Established connections that ended badly: reset, queue overflow, timeout, half close. Unit: flow.
    pub tcp_transfer_fail: u64,
    /// `tcp_rst_fail`: Connections ended by a reset, while connecting or later. Unit: flow.
    pub tcp_rst_fail: u64,
    /// `rtt_sum`: TCP handshake round trip, sum. Unit: us.
    pub rtt_sum: u64,
    /// `rtt_count`: TCP handshake round trip, how many were measured.
    pub rtt_count: u64,
    /// `rtt_max`: TCP handshake round trip, maximum. Unit: us.
    pub rtt_max: u64,
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
    /// `l7_client_error`: Responses that blame the client. Unit: response.
    pub l7_client_error: u64,
    /// `l7_server_error`: Responses that blame the server. Unit: response.
    pub l7_server_error: u64,
    /// `l7_timeout`: Requests without a response in time. Unit: request.
    pub l7_timeout: u64,
    /// `l7_error`: Responses that report an error, of either side. Unit: response.
    pub l7_error: u64,
    /// `direction_score`: How sure the direction is: 255 certain, 0 a guess.
    pub direction_score: u8,
    /// `role`: Whether the address is the client or the server of what is counted.
    pub role: u8,
}

/// Rows of `flow_metrics.network.1s` as columns, ready for the wire.
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
    packet_tx: Fixed<u64>,
    packet_rx: Fixed<u64>,
    packet: Fixed<u64>,
    byte_tx: Fixed<u64>,
    byte_rx: Fixed<u64>,
    byte: Fixed<u64>,
    l3_byte_tx: Fixed<u64>,
    l3_byte_rx: Fixed<u64>,
    l4_byte_tx: Fixed<u64>,
    l4_byte_rx: Fixed<u64>,
    new_flow: Fixed<u64>,
    closed_flow: Fixed<u64>,
    flow_load: Fixed<u64>,
    l7_request: Fixed<u64>,
    l7_response: Fixed<u64>,
    syn_count: Fixed<u64>,
    synack_count: Fixed<u64>,
    retrans_tx: Fixed<u64>,
    retrans_rx: Fixed<u64>,
    retrans: Fixed<u64>,
    zero_win_tx: Fixed<u64>,
    zero_win_rx: Fixed<u64>,
    zero_win: Fixed<u64>,
    retrans_syn: Fixed<u64>,
    retrans_synack: Fixed<u64>,
    ooo_tx: Fixed<u64>,
    ooo_rx: Fixed<u64>,
    client_rst_flow: Fixed<u64>,
    server_rst_flow: Fixed<u64>,
    server_syn_miss: Fixed<u64>,
    client_ack_miss: Fixed<u64>,
    client_half_close_flow: Fixed<u64>,
    server_half_close_flow: Fixed<u64>,
    client_source_port_reuse: Fixed<u64>,
    server_reset: Fixed<u64>,
    server_queue_lack: Fixed<u64>,
    client_establish_other_rst: Fixed<u64>,
    server_establish_other_rst: Fixed<u64>,
    tcp_timeout: Fixed<u64>,
    client_establish_fail: Fixed<u64>,
    server_establish_fail: Fixed<u64>,
    tcp_establish_fail: Fixed<u64>,
    tcp_transfer_fail: Fixed<u64>,
    tcp_rst_fail: Fixed<u64>,
    rtt_sum: Fixed<u64>,
    rtt_count: Fixed<u64>,
    rtt_max: Fixed<u64>,
    rtt_client_sum: Fixed<u64>,
    rtt_client_count: Fixed<u64>,
    rtt_client_max: Fixed<u64>,
    rtt_server_sum: Fixed<u64>,
    rtt_server_count: Fixed<u64>,
    rtt_server_max: Fixed<u64>,
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
    l7_client_error: Fixed<u64>,
    l7_server_error: Fixed<u64>,
    l7_timeout: Fixed<u64>,
    l7_error: Fixed<u64>,
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
        self.packet_tx.set(self.rows, row.packet_tx);
        self.packet_rx.set(self.rows, row.packet_rx);
        self.packet.set(self.rows, row.packet);
        self.byte_tx.set(self.rows, row.byte_tx);
        self.byte_rx.set(self.rows, row.byte_rx);
        self.byte.set(self.rows, row.byte);
        self.l3_byte_tx.set(self.rows, row.l3_byte_tx);
        self.l3_byte_rx.set(self.rows, row.l3_byte_rx);
        self.l4_byte_tx.set(self.rows, row.l4_byte_tx);
        self.l4_byte_rx.set(self.rows, row.l4_byte_rx);
        self.new_flow.set(self.rows, row.new_flow);
        self.closed_flow.set(self.rows, row.closed_flow);
        self.flow_load.set(self.rows, row.flow_load);
        self.l7_request.set(self.rows, row.l7_request);
        self.l7_response.set(self.rows, row.l7_response);
        self.syn_count.set(self.rows, row.syn_count);
        self.synack_count.set(self.rows, row.synack_count);
        self.retrans_tx.set(self.rows, row.retrans_tx);
        self.retrans_rx.set(self.rows, row.retrans_rx);
        self.retrans.set(self.rows, row.retrans);
        self.zero_win_tx.set(self.rows, row.zero_win_tx);
        self.zero_win_rx.set(self.rows, row.zero_win_rx);
        self.zero_win.set(self.rows, row.zero_win);
        self.retrans_syn.set(self.rows, row.retrans_syn);
        self.retrans_synack.set(self.rows, row.retrans_synack);
        self.ooo_tx.set(self.rows, row.ooo_tx);
        self.ooo_rx.set(self.rows, row.ooo_rx);
        self.client_rst_flow.set(self.rows, row.client_rst_flow);
        self.server_rst_flow.set(self.rows, row.server_rst_flow);
        self.server_syn_miss.set(self.rows, row.server_syn_miss);
        self.client_ack_miss.set(self.rows, row.client_ack_miss);
        self.client_half_close_flow.set(self.rows, row.client_half_close_flow);
        self.server_half_close_flow.set(self.rows, row.server_half_close_flow);
        self.client_source_port_reuse.set(self.rows, row.client_source_port_reuse);
        self.server_reset.set(self.rows, row.server_reset);
        self.server_queue_lack.set(self.rows, row.server_queue_lack);
        self.client_establish_other_rst.set(self.rows, row.client_establish_other_rst);
        self.server_establish_other_rst.set(self.rows, row.server_establish_other_rst);
        self.tcp_timeout.set(self.rows, row.tcp_timeout);
        self.client_establish_fail.set(self.rows, row.client_establish_fail);
        self.server_establish_fail.set(self.rows, row.server_establish_fail);
        self.tcp_establish_fail.set(self.rows, row.tcp_establish_fail);
        self.tcp_transfer_fail.set(self.rows, row.tcp_transfer_fail);
        self.tcp_rst_fail.set(self.rows, row.tcp_rst_fail);
        self.rtt_sum.set(self.rows, row.rtt_sum);
        self.rtt_count.set(self.rows, row.rtt_count);
        self.rtt_max.set(self.rows, row.rtt_max);
        self.rtt_client_sum.set(self.rows, row.rtt_client_sum);
        self.rtt_client_count.set(self.rows, row.rtt_client_count);
        self.rtt_client_max.set(self.rows, row.rtt_client_max);
        self.rtt_server_sum.set(self.rows, row.rtt_server_sum);
        self.rtt_server_count.set(self.rows, row.rtt_server_count);
        self.rtt_server_max.set(self.rows, row.rtt_server_max);
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
        self.l7_client_error.set(self.rows, row.l7_client_error);
        self.l7_server_error.set(self.rows, row.l7_server_error);
        self.l7_timeout.set(self.rows, row.l7_timeout);
        self.l7_error.set(self.rows, row.l7_error);
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

    /// Sets `packet` of the row that comes next.
    #[inline(always)]
    pub fn packet(&mut self, value: u64) {
        self.packet.set(self.rows, value);
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

    /// Sets `byte` of the row that comes next.
    #[inline(always)]
    pub fn byte(&mut self, value: u64) {
        self.byte.set(self.rows, value);
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

    /// Sets `new_flow` of the row that comes next.
    #[inline(always)]
    pub fn new_flow(&mut self, value: u64) {
        self.new_flow.set(self.rows, value);
    }

    /// Sets `closed_flow` of the row that comes next.
    #[inline(always)]
    pub fn closed_flow(&mut self, value: u64) {
        self.closed_flow.set(self.rows, value);
    }

    /// Sets `flow_load` of the row that comes next.
    #[inline(always)]
    pub fn flow_load(&mut self, value: u64) {
        self.flow_load.set(self.rows, value);
    }

    /// Sets `l7_request` of the row that comes next.
    #[inline(always)]
    pub fn l7_request(&mut self, value: u64) {
        self.l7_request.set(self.rows, value);
    }

    /// Sets `l7_response` of the row that comes next.
    #[inline(always)]
    pub fn l7_response(&mut self, value: u64) {
        self.l7_response.set(self.rows, value);
    }

    /// Sets `syn_count` of the row that comes next.
    #[inline(always)]
    pub fn syn_count(&mut self, value: u64) {
        self.syn_count.set(self.rows, value);
    }

    /// Sets `synack_count` of the row that comes next.
    #[inline(always)]
    pub fn synack_count(&mut self, value: u64) {
        self.synack_count.set(self.rows, value);
    }

    /// Sets `retrans_tx` of the row that comes next.
    #[inline(always)]
    pub fn retrans_tx(&mut self, value: u64) {
        self.retrans_tx.set(self.rows, value);
    }

    /// Sets `retrans_rx` of the row that comes next.
    #[inline(always)]
    pub fn retrans_rx(&mut self, value: u64) {
        self.retrans_rx.set(self.rows, value);
    }

    /// Sets `retrans` of the row that comes next.
    #[inline(always)]
    pub fn retrans(&mut self, value: u64) {
        self.retrans.set(self.rows, value);
    }

    /// Sets `zero_win_tx` of the row that comes next.
    #[inline(always)]
    pub fn zero_win_tx(&mut self, value: u64) {
        self.zero_win_tx.set(self.rows, value);
    }

    /// Sets `zero_win_rx` of the row that comes next.
    #[inline(always)]
    pub fn zero_win_rx(&mut self, value: u64) {
        self.zero_win_rx.set(self.rows, value);
    }

    /// Sets `zero_win` of the row that comes next.
    #[inline(always)]
    pub fn zero_win(&mut self, value: u64) {
        self.zero_win.set(self.rows, value);
    }

    /// Sets `retrans_syn` of the row that comes next.
    #[inline(always)]
    pub fn retrans_syn(&mut self, value: u64) {
        self.retrans_syn.set(self.rows, value);
    }

    /// Sets `retrans_synack` of the row that comes next.
    #[inline(always)]
    pub fn retrans_synack(&mut self, value: u64) {
        self.retrans_synack.set(self.rows, value);
    }

    /// Sets `ooo_tx` of the row that comes next.
    #[inline(always)]
    pub fn ooo_tx(&mut self, value: u64) {
        self.ooo_tx.set(self.rows, value);
    }

    /// Sets `ooo_rx` of the row that comes next.
    #[inline(always)]
    pub fn ooo_rx(&mut self, value: u64) {
        self.ooo_rx.set(self.rows, value);
    }

    /// Sets `client_rst_flow` of the row that comes next.
    #[inline(always)]
    pub fn client_rst_flow(&mut self, value: u64) {
        self.client_rst_flow.set(self.rows, value);
    }

    /// Sets `server_rst_flow` of the row that comes next.
    #[inline(always)]
    pub fn server_rst_flow(&mut self, value: u64) {
        self.server_rst_flow.set(self.rows, value);
    }

    /// Sets `server_syn_miss` of the row that comes next.
    #[inline(always)]
    pub fn server_syn_miss(&mut self, value: u64) {
        self.server_syn_miss.set(self.rows, value);
    }

    /// Sets `client_ack_miss` of the row that comes next.
    #[inline(always)]
    pub fn client_ack_miss(&mut self, value: u64) {
        self.client_ack_miss.set(self.rows, value);
    }

    /// Sets `client_half_close_flow` of the row that comes next.
    #[inline(always)]
    pub fn client_half_close_flow(&mut self, value: u64) {
        self.client_half_close_flow.set(self.rows, value);
    }

    /// Sets `server_half_close_flow` of the row that comes next.
    #[inline(always)]
    pub fn server_half_close_flow(&mut self, value: u64) {
        self.server_half_close_flow.set(self.rows, value);
    }

    /// Sets `client_source_port_reuse` of the row that comes next.
    #[inline(always)]
    pub fn client_source_port_reuse(&mut self, value: u64) {
        self.client_source_port_reuse.set(self.rows, value);
    }

    /// Sets `server_reset` of the row that comes next.
    #[inline(always)]
    pub fn server_reset(&mut self, value: u64) {
        self.server_reset.set(self.rows, value);
    }

    /// Sets `server_queue_lack` of the row that comes next.
    #[inline(always)]
    pub fn server_queue_lack(&mut self, value: u64) {
        self.server_queue_lack.set(self.rows, value);
    }

    /// Sets `client_establish_other_rst` of the row that comes next.
    #[inline(always)]
    pub fn client_establish_other_rst(&mut self, value: u64) {
        self.client_establish_other_rst.set(self.rows, value);
    }

    /// Sets `server_establish_other_rst` of the row that comes next.
    #[inline(always)]
    pub fn server_establish_other_rst(&mut self, value: u64) {
        self.server_establish_other_rst.set(self.rows, value);
    }

    /// Sets `tcp_timeout` of the row that comes next.
    #[inline(always)]
    pub fn tcp_timeout(&mut self, value: u64) {
        self.tcp_timeout.set(self.rows, value);
    }

    /// Sets `client_establish_fail` of the row that comes next.
    #[inline(always)]
    pub fn client_establish_fail(&mut self, value: u64) {
        self.client_establish_fail.set(self.rows, value);
    }

    /// Sets `server_establish_fail` of the row that comes next.
    #[inline(always)]
    pub fn server_establish_fail(&mut self, value: u64) {
        self.server_establish_fail.set(self.rows, value);
    }

    /// Sets `tcp_establish_fail` of the row that comes next.
    #[inline(always)]
    pub fn tcp_establish_fail(&mut self, value: u64) {
        self.tcp_establish_fail.set(self.rows, value);
    }

    /// Sets `tcp_transfer_fail` of the row that comes next.
    #[inline(always)]
    pub fn tcp_transfer_fail(&mut self, value: u64) {
        self.tcp_transfer_fail.set(self.rows, value);
    }

    /// Sets `tcp_rst_fail` of the row that comes next.
    #[inline(always)]
    pub fn tcp_rst_fail(&mut self, value: u64) {
        self.tcp_rst_fail.set(self.rows, value);
    }

    /// Sets `rtt_sum` of the row that comes next.
    #[inline(always)]
    pub fn rtt_sum(&mut self, value: u64) {
        self.rtt_sum.set(self.rows, value);
    }

    /// Sets `rtt_count` of the row that comes next.
    #[inline(always)]
    pub fn rtt_count(&mut self, value: u64) {
        self.rtt_count.set(self.rows, value);
    }

    /// Sets `rtt_max` of the row that comes next.
    #[inline(always)]
    pub fn rtt_max(&mut self, value: u64) {
        self.rtt_max.set(self.rows, value);
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

    /// Sets `l7_client_error` of the row that comes next.
    #[inline(always)]
    pub fn l7_client_error(&mut self, value: u64) {
        self.l7_client_error.set(self.rows, value);
    }

    /// Sets `l7_server_error` of the row that comes next.
    #[inline(always)]
    pub fn l7_server_error(&mut self, value: u64) {
        self.l7_server_error.set(self.rows, value);
    }

    /// Sets `l7_timeout` of the row that comes next.
    #[inline(always)]
    pub fn l7_timeout(&mut self, value: u64) {
        self.l7_timeout.set(self.rows, value);
    }

    /// Sets `l7_error` of the row that comes next.
    #[inline(always)]
    pub fn l7_error(&mut self, value: u64) {
        self.l7_error.set(self.rows, value);
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
            + self.packet_tx.raw_len(self.rows)
            + self.packet_rx.raw_len(self.rows)
            + self.packet.raw_len(self.rows)
            + self.byte_tx.raw_len(self.rows)
            + self.byte_rx.raw_len(self.rows)
            + self.byte.raw_len(self.rows)
            + self.l3_byte_tx.raw_len(self.rows)
            + self.l3_byte_rx.raw_len(self.rows)
            + self.l4_byte_tx.raw_len(self.rows)
            + self.l4_byte_rx.raw_len(self.rows)
            + self.new_flow.raw_len(self.rows)
            + self.closed_flow.raw_len(self.rows)
            + self.flow_load.raw_len(self.rows)
            + self.l7_request.raw_len(self.rows)
            + self.l7_response.raw_len(self.rows)
            + self.syn_count.raw_len(self.rows)
            + self.synack_count.raw_len(self.rows)
            + self.retrans_tx.raw_len(self.rows)
            + self.retrans_rx.raw_len(self.rows)
            + self.retrans.raw_len(self.rows)
            + self.zero_win_tx.raw_len(self.rows)
            + self.zero_win_rx.raw_len(self.rows)
            + self.zero_win.raw_len(self.rows)
            + self.retrans_syn.raw_len(self.rows)
            + self.retrans_synack.raw_len(self.rows)
            + self.ooo_tx.raw_len(self.rows)
            + self.ooo_rx.raw_len(self.rows)
            + self.client_rst_flow.raw_len(self.rows)
            + self.server_rst_flow.raw_len(self.rows)
            + self.server_syn_miss.raw_len(self.rows)
            + self.client_ack_miss.raw_len(self.rows)
            + self.client_half_close_flow.raw_len(self.rows)
            + self.server_half_close_flow.raw_len(self.rows)
            + self.client_source_port_reuse.raw_len(self.rows)
            + self.server_reset.raw_len(self.rows)
            + self.server_queue_lack.raw_len(self.rows)
            + self.client_establish_other_rst.raw_len(self.rows)
            + self.server_establish_other_rst.raw_len(self.rows)
            + self.tcp_timeout.raw_len(self.rows)
            + self.client_establish_fail.raw_len(self.rows)
            + self.server_establish_fail.raw_len(self.rows)
            + self.tcp_establish_fail.raw_len(self.rows)
            + self.tcp_transfer_fail.raw_len(self.rows)
            + self.tcp_rst_fail.raw_len(self.rows)
            + self.rtt_sum.raw_len(self.rows)
            + self.rtt_count.raw_len(self.rows)
            + self.rtt_max.raw_len(self.rows)
            + self.rtt_client_sum.raw_len(self.rows)
            + self.rtt_client_count.raw_len(self.rows)
            + self.rtt_client_max.raw_len(self.rows)
            + self.rtt_server_sum.raw_len(self.rows)
            + self.rtt_server_count.raw_len(self.rows)
            + self.rtt_server_max.raw_len(self.rows)
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
            + self.l7_client_error.raw_len(self.rows)
            + self.l7_server_error.raw_len(self.rows)
            + self.l7_timeout.raw_len(self.rows)
            + self.l7_error.raw_len(self.rows)
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
        put(out, 200, Type::UInt64, &self.packet_tx, self.rows);
        put(out, 201, Type::UInt64, &self.packet_rx, self.rows);
        put(out, 202, Type::UInt64, &self.packet, self.rows);
        put(out, 203, Type::UInt64, &self.byte_tx, self.rows);
        put(out, 204, Type::UInt64, &self.byte_rx, self.rows);
        put(out, 205, Type::UInt64, &self.byte, self.rows);
        put(out, 206, Type::UInt64, &self.l3_byte_tx, self.rows);
        put(out, 207, Type::UInt64, &self.l3_byte_rx, self.rows);
        put(out, 208, Type::UInt64, &self.l4_byte_tx, self.rows);
        put(out, 209, Type::UInt64, &self.l4_byte_rx, self.rows);
        put(out, 210, Type::UInt64, &self.new_flow, self.rows);
        put(out, 211, Type::UInt64, &self.closed_flow, self.rows);
        put(out, 212, Type::UInt64, &self.flow_load, self.rows);
        put(out, 213, Type::UInt64, &self.l7_request, self.rows);
        put(out, 214, Type::UInt64, &self.l7_response, self.rows);
        put(out, 215, Type::UInt64, &self.syn_count, self.rows);
        put(out, 216, Type::UInt64, &self.synack_count, self.rows);
        put(out, 217, Type::UInt64, &self.retrans_tx, self.rows);
        put(out, 218, Type::UInt64, &self.retrans_rx, self.rows);
        put(out, 219, Type::UInt64, &self.retrans, self.rows);
        put(out, 220, Type::UInt64, &self.zero_win_tx, self.rows);
        put(out, 221, Type::UInt64, &self.zero_win_rx, self.rows);
        put(out, 222, Type::UInt64, &self.zero_win, self.rows);
        put(out, 223, Type::UInt64, &self.retrans_syn, self.rows);
        put(out, 224, Type::UInt64, &self.retrans_synack, self.rows);
        put(out, 225, Type::UInt64, &self.ooo_tx, self.rows);
        put(out, 226, Type::UInt64, &self.ooo_rx, self.rows);
        put(out, 227, Type::UInt64, &self.client_rst_flow, self.rows);
        put(out, 228, Type::UInt64, &self.server_rst_flow, self.rows);
        put(out, 229, Type::UInt64, &self.server_syn_miss, self.rows);
        put(out, 230, Type::UInt64, &self.client_ack_miss, self.rows);
        put(out, 231, Type::UInt64, &self.client_half_close_flow, self.rows);
        put(out, 232, Type::UInt64, &self.server_half_close_flow, self.rows);
        put(out, 233, Type::UInt64, &self.client_source_port_reuse, self.rows);
        put(out, 234, Type::UInt64, &self.server_reset, self.rows);
        put(out, 235, Type::UInt64, &self.server_queue_lack, self.rows);
        put(out, 236, Type::UInt64, &self.client_establish_other_rst, self.rows);
        put(out, 237, Type::UInt64, &self.server_establish_other_rst, self.rows);
        put(out, 238, Type::UInt64, &self.tcp_timeout, self.rows);
        put(out, 239, Type::UInt64, &self.client_establish_fail, self.rows);
        put(out, 240, Type::UInt64, &self.server_establish_fail, self.rows);
        put(out, 241, Type::UInt64, &self.tcp_establish_fail, self.rows);
        put(out, 242, Type::UInt64, &self.tcp_transfer_fail, self.rows);
        put(out, 243, Type::UInt64, &self.tcp_rst_fail, self.rows);
        put(out, 244, Type::UInt64, &self.rtt_sum, self.rows);
        put(out, 245, Type::UInt64, &self.rtt_count, self.rows);
        put(out, 246, Type::UInt64, &self.rtt_max, self.rows);
        put(out, 247, Type::UInt64, &self.rtt_client_sum, self.rows);
        put(out, 248, Type::UInt64, &self.rtt_client_count, self.rows);
        put(out, 249, Type::UInt64, &self.rtt_client_max, self.rows);
        put(out, 250, Type::UInt64, &self.rtt_server_sum, self.rows);
        put(out, 251, Type::UInt64, &self.rtt_server_count, self.rows);
        put(out, 252, Type::UInt64, &self.rtt_server_max, self.rows);
        put(out, 253, Type::UInt64, &self.srt_sum, self.rows);
        put(out, 254, Type::UInt64, &self.srt_count, self.rows);
        put(out, 255, Type::UInt64, &self.srt_max, self.rows);
        put(out, 256, Type::UInt64, &self.art_sum, self.rows);
        put(out, 257, Type::UInt64, &self.art_count, self.rows);
        put(out, 258, Type::UInt64, &self.art_max, self.rows);
        put(out, 259, Type::UInt64, &self.rrt_sum, self.rows);
        put(out, 260, Type::UInt64, &self.rrt_count, self.rows);
        put(out, 261, Type::UInt64, &self.rrt_max, self.rows);
        put(out, 262, Type::UInt64, &self.cit_sum, self.rows);
        put(out, 263, Type::UInt64, &self.cit_count, self.rows);
        put(out, 264, Type::UInt64, &self.cit_max, self.rows);
        put(out, 265, Type::UInt64, &self.l7_client_error, self.rows);
        put(out, 266, Type::UInt64, &self.l7_server_error, self.rows);
        put(out, 267, Type::UInt64, &self.l7_timeout, self.rows);
        put(out, 268, Type::UInt64, &self.l7_error, self.rows);
        put(out, 269, Type::UInt8, &self.direction_score, self.rows);
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
        self.packet_tx.clear(rows);
        self.packet_rx.clear(rows);
        self.packet.clear(rows);
        self.byte_tx.clear(rows);
        self.byte_rx.clear(rows);
        self.byte.clear(rows);
        self.l3_byte_tx.clear(rows);
        self.l3_byte_rx.clear(rows);
        self.l4_byte_tx.clear(rows);
        self.l4_byte_rx.clear(rows);
        self.new_flow.clear(rows);
        self.closed_flow.clear(rows);
        self.flow_load.clear(rows);
        self.l7_request.clear(rows);
        self.l7_response.clear(rows);
        self.syn_count.clear(rows);
        self.synack_count.clear(rows);
        self.retrans_tx.clear(rows);
        self.retrans_rx.clear(rows);
        self.retrans.clear(rows);
        self.zero_win_tx.clear(rows);
        self.zero_win_rx.clear(rows);
        self.zero_win.clear(rows);
        self.retrans_syn.clear(rows);
        self.retrans_synack.clear(rows);
        self.ooo_tx.clear(rows);
        self.ooo_rx.clear(rows);
        self.client_rst_flow.clear(rows);
        self.server_rst_flow.clear(rows);
        self.server_syn_miss.clear(rows);
        self.client_ack_miss.clear(rows);
        self.client_half_close_flow.clear(rows);
        self.server_half_close_flow.clear(rows);
        self.client_source_port_reuse.clear(rows);
        self.server_reset.clear(rows);
        self.server_queue_lack.clear(rows);
        self.client_establish_other_rst.clear(rows);
        self.server_establish_other_rst.clear(rows);
        self.tcp_timeout.clear(rows);
        self.client_establish_fail.clear(rows);
        self.server_establish_fail.clear(rows);
        self.tcp_establish_fail.clear(rows);
        self.tcp_transfer_fail.clear(rows);
        self.tcp_rst_fail.clear(rows);
        self.rtt_sum.clear(rows);
        self.rtt_count.clear(rows);
        self.rtt_max.clear(rows);
        self.rtt_client_sum.clear(rows);
        self.rtt_client_count.clear(rows);
        self.rtt_client_max.clear(rows);
        self.rtt_server_sum.clear(rows);
        self.rtt_server_count.clear(rows);
        self.rtt_server_max.clear(rows);
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
        self.l7_client_error.clear(rows);
        self.l7_server_error.clear(rows);
        self.l7_timeout.clear(rows);
        self.l7_error.clear(rows);
        self.direction_score.clear(rows);
        self.role.clear(rows);
    }
}
