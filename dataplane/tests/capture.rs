//! Capture in network namespaces: interfaces that come and go, those of other namespaces, and what is
//! refused. Needs the right to make a namespace; says that it is skipped elsewhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/world.rs"]
mod world;

use std::net::UdpSocket;

use world::{Agent, METRICS, Room, metric, metrics, until};

const FLOWS: [&str; 2] = ["--tables", "l4_flow_log"];

fn settings() -> [String; 2] {
    [format!("metrics.listen={METRICS}"), "shards.count=2".to_owned()]
}

fn start(room: &Room, interface: &str, more: &[&str]) -> Agent {
    let own = settings();
    let all: Vec<&str> = own.iter().map(String::as_str).chain(more.iter().copied()).collect();
    Agent::start(room, &[&FLOWS[..], &["--interface", interface]].concat(), &all)
}

/// Sends datagrams from one end of a wire to a port that nobody listens on.
fn send(room: &Room, to: &str, count: usize) {
    let socket = room.run(|| UdpSocket::bind("0.0.0.0:0").unwrap());
    for n in 0..count {
        socket.send_to(&[n as u8; 100], to).unwrap();
    }
}

/// The kernel tells of interfaces long before the next look at all of them.
#[test]
fn interfaces_are_followed_as_they_come_and_go() {
    let (Some(here), Some(there)) = (Room::new(), Room::new()) else { return };
    let mut agent = start(&here, "w[0-9]", &["capture.rescan=1m"]);
    agent.hear(&["ready", "waiting for an interface"]);
    for round in 1..=3_u16 {
        here.wire("w0", &there, "p0");
        assert!(here.ip("addr add 10.88.0.1/24 dev w0"));
        // Nobody answers there: no packet but these.
        assert!(here.ip("neigh add 10.88.0.2 lladdr 02:00:00:00:00:99 dev w0"));
        agent.hear(&["capturing", "interface=\"w0\""]);
        send(&here, &format!("10.88.0.2:{}", 7000 + round), 40);
        let received = || {
            let w0 = ["interface=\"w0\""];
            metric(&metrics(&here), "fathom_agent_packets_received_total", &w0)
        };
        until("all packets are counted", || received() >= f64::from(40 * round));
        assert!(here.ip("link delete w0"));
        agent.hear(&["closed", "interface=\"w0\""]);
    }
    let ended = agent.stop();
    for round in 1..=3 {
        let of = |r: &&serde_json::Value| r["server_port"] == 7000 + round;
        let packets: u64 =
            ended.rows.iter().filter(of).map(|r| r["packet_tx"].as_u64().unwrap()).sum();
        assert_eq!(packets, 40, "round {round}");
    }
    assert_eq!(ended.stats["dropped"]["kernel"], 0);
}

/// A pod's interface is captured inside the pod's namespace, and let go with it: one that was held
/// on to would keep the pod's interfaces alive.
#[test]
fn interfaces_of_other_namespaces_are_captured_and_let_go() {
    let (Some(node), Some(pod)) = (Room::new(), Room::new()) else { return };
    node.wire("w0", &pod, "p0");
    assert!(pod.ip("addr add 10.88.0.2/24 dev p0"));
    assert!(pod.ip("neigh add 10.88.0.1 lladdr 02:00:00:00:00:99 dev p0"));
    let namespaces = format!("capture.namespaces={}", pod.name);
    let mut agent = start(&node, "p0", &[&namespaces, "capture.rescan=1s"]);
    agent.hear(&["ready", &format!("on {}/p0", pod.name)]);
    send(&pod, "10.88.0.1:7100", 30);
    let at = format!("interface=\"{}/p0\"", pod.name);
    let received = |at: &str| metric(&metrics(&node), "fathom_agent_packets_received_total", &[at]);
    until("all packets are counted", || received(&at) >= 30.0);

    let name = pod.name.clone();
    drop(pod);
    agent.hear(&["closed", "p0"]);
    // The other end of the wire goes when nothing holds the namespace any more.
    until("the namespace is gone", || !node.ip("link show w0"));
    let ended = agent.stop();
    let of = |r: &&serde_json::Value| r["server_port"] == 7100;
    let rows: Vec<_> = ended.rows.iter().filter(of).collect();
    let packets: u64 = rows.iter().map(|r| r["packet_tx"].as_u64().unwrap()).sum();
    assert_eq!(packets, 30, "{rows:?}");
    assert!(ended.heard.iter().any(|l| l.contains(&name)), "it is said what became of it");
}

#[test]
fn namespaces_that_are_not_there_are_said_once_and_harm_nothing() {
    let (Some(here), Some(there)) = (Room::new(), Room::new()) else { return };
    here.wire("w0", &there, "p0");
    let mut agent = start(&here, "w0", &["capture.namespaces=no-such-pod", "capture.rescan=1s"]);
    agent.hear(&["no-such-pod", "network namespace"]);
    agent.hear(&["ready", "on w0", "no-such-pod"]);
    let refused = || metric(&metrics(&here), "fathom_agent_interfaces_refused", &[]);
    until("it is counted", || refused() == 1.0);
    let ended = agent.stop();
    let said = ended.heard.iter().filter(|l| l.contains("ERROR") && l.contains("no-such-pod"));
    assert_eq!(said.count(), 1);
}

/// AF_XDP takes the packets themselves: never from what the host talks through, unless told to.
#[test]
fn the_hosts_own_traffic_is_not_taken_away() {
    let (Some(here), Some(there)) = (Room::new(), Room::new()) else { return };
    here.wire("w0", &there, "p0");
    assert!(here.ip("addr add 10.88.0.1/24 dev w0"));
    let mut agent = start(&here, "w0", &["capture.terminate=w0"]);
    let why = agent.hear(&["w0 carries this host's own traffic"]);
    for part in ["the address 10.88.0.1", "AF_XDP", "af_packet", "capture.take_host_traffic"] {
        assert!(why.contains(part), "{why}");
    }
}
