//! Rows an agent gave up, by table and reason. Nothing is dropped without passing through here.

/// Why rows were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The backlog was full: the server is away or too slow.
    Overflow,
    /// The agent stopped before the server acknowledged them.
    Shutdown,
    /// A block could not be sealed within the limits of the wire.
    TooLarge,
    /// The server refused the frame, and would refuse it again.
    Refused,
}

impl Reason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Overflow, Self::Shutdown, Self::TooLarge, Self::Refused];

    /// Label in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overflow => "backlog_full",
            Self::Shutdown => "unacknowledged_at_stop",
            Self::TooLarge => "block_too_large",
            Self::Refused => "refused",
        }
    }
}

/// Counted rows. Table ids above the last slot share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    rows: [[u64; Reason::ALL.len()]; TABLE_SLOTS],
}

/// Table ids are small numbers given out in order; 32 is several times what exists.
pub const TABLE_SLOTS: usize = 32;

/// The slot of a table id.
pub const fn slot(table: u16) -> usize {
    let t = table as usize;
    if t < TABLE_SLOTS { t } else { TABLE_SLOTS - 1 }
}

impl Losses {
    /// Adds `rows` of `table`.
    pub fn count(&mut self, table: u16, reason: Reason, rows: u64) {
        self.rows[slot(table)][reason as usize] += rows;
    }

    /// Rows of `table` given up for `reason`.
    pub fn get(&self, table: u16, reason: Reason) -> u64 {
        self.rows[slot(table)][reason as usize]
    }

    /// All rows of `table` given up.
    pub fn of_table(&self, table: u16) -> u64 {
        self.rows[slot(table)].iter().sum()
    }

    /// All rows given up.
    pub fn total(&self) -> u64 {
        self.rows.iter().flatten().sum()
    }
}
