//! AF_XDP: frames of one interface taken before the network stack sees them. The way to stand at
//! the end of a mirror port, where the agent is the only one who wants the traffic: what is
//! captured does not reach the host.
//!
//! `port` is the interface with our program on it (`fathom-ebpf`), `socket` is one queue's socket
//! and memory (xsk-rs), `inbox` what it received, `join` puts frames together that come in several
//! buffers, and `source` makes a [`Source`](crate::Source) of them. One source is one queue; [`open`] returns those of
//! all queues. This file says what can be asked for and what can go wrong. Built without the
//! feature `xdp`, [`open`] only says so.
//!
//! What is lost has a counter: the program's decisions and the socket's drops are in
//! [`Xdp::counts`], and `seen = redirected + own + foreign + unclaimed`,
//! `redirected = received + filtered + ring_full + dropped` once the ring is empty.

#[cfg(feature = "xdp")]
use crate::Error;
use crate::interfaces::Info;
use crate::{bpf, limits};
use fathom_ebpf::device::Device;

#[cfg(not(feature = "xdp"))]
mod absent;
#[cfg(feature = "xdp")]
mod clock;
#[cfg(feature = "xdp")]
mod inbox;
pub mod inline;
#[cfg(feature = "xdp")]
mod join;
#[cfg(feature = "xdp")]
mod port;
#[cfg(feature = "xdp")]
mod socket;
#[cfg(feature = "xdp")]
mod source;

#[cfg(not(feature = "xdp"))]
pub use absent::{Xdp, open};
pub use fathom_ebpf::XdpCounts as ProgramCounts;
pub use fathom_ebpf::device::DeviceCounters;
#[cfg(feature = "xdp")]
pub use fathom_ebpf::xdp::Error as ProgramError;
#[cfg(feature = "xdp")]
pub use source::{Xdp, open};

/// Where the program is to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// In the driver if it can, else in the stack.
    #[default]
    Auto,
    /// In the driver only.
    Driver,
    /// In the stack only: works on every interface, and leaves the offloads of the host's own
    /// connections alone.
    Generic,
}

/// Whether frames may be received without a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZeroCopy {
    /// If the driver can.
    #[default]
    Auto,
    /// No.
    Never,
}

/// Busy polling: whoever waits for frames does the driver's receive work. Saves interrupts where
/// a core is given to capture alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusyPoll {
    /// How long a wait polls the driver, microseconds.
    pub micros: u32,
    /// Frames taken from the driver at a time.
    pub frames: u32,
}

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Interface name.
    pub interface: String,
    /// Where the program is to run.
    pub mode: Mode,
    /// Whether frames may be received without a copy.
    pub zero_copy: ZeroCopy,
    /// Frames that the ring of each queue holds, and chunks of memory that it has:
    /// [`limits::XDP_FRAMES_MIN`] to [`limits::XDP_FRAMES_MAX`], the next power of two is taken.
    /// Fewer when the limit on locked memory allows no more; [`Xdp::notes`] says so.
    pub ring_frames: u32,
    /// Use huge pages where some are reserved.
    pub huge_pages: bool,
    /// Busy polling.
    pub busy_poll: Option<BusyPoll>,
    /// Bytes kept of each frame: 1 to [`limits::FRAME_MAX`].
    pub snaplen: u32,
    /// Also frames to other hosts.
    pub promiscuous: bool,
    /// TCP and UDP frames from or to these ports go on to the host: the agent's own connections.
    pub exclude_ports: Vec<u16>,
    /// When not empty, only TCP and UDP frames from or to these ports are taken; all others go on
    /// to the host.
    pub only_ports: Vec<u16>,
    /// Only frames that this program takes; the others are counted and dropped.
    pub filter: Option<bpf::Program>,
    /// Frames carry the time at which the kernel received them; without, the time at which they
    /// were taken from the ring, which costs about 25 ns per frame less.
    pub kernel_time: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            interface: String::new(),
            mode: Mode::Auto,
            zero_copy: ZeroCopy::Auto,
            ring_frames: limits::XDP_FRAMES_DEFAULT,
            huge_pages: true,
            busy_poll: None,
            snaplen: limits::FRAME_MAX as u32,
            promiscuous: false,
            exclude_ports: Vec::new(),
            only_ports: Vec::new(),
            filter: None,
            kernel_time: true,
        }
    }
}

impl Config {
    /// Bytes of memory that one queue of an interface with this MTU takes at most.
    pub fn memory(&self, mtu: u32) -> usize {
        // Rings: descriptors of 16 and 8 bytes.
        let frames = entries(self.ring_frames) as usize;
        frames * (chunk_bytes(mtu) + 24) + limits::XDP_JOIN_BYTES
    }
}

