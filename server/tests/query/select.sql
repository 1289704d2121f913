-- db flow_log
-- Rows.
SELECT request_type, request_resource, response_code FROM l7_flow_log
select ip_0, ip_1, server_port from l7_flow_log limit 5
SELECT time, start_time, end_time, response_duration FROM l7_flow_log ORDER BY start_time DESC LIMIT 20 OFFSET 40
SELECT time FROM l7_flow_log LIMIT 10, 5
SELECT Enum(l7_protocol) AS protocol, l7_protocol, l7_protocol_str, mac_0 FROM l4_flow_log LIMIT 1
SELECT `request_type` AS `the type` FROM flow_log.l7_flow_log
SELECT toString(time), toString(start_time), toString(server_port), toUnixTimestamp64Micro(end_time), toUnixTimestamp(end_time) FROM l7_flow_log LIMIT 1
SELECT _id, flow_id, attribute_names, attribute_values FROM l7_flow_log
SELECT byte_tx + byte_rx AS bytes, byte_tx / packet_tx, -byte_tx, (byte_tx - byte_rx) * 8 FROM l4_flow_log
SELECT * FROM server LIMIT 1
-- db fathom_system
SELECT * FROM server LIMIT 1
SELECT name, value FROM agent WHERE name LIKE 'fathom_agent_%' ORDER BY time DESC LIMIT 3
