//! The sources of one shard: the rings that the capture thread gives it, or a capture file.

use std::collections::{HashMap, VecDeque};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use fathom_ring::Counters;
use fathom_shard::ReadySet;

use super::feed::{AnySource, Command, Feed, Opened, Retired};
use super::gate::Reading;
use crate::limits;
use crate::pipeline::Pipeline;
use crate::record::InterfaceFacts;

/// How long the kernel keeps a block that is not full.
pub const BLOCK_TIMEOUT: Duration = Duration::from_millis(20);

/// Frames of one source are not taken while those of another are older by more than this: rings
/// are handed over in blocks, so what is waiting is never in order to less.
pub const AHEAD_NS: u64 = BLOCK_TIMEOUT.as_nanos() as u64;

/// What the interfaces that went longest ago are called together.
const GONE: &str = "gone";

/// Where frames come from: what their counters are called by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The interface's name, or the file's.
    pub interface: Arc<str>,
    /// Which of its queues.
    pub queue: u32,
}

/// What was counted of one queue of an interface.
#[derive(Clone, Copy, Debug, Default)]
pub struct InterfaceNumbers {
    /// By its source.
    pub source: Counters,
    /// Frames whose headers could not be read.
    pub decode_errors: u64,
    /// Packets left out because the shard that has their flow fell behind.
    pub shed: u64,
    /// Packets lost on the way to the shard that has their flow.
    pub handoff_full: u64,
}

impl InterfaceNumbers {
    /// Frames that did not become part of a flow, by reason.
    pub fn dropped(&self) -> [(&'static str, u64); 7] {
        [
            ("kernel", self.source.dropped_kernel),
            ("xdp", self.source.dropped_xdp),
            ("corrupt", self.source.dropped_corrupt),
            ("link_type", self.source.dropped_link_type),
            ("decode", self.decode_errors),
            ("shed", self.shed),
            ("handoff", self.handoff_full),
        ]
    }

    /// Adds another's.
    pub fn add(&mut self, o: &Self) {
        self.source.add(&o.source);
        self.decode_errors += o.decode_errors;
        self.shed += o.shed;
        self.handoff_full += o.handoff_full;
    }
}

/// An open source.
pub struct Slot {
    /// The source.
    pub source: AnySource,
    /// What its frames carry in the pipeline; `None` keeps the source's own (files).
    pub number: Option<u16>,
    /// Who reads the interface.
    pub reading: Reading,
    /// Time of its newest frame.
    pub last_ns: u64,
    /// What the shard counted of it; the source counts for itself.
    pub counted: InterfaceNumbers,
    /// Time of the oldest frame that waits, when it was last looked.
    head_ns: Option<u64>,
    place: Place,
    ring_bytes: usize,
    failed: bool,
    /// Why it failed.
    damage: Option<String>,
}

impl Slot {
    /// The source cannot go on: it is closed before the next batch.
    pub fn fail(&mut self, error: &fathom_ring::Error) {
        if !self.failed {
            tracing::warn!(interface = &*self.place.interface, %error, "capture ended");
        }
        self.failed = true;
        self.damage = Some(error.to_string());
    }

    fn works(&self) -> bool {
        !self.failed && !self.source.finished()
    }

    fn numbers(&mut self) -> InterfaceNumbers {
        InterfaceNumbers { source: self.source.counters(), ..self.counted }
    }
}

/// All sources of a shard.
pub struct Sources {
    feed: Option<Feed>,
    ready: Option<ReadySet>,
    open: Vec<Slot>,
    /// Numbers of interfaces whose directions are scattered.
    scattered: Vec<u16>,
    closed: Closed,
    scanned: bool,
    description: String,
}

impl Sources {
    /// Rings that come from the capture thread.
    pub fn capture(feed: Feed) -> Self {
        Self::with(Some(feed), Vec::new())
    }

    /// One capture file.
    pub fn file(name: &str, source: AnySource) -> Self {
        let slot = Slot {
            source,
            number: None,
            reading: Reading::default(),
            last_ns: 0,
            counted: InterfaceNumbers::default(),
            head_ns: None,
            place: Place { interface: name.into(), queue: 0 },
            ring_bytes: 0,
            failed: false,
            damage: None,
        };
        Self::with(None, vec![slot])
    }

