//! What every application parser yields, and the one interface all of them have.
//!
//! A parser is a state machine fed with the in-order bytes of both directions. It never copies:
//! a [`Message`] borrows from the bytes given or from [`Scratch`]. The caller keeps whatever a
//! parser did not use and presents it again, longer, the next time (at most 64 KiB, both
//! directions together), so a parser sees a message head split at any byte as one slice in the
//! end. Bodies are skipped by count, never kept.

pub use crate::protocol::L7Protocol;
pub use crate::tls::Fingerprints;

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

/// What brings a flow's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Carrier {
    /// TCP: one stream for each direction.
    Tcp = 0,
    /// UDP: datagrams.
    Udp = 1,
    /// ICMP or ICMPv6: messages, their header included.
    Icmp = 2,
}

impl Carrier {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Icmp];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Each call of a parser sees exactly one message of the carrier.
    pub const fn is_datagram(self) -> bool {
        !matches!(self, Self::Tcp)
    }
}

/// What a message is in its exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Opens an exchange. Either side may: what the server asks of the client is a request in
    /// [`Direction::ToClient`].
    Request,
    /// Answers one.
    Response,
    /// Complete by itself: no answer is expected. Its `status`, when known, is the row's.
    Single,
    /// An interim or repeated answer (HTTP 1xx): updates nothing, closes nothing.
    Interim,
    /// The end of a message that said `end_follows`. Carries what was not known at its head: the
    /// `length`, and for answers whatever else is set (status, code, exception, result, facts).
    /// With [`Pairing::ById`] it ends the message of that id in its direction.
    End,
    /// Adds its facts to the exchange of its id that is not over, and changes nothing else.
    Note,
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

/// Which two messages belong together. A protocol uses one of the two for all its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// First request, first response (HTTP/1 pipelining, Redis, ...).
    InOrder,
    /// The same id (DNS, Kafka, streams of HTTP/2, ...). Where both sides number their requests
    /// by themselves, the parser makes the ids differ.
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

/// A column or attribute that few messages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Attribute of this name.
    Attribute(&'static str),
    /// `parent_span_id`.
    ParentSpanId,
    /// `app_service`.
    AppService,
    /// `app_instance`.
    AppInstance,
    /// `biz_code`.
    BizCode,
    /// `biz_scenario`.
    BizScenario,
    /// `biz_response_code`.
    BizResponseCode,
    /// `version`, where the answer knows it better than the request.
    Version,
}

/// The metric of a TLS handshake: microseconds from the first hello until both sides encrypt.
pub const TLS_RTT: &str = "tls_rtt";

/// Facts of one exchange at most: more than any protocol has; hostile peers get no more.
pub const MAX_FACTS: usize = 24;
/// Bytes kept of the text of one fact.
pub const MAX_FACT: usize = 1024;

/// What few messages have: attributes beyond the four of [`Message`], rare columns, numbers.
/// Texts are copied, since most of them are made from what was on the wire.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    text: Vec<u8>,
    /// Which fact, and where its text ends.
    texts: Vec<(Fact, u32)>,
    metric_names: Vec<&'static str>,
    metric_values: Vec<f64>,
    /// `biz_type`; 0 for none.
    pub biz_type: u8,
    /// In an `End`: the metric that the microseconds since the request are stored as.
    pub elapsed: Option<&'static str>,
    deadlines: Vec<(&'static str, i64)>,
}

impl Facts {
    /// Adds a text; nothing happens when it is empty or there are too many.
    pub fn push(&mut self, fact: Fact, text: &[u8]) {
        if text.is_empty() || self.texts.len() >= MAX_FACTS {
            return;
        }
        self.text.extend_from_slice(&text[..text.len().min(MAX_FACT)]);
        self.texts.push((fact, self.text.len() as u32));
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, name: &'static str, text: &[u8]) {
        self.push(Fact::Attribute(name), text);
    }

    /// Adds a number.
    pub fn metric(&mut self, name: &'static str, value: f64) {
        if self.metric_names.len() < MAX_FACTS {
            self.metric_names.push(name);
            self.metric_values.push(value);
        }
    }

    /// In a `Note`: the metric that the whole days until `seconds` (since 1970) are stored as.
    pub fn days_until(&mut self, name: &'static str, seconds: i64) {
        if self.deadlines.len() < MAX_FACTS {
            self.deadlines.push((name, seconds));
        }
    }

