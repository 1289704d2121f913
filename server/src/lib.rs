//! The server: takes frames from agents, keeps them safe, tags them, puts them into ClickHouse,
//! and answers questions about them.
//!
//! ```text
//! write: shard { receive -> spool } -> insert { tag -> block } -> store
//! read:  http -> query -> store
//! ```
//!
//! [`run::run`] is the whole of it; the binary and `fathom up` are thin around it.

#![forbid(unsafe_code)]

pub mod block;
pub mod config;
pub mod http;
pub mod insert;
pub mod limits;
pub mod query;
pub mod receive;
pub mod run;
pub mod self_metrics;
pub mod shard;
pub mod spool;
pub mod store;
pub mod tag;

pub use config::Config;
pub use run::{Addresses, RunError, run};
