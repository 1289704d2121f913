//! Tunnels beyond the plain ones of `headers.rs`: what is entered, what is stored of it, and above
//! all what is left alone because only its port looks like a tunnel.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::headers::{Decap, DecodeError, Link, decode, decode_joined};
use fathom_parsers::packet::{Addr, Fragment, Packet, Transport, TunnelType, tcp_flags};
use fathom_parsers::testing::frames::*;

fn packet(frame: &[u8]) -> Packet<'_> {
    let mut packet = Packet::default();
    decode(Link::Ethernet, frame, frame.len() as u32, 0, Decap::ALL, &mut packet).unwrap();
    packet
}

/// An IPv4 packet with a TCP segment that carries "inner".
fn four() -> Vec<u8> {
    ipv4(6, &tcp(tcp_flags::ACK, &[], b"inner"))
}

fn six() -> Vec<u8> {
    ipv6(6, &tcp(tcp_flags::ACK, &[], b"inner"))
}

/// The payload in UDP to `port`, on both underlays.
fn on_both(port: u16, payload: &[u8]) -> [Vec<u8>; 2] {
    let datagram = udp(port, payload);
    [ethernet(0x0800, &ipv4(17, &datagram)), ethernet(0x86dd, &ipv6(17, &datagram))]
}

/// Entered on both underlays, for an IP packet without `header` bytes more than the outer IP header.
fn entered(port: u16, payload: &[u8], kind: TunnelType, id: u32, inner_wire: usize) {
    for frame in on_both(port, payload) {
        let p = packet(&frame);
        assert_eq!((p.tunnel.kind, p.tunnel.tier, p.tunnel.id), (kind, 1, id), "{frame:02x?}");
        assert_eq!((p.payload, p.dst_port), (&b"inner"[..], 80));
        assert_eq!(p.wire_len as usize, inner_wire);
        let without = Decap::ALL.without(kind);
        let mut q = Packet::default();
        decode(Link::Ethernet, &frame, frame.len() as u32, 0, without, &mut q).unwrap();
        assert_eq!((q.tunnel.tier, q.dst_port), (0, port));
        // Cut anywhere, it is some packet or some error, and never one with other lengths.
        for cut in 0..frame.len() {
            let mut r = Packet::default();
            let wire = frame.len() as u32;
            if decode(Link::Ethernet, &frame[..cut], wire, 0, Decap::ALL, &mut r).is_ok() {
                assert!(r.tunnel.tier == 0 || r.wire_len as usize == inner_wire);
            }
        }
    }
}

/// An ordinary datagram on both underlays.
fn left_alone(port: u16, payload: &[u8]) {
    for frame in on_both(port, payload) {
        let p = packet(&frame);
        assert_eq!((p.tunnel.tier, p.dst_port), (0, port), "{payload:02x?}");
        assert_eq!((p.payload, p.transport), (payload, Transport::Udp));
    }
}

fn gpe(next: u8, vni: u32, body: &[u8]) -> Vec<u8> {
    let mut p = vec![0x0c, 0, 0, next];
    p.extend((vni << 8).to_be_bytes());
    p.extend(body);
    p
}

fn nsh(kind: u8, words: u8, next: u8, body: &[u8]) -> Vec<u8> {
    let mut p = vec![0x0f, 0xc0 | words, kind, next, 0, 0, 7, 255];
    p.resize(usize::from(words) * 4, 0xaa);
    p.extend(body);
    p
}

fn geneve(ether_type: u16, vni: u32, options: &[u8], body: &[u8]) -> Vec<u8> {
    let mut p = vec![(options.len() / 4) as u8, 0];
    p.extend(ether_type.to_be_bytes());
    p.extend((vni << 8).to_be_bytes());
    p.extend(options);
    p.extend(body);
    p
}

fn gtp(flags: u8, kind: u8, teid: u32, optional: &[u8], body: &[u8]) -> Vec<u8> {
    let mut p = vec![0x30 | flags, kind];
    p.extend(((optional.len() + body.len()) as u16).to_be_bytes());
    p.extend(teid.to_be_bytes());
    p.extend(optional);
    p.extend(body);
    p
}

fn label(value: u32, bottom: bool) -> [u8; 4] {
    (value << 12 | u32::from(bottom) << 8 | 64).to_be_bytes()
}

