//! Where a decoded packet goes: on into this shard's flows, to the shard that has its flow, or
//! nowhere, when that shard falls behind and this flow is among those left out.

use super::handoff::{Handoff, KEEP_ALL};
use super::overload::Overload;
use super::sources::InterfaceNumbers;
use crate::pipeline::Arrival;

/// The gate between decoding and flows of one shard.
pub struct Gate {
    handoff: Option<Handoff>,
    keep: u16,
}

impl Gate {
    /// With ways to other shards, if there are any.
    pub fn new(handoff: Option<Handoff>) -> Self {
        Self { handoff, keep: KEEP_ALL }
    }

    /// The ways to other shards.
    pub fn handoff(&mut self) -> Option<&mut Handoff> {
        self.handoff.as_mut()
    }

    /// The same, to look at.
    pub fn lanes(&self) -> Option<&Handoff> {
        self.handoff.as_ref()
    }

    /// This shard takes as much as `overload` says from now on.
    pub fn keep(&mut self, overload: &Overload) {
        self.keep = overload.keep();
        if let Some(handoff) = &self.handoff {
            handoff.want(self.keep);
        }
    }

    /// Sends a packet where it belongs; true when that is not here, or here but not yet.
    #[inline]
    pub fn elsewhere(
        &mut self,
        arrival: &Arrival<'_>,
        Reading { spread, scattered }: Reading,
        counted: &mut InterfaceNumbers,
    ) -> bool {
        match &mut self.handoff {
            Some(handoff) if spread || self.keep < KEEP_ALL => {
                let me = handoff.me();
                let (number, owner) = handoff.owner(arrival.packet);
                let owner = if spread { owner } else { me };
                let keep = if owner == me { self.keep } else { handoff.wanted(owner) };
                if left_out(number, keep) {
                    counted.shed += 1;
                    return true;
                }
                if owner == me && !scattered {
                    return false;
                }
                if !handoff.send(owner, arrival) {
                    counted.handoff_full += 1;
                }
                true
            }
            _ => false,
        }
    }
}

/// Who reads an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Other shards too: a packet may be another's.
    pub spread: bool,
    /// And nothing brings the two directions of a flow to one shard: this shard's own packets wait
    /// until the others have sent on theirs.
    pub scattered: bool,
}

/// Whether the flow of this number is among those left out when `keep` of 256 are taken: the same
/// flows as long as `keep` stays, and those among them when it grows.
fn left_out(number: u32, keep: u16) -> bool {
    // Other bits than those that chose the shard.
    keep < KEEP_ALL && (number.wrapping_mul(0x9e37_79b1) >> 24) as u16 >= keep
}
