//! Tasks of one shard. Each is wrapped so that a panic ends the shard with an error instead of
//! vanishing in a join handle, and so that every task is dropped on its own executor when the
//! shard ends.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::engine::{self, Kind};
use crate::{epoll, glommio};

/// The task was aborted, panicked, or its shard ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task ended without a result")]
pub struct Aborted;

/// Waits for a task; dropping it lets the task run on.
#[must_use = "a task runs whether or not its handle is kept; `detach` says so"]
pub struct JoinHandle<T> {
    outcome: Rc<RefCell<Outcome<T>>>,
    control: Rc<Control>,
}

struct Outcome<T> {
    done: bool,
    value: Option<T>,
    joiner: Option<Waker>,
}

/// What the shard keeps of a task.
#[derive(Default)]
struct Control {
    aborted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Control {
    fn abort(&self) {
        self.aborted.set(true);
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The tasks alive on this shard, and the first panic among them.
#[derive(Default)]
pub(crate) struct Tasks {
    next: Cell<u64>,
    live: RefCell<BTreeMap<u64, Rc<Control>>>,
    panic: RefCell<Option<String>>,
    watcher: RefCell<Option<Waker>>,
}

thread_local! {
    static TASKS: Tasks = Tasks::default();
}

impl Tasks {
    fn report_panic(&self, message: String) {
        self.panic.borrow_mut().get_or_insert(message);
        let watcher = self.watcher.borrow_mut().take();
        if let Some(watcher) = watcher {
            watcher.wake();
        }
    }
}

/// Runs the shard's main future: ends with it, or with the first panic of any task.
pub(crate) async fn main(future: impl Future<Output = ()>) -> Result<(), String> {
    let mut future = Box::pin(future);
    let outcome = std::future::poll_fn(|cx| {
        TASKS.with(|tasks| *tasks.watcher.borrow_mut() = Some(cx.waker().clone()));
        if let Some(message) = TASKS.with(|tasks| tasks.panic.borrow_mut().take()) {
            return Poll::Ready(Err(message));
        }
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic_message(&*payload))),
        }
    })
    .await;
    // The future's own destructors still run on the executor, then those of all other tasks.
    drop(future);
    let outcome = abort_all().await.and(outcome);
    TASKS.with(|tasks| *tasks.watcher.borrow_mut() = None);
    outcome
}

/// Drops every task on its executor. A destructor that spawns again is followed a few times.
async fn abort_all() -> Result<(), String> {
    const ROUNDS: usize = 100;
    for _ in 0..ROUNDS {
        let live: Vec<_> = TASKS.with(|tasks| tasks.live.borrow().values().cloned().collect());
        if live.is_empty() {
            break;
        }
        live.iter().for_each(|control| control.abort());
        crate::yield_now().await;
    }
    TASKS.with(|tasks| tasks.panic.borrow_mut().take()).map_or(Ok(()), Err)
}

/// Text of a panic's payload.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is not text".to_owned()
    }
}

/// Starts a task on this shard. It needs neither `Send` nor `Sync`.
///
/// # Panics
/// Off a shard.
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let outcome = Rc::new(RefCell::new(Outcome { done: false, value: None, joiner: None }));
    let control = Rc::new(Control::default());
    let id = TASKS.with(|tasks| {
        let id = tasks.next.get();
        tasks.next.set(id + 1);
        tasks.live.borrow_mut().insert(id, Rc::clone(&control));
        id
    });
    let task = Task {
        id,
        future: Some(Box::pin(future)),
        outcome: Rc::clone(&outcome),
        control: Rc::clone(&control),
    };
    match engine::current() {
        Kind::Glommio => glommio::spawn(task),
        Kind::Epoll => epoll::spawn(task),
    }
    JoinHandle { outcome, control }
}

struct Task<F: Future> {
    id: u64,
    future: Option<Pin<Box<F>>>,
    outcome: Rc<RefCell<Outcome<F::Output>>>,
    control: Rc<Control>,
}

impl<F: Future> Task<F> {
    fn finish(&mut self, value: Option<F::Output>) {
        // A destructor may panic too: that is the shard's panic as well.
        if let Some(future) = self.future.take()
            && let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(future)))
        {
            TASKS.with(|tasks| tasks.report_panic(panic_message(&*payload)));
        }
        TASKS.with(|tasks| tasks.live.borrow_mut().remove(&self.id));
        self.control.waker.borrow_mut().take();
        let mut outcome = self.outcome.borrow_mut();
        outcome.done = true;
        outcome.value = value;
        let joiner = outcome.joiner.take();
        drop(outcome);
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}

impl<F: Future> Future for Task<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.control.aborted.get() {
            this.finish(None);
            return Poll::Ready(());
        }
        let Some(future) = this.future.as_mut() else { return Poll::Ready(()) };
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Pending) => {
                let mut kept = this.control.waker.borrow_mut();
                if !kept.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                    *kept = Some(cx.waker().clone());
                }
                drop(kept);
                if this.control.aborted.get() {
                    this.finish(None);
                    return Poll::Ready(());
                }
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => {
                this.finish(Some(value));
                Poll::Ready(())
            }
            Err(payload) => {
                TASKS.with(|tasks| tasks.report_panic(panic_message(&*payload)));
                this.finish(None);
                Poll::Ready(())
            }
        }
    }
}

impl<F: Future> Unpin for Task<F> {}

impl<T> JoinHandle<T> {
    /// Lets the task run on, its result unseen. The same as dropping the handle, but said.
    pub fn detach(self) {}

    /// Drops the task's future at its next turn.
    pub fn abort(&self) {
        if !self.outcome.borrow().done {
            self.control.abort();
        }
    }

    /// Has the task ended?
    pub fn is_finished(&self) -> bool {
        self.outcome.borrow().done
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Aborted>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut outcome = self.outcome.borrow_mut();
        if outcome.done {
            return Poll::Ready(outcome.value.take().ok_or(Aborted));
        }
        outcome.joiner = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> std::fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinHandle").field("finished", &self.is_finished()).finish()
    }
}
