//! Two cores: one flow is never split between them, whatever its packets are wrapped in; each packet
//! is counted once. In network namespaces; says that it is skipped elsewhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;
#[path = "support/world.rs"]
mod world;

use std::collections::HashMap;
use std::net::IpAddr;

use fathom_ring::sender::{Sender, pin};
use serde_json::Value;
use support::{ACK, End, PSH, Tcp, conversation, udp, v4, v6};
use world::{Agent, METRICS, Room, metric, metrics, until};

const FLOWS: u16 = 60;
const ROUNDS: u64 = 6;

/// What makes a row's flow, whichever end is which.
type Tuple = (Vec<(String, u64)>, u64, String);

fn tuple(row: &Value) -> Tuple {
    let ip = |n: u8| {
        let column = if row["is_ipv4"] == 1 { format!("ip4_{n}") } else { format!("ip6_{n}") };
        row[&column].as_str().unwrap().to_owned()
    };
    let port = |name: &str| row[name].as_u64().unwrap();
    let mut ends = vec![(ip(0), port("client_port")), (ip(1), port("server_port"))];
    ends.sort();
    let protocol = row["protocol"].as_str().unwrap().to_owned();
    let tunnel = row["tunnel_type"].as_str().unwrap();
    (ends, row["tunnel_tx_id"].as_u64().unwrap(), format!("{protocol} in {tunnel}"))
}

fn tcp(from: End, to: End, n: u64) -> Vec<u8> {
    let (seq, payload) = (n as u32 * 10, vec![b'x'; 10]);
    Tcp { at_ns: 0, from, to, flags: PSH | ACK, seq, ack: 1, payload }.frame()
}

/// `inner` from one tunnel end to the other; the outer source port tells nothing of direction.
fn vxlan(from: u8, to: u8, source_port: u16, vni: u32, inner: &[u8]) -> Vec<u8> {
    let mut payload = vec![8, 0, 0, 0];
    payload.extend((vni << 8).to_be_bytes());
    payload.extend(inner);
    udp(v4(from, source_port), v4(to, 4789), &payload)
}

/// The same from the IP header on, behind GRE.
fn gre(from: u8, to: u8, inner: &[u8]) -> Vec<u8> {
    let mut f = inner[..14].to_vec();
    let inner = &inner[14..];
    let kind = if inner[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] };
    f[12..14].copy_from_slice(&[8, 0]);
    f.extend([0x45, 0]);
    f.extend((24 + inner.len() as u16).to_be_bytes());
    f.extend([0, 1, 0x40, 0, 64, 47, 0, 0]);
    f.extend([10, 0, 0, from, 10, 0, 0, to]);
    f.extend([0, 0]);
    f.extend(kind);
    f.extend(inner);
    f
}

/// A datagram over IPv4 in two pieces.
fn pieces(from: End, to: End, id: u16, payload: &[u8]) -> [Vec<u8>; 2] {
    let whole = udp(from, to, payload);
    let (head, body) = (&whole[..34], &whole[34..]);
    let cut = body.len() / 16 * 8;
    let piece = |range: std::ops::Range<usize>, flags: u16| {
        let mut f = head.to_vec();
        f.extend(&body[range.clone()]);
        let length = (f.len() - 14) as u16;
        f[16..18].copy_from_slice(&length.to_be_bytes());
        f[18..20].copy_from_slice(&id.to_be_bytes());
        f[20..22].copy_from_slice(&(flags | (range.start / 8) as u16).to_be_bytes());
        f
    };
    [piece(0..cut, 0x2000), piece(cut..body.len(), 0)]
}

