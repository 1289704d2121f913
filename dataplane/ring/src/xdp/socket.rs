//! One AF_XDP socket with its memory: every call into xsk-rs, and the options that it has no call
//! for. Frames are chunks of one mapped area (the UMEM). The kernel takes chunks from the fill
//! ring, writes frames into them and puts their descriptors on the receive ring; when a frame was
//! worked on, its chunk goes back to the fill ring.

use std::ffi::CString;
use std::io;
use std::num::NonZeroU32;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use xsk_rs::config::{
    BindFlags, FrameSize, Interface, LibxdpFlags, QueueSize, SocketConfig, UmemConfig,
};
use xsk_rs::{CompQueue, FillQueue, FrameDesc, RxQueue, TxQueue, Umem};

use super::{BusyPoll, OUR_HEADROOM, XdpError};
use crate::{Error, limits};

/// Huge pages are this large on every machine that has them by default.
pub(super) const HUGE_PAGE: usize = 2 << 20;

/// How a socket is to be made.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Entries of the receive and fill rings of each socket; a power of two.
    pub(super) frames: u32,
    /// Sockets that share the memory: there are `frames` chunks for each.
    pub(super) sockets: u32,
    /// Bytes of a chunk: 2048 or 4096.
    pub(super) chunk: usize,
    /// Entries of the transmit and completion rings; a power of two.
    pub(super) transmit: u32,
    pub(super) huge_pages: bool,
}

impl Shape {
    pub(super) fn bytes(&self) -> usize {
        self.chunks() as usize * self.chunk
    }

    pub(super) fn chunks(&self) -> u32 {
        self.frames * self.sockets
    }
}

/// How frames get from the driver into chunks, and whether long ones may take several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) zero_copy: bool,
    pub(super) parts: bool,
}

/// The area that frames lie in. Shared by the sockets of a bridge.
#[derive(Clone)]
pub(super) struct Memory {
    umem: Umem,
    base: *mut u8,
    bytes: usize,
    pub(super) huge: bool,
}

// SAFETY: the pointer is to the area that `umem` keeps mapped; both can move between threads.
unsafe impl Send for Memory {}

impl Memory {
    /// Maps and registers an area. Descriptors of all its chunks come with it.
    pub(super) fn new(shape: &Shape) -> Result<(Self, Vec<FrameDesc>), Error> {
        // A mapping of huge pages can only be unmapped by whole ones.
        if shape.huge_pages && shape.bytes().is_multiple_of(HUGE_PAGE) {
            match Self::map(shape, true) {
                // None are reserved, or too few.
                Err(Error::Os { source, .. }) if source.raw_os_error() == Some(libc::ENOMEM) => {}
                other => return other,
            }
        }
        Self::map(shape, false)
    }

    /// The same; while the limit on locked memory does not allow it, with half as many frames.
    pub(super) fn fitting(shape: &mut Shape) -> Result<(Self, Vec<FrameDesc>), Error> {
        loop {
            match Self::new(shape) {
                Err(Error::Xdp(XdpError::Memlock { .. }))
                    if shape.frames > limits::XDP_FRAMES_MIN =>
                {
                    shape.frames /= 2;
                }
                other => return other,
            }
        }
    }

