//! Last stage of the agent: sealed blocks leave for the server and are kept until it says that
//! they are durable.
//!
//! One [`Transport`] per shard. [`Transport::send`] seals a block into a frame and puts it into
//! the shard's [`backlog`]; it never waits. [`Transport::run`], a task of the same shard, keeps a
//! connection to the server, writes what is waiting, takes acknowledgements, and after a
//! reconnect writes everything unacknowledged again, in order. [`Transport::finish`] gives the
//! server a last chance at the end.
//!
//! What the two sides say to each other:
//!
//! ```text
//! agent  Hello(lowest unacknowledged seq)          server  HelloAck(highest durable seq)
//! agent  Block(seq n), Block(seq n+1), ...         server  Ack(highest durable seq), repeated
//! agent  Hello(m) again                            "what is missing below m will never come"
//! agent  Hello(last written seq + 1) again         nothing new: the heartbeat
//!                                                  server  Refused(why), and it hangs up
//! ```

pub mod backlog;
mod connection;
pub mod counters;
pub mod importance;
pub mod losses;
mod signal;

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fathom_schema::ColumnBlock;
use fathom_schema::wire::{self, Compression, FrameId};
use fathom_shard::sleep;

use backlog::Backlog;
use counters::Counters;
use losses::{Losses, Reason};
use signal::Signal;

/// Memory for unacknowledged frames per agent, split over its shards.
pub const BACKLOG_BYTES: usize = 64 << 20;

/// The least memory one shard gets, however many share: a block of a busy second.
pub const BACKLOG_MIN_BYTES: usize = 4 << 20;

/// First and longest wait between attempts to connect.
pub const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long connecting may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the server may take to answer Hello. It waits until what an older connection brought
/// is on disk, which a slow disk can delay.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(15);

/// When nothing is written for this long, Hello is repeated.
pub const HEARTBEAT: Duration = Duration::from_secs(5);

/// A server that says nothing for this long is dead (it repeats its acknowledgement every 3 s).
pub const DEAD: Duration = Duration::from_secs(12);

/// How often the server must refuse the same frame before the agent gives the frame up.
pub const REFUSALS: u32 = 3;

/// The server's addresses, changed by the control thread when the name resolves anew.
#[derive(Clone, Debug, Default)]
pub struct Peers(Arc<Mutex<Vec<SocketAddr>>>);

impl Peers {
    /// These addresses.
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Self(Arc::new(Mutex::new(addresses)))
    }

    /// From now on these.
    pub fn set(&self, addresses: Vec<SocketAddr>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = addresses;
    }

    /// The address for the `n`th attempt, `None` when no address is known.
    fn pick(&self, n: usize) -> Option<SocketAddr> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() { None } else { Some(all[n % all.len()]) }
    }
}

/// What a transport needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server is.
    pub peers: Peers,
    /// This agent.
    pub agent_id: u32,
    /// This run of it.
    pub boot_id: u64,
    /// This shard of it.
    pub stream: u16,
    /// How bodies are compressed.
    pub compression: Compression,
    /// Bound of unacknowledged frames in bytes.
    pub backlog_bytes: usize,
    /// Body of the first Hello, see `fathom_schema::wire::hello_body`.
    pub hello: Vec<u8>,
}

/// The way to the server of one shard. Clones are the same transport.
#[derive(Clone, Debug)]
pub struct Transport {
    shared: Rc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    backlog: RefCell<Backlog>,
    losses: RefCell<Losses>,
    /// Room for the frame that is being sealed.
    frame: RefCell<Vec<u8>>,
    counters: Arc<Counters>,
    /// Raised when the backlog has something new to write.
    work: Signal,
    /// Raised when an acknowledgement freed something.
    acknowledged: Signal,
    connected: Cell<bool>,
}

impl Transport {
    /// A transport that counts in `counters`. Nothing happens until [`Self::run`].
    pub fn new(config: Config, counters: Arc<Counters>) -> Self {
        let backlog = RefCell::new(Backlog::new(config.backlog_bytes));
        Self {
            shared: Rc::new(Shared {
                config,
                backlog,
                losses: RefCell::default(),
                frame: RefCell::default(),
                counters,
                work: Signal::default(),
                acknowledged: Signal::default(),
                connected: Cell::new(false),
            }),
        }
    }

    /// Seals the block's rows into a frame, queues it, and clears the block. Does nothing when
    /// there are none.
    pub fn send(&self, block: &mut dyn ColumnBlock) {
        let rows = block.rows();
        if rows == 0 {
            return;
        }
        let s = &*self.shared;
        let table = block.table().id;
        let mut backlog = s.backlog.borrow_mut();
        let mut losses = s.losses.borrow_mut();
        s.counters.rows_sealed.of(table).add(rows as u64);
        s.counters.raw_bytes.add(block.raw_bytes() as u64);
        // What is kept until it is acknowledged takes no more memory than it has bytes.
        let mut frame = s.frame.borrow_mut();
        frame.clear();
        let id = s.frame_id(backlog.next_seq());
        match wire::seal(&*block, id, s.config.compression, &mut frame) {
            Ok(_) => backlog.push(table, rows as u32, frame.to_vec(), &mut losses),
            Err(why) => {
                tracing::warn!(table = block.table().name, rows, %why, "a block cannot be sealed");
                losses.count(table, Reason::TooLarge, rows as u64);
            }
        }
        block.clear();
        drop((backlog, losses, frame));
        s.publish();
        s.work.raise();
    }

    /// Keeps the connection. Ends only by being dropped.
    pub async fn run(self) {
        connection::keep(&self.shared).await;
    }

    /// Waits until everything is acknowledged, at most `max`, then gives up the rest, counted.
    /// [`Self::run`] must be going on meanwhile.
    pub async fn finish(&self, max: Duration) {
        let s = &*self.shared;
        let end = Instant::now() + max;
        loop {
            if s.backlog.borrow().is_empty() {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let tick = left.min(Duration::from_millis(200));
            futures_lite::future::or(s.acknowledged.raised(), sleep(tick)).await;
        }
        s.backlog.borrow_mut().abandon(Reason::Shutdown, &mut s.losses.borrow_mut());
        s.publish();
    }

    /// Rows queued or written, neither acknowledged nor lost.
    pub fn rows_held(&self) -> u64 {
        self.shared.backlog.borrow().rows()
    }

    /// How much of the backlog is used, from 0 to 1.
    pub fn fill(&self) -> f64 {
        self.shared.backlog.borrow().bytes() as f64 / self.shared.config.backlog_bytes as f64
    }

    /// A connection is up and the server has answered Hello.
    pub fn is_connected(&self) -> bool {
        self.shared.connected.get()
    }
}

impl Shared {
    fn frame_id(&self, seq: u64) -> FrameId {
        FrameId {
            agent_id: self.config.agent_id,
            boot_id: self.config.boot_id,
            stream: self.config.stream,
            seq,
        }
    }

    /// Copies the plain numbers to where other threads read them.
    fn publish(&self) {
        let backlog = self.backlog.borrow();
        self.counters.backlog_bytes.set(backlog.bytes() as u64);
        self.counters.rows_held.set(backlog.rows());
        self.counters.publish_losses(&self.losses.borrow());
    }

    /// The server holds everything up to `seq`.
    fn acknowledge(&self, seq: u64) {
        self.backlog
            .borrow_mut()
            .acknowledge(seq, |t, n| self.counters.rows_delivered.of(t).add(n));
        self.publish();
        self.acknowledged.raise();
    }
}
