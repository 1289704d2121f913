//! Numbers of one flow in one interval, small because there is one for each flow with recent
//! packets: what [`super::Report`] sums over many.

use super::report::{Delay, L7Counts, PerfSums, Report};

/// Sum, count and maximum of a delay of one flow within a minute, microseconds. The delays it is
/// used for follow each other, so that their sum is not much longer than the longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SmallDelay {
    /// Sum.
    pub sum: u32,
    /// How many.
    pub count: u32,
    /// Largest.
    pub max: u32,
}

impl SmallDelay {
    /// Adds one measurement.
    #[inline]
    pub fn add(&mut self, us: u32) {
        self.sum = self.sum.saturating_add(us);
        self.count += 1;
        self.max = self.max.max(us);
    }

    fn merge(&mut self, o: &Self) {
        self.sum = self.sum.saturating_add(o.sum);
        self.count += o.count;
        self.max = self.max.max(o.max);
    }

    fn add_to(&self, all: &mut Delay) {
        all.sum += u64::from(self.sum);
        all.count += self.count;
        all.max = all.max.max(self.max);
    }
}

/// Which numbers of [`PerfCounts`] hold anything.
pub mod has {
    /// SYN and SYN+ACK packets.
    pub const HANDSHAKE: u8 = 1;
    /// `srt`, `art` or `cit`.
    pub const DELAYS: u8 = 2;
    /// Something was repeated, out of order, or without room.
    pub const TROUBLE: u8 = 4;
    /// `rtt`.
    pub const RTT: u8 = 8;
    /// `rtt_client`.
    pub const RTT_CLIENT: u8 = 16;
    /// `rtt_server`.
    pub const RTT_SERVER: u8 = 32;
}

/// TCP health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerfCounts {
    /// See [`has`].
    pub has: u8,
    /// FIN packets.
    pub fin: u32,
    /// By the side that answered: payload to the pure ACK that covers it.
    pub srt: [SmallDelay; 2],
    /// By the side that answered: last request payload to first response payload.
    pub art: [SmallDelay; 2],
    /// By the side that waited: last payload received to next payload sent.
    pub cit: [SmallDelay; 2],
    /// Whole handshake: SYN to final ACK. A flow has one.
    pub rtt: u32,
    /// SYN+ACK to ACK, answered by the client.
    pub rtt_client: u32,
    /// SYN to SYN+ACK, answered by the server.
    pub rtt_server: u32,
    /// SYN packets.
    pub syn: u32,
    /// SYN+ACK packets.
    pub synack: u32,
    /// Repeated SYN.
    pub retrans_syn: u32,
    /// Repeated SYN+ACK.
    pub retrans_synack: u32,
    /// By sender.
    pub retrans: [u32; 2],
    /// By sender.
    pub zero_win: [u32; 2],
    /// By sender.
    pub ooo: [u32; 2],
}

impl PerfCounts {
    fn merge(&mut self, o: &Self) {
        self.has |= o.has;
        self.fin += o.fin;
        if o.has & has::HANDSHAKE != 0 {
            self.syn += o.syn;
            self.synack += o.synack;
            self.retrans_syn += o.retrans_syn;
            self.retrans_synack += o.retrans_synack;
        }
        for (bit, mine, theirs) in [
            (has::RTT, &mut self.rtt, o.rtt),
            (has::RTT_CLIENT, &mut self.rtt_client, o.rtt_client),
            (has::RTT_SERVER, &mut self.rtt_server, o.rtt_server),
        ] {
            if o.has & bit != 0 {
                *mine = theirs;
            }
        }
        if o.has & has::DELAYS != 0 {
            for s in 0..2 {
                self.srt[s].merge(&o.srt[s]);
                self.art[s].merge(&o.art[s]);
                self.cit[s].merge(&o.cit[s]);
            }
        }
        if o.has & has::TROUBLE != 0 {
            for s in 0..2 {
                self.retrans[s] += o.retrans[s];
                self.zero_win[s] += o.zero_win[s];
                self.ooo[s] += o.ooo[s];
            }
        }
    }

