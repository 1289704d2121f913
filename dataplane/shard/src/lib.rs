//! One pinned executor per core, and everything a stage may do on it: spawn, sleep, wait for a
//! packet ring, talk TCP, append to a file, hand values to another thread.
//!
//! A shard is one thread. Stages on it share nothing with other shards except bounded
//! single-producer single-consumer queues ([`channel`]) and relaxed counters ([`counter`]).
//! Nothing on a shard may block; no waker ever crosses a thread: threads wake each other through
//! eventfds only.
//!
//! ```text
//! start(placement, engine, f)         one thread per CPU, `f(ShardId)` runs on each
//!   |- spawn_local / sleep / timeout / yield_now
//!   |- Readiness(fd).wait(max)        packet rings, eBPF ring buffers, eventfds
//!   |- net / file                     TCP and buffered files
//!   |- channel / channel::reply       to another shard, a plain thread, or a tokio thread
//!   `- clock, timer_wheel, counter    plain data, no executor needed
//! ```
//!
//! Two engines do the work behind one facade: glommio on io_uring, and a tokio current-thread
//! runtime on epoll where io_uring is refused (container seccomp profiles) or for simulation.
//! Each is named in one file, `glommio.rs` and `epoll.rs`; nothing else knows which one runs.

#![deny(clippy::await_holding_refcell_ref)]

pub mod channel;
pub mod clock;
pub mod counter;
pub mod file;
pub mod net;
pub mod timer_wheel;

mod engine;
mod epoll;
mod error;
mod glommio;
mod notify;
mod placement;
mod readiness;
mod run;
mod stop;
mod sys;
mod task;
mod time;

pub use engine::{Engine, Kind};
pub use error::Error;
pub use notify::Notify;
pub use placement::{Placement, parse_cpu_list};
pub use readiness::{Interest, Readiness, ReadySet};
pub use run::{ShardId, Shards, current, start};
pub use stop::StopToken;
pub use task::{Aborted, JoinHandle, spawn_local};
pub use time::{Elapsed, Sleep, sleep, timeout, yield_now};
