//! Frames in, packets out: every link, tunnel and way to fail.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::headers::{Decap, DecodeError, Link, decode};
use fathom_parsers::packet::{Addr, Fragment, Packet, Transport, TunnelType, tcp_flags};
use fathom_parsers::testing::frames::*;

fn try_link<'a>(link: Link, frame: &'a [u8]) -> Result<Packet<'a>, DecodeError> {
    let mut packet = Packet { ttl: 99, ip_id: 99, vlan: 99, ..Packet::default() };
    decode(link, frame, frame.len() as u32, 0, Decap::ALL, &mut packet).map(|()| packet)
}

fn try_ethernet(frame: &[u8]) -> Result<Packet<'_>, DecodeError> {
    try_link(Link::Ethernet, frame)
}

fn v4(last: u8) -> Addr {
    Addr::v4([10, 0, 0, last])
}

fn v6(last: u8) -> Addr {
    Addr([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last])
}

#[test]
fn tcp_over_ipv4() {
    let options = [2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    let frame = ethernet(0x0800, &ipv4(6, &tcp(tcp_flags::SYN, &options, b"hello")));
    let p = try_ethernet(&frame).unwrap();
    assert_eq!((p.mac_src[5], p.mac_dst[5], p.eth_type, p.vlan), (0x55, 0xdd, 0x0800, 0));
    assert_eq!((p.src, p.dst, p.is_ipv4, p.ttl, p.ip_id), (v4(1), v4(2), true, 63, 0x1234));
    assert_eq!((p.protocol, p.src_port, p.dst_port), (6, 40000, 80));
    let Transport::Tcp(t) = p.transport else { panic!("{p:?}") };
    assert_eq!((t.seq, t.ack, t.flags, t.window), (1000, 2000, tcp_flags::SYN, 4096));
    assert_eq!((t.mss, t.wscale, t.sack_permitted, t.sack), (1460, Some(7), true, true));
    assert_eq!((p.wire_len, p.l3_payload_len, p.l4_payload_len), (79, 45, 5));
    assert_eq!((p.payload, p.fragment), (&b"hello"[..], None));
}

#[test]
fn padding_is_not_payload() {
    let mut frame = ethernet(0x0800, &ipv4(6, &tcp(tcp_flags::ACK, &[], b"")));
    frame.resize(60, 0xaa);
    let p = try_ethernet(&frame).unwrap();
    assert_eq!((p.wire_len, p.l3_payload_len, p.l4_payload_len), (60, 20, 0));
    assert!(p.payload.is_empty());
    // UDP's own length cuts too, and so does an 802.3 length.
    let mut datagram = udp(53, b"abc");
    datagram.extend(b"surplus");
    let frame = ethernet(0x0800, &ipv4(17, &datagram));
    let p = try_ethernet(&frame).unwrap();
    assert_eq!((p.payload, p.l4_payload_len, p.l3_payload_len), (&b"abc"[..], 3, 18));
    let mut llc = ethernet(7, &[0x42, 0x42, 3, 0, 0, 0, 0]);
    llc.resize(60, 0);
    let p = try_ethernet(&llc).unwrap();
    assert_eq!((p.eth_type, p.payload.len(), p.wire_len), (4, 7, 60));
}

#[test]
fn captures_cut_short_keep_the_lengths() {
    let frame = ethernet(0x0800, &ipv4(6, &tcp(tcp_flags::ACK, &[1; 12], &[7; 500])));
    for cut in 54..frame.len() {
        let mut p = Packet::default();
        decode(Link::Ethernet, &frame[..cut], frame.len() as u32, 0, Decap::ALL, &mut p).unwrap();
        assert_eq!((p.wire_len, p.l3_payload_len, p.l4_payload_len), (566, 532, 500));
        assert_eq!(p.payload.len(), cut.saturating_sub(66));
    }
    // A writer that did not note the original length: the headers still say it.
    let p = try_ethernet(&frame[..100]).unwrap();
    assert_eq!((p.wire_len, p.l4_payload_len, p.payload.len()), (100, 500, 34));
}

#[test]
fn length_zero_means_to_the_end() {
    let mut frame = ethernet(0x0800, &ipv4(6, &tcp(tcp_flags::ACK, &[], &[7; 3000])));
    frame[16..18].copy_from_slice(&[0, 0]);
    let p = try_ethernet(&frame).unwrap();
    assert_eq!((p.l3_payload_len, p.l4_payload_len, p.payload.len()), (3020, 3000, 3000));
    let mut frame = ethernet(0x86dd, &ipv6(17, &udp(53, &[7; 10])));
    frame[18..20].copy_from_slice(&[0, 0]);
    frame[58..60].copy_from_slice(&[0, 0]);
    let p = try_ethernet(&frame).unwrap();
    assert_eq!((p.l3_payload_len, p.l4_payload_len, p.payload.len()), (18, 10, 10));
}

#[test]
fn tags_labels_and_sessions() {
    let ip = ipv4(17, &udp(53, b"x"));
    let tagged = ethernet(0x8100, &vlan(0x2064, 0x0800, &ip));
    assert_eq!(try_ethernet(&tagged).unwrap().vlan, 0x064);
    let twice = ethernet(0x88a8, &vlan(200, 0x8100, &vlan(7, 0x0800, &ip)));
    let p = try_ethernet(&twice).unwrap();
    assert_eq!((p.vlan, p.dst_port, p.wire_len), (200, 53, 14 + 8 + 29));
    let mut stripped = Packet::default();
    decode(Link::Ethernet, &tagged, 47, 0x6005, Decap::ALL, &mut stripped).unwrap();
    assert_eq!(stripped.vlan, 5, "the tag the kernel took out is the outer one");

    let mut labels = vec![0, 0x01, 0x00, 64, 0, 0x02, 0x01, 64];
    labels.extend(&ip);
    let mpls = ethernet(0x8847, &labels);
    assert_eq!(try_ethernet(&mpls).unwrap().dst_port, 53);
    let mut ppp = vec![0x11, 0, 0, 1];
    ppp.extend((ip.len() as u16 + 2).to_be_bytes());
    ppp.extend([0x00, 0x21]);
    ppp.extend(&ip);
    let pppoe = ethernet(0x8864, &ppp);
    assert_eq!(try_ethernet(&pppoe).unwrap().dst_port, 53);
    let snap_body = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip[..]].concat();
    let snap = ethernet(snap_body.len() as u16, &snap_body);
    assert_eq!(try_ethernet(&snap).unwrap().dst_port, 53);
}