/// One round of every flow: frames, and by tuple how many packets they are.
fn round(n: u64, expected: &mut HashMap<Tuple, u64>) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut put = |ends: [End; 2], vni: u32, what: &str, new: Vec<Vec<u8>>, packets: u64| {
        let ip = |e: End| match e.0 {
            IpAddr::V4(a) => a.to_string(),
            IpAddr::V6(a) => a.to_string(),
        };
        let mut ends: Vec<_> = ends.iter().map(|e| (ip(*e), u64::from(e.1))).collect();
        ends.sort();
        *expected.entry((ends, u64::from(vni), what.to_owned())).or_default() += packets;
        frames.extend(new);
    };
    for flow in 0..FLOWS {
        let (a, b) = (v4(1, 30_000 + flow), v4(2, 80));
        let both = |from: End, to: End| vec![tcp(from, to, n), tcp(to, from, n)];
        put([a, b], 0, "TCP in none", both(a, b), 2);
        let (a, b) = (v6(1, 31_000 + flow), v6(2, 443));
        put([a, b], 0, "TCP in none", both(a, b), 2);

        // Tunnel ends and network ids that several flows share.
        let (one, other, vni) =
            (10 + flow as u8 % 3, 20 + flow as u8 % 2, 100 + u32::from(flow % 2));
        let (a, b) = (v4(31, 32_000 + flow), v4(32, 8080));
        let there = vxlan(one, other, 50_000 + flow, vni, &tcp(a, b, n));
        let back = vxlan(other, one, 40_000 + flow * 7, vni, &tcp(b, a, n));
        put([a, b], vni, "TCP in VXLAN", vec![there, back], 2);
        let (a, b) = (v6(33, 33_000 + flow), v6(34, 9090));
        let there = gre(one, other, &tcp(a, b, n));
        let back = gre(other, one, &tcp(b, a, n));
        put([a, b], 0, "TCP in GRE", vec![there, back], 2);

        // Whole datagrams and cut ones, of one flow.
        let (a, b) = (v4(41, 34_000 + flow), v4(42, 7070));
        let mut datagrams = vec![udp(a, b, &[7; 64]), udp(b, a, &[8; 64])];
        let id = (n as u16) << 8 | flow;
        datagrams.extend(pieces(a, b, id, &[9; 400]));
        put([a, b], 0, "UDP in none", datagrams, 4);
    }
    frames
}

#[test]
fn a_flow_is_never_split_between_cores() {
    let (Some(here), Some(there)) = (Room::new(), Room::new()) else { return };
    here.wire("w0", &there, "p0");
    let metrics_at = format!("metrics.listen={METRICS}");
    let mut agent = Agent::start(
        &here,
        &["--interface", "w0", "--tables", "l4_flow_log"],
        &[&metrics_at, "shards.count=2", "capture.decap=VXLAN,GRE"],
    );
    agent.hear(&["ready", "w0"]);
    let sender = there.run(|| Sender::new("p0").unwrap());
    let mut expected = HashMap::new();
    let mut sent = 0;
    for n in 0..ROUNDS {
        let frames = round(n, &mut expected);
        assert_eq!(sender.send(&frames).unwrap(), frames.len());
        sent += frames.len() as u64;
        // No faster than a debug build can take them.
        let received = || metric(&metrics(&here), "fathom_agent_packets_received_total", &[]);
        until("all packets are counted", || received() >= sent as f64);
    }
    let text = metrics(&here);
    let queue = |n: u8| {
        let label = format!("queue=\"{n}\"");
        metric(&text, "fathom_agent_packets_received_total", &[&label])
    };
    assert!(queue(0) > 0.0 && queue(1) > 0.0, "the kernel divides them");
    let over = metric(&text, "fathom_agent_packets_handed_over_total", &[]);
    assert!(over > 0.0 && over < sent as f64 / 2.0, "{over} of {sent}");
    let ended = agent.stop();

    let stats = &ended.stats;
    assert_eq!(stats["received"], sent);
    for (reason, count) in stats["dropped"].as_object().unwrap() {
        assert_eq!(count, 0, "{reason}");
    }
    let mut rows: HashMap<Tuple, Vec<&Value>> = HashMap::new();
    for row in &ended.rows {
        rows.entry(tuple(row)).or_default().push(row);
    }
    let mut shards = [0; 2];
    for (tuple, packets) in &expected {
        let rows = rows.remove(tuple).unwrap_or_else(|| panic!("no row of {tuple:?}"));
        // A minute may have ended meanwhile: a flow then has a row for each, under one id.
        let ids: std::collections::HashSet<_> =
            rows.iter().map(|r| r["flow_id"].as_u64()).collect();
        assert_eq!(ids.len(), 1, "{tuple:?} was split: {rows:?}");
        let of = |c: &str| rows.iter().map(|r| r[c].as_u64().unwrap()).sum::<u64>();
        assert_eq!(of("packet_tx") + of("packet_rx"), *packets, "{tuple:?}: {rows:?}");
        assert!(of("packet_tx") > 0 && of("packet_rx") > 0, "{tuple:?}");
        shards[(ids.into_iter().flatten().next().unwrap() >> 22 & 0x3ff) as usize] += 1;
    }
    assert_eq!(rows.len(), 0, "rows of nothing that was sent: {:?}", rows.keys());
    let fair = expected.len() / 4;
    assert!(shards.iter().all(|n| *n > fair), "{shards:?}");
}

