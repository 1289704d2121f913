//! The store process: the engine behind an HTTP server, owned by its parent.
//!
//! Started by [`crate::Supervisor`] as `<program> store ...`. The passwords arrive as
//! one JSON line on standard input, the port leaves as one JSON line on standard
//! output, and the end of standard input, which is also the end of the parent, is
//! the request to stop. Signals that a terminal or a service manager sends to the
//! whole group are left to the parent: it still has rows to store.

use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::engine::{Connection, Engine, OpenError};
use crate::error::Exception;
use crate::guard::Guard;
use crate::http::{self, Server};
use crate::run::{DATABASE, Shared};
use crate::sessions::Sessions;
use crate::users::Users;
use crate::{dictionaries, library, limits};

/// How the process ends, for its parent.
pub mod exit {
    /// Asked to stop, and stopped.
    pub const OK: i32 = 0;
    /// Wrong arguments or a wrong first line.
    pub const USAGE: i32 = 64;
    /// No engine, or one that does not load: starting again at once does not help.
    pub const NO_ENGINE: i32 = 69;
    /// The engine refused the data directory, or a set-up statement failed.
    pub const ENGINE: i32 = 70;
    /// Another process has the data directory.
    pub const LOCKED: i32 = 75;
    /// The extra address cannot be listened on.
    pub const LISTEN: i32 = 76;
}

/// What the command line says.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    data: PathBuf,
    library: Option<PathBuf>,
    memory: u64,
    listen: Option<SocketAddr>,
}

/// What the first line of standard input says.
struct Secrets {
    writer: (String, String),
    reader: (String, String),
}

struct Failure {
    code: i32,
    text: String,
}

fn failure(code: i32, text: impl ToString) -> Failure {
    Failure { code, text: text.to_string() }
}

/// Runs the store and ends the process. `args` are those behind `store`:
/// `--data DIR [--memory BYTES] [--library FILE] [--listen ADDRESS:PORT]`.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ! {
    let code = match start(args) {
        Ok(()) => exit::OK,
        Err(failure) => {
            eprintln!("store: {}", failure.text);
            failure.code
        }
    };
    // SAFETY: ends the process at once. The engine is closed, or not to be waited
    // for; its exit handlers would run while its threads still live.
    unsafe { libc::_exit(code) }
}

