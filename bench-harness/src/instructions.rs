//! Instructions per packet, by stage, against `perf/budgets.toml`.
//!
//! This program runs itself under callgrind over two captures, one twice as long as the other;
//! the difference by the difference in packets is what a packet takes, without what any run
//! takes once. Only [`crate::drive::measured`] is counted, not the making of the capture.

use crate::budgets::{Budget, Budgets, Excess, Measured};
use crate::drive::{Sealer, config, measured};
use crate::folder::Folder;
use crate::stages::{Costs, DebugInfo, STAGES, attribute, top};
use crate::{callgrind, generate, write};
use anyhow::{Context, Result, bail, ensure};
use fathom_dataplane::pipeline::Pipeline;
use fathom_ring::file;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// Counting begins and ends where this function does; the pattern fits its symbol with and
/// without its name made readable.
const COUNTED: &str = "*fathom_bench*drive*measured*";

/// A budget and what was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Name of the budget.
    pub name: String,
    /// Where the design wants to be.
    pub goal: Option<f64>,
    /// Enforced.
    pub budget: f64,
    /// Instructions per packet.
    pub measured: Measured,
    /// Stages beyond their budget.
    pub exceeded: Vec<Excess>,
}

/// Whether callgrind can be run.
pub fn available() -> bool {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    valgrind.status().is_ok_and(|s| s.success())
}

/// What `fathom-bench drive` does inside callgrind.
///
/// # Errors
/// A capture that cannot be read.
pub fn drive(path: &Path, flows_max: usize) -> Result<()> {
    let mut source = file::open(path)?;
    let mut pipeline = Pipeline::new(config(flows_max));
    let mut sealer = Sealer::new();
    measured(&mut source, &mut pipeline, &mut sealer)?;
    eprintln!("{} packets, {} rows", pipeline.stats().packets, sealer.sealed.rows);
    Ok(())
}

/// Counts one capture.
fn count(spec: &generate::Spec, folder: &Path) -> Result<(u64, Costs)> {
    let (capture, out) = (folder.join("capture.pcap"), folder.join("callgrind.out"));
    let c = generate::capture(spec);
    write(&capture, &c.pcap)?;
    // The path the tool sees is the one it writes down.
    let me = std::env::current_exe()?.canonicalize()?;
    let flows = (c.truth.flows.total * 2).to_string();
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-instr=yes"])
        .args(["--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(&me)
        .arg("drive")
        .arg(&capture)
        .args(["--flows-max", &flows])
        .output()
        .context("cannot run valgrind")?;
    if !run.status.success() {
        bail!("valgrind: {}\n{}", run.status, String::from_utf8_lossy(&run.stderr));
    }
    let text = std::fs::read_to_string(&out)
        .with_context(|| format!("callgrind wrote no {}", out.display()))?;
    let profile = callgrind::parse(&text)?;
    ensure!(
        profile.total > c.truth.packets,
        "callgrind counted {} instructions: it did not meet {COUNTED}",
        profile.total
    );
    let costs = attribute(&profile, &me, &mut DebugInfo::open(&me)?);
    Ok((c.truth.packets, costs))
}

/// Instructions per packet of one kind of traffic, and the longer run's costs by place.
///
/// # Errors
/// Callgrind that does not run, or says nothing.
pub fn measure(budget: &Budget, folder: &Path) -> Result<(Measured, u64, Costs)> {
    let (short_packets, short) = count(&budget.spec(1), folder)?;
    let (packets, long) = count(&budget.spec(2), folder)?;
    let difference = (packets - short_packets) as f64;
    let per_packet = |a: f64, b: f64| (b - a).max(0.0) / difference;
    let stages: BTreeMap<String, f64> = STAGES
        .iter()
        .map(|s| ((*s).to_owned(), per_packet(short.stages[s], long.stages[s])))
        .collect();
    let total = per_packet(short.total, long.total);
    Ok((Measured { total, stages }, packets, long))
}

/// Measures every budget, or those named.
///
/// # Errors
/// A budgets file that is not right, a name that is not in it, or callgrind failing.
pub fn run(file: &Path, only: &[String], profile: bool) -> Result<Vec<Outcome>> {
    let budgets = Budgets::read(file)?;
    if let Some(name) = only.iter().find(|n| !budgets.budget.contains_key(*n)) {
        let names: Vec<_> = budgets.budget.keys().map(String::as_str).collect();
        bail!("no budget {name} in {}; there are {}", file.display(), names.join(", "));
    }
    let folder = Folder::new()?;
    let mut outcomes = Vec::new();
    for (name, budget) in &budgets.budget {
        if !only.is_empty() && !only.contains(name) {
            continue;
        }
        let (measured, packets, costs) = measure(budget, folder.path())?;
        let exceeded = budget.exceeded(&measured);
        let outcome = Outcome {
            name: name.clone(),
            goal: budget.goal,
            budget: budget.total,
            measured,
            exceeded,
        };
        outcome.print(budget);
        if profile {
            print_profile(&costs, packets);
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

impl Outcome {
    fn print(&self, budget: &Budget) {
        let goal = self.goal.map(|g| format!(", goal {g:.0}")).unwrap_or_default();
        println!(
            "{:<8} {:>8.0} instructions per packet (budget {:.0}{goal})",
            self.name, self.measured.total, self.budget
        );
        for stage in STAGES {
            let n = self.measured.stages.get(stage).copied().unwrap_or(0.0);
            match budget.stages.get(stage) {
                Some(b) => println!("  {stage:<8} {n:>7.0}  (budget {b:.0})"),
                None => println!("  {stage:<8} {n:>7.0}"),
            }
        }
        for e in &self.exceeded {
            println!(
                "  EXCEEDED {}: {:.0} instructions per packet, budget {:.0}",
                e.stage, e.measured, e.budget
            );
        }
    }
}

fn print_profile(costs: &Costs, packets: u64) {
    let n = packets as f64;
    println!("\n  allocations per million packets of the longer run");
    for (stage, name, count) in top(&costs.allocations, 25) {
        println!("  {:>8.1}  {stage:<8} {name}", count / n * 1e6);
    }
    for (title, map, lines) in [("functions", &costs.functions, 200), ("lines", &costs.lines, 200)]
    {
        println!(
            "\n  top {title}, instructions per packet of the longer run, with what they call outside of any stage"
        );
        for (stage, name, cost) in top(map, lines) {
            println!("  {:>8.1}  {stage:<8} {name}", cost / n);
        }
    }
}
