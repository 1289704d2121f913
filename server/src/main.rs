//! `fathom-server`: the server as systemd or Kubernetes runs it.

use std::ffi::OsString;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|a| a == "store") {
        args.remove(0);
        fathom_engine::child::run(args);
    }
}
