//! What the HTTP interface adds to an insert: the same Native blocks go into the engine
//! in this process, and over loopback into the store process.
//!
//! `cargo build -p fathom-engine --release --bins --examples`, then
//! `target/release/examples/insert_cost target/release/fathom-engine-store [blocks]`
//!
//! Prints CPU per row (client, engine, both) and the least wall time of a block. CPU
//! includes the merges that ran meanwhile; both kinds take turns, so that a busy
//! machine is busy for both.

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fathom_engine::engine::Engine;
use fathom_engine::{Config, Supervisor, library};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;

const ROWS: u64 = 100_000;
const NUMBERS: usize = 28;
const TABLE: &str = "CREATE TABLE m.t (COLUMNS, s String) ENGINE = MergeTree ORDER BY (c0, c1)";

#[derive(Default)]
struct Cost {
    client: Duration,
    engine: Duration,
    least: Option<Duration>,
}

impl Cost {
    fn took(&mut self, wall: Duration) {
        self.least = Some(self.least.map_or(wall, |l| l.min(wall)));
    }

    fn line(&self, blocks: u32) -> String {
        let row = |d: Duration| d.as_secs_f64() * 1e6 / f64::from(blocks) / ROWS as f64;
        format!(
            "client {:.2}, engine {:.2}, both {:.2} us CPU per row; fastest block {:.0} ms",
            row(self.client),
            row(self.engine),
            row(self.client + self.engine),
            self.least.unwrap_or_default().as_secs_f64() * 1e3
        )
    }
}

/// CPU time of a process or thread (`/proc/<this>/stat`), in ticks of 10 ms.
fn cpu(of: &str) -> std::io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{of}/stat"))?;
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(10 * ticks))
}

fn columns() -> String {
    (0..NUMBERS).map(|c| format!("c{c} UInt64")).collect::<Vec<_>>().join(", ")
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn text(out: &mut Vec<u8>, text: &str) {
    varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Numbers of different spread and one short string: about 235 bytes per row.
fn block(seed: u64) -> Bytes {
    let mut out = Vec::new();
    varint(&mut out, NUMBERS as u64 + 1);
    varint(&mut out, ROWS);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for column in 0..NUMBERS {
        text(&mut out, &format!("c{column}"));
        text(&mut out, "UInt64");
        for _ in 0..ROWS {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            out.extend_from_slice(&(state >> (20 + column)).to_le_bytes());
        }
    }
    text(&mut out, "s");
    text(&mut out, "String");
    for row in 0..ROWS {
        text(&mut out, &format!("/api/{}", row % 1000));
    }
    out.into()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let exe = args.next().ok_or("name the store's program first")?;
    let blocks: u32 = args.next().map_or(Ok(40), |n| n.parse())?;
    let (here, there) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let memory = 2u64 << 30;
    let table = TABLE.replace("COLUMNS", &columns());

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let supervisor = runtime.block_on(async {
        let config = Config { memory_bytes: memory, ..Config::new(exe, there.path()) };
        Supervisor::start(config)
    })?;
    let endpoint =
        runtime.block_on(supervisor.ready()).map_err(|state| format!("no store: {state:?}"))?;
    let child = supervisor.pid().ok_or("no store")?.to_string();
    // The HTTP client runs on this thread; other threads here are the engine's.
    let (own, client) = ("self", "thread-self");
    let address = endpoint.url.trim_start_matches("http://").to_owned();
    let mut sender = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(&address).await?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok::<_, Box<dyn Error>>(sender)
    })?;
    let mut post = |path: &str, body: Bytes| {
        runtime.block_on(async {
            let request = Request::post(path)
                .header("host", &address)
                .header("X-ClickHouse-User", &endpoint.user)
                .header("X-ClickHouse-Key", &endpoint.password)
                .body(Full::new(body))?;
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            if status.is_success() {
                Ok::<_, Box<dyn Error>>(())
            } else {
                Err(String::from_utf8_lossy(&body).into())
            }
        })
    };

    let settings = [format!("max_server_memory_usage={memory}")];
    let engine = Engine::open(&library::locate()?, here.path(), &settings)?;
    let mut connection = engine.connect()?;
    for sql in ["CREATE DATABASE m", table.as_str()] {
        connection.query(sql.as_bytes(), "Null", &[])?;
        post("/", Bytes::copy_from_slice(sql.as_bytes()))?;
    }

    let (mut direct, mut http) = (Cost::default(), Cost::default());
    let mut bytes = 0;
    for turn in 0..blocks {
        let block = block(u64::from(turn) + 1);
        bytes = block.len();
        let (before, started) = (cpu(own)?, Instant::now());
        // A connection for each statement, as the store has it.
        let mut connection = engine.connect()?;
        let mut insert = connection.insert(b"INSERT INTO m.t", "Native", &[])?;
        insert.append(&block)?;
        insert.finish()?;
        direct.took(started.elapsed());
        direct.engine += cpu(own)?.saturating_sub(before);

        let (client_before, before, started) = (cpu(client)?, cpu(&child)?, Instant::now());
        post("/?query=INSERT+INTO+m.t+FORMAT+Native", block)?;
        http.took(started.elapsed());
        http.client += cpu(client)?.saturating_sub(client_before);
        http.engine += cpu(&child)?.saturating_sub(before);
    }
    let mut out = std::io::stdout();
    writeln!(out, "{blocks} blocks of {ROWS} rows, {} bytes per row", bytes as u64 / ROWS)?;
    writeln!(out, "direct: {}", direct.line(blocks))?;
    writeln!(out, "http:   {}", http.line(blocks))?;
    drop(connection);
    engine.close();
    runtime.block_on(supervisor.stop());
    Ok(())
}
