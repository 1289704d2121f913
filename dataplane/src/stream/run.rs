//! One direction's segments put in order, and the loop that feeds the parser.

use super::{L7Flow, Origin, Segment, Sink, StreamStats, Verdict, Waiting};
use crate::flow::perf::before;
use crate::limits;
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Message, Parser, Scratch, Step};
use fathom_parsers::registry::{AnyParser, Enabled, Options, PortHints};

/// What a waiting segment costs besides its bytes.
const WAITING_COST: usize = size_of::<Waiting>();

pub(super) enum Stop {
    Empty,
    More,
    Lost,
    Switched(L7Protocol),
    Done,
}

pub(super) struct Fed {
    pub(super) used: usize,
    pub(super) stop: Stop,
}

/// Feeds `bytes` to `parser` until they are used up or it stops. `message` is given each message,
/// where in `bytes` it began, and its length.
pub(super) fn feed(
    parser: &mut AnyParser,
    dir: Direction,
    bytes: &[u8],
    scratch: &mut Scratch,
    mut message: impl FnMut(usize, usize, &Message<'_>),
) -> Fed {
    let mut used = 0;
    while used < bytes.len() {
        match parser.step(dir, &bytes[used..], scratch) {
            Step::Message { used: n, message: m } => {
                message(used, n, &m);
                used += n;
            }
            Step::Skip { used: n } => {
                debug_assert!(n > 0, "a parser that skips makes progress");
                used += n.max(1);
            }
            Step::More => return Fed { used, stop: Stop::More },
            Step::Lost => return Fed { used, stop: Stop::Lost },
            Step::Switched(to) => return Fed { used, stop: Stop::Switched(to) },
            Step::Done => return Fed { used, stop: Stop::Done },
        }
    }
    Fed { used: used.min(bytes.len()), stop: Stop::Empty }
}

/// One call's view of a flow: the flow, the shard's shared space, and where messages go.
pub(super) struct Run<'r, S> {
    pub(super) flow: &'r mut L7Flow,
    pub(super) client: usize,
    pub(super) scratch: &'r mut Scratch,
    pub(super) options: &'r Options,
    pub(super) enabled: Enabled,
    pub(super) ports: &'r PortHints,
    pub(super) held: &'r mut usize,
    pub(super) stats: &'r mut StreamStats,
    pub(super) sink: &'r mut S,
    pub(super) verdict: Verdict,
}

