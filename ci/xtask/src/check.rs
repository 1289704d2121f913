//! Exactly what has to be clean before a change lands, short of the tests.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Formatting, lints, documentation, generated files, house rules; stops at the first failure.
pub(crate) fn run(root: &Path) -> Result<()> {
    cargo(root, &["fmt", "--all", "--check"], None)?;
    crate::r#gen::run(root, crate::r#gen::Mode::Check)?;
    crate::tidy::run(root)?;
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    cargo(root, &lints, None)?;
    let docs = ["doc", "--workspace", "--no-deps", "--document-private-items"];
    // Private items have their page, so a link to one leads somewhere.
    let flags = "-D warnings -A rustdoc::private_intra_doc_links";
    cargo(root, &docs, Some(("RUSTDOCFLAGS", flags)))
}

fn cargo(root: &Path, args: &[&str], env: Option<(&str, &str)>) -> Result<()> {
    println!("check: cargo {}", args.join(" "));
    let status = Command::new("cargo")
        .args(args)
        .envs(env)
        .current_dir(root)
        .status()
        .context("running cargo")?;
    ensure!(status.success(), "cargo {} found something", args.join(" "));
    Ok(())
}
