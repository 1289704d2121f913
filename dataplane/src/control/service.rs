//! What the agent says to whoever started it, systemd or `fathom up`: that it captures, on what,
//! and that it ends. The words are those of sd_notify(3), to the socket in `NOTIFY_SOCKET`; without
//! one nothing is said. Runs beside the control thread's other duties.

use std::io;

use sd_notify::NotifyState;
use tokio::sync::oneshot;

use super::Error;
use crate::config::{Config, Mode};
use crate::self_metrics::Metrics;

/// Says that the agent is ready once each shard has opened its sources. Ends only with the reason
/// why there is nothing to be ready for.
pub(super) async fn run(metrics: &Metrics, config: &Config, offline: bool) -> Error {
    metrics.started().await;
    let status = match status(metrics, config, offline) {
        Ok(status) => status,
        Err(error) => return error,
    };
    tracing::info!(status, "ready");
    say(&[NotifyState::Status(&status), NotifyState::Ready]);
    std::future::pending().await
}

/// The agent ends.
pub(super) fn stopped() {
    say(&[NotifyState::Stopping]);
}

fn say(words: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(words) {
        tracing::warn!(%error, "NOTIFY_SOCKET does not take what is said to it");
    }
}

/// What is captured, in a line; an error when interfaces are there and none of them opens.
fn status(metrics: &Metrics, config: &Config, offline: bool) -> Result<String, Error> {
    if offline {
        return Ok("reading a capture file".to_owned());
    }
    if config.mode == Mode::None {
        return Ok("capturing nothing (capture.mode is none)".to_owned());
    }
    let (mut open, mut how) = (Vec::new(), String::new());
    for mut shard in metrics.shards() {
        open.append(&mut shard.open);
        if how.is_empty() {
            // Without the details of one interface, which are in the log.
            how = shard.capture.split(" on ").next().unwrap_or_default().to_owned();
        }
    }
    open.sort();
    open.dedup();
    let (open, refused) = (open.join(", "), metrics.refusals().join("; "));
    match (open.is_empty(), refused.is_empty()) {
        (true, true) => {
            Ok("waiting for an interface that is up and that capture.interface names".to_owned())
        }
        (true, false) => Err(Error::Refused(refused)),
        (false, true) => Ok(format!("{how} on {open}")),
        (false, false) => Ok(format!("{how} on {open}; not on {refused}")),
    }
}

/// Until standard input is at its end; for ever when that is not `wanted`.
pub(super) async fn stdin_closed(wanted: bool) {
    if !wanted {
        return std::future::pending().await;
    }
    let (tell, told) = oneshot::channel::<()>();
    // A read of it cannot be cancelled, so it gets a thread, which ends with the process.
    let watch = move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(tell);
    };
    match std::thread::Builder::new().name("fathom-stdin".to_owned()).spawn(watch) {
        // The sender is dropped, never used: an error is the signal.
        Ok(_) => drop(told.await),
        Err(error) => {
            tracing::warn!(%error, "standard input is not watched");
            std::future::pending::<()>().await;
        }
    }
}
