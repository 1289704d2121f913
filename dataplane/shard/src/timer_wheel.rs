//! Timers of the flow table: many, cheap, coarse. An entry is an index of the caller's slab; the
//! wheel keeps only links and a deadline for it.
//!
//! Eight levels of 64 slots, six bits of the deadline each. An entry sits at the level of the
//! highest six-bit group in which its deadline differs from now, so the entries of the lowest
//! occupied level always expire first and one bitmap per level finds the next one. Arming and
//! disarming touch one entry and its neighbours; an entry moves down at most seven times in its
//! life; idle time costs nothing however long it was. Nothing is allocated below the capacity.
//!
//! After G. Varghese and T. Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987).

/// Six bits of the deadline per level.
const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = 8;
/// Largest tick: 48 bits, which in milliseconds is 8900 years.
pub const MAX_TICK: u64 = (1 << (BITS as usize * LEVELS)) - 1;
/// No entry, and the largest index an entry can not have.
const NONE: u32 = u32::MAX;
/// Not armed.
const NOWHERE: u16 = u16::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    /// The deadline's 48 bits.
    low: u32,
    high: u16,
    /// `level * SLOTS + slot`, or [`NOWHERE`].
    place: u16,
    next: u32,
    prev: u32,
}

impl Node {
    #[inline]
    fn deadline(&self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

const UNARMED: Node = Node { low: 0, high: 0, place: NOWHERE, next: NONE, prev: NONE };
// One for each flow there may be.
const _: () = assert!(size_of::<Node>() == 16);

/// A hierarchical timer wheel over `u32` ids. Ticks are whatever the caller counts.
#[derive(Debug)]
pub struct TimerWheel {
    now: u64,
    armed: usize,
    /// A bit per slot that has entries.
    occupied: [u64; LEVELS],
    /// First and last entry of each slot.
    ends: Box<[(u32, u32); LEVELS * SLOTS]>,
    nodes: Vec<Node>,
}

impl TimerWheel {
    /// An empty wheel that stands at `now`, with room for ids below `capacity`.
    pub fn new(now: u64, capacity: usize) -> Self {
        Self {
            now: now.min(MAX_TICK),
            armed: 0,
            occupied: [0; LEVELS],
            ends: Box::new([(NONE, NONE); LEVELS * SLOTS]),
            nodes: Vec::with_capacity(capacity.min(NONE as usize)),
        }
    }

    /// Bytes of memory per id, for the start-up memory estimate.
    pub const BYTES_PER_ID: usize = size_of::<Node>();

    /// Arms `id`, or moves it when it is armed already. It fires in the first
    /// [`TimerWheel::advance`] that reaches `deadline`; one that is not after now fires at the
    /// next tick. An id beyond the reserved capacity makes the wheel grow.
    ///
    /// # Panics
    /// When `id` is `u32::MAX`, which is no valid index.
    #[inline]
    pub fn arm(&mut self, id: u32, deadline: u64) {
        assert!(id != NONE, "u32::MAX is not a timer id");
        if id as usize >= self.nodes.len() {
            self.nodes.resize(id as usize + 1, UNARMED);
        }
        let deadline = deadline.clamp(self.now.saturating_add(1).min(MAX_TICK), MAX_TICK);
        let place = self.place_of(deadline);
        let node = &mut self.nodes[id as usize];
        (node.low, node.high) = (deadline as u32, (deadline >> 32) as u16);
        if node.place == place {
            return;
        }
        if node.place != NOWHERE {
            self.unlink(id);
        }
        self.link(id, place);
    }

    /// Disarms `id`; says whether it was armed. Any id is allowed.
    #[inline]
    pub fn disarm(&mut self, id: u32) -> bool {
        let armed = self.is_armed(id);
        if armed {
            self.unlink(id);
        }
        armed
    }

    /// Is `id` armed?
    #[inline]
    pub fn is_armed(&self, id: u32) -> bool {
        self.nodes.get(id as usize).is_some_and(|node| node.place != NOWHERE)
    }

    /// When `id` fires, if it is armed.
    pub fn deadline(&self, id: u32) -> Option<u64> {
        self.nodes.get(id as usize).filter(|node| node.place != NOWHERE).map(Node::deadline)
    }

    /// How many are armed.
    pub fn len(&self) -> usize {
        self.armed
    }

    /// Is none armed?
    pub fn is_empty(&self) -> bool {
        self.armed == 0
    }

    /// The tick last advanced to.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// A tick before which nothing fires: how long the caller may sleep.
    pub fn next_event(&self) -> Option<u64> {
        let level = self.occupied.iter().position(|&bits| bits != 0)?;
        Some(self.slot_start(level, self.occupied[level].trailing_zeros()))
    }

    /// An id that fires among the first: the soonest of those that a look at a few of them finds,
    /// beginning with those that were armed first. `deadline` says when one really would; what
    /// saw packets since it was armed is moved on the way.
    pub fn first(&mut self, mut deadline: impl FnMut(u32) -> u64) -> Option<u32> {
        /// The soonest of so many of a million is among the soonest hundredth nearly always.
        const LOOKS: usize = 64;
        let mut best: Option<(u64, u32)> = None;
        let mut looks = 0;
        while looks < LOOKS {
            let level = self.occupied.iter().position(|&bits| bits != 0)?;
            let place = level * SLOTS + self.occupied[level].trailing_zeros() as usize;
            let mut id = self.ends[place].0;
            while id != NONE && looks < LOOKS {
                let next = self.nodes[id as usize].next;
                let real = deadline(id);
                if best.is_none_or(|(soonest, _)| real < soonest) {
                    best = Some((real, id));
                }
                self.arm(id, real);
                looks += 1;
                id = next;
            }
            if best.is_some_and(|(_, id)| usize::from(self.nodes[id as usize].place) == place) {
                break;
            }
        }
        best.map(|(_, id)| id)
    }

    /// Some of those that fire last, beginning with those that were armed first.
    pub fn last(&self) -> impl Iterator<Item = u32> + '_ {
        const LOOKS: usize = 16;
        let level = self.occupied.iter().rposition(|&bits| bits != 0);
        let head = level.map_or(NONE, |level| {
            let slot = self.occupied[level].ilog2() as usize;
            self.ends[level * SLOTS + slot].0
        });
        let next = |id: &u32| Some(self.nodes[*id as usize].next).filter(|id| *id != NONE);
        std::iter::successors(Some(head).filter(|id| *id != NONE), next).take(LOOKS)
    }

    /// Moves time on to `now`, disarming and handing to `fire` every id whose deadline has come,
    /// in order of deadline. A `now` in the past changes nothing.
    pub fn advance(&mut self, now: u64, mut fire: impl FnMut(u32)) {
        self.advance_rearm(now, |id, _| {
            fire(id);
            None
        });
    }

    /// As [`TimerWheel::advance`]; `fire` also gets the tick, and may answer with a new deadline
    /// for the id. A flow that saw packets since it was armed is moved that way, so that packets
    /// need not touch the wheel.
    pub fn advance_rearm(&mut self, now: u64, mut fire: impl FnMut(u32, u64) -> Option<u64>) {
        let target = now.min(MAX_TICK);
        while let Some(level) = self.occupied.iter().position(|&bits| bits != 0) {
            let slot = self.occupied[level].trailing_zeros();
            let start = self.slot_start(level, slot);
            if start > target {
                break;
            }
            self.now = start;
            let place = level * SLOTS + slot as usize;
            let (mut id, _) = std::mem::replace(&mut self.ends[place], (NONE, NONE));
            self.occupied[level] &= !(1 << slot);
            while id != NONE {
                let node = &mut self.nodes[id as usize];
                let next = node.next;
                let deadline = node.deadline();
                node.place = NOWHERE;
                self.armed -= 1;
                if deadline > self.now {
                    let place = self.place_of(deadline);
                    self.link(id, place);
                } else if let Some(deadline) = fire(id, self.now) {
                    self.arm(id, deadline);
                }
                id = next;
            }
            if self.now == MAX_TICK {
                return;
            }
        }
        self.now = self.now.max(target);
    }

    /// First tick of a slot that lies ahead of now within now's turn of its level.
    fn slot_start(&self, level: usize, slot: u32) -> u64 {
        let shift = BITS * level as u32;
        let turn = self.now & !((1u64 << (shift + BITS)) - 1);
        turn | (u64::from(slot) << shift)
    }

    #[inline]
    fn place_of(&self, deadline: u64) -> u16 {
        // `| 1` keeps the logarithm defined at the end of time, where the deadline can equal now.
        let level = ((deadline ^ self.now) | 1).ilog2() / BITS;
        let slot = (deadline >> (BITS * level)) as usize % SLOTS;
        (level as usize * SLOTS + slot) as u16
    }

    #[inline]
    fn link(&mut self, id: u32, place: u16) {
        let (head, tail) = &mut self.ends[place as usize];
        let last = std::mem::replace(tail, id);
        if last == NONE {
            *head = id;
        } else {
            self.nodes[last as usize].next = id;
        }
        let node = &mut self.nodes[id as usize];
        node.place = place;
        node.prev = last;
        node.next = NONE;
        self.occupied[place as usize / SLOTS] |= 1 << (place as usize % SLOTS);
        self.armed += 1;
    }

    #[inline]
    fn unlink(&mut self, id: u32) {
        let Node { next, prev, place, .. } = self.nodes[id as usize];
        let (head, tail) = &mut self.ends[place as usize];
        if prev == NONE {
            *head = next;
        }
        if next == NONE {
            *tail = prev;
        }
        if *head == NONE {
            self.occupied[place as usize / SLOTS] &= !(1 << (place as usize % SLOTS));
        }
        if prev != NONE {
            self.nodes[prev as usize].next = next;
        }
        if next != NONE {
            self.nodes[next as usize].prev = prev;
        }
        self.nodes[id as usize].place = NOWHERE;
        self.armed -= 1;
    }
}
