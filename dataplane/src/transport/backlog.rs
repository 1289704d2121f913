//! What an agent shard has sealed and the server has not acknowledged: a bounded ring of frames in
//! sequence order. Sits between record (which seals blocks) and the connection (which writes them).
//!
//! When it is full the oldest frame of the least important table goes first. Two things can then
//! be true of it:
//!
//! * it was never written on the present connection: the server cannot have it, so its rows are
//!   counted as lost at once and its place becomes a *hole*;
//! * it was written and not acknowledged yet: nobody knows. Its bytes go, its place stays as a
//!   *ghost* until an acknowledgement covers it (stored after all) or a new connection learns
//!   that the server does not have it (lost, now a hole).
//!
//! Neighbouring holes merge into one run. A run is closed by a repeated Hello with the sequence
//! number behind the run; it says "what is missing below will never come", so the server's
//! contiguous watermark goes on.
//!
//! `rows pushed = rows delivered + rows lost + rows held` holds after every call.

use std::collections::VecDeque;
use std::rc::Rc;

use super::importance::{CLASSES, class_of};
use super::losses::{Losses, Reason};

/// Memory charged for an entry besides its frame's bytes. Keeps runs of tiny frames, ghosts and
/// holes inside the bound too.
pub const ENTRY_BYTES: usize = 128;

/// What to write next.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// A sealed frame.
    Frame(Rc<Vec<u8>>),
    /// A hole whose last sequence number this is.
    Hole(u64),
}

#[derive(Debug)]
enum Body {
    Frame(Rc<Vec<u8>>),
    Ghost,
    Hole,
}

/// One place in the sequence, or a run of holes.
#[derive(Debug)]
struct Entry {
    first: u64,
    last: u64,
    table: u16,
    rows: u32,
    body: Body,
}

/// Frames not acknowledged yet, bounded in bytes.
#[derive(Debug)]
pub struct Backlog {
    capacity: usize,
    bytes: usize,
    rows: u64,
    /// Contiguous: each entry begins where the one before ended.
    entries: VecDeque<Entry>,
    /// Sequence number of the next frame pushed.
    next: u64,
    /// First sequence number not written on the present (or last) connection.
    unsent: u64,
    /// Sequence numbers of held frames per importance class, oldest first; acknowledged ones are
    /// dropped from the front when met.
    by_class: [VecDeque<u64>; CLASSES],
}

