//! A request body as the engine's thread reads it: piece by piece, unpacked.
//!
//! The socket's task puts frames into a bounded channel; here, on a plain thread,
//! they are taken out. At no time is more of a body in memory than the channel
//! holds, one unpacked block, and what the engine itself has buffered.

use std::io::{self, Read};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::error::{Exception, code};
use crate::framing::Decoder;
use crate::limits;

/// What the socket's task sends: a frame, or why there are no more.
pub(crate) type Frame = Result<Bytes, String>;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    /// ClickHouse's own blocks (`decompress=1`).
    Blocks,
    /// An LZ4 frame (`Content-Encoding: lz4`).
    Lz4Frame,
}

/// The frames as they come from the socket.
struct Source {
    frames: mpsc::Receiver<Frame>,
    handle: Handle,
    rest: Bytes,
    failure: Option<Exception>,
    ended: bool,
}

impl Source {
    fn next(&mut self) -> Result<Option<Bytes>, Exception> {
        if self.ended {
            return Ok(None);
        }
        let frames = &mut self.frames;
        // The timer has to be made inside the runtime.
        let received = self
            .handle
            .block_on(async { tokio::time::timeout(limits::CLIENT_STALL, frames.recv()).await });
        match received {
            Ok(Some(Ok(frame))) => Ok(Some(frame)),
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Ok(Some(Err(reason))) => {
                self.ended = true;
                Err(Exception::new(
                    code::NETWORK_ERROR,
                    format!("The request body ended early: {reason}"),
                ))
            }
            Err(_) => {
                self.ended = true;
                Err(Exception::new(
                    code::SOCKET_TIMEOUT,
                    format!("The client sent nothing for {:?}", limits::CLIENT_STALL),
                ))
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.next() {
                Ok(Some(frame)) => self.rest = frame,
                Ok(None) => return Ok(0),
                Err(e) => {
                    self.failure = Some(e);
                    return Err(io::Error::other("request body"));
                }
            }
        }
        let length = out.len().min(self.rest.len());
        out[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}

enum Stage {
    Plain(Source),
    Blocks(Source, Decoder),
    Lz4Frame(Box<lz4_flex::frame::FrameDecoder<Source>>),
}

/// The unpacked body.
pub(crate) struct Body {
    stage: Option<Stage>,
}

impl Body {
    /// A body without bytes.
    pub(crate) fn empty() -> Self {
        Self { stage: None }
    }

    pub(crate) fn new(frames: mpsc::Receiver<Frame>, handle: Handle, packing: Packing) -> Self {
        let source = Source { frames, handle, rest: Bytes::new(), failure: None, ended: false };
        let stage = match packing {
            Packing::None => Stage::Plain(source),
            Packing::Blocks => Stage::Blocks(source, Decoder::default()),
            Packing::Lz4Frame => {
                Stage::Lz4Frame(Box::new(lz4_flex::frame::FrameDecoder::new(source)))
            }
        };
        Self { stage: Some(stage) }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// The client went away or stalled, or the body does not unpack.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Exception> {
        let damaged = |e: String| Exception::new(code::CANNOT_DECOMPRESS, e);
        let Some(stage) = &mut self.stage else { return Ok(None) };
        match stage {
            Stage::Plain(source) => source.next(),
            Stage::Blocks(source, decoder) => loop {
                let Some(frame) = source.next()? else {
                    decoder.finish().map_err(|e| damaged(e.to_string()))?;
                    return Ok(None);
                };
                let mut out = Vec::new();
                decoder.push(&frame, &mut out).map_err(|e| damaged(e.to_string()))?;
                if !out.is_empty() {
                    return Ok(Some(out.into()));
                }
            },
            Stage::Lz4Frame(decoder) => {
                let mut out = vec![0; limits::COMPRESS_CHUNK_BYTES];
                match decoder.read(&mut out) {
                    Ok(0) => Ok(None),
                    Ok(length) => {
                        out.truncate(length);
                        Ok(Some(out.into()))
                    }
                    Err(e) => {
                        let failure = decoder.get_mut().failure.take();
                        Err(failure.unwrap_or_else(|| damaged(e.to_string())))
                    }
                }
            }
        }
    }

    /// Reads the rest into memory, up to `limit` bytes in all.
    ///
    /// # Errors
    /// As [`Body::next`], or 307 beyond the limit.
    pub(crate) fn collect(
        &mut self,
        mut front: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<u8>, Exception> {
        while let Some(piece) = self.next()? {
            if front.len() + piece.len() > limit {
                return Err(crate::run::too_large());
            }
            front.extend_from_slice(&piece);
        }
        Ok(front)
    }

    /// After an error: reads on for a while so that the client, which may still be
    /// sending, gets to read the answer.
    pub(crate) fn drain(&mut self) {
        let source = match &mut self.stage {
            None => return,
            Some(Stage::Plain(source) | Stage::Blocks(source, _)) => source,
            Some(Stage::Lz4Frame(decoder)) => decoder.get_mut(),
        };
        let mut left = limits::DRAIN_BYTES;
        while let Ok(Some(frame)) = source.next() {
            left = left.saturating_sub(frame.len());
            if left == 0 {
                break;
            }
        }
    }
}
