//! What the capture thread and a shard say to each other. Rings are opened and freed on that thread,
//! since both take longer than a shard may stand still; here they only change hands.

use std::sync::Arc;

use fathom_ring::Source;
use fathom_shard::channel::{Receiver, SendError, Sender};

use super::gate::Reading;
use crate::record::InterfaceFacts;

/// A source that can change threads.
pub type AnySource = Box<dyn Source + Send>;

/// To a shard.
pub enum Command {
    /// An interface is there.
    Open(Box<Opened>),
    /// The interface of this number is gone, or not wanted any more.
    Close(u16),
    /// All that is there now has been told.
    Scanned,
}

/// An interface that is there.
pub struct Opened {
    /// Its number: what its frames carry in the pipeline.
    pub number: u16,
    /// Its name, with that of its namespace when it is not the agent's own.
    pub name: Arc<str>,
    /// What rows say of it.
    pub facts: InterfaceFacts,
    /// How it is captured, in a few words.
    pub kind: Arc<str>,
    /// Queues that this shard takes frames from, with their numbers; none when others read it.
    pub sources: Vec<(u32, AnySource)>,
    /// Who reads it.
    pub reading: Reading,
    /// Memory of one source's ring, bytes.
    pub ring_bytes: usize,
}

/// From a shard: a source that it reads no more, to be freed.
pub struct Retired {
    /// Its interface.
    pub number: u16,
    /// The source.
    pub source: AnySource,
    /// It ended by itself.
    pub failed: bool,
}

/// A shard's ends.
pub struct Feed {
    /// From the capture thread.
    pub commands: Receiver<Command>,
    /// To the capture thread.
    pub retired: Sender<Retired>,
}

impl Feed {
    /// Hands a source back. It is freed here when nobody takes it.
    pub(super) fn retire(&mut self, retired: Retired) {
        match self.retired.try_push(retired) {
            Ok(()) => {}
            Err(SendError::Full(r) | SendError::Closed(r)) => drop(r.source),
        }
    }
}
