//! What a TCP connection's packets say of its health: delays, retransmissions, reordering,
//! empty windows. One [`TcpPerf`] per TCP flow; all of it works on headers alone.
//!
//! Sides are the flow key's; which of them is the client only matters when the numbers are
//! reported. Times are microseconds from the flow's first packet modulo 2^32 (71 minutes), whose
//! differences are right for delays far below that; zero means "not set".

use fathom_parsers::packet::Tcp;
use fathom_parsers::packet::tcp_flags::{ACK, FIN, PSH, RST, SYN};

const RTT_MAX_US: u32 = 30_000_000;
const SRT_MAX_US: u32 = 10_000_000;
const ART_MAX_US: u32 = 30_000_000;
/// Half of what the clock counts before it begins anew: what seems longer was a step back.
const CIT_MAX_US: u32 = u32::MAX / 2;
/// Holes remembered in a direction. A sender with more outstanding losses has its oldest holes
/// forgotten: their filling then counts as retransmission, which it mostly is.
const HOLES: usize = 6;

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

/// Numbers of one report interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerfCounts {
    /// Which groups of numbers below hold anything.
    has: u8,
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

/// Something was measured in the handshake.
const HANDSHAKE: u8 = 1;
/// Some delay was measured.
const DELAYS: u8 = 2;
/// Something was repeated, out of order, or without room.
const TROUBLE: u8 = 4;

impl PerfCounts {
    /// Adds another interval's numbers.
    pub fn merge(&mut self, o: &Self) {
        self.merge_as_client(o, 0);
    }

    /// Adds another interval's numbers, in which side `client` is the client, as side 0.
    pub fn merge_as_client(&mut self, o: &Self, client: usize) {
        self.has |= o.has;
        self.fin += o.fin;
        if o.has & HANDSHAKE != 0 {
            self.rtt.merge(&o.rtt);
            self.rtt_client.merge(&o.rtt_client);
            self.rtt_server.merge(&o.rtt_server);
            self.syn += o.syn;
            self.synack += o.synack;
            self.retrans_syn += o.retrans_syn;
            self.retrans_synack += o.retrans_synack;
        }
        if o.has & DELAYS != 0 {
            for s in 0..2 {
                self.srt[s].merge(&o.srt[s ^ client]);
                self.art[s].merge(&o.art[s ^ client]);
                self.cit[s].merge(&o.cit[s ^ client]);
            }
        }
        if o.has & TROUBLE != 0 {
            for s in 0..2 {
                self.retrans[s] += o.retrans[s ^ client];
                self.zero_win[s] += o.zero_win[s ^ client];
                self.ooo[s] += o.ooo[s ^ client];
            }
        }
    }
}

/// Which bytes of one direction have been seen: everything below `next` but the holes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeqTracker {
    next: u32,
    started: bool,
    holes: [(u32, u32); HOLES],
    n_holes: u8,
}

/// What a segment was, compared with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// New bytes at the front, possibly leaving a hole behind.
    New,
    /// Bytes of a hole.
    Filling,
    /// Bytes already seen.
    Again,
}

/// `a` is before `b` in sequence space (RFC 9293 3.4).
#[inline]
pub fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

impl SeqTracker {
    /// The sequence number after the last byte seen.
    pub fn next(&self) -> Option<u32> {
        self.started.then_some(self.next)
    }

    /// Takes note of `len` sequence numbers from `seq` on.
    #[inline]
    pub fn see(&mut self, seq: u32, len: u32) -> Segment {
        let end = seq.wrapping_add(len);
        if !self.started || seq == self.next {
            self.started = true;
            self.next = end;
            return Segment::New;
        }
        self.see_out_of_line(seq, end)
    }

    #[cold]
    fn see_out_of_line(&mut self, seq: u32, end: u32) -> Segment {
        if before(self.next, seq) {
            if usize::from(self.n_holes) == HOLES {
                self.holes.copy_within(1.., 0);
                self.n_holes -= 1;
            }
            self.holes[usize::from(self.n_holes)] = (self.next, seq);
            self.n_holes += 1;
            self.next = end;
            return Segment::New;
        }
        let mut kept = [(0, 0); HOLES];
        let mut n = 0;
        let mut filled = false;
        for &(from, to) in &self.holes[..usize::from(self.n_holes)] {
            if !before(seq, to) || !before(from, end) {
                if n < HOLES {
                    kept[n] = (from, to);
                    n += 1;
                }
                continue;
            }
            filled = true;
            for part in [(from, seq), (end, to)] {
                if before(part.0, part.1) && n < HOLES {
                    kept[n] = part;
                    n += 1;
                }
            }
        }
        self.holes = kept;
        self.n_holes = n as u8;
        let extends = before(self.next, end);
        if extends {
            self.next = end;
        }
        match (filled, extends) {
            (true, _) => Segment::Filling,
            (false, true) => Segment::New,
            (false, false) => Segment::Again,
        }
    }
}

