//! Packets as batches of borrowed frames, behind one [`Source`] trait: AF_PACKET rings, AF_XDP
//! sockets, capture files. First stage of the data path: ring -> decode.
//!
//! ```text
//! let batch = source.acquire(64)?;      // borrows from the ring
//! for i in 0..batch.len() { work(batch.frame(i)); }
//! drop(batch); source.release();        // gives the frames back to the kernel
//! ```

use std::os::fd::RawFd;

pub mod af_packet;
pub mod bpf;
#[cfg(feature = "testing")]
pub mod fault;
pub mod file;
pub mod interfaces;
pub mod limits;
#[cfg(feature = "testing")]
pub mod memory;
pub mod namespace;
#[cfg(feature = "testing")]
pub mod sender;
pub mod xdp;

/// Link-layer type of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// Ethernet II.
    #[default]
    Ethernet,
    /// Linux cooked capture v1 (LINKTYPE_LINUX_SLL).
    LinuxSll,
    /// Linux cooked capture v2 (LINKTYPE_LINUX_SLL2).
    LinuxSll2,
    /// Raw IPv4 or IPv6, told by the version nibble.
    RawIp,
    /// BSD loopback: a 4-byte address family in the writer's byte order, or in network order.
    Null,
}

/// One captured frame, borrowed from a batch.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Captured bytes from the link header on.
    pub data: &'a [u8],
    /// Length on the wire; at least `data.len()`.
    pub wire_len: u32,
    /// Capture time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// Index into [`Source::interfaces`].
    pub interface: u32,
    /// How to read `data`.
    pub link: LinkType,
    /// 802.1Q tag control information that the kernel took out of the frame; 0 for none.
    pub vlan_tci: u16,
    /// Payload bytes of each packet that this frame stands for, when segmentation is left to the
    /// network card or was undone on the way in; 0 for a frame that is one packet.
    pub segment: u16,
}

/// Descriptor of a frame inside a source's memory. Only sources make them.
#[derive(Clone, Copy, Debug)]
pub struct Desc {
    pub(crate) ptr: *const u8,
    pub(crate) len: u32,
    pub(crate) wire_len: u32,
    pub(crate) time_ns: u64,
    pub(crate) interface: u32,
    pub(crate) link: LinkType,
    pub(crate) vlan_tci: u16,
    pub(crate) segment: u16,
}

// SAFETY: a descriptor alone cannot be dereferenced outside this crate, and inside it only through
// a `Batch`, which borrows the source that owns the memory; moving both to another thread is sound.
unsafe impl Send for Desc {}

// Sources are opened on one thread and read on another.
const _: () = {
    const fn send<T: Send>() {}
    send::<af_packet::AfPacket>();
    send::<file::FileSource>();
    send::<xdp::Xdp>();
};

/// A batch of frames, borrowed from its source until [`Source::release`].
#[derive(Debug)]
pub struct Batch<'a> {
    descs: &'a [Desc],
}

impl<'a> Batch<'a> {
    /// How many frames.
    pub fn len(&self) -> usize {
        self.descs.len()
    }

    /// No frames: nothing was waiting.
    pub fn is_empty(&self) -> bool {
        self.descs.is_empty()
    }

    /// Frame `i`. Panics when `i >= len`.
    pub fn frame(&self, i: usize) -> Frame<'a> {
        let d = &self.descs[i];
        debug_assert!(!d.ptr.is_null() && d.len as usize <= limits::FRAME_MAX);
        debug_assert!(d.wire_len >= d.len);
        // SAFETY: a source only makes descriptors over memory that stays mapped and unwritten
        // until `release`, which needs the source mutably and so ends this batch's borrow.
        let data = unsafe { std::slice::from_raw_parts(d.ptr, d.len as usize) };
        Frame {
            data,
            wire_len: d.wire_len,
            time_ns: d.time_ns,
            interface: d.interface,
            link: d.link,
            vlan_tci: d.vlan_tci,
            segment: d.segment,
        }
    }

    /// Capture time of frame `i`. Panics when `i >= len`.
    pub fn time_ns(&self, i: usize) -> u64 {
        self.descs[i].time_ns
    }

    /// Asks the CPU for the first cache lines of frame `i` ahead of time; any `i` is allowed.
    #[inline]
    pub fn prefetch(&self, i: usize) {
        if let Some(d) = self.descs.get(i) {
            prefetch(d.ptr);
            prefetch(d.ptr.wrapping_add(64));
        }
    }
}

/// Asks the CPU for the cache line of `place`, which any address may be, ahead of time.
#[inline(always)]
pub fn prefetch<T>(place: *const T) {
    // SAFETY: a prefetch has no effect on program state, whatever the address.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch(place.cast::<i8>(), _MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// An interface that frames came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Name, or the empty string when a capture file does not say.
    pub name: String,
    /// Kernel index, or 0.
    pub index: u32,
    /// Hardware address, or zero.
    pub mac: [u8; 6],
}

