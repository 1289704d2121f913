//! Times of frames: the XDP program stamps them with the monotonic clock, rows want the time of
//! day. The difference of the two only changes when somebody sets the clock, so it is looked up
//! ten times a second, not per frame.

use std::time::Duration;

use crate::limits;

/// How long a looked-up difference is used, nanoseconds.
const FRESH_NS: u64 = 100_000_000;

/// A stamp older than this is none: what a driver left there.
const OLDEST_NS: u64 = 60_000_000_000;

/// Translates monotonic times to nanoseconds since the Unix epoch.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// Time of day minus monotonic time.
    difference_ns: u64,
    looked_up_ns: u64,
}

impl Clock {
    /// The time of day at this monotonic time, which is that of a frame just received.
    #[inline]
    pub(super) fn unix_ns(&mut self, monotonic_ns: u64) -> u64 {
        let since = monotonic_ns.wrapping_sub(self.looked_up_ns);
        if since >= FRESH_NS {
            // Later than that, or a little earlier.
            return self.unusual(monotonic_ns);
        }
        monotonic_ns.wrapping_add(self.difference_ns)
    }

    /// The time of day now.
    pub(super) fn now(&mut self) -> u64 {
        self.unix_ns(read(libc::CLOCK_MONOTONIC))
    }

    fn unusual(&mut self, monotonic_ns: u64) -> u64 {
        if monotonic_ns > self.looked_up_ns {
            self.look_up();
        }
        // Not later than now, and not older than anything that waits: else it is no stamp.
        let range = self.looked_up_ns.saturating_sub(OLDEST_NS)..=self.looked_up_ns;
        let time = if range.contains(&monotonic_ns) { monotonic_ns } else { self.looked_up_ns };
        time.wrapping_add(self.difference_ns)
    }

    #[cold]
    fn look_up(&mut self) {
        // Between two readings of one clock, the reading of the other belongs to their middle.
        let before = read(libc::CLOCK_MONOTONIC);
        let unix = read(libc::CLOCK_REALTIME);
        let after = read(libc::CLOCK_MONOTONIC);
        let middle = before + (after - before) / 2;
        self.difference_ns = unix.wrapping_sub(middle);
        self.looked_up_ns = after;
    }
}

/// Tells whether frames come close together, from when the ring was found empty.
#[derive(Debug, Default)]
pub(super) struct Pace {
    empty_ns: u64,
    received: u64,
    close: bool,
}

impl Pace {
    /// The ring is empty; so many frames were received in all.
    pub(super) fn empty(&mut self, received: u64) {
        let now = read(libc::CLOCK_MONOTONIC);
        let (frames, time) = (received - self.received, now - self.empty_ns);
        self.close = frames > 0 && time / frames < limits::XDP_CLOSE_NS;
        (self.empty_ns, self.received) = (now, received);
    }

    /// How long to leave the ring alone.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.close.then_some(limits::XDP_PAUSE)
    }
}

fn read(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one live structure. Both clocks exist on every kernel, so it cannot fail.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn monotonic_times_become_the_time_of_day() {
        let mut clock = Clock::default();
        for back_ns in [0, 1_000_000, 5_000_000_000] {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
            let then = read(libc::CLOCK_MONOTONIC).saturating_sub(back_ns);
            let unix = clock.unix_ns(then);
            let expected = now.as_nanos() as u64 - back_ns;
            // The test may be put aside between the two readings, but not for minutes.
            assert!(unix.abs_diff(expected) < 60_000_000_000, "{unix} {expected}");
            // The clock may just be looked up again, which gives the same to a few microseconds.
            assert!(clock.unix_ns(then + 1).abs_diff(unix + 1) < 1_000_000_000);
        }
    }

    #[test]
    fn what_cannot_be_a_stamp_is_now() {
        for wrong in [u64::MAX, u64::MAX / 2, read(libc::CLOCK_MONOTONIC) + 3_600_000_000_000] {
            let mut clock = Clock::default();
            let before = clock.now();
            let unix = clock.unix_ns(wrong);
            assert!(unix >= before.saturating_sub(1_000_000_000), "{wrong}");
            assert!(unix <= clock.now() + 1_000_000_000, "{wrong}");
        }
    }
}
