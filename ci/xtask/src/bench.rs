//! `cargo xtask bench`: the benchmark scenarios in an optimised build, from the workspace's
//! folder, whose `perf/` and `docs/` they read and write.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Runs scenarios by name, or all of them.
pub(crate) fn run(root: &Path, names: &[&str]) -> Result<()> {
    let names = if names.is_empty() { &["all"] } else { names };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The bare receive loops, which `capture` is held against.
    let bare = Command::new(&cargo)
        .current_dir(root)
        .args(["build", "--release", "--quiet", "-p", "fathom-ring", "--example", "receive"])
        .status()
        .context("cannot start cargo")?;
    if !bare.success() {
        println!("bench: no bare receive loops: the scenario capture is skipped");
    }
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["run", "--release", "--quiet", "-p", "fathom-bench", "--", "run"])
        .args(names)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "a result is wrong or a budget is exceeded: see above");
    Ok(())
}
