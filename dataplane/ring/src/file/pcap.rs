//! The classic pcap format (draft-ietf-opsawg-pcap), both byte orders, microseconds and
//! nanoseconds, and Kuznetzov's variant with eight more bytes per record.

use super::{Opened, Record, Step, link};
use crate::limits::FRAME_MAX;
use crate::{Interface, LinkType};

const FILE_HEADER: usize = 24;

pub(super) struct Reader {
    pub(super) interfaces: Vec<Interface>,
    link: LinkType,
    big_endian: bool,
    /// Nanoseconds in one unit of a record's time fraction.
    fraction_ns: u64,
    record_header: usize,
    lengths: Lengths,
    /// Bytes of frame check sequence at the end of each frame.
    fcs: u32,
}

/// Order of captured and original length in a record, which old versions had otherwise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Version 2.3: either.
    SmallerIsCaptured,
}

impl Reader {
    pub(super) fn open(data: &[u8]) -> Opened<Self> {
        let Some(magic) = data.first_chunk::<4>() else {
            return Opened::Need(4);
        };
        let little = u32::from_le_bytes(*magic);
        let big_endian = match little {
            0xa1b2_c3d4 | 0xa1b2_3c4d | 0xa1b2_cd34 => false,
            0xd4c3_b2a1 | 0x4d3c_b2a1 | 0x34cd_b2a1 => true,
            _ => return Opened::No,
        };
        let (fraction_ns, record_header) =
            match if big_endian { little.swap_bytes() } else { little } {
                0xa1b2_3c4d => (1, 16),
                0xa1b2_cd34 => (1_000, 24),
                _ => (1_000, 16),
            };
        if data.len() < FILE_HEADER {
            return Opened::Need(FILE_HEADER);
        }
        let word = |at| u32_at(data, at, big_endian);
        let (major, minor) = match (word(4), big_endian) {
            (v, true) => (v >> 16, v & 0xffff),
            (v, false) => (v & 0xffff, v >> 16),
        };
        // All later versions are laid out as 2.4, and some writers give its bytes the wrong way
        // round; only what came before 2.0 was another format.
        if major < 2 {
            return Opened::Bad(format!("pcap version {major}.{minor} is not known (2.4 is)"));
        }
        // The upper half says how long a frame check sequence ends each frame (RFC draft, 4.1):
        // four bits count 16-bit words, valid when the P bit is set.
        let network = word(20);
        let number = network & 0xffff;
        let fcs = if network & 0x0400_0000 != 0 { (network >> 28) * 2 } else { 0 };
        let Some(link) = link::from_number(number) else {
            return Opened::Bad(link::unsupported(number));
        };
        let reader = Self {
            interfaces: vec![Interface::default()],
            link,
            big_endian,
            fraction_ns,
            record_header,
            lengths: match (major, minor) {
                (2, 0..=2) => Lengths::OriginalFirst,
                (2, 3) => Lengths::SmallerIsCaptured,
                _ => Lengths::CapturedFirst,
            },
            fcs,
        };
        Opened::Yes(reader, FILE_HEADER)
    }

    pub(super) fn step(&self, data: &[u8], last: bool) -> Step {
        let start = self.record_header;
        if data.len() < start {
            return Step::Need(start);
        }
        let word = |at| u32_at(data, at, self.big_endian);
        let (first, second) = (word(8), word(12));
        let (captured, original) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::SmallerIsCaptured => (first.min(second), first.max(second)),
        };
        if captured as usize > FRAME_MAX {
            return Step::Corrupt("the record claims more than 256 KiB");
        }
        let next = start + captured as usize;
        if data.len() < next {
            // Longer than the frame was and than the file is: no capture was merely cut here.
            if last && data.len() > start && captured > original {
                return Step::Corrupt("the record claims more than the file holds");
            }
            return Step::Need(next);
        }
        let wire_len = original.max(captured).saturating_sub(self.fcs);
        Step::Frame {
            record: Record {
                start,
                len: captured.min(wire_len) as usize,
                wire_len,
                // A fraction beyond the second simply carries over. At most 2^32 * 1.001e9: fits.
                time_ns: u64::from(word(0)) * 1_000_000_000 + u64::from(word(4)) * self.fraction_ns,
                interface: 0,
                link: self.link,
            },
            next,
        }
    }
}

fn u32_at(data: &[u8], at: usize, big_endian: bool) -> u32 {
    let bytes = data[at..].first_chunk().copied().unwrap_or_default();
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}
