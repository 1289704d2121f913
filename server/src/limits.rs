//! Every bound of the path from the socket to the store, with the reason for its value.
//!
//! Limits of one frame (body, raw length, rows) are part of the wire and live in
//! `fathom_schema::wire`.

use std::time::Duration;

use fathom_schema::wire::{HEADER_LEN, MAX_BODY_LEN};

use crate::spool::format::{END_LEN, MARK_LEN};

/// A cycle ends after this long: the longest an accepted frame waits for its acknowledgement.
/// Half the agents' sealing interval keeps at most one block per table and agent waiting.
pub const CYCLE_MAX: Duration = Duration::from_millis(500);

/// A cycle is written as soon as the shard comes to it when the frames in it would unpack to so
/// many bytes of columns, or are a quarter as long themselves: a crash can make agents send them
/// again, and they are in memory until they are on disk. Also the most bytes of columns in one
/// insert (a single frame may have as many, `wire::MAX_RAW_LEN`): three inserts of a file are
/// under way together, each with its frames' columns joined and once more as the store's block.
pub const CYCLE_RAW_BYTES: u64 = 64 << 20;
/// See [`CYCLE_RAW_BYTES`].
pub const CYCLE_FRAME_BYTES: u64 = CYCLE_RAW_BYTES / 4;

/// A cycle ends at this many rows. Also the most rows of one insert: the engine's cost per row is
/// flat from about 100 k rows on, its memory is not.
pub const CYCLE_ROWS: u64 = 200_000;

/// No frame is taken while so many bytes of frames wait to be written: one cycle that is full, and
/// as much again that comes while it is being written.
pub const PENDING_FRAME_BYTES: u64 = 2 * CYCLE_FRAME_BYTES;

/// The same for what they unpack to. Packed columns may be a thousand times smaller.
pub const PENDING_RAW_BYTES: u64 = 2 * CYCLE_RAW_BYTES;

/// Longest spool file: what may wait with the frame that came last, a mark of every stream, and
/// both ends.
pub const SPOOL_FILE_BYTES: u64 = PENDING_FRAME_BYTES
    + (HEADER_LEN + MAX_BODY_LEN as usize + STREAMS * MARK_LEN + 2 * END_LEN) as u64;

/// Default bound of all spool files together: an hour at a thousand agents' usual rate, a few
/// percent of an ordinary disk.
pub const SPOOL_BYTES: u64 = 4 << 30;

/// Bound of quarantined files together; the oldest goes first. They are evidence for an operator,
/// their rows are counted as lost already.
pub const QUARANTINE_BYTES: u64 = 256 << 20;

/// Spool images kept in memory between being written and being inserted, per shard. Beyond this
/// they are read back from the file, which the page cache usually still holds.
pub const RESIDENT_IMAGES_BYTES: u64 = 48 << 20;

/// A table's block builder keeps its memory up to this size, for the next block: half of what one
/// insert may hold, since a busy cycle is of several tables. What a larger block took is given
/// back.
pub const BUILDER_KEEP_BYTES: usize = 32 << 20;

/// A builder keeps the memory into which it unpacks one frame up to this size: several times what
/// an agent's usual block unpacks to.
pub const SCRATCH_KEEP_BYTES: usize = 8 << 20;

/// Connections per shard; one agent has one per core of its host.
pub const CONNECTIONS_PER_SHARD: usize = 20_000;

/// Bodies of frames that a shard's connections are receiving, together: sixteen of the largest or
/// hundreds of usual ones, and what a crowd of peers that never finish their frames can cost.
/// Hellos are small and not in it.
pub const RECEIVE_BYTES: u64 = 256 << 20;

/// Bytes first asked for of a frame's body: what a lying header can cost.
pub const READ_STEP: usize = 64 << 10;

/// Body of a Hello: a host name, versions, little else.
pub const HELLO_BODY: usize = 4 << 10;

/// Streams whose watermark is remembered; 96 bytes of memory and 48 of disk each.
pub const STREAMS: usize = 200_000;

/// A stream not seen for this long is forgotten. An agent away longer than this holds nothing it
/// sent before (its backlog is minutes long), so nothing can come twice.
pub const STREAM_FORGET: Duration = Duration::from_hours(7 * 24);

/// A stream without a connection that was not seen for this long is forgotten earlier when a later
/// run of the same agent shard came since, or when the table is full. Longer than an agent waits
/// between attempts to connect, and than a backlog lasts.
pub const STREAM_SPARE: Duration = Duration::from_mins(15);

/// How often the whole table of streams is looked through while new ones come.
pub const STREAM_SWEEP: Duration = Duration::from_mins(5);

/// A shard's watermark log is rewritten when it is this long: 350 k records.
pub const WATERMARK_LOG_BYTES: u64 = 16 << 20;

/// A connection must say Hello within this.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that brings nothing (agents say Hello again every 5 s) for this long is dead.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// An acknowledgement is repeated this often when nothing new is durable, so that the agent can
/// tell a quiet server from a dead one.
pub const ACK_HEARTBEAT: Duration = Duration::from_secs(3);

/// Writing an acknowledgement to a peer that does not read may take this long.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a connection looks again whether the spool has room.
pub const BACK_PRESSURE_POLL: Duration = Duration::from_millis(20);

/// First and longest wait before an insert is tried again.
pub const RETRY_MIN: Duration = Duration::from_millis(100);
/// See [`RETRY_MIN`].
pub const RETRY_MAX: Duration = Duration::from_secs(5);

/// How often the store must call a batch bad before it is believed, and over how long a time: a
/// schema that is being migrated, or a store that is ending, can make good data look bad.
pub const PERMANENT_FAILURES: u32 = 3;
/// See [`PERMANENT_FAILURES`].
pub const PERMANENT_AFTER: Duration = Duration::from_mins(1);

/// Frames of one batch that seem too large for the store, though it answers, are waited for so long
/// altogether: memory that others used may be free again by then.
pub const TOO_LARGE_AFTER: Duration = Duration::from_mins(10);

/// So long after the store took some frames of a table and refused others it is believed at once
/// about that table: rare enough that a store in trouble is noticed again, often enough that an
/// agent whose frames are all bad costs seconds, not minutes, of each minute.
pub const BAD_DATA_REMEMBERED: Duration = Duration::from_mins(10);

/// A spool file that the disk does not give is put aside after this long, for what is behind it.
pub const UNREADABLE_AFTER: Duration = Duration::from_mins(1);
