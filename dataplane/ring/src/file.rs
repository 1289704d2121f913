//! Capture files behind the same [`Source`] trait as live rings, so that replay runs the very
//! pipeline that live capture runs.
//!
//! Files, plain and compressed, and standard input are read through one growing buffer, which stays
//! in the core's cache, and frames are borrowed from that. Nothing ever seeks.
//! `pcap` and `pcapng` say what the next bytes are; this file lends them out and decides what
//! the end means: a file cut in its last record is a warning, a broken record with data behind it
//! an error.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::fd::RawFd;
use std::path::Path;

use crate::{Batch, Counters, Desc, Error, Interface, LinkType, Source};

mod link;
mod pcap;
mod pcapng;
mod window;

use window::{Filled, Window};

/// What the next bytes of a file are.
enum Step {
    /// A frame; `next` is where the record behind it begins.
    Frame { record: Record, next: usize },
    /// Something without a frame.
    Skip { next: usize },
    /// A frame of a link type that cannot be read.
    Unsupported { link_type: u32, next: usize },
    /// Cannot be told from fewer bytes than this.
    Need(usize),
    /// Not what the format allows.
    Corrupt(&'static str),
}

/// A frame inside the bytes a step looked at.
struct Record {
    start: usize,
    len: usize,
    wire_len: u32,
    time_ns: u64,
    interface: u32,
    link: LinkType,
}

/// How far ahead bytes are asked for: a dozen packets, which is several waits for memory.
const AHEAD: usize = 4096;
/// A cache line.
const LINE: usize = 64;

enum Format {
    Pcap(pcap::Reader),
    Pcapng(pcapng::Reader),
}

impl Format {
    fn open(data: &[u8]) -> Opened<Self> {
        match pcap::Reader::open(data) {
            Opened::Yes(reader, taken) => Opened::Yes(Self::Pcap(reader), taken),
            Opened::No => match pcapng::Reader::open(data) {
                Opened::Yes(reader, taken) => Opened::Yes(Self::Pcapng(reader), taken),
                Opened::No => Opened::No,
                Opened::Need(want) => Opened::Need(want),
                Opened::Bad(what) => Opened::Bad(what),
            },
            Opened::Need(want) => Opened::Need(want),
            Opened::Bad(what) => Opened::Bad(what),
        }
    }

    /// Looks at the record that `data` begins with. `last`: no byte follows `data`.
    fn step(&mut self, data: &[u8], last: bool) -> Step {
        match self {
            Self::Pcap(reader) => reader.step(data, last),
            Self::Pcapng(reader) => reader.step(data),
        }
    }
}

/// A capture file, or a stream of one.
pub struct FileSource {
    path: String,
    window: Window,
    format: Format,
    descs: Vec<Desc>,
    counters: Counters,
    finished: bool,
    unsupported_told: bool,
    warnings: VecDeque<String>,
}

/// Opens a capture file; `-` is standard input. pcap or pcapng, plain, gzip or zstd are told by
/// their first bytes.
///
/// A file that something still writes is read as far as it goes; to follow it, use `-` and a pipe.
///
/// # Errors
/// [`Error::BadFile`] when it cannot be opened or its header is not one of a capture file.
pub fn open(path: &Path) -> Result<FileSource, Error> {
    if path.as_os_str() == "-" {
        return from_reader("standard input", Box::new(io::stdin()));
    }
    let name = path.display().to_string();
    let cannot = |e: io::Error| Error::BadFile(format!("cannot read {name}: {e}"));
    let mut file = File::open(path).map_err(cannot)?;
    let meta = file.metadata().map_err(cannot)?;
    if meta.is_dir() {
        return Err(Error::BadFile(format!("{name} is a directory, not a capture file")));
    }
    let (packing, start_bytes) = sniff(&mut file).map_err(cannot)?;
    let size = (meta.is_file() && packing.is_none()).then_some(meta.len());
    start(name, stream(packing, Box::new(Cursor::new(start_bytes).chain(file)), size)?)
}

/// Reads a capture from memory, plain or compressed.
///
/// # Errors
/// [`Error::BadFile`] as for [`open`].
pub fn from_bytes(bytes: Vec<u8>) -> Result<FileSource, Error> {
    let name = "memory".to_string();
    match Packing::of(&bytes) {
        None => start(name, Window::owned(bytes)),
        packing => start(name, stream(packing, Box::new(Cursor::new(bytes)), None)?),
    }
}

/// Reads a capture from a stream, plain or compressed. `name` stands in messages.
///
/// # Errors
/// [`Error::BadFile`] as for [`open`].
pub fn from_reader(name: &str, mut reader: Box<dyn Read + Send>) -> Result<FileSource, Error> {
    let (packing, start_bytes) =
        sniff(&mut reader).map_err(|e| Error::BadFile(format!("cannot read {name}: {e}")))?;
    start(
        name.to_string(),
        stream(packing, Box::new(Cursor::new(start_bytes).chain(reader)), None)?,
    )
}

/// How a stream is compressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // A skippable zstd frame, as pzstd writes in front.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The packing of a stream, and the bytes that were read to tell it.
fn sniff(reader: &mut impl Read) -> io::Result<(Option<Packing>, Vec<u8>)> {
    let mut start_bytes = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut start_bytes)?;
    Ok((Packing::of(&start_bytes), start_bytes))
}

