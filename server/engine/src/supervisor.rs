//! Runs the store process for as long as the server runs.
//!
//! It starts the child, waits until it answers, tells everyone its address, starts
//! it again when it dies, and stops it in order at the end. Dropping the
//! [`Supervisor`] kills the child. All of it lives in one task.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::child::{self, exit, stop_asked};
use crate::library::{self, Missing};
use crate::limits;

/// What to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// The program whose `store` subcommand is [`child::run`].
    pub exe: PathBuf,
    /// Directory of the tables.
    pub data: PathBuf,
    /// Memory the engine may use.
    pub memory_bytes: u64,
    /// One more address to listen on, for the read-only user alone.
    pub listen: Option<SocketAddr>,
    /// The engine's file; looked for with [`library::locate`] if not given.
    pub library: Option<PathBuf>,
    /// Password of the read-only user, if people are to know it. Made up if not given.
    pub readonly_password: Option<String>,
}

impl Config {
    /// With 2 GiB of memory, no extra address, and the engine where it is found.
    pub fn new(exe: impl Into<PathBuf>, data: impl Into<PathBuf>) -> Self {
        Self {
            exe: exe.into(),
            data: data.into(),
            memory_bytes: 2 << 30,
            listen: None,
            library: None,
            readonly_password: None,
        }
    }
}

/// Why no store process can be started at all.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No engine.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The program is not there.
    #[error("the store's program {0} is not a file; reinstall the server")]
    Program(PathBuf),
    /// Too little memory.
    #[error("{given} bytes of memory are too little for the engine; give at least {least}")]
    Memory {
        /// What was given.
        given: u64,
        /// The least that works.
        least: u64,
    },
    /// The system gives no random numbers.
    #[error("cannot make a password: {0}")]
    Random(#[from] io::Error),
}

/// Where the store answers, and to whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http://127.0.0.1:port`.
    pub url: String,
    /// The user who may write.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// The user who may only read.
    pub readonly_user: String,
    /// That user's password.
    pub readonly_password: String,
    /// The extra address, with the port it really has.
    pub listen: Option<SocketAddr>,
    /// The engine's version.
    pub version: String,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords stay out of logs.
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .field("listen", &self.listen)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// How the child is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Being started.
    Starting,
    /// Answers.
    Ready {
        /// Its process id.
        pid: u32,
    },
    /// Ended, or could not be started.
    Failed {
        /// Why.
        reason: String,
        /// The last lines it wrote to standard error.
        stderr: Vec<String>,
        /// When it is started again; never, if starting again cannot help.
        again_in: Option<Duration>,
    },
    /// Stopped because it was asked to.
    Stopped,
}

/// The running store process with the task that watches it.
pub struct Supervisor {
    endpoint: watch::Receiver<Option<Endpoint>>,
    state: watch::Receiver<State>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Starts watching; the child is being started when this returns. Needs a tokio
    /// runtime with I/O and time.
    ///
    /// # Errors
    /// What makes any start impossible; everything else shows in [`Supervisor::state`].
    pub fn start(config: Config) -> Result<Self, StartError> {
        let library = match config.library.clone() {
            Some(library) if library.is_file() => library,
            Some(library) => return Err(Missing { looked: vec![library] }.into()),
            None => library::locate()?,
        };
        if !config.exe.is_file() {
            return Err(StartError::Program(config.exe));
        }
        if config.memory_bytes < limits::MEMORY_MIN_BYTES {
            return Err(StartError::Memory {
                given: config.memory_bytes,
                least: limits::MEMORY_MIN_BYTES,
            });
        }
        let endpoint = Endpoint {
            url: String::new(),
            user: "fathom".to_owned(),
            password: random_password()?,
            readonly_user: "reader".to_owned(),
            readonly_password: match config.readonly_password.clone() {
                Some(password) => password,
                None => random_password()?,
            },
            listen: None,
            version: String::new(),
        };
        let (endpoint_in, endpoint_out) = watch::channel(None);
        let (state_in, state) = watch::channel(State::Starting);
        let (stop, stop_out) = watch::channel(false);
        let watcher = Watcher {
            config,
            library,
            template: endpoint,
            endpoint: endpoint_in,
            state: state_in,
            stop: stop_out,
        };
        let task = tokio::spawn(watcher.run());
        Ok(Self { endpoint: endpoint_out, state, stop, task })
    }

