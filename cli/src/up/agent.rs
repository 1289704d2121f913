//! The agents that `fathom up` starts: children of this process, ended before the server is.

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// An agent that was told to stop gets this long to hand over its rows. Longer than its own
/// `transport.stop_timeout` by default.
const PATIENCE: Duration = Duration::from_secs(15);

/// One agent, with the task that waits for it.
pub(super) struct Agent {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// `fathom-agent`, beside this program.
pub(super) fn program() -> Result<PathBuf> {
    let this = std::env::current_exe().context("finding this program's own place")?;
    let agent = this.with_file_name("fathom-agent");
    anyhow::ensure!(
        agent.is_file(),
        "fathom-agent is not beside {}; build it (`cargo build --release`), or use --no-capture",
        this.display()
    );
    Ok(agent)
}

/// Whether someone ran setcap(8) on it; which capabilities, the agent itself finds out.
pub(super) fn has_file_capabilities(program: &Path) -> bool {
    let mut value = [0u8; 64];
    rustix::fs::getxattr(program, "security.capability", &mut value).is_ok_and(|n| n > 0)
}

impl Agent {
    /// Captures on this host's interfaces.
    pub(super) fn capture(
        interface: Option<&str>,
        server: SocketAddr,
        own_ports: &[u16],
    ) -> Result<Self> {
        let mut command = command(server)?;
        command.args(interface.iter().flat_map(|i| ["--interface", i]));
        if !own_ports.is_empty() {
            let ports: Vec<String> = own_ports.iter().map(u16::to_string).collect();
            command.args(["--set", &format!("capture.exclude_ports={}", ports.join(","))]);
        }
        Self::spawn(command, None)
    }

    /// Reads a capture file and ends.
    pub(super) fn replay(file: &Path, server: SocketAddr) -> Result<Self> {
        let mut command = command(server)?;
        command.arg("--pcap").arg(file);
        // Its metrics port belongs to the agent that captures.
        command.args(["--set", "metrics.listen="]);
        // The same rows as `fathom replay` prints.
        command.args(["--set", "capture.decap=all"]);
        Self::spawn(command, Some(file.to_path_buf()))
    }

    fn spawn(mut command: Command, file: Option<PathBuf>) -> Result<Self> {
        let mut child = command.spawn().context("starting fathom-agent")?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            tokio::select! {
                ended = child.wait() => say(file.as_deref(), ended),
                // A sender that is gone is a stop too.
                _ = stopped => end(&mut child).await,
            }
        });
        Ok(Self { stop, task })
    }
}

/// How an agent ended that nobody told to.
fn say(file: Option<&Path>, ended: std::io::Result<ExitStatus>) {
    let how = ended.as_ref().map_or_else(ToString::to_string, ToString::to_string);
    let well = ended.is_ok_and(|status| status.success());
    match (file, well) {
        (Some(file), true) => eprintln!("{}: read; its rows are handed over", file.display()),
        (Some(file), false) => eprintln!("{}: fathom-agent failed ({how})", file.display()),
        (None, _) => eprintln!("fathom-agent ended ({how}); still serving, without capture"),
    }
}

/// Lets it hand over what it holds, then waits for it.
async fn end(child: &mut Child) {
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(pid) = pid {
        // It may have ended this instant; then there is nothing to signal.
        let _ = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        eprintln!("fathom-agent did not end within {} s and is killed", PATIENCE.as_secs());
        let _ = child.kill().await;
    }
}

fn command(server: SocketAddr) -> Result<Command> {
    let mut command = Command::new(program()?);
    command.args(["--server", &server.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    // Its own process group: Ctrl-C reaches us alone, and we end the agent in its turn.
    command.process_group(0);
    Ok(command)
}

/// Ends all agents at once, and returns when the last is gone.
pub(super) async fn stop_all(agents: Vec<Agent>) {
    let mut tasks = Vec::new();
    for agent in agents {
        // Refused when it has ended already.
        let _ = agent.stop.send(());
        tasks.push(agent.task);
    }
    for task in tasks {
        let _ = task.await;
    }
}