#[test]
fn what_is_not_ip_is_counted_as_it_is() {
    for ether_type in [0x0806, 0x88cc, 0x8899] {
        let frame = ethernet(ether_type, &[0; 46]);
        let p = try_ethernet(&frame).unwrap();
        assert_eq!(
            (p.eth_type, p.src, p.transport),
            (ether_type, Addr::default(), Transport::Other)
        );
        assert_eq!((p.wire_len, p.l3_payload_len, p.ttl), (60, 46, 0));
    }
}

#[test]
fn other_links() {
    let ip = ipv4(17, &udp(53, b"x"));
    let six = ipv6(17, &udp(53, b"x"));
    let sll = [&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0], &ip[..]].concat();
    let p = try_link(Link::LinuxSll, &sll).unwrap();
    assert_eq!((p.dst_port, p.mac_src, p.wire_len), (53, [2, 0, 0, 0, 0, 9], 45));
    let mut sll2 = vec![0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 9, 0, 0];
    sll2.extend(&six);
    let p = try_link(Link::LinuxSll2, &sll2).unwrap();
    assert_eq!((p.dst_port, p.mac_src, p.src), (53, [2, 0, 0, 0, 0, 9], v6(1)));
    for raw in [&ip, &six] {
        assert_eq!(try_link(Link::RawIp, raw).unwrap().dst_port, 53);
    }
    for (family, body) in [
        ([2, 0, 0, 0], &ip),
        ([0, 0, 0, 2], &ip),
        ([30, 0, 0, 0], &six),
        ([0, 0, 0, 24], &six),
        ([10, 0, 0, 0], &six),
    ] {
        let frame = [&family[..], body].concat();
        assert_eq!(try_link(Link::Null, &frame).unwrap().dst_port, 53);
    }
}

