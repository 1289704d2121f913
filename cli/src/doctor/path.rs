//! The path of the data: seven boxes, what went through each in the last minute, and what to do
//! about the first that is empty.

use super::machine::Machine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What the counts are of, in seconds: a minute, or the time since the server's start.
pub(super) fn window(status: &Value) -> u64 {
    status["uptime_seconds"].as_u64().unwrap_or(MINUTE).min(MINUTE)
}

/// Growth of each number in the last minute, by name.
pub(super) type Counts = BTreeMap<String, f64>;

/// The time that counts are of, seconds.
const MINUTE: u64 = 60;

/// What the server stores.
const WRITE: &str = "fathom_server_rows_stored_total";

/// What each stage counts, in the order of the data.
const STAGES: [(&str, &str); 7] = [
    ("capture", "fathom_agent_packets_received_total"),
    ("decode", "fathom_agent_packets_processed_total"),
    ("flows", "fathom_agent_flows_total"),
    ("parse", "fathom_agent_requests_paired_total"),
    ("send", "fathom_agent_rows_delivered_total"),
    ("write", WRITE),
    ("read", "fathom_server_queries_total"),
];

/// Numbers that mean that something was lost, wherever they are not zero.
const LOSSES: [(&str, &str); 4] = [
    (
        "fathom_agent_packets_dropped_total",
        "packets dropped by the agent; see capture.ring_bytes and /metrics of the agent for the reason",
    ),
    ("fathom_agent_flow_evictions_total", "flows evicted early; raise flows.max"),
    (
        "fathom_agent_rows_lost_total",
        "rows lost by the agent; raise transport.backlog_bytes, or see why the server is slow",
    ),
    ("fathom_server_rows_lost_all_total", "rows lost by the server; see its log"),
];

/// The path as the server and its store describe it.
#[derive(Debug)]
pub(super) struct Path {
    counts: Counts,
    /// What the counts are of, in seconds: a minute, or less after a start.
    window: u64,
    agents: u64,
    /// An agent has captured on an interface since the start.
    captured: bool,
    /// Rows stored since the start.
    stored: u64,
    parts: Vec<(String, String)>,
    spool_rows: u64,
    store: String,
}

impl Path {
    /// From `/v1/status` and what was counted; `captured`: an agent has captured since the start.
    pub(super) fn new(status: &Value, mut counts: Counts, captured: bool) -> Self {
        let uptime = status["uptime_seconds"].as_u64().unwrap_or(MINUTE);
        let stored = status["stages"]["stored"]["rows"].as_u64().unwrap_or(0);
        // Newer than what the server last wrote down of itself, and the same thing at first.
        if uptime <= MINUTE {
            counts.insert(WRITE.into(), stored as f64);
        }
        let parts = status["parts"].as_array().cloned().unwrap_or_default();
        let broken = parts.iter().filter(|p| p["ready"] != Value::Bool(true)).map(|p| {
            let text = |name: &str| p[name].as_str().unwrap_or("unknown").to_owned();
            (text("name"), text("reason"))
        });
        Self {
            parts: broken.collect(),
            window: window(status),
            captured,
            stored,
            agents: status["stages"]["received"]["agents"].as_u64().unwrap_or(0),
            spool_rows: status["stages"]["spooled"]["rows"].as_u64().unwrap_or(0),
            store: status["store"].as_str().unwrap_or("store").to_owned(),
            counts,
        }
    }

    fn time(&self) -> String {
        match self.window {
            MINUTE => "the last minute".into(),
            seconds => format!("the last {seconds} s, since the start"),
        }
    }

    fn count(&self, name: &str) -> f64 {
        self.counts.get(name).copied().unwrap_or(0.0)
    }

    /// Agents are there and have not told their numbers yet.
    pub(super) fn awaits_numbers(&self) -> bool {
        let told = self.counts.keys().any(|name| name.starts_with("fathom_agent_"));
        self.parts.is_empty() && !told && (self.agents > 0 || self.stored == 0)
    }

    /// One sentence on the first thing that is wrong, with the remedy.
    pub(super) fn trouble(&self, machine: &Machine) -> Option<String> {
        if let Some((part, why)) = self.parts.first() {
            let meanwhile =
                if self.agents > 0 { "; rows are kept in the spool meanwhile" } else { "" };
            return Some(format!("{part} is not ready: {why}{meanwhile}"));
        }
        if self.agents == 0 && !self.captured && self.stored > 0 {
            // Capture files were read, as somebody wanted, and nothing else.
            return None;
        }
        if self.agents == 0 {
            return Some(match machine.no_capture() {
                Some(why) => format!("no agent is connected, and here none could capture: {why}"),
                None => "no agent is connected; start one with `fathom-agent`, or `fathom up` \
                    without --no-capture"
                    .into(),
            });
        }
        if self.awaits_numbers() {
            let interval = "the agent has not told its numbers yet; it does every metrics.interval";
            return Some(interval.into());
        }
        let time = self.time();
        let (stage, _) = STAGES.iter().find(|(_, name)| self.count(name) == 0.0)?;
        Some(match *stage {
            "capture" => format!(
                "capture: no packet in {time}; is there traffic on an interface that \
                capture.interface names? (`fathom-agent config show`)"
            ),
            "decode" => "decode: packets arrive but none is processed; see the agent's log".into(),
            "flows" => format!(
                "flows: no new connection in {time}; traffic of old ones shows after they end, or \
                each minute"
            ),
            "parse" => format!(
                "parse: no request was answered in {time}; the protocols that are recognised are \
                in the README, encrypted traffic is not"
            ),
            "send" => format!(
                "send: no row was acknowledged in {time}; is server.address of the agent this \
                server?"
            ),
            "write" => format!(
                "write: no row was stored in {time}, {} wait in the spool; see the server's log",
                self.spool_rows
            ),
            // Nobody having asked is no trouble.
            _ => return None,
        })
    }
}

