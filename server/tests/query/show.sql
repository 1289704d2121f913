-- db flow_log
show databases
show tables
SHOW TABLES FROM flow_metrics
show tags from l7_flow_log
show metrics from l4_flow_log
show tag response_status values from l7_flow_log
show tag request_type values from l7_flow_log
show tag ip_1 values from l7_flow_log where time > 1700000000 limit 5
show tag l7_protocol values from l7_flow_log limit 5
-- db flow_metrics
show tags from application.1s
show metrics from application_map
