//! Frames of 60 bytes that no parser knows: half of the flows UDP, half TCP.

use super::Maker;
use super::tcp::Tcp;

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
