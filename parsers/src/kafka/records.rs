//! Record batches: the headers of the first record, which may carry trace context.

use super::WINDOW;
use crate::bytes::Reader;
use crate::packed::{Packing, unpack};
use crate::trace::{Found, TraceOptions};

/// Length of what stands before the records of a batch (format 2).
const BATCH_HEADER: usize = 61;
/// Headers of a record that are looked at.
const MAX_HEADERS: u32 = 64;

/// What the headers of the first record say.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) trace: Found<'a>,
    pub(super) x_request_id: &'a [u8],
}

/// Reads the first record of `batch` as far as it is there, unpacking it to `space` where the
/// records are packed together. A format without headers, and Zstandard, say nothing.
#[inline]
pub(super) fn headers<'a>(
    batch: &'a [u8],
    options: &TraceOptions,
    space: &'a mut Vec<u8>,
) -> Headers<'a> {
    let mut headers = Headers::default();
    let Some((head, rest)) = batch.split_first_chunk::<BATCH_HEADER>() else { return headers };
    if head[16] != 2 {
        return headers;
    }
    let packing = match head[22] & 7 {
        0 => {
            let _ = record(rest, options, &mut headers);
            return headers;
        }
        1 => Packing::Gzip,
        2 => Packing::SnappyBlocks,
        3 => Packing::Lz4,
        _ => return headers,
    };
    // The length counts from behind itself; one batch follows another.
    let len = u32::from_be_bytes([head[8], head[9], head[10], head[11]]) as usize;
    let len = (len + 12).saturating_sub(BATCH_HEADER).min(rest.len());
    unpack(packing, &rest[..len], WINDOW, space);
    let _ = record(space, options, &mut headers);
    headers
}

fn record<'a>(bytes: &'a [u8], options: &TraceOptions, headers: &mut Headers<'a>) -> Option<()> {
    let mut r = Reader(bytes);
    let len = signed(&mut r)?;
    r.0 = &r.0[..r.0.len().min(usize::try_from(len).ok()?)];
    r.u8()?;
    // A difference in time may need ten bytes.
    let end = r.0.iter().take(10).position(|b| b & 0x80 == 0)?;
    r.take(end + 1)?;
    signed(&mut r)?;
    text(&mut r)?;
    text(&mut r)?;
    let count = signed(&mut r)?;
    for _ in 0..u32::try_from(count).ok()?.min(MAX_HEADERS) {
        let name = text(&mut r)?;
        let value = text(&mut r)?;
        headers.trace.offer(name, value, options);
        if is_correlation(name) {
            headers.x_request_id = value;
        }
    }
    Some(())
}

/// Names under which requests are followed from message to message.
fn is_correlation(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"x-request-id") || name.eq_ignore_ascii_case(b"correlation_id")
}

/// A number in zigzag encoding.
fn signed(r: &mut Reader<'_>) -> Option<i32> {
    let n = r.varint()?;
    Some((n >> 1) as i32 ^ -((n & 1) as i32))
}

fn text<'a>(r: &mut Reader<'a>) -> Option<&'a [u8]> {
    match usize::try_from(signed(r)?) {
        Ok(len) => r.take(len),
        Err(_) => Some(b""),
    }
}
