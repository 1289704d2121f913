//! Packets from the shard that met them to the shard that has their flow.
//!
//! The kernel brings most packets to the right shard (`control/open.rs`). Not those it cannot see
//! into: what tunnels carry, later fragments, queues that a network card filled by a hash of its
//! own. They are decoded where they come in, and go over as headers and payload, copied once, in
//! parcels that pass back and forth between two shards; nothing is allocated once all are made.
//!
//! Where nothing brings the two directions of a flow to one queue, what a shard keeps for itself
//! takes a lane too, and all lanes are read in the order of time, up to a time that every other
//! shard has sent on.
//!
//! Lanes are bounded. A shard that finds one full leaves its ring to fill, and when that is half
//! full too, drops what it cannot send, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::time::Duration;

use fathom_parsers::packet::Packet;
use fathom_ring::bpf::Steering;
use fathom_shard::Notify;
use fathom_shard::counter::Padded;

use crate::limits::{HANDOFF_BYTES, HANDOFF_PACKETS, HANDOFF_PARCELS};
use crate::pipeline::Arrival;

/// Of 256 flows, those whose packets a shard takes while it keeps up.
pub const KEEP_ALL: u16 = 256;

/// Packets on their way.
struct Parcel {
    heads: Vec<Head>,
    bytes: Vec<u8>,
    /// Those that the receiver took already.
    taken: usize,
}

struct Head {
    packet: Packet<'static>,
    /// Place of the payload in the parcel's bytes, if there is one.
    payload: Option<(u32, u32)>,
    interface: u16,
    time_ns: u64,
    more: u32,
}

impl Parcel {
    fn new() -> Box<Self> {
        Box::new(Self {
            heads: Vec::with_capacity(HANDOFF_PACKETS),
            bytes: Vec::with_capacity(HANDOFF_BYTES),
            taken: 0,
        })
    }

    fn is_full(&self) -> bool {
        self.heads.len() >= HANDOFF_PACKETS || self.bytes.len() >= HANDOFF_BYTES
    }

    fn put(&mut self, a: &Arrival<'_>) {
        let payload = a.payload.map(|bytes| {
            let at = self.bytes.len() as u32;
            self.bytes.extend_from_slice(bytes);
            (at, bytes.len() as u32)
        });
        self.heads.push(Head {
            packet: Packet { payload: &[], ..*a.packet },
            payload,
            interface: a.interface,
            time_ns: a.time_ns,
            more: a.more,
        });
    }

    fn clear(&mut self) {
        self.heads.clear();
        self.bytes.clear();
        // What one long payload took is not kept for ever.
        self.bytes.shrink_to(2 * HANDOFF_BYTES);
        self.taken = 0;
    }

    fn head_ns(&self) -> Option<u64> {
        self.heads.get(self.taken).map(|h| h.time_ns)
    }

    /// Takes up to `max` packets out that are not later than `until_ns`; says how many.
    fn take(&mut self, until_ns: u64, max: usize, mut each: impl FnMut(&Arrival<'_>)) -> usize {
        let end = self.heads.len().min(self.taken + max);
        let mut taken = 0;
        for h in self.heads[self.taken..end].iter().take_while(|h| h.time_ns <= until_ns) {
            taken += 1;
            each(&Arrival {
                packet: &h.packet,
                payload: h.payload.map(|(at, len)| &self.bytes[at as usize..][..len as usize]),
                interface: h.interface,
                time_ns: h.time_ns,
                more: h.more,
            });
        }
        self.taken += taken;
        taken
    }
}

/// The sending end of the way to another shard.
struct LaneOut {
    full: rtrb::Producer<Box<Parcel>>,
    empty: rtrb::Consumer<Box<Parcel>>,
    open: Option<Box<Parcel>>,
    made: usize,
    /// Something was sent that the receiver was not told of.
    news: bool,
}

impl LaneOut {
    fn parcel(&mut self) -> Option<&mut Box<Parcel>> {
        if self.open.as_ref().is_some_and(|p| p.is_full()) {
            self.send();
        }
        if self.open.is_none() {
            self.open = match self.empty.pop() {
                Ok(parcel) => Some(parcel),
                Err(_) if self.made < HANDOFF_PARCELS => {
                    self.made += 1;
                    Some(Parcel::new())
                }
                Err(_) => None,
            };
        }
        self.open.as_mut()
    }

