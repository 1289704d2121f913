//! The classic BPF machine: a checker and an interpreter with the kernel's rules.

use super::steer::NET_OFF;
use super::{BpfError, Insn};
use crate::limits::BPF_INSNS_MAX;

const MEMORY: usize = 16;

// Instruction classes.
const LD: u16 = 0;
const LDX: u16 = 1;
const ST: u16 = 2;
const STX: u16 = 3;
const ALU: u16 = 4;
const JMP: u16 = 5;
const RET: u16 = 6;
const MISC: u16 = 7;

const AD_OFF: u32 = libc::SKF_AD_OFF as u32;
const AD_PROTOCOL: u32 = libc::SKF_AD_PROTOCOL as u32;
const AD_PKTTYPE: u32 = libc::SKF_AD_PKTTYPE as u32;
const AD_IFINDEX: u32 = libc::SKF_AD_IFINDEX as u32;
const AD_VLAN_TAG: u32 = libc::SKF_AD_VLAN_TAG as u32;
const AD_VLAN_TAG_PRESENT: u32 = libc::SKF_AD_VLAN_TAG_PRESENT as u32;

/// What a program can ask about a frame besides its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meta {
    /// Length on the wire, bytes.
    pub wire_len: u32,
    /// Packet type as in `linux/if_packet.h` (0 to this host, 4 outgoing).
    pub packet_type: u32,
    /// Ethertype.
    pub protocol: u32,
    /// Interface index.
    pub interface: u32,
    /// VLAN tag that was taken out of the frame.
    pub vlan_tci: Option<u16>,
    /// Where the network header begins in the frame, bytes.
    pub network: u32,
}

/// The load and return checks of the kernel's `bpf_check_classic`.
pub(super) fn check(insns: &[Insn]) -> Result<(), BpfError> {
    if insns.is_empty() || insns.len() > BPF_INSNS_MAX {
        return Err(BpfError::Length(insns.len()));
    }
    for (at, insn) in insns.iter().enumerate() {
        let behind = insns.len() - at - 1;
        let in_range = match insn.code {
            // Absolute loads: bytes, or an ancillary value as a word.
            0x20 => insn.k < AD_OFF || known_ancillary(insn.k),
            0x28 | 0x30 => insn.k < AD_OFF,
            // Indirect, immediate, length loads; MSH; stack memory.
            0x40 | 0x48 | 0x50 | 0x00 | 0x80 | 0x01 | 0x81 | 0xb1 => true,
            0x60 | 0x61 | 0x02 | 0x03 => (insn.k as usize) < MEMORY,
            // Arithmetic; division by a constant zero, and shifts beyond the word, are refused.
            0x34 | 0x94 => insn.k != 0,
            0x64 | 0x74 => insn.k < 32,
            0x04 | 0x14 | 0x24 | 0x44 | 0x54 | 0xa4 | 0x84 => true,
            0x0c | 0x1c | 0x2c | 0x3c | 0x4c | 0x5c | 0x6c | 0x7c | 0x9c | 0xac => true,
            0x05 => (insn.k as usize) < behind,
            0x15 | 0x25 | 0x35 | 0x45 | 0x1d | 0x2d | 0x3d | 0x4d => {
                usize::from(insn.jt.max(insn.jf)) < behind
            }
            0x06 | 0x16 | 0x07 | 0x87 => true,
            _ => return Err(BpfError::Operation(at)),
        };
        if !in_range {
            return Err(BpfError::Operand(at));
        }
    }
    match insns.last() {
        Some(Insn { code: 0x06 | 0x16, .. }) => Ok(()),
        _ => Err(BpfError::NoReturn),
    }
}

fn known_ancillary(k: u32) -> bool {
    matches!(
        k.wrapping_sub(AD_OFF),
        AD_PROTOCOL | AD_PKTTYPE | AD_IFINDEX | AD_VLAN_TAG | AD_VLAN_TAG_PRESENT
    )
}