    /// What [`Facts::days_until`] was told.
    pub fn deadlines(&self) -> &[(&'static str, i64)] {
        &self.deadlines
    }

    /// The texts, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (Fact, &[u8])> {
        let mut from = 0;
        self.texts.iter().map(move |&(fact, end)| {
            let text = &self.text[from..end as usize];
            from = end as usize;
            (fact, text)
        })
    }

    /// Names of the numbers, and the numbers.
    pub fn metrics(&self) -> (&[&'static str], &[f64]) {
        (&self.metric_names, &self.metric_values)
    }

    /// Adds everything that `other` holds.
    pub fn extend(&mut self, other: &Self) {
        for (fact, text) in other.iter() {
            self.push(fact, text);
        }
        for (name, value) in other.metric_names.iter().zip(&other.metric_values) {
            self.metric(name, *value);
        }
        if other.biz_type != 0 {
            self.biz_type = other.biz_type;
        }
    }

    /// Forgets everything, and memory beyond what is usual.
    pub fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(4 * MAX_FACT);
        self.texts.clear();
        self.metric_names.clear();
        self.metric_values.clear();
        self.biz_type = 0;
        self.elapsed = None;
        self.deadlines.clear();
    }

    /// Bytes of text held.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Nothing is held.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.metric_names.is_empty() && self.biz_type == 0
    }
}

/// One message. Text is bytes as they stood on the wire; the record stage makes it UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Role in the exchange.
    pub kind: MessageKind,
    /// What it speaks, when that is not what the parser is for (gRPC in HTTP/2); else `Unknown`.
    pub protocol: L7Protocol,
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
    /// Body length of the other side's part ([`MessageKind::Single`] that tells of both).
    pub response_length: Option<u64>,
    /// An `End` for this message follows, because its length is not known yet.
    pub end_follows: bool,
    /// Trace headers.
    pub trace: TraceContext<'a>,
    /// X-Forwarded-For and the like.
    pub client_ip: &'a [u8],
    /// Name and value pairs worth keeping (User-Agent, Referer, ...). Those of a response are
    /// kept when its request was not seen; what is to stand in every row is a fact.
    pub attributes: [(&'static str, &'a [u8]); 4],
    /// The sender does not wait for the answer, or none will come.
    pub is_async: bool,
    /// Rows a statement changed (responses).
    pub affected_rows: Option<u64>,
    /// What few messages have.
    pub facts: Option<&'a Facts>,
}

impl Default for Message<'_> {
    #[inline]
    fn default() -> Self {
        Self {
            kind: MessageKind::Request,
            protocol: L7Protocol::Unknown,
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
            response_length: None,
            end_follows: false,
            trace: TraceContext::default(),
            client_ip: b"",
            attributes: [("", b""); 4],
            is_async: false,
            affected_rows: None,
            facts: None,
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
    /// From these bytes on the connection speaks this (after Upgrade or STARTTLS); `Unknown`
    /// (after CONNECT): detect anew.
    Switched(L7Protocol),
    /// Nothing more is to be found in this flow (it is encrypted from here on): parsing ends.
    Done,
}

/// Bytes that a stage keeps for a parser that answers [`Step::More`], both directions together.
pub const MAX_CARRY: usize = 64 * 1024;

/// Reusable space for what a parser makes of the bytes. Each step begins by clearing what it uses.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Text that does not stand contiguously on the wire (DNS names), ids that were decoded.
    pub bytes: Vec<u8>,
    /// Input that had to be decoded or joined before it could be read (header fields of HTTP/2),
    /// for messages that borrow from it while `bytes` is written to.
    pub decoded: Vec<u8>,
    /// More text, made while messages borrow from `bytes` already.
    pub more: Vec<u8>,
    /// What [`Message::facts`] refers to.
    pub facts: Facts,
    /// Fingerprints of what said hello lately.
    pub fingerprints: Fingerprints,
}

/// The one interface of every application parser.
///
/// Contract: any split of the same bytes gives the same messages; no panic on any input; no
/// allocation beyond [`Scratch`]; work per call linear in the bytes given.
pub trait Parser {
    /// Looks at the front of `bytes`, never empty, which are in order and without a gap since the last call.
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

    /// Both sides speak whenever they like: what the server says while a request is not whole yet
    /// is no sign that the rest of the request was lost.
    fn is_duplex(&self) -> bool {
        false
    }

    /// The direction `dir` ended (FIN, RST, idle): a message that only the end of the stream
    /// delimits is complete. Returns its `End` message, if one was open, or what else the end
    /// makes known; called again until it answers `None`.
    fn finish<'a>(&mut self, dir: Direction, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        let _ = (dir, scratch);
        None
    }
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
