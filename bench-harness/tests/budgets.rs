//! Budgets of instructions fail a build when a stage gets slower, and say which: a build that can
//! decode every frame twice is measured as it is, then with that.

#![cfg(feature = "slow-decode")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

const FILE: &str = "[budget.small]\nprofile = \"small\"\npackets = 2000\nflows = 100\nspan = 2\n";

fn instructions(budgets: &Path, slow: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom-bench"));
    command.args(["instructions", "--budgets"]).arg(budgets).env_remove("FATHOM_BENCH_SLOW");
    if let Some(stage) = slow {
        command.env("FATHOM_BENCH_SLOW", stage);
    }
    command.output().expect("runs")
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

#[test]
fn a_slower_stage_is_named() {
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: budgets are counted by valgrind, which is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("budgets.toml");
    std::fs::write(&path, format!("{FILE}total = 1e9\nstages = {{ decode = 1e9 }}\n"))
        .expect("writes");
    let out = instructions(&path, None);
    assert!(out.status.success(), "{}", said(&out));
    let (mut stages, mut total) = (String::new(), 0.0_f64);
    for line in said(&out).lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            ["small", n, "instructions", ..] => total = n.parse().expect("a number"),
            [stage, n, ..] if line.starts_with("  ") && stage != "EXCEEDED" => {
                let n: f64 = n.parse().expect("a number");
                // Whoever decodes again also asks for the frame again: without optimisation that
                // is some of its source's work.
                let room = if stage == "decode" { n * 1.03 + 20.0 } else { n * 1.5 + 100.0 };
                write!(stages, "{stage} = {}, ", room.ceil()).expect("a string");
            }
            _ => {}
        }
    }
    let budgets = format!(
        "{FILE}total = {}\nstages = {{ {} }}\n",
        total * 4.0,
        stages.trim_end_matches(", ")
    );
    std::fs::write(&path, budgets).expect("writes");
    let out = instructions(&path, None);
    assert!(out.status.success(), "{}", said(&out));
    let out = instructions(&path, Some("decode"));
    let said = said(&out);
    assert_eq!(out.status.code(), Some(1), "{said}");
    let exceeded: Vec<&str> = said.lines().filter(|l| l.contains("EXCEEDED")).collect();
    assert!(exceeded.len() == 1 && exceeded[0].contains("EXCEEDED decode:"), "{said}");
}
