//! `docs/benchmarks.md`: the goals and how far they are, charts, and every number, put between two
//! marks of the page.

use crate::chart::{Series, bars, lines};
use crate::goals::Aims;
use crate::interval::Interval;
use crate::report::{Goal, Report, Status};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::fmt::Write;
use std::path::Path;

/// What is written goes between these lines.
const BEGIN: &str = "<!-- results: written by `fathom-bench run` -->";
const END: &str = "<!-- end of results -->";

/// Writes the page and the charts beside it.
///
/// # Errors
/// A page without marks, or files that cannot be read or written.
pub fn write(report: &Report, aims: &Aims, page: &Path) -> Result<()> {
    let text =
        std::fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let folder = page.with_file_name("charts");
    let mut pictures = String::new();
    for (file, title, svg) in charts(report) {
        std::fs::create_dir_all(&folder)?;
        crate::write(&folder.join(file), svg.as_bytes())?;
        // Writing into a string cannot fail.
        let _ = writeln!(pictures, "![{title}](charts/{file})\n");
    }
    let body = format!(
        "{}\n### Goals\n\n{}\n{pictures}### Every number\n\n{}",
        head(report),
        aims.table(report),
        numbers(report)
    );
    crate::write(page, put(&text, &body)?.as_bytes())
}

fn put(page: &str, body: &str) -> Result<String> {
    let missing = || format!("the page has no line \"{BEGIN}\" with \"{END}\" behind it");
    let (head, rest) = page.split_once(BEGIN).with_context(missing)?;
    let (_, tail) = rest.split_once(END).with_context(missing)?;
    Ok(format!("{head}{BEGIN}\n\n{body}\n{END}{tail}"))
}

fn head(report: &Report) -> String {
    let m = &report.machine;
    let mut t = format!(
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
        t.push_str("\n**Not an optimised build: times mean nothing.**\n");
    }
    t
}

/// Every number of every scenario as a Markdown table.
fn numbers(report: &Report) -> String {
    let mut t = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(t, "| scenario | number | measured | goal | command |");
    let _ = writeln!(t, "| --- | --- | --- | --- | --- |");
    for s in &report.scenarios {
        let command = format!("`fathom-bench run {}`", s.name);
        for n in &s.numbers {
            let goal = s.goals.iter().find(|g| g.number == n.name).map(Goal::text);
            let goal = goal.unwrap_or_default();
            let _ = writeln!(t, "| {} | {} | {} | {goal} | {command} |", s.name, n.name, n.text());
        }
        for failed in &s.failed {
            let _ = writeln!(t, "| {} | **wrong** | {failed} | | {command} |", s.name);
        }
        if let Status::Skipped(why) = &s.status {
            let _ = writeln!(t, "| {} | skipped | {why} | | {command} |", s.name);
        }
    }
    for s in &report.scenarios {
        for note in &s.notes {
            let _ = writeln!(t, "\n{}: {note}", s.name);
        }
    }
    t
}

#[derive(Deserialize)]
struct Point {
    flows: f64,
    ours: Interval,
    floor: Interval,
}

#[derive(Deserialize)]
struct Peer {
    name: String,
    ns: Interval,
}

fn list<T: for<'a> Deserialize<'a>>(report: &Report, scenario: &str, key: &str) -> Vec<T> {
    let detail = report.scenario(scenario).and_then(|s| s.detail.get(key)).cloned();
    detail.and_then(|d| serde_json::from_value(d).ok()).unwrap_or_default()
}

/// File, title and picture of each chart that there are numbers for.
fn charts(report: &Report) -> Vec<(&'static str, &'static str, String)> {
    let mut charts = Vec::new();
    let points: Vec<Point> = list(report, "resident", "points");
    if !points.is_empty() {
        let series = |name: &str, of: fn(&Point) -> Interval| Series {
            name: name.to_owned(),
            points: points.iter().map(|p| (p.flows, of(p))).collect(),
        };
        let title = "CPU per packet by number of flows";
        let all = [series("fathom", |p| p.ours), series("floor", |p| p.floor)];
        charts.push(("flows.svg", title, lines(title, "flows", "ns per packet of 60 bytes", &all)));
    }
    let peers: Vec<Peer> = list(report, "peers", "peers");
    if !peers.is_empty() {
        let title = "CPU per packet of the mix, same file, same core, same run";
        let rows: Vec<_> = peers.into_iter().map(|p| (p.name, p.ns)).collect();
        let unit = "ns per packet, whole process, logarithmic";
        charts.push(("peers.svg", title, bars(title, unit, &rows)));
    }
    charts
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, charts, numbers, put};
    use crate::machine::Machine;
    use crate::report::{Entry, Goal, Number, Report};

    fn report() -> Report {
        let numbers = [("CPU per packet", "ns", 123.45), ("ratio", "", 2.0)];
        let entry = Entry {
            name: "mix".into(),
            numbers: numbers.map(|(n, u, v)| Number::new(n, u, v)).to_vec(),
            goals: vec![Goal::judge("ratio", Some(1.5), None, 2.0)],
            failed: vec!["dns transactions: 3 in the capture, 2 in the rows".into()],
            ..Entry::default()
        };
        let points = serde_json::json!({ "points": [
            { "flows": 1000.0, "ours": { "value": 2.0, "low": 1.0, "high": 3.0, "turns": 5 },
              "floor": { "value": 1.0, "low": 1.0, "high": 1.0, "turns": 5 } },
        ] });
        let resident = Entry { name: "resident".into(), detail: points, ..Entry::default() };
        Report { machine: Machine::here(), scenarios: vec![entry, resident] }
    }

    #[test]
    fn table_goes_between_the_marks_again_and_again() {
        let body = numbers(&report());
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nafter\n");
        let once = put(&page, &body).expect("has marks");
        assert!(
            once.contains("| mix | CPU per packet | 123 ns |  | `fathom-bench run mix` |"),
            "{once}"
        );
        assert!(once.contains("| mix | ratio | 2 | at most 1.50, **not met** |"), "{once}");
        assert!(once.contains("**wrong** | dns transactions"), "{once}");
        assert!(!once.contains("old") && once.ends_with("\n\nafter\n"));
        assert_eq!(put(&once, &body).expect("has marks"), once);
        assert!(put("# Title", &body).is_err());
    }

    #[test]
    fn charts_of_what_there_is() {
        let charts = charts(&report());
        assert_eq!(charts.len(), 1);
        assert!(charts[0].2.contains("fathom"));
    }
}