#[test]
fn vxlan_with_policy_and_gpe() {
    let inner = ethernet(0x0800, &four());
    let mut policy = vxlan(7, &inner);
    policy[..4].copy_from_slice(&[0x88, 0x08, 0x12, 0x34]);
    entered(4789, &policy, TunnelType::Vxlan, 7, inner.len());
    for port in [4789, 4790, 8472] {
        entered(port, &gpe(3, 8, &inner), TunnelType::Vxlan, 8, inner.len());
        entered(port, &gpe(1, 8, &four()), TunnelType::Vxlan, 8, 14 + four().len());
    }
    let bum = gpe(2, 8, &six())
        .iter()
        .enumerate()
        .map(|(i, b)| b | u8::from(i == 0) << 1)
        .collect::<Vec<_>>();
    for frame in on_both(4790, &bum) {
        assert_eq!((packet(&frame).is_ipv4, packet(&frame).payload), (false, &b"inner"[..]));
    }
    // What some senders leave in reserved bytes is no harm when a frame follows beyond doubt.
    let mut noisy = vxlan(7, &checked(&tcp(tcp_flags::ACK, &[], b"inner")));
    noisy[2..4].copy_from_slice(&[0x8c, 0x0d]);
    entered(4789, &noisy, TunnelType::Vxlan, 7, inner.len());
    // A mirror may cut the frame and set the outer lengths only.
    let cut = vxlan(7, &inner[..56]);
    for frame in on_both(4789, &cut) {
        assert_eq!((packet(&frame).tunnel.tier, packet(&frame).l4_payload_len), (1, 5));
    }
    let labelled = gpe(5, 9, &[&label(99, false)[..], &label(100, true), &four()].concat());
    entered(4790, &labelled, TunnelType::Vxlan, 9, 14 + four().len());
}

#[test]
fn network_service_headers() {
    let inner = ethernet(0x0800, &four());
    for (kind, words) in [(1, 6), (2, 2), (2, 9)] {
        entered(
            4790,
            &gpe(4, 5, &nsh(kind, words, 3, &inner)),
            TunnelType::VxlanNsh,
            5,
            inner.len(),
        );
        let ip = gpe(4, 5, &nsh(kind, words, 1, &four()));
        entered(4790, &ip, TunnelType::VxlanNsh, 5, 14 + four().len());
    }
    let twice = gpe(4, 5, &nsh(2, 2, 4, &nsh(2, 2, 1, &four())));
    entered(4790, &twice, TunnelType::VxlanNsh, 5, 14 + four().len());
    for bad in [
        nsh(1, 5, 1, &four()),
        nsh(3, 6, 1, &four()),
        nsh(2, 1, 1, &four()),
        nsh(2, 2, 6, &four()),
        nsh(2, 2, 4, &nsh(2, 2, 4, &nsh(2, 2, 1, &four()))),
    ] {
        left_alone(4790, &gpe(4, 5, &bad));
    }
    let mut oam = gpe(4, 5, &nsh(2, 2, 1, &four()));
    oam[8] |= 0x20;
    left_alone(4790, &oam);
}

#[test]
fn geneve_with_options() {
    let inner = ethernet(0x86dd, &six());
    let options = [1, 2, 0x80, 1, 9, 9, 9, 9, 1, 2, 1, 0];
    for options in [&[][..], &options] {
        entered(
            6081,
            &geneve(0x6558, 0xabcdef, options, &inner),
            TunnelType::Geneve,
            0xabcdef,
            inner.len(),
        );
        entered(6081, &geneve(0x86dd, 3, options, &six()), TunnelType::Geneve, 3, 14 + six().len());
    }
    let ip = geneve(0x0800, 3, &[], &four());
    let changed = |at: usize, bits: u8| {
        let mut p = ip.clone();
        p[at] |= bits;
        p
    };
    left_alone(6081, &changed(0, 0x40)); // version 1
    left_alone(6081, &changed(1, 0x80)); // a control packet
    left_alone(6081, &changed(1, 0x01)); // reserved
    left_alone(6081, &changed(7, 0x01)); // reserved
    left_alone(6081, &geneve(0x88cc, 3, &[], &[0; 60]));
    left_alone(6081, &geneve(0x0800, 3, &[1, 2, 3, 4], &four())); // an option of 16 bytes
}

