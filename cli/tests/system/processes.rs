//! The programs under test as child processes that end with the test, and HTTP to talk to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest a test waits for anything: generous, since nothing is judged by time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A program built beside `fathom`.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_fathom")).with_file_name(name);
    assert!(
        path.exists(),
        "{} is not built; `make test` builds it, or `cargo build --workspace --bins`",
        path.display()
    );
    path
}

/// The engine's library is there; says so when not.
pub(crate) fn engine_or_skip(test: &str) -> bool {
    let found = fathom_engine::library::locate();
    if let Err(e) = &found {
        eprintln!("SKIPPED {test}: {e}");
    }
    found.is_ok()
}

/// Root with network namespaces; says so when not.
pub(crate) fn root_or_skip(test: &str) -> bool {
    let done = Command::new("ip").args(["netns", "list"]).output();
    let root = std::fs::metadata("/proc/self").is_ok_and(|m| {
        use std::os::unix::fs::MetadataExt;
        m.uid() == 0
    });
    if root && done.is_ok_and(|o| o.status.success()) {
        return true;
    }
    eprintln!("SKIPPED {test}: needs root and network namespaces");
    false
}

/// A child process, killed with the test. Whatever it leaves behind, nothing here waits for it
/// without limit: its output is collected by threads that nobody joins.
pub(crate) struct Running {
    child: Child,
    name: String,
    out: Receiver<String>,
    err: Arc<Mutex<Vec<u8>>>,
    err_ended: Receiver<()>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let (line, out) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            // A test that has read its line does not listen any more, and the child goes on.
            stdout.lines().map_while(Result::ok).for_each(|l| drop(line.send(l)));
        });
        let err = Arc::new(Mutex::new(Vec::new()));
        let (ended, err_ended) = mpsc::channel();
        let (mut stderr, text) = (child.stderr.take().unwrap(), Arc::clone(&err));
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(n @ 1..) = stderr.read(&mut part) {
                text.lock().unwrap().extend_from_slice(&part[..n]);
            }
            drop(ended);
        });
        Self { child, name, out, err, err_ended }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.err.lock().unwrap()).into_owned()
    }

    /// Reads standard output up to the first line that begins with `start`.
    pub(crate) fn line(&mut self, start: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.out.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.starts_with(start) => return line,
                Ok(_) => {}
                Err(e) => panic!("{} did not say {start:?}: {e}", self.name),
            }
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        signal_pid(self.pid(), signal);
    }

    /// Waits for the end; gives whether it was a good one, and what it wrote to standard error.
    pub(crate) fn end(mut self) -> (bool, String) {
        let until = Instant::now() + PATIENCE * 2;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "{} does not end", self.name);
            std::thread::sleep(Duration::from_millis(20));
        };
        // The rest of its words; a child that it left behind may hold the pipe for ever.
        let _ = self.err_ended.recv_timeout(Duration::from_secs(10));
        (status.success(), self.said())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let _ = self.err_ended.recv_timeout(Duration::from_secs(10));
            eprintln!("--- {} said:\n{}", self.name, self.said());
        }
    }
}

/// Runs a program to its end: whether that was good, and its standard output.
pub(crate) fn output(command: &mut Command) -> (bool, String) {
    let mut running = Running::start(command);
    let until = Instant::now() + PATIENCE;
    let mut text = String::new();
    loop {
        match running.out.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => text.extend([&line, "\n"]),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(e) => panic!("{}: {e}", running.name),
        }
    }
    (running.child.wait().unwrap().success(), text)
}

/// Whether there is such a process, a dead one that nobody has waited for excepted.
pub(crate) fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

pub(crate) fn signal_pid(pid: u32, signal: &str) {
    let done = Command::new("kill").arg(signal).arg(pid.to_string()).status().unwrap();
    assert!(done.success(), "kill {signal} {pid}");
}

/// Child processes of `pid` whose command line has `word`.
pub(crate) fn children(pid: u32, word: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(child) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{child}/stat")) else { continue };
        let parent = stat.rsplit_once(')').and_then(|(_, r)| r.split_whitespace().nth(1));
        let line = std::fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
        if parent == Some(&pid.to_string()) && line.split('\0').any(|w| w == word) {
            found.push(child);
        }
    }
    found
}

/// A port nobody listens on now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One HTTP/1.0 exchange: status and body. `None` when nobody answers.
pub(crate) fn http(addr: SocketAddr, path: &str, body: Option<&str>) -> Option<(u16, String)> {
    let mut s = TcpStream::connect_timeout(&addr, Duration::from_secs(2)).ok()?;
    s.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let head = match body {
        None => format!("GET {path} HTTP/1.0\r\nHost: {addr}\r\n\r\n"),
        Some(b) => format!(
            "POST {path} HTTP/1.0\r\nHost: {addr}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{b}",
            b.len()
        ),
    };
    s.write_all(head.as_bytes()).ok()?;
    let mut text = Vec::new();
    s.read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// Asks `/v1/sql`; the answer as TSV text. `None` while the store does not answer.
pub(crate) fn sql(addr: SocketAddr, sql: &str) -> Option<String> {
    let (status, body) = http(addr, "/v1/sql?format=TSV", Some(sql))?;
    (status == 200).then(|| body.trim_end().to_owned())
}

/// Asks until the answer is `wanted`.
pub(crate) fn wait_for<T: PartialEq + std::fmt::Debug>(
    what: &str,
    mut ask: impl FnMut() -> Option<T>,
    wanted: impl Fn(&T) -> bool,
) -> T {
    let until = Instant::now() + PATIENCE;
    let mut last = None;
    while Instant::now() < until {
        let answer = ask();
        if answer.as_ref().is_some_and(&wanted) {
            return answer.unwrap();
        }
        if answer.is_some() {
            last = answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("waited in vain for {what}; last answer: {last:?}");
}
