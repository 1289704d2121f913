//! Frame to headers: calls the pure decoders, counts what they refuse, and joins IP fragments.
//!
//! Every fragment is accounted to the flow of its datagram as it passes (the first one's ports
//! are remembered for the later ones); the joined payload goes to the application parsers once,
//! when its last piece has come. Joining is bounded in datagrams, bytes and time.
//!
//! A joined datagram may be a tunnel's: then the frame that completed it stands for the packet
//! inside, and the frames before it, which nobody could know to be part of that packet, stay with
//! the flow between the tunnel's ends. Each frame is counted once, and the inner packet too.

use crate::limits;
use fathom_parsers::headers::{self, Decap, DecodeError, Link};
use fathom_parsers::packet::{Addr, Packet, Transport, TunnelType, ip_proto};
use fathom_ring::{Frame, LinkType};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// Bytes of a UDP header.
const UDP_HEADER: u32 = 8;

/// Datagrams that are pieces of one another: a tunnel's may be cut, and what it carries may have
/// been cut before.
const JOIN_DEPTH: usize = 2;

/// Decode results of one shard.
#[derive(Debug, Default, Clone)]
pub struct DecodeStats {
    /// Frames refused, by [`DecodeError::index`].
    pub errors: Vec<u64>,
    /// Fragments seen.
    pub fragments: u64,
    /// Datagrams joined.
    pub joined: u64,
    /// Datagrams whose payload no parser saw: a piece never came, a bound was reached, or they are
    /// not UDP. Each once, whatever the number of its pieces.
    pub unjoined: u64,
}

/// First stage of a shard.
#[derive(Debug)]
pub struct Decoder {
    decap: Decap,
    joins: Joins,
    joined: [Vec<u8>; JOIN_DEPTH],
    /// What was seen.
    pub stats: DecodeStats,
}

/// Datagrams of which pieces are missing.
#[derive(Debug, Default)]
struct Joins {
    waiting: HashMap<FragmentKey, Join, RandomState>,
    bytes: usize,
    next_sweep_ns: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct FragmentKey {
    src: Addr,
    dst: Addr,
    id: u32,
    protocol: u8,
    interface: u32,
    /// Kind and id of the tunnel: tenants may have the same addresses.
    tunnel: (TunnelType, u32),
}

impl FragmentKey {
    fn of(packet: &Packet<'_>, id: u32, interface: u32) -> Self {
        let tunnel = match packet.tunnel.kind {
            // The ids that both ends of an overlay share, as in a flow's key.
            k @ (TunnelType::Vxlan | TunnelType::Geneve | TunnelType::VxlanNsh) => {
                (k, packet.tunnel.id)
            }
            k => (k, 0),
        };
        // RFC 8200 4.5 does without a protocol, RFC 791 3.2 does not.
        let protocol = if packet.is_ipv4 { packet.protocol } else { 0 };
        Self { src: packet.src, dst: packet.dst, id, protocol, interface, tunnel }
    }
}

#[derive(Debug)]
struct Join {
    since_ns: u64,
    first: Option<First>,
    /// Length of the datagram, header and all, once the last fragment was seen.
    total: Option<u32>,
    /// Pieces as (offset, bytes), in order.
    pieces: Vec<(u32, Vec<u8>)>,
    held: usize,
    broken: bool,
}

/// What only a datagram's first fragment tells.
#[derive(Clone, Copy, Debug)]
struct First {
    ports: (u16, u16),
    protocol: u8,
    /// Where its payload begins in the IP payload, behind the headers that were read.
    start: u32,
}

/// A decoded packet and, when it completed a fragmented datagram, that datagram's payload.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// Headers; for a later fragment with the ports of its first.
    pub packet: Packet<'a>,
    /// Bytes for the application parsers.
    pub payload: Payload<'a>,
}

/// What the application parsers get to see of a packet.
#[derive(Debug)]
pub enum Payload<'a> {
    /// The packet's own payload.
    Whole(&'a [u8]),
    /// The payload of the datagram that this fragment completed.
    Joined(&'a [u8]),
    /// Nothing: a fragment whose datagram is not complete.
    Nothing,
}

#[inline(always)]
fn link(frame: &Frame<'_>) -> Link {
    match frame.link {
        LinkType::Ethernet => Link::Ethernet,
        LinkType::LinuxSll => Link::LinuxSll,
        LinkType::LinuxSll2 => Link::LinuxSll2,
        LinkType::RawIp => Link::RawIp,
        LinkType::Null => Link::Null,
    }
}

impl Decoder {
    /// A decoder that removes the tunnels in `decap`.
    pub fn new(decap: Decap) -> Self {
        Self {
            decap,
            joins: Joins::default(),
            joined: Default::default(),
            stats: DecodeStats {
                errors: vec![0; DecodeError::ALL.len()],
                ..DecodeStats::default()
            },
        }
    }

    /// Headers of `frame`, when it is one of those that have nothing special: most are. Answers
    /// `false` for all others, which are for [`Decoder::decode`].
    #[inline(always)]
    pub fn decode_plain<'a>(frame: &Frame<'a>, packet: &mut Packet<'a>) -> bool {
        headers::decode_plain(link(frame), frame.data, frame.wire_len, frame.vlan_tci, packet)
    }

    /// Headers of `frame`; `None` when they cannot be read, which is counted.
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Option<Decoded<'a>> {
        let mut packet = Packet::default();
        let decoded = headers::decode(
            link(frame),
            frame.data,
            frame.wire_len,
            frame.vlan_tci,
            self.decap,
            &mut packet,
        );
        if let Err(e) = decoded {
            self.stats.errors[e.index()] += 1;
            return None;
        }
        if packet.fragment.is_none() {
            let payload = Payload::Whole(packet.payload);
            return Some(Decoded { packet, payload });
        }
        self.fragment(packet, frame)
    }

    /// Accounts one fragment, and what it completes.
    #[cold]
    fn fragment<'a>(
        &'a mut self,
        mut packet: Packet<'a>,
        frame: &Frame<'a>,
    ) -> Option<Decoded<'a>> {
        let Self { decap, joins, joined, stats } = self;
        joins.sweep(stats, frame.time_ns);
        for buffer in joined {
            stats.fragments += 1;
            if !joins.join(&mut packet, frame, *decap, stats, buffer) {
                return Some(Decoded { packet, payload: Payload::Nothing });
            }
            match headers::decode_joined(buffer, *decap, &mut packet) {
                Ok(false) => return Some(Decoded { packet, payload: Payload::Joined(buffer) }),
                Ok(true) if packet.fragment.is_none() => {
                    let payload = Payload::Whole(packet.payload);
                    return Some(Decoded { packet, payload });
                }
                Ok(true) => {}
                Err(e) => {
                    stats.errors[e.index()] += 1;
                    return None;
                }
            }
        }
        Some(Decoded { packet, payload: Payload::Nothing })
    }

    /// What waits is given up: nothing will come any more, or the clock was set back and its
    /// times mean nothing now.
    pub fn forget(&mut self) {
        self.stats.unjoined += self.joins.waiting.len() as u64;
        self.joins = Joins::default();
    }
}

