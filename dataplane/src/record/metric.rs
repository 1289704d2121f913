//! Per-second metrics: `network`, `network_map`, `application`, `application_map`.
//!
//! Each second's flow reports and exchanges are summed under their tags and become rows when the
//! second is over. One-ended tables get two rows per flow, one from each end's view ("tx" is what
//! that end sent); map tables get one, seen from the client.

use super::{Blocks, Origin, ip_columns};
use crate::flow::perf::Delay;
use crate::flow::table::Flow;
use crate::flow::tcp_state::CloseType;
use crate::flow::{L7Counts, Report};
use crate::limits;
use crate::session::{Exchange, Text};
use fathom_parsers::message::ResponseStatus;
use fathom_schema::{application_1s, application_map_1s, network_1s, network_map_1s};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::hash::BuildHasher;

/// Whose view a row has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
enum View {
    Client = 0,
    Server = 1,
    Both = 2,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    ip: [[u8; 16]; 2],
    server_port: u16,
    interface: u16,
    protocol: u8,
    l7_protocol: u8,
    tunnel: u8,
    is_ip: bool,
    is_ipv4: bool,
    view: View,
    point: &'static str,
    capture_nic: u32,
    endpoint: u64,
}

#[derive(Clone, Debug, Default)]
struct NetMeter {
    report: Report,
    new_flow: u64,
    closed_flow: u64,
    flow_load: u64,
    closes: [u32; CloseType::FinishByClientReset as usize + 1],
    direction_score: u8,
}

#[derive(Clone, Debug, Default)]
struct AppMeter {
    counts: L7Counts,
    sketch: Vec<(u16, u64)>,
    direction_score: u8,
}

/// Meters by key, in the order in which their keys first came; slots and their buffers are
/// reused from second to second.
#[derive(Debug, Default)]
struct Meters<M> {
    index: HashMap<Key, u32, RandomState>,
    keys: Vec<Key>,
    slots: Vec<M>,
}

impl<M: Default> Meters<M> {
    /// The meter of `key`, or of `coarse` when there are too many keys.
    fn at(&mut self, key: Key, coarse: impl FnOnce(Key) -> Key, folded: &mut u64) -> &mut M {
        let mut key = key;
        if self.keys.len() >= limits::METRIC_KEYS && !self.index.contains_key(&key) {
            *folded += 1;
            key = coarse(key);
        }
        let next = self.keys.len() as u32;
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            self.keys.push(key);
            if self.slots.len() < self.keys.len() {
                self.slots.push(M::default());
            }
        }
        &mut self.slots[at as usize]
    }

    fn clear(&mut self) {
        self.index.clear();
        self.keys.clear();
    }
}

/// Sums of the running second.
#[derive(Debug, Default)]
pub struct Metrics {
    net: Meters<NetMeter>,
    app: Meters<AppMeter>,
    endpoints: HashMap<u64, Box<str>, RandomState>,
    hasher: RandomState,
    /// Keys folded into a coarser one because there were too many.
    pub folded: u64,
}

impl Metrics {
    /// Nothing was added since the last row.
    pub fn is_empty(&self) -> bool {
        self.net.keys.is_empty() && self.app.keys.is_empty()
    }

    fn key(origin: &Origin, flow: &Flow, view: View, endpoint: u64) -> Key {
        let (c, s) = (usize::from(flow.client), 1 - usize::from(flow.client));
        let ip = match view {
            View::Client => [flow.key.ip[c], [0; 16]],
            View::Server => [flow.key.ip[s], [0; 16]],
            View::Both => [flow.key.ip[c], flow.key.ip[s]],
        };
        let (capture_nic, point) = origin.seen_at(flow);
        Key {
            ip,
            server_port: flow.key.port[s],
            interface: flow.key.interface,
            protocol: flow.key.protocol,
            l7_protocol: flow.l7_protocol,
            tunnel: flow.key.tunnel,
            is_ip: flow.key.is_ip(),
            is_ipv4: flow.key.is_ipv4(),
            view,
            point,
            capture_nic,
            endpoint,
        }
    }

