//! A running store and a plain HTTP client for it.

use std::path::PathBuf;
use std::sync::OnceLock;

use bytes::Bytes;
use fathom_engine::{Config, Endpoint, Supervisor, library};
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Skips the test loudly when there is no engine.
macro_rules! store_or_skip {
    () => {
        match $crate::harness::shared() {
            Some(store) => store,
            None => return,
        }
    };
}
pub(crate) use store_or_skip;

pub(crate) fn engine_is_here() -> bool {
    match library::locate() {
        Ok(_) => true,
        Err(missing) => {
            eprintln!("SKIPPED: {missing}");
            false
        }
    }
}

pub(crate) fn config(data: impl Into<PathBuf>) -> Config {
    Config { memory_bytes: 1 << 30, ..Config::new(env!("CARGO_BIN_EXE_fathom-engine-store"), data) }
}

/// Access to one store, as one of its users.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) endpoint: Endpoint,
}

/// The store most tests share. Its supervisor lives in a runtime of its own until
/// the test process ends, and with it, by the end of its standard input, the child.
pub(crate) fn shared() -> Option<&'static Store> {
    static SHARED: OnceLock<Option<Store>> = OnceLock::new();
    SHARED
        .get_or_init(|| {
            if !engine_is_here() {
                return None;
            }
            let started = std::thread::spawn(|| {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .unwrap();
                // Nothing drops a static: the next run clears what this one leaves.
                let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("shared-store");
                let _ = std::fs::remove_dir_all(&directory);
                let endpoint = runtime.block_on(async {
                    let mut config = config(&directory);
                    config.listen = Some("127.0.0.1:0".parse().unwrap());
                    let supervisor = Supervisor::start(config).unwrap();
                    let endpoint = supervisor.ready().await.unwrap();
                    std::mem::forget(supervisor);
                    endpoint
                });
                std::mem::forget(runtime);
                Store { endpoint }
            });
            Some(started.join().unwrap())
        })
        .as_ref()
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body came to its end, and not to the end of the connection.
    pub(crate) complete: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> u32 {
        self.header("X-ClickHouse-Exception-Code").parse().unwrap_or(0)
    }

    /// The text of a good answer.
    #[track_caller]
    pub(crate) fn good(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(self.complete, "{}", self.text());
        self.text()
    }
}

impl Store {
    pub(crate) async fn request(
        &self,
        request: hyper::http::request::Builder,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Answer {
        let address = self.endpoint.url.strip_prefix("http://").unwrap();
        send(address, request, path, body.into()).await
    }

    pub(crate) fn writer(&self, method: Method) -> hyper::http::request::Builder {
        Request::builder()
            .method(method)
            .header("X-ClickHouse-User", &self.endpoint.user)
            .header("X-ClickHouse-Key", &self.endpoint.password)
    }

    pub(crate) fn reader(&self, method: Method) -> hyper::http::request::Builder {
        Request::builder()
            .method(method)
            .header("X-ClickHouse-User", &self.endpoint.readonly_user)
            .header("X-ClickHouse-Key", &self.endpoint.readonly_password)
    }

    /// A statement in the body, with further parameters, as the writer.
    pub(crate) async fn with(&self, parameters: &[(&str, &str)], sql: impl Into<Bytes>) -> Answer {
        self.request(self.writer(Method::POST), &path(parameters), sql).await
    }

    pub(crate) async fn sql(&self, sql: impl Into<Bytes>) -> Answer {
        self.with(&[], sql).await
    }

    /// A statement as the reader.
    pub(crate) async fn read(&self, parameters: &[(&str, &str)], sql: impl Into<Bytes>) -> Answer {
        self.request(self.reader(Method::POST), &path(parameters), sql).await
    }

    /// A statement in the address, data in the body.
    pub(crate) async fn insert(
        &self,
        sql: &str,
        more: &[(&str, &str)],
        data: impl Into<Bytes>,
    ) -> Answer {
        let parameters = [&[("query", sql)], more].concat();
        self.request(self.writer(Method::POST), &path(&parameters), data).await
    }

    /// A fresh database for one test.
    pub(crate) async fn database(&self, name: &str) {
        self.sql(format!("DROP DATABASE IF EXISTS {name} SYNC")).await.good();
        self.sql(format!("CREATE DATABASE {name}")).await.good();
    }
}

pub(crate) fn path(parameters: &[(&str, &str)]) -> String {
    let query: String =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("/?{query}")
}

pub(crate) async fn send(
    address: &str,
    request: hyper::http::request::Builder,
    path: &str,
    body: Bytes,
) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = request.uri(path).header("host", address).body(Full::new(body)).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let (parts, mut incoming) = response.into_parts();
    let (mut body, mut complete) = (Vec::new(), true);
    while let Some(frame) = incoming.frame().await {
        match frame {
            Ok(frame) => body.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) => {
                complete = false;
                break;
            }
        }
    }
    connection.abort();
    Answer { status: parts.status, headers: parts.headers, body: body.into(), complete }
}

/// A Native block, built by hand: names, types and column bytes.
pub(crate) fn native(rows: u64, columns: &[(&str, &str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, columns.len() as u64);
    varint(&mut out, rows);
    for (name, kind, data) in columns {
        string(&mut out, name);
        string(&mut out, kind);
        out.extend_from_slice(data);
    }
    out
}

pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}
