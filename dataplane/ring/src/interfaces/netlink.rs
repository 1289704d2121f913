//! The rtnetlink sockets of one network namespace: one that asks, one that hears of changes.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, RawFd};

use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};

use super::Info;
use super::message::{self, Reply};
use crate::Error;

/// Kernel answers come in datagrams of at most 32 KiB.
const DATAGRAM: usize = 64 * 1024;
/// How often a list that changed while it was read is read again; after that it is taken as it is,
/// since another change will be heard of.
const TRIES: usize = 5;
/// Addresses that no network has (RFC 5737, RFC 3849): a route to them is the default route.
const NOWHERE: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The interfaces of the namespace in which this was made, from any thread.
pub struct Links {
    ask: Socket,
    events: Socket,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Links {
    /// Interfaces of this thread's namespace.
    ///
    /// # Errors
    /// [`Error::Os`] when the kernel gives no socket.
    pub fn new() -> Result<Self, Error> {
        let failed = |source| Error::Os { call: "socket(AF_NETLINK)", source };
        let ask = Socket::new(NETLINK_ROUTE).map_err(failed)?;
        ask.connect(&SocketAddr::new(0, 0)).map_err(failed)?;
        let mut events = Socket::new(NETLINK_ROUTE).map_err(failed)?;
        let groups = libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR;
        events.bind(&SocketAddr::new(0, groups as u32)).map_err(failed)?;
        events.set_non_blocking(true).map_err(failed)?;
        Ok(Self { ask, events, sequence: 0, buffer: Vec::with_capacity(DATAGRAM) })
    }

    /// All interfaces, by index.
    ///
    /// # Errors
    /// [`Error::Os`] when the kernel does not answer.
    pub fn list(&mut self) -> Result<Vec<Info>, Error> {
        let mut infos = Vec::new();
        for _ in 0..TRIES {
            infos.clear();
            let torn =
                self.answer(libc::RTM_GETLINK, true, &message::link_body(None), |reply| {
                    if let Reply::Link(info) = reply {
                        infos.push(*info);
                    }
                })?;
            infos.sort_by_key(|info| info.index);
            let body = message::address_body();
            let moved = self.answer(libc::RTM_GETADDR, true, &body, |reply| {
                if let Reply::Address(index, ip) = reply
                    && let Ok(at) = infos.binary_search_by_key(&index, |info| info.index)
                {
                    infos[at].addresses.push(ip);
                }
            })?;
            if !torn && !moved {
                break;
            }
        }
        Ok(infos)
    }

    /// The interface of this name, without its addresses.
    ///
    /// # Errors
    /// [`Error::NoInterface`] when there is none.
    pub fn find(&mut self, name: &str) -> Result<Info, Error> {
        let none = || Error::NoInterface(name.to_string());
        if name.is_empty() || name.len() >= libc::IFNAMSIZ || name.contains('\0') {
            return Err(none());
        }
        let mut found = None;
        let body = message::link_body(Some(name));
        let answered = self.answer(libc::RTM_GETLINK, false, &body, |reply| {
            if let Reply::Link(info) = reply {
                found = Some(*info);
            }
        });
        match answered {
            Err(Error::Os { source, .. }) if source.raw_os_error() == Some(libc::ENODEV) => {
                Err(none())
            }
            Err(e) => Err(e),
            // An alternative name answers too, but packets are not captured under it.
            Ok(_) => found.filter(|info| info.name == name).ok_or_else(none),
        }
    }

    /// Indexes of the interfaces that a default route leads out of.
    pub fn default_routes(&mut self) -> Vec<u32> {
        let mut all = Vec::new();
        for to in NOWHERE {
            // "Network is unreachable" is the answer where there is no default route.
            let _ = self.answer(libc::RTM_GETROUTE, false, &message::route_body(to), |reply| {
                if let Reply::Route(index) = reply
                    && !all.contains(&index)
                {
                    all.push(index);
                }
            });
        }
        all
    }

    /// Did interfaces or their addresses change since this was last asked?
    pub fn changed(&mut self) -> bool {
        let mut changed = false;
        loop {
            self.buffer.clear();
            match self.events.recv(&mut self.buffer, 0) {
                Ok(_) => changed = true,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return changed,
                // More happened than the socket could hold.
                Err(_) => return true,
            }
        }
    }

    /// Sends a request and reads its whole answer. True when what was listed changed meanwhile.
    fn answer(
        &mut self,
        kind: u16,
        dump: bool,
        body: &[u8],
        mut each: impl FnMut(Reply),
    ) -> Result<bool, Error> {
        self.sequence = self.sequence.wrapping_add(1);
        let request = message::request(kind, dump, self.sequence, body);
        self.ask
            .send(&request, 0)
            .map_err(|source| Error::Os { call: "send to rtnetlink", source })?;
        let mut torn = false;
        loop {
            self.buffer.clear();
            match self.ask.recv(&mut self.buffer, 0) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(Error::Os { call: "receive from rtnetlink", source }),
            }
            let (replies, changed) = message::replies(&self.buffer, self.sequence);
            torn |= changed;
            for reply in replies {
                match reply {
                    Reply::Done | Reply::Refused(0) => return Ok(torn),
                    Reply::Refused(errno) => {
                        let source = io::Error::from_raw_os_error(errno);
                        return Err(Error::Os { call: "rtnetlink", source });
                    }
                    reply => {
                        each(reply);
                        if !dump {
                            return Ok(torn);
                        }
                    }
                }
            }
        }
    }
}

impl AsRawFd for Links {
    /// Readable when something changed.
    fn as_raw_fd(&self) -> RawFd {
        self.events.as_raw_fd()
    }
}
