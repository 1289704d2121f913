//! Sends frames from inside the kernel (`bpf/blast.bpf.c`), for measurements: what a receiver
//! costs can only be seen under a sender that is faster. Needs Linux 5.18; behind virtual
//! Ethernet, the other end needs an XDP program in driver mode or GRO switched on, or its driver
//! takes no frames.

use crate::xdp::{Error, refused};
use aya::maps::{Array, MapError, XskMap};
use aya::programs::links::FdLink;
use aya::programs::{ProgramError, Xdp};
use aya::{Ebpf, EbpfLoader};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

static OBJECT: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/blast.bpf.o"));

/// Longest frame that can be sent, bytes.
pub const FRAME_MAX: usize = 2000;
/// Shortest.
pub const FRAME_MIN: usize = 14;

/// One frame of the table.
#[repr(C)]
#[derive(Clone, Copy)]
struct Slot {
    len: u32,
    bytes: [u8; FRAME_MAX],
}

// SAFETY: integers only, without padding, so any bytes are a value.
unsafe impl aya::Pod for Slot {}

/// The program's variables.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct State {
    at: u32,
    turn: u32,
    sent: u64,
    bytes: u64,
    /// In [`TICKS`] of a nanosecond.
    due: u64,
    gap: u64,
}

/// Parts of a nanosecond that paces are told in.
const TICKS: u64 = 256;

// SAFETY: as above.
unsafe impl aya::Pod for State {}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Frames handed to the interface.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A loaded table of frames.
#[derive(Debug)]
pub struct Blaster {
    ebpf: Ebpf,
}

impl Blaster {
    /// Fills a table with frames that are to leave by the interface with this index. Each time the
    /// table was sent, addresses change, `turns` times (a power of two) before they repeat.
    ///
    /// # Errors
    /// [`Error::NotPermitted`]; [`Error::Load`] also for a table that is empty, or a frame that is
    /// too long or too short.
    pub fn load(interface: u32, turns: u32, frames: &[&[u8]]) -> Result<Self, Error> {
        let fits = |frame: &&[u8]| (FRAME_MIN..=FRAME_MAX).contains(&frame.len());
        let count = u32::try_from(frames.len()).unwrap_or(0);
        if count == 0 || !frames.iter().all(fits) || !turns.is_power_of_two() || turns > 65_536 {
            return Err(Error::Load(format!(
                "frames to send must be some, of {FRAME_MIN} to {FRAME_MAX} bytes, and turns a \
                 power of two up to 65536"
            )));
        }
        let mut ebpf = EbpfLoader::new()
            .map_max_entries("frames", count)
            .override_global("out", &interface, true)
            .override_global("count", &count, true)
            .override_global("turns", &turns, true)
            .load(OBJECT)
            .map_err(|e| refused(&e, None))?;
        let mut table: Array<_, Slot> = ebpf
            .map_mut("frames")
            .ok_or_else(|| Error::Load("the object has no table".into()))?
            .try_into()
            .map_err(|e: MapError| refused(&e, None))?;
        for (at, frame) in (0..).zip(frames) {
            let mut slot = Slot { len: frame.len() as u32, bytes: [0; FRAME_MAX] };
            slot.bytes[..frame.len()].copy_from_slice(frame);
            table.set(at, slot, 0).map_err(|e| refused(&e, None))?;
        }
        program(&mut ebpf, "blast")?.load().map_err(|e| refused(&e, None))?;
        Ok(Self { ebpf })
    }

    /// Sends this many frames, as fast as the interface takes them, on the calling thread's core.
    ///
    /// # Errors
    /// What the kernel answered; ENOTSUP-like answers before Linux 5.18.
    pub fn send(&mut self, frames: u32) -> io::Result<()> {
        let program = program(&mut self.ebpf, "blast").map_err(io::Error::other)?;
        let fd = program.fd().map_err(io::Error::other)?.as_fd().as_raw_fd();
        run_live(fd.unsigned_abs(), frames)
    }

    /// From now on so many frames per second are sent, evenly; without, as many as can be. A rate
    /// that is not reached is caught up with.
    ///
    /// # Errors
    /// [`Error::Load`] when the program's variables cannot be set.
    pub fn pace(&mut self, per_second: Option<f64>) -> Result<(), Error> {
        let mut state = self.state();
        state.gap = per_second.map_or(0, |rate| ((1e9 * TICKS as f64 / rate) as u64).max(1));
        state.due = monotonic_ns() * TICKS;
        let map = self.ebpf.map_mut(".bss").ok_or_else(|| Error::Load("no variables".into()))?;
        Array::<_, State>::try_from(map)
            .and_then(|mut map| map.set(0, state, 0))
            .map_err(|e| refused(&e, None))
    }

