//! Captures of real servers and clients go through the replay, and the rows that come out are
//! compared with the golden file beside each capture.
//!
//! `FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden` rewrites them; read the
//! difference before committing it. `ci/captures/make.sh` records the captures.

use fathom_dataplane::replay::{self, Options};
use fathom_schema::TABLES;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Most lines of a difference that are shown per capture.
const SHOWN: usize = 20;

fn captures() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("the folder of captures")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|p| p.extension().is_some_and(|e| e == "pcap"))
        .collect();
    found.sort();
    found
}

/// The rows of a capture as NDJSON, in the order of the tables given.
fn replay(capture: &Path, tables: &[&str]) -> String {
    let named = |name: &&str| TABLES.iter().copied().find(|t| t.name == *name);
    let options = Options {
        files: vec![capture.to_path_buf()],
        tables: tables.iter().map(|n| named(n).expect("a table of the schema")).collect(),
        ..Options::default()
    };
    let mut out = Vec::new();
    let (summary, result) = replay::run(&options, &mut out, &mut |_| {});
    result.unwrap_or_else(|e| panic!("{}: {e}", capture.display()));
    let received = summary.source.received;
    assert!(received > 0, "{}: no frame was read", capture.display());
    String::from_utf8(out).expect("NDJSON is UTF-8")
}

/// One column per line, so that a difference names the column. Absent values are left out; columns
/// that are zero share one line.
fn render(ndjson: &str) -> String {
    let mut out = String::new();
    for line in ndjson.lines() {
        let row: Value = serde_json::from_str(line).expect("each line is JSON");
        let row = row.as_object().expect("each line is an object");
        let _ = writeln!(out, "{}", row["table"].as_str().expect("rows name their table"));
        let mut zero = String::new();
        for (name, value) in row {
            match value {
                Value::Null => {}
                Value::String(s) if s.is_empty() || name == "table" => {}
                Value::Array(a) if a.is_empty() => {}
                Value::Number(n) if n.as_f64() == Some(0.0) => {
                    let _ = write!(zero, " {name}");
                }
                other => {
                    let _ = writeln!(out, "  {name} = {other}");
                }
            }
        }
        let _ = writeln!(out, "  0 ={zero}\n");
    }
    out
}

/// The first lines that differ.
fn difference(want: &str, got: &str) -> String {
    let (want, got): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
    let mut out = String::new();
    let mut shown = 0;
    for at in 0..want.len().max(got.len()) {
        let (w, g) = (want.get(at).unwrap_or(&"(end)"), got.get(at).unwrap_or(&"(end)"));
        if w != g {
            let _ = writeln!(out, "  line {}:\n    want {w}\n    got  {g}", at + 1);
            shown += 1;
            if shown == SHOWN {
                let _ = writeln!(out, "  and more");
                break;
            }
        }
    }
    out
}

#[test]
fn rows_are_as_in_the_goldens() {
    let update = std::env::var_os("FATHOM_UPDATE_GOLDENS").is_some();
    let mut wrong = String::new();
    let captures = captures();
    assert!(captures.len() >= 30, "only {} captures found", captures.len());
    for capture in captures {
        let got = render(&replay(&capture, &["l7_flow_log", "l4_flow_log"]));
        let golden = capture.with_extension("rows");
        if update {
            std::fs::write(&golden, &got).expect("goldens can be written");
            continue;
        }
        match std::fs::read_to_string(&golden) {
            Ok(want) if want == got => {}
            Ok(want) => {
                let _ = writeln!(wrong, "{}:\n{}", golden.display(), difference(&want, &got));
            }
            Err(e) => {
                let _ = writeln!(wrong, "{}: {e}", golden.display());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}FATHOM_UPDATE_GOLDENS=1 accepts what came out");
}

/// Same file, same bytes; and asking for one table gives exactly its rows of asking for all.
#[test]
fn replay_is_deterministic() {
    let tables = ["l7_flow_log", "l4_flow_log", "application_map.1s", "network_map.1s"];
    for capture in captures() {
        let all = replay(&capture, &tables);
        assert_eq!(all, replay(&capture, &tables), "{}", capture.display());
        for table in tables {
            let marker = format!("{{\"table\":\"{table}\"");
            let part: Vec<&str> = all.lines().filter(|l| l.starts_with(&marker)).collect();
            let alone = replay(&capture, &[table]);
            assert_eq!(alone.lines().collect::<Vec<_>>(), part, "{table} {}", capture.display());
        }
    }
}
