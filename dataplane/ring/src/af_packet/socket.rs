//! The packet socket: every system call of the AF_PACKET source except the map.

use std::io;
use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::FanoutMode;
use super::ring::Shape;
use crate::Error;
use crate::bpf::Insn;

pub(super) struct Socket(OwnedFd);

impl Socket {
    /// A packet socket that receives nothing yet. With `link_header`, frames begin with it;
    /// without, with the IP header, whatever kind of header the interface has.
    pub(super) fn open(link_header: bool) -> Result<Self, Error> {
        let kind = if link_header { libc::SOCK_RAW } else { libc::SOCK_DGRAM };
        let kind = kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: creates a descriptor; the result is checked.
        let fd = unsafe { libc::socket(libc::AF_PACKET, kind, 0) };
        if fd < 0 {
            let source = io::Error::last_os_error();
            return Err(match source.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => Error::NotPermitted,
                _ => Error::Os { call: "socket(AF_PACKET)", source },
            });
        }
        // SAFETY: `fd` was just made and nothing else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub(super) fn use_tpacket_v3(&self) -> Result<(), Error> {
        let version = libc::tpacket_versions::TPACKET_V3 as libc::c_int;
        self.set(libc::SOL_PACKET, libc::PACKET_VERSION, &version, "PACKET_VERSION TPACKET_V3")
    }

    /// Has the kernel say in front of each frame how it is segmented on its way. False where it
    /// would lose frames for it: before 6.2 it drops those whose segmentation it has no word for,
    /// UDP's among them.
    pub(super) fn describe_segments(&self) -> bool {
        let on: libc::c_int = 1;
        kernel_version() >= (6, 2)
            && self.set(libc::SOL_PACKET, libc::PACKET_VNET_HDR, &on, "PACKET_VNET_HDR").is_ok()
    }

    /// Has the kernel make a ring, or with a shape of no blocks free it.
    pub(super) fn request_ring(&self, shape: Shape, timeout_ms: u32) -> Result<(), Error> {
        let word = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let frames_per_block = shape.block_bytes / Shape::FRAME_BYTES;
        let none = shape.blocks == 0;
        let request = libc::tpacket_req3 {
            tp_block_size: word(shape.block_bytes),
            tp_block_nr: word(shape.blocks),
            // Version 3 packs frames; the frame size only has to be consistent.
            tp_frame_size: if none { 0 } else { word(Shape::FRAME_BYTES) },
            tp_frame_nr: word(frames_per_block * shape.blocks),
            tp_retire_blk_tov: if none { 0 } else { timeout_ms },
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request, "PACKET_RX_RING")
    }

    /// Replaces the filter at once for the next frame.
    pub(super) fn attach_filter(&self, insns: &[Insn]) -> Result<(), Error> {
        self.set_program(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, insns, "SO_ATTACH_FILTER")
    }

    /// Gives the fanout group of this socket the program that divides its frames.
    pub(super) fn fanout_program(&self, insns: &[Insn]) -> Result<(), Error> {
        self.set_program(libc::SOL_PACKET, libc::PACKET_FANOUT_DATA, insns, "PACKET_FANOUT_DATA")
    }

    fn set_program(
        &self,
        level: libc::c_int,
        option: libc::c_int,
        insns: &[Insn],
        call: &'static str,
    ) -> Result<(), Error> {
        let mut filter: Vec<libc::sock_filter> = insns
            .iter()
            .map(|i| libc::sock_filter { code: i.code, jt: i.jt, jf: i.jf, k: i.k })
            .collect();
        let program = libc::sock_fprog {
            // A checked program has at most 4096 instructions.
            len: u16::try_from(filter.len()).unwrap_or(u16::MAX),
            filter: filter.as_mut_ptr(),
        };
        self.set(level, option, &program, call)
    }

    /// Begins to receive all protocols of one interface, both directions.
    pub(super) fn bind(&self, index: u32) -> Result<(), Error> {
        // SAFETY: the structure is integers only; zero is valid.
        let mut address: libc::sockaddr_ll = unsafe { MaybeUninit::zeroed().assume_init() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = index as i32;
        // SAFETY: address and length describe one live structure that the kernel only reads.
        let result = unsafe {
            libc::bind(
                self.0.as_raw_fd(),
                (&raw const address).cast(),
                size_of::<libc::sockaddr_ll>() as libc::socklen_t,
            )
        };
        check(result, "bind to the interface")
    }

    /// Still belongs to an interface. When that is removed, the kernel sets the index to -1.
    pub(super) fn is_bound(&self) -> Result<bool, Error> {
        // SAFETY: the structure is integers only; zero is valid.
        let mut address: libc::sockaddr_ll = unsafe { MaybeUninit::zeroed().assume_init() };
        let mut len = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `len` bytes into the live structure.
        let result = unsafe {
            libc::getsockname(self.0.as_raw_fd(), (&raw mut address).cast(), &raw mut len)
        };
        check(result, "getsockname")?;
        Ok(address.sll_ifindex > 0)
    }

    /// Joins a group, or with number 0 makes one that is free; says its number.
    pub(super) fn join_fanout(
        &self,
        group: u16,
        mode: FanoutMode,
        defragment: bool,
    ) -> Result<u16, Error> {
        let kind = match mode {
            FanoutMode::Hash => libc::PACKET_FANOUT_HASH,
            FanoutMode::LoadBalance => libc::PACKET_FANOUT_LB,
            FanoutMode::Cpu => libc::PACKET_FANOUT_CPU,
            FanoutMode::Rollover => libc::PACKET_FANOUT_ROLLOVER,
            FanoutMode::Random => libc::PACKET_FANOUT_RND,
            FanoutMode::Queue => libc::PACKET_FANOUT_QM,
            FanoutMode::Program => libc::PACKET_FANOUT_CBPF,
        };
        let mut flags = if defragment { libc::PACKET_FANOUT_FLAG_DEFRAG } else { 0 };
        if group == 0 {
            flags |= libc::PACKET_FANOUT_FLAG_UNIQUEID;
        }
        let argument = u32::from(group) | (kind | flags) << 16;
        self.set(
            libc::SOL_PACKET,
            libc::PACKET_FANOUT,
            &argument,
            "PACKET_FANOUT (is the group number used by another program, or the interface down?)",
        )?;
        // SAFETY: an integer; any bits are valid.
        let joined: u32 =
            unsafe { self.get(libc::SOL_PACKET, libc::PACKET_FANOUT, "PACKET_FANOUT") }?;
        Ok(joined as u16)
    }

    pub(super) fn promiscuous(&self, index: u32) -> Result<(), Error> {
        let request = libc::packet_mreq {
            mr_ifindex: index as i32,
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        // The kernel undoes it when the socket closes, however the process ends.
        self.set(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request, "promiscuous mode")
    }

    /// Counts since the last call.
    pub(super) fn statistics(&self) -> Result<libc::tpacket_stats_v3, Error> {
        // SAFETY: three integers; any bits are valid.
        unsafe { self.get(libc::SOL_PACKET, libc::PACKET_STATISTICS, "PACKET_STATISTICS") }
    }

    /// The error that waits on the socket, cleared.
    pub(super) fn take_error(&self) -> Result<Option<io::Error>, Error> {
        // SAFETY: an integer; any bits are valid.
        let error: libc::c_int = unsafe { self.get(libc::SOL_SOCKET, libc::SO_ERROR, "SO_ERROR") }?;
        Ok((error != 0).then(|| io::Error::from_raw_os_error(error)))
    }

    fn set<T>(
        &self,
        level: libc::c_int,
        option: libc::c_int,
        value: &T,
        call: &'static str,
    ) -> Result<(), Error> {
        // SAFETY: pointer and size describe `value`, which lives across the call; the kernel only
        // reads it (and what a filter program points to, which its caller keeps alive).
        let result = unsafe {
            libc::setsockopt(
                self.0.as_raw_fd(),
                level,
                option,
                std::ptr::from_ref(value).cast(),
                size_of::<T>() as libc::socklen_t,
            )
        };
        check(result, call)
    }

    /// # Safety
    /// Any bits have to be a valid `T`.
    unsafe fn get<T>(
        &self,
        level: libc::c_int,
        option: libc::c_int,
        call: &'static str,
    ) -> Result<T, Error> {
        let mut value = MaybeUninit::<T>::zeroed();
        let mut len = size_of::<T>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `len` bytes into `value`.
        let result = unsafe {
            libc::getsockopt(
                self.0.as_raw_fd(),
                level,
                option,
                value.as_mut_ptr().cast(),
                &raw mut len,
            )
        };
        check(result, call)?;
        debug_assert!(len as usize <= size_of::<T>());
        // SAFETY: every byte was set, to zero or by the kernel; the caller promises that suffices.
        Ok(unsafe { value.assume_init() })
    }
}

/// Keeps an interface receiving frames to other hosts as well, as long as this lives.
#[cfg(feature = "xdp")]
pub(crate) struct Promiscuous(#[allow(dead_code, reason = "held for what its drop ends")] Socket);

#[cfg(feature = "xdp")]
impl Promiscuous {
    /// Switches it on.
    pub(crate) fn enter(index: u32) -> Result<Self, Error> {
        let socket = Socket::open(true)?;
        socket.promiscuous(index)?;
        Ok(Self(socket))
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Major and minor number of the running kernel, zero when it does not say.
fn kernel_version() -> (u32, u32) {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn check(result: libc::c_int, call: &'static str) -> Result<(), Error> {
    if result == 0 {
        return Ok(());
    }
    let source = io::Error::last_os_error();
    Err(match source.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => Error::NotPermitted,
        _ => Error::Os { call, source },
    })
}
