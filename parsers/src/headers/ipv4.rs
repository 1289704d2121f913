//! IPv4 (RFC 791): options and authentication headers are skipped, fragments noted.

use super::rest::{Rest, be16};
use super::{DecodeError, Network};
use crate::packet::{Addr, Fragment, Packet, ip_proto};

const MIN_HEADER: usize = 20;

#[inline]
pub(super) fn decode<'a>(rest: Rest<'a>, out: &mut Packet<'a>) -> Result<Network<'a>, DecodeError> {
    let Some(h) = rest.data.first_chunk::<MIN_HEADER>() else {
        return Err(DecodeError::Ipv4Truncated);
    };
    if h[0] >> 4 != 4 {
        return Err(DecodeError::Ipv4Version);
    }
    let header_len = u32::from(h[0] & 0x0f) * 4;
    if header_len < MIN_HEADER as u32 {
        return Err(DecodeError::Ipv4HeaderLength);
    }
    // Zero: a segment the network card will cut later, larger than the field can say.
    let total = match u32::from(be16(h, 2)) {
        0 => rest.wire,
        n => n,
    };
    if total < header_len {
        return Err(DecodeError::Ipv4TotalLength);
    }
    let body = rest.limit(total).skip(header_len as usize).ok_or(DecodeError::Ipv4Truncated)?;
    out.is_ipv4 = true;
    out.src = Addr::v4([h[12], h[13], h[14], h[15]]);
    out.dst = Addr::v4([h[16], h[17], h[18], h[19]]);
    out.ttl = h[8];
    out.ip_id = be16(h, 4);
    out.l3_payload_len = body.wire;
    let flags = be16(h, 6);
    if flags & 0x3fff != 0 {
        out.fragment = Some(Fragment {
            id: u32::from(out.ip_id),
            offset: u32::from(flags & 0x1fff) * 8,
            more: flags & 0x2000 != 0,
            extensions: 0,
        });
    }
    let network = Network { protocol: h[9], header_len, body };
    if network.protocol == ip_proto::AH && out.fragment.is_none_or(|f| f.offset == 0) {
        return Ok(authenticated(network, out));
    }
    Ok(network)
}

/// Looks behind an authentication header (RFC 4302), which hides nothing.
#[cold]
fn authenticated<'a>(network: Network<'a>, out: &mut Packet<'a>) -> Network<'a> {
    let Some(h) = network.body.data.first_chunk::<4>() else { return network };
    let len = (usize::from(h[1]) + 2) * 4;
    let Some(body) = network.body.skip(len) else { return network };
    if let Some(fragment) = &mut out.fragment {
        fragment.extensions = len as u32;
    }
    Network { protocol: h[0], header_len: network.header_len + len as u32, body }
}
