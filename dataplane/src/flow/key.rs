//! What makes two packets one flow: both directions normalise to the same key.

use fathom_parsers::packet::{Packet, TunnelType};
use std::hash::{Hash, Hasher};

/// One of a flow's two ends, in the key's own order (the smaller address and port first). Which
/// of them is the client is a separate fact that may change; the key never does.
pub type Side = usize;

/// Identity of a flow on one capture interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FlowKey {
    /// Addresses, v4-mapped; MAC addresses in the first six bytes when the packet is not IP.
    pub ip: [[u8; 16]; 2],
    /// Ports, 0 where there are none.
    pub port: [u16; 2],
    /// Tunnel id, where both directions share it.
    pub tunnel_id: u32,
    /// EtherType, which also tells the address family.
    pub eth_type: u16,
    /// Capture interface.
    pub interface: u16,
    /// IP protocol.
    pub protocol: u8,
    /// Tunnel kind.
    pub tunnel: u8,
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let word = |b: &[u8]| u64::from_ne_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
        state.write_u64(word(&self.ip[0][8..]));
        state.write_u64(word(&self.ip[1][8..]));
        // Each half by itself: words combined before they meet the seed collide under any seed.
        state.write_u64(word(&self.ip[0][..8]));
        state.write_u64(word(&self.ip[1][..8]));
        state.write_u64(
            u64::from(self.port[0])
                | u64::from(self.port[1]) << 16
                | u64::from(self.tunnel_id) << 32,
        );
        state.write_u64(
            u64::from(self.eth_type)
                | u64::from(self.interface) << 16
                | u64::from(self.protocol) << 32
                | u64::from(self.tunnel) << 40,
        );
    }
}

impl FlowKey {
    /// The key of a packet and the side that sent it.
    #[inline]
    pub fn of(p: &Packet<'_>, interface: u16) -> (Self, Side) {
        let mut src = p.src.0;
        let mut dst = p.dst.0;
        if p.src.0 == [0; 16] && p.dst.0 == [0; 16] && !is_ip(p.eth_type) {
            src[..6].copy_from_slice(&p.mac_src);
            dst[..6].copy_from_slice(&p.mac_dst);
        }
        let sender = usize::from((src, p.src_port) > (dst, p.dst_port));
        let (ip, port) = if sender == 0 {
            ([src, dst], [p.src_port, p.dst_port])
        } else {
            ([dst, src], [p.dst_port, p.src_port])
        };
        // The two directions of a VXLAN or Geneve overlay share the network id; GRE keys and
        // GTP tunnel ids are per direction.
        let tunnel_id = match p.tunnel.kind {
            TunnelType::Vxlan | TunnelType::Geneve | TunnelType::VxlanNsh => p.tunnel.id,
            _ => 0,
        };
        let key = Self {
            ip,
            port,
            tunnel_id,
            eth_type: p.eth_type,
            interface,
            protocol: p.protocol,
            tunnel: p.tunnel.kind as u8,
        };
        (key, sender)
    }

    /// The network layer is IP.
    pub fn is_ip(&self) -> bool {
        is_ip(self.eth_type)
    }

    /// The network layer is IPv4.
    pub fn is_ipv4(&self) -> bool {
        self.eth_type == 0x0800
    }
}

fn is_ip(eth_type: u16) -> bool {
    matches!(eth_type, 0x0800 | 0x86dd)
}
