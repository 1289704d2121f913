//! The port exclusion program against a plain statement of what it should do, run by the
//! user-space machine; and what the checker refuses.

#[path = "support/packets.rs"]
mod packets;

use fathom_ring::bpf::{BpfError, Insn, Meta, Program, exclude_ports};
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
