//! `perf/goals.toml`: the design's goals, and which numbers of which scenarios show how far away
//! they are; for the others, why nobody can say yet.

use crate::report::{Number, Report, Status};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fmt::Write;
use std::path::Path;

/// One goal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aim {
    /// Its number in the design: `P1`.
    pub id: String,
    /// What it is about.
    pub what: String,
    /// What is wanted.
    pub goal: String,
    /// How far it is.
    #[serde(default)]
    pub shown: Vec<Shown>,
    /// What cannot be measured, and why not.
    pub not_yet: Option<String>,
}

/// A number of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Scenario.
    pub scenario: String,
    /// Its number.
    pub number: String,
    /// What it is held against: another number of the same scenario.
    pub against: Option<String>,
    /// The number that is the ratio of both.
    pub ratio: Option<String>,
}

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aims {
    /// In order.
    pub goal: Vec<Aim>,
}

impl Aims {
    /// Reads the file.
    ///
    /// # Errors
    /// A file that is not there or not right.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{}", path.display()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is not right in it.
    pub fn parse(text: &str) -> Result<Self> {
        let aims: Self = toml::from_str(text)?;
        for aim in &aims.goal {
            ensure!(
                !aim.shown.is_empty() || aim.not_yet.is_some(),
                "goal {} has neither a number nor a reason why there is none",
                aim.id
            );
        }
        Ok(aims)
    }

    /// The table as Markdown.
    pub fn table(&self, report: &Report) -> String {
        let mut t = String::new();
        // Writing into a string cannot fail.
        let _ = writeln!(
            t,
            "| goal | what | wanted | number | measured | floor or peer | ratio | verdict | command |"
        );
        let _ = writeln!(t, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for aim in &self.goal {
            let mut head = format!("| {} | {} | {} ", aim.id, aim.what, aim.goal);
            for shown in &aim.shown {
                let _ = writeln!(t, "{head}| {} |", shown.row(report));
                head = "| | | ".to_owned();
            }
            if let Some(why) = &aim.not_yet {
                let _ = writeln!(t, "{head}| *not yet measurable* | {why} | | | | |");
            }
        }
        t
    }
}

impl Shown {
    fn row(&self, report: &Report) -> String {
        let command = format!("`fathom-bench run {}`", self.scenario);
        let nothing = |why: &str| format!("{} | {why} | | | | {command}", self.number);
        let Some(entry) = report.scenario(&self.scenario) else { return nothing("not run") };
        let Some(number) = entry.number(&self.number) else {
            return match &entry.status {
                Status::Skipped(why) => nothing(&format!("skipped: {why}")),
                Status::Done if !entry.failed.is_empty() => nothing("a result is wrong"),
                Status::Done => nothing("not measured"),
            };
        };
        let other = |name: &Option<String>| {
            let number = name.as_ref().and_then(|n| entry.number(n));
            number.map(Number::text).unwrap_or_default()
        };
        let names = [Some(&self.number), self.ratio.as_ref()];
        let goals: Vec<String> = names
            .into_iter()
            .flatten()
            .filter_map(|n| entry.goals.iter().find(|g| &g.number == n))
            .map(crate::report::Goal::text)
            .collect();
        let against = self.against.as_ref().map(|n| format!("{n}: ")).unwrap_or_default();
        format!(
            "{} | {} | {against}{} | {} | {} | {command}",
            self.number,
            number.text(),
            other(&self.against),
            other(&self.ratio),
            goals.join("; ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Aims;
    use crate::machine::Machine;
    use crate::report::{Entry, Goal, Number, Report};
    use crate::scenario;
    use std::path::Path;

    #[test]
    fn rows_say_what_was_measured_and_what_was_not() {
        let text = "
[[goal]]
id = \"P1\"
what = \"path\"
goal = \"fast\"
shown = [
  { scenario = \"mix\", number = \"ns\", against = \"floor\", ratio = \"ratio\" },
  { scenario = \"gone\", number = \"ns\" },
]
[[goal]]
id = \"P2\"
what = \"other\"
goal = \"faster\"
not_yet = \"nobody built it\"
";
        let aims = Aims::parse(text).expect("reads");
        let numbers =
            [("ns", 100.0), ("floor", 50.0), ("ratio", 2.0)].map(|(n, v)| Number::new(n, "", v));
        let entry = Entry {
            name: "mix".into(),
            numbers: numbers.to_vec(),
            goals: vec![Goal::judge("ratio", Some(2.0), None, 2.0)],
            ..Entry::default()
        };
        let table = aims.table(&Report { machine: Machine::here(), scenarios: vec![entry] });
        assert!(
            table.contains(
                "| P1 | path | fast | ns | 100 | floor: 50 | 2 | at most 2, met | `fathom"
            ),
            "{table}"
        );
        assert!(
            table.contains("| | | | ns | not run | | | | `fathom-bench run gone` |"),
            "{table}"
        );
        assert!(table.contains("not yet measurable* | nobody built it |"), "{table}");
        assert!(Aims::parse("[[goal]]\nid=\"P\"\nwhat=\"\"\ngoal=\"\"").is_err());
    }

    #[test]
    fn the_committed_file_names_every_goal_and_scenarios_that_exist() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../perf");
        let aims = Aims::read(&folder.join("goals.toml")).expect("reads");
        let ids: Vec<_> = aims.goal.iter().map(|g| g.id.clone()).collect();
        assert_eq!(ids, (1..=20).map(|n| format!("P{n}")).collect::<Vec<_>>());
        let names = scenario::names(&folder.join("scenarios")).expect("lists");
        for shown in aims.goal.iter().flat_map(|g| &g.shown) {
            assert!(names.contains(&shown.scenario), "{shown:?}");
        }
    }
}
