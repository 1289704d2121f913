//! What flows say of their link: hardware addresses, VLAN, and of those behind a tunnel its facts.
//! Few hosts are neighbours, so that most flows share what is kept here.

use super::slab::{NONE, Slab};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// A link as flows see it. Sides are those of the flows' keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// MAC addresses by side.
    pub mac: [[u8; 6]; 2],
    /// VLAN id.
    pub vlan: u16,
    /// Index of the tunnel facts, or none.
    pub tunnel: u32,
    flows: u32,
}

/// Links of one shard.
#[derive(Debug, Default)]
pub struct Links {
    all: Slab<Link>,
    shared: HashTable<u32>,
    hasher: RandomState,
    /// The one asked for last: flows come in runs.
    last: u32,
}

impl Links {
    /// A link for one more flow: shared, but for those with tunnel facts, which are the flow's own.
    pub fn take(&mut self, mac: [[u8; 6]; 2], vlan: u16, tunnel: u32) -> u32 {
        let new = Link { mac, vlan, tunnel, flows: 1 };
        if tunnel != NONE {
            return self.all.insert(new);
        }
        let same = |l: &Link| l.mac == mac && l.vlan == vlan && l.tunnel == NONE && l.flows > 0;
        if !self.all.get(self.last).is_some_and(same) {
            let hash = self.hasher.hash_one((mac, vlan));
            let Self { all, shared, hasher, .. } = self;
            self.last = match shared.find(hash, |i| same(&all[*i])) {
                Some(i) => *i,
                None => {
                    let i = all.insert(Link { flows: 0, ..new });
                    let rehash = |i: &u32| hasher.hash_one((all[*i].mac, all[*i].vlan));
                    shared.insert_unique(hash, i, rehash);
                    i
                }
            };
        }
        self.all[self.last].flows += 1;
        self.last
    }

    /// A flow gives its link back. Answers its tunnel facts, if it had any.
    pub fn give_back(&mut self, i: u32) -> u32 {
        let link = &mut self.all[i];
        link.flows -= 1;
        let Link { mac, vlan, tunnel, flows } = *link;
        if flows == 0 {
            if tunnel == NONE {
                let hash = self.hasher.hash_one((mac, vlan));
                if let Ok(entry) = self.shared.find_entry(hash, |at| *at == i) {
                    entry.remove();
                }
            }
            self.all.remove(i);
        }
        tunnel
    }
}

impl std::ops::Index<u32> for Links {
    type Output = Link;
    #[inline]
    fn index(&self, i: u32) -> &Link {
        &self.all[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_shared_as_long_as_flows_have_them() {
        let mut links = Links::default();
        let mac = |n| [[n; 6], [0; 6]];
        let a = links.take(mac(1), 7, NONE);
        let b = links.take(mac(2), 7, NONE);
        let tunnelled = links.take(mac(1), 7, 5);
        assert_eq!(links.take(mac(1), 7, NONE), a);
        assert!(a != b && a != tunnelled);
        assert_eq!((links[b].mac, links[b].vlan), (mac(2), 7));
        assert_eq!((links.give_back(tunnelled), links.give_back(a)), (5, NONE));
        assert_eq!(links.take(mac(1), 7, NONE), a);
        assert_eq!(
            (links.give_back(a), links.give_back(a), links.give_back(b)),
            (NONE, NONE, NONE)
        );
        assert!(links.all.is_empty() && links.shared.is_empty());
        // What was freed is not found again by what it held.
        let c = links.take(mac(3), 7, NONE);
        assert_eq!((links[c].mac, links.all.len()), (mac(3), 1));
    }
}
