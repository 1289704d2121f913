//! Segments to in-order bytes, bytes to messages: reassembly of each TCP direction, detection of
//! the protocol, and the loop that feeds the parser.
//!
//! In the common case a segment is next in line and nothing is carried over: the parser reads it
//! where the ring has it and nothing is copied. Copies are made of segments that wait for a hole
//! to fill and of the unfinished tail of a message, both bounded per flow and per shard. A hole
//! that will not fill any more (the peer has acknowledged it, or a bound is reached) is skipped:
//! the parser is told how many bytes are missing and finds its place again.

use crate::flow::perf::before;
use crate::flow::slab::{NONE, Slab};
use crate::limits;
use fathom_parsers::message::{Direction, L7Protocol, Message, Parser, Probe, Scratch, Step};
use fathom_parsers::registry::{self, AnyParser, Enabled, Options};

/// A TCP segment as the stream stage needs it.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Sequence number of the first payload byte.
    pub seq: u32,
    /// Acknowledgement number, when ACK is set.
    pub ack: Option<u32>,
    /// SYN is set: `seq` is one before the first payload byte.
    pub syn: bool,
    /// FIN is set.
    pub fin: bool,
    /// Captured payload.
    pub payload: &'a [u8],
    /// Payload length on the wire.
    pub len: u32,
    /// Capture time.
    pub at_ns: u64,
}

/// Where and when a message began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    /// Time of the packet with its first byte.
    pub at_ns: u64,
    /// TCP sequence number of that packet; 0 for datagrams.
    pub seq: u32,
    /// Bytes of the message's head.
    pub bytes: u32,
}

/// What the next stage does with what parsers find.
pub trait Sink {
    /// A message.
    fn message(&mut self, protocol: L7Protocol, dir: Direction, message: &Message<'_>, at: Origin);
    /// The protocol is known now.
    fn detected(&mut self, protocol: L7Protocol);
    /// The protocol shows that client and server are the other way round.
    fn reversed(&mut self);
    /// Bytes that should have been a message could not be read.
    fn unreadable(&mut self, dir: Direction);
    /// Some request waits for its answer.
    fn waiting(&self) -> bool;
}

/// What the stage counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct StreamStats {
    /// Segments that waited for earlier ones.
    pub reordered: u64,
    /// Holes skipped.
    pub gaps: u64,
    /// Bytes in them.
    pub gap_bytes: u64,
    /// Flows whose protocol was found.
    pub detected: u64,
    /// Flows given up as unknown.
    pub unknown: u64,
    /// Messages that could not be read.
    pub parse_failed: u64,
    /// Bytes dropped because a bound was reached.
    pub over_limit_bytes: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    seq: u32,
    fin: bool,
    at_ns: u64,
    len: u32,
    bytes: Vec<u8>,
}

#[derive(Debug, Default)]
struct Side {
    next: u32,
    acked: u32,
    started: bool,
    acked_set: bool,
    /// The parser has to find its place again in this direction.
    adrift: bool,
    finished: bool,
    carry: Vec<u8>,
    carry_origin: Origin,
    waiting: Vec<Waiting>,
    hole_packets: u32,
}

/// Application state of one flow.
#[derive(Debug, Default)]
pub struct L7Flow {
    parser: Option<AnyParser>,
    protocol: L7Protocol,
    side: [Side; 2],
    /// Side that sent payload last, to probe at turns only.
    speaker: Option<u8>,
    probes: u8,
    failures: u8,
    messages: u32,
    held: usize,
}

/// What is to become of a flow's application state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Keep,
    /// Nothing to find here: free the state.
    GiveUp,
}

/// The stream stage of one shard.
#[derive(Debug)]
pub struct Streams {
    flows: Slab<L7Flow>,
    scratch: Scratch,
    options: Options,
    enabled: Enabled,
    held: usize,
    /// What was counted.
    pub stats: StreamStats,
}

impl Streams {
    /// A stage that looks for the `enabled` protocols.
    pub fn new(options: Options, enabled: Enabled) -> Self {
        Self {
            flows: Slab::default(),
            scratch: Scratch::default(),
            options,
            enabled,
            held: 0,
            stats: StreamStats::default(),
        }
    }

