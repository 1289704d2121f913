//! UDP (RFC 768).

use super::DecodeError;
use super::rest::{Rest, be16};
use crate::packet::{Packet, Transport};

/// Ports, length, checksum.
pub(super) const HEADER: usize = 8;

#[inline]
pub(super) fn decode<'a>(body: Rest<'a>, out: &mut Packet<'a>) -> Result<(), DecodeError> {
    let Some(h) = body.data.first_chunk::<HEADER>() else {
        return Err(DecodeError::UdpTruncated);
    };
    // Zero: a datagram larger than the field can say (RFC 2675), or one the card will cut.
    // More than the IP payload: the first of several fragments, or a lie; this packet holds
    // what IP says.
    let len = match u32::from(be16(h, 4)) {
        0 => body.wire,
        n if n < HEADER as u32 => return Err(DecodeError::UdpLength),
        n => n.min(body.wire),
    };
    out.src_port = be16(h, 0);
    out.dst_port = be16(h, 2);
    out.transport = Transport::Udp;
    let payload = body.limit(len).skip_lossy(HEADER);
    out.l4_payload_len = payload.wire;
    out.payload = payload.data;
    Ok(())
}