fn ancillary(k: u32, meta: &Meta) -> u32 {
    match k.wrapping_sub(AD_OFF) {
        AD_PROTOCOL => meta.protocol,
        AD_PKTTYPE => meta.packet_type,
        AD_IFINDEX => meta.interface,
        AD_VLAN_TAG => u32::from(meta.vlan_tci.unwrap_or(0)),
        AD_VLAN_TAG_PRESENT => u32::from(meta.vlan_tci.is_some()),
        _ => 0,
    }
}

/// Big-endian value of the size that bits 3-4 of `code` name, or `None` outside of the frame.
fn load(frame: &[u8], code: u16, at: u32) -> Option<u32> {
    let rest = frame.get(at as usize..)?;
    match code & 0x18 {
        0x00 => rest.first_chunk().map(|b| u32::from_be_bytes(*b)),
        0x08 => rest.first_chunk().map(|b| u32::from(u16::from_be_bytes(*b))),
        _ => rest.first().map(|b| u32::from(*b)),
    }
}

/// Where in the frame a load at `at` reads.
fn place(at: u32, meta: &Meta) -> u32 {
    if at >= NET_OFF { meta.network.wrapping_add(at.wrapping_sub(NET_OFF)) } else { at }
}

/// Runs a checked program.
pub(super) fn run(insns: &[Insn], frame: &[u8], meta: &Meta) -> u32 {
    let (mut a, mut x) = (0u32, 0u32);
    let mut memory = [0u32; MEMORY];
    let mut at = 0;
    while let Some(&Insn { code, jt, jf, k }) = insns.get(at) {
        at += 1;
        match code & 7 {
            LD => {
                a = match code & 0xe0 {
                    0x00 => k,
                    0x20 if k >= AD_OFF => ancillary(k, meta),
                    0x20 => match load(frame, code, place(k, meta)) {
                        Some(value) => value,
                        None => return 0,
                    },
                    0x40 => {
                        match x.checked_add(k).and_then(|at| load(frame, code, place(at, meta))) {
                            Some(value) => value,
                            None => return 0,
                        }
                    }
                    0x60 => memory[k as usize % MEMORY],
                    _ => meta.wire_len,
                }
            }
            LDX => {
                x = match code & 0xe0 {
                    0x00 => k,
                    0x60 => memory[k as usize % MEMORY],
                    0xa0 => match frame.get(place(k, meta) as usize) {
                        Some(byte) => u32::from(byte & 0xf) * 4,
                        None => return 0,
                    },
                    _ => meta.wire_len,
                }
            }
            ST => memory[k as usize % MEMORY] = a,
            STX => memory[k as usize % MEMORY] = x,
            ALU => {
                let operand = if code & 8 != 0 { x } else { k };
                a = match code & 0xf0 {
                    0x00 => a.wrapping_add(operand),
                    0x10 => a.wrapping_sub(operand),
                    0x20 => a.wrapping_mul(operand),
                    0x30 | 0x90 if operand == 0 => return 0,
                    0x30 => a / operand,
                    0x40 => a | operand,
                    0x50 => a & operand,
                    0x60 => a.wrapping_shl(operand),
                    0x70 => a.wrapping_shr(operand),
                    0x80 => a.wrapping_neg(),
                    0x90 => a % operand,
                    _ => a ^ operand,
                }
            }
            JMP => {
                let operand = if code & 8 != 0 { x } else { k };
                let holds = match code & 0xf0 {
                    0x00 => {
                        at += k as usize;
                        continue;
                    }
                    0x10 => a == operand,
                    0x20 => a > operand,
                    0x30 => a >= operand,
                    _ => a & operand != 0,
                };
                at += usize::from(if holds { jt } else { jf });
            }
            RET => return if code & 0x10 != 0 { a } else { k },
            MISC if code & 0x80 != 0 => a = x,
            _ => x = a,
        }
    }
    0
}
