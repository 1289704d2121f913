//! The answers of all probes in one place, with the remedy beside each "no".

use crate::afxdp;
use crate::btf::Btf;
use crate::device::Device;
use crate::host::{self, Capability, HugePages, Memlock, Privileges};
use crate::programs::{ProgramKind, load_probe};
use crate::sockets;
use std::fmt;
use std::io;

/// Whether something can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It works here; a detail, possibly empty.
    Yes(String),
    /// It does not.
    No {
        /// What was answered.
        why: String,
        /// What would change that.
        remedy: String,
    },
}

impl State {
    /// It works here.
    pub fn is_yes(&self) -> bool {
        matches!(self, State::Yes(_))
    }
}

/// Something Fathom can use, and whether it can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// What it is called.
    pub name: &'static str,
    /// What it gives.
    pub gives: &'static str,
    /// Whether it can be had.
    pub state: State,
}

/// An interface and what XDP can do on it.
#[derive(Clone, Debug)]
pub struct InterfaceFacts {
    /// Its name.
    pub name: String,
    /// Queues, XDP features of its driver, programs on it.
    pub device: Device,
}

/// What this kernel, machine and process can do.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// Kernel release, as uname(1) prints it.
    pub kernel: String,
    /// Lockdown level in force, when the kernel has that.
    pub lockdown: Option<String>,
    /// Linux capabilities in effect.
    pub privileges: Privileges,
    /// Limit on locked memory.
    pub memlock: Option<Memlock>,
    /// Reserved 2 MiB pages.
    pub huge_pages: HugePages,
    /// Packet sockets: what the agent captures with.
    pub af_packet: Feature,
    /// AF_XDP sockets, and our program for them.
    pub af_xdp: Feature,
    /// Memory for AF_XDP.
    pub xdp_memory: Feature,
    /// Jumbo frames and uncut segments through AF_XDP.
    pub xdp_parts: Feature,
    /// XDP programs that go with their process.
    pub xdp_links: Feature,
    /// Programs that outlive their process when asked to.
    pub pins: Feature,
    /// Each interface of this network namespace.
    pub interfaces: Vec<InterfaceFacts>,
    /// io_uring: what the shards sleep on.
    pub io_uring: Feature,
    /// Kernel type information.
    pub btf: Feature,
    /// The tracing file system.
    pub tracefs: Feature,
    /// Probes on functions of programs and libraries.
    pub uprobes: Feature,
    /// Probes on functions of the kernel.
    pub kprobes: Feature,
    /// Each kind of BPF program.
    pub programs: Vec<(ProgramKind, State)>,
}

impl Capabilities {
    /// Tries everything. Takes a few milliseconds and leaves nothing behind.
    pub fn probe() -> Self {
        let kernel = host::kernel_release();
        let privileges = Privileges::of_this_process();
        let lockdown = host::lockdown();
        let btf = Btf::of_kernel();
        let programs = ProgramKind::ALL
            .iter()
            .map(|kind| {
                let answer = load_probe(*kind, &btf);
                (*kind, program_state(*kind, answer, privileges, lockdown.as_deref()))
            })
            .collect();
        let memlock = Memlock::of_this_process();
        let (socket, in_parts) = afxdp::sockets();
        let packet = "run as root, or `setcap cap_net_raw+ep` the agent's binary";
        let uring = "the agent uses epoll instead; set kernel.io_uring_disabled=0, or allow \
            io_uring in the container's seccomp profile, to get it";
        Self {
            af_packet: opened(
                "AF_PACKET",
                "packets of any interface",
                sockets::af_packet(),
                packet,
            ),
            af_xdp: af_xdp(),
            xdp_memory: xdp_memory(socket, privileges, memlock),
            xdp_parts: opened(
                "AF_XDP multi-buffer",
                "jumbo frames and uncut segments",
                afxdp::program_in_parts().and(in_parts),
                "since Linux 6.6; without, the MTU must fit into one buffer of 4 KiB",
            ),
            xdp_links: xdp_links(&kernel),
            pins: opened(
                "BPF pins",
                "inline capture holds the wire through a restart",
                afxdp::pins(),
                "as root: mount -t bpf bpf /sys/fs/bpf",
            ),
            interfaces: interfaces(),
            io_uring: opened("io_uring", "one wait for every event", sockets::io_uring(), uring),
            btf: Feature {
                name: "BTF",
                gives: "kernel types, for programs that fit any kernel",
                state: match &btf {
                    Ok(_) => State::Yes(String::new()),
                    Err(e) => no(e.to_string(), "use a kernel built with CONFIG_DEBUG_INFO_BTF"),
                },
            },
            tracefs: Feature {
                name: "tracefs",
                gives: "list of tracepoints",
                state: host::tracefs().map_or_else(
                    || {
                        no(
                            "not mounted, or not readable".into(),
                            "as root: mount -t tracefs tracefs /sys/kernel/tracing",
                        )
                    },
                    |dir| State::Yes(dir.into()),
                ),
            },
            uprobes: events(
                "uprobes",
                "uprobe",
                "TLS plaintext, language runtimes",
                "CONFIG_UPROBE_EVENTS",
            ),
            kprobes: events(
                "kprobes",
                "kprobe",
                "kernel functions on older kernels",
                "CONFIG_KPROBE_EVENTS",
            ),
            memlock,
            huge_pages: HugePages::of_host(),
            kernel,
            lockdown,
            privileges,
            programs,
        }
    }

