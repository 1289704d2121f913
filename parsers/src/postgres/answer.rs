//! What the server says, and to which of the client's units.

use super::error;
use crate::message::{Message, MessageKind, ResponseStatus};
use std::collections::VecDeque;

/// Units that may wait; further ones are paired, but not told apart.
const MAX_WAITING: usize = 8192;

/// What the client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// The start of the session.
    Startup,
    /// A simple query or function call, over with ReadyForQuery.
    Simple,
    /// Parse or Describe without Execute so far.
    Prepare,
    /// With Execute, over with CommandComplete.
    Execute,
    /// Sync: ReadyForQuery.
    Sync,
}

/// What one message of the server means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    /// An answer begins here; its end follows.
    Begins,
    /// This is all of an answer.
    Whole,
    /// An answer ends here.
    Ends,
    /// The oldest unit was skipped because of an error before it.
    Skipped,
    /// Notification of a channel.
    Notifies,
}

/// Whether the message is done with, or belongs to the next unit too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    ComeAgain,
}

/// Units and how far the oldest one's answer is.
#[derive(Debug, Default)]
pub(super) struct Answers {
    waiting: VecDeque<Unit>,
    begun: bool,
    /// The oldest unit's ParseComplete has come.
    parsed: bool,
    /// Its end has been said; what is left of it is not.
    ended: bool,
    status: ResponseStatus,
    length: u64,
    rows: Option<u64>,
}

/// A message that servers send.
pub(super) fn is_known(kind: u8) -> bool {
    matches!(
        kind,
        b'R' | b'K'
            | b'S'
            | b'Z'
            | b'T'
            | b'D'
            | b'C'
            | b'E'
            | b'N'
            | b'A'
            | b'1'
            | b'2'
            | b'3'
            | b'n'
            | b's'
            | b't'
            | b'I'
            | b'G'
            | b'H'
            | b'W'
            | b'd'
            | b'c'
            | b'V'
            | b'v'
    )
}

