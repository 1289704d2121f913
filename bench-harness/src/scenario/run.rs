//! Runs a scenario and writes down what came out.

use super::live::{run_capture, run_overload};
use super::{
    Arrivals, Asked, Flows, Hostile, Ingest, Instructions, Parsers, Resident, Scenario, Server,
    Traffic, Work,
};
use crate::report::{Entry, Goal, Number, Status};
use crate::{
    flows, generate, hostile, instructions, machine, parsers, peers, replay, resident, shards,
};
use anyhow::{Context, Result};
use std::time::Instant;

/// Runs one.
///
/// # Errors
/// What could not be run at all; numbers that are not as they should be are in the entry.
pub fn run(name: &str, scenario: &Scenario) -> Result<Entry> {
    let begun = Instant::now();
    let mut entry = Entry {
        name: name.to_owned(),
        title: scenario.title.clone(),
        load: machine::load(),
        ..Entry::default()
    };
    match &scenario.work {
        Work::Replay(r) => run_replay(r, &mut entry)?,
        Work::Instructions(i) => run_instructions(i, &mut entry)?,
        Work::Flows(f) => run_flows(f, &mut entry)?,
        Work::Server(s) => run_server(s, &mut entry)?,
        Work::Ingest(i) => run_ingest(i, &mut entry)?,
        Work::Asked(a) => run_asked(a, &mut entry)?,
        Work::Resident(r) => run_resident(r, &mut entry)?,
        Work::Arrivals(a) => run_arrivals(a, &mut entry)?,
        Work::Shards(t) => run_shards(t, &mut entry)?,
        Work::Peers(t) => run_peers(t, &mut entry)?,
        Work::Hostile(h) => run_hostile(h, &mut entry)?,
        Work::Parsers(p) => run_parsers(p, &mut entry),
        Work::Capture(c) => run_capture(c, &mut entry)?,
        Work::Overload(o) => run_overload(o, &mut entry)?,
    }
    for goal in &scenario.goal {
        let Some(number) = entry.number(&goal.number) else {
            if entry.status == Status::Done && entry.failed.is_empty() {
                entry.notes.push(format!("{} was not measured", goal.number));
            }
            continue;
        };
        let judged = Goal::judge(&goal.number, goal.at_most, goal.at_least, number.value);
        entry.goals.push(judged);
    }
    entry.seconds = begun.elapsed().as_secs_f64();
    Ok(entry)
}

fn run_replay(r: &Traffic, entry: &mut Entry) -> Result<()> {
    let capture = generate::capture(&r.spec());
    let outcome = replay::run(&capture, &r.require, r.repeat)?;
    outcome.print();
    let o = &outcome;
    entry.failed = o
        .failed
        .iter()
        .map(|c| format!("{}: {} in the capture, {} in the rows", c.what, c.truth, c.found))
        .collect();
    entry.numbers = vec![
        Number::new("transactions found", "", o.transactions as f64),
        Number::new("transactions in the capture", "", o.transactions_in_capture as f64),
    ];
    if entry.failed.is_empty() {
        entry.numbers.extend([
            Number::over("CPU per packet", "ns", &o.ns_per_packet),
            Number::over("floor per packet", "ns", &o.floor_ns_per_packet),
            Number::over("ratio to the floor", "", &o.ratio),
        ]);
    }
    let allocations = o.steady_allocations_per_packet * 1e6;
    entry.numbers.extend([
        Number::new("allocations, second half", "per million packets", allocations),
        Number::new("rows per packet", "", o.rows_per_packet),
        Number::new("wire bytes per row", "B", o.sealed_bytes_per_row),
        Number::new("raw bytes per row", "B", o.raw_bytes_per_row),
        Number::new("wire bytes per flow and second", "B", o.wire_bytes_per_flow_second),
    ]);
    if o.wire_bytes_per_request > 0.0 {
        entry.numbers.extend([
            Number::new("wire bytes per request", "B", o.wire_bytes_per_request),
            Number::new(
                "wire bytes of metrics per request",
                "B",
                o.wire_bytes_of_metrics_per_request,
            ),
        ]);
    }
    entry.detail = serde_json::to_value(&outcome)?;
    Ok(())
}