    /// Flows with application state.
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// No flow has application state.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }

    /// Bytes held for reordering and carry-over.
    pub fn held_bytes(&self) -> usize {
        self.held
    }

    /// State for a new flow.
    pub fn open(&mut self) -> u32 {
        self.flows.reuse()
    }

    /// Frees the state of a flow. Small buffers stay with the slot.
    pub fn close(&mut self, id: u32) {
        let flow = &mut self.flows[id];
        self.held -= flow.held;
        for side in &mut flow.side {
            side.carry.clear();
            if side.carry.capacity() > limits::PROBE_BYTES {
                side.carry = Vec::new();
            }
            side.waiting = Vec::new();
            *side = Side { carry: std::mem::take(&mut side.carry), ..Side::default() };
        }
        let side = std::mem::take(&mut flow.side);
        *flow = L7Flow { side, ..L7Flow::default() };
        self.flows.remove(id);
    }

    /// A datagram of flow `id` from the client (`ToServer`) or the server.
    pub fn datagram<S: Sink>(
        &mut self,
        id: u32,
        dir: Direction,
        bytes: &[u8],
        at_ns: u64,
        sink: &mut S,
    ) -> Verdict {
        let mut dir = dir;
        let flow = &mut self.flows[id];
        if flow.parser.is_none() {
            match registry::probe(bytes, true, Some(dir), self.enabled) {
                Probe::Certain(protocol, seen) => {
                    if seen != dir {
                        sink.reversed();
                        dir = seen;
                    }
                    flow.adopt(protocol, &self.options, true, &mut self.stats, sink);
                }
                Probe::Unsure | Probe::NotForUs => {
                    flow.probes += 1;
                    if flow.probes < limits::PROBE_ATTEMPTS {
                        return Verdict::Keep;
                    }
                    self.stats.unknown += 1;
                    return Verdict::GiveUp;
                }
            }
        }
        let Some(parser) = flow.parser.as_mut() else { return Verdict::Keep };
        let origin = Origin { at_ns, seq: 0, bytes: 0 };
        let ran = feed(parser, dir, bytes, &mut self.scratch, |used, m| {
            sink.message(flow.protocol, dir, m, Origin { bytes: used as u32, ..origin });
        });
        match ran.stop {
            Stop::Empty => {
                flow.failures = 0;
                Verdict::Keep
            }
            Stop::More | Stop::Lost | Stop::Switched => {
                self.stats.parse_failed += 1;
                sink.unreadable(dir);
                flow.failures += 1;
                if flow.failures < limits::PROBE_ATTEMPTS { Verdict::Keep } else { Verdict::GiveUp }
            }
        }
    }

    /// A TCP segment of flow `id` sent by `side`; `client` is the side that is the client.
    pub fn segment<S: Sink>(
        &mut self,
        id: u32,
        side: usize,
        client: usize,
        segment: &Segment<'_>,
        sink: &mut S,
    ) -> Verdict {
        let mut run = Run {
            flow: &mut self.flows[id],
            client,
            scratch: &mut self.scratch,
            options: &self.options,
            enabled: self.enabled,
            held: &mut self.held,
            stats: &mut self.stats,
            sink,
            verdict: Verdict::Keep,
        };
        run.segment(side, segment);
        run.verdict
    }

    /// The flow ends: bytes that wait for a hole are given up for lost and what only the end of
    /// the stream delimits is complete.
    pub fn finish<S: Sink>(&mut self, id: u32, client: usize, sink: &mut S) {
        let mut run = Run {
            flow: &mut self.flows[id],
            client,
            scratch: &mut self.scratch,
            options: &self.options,
            enabled: self.enabled,
            held: &mut self.held,
            stats: &mut self.stats,
            sink,
            verdict: Verdict::Keep,
        };
        for side in [client, 1 - client] {
            while !run.flow.side[side].waiting.is_empty() {
                run.skip_hole(side);
            }
            run.end_of_side(side);
        }
    }
}

enum Stop {
    Empty,
    More,
    Lost,
    Switched,
}