impl<S: Sink> Run<'_, S> {
    pub(super) fn dir(&self, side: usize) -> Direction {
        if side == self.client { Direction::ToServer } else { Direction::ToClient }
    }

    #[inline]
    pub(super) fn segment(&mut self, side: usize, seg: &Segment<'_>) {
        if let Some(ack) = seg.ack {
            let peer = &mut self.flow.side[1 - side];
            peer.acked = ack;
            peer.acked_set = true;
        }
        let s = &mut self.flow.side[side];
        s.last_ns = seg.at_ns;
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
        self.believe_answer(side, seg);
        let s = &mut self.flow.side[side];
        if !s.started {
            s.started = true;
            s.next = seq;
        }
        if seq == s.next && s.waiting.is_empty() {
            let at = self.origin(side, seq, seg.at_ns);
            self.in_order(side, seg.payload, seg.len, seg.fin, at);
        } else {
            self.out_of_line(side, seq, seg);
        }
    }

    /// Where bytes of `side` begin that have come just now.
    fn origin(&self, side: usize, seq: u32, at_ns: u64) -> Origin {
        Origin { at_ns, seq, ack: self.flow.side[1 - side].acked, bytes: 0 }
    }

    /// The next bytes in line, beginning `at`, `len` on the wire, of which `payload` was captured.
    fn in_order(&mut self, side: usize, payload: &[u8], len: u32, fin: bool, at: Origin) {
        self.flow.side[side].next = at.seq.wrapping_add(len);
        if !payload.is_empty() {
            self.deliver(side, payload, at);
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
            let at = self.origin(side, seq, seg.at_ns);
            return self.in_order(side, seg.payload, seg.len, seg.fin, at);
        }
        if !before(s.next, seq) {
            // Bytes already delivered, perhaps with new ones behind them.
            let again = s.next.wrapping_sub(seq);
            if again < seg.len {
                let skip = (again as usize).min(seg.payload.len());
                let at = self.origin(side, self.flow.side[side].next, seg.at_ns);
                self.in_order(side, &seg.payload[skip..], seg.len - again, seg.fin, at);
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
        while self.flow.held + bytes + WAITING_COST > limits::REORDER_PER_FLOW
            || *self.held + bytes > limits::STREAM_BYTES_PER_SHARD
            || self.flow.side[side].waiting.len() >= limits::REORDER_SEGMENTS
        {
            if self.flow.side[side].waiting.is_empty() {
                // Not even this one fits: what is missing before it is lost.
                self.stats.over_limit_bytes += bytes as u64;
                let hole = u64::from(seq.wrapping_sub(self.flow.side[side].next));
                self.flow.side[side].next = seq;
                self.gap(side, hole);
                let at = self.origin(side, seq, seg.at_ns);
                return self.in_order(side, seg.payload, seg.len, seg.fin, at);
            }
            self.skip_hole(side);
            if !before(self.flow.side[side].next, seq) {
                return self.out_of_line(side, seq, seg);
            }
        }
        self.hold(bytes + WAITING_COST);
        let ack = self.flow.side[1 - side].acked;
        let s = &mut self.flow.side[side];
        let at = s.waiting.partition_point(|w| before(w.seq, seq));
        s.waiting.insert(
            at,
            Waiting {
                seq,
                ack,
                fin: seg.fin,
                at_ns: seg.at_ns,
                len: seg.len,
                bytes: seg.payload.to_vec(),
            },
        );
        self.look_at_hole(side);
    }

    /// Payload that acknowledges bytes behind a hole of the other side answers them: what is
    /// missing was delivered, past this observer, and what waits comes before the answer.
    #[inline]
    fn believe_answer(&mut self, side: usize, seg: &Segment<'_>) {
        while let (Some(ack), Some(first)) = (seg.ack, self.flow.side[1 - side].waiting.first()) {
            if !before(first.seq, ack) {
                return;
            }
            self.skip_hole(1 - side);
        }
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

    pub(super) fn skip_hole(&mut self, side: usize) {
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
            self.unhold(w.bytes.len() + WAITING_COST);
            let again = next.wrapping_sub(w.seq);
            if again < w.len || (again == w.len && w.fin) {
                let skip = (again as usize).min(w.bytes.len());
                let at = Origin { at_ns: w.at_ns, seq: next, ack: w.ack, bytes: 0 };
                self.in_order(side, &w.bytes[skip..], w.len - again, w.fin, at);
            }
        }
    }

    fn drop_waiting(&mut self, side: usize) {
        let waiting = std::mem::take(&mut self.flow.side[side].waiting);
        self.unhold(waiting.iter().map(|w| w.bytes.len() + WAITING_COST).sum());
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
            self.sink.missing(dir, self.flow.side[side].next);
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

    pub(super) fn clear_carry(&mut self, side: usize) {
        let n = self.flow.side[side].carry.len();
        self.flow.side[side].carry.clear();
        self.unhold(n);
    }

    pub(super) fn end_of_side(&mut self, side: usize) {
        if std::mem::replace(&mut self.flow.side[side].finished, true) {
            return;
        }
        self.cut_short(side);
        let dir = self.dir(side);
        let at = Origin { at_ns: self.flow.side[side].last_ns, ..Origin::default() };
        let Some(parser) = self.flow.parser.as_mut() else { return };
        for _ in 0..limits::ENDS {
            let Some(m) = parser.finish(dir, self.scratch) else { return };
            self.sink.message(self.flow.protocol, dir, &m, at);
        }
    }

    fn deliver(&mut self, side: usize, bytes: &[u8], origin: Origin) {
        if self.flow.parser.is_none() && !self.detect(side, bytes, origin) {
            return;
        }
        if side != self.client
            && !self.flow.side[self.client].carry.is_empty()
            && !self.sink.waiting()
            && !self.flow.parser.as_ref().is_some_and(Parser::is_duplex)
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
                // A buffer that grew for one long head is not kept for the flow's life.
                if joined.capacity() <= limits::CARRY_KEPT {
                    self.flow.side[side].carry = joined;
                }
            }
        }
    }

    fn fits(&self, more: usize) -> bool {
        self.flow.held + more <= limits::CARRY_PER_FLOW
            && *self.held + more <= limits::STREAM_BYTES_PER_SHARD
    }

    pub(super) fn keep(&mut self, side: usize, bytes: &[u8], origin: Origin) {
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
            let begin = used;
            let fed = feed(parser, dir, &bytes[used..], self.scratch, |at, n, m| {
                *messages += 1;
                let from = if begin + at < old { first } else { origin };
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
                Stop::Switched(to) => {
                    let successor = parser.successor(to, self.options);
                    flow.parser = None;
                    flow.attempts = 0;
                    flow.speaker = None;
                    flow.side[1 - side].adrift = false;
                    // What follows may begin another conversation (a tunnel's first request).
                    if self.enabled.contains(to) {
                        flow.adopt(to, self.options, Carrier::Tcp, self.stats, self.sink);
                        flow.parser = successor;
                    } else if to != L7Protocol::Unknown {
                        self.verdict = Verdict::GiveUp;
                        return None;
                    } else if used == bytes.len() || !self.detect(side, &bytes[used..], origin) {
                        return None;
                    }
                }
                Stop::Done => {
                    flow.parser = None;
                    self.verdict = Verdict::GiveUp;
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
}