    /// Sends the parcel at hand.
    fn send(&mut self) {
        if let Some(parcel) = self.open.take() {
            // There are never more parcels than the queue has places.
            let sent = self.full.push(parcel);
            debug_assert!(sent.is_ok());
            self.news = true;
        }
    }

    fn has_room(&self) -> bool {
        self.made < HANDOFF_PARCELS || !self.empty.is_empty()
    }
}

/// The receiving end.
struct LaneIn {
    full: rtrb::Consumer<Box<Parcel>>,
    empty: rtrb::Producer<Box<Parcel>>,
    open: Option<Box<Parcel>>,
}

impl LaneIn {
    fn head_ns(&mut self) -> Option<u64> {
        if self.open.is_none() {
            self.open = self.full.pop().ok();
        }
        self.open.as_ref().and_then(|p| p.head_ns())
    }

    fn give_back(&mut self) {
        if let Some(mut parcel) = self.open.take() {
            parcel.clear();
            // As many places as parcels; without a sender it is freed.
            let _ = self.empty.push(parcel);
        }
    }
}

/// What the shards of an agent share: a line each, on cache lines of their own.
struct Shared {
    bells: Vec<Notify>,
    /// Of 256 flows, those whose packets the shard wants.
    wanted: Vec<Padded<AtomicU16>>,
    /// The shard has sent on all packets up to this time.
    passed_ns: Vec<Padded<AtomicU64>>,
    /// Another shard waits for the shard to send on what it has.
    asked: Vec<Padded<AtomicBool>>,
    /// The shard will send no more.
    ended: Vec<AtomicBool>,
}

/// A shard's ways to and from all others.
pub struct Handoff {
    me: usize,
    steering: Steering,
    /// By shard, this one included.
    out: Vec<LaneOut>,
    into: Vec<LaneIn>,
    shared: Arc<Shared>,
    /// Packets sent to other shards.
    pub sent: u64,
    /// Packets received from them.
    pub received: u64,
}

/// Joins `shards` shards, each with each.
///
/// # Errors
/// When the process has no file descriptor left; each shard needs one.
pub fn mesh(shards: usize, steering: &Steering) -> std::io::Result<Vec<Handoff>> {
    let shared = Arc::new(Shared {
        bells: (0..shards).map(|_| Notify::new()).collect::<Result<_, _>>()?,
        wanted: (0..shards).map(|_| Padded::new(AtomicU16::new(KEEP_ALL))).collect(),
        passed_ns: (0..shards).map(|_| Padded::new(AtomicU64::new(u64::MAX))).collect(),
        asked: (0..shards).map(|_| Padded::new(AtomicBool::new(false))).collect(),
        ended: (0..shards).map(|_| AtomicBool::new(false)).collect(),
    });
    let mut all: Vec<Handoff> = (0..shards)
        .map(|me| Handoff {
            me,
            steering: steering.clone(),
            out: Vec::new(),
            into: Vec::new(),
            shared: Arc::clone(&shared),
            sent: 0,
            received: 0,
        })
        .collect();
    for from in 0..shards {
        for to in 0..shards {
            let (full, filled) = rtrb::RingBuffer::new(HANDOFF_PARCELS);
            let (emptied, empty) = rtrb::RingBuffer::new(HANDOFF_PARCELS);
            all[from].out.push(LaneOut { full, empty, open: None, made: 0, news: false });
            all[to].into.push(LaneIn { full: filled, empty: emptied, open: None });
        }
    }
    Ok(all)
}

impl Handoff {
    /// The number of a packet's flow, and the shard that has the flow.
    #[inline]
    pub fn owner(&self, p: &Packet<'_>) -> (u32, usize) {
        let number = self.steering.hash(&p.src.0, &p.dst.0, p.src_port, p.dst_port);
        (number, number as usize % self.out.len())
    }

    /// Which shard this is.
    pub fn me(&self) -> usize {
        self.me
    }

    /// Of 256 flows, those whose packets shard `owner` wants now.
    #[inline]
    pub fn wanted(&self, owner: usize) -> u16 {
        self.shared.wanted[owner].load(Ordering::Relaxed)
    }

    /// Says how much this shard wants from now on.
    pub fn want(&self, of_256: u16) {
        self.shared.wanted[self.me].store(of_256, Ordering::Relaxed);
    }

