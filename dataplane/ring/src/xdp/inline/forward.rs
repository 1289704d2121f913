//! The thread that forwards: takes frames from either port, sends them out of the other, and only
//! then shows them to the tap. Chunks go back to the port that received into them when they were
//! both sent and read.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use xsk_rs::FrameDesc;

use super::super::clock::Clock;
use super::super::socket::{Memory, Socket};

/// Frames taken from a port at a time: few, so that neither direction waits long for the other.
const BATCH: usize = 64;
/// How long a forwarder without work sleeps at most, milliseconds: chunks that the tap gives back
/// are collected then.
const IDLE_MS: libc::c_int = 10;
/// The same while the device has not taken everything yet.
const RETRY_MS: libc::c_int = 1;

/// How often a forwarder that is to end sleeps for a device that does not take its last frames.
const LAST_SLEEPS: u32 = 20;

/// Numbers of one direction, read by others.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) received: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) no_room: AtomicU64,
    pub(super) device_dropped: AtomicU64,
    pub(super) tapped: AtomicU64,
    pub(super) unread: AtomicU64,
}

/// What the thread shares with the bridge and the tap.
#[derive(Debug)]
pub(super) struct Shared {
    /// The thread is to end.
    pub(super) stop: AtomicBool,
    /// The thread ended; `gone` says whether it had to.
    pub(super) ended: AtomicBool,
    /// One of the interfaces went away.
    pub(super) gone: AtomicBool,
    /// By the port that frames came in on.
    pub(super) numbers: [Numbers; 2],
    /// The wake-up is on its way, or was seen and not yet cleared.
    pub(super) signalled: AtomicBool,
    /// Readable while frames wait for the tap.
    pub(super) wake: OwnedFd,
}

impl Shared {
    pub(super) fn wake_tap(&self) {
        if !self.signalled.swap(true, Ordering::SeqCst) {
            let one = 1u64;
            // SAFETY: eight bytes of a live integer. It can only fail when the count is at its
            // top, and then the descriptor is readable anyway.
            unsafe { libc::write(self.wake.as_raw_fd(), (&raw const one).cast(), 8) };
        }
    }
}

/// A chunk on its way to the tap. A frame in several chunks is as many of these in a row.
#[derive(Clone, Copy)]
pub(super) struct Lent {
    pub(super) desc: FrameDesc,
    pub(super) time_ns: u64,
    /// The port it came in on.
    pub(super) port: u32,
}

/// Where a chunk is, besides its port's rings.
const SENDING: u8 = 1;
const AT_TAP: u8 = 2;

/// One pair of queues.
pub(super) struct Forwarder {
    pub(super) sockets: [Socket; 2],
    pub(super) memory: Memory,
    pub(super) clock: Clock,
    /// By chunk number: `SENDING`, `AT_TAP`, both, or neither when it is on its port's rings.
    pub(super) states: Box<[u8]>,
    pub(super) chunk: usize,
    /// Chunks that the tap may have at a time, and has.
    pub(super) tap_chunks: usize,
    pub(super) at_tap: usize,
    pub(super) to_tap: rtrb::Producer<Lent>,
    pub(super) from_tap: rtrb::Consumer<FrameDesc>,
    pub(super) shared: Arc<Shared>,
}

/// Descriptors on their way from one place to another; kept to save allocations.
#[derive(Default)]
struct Scratch {
    received: Vec<FrameDesc>,
    completed: Vec<FrameDesc>,
    free: [Vec<FrameDesc>; 2],
}

impl Forwarder {
    /// Forwards until it is told to stop, and what came until then is on its way; or an interface
    /// goes away.
    pub(super) fn run(mut self) {
        let mut scratch =
            Scratch { completed: vec![FrameDesc::default(); BATCH], ..Scratch::default() };
        let mut last_sleeps = LAST_SLEEPS;
        loop {
            let mut busy = false;
            for from in [0, 1] {
                busy |= self.forward(from, &mut scratch);
            }
            self.collect(&mut scratch);
            if self.shared.stop.load(Ordering::Relaxed) {
                let sent = |s: &mut Socket| s.transmit_room() == s.shape.transmit as usize;
                last_sleeps -= u32::from(!busy);
                if last_sleeps == 0 || !busy && self.sockets.iter_mut().all(sent) {
                    break;
                }
            }
            if !busy && !self.sleep() {
                break;
            }
        }
        self.shared.ended.store(true, Ordering::SeqCst);
        // The tap learns of it.
        self.shared.signalled.store(false, Ordering::SeqCst);
        self.shared.wake_tap();
    }

