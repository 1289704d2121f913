//! Which streams are forgotten, and when: the table is bounded, and neither a fleet that restarts
//! often nor a crowd of strangers may keep new agents out of it.

use std::collections::HashMap;

use super::{ConnectionId, StreamId};
use crate::limits;

/// What is known of one stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) owner: Option<ConnectionId>,
    pub(super) accepted: u64,
    pub(super) durable: u64,
    pub(super) seen_s: u32,
}

/// All that are known.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) streams: HashMap<StreamId, Stream>,
    /// When it was last looked through for what can be forgotten, in seconds.
    swept_s: u32,
    /// The second in which it was full and nothing could be spared.
    stuck_s: u32,
}

impl Stream {
    /// Nobody speaks for it, and all of it is on disk.
    fn rests(&self) -> bool {
        self.owner.is_none() && self.accepted == self.durable
    }

    fn unseen_for(&self, now_s: u32) -> u32 {
        now_s.saturating_sub(self.seen_s)
    }
}

impl Table {
    /// Makes room for one more stream; false when all `max` are in use or recent.
    pub(super) fn make_room(&mut self, max: usize, now_s: u32) -> bool {
        let sweep = limits::STREAM_SWEEP.as_secs() as u32;
        let full = self.streams.len() >= max;
        // A crowd that says Hello to a full table must not have it looked through each time.
        if full && self.stuck_s == now_s {
            return false;
        }
        if full || now_s.saturating_sub(self.swept_s) >= sweep {
            self.forget(now_s);
        }
        if self.streams.len() >= max {
            self.spare(self.streams.len() - max + max / 64 + 1, now_s);
        }
        let room = self.streams.len() < max;
        if !room {
            self.stuck_s = now_s;
        }
        room
    }

    /// Forgets what was not seen for long, and former runs of agents that are back.
    pub(super) fn forget(&mut self, now_s: u32) {
        self.swept_s = now_s;
        let (long, spare) =
            (limits::STREAM_FORGET.as_secs() as u32, limits::STREAM_SPARE.as_secs() as u32);
        // Runs have random numbers: the newest is the one that was seen last.
        let mut newest: HashMap<(u32, u16), u32> = HashMap::new();
        for (id, s) in &self.streams {
            let seen_s = newest.entry((id.agent, id.stream)).or_default();
            *seen_s = s.seen_s.max(*seen_s);
        }
        self.streams.retain(|id, s| {
            let former =
                newest.get(&(id.agent, id.stream)).is_some_and(|newest| s.seen_s < *newest);
            !s.rests() || s.unseen_for(now_s) < if former { spare } else { long }
        });
    }

    /// Forgets about `count` of the streams at rest that were not seen for longest, if for long
    /// enough.
    fn spare(&mut self, count: usize, now_s: u32) {
        let spare = limits::STREAM_SPARE.as_secs() as u32;
        let old = |s: &Stream| s.rests() && s.unseen_for(now_s) >= spare;
        let mut seen: Vec<u32> =
            self.streams.values().filter(|s| old(s)).map(|s| s.seen_s).collect();
        let Some(last) = seen.len().min(count).checked_sub(1) else { return };
        let upto = *seen.select_nth_unstable(last).1;
        let mut left = count;
        self.streams.retain(|_, s| {
            let goes = left > 0 && s.seen_s <= upto && old(s);
            left -= usize::from(goes);
            !goes
        });
    }
}