    /// Sends a packet to a shard; false when it has no room left.
    pub fn send(&mut self, to: usize, arrival: &Arrival<'_>) -> bool {
        let Some(parcel) = self.out[to].parcel() else { return false };
        parcel.put(arrival);
        self.sent += 1;
        true
    }

    /// Every shard can take some more.
    pub fn has_room(&self) -> bool {
        self.out.iter().all(LaneOut::has_room)
    }

    /// Sends what lies in parcels that are not full. From now on this shard has sent on all
    /// packets up to `passed_ns`.
    pub fn flush(&mut self, passed_ns: u64) {
        for (to, lane) in self.out.iter_mut().enumerate() {
            lane.send();
            if std::mem::take(&mut lane.news) && to != self.me {
                self.shared.bells[to].notify();
            }
        }
        self.shared.passed_ns[self.me].store(passed_ns, Ordering::Release);
        self.shared.asked[self.me].store(false, Ordering::Release);
    }

    /// The time up to which all other shards have sent on what they had.
    pub fn passed_ns(&self) -> u64 {
        let others = self.shared.passed_ns.iter().enumerate().filter(|(n, _)| *n != self.me);
        others.map(|(_, p)| p.load(Ordering::Acquire)).min().unwrap_or(u64::MAX)
    }

    /// Wakes the shards that have not sent on what they had up to a time.
    pub fn ask(&self, until_ns: u64) {
        for (n, passed) in self.shared.passed_ns.iter().enumerate() {
            if n != self.me && passed.load(Ordering::Acquire) < until_ns {
                self.shared.asked[n].store(true, Ordering::Release);
                self.shared.bells[n].notify();
            }
        }
    }

    /// Time of the oldest packet that waits here.
    pub fn head_ns(&mut self) -> Option<u64> {
        self.into.iter_mut().filter_map(LaneIn::head_ns).min()
    }

