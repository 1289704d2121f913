//! The network interfaces of this network namespace: what there is to capture from, before any
//! ring is opened. Which of them to take is the caller's choice.
//!
//! Everything is asked by system calls that follow the calling thread's namespace; /sys/class/net
//! shows whatever namespace was current when it was mounted.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::{Error, LinkType};

/// ARPHRD_RAWIP, which the libc crate lacks.
const ARPHRD_RAWIP: u16 = 519;
/// ARPHRD_IP6GRE, likewise.
const ARPHRD_IP6GRE: u16 = 823;

/// One interface.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// All interfaces, by index.
///
/// # Errors
/// [`Error::Os`] when the kernel does not answer.
pub fn list() -> Result<Vec<Info>, Error> {
    let probe = Probe::new()?;
    let mut infos = Vec::new();
    for name in Names::new()? {
        match probe.info(&name) {
            Ok(info) => infos.push(info),
            // It vanished since the names were read.
            Err(Error::NoInterface(_)) => {}
            Err(e) => return Err(e),
        }
    }
    infos.sort_by_key(|info| info.index);
    Ok(infos)
}

/// The interface of this name.
///
/// # Errors
/// [`Error::NoInterface`] when there is none.
pub fn find(name: &str) -> Result<Info, Error> {
    Probe::new()?.info(name)
}

/// A socket to ask about interfaces with.
struct Probe(OwnedFd);

impl Probe {
    fn new() -> Result<Self, Error> {
        // SAFETY: creates a descriptor; the result is checked.
        let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(Error::Os { call: "socket", source: io::Error::last_os_error() });
        }
        // SAFETY: `fd` was just made and nothing else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    fn info(&self, name: &str) -> Result<Info, Error> {
        let index = self.ask(name, libc::SIOCGIFINDEX, "SIOCGIFINDEX")?;
        let address = self.ask(name, libc::SIOCGIFHWADDR, "SIOCGIFHWADDR")?;
        let flags = self.ask(name, libc::SIOCGIFFLAGS, "SIOCGIFFLAGS")?;
        let mtu = self.ask(name, libc::SIOCGIFMTU, "SIOCGIFMTU")?;
        // SAFETY: the kernel filled the union member that each request is documented to fill;
        // all of them are plain integers, valid for any bits.
        let (index, address, flags, mtu) = unsafe {
            (
                index.ifr_ifru.ifru_ifindex,
                address.ifr_ifru.ifru_hwaddr,
                libc::c_int::from(flags.ifr_ifru.ifru_flags),
                mtu.ifr_ifru.ifru_mtu,
            )
        };
        debug_assert!(index > 0 && mtu >= 0);
        let mut mac = [0; 6];
        for (to, from) in mac.iter_mut().zip(address.sa_data) {
            *to = from as u8;
        }
        let hardware = address.sa_family;
        if !matches!(hardware, libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK) {
            // Tunnels put their local IP address here.
            mac = [0; 6];
        }
        Ok(Info {
            name: name.to_string(),
            index: index.unsigned_abs(),
            mac,
            up: flags & libc::IFF_UP != 0,
            running: flags & libc::IFF_RUNNING != 0,
            loopback: flags & libc::IFF_LOOPBACK != 0,
            mtu: mtu.unsigned_abs(),
            hardware,
        })
    }

    fn ask(
        &self,
        name: &str,
        request: libc::Ioctl,
        call: &'static str,
    ) -> Result<libc::ifreq, Error> {
        let mut ifreq = request_for(name)?;
        // SAFETY: these requests read the name in and write one member of the union out, both
        // inside the structure, which lives across the call.
        if unsafe { libc::ioctl(self.0.as_raw_fd(), request, &raw mut ifreq) } == 0 {
            return Ok(ifreq);
        }
        let source = io::Error::last_os_error();
        match source.raw_os_error() {
            Some(libc::ENODEV | libc::ENXIO) => Err(Error::NoInterface(name.to_string())),
            _ => Err(Error::Os { call, source }),
        }
    }
}

/// A request naming an interface.
fn request_for(name: &str) -> Result<libc::ifreq, Error> {
    // SAFETY: all members of `ifreq` are integers, arrays of them, or pointers: zero is valid.
    let mut ifreq: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    let bytes = name.as_bytes();
    // One byte has to stay zero; the kernel reads up to the first zero.
    if bytes.is_empty() || bytes.len() >= ifreq.ifr_name.len() || bytes.contains(&0) {
        return Err(Error::NoInterface(name.to_string()));
    }
    for (to, from) in ifreq.ifr_name.iter_mut().zip(bytes) {
        *to = *from as libc::c_char;
    }
    Ok(ifreq)
}

/// The names that getifaddrs lists, each once.
struct Names {
    first: *mut libc::ifaddrs,
    next: *mut libc::ifaddrs,
}

impl Names {
    fn new() -> Result<Self, Error> {
        let mut first = std::ptr::null_mut();
        // SAFETY: writes the head of a list that `drop` frees.
        if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
            return Err(Error::Os { call: "getifaddrs", source: io::Error::last_os_error() });
        }
        Ok(Self { first, next: first })
    }
}

impl Iterator for Names {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        while !self.next.is_null() {
            debug_assert!(self.next.is_aligned());
            // SAFETY: a non-null entry of the list, which lives until `drop`.
            let entry = unsafe { &*self.next };
            self.next = entry.ifa_next;
            if entry.ifa_addr.is_null() || entry.ifa_name.is_null() {
                continue;
            }
            // SAFETY: both pointers were checked and belong to the entry; the name is
            // zero-terminated.
            let (family, name) =
                unsafe { ((*entry.ifa_addr).sa_family, CStr::from_ptr(entry.ifa_name)) };
            // Every interface has exactly one address of this family.
            if libc::c_int::from(family) == libc::AF_PACKET {
                return Some(name.to_string_lossy().into_owned());
            }
        }
        None
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        // SAFETY: the list that `new` got, freed once; no name borrows from it.
        unsafe { libc::freeifaddrs(self.first) };
    }
}
