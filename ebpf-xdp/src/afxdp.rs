//! What AF_XDP capture can use here, found out by trying it on the loopback interface, where a
//! socket without a program receives nothing: memory, frames in several buffers; and what its
//! programs can use: several buffers, links, pins.

use crate::host::{Capability, Memlock, Privileges};
use crate::programs::{ProgramKind, load_with};
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;

const CHUNK: usize = 4096;
const CHUNKS: usize = 16;

/// How long a queue that somebody else is just trying stays taken, milliseconds.
const TAKEN_MS: u64 = 5;
const TRIES: usize = 20;

/// Whether a socket with memory can be had, and whether one that takes frames in several buffers.
pub(crate) fn sockets() -> (io::Result<()>, io::Result<()>) {
    match bind_in_turn(true) {
        // The kernel does not know the flag; or it does, and there is another reason.
        Err(e) if e.raw_os_error() == Some(libc::EINVAL) => (bind_in_turn(false), Err(e)),
        Err(e) => {
            let same = e.raw_os_error().map_or(e.kind().into(), io::Error::from_raw_os_error);
            (Err(e), Err(same))
        }
        Ok(()) => (Ok(()), Ok(())),
    }
}

/// The kernel lets go of a queue a moment after its socket is closed.
fn bind_in_turn(parts: bool) -> io::Result<()> {
    for _ in 1..TRIES {
        match bind(parts) {
            Err(e) if e.raw_os_error() == Some(libc::EBUSY) => {
                std::thread::sleep(std::time::Duration::from_millis(TAKEN_MS));
            }
            other => return other,
        }
    }
    bind(parts)
}

/// Binds a socket with a small memory to the loopback interface and closes it again.
///
/// # Errors
/// What the kernel answered: ENOBUFS for too little memory that may be locked, EINVAL for flags
/// that it does not know, EBUSY for a queue that is taken.
fn bind(parts: bool) -> io::Result<()> {
    /// Take frames in several buffers (linux/if_xdp.h, Linux 6.6).
    const XDP_USE_SG: u16 = 1 << 4;
    let area = Area::new()?;
    // SAFETY: socket(2) takes no pointers.
    let fd = unsafe { libc::socket(libc::AF_XDP, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `fd` was just made and nothing else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: every member of these two structures is an integer, for which zero is valid.
    let (mut memory, mut address) = unsafe {
        (std::mem::zeroed::<libc::xdp_umem_reg>(), std::mem::zeroed::<libc::sockaddr_xdp>())
    };
    memory.addr = area.start.as_ptr() as u64;
    memory.len = area.bytes as u64;
    memory.chunk_size = CHUNK as u32;
    set(&fd, libc::XDP_UMEM_REG, &memory)?;
    let entries = CHUNKS as u32;
    for ring in [libc::XDP_UMEM_FILL_RING, libc::XDP_UMEM_COMPLETION_RING, libc::XDP_RX_RING] {
        set(&fd, ring, &entries)?;
    }
    let loopback = CString::new("lo").map_err(io::Error::other)?;
    address.sxdp_family = libc::AF_XDP as u16;
    address.sxdp_flags = libc::XDP_COPY | if parts { XDP_USE_SG } else { 0 };
    // SAFETY: a zero-terminated name that lives across the call.
    address.sxdp_ifindex = unsafe { libc::if_nametoindex(loopback.as_ptr()) };
    // SAFETY: address and length describe one live structure that the kernel only reads.
    let result = unsafe {
        libc::bind(
            fd.as_raw_fd(),
            (&raw const address).cast(),
            size_of::<libc::sockaddr_xdp>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    // The socket closes before the area is unmapped: it was made later.
}

/// Memory for frames.
struct Area {
    start: NonNull<libc::c_void>,
    bytes: usize,
}

impl Area {
    fn new() -> io::Result<Self> {
        let bytes = CHUNK * CHUNKS;
        // SAFETY: a new private mapping at an address the kernel chooses; the result is checked.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start).ok_or_else(|| io::Error::other("mapped at zero"))?;
        Ok(Self { start, bytes })
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: exactly the range that `new` mapped, unmapped once.
        unsafe { libc::munmap(self.start.as_ptr(), self.bytes) };
    }
}

fn set<T>(fd: &OwnedFd, option: libc::c_int, value: &T) -> io::Result<()> {
    // SAFETY: value and length describe one live value that the kernel only reads.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_XDP,
            option,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Loads the smallest XDP program that takes frames in several buffers.
///
/// # Errors
/// What the kernel answered: EINVAL when it does not know them.
pub(crate) fn program_in_parts() -> io::Result<()> {
    /// `BPF_F_XDP_HAS_FRAGS` of linux/bpf.h, Linux 5.18.
    const XDP_HAS_FRAGS: u32 = 1 << 5;
    load_with(ProgramKind::Xdp, 0, crate::programs::RETURN_ZERO, XDP_HAS_FRAGS).map(drop)
}

/// Bytes of memory that AF_XDP may lock, or `None` for as much as there is.
pub(crate) fn memory(privileges: Privileges, limit: Option<Memlock>) -> Option<u64> {
    if privileges.has(Capability::IpcLock) {
        return None;
    }
    limit.and_then(|limit| limit.soft)
}

/// The BPF file system that pins live on.
///
/// # Errors
/// When it is not mounted, or nothing may be made in it.
pub(crate) fn pins() -> io::Result<()> {
    const BPF_FS_MAGIC: u64 = 0xcafe_4a11;
    let path = c"/sys/fs/bpf";
    // SAFETY: every member of the structure is an integer or an array of them, for which zero is
    // valid; the path is zero-terminated, and the kernel writes into the live structure.
    let (result, kind) = unsafe {
        let mut about: libc::statfs = std::mem::zeroed();
        (libc::statfs(path.as_ptr(), &raw mut about), about.f_type)
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if kind as u64 != BPF_FS_MAGIC {
        return Err(io::Error::other("no BPF file system is mounted at /sys/fs/bpf"));
    }
    // SAFETY: the path is zero-terminated and lives across the call.
    if unsafe { libc::access(path.as_ptr(), libc::W_OK) } == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
