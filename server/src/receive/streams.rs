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

mod forget;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;
use crate::spool::format::Mark;

use forget::{Stream, Table};

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
    table: Mutex<Table>,
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
            let s = t.streams.entry(r.mark.stream).or_insert(Stream {
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
        if !t.streams.contains_key(&id) && !t.make_room(self.max, now_s) {
            return Err(TooManyStreams(t.streams.len()));
        }
        let new = Stream { owner: None, accepted: 0, durable: 0, seen_s: now_s };
        let s = t.streams.entry(id).or_insert(new);
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
        let Some(s) = t.streams.get_mut(&id) else { return Err(Superseded) };
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
        let Some(s) = t.streams.get_mut(&id).filter(|s| s.owner == Some(connection)) else {
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
        let Some(s) = t.streams.get_mut(&id).filter(|s| s.owner == Some(connection)) else {
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
        match t.streams.get(&id) {
            Some(s) if s.owner == Some(connection) => Ok(s.durable),
            _ => Err(Superseded),
        }
    }

    /// A spool file with these marks is on disk.
    pub fn commit(&self, marks: &[Mark], now_s: u32) {
        let mut t = self.lock();
        for m in marks {
            if let Some(s) = t.streams.get_mut(&m.stream) {
                s.durable = s.durable.max(m.seq);
                s.seen_s = now_s;
            }
        }
    }

    /// The connection is gone. The stream stays known.
    pub fn leave(&self, id: StreamId, connection: ConnectionId, now_s: u32) {
        let mut t = self.lock();
        if let Some(s) = t.streams.get_mut(&id).filter(|s| s.owner == Some(connection)) {
            s.owner = None;
            s.seen_s = now_s;
        }
    }

    /// All streams worth remembering, those not seen for long left out.
    pub fn remembered(&self, now_s: u32) -> Vec<Remembered> {
        let mut t = self.lock();
        t.forget(now_s);
        t.streams
            .iter()
            .map(|(id, s)| Remembered {
                mark: Mark { stream: *id, seq: s.durable },
                seen_s: s.seen_s,
            })
            .collect()
    }

    /// How many streams are known.
    pub fn len(&self) -> usize {
        self.lock().streams.len()
    }

    /// No stream is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many agents have a connection now.
    pub fn connected_agents(&self) -> usize {
        let t = self.lock();
        let mut agents: Vec<u32> =
            t.streams.iter().filter(|(_, s)| s.owner.is_some()).map(|(id, _)| id.agent).collect();
        agents.sort_unstable();
        agents.dedup();
        agents.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No operation panics between two writes, so a poisoned table is still consistent.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

    fn agent(agent: u32) -> StreamId {
        StreamId { agent, ..ID }
    }

    const MINUTE: u32 = 60;

    #[test]
    fn the_table_is_bounded_and_forgets_the_old() {
        let s = Streams::new(2);
        s.take_over(agent(1), A, 100).unwrap();
        s.take_over(agent(2), B, 100).unwrap();
        // Both have a connection, however long ago it was last heard of.
        let week = limits::STREAM_FORGET.as_secs() as u32;
        assert_eq!(s.take_over(agent(3), B, 200 + week), Err(TooManyStreams(2)));
        s.leave(agent(1), A, 100);
        assert_eq!(s.remembered(100 + week - 1).len(), 2);
        assert_eq!(s.remembered(100 + week).len(), 1);
    }

    #[test]
    fn a_full_table_gives_up_what_was_not_seen_for_longest() {
        let s = Streams::new(2);
        s.take_over(agent(1), A, 100).unwrap();
        s.leave(agent(1), A, 100);
        s.take_over(agent(2), A, 101).unwrap();
        s.leave(agent(2), A, 101);
        // Its agent may only be looking for the server.
        assert_eq!(s.take_over(agent(3), B, 100 + 14 * MINUTE), Err(TooManyStreams(2)));
        s.take_over(agent(3), B, 101 + 15 * MINUTE).unwrap();
        let left: Vec<_> = s.remembered(101 + 15 * MINUTE).iter().map(|r| r.mark.stream).collect();
        assert_eq!(left.len(), 2);
        assert!(left.contains(&agent(2)) && left.contains(&agent(3)), "{left:?}");
        // What is not on disk yet is not at rest.
        assert_eq!(s.settle(agent(3), B, 1), Ok(Some(0)));
        assert_eq!(s.offer(agent(3), B, 1), Offer::Accept);
        s.leave(agent(3), B, 102 + 15 * MINUTE);
        s.take_over(agent(4), A, 40 * MINUTE).unwrap();
        assert_eq!(s.take_over(agent(5), B, 80 * MINUTE), Err(TooManyStreams(2)));
    }

    #[test]
    fn a_crowd_of_strangers_does_not_lock_out_a_fleet_for_long() {
        let s = Streams::new(1000);
        for stranger in 0..1000 {
            s.take_over(agent(stranger), A, 100).unwrap();
            s.leave(agent(stranger), A, 100);
        }
        for honest in 5000..6000 {
            s.take_over(agent(honest), B, 100 + 15 * MINUTE).unwrap();
        }
    }

    #[test]
    fn former_runs_of_an_agent_that_is_back_are_forgotten_early() {
        let s = Streams::default();
        let run = |boot| StreamId { boot, ..ID };
        for boot in 1..=3 {
            s.take_over(run(boot), A, 100 + boot as u32).unwrap();
            s.leave(run(boot), A, 100 + boot as u32);
        }
        s.take_over(StreamId { stream: 9, ..ID }, A, 1).unwrap();
        assert_eq!(s.remembered(100 + 14 * MINUTE).len(), 4);
        // The last one stays although it is gone, the other shard of the agent too.
        assert_eq!(s.remembered(200 + 15 * MINUTE).len(), 2);
        // A new one is enough to have the table looked through.
        s.take_over(run(4), A, 300 + 15 * MINUTE).unwrap();
        s.take_over(agent(77), A, 1000 + 30 * MINUTE).unwrap();
        assert_eq!(s.len(), 3);
    }
}
