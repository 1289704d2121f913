//! The XDP program of `bpf/capture.bpf.c`: loading, attaching, giving it sockets, reading what it
//! counted. One value is one program on one interface.
//!
//! It is attached by a BPF link, which the kernel takes away with the process however that ends,
//! unless the link is pinned on purpose ([`Program::pin`]).

use crate::counts::XdpCounts;
use crate::device::{AttachedXdp, Device, XdpMode};
use crate::pin;
use aya::maps::xdp::DevMap;
use aya::maps::{MapError, PerCpuArray, XskMap};
use aya::programs::links::{FdLink, PinnedLink};
use aya::programs::xdp::{XdpError, XdpLink};
use aya::programs::{ProgramError, Xdp};
use aya::{Ebpf, EbpfError, EbpfLoader};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};

static OBJECT: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/capture.bpf.o"));

/// Which frames a program hands to sockets, and what it does with the others.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Name of the interface, for messages.
    pub name: String,
    /// Its kernel index.
    pub interface: u32,
    /// Its number of queues: as many sockets can be given.
    pub queues: u32,
    /// Frames may come in several buffers (since Linux 5.18).
    pub parts: bool,
    /// Put the time of arrival (`CLOCK_MONOTONIC`, nanoseconds) in the 8 bytes before each frame.
    pub stamp: bool,
    /// TCP and UDP frames from or to these ports go to the stack: the agent's own connections.
    pub exclude_ports: Vec<u16>,
    /// When not empty, only TCP and UDP frames from or to these ports are taken.
    pub only_ports: Vec<u16>,
    /// Index of the other port when inline: frames leave through it while no socket is there, and
    /// the two port lists are not looked at.
    pub peer: Option<u32>,
}

// SAFETY: integers only, without padding, so any bytes are a value.
unsafe impl aya::Pod for XdpCounts {}

/// Why the program is not at work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No privilege.
    #[error(
        "loading an XDP program needs CAP_BPF and CAP_NET_ADMIN: run as root, or \
         `setcap cap_bpf,cap_net_admin,cap_net_raw,cap_ipc_lock+ep` the binary"
    )]
    NotPermitted,
    /// The interface went away.
    #[error("no interface named {0:?}; `ip link` lists those there are")]
    NoInterface(String),
    /// There is a program already.
    #[error(
        "{interface} has another XDP program{what}; detach it first, for instance with \
         `ip link set dev {interface} xdp off`, or capture with AF_PACKET"
    )]
    Occupied {
        /// Which interface.
        interface: String,
        /// Which program, when the kernel says.
        what: String,
    },
    /// The mode cannot be had.
    #[error("{interface} takes no XDP program in {mode} mode: {why}")]
    Mode {
        /// Which interface.
        interface: String,
        /// What was tried.
        mode: XdpMode,
        /// What the kernel said.
        why: String,
    },
    /// No BPF links for XDP.
    #[error(
        "this kernel attaches XDP programs only for ever, not for the life of a process (that \
         needs Linux 5.9); capture with AF_PACKET"
    )]
    NoLinks,
    /// The kernel refused the program or its maps.
    #[error("the XDP program was not loaded: {0}")]
    Load(String),
    /// The pin could not be made or read.
    #[error(
        "{path}: {why}; pins live on a BPF file system: mount -t bpf bpf /sys/fs/bpf, and no other \
         program may hold this one"
    )]
    Pin {
        /// Where.
        path: PathBuf,
        /// What was answered.
        why: String,
    },
}

/// A program loaded for one interface.
#[derive(Debug)]
pub struct Program {
    ebpf: Ebpf,
    /// Which of the object's programs is used.
    part: &'static str,
    settings: Settings,
    link: Option<Held>,
}

#[derive(Debug)]
enum Held {
    ByUs { _link: FdLink, mode: XdpMode },
    Pinned { link: PinnedLink, mode: XdpMode, path: PathBuf },
}

