//! How long exchanges took, as counts by bucket: what quantiles are made of.

/// No entry.
const NONE: u32 = u32::MAX;

/// The buckets of one sum: the first of a list in [`Sketches`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch(u32);

impl Default for Sketch {
    fn default() -> Self {
        Self(NONE)
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    count: u32,
    next: u32,
    bucket: u16,
}

/// Buckets of all sums of a second. Most have one or two.
#[derive(Debug, Default)]
pub(super) struct Sketches {
    entries: Vec<Entry>,
    sorted: Vec<(u16, u64)>,
}

impl Sketches {
    /// Adds to a bucket.
    pub(super) fn add(&mut self, sketch: &mut Sketch, bucket: u16, count: u32) {
        let mut at = sketch.0;
        while at != NONE {
            let entry = &mut self.entries[at as usize];
            if entry.bucket == bucket {
                entry.count += count;
                return;
            }
            at = entry.next;
        }
        let next = std::mem::replace(&mut sketch.0, self.entries.len() as u32);
        self.entries.push(Entry { count, next, bucket });
    }

    /// Adds all of another.
    pub(super) fn merge(&mut self, sketch: &mut Sketch, other: Sketch) {
        let mut at = other.0;
        while at != NONE {
            let Entry { count, next, bucket } = self.entries[at as usize];
            self.add(sketch, bucket, count);
            at = next;
        }
    }

    /// The buckets of a sum in order.
    pub(super) fn sorted(&mut self, sketch: Sketch) -> &[(u16, u64)] {
        self.sorted.clear();
        let mut at = sketch.0;
        while at != NONE {
            let entry = &self.entries[at as usize];
            self.sorted.push((entry.bucket, entry.count.into()));
            at = entry.next;
        }
        if self.sorted.len() > 1 {
            self.sorted.sort_unstable();
        }
        &self.sorted
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// Bucket of a latency in microseconds in a DDSketch of 2 % relative error: bucket `i` holds
/// values in (g^(i-1), g^i] with g = 1.02 / 0.98 (Masson et al., "DDSketch", VLDB 2019).
pub(super) fn bucket(us: u64) -> u16 {
    const LN_GAMMA: f64 = 0.040_005_334_613_699_2;
    if us <= 1 {
        return 0;
    }
    ((us as f64).ln() / LN_GAMMA).ceil() as u16
}

#[cfg(test)]
mod tests {
    use super::{Sketch, Sketches, bucket};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Against a map; merging two gives the map of all.
        #[test]
        fn counts_are_by_bucket(
            first in proptest::collection::vec(0_u64..100_000, 0..60),
            second in proptest::collection::vec(0_u64..100_000, 0..60),
        ) {
            let mut all = Sketches::default();
            let (mut a, mut b) = (Sketch::default(), Sketch::default());
            let mut want: BTreeMap<u16, u64> = BTreeMap::new();
            for (sketch, values) in [(&mut a, &first), (&mut b, &second)] {
                for us in values {
                    all.add(sketch, bucket(*us), 1);
                    *want.entry(bucket(*us)).or_default() += 1;
                }
            }
            all.merge(&mut a, b);
            let want: Vec<(u16, u64)> = want.into_iter().collect();
            prop_assert_eq!(all.sorted(a), want);
        }
    }
}
