//! Beside drain: which batches of a spool file are inserted frame by frame.
//!
//! A batch has one deduplication token, and each of its frames one of its own for the case that
//! the store refuses the batch. Both must never be used: rows stored under a frame's token would
//! be stored again under the batch's, if the store takes the batch after a restart. So the
//! decision is durable before the first frame's token is used, and it is final.
//!
//! It is kept in the file's name, `<n>.apart-<table>-<batch>.spool`: renaming is atomic, needs no
//! space on a full disk and leaves nothing to clean up. From that batch on all of the file goes
//! frame by frame; batches before it were stored under their own tokens already.

use std::io;
use std::path::{Path, PathBuf};

use fathom_shard::file;

/// A spool file with what its name says about batches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Apart {
    path: PathBuf,
    /// Table and number of the first batch that goes frame by frame.
    from: Option<(u16, u32)>,
}

impl Apart {
    /// What the name of the file at `path` says.
    pub(crate) fn of(path: PathBuf) -> Self {
        let from = path.file_stem().and_then(|stem| {
            let (_, batch) = stem.to_str()?.split_once(".apart-")?;
            let (table, n) = batch.split_once('-')?;
            Some((table.parse().ok()?, n.parse().ok()?))
        });
        Self { path, from }
    }

    /// The file under its present name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether batch `n` of `table` goes frame by frame. Batches are stored in ascending order.
    pub(crate) fn covers(&self, table: u16, n: u32) -> bool {
        self.from.is_some_and(|from| (table, n) >= from)
    }

    /// Makes batch `n` of `table` and all behind it go frame by frame, for ever. After an error it
    /// is asked again until it is durable.
    pub(crate) async fn from(&mut self, table: u16, n: u32) -> io::Result<()> {
        if self.from.is_none() {
            let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
            let to = self.path.with_file_name(format!("{stem}.apart-{table}-{n}.spool"));
            match file::rename(&self.path, &to).await {
                Ok(()) => self.path = to,
                // Somebody removed it: no restart will find it, so nothing can come twice.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
            self.from = Some((table, n));
        }
        match self.path.parent() {
            Some(dir) => file::sync_dir(dir).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_from_which_batch_on() {
        let whole = Apart::of("/x/00000000000000000007.spool".into());
        assert_eq!(whole.from, None);
        assert!(!whole.covers(u16::MAX, u32::MAX));
        let apart = Apart::of("/x/00000000000000000007.apart-4-2.spool".into());
        assert_eq!(apart.from, Some((4, 2)));
        assert!(!apart.covers(4, 1) && !apart.covers(3, 9));
        assert!(apart.covers(4, 2) && apart.covers(5, 0));
    }
}
