//! Ethernet frames with UDP or TCP in them, put together by hand.

#![allow(dead_code, reason = "each test crate uses its part")]

/// What a frame is made of.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) ipv6: bool,
    pub(crate) protocol: u8,
    /// Third and fourth address octet of source and destination.
    pub(crate) hosts: [u16; 2],
    pub(crate) ports: [u16; 2],
    /// 32-bit words of IPv4 options.
    pub(crate) options: usize,
    pub(crate) fragment_offset: u16,
    /// 802.1Q tag in the frame.
    pub(crate) tag: Option<u16>,
    pub(crate) payload: Vec<u8>,
}

impl Default for Packet {
    fn default() -> Self {
        Self {
            ipv6: false,
            protocol: 17,
            hosts: [1, 2],
            ports: [40_000, 9000],
            options: 0,
            fragment_offset: 0,
            tag: None,
            payload: Vec::new(),
        }
    }
}

impl Packet {
    /// The frame from the Ethernet header on.
    pub(crate) fn ethernet(&self) -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        if let Some(tci) = self.tag {
            frame.extend([0x81, 0x00]);
            frame.extend(tci.to_be_bytes());
        }
        frame.extend(if self.ipv6 { [0x86, 0xdd] } else { [0x08, 0x00] });
        frame.extend(self.ip());
        frame
    }

    /// The frame from the IP header on.
    pub(crate) fn ip(&self) -> Vec<u8> {
        let mut transport = Vec::new();
        transport.extend(self.ports[0].to_be_bytes());
        transport.extend(self.ports[1].to_be_bytes());
        if self.protocol == 17 {
            transport.extend((8 + self.payload.len() as u16).to_be_bytes());
            transport.extend([0, 0]);
        } else {
            transport.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 1, 0, 0, 0, 0, 0]);
        }
        transport.extend(&self.payload);
        let mut ip = Vec::new();
        if self.ipv6 {
            ip.extend([0x60, 0, 0, 0]);
            ip.extend((transport.len() as u16).to_be_bytes());
            ip.extend([self.protocol, 64]);
            for host in self.hosts {
                ip.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                ip.extend(host.to_be_bytes());
            }
        } else {
            let header = 20 + 4 * self.options;
            ip.extend([0x40 | (header / 4) as u8, 0]);
            ip.extend(((header + transport.len()) as u16).to_be_bytes());
            ip.extend([0, 0]);
            ip.extend(self.fragment_offset.to_be_bytes());
            ip.extend([64, self.protocol, 0, 0]);
            for host in self.hosts {
                ip.extend([10, 9]);
                ip.extend(host.to_be_bytes());
            }
            ip.resize(header, 1);
            let sum: u32 = ip.chunks(2).map(|c| u32::from(c[0]) << 8 | u32::from(c[1])).sum();
            let sum = (sum & 0xffff) + (sum >> 16);
            ip[10..12].copy_from_slice(&(!(sum as u16)).to_be_bytes());
        }
        ip.extend(transport);
        ip
    }
}

/// Protocol of an IP packet without extension headers.
pub(crate) fn protocol(ip: &[u8]) -> u8 {
    if ip[0] >> 4 == 4 { ip[9] } else { ip[6] }
}

/// Addresses as 16 bytes, IPv4 mapped, and the first four bytes behind the header as ports.
pub(crate) fn ends(ip: &[u8]) -> ([u8; 16], [u8; 16], u16, u16) {
    let mut addresses = [[0; 16]; 2];
    let l4 = if ip[0] >> 4 == 4 {
        for (n, to) in addresses.iter_mut().enumerate() {
            to[10..12].copy_from_slice(&[0xff, 0xff]);
            to[12..].copy_from_slice(&ip[12 + 4 * n..16 + 4 * n]);
        }
        usize::from(ip[0] & 15) * 4
    } else {
        for (n, to) in addresses.iter_mut().enumerate() {
            to.copy_from_slice(&ip[8 + 16 * n..24 + 16 * n]);
        }
        40
    };
    let port = |at: usize| u16::from_be_bytes([ip[at], ip[at + 1]]);
    (addresses[0], addresses[1], port(l4), port(l4 + 2))
}
