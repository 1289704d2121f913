//! Settings of the server: every key with its type, default and meaning, and the plain struct the
//! program runs on.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use fathom_schema::TABLES;
use fathom_settings::{Applies, Key, Kind, Origin, Program, Settings};
use fathom_shard::{Engine, Placement};

use crate::store::migrate::Retention;
use crate::store::{External, QueryLimits, Target, store_program};
use crate::tag::Vpc;

const MIB: u64 = 1 << 20;
const HOUR: Duration = Duration::from_hours(1);

const fn retention(path: &'static str, default: &'static str) -> Key {
    Key::new(
        path,
        Kind::duration(Duration::ZERO, Duration::from_hours(24 * 365 * 50)),
        default,
        Applies::Restart,
        "How long rows of this table are kept, in whole hours; 0s for ever. While it is not set a table that is there stays as it is.",
    )
}

/// Every key of the server.
pub static KEYS: &[Key] = &[
    Key::new(
        "data",
        Kind::Text,
        "/var/lib/fathom",
        Applies::Restart,
        "Directory of the spool and of the embedded store.",
    ),
    Key::new(
        "id",
        Kind::integer("", 1, u32::MAX as i64),
        "1",
        Applies::Restart,
        "Number of this server in `fathom_system.server`; different on every server of a cluster.",
    ),
    Key::new(
        "log",
        Kind::Text,
        "info",
        Applies::Restart,
        "What is logged: a level (error, warn, info, debug, trace) or levels by module, as in `info,fathom_server::spool=debug`.",
    ),
    Key::new(
        "http.listen",
        Kind::Text,
        "127.0.0.1:20416",
        Applies::Restart,
        "Address of the HTTP API and the page. Beyond loopback `http.token` is required.",
    ),
    Key::new(
        "http.token",
        Kind::Text,
        "",
        Applies::Restart,
        "Token HTTP clients have to send as `Authorization: Bearer TOKEN`; empty for none.",
    )
    .secret(),
    Key::new(
        "agents.listen",
        Kind::Text,
        "127.0.0.1:20033",
        Applies::Restart,
        "Address agents connect to.",
    ),
    Key::new(
        "agents.shards",
        Kind::integer("shards", 0, 256),
        "0",
        Applies::Restart,
        "Threads that receive from agents; 0 for one per four CPUs.",
    ),
    Key::new(
        "agents.cpus",
        Kind::Text,
        "",
        Applies::Restart,
        "CPUs to pin one shard to each, as in `0-3,8`; overrides `agents.shards`. Empty to let the kernel choose.",
    ),
    Key::new(
        "agents.engine",
        Kind::Choice(&["auto", "glommio", "epoll"]),
        "auto",
        Applies::Restart,
        "What drives the shards: io_uring through glommio, epoll, or whichever works.",
    ),
    Key::new(
        "spool.size",
        Kind::bytes(64 * MIB, 1 << 44),
        "4 GiB",
        Applies::Restart,
        "Most disk space for rows the store has not taken yet; when it is full, agents are not read.",
    ),
    Key::new(
        "spool.quarantine_size",
        Kind::bytes(0, 1 << 40),
        "256 MiB",
        Applies::Restart,
        "Most disk space for frames the store refused for good; the oldest go first.",
    ),
    Key::new(
        "spool.sync",
        Kind::Bool,
        "false",
        Applies::Restart,
        "Flush the disk before rows are acknowledged: what waits in the spool then survives power loss, not only the death of processes. For what the store has taken, see its own `fsync_after_insert`.",
    ),
    Key::new(
        "store.clickhouse",
        Kind::Text,
        "",
        Applies::Restart,
        "ClickHouse server to use, as http://host:8123; empty for the embedded one.",
    ),
    Key::new(
        "store.user",
        Kind::Text,
        "default",
        Applies::Restart,
        "User of the ClickHouse server that may create tables and insert.",
    ),
    Key::new("store.password", Kind::Text, "", Applies::Restart, "That user's password.").secret(),
    Key::new(
        "store.reader_user",
        Kind::Text,
        "",
        Applies::Restart,
        "User of the ClickHouse server for queries; empty to use `store.user` with readonly = 1.",
    ),
    Key::new("store.reader_password", Kind::Text, "", Applies::Restart, "That user's password.")
        .secret(),
    Key::new(
        "store.memory",
        Kind::bytes(512 * MIB, 1 << 42),
        "2 GiB",
        Applies::Restart,
        "Most memory of the embedded store.",
    ),
    Key::new(
        "store.listen",
        Kind::Text,
        "",
        Applies::Restart,
        "Address at which the embedded store answers ClickHouse clients, read-only (user `reader`); empty for none.",
    ),
    Key::new(
        "store.listen_password",
        Kind::Text,
        "",
        Applies::Restart,
        "Password of the user `reader` at `store.listen`.",
    )
    .secret(),
    Key::new(
        "store.library",
        Kind::Text,
        "",
        Applies::Restart,
        "File of the embedded engine; empty to look for it in the usual places.",
    ),
    Key::new(
        "query.time",
        Kind::duration(Duration::from_secs(1), HOUR),
        "60s",
        Applies::Restart,
        "Longest run time of one query.",
    ),
    Key::new(
        "query.rows",
        Kind::integer("rows", 1, 1_000_000_000),
        "1_000_000",
        Applies::Restart,
        "Most rows one query may return.",
    ),
    Key::new(
        "query.memory",
        Kind::bytes(16 * MIB, 1 << 42),
        "1 GiB",
        Applies::Restart,
        "Most memory one query may use in the store.",
    ),
    Key::new(
        "query.at_once",
        Kind::integer("queries", 1, 1000),
        "8",
        Applies::Restart,
        "Most queries that run at once; further ones wait two seconds, then are turned away.",
    ),
    Key::new(
        "tag.vpcs",
        Kind::List,
        "",
        Applies::Restart,
        "Networks that belong to VPCs, each as `id:name:network`, for example `2:shop:10.1.0.0/16`. Private networks not named are VPC 1, all others the internet.",
    ),
    Key::new(
        "self_metrics.interval",
        Kind::duration(Duration::from_secs(1), HOUR),
        "10s",
        Applies::Restart,
        "How often the server's own numbers are stored in `fathom_system.server`.",
    ),
    retention("retention.l4_flow_log", "72h"),
    retention("retention.l7_flow_log", "72h"),
    retention("retention.network_1s", "24h"),
    retention("retention.network_map_1s", "24h"),
    retention("retention.application_1s", "24h"),
    retention("retention.application_map_1s", "24h"),
    retention("retention.agent", "168h"),
    retention("retention.server", "168h"),
];

