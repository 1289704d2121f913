//! Making the sources of an interface: one for each shard that reads it.

use fathom_ring::af_packet::{self, FanoutMode};
use fathom_ring::bpf::{Program, Steering};
use fathom_ring::interfaces::Info;
use fathom_ring::{LinkType, Source as _};

use super::roles::Role;
use crate::config::Config;
use crate::shard_loop::feed::AnySource;
use crate::shard_loop::sources::BLOCK_TIMEOUT;

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
    /// By shard; shards without one, or beyond the end, do not read it.
    pub(super) sources: Vec<Option<AnySource>>,
    /// How, in a line.
    pub(super) how: String,
    /// What a person should know.
    pub(super) notes: Vec<String>,
    /// Bytes of one ring.
    pub(super) ring_bytes: usize,
}

/// What all sources have in common.
pub(super) struct Openers {
    /// Which shard gets which packet.
    pub(super) steering: Steering,
}

impl Openers {
    /// Opens an interface of this thread's namespace for `shards` shards, with rings of so many
    /// bytes.
    pub(super) fn open(
        &self,
        role: Role,
        info: &Info,
        config: &Config,
        filters: &Filters,
        shards: usize,
        ring_bytes: usize,
    ) -> Result<Sources, String> {
        match role {
            Role::Observe => self.observe(info, config, filters, shards, ring_bytes),
            Role::Terminate => {
                Err("AF_XDP is not in this build; observe it with af_packet".to_owned())
            }
        }
    }

    fn observe(
        &self,
        info: &Info,
        config: &Config,
        filters: &Filters,
        shards: usize,
        ring_bytes: usize,
    ) -> Result<Sources, String> {
        let shared = shards > 1;
        let steering = shared.then(|| self.steering.program()).transpose();
        let opened = af_packet::open_group(
            &af_packet::Config {
                interface: info.name.clone(),
                fanout: shared.then_some((0, FanoutMode::Program)),
                steering: steering.map_err(|e| e.to_string())?,
                fanout_defragment: false,
                ring_bytes,
                snaplen: config.snaplen,
                block_timeout: BLOCK_TIMEOUT,
                promiscuous: config.promiscuous,
                exclude_ports: config.exclude_ports.clone(),
                filter: filters.of(info.link()),
            },
            shards,
        )
        .map_err(|e| e.to_string())?;
        let mut notes = Vec::new();
        for source in &opened {
            for note in source.notes() {
                if !notes.contains(note) {
                    notes.push(note.clone());
                }
            }
        }
        Ok(Sources {
            how: opened.first().map(af_packet::AfPacket::describe).unwrap_or_default(),
            sources: opened.into_iter().map(|s| Some(Box::new(s) as AnySource)).collect(),
            notes,
            ring_bytes,
        })
    }
}