    /// Takes up to `max` packets that are not later than `horizon_ns`, the oldest first; says how
    /// many.
    pub fn receive(
        &mut self,
        horizon_ns: u64,
        max: usize,
        mut each: impl FnMut(&Arrival<'_>),
    ) -> usize {
        let mut all = 0;
        while all < max {
            // The lane with the oldest packet, and how far it can be read before another is due.
            let (mut first, mut until_ns) = (None, horizon_ns);
            for (n, lane) in self.into.iter_mut().enumerate() {
                let Some(head) = lane.head_ns() else { continue };
                match first {
                    Some((_, best)) if head >= best => until_ns = until_ns.min(head),
                    other => {
                        until_ns = until_ns.min(other.map_or(u64::MAX, |(_, best)| best));
                        first = Some((n, head));
                    }
                }
            }
            let Some((n, head)) = first.filter(|(_, head)| *head <= horizon_ns) else { break };
            let lane = &mut self.into[n];
            let Some(parcel) = lane.open.as_mut() else { break };
            all += parcel.take(until_ns.max(head), max - all, &mut each);
            if parcel.head_ns().is_none() {
                lane.give_back();
            }
        }
        self.received += all as u64;
        all
    }

    /// Waits until another shard has sent something or asks for something, or `max` has passed.
    pub async fn wait(&self, max: Duration) {
        let sent = || self.into.iter().any(|l| l.open.is_some() || !l.full.is_empty());
        let waits = || self.shared.asked[self.me].load(Ordering::Acquire) || sent();
        self.shared.bells[self.me].wait(Some(max), waits).await;
    }

    /// This shard sends no more.
    pub fn end(&mut self) {
        self.flush(u64::MAX);
        self.shared.ended[self.me].store(true, Ordering::Release);
        for (_, bell) in self.shared.bells.iter().enumerate().filter(|(n, _)| *n != self.me) {
            bell.notify();
        }
    }

    /// No other shard sends any more, and all was received.
    pub fn is_over(&mut self) -> bool {
        // In this order: what was sent before the end is seen once the end is.
        let ended = self.shared.ended.iter().all(|e| e.load(Ordering::Acquire));
        ended && self.head_ns().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steering() -> Steering {
        Steering::new(7, &[]).unwrap()
    }

    fn packet(n: u16) -> Packet<'static> {
        let src = fathom_parsers::packet::Addr::v4([10, 0, 0, 1]);
        Packet { src, src_port: n, dst_port: 80, is_ipv4: true, ..Packet::default() }
    }

    fn send(from: &mut Handoff, to: usize, n: u16, payload: Option<&[u8]>) -> bool {
        let packet = packet(n);
        let arrival =
            Arrival { packet: &packet, payload, interface: 3, time_ns: u64::from(n), more: 2 };
        from.send(to, &arrival)
    }

    #[test]
    fn packets_arrive_as_they_were_and_in_order() {
        let mut all = mesh(3, &steering()).unwrap();
        let mut expected = Vec::new();
        for n in 0..1000_u16 {
            let bytes = vec![n as u8; usize::from(n % 700)];
            let payload = (n % 5 > 0).then_some(&bytes[..]);
            assert!(send(&mut all[1], 2, n, payload));
            expected.push((n, payload.map(<[u8]>::to_vec)));
        }
        all[1].flush(1000);
        assert_eq!((all[2].head_ns(), all[0].head_ns()), (Some(0), None));
        let mut seen = Vec::new();
        let mut take = |h: &mut Handoff, horizon| {
            h.receive(horizon, 7, |a| {
                assert_eq!((a.interface, a.more, a.packet.dst_port), (3, 2, 80));
                assert_eq!(a.time_ns, u64::from(a.packet.src_port));
                seen.push((a.packet.src_port, a.payload.map(<[u8]>::to_vec)));
            })
        };
        while take(&mut all[2], 99) > 0 {}
        assert_eq!(all[2].head_ns(), Some(100), "nothing later than the horizon");
        while take(&mut all[2], u64::MAX) > 0 {}
        assert_eq!(seen, expected);
        assert_eq!((all[1].sent, all[2].received), (1000, 1000));
    }

    #[test]
    fn lanes_are_read_in_the_order_of_time() {
        let mut all = mesh(3, &steering()).unwrap();
        for n in 0..900_u16 {
            let from = usize::from(n * 7 % 11 % 3);
            assert!(send(&mut all[from], 0, n, None));
        }
        all.iter_mut().for_each(|h| h.flush(900));
        let mut next = 0;
        for horizon in (0..1000).step_by(37) {
            while all[0].receive(horizon, 5, |a| {
                assert_eq!((a.time_ns, a.time_ns <= horizon), (next, true));
                next += 1;
            }) > 0
            {}
            assert_eq!(next, 900.min(horizon + 1));
        }
    }

    #[test]
    fn who_is_waited_for_is_asked() {
        let mut all = mesh(3, &steering()).unwrap();
        for (n, passed) in [(0, 50), (1, 10), (2, 40)] {
            all[n].flush(passed);
        }
        assert_eq!(all[0].passed_ns(), 10);
        all[0].ask(40);
        let asked = |h: &Handoff, n: usize| h.shared.asked[n].load(Ordering::Acquire);
        assert_eq!([0, 1, 2].map(|n| asked(&all[0], n)), [false, true, false]);
        all[1].flush(60);
        assert!(!asked(&all[0], 1));
        assert_eq!(all[0].passed_ns(), 40);
    }

    #[test]
    fn a_lane_is_bounded_and_its_parcels_go_round() {
        let mut all = mesh(2, &steering()).unwrap();
        let mut sent = 0_u64;
        for round in 0..5 {
            let before = sent;
            while send(&mut all[0], 1, 1, Some(&[0; 900])) {
                sent += 1;
            }
            assert!(!all[0].has_room() && sent - before > 500, "{round}: {sent}");
            all[0].flush(0);
            let mut received = 0;
            while all[1].receive(u64::MAX, 64, |_| received += 1) > 0 {}
            assert_eq!(received, sent - before);
            assert!(all[0].has_room());
        }
        assert_eq!(all[0].out[1].made, HANDOFF_PARCELS);
    }

    #[test]
    fn the_last_packets_are_received_before_it_is_over() {
        let mut all = mesh(2, &steering()).unwrap();
        assert!(send(&mut all[0], 1, 1, None));
        all[1].end();
        all[0].end();
        assert!(all[0].is_over() && !all[1].is_over());
        assert_eq!(all[1].receive(u64::MAX, 64, |_| {}), 1);
        assert!(all[1].is_over());
    }

    #[test]
    fn both_directions_have_one_owner() {
        let all = mesh(4, &steering()).unwrap();
        for n in 0..500 {
            let there = packet(n);
            let back = Packet {
                src: there.dst,
                dst: there.src,
                src_port: there.dst_port,
                dst_port: there.src_port,
                ..there
            };
            assert_eq!(all[0].owner(&there), all[3].owner(&back));
        }
    }
}
