//! Every bound of the store process, with its reason.
//!
//! The store process sits between the insert path and the disk, and between
//! people's queries and the same disk: whatever it holds per request is named here.

use std::time::Duration;

/// Longest statement text. ClickHouse's own parser stops at 256 KiB
/// (`max_query_size`); the rest is room for comments and for generated DDL.
pub const STATEMENT_BYTES: usize = 1 << 20;

/// Response bytes held back before the status line is sent, so that a query
/// that fails early answers with an error status. ClickHouse holds as much.
pub const HELD_RESPONSE_BYTES: usize = 1 << 20;

/// The same when the client asks for `wait_end_of_query=1`.
pub const WAIT_END_BYTES: usize = 64 << 20;

/// Request body frames between the socket and the engine thread. A frame is at
/// most hyper's read buffer (about 400 KiB): eight keep the engine busy.
pub const REQUEST_FRAMES: usize = 8;

/// Result chunks between the engine thread and the socket. A chunk is one block
/// of the engine (65 k rows, up to some MB), so few.
pub const RESPONSE_CHUNKS: usize = 2;

/// One compressed block may not unpack to more than this: the length is the
/// sender's claim. ClickHouse writers use 1 MiB blocks.
pub const COMPRESSED_BLOCK_BYTES: usize = 64 << 20;

/// Raw bytes per compressed block that we write, as ClickHouse does.
pub const COMPRESS_CHUNK_BYTES: usize = 1 << 20;

/// Body left unread after an error is read and dropped up to this size, so that
/// a client which is still sending gets to read the answer.
pub const DRAIN_BYTES: usize = 64 << 20;

/// Statements of the read-write user that run at once: one insert per server
/// shard and the server's own queries. Each may hold a thread and a connection.
pub const WRITER_STATEMENTS: usize = 16;

/// Statements of the read-only user that run at once.
pub const READER_STATEMENTS: usize = 8;

/// How long a statement waits for one of those places before code 202.
pub const PLACE_WAIT: Duration = Duration::from_secs(2);

/// Open sockets per listener.
pub const CONNECTIONS: usize = 256;

/// A client that neither sends nor reads for this long loses its statement.
pub const CLIENT_STALL: Duration = Duration::from_secs(120);

/// Pause between the text of a late exception and the break of the connection: time
/// for the text to leave. A client that reads slower sees the break alone.
pub const BREAK_PAUSE: Duration = Duration::from_millis(200);

/// Time to send the request head.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// Sessions kept at once; the longest idle one makes room.
pub const SESSIONS: usize = 64;

/// Idle time of a session when the client names none, and the longest it may name.
pub const SESSION_TIMEOUT: Duration = Duration::from_secs(60);
/// See [`SESSION_TIMEOUT`].
pub const SESSION_TIMEOUT_MAX: Duration = Duration::from_secs(3600);

/// Parameters and settings of one request.
pub const PARAMETERS: usize = 256;

/// Longest query of the read-only user.
pub const READER_SECONDS: u64 = 60;

/// Rows one query of the read-only user may return.
pub const READER_ROWS: u64 = 10_000_000;

/// Threads of one query of the read-only user.
pub const READER_THREADS: u64 = 8;

/// Share of the engine's memory that one read-only query may use: 1/n.
pub const READER_MEMORY_SHARE: u64 = 2;

/// Share of the engine's memory for one query whose whole result is held in
/// memory before it is sent (see [`crate::formats::Delivery::Whole`]): 1/n.
pub const WHOLE_RESULT_MEMORY_SHARE: u64 = 4;

/// Running statements get this long to end after the parent asked to stop.
pub const STOP_GRACE: Duration = Duration::from_secs(5);

/// The engine gets this long to close its tables before the process just ends:
/// ending hard loses nothing that was acknowledged.
pub const CLOSE_GRACE: Duration = Duration::from_secs(20);

/// How often due dictionaries are looked for. The embedded engine does not
/// refresh them by itself.
pub const DICTIONARY_TICK: Duration = Duration::from_secs(5);

/// Standard error lines of the child that the supervisor keeps for its report.
pub const STDERR_LINES: usize = 20;

/// Longest of those lines.
pub const STDERR_LINE_BYTES: usize = 4096;

/// First and longest pause before the child is started again.
pub const RESTART_FIRST: Duration = Duration::from_millis(100);
/// See [`RESTART_FIRST`].
pub const RESTART_LONGEST: Duration = Duration::from_secs(5);

/// Pause before the child is started again when its engine or its address is gone, after it had
/// them: until somebody brings them back, but not at once.
pub const RESTART_SLOW: Duration = Duration::from_secs(30);

/// A child that lived this long resets the pause.
pub const RESTART_RESET: Duration = Duration::from_secs(60);

/// Time for the child to load the engine and open the data. Attaching many
/// parts from a cold disk takes long; a hang must still end.
pub const START_TIMEOUT: Duration = Duration::from_secs(180);

/// Smallest memory the engine starts with: it needs about 200 MB idle.
pub const MEMORY_MIN_BYTES: u64 = 512 << 20;
