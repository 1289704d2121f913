//! One queue as a [`Source`]: opening all queues of an interface, and handing out what they
//! receive. Everything per frame happens in `acquire` and `release`.

use std::cell::RefCell;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use crate::interfaces::{self, Info};
use crate::{Batch, Counters, Desc, Error, Interface, LinkType, Source, bpf, limits};
use fathom_ebpf::device::{Device, DeviceCounters, XdpMode};
use fathom_ebpf::xdp as program;

use super::clock::Pace;
use super::inbox::{Frame, Inbox};
use super::port::{Findings, Port, Wish};
use super::socket::{self, Memory, Shape, Socket, Transfer};
use super::{Config, Counts, XdpError, ZeroCopy, chunk_bytes, entries, frame_bytes, frame_max};

/// Batches of nothing but unwanted frames that are passed over in one call: some progress is made,
/// and the caller's other work gets its turn.
const FILTERED_BATCHES: usize = 16;

/// An open AF_XDP source: one queue of one interface.
pub struct Xdp {
    // A cell, because knowing the next frame's time means taking it off the ring.
    inbox: RefCell<Inbox>,
    transfer: Transfer,
    shape: Shape,
    huge: bool,
    fd: RawFd,
    port: Arc<Port>,
    queue: u32,
    link: LinkType,
    config: Config,
    /// Longest frame by the MTU; a longer one stands for several.
    frame_max: u32,
    descs: Vec<Desc>,
    counters: Counters,
    filtered: u64,
    pace: Pace,
    interfaces: [Interface; 1],
    finished: bool,
    choices: Arc<[String]>,
    notes: Arc<[String]>,
}

/// Opens sources on all queues of one interface. Frames are taken from the host from the moment
/// at which a queue's source is open; those of queues that are not go on to the host.
///
/// # Errors
/// [`Error::NoInterface`], [`Error::NotPermitted`], [`Error::LinkType`] for hardware other than
/// Ethernet, [`Error::Xdp`] with the reason otherwise.
pub fn open(config: &Config) -> Result<Vec<Xdp>, Error> {
    let info = interfaces::find(&config.interface)?;
    // The program reads Ethernet headers, and nothing says what a generic frame begins with.
    let link = info
        .link()
        .filter(|link| *link == LinkType::Ethernet)
        .ok_or_else(|| Error::LinkType { interface: info.name.clone(), hardware: info.hardware })?;
    let device = ask(&info)?;
    if device.queues > limits::XDP_QUEUES_MAX {
        let interface = info.name.clone();
        return Err(XdpError::Queues { interface, queues: device.queues }.into());
    }
    let mut findings = Findings::default();
    let settings = program::Settings {
        name: info.name.clone(),
        interface: info.index,
        queues: device.queues,
        stamp: config.kernel_time,
        exclude_ports: config.exclude_ports.clone(),
        only_ports: config.only_ports.clone(),
        ..program::Settings::default()
    };
    let wish = Wish {
        mode: config.mode,
        jumbo: is_jumbo(info.mtu),
        promiscuous: config.promiscuous,
        pin: None,
    };
    let port = Port::open(&info, &device, &settings, wish, &mut findings)?;
    notes_on(&info, &device, &port, &mut findings);
    let zero_copy = config.zero_copy == ZeroCopy::Auto && port.mode == XdpMode::Driver;
    let mut sockets = Vec::new();
    for queue in 0..device.queues {
        let socket = bind(config, &info, &port, queue, zero_copy, &mut findings)?;
        if let Some(how) = config.busy_poll {
            socket.busy_poll(how)?;
        }
        sockets.push(socket);
    }
    for (queue, socket) in (0..).zip(&sockets) {
        port.claim(queue, socket.borrow())?;
    }
    if !info.up {
        findings.notes.push(format!("{} is down; capture begins when it comes up", info.name));
    }
    let choices: Arc<[String]> = findings.choices.into();
    let notes: Arc<[String]> = findings.notes.into();
    let source = |(queue, socket): (u32, Socket)| Xdp {
        transfer: socket.transfer,
        shape: socket.shape.clone(),
        huge: socket.memory.huge,
        fd: socket.raw(),
        inbox: RefCell::new(Inbox::new(socket, config.kernel_time)),
        frame_max: frame_bytes(info.mtu) as u32,
        port: Arc::clone(&port),
        queue,
        link,
        config: config.clone(),
        descs: Vec::new(),
        counters: Counters::default(),
        filtered: 0,
        pace: Pace::default(),
        interfaces: [Interface { name: info.name.clone(), index: info.index, mac: info.mac }],
        finished: false,
        choices: Arc::clone(&choices),
        notes: Arc::clone(&notes),
    };
    Ok((0..).zip(sockets).map(source).collect())
}

/// Longer than what drivers take in one buffer whatever they are.
pub(super) fn is_jumbo(mtu: u32) -> bool {
    mtu > 1500
}

