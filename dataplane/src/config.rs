//! Every setting of the agent, declared once, and what the agent makes of them.
//!
//! [`PROGRAM`] is the key table (file, environment, command line; `docs/config.md` is generated
//! from it); [`Config`] is the typed outcome that the rest of the agent reads.

mod keys;
mod live;

use std::net::SocketAddr;
use std::time::Duration;

use fathom_parsers::headers::Decap;
pub use fathom_parsers::literals::Literals;
use fathom_parsers::message::L7Protocol;
use fathom_parsers::packet::TunnelType;
use fathom_parsers::registry::{self, Enabled, PortHints};
use fathom_parsers::trace::{self, TraceHeader, TraceOptions};
use fathom_ring::limits as ring_limits;
use fathom_schema::wire::Compression;
use fathom_settings::{Program, Settings};
use fathom_shard::Engine;
use regex::Regex;

use crate::{limits, transport};

pub use live::Live;

/// Key table of the agent.
pub static PROGRAM: Program = Program { name: "agent", keys: keys::KEYS };

/// Memory of one flow for the worst-case sum: itself, its TCP tracker and numbers of second and
/// minute (about 750), stream, parser and session state.
const FLOW_BYTES: usize = 1456;
/// Memory of one request that waits for its answer, texts included.
const PENDING_BYTES: usize = 512;
/// Memory of one metric key, in the table and as a row.
const METRIC_KEY_BYTES: usize = 512;
/// Memory of a shard's open blocks: six tables, each sealed at about 1 MiB, and the frame made of
/// one of them.
const BLOCKS_BYTES: usize = 16 << 20;

/// Memory of the parcels from one shard to another.
const PARCEL_BYTES: usize =
    limits::HANDOFF_PARCELS * (limits::HANDOFF_BYTES + limits::HANDOFF_PACKETS * 512);

/// What is wrong with a value that has the right type.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {why}")]
pub struct Invalid {
    key: &'static str,
    why: String,
}

/// How packets are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// AF_PACKET to observe, AF_XDP where the agent is the end of the wire.
    Auto,
    /// AF_PACKET, whatever the interface.
    AfPacket,
    /// AF_XDP, whatever the interface.
    AfXdp,
    /// Not at all.
    None,
}

