-- db flow_log
SELECT request_type FROM l7_flow_log WHERE request_type = ''; DROP TABLE flow_log.l7_flow_log
SELECT request_type FROM l7_flow_log WHERE request_type = '\'; DROP TABLE flow_log.l7_flow_log --'
SELECT request_type FROM l7_flow_log -- comment
SELECT /* comment */ request_type FROM l7_flow_log
SELECT request_type # comment
SELECT * FROM file('/etc/passwd')
SELECT * FROM url('http://127.0.0.1/', CSV)
SELECT * FROM remote('127.0.0.1', system.one)
SELECT * FROM system.tables
SELECT * FROM numbers(10)
SELECT file('/etc/passwd') FROM l7_flow_log
SELECT dictGet('x', 'y', 1) FROM l7_flow_log
SELECT request_type FROM l7_flow_log INTO OUTFILE '/tmp/x'
SELECT request_type FROM l7_flow_log SETTINGS max_execution_time = 0
SELECT request_type FROM l7_flow_log FORMAT CSV
SELECT request_type INTO x FROM l7_flow_log
SELECT request_type FROM l7_flow_log UNION ALL SELECT name FROM system.tables
SELECT request_type FROM l7_flow_log WHERE server_port IN (SELECT 1)
SELECT (SELECT 1) FROM l7_flow_log
SELECT request_type FROM (SELECT 1)
SELECT request_type FROM l7_flow_log, l4_flow_log
SELECT request_type FROM l7_flow_log JOIN l4_flow_log ON 1 = 1
SELECT request_type FROM l7_flow_log AS t
SELECT request_type FROM l7_flow_log FINAL
SELECT request_type FROM l7_flow_log SAMPLE 0.1
WITH x AS (SELECT 1) SELECT request_type FROM x
INSERT INTO l7_flow_log VALUES (1)
DROP TABLE l7_flow_log
SET readonly = 0
EXPLAIN SELECT 1
SELECT DISTINCT request_type FROM l7_flow_log
SELECT request_type FROM l7_flow_log LIMIT 1 BY request_type
SELECT Sum(byte_tx) OVER () FROM l4_flow_log
SELECT Sum(DISTINCT byte_tx) FROM l4_flow_log
SELECT CASE WHEN 1 THEN 2 END FROM l4_flow_log
SELECT CAST(server_port AS String) FROM l4_flow_log
SELECT server_port::String FROM l4_flow_log
SELECT [1, 2] FROM l4_flow_log
SELECT {a: 1} FROM l4_flow_log
SELECT x -> x FROM l4_flow_log
SELECT `a``; DROP` FROM l4_flow_log
SELECT server_port AS `x``; DROP TABLE y` FROM l4_flow_log
SELECT request_type FROM l7_flow_log WHERE request_type = "GET"
SELECT request_type FROM l7_flow_log WHERE request_type = $$GET$$
SELECT request_type FROM l7_flow_log WHERE server_port = 1e400
SELECT request_type FROM l7_flow_log WHERE server_port = 0x10
SELECT request_type FROM l7_flow_log WHERE server_port = {p:UInt16}
SELECT request_type FROM l7_flow_log WHERE server_port = ?
SELECT request_type FROM l7_flow_log PREWHERE 1 = 1
SELECT request_type FROM l7_flow_log WHERE request_type = '
SELECT ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) FROM l7_flow_log
