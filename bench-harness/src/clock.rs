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

/// Middle of the values; 0 without any.
pub fn median(values: &[f64]) -> f64 {
    let mut v = values.to_vec();
    v.sort_by(f64::total_cmp);
    match v.len() {
        0 => 0.0,
        n if n % 2 == 1 => v[n / 2],
        n => f64::midpoint(v[n / 2 - 1], v[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn middle() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn work_takes_time() {
        let (ns, sum) = super::timed(|| (0..2_000_000_u64).map(std::hint::black_box).sum::<u64>());
        assert_eq!(sum, 1_999_999 * 1_000_000);
        assert!(ns > 0);
    }
}
