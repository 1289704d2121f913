//! What a TCP connection's packets say of its health: delays, retransmissions, reordering,
//! empty windows. One [`Tcp`] of a cache line per TCP flow; all of it works on headers alone.
//!
//! Sides are the flow key's; which of them is the client only matters when the numbers are
//! reported. Times are microseconds modulo 2^32 (71 minutes), whose differences are right for
//! delays far below that; zero means "not set".

use super::counts::{PerfCounts, has};
use super::slab::{NONE, Slab};
use fathom_parsers::packet::Tcp as Header;
use fathom_parsers::packet::tcp_flags::{ACK, FIN, PSH, RST, SYN};

const RTT_MAX_US: u32 = 30_000_000;
const SRT_MAX_US: u32 = 10_000_000;
const ART_MAX_US: u32 = 30_000_000;
/// Half of what the clock counts before it begins anew: what seems longer was a step back.
const CIT_MAX_US: u32 = u32::MAX / 2;
/// Holes remembered in a direction. A sender with more outstanding losses has its oldest holes
/// forgotten: their filling then counts as retransmission, which it mostly is.
const HOLES: usize = 6;

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

/// Bytes of one direction that were not seen, below the highest one that was.
#[derive(Clone, Copy, Debug, Default)]
struct Holes {
    at: [(u32, u32); HOLES],
    len: u8,
}

impl Holes {
    fn push(&mut self, from: u32, to: u32) {
        if usize::from(self.len) == HOLES {
            self.at.copy_within(1.., 0);
            self.len -= 1;
        }
        self.at[usize::from(self.len)] = (from, to);
        self.len += 1;
    }

    /// Takes `seq..end` out; whether any of it was in a hole.
    fn fill(&mut self, seq: u32, end: u32) -> bool {
        let mut kept = Self::default();
        let mut filled = false;
        for &(from, to) in &self.at[..usize::from(self.len)] {
            if !before(seq, to) || !before(from, end) {
                kept.push(from, to);
                continue;
            }
            filled = true;
            for part in [(from, seq), (end, to)] {
                if before(part.0, part.1) && usize::from(kept.len) < HOLES {
                    kept.push(part.0, part.1);
                }
            }
        }
        *self = kept;
        filled
    }
}

/// What few connections have.
#[derive(Clone, Copy, Debug, Default)]
struct Rare {
    holes: [Holes; 2],
    keepalive_seq: u32,
    keepalive_ack: u32,
}

/// Who sent a packet, and when.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Sender.
    pub side: usize,
    /// Which side is the client.
    pub client: usize,
    /// Microseconds modulo 2^32, never 0.
    pub us: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct SidePerf {
    /// The sequence number after the last byte seen.
    next: u32,
    /// End and time of a payload that no pure ACK has covered yet.
    unacked_end: u32,
    unacked_at: u32,
    /// Time of the last payload sent.
    payload_at: u32,
}

/// Delay and loss tracking of one TCP flow.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Tcp {
    side: [SidePerf; 2],
    syn_at: u32,
    synack_at: u32,
    handshake_done_at: u32,
    /// Flags by side since the start.
    pub flags: [u8; 2],
    /// Side that sent payload last; 2 for none yet.
    speaker: u8,
    /// Bit 0 and 1: `next` of that side is known. Bit 2: the handshake was measured.
    known: u8,
    syn_seq: u32,
    synack_seq: u32,
    /// Index of what few connections have, or none.
    rare: u32,
}

const _: () = assert!(size_of::<Tcp>() == 64);

const MEASURED: u8 = 4;

impl Default for Tcp {
    fn default() -> Self {
        Self {
            side: [SidePerf::default(); 2],
            syn_at: 0,
            synack_at: 0,
            handshake_done_at: 0,
            flags: [0; 2],
            speaker: 2,
            known: 0,
            syn_seq: 0,
            synack_seq: 0,
            rare: NONE,
        }
    }
}

