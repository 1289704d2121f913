//! Why a frame could not be decoded. Each kind is a counter of the decode stage.

/// One counted reason per kind. Reported as `decode_error.<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DecodeError {
    /// The capture ends inside the link header.
    LinkTruncated,
    /// BSD loopback header with an address family that is neither IPv4 nor IPv6.
    LoopbackFamily,
    /// Raw IP frame whose version nibble is neither 4 nor 6.
    RawIpVersion,
    /// The capture ends inside a VLAN tag.
    VlanTruncated,
    /// More VLAN tags than any network uses.
    VlanDepth,
    /// MPLS label stack cut short, too deep, or over a payload that is not IP.
    Mpls,
    /// PPPoE session header cut short.
    PppoeTruncated,
    /// The capture ends inside the IPv4 header.
    Ipv4Truncated,
    /// Version nibble is not 4 under the IPv4 EtherType.
    Ipv4Version,
    /// IPv4 header length below 20 bytes.
    Ipv4HeaderLength,
    /// IPv4 total length smaller than its header.
    Ipv4TotalLength,
    /// The capture ends inside the IPv6 header.
    Ipv6Truncated,
    /// Version nibble is not 6 under the IPv6 EtherType.
    Ipv6Version,
    /// The capture or the payload length ends inside an extension header.
    ExtensionTruncated,
    /// More IPv6 extension headers than allowed.
    ExtensionDepth,
    /// The capture ends inside the first 20 bytes of the TCP header.
    TcpTruncated,
    /// TCP data offset below 20 bytes or beyond the packet.
    TcpHeaderLength,
    /// The capture ends inside the UDP header.
    UdpTruncated,
    /// UDP length below 8.
    UdpLength,
    /// The capture ends inside the ICMP header.
    IcmpTruncated,
}

impl DecodeError {
    /// Every kind, in the order of [`DecodeError::index`].
    pub const ALL: &[Self] = &[
        Self::LinkTruncated,
        Self::LoopbackFamily,
        Self::RawIpVersion,
        Self::VlanTruncated,
        Self::VlanDepth,
        Self::Mpls,
        Self::PppoeTruncated,
        Self::Ipv4Truncated,
        Self::Ipv4Version,
        Self::Ipv4HeaderLength,
        Self::Ipv4TotalLength,
        Self::Ipv6Truncated,
        Self::Ipv6Version,
        Self::ExtensionTruncated,
        Self::ExtensionDepth,
        Self::TcpTruncated,
        Self::TcpHeaderLength,
        Self::UdpTruncated,
        Self::UdpLength,
        Self::IcmpTruncated,
    ];

    /// How many kinds there are: the length of a counter array.
    pub const COUNT: usize = Self::ALL.len();

    /// Position in [`DecodeError::ALL`], for counter arrays.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Counter name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinkTruncated => "link_truncated",
            Self::LoopbackFamily => "loopback_family",
            Self::RawIpVersion => "raw_ip_version",
            Self::VlanTruncated => "vlan_truncated",
            Self::VlanDepth => "vlan_depth",
            Self::Mpls => "mpls",
            Self::PppoeTruncated => "pppoe_truncated",
            Self::Ipv4Truncated => "ipv4_truncated",
            Self::Ipv4Version => "ipv4_version",
            Self::Ipv4HeaderLength => "ipv4_header_length",
            Self::Ipv4TotalLength => "ipv4_total_length",
            Self::Ipv6Truncated => "ipv6_truncated",
            Self::Ipv6Version => "ipv6_version",
            Self::ExtensionTruncated => "extension_truncated",
            Self::ExtensionDepth => "extension_depth",
            Self::TcpTruncated => "tcp_truncated",
            Self::TcpHeaderLength => "tcp_header_length",
            Self::UdpTruncated => "udp_truncated",
            Self::UdpLength => "udp_length",
            Self::IcmpTruncated => "icmp_truncated",
        }
    }
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::error::Error for DecodeError {}
