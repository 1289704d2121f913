//! The one way to tell shards, plain threads and tokio tasks to finish: a flag with an eventfd
//! that stays readable once raised, so that nobody can miss it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::{Readiness, epoll, sys};

/// A stop signal; clones are the same signal.
#[derive(Clone, Debug)]
pub struct StopToken {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    raised: AtomicBool,
    event: OwnedFd,
}

impl StopToken {
    /// A signal that is not raised.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        let event = sys::eventfd()?;
        Ok(Self { shared: Arc::new(Shared { raised: AtomicBool::new(false), event }) })
    }

    /// Raises the signal; it is never lowered. Callable from any thread and signal-safe.
    pub fn stop(&self) {
        self.shared.raised.store(true, Ordering::Release);
        sys::eventfd_signal(self.shared.event.as_fd());
    }

    /// Has it been raised?
    pub fn is_stopped(&self) -> bool {
        self.shared.raised.load(Ordering::Acquire)
    }

    /// Completes when the signal is raised. Only on a shard.
    pub async fn stopped(&self) {
        while !self.is_stopped() {
            match Readiness::new(self.as_raw_fd()) {
                Ok(readiness) => readiness.ready().await,
                // Out of descriptors: fall back to looking now and then.
                Err(_) => crate::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Completes when the signal is raised. Only on a tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub async fn stopped_tokio(&self) -> io::Result<()> {
        while !self.is_stopped() {
            epoll::tokio_readable(self.shared.event.as_fd()).await?;
        }
        Ok(())
    }

    /// Blocks a plain thread until the signal is raised or `max` has passed; says which.
    pub fn wait_blocking(&self, max: Duration) -> bool {
        if !self.is_stopped() {
            sys::poll_readable(self.shared.event.as_fd(), max);
        }
        self.is_stopped()
    }
}

impl AsRawFd for StopToken {
    /// Readable for ever once the signal is raised; never read from it.
    fn as_raw_fd(&self) -> RawFd {
        self.shared.event.as_raw_fd()
    }
}
