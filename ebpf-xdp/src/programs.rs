//! Which kinds of BPF program this kernel loads, found by loading the smallest program there is
//! (`return 0`) of each kind. Loading proves permission, kernel configuration and lockdown in one
//! go; nothing is attached.

use crate::btf::{Btf, BtfError};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// A kind of BPF program, with what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramKind {
    /// Filters frames of a packet socket.
    SocketFilter,
    /// Runs in the driver, before the kernel's network stack; feeds AF_XDP.
    Xdp,
    /// Runs at traffic control (tc, tcx), both directions.
    SchedCls,
    /// Attached to a named tracepoint.
    Tracepoint,
    /// Attached to a tracepoint with its raw arguments.
    RawTracepoint,
    /// Attached to a tracepoint with typed arguments (tp_btf).
    TypedTracepoint,
    /// Attached to the entry of any kernel function (fentry).
    FunctionEntry,
    /// Attached by a kprobe or uprobe.
    Kprobe,
    /// Attached to a timer or hardware counter: profiling.
    PerfEvent,
}

impl ProgramKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [ProgramKind; 9] = [
        ProgramKind::SocketFilter,
        ProgramKind::Xdp,
        ProgramKind::SchedCls,
        ProgramKind::Tracepoint,
        ProgramKind::RawTracepoint,
        ProgramKind::TypedTracepoint,
        ProgramKind::FunctionEntry,
        ProgramKind::Kprobe,
        ProgramKind::PerfEvent,
    ];

    /// Short name, as users of BPF know it.
    pub fn name(self) -> &'static str {
        match self {
            ProgramKind::SocketFilter => "socket filter",
            ProgramKind::Xdp => "XDP",
            ProgramKind::SchedCls => "tc / tcx",
            ProgramKind::Tracepoint => "tracepoint",
            ProgramKind::RawTracepoint => "raw tracepoint",
            ProgramKind::TypedTracepoint => "typed tracepoint (tp_btf)",
            ProgramKind::FunctionEntry => "function entry (fentry)",
            ProgramKind::Kprobe => "kprobe / uprobe",
            ProgramKind::PerfEvent => "perf event",
        }
    }

    /// `BPF_PROG_TYPE_*` and `BPF_TRACE_*` of the kernel's `linux/bpf.h`.
    fn numbers(self) -> (u32, u32) {
        match self {
            ProgramKind::SocketFilter => (1, 0),
            ProgramKind::Kprobe => (2, 0),
            ProgramKind::SchedCls => (3, 0),
            ProgramKind::Tracepoint => (5, 0),
            ProgramKind::Xdp => (6, 0),
            ProgramKind::PerfEvent => (7, 0),
            ProgramKind::RawTracepoint => (17, 0),
            ProgramKind::TypedTracepoint => (26, 23),
            ProgramKind::FunctionEntry => (26, 24),
        }
    }
}

/// The part of `union bpf_attr` that BPF_PROG_LOAD reads, up to `attach_prog_fd`.
#[repr(C)]
#[derive(Default)]
struct ProgLoad {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: [u8; 16],
    prog_ifindex: u32,
    expected_attach_type: u32,
    prog_btf_fd: u32,
    func_info_rec_size: u32,
    func_info: u64,
    func_info_cnt: u32,
    line_info_rec_size: u32,
    line_info: u64,
    line_info_cnt: u32,
    attach_btf_id: u32,
    attach_prog_fd: u32,
    pad: u32,
}

const _: () = assert!(size_of::<ProgLoad>() == 120);

const BPF_PROG_LOAD: libc::c_int = 5;

/// `r0 = 0; exit`, as 8-byte instructions.
pub(crate) const RETURN_ZERO: &[u64] = &[0x0000_0000_0000_00b7, 0x0000_0000_0000_0095];

/// Loads a `return 0` program of this kind and closes it again.
///
/// # Errors
/// What the kernel answered, or that it has no BTF where the kind needs one.
pub fn load_probe(kind: ProgramKind, btf: &Result<Btf, BtfError>) -> io::Result<()> {
    let attach = match kind {
        ProgramKind::TypedTracepoint | ProgramKind::FunctionEntry => {
            let btf = btf
                .as_ref()
                .map_err(|e| io::Error::new(io::ErrorKind::Unsupported, e.to_string()))?;
            let id = if kind == ProgramKind::FunctionEntry {
                btf.function("tcp_sendmsg")
            } else {
                btf.tracepoint("sched_switch")
            };
            id.ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::Unsupported,
                    "no type to attach to in the kernel's BTF",
                )
            })?
        }
        _ => 0,
    };
    load(kind, attach, RETURN_ZERO).map(drop)
}

pub(crate) fn load(kind: ProgramKind, attach_btf_id: u32, code: &[u64]) -> io::Result<OwnedFd> {
    load_with(kind, attach_btf_id, code, 0)
}

/// The same with `BPF_F_*` flags.
pub(crate) fn load_with(
    kind: ProgramKind,
    attach_btf_id: u32,
    code: &[u64],
    prog_flags: u32,
) -> io::Result<OwnedFd> {
    let (prog_type, expected_attach_type) = kind.numbers();
    let license = c"GPL";
    let mut attr = ProgLoad {
        prog_type,
        insn_cnt: u32::try_from(code.len()).map_err(io::Error::other)?,
        insns: code.as_ptr() as u64,
        license: license.as_ptr() as u64,
        expected_attach_type,
        attach_btf_id,
        prog_flags,
        ..ProgLoad::default()
    };
    // The kernel answers EAGAIN when a signal interrupts its verifier; libbpf retries 5 times too.
    for attempt in 0.. {
        // SAFETY: `attr` is a valid, fully initialised BPF_PROG_LOAD attribute of the size passed;
        // the code and licence it points to outlive the call, and the kernel only reads them.
        let fd = unsafe {
            libc::syscall(libc::SYS_bpf, BPF_PROG_LOAD, &raw mut attr, size_of::<ProgLoad>())
        };
        if let Ok(fd) = i32::try_from(fd)
            && fd >= 0
        {
            // SAFETY: the kernel just gave this descriptor to us alone.
            let fd = unsafe { OwnedFd::from_raw_fd(fd) };
            debug_assert!(fd.as_raw_fd() > 2);
            return Ok(fd);
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::EAGAIN) || attempt == 5 {
            return Err(error);
        }
    }
    unreachable!("the loop above returns")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probe must be able to say no: a program the verifier refuses is refused where the
    /// good one is taken.
    #[test]
    fn an_invalid_program_is_refused() {
        // `exit` with r0 never written, and no instruction at all.
        assert!(load(ProgramKind::SocketFilter, 0, &RETURN_ZERO[1..]).is_err());
        assert!(load(ProgramKind::SocketFilter, 0, &[]).is_err());
        assert!(load(ProgramKind::FunctionEntry, u32::MAX, RETURN_ZERO).is_err());
    }
}
