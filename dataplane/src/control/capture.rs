//! The capture thread: follows interfaces and network namespaces as they come and go, opens their
//! rings, gives these to the shards, and frees what the shards give back. Stands beside the packet
//! path, so that no shard ever waits for the kernel to find memory for a ring.
//!
//! `roles` decides what is done with an interface, `rings` how large its rings are, `numbers` what
//! it is called on the packet path, `open` makes the sources.

use std::collections::{HashMap, VecDeque};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fathom_ring::interfaces::{self, Info, Links};
use fathom_ring::namespace::{self, Id, Namespace};
use fathom_shard::StopToken;
use fathom_shard::channel::{self, Receiver, SendError, Sender};

use super::Error;
use super::numbers::Numbers;
use super::open::{self, Openers, Wish};
use super::rings::Budget;
use super::roles::{self, Role};
use crate::config::{Config, Live};
use crate::limits;
use crate::record::InterfaceFacts;
use crate::self_metrics::Metrics;
use crate::shard_loop::feed::{AnySource, Command, Feed, Opened, Retired};
use crate::shard_loop::gate::Reading;

/// How long what was said may lie before a shard is asked for what it gave back.
const TIDY: Duration = Duration::from_millis(200);

/// Changes that come in a burst (a pod's set-up) are followed together.
const SETTLE: Duration = Duration::from_millis(20);

/// What the capture thread works with.
pub(super) struct Setup {
    pub(super) live: Arc<Live>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) stop: StopToken,
    pub(super) shards: usize,
    pub(super) openers: Openers,
}

/// Starts the thread; the feeds are the shards' ends of their lines to it.
pub(super) fn start(setup: Setup) -> Result<(JoinHandle<()>, Vec<Feed>), Error> {
    let (mut ports, mut feeds) = (Vec::new(), Vec::new());
    for _ in 0..setup.shards {
        let queue = || Error::os("making a queue to a shard");
        let (to, commands) = channel::pair(limits::CAPTURE_QUEUE).map_err(queue())?;
        let (retired, from) = channel::pair(limits::CAPTURE_QUEUE).map_err(queue())?;
        ports.push(Port { to, from, waiting: VecDeque::new() });
        feeds.push(Feed { commands, retired });
    }
    let mut capture = Capture {
        setup,
        ports,
        namespaces: Vec::new(),
        open: HashMap::new(),
        numbers: Numbers::default(),
        budget: Budget::default(),
        refused: HashMap::new(),
        began: Instant::now(),
    };
    let thread = std::thread::Builder::new()
        .name("fathom-capture".to_owned())
        .spawn(move || capture.run())
        .map_err(Error::os("making the capture thread"))?;
    Ok((thread, feeds))
}

/// One shard.
struct Port {
    to: Sender<Command>,
    from: Receiver<Retired>,
    waiting: VecDeque<Command>,
}

/// A namespace whose interfaces are followed.
struct Watched {
    /// `None` for our own.
    namespace: Option<Namespace>,
    id: Id,
    name: String,
    links: Links,
}

/// What makes two interfaces the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    namespace: Id,
    index: u32,
    name: String,
}

/// An interface that is to be captured.
struct Wanted {
    key: Key,
    info: Info,
    role: Role,
    why: &'static str,
    /// Its place among the namespaces.
    at: usize,
}

struct Open {
    number: u16,
    role: Role,
    /// Bytes of all its rings.
    ring_bytes: usize,
}

struct Capture {
    setup: Setup,
    ports: Vec<Port>,
    namespaces: Vec<Watched>,
    open: HashMap<Key, Open>,
    numbers: Numbers<Key>,
    budget: Budget,
    /// Interfaces and namespaces that could not be opened, so that each is reported once.
    refused: HashMap<String, String>,
    began: Instant,
}

