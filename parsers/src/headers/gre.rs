//! GRE (RFC 2784, 2890) version 0: IP, transparent Ethernet bridging (NVGRE), ERSPAN I-III.

use super::rest::{Rest, be16};
use super::{Decap, Next, ether_type};
use crate::packet::TunnelType;

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const VERSION: u16 = 0x0007;

/// What the GRE header in `body` carries. Anything unknown, or cut short, stays a GRE packet.
pub(super) fn enter(body: Rest<'_>, decap: Decap) -> Next<'_> {
    next(body, decap).unwrap_or(Next::Done)
}

fn next(body: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
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
        ether_type::IPV4 | ether_type::IPV6 => {
            let (kind, overhead) = (TunnelType::Gre, at as u32);
            let version = if protocol == ether_type::IPV4 { 4 } else { 6 };
            let is_ip = carried.data.first().is_some_and(|b| b >> 4 == version);
            (is_ip && decap.contains(kind)).then_some(Next::Ip {
                kind,
                id: key,
                ether_type: protocol,
                overhead,
                packet: carried,
            })
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
            let subheader = if h[11] & 1 != 0 { 8 } else { 0 };
            ethernet(TunnelType::Erspan, u32::from(be16(h, 2) & 0x03ff), 12 + subheader)
        }
        _ => None,
    }
}