/// Who sent a packet, and when.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Sender.
    pub side: usize,
    /// Which side is the client.
    pub client: usize,
    /// Microseconds since the flow began modulo 2^32, never 0.
    pub us: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct SidePerf {
    seq: SeqTracker,
    /// End and time of a payload that no pure ACK has covered yet.
    unacked_end: u32,
    unacked_at: u32,
    /// Time of the last payload sent.
    payload_at: u32,
}

/// Delay and loss tracking of one TCP flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct TcpPerf {
    side: [SidePerf; 2],
    syn_at: u32,
    synack_at: u32,
    handshake_done_at: u32,
    /// Side that sent payload last; 2 for none yet.
    speaker: u8,
    handshake_measured: bool,
    /// SYN sequence number.
    pub syn_seq: u32,
    /// SYN+ACK sequence number.
    pub synack_seq: u32,
    /// Sequence number of the last keep-alive probe.
    pub keepalive_seq: u32,
    /// Acknowledgement number of the last keep-alive probe.
    pub keepalive_ack: u32,
}

impl TcpPerf {
    /// A fresh tracker.
    pub fn new() -> Self {
        Self { speaker: 2, ..Self::default() }
    }

    /// Sequence number of the first payload byte of each side, where its SYN was seen.
    pub fn first_payload(&self, client: usize) -> [Option<u32>; 2] {
        let mut first = [None; 2];
        first[client] = (self.syn_at != 0).then(|| self.syn_seq.wrapping_add(1));
        first[1 - client] = (self.synack_at != 0).then(|| self.synack_seq.wrapping_add(1));
        first
    }

    /// Takes note of a packet and adds what it says to `now`.
    #[inline]
    pub fn packet(&mut self, at: &At, tcp: &Tcp, payload: u32, now: &mut PerfCounts) {
        let side = at.side;
        let flags = tcp.flags;
        if flags & SYN != 0 {
            return self.handshake(at, tcp, payload, now);
        }
        if flags & FIN != 0 {
            now.fin += 1;
        }
        if tcp.window == 0 && flags & RST == 0 {
            now.has |= TROUBLE;
            now.zero_win[side] += 1;
        }
        if flags & RST != 0 {
            return;
        }
        if flags & ACK != 0 {
            self.acknowledgement(at, tcp.ack, payload, now);
        }
        if payload > 0 {
            self.payload(at, tcp, payload, now);
        } else if flags & FIN != 0 {
            // FIN takes a sequence number; a repeated one is a retransmission.
            if self.side[side].seq.see(tcp.seq, 1) == Segment::Again {
                now.has |= TROUBLE;
                now.retrans[side] += 1;
            }
        }
    }

    #[cold]
    fn handshake(&mut self, at: &At, tcp: &Tcp, payload: u32, now: &mut PerfCounts) {
        let At { side, client, us } = *at;
        now.has |= HANDSHAKE;
        if tcp.flags & ACK == 0 {
            now.syn += 1;
            if self.syn_at == 0 {
                self.syn_at = us;
                self.syn_seq = tcp.seq;
            } else {
                now.has |= TROUBLE;
                now.retrans_syn += 1;
                now.retrans[side] += 1;
            }
        } else {
            now.synack += 1;
            if self.synack_at == 0 {
                self.synack_at = us;
                self.synack_seq = tcp.seq;
                if side != client && self.syn_at != 0 {
                    let d = us.wrapping_sub(self.syn_at);
                    if d <= RTT_MAX_US {
                        now.rtt_server.add(d);
                    }
                }
            } else {
                now.has |= TROUBLE;
                now.retrans_synack += 1;
                now.retrans[side] += 1;
            }
        }
        // With TCP Fast Open (RFC 7413) a SYN may carry payload.
        self.side[side].seq.see(tcp.seq, 1 + payload);
    }

    #[inline]
    fn acknowledgement(&mut self, at: &At, ack: u32, payload: u32, now: &mut PerfCounts) {
        let At { side, client, us } = *at;
        if !self.handshake_measured && side == client && self.synack_at != 0 {
            self.handshake_measured = true;
            self.handshake_done_at = us;
            now.has |= HANDSHAKE;
            let d = us.wrapping_sub(self.synack_at);
            if d <= RTT_MAX_US {
                now.rtt_client.add(d);
            }
            let whole = us.wrapping_sub(self.syn_at);
            if self.syn_at != 0 && whole <= RTT_MAX_US {
                now.rtt.add(whole);
            }
        }
        let peer = &mut self.side[1 - side];
        if peer.unacked_at != 0 && !before(ack, peer.unacked_end) {
            let d = us.wrapping_sub(peer.unacked_at);
            peer.unacked_at = 0;
            // An acknowledgement that rides on payload waited for the application: it says
            // nothing of the system's own delay.
            if payload == 0 && d <= SRT_MAX_US {
                now.has |= DELAYS;
                now.srt[side].add(d);
            }
        }
    }

