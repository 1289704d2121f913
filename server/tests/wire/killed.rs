//! The server as a process of its own, killed with SIGKILL while it works. Its store is a file
//! that, like ClickHouse, remembers tokens.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use fathom_schema::TableDef;
use fathom_server::spool::sink::{BatchSink, SinkError, VerifiedFrame};

use super::agent::Plan;
use super::proxy::{Faults, Proxy};
use super::server::Setup;
use super::store::ids_of;
use super::{engines, wait_until};

const DIRECTORY: &str = "FATHOM_TEST_SERVER_DIRECTORY";
const ENGINE: &str = "FATHOM_TEST_SERVER_ENGINE";

/// One line per insert: the token, then the ids. A line cut by the kill was never answered.
#[derive(Clone)]
struct FileStore(Arc<Mutex<(std::fs::File, Inserts)>>);

/// Ids by token.
type Inserts = BTreeMap<String, Vec<u64>>;

fn lines(path: &Path) -> BTreeMap<String, Vec<u64>> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter(|l| l.ends_with(" .\n"));
    let mut tokens = BTreeMap::new();
    for line in whole {
        let mut words = line.split_whitespace();
        let token = words.next().unwrap().to_owned();
        let ids = words.filter_map(|w| w.parse().ok()).collect();
        assert!(tokens.insert(token, ids).is_none(), "a token was stored twice");
    }
    tokens
}

impl FileStore {
    fn open(path: &Path) -> Self {
        let tokens = lines(path);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        // Ends a line that was cut.
        file.write_all(b"\n").unwrap();
        Self(Arc::new(Mutex::new((file, tokens))))
    }
}

impl BatchSink for FileStore {
    async fn insert(
        &self,
        table: &'static TableDef,
        frames: &[VerifiedFrame<'_>],
        token: &str,
    ) -> Result<u64, SinkError> {
        let ids = ids_of(table, frames);
        let mut store = self.0.lock().unwrap();
        if let Some(before) = store.1.get(token) {
            assert_eq!(*before, ids, "token {token} stands for other rows than before");
        } else {
            let text: Vec<_> = ids.iter().map(u64::to_string).collect();
            store.0.write_all(format!("{token} {} .\n", text.join(" ")).as_bytes()).unwrap();
            store.1.insert(token.to_owned(), ids.clone());
        }
        Ok(ids.len() as u64)
    }
}

#[test]
#[ignore = "not a test: the server process of the test below"]
fn server_process() {
    let Ok(dir) = std::env::var(DIRECTORY) else { return };
    let dir = PathBuf::from(dir);
    let glommio = std::env::var(ENGINE).is_ok_and(|e| e == "Glommio");
    let engine = if glommio { fathom_shard::Engine::Glommio } else { fathom_shard::Engine::Epoll };
    let server = Setup::new(engine, &dir).start(FileStore::open(&dir.join("store")));
    // On a line of its own: the test harness has begun one.
    println!("\nlistening {}", server.addr);
    std::io::stdout().flush().unwrap();
    loop {
        std::thread::park();
    }
}

struct Process {
    child: Child,
    addr: SocketAddr,
}

impl Process {
    fn start(dir: &Path, engine: fathom_shard::Engine) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::server_process", "--ignored", "--nocapture"])
            .env(DIRECTORY, dir)
            .env(ENGINE, format!("{engine:?}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let addr = out
            .lines()
            .map_while(Result::ok)
            .find_map(|l| l.strip_prefix("listening ")?.parse().ok())
            .expect("the server process does not start");
        Self { child, addr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: it has no chance to do anything.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_server_killed_again_and_again_loses_and_doubles_nothing() {
    for engine in engines() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("store");
        let stored = || lines(&file).values().map(Vec::len).sum::<usize>();
        let mut server = Process::start(dir.path(), engine);
        let proxy =
            Proxy::start(server.addr, 1, Faults { cut_within: Some(400_000), flip_every: None });
        let plan = Plan { blocks: 600, ..Plan::new(engine, 20) };
        let agent = plan.start(proxy.addr);
        for _ in 0..4 {
            let upto = stored() + 5_000;
            wait_until("rows arrive", || stored() >= upto || agent.is_finished());
            drop(server);
            server = Process::start(dir.path(), engine);
            proxy.retarget(server.addr);
        }
        proxy.heal();
        let outcome = agent.join();
        wait_until("all rows are stored", || stored() >= outcome.pushed.len());
        drop(server);
        assert_eq!(outcome.lost, 0);
        let mut ids: Vec<u64> = lines(&file).into_values().flatten().collect();
        ids.sort_unstable();
        assert_eq!(ids, outcome.pushed.into_iter().collect::<Vec<_>>());
    }
}