    /// How much was sent since loading.
    pub fn sent(&self) -> Sent {
        let state = self.state();
        Sent { frames: state.sent, bytes: state.bytes }
    }

    fn state(&self) -> State {
        let state = || -> Option<State> {
            let map: Array<_, State> = self.ebpf.map(".bss")?.try_into().ok()?;
            map.get(&0, 0).ok()
        };
        state().unwrap_or_default()
    }
}

/// The clock of programs inside the kernel.
fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one live structure; the clock exists on every kernel.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// The least program that feeds AF_XDP sockets, on one interface, for as long as this lives.
#[derive(Debug)]
pub struct Bare {
    ebpf: Ebpf,
    _link: FdLink,
}

impl Bare {
    /// Attaches it.
    ///
    /// # Errors
    /// As [`crate::xdp::Program::attach`], less exactly.
    pub fn attach(interface: u32, mode: crate::device::XdpMode) -> Result<Self, Error> {
        Self::attach_one("bare", interface, mode)
    }

    /// Attaches one that drops every frame instead: the end of the wire at which only the sender
    /// is at work.
    ///
    /// # Errors
    /// As [`Self::attach`].
    pub fn attach_drop(interface: u32, mode: crate::device::XdpMode) -> Result<Self, Error> {
        Self::attach_one("nothing", interface, mode)
    }

    fn attach_one(name: &str, interface: u32, mode: crate::device::XdpMode) -> Result<Self, Error> {
        let mut ebpf = EbpfLoader::new().load(OBJECT).map_err(|e| refused(&e, None))?;
        let how = match mode {
            crate::device::XdpMode::Generic => aya::programs::XdpMode::Skb,
            _ => aya::programs::XdpMode::Driver,
        };
        let bare = program(&mut ebpf, name)?;
        bare.load().map_err(|e| refused(&e, None))?;
        let id = bare.attach_to_if_index(interface, how).map_err(|e| refused(&e, None))?;
        let link = bare.take_link(id).map_err(|e| refused(&e, None))?;
        let link = FdLink::try_from(link).map_err(|_| Error::NoLinks)?;
        Ok(Self { ebpf, _link: link })
    }

    /// Gives a queue to a socket.
    ///
    /// # Errors
    /// [`Error::Load`] when the socket is not bound to it.
    pub fn claim(&mut self, queue: u32, socket: BorrowedFd<'_>) -> Result<(), Error> {
        let map = self.ebpf.map_mut("sockets").ok_or_else(|| Error::Load("no map".into()))?;
        XskMap::try_from(map)
            .and_then(|mut map| map.set(queue, socket.as_raw_fd(), 0))
            .map_err(|e| refused(&e, None))
    }
}

fn program<'a>(ebpf: &'a mut Ebpf, name: &str) -> Result<&'a mut Xdp, Error> {
    let program = ebpf.program_mut(name).ok_or_else(|| Error::Load(format!("no {name}")))?;
    program.try_into().map_err(|e: ProgramError| refused(&e, None))
}

/// The part of `union bpf_attr` that BPF_PROG_TEST_RUN reads.
#[repr(C)]
#[derive(Default)]
struct TestRun {
    prog_fd: u32,
    retval: u32,
    data_size_in: u32,
    data_size_out: u32,
    data_in: u64,
    data_out: u64,
    repeat: u32,
    duration: u32,
    ctx_size_in: u32,
    ctx_size_out: u32,
    ctx_in: u64,
    ctx_out: u64,
    flags: u32,
    cpu: u32,
    batch_size: u32,
    pad: u32,
}

fn run_live(program: u32, frames: u32) -> io::Result<()> {
    const BPF_PROG_TEST_RUN: libc::c_int = 10;
    const LIVE_FRAMES: u32 = 1 << 1;
    let frame = [0u8; 64];
    let mut attr = TestRun {
        prog_fd: program,
        data_size_in: frame.len() as u32,
        data_in: frame.as_ptr() as u64,
        repeat: frames,
        flags: LIVE_FRAMES,
        batch_size: 64,
        ..TestRun::default()
    };
    // SAFETY: a valid attribute of the size passed; the frame outlives the call and is only read.
    let result = unsafe {
        libc::syscall(libc::SYS_bpf, BPF_PROG_TEST_RUN, &raw mut attr, size_of::<TestRun>())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