impl Capture {
    fn run(&mut self) {
        let mut due = Instant::now();
        while !self.setup.stop.is_stopped() {
            let changed = self.namespaces.iter_mut().fold(false, |c, w| w.links.changed() | c);
            if changed || Instant::now() >= due {
                let config = self.setup.live.get();
                self.scan(&config);
                self.tell(|| Command::Scanned);
                due = Instant::now() + config.rescan;
            }
            let again = self.take_back() | self.deliver();
            let mut wait = due.saturating_duration_since(Instant::now());
            if again {
                wait = wait.min(TIDY);
            }
            let mut fds: Vec<_> = self.namespaces.iter().map(|w| w.links.as_raw_fd()).collect();
            fds.push(self.setup.stop.as_raw_fd());
            if interfaces::wait(&fds, wait) && !self.setup.stop.is_stopped() {
                std::thread::sleep(SETTLE);
            }
        }
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Opens what is wanted and up, closes what is gone.
    fn scan(&mut self, config: &Config) {
        let mut refused = HashMap::new();
        self.follow_namespaces(config, &mut refused);
        let mut wanted = Vec::new();
        for (at, watched) in self.namespaces.iter_mut().enumerate() {
            let all = match watched.links.list() {
                Ok(all) => all,
                Err(error) => {
                    tracing::warn!(namespace = watched.name, %error, "interfaces cannot be listed");
                    continue;
                }
            };
            let routes = watched.links.default_routes();
            let (chosen, left_out) = roles::choose(&all, &routes, config);
            for (name, why) in left_out {
                refused.insert(label(&watched.name, &name), why);
            }
            for choice in chosen {
                let key = Key {
                    namespace: watched.id,
                    index: choice.info.index,
                    name: choice.info.name.clone(),
                };
                let (info, role, why) = (choice.info.clone(), choice.role, choice.why);
                wanted.push(Wanted { key, info, role, why, at });
            }
        }
        if wanted.len() > limits::INTERFACES {
            let why = format!(
                "{} interfaces are wanted and {} captured; name fewer in capture.interface",
                wanted.len(),
                limits::INTERFACES
            );
            refused.insert("further interfaces".to_owned(), why);
            wanted.truncate(limits::INTERFACES);
        }
        wanted.sort_by_key(|w| w.role != Role::Terminate);
        let roles: HashMap<&Key, Role> = wanted.iter().map(|w| (&w.key, w.role)).collect();
        let gone = self.open.iter().filter(|(key, open)| roles.get(key) != Some(&open.role));
        let gone: Vec<_> = gone.map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.close(&key);
        }
        for w in &wanted {
            if !self.open.contains_key(&w.key)
                && let Err(why) = self.open(w, config, wanted.len())
            {
                refused.insert(label(&self.namespaces[w.at].name, &w.info.name), why);
            }
        }
        self.report(refused);
    }

    /// Says of each refusal once why, and forgets those that are no more.
    fn report(&mut self, refused: HashMap<String, String>) {
        for (name, why) in &refused {
            if self.refused.get(name) != Some(why) {
                tracing::error!(interface = name, "{why}");
            }
        }
        self.refused = refused;
        let mut all: Vec<_> = self.refused.iter().map(|(n, why)| format!("{n}: {why}")).collect();
        all.sort();
        self.setup.metrics.set_refusals(all);
    }

    /// Opens one of `count` interfaces.
    fn open(&mut self, w: &Wanted, config: &Config, count: usize) -> Result<(), String> {
        let Wanted { key, info, role, why, at } = w;
        let (info, role) = (info, *role);
        let shards = self.setup.shards;
        let watched = &self.namespaces[*at];
        let rings = || open::rings(role, info, shards);
        let rings = match &watched.namespace {
            None => rings(),
            Some(namespace) => namespace.run(rings).map_err(|e| e.to_string())?,
        };
        let ring_bytes = self.budget.share(config, role, rings, count)?;
        let now_ns = self.now_ns();
        let Some(number) = self.numbers.take(key, now_ns) else {
            return Err("too many interfaces came and went in the last minutes".to_owned());
        };
        let wish = Wish { role, info, config, shards, ring_bytes, number };
        let open = || self.setup.openers.open(&wish);
        let opened = match &watched.namespace {
            None => open(),
            Some(namespace) => namespace.run(open).unwrap_or_else(|e| Err(e.to_string())),
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(why) => {
                self.numbers.give_up(key, now_ns);
                return Err(why);
            }
        };
        let name = label(&watched.name, &info.name);
        tracing::info!(interface = name, how = opened.how, why, "capturing");
        for note in &opened.notes {
            tracing::warn!(interface = name, "{note}");
        }
        let facts = InterfaceFacts { index: info.index, mac: info.mac, loopback: info.loopback };
        let ring_bytes = opened.ring_bytes * opened.queues.len();
        self.budget.taken += ring_bytes;
        self.open.insert(key.clone(), Open { number, role, ring_bytes });

        let (name, kind): (Arc<str>, Arc<str>) = (name.into(), opened.kind.into());
        let spread = shards > 1 && opened.queues.len() > 1;
        let mut by_shard: Vec<Vec<(u32, AnySource)>> = (0..shards).map(|_| Vec::new()).collect();
        for (queue, source) in (0..).zip(opened.queues) {
            by_shard[(opened.first + queue as usize) % shards].push((queue, source));
        }
        for (port, sources) in self.ports.iter_mut().zip(by_shard) {
            port.waiting.push_back(Command::Open(Box::new(Opened {
                number,
                name: Arc::clone(&name),
                facts,
                kind: Arc::clone(&kind),
                sources,
                reading: Reading { spread, scattered: opened.scattered },
                ring_bytes: opened.ring_bytes,
            })));
        }
        Ok(())
    }