#[test]
fn fragments() {
    let datagram = udp(53, &[7; 2992]);
    let first = ethernet(0x0800, &ipv4_with(17, 0x2000, &[], &datagram[..1480]));
    let p = try_ethernet(&first).unwrap();
    assert_eq!(p.fragment, Some(Fragment { id: 0x1234, offset: 0, more: true, extensions: 0 }));
    assert_eq!((p.transport, p.dst_port, p.l4_payload_len), (Transport::Udp, 53, 1472));
    let last = ethernet(0x0800, &ipv4_with(17, 185, &[], &datagram[1480..]));
    let p = try_ethernet(&last).unwrap();
    assert_eq!(p.fragment, Some(Fragment { id: 0x1234, offset: 1480, more: false, extensions: 0 }));
    assert_eq!((p.transport, p.src_port, p.dst_port, p.protocol), (Transport::Other, 0, 0, 17));
    assert_eq!((p.l4_payload_len, p.payload.len()), (1520, 1520));

    let six = |field: u16, body: &[u8]| {
        let mut f = vec![17, 0];
        f.extend(field.to_be_bytes());
        f.extend([0xde, 0xad, 0xbe, 0xef]);
        f.extend(body);
        ethernet(0x86dd, &ipv6(44, &f))
    };
    let first = six(1, &datagram[..1448]);
    let p = try_ethernet(&first).unwrap();
    assert_eq!(
        p.fragment,
        Some(Fragment { id: 0xdead_beef, offset: 0, more: true, extensions: 0 })
    );
    assert_eq!((p.dst_port, p.l3_payload_len, p.l4_payload_len), (53, 1456, 1440));
    let last = six(1448, &datagram[1448..]);
    let p = try_ethernet(&last).unwrap();
    assert_eq!(
        p.fragment,
        Some(Fragment { id: 0xdead_beef, offset: 1448, more: false, extensions: 0 })
    );
    assert_eq!((p.transport, p.protocol), (Transport::Other, 17));
    let atomic = six(0, &udp(53, b"x"));
    let p = try_ethernet(&atomic).unwrap();
    assert_eq!((p.fragment, p.payload), (None, &b"x"[..]));
}

