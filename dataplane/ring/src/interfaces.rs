//! The network interfaces of a network namespace: what there is to capture from, before any ring is
//! opened. Which of them to take is the caller's choice.
//!
//! [`Links`] asks and listens through rtnetlink, which follows the namespace of the thread that
//! makes it for as long as it lives; /sys/class/net shows whatever namespace was current when it
//! was mounted.

use std::net::IpAddr;
use std::os::fd::RawFd;
use std::time::Duration;

use crate::{Error, LinkType};

mod message;
mod netlink;

pub use netlink::Links;

/// ARPHRD_RAWIP, which the libc crate lacks.
const ARPHRD_RAWIP: u16 = 519;
/// ARPHRD_IP6GRE, likewise.
const ARPHRD_IP6GRE: u16 = 823;

/// One interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Name.
    pub name: String,
    /// Kernel index, above 0.
    pub index: u32,
    /// Hardware address; zero where there is none of six bytes.
    pub mac: [u8; 6],
    /// Administratively up.
    pub up: bool,
    /// Able to pass packets now.
    pub running: bool,
    /// The loopback interface.
    pub loopback: bool,
    /// Largest packet without the link header, bytes.
    pub mtu: u32,
    /// Hardware type (ARPHRD_ of `linux/if_arp.h`).
    pub hardware: u16,
    /// What kind of virtual interface it is (`veth`, `bond`, `bridge`, `vlan`, ...); empty for
    /// hardware.
    pub kind: String,
    /// As a port of which kind of interface it serves (`bond`, `bridge`, ...); empty for none.
    pub port_of: String,
    /// Index of that interface, 0 for none.
    pub master: u32,
    /// Index of the interface this one stands on (VLAN) or is wired to (veth), 0 for none. In
    /// another namespace when [`Info::link_elsewhere`] says so.
    pub link: u32,
    /// `link` counts in another namespace.
    pub link_elsewhere: bool,
    /// Receive queues.
    pub queues: u32,
    /// Addresses of this host on it.
    pub addresses: Vec<IpAddr>,
}

impl Info {
    /// Link type of captured frames, or `None` when the hardware type cannot be decoded.
    pub fn link(&self) -> Option<LinkType> {
        Some(match self.hardware {
            libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => LinkType::Ethernet,
            libc::ARPHRD_PPP
            | libc::ARPHRD_NONE
            | ARPHRD_RAWIP
            | libc::ARPHRD_TUNNEL
            | libc::ARPHRD_TUNNEL6
            | libc::ARPHRD_SIT
            | libc::ARPHRD_IPGRE
            | ARPHRD_IP6GRE => LinkType::RawIp,
            _ => return None,
        })
    }

    /// An address that this host talks to others with: not one that every interface gives itself.
    pub fn own_address(&self) -> Option<IpAddr> {
        let given = |a: &&IpAddr| match a {
            IpAddr::V4(a) => !a.is_link_local(),
            IpAddr::V6(a) => !a.is_unicast_link_local(),
        };
        self.addresses.iter().find(given).copied()
    }
}

/// All interfaces of this thread's namespace, by index.
///
/// # Errors
/// [`Error::Os`] when the kernel does not answer.
pub fn list() -> Result<Vec<Info>, Error> {
    Links::new()?.list()
}

/// The interface of this name in this thread's namespace, without its addresses.
///
/// # Errors
/// [`Error::NoInterface`] when there is none.
pub fn find(name: &str) -> Result<Info, Error> {
    Links::new()?.find(name)
}

/// Waits until one of `fds` is readable, at most for `max`; says whether one is.
pub fn wait(fds: &[RawFd], max: Duration) -> bool {
    let mut set: Vec<libc::pollfd> =
        fds.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLIN, revents: 0 }).collect();
    let millis = i32::try_from(max.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: pointer and length describe the live vector.
    let n = unsafe { libc::poll(set.as_mut_ptr(), set.len() as libc::nfds_t, millis) };
    n > 0
}
