//! `fathom top`: what an agent captures right now. Asks its `/metrics` again and again, and shows
//! what has grown: packets and bits of each interface and queue, what was dropped and why, and how
//! busy each core is.

use crate::client::{self, Server};
use anyhow::{Result, anyhow, bail};
use hyper::Method;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Shows what an agent captures right now: rates, drops, load of each core
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  fathom top\n  fathom top --agent gateway:39090 --count 1")]
pub(crate) struct Args {
    /// Where the agent tells its numbers (its setting `metrics.listen`)
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:39090")]
    agent: String,
    /// Seconds from look to look; an agent's numbers change once a second
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    interval: f64,
    /// End after so many tables
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// How long an agent may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Args) -> Result<()> {
    if !(0.1..=3600.0).contains(&args.interval) {
        bail!(fathom_settings::Usage("--interval: 0.1 to 3600 seconds".into()));
    }
    let mut out = std::io::stdout().lock();
    let (mut at, mut before) = (Instant::now(), look(&args.agent)?);
    for n in 1.. {
        std::thread::sleep(Duration::from_secs_f64(args.interval));
        let (now, numbers) = (Instant::now(), look(&args.agent)?);
        let page = page(&before, &numbers, (now - at).as_secs_f64());
        if std::io::stdout().is_terminal() {
            // Home, and what was there before is gone.
            write!(out, "\x1b[H\x1b[J")?;
        }
        writeln!(out, "{page}")?;
        out.flush()?;
        if args.count.is_some_and(|count| n >= count) {
            break;
        }
        (at, before) = (now, numbers);
    }
    Ok(())
}

/// Numbers by name, each with its labels.
type Numbers = BTreeMap<String, Vec<(Labels, f64)>>;
type Labels = BTreeMap<String, String>;

fn look(agent: &str) -> Result<Numbers> {
    let server = Server { url: format!("http://{agent}"), token: None };
    let nobody = || {
        anyhow!("no agent answers at {agent}; is one running, with that address in metrics.listen?")
    };
    let ask = async {
        let answer = server.send(Method::GET, "/metrics", "text/plain", String::new()).await;
        // What it says is of servers.
        let answer = answer.map_err(|_| nobody())?;
        let status = answer.status();
        let body = client::collect(answer).await?;
        if !status.is_success() {
            bail!("what answers at {agent} says {status}");
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    };
    let within = async { tokio::time::timeout(PATIENCE, ask).await.map_err(|_| nobody())? };
    let answer = client::block_on(within)?;
    if !answer.contains("fathom_agent_") {
        bail!("what answers at {agent} is no agent; give --agent the address in metrics.listen");
    }
    Ok(numbers(&answer))
}

/// Reads the text that Prometheus reads.
fn numbers(text: &str) -> Numbers {
    let mut all = Numbers::new();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let Some((head, value)) = line.rsplit_once(' ') else { continue };
        let Ok(value) = value.parse() else { continue };
        let (name, labels) = head.split_once('{').unwrap_or((head, ""));
        let labels = labels.trim_end_matches('}').split("\",").filter_map(|pair| {
            let (key, value) = pair.split_once("=\"")?;
            Some((key.to_owned(), value.trim_end_matches('"').to_owned()))
        });
        all.entry(name.to_owned()).or_default().push((labels.collect(), value));
    }
    all
}

/// What a number is, over those labels that suit.
fn sum(numbers: &Numbers, name: &str, suits: impl Fn(&Labels) -> bool) -> f64 {
    let all = numbers.get(name).map_or(&[][..], Vec::as_slice);
    all.iter().filter(|(labels, _)| suits(labels)).map(|(_, value)| value).sum()
}

fn label<'a>(labels: &'a Labels, name: &str) -> &'a str {
    labels.get(name).map_or("", String::as_str)
}

fn page(before: &Numbers, now: &Numbers, seconds: f64) -> String {
    let mut p = String::new();
    // Writing into a string cannot fail.
    let _ = table(&mut p, before, now, seconds);
    p
}

