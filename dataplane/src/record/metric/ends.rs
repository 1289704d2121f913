//! The sums of single ends, made of those of the pairs when a second is over. Most ends have one
//! pair: theirs are not summed but are that pair's.

use super::key::{Key, View};
use super::meters::{Meters, Sums};
use super::sketch::Sketches;

/// Where the sums of an end are.
#[derive(Clone, Copy, Debug)]
enum At {
    /// In its only pair.
    Pair(u32),
    /// In [`Ends::sums`].
    Own(u32),
}

/// The ends, in the order in which they first came.
#[derive(Debug, Default)]
pub(super) struct Ends<M> {
    at: Meters<At>,
    sums: Vec<M>,
    used: usize,
}

impl Default for At {
    fn default() -> Self {
        Self::Pair(0)
    }
}

impl<M: Sums> Ends<M> {
    /// The sums of one end of `pair`, which is in none, or coarser ones when there are too many.
    pub(super) fn at(&mut self, pair: &Key, view: View, folded: &mut u64) -> &mut M {
        let key = self.key(pair, view, folded);
        let Self { at, sums, used } = self;
        match at.entry(&key) {
            (At::Own(own), false) => &mut sums[*own as usize],
            (at, _) => own(at, sums, used),
        }
    }

    /// Adds what the pair at a position of `pairs` has to the sums of its ends.
    pub(super) fn add(
        &mut self,
        pairs: &Meters<M>,
        i: usize,
        sketches: &mut Sketches,
        folded: &mut u64,
    ) {
        let Some((pair, m)) = pairs.pair(i).filter(|(pair, _)| pair.view == View::Both) else {
            return;
        };
        for view in View::ENDS {
            let key = self.key(pair, view, folded);
            let Self { at, sums, used } = self;
            match at.entry(&key) {
                (at, true) => *at = At::Pair(i as u32),
                (At::Own(own), false) => sums[*own as usize].merge(m, sketches),
                (at, false) => {
                    let At::Pair(first) = *at else { continue };
                    let own = own(at, sums, used);
                    own.merge(pairs.get(first), sketches);
                    own.merge(m, sketches);
                }
            }
        }
    }

    fn key(&self, pair: &Key, view: View, folded: &mut u64) -> Key {
        let key = pair.end(view);
        if self.at.is_full() && !self.at.has(&key) {
            *folded += 1;
            return M::coarse(pair, view);
        }
        key
    }

    /// The end at a position with its sums, which may be those of one of `pairs`.
    pub(super) fn end<'m>(&'m self, i: usize, pairs: &'m Meters<M>) -> Option<(&'m Key, &'m M)> {
        self.at.pair(i).map(|(key, at)| match *at {
            At::Pair(pair) => (key, pairs.get(pair)),
            At::Own(own) => (key, &self.sums[own as usize]),
        })
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.at.clear();
        self.sums[..self.used].fill_with(M::default);
        self.used = 0;
    }
}

/// Gives an end sums of its own.
fn own<'m, M: Default>(at: &mut At, sums: &'m mut Vec<M>, used: &mut usize) -> &'m mut M {
    let own = *used;
    *at = At::Own(own as u32);
    *used += 1;
    if sums.len() < *used {
        sums.push(M::default());
    }
    &mut sums[own]
}
