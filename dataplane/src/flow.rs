//! Headers to connection state and timing: the flow table, the TCP state machine, delay and
//! loss tracking, client and server told apart.
//!
//! A flow keeps its two sides in the key's order. Whatever is stored per side stays where it is
//! when the idea of who is the client changes; only [`table::Flow::client`] is flipped, and
//! "tx" and "rx" are given their meaning when a row is made.

pub mod counts;
pub mod key;
pub mod link;
pub mod perf;
pub mod report;
pub mod service;
pub mod slab;
pub mod table;
pub mod tcp_state;

pub use counts::{Counts, Interval};
pub use report::{Delay, L7Counts, PerfSums, Report, SideCounts};
