//! Each stage of the data path by itself, for people who change one: `cargo bench -p fathom-bench
//! --no-default-features`. What holds in CI are instruction counts (`perf/budgets.toml`), which do
//! not depend on the machine.

#![allow(missing_docs, reason = "made by criterion's macros")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fathom_bench::generate::{self, Profile, Spec};
use fathom_bench::parsers;
use fathom_dataplane::decode::Decoder;
use fathom_dataplane::flow::counts::PerfCounts;
use fathom_dataplane::flow::key::FlowKey;
use fathom_dataplane::flow::perf::{At, Trackers};
use fathom_dataplane::flow::table::FlowTable;
use fathom_dataplane::pipeline::{Pipeline, PipelineConfig};
use fathom_parsers::packet::Packet;
use fathom_ring::{Source, file};
use fathom_schema::wire::{self, Compression, FrameId, HEADER_LEN};
use fathom_shard::timer_wheel::TimerWheel;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

/// Packets, keys or timers of one measured run: what the data path takes at a time.
const BATCH: u64 = 64;
/// Flows that are there: their table is larger than a core's cache.
const FLOWS: u32 = 100_000;
const ID: FrameId = FrameId { agent_id: 1, boot_id: 1, stream: 0, seq: 1 };

fn capture(profile: Profile) -> Vec<u8> {
    let spec = Spec { profile, packets: 20_000, flows: 1000, span_s: 10, ..Spec::default() };
    generate::capture(&spec).pcap
}

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Elements(BATCH));
    for (name, profile) in [("plain", Profile::Mix), ("tunnels", Profile::Tunnels)] {
        let mut source = file::from_bytes(capture(profile)).expect("a capture");
        let batch = source.acquire(BATCH as usize).expect("frames");
        let mut decoder = Decoder::new(Default::default());
        group.bench_function(name, |b| {
            b.iter(|| {
                for i in 0..batch.len() {
                    let frame = batch.frame(i);
                    let mut packet = Packet::default();
                    if !Decoder::decode_plain(&frame, &mut packet) {
                        black_box(decoder.decode(&frame).is_some());
                    }
                    black_box(&packet);
                }
            });
        });
    }
}

/// The key of one of many connections.
fn key(n: u32) -> FlowKey {
    let mut packet = Packet { is_ipv4: true, protocol: 6, ..Packet::default() };
    packet.src = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 | n)).into();
    packet.dst = IpAddr::V4(Ipv4Addr::new(10, 255, 0, 1)).into();
    (packet.src_port, packet.dst_port) = (40_000, 443);
    FlowKey::of(&packet, 0).0
}

