//! Rows that the end of a second owes are made a few at a time while packets come; they have to be
//! the rows that would be made at once.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

use fathom_dataplane::pipeline::{Pipeline, PipelineConfig};
use fathom_ring::{Source, file};
use fathom_schema::wire::{self, Compression, FrameId, HEADER_LEN};
use fathom_schema::{TableDef, json};
use std::path::Path;

/// Rows of the tables of metrics, in no order.
fn metrics(capture: &Path, rows_at_a_time: usize, batch: usize) -> Vec<String> {
    let mut source = file::open(capture).unwrap();
    let mut pipeline = Pipeline::new(PipelineConfig { rows_at_a_time, ..Default::default() });
    let mut rows = Vec::new();
    let mut last_ns = 0;
    while !source.finished() {
        let frames = source.acquire(batch).unwrap();
        if !frames.is_empty() {
            last_ns = frames.frame(frames.len() - 1).time_ns;
        }
        pipeline.batch(&frames, None, |_| false);
        source.release();
    }
    pipeline.flush_all(last_ns);
    pipeline.blocks_mut().each_mut(|block| {
        let table: &TableDef = block.table();
        if block.rows() == 0 || table.database != "flow_metrics" {
            return;
        }
        let id = FrameId { agent_id: 1, boot_id: 1, stream: 0, seq: 1 };
        let (mut frame, mut scratch, mut text) = (Vec::new(), Vec::new(), Vec::new());
        wire::seal(block, id, Compression::Lz4, &mut frame).unwrap();
        let (head, body) = frame.split_at(HEADER_LEN);
        let header = wire::parse_header(head.first_chunk().unwrap()).unwrap();
        json::write_rows(table, &wire::body(&header, body, &mut scratch).unwrap(), &mut text);
        rows.extend(String::from_utf8(text).unwrap().lines().map(str::to_owned));
    });
    rows.sort();
    rows
}

#[test]
fn rows_made_a_few_at_a_time_are_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut seen = 0;
    for name in ["http-keepalive", "dns-udp", "redis-pushes", "mqtt-qos", "kafka-joined-late"] {
        let capture = folder.join(format!("{name}.pcap"));
        if !capture.exists() {
            continue;
        }
        let at_once = metrics(&capture, usize::MAX, 64);
        assert!(!at_once.is_empty(), "{name}");
        for (most, batch) in [(1, 1), (1, 7), (3, 64)] {
            assert_eq!(metrics(&capture, most, batch), at_once, "{name}, {most} rows at a time");
        }
        seen += 1;
    }
    assert!(seen >= 3, "only {seen} captures are there");
}
