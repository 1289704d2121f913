//! The state behind decoding: flows, their timers, their seconds and minutes.

use super::exchanges::{Exchanges, Out, emit};
use super::{Arrival, PipelineConfig, Shedding, Stats};
use crate::flow::key::FlowKey;
use crate::flow::perf::{At, TcpPerf};
use crate::flow::service::{Endpoint, FirstPacket, ServiceTable};
use crate::flow::slab::{NONE, Slab};
use crate::flow::table::FlowTable;
use crate::flow::tcp_state::{CloseType, Ending, State, Timer, close_type, next};
use crate::flow::{Interval, Report};
use crate::limits;
use crate::record::l4::{FlowFacts, Tunnels};
use crate::record::metric::Metrics;
use crate::record::{self, Blocks, RowIds};
use crate::session::{Exchange, FlowSessions, Sessions};
use crate::stream::{Segment, Streams, Verdict};
use fathom_parsers::message::{Carrier, Direction};
use fathom_parsers::packet::tcp_flags::{ACK, FIN, RST, SYN};
use fathom_parsers::packet::{Addr, Packet, Transport, ip_proto};
use fathom_shard::timer_wheel::TimerWheel;

/// Resolution of flow expiry.
const TICK_NS: u64 = 100_000_000;
const SECOND_NS: u64 = 1_000_000_000;
const TICKS_PER_SECOND: u64 = SECOND_NS / TICK_NS;

