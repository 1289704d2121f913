//! The server's own work for a row (checking the frame, tags, one Native block out of many) in
//! memory, against what the store spends on the very same blocks. Neither the network nor the
//! spool is in it.

use super::frames::{Rows, frames, table, verify};
use crate::clock::timed;
use crate::folder::Folder;
use crate::interval::Interval;
use anyhow::{Context, Result};
use bytes::Bytes;
use fathom_schema::TableDef;
use fathom_server::block::{Block, Builder};
use fathom_server::limits::CYCLE_ROWS;
use fathom_server::spool::sink::VerifiedFrame;
use fathom_server::store::{Store, Target, migrate};
use fathom_server::tag::Networks;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The engine loads its library and opens its tables within this.
const PATIENCE: Duration = Duration::from_secs(120);
/// Clock ticks of `/proc/PID/stat`, fixed in Linux's interface to programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// One table, or all of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cost {
    /// Rows of one turn.
    pub rows: u64,
    /// Header and checksum, thread CPU time per row.
    pub verify_ns: f64,
    /// Decompression, validation, tags and concatenation.
    pub build_ns: f64,
    /// Bytes of the Native blocks per row.
    pub native_bytes: f64,
}

/// What the server and the store cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// All tables together.
    pub all: Cost,
    /// By table; the store is measured over all.
    pub tables: BTreeMap<&'static str, Cost>,
    /// Verifying and building, per row of all tables.
    pub server_ns: Interval,
    /// What the store spends on the same blocks: CPU time of its whole process per row.
    pub store_ns: Option<Interval>,
    /// Server by store.
    pub ratio: Option<Interval>,
    /// Why the store was not measured.
    pub skipped: Option<String>,
    /// Rows the store says it has, of those inserted.
    pub stored: Option<(u64, u64)>,
}

