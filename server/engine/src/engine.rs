//! The engine as safe Rust: one [`Engine`] per process, a [`Connection`] per statement.
//!
//! A connection costs the engine a fifth of a millisecond, so a statement gets a
//! fresh one and nothing of it (settings, current database, temporary tables, the
//! engine's left-over output of a failed statement) can reach the next statement.
//! Only sessions keep a connection; for them [`Connection`] clears left-overs itself.

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use bytes::Bytes;

use crate::error::{Exception, code};
use crate::ffi::{Calls, RawAnalysis, RawConnection, RawInsert, RawResult};

/// Why the engine did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The shared object could not be loaded.
    #[error(
        "cannot load the engine {path}: {source}; fetch it again with ci/get-engine.sh --force"
    )]
    Load {
        /// The file.
        path: PathBuf,
        /// The loader's words.
        source: libloading::Error,
    },
    /// A path with a NUL byte, or not UTF-8.
    #[error("the data directory {0} is not a valid UTF-8 path; choose another")]
    Path(PathBuf),
    /// Another process has the data directory.
    #[error("{0} is in use by another instance; stop that one or use another data directory")]
    Locked(PathBuf),
    /// The engine said no; it wrote the reason to standard error.
    #[error("the engine cannot open {0}; its reason is in the lines above")]
    Refused(PathBuf),
    /// A statement of the set-up failed.
    #[error("setting up the engine failed: {0}")]
    Setup(#[from] Exception),
}

/// The loaded engine with its data directory.
pub struct Engine {
    calls: &'static Calls,
    path: CString,
    version: String,
    timezone: String,
    /// Closing the last connection stops the engine: this one stays until the end.
    anchor: Mutex<Option<Connection>>,
}

/// The class of a statement, from the engine's own parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// SELECT, SHOW, DESCRIBE, EXPLAIN, ...: leaves no trace.
    ReadOnly,
    /// Changes a database.
    Mutating,
    /// Changes something outside of every database.
    MutatingGlobal,
    /// USE, SET, SYSTEM, KILL, BACKUP, INTO OUTFILE, temporary tables.
    Control,
    /// Does not parse, or is not known.
    Unknown,
}

/// What a text would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analysis {
    /// Number of statements in it; 0 if it does not parse.
    pub statements: u32,
    /// The highest class among them.
    pub class: Class,
}

impl Engine {
    /// Loads `library` and opens `data`. `server` are server settings
    /// (`max_server_memory_usage=...`); they hold for the whole process.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(library: &Path, data: &Path, server: &[String]) -> Result<Self, OpenError> {
        let calls = Calls::load(library)
            .map_err(|source| OpenError::Load { path: library.to_owned(), source })?;
        let path = data
            .to_str()
            .and_then(|p| CString::new(format!("--path={p}")).ok())
            .ok_or_else(|| OpenError::Path(data.to_owned()))?;
        // SAFETY: takes a flag, is called before any connection exists. The
        // process keeps its own signal handling.
        unsafe { (calls.chdb_set_signal_handlers_enabled)(0) };

        let server: Vec<CString> =
            server.iter().filter_map(|s| CString::new(format!("--{s}")).ok()).collect();
        let Some(mut anchor) = Connection::open(calls, &path, &server) else {
            return Err(if is_locked(data) {
                OpenError::Locked(data.to_owned())
            } else {
                OpenError::Refused(data.to_owned())
            });
        };
        let mut ask = |sql: &str| {
            anchor.query(sql.as_bytes(), "TSVRaw", &[]).map(|answer| {
                String::from_utf8_lossy(answer.as_bytes()).trim_end_matches('\n').to_owned()
            })
        };
        let version = ask("SELECT version()")?;
        let timezone = ask("SELECT timezone()")?;
        Ok(Self { calls, path, version, timezone, anchor: Mutex::new(Some(anchor)) })
    }

    /// The engine's version, like `26.7.2.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The time zone it writes times in.
    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    /// A fresh connection.
    ///
    /// # Errors
    /// The engine refuses connections only when it is closing.
    pub fn connect(&self) -> Result<Connection, Exception> {
        let arguments = [
            // An insert is acknowledged when its part is written, whatever the
            // engine's default of the day is.
            c"--async_insert=0".to_owned(),
            // An expression alone is a statement to the embedded engine, but not to
            // a server.
            c"--implicit_select=0".to_owned(),
        ];
        Connection::open(self.calls, &self.path, &arguments).ok_or_else(|| {
            Exception::new(code::UNKNOWN_EXCEPTION, "The engine accepts no connection")
        })
    }

    /// Closes the last connection, which stops the engine. Other connections
    /// must be gone by then.
    pub fn close(&self) {
        if let Ok(mut anchor) = self.anchor.lock() {
            drop(anchor.take());
        }
    }
}

