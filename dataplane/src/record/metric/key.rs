//! What is counted together.

use super::Origin;
use crate::flow::link::Link;
use crate::flow::table::Flow;
use crate::record::Point;
use std::hash::{Hash, Hasher};

/// Whose view the sums have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum View {
    /// One end, as a client.
    Client = 0,
    /// One end, as a server.
    Server = 1,
    /// A pair of ends.
    Both = 2,
    /// Pairs that there was no room for; their ends are counted already.
    Folded = 3,
}

impl View {
    pub(super) const ENDS: [Self; 2] = [Self::Client, Self::Server];
}

/// The tags of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Key {
    /// Client and server; of one end the first.
    pub(super) ip: [[u8; 16]; 2],
    pub(super) endpoint: u32,
    pub(super) server_port: u16,
    pub(super) interface: u16,
    pub(super) protocol: u8,
    pub(super) l7_protocol: u8,
    pub(super) tunnel: u8,
    pub(super) is_ip: bool,
    pub(super) is_ipv4: bool,
    pub(super) view: View,
    pub(super) point: Point,
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for ip in self.ip {
            let ip = u128::from_ne_bytes(ip);
            state.write_u64(ip as u64);
            state.write_u64((ip >> 64) as u64);
        }
        state.write_u64(
            u64::from(self.endpoint)
                | u64::from(self.server_port) << 32
                | u64::from(self.interface) << 48,
        );
        state.write_u64(
            u64::from(self.protocol)
                | u64::from(self.l7_protocol) << 8
                | u64::from(self.tunnel) << 16
                | (self.view as u64) << 24
                | (self.point as u64) << 32,
        );
    }
}

impl Key {
    /// The pair of a flow's ends.
    #[inline]
    pub(super) fn of(origin: &Origin, flow: &Flow, link: &Link) -> Self {
        let (c, s) = (usize::from(flow.client), 1 - usize::from(flow.client));
        Self {
            ip: [flow.key.ip[c], flow.key.ip[s]],
            endpoint: 0,
            server_port: flow.key.port[s],
            interface: flow.key.interface,
            protocol: flow.key.protocol,
            l7_protocol: flow.l7_protocol,
            tunnel: flow.key.tunnel,
            is_ip: flow.key.is_ip(),
            is_ipv4: flow.key.is_ipv4(),
            view: View::Both,
            point: origin.point(flow, link),
        }
    }

    /// One end of a pair.
    #[inline]
    pub(super) fn end(&self, view: View) -> Self {
        let ip = self.ip[usize::from(view == View::Server)];
        Self { ip: [ip, [0; 16]], view, ..*self }
    }

    /// Without what there are many of in network metrics.
    pub(super) fn without_service(&self, view: View) -> Self {
        Self { ip: [[0; 16]; 2], server_port: 0, view, ..*self }
    }

    /// Without what there are many of in application metrics.
    pub(super) fn without_endpoint(&self, view: View) -> Self {
        Self { ip: [[0; 16]; 2], endpoint: 0, view, ..*self }
    }
}
