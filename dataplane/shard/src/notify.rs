//! Waking a sleeper on another thread through an eventfd, with a system call only when the
//! other side really sleeps.
//!
//! The waiter announces itself, looks once more, then sleeps; the notifier publishes its change,
//! then looks whether anyone announced. Both put a full fence between the two steps, so at least
//! one of them sees the other and no wake-up is lost.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::time::{Duration, Instant};

use crate::{Readiness, epoll, sys};

/// A wake-up line from any thread to one waiter at a time.
#[derive(Debug)]
pub struct Notify {
    id: u64,
    event: OwnedFd,
    waiting: AtomicBool,
}

thread_local! {
    /// Readiness of the lines this shard has waited on, kept so that going to sleep again costs
    /// no set-up. Keyed by [`Notify::id`], which is never reused.
    static WATCHED: RefCell<HashMap<u64, Rc<Readiness>>> = RefCell::default();
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Notify {
    /// A line nobody waits on.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            event: sys::eventfd()?,
            waiting: AtomicBool::new(false),
        })
    }

    /// Wakes the waiter if there is one. Call it after publishing what it waits for.
    #[inline]
    pub fn notify(&self) {
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) && self.waiting.swap(false, Ordering::AcqRel) {
            sys::eventfd_signal(self.event.as_fd());
        }
    }

    fn announce(&self) -> Announced<'_> {
        self.waiting.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        Announced(self)
    }

    /// Waits on a shard until `ready` holds, at most for `max` (for ever if `None`); says whether
    /// it holds. `ready` must become true only by changes that are followed by [`Self::notify`].
    ///
    /// # Panics
    /// Off a shard.
    pub async fn wait(&self, max: Option<Duration>, mut ready: impl FnMut() -> bool) -> bool {
        let end = max.and_then(|max| Instant::now().checked_add(max));
        loop {
            let announced = self.announce();
            if ready() {
                return true;
            }
            let left = match end {
                None => None,
                Some(end) => match end.checked_duration_since(Instant::now()) {
                    None | Some(Duration::ZERO) => return false,
                    left => left,
                },
            };
            match (self.watch(), left) {
                (Ok(readiness), None) => readiness.ready().await,
                (Ok(readiness), Some(left)) => {
                    readiness.wait(left).await;
                }
                // Out of descriptors: look now and then.
                (Err(_), _) => crate::sleep(Duration::from_millis(10)).await,
            }
            announced.slept();
        }
    }

    /// As [`Self::wait`], on a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub async fn wait_tokio(
        &self,
        max: Option<Duration>,
        mut ready: impl FnMut() -> bool,
    ) -> io::Result<bool> {
        let end = max.and_then(|max| Instant::now().checked_add(max));
        loop {
            let announced = self.announce();
            if ready() {
                return Ok(true);
            }
            let readable = epoll::tokio_readable(self.event.as_fd());
            match end {
                None => readable.await?,
                Some(end) => match epoll::tokio_timeout_at(end, readable).await {
                    Some(result) => result?,
                    None => return Ok(ready()),
                },
            }
            announced.slept();
        }
    }

    /// As [`Self::wait`], blocking a plain thread.
    pub fn wait_blocking(&self, max: Option<Duration>, mut ready: impl FnMut() -> bool) -> bool {
        /// A wait without an end is made of waits of this length.
        const LONG: Duration = Duration::from_secs(3600);
        let end = max.and_then(|max| Instant::now().checked_add(max));
        loop {
            let announced = self.announce();
            if ready() {
                return true;
            }
            let left = end.map_or(LONG, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            sys::poll_readable(self.event.as_fd(), left);
            announced.slept();
        }
    }

    fn watch(&self) -> io::Result<Rc<Readiness>> {
        if let Some(known) = WATCHED.with_borrow(|watched| watched.get(&self.id).cloned()) {
            return Ok(known);
        }
        let made = Rc::new(Readiness::new(self.event.as_raw_fd())?);
        WATCHED.with_borrow_mut(|watched| watched.insert(self.id, Rc::clone(&made)));
        Ok(made)
    }

    /// Releases what this shard keeps for waiting on the line.
    pub(crate) fn forget(&self) {
        // During the thread's own teardown the table is gone already, and so is the entry.
        let gone = WATCHED.try_with(|watched| watched.borrow_mut().remove(&self.id));
        drop(gone);
    }
}

impl Drop for Notify {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Empties what this shard keeps for waiting, while its executor still runs.
pub(crate) fn forget_all() {
    let all = WATCHED.take();
    drop(all);
}

/// The waiter is announced; dropping it (also when a wait is cancelled) resets the line.
struct Announced<'a>(&'a Notify);

impl Announced<'_> {
    /// Ends the announcement after a sleep. Always drains: the signal that ended the sleep may
    /// belong to an earlier announcement whose notifier was slow, and would otherwise end every
    /// later sleep at once.
    fn slept(self) {
        // Dropping resets the flag; a flag that is down makes it drain.
        self.0.waiting.store(false, Ordering::Relaxed);
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        // Without a sleep there is nothing to drain unless a notifier took the announcement. If
        // it took it but has not signalled yet, the signal ends the next sleep early: harmless.
        if !self.0.waiting.swap(false, Ordering::AcqRel) {
            sys::eventfd_drain(self.0.event.as_fd());
        }
    }
}
