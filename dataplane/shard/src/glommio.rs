//! The io_uring engine. This is the only file that names glommio.
//!
//! glommio cannot wait for an arbitrary descriptor by itself, but its TCP stream arms a one-shot
//! poll on whatever descriptor it is made from, as soon as it is made. [`Poller`] makes such a
//! stream from an epoll set and never gets bytes out of it: the set is not a socket, so the
//! stream's read, attempted only after the poll has fired, fails without touching anything.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, RawFd};
use std::panic::catch_unwind;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_lite::{AsyncRead, AsyncWrite};
use glommio::io::{BufferedFile, OpenOptions};
use glommio::net::TcpStream;
use glommio::{GlommioError, LocalExecutor, LocalExecutorBuilder, Placement, PoolPlacement};

use crate::{Error, sys, task};

/// Locked memory glommio insists on, per process.
const MEMLOCK_MIN: u64 = 512 * 1024;
/// Memory registered with the kernel, per shard and ring. Sockets and buffered files do not use
/// it, so the smallest size glommio takes.
const IO_MEMORY: usize = 64 * 1024;
/// Submission queue entries per ring: far more operations than a shard has in flight.
const RING_DEPTH: usize = 256;
/// How long tasks that only ever wake each other keep a shard from looking at its rings. Short is
/// dangerous: when this passes just before the first task of a turn, glommio 0.9 takes "nothing
/// ran" for "nothing can run" and goes to sleep over tasks that are ready. At a millisecond that
/// happens within seconds on a loaded machine; nothing but luck makes it rare, so [`watch`] limits
/// what it costs.
const PREEMPT: Duration = Duration::from_millis(100);
/// Longest a shard sleeps; see [`PREEMPT`]. Costs 0.05 % of a core.
const WATCH: Duration = Duration::from_millis(100);
/// How often a busy shard looks at its rings. A look costs about 30 us.
const LOOK: Duration = Duration::from_millis(1);
/// Reads or writes of one socket that may succeed in a row before its task must give way.
const BUDGET: u32 = 64;

pub(crate) struct Executor {
    inner: LocalExecutor,
}

/// Can io_uring be used by this process at all? Answered without glommio, which would panic.
pub(crate) fn probe() -> Result<(), Error> {
    let refuse = |why| Err(Error::Engine { engine: "glommio", why });
    let limit = sys::memlock_limit();
    if limit < MEMLOCK_MIN {
        return refuse(format!(
            "the limit of locked memory is {limit} bytes and {MEMLOCK_MIN} are needed; raise it (ulimit -l, LimitMEMLOCK=)"
        ));
    }
    match sys::io_uring_works() {
        Ok(()) => Ok(()),
        Err(error) => refuse(format!(
            "io_uring_setup: {error}; allow it in the seccomp profile and set kernel.io_uring_disabled to 0"
        )),
    }
}

impl Executor {
    pub(crate) fn new(name: &str) -> Result<Self, Error> {
        let make = || {
            LocalExecutorBuilder::new(Placement::Unbound)
                .name(name)
                .io_memory(IO_MEMORY)
                .ring_depth(RING_DEPTH)
                .preempt_timer(PREEMPT)
                .blocking_thread_pool_placement(PoolPlacement::Unbound(1))
                .make()
        };
        let why = match catch_unwind(make) {
            Ok(Ok(inner)) => return Ok(Self { inner }),
            Ok(Err(error)) => error.to_string(),
            Err(payload) => task::panic_message(&*payload),
        };
        Err(Error::Engine { engine: "glommio", why })
    }

    pub(crate) fn run<T>(self, main: impl Future<Output = T>) -> T {
        self.inner.run(async move {
            let watch = glommio::spawn_local(watch());
            let ended = main.await;
            watch.cancel().await;
            ended
        })
    }
}

/// Wakes the executor from any sleep it should not have gone into.
async fn watch() {
    loop {
        sleep(WATCH).await;
    }
}

pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    drop(glommio::spawn_local(task).detach());
}

pub(crate) type Sleep = glommio::timer::Timer;

pub(crate) fn sleep(duration: Duration) -> Sleep {
    Sleep::new(duration)
}

pub(crate) async fn yield_now() {
    let mut pause = Pause::Begun;
    std::future::poll_fn(|cx| pause.poll(cx)).await;
}

