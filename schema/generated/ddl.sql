-- Made by `cargo xtask gen`. For one ClickHouse.

CREATE DATABASE IF NOT EXISTS flow_log;

CREATE DATABASE IF NOT EXISTS flow_metrics;

CREATE DATABASE IF NOT EXISTS fathom_system;

CREATE TABLE IF NOT EXISTS flow_log.l4_flow_log (
    `time` DateTime('UTC') COMMENT 'Second in which the row\'s interval ended.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent that made the row.' CODEC(T64, ZSTD(1)),
    `ip4_0` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.' CODEC(ZSTD(1)),
    `ip4_1` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.' CODEC(ZSTD(1)),
    `ip6_0` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.' CODEC(ZSTD(1)),
    `ip6_1` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.' CODEC(ZSTD(1)),
    `is_ipv4` UInt8 COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.' CODEC(ZSTD(1)),
    `protocol` UInt8 COMMENT 'IP protocol number.' CODEC(ZSTD(1)),
    `server_port` UInt16 COMMENT 'Transport port of the server; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `l7_protocol` UInt8 COMMENT 'Application protocol.' CODEC(ZSTD(1)),
    `observation_point` LowCardinality(String) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...' CODEC(ZSTD(1)),
    `capture_nic` UInt32 COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.' CODEC(T64, ZSTD(1)),
    `capture_nic_type` UInt8 COMMENT 'How capture_nic is to be read.' CODEC(ZSTD(1)),
    `capture_network_type_id` UInt8 COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.' CODEC(ZSTD(1)),
    `signal_source` UInt8 COMMENT 'What the row was made from.' CODEC(ZSTD(1)),
    `tunnel_type` UInt8 COMMENT 'Outermost tunnel the traffic came through.' CODEC(ZSTD(1)),
    `pod_id_0` UInt32 COMMENT 'Kubernetes pod. Client side.' CODEC(T64, ZSTD(1)),
    `pod_id_1` UInt32 COMMENT 'Kubernetes pod. Server side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_0` UInt32 COMMENT 'Process, by its fleet-wide id. Client side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_1` UInt32 COMMENT 'Process, by its fleet-wide id. Server side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_0` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_1` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_0` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_1` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_type_0` UInt8 COMMENT 'Kind of resource auto_instance_id names. Client side.' CODEC(ZSTD(1)),
    `auto_instance_type_1` UInt8 COMMENT 'Kind of resource auto_instance_id names. Server side.' CODEC(ZSTD(1)),
    `auto_service_id_0` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_service_id_1` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_service_type_0` UInt8 COMMENT 'Kind of resource auto_service_id names. Client side.' CODEC(ZSTD(1)),
    `auto_service_type_1` UInt8 COMMENT 'Kind of resource auto_service_id names. Server side.' CODEC(ZSTD(1)),
    `tag_source_0` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Client side.' CODEC(ZSTD(1)),
    `tag_source_1` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Server side.' CODEC(ZSTD(1)),
    `region_id_0` UInt16 COMMENT 'Region. Client side.' CODEC(T64, ZSTD(1)),
    `region_id_1` UInt16 COMMENT 'Region. Server side.' CODEC(T64, ZSTD(1)),
    `az_id_0` UInt16 COMMENT 'Availability zone. Client side.' CODEC(T64, ZSTD(1)),
    `az_id_1` UInt16 COMMENT 'Availability zone. Server side.' CODEC(T64, ZSTD(1)),
    `host_id_0` UInt32 COMMENT 'Hypervisor host. Client side.' CODEC(T64, ZSTD(1)),
    `host_id_1` UInt32 COMMENT 'Hypervisor host. Server side.' CODEC(T64, ZSTD(1)),
    `l3_device_type_0` UInt8 COMMENT 'Kind of device that owns the address. Client side.' CODEC(ZSTD(1)),
    `l3_device_type_1` UInt8 COMMENT 'Kind of device that owns the address. Server side.' CODEC(ZSTD(1)),
    `l3_device_id_0` UInt32 COMMENT 'Device that owns the address. Client side.' CODEC(T64, ZSTD(1)),
    `l3_device_id_1` UInt32 COMMENT 'Device that owns the address. Server side.' CODEC(T64, ZSTD(1)),
    `subnet_id_0` UInt32 COMMENT 'Subnet. Client side.' CODEC(T64, ZSTD(1)),
    `subnet_id_1` UInt32 COMMENT 'Subnet. Server side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_0` UInt16 COMMENT 'Kubernetes cluster. Client side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_1` UInt16 COMMENT 'Kubernetes cluster. Server side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_0` UInt32 COMMENT 'Kubernetes namespace. Client side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_1` UInt32 COMMENT 'Kubernetes namespace. Server side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_0` UInt32 COMMENT 'Kubernetes node. Client side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_1` UInt32 COMMENT 'Kubernetes node. Server side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_0` UInt32 COMMENT 'Kubernetes workload. Client side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_1` UInt32 COMMENT 'Kubernetes workload. Server side.' CODEC(T64, ZSTD(1)),
    `service_id_0` UInt32 COMMENT 'Kubernetes service. Client side.' CODEC(T64, ZSTD(1)),
    `service_id_1` UInt32 COMMENT 'Kubernetes service. Server side.' CODEC(T64, ZSTD(1)),
    `province_0` LowCardinality(String) COMMENT 'Province of an internet address. Client side.' CODEC(ZSTD(1)),
    `province_1` LowCardinality(String) COMMENT 'Province of an internet address. Server side.' CODEC(ZSTD(1)),
    `team_id` UInt16 COMMENT 'Team the data belongs to.' CODEC(T64, ZSTD(1)),
    `nat_source` UInt8 COMMENT 'What the address translation was learned from.' CODEC(ZSTD(1)),
    `is_key_service` UInt8 COMMENT '1 when the service is marked as a key service.' CODEC(ZSTD(1)),
    `_id` UInt64 COMMENT 'Id of the row, unique with agent_id: the second of time, the agent\'s core and a counter, so a row is found by id without a scan.' CODEC(DoubleDelta, ZSTD(1)),
    `start_time` DateTime64(6, 'UTC') COMMENT 'First packet or call of the row.' CODEC(Delta, ZSTD(1)),
    `end_time` DateTime64(6, 'UTC') COMMENT 'Last packet or call of the row.' CODEC(Delta, ZSTD(1)),
    `flow_id` UInt64 COMMENT 'Flow the row belongs to, the same in all its rows.' CODEC(Delta, ZSTD(1)),
    `client_port` UInt16 COMMENT 'Transport port of the client; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `direction_score` UInt8 COMMENT 'How sure the direction is: 255 certain, 0 a guess.' CODEC(ZSTD(1)),
    `epc_id_0` Int32 COMMENT 'VPC of the device rather than of the address. Client side.' CODEC(T64, ZSTD(1)),
    `epc_id_1` Int32 COMMENT 'VPC of the device rather than of the address. Server side.' CODEC(T64, ZSTD(1)),
    `duration` UInt64 COMMENT 'Time from the flow\'s first packet to its last.' CODEC(T64, ZSTD(1)),
    `is_new_flow` UInt8 COMMENT '1 in the first row of a flow.' CODEC(ZSTD(1)),
    `close_type` UInt8 COMMENT 'How the flow ended; 5 is a report of a live flow.' CODEC(ZSTD(1)),
    `status` UInt8 COMMENT 'Outcome that follows from close_type.' CODEC(ZSTD(1)),
    `mac_0` UInt64 COMMENT 'MAC address, in the low 48 bits. Client side.' CODEC(ZSTD(1)),
    `mac_1` UInt64 COMMENT 'MAC address, in the low 48 bits. Server side.' CODEC(ZSTD(1)),
    `eth_type` UInt16 COMMENT 'EtherType.' CODEC(T64, ZSTD(1)),
    `vlan` UInt16 COMMENT 'VLAN id; 0 untagged.' CODEC(T64, ZSTD(1)),
    `tcp_flags_bit_0` UInt16 COMMENT 'TCP flags sent by this side, or-ed. Client side.' CODEC(T64, ZSTD(1)),
    `tcp_flags_bit_1` UInt16 COMMENT 'TCP flags sent by this side, or-ed. Server side.' CODEC(T64, ZSTD(1)),
    `syn_seq` UInt32 COMMENT 'Sequence number of SYN.' CODEC(ZSTD(1)),
    `syn_ack_seq` UInt32 COMMENT 'Sequence number of SYN+ACK.' CODEC(ZSTD(1)),
    `last_keepalive_seq` UInt32 COMMENT 'Sequence number of the last keep-alive.' CODEC(ZSTD(1)),
    `last_keepalive_ack` UInt32 COMMENT 'Acknowledgement number of the last keep-alive.' CODEC(ZSTD(1)),
    `init_ipid` UInt32 COMMENT 'IPv4 identification of the first packet.' CODEC(ZSTD(1)),
    `tunnel_tier` UInt8 COMMENT 'How many tunnels were taken off.' CODEC(ZSTD(1)),
    `tunnel_tx_id` UInt32 COMMENT 'Tunnel id (VNI, key, TEID, session, label), client to server.' CODEC(T64, ZSTD(1)),
    `tunnel_rx_id` UInt32 COMMENT 'Tunnel id (VNI, key, TEID, session, label), server to client.' CODEC(T64, ZSTD(1)),
    `tunnel_tx_ip4_0` IPv4 COMMENT 'Tunnel end, client to server. Client side.' CODEC(ZSTD(1)),
    `tunnel_tx_ip4_1` IPv4 COMMENT 'Tunnel end, client to server. Server side.' CODEC(ZSTD(1)),
    `tunnel_rx_ip4_0` IPv4 COMMENT 'Tunnel end, server to client. Client side.' CODEC(ZSTD(1)),
    `tunnel_rx_ip4_1` IPv4 COMMENT 'Tunnel end, server to client. Server side.' CODEC(ZSTD(1)),
    `tunnel_tx_ip6_0` IPv6 COMMENT 'Tunnel end, client to server. Client side.' CODEC(ZSTD(1)),
    `tunnel_tx_ip6_1` IPv6 COMMENT 'Tunnel end, client to server. Server side.' CODEC(ZSTD(1)),
    `tunnel_rx_ip6_0` IPv6 COMMENT 'Tunnel end, server to client. Client side.' CODEC(ZSTD(1)),
    `tunnel_rx_ip6_1` IPv6 COMMENT 'Tunnel end, server to client. Server side.' CODEC(ZSTD(1)),
    `tunnel_is_ipv4` UInt8 COMMENT '1 when the tunnel\'s own addresses are IPv4.' CODEC(ZSTD(1)),
    `tunnel_tx_mac_0` UInt64 COMMENT 'Tunnel MAC address, client to server. Client side.' CODEC(ZSTD(1)),
    `tunnel_tx_mac_1` UInt64 COMMENT 'Tunnel MAC address, client to server. Server side.' CODEC(ZSTD(1)),
    `tunnel_rx_mac_0` UInt64 COMMENT 'Tunnel MAC address, server to client. Client side.' CODEC(ZSTD(1)),
    `tunnel_rx_mac_1` UInt64 COMMENT 'Tunnel MAC address, server to client. Server side.' CODEC(ZSTD(1)),
    `request_domain` String COMMENT 'Domain the flow is about: Host, SNI, queried name.' CODEC(ZSTD(1)),
    `packet_tx` UInt64 COMMENT 'Packets in the interval. Client to server.' CODEC(T64, ZSTD(1)),
    `packet_rx` UInt64 COMMENT 'Packets in the interval. Server to client.' CODEC(T64, ZSTD(1)),
    `byte_tx` UInt64 COMMENT 'Bytes on the wire from the link header on, in the interval. Client to server.' CODEC(T64, ZSTD(1)),
    `byte_rx` UInt64 COMMENT 'Bytes on the wire from the link header on, in the interval. Server to client.' CODEC(T64, ZSTD(1)),
    `l3_byte_tx` UInt64 COMMENT 'Bytes of network-layer payload in the interval. Client to server.' CODEC(T64, ZSTD(1)),
    `l3_byte_rx` UInt64 COMMENT 'Bytes of network-layer payload in the interval. Server to client.' CODEC(T64, ZSTD(1)),
    `l4_byte_tx` UInt64 COMMENT 'Bytes of transport-layer payload in the interval. Client to server.' CODEC(T64, ZSTD(1)),
    `l4_byte_rx` UInt64 COMMENT 'Bytes of transport-layer payload in the interval. Server to client.' CODEC(T64, ZSTD(1)),
    `total_packet_tx` UInt64 COMMENT 'Packets since the flow began. Client to server.' CODEC(T64, ZSTD(1)),
    `total_packet_rx` UInt64 COMMENT 'Packets since the flow began. Server to client.' CODEC(T64, ZSTD(1)),
    `total_byte_tx` UInt64 COMMENT 'Bytes since the flow began. Client to server.' CODEC(T64, ZSTD(1)),
    `total_byte_rx` UInt64 COMMENT 'Bytes since the flow began. Server to client.' CODEC(T64, ZSTD(1)),
    `l7_request` UInt32 COMMENT 'Application requests.' CODEC(T64, ZSTD(1)),
    `l7_response` UInt32 COMMENT 'Application responses.' CODEC(T64, ZSTD(1)),
    `l7_parse_failed` UInt32 COMMENT 'Messages that could not be parsed.' CODEC(T64, ZSTD(1)),
    `l7_client_error` UInt32 COMMENT 'Responses that blame the client.' CODEC(T64, ZSTD(1)),
    `l7_server_error` UInt32 COMMENT 'Responses that blame the server.' CODEC(T64, ZSTD(1)),
    `l7_timeout` UInt32 COMMENT 'Requests without a response in time.' CODEC(T64, ZSTD(1)),
    `l7_error` UInt32 COMMENT 'Responses that report an error, of either side.' CODEC(T64, ZSTD(1)),
    `rtt` UInt64 COMMENT 'TCP handshake round trip; 0 not measured.' CODEC(T64, ZSTD(1)),
    `rtt_client_sum` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, sum.' CODEC(T64, ZSTD(1)),
    `rtt_client_count` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_client_max` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, maximum.' CODEC(T64, ZSTD(1)),
    `rtt_server_sum` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, sum.' CODEC(T64, ZSTD(1)),
    `rtt_server_count` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_server_max` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, maximum.' CODEC(T64, ZSTD(1)),
    `tls_rtt` UInt64 COMMENT 'TLS handshake; 0 not measured.' CODEC(T64, ZSTD(1)),
    `srt_sum` UInt64 COMMENT 'System response: data to the pure ACK that covers it, sum.' CODEC(T64, ZSTD(1)),
    `srt_count` UInt64 COMMENT 'System response: data to the pure ACK that covers it, how many were measured.' CODEC(T64, ZSTD(1)),
    `srt_max` UInt64 COMMENT 'System response: data to the pure ACK that covers it, maximum.' CODEC(T64, ZSTD(1)),
    `art_sum` UInt64 COMMENT 'Application response: request data to first response data, sum.' CODEC(T64, ZSTD(1)),
    `art_count` UInt64 COMMENT 'Application response: request data to first response data, how many were measured.' CODEC(T64, ZSTD(1)),
    `art_max` UInt64 COMMENT 'Application response: request data to first response data, maximum.' CODEC(T64, ZSTD(1)),
    `rrt_sum` UInt64 COMMENT 'Request to response, as the application protocol pairs them, sum.' CODEC(T64, ZSTD(1)),
    `rrt_count` UInt64 COMMENT 'Request to response, as the application protocol pairs them, how many were measured.' CODEC(T64, ZSTD(1)),
    `rrt_max` UInt64 COMMENT 'Request to response, as the application protocol pairs them, maximum.' CODEC(T64, ZSTD(1)),
    `cit_sum` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, sum.' CODEC(T64, ZSTD(1)),
    `cit_count` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, how many were measured.' CODEC(T64, ZSTD(1)),
    `cit_max` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, maximum.' CODEC(T64, ZSTD(1)),
    `retrans_tx` UInt32 COMMENT 'Retransmitted segments. Client to server.' CODEC(T64, ZSTD(1)),
    `retrans_rx` UInt32 COMMENT 'Retransmitted segments. Server to client.' CODEC(T64, ZSTD(1)),
    `retrans_syn` UInt32 COMMENT 'Repeated SYN packets.' CODEC(T64, ZSTD(1)),
    `retrans_synack` UInt32 COMMENT 'Repeated SYN+ACK packets.' CODEC(T64, ZSTD(1)),
    `zero_win_tx` UInt32 COMMENT 'Segments that announced a window of zero. Client to server.' CODEC(T64, ZSTD(1)),
    `zero_win_rx` UInt32 COMMENT 'Segments that announced a window of zero. Server to client.' CODEC(T64, ZSTD(1)),
    `ooo_tx` UInt32 COMMENT 'Segments that arrived out of order. Client to server.' CODEC(T64, ZSTD(1)),
    `ooo_rx` UInt32 COMMENT 'Segments that arrived out of order. Server to client.' CODEC(T64, ZSTD(1)),
    `syn_count` UInt32 COMMENT 'SYN packets.' CODEC(T64, ZSTD(1)),
    `synack_count` UInt32 COMMENT 'SYN+ACK packets.' CODEC(T64, ZSTD(1)),
    `fin_count` UInt32 COMMENT 'FIN packets.' CODEC(T64, ZSTD(1)),
    `l2_end_0` UInt8 COMMENT '1 when this side is at the capture point by its MAC address. Client side.' CODEC(ZSTD(1)),
    `l2_end_1` UInt8 COMMENT '1 when this side is at the capture point by its MAC address. Server side.' CODEC(ZSTD(1)),
    `l3_end_0` UInt8 COMMENT '1 when this side is at the capture point by its IP address. Client side.' CODEC(ZSTD(1)),
    `l3_end_1` UInt8 COMMENT '1 when this side is at the capture point by its IP address. Server side.' CODEC(ZSTD(1)),
    `nat_real_ip4_0` IPv4 COMMENT 'Address before translation, IPv4. Client side.' CODEC(ZSTD(1)),
    `nat_real_ip4_1` IPv4 COMMENT 'Address before translation, IPv4. Server side.' CODEC(ZSTD(1)),
    `nat_real_ip6_0` IPv6 COMMENT 'Address before translation, IPv6. Client side.' CODEC(ZSTD(1)),
    `nat_real_ip6_1` IPv6 COMMENT 'Address before translation, IPv6. Server side.' CODEC(ZSTD(1)),
    `nat_real_port_0` UInt16 COMMENT 'Port before translation. Client side.' CODEC(T64, ZSTD(1)),
    `nat_real_port_1` UInt16 COMMENT 'Port before translation. Server side.' CODEC(T64, ZSTD(1)),
    `aggregated_flow_ids` String COMMENT 'Ids of the flows a health-check row stands for.' CODEC(ZSTD(1)),
    `acl_gids` Array(UInt16) COMMENT 'Policy groups the flow matched.' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 12 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port)
TTL time + INTERVAL 72 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_log.l7_flow_log (
    `time` DateTime('UTC') COMMENT 'Second in which the row\'s interval ended.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent that made the row.' CODEC(T64, ZSTD(1)),
    `ip4_0` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.' CODEC(ZSTD(1)),
    `ip4_1` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.' CODEC(ZSTD(1)),
    `ip6_0` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.' CODEC(ZSTD(1)),
    `ip6_1` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.' CODEC(ZSTD(1)),
    `is_ipv4` UInt8 COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.' CODEC(ZSTD(1)),
    `protocol` UInt8 COMMENT 'IP protocol number.' CODEC(ZSTD(1)),
    `server_port` UInt16 COMMENT 'Transport port of the server; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `l7_protocol` UInt8 COMMENT 'Application protocol.' CODEC(ZSTD(1)),
    `observation_point` LowCardinality(String) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...' CODEC(ZSTD(1)),
    `capture_nic` UInt32 COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.' CODEC(T64, ZSTD(1)),
    `capture_nic_type` UInt8 COMMENT 'How capture_nic is to be read.' CODEC(ZSTD(1)),
    `capture_network_type_id` UInt8 COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.' CODEC(ZSTD(1)),
    `signal_source` UInt8 COMMENT 'What the row was made from.' CODEC(ZSTD(1)),
    `tunnel_type` UInt8 COMMENT 'Outermost tunnel the traffic came through.' CODEC(ZSTD(1)),
    `pod_id_0` UInt32 COMMENT 'Kubernetes pod. Client side.' CODEC(T64, ZSTD(1)),
    `pod_id_1` UInt32 COMMENT 'Kubernetes pod. Server side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_0` UInt32 COMMENT 'Process, by its fleet-wide id. Client side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_1` UInt32 COMMENT 'Process, by its fleet-wide id. Server side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_0` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_1` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_0` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_1` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_type_0` UInt8 COMMENT 'Kind of resource auto_instance_id names. Client side.' CODEC(ZSTD(1)),
    `auto_instance_type_1` UInt8 COMMENT 'Kind of resource auto_instance_id names. Server side.' CODEC(ZSTD(1)),
    `auto_service_id_0` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_service_id_1` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_service_type_0` UInt8 COMMENT 'Kind of resource auto_service_id names. Client side.' CODEC(ZSTD(1)),
    `auto_service_type_1` UInt8 COMMENT 'Kind of resource auto_service_id names. Server side.' CODEC(ZSTD(1)),
    `tag_source_0` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Client side.' CODEC(ZSTD(1)),
    `tag_source_1` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Server side.' CODEC(ZSTD(1)),
    `region_id_0` UInt16 COMMENT 'Region. Client side.' CODEC(T64, ZSTD(1)),
    `region_id_1` UInt16 COMMENT 'Region. Server side.' CODEC(T64, ZSTD(1)),
    `az_id_0` UInt16 COMMENT 'Availability zone. Client side.' CODEC(T64, ZSTD(1)),
    `az_id_1` UInt16 COMMENT 'Availability zone. Server side.' CODEC(T64, ZSTD(1)),
    `host_id_0` UInt32 COMMENT 'Hypervisor host. Client side.' CODEC(T64, ZSTD(1)),
    `host_id_1` UInt32 COMMENT 'Hypervisor host. Server side.' CODEC(T64, ZSTD(1)),
    `l3_device_type_0` UInt8 COMMENT 'Kind of device that owns the address. Client side.' CODEC(ZSTD(1)),
    `l3_device_type_1` UInt8 COMMENT 'Kind of device that owns the address. Server side.' CODEC(ZSTD(1)),
    `l3_device_id_0` UInt32 COMMENT 'Device that owns the address. Client side.' CODEC(T64, ZSTD(1)),
    `l3_device_id_1` UInt32 COMMENT 'Device that owns the address. Server side.' CODEC(T64, ZSTD(1)),
    `subnet_id_0` UInt32 COMMENT 'Subnet. Client side.' CODEC(T64, ZSTD(1)),
    `subnet_id_1` UInt32 COMMENT 'Subnet. Server side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_0` UInt16 COMMENT 'Kubernetes cluster. Client side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_1` UInt16 COMMENT 'Kubernetes cluster. Server side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_0` UInt32 COMMENT 'Kubernetes namespace. Client side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_1` UInt32 COMMENT 'Kubernetes namespace. Server side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_0` UInt32 COMMENT 'Kubernetes node. Client side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_1` UInt32 COMMENT 'Kubernetes node. Server side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_0` UInt32 COMMENT 'Kubernetes workload. Client side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_1` UInt32 COMMENT 'Kubernetes workload. Server side.' CODEC(T64, ZSTD(1)),
    `service_id_0` UInt32 COMMENT 'Kubernetes service. Client side.' CODEC(T64, ZSTD(1)),
    `service_id_1` UInt32 COMMENT 'Kubernetes service. Server side.' CODEC(T64, ZSTD(1)),
    `province_0` LowCardinality(String) COMMENT 'Province of an internet address. Client side.' CODEC(ZSTD(1)),
    `province_1` LowCardinality(String) COMMENT 'Province of an internet address. Server side.' CODEC(ZSTD(1)),
    `team_id` UInt16 COMMENT 'Team the data belongs to.' CODEC(T64, ZSTD(1)),
    `nat_source` UInt8 COMMENT 'What the address translation was learned from.' CODEC(ZSTD(1)),
    `is_key_service` UInt8 COMMENT '1 when the service is marked as a key service.' CODEC(ZSTD(1)),
    `_id` UInt64 COMMENT 'Id of the row, unique with agent_id: the second of time, the agent\'s core and a counter, so a row is found by id without a scan.' CODEC(DoubleDelta, ZSTD(1)),
    `start_time` DateTime64(6, 'UTC') COMMENT 'First packet or call of the row.' CODEC(Delta, ZSTD(1)),
    `end_time` DateTime64(6, 'UTC') COMMENT 'Last packet or call of the row.' CODEC(Delta, ZSTD(1)),
    `flow_id` UInt64 COMMENT 'Flow the row belongs to, the same in all its rows.' CODEC(Delta, ZSTD(1)),
    `client_port` UInt16 COMMENT 'Transport port of the client; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `direction_score` UInt8 COMMENT 'How sure the direction is: 255 certain, 0 a guess.' CODEC(ZSTD(1)),
    `epc_id_0` Int32 COMMENT 'VPC of the device rather than of the address. Client side.' CODEC(T64, ZSTD(1)),
    `epc_id_1` Int32 COMMENT 'VPC of the device rather than of the address. Server side.' CODEC(T64, ZSTD(1)),
    `version` LowCardinality(String) COMMENT 'Protocol version.' CODEC(ZSTD(1)),
    `type` UInt8 COMMENT 'Whether the row holds a request, a response or both.' CODEC(ZSTD(1)),
    `is_tls` UInt8 COMMENT '1 when the exchange was encrypted.' CODEC(ZSTD(1)),
    `is_async` UInt8 COMMENT '1 when the client did not wait for the response.' CODEC(ZSTD(1)),
    `is_reversed` UInt8 COMMENT '1 when client and server were found to be the other way round.' CODEC(ZSTD(1)),
    `request_type` LowCardinality(String) COMMENT 'Method, command, query type.' CODEC(ZSTD(1)),
    `request_domain` LowCardinality(String) COMMENT 'Host, authority, queried domain.' CODEC(ZSTD(1)),
    `request_resource` String COMMENT 'Path with query, statement, key.' CODEC(ZSTD(1)),
    `endpoint` LowCardinality(String) COMMENT 'What requests are grouped by: path pattern, rpc method, statement fingerprint.' CODEC(ZSTD(1)),
    `request_id` Nullable(UInt64) COMMENT 'Id the protocol gives the exchange.' CODEC(T64, ZSTD(1)),
    `request_length` Nullable(Int64) COMMENT 'Length of the request\'s body.' CODEC(T64, ZSTD(1)),
    `response_status` UInt8 COMMENT 'Outcome.' CODEC(ZSTD(1)),
    `response_code` Nullable(Int32) COMMENT 'Status code in the protocol\'s own numbering.' CODEC(T64, ZSTD(1)),
    `response_exception` String COMMENT 'Error text.' CODEC(ZSTD(1)),
    `response_result` String COMMENT 'Result, for instance resolved addresses.' CODEC(ZSTD(1)),
    `response_length` Nullable(Int64) COMMENT 'Length of the response\'s body.' CODEC(T64, ZSTD(1)),
    `response_duration` UInt64 COMMENT 'First packet of the request to first packet of the response; 0 without a response.' CODEC(T64, ZSTD(1)),
    `sql_affected_rows` Nullable(UInt64) COMMENT 'Rows a statement changed.' CODEC(T64, ZSTD(1)),
    `trace_id` String COMMENT 'Trace id of the header with the highest priority.' CODEC(ZSTD(1)),
    `_trace_id_2` String COMMENT 'Trace id of another header, when it differs.' CODEC(ZSTD(1)),
    `trace_id_index` UInt64 COMMENT 'xxh3-64 of trace_id; 0 without one.' CODEC(ZSTD(1)),
    `span_id` String COMMENT 'Span id.' CODEC(ZSTD(1)),
    `parent_span_id` String COMMENT 'Span id of the parent.' CODEC(ZSTD(1)),
    `span_kind` Nullable(UInt8) COMMENT 'Role of the span.' CODEC(ZSTD(1)),
    `x_request_id_0` String COMMENT 'X-Request-ID: side 0 from the request, side 1 from the response. Client side.' CODEC(ZSTD(1)),
    `x_request_id_1` String COMMENT 'X-Request-ID: side 0 from the request, side 1 from the response. Server side.' CODEC(ZSTD(1)),
    `http_proxy_client` String COMMENT 'Client behind a proxy, from X-Forwarded-For and the like.' CODEC(ZSTD(1)),
    `app_service` LowCardinality(String) COMMENT 'Service name an application gave itself.' CODEC(ZSTD(1)),
    `app_instance` LowCardinality(String) COMMENT 'Instance name an application gave itself.' CODEC(ZSTD(1)),
    `process_id_0` UInt32 COMMENT 'Process id on its host. Client side.' CODEC(T64, ZSTD(1)),
    `process_id_1` UInt32 COMMENT 'Process id on its host. Server side.' CODEC(T64, ZSTD(1)),
    `process_kname_0` LowCardinality(String) COMMENT 'Name of the thread in the kernel. Client side.' CODEC(ZSTD(1)),
    `process_kname_1` LowCardinality(String) COMMENT 'Name of the thread in the kernel. Server side.' CODEC(ZSTD(1)),
    `syscall_trace_id_request` UInt64 COMMENT 'Ties the request to the call that caused it.' CODEC(ZSTD(1)),
    `syscall_trace_id_response` UInt64 COMMENT 'Ties the response to the call it causes.' CODEC(ZSTD(1)),
    `syscall_thread_0` UInt32 COMMENT 'Thread: side 0 of the request, side 1 of the response. Client side.' CODEC(T64, ZSTD(1)),
    `syscall_thread_1` UInt32 COMMENT 'Thread: side 0 of the request, side 1 of the response. Server side.' CODEC(T64, ZSTD(1)),
    `syscall_coroutine_0` UInt64 COMMENT 'Coroutine: side 0 of the request, side 1 of the response. Client side.' CODEC(ZSTD(1)),
    `syscall_coroutine_1` UInt64 COMMENT 'Coroutine: side 0 of the request, side 1 of the response. Server side.' CODEC(ZSTD(1)),
    `syscall_cap_seq_0` UInt32 COMMENT 'Order of the data on its socket: side 0 of the request, side 1 of the response. Client side.' CODEC(T64, ZSTD(1)),
    `syscall_cap_seq_1` UInt32 COMMENT 'Order of the data on its socket: side 0 of the request, side 1 of the response. Server side.' CODEC(T64, ZSTD(1)),
    `req_tcp_seq` UInt32 COMMENT 'TCP sequence number of the request\'s first byte.' CODEC(ZSTD(1)),
    `resp_tcp_seq` UInt32 COMMENT 'TCP sequence number of the response\'s first byte.' CODEC(ZSTD(1)),
    `captured_request_byte` UInt32 COMMENT 'Bytes of the request that were captured.' CODEC(T64, ZSTD(1)),
    `captured_response_byte` UInt32 COMMENT 'Bytes of the response that were captured.' CODEC(T64, ZSTD(1)),
    `attribute_names` Array(LowCardinality(String)) COMMENT 'Names of further attributes.' CODEC(ZSTD(1)),
    `attribute_values` Array(String) COMMENT 'Values of further attributes, in the order of attribute_names.' CODEC(ZSTD(1)),
    `metrics_names` Array(LowCardinality(String)) COMMENT 'Names of further numbers.' CODEC(ZSTD(1)),
    `metrics_values` Array(Float64) COMMENT 'Further numbers, in the order of metrics_names.' CODEC(ZSTD(1)),
    `events` String COMMENT 'Events of the span, as JSON.' CODEC(ZSTD(1)),
    `biz_type` UInt8 COMMENT 'Business kind of the request.' CODEC(ZSTD(1)),
    `biz_code` LowCardinality(String) COMMENT 'Business code of the request.' CODEC(ZSTD(1)),
    `biz_scenario` LowCardinality(String) COMMENT 'Business scenario of the request.' CODEC(ZSTD(1)),
    `biz_response_code` LowCardinality(String) COMMENT 'Business code of the response.' CODEC(ZSTD(1)),
    `biz_protocol` LowCardinality(String) COMMENT 'Name a protocol rule gave the exchange.' CODEC(ZSTD(1)),
    `raw_request_header` String COMMENT 'First bytes of a failing request\'s header.' CODEC(ZSTD(1)),
    `raw_request_payload` String COMMENT 'First bytes of a failing request\'s payload.' CODEC(ZSTD(1)),
    `raw_response_header` String COMMENT 'First bytes of a failing response\'s header.' CODEC(ZSTD(1)),
    `raw_response_payload` String COMMENT 'First bytes of a failing response\'s payload.' CODEC(ZSTD(1)),
    `l7_protocol_str` LowCardinality(String) ALIAS transform(l7_protocol, [0, 1, 20, 21, 22, 40, 41, 43, 44, 45, 46, 47, 48, 49, 50, 51, 60, 61, 62, 63, 64, 65, 80, 81, 82, 83, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 120, 121, 122, 123, 124, 125, 127, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149], ['Unknown', 'Other', 'HTTP', 'HTTP2', 'WebSocket', 'Dubbo', 'gRPC', 'SofaRPC', 'FastCGI', 'bRPC', 'Tars', 'SomeIP', 'ISO8583', 'Triple', 'NetSign', 'Thrift', 'MySQL', 'PostgreSQL', 'Oracle', 'Dameng', 'TDS', 'ClickHouse', 'Redis', 'MongoDB', 'Memcached', 'Cassandra', 'Kafka', 'MQTT', 'AMQP', 'OpenWire', 'NATS', 'Pulsar', 'ZMTP', 'RocketMQ', 'WebSphereMQ', 'STOMP', 'DNS', 'TLS', 'Ping', 'QUIC', 'DTLS', 'SSH', 'Custom', 'SMTP', 'IMAP', 'POP3', 'FTP', 'LDAP', 'RADIUS', 'SIP', 'RTSP', 'DHCP', 'NTP'], toString(l7_protocol)) COMMENT 'Name of l7_protocol; computed when read.',
    INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX idx_trace_id_2 _trace_id_2 TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX idx_trace_id_index trace_id_index TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX idx_x_request_id_0 x_request_id_0 TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX idx_x_request_id_1 x_request_id_1 TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 12 HOUR, 'UTC')