    #[inline]
    fn payload(&mut self, at: &At, tcp: &Tcp, payload: u32, now: &mut PerfCounts) {
        let At { side, client, us } = *at;
        let me = &mut self.side[side];
        if payload <= 1 && me.seq.next() == Some(tcp.seq.wrapping_add(1)) {
            self.keepalive_seq = tcp.seq;
            self.keepalive_ack = tcp.ack;
            return;
        }
        let fin = u32::from(tcp.flags & FIN != 0);
        match me.seq.see(tcp.seq, payload + fin) {
            Segment::New => {}
            Segment::Filling => {
                now.has |= TROUBLE;
                now.ooo[side] += 1;
                return;
            }
            Segment::Again => {
                now.has |= TROUBLE;
                now.retrans[side] += 1;
                return;
            }
        }
        if me.unacked_at == 0 {
            me.unacked_at = us;
            me.unacked_end = tcp.seq.wrapping_add(payload);
        }
        me.payload_at = us;
        let turn = self.speaker != side as u8;
        if turn {
            let peer_at = self.side[1 - side].payload_at;
            if side == client {
                let since = if self.speaker == 2 { self.handshake_done_at } else { peer_at };
                if since != 0 && payload > 1 && tcp.flags & PSH != 0 {
                    let d = us.wrapping_sub(since);
                    if d <= CIT_MAX_US {
                        now.has |= DELAYS;
                        now.cit[side].add(d);
                    }
                }
            } else if self.speaker != 2 && peer_at != 0 {
                let d = us.wrapping_sub(peer_at);
                if d <= ART_MAX_US {
                    now.has |= DELAYS;
                    now.art[side].add(d);
                }
            }
        }
        self.speaker = side as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a set of every byte seen, as long as no more holes are open than are kept.
        #[test]
        fn tracker_agrees_with_a_byte_set(
            start in any::<u32>(),
            segments in proptest::collection::vec((0u32..48, 1u32..6), 1..40),
        ) {
            let mut tracker = SeqTracker::default();
            let mut seen = std::collections::BTreeSet::new();
            tracker.see(start, 1);
            let mut high = 1u32;
            for (offset, len) in segments {
                let (from, to) = (1 + offset, 1 + offset + len);
                let holes = (1..high).filter(|b| !seen.contains(b)
                    && (*b == 1 || seen.contains(&(b - 1)))).count();
                if holes + 2 > HOLES { break; }
                let fresh_below = (from..to.min(high)).any(|b| !seen.contains(&b));
                let want = if from >= high { Segment::New }
                    else if fresh_below { Segment::Filling }
                    else if to > high { Segment::New } else { Segment::Again };
                prop_assert_eq!(tracker.see(start.wrapping_add(from), len), want);
                seen.extend(from..to);
                high = high.max(to);
                prop_assert_eq!(tracker.next(), Some(start.wrapping_add(high)));
            }
        }
    }

    fn tcp(seq: u32, ack: u32, flags: u8) -> Tcp {
        Tcp { seq, ack, flags, window: 1000, ..Tcp::default() }
    }

    #[test]
    fn delays_of_one_exchange() {
        let mut p = TcpPerf::new();
        let mut n = PerfCounts::default();
        let mut packet = |side, t, len, us| p.packet(&At { side, client: 0, us }, &t, len, &mut n);
        packet(0, tcp(100, 0, SYN), 0, 1);
        packet(1, tcp(500, 101, SYN | ACK), 0, 11);
        packet(0, tcp(101, 501, ACK), 0, 16);
        packet(0, tcp(101, 501, PSH | ACK), 10, 26);
        packet(1, tcp(501, 111, ACK), 0, 29);
        packet(1, tcp(501, 111, PSH | ACK), 20, 126);
        packet(0, tcp(111, 521, ACK), 0, 127);
        packet(0, tcp(111, 521, PSH | ACK), 10, 627);
        assert_eq!((n.rtt_server.sum, n.rtt_client.sum, n.rtt.sum), (10, 5, 15));
        assert_eq!((n.srt[1].sum, n.srt[0].sum), (3, 1));
        assert_eq!((n.art[1].sum, n.art[0].count), (100, 0));
        assert_eq!((n.cit[0].sum, n.cit[0].count), (10 + 501, 2));
        assert_eq!((n.syn, n.synack, n.retrans), (1, 1, [0, 0]));
    }
}
