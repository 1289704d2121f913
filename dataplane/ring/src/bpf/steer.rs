//! Which of several sockets gets a packet: the same for both directions of a flow, and the same
//! whether the kernel decides ([`Steering::program`], run by a fanout group) or this process does
//! ([`Steering::hash`]), so that whoever meets a packet in the wrong place knows the right one.
//!
//! The kernel's own hash is symmetric too, but its seed is not to be had: what it cannot see into
//! (tunnels, later fragments) could never be brought to the flow's other packets.
//!
//! Addresses and ports are mixed as their sum and as their difference in bits, both of which are
//! blind to order; constants are drawn anew in each process, so that nobody can aim at one core.

use super::assemble::{
    Assembler, JEQ_K, JSET_K, LD_B_ABS, LD_H_ABS, LD_H_IND, LD_W_ABS, LDX_MSH, RET_K, TAX,
};
use super::{BpfError, Program};
use crate::limits;

const LD_IMM: u16 = 0x00;
const LD_MEM: u16 = 0x60;
const LDX_MEM: u16 = 0x61;
const ST: u16 = 0x02;
const ADD_X: u16 = 0x0c;
const XOR_X: u16 = 0xac;
const MUL_K: u16 = 0x24;
const RSH_K: u16 = 0x74;
const AND_K: u16 = 0x54;
const RET_A: u16 = 0x16;

/// Offset at which the kernel shows the packet from its network header on (SKF_NET_OFF), wherever
/// the link header ends.
pub(super) const NET_OFF: u32 = libc::SKF_NET_OFF as u32;

const TCP: u32 = 6;
const UDP: u32 = 17;
/// More fragments, or an offset.
const FRAGMENT: u32 = 0x3fff;

// Scratch words of the program.
const SRC: u32 = 0;
const DST: u32 = 1;
const SPORT: u32 = 2;
const DPORT: u32 = 3;
const SUM: u32 = 4;

/// How packets are divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steering {
    words: [u32; 4],
    mix: [u32; 4],
    last: u32,
    tunnels: Vec<u16>,
}

