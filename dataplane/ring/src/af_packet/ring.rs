//! The mapped ring: blocks of packed frames that pass back and forth between the kernel and us.
//!
//! The kernel fills a block and sets its status to "user"; from then on the block is ours and
//! nothing writes to it until we set the status back. A block is given back when each of its
//! frames was handed out and released.

use std::io;
use std::mem::{offset_of, size_of};
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use super::socket::Socket;
use crate::Error;
use crate::limits::{RING_BLOCK_MAX, RING_BLOCK_MIN};

/// Size of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) block_bytes: usize,
    pub(super) blocks: usize,
}

impl Shape {
    /// What the kernel is told a frame takes; see [`Socket::request_ring`].
    pub(super) const FRAME_BYTES: usize = 2048;

    /// About `bytes`, in blocks large enough for long frames and many enough that the kernel
    /// always has some to fill.
    pub(super) fn of(bytes: usize) -> Self {
        let eighth = (bytes / 8 + 1).next_power_of_two() / 2;
        let block_bytes = eighth.clamp(RING_BLOCK_MIN, RING_BLOCK_MAX);
        Self { block_bytes, blocks: (bytes / block_bytes).max(2) }
    }

    pub(super) fn bytes(self) -> usize {
        self.block_bytes * self.blocks
    }
}

/// A frame in the ring; valid until [`Ring::release`].
pub(super) struct RingFrame {
    pub(super) ptr: *const u8,
    pub(super) len: u32,
    pub(super) wire_len: u32,
    pub(super) time_ns: u64,
    pub(super) vlan_tci: Option<u16>,
    /// Payload bytes per packet that the frame stands for, or 0.
    pub(super) segment: u16,
}

/// `struct virtio_net_hdr` (linux/virtio_net.h), in front of each frame when the socket asks for it.
const OFFLOAD_LEN: usize = 10;

pub(super) struct Ring {
    start: NonNull<u8>,
    shape: Shape,
    /// Block being read or waited for.
    block: usize,
    /// Frames of it not handed out yet, when it was opened.
    left: u32,
    /// Offset in it of the next one.
    offset: usize,
    /// Blocks just before it that are handed out and not released.
    held: usize,
    /// Frames lost in blocks whose contents contradict themselves.
    broken: u64,
    /// Frames stand behind what the kernel says of their segmentation.
    offload: bool,
}

// SAFETY: the mapping is owned by this value alone; it can move between threads.
unsafe impl Send for Ring {}

impl Ring {
    /// Has the kernel make the ring of `socket` and maps it.
    pub(super) fn new(
        socket: &Socket,
        shape: Shape,
        timeout_ms: u32,
        offload: bool,
    ) -> Result<Self, Error> {
        socket.request_ring(shape, timeout_ms)?;
        // SAFETY: a new shared mapping at an address the kernel chooses; the result is checked.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                shape.bytes(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                socket.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            let source = io::Error::last_os_error();
            // A smaller one can be asked for only when this one is gone.
            socket.request_ring(Shape { block_bytes: 0, blocks: 0 }, 0)?;
            return Err(Error::Os { call: "map the packet ring", source });
        }
        let start = NonNull::new(start.cast::<u8>()).ok_or(Error::Os {
            call: "map the packet ring",
            source: io::ErrorKind::InvalidData.into(),
        })?;
        debug_assert!(start.cast::<libc::tpacket_block_desc>().is_aligned());
        Ok(Self { start, shape, block: 0, left: 0, offset: 0, held: 0, broken: 0, offload })
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    pub(super) fn broken(&self) -> u64 {
        self.broken
    }

    /// The next frame, if one waits.
    pub(super) fn next(&mut self) -> Option<RingFrame> {
        while self.left == 0 {
            if !self.open_block() {
                return None;
            }
        }
        match self.frame_at(self.offset) {
            Some((frame, step)) => {
                self.left -= 1;
                if self.left == 0 {
                    self.pass_block();
                } else {
                    self.offset += step;
                }
                Some(frame)
            }
            None => {
                // Never seen; better to lose a block than to read outside of it.
                self.broken += u64::from(self.left);
                self.left = 0;
                self.pass_block();
                self.next()
            }
        }
    }

    /// Gives back all blocks that were handed out whole.
    pub(super) fn release(&mut self) {
        let blocks = self.shape.blocks;
        for back in (1..=self.held).rev() {
            let block = (self.block + blocks - back) % blocks;
            // Release: all our reads of the block come before the kernel may write to it.
            self.status(block).store(libc::TP_STATUS_KERNEL, Ordering::Release);
        }
        self.held = 0;
    }

    /// Time of the next frame, if one waits.
    pub(super) fn head_ns(&self) -> Option<u64> {
        if self.left > 0 {
            return self.frame_at(self.offset).map(|(frame, _)| frame.time_ns);
        }
        if self.held == self.shape.blocks || !self.is_ours(self.block) {
            return None;
        }
        // The time in the block's header is when the kernel began it, before any frame came.
        let header = self.header(self.block);
        let first = self.frame_at(header.offset_to_first_pkt as usize);
        first.filter(|_| header.num_pkts > 0).map(|(frame, _)| frame.time_ns)
    }

