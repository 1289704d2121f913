//! Telling DNS from anything else. The format has no magic number, so the whole message must
//! make sense: counts that fit the length, names, types and classes that occur, and nothing
//! left over.

use super::{HEADER, Header, codes, name};
use crate::message::{Direction, L7Protocol, Probe};

/// The shortest message worth a guess: a header and the question for the root.
const MIN_MESSAGE: usize = HEADER + 5;
/// The shortest record: the root's name and the fixed part.
const MIN_RECORD: usize = 11;
/// How far [`find_start`] looks. Messages begin at segments, or near the front of them.
const MAX_SEARCH: usize = 1024;

enum Check {
    /// A message; complete, or cut in its records.
    Yes,
    No,
    /// The bytes end before the question does.
    Short,
}

pub(crate) fn probe_datagram(bytes: &[u8], _: Option<Direction>) -> Probe {
    if bytes.len() < MIN_MESSAGE {
        return Probe::NotForUs;
    }
    match check(bytes, bytes.len()) {
        Check::Yes => certain(bytes),
        Check::No | Check::Short => Probe::NotForUs,
    }
}

pub(crate) fn probe_stream(bytes: &[u8], _: Option<Direction>) -> Probe {
    let Some(len) = super::be16(bytes, 0) else { return Probe::Unsure };
    let len = usize::from(len);
    if len < MIN_MESSAGE {
        return Probe::NotForUs;
    }
    let message = &bytes[2..bytes.len().min(2 + len)];
    match check(message, len) {
        Check::Yes => certain(message),
        Check::No => Probe::NotForUs,
        Check::Short => Probe::Unsure,
    }
}

fn certain(message: &[u8]) -> Probe {
    let response = message.get(2).is_some_and(|b| b & 0x80 != 0);
    let dir = if response { Direction::ToClient } else { Direction::ToServer };
    Probe::Certain(L7Protocol::Dns, dir)
}

/// `bytes` are the beginning, or all, of a message of `len` bytes.
fn check(bytes: &[u8], len: usize) -> Check {
    let Some(header) = Header::read(bytes) else {
        // Flags are judged as soon as they are there: this ends most probes at once.
        return match bytes {
            [_, _, hi, lo, ..] if !plausible_flags(u16::from_be_bytes([*hi, *lo])) => Check::No,
            _ => Check::Short,
        };
    };
    if !plausible_flags(header.flags) || !plausible_counts(header, len) {
        return Check::No;
    }
    let mut at = HEADER;
    for i in 0..header.questions {
        at = match question(bytes, at, header.opcode()) {
            Ok(next) => next,
            Err(false) => return Check::No,
            // Behind one good question the verdict stands.
            Err(true) if i > 0 => return Check::Yes,
            Err(true) => return Check::Short,
        };
    }
    let records = [header.answers, header.authorities, header.additionals];
    let records = records.into_iter().map(usize::from).sum::<usize>();
    for i in 0..records {
        at = match record(bytes, at) {
            Ok(next) => next,
            Err(false) => return Check::No,
            Err(true) if header.questions == 0 && i == 0 => return Check::Short,
            Err(true) => return Check::Yes,
        };
    }
    if at == len { Check::Yes } else { Check::No }
}

fn plausible_flags(flags: u16) -> bool {
    let response = flags & 0x8000 != 0;
    let opcode = flags >> 11 & 0x0f;
    let reserved = flags & 0x0040 != 0;
    let rcode = flags & 0x0f;
    let opcode_known = matches!(opcode, 0 | codes::NOTIFY | codes::UPDATE);
    // A request cannot have failed; 11 is the last code that fits these bits.
    opcode_known && !reserved && if response { rcode <= 11 } else { rcode == 0 }
}

fn plausible_counts(h: Header, len: usize) -> bool {
    let records = usize::from(h.answers) + usize::from(h.authorities) + usize::from(h.additionals);
    if HEADER + usize::from(h.questions) * 5 + records * MIN_RECORD > len {
        return false;
    }
    let questions_fit = h.questions <= h.max_questions();
    let is_query = !h.is_response() && h.opcode() == 0;
    if is_query && h.id != 0 {
        // Only IXFR brings a record of authority, EDNS and signatures come as additionals.
        return h.questions == 1 && h.answers == 0 && h.authorities <= 1 && h.additionals <= 4;
    }
    questions_fit && (h.questions > 0 || h.is_response() && h.answers > 0)
}

/// `Err(true)`: fine as far as the bytes go.
fn question(bytes: &[u8], at: usize, opcode: u16) -> Result<usize, bool> {
    let at = name::check(bytes, at)?;
    let fixed = bytes.get(at..).and_then(|b| b.first_chunk::<4>()).ok_or(true)?;
    let kind = u16::from_be_bytes([fixed[0], fixed[1]]);
    let class = u16::from_be_bytes([fixed[2], fixed[3]]);
    let fits = codes::is_plausible_type(kind)
        && kind != codes::OPT
        && codes::is_plausible_class(class)
        && (opcode != codes::UPDATE || kind == codes::SOA);
    if fits { Ok(at + 4) } else { Err(false) }
}

fn record(bytes: &[u8], at: usize) -> Result<usize, bool> {
    let at = name::check(bytes, at)?;
    let h = bytes.get(at..).and_then(|b| b.first_chunk::<10>()).ok_or(true)?;
    let kind = u16::from_be_bytes([h[0], h[1]]);
    let class = u16::from_be_bytes([h[2], h[3]]);
    let len = usize::from(u16::from_be_bytes([h[8], h[9]]));
    // The class of EDNS is a size. Updates delete with records that have no data.
    let class_fits = kind == codes::OPT || codes::is_plausible_class(class);
    let len_fits = match kind {
        codes::A => matches!(len, 0 | 4),
        codes::AAAA => matches!(len, 0 | 16),
        _ => true,
    };
    if !(class_fits && len_fits && codes::is_plausible_type(kind)) {
        return Err(false);
    }
    let end = at + 10 + len;
    if end > bytes.len() { Err(true) } else { Ok(end) }
}

/// The offset at which a length and a message of this direction stand.
pub(super) fn find_start(dir: Direction, bytes: &[u8]) -> Option<usize> {
    (0..bytes.len().min(MAX_SEARCH))
        .find(|&at| probe_stream(&bytes[at..], None) == Probe::Certain(L7Protocol::Dns, dir))
}
