//! What every application parser yields, and the one interface all of them have.
//!
//! A parser is a state machine fed with the in-order bytes of both directions. It never copies:
//! a [`Message`] borrows from the bytes given or from [`Scratch`]. The caller keeps whatever a
//! parser did not use and presents it again, longer, the next time (at most 64 KiB, both
//! directions together), so a parser sees a message head split at any byte as one slice in the
//! end. Bodies are skipped by count, never kept.

/// Which way bytes travel, seen from the parsed protocol: who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Direction {
    /// Client to server.
    ToServer = 0,
    /// Server to client.
    ToClient = 1,
}

impl Direction {
    /// The other way.
    pub const fn reverse(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }
}

/// Application protocols with the ids stored in `l7_protocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum L7Protocol {
    /// Nothing recognised (yet).
    #[default]
    Unknown = 0,
    /// HTTP/1.0 and 1.1.
    Http = 20,
    /// DNS over UDP or TCP, mDNS, LLMNR.
    Dns = 120,
}

/// What a message is in its exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Opens an exchange.
    Request,
    /// Answers one.
    Response,
    /// Complete by itself: no answer is expected.
    Single,
    /// An interim or repeated answer (HTTP 1xx): updates nothing, closes nothing.
    Interim,
    /// The end of a message whose length was not known at its head: carries the `length` only.
    End,
}

/// Outcome of an exchange, with the ids stored in `response_status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum ResponseStatus {
    /// Succeeded.
    Ok = 0,
    /// No answer in time.
    Timeout = 2,
    /// The server failed.
    ServerError = 3,
    /// The client was at fault.
    ClientError = 4,
    /// The bytes do not say.
    #[default]
    Unknown = 5,
    /// An answer came and could not be read.
    ParseFailed = 6,
}

/// Which two messages belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// First request, first response (HTTP/1 pipelining, Redis, ...).
    InOrder,
    /// The same id (DNS, Kafka, ...).
    ById(u64),
}

/// Trace context found in a message. Empty slices mean absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceContext<'a> {
    /// Trace id of the best header by the configured priority.
    pub trace_id: &'a [u8],
    /// Second trace id, when another header carried a different one.
    pub trace_id_2: &'a [u8],
    /// Span id of the caller's span.
    pub span_id: &'a [u8],
    /// X-Request-ID.
    pub x_request_id: &'a [u8],
}

/// One message. Text is bytes as they stood on the wire; the record stage makes it UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Role in the exchange.
    pub kind: MessageKind,
    /// How it finds its partner.
    pub pairing: Pairing,
    /// Protocol version text, for instance `1.1`.
    pub version: &'a [u8],
    /// Method, command, query type.
    pub request_type: &'a [u8],
    /// Host, authority, queried domain.
    pub request_domain: &'a [u8],
    /// Path with query, statement, key.
    pub request_resource: &'a [u8],
    /// What requests are grouped by.
    pub endpoint: &'a [u8],
    /// The id to store in `request_id`.
    pub request_id: Option<u64>,
    /// Outcome (responses).
    pub status: ResponseStatus,
    /// Status code (responses).
    pub response_code: Option<i32>,
    /// Error text (responses).
    pub exception: &'a [u8],
    /// Result text (responses).
    pub result: &'a [u8],
    /// Body length in bytes where known: at the head by declaration, or in `End` by count.
    pub length: Option<u64>,
    /// An `End` for this message follows, because its length is not known yet.
    pub end_follows: bool,
    /// Trace headers.
    pub trace: TraceContext<'a>,
    /// X-Forwarded-For and the like.
    pub client_ip: &'a [u8],
    /// Name and value pairs worth keeping (User-Agent, Referer, ...).
    pub attributes: [(&'static str, &'a [u8]); 4],
}

impl Default for Message<'_> {
    fn default() -> Self {
        Self {
            kind: MessageKind::Request,
            pairing: Pairing::InOrder,
            version: b"",
            request_type: b"",
            request_domain: b"",
            request_resource: b"",
            endpoint: b"",
            request_id: None,
            status: ResponseStatus::Unknown,
            response_code: None,
            exception: b"",
            result: b"",
            length: None,
            end_follows: false,
            trace: TraceContext::default(),
            client_ip: b"",
            attributes: [("", b""); 4],
        }
    }
}

/// The outcome of one [`Parser::step`].
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a box would allocate per message")]
pub enum Step<'a> {
    /// `used` bytes are done with (0 is allowed when the message needed none); the message
    /// borrows.
    Message {
        /// Bytes consumed from the front.
        used: usize,
        /// What they said.
        message: Message<'a>,
    },
    /// `used` bytes (at least 1) carry nothing to report: part of a body, padding.
    Skip {
        /// Bytes consumed from the front.
        used: usize,
    },
    /// The bytes end inside a unit: keep them all and come again with more.
    More,
    /// These bytes are not this protocol, or its framing is lost. The parser has reset itself in
    /// that direction; the caller offers these and later bytes to [`Parser::resync`] and drops
    /// them until it finds a place. (Bytes that were just refused should be offered from their
    /// second byte on; a refused datagram is simply dropped.)
    Lost,
    /// The connection now speaks something else (CONNECT, Upgrade): stop parsing this flow, or
    /// detect anew.
    Switched,
}

/// Reusable space for text that does not stand contiguously on the wire (DNS names).
#[derive(Debug, Default)]
pub struct Scratch {
    /// Cleared by the parser at the start of each step.
    pub bytes: Vec<u8>,
}

/// The one interface of every application parser.
///
/// Contract: any split of the same bytes gives the same messages; no panic on any input; no
/// allocation beyond [`Scratch`]; work per call linear in the bytes given.
pub trait Parser {
    /// Looks at the front of `bytes`, which are in order and without a gap since the last call.
    /// For datagram protocols one call sees exactly one datagram.
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a>;

    /// `bytes`, carried over in `dir` because [`Step::More`] was answered, will never be
    /// completed: a gap follows, the capture cut the packet, the answer is already there, or the
    /// stream ended. Returns the message as far as the bytes say, `None` when they say nothing
    /// that could stand in a row. The caller drops `bytes`; the parser has forgotten its place
    /// in that direction, as after a [`Parser::gap`] that answered `false`.
    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let _ = (bytes, scratch);
        self.gap(dir, 1);
        None
    }

    /// `len` bytes of `dir` were lost (`u64::MAX`: nobody knows how many, the place is lost), and with them whatever
    /// was carried over. Answers whether
    /// the parser still knows its place: inside a counted body that the gap does not leave it
    /// simply goes on (`true`); otherwise (`false`) the next `step` in that direction is
    /// [`Step::Lost`] and the caller looks for a new start with [`Parser::resync`].
    fn gap(&mut self, dir: Direction, len: u64) -> bool;

    /// After a loss: the offset in `bytes` at which a message of this protocol plausibly
    /// begins, if any. `step` may then be called from there, and must be called next.
    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize>;

    /// The direction `dir` ended (FIN, RST, idle): a message that only the end of the stream
    /// delimits is complete. Returns its `End` message, if one was open.
    fn finish(&mut self, dir: Direction) -> Option<Message<'static>>;
}

/// What detection says of the first bytes of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It is this protocol, and these bytes travel this way.
    Certain(L7Protocol, Direction),
    /// Too few bytes to tell; ask again with more.
    Unsure,
    /// None of the enabled protocols.
    NotForUs,
}
