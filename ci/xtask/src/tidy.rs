//! House rules that a reviewer should not have to look for.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a source file, generated ones apart.
const LINES_MAX: usize = 700;
/// Columns of a source line.
const COLUMNS_MAX: usize = 124;

/// Which workspace crates a crate may use. Test and build dependencies are not looked at.
const MAY_USE: &[(&str, &[&str])] = &[
    ("fathom-schema", &[]),
    ("fathom-settings", &[]),
    ("fathom-parsers", &[]),
    ("fathom-ebpf", &[]),
    ("fathom-ring", &["fathom-ebpf"]),
    ("fathom-shard", &[]),
    (
        "fathom-dataplane",
        &[
            "fathom-schema",
            "fathom-settings",
            "fathom-parsers",
            "fathom-ebpf",
            "fathom-ring",
            "fathom-shard",
        ],
    ),
    ("fathom-engine", &["fathom-schema"]),
    ("fathom-server", &["fathom-schema", "fathom-settings", "fathom-shard", "fathom-engine"]),
];

/// Crates that may contain `unsafe`; all others forbid it. The harness counts allocations.
const MAY_BE_UNSAFE: &[&str] =
    &["bench-harness", "dataplane/ring", "dataplane/shard", "ebpf-xdp", "server/engine"];

/// Checks everything; the error lists all that is wrong.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut wrong = Vec::new();
    for file in tracked(root, "*.rs")? {
        let text = std::fs::read_to_string(root.join(&file)).with_context(|| show(&file))?;
        source(&file, &text, &mut wrong);
    }
    arrows(root, &mut wrong)?;
    unsafety(root, &mut wrong)?;
    if wrong.is_empty() {
        println!("tidy: nothing to say");
        return Ok(());
    }
    for w in &wrong {
        println!("tidy: {w}");
    }
    bail!("{} things are not tidy", wrong.len())
}

fn show(p: &Path) -> String {
    p.display().to_string()
}

fn tracked(root: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let out = Command::new("git").args(["ls-files", pattern]).current_dir(root).output()?;
    let text = String::from_utf8(out.stdout)?;
    Ok(text.lines().map(PathBuf::from).filter(|p| root.join(p).exists()).collect())
}

fn source(file: &Path, text: &str, wrong: &mut Vec<String>) {
    let name = show(file);
    if name.contains("/generated") {
        return;
    }
    if text.lines().count() > LINES_MAX {
        wrong.push(format!("{name}: over {LINES_MAX} lines; is it still one idea?"));
    }
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    if !first.starts_with("//!") && !first.starts_with("#!") {
        wrong.push(format!("{name}: no module comment that says what it is for"));
    }
    for (i, line) in text.lines().enumerate() {
        let at = || format!("{name}:{}", i + 1);
        // Text is not broken for its length: it could not be searched for then.
        if line.chars().count() > COLUMNS_MAX && !line.contains(['"', '\\']) {
            wrong.push(format!("{}: over {COLUMNS_MAX} columns", at()));
        }
        if !line.is_ascii() && !name.contains("/tests") && !line.contains('"') {
            wrong.push(format!("{}: not ASCII", at()));
        }
        let marker = ["TO", "DO"].concat();
        let fix = ["FIX", "ME"].concat();
        if line.contains(&marker) || line.contains(&fix) {
            wrong.push(format!("{}: an open end", at()));
        }
    }
}

fn arrows(root: &Path, wrong: &mut Vec<String>) -> Result<()> {
    let mut names = BTreeMap::new();
    for file in tracked(root, "*Cargo.toml")? {
        let text = std::fs::read_to_string(root.join(&file))?;
        let manifest: toml::Table = toml::from_str(&text).with_context(|| show(&file))?;
        let name = manifest.get("package").and_then(|p| p.get("name")).and_then(|n| n.as_str());
        if let Some(name) = name {
            let uses = manifest.get("dependencies").and_then(|d| d.as_table());
            let uses: Vec<String> = uses.into_iter().flatten().map(|(k, _)| k.clone()).collect();
            names.insert(name.to_owned(), uses);
        }
    }
    for (name, may) in MAY_USE {
        let uses = names.get(*name).with_context(|| format!("no crate {name}"))?;
        for used in uses.iter().filter(|u| names.contains_key(*u)) {
            if !may.contains(&used.as_str()) {
                wrong.push(format!("{name} uses {used}, against the order of ARCHITECTURE.md"));
            }
        }
    }
    Ok(())
}

fn unsafety(root: &Path, wrong: &mut Vec<String>) -> Result<()> {
    for file in tracked(root, "*Cargo.toml")? {
        let Some(dir) = file.parent().filter(|d| !d.as_os_str().is_empty()) else { continue };
        let name = show(dir);
        if MAY_BE_UNSAFE.contains(&name.as_str()) || name.contains("fuzz") {
            continue;
        }
        let roots = ["src/lib.rs", "src/main.rs"].map(|r| root.join(dir).join(r));
        for file in roots.iter().filter(|r| r.exists()) {
            let text = std::fs::read_to_string(file)?;
            let counts = text.contains("#![forbid(unsafe_code)]")
                || text.contains("#![deny(unsafe_code)]")
                || text.lines().all(|l| !l.contains("unsafe"));
            if !counts {
                wrong.push(format!("{}: unsafe code outside the crates that may", show(file)));
            }
            if file.ends_with("lib.rs") && !text.contains("#![forbid(unsafe_code)]") {
                wrong.push(format!("{}: forbid unsafe_code", show(file)));
            }
        }
    }
    Ok(())
}