/// Payload of a packet that fills the MTU and has headers as long as those of this frame.
fn full_payload(frame: &[u8], mtu: u32) -> u16 {
    let byte = |at: usize| frame.get(at).copied().map_or(0, usize::from);
    let mut l3 = 14;
    while matches!((byte(l3 - 2), byte(l3 - 1)), (0x81, 0x00) | (0x88, 0xa8)) {
        l3 += 4;
    }
    let (header, protocol) = match byte(l3) >> 4 {
        4 => ((byte(l3) & 15) * 4, byte(l3 + 9)),
        _ => (40, byte(l3 + 6)),
    };
    let transport = match protocol {
        6 => (byte(l3 + header + 12) >> 4) * 4,
        _ => 8,
    };
    u16::try_from((mtu as usize).saturating_sub(header + transport)).unwrap_or(u16::MAX)
}

pub(super) fn ask(info: &Info) -> Result<Device, Error> {
    Device::ask(info.index).map_err(|source| match source.raw_os_error() {
        Some(libc::ENODEV) => Error::NoInterface(info.name.clone()),
        _ => Error::Os { call: "ask for an interface's queues", source },
    })
}

fn notes_on(info: &Info, device: &Device, port: &Port, findings: &mut Findings) {
    if device.strips_vlan {
        findings.notes.push(format!(
            "{0} takes VLAN tags out of frames before AF_XDP sees them; to keep them: \
             ethtool -K {0} rxvlan off",
            info.name
        ));
    }
    if port.mode == XdpMode::Generic && !port.parts {
        findings.notes.push(format!(
            "on this kernel, segments that {} joins in receive offload are lost: ethtool -K {0} \
             gro off lro off",
            info.name
        ));
    }
}

/// Makes the memory, as large as the limits allow up to what was asked for, and the socket.
fn bind(
    config: &Config,
    info: &Info,
    port: &Port,
    queue: u32,
    zero_copy: bool,
    findings: &mut Findings,
) -> Result<Socket, Error> {
    let asked = entries(config.ring_frames);
    let mut shape = Shape {
        frames: asked,
        sockets: 1,
        chunk: chunk_bytes(info.mtu),
        transmit: limits::XDP_RING_UNUSED,
        huge_pages: config.huge_pages,
    };
    let (memory, chunks) = Memory::fitting(&mut shape)?;
    if shape.frames < asked {
        findings.notes.push(format!(
            "the limit on locked memory (RLIMIT_MEMLOCK) leaves queue {queue} a ring of {} frames \
             instead of {asked}: more will be lost in bursts; CAP_IPC_LOCK lifts it",
            shape.frames
        ));
    }
    if queue == 0 && config.huge_pages && !memory.huge {
        let pages = shape.bytes().div_ceil(socket::HUGE_PAGE);
        findings.choices.push(format!(
            "small pages: {pages} huge ones for each queue (`sysctl vm.nr_hugepages`) would make a \
             frame about a third cheaper to receive"
        ));
    }
    let fits = frame_bytes(info.mtu) <= frame_max(shape.chunk);
    let mut wishes = Vec::new();
    for zero_copy in [true, false].into_iter().skip(usize::from(!zero_copy)) {
        for parts in [true, false].into_iter().skip(usize::from(!port.parts)) {
            // Losing every long frame is no way to receive.
            if parts || fits {
                wishes.push(Transfer { zero_copy, parts });
            }
        }
    }
    let too_long = || XdpError::Mtu {
        interface: info.name.clone(),
        frame: frame_bytes(info.mtu),
        most: frame_max(4096),
    };
    if wishes.is_empty() {
        return Err(too_long().into());
    }
    let bound = Socket::bind(&info.name, queue, &memory, &shape, &wishes);
    let (mut socket, refusals) = match bound {
        // The last wish was to take frames in several buffers.
        Err(Error::Os { ref source, .. })
            if !fits && source.raw_os_error() == Some(libc::EINVAL) =>
        {
            return Err(too_long().into());
        }
        other => other?,
    };
    if queue == 0 {
        findings.choices.extend(refusals.iter().map(|(wish, why)| {
            let copy = if wish.zero_copy { "zero-copy" } else { "copy" };
            let parts = if wish.parts { " with multi-buffer" } else { "" };
            format!("not {copy}{parts}: {why}")
        }));
    }
    // SAFETY: these are all chunks of this memory, new and used by nobody.
    unsafe { socket.give_back(&chunks) };
    socket.wake_receiver();
    Ok(socket)
}

impl Xdp {
    /// Which queue of its interface.
    pub fn queue(&self) -> u32 {
        self.queue
    }

    /// What was chosen when the interface was opened, and why not something better.
    pub fn choices(&self) -> &[String] {
        &self.choices
    }

    /// What a person should know about how this source was opened, if anything.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How frames are received, in three words: `af_xdp driver copy`.
    pub fn kind(&self) -> String {
        let copy = if self.transfer.zero_copy { "zero-copy" } else { "copy" };
        format!("af_xdp {} {copy}", self.port.mode)
    }

