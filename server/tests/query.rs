//! Golden tests of the query dialect: `query/NAME.sql` holds queries, one per line, and
//! `query/NAME.golden` what each becomes: ClickHouse SQL with the answer's columns, catalogue
//! rows, or an error. `UPDATE_GOLDEN=1` rewrites the goldens.
//!
//! Lines that begin with `--` are notes; `-- db NAME` and `-- precision P` apply to what follows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use fathom_server::query::{Plan, translate};

fn render(sql: &str) -> String {
    let mut db = String::new();
    let mut precision = None;
    let mut out = String::new();
    for line in sql.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if let Some(note) = line.strip_prefix("--") {
            match note.trim().split_once(' ') {
                Some(("db", name)) => db = name.trim().to_owned(),
                Some(("precision", p)) => precision = Some(p.trim().to_owned()),
                _ => {}
            }
            continue;
        }
        let line = line.replace("\\n", "\n");
        let _ = writeln!(out, "? {}", line.replace('\n', "\\n"));
        match translate(&db, &line, precision.as_deref()) {
            Ok(Plan::Select { sql, columns }) => {
                let _ = writeln!(out, "  {sql}");
                let columns: Vec<String> = columns
                    .iter()
                    .map(|c| {
                        let kind = if c.metric { "metric" } else { "tag" };
                        let unit = if c.unit.is_empty() { "" } else { " " };
                        format!("{} ({kind}{unit}{})", c.name, c.unit)
                    })
                    .collect();
                let _ = writeln!(out, "  columns: {}", columns.join(", "));
            }
            Ok(Plan::Rows { columns, values }) => {
                let _ = writeln!(out, "  columns: {}", columns.join(", "));
                for row in values {
                    let _ = writeln!(out, "  {}", serde_json::Value::Array(row));
                }
            }
            Err(error) => {
                let _ = writeln!(out, "  ERROR {error}");
            }
        }
        out.push('\n');
    }
    out
}

#[test]
fn goldens() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/query");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "sql") {
            continue;
        }
        count += 1;
        let got = render(&std::fs::read_to_string(&path).unwrap());
        let golden = path.with_extension("golden");
        if update {
            std::fs::write(&golden, &got).unwrap();
            continue;
        }
        let want = std::fs::read_to_string(&golden).unwrap_or_default();
        if got != want {
            let line = got.lines().zip(want.lines()).position(|(a, b)| a != b);
            wrong.push(format!(
                "{}: differs at line {:?}\n  got:  {:?}\n  want: {:?}",
                golden.display(),
                line.map(|l| l + 1),
                line.and_then(|l| got.lines().nth(l)),
                line.and_then(|l| want.lines().nth(l)),
            ));
        }
    }
    assert!(count >= 5, "the golden files are missing from {}", dir.display());
    assert!(wrong.is_empty(), "UPDATE_GOLDEN=1 rewrites them:\n{}", wrong.join("\n"));
}
