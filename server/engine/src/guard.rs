//! What the read-only user may run.
//!
//! `readonly = 1` is not enough with an embedded engine, which trusts whoever links
//! it: it lets `INTO OUTFILE` write any file, the scalar function `file()` read any
//! file (called, applied with APPLY, or handed to `arrayMap`), `DESCRIBE TABLE`
//! look into files and addresses, and settings like `additional_result_filter`
//! bring SQL of their own. So a statement of the reader
//!
//! 1. must be exactly one statement that the engine's parser calls read-only,
//! 2. is written out anew by that parser, and must not name a function or a table
//!    function that reaches outside of the database,
//! 3. runs with `readonly = 1` and limits that are set after the client's own
//!    settings, of which only harmless ones are taken.

use std::collections::HashSet;

use crate::engine::{Analysis, Class, Connection};
use crate::error::{Exception, code};
use crate::limits;
use crate::sql::{Kind, Lexer, Token};

/// Table functions that stay inside of the database, or make up their rows.
const TABLE_FUNCTIONS: &[&str] = &[
    "generaterandom",
    "generateseries",
    "generate_series",
    "mergetreeindex",
    "mergetreeprojection",
    "null",
    "numbers",
    "numbers_mt",
    "primes",
    "sqlstandardvalues",
    "values",
    "view",
    "viewexplain",
    "viewifpermitted",
    "zeros",
    "zeros_mt",
    // `format` is also a harmless function; as a table function `readonly` stops it.
    "format",
];

/// Functions that reach outside of the database without being table functions.
const FUNCTIONS: &[&str] = &["file", "catboostevaluate", "getserversetting"];

/// What other people ask, and where the engine's threads stand: no business of a reader.
const HIDDEN: &[&str] = &["processes", "processlist", "stack_trace"];

/// Settings of the reader that only change how a result looks, or bound it further.
const SETTINGS: &[&str] = &[
    "date_time_input_format",
    "date_time_output_format",
    "extremes",
    "format_csv_delimiter",
    "join_use_nulls",
    "limit",
    "max_block_size",
    "max_bytes_to_read",
    "max_rows_to_group_by",
    "max_rows_to_read",
    "offset",
    "output_format_decimal_trailing_zeros",
    "output_format_write_statistics",
    "session_timezone",
    "use_client_time_zone",
];

/// Beginnings of more such names.
const SETTING_FAMILIES: &[&str] = &[
    "output_format_arrow_",
    "output_format_binary_",
    "output_format_csv_",
    "output_format_json_",
    "output_format_native_",
    "output_format_parquet_",
    "output_format_pretty_",
    "output_format_tsv_",
];

/// Settings that mean nothing to a reader but come with many clients.
const IGNORED: &[&str] = &["async_insert", "wait_for_async_insert", "readonly", "log_comment"];

/// The reader's rules, made from what this engine has.
pub(crate) struct Guard {
    refused_calls: HashSet<Vec<u8>>,
    limits: Vec<(&'static str, u64)>,
}

impl Guard {
    /// Asks the engine for its table functions; all but the harmless are refused.
    ///
    /// # Errors
    /// The engine's exception.
    pub(crate) fn new(connection: &mut Connection, memory: u64) -> Result<Self, Exception> {
        let mut refused_calls = HashSet::new();
        for list in [
            "SELECT lower(name) FROM system.table_functions",
            // Functions that call out to model services.
            "SELECT lower(name) FROM system.functions WHERE name LIKE 'ai%' OR name LIKE 'AI%'",
        ] {
            let names = connection.query(list.as_bytes(), "TSVRaw", &[])?;
            refused_calls.extend(names.as_bytes().split(|b| *b == b'\n').map(<[u8]>::to_vec));
        }
        for name in TABLE_FUNCTIONS {
            refused_calls.remove(name.as_bytes());
        }
        refused_calls.extend(FUNCTIONS.iter().map(|f| f.as_bytes().to_vec()));
        refused_calls.remove(&b""[..]);
        let limits = vec![
            ("max_execution_time", limits::READER_SECONDS),
            ("max_result_rows", limits::READER_ROWS),
            ("max_memory_usage", memory / limits::READER_MEMORY_SHARE),
            ("max_threads", limits::READER_THREADS),
        ];
        Ok(Self { refused_calls, limits })
    }

