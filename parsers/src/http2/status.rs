//! What codes of HTTP/2 and gRPC mean for the outcome of a request.

use crate::message::ResponseStatus;

/// Outcome by the status of HTTP.
pub(crate) fn http(status: u16) -> ResponseStatus {
    match status {
        ..400 => ResponseStatus::Ok,
        400..500 => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    }
}

/// Outcome by the status of gRPC, and the status's name.
pub(crate) fn grpc(status: i32) -> (ResponseStatus, &'static [u8]) {
    use ResponseStatus::{ClientError, Ok, ServerError};
    match status {
        0 => (Ok, b"OK"),
        1 => (ClientError, b"CANCELLED"),
        2 => (ServerError, b"UNKNOWN"),
        3 => (ClientError, b"INVALID_ARGUMENT"),
        4 => (ServerError, b"DEADLINE_EXCEEDED"),
        5 => (ClientError, b"NOT_FOUND"),
        6 => (ClientError, b"ALREADY_EXISTS"),
        7 => (ClientError, b"PERMISSION_DENIED"),
        8 => (ServerError, b"RESOURCE_EXHAUSTED"),
        9 => (ClientError, b"FAILED_PRECONDITION"),
        10 => (ServerError, b"ABORTED"),
        11 => (ClientError, b"OUT_OF_RANGE"),
        12 => (ServerError, b"UNIMPLEMENTED"),
        13 => (ServerError, b"INTERNAL"),
        14 => (ServerError, b"UNAVAILABLE"),
        15 => (ServerError, b"DATA_LOSS"),
        16 => (ClientError, b"UNAUTHENTICATED"),
        _ => (ServerError, b""),
    }
}

/// Names of the error codes of RST_STREAM (RFC 9113 7).
pub(super) fn reset(code: u32) -> &'static [u8] {
    match code {
        0 => b"RST_STREAM NO_ERROR",
        1 => b"RST_STREAM PROTOCOL_ERROR",
        2 => b"RST_STREAM INTERNAL_ERROR",
        3 => b"RST_STREAM FLOW_CONTROL_ERROR",
        4 => b"RST_STREAM SETTINGS_TIMEOUT",
        5 => b"RST_STREAM STREAM_CLOSED",
        6 => b"RST_STREAM FRAME_SIZE_ERROR",
        7 => b"RST_STREAM REFUSED_STREAM",
        8 => b"RST_STREAM CANCEL",
        9 => b"RST_STREAM COMPRESSION_ERROR",
        10 => b"RST_STREAM CONNECT_ERROR",
        11 => b"RST_STREAM ENHANCE_YOUR_CALM",
        12 => b"RST_STREAM INADEQUATE_SECURITY",
        13 => b"RST_STREAM HTTP_1_1_REQUIRED",
        _ => b"RST_STREAM",
    }
}
