//! The server's own numbers as rows of `fathom_system.server`, through the same blocks and the
//! same store as everything else.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fathom_schema::wire::{self, Compression, FrameId, HEADER_LEN, WireError};
use fathom_schema::{ColumnBlock, system_server};

use crate::http::app::App;
use crate::insert::{InsertError, insert_batch};
use crate::spool::sink::VerifiedFrame;
use crate::tag::Networks;

/// Stores the numbers every `interval`, until dropped. A store that is away costs that interval's
/// row, nothing else: the next one says more.
pub async fn report(app: Arc<App>, interval: Duration) {
    let networks = Arc::new(Networks::new(&[]));
    let host = host();
    let boot = seconds();
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut number = 0u64;
    loop {
        ticks.tick().await;
        number += 1;
        let token = format!("server-{}-{boot}-{number}", app.id);
        if let Err(error) = store(&app, &networks, &host, &token).await {
            tracing::debug!(%error, "own numbers not stored");
        }
    }
}

async fn store(
    app: &App,
    networks: &Arc<Networks>,
    host: &str,
    token: &str,
) -> Result<(), InsertError> {
    let frame = frame(app, host)?;
    let Some((head, body)) = frame.split_first_chunk::<HEADER_LEN>() else {
        return Err(WireError::Truncated.into());
    };
    let header = wire::parse_header(head)?;
    let frames = [VerifiedFrame { header, body }];
    insert_batch(&app.store, networks, &system_server::TABLE, &frames, token).await.map(drop)
}

fn frame(app: &App, host: &str) -> Result<Vec<u8>, WireError> {
    let time = u32::try_from(seconds()).unwrap_or(u32::MAX);
    let mut block = system_server::Block::new();
    app.each(&mut |name, labels, value| {
        let names: Vec<&str> = labels.iter().map(|(n, _)| *n).collect();
        let values: Vec<&str> = labels.iter().map(|(_, v)| *v).collect();
        block.push(&system_server::Row {
            time,
            server_id: app.id,
            host,
            name,
            label_names: &names,
            label_values: &values,
            value,
        });
    });
    let id = FrameId { agent_id: app.id, boot_id: 0, stream: 0, seq: 1 };
    let mut bytes = Vec::with_capacity(block.raw_bytes() + HEADER_LEN);
    wire::seal(&block, id, Compression::None, &mut bytes)?;
    Ok(bytes)
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}
