//! `/v1/sql`: one read-only statement in ClickHouse's own SQL, streamed in any of its formats.
//! What may be asked is the store's to decide: the embedded one checks every statement of its
//! reader, a server is told `readonly = 1`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::sync::mpsc;

use super::app::App;
use super::query::too_many;
use super::reply::{Body, BrokenOff, Reply, failure, reply, store_failure};
use super::request;
use crate::query::MAX_SQL_BYTES;

/// Pieces of an answer in flight between the store and a slow client.
const PIECES: usize = 4;

/// A client that takes nothing for this long loses its answer, and others get its turn.
const STALL: Duration = Duration::from_secs(60);

/// Format of a request that names none: ClickHouse's own default.
const FORMAT: &str = "TabSeparated";

pub(super) async fn answer(app: &Arc<App>, request: Request<Incoming>) -> Reply {
    let began = Instant::now();
    let reply = ask(app, request).await.unwrap_or_else(|refusal| refusal);
    app.queries.sql.count(began, reply.status().is_success());
    reply
}

async fn ask(app: &Arc<App>, request: Request<Incoming>) -> Result<Reply, Reply> {
    let bad = |name: &str, text: &str| failure(StatusCode::BAD_REQUEST, name, text);
    let (mut parameters, payload) = request::read(request).await?;
    let form =
        payload.is_form_with(&["query", "sql"]) || payload.text.trim_start().starts_with('{');
    let mut sql = if form {
        payload.fields(&mut parameters).map_err(|why| bad("INVALID_POST_DATA", &why))?;
        String::new()
    } else {
        payload.text
    };
    // As with ClickHouse itself, what stands in the address goes before the body.
    if let Some(front) = parameters.get("query").or_else(|| parameters.get("sql")) {
        sql = if sql.trim().is_empty() { front.to_owned() } else { format!("{front}\n{sql}") };
    }
    if sql.trim().is_empty() {
        return Err(bad("INVALID_SQL", "there is no statement; send it as the body or as query="));
    }
    if sql.len() > MAX_SQL_BYTES {
        let text = format!("the statement has {} bytes, the limit is {MAX_SQL_BYTES}", sql.len());
        return Err(bad("INVALID_SQL", &text));
    }
    let format = parameters.get("format").filter(|f| !f.is_empty()).unwrap_or(FORMAT);
    if format.len() > 64 || !format.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(bad("INVALID_SQL", "format has to be the name of a ClickHouse format"));
    }
    let database = parameters.get("database").or_else(|| parameters.get("db"));
    let database = database.filter(|d| !d.is_empty());
    if database.is_some_and(|d| !d.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')) {
        return Err(bad("INVALID_SQL", "database has to be the name of a database"));
    }

    let turn = app.turn().await.ok_or_else(too_many)?;
    let mut found =
        app.store.query(&sql, database, format, app.http.limits).map_err(|e| store_failure(&e))?;
    // Errors nearly always come before the first piece: they get a status of their own.
    let first = found.next().await.map_err(|e| store_failure(&e))?;
    let kind = content_type(format);
    let Some(first) = first else {
        return Ok(reply(StatusCode::OK, kind, Body::Whole(None)));
    };
    let (pieces, body) = mpsc::channel(PIECES);
    // As ClickHouse itself does it: the reason stands behind the rows, where text can stand.
    let says_why = kind != BINARY;
    tokio::spawn(async move {
        let _turn = turn;
        let mut next = Ok(Some(first));
        while let Some(piece) = next.transpose() {
            let failed = piece.is_err();
            if let (Err(error), true) = (&piece, says_why) {
                let text = Bytes::from(format!("\n{error}\n"));
                let _ = tokio::time::timeout(STALL, pieces.send(Ok(text))).await;
            }
            let sent = tokio::time::timeout(STALL, pieces.send(piece.map_err(BrokenOff))).await;
            // The client is gone or asleep: dropping the answer stops the query.
            if !matches!(sent, Ok(Ok(()))) || failed {
                return;
            }
            next = found.next().await;
        }
    });
    Ok(reply(StatusCode::OK, kind, Body::Pieces(body)))
}

/// Formats that are no text.
const BINARY: &str = "application/octet-stream";

fn content_type(format: &str) -> &'static str {
    let format = format.to_ascii_lowercase();
    match format.as_str() {
        f if f.starts_with("jsoneachrow") || f.starts_with("jsoncompacteachrow") => {
            "application/x-ndjson"
        }
        "ndjson" | "jsonlines" => "application/x-ndjson",
        f if f.starts_with("json") => "application/json",
        f if f.starts_with("csv") => "text/csv; charset=utf-8",
        f if f.starts_with("tabseparated") || f.starts_with("tsv") => {
            "text/tab-separated-values; charset=utf-8"
        }
        "native" | "arrow" | "arrowstream" | "parquet" | "orc" | "avro" => BINARY,
        f if f.starts_with("rowbinary") => BINARY,
        _ => "text/plain; charset=utf-8",
    }
}
