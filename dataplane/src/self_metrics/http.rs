//! `/metrics` and `/healthz` of the agent: two fixed answers, on the small tokio runtime.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::Metrics;

/// Longest request head that is read.
const HEAD_BYTES: usize = 4096;
/// A client has so long for its whole exchange.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Clients served at the same time; more wait in the listener's queue.
const CLIENTS: usize = 8;

/// Serves on a non-blocking listener until dropped.
///
/// # Errors
/// The runtime does not take the listener.
pub async fn serve(listener: std::net::TcpListener, metrics: Arc<Metrics>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return Ok(()) };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "accepting a client of /metrics failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            // A client that is slow or gone is its own trouble.
            let _ = tokio::time::timeout(TIMEOUT, answer(stream, &metrics)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, metrics: &Metrics) -> io::Result<()> {
    let mut head = Vec::with_capacity(512);
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if head.len() >= HEAD_BYTES || stream.read_buf(&mut head).await? == 0 {
            return respond(&mut stream, "400 Bad Request", "the request head is not one\n").await;
        }
    }
    let line = head.split(|b| *b == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method != "GET" {
        return respond(&mut stream, "405 Method Not Allowed", "only GET is served\n").await;
    }
    match target.split('?').next() {
        Some("/metrics") => respond(&mut stream, "200 OK", &metrics.text()).await,
        Some("/healthz") => respond(&mut stream, "200 OK", "ok\n").await,
        _ => respond(&mut stream, "404 Not Found", "there are /metrics and /healthz\n").await,
    }
}

async fn respond(stream: &mut TcpStream, status: &str, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
