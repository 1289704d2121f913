//! Link to transport headers: one frame in, one [`Packet`] out. Second stage of the data path:
//! ring -> decode -> flow.
//!
//! [`decode`] walks link, network and transport layer, and starts again behind each tunnel
//! header that [`Decap`] allows. Lengths come from the headers (`l4_payload_len` counts what was
//! sent, never Ethernet padding), bytes from the capture (`payload` is what was kept). Every way
//! to fail is a [`DecodeError`], each with its own counter; whatever is merely not IP succeeds
//! with an EtherType and zero addresses, because it still is a packet to count.

mod carried;
mod error;
mod ethernet;
mod fast;
mod geneve;
mod gre;
mod gtp;
mod icmp;
mod ipv4;
mod ipv6;
mod l2tp;
mod loopback;
mod mpls;
mod nsh;
mod ports;
mod rest;
mod sll;
mod tcp;
mod tunnel;
mod udp;
mod udp_tunnel;
mod vxlan;

pub use error::DecodeError;
pub use tunnel::Decap;

use crate::packet::{Packet, Transport, TunnelType, ip_proto};
use carried::Head;
use rest::Rest;

/// Tunnels removed from one packet at most. A deeper one is left as payload: four covers every
/// overlay seen in practice, and bounds the work a crafted frame can cause.
pub const MAX_TUNNELS: u8 = 4;

/// EtherTypes this module acts on (IEEE 802 numbers).
pub mod ether_type {
    #![allow(missing_docs, reason = "the IEEE names say it")]
    pub const IPV4: u16 = 0x0800;
    pub const ARP: u16 = 0x0806;
    pub const TEB: u16 = 0x6558;
    pub const VLAN: u16 = 0x8100;
    pub const IPV6: u16 = 0x86dd;
    pub const MPLS: u16 = 0x8847;
    pub const MPLS_MULTICAST: u16 = 0x8848;
    pub const PPPOE_SESSION: u16 = 0x8864;
    pub const QINQ: u16 = 0x88a8;
    pub const ERSPAN_II: u16 = 0x88be;
    pub const ERSPAN_III: u16 = 0x22eb;
    pub const NSH: u16 = 0x894f;
    pub const QINQ_OLD: u16 = 0x9100;
    /// Not an EtherType: an IEEE 802.2 frame (LLC without SNAP), as Linux numbers it.
    pub const LLC: u16 = 0x0004;
}

/// Link-layer type of a frame; the same kinds a packet source knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Link {
    /// Ethernet II or 802.3.
    #[default]
    Ethernet,
    /// Linux cooked capture v1.
    LinuxSll,
    /// Linux cooked capture v2.
    LinuxSll2,
    /// IPv4 or IPv6 without a link header, told by the version nibble.
    RawIp,
    /// BSD loopback: a 4-byte address family in either byte order.
    Null,
}

/// What stands behind an IP header.
pub(crate) struct Network<'a> {
    /// Protocol number of the bytes in `body`.
    protocol: u8,
    /// Bytes the IP layer's own headers took, extension headers included.
    header_len: u32,
    /// IP payload, without link padding.
    body: Rest<'a>,
}

/// The tunnel to enter after a transport header.
enum Next<'a> {
    /// A tunnel carried an Ethernet frame.
    Ethernet { kind: TunnelType, id: u32, frame: Rest<'a> },
    /// A tunnel carried an IP packet of this EtherType, `overhead` bytes after the outer IP
    /// header began.
    Ip { kind: TunnelType, id: u32, ether_type: u16, overhead: u32, packet: Rest<'a> },
}

/// Decodes one frame into `out`, replacing all of it.
///
/// `wire_len` is the frame's length on the wire (at least `data.len()`); `vlan_tci` is the tag
/// the kernel took out of the frame, 0 for none. After an error `out` holds no defined packet.
///
/// `out.wire_len` counts bytes from the Ethernet header on: behind a tunnel that carries
/// Ethernet from the inner one, behind a tunnel that carries IP it is the frame less the outer
/// IP header and what belongs to the tunnel.
#[inline]
pub fn decode<'a>(
    link: Link,
    data: &'a [u8],
    wire_len: u32,
    vlan_tci: u16,
    decap: Decap,
    out: &mut Packet<'a>,
) -> Result<(), DecodeError> {
    if decode_plain(link, data, wire_len, vlan_tci, out) {
        return Ok(());
    }
    general(link, Rest::new(data, wire_len), vlan_tci & 0x0fff, decap, out)
}

