//! Which tunnels to remove, and what to remember of the one removed first.

use crate::packet::{Packet, Transport, Tunnel, TunnelType};

/// A set of [`TunnelType`]s to remove. A tunnel outside the set is an ordinary packet of its
/// outer protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decap(u16);

impl Decap {
    /// Every kind.
    pub const ALL: Self = Self(u16::MAX);
    /// None: packets count as they are on the wire.
    pub const NONE: Self = Self(0);

    /// This set and `kind`.
    #[must_use]
    pub const fn with(self, kind: TunnelType) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// This set without `kind`.
    #[must_use]
    pub const fn without(self, kind: TunnelType) -> Self {
        Self(self.0 & !(1 << kind as u8))
    }

    /// Is `kind` to be removed?
    #[inline]
    pub const fn contains(self, kind: TunnelType) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    /// Is nothing to be removed?
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for Decap {
    fn default() -> Self {
        Self::ALL
    }
}

/// Moves what `out` says of the outer packet into its tunnel fields (first time only) and
/// clears what the inner packet will fill.
pub(super) fn enter(out: &mut Packet<'_>, kind: TunnelType, id: u32) {
    if out.tunnel.tier == 0 {
        out.tunnel = Tunnel {
            kind,
            tier: 0,
            id,
            src: out.src,
            dst: out.dst,
            mac_src: out.mac_src,
            mac_dst: out.mac_dst,
        };
    }
    out.tunnel.tier += 1;
    out.src = Default::default();
    out.dst = Default::default();
    out.is_ipv4 = false;
    out.ttl = 0;
    out.ip_id = 0;
    out.protocol = 0;
    out.src_port = 0;
    out.dst_port = 0;
    out.transport = Transport::Other;
    out.fragment = None;
}
