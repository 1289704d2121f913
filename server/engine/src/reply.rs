//! The answer to a request, while it is being made on the engine's thread.
//!
//! The status line waits until the statement has ended or a good part of its result
//! is there: most failures then answer with an error status. A failure after that
//! goes into the body in ClickHouse's way and breaks the connection, so that no
//! client takes half a result for a whole one.

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::error::{Exception, code};
use crate::{framing, limits};

/// Counters of a statement, for `X-ClickHouse-Summary`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) read_rows: u64,
    pub(crate) read_bytes: u64,
    pub(crate) written_rows: u64,
    pub(crate) written_bytes: u64,
    pub(crate) result_rows: u64,
    pub(crate) result_bytes: u64,
}

/// The front of a good answer.
#[derive(Debug)]
pub(crate) struct Head {
    /// Format of the body, if it has one.
    pub(crate) format: Option<String>,
    pub(crate) summary: Summary,
    /// Marks an exception inside of a streamed body.
    pub(crate) tag: String,
    /// The body, if it is complete; otherwise it comes in chunks.
    pub(crate) body: Option<Bytes>,
}

/// The body broke off; its last chunk says why.
#[derive(Debug, thiserror::Error)]
#[error("the statement failed after its result had begun")]
pub(crate) struct BrokenOff;

/// What a body consists of.
pub(crate) type Chunk = Result<Bytes, BrokenOff>;

/// The answer in the making.
pub(crate) struct Reply {
    head: Option<oneshot::Sender<Result<Head, Exception>>>,
    chunks: mpsc::Sender<Chunk>,
    handle: Handle,
    held: Vec<Bytes>,
    held_bytes: usize,
    hold: usize,
    tag: String,
    version: String,
    pub(crate) compress: bool,
    pub(crate) format: Option<String>,
    pub(crate) summary: Summary,
}

impl Reply {
    pub(crate) fn new(
        head: oneshot::Sender<Result<Head, Exception>>,
        chunks: mpsc::Sender<Chunk>,
        handle: Handle,
        tag: String,
        version: String,
    ) -> Self {
        Self {
            head: Some(head),
            chunks,
            handle,
            held: Vec::new(),
            held_bytes: 0,
            hold: limits::HELD_RESPONSE_BYTES,
            tag,
            version,
            compress: false,
            format: None,
            summary: Summary::default(),
        }
    }

    /// Hold back more before the status line.
    pub(crate) fn wait_for_end(&mut self) {
        self.hold = limits::WAIT_END_BYTES;
    }

    /// Adds result bytes.
    ///
    /// # Errors
    /// The client is gone or does not read; the statement can stop.
    pub(crate) fn push(&mut self, bytes: Bytes) -> Result<(), Exception> {
        self.summary.result_bytes += bytes.len() as u64;
        let bytes = self.packed(bytes);
        if self.head.is_none() {
            return self.send(Ok(bytes));
        }
        self.held_bytes += bytes.len();
        self.held.push(bytes);
        if self.held_bytes >= self.hold { self.flush_held() } else { Ok(()) }
    }

    fn packed(&self, bytes: Bytes) -> Bytes {
        if !self.compress {
            return bytes;
        }
        let mut out = Vec::new();
        framing::compress(&bytes, &mut out);
        out.into()
    }

    fn send_head(&mut self, result: Result<Option<Bytes>, Exception>) {
        let Some(sender) = self.head.take() else { return };
        let result = result.map(|body| Head {
            format: self.format.clone(),
            summary: self.summary,
            tag: self.tag.clone(),
            body,
        });
        // Nobody listens when the client is gone; then there is nothing to tell.
        let _ = sender.send(result);
    }

    fn flush_held(&mut self) -> Result<(), Exception> {
        self.send_head(Ok(None));
        for bytes in std::mem::take(&mut self.held) {
            self.send(Ok(bytes))?;
        }
        Ok(())
    }

    fn send(&mut self, chunk: Chunk) -> Result<(), Exception> {
        let chunks = &self.chunks;
        let sent = self.handle.block_on(async {
            tokio::time::timeout(limits::CLIENT_STALL, chunks.send(chunk)).await
        });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Exception::new(code::NETWORK_ERROR, "The client went away")),
            Err(_) => Err(Exception::new(
                code::SOCKET_TIMEOUT,
                format!("The client read nothing for {:?}", limits::CLIENT_STALL),
            )),
        }
    }

    /// The statement succeeded.
    pub(crate) fn finish(mut self) {
        if self.head.is_some() {
            let body = match self.held.len() {
                0 => Bytes::new(),
                1 => self.held.remove(0),
                _ => self.held.concat().into(),
            };
            self.send_head(Ok(Some(body)));
        }
    }

    /// The statement failed.
    pub(crate) fn fail(mut self, exception: Exception) {
        if self.head.is_some() {
            self.send_head(Err(exception));
            return;
        }
        let text = exception.text(&self.version);
        let (tag, length) = (&self.tag, text.len());
        let frame =
            format!("\r\n__exception__\r\n{tag}\r\n{text}{length} {tag}\r\n__exception__\r\n");
        let frame = self.packed(frame.into());
        if self.send(Ok(frame)).is_ok() {
            let _ = self.send(Err(BrokenOff));
        }
    }
}
