//! A whole server in this process, on ports of its own, with the real engine; a plain agent and a
//! plain HTTP client for it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use fathom_schema::ColumnBlock;
use fathom_schema::wire::{self, Compression, FrameId, FrameKind, HEADER_LEN};
use fathom_server::config::{Config, PROGRAM};
use fathom_server::{Addresses, RunError};
use fathom_settings::{Settings, Sources};
use fathom_shard::StopToken;

pub(crate) struct Server {
    pub(crate) at: Addresses,
    stop: StopToken,
    thread: Option<std::thread::JoinHandle<Result<(), RunError>>>,
}

impl Server {
    pub(crate) fn start(folder: &Path, set: &[(&str, &str)]) -> Self {
        Self::start_with(folder, set, |_| ())
    }

    /// The same with what no setting says.
    pub(crate) fn start_with(
        folder: &Path,
        set: &[(&str, &str)],
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut pairs = vec![
            ("data".to_owned(), folder.join("data").display().to_string()),
            ("http.listen".to_owned(), "127.0.0.1:0".to_owned()),
            ("agents.listen".to_owned(), "127.0.0.1:0".to_owned()),
            ("self_metrics.interval".to_owned(), "1s".to_owned()),
        ];
        pairs.extend(set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let settings =
            Settings::load(&PROGRAM, Sources { pairs: &pairs, ..Sources::default() }).unwrap();
        let mut config = Config::from_settings(&settings).unwrap();
        change(&mut config);
        let stop = StopToken::new().unwrap();
        let (ready, wait) = std::sync::mpsc::channel();
        let thread = {
            let stop = stop.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(fathom_server::run(config, stop, move |at| {
                    ready.send(at.clone()).unwrap();
                }))
            })
        };
        match wait.recv_timeout(Duration::from_secs(120)) {
            Ok(at) => Self { at, stop, thread: Some(thread) },
            Err(_) => {
                stop.stop();
                panic!("the server is not ready: {:?}", thread.join());
            }
        }
    }

    /// Stops it in order.
    pub(crate) fn stop(mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap().unwrap();
    }

    /// Waits until it ends by itself.
    #[allow(dead_code, reason = "not every test file uses it")]
    pub(crate) fn ends(mut self) -> Result<(), RunError> {
        self.thread.take().unwrap().join().unwrap()
    }

    /// One request; status, head and body.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        ask(self.at.http, method, path, headers, body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// `/v1/query` with a form.
    pub(crate) fn query(&self, db: &str, sql: &str) -> Answer {
        let body: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("db", db)
            .append_pair("sql", sql)
            .finish();
        self.ask("POST", "/v1/query/", &["Content-Type: application/x-www-form-urlencoded"], &body)
    }

    /// The values of a query that has to succeed.
    pub(crate) fn values(&self, db: &str, sql: &str) -> serde_json::Value {
        let answer = self.query(db, sql);
        assert_eq!(answer.status, 200, "{sql}: {}", answer.body);
        let json = answer.json();
        assert_eq!(json["OPT_STATUS"], "SUCCESS");
        json["result"]["values"].clone()
    }

    /// Asks until the values are these.
    pub(crate) fn becomes(&self, db: &str, sql: &str, want: &serde_json::Value) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let got = self.values(db, sql);
            if got == *want {
                return;
            }
            assert!(Instant::now() < until, "{sql}\n  gives {got}\n  wants {want}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `/v1/sql` with the statement as the body.
    pub(crate) fn sql(&self, sql: &str, parameters: &str) -> Answer {
        self.ask("POST", &format!("/v1/sql{parameters}"), &[], sql)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The connection ended as the head said it would.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

pub(crate) fn ask(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let host = if headers.iter().any(|h| h.starts_with("Host:")) {
        String::new()
    } else {
        format!("Host: {to}\r\n")
    };
    let extra: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\n{host}{extra}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // A server that refuses early closes before it read everything.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    let split = all.windows(4).position(|w| w == b"\r\n\r\n").expect("an answer") + 4;
    let head = String::from_utf8(all[..split].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let (body, whole) = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        unchunk(&all[split..])
    } else {
        (all[split..].to_vec(), true)
    };
    Answer { status, head, body: String::from_utf8_lossy(&body).into_owned(), whole }
}

fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    while let Some(line) = rest.windows(2).position(|w| w == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..line]).ok().and_then(|s| usize::from_str_radix(s, 16).ok());
        match size {
            Some(0) => return (out, true),
            Some(size) if rest.len() >= line + 2 + size + 2 => {
                out.extend_from_slice(&rest[line + 2..line + 2 + size]);
                rest = &rest[line + 2 + size + 2..];
            }
            _ => break,
        }
    }
    (out, false)
}

/// Sends blocks as an agent does and waits until they are acknowledged.
pub(crate) fn send(to: SocketAddr, blocks: &[&dyn ColumnBlock]) {
    send_as(7, to, blocks);
}

/// The same as another agent.
pub(crate) fn send_as(agent_id: u32, to: SocketAddr, blocks: &[&dyn ColumnBlock]) {
    let id = |seq| FrameId { agent_id, boot_id: 42, stream: 0, seq };
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut bytes = Vec::new();
    wire::control(FrameKind::Hello, id(1), &wire::hello_body("test", "0"), &mut bytes).unwrap();
    for (at, block) in blocks.iter().enumerate() {
        wire::seal(*block, id(at as u64 + 1), Compression::Lz4, &mut bytes).unwrap();
    }
    stream.write_all(&bytes).unwrap();
    loop {
        let mut head = [0; HEADER_LEN];
        stream.read_exact(&mut head).unwrap();
        let header = wire::parse_header(&head).unwrap();
        let mut body = vec![0; header.body_len as usize];
        stream.read_exact(&mut body).unwrap();
        match header.kind {
            FrameKind::Refused => panic!("refused: {}", String::from_utf8_lossy(&body)),
            FrameKind::Ack if header.id.seq == blocks.len() as u64 => return,
            _ => {}
        }
    }
}
