-- Made by `cargo xtask gen`. For one ClickHouse.

CREATE DATABASE IF NOT EXISTS flow_log;

CREATE DATABASE IF NOT EXISTS flow_metrics;

CREATE DATABASE IF NOT EXISTS fathom_system;

CREATE TABLE IF NOT EXISTS flow_log.l4_flow_log (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Second in which the row\'s interval ended.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent that made the row.',
    `ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.',
    `ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.',
    `ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.',
    `ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.',
    `is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.',
    `protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'IP protocol number.',
    `server_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the server; 0 when the protocol has none.',
    `l7_protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'Application protocol.',
    `observation_point` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...',
    `capture_nic` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.',
    `capture_nic_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How capture_nic is to be read.',
    `capture_network_type_id` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.',
    `signal_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the row was made from.',
    `tunnel_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Outermost tunnel the traffic came through.',
    `pod_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Client side.',
    `pod_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Server side.',
    `gprocess_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Client side.',
    `gprocess_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Server side.',
    `l3_epc_id_0` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.',
    `l3_epc_id_1` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.',
    `auto_instance_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.',
    `auto_instance_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.',
    `auto_instance_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Client side.',
    `auto_instance_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Server side.',
    `auto_service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.',
    `auto_service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.',
    `auto_service_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Client side.',
    `auto_service_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Server side.',
    `tag_source_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Client side.',
    `tag_source_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Server side.',
    `region_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Client side.',
    `region_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Server side.',
    `az_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Client side.',
    `az_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Server side.',
    `host_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Client side.',
    `host_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Server side.',
    `l3_device_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Client side.',
    `l3_device_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Server side.',
    `l3_device_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Client side.',
    `l3_device_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Server side.',
    `subnet_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Client side.',
    `subnet_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Server side.',
    `pod_cluster_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Client side.',
    `pod_cluster_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Server side.',
    `pod_ns_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Client side.',
    `pod_ns_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Server side.',
    `pod_node_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Client side.',
    `pod_node_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Server side.',
    `pod_group_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Client side.',
    `pod_group_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Server side.',
    `service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Client side.',
    `service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Server side.',
    `province_0` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Client side.',
    `province_1` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Server side.',
    `team_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Team the data belongs to.',
    `nat_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the address translation was learned from.',
    `is_key_service` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the service is marked as a key service.',
    `_id` UInt64 CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Unique id of the row: second of time, agent and a counter, so a row is found by id without a scan.',
    `start_time` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'First packet or call of the row.',
    `end_time` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'Last packet or call of the row.',
    `flow_id` UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'Flow the row belongs to, the same in all its rows.',
    `client_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the client; 0 when the protocol has none.',
    `direction_score` UInt8 CODEC(ZSTD(1)) COMMENT 'How sure the direction is: 255 certain, 0 a guess.',
    `epc_id_0` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the device rather than of the address. Client side.',
    `epc_id_1` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the device rather than of the address. Server side.',
    `duration` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Time from the flow\'s first packet to its last.',
    `is_new_flow` UInt8 CODEC(ZSTD(1)) COMMENT '1 in the first row of a flow.',
    `close_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How the flow ended; 5 is a report of a live flow.',
    `status` UInt8 CODEC(ZSTD(1)) COMMENT 'Outcome that follows from close_type.',
    `mac_0` UInt64 CODEC(ZSTD(1)) COMMENT 'MAC address, in the low 48 bits. Client side.',
    `mac_1` UInt64 CODEC(ZSTD(1)) COMMENT 'MAC address, in the low 48 bits. Server side.',
    `eth_type` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'EtherType.',
    `vlan` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'VLAN id; 0 untagged.',
    `tcp_flags_bit_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'TCP flags sent by this side, or-ed. Client side.',
    `tcp_flags_bit_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'TCP flags sent by this side, or-ed. Server side.',
    `syn_seq` UInt32 CODEC(ZSTD(1)) COMMENT 'Sequence number of SYN.',
    `syn_ack_seq` UInt32 CODEC(ZSTD(1)) COMMENT 'Sequence number of SYN+ACK.',
    `last_keepalive_seq` UInt32 CODEC(ZSTD(1)) COMMENT 'Sequence number of the last keep-alive.',
    `last_keepalive_ack` UInt32 CODEC(ZSTD(1)) COMMENT 'Acknowledgement number of the last keep-alive.',
    `init_ipid` UInt32 CODEC(ZSTD(1)) COMMENT 'IPv4 identification of the first packet.',
    `tunnel_tier` UInt8 CODEC(ZSTD(1)) COMMENT 'How many tunnels were taken off.',
    `tunnel_tx_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Tunnel id (VNI, key, TEID), client to server.',
    `tunnel_rx_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Tunnel id (VNI, key, TEID), server to client.',
    `tunnel_tx_ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'Tunnel end, client to server. Client side.',
    `tunnel_tx_ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'Tunnel end, client to server. Server side.',
    `tunnel_rx_ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'Tunnel end, server to client. Client side.',
    `tunnel_rx_ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'Tunnel end, server to client. Server side.',
    `tunnel_tx_ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'Tunnel end, client to server. Client side.',
    `tunnel_tx_ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'Tunnel end, client to server. Server side.',
    `tunnel_rx_ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'Tunnel end, server to client. Client side.',
    `tunnel_rx_ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'Tunnel end, server to client. Server side.',
    `tunnel_is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the tunnel\'s own addresses are IPv4.',
    `tunnel_tx_mac_0` UInt64 CODEC(ZSTD(1)) COMMENT 'Tunnel MAC address, client to server. Client side.',
    `tunnel_tx_mac_1` UInt64 CODEC(ZSTD(1)) COMMENT 'Tunnel MAC address, client to server. Server side.',
    `tunnel_rx_mac_0` UInt64 CODEC(ZSTD(1)) COMMENT 'Tunnel MAC address, server to client. Client side.',
    `tunnel_rx_mac_1` UInt64 CODEC(ZSTD(1)) COMMENT 'Tunnel MAC address, server to client. Server side.',
    `request_domain` String CODEC(ZSTD(1)) COMMENT 'Domain the flow is about: Host, SNI, queried name.',
    `packet_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets in the interval. Client to server.',
    `packet_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets in the interval. Server to client.',
    `byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on, in the interval. Client to server.',
    `byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on, in the interval. Server to client.',
    `l3_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of network-layer payload in the interval. Client to server.',
    `l3_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of network-layer payload in the interval. Server to client.',
    `l4_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of transport-layer payload in the interval. Client to server.',
    `l4_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of transport-layer payload in the interval. Server to client.',
    `total_packet_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets since the flow began. Client to server.',
    `total_packet_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets since the flow began. Server to client.',
    `total_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes since the flow began. Client to server.',
    `total_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes since the flow began. Server to client.',
    `l7_request` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Application requests.',
    `l7_response` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Application responses.',
    `l7_parse_failed` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Messages that could not be parsed.',
    `l7_client_error` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the client.',
    `l7_server_error` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the server.',
    `l7_timeout` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Requests without a response in time.',
    `l7_error` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Responses that report an error, of either side.',
    `rtt` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip; 0 not measured.',
    `rtt_client_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, sum.',
    `rtt_client_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.',
    `rtt_client_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, maximum.',
    `rtt_server_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, sum.',
    `rtt_server_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.',
    `rtt_server_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, maximum.',
    `tls_rtt` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TLS handshake; 0 not measured.',
    `srt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, sum.',
    `srt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, how many were measured.',
    `srt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, maximum.',
    `art_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, sum.',
    `art_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, how many were measured.',
    `art_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, maximum.',
    `rrt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, sum.',
    `rrt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, how many were measured.',
    `rrt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, maximum.',
    `cit_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, sum.',
    `cit_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, how many were measured.',
    `cit_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, maximum.',
    `retrans_tx` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments. Client to server.',
    `retrans_rx` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments. Server to client.',
    `retrans_syn` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Repeated SYN packets.',
    `retrans_synack` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Repeated SYN+ACK packets.',
    `zero_win_tx` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero. Client to server.',
    `zero_win_rx` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero. Server to client.',
    `ooo_tx` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Segments that arrived out of order. Client to server.',
    `ooo_rx` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Segments that arrived out of order. Server to client.',
    `syn_count` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'SYN packets.',
    `synack_count` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'SYN+ACK packets.',
    `fin_count` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'FIN packets.',
    `l2_end_0` UInt8 CODEC(ZSTD(1)) COMMENT '1 when this side is at the capture point by its MAC address. Client side.',
    `l2_end_1` UInt8 CODEC(ZSTD(1)) COMMENT '1 when this side is at the capture point by its MAC address. Server side.',
    `l3_end_0` UInt8 CODEC(ZSTD(1)) COMMENT '1 when this side is at the capture point by its IP address. Client side.',
    `l3_end_1` UInt8 CODEC(ZSTD(1)) COMMENT '1 when this side is at the capture point by its IP address. Server side.',
    `nat_real_ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'Address before translation, IPv4. Client side.',
    `nat_real_ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'Address before translation, IPv4. Server side.',
    `nat_real_ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'Address before translation, IPv6. Client side.',
    `nat_real_ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'Address before translation, IPv6. Server side.',
    `nat_real_port_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Port before translation. Client side.',
    `nat_real_port_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Port before translation. Server side.',
    `aggregated_flow_ids` String CODEC(ZSTD(1)) COMMENT 'Ids of the flows a health-check row stands for.',
    `acl_gids` Array(UInt16) CODEC(ZSTD(1)) COMMENT 'Policy groups the flow matched.'
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 12 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port)
TTL time + INTERVAL 72 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_log.l7_flow_log (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Second in which the row\'s interval ended.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent that made the row.',
    `ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.',
    `ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.',
    `ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.',
    `ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.',
    `is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.',
    `protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'IP protocol number.',
    `server_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the server; 0 when the protocol has none.',
    `l7_protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'Application protocol.',
    `observation_point` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...',
    `capture_nic` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.',
    `capture_nic_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How capture_nic is to be read.',
    `capture_network_type_id` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.',
    `signal_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the row was made from.',
    `tunnel_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Outermost tunnel the traffic came through.',
    `pod_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Client side.',
    `pod_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Server side.',
    `gprocess_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Client side.',
    `gprocess_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Server side.',
    `l3_epc_id_0` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.',
    `l3_epc_id_1` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.',
    `auto_instance_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.',
    `auto_instance_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.',
    `auto_instance_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Client side.',
    `auto_instance_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Server side.',
    `auto_service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.',
    `auto_service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.',
    `auto_service_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Client side.',
    `auto_service_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Server side.',
    `tag_source_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Client side.',
    `tag_source_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Server side.',
    `region_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Client side.',
    `region_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Server side.',
    `az_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Client side.',
    `az_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Server side.',
    `host_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Client side.',
    `host_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Server side.',
    `l3_device_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Client side.',
    `l3_device_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Server side.',
    `l3_device_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Client side.',
    `l3_device_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Server side.',
    `subnet_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Client side.',
    `subnet_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Server side.',
    `pod_cluster_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Client side.',
    `pod_cluster_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Server side.',
    `pod_ns_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Client side.',
    `pod_ns_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Server side.',
    `pod_node_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Client side.',
    `pod_node_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Server side.',
    `pod_group_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Client side.',
    `pod_group_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Server side.',
    `service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Client side.',
    `service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Server side.',
    `province_0` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Client side.',
    `province_1` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Server side.',
    `team_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Team the data belongs to.',
    `nat_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the address translation was learned from.',
    `is_key_service` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the service is marked as a key service.',
    `_id` UInt64 CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Unique id of the row: second of time, agent and a counter, so a row is found by id without a scan.',
    `start_time` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'First packet or call of the row.',
    `end_time` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'Last packet or call of the row.',
    `flow_id` UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'Flow the row belongs to, the same in all its rows.',
    `client_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the client; 0 when the protocol has none.',
    `direction_score` UInt8 CODEC(ZSTD(1)) COMMENT 'How sure the direction is: 255 certain, 0 a guess.',
    `epc_id_0` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the device rather than of the address. Client side.',
    `epc_id_1` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the device rather than of the address. Server side.',
    `version` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Protocol version.',
    `type` UInt8 CODEC(ZSTD(1)) COMMENT 'Whether the row holds a request, a response or both.',
    `is_tls` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the exchange was encrypted.',
    `is_async` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the client did not wait for the response.',
    `is_reversed` UInt8 CODEC(ZSTD(1)) COMMENT '1 when client and server were found to be the other way round.',
    `request_type` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Method, command, query type.',
    `request_domain` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Host, authority, queried domain.',
    `request_resource` String CODEC(ZSTD(1)) COMMENT 'Path with query, statement, key.',
    `endpoint` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'What requests are grouped by: path pattern, rpc method, statement fingerprint.',
    `request_id` Nullable(UInt64) CODEC(T64, ZSTD(1)) COMMENT 'Id the protocol gives the exchange.',
    `request_length` Nullable(Int64) CODEC(T64, ZSTD(1)) COMMENT 'Length of the request\'s body.',
    `response_status` UInt8 CODEC(ZSTD(1)) COMMENT 'Outcome.',
    `response_code` Nullable(Int32) CODEC(T64, ZSTD(1)) COMMENT 'Status code in the protocol\'s own numbering.',
    `response_exception` String CODEC(ZSTD(1)) COMMENT 'Error text.',
    `response_result` String CODEC(ZSTD(1)) COMMENT 'Result, for instance resolved addresses.',
    `response_length` Nullable(Int64) CODEC(T64, ZSTD(1)) COMMENT 'Length of the response\'s body.',
    `response_duration` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'First packet of the request to first packet of the response; 0 without a response.',
    `sql_affected_rows` Nullable(UInt64) CODEC(T64, ZSTD(1)) COMMENT 'Rows a statement changed.',
    `trace_id` String CODEC(ZSTD(1)) COMMENT 'Trace id of the header with the highest priority.',
    `_trace_id_2` String CODEC(ZSTD(1)) COMMENT 'Trace id of another header, when it differs.',
    `trace_id_index` UInt64 CODEC(ZSTD(1)) COMMENT 'xxh3-64 of trace_id; 0 without one.',
    `span_id` String CODEC(ZSTD(1)) COMMENT 'Span id.',
    `parent_span_id` String CODEC(ZSTD(1)) COMMENT 'Span id of the parent.',
    `span_kind` Nullable(UInt8) CODEC(ZSTD(1)) COMMENT 'Role of the span.',
    `x_request_id_0` String CODEC(ZSTD(1)) COMMENT 'X-Request-ID: side 0 from the request, side 1 from the response. Client side.',
    `x_request_id_1` String CODEC(ZSTD(1)) COMMENT 'X-Request-ID: side 0 from the request, side 1 from the response. Server side.',
    `http_proxy_client` String CODEC(ZSTD(1)) COMMENT 'Client behind a proxy, from X-Forwarded-For and the like.',
    `app_service` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Service name an application gave itself.',
    `app_instance` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Instance name an application gave itself.',
    `process_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process id on its host. Client side.',
    `process_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process id on its host. Server side.',
    `process_kname_0` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Name of the thread in the kernel. Client side.',
    `process_kname_1` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Name of the thread in the kernel. Server side.',
    `syscall_trace_id_request` UInt64 CODEC(ZSTD(1)) COMMENT 'Ties the request to the call that caused it.',
    `syscall_trace_id_response` UInt64 CODEC(ZSTD(1)) COMMENT 'Ties the response to the call it causes.',
    `syscall_thread_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Thread: side 0 of the request, side 1 of the response. Client side.',
    `syscall_thread_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Thread: side 0 of the request, side 1 of the response. Server side.',
    `syscall_coroutine_0` UInt64 CODEC(ZSTD(1)) COMMENT 'Coroutine: side 0 of the request, side 1 of the response. Client side.',
    `syscall_coroutine_1` UInt64 CODEC(ZSTD(1)) COMMENT 'Coroutine: side 0 of the request, side 1 of the response. Server side.',
    `syscall_cap_seq_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Order of the data on its socket: side 0 of the request, side 1 of the response. Client side.',
    `syscall_cap_seq_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Order of the data on its socket: side 0 of the request, side 1 of the response. Server side.',
    `req_tcp_seq` UInt32 CODEC(ZSTD(1)) COMMENT 'TCP sequence number of the request\'s first byte.',
    `resp_tcp_seq` UInt32 CODEC(ZSTD(1)) COMMENT 'TCP sequence number of the response\'s first byte.',
    `captured_request_byte` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of the request that were captured.',
    `captured_response_byte` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of the response that were captured.',
    `attribute_names` Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'Names of further attributes.',
    `attribute_values` Array(String) CODEC(ZSTD(1)) COMMENT 'Values of further attributes, in the order of attribute_names.',
    `metrics_names` Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'Names of further numbers.',
    `metrics_values` Array(Float64) CODEC(ZSTD(1)) COMMENT 'Further numbers, in the order of metrics_names.',
    `events` String CODEC(ZSTD(1)) COMMENT 'Events of the span, as JSON.',
    `biz_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Business kind of the request.',
    `biz_code` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Business code of the request.',
    `biz_scenario` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Business scenario of the request.',
    `biz_response_code` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Business code of the response.',
    `biz_protocol` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Name a protocol rule gave the exchange.',
    `raw_request_header` String CODEC(ZSTD(1)) COMMENT 'First bytes of a failing request\'s header.',
    `raw_request_payload` String CODEC(ZSTD(1)) COMMENT 'First bytes of a failing request\'s payload.',
    `raw_response_header` String CODEC(ZSTD(1)) COMMENT 'First bytes of a failing response\'s header.',
    `raw_response_payload` String CODEC(ZSTD(1)) COMMENT 'First bytes of a failing response\'s payload.',
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
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Second in which the row\'s interval ended.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent that made the row.',
    `ip4` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6.',
    `ip6` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4.',
    `is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.',
    `protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'IP protocol number.',
    `server_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the server; 0 when the protocol has none.',
    `l7_protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'Application protocol.',
    `observation_point` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...',
    `capture_nic` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.',
    `capture_nic_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How capture_nic is to be read.',
    `capture_network_type_id` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.',
    `signal_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the row was made from.',
    `tunnel_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Outermost tunnel the traffic came through.',
    `pod_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod.',
    `gprocess_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id.',
    `l3_epc_id` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet.',
    `auto_instance_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type.',
    `auto_instance_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names.',
    `auto_service_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type.',
    `auto_service_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names.',
    `tag_source` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side.',
    `region_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region.',
    `az_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone.',
    `host_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host.',
    `l3_device_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address.',
    `l3_device_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address.',
    `subnet_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet.',
    `pod_cluster_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster.',
    `pod_ns_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace.',
    `pod_node_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node.',
    `pod_group_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload.',
    `service_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service.',
    `province` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address.',
    `team_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Team the data belongs to.',
    `nat_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the address translation was learned from.',
    `is_key_service` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the service is marked as a key service.',
    `packet_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets. Client to server.',
    `packet_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets. Server to client.',
    `packet` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets, both ways.',
    `byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on. Client to server.',
    `byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on. Server to client.',
    `byte` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on, both ways.',
    `l3_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of network-layer payload. Client to server.',
    `l3_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of network-layer payload. Server to client.',
    `l4_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of transport-layer payload. Client to server.',
    `l4_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of transport-layer payload. Server to client.',
    `new_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows that began.',
    `closed_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows that ended.',
    `flow_load` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows alive.',
    `l7_request` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application requests.',
    `l7_response` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application responses.',
    `syn_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'SYN packets.',
    `synack_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'SYN+ACK packets.',
    `retrans_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments. Client to server.',
    `retrans_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments. Server to client.',
    `retrans` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments, both ways.',
    `zero_win_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero. Client to server.',
    `zero_win_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero. Server to client.',
    `zero_win` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero, both ways.',
    `retrans_syn` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Repeated SYN packets.',
    `retrans_synack` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Repeated SYN+ACK packets.',
    `ooo_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that arrived out of order. Client to server.',
    `ooo_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that arrived out of order. Server to client.',
    `client_rst_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the client reset while data flowed (close type 9).',
    `server_rst_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the server reset while data flowed (close type 2).',
    `server_syn_miss` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts without an answer to SYN (close type 7).',
    `client_ack_miss` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts without the client\'s final ACK (close type 10).',
    `client_half_close_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the client left half closed (close type 11).',
    `server_half_close_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the server left half closed (close type 8).',
    `client_source_port_reuse` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts from a port still in use (close type 13).',
    `server_reset` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts the server reset at once (close type 15).',
    `server_queue_lack` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connections lost to a full accept queue (close type 17).',
    `client_establish_other_rst` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts the client reset for another reason (close type 18).',
    `server_establish_other_rst` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts the server reset for another reason (close type 19).',
    `tcp_timeout` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP flows that fell silent without an end (close type 3).',
    `client_establish_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts that failed by the client: close types 10, 13 and 18.',
    `server_establish_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts that failed by the server: close types 7, 15 and 19.',
    `tcp_establish_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts that failed, on either side.',
    `tcp_transfer_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Established connections that ended badly: reset, queue overflow, timeout, half close.',
    `tcp_rst_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connections ended by a reset, while connecting or later.',
    `rtt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip, sum.',
    `rtt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip, how many were measured.',
    `rtt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip, maximum.',
    `rtt_client_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, sum.',
    `rtt_client_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.',
    `rtt_client_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, maximum.',
    `rtt_server_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, sum.',
    `rtt_server_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.',
    `rtt_server_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, maximum.',
    `srt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, sum.',
    `srt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, how many were measured.',
    `srt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, maximum.',
    `art_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, sum.',
    `art_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, how many were measured.',
    `art_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, maximum.',
    `rrt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, sum.',
    `rrt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, how many were measured.',
    `rrt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, maximum.',
    `cit_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, sum.',
    `cit_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, how many were measured.',
    `cit_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, maximum.',
    `l7_client_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the client.',
    `l7_server_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the server.',
    `l7_timeout` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Requests without a response in time.',
    `l7_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that report an error, of either side.',
    `direction_score` UInt8 CODEC(ZSTD(1)) COMMENT 'How sure the direction is: 255 certain, 0 a guess.',
    `_tid` UInt8 CODEC(ZSTD(1)) COMMENT 'Combination of tags the row was grouped by.',
    `role` UInt8 CODEC(ZSTD(1)) COMMENT 'Whether the address is the client or the server of what is counted.'
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id, ip4, ip6, server_port)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`network_map.1s` (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Second in which the row\'s interval ended.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent that made the row.',
    `ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.',
    `ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.',
    `ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.',
    `ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.',
    `is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.',
    `protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'IP protocol number.',
    `server_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the server; 0 when the protocol has none.',
    `l7_protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'Application protocol.',
    `observation_point` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...',
    `capture_nic` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.',
    `capture_nic_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How capture_nic is to be read.',
    `capture_network_type_id` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.',
    `signal_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the row was made from.',
    `tunnel_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Outermost tunnel the traffic came through.',
    `pod_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Client side.',
    `pod_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Server side.',
    `gprocess_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Client side.',
    `gprocess_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Server side.',
    `l3_epc_id_0` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.',
    `l3_epc_id_1` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.',
    `auto_instance_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.',
    `auto_instance_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.',
    `auto_instance_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Client side.',
    `auto_instance_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Server side.',
    `auto_service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.',
    `auto_service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.',
    `auto_service_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Client side.',
    `auto_service_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Server side.',
    `tag_source_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Client side.',
    `tag_source_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Server side.',
    `region_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Client side.',
    `region_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Server side.',
    `az_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Client side.',
    `az_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Server side.',
    `host_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Client side.',
    `host_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Server side.',
    `l3_device_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Client side.',
    `l3_device_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Server side.',
    `l3_device_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Client side.',
    `l3_device_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Server side.',
    `subnet_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Client side.',
    `subnet_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Server side.',
    `pod_cluster_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Client side.',
    `pod_cluster_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Server side.',
    `pod_ns_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Client side.',
    `pod_ns_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Server side.',
    `pod_node_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Client side.',
    `pod_node_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Server side.',
    `pod_group_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Client side.',
    `pod_group_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Server side.',
    `service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Client side.',
    `service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Server side.',
    `province_0` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Client side.',
    `province_1` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Server side.',
    `team_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Team the data belongs to.',
    `nat_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the address translation was learned from.',
    `is_key_service` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the service is marked as a key service.',
    `packet_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets. Client to server.',
    `packet_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets. Server to client.',
    `packet` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Packets, both ways.',
    `byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on. Client to server.',
    `byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on. Server to client.',
    `byte` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes on the wire from the link header on, both ways.',
    `l3_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of network-layer payload. Client to server.',
    `l3_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of network-layer payload. Server to client.',
    `l4_byte_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of transport-layer payload. Client to server.',
    `l4_byte_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Bytes of transport-layer payload. Server to client.',
    `new_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows that began.',
    `closed_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows that ended.',
    `flow_load` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows alive.',
    `l7_request` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application requests.',
    `l7_response` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application responses.',
    `syn_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'SYN packets.',
    `synack_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'SYN+ACK packets.',
    `retrans_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments. Client to server.',
    `retrans_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments. Server to client.',
    `retrans` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Retransmitted segments, both ways.',
    `zero_win_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero. Client to server.',
    `zero_win_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero. Server to client.',
    `zero_win` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that announced a window of zero, both ways.',
    `retrans_syn` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Repeated SYN packets.',
    `retrans_synack` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Repeated SYN+ACK packets.',
    `ooo_tx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that arrived out of order. Client to server.',
    `ooo_rx` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Segments that arrived out of order. Server to client.',
    `client_rst_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the client reset while data flowed (close type 9).',
    `server_rst_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the server reset while data flowed (close type 2).',
    `server_syn_miss` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts without an answer to SYN (close type 7).',
    `client_ack_miss` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts without the client\'s final ACK (close type 10).',
    `client_half_close_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the client left half closed (close type 11).',
    `server_half_close_flow` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Flows the server left half closed (close type 8).',
    `client_source_port_reuse` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts from a port still in use (close type 13).',
    `server_reset` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts the server reset at once (close type 15).',
    `server_queue_lack` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connections lost to a full accept queue (close type 17).',
    `client_establish_other_rst` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts the client reset for another reason (close type 18).',
    `server_establish_other_rst` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts the server reset for another reason (close type 19).',
    `tcp_timeout` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP flows that fell silent without an end (close type 3).',
    `client_establish_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts that failed by the client: close types 10, 13 and 18.',
    `server_establish_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts that failed by the server: close types 7, 15 and 19.',
    `tcp_establish_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connection attempts that failed, on either side.',
    `tcp_transfer_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Established connections that ended badly: reset, queue overflow, timeout, half close.',
    `tcp_rst_fail` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Connections ended by a reset, while connecting or later.',
    `rtt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip, sum.',
    `rtt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip, how many were measured.',
    `rtt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'TCP handshake round trip, maximum.',
    `rtt_client_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, sum.',
    `rtt_client_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, how many were measured.',
    `rtt_client_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client part of the TCP handshake: SYN+ACK to ACK, maximum.',
    `rtt_server_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, sum.',
    `rtt_server_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, how many were measured.',
    `rtt_server_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Server part of the TCP handshake: SYN to SYN+ACK, maximum.',
    `srt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, sum.',
    `srt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, how many were measured.',
    `srt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'System response: data to the pure ACK that covers it, maximum.',
    `art_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, sum.',
    `art_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, how many were measured.',
    `art_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Application response: request data to first response data, maximum.',
    `rrt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, sum.',
    `rrt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, how many were measured.',
    `rrt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, as the application protocol pairs them, maximum.',
    `cit_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, sum.',
    `cit_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, how many were measured.',
    `cit_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Client idle: last response data, or handshake, to next request data, maximum.',
    `l7_client_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the client.',
    `l7_server_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the server.',
    `l7_timeout` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Requests without a response in time.',
    `l7_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that report an error, of either side.',
    `direction_score` UInt8 CODEC(ZSTD(1)) COMMENT 'How sure the direction is: 255 certain, 0 a guess.',
    `_tid` UInt8 CODEC(ZSTD(1)) COMMENT 'Combination of tags the row was grouped by.',
    `role` UInt8 CODEC(ZSTD(1)) COMMENT 'Side the row was seen from.'
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port, l3_epc_id_0, ip4_0, ip6_0)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`application.1s` (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Second in which the row\'s interval ended.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent that made the row.',
    `ip4` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6.',
    `ip6` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4.',
    `is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.',
    `protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'IP protocol number.',
    `server_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the server; 0 when the protocol has none.',
    `l7_protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'Application protocol.',
    `observation_point` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...',
    `capture_nic` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.',
    `capture_nic_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How capture_nic is to be read.',
    `capture_network_type_id` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.',
    `signal_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the row was made from.',
    `tunnel_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Outermost tunnel the traffic came through.',
    `pod_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod.',
    `gprocess_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id.',
    `l3_epc_id` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet.',
    `auto_instance_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type.',
    `auto_instance_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names.',
    `auto_service_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type.',
    `auto_service_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names.',
    `tag_source` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side.',
    `region_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region.',
    `az_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone.',
    `host_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host.',
    `l3_device_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address.',
    `l3_device_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address.',
    `subnet_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet.',
    `pod_cluster_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster.',
    `pod_ns_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace.',
    `pod_node_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node.',
    `pod_group_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload.',
    `service_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service.',
    `province` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address.',
    `team_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Team the data belongs to.',
    `nat_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the address translation was learned from.',
    `is_key_service` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the service is marked as a key service.',
    `app_service` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Service name an application gave itself.',
    `app_instance` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Instance name an application gave itself.',
    `endpoint` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'What requests are grouped by: path pattern, rpc method, statement fingerprint.',
    `biz_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Business kind of the request.',
    `request` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Requests.',
    `response` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses.',
    `rrt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, sum.',
    `rrt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, how many were measured.',
    `rrt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, maximum.',
    `rrt_sketch` Map(UInt16, UInt64) CODEC(ZSTD(1)) COMMENT 'Request to response as counts per logarithmic bucket (relative error 2 %), mergeable by adding.',
    `client_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the client.',
    `server_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the server.',
    `timeout` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Requests without a response in time.',
    `error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that report an error, of either side.',
    `direction_score` UInt8 CODEC(ZSTD(1)) COMMENT 'How sure the direction is: 255 certain, 0 a guess.',
    `_tid` UInt8 CODEC(ZSTD(1)) COMMENT 'Combination of tags the row was grouped by.',
    `role` UInt8 CODEC(ZSTD(1)) COMMENT 'Whether the address is the client or the server of what is counted.'
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id, ip4, ip6, server_port, l7_protocol)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS flow_metrics.`application_map.1s` (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'Second in which the row\'s interval ended.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent that made the row.',
    `ip4_0` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Client side.',
    `ip4_1` IPv4 CODEC(ZSTD(1)) COMMENT 'IPv4 address; 0.0.0.0 when the row is about IPv6. Server side.',
    `ip6_0` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Client side.',
    `ip6_1` IPv6 CODEC(ZSTD(1)) COMMENT 'IPv6 address; :: when the row is about IPv4. Server side.',
    `is_ipv4` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the addresses are IPv4, 0 when they are IPv6.',
    `protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'IP protocol number.',
    `server_port` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Transport port of the server; 0 when the protocol has none.',
    `l7_protocol` UInt8 CODEC(ZSTD(1)) COMMENT 'Application protocol.',
    `observation_point` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Where on the path the row was seen: c, c-nd, s-nd, s, c-p, s-p, local, rest, ...',
    `capture_nic` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Interface the traffic was captured on: the low 32 bits of its MAC address, or its kernel index when it has none.',
    `capture_nic_type` UInt8 CODEC(ZSTD(1)) COMMENT 'How capture_nic is to be read.',
    `capture_network_type_id` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of network the capture point belongs to; 3 is the network of the host itself.',
    `signal_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the row was made from.',
    `tunnel_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Outermost tunnel the traffic came through.',
    `pod_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Client side.',
    `pod_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes pod. Server side.',
    `gprocess_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Client side.',
    `gprocess_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Process, by its fleet-wide id. Server side.',
    `l3_epc_id_0` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Client side.',
    `l3_epc_id_1` Int32 CODEC(T64, ZSTD(1)) COMMENT 'VPC of the address; 0 unknown, -2 the internet. Server side.',
    `auto_instance_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Client side.',
    `auto_instance_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Most specific resource that owns the address; its kind is auto_instance_type. Server side.',
    `auto_instance_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Client side.',
    `auto_instance_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_instance_id names. Server side.',
    `auto_service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Client side.',
    `auto_service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Service the address answers for; its kind is auto_service_type. Server side.',
    `auto_service_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Client side.',
    `auto_service_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of resource auto_service_id names. Server side.',
    `tag_source_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Client side.',
    `tag_source_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Bits that say which look-ups found the tags of this side. Server side.',
    `region_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Client side.',
    `region_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Region. Server side.',
    `az_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Client side.',
    `az_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Availability zone. Server side.',
    `host_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Client side.',
    `host_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Hypervisor host. Server side.',
    `l3_device_type_0` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Client side.',
    `l3_device_type_1` UInt8 CODEC(ZSTD(1)) COMMENT 'Kind of device that owns the address. Server side.',
    `l3_device_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Client side.',
    `l3_device_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Device that owns the address. Server side.',
    `subnet_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Client side.',
    `subnet_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Subnet. Server side.',
    `pod_cluster_id_0` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Client side.',
    `pod_cluster_id_1` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes cluster. Server side.',
    `pod_ns_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Client side.',
    `pod_ns_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes namespace. Server side.',
    `pod_node_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Client side.',
    `pod_node_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes node. Server side.',
    `pod_group_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Client side.',
    `pod_group_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes workload. Server side.',
    `service_id_0` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Client side.',
    `service_id_1` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Kubernetes service. Server side.',
    `province_0` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Client side.',
    `province_1` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Province of an internet address. Server side.',
    `team_id` UInt16 CODEC(T64, ZSTD(1)) COMMENT 'Team the data belongs to.',
    `nat_source` UInt8 CODEC(ZSTD(1)) COMMENT 'What the address translation was learned from.',
    `is_key_service` UInt8 CODEC(ZSTD(1)) COMMENT '1 when the service is marked as a key service.',
    `app_service` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Service name an application gave itself.',
    `app_instance` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Instance name an application gave itself.',
    `endpoint` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'What requests are grouped by: path pattern, rpc method, statement fingerprint.',
    `biz_type` UInt8 CODEC(ZSTD(1)) COMMENT 'Business kind of the request.',
    `request` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Requests.',
    `response` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses.',
    `rrt_sum` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, sum.',
    `rrt_count` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, how many were measured.',
    `rrt_max` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Request to response, maximum.',
    `rrt_sketch` Map(UInt16, UInt64) CODEC(ZSTD(1)) COMMENT 'Request to response as counts per logarithmic bucket (relative error 2 %), mergeable by adding.',
    `client_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the client.',
    `server_error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that blame the server.',
    `timeout` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Requests without a response in time.',
    `error` UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Responses that report an error, of either side.',
    `direction_score` UInt8 CODEC(ZSTD(1)) COMMENT 'How sure the direction is: 255 certain, 0 a guess.',
    `_tid` UInt8 CODEC(ZSTD(1)) COMMENT 'Combination of tags the row was grouped by.',
    `role` UInt8 CODEC(ZSTD(1)) COMMENT 'Side the row was seen from.'
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 4 HOUR, 'UTC')
ORDER BY (time, l3_epc_id_1, ip4_1, ip6_1, server_port, l3_epc_id_0, ip4_0, ip6_0, l7_protocol)
TTL time + INTERVAL 24 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS fathom_system.agent (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'When the value was read.',
    `agent_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Agent.',
    `host` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Host name.',
    `name` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Metric name, as in the Prometheus exposition.',
    `label_names` Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'Names of the metric\'s labels.',
    `label_values` Array(String) CODEC(ZSTD(1)) COMMENT 'Values of the metric\'s labels, in the order of label_names.',
    `value` Float64 CODEC(Gorilla, ZSTD(1)) COMMENT 'Value at `time`.'
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(time, INTERVAL 24 HOUR, 'UTC')
ORDER BY (name, agent_id, time)
TTL time + INTERVAL 168 HOUR DELETE
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS fathom_system.server (
    `time` DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)) COMMENT 'When the value was read.',
    `server_id` UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Server.',
    `host` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Host name.',
    `name` LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Metric name, as in the Prometheus exposition.',
    `label_names` Array(LowCardinality(String)) CODEC(ZSTD(1)) COMMENT 'Names of the metric\'s labels.',
    `label_values` Array(String) CODEC(ZSTD(1)) COMMENT 'Values of the metric\'s labels, in the order of label_names.',
    `value` Float64 CODEC(Gorilla, ZSTD(1)) COMMENT 'Value at `time`.'
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