#[test]
fn ipv6_extension_headers() {
    let mut body = vec![60, 0, 1, 4, 0, 0, 0, 0]; // hop by hop -> destination
    body.extend([43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // -> routing
    body.extend([51, 0, 0, 0, 0, 0, 0, 0]); // -> authentication
    body.extend([6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9]); // -> TCP
    let extensions = body.len() as u32;
    body.extend(tcp(tcp_flags::ACK, &[], b"hi"));
    let frame = ethernet(0x86dd, &ipv6(0, &body));
    let p = try_ethernet(&frame).unwrap();
    assert_eq!((p.protocol, p.dst_port, p.payload, p.ttl), (6, 80, &b"hi"[..], 62));
    assert_eq!((p.l3_payload_len, p.l4_payload_len), (extensions + 22, 2));
    let endless = [60u8, 0, 0, 0, 0, 0, 0, 0].repeat(40);
    let frame = ethernet(0x86dd, &ipv6(60, &endless));
    assert_eq!(try_ethernet(&frame).unwrap_err(), DecodeError::ExtensionDepth);
    let none = ethernet(0x86dd, &ipv6(59, &[]));
    assert_eq!(try_ethernet(&none).unwrap().transport, Transport::Other);
}

#[test]
fn icmp_echo() {
    let frame = ethernet(0x0800, &ipv4(1, &[8, 0, 0, 0, 0x12, 0x34, 0, 5, 1, 2, 3]));
    let Transport::Icmp(i) = try_ethernet(&frame).unwrap().transport else { panic!() };
    assert_eq!((i.kind, i.code, i.id, i.seq), (8, 0, 0x1234, 5));
    let frame = ethernet(0x86dd, &ipv6(58, &[129, 0, 0, 0, 0x12, 0x34, 0, 5]));
    let p = try_ethernet(&frame).unwrap();
    let Transport::Icmp(i) = p.transport else { panic!() };
    assert_eq!((i.kind, i.id, i.seq, p.l4_payload_len), (129, 0x1234, 5, 0));
    let frame = ethernet(0x0800, &ipv4(1, &[3, 1, 0, 0, 0x12, 0x34, 0, 5]));
    let Transport::Icmp(i) = try_ethernet(&frame).unwrap().transport else { panic!() };
    assert_eq!((i.kind, i.code, i.id, i.seq), (3, 1, 0, 0), "no echo, no identifier");
}

#[test]
fn vxlan_over_both_families() {
    let inner = ethernet(0x86dd, &ipv6(6, &tcp(tcp_flags::ACK, &[], b"inner")));
    for port in [4789, 8472] {
        for outer in [
            ethernet(0x0800, &ipv4(17, &udp(port, &vxlan(0x00ab_cdef, &inner)))),
            ethernet(0x86dd, &ipv6(17, &udp(port, &vxlan(0x00ab_cdef, &inner)))),
        ] {
            let p = try_ethernet(&outer).unwrap();
            assert_eq!((p.src, p.is_ipv4, p.payload), (v6(1), false, &b"inner"[..]));
            assert_eq!((p.wire_len, p.ip_id), (inner.len() as u32, 0));
            let t = p.tunnel;
            assert_eq!((t.kind, t.tier, t.id), (TunnelType::Vxlan, 1, 0x00ab_cdef));
            assert!(t.src == v4(1) && t.dst == v4(2) || t.src == v6(1) && t.dst == v6(2));
            assert_eq!((t.mac_src[5], t.mac_dst[5]), (0x55, 0xdd));
        }
    }
    let frame = ethernet(0x0800, &ipv4(17, &udp(4789, &vxlan(1, &inner))));
    let mut p = Packet::default();
    let without = Decap::ALL.without(TunnelType::Vxlan);
    decode(Link::Ethernet, &frame, frame.len() as u32, 0, without, &mut p).unwrap();
    assert_eq!((p.tunnel.tier, p.dst_port, p.wire_len), (0, 4789, frame.len() as u32));
    let mut no_flag = frame.clone();
    no_flag[42] = 0;
    assert_eq!(try_ethernet(&no_flag).unwrap().tunnel.tier, 0, "the I flag is not set");
    let arp = ethernet(0x0800, &ipv4(17, &udp(4789, &vxlan(1, &ethernet(0x0806, &[0; 28])))));
    let p = try_ethernet(&arp).unwrap();
    assert_eq!((p.eth_type, p.tunnel.tier, p.src), (0x0806, 1, Addr::default()));
    assert_eq!(
        (p.src_port, p.dst_port, p.protocol, p.ttl),
        (0, 0, 0, 0),
        "nothing of the outer one"
    );
}

#[test]
fn nested_tunnels_up_to_four() {
    let mut frame = ethernet(0x0800, &ipv4(6, &tcp(tcp_flags::ACK, &[], b"inner")));
    for vni in 1..=6 {
        let packet = try_ethernet(&frame).unwrap();
        assert_eq!(u32::from(packet.tunnel.tier), (vni - 1).min(4));
        assert_eq!(packet.dst_port, if vni <= 5 { 80 } else { 4789 });
        frame = ethernet(0x0800, &ipv4(17, &udp(4789, &vxlan(vni, &frame))));
    }
    assert_eq!(try_ethernet(&frame).unwrap().tunnel.id, 6, "the outermost one is kept");
}

#[test]
fn ip_in_ip() {
    let segment = tcp(tcp_flags::ACK, &[], b"inner");
    let (four, six) = (ipv4(6, &segment), ipv6(6, &segment));
    let both = [
        (ethernet(0x0800, &ipv4(4, &four)), 20, true),
        (ethernet(0x0800, &ipv4(41, &six)), 20, false),
        (ethernet(0x86dd, &ipv6(4, &four)), 40, true),
        (ethernet(0x86dd, &ipv6(41, &six)), 40, false),
        (ethernet(0x8100, &vlan(9, 0x0800, &ipv4(4, &four))), 20, true),
    ];
    for (frame, overhead, is_ipv4) in &both {
        let p = try_ethernet(frame).unwrap();
        assert_eq!((p.payload, p.is_ipv4), (&b"inner"[..], *is_ipv4));
        assert_eq!(p.wire_len, frame.len() as u32 - overhead, "less the outer IP header only");
        assert_eq!((p.tunnel.kind, p.tunnel.tier), (TunnelType::Ipip, 1));
        assert_eq!(p.mac_src[5], 0x55);
    }
}

#[test]
fn gre_and_its_kin() {
    let inner = ethernet(0x0800, &ipv4(6, &tcp(tcp_flags::ACK, &[], b"inner")));
    let gre = |header: &[u8], body: &[u8]| ethernet(0x0800, &ipv4(47, &[header, body].concat()));
    let with_key = [0x20, 0, 0x65, 0x58, 0, 0, 5, 0];
    let p_ip = gre(&[0xb0, 0, 8, 0, 9, 9, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1], &inner[14..]);
    let p_teb = gre(&with_key, &inner);
    let erspan_1 = gre(&[0, 0, 0x88, 0xbe], &inner);
    let erspan_2 = gre(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 33, 0, 0, 0, 0], &inner);
    let header_3 = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 34, 0, 0, 0, 0, 0, 0, 0, 0];
    let erspan_3 = gre(&header_3, &inner);
    for (frame, kind, id) in [
        (&p_ip, TunnelType::Gre, 7),
        (&p_teb, TunnelType::Teb, 0x500),
        (&erspan_1, TunnelType::Erspan, 0),
        (&erspan_2, TunnelType::Erspan, 33),
        (&erspan_3, TunnelType::Erspan, 34),
    ] {
        let p = try_ethernet(frame).unwrap();
        assert_eq!((p.tunnel.kind, p.tunnel.id, p.payload), (kind, id, &b"inner"[..]));
        let header = frame.len() - 34 - inner.len();
        let wire_len = if kind == TunnelType::Gre { frame.len() - 20 - 16 } else { inner.len() };
        assert_eq!(p.wire_len as usize, wire_len, "{kind:?} {header}");
    }
    let pptp = gre(&[0x30, 1, 0x88, 0x0b, 0, 4, 0, 0, 0, 0, 0, 1], b"data");
    assert_eq!(try_ethernet(&pptp).unwrap().transport, Transport::Other);
}

