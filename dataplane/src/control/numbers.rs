//! Numbers of capture interfaces: the small integers that frames and flow keys carry.
//!
//! Interfaces of pods come and go for months, so numbers are used again; but not before every flow
//! that was seen on the interface is gone from every table, or its rows would tell of another one.
//! An interface that comes back itself gets its old number at once, and its flows go on.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::limits::{INTERFACE_NUMBERS, INTERFACE_REST_NS};

/// Who has which number.
#[derive(Debug)]
pub(super) struct Numbers<K> {
    by_key: HashMap<K, Place>,
    /// Given up, the longest ago first; some are taken again meanwhile.
    resting: VecDeque<(u64, K)>,
    /// Numbers that nobody ever had begin here.
    next: usize,
    most: usize,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    number: u16,
    /// When it was given up; `None` while it is in use.
    since_ns: Option<u64>,
}

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self { by_key: HashMap::new(), resting: VecDeque::new(), next: 0, most: INTERFACE_NUMBERS }
    }
}

impl<K: Clone + Eq + Hash> Numbers<K> {
    /// The number of `key` from now on; `None` when all are in use or resting.
    pub(super) fn take(&mut self, key: &K, now_ns: u64) -> Option<u16> {
        if let Some(place) = self.by_key.get_mut(key) {
            place.since_ns = None;
            return Some(place.number);
        }
        let number = match self.rested(now_ns) {
            Some(number) => number,
            None if self.next < self.most => {
                self.next += 1;
                (self.next - 1) as u16
            }
            None => return None,
        };
        self.by_key.insert(key.clone(), Place { number, since_ns: None });
        Some(number)
    }

    /// `key` is gone.
    pub(super) fn give_up(&mut self, key: &K, now_ns: u64) {
        if let Some(place) = self.by_key.get_mut(key) {
            place.since_ns = Some(now_ns);
            self.resting.push_back((now_ns, key.clone()));
        }
        // What came back left a place in the queue that means nothing now.
        if self.resting.len() > 2 * self.by_key.len() + 64 {
            let by_key = &self.by_key;
            let rests =
                |since: u64, key: &K| by_key.get(key).is_some_and(|p| p.since_ns == Some(since));
            self.resting.retain(|(since, key)| rests(*since, key));
        }
    }

    /// Forgets who had the number that rests the longest, if that is long enough.
    fn rested(&mut self, now_ns: u64) -> Option<u16> {
        while let Some((since_ns, key)) = self.resting.front() {
            let place = self.by_key.get(key).copied();
            let Some(place) = place.filter(|p| p.since_ns == Some(*since_ns)) else {
                // It came back meanwhile.
                self.resting.pop_front();
                continue;
            };
            if now_ns.saturating_sub(*since_ns) < INTERFACE_REST_NS {
                return None;
            }
            self.by_key.remove(key);
            self.resting.pop_front();
            return Some(place.number);
        }
        None
    }

    /// Keys that have a number or had one lately.
    #[cfg(test)]
    fn known(&self) -> usize {
        self.by_key.len().max(self.resting.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_year_of_pods_needs_few_numbers() {
        let mut numbers = Numbers::default();
        let mut highest = 0;
        // One interface comes each second and stays for a minute.
        for n in 0..500_000_u64 {
            let now = n * SECOND;
            let number = numbers.take(&n, now).expect("there is always one");
            highest = highest.max(number);
            if n >= 60 {
                numbers.give_up(&(n - 60), now);
            }
        }
        let bound = (INTERFACE_REST_NS / SECOND) as usize + 62;
        assert!(usize::from(highest) < bound && numbers.known() <= bound, "{highest}");
    }

    #[test]
    fn a_number_rests_before_it_is_another_interfaces() {
        let mut numbers = Numbers { most: 2, ..Numbers::default() };
        assert_eq!(numbers.take(&"a", 0), Some(0));
        assert_eq!(numbers.take(&"b", 0), Some(1));
        assert_eq!(numbers.take(&"c", 0), None);
        numbers.give_up(&"a", 1);
        assert_eq!(numbers.take(&"c", INTERFACE_REST_NS), None);
        // It comes back: the same flows, the same number.
        assert_eq!(numbers.take(&"a", INTERFACE_REST_NS), Some(0));
        numbers.give_up(&"a", INTERFACE_REST_NS);
        assert_eq!(numbers.take(&"c", INTERFACE_REST_NS + 1), None);
        assert_eq!(numbers.take(&"c", 2 * INTERFACE_REST_NS), Some(0));
        assert_eq!(numbers.take(&"a", 2 * INTERFACE_REST_NS), None);
        assert_eq!(numbers.take(&"b", 0), Some(1));
    }

    #[test]
    fn one_that_flaps_for_ever_leaves_nothing_behind() {
        let mut numbers = Numbers::default();
        for n in 0..100_000 {
            assert_eq!(numbers.take(&"flaps", n * SECOND), Some(0));
            numbers.give_up(&"flaps", n * SECOND);
        }
        assert!(numbers.known() < 100, "{}", numbers.known());
    }
}
