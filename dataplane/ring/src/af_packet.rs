//! AF_PACKET: frames of one interface, both directions, through a ring that the kernel fills and
//! this process maps (TPACKET_V3). The way to observe a host's own interfaces: nothing is taken
//! from the traffic, and nothing in its path slows down.
//!
//! `socket` asks the kernel, `ring` walks the mapped blocks, and this file joins them. One
//! source is one socket; several on one interface share its flows through a fanout group.

use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use crate::interfaces::{self, Info};
use crate::{Batch, Counters, Desc, Error, Interface, LinkType, Source, bpf, limits};

mod ring;
mod socket;

use ring::{Ring, Shape};
#[cfg(feature = "xdp")]
pub(crate) use socket::Promiscuous;
use socket::Socket;

/// How a fanout group divides frames among its sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FanoutMode {
    /// By flow; both directions of a flow reach the same socket.
    #[default]
    Hash,
    /// In turn, whatever the flow.
    LoadBalance,
    /// By the CPU the frame arrived on.
    Cpu,
    /// To one socket until its ring is full, then the next.
    Rollover,
    /// At random.
    Random,
    /// By the receive queue of the network card.
    Queue,
    /// By [`Config::steering`].
    Program,
}

impl FanoutMode {
    fn name(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::LoadBalance => "load balance",
            Self::Cpu => "cpu",
            Self::Rollover => "rollover",
            Self::Random => "random",
            Self::Queue => "queue",
            Self::Program => "program",
        }
    }
}

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Interface name. There is no "any": each interface has its own socket.
    pub interface: String,
    /// Group number, 0 for one that is free in the network namespace, and how its frames are
    /// divided. The division changes with each socket that joins: [`open_group`] lets frames in
    /// only when all have.
    pub fanout: Option<(u16, FanoutMode)>,
    /// Result decides the socket, for [`FanoutMode::Program`].
    pub steering: Option<bpf::Program>,
    /// Has the kernel put IP fragments together before it divides them by flow.
    pub fanout_defragment: bool,
    /// Ring size, bytes: [`limits::RING_MIN`] to [`limits::RING_MAX`]. Fewer when the kernel has
    /// not that much; [`AfPacket::notes`] says so.
    pub ring_bytes: usize,
    /// Bytes kept of each frame: 1 to [`limits::FRAME_MAX`].
    pub snaplen: u32,
    /// A block of frames is handed over at the latest after this: 10 to 100 ms.
    pub block_timeout: Duration,
    /// Also frames to other hosts.
    pub promiscuous: bool,
    /// TCP and UDP frames from or to these ports are left out: the agent's own connections.
    pub exclude_ports: Vec<u16>,
    /// Only frames that this program takes, for as many bytes as it says and `snaplen` allows;
    /// `None` for all.
    pub filter: Option<bpf::Program>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            interface: String::new(),
            fanout: None,
            steering: None,
            fanout_defragment: false,
            ring_bytes: limits::RING_DEFAULT,
            snaplen: limits::FRAME_MAX as u32,
            block_timeout: Duration::from_millis(20),
            promiscuous: false,
            exclude_ports: Vec::new(),
            filter: None,
        }
    }
}

/// How it is known that a frame stands for several packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segments {
    /// The kernel says it of each frame.
    Told,
    /// By length: a frame longer than the first number holds packets with about so many payload
    /// bytes as the second says.
    BySize(u32, u16),
}

impl Segments {
    fn of_size(link: LinkType, mtu: u32) -> Self {
        /// Ethernet with one tag.
        const LINK: u32 = 18;
        /// IPv4 and TCP with timestamps, which nearly all that is merged has.
        const HEADERS: u32 = 52;
        let longest = mtu + if link == LinkType::Ethernet { LINK } else { 0 };
        let payload = mtu.saturating_sub(HEADERS).max(1);
        Self::BySize(longest, u16::try_from(payload).unwrap_or(u16::MAX))
    }
}

/// An open AF_PACKET source.
pub struct AfPacket {
    // Before the socket: unmapped before the ring's owner closes.
    ring: Ring,
    socket: Socket,
    link: LinkType,
    snaplen: u32,
    segments: Segments,
    descs: Vec<Desc>,
    counters: Counters,
    interfaces: [Interface; 1],
    finished: bool,
    notes: Vec<String>,
    fanout: Option<(u16, FanoutMode)>,
    timeout_ms: u32,
}

