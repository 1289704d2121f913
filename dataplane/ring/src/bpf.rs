//! Classic BPF programs: what decides, before a frame reaches the ring, whether it is captured.
//!
//! The kernel runs them on AF_PACKET sockets (`SO_ATTACH_FILTER`); [`Program::run`] is the same
//! machine in user space, for sources without a kernel filter and for tests. [`exclude_ports`]
//! writes the one program the agent needs for itself: not to observe its own connections.
//! [`Steering`] divides packets among the sockets of a fanout group.

use crate::{LinkType, limits};

mod assemble;
mod run;
mod steer;

pub use run::Meta;
pub use steer::Steering;

/// One instruction, laid out as the kernel's `struct sock_filter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Operation.
    pub code: u16,
    /// Instructions to skip when a test holds.
    pub jt: u8,
    /// Instructions to skip when it does not.
    pub jf: u8,
    /// Operand.
    pub k: u32,
}

/// A program that was checked: it ends, it only jumps forward and inside itself, and it has no
/// instruction that [`Program::run`] or the kernel would not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(Vec<Insn>);

/// Why a program was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BpfError {
    /// No instruction, or more than the kernel takes.
    #[error("a BPF program has 1 to {max} instructions, not {0}", max = limits::BPF_INSNS_MAX)]
    Length(usize),
    /// An operation that does not exist.
    #[error("BPF instruction {0} has an unknown operation")]
    Operation(usize),
    /// A jump out of the program, or a memory slot or constant that cannot be.
    #[error("BPF instruction {0} has an operand out of range")]
    Operand(usize),
    /// The program can run off its end.
    #[error("a BPF program ends with a return")]
    NoReturn,
    /// Too many ports for one program.
    #[error("at most {max} ports can be excluded, not {0}", max = limits::EXCLUDE_PORTS_MAX)]
    Ports(usize),
}

impl Program {
    /// Checks a program.
    ///
    /// # Errors
    /// Whatever the kernel would refuse, and ancillary loads other than those in [`Meta`].
    pub fn new(insns: Vec<Insn>) -> Result<Self, BpfError> {
        run::check(&insns)?;
        Ok(Self(insns))
    }

    /// Takes every frame, cut to `snaplen` bytes.
    pub fn accept(snaplen: u32) -> Self {
        Self(vec![Insn { code: assemble::RET_K, jt: 0, jf: 0, k: snaplen }])
    }

    /// Its instructions.
    pub fn insns(&self) -> &[Insn] {
        &self.0
    }

    /// How many bytes of `frame` to capture; 0 for none of it. Reading outside of the frame ends
    /// the program with 0, as in the kernel.
    pub fn run(&self, frame: &[u8], meta: &Meta) -> u32 {
        run::run(&self.0, frame, meta)
    }
}

/// The program for one socket: leaves out TCP and UDP frames from or to `ports` (IPv4 and IPv6
/// without extension headers, untagged or behind one VLAN tag), and on a loopback interface the
/// outgoing copy of each packet, which comes again as the incoming one. All other frames go on to
/// `then`.
///
/// A frame too short for a test is never left out: whether it is broken is for the decoder to
/// count.
///
/// # Errors
/// [`BpfError::Ports`] for more than [`limits::EXCLUDE_PORTS_MAX`] ports; [`BpfError::Length`]
/// when `then` leaves no room.
pub fn exclude_ports(
    link: LinkType,
    loopback: bool,
    ports: &[u16],
    then: &Program,
) -> Result<Program, BpfError> {
    if ports.len() > limits::EXCLUDE_PORTS_MAX {
        return Err(BpfError::Ports(ports.len()));
    }
    Program::new(assemble::exclude_ports(link, loopback, ports, &then.0))
}
