//! Folders for captures and outputs that are gone at the end.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of this process.
#[derive(Debug)]
pub struct Folder(PathBuf);

/// A file in a folder that lives as long.
#[derive(Debug)]
pub struct Kept {
    /// Where it is.
    pub path: PathBuf,
    _folder: Folder,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Folder {
    /// An empty one.
    ///
    /// # Errors
    /// No room for it.
    pub fn new() -> Result<Self> {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("fathom-bench-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it, to be written.
    pub fn keep(self, name: &str) -> Kept {
        Kept { path: self.0.join(name), _folder: self }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning of this place.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
