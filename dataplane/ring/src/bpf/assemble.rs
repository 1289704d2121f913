//! A small assembler with labels, and the port exclusion program written with it.

use super::Insn;
use crate::LinkType;

// Opcodes of classic BPF (linux/bpf_common.h): class, size and mode, or operation and source.
pub(super) const LD_W_ABS: u16 = 0x20;
pub(super) const LD_H_ABS: u16 = 0x28;
pub(super) const LD_B_ABS: u16 = 0x30;
pub(super) const LD_H_IND: u16 = 0x48;
pub(super) const LD_LEN: u16 = 0x80;
pub(super) const LDX_IMM: u16 = 0x01;
pub(super) const LDX_MSH: u16 = 0xb1;
pub(super) const ADD_K: u16 = 0x04;
pub(super) const SUB_X: u16 = 0x1c;
pub(super) const AND_K: u16 = 0x54;
pub(super) const JA: u16 = 0x05;
pub(super) const JEQ_K: u16 = 0x15;
pub(super) const JGE_K: u16 = 0x35;
pub(super) const JGT_X: u16 = 0x2d;
pub(super) const JSET_K: u16 = 0x45;
pub(super) const TAX: u16 = 0x07;
pub(super) const TXA: u16 = 0x87;
pub(super) const RET_K: u16 = 0x06;

/// Offset at which the kernel shows the packet type as if it were packet data (SKF_AD_OFF +
/// SKF_AD_PKTTYPE).
pub(super) const AD_PKTTYPE: u32 = (libc::SKF_AD_OFF + libc::SKF_AD_PKTTYPE) as u32;

const ETHERTYPE_IPV4: u32 = 0x0800;
const ETHERTYPE_IPV6: u32 = 0x86dd;
const ETHERTYPE_VLAN: u32 = 0x8100;
const ETHERTYPE_QINQ: u32 = 0x88a8;
const TCP: u32 = 6;
const UDP: u32 = 17;

/// A place to jump to, given out before it is known.
#[derive(Clone, Copy)]
pub(super) struct Label(usize);

#[derive(Default)]
pub(super) struct Assembler {
    insns: Vec<(Insn, Option<Label>, Option<Label>)>,
    places: Vec<usize>,
}

impl Assembler {
    pub(super) fn label(&mut self) -> Label {
        self.places.push(usize::MAX);
        Label(self.places.len() - 1)
    }

    pub(super) fn place(&mut self, label: Label) {
        self.places[label.0] = self.insns.len();
    }

    pub(super) fn op(&mut self, code: u16, k: u32) {
        self.insns.push((Insn { code, jt: 0, jf: 0, k }, None, None));
    }

    /// `None` falls through to the next instruction.
    pub(super) fn test(&mut self, code: u16, k: u32, yes: Option<Label>, no: Option<Label>) {
        self.insns.push((Insn { code, jt: 0, jf: 0, k }, yes, no));
    }

    pub(super) fn goto(&mut self, to: Label) {
        self.insns.push((Insn { code: JA, jt: 0, jf: 0, k: 0 }, Some(to), None));
    }

    pub(super) fn finish(self) -> Vec<Insn> {
        let places = self.places;
        let distance = |from: usize, to: Option<Label>| {
            to.map_or(0, |label| {
                debug_assert!(places[label.0] > from && places[label.0] != usize::MAX);
                places[label.0] - from - 1
            })
        };
        let near = |d: usize| {
            // The port limit keeps the program short enough; the checker would refuse a wrong jump.
            debug_assert!(d <= usize::from(u8::MAX), "jump over {d} instructions");
            d as u8
        };
        let resolve = |(at, (insn, yes, no)): (usize, (Insn, Option<Label>, Option<Label>))| {
            let (yes, no) = (distance(at, yes), distance(at, no));
            if insn.code == JA {
                Insn { k: yes as u32, ..insn }
            } else {
                Insn { jt: near(yes), jf: near(no), ..insn }
            }
        };
        self.insns.into_iter().enumerate().map(resolve).collect()
    }
}

/// See [`super::exclude_ports`].
pub(super) fn exclude_ports(
    link: LinkType,
    loopback: bool,
    ports: &[u16],
    then: &[Insn],
) -> Vec<Insn> {
    let mut a = Assembler::default();
    let (drop, accept) = (a.label(), a.label());
    if loopback {
        a.op(LD_W_ABS, AD_PKTTYPE);
        a.test(JEQ_K, u32::from(libc::PACKET_OUTGOING), Some(drop), None);
    }
    match link {
        _ if ports.is_empty() => a.goto(accept),
        LinkType::Ethernet => ethernet(&mut a, ports, drop, accept),
        LinkType::RawIp => raw_ip(&mut a, ports, drop, accept),
        // Cooked and null headers are only met in files, which are not filtered.
        LinkType::LinuxSll | LinkType::LinuxSll2 | LinkType::Null => a.goto(accept),
    }
    // `drop` stands before the tail so that it is near every test, whatever the tail's length.
    a.place(drop);
    a.op(RET_K, 0);
    a.place(accept);
    let mut insns = a.finish();
    insns.extend_from_slice(then);
    insns
}

