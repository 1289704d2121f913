//! Public captures, when a copy of them lies beside the checkout: what this version claims to
//! understand has to be right, and nothing else may crash, hang or be claimed.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Protocols whose expectations have to hold.
const SPOKEN: &[&str] = &[
    "HTTP",
    "HTTP2",
    "gRPC",
    "DNS",
    "Redis",
    "MySQL",
    "PostgreSQL",
    "Memcached",
    "Dubbo",
    "FastCGI",
    "SofaRPC",
    "bRPC",
    "Pulsar",
    "RocketMQ",
    "OpenWire",
    "ZMTP",
];

/// Runs the grader beside the captures and judges its report.
pub(crate) fn run(root: &Path) -> Result<()> {
    let corpus = root.join("../shared/captures");
    let grader = corpus.join("grade.py");
    if !grader.exists() {
        println!("SKIPPED: conformance: no captures at {}", corpus.display());
        return Ok(());
    }
    let built = Command::new("cargo")
        .args(["build", "--quiet", "-p", "fathom-cli"])
        .current_dir(root)
        .status()
        .context("running cargo")?;
    ensure!(built.success(), "fathom does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), std::path::PathBuf::from);
    let program = target.join("debug/fathom");
    let report = std::env::temp_dir().join(format!("conformance-{}.json", std::process::id()));
    let command = format!("{} replay {{pcap}} --tables l7_flow_log,l4_flow_log", program.display());
    // The grader exits with 1 while protocols are missing: its report is what counts.
    let output = Command::new("python3")
        .arg(&grader)
        .args(["--cmd", &command, "--jobs", "2", "--corpus"])
        .arg(&corpus)
        .arg("--json")
        .arg(&report)
        .output()
        .context("running python3")?;
    let text = std::fs::read_to_string(&report).with_context(|| {
        format!("the grader wrote no report: {}", String::from_utf8_lossy(&output.stderr))
    })?;
    let _ = std::fs::remove_file(&report);
    judge(&corpus, &serde_json::from_str(&text)?)
}

fn judge(corpus: &Path, report: &Value) -> Result<()> {
    let cases = report["cases"].as_array().context("no cases in the report")?;
    let mut bad = BTreeMap::new();
    let (mut whole, mut others) = (0, 0);
    for case in cases {
        let name = case["case"].as_str().context("a case without a name")?;
        let problems: Vec<&str> =
            case["problems"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let spoken = only_spoken(corpus, name)?;
        let mine: Vec<&str> = if spoken {
            whole += 1;
            problems
        } else {
            others += 1;
            problems.into_iter().filter(|p| is_broken(p)).collect()
        };
        if !mine.is_empty() {
            bad.insert(name, mine.join("\n    "));
        }
    }
    for (name, why) in &bad {
        println!("conformance: {name}\n    {why}");
    }
    println!(
        "conformance: {whole} captures of {} and flows held to all they should say, \
         {others} others to raise no false claim; {} bad",
        SPOKEN.join(", "),
        bad.len()
    );
    if bad.is_empty() { Ok(()) } else { bail!("{} captures are not as they should be", bad.len()) }
}

/// The capture demands rows of spoken protocols only (or of flows alone).
fn only_spoken(corpus: &Path, name: &str) -> Result<bool> {
    let path = corpus.join(format!("{name}.expected.json"));
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let expected: Value = serde_json::from_str(&text)?;
    let mut rows = expected["must"]["l7_rows"].as_array().into_iter().flatten();
    let counted = expected["must"]["l7_count_by_protocol"].as_object();
    let mut counted = counted.into_iter().flatten().map(|(p, _)| p.as_str());
    Ok(rows.all(|r| r["l7_protocol"].as_str().is_some_and(|p| SPOKEN.contains(&p)))
        && counted.all(|p| SPOKEN.contains(&p) || p == "*"))
}

/// A run that failed, or rows of a protocol that the capture does not hold.
fn is_broken(problem: &str) -> bool {
    ["no_protocols", "exit status", "killed", "timeout", "invalid JSON", "cannot run"]
        .iter()
        .any(|p| problem.starts_with(p))
}
