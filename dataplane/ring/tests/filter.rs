//! The port exclusion program against a plain statement of what it should do, run by the
//! user-space machine; and what the checker refuses.

#[path = "support/packets.rs"]
mod packets;

use fathom_ring::bpf::{BpfError, Insn, Meta, Program, Steering, exclude_ports};
use fathom_ring::{LinkType, limits};
use packets::Packet;
use proptest::prelude::*;

const SNAPLEN: u32 = 65_535;

fn program(link: LinkType, loopback: bool, ports: &[u16]) -> Program {
    exclude_ports(link, loopback, ports, &Program::accept(SNAPLEN)).expect("few ports")
}

fn taken(program: &Program, frame: &[u8]) -> bool {
    let meta = Meta { wire_len: frame.len() as u32, ..Meta::default() };
    match program.run(frame, &meta) {
        0 => false,
        n => {
            assert_eq!(n, SNAPLEN);
            true
        }
    }
}

#[test]
fn excluded_and_other_frames() {
    let ports = [20_033, 20_416];
    let base = Packet::default;
    for (name, packet, take) in [
        ("to another port", base(), true),
        ("to the port", Packet { ports: [1, 20_033], ..base() }, false),
        ("from the port", Packet { ports: [20_416, 1], ..base() }, false),
        ("TCP", Packet { protocol: 6, ports: [1, 20_033], ..base() }, false),
        ("SCTP", Packet { protocol: 132, ports: [1, 20_033], ..base() }, true),
        ("IPv6", Packet { ipv6: true, ports: [20_033, 1], ..base() }, false),
        ("IPv6 to another port", Packet { ipv6: true, ..base() }, true),
        ("IPv4 options", Packet { options: 5, ports: [1, 20_033], ..base() }, false),
        ("first fragment", Packet { fragment_offset: 0x2000, ports: [1, 20_033], ..base() }, false),
        ("later fragment", Packet { fragment_offset: 185, ports: [1, 20_033], ..base() }, true),
        ("tagged", Packet { tag: Some(7), ports: [1, 20_033], ..base() }, false),
        ("tagged IPv6", Packet { tag: Some(7), ipv6: true, ports: [1, 20_033], ..base() }, false),
        ("tagged, another port", Packet { tag: Some(7), ..base() }, true),
    ] {
        let ethernet = program(LinkType::Ethernet, false, &ports);
        assert_eq!(taken(&ethernet, &packet.ethernet()), take, "{name}");
        let raw = program(LinkType::RawIp, false, &ports);
        assert_eq!(taken(&raw, &packet.ip()), take, "{name}, raw");
        let none = program(LinkType::Ethernet, false, &[]);
        assert!(taken(&none, &packet.ethernet()), "{name}, nothing excluded");
    }
}

#[test]
fn a_program_of_the_caller_decides_on_the_rest() {
    // Takes 100 bytes of frames to host 5 and nothing else.
    let then = Program::new(vec![
        Insn { code: 0x28, jt: 0, jf: 0, k: 14 + 18 },
        Insn { code: 0x15, jt: 0, jf: 1, k: 5 },
        Insn { code: 0x06, jt: 0, jf: 0, k: 100 },
        Insn { code: 0x06, jt: 0, jf: 0, k: 0 },
    ])
    .expect("a valid program");
    let both = exclude_ports(LinkType::Ethernet, false, &[53], &then).expect("one port");
    for (hosts, port, want) in [([1, 5], 80, 100), ([1, 5], 53, 0), ([5, 1], 80, 0)] {
        let frame = Packet { hosts, ports: [4000, port], ..Packet::default() }.ethernet();
        let meta = Meta { wire_len: frame.len() as u32, ..Meta::default() };
        assert_eq!(both.run(&frame, &meta), want, "{hosts:?} {port}");
    }
}

#[test]
fn outgoing_copies_on_loopback() {
    let frame = Packet::default().ethernet();
    for ports in [&[][..], &[53]] {
        for (loopback, packet_type, want) in
            [(true, 4, 0), (true, 0, SNAPLEN), (false, 4, SNAPLEN), (false, 0, SNAPLEN)]
        {
            let program = program(LinkType::Ethernet, loopback, ports);
            let meta = Meta { wire_len: frame.len() as u32, packet_type, ..Meta::default() };
            assert_eq!(program.run(&frame, &meta), want, "{loopback} {packet_type}");
        }
    }
}