impl Backlog {
    /// Holds up to `capacity` bytes, bookkeeping included.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            bytes: 0,
            rows: 0,
            entries: VecDeque::new(),
            next: 1,
            unsent: 1,
            by_class: Default::default(),
        }
    }

    /// Sequence number the next pushed frame must carry.
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// Lowest sequence number the server has not acknowledged.
    pub fn lowest_unacked(&self) -> u64 {
        self.entries.front().map_or(self.next, |e| e.first)
    }

    /// Highest sequence number written on the present connection, 0 for none.
    pub fn highest_sent(&self) -> u64 {
        self.unsent - 1
    }

    /// Bytes held, bookkeeping included.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Rows held, ghosts included: neither delivered nor lost so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Nothing is waiting for an acknowledgement.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Something has not been written on the present connection.
    pub fn has_unsent(&self) -> bool {
        self.unsent < self.next
    }

    /// Takes a frame sealed with [`Self::next_seq`], making room first.
    pub fn push(&mut self, table: u16, rows: u32, frame: Vec<u8>, losses: &mut Losses) {
        let seq = self.next;
        self.next += 1;
        let need = frame.len() + ENTRY_BYTES;
        while self.bytes + need > self.capacity && self.evict(class_of(table), losses) {}
        if self.bytes + need > self.capacity {
            // Nothing less or equally important is left to drop: this frame is the victim.
            losses.count(table, Reason::Overflow, u64::from(rows));
            self.entries.push_back(Entry {
                first: seq,
                last: seq,
                table,
                rows: 0,
                body: Body::Hole,
            });
            self.bytes += ENTRY_BYTES;
            self.merge_with_previous(self.entries.len() - 1);
            return;
        }
        self.bytes += need;
        self.rows += u64::from(rows);
        self.by_class[class_of(table)].push_back(seq);
        self.entries.push_back(Entry {
            first: seq,
            last: seq,
            table,
            rows,
            body: Body::Frame(Rc::new(frame)),
        });
    }

    /// What to write next on the present connection, in sequence order. From then on it counts
    /// as written, even when the connection breaks in the middle of it.
    pub fn next_outgoing(&mut self) -> Option<Outgoing> {
        loop {
            if self.unsent >= self.next {
                return None;
            }
            let e = &self.entries[self.index_of(self.unsent)];
            self.unsent = e.last + 1;
            match &e.body {
                Body::Frame(bytes) => return Some(Outgoing::Frame(Rc::clone(bytes))),
                Body::Hole => return Some(Outgoing::Hole(e.last)),
                // Ghosts lie below `unsent` by definition; passing one is harmless.
                Body::Ghost => {}
            }
        }
    }

    /// The server holds everything up to and including `seq`. Returns the rows delivered by
    /// table through `delivered`.
    pub fn acknowledge(&mut self, seq: u64, mut delivered: impl FnMut(u16, u64)) {
        while let Some(e) = self.entries.front() {
            if e.last > seq {
                break;
            }
            let Some(e) = self.entries.pop_front() else { break };
            self.bytes -= Self::cost(&e);
            self.rows -= u64::from(e.rows);
            if e.rows > 0 {
                delivered(e.table, u64::from(e.rows));
            }
        }
        let lowest = self.lowest_unacked();
        for class in &mut self.by_class {
            while class.front().is_some_and(|s| *s < lowest) {
                class.pop_front();
            }
        }
    }

    /// A new connection is up and the server holds everything up to `durable`: what was written
    /// before and lies above it never arrived. Ghosts above it are lost; all else is sent again.
    pub fn reconnected(
        &mut self,
        durable: u64,
        losses: &mut Losses,
        delivered: impl FnMut(u16, u64),
    ) {
        self.acknowledge(durable, delivered);
        self.unsent = self.lowest_unacked();
        let mut i = 0;
        while i < self.entries.len() {
            let e = &mut self.entries[i];
            if matches!(e.body, Body::Ghost) {
                losses.count(e.table, Reason::Overflow, u64::from(e.rows));
                self.rows -= u64::from(e.rows);
                e.rows = 0;
                e.body = Body::Hole;
            }
            if !self.merge_with_previous(i) {
                i += 1;
            }
        }
    }

    /// Gives up the one frame `seq`, which the server refuses: its place becomes a hole.
    pub fn give_up(&mut self, seq: u64, losses: &mut Losses) {
        let i = self.index_of(seq);
        let Some(e) = self.entries.get_mut(i).filter(|e| e.first <= seq) else { return };
        if matches!(e.body, Body::Hole) {
            return;
        }
        losses.count(e.table, Reason::Refused, u64::from(e.rows));
        self.bytes -= Self::cost(e) - ENTRY_BYTES;
        self.rows -= u64::from(e.rows);
        e.rows = 0;
        e.body = Body::Hole;
        let class = &mut self.by_class[class_of(e.table)];
        class.retain(|s| *s != seq);
    }

    /// Gives up what is still held, counting it under `reason`.
    pub fn abandon(&mut self, reason: Reason, losses: &mut Losses) {
        for e in self.entries.drain(..) {
            if e.rows > 0 {
                losses.count(e.table, reason, u64::from(e.rows));
            }
        }
        self.by_class.iter_mut().for_each(VecDeque::clear);
        self.bytes = 0;
        self.rows = 0;
        self.unsent = self.next;
    }

    /// Drops the oldest held frame of the least important class that is not more important than
    /// `for_class`. False when there is none.
    fn evict(&mut self, for_class: usize, losses: &mut Losses) -> bool {
        for class in 0..=for_class {
            let Some(seq) = self.by_class[class].pop_front() else { continue };
            let i = self.index_of(seq);
            let sent = seq < self.unsent;
            let e = &mut self.entries[i];
            self.bytes -= Self::cost(e) - ENTRY_BYTES;
            if sent {
                e.body = Body::Ghost;
            } else {
                losses.count(e.table, Reason::Overflow, u64::from(e.rows));
                self.rows -= u64::from(e.rows);
                e.rows = 0;
                e.body = Body::Hole;
                if i + 1 < self.entries.len() {
                    self.merge_with_previous(i + 1);
                }
                self.merge_with_previous(i);
            }
            return true;
        }
        false
    }

    /// Joins entry `i` into the one before when both are holes that still have to be written.
    fn merge_with_previous(&mut self, i: usize) -> bool {
        if i == 0 {
            return false;
        }
        let (previous, this) = (&self.entries[i - 1], &self.entries[i]);
        let both_holes = matches!(previous.body, Body::Hole) && matches!(this.body, Body::Hole);
        if !both_holes || previous.first < self.unsent {
            return false;
        }
        let last = this.last;
        self.entries[i - 1].last = last;
        self.entries.remove(i);
        self.bytes -= ENTRY_BYTES;
        true
    }

    fn index_of(&self, seq: u64) -> usize {
        self.entries.partition_point(|e| e.last < seq)
    }

    fn cost(e: &Entry) -> usize {
        ENTRY_BYTES + if let Body::Frame(b) = &e.body { b.len() } else { 0 }
    }
}

#[cfg(test)]
#[path = "backlog_tests.rs"]
mod tests;
