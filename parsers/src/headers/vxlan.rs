//! VXLAN (RFC 7348) over UDP, IPv4 and IPv6 underlay.

use super::rest::Rest;
use super::{Decap, Next};
use crate::packet::{Packet, TunnelType};

/// Destination ports: IANA's, and the one Linux and Flannel used before.
const PORTS: [u16; 2] = [4789, 8472];
const HEADER: usize = 8;
/// The VNI is valid.
const FLAG_I: u8 = 0x08;

#[inline]
pub(super) fn is_port(port: u16) -> bool {
    PORTS.contains(&port)
}

/// The flag is set and the byte that has to be zero is: other protocols' clients may have taken
/// one of the ports.
fn is_header(h: &[u8; HEADER]) -> bool {
    h[0] & FLAG_I != 0 && h[7] == 0
}

/// An Ethernet II header follows (IEEE 802.3 3.2.6: types begin at 0x0600).
fn has_ether_type(payload: &[u8]) -> bool {
    payload.get(HEADER + 12).is_some_and(|high| *high >= 0x06) && payload.len() >= HEADER + 14
}

/// Looks at the UDP payload in `out`; without the I flag, or too short for an inner Ethernet
/// header, it is an ordinary datagram.
pub(super) fn enter<'a>(out: &Packet<'a>, decap: Decap) -> Next<'a> {
    if !decap.contains(TunnelType::Vxlan) {
        return Next::Done;
    }
    let payload = Rest { data: out.payload, wire: out.l4_payload_len };
    match payload.data.first_chunk::<HEADER>() {
        Some(h) if is_header(h) && has_ether_type(payload.data) => Next::Ethernet {
            kind: TunnelType::Vxlan,
            id: u32::from_be_bytes([0, h[4], h[5], h[6]]),
            frame: payload.skip_lossy(HEADER),
        },
        _ => Next::Done,
    }
}
