//! What a shard leaves undone when it falls behind: rows of requests first, then the parsing of
//! whole flows, then the packets of whole flows, each step counted where it happens. One step at a
//! time, and back again by itself.
//!
//! A shard has fallen behind when its fullest ring is half full although it has not rested for a
//! while: a burst that it can work off is none of this.

use crate::config::Shed;
use crate::pipeline::Shedding;
use crate::shard_loop::handoff::KEEP_ALL;

/// A shard that did not rest for so long, and has much waiting, falls behind.
const NO_REST_NS: u64 = 20_000_000;

/// A step further into shedding takes at least this long.
const STEP_UP_NS: u64 = 10_000_000;

/// A step back does, and the first one only comes when the ring was not half full for so long: at
/// each step back too early a ring overflows again, and what it drops is chosen by nobody. All
/// steps together are well below a second.
const STEP_DOWN_NS: u64 = 40_000_000;
const EASE_NS: u64 = 200_000_000;

/// Hundredths of a ring above which, and below which, steps are taken.
const HIGH: u8 = 50;
const LOW: u8 = 25;

/// From nothing to nearly all.
const LADDER: [(bool, u16, u16); 12] = [
    // Request rows left out; flows unparsed of 256; flows captured of 256.
    (false, 0, KEEP_ALL),
    (true, 0, KEEP_ALL),
    (true, 64, KEEP_ALL),
    (true, 128, KEEP_ALL),
    (true, 192, KEEP_ALL),
    (true, 256, KEEP_ALL),
    (true, 256, 192),
    (true, 256, 128),
    (true, 256, 64),
    (true, 256, 32),
    (true, 256, 16),
    (true, 256, 8),
];

/// What a shard has left undone, in all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Undone {
    /// Rows of requests.
    pub requests: u64,
    /// Flows that were not parsed, or not to their end.
    pub flows: u64,
    /// Packets.
    pub packets: u64,
}

impl Undone {
    /// Since `before`. An interface that has gone takes its packets along.
    pub fn since(self, before: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(before.requests),
            flows: self.flows.saturating_sub(before.flows),
            packets: self.packets.saturating_sub(before.packets),
        }
    }
}

/// The steps of one shard.
#[derive(Debug)]
pub struct Overload {
    step: usize,
    last: usize,
    rested_ns: u64,
    stepped_ns: u64,
    /// When it last had too much waiting.
    strained_ns: u64,
}

impl Overload {
    /// At ease; may go as far as `most`.
    pub fn new(most: Shed) -> Self {
        let last = match most {
            Shed::None => 0,
            Shed::Requests => 1,
            Shed::Parsing => 5,
            Shed::Packets => LADDER.len() - 1,
        };
        Self { step: 0, last, rested_ns: 0, stepped_ns: 0, strained_ns: 0 }
    }

    /// How far it has gone: 0 for not at all.
    pub fn step(&self) -> usize {
        self.step
    }

    /// What a pipeline leaves undone now.
    pub fn shedding(&self) -> Shedding {
        let (requests, unparsed, _) = LADDER[self.step];
        Shedding { requests, unparsed }
    }

    /// Of 256 flows, those whose packets are taken.
    pub fn keep(&self) -> u16 {
        LADDER[self.step].2
    }

    /// Nothing waits at this moment.
    pub fn rest(&mut self, now_ns: u64) {
        self.rested_ns = now_ns;
    }

    /// `backlog` hundredths of the fullest ring wait. True when a step was taken.
    pub fn look(&mut self, now_ns: u64, backlog: u8) -> bool {
        let since = now_ns.saturating_sub(self.stepped_ns);
        let breathless = now_ns.saturating_sub(self.rested_ns) >= NO_REST_NS;
        let strained = breathless && backlog >= HIGH;
        if strained {
            self.strained_ns = now_ns;
        }
        let eased = now_ns.saturating_sub(self.strained_ns) >= EASE_NS;
        let step = if strained && since >= STEP_UP_NS {
            (self.step + 1).min(self.last)
        } else if (backlog <= LOW || !breathless) && eased && since >= STEP_DOWN_NS {
            self.step.saturating_sub(1)
        } else {
            return false;
        };
        let changed = step != self.step;
        if changed {
            self.step = step;
            self.stepped_ns = now_ns;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_burst_sheds_nothing() {
        let mut o = Overload::new(Shed::Packets);
        let mut now = 1_000 * MS;
        for _ in 0..1000 {
            o.rest(now);
            for _ in 0..15 {
                now += MS;
                assert!(!o.look(now, 90));
            }
        }
        assert_eq!(o.step(), 0);
    }

    #[test]
    fn steps_are_taken_in_order_and_back_within_a_second() {
        let mut o = Overload::new(Shed::Packets);
        let mut now = 1_000 * MS;
        o.rest(now);
        let mut seen = vec![(o.shedding(), o.keep())];
        for _ in 0..1000 {
            now += MS;
            if o.look(now, 100) {
                seen.push((o.shedding(), o.keep()));
            }
        }
        assert_eq!(seen.len(), LADDER.len());
        for pair in seen.windows(2) {
            let ((a, keep_a), (b, keep_b)) = (pair[0], pair[1]);
            assert!(b.requests && b.unparsed >= a.unparsed && keep_b <= keep_a);
            assert!(keep_b == KEEP_ALL || b.unparsed == 256, "parsing goes before packets");
        }
        let end = now;
        while o.step() > 0 {
            now += MS;
            o.look(now, 10);
        }
        assert!(now - end < 1_000 * MS, "{} ms", (now - end) / MS);
    }

    #[test]
    fn a_moment_of_ease_takes_no_step_back() {
        let mut o = Overload::new(Shed::Packets);
        let mut now = 1_000 * MS;
        for _ in 0..100 {
            // Bursts that fill the ring, with rests that are shorter than what is waited for.
            for ms in 0..150 {
                now += MS;
                if ms < 30 {
                    o.look(now, 80);
                } else {
                    o.rest(now);
                    o.look(now, 0);
                }
            }
        }
        assert_eq!(o.step(), LADDER.len() - 1);
    }

    #[test]
    fn it_goes_no_further_than_it_may() {
        for (most, requests, unparsed, keep) in [
            (Shed::None, false, 0, KEEP_ALL),
            (Shed::Requests, true, 0, KEEP_ALL),
            (Shed::Parsing, true, 256, KEEP_ALL),
            (Shed::Packets, true, 256, 8),
        ] {
            let mut o = Overload::new(most);
            for now in 1000..3000 {
                o.look(now * MS, 100);
            }
            assert_eq!((o.shedding(), o.keep()), (Shedding { requests, unparsed }, keep));
        }
    }
}