/// What a core that falls behind may leave undone, each with what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shed {
    /// Nothing.
    None,
    /// Rows of requests.
    Requests,
    /// The parsing of whole flows.
    Parsing,
    /// The packets of whole flows.
    Packets,
}

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `server.address`, not resolved.
    pub server: String,
    /// `agent.id`, never 0.
    pub agent_id: u32,
    /// `agent.host`.
    pub host: String,
    /// `capture.interface`; `None` for all.
    pub interfaces: Option<Regex>,
    /// `capture.terminate`; `None` for none.
    pub terminate: Option<Regex>,
    /// `capture.take_host_traffic`.
    pub take_host_traffic: bool,
    /// `capture.namespaces`.
    pub namespaces: Vec<String>,
    /// `capture.mode`.
    pub mode: Mode,
    /// `capture.filter`.
    pub filter: Option<String>,
    /// `capture.ring_bytes`; 0 for a share of [`Self::ring_budget`].
    pub ring_bytes: usize,
    /// `capture.snaplen`.
    pub snaplen: u32,
    /// `capture.promiscuous`.
    pub promiscuous: bool,
    /// `capture.exclude_ports` and the server's.
    pub exclude_ports: Vec<u16>,
    /// `capture.rescan`.
    pub rescan: Duration,
    /// `capture.decap`.
    pub decap: Decap,
    /// `protocols.enabled` without `protocols.disabled`.
    pub enabled: Enabled,
    /// Usual ports, and `protocols.ports`.
    pub ports: PortHints,
    /// `protocols.literals`.
    pub literals: Literals,
    /// `protocols.trace_headers`.
    pub trace_headers: TraceOptions,
    /// `protocols.endpoint_segments`.
    pub endpoint_segments: u8,
    /// `shards.count`.
    pub shards: usize,
    /// `shards.cpus`.
    pub cpus: Option<String>,
    /// `shards.engine`.
    pub engine: Engine,
    /// `flows.max`.
    pub flows_max: usize,
    /// `transport.compression`.
    pub compression: Compression,
    /// `transport.backlog_bytes`.
    pub backlog_bytes: usize,
    /// `transport.stop_timeout`.
    pub stop_timeout: Duration,
    /// `metrics.listen`.
    pub metrics: Option<SocketAddr>,
    /// `metrics.interval`.
    pub metrics_interval: Duration,
    /// `limits.memory`; 0 for none.
    pub memory_limit: u64,
    /// `limits.shed`.
    pub shed: Shed,
    /// `log.level`.
    pub log_level: String,
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// The first value that makes no sense.
    pub fn from_settings(s: &Settings) -> Result<Self, Invalid> {
        let server = s.text("server.address").to_owned();
        let mut exclude_ports = ports(s.list("capture.exclude_ports"))?;
        if let Some(port) = server.rsplit_once(':').and_then(|(_, p)| p.parse().ok())
            && !exclude_ports.contains(&port)
        {
            exclude_ports.push(port);
        }
        Ok(Self {
            server,
            agent_id: match s.integer("agent.id") {
                0 => derived_agent_id(),
                id => id as u32,
            },
            host: s.text_opt("agent.host").map_or_else(host_name, str::to_owned),
            interfaces: pattern(s, "capture.interface")?,
            terminate: pattern(s, "capture.terminate")?,
            take_host_traffic: s.bool("capture.take_host_traffic"),
            namespaces: s.list("capture.namespaces").to_vec(),
            mode: mode(s)?,
            filter: s.text_opt("capture.filter").map(str::to_owned),
            ring_bytes: ring_bytes(s.bytes("capture.ring_bytes") as usize)?,
            snaplen: s.bytes("capture.snaplen") as u32,
            promiscuous: s.bool("capture.promiscuous"),
            exclude_ports,
            rescan: s.duration("capture.rescan"),
            decap: decap(s.list("capture.decap"))?,
            enabled: enabled(s.list("protocols.enabled"), s.list("protocols.disabled"))?,
            ports: port_hints(s.list("protocols.ports"))?,
            literals: match s.text("protocols.literals") {
                "shown" => Literals::Shown,
                _ => Literals::Hidden,
            },
            trace_headers: trace_headers(s.list("protocols.trace_headers"))?,
            endpoint_segments: s.integer("protocols.endpoint_segments") as u8,
            shards: s.integer("shards.count") as usize,
            cpus: s.text_opt("shards.cpus").map(str::to_owned),
            engine: match s.text("shards.engine") {
                "glommio" => Engine::Glommio,
                "epoll" => Engine::Epoll,
                _ => Engine::Auto,
            },
            flows_max: s.integer("flows.max") as usize,
            compression: match s.text("transport.compression") {
                "none" => Compression::None,
                _ => Compression::Lz4,
            },
            backlog_bytes: s.bytes("transport.backlog_bytes") as usize,
            stop_timeout: s.duration("transport.stop_timeout"),
            metrics: s
                .text_opt("metrics.listen")
                .map(|t| {
                    t.parse().map_err(|_| Invalid {
                        key: "metrics.listen",
                        why: format!("{t:?} is not an address like 127.0.0.1:39090"),
                    })
                })
                .transpose()?,
            metrics_interval: s.duration("metrics.interval"),
            memory_limit: s.bytes("limits.memory"),
            shed: match s.text("limits.shed") {
                "none" => Shed::None,
                "requests" => Shed::Requests,
                "parsing" => Shed::Parsing,
                _ => Shed::Packets,
            },
            log_level: s.text("log.level").to_owned(),
        })
    }

    /// Does the agent capture from an interface of this name?
    pub fn wants(&self, interface: &str) -> bool {
        self.interfaces.as_ref().is_none_or(|r| r.is_match(interface))
    }

    /// Are the packets of an interface of this name the agent's to take?
    pub fn terminates(&self, interface: &str) -> bool {
        self.mode != Mode::AfPacket
            && self.terminate.as_ref().is_some_and(|r| r.is_match(interface))
    }

    /// Memory for all packet rings together, bytes.
    pub fn ring_budget(&self) -> usize {
        let limit = match self.memory_limit {
            0 => (memory_total() / 16).min(limits::RINGS_DEFAULT as u64),
            limit => limit / 4,
        };
        usize::try_from(limit).unwrap_or(usize::MAX).max(ring_limits::RING_MIN)
    }

    /// Backlog of one of `shards` shards.
    pub fn backlog_per_shard(&self, shards: usize) -> usize {
        (self.backlog_bytes / shards.max(1)).max(transport::BACKLOG_MIN_BYTES)
    }

    /// The most memory the agent can need with so many shards and interfaces: part by part, with
    /// what to change.
    pub fn worst_case(&self, shards: usize, interfaces: usize) -> Vec<(&'static str, u64)> {
        let per_shard = |n: usize| (n * shards) as u64;
        let rings = match (self.ring_bytes, interfaces) {
            (_, 0) => 0,
            (0, _) => self.ring_budget() as u64,
            (bytes, _) => per_shard(bytes * interfaces),
        };
        vec![
            ("packet rings (capture.ring_bytes)", rings),
            ("flows (flows.max)", per_shard(self.flows_max * FLOW_BYTES)),
            ("streams", per_shard(limits::STREAM_BYTES_PER_SHARD)),
            ("fragments", per_shard(limits::FRAGMENT_BYTES)),
            ("requests", per_shard(limits::PENDING_PER_SHARD * PENDING_BYTES)),
            // The running second's, and those of the one before whose rows are being made.
            ("metrics", per_shard(2 * limits::METRIC_KEYS * METRIC_KEY_BYTES)),
            ("open blocks", per_shard(BLOCKS_BYTES)),
            ("packets between shards", per_shard(PARCEL_BYTES * shards.saturating_sub(1))),
            ("backlog (transport.backlog_bytes)", per_shard(self.backlog_per_shard(shards))),
        ]
    }
}

