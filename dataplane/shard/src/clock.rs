//! Time, read once per batch. Stages take the [`Time`] they are given and never ask for it
//! themselves, so that a test can run them under a virtual clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Nanoseconds since the Unix epoch (UTC). May jump when an operator sets the clock.
    pub unix_ns: u64,
    /// Nanoseconds since some fixed moment. Never runs backwards.
    pub monotonic_ns: u64,
}

impl Time {
    /// Whole milliseconds of the monotonic clock: the tick of [`crate::timer_wheel`].
    pub fn tick_ms(self) -> u64 {
        self.monotonic_ns / 1_000_000
    }

    /// Whole seconds since the Unix epoch.
    pub fn unix_s(self) -> u64 {
        self.unix_ns / 1_000_000_000
    }
}

/// CPU time that the calling thread has used, nanoseconds.
pub fn thread_cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// Where time comes from. Clones of a virtual clock are the same clock.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Real,
    Virtual(Arc<Virtual>),
}

#[derive(Debug)]
struct Virtual {
    unix_start_ns: u64,
    elapsed_ns: AtomicU64,
}

impl Clock {
    /// The system's clocks.
    pub fn real() -> Self {
        Self(Source::Real)
    }

    /// A clock that stands at `unix_ns` until [`Clock::advance`] moves it. Its monotonic side
    /// starts at zero.
    pub fn virtual_at(unix_ns: u64) -> Self {
        Self(Source::Virtual(Arc::new(Virtual {
            unix_start_ns: unix_ns,
            elapsed_ns: AtomicU64::new(0),
        })))
    }

    /// Reads both clocks: once per batch, not per packet.
    pub fn now(&self) -> Time {
        match &self.0 {
            Source::Real => Time {
                unix_ns: read(rustix::time::ClockId::Realtime),
                monotonic_ns: read(rustix::time::ClockId::Monotonic),
            },
            Source::Virtual(clock) => {
                let elapsed = clock.elapsed_ns.load(Ordering::Acquire);
                Time { unix_ns: clock.unix_start_ns + elapsed, monotonic_ns: elapsed }
            }
        }
    }

    /// Moves a virtual clock on. The real one moves by itself and ignores this.
    pub fn advance(&self, by: Duration) {
        if let Source::Virtual(clock) = &self.0 {
            let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
            clock.elapsed_ns.fetch_add(by, Ordering::AcqRel);
        }
    }
}

fn read(id: rustix::time::ClockId) -> u64 {
    let time = rustix::time::clock_gettime(id);
    // A clock before 1970 reads as zero.
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000
        + u64::try_from(time.tv_nsec).unwrap_or(0)
}
