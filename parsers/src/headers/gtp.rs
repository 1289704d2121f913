//! GTP-U version 1 (3GPP TS 29.281): user data of mobile networks, an IP packet per datagram.
//! Extension headers are skipped. Ethernet and unstructured sessions are not told apart by the
//! header, so they stay what they are outside: UDP.

use super::carried::{Head, by_ether_type, version_of};
use super::rest::{Rest, be16, be32};
use super::{Decap, Next};
use crate::packet::TunnelType;

const HEADER: usize = 8;
/// Version 1, protocol type GTP.
const VERSION: u8 = 0x3;
/// A "G-PDU", the message that carries user data.
const USER_DATA: u8 = 0xff;
/// Any of these adds four bytes: sequence number, N-PDU number, type of the first extension.
const OPTIONAL: u8 = 0x07;
const EXTENSION: u8 = 0x04;
/// Extension headers in a row: networks use one or two.
const MAX_EXTENSIONS: usize = 8;

/// Reads the datagram in `payload`, `None` where it is another message, or not GTP-U.
pub(super) fn enter(payload: Rest<'_>, udp_header: u32, decap: Decap) -> Option<Next<'_>> {
    let h = payload.data.first_chunk::<HEADER>()?;
    let is_user_data = h[0] >> 4 == VERSION && h[1] == USER_DATA;
    if !is_user_data || u32::from(be16(h, 2)) + HEADER as u32 != payload.wire {
        return None;
    }
    let mut at = HEADER;
    if h[0] & OPTIONAL != 0 {
        let optional = payload.data[HEADER..].first_chunk::<4>()?;
        at += 4;
        let mut next = if h[0] & EXTENSION != 0 { optional[3] } else { 0 };
        let mut left = MAX_EXTENSIONS;
        while next != 0 {
            left = left.checked_sub(1)?;
            let len = usize::from(*payload.data.get(at)?) * 4;
            next = *payload.data.get(at..at + len)?.last()?;
            at += len;
        }
    }
    let packet = payload.skip(at)?;
    let head = Head {
        kind: TunnelType::GtpU,
        id: be32(h, 4),
        overhead: udp_header + at as u32,
        is_guess: true,
    };
    by_ether_type(head, version_of(packet)?, packet, decap)
}
