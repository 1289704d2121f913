//! The agent about itself: counters of all shards, as Prometheus text on `/metrics`, as rows of
//! `fathom_system.agent`, and as the object that `--stats` prints. One list of samples feeds all
//! three.

pub mod http;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fathom_schema::system_agent;
use fathom_shard::clock::thread_cpu_ns;
use tokio::sync::Notify;

use crate::pipeline::{Pipeline, Stats};
use crate::replay::{Summary, Usage, decode_errors};
use crate::session::SessionStats;
use crate::shard_loop::gate::Gate;
use crate::shard_loop::overload::Overload;
use crate::shard_loop::sources::{InterfaceNumbers, Place, Sources};
use crate::stream::StreamStats;
use crate::transport;
use crate::transport::losses::Reason;

/// What one shard last said of itself.
#[derive(Clone, Debug, Default)]
pub struct ShardNumbers {
    /// Totals per interface.
    pub interfaces: Vec<(Place, InterfaceNumbers)>,
    /// How frames are captured.
    pub capture: String,
    /// Interfaces open now.
    pub open: Vec<String>,
    /// Why a file could not be read to its end.
    pub damage: Option<String>,
    /// CPU time of its thread, nanoseconds.
    cpu_ns: u64,
    stats: Stats,
    decode_errors: BTreeMap<&'static str, u64>,
    fragments: u64,
    joined: u64,
    unjoined: u64,
    handed_over: u64,
    taken_over: u64,
    requests_shed: u64,
    /// How far the shard has gone in leaving things undone, see [`crate::shard_loop::overload`].
    pub shed_step: u64,
    metric_keys_folded: u64,
    stream: StreamStats,
    session: SessionStats,
    flows: u64,
    pending: u64,
    stream_bytes: u64,
}

impl ShardNumbers {
    /// The numbers now, on the shard's own thread.
    pub fn of(
        pipeline: &Pipeline,
        sources: &mut Sources,
        gate: &Gate,
        overload: &Overload,
    ) -> Self {
        Self {
            interfaces: sources.counters(),
            capture: sources.describe().to_owned(),
            open: sources.names(),
            damage: sources.damage(),
            cpu_ns: thread_cpu_ns(),
            stats: *pipeline.stats(),
            decode_errors: decode_errors(pipeline.decode_stats()),
            fragments: pipeline.decode_stats().fragments,
            joined: pipeline.decode_stats().joined,
            unjoined: pipeline.decode_stats().unjoined,
            handed_over: gate.lanes().map_or(0, |h| h.sent),
            taken_over: gate.lanes().map_or(0, |h| h.received),
            requests_shed: pipeline.requests_shed(),
            shed_step: overload.step() as u64,
            metric_keys_folded: pipeline.metric_keys_folded(),
            stream: *pipeline.stream_stats(),
            session: *pipeline.session_stats(),
            flows: pipeline.flows() as u64,
            pending: pipeline.pending() as u64,
            stream_bytes: pipeline.stream_bytes() as u64,
        }
    }
}

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Metric name.
    pub name: &'static str,
    /// Its labels.
    pub labels: Vec<(&'static str, String)>,
    /// Its value.
    pub value: f64,
}

/// What a shard last published, and when.
#[derive(Debug, Default)]
struct Published {
    numbers: ShardNumbers,
    at: Option<Instant>,
}

/// The numbers of all shards.
#[derive(Debug)]
pub struct Metrics {
    /// Stored in rows.
    pub agent_id: u32,
    /// Stored in rows.
    pub host: String,
    started: Instant,
    shards: Vec<Mutex<Published>>,
    refusals: Mutex<Vec<String>>,
    /// A shard has published.
    news: Notify,
    transports: Vec<Arc<transport::counters::Counters>>,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new(agent_id: u32, host: &str, shards: usize) -> Self {
        Self {
            agent_id,
            host: host.to_owned(),
            started: Instant::now(),
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            refusals: Mutex::default(),
            news: Notify::new(),
            transports: (0..shards).map(|_| Arc::default()).collect(),
        }
    }

    /// The transport counters of a shard.
    pub fn transport(&self, shard: usize) -> Arc<transport::counters::Counters> {
        Arc::clone(&self.transports[shard])
    }