/// A setting that is a regular expression for a whole name.
fn pattern(s: &Settings, key: &'static str) -> Result<Option<Regex>, Invalid> {
    let whole = |pattern: &str| {
        Regex::new(&format!("^(?:{pattern})$")).map_err(|e| Invalid { key, why: e.to_string() })
    };
    s.text_opt(key).map(whole).transpose()
}

fn mode(s: &Settings) -> Result<Mode, Invalid> {
    Ok(match s.text("capture.mode") {
        "none" => Mode::None,
        "af_packet" => Mode::AfPacket,
        "af_xdp" if s.text_opt("capture.interface").is_none() => {
            return Err(Invalid {
                key: "capture.mode",
                why: "af_xdp takes packets away from this host: name the ports that are there for \
                      it in capture.interface"
                    .to_owned(),
            });
        }
        "af_xdp" => Mode::AfXdp,
        _ => Mode::Auto,
    })
}

fn ring_bytes(bytes: usize) -> Result<usize, Invalid> {
    if bytes > 0 && bytes < ring_limits::RING_MIN {
        return Err(Invalid {
            key: "capture.ring_bytes",
            why: format!("a ring has {} KiB at least; 0 leaves it to the agent", {
                ring_limits::RING_MIN >> 10
            }),
        });
    }
    Ok(bytes)
}

/// Memory of this machine, bytes; a small machine's when it does not say.
fn memory_total() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|l| l.strip_prefix("MemTotal:"));
    let kib = total.and_then(|t| t.split_whitespace().next()?.parse::<u64>().ok());
    kib.map_or(1 << 30, |kib| kib * 1024)
}

fn ports(list: &[String]) -> Result<Vec<u16>, Invalid> {
    let parse = |t: &String| {
        t.parse().map_err(|_| Invalid {
            key: "capture.exclude_ports",
            why: format!("{t:?} is not a port"),
        })
    };
    list.iter().filter(|t| !t.is_empty()).map(parse).collect()
}

/// Reads names of tunnels as `tunnel_type` spells them, in any case.
///
/// # Errors
/// An unknown name; the message lists those there are.
pub fn decap(names: &[String]) -> Result<Decap, Invalid> {
    let mut set = Decap::NONE;
    for name in names.iter().filter(|n| !n.is_empty()) {
        let known = TUNNELS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        set = match (known, name.to_ascii_lowercase().as_str()) {
            (Some((_, kind)), _) => set.with(*kind),
            (None, "all") => Decap::ALL,
            (None, "none") => Decap::NONE,
            _ => {
                let all: Vec<_> = TUNNELS.iter().map(|t| t.0).collect();
                return Err(Invalid {
                    key: "capture.decap",
                    why: format!("no tunnel {name:?}; there are {}, all, none", all.join(", ")),
                });
            }
        };
    }
    Ok(set)
}

const TUNNELS: [(&str, TunnelType); 10] = [
    ("VXLAN", TunnelType::Vxlan),
    ("IPIP", TunnelType::Ipip),
    ("GRE", TunnelType::Gre),
    ("Geneve", TunnelType::Geneve),
    ("VXLAN-NSH", TunnelType::VxlanNsh),
    ("ERSPAN", TunnelType::Erspan),
    ("TEB", TunnelType::Teb),
    ("GTP-U", TunnelType::GtpU),
    ("L2TPv3", TunnelType::L2tpV3),
    ("MPLS-UDP", TunnelType::MplsUdp),
];

/// A protocol that is looked for, by its name in any case. What another protocol's parser finds
/// (gRPC in HTTP/2) goes with that.
fn protocol(key: &'static str, name: &str) -> Result<L7Protocol, Invalid> {
    let parsed = L7Protocol::from_name(name);
    let known = parsed
        .and_then(|p| registry::ENTRIES.iter().find(|e| e.protocol == p || e.also.contains(&p)));
    known.map(|e| e.protocol).ok_or_else(|| {
        let all: Vec<_> = registry::ENTRIES.iter().map(|e| e.protocol.name()).collect();
        Invalid { key, why: format!("no protocol {name:?}; there are {}", all.join(", ")) }
    })
}

