//! Starting shards and joining them: one pinned thread per entry of the placement, all executors
//! made before the first task runs, so that falling back to the other engine is all or nothing.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::sync::mpsc;
use std::thread;

use crate::engine::{self, Engine, Kind};
use crate::placement::format_cpu_list;
use crate::{Error, Placement, StopToken, epoll, glommio, notify, sys, task};

/// Which shard of its set a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShardId {
    /// From zero.
    pub index: usize,
    /// How many shards the set has.
    pub count: usize,
    /// The CPU it is pinned to, or was meant for when pinning is off.
    pub cpu: usize,
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.index)
    }
}

thread_local! {
    static SHARD: Cell<Option<ShardId>> = const { Cell::new(None) };
}

/// The shard this thread is, if it is one.
pub fn current() -> Option<ShardId> {
    SHARD.get()
}

/// A running set of shards. Dropping it detaches the threads; [`Shards::join`] waits for them.
#[derive(Debug)]
pub struct Shards {
    threads: Vec<Thread>,
    kind: Kind,
    description: String,
    stop: StopToken,
}

#[derive(Debug)]
struct Thread {
    name: String,
    handle: thread::JoinHandle<Result<(), String>>,
}

/// Runs `f` once on each shard of `placement` and returns while they run. A shard ends when the
/// future `f` made for it ends; its other tasks are dropped then.
///
/// A panic on a shard ends it, raises the placement's stop signal and comes out of
/// [`Shards::join`]; in builds whose panics abort, it ends the process.
///
/// # Errors
/// When the engine does not work here, or threads cannot be made or pinned. Nothing runs then.
pub fn start<F, Fut>(placement: &Placement, engine: Engine, f: F) -> Result<Shards, Error>
where
    F: Fn(ShardId) -> Fut + Send + Clone + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let (waiting, why) = match engine {
        Engine::Glommio => (Waiting::make(placement, Kind::Glommio, &f)?, "as configured".into()),
        Engine::Epoll => (Waiting::make(placement, Kind::Epoll, &f)?, "as configured".into()),
        Engine::Auto => match Waiting::make(placement, Kind::Glommio, &f) {
            Ok(waiting) => (waiting, "io_uring works here".into()),
            Err(Error::Engine { why, .. }) => (
                Waiting::make(placement, Kind::Epoll, &f)?,
                format!("glommio cannot run here: {why}"),
            ),
            Err(other) => return Err(other),
        },
    };
    let kind = waiting.kind;
    let description = format!(
        "{} shard{} on CPU {}{}, engine {kind} ({why})",
        placement.cpus.len(),
        if placement.cpus.len() == 1 { "" } else { "s" },
        format_cpu_list(&placement.cpus),
        if placement.pin { "" } else { " (not pinned)" },
    );
    Ok(Shards { threads: waiting.go(), kind, description, stop: placement.stop.clone() })
}

impl Shards {
    /// Which engine runs.
    pub fn engine(&self) -> Kind {
        self.kind
    }

    /// One line for people: how many shards, where, which engine and why that one.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// The signal that is raised when a shard panics; the same as the placement's.
    pub fn stop_token(&self) -> &StopToken {
        &self.stop
    }

    /// Has every shard ended?
    pub fn is_finished(&self) -> bool {
        self.threads.iter().all(|thread| thread.handle.is_finished())
    }

    /// Waits until every shard has ended.
    ///
    /// # Errors
    /// The first panic, by shard number.
    pub fn join(self) -> Result<(), Error> {
        let mut first = Ok(());
        for thread in self.threads {
            let ended = match thread.handle.join() {
                Ok(ended) => ended,
                Err(payload) => Err(task::panic_message(&*payload)),
            };
            if let Err(message) = ended
                && first.is_ok()
            {
                first = Err(Error::Panicked { shard: thread.name, message });
            }
        }
        first
    }
}

/// Threads whose executors are made and which wait for the word to run.
struct Waiting {
    kind: Kind,
    threads: Vec<Thread>,
    go: Vec<mpsc::Sender<()>>,
}