    /// Replaces what is known of a shard: once a second.
    pub fn publish(&self, shard: usize, numbers: ShardNumbers) {
        *self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner) =
            Published { numbers, at: Some(Instant::now()) };
        self.news.notify_one();
    }

    /// Replaces what cannot be captured, and why.
    pub fn set_refusals(&self, all: Vec<String>) {
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// What cannot be captured, and why.
    pub fn refusals(&self) -> Vec<String> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Until every shard has published once: its sources are open then, or refused.
    pub async fn started(&self) {
        while self.oldest().is_none() {
            self.news.notified().await;
        }
    }

    /// How long the shard that is silent the longest has not published; `None` when one never did.
    pub fn oldest(&self) -> Option<Duration> {
        let at = |m: &Mutex<Published>| m.lock().unwrap_or_else(PoisonError::into_inner).at;
        let oldest = self.shards.iter().map(at).min().flatten();
        oldest.map(|at| at.elapsed())
    }

    /// What the shards last said.
    pub fn shards(&self) -> Vec<ShardNumbers> {
        let get =
            |m: &Mutex<Published>| m.lock().unwrap_or_else(PoisonError::into_inner).numbers.clone();
        self.shards.iter().map(get).collect()
    }

    /// A connection to the server is up on every shard.
    pub fn connected(&self) -> bool {
        self.transports.iter().all(|t| t.connected.get() == 1)
    }

    /// How many interfaces are captured; none when files are read.
    fn interfaces(&self) -> usize {
        let shards = self.shards();
        let live = shards.iter().filter(|n| n.capture != "file");
        live.flat_map(|n| &n.open).collect::<BTreeSet<_>>().len()
    }

    /// All numbers, those of one metric side by side.
    pub fn samples(&self) -> Vec<Sample> {
        let mut s = Samples::default();
        self.captured(&mut s);
        self.processed(&mut s);
        self.sent(&mut s);
        s.add("fathom_agent_interfaces", &[], self.interfaces() as f64);
        let usage = Usage::now();
        s.add("fathom_agent_cpu_seconds_total", &[], usage.cpu_seconds);
        s.add("fathom_agent_memory_peak_bytes", &[], usage.max_rss_bytes as f64);
        s.add("fathom_agent_uptime_seconds", &[], self.started.elapsed().as_secs_f64());
        s.0
    }

    fn captured(&self, s: &mut Samples) {
        let shards = self.shards();
        let per_queue = |s: &mut Samples, name, of: fn(&InterfaceNumbers) -> u64| {
            for (place, n) in shards.iter().flat_map(|shard| &shard.interfaces) {
                s.add(name, &labels(place), of(n) as f64);
            }
        };
        per_queue(s, "fathom_agent_packets_received_total", |n| n.source.received);
        per_queue(s, "fathom_agent_bytes_received_total", |n| n.source.bytes);
        per_queue(s, "fathom_agent_ring_full_total", |n| n.source.full);
        // What is lost, by interface, queue and reason; below, by reason alone.
        let mut total = InterfaceNumbers::default();
        for (place, n) in shards.iter().flat_map(|shard| &shard.interfaces) {
            total.add(n);
            for (reason, count) in n.dropped() {
                let [interface, queue] = labels(place);
                let at = [interface, queue, ("reason", reason.to_owned())];
                s.add("fathom_agent_interface_packets_dropped_total", &at, count as f64);
            }
        }
        for (reason, count) in total.dropped() {
            let label = [("reason", reason.to_owned())];
            s.add("fathom_agent_packets_dropped_total", &label, count as f64);
        }
        let mut errors: BTreeMap<&str, u64> = BTreeMap::new();
        for (kind, count) in shards.iter().flat_map(|n| &n.decode_errors) {
            *errors.entry(kind).or_default() += count;
        }
        for (kind, count) in errors {
            let label = [("kind", kind.to_owned())];
            s.add("fathom_agent_decode_errors_total", &label, count as f64);
        }
        s.add("fathom_agent_packets_truncated_total", &[], total.source.truncated as f64);
        s.add("fathom_agent_frames_merged_total", &[], total.source.merged as f64);
        s.add("fathom_agent_interfaces_refused", &[], self.refusals().len() as f64);
    }

    fn processed(&self, s: &mut Samples) {
        let shards = self.shards();
        let mut sum = |name, of: fn(&ShardNumbers) -> u64| {
            s.add(name, &[], shards.iter().map(of).sum::<u64>() as f64);
        };
        sum("fathom_agent_packets_processed_total", |n| n.stats.packets);
        sum("fathom_agent_packets_merged_total", |n| n.stats.packets_merged);
        sum("fathom_agent_packets_handed_over_total", |n| n.handed_over);
        sum("fathom_agent_packets_taken_over_total", |n| n.taken_over);
        sum("fathom_agent_requests_shed_total", |n| n.requests_shed);
        sum("fathom_agent_flows_unparsed_total", |n| n.stats.flows_unparsed);
        sum("fathom_agent_packets_unparsed_total", |n| n.stats.packets_unparsed);
        sum("fathom_agent_packets_late_total", |n| n.stats.late);
        sum("fathom_agent_clock_set_back_total", |n| n.stats.clock_set_back);
        sum("fathom_agent_fragments_total", |n| n.fragments);
        sum("fathom_agent_datagrams_joined_total", |n| n.joined);
        sum("fathom_agent_datagrams_unjoined_total", |n| n.unjoined);
        sum("fathom_agent_metric_keys_folded_total", |n| n.metric_keys_folded);
        sum("fathom_agent_flows", |n| n.flows);
        sum("fathom_agent_flows_total", |n| n.stats.flows_new);
        sum("fathom_agent_flows_closed_total", |n| n.stats.flows_closed);
        sum("fathom_agent_flow_evictions_total", |n| n.stats.flows_evicted);
        sum("fathom_agent_stream_bytes", |n| n.stream_bytes);
        sum("fathom_agent_stream_segments_reordered_total", |n| n.stream.reordered);
        sum("fathom_agent_stream_gaps_total", |n| n.stream.gaps);
        sum("fathom_agent_stream_gap_bytes_total", |n| n.stream.gap_bytes);
        sum("fathom_agent_stream_over_limit_bytes_total", |n| n.stream.over_limit_bytes);
        sum("fathom_agent_protocols_detected_total", |n| n.stream.detected);
        sum("fathom_agent_protocols_unknown_total", |n| n.stream.unknown);
        sum("fathom_agent_messages_unparsed_total", |n| n.stream.parse_failed);
        sum("fathom_agent_requests_pending", |n| n.pending);
        sum("fathom_agent_requests_paired_total", |n| n.session.paired);
        sum("fathom_agent_requests_timeout_total", |n| n.session.timeout);
        sum("fathom_agent_requests_unanswered_total", |n| n.session.unanswered);
        sum("fathom_agent_responses_orphaned_total", |n| n.session.orphans);
        sum("fathom_agent_requests_over_limit_total", |n| n.session.over_limit);
    }

    fn sent(&self, s: &mut Samples) {
        let shards = self.shards();
        let per_shard = |s: &mut Samples, name, of: fn(&ShardNumbers) -> f64| {
            for (shard, n) in shards.iter().enumerate() {
                s.add(name, &[("shard", shard.to_string())], of(n));
            }
        };
        per_shard(s, "fathom_agent_shed_step", |n| n.shed_step as f64);
        per_shard(s, "fathom_agent_shard_cpu_seconds_total", |n| n.cpu_ns as f64 / 1e9);
        let t = &self.transports;
        let by_table =
            |s: &mut Samples, name, of: &dyn Fn(&transport::counters::Counters, u16) -> u64| {
                for table in fathom_schema::TABLES {
                    let n: u64 = t.iter().map(|c| of(c, table.id)).sum();
                    if n > 0 {
                        s.add(name, &[("table", label(table))], n as f64);
                    }
                }
            };
        by_table(s, "fathom_agent_rows_total", &|c, t| c.rows_sealed.of(t).get());
        by_table(s, "fathom_agent_rows_delivered_total", &|c, t| c.rows_delivered.of(t).get());
        for reason in Reason::ALL {
            for table in fathom_schema::TABLES {
                let lost = |c: &Arc<transport::counters::Counters>| {
                    c.rows_lost[reason as usize].of(table.id).get()
                };
                let n: u64 = t.iter().map(lost).sum();
                let labels = [("table", label(table)), ("reason", reason.name().to_owned())];
                s.add("fathom_agent_rows_lost_total", &labels, n as f64);
            }
        }
        let mut sum = |name, of: fn(&transport::counters::Counters) -> u64| {
            s.add(name, &[], t.iter().map(|c| of(c)).sum::<u64>() as f64);
        };
        sum("fathom_agent_rows_held", |c| c.rows_held.get());
        sum("fathom_agent_backlog_bytes", |c| c.backlog_bytes.get());
        sum("fathom_agent_column_bytes_total", |c| c.raw_bytes.get());
        sum("fathom_agent_frames_sent_total", |c| c.frames_sent.get());
        sum("fathom_agent_bytes_sent_total", |c| c.bytes_sent.get());
        sum("fathom_agent_frames_refused_total", |c| c.refused.get());
        sum("fathom_agent_server_connected", |c| c.connected.get());
        sum("fathom_agent_server_connects_total", |c| c.connects.get());
        sum("fathom_agent_server_disconnects_total", |c| c.disconnects.get());
        sum("fathom_agent_back_pressure_microseconds_total", |c| c.back_pressure_us.get());
        sum("fathom_agent_back_pressure_bytes_total", |c| c.back_pressure_bytes.get());
    }

    /// What `--stats` prints.
    pub fn summary(&self) -> Summary {
        let mut out = Summary::default();
        for n in self.shards() {
            for (_, c) in &n.interfaces {
                out.add_source(&c.source);
                out.shed += c.shed;
                out.handoff_full += c.handoff_full;
            }
            out.requests_shed += n.requests_shed;
            out.flows_unparsed += n.stats.flows_unparsed;
            out.flows += n.stats.flows_new;
            out.flows_evicted += n.stats.flows_evicted;
            for (kind, count) in n.decode_errors {
                *out.decode_errors.entry(kind).or_default() += count;
            }
            if out.capture.is_empty() {
                out.capture = n.capture;
            }
            out.damage = out.damage.or(n.damage);
        }
        let rows = |id| self.transports.iter().map(|c| c.rows_sealed.of(id).get()).sum();
        let all = fathom_schema::TABLES.iter().map(|t| (t.name, rows(t.id)));
        out.rows = all.filter(|(_, n): &(_, u64)| *n > 0).collect();
        let lost = |id: u16| -> u64 {
            self.transports.iter().flat_map(|c| &c.rows_lost).map(|t| t.of(id).get()).sum()
        };
        let all = fathom_schema::TABLES.iter().map(|t| (t.name, lost(t.id)));
        out.rows_lost = all.filter(|(_, n)| *n > 0).collect();
        out
    }

    /// The numbers in the Prometheus text format, version 0.0.4.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut last = "";
        for s in self.samples() {
            if s.name != last {
                let kind = if s.name.ends_with("_total") { "counter" } else { "gauge" };
                let _ = writeln!(out, "# TYPE {} {kind}", s.name);
                last = s.name;
            }
            out.push_str(s.name);
            for (i, (name, value)) in s.labels.iter().enumerate() {
                let sep = if i == 0 { '{' } else { ',' };
                let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                let _ = write!(out, "{sep}{name}=\"{value}\"");
            }
            if !s.labels.is_empty() {
                out.push('}');
            }
            let _ = writeln!(out, " {}", s.value);
        }
        out
    }
}

