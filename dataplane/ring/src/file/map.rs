//! A read-only memory map of a regular file.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

use crate::limits::MAP_BEHIND;

pub(super) struct Map {
    start: NonNull<u8>,
    len: usize,
    /// Everything before this was given back to the page cache.
    forgotten: usize,
}

// SAFETY: the map is owned by this value alone and only read; it can move between threads.
unsafe impl Send for Map {}

impl Map {
    /// Maps the first `len` bytes of `file`; `len` is not 0.
    pub(super) fn new(file: &File, len: u64) -> io::Result<Self> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        debug_assert!(len > 0 && isize::try_from(len).is_ok());
        // SAFETY: a new private read-only mapping at an address the kernel chooses touches no
        // memory of this process; the result is checked.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ,
                libc::MAP_PRIVATE,
                file.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::InvalidData)?;
        let map = Self { start, len, forgotten: 0 };
        map.advise(0, len, libc::MADV_SEQUENTIAL);
        Ok(map)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        debug_assert!(self.len > 0);
        // SAFETY: `start..start+len` is mapped readable until drop. The mapping is private; that
        // nobody shortens or rewrites the file meanwhile is the documented demand of `file::open`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// Lets go of the resident pages well before `at`, so that a large file does not count
    /// as this process's memory. They can still be read: they come back from the page cache.
    pub(super) fn forget_before(&mut self, at: usize) {
        debug_assert!(at <= self.len);
        // Multiples of MAP_BEHIND are page-aligned.
        let until = at / MAP_BEHIND * MAP_BEHIND;
        if until > self.forgotten {
            self.advise(self.forgotten, until - self.forgotten, libc::MADV_DONTNEED);
            self.forgotten = until;
        }
    }

    fn advise(&self, from: usize, len: usize, advice: libc::c_int) {
        debug_assert!(from + len <= self.len);
        // SAFETY: the range lies inside our own mapping. On a private mapping that was never
        // written, DONTNEED only drops page table entries; the contents stay the file's. Advice
        // may be refused without harm, so the result is of no interest.
        unsafe { libc::madvise(self.start.as_ptr().add(from).cast(), len, advice) };
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: exactly the range that `new` mapped, unmapped once; borrows of it have ended
        // because they borrow `self`.
        let result = unsafe { libc::munmap(self.start.as_ptr().cast(), self.len) };
        debug_assert_eq!(result, 0);
    }
}
