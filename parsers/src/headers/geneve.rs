//! Geneve (RFC 8926) over UDP: options are skipped.

use super::carried::{Head, by_ether_type};
use super::rest::{Rest, be16};
use super::{Decap, Next};
use crate::packet::TunnelType;

const HEADER: usize = 8;
/// A control packet, which carries nobody's data.
const FLAG_O: u8 = 0x80;
const RESERVED: u8 = 0x3f;

/// Reads the datagram in `payload`, `None` where it does not look like Geneve: other protocols'
/// clients may have taken the port.
pub(super) fn enter(payload: Rest<'_>, udp_header: u32, decap: Decap) -> Option<Next<'_>> {
    let h = payload.data.first_chunk::<HEADER>()?;
    let options = usize::from(h[0] & 0x3f) * 4;
    let is_data = h[0] >> 6 == 0 && h[1] & (FLAG_O | RESERVED) == 0 && h[7] == 0;
    if !is_data || !are_options(payload.data.get(HEADER..HEADER + options)?) {
        return None;
    }
    let head = Head {
        kind: TunnelType::Geneve,
        id: u32::from_be_bytes([0, h[4], h[5], h[6]]),
        overhead: udp_header + (HEADER + options) as u32,
        is_guess: true,
    };
    by_ether_type(head, be16(h, 2), payload.skip(HEADER + options)?, decap)
}

/// Their lengths add up to the length the header says.
fn are_options(mut options: &[u8]) -> bool {
    while let Some(h) = options.first_chunk::<4>() {
        match options.get(4 + usize::from(h[3] & 0x1f) * 4..) {
            Some(rest) => options = rest,
            None => return false,
        }
    }
    options.is_empty()
}
