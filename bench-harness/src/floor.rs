//! The floor: the least that anything which tells flows apart has to do for a packet. It walks
//! the capture's records with memory asked for ahead of time, reads the headers, hashes the
//! 5-tuple and counts in one table of 64-byte slots, 16 packets at a time so that their slots are
//! fetched together; no timers, no reassembly, no parsers, no rows. It does not go through the
//! data path's source: what that costs is the data path's.

use crate::prefetch::prefetch;
use anyhow::{Context, Result};
use std::collections::HashMap;

/// Packets whose slots are fetched together.
const BATCH: usize = 16;
/// Bytes of the capture that are asked for ahead: about ten packets, several memory latencies.
const AHEAD: usize = 3072;
const LINE: usize = 64;
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// 4789, and what stands before the frame that it carries: UDP's header and VXLAN's.
const VXLAN_PORT: [u8; 2] = [0x12, 0xb5];
const VXLAN_HEADERS: usize = 16;

#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Key {
    /// Both addresses, then both ports, the lower end first.
    ip: u64,
    port: u32,
    protocol: u8,
}

#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Slot {
    key: Key,
    packets: [u32; 2],
    bytes: [u32; 2],
    last_ns: u64,
    flags: [u8; 2],
    used: bool,
}

#[derive(Clone, Copy, Default)]
struct Packet {
    key: Key,
    side: usize,
    flags: u8,
    len: u32,
    time_ns: u64,
    slot: usize,
}

/// A table with open addressing, at most half full.
pub struct Floor {
    slots: Vec<Slot>,
    flows: usize,
}

impl Floor {
    /// For about so many flows.
    pub fn new(flows: usize) -> Self {
        Self { slots: vec![Slot::default(); (flows * 2).next_power_of_two()], flows: 0 }
    }

    /// Empties the table.
    pub fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.flows = 0;
    }

    /// The whole capture, a pcap file with nanoseconds; how many flows it has.
    ///
    /// # Errors
    /// A record that is cut.
    #[inline(never)]
    pub fn measured(&mut self, pcap: &[u8]) -> Result<usize> {
        let (mut at, mut asked) = (FILE_HEADER, 0);
        let mut batch = [Packet::default(); BATCH];
        while at < pcap.len() {
            let mut n = 0;
            while n < BATCH && at < pcap.len() {
                asked = asked.max(at);
                while asked < at + AHEAD {
                    prefetch(pcap, asked);
                    asked += LINE;
                }
                let head = pcap.get(at..at + RECORD_HEADER).context("a cut record")?;
                let word = |i| u32::from_le_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
                let (begin, len) = (at + RECORD_HEADER, word(8));
                at = begin + len as usize;
                let frame = pcap.get(begin..at).context("a cut record")?;
                if let Some((key, side, flags)) = read(frame) {
                    let time_ns = u64::from(word(0)) * 1_000_000_000 + u64::from(word(4));
                    let slot = hash(&key) as usize & (self.slots.len() - 1);
                    prefetch(&self.slots, slot);
                    batch[n] = Packet { key, side, flags, len, time_ns, slot };
                    n += 1;
                }
            }
            for packet in &batch[..n] {
                self.count(packet);
            }
        }
        Ok(self.flows)
    }

    /// Every flow that was told apart, seconds in which it had packets: what rows by flow and second
    /// there have to be. Not part of the floor's work.
    ///
    /// # Errors
    /// A record that is cut.
    pub fn flow_seconds(pcap: &[u8]) -> Result<u64> {
        let mut at = FILE_HEADER;
        let mut last: HashMap<Key, u32> = HashMap::new();
        let mut seconds = 0;
        while at < pcap.len() {
            let head = pcap.get(at..at + RECORD_HEADER).context("a cut record")?;
            let word = |i| u32::from_le_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
            let begin = at + RECORD_HEADER;
            at = begin + word(8) as usize;
            if let Some((key, _, _)) = read(pcap.get(begin..at).context("a cut record")?) {
                // Frames are in order of time: a flow's second never comes back.
                seconds += u64::from(last.insert(key, word(0)) != Some(word(0)));
            }
        }
        Ok(seconds)
    }

    #[inline]
    fn count(&mut self, p: &Packet) {
        let mask = self.slots.len() - 1;
        let mut at = p.slot;
        // Ends: a slot is free while fewer flows came than the table was made for; more of them
        // are counted in the last slot looked at.
        for _ in 0..64 {
            let slot = &self.slots[at];
            if !slot.used || slot.key == p.key {
                break;
            }
            at = (at + 1) & mask;
        }
        let slot = &mut self.slots[at];
        if !slot.used {
            slot.used = true;
            slot.key = p.key;
            self.flows += 1;
        }
        slot.packets[p.side] += 1;
        slot.bytes[p.side] = slot.bytes[p.side].wrapping_add(p.len);
        slot.flags[p.side] |= p.flags;
        slot.last_ns = p.time_ns;
    }
}

