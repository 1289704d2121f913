//! The pcapng format (draft-ietf-opsawg-pcapng): sections in either byte order, any number of
//! interfaces of different link types and clocks, enhanced, simple and obsolete packet blocks.
//! Blocks of other kinds are stepped over.

use super::{Opened, Record, Step, link};
use crate::Interface;
use crate::limits::{BLOCK_MAX, FRAME_MAX, INTERFACES_MAX, NAME_MAX};

mod clock;

use clock::Clock;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const BYTE_ORDER: u32 = 0x1a2b_3c4d;

const OPTION_END: u16 = 0;
const OPTION_IF_NAME: u16 = 2;
const OPTION_IF_MAC: u16 = 6;
const OPTION_IF_TSRESOL: u16 = 9;
const OPTION_IF_FCSLEN: u16 = 13;
const OPTION_IF_TSOFFSET: u16 = 14;

/// Bytes of a block besides its body: type, length, and the length again.
const FRAMING: usize = 12;

/// Bytes that must be at hand to read a block's length: a section header names its byte order only
/// behind it.
const START: usize = 12;

pub(super) struct Reader {
    /// Of all sections; those of the current one begin at `section`.
    pub(super) interfaces: Vec<Interface>,
    described: Vec<Description>,
    section: usize,
    big_endian: bool,
    /// Time of the latest packet, for simple packet blocks, which have none.
    latest_ns: u64,
}

/// What frames of one interface need to be read.
struct Description {
    link_type: u32,
    snaplen: u32,
    fcs: u32,
    clock: Clock,
}

/// A packet block, taken apart.
struct Packet<'a> {
    interface: u32,
    /// In units of the interface's clock; a simple packet block has no time.
    time: Option<u64>,
    captured: u32,
    original: u32,
    /// Offset of the frame in the block.
    start: usize,
    /// Bytes of the body from the frame on.
    rest: &'a [u8],
}

impl Reader {
    pub(super) fn open(data: &[u8]) -> Opened<Self> {
        let Some(start) = data.first_chunk::<START>() else {
            return match data.first_chunk() {
                Some(kind) if u32::from_le_bytes(*kind) != SECTION_HEADER => Opened::No,
                _ => Opened::Need(START),
            };
        };
        if u32_at(start, 0, false) != SECTION_HEADER {
            return Opened::No;
        }
        let mut reader = Self {
            interfaces: Vec::new(),
            described: Vec::new(),
            section: 0,
            big_endian: false,
            latest_ns: 0,
        };
        match reader.step(data) {
            Step::Skip { next } => Opened::Yes(reader, next),
            Step::Need(want) => Opened::Need(want),
            Step::Corrupt(what) => Opened::Bad(format!("the section header is broken: {what}")),
            Step::Frame { .. } | Step::Unsupported { .. } => Opened::No,
        }
    }

    pub(super) fn step(&mut self, data: &[u8]) -> Step {
        match self.block(data) {
            Ok(step) | Err(step) => step,
        }
    }

    fn block(&mut self, data: &[u8]) -> Result<Step, Step> {
        if data.len() < START {
            return Err(Step::Need(START));
        }
        // The type of a section header reads the same in both byte orders.
        let kind = u32_at(data, 0, self.big_endian);
        let big_endian = match (kind, u32_at(data, 8, false)) {
            (SECTION_HEADER, BYTE_ORDER) => false,
            (SECTION_HEADER, order) if order == BYTE_ORDER.swap_bytes() => true,
            (SECTION_HEADER, _) => return Err(Step::Corrupt("a section of unknown byte order")),
            _ => self.big_endian,
        };
        let length = u32_at(data, 4, big_endian) as usize;
        if length < FRAMING {
            return Err(Step::Corrupt("a block shorter than its own frame"));
        }
        // Some writers leave the padding out of the length.
        let next = length.next_multiple_of(4);
        if next > BLOCK_MAX {
            return Err(Step::Corrupt("a block of more than 16 MiB"));
        }
        if data.len() < next {
            return Err(Step::Need(next));
        }
        if u32_at(data, next - 4, big_endian) as usize != length {
            return Err(Step::Corrupt("a block whose two lengths differ"));
        }
        let body = &data[8..next - 4];
        let packet = match kind {
            SECTION_HEADER => {
                self.section(body, big_endian)?;
                return Ok(Step::Skip { next });
            }
            INTERFACE_DESCRIPTION => {
                self.describe(body)?;
                return Ok(Step::Skip { next });
            }
            ENHANCED_PACKET => self.enhanced(body)?,
            SIMPLE_PACKET => self.simple(body)?,
            PACKET => self.obsolete(body)?,
            _ => return Ok(Step::Skip { next }),
        };
        self.frame(&packet, next)
    }

    fn section(&mut self, body: &[u8], big_endian: bool) -> Result<(), Step> {
        if body.len() < 16 {
            return Err(Step::Corrupt("a section header that is too short"));
        }
        if u16_at(body, 4, big_endian) != 1 {
            return Err(Step::Corrupt("a section of an unknown version"));
        }
        self.big_endian = big_endian;
        self.section = self.interfaces.len();
        Ok(())
    }

