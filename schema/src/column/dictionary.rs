//! The dictionary behind a LowCardinality column: each distinct string once, and an index per
//! value.

use crate::block::put_varint;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use zerocopy::IntoBytes;

/// Version of the serialised keys that stands before a LowCardinality column.
const KEYS_VERSION: u64 = 1;
/// The dictionary is part of the block, and readers build theirs from it.
const OWN_KEYS: u64 = 1 << 9 | 1 << 10;

/// Values through a dictionary. Key 0 is the empty string, as ClickHouse has it.
#[derive(Debug)]
pub(super) struct Dictionary {
    indexes: Vec<u32>,
    /// Keys one after the other, as ClickHouse writes strings.
    keys: Vec<u8>,
    /// Start and end of each key's text in `keys`.
    spans: Vec<(u32, u32)>,
    by_text: HashTable<u32>,
    hasher: RandomState,
    /// Index of the value before: values come in runs.
    last: u32,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            indexes: Vec::new(),
            keys: vec![0],
            spans: vec![(1, 1)],
            by_text: HashTable::new(),
            hasher: RandomState::default(),
            last: 0,
        }
    }
}

impl Dictionary {
    pub(super) fn extend<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>) {
        for value in values {
            self.push(value);
        }
    }

    pub(super) fn extend_empty(&mut self, rows: usize) {
        self.indexes.resize(self.indexes.len() + rows, 0);
    }

    #[inline]
    pub(super) fn push(&mut self, text: &[u8]) {
        if text.is_empty() {
            self.indexes.push(0);
            return;
        }
        if text != self.text(self.last) {
            self.last = self.index_of(text);
        }
        self.indexes.push(self.last);
    }

    fn text(&self, index: u32) -> &[u8] {
        let (from, to) = self.spans[index as usize];
        &self.keys[from as usize..to as usize]
    }

    fn index_of(&mut self, text: &[u8]) -> u32 {
        let Self { keys, spans, by_text, hasher, .. } = self;
        let hash = hasher.hash_one(text);
        let span = |i: u32| {
            let (from, to) = spans[i as usize];
            from as usize..to as usize
        };
        if let Some(index) = by_text.find(hash, |i| keys[span(*i)] == *text) {
            return *index;
        }
        let index = spans.len() as u32;
        by_text.insert_unique(hash, index, |i| hasher.hash_one(&keys[span(*i)]));
        put_varint(keys, text.len() as u64);
        let from = keys.len() as u32;
        keys.extend_from_slice(text);
        spans.push((from, keys.len() as u32));
        index
    }

    pub(super) fn bytes(&self) -> usize {
        self.keys.len() + self.indexes.len() * 4
    }

    /// What stands before the column (before the offsets of an array of them).
    pub(super) fn write_version(out: &mut Vec<u8>) {
        out.extend_from_slice(&KEYS_VERSION.to_le_bytes());
    }

    /// Keys, then an index per value, as narrow as the number of keys allows.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if self.indexes.is_empty() {
            return; // nothing at all, not an empty dictionary
        }
        let count = self.spans.len() as u64;
        let width: u64 = match count {
            0..=0x100 => 0,
            0x101..=0x1_0000 => 1,
            _ => 2,
        };
        for word in [OWN_KEYS | width, count] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&self.keys);
        out.extend_from_slice(&(self.indexes.len() as u64).to_le_bytes());
        match width {
            0 => out.extend(self.indexes.iter().map(|i| *i as u8)),
            1 => out.extend(self.indexes.iter().flat_map(|i| (*i as u16).to_le_bytes())),
            _ => out.extend_from_slice(self.indexes.as_bytes()),
        }
    }

    pub(super) fn clear(&mut self) {
        self.indexes.clear();
        self.keys.truncate(1);
        self.spans.truncate(1);
        self.by_text.clear();
        self.last = 0;
    }
}
