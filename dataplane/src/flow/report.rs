//! Numbers of an interval in full width: what rows are made of, and what metrics sum over many
//! flows.

use super::counts::has;

/// Traffic of one side in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideCounts {
    /// Packets.
    pub packets: u64,
    /// Bytes from the Ethernet header on, as on the wire.
    pub bytes: u64,
    /// Bytes of IP payload.
    pub l3_bytes: u64,
    /// Bytes of transport payload.
    pub l4_bytes: u64,
    /// TCP flags seen.
    pub flags: u8,
}

impl SideCounts {
    /// Adds another interval's numbers.
    #[inline]
    pub fn merge(&mut self, o: &Self) {
        self.packets += o.packets;
        self.bytes += o.bytes;
        self.l3_bytes += o.l3_bytes;
        self.l4_bytes += o.l4_bytes;
        self.flags |= o.flags;
    }
}

/// Application exchanges in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct L7Counts {
    /// Requests seen.
    pub request: u32,
    /// Responses seen.
    pub response: u32,
    /// Responses that blame the client.
    pub client_error: u32,
    /// Responses that blame the server.
    pub server_error: u32,
    /// Requests that were given up.
    pub timeout: u32,
    /// Messages that could not be read.
    pub parse_failed: u32,
    /// Request to response.
    pub rrt: Delay,
    /// Microseconds that the longest TLS handshake took; 0 when there was none.
    pub tls_rtt: u32,
}

impl L7Counts {
    /// Adds another interval's numbers.
    pub fn merge(&mut self, o: &Self) {
        if o.is_empty() {
            return;
        }
        self.request += o.request;
        self.response += o.response;
        self.client_error += o.client_error;
        self.server_error += o.server_error;
        self.timeout += o.timeout;
        self.parse_failed += o.parse_failed;
        self.rrt.merge(&o.rrt);
        self.tls_rtt = self.tls_rtt.max(o.tls_rtt);
    }

    /// Nothing happened.
    #[inline]
    pub fn is_empty(&self) -> bool {
        let any = self.request
            | self.response
            | self.client_error
            | self.server_error
            | self.timeout
            | self.tls_rtt
            | self.parse_failed
            | self.rrt.count;
        any == 0
    }
}

/// Sum, count and maximum of a delay in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delay {
    /// Sum.
    pub sum: u64,
    /// How many.
    pub count: u32,
    /// Largest.
    pub max: u32,
}

impl Delay {
    /// Adds one measurement.
    pub fn add(&mut self, us: u32) {
        self.sum += u64::from(us);
        self.count += 1;
        self.max = self.max.max(us);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
        self.max = self.max.max(other.max);
    }
}

/// TCP health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerfSums {
    /// Which groups of numbers below hold anything, see [`has`].
    pub(super) has: u8,
    /// Whole handshake: SYN to final ACK.
    pub rtt: Delay,
    /// SYN+ACK to ACK, answered by the client.
    pub rtt_client: Delay,
    /// SYN to SYN+ACK, answered by the server.
    pub rtt_server: Delay,
    /// By the side that answered: payload to the pure ACK that covers it.
    pub srt: [Delay; 2],
    /// By the side that answered: last request payload to first response payload.
    pub art: [Delay; 2],
    /// By the side that waited: last payload received to next payload sent.
    pub cit: [Delay; 2],
    /// By sender.
    pub retrans: [u32; 2],
    /// By sender.
    pub zero_win: [u32; 2],
    /// By sender.
    pub ooo: [u32; 2],
    /// SYN packets.
    pub syn: u32,
    /// SYN+ACK packets.
    pub synack: u32,
    /// FIN packets.
    pub fin: u32,
    /// Repeated SYN.
    pub retrans_syn: u32,
    /// Repeated SYN+ACK.
    pub retrans_synack: u32,
}

impl PerfSums {
    /// Adds another's.
    pub fn merge(&mut self, o: &Self) {
        self.has |= o.has;
        self.fin += o.fin;
        if o.has & (has::HANDSHAKE | has::RTT | has::RTT_CLIENT | has::RTT_SERVER) != 0 {
            self.rtt.merge(&o.rtt);
            self.rtt_client.merge(&o.rtt_client);
            self.rtt_server.merge(&o.rtt_server);
            self.syn += o.syn;
            self.synack += o.synack;
            self.retrans_syn += o.retrans_syn;
            self.retrans_synack += o.retrans_synack;
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
}

/// What happened in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Traffic by side.
    pub side: [SideCounts; 2],
    /// TCP health.
    pub perf: PerfSums,
    /// Application exchanges.
    pub l7: L7Counts,
}

impl Report {
    /// Adds another's numbers.
    pub fn merge(&mut self, o: &Self) {
        for s in 0..2 {
            self.side[s].merge(&o.side[s]);
        }
        self.perf.merge(&o.perf);
        self.l7.merge(&o.l7);
    }
}