    /// One batch from port `from` to the other. False when nothing came.
    fn forward(&mut self, from: usize, scratch: &mut Scratch) -> bool {
        let to = 1 - from;
        let n = self.sockets[from].receive(BATCH, 0, &mut scratch.received);
        if n == 0 {
            return false;
        }
        let descs = &scratch.received[..n];
        let room = self.sockets[to].transmit_room();
        let mut fit = n.min(room);
        while fit > 0 && fit < n && descs[fit - 1].has_more_frames() {
            fit -= 1;
        }
        let (go, stay) = descs.split_at(fit);
        let numbers = &self.shared.numbers[from];
        let frames = |descs: &[FrameDesc]| descs.iter().filter(|d| !d.has_more_frames()).count();
        add(&numbers.received, frames(descs));
        if !go.is_empty() {
            for desc in go {
                self.states[desc.addr() / self.chunk] = SENDING;
            }
            // SAFETY: they were just received, there is room, and their state keeps them from
            // being given back before they are completed. The tap only reads.
            unsafe { self.sockets[to].transmit(go) };
            let dropped = self.sockets[to].kick();
            numbers.device_dropped.fetch_add(dropped, Ordering::Relaxed);
            add(&numbers.sent, frames(go));
            numbers.sent.fetch_sub(dropped, Ordering::Relaxed);
        }
        if !stay.is_empty() {
            add(&numbers.no_room, frames(stay));
            add(&numbers.unread, frames(stay));
            scratch.free[from].extend_from_slice(stay);
        }
        self.lend(from, go);
        true
    }

    /// Shows frames to the tap, as far as it has room.
    fn lend(&mut self, from: usize, descs: &[FrameDesc]) {
        let numbers = &self.shared.numbers[from];
        let (mut tapped, mut unread) = (0, 0);
        for frame in descs.chunk_by(|before, _| before.has_more_frames()) {
            if self.at_tap + frame.len() > self.tap_chunks {
                unread += 1;
                continue;
            }
            // SAFETY: it was received and not given back; sending reads from the frame on, not
            // the headroom before it.
            let stamp = unsafe { self.memory.stamp(&frame[0]) };
            let time_ns = match stamp {
                Some(monotonic) => self.clock.unix_ns(monotonic),
                None => self.clock.now(),
            };
            for desc in frame {
                self.states[desc.addr() / self.chunk] |= AT_TAP;
                let lent = Lent { desc: *desc, time_ns, port: from as u32 };
                // The queue holds as many as the tap may have.
                let _ = self.to_tap.push(lent);
            }
            self.at_tap += frame.len();
            tapped += 1;
        }
        numbers.tapped.fetch_add(tapped, Ordering::Relaxed);
        numbers.unread.fetch_add(unread, Ordering::Relaxed);
        if tapped > 0 {
            self.shared.wake_tap();
        }
    }

    /// Collects chunks that were sent or read, and gives those that were both to their ports.
    fn collect(&mut self, scratch: &mut Scratch) {
        for socket in 0..2 {
            loop {
                let n = self.sockets[socket].take_completed(&mut scratch.completed);
                for desc in &scratch.completed[..n] {
                    settle(&mut self.states, self.chunk, *desc, SENDING, &mut scratch.free);
                }
                if n < scratch.completed.len() {
                    break;
                }
            }
        }
        while let Ok(desc) = self.from_tap.pop() {
            self.at_tap -= 1;
            settle(&mut self.states, self.chunk, desc, AT_TAP, &mut scratch.free);
        }
        for (socket, free) in self.sockets.iter_mut().zip(&mut scratch.free) {
            if !free.is_empty() {
                // SAFETY: neither being sent nor read, nor on a ring.
                unsafe { socket.give_back(free) };
                free.clear();
            }
            socket.wake_receiver();
        }
    }

    /// Waits until there is something to do. False when an interface is gone.
    fn sleep(&mut self) -> bool {
        let mut wait = IDLE_MS;
        for (from, to) in [(1, 0), (0, 1)] {
            if self.sockets[to].transmit_room() < self.sockets[to].shape.transmit as usize {
                let dropped = self.sockets[to].kick();
                let numbers = &self.shared.numbers[from];
                numbers.device_dropped.fetch_add(dropped, Ordering::Relaxed);
                numbers.sent.fetch_sub(dropped, Ordering::Relaxed);
                wait = RETRY_MS;
            }
        }
        let mut polls = [0, 1].map(|n| libc::pollfd {
            fd: self.sockets[n].raw(),
            events: libc::POLLIN,
            revents: 0,
        });
        // SAFETY: two live structures.
        unsafe { libc::poll(polls.as_mut_ptr(), 2, wait) };
        for socket in &self.sockets {
            // Waiting does not tell.
            let gone = |e: std::io::Error| e.raw_os_error() == Some(libc::ENETDOWN);
            if socket.take_error().is_some_and(gone) {
                self.shared.gone.store(true, Ordering::SeqCst);
                return false;
            }
        }
        true
    }
}

/// Takes `what` off a chunk's state; when nothing is left, its port gets it back.
#[inline]
fn settle(
    states: &mut [u8],
    chunk: usize,
    desc: FrameDesc,
    what: u8,
    free: &mut [Vec<FrameDesc>; 2],
) {
    let number = desc.addr() / chunk;
    let per_port = states.len() / 2;
    states[number] &= !what;
    if states[number] == 0 {
        // The lower half of the chunks is the first port's.
        free[number / per_port].push(desc);
    }
}

fn add(to: &AtomicU64, n: usize) {
    to.fetch_add(n as u64, Ordering::Relaxed);
}
