//! Beside drain: which batches of a spool file are inserted frame by frame.
//!
//! A batch has one deduplication token, and each of its frames one of its own for the case that
//! the store refuses the batch. Both must never be used: rows stored under a frame's token would
//! be stored again under the batch's, if the store takes the batch after a restart. So the
//! decision is durable before the first frame's token is used, and it is final.
//!
//! It is kept in the file's name, `<n>.apart-<table>.<batch>-<table>.<batch>.spool`: renaming is
//! atomic, needs no space on a full disk and leaves nothing to clean up. A file holds few batches,
//! so that the name has room for all of them. The others are stored under their own tokens.

use std::io;
use std::path::{Path, PathBuf};

use fathom_shard::file;

/// A spool file with what its name says about batches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Apart {
    path: PathBuf,
    /// Tables and numbers of the batches that go frame by frame.
    batches: Vec<(u16, u32)>,
}

impl Apart {
    /// What the name of the file at `path` says.
    pub(crate) fn of(path: PathBuf) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let list = stem.split_once(".apart-").map_or("", |(_, list)| list);
        let batches = list
            .split('-')
            .filter_map(|batch| {
                let (table, n) = batch.split_once('.')?;
                Some((table.parse().ok()?, n.parse().ok()?))
            })
            .collect();
        Self { path, batches }
    }

    /// The file under its present name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether batch `n` of `table` goes frame by frame.
    pub(crate) fn covers(&self, table: u16, n: u32) -> bool {
        self.batches.contains(&(table, n))
    }

    /// Makes batch `n` of `table` go frame by frame, for ever. After an error it is asked again
    /// until it is durable.
    pub(crate) async fn add(&mut self, table: u16, n: u32) -> io::Result<()> {
        if !self.covers(table, n) {
            let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
            let mark = if self.batches.is_empty() { ".apart" } else { "" };
            let to = self.path.with_file_name(format!("{stem}{mark}-{table}.{n}.spool"));
            match file::rename(&self.path, &to).await {
                Ok(()) => self.path = to,
                // Somebody removed it: no restart will find it, so nothing can come twice.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
            self.batches.push((table, n));
        }
        match self.path.parent() {
            Some(dir) => file::sync_dir(dir).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use fathom_shard::{Engine, Placement};

    use super::*;

    #[test]
    fn the_name_says_which_batches() {
        let whole = Apart::of("/x/00000000000000000007.spool".into());
        assert_eq!(whole.batches, []);
        assert!(!whole.covers(0, 0));
        let apart = Apart::of("/x/00000000000000000007.apart-4.2-65535.0.spool".into());
        assert_eq!(apart.batches, [(4, 2), (u16::MAX, 0)]);
        assert!(apart.covers(4, 2) && apart.covers(u16::MAX, 0));
        assert!(!apart.covers(4, 1) && !apart.covers(5, 0));
    }

    #[test]
    fn batches_are_added_one_by_one_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("00000000000000000007.spool");
        std::fs::write(&path, b"x").unwrap();
        let (named, wait) = std::sync::mpsc::channel();
        let placement = Placement::count(1).unwrap().unpinned();
        let shard = fathom_shard::start(&placement, Engine::Epoll, move |_| {
            let (path, named) = (path.clone(), named.clone());
            async move {
                let mut apart = Apart::of(path);
                for batch in [(4, 2), (1, 0), (4, 2)] {
                    apart.add(batch.0, batch.1).await.unwrap();
                }
                named.send(apart).unwrap();
            }
        });
        shard.unwrap().join().unwrap();
        let apart = wait.recv().unwrap();
        let found: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(found, [apart.path().to_owned()]);
        assert_eq!(Apart::of(found[0].clone()), apart);
        assert_eq!(apart.batches, [(4, 2), (1, 0)]);
    }
}
