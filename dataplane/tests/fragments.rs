//! Fragments of datagrams, of tunnels and inside tunnels, cut anywhere and in any order: the
//! payload comes out once, whole, with the right headers, and every frame is a packet of some flow.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_dataplane::decode::{Decoder, Payload};
use fathom_dataplane::limits;
use fathom_parsers::headers::Decap;
use fathom_parsers::packet::{Addr, TunnelType};
use fathom_parsers::testing::frames::*;
use fathom_ring::{Frame, LinkType};
use proptest::prelude::*;

/// One IP packet as the fragments that leave a router with room for `size` bytes in each, as
/// Ethernet frames. `packet` is IPv4 without options or IPv6; `options` puts a header of destination
/// options behind IPv6's fragment header.
fn cut(packet: &[u8], size: usize, id: u8, options: bool) -> Vec<Vec<u8>> {
    let size = size / 8 * 8;
    let is_four = packet[0] >> 4 == 4;
    let (protocol, mut body) = if is_four {
        (packet[9], packet[20..].to_vec())
    } else {
        (packet[6], packet[40..].to_vec())
    };
    let mut next = protocol;
    if !is_four && options {
        body.splice(..0, [protocol, 0, 4, 1, 4, 1, 0, 0]);
        next = 60;
    }
    let count = body.len().div_ceil(size);
    let pieces = body.chunks(size).enumerate().map(|(i, piece)| {
        let (offset, more) = ((i * size) as u16, u16::from(i + 1 < count));
        if is_four {
            let mut p = ipv4_with(protocol, (more << 13) | (offset / 8), &[], piece);
            p[5] = id;
            ethernet(0x0800, &p)
        } else {
            let mut p = vec![next, 0];
            p.extend((offset | more).to_be_bytes());
            p.extend([0, 0, 0, id]);
            p.extend(piece);
            ethernet(0x86dd, &ipv6(44, &p))
        }
    });
    pieces.collect()
}

/// A packet in one of the tunnels, as an IP packet.
fn wrap(kind: TunnelType, underlay_is_four: bool, inner: &[u8]) -> Vec<u8> {
    let inner_type: u16 = if inner[0] >> 4 == 4 { 0x0800 } else { 0x86dd };
    let (protocol, body) = match kind {
        TunnelType::Vxlan => (17, udp(4789, &vxlan(7, &ethernet(inner_type, inner)))),
        TunnelType::GtpU => {
            let mut p = vec![0x30, 0xff];
            p.extend((inner.len() as u16).to_be_bytes());
            p.extend([0, 0, 0, 7]);
            p.extend(inner);
            (17, udp(2152, &p))
        }
        TunnelType::Gre => {
            let mut p = vec![0x20, 0];
            p.extend(inner_type.to_be_bytes());
            p.extend([0, 0, 0, 7]);
            p.extend(inner);
            (47, p)
        }
        _ => (if inner_type == 0x0800 { 4 } else { 41 }, inner.to_vec()),
    };
    if underlay_is_four { ipv4(protocol, &body) } else { ipv6(protocol, &body) }
}

fn frame(data: &[u8], time_ns: u64) -> Frame<'_> {
    let wire_len = data.len() as u32;
    let link = LinkType::Ethernet;
    Frame { data, wire_len, time_ns, interface: 0, link, vlan_tci: 0, segment: 0 }
}

/// What came of each frame.
#[derive(Debug, PartialEq)]
struct Seen {
    protocol: u8,
    dst_port: u16,
    tunnel: TunnelType,
    wire_len: u32,
    payload: Option<Vec<u8>>,
}

fn decode_all(decoder: &mut Decoder, frames: &[Vec<u8>]) -> Vec<Seen> {
    let decoded = frames.iter().map(|f| {
        let d = decoder.decode(&frame(f, 1_000_000_000)).unwrap();
        let payload = match d.payload {
            Payload::Whole(p) | Payload::Joined(p) => Some(p.to_vec()),
            Payload::Nothing => None,
        };
        Seen {
            protocol: d.packet.protocol,
            dst_port: d.packet.dst_port,
            tunnel: d.packet.tunnel.kind,
            wire_len: d.packet.wire_len,
            payload,
        }
    });
    decoded.collect()
}

const TUNNELS: [TunnelType; 5] =
    [TunnelType::None, TunnelType::Vxlan, TunnelType::GtpU, TunnelType::Gre, TunnelType::Ipip];

