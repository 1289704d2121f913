//! The kernel's side of capture: the programs that run in it (`bpf/`) and their loader, and what
//! this kernel, machine and process can do, found out by trying it ([`Capabilities::probe`]). The
//! agent picks its capture method from the answers and `fathom doctor` prints them with a remedy
//! beside each "no".
//!
//! Probing changes nothing: every probe program is loaded and closed again, none is attached, and
//! no limit is raised. Programs that are attached go with the process, however it ends.

mod afxdp;
#[cfg(feature = "programs")]
pub mod blast;
mod btf;
mod capabilities;
mod counts;
pub mod device;
mod host;
mod netlink;
#[cfg(feature = "programs")]
mod pin;
mod programs;
mod sockets;
#[cfg(feature = "programs")]
pub mod xdp;

pub use btf::{Btf, BtfError};
pub use capabilities::{Capabilities, Feature, InterfaceFacts, State};
pub use counts::XdpCounts;
pub use host::{Capability, HugePages, Memlock, Privileges};
pub use programs::{ProgramKind, load_probe};
