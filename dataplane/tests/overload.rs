//! An agent at the end of a wire under many times what it can take: each frame that was sent is in
//! its counters or in the interface's, each packet that it took is in a row of a flow or counted as
//! left out. Needs the rights to make a namespace and to load XDP programs; says that it is skipped
//! elsewhere.
#![cfg(feature = "xdp")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;
#[path = "support/world.rs"]
mod world;

use std::process::Command;

use fathom_ebpf::blast::Blaster;
use serde_json::Value;
use world::{Agent, METRICS, Room, metric, metrics, until};

const FLOWS: u16 = 500;
const FRAMES: u32 = 400_000;

/// As the interface counts it.
fn device_drops(room: &Room) -> u64 {
    let path = "/sys/class/net/w0/statistics/rx_dropped";
    let out = Command::new("ip").args(["netns", "exec", &room.name, "cat", path]).output().unwrap();
    String::from_utf8_lossy(&out.stdout).trim().parse().unwrap()
}

#[test]
fn what_is_too_much_is_counted_to_the_last_frame() {
    let (Some(here), Some(there)) = (Room::new(), Room::new()) else { return };
    here.wire("w0", &there, "p0");
    let settings = [
        "capture.terminate=w0",
        // Small, so that it overflows.
        "capture.ring_bytes=4MiB",
        "shards.count=1",
        &format!("metrics.listen={METRICS}"),
    ];
    let args = ["--interface", "none", "--tables", "l4_flow_log"];
    let mut agent = Agent::start(&here, &args, &settings);
    agent.hear(&["capturing", "AF_XDP driver"]);
    agent.hear(&["ready"]);

    let end = |n: u16, port| (std::net::IpAddr::from([10, 1, (n >> 8) as u8, n as u8]), port);
    let frames: Vec<Vec<u8>> = (0..FLOWS)
        .map(|n| {
            let payload = vec![n as u8; usize::from(n)];
            support::udp(end(n, 40_000 + n), end(n + 1000, 7000), &payload)
        })
        .collect();
    let table: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
    let sent = there.run(|| {
        let out = fathom_ring::interfaces::find("p0").unwrap().index;
        let mut blaster = Blaster::load(out, 1, &table)?;
        blaster.send(FRAMES).unwrap();
        Ok(blaster.sent().frames)
    });
    let sent = match sent {
        Ok(sent) => sent,
        Err::<_, fathom_ebpf::xdp::Error>(e) => {
            return eprintln!("SKIPPED: no sender inside the kernel: {e}");
        }
    };
    assert_eq!(sent, u64::from(FRAMES));
    // Whatever order the numbers are told in, in the end they are all there.
    until("every frame is counted", || {
        let text = metrics(&here);
        let received = metric(&text, "fathom_agent_packets_received_total", &[]) as u64;
        let full = metric(&text, "fathom_agent_packets_dropped_total", &["kernel"]) as u64;
        // In driver mode the interface counts what the socket dropped once more.
        received + full + device_drops(&here).saturating_sub(full) == sent
    });
    let ended = agent.stop();
    let dropped = |why: &str| ended.stats["dropped"][why].as_u64().unwrap();
    eprintln!("{}", ended.stats);
    assert!(dropped("kernel") > 0, "the ring did not overflow");
    let packets = |r: &Value| r["packet_tx"].as_u64().unwrap() + r["packet_rx"].as_u64().unwrap();
    let in_rows: u64 = ended.rows.iter().map(packets).sum();
    assert_eq!(in_rows + dropped("shed"), ended.stats["received"].as_u64().unwrap());
    assert_eq!((dropped("decode"), dropped("handoff")), (0, 0));
}