#[test]
fn the_longest_list_of_ports_still_assembles() {
    let ports: Vec<u16> = (1..=limits::EXCLUDE_PORTS_MAX as u16).collect();
    for link in [LinkType::Ethernet, LinkType::RawIp] {
        let program = program(link, true, &ports);
        for port in [1, 64, 65] {
            let packet = Packet { ports: [1000, port], ..Packet::default() };
            let frame = if link == LinkType::RawIp { packet.ip() } else { packet.ethernet() };
            assert_eq!(taken(&program, &frame), port == 65, "{port}");
        }
    }
    let more: Vec<u16> = (0..65).collect();
    let refused = exclude_ports(LinkType::Ethernet, true, &more, &Program::accept(1));
    assert_eq!(refused, Err(BpfError::Ports(65)));
}

#[test]
fn programs_that_are_refused() {
    let insn = |code, jt, jf, k| Insn { code, jt, jf, k };
    let end = insn(0x06, 0, 0, 0);
    for (insns, error) in [
        (vec![], BpfError::Length(0)),
        (vec![end; 4097], BpfError::Length(4097)),
        (vec![insn(0x00, 0, 0, 1)], BpfError::NoReturn),
        (vec![insn(0xff, 0, 0, 0), end], BpfError::Operation(0)),
        (vec![insn(0x15, 0, 1, 0), end], BpfError::Operand(0)),
        (vec![insn(0x05, 0, 0, 1), end], BpfError::Operand(0)),
        (vec![insn(0x05, 0, 0, u32::MAX), end], BpfError::Operand(0)),
        (vec![insn(0x34, 0, 0, 0), end], BpfError::Operand(0)),
        (vec![insn(0x64, 0, 0, 32), end], BpfError::Operand(0)),
        (vec![insn(0x02, 0, 0, 16), end], BpfError::Operand(0)),
        (vec![insn(0x20, 0, 0, (libc::SKF_AD_OFF + 56) as u32), end], BpfError::Operand(0)),
    ] {
        assert_eq!(Program::new(insns), Err(error));
    }
}

fn any_packet() -> impl Strategy<Value = Packet> {
    (
        any::<bool>(),
        prop::sample::select(vec![6u8, 17, 1, 132]),
        prop::array::uniform2(50..60u16),
        0..11usize,
        prop::sample::select(vec![0u16, 0x2000, 0x4000, 0x2001, 0x1fff]),
        prop::option::of(any::<u16>()),
        0..30usize,
    )
        .prop_map(|(ipv6, protocol, ports, options, fragment_offset, tag, payload)| Packet {
            ipv6,
            protocol,
            ports,
            options,
            fragment_offset,
            tag,
            payload: vec![0; payload],
            ..Packet::default()
        })
}

