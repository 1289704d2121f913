//! A source whose frames were put together in memory, for tests of the stages behind the ring. It
//! ends when they are out; until then it behaves as a live ring does.

use std::os::fd::RawFd;

use crate::{Batch, Counters, Desc, Error, Interface, LinkType, Source};

/// Frames to be handed out, in order.
pub struct Memory {
    frames: Vec<(u64, Box<[u8]>)>,
    next: usize,
    descs: Vec<Desc>,
    counters: Counters,
    backlog: u8,
    interfaces: [Interface; 1],
}

impl Memory {
    /// Ethernet frames with the times they were captured at, in nanoseconds.
    pub fn new(name: &str, frames: Vec<(u64, Vec<u8>)>) -> Self {
        Self {
            frames: frames.into_iter().map(|(at, f)| (at, f.into_boxed_slice())).collect(),
            next: 0,
            descs: Vec::new(),
            counters: Counters::default(),
            backlog: 0,
            interfaces: [Interface { name: name.to_owned(), ..Interface::default() }],
        }
    }

    /// What [`Source::backlog`] says while frames wait.
    #[must_use]
    pub fn with_backlog(mut self, backlog: u8) -> Self {
        self.backlog = backlog;
        self
    }
}

impl Source for Memory {
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error> {
        self.release();
        let end = self.frames.len().min(self.next + max);
        for (time_ns, frame) in &self.frames[self.next..end] {
            self.counters.received += 1;
            self.counters.bytes += frame.len() as u64;
            self.descs.push(Desc {
                ptr: frame.as_ptr(),
                len: frame.len() as u32,
                wire_len: frame.len() as u32,
                time_ns: *time_ns,
                interface: 0,
                link: LinkType::Ethernet,
                vlan_tci: 0,
                segment: 0,
            });
        }
        self.next = end;
        Ok(Batch { descs: &self.descs })
    }

    fn release(&mut self) {
        self.descs.clear();
    }

    fn head_ns(&self) -> Option<u64> {
        self.frames.get(self.next).map(|f| f.0)
    }

    fn backlog(&self) -> u8 {
        if self.next < self.frames.len() { self.backlog } else { 0 }
    }

    fn readiness(&self) -> Option<RawFd> {
        None
    }

    fn finished(&self) -> bool {
        self.next == self.frames.len() && self.descs.is_empty()
    }

    fn counters(&mut self) -> Counters {
        self.counters
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn describe(&self) -> String {
        "frames in memory".to_owned()
    }
}
