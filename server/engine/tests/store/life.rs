//! The child's life: start, crash, restart, orderly end.

use std::path::Path;
use std::time::Duration;

use fathom_engine::{StartError, State, Supervisor};

use crate::harness::{Store, config, engine_is_here, native};

async fn start(data: &Path) -> (Supervisor, Store) {
    let supervisor = Supervisor::start(config(data)).unwrap();
    let endpoint = supervisor.ready().await.unwrap();
    (supervisor, Store { endpoint })
}

fn signal(pid: u32, signal: i32) {
    let mut kill = std::process::Command::new("kill");
    kill.arg(format!("-{signal}")).arg(pid.to_string());
    assert!(kill.status().unwrap().success());
}

fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

async fn until_gone(pid: u32) {
    while is_running(pid) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn killed_while_inserting_it_loses_nothing_acknowledged() {
    if !engine_is_here() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (supervisor, mut store) = start(directory.path()).await;
    store.sql("CREATE DATABASE d").await.good();
    store
        .sql("CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 1000")
        .await
        .good();
    let rows = 20_000u64;
    let mut batch = 0u64;
    let mut repeated = 0;
    for _ in 0..3 {
        let pid = supervisor.pid().unwrap();
        // Kills at some point of a running insert.
        let killer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100 + u64::from(pid % 150))).await;
            signal(pid, 9);
        });
        loop {
            let data = (batch * rows..(batch + 1) * rows).flat_map(u64::to_le_bytes).collect();
            let block = native(rows, &[("a", "UInt64", data)]);
            let token = format!("batch-{batch}");
            let path = crate::harness::path(&[
                ("query", "INSERT INTO d.t FORMAT Native"),
                ("insert_deduplication_token", &token),
            ]);
            let (request, client) = (store.writer(hyper::Method::POST), store.clone());
            // A panic in there is the connection that broke: not acknowledged.
            let sent = tokio::spawn(async move { client.request(request, &path, block).await });
            match sent.await {
                Ok(answer) if answer.status == 200 => batch += 1,
                _ => {
                    repeated += 1;
                    until_gone(pid).await;
                    let mut state = supervisor.state();
                    state
                        .wait_for(|s| matches!(s, State::Ready { pid: new } if *new != pid))
                        .await
                        .unwrap();
                    store = Store { endpoint: supervisor.ready().await.unwrap() };
                    break;
                }
            }
        }
        killer.await.unwrap();
    }
    let store = Store { endpoint: supervisor.ready().await.unwrap() };
    // The batch that was not acknowledged may be there or not: it is sent again.
    let acknowledged = batch * rows;
    let answer =
        store.sql(format!("SELECT count() FROM d.t WHERE a < {acknowledged}")).await.good();
    assert_eq!(answer.trim(), acknowledged.to_string());
    let answer = store
        .sql("SELECT count() - uniqExact(a), max(a) < 18446744073709551615 FROM d.t")
        .await
        .good();
    assert_eq!(answer, "0\t1\n");
    assert!(repeated > 0, "no insert was ever interrupted");
    supervisor.stop().await;
}

#[tokio::test]
async fn signals_of_the_group_do_not_stop_it_but_its_parent_does() {
    if !engine_is_here() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (supervisor, store) = start(directory.path()).await;
    let pid = supervisor.pid().unwrap();
    for number in [2, 15, 1, 3] {
        signal(pid, number);
    }
    assert_eq!(store.sql("SELECT 1").await.good(), "1\n");
    assert_eq!(supervisor.pid(), Some(pid));
    let (endpoint, state) = (supervisor.endpoint(), supervisor.state());
    supervisor.stop().await;
    assert!(!is_running(pid));
    assert_eq!(*endpoint.borrow(), None);
    assert_eq!(*state.borrow(), State::Stopped);

    // What was there is there again, under a new password and port.
    let (supervisor, again) = start(directory.path()).await;
    assert_ne!(again.endpoint.password, store.endpoint.password);
    assert_eq!(again.sql("SELECT 1").await.good(), "1\n");
    let pid = supervisor.pid().unwrap();
    drop(supervisor);
    until_gone(pid).await;
}

