//! Questions of dashboards, in the dialect of `/v1/query`, against the same asked by hand in
//! ClickHouse's SQL, over a store with many rows.
//!
//! The questions are in `perf/dashboards.toml`. Both forms go through the same server to the same
//! store, in turns; their answers have to be the same before anything is timed. A store that is
//! kept (`data`) is filled further where an earlier run left off.

use super::frames::Rows;
use super::ingest::{Plan, fire, magazine_of};
use super::whole::Whole;
use crate::folder::Folder;
use crate::interval::Interval;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Packets of the traffic that is made at a time, and its flows.
const PACKETS: u64 = 600_000;
const FLOWS: u64 = 30_000;
/// The rows of all batches lie within the last hours, younger than the store's retention.
const HOURS: u64 = 6;
const SPAN_S: u64 = 60;
/// Rows of one batch are in the store within this.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is filled, and how often is asked.
pub struct Spec {
    /// Rows in the store, at least.
    pub rows: u64,
    /// Turns of each question.
    pub repeat: usize,
    /// Where the store is kept; without it, it is gone at the end.
    pub data: Option<PathBuf>,
    /// The questions.
    pub questions: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    question: Vec<Question>,
}

/// One question in both forms. `{from}` and `{to}` stand for the seconds the rows cover.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    name: String,
    db: String,
    ask: String,
    sql: String,
}

/// What one question cost.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Its name.
    pub name: String,
    /// Rows of the answer.
    pub rows: usize,
    /// Seconds in the dialect.
    pub ask_s: Interval,
    /// Seconds by hand.
    pub sql_s: Interval,
    /// One by the other.
    pub ratio: Interval,
}

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Rows in the store.
    pub rows: u64,
    /// Question by question.
    pub answers: Vec<Answer>,
    /// Questions whose two forms differ.
    pub differ: Vec<String>,
}

/// Fills and asks.
///
/// # Errors
/// A server that does not do its work, a question it refuses.
pub fn run(spec: &Spec) -> Result<Outcome> {
    let text = std::fs::read_to_string(&spec.questions)
        .with_context(|| format!("cannot read {}", spec.questions.display()))?;
    let questions: Questions =
        toml::from_str(&text).with_context(|| format!("{}", spec.questions.display()))?;
    let temporary = Folder::new()?;
    let server = Whole::start(spec.data.as_deref().unwrap_or(temporary.path()))?;
    let rows = fill(&server, spec.rows)?;
    let span = server
        .sql("SELECT min(toUInt32(time)), max(toUInt32(time)) + 1 FROM flow_log.l7_flow_log")?;
    let (from, to) = span.trim().split_once('\t').context("no times in the store")?;
    let mut outcome = Outcome { rows, answers: Vec::new(), differ: Vec::new() };
    for q in &questions.question {
        let set = |text: &str| text.replace("{from}", from).replace("{to}", to);
        let (ask, sql) = (set(&q.ask), set(&q.sql));
        let asked = server.query(&q.db, &ask).with_context(|| q.name.clone())?;
        let by_hand = server.sql_rows(&sql).with_context(|| q.name.clone())?;
        let values = asked["result"]["values"].as_array().context("an answer without values")?;
        if let Some(difference) = difference(values, &by_hand) {
            outcome.differ.push(format!("{}: {difference}", q.name));
            continue;
        }
        let (mut ask_s, mut sql_s) = (Vec::new(), Vec::new());
        for _ in 0..spec.repeat.max(1) {
            ask_s.push(seconds(|| server.query(&q.db, &ask).map(drop))?);
            sql_s.push(seconds(|| server.sql_rows(&sql).map(drop))?);
        }
        outcome.answers.push(Answer {
            name: q.name.clone(),
            rows: values.len(),
            ask_s: Interval::of(&ask_s),
            sql_s: Interval::of(&sql_s),
            ratio: Interval::of_ratios(&ask_s, &sql_s),
        });
    }
    server.stop()?;
    Ok(outcome)
}

