-- db flow_log
SELECT respones_code FROM l7_flow_log
SELECT response_code FROM l7_flow_lgo
SELECT ip FROM l7_flow_log
SELECT Sum(byte) FROM l4_flow_log
SELECT Sum(Bytes) FROM l4_flow_log
SELECT Sum(request) FROM l7_flow_log
SELECT Avg(client_rtt) FROM l4_flow_log
SELECT Sum(retransmissions) FROM l4_flow_log
SELECT url FROM l7_flow_log
SELECT server_port FROM flows
SELECT server_port FROM http
SELECT server_port FROM network
SELECT Summ(byte_tx) FROM l4_flow_log
SELECT Uniq(ip_0) FROM l4_flow_log
SELECT Sum(byte_tx), server_port FROM l4_flow_log
SELECT ip_0, Sum(byte_tx) FROM l4_flow_log GROUP BY server_port
SELECT Sum(byte_tx) FROM l4_flow_log ORDER BY server_port
SELECT server_port FROM l4_flow_log ORDER BY Sum(byte_tx)
SELECT Sum(byte_tx) FROM l4_flow_log HAVING server_port = 1
SELECT time(time, 60), Count(row) FROM l4_flow_log GROUP BY server_port
SELECT server_port FROM l4_flow_log WHERE Sum(byte_tx) > 1
SELECT Sum(Max(byte_tx)) FROM l4_flow_log
SELECT Sum(request_type) FROM l7_flow_log
SELECT request_type + 1 FROM l7_flow_log
SELECT request_type FROM l7_flow_log WHERE server_port = 'http'
SELECT request_type FROM l7_flow_log WHERE l7_protocol = 'HTPP'
SELECT request_type FROM l7_flow_log WHERE Enum(server_port) = 'x'
SELECT request_type FROM l7_flow_log WHERE Enum(l7_protocol) > 'DNS'
SELECT request_type FROM l7_flow_log WHERE ip_0 = 'localhost'
SELECT request_type FROM l7_flow_log WHERE ip_0 = 5
SELECT request_type FROM l7_flow_log WHERE time > 1700000000000
SELECT request_type FROM l7_flow_log WHERE time > 1.5
SELECT request_type FROM l7_flow_log WHERE attribute_names = 'x'
SELECT request_type FROM l7_flow_log WHERE is_tls
SELECT request_type FROM l7_flow_log WHERE server_port LIKE '8%'
SELECT request_type FROM l7_flow_log WHERE request_type LIKE request_domain
SELECT request_type FROM l7_flow_log WHERE mac_0 = '1'
SELECT mac_0 FROM l4_flow_log WHERE mac_0 = '00:11'
SELECT time(time, 0) FROM l7_flow_log
SELECT time(time, 60, 'null') FROM l7_flow_log
SELECT time(server_port, 60) FROM l7_flow_log
SELECT Count(row) FROM l7_flow_log GROUP BY 1
SELECT Count(row) FROM l7_flow_log GROUP BY Count(row)
SELECT Count(row) AS a, Sum(byte_tx) AS a FROM l4_flow_log
SELECT * FROM l7_flow_log GROUP BY time
SELECT FROM l7_flow_log
SELECT request_type
SELECT request_type FROM l7_flow_log LIMIT 'a'
SELECT request_type FROM l7_flow_log LIMIT -1
SELECT request_type FROM
SELECT request_type FROM l7_flow_log WHERE
SELECT request_type FROM l7_flow_log WHERE (server_port = 1
SELECT request_type\nFROM l7_flow_log\nWHERE serverport = 1
-- db flow_metrics
SELECT Sum(byte) FROM network.1m
SELECT Sum(byte) FROM traffic
SELECT Sum(byte) FROM network_flow
SELECT Max(byte_tx) FROM l4_flow_log
-- db flow_lgo
SELECT server_port FROM l4_flow_log
-- db flow_metrics
show tables from nowhere
show tags
show tags from nothing
show thing
show metrics from application extra
show tag server_prot values from l7_flow_log
