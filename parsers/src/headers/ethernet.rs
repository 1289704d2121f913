//! Ethernet II, 802.1Q and QinQ tags, 802.3 frames with LLC or SNAP, and the shims that stand
//! between Ethernet and IP: MPLS labels (RFC 3032) and PPPoE sessions (RFC 2516).

use super::rest::{Rest, be16};
use super::{DecodeError, ether_type, mpls};
use crate::packet::Packet;

/// Addresses and type.
pub(super) const HEADER: usize = 14;
/// Tags in front of one frame: QinQ uses two, providers stack a third; the rest is an attack.
const MAX_VLAN_TAGS: usize = 4;
/// Values below are a length (IEEE 802.3), from here on a type.
const MIN_ETHER_TYPE: u16 = 0x0600;

/// Reads MAC addresses and tags; returns the network layer's EtherType and bytes.
#[inline]
pub(super) fn decode<'a>(
    frame: Rest<'a>,
    out: &mut Packet<'a>,
) -> Result<(u16, Rest<'a>), DecodeError> {
    let Some(h) = frame.data.first_chunk::<HEADER>() else {
        return Err(DecodeError::LinkTruncated);
    };
    out.mac_dst = [h[0], h[1], h[2], h[3], h[4], h[5]];
    out.mac_src = [h[6], h[7], h[8], h[9], h[10], h[11]];
    let rest = Rest { data: &frame.data[HEADER..], wire: frame.wire - HEADER as u32 };
    let ether_type = be16(h, 12);
    if ether_type == ether_type::IPV4 || ether_type == ether_type::IPV6 {
        return Ok((ether_type, rest));
    }
    inner_type(ether_type, rest, out)
}

/// Follows tags and shims from an EtherType to the network layer.
pub(super) fn inner_type<'a>(
    mut ether_type: u16,
    mut rest: Rest<'a>,
    out: &mut Packet<'a>,
) -> Result<(u16, Rest<'a>), DecodeError> {
    let mut tags = 0;
    while matches!(ether_type, ether_type::VLAN | ether_type::QINQ | ether_type::QINQ_OLD) {
        if tags == MAX_VLAN_TAGS {
            return Err(DecodeError::VlanDepth);
        }
        tags += 1;
        let Some(tag) = rest.data.first_chunk::<4>() else {
            return Err(DecodeError::VlanTruncated);
        };
        if out.vlan == 0 {
            out.vlan = be16(tag, 0) & 0x0fff;
        }
        ether_type = be16(tag, 2);
        rest = rest.skip_lossy(4);
    }
    match ether_type {
        ether_type::MPLS | ether_type::MPLS_MULTICAST => {
            mpls::skip(rest).map(|stack| (stack.ether_type, stack.rest))
        }
        ether_type::PPPOE_SESSION => pppoe(rest),
        length if length < MIN_ETHER_TYPE => Ok(llc(length, rest)),
        _ => Ok((ether_type, rest)),
    }
}

/// IEEE 802.3: `length` bytes of LLC, by SNAP perhaps an EtherType; padding is cut off.
fn llc(length: u16, rest: Rest<'_>) -> (u16, Rest<'_>) {
    let rest = rest.limit(u32::from(length).min(rest.wire));
    match rest.data.first_chunk::<8>() {
        Some([0xaa, 0xaa, 0x03, 0, 0, 0, hi, lo]) => {
            (u16::from_be_bytes([*hi, *lo]), rest.skip_lossy(8))
        }
        _ => (ether_type::LLC, rest),
    }
}

fn pppoe(rest: Rest<'_>) -> Result<(u16, Rest<'_>), DecodeError> {
    let Some(h) = rest.data.first_chunk::<8>() else {
        return Err(DecodeError::PppoeTruncated);
    };
    // The length counts from the PPP protocol field on; 0x0021 and 0x0057 are IPv4 and IPv6.
    let body = rest.skip_lossy(6).limit(u32::from(be16(h, 4)).min(rest.wire - 6)).skip_lossy(2);
    Ok(match be16(h, 6) {
        0x0021 => (ether_type::IPV4, body),
        0x0057 => (ether_type::IPV6, body),
        _ => (ether_type::PPPOE_SESSION, rest.skip_lossy(6)),
    })
}
