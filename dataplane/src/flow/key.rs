//! What makes two packets one flow: both directions normalise to the same key.

use fathom_parsers::packet::{Packet, TunnelType};
use std::hash::{Hash, Hasher};

/// One of a flow's two ends, in the key's own order. Which of them is the client is a separate
/// fact that may change; the key never does.
pub type Side = usize;

/// Identity of a flow on one capture interface.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
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

impl FlowKey {
    /// What is not an address, in two words.
    #[inline(always)]
    fn rest(&self) -> (u64, u64) {
        let ends = u64::from(self.port[0])
            | u64::from(self.port[1]) << 16
            | u64::from(self.tunnel_id) << 32;
        let kind = u64::from(self.eth_type)
            | u64::from(self.interface) << 16
            | u64::from(self.protocol) << 32
            | u64::from(self.tunnel) << 40;
        (ends, kind)
    }
}

impl PartialEq for FlowKey {
    #[inline(always)]
    fn eq(&self, o: &Self) -> bool {
        let ip = |k: &Self, side: usize| u128::from_ne_bytes(k.ip[side]);
        let ips = (ip(self, 0) ^ ip(o, 0)) | (ip(self, 1) ^ ip(o, 1));
        let (a, b) = (self.rest(), o.rest());
        ips == 0 && ((a.0 ^ b.0) | (a.1 ^ b.1)) == 0
    }
}

impl Eq for FlowKey {}

impl Hash for FlowKey {
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Words meet the seed two by two and never each other before it: no two keys collide under
        // every seed.
        state.write_u128(u128::from_ne_bytes(self.ip[0]));
        state.write_u128(u128::from_ne_bytes(self.ip[1]));
        let (ends, kind) = self.rest();
        state.write_u128(u128::from(ends) << 64 | u128::from(kind));
    }
}

impl FlowKey {
    /// The key of a packet and the side that sent it.
    #[inline(always)]
    pub fn of(p: &Packet<'_>, interface: u16) -> (Self, Side) {
        let mut src = p.src.0;
        let mut dst = p.dst.0;
        if !is_ip(p.eth_type) && p.src.0 == [0; 16] && p.dst.0 == [0; 16] {
            src[..6].copy_from_slice(&p.mac_src);
            dst[..6].copy_from_slice(&p.mac_dst);
        }
        let (from, to) = (u128::from_le_bytes(src), u128::from_le_bytes(dst));
        let sender = usize::from(from > to || from == to && p.src_port > p.dst_port);
        let (ip, port) = match sender {
            0 => ([src, dst], [p.src_port, p.dst_port]),
            _ => ([dst, src], [p.dst_port, p.src_port]),
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