fn run_instructions(i: &Instructions, entry: &mut Entry) -> Result<()> {
    if !instructions::available() {
        entry.skip("valgrind is not installed (package valgrind)");
        return Ok(());
    }
    let outcomes = instructions::run(&i.budgets, &[], false)?;
    for o in &outcomes {
        entry.numbers.push(Number::new(&o.name, "instructions/packet", o.measured.total));
        if let Some(goal) = o.goal {
            entry.goals.push(Goal::judge(&o.name, Some(goal), None, o.measured.total));
        }
        entry.failed.extend(o.exceeded.iter().map(|e| {
            format!(
                "{}, {}: {:.0} instructions per packet, budget {:.0}",
                o.name, e.stage, e.measured, e.budget
            )
        }));
    }
    entry.detail = serde_json::to_value(&outcomes)?;
    Ok(())
}

/// In processes of their own: what an earlier scenario's memory left behind would be counted.
fn run_flows(f: &Flows, entry: &mut Entry) -> Result<()> {
    let mut details = Vec::new();
    for http in [false, true] {
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.args(["flows", "--json", "--count", &f.count.to_string()]);
        if http {
            command.arg("--http");
        }
        let out = command.output().context("cannot run this program again")?;
        let o: flows::Outcome = serde_json::from_slice(&out.stdout)
            .with_context(|| String::from_utf8_lossy(&out.stderr).into_owned())?;
        let what = if http { "with a request" } else { "without payload" };
        o.print(what);
        entry.numbers.extend([
            Number::new(&format!("bytes per idle flow {what}"), "B", o.bytes_per_flow),
            Number::new(
                &format!("resident size, flows {what}"),
                "MiB",
                o.rss_bytes as f64 / 1_048_576.0,
            ),
        ]);
        if o.held != o.count {
            entry.failed.push(format!("{} of {} flows {what} are held", o.held, o.count));
        }
        if o.rows_refused > 0 {
            entry.failed.push(format!("{} rows are beyond a block's limit", o.rows_refused));
        }
        details.push(serde_json::to_value(&o)?);
    }
    entry.detail = details.into();
    Ok(())
}

#[cfg(feature = "server")]
fn run_server(s: &Server, entry: &mut Entry) -> Result<()> {
    let o = crate::server::cost::run(s.packets, s.flows, s.repeat)?;
    o.print();
    entry.numbers = vec![
        Number::new("rows", "", o.all.rows as f64),
        Number::new("verify per row", "ns", o.all.verify_ns),
        Number::new("tag and concatenate per row", "ns", o.all.build_ns),
        Number::over("server per row", "ns", &o.server_ns),
    ];
    if let (Some(store), Some(ratio)) = (&o.store_ns, &o.ratio) {
        entry.numbers.extend([
            Number::over("store per row", "ns", store),
            Number::over("server by store", "", ratio),
        ]);
    }
    if let Some((stored, inserted)) = o.stored
        && stored != inserted
    {
        entry.failed.push(format!("{stored} rows are in the store of {inserted} inserted"));
    }
    entry.detail = serde_json::to_value(&o)?;
    if let Some(why) = &o.skipped {
        entry.skip(&format!("the store: {why}"));
    }
    Ok(())
}

#[cfg(not(feature = "server"))]
fn run_server(_: &Server, entry: &mut Entry) -> Result<()> {
    entry.skip("built without the feature `server`");
    Ok(())
}