fn stream(
    packing: Option<Packing>,
    reader: Box<dyn Read + Send>,
    size: Option<u64>,
) -> Result<Window, Error> {
    Ok(match packing {
        None => Window::stream(reader, false, size),
        Some(Packing::Gzip) => {
            Window::stream(Box::new(flate2::read::MultiGzDecoder::new(reader)), true, None)
        }
        #[cfg(feature = "zstd")]
        Some(Packing::Zstd) => {
            let os = |source| Error::Os { call: "start zstd decompression", source };
            let mut decoder = zstd::stream::read::Decoder::new(reader).map_err(os)?;
            decoder.window_log_max(crate::limits::ZSTD_WINDOW_LOG_MAX).map_err(os)?;
            Window::stream(Box::new(decoder), true, None)
        }
        #[cfg(not(feature = "zstd"))]
        Some(Packing::Zstd) => {
            return Err(Error::BadFile(
                "this build does not read zstd: decompress the file first (`zstd -d`)".into(),
            ));
        }
    })
}

/// Reads the file header and makes the source.
fn start(path: String, mut window: Window) -> Result<FileSource, Error> {
    let mut warnings = VecDeque::new();
    loop {
        let at_end = window.at_end();
        match Format::open(window.rest()) {
            Opened::Yes(format, taken) => {
                window.take(taken);
                return Ok(FileSource {
                    path,
                    window,
                    format,
                    descs: Vec::new(),
                    counters: Counters::default(),
                    finished: false,
                    unsupported_told: false,
                    warnings,
                });
            }
            Opened::No => {
                return Err(Error::BadFile(format!("{path}: neither a pcap nor a pcapng file")));
            }
            Opened::Need(want) => more(&mut window, want, at_end, &path, &mut warnings)?,
            Opened::Bad(what) => return Err(Error::BadFile(format!("{path}: {what}"))),
        }
    }
}

/// Reads on for a header that needs `want` bytes.
fn more(
    window: &mut Window,
    want: usize,
    at_end: bool,
    path: &str,
    warnings: &mut VecDeque<String>,
) -> Result<(), Error> {
    if at_end {
        let have = window.rest().len();
        return Err(Error::BadFile(match have {
            0 => format!("{path}: the file is empty"),
            _ => format!("{path}: the file ends inside its header, after {have} bytes"),
        }));
    }
    match window.fill(want).map_err(|source| Error::Os { call: "read", source })? {
        Filled::Ok => Ok(()),
        Filled::PackingCut => {
            warnings.push_back(format!("{path}: the compressed data is cut"));
            Ok(())
        }
        Filled::PackingBroken => {
            Err(Error::BadFile(format!("{path}: the compressed data is broken")))
        }
    }
}

/// Whether a format recognises a file by its first bytes.
enum Opened<T> {
    Yes(T, usize),
    No,
    Need(usize),
    Bad(String),
}

impl FileSource {
    /// Bytes (after decompression) read so far.
    pub fn position(&self) -> u64 {
        self.window.offset()
    }

    /// Bytes in the whole file, when that is known beforehand: for progress bars.
    pub fn size(&self) -> Option<u64> {
        self.window.size()
    }

    fn corrupt(&mut self, what: &'static str) -> Error {
        self.finished = true;
        self.counters.dropped_corrupt += 1;
        Error::Corrupt { path: self.path.clone(), offset: self.window.offset(), what }
    }

