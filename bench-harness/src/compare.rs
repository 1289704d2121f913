//! Two results side by side: which numbers differ by more than their intervals allow.

use crate::interval::Interval;
use crate::report::{Number, Report, short};
use std::fmt::Write;

/// What may be said of a number in two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Their intervals meet, or they hardly differ.
    Same,
    /// The second is higher.
    Higher,
    /// The second is lower.
    Lower,
    /// They were taken once: nobody knows how much of the difference is noise.
    Unsure,
}

/// Numbers without an interval that are counts, not times, may differ by so much.
const COUNTS: f64 = 0.005;
/// Units of numbers that are counted, not timed.
const COUNTED: [&str; 4] = ["instructions/packet", "", "B", "per million packets"];

fn interval(n: &Number) -> Interval {
    let [low, high] = n.range.unwrap_or([n.value, n.value]);
    Interval { value: n.value, low, high, turns: 0 }
}

/// Compares a number of two runs.
pub fn verdict(a: &Number, b: &Number) -> Verdict {
    let counted = COUNTED.contains(&a.unit.as_ref());
    let near = (a.value - b.value).abs() <= COUNTS * a.value.abs().max(b.value.abs());
    if near || (a.range.is_some() && b.range.is_some() && interval(a).meets(&interval(b))) {
        return Verdict::Same;
    }
    if a.range.is_none() && !counted {
        return Verdict::Unsure;
    }
    if b.value > a.value { Verdict::Higher } else { Verdict::Lower }
}

/// A table of every number that both have, and how many differ.
pub fn table(a: &Report, b: &Report) -> (String, usize) {
    let (mut t, mut different) = (String::new(), 0);
    // Writing into a string cannot fail.
    let _ = writeln!(
        t,
        "A: commit {}, {}, load {:.1}",
        a.machine.commit, a.machine.date, a.machine.load
    );
    let _ = writeln!(
        t,
        "B: commit {}, {}, load {:.1}",
        b.machine.commit, b.machine.date, b.machine.load
    );
    let _ =
        writeln!(t, "{:<14} {:<48} {:>24} {:>24} {:>8}  ", "scenario", "number", "A", "B", "B/A");
    for s in &a.scenarios {
        let Some(other) = b.scenario(&s.name) else { continue };
        for n in &s.numbers {
            let Some(m) = other.number(&n.name) else { continue };
            let verdict = verdict(n, m);
            different += usize::from(matches!(verdict, Verdict::Higher | Verdict::Lower));
            let word = match verdict {
                Verdict::Same => "",
                Verdict::Higher => "higher",
                Verdict::Lower => "lower",
                Verdict::Unsure => "(taken once)",
            };
            let ratio = if n.value == 0.0 { "-".to_owned() } else { short(m.value / n.value) };
            let _ = writeln!(
                t,
                "{:<14} {:<48} {:>24} {:>24} {ratio:>8}  {word}",
                s.name,
                n.name,
                n.text(),
                m.text()
            );
        }
    }
    (t, different)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, table, verdict};
    use crate::interval::Interval;
    use crate::machine::Machine;
    use crate::report::{Entry, Number, Report};

    #[test]
    fn only_what_the_intervals_tell_apart_differs() {
        let timed = |values: &[f64]| Number::over("n", "ns", &Interval::of(values));
        let slow = timed(&[10.0, 11.0, 12.0, 13.0, 14.0]);
        assert_eq!(verdict(&slow, &timed(&[13.0, 13.5, 14.0, 15.0, 16.0])), Verdict::Same);
        assert_eq!(verdict(&slow, &timed(&[15.0, 16.0, 17.0])), Verdict::Higher);
        assert_eq!(verdict(&slow, &timed(&[5.0, 6.0, 7.0])), Verdict::Lower);
        assert_eq!(
            verdict(&Number::new("n", "ns", 5.0), &Number::new("n", "ns", 9.0)),
            Verdict::Unsure
        );
        let count = |n| Number::new("n", "instructions/packet", n);
        assert_eq!(verdict(&count(1000.0), &count(1004.0)), Verdict::Same);
        assert_eq!(verdict(&count(1000.0), &count(1010.0)), Verdict::Higher);
    }

    #[test]
    fn a_table_of_what_both_have() {
        let report = |names: &[&str], value| Report {
            machine: Machine::here(),
            scenarios: names
                .iter()
                .map(|n| Entry {
                    name: (*n).to_owned(),
                    numbers: vec![Number::new("count", "", value)],
                    ..Entry::default()
                })
                .collect(),
        };
        let (text, different) = table(&report(&["a", "b"], 2.0), &report(&["b", "c"], 3.0));
        assert_eq!(different, 1, "{text}");
        assert!(text.contains("1.50  higher") && !text.contains("\na "), "{text}");
    }
}