#[cfg(feature = "server")]
fn run_ingest(i: &Ingest, entry: &mut Entry) -> Result<()> {
    use crate::server::ingest::{self, Plan};
    if let Err(missing) = fathom_engine::library::locate() {
        entry.skip(&missing.to_string());
        return Ok(());
    }
    let o = ingest::run(&Plan { agents: i.agents, rows: i.rows, repeat: i.repeat })?;
    o.print();
    entry.numbers = vec![
        Number::new("rows of a turn", "", o.rows as f64),
        Number::over("agents to store", "rows/s", &o.through),
        Number::over("bare insert", "rows/s", &o.bare),
        Number::over("agents to store by bare insert", "", &o.ratio),
        Number::over("all acknowledged after", "s", &o.acknowledged_s),
    ];
    if o.stored.0 != o.stored.1 {
        entry.failed.push(format!("{} rows are in the store of {} sent", o.stored.0, o.stored.1));
    }
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}

#[cfg(not(feature = "server"))]
fn run_ingest(_: &Ingest, entry: &mut Entry) -> Result<()> {
    entry.skip("built without the feature `server`");
    Ok(())
}

#[cfg(feature = "server")]
fn run_asked(a: &Asked, entry: &mut Entry) -> Result<()> {
    use crate::server::asked::{self, Spec};
    if let Err(missing) = fathom_engine::library::locate() {
        entry.skip(&missing.to_string());
        return Ok(());
    }
    let o = asked::run(&Spec {
        rows: a.rows,
        repeat: a.repeat,
        data: a.data.clone(),
        questions: a.questions.clone(),
    })?;
    o.print();
    let (worst, mean) = o.ratios();
    entry.numbers = vec![
        Number::new("rows", "", o.rows as f64),
        Number::new("questions", "", o.answers.len() as f64),
        Number::new("by hand-written SQL, mean", "", mean),
        Number::new("by hand-written SQL, worst", "", worst),
    ];
    entry
        .numbers
        .extend(o.answers.iter().map(|q| Number::over(&q.name, "ms", &q.ask_s.times(1e3))));
    for difference in &o.differ {
        entry.failed.push(format!("the two forms give different answers: {difference}"));
    }
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}

#[cfg(not(feature = "server"))]
fn run_asked(_: &Asked, entry: &mut Entry) -> Result<()> {
    entry.skip("built without the feature `server`");
    Ok(())
}

/// `1M` for a million.
fn count(n: u64) -> String {
    match n {
        n if n >= 1_000_000 && n % 100_000 == 0 => format!("{} M", n as f64 / 1e6),
        n if n >= 1000 && n % 100 == 0 => format!("{} k", n as f64 / 1e3),
        n => n.to_string(),
    }
}

fn run_resident(r: &Resident, entry: &mut Entry) -> Result<()> {
    let mut points = Vec::new();
    for &flows in &r.flows {
        let Resident { packets, repeat, seed, .. } = *r;
        let traffic = resident::Traffic::Known;
        let o = resident::run(&resident::Spec { flows, packets, traffic, repeat, seed })?;
        o.print("known");
        let n = count(flows);
        if let Some(why) = &o.skipped {
            entry.notes.push(format!("{n} flows were skipped: {why}"));
            continue;
        }
        entry.numbers.extend([
            Number::over(&format!("CPU per packet, {n} flows"), "ns", &o.ours),
            Number::over(&format!("floor, {n} flows"), "ns", &o.floor),
            Number::over(&format!("ratio to the floor, {n} flows"), "", &o.ratio),
        ]);
        points.push(o);
    }
    let at = |n: u64| points.iter().find(|p| p.flows == n);
    if let (Some(few), Some(many)) = (at(1000), at(1_000_000)) {
        let [a, b] = [few, many].map(|p| p.ours.value);
        entry.numbers.push(Number::new("CPU per packet, 1 M flows by 1 k", "", b / a));
        let [a, b] = [few, many].map(|p| p.floor.value);
        entry.numbers.push(Number::new("floor, 1 M flows by 1 k", "", b / a));
    }
    if let Some(worst) = points.iter().map(|p| p.allocations).max_by(f64::total_cmp) {
        entry.numbers.push(Number::new("allocations", "per million packets", worst));
    }
    entry.detail = serde_json::json!({ "points": points });
    Ok(())
}