    /// Descriptors for the records that are wholly in the window, up to `max`; and, when there
    /// was none, how the next look should differ.
    fn walk(&mut self, max: usize) -> Halt {
        let (data, last) = (self.window.rest(), self.window.at_end());
        let mut at = 0;
        let halt = loop {
            if self.descs.len() == max {
                break Halt::Batch;
            }
            let here = &data[at..];
            match self.format.step(here, last) {
                Step::Frame { record, next } => {
                    let frame = &here[record.start..record.start + record.len];
                    let wire_len = record.wire_len.max(frame.len() as u32);
                    self.counters.received += 1;
                    self.counters.bytes += u64::from(wire_len);
                    self.counters.truncated += u64::from(wire_len as usize > frame.len());
                    self.descs.push(Desc {
                        ptr: frame.as_ptr(),
                        len: frame.len() as u32,
                        wire_len,
                        time_ns: record.time_ns,
                        interface: record.interface,
                        link: record.link,
                        vlan_tci: 0,
                        segment: 0,
                    });
                    // As many bytes as were passed are asked for further on, headers and payload:
                    // processors foresee steps of one length only.
                    let mut line = (at + AHEAD) & !(LINE - 1);
                    at += next;
                    while line < at + AHEAD {
                        crate::prefetch(data.as_ptr().wrapping_add(line));
                        line += LINE;
                    }
                }
                Step::Skip { next } => at += next,
                Step::Unsupported { link_type, next } => {
                    at += next;
                    self.counters.dropped_link_type += 1;
                    if !self.unsupported_told {
                        self.unsupported_told = true;
                        let told = link::unsupported(link_type);
                        self.warnings.push_back(format!("{}: skipping frames: {told}", self.path));
                    }
                }
                Step::Need(want) if !last => break Halt::Need(want),
                Step::Need(_) if here.is_empty() => break Halt::End,
                Step::Need(_) => break Halt::Cut(here.len()),
                Step::Corrupt(what) => break Halt::Corrupt(what),
            }
        };
        self.window.take(at);
        halt
    }
}

/// Why [`FileSource::walk`] stopped.
enum Halt {
    Batch,
    Need(usize),
    End,
    Cut(usize),
    Corrupt(&'static str),
}

impl Source for FileSource {
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error> {
        self.release();
        while !self.finished {
            let halt = self.walk(max);
            match halt {
                Halt::End => self.finished = true,
                Halt::Cut(left) => {
                    self.finished = true;
                    self.counters.dropped_corrupt += 1;
                    self.warnings.push_back(format!(
                        "{}: the file is cut in its last record, {left} bytes of it are left",
                        self.path
                    ));
                }
                // What came before is handed out first; the next call meets this place again.
                _ if !self.descs.is_empty() || max == 0 => break,
                Halt::Batch => {}
                Halt::Corrupt(what) => return Err(self.corrupt(what)),
                Halt::Need(want) => match self.window.fill(want) {
                    Ok(Filled::Ok) => {}
                    Ok(Filled::PackingCut) => {
                        let told = format!("{}: the compressed data is cut", self.path);
                        self.warnings.push_back(told);
                    }
                    Ok(Filled::PackingBroken) => {
                        return Err(self.corrupt("the compressed data is broken"));
                    }
                    Err(source) => {
                        self.finished = true;
                        return Err(Error::Os { call: "read", source });
                    }
                },
            }
        }
        Ok(Batch { descs: &self.descs })
    }

    fn release(&mut self) {
        self.descs.clear();
    }

    fn readiness(&self) -> Option<RawFd> {
        None
    }

    fn finished(&self) -> bool {
        self.finished
    }

    fn counters(&mut self) -> Counters {
        self.counters
    }

    fn interfaces(&self) -> &[Interface] {
        match &self.format {
            Format::Pcap(reader) => &reader.interfaces,
            Format::Pcapng(reader) => &reader.interfaces,
        }
    }

    fn describe(&self) -> String {
        let format = match &self.format {
            Format::Pcap(_) => "pcap",
            Format::Pcapng(_) => "pcapng",
        };
        format!("{format} file {}, {}", self.path, self.window.describe())
    }

    /// That it is cut, that frames of a link type are skipped: once each.
    fn warning(&mut self) -> Option<String> {
        self.warnings.pop_front()
    }
}