    fn with(feed: Option<Feed>, open: Vec<Slot>) -> Self {
        Self {
            feed,
            ready: None,
            open,
            scattered: Vec::new(),
            closed: Closed::default(),
            scanned: false,
            description: String::new(),
        }
    }

    /// Time is that of the frames, not the clock's.
    pub fn is_offline(&self) -> bool {
        self.feed.is_none()
    }

    /// No frame will come any more.
    pub fn finished(&self) -> bool {
        self.is_offline() && !self.open.iter().any(Slot::works)
    }

    /// All interfaces that were there at the start are open, or could not be opened.
    pub fn is_scanned(&self) -> bool {
        self.is_offline() || self.scanned
    }

    /// Sources that work and whose turn it is: their oldest frame, as of the last
    /// [`Self::survey`], is not later than `horizon_ns`.
    pub fn due_mut(&mut self, horizon_ns: u64) -> impl Iterator<Item = &mut Slot> {
        self.open
            .iter_mut()
            .filter(move |s| s.works() && s.head_ns.is_none_or(|head| head <= horizon_ns))
    }

    /// Looks what waits; says the time of the oldest frame, where that is known.
    ///
    /// One interface may be far behind while another is idle. Were its frames taken after the
    /// other's newest, they would count in a later second and find their flows timed out: so none
    /// is taken that is later than the oldest by more than [`AHEAD_NS`].
    pub fn survey(&mut self) -> Option<u64> {
        let mut oldest = None;
        for s in &mut self.open {
            s.head_ns = if s.failed { None } else { s.source.head_ns() };
            oldest = [oldest, s.head_ns].into_iter().flatten().min();
        }
        oldest
    }

    /// Some interface's directions are scattered over shards, whether this one reads it or not.
    pub fn any_scattered(&self) -> bool {
        !self.scattered.is_empty()
    }

    /// Hundredths of the fullest ring that wait to be taken.
    pub fn backlog(&self) -> u8 {
        let open = self.open.iter().filter(|s| !s.failed && s.number.is_some());
        open.map(|s| s.source.backlog()).max().unwrap_or(0)
    }

    /// Time of the newest frame.
    pub fn last_ns(&self) -> u64 {
        self.open.iter().map(|s| s.last_ns).max().unwrap_or(0)
    }

    /// How long the kernel keeps frames back.
    pub fn block_timeout(&self) -> Duration {
        BLOCK_TIMEOUT
    }

    /// How many batches full rings can hold at most: a stopping shard takes no more, or traffic
    /// could keep it from ever ending.
    pub fn drain_batches(&self) -> usize {
        // The kernel keeps at least this much per frame.
        const FRAME_MIN: usize = 128;
        let largest = self.open.iter().map(|s| s.ring_bytes).max().unwrap_or(0);
        largest / FRAME_MIN / super::BATCH + 1
    }

    /// How frames are captured, in a few words.
    pub fn describe(&self) -> &str {
        if self.is_offline() { "file" } else { &self.description }
    }