/// Sends batches of rows until there are enough, saying so; rows there are in the end.
fn fill(server: &Whole, wanted: u64) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut stored = count(server)?;
    let mut sent = 0;
    while stored < wanted {
        let ago_s = SPAN_S + stored.wrapping_mul(0x9e37_79b9) % (HOURS * 3600);
        let rows = Rows { packets: PACKETS, flows: FLOWS, span_s: SPAN_S, seed: stored + 1, ago_s };
        let magazine = magazine_of(&rows)?;
        let all = magazine.iter().map(|s| u64::from(s.header.rows)).sum();
        // One agent sends the batch, under a boot of its own.
        let plan = Plan { agents: 1, rows: all, repeat: 1 };
        sent += runtime.block_on(fire(server.at.agents, &magazine, &plan, stored + 1))?.rows;
        server.becomes("fathom_server_rows_stored_total", sent, PATIENCE)?;
        stored = count(server)?;
        eprintln!("filling the store: {stored} of {wanted} rows");
    }
    Ok(stored)
}

fn count(server: &Whole) -> Result<u64> {
    let text = server.sql(
        "SELECT sum(total_rows) FROM system.tables WHERE database IN ('flow_log', 'flow_metrics') \
         AND engine LIKE '%MergeTree'",
    )?;
    text.trim().parse().with_context(|| format!("the count of rows is {text:?}"))
}

fn seconds(f: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    f()?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Whether these are the same rows in any order, and where not; numbers alike within what adding
/// in another order makes.
fn difference(a: &[serde_json::Value], b: &[serde_json::Value]) -> Option<String> {
    let sorted = |rows: &[serde_json::Value]| {
        let mut rows: Vec<Vec<String>> = rows.iter().map(texts).collect();
        rows.sort();
        rows
    };
    let (a, b) = (sorted(a), sorted(b));
    if a.len() != b.len() {
        return Some(format!("{} rows against {}", a.len(), b.len()));
    }
    let (a, b) = a.iter().zip(&b).find(|(a, b)| a != b)?;
    Some(format!("{a:?} against {b:?}"))
}

/// Cells as text; ids are numbers in one form and text in the other, which JavaScript can keep.
fn texts(row: &serde_json::Value) -> Vec<String> {
    let number = |n: f64| format!("{n:.9e}");
    let cell = |v: &serde_json::Value| match v {
        serde_json::Value::String(s) => s.parse().map_or_else(|_| s.clone(), number),
        v => v.as_f64().map_or_else(|| v.to_string(), number),
    };
    row.as_array().map_or_else(Vec::new, |cells| cells.iter().map(cell).collect())
}

impl Outcome {
    /// The worst question's median ratio, and the geometric mean of all.
    pub fn ratios(&self) -> (f64, f64) {
        let all = || self.answers.iter().map(|a| a.ratio.value);
        let logs: f64 = all().map(f64::ln).sum();
        (all().fold(0.0, f64::max), (logs / self.answers.len().max(1) as f64).exp())
    }

    /// For people.
    pub fn print(&self) {
        println!("{} rows", self.rows);
        println!(
            "{:<44} {:>7} {:>9} {:>9} {:>6}",
            "question", "rows", "ask ms", "hand ms", "ratio"
        );
        for a in &self.answers {
            println!(
                "{:<44} {:>7} {:>9.1} {:>9.1} {:>6.2}",
                a.name,
                a.rows,
                a.ask_s.value * 1e3,
                a.sql_s.value * 1e3,
                a.ratio.value
            );
        }
        for difference in &self.differ {
            println!("the two forms give different answers: {difference}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Questions, difference};
    use serde_json::json;

    #[test]
    fn rows_are_the_same_in_any_order() {
        let rows = [json!(["a", 1]), json!(["b", 0.1])];
        assert_eq!(difference(&rows, &[json!(["b", 0.1]), json!(["a", 1.0])]), None);
        assert!(difference(&rows, &[json!(["b", 0.1])]).is_some());
        assert!(difference(&rows, &[json!(["b", 0.1]), json!(["a", 2])]).is_some());
    }

    #[test]
    fn twenty_questions_are_committed() {
        let questions: Questions =
            toml::from_str(include_str!("../../../perf/dashboards.toml")).expect("can be read");
        assert_eq!(questions.question.len(), 20);
    }
}
