//! Makes captures: the same bytes for the same [`Spec`], and beside them what a perfect tool
//! must find. Traffic is made flow after flow into one arena and put in order of time at the end,
//! so that a capture of two million frames takes about a second.

mod dns;
mod hostile;
mod http;
mod http2;
mod redis;
mod small;
mod sql;
mod tcp;
mod tls;
mod truth;
mod wire;

pub use truth::Truth;
pub use wire::{Ends, Wire};

use crate::rng::Rng;
use std::collections::HashSet;

/// Kinds of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// HTTP/1 keep-alive, DNS, TLS and Redis: 45, 40, 10 and 5 of a hundred flows.
    Mix,
    /// Frames of 60 bytes, TCP and UDP, that no parser knows.
    Small,
    /// HTTP/1 keep-alive alone.
    Http,
    /// DNS alone: a flow is a query and its answer.
    Dns,
    /// Redis alone.
    Redis,
    /// Every frame the first of a new connection that is not answered.
    Syn,
    /// Connections of one length that carry bytes no parser knows, in full segments.
    Long,
    /// HTTP/1 with up to eight requests sent before the first is answered.
    Pipelined,
    /// gRPC over HTTP/2 without TLS.
    Grpc,
    /// MySQL, PostgreSQL, Redis, Kafka and DNS.
    Queries,
    /// The mix inside VXLAN.
    Tunnels,
    /// The mix with one frame in a hundred late, and one sent twice.
    Reordered,
    /// The mix with one frame in five hundred missing from the capture.
    Lossy,
    /// Flows whose keys are nearly the same.
    HashFlood,
    /// DNS names that point at themselves, and chains of pointers.
    DnsLoops,
    /// HTTP/1 requests whose heads never end.
    EndlessHeads,
    /// TCP segments over each other, behind a hole.
    Overlaps,
    /// HTTP/2 header blocks that unpack to a thousand times their size.
    HpackBomb,
}

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Kind of traffic.
    pub profile: Profile,
    /// Frames, about: flows are made whole, and none is shorter than its handshake needs.
    pub packets: u64,
    /// Flows, exactly (but DNS: half the frames; SYN: as many as frames).
    pub flows: u64,
    /// Same seed, same bytes.
    pub seed: u64,
    /// Seconds over which flows begin.
    pub span_s: u64,
    /// When that is, seconds since 1970.
    pub begin_s: u64,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            profile: Profile::Mix,
            packets: 2_000_000,
            flows: 100_000,
            seed: 7,
            span_s: 60,
            begin_s: BEGIN_S,
        }
    }
}

/// A capture in memory.
#[derive(Clone, Debug)]
pub struct Capture {
    /// A pcap file with nanoseconds.
    pub pcap: Vec<u8>,
    /// What is in it.
    pub truth: Truth,
}

/// 14 November 2023, 22:13:20 UTC: any time that is not near zero.
pub const BEGIN_S: u64 = 1_700_000_000;
const SECOND_NS: u64 = 1_000_000_000;
/// Longest flow: the tail of the distribution is cut here.
const FLOW_PACKETS_MAX: f64 = 3000.0;
/// Ports that Linux gives to clients, unless told otherwise; no tunnel's port is among them.
const EPHEMERAL: (u64, u64) = (32768, 61000);
/// Content of every body.
const BODY_LEN: usize = 4096;

/// What flow makers share.
struct Maker {
    rng: Rng,
    wire: Wire,
    truth: Truth,
    used: HashSet<([u8; 4], [u8; 4], u16)>,
    hosts: Vec<String>,
    body: Vec<u8>,
    /// Reused for requests and answers.
    text: [Vec<u8>; 2],
}

#[derive(Clone, Copy)]
struct Job {
    make: fn(&mut Maker, u64, u64),
    packets: u64,
}

/// Makes a capture.
pub fn capture(spec: &Spec) -> Capture {
    let mut m = Maker {
        rng: Rng::new(spec.seed),
        wire: Wire::with_capacity(spec.packets),
        truth: Truth::default(),
        used: HashSet::new(),
        hosts: (0..200).map(|i| format!("svc{i}.shop.example.com")).collect(),
        body: (0..BODY_LEN).map(|i| b'A' + (i * 7 % 26) as u8).collect(),
        text: Default::default(),
    };
    let mut jobs = m.jobs(spec);
    m.rng.shuffle(&mut jobs);
    for job in jobs {
        let start = (spec.begin_s * SECOND_NS) + m.rng.below(spec.span_s.max(1) * SECOND_NS);
        (job.make)(&mut m, start, job.packets);
    }
    m.spoil(spec.profile);
    let Maker { wire, mut truth, .. } = m;
    truth.flows.total = truth.flows.sum();
    let pcap = wire.into_pcap(&mut truth);
    Capture { pcap, truth }
}

/// A TLS handshake's first record.
pub fn client_hello(seed: u64) -> Vec<u8> {
    let (mut out, mut spare) = (Vec::new(), Vec::new());
    tls::client_hello(&mut Rng::new(seed), "svc1.shop.example.com", &mut out, &mut spare);
    out
}

