//! What is wrong with a query text, and where: every refusal of the dialect is one of these, and
//! it becomes `INVALID_SQL` with HTTP 400.

use std::fmt;

use sqlparser::tokenizer::{Location, Span};

/// A query the dialect refuses, with the place in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSql {
    /// What is wrong and what would be right.
    pub message: String,
    /// Line and column, counted from 1; `None` when the whole statement is meant.
    pub at: Option<(u64, u64)>,
}

impl InvalidSql {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    pub(crate) fn at(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), at: place(span.start) }
    }
}

/// Location 0:0 is what the parser calls "nowhere".
fn place(location: Location) -> Option<(u64, u64)> {
    (location.line > 0).then_some((location.line, location.column))
}

impl fmt::Display for InvalidSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.at {
            Some((line, column)) => write!(f, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for InvalidSql {}

/// The candidate most like `name`, when one is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    // A third of the letters may be wrong: "respones_code" is helped, "foo" is not.
    let bound = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean "x"?` or nothing.
pub(crate) fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map(|n| format!("; did you mean \"{n}\"?")).unwrap_or_default()
}

/// The most names a hint lists.
const LISTED: usize = 6;

/// What would help with an unknown `name`: names made of the same words; else the nearest name;
/// else those that share a word with it, as "byte" does with "byte_tx" and "flow" with
/// "l4_flow_log"; else nothing. `subject` is what the names belong to.
pub(crate) fn hint<'a>(
    name: &str,
    subject: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let name = name.to_ascii_lowercase();
    let mut words: Vec<&str> = name.split(['_', '.']).filter(|word| word.len() > 1).collect();
    let mut listed = if words.len() > 1 { with(&words, candidates.clone()) } else { Vec::new() };
    if listed.is_empty() {
        let near = suggestion(&name, candidates.clone());
        if !near.is_empty() {
            return near;
        }
        // The longest word says most.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let mut each = words.iter().map(|word| with(&[word], candidates.clone()));
        listed = each.find(|found| !found.is_empty()).unwrap_or_default();
    }
    let more = if listed.len() > LISTED { ", ..." } else { "" };
    listed.truncate(LISTED);
    if listed.is_empty() {
        return String::new();
    }
    format!("; {subject} has {}{more}", listed.join(", "))
}

/// Candidates that have all these words, without repeats.
fn with<'a>(words: &[&str], candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for candidate in candidates {
        let lower = candidate.to_ascii_lowercase();
        let has = |word: &&str| lower.split(['_', '.']).any(|w| same_word(w, word));
        if words.iter().all(has) && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

/// The same word, an ending aside: "byte" and "bytes", "retrans" and "retransmission".
fn same_word(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    a == b || shorter >= 4 && a.as_bytes()[..shorter] == b.as_bytes()[..shorter]
}

/// Edit distance where swapping two neighbours counts as one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["response_code", "request_type", "server_port"];
        assert_eq!(nearest("respones_code", names), Some("response_code"));
        assert_eq!(nearest("SERVER_PROT", names), Some("server_port"));
        assert_eq!(nearest("bananas", names), None);
    }

    #[test]
    fn names_that_share_words_are_listed() {
        let names = ["byte_tx", "byte_rx", "l3_byte_tx", "rtt_client", "rtt_client_max", "time"];
        let hint = |name| hint(name, "it", names.into_iter());
        assert_eq!(hint("byte"), "; it has byte_tx, byte_rx, l3_byte_tx");
        assert_eq!(hint("Bytes"), "; it has byte_tx, byte_rx, l3_byte_tx");
        assert_eq!(hint("client_rtt"), "; it has rtt_client, rtt_client_max");
        assert_eq!(hint("total_byte"), "; it has byte_tx, byte_rx, l3_byte_tx");
        assert_eq!(hint("byte_xt"), "; did you mean \"byte_tx\"?");
        assert_eq!(hint("banana"), "");
        assert_eq!(hint("_"), "");
    }
}