    /// Totals by interface name, those closed meanwhile included.
    pub fn counters(&mut self) -> Vec<(Place, InterfaceNumbers)> {
        let mut all = self.closed.by_place.clone();
        for s in &mut self.open {
            let n = s.numbers();
            all.entry(s.place.clone()).or_default().add(&n);
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Does what the capture thread says.
    pub fn obey(&mut self, pipeline: &mut Pipeline) {
        if self.feed.is_some() && self.open.iter().any(|s| s.failed) {
            self.retire(|s| s.failed);
        }
        while let Some(command) = self.feed.as_mut().and_then(|f| f.commands.try_pop()) {
            match command {
                Command::Open(opened) => self.open(*opened, pipeline),
                Command::Close(number) => {
                    self.scattered.retain(|n| *n != number);
                    self.retire(|s| s.number == Some(number));
                }
                Command::Scanned => self.scanned = true,
            }
        }
    }

    fn open(&mut self, opened: Opened, pipeline: &mut Pipeline) {
        pipeline.set_interface(opened.number, opened.facts);
        if opened.reading.scattered {
            self.scattered.push(opened.number);
        }
        for (queue, source) in opened.sources {
            if let Some(fd) = source.readiness() {
                self.watch(fd);
            }
            self.description.clear();
            self.description.push_str(&opened.kind);
            self.open.push(Slot {
                source,
                number: Some(opened.number),
                reading: opened.reading,
                last_ns: 0,
                counted: InterfaceNumbers::default(),
                head_ns: None,
                place: Place { interface: Arc::clone(&opened.name), queue },
                ring_bytes: opened.ring_bytes,
                failed: false,
                damage: None,
            });
        }
    }

    fn watch(&mut self, fd: RawFd) {
        let added = match &self.ready {
            Some(set) => set.add(fd),
            // Made here, because here is a shard.
            None => ReadySet::new().and_then(|set| {
                set.add(fd)?;
                self.ready = Some(set);
                Ok(())
            }),
        };
        if let Err(error) = added {
            tracing::warn!(%error, "a ring cannot be waited for; it is looked at now and then");
        }
    }

    fn retire(&mut self, gone: impl Fn(&Slot) -> bool) {
        for mut s in self.open.extract_if(.., |s| gone(s)) {
            let numbers = s.numbers();
            self.closed.add(&s.place, &numbers);
            if let (Some(set), Some(fd)) = (&self.ready, s.source.readiness()) {
                // Not in it when it could not be added.
                let _ = set.remove(fd);
            }
            if let (Some(feed), Some(number)) = (&mut self.feed, s.number) {
                feed.retire(Retired { number, source: s.source, failed: s.failed });
            }
        }
    }

    /// Until a source has frames, the capture thread has something to say, or `max` has passed.
    pub async fn wait(&self, max: Duration) {
        // While one of them says that its frames come close together, all can wait for that long.
        let pauses = self.open.iter().filter(|s| !s.failed).filter_map(|s| s.source.pause());
        if let Some(pause) = pauses.max() {
            return fathom_shard::sleep(pause.min(max)).await;
        }
        let frames = async {
            match &self.ready {
                Some(set) => set.ready().await,
                None => std::future::pending().await,
            }
        };
        let told = async {
            match &self.feed {
                Some(feed) => drop(feed.commands.wait(max).await),
                None => fathom_shard::sleep(max).await,
            }
        };
        futures_lite::future::or(frames, told).await;
    }

    /// Names of interfaces that are open now.
    pub fn names(&self) -> Vec<String> {
        self.open.iter().filter(|s| !s.failed).map(|s| s.place.interface.to_string()).collect()
    }

    /// Why a file could not be read to its end.
    pub fn damage(&self) -> Option<String> {
        self.open.iter().filter(|_| self.is_offline()).find_map(|s| s.damage.clone())
    }

    /// Logs what sources want people to know.
    pub fn tell_warnings(&mut self) {
        for s in &mut self.open {
            while let Some(warning) = s.source.warning() {
                tracing::warn!(source = &*s.place.interface, "{warning}");
            }
        }
    }

    /// How many interfaces a file has named so far.
    pub fn file_interfaces(&self) -> usize {
        self.open.iter().map(|s| s.source.interfaces().len()).sum()
    }

    /// What rows say of the interfaces of a file: files learn of them while they are read.
    pub fn file_facts(&self) -> Vec<InterfaceFacts> {
        let of = |i: &fathom_ring::Interface| InterfaceFacts {
            index: i.index,
            mac: i.mac,
            loopback: false,
        };
        self.open.iter().flat_map(|s| s.source.interfaces().iter().map(of)).collect()
    }
}

/// Totals of sources that are closed: by name while there are few, those that went longest ago
/// under one name. Interfaces of pods come and go for months.
#[derive(Default)]
struct Closed {
    by_place: HashMap<Place, InterfaceNumbers>,
    order: VecDeque<Place>,
}

impl Closed {
    fn add(&mut self, place: &Place, numbers: &InterfaceNumbers) {
        if !self.by_place.contains_key(place) {
            self.order.push_back(place.clone());
        }
        self.by_place.entry(place.clone()).or_default().add(numbers);
        while self.order.len() > limits::CLOSED_NAMES {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(numbers) = self.by_place.remove(&oldest) {
                let gone = Place { interface: GONE.into(), queue: place.queue };
                self.by_place.entry(gone).or_default().add(&numbers);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fathom_ring::memory::Memory;
    use fathom_shard::channel::{self, Receiver, Sender};

    use super::*;
    use crate::pipeline::PipelineConfig;

    fn capture() -> (Sources, Sender<Command>, Receiver<Retired>) {
        let (to, commands) = channel::pair(16).unwrap();
        let (retired, from) = channel::pair(16).unwrap();
        (Sources::capture(Feed { commands, retired }), to, from)
    }

    fn open(number: u16, name: &str, times: impl Iterator<Item = u64>) -> Command {
        let frames = times.map(|at| (at, vec![0; 60])).collect();
        Command::Open(Box::new(Opened {
            number,
            name: name.into(),
            facts: InterfaceFacts::default(),
            kind: "memory".into(),
            sources: vec![(0, Box::new(Memory::new(name, frames)))],
            reading: Reading::default(),
            ring_bytes: 0,
        }))
    }

    /// Takes what is due, as the loop does; the times and numbers of the frames.
    fn pass(sources: &mut Sources) -> Vec<(u64, u16)> {
        let mut seen = Vec::new();
        let oldest = sources.survey();
        for slot in sources.due_mut(oldest.unwrap_or(0) + AHEAD_NS) {
            let number = slot.number.unwrap();
            let batch = slot.source.acquire(64).unwrap();
            seen.extend((0..batch.len()).map(|i| (batch.frame(i).time_ns, number)));
            slot.source.release();
        }
        seen
    }

    #[test]
    fn months_of_interfaces_that_come_and_go_leave_bounded_totals() {
        let (mut sources, mut to, mut from) = capture();
        let mut pipeline = Pipeline::new(PipelineConfig::default());
        const COUNT: usize = 20_000;
        for n in 0..COUNT {
            to.try_push(open((n % 50) as u16, &format!("veth{n}"), 0..3)).ok().unwrap();
            sources.obey(&mut pipeline);
            assert_eq!(pass(&mut sources).len(), 3);
            to.try_push(Command::Close((n % 50) as u16)).ok().unwrap();
            sources.obey(&mut pipeline);
            assert!(from.try_pop().is_some_and(|r| !r.failed), "the source goes back");
            assert_eq!(sources.names(), Vec::<String>::new());
        }
        let totals = sources.counters();
        assert!(totals.len() <= limits::CLOSED_NAMES + 1, "{} names", totals.len());
        let received: u64 = totals.iter().map(|(_, n)| n.source.received).sum();
        assert_eq!(received, 3 * COUNT as u64);
    }

    #[test]
    fn what_waits_longest_is_taken_first_whichever_interface_it_is_on() {
        let (mut sources, mut to, _from) = capture();
        let mut pipeline = Pipeline::new(PipelineConfig::default());
        let ms = 1_000_000;
        // One interface is two seconds behind the other.
        to.try_push(open(1, "behind", (0..4000).map(|n| n * ms / 2))).ok().unwrap();
        to.try_push(open(2, "ahead", (2000..2100).map(|n| n * ms))).ok().unwrap();
        sources.obey(&mut pipeline);
        let mut all = Vec::new();
        loop {
            let seen = pass(&mut sources);
            if seen.is_empty() {
                break;
            }
            all.extend(seen);
        }
        assert_eq!(all.len(), 4100);
        let mut latest = 0;
        for (at, number) in all {
            // Out of order by less than a block's time and what one batch spans.
            assert!(latest <= at + AHEAD_NS + 64 * ms, "{number} at {at} after {latest}");
            latest = latest.max(at);
        }
    }
}
