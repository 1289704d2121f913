//! Setting a bump in the wire up, and what holds it together: programs on both ports, for each
//! pair of queues two sockets over one memory, a forwarding thread and a tap.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use fathom_ebpf::device::{Device, XdpMode};
use fathom_ebpf::xdp::Settings;

use super::super::clock::Clock;
use super::super::join::Joiner;
use super::super::port::{Findings, Port, Wish};
use super::super::socket::{Memory, Shape, Socket, Transfer};
use super::super::source::{ask, is_jumbo};
use super::super::{XdpError, ZeroCopy, chunk_bytes, entries, frame_bytes, frame_max};
use super::forward::{Forwarder, Shared};
use super::tap::{State, Tap};
use super::{Config, Counts};
use crate::interfaces::{self, Info};
use crate::{Error, Interface, LinkType, bpf, limits};

/// Two joined ports. Dropped, it ends the forwarding threads; whether frames go on after that is
/// a matter of the pin.
pub struct Bridge {
    ports: [Arc<Port>; 2],
    lanes: Vec<Lane>,
    choices: Vec<String>,
    notes: Vec<String>,
    transfer: Transfer,
}

/// One forwarding thread, as others see it.
struct Lane {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// For the statistics, which need only the descriptors.
    sockets: [OwnedFd; 2],
}

/// Joins two ports: from now on frames are forwarded. The taps, one for each pair of queues, show
/// them to whoever reads.
///
/// # Errors
/// As [`super::super::open`]; [`XdpError::Pairs`] when the ports cannot be joined queue by queue;
/// [`XdpError::Program`] when the pin cannot be made.
pub fn open(config: &Config) -> Result<(Bridge, Vec<Tap>), Error> {
    let mut findings = Findings::default();
    let infos = find(config)?;
    let devices = [ask(&infos[0])?, ask(&infos[1])?];
    let queues = devices[0].queues;
    if queues != devices[1].queues || queues > limits::XDP_QUEUES_MAX {
        return Err(XdpError::Pairs {
            ports: infos.map(|i| i.name),
            queues: devices.map(|d| d.queues),
        }
        .into());
    }
    let mtu = infos[0].mtu.max(infos[1].mtu);
    let port = |n: usize, findings: &mut Findings| -> Result<Arc<Port>, Error> {
        let settings = Settings {
            name: infos[n].name.clone(),
            interface: infos[n].index,
            queues,
            stamp: true,
            peer: Some(infos[1 - n].index),
            ..Settings::default()
        };
        let pin = config.pin.as_ref().map(|dir| dir.join(&infos[n].name));
        let wish = Wish {
            mode: config.mode,
            jumbo: is_jumbo(mtu),
            // A wire passes on what is for others: that is what it is for.
            promiscuous: true,
            pin: pin.as_deref(),
        };
        Port::open(&infos[n], &devices[n], &settings, wish, findings)
    };
    let ports = [port(0, &mut findings)?, port(1, &mut findings)?];
    notes_on(config, &infos, &devices, &ports, &mut findings);
    let driver = ports.iter().all(|p| p.mode == XdpMode::Driver);
    let zero_copy = config.zero_copy == ZeroCopy::Auto && driver;
    let parts = ports.iter().all(|p| p.parts);
    let filter = filter(config)?;
    let (mut lanes, mut taps) = (Vec::new(), Vec::new());
    let mut transfer = None;
    for queue in 0..queues {
        let wishes = match transfer {
            // As for the first queue.
            Some(transfer) => vec![transfer],
            None => wishes(zero_copy, parts, frame_bytes(mtu) <= frame_max(chunk_bytes(mtu))),
        };
        let sockets = pair(config, &infos, mtu, queue, &wishes, &mut findings)?;
        transfer = Some(sockets[0].transfer);
        let described = format!(
            "AF_XDP inline {} {} between {} and {}, queue {queue} of {queues}, ring {} frames each",
            ports[0].mode,
            if sockets[0].transfer.zero_copy { "zero-copy" } else { "copy" },
            infos[0].name,
            infos[1].name,
            sockets[0].shape.frames,
        );
        let cpu = match config.cpus.len() {
            0 => None,
            n => Some(config.cpus[queue as usize % n]),
        };
        let (lane, mut tap) = start(config, sockets, &ports, queue, cpu, described)?;
        tap.filter.clone_from(&filter);
        tap.interfaces = [0, 1].map(|n| Interface {
            name: infos[n].name.clone(),
            index: infos[n].index,
            mac: infos[n].mac,
        });
        lanes.push(lane);
        taps.push(tap);
    }
    let transfer = transfer.unwrap_or(Transfer { zero_copy: false, parts: false });
    let Findings { choices, notes } = findings;
    Ok((Bridge { ports, lanes, choices, notes, transfer }, taps))
}

