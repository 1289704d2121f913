//! Every bound of the agent's data path, with the reason for its value.

/// Flows of one shard when the configuration does not say: about 450 B each, 800 B with application
/// state, so 256 Ki flows take 110 to 200 MiB.
pub const FLOWS_PER_SHARD_DEFAULT: usize = 256 * 1024;

/// Bytes carried over for one flow between calls of its parser, both directions together.
/// Larger than any message head a server accepts (nginx: 32 KiB, Apache: 8 KiB per line).
pub const CARRY_PER_FLOW: usize = 64 * 1024;

/// Buffers of emptied carry-over above this are given back.
pub const CARRY_KEPT: usize = 1024;

/// Out-of-order bytes held for one flow, both directions together: a receive window of a
/// lossy long-distance connection; beyond it the hole is skipped.
pub const REORDER_PER_FLOW: usize = 64 * 1024;

/// Out-of-order segments held for one direction: each costs a list entry to walk.
pub const REORDER_SEGMENTS: usize = 64;

/// Carried-over and out-of-order bytes of one shard: with none left, streams skip ahead.
pub const STREAM_BYTES_PER_SHARD: usize = 32 * 1024 * 1024;

/// Later packets of a flow after which a hole that the peer has acknowledged is given up:
/// reordering in a network is rarely wider.
pub const HOLE_PATIENCE_PACKETS: u32 = 16;

/// Payload packets of a flow that detection looks at before it calls the flow unknown.
pub const PROBE_ATTEMPTS: u8 = 6;

/// Flows in a row to one endpoint that spoke nothing known, after which later flows to it are
/// looked at [`PROBE_ATTEMPTS_UNKNOWN`] times only.
pub const UNKNOWN_FLOWS: u8 = 8;

/// Payload packets that detection looks at in a flow to such an endpoint: one of each side. A
/// protocol that can be told shows by then.
pub const PROBE_ATTEMPTS_UNKNOWN: u8 = 2;

/// Messages that the end of one direction can make known: more than any protocol has open.
pub const ENDS: usize = 1024;

/// Bytes of a flow that detection keeps while it is unsure.
pub const PROBE_BYTES: usize = 8 * 1024;

/// Requests waiting for their answers in one shard.
pub const PENDING_PER_SHARD: usize = 128 * 1024;

/// Requests waiting for their answers in one flow: deeper pipelines than any client's default;
/// the oldest is reported without an answer when it is reached.
pub const PENDING_PER_FLOW: u32 = 4096;

/// The same where answers are found by id: each answer walks the list.
pub const PENDING_BY_ID: u32 = 512;

/// Bytes of text that waiting requests of one shard keep: some 500 bytes each on average.
pub const PENDING_TEXT_BYTES: usize = 64 * 1024 * 1024;

/// Text buffers of finished requests above this are given back.
pub const PENDING_TEXT_KEPT: usize = 1024;

/// Bytes kept of one text (path, statement, answer text) in a row.
pub const TEXT_BYTES: usize = 4096;

/// Fragmented datagrams being joined in one shard.
pub const FRAGMENTED_DATAGRAMS: usize = 1024;

/// Bytes held by those datagrams together.
pub const FRAGMENT_BYTES: usize = 4 * 1024 * 1024;

/// Pieces of one fragmented datagram: 64 KiB in pieces of the smallest packet that networks have
/// to carry (576 bytes) are about 120.
pub const FRAGMENTS_PER_DATAGRAM: usize = 128;

/// How long fragments wait for the rest (RFC 1122 3.3.2 says 60 to 120 s at a host; an observer
/// needs less, since what is late for it is lost for the host too).
pub const FRAGMENT_WAIT_NS: u64 = 15_000_000_000;

/// Endpoints whose role (client or server) is remembered in one shard.
pub const SERVICE_ENTRIES: usize = 64 * 1024;

/// Rows made after each batch of 64 frames of what a second's or minute's end is owed: more than
/// traffic makes rows, so that they are done within the second, and about as much work as the batch.
pub const ROWS_AT_A_TIME: usize = 64;