/// The engine holds a lock on this file while it has the directory.
fn is_locked(data: &Path) -> bool {
    std::fs::File::open(data.join("status"))
        .is_ok_and(|f| matches!(f.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

/// One connection: runs one statement at a time, on any thread.
pub struct Connection {
    calls: &'static Calls,
    slot: NonNull<RawConnection>,
    /// A buffered statement failed: rows it had produced would come out in front
    /// of the next result.
    stale: bool,
}

// SAFETY: the engine allows a connection to be used from any thread as long as
// calls do not overlap; `&mut self` on every call sees to that.
unsafe impl Send for Connection {}

impl Connection {
    fn open(calls: &'static Calls, path: &CStr, more: &[CString]) -> Option<Self> {
        let mut arguments: Vec<*mut c_char> = [c"clickhouse", path]
            .into_iter()
            .chain(more.iter().map(CString::as_c_str))
            .map(|a| a.as_ptr().cast_mut())
            .collect();
        let count = c_int::try_from(arguments.len()).ok()?;
        // SAFETY: `arguments` holds `count` pointers to NUL-terminated strings that
        // outlive the call; the engine copies what it keeps and does not write to them.
        let slot = unsafe { (calls.chdb_connect)(count, arguments.as_mut_ptr()) };
        NonNull::new(slot).map(|slot| Self { calls, slot, stale: false })
    }

    fn raw(&self) -> RawConnection {
        // SAFETY: the slot is valid from a successful connect until `drop`.
        unsafe { *self.slot.as_ptr() }
    }

    /// Runs any statement and holds its whole result in memory.
    ///
    /// # Errors
    /// The engine's exception.
    pub fn query(
        &mut self,
        sql: &[u8],
        format: &str,
        parameters: &[(String, String)],
    ) -> Result<Output, Exception> {
        self.clear_stale();
        let result = self.query_once(sql, format, parameters);
        self.stale = result.is_err();
        result
    }

    fn query_once(
        &mut self,
        sql: &[u8],
        format: &str,
        parameters: &[(String, String)],
    ) -> Result<Output, Exception> {
        let p = RawParameters::new(parameters);
        // SAFETY: every pointer goes with its length and outlives the call; the
        // connection is live and, by `&mut self`, idle.
        let raw = unsafe {
            (self.calls.chdb_query_with_params_n)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                p.names.as_ptr(),
                p.name_lengths.as_ptr(),
                p.values.as_ptr(),
                p.value_lengths.as_ptr(),
                p.names.len(),
            )
        };
        Output::take(self.calls, raw)
    }

    /// Rows that a failed buffered statement left behind appear in front of the
    /// next buffered result: let them appear in front of one that nobody reads.
    fn clear_stale(&mut self) {
        if self.stale {
            let _ = self.query_once(b"SELECT 1", "Null", &[]);
            self.stale = false;
        }
    }

    /// Starts a SELECT whose result comes in chunks, each formatted by itself.
    ///
    /// # Errors
    /// The engine's exception; also for any statement that is not a SELECT.
    pub fn stream(
        &mut self,
        sql: &[u8],
        format: &str,
        parameters: &[(String, String)],
    ) -> Result<Rows<'_>, Exception> {
        self.clear_stale();
        let p = RawParameters::new(parameters);
        // SAFETY: as in `query_once`.
        let raw = unsafe {
            (self.calls.chdb_stream_query_with_params_n)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                p.names.as_ptr(),
                p.name_lengths.as_ptr(),
                p.values.as_ptr(),
                p.value_lengths.as_ptr(),
                p.names.len(),
            )
        };
        let stream = Output::take(self.calls, raw)?;
        Ok(Rows { connection: self, stream, ended: false })
    }

    /// Starts an INSERT. `statement` ends before its FORMAT or VALUES; the data
    /// follows through [`Insert::append`].
    ///
    /// # Errors
    /// The engine's exception, for example for a table that is not there.
    pub fn insert(
        &mut self,
        statement: &[u8],
        format: &str,
        parameters: &[(String, String)],
    ) -> Result<Insert<'_>, Exception> {
        self.clear_stale();
        let p = RawParameters::new(parameters);
        // SAFETY: as in `query_once`. The handle is never null by contract, and the
        // wrapper destroys it on every path.
        let raw = unsafe {
            (self.calls.chdb_stream_insert_with_params_n)(
                self.raw(),
                statement.as_ptr().cast(),
                statement.len(),
                format.as_ptr().cast(),
                format.len(),
                p.names.as_ptr(),
                p.name_lengths.as_ptr(),
                p.values.as_ptr(),
                p.value_lengths.as_ptr(),
                p.names.len(),
            )
        };
        if raw.is_null() {
            return Err(Exception::new(code::UNKNOWN_EXCEPTION, "The engine started no insert"));
        }
        let insert = Insert { connection: self, raw };
        match insert.error() {
            None => Ok(insert),
            Some(e) => Err(e),
        }
    }

    /// Asks the engine's parser what a text would do, without running it.
    ///
    /// # Errors
    /// The connection is closed.
    pub fn classify(&mut self, sql: &[u8]) -> Result<Analysis, Exception> {
        let mut raw = RawAnalysis {
            struct_size: size_of::<RawAnalysis>() as u32,
            statement_count: 0,
            flags: 0,
            query_class: u32::MAX,
        };
        // SAFETY: the text goes with its length; no target database is named; `raw`
        // is a live structure whose size field is set as the engine asks.
        let state = unsafe {
            (self.calls.chdb_classify_query_n)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                ptr::null(),
                0,
                &raw mut raw,
            )
        };
        if state != 0 {
            return Err(Exception::new(code::UNKNOWN_EXCEPTION, "The engine cannot be asked"));
        }
        let class = match raw.query_class {
            0 => Class::ReadOnly,
            1 => Class::Mutating,
            2 => Class::MutatingGlobal,
            3 => Class::Control,
            _ => Class::Unknown,
        };
        Ok(Analysis { statements: raw.statement_count, class })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the slot came from connect, is closed once, and results or
        // inserts that need it borrow the connection.
        unsafe { (self.calls.chdb_close_conn)(self.slot.as_ptr()) };
    }
}