/// The server, to the settings mechanism.
pub static PROGRAM: Program = Program { name: "server", keys: KEYS };

/// A setting whose text is fine as text but not as what it has to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {why}")]
pub struct ConfigError {
    /// The key.
    pub key: &'static str,
    /// What is wrong and what would be right.
    pub why: String,
}

fn wrong(key: &'static str, why: impl ToString) -> ConfigError {
    ConfigError { key, why: why.to_string() }
}

/// What the server runs on.
#[derive(Debug, Clone)]
pub struct Config {
    /// Directory of the spool and the embedded store.
    pub data: PathBuf,
    /// Number of this server.
    pub id: u32,
    /// HTTP API.
    pub http: HttpConfig,
    /// Where agents connect.
    pub agents: SocketAddr,
    /// Threads that receive.
    pub placement: Placement,
    /// What drives them.
    pub engine: Engine,
    /// Bounds of the spool.
    pub spool: crate::spool::Config,
    /// Which ClickHouse.
    pub target: Target,
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// How long rows are kept.
    pub retention: Retention,
    /// How often own numbers are stored.
    pub self_metrics: Duration,
}

/// The HTTP API.
#[derive(Clone)]
pub struct HttpConfig {
    /// Address.
    pub listen: SocketAddr,
    /// Token clients have to send.
    pub token: Option<String>,
    /// Bounds of one query.
    pub limits: QueryLimits,
    /// Most queries at once.
    pub at_once: usize,
}

impl std::fmt::Debug for HttpConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpConfig").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Shortest token: less can be guessed.
const TOKEN_MIN: usize = 16;