    /// Hundredths of the blocks that wait for us, in steps of an eighth.
    pub(super) fn backlog(&self) -> u8 {
        const STEPS: usize = 8;
        let blocks = self.shape.blocks;
        // Blocks are passed in order: when a later one waits, so do those before it.
        let waits = |step: &usize| {
            let ahead = (blocks * step / STEPS).max(1) - 1;
            self.is_ours((self.block + ahead) % blocks)
        };
        (1..=STEPS).rev().find(waits).map_or(0, |step| (step * 100 / STEPS) as u8)
    }

    fn is_ours(&self, block: usize) -> bool {
        // Acquire: the kernel wrote the block before it set the status.
        self.status(block).load(Ordering::Acquire) & libc::TP_STATUS_USER != 0
    }

    /// Begins the block at hand if the kernel has passed it to us.
    fn open_block(&mut self) -> bool {
        if self.held == self.shape.blocks {
            // All are handed out; the next one is not new but still lent.
            return false;
        }
        if !self.is_ours(self.block) {
            return false;
        }
        let header = self.header(self.block);
        debug_assert!(header.blk_len as usize <= self.shape.block_bytes);
        self.left = header.num_pkts;
        self.offset = header.offset_to_first_pkt as usize;
        if self.left == 0 {
            self.pass_block();
        }
        true
    }

    fn pass_block(&mut self) {
        self.held += 1;
        self.block = (self.block + 1) % self.shape.blocks;
    }

    fn block_ptr(&self, block: usize) -> NonNull<u8> {
        debug_assert!(block < self.shape.blocks);
        // SAFETY: `block` is below the number of blocks, so the result is inside the mapping.
        unsafe { self.start.add(block * self.shape.block_bytes) }
    }

    fn status(&self, block: usize) -> &AtomicU32 {
        let at = offset_of!(libc::tpacket_block_desc, hdr)
            + offset_of!(libc::tpacket_hdr_v1, block_status);
        // SAFETY: inside the block, aligned to four as blocks are to pages, mapped as long as
        // `self` lives; both sides only ever access it as one whole word.
        unsafe { AtomicU32::from_ptr(self.block_ptr(block).add(at).cast().as_ptr()) }
    }

    /// Header of a block that is ours.
    fn header(&self, block: usize) -> libc::tpacket_hdr_v1 {
        let at = offset_of!(libc::tpacket_block_desc, hdr);
        // SAFETY: inside the block and aligned to eight; the block is ours, so nothing writes to
        // it; integers are valid for any bits.
        unsafe { self.block_ptr(block).add(at).cast().read() }
    }

    /// The frame whose header is at `offset` of the open block, and the distance to the next one;
    /// `None` if it does not lie in the block.
    fn frame_at(&self, offset: usize) -> Option<(RingFrame, usize)> {
        let room = self.shape.block_bytes;
        let in_block = offset.checked_add(size_of::<libc::tpacket3_hdr>())? <= room;
        if !in_block || !offset.is_multiple_of(align_of::<libc::tpacket3_hdr>()) {
            return None;
        }
        // SAFETY: just checked to lie in the block and to be aligned; the block is ours, so
        // nothing writes to it; integers are valid for any bits.
        let header: libc::tpacket3_hdr =
            unsafe { self.block_ptr(self.block).add(offset).cast().read() };
        let data = offset + usize::from(header.tp_mac);
        if data + header.tp_snaplen as usize > room {
            return None;
        }
        let segment = if self.offload && usize::from(header.tp_mac) >= OFFLOAD_LEN {
            // SAFETY: in front of the data, so inside the block as the data is.
            let offload: [u8; OFFLOAD_LEN] = unsafe {
                self.block_ptr(self.block).add(data - OFFLOAD_LEN).cast().read_unaligned()
            };
            // The byte order is the machine's own (a "legacy" header); the second byte says of what
            // kind, none being 0.
            if offload[1] == 0 { 0 } else { u16::from_ne_bytes([offload[4], offload[5]]) }
        } else {
            0
        };
        let tagged = header.tp_status & libc::TP_STATUS_VLAN_VALID != 0;
        let frame = RingFrame {
            // SAFETY: just checked to lie in the block.
            ptr: unsafe { self.block_ptr(self.block).add(data) }.as_ptr(),
            len: header.tp_snaplen,
            wire_len: header.tp_len,
            time_ns: u64::from(header.tp_sec) * 1_000_000_000 + u64::from(header.tp_nsec),
            vlan_tci: tagged.then_some(header.hv1.tp_vlan_tci as u16),
            segment,
        };
        Some((frame, header.tp_next_offset as usize))
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: exactly the range that `new` mapped, unmapped once; batches over it have ended
        // because they borrow the source.
        let result = unsafe { libc::munmap(self.start.as_ptr().cast(), self.shape.bytes()) };
        debug_assert_eq!(result, 0);
    }
}
