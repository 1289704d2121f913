//! Sends frames as they are out of one interface, many per system call, for tests and measurements.

use std::io;
use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::{Error, interfaces};

/// Frames handed to the kernel at a time.
const BATCH: usize = 64;

/// Keeps the calling thread on one CPU: a sender's frames leave by the transmit queue of its CPU.
///
/// # Errors
/// When this process may not use that CPU.
pub fn pin(cpu: usize) -> io::Result<()> {
    // SAFETY: a set of bits; zero is valid, and the macro-like calls only write inside of it.
    let set = unsafe {
        let mut set: libc::cpu_set_t = MaybeUninit::zeroed().assume_init();
        libc::CPU_SET(cpu, &mut set);
        set
    };
    // SAFETY: pointer and size describe the live set, which the kernel only reads.
    match unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A packet socket that only sends.
pub struct Sender {
    fd: OwnedFd,
}

impl Sender {
    /// Sends out of this interface of this thread's network namespace, past the queueing
    /// discipline: what the driver does not take is refused, not dropped behind our back.
    ///
    /// # Errors
    /// [`Error::NoInterface`], [`Error::Os`].
    pub fn new(interface: &str) -> Result<Self, Error> {
        let index = interfaces::find(interface)?.index;
        let failed = |call| Error::Os { call, source: io::Error::last_os_error() };
        // SAFETY: creates a descriptor; the result is checked.
        let fd = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(failed("socket(AF_PACKET)"));
        }
        // SAFETY: `fd` was just made and nothing else owns it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: the structure is integers only; zero is valid.
        let mut address: libc::sockaddr_ll = unsafe { MaybeUninit::zeroed().assume_init() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_ifindex = index as i32;
        // SAFETY: address and length describe one live structure that the kernel only reads.
        let bound = unsafe {
            libc::bind(
                fd.as_raw_fd(),
                (&raw const address).cast(),
                size_of::<libc::sockaddr_ll>() as libc::socklen_t,
            )
        };
        if bound != 0 {
            return Err(failed("bind to the interface"));
        }
        let on: libc::c_int = 1;
        // SAFETY: pointer and size describe `on`, which the kernel only reads.
        let set = unsafe {
            libc::setsockopt(
                fd.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_QDISC_BYPASS,
                (&raw const on).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        if set != 0 {
            return Err(failed("PACKET_QDISC_BYPASS"));
        }
        Ok(Self { fd })
    }

    /// Sends all of `frames`, in order; says how many the driver took.
    ///
    /// # Errors
    /// [`Error::Os`] for anything but a driver without room.
    pub fn send<F: AsRef<[u8]>>(&self, frames: &[F]) -> Result<usize, Error> {
        let mut taken = 0;
        for batch in frames.chunks(BATCH) {
            let mut parts: Vec<libc::iovec> = batch
                .iter()
                .map(|f| libc::iovec {
                    iov_base: f.as_ref().as_ptr().cast_mut().cast(),
                    iov_len: f.as_ref().len(),
                })
                .collect();
            let mut messages: Vec<libc::mmsghdr> = parts
                .iter_mut()
                .map(|part| {
                    // SAFETY: integers and pointers; zero is valid.
                    let mut m: libc::mmsghdr = unsafe { MaybeUninit::zeroed().assume_init() };
                    m.msg_hdr.msg_iov = part;
                    m.msg_hdr.msg_iovlen = 1;
                    m
                })
                .collect();
            let mut at = 0;
            while at < messages.len() {
                let rest = &mut messages[at..];
                // SAFETY: pointer and length are of the live slice, whose parts point to live
                // frames; the kernel only reads these.
                let sent = unsafe {
                    libc::sendmmsg(self.fd.as_raw_fd(), rest.as_mut_ptr(), rest.len() as u32, 0)
                };
                if sent > 0 {
                    at += sent as usize;
                    taken += sent as usize;
                    continue;
                }
                let source = io::Error::last_os_error();
                match source.raw_os_error() {
                    Some(libc::ENOBUFS | libc::EAGAIN) => at += 1,
                    Some(libc::EINTR) => {}
                    _ => return Err(Error::Os { call: "sendmmsg", source }),
                }
            }
        }
        Ok(taken)
    }
}
