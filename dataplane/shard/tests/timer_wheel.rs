//! The timer wheel against an ordered map, and what it promises about memory.

use std::collections::{BTreeMap, BTreeSet};

use fathom_shard::timer_wheel::{MAX_TICK, TimerWheel};
use proptest::prelude::*;

const IDS: u32 = 40;

#[derive(Clone, Debug)]
enum Op {
    Arm(u32, u64),
    Disarm(u32),
    Advance(u64),
    /// Advance, moving every id that fires on by so much.
    Rearm(u64, u64),
}

fn distance() -> impl Strategy<Value = u64> {
    // Every level, both sides of its edges, and nothing at all.
    prop_oneof![
        0u64..200,
        (0u32..47, 0u64..3).prop_map(|(bits, d)| (1u64 << bits).saturating_sub(1) + d),
        0u64..300_000,
        any::<u64>(),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..IDS, distance()).prop_map(|(id, by)| Op::Arm(id, by)),
        1 => (0..IDS + 2).prop_map(Op::Disarm),
        3 => (0u64..5_000).prop_map(Op::Advance),
        1 => distance().prop_map(Op::Advance),
        1 => (0u64..2_000, 1u64..500).prop_map(|(by, again)| Op::Rearm(by, again)),
    ]
}

/// The obvious implementation.
struct Model {
    now: u64,
    by_id: BTreeMap<u32, u64>,
    by_time: BTreeSet<(u64, u32)>,
}

impl Model {
    fn arm(&mut self, id: u32, deadline: u64) {
        self.disarm(id);
        let deadline = deadline.max(self.now + 1).min(MAX_TICK);
        self.by_id.insert(id, deadline);
        self.by_time.insert((deadline, id));
    }

    fn disarm(&mut self, id: u32) -> bool {
        match self.by_id.remove(&id) {
            Some(deadline) => self.by_time.remove(&(deadline, id)),
            None => false,
        }
    }

    fn advance(&mut self, to: u64, again: Option<u64>) -> Vec<(u64, u32)> {
        let mut fired = Vec::new();
        while let Some(&(deadline, id)) = self.by_time.first() {
            if deadline > to {
                break;
            }
            self.now = deadline;
            self.disarm(id);
            fired.push((deadline, id));
            if let Some(again) = again {
                self.arm(id, deadline + again);
            }
        }
        self.now = self.now.max(to);
        fired
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]
    #[test]
    fn agrees_with_an_ordered_map(
        start in prop_oneof![0u64..10, 1u64 << 30..1 << 31],
        ops in proptest::collection::vec(op(), 1..120),
    ) {
        let mut wheel = TimerWheel::new(start, 8);
        let mut model =
            Model { now: start, by_id: BTreeMap::new(), by_time: BTreeSet::new() };
        for op in ops {
            // Far from the end of time, which has a test of its own.
            let soon = |by: u64| model.now + by % (1 << 46);
            if model.now > 1 << 47 {
                break;
            }
            match op {
                Op::Arm(id, by) => {
                    let deadline = soon(by);
                    wheel.arm(id, deadline);
                    model.arm(id, deadline);
                }
                Op::Disarm(id) => prop_assert_eq!(wheel.disarm(id), model.disarm(id)),
                Op::Advance(by) => {
                    let to = soon(by);
                    let mut fired = Vec::new();
                    wheel.advance_rearm(to, |id, tick| { fired.push((tick, id)); None });
                    // Order within one tick is not promised.
                    fired.sort_unstable();
                    prop_assert_eq!(fired, model.advance(to, None));
                }
                Op::Rearm(by, again) => {
                    let to = soon(by);
                    let mut fired = Vec::new();
                    wheel.advance_rearm(to, |id, tick| {
                        fired.push((tick, id));
                        Some(tick + again)
                    });
                    fired.sort_unstable();
                    prop_assert_eq!(fired, model.advance(to, Some(again)));
                }
            }
            prop_assert_eq!(wheel.now(), model.now);
            prop_assert_eq!(wheel.len(), model.by_id.len());
            prop_assert_eq!(wheel.is_empty(), model.by_id.is_empty());
            for id in 0..IDS {
                prop_assert_eq!(wheel.deadline(id), model.by_id.get(&id).copied());
                prop_assert_eq!(wheel.is_armed(id), model.by_id.contains_key(&id));
            }
            match (wheel.next_event(), model.by_time.first()) {
                (Some(event), Some(&(deadline, _))) => {
                    prop_assert!(event > wheel.now() && event <= deadline);
                }
                (event, first) => prop_assert!(event.is_none() && first.is_none()),
            }
        }
    }
}

#[test]
fn fires_in_order_and_only_once() {
    let mut wheel = TimerWheel::new(1_000, 4);
    for (id, deadline) in [(0, 5_000), (1, 1_001), (2, 70_000), (3, 0)] {
        wheel.arm(id, deadline);
    }
    let mut fired = Vec::new();
    wheel.advance(500, |_| panic!("time does not run backwards"));
    wheel.advance(1_000, |_| panic!("nothing is due yet"));
    wheel.advance(1 << 40, |id| fired.push(id));
    assert_eq!(fired[2..], [0, 2]);
    assert!(wheel.is_empty() && wheel.next_event().is_none());
    wheel.advance(1 << 41, |_| panic!("fired twice"));
}

#[test]
fn the_end_of_time_does_not_hang() {
    let mut wheel = TimerWheel::new(MAX_TICK - 10, 2);
    wheel.arm(0, u64::MAX);
    wheel.arm(1, MAX_TICK - 5);
    let mut fired = Vec::new();
    wheel.advance_rearm(u64::MAX, |id, tick| {
        fired.push((id, tick));
        Some(u64::MAX)
    });
    assert!(fired.contains(&(1, MAX_TICK - 5)) && fired.contains(&(0, MAX_TICK)));
    wheel.arm(0, 7);
    wheel.advance(u64::MAX, |_| {});
    assert_eq!(wheel.now(), MAX_TICK);
}

proptest! {
    /// With few timers the first is found, wherever those that are armed too early turn out to end.
    #[test]
    fn the_first_is_found(
        timers in proptest::collection::vec((1u64..100_000, 0u64..100_000), 1..20),
    ) {
        let mut wheel = TimerWheel::new(1_000_000, timers.len());
        let real: Vec<u64> =
            timers.iter().map(|(armed, later)| 1_000_000 + armed + later).collect();
        for (id, (armed, _)) in timers.iter().enumerate() {
            wheel.arm(id as u32, 1_000_000 + armed);
        }
        let first = wheel.first(|id| real[id as usize]).unwrap();
        prop_assert_eq!(real[first as usize], *real.iter().min().unwrap());
        prop_assert_eq!(wheel.len(), timers.len());
        let mut fired = Vec::new();
        wheel.advance_rearm(1_300_000, |id, tick| {
            let again = (real[id as usize] > tick).then_some(real[id as usize]);
            if again.is_none() {
                fired.push(tick);
            }
            again
        });
        let mut want = real;
        want.sort_unstable();
        prop_assert_eq!(fired, want);
    }
}
