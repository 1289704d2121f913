//! A source wrapper that loses, repeats, swaps and shortens frames by a seed, for tests of the
//! stages behind the ring. The same seed over the same source does the same.

use std::os::fd::RawFd;

use crate::{Batch, Counters, Desc, Error, Interface, Source};

/// How often each fault happens, in thousandths of the frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Frames left out.
    pub drop: u32,
    /// Frames given twice in a row.
    pub duplicate: u32,
    /// Frames exchanged with the one before them in the batch.
    pub swap: u32,
    /// Frames cut to a random shorter length.
    pub truncate: u32,
}

/// What a [`Faulty`] source did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Frames left out.
    pub dropped: u64,
    /// Frames given twice.
    pub duplicated: u64,
    /// Pairs exchanged.
    pub swapped: u64,
    /// Frames cut.
    pub truncated: u64,
}

/// A source with faults.
pub struct Faulty<S> {
    inner: S,
    rates: Rates,
    state: u64,
    descs: Vec<Desc>,
    done: Done,
}

impl<S: Source> Faulty<S> {
    /// Wraps `inner`.
    pub fn new(inner: S, rates: Rates, seed: u64) -> Self {
        // The generator cannot leave the state zero.
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { inner, rates, state, descs: Vec::new(), done: Done::default() }
    }

    /// Faults so far.
    pub fn done(&self) -> Done {
        self.done
    }

    /// xorshift64*, good enough to scatter faults.
    fn random(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    fn happens(&mut self, rate: u32) -> bool {
        self.random() % 1000 < u64::from(rate)
    }
}

impl<S: Source> Source for Faulty<S> {
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error> {
        self.descs.clear();
        // The inner source keeps the memory of its frames until its `release`, which only this
        // source's `release` and next `acquire` cause; both end the borrow of the batch.
        let lent = self.inner.acquire(max)?.descs.to_vec();
        for mut desc in lent {
            if self.happens(self.rates.drop) {
                self.done.dropped += 1;
                continue;
            }
            if desc.len > 0 && self.happens(self.rates.truncate) {
                desc.len = (self.random() % u64::from(desc.len)) as u32;
                self.done.truncated += 1;
            }
            self.descs.push(desc);
            if self.happens(self.rates.duplicate) {
                self.descs.push(desc);
                self.done.duplicated += 1;
            }
            let n = self.descs.len();
            if n > 1 && self.happens(self.rates.swap) {
                self.descs.swap(n - 1, n - 2);
                self.done.swapped += 1;
            }
        }
        Ok(Batch { descs: &self.descs })
    }

    fn release(&mut self) {
        self.descs.clear();
        self.inner.release();
    }

    fn head_ns(&self) -> Option<u64> {
        self.inner.head_ns()
    }

    fn backlog(&self) -> u8 {
        self.inner.backlog()
    }

    fn pause(&self) -> Option<std::time::Duration> {
        self.inner.pause()
    }

    fn readiness(&self) -> Option<RawFd> {
        self.inner.readiness()
    }

    fn finished(&self) -> bool {
        self.inner.finished()
    }

    fn counters(&mut self) -> Counters {
        self.inner.counters()
    }

    fn interfaces(&self) -> &[Interface] {
        self.inner.interfaces()
    }

    fn describe(&self) -> String {
        format!("{} with faults", self.inner.describe())
    }
}
