//! Sums to rows of the four tables.

use super::endpoints::Endpoints;
use super::key::{Key, View};
use super::sketch::Sketches;
use super::{AppMeter, NetMeter};
use crate::flow::Delay;
use crate::flow::tcp_state::CloseType;
use crate::record::{Blocks, Origin, delays, trouble};

/// Which second, and where.
pub(super) struct At<'a> {
    pub(super) origin: &'a Origin,
    pub(super) second: u32,
}

/// Sets the columns that both tables of traffic have. Groups of numbers of which most rows have
/// none are tested at once.
macro_rules! set_net {
    ($row:expr, $key:expr, $m:expr, $at:expr) => {{
        let (row, key, m, at) = ($row, $key, $m, $at);
        let (r, p, l7) = (&m.report, &m.report.perf, &m.report.l7);
        // In the report the client is side 0; the server's view has its own traffic as "tx".
        let (t, x) = if key.view == View::Server { (1, 0) } else { (0, 1) };
        set_tags!(row, key, m, at);
        row.packet_tx(r.side[t].packets);
        row.packet_rx(r.side[x].packets);
        row.packet(r.side[0].packets + r.side[1].packets);
        row.byte_tx(r.side[t].bytes);
        row.byte_rx(r.side[x].bytes);
        row.byte(r.side[0].bytes + r.side[1].bytes);
        row.l3_byte_tx(r.side[t].l3_bytes);
        row.l3_byte_rx(r.side[x].l3_bytes);
        row.l4_byte_tx(r.side[t].l4_bytes);
        row.l4_byte_rx(r.side[x].l4_bytes);
        row.new_flow(m.new_flow.into());
        row.closed_flow(m.closed_flow.into());
        row.flow_load(m.flow_load.into());
        if p.rtt.count | p.rtt_client.count | p.syn | p.synack != 0 {
            set_delay!(row, &p.rtt, rtt_sum, rtt_count, rtt_max);
            set_delay!(row, &p.rtt_client, rtt_client_sum, rtt_client_count, rtt_client_max);
            set_delay!(row, &p.rtt_server, rtt_server_sum, rtt_server_count, rtt_server_max);
            row.syn_count(p.syn.into());
            row.synack_count(p.synack.into());
            row.retrans_syn(p.retrans_syn.into());
            row.retrans_synack(p.retrans_synack.into());
        }
        if delays(p) {
            set_delay!(row, &p.srt[1], srt_sum, srt_count, srt_max);
            set_delay!(row, &p.art[1], art_sum, art_count, art_max);
            set_delay!(row, &p.cit[0], cit_sum, cit_count, cit_max);
        }
        if trouble(p) {
            row.retrans_tx(p.retrans[t].into());
            row.retrans_rx(p.retrans[x].into());
            row.retrans(u64::from(p.retrans[0]) + u64::from(p.retrans[1]));
            row.zero_win_tx(p.zero_win[t].into());
            row.zero_win_rx(p.zero_win[x].into());
            row.zero_win(u64::from(p.zero_win[0]) + u64::from(p.zero_win[1]));
            row.ooo_tx(p.ooo[t].into());
            row.ooo_rx(p.ooo[x].into());
        }
        if m.ended_badly {
            set_closes!(row, m);
        }
        if !l7.is_empty() {
            row.l7_request(l7.request.into());
            row.l7_response(l7.response.into());
            row.l7_client_error(l7.client_error.into());
            row.l7_server_error(l7.server_error.into());
            row.l7_timeout(l7.timeout.into());
            row.l7_error(u64::from(l7.client_error) + u64::from(l7.server_error));
            set_delay!(row, &l7.rrt, rrt_sum, rrt_count, rrt_max);
        }
    }};
}

/// Sets the columns that every table of metrics has.
macro_rules! set_tags {
    ($row:expr, $key:expr, $m:expr, $at:expr) => {
        let at: &At<'_> = $at;
        $row.time(at.second);
        $row.agent_id(at.origin.agent_id);
        $row.is_ipv4(u8::from($key.is_ipv4));
        $row.protocol($key.protocol);
        $row.server_port($key.server_port);
        $row.l7_protocol($key.l7_protocol);
        $row.observation_point($key.point.name());
        let (nic, nic_type) = at.origin.nic($key.interface);
        $row.capture_nic(nic);
        $row.capture_nic_type(nic_type);
        $row.tunnel_type($key.tunnel);
        $row.direction_score($m.direction_score);
    };
}