    /// Adds a flow's second.
    pub fn flow(
        &mut self,
        origin: &Origin,
        flow: &Flow,
        report: &Report,
        new: bool,
        closed: Option<CloseType>,
    ) {
        for view in [View::Client, View::Server, View::Both] {
            let key = Self::key(origin, flow, view, 0);
            let coarse = |k| Key { server_port: 0, ip: [[0; 16]; 2], ..k };
            let m = self.net.at(key, coarse, &mut self.folded);
            let mut oriented = *report;
            if flow.client == 1 {
                swap_sides(&mut oriented);
            }
            m.report.merge(&oriented);
            m.direction_score = m.direction_score.max(flow.direction_score);
            m.flow_load += 1;
            m.new_flow += u64::from(new);
            if let Some(close) = closed {
                m.closed_flow += 1;
                if flow.key.protocol == fathom_parsers::packet::ip_proto::TCP {
                    m.closes[close as usize] += 1;
                }
            }
        }
    }

    /// Adds an exchange.
    pub fn exchange(&mut self, origin: &Origin, flow: &Flow, e: &Exchange<'_>) {
        let endpoint = self.endpoint(e.text(Text::Endpoint));
        let mut counts = L7Counts {
            request: u32::from(e.request.is_some()),
            response: u32::from(e.answer.is_some()),
            client_error: u32::from(e.status == ResponseStatus::ClientError),
            server_error: u32::from(e.status == ResponseStatus::ServerError),
            timeout: u32::from(e.status == ResponseStatus::Timeout),
            ..L7Counts::default()
        };
        let duration = match (e.request, e.answer) {
            (Some(q), Some(a)) => Some(a.at.at_ns.saturating_sub(q.at_ns) / 1000),
            _ => None,
        };
        if let Some(d) = duration {
            counts.rrt.add(u32::try_from(d).unwrap_or(u32::MAX));
        }
        for view in [View::Client, View::Server, View::Both] {
            let mut key = Self::key(origin, flow, view, endpoint);
            key.l7_protocol = e.protocol as u8;
            let coarse = |k| Key { endpoint: 0, ip: [[0; 16]; 2], ..k };
            let m = self.app.at(key, coarse, &mut self.folded);
            m.counts.merge(&counts);
            m.direction_score = m.direction_score.max(flow.direction_score);
            if let Some(d) = duration {
                let bucket = sketch_bucket(d);
                match m.sketch.iter_mut().find(|b| b.0 == bucket) {
                    Some(b) => b.1 += 1,
                    None => m.sketch.push((bucket, 1)),
                }
            }
        }
    }

    fn endpoint(&mut self, text: &[u8]) -> u64 {
        if text.is_empty() {
            return 0;
        }
        let text = &text[..text.len().min(limits::ENDPOINT_BYTES)];
        let id = self.hasher.hash_one(text).max(1);
        if !self.endpoints.contains_key(&id) {
            if self.endpoints.len() >= limits::METRIC_KEYS / 4 {
                self.folded += 1;
                return 0;
            }
            self.endpoints.insert(id, String::from_utf8_lossy(text).into());
        }
        id
    }

    /// Turns the sums of `second` into rows and begins anew.
    pub fn emit(&mut self, blocks: &mut Blocks, origin: &Origin, second: u32) {
        for (key, m) in self.net.keys.iter().zip(&mut self.net.slots) {
            push_net(blocks, origin, second, key, m);
            *m = NetMeter::default();
        }
        self.net.clear();
        for (key, m) in self.app.keys.iter().zip(&mut self.app.slots) {
            m.sketch.sort_unstable();
            let endpoint = self.endpoints.get(&key.endpoint).map_or("", |s| &**s);
            push_app(blocks, origin, second, key, m, endpoint);
            m.counts = L7Counts::default();
            m.sketch.clear();
            m.direction_score = 0;
        }
        self.app.clear();
        self.endpoints.clear();
    }
}

/// Bucket of a latency in microseconds in a DDSketch of 2 % relative error: bucket `i` holds
/// values in (g^(i-1), g^i] with g = 1.02 / 0.98 (Masson et al., "DDSketch", VLDB 2019).
pub fn sketch_bucket(us: u64) -> u16 {
    const LN_GAMMA: f64 = 0.040_005_334_613_699_2;
    if us <= 1 {
        return 0;
    }
    ((us as f64).ln() / LN_GAMMA).ceil() as u16
}