    fn map(shape: &Shape, huge: bool) -> Result<(Self, Vec<FrameDesc>), Error> {
        let config = UmemConfig::builder()
            .frame_size(FrameSize::new(shape.chunk as u32).map_err(impossible)?)
            .frame_headroom(OUR_HEADROOM as u32)
            .fill_queue_size(QueueSize::new(shape.frames).map_err(impossible)?)
            .comp_queue_size(QueueSize::new(shape.transmit).map_err(impossible)?)
            .build()
            .map_err(impossible)?;
        let frames =
            NonZeroU32::new(shape.chunks()).ok_or_else(|| impossible("a ring of no frames"))?;
        let (umem, descs) = Umem::new(config, frames, huge).map_err(|e| {
            let source = cause(&e);
            match source.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => Error::NotPermitted,
                // Without CAP_IPC_LOCK, UMEM counts against RLIMIT_MEMLOCK.
                Some(libc::ENOBUFS) => XdpError::Memlock { bytes: shape.bytes() }.into(),
                Some(libc::EAFNOSUPPORT) => XdpError::NoKernel.into(),
                _ => Error::Os { call: "AF_XDP memory", source },
            }
        })?;
        // Offset 0 is inside the area; only the address is taken here.
        let start = FrameDesc::default();
        // SAFETY: a descriptor of length zero at the start of this very area.
        let base = unsafe { umem.data(&start) }.contents().as_ptr().cast_mut();
        Ok((Self { umem, base, bytes: shape.bytes(), huge }, descs))
    }

    /// Where a frame begins.
    #[inline]
    pub(super) fn at(&self, desc: &FrameDesc) -> *mut u8 {
        debug_assert!(desc.addr() + desc.lengths().data() <= self.bytes);
        self.base.wrapping_add(desc.addr())
    }

    /// The time stamp of a frame that was just received; `None` while none was ever put into its
    /// chunk. A driver either has room for stamps or not, so what stands there is this frame's; it
    /// is not cleared, because a line that this core wrote to costs the kernel more to write again.
    ///
    /// # Safety
    /// The frame was received, and was not given back since.
    #[inline]
    pub(super) unsafe fn stamp(&self, desc: &FrameDesc) -> Option<u64> {
        let at = desc.addr().checked_sub(size_of::<u64>()).filter(|_| desc.addr() <= self.bytes)?;
        let at = self.base.wrapping_add(at).cast::<u64>();
        // SAFETY: inside the area, in the headroom of a chunk that is ours until it is given back,
        // so nobody else accesses it; aligned or not does not matter.
        let stamp = unsafe { at.read_unaligned() };
        (stamp != 0).then_some(stamp)
    }
}

/// A bound socket.
pub(super) struct Socket {
    rx: RxQueue,
    fill: FillQueue,
    tx: TxQueue,
    completed: CompQueue,
    /// Chunks that the fill ring had no room for. It has as many entries as there are chunks, so
    /// this stays empty; a chunk is lost for good if it is ever dropped.
    spare: Vec<FrameDesc>,
    pub(super) memory: Memory,
    pub(super) transfer: Transfer,
    pub(super) shape: Shape,
}

