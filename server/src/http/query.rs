//! `POST /v1/query`: one query in DeepFlow's SQL, answered in DeepFlow's shape.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};

use super::app::App;
use super::reply::{Reply, failure, json, store_failure};
use super::request;
use crate::query::{Plan, answer as shape, translate};

/// Largest answer held in memory; larger results have to be asked for in parts, or at `/v1/sql`.
const ANSWER_BYTES: usize = 64 << 20;

pub(super) async fn answer(app: &Arc<App>, request: Request<Incoming>) -> Reply {
    let began = Instant::now();
    let reply = ask(app, request).await.unwrap_or_else(|refusal| refusal);
    app.queries.query.count(began, reply.status().is_success());
    reply
}

async fn ask(app: &Arc<App>, request: Request<Incoming>) -> Result<Reply, Reply> {
    let (mut parameters, payload) = request::read(request).await?;
    payload
        .fields(&mut parameters)
        .map_err(|why| failure(StatusCode::BAD_REQUEST, "INVALID_POST_DATA", &why))?;
    let sql = parameters.get("sql").filter(|sql| !sql.trim().is_empty()).ok_or_else(|| {
        let text = "the field \"sql\" is missing; send db and sql, as a form or as JSON";
        failure(StatusCode::BAD_REQUEST, "INVALID_POST_DATA", text)
    })?;
    let db = parameters.get("db").unwrap_or("");
    let plan = translate(db, sql, parameters.get("data_precision"))
        .map_err(|e| failure(StatusCode::BAD_REQUEST, "INVALID_SQL", &e.to_string()))?;
    match plan {
        Plan::Rows { columns, values } => Ok(json(StatusCode::OK, shape::rows(&columns, &values))),
        Plan::Select { sql, columns } => {
            let _turn = app.turn().await.ok_or_else(too_many)?;
            let found = app.store.query(&sql, None, "JSONCompactEachRow", app.http.limits);
            let found = match found {
                Ok(found) => found.collect(ANSWER_BYTES).await,
                Err(error) => Err(error),
            };
            let lines = found.map_err(|error| {
                tracing::debug!(%sql, %error, "a query failed");
                store_failure(&error)
            })?;
            Ok(json(StatusCode::OK, shape::lines(&columns, &lines)))
        }
    }
}

pub(super) fn too_many() -> Reply {
    failure(
        StatusCode::TOO_MANY_REQUESTS,
        "TOO_MANY_QUERIES",
        "too many queries run already; try again in a moment, or raise query.at_once",
    )
}
