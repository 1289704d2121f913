//! The answer of `/v1/query`, in DeepFlow's shape, written as bytes: the values come from
//! ClickHouse as JSON text and are passed on without being parsed into a tree, except that whole
//! numbers beyond 2^53 become strings, because readers in JavaScript would round them.

use serde_json::{Value, json};

use super::OutColumn;

/// Largest whole number a double holds exactly along with all below it.
const MAX_SAFE: u64 = 1 << 53;

/// A finished answer from catalogue rows.
#[must_use]
pub fn rows(columns: &[&str], values: &[Vec<Value>]) -> Vec<u8> {
    let schemas: Vec<Value> = columns.iter().map(|_| json!({})).collect();
    json!({
        "OPT_STATUS": "SUCCESS",
        "DESCRIPTION": "",
        "result": { "columns": columns, "values": values, "schemas": schemas },
    })
    .to_string()
    .into_bytes()
}

/// A refusal or failure.
#[must_use]
pub fn failure(status: &str, description: &str) -> Vec<u8> {
    json!({ "OPT_STATUS": status, "DESCRIPTION": description, "result": null })
        .to_string()
        .into_bytes()
}

/// A finished answer from `JSONCompactEachRow` text: one array per line.
#[must_use]
pub fn lines(columns: &[OutColumn], text: &[u8]) -> Vec<u8> {
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let schemas: Vec<Value> = columns
        .iter()
        .map(|c| {
            json!({
                "type": i32::from(c.metric),
                "unit": c.unit,
                "pre_as": c.expression,
                "label_type": "",
            })
        })
        .collect();
    let mut out = Vec::with_capacity(text.len() + text.len() / 16 + 512);
    out.extend_from_slice(br#"{"OPT_STATUS":"SUCCESS","DESCRIPTION":"","result":{"columns":"#);
    out.extend_from_slice(json!(names).to_string().as_bytes());
    out.extend_from_slice(br#","values":["#);
    copy_rows(text, &mut out);
    out.extend_from_slice(br#"],"schemas":"#);
    out.extend_from_slice(json!(schemas).to_string().as_bytes());
    out.extend_from_slice(b"}}");
    out
}

/// Copies rows, commas between them, quoting whole numbers a double cannot hold.
fn copy_rows(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    let mut first = true;
    while let Some(&byte) = rest.first() {
        match byte {
            b'\n' | b'\r' => rest = &rest[1..],
            b'"' => {
                let end = string_end(rest);
                out.extend_from_slice(&rest[..end]);
                rest = &rest[end..];
            }
            b'-' | b'0'..=b'9' => {
                let end = rest
                    .iter()
                    .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                    .unwrap_or(rest.len());
                let (number, tail) = rest.split_at(end);
                let quoted = is_unsafe_integer(number);
                if quoted {
                    out.push(b'"');
                }
                out.extend_from_slice(number);
                if quoted {
                    out.push(b'"');
                }
                rest = tail;
            }
            other => {
                if other == b'[' && at_row_start(out) {
                    if !first {
                        out.push(b',');
                    }
                    first = false;
                }
                out.push(other);
                rest = &rest[1..];
            }
        }
    }
}

/// Whether the next `[` opens a row: the rows before it are closed.
fn at_row_start(out: &[u8]) -> bool {
    // Inside a row a `[` follows `[`, `,` or `:`; a row follows the list's own `[` or a row's `]`.
    match out {
        [.., b']'] => true,
        _ => out.ends_with(br#""values":["#),
    }
}

/// Length of the JSON string at the start of `text`, quotes included.
fn string_end(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn is_unsafe_integer(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    if digits.len() < 16 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    std::str::from_utf8(digits)
        .ok()
        .and_then(|d| d.parse::<u64>().ok())
        .is_none_or(|v| v > MAX_SAFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Value {
        let column =
            OutColumn { name: "a".into(), expression: "a".into(), metric: false, unit: "" };
        let answer: Value = serde_json::from_slice(&lines(&[column], text.as_bytes())).unwrap();
        assert_eq!(answer["OPT_STATUS"], "SUCCESS");
        answer["result"]["values"].clone()
    }

    #[test]
    fn rows_become_one_list() {
        assert_eq!(values(""), json!([]));
        assert_eq!(values("[1, \"a\"]\n[2, \"b\"]\n"), json!([[1, "a"], [2, "b"]]));
        assert_eq!(values("[[1,2],[]]\n[[[3]]]\n"), json!([[[1, 2], []], [[[3]]]]));
        assert_eq!(values("[null,{\"1\":2}]\n"), json!([[null, {"1": 2}]]));
    }

    #[test]
    fn numbers_beyond_a_double_become_strings() {
        assert_eq!(
            values("[9007199254740992, 9007199254740993, 18446744073709551615]\n"),
            json!([[9_007_199_254_740_992_u64, "9007199254740993", "18446744073709551615"]])
        );
        assert_eq!(
            values("[-9223372036854775808, 1e300]\n"),
            json!([["-9223372036854775808", 1e300]])
        );
        assert_eq!(
            values("[{\"1\":18446744073709551615}]\n"),
            json!([[{"1": "18446744073709551615"}]])
        );
    }

    #[test]
    fn text_is_left_alone() {
        assert_eq!(
            values("[\"a]\\n[18446744073709551615\\\"\", \"\\\\\"]\n"),
            json!([["a]\n[18446744073709551615\"", "\\"]])
        );
    }
}
