//! Whatever the network does to a conversation's packets, the requests in it are the same:
//! split, reordered, repeated, and with loss every request whose bytes are all there.

mod support;

use fathom_dataplane::pipeline::{Pipeline, PipelineConfig};
use proptest::prelude::*;
use serde_json::Value;
use support::{Tcp, conversation, give, rows, table, v4, v6};

fn turns(n: usize) -> Vec<Vec<u8>> {
    let mut turns = Vec::new();
    for i in 0..n {
        turns.push(
            format!(
                "POST /api/v1/items/{i} HTTP/1.1\r\nHost: shop.test\r\nX-Request-ID: r{i}\r\n\
                 Content-Length: {}\r\n\r\n{}",
                i * 7,
                "b".repeat(i * 7)
            )
            .into_bytes(),
        );
        let status = if i % 3 == 2 { "404 Not Found" } else { "200 OK" };
        let body = if i % 2 == 0 {
            format!("Content-Length: {}\r\n\r\n{}", i * 11, "c".repeat(i * 11))
        } else {
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n".into()
        };
        turns.push(format!("HTTP/1.1 {status}\r\n{body}").into_bytes());
    }
    turns
}

fn run(packets: &[Tcp]) -> Vec<Value> {
    let mut p = Pipeline::new(PipelineConfig::default());
    for t in packets {
        give(&mut p, t.at_ns, &t.frame());
    }
    p.flush_all(0);
    assert_eq!(p.stream_bytes(), 0, "a closed flow holds no bytes");
    assert_eq!(p.pending(), 0, "a closed flow has no waiting requests");
    assert_eq!(p.flows(), 0);
    rows(&mut p)
}

/// What must not depend on how the bytes were cut.
fn essence(rows: &[Value]) -> Vec<String> {
    table(rows, "l7_flow_log")
        .iter()
        .map(|r| {
            [
                "type",
                "request_type",
                "request_domain",
                "request_resource",
                "request_length",
                "response_code",
                "response_status",
                "response_length",
                "x_request_id_0",
                "ip_0",
                "client_port",
            ]
            .map(|c| r[c].to_string())
            .join(" ")
        })
        .collect()
}

#[test]
fn every_segment_size_gives_the_same_requests() {
    for (client, server) in [(v4(1, 40000), v4(2, 80)), (v6(1, 40000), v6(2, 80))] {
        let turns = turns(7);
        let whole = essence(&run(&conversation(client, server, &turns, 1400)));
        assert_eq!(whole.len(), 7);
        assert!(whole[1].contains("\"POST\" \"shop.test\" \"/api/v1/items/1\" 7 200 \"ok\" 11"));
        for cut in 1..200 {
            let cut_rows = essence(&run(&conversation(client, server, &turns, cut)));
            assert_eq!(whole, cut_rows, "segments of {cut} bytes");
        }
    }
}

