//! What a pinned BPF link is about, which the loader's library does not tell: asked by bpf(2)
//! itself before anything is done to it.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A pinned link of an XDP program.
pub(crate) struct XdpLinkFacts {
    /// Id of its program.
    pub(crate) program: u32,
    /// Index of its interface; 0 when that is gone.
    pub(crate) interface: u32,
}

const BPF_OBJ_GET: libc::c_int = 7;
const BPF_OBJ_GET_INFO_BY_FD: libc::c_int = 15;
const BPF_LINK_TYPE_XDP: u32 = 6;

/// The part of `union bpf_attr` that BPF_OBJ_GET reads.
#[repr(C)]
struct ObjGet {
    path: u64,
    fd: u32,
    flags: u32,
}

/// The part that BPF_OBJ_GET_INFO_BY_FD reads.
#[repr(C)]
struct ObjInfo {
    fd: u32,
    len: u32,
    info: u64,
}

/// The head of `struct bpf_link_info`, up to the member for XDP links.
#[repr(C)]
#[derive(Default)]
struct LinkInfo {
    kind: u32,
    id: u32,
    program: u32,
    pad: u32,
    interface: u32,
    pad2: u32,
}

/// Reads what the pin at `path` is.
///
/// # Errors
/// When it is no pin, no link, or one of another kind of program.
pub(crate) fn xdp_link(path: &Path) -> io::Result<XdpLinkFacts> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)?;
    let mut get = ObjGet { path: path.as_ptr() as u64, fd: 0, flags: 0 };
    // SAFETY: a valid BPF_OBJ_GET attribute of the size passed; the path outlives the call.
    let fd =
        unsafe { libc::syscall(libc::SYS_bpf, BPF_OBJ_GET, &raw mut get, size_of::<ObjGet>()) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0).ok_or_else(io::Error::last_os_error)?;
    // SAFETY: the kernel just gave this descriptor to us alone.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let mut info = LinkInfo::default();
    let mut ask = ObjInfo {
        fd: fd.as_raw_fd().unsigned_abs(),
        len: size_of::<LinkInfo>() as u32,
        info: &raw mut info as u64,
    };
    // SAFETY: a valid attribute of the size passed; the kernel writes at most `len` bytes into
    // `info`, which outlives the call, and integers are valid for any bits.
    let result = unsafe {
        libc::syscall(libc::SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &raw mut ask, size_of::<ObjInfo>())
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if info.kind != BPF_LINK_TYPE_XDP {
        return Err(io::Error::other("it is not the link of an XDP program"));
    }
    Ok(XdpLinkFacts { program: info.program, interface: info.interface })
}
