//! `perf/scenarios/*.toml`: what `fathom-bench run` runs, and the goals its numbers are held
//! against.

use crate::generate::{Profile, Spec};
use crate::report::{Entry, Goal, Number, Status};
use crate::{flows, generate, instructions, replay};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A scenario as it stands in its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// For people.
    pub title: String,
    /// What is run.
    #[serde(flatten)]
    pub work: Work,
    /// What its numbers should be.
    #[serde(default)]
    pub goal: Vec<GoalSpec>,
}

/// One kind of run.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// The data path over a generated capture.
    Replay(Replay),
    /// Instructions against budgets.
    Instructions(Instructions),
    /// Memory of idle flows.
    Flows(Flows),
    /// The server's cost by row.
    Server(Server),
}

/// See [`crate::replay`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in generate::Spec and the command line")]
pub struct Replay {
    pub profile: Profile,
    pub packets: u64,
    pub flows: u64,
    pub span: u64,
    pub seed: u64,
    pub repeat: usize,
    #[serde(default)]
    pub require: Vec<String>,
}

impl Replay {
    /// Its capture.
    pub fn spec(&self) -> Spec {
        Spec {
            profile: self.profile,
            packets: self.packets,
            flows: self.flows,
            seed: self.seed,
            span_s: self.span,
            ..Spec::default()
        }
    }
}

/// See [`crate::instructions`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// The file, from the repository's root.
    pub budgets: PathBuf,
}

/// See [`crate::flows`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flows {
    /// How many.
    pub count: u64,
}

/// See `server.rs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in generate::Spec and the command line")]
#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "read, checked and skipped"))]
pub struct Server {
    pub packets: u64,
    pub flows: u64,
    pub repeat: usize,
}

/// What a number should be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalSpec {
    /// Name of the number.
    pub number: String,
    /// At most.
    pub at_most: f64,
}

/// Reads the scenario of that name.
///
/// # Errors
/// No such file, or one that is not right.
pub fn read(folder: &Path, name: &str) -> Result<Scenario> {
    let path = folder.join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).with_context(|| {
        let names = names(folder).unwrap_or_default().join(", ");
        format!("cannot read {}; scenarios are: {names}", path.display())
    })?;
    toml::from_str(&text).with_context(|| format!("{}", path.display()))
}

/// Names of all scenarios, in order.
///
/// # Errors
/// A folder that cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml")
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "no scenario in {}", folder.display());
    Ok(names)
}

/// Runs one.
///
/// # Errors
/// What could not be run at all; numbers that are not as they should be are in the entry.
pub fn run(name: &str, scenario: &Scenario) -> Result<Entry> {
    let mut entry =
        Entry { name: name.to_owned(), title: scenario.title.clone(), ..Entry::default() };
    match &scenario.work {
        Work::Replay(r) => run_replay(r, &mut entry)?,
        Work::Instructions(i) => run_instructions(i, &mut entry)?,
        Work::Flows(f) => run_flows(f, &mut entry)?,
        Work::Server(s) => run_server(s, &mut entry)?,
    }
    if entry.status == Status::Done {
        for goal in &scenario.goal {
            let Some(number) = entry.numbers.iter().find(|n| n.name == goal.number) else {
                bail!("scenario {name} has a goal for {}, which is not measured", goal.number)
            };
            let met = number.value <= goal.at_most;
            entry.goals.push(Goal { number: goal.number.clone(), at_most: goal.at_most, met });
        }
    }
    Ok(entry)
}

fn run_replay(r: &Replay, entry: &mut Entry) -> Result<()> {
    let capture = generate::capture(&r.spec());
    let outcome = replay::run(&capture, &r.require, r.repeat)?;
    outcome.print();
    let o = &outcome;
    entry.failed = o
        .failed
        .iter()
        .map(|c| format!("{}: {} in the capture, {} in the rows", c.what, c.truth, c.found))
        .collect();
    entry.numbers = vec![
        Number::new("transactions found", "", o.transactions as f64),
        Number::new("transactions in the capture", "", o.transactions_in_capture as f64),
    ];
    if entry.failed.is_empty() {
        entry.numbers.extend([
            Number::new("CPU per packet", "ns", o.ns_per_packet),
            Number::new("floor per packet", "ns", o.floor_ns_per_packet),
            Number::new("ratio to the floor", "", o.ratio),
        ]);
    }
    entry.numbers.extend([
        Number::new(
            "allocations per million packets, second half",
            "",
            o.steady_allocations_per_packet * 1e6,
        ),
        Number::new("rows per packet", "", o.rows_per_packet),
        Number::new("wire bytes per row", "B", o.sealed_bytes_per_row),
    ]);
    entry.detail = serde_json::to_value(&outcome)?;
    Ok(())
}

