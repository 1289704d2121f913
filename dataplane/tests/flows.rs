//! The flow table against a plain map: every packet is in exactly one flow row, one second's
//! metrics and one shard's totals, whatever comes and however small the table is.

mod support;

use fathom_dataplane::pipeline::{Pipeline, PipelineConfig};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{ACK, End, FIN, PSH, RST, SYN, Tcp, give, rows, sum, table, udp, v4, v6};

const START_NS: u64 = 1_700_000_000_000_000_000;

#[derive(Clone, Debug)]
struct Event {
    gap_ms: u64,
    flow: u8,
    back: bool,
    kind: u8,
    len: usize,
}

fn event() -> impl Strategy<Value = Event> {
    (0u64..400, 0u8..24, any::<bool>(), 0u8..8, 0usize..200)
        .prop_map(|(gap_ms, flow, back, kind, len)| Event { gap_ms, flow, back, kind, len })
}

fn ends(flow: u8) -> (End, End) {
    let port = 20000 + u16::from(flow);
    if flow.is_multiple_of(3) { (v6(1, port), v6(2, 443)) } else { (v4(1, port), v4(2, 443)) }
}

fn frame(e: &Event) -> Vec<u8> {
    let (a, b) = ends(e.flow);
    let (from, to) = if e.back { (b, a) } else { (a, b) };
    if e.flow.is_multiple_of(2) {
        return udp(from, to, &vec![0x80; e.len]);
    }
    let flags = [SYN, SYN | ACK, ACK, PSH | ACK, FIN | ACK, RST, SYN | FIN, 0][usize::from(e.kind)];
    let payload = if e.kind == 3 { vec![0x80; e.len] } else { Vec::new() };
    Tcp { at_ns: 0, from, to, flags, seq: e.len as u32 * 7, ack: 1, payload }.frame()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_packet_is_in_one_row(
        events in proptest::collection::vec(event(), 1..400),
        flows_max in 1usize..40,
    ) {
        let mut p = Pipeline::new(PipelineConfig { flows_max, ..PipelineConfig::default() });
        let mut model: BTreeMap<(u8, bool), (u64, u64)> = BTreeMap::new();
        let mut now = START_NS;
        let mut got = Vec::new();
        for e in &events {
            now += e.gap_ms * 1_000_000;
            let f = frame(e);
            let m = model.entry((e.flow, e.back)).or_default();
            m.0 += 1;
            m.1 += f.len() as u64;
            give(&mut p, now, &f);
            prop_assert!(p.flows() <= flows_max);
            got.extend(rows(&mut p));
        }
        p.flush_all(now);
        got.extend(rows(&mut p));
        prop_assert_eq!(p.flows(), 0);

        let l4 = table(&got, "l4_flow_log");
        let map = table(&got, "network_map.1s");
        let one = table(&got, "network.1s");
        let packets = events.len() as u64;
        for (rows, factor) in [(&l4, 1), (&map, 1), (&one, 2)] {
            let n = sum(rows, "packet_tx") + sum(rows, "packet_rx");
            prop_assert_eq!(n, packets * factor);
        }
        prop_assert_eq!(sum(&map, "new_flow"), p.stats().flows_new);
        prop_assert_eq!(sum(&map, "closed_flow"), p.stats().flows_new);

        // By flow and direction, whichever side a row calls the client.
        let mut seen: BTreeMap<(u8, bool), (u64, u64)> = BTreeMap::new();
        for r in &l4 {
            let (c, s) = (r["client_port"].as_u64().unwrap(), r["server_port"].as_u64().unwrap());
            let (flow, client_is_a) = if s == 443 { (c, true) } else { (s, false) };
            let flow = (flow - 20000) as u8;
            for (dir, back) in [("tx", !client_is_a), ("rx", client_is_a)] {
                let n = r[format!("packet_{dir}")].as_u64().unwrap();
                if n > 0 {
                    let e = seen.entry((flow, back)).or_default();
                    e.0 += n;
                    e.1 += r[format!("byte_{dir}")].as_u64().unwrap();
                }
            }
        }
        prop_assert_eq!(seen, model);
    }
}

