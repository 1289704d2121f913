//! Names of endpoints by number: each is looked at once, however often it is asked.

use crate::limits;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Numbers from 1 on; 0 is no endpoint.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    /// Where each name ends in `bytes`, which is valid text.
    ends: Vec<u32>,
    text: String,
    /// The bytes they were given as, where that is no valid text.
    by_text: HashTable<u32>,
    hasher: RandomState,
}

impl Endpoints {
    /// The number of a name; 0 for the empty one, and when there are too many.
    pub(super) fn number(&mut self, name: &[u8]) -> u32 {
        let name = &name[..name.len().min(limits::ENDPOINT_BYTES)];
        if name.is_empty() {
            return 0;
        }
        match self.find(name) {
            0 => self.add(name),
            n => n,
        }
    }

    fn find(&self, name: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(name);
        self.by_text.find(hash, |n| self.name(*n).as_bytes() == name).copied().unwrap_or(0)
    }

    #[cold]
    fn add(&mut self, name: &[u8]) -> u32 {
        if self.ends.len() >= limits::ENDPOINTS {
            return 0;
        }
        let name = String::from_utf8_lossy(name);
        // What stands for invalid text may be there already.
        match self.find(name.as_bytes()) {
            0 => {}
            n => return n,
        }
        self.text.push_str(&name);
        self.ends.push(self.text.len() as u32);
        let number = self.ends.len() as u32;
        let Self { ends, text, by_text, hasher } = self;
        let hash = hasher.hash_one(name.as_bytes());
        by_text.insert_unique(hash, number, |n| hasher.hash_one(word(ends, text, *n).as_bytes()));
        number
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u32) -> &str {
        if number == 0 { "" } else { word(&self.ends, &self.text, number) }
    }

    /// Begins anew when many names are known, so that those of long ago take no room.
    pub(super) fn forget_if_many(&mut self) {
        if self.ends.len() >= limits::ENDPOINTS / 2 {
            self.ends.clear();
            self.text.clear();
            self.by_text.clear();
        }
    }
}

#[inline]
fn word<'a>(ends: &[u32], text: &'a str, number: u32) -> &'a str {
    let at = number as usize - 1;
    let from = if at == 0 { 0 } else { ends[at - 1] };
    &text[from as usize..ends[at] as usize]
}
