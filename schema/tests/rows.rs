//! Rows in, rows out: every field ends under its own name, whatever the values are.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/rows.rs"]
mod support;

use fathom_schema::wire::{self, Compression};
use fathom_schema::{ColumnBlock, application_1s, l4_flow_log, l7_flow_log, system_agent, values};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{rows_of, through_wire};

const BOTH: [Compression; 2] = [Compression::None, Compression::Lz4];

fn a_request() -> l7_flow_log::Row<'static> {
    l7_flow_log::Row {
        time: 1_700_000_000,
        agent_id: 42,
        ip4_0: [10, 0, 0, 1],
        ip4_1: [10, 0, 0, 2],
        is_ipv4: 1,
        protocol: 6,
        server_port: 80,
        l7_protocol: 20,
        observation_point: "c",
        capture_nic: 0xdead_beef,
        signal_source: 3,
        tunnel_type: 1,
        id: u64::MAX,
        start_time: 1_700_000_000_000_001,
        end_time: 1_700_000_000_000_042,
        flow_id: 1 << 63,
        client_port: 40_000,
        version: "1.1",
        type_: 2,
        request_type: "GET",
        request_domain: "example.org",
        request_resource: "/a?q=\"\\\u{1}\n\u{e9}",
        endpoint: "/a",
        request_id: Some(0),
        response_code: Some(-200),
        response_length: Some(-1),
        response_duration: 41,
        trace_id: "abc",
        trace_id_2: "def",
        span_kind: Some(2),
        x_request_id_1: "x1",
        attribute_names: &["user_agent", ""],
        attribute_values: &["curl/8", "empty name"],
        metrics_names: &["m"],
        metrics_values: &[1.5],
        ..Default::default()
    }
}

