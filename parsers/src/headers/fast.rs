//! The straight line for what most packets are: Ethernet without tags, IPv4 without options and
//! not a fragment, TCP or UDP without a tunnel's port. Everything else, and everything odd, is
//! left to the general path, which gives the same answer for these too.

use super::rest::{be16, be32};
use super::{ether_type, tcp, udp_tunnel};
use crate::packet::{Addr, Packet, Tcp, Transport, Tunnel, ip_proto};

const ETHERNET: usize = 14;
const L4: usize = ETHERNET + 20;
const TCP_MIN: usize = 20;
const UDP: usize = 8;

/// Decodes into `out` and answers `true`, or answers `false` and leaves `out` alone.
#[inline]
pub(super) fn decode<'a>(data: &'a [u8], wire_len: u32, vlan: u16, out: &mut Packet<'a>) -> bool {
    let Some(h) = data.first_chunk::<{ L4 + UDP }>() else { return false };
    if be16(h, 12) != ether_type::IPV4 || h[14] != 0x45 || be16(h, 20) & 0x3fff != 0 {
        return false;
    }
    let total = usize::from(be16(h, 16));
    let protocol = h[23];
    let (transport, header_len) = if protocol == ip_proto::TCP {
        let Some(t) = data[L4..].first_chunk::<TCP_MIN>() else { return false };
        let header_len = usize::from(t[12] >> 4) * 4;
        if header_len < TCP_MIN || 20 + header_len > total {
            return false;
        }
        let mut fields = Tcp {
            seq: be32(t, 4),
            ack: be32(t, 8),
            flags: t[13],
            window: be16(t, 14),
            ..Tcp::default()
        };
        if header_len > TCP_MIN {
            let Some(options) = data.get(L4 + TCP_MIN..L4 + header_len) else { return false };
            tcp::options(options, &mut fields);
        }
        (Transport::Tcp(fields), header_len)
    } else if protocol == ip_proto::UDP {
        // Surplus behind the datagram, and lengths of zero, are not for here.
        if usize::from(be16(h, 38)) + 20 != total
            || total < 20 + UDP
            || udp_tunnel::is_port(be16(h, 36))
        {
            return false;
        }
        (Transport::Udp, UDP)
    } else {
        return false;
    };
    let end = data.len().min(ETHERNET + total);
    let Some(payload) = data.get(L4 + header_len..end) else { return false };
    // Field by field: a packet is larger than what most of them set.
    out.mac_src = [h[6], h[7], h[8], h[9], h[10], h[11]];
    out.mac_dst = [h[0], h[1], h[2], h[3], h[4], h[5]];
    out.eth_type = ether_type::IPV4;
    out.vlan = vlan;
    out.src = Addr::v4([h[26], h[27], h[28], h[29]]);
    out.dst = Addr::v4([h[30], h[31], h[32], h[33]]);
    out.is_ipv4 = true;
    out.ttl = h[22];
    out.ip_id = be16(h, 18);
    out.protocol = protocol;
    out.src_port = be16(h, 34);
    out.dst_port = be16(h, 36);
    out.transport = transport;
    out.fragment = None;
    out.wire_len = wire_len;
    out.l3_payload_len = total as u32 - 20;
    out.l4_payload_len = (total - 20 - header_len) as u32;
    out.payload = payload;
    if out.tunnel.tier != 0 {
        out.tunnel = Tunnel::default();
    }
    true
}
