//! Results as JSON in `perf/results/` and as a table between two marks of a page.

use crate::machine::Machine;
use anyhow::{Context, Result};
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The table is put between these lines.
const BEGIN: &str = "<!-- results: written by `fathom-bench run` -->";
const END: &str = "<!-- end of results -->";

/// A measured number.
#[derive(Clone, Debug, Serialize)]
pub struct Number {
    /// What it is.
    pub name: String,
    /// Its unit, or nothing.
    pub unit: &'static str,
    /// It.
    pub value: f64,
}

impl Number {
    /// A number.
    pub fn new(name: &str, unit: &'static str, value: f64) -> Self {
        Self { name: name.to_owned(), unit, value }
    }
}

/// What a number should be.
#[derive(Clone, Debug, Serialize)]
pub struct Goal {
    /// Name of the number.
    pub number: String,
    /// At most.
    pub at_most: f64,
    /// It is.
    pub met: bool,
}

/// How a scenario ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It ran.
    #[default]
    Done,
    /// It, or a part of it, cannot run here.
    Skipped(String),
}

/// One scenario's results.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// How it ended.
    pub status: Status,
    /// What was measured.
    pub numbers: Vec<Number>,
    /// What that should be.
    pub goals: Vec<Goal>,
    /// What is wrong: results that are not what they have to be, budgets that are exceeded.
    pub failed: Vec<String>,
    /// Everything, as the scenario has it.
    pub detail: serde_json::Value,
}

impl Entry {
    /// Says why it, or a part of it, did not run.
    pub fn skip(&mut self, why: &str) {
        self.status = Status::Skipped(why.to_owned());
    }
}

/// Results of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// By scenario.
    pub scenarios: Vec<Entry>,
}

/// Digits that mean something.
fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || v.fract() == 0.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

impl Report {
    /// Writes the JSON; says where.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save(&self, folder: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let commit = self.machine.commit.replace('+', "-changed");
        let path = folder.join(format!("{}-{commit}.json", self.machine.date));
        crate::write(&path, format!("{}\n", serde_json::to_string_pretty(self)?).as_bytes())?;
        Ok(path)
    }

    /// The table as Markdown.
    pub fn table(&self) -> String {
        let m = &self.machine;
        let mut t = String::new();
        // Writing into a string cannot fail.
        let _ = writeln!(
            t,
            "{}, commit {}, {} with {} cores and {:.0} GiB, Linux {}, load {:.1} when it began.\n",
            m.date,
            m.commit,
            m.cpu,
            m.cores,
            m.memory_bytes as f64 / (1 << 30) as f64,
            m.kernel,
            m.load
        );
        if !m.optimised {
            let _ = writeln!(t, "**Not an optimised build: times mean nothing.**\n");
        }
        let _ = writeln!(t, "| scenario | number | measured | goal | command |");
        let _ = writeln!(t, "| --- | --- | --- | --- | --- |");
        for s in &self.scenarios {
            let command = format!("`fathom-bench run {}`", s.name);
            for n in &s.numbers {
                let goal = match s.goals.iter().find(|g| g.number == n.name) {
                    Some(g) if g.met => format!("{}, met", short(g.at_most)),
                    Some(g) => format!("{}, **not met**", short(g.at_most)),
                    None => String::new(),
                };
                let value = format!("{} {}", short(n.value), n.unit);
                let _ = writeln!(
                    t,
                    "| {} | {} | {} | {goal} | {command} |",
                    s.name,
                    n.name,
                    value.trim_end()
                );
            }
            for failed in &s.failed {
                let _ = writeln!(t, "| {} | **wrong** | {failed} | | {command} |", s.name);
            }
            if let Status::Skipped(why) = &s.status {
                let _ = writeln!(t, "| {} | skipped | {why} | | {command} |", s.name);
            }
        }
        t
    }

    /// Puts the table between the marks of `page`.
    ///
    /// # Errors
    /// A page without marks.
    pub fn put_into(&self, page: &str) -> Result<String> {
        let missing = || format!("the page has no line \"{BEGIN}\" with \"{END}\" behind it");
        let (head, rest) = page.split_once(BEGIN).with_context(missing)?;
        let (_, tail) = rest.split_once(END).with_context(missing)?;
        Ok(format!("{head}{BEGIN}\n\n{}\n{END}{tail}", self.table()))
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, Entry, Goal, Number, Report, short};
    use crate::machine::Machine;

    fn report() -> Report {
        let entry = Entry {
            name: "mix".into(),
            numbers: vec![
                Number::new("CPU per packet", "ns", 123.45),
                Number::new("ratio", "", 2.0),
            ],
            goals: vec![Goal { number: "ratio".into(), at_most: 1.5, met: false }],
            failed: vec!["dns transactions: 3 in the capture, 2 in the rows".into()],
            ..Entry::default()
        };
        Report { machine: Machine::here(), scenarios: vec![entry] }
    }

    #[test]
    fn table_goes_between_the_marks_again_and_again() {
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nafter\n");
        let once = report().put_into(&page).expect("has marks");
        assert!(
            once.contains("| mix | CPU per packet | 123 ns |  | `fathom-bench run mix` |"),
            "{once}"
        );
        assert!(once.contains("| mix | ratio | 2 | 1.50, **not met** |"), "{once}");
        assert!(once.contains("**wrong** | dns transactions"), "{once}");
        assert!(!once.contains("old") && once.ends_with("\n\nafter\n"));
        assert_eq!(report().put_into(&once).expect("has marks"), once);
        assert!(report().put_into("# Title").is_err());
    }

    #[test]
    fn digits() {
        let all = [1234.5, 56.78, 1.234, 0.001_23, 7.0].map(short);
        assert_eq!(all, ["1234", "56.8", "1.23", "0.0012", "7"]);
    }
}
