//! How the server is: readiness by part, the numbers of each stage, and the page that shows them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::app::App;
use super::reply::{Reply, json as reply_json, whole};
use crate::store::{QueryLimits, StoreError};

const PAGE: &str = include_str!("../../../web/status.html");

/// The page: nothing from elsewhere, and its own script only.
pub(super) fn page() -> Reply {
    let mut reply = whole(StatusCode::OK, "text/html; charset=utf-8", PAGE);
    reply.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    reply
}

/// `/readyz`.
pub(super) fn ready(app: &App) -> Reply {
    let ready = app.parts.ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply_json(status, json!({ "ready": ready, "parts": parts(app) }).to_string())
}

fn parts(app: &App) -> Vec<Value> {
    app.parts
        .all()
        .into_iter()
        .map(|(name, state)| match state {
            Ok(()) => json!({ "name": name, "ready": true }),
            Err(why) => json!({ "name": name, "ready": false, "reason": why }),
        })
        .collect()
}

/// `/v1/status`: one object with the numbers of every stage.
pub(super) async fn answer(app: &App) -> Reply {
    let agents = app.agents.latest(app).await;
    let mut stages = serde_json::Map::new();
    stages.insert("agents".to_owned(), agents);
    let tables = |counters: &crate::receive::counters::PerTable| -> Value {
        fathom_schema::TABLES
            .iter()
            .map(|t| (format!("{}.{}", t.database, t.name), json!(counters.of(t.id).get())))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    if let Some(c) = app.counters() {
        stages.insert(
            "received".to_owned(),
            json!({
                "agents": app.connected_agents(),
                "connections": c.connections_open.get(),
                "frames": c.frames.get(),
                "bytes": c.bytes.get(),
                "rows": c.rows_received.total(),
                "tables": tables(&c.rows_received),
            }),
        );
        stages.insert(
            "spooled".to_owned(),
            json!({
                "rows": c.spool_rows.get(),
                "bytes": c.spool_bytes.get(),
                "bytes_max": app.spool_bytes_max,
                "errors": c.spool_errors.get(),
            }),
        );
        stages.insert(
            "stored".to_owned(),
            json!({
                "rows": c.rows_stored.total(),
                "inserts": c.inserts.get(),
                "retries": c.insert_retries.get(),
                "lost": c.lost_total(),
                "tables": tables(&c.rows_stored),
            }),
        );
    }
    let asked = |one: &super::app::Asked| {
        let load = |n: &std::sync::atomic::AtomicU64| n.load(std::sync::atomic::Ordering::Relaxed);
        json!({
            "asked": load(&one.asked),
            "failed": load(&one.failed),
            "seconds": load(&one.micros) as f64 / 1e6,
        })
    };
    stages.insert(
        "queries".to_owned(),
        json!({
            "query": asked(&app.queries.query),
            "sql": asked(&app.queries.sql),
            "running": app.running(),
        }),
    );
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "server_id": app.id,
        "uptime_seconds": app.started.elapsed().as_secs(),
        "ready": app.parts.ready(),
        "parts": parts(app),
        "store": if app.store.is_embedded() { "embedded ClickHouse" } else { "ClickHouse server" },
        "stages": stages,
    });
    reply_json(StatusCode::OK, body.to_string())
}

/// Numbers of the agents are asked of the store at most this often, whoever looks at the page.
const FRESH: Duration = Duration::from_secs(2);

/// What agents said of themselves last, read from the table they are stored in.
#[derive(Debug, Default)]
pub(super) struct AgentNumbers(Mutex<Option<(Instant, Value)>>);

impl AgentNumbers {
    async fn latest(&self, app: &App) -> Value {
        let mut kept = self.0.lock().await;
        if let Some((at, value)) = &*kept
            && at.elapsed() < FRESH
        {
            return value.clone();
        }
        let value = match ask(app).await {
            Ok(value) => value,
            Err(error) => json!({ "error": error.to_string(), "hosts": [] }),
        };
        *kept = Some((Instant::now(), value.clone()));
        value
    }
}

/// The last value of each number of each agent, summed over its labels.
async fn ask(app: &App) -> Result<Value, StoreError> {
    let sql = "SELECT agent_id, host, name, sum(last) FROM (\
               SELECT agent_id, host, name, label_values, argMax(value, time) AS last \
               FROM fathom_system.agent WHERE time > now() - 120 \
               GROUP BY agent_id, host, name, label_values\
               ) GROUP BY agent_id, host, name ORDER BY agent_id, host, name LIMIT 20000";
    let limits =
        QueryLimits { time: Duration::from_secs(5), rows: 100_000, memory: app.http.limits.memory };
    let answer = app.store.query(sql, None, "JSONCompactEachRow", limits)?;
    let text = answer.collect(8 << 20).await?;
    let mut hosts: BTreeMap<(u64, String), serde_json::Map<String, Value>> = BTreeMap::new();
    for line in text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let Ok((agent, host, name, value)) =
            serde_json::from_slice::<(u64, String, String, Option<f64>)>(line)
        else {
            continue;
        };
        let name = name.trim_start_matches("fathom_agent_").to_owned();
        hosts.entry((agent, host)).or_default().insert(name, json!(value));
    }
    let hosts: Vec<Value> = hosts
        .into_iter()
        .map(|((id, host), numbers)| json!({ "agent_id": id, "host": host, "numbers": numbers }))
        .collect();
    Ok(json!({ "hosts": hosts }))
}