impl HttpConfig {
    /// Whether the address may be listened on as configured.
    ///
    /// # Errors
    /// Beyond loopback without a token worth the name.
    pub fn check(&self) -> Result<(), ConfigError> {
        match &self.token {
            Some(token) if token.len() < TOKEN_MIN => Err(wrong(
                "http.token",
                format!(
                    "a token has at least {TOKEN_MIN} characters; make one with `openssl rand -hex 16`"
                ),
            )),
            None if !self.listen.ip().is_loopback() => Err(wrong(
                "http.listen",
                format!(
                    "{} can be reached from other machines, so a token is required; set http.token, or listen on 127.0.0.1",
                    self.listen
                ),
            )),
            _ => Ok(()),
        }
    }
}

impl Config {
    /// From loaded settings.
    ///
    /// # Errors
    /// The first setting that is not what it has to be.
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigError> {
        let data = PathBuf::from(settings.text("data"));
        let http = HttpConfig {
            listen: address(settings, "http.listen")?,
            token: settings.text_opt("http.token").map(str::to_owned),
            limits: QueryLimits {
                time: settings.duration("query.time"),
                rows: settings.integer("query.rows").unsigned_abs(),
                memory: settings.bytes("query.memory"),
            },
            at_once: usize::try_from(settings.integer("query.at_once")).unwrap_or(1),
        };
        http.check()?;
        let engine = match settings.text("agents.engine") {
            "glommio" => Engine::Glommio,
            "epoll" => Engine::Epoll,
            _ => Engine::Auto,
        };
        let mut spool = crate::spool::Config::under(&data);
        spool.bytes_max = settings.bytes("spool.size");
        spool.quarantine_bytes_max = settings.bytes("spool.quarantine_size");
        spool.sync = settings.bool("spool.sync");
        Ok(Self {
            id: u32::try_from(settings.integer("id")).unwrap_or(1),
            http,
            agents: address(settings, "agents.listen")?,
            placement: placement(settings)?,
            engine,
            spool,
            target: target(settings, &data)?,
            vpcs: vpcs(settings.list("tag.vpcs"))?,
            retention: retention_of(settings),
            self_metrics: settings.duration("self_metrics.interval"),
            data,
        })
    }
}

fn address(settings: &Settings, key: &'static str) -> Result<SocketAddr, ConfigError> {
    let text = settings.text(key);
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    text.parse().map_err(|_| {
        wrong(key, format!("\"{text}\" is not an address with a port; write 127.0.0.1:20416"))
    })
}

fn placement(settings: &Settings) -> Result<Placement, ConfigError> {
    let list = settings.text("agents.cpus");
    if !list.is_empty() {
        return Placement::parse(list).map_err(|e| wrong("agents.cpus", e));
    }
    let count = match usize::try_from(settings.integer("agents.shards")).unwrap_or(0) {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get().div_ceil(4)),
        count => count,
    };
    Ok(Placement::count(count).map_err(|e| wrong("agents.shards", e))?.unpinned())
}

fn target(settings: &Settings, data: &std::path::Path) -> Result<Target, ConfigError> {
    if let Some(url) = settings.text_opt("store.clickhouse") {
        let reader = settings
            .text_opt("store.reader_user")
            .map(|user| (user.to_owned(), settings.text("store.reader_password").to_owned()));
        return Ok(Target::External(External {
            url: url.to_owned(),
            user: settings.text("store.user").to_owned(),
            password: settings.text("store.password").to_owned(),
            reader,
        }));
    }
    let program = store_program().map_err(|e| wrong("store.clickhouse", e))?;
    let mut engine = fathom_engine::Config::new(program, data.join("store"));
    engine.memory_bytes = settings.bytes("store.memory");
    engine.library = settings.text_opt("store.library").map(PathBuf::from);
    engine.readonly_password = settings.text_opt("store.listen_password").map(str::to_owned);
    if settings.text_opt("store.listen").is_some() {
        let listen = address(settings, "store.listen")?;
        if engine.readonly_password.is_none() {
            return Err(wrong(
                "store.listen",
                "clients need a password to use it; set store.listen_password",
            ));
        }
        engine.listen = Some(listen);
    }
    Ok(Target::Embedded(engine))
}