    /// The address, whenever there is one. It changes when the child was restarted.
    pub fn endpoint(&self) -> watch::Receiver<Option<Endpoint>> {
        self.endpoint.clone()
    }

    /// How the child is, as it changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// The child's process id while it answers.
    pub fn pid(&self) -> Option<u32> {
        match *self.state.borrow() {
            State::Ready { pid } => Some(pid),
            _ => None,
        }
    }

    /// Waits until the child answers.
    ///
    /// # Errors
    /// The state, if it is one in which no child will ever answer.
    pub async fn ready(&self) -> Result<Endpoint, State> {
        let mut state = self.state.clone();
        loop {
            let reached = state
                .wait_for(|s| {
                    matches!(
                        s,
                        State::Ready { .. } | State::Failed { again_in: None, .. } | State::Stopped
                    )
                })
                .await;
            let reached = reached.map_or(State::Stopped, |s| s.clone());
            if !matches!(reached, State::Ready { .. }) {
                return Err(reached);
            }
            // Set before the state; gone again only if the child died meanwhile.
            if let Some(endpoint) = self.endpoint.borrow().clone() {
                return Ok(endpoint);
            }
            if state.changed().await.is_err() {
                return Err(State::Stopped);
            }
        }
    }

    /// Stops the child in order and waits for its end. A child that does not end in
    /// time is killed: nothing acknowledged is lost by that.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // The task ends by itself; it fails only if it panicked.
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the store's supervisor failed");
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // Dropping the task's future drops the child, which kills it.
        self.task.abort();
    }
}

type Lines = Arc<Mutex<VecDeque<String>>>;

struct Watcher {
    config: Config,
    library: PathBuf,
    template: Endpoint,
    endpoint: watch::Sender<Option<Endpoint>>,
    state: watch::Sender<State>,
    stop: watch::Receiver<bool>,
}

/// Why a child's life ended.
enum End {
    Asked,
    Failed { reason: String, code: Option<i32> },
}

impl Watcher {
    async fn run(mut self) {
        let mut pause = limits::RESTART_FIRST;
        let mut answered = false;
        loop {
            self.state.send_replace(State::Starting);
            let lines = Lines::default();
            let started = Instant::now();
            let end = self.live(&lines).await;
            answered |= matches!(*self.state.borrow(), State::Ready { .. });
            self.endpoint.send_replace(None);
            let (reason, code) = match end {
                End::Asked => break,
                End::Failed { reason, code } => (reason, code),
            };
            if started.elapsed() > limits::RESTART_RESET {
                pause = limits::RESTART_FIRST;
            }
            // A taken directory may become free: a predecessor may still be closing.
            // What it had once and has no more may come back too; what it never had is for the
            // operator to mend first.
            let gone = matches!(code, Some(exit::NO_ENGINE | exit::LISTEN));
            let hopeless = code == Some(exit::USAGE) || (gone && !answered);
            let wait = if gone { limits::RESTART_SLOW } else { pause };
            let again_in = (!hopeless).then_some(wait);
            let stderr =
                lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
            tracing::warn!(%reason, ?again_in, "the store process ended");
            self.state.send_replace(State::Failed { reason, stderr, again_in });
            if hopeless {
                stop_asked(&mut self.stop).await;
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop_asked(&mut self.stop) => break,
            }
            pause = (pause * 2).min(limits::RESTART_LONGEST);
        }
        self.state.send_replace(State::Stopped);
    }

