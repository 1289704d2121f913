//! What stands before a message's body in AMQP 0-9-1: its length, and properties that may carry
//! trace context.

use crate::bytes::Reader;
use crate::trace::{Found, TraceOptions};

/// Entries of a table that are looked at.
const MAX_ENTRIES: usize = 64;

/// What a content header says.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    pub(super) length: u64,
    pub(super) message: &'a [u8],
    pub(super) correlation: &'a [u8],
    pub(super) trace: Found<'a>,
    pub(super) x_request_id: &'a [u8],
}

/// Reads a content header, as far as it is there.
pub(super) fn read<'a>(bytes: &'a [u8], options: &TraceOptions) -> Content<'a> {
    let mut content = Content::default();
    let _ = fields(Reader(bytes), options, &mut content);
    content
}

fn fields<'a>(mut r: Reader<'a>, options: &TraceOptions, content: &mut Content<'a>) -> Option<()> {
    r.u32()?;
    content.length = r.u64()?;
    let flags = r.u16()?;
    let has = |bit: u16| flags >> bit & 1 == 1;
    for bit in [15, 14] {
        if has(bit) {
            short(&mut r)?;
        }
    }
    if has(13) {
        let len = r.u32()? as usize;
        let mut table = Reader(&r.0[..len.min(r.0.len())]);
        for _ in 0..MAX_ENTRIES {
            if entry(&mut table, options, content).is_none() {
                break;
            }
        }
        r.take(len)?;
    }
    for bit in [12, 11] {
        if has(bit) {
            r.u8()?;
        }
    }
    if has(10) {
        content.correlation = short(&mut r)?;
    }
    for bit in [9, 8] {
        if has(bit) {
            short(&mut r)?;
        }
    }
    if has(7) {
        content.message = short(&mut r)?;
    }
    Some(())
}

fn short<'a>(r: &mut Reader<'a>) -> Option<&'a [u8]> {
    let len = r.u8()?;
    r.take(usize::from(len))
}

fn entry<'a>(r: &mut Reader<'a>, options: &TraceOptions, content: &mut Content<'a>) -> Option<()> {
    let name = short(r)?;
    let len = match r.u8()? {
        b'S' | b'x' => {
            let len = r.u32()?;
            let value = r.take(len as usize)?;
            content.trace.offer(name, value, options);
            if name.eq_ignore_ascii_case(b"x-request-id") {
                content.x_request_id = value;
            }
            0
        }
        b'F' | b'A' => r.u32()? as usize,
        b't' | b'b' | b'B' => 1,
        b's' | b'u' | b'U' => 2,
        b'i' | b'I' | b'f' => 4,
        b'D' => 5,
        b'l' | b'L' | b'd' | b'T' => 8,
        b'V' => 0,
        _ => return None,
    };
    r.take(len).map(drop)
}
