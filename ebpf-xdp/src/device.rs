//! What the kernel says about one network interface that matters for capture below the stack:
//! queues, XDP programs on it, XDP features of its driver, and its own counters. Everything is
//! asked in the calling thread's network namespace.

use crate::netlink::{Netlink, attribute, find, long, word};
use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// How an XDP program is, or is to be, attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XdpMode {
    /// In the driver, on its own buffers. Also called native.
    Driver,
    /// In the network stack, on whatever interface; slower. Also called SKB mode.
    Generic,
    /// In the network card itself.
    Hardware,
}

impl fmt::Display for XdpMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Driver => "driver",
            Self::Generic => "generic",
            Self::Hardware => "hardware",
        })
    }
}

/// What a driver can do with XDP (`enum netdev_xdp_act` of `linux/netdev.h`, Linux 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XdpFeatures(u64);

impl XdpFeatures {
    /// XDP programs in driver mode.
    pub fn driver(self) -> bool {
        self.0 & 1 != 0
    }

    /// Redirecting frames out of the interface.
    pub fn redirect(self) -> bool {
        self.0 & 2 != 0
    }

    /// Being the target of frames redirected from another interface.
    pub fn redirect_target(self) -> bool {
        self.0 & 4 != 0
    }

    /// AF_XDP without copying.
    pub fn zero_copy(self) -> bool {
        self.0 & 8 != 0
    }

    /// Frames in several buffers: jumbo frames in driver mode.
    pub fn parts(self) -> bool {
        self.0 & 32 != 0
    }
}

impl fmt::Display for XdpFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.driver() {
            return f.write_str("generic only");
        }
        f.write_str("driver")?;
        let more = [
            (self.zero_copy(), ", zero-copy"),
            (self.parts(), ", multi-buffer"),
            (self.redirect_target(), ", redirect target"),
        ];
        more.iter().filter(|(has, _)| *has).try_for_each(|(_, name)| f.write_str(name))
    }
}

/// Frames and losses as the device itself counts them (`struct rtnl_link_stats64`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceCounters {
    /// Frames that came in.
    pub rx_packets: u64,
    /// Frames that went out.
    pub tx_packets: u64,
    /// Frames that came in and were dropped by the device or the stack for want of room.
    pub rx_dropped: u64,
    /// Frames that were to go out and were dropped.
    pub tx_dropped: u64,
    /// Frames lost because the card's own memory overflowed.
    pub rx_missed: u64,
}

/// An XDP program that is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachedXdp {
    /// Where it runs.
    pub mode: XdpMode,
    /// Its id, as `bpftool prog` shows it.
    pub program: u32,
}

/// The facts about one interface.
#[derive(Clone, Debug)]
pub struct Device {
    /// Kernel index.
    pub index: u32,
    /// Queues that frames come in by.
    pub queues: u32,
    /// XDP programs on it.
    pub programs: Vec<AttachedXdp>,
    /// What its driver can do, when the kernel tells (since Linux 6.3).
    pub features: Option<XdpFeatures>,
    /// Its counters.
    pub counters: DeviceCounters,
    /// The card takes VLAN tags out of frames, where no XDP program sees them.
    pub strips_vlan: bool,
}

impl Device {
    /// Asks about the interface with this kernel index.
    ///
    /// # Errors
    /// ENODEV when there is none; whatever else the kernel answers.
    pub fn ask(index: u32) -> io::Result<Self> {
        let route = Netlink::open(libc::NETLINK_ROUTE)?;
        let link = route.ask(libc::RTM_GETLINK, &link_question(index))?;
        let attributes = link.get(LINK_HEADER..).unwrap_or_default();
        let name = find(attributes, libc::IFLA_IFNAME).unwrap_or_default();
        let ethtool = Ethtool::open(name)?;
        // `veth` and others have queues beyond those in use.
        let queues = ethtool
            .channels()
            .or_else(|| find(attributes, libc::IFLA_NUM_RX_QUEUES).and_then(|v| word(v, 0)))
            .unwrap_or(1);
        Ok(Self {
            index,
            queues: queues.max(1),
            programs: programs(find(attributes, libc::IFLA_XDP).unwrap_or_default()),
            features: features(index).ok(),
            counters: counters(find(attributes, libc::IFLA_STATS64).unwrap_or_default()),
            strips_vlan: ethtool.strips_vlan(),
        })
    }
}

/// Index and name of every interface of this network namespace.
///
/// # Errors
/// When the kernel does not list them.
pub fn names() -> io::Result<Vec<(u32, String)>> {
    // SAFETY: takes nothing; the result is checked, and freed below.
    let list = unsafe { libc::if_nameindex() };
    if list.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut all = Vec::new();
    for at in 0.. {
        // SAFETY: entries follow each other up to one whose index is 0, where the loop ends; each
        // before that has a zero-terminated name.
        unsafe {
            let entry = &*list.add(at);
            if entry.if_index == 0 || entry.if_name.is_null() {
                break;
            }
            let name = std::ffi::CStr::from_ptr(entry.if_name).to_string_lossy().into_owned();
            all.push((entry.if_index, name));
        }
    }
    // SAFETY: the list just made, freed once; names were copied.
    unsafe { libc::if_freenameindex(list) };
    Ok(all)
}

/// Asks for one interface's counters again and again, from any thread: it stays in the network
/// namespace in which it was made.
pub struct DeviceWatch {
    route: Netlink,
    index: u32,
}

