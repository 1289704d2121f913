//! The other end of sd_notify(3): a datagram socket on which a child says that it is ready. The
//! same words serve under systemd and under `fathom up`.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::net::UnixDatagram;

/// Longest message that is read; a longer one is cut.
const MESSAGE_BYTES: usize = 8192;

/// A socket for one child, in a directory that only this user can look into.
pub(super) struct Notices {
    socket: UnixDatagram,
    path: PathBuf,
    _dir: TempDir,
}

impl Notices {
    pub(super) fn new() -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("fathom-up-")
            .tempdir()
            .context("making a directory for the agent's socket; is TMPDIR writable?")?;
        let path = dir.path().join("notify");
        let socket = UnixDatagram::bind(&path)
            .with_context(|| format!("making the agent's socket {}", path.display()))?;
        Ok(Self { socket, path, _dir: dir })
    }

    /// What the child finds in `NOTIFY_SOCKET`.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Until the child says that it is ready; gives its status.
    pub(super) async fn ready(&mut self) -> std::io::Result<String> {
        let mut bytes = vec![0; MESSAGE_BYTES];
        let mut status = String::new();
        loop {
            let n = self.socket.recv(&mut bytes).await?;
            let text = String::from_utf8_lossy(&bytes[..n]);
            if let Some(said) = text.lines().find_map(|l| l.strip_prefix("STATUS=")) {
                status = said.to_owned();
            }
            if text.lines().any(|l| l == "READY=1") {
                return Ok(status);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_is_heard() {
        let mut notices = Notices::new().unwrap();
        let child = UnixDatagram::unbound().unwrap();
        for message in ["STOPPING=1\n", "WATCHDOG=1", "STATUS=eth0\n", "READY=1\nSTATUS=eth1\n"] {
            child.send_to(message.as_bytes(), notices.path()).await.unwrap();
        }
        assert_eq!(notices.ready().await.unwrap(), "eth1");
        let path = notices.path().to_owned();
        drop(notices);
        assert!(!path.parent().unwrap().exists());
    }
}
