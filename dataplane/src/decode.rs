//! Frame to headers: calls the pure decoders, counts what they refuse, and joins IP fragments.
//!
//! Every fragment is accounted to the flow of its datagram as it passes (the first one's ports
//! are remembered for the later ones); the joined payload goes to the application parsers once,
//! when its last piece has come. Joining is bounded in datagrams, bytes and time.

use crate::limits;
use fathom_parsers::headers::{self, Decap, DecodeError, Link};
use fathom_parsers::packet::{Addr, Packet, Transport, ip_proto};
use fathom_ring::{Frame, LinkType};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// Bytes of a UDP header.
const UDP_HEADER: u32 = 8;

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
    joins: HashMap<FragmentKey, Join, RandomState>,
    bytes: usize,
    next_sweep_ns: u64,
    joined: Vec<u8>,
    /// What was seen.
    pub stats: DecodeStats,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct FragmentKey {
    src: Addr,
    dst: Addr,
    id: u32,
    protocol: u8,
    interface: u32,
}

#[derive(Debug)]
struct Join {
    since_ns: u64,
    /// Ports, once the first fragment was seen.
    first: Option<(u16, u16)>,
    /// Length of the datagram, header and all, once the last fragment was seen.
    total: Option<u32>,
    /// Pieces as (offset, bytes), in order.
    pieces: Vec<(u32, Vec<u8>)>,
    held: usize,
    broken: bool,
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

impl Decoder {
    /// A decoder that removes the tunnels in `decap`.
    pub fn new(decap: Decap) -> Self {
        Self {
            decap,
            joins: HashMap::default(),
            bytes: 0,
            next_sweep_ns: 0,
            joined: Vec::new(),
            stats: DecodeStats {
                errors: vec![0; DecodeError::ALL.len()],
                ..DecodeStats::default()
            },
        }
    }

    /// Headers of `frame`; `None` when they cannot be read, which is counted.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Option<Decoded<'a>> {
        let link = match frame.link {
            LinkType::Ethernet => Link::Ethernet,
            LinkType::LinuxSll => Link::LinuxSll,
            LinkType::LinuxSll2 => Link::LinuxSll2,
            LinkType::RawIp => Link::RawIp,
            LinkType::Null => Link::Null,
        };
        let mut packet = Packet::default();
        let decoded = headers::decode(
            link,
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
        let complete = self.join(&mut packet, frame.interface, frame.time_ns);
        let payload = if complete { Payload::Joined(&self.joined) } else { Payload::Nothing };
        Some(Decoded { packet, payload })
    }

    /// Accounts one fragment; true when `self.joined` now holds its whole datagram.
    #[cold]
    fn join(&mut self, packet: &mut Packet<'_>, interface: u32, now_ns: u64) -> bool {
        self.stats.fragments += 1;
        self.sweep(now_ns);
        let Some(fragment) = packet.fragment else { return false };
        let key = FragmentKey {
            src: packet.src,
            dst: packet.dst,
            id: fragment.id,
            protocol: packet.protocol,
            interface,
        };
        if !self.joins.contains_key(&key) && self.joins.len() >= limits::FRAGMENTED_DATAGRAMS {
            // No room. Every datagram has one piece at its front: that one is counted.
            self.stats.unjoined += u64::from(fragment.offset == 0);
            return false;
        }
        let bytes_left = limits::FRAGMENT_BYTES.saturating_sub(self.bytes);
        let join = self.joins.entry(key).or_insert_with(|| Join {
            since_ns: now_ns,
            first: None,
            total: None,
            pieces: Vec::new(),
            held: 0,
            broken: false,
        });
        if fragment.offset == 0 {
            join.first = Some((packet.src_port, packet.dst_port));
        } else if let Some((src_port, dst_port)) = join.first {
            packet.src_port = src_port;
            packet.dst_port = dst_port;
        }
        // Only datagrams are joined: segments are cut to fit by their sender, and their header
        // must not be counted a second time with the last piece.
        let whole = packet.protocol == ip_proto::UDP
            && packet.payload.len() >= packet.l4_payload_len as usize;
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
        // Offsets count from the start of the UDP header, whose bytes are not in `payload`.
        let at = if fragment.offset == 0 { UDP_HEADER } else { fragment.offset };
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
        let (Some(_), Some(total)) = (join.first, join.total) else { return false };
        let mut end = UDP_HEADER;
        for (offset, bytes) in &join.pieces {
            if *offset > end {
                return false;
            }
            end = end.max(offset + bytes.len() as u32);
        }
        if end < total {
            return false;
        }
        self.joined.clear();
        let mut end = UDP_HEADER;
        for (offset, bytes) in &join.pieces {
            let skip = (end - offset).min(bytes.len() as u32) as usize;
            self.joined.extend_from_slice(&bytes[skip..]);
            end = end.max(offset + bytes.len() as u32);
        }
        packet.transport = Transport::Udp;
        self.bytes -= join.held;
        self.joins.remove(&key);
        self.stats.joined += 1;
        true
    }

    /// What waits is given up: nothing will come any more, or the clock was set back and its
    /// times mean nothing now.
    pub fn forget(&mut self) {
        self.stats.unjoined += self.joins.len() as u64;
        self.joins.clear();
        self.bytes = 0;
        self.next_sweep_ns = 0;
    }

    fn sweep(&mut self, now_ns: u64) {
        if now_ns < self.next_sweep_ns {
            return;
        }
        self.next_sweep_ns = now_ns + limits::FRAGMENT_WAIT_NS / 8;
        let (bytes, unjoined) = (&mut self.bytes, &mut self.stats.unjoined);
        self.joins.retain(|_, j| {
            let keep = now_ns.saturating_sub(j.since_ns) < limits::FRAGMENT_WAIT_NS;
            if !keep {
                *bytes -= j.held;
                *unjoined += 1;
            }
            keep
        });
    }
}