fn find(config: &Config) -> Result<[Info; 2], Error> {
    let one = |name: &String| -> Result<Info, Error> {
        let info = interfaces::find(name)?;
        if info.link() == Some(LinkType::Ethernet) {
            return Ok(info);
        }
        Err(Error::LinkType { interface: info.name, hardware: info.hardware })
    };
    let infos = [one(&config.ports[0])?, one(&config.ports[1])?];
    if infos[0].index == infos[1].index {
        let ports = infos.map(|i| i.name);
        return Err(XdpError::Pairs { ports, queues: [0, 0] }.into());
    }
    Ok(infos)
}

fn filter(config: &Config) -> Result<Option<bpf::Program>, Error> {
    if config.exclude_ports.is_empty() {
        return Ok(config.filter.clone());
    }
    let accept = bpf::Program::accept(config.snaplen);
    let then = config.filter.as_ref().unwrap_or(&accept);
    Ok(Some(bpf::exclude_ports(LinkType::Ethernet, false, &config.exclude_ports, then)?))
}

fn notes_on(
    config: &Config,
    infos: &[Info; 2],
    devices: &[Device; 2],
    ports: &[Arc<Port>; 2],
    findings: &mut Findings,
) {
    let [a, b] = [&infos[0].name, &infos[1].name];
    if config.pin.is_none() {
        findings.notes.push(format!(
            "without a pin, {a} and {b} are apart when this process ends; set the folder of pins to \
             keep the wire whole"
        ));
    }
    for n in [0, 1] {
        let name = &infos[n].name;
        if infos[n].mtu != infos[1 - n].mtu {
            findings.notes.push(format!(
                "{a} and {b} have different MTUs: longer frames than the other takes are lost"
            ));
        }
        if ports[n].mode == XdpMode::Generic {
            findings.notes.push(format!(
                "{name} runs in generic mode, where joined packets are too long to be sent on: \
                 ethtool -K {name} gro off lro off"
            ));
        }
        if devices[n].features.is_some_and(|f| f.driver() && !f.redirect_target()) {
            findings.notes.push(format!(
                "the driver of {name} takes no frames from an XDP program now: while no process \
                 forwards, frames to it are lost (for virtual Ethernet: ethtool -K gro on at its \
                 other end)"
            ));
        }
        if devices[n].strips_vlan {
            findings.notes.push(format!(
                "{name} takes VLAN tags out of frames, and they are sent on without: \
                 ethtool -K {name} rxvlan off"
            ));
        }
    }
    findings.notes.dedup();
}

/// Ways to receive and send, the best first.
fn wishes(zero_copy: bool, parts: bool, fits: bool) -> Vec<Transfer> {
    let mut all = Vec::new();
    for zero_copy in [true, false].into_iter().skip(usize::from(!zero_copy)) {
        for parts in [true, false].into_iter().skip(usize::from(!parts)) {
            if parts || fits {
                all.push(Transfer { zero_copy, parts });
            }
        }
    }
    all
}

