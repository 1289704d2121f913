//! What the options of `fathom up` mean as settings of the server and of the agents.

use anyhow::{Context, Result};
use fathom_dataplane::config::{Config as AgentConfig, PROGRAM as AGENT};
use fathom_server::config::PROGRAM;
use fathom_settings::{Origin, Program, Settings, Sources, Usage};
use std::ffi::OsString;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Args;

/// How long rows are kept once there are some of `--pcap`: for ever.
const CAPTURE_RETENTION: &str = "0s";

/// Where the settings are unless named.
const SERVER_CONFIG: &str = "/etc/fathom/server.yaml";
const AGENT_CONFIG: &str = "/etc/fathom/agent.yaml";

/// An agent that was told to stop gets at least this long, and always longer than its own
/// `transport.stop_timeout`.
const PATIENCE: Duration = Duration::from_secs(15);

/// Settings of the server.
pub(super) fn server(args: &Args) -> Result<Settings> {
    let load =
        |pairs: &[(String, String)]| load(&PROGRAM, args.config.as_deref(), SERVER_CONFIG, pairs);
    let mut pairs = pairs(args)?;
    let mut settings = load(&pairs)?;
    if *settings.get("data").1 == Origin::Default {
        pairs.push(("data".into(), default_data()?.display().to_string()));
        settings = load(&pairs)?;
    }
    if !args.pcap.is_empty() {
        pairs.extend(keep_captures(&settings));
        settings = load(&pairs)?;
    }
    Ok(settings)
}

/// Settings that the options stand for.
fn pairs(args: &Args) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in &args.set {
        pairs.push(split("--set", pair)?);
    }
    let data = args.data.as_ref().map(|d| d.display().to_string());
    for (key, value) in [
        ("data", data.as_ref()),
        ("store.clickhouse", args.clickhouse.as_ref()),
        ("http.listen", args.listen.as_ref()),
        ("store.listen", args.store_listen.as_ref()),
    ] {
        pairs.extend(value.map(|v| (key.to_owned(), v.clone())));
    }
    if args.store_listen.is_some() && !pairs.iter().any(|(k, _)| k == "store.listen_password") {
        pairs.push(("store.listen_password".into(), password()?));
    }
    Ok(pairs)
}

/// Retentions for rows that are as old as the captures they come from: whoever reads a capture
/// from last year wants to see its rows. Those that were set stay as they are.
fn keep_captures(settings: &Settings) -> Vec<(String, String)> {
    let retentions = PROGRAM.keys.iter().map(|k| k.path).filter(|p| p.starts_with("retention."));
    // The programs' own numbers are of today.
    let own = ["retention.agent", "retention.server"];
    retentions
        .filter(|p| !own.contains(p) && *settings.get(p).1 == Origin::Default)
        .map(|p| (p.to_owned(), CAPTURE_RETENTION.to_owned()))
        .collect()
}

/// A place this user may write to.
fn default_data() -> Result<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Ok("/var/lib/fathom".into());
    }
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME")
        .or_else(|| Some(set("HOME")?.join(".local/share")))
        .map(|dir| dir.join("fathom"))
        .context("HOME is not set, so there is no default place for data; use --data DIR")
}

/// 32 hexadecimal digits of the kernel's randomness.
fn password() -> Result<String> {
    let mut bytes = [0u8; 16];
    let mut source = std::fs::File::open("/dev/urandom").context("/dev/urandom")?;
    source.read_exact(&mut bytes).context("/dev/urandom")?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Settings of the agents that `up` starts.
pub(super) struct Agents {
    settings: Settings,
    file: Option<PathBuf>,
    set: Vec<String>,
}

impl Agents {
    /// Checked here, where what is wrong can still be said at once.
    pub(super) fn new(args: &Args) -> Result<Self> {
        let mut pairs = Vec::new();
        for pair in &args.agent_set {
            let (key, value) = split("--agent-set", pair)?;
            if key == "server.address" {
                return Err(Usage(
                    "--agent-set server.address: the agent's server is this one; to send rows to \
                     another, run fathom-agent"
                        .into(),
                )
                .into());
            }
            pairs.push((key, value));
        }
        let settings = load(&AGENT, args.agent_config.as_deref(), AGENT_CONFIG, &pairs)
            .context("settings of the agent")?;
        AgentConfig::from_settings(&settings).context("settings of the agent")?;
        Ok(Self { settings, file: args.agent_config.clone(), set: args.agent_set.clone() })
    }

    /// Arguments of the agent that captures. `own` are ports of traffic that is there only because
    /// we watch.
    pub(super) fn capture(
        &self,
        interface: Option<&str>,
        server: SocketAddr,
        own: &[u16],
    ) -> Vec<OsString> {
        let mut arguments = self.common(server);
        arguments.extend(interface.into_iter().flat_map(|i| ["--interface".into(), i.into()]));
        let mut ports = self.settings.list("capture.exclude_ports").to_vec();
        ports.extend(own.iter().map(u16::to_string));
        arguments.extend(set("capture.exclude_ports", &ports.join(",")));
        arguments
    }

    /// Arguments of an agent that reads a file.
    pub(super) fn replay(&self, file: &Path, server: SocketAddr) -> Vec<OsString> {
        let mut arguments = self.common(server);
        arguments.extend(["--pcap".into(), file.into()]);
        // Its metrics port belongs to the agent that captures; its numbers are not those of this
        // host.
        arguments.extend(set("metrics.listen", ""));
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        arguments.extend(set("agent.host", &name));
        if *self.settings.get("capture.decap").1 == Origin::Default {
            // The same rows as `fathom replay` prints.
            arguments.extend(set("capture.decap", "all"));
        }
        arguments
    }

    fn common(&self, server: SocketAddr) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--server".into(), server.to_string().into()];
        arguments.extend(self.file.iter().flat_map(|f| ["--config".into(), f.into()]));
        arguments.extend(self.set.iter().flat_map(|pair| ["--set".into(), pair.into()]));
        arguments
    }

    /// How long an agent may take to end.
    pub(super) fn patience(&self) -> Duration {
        PATIENCE.max(self.settings.duration("transport.stop_timeout") + PATIENCE / 2)
    }
}

fn set(key: &str, value: &str) -> [OsString; 2] {
    ["--set".into(), format!("{key}={value}").into()]
}

fn split(option: &str, pair: &str) -> Result<(String, String), Usage> {
    let (key, value) = pair
        .split_once('=')
        .ok_or_else(|| Usage(format!("{option} {pair}: write it as KEY=VALUE")))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn load(
    program: &'static Program,
    file: Option<&Path>,
    default: &str,
    pairs: &[(String, String)],
) -> Result<Settings> {
    let default = Path::new(default);
    let file = file.or_else(|| default.is_file().then_some(default));
    let env: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    Ok(Settings::load(program, Sources { file, env: &env, pairs })?)
}
