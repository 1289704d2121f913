//! The agent, in the order of one packet's life:
//!
//! [`decode`] frame to headers, fragments joined; [`flow`] headers to connection state and
//! timing; [`stream`] segments to in-order bytes; [`session`] messages to paired requests;
//! [`record`] rows into column blocks; [`transport`] blocks to the server. [`pipeline`] holds one
//! core's worth of decode to record and is the only place where those stages meet. [`limits`]
//! names every bound.
#![forbid(unsafe_code)]

pub mod decode;
pub mod flow;
pub mod limits;
pub mod pipeline;
pub mod record;
pub mod replay;
pub mod session;
pub mod stream;
pub mod transport;
