//! Measures what waiting costs on each engine: CPU of an idle shard, and the time from another
//! thread's write to an eventfd until the shard's task runs.
//!
//! ```text
//! cargo run --release -p fathom-shard --example wakeup [-- SECONDS [CPU]]
//! ```
//!
//! CPU time is the shard thread's own (CLOCK_THREAD_CPUTIME_ID), so a busy neighbour does not
//! count; latency is wall time and does suffer from one. `beside work` has a second task on the
//! shard that computes without pause and yields every 50 us.
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fathom_shard::{Engine, Placement, Readiness, channel, spawn_local, start, yield_now};
use rustix::event::{EventfdFlags, eventfd};
use rustix::time::{ClockId, clock_gettime};

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn micros(sorted: &[u64], permille: usize) -> f64 {
    sorted[(sorted.len() - 1) * permille / 1000] as f64 / 1e3
}

/// How often and how fast the other thread wakes the shard.
const WAKES: usize = 1_000;
const PAUSE: Duration = Duration::from_millis(1);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(3.0, |text| text.parse().expect("seconds"));
    let place = match arguments.next() {
        Some(cpu) => Placement::parse(&cpu).expect("one CPU"),
        None => Placement::count(1).expect("allowed CPUs"),
    };
    for engine in [Engine::Glommio, Engine::Epoll] {
        let shards = start(&place, engine, move |_| async move {
            for every in [Duration::from_millis(100), Duration::from_millis(10)] {
                idle(seconds, every).await;
            }
            wakeups(false).await;
            wakeups(true).await;
            queue().await;
            yields().await;
        });
        match shards {
            Ok(shards) => {
                println!("{}", shards.describe());
                shards.join().expect("the measurement");
            }
            Err(error) => println!("{engine:?}: {error}"),
        }
    }
}

/// Three descriptors on which nothing happens, each waited for with `every` as the limit.
async fn idle(seconds: f64, every: Duration) {
    let (cpu, start) = (cpu_ns(), Instant::now());
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            spawn_local(async move {
                let event = event();
                let ready = Readiness::new(event.as_raw_fd()).expect("a watch");
                let mut waits = 0u64;
                while start.elapsed().as_secs_f64() < seconds {
                    assert!(!ready.wait(every).await);
                    waits += 1;
                }
                waits
            })
        })
        .collect();
    let mut waits = 0;
    for task in tasks {
        waits += task.await.expect("a count");
    }
    let spent = (cpu_ns() - cpu) as f64;
    println!(
        "  idle, 3 descriptors, waits of {every:?}: {:.3} % of a core, {:.1} us per wait",
        spent / start.elapsed().as_nanos() as f64 * 100.0,
        spent / 1e3 / waits as f64,
    );
}

async fn wakeups(busy: bool) {
    let event = Arc::new(event());
    let ready = Readiness::new(event.as_raw_fd()).expect("a watch");
    let (mut tell, mut told) = channel::pair::<u64>(4).expect("a queue");
    let waker = std::thread::spawn({
        let event = Arc::clone(&event);
        move || {
            for _ in 0..WAKES {
                std::thread::sleep(PAUSE);
                let sent = now_ns();
                tell.push_blocking(sent, Duration::from_secs(60)).expect("room");
                rustix::io::write(event.as_fd(), &1u64.to_ne_bytes()).expect("a signal");
            }
        }
    });
    let work = busy.then(|| {
        spawn_local(async {
            loop {
                let start = Instant::now();
                while start.elapsed() < Duration::from_micros(50) {
                    std::hint::spin_loop();
                }
                yield_now().await;
            }
        })
    });
    let mut latency = Vec::with_capacity(WAKES);
    let cpu = cpu_ns();
    while latency.len() < WAKES {
        assert!(ready.wait(Duration::from_secs(60)).await, "a wake-up was lost");
        let now = now_ns();
        rustix::io::read(event.as_fd(), &mut [0u8; 8]).expect("the signal");
        while let Some(sent) = told.try_pop() {
            latency.push(now - sent);
        }
    }
    let cpu = (cpu_ns() - cpu) as f64 / 1e3 / WAKES as f64;
    if let Some(work) = work {
        work.abort();
    }
    waker.join().expect("the waking thread");
    report(if busy { "wake-up beside work" } else { "wake-up from idle" }, &mut latency);
    if !busy {
        println!("    {cpu:.1} us of CPU per wake-up");
    }
}

/// What giving way costs a shard with nothing else to do.
async fn yields() {
    const YIELDS: u32 = 20_000;
    let cpu = cpu_ns();
    for _ in 0..YIELDS {
        yield_now().await;
    }
    println!("  yield: {:.0} ns", (cpu_ns() - cpu) as f64 / f64::from(YIELDS));
}

/// The same through a queue: push on a thread, `recv` on the shard.
async fn queue() {
    let (mut tell, mut told) = channel::pair::<u64>(4).expect("a queue");
    let sender = std::thread::spawn(move || {
        for _ in 0..WAKES {
            std::thread::sleep(PAUSE);
            tell.push_blocking(now_ns(), Duration::from_secs(60)).expect("room");
        }
    });
    let mut latency = Vec::with_capacity(WAKES);
    while let Some(sent) = told.recv().await {
        latency.push(now_ns() - sent);
    }
    sender.join().expect("the sending thread");
    report("queue, thread to shard", &mut latency);
}

fn report(what: &str, latency: &mut [u64]) {
    latency.sort_unstable();
    println!(
        "  {what}: median {:.0} us, p99 {:.0} us, max {:.0} us ({} of them)",
        micros(latency, 500),
        micros(latency, 990),
        micros(latency, 1000),
        latency.len(),
    );
}

fn event() -> OwnedFd {
    eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).expect("an eventfd")
}
