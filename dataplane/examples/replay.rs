//! `replay FILE...`: the rows of capture files as NDJSON, for trying the library by hand.
use fathom_dataplane::replay;
use fathom_schema as schema;

fn main() -> std::process::ExitCode {
    let options = replay::Options {
        files: std::env::args_os().skip(1).map(Into::into).collect(),
        tables: schema::TABLES.iter().copied().filter(|t| t.database == "flow_log").collect(),
        ..replay::Options::default()
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (summary, result) = replay::run(&options, &mut out, &mut |_| {});
    eprintln!("{}", summary.to_json());
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            std::process::ExitCode::FAILURE
        }
    }
}
