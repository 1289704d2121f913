//! What the path from the socket to the store counted. Shared by all shards of a server and read
//! by `/metrics`, the status page and `fathom_system.server`.
//!
//! At any quiet moment the rows received and the rows found in the spool at start are the rows
//! stored, the rows lost and the rows in the spool. A batch that was inserted by a former run and
//! is found again counts as stored again; the store keeps one of each.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that only grows, or a gauge.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds `n`.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// Takes `n` away (gauges).
    pub fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Relaxed);
    }

    /// The present value.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Table ids are small numbers given out in order; the last slot takes all higher ones.
pub const TABLE_SLOTS: usize = 32;

/// One number per table.
#[derive(Debug, Default)]
pub struct PerTable([Count; TABLE_SLOTS]);

impl PerTable {
    /// The number of table `id`.
    pub fn of(&self, id: u16) -> &Count {
        &self.0[usize::from(id).min(TABLE_SLOTS - 1)]
    }

    /// Over all tables.
    pub fn total(&self) -> u64 {
        self.0.iter().map(Count::get).sum()
    }

    /// Those that are not zero, with their table's metric label.
    fn each(&self, mut f: impl FnMut(&str, u64)) {
        for (id, c) in self.0.iter().enumerate() {
            let n = c.get();
            match fathom_schema::table(id as u16) {
                Some(t) => f(&format!("{}.{}", t.database, t.name), n),
                None if n > 0 => f("unknown", n),
                None => {}
            }
        }
    }
}

/// Why a frame was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The header is not one: wrong magic, unknown version or kind, lengths over the limits.
    Header,
    /// The checksum does not fit.
    Checksum,
    /// Not allowed at this point: a block before Hello, another stream's frame, an Ack.
    Protocol,
    /// A sequence number that leaves a gap.
    Gap,
    /// More streams or connections than the limits allow.
    TooMany,
}

impl Refusal {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Header, Self::Checksum, Self::Protocol, Self::Gap, Self::TooMany];

    /// Label in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Checksum => "checksum",
            Self::Protocol => "protocol",
            Self::Gap => "gap",
            Self::TooMany => "too_many",
        }
    }
}

/// Why accepted rows will never be in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossReason {
    /// The store refused them for good; they are in the quarantine folder.
    Quarantined,
    /// The table is not known to this server: the agent is newer.
    UnknownTable,
    /// The table's columns are of a version this server does not know.
    UnknownSchema,
    /// Their spool file was damaged on disk.
    SpoolDamaged,
    /// Their spool file was removed by somebody else.
    SpoolMissing,
}

impl LossReason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Quarantined,
        Self::UnknownTable,
        Self::UnknownSchema,
        Self::SpoolDamaged,
        Self::SpoolMissing,
    ];

    /// Label in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::UnknownTable => "unknown_table",
            Self::UnknownSchema => "unknown_schema",
            Self::SpoolDamaged => "spool_damaged",
            Self::SpoolMissing => "spool_missing",
        }
    }
}

/// Is told a metric's name, its labels and its value.
pub type Visit<'a> = dyn FnMut(&str, &[(&str, &str)], u64) + 'a;

