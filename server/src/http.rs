//! The read path's front door: queries, the catalogue, health, metrics and the status page, over
//! HTTP/1.1 on the tokio runtime.
//!
//! ```text
//! /v1/query      DeepFlow's SQL   -> query -> store -> one JSON answer
//! /v1/sql        ClickHouse's SQL -> store (reader)  -> streamed as it comes
//! /v1/catalog/*  what can be asked
//! /v1/status  /metrics  /healthz  /readyz  /         how the server is
//! ```

mod access;
pub mod app;
mod catalog;
mod metrics;
mod query;
mod reply;
mod request;
mod sql;
mod status;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;

use app::App;
use reply::{Reply, failure, text};

/// Time to send the request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest request head.
const HEAD_BYTES: usize = 16 << 10;

/// Open connections; further clients wait in the kernel's queue.
const CONNECTIONS: usize = 512;

/// Answers under way get this long when the server stops.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// The running API.
#[derive(Debug)]
pub struct Http {
    /// Where it listens, with the port it really has.
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts answering on `listener`.
///
/// # Errors
/// The listener has no address.
pub fn start(listener: TcpListener, app: Arc<App>) -> std::io::Result<Http> {
    let addr = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(accept(listener, app, stopped));
    Ok(Http { addr, stop, task })
}

impl Http {
    /// Lets answers under way finish, for a while, and takes no new requests.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the HTTP API ended badly");
        }
    }
}

async fn accept(listener: TcpListener, app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let open = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = admit(&listener, &places) => accepted,
            // An error means the sender is gone, which is a stop too.
            _ = stopped.wait_for(|s| *s) => break,
        };
        match accepted {
            Ok((stream, place)) => serve(stream, place, Arc::clone(&app), &open),
            Err(error) => {
                tracing::error!(%error, "accepting a client failed; check the limit of open files");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_GRACE, open.shutdown()).await.is_err() {
        tracing::info!("answers under way are cut off");
    }
}

async fn admit(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

fn serve(stream: TcpStream, place: OwnedSemaphorePermit, app: Arc<App>, open: &GracefulShutdown) {
    // Answers are written whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(answer(&app, request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let connection = open.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = connection.await {
            tracing::debug!(%error, "an HTTP connection broke");
        }
    });
}

async fn answer(app: &Arc<App>, request: Request<Incoming>) -> Reply {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let get = matches!(*request.method(), Method::GET | Method::HEAD);
    let post = request.method() == Method::POST;
    if let Some(refusal) = access::refusal(app, &path, &request) {
        return refusal;
    }
    match path.as_str() {
        "/v1/query" if post => query::answer(app, request).await,
        "/v1/sql" if get || post => sql::answer(app, request).await,
        "/v1/status" if get => status::answer(app).await,
        "/metrics" if get => metrics::answer(app),
        "/healthz" if get => text(StatusCode::OK, "ok\n"),
        "/readyz" if get => status::ready(app),
        "" if get => status::page(),
        path if get && path.starts_with("/v1/catalog") => catalog::answer(path),
        "/v1/query" => not_allowed("POST"),
        "/v1/sql" => not_allowed("GET or POST"),
        "/v1/status" | "/metrics" | "/healthz" | "/readyz" | "" => not_allowed("GET"),
        path if path.starts_with("/v1/catalog") => not_allowed("GET"),
        _ => failure(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "there is nothing here; see /v1/query, /v1/sql, /v1/catalog, /v1/status, /metrics, /healthz, /readyz",
        ),
    }
}

fn not_allowed(methods: &str) -> Reply {
    failure(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", &format!("use {methods}"))
}
