//! The agents that `fathom up` starts: children of this process, ended before the server is. Each
//! holds a pipe to us as its standard input and ends when that closes, so that none outlives us
//! however we die. The one that captures says when it does, and is started again when it dies.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};

use super::notices::Notices;
use crate::agent_program::program;

/// An agent opens its rings within this, or something is wrong with it.
const START: Duration = Duration::from_secs(60);

/// First wait before a dead agent is started again; each further one is twice as long.
const AGAIN_MIN: Duration = Duration::from_secs(1);
/// Longest such wait. An agent that ran for longer begins with the shortest again.
const AGAIN_MAX: Duration = Duration::from_secs(60);

/// What the agent's end means when it is this: its settings are wrong, and stay so.
const EXIT_USAGE: i32 = 2;

/// One agent, with the task that waits for it.
pub(super) struct Agent {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Agent {
    /// Ends the agent where waiting for it takes too long.
    pub(super) fn abort_handle(&self) -> AbortHandle {
        self.task.abort_handle()
    }

    /// Captures on this host's interfaces. Returns when it does, with its own words on what.
    pub(super) async fn capture(
        arguments: Vec<OsString>,
        patience: Duration,
    ) -> Result<(Self, String)> {
        let mut notices = Notices::new()?;
        let mut process = Process::start(&arguments, patience, Some(&notices))?;
        let status = tokio::select! {
            ended = process.child.wait() => bail!(
                "capture did not start: fathom-agent ended ({}) for the reason it gave above; \
                 `fathom up --no-capture` serves without it",
                how(&ended)
            ),
            status = notices.ready() => status.context("hearing from fathom-agent")?,
            () = tokio::time::sleep(START) => bail!(
                "capture did not start: fathom-agent opened no interface within {} s; \
                 `fathom up --no-capture` serves without it",
                START.as_secs()
            ),
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(keep(process, notices, arguments, stopped));
        Ok((Self { stop, task }, status))
    }

    /// Reads a capture file and ends.
    pub(super) fn replay(
        file: &Path,
        arguments: Vec<OsString>,
        patience: Duration,
    ) -> Result<Self> {
        let mut process = Process::start(&arguments, patience, None)?;
        let (stop, stopped) = oneshot::channel();
        let file = file.to_path_buf();
        let task = tokio::spawn(async move {
            tokio::select! {
                ended = process.child.wait() => {
                    let file = file.display();
                    if ended.as_ref().is_ok_and(ExitStatus::success) {
                        eprintln!("{file}: read to its end; all its rows are handed over");
                    } else {
                        let how = how(&ended);
                        eprintln!("{file}: not all of it became rows, see above (fathom-agent: {how})");
                    }
                }
                // A sender that is gone is a stop too.
                _ = stopped => process.end().await,
            }
        });
        Ok(Self { stop, task })
    }
}

/// Waits for the capturing agent until told to stop it; starts it again when it dies.
async fn keep(
    mut process: Process,
    mut notices: Notices,
    arguments: Vec<OsString>,
    mut stopped: oneshot::Receiver<()>,
) {
    let (mut wait, patience) = (AGAIN_MIN, process.patience);
    loop {
        let began = Instant::now();
        let ended = loop {
            tokio::select! {
                ended = process.child.wait() => break ended,
                status = notices.ready() => match status {
                    Ok(status) => eprintln!("fathom-agent captures again: {status}"),
                    Err(error) => {
                        eprintln!("fathom-agent is not heard any more: {error}");
                        // Neither is it needed.
                        tokio::time::sleep(AGAIN_MAX).await;
                    }
                },
                _ = &mut stopped => return process.end().await,
            }
        };
        let code = ended.as_ref().ok().and_then(ExitStatus::code);
        if matches!(code, Some(0 | EXIT_USAGE)) {
            eprintln!("fathom-agent ended ({}); still serving, without capture", how(&ended));
            return;
        }
        if began.elapsed() > AGAIN_MAX {
            wait = AGAIN_MIN;
        }
        process = loop {
            let seconds = wait.as_secs();
            eprintln!("fathom-agent ended ({}); starting it again in {seconds} s", how(&ended));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = &mut stopped => return,
            }
            wait = (wait * 2).min(AGAIN_MAX);
            match Process::start(&arguments, patience, Some(&notices)) {
                Ok(process) => break process,
                Err(error) => eprintln!("{error:#}"),
            }
        };
    }
}

/// A child and the pipe that holds it.
struct Process {
    child: Child,
    _held: Option<ChildStdin>,
    /// How long it may take to end.
    patience: Duration,
}

impl Process {
    fn start(
        arguments: &[OsString],
        patience: Duration,
        notices: Option<&Notices>,
    ) -> Result<Self> {
        let mut command = Command::new(program()?);
        command.arg("--end-with-stdin").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
        // Its own process group: Ctrl-C reaches us alone, and we end the agent in its turn.
        command.process_group(0);
        // Whoever watches us gets our word, not our children's.
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            command.env_remove(name);
        }
        if let Some(notices) = notices {
            command.env("NOTIFY_SOCKET", notices.path());
        }
        let mut child = command.spawn().context("starting fathom-agent")?;
        // Waiting would close it.
        let held = child.stdin.take();
        Ok(Self { child, _held: held, patience })
    }

    /// Lets it hand over what it holds, then waits for it.
    async fn end(&mut self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // It may have ended this instant; then there is nothing to signal.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(self.patience, self.child.wait()).await.is_err() {
            eprintln!(
                "fathom-agent did not end within {} s and is killed",
                self.patience.as_secs()
            );
            let _ = self.child.kill().await;
        }
    }
}

fn how(ended: &std::io::Result<ExitStatus>) -> String {
    ended.as_ref().map_or_else(ToString::to_string, ToString::to_string)
}

/// Kills agents that were told to stop and are not gone yet.
pub(super) async fn kill_all(tasks: &[AbortHandle]) {
    // Dropping a task kills its child.
    tasks.iter().for_each(AbortHandle::abort);
    while tasks.iter().any(|task| !task.is_finished()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
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
