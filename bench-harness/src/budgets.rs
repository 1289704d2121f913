//! `perf/budgets.toml`: how many instructions a packet may take, by kind of traffic and stage.
//! Instruction counts hardly vary from run to run, so these fail a build where times could not.

use crate::generate::{Profile, Spec};
use crate::stages::STAGES;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// One kind of traffic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Kind of traffic.
    pub profile: Profile,
    /// Frames of the shorter run.
    pub packets: u64,
    /// Flows of the shorter run.
    pub flows: u64,
    /// Seconds of the shorter run.
    pub span: u64,
    /// Where the design wants to be; told, not enforced.
    pub goal: Option<f64>,
    /// Instructions per packet at most.
    pub total: f64,
    /// The same by stage; a stage that is not named is free within the total.
    #[serde(default)]
    pub stages: BTreeMap<String, f64>,
}

/// All of them by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Name to budget.
    pub budget: BTreeMap<String, Budget>,
}

/// Counted instructions per packet.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Measured {
    /// All stages.
    pub total: f64,
    /// By stage.
    pub stages: BTreeMap<String, f64>,
}

/// A budget that is exceeded.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Excess {
    /// The stage, or `total`.
    pub stage: String,
    /// What it may take.
    pub budget: f64,
    /// What it takes.
    pub measured: f64,
}

impl Budgets {
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
        let budgets: Self = toml::from_str(text)?;
        for (name, b) in &budgets.budget {
            ensure!(b.packets >= 1000, "budget {name}: fewer than 1000 packets say nothing");
            for (stage, limit) in &b.stages {
                ensure!(
                    STAGES.contains(&stage.as_str()),
                    "budget {name}: no stage {stage}; there are {}",
                    STAGES.join(", ")
                );
                ensure!(
                    *limit <= b.total,
                    "budget {name}: stage {stage} may take more than all stages together"
                );
            }
        }
        Ok(budgets)
    }
}

impl Budget {
    /// The capture of one run, `times` as long as the shorter.
    pub fn spec(&self, times: u64) -> Spec {
        Spec {
            profile: self.profile,
            packets: self.packets * times,
            flows: self.flows * times,
            span_s: self.span * times,
            ..Spec::default()
        }
    }

    /// Stages that take more than they may.
    pub fn exceeded(&self, m: &Measured) -> Vec<Excess> {
        let mut list = Vec::new();
        let mut check = |stage: &str, budget: f64, measured: f64| {
            if measured > budget {
                list.push(Excess { stage: stage.to_owned(), budget, measured });
            }
        };
        check("total", self.total, m.total);
        for (stage, budget) in &self.stages {
            check(stage, *budget, m.stages.get(stage).copied().unwrap_or(0.0));
        }
        list
    }
}

/// So much more than was measured may be taken.
const ROOM: f64 = 1.03;

/// The text of a budgets file with the totals and stages that were measured, and some room; what
/// else stands in it stays.
pub fn rewrite(text: &str, measured: &[(&str, &Measured)]) -> String {
    let room = |n: f64| (n * ROOM).max(n + 5.0).ceil();
    let mut current = None;
    let mut out = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("[budget.") {
            let name = name.trim_end_matches(']');
            current = measured.iter().find(|m| m.0 == name).map(|m| m.1);
        }
        match (current, line.split_once(" = ").map(|l| l.0)) {
            (Some(m), Some("total")) => out.push_str(&format!("total = {}", room(m.total))),
            (Some(m), Some("stages")) => {
                let stages = STAGES.iter().filter_map(|s| m.stages.get_key_value(*s));
                let stages = stages.filter(|(s, _)| *s != crate::stages::OTHER);
                let list: Vec<_> = stages.map(|(s, n)| format!("{s} = {}", room(*n))).collect();
                out.push_str(&format!("stages = {{ {} }}", list.join(", ")));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Budgets, Excess, Measured, rewrite};
    use crate::generate::Profile;

    const TEXT: &str = "
[budget.mix]
profile = \"mix\"
packets = 20000
flows = 1000
span = 5
goal = 900
total = 2000
stages = { flow = 300, parse = 700 }
";

    #[test]
    fn names_the_stage_that_exceeds() {
        let budgets = Budgets::parse(TEXT).expect("reads");
        let b = &budgets.budget["mix"];
        assert_eq!((b.profile, b.spec(2).packets, b.spec(2).flows), (Profile::Mix, 40_000, 2000));
        let stages = [("flow", 301.0), ("parse", 700.0), ("seal", 900.0)];
        let mut m = Measured {
            total: 1999.0,
            stages: stages.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect(),
        };
        let flow = Excess { stage: "flow".into(), budget: 300.0, measured: 301.0 };
        assert_eq!(b.exceeded(&m), std::slice::from_ref(&flow));
        m.total = 2000.5;
        let total = Excess { stage: "total".into(), budget: 2000.0, measured: 2000.5 };
        assert_eq!(b.exceeded(&m), [total, flow]);
        m = Measured::default();
        assert_eq!(b.exceeded(&m), []);
    }

    #[test]
    fn rewritten_budgets_hold_what_was_measured() {
        let stages = [("flow", 200.0), ("parse", 1000.0), ("other", 7.0)];
        let m = Measured {
            total: 1500.0,
            stages: stages.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect(),
        };
        let text = rewrite(&format!("# why{TEXT}"), &[("mix", &m)]);
        assert!(text.starts_with("# why\n[budget.mix]\nprofile"), "{text}");
        let b = &Budgets::parse(&text).expect("reads").budget["mix"];
        assert_eq!((b.total, b.stages["flow"], b.stages["parse"]), (1545.0, 206.0, 1030.0));
        assert_eq!((b.stages.len(), b.exceeded(&m)), (2, vec![]));
    }

    #[test]
    fn refuses_what_is_not_a_budget() {
        for (from, to, why) in [
            ("flow = 300", "floww = 300", "no stage floww"),
            ("flow = 300", "flow = 2001", "more than all"),
            ("packets = 20000", "packets = 20", "say nothing"),
            ("span = 5", "spam = 5", "spam"),
        ] {
            let text = TEXT.replace(from, to);
            let error = format!("{:#}", Budgets::parse(&text).expect_err("refused"));
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn the_committed_file_is_right() {
        let budgets = Budgets::parse(include_str!("../../perf/budgets.toml")).expect("reads");
        assert!(budgets.budget.contains_key("mix"));
        // A goal beyond the budget would be no goal.
        for b in budgets.budget.values() {
            assert!(b.goal.is_none_or(|g| g > 0.0) && b.total > 0.0 && b.flows > 0);
        }
    }
}