/// Two sockets over one memory: what one receives, the other can send.
fn pair(
    config: &Config,
    infos: &[Info; 2],
    mtu: u32,
    queue: u32,
    wishes: &[Transfer],
    findings: &mut Findings,
) -> Result<[Socket; 2], Error> {
    let asked = entries(config.ring_frames);
    let mut last = None;
    for wish in wishes {
        let mut shape = Shape {
            frames: asked,
            sockets: 2,
            chunk: chunk_bytes(mtu),
            transmit: asked.min(limits::XDP_TRANSMIT),
            huge_pages: config.huge_pages,
        };
        let (memory, chunks) = Memory::fitting(&mut shape)?;
        if shape.frames < asked && queue == 0 {
            findings.notes.push(format!(
                "the limit on locked memory (RLIMIT_MEMLOCK) leaves rings of {} frames instead of \
                 {asked}; CAP_IPC_LOCK lifts it",
                shape.frames
            ));
        }
        // Both or none: a memory is either copied into or not.
        let bind = |n: usize| {
            let wish = std::slice::from_ref(wish);
            Socket::bind(&infos[n].name, queue, &memory, &shape, wish).map(|(socket, _)| socket)
        };
        match bind(0).and_then(|first| Ok([first, bind(1)?])) {
            Ok(mut sockets) => {
                let (first, second) = chunks.split_at(shape.frames as usize);
                for (socket, chunks) in sockets.iter_mut().zip([first, second]) {
                    // SAFETY: these are chunks of this memory, new and used by nobody.
                    unsafe { socket.give_back(chunks) };
                    socket.wake_receiver();
                    socket.widen_send_buffer(shape.transmit as usize * shape.chunk);
                    if let Some(how) = config.busy_poll {
                        socket.busy_poll(how)?;
                    }
                }
                return Ok(sockets);
            }
            Err(Error::Os { source, .. })
                if matches!(source.raw_os_error(), Some(libc::EOPNOTSUPP | libc::EINVAL)) =>
            {
                let copy = if wish.zero_copy { "zero-copy" } else { "copy" };
                findings.choices.push(format!("not {copy}: {source}"));
                last = Some(source);
            }
            Err(e) => return Err(e),
        }
    }
    Err(match last {
        Some(source) if wishes.iter().any(|w| !w.parts) => {
            Error::Os { call: "bind an AF_XDP socket", source }
        }
        _ => XdpError::Mtu {
            interface: infos[0].name.clone(),
            frame: frame_bytes(mtu),
            most: frame_max(4096),
        }
        .into(),
    })
}

fn start(
    config: &Config,
    sockets: [Socket; 2],
    ports: &[Arc<Port>; 2],
    queue: u32,
    cpu: Option<usize>,
    description: String,
) -> Result<(Lane, Tap), Error> {
    let os = |call: &'static str| move |source| Error::Os { call, source };
    let shape = sockets[0].shape.clone();
    let memory = sockets[0].memory.clone();
    let tap_chunks = config.tap_frames.clamp(1, shape.frames / 2) as usize;
    let (to_tap, lent) = rtrb::RingBuffer::new(tap_chunks);
    // Every chunk there is fits, so that giving back never fails.
    let (back, from_tap) = rtrb::RingBuffer::new(shape.chunks() as usize);
    // SAFETY: creates a descriptor; the result is checked.
    let wake = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    if wake < 0 {
        return Err(os("eventfd")(io::Error::last_os_error()));
    }
    let shared = Arc::new(Shared {
        stop: AtomicBool::new(false),
        ended: AtomicBool::new(false),
        gone: AtomicBool::new(false),
        numbers: Default::default(),
        signalled: AtomicBool::new(false),
        // SAFETY: `wake` was just made and nothing else owns it.
        wake: unsafe { OwnedFd::from_raw_fd(wake) },
    });
    let copy = |n: usize| sockets[n].borrow().try_clone_to_owned().map_err(os("dup"));
    let descriptors = [copy(0)?, copy(1)?];
    for (port, socket) in ports.iter().zip(&sockets) {
        port.claim(queue, socket.borrow())?;
    }
    let parts = sockets[0].transfer.parts;
    let forwarder = Forwarder {
        sockets,
        memory: memory.clone(),
        clock: Clock::default(),
        states: vec![0; shape.chunks() as usize].into_boxed_slice(),
        chunk: shape.chunk,
        tap_chunks,
        at_tap: 0,
        to_tap,
        from_tap,
        shared: Arc::clone(&shared),
    };
    let thread = std::thread::Builder::new()
        .name(format!("inline-{queue}"))
        .spawn(move || {
            if let Some(cpu) = cpu {
                pin_to(cpu);
            }
            forwarder.run();
        })
        .map_err(os("start a forwarding thread"))?;
    let tap = Tap {
        lent,
        back,
        shared: Arc::clone(&shared),
        memory,
        joiner: Joiner::new(if parts { limits::XDP_JOIN_BYTES } else { 0 }),
        snaplen: config.snaplen.clamp(1, limits::FRAME_MAX as u32),
        filter: None,
        interfaces: Default::default(),
        description,
        state: State::default(),
    };
    Ok((Lane { shared, thread: Some(thread), sockets: descriptors }, tap))
}

