//! Rows from agent to store over sockets: many agents, a whole server and its store, against the
//! store taking the same blocks ready-made.
//!
//! Each agent keeps its own connection, agent number and sequence, and sends one second of rows
//! per table after the other as fast as the server takes them. The clock runs from the first
//! connection until the server has put the last row into the store. The bare insert has the same
//! rows, tagged and concatenated beforehand into blocks of the server's size, and as many
//! connections as there are cores. Both run in turns, each on a store of its own.

use super::cost::build;
use super::frames::{Rows, frames, table};
use super::whole::Whole;
use crate::folder::Folder;
use crate::interval::Interval;
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use fathom_schema::TableDef;
use fathom_schema::wire::{self, FrameId, FrameKind, HEADER_LEN, Header};
use fathom_server::block::{Block, Builder};
use fathom_server::spool::sink::VerifiedFrame;
use fathom_server::store::{Store, Target, migrate};
use fathom_server::tag::Networks;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// One turn takes at most this.
const PATIENCE: Duration = Duration::from_secs(300);
/// Frames an agent has on the way before it waits for an acknowledgement.
const WINDOW: u64 = 64;

/// What is sent.
pub struct Plan {
    /// Agents, each with a connection.
    pub agents: u32,
    /// Rows of one turn, about.
    pub rows: u64,
    /// Turns.
    pub repeat: usize,
}

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Agents.
    pub agents: u32,
    /// Rows of one turn.
    pub rows: u64,
    /// Rows by second from the agents' sockets into the store.
    pub through: Interval,
    /// Rows by second of ready blocks into the store.
    pub bare: Interval,
    /// One by the other.
    pub ratio: Interval,
    /// Seconds until every row was acknowledged to its agent.
    pub acknowledged_s: Interval,
    /// Rows in the store, of those sent.
    pub stored: (u64, u64),
}

/// A frame that any agent can send.
pub(super) struct Shot {
    pub(super) header: Header,
    body: Vec<u8>,
}

/// All frames, second by second as an agent seals them.
pub(super) type Magazine = Arc<[Shot]>;

impl Plan {
    fn by_agent(&self) -> u64 {
        (self.rows / u64::from(self.agents.max(1))).max(1)
    }
}

