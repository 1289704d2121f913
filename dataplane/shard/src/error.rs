//! Why shards could not start, or ended badly. Every message names the remedy.

use std::io;

/// Failure of a set of shards.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A CPU list that cannot be read.
    #[error("CPU list {list:?}: {why}; write it like \"0-3,5\"")]
    CpuList {
        /// The text given.
        list: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A CPU this process may not run on.
    #[error(
        "CPU {cpu} is not among the CPUs this process may use ({allowed}); change the CPU list or the cgroup's cpuset"
    )]
    CpuNotAllowed {
        /// The CPU asked for.
        cpu: usize,
        /// Those there are.
        allowed: String,
    },
    /// The chosen engine does not work here.
    #[error("engine {engine} cannot run here: {why}")]
    Engine {
        /// Which engine.
        engine: &'static str,
        /// Cause and remedy.
        why: String,
    },
    /// A thread could not be made or pinned.
    #[error("shard {shard}: {what}: {source}")]
    Thread {
        /// Name of the shard's thread.
        shard: String,
        /// What failed.
        what: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// A task on a shard panicked; the other shards were told to stop.
    #[error("shard {shard} panicked: {message}")]
    Panicked {
        /// Name of the shard's thread.
        shard: String,
        /// The panic's message.
        message: String,
    },
    /// The system refused a call.
    #[error("{what}: {source}")]
    Os {
        /// What was asked.
        what: &'static str,
        /// What it answered.
        source: io::Error,
    },
}
