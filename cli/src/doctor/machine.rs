//! What this machine can do, and what an agent here would therefore use.

use crate::agent_program;
use fathom_ebpf::{Capabilities, State};
use std::fmt;

/// Findings about this machine.
pub(super) struct Machine {
    capture: State,
    uring: bool,
    details: String,
    interfaces: String,
    engine: Result<String, String>,
}

impl Machine {
    /// Tries everything; changes nothing.
    pub(super) fn probe() -> Self {
        let found = Capabilities::probe();
        let interfaces = match fathom_ring::interfaces::list() {
            Err(e) => format!("unknown: {e}"),
            Ok(all) => {
                let up = all.iter().filter(|i| i.up && i.link().is_some());
                let names: Vec<&str> = up.map(|i| i.name.as_str()).collect();
                if names.is_empty() { "none that is up".into() } else { names.join(", ") }
            }
        };
        let mut capture = found.capture().clone();
        if let (State::No { .. }, Ok(program)) = (&capture, agent_program::program())
            && agent_program::may_capture(&program)
        {
            capture = State::Yes(format!("by the file capabilities of {}", program.display()));
        }
        Self {
            capture,
            uring: found.io_uring.state.is_yes(),
            details: found.to_string(),
            interfaces,
            engine: fathom_engine::library::locate()
                .map(|path| path.display().to_string())
                .map_err(|e| e.to_string()),
        }
    }

    /// Why packets cannot be captured here, with the remedy; `None` when they can.
    pub(super) fn no_capture(&self) -> Option<String> {
        match &self.capture {
            State::Yes(_) => None,
            State::No { why, remedy } => Some(format!("{why}; {remedy}")),
        }
    }

    /// A machine on which only capture matters.
    #[cfg(test)]
    pub(super) fn for_tests(no_capture: Option<&str>) -> Self {
        let capture = match no_capture {
            None => State::Yes(String::new()),
            Some(why) => State::No { why: why.into(), remedy: "remedy".into() },
        };
        Self {
            capture,
            uring: true,
            details: String::new(),
            interfaces: String::new(),
            engine: Err(String::new()),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "this machine\n{}", self.details)?;
        writeln!(f, "an agent here uses")?;
        match &self.capture {
            State::Yes(how) => writeln!(
                f,
                "  capture     AF_PACKET rings (TPACKET_V3) on {}{}",
                self.interfaces,
                if how.is_empty() { String::new() } else { format!(", {how}") }
            )?,
            State::No { why, remedy } => writeln!(
                f,
                "  capture     nothing: {why}; {remedy}; `fathom replay` and `--pcap` still work"
            )?,
        }
        let engine = if self.uring { "io_uring (glommio)" } else { "epoll" };
        writeln!(f, "  shards      {engine}")?;
        writeln!(f, "  BPF probes  none: they are not part of this version yet")?;
        match &self.engine {
            Ok(path) => writeln!(f, "a server here uses\n  store       {path}"),
            Err(why) => writeln!(f, "a server here uses\n  store       none embedded: {why}"),
        }
    }
}