/// Parameter names and values as the engine takes them. Borrows the strings.
struct RawParameters {
    names: Vec<*const c_char>,
    name_lengths: Vec<usize>,
    values: Vec<*const c_char>,
    value_lengths: Vec<usize>,
}

impl RawParameters {
    fn new(parameters: &[(String, String)]) -> Self {
        Self {
            names: parameters.iter().map(|p| p.0.as_ptr().cast()).collect(),
            name_lengths: parameters.iter().map(|p| p.0.len()).collect(),
            values: parameters.iter().map(|p| p.1.as_ptr().cast()).collect(),
            value_lengths: parameters.iter().map(|p| p.1.len()).collect(),
        }
    }
}

/// A result or a chunk of one; its bytes stay in the engine's memory.
pub struct Output {
    calls: &'static Calls,
    raw: NonNull<std::ffi::c_void>,
}

// SAFETY: a result is a plain object of its own, not bound to its connection's
// thread: reading its fields and deleting it from another thread is allowed.
unsafe impl Send for Output {}

impl Output {
    fn take(calls: &'static Calls, raw: RawResult) -> Result<Self, Exception> {
        let Some(raw) = NonNull::new(raw) else {
            return Err(Exception::new(code::UNKNOWN_EXCEPTION, "The engine gave no result"));
        };
        let output = Self { calls, raw };
        // SAFETY: the result is live; the text, if any, lives as long as it.
        let text = unsafe { error_text((calls.chdb_result_error)(raw.as_ptr())) };
        match text {
            None => Ok(output),
            Some(text) => Err(Exception::from_engine(&text)),
        }
    }

    /// The formatted bytes.
    pub fn as_bytes(&self) -> &[u8] {
        let raw = self.raw.as_ptr();
        // SAFETY: the result is live; the buffer belongs to it and has this length.
        unsafe {
            let length = (self.calls.chdb_result_length)(raw);
            let start = (self.calls.chdb_result_buffer)(raw);
            if length == 0 || start.is_null() {
                &[]
            } else {
                std::slice::from_raw_parts(start, length)
            }
        }
    }

    /// The formatted bytes without a copy; freed when the last of them is dropped.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }

