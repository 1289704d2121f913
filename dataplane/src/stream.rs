//! Segments to in-order bytes, bytes to messages: reassembly of each TCP direction, detection of
//! the protocol, and the loop that feeds the parser.
//!
//! In the common case a segment is next in line and nothing is carried over: the parser reads it
//! where the ring has it and nothing is copied. Copies are made of segments that wait for a hole
//! to fill and of the unfinished tail of a message, both bounded per flow and per shard. A hole
//! that will not fill any more (the peer has acknowledged it, or a bound is reached) is skipped:
//! the parser is told how many bytes are missing and finds its place again.

mod detect;
mod run;

use crate::flow::slab::Slab;
use crate::limits;
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Message, Probe, Scratch};
use fathom_parsers::registry::{self, AnyParser, Enabled, Look, Options, PortHints};
use run::{Run, Stop, feed};

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
    /// What the sender had acknowledged by then; 0 for datagrams.
    pub ack: u32,
    /// Bytes of the message's head.
    pub bytes: u32,
}

/// What is known of a flow's server before the flow has said anything.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// What its other flows speak, if anything known.
    pub protocol: L7Protocol,
    /// Its port.
    pub port: u16,
    /// Not one of those whose flows never spoke anything known.
    pub worth: bool,
}

/// What the next stage does with what parsers find.
pub trait Sink {
    /// A message.
    fn message(&mut self, protocol: L7Protocol, dir: Direction, message: &Message<'_>, at: Origin);
    /// The protocol is known now.
    fn detected(&mut self, protocol: L7Protocol);
    /// Nobody knows the protocol.
    fn unknown(&mut self);
    /// What the flow's server is known for.
    fn expected(&self) -> Expected;
    /// The protocol shows that client and server are the other way round.
    fn reversed(&mut self);
    /// Bytes that should have been a message could not be read.
    fn unreadable(&mut self, dir: Direction);
    /// Bytes of `dir` before sequence number `until` were not seen.
    fn missing(&mut self, dir: Direction, until: u32);
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
    /// What its sender had acknowledged by then.
    ack: u32,
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
    /// Time of its last packet.
    last_ns: u64,
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
    /// What to ask for first.
    first: L7Protocol,
    /// How often detection may still try; 0 before it began.
    attempts: u8,
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
    ports: PortHints,
    held: usize,
    /// What was counted.
    pub stats: StreamStats,
}

impl Streams {
    /// A stage that looks for the `enabled` protocols, on each port first for the one hinted.
    pub fn new(options: Options, enabled: Enabled, ports: PortHints) -> Self {
        Self {
            flows: Slab::default(),
            scratch: Scratch::default(),
            options,
            enabled,
            ports,
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

    /// State for a flow whose first payload has come. `next` is the sequence number of the first
    /// payload byte of each side, where its handshake was seen.
    pub fn open(&mut self, next: [Option<u32>; 2]) -> u32 {
        let id = self.flows.reuse();
        for (side, next) in self.flows[id].side.iter_mut().zip(next) {
            side.started = next.is_some();
            side.next = next.unwrap_or(0);
        }
        id
    }

    /// Frees the state of a flow. Small buffers stay with the slot.
    pub fn close(&mut self, id: u32) {
        let flow = &mut self.flows[id];
        self.held -= flow.held;
        for side in &mut flow.side {
            side.carry.clear();
            if side.carry.capacity() > limits::CARRY_KEPT {
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
        carrier: Carrier,
        dir: Direction,
        bytes: &[u8],
        at_ns: u64,
        sink: &mut S,
    ) -> Verdict {
        let mut dir = dir;
        let flow = &mut self.flows[id];
        if flow.parser.is_none() {
            flow.begin_probing(&self.ports, sink);
            let look =
                Look { carrier, dir_hint: Some(dir), enabled: self.enabled, first: flow.first };
            match registry::probe(bytes, look) {
                Probe::Certain(protocol, seen) => {
                    if seen != dir {
                        sink.reversed();
                        dir = seen;
                    }
                    flow.adopt(protocol, &self.options, carrier, &mut self.stats, sink);
                }
                Probe::Unsure | Probe::NotForUs => {
                    flow.attempts -= 1;
                    if flow.attempts > 0 {
                        return Verdict::Keep;
                    }
                    self.stats.unknown += 1;
                    sink.unknown();
                    return Verdict::GiveUp;
                }
            }
        }
        let Some(parser) = flow.parser.as_mut() else { return Verdict::Keep };
        let origin = Origin { at_ns, ..Origin::default() };
        for side in &mut flow.side {
            side.last_ns = at_ns;
        }
        let ran = feed(parser, dir, bytes, &mut self.scratch, |_, used, m| {
            sink.message(flow.protocol, dir, m, Origin { bytes: used as u32, ..origin });
        });
        match ran.stop {
            Stop::Empty => {
                flow.failures = 0;
                Verdict::Keep
            }
            Stop::Done => Verdict::GiveUp,
            Stop::More | Stop::Lost | Stop::Switched(_) => {
                self.stats.parse_failed += 1;
                sink.unreadable(dir);
                flow.failures += 1;
                if flow.failures < limits::PROBE_ATTEMPTS { Verdict::Keep } else { Verdict::GiveUp }
            }
        }
    }

    /// A packet of flow `id` without payload that `side` sent, and that ends nothing. False when
    /// it has to go to [`Streams::segment`] all the same: the other side's bytes wait for a hole.
    #[inline]
    pub fn bare_ack(&mut self, id: u32, side: usize, ack: u32, at_ns: u64) -> bool {
        let sides = &mut self.flows[id].side;
        if !sides[1 - side].waiting.is_empty() {
            return false;
        }
        sides[1 - side].acked = ack;
        sides[1 - side].acked_set = true;
        sides[side].last_ns = at_ns;
        true
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
            ports: &self.ports,
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
            ports: &self.ports,
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

impl L7Flow {
    /// Looks up what to ask for first and how often to try, once.
    fn begin_probing<S: Sink>(&mut self, ports: &PortHints, sink: &S) {
        if self.attempts > 0 {
            return;
        }
        let expected = sink.expected();
        self.attempts = match expected.worth {
            true => limits::PROBE_ATTEMPTS,
            false => limits::PROBE_ATTEMPTS_UNKNOWN,
        };
        self.first = match expected.protocol {
            L7Protocol::Unknown => ports.get(expected.port),
            known => known,
        };
    }

    fn adopt<S: Sink>(
        &mut self,
        protocol: L7Protocol,
        options: &Options,
        carrier: Carrier,
        stats: &mut StreamStats,
        sink: &mut S,
    ) {
        self.parser = AnyParser::new(protocol, carrier, options);
        self.protocol = protocol;
        self.failures = 0;
        self.messages = 0;
        stats.detected += 1;
        sink.detected(protocol);
    }
}
