//! `fathom doctor`: why there is nothing to see. The path of the data as boxes with the last
//! minute's counts, the remedy beside the first that is zero, and what this machine can do.

mod machine;
mod path;

use crate::client::{self, Server};
use anyhow::{Result, bail};
use hyper::Method;
use serde_json::Value;
use std::io::Write;

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
    let path = client::block_on(async { Ok(look(&args.server).await) })?;
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

/// Asks the server how it is, and the store what was counted.
async fn look(server: &Server) -> Result<path::Path> {
    let answer = server.send(Method::GET, "/v1/status", "text/plain", String::new()).await?;
    let status = answer.status();
    let body = client::collect(answer).await?;
    if !status.is_success() {
        bail!("the server refuses: {status}; if it wants a token, give --token");
    }
    let status: Value = serde_json::from_slice(&body)?;
    let mut counts = path::Counts::default();
    // A store that is not up is part of what the boxes say, not a reason to say nothing.
    for (table, id) in [("agent", "agent_id"), ("server", "server_id")] {
        if let Ok(found) = minute(server, table, id).await {
            counts.extend(found);
        }
    }
    Ok(path::Path::new(&status, counts))
}

/// By how much each number grew in the last minute. Counters of a program that restarted in
/// between count from zero.
async fn minute(server: &Server, table: &str, id: &str) -> Result<path::Counts> {
    let sql = format!(
        "SELECT name, sum(if(last < before, last, last - before)) FROM (\
         SELECT name, argMax(value, time) AS last, argMaxIf(value, time, time <= now() - 60) AS before \
         FROM fathom_system.{table} WHERE time > now() - 300 \
         GROUP BY name, {id}, label_values HAVING max(time) > now() - 60) GROUP BY name"
    );
    let path = "/v1/sql?format=JSONCompactEachRow";
    let answer = server.send(Method::POST, path, "text/plain", sql).await?;
    let status = answer.status();
    let body = client::collect(answer).await?;
    if !status.is_success() {
        bail!("{status}");
    }
    let rows = body.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    Ok(rows.filter_map(|line| serde_json::from_slice::<(String, f64)>(line).ok()).collect())
}
