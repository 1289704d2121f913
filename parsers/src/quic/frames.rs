//! Frames of Initial packets (RFC 9000 17.2.2): the handshake's bytes, and the end of the connection.

use crate::message::{Direction, Message, MessageKind, ResponseStatus};
use crate::tls::describe;
use crate::tls::pieces::Pieces;
use crate::tls::read::Reader;

const PADDING: u64 = 0;
const PING: u64 = 1;
const ACK: u64 = 2;
const ACK_ECN: u64 = 3;
const CRYPTO: u64 = 6;
const CLOSE: u64 = 0x1c;

/// Acknowledged ranges in one frame.
const MAX_RANGES: u64 = 1024;
/// Bytes of a reason that are kept.
const MAX_REASON: usize = 256;
/// Error codes that carry a TLS alert.
const ALERTS: std::ops::RangeInclusive<u64> = 0x100..=0x1ff;

/// The end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Close<'a> {
    code: u64,
    reason: &'a [u8],
}

/// Puts the handshake's bytes in their places. The end of the connection, if it is said.
pub(super) fn read<'a>(payload: &'a [u8], crypto: &mut Pieces) -> Option<Close<'a>> {
    let mut r = Reader(payload);
    while !r.is_empty() {
        match r.varint()? {
            PADDING => {
                let padding = r.0.iter().take_while(|b| **b == 0).count();
                r.take(padding)?;
            }
            PING => {}
            kind @ (ACK | ACK_ECN) => {
                r.varint()?;
                r.varint()?;
                let ranges = r.varint().filter(|n| *n <= MAX_RANGES)?;
                let counts = if kind == ACK_ECN { 3 } else { 0 };
                for _ in 0..1 + 2 * ranges + counts {
                    r.varint()?;
                }
            }
            CRYPTO => {
                let offset = r.varint()?;
                let len = r.varint()?;
                crypto.add(offset, r.take(usize::try_from(len).ok()?)?);
            }
            CLOSE => {
                let code = r.varint()?;
                r.varint()?;
                let len = r.varint()?;
                let reason = r.take(usize::try_from(len).ok()?)?;
                return Some(Close { code, reason: &reason[..reason.len().min(MAX_REASON)] });
            }
            // Nothing else may stand here.
            _ => return None,
        }
    }
    None
}

impl Close<'_> {
    /// As the answer to a hello, or the end of an exchange. `text` is space.
    pub(super) fn message<'a>(&self, dir: Direction, text: &'a mut Vec<u8>) -> Message<'a> {
        text.clear();
        text.extend_from_slice(self.reason);
        let alert = ALERTS.contains(&self.code).then_some(self.code as u8);
        let (name, own) = transport_error(self.code);
        let by = if own { dir } else { dir.reverse() };
        let base = match alert {
            Some(_) => describe::refusal(alert, dir),
            None => Message {
                status: match by {
                    Direction::ToServer => ResponseStatus::ClientError,
                    Direction::ToClient => ResponseStatus::ServerError,
                },
                exception: name,
                ..Message::default()
            },
        };
        let kind = match dir {
            Direction::ToServer => MessageKind::End,
            Direction::ToClient => MessageKind::Response,
        };
        let response_code = i32::try_from(self.code).ok();
        Message { kind, response_code, result: text, ..base }
    }
}

/// The name of an error (RFC 9000 20.1), and whether it is the sender's own.
const fn transport_error(code: u64) -> (&'static [u8], bool) {
    match code {
        0x00 => (b"NO_ERROR", true),
        0x01 => (b"INTERNAL_ERROR", true),
        0x02 => (b"CONNECTION_REFUSED", true),
        0x03 => (b"FLOW_CONTROL_ERROR", false),
        0x04 => (b"STREAM_LIMIT_ERROR", false),
        0x05 => (b"STREAM_STATE_ERROR", false),
        0x06 => (b"FINAL_SIZE_ERROR", false),
        0x07 => (b"FRAME_ENCODING_ERROR", false),
        0x08 => (b"TRANSPORT_PARAMETER_ERROR", false),
        0x09 => (b"CONNECTION_ID_LIMIT_ERROR", false),
        0x0a => (b"PROTOCOL_VIOLATION", false),
        0x0b => (b"INVALID_TOKEN", false),
        0x0c => (b"APPLICATION_ERROR", true),
        0x0d => (b"CRYPTO_BUFFER_EXCEEDED", false),
        0x11 => (b"VERSION_NEGOTIATION_ERROR", false),
        _ => (b"error", true),
    }
}
