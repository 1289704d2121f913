//! `fathom query`: asks a server, prints the answer.

use crate::client::{self, Server};
use crate::table;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use fathom_settings::Usage;
use http_body_util::BodyExt;
use hyper::Method;
use serde_json::{Value, json};
use std::io::{self, BufWriter, Read, Write};

/// Asks a server in SQL
///
/// Without --raw in the dialect of /v1/query, where tags and metrics have names and
/// `show databases|tables|tags|metrics` lists them; with --raw in ClickHouse's own SQL.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  fathom query 'show tags from l7_flow_log'
  fathom query 'SELECT request_domain, Count(row) AS n FROM l7_flow_log GROUP BY request_domain'
  fathom query --raw 'SELECT count() FROM flow_log.l4_flow_log'
  echo 'show tables' | fathom query -")]
pub(crate) struct Args {
    /// The query; `-` reads it from standard input
    sql: String,
    #[command(flatten)]
    server: Server,
    /// Database that tables without one are in [default: any; with --raw flow_log]
    #[arg(long)]
    db: Option<String>,
    /// Plain ClickHouse SQL, read-only
    #[arg(long)]
    raw: bool,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Aligned columns
    Table,
    /// One array of objects
    Json,
    /// Comma separated, with a head line
    Csv,
    /// One object per line
    Ndjson,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut sql = args.sql.clone();
    if sql == "-" {
        sql.clear();
        io::stdin().read_to_string(&mut sql).context("reading the query from standard input")?;
    }
    if sql.trim().is_empty() {
        bail!(Usage("the query is empty".into()));
    }
    client::block_on(async {
        if args.raw { raw(args, sql).await } else { dialect(args, &sql).await }
    })
}

async fn dialect(args: &Args, sql: &str) -> Result<()> {
    let body = json!({ "db": args.db.as_deref().unwrap_or_default(), "sql": sql }).to_string();
    let answer = args.server.send(Method::POST, "/v1/query", "application/json", body).await?;
    let status = answer.status();
    let body = client::collect(answer).await?;
    let answer: Value = serde_json::from_slice(&body)
        .map_err(|_| anyhow::anyhow!("{status}: {}", sentence(&body)))?;
    let state = answer["OPT_STATUS"].as_str().unwrap_or("");
    if state != "SUCCESS" {
        bail!(
            "{state}: {}",
            answer["DESCRIPTION"].as_str().unwrap_or("the server gives no reason")
        );
    }
    let result = &answer["result"];
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    let columns: Vec<String> =
        list("columns").iter().map(|c| c.as_str().unwrap_or_default().to_string()).collect();
    let rows: Vec<Vec<Value>> =
        list("values").into_iter().map(|row| row.as_array().cloned().unwrap_or_default()).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Table => table::answer(&mut out, &columns, &rows)?,
        Format::Csv => table::csv(&mut out, &columns, &rows)?,
        Format::Json => table::json(&mut out, &columns, &rows, false)?,
        Format::Ndjson => table::json(&mut out, &columns, &rows, true)?,
    }
    out.flush()?;
    Ok(())
}

async fn raw(args: &Args, sql: String) -> Result<()> {
    let format = match args.format {
        // With the types, so that numbers are told from text.
        Format::Table => "TabSeparatedWithNamesAndTypes",
        Format::Json => "JSON",
        Format::Csv => "CSVWithNames",
        Format::Ndjson => "JSONEachRow",
    };
    let own_format = names_its_format(&sql);
    let db = args.db.as_deref().unwrap_or("flow_log");
    let path = format!("/v1/sql?format={format}&db={}", escape(db));
    let mut answer =
        args.server.send(Method::POST, &path, "text/plain; charset=utf-8", sql).await?;
    let status = answer.status();
    if !status.is_success() {
        let body = client::collect(answer).await?;
        if let Ok(Value::Object(error)) = serde_json::from_slice(&body)
            && let Some(why) = error.get("DESCRIPTION").and_then(Value::as_str)
        {
            bail!(
                "{}: {why}",
                error.get("OPT_STATUS").and_then(Value::as_str).unwrap_or("refused")
            );
        }
        bail!("{status}: {}", sentence(&body));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if matches!(args.format, Format::Table) && !own_format {
        table::tab_separated(&mut out, &client::collect(answer).await?)?;
        out.flush()?;
        return Ok(());
    }
    while let Some(frame) = answer.body_mut().frame().await {
        if let Some(data) = frame.context("the answer broke off")?.data_ref() {
            out.write_all(data)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Whether a statement ends with `FORMAT Name`, which goes before what --format asks for.
fn names_its_format(sql: &str) -> bool {
    let mut words = sql.trim_end_matches([';', ' ', '\t', '\r', '\n']).split_whitespace().rev();
    let name = words.next().unwrap_or_default();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric());
    plain && words.next().is_some_and(|word| word.eq_ignore_ascii_case("format"))
}

/// The first line of an answer that is not in the expected form.
fn sentence(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.lines()
        .find(|l| !l.trim().is_empty())
        .unwrap_or("an empty answer")
        .chars()
        .take(500)
        .collect()
}

fn escape(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.~".contains(b);
    text.bytes()
        .map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::names_its_format;

    #[test]
    fn a_format_clause_is_seen() {
        for sql in ["SELECT 1 FORMAT CSV", "select 1\nformat JSON ;\n"] {
            assert!(names_its_format(sql), "{sql}");
        }
        for sql in ["SELECT 1", "SELECT 'a FORMAT CSV'", "SELECT format FROM t", ""] {
            assert!(!names_its_format(sql), "{sql}");
        }
    }
}
