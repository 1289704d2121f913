//! One core's worth of the data path: frames in, rows in column blocks out.
//!
//! Owns every stage's state and is the only place where they meet. Single-threaded, no I/O, no
//! clock: time is what frames carry and what [`Pipeline::tick`] is told, so that a capture file
//! gives the same rows as the traffic it was taken from.

mod core;
mod exchanges;

use self::core::{Core, Located};
use crate::decode::{Decoder, Payload};
use crate::limits;
use crate::record::{Blocks, InterfaceFacts};
use fathom_parsers::headers::Decap;
use fathom_parsers::packet::Packet;
use fathom_parsers::registry::{Enabled, Options, PortHints};
use fathom_ring::{Batch, Frame};

/// Packets whose memory is asked for together: more than one wait for memory is long, few enough
/// that what was asked for is still there when its turn comes.
const GROUP: usize = 16;

/// What a pipeline is told once.
#[derive(Clone, Debug)]
pub struct PipelineConfig {
    /// Stored in every row.
    pub agent_id: u32,
    /// Shard number, part of flow ids.
    pub shard: u16,
    /// Flows at most; when it is reached, the one that would end soonest is reported and forgotten.
    pub flows_max: usize,
    /// Tunnels to remove.
    pub decap: Decap,
    /// Protocols to look for.
    pub enabled: Enabled,
    /// What to look for first on which port.
    pub ports: PortHints,
    /// What parsers are told.
    pub parsers: Options,
    /// Interfaces by the index that frames carry.
    pub interfaces: Vec<InterfaceFacts>,
    /// Rows made after each batch of those that the end of a second or minute is owed. Packets wait
    /// in the ring meanwhile; where none do, all at once gives the same order whatever the batches.
    pub rows_at_a_time: usize,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self {
            agent_id: 0,
            shard: 0,
            flows_max: limits::FLOWS_PER_SHARD_DEFAULT,
            decap: Decap::ALL,
            enabled: Enabled::ALL,
            ports: PortHints::default(),
            parsers: Options::default(),
            interfaces: Vec::new(),
            rows_at_a_time: limits::ROWS_AT_A_TIME,
        }
    }
}

/// A decoded packet on its way to its flow.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Its headers.
    pub packet: &'a Packet<'a>,
    /// What the application parsers get of it, if anything.
    pub payload: Option<&'a [u8]>,
    /// Number of the interface it was seen on.
    pub interface: u16,
    /// When, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// Packets that its frame stands for besides it, all with its headers.
    pub more: u32,
}

impl Arrival<'_> {
    /// How many packets a frame stands for besides one, when each of them has up to `segment` bytes
    /// of payload; 0 for none.
    fn further_packets(packet: &Packet<'_>, segment: u16) -> u32 {
        match u32::from(segment) {
            0 => 0,
            segment => packet.l4_payload_len.saturating_sub(1) / segment,
        }
    }
}

/// What a core that falls behind leaves undone. Flows are counted in all cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shedding {
    /// No rows of requests; their metrics are kept.
    pub requests: bool,
    /// Flows whose payload is not parsed, of 256. The same flows while the number stays, and those
    /// among them when it shrinks.
    pub unparsed: u16,
}

/// What a pipeline counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Frames given.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Frames whose headers could not be read.
    pub decode_errors: u64,
    /// Flows begun.
    pub flows_new: u64,
    /// Flows ended by their timer.
    pub flows_closed: u64,
    /// Packets whose time was far behind the latest seen; they are counted all the same.
    pub late: u64,
    /// Times the clock was found set back.
    pub clock_set_back: u64,
    /// Flows forgotten early because the table was full; their rows were written.
    pub flows_evicted: u64,
    /// Flows part of whose payload was not parsed for the same reason.
    pub flows_unparsed: u64,
    /// Packets with payload that was not parsed for the same reason.
    pub packets_unparsed: u64,
    /// Packets that frames stood for besides themselves.
    pub packets_merged: u64,
}

/// A frame whose headers were read ahead of its turn.
#[derive(Default)]
struct Ahead<'a> {
    packet: Packet<'a>,
    at: Located,
    interface: u16,
    /// It was: there is nothing special about it.
    plain: bool,
}

/// The data path of one shard.
#[derive(Debug)]
pub struct Pipeline {
    decoder: Decoder,
    core: Core,
}

impl Pipeline {
    /// An empty data path.
    pub fn new(config: PipelineConfig) -> Self {
        Self { decoder: Decoder::new(config.decap), core: Core::new(config) }
    }

    /// Rows made so far and not yet sealed.
    pub fn blocks_mut(&mut self) -> &mut Blocks {
        &mut self.core.blocks
    }

    /// Tells what is known of the interfaces that frames name by index.
    pub fn set_interfaces(&mut self, interfaces: Vec<InterfaceFacts>) {
        self.core.out.origin.interfaces = interfaces;
    }

    /// Tells what is known of one interface.
    pub fn set_interface(&mut self, number: u16, facts: InterfaceFacts) {
        let all = &mut self.core.out.origin.interfaces;
        if all.len() <= usize::from(number) {
            all.resize(usize::from(number) + 1, InterfaceFacts::default());
        }
        all[usize::from(number)] = facts;
    }

    /// Totals.
    pub fn stats(&self) -> &Stats {
        &self.core.stats
    }

    /// Totals of decoding.
    pub fn decode_stats(&self) -> &crate::decode::DecodeStats {
        &self.decoder.stats
    }

    /// Totals of the stream stage.
    pub fn stream_stats(&self) -> &crate::stream::StreamStats {
        &self.core.streams.stats
    }

    /// Totals of the session stage.
    pub fn session_stats(&self) -> &crate::session::SessionStats {
        &self.core.sessions.stats
    }