/// Key, sender and TCP flags of an Ethernet frame with IPv4 and TCP or UDP, or of the frame that it
/// carries in VXLAN.
#[inline]
fn read(frame: &[u8]) -> Option<(Key, usize, u8)> {
    let ip = frame.get(14..)?;
    if frame[12..14] != [8, 0] || *ip.first()? >> 4 != 4 {
        return None;
    }
    let l4 = ip.get(usize::from(ip[0] & 15) * 4..)?;
    let ip = ip.first_chunk::<20>()?;
    let protocol = ip[9];
    let flags = match protocol {
        6 => *l4.get(13)?,
        17 => 0,
        _ => return None,
    };
    if protocol == 17 && l4.get(2..4)? == VXLAN_PORT {
        return read(l4.get(VXLAN_HEADERS..)?);
    }
    let l4 = l4.first_chunk::<4>()?;
    let src = u32::from_be_bytes([ip[12], ip[13], ip[14], ip[15]]);
    let dst = u32::from_be_bytes([ip[16], ip[17], ip[18], ip[19]]);
    let (sp, dp) = (u16::from_be_bytes([l4[0], l4[1]]), u16::from_be_bytes([l4[2], l4[3]]));
    let side = usize::from((src, sp) > (dst, dp));
    let ends = [(src, sp), (dst, dp)];
    let (low, high) = (ends[side], ends[1 - side]);
    let key = Key {
        ip: u64::from(low.0) << 32 | u64::from(high.0),
        port: u32::from(low.1) << 16 | u32::from(high.1),
        protocol,
    };
    Some((key, side, flags))
}

/// Two multiplications, folded.
#[inline]
fn hash(key: &Key) -> u64 {
    let fold = |a: u64, b: u64| {
        let p = u128::from(a) * u128::from(b);
        (p >> 64) as u64 ^ p as u64
    };
    let rest = u64::from(key.port) << 8 | u64::from(key.protocol);
    fold(fold(key.ip ^ 0x9e37_79b9_7f4a_7c15, 0xa076_1d64_78bd_642f) ^ rest, 0xe703_7ed1_a0b4_28db)
}

#[cfg(test)]
mod tests {
    use super::Floor;
    use crate::generate::{Profile, Spec, capture};

    #[test]
    fn tells_flows_apart() {
        let spec = Spec { profile: Profile::Mix, packets: 6000, flows: 300, ..Spec::default() };
        let c = capture(&spec);
        let mut floor = Floor::new(300);
        assert_eq!(floor.measured(&c.pcap).expect("reads"), 300);
        let packets = |f: &Floor| -> u64 {
            f.slots.iter().map(|s| u64::from(s.packets[0] + s.packets[1])).sum()
        };
        assert_eq!(packets(&floor), c.truth.packets);
        floor.clear();
        assert_eq!(packets(&floor), 0);
        let seconds = Floor::flow_seconds(&c.pcap).expect("reads");
        assert!((300..=c.truth.packets).contains(&seconds), "{seconds}");
        assert!(floor.measured(&c.pcap[..c.pcap.len() - 1]).is_err());
    }
}