impl Waiting {
    fn make<F, Fut>(placement: &Placement, kind: Kind, f: &F) -> Result<Self, Error>
    where
        F: Fn(ShardId) -> Fut + Send + Clone + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        if kind == Kind::Glommio {
            glommio::probe()?;
        }
        let (ready_tx, ready_rx) = mpsc::channel();
        let mut waiting = Self { kind, threads: Vec::new(), go: Vec::new() };
        for (index, &cpu) in placement.cpus.iter().enumerate() {
            let shard = Shard {
                id: ShardId { index, count: placement.cpus.len(), cpu },
                name: format!("{}-{index}", placement.name),
                kind,
                pin: placement.pin,
                stop: placement.stop.clone(),
            };
            let name = shard.name.clone();
            let (go_tx, go_rx) = mpsc::channel();
            let ready = ready_tx.clone();
            let f = f.clone();
            let handle = thread::Builder::new()
                .name(name.clone())
                .spawn(move || shard.run(&ready, &go_rx, f))
                .map_err(|source| Error::Thread {
                    shard: name.clone(),
                    what: "making the thread",
                    source,
                })?;
            waiting.threads.push(Thread { name, handle });
            waiting.go.push(go_tx);
        }
        drop(ready_tx);
        for _ in 0..waiting.threads.len() {
            match ready_rx.recv() {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(error),
                Err(mpsc::RecvError) => {
                    return Err(Error::Engine {
                        engine: kind.name(),
                        why: "a shard ended while its executor was made".to_owned(),
                    });
                }
            }
        }
        Ok(waiting)
    }

    fn go(self) -> Vec<Thread> {
        for go in &self.go {
            // A thread that is gone already is reported when it is joined.
            let _ = go.send(());
        }
        self.threads
    }
}

struct Shard {
    id: ShardId,
    name: String,
    kind: Kind,
    pin: bool,
    stop: StopToken,
}

/// Raises the stop signal when a shard ends by unwinding.
struct StopOnPanic(StopToken);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

impl Shard {
    fn run<F, Fut>(
        self,
        ready: &mpsc::Sender<Result<(), Error>>,
        go: &mpsc::Receiver<()>,
        f: F,
    ) -> Result<(), String>
    where
        F: Fn(ShardId) -> Fut,
        Fut: Future<Output = ()> + 'static,
    {
        let _stop_on_panic = StopOnPanic(self.stop.clone());
        let executor = match self.executor() {
            Ok(executor) => executor,
            Err(error) => {
                // The starter may have given up already because of another shard.
                let _ = ready.send(Err(error));
                return Ok(());
            }
        };
        if ready.send(Ok(())).is_err() || go.recv().is_err() {
            return Ok(());
        }
        SHARD.set(Some(self.id));
        let _entered = engine::enter(self.kind);
        let id = self.id;
        let main = async move {
            let ended = task::main(async move { f(id).await }).await;
            notify::forget_all();
            ended
        };
        let ended = match executor {
            Executor::Glommio(executor) => executor.run(main),
            Executor::Epoll(executor) => executor.run(main),
        };
        if ended.is_err() {
            self.stop.stop();
        }
        ended
    }

    fn executor(&self) -> Result<Executor, Error> {
        // The engine's helper threads inherit the process's CPUs, so pinning comes after.
        let executor = match self.kind {
            Kind::Glommio => Executor::Glommio(glommio::Executor::new(&self.name)?),
            Kind::Epoll => Executor::Epoll(epoll::Executor::new().map_err(|source| {
                Error::Thread { shard: self.name.clone(), what: "making the executor", source }
            })?),
        };
        if self.pin {
            sys::pin_to(self.id.cpu).map_err(|source| Error::Thread {
                shard: self.name.clone(),
                what: "pinning to its CPU",
                source,
            })?;
        }
        Ok(executor)
    }
}

enum Executor {
    Glommio(glommio::Executor),
    Epoll(epoll::Executor),
}