/// Keeps the calling thread on a CPU; where that is not allowed, it runs wherever it may.
fn pin_to(cpu: usize) {
    // SAFETY: the set is integers, for which zero is valid; CPU_SET ignores numbers out of range,
    // and the kernel only reads the set.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu % libc::CPU_SETSIZE as usize, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
    }
}

impl Bridge {
    /// How frames are forwarded, in three words: `af_xdp_inline driver copy`.
    pub fn kind(&self) -> String {
        let copy = if self.transfer.zero_copy { "zero-copy" } else { "copy" };
        format!("af_xdp_inline {} {copy}", self.ports[0].mode)
    }

    /// What was chosen, and why not something better.
    pub fn choices(&self) -> &[String] {
        &self.choices
    }

    /// What a person should know, if anything.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// An interface went away: forwarding has ended.
    pub fn ended(&self) -> bool {
        self.lanes.iter().any(|lane| lane.shared.ended.load(Ordering::SeqCst))
    }

    /// Everything that is counted about frames that came in on each port.
    pub fn counts(&self) -> [Counts; 2] {
        [0, 1].map(|n| {
            let port = &self.ports[n];
            let mut counts = Counts { device: port.device_counters(), ..Counts::default() };
            for (queue, lane) in (0..).zip(&self.lanes) {
                let program = port.counts(queue);
                counts.program.seen += program.seen;
                counts.program.redirected += program.redirected;
                counts.program.own += program.own;
                counts.program.foreign += program.foreign;
                counts.program.unclaimed += program.unclaimed;
                counts.program.forwarded += program.forwarded;
                counts.program.unstamped += program.unstamped;
                let socket = super::super::socket::statistics(&lane.sockets[n]);
                counts.dropped += socket.rx_dropped + socket.rx_ring_full;
                let numbers = &lane.shared.numbers[n];
                let of = |n: &std::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
                counts.received += of(&numbers.received);
                counts.sent += of(&numbers.sent);
                counts.no_room += of(&numbers.no_room);
                counts.device_dropped += of(&numbers.device_dropped);
                counts.tapped += of(&numbers.tapped);
                counts.unread += of(&numbers.unread);
            }
            counts
        })
    }

    /// Takes the programs off both ports when this ends, pinned or not: the ports are apart then.
    ///
    /// # Errors
    /// When a pin cannot be removed.
    pub fn dismantle(self) -> Result<(), Error> {
        for port in &self.ports {
            port.program().unpin()?;
        }
        Ok(())
    }

    /// Where the programs are pinned, if they are.
    pub fn pins(&self) -> Vec<PathBuf> {
        self.ports.iter().filter_map(|port| port.program().pinned()).collect()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        for (queue, lane) in (0..).zip(&self.lanes) {
            // The programs forward what comes from now on; the threads what they have.
            for port in &self.ports {
                port.release(queue);
            }
            lane.shared.stop.store(true, Ordering::Relaxed);
        }
        for lane in &mut self.lanes {
            if let Some(thread) = lane.thread.take() {
                // A panic of the thread was reported where it happened.
                let _ = thread.join();
            }
        }
    }
}
