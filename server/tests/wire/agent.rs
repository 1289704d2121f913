//! An agent that is nothing but its transport: it seals blocks of rows with unique ids.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fathom_dataplane::transport::counters::Counters;
use fathom_dataplane::transport::{self, Peers, Transport};
use fathom_schema::wire::Compression;
use fathom_schema::{ColumnBlock, l4_flow_log, l7_flow_log};
use fathom_shard::{Engine, Placement, Shards, sleep, spawn_local};

use super::random::Random;

#[derive(Clone, Debug)]
pub struct Plan {
    pub engine: Engine,
    pub seed: u64,
    pub agent: u32,
    pub streams: usize,
    pub blocks: u64,
    pub backlog_bytes: usize,
    /// Added to the ids of every so many blocks.
    pub poison_every: Option<u64>,
    /// Wait between blocks.
    pub pace: Duration,
    pub finish: Duration,
}

impl Plan {
    pub fn new(engine: Engine, seed: u64) -> Self {
        Self {
            engine,
            seed,
            agent: 1,
            streams: 2,
            blocks: 150,
            backlog_bytes: 64 << 20,
            poison_every: None,
            pace: Duration::from_millis(1),
            finish: Duration::from_secs(100),
        }
    }

    /// Starts the agent; it ends by itself when everything is acknowledged.
    pub fn start(self, server: SocketAddr) -> Agent {
        let peers = Peers::new(vec![server]);
        let counters: Vec<Arc<Counters>> = (0..self.streams).map(|_| Arc::default()).collect();
        let pushed: Arc<Mutex<BTreeSet<u64>>> = Arc::default();
        let placement = Placement::count(self.streams).unwrap().unpinned();
        let shared = (counters.clone(), Arc::clone(&pushed));
        let engine = self.engine;
        let shards = fathom_shard::start(&placement, engine, move |id| {
            let (plan, peers) = (self.clone(), peers.clone());
            let (counters, pushed) = (Arc::clone(&shared.0[id.index]), Arc::clone(&shared.1));
            async move {
                let config = transport::Config {
                    peers,
                    agent_id: plan.agent,
                    boot_id: plan.seed + 1,
                    stream: id.index as u16,
                    compression: if plan.seed % 2 == 0 {
                        Compression::Lz4
                    } else {
                        Compression::None
                    },
                    backlog_bytes: plan.backlog_bytes,
                    hello: fathom_schema::wire::hello_body("test", "0"),
                };
                let transport = Transport::new(config, counters);
                let connection = spawn_local(transport.clone().run());
                plan.push(&transport, id.index as u64, &pushed).await;
                transport.finish(plan.finish).await;
                connection.abort();
            }
        })
        .unwrap();
        Agent { shards, counters, pushed }
    }

    async fn push(&self, transport: &Transport, stream: u64, pushed: &Mutex<BTreeSet<u64>>) {
        let random = Random::new(self.seed * 1000 + stream);
        let (mut l4, mut l7) = (l4_flow_log::Block::new(), l7_flow_log::Block::new());
        let mut n = 0;
        for block in 0..self.blocks {
            let poison = match self.poison_every {
                Some(every) if block % every == every - 1 => super::store::POISON,
                _ => 0,
            };
            let mut ids = Vec::new();
            for _ in 0..1 + random.below(200) {
                n += 1;
                let id = poison | u64::from(self.agent) << 40 | stream << 32 | n;
                ids.push(id);
                if block % 3 == 0 {
                    l4.push(&l4_flow_log::Row { flow_id: id, ..Default::default() });
                } else {
                    let text = format!("/{:x}/{:x}", random.next(), random.next());
                    l7.push(&l7_flow_log::Row {
                        flow_id: id,
                        request_resource: &text,
                        ..Default::default()
                    });
                }
            }
            pushed.lock().unwrap().extend(ids);
            let full: &mut dyn ColumnBlock = if block % 3 == 0 { &mut l4 } else { &mut l7 };
            transport.send(full);
            sleep(self.pace).await;
        }
    }
}

pub struct Agent {
    shards: Shards,

    pub counters: Vec<Arc<Counters>>,
    pushed: Arc<Mutex<BTreeSet<u64>>>,
}

/// What became of an agent's rows, as the agent sees it.
#[derive(Debug)]
pub struct Outcome {
    pub pushed: BTreeSet<u64>,
    pub delivered: u64,
    pub lost: u64,
    pub refused: u64,
    pub connects: u64,
}

impl Agent {
    pub fn is_finished(&self) -> bool {
        self.shards.is_finished()
    }

    pub fn sum(&self, of: impl Fn(&Counters) -> u64) -> u64 {
        self.counters.iter().map(|c| of(c)).sum()
    }

    /// Waits until it has ended by itself.
    pub fn join(self) -> Outcome {
        self.shards.join().unwrap();
        let sum = |of: &dyn Fn(&Counters) -> u64| self.counters.iter().map(|c| of(c)).sum::<u64>();
        let outcome = Outcome {
            pushed: std::mem::take(&mut *self.pushed.lock().unwrap()),
            delivered: sum(&|c| c.rows_delivered.total()),
            lost: sum(&|c| c.lost_total()),
            refused: sum(&|c| c.refused.get()),
            connects: sum(&|c| c.connects.get()),
        };
        assert_eq!(sum(&|c| c.rows_sealed.total()), outcome.pushed.len() as u64);
        assert_eq!(outcome.pushed.len() as u64, outcome.delivered + outcome.lost, "{outcome:?}");
        assert_eq!(sum(&|c| c.rows_held.get()), 0);
        outcome
    }
}
