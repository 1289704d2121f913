//! Messages to exchanges: a request waits here for its answer, then both become one row.
//!
//! Pairing is by id or, for protocols that answer in order, first in first out, at any depth up
//! to a bound. What a row keeps of a request is copied once, into a buffer that its slot keeps
//! for the next request. Unanswered requests are reported after their protocol's timeout or when
//! their flow ends, whichever comes first.

pub mod pending;

use crate::flow::slab::NONE;
use crate::limits;
use crate::stream::Origin;
use fathom_parsers::message::{
    Direction, L7Protocol, Message, MessageKind, Pairing, ResponseStatus,
};
pub use pending::{Exchange, Pending, Text};
use pending::{FlowList, Pool};

/// Sessions of one shard.
#[derive(Debug, Default)]
pub struct Sessions {
    pool: Pool,
    /// What was counted.
    pub stats: SessionStats,
}

/// What the stage counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionStats {
    /// Requests paired with their answers.
    pub paired: u64,
    /// Requests reported without an answer because of time.
    pub timeout: u64,
    /// Requests reported without an answer because their flow ended.
    pub unanswered: u64,
    /// Answers without a request.
    pub orphans: u64,
    /// Requests reported without an answer because a bound was reached.
    pub over_limit: u64,
}

/// Where a message came from.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The flow's application state.
    pub flow: u32,
    /// What the message speaks.
    pub protocol: L7Protocol,
    /// Which way it went.
    pub dir: Direction,
    /// Where it began.
    pub at: Origin,
}

/// The requests of one flow; kept with the flow.
pub type FlowSessions = FlowList;