fn swap_sides(r: &mut Report) {
    r.side.swap(0, 1);
    r.perf.srt.swap(0, 1);
    r.perf.art.swap(0, 1);
    r.perf.cit.swap(0, 1);
    r.perf.retrans.swap(0, 1);
    r.perf.zero_win.swap(0, 1);
    r.perf.ooo.swap(0, 1);
}

macro_rules! net_row {
    ($($row:ident)::+, $key:expr, $m:expr, $origin:expr, $second:expr, { $($extra:tt)* }) => {{
        let (key, m): (&Key, &NetMeter) = ($key, $m);
        let (r, p, l7) = (&m.report, &m.report.perf, &m.report.l7);
        // In the report the client is side 0; the server's view has its own traffic as "tx".
        let (t, x) = if key.view == View::Server { (1, 0) } else { (0, 1) };
        let closed = |c: CloseType| u64::from(m.closes[c as usize]);
        use CloseType as C;
        let client_fail = closed(C::ClientAckMissing) + closed(C::ClientPortReuse)
            + closed(C::ClientOtherReset);
        let server_fail = closed(C::ServerSynMissing) + closed(C::ServerDirectReset)
            + closed(C::ServerOtherReset);
        let reset = closed(C::ClientReset) + closed(C::ServerReset);
        let sum = |d: &Delay| (d.sum, u64::from(d.count), u64::from(d.max));
        let (rtt_sum, rtt_count, rtt_max) = sum(&p.rtt);
        let (rtt_client_sum, rtt_client_count, rtt_client_max) = sum(&p.rtt_client);
        let (rtt_server_sum, rtt_server_count, rtt_server_max) = sum(&p.rtt_server);
        let (srt_sum, srt_count, srt_max) = sum(&p.srt[1]);
        let (art_sum, art_count, art_max) = sum(&p.art[1]);
        let (cit_sum, cit_count, cit_max) = sum(&p.cit[0]);
        let (rrt_sum, rrt_count, rrt_max) = sum(&l7.rrt);
        $($row)::+ {
            time: $second,
            agent_id: $origin.agent_id,
            is_ipv4: u8::from(key.is_ipv4),
            protocol: key.protocol,
            server_port: key.server_port,
            l7_protocol: key.l7_protocol,
            observation_point: key.point,
            capture_nic: key.capture_nic,
            tunnel_type: key.tunnel,
            packet_tx: r.side[t].packets,
            packet_rx: r.side[x].packets,
            packet: r.side[0].packets + r.side[1].packets,
            byte_tx: r.side[t].bytes,
            byte_rx: r.side[x].bytes,
            byte: r.side[0].bytes + r.side[1].bytes,
            l3_byte_tx: r.side[t].l3_bytes,
            l3_byte_rx: r.side[x].l3_bytes,
            l4_byte_tx: r.side[t].l4_bytes,
            l4_byte_rx: r.side[x].l4_bytes,
            new_flow: m.new_flow,
            closed_flow: m.closed_flow,
            flow_load: m.flow_load,
            l7_request: l7.request.into(),
            l7_response: l7.response.into(),
            syn_count: p.syn.into(),
            synack_count: p.synack.into(),
            retrans_tx: p.retrans[t].into(),
            retrans_rx: p.retrans[x].into(),
            retrans: u64::from(p.retrans[0]) + u64::from(p.retrans[1]),
            zero_win_tx: p.zero_win[t].into(),
            zero_win_rx: p.zero_win[x].into(),
            zero_win: u64::from(p.zero_win[0]) + u64::from(p.zero_win[1]),
            retrans_syn: p.retrans_syn.into(),
            retrans_synack: p.retrans_synack.into(),
            ooo_tx: p.ooo[t].into(),
            ooo_rx: p.ooo[x].into(),
            client_rst_flow: closed(C::ClientReset),
            server_rst_flow: closed(C::ServerReset),
            server_syn_miss: closed(C::ServerSynMissing),
            client_ack_miss: closed(C::ClientAckMissing),
            client_half_close_flow: closed(C::ClientHalfClose),
            server_half_close_flow: closed(C::ServerHalfClose),
            client_source_port_reuse: closed(C::ClientPortReuse),
            server_reset: closed(C::ServerDirectReset),
            server_queue_lack: closed(C::ServerQueueOverflow),
            client_establish_other_rst: closed(C::ClientOtherReset),
            server_establish_other_rst: closed(C::ServerOtherReset),
            tcp_timeout: closed(C::Timeout),
            client_establish_fail: client_fail,
            server_establish_fail: server_fail,
            tcp_establish_fail: client_fail + server_fail,
            tcp_transfer_fail: reset + closed(C::Timeout) + closed(C::ServerQueueOverflow)
                + closed(C::ClientHalfClose) + closed(C::ServerHalfClose),
            tcp_rst_fail: reset + closed(C::ServerDirectReset) + closed(C::ClientOtherReset)
                + closed(C::ServerOtherReset),
            rtt_sum, rtt_count, rtt_max,
            rtt_client_sum, rtt_client_count, rtt_client_max,
            rtt_server_sum, rtt_server_count, rtt_server_max,
            srt_sum, srt_count, srt_max,
            art_sum, art_count, art_max,
            cit_sum, cit_count, cit_max,
            rrt_sum, rrt_count, rrt_max,
            l7_client_error: l7.client_error.into(),
            l7_server_error: l7.server_error.into(),
            l7_timeout: l7.timeout.into(),
            l7_error: u64::from(l7.client_error) + u64::from(l7.server_error),
            direction_score: m.direction_score,
            $($extra)*
            ..Default::default()
        }
    }};
}

