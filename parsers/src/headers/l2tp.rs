//! L2TPv3 (RFC 3931) data messages with Ethernet in them (RFC 4719), over IP and over UDP.
//!
//! The header does not say whether a cookie of four or eight bytes and a sublayer of four follow
//! it: both ends agreed on that long before. So each possible place is looked at for an Ethernet
//! frame that is one beyond doubt, and without one this is an ordinary packet.

use super::carried::is_surely_ethernet;
use super::rest::{Rest, be32};
use super::{Decap, Next};
use crate::packet::TunnelType;

const SESSION: usize = 4;
/// No cookie and no sublayer, one of four bytes, eight bytes in all, twelve.
const GAPS: [usize; 4] = [0, 4, 8, 12];
/// Over UDP: a data message of version 3, and sixteen reserved bits.
const UDP_DATA: u32 = 0x0003_0000;

/// Behind an IP header of protocol 115.
pub(super) fn enter_ip(body: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
    let id = be32(body.data.first_chunk::<SESSION>()?, 0);
    // Session 0 is the control connection.
    if id == 0 || !decap.contains(TunnelType::L2tpV3) {
        return None;
    }
    let mut frames = GAPS.iter().filter_map(|gap| body.skip(SESSION + gap));
    // The first one: a tagged frame without its first four bytes would pass for an untagged one.
    let frame = frames.find(|frame| is_surely_ethernet(*frame))?;
    Some(Next::Ethernet { kind: TunnelType::L2tpV3, id, frame })
}

/// Behind a UDP header.
pub(super) fn enter_udp(payload: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
    let h = payload.data.first_chunk::<4>()?;
    if be32(h, 0) != UDP_DATA {
        return None;
    }
    enter_ip(payload.skip(4)?, decap)
}