/// As [`decode`], for what most frames are: TCP or UDP in IPv4 in Ethernet, with nothing special
/// about any of them. Answers `false` for all others, and leaves `out` as it was.
#[inline(always)]
pub fn decode_plain<'a>(
    link: Link,
    data: &'a [u8],
    wire_len: u32,
    vlan_tci: u16,
    out: &mut Packet<'a>,
) -> bool {
    link == Link::Ethernet
        && fast::decode(data, wire_len.max(data.len() as u32), vlan_tci & 0x0fff, out)
}

/// Every layer by its own module.
fn general<'a>(
    link: Link,
    frame: Rest<'a>,
    vlan: u16,
    decap: Decap,
    out: &mut Packet<'a>,
) -> Result<(), DecodeError> {
    *out = Packet { wire_len: frame.wire, vlan, ..Packet::default() };
    let (ether_type, rest) = match link {
        Link::Ethernet => ethernet::decode(frame, out)?,
        Link::LinuxSll => sll::decode_v1(frame, out)?,
        Link::LinuxSll2 => sll::decode_v2(frame, out)?,
        Link::RawIp => loopback::decode_raw(frame)?,
        Link::Null => loopback::decode_null(frame)?,
    };
    layers(ether_type, rest, decap, out)
}

/// The network layer and what is above it, again behind each tunnel.
fn layers<'a>(
    mut ether_type: u16,
    mut rest: Rest<'a>,
    decap: Decap,
    out: &mut Packet<'a>,
) -> Result<(), DecodeError> {
    loop {
        out.eth_type = ether_type;
        let network = match ether_type {
            ether_type::IPV4 => ipv4::decode(rest, out)?,
            ether_type::IPV6 => ipv6::decode(rest, out)?,
            _ => {
                out.l3_payload_len = rest.wire;
                out.l4_payload_len = rest.wire;
                out.payload = rest.data;
                return Ok(());
            }
        };
        let Some(next) = transport(&network, decap, out)? else { return Ok(()) };
        let Some(inner) = enter(next, network.header_len, out)? else { return Ok(()) };
        (ether_type, rest) = inner;
    }
}

/// Decodes behind the IP header of a datagram that was joined from its fragments: `body` is all
/// of its IP payload (of its UDP payload, if it is UDP), `out` the packet of any of them, with the
/// ports of the first. Answers `true` when a tunnel was entered: `out` is then the packet that the
/// datagram carried, its `wire_len` that of an untagged Ethernet frame of its own. Else `out` is
/// as it was.
///
/// # Errors
/// Of the packet inside the tunnel.
pub fn decode_joined<'a>(
    body: &'a [u8],
    decap: Decap,
    out: &mut Packet<'a>,
) -> Result<bool, DecodeError> {
    if !may_enter(out, decap) {
        return Ok(false);
    }
    let body = Rest::new(body, 0);
    let next = match out.protocol {
        ip_proto::UDP => udp_tunnel::enter(out.dst_port, body, decap),
        protocol => ip_tunnel(protocol, body, decap),
    };
    let Some(next) = next else { return Ok(false) };
    let udp = if out.protocol == ip_proto::UDP { udp::HEADER as u32 } else { 0 };
    out.wire_len = ethernet::HEADER as u32 + udp + body.wire;
    if let Some((ether_type, rest)) = enter(next, 0, out)? {
        layers(ether_type, rest, decap, out)?;
    }
    Ok(true)
}

