//! Traffic that no parser knows: frames of 60 bytes, half of the flows UDP and half TCP; lone
//! SYNs; long downloads.

use super::Maker;
use super::tcp::{CLIENT, CLOSE_FRAMES, MSS, SERVER, Tcp};

pub(super) fn flow(m: &mut Maker, start_ns: u64, packets: u64) {
    m.truth.flows.raw += 1;
    if m.rng.percent(50) {
        let mut ends = m.ends(None, 0);
        ends.port[1] = 4000 + u16::from(ends.ip[1][3] & 7);
        let mut now = start_ns;
        for i in 0..packets {
            m.wire.udp(now, (i & 1) as usize, &ends, &[0; 18]);
            now += m.rng.within(1_000_000, 100_000_000);
        }
    } else {
        let ends = m.ends(None, 9000);
        let mut tcp = Tcp::open(m, start_ns, ends);
        for i in 0..packets.saturating_sub(6) {
            let wait = m.rng.within(1_000_000, 100_000_000);
            tcp.send(&mut m.wire, (i & 1) as usize, b"xyzw12", wait);
        }
        tcp.close(&mut m.wire);
    }
}

/// One SYN.
pub(super) fn syn(m: &mut Maker, start_ns: u64, _packets: u64) {
    m.truth.flows.raw += 1;
    let ends = m.ends(None, 9000);
    Tcp::syn(m, start_ns, ends);
}

/// Full segments one way, an acknowledgement for every two.
pub(super) fn long(m: &mut Maker, start_ns: u64, packets: u64) {
    m.truth.flows.raw += 1;
    let ends = m.ends(None, 9000);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let [mut data, spare] = std::mem::take(&mut m.text);
    while tcp.sent + CLOSE_FRAMES < packets {
        // The first byte is no letter, so that this is never taken for a request.
        data.clear();
        data.resize(2 * MSS, 0xee);
        m.rng.fill(&mut data[1..64]);
        tcp.send(&mut m.wire, SERVER, &data, 100_000);
        tcp.ack(&mut m.wire, CLIENT);
    }
    tcp.close(&mut m.wire);
    m.text = [data, spare];
}