/// The drain's part: blocks of at most a cycle's rows.
pub(super) fn build(
    builder: &mut Builder,
    frames: &[VerifiedFrame<'_>],
    out: &mut Vec<Block>,
) -> Result<()> {
    for frame in frames {
        if builder.rows() as u64 + u64::from(frame.header.rows) > CYCLE_ROWS {
            out.push(builder.finish());
        }
        builder.append(frame)?;
    }
    if builder.rows() > 0 {
        out.push(builder.finish());
    }
    Ok(())
}

/// Measures, `repeat` turns.
///
/// # Errors
/// Frames that the server refuses, or a store that fails.
pub fn run(packets: u64, flows: u64, repeat: usize) -> Result<Outcome> {
    let frames = frames(&Rows { packets, flows, ..Rows::default() })?;
    let networks = Arc::new(Networks::new(&[]));
    let mut out = Outcome::default();
    let mut blocks: Vec<(&'static TableDef, Block)> = Vec::new();
    let mut all_ns = vec![0.0; repeat.max(1)];
    for (id, list) in &frames {
        let table = table(*id)?;
        let mut builder = Builder::new(table, Arc::clone(&networks));
        let mut turns = Vec::new();
        let mut built = Vec::new();
        for all_ns in &mut all_ns {
            built.clear();
            let (verify_ns, verified) = timed(|| verify(list));
            let verified = verified?;
            let (build_ns, done) = timed(|| build(&mut builder, &verified, &mut built));
            done?;
            turns.push((verify_ns as f64, build_ns as f64));
            *all_ns += (verify_ns + build_ns) as f64;
        }
        let rows: u64 = built.iter().map(|b| b.rows).sum();
        let bytes: usize = built.iter().map(|b| b.body.len()).sum();
        let per_row = |ns: f64| ns / rows.max(1) as f64;
        let cost = Cost {
            rows,
            verify_ns: per_row(median(turns.iter().map(|t| t.0))),
            build_ns: per_row(median(turns.iter().map(|t| t.1))),
            native_bytes: per_row(bytes as f64),
        };
        out.tables.insert(table.name, cost);
        blocks.extend(built.into_iter().map(|b| (table, b)));
    }
    out.all = sum(out.tables.values());
    out.server_ns = Interval::of(&all_ns).times(1.0 / out.all.rows.max(1) as f64);
    match fathom_engine::library::locate() {
        Ok(_) => {
            let (store_ns, stored) = store(&blocks, repeat.max(1))?;
            let server_ns: Vec<f64> = all_ns.iter().map(|n| n / out.all.rows as f64).collect();
            out.store_ns = Some(Interval::of(&store_ns));
            out.stored = Some(stored);
            out.ratio = Some(Interval::of_ratios(&server_ns, &store_ns));
        }
        Err(missing) => out.skipped = Some(missing.to_string()),
    }
    Ok(out)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    Interval::of(&values.collect::<Vec<_>>()).value
}

fn sum<'a>(tables: impl Iterator<Item = &'a Cost>) -> Cost {
    let mut all = Cost::default();
    for t in tables {
        let n = t.rows as f64;
        all.rows += t.rows;
        all.verify_ns += t.verify_ns * n;
        all.build_ns += t.build_ns * n;
        all.native_bytes += t.native_bytes * n;
    }
    let n = all.rows.max(1) as f64;
    all.verify_ns /= n;
    all.build_ns /= n;
    all.native_bytes /= n;
    all
}

/// The store's CPU time per row, turn by turn; rows it has, rows inserted.
type Inserted = (Vec<f64>, (u64, u64));

/// Inserts the blocks `turns` times.
fn store(blocks: &[(&'static TableDef, Block)], turns: usize) -> Result<Inserted> {
    let folder = Folder::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(insert(blocks, turns, folder.path()))
}

async fn insert(
    blocks: &[(&'static TableDef, Block)],
    turns: usize,
    folder: &Path,
) -> Result<Inserted> {
    // This program is its own store: see `cli::main`.
    let config = fathom_engine::Config::new(std::env::current_exe()?, folder);
    let store = Store::open(Target::Embedded(config))?;
    let outcome = insert_into(&store, blocks, turns).await;
    store.stop().await;
    outcome
}

async fn insert_into(
    store: &Store,
    blocks: &[(&'static TableDef, Block)],
    turns: usize,
) -> Result<Inserted> {
    store.ready(PATIENCE).await?;
    migrate::migrate(store, &migrate::Retention::new()).await?;
    let rows: u64 = blocks.iter().map(|b| b.1.rows).sum();
    let mut spent = Vec::new();
    // The first turn makes the engine load what it needs.
    for turn in 0..=turns {
        let before = cpu_ns(store)?;
        for (i, (table, block)) in blocks.iter().enumerate() {
            let body = Bytes::from(block.body.clone());
            let token = format!("bench-{turn}-{i}");
            store.insert_native(table, &block.columns, body, &token).await?;
        }
        if turn > 0 {
            spent.push((cpu_ns(store)? - before) / rows.max(1) as f64);
        }
    }
    let all = rows * (turns as u64 + 1);
    let mut tables: Vec<_> = blocks.iter().map(|(t, _)| t.sql_name()).collect();
    tables.dedup();
    let counts: Vec<_> = tables.iter().map(|t| format!("(SELECT count() FROM {t})")).collect();
    let answer = store.rows(&format!("SELECT {}", counts.join(" + ")), PATIENCE).await?;
    let stored = answer.first().and_then(|r| r.first()).and_then(|n| n.parse().ok());
    Ok((spent, (stored.context("no count of rows")?, all)))
}

/// CPU time of the store's process so far.
fn cpu_ns(store: &Store) -> Result<f64> {
    let pid = store.pid().context("the store's process is gone")?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the name, which may hold anything: fields 14 and 15 of all.
    let rest = stat.rsplit_once(')').context("no name in stat")?.1;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut next = || fields.next().and_then(|f| f.parse::<f64>().ok()).context("no times in stat");
    Ok((next()? + next()?) / TICKS_PER_SECOND * 1e9)
}

impl Outcome {
    /// For people.
    pub fn print(&self) {
        println!(
            "{:<20} {:>9} {:>10} {:>10} {:>10}",
            "table", "rows", "verify ns", "build ns", "bytes/row"
        );
        let all = std::iter::once((&"all", &self.all));
        for (name, c) in self.tables.iter().chain(all) {
            println!(
                "{name:<20} {:>9} {:>10.1} {:>10.1} {:>10.1}",
                c.rows, c.verify_ns, c.build_ns, c.native_bytes
            );
        }
        if let (Some(store), Some(ratio)) = (self.store_ns, self.ratio) {
            let percent = ratio.value * 100.0;
            println!("store {:.0} ns/row of CPU; server is {percent:.0} % of it", store.value);
        }
        if let Some((stored, inserted)) = self.stored {
            println!("{stored} rows are in the store of {inserted} inserted");
        }
        if let Some(why) = &self.skipped {
            println!("store skipped: {why}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, build, frames, table, verify};
    use fathom_server::block::Builder;
    use fathom_server::tag::Networks;
    use std::sync::Arc;

    #[test]
    fn every_row_of_every_frame_is_in_a_block() {
        let frames =
            frames(&Rows { packets: 5000, flows: 250, ..Rows::default() }).expect("frames");
        assert!(frames.len() >= 4);
        for (id, list) in &frames {
            let networks = Arc::new(Networks::new(&[]));
            let mut builder = Builder::new(table(*id).expect("known"), networks);
            let (verified, mut blocks) = (verify(list).expect("good frames"), Vec::new());
            build(&mut builder, &verified, &mut blocks).expect("builds");
            let rows: u64 = verified.iter().map(|f| u64::from(f.header.rows)).sum();
            assert_eq!(blocks.iter().map(|b| b.rows).sum::<u64>(), rows);
            let mut bad = list.clone();
            let last = bad[0].len() - 1;
            bad[0][last] ^= 1;
            assert!(verify(&bad).is_err());
        }
    }
}
