//! Transports of which the ports are all there is to know here: SCTP (RFC 9260), DCCP (RFC 4340)
//! and UDP-Lite (RFC 3828) all begin with them.

use super::rest::{Rest, be16};
use crate::packet::{Packet, ip_proto};

const SCTP_HEADER: usize = 12;
const UDP_LITE_HEADER: usize = 8;

/// Ports and payload of one of these; any other protocol, or one cut short, is left as it is.
pub(super) fn decode<'a>(protocol: u8, body: Rest<'a>, out: &mut Packet<'a>) {
    let header_len = match (protocol, body.data.first_chunk::<8>()) {
        (ip_proto::SCTP, Some(_)) => SCTP_HEADER,
        (ip_proto::UDP_LITE, Some(_)) => UDP_LITE_HEADER,
        // Counted in words of four bytes.
        (ip_proto::DCCP, Some(h)) => usize::from(h[4]) * 4,
        _ => return,
    };
    let Some(h) = body.data.first_chunk::<8>().filter(|_| header_len as u32 <= body.wire) else {
        return;
    };
    out.src_port = be16(h, 0);
    out.dst_port = be16(h, 2);
    let payload = body.skip_lossy(header_len);
    out.l4_payload_len = payload.wire;
    out.payload = payload.data;
}
