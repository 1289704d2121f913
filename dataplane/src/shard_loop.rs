//! One core of the agent: takes batches of frames from its sources, runs them through the
//! pipeline, and seals blocks each second or when one is full.
//!
//! Everything per packet is synchronous; the loop gives way to the other tasks of the shard (the
//! transport above all) every few batches, and sleeps on the sources' descriptors when nothing
//! is waiting.

pub mod feed;
pub mod output;
pub mod sources;

use std::sync::Arc;
use std::time::Duration;

use fathom_shard::clock::{Clock, Time};
use fathom_shard::{StopToken, sleep, yield_now};

use crate::pipeline::{Pipeline, PipelineConfig};
use crate::self_metrics::{self, Metrics, ShardNumbers};
use output::Output;
use sources::Sources;

/// Frames taken from a source at a time.
const BATCH: usize = 64;

/// Batches in a row before the shard's other tasks get their turn: about half a millisecond.
const BATCHES_PER_TURN: u32 = 16;

/// The pipeline is told the time at least this often.
const TICK: Duration = Duration::from_millis(100);

/// Blocks are sealed this often.
const SEAL_NS: u64 = 1_000_000_000;

/// How far behind the clock frames may come out of a ring: the kernel hands over a block that is
/// not full after at most 100 ms, then it has to be read. Timers run so much late, so that no
/// second is closed before its frames are in.
const CAPTURE_DELAY_NS: u64 = 150_000_000;

/// What one shard needs to run.
pub struct ShardSetup {
    /// For the pipeline.
    pub pipeline: PipelineConfig,
    /// Where frames come from.
    pub sources: Sources,
    /// Where rows go.
    pub output: Output,
    /// Where this shard's numbers go, once a second.
    pub metrics: Arc<Metrics>,
    /// Which of the shards this is.
    pub index: usize,
    /// How often shard 0 sends the agent's own numbers as rows.
    pub metrics_interval: Duration,
    /// Raised when the agent is to end.
    pub stop: StopToken,
    /// How long the last rows may take to be acknowledged.
    pub stop_timeout: Duration,
}

struct ShardLoop {
    setup: ShardSetup,
    pipeline: Pipeline,
    clock: Clock,
    sealed_ns: u64,
    reported_ns: u64,
    /// Interfaces of the file that the pipeline knows of.
    file_interfaces: usize,
    /// The first numbers are out.
    published: bool,
}

/// Runs the shard until it is told to stop, or its sources (files) end. Everything that was seen
/// is in rows then, and the rows are delivered or counted.
pub async fn run(setup: ShardSetup) {
    let clock = Clock::real();
    let now = clock.now();
    let pipeline = Pipeline::new(setup.pipeline.clone());
    let mut l = ShardLoop {
        setup,
        pipeline,
        clock,
        sealed_ns: now.monotonic_ns,
        reported_ns: now.monotonic_ns,
        file_interfaces: 0,
        published: false,
    };
    l.run().await;
}

impl ShardLoop {
    async fn run(&mut self) {
        let mut turns = 0;
        loop {
            self.setup.sources.obey(&mut self.pipeline);
            let now = self.clock.now();
            self.tick(now);
            let busy = self.take_batches();
            self.housekeeping(now).await;
            if self.setup.stop.is_stopped() || self.setup.sources.finished() {
                break;
            }
            if busy {
                turns += 1;
                if turns % BATCHES_PER_TURN == 0 {
                    yield_now().await;
                }
            } else {
                self.setup.sources.wait(TICK).await;
            }
        }
        self.finish().await;
    }

    /// Tells the pipeline the time: the clock's, but never past a frame that still waits.
    ///
    /// Frames tell it theirs as well, and one interface's may be a block's time ahead of another's:
    /// the pipeline takes the latest it was told, and only a new tenth of a second costs anything.
    fn tick(&mut self, now: Time) {
        if self.setup.sources.is_offline() {
            return;
        }
        let oldest = self.setup.sources.survey();
        let time = now.unix_ns.saturating_sub(CAPTURE_DELAY_NS);
        self.pipeline.tick(oldest.map_or(time, |oldest| oldest.min(time)));
    }

