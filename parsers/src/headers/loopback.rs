//! Links whose header says no more than the address family: raw IP and BSD loopback.

use super::rest::Rest;
use super::{DecodeError, ether_type};

/// LINKTYPE_RAW: the version nibble tells.
pub(super) fn decode_raw(frame: Rest<'_>) -> Result<(u16, Rest<'_>), DecodeError> {
    match frame.data.first().map(|b| b >> 4) {
        Some(4) => Ok((ether_type::IPV4, frame)),
        Some(6) => Ok((ether_type::IPV6, frame)),
        Some(_) => Err(DecodeError::RawIpVersion),
        None => Err(DecodeError::LinkTruncated),
    }
}

/// LINKTYPE_NULL and LINKTYPE_LOOP: AF_INET is 2 everywhere, AF_INET6 is 10 on Linux, 24, 28
/// or 30 on the BSDs; the byte order is the writer's.
pub(super) fn decode_null(frame: Rest<'_>) -> Result<(u16, Rest<'_>), DecodeError> {
    let Some(h) = frame.data.first_chunk::<4>() else {
        return Err(DecodeError::LinkTruncated);
    };
    let family = u32::from_le_bytes(*h).min(u32::from_be_bytes(*h));
    let rest = frame.skip_lossy(4);
    match family {
        2 => Ok((ether_type::IPV4, rest)),
        10 | 24 | 28 | 30 => Ok((ether_type::IPV6, rest)),
        _ => Err(DecodeError::LoopbackFamily),
    }
}