#[test]
fn every_error_has_a_frame() {
    use DecodeError::*;
    let ip = |change: fn(&mut Vec<u8>)| {
        let mut p = ipv4(6, &tcp(tcp_flags::ACK, &[], b""));
        change(&mut p);
        ethernet(0x0800, &p)
    };
    let cases: Vec<(DecodeError, Link, Vec<u8>)> = vec![
        (LinkTruncated, Link::Ethernet, vec![0; 13]),
        (LinkTruncated, Link::LinuxSll, vec![0; 15]),
        (LinkTruncated, Link::LinuxSll2, vec![0; 19]),
        (LinkTruncated, Link::Null, vec![0; 3]),
        (LinkTruncated, Link::RawIp, vec![]),
        (LoopbackFamily, Link::Null, vec![99, 0, 0, 0]),
        (RawIpVersion, Link::RawIp, vec![0x55; 40]),
        (VlanTruncated, Link::Ethernet, ethernet(0x8100, &[0, 1, 8])),
        (VlanDepth, Link::Ethernet, ethernet(0x8100, &[0, 1, 0x81, 0].repeat(6))),
        (Mpls, Link::Ethernet, ethernet(0x8847, &[0; 6])),
        (PppoeTruncated, Link::Ethernet, ethernet(0x8864, &[0; 6])),
        (Ipv4Truncated, Link::Ethernet, ethernet(0x0800, &[0x45; 19])),
        (
            Ipv4Truncated,
            Link::Ethernet,
            ip(|p| {
                p[0] = 0x4f;
                p[3] = 60;
            }),
        ),
        (Ipv4Version, Link::Ethernet, ip(|p| p[0] = 0x65)),
        (Ipv4HeaderLength, Link::Ethernet, ip(|p| p[0] = 0x44)),
        (Ipv4TotalLength, Link::Ethernet, ip(|p| p[3] = 19)),
        (Ipv6Truncated, Link::Ethernet, ethernet(0x86dd, &[0x60; 39])),
        (Ipv6Version, Link::Ethernet, ethernet(0x86dd, &[0x40; 40])),
        (ExtensionTruncated, Link::Ethernet, ethernet(0x86dd, &ipv6(0, &[6, 3, 0, 0, 0, 0, 0, 0]))),
        (
            ExtensionDepth,
            Link::Ethernet,
            ethernet(0x86dd, &ipv6(60, &[60, 0, 0, 0, 0, 0, 0, 0].repeat(12))),
        ),
        (TcpTruncated, Link::Ethernet, ethernet(0x0800, &ipv4(6, &[0; 19]))),
        (TcpHeaderLength, Link::Ethernet, ip(|p| p[32] = 0x40)),
        (TcpHeaderLength, Link::Ethernet, ip(|p| p[32] = 0x60)),
        (UdpTruncated, Link::Ethernet, ethernet(0x0800, &ipv4(17, &[0; 7]))),
        (UdpLength, Link::Ethernet, ethernet(0x0800, &ipv4(17, &[0, 1, 0, 2, 0, 7, 0, 0]))),
        (IcmpTruncated, Link::Ethernet, ethernet(0x0800, &ipv4(1, &[8, 0, 0, 0]))),
    ];
    for (error, link, frame) in &cases {
        assert_eq!(try_link(*link, frame).unwrap_err(), *error);
    }
    let mut names = std::collections::HashSet::new();
    for (i, error) in DecodeError::ALL.iter().enumerate() {
        assert_eq!(error.index(), i);
        assert!(names.insert(error.name()), "{error} twice");
        assert!(cases.iter().any(|(e, ..)| e == error), "{error} has no frame");
    }
}

#[test]
fn nothing_of_the_packet_before_remains() {
    let inner = ethernet(0x0800, &ipv4_with(6, 0x2000, &[], &tcp(tcp_flags::ACK, &[], b"x")));
    let tunnelled = ethernet(0x8100, &vlan(3, 0x0800, &ipv4(17, &udp(4789, &vxlan(1, &inner)))));
    let arp = ethernet(0x0806, &[0; 28]);
    let (mut used, mut fresh) = (Packet::default(), Packet::default());
    decode(Link::Ethernet, &tunnelled, 200, 0, Decap::ALL, &mut used).unwrap();
    decode(Link::Ethernet, &arp, 42, 0, Decap::ALL, &mut used).unwrap();
    decode(Link::Ethernet, &arp, 42, 0, Decap::ALL, &mut fresh).unwrap();
    assert_eq!(format!("{used:?}"), format!("{fresh:?}"));
}