fn vpcs(list: &[String]) -> Result<Vec<Vpc>, ConfigError> {
    let mut vpcs: BTreeMap<i32, Vpc> = BTreeMap::new();
    for text in list {
        let odd = || wrong("tag.vpcs", format!("\"{text}\" is not id:name:network"));
        let mut parts = text.splitn(3, ':');
        let (Some(id), Some(name), Some(cidr)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(odd());
        };
        let id: i32 = id.trim().parse().ok().filter(|id| *id > 0).ok_or_else(odd)?;
        let cidr = cidr.trim().parse().map_err(|e| wrong("tag.vpcs", e))?;
        let name = name.trim();
        let vpc =
            vpcs.entry(id).or_insert_with(|| Vpc { id, name: name.to_owned(), cidrs: Vec::new() });
        if vpc.name != name {
            return Err(wrong(
                "tag.vpcs",
                format!("VPC {id} is called both \"{}\" and \"{name}\"", vpc.name),
            ));
        }
        vpc.cidrs.push(cidr);
    }
    Ok(vpcs.into_values().collect())
}

/// The times that were set; what is at its default leaves tables alone.
fn retention_of(settings: &Settings) -> Retention {
    TABLES
        .iter()
        .filter_map(|table| {
            let path = format!("retention.{}", table.name.replace('.', "_"));
            if *settings.get(&path).1 == Origin::Default {
                return None;
            }
            let hours = settings.duration(&path).as_secs().div_ceil(3600);
            Some((table.id, u32::try_from(hours).unwrap_or(table.ttl_hours)))
        })
        .collect()
}

/// Whether an address is reached from this machine only.
pub(crate) fn is_local(ip: IpAddr) -> bool {
    ip.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_settings::Sources;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        // Tests have no fathom-server beside them in every build: name a server.
        let mut all = vec![("store.clickhouse".to_owned(), "http://127.0.0.1:8123".to_owned())];
        all.extend(pairs);
        let settings = Settings::load(&PROGRAM, Sources { pairs: &all, ..Sources::default() })
            .map_err(|e| e.to_string())?;
        Config::from_settings(&settings).map_err(|e| e.to_string())
    }

    #[test]
    fn the_table_of_keys_is_sound() {
        assert_eq!(PROGRAM.mistakes(), Vec::<String>::new());
        let config = load(&[]).unwrap();
        assert!(config.retention.is_empty());
        for table in TABLES {
            let path = format!("retention.{}", table.name.replace('.', "_"));
            let key = KEYS.iter().find(|k| k.path == path).unwrap();
            assert_eq!(key.default, format!("{}h", table.ttl_hours));
            let set = |value| load(&[(&path, value)]).unwrap().retention;
            assert_eq!(set(key.default), Retention::from([(table.id, table.ttl_hours)]));
            assert_eq!(set("90m"), Retention::from([(table.id, 2)]));
            assert_eq!(set("0s"), Retention::from([(table.id, 0)]));
        }
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:20416");
        assert_eq!(config.agents.to_string(), "127.0.0.1:20033");
    }

    #[test]
    fn beyond_loopback_a_token_is_required() {
        let open = load(&[("http.listen", "0.0.0.0:20416")]).unwrap_err();
        assert!(open.contains("http.token"), "{open}");
        let short = load(&[("http.listen", "[::]:1"), ("http.token", "abc")]).unwrap_err();
        assert!(short.contains("16 characters"), "{short}");
        let token = "0123456789abcdef";
        assert!(load(&[("http.listen", "0.0.0.0:1"), ("http.token", token)]).is_ok());
        assert!(load(&[("http.listen", "[::1]:1")]).is_ok());
    }

    #[test]
    fn vpcs_are_read_and_checked() {
        let config =
            load(&[("tag.vpcs", "2:shop:10.1.0.0/16, 2:shop:fd00:1::/32,3:lab:10.2.0.0/16")]);
        let vpcs = config.unwrap().vpcs;
        assert_eq!(vpcs.len(), 2);
        assert_eq!((vpcs[0].id, vpcs[0].name.as_str(), vpcs[0].cidrs.len()), (2, "shop", 2));
        for bad in ["2:shop", "0:x:10.0.0.0/8", "2:x:10.0.0.0", "2:a:10.0.0.0/8,2:b:11.0.0.0/8"] {
            assert!(load(&[("tag.vpcs", bad)]).unwrap_err().starts_with("tag.vpcs"), "{bad}");
        }
    }
}
