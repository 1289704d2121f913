//! Memory of the frames that a shard's connections are receiving, bounded in sum: each connection
//! takes a share as its buffer grows and gives it back with the frame.
//!
//! When nothing is left, connections wait in the middle of their frames. All of them could wait
//! for each other then, so one at a time may finish its frame beyond the bound.

use std::cell::Cell;

use fathom_schema::wire::MAX_BODY_LEN;
use fathom_shard::sleep;

use super::counters::Counters;
use crate::limits;

/// The most a shard's buffers take: the budget, and the one frame that may go beyond.
pub const MOST: u64 = limits::RECEIVE_BYTES + MAX_BODY_LEN as u64;

/// What one shard's connections share.
#[derive(Debug, Default)]
pub(super) struct Budget {
    taken: Cell<u64>,
    /// Somebody is beyond the bound.
    beyond: Cell<bool>,
}

/// What one connection has of it.
#[derive(Debug)]
pub(super) struct Share<'a> {
    budget: &'a Budget,
    counters: &'a Counters,
    bytes: u64,
    beyond: bool,
}

impl<'a> Share<'a> {
    pub(super) fn of(budget: &'a Budget, counters: &'a Counters) -> Self {
        Self { budget, counters, bytes: 0, beyond: false }
    }

    /// Takes `more` bytes, waiting until they are there. Together with what it has that must not
    /// be more than one frame.
    pub(super) async fn grow(&mut self, more: usize) {
        while !self.try_grow(more as u64) {
            sleep(limits::BACK_PRESSURE_POLL).await;
        }
    }

    fn try_grow(&mut self, more: u64) -> bool {
        let b = self.budget;
        let fits = b.taken.get() + more <= limits::RECEIVE_BYTES;
        if !fits && !self.beyond {
            if b.beyond.replace(true) {
                return false;
            }
            self.beyond = true;
        }
        b.taken.set(b.taken.get() + more);
        self.bytes += more;
        self.counters.receive_bytes.add(more);
        true
    }

    /// Gives everything back.
    pub(super) fn give_back(&mut self) {
        self.budget.taken.set(self.budget.taken.get() - self.bytes);
        self.counters.receive_bytes.sub(self.bytes);
        self.bytes = 0;
        if std::mem::take(&mut self.beyond) {
            self.budget.beyond.set(false);
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}
