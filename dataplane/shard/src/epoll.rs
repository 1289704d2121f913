//! The epoll engine: a tokio current-thread runtime with a `LocalSet`. It runs where io_uring is
//! refused, and it serves the few waits that callers make from their own tokio runtimes.
//! This is the only file that names tokio.

use std::fs;
use std::future::Future;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use crate::sys;

pub(crate) struct Executor {
    runtime: tokio::runtime::Runtime,
}

impl Executor {
    pub(crate) fn new() -> io::Result<Self> {
        /// Threads for file work; a shard has at most a spool and a log in flight.
        const BLOCKING_THREADS: usize = 2;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(BLOCKING_THREADS)
            .build()?;
        Ok(Self { runtime })
    }

    pub(crate) fn run<T>(self, main: impl Future<Output = T>) -> T {
        let set = tokio::task::LocalSet::new();
        set.block_on(&self.runtime, main)
    }
}

pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    drop(tokio::task::spawn_local(task));
}

pub(crate) type Sleep = Pin<Box<tokio::time::Sleep>>;

pub(crate) fn sleep(duration: Duration) -> Sleep {
    Box::pin(tokio::time::sleep(duration))
}

pub(crate) async fn yield_now() {
    tokio::task::yield_now().await;
}

/// Waits for one descriptor to become readable, perhaps spuriously. tokio watches edges: the
/// caller looks at the descriptor after each completion and before sleeping again.
pub(crate) struct Poller {
    fd: AsyncFd<OwnedFd>,
}

impl Poller {
    pub(crate) fn new(fd: OwnedFd) -> io::Result<Self> {
        Ok(Self { fd: watch(fd)? })
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut guard = ready!(self.fd.poll_read_ready(cx))?;
        guard.clear_ready();
        Poll::Ready(Ok(()))
    }
}

fn watch(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open, names the same file for its whole life and always the same
    // number, and the `AsyncFd` owns it.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}

/// Completes when `fd` is readable; for tasks of a caller's tokio runtime.
pub(crate) async fn tokio_readable(fd: BorrowedFd<'_>) -> io::Result<()> {
    // A duplicate, because a runtime takes each descriptor once and many tasks may wait.
    let fd = watch(sys::duplicate(fd)?)?;
    fd.readable().await?.retain_ready();
    Ok(())
}

/// `future`'s result, or `None` at `end`; for tasks of a caller's tokio runtime.
pub(crate) async fn tokio_timeout_at<T>(
    end: Instant,
    future: impl Future<Output = T>,
) -> Option<T> {
    tokio::time::timeout_at(end.into(), future).await.ok()
}

/// A connected TCP socket.
#[derive(Debug)]
pub(crate) struct Stream(tokio::net::TcpStream);

impl Stream {
    pub(crate) fn new(socket: std::net::TcpStream) -> io::Result<Self> {
        Ok(Self(tokio::net::TcpStream::from_std(socket)?))
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// A file worked on by the runtime's blocking threads.
#[derive(Debug)]
pub(crate) struct File(Arc<fs::File>);

impl File {
    pub(crate) async fn open(options: crate::file::Open, path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        blocking(move || Ok(Self(Arc::new(options.std().open(path)?)))).await?
    }

    pub(crate) async fn write_at(&self, buf: Vec<u8>, position: u64) -> io::Result<usize> {
        let file = Arc::clone(&self.0);
        blocking(move || file.write_at(&buf, position)).await?
    }

    pub(crate) async fn read_at(&self, position: u64, len: usize) -> io::Result<Vec<u8>> {
        let file = Arc::clone(&self.0);
        blocking(move || {
            let mut buf = vec![0; len];
            let read = file.read_at(&mut buf, position)?;
            buf.truncate(read);
            Ok(buf)
        })
        .await?
    }

    pub(crate) async fn fdatasync(&self) -> io::Result<()> {
        let file = Arc::clone(&self.0);
        blocking(move || file.sync_data()).await?
    }

    pub(crate) async fn len(&self) -> io::Result<u64> {
        let file = Arc::clone(&self.0);
        blocking(move || Ok(file.metadata()?.len())).await?
    }

    pub(crate) async fn close(self) -> io::Result<()> {
        blocking(move || drop(self)).await
    }
}

/// Runs `work` on a blocking thread.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> io::Result<R> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}
