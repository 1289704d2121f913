//! What one shard's transport counted, readable from other threads. One writer each.
//!
//! For every table: rows sealed = rows delivered + rows lost + rows held.

use fathom_shard::counter::Counter;

use super::losses::{Losses, Reason, TABLE_SLOTS, slot};

/// One number per table.
#[derive(Debug, Default)]
pub struct PerTable([Counter; TABLE_SLOTS]);

impl PerTable {
    /// The number of table `id`.
    pub fn of(&self, id: u16) -> &Counter {
        &self.0[slot(id)]
    }

    /// Over all tables.
    pub fn total(&self) -> u64 {
        self.0.iter().map(Counter::get).sum()
    }
}

/// All counters of one transport.
#[derive(Debug, Default)]
pub struct Counters {
    /// Rows put into frames (or lost trying), by table.
    pub rows_sealed: PerTable,
    /// Rows the server made durable, by table.
    pub rows_delivered: PerTable,
    /// Rows given up, by reason and table.
    pub rows_lost: [PerTable; Reason::ALL.len()],
    /// Rows waiting (gauge).
    pub rows_held: Counter,
    /// Bytes of the backlog (gauge).
    pub backlog_bytes: Counter,
    /// Column bytes sealed, before compression.
    pub raw_bytes: Counter,
    /// Frames written, those written again included.
    pub frames_sent: Counter,
    /// Their bytes.
    pub bytes_sent: Counter,
    /// Frames the server refused.
    pub refused: Counter,
    /// Connections made.
    pub connects: Counter,
    /// Connections that ended or could not be made.
    pub disconnects: Counter,
    /// 1 while connected.
    pub connected: Counter,
    /// Time a write had to wait for the server, microseconds.
    pub back_pressure_us: Counter,
    /// Bytes whose write had to wait.
    pub back_pressure_bytes: Counter,
}

impl Counters {
    pub(super) fn publish_losses(&self, losses: &Losses) {
        for reason in Reason::ALL {
            for table in 0..TABLE_SLOTS as u16 {
                self.rows_lost[reason as usize].of(table).set(losses.get(table, reason));
            }
        }
    }

    /// All rows given up.
    pub fn lost_total(&self) -> u64 {
        self.rows_lost.iter().map(PerTable::total).sum()
    }
}
