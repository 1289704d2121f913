//! Clock and counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fathom_shard::clock::Clock;
use fathom_shard::counter::{Counter, Padded};

#[test]
fn a_virtual_clock_moves_only_when_told() {
    let clock = Clock::virtual_at(1_700_000_000_000_000_000);
    let other = clock.clone();
    let before = clock.now();
    assert_eq!((before.unix_s(), before.tick_ms()), (1_700_000_000, 0));
    other.advance(Duration::from_millis(1_500));
    let after = clock.now();
    assert_eq!((after.unix_s(), after.tick_ms()), (1_700_000_001, 1_500));
    assert_eq!(after, clock.now());
}

#[test]
fn the_real_clock_is_the_system_s() {
    let clock = Clock::real();
    let first = clock.now();
    clock.advance(Duration::from_secs(1 << 40));
    let system = std::time::SystemTime::now();
    let second = clock.now();
    assert!(second.monotonic_ns >= first.monotonic_ns);
    let system = system.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    assert!(u128::from(first.unix_ns) <= system && system <= u128::from(second.unix_ns));
}

#[test]
fn a_reader_sees_a_counter_grow_to_its_total() {
    #[derive(Default)]
    struct Group {
        packets: Counter,
        size: Counter,
    }
    assert!(align_of::<Padded<Group>>() >= 128);
    let group = Arc::new(Padded::<Group>::default());
    let done = Arc::new(AtomicBool::new(false));
    let reader = std::thread::spawn({
        let (group, done) = (Arc::clone(&group), Arc::clone(&done));
        move || {
            let mut last = 0;
            while !done.load(Ordering::Acquire) {
                let now = group.packets.get();
                assert!(now >= last);
                last = now;
            }
        }
    });
    for _ in 0..100_000 {
        group.packets.inc();
        group.packets.add(2);
    }
    group.size.set(5);
    done.store(true, Ordering::Release);
    reader.join().unwrap();
    assert_eq!((group.packets.get(), group.size.get()), (300_000, 5));
}
