//! Finds out which commit is being built, for `--version`.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=FATHOM_COMMIT");
    // A build from an unpacked archive has no repository: whoever packs it sets FATHOM_COMMIT.
    let commit =
        std::env::var("FATHOM_COMMIT").ok().or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    if let Some(dir) = git(&["rev-parse", "--git-dir"]) {
        // `logs/HEAD` grows with each commit and checkout; without reflogs HEAD itself has to do.
        let log = Path::new(&dir).join("logs/HEAD");
        let watched = if log.exists() { log } else { Path::new(&dir).join("HEAD") };
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    println!("cargo::rustc-env=FATHOM_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

fn git(args: &[&str]) -> Option<String> {
    let out = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?.trim().to_string();
    (out.status.success() && !text.is_empty()).then_some(text)
}
