//! A whole server in this process, with a store of its own, and a plain client for its HTTP
//! interface.

use anyhow::{Context, Result, bail, ensure};
use fathom_server::config::{Config, PROGRAM};
use fathom_server::{Addresses, RunError};
use fathom_settings::{Settings, Sources};
use fathom_shard::StopToken;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The engine loads its library and opens its tables within this.
const PATIENCE: Duration = Duration::from_secs(120);

/// One that runs. Stopped in order when dropped.
pub(super) struct Whole {
    /// Where it is reached.
    pub(super) at: Addresses,
    stop: StopToken,
    thread: Option<JoinHandle<Result<(), RunError>>>,
}

impl Whole {
    /// Starts it with its data in `folder`, and waits until it can be asked.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let pairs = [
            ("data", folder.join("data").display().to_string()),
            ("http.listen", "127.0.0.1:0".to_owned()),
            ("agents.listen", "127.0.0.1:0".to_owned()),
            // Nothing is forgotten while it is measured.
            ("query.time", "10m".to_owned()),
            ("query.memory", "4GiB".to_owned()),
            ("store.memory", "6GiB".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value));
        let settings = Settings::load(&PROGRAM, Sources { pairs: &pairs, ..Sources::default() })?;
        let config = Config::from_settings(&settings)?;
        let stop = StopToken::new()?;
        let (ready, wait) = mpsc::channel();
        let thread = std::thread::spawn({
            let stop = stop.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()?;
                runtime.block_on(fathom_server::run(config, stop, move |at| {
                    let _ = ready.send(at.clone());
                }))
            }
        });
        match wait.recv_timeout(PATIENCE) {
            Ok(at) => Ok(Self { at, stop, thread: Some(thread) }),
            Err(_) => {
                stop.stop();
                match thread.join() {
                    Ok(Err(error)) => Err(error.into()),
                    _ => bail!("the server is not ready after {} s", PATIENCE.as_secs()),
                }
            }
        }
    }

    /// The sum of a counter over its labels, from `/metrics`.
    pub(super) fn counter(&self, name: &str) -> Result<u64> {
        let text = self.ask("GET", "/metrics", "", "")?;
        let lines = text.lines().filter(|l| !l.starts_with('#'));
        Ok(lines
            .filter(|l| l.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])))
            .filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok())
            .sum::<f64>() as u64)
    }

    /// Waits until a counter has come to `value`.
    pub(super) fn becomes(&self, name: &str, value: u64, max: Duration) -> Result<()> {
        let until = Instant::now() + max;
        loop {
            let now = self.counter(name)?;
            if now >= value {
                return Ok(());
            }
            ensure!(Instant::now() < until, "{name} is {now} instead of {value} after {max:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A statement of ClickHouse's SQL; the answer's rows, separated by tabs.
    pub(super) fn sql(&self, sql: &str) -> Result<String> {
        self.ask("POST", "/v1/sql?format=TabSeparated", "text/plain", sql)
    }

    /// The same, each row as an array.
    pub(super) fn sql_rows(&self, sql: &str) -> Result<Vec<serde_json::Value>> {
        let text = self.ask("POST", "/v1/sql?format=JSONCompactEachRow", "text/plain", sql)?;
        text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// A question in the dialect of `/v1/query`; the answer's JSON.
    pub(super) fn query(&self, db: &str, sql: &str) -> Result<serde_json::Value> {
        let body = serde_json::json!({ "db": db, "sql": sql }).to_string();
        Ok(serde_json::from_str(&self.ask("POST", "/v1/query", "application/json", &body)?)?)
    }

    fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.at.http)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(600)))?;
        // HTTP/1.0: the answer ends with the connection and is not chunked.
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.at.http,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no end of the answer's head")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status == "200", "{method} {path}: {status}: {body}");
        Ok(body.to_owned())
    }

    /// Stops it in order: what was received is stored.
    pub(super) fn stop(mut self) -> Result<()> {
        self.stop.stop();
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => Ok(outcome?),
            _ => bail!("the server's thread panicked"),
        }
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
