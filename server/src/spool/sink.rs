//! Where drained frames go: the store, or in tests something that remembers them.

use std::future::Future;

use fathom_schema::TableDef;
use fathom_schema::wire::Header;

/// A frame whose header is within the limits and whose checksum fits.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedFrame<'a> {
    /// Its header.
    pub header: Header,
    /// Its body as it came, usually compressed.
    pub body: &'a [u8],
}

/// What an insert failed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The store: it is away or in trouble, and takes the same data later.
    Store,
    /// The data: trying again brings the same answer.
    Data,
    /// Perhaps the size: the store answers, but has not the memory for this, or hangs up on it.
    Size,
}

/// Why an insert failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SinkError {
    /// What for.
    pub blame: Blame,
    /// For the log.
    pub message: String,
}

/// Takes batches. Inserting the same token again must not store the rows again.
pub trait BatchSink {
    /// Stores all rows of `frames`, which are of `table`, in order; says how many that were.
    fn insert(
        &self,
        table: &'static TableDef,
        frames: &[VerifiedFrame<'_>],
        token: &str,
    ) -> impl Future<Output = Result<u64, SinkError>>;
}