    /// Rows in this result.
    pub fn result_rows(&self) -> u64 {
        // SAFETY: the result is live.
        unsafe { (self.calls.chdb_result_rows_read)(self.raw.as_ptr()) }
    }

    /// Rows and bytes read from tables.
    pub fn read(&self) -> (u64, u64) {
        let raw = self.raw.as_ptr();
        // SAFETY: the result is live.
        unsafe {
            (
                (self.calls.chdb_result_storage_rows_read)(raw),
                (self.calls.chdb_result_storage_bytes_read)(raw),
            )
        }
    }

    /// Rows and bytes written, those of materialised views included.
    pub fn written(&self) -> (u64, u64) {
        let raw = self.raw.as_ptr();
        // SAFETY: the result is live.
        unsafe {
            (
                (self.calls.chdb_result_rows_written)(raw),
                (self.calls.chdb_result_bytes_written)(raw),
            )
        }
    }
}

impl AsRef<[u8]> for Output {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // SAFETY: the handle is live and destroyed once.
        unsafe { (self.calls.chdb_destroy_query_result)(self.raw.as_ptr()) };
    }
}

/// The chunks of a running SELECT. Dropping it stops the statement.
pub struct Rows<'a> {
    connection: &'a mut Connection,
    stream: Output,
    ended: bool,
}

impl Rows<'_> {
    /// The next chunk, formatted as if it were a whole result; `None` at the end.
    ///
    /// # Errors
    /// The engine's exception; the stream has ended then.
    pub fn fetch(&mut self) -> Result<Option<Output>, Exception> {
        if self.ended {
            return Ok(None);
        }
        let calls = self.connection.calls;
        // SAFETY: connection and stream are live and belong together.
        let raw = unsafe {
            (calls.chdb_stream_fetch_result)(self.connection.raw(), self.stream.raw.as_ptr())
        };
        let chunk = Output::take(calls, raw);
        match chunk {
            Ok(chunk) if !chunk.as_bytes().is_empty() => Ok(Some(chunk)),
            other => {
                self.ended = true;
                other.map(|_| None)
            }
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // SAFETY: connection and stream are live; the handle itself is
            // destroyed afterwards by `Output`.
            unsafe {
                (self.connection.calls.chdb_stream_cancel_query)(
                    self.connection.raw(),
                    self.stream.raw.as_ptr(),
                );
            }
        }
    }
}

/// A running INSERT. Dropping it without [`Insert::finish`] cancels it: blocks
/// the engine has already written stay, which is what ClickHouse does too. A body
/// under a million rows and 256 MiB is one block, hence all or nothing.
pub struct Insert<'a> {
    connection: &'a mut Connection,
    raw: RawInsert,
}

impl Insert<'_> {
    /// Hands over bytes of the format, split anywhere. Waits while the engine is busy.
    ///
    /// # Errors
    /// The engine's exception.
    pub fn append(&mut self, data: &[u8]) -> Result<(), Exception> {
        // SAFETY: the insert is live; the engine copies the bytes.
        let state = unsafe {
            (self.connection.calls.chdb_stream_append)(self.raw, data.as_ptr().cast(), data.len())
        };
        if state == 0 { Ok(()) } else { Err(self.failure()) }
    }

    /// Commits and returns what was written.
    ///
    /// # Errors
    /// The engine's exception; nothing more is written then.
    pub fn finish(self) -> Result<Output, Exception> {
        // SAFETY: the insert is live.
        let raw = unsafe { (self.connection.calls.chdb_stream_done)(self.raw) };
        if raw.is_null() { Err(self.failure()) } else { Output::take(self.connection.calls, raw) }
    }

    fn error(&self) -> Option<Exception> {
        // SAFETY: the insert is live; the text, if any, belongs to it.
        let text =
            unsafe { error_text((self.connection.calls.chdb_stream_insert_error)(self.raw)) };
        text.map(|t| Exception::from_engine(&t))
    }

    fn failure(&self) -> Exception {
        self.error().unwrap_or_else(|| {
            Exception::new(code::UNKNOWN_EXCEPTION, "The insert failed without a reason")
        })
    }
}

impl Drop for Insert<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is live and destroyed once; the engine cancels an
        // insert that was not finished.
        unsafe { (self.connection.calls.chdb_destroy_insert_stream)(self.raw) };
    }
}

/// # Safety
/// `text` is null or a NUL-terminated string that is live during the call.
unsafe fn error_text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