fn table(p: &mut String, before: &Numbers, now: &Numbers, seconds: f64) -> std::fmt::Result {
    const RECEIVED: &str = "fathom_agent_packets_received_total";
    const BYTES: &str = "fathom_agent_bytes_received_total";
    const DROPPED: &str = "fathom_agent_interface_packets_dropped_total";
    const CPU: &str = "fathom_agent_shard_cpu_seconds_total";
    // A counter of an agent that was started anew counts from zero.
    let rate = |name: &str, suits: &dyn Fn(&Labels) -> bool| {
        let (a, b) = (sum(before, name, suits), sum(now, name, suits));
        (if b < a { b } else { b - a }) / seconds
    };
    let empty = Vec::new();
    writeln!(
        p,
        "{:<20} {:>5} {:>12} {:>12} {:>12}  dropped for",
        "interface", "queue", "packets/s", "Mbit/s", "dropped/s"
    )?;
    for (place, _) in now.get(RECEIVED).unwrap_or(&empty) {
        let (interface, queue) = (label(place, "interface"), label(place, "queue"));
        let here = |l: &Labels| label(l, "interface") == interface && label(l, "queue") == queue;
        let reasons = now.get(DROPPED).unwrap_or(&empty).iter().filter(|(l, _)| here(l));
        let why: Vec<String> = reasons
            .map(|(l, _)| label(l, "reason"))
            .map(|reason| (reason, rate(DROPPED, &|l| here(l) && label(l, "reason") == reason)))
            .filter(|(_, rate)| *rate > 0.0)
            .map(|(reason, rate)| format!("{reason} {rate:.0}"))
            .collect();
        writeln!(
            p,
            "{interface:<20} {queue:>5} {:>12.0} {:>12.1} {:>12.0}  {}",
            rate(RECEIVED, &here),
            rate(BYTES, &here) * 8.0 / 1e6,
            rate(DROPPED, &here),
            why.join(", ")
        )?;
    }
    writeln!(p, "\n{:<20} {:>8}  leaves out", "core", "busy")?;
    for (labels, _) in now.get(CPU).unwrap_or(&empty) {
        let shard = label(labels, "shard");
        let here = |l: &Labels| label(l, "shard") == shard;
        let step = sum(now, "fathom_agent_shed_step", here);
        let undone = match step as u64 {
            0 => "nothing",
            1 => "rows of requests",
            2..=5 => "rows of requests, the parsing of some flows",
            _ => "rows of requests, all parsing, the packets of some flows",
        };
        writeln!(p, "{shard:<20} {:>7.0}%  {undone}", rate(CPU, &here) * 100.0)?;
    }
    let all = |_: &Labels| true;
    write!(
        p,
        "\nflows {:.0}, {:.0} new/s; requests paired {:.0}/s; rows {:.0}/s, lost {:.0}/s; memory {:.0} MiB at most",
        sum(now, "fathom_agent_flows", all),
        rate("fathom_agent_flows_total", &all),
        rate("fathom_agent_requests_paired_total", &all),
        rate("fathom_agent_rows_total", &all),
        rate("fathom_agent_rows_lost_total", &all),
        sum(now, "fathom_agent_memory_peak_bytes", all) / 1_048_576.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(packets: u64, kernel: u64, cpu: f64, step: u64) -> String {
        format!(
            "HTTP/1.1 200 OK\r\n\r\n# TYPE fathom_agent_flows gauge\n\
             fathom_agent_packets_received_total{{interface=\"eth0\",queue=\"1\"}} {packets}\n\
             fathom_agent_bytes_received_total{{interface=\"eth0\",queue=\"1\"}} {}\n\
             fathom_agent_interface_packets_dropped_total{{interface=\"eth0\",queue=\"1\",reason=\"kernel\"}} {kernel}\n\
             fathom_agent_interface_packets_dropped_total{{interface=\"eth0\",queue=\"1\",reason=\"shed\"}} 5\n\
             fathom_agent_shard_cpu_seconds_total{{shard=\"0\"}} {cpu}\n\
             fathom_agent_shed_step{{shard=\"0\"}} {step}\n\
             fathom_agent_flows 12\n",
            packets * 125
        )
    }

    #[test]
    fn what_has_grown_is_shown_by_second() {
        let (a, b) = (numbers(&text(1000, 0, 1.0, 0)), numbers(&text(5000, 40, 2.5, 7)));
        let page = page(&a, &b, 2.0);
        let line = |begin: &str| -> Vec<String> {
            let line = page.lines().find(|l| l.starts_with(begin)).expect(begin);
            line.split_whitespace().map(str::to_owned).collect()
        };
        assert_eq!(line("eth0"), ["eth0", "1", "2000", "2.0", "20", "kernel", "20"]);
        assert_eq!(line("0 ")[..2], ["0", "75%"]);
        assert!(page.contains("all parsing, the packets of some flows"), "{page}");
        assert!(page.contains("flows 12"), "{page}");
    }

    #[test]
    fn an_agent_that_was_started_anew_counts_from_zero() {
        let page = page(&numbers(&text(9000, 50, 9.0, 0)), &numbers(&text(200, 0, 0.1, 0)), 1.0);
        assert!(page.lines().any(|l| l.starts_with("eth0") && l.contains(" 200 ")), "{page}");
    }

    #[test]
    fn nobody_there_is_said_in_a_sentence() {
        // A port that was just free has no one listening.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let why = look(&free.expect("a port").to_string()).expect_err("nobody is there");
        assert!(why.to_string().contains("metrics.listen"), "{why:#}");
    }
}
