//! CPU time of this thread: what a shared machine's other work does not add to.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds this thread has run.
pub fn thread_cpu_ns() -> u64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

/// CPU time of a call, nanoseconds, and its answer.
pub fn timed<T>(f: impl FnOnce() -> T) -> (u64, T) {
    let before = thread_cpu_ns();
    let answer = f();
    (thread_cpu_ns() - before, answer)
}

#[cfg(test)]
mod tests {
    #[test]
    fn work_takes_time() {
        let (ns, sum) = super::timed(|| (0..2_000_000_u64).map(std::hint::black_box).sum::<u64>());
        assert_eq!(sum, 1_999_999 * 1_000_000);
        assert!(ns > 0);
    }
}
