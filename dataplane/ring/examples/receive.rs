//! Receives from an interface for some seconds and touches each frame's headers, in one of these
//! ways: `xdp-floor` (AF_XDP by xsk-rs with the least program and loop there can be), `xdp` (our
//! source), `packet-floor` (TPACKET_V3 by the C library alone), `packet` (our source). What
//! capture costs is the difference, under the same sender (`blast`):
//! `receive INTERFACE WAY SECONDS [driver|generic] [PAUSE_US] [told]`. With a pause, an empty ring
//! is looked at again so much later instead of being waited for: fewer wake-ups, which cost both
//! sides more than the frames do. The way `nothing` drops every frame in the driver: the sender is
//! alone then. With `told` it ends when standard input is closed and the ring is empty. Prints
//! `ready`, then one JSON object.

#![allow(clippy::print_stdout, reason = "an example talks on its standard output")]

use std::error::Error;
use std::ffi::CString;
use std::io::Read;
use std::num::NonZeroU32;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fathom_ebpf::blast::Bare;
use fathom_ebpf::device::XdpMode;
use fathom_ring::{Source, af_packet, interfaces, xdp};
use xsk_rs::config::{BindFlags, Interface, LibxdpFlags, QueueSize, SocketConfig, UmemConfig};
use xsk_rs::{FrameDesc, Umem};

type Any = Box<dyn Error>;

const FRAMES: u32 = 32_768;
const BATCH: usize = 64;

/// What was received.
#[derive(Default)]
struct Got {
    frames: u64,
    bytes: u64,
    /// By the socket, its ring being full.
    ring_full: u64,
    /// By the socket for another reason.
    dropped: u64,
    /// Those that the program saw, and those that it let go on to the host.
    seen: u64,
    passed: u64,
    /// So that reading the frames is not left out.
    sum: u64,
}

impl Got {
    /// What any reader of headers does at least: look at two cache lines.
    #[inline]
    fn touch(&mut self, frame: &[u8]) {
        self.frames += 1;
        self.bytes += frame.len() as u64;
        if let [a, .., b] = &frame[..frame.len().min(64)] {
            self.sum = self.sum.wrapping_add(u64::from(*a) + u64::from(*b));
        }
    }
}

fn main() -> Result<(), Any> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [interface, way, seconds, rest @ ..] = &words[..] else {
        return Err("receive INTERFACE WAY SECONDS [driver|generic] [PAUSE_US]".into());
    };
    let (mode, kind) = match rest.first().map(String::as_str) {
        Some("generic") => (xdp::Mode::Generic, XdpMode::Generic),
        _ => (xdp::Mode::Driver, XdpMode::Driver),
    };
    if let Some(pause) = rest.get(1) {
        PAUSE_US.store(pause.parse()?, Ordering::Relaxed);
    }
    if rest.get(2).is_some_and(|word| word == "told") {
        std::thread::spawn(|| {
            // An error is an end as well.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            TOLD.store(true, Ordering::Relaxed);
        });
    }
    let seconds: f64 = seconds.parse()?;
    let end = || End { at: Instant::now() + Duration::from_secs_f64(seconds), told: false };
    let got = match way.as_str() {
        "xdp-floor" => xdp_floor(interface, kind, end)?,
        "packet-floor" => packet_floor(interface, end)?,
        "nothing" => nothing(interface, end)?,
        "xdp" | "xdp-batch-time" => {
            let config = xdp::Config {
                interface: interface.clone(),
                mode,
                ring_frames: FRAMES,
                kernel_time: way == "xdp",
                ..xdp::Config::default()
            };
            let mut source = xdp::open(&config)?.remove(0);
            let mut got = read(&mut source, end)?;
            let counts = source.counts();
            eprintln!("{}: {counts:?}", source.describe());
            (got.ring_full, got.dropped) = (counts.ring_full, counts.dropped);
            got.seen = counts.program.seen;
            let program = counts.program;
            got.passed = program.own + program.foreign + program.unclaimed;
            got
        }
        "packet" => read(
            &mut af_packet::open(&af_packet::Config {
                interface: interface.clone(),
                ..af_packet::Config::default()
            })?,
            end,
        )?,
        other => return Err(format!("no way to receive is called {other}").into()),
    };
    println!(
        "{{\"way\":\"{way}\",\"received\":{},\"bytes\":{},\"dropped\":{},\"ring_full\":{},\"seen\":{},\"passed\":{},\"cpu_ns_per_frame\":{:.1},\"sum\":{}}}",
        got.frames,
        got.bytes,
        got.dropped,
        got.ring_full,
        got.seen,
        got.passed,
        cpu_ns() as f64 / got.frames.max(1) as f64,
        got.sum % 10
    );
    Ok(())
}

