//! What the files under `/proc` and `/sys` say about this kernel and this process.

use std::fs;

/// One Linux capability that Fathom can make use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Packet sockets.
    NetRaw,
    /// Attaching XDP and tc programs, promiscuous mode.
    NetAdmin,
    /// Loading BPF programs (since Linux 5.8).
    Bpf,
    /// Tracing programs and perf events (since Linux 5.8).
    Perfmon,
    /// Locking memory beyond RLIMIT_MEMLOCK.
    IpcLock,
    /// Reading other users' processes.
    SysPtrace,
    /// Raising resource limits.
    SysResource,
    /// Everything on kernels before 5.8.
    SysAdmin,
}

impl Capability {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Capability; 8] = [
        Capability::NetRaw,
        Capability::NetAdmin,
        Capability::Bpf,
        Capability::Perfmon,
        Capability::IpcLock,
        Capability::SysPtrace,
        Capability::SysResource,
        Capability::SysAdmin,
    ];

    /// As in capabilities(7).
    pub fn name(self) -> &'static str {
        match self {
            Capability::NetRaw => "CAP_NET_RAW",
            Capability::NetAdmin => "CAP_NET_ADMIN",
            Capability::Bpf => "CAP_BPF",
            Capability::Perfmon => "CAP_PERFMON",
            Capability::IpcLock => "CAP_IPC_LOCK",
            Capability::SysPtrace => "CAP_SYS_PTRACE",
            Capability::SysResource => "CAP_SYS_RESOURCE",
            Capability::SysAdmin => "CAP_SYS_ADMIN",
        }
    }

    fn bit(self) -> u32 {
        match self {
            Capability::NetAdmin => 12,
            Capability::NetRaw => 13,
            Capability::IpcLock => 14,
            Capability::SysPtrace => 19,
            Capability::SysAdmin => 21,
            Capability::SysResource => 24,
            Capability::Perfmon => 38,
            Capability::Bpf => 39,
        }
    }
}

/// The capabilities a process holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privileges(pub u64);

impl Privileges {
    /// Those of this process that are in effect.
    pub fn of_this_process() -> Self {
        Self::parse(&fs::read_to_string("/proc/self/status").unwrap_or_default())
            .unwrap_or_default()
    }

    /// The `CapEff` line of a `/proc/PID/status` text.
    pub fn parse(status: &str) -> Option<Self> {
        let hex = status.lines().find_map(|l| l.strip_prefix("CapEff:"))?.trim();
        u64::from_str_radix(hex, 16).ok().map(Privileges)
    }

    /// Whether `capability` is among them.
    pub fn has(self, capability: Capability) -> bool {
        self.0 >> capability.bit() & 1 == 1
    }
}

/// RLIMIT_MEMLOCK in bytes; `None` is unlimited. Only kernels before 5.11 charge BPF maps to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memlock {
    /// In force now.
    pub soft: Option<u64>,
    /// Up to where the process may raise it.
    pub hard: Option<u64>,
}

impl Memlock {
    pub(crate) fn of_this_process() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/limits").ok()?)
    }

    pub(crate) fn parse(limits: &str) -> Option<Self> {
        let line = limits.lines().find_map(|l| l.strip_prefix("Max locked memory"))?;
        let mut words = line.split_whitespace();
        let mut next = || -> Option<Option<u64>> {
            match words.next()? {
                "unlimited" => Some(None),
                n => n.parse().ok().map(Some),
            }
        };
        Some(Self { soft: next()?, hard: next()? })
    }
}

/// 2 MiB pages set aside by the administrator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HugePages {
    /// Reserved.
    pub total: u64,
    /// Not in use.
    pub free: u64,
}

impl HugePages {
    pub(crate) fn of_host() -> Self {
        let read = |name: &str| -> u64 {
            let path = format!("/sys/kernel/mm/hugepages/hugepages-2048kB/{name}");
            fs::read_to_string(path).ok().and_then(|s| s.trim().parse().ok()).unwrap_or(0)
        };
        Self { total: read("nr_hugepages"), free: read("free_hugepages") }
    }
}

/// `6.18.44`, as uname(1) prints it.
pub(crate) fn kernel_release() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let text = text.trim();
    if text.is_empty() { "unknown".into() } else { text.into() }
}

/// Major and minor version of a release text.
pub(crate) fn kernel_version(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The lockdown level in force (`none`, `integrity`, `confidentiality`), or `None` when the kernel
/// has no lockdown or its state cannot be read.
pub(crate) fn lockdown() -> Option<String> {
    chosen(&fs::read_to_string("/sys/kernel/security/lockdown").ok()?)
}

/// The bracketed word of a line of choices.
fn chosen(line: &str) -> Option<String> {
    line.split_whitespace().find_map(|w| Some(w.strip_prefix('[')?.strip_suffix(']')?.to_string()))
}

/// Where tracepoints can be looked up, when that is mounted and readable.
pub(crate) fn tracefs() -> Option<&'static str> {
    ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]
        .into_iter()
        .find(|dir| fs::read_dir(format!("{dir}/events")).is_ok_and(|mut d| d.next().is_some()))
}

/// Whether the kernel has this source of perf events (`uprobe`, `kprobe`).
pub(crate) fn event_source(name: &str) -> bool {
    fs::metadata(format!("/sys/bus/event_source/devices/{name}/type")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_other_machines_are_read() {
        let p = Privileges::parse("Name:\tx\nCapEff:\t0000008000002000\n").unwrap();
        assert!(p.has(Capability::NetRaw) && p.has(Capability::Bpf));
        assert!(!p.has(Capability::NetAdmin) && !p.has(Capability::SysAdmin));
        assert_eq!(Privileges::parse("Name:\tx\n"), None);

        let limits = "Max processes             1  2  processes\n\
            Max locked memory         8388608              unlimited            bytes\n";
        assert_eq!(Memlock::parse(limits), Some(Memlock { soft: Some(8 << 20), hard: None }));
        assert_eq!(Memlock::parse("Max locked memory"), None);

        assert_eq!(kernel_version("6.18.44-cloud"), Some((6, 18)));
        assert_eq!(kernel_version("5.4"), Some((5, 4)));
        assert_eq!(kernel_version("unknown"), None);
        assert_eq!(chosen("none [integrity] confidentiality\n").as_deref(), Some("integrity"));
        assert_eq!(chosen("none integrity"), None);
    }
}
