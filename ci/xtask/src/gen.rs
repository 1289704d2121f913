//! `cargo xtask gen`: from `schema/tables/*.toml` and `schema/enums.toml` to everything that
//! repeats them: column blocks and definitions in Rust, the reference page, the DDL golden; and
//! from `parsers/protocols` to the page on protocols.
//!
//! ```text
//! load (TOML, checked) -> model (every column written out) -> rust, docs
//! ```
//!
//! The SQL text is made by the schema crate itself, at run time and for several dialects; the
//! committed copy in `schema/generated/ddl.sql` is a golden file of its tests.

mod docs;
mod load;
mod model;
mod protocols;
mod rust;

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Write the files, or only compare them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write what differs.
    Write,
    /// Fail on a difference.
    Check,
}

/// Generates, into or against the working tree at `root`.
pub(crate) fn run(root: &Path, mode: Mode) -> Result<()> {
    let schema = load::load(&root.join("schema"))?;
    let mut files = rust::files(&schema);
    files.push(("docs/tables.md".into(), docs::tables(&schema)));
    files.push(("docs/protocols.md".into(), protocols::page(root)?));

    let mut stale = Vec::new();
    for (name, text) in &files {
        let path = root.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == *text) {
            continue;
        }
        if mode == Mode::Check {
            stale.push(name.as_str());
            continue;
        }
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("writing {name}"))?;
        println!("wrote {name}");
    }
    if !stale.is_empty() {
        bail!("{} differ from what they are made from: run `cargo xtask gen`", stale.join(", "));
    }
    goldens(root, mode)
}

/// Rewrites or checks `schema/generated/ddl.sql` and the list of wire ids through the tests that
/// own them.
fn goldens(root: &Path, mode: Mode) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut test = Command::new(cargo);
    test.current_dir(root).args(["test", "--quiet", "-p", "fathom-schema"]);
    test.args(["--test", "ddl", "--test", "wire_ids"]);
    if mode == Mode::Write {
        test.env("FATHOM_BLESS", "1");
    }
    let out = test.output().context("running the golden tests of fathom-schema")?;
    if !out.status.success() {
        let text = String::from_utf8_lossy(&out.stdout).into_owned()
            + &String::from_utf8_lossy(&out.stderr);
        bail!("schema/generated/ddl.sql or the wire ids differ from schema/tables\n{text}");
    }
    Ok(())
}