#[test]
fn gtp_u_with_extensions() {
    let inner = 14 + four().len();
    entered(2152, &gtp(0, 0xff, 0xdead_beef, &[], &four()), TunnelType::GtpU, 0xdead_beef, inner);
    entered(2152, &gtp(2, 0xff, 1, &[0, 9, 0, 0], &four()), TunnelType::GtpU, 1, inner);
    entered(2152, &gtp(0, 0xff, 1, &[], &six()), TunnelType::GtpU, 1, 14 + six().len());
    // A PDU session container, then a PDCP number.
    let extensions = [0, 0, 0, 0x85, 1, 0, 9, 0xc0, 1, 0, 1, 0];
    entered(2152, &gtp(4, 0xff, 2, &extensions, &four()), TunnelType::GtpU, 2, inner);
    left_alone(2152, &gtp(0, 1, 0, &[], b"")); // an echo request
    left_alone(2152, &gtp(4, 0xff, 2, &[0, 0, 0, 0x85, 0, 0, 0, 0], &four())); // of no length
    left_alone(2152, &[&gtp(0, 0xff, 1, &[], &four())[..], b"more"].concat());
    left_alone(2152, &gtp(0, 0xff, 1, &[], &ethernet(0x0800, &four())));
    let mut version_2 = gtp(0, 0xff, 1, &[], &four());
    version_2[0] = 0x48;
    left_alone(2152, &version_2);
    let endless = [&[0, 0, 0, 0x85][..], &[1, 0, 0, 0x85].repeat(20), &four()].concat();
    left_alone(2152, &gtp(4, 0xff, 2, &[], &endless));
}

#[test]
fn mpls_over_gre_and_udp() {
    let stack = [&label(16, false)[..], &label(0xabcde, true), &four()].concat();
    entered(6635, &stack, TunnelType::MplsUdp, 0xabcde, 14 + four().len());
    for (header, key) in [(&[0, 0, 0x88, 0x47][..], 0), (&[0x20, 0, 0x88, 0x48, 0, 0, 0, 5], 5)] {
        let frame = ethernet(0x86dd, &ipv6(47, &[header, &stack].concat()));
        let p = packet(&frame);
        assert_eq!((p.tunnel.kind, p.tunnel.id, p.payload), (TunnelType::Gre, key, &b"inner"[..]));
        assert_eq!(p.wire_len as usize, 14 + four().len());
    }
    left_alone(6635, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let pseudowire = [&label(16, true)[..], &[0; 4], &ethernet(0x0800, &four())].concat();
    left_alone(6635, &pseudowire);
}

#[test]
fn erspan_3_with_an_ip_packet() {
    let header = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 34, 0, 0, 0, 0, 0, 0, 2 << 2, 0];
    let frame = ethernet(0x0800, &ipv4(47, &[&header[..], &six()].concat()));
    let p = packet(&frame);
    assert_eq!((p.tunnel.kind, p.tunnel.id, p.payload), (TunnelType::Erspan, 34, &b"inner"[..]));
    let mut unknown = frame.clone();
    unknown[34 + 18] = 5 << 2;
    assert_eq!(packet(&unknown).tunnel.tier, 0);
}

/// IPv4 with its checksum, in Ethernet.
fn checked(body: &[u8]) -> Vec<u8> {
    let mut ip = ipv4(6, body);
    let sum: u32 = ip[..20].chunks(2).map(|w| u32::from(w[0]) << 8 | u32::from(w[1])).sum();
    let sum = !(((sum & 0xffff) + (sum >> 16)) as u16);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    ethernet(0x0800, &ip)
}