#[tokio::test]
async fn an_orderly_stop_lets_a_running_statement_finish() {
    if !engine_is_here() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (supervisor, store) = start(directory.path()).await;
    let client = store.clone();
    let slow = tokio::spawn(async move { client.sql("SELECT sleep(2)").await.good() });
    let running = "SELECT count() FROM system.processes WHERE query = 'SELECT sleep(2)'";
    while store.sql(running).await.good() == "0\n" {}
    supervisor.stop().await;
    assert_eq!(slow.await.unwrap(), "0\n");
}

#[tokio::test]
async fn a_directory_in_use_is_said_and_waited_for() {
    if !engine_is_here() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (first, _) = start(directory.path()).await;
    let second = Supervisor::start(config(directory.path())).unwrap();
    let mut state = second.state();
    let failed = state.wait_for(|s| matches!(s, State::Failed { .. })).await.unwrap().clone();
    let State::Failed { reason, stderr, again_in } = failed else { unreachable!() };
    assert!(reason.contains("exit code 75"), "{reason}");
    assert!(stderr.iter().any(|l| l.contains("in use by another instance")), "{stderr:?}");
    assert!(again_in.is_some());
    assert_eq!(*second.endpoint().borrow(), None);
    first.stop().await;
    second.ready().await.unwrap();
    second.stop().await;
}

#[tokio::test]
async fn what_cannot_work_is_said_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut absent = config(directory.path());
    absent.library = Some(directory.path().join("absent.so"));
    let error = Supervisor::start(absent).err().unwrap();
    assert!(matches!(error, StartError::Missing(_)), "{error}");

    // A file that is no library: found, but hopeless. Not started again.
    let mut broken = config(directory.path());
    let file = directory.path().join("broken.so");
    std::fs::write(&file, b"not a library").unwrap();
    broken.library = Some(file);
    let supervisor = Supervisor::start(broken.clone()).unwrap();
    let State::Failed { reason, stderr, again_in } = supervisor.ready().await.unwrap_err() else {
        panic!("another state");
    };
    assert!(reason.contains("exit code 69"), "{reason}");
    assert!(stderr.iter().any(|l| l.contains("cannot load the engine")), "{stderr:?}");
    assert_eq!(again_in, None);
    supervisor.stop().await;

    broken.memory_bytes = 1;
    assert!(matches!(Supervisor::start(broken.clone()), Err(StartError::Memory { .. })));
    broken.exe = directory.path().join("absent");
    assert!(matches!(Supervisor::start(broken), Err(StartError::Program(_))));
}

#[tokio::test]
async fn too_many_at_once_are_refused_and_the_writer_goes_on() {
    if !engine_is_here() {
        return;
    }
    // A store of its own: other tests read while this one fills every place.
    let directory = tempfile::tempdir().unwrap();
    let (supervisor, store) = start(directory.path()).await;
    let slow = "SELECT sum(cityHash64(number)) FROM numbers(1000000000000)";
    let limit = [("max_execution_time", "4"), ("max_threads", "1")];
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..2 * fathom_engine::limits::READER_STATEMENTS {
        let store = store.clone();
        running.spawn(async move { store.read(&limit, slow).await });
    }
    assert_eq!(store.sql("SELECT 1").await.good(), "1\n");
    let (mut timeouts, mut refused) = (0, 0);
    while let Some(answer) = running.join_next().await {
        let answer = answer.unwrap();
        match (answer.status.as_u16(), answer.code()) {
            (408, 159) => timeouts += 1,
            (503, 202) => refused += 1,
            other => panic!("{other:?}: {}", answer.text()),
        }
    }
    assert!(timeouts >= fathom_engine::limits::READER_STATEMENTS, "{timeouts} ran");
    assert!(refused > 0);
    supervisor.stop().await;
}
