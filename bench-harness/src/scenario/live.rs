//! The scenarios that need a wire: what comes out of [`crate::live`] as numbers.

use super::{Capture, Overload};
use crate::live;
use crate::report::{Entry, Number};
use anyhow::Result;

pub(super) fn run_capture(c: &Capture, entry: &mut Entry) -> Result<()> {
    let o = match live::run(c.seconds, c.long, c.repeat) {
        Ok(o) => o,
        Err(live::Failed::Cannot(why)) => {
            println!("skipped: {why}");
            entry.skip(&why);
            return Ok(());
        }
        Err(live::Failed::Wrong(why)) => return Err(why),
    };
    entry.numbers.extend([
        Number::new("sender alone", "packets/s", o.sender_rate),
        Number::over("agent in memory, CPU", "ns/packet", &o.memory_ns),
    ]);
    for w in &o.ways {
        let name = &w.name;
        let [bare, ring, ours] = &w.cpu_ns;
        let long = format!("for {} s", c.long);
        entry.numbers.extend([
            Number::over(&format!("{name}, bare loop without loss"), "packets/s", &w.bare),
            Number::over(&format!("{name}, our source without loss"), "packets/s", &w.ring),
            Number::over(&format!("{name}, agent without loss"), "packets/s", &w.ours),
            Number::over(&format!("{name}, our source by bare loop"), "", &w.ring_by_bare),
            Number::over(&format!("{name}, agent by bare loop"), "", &w.ours_by_bare),
            Number::new(&format!("{name}, bare loop {long}"), "packets/s", w.long[0]),
            Number::new(&format!("{name}, agent {long}"), "packets/s", w.long[1]),
            Number::new(&format!("{name}, agent by bare loop {long}"), "", w.long_by_bare()),
            Number::over(&format!("{name}, bare loop CPU"), "ns/packet", bare),
            Number::over(&format!("{name}, our source CPU"), "ns/packet", ring),
            Number::over(&format!("{name}, agent CPU"), "ns/packet", ours),
            Number::new(
                &format!("{name}, agent in memory by live"),
                "",
                w.memory_by_live(&o.memory_ns),
            ),
            Number::over(
                &format!("{name}, sender CPU under the bare loop"),
                "ns/packet",
                &w.sender_ns,
            ),
            Number::new(&format!("{name}, longest away from the ring"), "ms", w.longest_ms),
        ]);
        if let Some(s) = w.syscalls_per_1000 {
            let what = format!("{name}, system calls");
            entry.numbers.push(Number::new(&what, "per 1000 packets", s));
        }
    }
    entry.failed.clone_from(&o.wrong);
    entry.notes.clone_from(&o.notes);
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}

pub(super) fn run_overload(o: &Overload, entry: &mut Entry) -> Result<()> {
    let load =
        live::overload::Load { calm_rate: o.calm_rate, calm_s: o.calm_seconds, flood_s: o.seconds };
    let o = match live::flood(load) {
        Ok(o) => o,
        Err(live::Failed::Cannot(why)) => {
            println!("skipped: {why}");
            entry.skip(&why);
            return Ok(());
        }
        Err(live::Failed::Wrong(why)) => return Err(why),
    };
    let accounted = o.received + o.ring_full + o.device;
    entry.numbers = vec![
        Number::new("sent", "packets/s", o.flood_rate),
        Number::new("sent, times the rate before and after", "", o.times),
        Number::new("frames sent", "", o.sent as f64),
        Number::new("frames accounted for", "", accounted as f64),
        Number::new("frames captured", "", o.received as f64),
        Number::new("frames the ring had no room for", "", o.ring_full as f64),
        Number::new("packets left out by whole flow", "", o.shed as f64),
        Number::new("packets in rows of flows", "", o.arrived.packets as f64),
        Number::new("rows of requests left out", "", o.requests_shed as f64),
        Number::new("flows not parsed", "", o.flows_unparsed as f64),
        Number::new("rows lost and counted", "", o.rows_lost as f64),
        Number::new("at full work again after", "ms", o.recovered_ms),
        Number::new("lost or left out afterwards", "", o.undone_after as f64),
        Number::new("most memory", "MiB", o.memory_mib),
        Number::new("most memory by its limit", "", o.memory_mib / o.memory_limit_mib),
        Number::new("cores used", "", o.cores),
    ];
    for n in &entry.numbers {
        println!("{:<44} {}", n.name, n.text());
    }
    entry.failed.clone_from(&o.wrong);
    entry.detail = serde_json::to_value(&o)?;
    Ok(())
}
