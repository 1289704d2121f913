//! Buffered files for spools and logs: append, make durable, read back.
//!
//! Data moves through the engine (io_uring, or blocking threads under epoll), never by a blocking
//! call on the shard. Metadata calls ([`rename`], [`remove`], [`list`], [`create_dir_all`]) run
//! on the engine's blocking thread.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::{self, Kind};
use crate::{epoll, glommio};

/// Largest single write or read handed to the kernel: bounds the copy that must stay alive while
/// the kernel works on it, and lets other tasks run in between.
const CHUNK: usize = 1 << 20;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// For writing, made if missing, kept if there.
    Append,
    /// For writing, made if missing, emptied if there.
    Create,
    /// For reading.
    Read,
}

impl Open {
    /// Sets the four switches through the given setters.
    pub(crate) fn flags<O>(
        self,
        options: &mut O,
        read: impl Fn(&mut O, bool),
        write: impl Fn(&mut O, bool),
        create: impl Fn(&mut O, bool),
        truncate: impl Fn(&mut O, bool),
    ) {
        let writing = self != Self::Read;
        read(options, !writing);
        write(options, writing);
        create(options, writing);
        truncate(options, self == Self::Create);
    }

    pub(crate) fn std(self) -> fs::OpenOptions {
        let mut options = fs::OpenOptions::new();
        let writing = self != Self::Read;
        options.read(!writing).write(writing).create(writing).truncate(self == Self::Create);
        options
    }
}

/// An open file of one shard. [`File::close`] reports what closing answers; dropping does not.
#[derive(Debug)]
pub struct File {
    inner: Inner,
    /// Where the next [`File::write_all`] goes.
    end: u64,
}

#[derive(Debug)]
enum Inner {
    Glommio(glommio::File),
    Epoll(epoll::File),
}

impl File {
    /// Opens for writing at the end; makes the file if it is missing.
    ///
    /// # Errors
    /// What the file system answers.
    pub async fn append(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut file = Self::open(Open::Append, path.as_ref()).await?;
        file.end = file.len().await?;
        Ok(file)
    }

    /// Opens for writing; makes the file, or empties it.
    ///
    /// # Errors
    /// What the file system answers.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::open(Open::Create, path.as_ref()).await
    }

    /// Opens for reading.
    ///
    /// # Errors
    /// What the file system answers.
    pub async fn open_read(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::open(Open::Read, path.as_ref()).await
    }

    async fn open(options: Open, path: &Path) -> io::Result<Self> {
        let inner = match engine::current() {
            Kind::Glommio => Inner::Glommio(glommio::File::open(options, path).await?),
            Kind::Epoll => Inner::Epoll(epoll::File::open(options, path).await?),
        };
        Ok(Self { inner, end: 0 })
    }

    /// Writes all of `data` at the end.
    ///
    /// # Errors
    /// What the file system answers. An unknown part of `data` may be in the file then, beyond
    /// [`File::end`]; writing again overwrites it.
    pub async fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        let mut position = self.end;
        for chunk in data.chunks(CHUNK) {
            let mut rest = chunk;
            while !rest.is_empty() {
                let written = self.write_at(rest.to_vec(), position).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                position += written as u64;
                rest = rest.get(written..).unwrap_or_default();
            }
        }
        self.end = position;
        Ok(())
    }

    async fn write_at(&self, data: Vec<u8>, position: u64) -> io::Result<usize> {
        match &self.inner {
            Inner::Glommio(file) => file.write_at(data, position).await,
            Inner::Epoll(file) => file.write_at(data, position).await,
        }
    }

    /// Up to `len` bytes from `position` on; fewer at the end of the file.
    ///
    /// # Errors
    /// What the file system answers.
    pub async fn read_at(&self, position: u64, len: usize) -> io::Result<Vec<u8>> {
        match &self.inner {
            Inner::Glommio(file) => file.read_at(position, len).await,
            Inner::Epoll(file) => file.read_at(position, len).await,
        }
    }

    /// Waits until everything written survives power loss.
    ///
    /// # Errors
    /// What the disk answers; the data is not durable then.
    pub async fn fdatasync(&self) -> io::Result<()> {
        match &self.inner {
            Inner::Glommio(file) => file.fdatasync().await,
            Inner::Epoll(file) => file.fdatasync().await,
        }
    }

    /// Bytes in the file now.
    ///
    /// # Errors
    /// What the file system answers.
    pub async fn len(&self) -> io::Result<u64> {
        match &self.inner {
            Inner::Glommio(file) => file.len().await,
            Inner::Epoll(file) => file.len().await,
        }
    }

    /// Where the next write goes: the bytes written so far, after those there were.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Closes the file.
    ///
    /// # Errors
    /// What the file system answers.
    pub async fn close(self) -> io::Result<()> {
        match self.inner {
            Inner::Glommio(file) => file.close().await,
            Inner::Epoll(file) => file.close().await,
        }
    }
}

/// The whole of a file, refused when it is longer than `limit` bytes.
///
/// # Errors
/// What the file system answers; `FileTooLarge` beyond `limit`.
pub async fn read_all(path: impl AsRef<Path>, limit: usize) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    let file = File::open_read(path).await?;
    let mut data = Vec::with_capacity(usize::try_from(file.len().await?).unwrap_or(0).min(limit));
    loop {
        let chunk = file.read_at(data.len() as u64, CHUNK).await?;
        if chunk.is_empty() {
            break;
        }
        if data.len() + chunk.len() > limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("{} is longer than {limit} bytes", path.display()),
            ));
        }
        data.extend_from_slice(&chunk);
    }
    file.close().await?;
    Ok(data)
}

/// Renames a file, replacing `to`.
///
/// # Errors
/// What the file system answers.
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    blocking(move || fs::rename(from, to)).await?
}

/// Removes a file.
///
/// # Errors
/// What the file system answers.
pub async fn remove(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    blocking(move || fs::remove_file(path)).await?
}

/// Makes a directory and its parents.
///
/// # Errors
/// What the file system answers.
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    blocking(move || fs::create_dir_all(path)).await?
}

/// Paths in a directory, sorted.
///
/// # Errors
/// What the file system answers.
pub async fn list(path: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let path = path.as_ref().to_owned();
    blocking(move || {
        let mut paths = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    })
    .await?
}

/// Makes what was renamed or made in a directory survive power loss.
///
/// # Errors
/// What the disk answers.
pub async fn sync_dir(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    blocking(move || fs::File::open(path)?.sync_all()).await?
}

/// Runs a short blocking call beside the shard: each shard has one or two threads for this, so
/// it is for file metadata, not for work.
///
/// # Errors
/// When the engine is shutting down.
pub async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> io::Result<R> {
    match engine::current() {
        Kind::Glommio => glommio::blocking(work).await,
        Kind::Epoll => epoll::blocking(work).await,
    }
}
