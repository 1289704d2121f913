//! The flow table of one shard: a hash index over a slab of flows, bounded by number of flows
//! (and so by memory), giving up the longest idle flow when it is full.

use super::key::FlowKey;
use super::slab::{NONE, Slab};
use super::tcp_state::{State, Timer};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The part of a flow that lives as long as the flow. Numbers of the running second and minute
/// are in an [`super::Interval`] that only flows with recent packets have.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Identity.
    pub key: FlowKey,
    /// Time of the last packet, nanoseconds.
    pub last_ns: u64,
    /// Time of the first packet, nanoseconds.
    pub start_ns: u64,
    /// Stored id.
    pub flow_id: u64,
    /// Packets by side since the start.
    pub total_packets: [u64; 2],
    /// Bytes by side since the start.
    pub total_bytes: [u64; 2],
    /// MAC addresses by side.
    pub mac: [[u8; 6]; 2],
    /// Index of the running interval, or none.
    pub interval: u32,
    /// Index of the TCP tracker, or none.
    pub perf: u32,
    /// Index of the application state, or none.
    pub l7: u32,
    /// Index of the tunnel facts, or none.
    pub tunnel: u32,
    hash: u32,
    lru_next: u32,
    lru_prev: u32,
    lru_ms: u32,
    /// Which side is the client.
    pub client: u8,
    /// TCP state; for other protocols Raw, or Established once both sides spoke.
    pub state: State,
    /// How long the flow may stay silent.
    pub timer: Timer,
    /// Flags by side since the start.
    pub flags: [u8; 2],
    /// How sure the direction is.
    pub direction_score: u8,
    /// Application protocol id.
    pub l7_protocol: u8,
    /// Detection was given up, or there is nothing to detect.
    pub l7_done: bool,
    /// Some of its payload was not parsed because the core fell behind; counted once.
    pub unparsed: bool,
    /// No row has told of this flow yet.
    pub is_new: bool,
    /// Application answers since the start, capped.
    pub l7_responses: u16,
    /// Application errors since the start, capped.
    pub l7_errors: u16,
    /// VLAN id.
    pub vlan: u16,
    /// IPv4 identification of the first packet.
    pub init_ipid: u16,
    live: bool,
}

impl Flow {
    /// When the flow expires if nothing more comes, nanoseconds.
    pub fn deadline_ns(&self) -> u64 {
        self.last_ns + self.timer.millis() * 1_000_000
    }

    /// The slot holds a flow.
    pub fn is_live(&self) -> bool {
        self.live
    }
}

/// Flows of one shard.
#[derive(Debug)]
pub struct FlowTable {
    index: HashTable<u32>,
    flows: Slab<Flow>,
    hasher: RandomState,
    capacity: usize,
    lru_head: u32,
    lru_tail: u32,
}

impl FlowTable {
    /// A table for at most `capacity` flows; memory grows to that as flows come.
    pub fn new(capacity: usize) -> Self {
        Self {
            index: HashTable::new(),
            flows: Slab::default(),
            hasher: RandomState::default(),
            capacity: capacity.max(1),
            lru_head: NONE,
            lru_tail: NONE,
        }
    }

    /// Flows now.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// No flows.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// A further flow needs a place: [`FlowTable::longest_idle`] has to go first.
    pub fn is_full(&self) -> bool {
        self.index.len() >= self.capacity
    }

    /// Seeded hash of a key.
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The flow with `key`, whose hash is `hash`.
    #[inline]
    pub fn find(&self, key: &FlowKey, hash: u64) -> Option<u32> {
        let short = hash as u32;
        self.index
            .find(hash, |&i| {
                let f = &self.flows[i];
                f.hash == short && f.key == *key
            })
            .copied()
    }

    /// Adds a flow that is not there yet, at `now_ns`.
    ///
    /// # Panics
    /// When the table is full.
    pub fn insert(&mut self, key: FlowKey, hash: u64, now_ns: u64) -> u32 {
        assert!(!self.is_full(), "the caller makes room first");
        let flow = Flow {
            key,
            hash: hash as u32,
            start_ns: now_ns,
            last_ns: now_ns,
            interval: NONE,
            perf: NONE,
            l7: NONE,
            tunnel: NONE,
            is_new: true,
            live: true,
            ..Flow::default()
        };
        let id = self.flows.insert(flow);
        let (flows, hasher) = (&self.flows, &self.hasher);
        self.index.insert_unique(hash, id, |&i| hasher.hash_one(flows[i].key));
        self.lru_push(id, now_ns);
        id
    }

    /// Removes a flow.
    pub fn remove(&mut self, id: u32) {
        self.lru_unlink(id);
        let hash = self.hasher.hash_one(self.flows[id].key);
        if let Ok(entry) = self.index.find_entry(hash, |&i| i == id) {
            entry.remove();
        }
        self.flows[id].live = false;
        self.flows.remove(id);
    }

    /// The flow that has been silent longest, to within flows that were not looked at since
    /// they were queued: a flow found at the front that had packets meanwhile is queued again.
    pub fn longest_idle(&mut self) -> Option<u32> {
        loop {
            let id = self.lru_head;
            if id == NONE {
                return None;
            }
            let f = &self.flows[id];
            let last_ms = (f.last_ns / 1_000_000) as u32;
            if last_ms == f.lru_ms {
                return Some(id);
            }
            let last_ns = f.last_ns;
            self.lru_unlink(id);
            self.lru_push(id, last_ns);
        }
    }

    /// Indexes of all flows, in slot order.
    pub fn ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.index.iter().copied().collect();
        ids.sort_unstable();
        ids
    }

    fn lru_push(&mut self, id: u32, stamp_ns: u64) {
        let tail = self.lru_tail;
        let f = &mut self.flows[id];
        f.lru_ms = (stamp_ns / 1_000_000) as u32;
        f.lru_prev = tail;
        f.lru_next = NONE;
        if tail == NONE {
            self.lru_head = id;
        } else {
            self.flows[tail].lru_next = id;
        }
        self.lru_tail = id;
    }

    fn lru_unlink(&mut self, id: u32) {
        let (prev, next) = (self.flows[id].lru_prev, self.flows[id].lru_next);
        if prev == NONE {
            self.lru_head = next;
        } else {
            self.flows[prev].lru_next = next;
        }
        if next == NONE {
            self.lru_tail = prev;
        } else {
            self.flows[next].lru_prev = prev;
        }
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