struct Fed {
    used: usize,
    stop: Stop,
}

/// Feeds `bytes` to `parser` until they are used up or it stops.
fn feed(
    parser: &mut AnyParser,
    dir: Direction,
    bytes: &[u8],
    scratch: &mut Scratch,
    mut message: impl FnMut(usize, &Message<'_>),
) -> Fed {
    let mut used = 0;
    while used < bytes.len() {
        match parser.step(dir, &bytes[used..], scratch) {
            Step::Message { used: n, message: m } => {
                message(n, &m);
                used += n;
            }
            Step::Skip { used: n } => {
                debug_assert!(n > 0, "a parser that skips makes progress");
                used += n.max(1);
            }
            Step::More => return Fed { used, stop: Stop::More },
            Step::Lost => return Fed { used, stop: Stop::Lost },
            Step::Switched => return Fed { used, stop: Stop::Switched },
        }
    }
    Fed { used: used.min(bytes.len()), stop: Stop::Empty }
}

impl L7Flow {
    fn adopt<S: Sink>(
        &mut self,
        protocol: L7Protocol,
        options: &Options,
        datagram: bool,
        stats: &mut StreamStats,
        sink: &mut S,
    ) {
        self.parser = AnyParser::new(protocol, datagram, options);
        self.protocol = protocol;
        self.failures = 0;
        self.messages = 0;
        stats.detected += 1;
        sink.detected(protocol);
    }
}

/// One call's view of a flow: the flow, the shard's shared space, and where messages go.
struct Run<'r, S> {
    flow: &'r mut L7Flow,
    client: usize,
    scratch: &'r mut Scratch,
    options: &'r Options,
    enabled: Enabled,
    held: &'r mut usize,
    stats: &'r mut StreamStats,
    sink: &'r mut S,
    verdict: Verdict,
}

