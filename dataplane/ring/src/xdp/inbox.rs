//! What one socket has received and not given back yet: chunks taken off the receive ring, in the
//! order of arrival, first those whose frames are lent out, then those that still wait.

use xsk_rs::FrameDesc;

use super::clock::Clock;
use super::join::Joiner;
use super::socket::Socket;
use crate::limits;

/// Descriptors taken off the ring ahead of being asked for, when only the next frame's time is.
const AHEAD: usize = 64;

/// One frame, in place or put together; valid until [`Inbox::release`].
pub(super) struct Frame {
    pub(super) ptr: *const u8,
    /// Bytes that are there.
    pub(super) len: usize,
    /// Bytes that were received.
    pub(super) wire_len: usize,
    /// Nanoseconds since the Unix epoch.
    pub(super) time_ns: u64,
}

/// A socket with the chunks taken from it.
pub(super) struct Inbox {
    pub(super) socket: Socket,
    joiner: Joiner,
    clock: Clock,
    /// Frames carry the kernel's time.
    pub(super) stamped: bool,
    /// The first `received` are in use, the first `lent` of them by frames handed out.
    chunks: Vec<FrameDesc>,
    lent: usize,
    received: usize,
}

impl Inbox {
    pub(super) fn new(socket: Socket, stamped: bool) -> Self {
        let room = if socket.transfer.parts { limits::XDP_JOIN_BYTES } else { 0 };
        Self {
            socket,
            joiner: Joiner::new(room),
            clock: Clock::default(),
            stamped,
            chunks: Vec::new(),
            lent: 0,
            received: 0,
        }
    }

    /// Takes frames off the ring unless some wait here already. False when there are none.
    #[inline]
    pub(super) fn receive(&mut self, max: usize) -> bool {
        if self.received == self.lent {
            let new = self.socket.receive(max, self.lent, &mut self.chunks);
            // All at once: each is a cache miss, and the first is read by the time the last is
            // asked for.
            for chunk in &self.chunks[self.lent..self.lent + new] {
                prefetch(self.socket.memory.at(chunk));
            }
            self.received += new;
        }
        self.received > self.lent
    }

    /// Lends the next frame that was received; `None` when there is none, or no room left to put
    /// it together: it comes first after the next release.
    #[inline]
    pub(super) fn lend(&mut self) -> Option<Frame> {
        let left = &self.chunks[self.lent..self.received];
        let first = left.first()?;
        let memory = &self.socket.memory;
        let (ptr, len, wire_len, parts) = if first.has_more_frames() {
            let more = left.iter().take_while(|c| c.has_more_frames()).count();
            let parts = (more + 1).min(left.len());
            // SAFETY: they were received and not given back, so nobody writes to them.
            let joined = unsafe { self.joiner.join(memory, &left[..parts]) }?;
            (joined.ptr, joined.len, joined.wire_len, parts)
        } else {
            let len = first.lengths().data();
            (memory.at(first).cast_const(), len, len, 1)
        };
        let stamp = if self.stamped {
            // SAFETY: it was received and not given back.
            unsafe { memory.stamp(first) }
        } else {
            None
        };
        let time_ns = match stamp {
            Some(monotonic) => self.clock.unix_ns(monotonic),
            None => self.clock.now(),
        };
        self.lent += parts;
        Some(Frame { ptr, len, wire_len, time_ns })
    }

    /// Gives the chunks of all frames that were lent back to the kernel.
    ///
    /// # Safety
    /// Nobody reads those frames any more.
    #[inline]
    pub(super) unsafe fn release(&mut self) {
        self.joiner.clear();
        if self.lent > 0 {
            // SAFETY: they were received by this socket, and are not read any more.
            unsafe { self.socket.give_back(&self.chunks[..self.lent]) };
            self.chunks.copy_within(self.lent..self.received, 0);
            self.received -= self.lent;
            self.lent = 0;
            self.socket.wake_receiver();
        }
    }

    /// Time of the oldest frame that waits.
    pub(super) fn head_ns(&mut self) -> Option<u64> {
        if !self.stamped || !self.receive(AHEAD) {
            return None;
        }
        let first = self.chunks[self.lent];
        // SAFETY: it was received and not given back.
        let stamp = unsafe { self.socket.memory.stamp(&first) };
        stamp.map(|monotonic| self.clock.unix_ns(monotonic))
    }

    /// How many hundredths of the chunks hold frames that wait.
    pub(super) fn backlog(&mut self) -> u8 {
        let waiting = self.socket.waiting() + self.received - self.lent;
        (waiting * 100 / self.socket.shape.frames as usize).min(100) as u8
    }
}

/// Asks for the first cache lines of a frame.
#[inline]
fn prefetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect on program state, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch(at.cast::<i8>(), _MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
