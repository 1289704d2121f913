//! One core of the agent: takes batches of frames from its sources, runs them through the
//! pipeline, and seals blocks each second or when one is full.
//!
//! Everything per packet is synchronous; the loop gives way to the other tasks of the shard (the
//! transport above all) every few batches, and sleeps on the sources' descriptors when nothing
//! is waiting.

pub mod feed;
pub mod gate;
pub mod handoff;
pub mod output;
pub mod overload;
pub mod sources;

use std::sync::Arc;
use std::time::Duration;

use fathom_shard::clock::{Clock, Time};
use fathom_shard::{StopToken, sleep, yield_now};

use crate::config::Shed;
use crate::pipeline::{Pipeline, PipelineConfig};
use crate::self_metrics::{self, Metrics, ShardNumbers};
use gate::Gate;
use handoff::Handoff;
use output::Output;
use overload::{Overload, Undone};
use sources::{AHEAD_NS, Sources};

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

/// The clock of a shard waits for frames that other shards still hold, but no longer than this.
const LAG_MAX_NS: u64 = 5_000_000_000;

/// A frame that was stamped so long ago is in its ring: the kernel passes them on in batches.
const VISIBLE_NS: u64 = 1_000_000;

/// A source leaves its frames in its ring for a shard that has no room, until the ring is this full.
const PATIENCE_BACKLOG: u8 = 50;

/// How often it is looked whether the shard keeps up.
const LOOK_NS: u64 = 2_000_000;

/// How long a shard sleeps while it holds frames back, or steps back from shedding.
const NAP: Duration = Duration::from_micros(500);
const STEP: Duration = Duration::from_millis(20);

/// How long a stopping shard waits for the last packets of others.
const LAST_PACKETS: Duration = Duration::from_secs(2);

/// What one shard needs to run.
pub struct ShardSetup {
    /// For the pipeline.
    pub pipeline: PipelineConfig,
    /// Where frames come from.
    pub sources: Sources,
    /// Ways to the other shards; none for files.
    pub handoff: Option<Handoff>,
    /// How far it may go when it falls behind.
    pub shed: Shed,
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

/// What a turn of the loop found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Packets.
    Some,
    /// Packets that have to wait for other shards.
    Held,
    /// Nothing.
    None,
}

struct ShardLoop {
    setup: ShardSetup,
    pipeline: Pipeline,
    gate: Gate,
    overload: Overload,
    /// What had been left undone before the shard fell behind.
    undone: Undone,
    looked_ns: u64,
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
pub async fn run(mut setup: ShardSetup) {
    let clock = Clock::real();
    let now = clock.now();
    let pipeline = Pipeline::new(setup.pipeline.clone());
    let mut l = ShardLoop {
        gate: Gate::new(setup.handoff.take()),
        overload: Overload::new(if setup.sources.is_offline() { Shed::None } else { setup.shed }),
        undone: Undone::default(),
        looked_ns: 0,
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
            let found = self.turn(now);
            self.keep_up(now, found);
            self.housekeeping(now).await;
            if self.setup.stop.is_stopped() || self.setup.sources.finished() {
                break;
            }
            match found {
                Found::Some => {
                    turns += 1;
                    if turns % BATCHES_PER_TURN == 0 {
                        yield_now().await;
                    }
                }
                Found::Held => sleep(NAP).await,
                Found::None => self.rest().await,
            }
        }
        self.finish().await;
    }

    /// Sleeps until there is something to do.
    async fn rest(&mut self) {
        let max = if self.overload.step() > 0 { STEP } else { TICK };
        let Some(lanes) = self.gate.handoff() else { return self.setup.sources.wait(max).await };
        if !self.setup.sources.any_scattered() {
            // While it sleeps, nobody waits for it.
            lanes.flush(u64::MAX);
        }
        futures_lite::future::or(self.setup.sources.wait(max), lanes.wait(max)).await;
    }

    /// Tells the time, takes what other shards sent and one batch from each source whose turn it
    /// is, and sends on what belongs to others.
    ///
    /// The time is the clock's, but never past a frame that still waits here or on another shard.
    /// Frames tell the pipeline theirs as well, and one interface's may be a block's time ahead of
    /// another's: it takes the latest it was told, and only a new tenth of a second costs anything.
    fn turn(&mut self, now: Time) -> Found {
        if self.setup.sources.is_offline() {
            let any = self.take_batches(u64::MAX);
            self.follow_file();
            return if any { Found::Some } else { Found::None };
        }
        let own = self.setup.sources.survey();
        let scattered = self.setup.sources.any_scattered();
        let (mut oldest, mut passed) = (own, u64::MAX);
        if let Some(lanes) = self.gate.handoff() {
            lanes.flush(own.unwrap_or(now.unix_ns - VISIBLE_NS));
            passed = lanes.passed_ns();
            oldest = [own, lanes.head_ns()].into_iter().flatten().min();
        }
        let time = now.unix_ns.saturating_sub(CAPTURE_DELAY_NS);
        let held = oldest.unwrap_or(u64::MAX).min(passed);
        self.pipeline.tick(time.min(held.max(now.unix_ns.saturating_sub(LAG_MAX_NS))));

        let horizon = oldest.map_or(u64::MAX, |oldest| oldest.saturating_add(AHEAD_NS));
        let until = if scattered { self.in_order_until(now, own, passed) } else { horizon };
        let mut found = self.receive(until);
        found |= self.take_batches(horizon);
        match (found, oldest) {
            (true, _) => Found::Some,
            (false, Some(_)) => Found::Held,
            (false, None) => Found::None,
        }
    }