/// Opens a ring on one interface of this thread's network namespace.
///
/// # Errors
/// [`Error::NoInterface`], [`Error::NotPermitted`]; [`Error::LinkType`] for hardware whose frames
/// cannot be decoded; [`Error::Filter`] for too many ports; [`Error::Os`] for whatever else the
/// kernel refuses.
pub fn open(config: &Config) -> Result<AfPacket, Error> {
    let (mut source, filter) = prepare(config)?;
    source.begin(&filter)?;
    Ok(source)
}

/// Opens `count` rings that share an interface's frames as `config.fanout` says; source `n` is
/// socket `n` of the group. No frame comes in before all of them stand.
///
/// # Errors
/// As [`open`].
pub fn open_group(config: &Config, count: usize) -> Result<Vec<AfPacket>, Error> {
    let mut config = config.clone();
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        let one = prepare(&config)?;
        // The first has the kernel choose a number, the others join it.
        config.fanout = one.0.fanout;
        all.push(one);
    }
    for (source, filter) in &mut all {
        source.begin(filter)?;
    }
    Ok(all.into_iter().map(|(source, _)| source).collect())
}

/// A source that receives nothing until [`AfPacket::begin`].
fn prepare(config: &Config) -> Result<(AfPacket, bpf::Program), Error> {
    let info = interfaces::find(&config.interface)?;
    let link = info
        .link()
        .ok_or_else(|| Error::LinkType { interface: info.name.clone(), hardware: info.hardware })?;
    let snaplen = config.snaplen.clamp(1, limits::FRAME_MAX as u32);
    let filter = filter(config, &info, link, snaplen)?;
    let mut notes = Vec::new();

    // The order matters: no frame may come in before the ring, the fanout group and the filter
    // stand, or it would be counted or captured twice.
    let socket = Socket::open(link == LinkType::Ethernet)?;
    socket.use_tpacket_v3()?;
    socket.attach_filter(&[bpf::Insn { code: 0x06, jt: 0, jf: 0, k: 0 }])?;
    let described = link == LinkType::Ethernet && socket.describe_segments();
    let timeout_ms = u32::try_from(config.block_timeout.as_millis())
        .unwrap_or(u32::MAX)
        .clamp(*limits::RETIRE_MS.start(), *limits::RETIRE_MS.end());
    let ring = allocate(&socket, config.ring_bytes, timeout_ms, described, &mut notes)?;
    socket.bind(info.index)?;
    let mut fanout = config.fanout;
    if let Some((group, mode)) = &mut fanout {
        *group = socket.join_fanout(*group, *mode, config.fanout_defragment)?;
        if let (FanoutMode::Program, Some(program)) = (*mode, &config.steering) {
            socket.fanout_program(program.insns())?;
        }
    }
    if config.promiscuous {
        socket.promiscuous(info.index)?;
    }
    // Binding to an interface that is down leaves an error on the socket; it clears when read,
    // and capture begins by itself when the interface comes up.
    if socket.take_error()?.is_some() {
        notes.push(format!("{} is down; capture begins when it comes up", info.name));
    }
    let source = AfPacket {
        ring,
        socket,
        link,
        snaplen,
        segments: if described { Segments::Told } else { Segments::of_size(link, info.mtu) },
        descs: Vec::new(),
        counters: Counters::default(),
        interfaces: [Interface { name: info.name, index: info.index, mac: info.mac }],
        finished: false,
        notes,
        fanout,
        timeout_ms,
    };
    Ok((source, filter))
}

fn filter(
    config: &Config,
    info: &Info,
    link: LinkType,
    snaplen: u32,
) -> Result<bpf::Program, Error> {
    let accept = bpf::Program::accept(snaplen);
    let then = config.filter.as_ref().unwrap_or(&accept);
    Ok(bpf::exclude_ports(link, info.loopback, &config.exclude_ports, then)?)
}