#[test]
fn l2tpv3_where_it_is_unambiguous() {
    let inner = checked(&tcp(tcp_flags::ACK, &[], b"inner"));
    let mut inner_six = ethernet(0x86dd, &six());
    inner_six[6] = 2;
    let mut tagged = inner[..12].to_vec();
    tagged.extend([0x81, 0, 0, 5]);
    tagged.extend(&inner[12..]);
    for frame in [&inner, &inner_six, &tagged] {
        for gap in [0, 4, 8, 12] {
            let message = [&[0, 0, 0x12, 0x34][..], &[0xc0; 12][..gap], frame].concat();
            let over_udp = [&[0, 3, 0, 0][..], &message].concat();
            entered(1701, &over_udp, TunnelType::L2tpV3, 0x1234, frame.len());
            for outer in
                [ethernet(0x0800, &ipv4(115, &message)), ethernet(0x86dd, &ipv6(115, &message))]
            {
                let p = packet(&outer);
                assert_eq!((p.tunnel.kind, p.tunnel.id), (TunnelType::L2tpV3, 0x1234));
                assert_eq!((p.payload, p.wire_len as usize), (&b"inner"[..], frame.len()));
            }
        }
    }
    let over_ip = |message: &[u8]| packet(&ethernet(0x0800, &ipv4(115, message))).tunnel.tier;
    assert_eq!(over_ip(&[&[0, 0, 0, 0][..], &inner].concat()), 0, "a control message");
    let mut wrong_sum = inner.clone();
    wrong_sum[24] ^= 1;
    assert_eq!(over_ip(&[&[0, 0, 0, 1][..], &wrong_sum].concat()), 0);
    assert_eq!(over_ip(&[&[0, 0, 0, 1][..], &inner, &[0; 40]].concat()), 0, "too long");
    left_alone(1701, &[&[0xc8, 2, 0, 12, 0, 1, 0, 0, 0, 0, 0, 0][..], &inner].concat()); // version 2
}

#[test]
fn ports_of_tunnels_used_by_others() {
    let dns = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x04test\x00\x00\x01\x00\x01";
    let text = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: one\r\n\r\n and more of it";
    let rtp =
        [&[0x80, 0x08, 0, 1, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef][..], &[0xd5; 160]].concat();
    let quic = [&[0xc8, 0, 0, 0, 1, 8][..], &[0x31; 60]].concat();
    let zeros = [0; 64];
    // The flag of a valid network id, and then nothing of VXLAN.
    let flagged = [&[0x08, 1, 0, 0, 0, 0, 0, 0][..], &ethernet(0x0800, &four())].concat();
    let group_source =
        [&vxlan(1, &[])[..], &[2, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 2, 8, 0], &four()].concat();
    let no_ip = vxlan(1, &ethernet(0x0800, b"this is not an IP packet at all."));
    for port in [1701, 2152, 4789, 4790, 6081, 6635, 8472] {
        for payload in [&dns[..], text, &rtp, &quic, &zeros, &flagged, &group_source, &no_ip] {
            left_alone(port, payload);
        }
        for len in 0..8 {
            left_alone(port, &vxlan(1, &[])[..len]);
        }
    }
    // And towards a client that happened to get one of the ports.
    let mut answer = ethernet(0x0800, &ipv4(17, &udp(53, dns)));
    answer[34..38].copy_from_slice(&[0, 53, 0x12, 0xb5]);
    assert_eq!((packet(&answer).dst_port, packet(&answer).tunnel.tier), (4789, 0));
}

