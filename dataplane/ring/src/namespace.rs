//! Network namespaces: finding those of containers and pods, and doing something inside one. A
//! socket belongs to the namespace in which it was made, whichever thread uses it later; so a
//! helper thread steps in, opens what is wanted, and steps out.
//!
//! Whoever holds a [`Namespace`], or a socket made in it, keeps it alive: when it is no longer found,
//! both have to be let go, or a deleted pod's interfaces stay.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::{Error, limits};

/// Where names are given to namespaces: by `ip netns` and CNI plug-ins, and by Docker.
const NAMED: [&str; 2] = ["/run/netns", "/run/docker/netns"];
/// The namespace of the calling thread.
const OWN: &str = "/proc/thread-self/ns/net";

/// What tells two namespaces apart while either lives: the inode of the kernel's nsfs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u64, u64);

/// A network namespace.
#[derive(Debug)]
pub struct Namespace {
    file: File,
    id: Id,
    name: String,
}

impl Namespace {
    /// The calling thread's.
    ///
    /// # Errors
    /// [`Error::Namespace`] without /proc.
    pub fn own() -> Result<Self, Error> {
        Self::open(Path::new(OWN), "")
    }

    /// The one behind a file such as /run/netns/NAME or /proc/PID/ns/net, to be called `name`.
    ///
    /// # Errors
    /// [`Error::Namespace`] when there is no such file, or it is not a network namespace's.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let failed = |source| Error::Namespace { name: path.display().to_string(), source };
        let file = File::open(path).map_err(failed)?;
        // SAFETY: this request takes no argument and returns a number.
        let kind = unsafe { libc::ioctl(file.as_raw_fd(), libc::NS_GET_NSTYPE) };
        if kind != libc::CLONE_NEWNET {
            return Err(failed(io::Error::other("this is not a network namespace")));
        }
        let meta = file.metadata().map_err(failed)?;
        Ok(Self { file, id: Id(meta.dev(), meta.ino()), name: name.to_owned() })
    }

    /// The one of this name, as `ip netns` and Docker give them, or of this absolute path.
    ///
    /// # Errors
    /// [`Error::Namespace`] when there is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        if name.starts_with('/') {
            return Self::open(Path::new(name), name.rsplit('/').next().unwrap_or(name));
        }
        let paths = NAMED.map(|folder| Path::new(folder).join(name));
        Self::open(paths.iter().find(|p| p.exists()).unwrap_or(&paths[0]), name)
    }

    /// Which one it is.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Its name: that of its file, or `pid-` and the number of a process in it; empty for our own.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls `f` on this thread, inside the namespace.
    ///
    /// # Errors
    /// [`Error::Namespace`] when it cannot be entered: that takes CAP_SYS_ADMIN.
    ///
    /// # Panics
    /// When the thread cannot come back: it must not go on in a foreign namespace.
    pub fn run<T>(&self, f: impl FnOnce() -> T) -> Result<T, Error> {
        let back = Self::own()?;
        if back.id == self.id {
            return Ok(f());
        }
        enter(&self.file).map_err(|source| Error::Namespace { name: self.name.clone(), source })?;
        let _return = Return(&back, PhantomData);
        Ok(f())
    }
}

struct Return<'a>(&'a Namespace, PhantomData<*const ()>);

impl Drop for Return<'_> {
    fn drop(&mut self) {
        if let Err(error) = enter(&self.0.file) {
            panic!("this thread cannot return to its network namespace: {error}");
        }
    }
}

fn enter(file: &File) -> io::Result<()> {
    // SAFETY: changes the calling thread's network namespace and nothing else.
    match unsafe { libc::setns(file.as_raw_fd(), libc::CLONE_NEWNET) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Every network namespace that has a name or a process, each once, with the way to open it. Those
/// beyond [`limits::NAMESPACES_MAX`] are left out; the number says how many were found.
pub fn found() -> (Vec<Found>, usize) {
    let mut all: Vec<Found> = Vec::new();
    let mut known = HashSet::new();
    let mut add = |path: PathBuf, name: &str| {
        let id = match std::fs::metadata(&path) {
            Ok(meta) => Id(meta.dev(), meta.ino()),
            Err(_) => return,
        };
        if known.insert(id) {
            all.push(Found { id, path, name: name.to_owned() });
        }
    };
    for folder in NAMED {
        for (path, name) in entries(folder) {
            add(path, &name);
        }
    }
    for (path, name) in entries("/proc") {
        if name.bytes().all(|b| b.is_ascii_digit()) {
            add(path.join("ns/net"), &format!("pid-{name}"));
        }
    }
    let count = all.len();
    all.truncate(limits::NAMESPACES_MAX);
    (all, count)
}

fn entries(folder: &str) -> Vec<(PathBuf, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|e| (e.path(), e.file_name().to_string_lossy().into_owned()))
        .collect();
    all.sort();
    all
}

/// A namespace that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which one it is.
    pub id: Id,
    /// A file that leads to it.
    pub path: PathBuf,
    /// What to call it.
    pub name: String,
}

impl Found {
    /// Opens it.
    ///
    /// # Errors
    /// [`Error::Namespace`] when it is gone meanwhile.
    pub fn open(&self) -> Result<Namespace, Error> {
        Namespace::open(&self.path, &self.name)
    }
}