fn push_net(blocks: &mut Blocks, origin: &Origin, second: u32, key: &Key, m: &NetMeter) {
    let (a4, a6) = ip_columns(&key.ip[0], key.is_ip, key.is_ipv4);
    if key.view == View::Both {
        let (b4, b6) = ip_columns(&key.ip[1], key.is_ip, key.is_ipv4);
        let row = net_row!(network_map_1s::Row, key, m, origin, second, {
            ip4_0: a4, ip6_0: a6, ip4_1: b4, ip6_1: b6,
        });
        blocks.network_map_1s.push(|b| b.push(&row));
    } else {
        let role = key.view as u8;
        let row = net_row!(network_1s::Row, key, m, origin, second, {
            ip4: a4, ip6: a6, role,
        });
        blocks.network_1s.push(|b| b.push(&row));
    }
}

macro_rules! app_row {
    ($($row:ident)::+, $key:expr, $m:expr, $origin:expr, $second:expr, $endpoint:expr, { $($extra:tt)* }) => {{
        let (key, m): (&Key, &AppMeter) = ($key, $m);
        let n = &m.counts;
        $($row)::+ {
            time: $second,
            agent_id: $origin.agent_id,
            is_ipv4: u8::from(key.is_ipv4),
            protocol: key.protocol,
            server_port: key.server_port,
            l7_protocol: key.l7_protocol,
            observation_point: key.point,
            capture_nic: key.capture_nic,
            tunnel_type: key.tunnel,
            endpoint: $endpoint,
            request: n.request.into(),
            response: n.response.into(),
            rrt_sum: n.rrt.sum,
            rrt_count: n.rrt.count.into(),
            rrt_max: n.rrt.max.into(),
            rrt_sketch: &m.sketch,
            client_error: n.client_error.into(),
            server_error: n.server_error.into(),
            timeout: n.timeout.into(),
            error: u64::from(n.client_error) + u64::from(n.server_error),
            direction_score: m.direction_score,
            $($extra)*
            ..Default::default()
        }
    }};
}

fn push_app(
    blocks: &mut Blocks,
    origin: &Origin,
    second: u32,
    key: &Key,
    m: &AppMeter,
    endpoint: &str,
) {
    let (a4, a6) = ip_columns(&key.ip[0], key.is_ip, key.is_ipv4);
    if key.view == View::Both {
        let (b4, b6) = ip_columns(&key.ip[1], key.is_ip, key.is_ipv4);
        let row = app_row!(application_map_1s::Row, key, m, origin, second, endpoint, {
            ip4_0: a4, ip6_0: a6, ip4_1: b4, ip6_1: b6,
        });
        blocks.application_map_1s.push(|b| b.push(&row));
    } else {
        let row = app_row!(application_1s::Row, key, m, origin, second, endpoint, {
            ip4: a4, ip6: a6, role: key.view as u8,
        });
        blocks.application_1s.push(|b| b.push(&row));
    }
}