/// Samples as rows.
pub fn rows(m: &Metrics, samples: &[Sample], time: u32) -> system_agent::Block {
    let mut block = system_agent::Block::new();
    for s in samples {
        let names: Vec<&str> = s.labels.iter().map(|l| l.0).collect();
        let values: Vec<&str> = s.labels.iter().map(|l| l.1.as_str()).collect();
        block.push(&system_agent::Row {
            time,
            agent_id: m.agent_id,
            host: &m.host,
            name: s.name,
            label_names: &names,
            label_values: &values,
            value: s.value,
        });
    }
    block
}

fn labels(place: &Place) -> [(&'static str, String); 2] {
    [("interface", place.interface.to_string()), ("queue", place.queue.to_string())]
}

fn label(t: &fathom_schema::TableDef) -> String {
    if t.database == "fathom_system" {
        format!("{}.{}", t.database, t.name)
    } else {
        t.name.to_owned()
    }
}

#[derive(Default)]
struct Samples(Vec<Sample>);

impl Samples {
    fn add(&mut self, name: &'static str, labels: &[(&'static str, String)], value: f64) {
        self.0.push(Sample { name, labels: labels.to_vec(), value });
    }
}

#[cfg(test)]
mod tests {
    use fathom_ring::Counters;

    use super::*;

