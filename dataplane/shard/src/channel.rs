//! Bounded queues between two threads: one producer, one consumer, no lock, no waker that
//! crosses a thread. Either end may live on a shard, a plain thread or a tokio runtime, and each
//! has one way to wait for each of the three.
//!
//! A full queue is the caller's to handle: it counts the loss, or waits. Capacity is fixed when
//! the queue is made.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Notify;

mod reply;

pub use reply::{Reply, ReplyWait, reply};

/// What the two ends share beside the queue itself.
#[derive(Debug)]
struct Link {
    closed: AtomicBool,
    /// The consumer waits here for values.
    filled: Notify,
    /// The producer waits here for room.
    drained: Notify,
}

impl Link {
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.filled.notify();
        self.drained.notify();
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

/// The producer's end.
#[derive(Debug)]
pub struct Sender<T> {
    queue: rtrb::Producer<T>,
    link: Arc<Link>,
}

/// The consumer's end.
#[derive(Debug)]
pub struct Receiver<T> {
    queue: rtrb::Consumer<T>,
    link: Arc<Link>,
}

/// A value that was not sent, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError<T> {
    /// The queue is full; try later or count the loss.
    #[error("the queue is full")]
    Full(T),
    /// The consumer is gone.
    #[error("the receiver is gone")]
    Closed(T),
}

impl<T> SendError<T> {
    /// The value given back.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }
}

/// A queue of at most `capacity` values (at least one).
///
/// # Errors
/// When the process has no file descriptor left; a queue needs two.
pub fn pair<T>(capacity: usize) -> io::Result<(Sender<T>, Receiver<T>)> {
    let link = Arc::new(Link {
        closed: AtomicBool::new(false),
        filled: Notify::new()?,
        drained: Notify::new()?,
    });
    let (producer, consumer) = rtrb::RingBuffer::new(capacity.max(1));
    Ok((Sender { queue: producer, link: Arc::clone(&link) }, Receiver { queue: consumer, link }))
}

impl<T> Sender<T> {
    /// Sends without waiting.
    ///
    /// # Errors
    /// Gives the value back when the queue is full or the receiver is gone.
    #[inline]
    pub fn try_push(&mut self, value: T) -> Result<(), SendError<T>> {
        if self.link.is_closed() {
            return Err(SendError::Closed(value));
        }
        match self.queue.push(value) {
            Ok(()) => {
                self.link.filled.notify();
                Ok(())
            }
            Err(rtrb::PushError::Full(value)) => Err(SendError::Full(value)),
        }
    }

    /// Moves values from the front of `values` while there is room, waking the consumer once.
    /// Says how many; none once the receiver is gone.
    pub fn push_batch(&mut self, values: &mut Vec<T>) -> usize {
        let room = self.queue.slots().min(values.len());
        if room == 0 || self.link.is_closed() {
            return 0;
        }
        let Ok(chunk) = self.queue.write_chunk_uninit(room) else { return 0 };
        let moved = chunk.fill_from_iter(values.drain(..room));
        self.link.filled.notify();
        moved
    }

    /// Room left. The consumer may make more at any time.
    pub fn free(&self) -> usize {
        self.queue.slots()
    }

    /// Room in all.
    pub fn capacity(&self) -> usize {
        self.queue.buffer().capacity()
    }

    /// Is the receiver gone?
    pub fn is_closed(&self) -> bool {
        self.link.is_closed()
    }

    /// Sends from a shard, waiting for room.
    ///
    /// # Errors
    /// Gives the value back when the receiver is gone.
    pub async fn push(&mut self, value: T) -> Result<(), SendError<T>> {
        let mut value = match self.try_push(value) {
            Err(SendError::Full(value)) => value,
            done => return done,
        };
        loop {
            self.link.drained.wait(None, || self.has_room()).await;
            match self.try_push(value) {
                Err(SendError::Full(back)) => value = back,
                done => return done,
            }
        }
    }