impl Maker {
    fn jobs(&mut self, spec: &Spec) -> Vec<Job> {
        let mut jobs = Vec::new();
        match spec.profile {
            Profile::Mix | Profile::Tunnels | Profile::Reordered | Profile::Lossy => {
                let dns = spec.flows * 40 / 100;
                let http = spec.flows * 45 / 100;
                let tls = spec.flows * 10 / 100;
                let redis = spec.flows - dns - http - tls;
                jobs.resize(dns as usize, Job { make: dns::flow, packets: 2 });
                let left = spec.packets.saturating_sub(2 * dns) as f64;
                // A Redis flow is twice as long as the others.
                let mean = left / (http + tls + 2 * redis).max(1) as f64;
                self.heavy(&mut jobs, http::flow, http, mean, 10.0);
                self.heavy(&mut jobs, tls::flow, tls, mean, 10.0);
                self.heavy(&mut jobs, redis::flow, redis, 2.0 * mean, 10.0);
            }
            Profile::Small => {
                let mean = spec.packets as f64 / spec.flows.max(1) as f64;
                self.heavy(&mut jobs, small::flow, spec.flows, mean, 8.0);
            }
            Profile::Http => self.alike(&mut jobs, http::flow, spec),
            Profile::Redis => self.alike(&mut jobs, redis::flow, spec),
            Profile::Long => {
                let packets = spec.packets / spec.flows.max(1);
                jobs.resize(spec.flows as usize, Job { make: small::long, packets });
            }
            Profile::Queries => {
                let dns = spec.flows * 40 / 100;
                let each = (spec.flows - dns) / 4;
                jobs.resize(dns as usize, Job { make: dns::flow, packets: 2 });
                let left = spec.packets.saturating_sub(2 * dns) as f64;
                let mean = left / (4 * each).max(1) as f64;
                for make in [redis::flow, sql::mysql, sql::postgres, sql::kafka] {
                    self.heavy(&mut jobs, make, each, mean, 12.0);
                }
                let rest = spec.flows - dns - 4 * each;
                jobs.resize(jobs.len() + rest as usize, Job { make: dns::flow, packets: 2 });
            }
            Profile::Pipelined => self.alike(&mut jobs, http::pipelined, spec),
            Profile::Grpc => self.alike(&mut jobs, http2::flow, spec),
            Profile::HashFlood => {
                let packets = (spec.packets / spec.flows.max(1)).max(1);
                jobs.resize(spec.flows as usize, Job { make: hostile::alike, packets });
            }
            Profile::DnsLoops => {
                let flows = (spec.packets / 2) as usize;
                jobs.resize(flows, Job { make: hostile::dns_loop, packets: 2 });
            }
            Profile::EndlessHeads => self.alike(&mut jobs, hostile::endless, spec),
            Profile::Overlaps => self.alike(&mut jobs, hostile::overlaps, spec),
            Profile::HpackBomb => self.alike(&mut jobs, hostile::hpack, spec),
            Profile::Syn => {
                jobs.resize(spec.packets as usize, Job { make: small::syn, packets: 1 });
            }
            Profile::Dns => {
                let flows = (spec.packets / 2) as usize;
                jobs.resize(flows, Job { make: dns::flow, packets: 2 });
            }
        }
        jobs
    }

    /// All flows of one kind.
    fn alike(&mut self, jobs: &mut Vec<Job>, make: fn(&mut Self, u64, u64), spec: &Spec) {
        let mean = spec.packets as f64 / spec.flows.max(1) as f64;
        self.heavy(jobs, make, spec.flows, mean, 10.0);
    }

    /// What happens to frames on their way.
    fn spoil(&mut self, profile: Profile) {
        match profile {
            Profile::Tunnels => self.wire.tunnel(),
            Profile::Reordered => self.wire.reorder(&mut self.rng),
            Profile::Lossy => {
                self.wire.lose(&mut self.rng);
                self.truth.lossy = true;
            }
            _ => {}
        }
    }

    /// `n` flows whose lengths are heavy-tailed around `mean`.
    fn heavy(
        &mut self,
        jobs: &mut Vec<Job>,
        make: fn(&mut Self, u64, u64),
        n: u64,
        mean: f64,
        least: f64,
    ) {
        let lengths: Vec<f64> = (0..n).map(|_| self.rng.heavy()).collect();
        let scale = mean * n as f64 / lengths.iter().sum::<f64>();
        jobs.extend(
            lengths
                .iter()
                .map(|l| Job { make, packets: (l * scale).clamp(least, FLOW_PACKETS_MAX) as u64 }),
        );
    }

    /// Ends of a flow that has not been there yet.
    fn ends(&mut self, server: Option<[u8; 4]>, server_port: u16) -> Ends {
        loop {
            let r = &mut self.rng;
            let client = [10, r.below(64) as u8, r.below(256) as u8, r.within(1, 255) as u8];
            let server = server.unwrap_or_else(|| {
                [172, 16 + r.below(2) as u8, r.below(4) as u8, r.within(1, 255) as u8]
            });
            let port = r.within(EPHEMERAL.0, EPHEMERAL.1) as u16;
            if self.used.insert((client, server, port)) {
                return Ends { ip: [client, server], port: [port, server_port] };
            }
        }
    }
}

#[cfg(test)]
mod tests;