    /// The settings a reader's statement runs with: the client's harmless ones, then
    /// the limits, no looser than ours.
    ///
    /// # Errors
    /// Code 164 for a setting that is not the reader's to change.
    pub(crate) fn settings(
        &self,
        asked: &[(String, String)],
    ) -> Result<Vec<(String, String)>, Exception> {
        let mut settings = Vec::new();
        for (name, value) in asked {
            let own = self.limits.iter().any(|(limit, _)| limit == name);
            if own || IGNORED.contains(&name.as_str()) {
                continue;
            }
            if !SETTINGS.contains(&name.as_str())
                && !SETTING_FAMILIES.iter().any(|f| name.starts_with(f))
            {
                return Err(Exception::new(
                    code::READONLY,
                    format!("Setting {name} may not be changed by the read-only user"),
                ));
            }
            settings.push((name.clone(), value.clone()));
        }
        for (name, most) in &self.limits {
            // Zero means no limit to ClickHouse.
            let lower = asked
                .iter()
                .find(|(n, _)| n == name)
                .and_then(|(_, v)| v.parse::<u64>().ok())
                .filter(|v| *v > 0 && v < most);
            settings.push(((*name).to_owned(), lower.unwrap_or(*most).to_string()));
        }
        settings.push(("result_overflow_mode".to_owned(), "throw".to_owned()));
        settings.push(("readonly".to_owned(), "1".to_owned()));
        Ok(settings)
    }

    /// Checks a statement before it runs.
    ///
    /// # Errors
    /// Codes 62 (several statements, or none), 164 (not read-only), 497 (reaches outside).
    pub(crate) fn check(
        &self,
        connection: &mut Connection,
        analysis: Analysis,
        sql: &[u8],
        values: &[(String, String)],
    ) -> Result<(), Exception> {
        if analysis.statements == 1 && analysis.class != Class::ReadOnly {
            return Err(Exception::new(
                code::READONLY,
                "The read-only user may only run queries (SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS)",
            ));
        }
        // The engine's parser writes the statement anew: comments are gone, and
        // every identifier is spelt in one way. It also tells the syntax error.
        let text = std::str::from_utf8(sql)
            .map_err(|_| Exception::new(code::SYNTAX_ERROR, "The statement is not UTF-8"))?;
        let call = format!("SELECT formatQuerySingleLine({})", crate::parameters::literal(text));
        let clean = connection.query(call.as_bytes(), "TSVRaw", &[])?;
        if analysis.statements != 1 {
            return Err(Exception::new(
                code::SYNTAX_ERROR,
                "Syntax error: exactly one statement is expected",
            ));
        }
        self.check_text(clean.as_bytes(), values)
    }

    fn check_text(&self, sql: &[u8], values: &[(String, String)]) -> Result<(), Exception> {
        let mut lexer = Lexer::new(sql);
        let tokens: Vec<Token<'_>> = lexer.by_ref().collect();
        if lexer.unfinished() {
            return Err(Exception::new(code::SYNTAX_ERROR, "Syntax error: unfinished text"));
        }
        for (at, token) in tokens.iter().enumerate() {
            let symbol = |offset: isize, byte: u8| {
                at.checked_add_signed(offset)
                    .and_then(|i| tokens.get(i))
                    .is_some_and(|t| t.kind == Kind::Symbol(byte))
            };
            // `{name:Identifier}`: the name comes from the client as well.
            if token.is("Identifier") && symbol(-1, b':') && symbol(1, b'}') {
                let name = at.checked_sub(2).and_then(|i| tokens.get(i)).map(|t| t.text);
                let value = values.iter().find(|(n, _)| Some(n.as_bytes()) == name);
                if let Some((_, value)) = value {
                    self.check_identifier(value)?;
                }
                continue;
            }
            if !matches!(token.kind, Kind::Word | Kind::Quoted) {
                continue;
            }
            let name = token.text.to_ascii_lowercase();
            // A function can be named without a call: arrayMap(file, ...), APPLY file.
            let bare = FUNCTIONS.iter().any(|f| f.as_bytes() == name) && !symbol(-1, b'.');
            // With or without `system.`; a column of another table may well be called so.
            let hidden = HIDDEN.iter().any(|t| t.as_bytes() == name)
                && (!symbol(-1, b'.')
                    || at >= 2 && tokens[at - 2].text.eq_ignore_ascii_case(b"system"));
            if hidden {
                return Err(private(&name));
            }
            if bare || (symbol(1, b'(') && self.refused_calls.contains(&name)) {
                return Err(refused(&name));
            }
        }
        Ok(())
    }

