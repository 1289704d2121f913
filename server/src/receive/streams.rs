//! What is known of every agent's streams: which connection speaks for it, how far it has been
//! accepted and how far it is durable. The one thing receive shards share.
//!
//! A stream is one shard of one run of one agent. Its frames are numbered from 1 without gaps. A
//! reconnect may land on another shard of the server (the kernel spreads connections), so this
//! table is shared and locked once per *frame*, never per row. Two rules make that enough:
//!
//! * the newest connection owns the stream; frames that an older one still brings are refused;
//! * a new connection is only answered when all that older ones brought is durable, so frames of
//!   one stream are never waiting in two shards at once, and "not durable" in the answer means
//!   "never will be": the agent can send it again or count it as lost, exactly.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;
use crate::spool::format::Mark;

/// One shard of one run of one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    /// Agent.
    pub agent: u32,
    /// Run of the agent: another number after each start.
    pub boot: u64,
    /// Shard of the agent.
    pub stream: u16,
}

/// A connection, numbered by the server process; later ones have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is the next one: take it.
    Accept,
    /// It was taken before.
    Duplicate,
    /// Frames between were never sent: the peer breaks the protocol.
    Gap {
        /// The sequence number that had to come.
        expected: u64,
    },
    /// A newer connection owns the stream: close this one.
    Superseded,
}

/// A newer connection owns the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a newer connection of this stream took over")]
pub struct Superseded;

/// More streams than the table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} streams are known, which is the limit; are agents restarting in a loop?")]
pub struct TooManyStreams(pub usize);

#[derive(Clone, Copy, Debug)]
struct Stream {
    owner: Option<ConnectionId>,
    accepted: u64,
    durable: u64,
    seen_s: u32,
}

/// A stream as the watermark log keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Stream and highest durable sequence number.
    pub mark: Mark,
    /// When it was last heard of, seconds since the Unix epoch.
    pub seen_s: u32,
}

/// All streams.
#[derive(Debug)]
pub struct Streams {
    table: Mutex<HashMap<StreamId, Stream>>,
    max: usize,
}

impl Default for Streams {
    fn default() -> Self {
        Self::new(limits::STREAMS)
    }
}

impl Streams {
    /// Remembers up to `max` streams.
    pub fn new(max: usize) -> Self {
        Self { table: Mutex::default(), max }
    }

    /// Starts from what a former run left. May be called several times; the highest wins.
    pub fn restore(&self, remembered: impl IntoIterator<Item = Remembered>) {
        let mut t = self.lock();
        for r in remembered {
            let s = t.entry(r.mark.stream).or_insert(Stream {
                owner: None,
                accepted: 0,
                durable: 0,
                seen_s: 0,
            });
            s.durable = s.durable.max(r.mark.seq);
            s.accepted = s.accepted.max(r.mark.seq);
            s.seen_s = s.seen_s.max(r.seen_s);
        }
    }

    /// `connection` said Hello for `id`: from now on it owns the stream, unless a newer one does.
    ///
    /// # Errors
    /// The stream is new and the table is full of streams that are in use or recent.
    pub fn take_over(
        &self,
        id: StreamId,
        connection: ConnectionId,
        now_s: u32,
    ) -> Result<(), TooManyStreams> {
        let mut t = self.lock();
        if !t.contains_key(&id) && t.len() >= self.max {
            forget(&mut t, now_s);
            if t.len() >= self.max {
                return Err(TooManyStreams(t.len()));
            }
        }
        let s =
            t.entry(id).or_insert(Stream { owner: None, accepted: 0, durable: 0, seen_s: now_s });
        s.owner = s.owner.max(Some(connection));
        s.seen_s = now_s;
        Ok(())
    }

    /// The answer to that Hello once nothing of the stream is on its way to disk any more: the
    /// highest durable sequence number. `None` means "ask again soon".
    ///
    /// `lowest_unacked` is what the agent still holds: everything below was acknowledged, if not
    /// by this server's present data then by what stood in its place before.
    ///
    /// # Errors
    /// A newer connection owns the stream.
    pub fn settle(
        &self,
        id: StreamId,
        connection: ConnectionId,
        lowest_unacked: u64,
    ) -> Result<Option<u64>, Superseded> {
        let mut t = self.lock();
        let Some(s) = t.get_mut(&id) else { return Err(Superseded) };
        if s.owner != Some(connection) {
            return Err(Superseded);
        }
        if s.accepted != s.durable {
            return Ok(None);
        }
        s.durable = s.durable.max(lowest_unacked.saturating_sub(1));
        s.accepted = s.durable;
        Ok(Some(s.durable))
    }

    /// A frame came.
    pub fn offer(&self, id: StreamId, connection: ConnectionId, seq: u64) -> Offer {
        let mut t = self.lock();
        let Some(s) = t.get_mut(&id).filter(|s| s.owner == Some(connection)) else {
            return Offer::Superseded;
        };
        if seq <= s.accepted {
            return Offer::Duplicate;
        }
        if seq != s.accepted + 1 {
            return Offer::Gap { expected: s.accepted + 1 };
        }
        s.accepted = seq;
        Offer::Accept
    }

    /// Nothing below `seq` will come any more. [`Offer::Accept`] when that closes a hole.
    pub fn pass(&self, id: StreamId, connection: ConnectionId, seq: u64) -> Offer {
        let mut t = self.lock();
        let Some(s) = t.get_mut(&id).filter(|s| s.owner == Some(connection)) else {
            return Offer::Superseded;
        };
        if seq <= s.accepted.saturating_add(1) {
            return Offer::Duplicate;
        }
        s.accepted = seq - 1;
        Offer::Accept
    }

