//! The agent, in the order of one packet's life:
//!
//! [`decode`] frame to headers, fragments joined; [`flow`] headers to connection state and
//! timing; [`stream`] segments to in-order bytes; [`session`] messages to paired requests;
//! [`record`] rows into column blocks; [`transport`] blocks to the server. [`pipeline`] holds one
//! core's worth of decode to record and is the only place where those stages meet. [`limits`]
//! names every bound.
//!
//! Around it: [`shard_loop`] runs a pipeline on a core, [`control`] starts, reloads and stops the
//! shards, [`config`] and [`self_metrics`] are what an operator sees of them, [`replay`] does the
//! same offline.
#![forbid(unsafe_code)]

pub mod config;
pub mod control;
pub mod decode;
pub mod flow;
pub mod limits;
pub mod pipeline;
pub mod record;
pub mod replay;
pub mod self_metrics;
pub mod session;
pub mod shard_loop;
pub mod stream;
pub mod transport;
