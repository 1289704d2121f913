//! Network namespaces joined by wires, and an agent that runs in one of them. All of it is gone when
//! its owner is.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use fathom_ring::namespace::Namespace;
use serde_json::Value;

/// Generous: nothing is judged by time.
pub const PATIENCE: Duration = Duration::from_secs(60);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A network namespace of its own.
pub struct Room {
    pub name: String,
}

impl Room {
    /// `None`, said aloud, where this process may not make one.
    pub fn new() -> Option<Self> {
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let room = Self { name: format!("fathom-agent-{}-{n}", std::process::id()) };
        if !ip(&format!("netns add {}", room.name)) {
            eprintln!("SKIPPED: no network namespace can be made here");
            return None;
        }
        assert!(room.ip("link set lo up"));
        Some(room)
    }

    /// Runs `ip` in the namespace.
    pub fn ip(&self, words: &str) -> bool {
        ip(&format!("-n {} {words}", self.name))
    }

    /// Calls `f` inside. Sockets that it makes stay there.
    pub fn run<T>(&self, f: impl FnOnce() -> T) -> T {
        Namespace::named(&self.name).unwrap().run(f).unwrap()
    }

    /// A wire from `here` in this namespace to `there` in another, both ends up, without packets
    /// of their own.
    pub fn wire(&self, here: &str, other: &Self, there: &str) {
        for words in [
            format!("link add {here} type veth peer name {there} netns {}", other.name),
            format!("link set {here} addrgenmode none up"),
        ] {
            assert!(self.ip(&words), "{words}");
        }
        assert!(other.ip(&format!("link set {there} addrgenmode none up")));
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.name));
    }
}

/// Runs `ip` with these words.
pub fn ip(words: &str) -> bool {
    match Command::new("ip").args(words.split(' ')).output() {
        Ok(o) if o.status.success() => true,
        Ok(o) => {
            eprintln!("ip {words}: {}", String::from_utf8_lossy(&o.stderr).trim());
            false
        }
        Err(e) => {
            eprintln!("ip {words}: {e}");
            false
        }
    }
}

/// A running agent that prints rows.
pub struct Agent {
    child: Child,
    said: Receiver<String>,
    rows: Receiver<String>,
    /// What it said so far.
    pub heard: Vec<String>,
    taken: Vec<Value>,
}

/// What is left of an agent that has ended.
pub struct Ended {
    pub rows: Vec<Value>,
    pub stats: Value,
    pub heard: Vec<String>,
}

/// Where the metrics of an agent are, inside its namespace.
pub const METRICS: &str = "127.0.0.1:39090";

impl Agent {
    /// Starts it in a namespace with these arguments and settings.
    pub fn start(room: &Room, args: &[&str], settings: &[&str]) -> Self {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &room.name, env!("CARGO_BIN_EXE_fathom-agent")])
            .args(["--stdout", "--stats"])
            .args(args);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ip is there");
        let lines = |from: Box<dyn Read + Send>| {
            let (to, lines) = mpsc::channel();
            std::thread::spawn(move || {
                for line in BufReader::new(from).lines().map_while(Result::ok) {
                    let _ = to.send(line);
                }
            });
            lines
        };
        let rows = lines(Box::new(child.stdout.take().unwrap()));
        let said = lines(Box::new(child.stderr.take().unwrap()));
        Self { child, said, rows, heard: Vec::new(), taken: Vec::new() }
    }

    /// Waits until it says something with all of these words in it.
    pub fn hear(&mut self, words: &[&str]) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                panic!("it did not say {words:?} but\n{}", self.heard.join("\n"));
            };
            self.heard.push(line.clone());
            if words.iter().all(|w| line.contains(w)) {
                return line;
            }
        }
    }

    /// Waits for a row that suits.
    pub fn row(&mut self, suits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.rows.recv_timeout(left).expect("a row comes");
            let row: Value = serde_json::from_str(&line).unwrap();
            self.taken.push(row.clone());
            if suits(&row) {
                return row;
            }
        }
    }

    /// Has it end in order.
    pub fn stop(mut self) -> Ended {
        signal(&self.child, "-TERM");
        let mut rows = std::mem::take(&mut self.taken);
        rows.extend(self.rows.iter().map(|l| serde_json::from_str::<Value>(&l).unwrap()));
        let mut heard = std::mem::take(&mut self.heard);
        heard.extend(self.said.iter());
        assert!(self.child.wait().unwrap().success(), "{}", heard.join("\n"));
        let stats = heard.last().and_then(|l| serde_json::from_str(l).ok());
        Ended { rows, stats: stats.expect("statistics come last"), heard }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, name: &str) {
    // `ip netns exec` becomes the agent: it has its process id.
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The agent's metrics, as `name{labels} value` lines.
pub fn metrics(room: &Room) -> String {
    let mut stream = room.run(|| TcpStream::connect(METRICS).unwrap());
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Sum of the samples of one metric whose labels contain all of `with`.
pub fn metric(text: &str, name: &str, with: &[&str]) -> f64 {
    let of = |line: &str| {
        let (head, value) = line.rsplit_once(' ')?;
        let labels = head.strip_prefix(name)?;
        let right = labels.is_empty() || labels.starts_with('{');
        (right && with.iter().all(|w| labels.contains(w))).then(|| value.parse::<f64>().unwrap())
    };
    text.lines().filter_map(of).sum()
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