#[test]
fn the_longest_idle_flow_goes_first() {
    let mut p = Pipeline::new(PipelineConfig { flows_max: 2, ..PipelineConfig::default() });
    let packet = |port: u16| udp(v4(1, port), v4(2, 7), b"x");
    for (i, port) in [1000, 1001, 1000, 1002].into_iter().enumerate() {
        give(&mut p, START_NS + i as u64 * 200_000_000, &packet(port));
    }
    let gone = rows(&mut p);
    let gone = table(&gone, "l4_flow_log");
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0]["client_port"], 1001);
    assert_eq!(p.stats().flows_evicted, 1);
}

/// A table full of connections that were long silent makes room for new ones, which do not end each
/// other; a flood of half-open ones ends its own before connections that are in use.
#[test]
fn new_flows_take_the_place_of_silent_ones_and_floods_their_own() {
    let connect = |p: &mut Pipeline, port: u16, at_ns: u64| {
        let shake = support::conversation(v4(1, port), v4(2, 80), &[], 100);
        for (i, t) in shake.iter().take(3).enumerate() {
            give(p, at_ns + i as u64 * 1_000_000, &t.frame());
        }
    };
    let mut p = Pipeline::new(PipelineConfig { flows_max: 2, ..PipelineConfig::default() });
    connect(&mut p, 1000, START_NS);
    connect(&mut p, 1001, START_NS + 1_000_000_000);
    connect(&mut p, 1002, START_NS + 60_000_000_000);
    connect(&mut p, 1003, START_NS + 60_100_000_000);
    assert_eq!((p.flows(), p.stats().flows_new, p.stats().flows_evicted), (2, 4, 2));
    let gone = rows(&mut p);
    let mut gone: Vec<_> = table(&gone, "l4_flow_log")
        .iter()
        .filter(|r| r["packet_tx"] == 0)
        .map(|r| r["client_port"].as_u64().unwrap())
        .collect();
    gone.sort_unstable();
    assert_eq!(gone, [1000, 1001]);

    let mut p = Pipeline::new(PipelineConfig { flows_max: 2, ..PipelineConfig::default() });
    connect(&mut p, 1000, START_NS);
    for port in 2000..2100 {
        let shake = support::conversation(v4(3, port), v4(2, 80), &[], 100);
        give(&mut p, START_NS + 100_000_000 + u64::from(port) * 1000, &shake[0].frame());
    }
    let gone = rows(&mut p);
    let gone = table(&gone, "l4_flow_log");
    assert_eq!(gone.len(), 99);
    assert!(gone.iter().all(|r| r["client_port"] != 1000));
}

#[test]
fn a_long_flow_has_a_row_each_minute() {
    let mut p = Pipeline::new(PipelineConfig::default());
    let mut got = Vec::new();
    for s in 0..150 {
        give(&mut p, START_NS + s * 1_000_000_000, &udp(v4(1, 1000), v4(2, 7), b"x"));
        got.extend(rows(&mut p));
    }
    p.flush_all(0);
    got.extend(rows(&mut p));
    let l4 = table(&got, "l4_flow_log");
    assert_eq!(sum(&l4, "packet_tx"), 150);
    assert_eq!(l4.iter().filter(|r| r["close_type"] == 5).count(), l4.len() - 1);
    assert!(l4.len() >= 3, "{} rows in 150 s", l4.len());
    assert_eq!(l4.iter().filter(|r| r["is_new_flow"] == 1).count(), 1);
    let flow_id = &l4[0]["flow_id"];
    assert!(l4.iter().all(|r| r["flow_id"] == *flow_id));
    let seconds = table(&got, "network_map.1s");
    assert_eq!(seconds.len(), 150);
}

