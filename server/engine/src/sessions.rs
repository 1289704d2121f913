//! Sessions: connections that live from one request to the next.
//!
//! `session_id` keeps temporary tables, SET and USE. The number of sessions and
//! their idle time are bounded; a session runs one statement at a time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::engine::Connection;
use crate::error::{Exception, code};
use crate::limits;
use crate::parameters::Session;

enum Slot {
    Busy,
    Idle { connection: Connection, until: Instant },
}

/// All sessions of the process.
#[derive(Default)]
pub(crate) struct Sessions {
    slots: Mutex<HashMap<String, Slot>>,
}

impl Sessions {
    fn slots(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        // The map is whole whenever the lock is released, by a panic as well.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session's connection, or a fresh one from `open`.
    ///
    /// # Errors
    /// 373 if the session runs a statement, 372 if it had to exist and does not,
    /// 202 if every place is taken by a running statement.
    pub(crate) fn take(
        &self,
        session: &Session,
        open: impl FnOnce() -> Result<Connection, Exception>,
    ) -> Result<Connection, Exception> {
        let mut slots = self.slots();
        drop_expired(&mut slots);
        match slots.insert(session.id.clone(), Slot::Busy) {
            Some(Slot::Idle { connection, .. }) => return Ok(connection),
            Some(Slot::Busy) => {
                return Err(Exception::new(
                    code::SESSION_IS_LOCKED,
                    "Session is locked by a concurrent client",
                ));
            }
            None => {}
        }
        let result = if session.check {
            Err(Exception::new(code::SESSION_NOT_FOUND, "Session not found"))
        } else {
            make_room(&mut slots, &session.id).and_then(|()| open())
        };
        if result.is_err() {
            slots.remove(&session.id);
        }
        result
    }

    /// Gives the connection back; without one the session ends.
    pub(crate) fn put(&self, session: &Session, connection: Option<Connection>) {
        let mut slots = self.slots();
        match connection {
            Some(connection) => {
                let until = Instant::now() + session.timeout;
                slots.insert(session.id.clone(), Slot::Idle { connection, until });
            }
            None => {
                slots.remove(&session.id);
            }
        }
    }

    /// Closes what has been idle for too long.
    pub(crate) fn expire(&self) {
        drop_expired(&mut self.slots());
    }

    /// Closes all idle sessions.
    pub(crate) fn clear(&self) {
        self.slots().retain(|_, slot| matches!(slot, Slot::Busy));
    }
}

fn drop_expired(slots: &mut HashMap<String, Slot>) {
    let now = Instant::now();
    slots.retain(|_, slot| !matches!(slot, Slot::Idle { until, .. } if *until <= now));
}

/// Over the limit, the session that would expire first goes.
fn make_room(slots: &mut HashMap<String, Slot>, keep: &str) -> Result<(), Exception> {
    if slots.len() <= limits::SESSIONS {
        return Ok(());
    }
    let first = slots
        .iter()
        .filter(|(id, _)| *id != keep)
        .filter_map(|(id, slot)| match slot {
            Slot::Idle { until, .. } => Some((*until, id.clone())),
            Slot::Busy => None,
        })
        .min();
    match first {
        Some((_, id)) => {
            slots.remove(&id);
            Ok(())
        }
        None => Err(Exception::new(
            code::TOO_MANY_SIMULTANEOUS_QUERIES,
            format!("All {} sessions are busy", limits::SESSIONS),
        )),
    }
}