/// Goes into a tunnel: the EtherType and the bytes to go on with, or nothing when the rest was
/// decoded at once.
fn enter<'a>(
    next: Next<'a>,
    outer_header: u32,
    out: &mut Packet<'a>,
) -> Result<Option<(u16, Rest<'a>)>, DecodeError> {
    match next {
        Next::Ethernet { kind, id, frame } => {
            tunnel::enter(out, kind, id);
            let tunnel = out.tunnel;
            if fast::decode(frame.data, frame.wire, 0, out) {
                out.tunnel = tunnel;
                return Ok(None);
            }
            out.vlan = 0;
            out.wire_len = frame.wire;
            ethernet::decode(frame, out).map(Some)
        }
        Next::Ip { kind, id, ether_type, overhead, packet } => {
            tunnel::enter(out, kind, id);
            out.wire_len = out.wire_len.saturating_sub(outer_header + overhead);
            Ok(Some((ether_type, packet)))
        }
    }
}

/// Reads the transport header, or says which tunnel to enter.
#[inline]
fn transport<'a>(
    network: &Network<'a>,
    decap: Decap,
    out: &mut Packet<'a>,
) -> Result<Option<Next<'a>>, DecodeError> {
    let body = network.body;
    out.protocol = network.protocol;
    let fragment = out.fragment;
    if fragment.is_some_and(|f| f.offset != 0) {
        other(body, out);
        return Ok(None);
    }
    let may_enter = fragment.is_none() && may_enter(out, decap);
    match network.protocol {
        ip_proto::TCP => tcp::decode(body, out)?,
        ip_proto::UDP => {
            udp::decode(body, out)?;
            if udp_tunnel::is_port(out.dst_port) && may_enter {
                let payload = Rest { data: out.payload, wire: out.l4_payload_len };
                return Ok(udp_tunnel::enter(out.dst_port, payload, decap));
            }
        }
        ip_proto::ICMP if out.is_ipv4 => icmp::decode(body, icmp::V4_ECHO, out)?,
        ip_proto::ICMPV6 if !out.is_ipv4 => icmp::decode(body, icmp::V6_ECHO, out)?,
        protocol => {
            other(body, out);
            ports::decode(protocol, body, out);
            if may_enter {
                return Ok(ip_tunnel(protocol, body, decap));
            }
        }
    }
    Ok(None)
}

/// Tunnels that are IP protocols of their own.
fn ip_tunnel(protocol: u8, body: Rest<'_>, decap: Decap) -> Option<Next<'_>> {
    let ip_in_ip = |ether_type| {
        let head = Head { kind: TunnelType::Ipip, id: 0, overhead: 0, is_guess: false };
        carried::by_ether_type(head, ether_type, body, decap)
    };
    match protocol {
        ip_proto::IPIP => ip_in_ip(ether_type::IPV4),
        ip_proto::IPV6 => ip_in_ip(ether_type::IPV6),
        ip_proto::GRE => gre::enter(body, decap),
        ip_proto::L2TP => l2tp::enter_ip(body, decap),
        _ => None,
    }
}

/// Is a protocol's datagram worth joining, for what may be inside it?
pub const fn may_be_tunnel(protocol: u8) -> bool {
    matches!(protocol, ip_proto::IPIP | ip_proto::IPV6 | ip_proto::GRE | ip_proto::L2TP)
}

#[inline]
fn may_enter(out: &Packet<'_>, decap: Decap) -> bool {
    !decap.is_empty() && out.tunnel.tier < MAX_TUNNELS
}

/// No transport header to read: all of the IP payload is payload.
#[inline]
fn other<'a>(body: Rest<'a>, out: &mut Packet<'a>) {
    out.transport = Transport::Other;
    out.l4_payload_len = body.wire;
    out.payload = body.data;
}