    fn check_identifier(&self, value: &str) -> Result<(), Exception> {
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_. ".contains(&b));
        let name = value.to_ascii_lowercase();
        if name.rsplit('.').next().is_some_and(|last| HIDDEN.contains(&last.trim())) {
            return Err(private(name.as_bytes()));
        }
        if !plain || self.refused_calls.contains(name.as_bytes()) {
            return Err(refused(name.as_bytes()));
        }
        Ok(())
    }
}

fn private(name: &[u8]) -> Exception {
    let name = String::from_utf8_lossy(name);
    Exception::new(
        code::ACCESS_DENIED,
        format!(
            "{} shows what others do, which the read-only user may not see",
            name.escape_default()
        ),
    )
}

fn refused(name: &[u8]) -> Exception {
    let name = String::from_utf8_lossy(name);
    Exception::new(
        code::ACCESS_DENIED,
        format!(
            "{} reaches outside of the database, which the read-only user may not; \
             use tables of the database",
            name.escape_default()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        let refused_calls = ["file", "url", "s3"].iter().map(|f| f.as_bytes().to_vec()).collect();
        Guard { refused_calls, limits: vec![("max_execution_time", 60), ("max_threads", 8)] }
    }

    #[test]
    fn names_that_reach_outside_are_found() {
        let guard = guard();
        let check = |sql: &str, f: &str| {
            guard.check_text(sql.as_bytes(), &[("f".to_owned(), f.to_owned())]).map_err(|e| e.code)
        };
        for sql in [
            "SELECT file('x')",
            "SELECT `FILE`('x')",
            "SELECT * APPLY file FROM t",
            "SELECT arrayMap(file, ['x'])",
            "DESCRIBE TABLE url('x')",
            "SELECT * FROM s3 ('x')",
        ] {
            assert_eq!(check(sql, ""), Err(code::ACCESS_DENIED), "{sql}");
        }
        for sql in ["SELECT t.file FROM t", "SELECT 'file(', url FROM t", "SELECT {f:Identifier}"] {
            assert_eq!(check(sql, "l7_flow_log"), Ok(()), "{sql}");
        }
        for value in ["file", "FILE", "`file`", "a\"b"] {
            let sql = "SELECT arrayMap({f:Identifier}, ['x'])";
            assert_eq!(check(sql, value), Err(code::ACCESS_DENIED), "{value}");
        }
    }

    #[test]
    fn what_others_do_is_hidden() {
        let guard = guard();
        let check = |sql: &str, f: &str| {
            guard.check_text(sql.as_bytes(), &[("f".to_owned(), f.to_owned())]).map_err(|e| e.code)
        };
        for sql in [
            "SELECT * FROM system.processes",
            "SELECT * FROM `system`.`PROCESSES`",
            "SELECT * FROM processes",
            "SHOW PROCESSLIST",
            "SELECT * FROM system.stack_trace AS t",
        ] {
            assert_eq!(check(sql, ""), Err(code::ACCESS_DENIED), "{sql}");
        }
        for sql in ["SELECT t.processes FROM t", "SELECT 'processes'", "SELECT 1 FROM system.one"] {
            assert_eq!(check(sql, ""), Ok(()), "{sql}");
        }
        let sql = "SELECT * FROM {f:Identifier}";
        assert_eq!(check(sql, "system.processes"), Err(code::ACCESS_DENIED));
    }

    #[test]
    fn limits_can_be_lowered_only() {
        let guard = guard();
        let settings = |list: &[(&str, &str)]| {
            let list: Vec<_> =
                list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            guard.settings(&list)
        };
        let value = |list: &[(&str, &str)], name: &str| {
            settings(list).unwrap().into_iter().rfind(|(n, _)| n == name).unwrap().1
        };
        for (asked, got) in [("5", "5"), ("0", "60"), ("99", "60"), ("-1", "60"), ("x", "60")] {
            assert_eq!(value(&[("max_execution_time", asked)], "max_execution_time"), got);
        }
        assert_eq!(value(&[("readonly", "0")], "readonly"), "1");
        assert_eq!(value(&[("output_format_json_quote_64bit_integers", "0")], "readonly"), "1");
        for name in
            ["additional_result_filter", "dialect", "output_format_schema", "implicit_select"]
        {
            assert_eq!(settings(&[(name, "1")]).unwrap_err().code, code::READONLY, "{name}");
        }
    }
}
