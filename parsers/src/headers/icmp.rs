//! ICMP (RFC 792) and ICMPv6 (RFC 4443): type, code, and the identifiers of echo messages.

use super::DecodeError;
use super::rest::{Rest, be16};
use crate::packet::{Icmp, Packet, Transport};

const HEADER: usize = 8;
/// Echo reply and request of ICMP.
pub(super) const V4_ECHO: [u8; 2] = [0, 8];
/// Echo request and reply of ICMPv6.
pub(super) const V6_ECHO: [u8; 2] = [128, 129];

pub(super) fn decode<'a>(
    body: Rest<'a>,
    echo: [u8; 2],
    out: &mut Packet<'a>,
) -> Result<(), DecodeError> {
    let Some(h) = body.data.first_chunk::<HEADER>() else {
        return Err(DecodeError::IcmpTruncated);
    };
    let (id, seq) = if echo.contains(&h[0]) { (be16(h, 4), be16(h, 6)) } else { (0, 0) };
    out.transport = Transport::Icmp(Icmp { kind: h[0], code: h[1], id, seq });
    let payload = body.skip_lossy(HEADER);
    out.l4_payload_len = payload.wire;
    out.payload = payload.data;
    Ok(())
}