    /// The time up to which lanes hold all packets there are, where directions are scattered over
    /// shards. Asks those that keep others waiting.
    fn in_order_until(&mut self, now: Time, own: Option<u64>, passed: u64) -> u64 {
        let Some(lanes) = self.gate.handoff() else { return u64::MAX };
        let Some(head) = lanes.head_ns() else { return u64::MAX };
        if head > now.unix_ns + SEAL_NS {
            // From the future: the clock was set back, and waiting for it would be waiting long.
            return u64::MAX;
        }
        let here = own.unwrap_or(now.unix_ns - VISIBLE_NS);
        if passed < head && head <= here {
            lanes.ask(head);
        }
        here.min(passed)
    }

    /// Takes packets that other shards sent, up to a time. True when there was anything.
    fn receive(&mut self, horizon_ns: u64) -> bool {
        let pipeline = &mut self.pipeline;
        let Some(lanes) = self.gate.handoff() else { return false };
        lanes.receive(horizon_ns, 2 * BATCH, |arrival| pipeline.arrive(arrival)) > 0
    }

    /// One batch from each source whose turn it is. True when there was anything.
    fn take_batches(&mut self, horizon_ns: u64) -> bool {
        let mut busy = false;
        for slot in self.setup.sources.due_mut(horizon_ns) {
            if slot.reading.spread
                && self.gate.lanes().is_some_and(|l| !l.has_room())
                && slot.source.backlog() < PATIENCE_BACKLOG
            {
                continue;
            }
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
                    slot.last_ns = slot.last_ns.max(batch.time_ns(i));
                }
                let (gate, counted, by) = (&mut self.gate, &mut slot.counted, slot.reading);
                self.pipeline.batch(&batch, slot.number, |a| gate.elsewhere(a, by, counted));
                slot.counted.decode_errors += self.pipeline.stats().decode_errors - undecoded;
            }
            slot.source.release();
        }
        busy
    }

    /// Sheds work, or takes it up again.
    fn keep_up(&mut self, now: Time, found: Found) {
        let now_ns = now.monotonic_ns;
        if found == Found::None {
            self.overload.rest(now_ns);
        }
        if now_ns.saturating_sub(self.looked_ns) < LOOK_NS {
            return;
        }
        self.looked_ns = now_ns;
        let before = self.overload.step();
        if !self.overload.look(now_ns, self.setup.sources.backlog()) {
            return;
        }
        self.pipeline.shed(self.overload.shedding());
        self.gate.keep(&self.overload);
        match (before, self.overload.step()) {
            (0, _) => {
                self.undone = self.undone_so_far();
                tracing::warn!(
                    shard = self.setup.index,
                    "this core falls behind: request rows are left out, then more (limits.shed)"
                );
            }
            (_, 0) => {
                let undone = self.undone_so_far().since(self.undone);
                tracing::info!(
                    shard = self.setup.index,
                    requests = undone.requests,
                    flows_unparsed = undone.flows,
                    packets = undone.packets,
                    "this core keeps up again; what was left out is counted here and in \
                     fathom_system.agent"
                );
            }
            _ => {}
        }
    }

    fn undone_so_far(&mut self) -> Undone {
        Undone {
            requests: self.pipeline.requests_shed(),
            flows: self.pipeline.stats().flows_unparsed,
            packets: self.setup.sources.counters().iter().map(|(_, n)| n.shed).sum(),
        }
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
        let numbers =
            ShardNumbers::of(&self.pipeline, &mut self.setup.sources, &self.gate, &self.overload);
        self.setup.metrics.publish(self.setup.index, numbers);
    }

    /// Sends the agent's own numbers as rows.
    async fn report(&mut self, now: Time) {
        let samples = self.setup.metrics.samples();
        let mut block = self_metrics::rows(&self.setup.metrics, &samples, now.unix_s() as u32);
        self.setup.output.seal_one(&mut block).await;
    }

    /// Takes what other shards still send.
    async fn last_packets(&mut self) {
        let Some(lanes) = self.gate.handoff() else { return };
        lanes.end();
        let end = self.clock.now().monotonic_ns + LAST_PACKETS.as_nanos() as u64;
        loop {
            while self.receive(u64::MAX) {}
            if self.pipeline.blocks_mut().any_full() {
                self.setup.output.seal(self.pipeline.blocks_mut()).await;
            }
            let Some(lanes) = self.gate.handoff() else { return };
            if lanes.is_over() {
                return;
            }
            if self.clock.now().monotonic_ns > end {
                // A shard that panicked says so itself.
                return tracing::warn!("another shard does not end: its last packets are lost");
            }
            lanes.wait(STEP).await;
        }
    }

    async fn finish(&mut self) {
        if !self.setup.sources.is_offline() {
            // What the kernel holds in a block that is not full comes after its timeout.
            sleep(self.setup.sources.block_timeout() * 2).await;
            let mut left = self.setup.sources.drain_batches();
            while left > 0 {
                left -= 1;
                match self.turn(self.clock.now()) {
                    Found::Some => {}
                    Found::Held => sleep(NAP).await,
                    Found::None => break,
                }
                if self.pipeline.blocks_mut().any_full() {
                    self.setup.output.seal(self.pipeline.blocks_mut()).await;
                }
            }
            self.last_packets().await;
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
