//! Waiting for an arbitrary file descriptor: packet rings, eBPF ring buffers, eventfds, pipes.
//!
//! The descriptor is put into an epoll set of its own, and the engine waits for that set to be
//! readable. The set is level-triggered, is never read from, and is looked at with a zero-time
//! poll before every sleep, so a wake-up can be early but never lost.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::event::epoll::EventFlags;

use crate::engine::{self, Kind};
use crate::{epoll, glommio, sys};

/// What to wait for on a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Something can be read.
    Read,
    /// Something can be written, or a connection attempt has ended.
    Write,
}

/// Waits until a descriptor is ready. Belongs to the shard it was made on.
///
/// Ready means ready now: a caller that does not drain the descriptor is told again at once.
/// Errors and hang-ups count as ready, so that the caller meets them on the descriptor.
pub struct Readiness {
    set: OwnedFd,
    /// Taken while a wait is under way; a second concurrent wait makes its own.
    poller: Cell<Option<Poller>>,
}

/// The engine's half: waits for the epoll set to become readable, perhaps spuriously.
enum Poller {
    Glommio(glommio::Poller),
    Epoll(epoll::Poller),
}

impl Poller {
    fn new(set: &OwnedFd) -> io::Result<Self> {
        Ok(match engine::current() {
            Kind::Glommio => Self::Glommio(glommio::Poller::default()),
            Kind::Epoll => Self::Epoll(epoll::Poller::new(sys::duplicate(set)?)?),
        })
    }

    fn poll(&mut self, set: &OwnedFd, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Glommio(poller) => poller.poll(set.as_fd(), cx),
            Self::Epoll(poller) => poller.poll(cx),
        }
    }
}

impl Readiness {
    /// Watches `fd` for reading. The descriptor stays the caller's; when its file is closed the
    /// wait simply never ends.
    ///
    /// # Errors
    /// When `fd` is not open, cannot be polled (a regular file), or no descriptor is left.
    ///
    /// # Panics
    /// Off a shard.
    pub fn new(fd: RawFd) -> io::Result<Self> {
        Self::with(fd, Interest::Read)
    }

    /// Watches `fd` for `interest`.
    ///
    /// # Errors
    /// As [`Readiness::new`].
    pub fn with(fd: RawFd, interest: Interest) -> io::Result<Self> {
        let events = match interest {
            Interest::Read => EventFlags::IN | EventFlags::PRI,
            Interest::Write => EventFlags::OUT,
        };
        let set = sys::epoll_of(fd, events)?;
        let poller = Poller::new(&set)?;
        Ok(Self { set, poller: Cell::new(Some(poller)) })
    }

    /// Is the descriptor ready now? One system call.
    pub fn is_ready(&self) -> bool {
        sys::poll_readable(self.set.as_fd(), Duration::ZERO)
    }

    /// Waits until the descriptor is ready, at most for `max`; says whether it is.
    pub async fn wait(&self, max: Duration) -> bool {
        if self.is_ready() {
            return true;
        }
        let mut timer = pin!(crate::sleep(max));
        let mut ready = pin!(self.ready());
        std::future::poll_fn(|cx| {
            if ready.as_mut().poll(cx).is_ready() {
                return Poll::Ready(true);
            }
            timer.as_mut().poll(cx).map(|()| self.is_ready())
        })
        .await
    }

    /// Waits until the descriptor is ready.
    pub async fn ready(&self) {
        /// Puts the poller back when the wait ends or is dropped.
        struct Borrowed<'a>(&'a Readiness, Option<Poller>);
        impl Drop for Borrowed<'_> {
            fn drop(&mut self) {
                self.0.poller.set(self.1.take());
            }
        }
        /// How long to pause when the engine has no resource to wait with.
        const STARVED: Duration = Duration::from_millis(10);

        let mut borrowed = Borrowed(self, self.poller.take());
        while !self.is_ready() {
            let poller = match borrowed.1.as_mut() {
                Some(poller) => poller,
                None => match Poller::new(&self.set) {
                    Ok(made) => borrowed.1.insert(made),
                    Err(_) => {
                        crate::sleep(STARVED).await;
                        continue;
                    }
                },
            };
            if std::future::poll_fn(|cx| poller.poll(&self.set, cx)).await.is_err() {
                borrowed.1 = None;
                crate::sleep(STARVED).await;
            }
        }
    }
}

impl AsRawFd for Readiness {
    /// The epoll set: readable when the watched descriptor is ready.
    fn as_raw_fd(&self) -> RawFd {
        self.set.as_raw_fd()
    }
}

/// Many descriptors waited for as one, without anything being made for each wait. Belongs to the
/// shard it was made on.
#[derive(Debug)]
pub struct ReadySet(Readiness);

impl ReadySet {
    /// Watches nothing.
    ///
    /// # Errors
    /// When no descriptor is left.
    ///
    /// # Panics
    /// Off a shard.
    pub fn new() -> io::Result<Self> {
        let set = sys::epoll_empty()?;
        let poller = Poller::new(&set)?;
        Ok(Self(Readiness { set, poller: Cell::new(Some(poller)) }))
    }

    /// Watches `fd` for reading too, until it is removed or its file is closed.
    ///
    /// # Errors
    /// When `fd` is not open, cannot be polled, or is in the set already.
    pub fn add(&self, fd: RawFd) -> io::Result<()> {
        sys::epoll_add(&self.0.set, fd, EventFlags::IN | EventFlags::PRI)
    }

    /// Watches `fd` no longer.
    ///
    /// # Errors
    /// When it is not in the set.
    pub fn remove(&self, fd: RawFd) -> io::Result<()> {
        sys::epoll_remove(&self.0.set, fd)
    }

    /// Waits until one of them is ready.
    pub async fn ready(&self) {
        self.0.ready().await;
    }

    /// Is one of them ready now? One system call.
    pub fn is_ready(&self) -> bool {
        self.0.is_ready()
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readiness").field("set", &self.set).finish_non_exhaustive()
    }
}