proptest! {
    #[test]
    fn exactly_the_listed_ports_are_excluded(
        packet in any_packet(),
        listed in prop::collection::vec(50..60u16, 0..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let later_fragment = !packet.ipv6 && packet.fragment_offset & 0x1fff != 0;
        let excluded = |frame: &[u8], ports_end: usize| {
            matches!(packet.protocol, 6 | 17)
                && !later_fragment
                && frame.len() >= ports_end
                && packet.ports.iter().any(|p| listed.contains(p))
        };
        let l4 = if packet.ipv6 { 40 } else { 20 + 4 * packet.options };
        let link = 14 + if packet.tag.is_some() { 4 } else { 0 };
        for (kind, frame, ports_end) in [
            (LinkType::Ethernet, packet.ethernet(), link + l4 + 4),
            (LinkType::RawIp, packet.ip(), l4 + 4),
        ] {
            let program = program(kind, false, &listed);
            prop_assert_eq!(taken(&program, &frame), !excluded(&frame, ports_end));
            // Cut anywhere, a frame without its ports is never left out.
            let part = &frame[..cut.index(frame.len())];
            prop_assert_eq!(taken(&program, part), !excluded(part, ports_end));
        }
    }

    #[test]
    fn checked_programs_end_and_never_panic(
        codes in prop::collection::vec(
            (any::<u8>(), 0..6u8, 0..6u8, prop_oneof![0..40u32, any::<u32>()]), 1..40),
        frame in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut insns: Vec<Insn> = Vec::new();
        for (code, jt, jf, k) in codes {
            insns.push(Insn { code: u16::from(code), jt, jf, k });
        }
        // Unknown operations would refuse nearly every program: leave them out.
        let known = |i: &Insn| {
            let end = Insn { code: 6, jt: 0, jf: 0, k: 0 };
            Program::new(std::iter::once(*i).chain([end; 7]).collect()).is_ok()
        };
        insns.retain(known);
        insns.extend([Insn { code: 0x16, jt: 0, jf: 0, k: 0 }; 7]);
        if let Ok(program) = Program::new(insns) {
            let meta = Meta { wire_len: frame.len() as u32, ..Meta::default() };
            prop_assert_eq!(program.run(&frame, &meta), program.run(&frame, &meta));
        }
    }
}

fn number(steering: &Steering, ip: &[u8]) -> u32 {
    let (src, dst, sport, dport) = packets::ends(ip);
    let fragment = ip[0] >> 4 == 4 && u16::from_be_bytes([ip[6], ip[7]]) & 0x3fff != 0;
    match packets::protocol(ip) {
        17 if steering.is_tunnel(dport) => steering.hash(&src, &dst, 0, 0),
        6 | 17 if !fragment => steering.hash(&src, &dst, sport, dport),
        _ => steering.hash(&src, &dst, 0, 0),
    }
}

proptest! {
    /// The program that the kernel runs and the function that the process calls give one number,
    /// both for both directions.
    #[test]
    fn steering_is_the_same_in_the_kernel_and_here(
        seed: u64,
        tunnel in proptest::option::of(1u16..),
        ipv6: bool,
        protocol in prop_oneof![Just(6u8), Just(17), any::<u8>()],
        hosts: [u16; 2],
        ports: [u16; 2],
        options in 0usize..10,
        fragment in prop_oneof![3 => Just(0u16), 1 => any::<u16>()],
        link in prop_oneof![Just(0usize), Just(14), Just(18)],
        to_tunnel: bool,
    ) {
        let tunnels: Vec<u16> = tunnel.into_iter().collect();
        let steering = Steering::new(seed, &tunnels).expect("few ports");
        let program = steering.program().expect("a valid program");
        let ports = match tunnel {
            Some(port) if to_tunnel => [ports[0], port],
            _ => ports,
        };
        let packet = Packet {
            ipv6, protocol, hosts, ports, options, fragment_offset: fragment,
            payload: vec![0; 20], ..Packet::default()
        };
        let back = Packet {
            hosts: [hosts[1], hosts[0]], ports: [ports[1], ports[0]], ..packet.clone()
        };
        let kernel = |ip: &[u8]| {
            let frame = [&vec![0; link][..], ip].concat();
            let meta = Meta { network: link as u32, ..Meta::default() };
            program.run(&frame, &meta)
        };
        prop_assert_eq!(kernel(&packet.ip()), number(&steering, &packet.ip()));
        prop_assert_eq!(kernel(&back.ip()), number(&steering, &back.ip()));
        let (src, dst, sport, dport) = packets::ends(&packet.ip());
        prop_assert_eq!(
            steering.hash(&src, &dst, sport, dport),
            steering.hash(&dst, &src, dport, sport)
        );
    }
}

#[test]
fn steering_spreads_flows_that_differ_little() {
    for seed in 0..20u64 {
        let steering = Steering::new(seed, &[]).expect("no ports");
        let a = |n: u32| {
            let mut a = [0; 16];
            a[10..12].fill(0xff);
            a[12..].copy_from_slice(&(0x0a00_0000 + n).to_be_bytes());
            a
        };
        // One client's ports; neighbours talking to a server; pairs whose bits differ alike.
        let cases: [&dyn Fn(u32) -> u32; 3] = [
            &|n| steering.hash(&a(1), &a(2), 32_768 + n as u16, 80),
            &|n| steering.hash(&a(n), &a(70_000), 40_000, 80),
            &|n| steering.hash(&a(n), &a(n + 256), 5000, 5000),
        ];
        for (which, case) in cases.iter().enumerate() {
            for sockets in [2, 3, 4, 8] {
                let mut counts = vec![0u32; sockets as usize];
                (0..2000).for_each(|n| counts[(case(n) % sockets) as usize] += 1);
                let fair = 2000 / sockets;
                let near = counts.iter().all(|c| *c > fair / 2 && *c < fair * 2);
                assert!(near, "seed {seed}, case {which}: {counts:?}");
            }
        }
    }
}

#[test]
fn a_program_does_not_list_too_many_tunnels() {
    let ports: Vec<u16> = (1..=limits::EXCLUDE_PORTS_MAX as u16).collect();
    assert!(Steering::new(1, &ports).and_then(|s| s.program()).is_ok());
    let ports: Vec<u16> = (0..=limits::EXCLUDE_PORTS_MAX as u16).collect();
    assert_eq!(Steering::new(1, &ports), Err(BpfError::Ports(ports.len())));
}