#[test]
fn silence_ends_flows_by_their_timers() {
    let mut p = Pipeline::new(PipelineConfig::default());
    give(&mut p, START_NS, &udp(v4(1, 1000), v4(2, 7), b"x"));
    let syn = Tcp {
        at_ns: 0,
        from: v4(1, 1001),
        to: v4(2, 8),
        flags: SYN,
        seq: 1,
        ack: 0,
        payload: Vec::new(),
    };
    give(&mut p, START_NS, &syn.frame());
    let back = Tcp { from: syn.to, to: syn.from, flags: SYN | ACK, ..syn.clone() };
    give(&mut p, START_NS + 1, &back.frame());
    give(&mut p, START_NS + 2, &Tcp { flags: ACK, ..syn.clone() }.frame());
    p.tick(START_NS + 4_000_000_000);
    assert_eq!(p.flows(), 2);
    p.tick(START_NS + 6_000_000_000);
    assert_eq!(p.flows(), 1, "UDP in one direction ends after 5 s");
    p.tick(START_NS + 299_000_000_000);
    assert_eq!(p.flows(), 1, "an established connection may be silent for 300 s");
    p.tick(START_NS + 301_000_000_000);
    assert_eq!(p.flows(), 0);
    let got = rows(&mut p);
    let closes: Vec<_> =
        table(&got, "l4_flow_log").iter().map(|r| r["close_type"].clone()).collect();
    assert_eq!(closes, [0, 5, 3], "one-way UDP, the minute report, the idle connection");
}

#[test]
fn a_clock_set_back_stops_nothing() {
    let mut p = Pipeline::new(PipelineConfig::default());
    let packet = udp(v4(1, 1000), v4(2, 7), b"x");
    let back_ns = START_NS - 3_600_000_000_000;
    give(&mut p, START_NS, &packet);
    for i in 0..1000 {
        give(&mut p, back_ns + i * 100_000_000, &packet);
    }
    p.flush_all(0);
    let got = rows(&mut p);
    assert_eq!(p.stats().clock_set_back, 1);
    assert_eq!(sum(&table(&got, "l4_flow_log"), "packet_tx"), 1001);
    assert_eq!(sum(&table(&got, "network_map.1s"), "packet_tx"), 1001);
    assert!(table(&got, "network_map.1s").len() > 70, "seconds go on after the step");
}

/// What waits for a time that will not come for an hour waits from now on.
#[test]
fn a_request_times_out_though_the_clock_was_set_back() {
    let mut p = Pipeline::new(PipelineConfig::default());
    let (client, server) = (v4(1, 1000), v4(2, 80));
    let turns = [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()];
    let mut packets = support::conversation(client, server, &turns, 1000);
    packets.truncate(4);
    for t in &packets {
        give(&mut p, START_NS + t.at_ns % 1_000_000_000, &t.frame());
    }
    assert_eq!(p.pending(), 1);
    let other = udp(v4(3, 1000), v4(4, 7), b"x");
    let back_ns = START_NS - 3_600_000_000_000;
    for i in 0..400 {
        give(&mut p, back_ns + i, &other);
    }
    assert_eq!(p.stats().clock_set_back, 1);
    for s in 0..119 {
        p.tick(back_ns + s * 1_000_000_000);
    }
    assert_eq!(p.pending(), 1, "it waits no shorter than it would have");
    p.tick(back_ns + 122_000_000_000);
    assert_eq!(p.pending(), 0);
    assert_eq!(p.session_stats().timeout, 1);
    let got = rows(&mut p);
    let l7 = table(&got, "l7_flow_log");
    assert_eq!(l7[0]["response_status"], "timeout");
}