/// They are made all at once this long after the end, however little comes in.
pub const ROWS_LATEST_NS: u64 = 500_000_000;

/// Distinct keys of one second in one shard, in each of four tables: pairs of ends and single ends,
/// of network metrics and of application metrics. Further ones fold into keys without addresses
/// and without server port (network) or endpoint (application), of which there are few. Counted
/// in `fathom_agent_metric_keys_folded_total`.
pub const METRIC_KEYS: usize = 128 * 1024;

/// Names of endpoints that metrics of one shard tell apart within a second. Requests of further
/// ones are counted without, and in `fathom_agent_metric_keys_folded_total`.
pub const ENDPOINTS: usize = 64 * 1024;

/// Bytes of an endpoint that metrics tell apart; request rows keep more.
pub const ENDPOINT_BYTES: usize = 256;

/// Rows of a block after which it is sealed: a quarter of what the wire allows.
pub const BLOCK_ROWS: usize = 16 * 1024;

/// Bytes of a block after which it is sealed: large enough that a frame's header is nothing,
/// small enough that one frame is sent within a millisecond.
pub const BLOCK_BYTES: usize = 1024 * 1024;

/// Unanswered requests are reported after this long.
pub const SESSION_TIMEOUT_NS: u64 = 120_000_000_000;

/// The same for DNS and for handshakes of encrypted connections, whose clients give up much
/// earlier.
pub const SESSION_TIMEOUT_SHORT_NS: u64 = 15_000_000_000;

/// A clock that is this far behind the latest time seen has been set back, or a file's records
/// are out of order beyond repair.
pub const CLOCK_BACK_NS: u64 = 60_000_000_000;

/// Packets in a row from that far behind after which their time is believed. One stray record of
/// a broken file must not make every flow be looked at.
pub const CLOCK_BACK_PACKETS: u32 = 256;

/// Interfaces captured at a time, over all network namespaces: a node full of pods, with room.
/// Memory for their rings is bounded apart, by `limits.memory`.
pub const INTERFACES: usize = 1024;

/// Numbers that interfaces can have, those of interfaces that went lately included: forty new ones
/// each second. Flow keys have 16 bits for them, and each shard keeps some bytes per number.
pub const INTERFACE_NUMBERS: usize = 16 * 1024;

/// How long a number rests after its interface went: longer than a flow without packets stays in
/// any table (300 s) and a request waits (120 s).
pub const INTERFACE_REST_NS: u64 = 450_000_000_000;

/// Interfaces that went whose counters keep their name; older ones are summed up under one.
pub const CLOSED_NAMES: usize = 256;

/// Memory of all packet rings when the configuration does not say: enough for two interfaces to
/// ride out half a second at a million small packets per second.
pub const RINGS_DEFAULT: usize = 256 << 20;

/// Largest ring that one interface gets on one core by itself: what that half second takes.
pub const RING_SHARE_MAX: usize = 64 << 20;

/// The same of a queue of a port whose packets are taken by AF_XDP: every frame has 2 KiB there, so
/// this holds a third of the frames.
pub const PORT_SHARE_MAX: usize = 128 << 20;

/// Packets in one parcel from shard to shard: what is decoded in a tenth of a millisecond.
pub const HANDOFF_PACKETS: usize = 256;

/// Payload bytes after which a parcel is sent; one may end longer, by one datagram.
pub const HANDOFF_BYTES: usize = 128 * 1024;

/// Parcels between two shards, one way: some milliseconds during which the receiver does something
/// else, at half a million packets per second.
pub const HANDOFF_PARCELS: usize = 8;

/// Words between the capture thread and a shard that wait: a change of every interface.
pub const CAPTURE_QUEUE: usize = 2 * INTERFACES;

/// A flow with packets within this time is busy: when the table is full, it is not given up as long as
/// another has been silent for [`EVICT_IDLE_NS`].
pub const EVICT_BUSY_NS: u64 = 1_000_000_000;

/// A flow that was silent for this long is given up before busy ones, however long it may live: most
/// of what waits that long has come to an end unseen.
pub const EVICT_IDLE_NS: u64 = 30_000_000_000;
