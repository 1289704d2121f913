//! Linux cooked captures, versions 1 and 2: what `any` interfaces and devices without a link
//! header give. Format: LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of the tcpdump project.

use super::rest::{Rest, be16};
use super::{DecodeError, ethernet};
use crate::packet::Packet;

/// Hardware types (ARPHRD_*) whose protocol field is no EtherType: netlink and the radio kinds.
const ARPHRD_NO_ETHER_TYPE: [u16; 4] = [824, 801, 802, 803];

pub(super) fn decode_v1<'a>(
    frame: Rest<'a>,
    out: &mut Packet<'a>,
) -> Result<(u16, Rest<'a>), DecodeError> {
    let Some(h) = frame.data.first_chunk::<16>() else {
        return Err(DecodeError::LinkTruncated);
    };
    if be16(h, 4) == 6 {
        out.mac_src = [h[6], h[7], h[8], h[9], h[10], h[11]];
    }
    finish(be16(h, 14), be16(h, 2), frame.skip_lossy(16), out)
}

pub(super) fn decode_v2<'a>(
    frame: Rest<'a>,
    out: &mut Packet<'a>,
) -> Result<(u16, Rest<'a>), DecodeError> {
    let Some(h) = frame.data.first_chunk::<20>() else {
        return Err(DecodeError::LinkTruncated);
    };
    if h[11] == 6 {
        out.mac_src = [h[12], h[13], h[14], h[15], h[16], h[17]];
    }
    finish(be16(h, 0), be16(h, 8), frame.skip_lossy(20), out)
}

fn finish<'a>(
    protocol: u16,
    hardware: u16,
    rest: Rest<'a>,
    out: &mut Packet<'a>,
) -> Result<(u16, Rest<'a>), DecodeError> {
    if ARPHRD_NO_ETHER_TYPE.contains(&hardware) {
        return Ok((0, rest));
    }
    // Below 0x0600 stand Linux's own numbers (0x0004 is LLC), not 802.3 lengths.
    if protocol < 0x0600 {
        return Ok((protocol, rest));
    }
    ethernet::inner_type(protocol, rest, out)
}