fn enabled(enabled: &[String], disabled: &[String]) -> Result<Enabled, Invalid> {
    let mut set = Enabled::NONE;
    for name in enabled.iter().filter(|n| !n.is_empty()) {
        set = match name.eq_ignore_ascii_case("all") {
            true => Enabled::ALL,
            false => set.with(protocol("protocols.enabled", name)?),
        };
    }
    for name in disabled.iter().filter(|n| !n.is_empty()) {
        set = set.without(protocol("protocols.disabled", name)?);
    }
    Ok(set)
}

fn port_hints(list: &[String]) -> Result<PortHints, Invalid> {
    const KEY: &str = "protocols.ports";
    let mut hints = PortHints::default();
    for hint in list.iter().filter(|h| !h.is_empty()) {
        let parts = hint.split_once(':').and_then(|(name, p)| Some((name, p.parse().ok()?)));
        let (name, port) = parts.ok_or_else(|| Invalid {
            key: KEY,
            why: format!("{hint:?} is not a protocol and a port, like HTTP:8088"),
        })?;
        hints.set(port, protocol(KEY, name)?);
    }
    Ok(hints)
}

fn trace_headers(list: &[String]) -> Result<TraceOptions, Invalid> {
    let wrong = |why: String| Err(Invalid { key: "protocols.trace_headers", why });
    let names = list.iter().map(|n| n.trim()).filter(|n| !n.is_empty());
    let headers: Vec<_> = names.map(TraceHeader::from_name).collect();
    let mut custom = 0;
    for header in &headers {
        let TraceHeader::Custom(name) = header else { continue };
        custom += 1;
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return wrong(format!("{name:?} cannot be the name of a header"));
        }
    }
    if custom > trace::MAX_CUSTOM {
        return wrong(format!("{custom} headers of your own, {} can be read", trace::MAX_CUSTOM));
    }
    Ok(TraceOptions::new(&headers))
}

/// A number that stays the same on this machine and differs on others.
fn derived_agent_id() -> u32 {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let seed = if machine.trim().is_empty() { host_name() } else { machine.trim().to_owned() };
    (xxhash_rust::xxh3::xxh3_64(seed.as_bytes()) as u32).max(1)
}

/// The system's name of this host.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use fathom_settings::Sources;

    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let s = Settings::load(&PROGRAM, Sources { pairs: &pairs, ..Sources::default() })
            .map_err(|e| e.to_string())?;
        Config::from_settings(&s).map_err(|e| e.to_string())
    }

    #[test]
    fn the_key_table_is_sound() {
        assert_eq!(PROGRAM.mistakes(), Vec::<String>::new());
        let c = load(&[]).unwrap();
        assert_ne!(c.agent_id, 0);
        assert!(c.wants("eth0") && c.wants("lo"));
        assert_eq!(c.exclude_ports, [20033]);
    }

    #[test]
    fn values_are_read() {
        let c = load(&[
            ("capture.interface", "eth|veth.*"),
            ("capture.decap", "vxlan,gre"),
            ("server.address", "collector.example:7001"),
            ("protocols.disabled", "dns"),
            ("protocols.ports", "dns:54,HTTP:53"),
        ])
        .unwrap();
        assert!(c.wants("eth") && c.wants("veth12") && !c.wants("eth0") && !c.wants("xeth"));
        assert!(c.decap.contains(TunnelType::Vxlan) && c.decap.contains(TunnelType::Gre));
        assert!(!c.decap.contains(TunnelType::Ipip));
        assert_eq!(c.exclude_ports, [20033, 7001]);
        assert!(c.enabled.contains(L7Protocol::Http) && !c.enabled.contains(L7Protocol::Dns));
        assert_eq!((c.ports.get(54), c.ports.get(53)), (L7Protocol::Dns, L7Protocol::Http));
        let c = load(&[("protocols.enabled", "DNS")]).unwrap();
        assert!(!c.enabled.contains(L7Protocol::Http) && c.enabled.contains(L7Protocol::Dns));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (key, value, says) in [
            ("capture.interface", "(", "capture.interface"),
            ("capture.decap", "wireguard", "there are VXLAN"),
            ("capture.mode", "af_xdp", "capture.interface"),
            ("capture.ring_bytes", "4KiB", "256 KiB"),
            ("capture.terminate", "[", "capture.terminate"),
            ("capture.exclude_ports", "http", "not a port"),
            ("protocols.disabled", "gopher", "there are HTTP"),
            ("protocols.enabled", "DNS,smtq", "protocols.enabled: no protocol \"smtq\""),
            ("protocols.ports", "HTTP", "like HTTP:8088"),
            ("protocols.ports", "HTTP:0x50", "like HTTP:8088"),
            ("metrics.listen", "39090", "127.0.0.1:39090"),
            ("capture.interfaces", "eth0", "capture.interface"),
        ] {
            let why = load(&[(key, value)]).unwrap_err();
            assert!(why.contains(says), "{key}={value}: {why}");
        }
    }
}
