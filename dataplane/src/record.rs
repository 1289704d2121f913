//! Flow state and exchanges to rows, rows to column blocks: the last stage of a shard before
//! the wire. Here "side A and side B" become client (`_0`, `tx`) and server (`_1`, `rx`).

/// Sets whichever of an address's two columns it belongs into, if it is one.
macro_rules! set_ip {
    ($row:expr, $ip4:ident, $ip6:ident, $ip:expr, $is_ip:expr, $is_ipv4:expr) => {
        let ip: &[u8; 16] = $ip;
        if $is_ip {
            if $is_ipv4 {
                $row.$ip4([ip[12], ip[13], ip[14], ip[15]]);
            } else {
                $row.$ip6(*ip);
            }
        }
    };
}

pub mod l4;
pub mod l7;
pub mod metric;

use crate::flow::link::Link;
use crate::flow::table::Flow;
use crate::flow::{Delay, PerfSums};
use crate::limits;
use fathom_schema::{
    ColumnBlock, application_1s, application_map_1s, l4_flow_log, l7_flow_log, network_1s,
    network_map_1s,
};

/// The rows of one table: an open block, and blocks that filled up while nobody could take them.
/// One step of the pipeline (a minute's end, a flood) may make more rows than a frame holds.
#[derive(Debug, Default)]
pub struct Rows<B> {
    open: B,
    full: Vec<B>,
    /// An emptied block, for its memory.
    spare: Option<B>,
}

/// How often a block's bytes are looked at, in rows: a sum over its columns.
const LOOK_EVERY: usize = 64;

impl<B: ColumnBlock + Default> Rows<B> {
    /// Appends the row whose columns `set` sets, into a fresh block when the open one is full.
    #[inline]
    fn push(&mut self, set: impl FnOnce(&mut B)) {
        set(&mut self.open);
        self.open.end_row();
        let rows = self.open.rows();
        if rows.is_multiple_of(LOOK_EVERY) {
            self.look();
        }
    }

    #[cold]
    fn look(&mut self) {
        if self.is_full() {
            let next = self.spare.take().unwrap_or_default();
            self.full.push(std::mem::replace(&mut self.open, next));
        }
    }

    fn is_full(&self) -> bool {
        self.open.rows() >= limits::BLOCK_ROWS || self.open.raw_bytes() >= limits::BLOCK_BYTES
    }

    fn each_mut(&mut self, f: &mut impl FnMut(&mut dyn ColumnBlock)) {
        for block in &mut self.full {
            f(block);
        }
        if let Some(last) = self.full.pop_if(|b| b.rows() == 0) {
            self.spare = Some(last);
        }
        self.full.retain(|b| b.rows() > 0);
        f(&mut self.open);
    }
}

/// The rows that wait to be sealed, by table.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "the names are the tables")]
pub struct Blocks {
    pub l4_flow_log: Rows<l4_flow_log::Block>,
    pub l7_flow_log: Rows<l7_flow_log::Block>,
    pub network_1s: Rows<network_1s::Block>,
    pub network_map_1s: Rows<network_map_1s::Block>,
    pub application_1s: Rows<application_1s::Block>,
    pub application_map_1s: Rows<application_map_1s::Block>,
}

impl Blocks {
    /// Visits every block, the most important table last. Whoever takes a block's rows clears it.
    pub fn each_mut(&mut self, mut f: impl FnMut(&mut dyn ColumnBlock)) {
        self.l7_flow_log.each_mut(&mut f);
        self.l4_flow_log.each_mut(&mut f);
        self.application_map_1s.each_mut(&mut f);
        self.network_map_1s.each_mut(&mut f);
        self.application_1s.each_mut(&mut f);
        self.network_1s.each_mut(&mut f);
    }

    /// Some table has a whole block's worth of rows.
    pub fn any_full(&self) -> bool {
        !(self.l7_flow_log.full.is_empty()
            && self.l4_flow_log.full.is_empty()
            && self.application_map_1s.full.is_empty()
            && self.network_map_1s.full.is_empty()
            && self.application_1s.full.is_empty()
            && self.network_1s.full.is_empty())
    }
}

