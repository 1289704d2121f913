//! The store process on its own, for this crate's tests and measurements.
//! The server has the same as `fathom-server store`.

fn main() {
    // The supervisor passes the subcommand first.
    fathom_engine::child::run(std::env::args_os().skip(2))
}
