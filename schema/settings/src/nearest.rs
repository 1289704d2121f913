//! The nearest name to a misspelt one.

/// The candidate with the smallest edit distance to `word`, when it is near enough to be what was
/// meant: at most a third of the letters differ, or only the last section of a path matches.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    candidates
        .map(|c| {
            let tail = |s: &str| s.rsplit('.').next().unwrap_or("").to_string();
            let whole = distance(&word, c);
            // A right key in the wrong section is nearer than its letters say.
            let moved = if tail(&word) == tail(c) { 1 } else { usize::MAX };
            (whole.min(moved), whole, c)
        })
        .min()
        .filter(|(d, _, c)| *d <= (c.len().max(word.len()) / 3).max(1))
        .map(|(_, _, c)| c)
}

/// Levenshtein distance with swaps of neighbours counted as one.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut d = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                d = d.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = d;
        }
    }
    rows[a.len()][b.len()]
}
