//! One packet's headers, decoded: what the flow stage needs and nothing more.
//!
//! Produced by [`crate::headers::decode`]; the payload borrows from the frame. Addresses are
//! always 16 bytes, IPv4 as `::ffff:a.b.c.d`, so that both families take one path.

/// An IP address of either family in network byte order; IPv4 is v4-mapped (RFC 4291 2.5.5.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Addr(pub [u8; 16]);

impl Addr {
    const V4_PREFIX: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

    /// The v4-mapped form of an IPv4 address.
    pub const fn v4(a: [u8; 4]) -> Self {
        let mut b = [0; 16];
        b[10] = 0xff;
        b[11] = 0xff;
        b[12] = a[0];
        b[13] = a[1];
        b[14] = a[2];
        b[15] = a[3];
        Self(b)
    }

    /// The four bytes of a v4-mapped address; `None` for IPv6.
    pub fn as_v4(&self) -> Option<[u8; 4]> {
        (self.0[..12] == Self::V4_PREFIX).then(|| [self.0[12], self.0[13], self.0[14], self.0[15]])
    }

    /// As the standard library's type, v4-mapped addresses as IPv4.
    pub fn to_std(&self) -> std::net::IpAddr {
        match self.as_v4() {
            Some(b) => std::net::IpAddr::V4(b.into()),
            None => std::net::IpAddr::V6(self.0.into()),
        }
    }
}

impl std::fmt::Debug for Addr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_std().fmt(f)
    }
}

impl From<std::net::IpAddr> for Addr {
    fn from(a: std::net::IpAddr) -> Self {
        match a {
            std::net::IpAddr::V4(v) => Self::v4(v.octets()),
            std::net::IpAddr::V6(v) => Self(v.octets()),
        }
    }
}

/// IP protocol numbers this crate names (IANA "Assigned Internet Protocol Numbers").
pub mod ip_proto {
    #![allow(missing_docs, reason = "the IANA names say it")]
    pub const ICMP: u8 = 1;
    pub const IPIP: u8 = 4;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const DCCP: u8 = 33;
    pub const IPV6: u8 = 41;
    pub const GRE: u8 = 47;
    pub const ESP: u8 = 50;
    pub const AH: u8 = 51;
    pub const ICMPV6: u8 = 58;
    pub const IPV6_OPTIONS: u8 = 60;
    pub const L2TP: u8 = 115;
    pub const SCTP: u8 = 132;
    pub const UDP_LITE: u8 = 136;
}

/// TCP flag bits (RFC 9293 3.1).
pub mod tcp_flags {
    #![allow(missing_docs, reason = "the RFC names say it")]
    pub const FIN: u8 = 0x01;
    pub const SYN: u8 = 0x02;
    pub const RST: u8 = 0x04;
    pub const PSH: u8 = 0x08;
    pub const ACK: u8 = 0x10;
    pub const URG: u8 = 0x20;
}

/// TCP header fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// Sequence number of the first payload byte (or of SYN).
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Flag bits, see [`tcp_flags`].
    pub flags: u8,
    /// Window as sent, unscaled.
    pub window: u16,
    /// Window scale option; `None` when absent.
    pub wscale: Option<u8>,
    /// Maximum segment size option; 0 when absent.
    pub mss: u16,
    /// SACK-permitted option seen.
    pub sack_permitted: bool,
    /// A SACK block was present.
    pub sack: bool,
}

/// ICMP and ICMPv6 header fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Icmp {
    /// Message type.
    pub kind: u8,
    /// Message code.
    pub code: u8,
    /// Identifier of an echo message, else 0.
    pub id: u16,
    /// Sequence number of an echo message, else 0.
    pub seq: u16,
}

/// The transport header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp(Tcp),
    /// UDP.
    Udp,
    /// ICMP or ICMPv6.
    Icmp(Icmp),
    /// Any other IP protocol, or a later fragment: no more than ports was read, if it has those.
    #[default]
    Other,
}

/// Where a fragment belongs (RFC 791 3.2, RFC 8200 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification; 16 bits in IPv4.
    pub id: u32,
    /// Offset of this fragment's first byte in the datagram's payload, in bytes.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
    /// Bytes of IPv6 extension headers that this, the first fragment, has in its payload.
    pub extensions: u32,
}

/// Tunnel kinds, with the ids stored in `tunnel_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TunnelType {
    /// Not tunnelled.
    #[default]
    None = 0,
    /// RFC 7348.
    Vxlan = 1,
    /// IP in IP: RFC 2003, 6in4, 4in6.
    Ipip = 2,
    /// RFC 2784 carrying IP or MPLS.
    Gre = 3,
    /// RFC 8926.
    Geneve = 4,
    /// VXLAN-GPE with NSH, RFC 8300.
    VxlanNsh = 5,
    /// ERSPAN types I, II, III.
    Erspan = 6,
    /// Transparent Ethernet bridging over GRE.
    Teb = 7,
    /// GTP-U.
    GtpU = 8,
    /// L2TPv3, RFC 3931, carrying Ethernet.
    L2tpV3 = 9,
    /// MPLS in UDP, RFC 7510.
    MplsUdp = 10,
}

/// The outermost tunnel a packet came through. Nested ones only raise `tier`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tunnel {
    /// What kind.
    pub kind: TunnelType,
    /// How many tunnels were removed; 0 for none.
    pub tier: u8,
    /// VNI, key, TEID, session or label.
    pub id: u32,
    /// Underlay source.
    pub src: Addr,
    /// Underlay destination.
    pub dst: Addr,
    /// Underlay source MAC.
    pub mac_src: [u8; 6],
    /// Underlay destination MAC.
    pub mac_dst: [u8; 6],
}

/// The (innermost) headers of one packet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packet<'a> {
    /// Source MAC; zero where the link has none.
    pub mac_src: [u8; 6],
    /// Destination MAC; zero where the link has none.
    pub mac_dst: [u8; 6],
    /// EtherType of the network layer, for instance 0x0800.
    pub eth_type: u16,
    /// VLAN id of the outermost 802.1Q tag, 0 for none.
    pub vlan: u16,
    /// Source address; zero when the packet is not IP.
    pub src: Addr,
    /// Destination address; zero when the packet is not IP.
    pub dst: Addr,
    /// IPv4 rather than IPv6.
    pub is_ipv4: bool,
    /// Time to live or hop limit.
    pub ttl: u8,
    /// IPv4 identification, 0 for IPv6.
    pub ip_id: u16,
    /// IP protocol number of the transport.
    pub protocol: u8,
    /// Source port; 0 when there is none.
    pub src_port: u16,
    /// Destination port; 0 when there is none.
    pub dst_port: u16,
    /// Transport header.
    pub transport: Transport,
    /// Set when the packet is a fragment.
    pub fragment: Option<Fragment>,
    /// Bytes on the wire from the Ethernet header on, padding included: from the inner one behind
    /// a tunnel that carries Ethernet, and less the outer IP and tunnel headers behind one that
    /// carries IP.
    pub wire_len: u32,
    /// Bytes of IP payload (behind the IPv4 header, behind the fixed IPv6 header) by the IP
    /// header's own length; for packets that are not IP, the link payload.
    pub l3_payload_len: u32,
    /// Bytes behind the transport header, by the headers' own lengths.
    pub l4_payload_len: u32,
    /// The captured part of those bytes: as long as `l4_payload_len`, shorter when truncated.
    pub payload: &'a [u8],
    /// Outermost tunnel removed.
    pub tunnel: Tunnel,
}
