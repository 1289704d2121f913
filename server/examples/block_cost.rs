//! What tagging and concatenating cost: builds insert blocks from sealed frames in memory, and
//! prints nanoseconds per row for each table. With `bare` as argument, decompression and
//! validation alone, to see what of it is ours.
//!
//! `cargo run --release -p fathom-server --example block_cost`

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people at a terminal")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use fathom_schema::wire::{self, Compression, FrameId, HEADER_LEN, Header};
use fathom_schema::{ColumnBlock, application_1s, l4_flow_log, l7_flow_log, table};
use fathom_server::block::Builder;
use fathom_server::spool::sink::VerifiedFrame;
use fathom_server::tag::Networks;

/// Rows per frame and frames per block: an agent's second, a server's batch.
const ROWS: u32 = 10_000;
const FRAMES: u64 = 10;
const ROUNDS: u32 = 20;

fn address(i: u32) -> [u8; 4] {
    // A thousand hosts of ours, now and then one of the internet.
    if i.is_multiple_of(7) {
        [8, 8, (i >> 8) as u8, i as u8]
    } else {
        [10, 0, (i % 4) as u8, i as u8]
    }
}

fn blocks() -> Vec<(u16, Box<dyn ColumnBlock>)> {
    let mut l4 = l4_flow_log::Block::new();
    let mut l7 = l7_flow_log::Block::new();
    let mut application = application_1s::Block::new();
    for i in 0..ROWS {
        let resource = format!("/api/v1/items/{i}?page={}", i % 10);
        let time = 1_800_000_000 + i / 5000;
        l4.push(&l4_flow_log::Row {
            time,
            flow_id: u64::from(i) << 20,
            is_ipv4: 1,
            ip4_0: address(i),
            ip4_1: address(i / 3),
            server_port: 443,
            client_port: (i % 50_000) as u16,
            byte_tx: u64::from(i) * 7,
            byte_rx: u64::from(i) * 31,
            packet_tx: u64::from(i % 19),
            rtt: u64::from(i % 900),
            duration: u64::from(i),
            close_type: 1,
            ..Default::default()
        });
        l7.push(&l7_flow_log::Row {
            time,
            flow_id: u64::from(i) << 20,
            is_ipv4: 1,
            ip4_0: address(i),
            ip4_1: address(i / 3),
            l7_protocol: 20,
            server_port: 80,
            request_type: if i.is_multiple_of(4) { "POST" } else { "GET" },
            request_domain: "shop.example",
            request_resource: &resource,
            endpoint: "/api/v1/items",
            response_code: Some(200),
            response_duration: u64::from(i % 10_000),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
            ..Default::default()
        });
        application.push(&application_1s::Row {
            time,
            is_ipv4: 1,
            ip4: address(i),
            request: u64::from(i % 100),
            rrt_sum: u64::from(i),
            rrt_count: 3,
            endpoint: "/api/v1/items",
            ..Default::default()
        });
    }
    vec![(1, Box::new(l4)), (2, Box::new(l7)), (5, Box::new(application))]
}

fn main() {
    let bare = std::env::args().any(|a| a == "bare");
    let networks = Arc::new(Networks::new(&[]));
    for (id, block) in blocks() {
        let table = table(id).unwrap();
        let frames: Vec<(Header, Vec<u8>)> = (1..=FRAMES)
            .map(|seq| {
                let id = FrameId { agent_id: 1, boot_id: 1, stream: 0, seq };
                let mut bytes = Vec::new();
                wire::seal(block.as_ref(), id, Compression::Lz4, &mut bytes).unwrap();
                let (head, body) = bytes.split_first_chunk::<HEADER_LEN>().unwrap();
                (wire::parse_header(head).unwrap(), body.to_vec())
            })
            .collect();
        let mut builder = Builder::new(table, Arc::clone(&networks));
        let mut scratch = Vec::new();
        let mut best = f64::MAX;
        let mut size = 0;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            for (header, body) in &frames {
                wire::verify(header, body).unwrap();
                if bare {
                    black_box(wire::body(header, body, &mut scratch).unwrap().rows());
                } else {
                    builder.append(&VerifiedFrame { header: *header, body }).unwrap();
                }
            }
            if !bare {
                size = black_box(builder.finish()).body.len();
            }
            let rows = f64::from(ROWS) * FRAMES as f64;
            best = best.min(began.elapsed().as_nanos() as f64 / rows);
        }
        println!(
            "{}: {best:.0} ns/row, {:.0} B/row on the wire, {:.0} B/row Native",
            table.sql_name(),
            frames.iter().map(|(_, b)| b.len()).sum::<usize>() as f64
                / (f64::from(ROWS) * FRAMES as f64),
            size as f64 / (f64::from(ROWS) * FRAMES as f64),
        );
    }
}