/// One row of each sort, rendered; `FATHOM_BLESS=1` rewrites the copy.
#[test]
fn rendered_rows_are_as_committed() {
    let mut requests = l7_flow_log::Block::new();
    requests.push(&a_request());
    requests.push(&l7_flow_log::Row {
        ip6_0: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        protocol: 200,
        l7_protocol: 99,
        response_status: 4,
        ..Default::default()
    });
    let mut flows = l4_flow_log::Block::new();
    flows.push(&l4_flow_log::Row {
        is_ipv4: 1,
        protocol: 58,
        close_type: 13,
        status: 4,
        mac_0: 0x0000_0242_ac11_0002,
        vlan: 1122,
        tunnel_tx_ip4_1: [192, 0, 2, 1],
        packet_tx: 3,
        rtt_client_max: 18,
        cit_count: 2,
        retrans_rx: 5,
        ..Default::default()
    });
    let mut seconds = application_1s::Block::new();
    seconds.push(&application_1s::Row {
        role: 1,
        request: 2,
        rrt_sum: 30,
        rrt_count: 2,
        rrt_max: 20,
        rrt_sketch: &[(7, 1), (9, 1)],
        ..Default::default()
    });
    let mut own = system_agent::Block::new();
    own.push(&system_agent::Row {
        time: 5,
        agent_id: 1,
        name: "fathom_agent_flows",
        label_names: &["core"],
        label_values: &["0"],
        value: 0.25,
        ..Default::default()
    });
    own.push(&system_agent::Row { value: f64::NAN, ..Default::default() });

    let blocks: [&dyn ColumnBlock; 4] = [&requests, &flows, &seconds, &own];
    let mut text = String::new();
    for block in blocks {
        for row in rows_of(block, Compression::Lz4) {
            text += &format!("{row:#}\n");
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/rows.json");
    if std::env::var_os("FATHOM_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap_or_default());
}

/// A key for every column an agent fills comes out, even for a row of defaults.
#[test]
fn a_row_of_defaults_has_every_column() {
    let mut block = l7_flow_log::Block::new();
    block.push(&l7_flow_log::Row::default());
    assert_eq!(block.raw_bytes(), 0, "columns that hold only defaults are not sent");
    for compression in BOTH {
        let rows = rows_of(&block, compression);
        let keys = rows[0].as_object().unwrap();
        assert_eq!(keys["table"], "l7_flow_log");
        assert_eq!(keys["request_id"], Value::Null);
        assert_eq!(keys["request_type"], "");
        assert_eq!(keys["attribute_names"], json!([]));
        let filled =
            l7_flow_log::TABLE.columns.iter().filter(|c| c.source == fathom_schema::Source::Agent);
        for column in filled.clone() {
            assert!(keys.contains_key(column.name), "{} is missing", column.name);
        }
        assert_eq!(keys.len(), filled.count() + 3, "table, ip_0 and ip_1 besides the columns");
    }
}

/// A cleared block starts over: nothing of the rows before is left.
#[test]
fn a_cleared_block_is_empty() {
    let mut block = l7_flow_log::Block::new();
    block.push(&a_request());
    let first = rows_of(&block, Compression::None);
    block.clear();
    assert_eq!((block.rows(), block.raw_bytes()), (0, 0));
    block.push(&l7_flow_log::Row::default());
    assert_eq!(block.raw_bytes(), 0);
    block.clear();
    block.push(&a_request());
    assert_eq!(rows_of(&block, Compression::None), first);
}

#[derive(Clone, Debug)]
struct Request {
    time: u32,
    flow_id: u64,
    ip6: [u8; 16],
    end_time: i64,
    domain: String,
    resource: String,
    request_id: Option<u64>,
    code: Option<i32>,
    length: Option<i64>,
    names: Vec<String>,
    numbers: Vec<f64>,
}

fn request() -> impl Strategy<Value = Request> {
    let text = "\\PC{0,12}|[a-z]{120,200}";
    (
        (any::<u32>(), any::<u64>(), any::<[u8; 16]>(), any::<i64>()),
        (text, text),
        (any::<Option<u64>>(), any::<Option<i32>>(), any::<Option<i64>>()),
        proptest::collection::vec("\\PC{0,3}", 0..4),
        proptest::collection::vec(-1e9..1e9f64, 0..4),
    )
        .prop_map(|((time, flow_id, ip6, end_time), (domain, resource), n, names, numbers)| {
            let (request_id, code, length) = n;
            Request {
                time,
                flow_id,
                ip6,
                end_time,
                domain,
                resource,
                request_id,
                code,
                length,
                names,
                numbers,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn requests_come_back(requests in proptest::collection::vec(request(), 1..40)) {
        let mut block = l7_flow_log::Block::new();
        for r in &requests {
            let names: Vec<&str> = r.names.iter().map(String::as_str).collect();
            block.push(&l7_flow_log::Row {
                time: r.time,
                flow_id: r.flow_id,
                ip6_1: r.ip6,
                end_time: r.end_time,
                request_domain: &r.domain,
                request_resource: &r.resource,
                request_id: r.request_id,
                response_code: r.code,
                response_length: r.length,
                attribute_names: &names,
                metrics_values: &r.numbers,
                ..Default::default()
            });
        }
        for compression in BOTH {
            for (row, r) in rows_of(&block, compression).iter().zip(&requests) {
                prop_assert_eq!(&row["time"], &json!(u64::from(r.time) * 1_000_000));
                prop_assert_eq!(&row["flow_id"], &json!(r.flow_id));
                let ip = std::net::Ipv6Addr::from(r.ip6).to_string();
                prop_assert_eq!(&row["ip_1"], &json!(ip));
                prop_assert_eq!(&row["end_time"], &json!(r.end_time));
                prop_assert_eq!(&row["request_domain"], &json!(r.domain));
                prop_assert_eq!(&row["request_resource"], &json!(r.resource));
                prop_assert_eq!(&row["request_id"], &json!(r.request_id));
                prop_assert_eq!(&row["response_code"], &json!(r.code));
                prop_assert_eq!(&row["response_length"], &json!(r.length));
                prop_assert_eq!(&row["attribute_names"], &json!(r.names));
                let numbers: Vec<f64> =
                    row["metrics_values"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
                prop_assert_eq!(&numbers, &r.numbers);
            }
        }
    }

    #[test]
    fn sketches_come_back(rows in proptest::collection::vec(
        proptest::collection::btree_map(any::<u16>(), any::<u64>(), 0..6), 1..20)) {
        let mut block = application_1s::Block::new();
        for row in &rows {
            let entries: Vec<(u16, u64)> = row.iter().map(|(k, v)| (*k, *v)).collect();
            block.push(&application_1s::Row { rrt_sketch: &entries, ..Default::default() });
        }
        for (out, row) in rows_of(&block, Compression::Lz4).iter().zip(&rows) {
            prop_assert_eq!(&out["rrt_sketch"], &json!(row));
        }
    }

    /// Ids, hexadecimal in all rows or not, of even and odd length.
    #[test]
    fn ids_come_back(
        hex in proptest::collection::vec("[0-9a-f]{0,40}", 1..30),
        other in proptest::collection::vec("[0-9a-f]{4}|\\PC{0,9}", 1..30),
    ) {
        for ids in [&hex, &other] {
            let mut block = l7_flow_log::Block::new();
            for id in ids {
                block.push(&l7_flow_log::Row { trace_id: id, span_id: "0a", ..Default::default() });
            }
            for row_and_id in rows_of(&block, Compression::Lz4).iter().zip(ids) {
                prop_assert_eq!(&row_and_id.0["trace_id"], &json!(row_and_id.1));
                prop_assert_eq!(&row_and_id.0["span_id"], &json!("0a"));
            }
        }
    }

    /// Numbers of every width, in every row, in stretches, here and there; alike, rising, wild.
    #[test]
    fn numbers_come_back(
        rows in proptest::collection::vec((0..4_u8, any::<u64>()), 1..700),
        width in 0..64_u32,
        step in 0..1000_u64,
        kind in 0..5_u8,
        often in 0..4_u8,
    ) {
        let numbers: Vec<u64> = rows.iter().enumerate().map(|(i, (dice, wild))| {
            if *dice < often {
                return 0;
            }
            match kind {
                0 => 1 << width,
                1 => (1 << width) + i as u64 * step,
                2 => wild >> width,
                // Ids: some second above a counter.
                3 => (1 << width.max(40)) + ((wild % 7) << 32 | (i as u64 * step)),
                _ => (1_u64 << width).saturating_sub(i as u64 * step),
            }
        }).collect();
        let mut block = l7_flow_log::Block::new();
        for n in &numbers {
            block.push(&l7_flow_log::Row {
                id: *n,
                client_port: *n as u16,
                flow_id: u64::from(*n as u8),
                syscall_thread_0: *n as u32,
                request_length: (*n != 0).then_some(*n as i64),
                ..Default::default()
            });
        }
        for compression in BOTH {
            let column = |name: &str| {
                through_wire(&block, compression, |c| {
                    c.get(l7_flow_log::TABLE.column(name).unwrap()).unwrap_or_default().to_vec()
                }).unwrap()
            };
            let padded = |mut v: Vec<u8>, len| { v.resize(len, 0); v };
            let n = numbers.len();
            let id = padded(column("_id"), n * 8);
            prop_assert!(values::u64s(&id).eq(numbers.iter().copied()));
            let flow = padded(column("flow_id"), n * 8);
            prop_assert!(values::u64s(&flow).eq(numbers.iter().map(|n| u64::from(*n as u8))));
            let port = padded(column("client_port"), n * 2);
            prop_assert!(values::u16s(&port).eq(numbers.iter().map(|n| *n as u16)));
            let thread = padded(column("syscall_thread_0"), n * 4);
            prop_assert!(values::u32s(&thread).eq(numbers.iter().map(|n| *n as u32)));
            let length = column("request_length");
            if numbers.iter().any(|n| *n != 0) {
                prop_assert!(length[..n].iter().zip(&numbers).all(|(null, v)| (*null == 0) == (*v != 0)));
                prop_assert!(values::i64s(&length[n..]).eq(numbers.iter().map(|n| *n as i64)));
            } else {
                prop_assert!(length.is_empty());
            }
        }
    }

    /// What `raw_bytes` promises is what unpacking gives, and compression changes nothing.
    #[test]
    fn sizes_agree(texts in proptest::collection::vec("[a-c]{0,300}", 1..30)) {
        let mut block = l4_flow_log::Block::new();
        for (i, t) in texts.iter().enumerate() {
            block.push(&l4_flow_log::Row { request_domain: t, packet_tx: i as u64, ..Default::default() });
        }
        let mut frame = Vec::new();
        wire::seal(&block, support::ID, Compression::None, &mut frame).unwrap();
        prop_assert_eq!(frame.len() - wire::HEADER_LEN, block.raw_bytes());
        let collect = |c| through_wire(&block, c, |columns| {
            columns.iter().map(|c| (c.id, c.data.to_vec())).collect::<Vec<_>>()
        });
        prop_assert_eq!(collect(Compression::None), collect(Compression::Lz4));
    }
}