thread_local! {
    /// When a task of this shard last gave way to the rings and not only to other tasks.
    static LOOKED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Giving way once. Most times the task only goes to the back of the queue, which is cheap. But
/// glommio looks at its rings only when the queue runs dry (or after [`PREEMPT`]), so every
/// [`LOOK`] the task waits for a timer that is about to expire instead.
#[derive(Debug, Default)]
enum Pause {
    #[default]
    Over,
    Begun,
    Queued,
    Timer(Sleep),
}

impl Pause {
    /// Pending at least once when begun, then ready.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Over => return Poll::Ready(()),
            Self::Queued => {}
            Self::Timer(timer) => {
                ready!(Pin::new(timer).poll(cx));
            }
            Self::Begun => {
                *self = Self::Queued;
                let now = Instant::now();
                if LOOKED.get().is_none_or(|last| now - last >= LOOK) {
                    LOOKED.set(Some(now));
                    let mut timer = sleep(Duration::from_micros(1));
                    if Pin::new(&mut timer).poll(cx).is_pending() {
                        *self = Self::Timer(timer);
                        return Poll::Pending;
                    }
                }
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        *self = Self::Over;
        Poll::Ready(())
    }
}

/// Makes a task give way whose socket is always ready.
#[derive(Debug, Default)]
struct Budget {
    used: u32,
    pause: Pause,
}

impl Budget {
    fn spend<T>(
        &mut self,
        cx: &mut Context<'_>,
        work: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        ready!(self.pause.poll(cx));
        let done = work(cx);
        self.used = if done.is_pending() { 0 } else { self.used + 1 };
        if self.used == BUDGET {
            self.used = 0;
            self.pause = Pause::Begun;
        }
        done
    }
}

/// Waits for one epoll set to become readable, perhaps spuriously.
#[derive(Default)]
pub(crate) struct Poller {
    /// Has a one-shot poll in the ring. It is kept over waits that ended without it firing.
    armed: Option<TcpStream>,
}

impl Poller {
    pub(crate) fn poll(
        &mut self,
        set: BorrowedFd<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let armed = match &mut self.armed {
            Some(armed) => armed,
            none => {
                let fd = sys::duplicate(set)?.into_raw_fd();
                // SAFETY: the descriptor was made by the line above, is open, and is owned by the
                // stream alone from here on.
                none.insert(unsafe { TcpStream::from_raw_fd(fd) })
            }
        };
        // Pending until the poll fires; then ENOTSOCK, which is the news waited for.
        let fired = Pin::new(armed).poll_read(cx, &mut [0; 1]);
        debug_assert!(!matches!(fired, Poll::Ready(Ok(_))), "an epoll set has no bytes");
        ready!(fired).ok();
        self.armed = None;
        Poll::Ready(Ok(()))
    }
}

/// A connected TCP socket.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: TcpStream,
    reads: Budget,
    writes: Budget,
}

impl Stream {
    pub(crate) fn new(socket: std::net::TcpStream) -> Self {
        let fd: RawFd = socket.into_raw_fd();
        // SAFETY: the descriptor was just released by its only owner.
        let inner = unsafe { TcpStream::from_raw_fd(fd) };
        Self { inner, reads: Budget::default(), writes: Budget::default() }
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.reads.spend(cx, |cx| Pin::new(&mut self.inner).poll_read(cx, buf))
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.spend(cx, |cx| Pin::new(&mut self.inner).poll_write(cx, buf))
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

/// A buffered file. Not a direct one: reads of those fail on disks without polled I/O.
#[derive(Debug)]
pub(crate) struct File(BufferedFile);

impl File {
    pub(crate) async fn open(options: crate::file::Open, path: &Path) -> io::Result<Self> {
        let mut open = OpenOptions::new();
        options.flags(
            &mut open,
            |open, on| {
                open.read(on);
            },
            |open, on| {
                open.write(on);
            },
            |open, on| {
                open.create(on);
            },
            |open, on| {
                open.truncate(on);
            },
        );
        Ok(Self(open.buffered_open(path).await.map_err(plain)?))
    }

    pub(crate) async fn write_at(&self, buf: Vec<u8>, position: u64) -> io::Result<usize> {
        self.0.write_at(buf, position).await.map_err(plain)
    }

    pub(crate) async fn read_at(&self, position: u64, len: usize) -> io::Result<Vec<u8>> {
        Ok(self.0.read_at(position, len).await.map_err(plain)?.to_vec())
    }

    pub(crate) async fn fdatasync(&self) -> io::Result<()> {
        self.0.fdatasync().await.map_err(plain)
    }

    pub(crate) async fn len(&self) -> io::Result<u64> {
        self.0.file_size().await.map_err(plain)
    }

    pub(crate) async fn close(self) -> io::Result<()> {
        self.0.close().await.map_err(plain)
    }
}

/// Runs `work` on the executor's blocking thread.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> io::Result<R> {
    Ok(glommio::executor().spawn_blocking(work).await)
}

fn plain(error: GlommioError<()>) -> io::Error {
    error.into()
}
