//! `fathom-bench`: makes traffic, runs the data path over it in memory and judges what it cost.
//! Not part of the data path; users run it on their own gateways.
//!
//! [`generate`] makes captures and says what is in them; [`drive`] runs the data path and
//! [`floor`] the least anything could do; [`found`] reads back what came out, because a wrong
//! answer has no speed.

#![deny(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command line tool speaks on stdout")]

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait")]
pub mod alloc;
pub mod budgets;
pub mod callgrind;
pub mod cli;
pub mod clock;
pub mod drive;
pub mod floor;
pub mod flows;
pub mod found;
pub mod generate;
pub mod instructions;
pub mod machine;
pub mod replay;
pub mod rng;
pub mod stages;

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
