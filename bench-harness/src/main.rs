//! The program; everything is in the library, which the microbenchmarks use too.

fn main() -> std::process::ExitCode {
    fathom_bench::cli::main()
}
