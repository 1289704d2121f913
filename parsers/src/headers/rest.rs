//! What is left of a frame while headers are taken off its front.

/// Captured bytes, and how many bytes there were on the wire from the same point on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest<'a> {
    /// Captured bytes; never more than `wire`.
    pub(crate) data: &'a [u8],
    /// Bytes on the wire.
    pub(crate) wire: u32,
}

impl<'a> Rest<'a> {
    /// A whole frame. A wire length below what was captured is a writer's mistake: corrected.
    #[inline]
    pub(crate) fn new(data: &'a [u8], wire_len: u32) -> Self {
        let captured = u32::try_from(data.len()).unwrap_or(u32::MAX);
        Self { data, wire: wire_len.max(captured) }
    }

    /// Behind a header of `n` bytes; `None` when those were not all captured.
    #[inline]
    pub(crate) fn skip(self, n: usize) -> Option<Self> {
        let data = self.data.get(n..)?;
        Some(Self { data, wire: self.wire - n as u32 })
    }

    /// The first `wire` bytes only, as a length field says. The field is believed even when it
    /// says more than the frame holds: some tools write captures cut short without noting the
    /// original length, and sequence numbers count what was sent.
    #[inline]
    pub(crate) fn limit(self, wire: u32) -> Self {
        let n = self.data.len().min(wire as usize);
        Self { data: &self.data[..n], wire }
    }

    /// Behind a header of `n` bytes of which some may not have been captured.
    #[inline]
    pub(crate) fn skip_lossy(self, n: usize) -> Self {
        let data = self.data.get(n..).unwrap_or(&[]);
        Self { data, wire: self.wire.saturating_sub(n as u32) }
    }
}

/// Big-endian 16 bits of a fixed-size header at a constant offset.
#[inline(always)]
pub(crate) fn be16<const N: usize>(header: &[u8; N], at: usize) -> u16 {
    u16::from_be_bytes([header[at], header[at + 1]])
}

/// Big-endian 32 bits of a fixed-size header at a constant offset.
#[inline(always)]
pub(crate) fn be32<const N: usize>(header: &[u8; N], at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}
