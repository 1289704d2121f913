//! The sources of one shard: a ring on each wanted interface, following interfaces that come and
//! go, or capture files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fathom_ring::af_packet::{self, FanoutMode};
use fathom_ring::bpf::Program;
use fathom_ring::{Counters, Source, interfaces};
use fathom_shard::Readiness;
use fathom_shard::clock::Time;

use crate::config::{Config, Mode};
use crate::pipeline::Pipeline;
use crate::record::InterfaceFacts;

/// Interfaces of one shard. A host with more (thousands of pods) is captured on its physical
/// interfaces: the rings of this many take a GiB already.
pub const INTERFACES_MAX: usize = 64;

/// How long the kernel keeps a block that is not full.
const BLOCK_TIMEOUT: Duration = Duration::from_millis(20);

/// What a reload may change, shared by all shards.
#[derive(Debug)]
pub struct Live(Mutex<Arc<Config>>);

impl Live {
    /// Begins with `config`.
    pub fn new(config: Config) -> Self {
        Self(Mutex::new(Arc::new(config)))
    }

    /// The present settings.
    pub fn get(&self) -> Arc<Config> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these.
    pub fn set(&self, config: Config) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }
}

/// An open source.
pub struct Slot {
    /// The source.
    pub source: Box<dyn Source>,
    /// Index its frames carry in the pipeline; `None` keeps the source's own (files).
    pub index: Option<u32>,
    /// Time of its newest frame.
    pub last_ns: u64,
    name: String,
    readiness: Option<Readiness>,
    failed: bool,
    /// Why it failed.
    damage: Option<String>,
}

impl Slot {
    /// The source cannot go on: it is closed at the next rescan.
    pub fn fail(&mut self, error: &fathom_ring::Error) {
        if !self.failed {
            tracing::warn!(interface = self.name, %error, "capture ended");
        }
        self.failed = true;
        self.damage = Some(error.to_string());
    }
}

/// Which rings a shard opens.
pub struct CaptureSetup {
    /// The settings, as they are now.
    pub live: Arc<Live>,
    /// How many shards share each interface.
    pub shards: usize,
    /// Compiled `capture.filter`.
    pub filter: Option<Program>,
}

/// All sources of a shard.
pub struct Sources {
    capture: Option<CaptureSetup>,
    open: Vec<Slot>,
    /// Pipeline index of every interface ever seen, by kernel index and name.
    known: HashMap<(u32, String), u32>,
    facts: Vec<InterfaceFacts>,
    /// Totals of sources that are closed, by name.
    closed: HashMap<String, Counters>,
    rescanned_ns: u64,
    /// Interfaces that could not be opened, so that each is reported once.
    refused: HashMap<String, String>,
    description: String,
}

impl Sources {
    /// Rings on interfaces.
    pub fn capture(setup: CaptureSetup) -> Self {
        Self::with(Some(setup), Vec::new())
    }

    /// One capture file.
    pub fn file(name: &str, source: Box<dyn Source>) -> Self {
        let slot = Slot {
            source,
            index: None,
            last_ns: 0,
            name: name.to_owned(),
            readiness: None,
            failed: false,
            damage: None,
        };
        Self::with(None, vec![slot])
    }

    fn with(capture: Option<CaptureSetup>, open: Vec<Slot>) -> Self {
        Self {
            capture,
            open,
            known: HashMap::new(),
            facts: Vec::new(),
            closed: HashMap::new(),
            rescanned_ns: 0,
            refused: HashMap::new(),
            description: String::new(),
        }
    }

    /// Time is that of the frames, not the clock's.
    pub fn is_offline(&self) -> bool {
        self.capture.is_none()
    }

    /// No frame will come any more.
    pub fn finished(&self) -> bool {
        self.is_offline() && self.open.iter().all(|s| s.failed || s.source.finished())
    }

