//! Tasks, timers, panics and stopping, on both engines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{engines, on_each, run};
use fathom_shard::{
    Aborted, Elapsed, Engine, Error, Placement, StopToken, current, parse_cpu_list, sleep,
    spawn_local, start, timeout, yield_now,
};

#[test]
fn tasks_answer_and_can_be_aborted() {
    on_each(|| async {
        let shared = Rc::new(Cell::new(0));
        let task = spawn_local({
            let shared = Rc::clone(&shared);
            async move {
                yield_now().await;
                shared.set(7);
                "done"
            }
        });
        assert_eq!(task.await, Ok("done"));
        assert_eq!(shared.get(), 7);

        let forever = spawn_local(std::future::pending::<()>());
        yield_now().await;
        assert!(!forever.is_finished());
        forever.abort();
        assert_eq!(forever.await, Err(Aborted));
    });
}

#[test]
fn sleeps_end_in_order_and_timeouts_cut() {
    on_each(|| async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let tasks: Vec<_> = [40u64, 10, 30, 20]
            .into_iter()
            .map(|ms| {
                let order = Rc::clone(&order);
                spawn_local(async move {
                    sleep(Duration::from_millis(ms)).await;
                    order.borrow_mut().push(ms);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.borrow(), [10, 20, 30, 40]);
        let cut = timeout(Duration::from_millis(5), std::future::pending::<()>()).await;
        assert_eq!(cut, Err(Elapsed));
        assert_eq!(timeout(Duration::from_secs(60), async { 3 }).await, Ok(3));
    });
}

#[test]
fn yielding_lets_sleepers_and_others_run() {
    on_each(|| async {
        let done = Rc::new(Cell::new(false));
        drop(spawn_local({
            let done = Rc::clone(&done);
            async move {
                sleep(Duration::from_millis(2)).await;
                done.set(true);
            }
        }));
        // A busy loop that never sleeps must not keep the other task from its timer.
        while !done.get() {
            yield_now().await;
        }
    });
}

#[test]
fn shards_know_who_and_where_they_are() {
    for engine in engines() {
        let placement = Placement::all().unwrap();
        let count = placement.cpus().len();
        let seen = Arc::new(AtomicUsize::new(0));
        let shards = start(&placement, engine, {
            let seen = Arc::clone(&seen);
            move |id| {
                let seen = Arc::clone(&seen);
                async move {
                    assert_eq!(current(), Some(id));
                    assert_eq!(id.count, count);
                    let name = format!("fathom-shard-{}", id.index);
                    assert_eq!(std::thread::current().name(), Some(name.as_str()));
                    let pinned = rustix::thread::sched_getaffinity(None).unwrap();
                    assert_eq!((pinned.count(), pinned.is_set(id.cpu)), (1, true));
                    seen.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
        .unwrap();
        assert!(shards.describe().contains(shards.engine().name()), "{}", shards.describe());
        shards.join().unwrap();
        assert_eq!(seen.load(Ordering::Relaxed), count);
    }
}

#[test]
fn a_panic_names_the_shard_and_stops_the_others() {
    for engine in engines() {
        for in_task in [false, true] {
            let placement = Placement::count(3).unwrap().unpinned();
            let stop = StopToken::new().unwrap();
            let shards = start(&placement.stopped_by(stop.clone()), engine, {
                let stop = stop.clone();
                move |id| {
                    let stop = stop.clone();
                    async move {
                        if id.index == 1 && in_task {
                            drop(spawn_local(async { panic!("the roof is on fire") }));
                        } else if id.index == 1 {
                            panic!("the roof is on fire");
                        }
                        stop.stopped().await;
                    }
                }
            })
            .unwrap();
            match shards.join() {
                Err(Error::Panicked { shard, message }) => {
                    assert_eq!(shard, "fathom-shard-1");
                    assert_eq!(message, "the roof is on fire");
                }
                other => panic!("{engine:?}: {other:?}"),
            }
            assert!(stop.is_stopped());
        }
    }
}

#[test]
fn tasks_left_over_are_dropped_on_their_shard() {
    struct OnDrop(Arc<AtomicUsize>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            assert!(current().is_some(), "dropped off its shard");
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    for engine in engines() {
        let dropped = Arc::new(AtomicUsize::new(0));
        run(1, engine, {
            let dropped = Arc::clone(&dropped);
            move |_| {
                let dropped = Arc::clone(&dropped);
                async move {
                    for long in [false, true] {
                        let guard = OnDrop(Arc::clone(&dropped));
                        drop(spawn_local(async move {
                            let _guard = guard;
                            if long {
                                sleep(Duration::from_secs(3600)).await;
                            }
                            std::future::pending::<()>().await;
                        }));
                    }
                    yield_now().await;
                }
            }
        })
        .join()
        .unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 2, "{engine:?}");
    }
}

#[test]
fn the_stop_signal_wakes_everyone() {
    for engine in engines() {
        let stop = StopToken::new().unwrap();
        let waiting = Arc::new(AtomicUsize::new(0));
        let shards = run(2, engine, {
            let (stop, waiting) = (stop.clone(), Arc::clone(&waiting));
            move |_| {
                let (stop, waiting) = (stop.clone(), Arc::clone(&waiting));
                async move {
                    let tasks: Vec<_> = (0..3)
                        .map(|_| {
                            let (stop, waiting) = (stop.clone(), Arc::clone(&waiting));
                            spawn_local(async move {
                                waiting.fetch_add(1, Ordering::SeqCst);
                                stop.stopped().await;
                            })
                        })
                        .collect();
                    for task in tasks {
                        task.await.unwrap();
                    }
                }
            }
        });
        let plain = std::thread::spawn({
            let (stop, waiting) = (stop.clone(), Arc::clone(&waiting));
            move || {
                waiting.fetch_add(1, Ordering::SeqCst);
                stop.wait_blocking(Duration::from_secs(60))
            }
        });
        let tokio = std::thread::spawn({
            let (stop, waiting) = (stop.clone(), Arc::clone(&waiting));
            move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    waiting.fetch_add(2, Ordering::SeqCst);
                    let (a, b) = tokio::join!(stop.stopped_tokio(), stop.stopped_tokio());
                    a.and(b).unwrap();
                });
            }
        });
        while waiting.load(Ordering::SeqCst) < 9 {
            std::thread::yield_now();
        }
        assert!(!stop.is_stopped());
        stop.stop();
        shards.join().unwrap();
        assert!(plain.join().unwrap());
        tokio.join().unwrap();
    }
}

#[test]
fn cpu_lists() {
    assert_eq!(parse_cpu_list("0-3,5").unwrap(), [0, 1, 2, 3, 5]);
    assert_eq!(parse_cpu_list(" 2 , 0-1,2").unwrap(), [2, 0, 1]);
    for bad in ["", "a", "3-1", "1-", "-1", "0,,1", "0-99999999"] {
        let error = parse_cpu_list(bad).unwrap_err().to_string();
        assert!(error.contains("0-3,5"), "{bad}: {error}");
    }
    let far = Placement::parse("1000").unwrap_err();
    assert!(matches!(far, Error::CpuNotAllowed { cpu: 1000, .. }), "{far}");
    assert_eq!(Placement::count(0).unwrap().cpus().len(), 1);
    let all = Placement::all().unwrap();
    let shards = start(&all, Engine::Auto, |_| async {}).unwrap();
    assert!(shards.describe().contains("shard"), "{}", shards.describe());
    shards.join().unwrap();
}