impl DeviceWatch {
    /// Of the interface with this kernel index.
    ///
    /// # Errors
    /// When the kernel gives no socket.
    pub fn new(index: u32) -> io::Result<Self> {
        Ok(Self { route: Netlink::open(libc::NETLINK_ROUTE)?, index })
    }

    /// Its counters now.
    ///
    /// # Errors
    /// ENODEV when it is gone.
    pub fn counters(&self) -> io::Result<DeviceCounters> {
        let link = self.route.ask(libc::RTM_GETLINK, &link_question(self.index))?;
        let attributes = link.get(LINK_HEADER..).unwrap_or_default();
        Ok(counters(find(attributes, libc::IFLA_STATS64).unwrap_or_default()))
    }
}

/// `struct ifinfomsg`.
const LINK_HEADER: usize = 16;

fn link_question(index: u32) -> [u8; LINK_HEADER] {
    let mut question = [0; LINK_HEADER];
    question[4..8].copy_from_slice(&index.to_ne_bytes());
    question
}

fn programs(xdp: &[u8]) -> Vec<AttachedXdp> {
    // IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID.
    let places = [(5, XdpMode::Driver), (6, XdpMode::Generic), (7, XdpMode::Hardware)];
    places
        .iter()
        .filter_map(|(kind, mode)| {
            let program = find(xdp, *kind).and_then(|v| word(v, 0))?;
            Some(AttachedXdp { mode: *mode, program })
        })
        .collect()
}

fn counters(stats: &[u8]) -> DeviceCounters {
    let at = |n: usize| long(stats, 8 * n).unwrap_or(0);
    DeviceCounters {
        rx_packets: at(0),
        tx_packets: at(1),
        rx_dropped: at(6),
        tx_dropped: at(7),
        rx_missed: at(14),
    }
}

/// Asks the `netdev` family of generic netlink.
fn features(index: u32) -> io::Result<XdpFeatures> {
    const GENERIC_HEADER: usize = 4;
    const CONTROL: u16 = 0x10;
    const GET_FAMILY: u8 = 3;
    const FAMILY_ID: u16 = 1;
    const FAMILY_NAME: u16 = 2;
    const GET_DEVICE: u8 = 1;
    const DEVICE_INDEX: u16 = 1;
    const DEVICE_XDP_FEATURES: u16 = 3;
    let ask = |socket: &Netlink, family: u16, command: u8, body: Vec<u8>| {
        let mut question = vec![command, 1, 0, 0];
        question.extend(body);
        let mut answer = socket.ask(family, &question)?;
        answer.drain(..GENERIC_HEADER.min(answer.len()));
        io::Result::Ok(answer)
    };
    let unknown = || io::Error::from(io::ErrorKind::Unsupported);
    let socket = Netlink::open(libc::NETLINK_GENERIC)?;
    let answer = ask(&socket, CONTROL, GET_FAMILY, attribute(FAMILY_NAME, b"netdev\0"))?;
    let family = find(&answer, FAMILY_ID).and_then(|v| v.first_chunk()).ok_or_else(unknown)?;
    let family = u16::from_ne_bytes(*family);
    let about = attribute(DEVICE_INDEX, &index.to_ne_bytes());
    let answer = ask(&socket, family, GET_DEVICE, about)?;
    let bits = find(&answer, DEVICE_XDP_FEATURES).and_then(|v| long(v, 0)).ok_or_else(unknown)?;
    Ok(XdpFeatures(bits))
}

/// The ioctl that drivers are configured by (`linux/ethtool.h`).
struct Ethtool {
    socket: OwnedFd,
    name: [libc::c_char; libc::IFNAMSIZ],
}

impl Ethtool {
    const REQUEST: libc::Ioctl = 0x8946;
    const GET_FLAGS: u32 = 0x25;
    const GET_CHANNELS: u32 = 0x3c;
    const RX_VLAN: u32 = 1 << 8;

    fn open(zero_terminated: &[u8]) -> io::Result<Self> {
        let mut name = [0; libc::IFNAMSIZ];
        let bytes = zero_terminated.iter().take_while(|b| **b != 0).take(libc::IFNAMSIZ - 1);
        for (to, from) in name.iter_mut().zip(bytes) {
            *to = *from as libc::c_char;
        }
        // SAFETY: creates a descriptor; the result is checked.
        let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just made and nothing else owns it.
        Ok(Self { socket: unsafe { OwnedFd::from_raw_fd(fd) }, name })
    }

    /// Sends a command with its structure, whose first word is the command.
    fn ask<const N: usize>(&self, command: u32) -> Option<[u32; N]> {
        let mut about = [0; N];
        *about.first_mut()? = command;
        // SAFETY: every member is an integer or a pointer, for which zero is valid.
        let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
        request.ifr_name = self.name;
        request.ifr_ifru.ifru_data = about.as_mut_ptr().cast();
        // SAFETY: the kernel reads and writes the structure of the command, which is at most as
        // long as `about` for the two commands used here, and keeps no pointer.
        let result =
            unsafe { libc::ioctl(self.socket.as_raw_fd(), Self::REQUEST, &raw mut request) };
        (result == 0).then_some(about)
    }

    /// Queues in use, or `None` where the driver does not say.
    fn channels(&self) -> Option<u32> {
        // struct ethtool_channels: command, four maxima, then rx, tx, other, combined.
        let [_, _, _, _, _, rx, _, _, combined] = self.ask::<9>(Self::GET_CHANNELS)?;
        (rx + combined > 0).then_some(rx + combined)
    }

    fn strips_vlan(&self) -> bool {
        self.ask::<2>(Self::GET_FLAGS).is_some_and(|[_, flags]| flags & Self::RX_VLAN != 0)
    }
}