/// Datagrams are counted, not their pieces, and each once.
#[test]
fn fragments_that_cannot_be_joined_are_counted_by_datagram() {
    let piece = |id: u16, part: u16, parts: u16| {
        let mut f = udp(v4(1, 1000), v4(2, 7), &[0; 64]);
        f[18..20].copy_from_slice(&id.to_be_bytes());
        let more = u16::from(part + 1 < parts) << 13;
        f[20..22].copy_from_slice(&(more | (part * 9)).to_be_bytes());
        f
    };
    let mut p = Pipeline::new(PipelineConfig::default());
    let many = fathom_dataplane::limits::FRAGMENTED_DATAGRAMS as u16;
    // The table is full of datagrams whose second piece never comes.
    for id in 0..many {
        give(&mut p, START_NS, &piece(id, 0, 2));
    }
    assert_eq!(p.decode_stats().unjoined, 0, "they still may come");
    for part in 0..4 {
        give(&mut p, START_NS, &piece(many, part, 4));
    }
    assert_eq!(p.decode_stats().unjoined, 1, "one datagram of four pieces had no room");
    give(&mut p, START_NS + 60_000_000_000, &piece(7, 0, 2));
    assert_eq!(p.decode_stats().unjoined, u64::from(many) + 1);
    p.flush_all(0);
    assert_eq!(p.decode_stats().unjoined, u64::from(many) + 2, "the last one, at the end");
}

/// One step may end more flows than a frame has room for.
#[test]
fn a_step_may_make_more_rows_than_a_frame_holds() {
    const FLOWS: u32 = 80_000;
    let mut p = Pipeline::new(PipelineConfig::default());
    for i in 0..FLOWS {
        let client = (std::net::IpAddr::from((0x0a00_0000 + i).to_be_bytes()), 1000);
        give(&mut p, START_NS + u64::from(i), &udp(client, v4(2, 7), b"x"));
    }
    p.flush_all(0);
    let mut n = std::collections::BTreeMap::new();
    p.blocks_mut().each_mut(|b| {
        assert!(b.rows() <= fathom_dataplane::limits::BLOCK_ROWS);
        *n.entry(b.table().name).or_insert(0) += b.rows() as u32;
        b.clear();
    });
    assert_eq!(n["l4_flow_log"], FLOWS);
    assert_eq!(n["network_map.1s"], FLOWS);
    assert_eq!(n["network.1s"], FLOWS + 1, "each client, and the server once");
}

#[test]
fn delays_are_right_however_old_the_connection() {
    let mut p = Pipeline::new(PipelineConfig::default());
    let (a, b) = (v4(1, 1000), v4(2, 80));
    let mut got = Vec::new();
    for i in 0..60_u64 {
        // An exchange every 120 s: two hours in all.
        let at_ns = START_NS + i * 120_000_000_000;
        let seq = 1 + 10 * i as u32;
        let data = Tcp {
            at_ns: 0,
            from: a,
            to: b,
            flags: PSH | ACK,
            seq,
            ack: 1,
            payload: vec![0x80; 10],
        };
        give(&mut p, at_ns, &data.frame());
        let ack =
            Tcp { from: b, to: a, flags: ACK, seq: 1, ack: seq + 10, payload: vec![], ..data };
        give(&mut p, at_ns + 50_000_000, &ack.frame());
        got.extend(rows(&mut p));
    }
    p.flush_all(0);
    got.extend(rows(&mut p));
    let l4 = table(&got, "l4_flow_log");
    assert_eq!(sum(&l4, "srt_count"), 60);
    assert_eq!(sum(&l4, "srt_sum"), 60 * 50_000);
}

#[test]
fn time_may_begin_at_zero() {
    let mut p = Pipeline::new(PipelineConfig::default());
    let packet = udp(v4(1, 1000), v4(2, 7), b"x");
    give(&mut p, 0, &packet);
    give(&mut p, 1_000_000_000_000, &packet);
    give(&mut p, u64::MAX, &packet);
    p.flush_all(0);
    let got = rows(&mut p);
    assert_eq!(table(&got, "l4_flow_log").len(), 3, "three flows, long apart");
}
