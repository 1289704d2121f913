//! `cargo xtask`: everything a script would do, in Rust. Not part of the data path; the code that
//! is comes partly out of `gen`.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command line tool speaks on stdout")]

mod bench;
mod check;
mod conformance;
mod r#gen;
mod new;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  gen           write the Rust, SQL and pages that come from schema/tables and schema/enums.toml
  gen --check   fail when what is committed differs from what gen would write
  new parser NAME  module, tests, registry line and description of a new protocol
  tidy          house rules: file sizes, module comments, the order of crates, where unsafe may be
  check         formatting, generated files, tidy, clippy, documentation
  conformance   public captures beside the checkout, when there are some
  bench [NAME..]  benchmark scenarios of perf/scenarios, all unless named";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["gen"] => r#gen::run(&root(), r#gen::Mode::Write),
        ["gen", "--check"] => r#gen::run(&root(), r#gen::Mode::Check),
        ["new", "parser", name] => new::parser(&root(), name),
        ["tidy"] => tidy::run(&root()),
        ["check"] => check::run(&root()),
        ["conformance"] => conformance::run(&root()),
        ["bench", names @ ..] => bench::run(&root(), names),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("xtask: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
