//! One answer to one question: a shard asks a tokio task (or another shard, or a thread) and
//! waits for what it says.

use std::io;
use std::time::Duration;

use super::{Receiver, Sender, pair};

/// The answering side. Dropping it unanswered tells the asker so.
#[derive(Debug)]
pub struct Reply<T>(Sender<T>);

/// The asking side.
#[derive(Debug)]
pub struct ReplyWait<T>(Receiver<T>);

/// A place for one answer.
///
/// # Errors
/// When the process has no file descriptor left.
pub fn reply<T>() -> io::Result<(Reply<T>, ReplyWait<T>)> {
    let (sender, receiver) = pair(1)?;
    Ok((Reply(sender), ReplyWait(receiver)))
}

impl<T> Reply<T> {
    /// Answers, from any thread, without waiting.
    ///
    /// # Errors
    /// Gives the answer back when nobody waits for it any more.
    pub fn send(mut self, answer: T) -> Result<(), T> {
        self.0.try_push(answer).map_err(super::SendError::into_inner)
    }

    /// Has the asker given up?
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl<T> ReplyWait<T> {
    /// The answer, awaited on a shard; `None` when the other side dropped it unanswered.
    pub async fn wait(mut self) -> Option<T> {
        self.0.recv().await
    }

    /// The answer, awaited on a tokio runtime.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub async fn wait_tokio(mut self) -> io::Result<Option<T>> {
        self.0.recv_tokio().await
    }

    /// The answer, awaited on a plain thread for at most `max`.
    pub fn wait_blocking(mut self, max: Duration) -> Option<T> {
        self.0.wait_blocking(max);
        self.0.try_pop()
    }
}
