//! What a core that falls behind leaves undone, in its order, and that what it still does stays
//! exact; and frames that stand for several packets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use fathom_dataplane::pipeline::{Pipeline, PipelineConfig, Shedding};
use fathom_ring::{Frame, LinkType};
use support::{End, Tcp, conversation, give, rows, sum, table};

const FLOWS: u16 = 200;

fn ends(flow: u16) -> (End, End) {
    (("10.0.0.1".parse().unwrap(), 20_000 + flow), ("10.0.0.2".parse().unwrap(), 80))
}

/// A connection with this many exchanges.
fn exchanges(flow: u16, count: usize) -> Vec<Tcp> {
    let (client, server) = ends(flow);
    let mut turns = Vec::new();
    for n in 0..count {
        turns.push(format!("GET /{flow}/{n} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes());
        turns.push(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec());
    }
    conversation(client, server, &turns, 1400)
}

fn run(p: &mut Pipeline, packets: &[Tcp]) {
    for packet in packets {
        give(p, packet.at_ns, &packet.frame());
    }
}

fn end_of(packets: &[Tcp]) -> u64 {
    packets.iter().map(|p| p.at_ns).max().unwrap() + 10_000_000_000
}

#[test]
fn request_rows_go_first_and_their_metrics_stay() {
    let mut p = Pipeline::new(PipelineConfig::default());
    p.shed(Shedding { requests: true, unparsed: 0 });
    let packets = exchanges(0, 10);
    run(&mut p, &packets);
    p.flush_all(end_of(&packets));
    let all = rows(&mut p);
    assert_eq!(table(&all, "l7_flow_log").len(), 0);
    assert_eq!(p.requests_shed(), 10);
    let map = table(&all, "application_map.1s");
    assert_eq!((sum(&map, "request"), sum(&map, "response")), (10, 10));
    let flows = table(&all, "l4_flow_log");
    assert_eq!(sum(&flows, "packet_tx") + sum(&flows, "packet_rx"), packets.len() as u64);
    assert_eq!(sum(&flows, "l7_request"), 10);
    assert_eq!(p.stats().flows_unparsed, 0);
}

#[test]
fn then_whole_flows_are_left_unparsed() {
    let mut last = 0;
    for unparsed in [0, 64, 128, 192, 256] {
        let mut p = Pipeline::new(PipelineConfig::default());
        p.shed(Shedding { requests: false, unparsed });
        let mut sent = 0;
        let mut end = 0;
        for flow in 0..FLOWS {
            let packets = exchanges(flow, 3);
            run(&mut p, &packets);
            sent += packets.len() as u64;
            end = end_of(&packets);
        }
        p.flush_all(end);
        let all = rows(&mut p);
        let flows = table(&all, "l4_flow_log");
        assert_eq!(sum(&flows, "packet_tx") + sum(&flows, "packet_rx"), sent);
        // A flow's requests are all there, or none is; and each flow is one or the other.
        let requests = table(&all, "l7_flow_log").len() as u64;
        let left = p.stats().flows_unparsed;
        assert_eq!(requests, 3 * (u64::from(FLOWS) - left), "{unparsed}");
        assert_eq!(p.stats().packets_unparsed, 6 * left);
        let share = u64::from(FLOWS) * u64::from(unparsed) / 256;
        assert!(left.abs_diff(share) < 40 && left >= last, "{unparsed}: {left}, then {last}");
        last = left;
    }
    assert_eq!(last, u64::from(FLOWS));
}

#[test]
fn a_connection_is_parsed_again_when_the_core_has_caught_up() {
    let mut p = Pipeline::new(PipelineConfig::default());
    let packets = exchanges(0, 30);
    let third = packets.len() / 3;
    run(&mut p, &packets[..third]);
    p.shed(Shedding { requests: true, unparsed: 256 });
    run(&mut p, &packets[third..2 * third]);
    p.shed(Shedding::default());
    run(&mut p, &packets[2 * third..]);
    p.flush_all(end_of(&packets));
    let all = rows(&mut p);
    let requests = table(&all, "l7_flow_log");
    let seen = |n: usize| requests.iter().any(|r| r["request_resource"] == format!("/0/{n}"));
    assert!(seen(0) && seen(29) && !seen(15), "{requests:?}");
    assert!(requests.len() >= 18 && requests.len() <= 21, "{}", requests.len());
    assert_eq!(p.stats().flows_unparsed, 1);
    let flows = table(&all, "l4_flow_log");
    assert_eq!(sum(&flows, "packet_tx") + sum(&flows, "packet_rx"), packets.len() as u64);
}

/// The bytes on the wire of a frame that the card cuts: each packet has the headers again.
#[test]
fn a_frame_counts_as_the_packets_it_stands_for() {
    let (client, server) = ends(1);
    for (payload, segment, packets) in
        [(14_480, 1448, 10), (14_481, 1448, 11), (1448, 1448, 1), (100, 1448, 1), (9000, 0, 1)]
    {
        let mut p = Pipeline::new(PipelineConfig::default());
        let at_ns = 1_700_000_000_000_000_000;
        let tcp = Tcp {
            at_ns,
            from: client,
            to: server,
            flags: support::ACK,
            seq: 1,
            ack: 1,
            payload: vec![7; payload],
        };
        let data = tcp.frame();
        let headers = (data.len() - payload) as u64;
        p.frame(&Frame {
            data: &data,
            wire_len: data.len() as u32,
            time_ns: at_ns,
            interface: 0,
            link: LinkType::Ethernet,
            vlan_tci: 0,
            segment,
        });
        p.flush_all(at_ns + 1_000_000_000);
        let all = rows(&mut p);
        for name in ["l4_flow_log", "network_map.1s"] {
            let one = table(&all, name);
            let tx = |column: &str| sum(&one, column);
            assert_eq!(tx("packet_tx"), packets, "{name}, {payload} by {segment}");
            assert_eq!(tx("byte_tx"), payload as u64 + packets * headers);
            assert_eq!(tx("l3_byte_tx"), payload as u64 + packets * (headers - 14 - 20));
            assert_eq!(tx("l4_byte_tx"), payload as u64);
        }
        assert_eq!(sum(&table(&all, "l4_flow_log"), "total_packet_tx"), packets);
        assert_eq!(p.stats().packets_merged, packets - 1);
    }
}
