//! `fathom doctor`: why there is nothing to see. The path of the data as boxes with the last
//! minute's counts, the remedy beside the first that is zero, and what this machine can do.

mod machine;
mod path;

use crate::client::{self, Server};
use anyhow::{Result, bail};
use hyper::Method;
use serde_json::Value;
use std::io::Write;
use std::time::{Duration, Instant};

/// Says what works, what does not, and what to do about it
///
/// Exits with 1 when something on the path of the data needs a hand.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  fathom doctor\n  fathom doctor --server http://collector:20416"
)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let machine = machine::Machine::probe();
    let path = client::block_on(async { Ok(look(&args.server, &machine).await) })?;
    let mut out = std::io::stdout().lock();
    let troubled = match path {
        Ok(path) => {
            write!(out, "{path}")?;
            match path.trouble(&machine) {
                Some(remedy) => Some(writeln!(out, "\n! {remedy}")?),
                None => None,
            }
        }
        Err(why) => {
            writeln!(out, "! {why:#}")?;
            Some(())
        }
    };
    writeln!(out, "\n{machine}")?;
    if troubled.is_some() {
        bail!("something needs a hand, see the line that begins with `!`");
    }
    Ok(())
}

/// Programs send their numbers every ten seconds unless told otherwise (`metrics.interval`,
/// `self_metrics.interval`): so long a server that has just started is given to have some.
const FIRST_NUMBERS: Duration = Duration::from_secs(12);

/// Asks the server how it is, and the store what was counted. In a server's first seconds waits
/// for the first numbers: before, all boxes would be empty without anything being wrong.
async fn look(server: &Server, machine: &machine::Machine) -> Result<path::Path> {
    let until = Instant::now() + FIRST_NUMBERS;
    let mut told = false;
    loop {
        let status = status(server).await?;
        let mut counts = path::Counts::default();
        // A store that is not up is part of what the boxes say, not a reason to say nothing.
        for (table, id) in [("agent", "agent_id, host"), ("server", "server_id")] {
            if let Ok(found) = growth(server, table, id, path::window(&status)).await {
                counts.extend(found);
            }
        }
        let uptime = status["uptime_seconds"].as_u64().unwrap_or(0);
        let captured = captured(server, uptime).await.unwrap_or(true);
        let path = path::Path::new(&status, counts, captured);
        let young = uptime < 2 * FIRST_NUMBERS.as_secs();
        // What has just begun has gone through some boxes only.
        let begins = path.awaits_numbers() || path.trouble(machine).is_some();
        if !(young && begins) || Instant::now() > until {
            return Ok(path);
        }
        if !told {
            told = true;
            eprintln!("fathom: the server has just started; waiting for the first numbers");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn status(server: &Server) -> Result<Value> {
    let answer = server.send(Method::GET, "/v1/status", "text/plain", String::new()).await?;
    let status = answer.status();
    let body = client::collect(answer).await?;
    if !status.is_success() {
        bail!("the server refuses: {status}; if it wants a token, give --token");
    }
    Ok(serde_json::from_slice(&body)?)
}

/// By how much each number grew in the last `window` seconds. Numbers nobody told meanwhile are of
/// programs that have ended; counters of one that restarted count from zero.
async fn growth(server: &Server, table: &str, id: &str, window: u64) -> Result<path::Counts> {
    let sql = format!(
        "SELECT name, sum(if(last < before, last, last - before)) FROM (\
         SELECT name, argMax(value, time) AS last, \
         argMaxIf(value, time, time <= now() - {window}) AS before \
         FROM fathom_system.{table} WHERE time > now() - 300 \
         GROUP BY name, {id}, label_values HAVING max(time) > now() - {window}) GROUP BY name"
    );
    let pair = |row: &Value| Some((row[0].as_str()?.to_owned(), row[1].as_f64()?));
    Ok(rows(server, sql).await?.iter().filter_map(pair).collect())
}

/// Whether an agent has captured on an interface since the server started. Agents that read files
/// come and go.
async fn captured(server: &Server, uptime: u64) -> Result<bool> {
    let sql = format!(
        "SELECT toUInt32(count()) FROM fathom_system.agent \
         WHERE time > now() - {uptime} AND name = 'fathom_agent_interfaces' AND value > 0"
    );
    let rows = rows(server, sql).await?;
    Ok(rows.iter().any(|row| row[0] != 0))
}

async fn rows(server: &Server, sql: String) -> Result<Vec<Value>> {
    let path = "/v1/sql?format=JSONCompactEachRow";
    let answer = server.send(Method::POST, path, "text/plain", sql).await?;
    let status = answer.status();
    let body = client::collect(answer).await?;
    if !status.is_success() {
        bail!("{status}");
    }
    let lines = body.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}