ORDER BY (time, l7_protocol, l3_epc_id_1, ip4_1, ip6_1, server_port)
TTL time + INTERVAL 72 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`network.1s` (
    `time` DateTime('UTC') COMMENT 'Second in which the row\'s interval ended.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent that made the row.' CODEC(T64, ZSTD(1)),
    `ip4` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6.' CODEC(ZSTD(1)),
    `ip6` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4.' CODEC(ZSTD(1)),
    `is_ipv4` UInt8 COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.' CODEC(ZSTD(1)),
    `protocol` UInt8 COMMENT 'IP protocol number.' CODEC(ZSTD(1)),
    `server_port` UInt16 COMMENT 'Transport port of the server; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `l7_protocol` UInt8 COMMENT 'Application protocol.' CODEC(ZSTD(1)),
    `observation_point` LowCardinality(String) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...' CODEC(ZSTD(1)),
    `capture_nic` UInt32 COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.' CODEC(T64, ZSTD(1)),
    `capture_nic_type` UInt8 COMMENT 'How capture_nic is to be read.' CODEC(ZSTD(1)),
    `capture_network_type_id` UInt8 COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.' CODEC(ZSTD(1)),
    `signal_source` UInt8 COMMENT 'What the row was made from.' CODEC(ZSTD(1)),
    `tunnel_type` UInt8 COMMENT 'Outermost tunnel the traffic came through.' CODEC(ZSTD(1)),
    `pod_id` UInt32 COMMENT 'Kubernetes pod.' CODEC(T64, ZSTD(1)),
    `gprocess_id` UInt32 COMMENT 'Process, by its fleet-wide id.' CODEC(T64, ZSTD(1)),
    `l3_epc_id` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet.' CODEC(T64, ZSTD(1)),
    `auto_instance_id` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type.' CODEC(T64, ZSTD(1)),
    `auto_instance_type` UInt8 COMMENT 'Kind of resource auto_instance_id names.' CODEC(ZSTD(1)),
    `auto_service_id` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type.' CODEC(T64, ZSTD(1)),
    `auto_service_type` UInt8 COMMENT 'Kind of resource auto_service_id names.' CODEC(ZSTD(1)),
    `tag_source` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side.' CODEC(ZSTD(1)),
    `region_id` UInt16 COMMENT 'Region.' CODEC(T64, ZSTD(1)),
    `az_id` UInt16 COMMENT 'Availability zone.' CODEC(T64, ZSTD(1)),
    `host_id` UInt32 COMMENT 'Hypervisor host.' CODEC(T64, ZSTD(1)),
    `l3_device_type` UInt8 COMMENT 'Kind of device that owns the address.' CODEC(ZSTD(1)),
    `l3_device_id` UInt32 COMMENT 'Device that owns the address.' CODEC(T64, ZSTD(1)),
    `subnet_id` UInt32 COMMENT 'Subnet.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id` UInt16 COMMENT 'Kubernetes cluster.' CODEC(T64, ZSTD(1)),
    `pod_ns_id` UInt32 COMMENT 'Kubernetes namespace.' CODEC(T64, ZSTD(1)),
    `pod_node_id` UInt32 COMMENT 'Kubernetes node.' CODEC(T64, ZSTD(1)),
    `pod_group_id` UInt32 COMMENT 'Kubernetes workload.' CODEC(T64, ZSTD(1)),
    `service_id` UInt32 COMMENT 'Kubernetes service.' CODEC(T64, ZSTD(1)),
    `province` LowCardinality(String) COMMENT 'Province of an internet address.' CODEC(ZSTD(1)),
    `team_id` UInt16 COMMENT 'Team the data belongs to.' CODEC(T64, ZSTD(1)),
    `nat_source` UInt8 COMMENT 'What the address translation was learned from.' CODEC(ZSTD(1)),
    `is_key_service` UInt8 COMMENT '1 when the service is marked as a key service.' CODEC(ZSTD(1)),
    `packet_tx` UInt64 COMMENT 'Packets. Client to server.' CODEC(T64, ZSTD(1)),
    `packet_rx` UInt64 COMMENT 'Packets. Server to client.' CODEC(T64, ZSTD(1)),
    `packet` UInt64 COMMENT 'Packets, both ways.' CODEC(T64, ZSTD(1)),
    `byte_tx` UInt64 COMMENT 'Bytes on the wire from the link header on. Client to server.' CODEC(T64, ZSTD(1)),
    `byte_rx` UInt64 COMMENT 'Bytes on the wire from the link header on. Server to client.' CODEC(T64, ZSTD(1)),
    `byte` UInt64 COMMENT 'Bytes on the wire from the link header on, both ways.' CODEC(T64, ZSTD(1)),
    `l3_byte_tx` UInt64 COMMENT 'Bytes of network-layer payload. Client to server.' CODEC(T64, ZSTD(1)),
    `l3_byte_rx` UInt64 COMMENT 'Bytes of network-layer payload. Server to client.' CODEC(T64, ZSTD(1)),
    `l4_byte_tx` UInt64 COMMENT 'Bytes of transport-layer payload. Client to server.' CODEC(T64, ZSTD(1)),
    `l4_byte_rx` UInt64 COMMENT 'Bytes of transport-layer payload. Server to client.' CODEC(T64, ZSTD(1)),
    `new_flow` UInt64 COMMENT 'Flows that began.' CODEC(T64, ZSTD(1)),
    `closed_flow` UInt64 COMMENT 'Flows that ended.' CODEC(T64, ZSTD(1)),
    `flow_load` UInt64 COMMENT 'Flows alive.' CODEC(T64, ZSTD(1)),
    `l7_request` UInt64 COMMENT 'Application requests.' CODEC(T64, ZSTD(1)),
    `l7_response` UInt64 COMMENT 'Application responses.' CODEC(T64, ZSTD(1)),
    `syn_count` UInt64 COMMENT 'SYN packets.' CODEC(T64, ZSTD(1)),
    `synack_count` UInt64 COMMENT 'SYN+ACK packets.' CODEC(T64, ZSTD(1)),
    `retrans_tx` UInt64 COMMENT 'Retransmitted segments. Client to server.' CODEC(T64, ZSTD(1)),
    `retrans_rx` UInt64 COMMENT 'Retransmitted segments. Server to client.' CODEC(T64, ZSTD(1)),
    `retrans` UInt64 COMMENT 'Retransmitted segments, both ways.' CODEC(T64, ZSTD(1)),
    `zero_win_tx` UInt64 COMMENT 'Segments that announced a window of zero. Client to server.' CODEC(T64, ZSTD(1)),
    `zero_win_rx` UInt64 COMMENT 'Segments that announced a window of zero. Server to client.' CODEC(T64, ZSTD(1)),
    `zero_win` UInt64 COMMENT 'Segments that announced a window of zero, both ways.' CODEC(T64, ZSTD(1)),
    `retrans_syn` UInt64 COMMENT 'Repeated SYN packets.' CODEC(T64, ZSTD(1)),
    `retrans_synack` UInt64 COMMENT 'Repeated SYN+ACK packets.' CODEC(T64, ZSTD(1)),
    `ooo_tx` UInt64 COMMENT 'Segments that arrived out of order. Client to server.' CODEC(T64, ZSTD(1)),
    `ooo_rx` UInt64 COMMENT 'Segments that arrived out of order. Server to client.' CODEC(T64, ZSTD(1)),
    `client_rst_flow` UInt64 COMMENT 'Flows the client reset while data flowed (close type 9).' CODEC(T64, ZSTD(1)),
    `server_rst_flow` UInt64 COMMENT 'Flows the server reset while data flowed (close type 2).' CODEC(T64, ZSTD(1)),
    `server_syn_miss` UInt64 COMMENT 'Connection attempts without an answer to SYN (close type 7).' CODEC(T64, ZSTD(1)),
    `client_ack_miss` UInt64 COMMENT 'Connection attempts without the client\'s final ACK (close type 10).' CODEC(T64, ZSTD(1)),
    `client_half_close_flow` UInt64 COMMENT 'Flows the client left half closed (close type 11).' CODEC(T64, ZSTD(1)),
    `server_half_close_flow` UInt64 COMMENT 'Flows the server left half closed (close type 8).' CODEC(T64, ZSTD(1)),
    `client_source_port_reuse` UInt64 COMMENT 'Connection attempts from a port still in use (close type 13).' CODEC(T64, ZSTD(1)),
    `server_reset` UInt64 COMMENT 'Connection attempts the server reset at once (close type 15).' CODEC(T64, ZSTD(1)),
    `server_queue_lack` UInt64 COMMENT 'Connections lost to a full accept queue (close type 17).' CODEC(T64, ZSTD(1)),
    `client_establish_other_rst` UInt64 COMMENT 'Connection attempts the client reset for another reason (close type 18).' CODEC(T64, ZSTD(1)),
    `server_establish_other_rst` UInt64 COMMENT 'Connection attempts the server reset for another reason (close type 19).' CODEC(T64, ZSTD(1)),
    `tcp_timeout` UInt64 COMMENT 'TCP flows that fell silent without an end (close type 3).' CODEC(T64, ZSTD(1)),
    `client_establish_fail` UInt64 COMMENT 'Connection attempts that failed by the client: close types 10, 13 and 18.' CODEC(T64, ZSTD(1)),
    `server_establish_fail` UInt64 COMMENT 'Connection attempts that failed by the server: close types 7, 15 and 19.' CODEC(T64, ZSTD(1)),
    `tcp_establish_fail` UInt64 COMMENT 'Connection attempts that failed, on either side.' CODEC(T64, ZSTD(1)),
    `tcp_transfer_fail` UInt64 COMMENT 'Established connections that ended badly: reset, queue overflow, timeout, half close.' CODEC(T64, ZSTD(1)),
    `tcp_rst_fail` UInt64 COMMENT 'Connections ended by a reset, while connecting or later.' CODEC(T64, ZSTD(1)),
    `rtt_sum` UInt64 COMMENT 'TCP handshake round trip, sum.' CODEC(T64, ZSTD(1)),
    `rtt_count` UInt64 COMMENT 'TCP handshake round trip, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_max` UInt64 COMMENT 'TCP handshake round trip, maximum.' CODEC(T64, ZSTD(1)),
    `rtt_client_sum` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, sum.' CODEC(T64, ZSTD(1)),
    `rtt_client_count` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_client_max` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, maximum.' CODEC(T64, ZSTD(1)),
    `rtt_server_sum` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, sum.' CODEC(T64, ZSTD(1)),
    `rtt_server_count` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_server_max` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, maximum.' CODEC(T64, ZSTD(1)),
    `srt_sum` UInt64 COMMENT 'System response: data to the pure ACK that covers it, sum.' CODEC(T64, ZSTD(1)),
    `srt_count` UInt64 COMMENT 'System response: data to the pure ACK that covers it, how many were measured.' CODEC(T64, ZSTD(1)),
    `srt_max` UInt64 COMMENT 'System response: data to the pure ACK that covers it, maximum.' CODEC(T64, ZSTD(1)),
    `art_sum` UInt64 COMMENT 'Application response: request data to first response data, sum.' CODEC(T64, ZSTD(1)),
    `art_count` UInt64 COMMENT 'Application response: request data to first response data, how many were measured.' CODEC(T64, ZSTD(1)),
    `art_max` UInt64 COMMENT 'Application response: request data to first response data, maximum.' CODEC(T64, ZSTD(1)),
    `rrt_sum` UInt64 COMMENT 'Request to response, as the application protocol pairs them, sum.' CODEC(T64, ZSTD(1)),
    `rrt_count` UInt64 COMMENT 'Request to response, as the application protocol pairs them, how many were measured.' CODEC(T64, ZSTD(1)),
    `rrt_max` UInt64 COMMENT 'Request to response, as the application protocol pairs them, maximum.' CODEC(T64, ZSTD(1)),
    `cit_sum` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, sum.' CODEC(T64, ZSTD(1)),
    `cit_count` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, how many were measured.' CODEC(T64, ZSTD(1)),
    `cit_max` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, maximum.' CODEC(T64, ZSTD(1)),
    `l7_client_error` UInt64 COMMENT 'Responses that blame the client.' CODEC(T64, ZSTD(1)),
    `l7_server_error` UInt64 COMMENT 'Responses that blame the server.' CODEC(T64, ZSTD(1)),
    `l7_timeout` UInt64 COMMENT 'Requests without a response in time.' CODEC(T64, ZSTD(1)),
    `l7_error` UInt64 COMMENT 'Responses that report an error, of either side.' CODEC(T64, ZSTD(1)),
    `direction_score` UInt8 COMMENT 'How sure the direction is: 255 certain, 0 a guess.' CODEC(ZSTD(1)),
    `_tid` UInt8 COMMENT 'Combination of tags the row was grouped by.' CODEC(ZSTD(1)),
    `role` UInt8 COMMENT 'Whether the address is the client or the server of what is counted.' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id, ip4, ip6, server_port)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`network_map.1s` (
    `time` DateTime('UTC') COMMENT 'Second in which the row\'s interval ended.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent that made the row.' CODEC(T64, ZSTD(1)),
    `ip4_0` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.' CODEC(ZSTD(1)),
    `ip4_1` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.' CODEC(ZSTD(1)),
    `ip6_0` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.' CODEC(ZSTD(1)),
    `ip6_1` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.' CODEC(ZSTD(1)),
    `is_ipv4` UInt8 COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.' CODEC(ZSTD(1)),
    `protocol` UInt8 COMMENT 'IP protocol number.' CODEC(ZSTD(1)),
    `server_port` UInt16 COMMENT 'Transport port of the server; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `l7_protocol` UInt8 COMMENT 'Application protocol.' CODEC(ZSTD(1)),
    `observation_point` LowCardinality(String) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...' CODEC(ZSTD(1)),
    `capture_nic` UInt32 COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.' CODEC(T64, ZSTD(1)),
    `capture_nic_type` UInt8 COMMENT 'How capture_nic is to be read.' CODEC(ZSTD(1)),
    `capture_network_type_id` UInt8 COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.' CODEC(ZSTD(1)),
    `signal_source` UInt8 COMMENT 'What the row was made from.' CODEC(ZSTD(1)),
    `tunnel_type` UInt8 COMMENT 'Outermost tunnel the traffic came through.' CODEC(ZSTD(1)),
    `pod_id_0` UInt32 COMMENT 'Kubernetes pod. Client side.' CODEC(T64, ZSTD(1)),
    `pod_id_1` UInt32 COMMENT 'Kubernetes pod. Server side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_0` UInt32 COMMENT 'Process, by its fleet-wide id. Client side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_1` UInt32 COMMENT 'Process, by its fleet-wide id. Server side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_0` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_1` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_0` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_1` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_type_0` UInt8 COMMENT 'Kind of resource auto_instance_id names. Client side.' CODEC(ZSTD(1)),
    `auto_instance_type_1` UInt8 COMMENT 'Kind of resource auto_instance_id names. Server side.' CODEC(ZSTD(1)),
    `auto_service_id_0` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_service_id_1` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_service_type_0` UInt8 COMMENT 'Kind of resource auto_service_id names. Client side.' CODEC(ZSTD(1)),
    `auto_service_type_1` UInt8 COMMENT 'Kind of resource auto_service_id names. Server side.' CODEC(ZSTD(1)),
    `tag_source_0` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Client side.' CODEC(ZSTD(1)),
    `tag_source_1` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Server side.' CODEC(ZSTD(1)),
    `region_id_0` UInt16 COMMENT 'Region. Client side.' CODEC(T64, ZSTD(1)),
    `region_id_1` UInt16 COMMENT 'Region. Server side.' CODEC(T64, ZSTD(1)),
    `az_id_0` UInt16 COMMENT 'Availability zone. Client side.' CODEC(T64, ZSTD(1)),
    `az_id_1` UInt16 COMMENT 'Availability zone. Server side.' CODEC(T64, ZSTD(1)),
    `host_id_0` UInt32 COMMENT 'Hypervisor host. Client side.' CODEC(T64, ZSTD(1)),
    `host_id_1` UInt32 COMMENT 'Hypervisor host. Server side.' CODEC(T64, ZSTD(1)),
    `l3_device_type_0` UInt8 COMMENT 'Kind of device that owns the address. Client side.' CODEC(ZSTD(1)),
    `l3_device_type_1` UInt8 COMMENT 'Kind of device that owns the address. Server side.' CODEC(ZSTD(1)),
    `l3_device_id_0` UInt32 COMMENT 'Device that owns the address. Client side.' CODEC(T64, ZSTD(1)),
    `l3_device_id_1` UInt32 COMMENT 'Device that owns the address. Server side.' CODEC(T64, ZSTD(1)),
    `subnet_id_0` UInt32 COMMENT 'Subnet. Client side.' CODEC(T64, ZSTD(1)),
    `subnet_id_1` UInt32 COMMENT 'Subnet. Server side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_0` UInt16 COMMENT 'Kubernetes cluster. Client side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_1` UInt16 COMMENT 'Kubernetes cluster. Server side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_0` UInt32 COMMENT 'Kubernetes namespace. Client side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_1` UInt32 COMMENT 'Kubernetes namespace. Server side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_0` UInt32 COMMENT 'Kubernetes node. Client side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_1` UInt32 COMMENT 'Kubernetes node. Server side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_0` UInt32 COMMENT 'Kubernetes workload. Client side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_1` UInt32 COMMENT 'Kubernetes workload. Server side.' CODEC(T64, ZSTD(1)),
    `service_id_0` UInt32 COMMENT 'Kubernetes service. Client side.' CODEC(T64, ZSTD(1)),
    `service_id_1` UInt32 COMMENT 'Kubernetes service. Server side.' CODEC(T64, ZSTD(1)),
    `province_0` LowCardinality(String) COMMENT 'Province of an internet address. Client side.' CODEC(ZSTD(1)),
    `province_1` LowCardinality(String) COMMENT 'Province of an internet address. Server side.' CODEC(ZSTD(1)),
    `team_id` UInt16 COMMENT 'Team the data belongs to.' CODEC(T64, ZSTD(1)),
    `nat_source` UInt8 COMMENT 'What the address translation was learned from.' CODEC(ZSTD(1)),
    `is_key_service` UInt8 COMMENT '1 when the service is marked as a key service.' CODEC(ZSTD(1)),
    `packet_tx` UInt64 COMMENT 'Packets. Client to server.' CODEC(T64, ZSTD(1)),
    `packet_rx` UInt64 COMMENT 'Packets. Server to client.' CODEC(T64, ZSTD(1)),
    `packet` UInt64 COMMENT 'Packets, both ways.' CODEC(T64, ZSTD(1)),
    `byte_tx` UInt64 COMMENT 'Bytes on the wire from the link header on. Client to server.' CODEC(T64, ZSTD(1)),
    `byte_rx` UInt64 COMMENT 'Bytes on the wire from the link header on. Server to client.' CODEC(T64, ZSTD(1)),
    `byte` UInt64 COMMENT 'Bytes on the wire from the link header on, both ways.' CODEC(T64, ZSTD(1)),
    `l3_byte_tx` UInt64 COMMENT 'Bytes of network-layer payload. Client to server.' CODEC(T64, ZSTD(1)),
    `l3_byte_rx` UInt64 COMMENT 'Bytes of network-layer payload. Server to client.' CODEC(T64, ZSTD(1)),
    `l4_byte_tx` UInt64 COMMENT 'Bytes of transport-layer payload. Client to server.' CODEC(T64, ZSTD(1)),
    `l4_byte_rx` UInt64 COMMENT 'Bytes of transport-layer payload. Server to client.' CODEC(T64, ZSTD(1)),
    `new_flow` UInt64 COMMENT 'Flows that began.' CODEC(T64, ZSTD(1)),
    `closed_flow` UInt64 COMMENT 'Flows that ended.' CODEC(T64, ZSTD(1)),
    `flow_load` UInt64 COMMENT 'Flows alive.' CODEC(T64, ZSTD(1)),
    `l7_request` UInt64 COMMENT 'Application requests.' CODEC(T64, ZSTD(1)),
    `l7_response` UInt64 COMMENT 'Application responses.' CODEC(T64, ZSTD(1)),
    `syn_count` UInt64 COMMENT 'SYN packets.' CODEC(T64, ZSTD(1)),
    `synack_count` UInt64 COMMENT 'SYN+ACK packets.' CODEC(T64, ZSTD(1)),
    `retrans_tx` UInt64 COMMENT 'Retransmitted segments. Client to server.' CODEC(T64, ZSTD(1)),
    `retrans_rx` UInt64 COMMENT 'Retransmitted segments. Server to client.' CODEC(T64, ZSTD(1)),
    `retrans` UInt64 COMMENT 'Retransmitted segments, both ways.' CODEC(T64, ZSTD(1)),
    `zero_win_tx` UInt64 COMMENT 'Segments that announced a window of zero. Client to server.' CODEC(T64, ZSTD(1)),
    `zero_win_rx` UInt64 COMMENT 'Segments that announced a window of zero. Server to client.' CODEC(T64, ZSTD(1)),
    `zero_win` UInt64 COMMENT 'Segments that announced a window of zero, both ways.' CODEC(T64, ZSTD(1)),
    `retrans_syn` UInt64 COMMENT 'Repeated SYN packets.' CODEC(T64, ZSTD(1)),
    `retrans_synack` UInt64 COMMENT 'Repeated SYN+ACK packets.' CODEC(T64, ZSTD(1)),
    `ooo_tx` UInt64 COMMENT 'Segments that arrived out of order. Client to server.' CODEC(T64, ZSTD(1)),
    `ooo_rx` UInt64 COMMENT 'Segments that arrived out of order. Server to client.' CODEC(T64, ZSTD(1)),
    `client_rst_flow` UInt64 COMMENT 'Flows the client reset while data flowed (close type 9).' CODEC(T64, ZSTD(1)),
    `server_rst_flow` UInt64 COMMENT 'Flows the server reset while data flowed (close type 2).' CODEC(T64, ZSTD(1)),
    `server_syn_miss` UInt64 COMMENT 'Connection attempts without an answer to SYN (close type 7).' CODEC(T64, ZSTD(1)),
    `client_ack_miss` UInt64 COMMENT 'Connection attempts without the client\'s final ACK (close type 10).' CODEC(T64, ZSTD(1)),
    `client_half_close_flow` UInt64 COMMENT 'Flows the client left half closed (close type 11).' CODEC(T64, ZSTD(1)),
    `server_half_close_flow` UInt64 COMMENT 'Flows the server left half closed (close type 8).' CODEC(T64, ZSTD(1)),
    `client_source_port_reuse` UInt64 COMMENT 'Connection attempts from a port still in use (close type 13).' CODEC(T64, ZSTD(1)),
    `server_reset` UInt64 COMMENT 'Connection attempts the server reset at once (close type 15).' CODEC(T64, ZSTD(1)),
    `server_queue_lack` UInt64 COMMENT 'Connections lost to a full accept queue (close type 17).' CODEC(T64, ZSTD(1)),
    `client_establish_other_rst` UInt64 COMMENT 'Connection attempts the client reset for another reason (close type 18).' CODEC(T64, ZSTD(1)),
    `server_establish_other_rst` UInt64 COMMENT 'Connection attempts the server reset for another reason (close type 19).' CODEC(T64, ZSTD(1)),
    `tcp_timeout` UInt64 COMMENT 'TCP flows that fell silent without an end (close type 3).' CODEC(T64, ZSTD(1)),
    `client_establish_fail` UInt64 COMMENT 'Connection attempts that failed by the client: close types 10, 13 and 18.' CODEC(T64, ZSTD(1)),
    `server_establish_fail` UInt64 COMMENT 'Connection attempts that failed by the server: close types 7, 15 and 19.' CODEC(T64, ZSTD(1)),
    `tcp_establish_fail` UInt64 COMMENT 'Connection attempts that failed, on either side.' CODEC(T64, ZSTD(1)),
    `tcp_transfer_fail` UInt64 COMMENT 'Established connections that ended badly: reset, queue overflow, timeout, half close.' CODEC(T64, ZSTD(1)),
    `tcp_rst_fail` UInt64 COMMENT 'Connections ended by a reset, while connecting or later.' CODEC(T64, ZSTD(1)),
    `rtt_sum` UInt64 COMMENT 'TCP handshake round trip, sum.' CODEC(T64, ZSTD(1)),
    `rtt_count` UInt64 COMMENT 'TCP handshake round trip, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_max` UInt64 COMMENT 'TCP handshake round trip, maximum.' CODEC(T64, ZSTD(1)),
    `rtt_client_sum` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, sum.' CODEC(T64, ZSTD(1)),
    `rtt_client_count` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_client_max` UInt64 COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, maximum.' CODEC(T64, ZSTD(1)),
    `rtt_server_sum` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, sum.' CODEC(T64, ZSTD(1)),
    `rtt_server_count` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.' CODEC(T64, ZSTD(1)),
    `rtt_server_max` UInt64 COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, maximum.' CODEC(T64, ZSTD(1)),
    `srt_sum` UInt64 COMMENT 'System response: data to the pure ACK that covers it, sum.' CODEC(T64, ZSTD(1)),
    `srt_count` UInt64 COMMENT 'System response: data to the pure ACK that covers it, how many were measured.' CODEC(T64, ZSTD(1)),
    `srt_max` UInt64 COMMENT 'System response: data to the pure ACK that covers it, maximum.' CODEC(T64, ZSTD(1)),
    `art_sum` UInt64 COMMENT 'Application response: request data to first response data, sum.' CODEC(T64, ZSTD(1)),
    `art_count` UInt64 COMMENT 'Application response: request data to first response data, how many were measured.' CODEC(T64, ZSTD(1)),
    `art_max` UInt64 COMMENT 'Application response: request data to first response data, maximum.' CODEC(T64, ZSTD(1)),
    `rrt_sum` UInt64 COMMENT 'Request to response, as the application protocol pairs them, sum.' CODEC(T64, ZSTD(1)),
    `rrt_count` UInt64 COMMENT 'Request to response, as the application protocol pairs them, how many were measured.' CODEC(T64, ZSTD(1)),
    `rrt_max` UInt64 COMMENT 'Request to response, as the application protocol pairs them, maximum.' CODEC(T64, ZSTD(1)),
    `cit_sum` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, sum.' CODEC(T64, ZSTD(1)),
    `cit_count` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, how many were measured.' CODEC(T64, ZSTD(1)),
    `cit_max` UInt64 COMMENT 'Client idle: last response data, or handshake, to next request data, maximum.' CODEC(T64, ZSTD(1)),
    `l7_client_error` UInt64 COMMENT 'Responses that blame the client.' CODEC(T64, ZSTD(1)),
    `l7_server_error` UInt64 COMMENT 'Responses that blame the server.' CODEC(T64, ZSTD(1)),
    `l7_timeout` UInt64 COMMENT 'Requests without a response in time.' CODEC(T64, ZSTD(1)),
    `l7_error` UInt64 COMMENT 'Responses that report an error, of either side.' CODEC(T64, ZSTD(1)),
    `direction_score` UInt8 COMMENT 'How sure the direction is: 255 certain, 0 a guess.' CODEC(ZSTD(1)),
    `_tid` UInt8 COMMENT 'Combination of tags the row was grouped by.' CODEC(ZSTD(1)),
    `role` UInt8 COMMENT 'Side the row was seen from.' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port, l3_epc_id_0, ip4_0, ip6_0)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`application.1s` (
    `time` DateTime('UTC') COMMENT 'Second in which the row\'s interval ended.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent that made the row.' CODEC(T64, ZSTD(1)),
    `ip4` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6.' CODEC(ZSTD(1)),
    `ip6` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4.' CODEC(ZSTD(1)),
    `is_ipv4` UInt8 COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.' CODEC(ZSTD(1)),
    `protocol` UInt8 COMMENT 'IP protocol number.' CODEC(ZSTD(1)),
    `server_port` UInt16 COMMENT 'Transport port of the server; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `l7_protocol` UInt8 COMMENT 'Application protocol.' CODEC(ZSTD(1)),
    `observation_point` LowCardinality(String) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...' CODEC(ZSTD(1)),
    `capture_nic` UInt32 COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.' CODEC(T64, ZSTD(1)),
    `capture_nic_type` UInt8 COMMENT 'How capture_nic is to be read.' CODEC(ZSTD(1)),
    `capture_network_type_id` UInt8 COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.' CODEC(ZSTD(1)),
    `signal_source` UInt8 COMMENT 'What the row was made from.' CODEC(ZSTD(1)),
    `tunnel_type` UInt8 COMMENT 'Outermost tunnel the traffic came through.' CODEC(ZSTD(1)),
    `pod_id` UInt32 COMMENT 'Kubernetes pod.' CODEC(T64, ZSTD(1)),
    `gprocess_id` UInt32 COMMENT 'Process, by its fleet-wide id.' CODEC(T64, ZSTD(1)),
    `l3_epc_id` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet.' CODEC(T64, ZSTD(1)),
    `auto_instance_id` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type.' CODEC(T64, ZSTD(1)),
    `auto_instance_type` UInt8 COMMENT 'Kind of resource auto_instance_id names.' CODEC(ZSTD(1)),
    `auto_service_id` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type.' CODEC(T64, ZSTD(1)),
    `auto_service_type` UInt8 COMMENT 'Kind of resource auto_service_id names.' CODEC(ZSTD(1)),
    `tag_source` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side.' CODEC(ZSTD(1)),
    `region_id` UInt16 COMMENT 'Region.' CODEC(T64, ZSTD(1)),
    `az_id` UInt16 COMMENT 'Availability zone.' CODEC(T64, ZSTD(1)),
    `host_id` UInt32 COMMENT 'Hypervisor host.' CODEC(T64, ZSTD(1)),
    `l3_device_type` UInt8 COMMENT 'Kind of device that owns the address.' CODEC(ZSTD(1)),
    `l3_device_id` UInt32 COMMENT 'Device that owns the address.' CODEC(T64, ZSTD(1)),
    `subnet_id` UInt32 COMMENT 'Subnet.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id` UInt16 COMMENT 'Kubernetes cluster.' CODEC(T64, ZSTD(1)),
    `pod_ns_id` UInt32 COMMENT 'Kubernetes namespace.' CODEC(T64, ZSTD(1)),
    `pod_node_id` UInt32 COMMENT 'Kubernetes node.' CODEC(T64, ZSTD(1)),
    `pod_group_id` UInt32 COMMENT 'Kubernetes workload.' CODEC(T64, ZSTD(1)),
    `service_id` UInt32 COMMENT 'Kubernetes service.' CODEC(T64, ZSTD(1)),
    `province` LowCardinality(String) COMMENT 'Province of an internet address.' CODEC(ZSTD(1)),
    `team_id` UInt16 COMMENT 'Team the data belongs to.' CODEC(T64, ZSTD(1)),
    `nat_source` UInt8 COMMENT 'What the address translation was learned from.' CODEC(ZSTD(1)),
    `is_key_service` UInt8 COMMENT '1 when the service is marked as a key service.' CODEC(ZSTD(1)),
    `app_service` LowCardinality(String) COMMENT 'Service name an application gave itself.' CODEC(ZSTD(1)),
    `app_instance` LowCardinality(String) COMMENT 'Instance name an application gave itself.' CODEC(ZSTD(1)),
    `endpoint` LowCardinality(String) COMMENT 'What requests are grouped by: path pattern, rpc method, statement fingerprint.' CODEC(ZSTD(1)),
    `biz_type` UInt8 COMMENT 'Business kind of the request.' CODEC(ZSTD(1)),
    `request` UInt64 COMMENT 'Requests.' CODEC(T64, ZSTD(1)),
    `response` UInt64 COMMENT 'Responses.' CODEC(T64, ZSTD(1)),
    `rrt_sum` UInt64 COMMENT 'Request to response, sum.' CODEC(T64, ZSTD(1)),
    `rrt_count` UInt64 COMMENT 'Request to response, how many were measured.' CODEC(T64, ZSTD(1)),
    `rrt_max` UInt64 COMMENT 'Request to response, maximum.' CODEC(T64, ZSTD(1)),
    `rrt_sketch` Map(UInt16, UInt64) COMMENT 'Request to response as counts per logarithmic bucket (relative error 2 %), mergeable by adding.' CODEC(ZSTD(1)),
    `client_error` UInt64 COMMENT 'Responses that blame the client.' CODEC(T64, ZSTD(1)),
    `server_error` UInt64 COMMENT 'Responses that blame the server.' CODEC(T64, ZSTD(1)),
    `timeout` UInt64 COMMENT 'Requests without a response in time.' CODEC(T64, ZSTD(1)),
    `error` UInt64 COMMENT 'Responses that report an error, of either side.' CODEC(T64, ZSTD(1)),
    `direction_score` UInt8 COMMENT 'How sure the direction is: 255 certain, 0 a guess.' CODEC(ZSTD(1)),
    `_tid` UInt8 COMMENT 'Combination of tags the row was grouped by.' CODEC(ZSTD(1)),
    `role` UInt8 COMMENT 'Whether the address is the client or the server of what is counted.' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id, ip4, ip6, server_port, l7_protocol)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`application_map.1s` (
    `time` DateTime('UTC') COMMENT 'Second in which the row\'s interval ended.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent that made the row.' CODEC(T64, ZSTD(1)),
    `ip4_0` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.' CODEC(ZSTD(1)),
    `ip4_1` IPv4 COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.' CODEC(ZSTD(1)),
    `ip6_0` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.' CODEC(ZSTD(1)),
    `ip6_1` IPv6 COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.' CODEC(ZSTD(1)),
    `is_ipv4` UInt8 COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.' CODEC(ZSTD(1)),
    `protocol` UInt8 COMMENT 'IP protocol number.' CODEC(ZSTD(1)),
    `server_port` UInt16 COMMENT 'Transport port of the server; 0 when the protocol has none.' CODEC(T64, ZSTD(1)),
    `l7_protocol` UInt8 COMMENT 'Application protocol.' CODEC(ZSTD(1)),
    `observation_point` LowCardinality(String) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...' CODEC(ZSTD(1)),
    `capture_nic` UInt32 COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.' CODEC(T64, ZSTD(1)),
    `capture_nic_type` UInt8 COMMENT 'How capture_nic is to be read.' CODEC(ZSTD(1)),
    `capture_network_type_id` UInt8 COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.' CODEC(ZSTD(1)),
    `signal_source` UInt8 COMMENT 'What the row was made from.' CODEC(ZSTD(1)),
    `tunnel_type` UInt8 COMMENT 'Outermost tunnel the traffic came through.' CODEC(ZSTD(1)),
    `pod_id_0` UInt32 COMMENT 'Kubernetes pod. Client side.' CODEC(T64, ZSTD(1)),
    `pod_id_1` UInt32 COMMENT 'Kubernetes pod. Server side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_0` UInt32 COMMENT 'Process, by its fleet-wide id. Client side.' CODEC(T64, ZSTD(1)),
    `gprocess_id_1` UInt32 COMMENT 'Process, by its fleet-wide id. Server side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_0` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.' CODEC(T64, ZSTD(1)),
    `l3_epc_id_1` Int32 COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_0` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_instance_id_1` UInt32 COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_instance_type_0` UInt8 COMMENT 'Kind of resource auto_instance_id names. Client side.' CODEC(ZSTD(1)),
    `auto_instance_type_1` UInt8 COMMENT 'Kind of resource auto_instance_id names. Server side.' CODEC(ZSTD(1)),
    `auto_service_id_0` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.' CODEC(T64, ZSTD(1)),
    `auto_service_id_1` UInt32 COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.' CODEC(T64, ZSTD(1)),
    `auto_service_type_0` UInt8 COMMENT 'Kind of resource auto_service_id names. Client side.' CODEC(ZSTD(1)),
    `auto_service_type_1` UInt8 COMMENT 'Kind of resource auto_service_id names. Server side.' CODEC(ZSTD(1)),
    `tag_source_0` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Client side.' CODEC(ZSTD(1)),
    `tag_source_1` UInt8 COMMENT 'Bits that say which look-ups found the tags of this side. Server side.' CODEC(ZSTD(1)),
    `region_id_0` UInt16 COMMENT 'Region. Client side.' CODEC(T64, ZSTD(1)),
    `region_id_1` UInt16 COMMENT 'Region. Server side.' CODEC(T64, ZSTD(1)),
    `az_id_0` UInt16 COMMENT 'Availability zone. Client side.' CODEC(T64, ZSTD(1)),
    `az_id_1` UInt16 COMMENT 'Availability zone. Server side.' CODEC(T64, ZSTD(1)),
    `host_id_0` UInt32 COMMENT 'Hypervisor host. Client side.' CODEC(T64, ZSTD(1)),
    `host_id_1` UInt32 COMMENT 'Hypervisor host. Server side.' CODEC(T64, ZSTD(1)),
    `l3_device_type_0` UInt8 COMMENT 'Kind of device that owns the address. Client side.' CODEC(ZSTD(1)),
    `l3_device_type_1` UInt8 COMMENT 'Kind of device that owns the address. Server side.' CODEC(ZSTD(1)),
    `l3_device_id_0` UInt32 COMMENT 'Device that owns the address. Client side.' CODEC(T64, ZSTD(1)),
    `l3_device_id_1` UInt32 COMMENT 'Device that owns the address. Server side.' CODEC(T64, ZSTD(1)),
    `subnet_id_0` UInt32 COMMENT 'Subnet. Client side.' CODEC(T64, ZSTD(1)),
    `subnet_id_1` UInt32 COMMENT 'Subnet. Server side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_0` UInt16 COMMENT 'Kubernetes cluster. Client side.' CODEC(T64, ZSTD(1)),
    `pod_cluster_id_1` UInt16 COMMENT 'Kubernetes cluster. Server side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_0` UInt32 COMMENT 'Kubernetes namespace. Client side.' CODEC(T64, ZSTD(1)),
    `pod_ns_id_1` UInt32 COMMENT 'Kubernetes namespace. Server side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_0` UInt32 COMMENT 'Kubernetes node. Client side.' CODEC(T64, ZSTD(1)),
    `pod_node_id_1` UInt32 COMMENT 'Kubernetes node. Server side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_0` UInt32 COMMENT 'Kubernetes workload. Client side.' CODEC(T64, ZSTD(1)),
    `pod_group_id_1` UInt32 COMMENT 'Kubernetes workload. Server side.' CODEC(T64, ZSTD(1)),
    `service_id_0` UInt32 COMMENT 'Kubernetes service. Client side.' CODEC(T64, ZSTD(1)),
    `service_id_1` UInt32 COMMENT 'Kubernetes service. Server side.' CODEC(T64, ZSTD(1)),
    `province_0` LowCardinality(String) COMMENT 'Province of an internet address. Client side.' CODEC(ZSTD(1)),
    `province_1` LowCardinality(String) COMMENT 'Province of an internet address. Server side.' CODEC(ZSTD(1)),
    `team_id` UInt16 COMMENT 'Team the data belongs to.' CODEC(T64, ZSTD(1)),
    `nat_source` UInt8 COMMENT 'What the address translation was learned from.' CODEC(ZSTD(1)),
    `is_key_service` UInt8 COMMENT '1 when the service is marked as a key service.' CODEC(ZSTD(1)),
    `app_service` LowCardinality(String) COMMENT 'Service name an application gave itself.' CODEC(ZSTD(1)),
    `app_instance` LowCardinality(String) COMMENT 'Instance name an application gave itself.' CODEC(ZSTD(1)),
    `endpoint` LowCardinality(String) COMMENT 'What requests are grouped by: path pattern, rpc method, statement fingerprint.' CODEC(ZSTD(1)),
    `biz_type` UInt8 COMMENT 'Business kind of the request.' CODEC(ZSTD(1)),
    `request` UInt64 COMMENT 'Requests.' CODEC(T64, ZSTD(1)),
    `response` UInt64 COMMENT 'Responses.' CODEC(T64, ZSTD(1)),
    `rrt_sum` UInt64 COMMENT 'Request to response, sum.' CODEC(T64, ZSTD(1)),
    `rrt_count` UInt64 COMMENT 'Request to response, how many were measured.' CODEC(T64, ZSTD(1)),
    `rrt_max` UInt64 COMMENT 'Request to response, maximum.' CODEC(T64, ZSTD(1)),
    `rrt_sketch` Map(UInt16, UInt64) COMMENT 'Request to response as counts per logarithmic bucket (relative error 2 %), mergeable by adding.' CODEC(ZSTD(1)),
    `client_error` UInt64 COMMENT 'Responses that blame the client.' CODEC(T64, ZSTD(1)),
    `server_error` UInt64 COMMENT 'Responses that blame the server.' CODEC(T64, ZSTD(1)),
    `timeout` UInt64 COMMENT 'Requests without a response in time.' CODEC(T64, ZSTD(1)),
    `error` UInt64 COMMENT 'Responses that report an error, of either side.' CODEC(T64, ZSTD(1)),
    `direction_score` UInt8 COMMENT 'How sure the direction is: 255 certain, 0 a guess.' CODEC(ZSTD(1)),
    `_tid` UInt8 COMMENT 'Combination of tags the row was grouped by.' CODEC(ZSTD(1)),
    `role` UInt8 COMMENT 'Side the row was seen from.' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port, l3_epc_id_0, ip4_0, ip6_0, l7_protocol)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS fathom_system.agent (
    `time` DateTime('UTC') COMMENT 'When the value was read.' CODEC(DoubleDelta, ZSTD(1)),
    `agent_id` UInt32 COMMENT 'Agent.' CODEC(T64, ZSTD(1)),
    `host` LowCardinality(String) COMMENT 'Host name.' CODEC(ZSTD(1)),
    `name` LowCardinality(String) COMMENT 'Metric name, as in the Prometheus exposition.' CODEC(ZSTD(1)),
    `label_names` Array(LowCardinality(String)) COMMENT 'Names of the metric\'s labels.' CODEC(ZSTD(1)),
    `label_values` Array(String) COMMENT 'Values of the metric\'s labels, in the order of label_names.' CODEC(ZSTD(1)),
    `value` Float64 COMMENT 'Value at `time`.' CODEC(Gorilla, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 24 HOUR, 'UTC')
ORDER BY (name, agent_id, time)
TTL time + INTERVAL 168 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS fathom_system.server (
    `time` DateTime('UTC') COMMENT 'When the value was read.' CODEC(DoubleDelta, ZSTD(1)),
    `server_id` UInt32 COMMENT 'Server.' CODEC(T64, ZSTD(1)),
    `host` LowCardinality(String) COMMENT 'Host name.' CODEC(ZSTD(1)),
    `name` LowCardinality(String) COMMENT 'Metric name, as in the Prometheus exposition.' CODEC(ZSTD(1)),
    `label_names` Array(LowCardinality(String)) COMMENT 'Names of the metric\'s labels.' CODEC(ZSTD(1)),
    `label_values` Array(String) COMMENT 'Values of the metric\'s labels, in the order of label_names.' CODEC(ZSTD(1)),
    `value` Float64 COMMENT 'Value at `time`.' CODEC(Gorilla, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 24 HOUR, 'UTC')
ORDER BY (name, server_id, time)
TTL time + INTERVAL 168 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

-- For a cluster named fathom.

CREATE DATABASE IF NOT EXISTS flow_log ON CLUSTER fathom;

CREATE DATABASE IF NOT EXISTS flow_metrics ON CLUSTER fathom;

CREATE DATABASE IF NOT EXISTS fathom_system ON CLUSTER fathom;

CREATE TABLE IF NOT EXISTS flow_log.`l4_flow_log_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/flow_log/l4_flow_log_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 12 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port)
TTL time + INTERVAL 72 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_log.l4_flow_log ON CLUSTER fathom AS flow_log.`l4_flow_log_local`
ENGINE = Distributed('fathom', 'flow_log', 'l4_flow_log_local', rand());

CREATE TABLE IF NOT EXISTS flow_log.`l7_flow_log_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/flow_log/l7_flow_log_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 12 HOUR, 'UTC')
ORDER BY (time, l7_protocol, l3_epc_id_1, ip4_1, ip6_1, server_port)
TTL time + INTERVAL 72 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_log.l7_flow_log ON CLUSTER fathom AS flow_log.`l7_flow_log_local`
ENGINE = Distributed('fathom', 'flow_log', 'l7_flow_log_local', rand());

CREATE TABLE IF NOT EXISTS flow_metrics.`network.1s_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/flow_metrics/network.1s_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id, ip4, ip6, server_port)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`network.1s` ON CLUSTER fathom AS flow_metrics.`network.1s_local`
ENGINE = Distributed('fathom', 'flow_metrics', 'network.1s_local', rand());

CREATE TABLE IF NOT EXISTS flow_metrics.`network_map.1s_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/flow_metrics/network_map.1s_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port, l3_epc_id_0, ip4_0, ip6_0)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`network_map.1s` ON CLUSTER fathom AS flow_metrics.`network_map.1s_local`
ENGINE = Distributed('fathom', 'flow_metrics', 'network_map.1s_local', rand());

