//! `fathom-bench`, see the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    fathom_bench::cli::main()
}
