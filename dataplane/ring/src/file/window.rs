//! The bytes of a file that are at hand: all of them where it is in memory, or a growing buffer over
//! a stream. Files are streams too: a mapped one that is cut short meanwhile would end the process.
//!
//! What [`Window::rest`] shows stays where it is until [`Window::fill`], which is only called when
//! no frame is lent; [`Window::take`] merely moves on.

use std::io::{self, Read};

use crate::limits::{CHUNK_MAX, CHUNK_START};

pub(super) enum Window {
    Owned { bytes: Vec<u8>, at: usize },
    Stream(Stream),
}

pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    packed: bool,
    /// Length of the whole, where it is known.
    size: Option<u64>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset in the stream of `buffer[0]`.
    base: u64,
    ended: bool,
}

/// How reading on went.
pub(super) enum Filled {
    /// There is more, or the end was reached.
    Ok,
    /// The compressed stream ends before its end mark; what came before it is good.
    PackingCut,
    /// The compressed stream is not valid.
    PackingBroken,
}

impl Window {
    pub(super) fn owned(bytes: Vec<u8>) -> Self {
        Self::Owned { bytes, at: 0 }
    }

    /// `packed`: errors of the reader that do not come from the system are broken compression.
    pub(super) fn stream(reader: Box<dyn Read + Send>, packed: bool, size: Option<u64>) -> Self {
        Self::Stream(Stream {
            reader,
            packed,
            size,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            base: 0,
            ended: false,
        })
    }

    /// Bytes at hand that were not taken yet.
    pub(super) fn rest(&self) -> &[u8] {
        match self {
            Self::Owned { bytes, at } => &bytes[*at..],
            Self::Stream(s) => &s.buffer[s.start..s.end],
        }
    }

    /// Moves on by `n` of the bytes of [`Self::rest`].
    pub(super) fn take(&mut self, n: usize) {
        debug_assert!(n <= self.rest().len());
        match self {
            Self::Owned { at, .. } => *at += n,
            Self::Stream(s) => s.start += n,
        }
    }

    /// Nothing follows what [`Self::rest`] shows.
    pub(super) fn at_end(&self) -> bool {
        match self {
            Self::Owned { .. } => true,
            Self::Stream(s) => s.ended,
        }
    }

    /// Offset of [`Self::rest`] in the (decompressed) file.
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Owned { at, .. } => *at as u64,
            Self::Stream(s) => s.base + s.start as u64,
        }
    }

    /// Length of the whole file, if it is known.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Owned { bytes, .. } => Some(bytes.len() as u64),
            Self::Stream(s) => s.size,
        }
    }

    /// Reads on until `want` bytes are at hand or the stream ends. Moves what is at hand.
    pub(super) fn fill(&mut self, want: usize) -> io::Result<Filled> {
        match self {
            Self::Owned { .. } => Ok(Filled::Ok),
            Self::Stream(s) => s.fill(want),
        }
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::Owned { bytes, .. } => format!("in memory, {} bytes", bytes.len()),
            Self::Stream(Stream { packed: true, .. }) => "decompressed while reading".into(),
            Self::Stream(Stream { size: Some(size), .. }) => format!("read, {size} bytes"),
            Self::Stream(_) => "streamed".into(),
        }
    }
}

impl Stream {
    fn fill(&mut self, want: usize) -> io::Result<Filled> {
        debug_assert!(want <= CHUNK_MAX, "formats refuse records of {want} bytes");
        self.buffer.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        while self.end < want && !self.ended {
            if self.end == self.buffer.len() {
                // Grows as data arrives, not as a length claims: at most twice what was read.
                let grown = (self.buffer.len() * 2).clamp(CHUNK_START, CHUNK_MAX);
                self.buffer.resize(grown, 0);
            }
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(n) => self.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.ended = true;
                    return match e.kind() {
                        io::ErrorKind::UnexpectedEof if self.packed => Ok(Filled::PackingCut),
                        _ if self.packed && e.raw_os_error().is_none() => Ok(Filled::PackingBroken),
                        _ => Err(e),
                    };
                }
            }
        }
        Ok(Filled::Ok)
    }
}
