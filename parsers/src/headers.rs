//! Link to transport headers: one frame in, one [`Packet`] out. Second stage of the data path:
//! ring -> decode -> flow.
//!
//! [`decode`] walks link, network and transport layer, and starts again behind each tunnel
//! header that [`Decap`] allows. Lengths come from the headers (`l4_payload_len` counts what was
//! sent, never Ethernet padding), bytes from the capture (`payload` is what was kept). Every way
//! to fail is a [`DecodeError`], each with its own counter; whatever is merely not IP succeeds
//! with an EtherType and zero addresses, because it still is a packet to count.

mod error;
mod ethernet;
mod fast;
mod gre;
mod icmp;
mod ipv4;
mod ipv6;
mod loopback;
mod rest;
mod sll;
mod tcp;
mod tunnel;
mod udp;
mod vxlan;

pub use error::DecodeError;
pub use tunnel::Decap;

use crate::packet::{Packet, Transport, TunnelType, ip_proto};
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

/// Where to go after a transport header.
enum Next<'a> {
    Done,
    /// A tunnel carried an Ethernet frame.
    Ethernet {
        kind: TunnelType,
        id: u32,
        frame: Rest<'a>,
    },
    /// A tunnel carried an IP packet of this EtherType, `overhead` bytes after the outer IP
    /// header began.
    Ip {
        kind: TunnelType,
        id: u32,
        ether_type: u16,
        overhead: u32,
        packet: Rest<'a>,
    },
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
    let frame = Rest::new(data, wire_len);
    let vlan = vlan_tci & 0x0fff;
    if link == Link::Ethernet && fast::decode(data, frame.wire, vlan, out) {
        return Ok(());
    }
    general(link, frame, vlan, decap, out)
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
    let (mut ether_type, mut rest) = match link {
        Link::Ethernet => ethernet::decode(frame, out)?,
        Link::LinuxSll => sll::decode_v1(frame, out)?,
        Link::LinuxSll2 => sll::decode_v2(frame, out)?,
        Link::RawIp => loopback::decode_raw(frame)?,
        Link::Null => loopback::decode_null(frame)?,
    };
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
        match transport(&network, decap, out)? {
            Next::Done => return Ok(()),
            Next::Ethernet { kind, id, frame } => {
                tunnel::enter(out, kind, id);
                let tunnel = out.tunnel;
                if fast::decode(frame.data, frame.wire, 0, out) {
                    out.tunnel = tunnel;
                    return Ok(());
                }
                out.vlan = 0;
                out.wire_len = frame.wire;
                (ether_type, rest) = ethernet::decode(frame, out)?;
            }
            Next::Ip { kind, id, ether_type: inner, overhead, packet } => {
                tunnel::enter(out, kind, id);
                out.wire_len = out.wire_len.saturating_sub(network.header_len + overhead);
                (ether_type, rest) = (inner, packet);
            }
        }
    }
}

/// Reads the transport header, or says which tunnel to enter.
#[inline]
fn transport<'a>(
    network: &Network<'a>,
    decap: Decap,
    out: &mut Packet<'a>,
) -> Result<Next<'a>, DecodeError> {
    let body = network.body;
    out.protocol = network.protocol;
    let fragment = out.fragment;
    if fragment.is_some_and(|f| f.offset != 0) {
        other(body, out);
        return Ok(Next::Done);
    }
    match network.protocol {
        ip_proto::TCP => tcp::decode(body, out)?,
        ip_proto::UDP => {
            udp::decode(body, out)?;
            if vxlan::is_port(out.dst_port) && fragment.is_none() && may_enter(out, decap) {
                return Ok(vxlan::enter(out, decap));
            }
        }
        ip_proto::ICMP if out.is_ipv4 => icmp::decode(body, icmp::V4_ECHO, out)?,
        ip_proto::ICMPV6 if !out.is_ipv4 => icmp::decode(body, icmp::V6_ECHO, out)?,
        ip_proto::IPIP | ip_proto::IPV6 => {
            other(body, out);
            let allowed = decap.contains(TunnelType::Ipip) && may_enter(out, decap);
            if allowed && fragment.is_none() {
                let (version, ether_type) = if network.protocol == ip_proto::IPIP {
                    (4, ether_type::IPV4)
                } else {
                    (6, ether_type::IPV6)
                };
                if body.data.first().is_some_and(|b| b >> 4 == version) {
                    let kind = TunnelType::Ipip;
                    return Ok(Next::Ip { kind, id: 0, ether_type, overhead: 0, packet: body });
                }
            }
        }
        ip_proto::GRE => {
            other(body, out);
            if fragment.is_none() && may_enter(out, decap) {
                return Ok(gre::enter(body, decap));
            }
        }
        _ => other(body, out),
    }
    Ok(Next::Done)
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