#[test]
fn tunnels_of_all_kinds_in_one_another() {
    let gre = ipv6(47, &[&[0x20, 0, 8, 0, 0, 0, 0, 9][..], &four()].concat());
    let in_geneve = ipv4(17, &udp(6081, &geneve(0x86dd, 2, &[], &gre)));
    let in_ipip = ipv4(4, &in_geneve);
    let outermost = ethernet(0x86dd, &ipv6(17, &udp(2152, &gtp(0, 0xff, 77, &[], &in_ipip))));
    let p = packet(&outermost);
    assert_eq!((p.tunnel.kind, p.tunnel.id, p.tunnel.tier), (TunnelType::GtpU, 77, 4));
    assert_eq!((p.payload, p.wire_len as usize), (&b"inner"[..], 14 + four().len()));
    assert_eq!(p.tunnel.src, Addr([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
    // A fifth is left as payload.
    let five = ethernet(0x0800, &ipv4(4, &outermost[14..]));
    assert_eq!(packet(&five).tunnel.tier, 0, "IPv6 under the protocol number of IPv4 is no tunnel");
    let five = ethernet(0x0800, &ipv4(41, &outermost[14..]));
    assert_eq!((packet(&five).tunnel.tier, packet(&five).protocol), (4, 47));
}

#[test]
fn other_transports_have_ports() {
    let sctp = [0x9c, 0x40, 0x0e, 0x7a, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 16];
    for (protocol, body, header) in [
        (132, &sctp[..], 12),
        (136, &sctp, 8),
        (33, &[0x9c, 0x40, 0x0e, 0x7a, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 12),
    ] {
        for frame in
            [ethernet(0x0800, &ipv4(protocol, body)), ethernet(0x86dd, &ipv6(protocol, body))]
        {
            let p = packet(&frame);
            assert_eq!((p.protocol, p.src_port, p.dst_port), (protocol, 40000, 3706));
            assert_eq!((p.transport, p.l4_payload_len), (Transport::Other, 16 - header));
        }
        // Too short for a header: counted as what IP says.
        let frame = ethernet(0x0800, &ipv4(protocol, &body[..7]));
        assert_eq!((packet(&frame).src_port, packet(&frame).l4_payload_len), (0, 7));
    }
    let ospf = ethernet(0x0800, &ipv4(89, &[2, 1, 0, 44, 10, 0, 0, 1]));
    assert_eq!(
        (packet(&ospf).protocol, packet(&ospf).src_port, packet(&ospf).l4_payload_len),
        (89, 0, 8)
    );
}

#[test]
fn authenticated_ipv4() {
    let ah = [6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9];
    let segment = tcp(tcp_flags::ACK, &[], b"inner");
    let frame = ethernet(0x0800, &ipv4(51, &[&ah[..], &segment].concat()));
    let p = packet(&frame);
    assert_eq!((p.protocol, p.dst_port, p.payload), (6, 80, &b"inner"[..]));
    assert_eq!(p.l3_payload_len as usize, ah.len() + segment.len());
    let cut = ethernet(0x0800, &ipv4(51, &ah[..3]));
    assert_eq!((packet(&cut).protocol, packet(&cut).l4_payload_len), (51, 3));
}

#[test]
fn fragments_of_tunnels_wait_for_their_rest() {
    let inner = ethernet(0x0800, &four());
    let datagram = udp(4789, &vxlan(7, &inner));
    let first = ethernet(0x0800, &ipv4_with(17, 0x2000, &[], &datagram[..40]));
    let mut p = packet(&first);
    assert_eq!((p.tunnel.tier, p.dst_port, p.fragment.is_some()), (0, 4789, true));
    assert!(decode_joined(&datagram[8..], Decap::ALL, &mut p).unwrap());
    assert_eq!((p.tunnel.kind, p.tunnel.id, p.payload), (TunnelType::Vxlan, 7, &b"inner"[..]));
    assert_eq!((p.fragment, p.wire_len as usize), (None, inner.len()));

    // The same for IP in IP, where no transport header is in front, and IPv6's options are.
    let options = [4, 0, 4, 1, 4, 1, 0, 0];
    let body = [&[60, 0, 0, 1, 0, 0, 0, 5][..], &options, &four()[..24]].concat();
    let frame = ethernet(0x86dd, &ipv6(44, &body));
    let mut p = packet(&frame);
    assert_eq!(p.fragment, Some(Fragment { id: 5, offset: 0, more: true, extensions: 8 }));
    assert_eq!((p.protocol, p.payload.len()), (4, 24));
    let whole = four();
    assert!(!decode_joined(&whole, Decap::NONE, &mut p).unwrap());
    assert_eq!(p.tunnel.tier, 0);
    assert!(decode_joined(&whole, Decap::ALL, &mut p).unwrap());
    assert_eq!(
        (p.tunnel.kind, p.payload, p.wire_len as usize),
        (TunnelType::Ipip, &b"inner"[..], 14 + whole.len())
    );

    // Over UDP with IP in it, and a broken inside.
    let message = gtp(0, 0xff, 3, &[], &four());
    let mut p = Packet { protocol: 17, dst_port: 2152, ..Packet::default() };
    assert!(decode_joined(&message, Decap::ALL, &mut p).unwrap());
    assert_eq!((p.payload, p.wire_len as usize), (&b"inner"[..], 14 + four().len()));
    let mut p = Packet { protocol: 17, dst_port: 53, ..Packet::default() };
    assert!(!decode_joined(&message, Decap::ALL, &mut p).unwrap());
    let broken = gtp(0, 0xff, 3, &[], &ipv4(6, &[0; 8]));
    let mut p = Packet { protocol: 17, dst_port: 2152, ..Packet::default() };
    assert_eq!(decode_joined(&broken, Decap::ALL, &mut p).unwrap_err(), DecodeError::TcpTruncated);
}
