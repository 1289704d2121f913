// Made by `cargo xtask gen` from schema/tables and schema/enums.toml. Edit those.

//! Enumerations.

use crate::def::EnumDef;

/// Application protocol.
pub static L7_PROTOCOL: EnumDef = EnumDef {
    name: "l7_protocol",
    doc: "Application protocol.",
    prints_number: false,
    values: &[
        (0, "Unknown"),
        (1, "Other"),
        (20, "HTTP"),
        (21, "HTTP2"),
        (22, "WebSocket"),
        (40, "Dubbo"),
        (41, "gRPC"),
        (43, "SofaRPC"),
        (44, "FastCGI"),
        (45, "bRPC"),
        (46, "Tars"),
        (47, "SomeIP"),
        (48, "ISO8583"),
        (49, "Triple"),
        (50, "NetSign"),
        (51, "Thrift"),
        (60, "MySQL"),
        (61, "PostgreSQL"),
        (62, "Oracle"),
        (63, "Dameng"),
        (64, "TDS"),
        (65, "ClickHouse"),
        (80, "Redis"),
        (81, "MongoDB"),
        (82, "Memcached"),
        (83, "Cassandra"),
        (100, "Kafka"),
        (101, "MQTT"),
        (102, "AMQP"),
        (103, "OpenWire"),
        (104, "NATS"),
        (105, "Pulsar"),
        (106, "ZMTP"),
        (107, "RocketMQ"),
        (108, "WebSphereMQ"),
        (109, "STOMP"),
        (120, "DNS"),
        (121, "TLS"),
        (122, "Ping"),
        (123, "QUIC"),
        (124, "DTLS"),
        (125, "SSH"),
        (127, "Custom"),
        (140, "SMTP"),
        (141, "IMAP"),
        (142, "POP3"),
        (143, "FTP"),
        (144, "LDAP"),
        (145, "RADIUS"),
        (146, "SIP"),
        (147, "RTSP"),
        (148, "DHCP"),
        (149, "NTP"),
    ],
};

/// What a request row holds.
pub static TYPE: EnumDef = EnumDef {
    name: "type",
    doc: "What a request row holds.",
    prints_number: false,
    values: &[
        (0, "request"),
        (1, "response"),
        (2, "session"),
    ],
};

/// Outcome of a request.
pub static RESPONSE_STATUS: EnumDef = EnumDef {
    name: "response_status",
    doc: "Outcome of a request.",
    prints_number: false,
    values: &[
        (0, "ok"),
        (2, "timeout"),
        (3, "server_error"),
        (4, "client_error"),
        (5, "unknown"),
        (6, "parse_failed"),
    ],
};

/// Outcome of a flow.
pub static STATUS: EnumDef = EnumDef {
    name: "status",
    doc: "Outcome of a flow.",
    prints_number: false,
    values: &[
        (0, "ok"),
        (2, "timeout"),
        (3, "server_error"),
        (4, "client_error"),
        (5, "unknown"),
    ],
};

/// How a flow ended.
pub static CLOSE_TYPE: EnumDef = EnumDef {
    name: "close_type",
    doc: "How a flow ended.",
    prints_number: true,
    values: &[
        (0, "unknown"),
        (1, "normal finish"),
        (2, "transfer: server RST"),
        (3, "transfer: timeout"),
        (5, "periodic report"),
        (7, "connect: server SYN missing"),
        (8, "close: server half-close"),
        (9, "transfer: client RST"),
        (10, "connect: client ACK missing"),
        (11, "close: client half-close"),
        (13, "connect: client source port reuse"),
        (15, "connect: server direct reset"),
        (17, "transfer: server queue overflow"),
        (18, "connect: client other reset"),
        (19, "connect: server other reset"),
        (20, "normal finish with client RST"),
    ],
};

