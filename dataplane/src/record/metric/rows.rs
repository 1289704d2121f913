//! Sums to rows of the four tables.

use super::endpoints::Endpoints;
use super::key::{Key, View};
use super::sketch::Sketches;
use super::{AppMeter, NetMeter};
use crate::flow::Delay;
use crate::flow::tcp_state::CloseType;
use crate::record::{Blocks, Origin, ip_columns};
use fathom_schema::{application_1s, application_map_1s, network_1s, network_map_1s};

/// Which second, and where.
pub(super) struct At<'a> {
    pub(super) origin: &'a Origin,
    pub(super) second: u32,
}

macro_rules! net_row {
    ($($row:ident)::+, $key:expr, $m:expr, $at:expr, { $($extra:tt)* }) => {{
        let (key, m): (&Key, &NetMeter) = ($key, $m);
        let at: &At<'_> = $at;
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
            time: at.second,
            agent_id: at.origin.agent_id,
            is_ipv4: u8::from(key.is_ipv4),
            protocol: key.protocol,
            server_port: key.server_port,
            l7_protocol: key.l7_protocol,
            observation_point: key.point.name(),
            capture_nic: at.origin.nic(key.interface),
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
            new_flow: m.new_flow.into(),
            closed_flow: m.closed_flow.into(),
            flow_load: m.flow_load.into(),
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

/// Appends a row of traffic.
pub(super) fn network(blocks: &mut Blocks, at: &At<'_>, key: &Key, m: &NetMeter) {
    let (a4, a6) = ip_columns(&key.ip[0], key.is_ip, key.is_ipv4);
    if matches!(key.view, View::Both | View::Folded) {
        let (b4, b6) = ip_columns(&key.ip[1], key.is_ip, key.is_ipv4);
        blocks.network_map_1s.push(|b| {
            b.push(&net_row!(network_map_1s::Row, key, m, at, {
                ip4_0: a4, ip6_0: a6, ip4_1: b4, ip6_1: b6,
            }));
        });
    } else {
        blocks.network_1s.push(|b| {
            b.push(&net_row!(network_1s::Row, key, m, at, {
                ip4: a4, ip6: a6, role: key.view as u8,
            }));
        });
    }
}

macro_rules! app_row {
    ($($row:ident)::+, $key:expr, $m:expr, $at:expr, $endpoint:expr, $sketch:expr, { $($extra:tt)* }) => {{
        let (key, m): (&Key, &AppMeter) = ($key, $m);
        let at: &At<'_> = $at;
        let n = &m.counts;
        $($row)::+ {
            time: at.second,
            agent_id: at.origin.agent_id,
            is_ipv4: u8::from(key.is_ipv4),
            protocol: key.protocol,
            server_port: key.server_port,
            l7_protocol: key.l7_protocol,
            observation_point: key.point.name(),
            capture_nic: at.origin.nic(key.interface),
            tunnel_type: key.tunnel,
            endpoint: $endpoint,
            request: n.request.into(),
            response: n.response.into(),
            rrt_sum: n.rrt.sum,
            rrt_count: n.rrt.count.into(),
            rrt_max: n.rrt.max.into(),
            rrt_sketch: $sketch,
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

/// Appends a row of requests.
pub(super) fn application(
    blocks: &mut Blocks,
    at: &At<'_>,
    key: &Key,
    m: &AppMeter,
    sketches: &mut Sketches,
    endpoints: &Endpoints,
) {
    let (endpoint, sketch) = (endpoints.name(key.endpoint), sketches.sorted(m.sketch));
    let (a4, a6) = ip_columns(&key.ip[0], key.is_ip, key.is_ipv4);
    if matches!(key.view, View::Both | View::Folded) {
        let (b4, b6) = ip_columns(&key.ip[1], key.is_ip, key.is_ipv4);
        blocks.application_map_1s.push(|b| {
            b.push(&app_row!(application_map_1s::Row, key, m, at, endpoint, sketch, {
                ip4_0: a4, ip6_0: a6, ip4_1: b4, ip6_1: b6,
            }));
        });
    } else {
        blocks.application_1s.push(|b| {
            b.push(&app_row!(application_1s::Row, key, m, at, endpoint, sketch, {
                ip4: a4, ip6: a6, role: key.view as u8,
            }));
        });
    }
}
