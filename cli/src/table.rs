//! Answers of a query as an aligned table, CSV, JSON or NDJSON.

use anyhow::Result;
use serde_json::Value;
use std::io::Write;

/// Cells wider than this are cut in the aligned table, never in the other formats.
const CELL_MAX: usize = 120;

/// An answer in JSON values.
pub(crate) fn answer(out: &mut impl Write, columns: &[String], rows: &[Vec<Value>]) -> Result<()> {
    let right: Vec<bool> = (0..columns.len())
        .map(|i| {
            let mut column =
                rows.iter().filter_map(|r| r.get(i)).filter(|v| !v.is_null()).peekable();
            column.peek().is_some() && column.all(Value::is_number)
        })
        .collect();
    let cells = rows.iter().map(|row| row.iter().map(plain).collect()).collect();
    aligned(out, columns, cells, &right)
}

/// An answer in ClickHouse's `TabSeparatedWithNamesAndTypes`. A statement that answers nothing
/// writes nothing.
pub(crate) fn tab_separated(out: &mut impl Write, text: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(|l| l.split('\t').map(unescape).collect::<Vec<_>>());
    let (Some(columns), Some(types)) = (lines.next(), lines.next()) else { return Ok(()) };
    let number = |ty: &String| {
        let ty = ty.strip_prefix("Nullable(").unwrap_or(ty);
        ["Int", "UInt", "Float", "BFloat", "Decimal"].iter().any(|n| ty.starts_with(n))
    };
    let right: Vec<bool> = types.iter().map(number).collect();
    aligned(out, &columns, lines.collect(), &right)
}

/// Undoes what ClickHouse escapes; a NULL is shown empty.
fn unescape(cell: &str) -> String {
    if cell == "\\N" {
        return String::new();
    }
    let mut out = String::with_capacity(cell.len());
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        let c = if c == '\\' {
            chars.next().unwrap_or(c)
        } else {
            out.push(c);
            continue;
        };
        out.push(match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'b' | 'f' | '0' => ' ',
            other => other,
        });
    }
    out
}

/// Writes columns under their names; those of `right` end at the same place.
fn aligned(
    out: &mut impl Write,
    columns: &[String],
    mut cells: Vec<Vec<String>>,
    right: &[bool],
) -> Result<()> {
    for cell in cells.iter_mut().flatten() {
        *cell = cut(&printable(cell));
    }
    let width = |i: usize| {
        let body = cells.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max();
        body.unwrap_or(0).max(columns[i].chars().count())
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut line = |cells: &[String]| -> Result<()> {
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate().take(widths.len()) {
            let pad = " ".repeat(widths[i] - cell.chars().count());
            let right = right.get(i).copied().unwrap_or(false);
            let (before, after) = if right { (pad.as_str(), "") } else { ("", pad.as_str()) };
            text.extend([before, cell, after, "  "]);
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

/// One object per row, its members in the order of the columns; as lines, or as one array.
pub(crate) fn json(
    out: &mut impl Write,
    columns: &[String],
    rows: &[Vec<Value>],
    lines: bool,
) -> Result<()> {
    let (start, between, end) = if lines { ("", "\n", "\n") } else { ("[\n  ", ",\n  ", "\n]\n") };
    if rows.is_empty() {
        out.write_all(if lines { b"" } else { b"[]\n" })?;
        return Ok(());
    }
    out.write_all(start.as_bytes())?;
    for (i, row) in rows.iter().enumerate() {
        out.write_all(if i == 0 { b"" } else { between.as_bytes() })?;
        let mut sep = '{';
        for (name, value) in columns.iter().zip(row) {
            write!(out, "{sep}{}:{value}", Value::from(name.as_str()))?;
            sep = ',';
        }
        out.write_all(if sep == '{' { b"{}" } else { b"}" })?;
    }
    out.write_all(end.as_bytes())?;
    Ok(())
}

fn plain_raw(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// Lists as their items.
fn plain(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(plain_raw).collect::<Vec<_>>().join(" "),
        other => plain_raw(other),
    }
}

/// Without control characters: data of peers must not move the cursor.
fn printable(text: &str) -> String {
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
        let table = text(&|o| answer(o, &columns, &rows).unwrap());
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
        assert_eq!(nd.lines().last(), Some("{\"name\":null,\"n\":[\"x\",\"y\"]}"));
        let all: Value =
            serde_json::from_str(&text(&|o| json(o, &columns, &rows, false).unwrap())).unwrap();
        assert_eq!(all[1]["n"], 1000);
        let none = |lines| text(&|o| json(o, &columns, &[], lines).unwrap());
        assert_eq!((none(true).as_str(), none(false).as_str()), ("", "[]\n"));
    }

    #[test]
    fn wide_cells_are_cut_and_counted_in_characters() {
        let mut out = Vec::new();
        let rows = vec![vec![json!("\u{e9}".repeat(300))], vec![json!("\u{e9}")]];
        answer(&mut out, &["c".to_string()], &rows).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|l| l.chars().count() <= CELL_MAX));
        assert!(text.contains("..."));
    }

    #[test]
    fn what_clickhouse_says_becomes_a_table() {
        let tsv = "name\tn\tlow\nString\tNullable(UInt64)\tArray(UInt8)\n\
            a\\tb\\\\c\u{1b}[2J\t18446744073709551615\t[1,2]\nd\t\\N\t[]\n";
        let table = |tsv: &str| {
            let mut out = Vec::new();
            tab_separated(&mut out, tsv.as_bytes()).unwrap();
            String::from_utf8(out).unwrap()
        };
        let want = [
            "name                          n  low",
            "---------  --------------------  -----",
            "a b\\c [2J  18446744073709551615  [1,2]",
            "d                                []",
        ];
        assert_eq!(table(tsv).lines().collect::<Vec<_>>(), want);
        assert_eq!(table("n\nUInt64\n"), "n\n-\n", "no rows are still an answer");
        assert_eq!(table(""), "");
    }
}
