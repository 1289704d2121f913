//! MPLS label stacks (RFC 3032), on a link and inside tunnels.

use super::rest::Rest;
use super::{DecodeError, ether_type};

/// Labels in one stack: VPNs with fast reroute and entropy labels use up to six.
const MAX_LABELS: u32 = 8;

/// What stands behind a label stack.
pub(super) struct Stack<'a> {
    /// IPv4, IPv6, or MPLS itself when it is neither.
    pub(super) ether_type: u16,
    /// Bytes the labels took.
    pub(super) len: u32,
    /// Value of the last label: the one that names a service.
    pub(super) bottom: u32,
    pub(super) rest: Rest<'a>,
}

/// Skips the label stack; what follows says by its version nibble whether it is IP.
pub(super) fn skip(mut rest: Rest<'_>) -> Result<Stack<'_>, DecodeError> {
    for n in 1..=MAX_LABELS {
        let Some(label) = rest.data.first_chunk::<4>() else {
            return Err(DecodeError::Mpls);
        };
        let entry = u32::from_be_bytes(*label);
        rest = rest.skip_lossy(4);
        if entry & 0x100 != 0 {
            let ether_type = match rest.data.first().map(|b| b >> 4) {
                Some(4) => ether_type::IPV4,
                Some(6) => ether_type::IPV6,
                _ => ether_type::MPLS,
            };
            return Ok(Stack { ether_type, len: n * 4, bottom: entry >> 12, rest });
        }
    }
    Err(DecodeError::Mpls)
}
