//! Runs a scenario on both engines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use fathom_shard::{Engine, Kind, Placement, ShardId, Shards, start};

/// The engines this machine has. A missing io_uring is said aloud, not passed over.
pub(crate) fn engines() -> Vec<Engine> {
    let probe = start(&Placement::count(1).unwrap(), Engine::Auto, |_| async {}).unwrap();
    let kind = probe.engine();
    let why = probe.describe().to_owned();
    probe.join().unwrap();
    if kind == Kind::Glommio {
        vec![Engine::Glommio, Engine::Epoll]
    } else {
        eprintln!("SKIPPED on glommio: {why}");
        vec![Engine::Epoll]
    }
}

/// Starts `count` unpinned shards.
#[allow(dead_code, reason = "not every test file uses every helper")]
pub(crate) fn run<F, Fut>(count: usize, engine: Engine, f: F) -> Shards
where
    F: Fn(ShardId) -> Fut + Send + Clone + 'static,
    Fut: Future<Output = ()> + 'static,
{
    start(&Placement::count(count).unwrap().unpinned(), engine, f).unwrap()
}

/// Runs `main` on one shard of each engine to its end.
#[allow(dead_code, reason = "not every test file uses every helper")]
pub(crate) fn on_each<F, Fut>(main: F)
where
    F: Fn() -> Fut + Send + Clone + 'static,
    Fut: Future<Output = ()> + 'static,
{
    for engine in engines() {
        let main = main.clone();
        run(1, engine, move |_| main())
            .join()
            .unwrap_or_else(|error| panic!("{engine:?}: {error}"));
    }
}