CREATE TABLE IF NOT EXISTS flow_metrics.`application.1s_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/flow_metrics/application.1s_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id, ip4, ip6, server_port, l7_protocol)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`application.1s` ON CLUSTER fathom AS flow_metrics.`application.1s_local`
ENGINE = Distributed('fathom', 'flow_metrics', 'application.1s_local', rand());

CREATE TABLE IF NOT EXISTS flow_metrics.`application_map.1s_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/flow_metrics/application_map.1s_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port, l3_epc_id_0, ip4_0, ip6_0, l7_protocol)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`application_map.1s` ON CLUSTER fathom AS flow_metrics.`application_map.1s_local`
ENGINE = Distributed('fathom', 'flow_metrics', 'application_map.1s_local', rand());

CREATE TABLE IF NOT EXISTS fathom_system.`agent_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/fathom_system/agent_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 24 HOUR, 'UTC')
ORDER BY (name, agent_id, time)
TTL time + INTERVAL 168 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS fathom_system.agent ON CLUSTER fathom AS fathom_system.`agent_local`
ENGINE = Distributed('fathom', 'fathom_system', 'agent_local', rand());

CREATE TABLE IF NOT EXISTS fathom_system.`server_local` ON CLUSTER fathom (...)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/fathom_system/server_local', '{replica}')
PARTITION BY toStartOfInterval(time, INTERVAL 24 HOUR, 'UTC')
ORDER BY (name, server_id, time)
TTL time + INTERVAL 168 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS fathom_system.server ON CLUSTER fathom AS fathom_system.`server_local`
ENGINE = Distributed('fathom', 'fathom_system', 'server_local', rand());

