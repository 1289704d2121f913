//! See ARCHITECTURE.md.
#![forbid(unsafe_code)]

pub mod block;
pub mod insert;
pub mod limits;
pub mod query;
pub mod receive;
pub mod shard;
pub mod spool;
pub mod store;
pub mod tag;