impl Socket {
    /// Binds to one queue, as well as the kernel and driver allow: tries `wishes` in order. What
    /// each one but the last was refused with is in the answer.
    pub(super) fn bind(
        interface: &str,
        queue: u32,
        memory: &Memory,
        shape: &Shape,
        wishes: &[Transfer],
    ) -> Result<(Self, Vec<(Transfer, io::Error)>), Error> {
        let name: Interface = CString::new(interface)
            .map(Interface::new)
            .map_err(|_| Error::NoInterface(interface.into()))?;
        let mut refusals = Vec::new();
        for (n, wish) in wishes.iter().enumerate() {
            let mut flags = BindFlags::XDP_USE_NEED_WAKEUP;
            flags |= if wish.zero_copy { BindFlags::XDP_ZEROCOPY } else { BindFlags::XDP_COPY };
            if wish.parts {
                flags |= BindFlags::XDP_USE_SG;
            }
            let config = SocketConfig::builder()
                .rx_queue_size(QueueSize::new(shape.frames).map_err(impossible)?)
                .tx_queue_size(QueueSize::new(shape.transmit).map_err(impossible)?)
                // The program is ours.
                .libxdp_flags(LibxdpFlags::XSK_LIBXDP_FLAGS_INHIBIT_PROG_LOAD)
                .bind_flags(flags)
                .build();
            // SAFETY: the library's own program is inhibited, which is what the contract asks for
            // when a UMEM is shared.
            let made = unsafe { xsk_rs::Socket::new(config, &memory.umem, &name, queue) };
            let error = match made {
                Ok((tx, rx, Some((fill, completed)))) => {
                    let socket = Self {
                        rx,
                        fill,
                        tx,
                        completed,
                        spare: Vec::new(),
                        memory: memory.clone(),
                        transfer: *wish,
                        shape: shape.clone(),
                    };
                    socket.close_on_exec()?;
                    return Ok((socket, refusals));
                }
                // Only when this area already has a socket on this queue.
                Ok((_, _, None)) => io::Error::from_raw_os_error(libc::EBUSY),
                Err(e) => cause(&e),
            };
            let last = n + 1 == wishes.len();
            match error.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => return Err(Error::NotPermitted),
                Some(libc::ENODEV | libc::ENXIO) => {
                    return Err(Error::NoInterface(interface.into()));
                }
                Some(libc::EBUSY) => {
                    return Err(XdpError::QueueTaken { interface: interface.into(), queue }.into());
                }
                Some(libc::EOPNOTSUPP | libc::EINVAL) if !last => refusals.push((*wish, error)),
                _ => return Err(Error::Os { call: "bind an AF_XDP socket", source: error }),
            }
        }
        Err(impossible("no way to bind was asked for"))
    }

    /// Takes up to `max` descriptors, and those that complete the last frame. They stand in
    /// `descs` from `at` on, which grows when it is shorter. Returns how many.
    #[inline]
    pub(super) fn receive(&mut self, max: usize, at: usize, descs: &mut Vec<FrameDesc>) -> usize {
        if descs.len() < at + max {
            descs.resize(at + max, FrameDesc::default());
        }
        // SAFETY: these descriptors are only filled in here, from this socket's own ring.
        let mut end = at + unsafe { self.rx.consume(&mut descs[at..at + max]) };
        // The kernel hands over whole frames: what is missing is there.
        while end > at && descs[end - 1].has_more_frames() {
            if descs.len() == end {
                descs.push(FrameDesc::default());
            }
            // SAFETY: as before.
            if unsafe { self.rx.consume_one(&mut descs[end]) } == 0 {
                break;
            }
            end += 1;
        }
        end - at
    }

    /// Descriptors that wait on the receive ring.
    pub(super) fn waiting(&mut self) -> usize {
        self.rx.nb_avail_exact() as usize
    }

    /// Gives chunks back to the kernel to receive into.
    ///
    /// # Safety
    /// They belong to this socket's memory, and nobody reads or writes them any more.
    #[inline]
    pub(super) unsafe fn give_back(&mut self, descs: &[FrameDesc]) {
        // SAFETY: promised by the caller.
        let given = unsafe { self.fill.produce(descs) };
        if given < descs.len() {
            self.spare.extend_from_slice(&descs[given..]);
        }
        if !self.spare.is_empty() {
            // SAFETY: given back by the caller earlier.
            let given = unsafe { self.fill.produce(&self.spare) };
            self.spare.drain(..given);
        }
    }

    /// Tells a driver that waits for chunks that there are some.
    #[inline]
    pub(super) fn wake_receiver(&mut self) {
        if self.fill.needs_wakeup() {
            // Fails only when interrupted; the next call is soon.
            let _ = self.fill.wakeup(self.rx.fd_mut(), 0);
        }
    }

    /// Frames that the transmit ring has room for.
    pub(super) fn transmit_room(&mut self) -> usize {
        self.tx.nb_free_exact() as usize
    }

    /// Puts frames on the transmit ring; they leave with the next [`Self::kick`].
    ///
    /// # Safety
    /// There is room for them. They belong to this socket's memory, and nobody writes to them, nor
    /// gives them back, until they come out of [`Self::take_completed`].
    #[inline]
    pub(super) unsafe fn transmit(&mut self, descs: &[FrameDesc]) {
        // SAFETY: promised by the caller.
        let put = unsafe { self.tx.produce(descs) };
        debug_assert_eq!(put, descs.len());
    }

    /// Has the kernel send what is on the transmit ring, as far as the device takes it now.
    /// Returns how many frames the device dropped.
    pub(super) fn kick(&mut self) -> u64 {
        // Copying, the kernel sends some dozens of frames in a call.
        let mut calls = self.shape.transmit / 16;
        let mut dropped = 0;
        while calls > 0 && self.tx.needs_wakeup() {
            calls -= 1;
            // SAFETY: no memory is passed.
            let result = unsafe {
                libc::sendto(
                    self.raw(),
                    std::ptr::null(),
                    0,
                    libc::MSG_DONTWAIT,
                    std::ptr::null(),
                    0,
                )
            };
            if result >= 0 {
                break;
            }
            match io::Error::last_os_error().raw_os_error() {
                // Each time for one frame.
                Some(libc::EBUSY) => dropped += 1,
                Some(libc::EAGAIN) if self.tx.nb_free_exact() < self.shape.transmit => {}
                // Down, or out of memory: they stay on the ring, and are tried again.
                _ => break,
            }
        }
        dropped
    }

    /// Frames that were sent and are ours again; they stand at the start of `descs`. Returns how
    /// many; not more than `descs` holds.
    #[inline]
    pub(super) fn take_completed(&mut self, descs: &mut [FrameDesc]) -> usize {
        // SAFETY: these descriptors are only filled in here, from this socket's own ring.
        unsafe { self.completed.consume(descs) }
    }

    /// Lets more frames be under way at a time than sockets may by default.
    pub(super) fn widen_send_buffer(&self, bytes: usize) {
        /// Frames that the kernel sends in one call, Linux 6.18.
        const XDP_MAX_TX_SKB_BUDGET: libc::c_int = 9;
        let bytes = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
        let budget = 256;
        let options = [
            (libc::SOL_SOCKET, libc::SO_SNDBUFFORCE, bytes),
            (libc::SOL_XDP, XDP_MAX_TX_SKB_BUDGET, budget),
        ];
        for (level, option, value) in options {
            // Without the right or the option, frames only wait a little longer.
            // SAFETY: value and length describe one live integer that the kernel only reads.
            unsafe {
                libc::setsockopt(
                    self.raw(),
                    level,
                    option,
                    (&raw const value).cast(),
                    size_of::<libc::c_int>() as libc::socklen_t,
                );
            }
        }
    }

    /// Has the kernel's receive work done by whoever waits for this socket.
    pub(super) fn busy_poll(&self, how: BusyPoll) -> Result<(), Error> {
        // linux/socket.h; the libc crate lacks the first and the last.
        const SO_PREFER_BUSY_POLL: libc::c_int = 69;
        const SO_BUSY_POLL_BUDGET: libc::c_int = 70;
        let options = [
            (SO_PREFER_BUSY_POLL, 1),
            (libc::SO_BUSY_POLL, how.micros),
            (SO_BUSY_POLL_BUDGET, how.frames),
        ];
        for (option, value) in options {
            let value = libc::c_int::try_from(value).unwrap_or(libc::c_int::MAX);
            // SAFETY: value and length describe one live integer that the kernel only reads.
            let result = unsafe {
                libc::setsockopt(
                    self.raw(),
                    libc::SOL_SOCKET,
                    option,
                    (&raw const value).cast(),
                    size_of::<libc::c_int>() as libc::socklen_t,
                )
            };
            if result != 0 {
                let source = io::Error::last_os_error();
                return Err(Error::Os { call: "busy polling (since Linux 5.11)", source });
            }
        }
        Ok(())
    }

    /// The error that waits on the socket, cleared.
    pub(super) fn take_error(&self) -> Option<io::Error> {
        let mut error: libc::c_int = 0;
        let mut len = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `len` bytes into the live integer.
        let result = unsafe {
            libc::getsockopt(
                self.raw(),
                libc::SOL_SOCKET,
                libc::SO_ERROR,
                (&raw mut error).cast(),
                &raw mut len,
            )
        };
        (result == 0 && error != 0).then(|| io::Error::from_raw_os_error(error))
    }

    pub(super) fn raw(&self) -> RawFd {
        self.rx.fd().as_raw_fd()
    }

    pub(super) fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open as long as `self` lives.
        unsafe { BorrowedFd::borrow_raw(self.raw()) }
    }

    /// The library opens its sockets without; a program that is started later would hold them.
    fn close_on_exec(&self) -> Result<(), Error> {
        // SAFETY: no memory is involved.
        if unsafe { libc::fcntl(self.raw(), libc::F_SETFD, libc::FD_CLOEXEC) } == 0 {
            return Ok(());
        }
        Err(Error::Os { call: "FD_CLOEXEC", source: io::Error::last_os_error() })
    }
}

/// Losses and oddities since a socket was made, of the socket or any copy of its descriptor.
pub(super) fn statistics(socket: &impl AsRawFd) -> libc::xdp_statistics {
    // SAFETY: the structure is integers, for which zero is valid, and the kernel writes at most
    // `len` bytes into it. The call cannot fail on an AF_XDP socket.
    unsafe {
        let mut statistics: libc::xdp_statistics = std::mem::zeroed();
        let mut len = size_of::<libc::xdp_statistics>() as libc::socklen_t;
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_XDP,
            libc::XDP_STATISTICS,
            (&raw mut statistics).cast(),
            &raw mut len,
        );
        statistics
    }
}

/// The system's error behind the library's.
fn cause(error: &dyn std::error::Error) -> io::Error {
    let errno = error
        .source()
        .and_then(|e| e.downcast_ref::<io::Error>())
        .and_then(io::Error::raw_os_error);
    errno.map_or_else(|| io::Error::other(error.to_string()), io::Error::from_raw_os_error)
}

/// A value that [`super::Config`] does not let through.
fn impossible(what: impl std::fmt::Display) -> Error {
    Error::Os { call: "AF_XDP", source: io::Error::other(what.to_string()) }
}
