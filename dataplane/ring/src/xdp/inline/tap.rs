//! The agent's end of a bump in the wire: a source of frames that were forwarded already.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use xsk_rs::FrameDesc;

use super::super::join::Joiner;
use super::super::socket::Memory;
use super::forward::{Lent, Shared};
use crate::{Batch, Counters, Desc, Error, Interface, LinkType, Source, bpf};

/// Frames of one pair of queues, both directions; [`crate::Frame::interface`] is the port they came
/// in on.
pub struct Tap {
    pub(super) lent: rtrb::Consumer<Lent>,
    pub(super) back: rtrb::Producer<FrameDesc>,
    pub(super) shared: Arc<Shared>,
    pub(super) memory: Memory,
    pub(super) joiner: Joiner,
    pub(super) snaplen: u32,
    pub(super) filter: Option<bpf::Program>,
    pub(super) interfaces: [Interface; 2],
    pub(super) description: String,
    pub(super) state: State,
}

/// What changes while frames are handed out.
#[derive(Default)]
pub(super) struct State {
    held: Vec<FrameDesc>,
    pieces: Vec<FrameDesc>,
    descs: Vec<Desc>,
    counters: Counters,
    filtered: u64,
    finished: bool,
}

impl Tap {
    /// Frames that [`super::Config::filter`] or the excluded ports kept from being read.
    pub fn filtered(&self) -> u64 {
        self.state.filtered
    }

    /// Takes the next frame off the queue: where it is, bytes there and received, and its first
    /// chunk. `None` when there is none, or no room left to put it together.
    fn next(&mut self) -> Option<(*const u8, usize, usize, Lent)> {
        let state = &mut self.state;
        state.pieces.clear();
        // The forwarder puts in whole frames, but chunk by chunk.
        let chunk = self.lent.read_chunk(self.lent.slots()).ok()?;
        let (a, b) = chunk.as_slices();
        let mut all = a.iter().chain(b);
        let first = *all.clone().next()?;
        let mut whole = false;
        for lent in all.by_ref() {
            state.pieces.push(lent.desc);
            if !lent.desc.has_more_frames() {
                whole = true;
                break;
            }
        }
        if !whole {
            return None;
        }
        let taken = state.pieces.len();
        let (ptr, len, wire_len) = if taken == 1 {
            let len = first.desc.lengths().data();
            (self.memory.at(&first.desc).cast_const(), len, len)
        } else {
            // SAFETY: received, and not received into again before they are given back here.
            let joined = unsafe { self.joiner.join(&self.memory, &state.pieces) }?;
            (joined.ptr, joined.len, joined.wire_len)
        };
        chunk.commit(taken);
        state.held.extend_from_slice(&state.pieces);
        Some((ptr, len, wire_len, first))
    }

    /// Nothing waits: from now on the descriptor is not readable, unless something came meanwhile.
    fn sleep(&mut self) -> Result<(), Error> {
        let mut count = 0u64;
        // SAFETY: eight bytes of a live integer; the descriptor does not block.
        unsafe { libc::read(self.shared.wake.as_raw_fd(), (&raw mut count).cast(), 8) };
        self.shared.signalled.store(false, Ordering::SeqCst);
        let ended = self.shared.ended.load(Ordering::SeqCst);
        if self.lent.slots() > 0 {
            self.shared.wake_tap();
        } else if ended {
            self.state.finished = true;
            // Stays readable: who waits for more has to learn that there will be none.
            self.shared.wake_tap();
            if self.shared.gone.load(Ordering::SeqCst) {
                let [a, b] = &self.interfaces;
                return Err(Error::NoInterface(format!("{} or {}", a.name, b.name)));
            }
        }
        Ok(())
    }
}

impl Source for Tap {
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error> {
        self.release();
        while self.state.descs.len() < max
            && let Some((ptr, have, wire_len, lent)) = self.next()
        {
            let state = &mut self.state;
            let mut len = have.min(self.snaplen as usize) as u32;
            let wire_len = wire_len as u32;
            if let Some(filter) = &self.filter {
                // SAFETY: that many bytes were received, or joined, and are held until release.
                let data = unsafe { std::slice::from_raw_parts(ptr, have) };
                let ethertype =
                    data.get(12..14).map_or(0, |b| u32::from(b[0]) << 8 | u32::from(b[1]));
                let meta = bpf::Meta {
                    wire_len,
                    protocol: ethertype,
                    interface: self.interfaces[lent.port as usize].index,
                    ..bpf::Meta::default()
                };
                len = len.min(filter.run(data, &meta));
                if len == 0 {
                    state.filtered += 1;
                    continue;
                }
            }
            state.counters.received += 1;
            state.counters.bytes += u64::from(wire_len);
            state.counters.truncated += u64::from(wire_len > len);
            state.descs.push(Desc {
                ptr,
                len,
                wire_len,
                time_ns: lent.time_ns,
                interface: lent.port,
                link: LinkType::Ethernet,
                vlan_tci: 0,
                segment: 0,
            });
        }
        if self.state.held.is_empty() && max > 0 {
            self.sleep()?;
        }
        Ok(Batch { descs: &self.state.descs })
    }

    fn release(&mut self) {
        self.state.descs.clear();
        self.joiner.clear();
        for desc in self.state.held.drain(..) {
            // As large as the queue that they came by.
            let _ = self.back.push(desc);
        }
    }

    fn head_ns(&self) -> Option<u64> {
        self.lent.peek().ok().map(|lent| lent.time_ns)
    }

    fn backlog(&self) -> u8 {
        let (waiting, all) = (self.lent.slots(), self.lent.buffer().capacity());
        (waiting * 100 / all.max(1)) as u8
    }

    fn readiness(&self) -> Option<RawFd> {
        Some(self.shared.wake.as_raw_fd())
    }

    fn finished(&self) -> bool {
        self.state.finished
    }

    fn counters(&mut self) -> Counters {
        self.state.counters
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn describe(&self) -> String {
        self.description.clone()
    }
}
