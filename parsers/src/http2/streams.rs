//! The open streams of one connection: what has to be remembered between their frames.

use std::collections::VecDeque;

/// Open streams remembered; servers allow 100 to 256 at a time. The oldest is forgotten first:
/// its exchange then ends with the flow, or with its time.
pub(super) const MAX_STREAMS: usize = 512;

/// One stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stream {
    pub(super) id: u32,
    /// gRPC or Triple: trailers tell the outcome.
    pub(super) is_rpc: bool,
    /// The head of the answer was seen.
    pub(super) answered: bool,
    /// The request's end was seen.
    pub(super) asked: bool,
    /// The request came with the upgrade from HTTP/1: it has no id there.
    pub(super) upgraded: bool,
    /// Bytes of body: of the request, of the answer.
    pub(super) body: [u64; 2],
}

/// Open streams, by id.
#[derive(Debug, Default)]
pub(super) struct Streams(VecDeque<Stream>);

impl Streams {
    pub(super) fn get(&mut self, id: u32) -> Option<&mut Stream> {
        // Nearly always the newest is meant.
        let at = match self.0.back() {
            Some(last) if last.id == id => self.0.len() - 1,
            _ => self.0.binary_search_by_key(&id, |s| s.id).ok()?,
        };
        self.0.get_mut(at)
    }

    /// Adds a stream, or replaces one that was forgotten to be removed.
    pub(super) fn open(&mut self, stream: Stream) {
        if self.0.len() >= MAX_STREAMS {
            self.0.pop_front();
        }
        match self.0.binary_search_by_key(&stream.id, |s| s.id) {
            Ok(at) => self.0[at] = stream,
            Err(at) => self.0.insert(at, stream),
        }
    }

    pub(super) fn close(&mut self, id: u32) -> Option<Stream> {
        let at = self.0.binary_search_by_key(&id, |s| s.id).ok()?;
        self.0.remove(at)
    }
}