/// What a source counted since it was opened. Every way to lose a frame is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames handed out.
    pub received: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Frames the kernel dropped because the ring was full.
    pub dropped_kernel: u64,
    /// Frames the XDP program or driver dropped.
    pub dropped_xdp: u64,
    /// Records of a file that could not be read.
    pub dropped_corrupt: u64,
    /// Frames of a link type that cannot be decoded.
    pub dropped_link_type: u64,
    /// Frames captured shorter than they were on the wire (they are handed out).
    pub truncated: u64,
    /// Frames that stand for several packets each (see [`Frame::segment`]; they are handed out).
    pub merged: u64,
    /// Times the ring was found full.
    pub full: u64,
}

impl Counters {
    /// Adds another source's counts.
    pub fn add(&mut self, c: &Self) {
        self.received += c.received;
        self.bytes += c.bytes;
        self.dropped_kernel += c.dropped_kernel;
        self.dropped_xdp += c.dropped_xdp;
        self.dropped_corrupt += c.dropped_corrupt;
        self.dropped_link_type += c.dropped_link_type;
        self.truncated += c.truncated;
        self.merged += c.merged;
        self.full += c.full;
    }
}

/// Why a source failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused a call.
    #[error("{call}: {source}")]
    Os {
        /// What was asked.
        call: &'static str,
        /// What it answered.
        source: std::io::Error,
    },
    /// The interface does not exist.
    #[error("no interface named {0:?}; `ip link` lists those there are")]
    NoInterface(String),
    /// A network namespace that is not there, or may not be entered.
    #[error(
        "network namespace {name}: {source}; entering one takes CAP_SYS_ADMIN, `ip netns` lists those \
         with names"
    )]
    Namespace {
        /// Its name or file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Capturing needs a privilege this process does not have.
    #[error("capturing needs CAP_NET_RAW: run as root, or `setcap cap_net_raw+ep` the binary")]
    NotPermitted,
    /// The interface's frames begin with a header that cannot be decoded.
    #[error(
        "{interface} is of hardware type {hardware}, which cannot be decoded; Ethernet, loopback, \
         PPP and IP tunnel interfaces can"
    )]
    LinkType {
        /// Which interface.
        interface: String,
        /// Its ARPHRD_ number.
        hardware: u16,
    },
    /// AF_XDP cannot be used.
    #[error(transparent)]
    Xdp(#[from] xdp::XdpError),
    /// A capture filter that the kernel would refuse.
    #[error(transparent)]
    Filter(#[from] bpf::BpfError),
    /// A file that is neither pcap nor pcapng, or whose header is broken.
    #[error("{0}")]
    BadFile(String),
    /// A file whose record at this byte offset is broken, with more data behind it.
    #[error("{path}: record at byte {offset} is corrupt: {what}")]
    Corrupt {
        /// Which file.
        path: String,
        /// Where.
        offset: u64,
        /// How.
        what: &'static str,
    },
}

/// Somewhere frames come from. One source serves one queue on one core; several queues are
/// several sources in one fanout group.
pub trait Source {
    /// Lends up to `max` waiting frames, in capture order. An empty batch means none wait.
    ///
    /// # Errors
    /// After an error the source stays usable for [`Source::counters`] only.
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error>;

    /// Gives back all frames lent by the last `acquire`.
    fn release(&mut self);

    /// Time of the oldest frame that waits, where that is known before it is taken.
    fn head_ns(&self) -> Option<u64> {
        None
    }

    /// How full the memory is that frames wait in, in hundredths: what tells that the reader is
    /// too slow before frames are lost.
    fn backlog(&self) -> u8 {
        0
    }

    /// How long to leave this source alone, now that it was found empty, instead of waiting for
    /// its descriptor: frames come so fast that being woken for each few would cost more than the
    /// frames do.
    fn pause(&self) -> Option<std::time::Duration> {
        None
    }

    /// A descriptor that polls readable when frames wait; `None` when frames never have to be
    /// waited for (files).
    fn readiness(&self) -> Option<RawFd>;

    /// No frame will come any more (end of file).
    fn finished(&self) -> bool;

    /// Totals so far.
    fn counters(&mut self) -> Counters;

    /// Interfaces known so far, indexed by [`Frame::interface`].
    fn interfaces(&self) -> &[Interface];

    /// One line for people: kind, mode, ring size.
    fn describe(&self) -> String;

    /// Something a person should know that came up since this was last asked: a file that is cut
    /// in its last record.
    fn warning(&mut self) -> Option<String> {
        None
    }
}
