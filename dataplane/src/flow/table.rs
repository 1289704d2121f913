//! The flow table of one shard: an index by hash over a slab of flows, bounded by number of flows
//! (and so by memory).
//!
//! A packet finds its flow through two cache lines: one of the index, and the first of the flow,
//! which holds all that most packets look at. Both are asked for ahead of time
//! ([`FlowTable::prefetch`], [`FlowTable::likely`]), so that a batch of packets waits for memory
//! once and not packet by packet.

use super::key::FlowKey;
use super::slab::{NONE, Slab};
use super::tcp_state::{State, Timer};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;

/// Facts of a flow that are true or not.
pub mod bit {
    /// Packets of side 0 were seen; those of side 1 are the next bit.
    pub const SEEN: u8 = 1 << 0;
    /// Detection was given up, or there is nothing to detect.
    pub const L7_DONE: u8 = 1 << 2;
    /// Some of its payload was not parsed because the core fell behind; counted once.
    pub const UNPARSED: u8 = 1 << 3;
    /// No row has told of this flow yet.
    pub const NEW: u8 = 1 << 4;
    /// The slot holds a flow.
    pub const LIVE: u8 = 1 << 5;
    /// An application answer was seen.
    pub const ANSWERED: u8 = 1 << 6;
    /// An application error was seen.
    pub const ERRED: u8 = 1 << 7;
}

/// The part of a flow that lives as long as the flow: what each packet needs in the first cache
/// line, what seconds, minutes and rows need in the second. Numbers of the running second and
/// minute are in an [`super::Interval`] that only flows with recent packets have.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub struct Flow {
    /// Identity.
    pub key: FlowKey,
    /// TCP state; for other protocols Raw, or Established once both sides spoke.
    pub state: State,
    /// How long the flow may stay silent.
    pub timer: Timer,
    /// Which side is the client.
    pub client: u8,
    /// See [`bit`].
    pub bits: u8,
    /// Index of the running interval, or none.
    pub interval: u32,
    /// Index of the TCP tracker, or none.
    pub tcp: u32,
    /// Index of the application state, or none.
    pub l7: u32,

    /// Time of the first packet, nanoseconds.
    pub start_ns: u64,
    /// Time of the last packet, nanoseconds; that of a flow with a running interval is there.
    pub last_ns: u64,
    /// Packets by side since the start, less the running second.
    pub total_packets: [u64; 2],
    /// Bytes by side since the start, less the running second.
    pub total_bytes: [u64; 2],
    /// Stored id.
    pub flow_id: u64,
    /// What it came through, in [`super::link::Links`].
    pub link: u32,
    /// Application protocol id.
    pub l7_protocol: u8,
    /// How sure the direction is.
    pub direction_score: u8,
    /// IPv4 identification of the first packet.
    pub init_ipid: u16,
}

const _: () = assert!(size_of::<Flow>() == 128);

impl Flow {
    /// All of `bits` are true.
    #[inline]
    pub fn is(&self, bits: u8) -> bool {
        self.bits & bits == bits
    }

    /// Makes `bits` true.
    #[inline]
    pub fn set(&mut self, bits: u8) {
        self.bits |= bits;
    }
}

/// Flows of one shard.
#[derive(Debug)]
pub struct FlowTable {
    /// Open addressing: the upper half of a flow's hash and its slot plus one, 0 for none. At most
    /// half full, never grown.
    index: Vec<u64>,
    flows: Slab<Flow>,
    hasher: RandomState,
    capacity: usize,
}

