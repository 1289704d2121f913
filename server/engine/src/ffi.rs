//! The engine's C interface: the calls we use, found by name at run time.
//!
//! The library is never unloaded: its threads live as long as the process, and
//! unmapping the code under them ends in a crash.

use std::ffi::{c_char, c_int, c_void};
use std::path::Path;

/// A connection as the query calls take it.
pub(crate) type RawConnection = *mut c_void;
/// What `chdb_connect` returns and `chdb_close_conn` takes: where the former is kept.
pub(crate) type RawConnectionSlot = *mut RawConnection;
/// A result, or a running result stream.
pub(crate) type RawResult = *mut c_void;
/// A running insert.
pub(crate) type RawInsert = *mut c_void;

/// What a text would do, as the engine's own parser sees it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawAnalysis {
    pub(crate) struct_size: u32,
    pub(crate) statement_count: u32,
    pub(crate) flags: u32,
    pub(crate) query_class: u32,
}

const _: () = assert!(size_of::<RawAnalysis>() == 16);

macro_rules! calls {
    ($($name:ident: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        /// The entry points.
        pub(crate) struct Calls {
            $(pub(crate) $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
        }

        impl Calls {
            /// Opens the library for the life of the process.
            pub(crate) fn load(path: &Path) -> Result<&'static Calls, libloading::Error> {
                // SAFETY: opening runs the library's initialisers. The file is the
                // pinned engine, whose initialisers only set up its own globals.
                let library = unsafe { libloading::Library::new(path)? };
                let calls = Calls {
                    $($name: {
                        // SAFETY: the signatures below are those of the engine's public
                        // header at the pinned version; plain C scalars and pointers only.
                        let symbol = unsafe {
                            library.get::<unsafe extern "C" fn($($arg),*) $(-> $ret)?>(
                                concat!(stringify!($name), "\0").as_bytes(),
                            )?
                        };
                        *symbol
                    },)*
                };
                std::mem::forget(library);
                Ok(Box::leak(Box::new(calls)))
            }
        }
    };
}

calls! {
    chdb_set_signal_handlers_enabled: fn(c_int);
    chdb_connect: fn(c_int, *mut *mut c_char) -> RawConnectionSlot;
    chdb_close_conn: fn(RawConnectionSlot);
    chdb_query_with_params_n: fn(
        RawConnection, *const c_char, usize, *const c_char, usize,
        *const *const c_char, *const usize, *const *const c_char, *const usize, usize
    ) -> RawResult;
    chdb_stream_query_with_params_n: fn(
        RawConnection, *const c_char, usize, *const c_char, usize,
        *const *const c_char, *const usize, *const *const c_char, *const usize, usize
    ) -> RawResult;
    chdb_stream_fetch_result: fn(RawConnection, RawResult) -> RawResult;
    chdb_stream_cancel_query: fn(RawConnection, RawResult);
    chdb_destroy_query_result: fn(RawResult);
    chdb_result_buffer: fn(RawResult) -> *const u8;
    chdb_result_length: fn(RawResult) -> usize;
    chdb_result_error: fn(RawResult) -> *const c_char;
    chdb_result_rows_read: fn(RawResult) -> u64;
    chdb_result_storage_rows_read: fn(RawResult) -> u64;
    chdb_result_storage_bytes_read: fn(RawResult) -> u64;
    chdb_result_rows_written: fn(RawResult) -> u64;
    chdb_result_bytes_written: fn(RawResult) -> u64;
    chdb_stream_insert_with_params_n: fn(
        RawConnection, *const c_char, usize, *const c_char, usize,
        *const *const c_char, *const usize, *const *const c_char, *const usize, usize
    ) -> RawInsert;
    chdb_stream_append: fn(RawInsert, *const c_void, usize) -> c_int;
    chdb_stream_done: fn(RawInsert) -> RawResult;
    chdb_stream_insert_error: fn(RawInsert) -> *const c_char;
    chdb_destroy_insert_stream: fn(RawInsert);
    chdb_classify_query_n: fn(
        RawConnection, *const c_char, usize, *const c_char, usize, *mut RawAnalysis
    ) -> c_int;
}
