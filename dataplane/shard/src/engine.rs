//! Which of the two engines runs the current thread, and the few enums that hide the choice.

use std::cell::Cell;
use std::fmt;

/// Which engine a set of shards is asked to run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// glommio where io_uring works, else epoll; [`crate::Shards::describe`] says why.
    #[default]
    Auto,
    /// io_uring through glommio, or an error.
    Glommio,
    /// epoll through a tokio current-thread runtime.
    Epoll,
}

/// Which engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// io_uring through glommio.
    Glommio,
    /// epoll through a tokio current-thread runtime.
    Epoll,
}

impl Kind {
    /// Name as settings and status pages spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Glommio => "glommio",
            Self::Epoll => "epoll",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

thread_local! {
    static CURRENT: Cell<Option<Kind>> = const { Cell::new(None) };
}

/// Marks this thread as running on `kind` until the guard is dropped.
pub(crate) fn enter(kind: Kind) -> Entered {
    CURRENT.set(Some(kind));
    Entered
}

pub(crate) struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// The engine of this thread.
///
/// # Panics
/// Off a shard: that is a programming error which no caller could handle.
pub(crate) fn current() -> Kind {
    CURRENT.get().expect("this may only be called on a shard thread, inside `fathom_shard::start`")
}