    fn describe(&mut self, body: &[u8]) -> Result<(), Step> {
        if body.len() < 8 {
            return Err(Step::Corrupt("an interface description that is too short"));
        }
        if self.interfaces.len() == INTERFACES_MAX {
            return Err(Step::Corrupt("more than 65536 interfaces"));
        }
        let mut interface = Interface::default();
        let mut description = Description {
            link_type: u32::from(u16_at(body, 0, self.big_endian)),
            snaplen: u32_at(body, 4, self.big_endian),
            fcs: 0,
            clock: Clock::default(),
        };
        for (code, value) in (Options { rest: &body[8..], big_endian: self.big_endian }) {
            match (code, value) {
                (OPTION_IF_NAME, name) => {
                    let name = &name[..name.len().min(NAME_MAX)];
                    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
                    interface.name = String::from_utf8_lossy(&name[..end]).into_owned();
                }
                (OPTION_IF_MAC, &[a, b, c, d, e, f]) => interface.mac = [a, b, c, d, e, f],
                (OPTION_IF_TSRESOL, &[resolution]) => description.clock.set_resolution(resolution),
                (OPTION_IF_TSOFFSET, offset) => {
                    if let Ok(bytes) = <[u8; 8]>::try_from(offset) {
                        let order =
                            if self.big_endian { i64::from_be_bytes } else { i64::from_le_bytes };
                        description.clock.offset_seconds = order(bytes);
                    }
                }
                (OPTION_IF_FCSLEN, &[bytes]) => description.fcs = u32::from(bytes),
                _ => {}
            }
        }
        self.interfaces.push(interface);
        self.described.push(description);
        Ok(())
    }

    fn enhanced<'a>(&self, body: &'a [u8]) -> Result<Packet<'a>, Step> {
        let word = |at| u32_at(body, at, self.big_endian);
        let rest = body.get(20..).ok_or(Step::Corrupt("a packet block that is too short"))?;
        Ok(Packet {
            interface: word(0),
            time: Some(u64::from(word(4)) << 32 | u64::from(word(8))),
            captured: word(12),
            original: word(16),
            start: 8 + 20,
            rest,
        })
    }

    fn obsolete<'a>(&self, body: &'a [u8]) -> Result<Packet<'a>, Step> {
        let packet = self.enhanced(body)?;
        // Where the enhanced block has a 32-bit interface, this has a 16-bit one and a drop count.
        Ok(Packet { interface: u32::from(u16_at(body, 0, self.big_endian)), ..packet })
    }

    fn simple<'a>(&self, body: &'a [u8]) -> Result<Packet<'a>, Step> {
        let rest = body.get(4..).ok_or(Step::Corrupt("a packet block that is too short"))?;
        let original = u32_at(body, 0, self.big_endian);
        let snaplen = match self.described.get(self.section).map(|d| d.snaplen) {
            None | Some(0) => u32::MAX,
            Some(snaplen) => snaplen,
        };
        // The captured length is not written down; the block's length bounds it.
        let captured = original.min(snaplen).min(rest.len() as u32);
        Ok(Packet { interface: 0, time: None, captured, original, start: 8 + 4, rest })
    }

    fn frame(&mut self, packet: &Packet<'_>, next: usize) -> Result<Step, Step> {
        let index = self.section + packet.interface as usize;
        let Some(description) = self.described.get(index) else {
            return Err(Step::Corrupt("a packet of an interface that was not described"));
        };
        let captured = packet.captured as usize;
        if captured > FRAME_MAX {
            return Err(Step::Corrupt("a packet of more than 256 KiB"));
        }
        if captured > packet.rest.len() {
            return Err(Step::Corrupt("a packet longer than its block"));
        }
        if let Some(time) = packet.time {
            self.latest_ns = description.clock.nanoseconds(time);
        }
        let Some(link) = link::from_number(description.link_type) else {
            return Ok(Step::Unsupported { link_type: description.link_type, next });
        };
        let wire_len = packet.original.max(packet.captured).saturating_sub(description.fcs);
        Ok(Step::Frame {
            record: Record {
                start: packet.start,
                len: captured.min(wire_len as usize),
                wire_len,
                time_ns: self.latest_ns,
                interface: index as u32,
                link,
            },
            next,
        })
    }
}

/// The options at the end of a block; stops at the first that does not fit.
struct Options<'a> {
    rest: &'a [u8],
    big_endian: bool,
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.len() < 4 {
            return None;
        }
        let code = u16_at(self.rest, 0, self.big_endian);
        let len = usize::from(u16_at(self.rest, 2, self.big_endian));
        let value = self.rest.get(4..4 + len)?;
        if code == OPTION_END {
            return None;
        }
        self.rest = self.rest.get(4 + len.next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    }
}

fn u32_at(data: &[u8], at: usize, big_endian: bool) -> u32 {
    let bytes = data[at..].first_chunk().copied().unwrap_or_default();
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

fn u16_at(data: &[u8], at: usize, big_endian: bool) -> u16 {
    let bytes = data[at..].first_chunk().copied().unwrap_or_default();
    if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
}
