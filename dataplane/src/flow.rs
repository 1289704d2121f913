//! Headers to connection state and timing: the flow table, the TCP state machine, delay and
//! loss tracking, client and server told apart.
//!
//! A flow keeps its two sides in the key's order. Whatever is stored per side stays where it is
//! when the idea of who is the client changes; only [`table::Flow::client`] is flipped, and
//! "tx" and "rx" are given their meaning when a row is made.

pub mod key;
pub mod perf;
pub mod service;
pub mod slab;
pub mod table;
pub mod tcp_state;

use perf::{Delay, PerfCounts};

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

/// What happened in a flow in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Traffic by side.
    pub side: [SideCounts; 2],
    /// TCP health.
    pub perf: PerfCounts,
    /// Application exchanges.
    pub l7: L7Counts,
}

impl Report {
    /// Adds another interval's numbers.
    pub fn merge(&mut self, o: &Self) {
        for s in 0..2 {
            self.side[s].merge(&o.side[s]);
        }
        self.perf.merge(&o.perf);
        self.l7.merge(&o.l7);
    }

    /// Adds another interval's numbers, in which side `client` is the client, as side 0.
    pub fn merge_as_client(&mut self, o: &Self, client: usize) {
        for s in 0..2 {
            self.side[s].merge(&o.side[s ^ client]);
        }
        self.perf.merge_as_client(&o.perf, client);
        self.l7.merge(&o.l7);
    }

    /// Nothing happened.
    pub fn is_empty(&self) -> bool {
        self.side[0].packets == 0 && self.side[1].packets == 0 && self.l7.is_empty()
    }
}

/// The running second and minute of a flow with recent packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interval {
    /// Since the last second's metrics.
    pub second: Report,
    /// Since the last flow row, the running second not included.
    pub minute: Report,
    /// Listed among the flows active in this second.
    pub in_second: bool,
    /// Listed among the flows active in this minute.
    pub in_minute: bool,
}
