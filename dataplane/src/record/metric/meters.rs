//! Sums by key, in the order in which their keys first came; memory is kept from second to
//! second.

use super::key::Key;
use crate::limits;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

#[derive(Debug, Default)]
pub(super) struct Meters<M> {
    index: HashTable<u32>,
    keys: Vec<Key>,
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
        self.index.find(hash, |i| self.keys[*i as usize] == *key).is_some()
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
        let Self { index, keys, slots, hasher } = self;
        let hash = hasher.hash_one(key);
        let at = match index.find(hash, |i| keys[*i as usize] == *key) {
            Some(at) => *at as usize,
            None => {
                let at = keys.len();
                index.insert_unique(hash, at as u32, |i| hasher.hash_one(keys[*i as usize]));
                keys.push(*key);
                if slots.len() < keys.len() {
                    slots.push(M::default());
                }
                at
            }
        };
        &mut slots[at]
    }

    /// All keys with their sums. Whoever takes the sums puts their default back; then
    /// [`Meters::clear`].
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (&Key, &mut M)> {
        self.keys.iter().zip(&mut self.slots)
    }

    /// Forgets the keys.
    pub(super) fn clear(&mut self) {
        self.index.clear();
        self.keys.clear();
    }
}