    #[test]
    fn text_and_rows_say_the_same() {
        let m = Metrics::new(7, "host \"a\"", 2);
        let mut n = ShardNumbers::default();
        let source = Counters { received: 41, dropped_kernel: 2, ..Counters::default() };
        let numbers = InterfaceNumbers { source, decode_errors: 3, ..InterfaceNumbers::default() };
        n.interfaces.push((Place { interface: "eth\"0\"".into(), queue: 1 }, numbers));
        n.decode_errors.insert("truncated", 3);
        m.publish(1, n);
        m.transport(0).rows_sealed.of(2).add(5);
        m.transport(1).rows_sealed.of(2).add(6);
        let text = m.text();
        for line in [
            "# TYPE fathom_agent_packets_received_total counter",
            "fathom_agent_packets_received_total{interface=\"eth\\\"0\\\"\",queue=\"1\"} 41",
            "fathom_agent_packets_dropped_total{reason=\"kernel\"} 2",
            "fathom_agent_packets_dropped_total{reason=\"decode\"} 3",
            "fathom_agent_rows_total{table=\"l7_flow_log\"} 11",
            "fathom_agent_rows_lost_total{table=\"l7_flow_log\",reason=\"backlog_full\"} 0",
            "fathom_agent_flows 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        let samples = m.samples();
        assert_eq!(fathom_schema::ColumnBlock::rows(&rows(&m, &samples, 1)), samples.len());
        // One TYPE line per metric: samples of one metric stand side by side.
        let mut types: Vec<_> = text.lines().filter(|l| l.starts_with("# TYPE")).collect();
        let all = types.len();
        types.sort_unstable();
        types.dedup();
        assert_eq!(types.len(), all);
    }
}
