-- db flow_log
SELECT Count(row) FROM l7_flow_log
SELECT Count(*), count(), COUNT(request_id) AS ids, Sum(row) FROM l7_flow_log
SELECT server_port, Sum(byte_tx) AS tx, Max(byte_rx), Min(packet_tx), Avg(packet_rx) FROM l4_flow_log GROUP BY server_port ORDER BY tx DESC LIMIT 5
SELECT Sum(byte_tx + byte_rx) AS total, Sum(byte_tx) / Count(row) AS per_row, Sum(byte_tx) * 8 / 60 AS bps FROM l4_flow_log
SELECT ip_0, ip_1, Sum(byte_tx) FROM l4_flow_log GROUP BY ip_0, ip_1
SELECT Enum(l7_protocol) AS p, Count(row) AS n FROM l7_flow_log GROUP BY p HAVING n > 10 AND p != 'DNS' ORDER BY n DESC, p
SELECT Enum(l7_protocol), l7_protocol, Count(row) FROM l7_flow_log GROUP BY l7_protocol
SELECT time(time, 60) AS minute, Count(row) FROM l7_flow_log GROUP BY minute ORDER BY minute
SELECT time(time, 60) AS time, Count(row) FROM l7_flow_log WHERE time > 1700000000 GROUP BY time ORDER BY time ASC
SELECT time(start_time, 3600) AS h, Avg(response_duration) FROM l7_flow_log GROUP BY time(start_time, 3600)
SELECT time(time, 10) + 5, Count(row) FROM l7_flow_log GROUP BY time(time, 10)
SELECT toString(server_port) AS port, Count(row) FROM l7_flow_log GROUP BY port
SELECT server_port + 1 AS next, Count(row) FROM l7_flow_log GROUP BY next
SELECT response_status, Count(row) FROM l7_flow_log WHERE l7_protocol = 'HTTP' GROUP BY response_status HAVING response_status > 0 AND Count(row) >= 2 OR Sum(request_length) > 1000
SELECT Avg(response_duration) AS mean, Max(response_duration), Min(response_duration), Sum(response_duration), Count(response_duration) FROM l7_flow_log
SELECT Avg(rrt) AS rrt, Max(rrt) AS rrt_max, Min(srt), Sum(art), Count(cit), Avg(rtt), Max(rtt), Avg(rtt_client) FROM l4_flow_log
SELECT request_type FROM l7_flow_log GROUP BY request_type
SELECT Max(request_resource), Min(time), Max(start_time) FROM l7_flow_log
SELECT server_port FROM l4_flow_log GROUP BY server_port ORDER BY Sum(byte_tx) / Sum(packet_tx) DESC NULLS LAST
-- db flow_metrics
SELECT Sum(request) AS r, Sum(server_error) / Sum(request) AS ratio, Avg(rrt), Max(rrt) FROM application WHERE time >= 1700000000
SELECT ip, role, Sum(byte) FROM network.1s GROUP BY ip, role
SELECT ip_0, ip_1, Sum(packet_tx), Avg(rtt) FROM network_map GROUP BY ip_0, ip_1
SELECT Sum(byte) FROM `network.1s`
SELECT Sum(byte) FROM flow_metrics.network.1s
SELECT Sum(byte) FROM flow_metrics.`network.1s`
SELECT Sum(byte), Avg(rrt), rrt_count FROM network GROUP BY rrt_count
-- precision 1s
SELECT Sum(byte) FROM network