macro_rules! set_delay {
    ($row:expr, $delay:expr, $sum:ident, $count:ident, $max:ident) => {
        let d: &Delay = $delay;
        if d.count != 0 {
            $row.$sum(d.sum);
            $row.$count(d.count.into());
            $row.$max(d.max.into());
        }
    };
}

/// Sets what is counted of connections that ended otherwise than they should.
macro_rules! set_closes {
    ($row:expr, $m:expr) => {
        let closed = |c: CloseType| u64::from($m.closes[c as usize]);
        use CloseType as C;
        let client_fail =
            closed(C::ClientAckMissing) + closed(C::ClientPortReuse) + closed(C::ClientOtherReset);
        let server_fail = closed(C::ServerSynMissing)
            + closed(C::ServerDirectReset)
            + closed(C::ServerOtherReset);
        let reset = closed(C::ClientReset) + closed(C::ServerReset);
        $row.client_rst_flow(closed(C::ClientReset));
        $row.server_rst_flow(closed(C::ServerReset));
        $row.server_syn_miss(closed(C::ServerSynMissing));
        $row.client_ack_miss(closed(C::ClientAckMissing));
        $row.client_half_close_flow(closed(C::ClientHalfClose));
        $row.server_half_close_flow(closed(C::ServerHalfClose));
        $row.client_source_port_reuse(closed(C::ClientPortReuse));
        $row.server_reset(closed(C::ServerDirectReset));
        $row.server_queue_lack(closed(C::ServerQueueOverflow));
        $row.client_establish_other_rst(closed(C::ClientOtherReset));
        $row.server_establish_other_rst(closed(C::ServerOtherReset));
        $row.tcp_timeout(closed(C::Timeout));
        $row.client_establish_fail(client_fail);
        $row.server_establish_fail(server_fail);
        $row.tcp_establish_fail(client_fail + server_fail);
        $row.tcp_transfer_fail(
            reset
                + closed(C::Timeout)
                + closed(C::ServerQueueOverflow)
                + closed(C::ClientHalfClose)
                + closed(C::ServerHalfClose),
        );
        $row.tcp_rst_fail(
            reset
                + closed(C::ServerDirectReset)
                + closed(C::ClientOtherReset)
                + closed(C::ServerOtherReset),
        );
    };
}

/// Appends a row of traffic.
pub(super) fn network(blocks: &mut Blocks, at: &At<'_>, key: &Key, m: &NetMeter) {
    if matches!(key.view, View::Both | View::Folded) {
        blocks.network_map_1s.push(|row| {
            set_ip!(row, ip4_0, ip6_0, &key.ip[0], key.is_ip, key.is_ipv4);
            set_ip!(row, ip4_1, ip6_1, &key.ip[1], key.is_ip, key.is_ipv4);
            set_net!(row, key, m, at);
        });
    } else {
        blocks.network_1s.push(|row| {
            set_ip!(row, ip4, ip6, &key.ip[0], key.is_ip, key.is_ipv4);
            row.role(key.view as u8);
            set_net!(row, key, m, at);
        });
    }
}

/// Sets the columns that both tables of requests have.
macro_rules! set_app {
    ($row:expr, $key:expr, $m:expr, $at:expr, $endpoint:expr, $sketch:expr) => {{
        let (row, m) = ($row, $m);
        let n = &m.counts;
        set_tags!(row, $key, m, $at);
        row.endpoint($endpoint);
        row.request(n.request.into());
        row.response(n.response.into());
        set_delay!(row, &n.rrt, rrt_sum, rrt_count, rrt_max);
        row.rrt_sketch($sketch);
        if n.client_error | n.server_error | n.timeout != 0 {
            row.client_error(n.client_error.into());
            row.server_error(n.server_error.into());
            row.timeout(n.timeout.into());
            row.error(u64::from(n.client_error) + u64::from(n.server_error));
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
    if matches!(key.view, View::Both | View::Folded) {
        blocks.application_map_1s.push(|row| {
            set_ip!(row, ip4_0, ip6_0, &key.ip[0], key.is_ip, key.is_ipv4);
            set_ip!(row, ip4_1, ip6_1, &key.ip[1], key.is_ip, key.is_ipv4);
            set_app!(row, key, m, at, endpoint, sketch);
        });
    } else {
        blocks.application_1s.push(|row| {
            set_ip!(row, ip4, ip6, &key.ip[0], key.is_ip, key.is_ipv4);
            row.role(key.view as u8);
            set_app!(row, key, m, at, endpoint, sketch);
        });
    }
}