/// What application protocols of this IP protocol come in, if there are any.
const fn carrier(protocol: u8) -> Option<Carrier> {
    match protocol {
        ip_proto::TCP => Some(Carrier::Tcp),
        ip_proto::UDP => Some(Carrier::Udp),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct L7State {
    sessions: FlowSessions,
    stream: u32,
    flow: u32,
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) flows: FlowTable,
    wheel: TimerWheel,
    services: ServiceTable,
    perf: Slab<TcpPerf>,
    tunnels: Slab<Tunnels>,
    intervals: Slab<Interval>,
    l7: Slab<L7State>,
    pub(super) streams: Streams,
    pub(super) sessions: Sessions,
    pub(super) metrics: Metrics,
    pub(super) blocks: Blocks,
    pub(super) out: Out,
    in_second: Vec<u32>,
    in_minute: Vec<u32>,
    expired: Vec<u32>,
    now_ns: u64,
    started: bool,
    stepped: bool,
    /// Calls in a row with a time far behind `now_ns`.
    behind: u32,
    /// Second whose metrics are being summed.
    second: u64,
    flow_counter: u32,
    shard: u16,
    /// Flows that are not parsed now, of 256.
    unparsed: u64,
    pub(super) stats: Stats,
}

impl Core {
    pub(super) fn new(config: PipelineConfig) -> Self {
        Self {
            flows: FlowTable::new(config.flows_max),
            wheel: TimerWheel::new(0, 0),
            services: ServiceTable::default(),
            perf: Slab::default(),
            tunnels: Slab::default(),
            intervals: Slab::default(),
            l7: Slab::default(),
            streams: Streams::new(config.parsers, config.enabled, config.ports),
            sessions: Sessions::default(),
            metrics: Metrics::default(),
            blocks: Blocks::default(),
            out: Out {
                origin: record::Origin { agent_id: config.agent_id, interfaces: config.interfaces },
                ids: RowIds::new(config.agent_id, config.shard),
                shed_requests: false,
                requests_shed: 0,
            },
            in_second: Vec::new(),
            in_minute: Vec::new(),
            expired: Vec::new(),
            now_ns: 0,
            behind: 0,
            started: false,
            stepped: false,
            second: 0,
            flow_counter: 0,
            shard: config.shard,
            unparsed: 0,
            stats: Stats::default(),
        }
    }

    /// What is left undone from now on.
    pub(super) fn shed(&mut self, shedding: Shedding) {
        self.out.shed_requests = shedding.requests;
        self.unparsed = u64::from(shedding.unparsed);
    }

    /// Takes a packet in.
    pub(super) fn packet(&mut self, arrival: &Arrival<'_>) {
        let &Arrival { packet, payload, interface, time_ns: now_ns, more } = arrival;
        let (key, sender) = FlowKey::of(packet, interface);
        let hash = self.flows.hash(&key);
        let tcp_flags = match &packet.transport {
            Transport::Tcp(t) => t.flags,
            _ => 0,
        };
        let found = match self.flows.find(&key, hash) {
            Some(id) if tcp_flags & (SYN | ACK) == SYN && self.is_over(id) => {
                // The client opens a new connection on the same ports.
                self.close(id, None);
                self.stats.flows_closed += 1;
                None
            }
            found => found,
        };
        let id = match found {
            Some(id) => id,
            None => self.open(key, hash, sender, packet, tcp_flags, now_ns),
        };
        self.account(id, sender, packet, more, now_ns);
        let Some(payload) = payload else { return };
        // A byte of the hash that the table's index does not use.
        if self.unparsed > 0 && hash >> 40 & 0xff < self.unparsed {
            return self.leave_unparsed(id, payload);
        }
        let flow = &self.flows[id];
        if !flow.l7_done && (flow.l7 != NONE || !payload.is_empty()) {
            self.parse(id, sender, packet, payload, now_ns);
        }
    }

    /// This core falls behind: nobody looks into the flow now.
    #[cold]
    fn leave_unparsed(&mut self, id: u32, payload: &[u8]) {
        let flow = &mut self.flows[id];
        if flow.l7_done || payload.is_empty() {
            return;
        }
        self.stats.packets_unparsed += 1;
        if !std::mem::replace(&mut flow.unparsed, true) {
            self.stats.flows_unparsed += 1;
        }
        self.end_l7(id);
    }

    fn is_over(&self, id: u32) -> bool {
        matches!(
            self.flows[id].state,
            State::Closed | State::ClosingTx2 | State::ClosingRx2 | State::Reset
        )
    }

    #[cold]
    fn open(
        &mut self,
        key: FlowKey,
        hash: u64,
        sender: usize,
        packet: &Packet<'_>,
        tcp_flags: u8,
        now_ns: u64,
    ) -> u32 {
        if self.flows.is_full()
            && let Some(victim) = self.flows.longest_idle()
        {
            self.close(victim, Some(CloseType::ForcedReport));
            self.stats.flows_evicted += 1;
        }
        let id = self.flows.insert(key, hash, now_ns);
        self.stats.flows_new += 1;
        self.flow_counter = (self.flow_counter + 1) & 0x00ff_ffff;
        let end = |side: usize| Endpoint {
            ip: Addr(key.ip[side]),
            port: key.port[side],
            protocol: key.protocol,
        };
        let first = match tcp_flags & (SYN | ACK) {
            SYN => FirstPacket::Syn,
            f if f == SYN | ACK => FirstPacket::SynAck,
            _ => FirstPacket::Other,
        };
        let (from_client, score) = self.services.first_packet(end(sender), end(1 - sender), first);
        let flow = &mut self.flows[id];
        flow.flow_id = (now_ns / SECOND_NS) << 32
            | u64::from(self.shard & 0xff) << 24
            | u64::from(self.flow_counter);
        flow.client = if from_client { sender } else { 1 - sender } as u8;
        flow.direction_score = score;
        flow.vlan = packet.vlan;
        flow.init_ipid = packet.ip_id;
        flow.mac[sender] = packet.mac_src;
        flow.mac[1 - sender] = packet.mac_dst;
        flow.l7_done = carrier(packet.protocol).is_none();
        if packet.protocol == ip_proto::TCP {
            flow.perf = self.perf.insert(TcpPerf::new());
        }
        if packet.tunnel.tier > 0 {
            flow.tunnel = self.tunnels.insert(Tunnels::default());
        }
        id
    }

    /// Counts the packet, moves the state machine and measures.
    #[inline]
    fn account(&mut self, id: u32, sender: usize, packet: &Packet<'_>, more: u32, now_ns: u64) {
        let packets = 1 + u64::from(more);
        // Each further packet has the headers again.
        let (more, payload) = (u64::from(more), u64::from(packet.l4_payload_len));
        let bytes = |len: u32| u64::from(len) + more * u64::from(len).saturating_sub(payload);
        self.stats.packets_merged += more;
        self.ensure_interval(id);
        let flow = &mut self.flows[id];
        let client = usize::from(flow.client);
        let interval = &mut self.intervals[flow.interval];
        flow.last_ns = flow.last_ns.max(now_ns);
        flow.total_packets[sender] += packets;
        flow.total_bytes[sender] += bytes(packet.wire_len);
        let side = &mut interval.second.side[sender];
        side.packets += packets;
        side.bytes += bytes(packet.wire_len);
        side.l3_bytes += bytes(packet.l3_payload_len);
        side.l4_bytes += u64::from(packet.l4_payload_len);
        if packet.tunnel.tier > 0 && flow.tunnel != NONE {
            self.tunnels[flow.tunnel].side[sender] = packet.tunnel;
        }
        let timer = match &packet.transport {
            Transport::Tcp(tcp) => {
                side.flags |= tcp.flags;
                flow.flags[sender] |= tcp.flags;
                let us = now_ns.saturating_sub(flow.start_ns) / 1000 + 1;
                let at = At { side: sender, client, us: (us as u32).max(1) };
                if flow.perf != NONE {
                    self.perf[flow.perf].packet(
                        &at,
                        tcp,
                        packet.l4_payload_len,
                        &mut interval.second.perf,
                    );
                }
                let (state, timer) = next(flow.state, tcp.flags, sender != client);
                flow.state = state;
                timer
            }
            _ if flow.key.protocol == ip_proto::TCP => flow.timer,
            _ => {
                if flow.total_packets[1 - sender] > 0 {
                    flow.state = State::Established;
                }
                match flow.key.protocol {
                    ip_proto::UDP => Timer::Short,
                    _ => Timer::Reset,
                }
            }
        };
        let one_sided = flow.total_packets[1 - sender] == 0;
        let timer = if one_sided { Timer::Short } else { timer };
        let first = flow.total_packets[0] + flow.total_packets[1] == packets;
        // The wheel is only told when the flow may end sooner than it knows; later deadlines are
        // found out when it fires.
        if first || timer.millis() < flow.timer.millis() {
            flow.timer = timer;
            self.wheel.arm(id, flow.deadline_ns() / TICK_NS + 1);
        }
        flow.timer = timer;
    }

    /// Time has come to `now_ns`: seconds and minutes that ended are reported, silent flows end.
    #[inline]
    pub(super) fn tick(&mut self, now_ns: u64) {
        if now_ns / TICK_NS > self.now_ns / TICK_NS {
            self.advance(now_ns);
        } else if now_ns + limits::CLOCK_BACK_NS < self.now_ns {
            return self.fall_behind(now_ns);
        }
        self.behind = 0;
        self.now_ns = self.now_ns.max(now_ns);
    }

    /// Time far behind the latest seen: once it is believed, the clock has been set back, and
    /// everything that waits for a later time waits from now on.
    #[cold]
    fn fall_behind(&mut self, now_ns: u64) {
        self.stats.late += 1;
        self.behind += 1;
        if self.behind < limits::CLOCK_BACK_PACKETS {
            return;
        }
        self.behind = 0;
        self.stats.clock_set_back += 1;
        self.stepped = true;
        self.end_second(self.second + 1);
        self.now_ns = now_ns;
        self.second = now_ns / SECOND_NS;
        self.wheel = TimerWheel::new(now_ns / TICK_NS, self.flows.len());
        for id in self.flows.ids() {
            let flow = &mut self.flows[id];
            flow.last_ns = flow.last_ns.min(now_ns);
            flow.start_ns = flow.start_ns.min(now_ns);
            self.wheel.arm(id, flow.deadline_ns() / TICK_NS + 1);
        }
        self.sessions.set_back(now_ns);
    }

    /// Whether the clock was set back since the last time this was asked.
    #[inline]
    pub(super) fn take_clock_step(&mut self) -> bool {
        std::mem::take(&mut self.stepped)
    }

    #[cold]
    fn advance(&mut self, now_ns: u64) {
        if !std::mem::replace(&mut self.started, true) && self.flows.is_empty() {
            self.second = now_ns / SECOND_NS;
            self.wheel = TimerWheel::new(now_ns / TICK_NS, 0);
        }
        let before = self.now_ns;
        // What happens at each second's end has to happen before what happens later: step
        // through the ticks, but not one by one where nothing can happen.
        let target = now_ns / TICK_NS;
        let mut tick = before / TICK_NS;
        while tick < target {
            let idle = self.flows.is_empty() && self.metrics.is_empty() && self.sessions.is_empty();
            let step = if idle { target } else { (tick / TICKS_PER_SECOND + 1) * TICKS_PER_SECOND };
            tick = step.min(target);
            self.expire(tick);
            if tick.is_multiple_of(TICKS_PER_SECOND) || idle {
                self.end_second(tick * TICK_NS / SECOND_NS);
            }
        }
        if self.in_second.is_empty() && self.metrics.is_empty() {
            self.second = now_ns / SECOND_NS;
        }
    }

    fn expire(&mut self, tick: u64) {
        let mut expired = std::mem::take(&mut self.expired);
        loop {
            self.wheel.advance(tick, |id| expired.push(id));
            if expired.is_empty() {
                break;
            }
            for id in expired.drain(..) {
                let flow = &self.flows[id];
                if !flow.is_live() {
                    continue;
                }
                let deadline = flow.deadline_ns() / TICK_NS + 1;
                if deadline > tick {
                    self.wheel.arm(id, deadline);
                } else {
                    self.close(id, None);
                    self.stats.flows_closed += 1;
                }
            }
        }
        self.expired = expired;
    }

    fn end_second(&mut self, now_s: u64) {
        self.time_out_requests(now_s * SECOND_NS);
        if now_s <= self.second {
            return;
        }
        for i in 0..self.in_second.len() {
            let id = self.in_second[i];
            let flow = &mut self.flows[id];
            if !flow.is_live() || flow.interval == NONE {
                continue;
            }
            let interval = &mut self.intervals[flow.interval];
            interval.in_second = false;
            if !interval.second.is_empty() {
                let new = flow.is_new && interval.minute.is_empty();
                self.metrics.flow(&self.out.origin, flow, &interval.second, new, None);
                interval.minute.merge(&interval.second);
                interval.second = Report::default();
            }
            if !interval.in_minute {
                interval.in_minute = true;
                self.in_minute.push(id);
            }
        }
        self.in_second.clear();
        self.metrics.emit(&mut self.blocks, &self.out.origin, self.second as u32);
        if now_s / 60 != self.second / 60 {
            self.end_minute(now_s / 60 * 60 * SECOND_NS);
        }
        self.second = now_s;
    }

    fn end_minute(&mut self, end_ns: u64) {
        for id in self.in_minute.drain(..) {
            let flow = &mut self.flows[id];
            if !flow.is_live() || flow.interval == NONE {
                continue;
            }
            let interval = &mut self.intervals[flow.interval];
            if !interval.in_minute {
                continue;
            }
            interval.in_minute = false;
            let report = std::mem::take(&mut interval.minute);
            if !interval.in_second {
                self.intervals.remove(flow.interval);
                flow.interval = NONE;
            }
            if report.is_empty() {
                continue;
            }
            let facts = FlowFacts {
                flow,
                report: &report,
                perf: (flow.perf != NONE).then(|| &self.perf[flow.perf]),
                tunnels: (flow.tunnel != NONE).then(|| &self.tunnels[flow.tunnel]),
                close: CloseType::ForcedReport,
                end_ns,
            };
            record::l4::push(&mut self.blocks, &self.out.origin, &mut self.out.ids, &facts);
            flow.is_new = false;
        }
    }

    fn time_out_requests(&mut self, now_ns: u64) {
        while let Some(l7) = self.sessions.overdue(now_ns) {
            let id = self.l7[l7].flow;
            let mut list = std::mem::take(&mut self.l7[l7].sessions);
            let (sessions, mut emit) = self.emitter(id);
            sessions.expire(&mut list, now_ns, &mut emit);
            drop(emit);
            self.l7[l7].sessions = list;
        }
    }

    /// The sessions, and what to do with an exchange of flow `id` that they finish.
    fn emitter(&mut self, id: u32) -> (&mut Sessions, impl FnMut(&Exchange<'_>) + '_) {
        self.ensure_interval(id);
        let flow = &mut self.flows[id];
        let interval = &mut self.intervals[flow.interval];
        let (metrics, blocks, out) = (&mut self.metrics, &mut self.blocks, &mut self.out);
        let emit = move |e: &Exchange<'_>| emit(flow, interval, metrics, blocks, out, e);
        (&mut self.sessions, emit)
    }

    /// Gives the flow a running interval, listed for the end of the second.
    #[inline]
    fn ensure_interval(&mut self, id: u32) {
        let flow = &mut self.flows[id];
        if flow.interval == NONE {
            flow.interval = self.intervals.insert(Interval::default());
        }
        let interval = &mut self.intervals[flow.interval];
        if !interval.in_second {
            interval.in_second = true;
            self.in_second.push(id);
        }
    }

    /// Ends every flow: what waits for a timer, a second or an answer is reported now.
    pub(super) fn flush_all(&mut self) {
        let mut ids = self.flows.ids();
        ids.sort_unstable_by_key(|id| self.flows[*id].flow_id);
        for id in ids {
            self.close(id, None);
            self.stats.flows_closed += 1;
        }
        self.in_second.clear();
        self.in_minute.clear();
        self.metrics.emit(&mut self.blocks, &self.out.origin, self.second as u32);
    }

    /// Gives a packet's payload to the stream stage.
    fn parse(&mut self, id: u32, sender: usize, packet: &Packet<'_>, payload: &[u8], at_ns: u64) {
        let flow = &mut self.flows[id];
        if flow.l7 == NONE {
            let next = match flow.perf {
                NONE => [None; 2],
                perf => self.perf[perf].first_payload(usize::from(flow.client)),
            };
            let stream = self.streams.open(next);
            let state = L7State { stream, flow: id, sessions: FlowSessions::default() };
            flow.l7 = self.l7.insert(state);
        }
        let client = usize::from(flow.client);
        let l7 = flow.l7;
        let stream = self.l7[l7].stream;
        let mut list = std::mem::take(&mut self.l7[l7].sessions);
        let mut sink = Exchanges {
            interval: &mut self.intervals[flow.interval],
            flow,
            services: &mut self.services,
            sessions: &mut self.sessions,
            list: &mut list,
            l7,
            metrics: &mut self.metrics,
            blocks: &mut self.blocks,
            out: &mut self.out,
        };
        let verdict = match &packet.transport {
            Transport::Tcp(tcp) => {
                let segment = Segment {
                    seq: tcp.seq,
                    ack: (tcp.flags & ACK != 0).then_some(tcp.ack),
                    syn: tcp.flags & SYN != 0,
                    fin: tcp.flags & (FIN | RST) == FIN,
                    payload,
                    len: packet.l4_payload_len.max(payload.len() as u32),
                    at_ns,
                };
                self.streams.segment(stream, sender, client, &segment, &mut sink)
            }
            _ if payload.is_empty() => Verdict::Keep,
            _ => {
                let carrier = carrier(packet.protocol).unwrap_or(Carrier::Udp);
                let dir = if sender == client { Direction::ToServer } else { Direction::ToClient };
                self.streams.datagram(stream, carrier, dir, payload, at_ns, &mut sink)
            }
        };
        self.l7[l7].sessions = list;
        if verdict == Verdict::GiveUp {
            self.end_l7(id);
            self.flows[id].l7_done = true;
        }
    }

    /// Ends a flow's application state: open messages, waiting requests.
    fn end_l7(&mut self, id: u32) {
        if self.flows[id].l7 == NONE {
            return;
        }
        self.ensure_interval(id);
        let flow = &mut self.flows[id];
        let l7 = std::mem::replace(&mut flow.l7, NONE);
        let client = usize::from(flow.client);
        let stream = self.l7[l7].stream;
        let mut list = std::mem::take(&mut self.l7[l7].sessions);
        let mut sink = Exchanges {
            interval: &mut self.intervals[flow.interval],
            flow,
            services: &mut self.services,
            sessions: &mut self.sessions,
            list: &mut list,
            l7,
            metrics: &mut self.metrics,
            blocks: &mut self.blocks,
            out: &mut self.out,
        };
        self.streams.finish(stream, client, &mut sink);
        let (sessions, mut emit) = self.emitter(id);
        sessions.close(&mut list, &mut emit);
        drop(emit);
        self.streams.close(stream);
        self.l7.remove(l7);
    }

    /// Ends a flow: its exchanges, its last second, its row; `forced` overrides the close type.
    fn close(&mut self, id: u32, forced: Option<CloseType>) {
        self.end_l7(id);
        let flow = &mut self.flows[id];
        let (client, server) = (usize::from(flow.client), 1 - usize::from(flow.client));
        let close = forced.unwrap_or_else(|| match flow.key.protocol {
            ip_proto::TCP => close_type(
                flow.state,
                &Ending {
                    client_flags: flow.flags[client],
                    server_flags: flow.flags[server],
                    server_packets: flow.total_packets[server],
                    l7_responses: flow.l7_responses.into(),
                    l7_errors: flow.l7_errors.into(),
                },
            ),
            _ if flow.state == State::Established => CloseType::Finish,
            _ => CloseType::Unknown,
        });
        let mut report = Report::default();
        if flow.interval != NONE {
            let interval = &self.intervals[flow.interval];
            report = interval.minute;
            report.merge(&interval.second);
            let new = flow.is_new && interval.minute.is_empty();
            self.metrics.flow(&self.out.origin, flow, &interval.second, new, Some(close));
            self.intervals.remove(flow.interval);
            flow.interval = NONE;
        } else {
            self.metrics.flow(&self.out.origin, flow, &report, false, Some(close));
        }
        let facts = FlowFacts {
            flow,
            report: &report,
            perf: (flow.perf != NONE).then(|| &self.perf[flow.perf]),
            tunnels: (flow.tunnel != NONE).then(|| &self.tunnels[flow.tunnel]),
            close,
            end_ns: flow.last_ns,
        };
        record::l4::push(&mut self.blocks, &self.out.origin, &mut self.out.ids, &facts);
        if flow.perf != NONE {
            self.perf.remove(flow.perf);
        }
        if flow.tunnel != NONE {
            self.tunnels.remove(flow.tunnel);
        }
        self.wheel.disarm(id);
        self.flows.remove(id);
    }
}