impl Program {
    /// Loads the program; it runs on no frame yet.
    ///
    /// # Errors
    /// [`Error::NotPermitted`], [`Error::Load`].
    pub fn load(settings: &Settings) -> Result<Self, Error> {
        let flag = |on: bool| u8::from(on);
        let (stamp, inline) = (flag(settings.stamp), flag(settings.peer.is_some()));
        let (exclude, only) = (&settings.exclude_ports, &settings.only_ports);
        let (has_exclude, has_only) = (flag(!exclude.is_empty()), flag(!only.is_empty()));
        let (exclude, only) = (bits(exclude), bits(only));
        let queues = settings.queues.max(1);
        let mut loader = EbpfLoader::new();
        loader
            .map_max_entries("sockets", queues)
            .map_max_entries("counts", queues)
            .override_global("stamp", &stamp, true)
            .override_global("inline_mode", &inline, true)
            .override_global("exclude", &has_exclude, true)
            .override_global("restrict_to", &has_only, true)
            .override_global("excluded", exclude.as_slice(), true)
            .override_global("wanted", only.as_slice(), true);
        let mut ebpf = loader.load(OBJECT).map_err(|e| refused(&e, load_errno(&e)))?;
        let part = if settings.parts { "capture_parts" } else { "capture" };
        xdp(&mut ebpf, part)?.load().map_err(|e| refused(&e, program_errno(&e)))?;
        if let Some(peer) = settings.peer {
            let map = ebpf.map_mut("peer").ok_or_else(|| absent("peer"))?;
            DevMap::try_from(map)
                .map_err(|e| refused(&e, map_errno(&e)))?
                .set(0, peer, None, 0)
                .map_err(|e| refused(&e, None))?;
        }
        Ok(Self { ebpf, part, settings: settings.clone(), link: None })
    }

    /// Puts the program on its interface, for as long as this value lives.
    ///
    /// # Errors
    /// [`Error::Mode`] when this interface or driver does not have that mode, [`Error::Occupied`],
    /// [`Error::NoInterface`], [`Error::NotPermitted`], [`Error::NoLinks`].
    pub fn attach(&mut self, mode: XdpMode) -> Result<(), Error> {
        let index = self.settings.interface;
        let how = match mode {
            XdpMode::Driver => aya::programs::XdpMode::Driver,
            XdpMode::Generic => aya::programs::XdpMode::Skb,
            XdpMode::Hardware => aya::programs::XdpMode::Hardware,
        };
        let program = xdp(&mut self.ebpf, self.part)?;
        let id = match program.attach_to_if_index(index, how) {
            Ok(id) => id,
            Err(e) => return Err(self.not_attached(mode, &e)),
        };
        let link = program.take_link(id).map_err(|e| refused(&e, None))?;
        // On kernels without links the library attaches by netlink; dropping that detaches again.
        let link = FdLink::try_from(link).map_err(|_| Error::NoLinks)?;
        self.link = Some(Held::ByUs { _link: link, mode });
        Ok(())
    }

    /// Takes over the link that an earlier process pinned at `path`: its program is exchanged for
    /// this one between two frames, so none is lost. `None` when there is no such pin, or only
    /// that of an interface that is gone.
    ///
    /// # Errors
    /// [`Error::Pin`] when what is there belongs to another interface, is no link of an XDP
    /// program, or cannot be exchanged.
    pub fn adopt(&mut self, path: &Path) -> Result<Option<XdpMode>, Error> {
        let pin_error = |why: String| Error::Pin { path: path.to_owned(), why };
        if !path.exists() {
            return Ok(None);
        }
        let about = pin::xdp_link(path).map_err(|e| pin_error(e.to_string()))?;
        if about.interface == 0 {
            // The interface that it was for is gone, and this file holds nothing any more.
            std::fs::remove_file(path).map_err(|e| pin_error(e.to_string()))?;
            return Ok(None);
        }
        if about.interface != self.settings.interface {
            return Err(pin_error(format!("it is of interface number {}", about.interface)));
        }
        let mode = self.attached().iter().find(|a| a.program == about.program).map(|a| a.mode);
        let pinned = PinnedLink::from_pin(path).map_err(|e| pin_error(e.to_string()))?;
        let link = XdpLink::try_from(FdLink::from(pinned)).map_err(|e| pin_error(e.to_string()))?;
        let program = xdp(&mut self.ebpf, self.part)?;
        let id = program.attach_to_link(link).map_err(|e| pin_error(e.to_string()))?;
        // Held as a pinned link from here on, so that letting go of it leaves it in place.
        let link = PinnedLink::from_pin(path).map_err(|e| pin_error(e.to_string()))?;
        program.detach(id).map_err(|e| pin_error(e.to_string()))?;
        let mode = mode.unwrap_or(XdpMode::Driver);
        self.link = Some(Held::Pinned { link, mode, path: path.to_owned() });
        Ok(Some(mode))
    }

