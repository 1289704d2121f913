//! What a tunnel carries, once its own header has been read: an Ethernet frame, an IP packet, or
//! one of those behind MPLS labels or a network service header.
//!
//! A UDP port says little about who uses it, so what it leads to has to look like what the tunnel
//! header promises before the outer packet is given up for it. An IP protocol number is believed.

use super::rest::{Rest, be16};
use super::{Decap, Next, ether_type, mpls, nsh};
use crate::packet::TunnelType;

const ETHERNET: usize = 14;
/// The shortest Ethernet payload; shorter ones are padded (IEEE 802.3 3.2.8).
const MIN_PAYLOAD: u32 = 46;
/// VLAN tags that the strict look follows.
const MAX_TAGS: usize = 2;

/// A tunnel whose header has been read.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// What kind it is stored as.
    pub(super) kind: TunnelType,
    /// VNI, key, TEID or label.
    pub(super) id: u32,
    /// Bytes from behind the outer IP header to what is carried.
    pub(super) overhead: u32,
    /// Over UDP: nobody but the port has said so far that this is a tunnel.
    pub(super) is_guess: bool,
}

/// `rest` is of `ether_type`; `None` when it is not, or not to be entered.
pub(super) fn by_ether_type(
    head: Head,
    ether_type: u16,
    rest: Rest<'_>,
    decap: Decap,
) -> Option<Next<'_>> {
    if !decap.contains(head.kind) {
        return None;
    }
    let Head { kind, id, overhead, is_guess } = head;
    match ether_type {
        ether_type::IPV4 | ether_type::IPV6 => {
            let length = ip_length(ether_type, rest)?;
            // Nothing pads a packet in a datagram.
            (!is_guess || length == rest.wire).then_some(Next::Ip {
                kind,
                id,
                ether_type,
                overhead,
                packet: rest,
            })
        }
        ether_type::TEB => {
            let fits = if is_guess { is_ethernet(rest) } else { rest.data.len() >= ETHERNET };
            fits.then_some(Next::Ethernet { kind, id, frame: rest })
        }
        ether_type::MPLS | ether_type::MPLS_MULTICAST => {
            let stack = mpls::skip(rest).ok()?;
            let head = Head { overhead: overhead + stack.len, ..head };
            match stack.ether_type {
                ether_type::MPLS => None,
                ip => by_ether_type(head, ip, stack.rest, decap),
            }
        }
        ether_type::NSH => nsh::enter(head, rest, decap),
        _ => None,
    }
}

/// The EtherType of an IP packet that nothing in front of it tells.
pub(super) fn version_of(packet: Rest<'_>) -> Option<u16> {
    match packet.data.first()? >> 4 {
        4 => Some(ether_type::IPV4),
        6 => Some(ether_type::IPV6),
        _ => None,
    }
}

/// The length that the header of an IP packet says, for IPv4 0 too (a segment that the network card
/// will cut later); `None` when it is no header of an IP packet of this EtherType.
fn ip_length(ether_type: u16, rest: Rest<'_>) -> Option<u32> {
    let &[first, _, b2, b3] = rest.data.first_chunk::<4>()?;
    if ether_type == ether_type::IPV6 {
        let length = u32::from(be16(rest.data.first_chunk::<6>()?, 4));
        return (first >> 4 == 6).then_some(length + 40);
    }
    let total = u32::from(u16::from_be_bytes([b2, b3]));
    (first >> 4 == 4 && first & 0x0f >= 5 && (total == 0 || total >= 20)).then_some(total)
}

/// An Ethernet frame, as far as its header can say: sent by one station, of a type that exists,
/// and where that is IP, an IP packet. Mirrors cut frames and leave their lengths, so those are
/// not looked at.
fn is_ethernet(rest: Rest<'_>) -> bool {
    let Some(h) = rest.data.first_chunk::<ETHERNET>() else { return false };
    // No frame has a group as its source (IEEE 802.3 3.2.5).
    if h[6] & 1 != 0 {
        return false;
    }
    let body = rest.skip_lossy(ETHERNET);
    match be16(h, 12) {
        ip @ (ether_type::IPV4 | ether_type::IPV6) => ip_length(ip, body).is_some(),
        length if length < 0x0600 => is_llc(u32::from(length), body),
        _ => true,
    }
}

/// What bridges themselves say: spanning tree, IS-IS, and SNAP in front of the rest.
fn is_llc(length: u32, body: Rest<'_>) -> bool {
    let known =
        matches!(body.data, [0x42, 0x42, 3, ..] | [0xfe, 0xfe, 3, ..] | [0xaa, 0xaa, 3, ..]);
    known && length <= body.wire
}

/// An Ethernet frame beyond doubt: IPv4 with a right checksum, IPv6 of a right length, or ARP,
/// perhaps tagged. For tunnels that do not say where their payload begins.
pub(super) fn is_surely_ethernet(rest: Rest<'_>) -> bool {
    let Some(h) = rest.data.first_chunk::<ETHERNET>() else { return false };
    if h[6] & 1 != 0 {
        return false;
    }
    let (mut ether_type, mut body) = (be16(h, 12), rest.skip_lossy(ETHERNET));
    for _ in 0..MAX_TAGS {
        if !matches!(ether_type, ether_type::VLAN | ether_type::QINQ) {
            break;
        }
        let Some(tag) = body.data.first_chunk::<4>() else { return false };
        (ether_type, body) = (be16(tag, 2), body.skip_lossy(4));
    }
    let fits = ip_length(ether_type, body).is_some_and(|length| {
        length == body.wire || length < body.wire && body.wire <= MIN_PAYLOAD
    });
    match ether_type {
        ether_type::IPV4 => {
            let header = body.data.first().map_or(0, |b| usize::from(b & 0x0f) * 4);
            fits && body.data.get(..header).is_some_and(|h| sum(h) == 0xffff)
        }
        ether_type::IPV6 => fits,
        ether_type::ARP => matches!(body.data, [0, 1, 8, 0, 6, 4, 0, 1 | 2, ..]),
        _ => false,
    }
}

/// The ones' complement sum (RFC 1071) of an even number of bytes: all ones over a right header.
fn sum(header: &[u8]) -> u16 {
    let words = header.as_chunks::<2>().0;
    let wide: u32 = words.iter().map(|w| u32::from(u16::from_be_bytes(*w))).sum();
    let folded = (wide & 0xffff) + (wide >> 16);
    ((folded & 0xffff) + (folded >> 16)) as u16
}