    /// One batch from each source whose turn it is. True when there was anything.
    fn take_batches(&mut self) -> bool {
        let mut busy = false;
        for slot in self.setup.sources.due_mut() {
            let batch = match slot.source.acquire(BATCH) {
                Ok(batch) => batch,
                Err(error) => {
                    slot.fail(&error);
                    continue;
                }
            };
            if !batch.is_empty() {
                busy = true;
                let undecoded = self.pipeline.stats().decode_errors;
                for i in 0..batch.len() {
                    batch.prefetch(i + 4);
                    let mut frame = batch.frame(i);
                    if let Some(number) = slot.number {
                        frame.interface = u32::from(number);
                    }
                    slot.last_ns = slot.last_ns.max(frame.time_ns);
                    self.pipeline.frame(&frame);
                }
                slot.counted.decode_errors += self.pipeline.stats().decode_errors - undecoded;
            }
            slot.source.release();
        }
        if self.setup.sources.is_offline() {
            self.follow_file();
        }
        busy
    }

    /// A file learns of its interfaces while it is read.
    fn follow_file(&mut self) {
        let known = self.setup.sources.file_interfaces();
        if known != self.file_interfaces {
            self.file_interfaces = known;
            self.pipeline.set_interfaces(self.setup.sources.file_facts());
        }
    }

    /// What is done now and then rather than per batch.
    async fn housekeeping(&mut self, now: Time) {
        if !self.published && self.setup.sources.is_scanned() {
            // The first word of a shard says that its sources are open: `control::service` waits
            // for it.
            self.published = true;
            self.publish();
        }
        let due = now.monotonic_ns.saturating_sub(self.sealed_ns) >= SEAL_NS;
        if due || self.pipeline.blocks_mut().any_full() {
            if due {
                self.sealed_ns = now.monotonic_ns;
                if self.published {
                    self.publish();
                }
            }
            self.setup.output.seal(self.pipeline.blocks_mut()).await;
            if self.setup.sources.is_offline() {
                self.setup.output.room().await;
            }
        }
        let every = self.setup.metrics_interval.as_nanos() as u64;
        if self.setup.index == 0 && now.monotonic_ns.saturating_sub(self.reported_ns) >= every {
            self.reported_ns = now.monotonic_ns;
            self.report(now).await;
        }
    }

    /// Copies this shard's numbers to where other threads read them.
    fn publish(&mut self) {
        self.setup.sources.tell_warnings();
        let numbers = ShardNumbers::of(&self.pipeline, &mut self.setup.sources);
        self.setup.metrics.publish(self.setup.index, numbers);
    }

    /// Sends the agent's own numbers as rows.
    async fn report(&mut self, now: Time) {
        let samples = self.setup.metrics.samples();
        let mut block = self_metrics::rows(&self.setup.metrics, &samples, now.unix_s() as u32);
        self.setup.output.seal_one(&mut block).await;
    }

    async fn finish(&mut self) {
        if !self.setup.sources.is_offline() {
            // What the kernel holds in a block that is not full comes after its timeout.
            sleep(self.setup.sources.block_timeout() * 2).await;
            let mut left = self.setup.sources.drain_batches();
            while left > 0 && {
                self.setup.sources.survey();
                self.take_batches()
            } {
                left -= 1;
                if self.pipeline.blocks_mut().any_full() {
                    self.setup.output.seal(self.pipeline.blocks_mut()).await;
                }
            }
        }
        let last = self.setup.sources.last_ns();
        let end =
            if self.setup.sources.is_offline() { last } else { last.max(self.clock.now().unix_ns) };
        self.pipeline.flush_all(end);
        self.setup.output.seal(self.pipeline.blocks_mut()).await;
        self.publish();
        if self.setup.index == 0 {
            let now = self.clock.now();
            self.report(now).await;
        }
        self.setup.output.finish(self.setup.stop_timeout).await;
        self.publish();
    }
}