    /// Everything that is counted about this queue.
    pub fn counts(&self) -> Counts {
        let socket = socket::statistics(&self.inbox.borrow().socket.borrow());
        Counts {
            program: self.port.counts(self.queue),
            received: self.counters.received,
            filtered: self.filtered,
            ring_full: socket.rx_ring_full,
            dropped: socket.rx_dropped,
            no_chunk: socket.rx_fill_ring_empty_descs,
        }
    }

    /// What the device itself counts, about all of its queues.
    pub fn device_counters(&self) -> DeviceCounters {
        self.port.device_counters()
    }

    /// Payload of the packets that a frame longer than the MTU stands for, which the stack joined
    /// or has not cut yet. XDP does not say; full packets are the usual answer.
    #[cold]
    fn segment(&mut self, frame: &Frame) -> u16 {
        self.counters.merged += 1;
        // SAFETY: that many bytes were received, or joined, in this batch.
        let data = unsafe { std::slice::from_raw_parts(frame.ptr, frame.len) };
        full_payload(data, self.port.info.mtu)
    }

    /// Nothing was waiting: is that because the interface is gone? One that is merely down
    /// resumes by itself.
    fn check_interface(&mut self) -> Result<(), Error> {
        match self.inbox.get_mut().socket.take_error() {
            Some(e) if e.raw_os_error() == Some(libc::ENETDOWN) => {
                self.finished = true;
                Err(Error::NoInterface(self.interfaces[0].name.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Makes a descriptor of a frame, unless the filter does not want it.
    #[inline]
    fn take(&mut self, frame: &Frame) {
        let mut len = frame.len.min(self.config.snaplen as usize) as u32;
        let wire_len = frame.wire_len as u32;
        if let Some(filter) = &self.config.filter {
            // SAFETY: that many bytes were received, or joined, in this batch.
            let data = unsafe { std::slice::from_raw_parts(frame.ptr, frame.len) };
            let meta = bpf::Meta {
                wire_len,
                protocol: data.get(12..14).map_or(0, |b| u32::from(b[0]) << 8 | u32::from(b[1])),
                interface: self.interfaces[0].index,
                ..bpf::Meta::default()
            };
            len = len.min(filter.run(data, &meta));
            if len == 0 {
                self.filtered += 1;
                return;
            }
        }
        self.counters.received += 1;
        self.counters.bytes += u64::from(wire_len);
        self.counters.truncated += u64::from(wire_len > len);
        let segment = if wire_len > self.frame_max { self.segment(frame) } else { 0 };
        self.descs.push(Desc {
            ptr: frame.ptr,
            len,
            wire_len,
            time_ns: frame.time_ns,
            interface: 0,
            link: self.link,
            vlan_tci: 0,
            segment,
        });
    }
}

impl Drop for Xdp {
    fn drop(&mut self) {
        // From here on frames go on to the host, even if a copy of the socket is still open
        // somewhere, or the sources of other queues keep the program at work.
        self.port.release(self.queue);
    }
}

impl Source for Xdp {
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error> {
        self.release();
        let mut any = false;
        for _ in 0..FILTERED_BATCHES {
            any = self.inbox.get_mut().receive(max);
            while self.descs.len() < max
                && let Some(frame) = self.inbox.get_mut().lend()
            {
                self.take(&frame);
            }
            if !any || !self.descs.is_empty() {
                break;
            }
            // The filter wanted none of them.
            self.release();
        }
        if !any && max > 0 {
            self.pace.empty(self.counters.received + self.filtered);
            self.inbox.get_mut().socket.wake_receiver();
            self.check_interface()?;
        }
        Ok(Batch { descs: &self.descs })
    }

    fn release(&mut self) {
        self.descs.clear();
        // SAFETY: the batch over these frames has ended: it borrowed the source.
        unsafe { self.inbox.get_mut().release() };
    }

    fn head_ns(&self) -> Option<u64> {
        self.inbox.borrow_mut().head_ns()
    }

    fn backlog(&self) -> u8 {
        self.inbox.borrow_mut().backlog()
    }

    fn pause(&self) -> Option<Duration> {
        self.pace.pause()
    }

    fn readiness(&self) -> Option<RawFd> {
        Some(self.fd)
    }

    fn finished(&self) -> bool {
        self.finished
    }

    fn counters(&mut self) -> Counters {
        let counts = self.counts();
        if counts.program.unstamped > 0 {
            // Better the time of reading than that of another frame.
            self.inbox.get_mut().stamped = false;
        }
        self.counters.dropped_kernel = counts.ring_full + counts.dropped;
        self.counters.full = counts.ring_full + counts.no_chunk;
        self.counters
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn describe(&self) -> String {
        let [Interface { name, index, .. }] = &self.interfaces;
        format!(
            "AF_XDP {} {} on {name} (index {index}), queue {} of {}, ring {} frames in {} MiB{}{}{}",
            self.port.mode,
            if self.transfer.zero_copy { "zero-copy" } else { "copy" },
            self.queue,
            self.port.queues,
            self.shape.frames,
            self.shape.bytes() >> 20,
            if self.huge { ", huge pages" } else { "" },
            if self.transfer.parts { ", multi-buffer" } else { "" },
            if self.config.busy_poll.is_some() { ", busy polling" } else { "" },
        )
    }
}