    fn close(&mut self, key: &Key) {
        let Some(open) = self.open.remove(key) else { return };
        tracing::info!(interface = key.name, "capture on this interface is closed");
        let number = open.number;
        self.tell(|| Command::Close(number));
        self.budget.taken = self.budget.taken.saturating_sub(open.ring_bytes);
        let now_ns = self.now_ns();
        self.numbers.give_up(key, now_ns);
    }

    fn tell(&mut self, command: impl Fn() -> Command) {
        for port in &mut self.ports {
            port.waiting.push_back(command());
        }
    }

    /// Sends what waits; true when a shard had no room for all of it, or has to give back.
    fn deliver(&mut self) -> bool {
        let mut again = false;
        for port in &mut self.ports {
            while let Some(command) = port.waiting.pop_front() {
                again |= matches!(command, Command::Close(_));
                match port.to.try_push(command) {
                    Ok(()) => {}
                    Err(SendError::Full(command)) => {
                        port.waiting.push_front(command);
                        again = true;
                        break;
                    }
                    // The shard has ended, and with it all that was said to it.
                    Err(SendError::Closed(_)) => port.waiting.clear(),
                }
            }
        }
        again
    }

    /// Frees what shards gave back; true when there was something. An interface whose source ended
    /// by itself is closed on all shards, and opened anew if it is still there.
    fn take_back(&mut self) -> bool {
        let (mut any, mut failed) = (false, Vec::new());
        for port in &mut self.ports {
            while let Some(retired) = port.from.try_pop() {
                any = true;
                if retired.failed {
                    failed.push(retired.number);
                }
            }
        }
        let broken = |o: &Open| failed.contains(&o.number);
        let keys: Vec<_> =
            self.open.iter().filter(|(_, o)| broken(o)).map(|(k, _)| k.clone()).collect();
        for key in keys {
            self.close(&key);
        }
        any
    }

    /// Begins to follow namespaces that are wanted, and lets go of those that are gone: holding
    /// one would keep a deleted pod's interfaces alive.
    fn follow_namespaces(&mut self, config: &Config, refused: &mut HashMap<String, String>) {
        let mut wanted = Vec::new();
        match Namespace::own() {
            Ok(own) => wanted.push((own.id(), None)),
            Err(error) => {
                refused.insert("this namespace".to_owned(), error.to_string());
            }
        }
        let own = wanted.first().map(|w: &(Id, Option<Namespace>)| w.0);
        for name in config.namespaces.iter().filter(|n| !n.is_empty()) {
            if name == "all" {
                let (found, count) = namespace::found();
                if count > found.len() {
                    let why = format!("{count} are there, {} are watched", found.len());
                    refused.insert("further network namespaces".to_owned(), why);
                }
                for f in found {
                    if Some(f.id) == own || wanted.iter().any(|w| w.0 == f.id) {
                        continue;
                    }
                    // One that is known needs no second look.
                    if self.namespaces.iter().any(|w| w.id == f.id) {
                        wanted.push((f.id, None));
                    } else if let Ok(namespace) = f.open() {
                        wanted.push((f.id, Some(namespace)));
                    }
                }
            } else {
                match Namespace::named(name) {
                    Ok(n) if wanted.iter().any(|w| w.0 == n.id()) => {}
                    Ok(n) => wanted.push((n.id(), Some(n))),
                    Err(error) => {
                        refused.insert(name.clone(), error.to_string());
                    }
                }
            }
        }
        self.namespaces.retain(|w| wanted.iter().any(|(id, _)| *id == w.id));
        for (id, namespace) in wanted {
            if self.namespaces.iter().any(|w| w.id == id) {
                continue;
            }
            let name = namespace.as_ref().map_or("", Namespace::name).to_owned();
            let links = match &namespace {
                None => Links::new(),
                Some(n) => n.run(Links::new).and_then(|links| links),
            };
            match links {
                Ok(links) => self.namespaces.push(Watched { namespace, id, name, links }),
                Err(error) => {
                    refused.insert(label(&name, "interfaces"), error.to_string());
                }
            }
        }
    }
}

/// What an interface is called: with its namespace's name, if that is not the agent's own.
fn label(namespace: &str, interface: &str) -> String {
    if namespace.is_empty() { interface.to_owned() } else { format!("{namespace}/{interface}") }
}
