//! First stage of the server: agents' connections. Frames are checked here (limits before
//! anything is allocated, then the checksum), counted once ([`streams`]), and handed to the
//! spool, which says when they are durable; only then are they acknowledged.
//!
//! One listener per shard on the same port: the kernel spreads connections over shards.

pub mod budget;
mod connection;
pub mod counters;
pub(crate) mod signal;
pub mod streams;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fathom_shard::net::{TcpListener, TcpStream};
use fathom_shard::{JoinHandle, sleep, spawn_local};

pub use streams::{ConnectionId, StreamId};

use crate::limits;
use crate::spool::Spool;
use budget::Budget;
use counters::Refusal;

/// Wait after a failed accept: out of descriptors, mostly.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Connections are numbered over all shards, so that of two of the same stream the newer is known.
static NEXT_CONNECTION: AtomicU64 = AtomicU64::new(1);

/// The receiving side of one shard.
#[derive(Debug)]
pub struct Receiver {
    spool: Rc<Spool>,
    budget: Budget,
    open: RefCell<HashMap<ConnectionId, JoinHandle<()>>>,
}

impl Receiver {
    /// Hands accepted frames to `spool`.
    pub fn new(spool: Rc<Spool>) -> Rc<Self> {
        Rc::new(Self { spool, budget: Budget::default(), open: RefCell::default() })
    }

    /// Accepts connections until dropped.
    pub async fn accept(self: Rc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.admit(stream, peer),
                Err(error) => {
                    tracing::error!(%error, "accepting an agent failed; check the limit of open files");
                    sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }

    fn admit(self: &Rc<Self>, stream: TcpStream, peer: SocketAddr) {
        let c = &self.spool.shared().counters;
        if self.open.borrow().len() >= limits::CONNECTIONS_PER_SHARD {
            c.refuse(Refusal::TooMany);
            tracing::warn!(%peer, "an agent was turned away: too many connections");
            return;
        }
        c.connections.add(1);
        let id = ConnectionId(NEXT_CONNECTION.fetch_add(1, Ordering::Relaxed));
        // Dropped with the task, also when it is aborted.
        let guard = Open { receiver: Rc::clone(self), id };
        let task = spawn_local(async move {
            let receiver = &guard.receiver;
            let ended = connection::serve(stream, id, &receiver.spool, &receiver.budget).await;
            tracing::info!(%peer, reason = %ended, "an agent's connection ended");
        });
        c.connections_open.add(1);
        self.open.borrow_mut().insert(id, task);
    }

    /// Ends all connections now.
    pub fn hang_up(&self) {
        for task in self.open.borrow().values() {
            task.abort();
        }
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.open.borrow().len()
    }
}

struct Open {
    receiver: Rc<Receiver>,
    id: ConnectionId,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.receiver.spool.shared().counters.connections_open.sub(1);
        let task = self.receiver.open.borrow_mut().remove(&self.id);
        drop(task);
    }
}

/// An I/O error that only says that the peer is gone.
fn is_goodbye(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
    )
}