/// IP protocol, by the short names of IANA's registry (ICMPv6 for IPv6-ICMP).
pub static PROTOCOL: EnumDef = EnumDef {
    name: "protocol",
    doc: "IP protocol, by the short names of IANA's registry (ICMPv6 for IPv6-ICMP).",
    prints_number: false,
    values: &[
        (1, "ICMP"),
        (2, "IGMP"),
        (3, "GGP"),
        (4, "IPv4"),
        (5, "ST"),
        (6, "TCP"),
        (8, "EGP"),
        (9, "IGP"),
        (12, "PUP"),
        (17, "UDP"),
        (22, "XNS-IDP"),
        (27, "RDP"),
        (33, "DCCP"),
        (41, "IPv6"),
        (43, "IPv6-Route"),
        (44, "IPv6-Frag"),
        (46, "RSVP"),
        (47, "GRE"),
        (50, "ESP"),
        (51, "AH"),
        (55, "MOBILE"),
        (58, "ICMPv6"),
        (59, "IPv6-NoNxt"),
        (60, "IPv6-Opts"),
        (88, "EIGRP"),
        (89, "OSPFIGP"),
        (94, "IPIP"),
        (97, "ETHERIP"),
        (98, "ENCAP"),
        (103, "PIM"),
        (108, "IPComp"),
        (112, "VRRP"),
        (115, "L2TP"),
        (132, "SCTP"),
        (133, "FC"),
        (135, "Mobility Header"),
        (136, "UDPLite"),
        (137, "MPLS-in-IP"),
        (139, "HIP"),
        (140, "Shim6"),
        (142, "ROHC"),
        (143, "Ethernet"),
    ],
};

/// Tunnel.
pub static TUNNEL_TYPE: EnumDef = EnumDef {
    name: "tunnel_type",
    doc: "Tunnel.",
    prints_number: false,
    values: &[
        (0, "none"),
        (1, "VXLAN"),
        (2, "IPIP"),
        (3, "GRE"),
        (4, "Geneve"),
        (5, "VXLAN-NSH"),
        (6, "ERSPAN"),
        (7, "TEB"),
        (8, "GTP-U"),
        (9, "L2TPv3"),
        (10, "MPLS-UDP"),
    ],
};

/// What a row was made from.
pub static SIGNAL_SOURCE: EnumDef = EnumDef {
    name: "signal_source",
    doc: "What a row was made from.",
    prints_number: false,
    values: &[
        (0, "Packet"),
        (1, "xFlow"),
        (3, "eBPF"),
        (4, "OTel"),
        (5, "Prometheus"),
        (6, "Telegraf"),
    ],
};

/// How capture_nic is to be read.
pub static CAPTURE_NIC_TYPE: EnumDef = EnumDef {
    name: "capture_nic_type",
    doc: "How capture_nic is to be read.",
    prints_number: false,
    values: &[
        (0, "mac"),
        (1, "ipv4"),
        (2, "ipv6"),
        (3, "id"),
    ],
};

/// Role of a span, as in OpenTelemetry.
pub static SPAN_KIND: EnumDef = EnumDef {
    name: "span_kind",
    doc: "Role of a span, as in OpenTelemetry.",
    prints_number: false,
    values: &[
        (0, "unspecified"),
        (1, "internal"),
        (2, "server"),
        (3, "client"),
        (4, "producer"),
        (5, "consumer"),
    ],
};

/// End of a flow.
pub static ROLE: EnumDef = EnumDef {
    name: "role",
    doc: "End of a flow.",
    prints_number: false,
    values: &[
        (0, "client"),
        (1, "server"),
    ],
};

/// Kind of the most specific resource that owns an address.
pub static AUTO_INSTANCE_TYPE: EnumDef = EnumDef {
    name: "auto_instance_type",
    doc: "Kind of the most specific resource that owns an address.",
    prints_number: false,
    values: &[
        (0, "internet"),
        (1, "cloud host"),
        (5, "router"),
        (6, "hypervisor"),
        (9, "DHCP gateway"),
        (10, "pod"),
        (12, "Redis"),
        (13, "RDS"),
        (14, "pod node"),
        (15, "load balancer"),
        (16, "NAT gateway"),
        (120, "process"),
        (255, "IP"),
    ],
};

/// Kind of the service an address answers for.
pub static AUTO_SERVICE_TYPE: EnumDef = EnumDef {
    name: "auto_service_type",
    doc: "Kind of the service an address answers for.",
    prints_number: false,
    values: &[
        (0, "internet"),
        (1, "cloud host"),
        (5, "router"),
        (6, "hypervisor"),
        (9, "DHCP gateway"),
        (10, "pod"),
        (11, "pod service"),
        (12, "Redis"),
        (13, "RDS"),
        (14, "pod node"),
        (15, "load balancer"),
        (16, "NAT gateway"),
        (101, "workload"),
        (102, "pod service"),
        (103, "pod cluster"),
        (104, "custom service"),
        (105, "custom service"),
        (120, "process"),
        (130, "Deployment"),
        (131, "StatefulSet"),
        (132, "ReplicationController"),
        (133, "DaemonSet"),
        (134, "ReplicaSetController"),
        (135, "CloneSet"),
        (255, "IP"),
    ],
};
