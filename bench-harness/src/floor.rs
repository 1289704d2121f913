//! The floor: the least that anything which tells flows apart has to do for a packet. It touches
//! the headers, hashes the 5-tuple and counts in one table of 64-byte slots; no timers, no
//! reassembly, no parsers, no rows. Same source, same batches and same prefetch as the data path,
//! so that the ratio of the two is about the work and not about the memory.

use crate::drive::BATCH;
use anyhow::Result;
use fathom_ring::Source;
use fathom_ring::file::FileSource;

const PREFETCH: usize = 8;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
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

    /// The whole capture; how many flows it has.
    ///
    /// # Errors
    /// A source that fails.
    #[inline(never)]
    pub fn measured(&mut self, source: &mut FileSource) -> Result<usize> {
        while !source.finished() {
            let batch = source.acquire(BATCH)?;
            for i in 0..batch.len().min(PREFETCH) {
                batch.prefetch(i);
            }
            for i in 0..batch.len() {
                batch.prefetch(i + PREFETCH);
                let f = batch.frame(i);
                self.frame(f.data, f.time_ns);
            }
            source.release();
        }
        Ok(self.flows)
    }

    #[inline]
    fn frame(&mut self, frame: &[u8], time_ns: u64) {
        let Some((key, side, flags)) = read(frame) else { return };
        let mask = self.slots.len() - 1;
        let mut at = hash(&key) as usize & mask;
        // Ends: a slot is free while fewer flows came than the table was made for; more of them
        // are counted in the last slot looked at.
        for _ in 0..64 {
            let slot = &self.slots[at];
            if !slot.used || slot.key == key {
                break;
            }
            at = (at + 1) & mask;
        }
        let slot = &mut self.slots[at];
        if !slot.used {
            slot.used = true;
            slot.key = key;
            self.flows += 1;
        }
        slot.packets[side] += 1;
        slot.bytes[side] = slot.bytes[side].wrapping_add(frame.len() as u32);
        slot.flags[side] |= flags;
        slot.last_ns = time_ns;
    }
}

/// Key, sender and TCP flags of an Ethernet frame with IPv4 and TCP or UDP.
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
        let spec = Spec { profile: Profile::Mix, packets: 6000, flows: 300, seed: 3, span_s: 5 };
        let c = capture(&spec);
        let mut source = fathom_ring::file::from_bytes(c.pcap).expect("a capture");
        let mut floor = Floor::new(300);
        assert_eq!(floor.measured(&mut source).expect("reads"), 300);
        let packets =
            |f: &Floor| f.slots.iter().map(|s| u64::from(s.packets[0] + s.packets[1])).sum::<u64>();
        assert_eq!(packets(&floor), c.truth.packets);
        floor.clear();
        assert_eq!(packets(&floor), 0);
    }
}