/// What flow rows say of sequence numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequences {
    /// Of the SYN.
    pub syn: u32,
    /// Of the SYN+ACK.
    pub synack: u32,
    /// Of the last keep-alive probe.
    pub keepalive: u32,
    /// What it acknowledged.
    pub keepalive_ack: u32,
}

/// Trackers of all TCP flows of a shard.
#[derive(Debug)]
pub struct Trackers {
    tcp: Slab<Tcp>,
    rare: Slab<Rare>,
}

impl Trackers {
    /// For at most so many flows.
    pub fn new(capacity: usize) -> Self {
        Self { tcp: Slab::with_capacity(capacity), rare: Slab::default() }
    }

    /// A fresh tracker.
    pub fn open(&mut self) -> u32 {
        self.tcp.insert(Tcp::default())
    }

    /// Frees a tracker.
    pub fn close(&mut self, id: u32) {
        if self.tcp[id].rare != NONE {
            self.rare.remove(self.tcp[id].rare);
        }
        self.tcp.remove(id);
    }

    /// A tracker, where `id` is one.
    pub fn get(&self, id: u32) -> Option<&Tcp> {
        self.tcp.get(id)
    }

    /// What a row says of sequence numbers; nothing where `id` is none.
    pub fn sequences(&self, id: u32) -> Sequences {
        let Some(tcp) = self.tcp.get(id) else { return Sequences::default() };
        let rare = self.rare.get(tcp.rare).copied().unwrap_or_default();
        Sequences {
            syn: tcp.syn_seq,
            synack: tcp.synack_seq,
            keepalive: rare.keepalive_seq,
            keepalive_ack: rare.keepalive_ack,
        }
    }

    /// Asks for a tracker ahead of time.
    #[inline(always)]
    pub fn prefetch(&self, id: u32) {
        self.tcp.prefetch(id);
    }

    /// Takes note of a packet and adds what it says to `now`.
    #[inline]
    pub fn packet(
        &mut self,
        id: u32,
        at: &At,
        header: &Header,
        payload: u32,
        now: &mut PerfCounts,
    ) {
        let tcp = &mut self.tcp[id];
        let flags = header.flags;
        tcp.flags[at.side] |= flags;
        if flags & (SYN | FIN | RST) != 0 {
            return self.edge(id, at, header, payload, now);
        }
        if header.window == 0 {
            now.has |= has::TROUBLE;
            now.zero_win[at.side] += 1;
        }
        if flags & ACK != 0 {
            tcp.acknowledgement(at, header.ack, payload, now);
        }
        if payload > 0 {
            tcp.payload(&mut self.rare, at, header, payload, now);
        }
    }

    /// A packet that begins or ends something.
    #[cold]
    fn edge(&mut self, id: u32, at: &At, header: &Header, payload: u32, now: &mut PerfCounts) {
        let tcp = &mut self.tcp[id];
        let flags = header.flags;
        if flags & SYN != 0 {
            return tcp.handshake(&mut self.rare, at, header, payload, now);
        }
        if flags & FIN != 0 {
            now.fin += 1;
        }
        if flags & RST != 0 {
            return;
        }
        if header.window == 0 {
            now.has |= has::TROUBLE;
            now.zero_win[at.side] += 1;
        }
        if flags & ACK != 0 {
            tcp.acknowledgement(at, header.ack, payload, now);
        }
        if payload > 0 {
            tcp.payload(&mut self.rare, at, header, payload, now);
        } else if tcp.see(&mut self.rare, at.side, header.seq, 1) == Segment::Again {
            // FIN takes a sequence number; a repeated one is a retransmission.
            now.has |= has::TROUBLE;
            now.retrans[at.side] += 1;
        }
    }
}

impl Tcp {
    /// Sequence number of the first payload byte of each side, where its SYN was seen.
    pub fn first_payload(&self, client: usize) -> [Option<u32>; 2] {
        let mut first = [None; 2];
        first[client] = (self.syn_at != 0).then(|| self.syn_seq.wrapping_add(1));
        first[1 - client] = (self.synack_at != 0).then(|| self.synack_seq.wrapping_add(1));
        first
    }

