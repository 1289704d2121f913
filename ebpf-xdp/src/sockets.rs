//! Which kernel interfaces for packets and completion can be opened, found by opening and closing
//! one of each.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

/// `struct io_uring_params` of `linux/io_uring.h`; all zero asks for the plain default.
const URING_PARAMS_BYTES: usize = 120;

/// Opens a packet socket bound to nothing (protocol 0 receives nothing).
pub(crate) fn af_packet() -> io::Result<()> {
    socket(libc::AF_PACKET)
}

/// Opens an AF_XDP socket, without memory or interface.
pub(crate) fn af_xdp() -> io::Result<()> {
    socket(libc::AF_XDP)
}

fn socket(family: libc::c_int) -> io::Result<()> {
    // SAFETY: socket(2) takes no pointers.
    let fd = unsafe { libc::socket(family, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
    own(libc::c_long::from(fd))
}

/// Sets up an io_uring of two entries.
pub(crate) fn io_uring() -> io::Result<()> {
    let mut params = [0u64; URING_PARAMS_BYTES / 8];
    // SAFETY: the kernel reads and writes `io_uring_params`, which is exactly this many zeroed,
    // 8-byte aligned bytes; it keeps no pointer to them.
    let fd = unsafe { libc::syscall(libc::SYS_io_uring_setup, 2, params.as_mut_ptr()) };
    own(fd)
}

fn own(fd: libc::c_long) -> io::Result<()> {
    match i32::try_from(fd) {
        Ok(fd) if fd >= 0 => {
            // SAFETY: the kernel just gave this descriptor to us alone; dropping it closes it.
            drop(unsafe { OwnedFd::from_raw_fd(fd) });
            Ok(())
        }
        _ => Err(io::Error::last_os_error()),
    }
}