/// All counters.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections accepted.
    pub connections: Count,
    /// Connections open now (gauge).
    pub connections_open: Count,
    /// Connections closed because a newer one of the same stream came.
    pub superseded: Count,
    /// Connections closed because nothing came.
    pub idle_closed: Count,
    /// Frames accepted.
    pub frames: Count,
    /// Frames that came again.
    pub duplicates: Count,
    /// Rows in them, by table.
    pub duplicate_rows: PerTable,
    /// Holes that agents closed because they had to drop frames.
    pub holes: Count,
    /// Frames refused.
    pub refused: [Count; Refusal::ALL.len()],
    /// Bytes read from agents.
    pub bytes: Count,
    /// Bytes in frames that are being received (gauge).
    pub receive_bytes: Count,
    /// Rows accepted, by table.
    pub rows_received: PerTable,
    /// Rows stored, by table.
    pub rows_stored: PerTable,
    /// Rows lost, by reason and table.
    pub rows_lost: [PerTable; LossReason::ALL.len()],
    /// Spool files written.
    pub spool_files: Count,
    /// Spool files found at start and used.
    pub spool_recovered: Count,
    /// Rows that a former run had acknowledged, found at start.
    pub spool_recovered_rows: Count,
    /// Spool files found at start whose ends are cut or damaged. Without acknowledged rows they are
    /// removed, else they are in the quarantine folder.
    pub spool_torn: Count,
    /// Bytes in spool files now (gauge).
    pub spool_bytes: Count,
    /// Rows in spool files or on their way there (gauge).
    pub spool_rows: Count,
    /// Failed attempts to write a spool file.
    pub spool_errors: Count,
    /// Inserts done.
    pub inserts: Count,
    /// Inserts tried again.
    pub insert_retries: Count,
    /// Time in inserts, microseconds.
    pub insert_us: Count,
    /// Time connections were not read because the spool was full, microseconds.
    pub back_pressure_us: Count,
}

impl Counters {
    /// Counts a refused frame.
    pub fn refuse(&self, why: Refusal) {
        self.refused[why as usize].add(1);
    }

    /// Counts rows that will never be stored.
    pub fn lose(&self, table: u16, why: LossReason, rows: u64) {
        self.rows_lost[why as usize].of(table).add(rows);
    }

    /// All rows lost.
    pub fn lost_total(&self) -> u64 {
        self.rows_lost.iter().map(PerTable::total).sum()
    }

    /// Every number as (metric name, labels, value), in a fixed order.
    pub fn each(&self, f: &mut Visit<'_>) {
        let single: [(&str, &Count); 21] = [
            ("fathom_server_connections_total", &self.connections),
            ("fathom_server_connections", &self.connections_open),
            ("fathom_server_connections_superseded_total", &self.superseded),
            ("fathom_server_connections_idle_closed_total", &self.idle_closed),
            ("fathom_server_frames_received_total", &self.frames),
            ("fathom_server_frames_duplicate_total", &self.duplicates),
            ("fathom_server_frames_hole_total", &self.holes),
            ("fathom_server_bytes_received_total", &self.bytes),
            ("fathom_server_receive_buffer_bytes", &self.receive_bytes),
            ("fathom_server_spool_files_total", &self.spool_files),
            ("fathom_server_spool_files_recovered_total", &self.spool_recovered),
            ("fathom_server_spool_rows_recovered_total", &self.spool_recovered_rows),
            ("fathom_server_spool_files_torn_total", &self.spool_torn),
            ("fathom_server_spool_bytes", &self.spool_bytes),
            ("fathom_server_spool_rows", &self.spool_rows),
            ("fathom_server_spool_errors_total", &self.spool_errors),
            ("fathom_server_inserts_total", &self.inserts),
            ("fathom_server_insert_retries_total", &self.insert_retries),
            ("fathom_server_insert_microseconds_total", &self.insert_us),
            ("fathom_server_back_pressure_microseconds_total", &self.back_pressure_us),
            ("fathom_server_rows_lost_all_total", &Count(AtomicU64::new(self.lost_total()))),
        ];
        for (name, c) in single {
            f(name, &[], c.get());
        }
        for why in Refusal::ALL {
            let n = self.refused[why as usize].get();
            f("fathom_server_frames_refused_total", &[("reason", why.name())], n);
        }
        let tables = [
            ("fathom_server_rows_received_total", &self.rows_received),
            ("fathom_server_rows_duplicate_total", &self.duplicate_rows),
            ("fathom_server_rows_stored_total", &self.rows_stored),
        ];
        for (name, per_table) in tables {
            per_table.each(|t, n| f(name, &[("table", t)], n));
        }
        for why in LossReason::ALL {
            self.rows_lost[why as usize].each(|t, n| {
                f("fathom_server_rows_lost_total", &[("table", t), ("reason", why.name())], n);
            });
        }
    }
}