    /// Makes the program outlive this process: it stays until [`Program::unpin`], a later process
    /// that adopts it, or the removal of the file.
    ///
    /// # Errors
    /// [`Error::Pin`] when `path` is not on a BPF file system, or taken.
    pub fn pin(&mut self, path: &Path) -> Result<(), Error> {
        let pin_error = |why: String| Error::Pin { path: path.to_owned(), why };
        match self.link.take() {
            Some(Held::ByUs { _link: link, mode }) => {
                if let Some(dir) = path.parent() {
                    std::fs::create_dir_all(dir).map_err(|e| pin_error(e.to_string()))?;
                }
                let link = link.pin(path).map_err(|e| {
                    let cause = std::error::Error::source(&e).map(ToString::to_string);
                    pin_error(cause.unwrap_or_else(|| e.to_string()))
                })?;
                self.link = Some(Held::Pinned { link, mode, path: path.to_owned() });
                Ok(())
            }
            other => {
                self.link = other;
                Ok(())
            }
        }
    }

    /// Ends the life of a pin: the program goes with this value again.
    ///
    /// # Errors
    /// [`Error::Pin`] when the file cannot be removed.
    pub fn unpin(&mut self) -> Result<(), Error> {
        match self.link.take() {
            Some(Held::Pinned { link, mode, path }) => {
                let link = link.unpin().map_err(|e| Error::Pin { path, why: e.to_string() })?;
                self.link = Some(Held::ByUs { _link: link, mode });
            }
            other => self.link = other,
        }
        Ok(())
    }

    /// Where it is pinned, if it is.
    pub fn pinned(&self) -> Option<PathBuf> {
        match &self.link {
            Some(Held::Pinned { path, .. }) => Some(path.clone()),
            _ => None,
        }
    }

    /// Where the program runs, when it is attached.
    pub fn mode(&self) -> Option<XdpMode> {
        self.link.as_ref().map(|held| match held {
            Held::ByUs { mode, .. } | Held::Pinned { mode, .. } => *mode,
        })
    }

    /// Gives the frames of a queue to an AF_XDP socket, until that is closed.
    ///
    /// # Errors
    /// [`Error::Load`] when there is no such queue, or the socket is not bound to it.
    pub fn claim(&mut self, queue: u32, socket: BorrowedFd<'_>) -> Result<(), Error> {
        let map = self.ebpf.map_mut("sockets").ok_or_else(|| absent("sockets"))?;
        XskMap::try_from(map)
            .and_then(|mut map| map.set(queue, socket.as_raw_fd(), 0))
            .map_err(|e| refused(&e, map_errno(&e)))
    }

    /// Takes the frames of a queue from its socket: they go where those without a socket go.
    ///
    /// # Errors
    /// [`Error::Load`] when there is no such queue.
    pub fn release(&mut self, queue: u32) -> Result<(), Error> {
        let map = self.ebpf.map_mut("sockets").ok_or_else(|| absent("sockets"))?;
        XskMap::try_from(map)
            .and_then(|mut map| map.unset(queue))
            .map_err(|e| refused(&e, map_errno(&e)))
    }

