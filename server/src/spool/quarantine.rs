//! Where data goes that cannot be stored: kept for an operator, bounded, the oldest going first.
//! Its rows are counted as lost before it gets here.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Config;

/// Keeps `bytes` under `name`, making room first.
///
/// # Errors
/// The file system refused.
pub async fn keep(config: &Config, name: &str, bytes: Vec<u8>) -> io::Result<()> {
    let dir = config.dir.join("quarantine");
    let (max, path) = (config.quarantine_bytes_max, dir.join(name));
    fathom_shard::file::blocking(move || {
        fs::create_dir_all(&dir)?;
        make_room(&dir, max.saturating_sub(bytes.len() as u64))?;
        fs::write(path, bytes)
    })
    .await?
}

/// Moves a file in under its own name, making room first; one larger than all the room there may
/// be is removed.
///
/// # Errors
/// The file system refused.
pub async fn move_in(config: &Config, path: &Path) -> io::Result<()> {
    let (config, path) = (config.clone(), path.to_owned());
    fathom_shard::file::blocking(move || move_in_now(&config, &path)).await?
}

/// The same, blocking: for the start, when nothing else goes on.
///
/// # Errors
/// The file system refused.
pub fn move_in_now(config: &Config, path: &Path) -> io::Result<()> {
    let (dir, max) = (config.dir.join("quarantine"), config.quarantine_bytes_max);
    let bytes = fs::metadata(path)?.len();
    let Some(name) = path.file_name().filter(|_| bytes <= max) else {
        return fs::remove_file(path);
    };
    fs::create_dir_all(&dir)?;
    make_room(&dir, max - bytes)?;
    fs::rename(path, dir.join(name))
}

/// Removes the oldest files until at most `max` bytes are left.
fn make_room(dir: &Path, max: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        files.push((meta.modified()?, entry.path(), meta.len()));
    }
    files.sort();
    let mut total: u64 = files.iter().map(|f| f.2).sum();
    for (_, path, len) in files {
        if total <= max {
            break;
        }
        fs::remove_file(&path)?;
        tracing::warn!(path = %path.display(), "the quarantine is full: its oldest file is gone");
        total -= len;
    }
    Ok(())
}
