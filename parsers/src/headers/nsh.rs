//! The network service header (RFC 8300), as VXLAN-GPE and others carry it: which chain of
//! services a packet goes through. Stored is the tunnel around it, not the path.

use super::carried::{Head, by_ether_type};
use super::rest::{Rest, be16};
use super::{Decap, Next, ether_type};

/// The base header and the service path header.
const MIN_WORDS: u16 = 2;
/// Headers in a row: one service function chain inside another is already rare.
const MAX_HEADERS: usize = 2;

/// The EtherType that stands for a "next protocol" of NSH and VXLAN-GPE, whose lists agree.
pub(super) const fn next_protocol(next: u8) -> Option<u16> {
    match next {
        1 => Some(ether_type::IPV4),
        2 => Some(ether_type::IPV6),
        3 => Some(ether_type::TEB),
        4 => Some(ether_type::NSH),
        5 => Some(ether_type::MPLS),
        _ => None,
    }
}

/// Looks behind the header at the front of `rest`.
pub(super) fn enter(mut head: Head, mut rest: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
    for _ in 0..MAX_HEADERS {
        let h = rest.data.first_chunk::<8>()?;
        let (first, words) = (be16(h, 0), be16(h, 0) & 0x3f);
        // Version 0, and no packet of operations and maintenance, which carries nobody's data.
        let is_data = first & 0xe000 == 0;
        // Type 1 has four words of context, type 2 has any number.
        let fits = match h[2] & 0x0f {
            1 => words == 6,
            2 => words >= MIN_WORDS,
            _ => false,
        };
        if !is_data || !fits {
            return None;
        }
        head.overhead += u32::from(words) * 4;
        rest = rest.skip(usize::from(words) * 4)?;
        match next_protocol(h[3])? {
            ether_type::NSH => {}
            ether_type => return by_ether_type(head, ether_type, rest, decap),
        }
    }
    None
}