/// Seven boxes in a row, then the losses.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agents = plural(self.agents, "agent");
        writeln!(f, "{}, {agents} connected, {}", self.time(), self.store)?;
        if self.agents == 0 && !self.captured && self.stored > 0 {
            let rows = plural(self.stored, "row");
            writeln!(f, "{rows} came from capture files; no agent captures")?;
        }
        let edge = vec!["+---------+"; STAGES.len()].join("   ");
        let join = |cells: Vec<String>, between: &str| {
            cells.iter().map(|c| format!("| {c} |")).collect::<Vec<_>>().join(between)
        };
        let names = STAGES.iter().map(|(name, _)| format!("{name:<7}")).collect();
        let counts =
            STAGES.iter().map(|(_, name)| format!("{:>7}", short(self.count(name)))).collect();
        writeln!(f, "{edge}\n{}\n{}\n{edge}", join(names, "-->"), join(counts, "   "))?;
        for (name, what) in LOSSES {
            let n = self.count(name);
            if n > 0.0 {
                writeln!(f, "lost: {} {what}", short(n))?;
            }
        }
        Ok(())
    }
}

fn plural(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// At most seven characters: `999999`, `12.3M`.
fn short(n: f64) -> String {
    match n {
        n if n < 1e6 => format!("{n:.0}"),
        n if n < 1e9 => format!("{:.1}M", n / 1e6),
        n if n < 1e12 => format!("{:.1}G", n / 1e9),
        n => format!("{n:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(agents: u64, store: &str) -> Value {
        json!({
            "parts": [
                {"name": "store", "ready": store.is_empty(), "reason": store},
                {"name": "receive", "ready": true}
            ],
            "store": "embedded ClickHouse",
            "uptime_seconds": 3600,
            "stages": {
                "received": {"agents": agents}, "spooled": {"rows": 7}, "stored": {"rows": 9},
            },
        })
    }

    /// The first stages are busy, the others have counted nothing.
    fn counts(up_to: usize) -> Counts {
        let n = |i| if i < up_to { 1_234_567.0 } else { 0.0 };
        STAGES.iter().enumerate().map(|(i, (_, name))| ((*name).to_owned(), n(i))).collect()
    }

    #[test]
    fn the_first_empty_box_has_its_remedy() {
        let machine = Machine::for_tests(None);
        let wants = [
            "capture:",
            "decode:",
            "flows:",
            "parse:",
            "send:",
            "write: no row was stored in the last minute, 7 wait",
        ];
        for (n, want) in wants.iter().enumerate() {
            let found = Path::new(&status(1, ""), counts(n), true).trouble(&machine).unwrap();
            assert!(found.starts_with(want), "{found}");
        }
        assert_eq!(Path::new(&status(1, ""), counts(6), true).trouble(&machine), None);
        assert_eq!(Path::new(&status(1, ""), counts(7), true).trouble(&machine), None);
    }

    #[test]
    fn what_is_down_comes_before_what_is_empty() {
        let machine = Machine::for_tests(None);
        let found = Path::new(&status(0, "starting"), counts(0), true).trouble(&machine).unwrap();
        assert!(found.contains("store is not ready: starting"), "{found}");
        let found = Path::new(&status(0, ""), counts(0), true).trouble(&machine).unwrap();
        assert!(found.contains("start one with"), "{found}");
        let bound = Machine::for_tests(Some("EPERM; run as root"));
        let found = Path::new(&status(0, ""), counts(0), true).trouble(&bound).unwrap();
        assert!(found.contains("EPERM; run as root"), "{found}");
    }

    #[test]
    fn a_young_server_and_one_with_files_only_are_in_no_trouble() {
        let machine = Machine::for_tests(None);
        let mut young = status(1, "");
        young["uptime_seconds"] = 3.into();
        let path = Path::new(&young, Counts::default(), true);
        assert!(path.awaits_numbers());
        assert!(path.to_string().starts_with("the last 3 s, since the start"), "{path}");
        // What is stored is known at once, the server's own numbers come later.
        let path = Path::new(&young, counts(5), true);
        assert!(!path.awaits_numbers());
        assert_eq!(path.trouble(&machine), None);

        let path = Path::new(&status(0, ""), counts(0), false);
        assert_eq!(path.trouble(&machine), None);
        assert!(path.to_string().contains("9 rows came from capture files"), "{path}");
    }

    #[test]
    fn boxes_line_up_whatever_the_numbers() {
        for n in [0.0, 9.0, 999_999.0, 1e6, 1.2e9, 3e15] {
            let counts: Counts = STAGES.iter().map(|(_, name)| ((*name).to_owned(), n)).collect();
            let text = Path::new(&status(2, ""), counts, true).to_string();
            let widths: Vec<usize> = text.lines().skip(1).map(str::len).collect();
            assert_eq!(widths.len(), 4, "{text}");
            assert!(widths.iter().all(|w| *w == widths[0]), "{text}");
        }
        let mut lossy = counts(7);
        lossy.insert("fathom_agent_rows_lost_total".into(), 3.0);
        assert!(
            Path::new(&status(1, ""), lossy, true)
                .to_string()
                .contains("lost: 3 rows lost by the agent")
        );
    }
}
