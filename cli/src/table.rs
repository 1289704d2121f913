//! Answers of a query as an aligned table, CSV, JSON or NDJSON.

use anyhow::Result;
use serde_json::{Map, Value};
use std::io::Write;

/// Cells wider than this are cut in the aligned table, never in the other formats.
const CELL_MAX: usize = 120;

/// Writes columns under their names, numbers to the right.
pub(crate) fn aligned(out: &mut impl Write, columns: &[String], rows: &[Vec<Value>]) -> Result<()> {
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|v| cut(&plain(v))).collect()).collect();
    let width = |i: usize| {
        let body = cells.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max();
        body.unwrap_or(0).max(columns[i].chars().count())
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let right: Vec<bool> = (0..columns.len())
        .map(|i| {
            let mut column =
                rows.iter().filter_map(|r| r.get(i)).filter(|v| !v.is_null()).peekable();
            column.peek().is_some() && column.all(Value::is_number)
        })
        .collect();
    let mut line = |cells: &[String]| -> Result<()> {
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate().take(widths.len()) {
            let pad = " ".repeat(widths[i] - cell.chars().count());
            let (before, after) = if right[i] { (pad.as_str(), "") } else { ("", pad.as_str()) };
            text.push_str(before);
            text.push_str(cell);
            text.push_str(after);
            text.push_str("  ");
        }
        writeln!(out, "{}", text.trim_end())?;
        Ok(())
    };
    line(columns)?;
    line(&widths.iter().map(|w| "-".repeat(*w)).collect::<Vec<_>>())?;
    for row in &cells {
        line(row)?;
    }
    Ok(())
}

/// RFC 4180, with a head line.
pub(crate) fn csv(out: &mut impl Write, columns: &[String], rows: &[Vec<Value>]) -> Result<()> {
    let quote = |s: String| {
        if s.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", s.replace('"', "\"\""))
        } else {
            s
        }
    };
    let head: Vec<String> = columns.iter().cloned().map(quote).collect();
    write!(out, "{}\r\n", head.join(","))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(|v| quote(plain_raw(v))).collect();
        write!(out, "{}\r\n", cells.join(","))?;
    }
    Ok(())
}

/// One object per row; as lines, or as one array.
pub(crate) fn json(
    out: &mut impl Write,
    columns: &[String],
    rows: &[Vec<Value>],
    lines: bool,
) -> Result<()> {
    let object = |row: &Vec<Value>| -> Map<String, Value> {
        columns.iter().cloned().zip(row.iter().cloned()).collect()
    };
    if lines {
        for row in rows {
            serde_json::to_writer(&mut *out, &object(row))?;
            writeln!(out)?;
        }
    } else {
        let all: Vec<_> = rows.iter().map(object).collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)?;
    }
    Ok(())
}

fn plain_raw(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// Lists as their items; without control characters: data of peers must not move the cursor.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => items.iter().map(plain_raw).collect::<Vec<_>>().join(" "),
        other => plain_raw(other),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= CELL_MAX {
        return text.to_string();
    }
    text.chars().take(CELL_MAX - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_format_from_the_same_answer() {
        let columns = ["name".to_string(), "n".to_string()];
        let rows = vec![
            vec![json!("a,\"b\""), json!(5)],
            vec![json!("line\nbreak\u{1b}[2J"), json!(1000)],
            vec![Value::Null, json!(["x", "y"])],
        ];
        let text = |f: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            f(&mut out);
            String::from_utf8(out).unwrap()
        };
        let table = text(&|o| aligned(o, &columns, &rows).unwrap());
        let want = [
            "name            n",
            "--------------  ----",
            "a,\"b\"           5",
            "line break [2J  1000",
            "                x y",
        ];
        assert_eq!(table.lines().collect::<Vec<_>>(), want);
        let lines = text(&|o| csv(o, &columns, &rows).unwrap());
        assert_eq!(
            lines,
            "name,n\r\n\"a,\"\"b\"\"\",5\r\n\"line\nbreak\u{1b}[2J\",1000\r\n,\"[\"\"x\"\",\"\"y\"\"]\"\r\n"
        );
        let nd = text(&|o| json(o, &columns, &rows, true).unwrap());
        assert_eq!(nd.lines().count(), 3);
        assert_eq!(nd.lines().last(), Some("{\"n\":[\"x\",\"y\"],\"name\":null}"));
        let all: Value =
            serde_json::from_str(&text(&|o| json(o, &columns, &rows, false).unwrap())).unwrap();
        assert_eq!(all[1]["n"], 1000);
    }

    #[test]
    fn wide_cells_are_cut_and_counted_in_characters() {
        let mut out = Vec::new();
        let rows = vec![vec![json!("\u{e9}".repeat(300))], vec![json!("\u{e9}")]];
        aligned(&mut out, &["c".to_string()], &rows).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|l| l.chars().count() <= CELL_MAX));
        assert!(text.contains("..."));
    }
}