impl FlowTable {
    /// A table for at most `capacity` flows; memory is taken as flows come.
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, 1 << 28);
        Self {
            index: vec![0; (2 * capacity).next_power_of_two()],
            flows: Slab::with_capacity(capacity),
            hasher: RandomState::default(),
            capacity,
        }
    }

    /// Flows at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Flows now.
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// No flows.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }

    /// A further flow needs a place: another has to go first.
    pub fn is_full(&self) -> bool {
        self.flows.len() >= self.capacity
    }

    /// Seeded hash of a key. The table uses its upper half.
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u64 {
        self.hasher.hash_one(key)
    }

    #[inline]
    fn home(&self, tag: u32) -> usize {
        tag as usize & (self.index.len() - 1)
    }

    /// Asks for the place in the index of a flow with this hash.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        fathom_ring::prefetch(&raw const self.index[self.home((hash >> 32) as u32)]);
    }

    /// A flow that probably has this hash, or `NONE`; its first line is asked for.
    #[inline]
    pub fn likely(&self, hash: u64) -> u32 {
        let tag = (hash >> 32) as u32;
        let mut at = self.home(tag);
        loop {
            let entry = self.index[at];
            if entry == 0 {
                return NONE;
            }
            if (entry >> 32) as u32 == tag {
                let id = entry as u32 - 1;
                self.flows.prefetch(id);
                return id;
            }
            at = (at + 1) & (self.index.len() - 1);
        }
    }

    /// The flow with `key`, whose hash is `hash`; `likely` is looked at first.
    #[inline]
    pub fn find(&self, key: &FlowKey, hash: u64, likely: u32) -> Option<u32> {
        if self.flows.get(likely).is_some_and(|f| f.key == *key && f.is(bit::LIVE)) {
            return Some(likely);
        }
        let tag = (hash >> 32) as u32;
        let mut at = self.home(tag);
        loop {
            let entry = self.index[at];
            if entry == 0 {
                return None;
            }
            let id = (entry as u32).wrapping_sub(1);
            if (entry >> 32) as u32 == tag && self.flows[id].key == *key {
                return Some(id);
            }
            at = (at + 1) & (self.index.len() - 1);
        }
    }

    /// Adds a flow that is not there yet, at `now_ns`.
    ///
    /// # Panics
    /// When the table is full.
    pub fn insert(&mut self, key: FlowKey, hash: u64, now_ns: u64) -> u32 {
        assert!(!self.is_full(), "the caller makes room first");
        let id = self.flows.insert(Flow {
            key,
            start_ns: now_ns,
            last_ns: now_ns,
            interval: NONE,
            tcp: NONE,
            l7: NONE,
            link: NONE,
            bits: bit::NEW | bit::LIVE,
            ..Flow::default()
        });
        let tag = (hash >> 32) as u32;
        let mut at = self.home(tag);
        while self.index[at] != 0 {
            at = (at + 1) & (self.index.len() - 1);
        }
        self.index[at] = u64::from(tag) << 32 | u64::from(id + 1);
        id
    }

    /// Removes a flow.
    pub fn remove(&mut self, id: u32) {
        let mask = self.index.len() - 1;
        let tag = (self.hasher.hash_one(self.flows[id].key) >> 32) as u32;
        let mut hole = self.home(tag);
        while self.index[hole] as u32 != id + 1 {
            hole = (hole + 1) & mask;
        }
        // What stands behind it moves up, unless it would stand before its home.
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let entry = self.index[at];
            if entry == 0 {
                break;
            }
            let home = self.home((entry >> 32) as u32);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.index[hole] = entry;
                hole = at;
            }
        }
        self.index[hole] = 0;
        self.flows[id].bits = 0;
        self.flows.remove(id);
    }

    /// Indexes of all flows, in slot order.
    pub fn ids(&self) -> Vec<u32> {
        let all = self.flows.slots().iter().enumerate();
        all.filter(|(_, f)| f.is(bit::LIVE)).map(|(i, _)| i as u32).collect()
    }
}

impl std::ops::Index<u32> for FlowTable {
    type Output = Flow;
    #[inline]
    fn index(&self, id: u32) -> &Flow {
        &self.flows[id]
    }
}

impl std::ops::IndexMut<u32> for FlowTable {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut Flow {
        &mut self.flows[id]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn key(n: u16) -> FlowKey {
        FlowKey { port: [n, 0], ..FlowKey::default() }
    }

    proptest! {
        /// Against a map, with hashes that collide as often as can be.
        #[test]
        fn finds_what_a_map_finds(
            capacity in 1_usize..24,
            ops in proptest::collection::vec((0_u16..32, any::<bool>()), 1..200),
        ) {
            let mut table = FlowTable::new(capacity);
            let mut model = BTreeMap::new();
            for (n, insert) in ops {
                let hash = table.hash(&key(n));
                let likely = table.likely(hash);
                let found = table.find(&key(n), hash, likely);
                prop_assert_eq!(found, model.get(&n).copied());
                match (found, insert) {
                    (None, true) if !table.is_full() => {
                        model.insert(n, table.insert(key(n), hash, 5));
                    }
                    (Some(id), false) => {
                        table.remove(id);
                        model.remove(&n);
                    }
                    _ => {}
                }
                prop_assert_eq!(table.len(), model.len());
            }
            for (n, id) in &model {
                prop_assert_eq!(table.find(&key(*n), table.hash(&key(*n)), NONE), Some(*id));
            }
            let mut ids: Vec<u32> = model.into_values().collect();
            ids.sort_unstable();
            prop_assert_eq!(table.ids(), ids);
        }
    }
}
