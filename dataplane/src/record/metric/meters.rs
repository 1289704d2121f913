//! Sums by key, in the order in which their keys first came; memory is kept from second to
//! second.

use super::key::{Key, View};
use super::sketch::Sketches;
use crate::limits;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

/// What is summed.
pub(super) trait Sums: Default {
    /// Adds another's; `sketches` are both's.
    fn merge(&mut self, o: &Self, sketches: &mut Sketches);
    /// The key of one end of a pair when there are too many ends.
    fn coarse(pair: &Key, view: View) -> Key;
}

#[derive(Debug, Default)]
pub(super) struct Meters<M> {
    /// Hash and position of each key.
    index: HashTable<(u64, u32)>,
    keys: Vec<Key>,
    /// By position; the default behind the keys.
    slots: Vec<M>,
    hasher: RandomState,
}

/// Where something is to be summed.
pub(super) enum Place<'m, M> {
    /// Under its own key.
    Own(&'m mut M),
    /// There are too many keys.
    Full,
}

impl<M: Default> Meters<M> {
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.keys.len() >= limits::METRIC_KEYS
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        let hash = self.hasher.hash_one(key);
        self.index.find(hash, |at| self.keys[at.1 as usize] == *key).is_some()
    }

    /// The sums of `key`.
    #[inline]
    pub(super) fn at(&mut self, key: &Key) -> Place<'_, M> {
        if self.is_full() && !self.has(key) {
            return Place::Full;
        }
        Place::Own(self.forced(key))
    }

    /// The sums of `key`, however many there are.
    #[inline]
    pub(super) fn forced(&mut self, key: &Key) -> &mut M {
        self.entry(key).0
    }

    /// The sums of `key`, however many there are, and whether it is new.
    #[inline]
    pub(super) fn entry(&mut self, key: &Key) -> (&mut M, bool) {
        let Self { index, keys, slots, hasher } = self;
        let hash = hasher.hash_one(key);
        let same = |at: &(u64, u32)| at.0 == hash && keys[at.1 as usize] == *key;
        match index.entry(hash, same, |at| at.0) {
            Entry::Occupied(at) => (&mut slots[at.get().1 as usize], false),
            Entry::Vacant(place) => {
                let at = keys.len();
                place.insert((hash, at as u32));
                keys.push(*key);
                if slots.len() < keys.len() {
                    slots.push(M::default());
                }
                (&mut slots[at], true)
            }
        }
    }

    /// The sums at a position.
    pub(super) fn get(&self, at: u32) -> &M {
        &self.slots[at as usize]
    }

    /// The key at a position with its sums.
    pub(super) fn pair(&self, at: usize) -> Option<(&Key, &M)> {
        self.keys.get(at).map(|key| (key, &self.slots[at]))
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.slots[..self.keys.len()].fill_with(M::default);
        self.index.clear();
        self.keys.clear();
    }
}