impl Joins {
    /// Takes one fragment; true when `joined` now holds its whole datagram, or for UDP that
    /// datagram's payload.
    fn join(
        &mut self,
        packet: &mut Packet<'_>,
        frame: &Frame<'_>,
        decap: Decap,
        stats: &mut DecodeStats,
        joined: &mut Vec<u8>,
    ) -> bool {
        let Some(fragment) = packet.fragment else { return false };
        let key = FragmentKey::of(packet, fragment.id, frame.interface);
        if !self.waiting.contains_key(&key) && self.waiting.len() >= limits::FRAGMENTED_DATAGRAMS {
            // No room. Every datagram has one piece at its front: that one is counted.
            stats.unjoined += u64::from(fragment.offset == 0);
            return false;
        }
        let bytes_left = limits::FRAGMENT_BYTES.saturating_sub(self.bytes);
        let join = self.waiting.entry(key).or_insert_with(|| Join {
            since_ns: frame.time_ns,
            first: None,
            total: None,
            pieces: Vec::new(),
            held: 0,
            broken: false,
        });
        // Only datagrams and tunnels are joined: segments are cut to fit by their sender, and their
        // header must not be counted a second time with the last piece.
        let joinable = match packet.protocol {
            ip_proto::UDP => true,
            // Of a later piece IPv6 says no more: what follows was in the first.
            ip_proto::IPV6_OPTIONS => !packet.is_ipv4 && fragment.offset > 0,
            p => headers::may_be_tunnel(p) && !decap.is_empty(),
        };
        let whole = joinable && packet.payload.len() >= packet.l4_payload_len as usize;
        if fragment.offset == 0 {
            let udp = if packet.protocol == ip_proto::UDP { UDP_HEADER } else { 0 };
            join.first = Some(First {
                ports: (packet.src_port, packet.dst_port),
                protocol: packet.protocol,
                start: fragment.extensions + udp,
            });
        } else if let Some(first) = join.first {
            (packet.src_port, packet.dst_port) = first.ports;
            packet.protocol = first.protocol;
        }
        let piece = packet.payload;
        if !whole || piece.len() > bytes_left || join.pieces.len() >= limits::FRAGMENTS_PER_DATAGRAM
        {
            self.bytes -= std::mem::take(&mut join.held);
            join.pieces = Vec::new();
            join.broken = true;
        }
        if join.broken || piece.is_empty() {
            return false;
        }
        // Offsets count from the IP payload's start; the first piece's headers are not in `payload`.
        let at = match join.first {
            Some(first) if fragment.offset == 0 => first.start,
            _ => fragment.offset,
        };
        if !fragment.more {
            join.total = Some(at + piece.len() as u32);
        }
        let place = join.pieces.partition_point(|p| p.0 < at);
        if join.pieces.get(place).is_some_and(|p| p.0 == at) {
            return false;
        }
        join.pieces.insert(place, (at, piece.to_vec()));
        join.held += piece.len();
        self.bytes += piece.len();
        let (Some(First { start, .. }), Some(total)) = (join.first, join.total) else {
            return false;
        };
        let mut end = start;
        for (offset, bytes) in &join.pieces {
            if *offset > end {
                return false;
            }
            end = end.max(offset + bytes.len() as u32);
        }
        if end < total {
            return false;
        }
        joined.clear();
        let mut end = start;
        for (offset, bytes) in &join.pieces {
            let skip = (end - offset).min(bytes.len() as u32) as usize;
            joined.extend_from_slice(&bytes[skip..]);
            end = end.max(offset + bytes.len() as u32);
        }
        if packet.protocol == ip_proto::UDP {
            packet.transport = Transport::Udp;
        }
        self.bytes -= join.held;
        self.waiting.remove(&key);
        stats.joined += 1;
        true
    }

    fn sweep(&mut self, stats: &mut DecodeStats, now_ns: u64) {
        if now_ns < self.next_sweep_ns {
            return;
        }
        self.next_sweep_ns = now_ns + limits::FRAGMENT_WAIT_NS / 8;
        let (bytes, unjoined) = (&mut self.bytes, &mut stats.unjoined);
        self.waiting.retain(|_, j| {
            let keep = now_ns.saturating_sub(j.since_ns) < limits::FRAGMENT_WAIT_NS;
            if !keep {
                *bytes -= j.held;
                *unjoined += 1;
            }
            keep
        });
    }
}