fn ethernet(a: &mut Assembler, ports: &[u16], drop: Label, accept: Label) {
    const L3: u32 = 14;
    const TAG: u32 = 4;
    let [v4, v6, tagged, tagged_v4, tagged_v6, compare] = std::array::from_fn(|_| a.label());
    a.op(LD_LEN, 0);
    a.test(JGE_K, L3 + 20, None, Some(accept));
    a.op(LD_H_ABS, 12);
    a.test(JEQ_K, ETHERTYPE_IPV4, Some(v4), None);
    a.test(JEQ_K, ETHERTYPE_IPV6, Some(v6), None);
    a.test(JEQ_K, ETHERTYPE_VLAN, Some(tagged), None);
    a.test(JEQ_K, ETHERTYPE_QINQ, Some(tagged), Some(accept));
    // Received tags are taken out by the kernel; those of raw senders stay in outgoing copies.
    a.place(tagged);
    a.op(LD_LEN, 0);
    a.test(JGE_K, L3 + TAG + 20, None, Some(accept));
    a.op(LD_H_ABS, 16);
    a.test(JEQ_K, ETHERTYPE_IPV4, Some(tagged_v4), None);
    a.test(JEQ_K, ETHERTYPE_IPV6, Some(tagged_v6), Some(accept));
    a.place(tagged_v4);
    ipv4(a, L3, TAG, compare, accept);
    a.place(tagged_v6);
    ipv6(a, L3, TAG, compare, accept);
    a.place(v4);
    ipv4(a, L3, 0, compare, accept);
    a.place(v6);
    ipv6(a, L3, 0, compare, accept);
    a.place(compare);
    compare_ports(a, L3, ports, drop, accept);
}

fn raw_ip(a: &mut Assembler, ports: &[u16], drop: Label, accept: Label) {
    let [v4, v6, compare] = std::array::from_fn(|_| a.label());
    a.op(LD_LEN, 0);
    a.test(JGE_K, 20, None, Some(accept));
    a.op(LD_B_ABS, 0);
    a.op(AND_K, 0xf0);
    a.test(JEQ_K, 0x40, Some(v4), None);
    a.test(JEQ_K, 0x60, Some(v6), Some(accept));
    a.place(v4);
    ipv4(a, 0, 0, compare, accept);
    a.place(v6);
    ipv6(a, 0, 0, compare, accept);
    a.place(compare);
    compare_ports(a, 0, ports, drop, accept);
}

/// The IPv4 header at `l3 + tag`: leaves in X where its transport header begins, less `l3`.
fn ipv4(a: &mut Assembler, l3: u32, tag: u32, compare: Label, accept: Label) {
    let header = l3 + tag;
    let fragment = a.label();
    a.op(LD_B_ABS, header + 9);
    a.test(JEQ_K, TCP, Some(fragment), None);
    a.test(JEQ_K, UDP, Some(fragment), Some(accept));
    a.place(fragment);
    a.op(LD_H_ABS, header + 6);
    a.test(JSET_K, 0x1fff, Some(accept), None);
    a.op(LDX_MSH, header);
    a.op(TXA, 0);
    a.test(JGE_K, 20, None, Some(accept));
    a.op(ADD_K, tag);
    a.op(TAX, 0);
    a.goto(compare);
}

/// The same for IPv6.
fn ipv6(a: &mut Assembler, l3: u32, tag: u32, compare: Label, accept: Label) {
    let ports = a.label();
    a.op(LD_B_ABS, l3 + tag + 6);
    a.test(JEQ_K, TCP, Some(ports), None);
    a.test(JEQ_K, UDP, Some(ports), Some(accept));
    a.place(ports);
    a.op(LDX_IMM, 40 + tag);
    a.goto(compare);
}

/// Ports at `X + l3` and two bytes on; checks first that the frame reaches that far, because a
/// load outside of it would end the program and so lose the frame.
fn compare_ports(a: &mut Assembler, l3: u32, ports: &[u16], drop: Label, accept: Label) {
    a.op(LD_LEN, 0);
    a.test(JGT_X, 0, None, Some(accept));
    a.op(SUB_X, 0);
    a.test(JGE_K, l3 + 4, None, Some(accept));
    for offset in [l3, l3 + 2] {
        a.op(LD_H_IND, offset);
        for &port in ports {
            a.test(JEQ_K, u32::from(port), Some(drop), None);
        }
    }
    a.goto(accept);
}