proptest! {
    #[test]
    fn cut_anywhere_in_any_order(
        len in 100_usize..3000,
        inner_four in any::<bool>(),
        underlay_four in any::<bool>(),
        kind in prop::sample::select(&TUNNELS[..]),
        inner_size in prop::option::of(300_usize..1500),
        outer_size in 300_usize..1500,
        options in any::<bool>(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 64),
        twice in any::<prop::sample::Index>(),
    ) {
        let payload: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
        let datagram = udp(53, &payload);
        let inner = if inner_four { ipv4(17, &datagram) } else { ipv6(17, &datagram) };
        let inners: Vec<Vec<u8>> = match inner_size {
            Some(size) => cut(&inner, size, 1, options).iter().map(|f| f[14..].to_vec()).collect(),
            None => vec![inner],
        };
        let mut frames = Vec::new();
        for (i, packet) in inners.iter().enumerate() {
            if kind == TunnelType::None {
                let ether_type = if inner_four { 0x0800 } else { 0x86dd };
                frames.push(ethernet(ether_type, packet));
                continue;
            }
            frames.extend(cut(&wrap(kind, underlay_four, packet), outer_size, 100 + i as u8, options));
        }
        for (i, index) in order.iter().enumerate().take(frames.len()) {
            let other = index.index(frames.len());
            frames.swap(i, other);
        }
        let again = twice.index(frames.len());
        frames.insert(again, frames[again].clone());

        let mut decoder = Decoder::new(Decap::ALL);
        let seen = decode_all(&mut decoder, &frames);
        prop_assert_eq!(seen.len(), frames.len());
        let whole: Vec<&Seen> = seen.iter().filter(|s| s.payload.as_ref() == Some(&payload)).collect();
        // A piece that comes twice may complete a datagram again only where one piece is all of it.
        let single = frames.len() == 2;
        prop_assert_eq!(whole.len(), if single { 2 } else { 1 }, "{:?}", seen);
        for s in whole {
            prop_assert_eq!((s.protocol, s.dst_port, s.tunnel), (17, 53, kind));
        }
        for s in &seen {
            prop_assert!(s.payload.is_none() || s.payload.as_ref() == Some(&payload));
        }
    }
}

/// The frame that completes a tunnel's datagram is the inner packet; those before are the tunnel's.
#[test]
fn who_counts_what() {
    let inner = ipv4(17, &udp(53, &[7; 1000]));
    for (kind, outer) in [(TunnelType::Vxlan, (17, 4789)), (TunnelType::Gre, (47, 0))] {
        let frames = cut(&wrap(kind, true, &inner), 600, 1, false);
        let mut decoder = Decoder::new(Decap::ALL);
        let seen = decode_all(&mut decoder, &frames);
        assert_eq!(frames.len(), 2);
        assert_eq!((seen[0].protocol, seen[0].dst_port), outer);
        assert_eq!((seen[0].tunnel, seen[0].wire_len), (TunnelType::None, frames[0].len() as u32));
        assert_eq!((seen[1].protocol, seen[1].dst_port, seen[1].tunnel), (17, 53, kind));
        assert_eq!(seen[1].wire_len as usize, 14 + inner.len());
        assert_eq!(
            (decoder.stats.fragments, decoder.stats.joined, decoder.stats.unjoined),
            (2, 1, 0)
        );
        // Not to be looked into: the datagram of the tunnel's own port.
        let mut decoder = Decoder::new(Decap::NONE);
        let seen = decode_all(&mut decoder, &frames);
        assert_eq!(
            (seen[1].protocol, seen[1].dst_port, seen[1].tunnel),
            (outer.0, outer.1, TunnelType::None)
        );
        assert_eq!(seen[1].payload.is_some(), kind == TunnelType::Vxlan);
    }
}

/// Two tenants with the same addresses and the same identification are not mixed.
#[test]
fn tenants_are_kept_apart() {
    let tenant = |vni: u32, byte: u8| -> Vec<Vec<u8>> {
        let pieces = cut(&ipv4(17, &udp(53, &[byte; 1000])), 600, 9, false);
        pieces.iter().map(|f| ethernet(0x0800, &ipv4(17, &udp(4789, &vxlan(vni, f))))).collect()
    };
    let (a, b) = (tenant(1, 0xaa), tenant(2, 0xbb));
    let mut decoder = Decoder::new(Decap::ALL);
    let frames = [a[0].clone(), b[0].clone(), b[1].clone(), a[1].clone()];
    let seen = decode_all(&mut decoder, &frames);
    let payloads: Vec<_> =
        seen.iter().map(|s| s.payload.as_ref().map(|p| (p[0], p[999]))).collect();
    assert_eq!(payloads, [None, None, Some((0xbb, 0xbb)), Some((0xaa, 0xaa))]);
}

/// A broken packet in a joined datagram is one decode error, and nothing stays behind.
#[test]
fn broken_inside() {
    let mut segment = ipv4(6, &[0; 100]);
    segment[0] = 0x45;
    let frames = cut(&wrap(TunnelType::Gre, true, &segment), 64, 1, false);
    let mut decoder = Decoder::new(Decap::ALL);
    let outcomes: Vec<bool> =
        frames.iter().map(|f| decoder.decode(&frame(f, 1_000_000_000)).is_some()).collect();
    assert_eq!(outcomes, [true, false]);
    assert_eq!(decoder.stats.errors.iter().sum::<u64>(), 1);
    assert_eq!(decoder.stats.joined, 1);
}

/// What never completes is given up after its time, and what is held is bounded.
#[test]
fn bounds() {
    let mut decoder = Decoder::new(Decap::ALL);
    let frames = cut(&wrap(TunnelType::Ipip, true, &ipv4(17, &udp(53, &[7; 1000]))), 600, 1, false);
    decoder.decode(&frame(&frames[0], 1_000_000_000)).unwrap();
    let late = 1_000_000_000 + 2 * limits::FRAGMENT_WAIT_NS;
    let decoded = decoder.decode(&frame(&frames[1], late)).unwrap();
    assert!(matches!(decoded.payload, Payload::Nothing));
    assert_eq!((decoded.packet.src, decoded.packet.protocol), (Addr::v4([10, 0, 0, 1]), 4));
    assert_eq!((decoder.stats.joined, decoder.stats.unjoined), (0, 1));
    decoder.forget();
    assert_eq!(decoder.stats.unjoined, 2);
}
