//! Rows of `flow_log.l4_flow_log`: one for each minute in which a flow had packets, one when it
//! ends.

use super::{Blocks, Origin, RowIds, delays, mac_number, trouble};
use crate::flow::link::Link;
use crate::flow::perf::Sequences;
use crate::flow::table::{Flow, bit};
use crate::flow::tcp_state::{CloseType, status};
use crate::flow::{Counts, Report};
use fathom_parsers::packet::Tunnel;
use fathom_schema::l4_flow_log::Block;

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
    /// Its link.
    pub link: &'a Link,
    /// Its numbers since its last row.
    pub counts: &'a Counts,
    /// Its TCP sequence numbers.
    pub sequences: Sequences,
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
    let time = (f.end_ns / 1_000_000_000) as u32;
    let mut report = Report::default();
    f.counts.add_to(&mut report, 0);
    let (tx, rx) = (&report.side[c], &report.side[s]);
    let (p, l7) = (&report.perf, &report.l7);
    blocks.l4_flow_log.push(|row| {
        row.time(time);
        row.agent_id(origin.agent_id);
        set_ip!(row, ip4_0, ip6_0, &key.ip[c], is_ip, is_ipv4);
        set_ip!(row, ip4_1, ip6_1, &key.ip[s], is_ip, is_ipv4);
        row.is_ipv4(u8::from(is_ipv4));
        row.protocol(key.protocol);
        row.server_port(key.port[s]);
        row.client_port(key.port[c]);
        row.l7_protocol(flow.l7_protocol);
        row.observation_point(origin.point(flow, f.link).name());
        let (nic, nic_type) = origin.nic(key.interface);
        row.capture_nic(nic);
        row.capture_nic_type(nic_type);
        row.tunnel_type(key.tunnel);
        row.id(ids.next(time));
        row.start_time((flow.start_ns / 1000) as i64);
        row.end_time((f.end_ns / 1000) as i64);
        row.flow_id(flow.flow_id);
        row.direction_score(flow.direction_score);
        row.duration(flow.last_ns.saturating_sub(flow.start_ns) / 1000);
        row.is_new_flow(u8::from(flow.is(bit::NEW)));
        row.close_type(f.close as u8);
        row.status(status(f.close));
        row.mac_0(mac_number(f.link.mac[c]));
        row.mac_1(mac_number(f.link.mac[s]));
        row.eth_type(key.eth_type);
        row.vlan(f.link.vlan);
        row.tcp_flags_bit_0(u16::from(tx.flags));
        row.tcp_flags_bit_1(u16::from(rx.flags));
        row.init_ipid(u32::from(flow.init_ipid));
        row.packet_tx(tx.packets);
        row.packet_rx(rx.packets);
        row.byte_tx(tx.bytes);
        row.byte_rx(rx.bytes);
        row.l3_byte_tx(tx.l3_bytes);
        row.l3_byte_rx(rx.l3_bytes);
        row.l4_byte_tx(tx.l4_bytes);
        row.l4_byte_rx(rx.l4_bytes);
        row.total_packet_tx(flow.total_packets[c]);
        row.total_packet_rx(flow.total_packets[s]);
        row.total_byte_tx(flow.total_bytes[c]);
        row.total_byte_rx(flow.total_bytes[s]);
        row.fin_count(p.fin);
        row.syn_seq(f.sequences.syn);
        row.syn_ack_seq(f.sequences.synack);
        row.last_keepalive_seq(f.sequences.keepalive);
        row.last_keepalive_ack(f.sequences.keepalive_ack);
        if p.rtt.count | p.rtt_client.count | p.syn | p.synack != 0 {
            row.rtt(p.rtt.sum);
            row.rtt_client_sum(p.rtt_client.sum);
            row.rtt_client_count(p.rtt_client.count.into());
            row.rtt_client_max(p.rtt_client.max.into());
            row.rtt_server_sum(p.rtt_server.sum);
            row.rtt_server_count(p.rtt_server.count.into());
            row.rtt_server_max(p.rtt_server.max.into());
            row.retrans_syn(p.retrans_syn);
            row.retrans_synack(p.retrans_synack);
            row.syn_count(p.syn);
            row.synack_count(p.synack);
        }
        if delays(p) {
            row.srt_sum(p.srt[s].sum);
            row.srt_count(p.srt[s].count.into());
            row.srt_max(p.srt[s].max.into());
            row.art_sum(p.art[s].sum);
            row.art_count(p.art[s].count.into());
            row.art_max(p.art[s].max.into());
            row.cit_sum(p.cit[c].sum);
            row.cit_count(p.cit[c].count.into());
            row.cit_max(p.cit[c].max.into());
        }
        if trouble(p) {
            row.retrans_tx(p.retrans[c]);
            row.retrans_rx(p.retrans[s]);
            row.zero_win_tx(p.zero_win[c]);
            row.zero_win_rx(p.zero_win[s]);
            row.ooo_tx(p.ooo[c]);
            row.ooo_rx(p.ooo[s]);
        }
        if !l7.is_empty() {
            row.l7_request(l7.request);
            row.l7_response(l7.response);
            row.l7_parse_failed(l7.parse_failed);
            row.l7_client_error(l7.client_error);
            row.l7_server_error(l7.server_error);
            row.l7_timeout(l7.timeout);
            row.l7_error(l7.client_error + l7.server_error);
            row.rrt_sum(l7.rrt.sum);
            row.rrt_count(l7.rrt.count.into());
            row.rrt_max(l7.rrt.max.into());
            row.tls_rtt(l7.tls_rtt.into());
        }
        if let Some(t) = f.tunnels {
            set_tunnels(row, &t.side[c], &t.side[s]);
        }
    });
}

#[cold]
fn set_tunnels(row: &mut Block, tx: &Tunnel, rx: &Tunnel) {
    let any = if tx.tier > 0 { tx } else { rx };
    row.tunnel_tier(any.tier);
    let v4 = any.src.as_v4().is_some();
    row.tunnel_is_ipv4(u8::from(v4));
    set_ip!(row, tunnel_tx_ip4_0, tunnel_tx_ip6_0, &tx.src.0, tx.tier > 0, v4);
    set_ip!(row, tunnel_tx_ip4_1, tunnel_tx_ip6_1, &tx.dst.0, tx.tier > 0, v4);
    set_ip!(row, tunnel_rx_ip4_0, tunnel_rx_ip6_0, &rx.src.0, rx.tier > 0, v4);
    set_ip!(row, tunnel_rx_ip4_1, tunnel_rx_ip6_1, &rx.dst.0, rx.tier > 0, v4);
    row.tunnel_tx_id(tx.id);
    row.tunnel_rx_id(rx.id);
    row.tunnel_tx_mac_0(mac_number(tx.mac_src));
    row.tunnel_tx_mac_1(mac_number(tx.mac_dst));
    row.tunnel_rx_mac_0(mac_number(rx.mac_src));
    row.tunnel_rx_mac_1(mac_number(rx.mac_dst));
}