    /// One child, from start to end.
    async fn live(&mut self, lines: &Lines) -> End {
        let (mut child, mut stdin) = match self.spawn() {
            Ok(parts) => parts,
            Err(error) => {
                let reason = format!("cannot start {}: {error}", self.config.exe.display());
                return End::Failed { reason, code: None };
            }
        };
        let stderr = child.stderr.take().map(|s| tokio::spawn(forward(s, Arc::clone(lines))));
        let mut stop = self.stop.clone();
        let started = tokio::select! {
            started = tokio::time::timeout(limits::START_TIMEOUT, self.hello(&mut child, &mut stdin)) => {
                started.unwrap_or_else(|_| Err(format!("no answer within {:?}", limits::START_TIMEOUT)))
            }
            () = stop_asked(&mut stop) => {
                finish(child, stdin).await;
                return End::Asked;
            }
        };
        let reason = match started {
            Ok(endpoint) => {
                let pid = child.id().unwrap_or_default();
                tracing::info!(pid, url = %endpoint.url, version = %endpoint.version, "store ready");
                self.endpoint.send_replace(Some(endpoint));
                self.state.send_replace(State::Ready { pid });
                tokio::select! {
                    _ = child.wait() => "it ended".to_owned(),
                    () = stop_asked(&mut stop) => {
                        self.endpoint.send_replace(None);
                        finish(child, stdin).await;
                        return End::Asked;
                    }
                }
            }
            Err(reason) => reason,
        };
        // After a failed start the child is on its way out, or has to go.
        drop(stdin);
        let status = match tokio::time::timeout(limits::STOP_GRACE, child.wait()).await {
            Ok(status) => status.ok(),
            Err(_) => {
                let _ = child.start_kill();
                child.wait().await.ok()
            }
        };
        if let Some(stderr) = stderr {
            // Its last words are in the pipe; a grandchild could keep it open.
            let _ = tokio::time::timeout(Duration::from_secs(1), stderr).await;
        }
        let reason = match status {
            Some(status) => format!("{reason} ({})", describe(status)),
            None => reason,
        };
        End::Failed { reason, code: status.and_then(|s| s.code()) }
    }

    fn spawn(&self) -> io::Result<(Child, ChildStdin)> {
        let mut command = Command::new(&self.config.exe);
        command
            .arg("store")
            .arg("--data")
            .arg(&self.config.data)
            .arg("--library")
            .arg(&self.library)
            .arg("--memory")
            .arg(self.config.memory_bytes.to_string());
        if let Some(listen) = self.config.listen {
            command.arg("--listen").arg(listen.to_string());
        }
        // Times in the tables are UTC whatever the host's zone is.
        let mut child = command
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take().ok_or_else(|| io::Error::other("no standard input"))?;
        Ok((child, stdin))
    }

    /// Tells the secrets, waits for the port, and for an answer there.
    async fn hello(&self, child: &mut Child, stdin: &mut ChildStdin) -> Result<Endpoint, String> {
        let secrets = serde_json::json!({
            "user": self.template.user,
            "password": self.template.password,
            "readonly_user": self.template.readonly_user,
            "readonly_password": self.template.readonly_password,
        });
        let told = stdin.write_all(format!("{secrets}\n").as_bytes()).await;
        told.map_err(|e| format!("it does not read its standard input: {e}"))?;

        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut line = String::new();
        // One short line; whatever writes more is not our child.
        let mut reader = BufReader::new(stdout.take(limits::STDERR_LINE_BYTES as u64));
        reader
            .read_line(&mut line)
            .await
            .map_err(|e| format!("its standard output failed: {e}"))?;
        if line.is_empty() {
            return Err("it ended before it answered".to_owned());
        }
        let value: serde_json::Value = serde_json::from_str(&line)
            .map_err(|_| format!("it answered {line:?} instead of its port"))?;
        let port = value["port"].as_u64().and_then(|p| u16::try_from(p).ok());
        let port = port.ok_or_else(|| format!("it answered {line:?} instead of its port"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        ping(address).await.map_err(|e| format!("it does not answer at {address}: {e}"))?;
        Ok(Endpoint {
            url: format!("http://{address}"),
            listen: value["listen"].as_str().and_then(|a| a.parse().ok()),
            version: value["version"].as_str().unwrap_or_default().to_owned(),
            ..self.template.clone()
        })
    }
}

async fn ping(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(limits::STDERR_LINE_BYTES as u64).read_to_end(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 200") {
        Ok(())
    } else {
        Err(io::Error::other("an answer other than 200"))
    }
}

/// Closing standard input asks the child to stop.
async fn finish(mut child: Child, stdin: ChildStdin) {
    drop(stdin);
    if tokio::time::timeout(child::longest_stop(), child.wait()).await.is_err() {
        tracing::warn!("the store process does not end; killing it");
        let _ = child.start_kill();
        let _ = child.wait().await;
    }
}

/// Passes the child's lines on to the log and keeps the last of them.
async fn forward(stderr: ChildStderr, lines: Lines) {
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        let limited = &mut (&mut reader).take(limits::STDERR_LINE_BYTES as u64);
        match limited.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if text.is_empty() {
            continue;
        }
        tracing::warn!(target: "store", "{text}");
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == limits::STDERR_LINES {
            lines.pop_front();
        }
        lines.push_back(text);
    }
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown status".to_owned(),
    }
}

/// 256 random bits as text.
fn random_password() -> io::Result<String> {
    let mut bytes = [0u8; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