fn run_arrivals(a: &Arrivals, entry: &mut Entry) -> Result<()> {
    let Arrivals { flows, packets, repeat } = *a;
    let traffic = resident::Traffic::New;
    let o = resident::run(&resident::Spec { flows, packets, traffic, repeat, seed: 7 })?;
    o.print("new");
    if let Some(why) = &o.skipped {
        entry.skip(why);
        return Ok(());
    }
    entry.numbers = vec![
        Number::over("CPU per new flow", "ns", &o.ours),
        Number::over("floor", "ns", &o.floor),
        Number::over("ratio to the floor", "", &o.ratio),
        Number::new("established flows forgotten", "", o.harmed as f64),
    ];
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}

fn run_shards(t: &Traffic, entry: &mut Entry) -> Result<()> {
    let o = shards::run(&t.spec(), t.repeat)?;
    entry.numbers = vec![
        Number::over("one shard, CPU per packet", "ns", &o.one_ns),
        Number::over("two shards, CPU per packet of the slower", "ns", &o.two_ns),
        Number::over("two shards by one", "", &o.scaling),
    ];
    for n in &entry.numbers {
        println!("{:<44} {}", n.name, n.text());
    }
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}

fn run_peers(t: &Traffic, entry: &mut Entry) -> Result<()> {
    let capture = generate::capture(&t.spec());
    let file = crate::folder::Folder::new()?.keep("mix.pcap");
    crate::write(&file.path, &capture.pcap)?;
    drop(capture.pcap);
    let o = peers::run(&file.path, t.repeat, None)?;
    print!("{}", o.page(&file.path));
    for p in &o.peers {
        entry.numbers.push(Number::over(&format!("{}, CPU per packet", p.name), "ns", &p.ns));
        if let Some(by) = &p.by_ours {
            entry.numbers.push(Number::over(&format!("{} by fathom", p.name), "", by));
        }
    }
    entry.failed = o.failed(capture.truth.packets);
    entry.notes = o.notes();
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}

fn run_hostile(h: &Hostile, entry: &mut Entry) -> Result<()> {
    let mut worst: Option<(f64, String)> = None;
    let mut outcomes = Vec::new();
    for o in hostile::run(h.packets, h.repeat)? {
        entry.numbers.extend([
            Number::over(&format!("{}, CPU per packet", o.name), "ns", &o.ns),
            Number::over(&format!("{}, by {}", o.name, o.likeness), "", &o.ratio),
        ]);
        if worst.as_ref().is_none_or(|w| o.ratio.value > w.0) {
            worst = Some((o.ratio.value, o.name.clone()));
        }
        outcomes.push(o);
    }
    if let Some((ratio, name)) = worst {
        entry.numbers.push(Number::new("worst by its likeness", "", ratio));
        entry.notes.push(format!("the worst is {name}"));
    }
    let most = outcomes.iter().map(|o| o.held_per_flow).max_by(f64::total_cmp).unwrap_or(0.0);
    entry.numbers.push(Number::new("most bytes of streams held by flow", "B", most));
    entry.detail = serde_json::to_value(&outcomes)?;
    Ok(())
}

fn run_parsers(p: &Parsers, entry: &mut Entry) {
    for o in parsers::run(p.messages, p.repeat) {
        let what = format!("{}, CPU per message", o.name);
        entry.numbers.push(Number::over(&what, "ns", &o.ns));
        println!("{what:<44} {:.1} ({:.1}..{:.1}) ns", o.ns.value, o.ns.low, o.ns.high);
        if o.allocations > 0.0 {
            entry.notes.push(format!("{} allocates {} times per message", o.name, o.allocations));
        }
    }
}
