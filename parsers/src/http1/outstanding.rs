//! The requests that wait for their answer, as far as answers depend on them: a response to
//! HEAD has no body, a good one to CONNECT ends HTTP.

use crate::message::Direction;

/// What about a request matters to its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Other,
    Head,
    Connect,
}

impl Asked {
    pub(super) fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// A queue of any depth in 24 bytes: a count, and bit masks over its newest 64 entries (bit 0
/// the newest). Deeper in, requests count as ordinary ones.
#[derive(Debug, Default)]
pub(super) struct Outstanding {
    head: u64,
    connect: u64,
    count: u32,
}

impl Outstanding {
    #[inline]
    pub(super) fn push(&mut self, asked: Asked) {
        self.head = self.head << 1 | u64::from(asked == Asked::Head);
        self.connect = self.connect << 1 | u64::from(asked == Asked::Connect);
        self.count = self.count.saturating_add(1);
    }

    /// The oldest request; `Other` when none was seen.
    #[inline]
    pub(super) fn pop(&mut self) -> Asked {
        let Some(age) = self.count.checked_sub(1) else {
            return Asked::Other;
        };
        self.count = age;
        let bit = 1u64.checked_shl(age).unwrap_or(0);
        if self.head & bit != 0 {
            Asked::Head
        } else if self.connect & bit != 0 {
            Asked::Connect
        } else {
            Asked::Other
        }
    }

    /// Messages of `dir` may have been lost. Behind lost answers the next one most likely
    /// belongs to the newest request: few clients pipeline.
    pub(super) fn lost(&mut self, dir: Direction) {
        match dir {
            Direction::ToServer => {}
            Direction::ToClient => self.count = self.count.min(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_at_any_depth() {
        let mut q = Outstanding::default();
        for i in 0..60 {
            q.push(if i % 7 == 0 { Asked::Head } else { Asked::Other });
        }
        for i in 0..60 {
            assert_eq!(q.pop() == Asked::Head, i % 7 == 0, "request {i}");
        }
        assert_eq!(q.pop(), Asked::Other);
        (0..200).for_each(|_| q.push(Asked::Head));
        (0..136).for_each(|i| assert_eq!(q.pop(), Asked::Other, "beyond the mask: {i}"));
        (0..64).for_each(|i| assert_eq!(q.pop(), Asked::Head, "within the mask: {i}"));
    }

    #[test]
    fn after_lost_answers_the_newest_request_counts() {
        let mut q = Outstanding::default();
        q.push(Asked::Other);
        q.push(Asked::Connect);
        q.lost(Direction::ToClient);
        assert_eq!(q.pop(), Asked::Connect);
    }
}