    /// Sends from a tokio task, waiting for room.
    ///
    /// # Errors
    /// Gives the value back when the receiver is gone (or no file descriptor is left to wait with).
    pub async fn push_tokio(&mut self, value: T) -> Result<(), SendError<T>> {
        let mut value = match self.try_push(value) {
            Err(SendError::Full(value)) => value,
            done => return done,
        };
        loop {
            if self.link.drained.wait_tokio(None, || self.has_room()).await.is_err() {
                return Err(SendError::Full(value));
            }
            match self.try_push(value) {
                Err(SendError::Full(back)) => value = back,
                done => return done,
            }
        }
    }

    /// Sends from a plain thread, waiting for room at most for `max`.
    ///
    /// # Errors
    /// Gives the value back when the time has passed or the receiver is gone.
    pub fn push_blocking(&mut self, value: T, max: Duration) -> Result<(), SendError<T>> {
        match self.try_push(value) {
            Err(SendError::Full(value)) => {
                self.link.drained.wait_blocking(Some(max), || self.has_room());
                self.try_push(value)
            }
            done => done,
        }
    }

    fn has_room(&self) -> bool {
        !self.queue.is_full() || self.link.is_closed()
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.link.close();
        self.link.drained.forget();
    }
}

impl<T> Receiver<T> {
    /// The next value, if one waits.
    #[inline]
    pub fn try_pop(&mut self) -> Option<T> {
        let value = self.queue.pop().ok()?;
        self.link.drained.notify();
        Some(value)
    }

    /// Appends up to `max` waiting values to `into`, waking the producer once; says how many.
    pub fn pop_batch(&mut self, into: &mut Vec<T>, max: usize) -> usize {
        let waiting = self.queue.slots().min(max);
        if waiting == 0 {
            return 0;
        }
        let Ok(chunk) = self.queue.read_chunk(waiting) else { return 0 };
        into.extend(chunk);
        self.link.drained.notify();
        waiting
    }

    /// Values waiting. The producer may add more at any time.
    pub fn len(&self) -> usize {
        self.queue.slots()
    }

    /// Does nothing wait?
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Is the sender gone and everything it sent taken?
    pub fn is_finished(&self) -> bool {
        // In this order: what was sent before closing is seen once `closed` is.
        self.link.is_closed() && self.queue.is_empty()
    }

    /// Waits on a shard, at most for `max`, until a value waits or the sender is gone; says
    /// whether one of the two is so.
    pub async fn wait(&self, max: Duration) -> bool {
        self.has_news() || self.link.filled.wait(Some(max), || self.has_news()).await
    }

    /// As [`Self::wait`], on a tokio runtime.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub async fn wait_tokio(&self, max: Duration) -> io::Result<bool> {
        Ok(self.has_news() || self.link.filled.wait_tokio(Some(max), || self.has_news()).await?)
    }

    /// As [`Self::wait`], blocking a plain thread.
    pub fn wait_blocking(&self, max: Duration) -> bool {
        self.has_news() || self.link.filled.wait_blocking(Some(max), || self.has_news())
    }

    /// The next value, waiting on a shard; `None` when the sender is gone and all is taken.
    pub async fn recv(&mut self) -> Option<T> {
        loop {
            if let Some(value) = self.try_pop() {
                return Some(value);
            }
            if self.is_finished() {
                return None;
            }
            self.link.filled.wait(None, || self.has_news()).await;
        }
    }

    /// As [`Self::recv`], on a tokio runtime.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub async fn recv_tokio(&mut self) -> io::Result<Option<T>> {
        loop {
            if let Some(value) = self.try_pop() {
                return Ok(Some(value));
            }
            if self.is_finished() {
                return Ok(None);
            }
            self.link.filled.wait_tokio(None, || self.has_news()).await?;
        }
    }

    fn has_news(&self) -> bool {
        !self.queue.is_empty() || self.link.is_closed()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.link.close();
        self.link.filled.forget();
    }
}
