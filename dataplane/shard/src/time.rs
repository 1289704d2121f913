//! Sleeping, deadlines on futures, and giving way to the other tasks of the shard.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::{self, Kind};
use crate::{epoll, glommio};

/// A future that completes after a while. Not for hot paths: a flow table uses
/// [`crate::timer_wheel`].
pub struct Sleep {
    inner: Inner,
}

enum Inner {
    Glommio(glommio::Sleep),
    Epoll(epoll::Sleep),
}

/// Longest sleep: what is longer is cut to it, so that no clock overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Completes after `duration`, or a year. Only on a shard.
pub fn sleep(duration: Duration) -> Sleep {
    let duration = duration.min(LONGEST);
    let inner = match engine::current() {
        Kind::Glommio => Inner::Glommio(glommio::sleep(duration)),
        Kind::Epoll => Inner::Epoll(epoll::sleep(duration)),
    };
    Sleep { inner }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.inner {
            Inner::Glommio(timer) => Pin::new(timer).poll(cx).map(|_| ()),
            Inner::Epoll(timer) => timer.as_mut().poll(cx),
        }
    }
}

impl std::fmt::Debug for Sleep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}

/// Lets every other ready task of this shard run, and I/O be noticed, before continuing.
/// A batch loop calls it every few batches.
pub async fn yield_now() {
    match engine::current() {
        Kind::Glommio => glommio::yield_now().await,
        Kind::Epoll => epoll::yield_now().await,
    }
}

/// The time given to [`timeout`] passed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub struct Elapsed;

/// Runs `future` for at most `max`, then drops it.
///
/// # Errors
/// [`Elapsed`] when the time passed first.
pub async fn timeout<F: Future>(max: Duration, future: F) -> Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    let mut timer = sleep(max);
    std::future::poll_fn(move |cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(value));
        }
        Pin::new(&mut timer).poll(cx).map(|()| Err(Elapsed))
    })
    .await
}
