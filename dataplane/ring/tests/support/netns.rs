//! A network namespace for one test: a thread of its own leaves the machine's network, makes a
//! pair of connected interfaces, and takes all of it away when it ends.

#![allow(dead_code, reason = "each test crate uses its part")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::Command;
use std::time::{Duration, Instant};

use fathom_ring::af_packet::{self, AfPacket, Config};
use fathom_ring::{Error, LinkType, Source, interfaces};

use crate::packets::Packet;

/// Long enough for any machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Destination port of frames that mean "everything before me was sent".
pub(crate) const MARKER: u16 = 65_000;

/// Runs `test` in a namespace with the interfaces `v0` and `v1`, which are two ends of one wire.
/// Says so and returns where this process may not make one.
pub(crate) fn with_wire(test: impl FnOnce() + Send + 'static) {
    with_wire_of(1, 3000, test);
}

/// The same, with so many queues at each end and this MTU at `v1`.
pub(crate) fn with_wire_of(queues: u32, mtu: u32, test: impl FnOnce() + Send + 'static) {
    let body = move || {
        // SAFETY: no memory is involved; only this thread changes its namespace.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
            eprintln!("SKIPPED: no network namespace: {}", io::Error::last_os_error());
            return;
        }
        let q = format!("numrxqueues {queues} numtxqueues {queues}");
        let made = ip(&format!("link add v0 {q} type veth peer name v1 {q}"))
            && ip("link set v0 address 02:00:00:00:00:01")
            && ip(&format!("link set v1 address 02:00:00:00:00:02 mtu {mtu}"));
        if !made {
            eprintln!("SKIPPED: no virtual Ethernet pair can be made here");
            return;
        }
        for name in ["v0", "v1"] {
            // No packets but the test's own.
            assert!(ip(&format!("link set {name} addrgenmode none arp off up")));
        }
        test();
    };
    if let Err(panic) = std::thread::spawn(body).join() {
        std::panic::resume_unwind(panic);
    }
}

/// Runs `ip` with these words in this thread's namespace.
pub(crate) fn ip(words: &str) -> bool {
    match Command::new("ip").args(words.split(' ')).output() {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            eprintln!("ip {words}: {}", String::from_utf8_lossy(&output.stderr).trim());
            false
        }
        Err(e) => {
            eprintln!("ip {words}: {e}");
            false
        }
    }
}

pub(crate) fn config(interface: &str) -> Config {
    Config {
        interface: interface.into(),
        ring_bytes: 32 << 20,
        block_timeout: Duration::from_millis(10),
        ..Config::default()
    }
}

pub(crate) fn open(config: &Config) -> AfPacket {
    af_packet::open(config).expect("the interface was just made")
}

/// Sends frames as they are out of one interface.
pub(crate) struct Sender(OwnedFd);

impl Sender {
    pub(crate) fn new(interface: &str) -> Self {
        let index = interfaces::find(interface).expect("it exists").index;
        // SAFETY: creates a descriptor, checked below; then nothing else owns it.
        let fd = unsafe {
            let fd = libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0);
            assert!(fd >= 0, "{}", io::Error::last_os_error());
            OwnedFd::from_raw_fd(fd)
        };
        // SAFETY: an integer structure, for which zero is valid; the kernel reads it during the
        // call.
        let result = unsafe {
            let mut address: libc::sockaddr_ll = std::mem::zeroed();
            address.sll_family = libc::AF_PACKET as u16;
            address.sll_ifindex = index as i32;
            libc::bind(
                fd.as_raw_fd(),
                (&raw const address).cast(),
                size_of::<libc::sockaddr_ll>() as u32,
            )
        };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
        Self(fd)
    }

    pub(crate) fn send(&self, frame: &[u8]) {
        // SAFETY: pointer and length are of `frame`.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), frame.as_ptr().cast(), frame.len(), 0) };
        assert_eq!(sent, frame.len() as isize, "{}", io::Error::last_os_error());
    }

    /// Sends a TCP packet of IPv4 that the stack is to cut, but that arrives uncut.
    pub(crate) fn send_uncut(&self, frame: &[u8], segment: u16) {
        const PACKET_VNET_HDR: libc::c_int = 15;
        let on: libc::c_int = 1;
        // struct virtio_net_hdr: the checksum is to be filled in, TCP over IPv4.
        let mut message = vec![1, 1];
        for field in [54, segment, 34, 16] {
            message.extend(field.to_ne_bytes());
        }
        message.extend_from_slice(frame);
        // SAFETY: pointers and lengths are of live values.
        let sent = unsafe {
            let set = libc::setsockopt(
                self.0.as_raw_fd(),
                libc::SOL_PACKET,
                PACKET_VNET_HDR,
                (&raw const on).cast(),
                4,
            );
            assert_eq!(set, 0, "{}", io::Error::last_os_error());
            libc::send(self.0.as_raw_fd(), message.as_ptr().cast(), message.len(), 0)
        };
        assert_eq!(sent, message.len() as isize, "{}", io::Error::last_os_error());
    }

    pub(crate) fn marker(&self) {
        self.send(&Packet { ports: [1, MARKER], ..Packet::default() }.ethernet());
    }

    /// Sends markers until one arrives: an interface that just came up passes packets a moment
    /// later. Takes them all in.
    pub(crate) fn warm_up(&self, source: &mut impl Source) {
        let start = Instant::now();
        let mut sent = 0;
        let mut seen = Vec::new();
        while seen.is_empty() {
            assert!(start.elapsed() < PATIENCE, "the wire does not come up");
            self.marker();
            sent += 1;
            receive(source, 64, &mut seen);
        }
        // Those that were sent in time follow each other; the last one carries no doubt.
        self.send(&Packet { ports: [2, MARKER], ..Packet::default() }.ethernet());
        until(source, 64, &mut seen, |seen| seen.iter().any(|s| s.ports() == [2, MARKER]));
        assert!(seen.len() <= sent + 1);
    }
}

