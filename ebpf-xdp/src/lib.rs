//! The kernel's side of capture. Today: what this kernel, machine and process can do, found out by
//! trying it ([`Capabilities::probe`]). The agent picks its capture method from the answers and
//! `fathom doctor` prints them with a remedy beside each "no". The BPF programs themselves, their
//! loader and their event layouts join this crate with the probes.
//!
//! Nothing here changes the machine: every probe program is loaded and closed again, none is
//! attached, and no limit is raised.

mod btf;
mod capabilities;
mod host;
mod programs;
mod sockets;

pub use btf::{Btf, BtfError};
pub use capabilities::{Capabilities, Feature, State};
pub use host::{Capability, HugePages, Memlock, Privileges};
pub use programs::{ProgramKind, load_probe};