/// Queues of an interface of this thread's network namespace that are in use, each of which gets a
/// ring. [`Info::queues`] may be more: those that its driver could open.
pub fn queues(info: &Info) -> u32 {
    Device::ask(info.index).map_or(info.queues, |device| device.queues)
}

/// Why AF_XDP cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum XdpError {
    /// The program was built without it.
    #[error(
        "this build has no AF_XDP: build it with the feature `xdp`, which needs clang, m4, \
         libelf and zlib (Debian: apt-get install clang m4 libelf-dev zlib1g-dev), or capture \
         with AF_PACKET"
    )]
    NotBuilt,
    /// The XDP program.
    #[cfg(feature = "xdp")]
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Too little memory may be locked.
    #[error(
        "AF_XDP needs {} KiB of locked memory for each queue, more than RLIMIT_MEMLOCK allows: \
         raise it (`ulimit -l`, LimitMEMLOCK= of systemd), or give the binary CAP_IPC_LOCK",
        bytes >> 10
    )]
    Memlock {
        /// The least that was asked for.
        bytes: usize,
    },
    /// The kernel has no AF_XDP.
    #[error("this kernel has no AF_XDP (CONFIG_XDP_SOCKETS); capture with AF_PACKET")]
    NoKernel,
    /// Somebody else's socket.
    #[error(
        "queue {queue} of {interface} has an AF_XDP socket of another program; end that, or \
         capture with AF_PACKET"
    )]
    QueueTaken {
        /// Which interface.
        interface: String,
        /// Which queue.
        queue: u32,
    },
    /// Frames may be longer than a buffer, and the kernel does not take them in several.
    #[error(
        "frames of {interface} may be {frame} bytes long, but this kernel, driver and mode take \
         {most} at most (multi-buffer AF_XDP is there since Linux 6.6, in generic mode on every \
         interface): lower the MTU to {}, or capture with AF_PACKET",
        most - 22
    )]
    Mtu {
        /// Which interface.
        interface: String,
        /// Longest frame by its MTU.
        frame: usize,
        /// Longest that fits.
        most: usize,
    },
    /// Two interfaces that make no wire.
    #[error(
        "{} and {} cannot be joined: they must be two interfaces with the same number of queues, \
         at most {max}, and have {} and {} (`ethtool -L NAME combined N`)",
        ports[0], ports[1], queues[0], queues[1], max = limits::XDP_QUEUES_MAX
    )]
    Pairs {
        /// Which interfaces.
        ports: [String; 2],
        /// Queues of each.
        queues: [u32; 2],
    },
    /// More queues than we serve.
    #[error(
        "{interface} has {queues} queues, more than {max}: use fewer (`ethtool -L {interface} \
         combined {max}`)",
        max = limits::XDP_QUEUES_MAX
    )]
    Queues {
        /// Which interface.
        interface: String,
        /// How many.
        queues: u32,
    },
}

#[cfg(feature = "xdp")]
impl From<ProgramError> for Error {
    fn from(error: ProgramError) -> Self {
        match error {
            ProgramError::NoInterface(name) => Self::NoInterface(name),
            other => Self::Xdp(other.into()),
        }
    }
}

/// All that is counted about one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Decisions of the XDP program.
    pub program: ProgramCounts,
    /// Frames handed out.
    pub received: u64,
    /// Frames that [`Config::filter`] did not take.
    pub filtered: u64,
    /// Frames that the socket dropped because its ring was full.
    pub ring_full: u64,
    /// Frames that the socket dropped for another reason: no free chunk, or too long.
    pub dropped: u64,
    /// How often the kernel found no free chunk.
    pub no_chunk: u64,
}

/// The kernel keeps these bytes of each chunk for XDP programs.
const KERNEL_HEADROOM: usize = 256;
/// And we these, so that the 8 bytes of the time stamp, which stand before the frame, lie in the
/// same cache line as its headers.
const OUR_HEADROOM: usize = 8;
/// Ethernet header and two VLAN tags.
const LINK_BYTES: usize = 22;

/// The nearest size that a ring can have.
fn entries(asked: u32) -> u32 {
    asked.clamp(limits::XDP_FRAMES_MIN, limits::XDP_FRAMES_MAX).next_power_of_two()
}

/// Longest frame that fits into a chunk.
fn frame_max(chunk: usize) -> usize {
    chunk - KERNEL_HEADROOM - OUR_HEADROOM
}

fn frame_bytes(mtu: u32) -> usize {
    mtu as usize + LINK_BYTES
}

/// Chunks that hold a frame if that is possible at all.
fn chunk_bytes(mtu: u32) -> usize {
    if frame_bytes(mtu) <= frame_max(2048) { 2048 } else { 4096 }
}
