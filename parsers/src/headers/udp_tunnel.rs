//! Tunnels over UDP, told by the destination port and then by what the datagram looks like.

use super::carried::{Head, by_ether_type};
use super::rest::Rest;
use super::{Decap, Next, ether_type, geneve, gtp, l2tp, mpls, vxlan};
use crate::packet::TunnelType;

const L2TP: u16 = 1701;
const GTP_U: u16 = 2152;
const VXLAN: u16 = 4789;
const VXLAN_GPE: u16 = 4790;
/// What Linux and Flannel used before IANA's.
const VXLAN_LINUX: u16 = 8472;
const GENEVE: u16 = 6081;
/// RFC 7510.
const MPLS: u16 = 6635;

/// Is a datagram to this port worth a look?
#[inline]
pub(super) const fn is_port(port: u16) -> bool {
    matches!(port, L2TP | GTP_U | VXLAN | VXLAN_GPE | VXLAN_LINUX | GENEVE | MPLS)
}

/// Looks at the payload of a datagram to `port`; whatever is not clearly the port's tunnel is an
/// ordinary datagram.
pub(super) fn enter(port: u16, payload: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
    const UDP: u32 = 8;
    match port {
        VXLAN | VXLAN_GPE | VXLAN_LINUX => vxlan::enter(payload, UDP, decap),
        GENEVE => geneve::enter(payload, UDP, decap),
        GTP_U => gtp::enter(payload, UDP, decap),
        L2TP => l2tp::enter_udp(payload, decap),
        MPLS => {
            let id = mpls::skip(payload).ok()?.bottom;
            let head = Head { kind: TunnelType::MplsUdp, id, overhead: UDP, is_guess: true };
            by_ether_type(head, ether_type::MPLS, payload, decap)
        }
        _ => None,
    }
}