    /// Adds this to `all`, whose side 0 is side `first` here.
    fn add_to(&self, all: &mut PerfSums, first: usize) {
        all.has |= self.has;
        all.fin += self.fin;
        if self.has & has::HANDSHAKE != 0 {
            all.syn += self.syn;
            all.synack += self.synack;
            all.retrans_syn += self.retrans_syn;
            all.retrans_synack += self.retrans_synack;
        }
        for (bit, sum, us) in [
            (has::RTT, &mut all.rtt, self.rtt),
            (has::RTT_CLIENT, &mut all.rtt_client, self.rtt_client),
            (has::RTT_SERVER, &mut all.rtt_server, self.rtt_server),
        ] {
            if self.has & bit != 0 {
                sum.add(us);
            }
        }
        if self.has & has::DELAYS != 0 {
            for s in 0..2 {
                self.srt[s ^ first].add_to(&mut all.srt[s]);
                self.art[s ^ first].add_to(&mut all.art[s]);
                self.cit[s ^ first].add_to(&mut all.cit[s]);
            }
        }
        if self.has & has::TROUBLE != 0 {
            for s in 0..2 {
                all.retrans[s] += self.retrans[s ^ first];
                all.zero_win[s] += self.zero_win[s ^ first];
                all.ooo[s] += self.ooo[s ^ first];
            }
        }
    }
}

/// Packets and bytes by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Packets: no link brings so many in a minute that they do not fit.
    pub packets: [u32; 2],
    /// Bytes from the Ethernet header on, as on the wire.
    pub bytes: [u64; 2],
    /// Bytes of IP payload.
    pub l3_bytes: [u64; 2],
    /// Bytes of transport payload.
    pub l4_bytes: [u64; 2],
}

/// What happened in a flow in a second or a minute. Sides are those of the flow's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Counts {
    /// Packets and bytes.
    pub traffic: Traffic,
    /// TCP flags seen, by side.
    pub flags: [u8; 2],
    /// TCP health.
    pub perf: PerfCounts,
    /// Application exchanges.
    pub l7: L7Counts,
}

impl Counts {
    /// Nothing happened.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.traffic.packets == [0; 2] && self.l7.is_empty()
    }

    /// Adds another interval of the same flow.
    pub fn merge(&mut self, o: &Self) {
        for s in 0..2 {
            self.traffic.packets[s] = self.traffic.packets[s].saturating_add(o.traffic.packets[s]);
            self.traffic.bytes[s] += o.traffic.bytes[s];
            self.traffic.l3_bytes[s] += o.traffic.l3_bytes[s];
            self.traffic.l4_bytes[s] += o.traffic.l4_bytes[s];
            self.flags[s] |= o.flags[s];
        }
        self.perf.merge(&o.perf);
        self.l7.merge(&o.l7);
    }

    /// Adds this to `all`, whose side 0 is side `first` here.
    pub fn add_to(&self, all: &mut Report, first: usize) {
        for s in 0..2 {
            let (sum, t, from) = (&mut all.side[s], &self.traffic, s ^ first);
            sum.packets += u64::from(t.packets[from]);
            sum.bytes += t.bytes[from];
            sum.l3_bytes += t.l3_bytes[from];
            sum.l4_bytes += t.l4_bytes[from];
            sum.flags |= self.flags[from];
        }
        self.perf.add_to(&mut all.perf, first);
        all.l7.merge(&self.l7);
    }
}

/// The running second and minute of a flow with recent packets.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Interval {
    /// Time of the flow's last packet, nanoseconds.
    pub last_ns: u64,
    /// The running second, or one that has ended and told its metrics.
    pub second: Counts,
    /// Index of what was before that since the last flow row, or none.
    pub minute: u32,
    /// The second runs: it is listed, and the metrics do not have it yet.
    pub running: bool,
    /// Listed among the flows active in this minute.
    pub in_minute: bool,
}

const _: () = assert!(size_of::<Interval>() <= 256);
