//! Compiles the kernel programs to BPF objects with clang; the loader embeds them.

use std::path::PathBuf;
use std::process::Command;

/// Oldest clang whose BPF code the programs are tested with.
const OLDEST: u32 = 11;
/// Newest that is looked for by number; plain `clang` is tried first.
const NEWEST: u32 = 24;

const PROGRAMS: &[&str] = &["blast", "capture"];

fn main() {
    println!("cargo:rerun-if-changed=bpf");
    println!("cargo:rerun-if-env-changed=CLANG");
    // Everything here is for the programs; probing alone needs no compiler.
    if std::env::var_os("CARGO_FEATURE_PROGRAMS").is_none() {
        return;
    }
    let Some(clang) = clang() else {
        eprintln!(
            "error: no clang: it compiles the kernel programs. On Debian and Ubuntu: apt-get install clang; \
             or name one in the environment variable CLANG; or build with --no-default-features, \
             which leaves AF_XDP out"
        );
        std::process::exit(1);
    };
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    for name in PROGRAMS {
        let object = out.join(format!("{name}.bpf.o"));
        let done = Command::new(&clang)
            // -g: maps are described by their types. v3: 32-bit jumps, since Linux 5.1.
            .args(["-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror"])
            .args(["-fno-stack-protector", "-ffile-prefix-map=./=", "-c"])
            .arg(format!("bpf/{name}.bpf.c"))
            .arg("-o")
            .arg(&object)
            .status();
        match done {
            Ok(status) if status.success() => {}
            Ok(status) => {
                eprintln!(
                    "error: {clang} ({status}) cannot compile bpf/{name}.bpf.c; it has to be clang \
                     {OLDEST} or later, with the BPF target"
                );
                std::process::exit(1);
            }
            Err(e) => {
                eprintln!("error: {clang}: {e}");
                std::process::exit(1);
            }
        }
    }
}

/// The compiler to use: what CLANG names, else the first that runs.
fn clang() -> Option<String> {
    if let Ok(named) = std::env::var("CLANG") {
        return Some(named);
    }
    let numbered = (OLDEST..=NEWEST).rev().map(|n| format!("clang-{n}"));
    std::iter::once("clang".to_owned()).chain(numbered).find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|done| done.status.success())
    })
}
