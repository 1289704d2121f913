//! The frames of AMQP 0-9-1.

use super::method::{self, Method};

pub(super) const METHOD: u8 = 1;
pub(super) const HEADER: u8 = 2;
pub(super) const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;
/// Bytes before a frame's payload, and the one behind it.
pub(super) const HEAD: usize = 7;
pub(super) const END: u8 = 0xce;
/// No peer agrees to larger frames (RabbitMQ: 128 KiB).
const MAX_FRAME: usize = 1 << 27;

/// A frame, of which the payload may not be all there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) kind: u8,
    pub(super) channel: u16,
    pub(super) payload: &'a [u8],
    /// Bytes of all of it.
    pub(super) whole: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Short,
    Bad,
}

/// Reads the frame that begins with `bytes`.
#[inline]
pub(super) fn frame(bytes: &[u8]) -> Result<Frame<'_>, Wrong> {
    let kind = *bytes.first().ok_or(Wrong::Short)?;
    if !matches!(kind, METHOD | HEADER | BODY | HEARTBEAT) {
        return Err(Wrong::Bad);
    }
    let &[_, a, b, c, d, e, f, ref rest @ ..] = bytes else { return Err(Wrong::Short) };
    let size = u32::from_be_bytes([c, d, e, f]) as usize;
    let least = match kind {
        METHOD => 4,
        HEADER => 14,
        _ => 0,
    };
    if !(least..=MAX_FRAME).contains(&size) || kind == HEARTBEAT && size > 0 {
        return Err(Wrong::Bad);
    }
    if rest.get(size).is_some_and(|end| *end != END) {
        return Err(Wrong::Bad);
    }
    let payload = &rest[..size.min(rest.len())];
    Ok(Frame { kind, channel: u16::from_be_bytes([a, b]), payload, whole: HEAD + size + 1 })
}

impl<'a> Frame<'a> {
    /// The method in a method frame, and its arguments.
    #[inline]
    pub(super) fn method(&self) -> Option<(&'static Method, &'a [u8])> {
        let (&[a, b, c, d], rest) = self.payload.split_first_chunk::<4>()?;
        Some((method::of(u32::from_be_bytes([a, b, c, d]))?, rest))
    }
}