/// Facts that every row of a shard carries.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// This agent.
    pub agent_id: u32,
    /// Capture interfaces by their index in the pipeline.
    pub interfaces: Vec<InterfaceFacts>,
}

/// What rows say of a capture interface.
#[derive(Clone, Copy, Debug, Default)]
pub struct InterfaceFacts {
    /// Kernel index.
    pub index: u32,
    /// Hardware address, or zero.
    pub mac: [u8; 6],
    /// Loopback: both ends are this host.
    pub loopback: bool,
}

impl Origin {
    /// `capture_nic` of an interface, and how it is to be read (`capture_nic_type`).
    #[inline]
    pub fn nic(&self, interface: u16) -> (u32, u8) {
        const MAC: u8 = 0;
        const ID: u8 = 3;
        match self.interfaces.get(usize::from(interface)) {
            Some(InterfaceFacts { mac: [_, _, a, b, c, d], .. }) if a | b | c | d != 0 => {
                (u32::from_be_bytes([*a, *b, *c, *d]), MAC)
            }
            Some(InterfaceFacts { index, .. }) if *index != 0 => (*index, ID),
            _ => (0, MAC),
        }
    }

    /// `observation_point` of a flow: whose end of it this host is.
    #[inline]
    pub fn point(&self, flow: &Flow, link: &Link) -> Point {
        let Some(i) = self.interfaces.get(usize::from(flow.key.interface)) else {
            return Point::Rest;
        };
        let client = usize::from(flow.client);
        if i.loopback {
            Point::Local
        } else if i.mac == [0; 6] {
            Point::Rest
        } else if link.mac[client] == i.mac {
            Point::Client
        } else if link.mac[1 - client] == i.mac {
            Point::Server
        } else {
            Point::Rest
        }
    }
}

/// Whose end of a flow this host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Point {
    /// Neither's, or nobody knows.
    Rest,
    /// Both.
    Local,
    /// The client's.
    Client,
    /// The server's.
    Server,
}

impl Point {
    /// As `observation_point` spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Local => "local",
            Self::Client => "c",
            Self::Server => "s",
        }
    }
}

/// Row ids of one shard: the second in the high half, below it the shard and a counter. An agent
/// gives no id twice unless a shard makes more than four million rows of one second.
#[derive(Debug, Clone, Copy)]
pub struct RowIds {
    shard: u16,
    next: u32,
}

/// Where in the low half of an id the shard begins: there are at most 1,024.
pub const ID_SHARD_BIT: u32 = 22;

impl RowIds {
    /// Ids of one shard.
    pub fn new(shard: u16) -> Self {
        Self { shard, next: 0 }
    }

    /// The id of a row of this second.
    #[inline]
    pub fn next(&mut self, seconds: u32) -> u64 {
        self.next = (self.next + 1) & ((1 << ID_SHARD_BIT) - 1);
        id(seconds.into(), self.shard, self.next)
    }
}

/// An id of a shard's `counter`th thing of a second.
pub fn id(seconds: u64, shard: u16, counter: u32) -> u64 {
    seconds << 32 | u64::from(shard & 0x3ff) << ID_SHARD_BIT | u64::from(counter)
}

/// Whether any delay between segments was measured.
#[inline]
fn delays(p: &PerfSums) -> bool {
    let count = |d: &[Delay; 2]| d[0].count | d[1].count;
    count(&p.srt) | count(&p.art) | count(&p.cit) != 0
}

/// Whether anything was repeated, out of order, or without room.
#[inline]
fn trouble(p: &PerfSums) -> bool {
    let any = |n: &[u32; 2]| n[0] | n[1];
    any(&p.retrans) | any(&p.zero_win) | any(&p.ooo) != 0
}

/// A MAC address as an integer, first byte highest.
pub fn mac_number(m: [u8; 6]) -> u64 {
    u64::from_be_bytes([0, 0, m[0], m[1], m[2], m[3], m[4], m[5]])
}
