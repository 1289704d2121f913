-- db flow_log
SELECT row FROM l7_flow_log WHERE time >= 1700000000 AND time <= 1700000060
SELECT request_type FROM l7_flow_log WHERE time > now() - 300
SELECT request_type FROM l7_flow_log WHERE time > now() - INTERVAL 5 MINUTE AND now() >= time
SELECT request_type FROM l7_flow_log WHERE time BETWEEN 1700000000 AND 1700000060
SELECT request_type FROM l7_flow_log WHERE time BETWEEN now() - 60 AND now()
SELECT request_type FROM l7_flow_log WHERE time >= '2026-11-22 10:00:00' AND start_time < 1700000000000000 AND end_time > '2026-11-22T10:00:00.5Z'
SELECT request_type FROM l7_flow_log WHERE l7_protocol = 20 AND l7_protocol != 120
SELECT request_type FROM l7_flow_log WHERE l7_protocol = 'HTTP' OR Enum(l7_protocol) = 'dns' OR l7_protocol_str = 'Redis'
SELECT request_type FROM l7_flow_log WHERE Enum(l7_protocol) IN ('HTTP', 'DNS') AND Enum(response_status) NOT IN ('ok') AND response_status in (0, 'client_error')
SELECT request_type FROM l7_flow_log WHERE Enum(l7_protocol) LIKE 'H%' AND l7_protocol_str REGEXP '^D' AND l7_protocol NOT LIKE '%S'
SELECT request_type FROM l7_flow_log WHERE request_resource LIKE '/api/%' AND request_domain NOT LIKE '%.local' AND endpoint REGEXP '^/v[0-9]+' AND request_type NOT REGEXP 'GET|PUT'
SELECT request_type FROM l7_flow_log WHERE ip_0 = '10.0.0.1' AND ip_1 != '10.0.0.2'
SELECT request_type FROM l7_flow_log WHERE ip_0 = 'fe80::1' OR ip_1 = '10.1.2.3/8' OR ip_1 = '2001:db8::/32' OR ip_0 = '1.2.3.4/0'
SELECT request_type FROM l7_flow_log WHERE ip_0 IN ('10.0.0.1', '::1', '192.168.0.0/16') AND ip_1 NOT IN ('10.0.0.9') AND ip_0 LIKE '10.%' AND ip_1 > '10.0.0.0/8' AND ip_1 <= '11.0.0.0/8'
SELECT request_type FROM l7_flow_log WHERE ip4_0 = '10.0.0.1' AND ip6_1 = '::1' AND ip6_0 = '10.0.0.1'
SELECT request_type FROM l7_flow_log WHERE server_port = '80' AND client_port IN (1, '2', 3) AND l3_epc_id_0 = -2
SELECT request_type FROM l7_flow_log WHERE (server_port = 80 OR server_port = 443) AND NOT (request_type = 'GET' AND response_code >= 400)
SELECT request_type FROM l7_flow_log WHERE NOT server_port = 80 AND response_code IS NOT NULL AND request_id IS NULL
SELECT request_type FROM l7_flow_log WHERE 80 < server_port AND response_duration > request_length + 5
SELECT request_type AS t, server_port * 2 AS p FROM l7_flow_log WHERE t = 'GET' AND p > 160 AND response_duration / 1000 > 5
SELECT mac_0 FROM l4_flow_log WHERE mac_0 = '00:1a:2B:3c:4d:5e' AND mac_1 IN ('ff-ff-ff-ff-ff-ff')
SELECT close_type FROM l4_flow_log WHERE close_type BETWEEN 1 AND 5 AND duration NOT BETWEEN 10 AND 20.5
SELECT request_type FROM l7_flow_log WHERE is_tls = true AND trace_id = 'a\'b\\c' AND request_resource = 'x''y'