    /// How far the stream is durable.
    ///
    /// # Errors
    /// A newer connection owns the stream.
    pub fn durable(&self, id: StreamId, connection: ConnectionId) -> Result<u64, Superseded> {
        let t = self.lock();
        match t.get(&id) {
            Some(s) if s.owner == Some(connection) => Ok(s.durable),
            _ => Err(Superseded),
        }
    }

    /// A spool file with these marks is on disk.
    pub fn commit(&self, marks: &[Mark], now_s: u32) {
        let mut t = self.lock();
        for m in marks {
            if let Some(s) = t.get_mut(&m.stream) {
                s.durable = s.durable.max(m.seq);
                s.seen_s = now_s;
            }
        }
    }

    /// The connection is gone. The stream stays known.
    pub fn leave(&self, id: StreamId, connection: ConnectionId, now_s: u32) {
        let mut t = self.lock();
        if let Some(s) = t.get_mut(&id).filter(|s| s.owner == Some(connection)) {
            s.owner = None;
            s.seen_s = now_s;
        }
    }

    /// All streams worth remembering, those not seen for long left out.
    pub fn remembered(&self, now_s: u32) -> Vec<Remembered> {
        let mut t = self.lock();
        forget(&mut t, now_s);
        t.iter()
            .map(|(id, s)| Remembered {
                mark: Mark { stream: *id, seq: s.durable },
                seen_s: s.seen_s,
            })
            .collect()
    }

    /// How many streams are known.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// No stream is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many agents have a connection now.
    pub fn connected_agents(&self) -> usize {
        let t = self.lock();
        let mut agents: Vec<u32> =
            t.iter().filter(|(_, s)| s.owner.is_some()).map(|(id, _)| id.agent).collect();
        agents.sort_unstable();
        agents.dedup();
        agents.len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StreamId, Stream>> {
        // No operation panics between two writes, so a poisoned table is still consistent.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(t: &mut HashMap<StreamId, Stream>, now_s: u32) {
    let limit = limits::STREAM_FORGET.as_secs() as u32;
    t.retain(|_, s| {
        s.owner.is_some() || s.accepted != s.durable || now_s.saturating_sub(s.seen_s) < limit
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: StreamId = StreamId { agent: 1, boot: 2, stream: 3 };
    const A: ConnectionId = ConnectionId(10);
    const B: ConnectionId = ConnectionId(11);

    fn mark(seq: u64) -> [Mark; 1] {
        [Mark { stream: ID, seq }]
    }

    #[test]
    fn frames_are_taken_once_and_in_order() {
        let s = Streams::default();
        s.take_over(ID, A, 0).unwrap();
        assert_eq!(s.settle(ID, A, 1), Ok(Some(0)));
        assert_eq!(s.offer(ID, A, 1), Offer::Accept);
        assert_eq!(s.offer(ID, A, 1), Offer::Duplicate);
        assert_eq!(s.offer(ID, A, 3), Offer::Gap { expected: 2 });
        assert_eq!(s.pass(ID, A, 2), Offer::Duplicate);
        assert_eq!(s.pass(ID, A, 6), Offer::Accept);
        assert_eq!(s.offer(ID, A, 6), Offer::Accept);
        assert_eq!(s.durable(ID, A), Ok(0));
        s.commit(&mark(6), 0);
        assert_eq!(s.durable(ID, A), Ok(6));
    }

    #[test]
    fn the_newest_connection_owns_the_stream() {
        let s = Streams::default();
        s.take_over(ID, A, 0).unwrap();
        s.settle(ID, A, 1).unwrap();
        s.offer(ID, A, 1);
        s.take_over(ID, B, 0).unwrap();
        assert_eq!(s.offer(ID, A, 2), Offer::Superseded);
        assert_eq!(s.durable(ID, A), Err(Superseded));
        // What A brought is not on disk: B has to wait for it.
        assert_eq!(s.settle(ID, B, 1), Ok(None));
        s.commit(&mark(1), 0);
        assert_eq!(s.settle(ID, B, 1), Ok(Some(1)));
        // A's late goodbye changes nothing.
        s.leave(ID, A, 0);
        assert_eq!(s.offer(ID, B, 2), Offer::Accept);
        // A connection older than the owner cannot take over.
        s.take_over(ID, A, 0).unwrap();
        assert_eq!(s.offer(ID, B, 3), Offer::Accept);
    }

    #[test]
    fn a_server_that_lost_its_data_goes_on_where_the_agent_is() {
        let s = Streams::default();
        s.take_over(ID, A, 0).unwrap();
        assert_eq!(s.settle(ID, A, 41), Ok(Some(40)));
        assert_eq!(s.offer(ID, A, 41), Offer::Accept);
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_old() {
        let s = Streams::new(2);
        let id = |agent| StreamId { agent, ..ID };
        let week = limits::STREAM_FORGET.as_secs() as u32;
        s.take_over(id(1), A, 100).unwrap();
        s.take_over(id(2), B, 100).unwrap();
        assert_eq!(s.take_over(id(3), B, 200), Err(TooManyStreams(2)));
        s.leave(id(1), A, 100);
        assert_eq!(s.take_over(id(3), B, 100 + week - 1), Err(TooManyStreams(2)));
        s.take_over(id(3), B, 100 + week).unwrap();
        assert_eq!((s.len(), s.connected_agents()), (2, 2));
    }
}
