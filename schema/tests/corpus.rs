//! Replays the fuzzing corpus. `FATHOM_BLESS=1` writes the seeds; what a fuzzer finds is added
//! beside them under a name that says what it was.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../fuzz/fuzz_targets/frame_check.rs"]
mod frame_check;
#[path = "support/rows.rs"]
mod support;

use fathom_schema::wire::{self, Compression, FrameKind};
use fathom_schema::{ColumnBlock, application_1s, l4_flow_log, l7_flow_log, system_agent};
use std::path::Path;
use support::{ID, Raw, Seal};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/frame");

/// Name of the seed, its bytes, and whether it holds rows.
fn seeds() -> Vec<(&'static str, Vec<u8>, bool)> {
    let mut requests = l7_flow_log::Block::new();
    for i in 0..3 {
        requests.push(&l7_flow_log::Row {
            time: i,
            request_id: Some(1),
            request_resource: "/\u{e9}",
            attribute_names: &["a", "b"],
            metrics_values: &[1.0],
            ..Default::default()
        });
    }
    let mut flows = l4_flow_log::Block::new();
    flows.push(&l4_flow_log::Row { flow_id: 1, ip6_0: [1; 16], ..Default::default() });
    // Numbers in every form, for every choice of rows.
    let mut many_flows = l4_flow_log::Block::new();
    for i in 0..60_u32 {
        many_flows.push(&l4_flow_log::Row {
            time: 7,
            id: 1 << 40 | u64::from(i * i),
            flow_id: u64::from(i.wrapping_mul(0x9e37_79b9)) << 20,
            packet_tx: u64::from(i % 5),
            vlan: if i < 9 { 3 } else { 0 },
            retrans_tx: u32::from(i == 40),
            ip4_0: [10, 0, 0, i as u8],
            ip6_1: [i as u8; 16],
            ..Default::default()
        });
    }
    let mut words = l7_flow_log::Block::new();
    for i in 0..9 {
        words.push(&l7_flow_log::Row {
            request_domain: ["a.test", "", "b.test"][i % 3],
            attribute_names: &["x", "y"][..i % 3],
            attribute_values: &["same", "same"][..i % 3],
            trace_id: "0af7651916cd43dd8448eb211c80319c",
            x_request_id_0: ["", "550e8400-e29b-41d4"][i % 2],
            response_code: Some(-1),
            ..Default::default()
        });
    }
    let mut seconds = application_1s::Block::new();
    seconds.push(&application_1s::Row { rrt_sketch: &[(1, 2), (3, 4)], ..Default::default() });
    let not_text = Raw::new(&system_agent::TABLE, 1).column(400, 12, b"\x02\xff\xfe");
    let newer = Raw::new(&system_agent::TABLE, 1).column(1000, 99, b"new");
    let cut = Raw::new(&system_agent::TABLE, 2).column(400, 12, b"\x02\xff");
    let order = Raw::new(&system_agent::TABLE, 1).column(2, 3, &[0; 4]).column(1, 8, &[0; 4]);

    let seal = |block: &dyn ColumnBlock, compression| {
        let mut frame = Vec::new();
        wire::seal(block, ID, compression, &mut frame).unwrap();
        frame
    };
    let plain = |raw: &Raw| {
        let mut frame = Vec::new();
        raw.seal(Compression::None, &mut frame).unwrap();
        frame
    };
    let mut hello = Vec::new();
    wire::control(FrameKind::Hello, ID, &wire::hello_body("h", "1"), &mut hello).unwrap();
    let mut short = seal(&requests, Compression::Lz4);
    short.truncate(short.len() - 5);
    vec![
        ("requests", seal(&requests, Compression::None), true),
        ("requests_lz4", seal(&requests, Compression::Lz4), true),
        ("requests_words", seal(&words, Compression::Lz4), true),
        ("flows", seal(&flows, Compression::None), true),
        ("flows_packed", seal(&many_flows, Compression::Lz4), true),
        ("sketch", seal(&seconds, Compression::None), true),
        ("not_utf8", plain(&not_text), true),
        ("newer_column", plain(&newer), true),
        ("cut_string", plain(&cut), false),
        ("wrong_order", plain(&order), false),
        ("cut_lz4", short, false),
        ("hello", hello, false),
        ("empty", Vec::new(), false),
    ]
}

#[test]
fn corpus_is_harmless() {
    let bless = std::env::var_os("FATHOM_BLESS").is_some();
    for (name, bytes, readable) in seeds() {
        let path = Path::new(CORPUS).join(name);
        if bless {
            std::fs::create_dir_all(CORPUS).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        let committed = std::fs::read(&path).unwrap();
        assert_eq!(frame_check::check(&committed), readable, "{name}");
    }
    let mut replayed = 0;
    for entry in std::fs::read_dir(CORPUS).unwrap() {
        frame_check::check(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= seeds().len());
}

/// Each seed with each byte changed: near misses of good frames.
#[test]
fn near_misses_are_harmless() {
    for (_, bytes, _) in seeds() {
        for at in 0..bytes.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut near = bytes.clone();
                near[at] ^= change;
                frame_check::check(&near);
            }
        }
    }
}
