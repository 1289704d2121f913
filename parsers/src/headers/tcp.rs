//! TCP (RFC 9293) with the options the flow stage measures by: MSS, window scale, SACK.

use super::DecodeError;
use super::rest::{Rest, be16, be32};
use crate::packet::{Packet, Tcp, Transport};

const MIN_HEADER: usize = 20;

const END: u8 = 0;
const NOP: u8 = 1;
const MSS: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

#[inline]
pub(super) fn decode<'a>(body: Rest<'a>, out: &mut Packet<'a>) -> Result<(), DecodeError> {
    let Some(h) = body.data.first_chunk::<MIN_HEADER>() else {
        return Err(DecodeError::TcpTruncated);
    };
    let header_len = usize::from(h[12] >> 4) * 4;
    if header_len < MIN_HEADER || header_len as u32 > body.wire {
        return Err(DecodeError::TcpHeaderLength);
    }
    let mut tcp = Tcp {
        seq: be32(h, 4),
        ack: be32(h, 8),
        flags: h[13],
        window: be16(h, 14),
        ..Tcp::default()
    };
    out.src_port = be16(h, 0);
    out.dst_port = be16(h, 2);
    if header_len > MIN_HEADER {
        let end = header_len.min(body.data.len());
        options(&body.data[MIN_HEADER..end], &mut tcp);
    }
    out.transport = Transport::Tcp(tcp);
    let payload = body.skip_lossy(header_len);
    out.l4_payload_len = payload.wire;
    out.payload = payload.data;
    Ok(())
}

/// Reads the options. One that makes no sense ends the walk: the header fields stay valid.
#[inline]
pub(super) fn options(opts: &[u8], tcp: &mut Tcp) {
    // By far the most common layout, with nothing to read in it: NOP, NOP, timestamps.
    if let [NOP, NOP, TIMESTAMPS, 10, rest @ ..] = opts
        && rest.len() == 8
    {
        return;
    }
    walk(opts, tcp);
}

fn walk(mut opts: &[u8], tcp: &mut Tcp) {
    while let Some((&kind, rest)) = opts.split_first() {
        match kind {
            END => return,
            NOP => {
                opts = rest;
                continue;
            }
            _ => {}
        }
        let Some(len) = rest.first().map(|&l| usize::from(l)) else { return };
        let Some(option) = opts.get(..len).filter(|_| len >= 2) else { return };
        match (kind, &option[2..]) {
            (MSS, &[hi, lo]) => tcp.mss = u16::from_be_bytes([hi, lo]),
            // RFC 7323 2.3: a larger shift is used as 14.
            (WINDOW_SCALE, &[shift]) => tcp.wscale = Some(shift.min(14)),
            (SACK_PERMITTED, []) => tcp.sack_permitted = true,
            (SACK, [_, ..]) => tcp.sack = true,
            _ => {}
        }
        opts = &opts[len..];
    }
}