    /// Sources that work.
    pub fn open_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.open.iter_mut().filter(|s| !s.failed && !s.source.finished())
    }

    /// What can be slept on.
    pub fn readiness(&self) -> impl Iterator<Item = &Readiness> {
        self.open.iter().filter(|s| !s.failed).filter_map(|s| s.readiness.as_ref())
    }

    /// Time of the newest frame.
    pub fn last_ns(&self) -> u64 {
        self.open.iter().map(|s| s.last_ns).max().unwrap_or(0)
    }

    /// How long the kernel keeps frames back.
    pub fn block_timeout(&self) -> Duration {
        BLOCK_TIMEOUT
    }

    /// How many batches a full ring can hold at most: a stopping shard takes no more, or traffic
    /// could keep it from ever ending.
    pub fn drain_batches(&self) -> usize {
        let ring = self.capture.as_ref().map_or(0, |c| c.live.get().ring_bytes);
        // The kernel keeps at least this much per frame.
        const FRAME_MIN: usize = 128;
        ring / FRAME_MIN / super::BATCH + 1
    }

    /// How frames are captured, in a few words.
    pub fn describe(&self) -> &str {
        if self.is_offline() { "file" } else { &self.description }
    }

    /// Totals by interface name, those closed meanwhile included.
    pub fn counters(&mut self) -> Vec<(String, Counters)> {
        let mut all = self.closed.clone();
        for s in &mut self.open {
            let c = s.source.counters();
            all.entry(s.name.clone()).or_default().add(&c);
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Looks for interfaces that came or went, when it is time to.
    pub fn rescan_if_due(&mut self, now: Time, pipeline: &mut Pipeline) {
        let Some(capture) = &self.capture else {
            // Files learn of their interfaces while they are read.
            return pipeline.set_interfaces(self.file_facts());
        };
        let every = capture.live.get().rescan.as_nanos() as u64;
        if now.monotonic_ns.saturating_sub(self.rescanned_ns) >= every {
            self.rescanned_ns = now.monotonic_ns;
            self.rescan(pipeline);
        }
    }

    /// Opens what is wanted and up, closes what is gone.
    pub fn rescan(&mut self, pipeline: &mut Pipeline) {
        let Some(capture) = &self.capture else { return };
        let config = capture.live.get();
        if config.mode == Mode::None {
            return;
        }
        let infos = match interfaces::list() {
            Ok(infos) => infos,
            Err(error) => {
                tracing::warn!(%error, "the interfaces cannot be listed");
                return;
            }
        };
        let wanted: Vec<_> = infos
            .iter()
            .filter(|i| i.up && i.link().is_some() && config.wants(&i.name))
            .take(INTERFACES_MAX)
            .collect();
        let gone = |s: &Slot| s.failed || !wanted.iter().any(|i| i.name == s.name);
        for mut s in self.open.extract_if(.., |s| gone(s)) {
            tracing::info!(interface = s.name, "capture on this interface is closed");
            let c = s.source.counters();
            self.closed.entry(s.name).or_default().add(&c);
        }
        let mut changed = false;
        for info in wanted {
            if self.open.iter().any(|s| s.name == info.name) {
                continue;
            }
            match open(&config, info, capture) {
                Ok((source, readiness, notes)) => {
                    self.refused.remove(&info.name);
                    self.description.clear();
                    self.description.push_str(&source.describe());
                    tracing::info!(interface = info.name, how = source.describe(), "capturing");
                    for note in notes {
                        tracing::warn!(interface = info.name, "{note}");
                    }
                    let fresh = self.known.len() as u32;
                    let key = (info.index, info.name.clone());
                    let index = *self.known.entry(key).or_insert(fresh);
                    let facts = InterfaceFacts {
                        index: info.index,
                        mac: info.mac,
                        loopback: info.loopback,
                    };
                    if index == fresh {
                        self.facts.push(facts);
                    } else if let Some(f) = self.facts.get_mut(index as usize) {
                        *f = facts;
                    }
                    changed = true;
                    self.open.push(Slot {
                        source,
                        index: Some(index),
                        last_ns: 0,
                        name: info.name.clone(),
                        readiness,
                        failed: false,
                        damage: None,
                    });
                }
                Err(why) => {
                    if self.refused.get(&info.name) != Some(&why) {
                        tracing::error!(interface = info.name, "{why}");
                        self.refused.insert(info.name.clone(), why);
                    }
                }
            }
        }
        if changed {
            pipeline.set_interfaces(self.facts.clone());
        }
    }

    /// Names of interfaces that are open now.
    pub fn names(&self) -> Vec<String> {
        self.open.iter().filter(|s| !s.failed).map(|s| s.name.clone()).collect()
    }

    /// Why a file could not be read to its end.
    pub fn damage(&self) -> Option<String> {
        self.open.iter().filter(|_| self.is_offline()).find_map(|s| s.damage.clone())
    }

    /// Logs what sources want people to know.
    pub fn tell_warnings(&mut self) {
        for s in &mut self.open {
            while let Some(warning) = s.source.warning() {
                tracing::warn!(source = s.name, "{warning}");
            }
        }
    }

    /// Why interfaces could not be opened.
    pub fn refusals(&self) -> Vec<String> {
        let mut all: Vec<_> = self.refused.iter().map(|(n, why)| format!("{n}: {why}")).collect();
        all.sort();
        all
    }

    fn file_facts(&self) -> Vec<InterfaceFacts> {
        let of = |i: &fathom_ring::Interface| InterfaceFacts {
            index: i.index,
            mac: i.mac,
            loopback: false,
        };
        self.open.iter().flat_map(|s| s.source.interfaces().iter().map(of)).collect()
    }
}

type Opened = (Box<dyn Source>, Option<Readiness>, Vec<String>);

fn open(
    config: &Config,
    info: &interfaces::Info,
    capture: &CaptureSetup,
) -> Result<Opened, String> {
    // Shards of one agent join the same group on an interface; two agents must not.
    let group = (std::process::id() as u16).wrapping_mul(31) ^ info.index as u16;
    let source = af_packet::open(&af_packet::Config {
        interface: info.name.clone(),
        fanout: (capture.shards > 1).then_some((group, FanoutMode::Hash)),
        steering: None,
        fanout_defragment: false,
        ring_bytes: config.ring_bytes,
        snaplen: config.snaplen,
        block_timeout: BLOCK_TIMEOUT,
        promiscuous: config.promiscuous,
        exclude_ports: config.exclude_ports.clone(),
        filter: capture.filter.clone(),
    })
    .map_err(|e| e.to_string())?;
    let notes = source.notes().to_vec();
    let readiness =
        source.readiness().map(Readiness::new).transpose().map_err(|e| e.to_string())?;
    Ok((Box::new(source), readiness, notes))
}
