//! Queues between shards, plain threads and tokio tasks: nothing lost, nobody left asleep.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{engines, on_each, run};
use fathom_shard::channel::{self, Receiver, SendError, Sender};

const ITEMS: u64 = 1_000_000;
const LONG: Duration = Duration::from_secs(60);

/// A value that one of several equal closures takes.
fn once<T>(value: T) -> Arc<Mutex<Option<T>>> {
    Arc::new(Mutex::new(Some(value)))
}

fn take<T>(slot: &Mutex<Option<T>>) -> T {
    slot.lock().unwrap().take().unwrap()
}

async fn produce(mut out: Sender<u64>) {
    for i in 0..ITEMS {
        out.push(i).await.unwrap();
    }
}

async fn consume(mut from: Receiver<u64>) {
    let mut batch = Vec::new();
    let mut next = 0;
    loop {
        // Both ways to take, so that both ways to wake the producer are exercised.
        if next % 3 == 0 {
            match from.recv().await {
                Some(value) => batch.push(value),
                None => break,
            }
        } else if from.pop_batch(&mut batch, 17) == 0 {
            assert!(from.wait(LONG).await, "asleep for ever at {next}");
        }
        for value in batch.drain(..) {
            assert_eq!(value, next);
            next += 1;
        }
        if from.is_finished() {
            break;
        }
    }
    assert_eq!(next, ITEMS);
}

#[test]
fn a_million_items_between_two_shards() {
    // A queue much smaller than the stream: both sides run into its ends all the time.
    for engine in engines() {
        let (tx, rx) = channel::pair::<u64>(64).unwrap();
        let (tx, rx) = (once(tx), once(rx));
        run(2, engine, move |id| {
            let (tx, rx) = (tx.clone(), rx.clone());
            async move {
                if id.index == 0 {
                    produce(take(&tx)).await;
                } else {
                    consume(take(&rx)).await;
                }
            }
        })
        .join()
        .unwrap();
    }
}

#[test]
fn a_million_items_from_a_thread_to_a_shard_and_back() {
    for engine in engines() {
        let (mut there, rx) = channel::pair::<u64>(100).unwrap();
        let (tx, mut back) = channel::pair::<u64>(100).unwrap();
        let (tx, rx) = (once(tx), once(rx));
        let shards = run(1, engine, move |_| {
            let (mut tx, mut rx) = (take(&tx), take(&rx));
            async move {
                while let Some(value) = rx.recv().await {
                    tx.push(value).await.unwrap();
                }
            }
        });
        let writer = std::thread::spawn(move || {
            let mut batch = Vec::new();
            for i in 0..ITEMS {
                if i % 10 == 0 {
                    there.push_blocking(i, LONG).unwrap();
                    continue;
                }
                batch.push(i);
                if i % 10 == 9 {
                    while there.push_batch(&mut batch) == 0 || !batch.is_empty() {
                        if there.free() == 0 {
                            std::thread::yield_now();
                        }
                    }
                }
            }
        });
        let mut next = 0;
        while back.wait_blocking(LONG) {
            match back.try_pop() {
                Some(value) => {
                    assert_eq!(value, next);
                    next += 1;
                }
                None if back.is_finished() => break,
                None => {}
            }
        }
        assert_eq!(next, ITEMS);
        writer.join().unwrap();
        shards.join().unwrap();
    }
}

/// A shard asks a tokio task and waits for each answer before the next question: every step
/// sleeps on both sides.
#[test]
fn questions_to_a_tokio_task_are_answered() {
    const QUESTIONS: u64 = 2_000;
    for engine in engines() {
        let (tx, mut rx) = channel::pair::<(u64, channel::Reply<u64>)>(4).unwrap();
        let tx = once(tx);
        let shards = run(1, engine, move |_| {
            let mut tx = take(&tx);
            async move {
                for i in 0..QUESTIONS {
                    let (reply, answer) = channel::reply().unwrap();
                    tx.push((i, reply)).await.unwrap();
                    let expected = (i % 100 != 99).then_some(i * 2);
                    assert_eq!(answer.wait().await, expected);
                }
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answered = runtime.block_on(async move {
            let mut answered = 0;
            while let Some((i, reply)) = rx.recv_tokio().await.unwrap() {
                answered += 1;
                if i % 100 == 99 {
                    drop(reply);
                } else {
                    reply.send(i * 2).unwrap();
                }
            }
            answered
        });
        assert_eq!(answered, QUESTIONS);
        shards.join().unwrap();
    }
}

#[test]
fn tokio_can_send_wait_and_time_out() {
    for engine in engines() {
        let (mut tx, rx) = channel::pair::<u64>(2).unwrap();
        let (back, mut from) = channel::pair::<u64>(2).unwrap();
        let (rx, back) = (once(rx), once(back));
        let shards = run(1, engine, move |_| {
            let (mut rx, mut back) = (take(&rx), take(&back));
            async move {
                let mut sum = 0;
                while let Some(value) = rx.recv().await {
                    sum += value;
                }
                back.push(sum).await.unwrap();
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            assert!(!from.wait_tokio(Duration::from_millis(5)).await.unwrap());
            for i in 0..10_000 {
                tx.push_tokio(i).await.unwrap();
            }
            drop(tx);
            assert_eq!(from.recv_tokio().await.unwrap(), Some((0..10_000).sum()));
            assert_eq!(from.recv_tokio().await.unwrap(), None);
        });
        shards.join().unwrap();
    }
}

#[test]
fn full_closed_and_late() {
    on_each(|| async {
        let (mut tx, mut rx) = channel::pair::<u8>(2).unwrap();
        assert_eq!((tx.capacity(), tx.free()), (2, 2));
        let mut batch = vec![1, 2, 3];
        assert_eq!(tx.push_batch(&mut batch), 2);
        assert_eq!(batch, [3]);
        assert_eq!(tx.try_push(9), Err(SendError::Full(9)));
        assert_eq!(tx.push_blocking(9, Duration::from_millis(1)), Err(SendError::Full(9)));
        assert_eq!(rx.len(), 2);
        assert_eq!(rx.try_pop(), Some(1));
        // What was sent before closing is still delivered.
        drop(tx);
        assert!(rx.wait(Duration::ZERO).await && !rx.is_finished());
        assert_eq!(rx.recv().await, Some(2));
        assert_eq!(rx.recv().await, None);
        assert!(rx.is_finished() && rx.is_empty());

        let (mut tx, rx) = channel::pair::<u8>(0).unwrap();
        assert!(!rx.wait(Duration::from_millis(2)).await);
        drop(rx);
        assert!(tx.is_closed());
        assert_eq!(tx.push(4).await, Err(SendError::Closed(4)));
        assert_eq!(tx.push_batch(&mut vec![1]), 0);
    });
}
