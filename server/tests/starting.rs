//! A server whose store is slow to get ready: nothing may reach the tables before the migrations
//! are through. The store is a few lines that speak enough of ClickHouse's HTTP interface.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/server.rs"]
#[allow(dead_code, reason = "most of it is for tests with the real engine")]
mod server;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use fathom_schema::l7_flow_log;
use fathom_server::store::Target;
use server::{Server, send, send_as};

#[derive(Default)]
struct Seen {
    /// Statements in the order in which they came.
    statements: Vec<String>,
    /// The migrations may go on.
    released: bool,
    /// Somebody dropped the tables.
    dropped: bool,
    /// It refuses everything, as a server that is starting.
    away: bool,
}

#[derive(Clone, Default)]
struct Fake(Arc<(Mutex<Seen>, Condvar)>);

impl Fake {
    fn start() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let fake = Self::default();
        let all = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let fake = all.clone();
                std::thread::spawn(move || fake.serve(stream.unwrap()));
            }
        });
        (fake, at)
    }

    /// Answers requests until the client hangs up.
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut writer = stream;
        loop {
            let (mut head, mut line) = (String::new(), String::new());
            while reader.read_line(&mut line).ok()? > 2 {
                head.push_str(&line);
                line.clear();
            }
            let header = |name: &str| {
                let lower = head.to_ascii_lowercase();
                lower.lines().find_map(|l| Some(l.strip_prefix(name)?.trim().to_owned()))
            };
            let mut body = Vec::new();
            if let Some(length) = header("content-length:") {
                body = vec![0; length.parse().ok()?];
                reader.read_exact(&mut body).ok()?;
            } else if header("transfer-encoding:").is_some() {
                loop {
                    let mut size = String::new();
                    reader.read_line(&mut size).ok()?;
                    let size = usize::from_str_radix(size.trim(), 16).ok()?;
                    let mut chunk = vec![0; size + 2];
                    reader.read_exact(&mut chunk).ok()?;
                    body.extend_from_slice(&chunk[..size]);
                    if size == 0 {
                        break;
                    }
                }
            }
            let target = head.split(' ').nth(1)?.to_owned();
            let (status, text) = self.answer(&statement(&target, &body));
            let length = text.len();
            write!(writer, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{text}").ok()?;
            if header("connection:").is_some_and(|c| c == "close") {
                return None;
            }
        }
    }

    fn answer(&self, statement: &str) -> (&'static str, String) {
        let (seen, changed) = &*self.0;
        let mut seen = seen.lock().unwrap();
        seen.statements.push(statement.to_owned());
        changed.notify_all();
        if seen.away {
            return ("503 Service Unavailable", String::new());
        }
        if statement.contains("SELECT 1") {
            return ("200 OK", "1\n".to_owned());
        }
        if statement.contains("CREATE TABLE") {
            seen.dropped = false;
        }
        if is_rows(statement) && seen.dropped {
            let text = "Code: 60. DB::Exception: Table x does not exist. (version 26.7.1)";
            return ("404 Not Found", text.to_owned());
        }
        if statement.starts_with("CREATE DATABASE") {
            drop(changed.wait_while(seen, |s| !s.released).unwrap());
        } else if is_rows(statement) && !seen.released {
            let text = "Code: 16. DB::Exception: No such column x in table y. (version 26.7.1)";
            return ("404 Not Found", text.to_owned());
        }
        ("200 OK", String::new())
    }

    fn release(&self) {
        self.0.0.lock().unwrap().released = true;
        self.0.1.notify_all();
    }

    /// From now on only what comes now is seen.
    fn forget(&self, away: bool) {
        let mut seen = self.0.0.lock().unwrap();
        seen.statements.clear();
        seen.away = away;
    }

    /// Waits until a statement like this came, or until nothing like it came for so long.
    fn wait(&self, like: impl Fn(&str) -> bool, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let (seen, changed) = &*self.0;
        let mut seen = seen.lock().unwrap();
        loop {
            if seen.statements.iter().any(|s| like(s)) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }
}

/// The statement of a request: in the address or the body, or partly in both.
fn statement(target: &str, body: &[u8]) -> String {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let front = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "query").then(|| value.into_owned()))
        .unwrap_or_default();
    format!("{front}{}", String::from_utf8_lossy(body))
}

fn is_rows(statement: &str) -> bool {
    statement.starts_with("INSERT INTO flow_log")
}

