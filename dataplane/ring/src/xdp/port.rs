//! One interface with our XDP program on it, shared by the sockets of its queues. The program
//! goes when the last of them does.

use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fathom_ebpf::XdpCounts;
use fathom_ebpf::device::{Device, DeviceCounters, DeviceWatch, XdpMode};
use fathom_ebpf::xdp::{self, Program, Settings};

use super::Mode;
use crate::Error;
use crate::af_packet::Promiscuous;
use crate::interfaces::Info;

/// The program of one interface.
pub(super) struct Port {
    program: Mutex<Program>,
    watch: Mutex<DeviceWatch>,
    pub(super) info: Info,
    pub(super) mode: XdpMode,
    pub(super) queues: u32,
    /// The program takes frames that come in several buffers.
    pub(super) parts: bool,
    _promiscuous: Option<Promiscuous>,
}

/// How a port is to be opened.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) mode: Mode,
    /// Frames may be longer than what every driver takes in one buffer.
    pub(super) jumbo: bool,
    pub(super) promiscuous: bool,
    /// The program is to outlive the process.
    pub(super) pin: Option<&'a Path>,
}

/// What was found out while a port was opened.
#[derive(Default)]
pub(super) struct Findings {
    /// What was chosen, and why not something better.
    pub(super) choices: Vec<String>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

impl Port {
    /// Loads and attaches the program: in the driver where that is possible and wanted.
    pub(super) fn open(
        info: &Info,
        device: &Device,
        settings: &Settings,
        wish: Wish<'_>,
        findings: &mut Findings,
    ) -> Result<Arc<Self>, Error> {
        let modes: &[XdpMode] = match wish.mode {
            Mode::Auto => &[XdpMode::Driver, XdpMode::Generic],
            Mode::Driver => &[XdpMode::Driver],
            Mode::Generic => &[XdpMode::Generic],
        };
        let mut refused = None;
        for &mode in modes {
            // In generic mode the stack shows segments that it has not cut yet, whatever the MTU;
            // in the driver, being ready for long frames can cost speed.
            let parts = wish.jumbo || mode == XdpMode::Generic;
            match attach(settings, mode, parts, wish.pin, findings) {
                Ok((program, mode, parts)) => {
                    findings.choices.push(match &refused {
                        None => format!("{mode} mode"),
                        Some(why) => format!("{mode} mode: {why}"),
                    });
                    let watch = DeviceWatch::new(info.index)
                        .map_err(|source| Error::Os { call: "socket(AF_NETLINK)", source })?;
                    let promiscuous =
                        wish.promiscuous.then(|| Promiscuous::enter(info.index)).transpose()?;
                    return Ok(Arc::new(Self {
                        program: Mutex::new(program),
                        watch: Mutex::new(watch),
                        info: info.clone(),
                        mode,
                        queues: device.queues,
                        parts,
                        _promiscuous: promiscuous,
                    }));
                }
                Err(e @ xdp::Error::Mode { .. }) => refused = Some(e),
                Err(e) => return Err(e.into()),
            }
        }
        Err(refused.map_or_else(|| Error::NoInterface(info.name.clone()), Error::from))
    }

    /// Gives the frames of a queue to a socket.
    pub(super) fn claim(&self, queue: u32, socket: BorrowedFd<'_>) -> Result<(), Error> {
        Ok(self.program().claim(queue, socket)?)
    }

    /// Takes them from it again.
    pub(super) fn release(&self, queue: u32) {
        // A socket that is closed is taken out by the kernel; this only comes before it.
        let _ = self.program().release(queue);
    }

    /// The program's decisions on one queue.
    pub(super) fn counts(&self, queue: u32) -> XdpCounts {
        // Reading a map that was just made, at an index that is there, does not fail.
        self.program().counts(queue).unwrap_or_default()
    }

    pub(super) fn device_counters(&self) -> DeviceCounters {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        // Gone: the counters went with it.
        watch.counters().unwrap_or_default()
    }

    pub(super) fn program(&self) -> std::sync::MutexGuard<'_, Program> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Loads and attaches, with readiness for frames in several buffers if that is wanted and there.
fn attach(
    settings: &Settings,
    mode: XdpMode,
    parts: bool,
    pin: Option<&Path>,
    findings: &mut Findings,
) -> Result<(Program, XdpMode, bool), xdp::Error> {
    let load = |parts| Program::load(&Settings { parts, ..settings.clone() });
    let (mut program, parts) = match load(parts) {
        // Before Linux 5.18 the kernel does not know what is asked for.
        Err(xdp::Error::Load(why)) if parts => {
            findings.notes.push(format!("this kernel has no multi-buffer XDP: {why}"));
            (load(false)?, false)
        }
        other => (other?, parts),
    };
    if let Some(pin) = pin {
        if let Some(mode) = program.adopt(pin)? {
            findings.choices.push(format!("took over the program pinned at {}", pin.display()));
            return Ok((program, mode, parts));
        }
        program.attach(mode)?;
        program.pin(pin)?;
    } else {
        program.attach(mode)?;
    }
    Ok((program, mode, parts))
}