impl Sessions {
    /// Requests that wait.
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// None wait.
    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// Takes a message in. Finished exchanges go to `emit`.
    pub fn message(
        &mut self,
        list: &mut FlowSessions,
        m: &Message<'_>,
        seen: Seen,
        mut emit: impl FnMut(&Exchange<'_>),
    ) {
        match m.kind {
            MessageKind::Request | MessageKind::Single => {
                if m.kind == MessageKind::Single {
                    return emit(&Exchange::single(seen.protocol, m, seen.at));
                }
                let depth = match m.pairing {
                    Pairing::InOrder => limits::PENDING_PER_FLOW,
                    Pairing::ById(_) => limits::PENDING_BY_ID,
                };
                if list.len >= depth {
                    self.give_up(list, list.head, ResponseStatus::Unknown, &mut emit);
                    self.stats.over_limit += 1;
                }
                if self.pool.is_full() && !self.give_up_own_oldest(list, &mut emit) {
                    // Not this flow's turn to wait: report the request at once.
                    self.stats.over_limit += 1;
                    return emit(&Exchange::request_only(seen.protocol, m, seen.at));
                }
                let slot = self.pool.push(list, m, seen);
                if m.end_follows && m.pairing == Pairing::InOrder {
                    list.open_request = slot;
                }
            }
            MessageKind::Response => self.response(list, m, seen, emit),
            MessageKind::Note => {
                if let Pairing::ById(id) = m.pairing {
                    let slot = self.pool.find_id(list, id);
                    if slot != NONE {
                        self.pool.note(slot, m, seen.at);
                    }
                }
            }
            MessageKind::Interim | MessageKind::End => {}
        }
    }

    /// The end of a message that was not known whole at its head.
    pub fn end(
        &mut self,
        list: &mut FlowSessions,
        dir: Direction,
        m: &Message<'_>,
        at: Origin,
        mut emit: impl FnMut(&Exchange<'_>),
    ) {
        let (slot, is_request) = match (m.pairing, dir) {
            (Pairing::InOrder, Direction::ToServer) => {
                (std::mem::replace(&mut list.open_request, NONE), true)
            }
            (Pairing::InOrder, Direction::ToClient) => {
                (std::mem::replace(&mut list.open_response, NONE), false)
            }
            // Only an answer has an outcome: whoever says so, the exchange is over.
            (Pairing::ById(id), _) if m.status != ResponseStatus::Unknown => {
                (self.pool.find_id(list, id), false)
            }
            (Pairing::ById(id), dir) => self.pool.find_open(list, id, dir),
        };
        if slot == NONE {
            return;
        }
        if is_request {
            self.pool[slot].end_request(m.length);
        } else {
            self.pool.end_answer(slot, m, at);
            if self.pool[slot].answer.is_none() {
                self.stats.unanswered += 1;
                return self.give_up(list, slot, m.status, &mut emit);
            }
            self.finish(list, slot, &mut emit);
        }
    }

    fn response(
        &mut self,
        list: &mut FlowSessions,
        m: &Message<'_>,
        seen: Seen,
        mut emit: impl FnMut(&Exchange<'_>),
    ) {
        // A new answer means that the one before is over, however it was delimited.
        let open = std::mem::replace(&mut list.open_response, NONE);
        if open != NONE {
            self.finish(list, open, &mut emit);
        }
        if let Some(seq) = list.answers_missing_until.take() {
            // Requests sent before what was missed, with one after it that the client sent
            // having received it all, had their answers in it.
            let first = self.pool.first_after(list, seq);
            while first != NONE && list.head != first && m.pairing == Pairing::InOrder {
                self.stats.unanswered += 1;
                self.give_up(list, list.head, ResponseStatus::Unknown, &mut emit);
            }
        }
        let slot = match m.pairing {
            Pairing::InOrder => list.head,
            Pairing::ById(id) => self.pool.find(list, id),
        };
        let slot = if slot == NONE {
            self.stats.orphans += 1;
            if !m.end_follows || self.pool.is_full() {
                return emit(&Exchange::response_only(seen.protocol, m, seen.at));
            }
            self.pool.push_orphan(list, m.pairing, seen)
        } else {
            slot
        };
        self.pool.answer(slot, m, seen.at);
        if m.end_follows {
            if m.pairing == Pairing::InOrder {
                list.open_response = slot;
            }
        } else {
            self.finish(list, slot, &mut emit);
        }
    }

    fn finish(&mut self, list: &mut FlowSessions, slot: u32, emit: &mut impl FnMut(&Exchange<'_>)) {
        if !self.pool[slot].orphan {
            self.stats.paired += 1;
        }
        emit(&self.pool[slot].exchange(ResponseStatus::Unknown));
        self.pool.unlink(list, slot);
    }

    fn give_up(
        &mut self,
        list: &mut FlowSessions,
        slot: u32,
        status: ResponseStatus,
        emit: &mut impl FnMut(&Exchange<'_>),
    ) {
        emit(&self.pool[slot].exchange(status));
        self.pool.unlink(list, slot);
    }

    fn give_up_own_oldest(
        &mut self,
        list: &mut FlowSessions,
        emit: &mut impl FnMut(&Exchange<'_>),
    ) -> bool {
        if list.head == NONE {
            return false;
        }
        self.stats.over_limit += 1;
        self.give_up(list, list.head, ResponseStatus::Unknown, emit);
        true
    }

    /// The flow ends: everything that waits is reported.
    pub fn close(&mut self, list: &mut FlowSessions, mut emit: impl FnMut(&Exchange<'_>)) {
        while list.head != NONE {
            let slot = list.head;
            if self.pool[slot].answer.is_some() {
                self.finish(list, slot, &mut emit);
            } else {
                self.stats.unanswered += 1;
                self.give_up(list, slot, ResponseStatus::Unknown, &mut emit);
            }
        }
    }

    /// The flow of the oldest request that has waited too long at `now_ns`, if there is one.
    /// The caller hands that flow's list to [`Sessions::expire`].
    pub fn overdue(&self, now_ns: u64) -> Option<u32> {
        self.pool.overdue(now_ns)
    }

    /// The clock was set back to `now_ns`.
    pub fn set_back(&mut self, now_ns: u64) {
        self.pool.set_back(now_ns);
    }

    /// Reports the requests of one flow that have waited too long at `now_ns`.
    pub fn expire(
        &mut self,
        list: &mut FlowSessions,
        now_ns: u64,
        mut emit: impl FnMut(&Exchange<'_>),
    ) {
        let mut slot = list.head;
        while slot != NONE {
            let next = self.pool.next(slot);
            if self.pool.is_overdue(slot, now_ns) {
                if self.pool[slot].answer.is_some() {
                    // A long answer: the exchange is reported, its length stays unknown.
                    if list.open_response == slot {
                        list.open_response = NONE;
                    }
                    self.finish(list, slot, &mut emit);
                } else {
                    self.stats.timeout += 1;
                    self.give_up(list, slot, ResponseStatus::Timeout, &mut emit);
                }
            }
            slot = next;
        }
    }
}
