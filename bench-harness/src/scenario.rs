//! `perf/scenarios/*.toml`: what `fathom-bench run` runs, and the goals its numbers are held
//! against.

mod live;
mod run;

pub use run::run;

use crate::generate::{Profile, Spec};
use anyhow::{Context, Result, ensure};
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
    Replay(Traffic),
    /// Instructions against budgets.
    Instructions(Instructions),
    /// Memory of idle flows.
    Flows(Flows),
    /// The server's cost by row.
    Server(Server),
    /// Rows from many agents into the store.
    Ingest(Ingest),
    /// Questions of dashboards.
    Asked(Asked),
    /// Packets by how many flows there are.
    Resident(Resident),
    /// New flows beside many that are there.
    Arrivals(Arrivals),
    /// Two shards against one.
    Shards(Traffic),
    /// Other programs on the same file.
    Peers(Traffic),
    /// Traffic made to hurt, against its harmless likeness.
    Hostile(Hostile),
    /// Parsers by message.
    Parsers(Parsers),
    /// Live capture against bare receive loops.
    Capture(Capture),
    /// More than an agent can take.
    Overload(Overload),
}

/// A generated capture, and how often it is run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in generate::Spec and the command line")]
pub struct Traffic {
    pub profile: Profile,
    pub packets: u64,
    pub flows: u64,
    pub span: u64,
    pub seed: u64,
    pub repeat: usize,
    /// Protocols of which every transaction has to be found.
    #[serde(default)]
    pub require: Vec<String>,
}

impl Traffic {
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

/// See [`crate::resident`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in resident::Spec")]
pub struct Resident {
    pub flows: Vec<u64>,
    pub packets: u64,
    pub repeat: usize,
    pub seed: u64,
}

/// See [`crate::resident`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in resident::Spec")]
pub struct Arrivals {
    pub flows: u64,
    pub packets: u64,
    pub repeat: usize,
}

/// See [`crate::hostile`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in hostile")]
pub struct Hostile {
    pub packets: u64,
    pub repeat: usize,
}

/// See [`crate::parsers`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in parsers")]
pub struct Parsers {
    pub messages: usize,
    pub repeat: usize,
}

/// See `live.rs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Seconds of each short run.
    pub seconds: f64,
    /// Seconds of the run at the end.
    pub long: f64,
    /// Turns of each way.
    pub repeat: usize,
}

/// See `live/overload.rs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overload {
    /// Frames per second before and after.
    pub calm_rate: f64,
    /// Seconds of them, each time.
    pub calm_seconds: f64,
    /// Seconds of as many as can be sent.
    pub seconds: f64,
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

/// See `server/ingest.rs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in server::ingest")]
#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "read, checked and skipped"))]
pub struct Ingest {
    pub agents: u32,
    pub rows: u64,
    pub repeat: usize,
}

/// See `server/asked.rs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in server::asked")]
#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "read, checked and skipped"))]
pub struct Asked {
    pub rows: u64,
    pub repeat: usize,
    pub data: Option<PathBuf>,
    pub questions: PathBuf,
}

/// What a number should be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalSpec {
    /// Name of the number.
    pub number: String,
    /// At most.
    pub at_most: Option<f64>,
    /// At least.
    pub at_least: Option<f64>,
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
