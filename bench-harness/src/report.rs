//! Results as JSON in `perf/results/`: one file for each day and commit, into which runs of single
//! scenarios go too, and from which [`crate::page`] and [`crate::compare`] are made.

use crate::interval::Interval;
use crate::machine::Machine;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A measured number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Number {
    /// What it is.
    pub name: String,
    /// Its unit, or nothing.
    pub unit: Cow<'static, str>,
    /// It; of several turns the median.
    pub value: f64,
    /// Where the true one lies, when there were several turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

impl Number {
    /// A number.
    pub fn new(name: &str, unit: &'static str, value: f64) -> Self {
        Self { name: name.to_owned(), unit: unit.into(), value, range: None }
    }

    /// A number of several turns.
    pub fn over(name: &str, unit: &'static str, i: &Interval) -> Self {
        let range = (i.turns > 1).then_some([i.low, i.high]);
        Self { name: name.to_owned(), unit: unit.into(), value: i.value, range }
    }

    /// For people: the value, its interval, its unit.
    pub fn text(&self) -> String {
        let mut text = short(self.value);
        if let Some([low, high]) = self.range {
            text = format!("{text} ({}..{})", short(low), short(high));
        }
        if !self.unit.is_empty() {
            text = format!("{text} {}", self.unit);
        }
        text
    }
}

/// What a number should be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Goal {
    /// Name of the number.
    pub number: String,
    /// At most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// At least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// It is.
    pub met: bool,
}

impl Goal {
    /// Holds a value against the bounds.
    pub fn judge(number: &str, at_most: Option<f64>, at_least: Option<f64>, value: f64) -> Self {
        let met = at_most.is_none_or(|n| value <= n) && at_least.is_none_or(|n| value >= n);
        Self { number: number.to_owned(), at_most, at_least, met }
    }

    /// For people.
    pub fn text(&self) -> String {
        let most = self.at_most.map(|n| format!("at most {}", short(n)));
        let least = self.at_least.map(|n| format!("at least {}", short(n)));
        let bounds: Vec<String> = most.into_iter().chain(least).collect();
        format!("{}, {}", bounds.join(", "), if self.met { "met" } else { "**not met**" })
    }
}

/// How a scenario ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It ran.
    #[default]
    Done,
    /// It, or a part of it, cannot run here.
    Skipped(String),
}

/// One scenario's results.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// How it ended.
    pub status: Status,
    /// Load of the machine when it began: processes that wanted to run.
    #[serde(default)]
    pub load: f64,
    /// Seconds it took.
    #[serde(default)]
    pub seconds: f64,
    /// What was measured.
    pub numbers: Vec<Number>,
    /// What that should be.
    pub goals: Vec<Goal>,
    /// What is wrong: results that are not what they have to be, budgets that are exceeded.
    pub failed: Vec<String>,
    /// What a reader of the numbers should know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Everything, as the scenario has it.
    pub detail: serde_json::Value,
}

impl Entry {
    /// Says why it, or a part of it, did not run.
    pub fn skip(&mut self, why: &str) {
        self.status = Status::Skipped(why.to_owned());
    }

    /// A number by its name.
    pub fn number(&self, name: &str) -> Option<&Number> {
        self.numbers.iter().find(|n| n.name == name)
    }
}

/// Results of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// By scenario.
    pub scenarios: Vec<Entry>,
}

/// Digits that mean something.
pub fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || v.fract() == 0.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

impl Report {
    /// Where a report of this machine and commit goes.
    pub fn path(&self, folder: &Path) -> PathBuf {
        let commit = self.machine.commit.replace('+', "-changed");
        folder.join(format!("{}-{commit}.json", self.machine.date))
    }

    /// Reads one.
    ///
    /// # Errors
    /// A file that is not there, or no report.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{}", path.display()))
    }

    /// Takes over the scenarios of `earlier` that were not run again.
    pub fn keep(&mut self, earlier: Self) {
        let new: Vec<String> = self.scenarios.iter().map(|s| s.name.clone()).collect();
        self.scenarios.extend(earlier.scenarios.into_iter().filter(|s| !new.contains(&s.name)));
        self.scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Writes the JSON, with what the same commit's earlier runs of the day have beside it; says
    /// where.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save(&mut self, folder: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let path = self.path(folder);
        if path.exists() {
            self.keep(Self::read(&path)?);
        }
        crate::write(&path, format!("{}\n", serde_json::to_string_pretty(self)?).as_bytes())?;
        Ok(path)
    }

    /// A scenario by its name.
    pub fn scenario(&self, name: &str) -> Option<&Entry> {
        self.scenarios.iter().find(|s| s.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Goal, Interval, Number, Report, short};
    use crate::machine::Machine;

    #[test]
    fn digits() {
        let all = [1234.5, 56.78, 1.234, 0.001_23, 7.0].map(short);
        assert_eq!(all, ["1234", "56.8", "1.23", "0.0012", "7"]);
        let n = Number::over("ratio", "ns", &Interval::of(&[1.0, 2.0, 4.5]));
        assert_eq!(n.text(), "2 (1..4.50) ns");
    }

    #[test]
    fn bounds() {
        let judge = |most, least, value| Goal::judge("n", most, least, value);
        assert_eq!(judge(Some(2.0), None, 2.5).text(), "at most 2, **not met**");
        assert_eq!(judge(None, Some(0.9), 0.95).text(), "at least 0.90, met");
        assert!(!judge(Some(2.0), Some(1.0), 0.5).met);
    }

    #[test]
    fn single_scenarios_go_into_the_days_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let entry = |name: &str, value| Entry {
            name: name.into(),
            numbers: vec![Number::new("n", "", value)],
            ..Entry::default()
        };
        let report = |scenarios| Report { machine: Machine::here(), scenarios };
        report(vec![entry("a", 1.0), entry("b", 1.0)]).save(folder.path()).expect("saves");
        let path = report(vec![entry("b", 2.0)]).save(folder.path()).expect("saves");
        let read = Report::read(&path).expect("reads");
        let value = |name| read.scenario(name).and_then(|s| s.number("n")).map(|n| n.value);
        assert_eq!([value("a"), value("b"), value("c")], [Some(1.0), Some(2.0), None]);
    }
}