impl Steering {
    /// A division of its own for each `seed`. UDP packets to one of `tunnels` carry other flows:
    /// their ports say nothing of direction, so they go by their addresses.
    ///
    /// # Errors
    /// [`BpfError::Ports`] for more than [`limits::EXCLUDE_PORTS_MAX`] ports.
    pub fn new(seed: u64, tunnels: &[u16]) -> Result<Self, BpfError> {
        if tunnels.len() > limits::EXCLUDE_PORTS_MAX {
            return Err(BpfError::Ports(tunnels.len()));
        }
        let mut state = seed;
        // splitmix64; odd, so that multiplying loses nothing.
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)) as u32 | 1
        };
        Ok(Self {
            words: std::array::from_fn(|_| next()),
            mix: std::array::from_fn(|_| next()),
            last: next(),
            tunnels: tunnels.to_vec(),
        })
    }

    /// The number of a flow: socket `hash % sockets` gets it. Addresses are 16 bytes, IPv4 as
    /// `::ffff:a.b.c.d`; ports are zero for what has none.
    #[inline]
    pub fn hash(&self, src: &[u8; 16], dst: &[u8; 16], sport: u16, dport: u16) -> u32 {
        let (s, d) = (self.fold(src), self.fold(dst));
        let (sp, dp) = (u32::from(sport), u32::from(dport));
        let sum = (s ^ d)
            .wrapping_mul(self.mix[0])
            .wrapping_add(s.wrapping_add(d).wrapping_mul(self.mix[1]))
            .wrapping_add((sp ^ dp).wrapping_mul(self.mix[2]))
            .wrapping_add(sp.wrapping_add(dp).wrapping_mul(self.mix[3]));
        let sum = (sum ^ (sum >> 16)).wrapping_mul(self.last);
        sum ^ (sum >> 15)
    }

    #[inline]
    fn fold(&self, a: &[u8; 16]) -> u32 {
        let word = |n: usize| u32::from_be_bytes([a[n], a[n + 1], a[n + 2], a[n + 3]]);
        if word(0) | word(4) == 0 && word(8) == 0xffff {
            return word(12);
        }
        let w = self.words;
        word(0)
            .wrapping_mul(w[0])
            .wrapping_add(word(4).wrapping_mul(w[1]))
            .wrapping_add(word(8).wrapping_mul(w[2]))
            .wrapping_add(word(12).wrapping_mul(w[3]))
    }

    /// A UDP packet to this port carries other flows.
    #[inline]
    pub fn is_tunnel(&self, port: u16) -> bool {
        self.tunnels.contains(&port)
    }

    /// The same for the kernel: a fanout program whose result is [`Steering::hash`] for TCP and UDP
    /// over IPv4, and over IPv6 without extension headers; for fragments, tunnels and other IP
    /// packets that of their addresses alone; 0 for what is not IP.
    ///
    /// # Errors
    /// None: the program is within every limit.
    pub fn program(&self) -> Result<Program, BpfError> {
        let mut a = Assembler::default();
        let [v4, v6, ports4, ports6, udp4, udp6, plain4, plain6, bare, mix] =
            std::array::from_fn(|_| a.label());
        a.op(LD_B_ABS, NET_OFF);
        a.op(AND_K, 0xf0);
        a.test(JEQ_K, 0x40, Some(v4), None);
        a.test(JEQ_K, 0x60, Some(v6), None);
        a.op(RET_K, 0);

        a.place(v4);
        a.op(LD_W_ABS, NET_OFF + 12);
        a.op(ST, SRC);
        a.op(LD_W_ABS, NET_OFF + 16);
        a.op(ST, DST);
        a.op(LD_H_ABS, NET_OFF + 6);
        a.test(JSET_K, FRAGMENT, Some(bare), None);
        a.op(LD_B_ABS, NET_OFF + 9);
        a.test(JEQ_K, TCP, Some(plain4), None);
        a.test(JEQ_K, UDP, Some(udp4), Some(bare));
        a.place(udp4);
        a.op(LDX_MSH, NET_OFF);
        a.op(LD_H_IND, NET_OFF + 2);
        for port in &self.tunnels {
            a.test(JEQ_K, u32::from(*port), Some(bare), None);
        }
        a.goto(ports4);
        a.place(plain4);
        a.op(LDX_MSH, NET_OFF);
        a.op(LD_H_IND, NET_OFF + 2);
        a.place(ports4);
        a.op(ST, DPORT);
        a.op(LD_H_IND, NET_OFF);
        a.op(ST, SPORT);
        a.goto(mix);

        a.place(v6);
        for (at, to) in [(8, SRC), (24, DST)] {
            for (n, factor) in self.words.iter().enumerate() {
                a.op(LD_W_ABS, NET_OFF + at + 4 * n as u32);
                a.op(MUL_K, *factor);
                if n > 0 {
                    a.op(LDX_MEM, to);
                    a.op(ADD_X, 0);
                }
                a.op(ST, to);
            }
        }
        a.op(LD_B_ABS, NET_OFF + 6);
        a.test(JEQ_K, TCP, Some(plain6), None);
        a.test(JEQ_K, UDP, Some(udp6), Some(bare));
        a.place(udp6);
        a.op(LD_H_ABS, NET_OFF + 42);
        for port in &self.tunnels {
            a.test(JEQ_K, u32::from(*port), Some(bare), None);
        }
        a.goto(ports6);
        a.place(plain6);
        a.op(LD_H_ABS, NET_OFF + 42);
        a.place(ports6);
        a.op(ST, DPORT);
        a.op(LD_H_ABS, NET_OFF + 40);
        a.op(ST, SPORT);
        a.goto(mix);

        a.place(bare);
        a.op(LD_IMM, 0);
        a.op(ST, SPORT);
        a.op(ST, DPORT);
        a.place(mix);
        let mut first = true;
        for (one, other, xor, add) in
            [(SRC, DST, self.mix[0], self.mix[1]), (SPORT, DPORT, self.mix[2], self.mix[3])]
        {
            for (code, factor) in [(XOR_X, xor), (ADD_X, add)] {
                a.op(LDX_MEM, one);
                a.op(LD_MEM, other);
                a.op(code, 0);
                a.op(MUL_K, factor);
                if !std::mem::take(&mut first) {
                    a.op(LDX_MEM, SUM);
                    a.op(ADD_X, 0);
                }
                a.op(ST, SUM);
            }
        }
        a.op(TAX, 0);
        a.op(RSH_K, 16);
        a.op(XOR_X, 0);
        a.op(MUL_K, self.last);
        a.op(TAX, 0);
        a.op(RSH_K, 15);
        a.op(XOR_X, 0);
        a.op(RET_A, 0);
        Program::new(a.finish())
    }
}