/// CPU time of this thread.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one live structure.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

static PAUSE_US: AtomicU64 = AtomicU64::new(0);
static TOLD: AtomicBool = AtomicBool::new(false);

/// When to end: after some time, or when told.
struct End {
    at: Instant,
    told: bool,
}

impl End {
    /// What the kernel holds back comes within this.
    const LATE: Duration = Duration::from_millis(300);

    /// Asked now and then, with whether the ring is empty.
    fn is_now(&mut self, empty: bool) -> bool {
        let now = Instant::now();
        if !self.told && TOLD.load(Ordering::Relaxed) {
            self.told = true;
            self.at = self.at.min(now + Self::LATE);
        }
        now > self.at && (empty || !self.told)
    }
}

/// Lets the driver drop every frame.
fn nothing(interface: &str, end: impl Fn() -> End) -> Result<Got, Any> {
    let _program = Bare::attach_drop(interfaces::find(interface)?.index, XdpMode::Driver)?;
    println!("ready");
    let mut end = end();
    while !end.is_now(true) {
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(Got::default())
}

fn poll(fd: i32) {
    let pause = PAUSE_US.load(Ordering::Relaxed);
    if pause > 0 {
        return std::thread::sleep(Duration::from_micros(pause));
    }
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one live structure.
    unsafe { libc::poll(&raw mut poll, 1, 20) };
}

/// Through our source.
fn read(source: &mut impl Source, end: impl Fn() -> End) -> Result<Got, Any> {
    let fd = source.readiness().ok_or("a live source has a descriptor")?;
    let mut got = Got::default();
    println!("ready");
    let mut end = end();
    let mut turn = 0;
    loop {
        let batch = source.acquire(BATCH)?;
        let empty = batch.is_empty();
        for i in 0..batch.len() {
            batch.prefetch(i + 4);
            got.touch(batch.frame(i).data);
        }
        source.release();
        turn += 1;
        if empty {
            match source.pause() {
                Some(pause) if PAUSE_US.load(Ordering::Relaxed) == 0 => std::thread::sleep(pause),
                _ => poll(fd),
            }
        }
        if (empty || turn % 64 == 0) && end.is_now(empty) {
            break;
        }
    }
    let counters = source.counters();
    got.dropped = counters.dropped_kernel + counters.dropped_xdp + counters.dropped_corrupt;
    Ok(got)
}

fn xdp_floor(interface: &str, mode: XdpMode, end: impl Fn() -> End) -> Result<Got, Any> {
    let mut program = Bare::attach(interfaces::find(interface)?.index, mode)?;
    let size = QueueSize::new(FRAMES)?;
    let small = QueueSize::new(64)?;
    let config = UmemConfig::builder()
        .frame_size(2048.try_into()?)
        .fill_queue_size(size)
        .comp_queue_size(small)
        .build()?;
    let frames = NonZeroU32::new(FRAMES).ok_or("not zero")?;
    let (umem, mut descs) = Umem::new(config, frames, false)?;
    let config = SocketConfig::builder()
        .rx_queue_size(size)
        .tx_queue_size(small)
        .libxdp_flags(LibxdpFlags::XSK_LIBXDP_FLAGS_INHIBIT_PROG_LOAD)
        .bind_flags(BindFlags::XDP_COPY | BindFlags::XDP_USE_NEED_WAKEUP)
        .build();
    let name = Interface::new(CString::new(interface)?);
    // SAFETY: the library's own program is inhibited.
    let (_tx, mut rx, rings) = unsafe { xsk_rs::Socket::new(config, &umem, &name, 0) }?;
    let (mut fill, _completed) = rings.ok_or("a new area has rings")?;
    // SAFETY: new chunks of this area.
    unsafe { fill.produce(&descs) };
    let fd = rx.fd().as_raw_fd();
    // SAFETY: open as long as `rx` lives.
    program.claim(0, unsafe { BorrowedFd::borrow_raw(fd) })?;
    descs.truncate(BATCH);
    let mut got = Got::default();
    println!("ready");
    let mut end = end();
    let mut turn = 0;
    loop {
        // SAFETY: the area is this socket's, and each frame is read before it is given back.
        let n = unsafe {
            let n = rx.consume(&mut descs);
            for desc in &descs[..n] {
                prefetch(umem.data(desc).contents().as_ptr());
            }
            for desc in &descs[..n] {
                got.touch(umem.data(desc).contents());
            }
            fill.produce(&descs[..n])
        };
        turn += 1;
        if n == 0 {
            poll(fd);
        }
        if (n == 0 || turn % 64 == 0) && end.is_now(n == 0) {
            break;
        }
    }
    let stats = rx.fd().xdp_statistics()?;
    (got.dropped, got.ring_full) = (stats.rx_dropped(), stats.rx_ring_full());
    let _ = FrameDesc::default();
    Ok(got)
}

fn prefetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect on program state, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch(at.cast::<i8>(), _MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

fn packet_floor(interface: &str, end: impl Fn() -> End) -> Result<Got, Any> {
    const BLOCK: usize = 1 << 20;
    const BLOCKS: usize = 64;
    let index = interfaces::find(interface)?.index;
    let fail = |what: &str| format!("{what}: {}", std::io::Error::last_os_error());
    let set = |fd: &OwnedFd, option, value: *const libc::c_void, len: usize| {
        // SAFETY: value and length describe one live value of each caller.
        let result = unsafe {
            libc::setsockopt(fd.as_raw_fd(), libc::SOL_PACKET, option, value, len as u32)
        };
        if result == 0 { Ok(()) } else { Err(fail("setsockopt")) }
    };
    // SAFETY: creates a descriptor, which is checked, and a mapping, likewise; the address
    // structure is integers, for which zero is valid.
    let (fd, ring) = unsafe {
        let fd = libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0);
        if fd < 0 {
            return Err(fail("socket").into());
        }
        let fd = OwnedFd::from_raw_fd(fd);
        let version = libc::tpacket_versions::TPACKET_V3 as libc::c_int;
        set(&fd, libc::PACKET_VERSION, (&raw const version).cast(), 4)?;
        let request = libc::tpacket_req3 {
            tp_block_size: BLOCK as u32,
            tp_block_nr: BLOCKS as u32,
            tp_frame_size: 2048,
            tp_frame_nr: (BLOCK * BLOCKS / 2048) as u32,
            tp_retire_blk_tov: 20,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        let len = size_of::<libc::tpacket_req3>();
        set(&fd, libc::PACKET_RX_RING, (&raw const request).cast(), len)?;
        let ring = libc::mmap(
            std::ptr::null_mut(),
            BLOCK * BLOCKS,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            fd.as_raw_fd(),
            0,
        );
        if ring == libc::MAP_FAILED {
            return Err(fail("mmap").into());
        }
        let mut address: libc::sockaddr_ll = std::mem::zeroed();
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = index as i32;
        let len = size_of::<libc::sockaddr_ll>() as u32;
        if libc::bind(fd.as_raw_fd(), (&raw const address).cast(), len) != 0 {
            return Err(fail("bind").into());
        }
        (fd, ring.cast::<u8>())
    };
    let mut got = Got::default();
    println!("ready");
    let mut end = end();
    let mut at = 0;
    loop {
        // SAFETY: block `at` of the ring; it is ours while its status says so, and everything read
        // is where the kernel's headers say.
        unsafe {
            let block = ring.add(at * BLOCK);
            let head = &mut (*block.cast::<libc::tpacket_block_desc>()).hdr.bh1;
            let status = std::sync::atomic::AtomicU32::from_ptr(&raw mut head.block_status);
            if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
                if end.is_now(true) {
                    break;
                }
                poll(fd.as_raw_fd());
                continue;
            }
            let mut frame = block.add(head.offset_to_first_pkt as usize);
            for _ in 0..head.num_pkts {
                let header = &*frame.cast::<libc::tpacket3_hdr>();
                let data = frame.add(usize::from(header.tp_mac));
                got.touch(std::slice::from_raw_parts(data, header.tp_snaplen as usize));
                frame = frame.add(header.tp_next_offset as usize);
            }
            status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
        }
        at = (at + 1) % BLOCKS;
    }
    // SAFETY: one live structure that the kernel fills.
    unsafe {
        let mut stats: libc::tpacket_stats_v3 = std::mem::zeroed();
        let mut len = size_of::<libc::tpacket_stats_v3>() as u32;
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut stats).cast(),
            &raw mut len,
        );
        got.dropped = u64::from(stats.tp_drops);
        libc::munmap(ring.cast(), BLOCK * BLOCKS);
    }
    Ok(got)
}