/// The largest ring up to `asked` bytes that the kernel gives, halving.
fn allocate(
    socket: &Socket,
    asked: usize,
    timeout_ms: u32,
    offload: bool,
    notes: &mut Vec<String>,
) -> Result<Ring, Error> {
    let asked = asked.clamp(limits::RING_MIN, limits::RING_MAX);
    let mut bytes = asked;
    loop {
        let shape = Shape::of(bytes);
        match Ring::new(socket, shape, timeout_ms, offload) {
            Ok(ring) => {
                if bytes < asked {
                    notes.push(format!(
                        "the kernel has no memory for a ring of {}, it is {}: more frames will be \
                         lost in bursts",
                        mebibytes(asked),
                        mebibytes(shape.bytes())
                    ));
                }
                return Ok(ring);
            }
            Err(Error::Os { source, .. })
                if matches!(source.raw_os_error(), Some(libc::ENOMEM | libc::EAGAIN))
                    && bytes / 2 >= limits::RING_MIN =>
            {
                bytes /= 2;
            }
            Err(e) => return Err(e),
        }
    }
}

fn mebibytes(bytes: usize) -> String {
    if bytes.is_multiple_of(1 << 20) {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{} KiB", bytes >> 10)
    }
}

impl AfPacket {
    /// What a person should know about how this source was opened, if anything.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Lets frames in.
    fn begin(&mut self, filter: &bpf::Program) -> Result<(), Error> {
        // Frames of the interface that came in until now were dropped by the empty filter, not by a
        // full ring: binding resets nothing, so forget what was counted.
        self.socket.statistics()?;
        self.socket.attach_filter(filter.insns())
    }

    /// Adds the kernel's counts since they were last read.
    fn count(&mut self) {
        // The call cannot fail on a packet socket; if it does, the counts wait for the next call.
        if let Ok(statistics) = self.socket.statistics() {
            self.counters.dropped_kernel += u64::from(statistics.tp_drops);
            self.counters.full += u64::from(statistics.tp_freeze_q_cnt);
        }
    }

    /// Nothing was waiting: is that because the interface is gone? One that is merely down
    /// resumes by itself.
    fn check_interface(&mut self) -> Result<(), Error> {
        if self.socket.take_error()?.is_some() && !self.socket.is_bound()? {
            self.finished = true;
            return Err(Error::NoInterface(self.interfaces[0].name.clone()));
        }
        Ok(())
    }
}

impl Source for AfPacket {
    fn acquire(&mut self, max: usize) -> Result<Batch<'_>, Error> {
        self.release();
        while self.descs.len() < max {
            let Some(frame) = self.ring.next() else { break };
            // A filter of the caller may have asked for more.
            let len = frame.len.min(self.snaplen);
            // A tag that the kernel took out was on the wire.
            let tag = if frame.vlan_tci.is_some() { 4 } else { 0 };
            let wire_len = frame.wire_len.max(frame.len) + tag;
            self.counters.received += 1;
            self.counters.bytes += u64::from(wire_len);
            self.counters.truncated += u64::from(frame.wire_len > len);
            let segment = match self.segments {
                Segments::Told => frame.segment,
                Segments::BySize(longest, payload) if frame.wire_len > longest => payload,
                Segments::BySize(..) => 0,
            };
            self.counters.merged += u64::from(segment > 0);
            self.descs.push(Desc {
                ptr: frame.ptr,
                len,
                wire_len,
                time_ns: frame.time_ns,
                interface: 0,
                link: self.link,
                vlan_tci: frame.vlan_tci.unwrap_or(0),
                segment,
            });
        }
        self.counters.dropped_corrupt = self.ring.broken();
        if self.descs.is_empty() && max > 0 {
            self.check_interface()?;
        }
        Ok(Batch { descs: &self.descs })
    }

    fn release(&mut self) {
        self.descs.clear();
        self.ring.release();
    }

    fn head_ns(&self) -> Option<u64> {
        self.ring.head_ns()
    }

    fn backlog(&self) -> u8 {
        self.ring.backlog()
    }

    fn readiness(&self) -> Option<RawFd> {
        Some(self.socket.as_raw_fd())
    }

    fn finished(&self) -> bool {
        self.finished
    }

    fn counters(&mut self) -> Counters {
        self.count();
        self.counters
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn describe(&self) -> String {
        let shape = self.ring.shape();
        let [Interface { name, index, .. }] = &self.interfaces;
        let fanout = self
            .fanout
            .map(|(group, mode)| format!(", fanout {} in group {group}", mode.name()))
            .unwrap_or_default();
        format!(
            "AF_PACKET TPACKET_V3 on {name} (index {index}), ring {} in {} blocks, {} ms{fanout}",
            mebibytes(shape.bytes()),
            shape.blocks,
            self.timeout_ms
        )
    }
}