/// A mirror port whose card sends the two directions of each connection to different queues: each
/// answer is on another core than its request, and there a moment later. They meet all the same,
/// and in order.
#[cfg(feature = "xdp")]
#[test]
fn directions_that_come_in_on_different_cores_meet_in_order() {
    let (Some(here), Some(there)) = (Room::new(), Room::new()) else { return };
    let queues = "numrxqueues 2 numtxqueues 2";
    for words in [
        format!("link add w0 {queues} type veth peer name p0 netns {} {queues}", there.name),
        "link set w0 addrgenmode none up".to_owned(),
    ] {
        assert!(here.ip(&words), "{words}");
    }
    assert!(there.ip("link set p0 addrgenmode none up"));
    let metrics_at = format!("metrics.listen={METRICS}");
    let mut agent = Agent::start(
        &here,
        &["--interface", "w0", "--tables", "l7_flow_log,l4_flow_log"],
        &[&metrics_at, "shards.count=2", "capture.terminate=w0"],
    );
    agent.hear(&["ready", "w0"]);
    // Not before: the agent would stay on that CPU too.
    if pin(1).is_err() {
        return eprintln!("SKIPPED: there is one CPU");
    }
    const EXCHANGES: usize = 20;
    let mut sent = 0;
    let sender = there.run(|| Sender::new("p0").unwrap());
    for flow in 0..FLOWS {
        let mut turns = Vec::new();
        for n in 0..EXCHANGES {
            turns.push(format!("GET /{flow}/{n} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes());
            turns.push(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
        }
        let client = v4(1, 30_000 + flow);
        for packet in conversation(client, v4(2, 80), &turns, 1400) {
            // The transmit queue, and so the receive queue, is that of the sender's CPU.
            pin(usize::from(packet.from == client)).unwrap();
            sent += sender.send(&[packet.frame()]).unwrap() as u64;
        }
    }
    let received = || metric(&metrics(&here), "fathom_agent_packets_received_total", &[]);
    until("all packets are counted", || received() >= sent as f64);
    let text = metrics(&here);
    for queue in ["queue=\"0\"", "queue=\"1\""] {
        let received = metric(&text, "fathom_agent_packets_received_total", &[queue]);
        assert!(received > sent as f64 / 4.0, "{queue}: {received} of {sent}");
    }
    let ended = agent.stop();
    assert!(ended.stats["capture"].as_str().unwrap().starts_with("af_xdp "), "{}", ended.stats);
    assert_eq!(ended.stats["received"], sent);
    for (reason, count) in ended.stats["dropped"].as_object().unwrap() {
        assert_eq!(count, 0, "{reason}");
    }
    let flows = ended.rows.iter().filter(|r| r["table"] == "l4_flow_log");
    let ids: std::collections::HashSet<_> = flows.map(|r| r["flow_id"].as_u64()).collect();
    assert_eq!(ids.len(), usize::from(FLOWS));
    let requests: Vec<_> = ended.rows.iter().filter(|r| r["table"] == "l7_flow_log").collect();
    let whole = requests.iter().filter(|r| r["type"] == "session" && r["response_code"] == 204);
    assert_eq!((whole.count(), requests.len()), {
        let all = EXCHANGES * usize::from(FLOWS);
        (all, all)
    });
}