    /// Rows of requests left out because this core fell behind.
    pub fn requests_shed(&self) -> u64 {
        self.core.out.requests_shed
    }

    /// Metric keys folded into a coarser one because a second had too many.
    pub fn metric_keys_folded(&self) -> u64 {
        self.core.metrics.folded
    }

    /// Flows now.
    pub fn flows(&self) -> usize {
        self.core.flows.len()
    }

    /// Requests that wait for their answers now.
    pub fn pending(&self) -> usize {
        self.core.sessions.len()
    }

    /// Bytes held for reordering and carry-over now.
    pub fn stream_bytes(&self) -> usize {
        self.core.streams.held_bytes()
    }

    /// Takes a batch of frames in, all of interface `number` unless each says itself. Of packets
    /// for which `elsewhere` is true this is not the place: they belong to another core, or are
    /// left out.
    ///
    /// Memory is what a packet waits for: its frame, its flow's place in the table, its flow, what
    /// the flow refers to. Each is asked for one step ahead of its use, for a group of packets at a
    /// time.
    pub fn batch(
        &mut self,
        batch: &Batch<'_>,
        number: Option<u16>,
        mut elsewhere: impl FnMut(&Arrival<'_>) -> bool,
    ) {
        let mut group: [Ahead<'_>; GROUP] = Default::default();
        for i in 0..batch.len().min(GROUP) {
            batch.prefetch(i);
        }
        for from in (0..batch.len()).step_by(GROUP) {
            let group = &mut group[..GROUP.min(batch.len() - from)];
            for (i, ahead) in group.iter_mut().enumerate() {
                batch.prefetch(from + i + GROUP);
                let frame = batch.frame(from + i);
                ahead.interface = number.unwrap_or(frame.interface as u16);
                ahead.plain = Decoder::decode_plain(&frame, &mut ahead.packet);
                if ahead.plain {
                    ahead.at = self.core.locate(&ahead.packet, ahead.interface);
                }
            }
            for ahead in group.iter_mut().filter(|a| a.plain) {
                ahead.at.likely = self.core.flows.likely(ahead.at.hash);
            }
            for ahead in group.iter().filter(|a| a.plain) {
                self.core.prefetch(&ahead.at);
            }
            for (i, ahead) in group.iter().enumerate() {
                let mut frame = batch.frame(from + i);
                if ahead.plain {
                    let time_ns = self.begin(&frame);
                    self.plain(&frame, time_ns, ahead, &mut elsewhere);
                } else {
                    frame.interface = u32::from(ahead.interface);
                    self.other(&frame, &mut elsewhere);
                }
            }
        }
        self.core.owed_rows();
    }

    /// Takes one frame in.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        self.other(frame, &mut |_| false);
    }

    /// A frame has come: time is what it says, and is answered.
    #[inline(always)]
    fn begin(&mut self, frame: &Frame<'_>) -> u64 {
        let core = &mut self.core;
        core.stats.packets += 1;
        core.stats.bytes += u64::from(frame.wire_len);
        // A broken file's times may be anything: what is added to them must not overflow.
        let time_ns = frame.time_ns.min(i64::MAX as u64);
        core.tick(time_ns);
        if core.take_clock_step() {
            self.decoder.forget();
        }
        time_ns
    }

    #[inline(always)]
    fn plain(
        &mut self,
        frame: &Frame<'_>,
        time_ns: u64,
        ahead: &Ahead<'_>,
        elsewhere: &mut impl FnMut(&Arrival<'_>) -> bool,
    ) {
        let packet = &ahead.packet;
        let arrival = Arrival {
            packet,
            payload: Some(packet.payload),
            interface: ahead.interface,
            time_ns,
            more: Arrival::further_packets(packet, frame.segment),
        };
        if !elsewhere(&arrival) {
            self.core.packet(&arrival, &ahead.at);
        }
    }

    /// A frame with something special about it, or one by itself.
    fn other(&mut self, frame: &Frame<'_>, elsewhere: &mut impl FnMut(&Arrival<'_>) -> bool) {
        let interface = frame.interface as u16;
        let time_ns = self.begin(frame);
        let core = &mut self.core;
        let Some(decoded) = self.decoder.decode(frame) else {
            core.stats.decode_errors += 1;
            return;
        };
        let payload = match decoded.payload {
            Payload::Whole(p) | Payload::Joined(p) => Some(p),
            Payload::Nothing => None,
        };
        let more = Arrival::further_packets(&decoded.packet, frame.segment);
        let packet = &decoded.packet;
        let arrival = Arrival { packet, payload, interface, time_ns, more };
        if !elsewhere(&arrival) {
            let at = core.locate(packet, interface);
            core.packet(&arrival, &at);
        }
    }

    /// Takes a packet in that another core decoded.
    pub fn arrive(&mut self, arrival: &Arrival<'_>) {
        self.core.tick(arrival.time_ns);
        if self.core.take_clock_step() {
            self.decoder.forget();
        }
        let at = self.core.locate(arrival.packet, arrival.interface);
        self.core.packet(arrival, &at);
    }

    /// What is left undone from now on because this core falls behind.
    pub fn shed(&mut self, shedding: Shedding) {
        self.core.shed(shedding);
    }

    /// Time has come to `now_ns`: seconds and minutes that ended are reported, silent flows end.
    pub fn tick(&mut self, now_ns: u64) {
        self.core.tick(now_ns);
        self.core.owed_rows();
    }

    /// Ends every flow: what waits for a timer, a second or an answer is reported now.
    pub fn flush_all(&mut self, now_ns: u64) {
        self.core.tick(now_ns);
        self.core.flush_all();
        self.decoder.forget();
    }
}