fn run_instructions(i: &Instructions, entry: &mut Entry) -> Result<()> {
    if !instructions::available() {
        entry.skip("valgrind is not installed (package valgrind)");
        return Ok(());
    }
    let outcomes = instructions::run(&i.budgets, &[], false)?;
    for o in &outcomes {
        entry.numbers.push(Number::new(&o.name, "instructions/packet", o.measured.total));
        if let Some(goal) = o.goal {
            let met = o.measured.total <= goal;
            entry.goals.push(Goal { number: o.name.clone(), at_most: goal, met });
        }
        entry.failed.extend(o.exceeded.iter().map(|e| {
            format!(
                "{}, {}: {:.0} instructions per packet, budget {:.0}",
                o.name, e.stage, e.measured, e.budget
            )
        }));
    }
    entry.detail = serde_json::to_value(&outcomes)?;
    Ok(())
}

/// In processes of their own: what an earlier scenario's memory left behind would be counted.
fn run_flows(f: &Flows, entry: &mut Entry) -> Result<()> {
    let mut details = Vec::new();
    for http in [false, true] {
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.args(["flows", "--json", "--count", &f.count.to_string()]);
        if http {
            command.arg("--http");
        }
        let out = command.output().context("cannot run this program again")?;
        let o: flows::Outcome = serde_json::from_slice(&out.stdout)
            .with_context(|| String::from_utf8_lossy(&out.stderr).into_owned())?;
        let what = if http { "with a request" } else { "without payload" };
        o.print(what);
        entry.numbers.extend([
            Number::new(&format!("bytes per idle flow {what}"), "B", o.bytes_per_flow),
            Number::new(
                &format!("resident size, flows {what}"),
                "MiB",
                o.rss_bytes as f64 / 1_048_576.0,
            ),
        ]);
        if o.held != o.count {
            entry.failed.push(format!("{} of {} flows {what} are held", o.held, o.count));
        }
        if o.rows_refused > 0 {
            entry.failed.push(format!("{} rows are beyond a block's limit", o.rows_refused));
        }
        details.push(serde_json::to_value(&o)?);
    }
    entry.detail = details.into();
    Ok(())
}

#[cfg(feature = "server")]
fn run_server(s: &Server, entry: &mut Entry) -> Result<()> {
    let o = crate::server::run(s.packets, s.flows, s.repeat)?;
    o.print();
    let server = o.all.verify_ns + o.all.build_ns;
    entry.numbers = vec![
        Number::new("rows", "", o.all.rows as f64),
        Number::new("verify per row", "ns", o.all.verify_ns),
        Number::new("tag and concatenate per row", "ns", o.all.build_ns),
        Number::new("server per row", "ns", server),
    ];
    if let (Some(store), Some(ratio)) = (o.all.store_ns, o.ratio) {
        entry.numbers.extend([
            Number::new("store per row", "ns", store),
            Number::new("server by store", "", ratio),
        ]);
    }
    if let Some((stored, inserted)) = o.stored
        && stored != inserted
    {
        entry.failed.push(format!("{stored} rows are in the store of {inserted} inserted"));
    }
    entry.detail = serde_json::to_value(&o)?;
    if let Some(why) = &o.skipped {
        entry.skip(&format!("the store: {why}"));
    }
    Ok(())
}

#[cfg(not(feature = "server"))]
fn run_server(_: &Server, entry: &mut Entry) -> Result<()> {
    entry.skip("built without the feature `server`");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Work, names, read};
    use std::path::Path;

    #[test]
    fn committed_scenarios_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../perf/scenarios");
        let names = names(&folder).expect("lists");
        for name in ["dns", "flows", "http", "instructions", "mix", "server", "small"] {
            assert!(names.iter().any(|n| n == name), "{name}");
        }
        for name in &names {
            let s = read(&folder, name).expect(name);
            assert!(!s.title.is_empty());
            if let Work::Replay(r) = &s.work {
                assert!(r.repeat >= 5 && r.packets >= 100_000, "{name}");
            }
        }
        let error = format!("{:#}", read(&folder, "nothing").expect_err("is not there"));
        assert!(error.contains("mix"), "{error}");
    }
}