    /// What was decided about frames of a queue since the program was loaded.
    ///
    /// # Errors
    /// [`Error::Load`] when there is no such queue.
    pub fn counts(&self, queue: u32) -> Result<XdpCounts, Error> {
        let map = self.ebpf.map("counts").ok_or_else(|| absent("counts"))?;
        let map: PerCpuArray<_, XdpCounts> =
            PerCpuArray::try_from(map).map_err(|e| refused(&e, map_errno(&e)))?;
        let per_cpu = map.get(&queue, 0).map_err(|e| refused(&e, map_errno(&e)))?;
        Ok(per_cpu.iter().fold(XdpCounts::default(), |sum, c| XdpCounts {
            seen: sum.seen + c.seen,
            redirected: sum.redirected + c.redirected,
            own: sum.own + c.own,
            foreign: sum.foreign + c.foreign,
            unclaimed: sum.unclaimed + c.unclaimed,
            forwarded: sum.forwarded + c.forwarded,
            unstamped: sum.unstamped + c.unstamped,
        }))
    }

    fn attached(&self) -> Vec<AttachedXdp> {
        Device::ask(self.settings.interface).map(|d| d.programs).unwrap_or_default()
    }

    fn not_attached(&self, mode: XdpMode, error: &ProgramError) -> Error {
        let interface = self.settings.name.clone();
        match program_errno(error) {
            Some(libc::EPERM | libc::EACCES) => Error::NotPermitted,
            Some(libc::ENODEV) => Error::NoInterface(interface),
            Some(libc::EBUSY | libc::EEXIST) => {
                let what = match self.attached().first() {
                    Some(other) => format!(
                        " ({}, number {}, in {} mode)",
                        name_of(other.program),
                        other.program,
                        other.mode
                    ),
                    None => String::new(),
                };
                Error::Occupied { interface, what }
            }
            errno => {
                let why = errno.map_or_else(
                    || error.to_string(),
                    |e| io::Error::from_raw_os_error(e).to_string(),
                );
                let hint = match errno {
                    Some(libc::EOPNOTSUPP) => " (its driver has none)",
                    Some(libc::ERANGE | libc::EINVAL) if !self.settings.parts => {
                        " (the MTU may be too large for frames in one piece)"
                    }
                    _ => "",
                };
                Error::Mode { interface, mode, why: why + hint }
            }
        }
    }
}

/// One bit per port.
fn bits(ports: &[u16]) -> Vec<u8> {
    let mut bits = vec![0; 8192];
    for port in ports {
        bits[usize::from(port >> 3)] |= 1 << (port & 7);
    }
    bits
}

fn xdp<'a>(ebpf: &'a mut Ebpf, name: &'static str) -> Result<&'a mut Xdp, Error> {
    let program = ebpf.program_mut(name).ok_or_else(|| absent(name))?;
    program.try_into().map_err(|e: ProgramError| refused(&e, None))
}

fn absent(name: &str) -> Error {
    Error::Load(format!("the object has no {name}"))
}

/// Name of the loaded program with this id.
fn name_of(id: u32) -> String {
    aya::programs::loaded_programs()
        .flatten()
        .find(|info| info.id() == id)
        .and_then(|info| info.name_as_str().map(str::to_owned))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unnamed".into())
}

pub(crate) fn refused(error: &dyn std::error::Error, errno: Option<i32>) -> Error {
    if matches!(errno, Some(libc::EPERM | libc::EACCES)) {
        return Error::NotPermitted;
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    Error::Load(text)
}

fn load_errno(error: &EbpfError) -> Option<i32> {
    match error {
        EbpfError::MapError(e) => map_errno(e),
        EbpfError::ProgramError(e) => program_errno(e),
        _ => None,
    }
}

fn map_errno(error: &MapError) -> Option<i32> {
    match error {
        MapError::CreateError { io_error, .. } | MapError::IoError(io_error) => {
            io_error.raw_os_error()
        }
        MapError::SyscallError(e) => e.io_error.raw_os_error(),
        _ => None,
    }
}

fn program_errno(error: &ProgramError) -> Option<i32> {
    match error {
        ProgramError::LoadError { io_error, .. } => io_error.raw_os_error(),
        ProgramError::SyscallError(e) => e.io_error.raw_os_error(),
        ProgramError::IOError(e) => e.raw_os_error(),
        ProgramError::XdpError(XdpError::NetlinkError(e)) => e.raw_os_error(),
        _ => None,
    }
}