fn flow_table(c: &mut Criterion) {
    let mut group = c.benchmark_group("flow table, 100 k flows");
    group.throughput(Throughput::Elements(BATCH));
    let mut table = FlowTable::new(2 * FLOWS as usize);
    for n in 0..FLOWS {
        let key = key(n);
        table.insert(key, table.hash(&key), 1);
    }
    // Far apart in memory, as packets of many flows are.
    let some = |first: u32, run: u32| -> Vec<FlowKey> {
        (0..BATCH as u32).map(|i| key(first + (run * 64 + i) * 7919 % FLOWS)).collect()
    };
    for (name, first) in [("hit", 0), ("miss", FLOWS)] {
        let mut run = 0;
        group.bench_function(name, |b| {
            b.iter_batched(
                || {
                    run += 1;
                    some(first, run)
                },
                |keys| {
                    let hashes: Vec<u64> = keys.iter().map(|k| table.hash(k)).collect();
                    hashes.iter().for_each(|h| table.prefetch(*h));
                    for (key, hash) in keys.iter().zip(&hashes) {
                        black_box(table.find(key, *hash, table.likely(*hash)));
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.bench_function("insert and remove", |b| {
        let mut run = 0;
        b.iter(|| {
            run += 1;
            for key in some(FLOWS, run) {
                let id = table.insert(key, table.hash(&key), 1);
                table.remove(black_box(id));
            }
        });
    });
}

fn timers(c: &mut Criterion) {
    let mut group = c.benchmark_group("timer wheel, 100 k armed");
    group.throughput(Throughput::Elements(BATCH));
    let mut wheel = TimerWheel::new(0, 2 * FLOWS as usize);
    for id in 0..FLOWS {
        wheel.arm(id, 1_000_000_000 + u64::from(id));
    }
    group.bench_function("arm, then fire", |b| {
        let mut now = 0;
        b.iter(|| {
            now += 100;
            (0..BATCH as u32).for_each(|i| wheel.arm(FLOWS + i, now));
            wheel.advance(now, |id| {
                black_box(id);
            });
        });
    });
}

fn sequences(c: &mut Criterion) {
    let mut group = c.benchmark_group("TCP sequences");
    group.throughput(Throughput::Elements(BATCH));
    let mut trackers = Trackers::new(1);
    let id = trackers.open();
    let mut header = fathom_parsers::packet::Tcp { flags: 0x10, window: 500, ..Default::default() };
    group.bench_function("data and its acknowledgement", |b| {
        let mut us = 1;
        b.iter(|| {
            let mut counts = PerfCounts::default();
            for _ in 0..BATCH / 2 {
                us += 10;
                let at = |side| At { side, client: 0, us };
                trackers.packet(id, &at(0), &header, 1000, &mut counts);
                header.seq = header.seq.wrapping_add(1000);
                let back = fathom_parsers::packet::Tcp { ack: header.seq, seq: 1, ..header };
                trackers.packet(id, &at(1), &back, 0, &mut counts);
            }
            black_box(&counts);
        });
    });
}

fn parsing(c: &mut Criterion) {
    let mut group = c.benchmark_group("parsers, request and answer");
    for name in parsers::names() {
        if parsers::exchanges(name, 16).is_some() {
            group.bench_function(name, |b| {
                b.iter_custom(|n| parsers::exchanges(name, n as usize).unwrap_or_default());
            });
        }
    }
}

fn whole(c: &mut Criterion) {
    let mut group = c.benchmark_group("pipeline");
    let pcap = capture(Profile::Mix);
    group.throughput(Throughput::Elements(20_000)).sample_size(20);
    group.bench_function("mix, 20,000 packets", |b| {
        b.iter_batched(
            || {
                let config = PipelineConfig { flows_max: 10_000, ..PipelineConfig::default() };
                (file::from_bytes(pcap.clone()).expect("a capture"), Pipeline::new(config))
            },
            |(mut source, mut pipeline)| {
                while !source.finished() {
                    let batch = source.acquire(BATCH as usize).expect("frames");
                    pipeline.batch(&batch, None, |_| false);
                    source.release();
                }
                pipeline
            },
            BatchSize::PerIteration,
        );
    });
}

fn rows(c: &mut Criterion) {
    let mut group = c.benchmark_group("rows of the mix");
    let mut source = file::from_bytes(capture(Profile::Mix)).expect("a capture");
    let mut pipeline = Pipeline::new(PipelineConfig::default());
    while !source.finished() {
        let batch = source.acquire(BATCH as usize).expect("frames");
        pipeline.batch(&batch, None, |_| false);
        source.release();
    }
    let mut frames = Vec::new();
    pipeline.blocks_mut().each_mut(|block| {
        let (name, rows) = (block.table().name, block.rows() as u64);
        if rows == 0 {
            return;
        }
        group.throughput(Throughput::Elements(rows));
        let mut frame = Vec::new();
        group.bench_function(format!("seal {name}"), |b| {
            b.iter(|| {
                frame.clear();
                wire::seal(block, ID, Compression::Lz4, &mut frame).expect("fits a frame")
            });
        });
        frames.push((block.table(), rows, frame));
    });
    for (table, rows, frame) in &frames {
        let (head, body) = frame.split_at(HEADER_LEN);
        let header = wire::parse_header(head.first_chunk().expect("a header")).expect("ours");
        group.throughput(Throughput::Elements(*rows));
        group.bench_function(format!("verify {}", table.name), |b| {
            b.iter(|| wire::verify(black_box(&header), body));
        });
        let mut plain = Vec::new();
        group.bench_function(format!("unpack {}", table.name), |b| {
            b.iter(|| wire::body(&header, body, &mut plain).map(|columns| columns.rows()));
        });
        #[cfg(feature = "server")]
        server(&mut group, table, fathom_server::spool::sink::VerifiedFrame { header, body });
    }
}

/// Tagging a frame and making a Native block of it.
#[cfg(feature = "server")]
fn server(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    table: &'static fathom_schema::TableDef,
    frame: fathom_server::spool::sink::VerifiedFrame<'_>,
) {
    let networks = std::sync::Arc::new(fathom_server::tag::Networks::new(&[]));
    let mut builder = fathom_server::block::Builder::new(table, networks);
    group.bench_function(format!("tag and concatenate {}", table.name), |b| {
        b.iter(|| {
            builder.append(&frame).expect("a good frame");
            builder.finish().rows
        });
    });
}

/// The network of an address, as the server looks it up.
#[cfg(feature = "server")]
fn tags(c: &mut Criterion) {
    let networks = fathom_server::tag::Networks::new(&[]);
    let mut n = 0_u32;
    c.bench_function("VPC of an address", |b| {
        b.iter(|| {
            n = n.wrapping_mul(0x9e37_79b9).wrapping_add(1);
            networks.v4(Ipv4Addr::from(n))
        });
    });
}

#[cfg(not(feature = "server"))]
fn tags(_: &mut Criterion) {}

criterion_group!(stages, decode, flow_table, timers, sequences, parsing, whole, rows, tags);
criterion_main!(stages);
