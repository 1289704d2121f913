//! GRE (RFC 2784, 2890) version 0: IP, MPLS (RFC 4023), transparent Ethernet bridging (NVGRE, RFC
//! 7637, whose network and flow ids together are the key), ERSPAN I-III.

use super::carried::{Head, by_ether_type, version_of};
use super::rest::{Rest, be16};
use super::{Decap, Next, ether_type};
use crate::packet::TunnelType;

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const VERSION: u16 = 0x0007;

/// What the GRE header in `body` carries. Anything unknown, or cut short, stays a GRE packet.
pub(super) fn enter(body: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
    let h = body.data.first_chunk::<4>()?;
    let (flags, protocol) = (be16(h, 0), be16(h, 2));
    // Source routing was withdrawn by RFC 2784; version 1 is PPTP.
    if flags & (ROUTING | VERSION) != 0 {
        return None;
    }
    let mut at = 4;
    if flags & CHECKSUM != 0 {
        at += 4;
    }
    let mut key = 0;
    if flags & KEY != 0 {
        key = u32::from_be_bytes(*body.data.get(at..)?.first_chunk::<4>()?);
        at += 4;
    }
    let sequence = flags & SEQUENCE != 0;
    if sequence {
        at += 4;
    }
    let carried = body.skip(at)?;
    let ethernet = |kind, id, skip| {
        let frame = carried.skip(skip).filter(|f| f.data.len() >= 14 && decap.contains(kind))?;
        Some(Next::Ethernet { kind, id, frame })
    };
    match protocol {
        ether_type::IPV4
        | ether_type::IPV6
        | ether_type::MPLS
        | ether_type::MPLS_MULTICAST
        | ether_type::NSH => {
            let head =
                Head { kind: TunnelType::Gre, id: key, overhead: at as u32, is_guess: false };
            by_ether_type(head, protocol, carried, decap)
        }
        ether_type::TEB => ethernet(TunnelType::Teb, key, 0),
        // Type I has no header of its own, and no sequence number in GRE.
        ether_type::ERSPAN_II if !sequence => ethernet(TunnelType::Erspan, 0, 0),
        ether_type::ERSPAN_II => {
            let h = carried.data.first_chunk::<8>()?;
            ethernet(TunnelType::Erspan, u32::from(be16(h, 2) & 0x03ff), 8)
        }
        ether_type::ERSPAN_III => {
            let h = carried.data.first_chunk::<12>()?;
            let len = if h[11] & 1 != 0 { 12 + 8 } else { 12 };
            let (kind, id) = (TunnelType::Erspan, u32::from(be16(h, 2) & 0x03ff));
            match h[10] >> 2 & 0x1f {
                0 => ethernet(kind, id, len),
                2 => {
                    let packet = carried.skip(len)?;
                    let head = Head { kind, id, overhead: (at + len) as u32, is_guess: false };
                    by_ether_type(head, version_of(packet)?, packet, decap)
                }
                _ => None,
            }
        }
        _ => None,
    }
}
