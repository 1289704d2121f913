//! Another program, run to its end on one core: what CPU time it and all its children took, how
//! large it grew, and what it said.

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program that is not done by then is ended.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often it is looked whether it is done, and how large it is.
const LOOK: Duration = Duration::from_millis(5);

/// What a run cost.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// CPU time, its own and the kernel's for it, nanoseconds; all processes of it.
    pub cpu_ns: f64,
    /// Largest resident size of its first process.
    pub rss_bytes: u64,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// CPU time of all children that have ended.
fn children_ns() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let all = [usage.user_time(), usage.system_time()];
    Ok(all.iter().map(|t| t.tv_sec() as f64 * 1e9 + t.tv_usec() as f64 * 1e3).sum())
}

/// Runs `command` (a program and its arguments) on `core`, in `folder`, which also gets what it says.
///
/// # Errors
/// A program that cannot be started, fails or does not end.
pub fn run(command: &[String], core: usize, folder: &Path) -> Result<Ran> {
    let program = command.first().context("no program")?;
    let [out, err] = ["stdout", "stderr"].map(|n| folder.join(n));
    let before = children_ns()?;
    let mut child = Command::new("taskset")
        .args(["-c", &core.to_string()])
        .args(command)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&out)?)
        .stderr(File::create(&err)?)
        .spawn()
        .context("cannot run taskset")?;
    let (begun, mut rss_bytes) = (Instant::now(), 0);
    let status = loop {
        rss_bytes = rss_bytes.max(crate::machine::status_bytes_of(child.id(), "VmHWM:"));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            bail!("{program} did not end within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(LOOK);
    };
    let read = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let ran = Ran { cpu_ns: children_ns()? - before, rss_bytes, out: read(&out), err: read(&err) };
    if !status.success() {
        let last = ran.err.lines().last().or(ran.out.lines().last()).unwrap_or_default();
        bail!("{program}: {status}: {last}");
    }
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use crate::folder::Folder;

    #[test]
    fn says_what_it_cost_and_what_it_said() {
        let folder = Folder::new().expect("a folder");
        let words = |w: &[&str]| w.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done";
        let ran = super::run(&words(&["sh", "-c", busy]), 0, folder.path()).expect("runs");
        assert_eq!(ran.out, "done\n");
        assert!(ran.cpu_ns > 1e6 && ran.rss_bytes > 100_000, "{ran:?}");
        let error = super::run(&words(&["sh", "-c", "echo why >&2; exit 3"]), 0, folder.path());
        let error = format!("{:#}", error.expect_err("fails"));
        assert!(error.contains("why"), "{error}");
    }
}
