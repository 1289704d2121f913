//! `fathom-bench`: makes traffic, runs the data path over it in memory and judges what it cost.
//! Not part of the data path; users run it on their own gateways.
//!
//! [`generate`] makes captures and says what is in them; [`drive`] runs the data path and
//! [`floor`] the least anything could do; [`found`] reads back what came out, because a wrong
//! answer has no speed.

#![deny(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command line tool speaks on stdout")]
#![allow(unreachable_pub, reason = "modules say what is theirs, though only benches link to it")]

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait")]
mod alloc;
mod budgets;
mod callgrind;
mod chart;
mod child;
pub mod cli;
mod clock;
mod compare;
mod drive;
mod floor;
mod flows;
mod folder;
mod found;
pub mod generate;
mod goals;
mod hostile;
mod instructions;
mod interval;
mod live;
mod machine;
mod page;
pub mod parsers;
mod peers;
#[allow(unsafe_code, reason = "a prefetch is an intrinsic")]
mod prefetch;
mod replay;
mod report;
mod resident;
mod rng;
mod scenario;
#[cfg(feature = "server")]
mod server;
mod shards;
mod stages;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where the truth of a capture is.
fn truth_path(capture: &Path) -> PathBuf {
    let mut name = capture.as_os_str().to_owned();
    name.push(".truth.json");
    name.into()
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