impl<S: Sink> Run<'_, S> {
    fn dir(&self, side: usize) -> Direction {
        if side == self.client { Direction::ToServer } else { Direction::ToClient }
    }

    #[inline]
    fn segment(&mut self, side: usize, seg: &Segment<'_>) {
        if let Some(ack) = seg.ack {
            let peer = &mut self.flow.side[1 - side];
            peer.acked = ack;
            peer.acked_set = true;
        }
        let s = &mut self.flow.side[side];
        let mut seq = seg.seq;
        if seg.syn {
            seq = seq.wrapping_add(1);
            if !s.started {
                s.started = true;
                s.next = seq;
            }
        }
        if seg.len == 0 && !seg.fin {
            return self.look_at_hole(1 - side);
        }
        if !s.started {
            s.started = true;
            s.next = seq;
        }
        if seq == s.next && s.waiting.is_empty() {
            self.in_order(side, seq, seg.payload, seg.len, seg.fin, seg.at_ns);
        } else {
            self.out_of_line(side, seq, seg);
        }
    }

    /// The next bytes in line, `len` on the wire, of which `payload` was captured.
    fn in_order(&mut self, side: usize, seq: u32, payload: &[u8], len: u32, fin: bool, at_ns: u64) {
        self.flow.side[side].next = seq.wrapping_add(len);
        if !payload.is_empty() {
            self.deliver(side, payload, Origin { at_ns, seq, bytes: 0 });
        }
        let missing = len - payload.len().min(len as usize) as u32;
        if missing > 0 {
            self.gap(side, u64::from(missing));
        }
        if fin {
            self.end_of_side(side);
        }
    }

    #[cold]
    fn out_of_line(&mut self, side: usize, seq: u32, seg: &Segment<'_>) {
        /// A jump wider than any window: another connection on the same ports.
        const JUMP: u32 = 1 << 26;
        let s = &mut self.flow.side[side];
        let ahead = seq.wrapping_sub(s.next);
        if ahead > JUMP && ahead < JUMP.wrapping_neg() {
            self.drop_waiting(side);
            self.gap(side, u64::MAX);
            self.flow.side[side].finished = false;
            return self.in_order(side, seq, seg.payload, seg.len, seg.fin, seg.at_ns);
        }
        if !before(s.next, seq) {
            // Bytes already delivered, perhaps with new ones behind them.
            let again = s.next.wrapping_sub(seq);
            if again < seg.len {
                let skip = (again as usize).min(seg.payload.len());
                let next = s.next;
                self.in_order(
                    side,
                    next,
                    &seg.payload[skip..],
                    seg.len - again,
                    seg.fin,
                    seg.at_ns,
                );
            } else if seg.fin && again == seg.len {
                self.end_of_side(side);
            }
            return self.drain_waiting(side);
        }
        self.stats.reordered += 1;
        if s.waiting.iter().any(|w| w.seq == seq && w.len >= seg.len) {
            return self.look_at_hole(side);
        }
        let bytes = seg.payload.len();
        while self.flow.held + bytes > limits::REORDER_PER_FLOW
            || *self.held + bytes > limits::STREAM_BYTES_PER_SHARD
            || self.flow.side[side].waiting.len() >= limits::REORDER_SEGMENTS
        {
            if self.flow.side[side].waiting.is_empty() {
                // Not even this one fits: what is missing before it is lost.
                self.stats.over_limit_bytes += bytes as u64;
                let hole = u64::from(seq.wrapping_sub(self.flow.side[side].next));
                self.gap(side, hole);
                return self.in_order(side, seq, seg.payload, seg.len, seg.fin, seg.at_ns);
            }
            self.skip_hole(side);
            if !before(self.flow.side[side].next, seq) {
                return self.out_of_line(side, seq, seg);
            }
        }
        self.hold(bytes);
        let s = &mut self.flow.side[side];
        let at = s.waiting.partition_point(|w| before(w.seq, seq));
        s.waiting.insert(
            at,
            Waiting {
                seq,
                fin: seg.fin,
                at_ns: seg.at_ns,
                len: seg.len,
                bytes: seg.payload.to_vec(),
            },
        );
        self.look_at_hole(side);
    }

    /// Gives a hole up once the peer has acknowledged what was in it and enough packets passed.
    fn look_at_hole(&mut self, side: usize) {
        let s = &mut self.flow.side[side];
        if s.waiting.is_empty() {
            return;
        }
        s.hole_packets += 1;
        let acked = s.acked_set && before(s.next, s.acked);
        if acked && s.hole_packets > limits::HOLE_PATIENCE_PACKETS {
            self.skip_hole(side);
        }
    }

    fn skip_hole(&mut self, side: usize) {
        let s = &mut self.flow.side[side];
        s.hole_packets = 0;
        let Some(first) = s.waiting.first() else { return };
        if before(s.next, first.seq) {
            let hole = first.seq.wrapping_sub(s.next);
            s.next = first.seq;
            self.gap(side, u64::from(hole));
        }
        self.drain_waiting(side);
    }

    fn drain_waiting(&mut self, side: usize) {
        loop {
            let s = &mut self.flow.side[side];
            let Some(first) = s.waiting.first() else { return };
            if before(s.next, first.seq) {
                return;
            }
            s.hole_packets = 0;
            let w = s.waiting.remove(0);
            let next = s.next;
            self.unhold(w.bytes.len());
            let again = next.wrapping_sub(w.seq);
            if again < w.len || (again == w.len && w.fin) {
                let skip = (again as usize).min(w.bytes.len());
                self.in_order(side, next, &w.bytes[skip..], w.len - again, w.fin, w.at_ns);
            }
        }
    }

    fn drop_waiting(&mut self, side: usize) {
        let waiting = std::mem::take(&mut self.flow.side[side].waiting);
        self.unhold(waiting.iter().map(|w| w.bytes.len()).sum());
    }

    fn hold(&mut self, bytes: usize) {
        self.flow.held += bytes;
        *self.held += bytes;
    }

    fn unhold(&mut self, bytes: usize) {
        self.flow.held -= bytes;
        *self.held -= bytes;
    }

    fn gap(&mut self, side: usize, len: u64) {
        self.stats.gaps += 1;
        if len != u64::MAX {
            self.stats.gap_bytes += len;
        }
        self.cut_short(side);
        let dir = self.dir(side);
        if let Some(parser) = self.flow.parser.as_mut() {
            self.flow.side[side].adrift = !parser.gap(dir, len);
        }
    }

    /// The message that is carried over will never be whole: what it says so far is all.
    fn cut_short(&mut self, side: usize) {
        let carry = std::mem::take(&mut self.flow.side[side].carry);
        if !carry.is_empty() {
            self.unhold(carry.len());
            let dir = self.dir(side);
            let flow = &mut *self.flow;
            if let Some(parser) = flow.parser.as_mut()
                && let Some(m) = parser.truncated(dir, &carry, self.scratch)
            {
                flow.messages += 1;
                let at = Origin { bytes: carry.len() as u32, ..flow.side[side].carry_origin };
                self.sink.message(flow.protocol, dir, &m, at);
            }
            self.flow.side[side].adrift = true;
        }
        self.flow.side[side].carry = carry;
        self.flow.side[side].carry.clear();
    }

    fn clear_carry(&mut self, side: usize) {
        let n = self.flow.side[side].carry.len();
        self.flow.side[side].carry.clear();
        self.unhold(n);
    }

    fn end_of_side(&mut self, side: usize) {
        if std::mem::replace(&mut self.flow.side[side].finished, true) {
            return;
        }
        self.cut_short(side);
        let dir = self.dir(side);
        let Some(parser) = self.flow.parser.as_mut() else { return };
        if let Some(m) = parser.finish(dir) {
            self.sink.message(self.flow.protocol, dir, &m, Origin::default());
        }
    }

    fn deliver(&mut self, side: usize, bytes: &[u8], origin: Origin) {
        if self.flow.parser.is_none() && !self.detect(side, bytes, origin) {
            return;
        }
        if side != self.client
            && !self.flow.side[self.client].carry.is_empty()
            && !self.sink.waiting()
        {
            // The server answers a request of which a part was not captured.
            self.cut_short(self.client);
        }
        if self.flow.side[side].carry.is_empty() {
            let used = self.parse(side, bytes, origin, 0, origin);
            if let Some(used) = used
                && used < bytes.len()
            {
                self.keep(side, &bytes[used..], origin);
            }
            return;
        }
        // An unfinished message waits: join it with what came, in the flow's own buffer.
        let mut joined = std::mem::take(&mut self.flow.side[side].carry);
        let first = self.flow.side[side].carry_origin;
        let old = joined.len();
        self.unhold(old);
        joined.extend_from_slice(bytes);
        let used = self.parse(side, &joined, first, old, origin);
        match used {
            Some(used) if used < joined.len() => {
                let origin = if used >= old { origin } else { first };
                joined.drain(..used);
                let fits = self.fits(joined.len());
                if fits {
                    self.hold(joined.len());
                    let s = &mut self.flow.side[side];
                    s.carry = joined;
                    s.carry_origin = origin;
                } else {
                    self.over_limit(side, joined.len());
                }
            }
            _ => {
                joined.clear();
                self.flow.side[side].carry = joined;
            }
        }
    }

    fn fits(&self, more: usize) -> bool {
        self.flow.held + more <= limits::CARRY_PER_FLOW
            && *self.held + more <= limits::STREAM_BYTES_PER_SHARD
    }

    fn keep(&mut self, side: usize, bytes: &[u8], origin: Origin) {
        if !self.fits(bytes.len()) {
            return self.over_limit(side, bytes.len());
        }
        self.hold(bytes.len());
        let s = &mut self.flow.side[side];
        s.carry.extend_from_slice(bytes);
        s.carry_origin = origin;
    }

    #[cold]
    fn over_limit(&mut self, side: usize, bytes: usize) {
        self.stats.over_limit_bytes += bytes as u64;
        self.unreadable(side);
        self.gap(side, bytes as u64);
    }

    fn unreadable(&mut self, side: usize) {
        self.stats.parse_failed += 1;
        let dir = self.dir(side);
        self.sink.unreadable(dir);
    }

    /// Feeds `bytes`, of which the first `old` began with `first` and the rest came with
    /// `origin`. Returns how many were used; `None` when the rest is not to be kept.
    fn parse(
        &mut self,
        side: usize,
        bytes: &[u8],
        first: Origin,
        old: usize,
        origin: Origin,
    ) -> Option<usize> {
        let dir = self.dir(side);
        let mut used = 0;
        if self.flow.side[side].adrift {
            used = self.flow.parser.as_mut()?.resync(dir, bytes)?;
            self.flow.side[side].adrift = false;
        }
        loop {
            let flow = &mut *self.flow;
            let parser = flow.parser.as_mut()?;
            let (sink, messages, protocol) = (&mut *self.sink, &mut flow.messages, flow.protocol);
            let mut at = used;
            let fed = feed(parser, dir, &bytes[used..], self.scratch, |n, m| {
                *messages += 1;
                let from = if at < old { first } else { origin };
                at += n;
                sink.message(protocol, dir, m, Origin { bytes: n as u32, ..from });
            });
            used += fed.used;
            match fed.stop {
                Stop::Empty | Stop::More => {
                    if fed.used > 0 {
                        self.flow.failures = 0;
                    }
                    return Some(used);
                }
                Stop::Switched => {
                    flow.parser = None;
                    flow.probes = 0;
                    flow.speaker = None;
                    return None;
                }
                Stop::Lost => used += self.find_place(side, &bytes[used..])?,
            }
        }
    }

    /// The parser refused the front of `rest`: where behind it can it go on, if anywhere?
    #[cold]
    fn find_place(&mut self, side: usize, rest: &[u8]) -> Option<usize> {
        self.unreadable(side);
        self.flow.failures += 1;
        if self.flow.failures >= limits::PROBE_ATTEMPTS {
            self.flow.parser = None;
            self.verdict = Verdict::GiveUp;
            return None;
        }
        let dir = self.dir(side);
        let parser = self.flow.parser.as_mut()?;
        let place = rest.get(1..).and_then(|r| parser.resync(dir, r));
        self.flow.side[side].adrift = place.is_none();
        place.map(|p| p + 1)
    }

    /// Tries to name the protocol; true when a parser is in place.
    fn detect(&mut self, side: usize, bytes: &[u8], origin: Origin) -> bool {
        let turn = self.flow.speaker != Some(side as u8);
        self.flow.speaker = Some(side as u8);
        let waiting = !self.flow.side[side].carry.is_empty();
        if !turn && !waiting {
            return false;
        }
        let hint = self.dir(side);
        let probe = if waiting {
            let mut carry = std::mem::take(&mut self.flow.side[side].carry);
            let old = carry.len();
            carry.extend_from_slice(&bytes[..bytes.len().min(limits::PROBE_BYTES)]);
            let probe = registry::probe(&carry, false, Some(hint), self.enabled);
            carry.truncate(old);
            self.flow.side[side].carry = carry;
            probe
        } else {
            registry::probe(bytes, false, Some(hint), self.enabled)
        };
        match probe {
            Probe::Certain(protocol, dir) => {
                if dir != hint {
                    self.sink.reversed();
                    self.client = 1 - self.client;
                }
                self.flow.adopt(protocol, self.options, false, self.stats, self.sink);
                true
            }
            Probe::Unsure
                if self.flow.side[side].carry.len() + bytes.len() <= limits::PROBE_BYTES =>
            {
                self.keep_for_probe(side, bytes, origin);
                false
            }
            Probe::Unsure | Probe::NotForUs => {
                self.clear_carry(side);
                self.flow.probes += 1;
                if self.flow.probes >= limits::PROBE_ATTEMPTS {
                    self.stats.unknown += 1;
                    self.verdict = Verdict::GiveUp;
                }
                false
            }
        }
    }

    fn keep_for_probe(&mut self, side: usize, bytes: &[u8], origin: Origin) {
        let first = self.flow.side[side].carry.is_empty();
        let earlier = self.flow.side[side].carry_origin;
        self.keep(side, bytes, origin);
        if !first {
            self.flow.side[side].carry_origin = earlier;
        }
    }
}

/// No application state.
pub const NO_STATE: u32 = NONE;
