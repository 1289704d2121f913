//! The embedded ClickHouse: a real engine, kept behind ClickHouse's HTTP interface.
//!
//! On the data path this is the last stage, where insert blocks become parts on
//! disk, and the first one of every query. The engine is a shared object without a
//! server in it. [`child`] loads it in a process of its own and serves ClickHouse's
//! HTTP interface on loopback; [`Supervisor`] runs that process for the server and
//! starts it again when it dies. Above this crate nothing knows whether ClickHouse
//! is embedded or a cluster: what the embedded one does differently is put right in
//! here.
//!
//! Reading order: [`library`] (where the file is), `ffi` (its calls), [`engine`]
//! (the same in safe Rust), `run` (one statement), `http` (one request), [`child`]
//! (the process), [`Supervisor`] (its parent).

mod body;
pub mod child;
mod dictionaries;
pub mod engine;
pub mod error;
mod ffi;
pub mod formats;
pub mod framing;
mod guard;
mod http;
pub mod library;
pub mod limits;
mod parameters;
mod reply;
mod run;
mod sessions;
pub mod sql;
mod supervisor;
mod users;

pub use supervisor::{Config, Endpoint, StartError, State, Supervisor};