/// Measures, `repeat` turns.
///
/// # Errors
/// A server or store that does not do its work.
pub fn run(plan: &Plan) -> Result<Outcome> {
    // A second of an agent: a few hundred rows in all tables.
    let magazine = magazine_of(&Rows { packets: 60_000, flows: 3000, ..Rows::default() })?;
    let blocks = Arc::new(ready_made(&magazine, plan)?);
    let rows: u64 = blocks.iter().map(|b| b.1.rows).sum();
    let (served, alone) = (Folder::new()?, Folder::new()?);
    let server = Whole::start(served.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = fathom_engine::Config::new(std::env::current_exe()?, alone.path());
    let (mut through, mut bare, mut acknowledged) = (Vec::new(), Vec::new(), Vec::new());
    let turns = runtime.block_on(async {
        let store = Arc::new(Store::open(Target::Embedded(config))?);
        let turns = async {
            store.ready(PATIENCE).await?;
            migrate::migrate(&store, &migrate::Retention::new()).await?;
            // The first turn makes both engines load what they need.
            for turn in 0..=plan.repeat as u64 {
                let begun = Instant::now();
                let fired = fire(server.at.agents, &magazine, plan, turn + 1).await?;
                server.becomes("fathom_server_rows_stored_total", rows * (turn + 1), PATIENCE)?;
                let whole = begun.elapsed();
                let alone = insert(&store, &blocks, turn).await?;
                if turn > 0 {
                    through.push(rows as f64 / whole.as_secs_f64());
                    bare.push(rows as f64 / alone.as_secs_f64());
                    acknowledged.push(fired.acknowledged.as_secs_f64());
                }
            }
            Ok::<(), anyhow::Error>(())
        }
        .await;
        store.stop().await;
        turns
    });
    turns?;
    let stored = in_store(&server, &magazine)?;
    server.stop()?;
    Ok(Outcome {
        agents: plan.agents,
        rows,
        through: Interval::of(&through),
        bare: Interval::of(&bare),
        ratio: Interval::of_ratios(&through, &bare),
        acknowledged_s: Interval::of(&acknowledged),
        stored: (stored, rows * (plan.repeat as u64 + 1)),
    })
}

/// Makes them.
pub(super) fn magazine_of(rows: &Rows) -> Result<Magazine> {
    let made = frames(rows)?;
    let longest = made.values().map(Vec::len).max().unwrap_or(0);
    let mut all = Vec::new();
    for second in 0..longest {
        for list in made.values() {
            let Some(frame) = list.get(second) else { continue };
            let (head, body) = frame.split_first_chunk().context("a frame without header")?;
            all.push(Shot { header: wire::parse_header(head)?, body: body.to_vec() });
        }
    }
    ensure!(!all.is_empty(), "the generated traffic gave no rows");
    Ok(all.into())
}

/// The frames of one agent: from its own place in the magazine on, until its rows are sent.
fn of_agent(magazine: &[Shot], agent: u32, rows: u64) -> impl Iterator<Item = &Shot> {
    let begin = agent as usize * 7 % magazine.len();
    let mut sent = 0;
    magazine.iter().cycle().skip(begin).take_while(move |shot| {
        let more = sent < rows;
        sent += u64::from(shot.header.rows);
        more
    })
}

/// What was sent and acknowledged.
pub(super) struct Fired {
    pub(super) rows: u64,
    acknowledged: Duration,
}

/// All agents send everything; ends when all is acknowledged.
pub(super) async fn fire(
    to: SocketAddr,
    magazine: &Magazine,
    plan: &Plan,
    boot_id: u64,
) -> Result<Fired> {
    let begun = Instant::now();
    let mut agents = JoinSet::new();
    for agent_id in 1..=plan.agents {
        let (magazine, by_agent) = (Arc::clone(magazine), plan.by_agent());
        let me = FrameId { agent_id, boot_id, stream: 0, seq: 1 };
        agents.spawn(async move { agent(to, me, &magazine, by_agent).await });
    }
    let all = async {
        let mut rows = 0;
        while let Some(done) = agents.join_next().await {
            rows += done??;
        }
        Ok::<u64, anyhow::Error>(rows)
    };
    let rows =
        tokio::time::timeout(PATIENCE, all).await.context("the server does not acknowledge")??;
    Ok(Fired { rows, acknowledged: begun.elapsed() })
}

/// One agent's whole life.
async fn agent(to: SocketAddr, mut me: FrameId, magazine: &[Shot], rows: u64) -> Result<u64> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let mut hello = Vec::new();
    wire::control(FrameKind::Hello, me, &wire::hello_body("bench", "0"), &mut hello)?;
    stream.write_all(&hello).await?;
    let (kind, mut durable) = answer(&mut stream).await?;
    ensure!(kind == FrameKind::HelloAck, "the server greets with {kind:?}");
    let mut sent = 0;
    me.seq = 0;
    for shot in of_agent(magazine, me.agent_id, rows) {
        me.seq += 1;
        sent += u64::from(shot.header.rows);
        stream.write_all(&shot.header.with_id(me, &shot.body).to_bytes()).await?;
        stream.write_all(&shot.body).await?;
        while me.seq - durable >= WINDOW {
            durable = answer(&mut stream).await?.1;
        }
    }
    while durable < me.seq {
        durable = answer(&mut stream).await?.1;
    }
    Ok(sent)
}

/// What the server says next, and up to where all is durable.
async fn answer(stream: &mut TcpStream) -> Result<(FrameKind, u64)> {
    let mut head = [0; HEADER_LEN];
    stream.read_exact(&mut head).await?;
    let header = wire::parse_header(&head)?;
    let mut body = vec![0; header.body_len as usize];
    stream.read_exact(&mut body).await?;
    if header.kind == FrameKind::Refused {
        bail!("the server refuses: {}", String::from_utf8_lossy(&body));
    }
    Ok((header.kind, header.id.seq))
}

