//! VXLAN (RFC 7348), with a group policy (draft-smith-vxlan-group-policy) or as VXLAN-GPE
//! (draft-ietf-nvo3-vxlan-gpe), over UDP on IPv4 and IPv6.

use super::carried::{Head, by_ether_type, is_surely_ethernet};
use super::rest::Rest;
use super::{Decap, Next, ether_type, nsh};
use crate::packet::TunnelType;

const HEADER: usize = 8;
/// The VNI is valid.
const FLAG_I: u8 = 0x08;
/// GPE: the header says what follows it.
const FLAG_P: u8 = 0x04;
/// GPE: broadcast, unknown or multicast.
const FLAG_B: u8 = 0x02;
/// A group policy stands in bytes 1 to 3.
const FLAG_G: u8 = 0x80;

/// GBP: not to be learned from; the policy was applied.
const POLICY_BITS: u8 = 0x48;

/// Reads the datagram in `payload`, `None` where it does not look like VXLAN: other protocols'
/// clients may have taken one of the ports. Some senders leave values in reserved bytes, so those
/// have to be zero only where what follows leaves a doubt.
pub(super) fn enter(payload: Rest<'_>, udp_header: u32, decap: Decap) -> Option<Next<'_>> {
    let h = payload.data.first_chunk::<HEADER>()?;
    let body = payload.skip_lossy(HEADER);
    let ether_type = match (h[0] & !FLAG_B, h[1], h[2], h[3]) {
        (FLAG_I, 0, 0, 0) => ether_type::TEB,
        (flags, bits, ..) if flags == FLAG_I | FLAG_G && bits & !POLICY_BITS == 0 => {
            ether_type::TEB
        }
        (flags, 0, 0, next) if flags == FLAG_I | FLAG_P => nsh::next_protocol(next)?,
        (FLAG_I, ..) if is_surely_ethernet(body) => ether_type::TEB,
        _ => return None,
    };
    if h[7] != 0 {
        return None;
    }
    let kind = if ether_type == ether_type::NSH { TunnelType::VxlanNsh } else { TunnelType::Vxlan };
    let head = Head {
        kind,
        id: u32::from_be_bytes([0, h[4], h[5], h[6]]),
        overhead: udp_header + HEADER as u32,
        is_guess: true,
    };
    by_ether_type(head, ether_type, body, decap)
}
