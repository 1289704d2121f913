//! Bump in the wire: what comes in on one port leaves by the other, both ways, and a copy of
//! nothing is made: the agent reads frames while they are under way.
//!
//! ```text
//! port 0  rx -> forwarder thread -> tx  port 1      forward: sends first, then lends to the tap
//!         tx <-                  <- rx
//!                     | bounded queue
//!                     v
//!                 tap: a Source for the agent's shard
//! ```
//!
//! One thread for each pair of queues does nothing but forward, so what it adds to a frame's way
//! does not depend on what the agent does with it. When the agent is slow and holds as many frames
//! as it may, further ones are forwarded unread, and counted.
//!
//! While no process is there, the XDP program itself sends frames on to the other port. Without a
//! pin it goes with the process, and the ports are apart; pinned, it stays and the wire holds
//! through `kill -9`, a restart and an upgrade.

use std::path::PathBuf;

use super::{BusyPoll, DeviceCounters, Mode, ProgramCounts, ZeroCopy};
use crate::{bpf, limits};

#[cfg(feature = "xdp")]
mod bridge;
#[cfg(feature = "xdp")]
mod forward;
#[cfg(feature = "xdp")]
mod tap;

#[cfg(not(feature = "xdp"))]
pub use super::absent::{Bridge, Tap, open_inline as open};
#[cfg(feature = "xdp")]
pub use bridge::{Bridge, open};
#[cfg(feature = "xdp")]
pub use tap::Tap;

/// What to join, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The two interfaces. They must have the same number of queues.
    pub ports: [String; 2],
    /// Where the programs are to run. In generic mode the stack joins packets before they are
    /// seen unless GRO and LRO are off, and then loses them for their length.
    pub mode: Mode,
    /// Whether frames may be received and sent without a copy.
    pub zero_copy: ZeroCopy,
    /// As [`super::Config::ring_frames`], for each port.
    pub ring_frames: u32,
    /// Use huge pages where some are reserved.
    pub huge_pages: bool,
    /// Busy polling.
    pub busy_poll: Option<BusyPoll>,
    /// Frames that the agent may hold at a time, for each pair of queues: at most half of
    /// `ring_frames`, so that there are always chunks to receive into.
    pub tap_frames: u32,
    /// Bytes of each frame that the agent is shown.
    pub snaplen: u32,
    /// TCP and UDP frames from or to these ports are forwarded unread.
    pub exclude_ports: Vec<u16>,
    /// Only frames that this program takes are read; all are forwarded.
    pub filter: Option<bpf::Program>,
    /// Folder on a BPF file system, such as `/sys/fs/bpf/fathom`, in which the programs are pinned
    /// so that frames go on when this process ends. One found there is taken over.
    pub pin: Option<PathBuf>,
    /// CPUs for the forwarding threads, in turn; anywhere when empty.
    pub cpus: Vec<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ports: Default::default(),
            mode: Mode::Auto,
            zero_copy: ZeroCopy::Auto,
            ring_frames: limits::XDP_INLINE_FRAMES_DEFAULT,
            huge_pages: true,
            busy_poll: None,
            tap_frames: limits::XDP_INLINE_FRAMES_DEFAULT / 2,
            snaplen: limits::FRAME_MAX as u32,
            exclude_ports: Vec::new(),
            filter: None,
            pin: None,
            cpus: Vec::new(),
        }
    }
}

/// What is counted about frames that came in on one port, over all queues.
///
/// `program.redirected = received + dropped`, `received = sent + no_room + device_dropped` once
/// nothing is under way, and `received = tapped + unread`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Decisions of the XDP program; `forwarded` is what it sent on by itself.
    pub program: ProgramCounts,
    /// Frames taken from the ring.
    pub received: u64,
    /// Frames that the receiving socket dropped: nothing took them from its ring in time.
    pub dropped: u64,
    /// Frames handed to the other port and sent.
    pub sent: u64,
    /// Frames dropped because the other port did not take them fast enough.
    pub no_room: u64,
    /// Frames that the other port's driver dropped.
    pub device_dropped: u64,
    /// Frames lent to the agent.
    pub tapped: u64,
    /// Frames forwarded unread, because the agent held as many as it may.
    pub unread: u64,
    /// What the device itself counts.
    pub device: DeviceCounters,
}
