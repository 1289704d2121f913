//! The system calls the facade makes itself: eventfds, epoll sets, zero-time polls, pinning.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, epoll};

/// A new eventfd: non-blocking, closed on exec, counter zero.
pub(crate) fn eventfd() -> io::Result<OwnedFd> {
    Ok(rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

/// Adds one to an eventfd. A full counter (`EAGAIN`) is already signalled, so it is success.
pub(crate) fn eventfd_signal(fd: BorrowedFd<'_>) {
    loop {
        match rustix::io::write(fd, &1u64.to_ne_bytes()) {
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}

/// Resets an eventfd to zero.
pub(crate) fn eventfd_drain(fd: BorrowedFd<'_>) {
    let mut count = [0u8; 8];
    loop {
        match rustix::io::read(fd, &mut count) {
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}

/// Is `fd` readable within `max`? Errors and hang-ups count as readable, so that the caller
/// meets them on the descriptor itself. An interrupted wait answers early.
pub(crate) fn poll_readable(fd: BorrowedFd<'_>, max: Duration) -> bool {
    let mut set = [PollFd::new(&fd, PollFlags::IN)];
    let timeout = Timespec {
        tv_sec: i64::try_from(max.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(max.subsec_nanos()),
    };
    matches!(rustix::event::poll(&mut set, Some(&timeout)), Ok(n) if n > 0)
}

/// An epoll set that watches nothing.
pub(crate) fn epoll_empty() -> io::Result<OwnedFd> {
    Ok(epoll::create(epoll::CreateFlags::CLOEXEC)?)
}

/// An epoll set that watches exactly `fd`, level-triggered.
pub(crate) fn epoll_of(fd: RawFd, events: epoll::EventFlags) -> io::Result<OwnedFd> {
    let set = epoll_empty()?;
    epoll_add(&set, fd, events)?;
    Ok(set)
}

/// Has an epoll set watch `fd`, level-triggered.
pub(crate) fn epoll_add(set: &OwnedFd, fd: RawFd, events: epoll::EventFlags) -> io::Result<()> {
    let source = borrow(fd)?;
    Ok(epoll::add(set, source, epoll::EventData::new_u64(0), events)?)
}

/// Has an epoll set watch `fd` no longer.
pub(crate) fn epoll_remove(set: &OwnedFd, fd: RawFd) -> io::Result<()> {
    Ok(epoll::delete(set, borrow(fd)?)?)
}

fn borrow<'a>(fd: RawFd) -> io::Result<BorrowedFd<'a>> {
    if fd < 0 {
        return Err(rustix::io::Errno::BADF.into());
    }
    // SAFETY: the number is not -1 and is only handed to epoll_ctl, which answers EBADF when no
    // open file is behind it; the borrow ends with that call.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// A second descriptor of the same open file.
pub(crate) fn duplicate(fd: impl AsFd) -> io::Result<OwnedFd> {
    Ok(rustix::io::fcntl_dupfd_cloexec(fd, 3)?)
}

/// The CPUs this process may run on.
pub(crate) fn allowed_cpus() -> io::Result<Vec<usize>> {
    let set = rustix::thread::sched_getaffinity(None)?;
    Ok((0..rustix::thread::CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect())
}

/// Pins the calling thread to one CPU.
pub(crate) fn pin_to(cpu: usize) -> io::Result<()> {
    if cpu >= rustix::thread::CpuSet::MAX_CPU {
        return Err(rustix::io::Errno::INVAL.into());
    }
    let mut set = rustix::thread::CpuSet::new();
    set.set(cpu);
    rustix::thread::sched_setaffinity(None, &set)?;
    Ok(())
}

/// Soft limit of locked memory in bytes; `u64::MAX` for none.
pub(crate) fn memlock_limit() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Memlock).current.unwrap_or(u64::MAX)
}

/// Whether the kernel lets this process make an io_uring.
pub(crate) fn io_uring_works() -> io::Result<()> {
    /// Size of `struct io_uring_params`, all zero: no flags.
    const PARAMS: usize = 120;
    let mut params = [0u64; PARAMS / 8];
    // SAFETY: the call takes a count and a pointer to 120 writable bytes, aligned to 8.
    let fd = unsafe { libc::syscall(libc::SYS_io_uring_setup, 4, params.as_mut_ptr()) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    let fd = RawFd::try_from(fd).map_err(io::Error::other)?;
    // SAFETY: the kernel just gave us this descriptor and nothing else has it.
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
    Ok(())
}
