//! The state behind decoding: flows, their timers, their seconds and minutes.

mod intervals;

use super::exchanges::{Exchanges, Out, emit};
use super::{Arrival, PipelineConfig, Shedding, Stats};
use crate::flow::key::FlowKey;
use crate::flow::link::Links;
use crate::flow::perf::{At, Trackers};
use crate::flow::service::{Endpoint, FirstPacket, ServiceTable};
use crate::flow::slab::{NONE, Slab};
use crate::flow::table::{Flow, FlowTable, bit};
use crate::flow::tcp_state::{CloseType, Ending, State, Timer, close_type, next};
use crate::flow::{Counts, Interval};
use crate::limits;
use crate::record::l4::Tunnels;
use crate::record::metric::Metrics;
use crate::record::{self, Blocks, ID_SHARD_BIT, RowIds};
use crate::session::{Exchange, FlowSessions, Sessions};
use crate::stream::{Segment, Streams, Verdict};
use fathom_parsers::message::{Carrier, Direction};
use fathom_parsers::packet::tcp_flags::{ACK, FIN, RST, SYN};
use fathom_parsers::packet::{Addr, Packet, Transport, ip_proto};
use fathom_shard::timer_wheel::TimerWheel;
use std::collections::VecDeque;

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
    tcp: Trackers,
    links: Links,
    tunnels: Slab<Tunnels>,
    intervals: Slab<Interval>,
    minutes: Slab<Counts>,
    l7: Slab<L7State>,
    pub(super) streams: Streams,
    pub(super) sessions: Sessions,
    pub(super) metrics: Metrics,
    pub(super) blocks: Blocks,
    pub(super) out: Out,
    in_second: Vec<u32>,
    in_minute: Vec<u32>,
    /// Flows of the minute before, whose rows are owed, and when it ended.
    owed: VecDeque<u32>,
    owed_end_ns: u64,
    rows_at_a_time: usize,
    expired: Vec<u32>,
    now_ns: u64,
    /// Added to times before delays are told: so that they go on when the clock is set back.
    clock_ns: u64,
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
            wheel: TimerWheel::new(0, config.flows_max),
            services: ServiceTable::default(),
            tcp: Trackers::new(config.flows_max),
            links: Links::default(),
            tunnels: Slab::default(),
            intervals: Slab::with_capacity(config.flows_max),
            minutes: Slab::with_capacity(config.flows_max),
            l7: Slab::with_capacity(config.flows_max),
            streams: Streams::new(config.parsers, config.enabled, config.ports),
            sessions: Sessions::default(),
            metrics: Metrics::default(),
            blocks: Blocks::default(),
            out: Out {
                origin: record::Origin { agent_id: config.agent_id, interfaces: config.interfaces },
                ids: RowIds::new(config.shard),
                shed_requests: false,
                requests_shed: 0,
            },
            in_second: Vec::new(),
            in_minute: Vec::new(),
            owed: VecDeque::new(),
            owed_end_ns: 0,
            rows_at_a_time: config.rows_at_a_time,
            expired: Vec::new(),
            now_ns: 0,
            clock_ns: 0,
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

    /// The key of a packet, who sent it, and the key's hash; the place in the flow table is asked
    /// for.
    #[inline(always)]
    pub(super) fn locate(&self, packet: &Packet<'_>, interface: u16) -> Located {
        let (key, sender) = FlowKey::of(packet, interface);
        let hash = self.flows.hash(&key);
        self.flows.prefetch(hash);
        Located { key, sender, hash, likely: NONE }
    }

    /// Asks for what is kept of a located packet's flow, when the flow itself is there.
    #[inline(always)]
    pub(super) fn prefetch(&self, at: &Located) {
        if at.likely != NONE {
            let flow = &self.flows[at.likely];
            self.intervals.prefetch(flow.interval);
            self.tcp.prefetch(flow.tcp);
            self.l7.prefetch(flow.l7);
        }
    }

    /// Takes a packet in.
    #[inline]
    pub(super) fn packet(&mut self, arrival: &Arrival<'_>, at: &Located) {
        let &Arrival { packet, payload, interface: _, time_ns: now_ns, more } = arrival;
        let Located { ref key, sender, hash, likely } = *at;
        let tcp_flags = match &packet.transport {
            Transport::Tcp(t) => t.flags,
            _ => 0,
        };
        let found = match self.flows.find(key, hash, likely) {
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
            None => self.open(*key, hash, sender, packet, tcp_flags, now_ns),
        };
        self.account(id, sender, packet, more, now_ns);
        let Some(payload) = payload else { return };
        // A byte of the hash that the table's index does not use.
        if self.unparsed > 0 && hash & 0xff < self.unparsed {
            return self.leave_unparsed(id, payload);
        }
        let flow = &self.flows[id];
        if !flow.is(bit::L7_DONE) && (flow.l7 != NONE || !payload.is_empty()) {
            self.parse(id, sender, packet, payload, now_ns);
        }
    }

    /// This core falls behind: nobody looks into the flow now.
    #[cold]
    fn leave_unparsed(&mut self, id: u32, payload: &[u8]) {
        let flow = &mut self.flows[id];
        if flow.is(bit::L7_DONE) || payload.is_empty() {
            return;
        }
        self.stats.packets_unparsed += 1;
        if !flow.is(bit::UNPARSED) {
            flow.set(bit::UNPARSED);
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
        if self.flows.is_full() {
            self.evict();
        }
        let id = self.flows.insert(key, hash, now_ns);
        self.stats.flows_new += 1;
        self.flow_counter = (self.flow_counter + 1) & ((1 << ID_SHARD_BIT) - 1);
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
        let mut mac = [packet.mac_src, packet.mac_dst];
        mac.rotate_right(sender);
        let tunnel = match packet.tunnel.tier {
            0 => NONE,
            _ => self.tunnels.insert(Tunnels::default()),
        };
        let link = self.links.take(mac, packet.vlan, tunnel);
        let flow = &mut self.flows[id];
        flow.flow_id = record::id(now_ns / SECOND_NS, self.shard, self.flow_counter);
        flow.client = if from_client { sender } else { 1 - sender } as u8;
        flow.direction_score = score;
        flow.init_ipid = packet.ip_id;
        flow.link = link;
        if carrier(packet.protocol).is_none() {
            flow.set(bit::L7_DONE);
        }
        if packet.protocol == ip_proto::TCP {
            flow.tcp = self.tcp.open();
        }
        id
    }

    /// Makes room for a flow: the one ends that would end soonest if nothing more came. Where that
    /// one is still busy, one ends that may live long and has long been silent, if there is any:
    /// else new flows would end each other as long as the table is full of old ones.
    #[cold]
    fn evict(&mut self) {
        let (flows, intervals, now_ns) = (&self.flows, &self.intervals, self.now_ns);
        let deadline = |id| deadline_ns(&flows[id], intervals) / TICK_NS + 1;
        let silent = |id: &u32| now_ns.saturating_sub(last_ns(&flows[*id], intervals));
        let Some(soonest) = self.wheel.first(deadline) else { return };
        let mut victim = soonest;
        if silent(&soonest) < limits::EVICT_BUSY_NS {
            let idle = self.wheel.last().filter(|id| silent(id) > limits::EVICT_IDLE_NS);
            victim = idle.max_by_key(silent).unwrap_or(soonest);
        }
        self.close(victim, Some(CloseType::ForcedReport));
        self.stats.flows_evicted += 1;
    }

    /// Counts the packet, moves the state machine and measures.
    #[inline]
    fn account(&mut self, id: u32, sender: usize, packet: &Packet<'_>, more: u32, now_ns: u64) {
        self.stats.packets_merged += u64::from(more);
        self.ensure_interval(id);
        let flow = &mut self.flows[id];
        let client = usize::from(flow.client);
        let interval = &mut self.intervals[flow.interval];
        interval.last_ns = interval.last_ns.max(now_ns);
        let traffic = &mut interval.second.traffic;
        traffic.packets[sender] = traffic.packets[sender].saturating_add(1 + more);
        traffic.bytes[sender] += u64::from(packet.wire_len);
        traffic.l3_bytes[sender] += u64::from(packet.l3_payload_len);
        traffic.l4_bytes[sender] += u64::from(packet.l4_payload_len);
        if more > 0 {
            // Each further packet has the headers again.
            let headers =
                |len: u32| u64::from(more) * u64::from(len.saturating_sub(packet.l4_payload_len));
            traffic.bytes[sender] += headers(packet.wire_len);
            traffic.l3_bytes[sender] += headers(packet.l3_payload_len);
        }
        if packet.tunnel.tier > 0 {
            let tunnel = self.links[flow.link].tunnel;
            if tunnel != NONE {
                self.tunnels[tunnel].side[sender] = packet.tunnel;
            }
        }
        let first = !flow.is(bit::SEEN) && !flow.is(bit::SEEN << 1);
        flow.set(bit::SEEN << sender);
        let one_sided = !flow.is(bit::SEEN | bit::SEEN << 1);
        let timer = match &packet.transport {
            Transport::Tcp(tcp) => {
                interval.second.flags[sender] |= tcp.flags;
                // While nobody believes that the clock was set back, it stands still for delays.
                let seen_ns = if self.behind > 0 { self.now_ns } else { now_ns };
                let us = (seen_ns.wrapping_add(self.clock_ns) / 1000) as u32;
                let at = At { side: sender, client, us: us.max(1) };
                let perf = &mut interval.second.perf;
                self.tcp.packet(flow.tcp, &at, tcp, packet.l4_payload_len, perf);
                let (state, timer) = next(flow.state, tcp.flags, sender != client);
                flow.state = state;
                timer
            }
            _ if flow.key.protocol == ip_proto::TCP => flow.timer,
            _ => {
                if !one_sided {
                    flow.state = State::Established;
                }
                match flow.key.protocol {
                    ip_proto::UDP => Timer::Short,
                    _ => Timer::Reset,
                }
            }
        };
        let timer = if one_sided { Timer::Short } else { timer };
        // The wheel is only told when the flow may end sooner than it knows; later deadlines are
        // found out when it fires.
        if first || timer < flow.timer {
            let deadline = (interval.last_ns + timer.millis() * 1_000_000) / TICK_NS + 1;
            self.wheel.arm(id, deadline);
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
        self.make_owed_rows(usize::MAX);
        self.clock_ns = self.clock_ns.wrapping_add(self.now_ns.wrapping_sub(now_ns));
        self.now_ns = now_ns;
        self.second = now_ns / SECOND_NS;
        self.wheel = TimerWheel::new(now_ns / TICK_NS, self.flows.capacity());
        for id in self.flows.ids() {
            let flow = &mut self.flows[id];
            flow.last_ns = flow.last_ns.min(now_ns);
            flow.start_ns = flow.start_ns.min(now_ns);
            if flow.interval != NONE {
                let last_ns = &mut self.intervals[flow.interval].last_ns;
                *last_ns = (*last_ns).min(now_ns);
            }
            self.wheel.arm(id, deadline_ns(flow, &self.intervals) / TICK_NS + 1);
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
            self.wheel = TimerWheel::new(now_ns / TICK_NS, self.flows.capacity());
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
        if self.in_second.is_empty() && self.metrics.is_quiet() {
            self.second = now_ns / SECOND_NS;
        }
        // A second's end owes all rows of the one before, and so does the clock's.
        if now_ns >= self.second * SECOND_NS + limits::ROWS_LATEST_NS {
            self.make_owed_rows(usize::MAX);
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
                if !flow.is(bit::LIVE) {
                    continue;
                }
                let deadline = deadline_ns(flow, &self.intervals) / TICK_NS + 1;
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
        self.make_owed_rows(usize::MAX);
        let mut in_second = std::mem::take(&mut self.in_second);
        for id in in_second.drain(..) {
            let flow = &self.flows[id];
            if !flow.is(bit::LIVE) || flow.interval == NONE {
                continue;
            }
            let interval = &mut self.intervals[flow.interval];
            if interval.running {
                if !interval.in_minute {
                    interval.in_minute = true;
                    self.in_minute.push(id);
                }
                self.tell_second(id, None);
            }
        }
        self.in_second = in_second;
        self.metrics.end(&mut self.blocks, &self.out.origin, self.second as u32);
        if now_s / 60 != self.second / 60 {
            self.end_minute(now_s / 60 * 60 * SECOND_NS);
        }
        self.owed_rows();
        self.second = now_s;
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
        let link = &self.links[flow.link];
        let interval = &mut self.intervals[flow.interval];
        let (metrics, blocks, out) = (&mut self.metrics, &mut self.blocks, &mut self.out);
        let emit = move |e: &Exchange<'_>| emit(flow, link, interval, metrics, blocks, out, e);
        (&mut self.sessions, emit)
    }

    /// Ends every flow: what waits for a timer, a second or an answer is reported now.
    pub(super) fn flush_all(&mut self) {
        self.make_owed_rows(usize::MAX);
        let mut ids = self.flows.ids();
        ids.sort_unstable_by_key(|id| self.flows[*id].flow_id);
        for id in ids {
            self.close(id, None);
            self.stats.flows_closed += 1;
        }
        self.in_second.clear();
        self.in_minute.clear();
        self.metrics.end(&mut self.blocks, &self.out.origin, self.second as u32);
        self.make_owed_rows(usize::MAX);
    }

    /// Gives a packet's payload to the stream stage.
    #[inline]
    fn parse(&mut self, id: u32, sender: usize, packet: &Packet<'_>, payload: &[u8], at_ns: u64) {
        let l7 = match self.flows[id].l7 {
            NONE => self.open_l7(id),
            l7 => l7,
        };
        if let Transport::Tcp(tcp) = &packet.transport
            && packet.l4_payload_len == 0
            && tcp.flags & (SYN | FIN | RST | ACK) == ACK
            && self.streams.bare_ack(self.l7[l7].stream, sender, tcp.ack, at_ns)
        {
            return;
        }
        let L7State { stream, sessions, .. } = &mut self.l7[l7];
        let stream = *stream;
        let flow = &mut self.flows[id];
        let client = usize::from(flow.client);
        let mut sink = Exchanges {
            interval: &mut self.intervals[flow.interval],
            link: &self.links[flow.link],
            flow,
            services: &mut self.services,
            sessions: &mut self.sessions,
            list: sessions,
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
        if verdict == Verdict::GiveUp {
            self.end_l7(id);
            self.flows[id].set(bit::L7_DONE);
        }
    }

    /// Gives a flow application state: its first payload has come.
    fn open_l7(&mut self, id: u32) -> u32 {
        let flow = &mut self.flows[id];
        let client = usize::from(flow.client);
        let next = self.tcp.get(flow.tcp).map_or([None; 2], |t| t.first_payload(client));
        let stream = self.streams.open(next);
        let state = L7State { stream, flow: id, sessions: FlowSessions::default() };
        flow.l7 = self.l7.insert(state);
        flow.l7
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
            link: &self.links[flow.link],
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
        let flow = &self.flows[id];
        let (client, server) = (usize::from(flow.client), 1 - usize::from(flow.client));
        let close = forced.unwrap_or_else(|| match self.tcp.get(flow.tcp) {
            Some(tcp) => close_type(
                flow.state,
                &Ending {
                    client_flags: tcp.flags[client],
                    server_flags: tcp.flags[server],
                    server_packets: self.packets(flow, server),
                    answered: flow.is(bit::ANSWERED),
                    erred: flow.is(bit::ERRED),
                },
            ),
            None if flow.state == State::Established => CloseType::Finish,
            None => CloseType::Unknown,
        });
        let counts = if flow.interval == NONE {
            let link = &self.links[flow.link];
            let counts = Counts::default();
            self.metrics.flow(&self.out.origin, flow, link, &counts, false, Some(close));
            counts
        } else {
            self.end_interval(id, close)
        };
        let end_ns = self.flows[id].last_ns;
        self.flow_row(id, &counts, close, end_ns);
        let flow = &self.flows[id];
        if flow.tcp != NONE {
            self.tcp.close(flow.tcp);
        }
        let tunnel = self.links.give_back(flow.link);
        if tunnel != NONE {
            self.tunnels.remove(tunnel);
        }
        self.wheel.disarm(id);
        self.flows.remove(id);
    }
}

/// When a flow ends if nothing more comes, nanoseconds.
fn deadline_ns(flow: &Flow, intervals: &Slab<Interval>) -> u64 {
    last_ns(flow, intervals) + flow.timer.millis() * 1_000_000
}

/// Time of a flow's last packet, nanoseconds.
fn last_ns(flow: &Flow, intervals: &Slab<Interval>) -> u64 {
    intervals.get(flow.interval).map_or(flow.last_ns, |i| i.last_ns)
}

/// Where the flow of a packet is to be looked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Located {
    key: FlowKey,
    sender: usize,
    pub(super) hash: u64,
    /// The flow that has the hash, as far as a look ahead tells, or `NONE`.
    pub(super) likely: u32,
}
