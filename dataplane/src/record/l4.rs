//! Rows of `flow_log.l4_flow_log`: one for each minute in which a flow had packets, one when it
//! ends.

use super::{Blocks, Origin, RowIds, ip_columns, mac_number};
use crate::flow::Report;
use crate::flow::perf::TcpPerf;
use crate::flow::table::Flow;
use crate::flow::tcp_state::{CloseType, status};
use fathom_parsers::packet::Tunnel;
use fathom_schema::l4_flow_log::Row;

/// Tunnel facts of a flow, by side that sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tunnels {
    /// By sender.
    pub side: [Tunnel; 2],
}

/// Everything a flow row is made of.
#[derive(Debug)]
pub struct FlowFacts<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Its numbers since its last row.
    pub report: &'a Report,
    /// Its TCP tracker.
    pub perf: Option<&'a TcpPerf>,
    /// Its tunnels.
    pub tunnels: Option<&'a Tunnels>,
    /// How it ended, or `ForcedReport`.
    pub close: CloseType,
    /// When this row's interval ended, nanoseconds.
    pub end_ns: u64,
}

/// Appends the row.
pub fn push(blocks: &mut Blocks, origin: &Origin, ids: &mut RowIds, f: &FlowFacts<'_>) {
    let flow = f.flow;
    let (c, s) = (usize::from(flow.client), 1 - usize::from(flow.client));
    let key = &flow.key;
    let (is_ip, is_ipv4) = (key.is_ip(), key.is_ipv4());
    let (ip4_0, ip6_0) = ip_columns(&key.ip[c], is_ip, is_ipv4);
    let (ip4_1, ip6_1) = ip_columns(&key.ip[s], is_ip, is_ipv4);
    let time = (f.end_ns / 1_000_000_000) as u32;
    let (tx, rx) = (&f.report.side[c], &f.report.side[s]);
    let (p, l7) = (&f.report.perf, &f.report.l7);
    let none = TcpPerf::default();
    let perf = f.perf.unwrap_or(&none);
    let mut row = Row {
        time,
        agent_id: origin.agent_id,
        ip4_0,
        ip4_1,
        ip6_0,
        ip6_1,
        is_ipv4: u8::from(is_ipv4),
        protocol: key.protocol,
        server_port: key.port[s],
        client_port: key.port[c],
        l7_protocol: flow.l7_protocol,
        observation_point: origin.point(flow).name(),
        capture_nic: origin.nic(key.interface),
        tunnel_type: key.tunnel,
        id: ids.next(time),
        start_time: (flow.start_ns / 1000) as i64,
        end_time: (f.end_ns / 1000) as i64,
        flow_id: flow.flow_id,
        direction_score: flow.direction_score,
        duration: flow.last_ns.saturating_sub(flow.start_ns) / 1000,
        is_new_flow: u8::from(flow.is_new),
        close_type: f.close as u8,
        status: status(f.close),
        mac_0: mac_number(flow.mac[c]),
        mac_1: mac_number(flow.mac[s]),
        eth_type: key.eth_type,
        vlan: flow.vlan,
        tcp_flags_bit_0: u16::from(tx.flags),
        tcp_flags_bit_1: u16::from(rx.flags),
        syn_seq: perf.syn_seq,
        syn_ack_seq: perf.synack_seq,
        last_keepalive_seq: perf.keepalive_seq,
        last_keepalive_ack: perf.keepalive_ack,
        init_ipid: u32::from(flow.init_ipid),
        packet_tx: tx.packets,
        packet_rx: rx.packets,
        byte_tx: tx.bytes,
        byte_rx: rx.bytes,
        l3_byte_tx: tx.l3_bytes,
        l3_byte_rx: rx.l3_bytes,
        l4_byte_tx: tx.l4_bytes,
        l4_byte_rx: rx.l4_bytes,
        total_packet_tx: flow.total_packets[c],
        total_packet_rx: flow.total_packets[s],
        total_byte_tx: flow.total_bytes[c],
        total_byte_rx: flow.total_bytes[s],
        l7_request: l7.request,
        l7_response: l7.response,
        l7_parse_failed: l7.parse_failed,
        l7_client_error: l7.client_error,
        l7_server_error: l7.server_error,
        l7_timeout: l7.timeout,
        l7_error: l7.client_error + l7.server_error,
        rtt: p.rtt.sum,
        rtt_client_sum: p.rtt_client.sum,
        rtt_client_count: p.rtt_client.count.into(),
        rtt_client_max: p.rtt_client.max.into(),
        rtt_server_sum: p.rtt_server.sum,
        rtt_server_count: p.rtt_server.count.into(),
        rtt_server_max: p.rtt_server.max.into(),
        srt_sum: p.srt[s].sum,
        srt_count: p.srt[s].count.into(),
        srt_max: p.srt[s].max.into(),
        art_sum: p.art[s].sum,
        art_count: p.art[s].count.into(),
        art_max: p.art[s].max.into(),
        rrt_sum: l7.rrt.sum,
        rrt_count: l7.rrt.count.into(),
        rrt_max: l7.rrt.max.into(),
        tls_rtt: l7.tls_rtt.into(),
        cit_sum: p.cit[c].sum,
        cit_count: p.cit[c].count.into(),
        cit_max: p.cit[c].max.into(),
        retrans_tx: p.retrans[c],
        retrans_rx: p.retrans[s],
        retrans_syn: p.retrans_syn,
        retrans_synack: p.retrans_synack,
        zero_win_tx: p.zero_win[c],
        zero_win_rx: p.zero_win[s],
        ooo_tx: p.ooo[c],
        ooo_rx: p.ooo[s],
        syn_count: p.syn,
        synack_count: p.synack,
        fin_count: p.fin,
        ..Row::default()
    };
    if let Some(t) = f.tunnels {
        set_tunnels(&mut row, &t.side[c], &t.side[s]);
    }
    blocks.l4_flow_log.push(|b| b.push(&row));
}

#[cold]
fn set_tunnels(row: &mut Row<'_>, tx: &Tunnel, rx: &Tunnel) {
    let any = if tx.tier > 0 { tx } else { rx };
    row.tunnel_tier = any.tier;
    let v4 = any.src.as_v4().is_some();
    row.tunnel_is_ipv4 = u8::from(v4);
    let ip = |t: &Tunnel, a: fathom_parsers::packet::Addr| ip_columns(&a.0, t.tier > 0, v4);
    (row.tunnel_tx_ip4_0, row.tunnel_tx_ip6_0) = ip(tx, tx.src);
    (row.tunnel_tx_ip4_1, row.tunnel_tx_ip6_1) = ip(tx, tx.dst);
    (row.tunnel_rx_ip4_0, row.tunnel_rx_ip6_0) = ip(rx, rx.src);
    (row.tunnel_rx_ip4_1, row.tunnel_rx_ip6_1) = ip(rx, rx.dst);
    row.tunnel_tx_id = tx.id;
    row.tunnel_rx_id = rx.id;
    row.tunnel_tx_mac_0 = mac_number(tx.mac_src);
    row.tunnel_tx_mac_1 = mac_number(tx.mac_dst);
    row.tunnel_rx_mac_0 = mac_number(rx.mac_src);
    row.tunnel_rx_mac_1 = mac_number(rx.mac_dst);
}
