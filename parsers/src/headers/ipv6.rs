//! IPv6 (RFC 8200) and its extension headers, at most [`MAX_EXTENSIONS`] of them.

use super::rest::{Rest, be16, be32};
use super::{DecodeError, Network};
use crate::packet::{Addr, Fragment, Packet};

const HEADER: usize = 40;
/// RFC 8200 4.1 knows seven, each at most once but one; longer chains are only made to tire
/// parsers.
const MAX_EXTENSIONS: usize = 10;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HIP: u8 = 139;
const SHIM6: u8 = 140;

#[inline]
pub(super) fn decode<'a>(rest: Rest<'a>, out: &mut Packet<'a>) -> Result<Network<'a>, DecodeError> {
    let Some(h) = rest.data.first_chunk::<HEADER>() else {
        return Err(DecodeError::Ipv6Truncated);
    };
    if h[0] >> 4 != 6 {
        return Err(DecodeError::Ipv6Version);
    }
    let behind = Rest { data: &rest.data[HEADER..], wire: rest.wire - HEADER as u32 };
    // Zero: a jumbogram or a segment the network card will cut later.
    let body = match u32::from(be16(h, 4)) {
        0 => behind,
        n => behind.limit(n),
    };
    out.is_ipv4 = false;
    let (mut src, mut dst) = ([0; 16], [0; 16]);
    src.copy_from_slice(&h[8..24]);
    dst.copy_from_slice(&h[24..40]);
    out.src = Addr(src);
    out.dst = Addr(dst);
    out.ttl = h[7];
    out.ip_id = 0;
    out.l3_payload_len = body.wire;
    let network = Network { protocol: h[6], header_len: HEADER as u32, body };
    match network.protocol {
        HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY | HIP | SHIM6 => {
            extensions(network, out)
        }
        _ => Ok(network),
    }
}

/// Follows the chain. A later fragment ends it: what follows is the middle of something.
fn extensions<'a>(
    mut network: Network<'a>,
    out: &mut Packet<'a>,
) -> Result<Network<'a>, DecodeError> {
    for _ in 0..=MAX_EXTENSIONS {
        let header = network.body.data.first_chunk::<8>();
        let len = match (network.protocol, header) {
            (FRAGMENT, Some(h)) => {
                let field = be16(h, 2);
                // An "atomic fragment" (RFC 6946) is no fragment.
                if field & 0xfff9 != 0 {
                    out.fragment = Some(Fragment {
                        id: be32(h, 4),
                        offset: u32::from(field & 0xfff8),
                        more: field & 1 != 0,
                        extensions: 0,
                    });
                }
                8
            }
            (AUTHENTICATION, Some(h)) => (usize::from(h[1]) + 2) * 4,
            (HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | HIP | SHIM6, Some(h)) => {
                (usize::from(h[1]) + 1) * 8
            }
            (
                HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY | HIP
                | SHIM6,
                None,
            ) => {
                return Err(DecodeError::ExtensionTruncated);
            }
            _ => return Ok(network),
        };
        if network.protocol != FRAGMENT
            && let Some(fragment) = &mut out.fragment
        {
            fragment.extensions += len as u32;
        }
        let next = header.map_or(0, |h| h[0]);
        let body = network.body.skip(len).ok_or(DecodeError::ExtensionTruncated)?;
        network = Network { protocol: next, header_len: network.header_len + len as u32, body };
        if out.fragment.is_some_and(|f| f.offset != 0) {
            return Ok(network);
        }
    }
    Err(DecodeError::ExtensionDepth)
}