#[test]
fn rows_wait_for_the_migrations() {
    let (fake, at) = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    // Known before the server is ready.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let agent = std::thread::spawn({
        let fake = fake.clone();
        move || {
            let until = Instant::now() + Duration::from_secs(60);
            while TcpStream::connect(free).is_err() {
                assert!(Instant::now() < until, "nobody listens for agents");
                std::thread::sleep(Duration::from_millis(5));
            }
            let mut block = l7_flow_log::Block::new();
            block.push(&l7_flow_log::Row { flow_id: 1, ..Default::default() });
            // Acknowledged although the store is not ready.
            send(free, &[&block]);
            assert!(fake.wait(|s| s.starts_with("CREATE DATABASE"), Duration::from_secs(60)));
            let early = fake.wait(is_rows, Duration::from_secs(1));
            fake.release();
            assert!(!early, "rows came before the migrations were through");
        }
    });
    let server = Server::start(
        folder.path(),
        &[("agents.listen", &free.to_string()), ("store.clickhouse", &format!("http://{at}"))],
    );
    agent.join().unwrap();
    assert!(fake.wait(is_rows, Duration::from_secs(60)), "the rows never came");
    {
        let seen = fake.0.0.lock().unwrap();
        let rows = seen.statements.iter().position(|s| is_rows(s)).unwrap();
        let last = seen.statements.iter().rposition(|s| s.contains("CREATE TABLE")).unwrap();
        assert!(rows > last);
    }

    // The store goes away and comes back, perhaps without its tables.
    fake.forget(true);
    assert!(fake.wait(|s| s.contains("SELECT 1"), Duration::from_secs(60)));
    fake.forget(false);
    let mended = fake.wait(|s| s.contains("CREATE TABLE"), Duration::from_secs(60));
    assert!(mended, "the store was not prepared again");

    // It never goes away, but somebody drops its tables: the next insert has them made again.
    {
        let mut seen = fake.0.0.lock().unwrap();
        seen.statements.clear();
        seen.dropped = true;
    }
    let mut block = l7_flow_log::Block::new();
    block.push(&l7_flow_log::Row { flow_id: 2, ..Default::default() });
    send_as(8, free, &[&block]);
    let mended = fake.wait(|s| s.contains("CREATE TABLE"), Duration::from_secs(60));
    assert!(mended, "the tables were not made again");
    server.stop();
}

/// An embedded store that answers as `fake` when it is started first, and ends with `code` when it
/// is started again. Its process id is in `folder` meanwhile.
fn engine_that_ends(folder: &Path, at: SocketAddr, code: i32) -> fathom_engine::Config {
    let (program, pid) = (folder.join("store.sh"), folder.join("pid"));
    let script = format!(
        "#!/bin/sh\n\
         if [ -e {pid} ]; then echo something is gone >&2; exit {code}; fi\n\
         echo $$ > {pid}\n\
         read secrets\n\
         echo '{{\"port\":{port},\"version\":\"1\"}}'\n\
         exec cat\n",
        pid = pid.display(),
        port = at.port(),
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut config = fathom_engine::Config::new(&program, folder.join("store"));
    config.library = Some(program);
    config
}

#[test]
fn an_engine_that_ends_for_good_is_noticed() {
    const USAGE: i32 = fathom_engine::child::exit::USAGE;
    const NO_ENGINE: i32 = fathom_engine::child::exit::NO_ENGINE;
    for code in [USAGE, NO_ENGINE] {
        let (fake, at) = Fake::start();
        fake.release();
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_that_ends(folder.path(), at, code);
        let server = Server::start_with(folder.path(), &[], |config| {
            config.target = Target::Embedded(engine);
        });
        let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        let killed = std::process::Command::new("kill").args(["-9", pid.trim()]).status().unwrap();
        assert!(killed.success());
        let why = if code == USAGE {
            // Nothing can help: whoever runs the server has to hear it.
            server.ends().unwrap_err().to_string()
        } else {
            // The engine's file may come back.
            let until = Instant::now() + Duration::from_secs(60);
            loop {
                let answer = server.get("/readyz");
                if answer.body.contains("exit code") {
                    assert_eq!(answer.status, 503);
                    server.stop();
                    break answer.body;
                }
                assert!(Instant::now() < until, "{answer:?}");
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        assert!(why.contains(&format!("exit code {code}")), "{why}");
        assert!(why.contains("something is gone"), "{why}");
    }
}