/// A tunnel interface whose other end is this file: what is written comes in from it.
pub(crate) fn tunnel(name: &str, hardware: Option<u16>) -> io::Result<std::fs::File> {
    let file = std::fs::File::options().read(true).write(true).open("/dev/net/tun")?;
    // SAFETY: an integer structure, for which zero is valid; the kernel reads it during the call.
    let result = unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
            *to = from as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as i16;
        libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw const request)
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if let Some(hardware) = hardware {
        let hardware = libc::c_ulong::from(hardware);
        // SAFETY: this request takes a number, not a pointer.
        let result = unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETLINK, hardware) };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
    }
    Ok(file)
}

/// A frame, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) data: Vec<u8>,
    pub(crate) wire_len: u32,
    pub(crate) time_ns: u64,
    pub(crate) vlan_tci: u16,
    pub(crate) link: LinkType,
}

impl Seen {
    /// UDP ports of an untagged IPv4 frame without options.
    pub(crate) fn ports(&self) -> [u16; 2] {
        let at = |n: usize| self.data.get(n..n + 2).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]));
        [at(34), at(36)]
    }

    pub(crate) fn is_marker(&self) -> bool {
        self.ports()[1] == MARKER
    }
}

/// Waits a moment for frames and takes those that wait.
pub(crate) fn receive(source: &mut impl Source, max: usize, seen: &mut Vec<Seen>) {
    let fd = source.readiness().expect("a live source has a descriptor");
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one live structure.
    assert!(unsafe { libc::poll(&raw mut poll, 1, 50) } >= 0);
    take(source, max, seen);
}

/// Takes the frames that wait now. Called between sends, it keeps a ring from filling up however
/// slowly the test runs: each timeout hands over a whole block, even for one frame.
pub(crate) fn take(source: &mut impl Source, max: usize, seen: &mut Vec<Seen>) {
    loop {
        let batch = source.acquire(max).expect("the interface is there");
        if batch.is_empty() {
            break;
        }
        assert!(batch.len() <= max);
        for i in 0..batch.len() {
            batch.prefetch(i + 1);
            let f = batch.frame(i);
            seen.push(Seen {
                data: f.data.to_vec(),
                wire_len: f.wire_len,
                time_ns: f.time_ns,
                vlan_tci: f.vlan_tci,
                link: f.link,
            });
        }
        source.release();
    }
}

/// Takes frames until `enough`.
pub(crate) fn until(
    source: &mut impl Source,
    max: usize,
    seen: &mut Vec<Seen>,
    enough: impl Fn(&[Seen]) -> bool,
) {
    let start = Instant::now();
    while !enough(seen) {
        assert!(start.elapsed() < PATIENCE, "{} frames came, not enough", seen.len());
        receive(source, max, seen);
    }
}

/// All frames up to a marker, which is left out.
pub(crate) fn until_marker(source: &mut impl Source, max: usize) -> Vec<Seen> {
    until_marker_after(source, max, Vec::new())
}

/// The same, behind those already taken.
pub(crate) fn until_marker_after(
    source: &mut impl Source,
    max: usize,
    mut seen: Vec<Seen>,
) -> Vec<Seen> {
    until(source, max, &mut seen, |seen| seen.last().is_some_and(Seen::is_marker));
    seen.pop();
    seen
}

/// Polls until the source says that its interface is gone.
pub(crate) fn until_error(source: &mut impl Source) -> Error {
    let start = Instant::now();
    loop {
        match source.acquire(64) {
            Err(error) => return error,
            Ok(_) => assert!(start.elapsed() < PATIENCE, "no error came"),
        }
        std::thread::yield_now();
    }
}