fn start(args: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let arguments = parse(args).map_err(|e| failure(exit::USAGE, e))?;
    let parent = std::os::unix::process::parent_id();
    // SAFETY: sets one attribute of this process; no memory is involved.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) };
    let mut answer = own_stdout().map_err(|e| failure(exit::ENGINE, e))?;

    let mut line = String::new();
    let mut stdin = std::io::stdin().lock();
    stdin.read_line(&mut line).map_err(|e| failure(exit::USAGE, e))?;
    let secrets = secrets(&line).map_err(|e| failure(exit::USAGE, e))?;
    drop(stdin);
    drop(line);

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(limits::WRITER_STATEMENTS + limits::READER_STATEMENTS + 2)
        .thread_name("store-http")
        .enable_all()
        .build()
        .map_err(|e| failure(exit::ENGINE, format!("cannot start threads: {e}")))?;

    let (stop_in, stop) = watch::channel(false);
    let stop_in = Arc::new(stop_in);
    {
        // Installed before the engine opens: from here on no signal ends us by surprise.
        let _in_runtime = runtime.enter();
        watch_signals(parent, &stop_in).map_err(|e| failure(exit::ENGINE, e))?;
    }
    watch_stdin(Arc::clone(&stop_in));

    let shared = Arc::new(open(&arguments)?);
    let users = Users { writer: secrets.writer, reader: secrets.reader };
    let server = Arc::new(Server::new(Arc::clone(&shared), users));

    let result = runtime.block_on(async {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = http::listen(local)
            .await
            .map_err(|e| failure(exit::LISTEN, format!("cannot listen on loopback: {e}")))?;
        let port = listener
            .local_addr()
            .map_err(|e| failure(exit::LISTEN, format!("cannot listen on loopback: {e}")))?
            .port();
        let mut extra = None;
        if let Some(address) = arguments.listen {
            let listener = http::listen(address).await.map_err(|e| {
                failure(
                    exit::LISTEN,
                    format!(
                        "cannot listen on {address}: {e}; choose another address or free this one"
                    ),
                )
            })?;
            extra = listener.local_addr().ok();
            tokio::spawn(http::serve(listener, Arc::clone(&server), true, stop.clone()));
        }
        let hello = serde_json::json!({
            "port": port,
            "listen": extra.map(|a| a.to_string()),
            "version": shared.engine.version(),
        });
        // The parent is waiting for this line; without a parent we stop anyway.
        let _ = writeln!(answer, "{hello}").and_then(|()| answer.flush());
        drop(answer);

        let ticker = tokio::spawn(tick(Arc::clone(&shared), stop.clone()));
        http::serve(listener, Arc::clone(&server), false, stop.clone()).await;
        // Statements that run get a while to end.
        let ended = tokio::time::timeout(limits::STOP_GRACE, server.idle()).await.is_ok();
        let _ = ticker.await;
        Ok(ended)
    });
    let ended = result?;
    if ended {
        close(&shared);
    } else {
        eprintln!(
            "store: statements still run after {:?}; ending without them",
            limits::STOP_GRACE
        );
    }
    Ok(())
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Arguments, String> {
    let (mut data, mut library, mut memory, mut listen) = (None, None, None, None);
    let mut args = args.into_iter();
    while let Some(name) = args.next() {
        let name = name.to_string_lossy().into_owned();
        let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
        let text = |v: OsString| v.into_string().map_err(|_| format!("{name} is not UTF-8"));
        match name.as_str() {
            "--data" => data = Some(PathBuf::from(value()?)),
            "--library" => library = Some(PathBuf::from(value()?)),
            "--memory" => {
                let bytes = text(value()?)?;
                memory = Some(
                    bytes
                        .parse()
                        .map_err(|_| format!("--memory {bytes} is not a number of bytes"))?,
                );
            }
            "--listen" => {
                let address = text(value()?)?;
                listen = Some(address.parse().map_err(|_| {
                    format!("--listen {address} is not an address with a port, like 127.0.0.1:8123")
                })?);
            }
            _ => {
                return Err(format!(
                    "unknown argument {name}; known are --data, --memory, --library, --listen"
                ));
            }
        }
    }
    let data = data.ok_or("--data is missing; name the directory for the tables")?;
    let memory = memory.unwrap_or(2 << 30);
    if memory < limits::MEMORY_MIN_BYTES {
        return Err(format!(
            "--memory {memory} is too little for the engine; give at least {}",
            limits::MEMORY_MIN_BYTES
        ));
    }
    Ok(Arguments { data, library, memory, listen })
}

fn secrets(line: &str) -> Result<Secrets, String> {
    const EXPECTED: &str = "standard input does not begin with a JSON line of user, password, \
        readonly_user and readonly_password; this program is started by fathom-server";
    let value: serde_json::Value = serde_json::from_str(line).map_err(|_| EXPECTED)?;
    let text = |name: &str| {
        value[name].as_str().filter(|v| !v.is_empty()).map(str::to_owned).ok_or(EXPECTED)
    };
    Ok(Secrets {
        writer: (text("user")?, text("password")?),
        reader: (text("readonly_user")?, text("readonly_password")?),
    })
}

/// Keeps standard output for the one line and points its number at standard error:
/// whatever the engine prints must not reach the parent's reader.
fn own_stdout() -> std::io::Result<std::fs::File> {
    // SAFETY: duplicates a descriptor; the result is checked before it is owned.
    let copy = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    if copy < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: `copy` is a fresh descriptor that nothing else owns.
    let copy = unsafe { OwnedFd::from_raw_fd(copy) };
    // SAFETY: both numbers are the process's standard descriptors.
    if unsafe { libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(copy.into())
}

/// Stops when the parent closes our standard input or is gone.
fn watch_stdin(stop: Arc<watch::Sender<bool>>) {
    std::thread::spawn(move || {
        let mut line = String::new();
        let mut stdin = std::io::stdin().lock();
        while stdin.read_line(&mut line).is_ok_and(|n| n > 0) {
            line.clear();
        }
        stop.send_replace(true);
        // If closing hangs, the process must still end: a new one wants the directory.
        std::thread::sleep(limits::STOP_GRACE + limits::CLOSE_GRACE);
        eprintln!("store: the engine does not close; ending without it");
        // SAFETY: ends the process; what was acknowledged is on disk.
        unsafe { libc::_exit(exit::OK) };
    });
}

/// Ctrl-C and the like are for the parent. SIGTERM stops us only when the parent is
/// gone: the kernel sends it then, but also when merely the parent's thread that
/// started us ends.
fn watch_signals(parent: u32, stop: &Arc<watch::Sender<bool>>) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut ignored = vec![
        signal(SignalKind::interrupt())?,
        signal(SignalKind::hangup())?,
        signal(SignalKind::quit())?,
    ];
    let stop = Arc::clone(stop);
    tokio::spawn(async move {
        while terminate.recv().await.is_some() {
            if std::os::unix::process::parent_id() != parent {
                stop.send_replace(true);
            }
        }
    });
    for mut signal in ignored.drain(..) {
        tokio::spawn(async move { while signal.recv().await.is_some() {} });
    }
    Ok(())
}

fn open(arguments: &Arguments) -> Result<Shared, Failure> {
    let library = match &arguments.library {
        Some(library) => library.clone(),
        None => library::locate().map_err(|e| failure(exit::NO_ENGINE, e))?,
    };
    // The working directory changes below.
    let library = library.canonicalize().unwrap_or(library);
    let unusable = |e: std::io::Error| {
        let data = arguments.data.display();
        failure(exit::ENGINE, format!("cannot use the data directory {data}: {e}"))
    };
    std::fs::create_dir_all(&arguments.data).map_err(unusable)?;
    // The engine wants the same text from every connection.
    let data = arguments.data.canonicalize().map_err(unusable)?;
    // Relative names that anyone smuggles in end here and not where we were started.
    std::env::set_current_dir(&data).map_err(unusable)?;

    let engine =
        Engine::open(&library, &data, &server_settings(arguments.memory)).map_err(|e| {
            let code = match e {
                OpenError::Load { .. } | OpenError::Path(_) => exit::NO_ENGINE,
                OpenError::Locked(_) => exit::LOCKED,
                OpenError::Refused(_) | OpenError::Setup(_) => exit::ENGINE,
            };
            failure(code, e)
        })?;
    let setup = |engine: &Engine| -> Result<Guard, Exception> {
        let mut connection = engine.connect()?;
        replace_default(&mut connection)?;
        let create = format!("CREATE DATABASE IF NOT EXISTS {DATABASE}");
        connection.query(create.as_bytes(), "Null", &[])?;
        Guard::new(&mut connection, arguments.memory)
    };
    let guard = setup(&engine)
        .map_err(|e| failure(exit::ENGINE, format!("setting up the engine failed: {e}")))?;
    Ok(Shared { engine, guard, sessions: Sessions::default(), memory: arguments.memory })
}

/// The engine's `default` database shows the files of the host as tables. It is
/// replaced by an empty one that lives in memory, at every start.
fn replace_default(connection: &mut Connection) -> Result<(), Exception> {
    connection.query(b"DROP DATABASE IF EXISTS default", "Null", &[])?;
    connection.query(b"CREATE DATABASE default ENGINE = Memory", "Null", &[]).map(drop)
}

/// Server settings for this much memory. Caches get a fixed part of it: the engine's
/// own defaults are made for machines it has for itself.
fn server_settings(memory: u64) -> Vec<String> {
    let share = |n: u64, most: u64| (memory / n).min(most);
    vec![
        format!("max_server_memory_usage={memory}"),
        format!("mark_cache_size={}", share(16, 1 << 30)),
        format!("uncompressed_cache_size={}", 0),
        format!("index_mark_cache_size={}", share(64, 256 << 20)),
        format!("query_condition_cache_size={}", share(64, 100 << 20)),
        // Threads are made when needed; this bounds them.
        format!("max_thread_pool_size={}", 1000),
    ]
}

/// Resolves when the stop is asked for, or when nobody is left who could ask.
pub(crate) async fn stop_asked(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Small recurring work: sessions that expired, dictionaries that are due.
async fn tick(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut last_error = None;
    loop {
        let pause = tokio::time::sleep(limits::DICTIONARY_TICK);
        tokio::select! {
            () = pause => {}
            () = stop_asked(&mut stop) => return,
        }
        let shared = Arc::clone(&shared);
        let refreshed = tokio::task::spawn_blocking(move || {
            shared.sessions.expire();
            dictionaries::refresh(&shared.engine)
        });
        let error = refreshed.await.ok().and_then(Result::err);
        if let Some(error) = &error
            && last_error.as_ref() != Some(error)
        {
            eprintln!("store: a dictionary was not refreshed: {error}");
        }
        last_error = error;
    }
}

/// Connections first, then the engine.
fn close(shared: &Shared) {
    shared.sessions.clear();
    shared.engine.close();
}

/// Longest orderly stop, for the parent that waits for it.
pub(crate) fn longest_stop() -> Duration {
    limits::STOP_GRACE + limits::CLOSE_GRACE + Duration::from_secs(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> Result<Arguments, String> {
        parse(text.split_whitespace().map(OsString::from))
    }

    #[test]
    fn arguments_say_what_is_wrong() {
        let good = parse_text("--data /d --memory 1000000000 --listen 127.0.0.1:8123").unwrap();
        assert_eq!(good.memory, 1_000_000_000);
        assert_eq!(good.listen, Some("127.0.0.1:8123".parse().unwrap()));
        for (text, says) in [
            ("", "--data"),
            ("--data", "needs a value"),
            ("--data /d --memory 1", "at least"),
            ("--data /d --memory x", "number of bytes"),
            ("--data /d --listen x", "address with a port"),
            ("--what", "unknown argument"),
        ] {
            let error = parse_text(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_are_all_needed() {
        let line = r#"{"user":"a","password":"b","readonly_user":"c","readonly_password":"d"}"#;
        assert_eq!(secrets(line).ok().unwrap().reader.1, "d");
        assert!(secrets("").is_err());
        assert!(secrets(&line.replace("\"b\"", "\"\"")).is_err());
    }
}