    /// Whether the agent can capture packets on this host, with the reason when not.
    pub fn capture(&self) -> &State {
        &self.af_packet.state
    }

    /// The state of one kind of program.
    pub fn program(&self, kind: ProgramKind) -> Option<&State> {
        self.programs.iter().find(|(k, _)| *k == kind).map(|(_, s)| s)
    }

    /// Every feature that is not a program, in the order in which they are shown.
    pub fn features(&self) -> [&Feature; 11] {
        [
            &self.af_packet,
            &self.af_xdp,
            &self.xdp_memory,
            &self.xdp_parts,
            &self.xdp_links,
            &self.pins,
            &self.io_uring,
            &self.btf,
            &self.tracefs,
            &self.uprobes,
            &self.kprobes,
        ]
    }
}

fn af_xdp() -> Feature {
    let (name, gives) = ("AF_XDP", "packets before the network stack");
    if !cfg!(feature = "programs") {
        let remedy = "build it with the feature `xdp`, which needs clang, m4, libelf and zlib";
        return Feature { name, gives, state: no("this build leaves it out".into(), remedy) };
    }
    let remedy = "needs CAP_NET_RAW and a kernel with CONFIG_XDP_SOCKETS";
    opened(name, gives, sockets::af_xdp(), remedy)
}

/// Whether memory can be registered at all, and how much.
fn xdp_memory(socket: io::Result<()>, privileges: Privileges, memlock: Option<Memlock>) -> Feature {
    let limit = afxdp::memory(privileges, memlock);
    let remedy = "raise RLIMIT_MEMLOCK (`ulimit -l`, LimitMEMLOCK= of systemd), or give the binary \
        CAP_IPC_LOCK";
    let state = match (socket, limit) {
        (Ok(()), None) => State::Yes("as much as there is".into()),
        (Ok(()), Some(bytes)) => State::Yes(format!("{} KiB, of all queues together", bytes >> 10)),
        (Err(e), _) => no(e.to_string(), remedy),
    };
    Feature { name: "AF_XDP memory", gives: "rings of 64 MiB for each queue", state }
}

fn xdp_links(kernel: &str) -> Feature {
    let there = host::kernel_version(kernel).is_none_or(|version| version >= (5, 9));
    let state = if there {
        State::Yes(String::new())
    } else {
        no(format!("Linux {kernel} has none"), "use Linux 5.9 or later, or AF_PACKET")
    };
    Feature { name: "XDP links", gives: "programs go with their process", state }
}

/// Those of this network namespace; empty when they cannot be listed.
fn interfaces() -> Vec<InterfaceFacts> {
    let all = crate::device::names().unwrap_or_default();
    let facts = |(index, name)| Some(InterfaceFacts { name, device: Device::ask(index).ok()? });
    all.into_iter().filter_map(facts).collect()
}

fn no(why: String, remedy: &str) -> State {
    State::No { why, remedy: remedy.into() }
}

