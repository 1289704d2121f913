//! Builders of frames, header by header, for tests that need exact ones.

/// Ethernet header and `body`.
pub fn ethernet(ether_type: u16, body: &[u8]) -> Vec<u8> {
    let mut p = vec![0x02, 0, 0, 0, 0, 0xdd, 0x02, 0, 0, 0, 0, 0x55];
    p.extend(ether_type.to_be_bytes());
    p.extend(body);
    p
}

/// An 802.1Q tag in front of `body`, which is of `ether_type`.
pub fn vlan(id: u16, ether_type: u16, body: &[u8]) -> Vec<u8> {
    let mut p = id.to_be_bytes().to_vec();
    p.extend(ether_type.to_be_bytes());
    p.extend(body);
    p
}

/// IPv4 from 10.0.0.1 to 10.0.0.2.
pub fn ipv4(protocol: u8, body: &[u8]) -> Vec<u8> {
    ipv4_with(protocol, 0, &[], body)
}

/// IPv4 with a fragment field and options (a multiple of four bytes).
pub fn ipv4_with(protocol: u8, fragment: u16, options: &[u8], body: &[u8]) -> Vec<u8> {
    let header = 20 + options.len();
    let mut p = vec![0x40 | (header / 4) as u8, 0];
    p.extend(((header + body.len()) as u16).to_be_bytes());
    p.extend([0x12, 0x34]);
    p.extend(fragment.to_be_bytes());
    p.extend([63, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    p.extend(options);
    p.extend(body);
    p
}

/// IPv6 from fd00::1 to fd00::2.
pub fn ipv6(next_header: u8, body: &[u8]) -> Vec<u8> {
    let mut p = vec![0x60, 0, 0, 0];
    p.extend((body.len() as u16).to_be_bytes());
    p.extend([next_header, 62]);
    for last in [1, 2] {
        p.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    p.extend(body);
    p
}

/// TCP 40000 -> 80, sequence number 1000, with options (a multiple of four bytes).
pub fn tcp(flags: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut p = vec![0x9c, 0x40, 0, 80, 0, 0, 3, 0xe8, 0, 0, 7, 0xd0];
    p.extend([(((20 + options.len()) / 4) as u8) << 4, flags, 0x10, 0, 0, 0, 0, 0]);
    p.extend(options);
    p.extend(payload);
    p
}

/// UDP from port 40000.
pub fn udp(dst_port: u16, payload: &[u8]) -> Vec<u8> {
    let mut p = vec![0x9c, 0x40];
    p.extend(dst_port.to_be_bytes());
    p.extend((8 + payload.len() as u16).to_be_bytes());
    p.extend([0, 0]);
    p.extend(payload);
    p
}

/// A VXLAN header in front of an Ethernet frame, for UDP port 4789.
pub fn vxlan(vni: u32, frame: &[u8]) -> Vec<u8> {
    let mut p = vec![0x08, 0, 0, 0];
    p.extend((vni << 8).to_be_bytes());
    p.extend(frame);
    p
}
