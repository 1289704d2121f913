//! Making the sources of an interface: one for each shard that reads it.

use fathom_ring::af_packet::{self, FanoutMode};
use fathom_ring::bpf::{Program, Steering};
use fathom_ring::interfaces::Info;
use fathom_ring::{LinkType, Source as _, xdp};

use super::roles::Role;
use crate::config::Config;
use crate::shard_loop::feed::AnySource;
use crate::shard_loop::sources::BLOCK_TIMEOUT;

/// Memory of one frame of an AF_XDP ring.
const XDP_CHUNK: usize = 2048;

/// `capture.filter`, compiled for each kind of frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    /// With an Ethernet header.
    pub(super) ethernet: Option<Program>,
    /// From the IP header on.
    pub(super) raw: Option<Program>,
}

impl Filters {
    fn of(&self, link: Option<LinkType>) -> Option<Program> {
        if link == Some(LinkType::RawIp) { self.raw.clone() } else { self.ethernet.clone() }
    }
}

/// An interface's sources.
pub(super) struct Sources {
    /// By queue: queue `n` is for shard `first + n`, and round again.
    pub(super) queues: Vec<AnySource>,
    /// Which shard reads the first queue.
    pub(super) first: usize,
    /// Nothing brings the two directions of a flow to one queue.
    pub(super) scattered: bool,
    /// How, in a few words.
    pub(super) kind: String,
    /// How, in a line.
    pub(super) how: String,
    /// What a person should know.
    pub(super) notes: Vec<String>,
    /// Bytes of one ring.
    pub(super) ring_bytes: usize,
}

/// What is to be opened for whom.
pub(super) struct Wish<'a> {
    pub(super) role: Role,
    pub(super) info: &'a Info,
    pub(super) config: &'a Config,
    pub(super) shards: usize,
    /// Bytes of one ring.
    pub(super) ring_bytes: usize,
    /// The interface's number.
    pub(super) number: u16,
}

/// What all sources have in common.
pub(super) struct Openers {
    /// Which shard gets which packet.
    pub(super) steering: Steering,
    /// What is captured at all.
    pub(super) filters: Filters,
}

/// How many rings an interface of this thread's namespace takes.
pub(super) fn rings(role: Role, info: &Info, shards: usize) -> usize {
    match role {
        Role::Observe => shards,
        Role::Terminate => xdp::queues(info) as usize,
    }
}

impl Openers {
    /// Opens an interface of this thread's namespace.
    pub(super) fn open(&self, wish: &Wish<'_>) -> Result<Sources, String> {
        match wish.role {
            Role::Observe => self.observe(wish),
            Role::Terminate => self.terminate(wish),
        }
    }

    /// AF_PACKET: one ring per shard, which the kernel divides packets among as we would.
    fn observe(&self, wish: &Wish<'_>) -> Result<Sources, String> {
        let Wish { info, config, shards, ring_bytes, .. } = wish;
        let shared = *shards > 1;
        let steering = shared.then(|| self.steering.program()).transpose();
        let opened = af_packet::open_group(
            &af_packet::Config {
                interface: info.name.clone(),
                fanout: shared.then_some((0, FanoutMode::Program)),
                steering: steering.map_err(|e| e.to_string())?,
                fanout_defragment: false,
                ring_bytes: *ring_bytes,
                snaplen: config.snaplen,
                block_timeout: BLOCK_TIMEOUT,
                promiscuous: config.promiscuous,
                exclude_ports: config.exclude_ports.clone(),
                filter: self.filters.of(info.link()),
            },
            *shards,
        )
        .map_err(|e| e.to_string())?;
        let mut notes: Vec<String> =
            opened.iter().flat_map(af_packet::AfPacket::notes).cloned().collect();
        notes.dedup();
        Ok(Sources {
            kind: "af_packet tpacket_v3".to_owned(),
            how: opened.first().map(af_packet::AfPacket::describe).unwrap_or_default(),
            queues: opened.into_iter().map(|s| Box::new(s) as AnySource).collect(),
            first: 0,
            scattered: false,
            notes,
            ring_bytes: *ring_bytes,
        })
    }

    /// AF_XDP: one ring per queue of the card, which has divided packets by a hash of its own.
    fn terminate(&self, wish: &Wish<'_>) -> Result<Sources, String> {
        let Wish { info, config, shards, ring_bytes, number, .. } = wish;
        // A chunk holds a frame of an ordinary MTU.
        let frames = u32::try_from(*ring_bytes / XDP_CHUNK).unwrap_or(u32::MAX);
        let asked = xdp::Config {
            interface: info.name.clone(),
            ring_frames: frames,
            snaplen: config.snaplen,
            // What a mirror port brings is for others.
            promiscuous: true,
            exclude_ports: config.exclude_ports.clone(),
            filter: self.filters.of(info.link()),
            ..xdp::Config::default()
        };
        let memory = asked.memory(info.mtu);
        let opened = xdp::open(&asked).map_err(|e| e.to_string())?;
        let first = opened.first();
        let mut notes: Vec<String> = first.map(|s| s.notes().to_vec()).unwrap_or_default();
        let choices = first.map(|s| s.choices().join("; ")).unwrap_or_default();
        if opened.len() > 1 && *shards > 1 {
            notes.push(format!(
                "{} queues are read by {} cores, and nothing says that both directions of a flow \
                 come to one queue: packets go from core to core, about a millisecond later",
                opened.len(),
                opened.len().min(*shards)
            ));
        }
        Ok(Sources {
            kind: first.map(xdp::Xdp::kind).unwrap_or_default(),
            how: format!("{}; {choices}", first.map(xdp::Xdp::describe).unwrap_or_default()),
            scattered: opened.len() > 1 && *shards > 1,
            queues: opened.into_iter().map(|s| Box::new(s) as AnySource).collect(),
            // Interfaces of one queue are spread over the shards.
            first: usize::from(*number) % shards,
            notes,
            ring_bytes: memory,
        })
    }
}