fn opened(
    name: &'static str,
    gives: &'static str,
    answer: io::Result<()>,
    remedy: &str,
) -> Feature {
    let state = match answer {
        Ok(()) => State::Yes(String::new()),
        Err(e) => no(e.to_string(), remedy),
    };
    Feature { name, gives, state }
}

fn events(name: &'static str, source: &str, gives: &'static str, config: &str) -> Feature {
    let state = if host::event_source(source) {
        State::Yes(String::new())
    } else {
        no(
            "this kernel has no such event source".into(),
            &format!("use a kernel built with {config}"),
        )
    };
    Feature { name, gives, state }
}

fn program_state(
    kind: ProgramKind,
    answer: io::Result<()>,
    privileges: Privileges,
    lockdown: Option<&str>,
) -> State {
    let error = match answer {
        Ok(()) => return State::Yes(String::new()),
        Err(error) => error,
    };
    let privileged = privileges.has(Capability::SysAdmin)
        || privileges.has(Capability::Bpf)
            && (privileges.has(Capability::Perfmon) || privileges.has(Capability::NetAdmin));
    let remedy = match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) if !privileged => {
            "run as root, or give the binary CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN".to_string()
        }
        Some(libc::EPERM | libc::EACCES) => match lockdown {
            Some(level) if level != "none" => {
                format!(
                    "refused to root as well; kernel lockdown is `{level}`: another kind is \
                    used where there is one"
                )
            }
            _ => "refused to root as well: kernel lockdown, a security module or the container's \
                seccomp profile forbids it"
                .into(),
        },
        Some(libc::EINVAL) => format!("this kernel does not know {} programs", kind.name()),
        Some(libc::ENOSYS) => "this kernel or container has no bpf(2)".into(),
        _ => "use a kernel built with CONFIG_DEBUG_INFO_BTF".into(),
    };
    State::No { why: error.to_string(), remedy }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Yes(detail) if detail.is_empty() => f.write_str("yes"),
            State::Yes(detail) => write!(f, "yes ({detail})"),
            State::No { why, remedy } => write!(f, "no: {why}; {remedy}"),
        }
    }
}

/// One line each, for terminals.
impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lockdown = self.lockdown.as_deref().unwrap_or("not known");
        writeln!(f, "kernel      {}, lockdown {lockdown}", self.kernel)?;
        let list = |held: bool| {
            let of = Capability::ALL.iter().filter(|c| self.privileges.has(**c) == held);
            let names: Vec<_> = of.map(|c| c.name()).collect();
            if names.is_empty() { "none".to_string() } else { names.join(" ") }
        };
        writeln!(f, "privileges  {}", list(true))?;
        writeln!(f, "missing     {}", list(false))?;
        if let Some(limit) = self.memlock {
            let text =
                |n: Option<u64>| n.map_or("unlimited".into(), |n| format!("{} KiB", n >> 10));
            // Since 5.11 the kernel charges BPF maps to the memory cgroup instead.
            let old = host::kernel_version(&self.kernel).is_some_and(|v| v < (5, 11));
            let matters = if old { "BPF maps must fit" } else { "BPF maps are not counted" };
            let (soft, hard) = (text(limit.soft), text(limit.hard));
            writeln!(f, "memlock     {soft} (up to {hard}); {matters}")?;
        }
        let pages = self.huge_pages;
        write!(f, "huge pages  {} of 2 MiB reserved, {} free", pages.total, pages.free)?;
        if pages.free == 0 {
            // The ring of one queue by default.
            write!(f, "; AF_XDP takes 64 for each queue if there are (sysctl vm.nr_hugepages=64)")?;
        }
        writeln!(f)?;
        for feature in self.features() {
            writeln!(f, "{:<26} {:<48} {}", feature.name, feature.gives, feature.state)?;
        }
        for (kind, state) in &self.programs {
            writeln!(f, "BPF {:<70} {state}", kind.name())?;
        }
        for InterfaceFacts { name, device } in &self.interfaces {
            let features = device.features.map_or("not known".into(), |f| f.to_string());
            write!(
                f,
                "XDP on {name:<19} {} queue{}, {features}",
                device.queues,
                if device.queues == 1 { "" } else { "s" }
            )?;
            for program in &device.programs {
                write!(f, "; has program {} in {} mode", program.program, program.mode)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
