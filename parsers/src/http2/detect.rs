//! Telling HTTP/2 from anything else: by the preface, by the settings a server begins with, or,
//! when a connection was joined late, by a header block that can be nothing else.

use super::fields::{Fields, Slot};
use super::frame::{self, Found, Frame, Read};
use super::hpack::{self, Table};
use crate::message::{Direction, L7Protocol, Probe};
use crate::trace::TraceOptions;

/// Frames looked at: connections are joined between answers, where few frames are in a row.
const MAX_FRAMES: usize = 16;
/// The highest parameter of SETTINGS that anyone uses (RFC 8441, RFC 9218: 8 and 9).
const MAX_PARAMETER: u16 = 9;

/// Is this HTTP/2, and which way does it go?
pub(crate) fn probe(bytes: &[u8], dir_hint: Option<Direction>) -> Probe {
    let n = bytes.len().min(frame::PREFACE.len());
    if bytes[..n] == frame::PREFACE[..n] {
        return match n == frame::PREFACE.len() {
            true => Probe::Certain(L7Protocol::Http2, Direction::ToServer),
            false => Probe::Unsure,
        };
    }
    let mut at = 0;
    // Frames without a stream say little each; some of them in a row, and nothing else, do.
    let mut evidence = 0;
    for i in 0..MAX_FRAMES {
        let rest = &bytes[at..];
        if rest.is_empty() && i > 0 {
            break;
        }
        let frame = match Frame::read(rest) {
            Read::Frame(frame) => frame,
            Read::Short => return Probe::Unsure,
            Read::Invalid => return Probe::NotForUs,
        };
        // Detection is for what is common: all that is not is somebody else's.
        if frame.kind > 0x10 || frame.kind == frame::DATA && i == 0 {
            return Probe::NotForUs;
        }
        match frame.kind {
            frame::HEADERS => return block(frame, rest),
            frame::SETTINGS if i == 0 && !frame.has(frame::ACK) => {
                let payload = &rest[frame::HEADER..];
                let payload = &payload[..payload.len().min(frame.len as usize)];
                let (parameters, cut) = payload.as_chunks::<6>();
                let known =
                    |p: &[u8; 6]| (1..=MAX_PARAMETER).contains(&u16::from_be_bytes([p[0], p[1]]));
                if frame.flags != 0 || !parameters.iter().all(known) {
                    return Probe::NotForUs;
                }
                if !cut.is_empty() || payload.len() < frame.len as usize {
                    return Probe::Unsure;
                }
                if !parameters.is_empty() {
                    return Probe::Certain(L7Protocol::Http2, Direction::ToClient);
                }
            }
            frame::PUSH_PROMISE | frame::CONTINUATION => return Probe::NotForUs,
            _ => {}
        }
        evidence += 1;
        at += frame::HEADER + frame.len as usize;
        if at > bytes.len() {
            return Probe::Unsure;
        }
    }
    match dir_hint {
        Some(dir) if evidence >= 3 => Probe::Certain(L7Protocol::Http2, dir),
        _ if evidence < MAX_FRAMES => Probe::Unsure,
        _ => Probe::NotForUs,
    }
}

/// A whole header block in which all makes sense, with a pseudo-header that tells the direction.
fn block(frame: Frame, bytes: &[u8]) -> Probe {
    // A field takes a byte at least; without END_HEADERS a block is long.
    let plausible = frame.len > 0 && frame.stream < 1 << 30;
    if !plausible || frame.flags & !0x2d != 0 {
        return Probe::NotForUs;
    }
    let (mut joined, mut out) = (Vec::new(), Vec::new());
    let found = match frame::block(frame, bytes, &mut joined) {
        Found::Block(block) => block,
        Found::Short => {
            let front = frame::fragment(frame, &bytes[frame::HEADER..]);
            return match front {
                // The first field of a request or an answer shows at once.
                Some((_, [first, ..])) if !may_begin(*first) => Probe::NotForUs,
                _ => Probe::Unsure,
            };
        }
        Found::Invalid | Found::TooLong => return Probe::NotForUs,
    };
    let block = if found.joined { &joined[..] } else { found.fragment };
    let trace = TraceOptions::none();
    let mut fields = Fields::new(trace);
    let read = hpack::read(block, &mut Table::default(), &mut fields, &mut out);
    if read.is_err() || fields.malformed || !block.first().is_some_and(|b| may_begin(*b)) {
        return Probe::NotForUs;
    }
    let status = fields.get(Slot::Status, block, &out);
    let method = fields.get(Slot::Method, block, &out);
    let is_answer = matches!(status, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    let is_request = (3..=16).contains(&method.len()) && method.iter().all(u8::is_ascii_uppercase);
    match (is_request, is_answer) {
        (true, false) => Probe::Certain(L7Protocol::Http2, Direction::ToServer),
        (false, true) => Probe::Certain(L7Protocol::Http2, Direction::ToClient),
        _ => Probe::NotForUs,
    }
}

/// Can a block begin with this field? Pseudo-headers come first: they are in the static table, or
/// (a size update before them) in the part of the dynamic one that was not seen.
fn may_begin(first: u8) -> bool {
    matches!(first, 0x81..=0x8e | 0xbe..=0xff | 0x41..=0x48 | 0x01..=0x08 | 0x11..=0x18 | 0x20..=0x40 | 0x00 | 0x7e..=0x7f)
}
