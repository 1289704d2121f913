//! Measures the timer wheel: nanoseconds per operation at several table sizes. The numbers
//! should grow only as far as the processor's caches make them.
//!
//! ```text
//! cargo run --release -p fathom-shard --example timers
//! ```
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::time::Instant;

use fathom_shard::timer_wheel::TimerWheel;

/// Ticks of a flow's idle time-out: 5 to 120 seconds of milliseconds, spread.
fn idle(random: &mut u64) -> u64 {
    5_000 + next(random) % 115_000
}

fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

fn main() {
    const OPERATIONS: u64 = 4_000_000;
    for ids in [1_000u32, 100_000, 1_000_000, 4_000_000] {
        let mut random = 0x9e37_79b9_7f4a_7c15;
        let mut wheel = TimerWheel::new(0, ids as usize);
        let start = Instant::now();
        for id in 0..ids {
            wheel.arm(id, idle(&mut random));
        }
        let fill = start.elapsed().as_nanos() as f64 / f64::from(ids);
        let start = Instant::now();
        for _ in 0..OPERATIONS {
            let id = (next(&mut random) % u64::from(ids)) as u32;
            wheel.arm(id, wheel.now() + idle(&mut random));
        }
        let rearm = start.elapsed().as_nanos() as f64 / OPERATIONS as f64;
        // Two minutes pass in steps of 10 ms; what fires is armed again.
        let (mut fired, start) = (0u64, Instant::now());
        for step in 1..=12_000u64 {
            wheel.advance_rearm(step * 10, |_, now| {
                fired += 1;
                Some(now + idle(&mut random))
            });
        }
        let expire = start.elapsed().as_nanos() as f64 / fired as f64;
        println!(
            "{ids:>9} ids ({} MB): arm {fill:.0} ns, re-arm at random {rearm:.0} ns, \
             expire and re-arm {expire:.0} ns ({fired} of them)",
            (ids as usize * TimerWheel::BYTES_PER_ID) >> 20,
        );
    }
}