    /// Takes note of `len` sequence numbers of `side` from `seq` on.
    #[inline]
    fn see(&mut self, rare: &mut Slab<Rare>, side: usize, seq: u32, len: u32) -> Segment {
        let end = seq.wrapping_add(len);
        let known = 1 << side;
        if self.known & known == 0 || seq == self.side[side].next {
            self.known |= known;
            self.side[side].next = end;
            return Segment::New;
        }
        self.see_out_of_line(rare, side, seq, end)
    }

    #[cold]
    fn see_out_of_line(
        &mut self,
        rare: &mut Slab<Rare>,
        side: usize,
        seq: u32,
        end: u32,
    ) -> Segment {
        let next = self.side[side].next;
        if before(next, seq) {
            self.rare(rare).holes[side].push(next, seq);
            self.side[side].next = end;
            return Segment::New;
        }
        let filled = self.rare != NONE && rare[self.rare].holes[side].fill(seq, end);
        let extends = before(next, end);
        if extends {
            self.side[side].next = end;
        }
        match (filled, extends) {
            (true, _) => Segment::Filling,
            (false, true) => Segment::New,
            (false, false) => Segment::Again,
        }
    }

    fn rare<'r>(&mut self, all: &'r mut Slab<Rare>) -> &'r mut Rare {
        if self.rare == NONE {
            self.rare = all.insert(Rare::default());
        }
        &mut all[self.rare]
    }

    fn handshake(
        &mut self,
        rare: &mut Slab<Rare>,
        at: &At,
        header: &Header,
        payload: u32,
        now: &mut PerfCounts,
    ) {
        let At { side, client, us } = *at;
        now.has |= has::HANDSHAKE;
        if header.flags & ACK == 0 {
            now.syn += 1;
            if self.syn_at == 0 {
                self.syn_at = us;
                self.syn_seq = header.seq;
            } else {
                now.has |= has::TROUBLE;
                now.retrans_syn += 1;
                now.retrans[side] += 1;
            }
        } else {
            now.synack += 1;
            if self.synack_at == 0 {
                self.synack_at = us;
                self.synack_seq = header.seq;
                if side != client && self.syn_at != 0 {
                    let d = us.wrapping_sub(self.syn_at);
                    if d <= RTT_MAX_US {
                        now.has |= has::RTT_SERVER;
                        now.rtt_server = d;
                    }
                }
            } else {
                now.has |= has::TROUBLE;
                now.retrans_synack += 1;
                now.retrans[side] += 1;
            }
        }
        // With TCP Fast Open (RFC 7413) a SYN may carry payload.
        self.see(rare, side, header.seq, 1 + payload);
    }

    /// The first packet of the client behind a SYN+ACK.
    #[cold]
    fn handshake_done(&mut self, us: u32, now: &mut PerfCounts) {
        self.known |= MEASURED;
        self.handshake_done_at = us;
        let d = us.wrapping_sub(self.synack_at);
        if d <= RTT_MAX_US {
            now.has |= has::RTT_CLIENT;
            now.rtt_client = d;
        }
        let whole = us.wrapping_sub(self.syn_at);
        if self.syn_at != 0 && whole <= RTT_MAX_US {
            now.has |= has::RTT;
            now.rtt = whole;
        }
    }

    #[inline]
    fn acknowledgement(&mut self, at: &At, ack: u32, payload: u32, now: &mut PerfCounts) {
        let At { side, client, us } = *at;
        if self.known & MEASURED == 0 && side == client && self.synack_at != 0 {
            self.handshake_done(us, now);
        }
        let peer = &mut self.side[1 - side];
        if peer.unacked_at != 0 && !before(ack, peer.unacked_end) {
            let d = us.wrapping_sub(peer.unacked_at);
            peer.unacked_at = 0;
            // An acknowledgement that rides on payload waited for the application: it says
            // nothing of the system's own delay.
            if payload == 0 && d <= SRT_MAX_US {
                now.has |= has::DELAYS;
                now.srt[side].add(d);
            }
        }
    }

    #[inline]
    fn payload(
        &mut self,
        rare: &mut Slab<Rare>,
        at: &At,
        header: &Header,
        payload: u32,
        now: &mut PerfCounts,
    ) {
        let At { side, us, .. } = *at;
        let known = self.known & 1 << side != 0;
        if payload <= 1 && known && self.side[side].next == header.seq.wrapping_add(1) {
            let rare = self.rare(rare);
            rare.keepalive_seq = header.seq;
            rare.keepalive_ack = header.ack;
            return;
        }
        let fin = u32::from(header.flags & FIN != 0);
        match self.see(rare, side, header.seq, payload + fin) {
            Segment::New => {}
            Segment::Filling => {
                now.has |= has::TROUBLE;
                now.ooo[side] += 1;
                return;
            }
            Segment::Again => {
                now.has |= has::TROUBLE;
                now.retrans[side] += 1;
                return;
            }
        }
        let me = &mut self.side[side];
        if me.unacked_at == 0 {
            me.unacked_at = us;
            me.unacked_end = header.seq.wrapping_add(payload);
        }
        me.payload_at = us;
        if self.speaker != side as u8 {
            self.turn(at, header.flags, payload, now);
        }
    }

    /// The other side speaks now.
    fn turn(&mut self, at: &At, flags: u8, payload: u32, now: &mut PerfCounts) {
        let At { side, client, us } = *at;
        let peer_at = self.side[1 - side].payload_at;
        if side == client {
            let since = if self.speaker == 2 { self.handshake_done_at } else { peer_at };
            if since != 0 && payload > 1 && flags & PSH != 0 {
                let d = us.wrapping_sub(since);
                if d <= CIT_MAX_US {
                    now.has |= has::DELAYS;
                    now.cit[side].add(d);
                }
            }
        } else if self.speaker != 2 && peer_at != 0 {
            let d = us.wrapping_sub(peer_at);
            if d <= ART_MAX_US {
                now.has |= has::DELAYS;
                now.art[side].add(d);
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
            let (mut tracker, mut rare) = (Tcp::default(), Slab::default());
            let mut seen = std::collections::BTreeSet::new();
            tracker.see(&mut rare, 0, start, 1);
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
                prop_assert_eq!(tracker.see(&mut rare, 0, start.wrapping_add(from), len), want);
                seen.extend(from..to);
                high = high.max(to);
                prop_assert_eq!(tracker.side[0].next, start.wrapping_add(high));
            }
        }
    }

    fn tcp(seq: u32, ack: u32, flags: u8) -> Header {
        Header { seq, ack, flags, window: 1000, ..Header::default() }
    }

    #[test]
    fn delays_of_one_exchange() {
        let mut p = Trackers::new(1);
        let id = p.open();
        let mut n = PerfCounts::default();
        let mut packet =
            |side, t, len, us| p.packet(id, &At { side, client: 0, us }, &t, len, &mut n);
        packet(0, tcp(100, 0, SYN), 0, 1);
        packet(1, tcp(500, 101, SYN | ACK), 0, 11);
        packet(0, tcp(101, 501, ACK), 0, 16);
        packet(0, tcp(101, 501, PSH | ACK), 10, 26);
        packet(1, tcp(501, 111, ACK), 0, 29);
        packet(1, tcp(501, 111, PSH | ACK), 20, 126);
        packet(0, tcp(111, 521, ACK), 0, 127);
        packet(0, tcp(111, 521, PSH | ACK), 10, 627);
        assert_eq!((n.rtt_server, n.rtt_client, n.rtt), (10, 5, 15));
        assert_eq!((n.srt[1].sum, n.srt[0].sum), (3, 1));
        assert_eq!((n.art[1].sum, n.art[0].count), (100, 0));
        assert_eq!((n.cit[0].sum, n.cit[0].count), (10 + 501, 2));
        assert_eq!((n.syn, n.synack, n.retrans), (1, 1, [0, 0]));
    }
}