impl Answers {
    pub(super) fn ask(&mut self, unit: Unit) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(unit);
        }
    }

    /// The newest unit is executed.
    pub(super) fn executed(&mut self) {
        if let Some(unit @ Unit::Prepare) = self.waiting.back_mut() {
            *unit = Unit::Execute;
        }
    }

    /// Nothing that waits will be answered.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
        self.over();
    }

    /// The next message begins an answer, or belongs to none.
    #[inline]
    pub(super) fn at_start(&self) -> bool {
        !self.begun
    }

    fn over(&mut self) {
        (self.begun, self.parsed, self.ended) = (false, false, false);
        (self.length, self.rows) = (0, None);
    }

    /// Takes a message whose body is `len` long.
    #[inline]
    pub(super) fn message(&mut self, kind: u8, len: usize, body: &[u8]) -> (Said, Then) {
        let (said, then) = match kind {
            // Notices and settings may come at any time.
            b'N' | b'S' | b'K' | b'v' | b'3' => (Said::Nothing, Then::GoOn),
            b'A' => return (Said::Notifies, Then::GoOn),
            b'Z' => self.ready(),
            _ => self.answer(kind, body),
        };
        if then == Then::GoOn {
            self.length += (super::HEADER + len) as u64;
        }
        (said, then)
    }

    fn answer(&mut self, kind: u8, body: &[u8]) -> (Said, Then) {
        let next = self.waiting.front().copied();
        let Some(unit) = next.filter(|u| *u != Unit::Sync) else {
            self.over();
            let said = if kind == b'E' { Said::Whole } else { Said::Nothing };
            return (said, Then::GoOn);
        };
        if unit == Unit::Prepare && self.belongs_to_next(kind) {
            return (Said::Ends, Then::ComeAgain);
        }
        self.parsed |= kind == b'1';
        let over = match (unit, kind) {
            (Unit::Startup, b'R') if body != [0, 0, 0, 0] => return (Said::Nothing, Then::GoOn),
            (_, b'E') => true,
            // These are over with ReadyForQuery, whatever they consist of.
            (Unit::Startup | Unit::Simple, _) => false,
            (Unit::Execute, b'I' | b's') | (_, b'C') => true,
            _ => false,
        };
        if kind == b'C' {
            let sum = changed(body).map(|n| n.saturating_add(self.rows.unwrap_or(0)));
            self.rows = sum.or(self.rows);
        }
        if kind == b'E' {
            self.status = error::status(error::fields(body).0);
        }
        if self.ended {
            return (Said::Nothing, Then::GoOn);
        }
        self.ended = over;
        let said = match (std::mem::replace(&mut self.begun, true), over) {
            (false, false) => Said::Begins,
            (false, true) => Said::Whole,
            (true, true) => Said::Ends,
            (true, false) => Said::Nothing,
        };
        (said, Then::GoOn)
    }

    /// Behind a Parse or Describe that is answered, another unit's answer begins.
    fn belongs_to_next(&self, kind: u8) -> bool {
        let another = self.waiting.get(1).is_some_and(|u| *u != Unit::Sync);
        another && self.begun && (kind == b'2' || kind == b'1' && self.parsed)
    }

    /// ReadyForQuery: everything up to the oldest Sync, or the simple query, is over.
    fn ready(&mut self) -> (Said, Then) {
        match self.waiting.front() {
            None => (Said::Nothing, Then::GoOn),
            Some(Unit::Sync) => {
                self.waiting.pop_front();
                self.over();
                (Said::Nothing, Then::GoOn)
            }
            Some(unit) => {
                let own = matches!(unit, Unit::Simple | Unit::Startup);
                let then = if own { Then::GoOn } else { Then::ComeAgain };
                let said = match (self.begun, self.ended) {
                    (_, true) => Said::Nothing,
                    (true, false) => Said::Ends,
                    (false, false) if own => Said::Whole,
                    (false, false) => Said::Skipped,
                };
                self.ended = true;
                (said, then)
            }
        }
    }

    /// The message that is made of it. `body` is of a message of this `kind`.
    pub(super) fn describe<'a>(
        &mut self,
        (said, then): (Said, Then),
        kind: u8,
        body: &'a [u8],
        hide: bool,
        out: &'a mut Vec<u8>,
    ) -> Message<'a> {
        if said == Said::Notifies {
            return notification(body, hide, out);
        }
        let mut m = Message { kind: MessageKind::Response, ..Message::default() };
        match said {
            Said::Begins => {
                m.end_follows = true;
                m.status = ResponseStatus::Ok;
            }
            Said::Skipped => {
                m.status = self.status;
                m.exception = b"not run: a statement before it failed";
            }
            _ => {
                m.length = Some(self.length);
                // An answer that is only known to be over was lost.
                let lost = said == Said::Whole && kind == b'Z';
                m.status = if lost { ResponseStatus::Unknown } else { ResponseStatus::Ok };
            }
        }
        if said == Said::Ends {
            m.kind = MessageKind::End;
        }
        match kind {
            _ if then == Then::ComeAgain => {}
            b'E' => fail(&mut m, body, hide, out),
            b'C' | b'Z' if said != Said::Begins => m.affected_rows = self.rows,
            _ => {}
        }
        m
    }

    /// Goes on to the next unit, if this one is over with the message.
    #[inline]
    pub(super) fn settle(&mut self, kind: u8, then: Then) {
        // What a simple query says behind an error is not its answer any more.
        let lingers = self.waiting.front() == Some(&Unit::Simple) && kind != b'Z';
        if then == Then::ComeAgain || self.ended && !lingers {
            self.waiting.pop_front();
            self.over();
        }
    }
}

fn fail<'a>(message: &mut Message<'a>, body: &'a [u8], hide: bool, out: &'a mut Vec<u8>) {
    let (state, text) = error::fields(body);
    let text = if hide { error::without_values(state, text) } else { text };
    message.status = error::status(state);
    // Two thirds of the SQLSTATEs are numbers.
    message.response_code = std::str::from_utf8(state).ok().and_then(|s| s.parse().ok());
    out.extend_from_slice(state);
    out.extend_from_slice(b": ");
    out.extend_from_slice(text);
    message.exception = out;
}

/// A message of LISTEN: process, channel, payload.
fn notification<'a>(body: &'a [u8], hide: bool, out: &'a mut Vec<u8>) -> Message<'a> {
    let mut rest = super::command::Body(body.get(4..).unwrap_or(b""));
    let (channel, payload) = (rest.text(), rest.text());
    out.extend_from_slice(channel);
    if !payload.is_empty() {
        out.push(b' ');
        out.extend_from_slice(if hide { b"?" } else { payload });
    }
    Message {
        kind: MessageKind::Single,
        status: ResponseStatus::Ok,
        request_type: b"NotificationResponse",
        request_resource: out,
        endpoint: channel,
        ..Message::default()
    }
}

/// Rows that a CommandComplete says were changed (`INSERT 0 5`, `UPDATE 3`).
fn changed(body: &[u8]) -> Option<u64> {
    let tag = super::command::Body(body).text();
    let mut words = tag.split(|b| *b == b' ');
    let changes = matches!(words.next()?, b"INSERT" | b"UPDATE" | b"DELETE" | b"MERGE" | b"COPY");
    let last = words.next_back()?;
    changes.then(|| std::str::from_utf8(last).ok()?.parse().ok()).flatten()
}