/// The same rows in blocks as the server makes them.
fn ready_made(magazine: &Magazine, plan: &Plan) -> Result<Vec<(&'static TableDef, Block)>> {
    let networks = Arc::new(Networks::new(&[]));
    let mut by_table: BTreeMap<u16, Vec<VerifiedFrame<'_>>> = BTreeMap::new();
    for agent in 1..=plan.agents {
        for shot in of_agent(magazine, agent, plan.by_agent()) {
            let frame = VerifiedFrame { header: shot.header, body: &shot.body };
            by_table.entry(shot.header.table).or_default().push(frame);
        }
    }
    let mut blocks = Vec::new();
    for (id, frames) in by_table {
        let table = table(id)?;
        let mut made = Vec::new();
        build(&mut Builder::new(table, Arc::clone(&networks)), &frames, &mut made)?;
        blocks.extend(made.into_iter().map(|block| (table, block)));
    }
    Ok(blocks)
}

/// Inserts the blocks over as many connections as there are cores.
async fn insert(
    store: &Arc<Store>,
    blocks: &Arc<Vec<(&'static TableDef, Block)>>,
    turn: u64,
) -> Result<Duration> {
    let begun = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
        let (store, blocks, next) = (Arc::clone(store), Arc::clone(blocks), Arc::clone(&next));
        connections.spawn(async move {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some((table, block)) = blocks.get(i) else { break };
                let body = Bytes::from(block.body.clone());
                store
                    .insert_native(table, &block.columns, body, &format!("bench-{turn}-{i}"))
                    .await?;
            }
            Ok::<(), anyhow::Error>(())
        });
    }
    while let Some(done) = connections.join_next().await {
        done??;
    }
    Ok(begun.elapsed())
}

/// Rows in the server's store, its own numbers apart.
fn in_store(server: &Whole, magazine: &Magazine) -> Result<u64> {
    let ids: BTreeSet<u16> = magazine.iter().map(|s| s.header.table).collect();
    let mut counts = Vec::new();
    for id in ids {
        counts.push(format!("(SELECT count() FROM {})", table(id)?.sql_name()));
    }
    let answer = server.sql(&format!("SELECT {}", counts.join(" + ")))?;
    answer.trim().parse().with_context(|| format!("the count of rows is {answer:?}"))
}

impl Outcome {
    /// For people.
    pub fn print(&self) {
        println!(
            "{} agents, {} rows a turn: {:.0} rows/s into the store, acknowledged after {:.2} s; \
             ready blocks {:.0} rows/s; {:.0} % of them",
            self.agents,
            self.rows,
            self.through.value,
            self.acknowledged_s.value,
            self.bare.value,
            self.ratio.value * 100.0
        );
        println!("{} rows are in the store of {} sent", self.stored.0, self.stored.1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, Rows, magazine_of, of_agent, ready_made};

    #[test]
    fn agents_send_about_their_share_and_blocks_hold_the_same_rows() {
        let rows = Rows { packets: 2000, flows: 100, ..Rows::default() };
        let magazine = magazine_of(&rows).expect("frames");
        let plan = Plan { agents: 5, rows: 5000, repeat: 1 };
        let rows = |a| of_agent(&magazine, a, plan.by_agent()).map(|s| u64::from(s.header.rows));
        let longest = magazine.iter().map(|s| u64::from(s.header.rows)).max().expect("some");
        let all: u64 = (1..=5)
            .map(|a| {
                let sent: u64 = rows(a).sum();
                assert!((1000..1000 + longest).contains(&sent), "{sent}");
                sent
            })
            .sum();
        let blocks = ready_made(&magazine, &plan).expect("blocks");
        assert_eq!(blocks.iter().map(|b| b.1.rows).sum::<u64>(), all);
    }
}