#[test]
fn the_flow_is_counted_to_the_packet() {
    let packets = conversation(v4(1, 40000), v4(2, 80), &turns(5), 50);
    let rows = run(&packets);
    let flow = table(&rows, "l4_flow_log");
    assert_eq!(flow.len(), 1);
    let sent = |port: u16| packets.iter().filter(|p| p.from.1 == port).count() as u64;
    assert_eq!(flow[0]["packet_tx"], sent(40000));
    assert_eq!(flow[0]["packet_rx"], sent(80));
    assert_eq!(flow[0]["close_type"], 1);
    assert_eq!(flow[0]["l7_request"], 5);
    assert_eq!(flow[0]["l7_response"], 5);
    assert_eq!(flow[0]["rtt_server_max"], 100);
    assert_eq!((&flow[0]["retrans_tx"], &flow[0]["ooo_tx"]), (&0.into(), &0.into()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn reordering_and_repetition_change_nothing(
        cut in 20usize..400,
        swaps in proptest::collection::vec((3usize..200, 1usize..6), 0..12),
        repeats in proptest::collection::vec(3usize..200, 0..6),
    ) {
        let packets = conversation(v4(1, 40000), v4(2, 80), &turns(6), cut);
        let want = essence(&run(&packets));
        let mut shaken = packets.clone();
        // Only within one speaker's run: across turns a response would precede its request.
        for (at, by) in swaps {
            let (a, b) = (at % shaken.len(), (at % shaken.len()) + by);
            if b < shaken.len() && a > 2
                && shaken[a..=b].iter().all(|p| p.from == shaken[a].from && !p.payload.is_empty())
            {
                let (ta, tb) = (shaken[a].at_ns, shaken[b].at_ns);
                shaken.swap(a, b);
                shaken[a].at_ns = ta;
                shaken[b].at_ns = tb;
            }
        }
        for at in repeats {
            let at = at % shaken.len();
            if !shaken[at].payload.is_empty() {
                let again = shaken[at].clone();
                shaken.insert(at + 1, again);
            }
        }
        prop_assert_eq!(want, essence(&run(&shaken)));
    }

    #[test]
    fn loss_costs_only_the_requests_it_hits(
        cut in 60usize..300,
        lost in proptest::collection::btree_set(3usize..300, 1..4),
    ) {
        const N: usize = 12;
        let packets = conversation(v4(1, 40000), v4(2, 80), &turns(N), cut);
        let lost: Vec<usize> = lost.into_iter()
            .filter(|i| *i < packets.len() && !packets[*i].payload.is_empty()).collect();
        let kept: Vec<Tcp> = packets.iter().enumerate()
            .filter(|(i, _)| !lost.contains(i)).map(|(_, p)| p.clone()).collect();
        let want = essence(&run(&packets));
        let got = essence(&run(&kept));
        let whole = want.iter().filter(|w| got.contains(w)).count();
        // A lost packet may hurt the exchange it is in and the one it keeps from resuming.
        prop_assert!(whole + 2 * lost.len() >= N, "{whole} of {N} whole with {} lost", lost.len());
    }
}

/// Requests that wait for a lost one's bytes know what their client had of the answers when it sent
/// them, not what it has by the time they are looked at: else one lost answer shifts all pairs.
#[test]
fn a_lost_request_and_a_lost_answer_shift_no_pair() {
    let packets = conversation(v4(1, 40000), v4(2, 80), &turns(12), 94);
    let kept: Vec<Tcp> = packets
        .iter()
        .enumerate()
        .filter(|(i, _)| ![3, 9].contains(i))
        .map(|(_, p)| p.clone())
        .collect();
    let (want, got) = (essence(&run(&packets)), essence(&run(&kept)));
    assert_eq!(want[2..], got[got.len() - 10..]);
}

#[test]
fn a_hundred_pipelined_requests_are_a_hundred_rows() {
    let mut ask = Vec::new();
    let mut answer = Vec::new();
    for i in 0..100 {
        ask.extend(format!("GET /n/{i} HTTP/1.1\r\nHost: h\r\n\r\n").into_bytes());
        answer
            .extend(format!("HTTP/1.1 {} X\r\nContent-Length: 2\r\n\r\nno", 400 + i).into_bytes());
    }
    let rows = run(&conversation(v4(1, 40000), v4(2, 80), &[ask, answer], 1000));
    let l7 = table(&rows, "l7_flow_log");
    assert_eq!(l7.len(), 100);
    for (i, r) in l7.iter().enumerate() {
        assert_eq!(r["request_resource"], format!("/n/{i}"));
        assert_eq!(r["response_code"], 400 + i as i64);
        assert_eq!(r["type"], "session");
    }
}

#[test]
fn unanswered_requests_are_reported() {
    let ask = b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n".to_vec();
    let packets = conversation(v4(1, 40000), v4(2, 80), &[ask], 1000);
    let rows = run(&packets);
    let l7 = table(&rows, "l7_flow_log");
    assert_eq!((l7.len(), &l7[0]["type"]), (1, &"request".into()));

    // The same without an end, and two minutes of silence: a timeout.
    let mut p = Pipeline::new(PipelineConfig::default());
    for t in &packets[..4] {
        give(&mut p, t.at_ns, &t.frame());
    }
    p.tick(packets[3].at_ns + 125_000_000_000);
    let rows = support::rows(&mut p);
    let l7 = table(&rows, "l7_flow_log");
    assert_eq!(l7.len(), 1);
    assert_eq!((&l7[0]["type"], &l7[0]["response_status"]), (&"request".into(), &"timeout".into()));
}
